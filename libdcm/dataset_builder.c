/* Sink. Events to a tree (the structs of dataset.h). Keeps all that a
 * byte-exact copy needs. Levels are a chain of parent pointers; elements go to
 * the end of their level, which is sorted when it ends, if it has to be.
 * Large values become references to the input where that can be read again;
 * other values that are not at hand are pulled in pieces, so that no length
 * is believed before the bytes are there. Knows nothing of how bytes are laid
 * out in a file. */
#include "dataset.h"
#include "event.h"
#include "text.h"
#include "vr.h"

#include <string.h>

#define PIECE 65536u

struct build {
    struct dcm_dataset *d;
    struct dcm_builder *b;
    const struct dcm_event *ev;
};

static enum dcm_status fail(const struct build *t, enum dcm_status code,
                            const char *format, ...) DCM_PRINTF(3, 4);
static enum dcm_status fail(const struct build *t, enum dcm_status code,
                            const char *format, ...)
{
    char path[96];
    va_list ap;

    dcm_event_path(t->ev, path, sizeof(path));
    va_start(ap, format);
    dcm_error_vfill(&t->b->error, code, t->ev->offset, path, format, ap);
    va_end(ap);
    t->b->failed = 1;
    return code;
}

static enum dcm_status no_memory(const struct build *t)
{
    return fail(t, DCM_ERR_MEMORY, "no memory for the data set");
}

/* ---------------------------------------------------------------- values */

static int is_large(const struct build *t)
{
    return !t->ev->data && t->ev->size > DCM_VALUE_LOADED;
}

/* Text to be kept in UTF-8 that is in something else; it has to be at hand. */
static int is_foreign(const struct build *t)
{
    const struct dcm_vr *row = dcm_vr_find(t->ev->vr);

    return t->d->keep_utf8 && t->ev->scope && row &&
           row->flags & DCM_VRF_CHARSET && t->ev->size &&
           !(t->ev->flags & DCM_REFERENCE) &&
           memcmp(&t->ev->scope->charset, &t->d->utf8, sizeof(t->d->utf8)) != 0;
}

/* Whether the value can stay where it is. */
static int can_refer(const struct build *t)
{
    const struct dcm_input *in = t->ev->input;

    return is_large(t) && in && in->read_at && t->ev->value_offset <= in->size;
}

/* As much of it as is there: an input may end early. */
static void refer(const struct build *t, struct dcm_value_ref *value,
                  uint16_t *flags)
{
    uint64_t left = t->ev->input->size - t->ev->value_offset;

    value->input = t->ev->input;
    value->size = t->ev->size;
    if (value->size > left) {
        value->size = left;
        *flags |= DCM_CUT;
    }
}

static enum dcm_status copy(const struct build *t, struct dcm_value_ref *value)
{
    size_t n = (size_t)t->ev->size;
    void *place = dcm_arena_bytes(&t->d->arena, n);

    if (!place)
        return no_memory(t);
    if (n)
        memcpy(place, t->ev->data, n);
    value->data = place;
    value->size = n;
    return DCM_OK;
}

static enum dcm_status read_failed(const struct build *t,
                                   enum dcm_status status)
{
    struct dcm_source *s = t->ev->source;
    const struct dcm_error *e = s && s->error ? s->error(s) : NULL;

    if (!e || e->code != status)
        return fail(t, status, "the value could not be read");
    t->b->error = *e;
    t->b->failed = 1;
    return status;
}

/* The room grows as the bytes come. */
static enum dcm_status pull(const struct build *t, struct dcm_value_ref *value,
                            uint16_t *flags)
{
    size_t want = (size_t)t->ev->size, have = 0, room = 0, got = 0;
    uint8_t *place = NULL, *p;
    enum dcm_status status;

    do {
        if (have == room) {
            room = room ? room * 2 : PIECE;
            if (room > want)
                room = want;
            p = dcm_arena_grow(&t->d->arena, place, have, room);
            if (!p)
                return no_memory(t);
            place = p;
        }
        status = dcm_event_read(t->ev, place + have, room - have, &got);
        if (status != DCM_OK)
            return read_failed(t, status);
        have += got;
    } while (have == room && have < want);
    if (have < want)
        *flags |= DCM_CUT;
    value->data = place;
    value->size = have;
    return DCM_OK;
}

static enum dcm_status keep_value(const struct build *t,
                                  struct dcm_value_ref *value, uint16_t *flags)
{
    value->offset = t->ev->value_offset;
    if (can_refer(t) && !is_foreign(t)) {
        refer(t, value, flags);
        return DCM_OK;
    }
    if (t->ev->size > t->d->limits.value || t->ev->size > SIZE_MAX / 4)
        return fail(t, DCM_ERR_LIMIT,
                    "value of %llu bytes has to be held; raise the limit "
                    "'value' to do so",
                    (unsigned long long)t->ev->size);
    return t->ev->data || !t->ev->size ? copy(t, value) : pull(t, value, flags);
}

/* ------------------------------------------------------------------ text */

static int make_coders(struct dcm_dataset *d)
{
    if (!d->decoder)
        d->decoder = dcm_decoder_new();
    if (!d->encoder)
        d->encoder = dcm_encoder_new();
    return d->decoder && d->encoder;
}

/* What was wrong with it the reader of the UTF-8 will see: U+FFFD. */
static enum dcm_status decode(const struct build *t,
                              struct dcm_value_ref *value)
{
    const struct dcm_charset *from = &t->ev->scope->charset;
    unsigned problems = 0;
    const uint8_t *out;
    uint8_t *place;
    uint32_t bad;
    size_t n;

    if (dcm_charset_is_ascii(from) &&
        dcm_text_is_plain(value->data, (size_t)value->size))
        return DCM_OK;
    if (!make_coders(t->d) ||
        dcm_encode_again(t->d->encoder, t->d->decoder, from, &t->d->utf8,
                         dcm_text_how(dcm_vr_find(t->ev->vr)), value->data,
                         (size_t)value->size, &out, &n, &problems,
                         &bad) != DCM_OK)
        return no_memory(t);
    place = dcm_arena_bytes(&t->d->arena, n + 1);
    if (!place)
        return no_memory(t);
    memcpy(place, out, n);
    place[n] = ' ';
    value->data = place;
    value->size = n + (n & 1);
    return DCM_OK;
}

/* ---------------------------------------------------- what values decide */

/* The scope knows what was assumed or forced; without one the value speaks. */
static void note_charset(const struct build *t, struct dcm_item *item)
{
    const struct dcm_event *ev = t->ev;

    if (t->d->keep_utf8)
        item->charset = t->d->utf8;
    else if (ev->scope)
        item->charset = ev->scope->charset;
    else
        dcm_charset_parse(&item->charset, ev->data, (size_t)ev->size);
    item->has_charset = 1;
}

static void note(const struct build *t)
{
    const struct dcm_event *ev = t->ev;
    struct dcm_item *item = t->b->item;
    int big = (ev->flags & DCM_BIG_ENDIAN) != 0;

    if (!ev->data)
        return;
    if (ev->tag == 0x00080005 && !item->has_charset)
        note_charset(t, item);
    if (ev->tag == 0x00280103 && ev->size >= 2 &&
        item->pixel_representation < 0)
        item->pixel_representation =
            ev->vr == VR_US && ev->data[big] == 1 && ev->data[!big] == 0;
}

/* -------------------------------------------------------------- elements */

/* What new elements of the item are to be like: as the first one is. What was
 * UN may be little endian among others that are not (PS3.5 6.2.2). */
static void note_encoding(struct dcm_item *item, const struct dcm_event *ev)
{
    item->encoding =
        (uint16_t)(ev->flags & (DCM_BIG_ENDIAN | DCM_IMPLICIT | DCM_DEFLATED));
    item->encoded = 1;
}

static struct dcm_element *add_element(const struct build *t,
                                       enum dcm_element_kind kind)
{
    const struct dcm_event *ev = t->ev;
    struct dcm_item *item = t->b->item;
    struct dcm_element *e = dcm_element_new(t->d, item, ev->tag);

    if (!e) {
        no_memory(t);
        return NULL;
    }
    e->kind = (uint8_t)kind;
    e->vr = ev->vr;
    e->stored = ev->stored;
    e->length = ev->length;
    e->flags = (uint16_t)(ev->flags & ~DCM_DUPLICATE);
    e->offset = ev->offset;
    e->value.offset = ev->value_offset;
    if (!item->encoded && ev->stored != VR_UN)
        note_encoding(item, ev);
    dcm_element_append(e);
    return e;
}

static enum dcm_status put_value(const struct build *t)
{
    struct dcm_element *e = add_element(t, DCM_ELEMENT_VALUE);
    enum dcm_status status;

    if (!e)
        return t->b->error.code;
    note(t);
    status = keep_value(t, &e->value, &e->flags);
    if (status == DCM_OK && is_foreign(t))
        status = decode(t, &e->value);
    return status;
}

static enum dcm_status put_open(const struct build *t)
{
    t->b->element = add_element(
        t, t->ev->type == DCM_EVENT_SEQ ? DCM_ELEMENT_SEQ : DCM_ELEMENT_FRAGS);
    return t->b->element ? DCM_OK : t->b->error.code;
}

static enum dcm_status put_close(const struct build *t)
{
    t->b->element->end = t->ev->value_offset;
    t->b->element = NULL;
    return DCM_OK;
}

/* ----------------------------------------------------------------- items */

static struct dcm_item *add_item(const struct build *t)
{
    const struct dcm_event *ev = t->ev;
    struct dcm_item *item;

    if (++t->b->items > t->d->limits.items) {
        fail(t, DCM_ERR_LIMIT,
             "more than %llu items; raise the limit 'items' to read on",
             (unsigned long long)t->d->limits.items);
        return NULL;
    }
    item = dcm_item_new(t->d, t->b->element);
    if (!item) {
        no_memory(t);
        return NULL;
    }
    item->length = ev->length;
    item->number = ev->number;
    item->flags = (uint16_t)ev->flags;
    item->offset = ev->offset;
    item->value.offset = ev->value_offset;
    dcm_item_append(item);
    return item;
}

static enum dcm_status put_item(const struct build *t)
{
    struct dcm_item *item;

    if (++t->b->depth > t->d->limits.depth)
        return fail(t, DCM_ERR_LIMIT,
                    "items nested more than %llu deep; raise the limit "
                    "'depth' to read on",
                    (unsigned long long)t->d->limits.depth);
    item = add_item(t);
    if (!item)
        return t->b->error.code;
    t->b->item = item;
    t->b->element = NULL;
    return DCM_OK;
}

static enum dcm_status put_item_end(const struct build *t)
{
    struct dcm_item *item = t->b->item;

    dcm_item_settle(item);
    item->end = t->ev->value_offset;
    t->b->element = item->parent;
    t->b->item = item->parent->parent;
    t->b->depth--;
    return DCM_OK;
}

static enum dcm_status put_fragment(const struct build *t)
{
    struct dcm_item *item = add_item(t);

    return item ? keep_value(t, &item->value, &item->flags) : t->b->error.code;
}

/* -------------------------------------------------------------- data set */

static enum dcm_status put_dataset(const struct build *t)
{
    struct dcm_dataset *d = t->d;
    const struct dcm_event *ev = t->ev;
    size_t n = (size_t)ev->size;

    if (!ev->data || n >= sizeof(d->syntax))
        return fail(t, DCM_ERR_ARGUMENT,
                    "Transfer Syntax UID of %zu bytes, expected 64 at most "
                    "(PS3.5 9.1)",
                    n);
    memcpy(d->syntax, ev->data, n);
    d->syntax[n] = '\0';
    d->syntax_length = n;
    d->syntax_flags = ev->flags;
    d->syntax_offset = ev->offset;
    if (ev->scope) {
        d->charset = ev->scope->charset;
        d->encapsulated = ev->scope->encapsulated;
    }
    if (d->keep_utf8)
        d->charset = d->utf8;
    t->b->item = &d->top;
    t->b->in_dataset = 1;
    return DCM_OK;
}

static enum dcm_status put_end(const struct build *t)
{
    t->d->end_offset = t->ev->offset;
    dcm_dataset_settle(t->d);
    t->b->item = NULL;
    return DCM_OK;
}

/* Each type, and among what it may come. */
static const struct rule {
    enum dcm_status (*put)(const struct build *);
    uint8_t inside; /* a SEQ or FRAGS is open */
} rules[] = {
    [DCM_EVENT_VALUE] = {put_value, 0},
    [DCM_EVENT_DATASET] = {put_dataset, 0},
    [DCM_EVENT_SEQ] = {put_open, 0},
    [DCM_EVENT_ITEM] = {put_item, 1},
    [DCM_EVENT_ITEM_END] = {put_item_end, 0},
    [DCM_EVENT_SEQ_END] = {put_close, 1},
    [DCM_EVENT_FRAGS] = {put_open, 0},
    [DCM_EVENT_FRAGMENT] = {put_fragment, 1},
    [DCM_EVENT_FRAGS_END] = {put_close, 1},
    [DCM_EVENT_END] = {put_end, 0},
};

/* A source that breaks the grammar must not lead us astray. */
static int fits(const struct dcm_builder *b, const struct dcm_event *ev)
{
    size_t type = (size_t)ev->type;

    if (type < 1 || type >= sizeof(rules) / sizeof(rules[0]) || !b->item ||
        rules[type].inside != (b->element != NULL))
        return 0;
    if (ev->type == DCM_EVENT_ITEM_END)
        return b->item->parent != NULL;
    if (ev->type == DCM_EVENT_ITEM || ev->type == DCM_EVENT_SEQ_END)
        return b->element->kind == DCM_ELEMENT_SEQ;
    if (ev->type == DCM_EVENT_FRAGMENT || ev->type == DCM_EVENT_FRAGS_END)
        return b->element->kind == DCM_ELEMENT_FRAGS;
    if (ev->type == DCM_EVENT_DATASET)
        return !b->in_dataset;
    return ev->type != DCM_EVENT_END || (b->in_dataset && !b->depth);
}

static enum dcm_status put(struct dcm_sink *sink, const struct dcm_event *ev)
{
    struct dcm_builder *b = (struct dcm_builder *)sink;
    struct dcm_dataset *d =
        (struct dcm_dataset *)((char *)b -
                               offsetof(struct dcm_dataset, builder));
    struct build t = {d, b, ev};

    if (b->failed)
        return b->error.code;
    if (!fits(b, ev))
        return fail(&t, DCM_ERR_ARGUMENT, "an event out of order");
    return rules[ev->type].put(&t);
}

static const struct dcm_error *get_error(const struct dcm_sink *sink)
{
    return &((const struct dcm_builder *)sink)->error;
}

struct dcm_sink *dcm_dataset_sink(struct dcm_dataset *d)
{
    dcm_dataset_clear(d);
    d->builder.base.put = put;
    d->builder.base.error = get_error;
    d->builder.item = &d->meta;
    return &d->builder.base;
}
