/* Source. The Native DICOM Model (PS3.19 A.1) as events: the document as a
 * whole, the records that it becomes, and how reading fails. Values come as if
 * from Explicit VR Little Endian with text in UTF-8. An explicit stack of
 * levels, no recursion. Knows nothing of XML itself, nor of where events go. */
#include "xml_reader.h"
#include "event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --------------------------------------------------------------- failing */

const struct dcm_event *dcm_xml_reader_here(struct dcm_xml_reader *r)
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

enum step dcm_xml_reader_fail(struct dcm_xml_reader *r, enum dcm_status code,
                              const char *format, ...)
{
    const struct dcm_event *ev = dcm_xml_reader_here(r);
    char path[96] = "";
    va_list ap;

    if (ev->scope && ev->tag)
        dcm_event_path(ev, path, sizeof(path));
    va_start(ap, format);
    dcm_error_vfill(&r->error, code, r->at.offset, path, format, ap);
    va_end(ap);
    r->phase = FAILED;
    return STOP;
}

enum step dcm_xml_reader_no_memory(struct dcm_xml_reader *r)
{
    r->placed = 1;
    dcm_xml_reader_fail(r, DCM_ERR_MEMORY, "no memory to read on");
    r->error.offset = DCM_NO_OFFSET;
    return STOP;
}

/* Line and column of a place, columns in characters, from the input's start.
 * For messages only. */
static void find_line(struct dcm_input *in, struct place *at)
{
    uint8_t piece[4096];
    uint32_t line = 1, column = 1;
    uint64_t offset = 0;

    while (offset < at->offset) {
        size_t n = sizeof(piece);
        ptrdiff_t got;

        if (n > at->offset - offset)
            n = (size_t)(at->offset - offset);
        got = in->read_at(in, offset, piece, n);
        if (got <= 0 || (offset == 0 && piece[0] >= 0xFE)) /* UTF-16 */
            return;
        for (ptrdiff_t i = 0; i < got; i++) {
            line += piece[i] == '\n';
            column =
                piece[i] == '\n' ? 1 : column + ((piece[i] & 0xC0) != 0x80);
        }
        offset += (uint64_t)got;
    }
    at->line = line;
    at->column = column;
}

/* Line and column before the message, once. */
static void place_error(struct dcm_xml_reader *r)
{
    struct dcm_error *e = &r->error;
    char text[sizeof(e->message)];
    int n;

    if (r->placed || e->code == DCM_ERR_MEMORY || e->code == DCM_ERR_READ)
        return;
    r->placed = 1;
    if (r->parse.again)
        find_line(r->parse.input, &r->at);
    if (!r->at.line)
        return;
    memcpy(text, e->message, sizeof(text));
    n = snprintf(e->message, sizeof(e->message),
                 "line %llu, column %llu: ", (unsigned long long)r->at.line,
                 (unsigned long long)r->at.column);
    text[sizeof(text) - 1 - (size_t)n] = '\0'; /* what there is room for */
    strcpy(e->message + n, text);
}

/* ---------------------------------------------------------------- records */

/* Ends have no line and column of their own: that of what was before. */
static void see_place(struct dcm_xml_reader *r, const struct record *record)
{
    r->at.offset = record->place.offset;
    if (record->place.line) {
        r->at.line = record->place.line;
        r->at.column = record->place.column;
    }
}

/* What was wrong with the text itself. */
static enum step take_note(struct dcm_xml_reader *r,
                           const struct record *record)
{
    if (record->kind == WRONG)
        return dcm_xml_reader_fail(r, (enum dcm_status)record->code, "%s",
                                   record->message);
    return deviate(r, record->code, "%s", record->message) ? AGAIN : STOP;
}

const struct record *dcm_xml_reader_peek(struct dcm_xml_reader *r)
{
    struct queue *q = &r->parse.queue;

    for (;;) {
        while (q->taken < q->n) {
            const struct record *record = &q->records[q->taken];

            see_place(r, record);
            if (record->kind != NOTE && record->kind != WRONG)
                return record;
            q->taken++;
            if (take_note(r, record) == STOP)
                return NULL;
        }
        if (r->parse.ended) {
            dcm_xml_reader_no_memory(r);
            return NULL;
        }
        dcm_xml_parse_feed(&r->parse);
    }
}

/* What follows the root element is wrong, if it is anything that counts. */
enum step dcm_xml_reader_end(struct dcm_xml_reader *r, struct dcm_event *ev)
{
    struct queue *q = &r->parse.queue;
    const struct level *level = top(r);
    uint64_t at = r->at.offset;

    dcm_xml_reader_take(r);
    for (;;) {
        while (q->taken < q->n) {
            const struct record *record = &q->records[q->taken++];

            see_place(r, record);
            if (take_note(r, record) == STOP)
                return STOP;
        }
        if (r->parse.ended)
            break;
        dcm_xml_parse_feed(&r->parse);
    }
    if (q->no_memory)
        return dcm_xml_reader_no_memory(r);
    r->wants_charset = level->beyond_ascii && !level->has_charset;
    dcm_xml_reader_event(r, ev, DCM_EVENT_END);
    ev->tag = 0;
    ev->vr = ev->stored = 0;
    ev->length = 0;
    ev->offset = ev->value_offset = at;
    r->n_levels = 0;
    r->phase = ENDED;
    return EMIT;
}

/* ----------------------------------------------------------------- levels */

int dcm_xml_reader_room(struct dcm_xml_reader *r, struct buffer *b, size_t n)
{
    size_t size = b->size ? b->size : 256;
    uint8_t *p;

    if (n <= b->size)
        return 1;
    while (size < n)
        size = size > SIZE_MAX / 2 ? n : size * 2;
    p = realloc(b->p, size);
    if (!p) {
        dcm_xml_reader_no_memory(r);
        return 0;
    }
    b->p = p;
    b->size = size;
    return 1;
}

struct level *dcm_xml_reader_push(struct dcm_xml_reader *r)
{
    const struct level *outer;
    struct level *level;

    if (r->n_levels == r->max_levels) {
        size_t n = r->max_levels ? r->max_levels * 2 : 16;
        struct level *p = realloc(r->levels, n * sizeof(*p));

        if (!p) {
            dcm_xml_reader_no_memory(r);
            return NULL;
        }
        r->levels = p;
        r->max_levels = n;
    }
    level = &r->levels[r->n_levels++];
    memset(level, 0, sizeof(*level));
    level->place = r->at;
    r->tag = 0;
    if (r->n_levels == 1) {
        dcm_charset_parse(&level->declared, NULL, 0);
    } else { /* what is inherited (PS3.3 C.12.1.1.2) */
        outer = level - 1;
        level->declared = outer->declared;
        level->seq = outer->tag;
        level->number = outer->count;
    }
    return level;
}

void dcm_xml_reader_event(struct dcm_xml_reader *r, struct dcm_event *ev,
                          enum dcm_event_type type)
{
    const struct level *level = top(r);

    memset(ev, 0, sizeof(*ev));
    ev->type = type;
    ev->tag = level->tag;
    ev->vr = ev->stored = level->vr;
    ev->length = DCM_UNDEFINED;
    ev->depth = r->scopes.depth;
    ev->offset = level->place.offset;
    ev->value_offset = r->at.offset;
    ev->scope = dcm_scope_top(&r->scopes);
    ev->source = &r->source;
}

int dcm_xml_reader_count_item(struct dcm_xml_reader *r)
{
    if (++r->items <= r->limits.items)
        return 1;
    dcm_xml_reader_fail(r, DCM_ERR_LIMIT,
                        "more than %llu items; raise the limit 'items' to "
                        "read on",
                        (unsigned long long)r->limits.items);
    return 0;
}

/* ------------------------------------------------------------------- use */

static enum step begin(struct dcm_xml_reader *r)
{
    if (dcm_scope_stack_clear(&r->scopes) != DCM_OK ||
        !dcm_order_clear(&r->order))
        return dcm_xml_reader_no_memory(r);
    dcm_scope_top(&r->scopes)->charset = r->utf8;
    if (!dcm_xml_reader_push(r))
        return STOP;
    r->phase = INSIDE;
    return AGAIN;
}

/* What the last event lent is taken back. */
static void settle(struct dcm_xml_reader *r)
{
    r->value.where = NO_VALUE;
    if (r->lent_charset)
        dcm_scope_top(&r->scopes)->charset = r->utf8;
    r->lent_charset = 0;
}

static enum dcm_status next(struct dcm_source *source, struct dcm_event *ev)
{
    struct dcm_xml_reader *r = (struct dcm_xml_reader *)source;
    enum step step = AGAIN;

    if (r->phase == INSIDE)
        settle(r);
    while (step == AGAIN) {
        switch (r->phase) {
        case INSIDE:
            step = dcm_xml_reader_advance(r, ev);
            break;
        case START:
            step = begin(r);
            break;
        default:
            step = STOP;
        }
    }
    if (step == EMIT)
        return DCM_OK;
    if (r->phase != FAILED)
        return DCM_DONE;
    place_error(r);
    return r->error.code;
}

static enum dcm_status read_value(struct dcm_source *source, void *to, size_t n,
                                  size_t *got)
{
    struct dcm_xml_reader *r = (struct dcm_xml_reader *)source;
    enum dcm_status status;

    *got = 0;
    if (r->phase == FAILED)
        return r->error.code;
    status = dcm_xml_reader_read(r, to, n, got);
    if (status != DCM_OK)
        place_error(r);
    return status;
}

static const struct dcm_error *get_error(const struct dcm_source *source)
{
    return &((const struct dcm_xml_reader *)source)->error;
}

void dcm_xml_reader_open(struct dcm_xml_reader *r, struct dcm_input *input)
{
    uint64_t limit = r->limits.value;

    memset(&r->error, 0, sizeof(r->error));
    memset(&r->at, 0, sizeof(r->at));
    r->phase = START;
    r->wants_charset = r->placed = r->lent_charset = r->in_dataset = 0;
    r->value.where = NO_VALUE;
    r->n_levels = 0;
    r->tag = 0;
    r->items = 0;
    r->syntax[0] = '\0';
    /* base64 is a third longer than what it stands for */
    r->parse.queue.limit = limit > UINT64_MAX / 2 ? limit : limit + limit / 2;
    if (dcm_scope_stack_clear(&r->scopes) != DCM_OK ||
        !dcm_xml_parse_open(&r->parse, input))
        dcm_xml_reader_no_memory(r);
}

/* ------------------------------------------------------ making one, and not */

static void set_options(struct dcm_xml_reader *r,
                        const struct dcm_xml_reader_options *options)
{
    struct dcm_xml_reader_options o;
    size_t n = sizeof(o);

    memset(&o, 0, sizeof(o));
    if (options && options->size && options->size < n)
        n = options->size;
    if (options)
        memcpy(&o, options, n);
    r->policy = o.policy;
    r->bulk = o.bulk;
    r->user = o.user;
    r->binary_numbers = o.binary_numbers;
    dcm_limits_fill(&r->limits, o.limits);
    if (o.syntax)
        snprintf(r->given, sizeof(r->given), "%s", o.syntax);
}

struct dcm_xml_reader *
dcm_xml_reader_new(const struct dcm_xml_reader_options *options)
{
    struct dcm_xml_reader *r = calloc(1, sizeof(*r));

    if (!r)
        return NULL;
    r->source.next = next;
    r->source.read = read_value;
    r->source.error = get_error;
    set_options(r, options);
    r->values.policy = r->policy;
    r->values.error = &r->error;
    r->values.limit = r->limits.value;
    dcm_charset_parse(&r->utf8, (const uint8_t *)"ISO_IR 192", 10);
    dcm_scope_stack_init(&r->scopes);
    r->phase = CLOSED;
    return r;
}

void dcm_xml_reader_free(struct dcm_xml_reader *r)
{
    if (!r)
        return;
    dcm_xml_parse_release(&r->parse);
    dcm_values_release(&r->values);
    dcm_scope_stack_release(&r->scopes);
    dcm_order_release(&r->order);
    free(r->levels);
    free(r->sorted);
    free(r->uri.p);
    free(r->bytes.p);
    free(r->creator.p);
    free(r);
}

struct dcm_source *dcm_xml_reader_source(struct dcm_xml_reader *r)
{
    return &r->source;
}

const struct dcm_error *dcm_xml_reader_error(const struct dcm_xml_reader *r)
{
    return &r->error;
}

int dcm_xml_reader_wants_charset(const struct dcm_xml_reader *r)
{
    return r->wants_charset;
}
