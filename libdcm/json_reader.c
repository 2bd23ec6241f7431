/* Source. The DICOM JSON Model (PS3.18 Annex F) as events: the way in, the
 * stack of levels, and how reading fails. Values come as if from Explicit VR
 * Little Endian with text in UTF-8. No recursion; one way through the text,
 * with a step back only where an attribute's VR follows its value. Knows
 * nothing of where events go. */
#include "json_reader.h"
#include "event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --------------------------------------------------------------- failing */

const struct dcm_event *dcm_json_reader_here(struct dcm_json_reader *r)
{
    struct dcm_event *ev = &r->here;

    memset(ev, 0, sizeof(*ev));
    ev->type = DCM_EVENT_VALUE;
    ev->tag = r->tag;
    ev->scope = r->scopes.levels ? dcm_scope_top(&r->scopes) : NULL;
    ev->depth = r->scopes.depth;
    if (r->n_levels)
        ev->vr = ev->stored = top(r)->vr;
    if (!r->tag && r->n_levels > 1) { /* between attributes: the item */
        ev->type = DCM_EVENT_ITEM;
        ev->tag = top(r)->seq;
        ev->number = top(r)->number;
        ev->scope--;
        ev->depth--;
    }
    return ev;
}

static void path_of_here(struct dcm_json_reader *r, char path[96])
{
    const struct dcm_event *ev = dcm_json_reader_here(r);

    path[0] = '\0';
    if (ev->scope && ev->tag)
        dcm_event_path(ev, path, 96);
}

enum step dcm_json_reader_fail(struct dcm_json_reader *r, enum dcm_status code,
                               uint64_t offset, const char *format, ...)
{
    char path[96];
    va_list ap;

    path_of_here(r, path);
    va_start(ap, format);
    dcm_error_vfill(&r->error, code, offset, path, format, ap);
    va_end(ap);
    r->phase = FAILED;
    return STOP;
}

enum step dcm_json_reader_no_memory(struct dcm_json_reader *r)
{
    r->unplaced = 1;
    return dcm_json_reader_fail(r, DCM_ERR_MEMORY, DCM_NO_OFFSET,
                                "no memory to read on");
}

enum step dcm_json_reader_scan_failed(struct dcm_json_reader *r)
{
    const struct dcm_error *e = &r->scan.error;

    if (e->code == DCM_ERR_READ || e->code == DCM_ERR_MEMORY)
        r->unplaced = 1;
    return dcm_json_reader_fail(r, e->code, e->offset, "%s", e->message);
}

static const char *name_of(int token)
{
    switch (token) {
    case DCM_JSON_STRING:
        return "a string";
    case DCM_JSON_NUMBER:
        return "a number";
    case DCM_JSON_TRUE:
        return "true";
    case DCM_JSON_FALSE:
        return "false";
    case DCM_JSON_NULL:
        return "null";
    default:
        return "";
    }
}

enum step dcm_json_reader_unexpected(struct dcm_json_reader *r, int token,
                                     const char *expected)
{
    const char *name = name_of(token);

    if (token == DCM_JSON_FAILED)
        return dcm_json_reader_scan_failed(r);
    if (token == DCM_JSON_END)
        return dcm_json_reader_fail(r, DCM_ERR_TRUNCATED,
                                    dcm_json_scan_tell(&r->scan),
                                    "the text ends, expected %s", expected);
    if (*name)
        return dcm_json_reader_fail(r, DCM_ERR_MALFORMED, r->scan.at,
                                    "found %s, expected %s", name, expected);
    return dcm_json_reader_fail(r, DCM_ERR_MALFORMED, r->scan.at,
                                "found '%c', expected %s", token, expected);
}

enum step dcm_json_reader_want_tree(struct dcm_json_reader *r, uint64_t offset,
                                    const char *why)
{
    dcm_json_reader_fail(r, DCM_ERR_UNSUPPORTED, offset, "%s", why);
    r->wants_tree = 1;
    return STOP;
}

void dcm_json_reader_place_error(struct dcm_json_reader *r)
{
    struct dcm_error *e = &r->error;
    uint64_t line = 0, column = 0;
    char text[sizeof(e->message)];
    int n;

    if (r->unplaced || e->offset == DCM_NO_OFFSET)
        return;
    r->unplaced = 1;
    dcm_json_scan_place(&r->scan, e->offset, &line, &column);
    if (!line)
        return;
    memcpy(text, e->message, sizeof(text));
    n = snprintf(e->message, sizeof(e->message),
                 "line %llu, column %llu: ", (unsigned long long)line,
                 (unsigned long long)column);
    text[sizeof(text) - 1 - (size_t)n] = '\0'; /* what there is room for */
    strcpy(e->message + n, text);
}

/* ----------------------------------------------------------------- levels */

int dcm_json_reader_room(struct dcm_json_reader *r, struct buffer *b, size_t n)
{
    size_t size = b->size ? b->size : 256;
    uint8_t *p;

    if (n <= b->size)
        return 1;
    while (size < n)
        size = size > SIZE_MAX / 2 ? n : size * 2;
    p = realloc(b->p, size);
    if (!p) {
        dcm_json_reader_no_memory(r);
        return 0;
    }
    b->p = p;
    b->size = size;
    return 1;
}

static int grow_levels(struct dcm_json_reader *r)
{
    size_t n = r->max_levels ? r->max_levels * 2 : 16;
    struct level *p = realloc(r->levels, n * sizeof(*p));

    if (!p) {
        dcm_json_reader_no_memory(r);
        return 0;
    }
    r->levels = p;
    r->max_levels = n;
    return 1;
}

struct level *dcm_json_reader_push(struct dcm_json_reader *r, uint64_t offset,
                                   int is_object)
{
    const struct level *outer;
    struct level *level;

    if (r->n_levels == r->max_levels && !grow_levels(r))
        return NULL;
    level = &r->levels[r->n_levels++];
    memset(level, 0, sizeof(*level));
    level->fresh = 1;
    r->tag = 0;
    if (r->n_levels == 1) {
        dcm_charset_parse(&level->declared, NULL, 0);
    } else { /* what is inherited (PS3.3 C.12.1.1.2) */
        outer = level - 1;
        level->declared = outer->declared;
        level->has_charset = outer->has_charset;
        level->seq = outer->tag;
        level->number = outer->count;
    }
    if (r->any_order && is_object &&
        dcm_json_reader_use_index(r, level, offset) == STOP)
        return NULL;
    return level;
}

void dcm_json_reader_event(struct dcm_json_reader *r, struct dcm_event *ev,
                           enum dcm_event_type type)
{
    const struct level *level = top(r);

    ev->type = type;
    ev->tag = level->tag;
    ev->vr = ev->stored = level->vr;
    ev->length = DCM_UNDEFINED;
    ev->number = 0;
    ev->depth = r->scopes.depth;
    ev->flags = 0;
    ev->offset = level->key;
    ev->value_offset = dcm_json_scan_tell(&r->scan);
    ev->size = 0;
    ev->data = NULL;
    ev->scope = dcm_scope_top(&r->scopes);
    ev->source = &r->source;
    ev->input = NULL;
}

int dcm_json_reader_count_item(struct dcm_json_reader *r, uint64_t offset)
{
    if (++r->items <= r->limits.items)
        return 1;
    dcm_json_reader_fail(r, DCM_ERR_LIMIT, offset,
                         "more than %llu items; raise the limit 'items' to "
                         "read on",
                         (unsigned long long)r->limits.items);
    return 0;
}

/* ------------------------------------------------------------------- use */

static enum step advance(struct dcm_json_reader *r, struct dcm_event *ev)
{
    switch (top(r)->place) {
    case MEMBER:
        return dcm_json_reader_member(r, ev);
    case REST:
        return dcm_json_reader_rest(r, ev, 0);
    case NULL_ITEM:
        return dcm_json_reader_item_end(r, ev, dcm_json_scan_tell(&r->scan));
    case IN_FRAGMENTS:
        return dcm_json_reader_fragment(r, ev);
    default:
        return dcm_json_reader_item(r, ev);
    }
}

/* What the last event lent is taken back. */
static void settle(struct dcm_json_reader *r)
{
    if (r->value.where == IN_BASE64)
        dcm_json_scan_seek(&r->scan, r->value.after);
    r->value.where = NO_VALUE;
    if (r->lent_charset)
        dcm_scope_top(&r->scopes)->charset = r->utf8;
    r->lent_charset = 0;
}

static enum dcm_status next(struct dcm_source *source, struct dcm_event *ev)
{
    struct dcm_json_reader *r = (struct dcm_json_reader *)source;
    enum step step = AGAIN;

    if (r->phase == INSIDE)
        settle(r);
    while (step == AGAIN) {
        switch (r->phase) {
        case INSIDE:
            step = advance(r, ev);
            break;
        case START:
            step = dcm_json_reader_start(r);
            break;
        case READY:
            step = dcm_json_reader_begin(r);
            break;
        default:
            step = STOP;
        }
    }
    if (step == EMIT)
        return DCM_OK;
    if (r->phase != FAILED)
        return DCM_DONE;
    dcm_json_reader_place_error(r);
    return r->error.code;
}

static enum dcm_status read_value(struct dcm_source *source, void *to, size_t n,
                                  size_t *got)
{
    struct dcm_json_reader *r = (struct dcm_json_reader *)source;
    enum dcm_status status;

    *got = 0;
    if (r->phase == FAILED)
        return r->error.code;
    status = dcm_json_reader_read(r, to, n, got);
    if (status != DCM_OK)
        dcm_json_reader_place_error(r);
    return r->phase == FAILED ? r->error.code : DCM_OK;
}

static const struct dcm_error *get_error(const struct dcm_source *source)
{
    return &((const struct dcm_json_reader *)source)->error;
}

/* ---------------------------------------------------------------- opening */

static void forget_whole(struct dcm_json_reader *r)
{
    dcm_input_free(r->whole);
    free(r->whole_data);
    r->whole = NULL;
    r->whole_data = NULL;
}

/* A stream, in memory as its bytes come: the text has to be gone back in. */
static struct dcm_input *take_whole(struct dcm_json_reader *r,
                                    struct dcm_input *in)
{
    struct buffer b = {NULL, 0};
    size_t n = 0;
    ptrdiff_t got = 1;

    r->unplaced = 1;
    while (got > 0) {
        if (n == b.size &&
            !dcm_json_reader_room(r, &b, n ? n + 1 : DCM_VALUE_LOADED))
            break;
        got = in->read(in, b.p + n, b.size - n);
        if (got < 0)
            dcm_json_reader_fail(r, in->error.code, DCM_NO_OFFSET, "%s",
                                 in->error.message);
        else if ((n += (size_t)got) > r->limits.value)
            dcm_json_reader_fail(r, DCM_ERR_LIMIT, DCM_NO_OFFSET,
                                 "more than %llu bytes of a stream have to be "
                                 "held; raise the limit 'value' to read on",
                                 (unsigned long long)r->limits.value);
        if (r->phase == FAILED)
            break;
    }
    r->whole_data = b.p;
    if (r->phase == FAILED)
        return NULL;
    r->whole = dcm_input_memory(b.p, n, &r->error);
    if (!r->whole)
        dcm_json_reader_no_memory(r);
    r->unplaced = 0;
    return r->whole;
}

void dcm_json_reader_open(struct dcm_json_reader *r, struct dcm_input *input)
{
    memset(&r->error, 0, sizeof(r->error));
    r->phase = START;
    r->is_array = r->wants_tree = r->wants_charset = 0;
    r->unplaced = r->lent_charset = r->in_dataset = 0;
    r->value.where = NO_VALUE;
    r->n_levels = 0;
    r->tag = 0;
    r->items = 0;
    r->syntax[0] = '\0';
    forget_whole(r);
    if (dcm_scope_stack_clear(&r->scopes) != DCM_OK) {
        dcm_json_reader_no_memory(r);
        return;
    }
    if (!input->memory && !input->read_at)
        input = take_whole(r, input);
    if (input)
        dcm_json_scan_open(&r->scan, input, r->limits.value);
}

/* ------------------------------------------------------ making one, and not */

static void set_options(struct dcm_json_reader *r,
                        const struct dcm_json_reader_options *options)
{
    struct dcm_json_reader_options o;
    size_t n = sizeof(o);

    memset(&o, 0, sizeof(o));
    if (options && options->size && options->size < n)
        n = options->size;
    if (options)
        memcpy(&o, options, n);
    r->policy = o.policy;
    r->bulk = o.bulk;
    r->user = o.user;
    r->any_order = o.any_order;
    r->binary_numbers = o.binary_numbers;
    dcm_limits_fill(&r->limits, o.limits);
    if (o.syntax)
        snprintf(r->given, sizeof(r->given), "%s", o.syntax);
}

struct dcm_json_reader *
dcm_json_reader_new(const struct dcm_json_reader_options *options)
{
    struct dcm_json_reader *r = calloc(1, sizeof(*r));

    if (!r)
        return NULL;
    r->source.next = next;
    r->source.read = read_value;
    r->source.error = get_error;
    set_options(r, options);
    r->exact.strict = 1;
    r->values.policy = r->policy;
    r->values.error = &r->error;
    r->values.limit = r->limits.value;
    dcm_charset_parse(&r->utf8, (const uint8_t *)"ISO_IR 192", 10);
    dcm_scope_stack_init(&r->scopes);
    r->phase = CLOSED;
    return r;
}

void dcm_json_reader_free(struct dcm_json_reader *r)
{
    if (!r)
        return;
    dcm_json_scan_release(&r->scan);
    dcm_values_release(&r->values);
    dcm_scope_stack_release(&r->scopes);
    dcm_json_reader_release_index(&r->index);
    forget_whole(r);
    free(r->levels);
    free(r->names.p);
    free(r->uri.p);
    free(r->bytes.p);
    free(r);
}

void dcm_json_reader_any_order(struct dcm_json_reader *r, int on)
{
    r->any_order = on;
}

struct dcm_source *dcm_json_reader_source(struct dcm_json_reader *r)
{
    return &r->source;
}

const struct dcm_error *dcm_json_reader_error(const struct dcm_json_reader *r)
{
    return &r->error;
}

int dcm_json_reader_wants_tree(const struct dcm_json_reader *r)
{
    return r->phase == FAILED && r->wants_tree;
}

int dcm_json_reader_wants_charset(const struct dcm_json_reader *r)
{
    return r->wants_charset;
}
