/* Test support: inputs as text, the events they must give, and what must hold
 * for every input whatever its events are. Include after cmocka.h.
 *
 * Events are written in words:
 *   00080060:CS:2     VALUE: tag, VR to read it by, size;
 *                     ! after it: cut; + repeated; ^ big endian
 *   D  E              DATASET, END
 *   00081140[  ]      SEQ, SEQ_END
 *   {  }              ITEM, ITEM_END
 *   7FE00010:OB<  >   FRAGS, FRAGS_END;  f2: FRAGMENT of 2 bytes
 * Group 0002 is left out of a row's events. */
#ifndef READER_ROWS_H
#define READER_ROWS_H

#include "../libdcm/event.h"
#include "../libdcm/issue.h"
#include "hexd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct row {
    const char *why;
    const char *start; /* text; what follows counts offsets from its end */
    const char *body;  /* text */
    const char *events;
    const char *issues;     /* their names in the order met, each once */
    enum dcm_status status; /* 0: DCM_DONE */
    uint64_t at;            /* offset of the error, from the end of start */
};

#define EXPLICIT "preamble\nsyntax 1.2.840.10008.1.2.1\n"
#define IMPLICIT "preamble\nsyntax 1.2.840.10008.1.2\n"
#define BIG "preamble\nsyntax 1.2.840.10008.1.2.2\n"
#define JPEG "preamble\nsyntax 1.2.840.10008.1.2.4.50\n"

/* ------------------------------------------------------------- one reading */

#define MAX_TEXT 8192

/* All that one reading gave. */
struct reading {
    char events[MAX_TEXT]; /* in words */
    size_t closings;       /* start of what closes a truncated stream */
    char issues[1000];
    uint64_t sum; /* over every field and every byte of values */
    enum dcm_status status;
    struct dcm_error error;
    int wrong_grammar;
    unsigned open;          /* items and sequences left open */
    char told[120];         /* the last diagnostic */
    struct dcm_error first; /* offset and path of the first one */
};

static inline void mix(uint64_t *sum, uint64_t v)
{
    *sum = (*sum ^ v) * UINT64_C(0x100000001B3);
    *sum ^= *sum >> 29;
}

static inline void hear_issue(void *user, const struct dcm_diagnostic *d)
{
    struct reading *g = user;
    size_t n = strlen(g->issues);
    char *at;

    mix(&g->sum, d->issue);
    mix(&g->sum, d->offset);
    if (!n)
        g->first.offset = d->offset;
    snprintf(g->told, sizeof g->told, "%s", d->name);
    for (at = g->issues; (at = strstr(at, d->name)) != NULL; at++)
        if ((at == g->issues || at[-1] == ' ') &&
            strcspn(at, " ") == strlen(d->name))
            return;
    snprintf(g->issues + n, sizeof g->issues - n, "%s%s", n ? " " : "",
             d->name);
}

static inline void put_word(struct reading *g, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static inline void put_word(struct reading *g, const char *format, ...)
{
    size_t n = strlen(g->events);
    va_list ap;

    assert_true(n + 60 < MAX_TEXT);
    if (n)
        g->events[n++] = ' ';
    va_start(ap, format);
    vsnprintf(g->events + n, MAX_TEXT - n, format, ap);
    va_end(ap);
}

static inline void put_event(struct reading *g, const struct dcm_event *ev)
{
    static const char *const plain[] = {
        [DCM_EVENT_DATASET] = "D",   [DCM_EVENT_ITEM] = "{",
        [DCM_EVENT_ITEM_END] = "}",  [DCM_EVENT_SEQ_END] = "]",
        [DCM_EVENT_FRAGS_END] = ">", [DCM_EVENT_END] = "E",
    };
    char vr[3] = {(char)(ev->vr >> 8), (char)(ev->vr & 255), 0};

    switch (ev->type) {
    case DCM_EVENT_VALUE:
        if (ev->tag >> 16 == 2 && !strchr(g->events, 'D'))
            break;
        put_word(g, "%08lX:%s:%llu%s%s%s", (unsigned long)ev->tag, vr,
                 (unsigned long long)ev->size, ev->flags & DCM_CUT ? "!" : "",
                 ev->flags & DCM_DUPLICATE ? "+" : "",
                 ev->flags & DCM_BIG_ENDIAN ? "^" : "");
        break;
    case DCM_EVENT_SEQ:
        put_word(g, "%08lX[", (unsigned long)ev->tag);
        break;
    case DCM_EVENT_FRAGS:
        put_word(g, "%08lX:%s<", (unsigned long)ev->tag, vr);
        break;
    case DCM_EVENT_FRAGMENT:
        put_word(g, "f%llu%s", (unsigned long long)ev->size,
                 ev->flags & DCM_CUT ? "!" : "");
        break;
    default:
        put_word(g, "%s", plain[ev->type]);
    }
}

static inline int is_closing(enum dcm_event_type type)
{
    return type == DCM_EVENT_ITEM_END || type == DCM_EVENT_SEQ_END ||
           type == DCM_EVENT_FRAGS_END;
}

/* Every field into the sum, and the value's bytes, pulled in pieces. What is
 * loaded must be what is pulled. */
static inline void sum_event(struct reading *g, const struct dcm_event *ev)
{
    uint8_t piece[97];
    uint64_t at = 0;
    size_t got;
    char path[96];

    mix(&g->sum, ev->type);
    mix(&g->sum, ev->tag);
    mix(&g->sum, (uint64_t)ev->vr << 32 | ev->stored);
    mix(&g->sum, ev->length);
    mix(&g->sum, (uint64_t)ev->number << 32 | ev->depth);
    mix(&g->sum, ev->flags);
    mix(&g->sum, ev->offset);
    mix(&g->sum, ev->value_offset);
    mix(&g->sum, ev->size);
    mix(&g->sum, ev->data != NULL);
    dcm_event_path(ev, path, sizeof path);
    mix(&g->sum, strlen(path));
    if (ev->type != DCM_EVENT_VALUE && ev->type != DCM_EVENT_FRAGMENT)
        return;
    do {
        if (ev->data) {
            size_t n = ev->size - at < sizeof piece ? (size_t)(ev->size - at)
                                                    : sizeof piece;

            memcpy(piece, ev->data + at, n);
            got = n;
        } else if (dcm_event_read(ev, piece, sizeof piece, &got) != DCM_OK) {
            break;
        }
        for (size_t i = 0; i < got; i++)
            mix(&g->sum, piece[i]);
        at += got;
    } while (got == sizeof piece);
}

static inline void read_all(struct dcm_reader *r, struct dcm_input *in,
                            struct reading *g)
{
    struct dcm_grammar grammar;
    struct dcm_event ev;

    g->events[0] = g->issues[0] = g->told[0] = '\0';
    g->sum = 14695981039346656037u;
    g->wrong_grammar = 0;
    g->closings = 0;
    g->open = 0;
    dcm_grammar_init(&grammar);
    dcm_reader_open(r, in);
    while ((g->status = dcm_reader_next(r, &ev)) == DCM_OK) {
        if (!is_closing(ev.type))
            g->closings = 0;
        else if (!g->closings)
            g->closings = strlen(g->events) + 1;
        put_event(g, &ev);
        sum_event(g, &ev);
        g->wrong_grammar |= !dcm_grammar_check(&grammar, &ev);
        g->open += ev.type == DCM_EVENT_SEQ || ev.type == DCM_EVENT_FRAGS ||
                   ev.type == DCM_EVENT_ITEM;
        g->open -= (unsigned)is_closing(ev.type);
    }
    g->error = *dcm_reader_error(r);
    mix(&g->sum, g->status);
    mix(&g->sum, g->error.offset);
    /* asked again, it says the same */
    if (dcm_reader_next(r, &ev) != g->status)
        g->wrong_grammar = 1;
    dcm_grammar_release(&grammar);
}

struct setup {
    int strict;
    size_t chunk;
    const struct dcm_limits *limits;
    int keep_all, keep_unknown;
};

static inline void read_with(const struct setup *s, struct dcm_input *in,
                             struct reading *g)
{
    struct dcm_reader_options o = {0};
    struct dcm_reader *r;

    memset(g, 0, sizeof *g);
    o.size = sizeof o;
    o.policy = dcm_policy_new(s->strict, hear_issue, g);
    o.chunk = s->chunk;
    o.limits = s->limits;
    o.keep_all = s->keep_all;
    o.keep_unknown = s->keep_unknown;
    r = dcm_reader_new(&o);
    assert_non_null(r);
    assert_non_null(in);
    read_all(r, in, g);
    dcm_reader_free(r);
    dcm_input_free(in);
    dcm_policy_free(o.policy);
}

static inline void read_memory(const struct setup *s, const void *data,
                               size_t size, struct reading *g)
{
    read_with(s, dcm_input_memory(data, size, NULL), g);
}

/* ----------------------------------------------------------- other inputs */

struct dribble {
    const uint8_t *p;
    size_t left, most;
};

static inline ptrdiff_t dribble(void *user, void *buffer, size_t n)
{
    struct dribble *d = user;

    if (n > d->most)
        n = d->most;
    if (n > d->left)
        n = d->left;
    memcpy(buffer, d->p, n);
    d->p += n;
    d->left -= n;
    return (ptrdiff_t)n;
}

static inline void read_dribble(const struct setup *s,
                                const struct hexd_buffer *b, size_t most,
                                struct reading *g)
{
    struct dribble d = {b->data, b->size, most};

    read_with(s, dcm_input_callback(dribble, &d, NULL), g);
}

static inline void read_file(const struct setup *s, const struct hexd_buffer *b,
                             struct reading *g)
{
    FILE *f = tmpfile();

    assert_non_null(f);
    assert_int_equal(fwrite(b->data, 1, b->size, f), b->size);
    rewind(f);
    read_with(s, dcm_input_fd(fileno(f), NULL), g);
    fclose(f);
}

/* The fixtures fit into a pipe. */
static inline void read_pipe(const struct setup *s, const struct hexd_buffer *b,
                             struct reading *g)
{
    int ends[2];

    assert_true(b->size <= 65536);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], b->data, b->size), b->size);
    close(ends[1]);
    read_with(s, dcm_input_fd(ends[0], NULL), g);
    close(ends[0]);
}

/* ------------------------------------------------------------------- checks */

static inline struct hexd_buffer assemble(const char *why, const char *start,
                                          const char *body, uint64_t *base)
{
    struct hexd_buffer b = {0};
    char error[120], *text;
    size_t n = strlen(start);

    if (!hexd_assemble(start, n, &b, error, sizeof error))
        fail_msg("%s: %s", why, error);
    if (base)
        *base = b.size;
    hexd_buffer_release(&b);
    text = malloc(n + strlen(body) + 1);
    assert_non_null(text);
    memcpy(text, start, n);
    strcpy(text + n, body);
    memset(&b, 0, sizeof b);
    if (!hexd_assemble(text, strlen(text), &b, error, sizeof error))
        fail_msg("%s: %s", why, error);
    free(text);
    if (!b.data)
        b.data = calloc(1, 1);
    return b;
}

static inline unsigned complain(const char *why, const char *what,
                                const char *got, const char *want)
{
    print_error("%s: %s\n    got  %s\n    want %s\n", why, what, got, want);
    return 1;
}

/* Lower case, printable, and a section in parentheses at the end; a limit
 * names itself instead. */
static inline int is_good_message(const struct dcm_error *e)
{
    size_t n = strlen(e->message);

    for (size_t i = 0; i < n; i++)
        if (e->message[i] < 0x20 || e->message[i] > 0x7E)
            return 0;
    if (e->code == DCM_ERR_LIMIT)
        return strstr(e->message, "limit '") != NULL;
    return n > 1 && e->message[n - 1] == ')' && strstr(e->message, " (PS3.");
}

static inline unsigned check_sound(const char *why, const struct reading *g,
                                   size_t size)
{
    unsigned bad = 0;

    if (g->wrong_grammar)
        bad += complain(why, "grammar", g->events, "as in dcm.h");
    if ((g->status == DCM_DONE || g->status == DCM_ERR_TRUNCATED) && g->open)
        bad += complain(why, "left open", g->events, "all closed");
    if (g->status != DCM_DONE && g->error.offset != UINT64_MAX &&
        g->error.offset > size)
        bad += complain(why, "error past the end", g->error.message, "");
    if (g->status != DCM_DONE &&
        (g->error.code != g->status || !is_good_message(&g->error)))
        bad += complain(why, "message", g->error.message, "... (PS3...)");
    return bad;
}

/* Strict: the first deviation is the error, where lenient told of it. */
static inline unsigned check_strict(const struct row *row,
                                    const struct hexd_buffer *b,
                                    const struct reading *lenient)
{
    static const struct setup strict = {1, 0, NULL, 0, 0};
    static struct reading g;
    size_t n = strcspn(lenient->issues, " ");
    unsigned bad;

    read_memory(&strict, b->data, b->size, &g);
    bad = check_sound(row->why, &g, b->size);
    if (n == 0)
        return bad + (g.sum != lenient->sum &&
                      complain(row->why, "strict", g.events, lenient->events));
    if (g.status != DCM_ERR_STRICT || strlen(g.told) != n ||
        strncmp(g.told, lenient->issues, n) != 0)
        bad += complain(row->why, "strict", g.told, lenient->issues);
    if (g.error.offset != lenient->first.offset)
        bad += complain(row->why, "strict", "another offset", "");
    for (dcm_issue i = 1; i < dcm_issue_count(); i++)
        if (strcmp(dcm_issue_name(i), g.told) == 0 &&
            !strstr(g.error.message, dcm_issue_section(i)))
            bad += complain(row->why, "section", g.error.message,
                            dcm_issue_section(i));
    return bad;
}

/* Whatever gives the bytes, and in whatever pieces. */
static inline unsigned check_inputs(const struct row *row,
                                    const struct hexd_buffer *b,
                                    const struct reading *want)
{
    static struct reading g;
    struct setup s = {0};
    unsigned bad = 0;

    read_file(&s, b, &g);
    bad += g.sum != want->sum &&
           complain(row->why, "file", g.events, want->events);
    read_pipe(&s, b, &g);
    bad += g.sum != want->sum &&
           complain(row->why, "pipe", g.events, want->events);
    read_dribble(&s, b, 1, &g);
    bad += g.sum != want->sum &&
           complain(row->why, "1 byte at a time", g.events, want->events);
    for (s.chunk = 1; s.chunk <= 70 && !bad; s.chunk++) {
        read_dribble(&s, b, SIZE_MAX, &g);
        if (g.sum != want->sum) {
            print_error("chunk %zu: ", s.chunk);
            bad += complain(row->why, "chunks", g.events, want->events);
        }
    }
    return bad;
}

/* Cut at every length: the events are a beginning of the whole's, then what
 * closes them. */
static inline unsigned check_cuts(const struct row *row,
                                  const struct hexd_buffer *b,
                                  const struct reading *whole, size_t from)
{
    static const struct setup lenient;
    static struct reading g;
    unsigned bad = 0;

    for (size_t n = from; n < b->size && !bad; n++) {
        uint8_t *cut = malloc(n + 1); /* so that its end is watched */
        size_t same;

        assert_non_null(cut);
        memcpy(cut, b->data, n);
        read_memory(&lenient, cut, n, &g);
        free(cut);
        bad += check_sound(row->why, &g, n);
        if (g.status != DCM_DONE && g.status < DCM_ERR_NOT_DICOM)
            bad += complain(row->why, "cut", dcm_status_name(g.status), "");
        if (!*row->issues && !*g.issues && g.status == DCM_ERR_TRUNCATED) {
            same = g.closings ? g.closings - 1 : strlen(g.events);
            while (same && !strchr(" [{<]}>", g.events[same - 1]))
                same--; /* the last word may be of a cut value */
            if (strncmp(g.events, whole->events, same) != 0)
                bad += complain(row->why, "cut", g.events, whole->events);
        }
        if (bad)
            print_error("    cut at %zu of %zu: %s\n", n, b->size,
                        dcm_status_name(g.status));
    }
    return bad;
}

static inline void check_rows(const struct row *rows, size_t n)
{
    static const struct setup lenient;
    static struct reading g;
    unsigned bad = 0;

    for (const struct row *row = rows; row < rows + n; row++) {
        uint64_t base;
        struct hexd_buffer b = assemble(row->why, row->start, row->body, &base);
        enum dcm_status want = row->status ? row->status : DCM_DONE;

        read_memory(&lenient, b.data, b.size, &g);
        if (strcmp(g.events, row->events) != 0)
            bad += complain(row->why, "events", g.events, row->events);
        if (strcmp(g.issues, row->issues) != 0)
            bad += complain(row->why, "issues", g.issues, row->issues);
        if (g.status != want)
            bad += complain(row->why, g.error.message,
                            dcm_status_name(g.status), dcm_status_name(want));
        if (row->status && g.error.offset != base + row->at) {
            print_error("%s: offset %llu, expected %llu\n", row->why,
                        (unsigned long long)(g.error.offset - base),
                        (unsigned long long)row->at);
            bad++;
        }
        bad += check_sound(row->why, &g, b.size);
        bad += check_strict(row, &b, &g);
        bad += check_inputs(row, &b, &g);
        bad += check_cuts(row, &b, &g, base > 8 ? (size_t)base - 8 : 0);
        hexd_buffer_release(&b);
    }
    if (bad)
        fail_msg("%u complaints", bad);
}

#define CHECK(rows) check_rows(rows, sizeof(rows) / sizeof(rows)[0])

#endif
