/* Source. Part 10 files and bare data sets (PS3.10 7, PS3.5 7 and A) as
 * events: a window, an explicit stack of levels, an error. Departures from
 * the standard are named and, when lenient, read as what they most likely
 * mean. Knows nothing of where the events go. */
#include "reader.h"
#include <stdlib.h>

/* --------------------------------------------------------------- failing */

enum step dcm_reader_fail(struct dcm_reader *r, enum dcm_status code,
                          uint64_t offset, uint32_t tag, const char *format,
                          ...)
{
    char path[96] = "";
    va_list ap;

    if (r->scopes.levels && (tag || r->scopes.depth))
        dcm_scope_path(dcm_scope_top(&r->scopes), tag, path, sizeof(path));
    va_start(ap, format);
    dcm_error_vfill(&r->error, code, offset, path, format, ap);
    va_end(ap);
    r->state = FAILED;
    return STOP;
}

enum step dcm_reader_no_memory(struct dcm_reader *r)
{
    return dcm_reader_fail(r, DCM_ERR_MEMORY, r->c->offset, 0,
                           "no memory to read on");
}

/* The input ended inside something. What is open is closed first. */
enum step dcm_reader_truncated(struct dcm_reader *r)
{
    r->error.code = DCM_ERR_TRUNCATED;
    r->state = r->n_levels && r->levels[0].kind != META ? CLOSING : FAILED;
    return r->state == CLOSING ? AGAIN : STOP;
}

/* A reading failure, or a deflate stream that breaks off, tells itself. */
int dcm_reader_input_failed(struct dcm_reader *r, enum step *step)
{
    struct dcm_error *e = &r->c->input->error;

    if (!r->c->failed)
        return 0;
    dcm_reader_fail(r, e->code, e->offset, 0, "%s", e->message);
    *step = STOP;
    if (e->code == DCM_ERR_TRUNCATED)
        *step = dcm_reader_truncated(r);
    return 1;
}

/* ---------------------------------------------------------------- levels */

struct level *dcm_reader_push(struct dcm_reader *r)
{
    struct level *level;

    if (r->n_levels == r->max_levels) {
        size_t n = r->max_levels ? r->max_levels * 2 : 64;
        struct level *p = realloc(r->levels, n * sizeof(*p));

        if (!p)
            return NULL;
        r->levels = p;
        r->max_levels = n;
    }
    level = &r->levels[r->n_levels++];
    level->end = NO_END;
    level->offset = 0;
    level->tag = level->length = level->count = 0;
    level->vr = level->stored = 0;
    level->kind = level->loose = 0;
    level->enc = (struct dcm_encoding){0, 0};
    level->flags = 0;
    return level;
}

struct dcm_view dcm_reader_view(struct dcm_reader *r, size_t want)
{
    struct dcm_view v;
    const struct level *level = top(r);

    v.n = dcm_reader_see(r, want);
    v.p = r->c->p;
    v.left = UINT64_MAX;
    if (level->end != NO_END)
        v.left = level->end > r->c->offset ? level->end - r->c->offset : 0;
    if (v.n < want && v.n < v.left)
        v.left = v.n;
    if (v.n > v.left)
        v.n = (size_t)v.left;
    return v;
}

enum step dcm_reader_pop(struct dcm_reader *r, struct dcm_event *ev)
{
    static const enum dcm_event_type ends[] = {
        DCM_EVENT_END,     DCM_EVENT_END,       DCM_EVENT_ITEM_END,
        DCM_EVENT_SEQ_END, DCM_EVENT_FRAGS_END,
    };
    struct level *level = top(r);
    size_t index = r->n_levels - 1;

    dcm_reader_event(r, ev, ends[level->kind], level);
    if (level->kind == ITEM)
        ev->number = r->levels[index - 1].count;
    r->n_levels--;
    if (level->kind == ITEM) {
        dcm_scope_leave(&r->scopes);
        dcm_order_leave(&r->order);
        ev->scope = dcm_scope_top(&r->scopes);
        ev->depth = r->scopes.depth;
    }
    if (level->kind == SEQ || level->kind == FRAGS)
        ev->offset = level->offset;
    if (r->silent && index >= r->silent) {
        if (index == r->silent)
            r->silent = 0;
        return AGAIN;
    }
    return EMIT;
}

enum step dcm_reader_finish(struct dcm_reader *r, struct dcm_event *ev)
{
    if (r->base_flags & DCM_DEFLATED && r->inflate.done) {
        size_t n = dcm_cursor_peek(&r->raw, 2);
        enum step step;

        if (r->raw.failed) {
            r->c = &r->raw; /* it is the one to tell of */
            dcm_reader_input_failed(r, &step);
            return step;
        }
        if (n > 1 && !deviate(r, DCM_ISSUE_AFTER_DEFLATE, NULL, r->raw.offset,
                              "bytes after the deflate stream"))
            return STOP;
    }
    dcm_reader_event(r, ev, DCM_EVENT_END, NULL);
    r->n_levels = 0;
    r->state = ENDED;
    return EMIT;
}

/* ------------------------------------------------------- the value held */

/* The rest of the value cannot be had. */
enum step dcm_reader_cut(struct dcm_reader *r, struct dcm_event *ev,
                         size_t have)
{
    enum step step;

    if (!dcm_reader_input_failed(r, &step)) {
        dcm_reader_fail(r, DCM_ERR_TRUNCATED, ev->value_offset, ev->tag,
                        "input ends %zu bytes into a value of %u (PS3.5 7.1.1)",
                        have, ev->length);
        step = dcm_reader_truncated(r);
    }
    return step;
}

/* ------------------------------------------------------------------- use */

static enum step advance(struct dcm_reader *r, struct dcm_event *ev)
{
    struct level *level = top(r);

    if (r->c->offset >= level->end)
        return dcm_reader_end_by_length(r, ev);
    switch (level->kind) {
    case SEQ:
        return dcm_reader_item(r, ev);
    case FRAGS:
        return dcm_reader_fragment(r, ev);
    default:
        return dcm_reader_element(r, ev);
    }
}

/* Past what is left of the last value. */
static int skip_value(struct dcm_reader *r)
{
    uint64_t left = r->value_left, got;
    enum step step;

    r->value_left = 0;
    got = dcm_cursor_skip(r->c, left);
    if (got == left)
        return 1;
    if (!dcm_reader_input_failed(r, &step)) {
        dcm_reader_fail(
            r, DCM_ERR_TRUNCATED, r->value_at, r->value_tag,
            "input ends %llu bytes into a value of %llu (PS3.5 7.1.1)",
            (unsigned long long)(r->value_size - left + got),
            (unsigned long long)r->value_size);
        dcm_reader_truncated(r);
    }
    return r->state == CLOSING;
}

static enum step close_next(struct dcm_reader *r, struct dcm_event *ev)
{
    if (r->n_levels > 1)
        return dcm_reader_pop(r, ev);
    r->state = CLOSED;
    return STOP;
}

/* What was seen then ends where the reading failed, not where the input does:
 * nothing that was concluded from it holds. */
static int reading_failed(struct dcm_reader *r)
{
    enum dcm_status code = r->c->input->error.code;
    enum step step;

    return (code == DCM_ERR_READ || code == DCM_ERR_MEMORY) &&
           dcm_reader_input_failed(r, &step);
}

enum dcm_status dcm_reader_next(struct dcm_reader *r, struct dcm_event *ev)
{
    enum step step = AGAIN;

    while (step == AGAIN) {
        if (r->value_left && r->state == BODY && !skip_value(r))
            break;
        switch (r->state) {
        case BODY:
            step = advance(r, ev);
            break;
        case START:
            step = dcm_reader_start(r, ev);
            break;
        case CLOSING:
            step = close_next(r, ev);
            break;
        case ENDED:
            return DCM_DONE;
        default:
            return r->error.code;
        }
    }
    if (r->c->failed && reading_failed(r))
        return r->error.code;
    return step == EMIT ? DCM_OK : r->error.code;
}

static enum dcm_status source_next(struct dcm_source *s, struct dcm_event *ev)
{
    return dcm_reader_next((struct dcm_reader *)s, ev);
}

static enum dcm_status source_read(struct dcm_source *s, void *to, size_t n,
                                   size_t *got)
{
    struct dcm_reader *r = (struct dcm_reader *)s;

    if (n > r->value_left)
        n = (size_t)r->value_left;
    *got = dcm_cursor_read(r->c, to, n);
    r->value_left -= *got;
    if (r->c->failed && r->c->input->error.code != DCM_ERR_TRUNCATED) {
        enum step step;

        dcm_reader_input_failed(r, &step);
        return r->error.code;
    }
    return DCM_OK; /* a value cut short is told by the next event */
}

static const struct dcm_error *source_error(const struct dcm_source *s)
{
    return &((const struct dcm_reader *)s)->error;
}

static int parse_term(const char *term, struct dcm_charset *cs)
{
    if (!term)
        return 0;
    dcm_charset_parse(cs, (const uint8_t *)term, strlen(term));
    return 1;
}

struct dcm_reader *dcm_reader_new(const struct dcm_reader_options *options)
{
    static const struct dcm_reader_options defaults;
    const struct dcm_reader_options *o = options ? options : &defaults;
    struct dcm_reader *r = calloc(1, sizeof(*r));

    if (!r)
        return NULL;
    r->source.next = source_next;
    r->source.read = source_read;
    r->source.error = source_error;
    r->policy = o->policy;
    dcm_limits_fill(&r->limits, o->limits);
    r->has_assume = parse_term(o->charset_assume, &r->assume);
    r->has_force = parse_term(o->charset_force, &r->force);
    r->keep_unknown = o->keep_unknown;
    r->keep_all = o->keep_all;
    dcm_cursor_init(&r->raw, o->chunk);
    dcm_cursor_init(&r->inflated, o->chunk);
    dcm_scope_stack_init(&r->scopes);
    r->c = &r->raw;
    r->state = ENDED;
    return r;
}

void dcm_reader_free(struct dcm_reader *r)
{
    if (!r)
        return;
    dcm_cursor_release(&r->raw);
    dcm_cursor_release(&r->inflated);
    dcm_inflate_release(&r->inflate);
    dcm_scope_stack_release(&r->scopes);
    dcm_order_release(&r->order);
    free(r->levels);
    free(r);
}

void dcm_reader_open(struct dcm_reader *r, struct dcm_input *input)
{
    memset(&r->error, 0, sizeof(r->error));
    memset(&r->image, 0, sizeof(r->image));
    r->c = &r->raw;
    r->state = START;
    r->base_flags = 0;
    r->again = input->read_at ? input : NULL;
    r->n_levels = 0;
    r->silent = 0;
    r->value_left = 0;
    r->items = 0;
    r->looks = 0;
    r->meta_start = 0;
    r->meta_length = NO_END;
    r->ts_flags = 0;
    r->ts_known = r->has_syntax = 0;
    r->syntax[0] = '\0';
    if (!dcm_cursor_open(&r->raw, input, 0) ||
        dcm_scope_stack_clear(&r->scopes) != DCM_OK)
        dcm_reader_no_memory(r);
}

const struct dcm_error *dcm_reader_error(const struct dcm_reader *r)
{
    return &r->error;
}

struct dcm_source *dcm_reader_source(struct dcm_reader *r)
{
    return &r->source;
}

const char *dcm_reader_syntax(const struct dcm_reader *r)
{
    return r->n_levels && r->levels[0].kind == META ? "" : r->syntax;
}
