/* Test support: JSON texts as rows, the events they must give, and what must
 * hold for every one of them whatever its events are. Include after cmocka.h.
 *
 * Events are written in words:
 *   00080060:CS='OT'    VALUE with its bytes; in hex when they are no text;
 *                       ^ before = : big endian, @ : a URI
 *   D=1.2  E            DATASET and its syntax, END; two data sets have two
 *   00081140[  ]        SEQ, SEQ_END
 *   {  }                ITEM, ITEM_END
 *   7FE00010:OB<  >     FRAGS, FRAGS_END;  f=FFD8  FRAGMENT
 * D= alone is Explicit VR Little Endian. */
#ifndef JSON_ROWS_H
#define JSON_ROWS_H

#include "../libdcm/event.h"
#include "../libdcm/input.h"
#include "../libdcm/issue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_WORDS 16384
#define EXPLICIT "1.2.840.10008.1.2.1"

struct json_row {
    const char *why;
    const char *text;
    const char *events;     /* NULL: whatever comes before a failure */
    const char *issues;     /* their names in the order met, each once */
    enum dcm_status status; /* 0: DCM_DONE */
    const char *error;      /* how the message begins, or NULL */
};

struct json_reading {
    char words[MAX_WORDS];
    char issues[500];
    enum dcm_status status;
    struct dcm_error error;
    int wrong_grammar, wants_tree, wants_charset;
};

static inline void json_hear(void *user, const struct dcm_diagnostic *d)
{
    struct json_reading *g = user;
    size_t n = strlen(g->issues);
    char *at;

    for (at = g->issues; (at = strstr(at, d->name)) != NULL; at++)
        if ((at == g->issues || at[-1] == ' ') &&
            strcspn(at, " ") == strlen(d->name))
            return;
    snprintf(g->issues + n, sizeof g->issues - n, "%s%s", n ? " " : "",
             d->name);
}

static inline void json_word(struct json_reading *g, int glue,
                             const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static inline void json_word(struct json_reading *g, int glue,
                             const char *format, ...)
{
    size_t n = strlen(g->words);
    va_list ap;

    assert_true(n + 300 < MAX_WORDS);
    if (n && !glue)
        g->words[n++] = ' ';
    va_start(ap, format);
    vsnprintf(g->words + n, MAX_WORDS - n, format, ap);
    va_end(ap);
}

/* The value as it is pulled, in pieces of 7; what is loaded must be the same.
 * Of a long one only how long it is and a sum. */
static inline void json_bytes(struct json_reading *g,
                              const struct dcm_event *ev)
{
    static uint8_t bytes[1 << 20];
    size_t n = 0, got = 7;
    int text = ev->size > 0;
    unsigned long sum = 0;

    while (got) {
        assert_true(n + 7 < sizeof bytes);
        if (dcm_event_read(ev, bytes + n, n < 200 ? 7 : sizeof bytes - n,
                           &got) != DCM_OK)
            return; /* the next call tells */
        n += got;
    }
    assert_int_equal(n, ev->size);
    if (ev->data)
        assert_memory_equal(bytes, ev->data, n);
    else
        assert_true(n > DCM_VALUE_LOADED || ev->type == DCM_EVENT_FRAGMENT);
    for (size_t i = 0; i < n; i++) {
        text &= bytes[i] >= 0x20 && bytes[i] < 0x7F;
        sum = sum * 31 + bytes[i];
    }
    if (n > 90)
        json_word(g, 1, "(%zu %08lX)", n, sum & 0xFFFFFFFF);
    else if (text)
        json_word(g, 1, "'%.*s'", (int)n, (const char *)bytes);
    else
        for (size_t i = 0; i < n; i++)
            json_word(g, 1, "%02X", bytes[i]);
}

static inline void json_event(struct json_reading *g,
                              const struct dcm_event *ev)
{
    static const char *const plain[] = {
        [DCM_EVENT_ITEM] = "{",    [DCM_EVENT_ITEM_END] = "}",
        [DCM_EVENT_SEQ_END] = "]", [DCM_EVENT_FRAGS_END] = ">",
        [DCM_EVENT_END] = "E",
    };

    switch (ev->type) {
    case DCM_EVENT_VALUE:
        json_word(g, 0, "%08lX:%c%c%s%s=", (unsigned long)ev->tag, ev->vr >> 8,
                  ev->vr & 255, ev->flags & DCM_BIG_ENDIAN ? "^" : "",
                  ev->flags & DCM_REFERENCE ? "@" : "");
        assert_int_equal(ev->length, ev->size + ev->size % 2);
        assert_int_equal(ev->vr, ev->stored);
        json_bytes(g, ev);
        break;
    case DCM_EVENT_DATASET:
        json_word(g, 0, "D=%.*s", (int)ev->size, (const char *)ev->data);
        if (strcmp(g->words + strlen(g->words) - strlen(EXPLICIT), EXPLICIT) ==
            0)
            g->words[strlen(g->words) - strlen(EXPLICIT)] = '\0';
        break;
    case DCM_EVENT_SEQ:
        json_word(g, 0, "%08lX[", (unsigned long)ev->tag);
        assert_true(ev->length == DCM_UNDEFINED);
        break;
    case DCM_EVENT_FRAGS:
        json_word(g, 0, "%08lX:%c%c<", (unsigned long)ev->tag, ev->vr >> 8,
                  ev->vr & 255);
        break;
    case DCM_EVENT_FRAGMENT:
        json_word(g, 0, "f=");
        json_bytes(g, ev);
        break;
    default:
        json_word(g, 0, "%s", plain[ev->type]);
    }
}

/* All data sets of an input. */
static inline void json_read(const struct dcm_json_reader_options *options,
                             struct dcm_input *in, struct json_reading *g)
{
    struct dcm_json_reader_options o = *options;
    struct dcm_policy *policy =
        dcm_policy_new(options->policy != NULL, json_hear, g);
    struct dcm_json_reader *r;
    struct dcm_source *s;
    struct dcm_grammar grammar;
    struct dcm_event ev;
    int more;

    memset(g, 0, sizeof *g);
    o.size = sizeof o;
    o.policy = policy;
    r = dcm_json_reader_new(&o);
    assert_non_null(r);
    assert_non_null(in);
    s = dcm_json_reader_source(r);
    dcm_json_reader_open(r, in);
    do {
        dcm_grammar_init(&grammar);
        while ((g->status = s->next(s, &ev)) == DCM_OK) {
            g->wrong_grammar |= !dcm_grammar_check(&grammar, &ev);
            json_event(g, &ev);
        }
        dcm_grammar_release(&grammar);
        g->wrong_grammar |= s->next(s, &ev) != g->status; /* asked again */
        g->wants_charset |= dcm_json_reader_wants_charset(r);
        more = dcm_json_reader_more(r);
    } while (g->status == DCM_DONE && more == 1);
    g->error = *dcm_json_reader_error(r);
    g->wants_tree = dcm_json_reader_wants_tree(r);
    if (more < 0)
        g->status = g->error.code;
    g->wrong_grammar |= g->status != DCM_DONE && more >= 0;
    dcm_json_reader_free(r);
    dcm_input_free(in);
    dcm_policy_free(policy);
}

static inline void json_read_text(const struct dcm_json_reader_options *o,
                                  const char *text, struct json_reading *g)
{
    json_read(o, dcm_input_memory(text, strlen(text), NULL), g);
}

/* ----------------------------------------------------------- other inputs */

struct json_slow {
    struct dcm_input base;
    const char *text;
    size_t at;
    int fails; /* with the byte at `at` */
};

static inline ptrdiff_t json_slow_at(struct dcm_input *in, uint64_t offset,
                                     void *buffer, size_t n)
{
    struct json_slow *s = (struct json_slow *)in;

    if (s->fails && offset >= s->at) {
        dcm_error_fill(&in->error, DCM_ERR_READ, DCM_NO_OFFSET, "",
                       "cannot read: it broke");
        return -1;
    }
    if (offset >= in->size || n == 0)
        return 0;
    *(char *)buffer = s->text[offset];
    return 1;
}

static inline ptrdiff_t json_slow_read(struct dcm_input *in, void *buffer,
                                       size_t n)
{
    struct json_slow *s = (struct json_slow *)in;

    if (s->at == strlen(s->text) || n == 0)
        return 0;
    *(char *)buffer = s->text[s->at++];
    return 1;
}

static inline void json_slow_free(struct dcm_input *in)
{
    free(in);
}

/* One byte at a time: of what can be read again, or of a stream. */
static inline struct dcm_input *json_slow_input(const char *text, int stream)
{
    struct json_slow *s = calloc(1, sizeof *s);

    assert_non_null(s);
    s->base.read = json_slow_read;
    s->base.read_at = stream ? NULL : json_slow_at;
    s->base.size = stream ? UINT64_MAX : strlen(text);
    s->base.free = json_slow_free;
    s->text = text;
    return &s->base;
}

/* ------------------------------------------------------------------ checks */

static inline unsigned json_complain(const char *why, const char *what,
                                     const char *got, const char *want)
{
    print_error("%s: %s\n    got  %s\n    want %s\n", why, what, got, want);
    return 1;
}

/* An error has its place in the text, as an offset and in words. */
static inline unsigned
json_check_error(const char *why, const struct json_reading *g, size_t size)
{
    const char *message = g->error.message;
    unsigned bad = 0;

    if (g->wrong_grammar)
        bad += json_complain(why, "grammar", g->words, "as in dcm.h");
    if (g->status == DCM_DONE)
        return bad;
    if (g->error.code != g->status)
        bad += json_complain(why, "code", message, "that of the call");
    if (g->error.offset > size)
        bad += json_complain(why, "offset", message, "within the text");
    if (strncmp(message, "line ", 5) != 0)
        bad += json_complain(why, "place", message, "line N, column N: ...");
    return bad;
}

/* Cut anywhere it is an error; but of what is wrong behind its end. */
static inline unsigned json_check_cuts(const struct json_row *row,
                                       const struct dcm_json_reader_options *o)
{
    static struct json_reading g;
    size_t size = strlen(row->text);
    unsigned bad = 0;

    for (size_t n = 0; n < size && !bad; n++) {
        char *cut = malloc(n + 1); /* so that its end is watched */

        assert_non_null(cut);
        memcpy(cut, row->text, n);
        json_read(o, dcm_input_memory(cut, n, NULL), &g);
        bad += json_check_error(row->why, &g, n);
        if (g.status == DCM_DONE && !row->status)
            bad += json_complain(row->why, "cut", g.words, "an error");
        free(cut);
    }
    return bad;
}

static inline unsigned json_check_same(const struct json_row *row,
                                       const char *what,
                                       const struct json_reading *g,
                                       const struct json_reading *want)
{
    if (strcmp(g->words, want->words) == 0 && g->status == want->status &&
        g->error.offset == want->error.offset &&
        strcmp(g->error.message, want->error.message) == 0)
        return 0;
    print_error("%s: %s: %s, expected %s\n", row->why, what, g->error.message,
                want->error.message);
    return json_complain(row->why, what, g->words, want->words);
}

static inline unsigned json_check_row(const struct json_row *row,
                                      const struct dcm_json_reader_options *o)
{
    static struct json_reading g, other;
    struct dcm_json_reader_options strict = *o, any = *o;
    enum dcm_status want = row->status ? row->status : DCM_DONE;
    unsigned bad = 0;

    json_read_text(o, row->text, &g);
    if (row->events && strcmp(g.words, row->events) != 0)
        bad += json_complain(row->why, "events", g.words, row->events);
    if (strcmp(g.issues, row->issues) != 0)
        bad += json_complain(row->why, "issues", g.issues, row->issues);
    if (g.status != want)
        bad += json_complain(row->why, g.error.message,
                             dcm_status_name(g.status), dcm_status_name(want));
    if (row->error &&
        strncmp(g.error.message, row->error, strlen(row->error)) != 0)
        bad += json_complain(row->why, "error", g.error.message, row->error);
    bad += json_check_error(row->why, &g, strlen(row->text));
    json_read(o, json_slow_input(row->text, 0), &other);
    bad += json_check_same(row, "1 byte at a time", &other, &g);
    json_read(o, json_slow_input(row->text, 1), &other);
    bad += json_check_same(row, "a stream", &other, &g);
    bad += json_check_cuts(row, o);
    strict.policy = (struct dcm_policy *)1; /* json_read() makes one */
    json_read_text(&strict, row->text, &other);
    bad += json_check_error(row->why, &other, strlen(row->text));
    if (*row->issues ? other.status != DCM_ERR_STRICT && !row->status
                     : other.status != g.status)
        bad += json_complain(row->why, "strict", other.error.message, "");
    if (!o->any_order && g.status == DCM_DONE) {
        any.any_order = 1; /* changes nothing where order is good */
        json_read_text(&any, row->text, &other);
        bad += json_check_same(row, "any order", &other, &g);
    }
    return bad;
}

static inline void json_check_rows(const struct json_row *rows, size_t n,
                                   const struct dcm_json_reader_options *o)
{
    static const struct dcm_json_reader_options none;
    unsigned bad = 0;

    for (size_t i = 0; i < n; i++)
        bad += json_check_row(&rows[i], o ? o : &none);
    if (bad)
        fail_msg("%u complaints", bad);
}

#define CHECK_JSON(rows, options) \
    json_check_rows(rows, sizeof(rows) / sizeof(rows)[0], options)

#endif
