/* Test support: plays events written by hand to a JSON writer. Include after
 * cmocka.h. */
#ifndef JSON_PLAYER_H
#define JSON_PLAYER_H

#include "libdcm/output.h"
#include "libdcm/policy.h"
#include "libdcm/scope.h"
#include "libdcm/vr.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------- the player */

/* A script of events. Texts hold value bytes; `n` is their number, 0: as long
 * as the text is. `repeat`: the value is that many copies, and not loaded. */
struct step {
    enum dcm_event_type type;
    uint32_t tag;
    uint16_t vr;
    const char *bytes;
    size_t n;
    unsigned flags;
    uint32_t repeat;
};

#define VALUE(tag, vr, bytes)                         \
    {                                                 \
        DCM_EVENT_VALUE, tag, VR_##vr, bytes, 0, 0, 0 \
    }
#define SEQ(tag)                               \
    {                                          \
        DCM_EVENT_SEQ, tag, VR_SQ, "", 0, 0, 0 \
    }
#define PLAIN(type)                         \
    {                                       \
        DCM_EVENT_##type, 0, 0, "", 0, 0, 0 \
    }
#define ITEM PLAIN(ITEM)
#define ITEM_END PLAIN(ITEM_END)
#define SEQ_END PLAIN(SEQ_END)
#define DATASET PLAIN(DATASET)
#define END PLAIN(END)

struct player {
    struct dcm_source source;
    const struct step *steps;
    size_t n, next;
    const struct step *current;
    uint64_t read;  /* of the current value */
    uint64_t stops; /* reading fails there; 0: never */
    unsigned depth;
    uint32_t seqs[300], items[300];
    uint64_t offset;
    struct dcm_scope_stack scopes;
    struct dcm_error error;
};

static inline size_t bytes_of(const struct step *s)
{
    return s->n ? s->n : strlen(s->bytes);
}

static inline enum dcm_status player_next(struct dcm_source *source,
                                          struct dcm_event *ev)
{
    struct player *p = (struct player *)source;
    const struct step *s = &p->steps[p->next];

    if (p->next == p->n)
        return DCM_DONE;
    p->next++;
    p->current = s;
    p->read = 0;
    if (s->type == DCM_EVENT_ITEM_END) {
        p->depth--;
        dcm_scope_leave(&p->scopes);
    }
    memset(ev, 0, sizeof(*ev));
    ev->type = s->type;
    ev->tag = s->tag ? s->tag : p->seqs[p->depth];
    ev->vr = ev->stored = s->vr;
    ev->flags = s->flags;
    ev->size = bytes_of(s) * (s->repeat ? s->repeat : 1);
    ev->length = (uint32_t)ev->size;
    ev->data = s->repeat ? NULL : (const uint8_t *)s->bytes;
    ev->depth = p->depth;
    ev->offset = p->offset;
    ev->value_offset = p->offset + 8;
    if (s->type == DCM_EVENT_SEQ_END || s->type == DCM_EVENT_FRAGS_END)
        ev->value_offset = p->offset; /* where the end is */
    ev->source = source;
    ev->scope = dcm_scope_top(&p->scopes);
    p->offset += 8 + ev->size;
    if (s->type == DCM_EVENT_SEQ || s->type == DCM_EVENT_FRAGS) {
        p->seqs[p->depth] = s->tag;
        p->items[p->depth] = 0;
    }
    if (s->type == DCM_EVENT_ITEM || s->type == DCM_EVENT_FRAGMENT)
        ev->number = ++p->items[p->depth];
    if (s->type == DCM_EVENT_ITEM) {
        p->depth++;
        assert_int_equal(dcm_scope_enter(&p->scopes, ev->tag, ev->number),
                         DCM_OK);
    }
    return DCM_OK;
}

static inline enum dcm_status player_read(struct dcm_source *source,
                                          void *buffer, size_t n, size_t *got)
{
    struct player *p = (struct player *)source;
    size_t unit = bytes_of(p->current);
    uint64_t size = unit * (uint64_t)p->current->repeat;
    uint8_t *to = buffer;

    for (*got = 0; *got < n && p->read < size; (*got)++, p->read++) {
        if (p->stops && p->read == p->stops)
            return dcm_error_fill(&p->error, DCM_ERR_TRUNCATED, p->read, "",
                                  "input ends");
        to[*got] = (uint8_t)p->current->bytes[p->read % unit];
    }
    return DCM_OK;
}

static inline const struct dcm_error *
player_error(const struct dcm_source *source)
{
    return &((const struct player *)source)->error;
}

static inline void player_init(struct player *p, const struct step *steps,
                               size_t n, const char *charset)
{
    memset(p, 0, sizeof(*p));
    p->source.next = player_next;
    p->source.read = player_read;
    p->source.error = player_error;
    p->steps = steps;
    p->n = n;
    p->offset = 1000;
    dcm_scope_stack_init(&p->scopes);
    assert_int_equal(dcm_scope_stack_clear(&p->scopes), DCM_OK);
    dcm_charset_parse(&p->scopes.levels->charset, (const uint8_t *)charset,
                      strlen(charset));
}

/* --------------------------------------------------------- one conversion */

struct result {
    char *text; /* terminated */
    size_t size;
    enum dcm_status status;
    struct dcm_error error;
    struct dcm_policy *policy;
};

static inline int keep(void *user, const void *data, size_t n)
{
    struct result *r = user;

    r->text = realloc(r->text, r->size + n + 1);
    assert_non_null(r->text);
    memcpy(r->text + r->size, data, n);
    r->size += n;
    r->text[r->size] = '\0';
    return 0;
}

/* Plays p to a writer; the output goes through a buffer that is written out,
 * as a file's is. Unless the stream ends it, the writer closes the document. */
static inline void play(struct result *r, struct player *p,
                        const struct dcm_json_options *options)
{
    struct dcm_json_options o = {.size = sizeof(o)};
    struct dcm_json_writer *w;
    struct dcm_output *out;

    memset(r, 0, sizeof(*r));
    if (options)
        o = *options;
    r->policy = o.policy ? o.policy : dcm_policy_new(0, NULL, NULL);
    o.policy = r->policy;
    out = dcm_output_callback(keep, r);
    w = dcm_json_writer_new(&o, out);
    assert_non_null(w);
    r->status = dcm_pump(&p->source, dcm_json_writer_sink(w), &r->error);
    dcm_json_writer_close(w);
    if (out->status == DCM_OK)
        assert_int_equal(dcm_output_flush(out), DCM_OK);
    dcm_json_writer_free(w);
    dcm_output_free(out);
    dcm_scope_stack_release(&p->scopes);
}

static inline void result_release(struct result *r)
{
    free(r->text);
    dcm_policy_free(r->policy);
}

static inline void check_with(const char *why, const struct step *steps,
                              size_t n, const struct dcm_json_options *options,
                              const char *want)
{
    struct player p;
    struct result r;

    player_init(&p, steps, n, "");
    play(&r, &p, options);
    if (r.status != DCM_OK)
        fail_msg("%s: %s", why, r.error.message);
    if (strcmp(r.text, want) != 0)
        fail_msg("%s:\nwant %s\ngot  %s", why, want, r.text);
    result_release(&r);
}

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define CHECK(steps, options, want) \
    check_with(__func__, steps, COUNT(steps), options, want)

#endif
