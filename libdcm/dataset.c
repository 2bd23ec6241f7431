/* Language. A data set in memory: making and freeing it, the order of its
 * elements (PS3.5 7.1), and finding one by path. What fills it is
 * dataset_builder.c, what changes it dataset_edit.c, and what gives its events
 * dataset_reader.c. Knows nothing of how values are written. */
#include "dataset.h"
#include "policy.h"

#include <stdlib.h>
#include <string.h>

/* ----------------------------------------------------------------- making */

void dcm_item_init(struct dcm_item *item)
{
    memset(item, 0, sizeof(*item));
    item->pixel_representation = -1;
    item->offset = item->end = item->value.offset = DCM_NO_OFFSET;
}

struct dcm_item *dcm_item_new(struct dcm_dataset *d, struct dcm_element *parent)
{
    struct dcm_item *item = dcm_arena_take(&d->arena, sizeof(*item));

    if (!item)
        return NULL;
    dcm_item_init(item);
    item->parent = parent;
    return item;
}

struct dcm_element *dcm_element_new(struct dcm_dataset *d,
                                    struct dcm_item *parent, uint32_t tag)
{
    struct dcm_element *e = dcm_arena_take(&d->arena, sizeof(*e));

    if (!e)
        return NULL;
    memset(e, 0, sizeof(*e));
    e->tag = tag;
    e->parent = parent;
    e->offset = e->end = e->value.offset = DCM_NO_OFFSET;
    return e;
}

void dcm_item_append(struct dcm_item *item)
{
    struct dcm_element *e = item->parent;

    if (e->last_item)
        e->last_item->next = item;
    else
        e->first_item = item;
    e->last_item = item;
}

void dcm_element_append(struct dcm_element *e)
{
    struct dcm_item *item = e->parent;

    if (item->last) {
        item->unsorted |= e->tag <= item->last->tag;
        item->last->next = e;
    } else {
        item->first = e;
    }
    item->last = e;
}

/* In its place in a list that is sorted. */
static void put_in(struct dcm_element *e)
{
    struct dcm_item *item = e->parent;
    struct dcm_element **place = &item->first;

    e->next = NULL;
    if (!item->last || item->last->tag < e->tag) {
        dcm_element_append(e);
        return;
    }
    while ((*place)->tag < e->tag)
        place = &(*place)->next;
    e->next = *place;
    *place = e;
}

struct dcm_element *dcm_element_insert(struct dcm_dataset *d,
                                       struct dcm_item *item, uint32_t tag)
{
    struct dcm_element *e = dcm_element_new(d, item, tag);

    if (e)
        put_in(e);
    return e;
}

void dcm_element_unlink(struct dcm_element *e)
{
    struct dcm_item *item = e->parent;
    struct dcm_element **place = &item->first, *before = NULL;

    while (*place != e) {
        before = *place;
        place = &before->next;
    }
    *place = e->next;
    if (item->last == e)
        item->last = before;
    if (e->tag == 0x00080005)
        item->has_charset = 0;
    if (e->tag == 0x00280103)
        item->pixel_representation = -1;
}

struct dcm_dataset *dcm_dataset_new(const struct dcm_limits *limits)
{
    struct dcm_dataset *d = calloc(1, sizeof(*d));

    if (!d)
        return NULL;
    dcm_limits_fill(&d->limits, limits);
    dcm_scope_stack_init(&d->player.scopes);
    dcm_dataset_clear(d);
    return d;
}

void dcm_dataset_free(struct dcm_dataset *d)
{
    if (!d)
        return;
    dcm_arena_release(&d->arena);
    dcm_scope_stack_release(&d->player.scopes);
    dcm_encoder_free(d->encoder);
    dcm_decoder_free(d->decoder);
    free(d);
}

/* What is made from nothing is in Explicit VR Little Endian. */
void dcm_dataset_clear(struct dcm_dataset *d)
{
    dcm_arena_clear(&d->arena);
    dcm_item_init(&d->meta);
    dcm_item_init(&d->top);
    strcpy(d->syntax, "1.2.840.10008.1.2.1");
    d->syntax_length = strlen(d->syntax);
    d->syntax_flags = 0;
    d->syntax_offset = d->end_offset = DCM_NO_OFFSET;
    d->encapsulated = 0;
    memset(&d->charset, 0, sizeof(d->charset));
    d->charset.undeclared = 1;
    if (d->keep_utf8)
        d->charset = d->utf8;
    memset(&d->builder, 0, sizeof(d->builder));
}

void dcm_dataset_keep_utf8(struct dcm_dataset *d, int on)
{
    static const char term[] = "ISO_IR 192";

    d->keep_utf8 = on;
    dcm_charset_parse(&d->utf8, (const uint8_t *)term, sizeof(term) - 1);
}

const char *dcm_dataset_syntax(const struct dcm_dataset *d)
{
    return d->syntax;
}

enum dcm_status dcm_dataset_set_syntax(struct dcm_dataset *d, const char *uid)
{
    size_t n = strlen(uid);

    if (n >= sizeof(d->syntax))
        return DCM_ERR_ARGUMENT;
    memcpy(d->syntax, uid, n + 1);
    d->syntax_length = n;
    return DCM_OK;
}

/* ---------------------------------------------------------------- taking */

/* From its item into another; what it decides there comes with it. */
static void move(struct dcm_element *e, struct dcm_item *to)
{
    const struct dcm_item *from = e->parent;

    if (e->tag == 0x00080005) {
        to->has_charset = from->has_charset;
        to->charset = from->charset;
    }
    if (e->tag == 0x00280103)
        to->pixel_representation = from->pixel_representation;
    dcm_element_unlink(e);
    e->parent = to;
    put_in(e);
}

enum dcm_status dcm_dataset_take(struct dcm_dataset *d,
                                 struct dcm_dataset *from, uint32_t tag)
{
    int meta = tag >> 16 == 0x0002;
    struct dcm_item *to = meta ? &d->meta : &d->top;
    struct dcm_element *e;

    dcm_dataset_settle(d);
    dcm_dataset_settle(from);
    e = dcm_item_find_tag(meta ? &from->meta : &from->top, tag);
    if (!e || dcm_item_find_tag(to, tag))
        return DCM_DONE;
    move(e, to);
    return DCM_OK;
}

/* Both lists are sorted: one walk through them. */
static void take_all(struct dcm_item *to, struct dcm_item *from)
{
    const struct dcm_element *have = to->first;
    struct dcm_element *e = from->first, *next;

    for (; e; e = next) {
        next = e->next;
        while (have && have->tag < e->tag)
            have = have->next;
        if (!have || have->tag != e->tag)
            move(e, to);
    }
}

void dcm_dataset_take_all(struct dcm_dataset *d, struct dcm_dataset *from)
{
    dcm_dataset_settle(d);
    dcm_dataset_settle(from);
    take_all(&d->meta, &from->meta);
    take_all(&d->top, &from->top);
}

/* ----------------------------------------------------------------- order */

/* Two ascending lists to one; of equal tags those of a come first. */
static struct dcm_element *merge(struct dcm_element *a, struct dcm_element *b)
{
    struct dcm_element *first = NULL, **end = &first;

    while (a && b) {
        struct dcm_element **from = b->tag < a->tag ? &b : &a;

        *end = *from;
        end = &(*from)->next;
        *from = (*from)->next;
    }
    *end = a ? a : b;
    return first;
}

/* Merge sort from below: lists[i] is NULL or has 2^i elements, all of which
 * came before those of the lists under it. */
static struct dcm_element *sort(struct dcm_element *e)
{
    struct dcm_element *lists[64] = {NULL}, *all = NULL;
    size_t i;

    while (e) {
        struct dcm_element *one = e;

        e = e->next;
        one->next = NULL;
        for (i = 0; lists[i]; i++) {
            one = merge(lists[i], one);
            lists[i] = NULL;
        }
        lists[i] = one;
    }
    for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        if (lists[i])
            all = merge(lists[i], all);
    return all;
}

void dcm_item_settle(struct dcm_item *item)
{
    struct dcm_element *e;

    if (!item->unsorted)
        return;
    item->first = sort(item->first);
    for (e = item->first; e->next;)
        if (e->next->tag == e->tag)
            e->next = e->next->next;
        else
            e = e->next;
    item->last = e;
    item->unsorted = 0;
}

void dcm_dataset_settle(struct dcm_dataset *d)
{
    struct dcm_item *item = d->builder.item;

    dcm_item_settle(&d->meta);
    dcm_item_settle(&d->top);
    while (item) {
        dcm_item_settle(item);
        item = item->parent ? item->parent->parent : NULL;
    }
}

/* --------------------------------------------------------------- finding */

struct dcm_element *dcm_item_find_tag(const struct dcm_item *item, uint32_t tag)
{
    struct dcm_element *e = item->first;

    if (!item->last || item->last->tag < tag)
        return NULL;
    while (e->tag < tag)
        e = e->next;
    return e->tag == tag ? e : NULL;
}

/* The bytes of a creator without padding are these. */
static int is_creator(const struct dcm_element *e, const char *creator,
                      size_t n)
{
    const uint8_t *s = e->value.data;
    size_t have = (size_t)e->value.size;

    if (e->kind != DCM_ELEMENT_VALUE || !s)
        return 0;
    while (have && (s[have - 1] == ' ' || s[have - 1] == 0))
        have--;
    while (have && *s == ' ')
        s++, have--;
    return have == n && memcmp(s, creator, n) == 0;
}

unsigned dcm_item_find_block(const struct dcm_item *item, unsigned group,
                             const char *creator, size_t n)
{
    for (const struct dcm_element *e = item->first; e; e = e->next) {
        unsigned element = e->tag & 0xFFFF;

        if (e->tag >> 16 > group)
            break;
        if (e->tag >> 16 == group && element >= 0x10 && element <= 0xFF &&
            is_creator(e, creator, n))
            return element;
    }
    return 0;
}

struct dcm_element *dcm_item_find(const struct dcm_item *item,
                                  const struct dcm_path_step *step)
{
    unsigned block;

    if (!step->creator)
        return dcm_item_find_tag(item, step->tag);
    block = dcm_item_find_block(item, step->tag >> 16, step->creator,
                                step->creator_length);
    return block ? dcm_item_find_tag(item, step->tag | block << 8) : NULL;
}

struct dcm_item *dcm_element_item(const struct dcm_element *e, uint32_t n)
{
    struct dcm_item *item = e->first_item;

    if (e->kind != DCM_ELEMENT_SEQ)
        return NULL;
    for (; item && n > 1; n--)
        item = item->next;
    return item;
}

struct dcm_place dcm_dataset_walk(struct dcm_dataset *d,
                                  const struct dcm_path *path)
{
    struct dcm_place at = {&d->top, 0};

    dcm_dataset_settle(d);
    if (path->steps[0].tag >> 16 == 0x0002)
        at.item = &d->meta;
    while (at.step + 1 < path->count) {
        const struct dcm_path_step *step = &path->steps[at.step];
        const struct dcm_element *e = dcm_item_find(at.item, step);
        struct dcm_item *item = e ? dcm_element_item(e, step->item) : NULL;

        if (!item)
            break;
        at.item = item;
        at.step++;
    }
    return at;
}

struct dcm_element *dcm_dataset_find(struct dcm_dataset *d, const char *text)
{
    struct dcm_path path;
    const struct dcm_path_step *last;
    struct dcm_element *e;
    struct dcm_place at;

    if (!dcm_path_parse(&path, text) || path.anywhere || path.vr)
        return NULL;
    at = dcm_dataset_walk(d, &path);
    last = &path.steps[path.count - 1];
    if (last != &path.steps[at.step])
        return NULL;
    e = dcm_item_find(at.item, last);
    if (e && last->item && !dcm_element_item(e, last->item))
        return NULL;
    return e;
}

/* --------------------------------------------------------------- reading */

uint32_t dcm_element_tag(const struct dcm_element *e)
{
    return e->tag;
}

uint16_t dcm_element_vr(const struct dcm_element *e)
{
    return e->vr;
}

uint64_t dcm_element_size(const struct dcm_element *e)
{
    return e->kind == DCM_ELEMENT_VALUE ? e->value.size : 0;
}

const uint8_t *dcm_element_data(const struct dcm_element *e)
{
    return e->kind == DCM_ELEMENT_VALUE ? e->value.data : NULL;
}
