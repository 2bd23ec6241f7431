/* Language. Changes to a data set in memory by path: a value set, an element
 * or item removed. dataset_check.c says beforehand whether it may be, and the
 * bytes of a value are made in dataset_value.c, so that what fails leaves the
 * data set as it was. */
#include "dataset_edit.h"
#include "dataset_value.h"
#include "syntax.h"
#include "vr.h"

#include <string.h>

static enum dcm_status no_memory(const struct dcm_edit *t, size_t i)
{
    return dcm_edit_fail(t, i, DCM_ERR_MEMORY,
                         "no memory to change the data set");
}

static enum dcm_status begin(struct dcm_edit *t, struct dcm_dataset *d,
                             const char *text, struct dcm_error *error)
{
    memset(t, 0, sizeof(*t));
    t->d = d;
    t->error = error;
    if (error)
        memset(error, 0, sizeof(*error));
    if (!dcm_path_parse(&t->path, text) || t->path.anywhere)
        return dcm_error_fill(error, DCM_ERR_ARGUMENT, DCM_NO_OFFSET, "",
                              "not a path to one attribute");
    t->at = dcm_dataset_walk(d, &t->path);
    return DCM_OK;
}

/* --------------------------------------------------- what is inherited */

static const struct dcm_charset *charset_of(const struct dcm_dataset *d,
                                            const struct dcm_item *item)
{
    for (; item; item = dcm_item_around(item))
        if (item->has_charset)
            return &item->charset;
    return &d->charset;
}

/* Byte order and form of the headers: as of what is there, else as of what is
 * around; UN holds implicit little endian (PS3.5 6.2.2). */
static unsigned encoding_of(const struct dcm_dataset *d,
                            const struct dcm_item *item)
{
    unsigned deflated = d->syntax_flags & DCM_DEFLATED;
    const struct dcm_syntax *syntax;

    for (; item != &d->meta; item = dcm_item_around(item)) {
        if (item->encoded)
            return item->encoding;
        if (!item->parent)
            break;
        if (item->parent->stored == VR_UN)
            return DCM_IMPLICIT | deflated;
    }
    if (item == &d->meta)
        return 0;
    syntax = dcm_syntax_find(d->syntax, d->syntax_length);
    if (!syntax)
        return deflated;
    return (syntax->flags & DCM_TS_IMPLICIT ? DCM_IMPLICIT : 0u) |
           (syntax->flags & DCM_TS_BIG_ENDIAN ? DCM_BIG_ENDIAN : 0u) | deflated;
}

/* ----------------------------------------------------------- a new value */

static enum dcm_status make_value(struct dcm_edit *t, const char *text)
{
    static const struct dcm_charset plain;
    uint32_t tag = t->path.steps[dcm_edit_last(t)].tag;
    struct dcm_value_form form = {t->vr, 0, NULL, NULL, &t->d->encoder};
    char path[96];

    if (t->vr == VR_SQ) {
        if (*text)
            return dcm_edit_fail(
                t, dcm_edit_last(t), DCM_ERR_ARGUMENT,
                "a sequence has no value but items: set what is in "
                "them (PS3.5 7.5)");
        return DCM_OK;
    }
    dcm_edit_path(t, dcm_edit_last(t), path, sizeof(path));
    form.path = path;
    form.big = (encoding_of(t->d, t->at.item) & DCM_BIG_ENDIAN) != 0;
    form.charset = charset_of(t->d, t->at.item);
    if (tag >> 16 == 0x0002 ||
        (dcm_tag_creator(tag) && !t->path.steps[dcm_edit_last(t)].creator))
        form.charset = &plain;
    return dcm_value_make(&form, text, &t->d->arena, &t->data, &t->size,
                          t->error);
}

/* ---------------------------------------------------------------- making */

/* What all made elements have in common. */
static void dress(const struct dcm_edit *t, struct dcm_element *e, uint16_t vr,
                  enum dcm_element_kind kind)
{
    e->vr = vr;
    e->flags = (uint16_t)encoding_of(t->d, e->parent);
    e->stored = e->flags & DCM_IMPLICIT ? 0 : vr;
    e->kind = (uint8_t)kind;
    e->value.data = NULL;
    e->value.input = NULL;
    e->value.offset = DCM_NO_OFFSET;
    e->value.size = 0;
    e->length = 0;
    e->first_item = e->last_item = NULL;
}

static int put_value(const struct dcm_edit *t, struct dcm_element *e,
                     uint16_t vr, const uint8_t *data, size_t size)
{
    dress(t, e, vr, DCM_ELEMENT_VALUE);
    e->value.data = data;
    e->value.size = size;
    e->length = (uint32_t)size;
    return 1;
}

/* Reserves a block: 0 when there is no memory. */
static unsigned reserve(const struct dcm_edit *t, struct dcm_item *item,
                        const struct dcm_path_step *step)
{
    unsigned group = step->tag >> 16, block = dcm_edit_free_block(item, group);
    size_t n = step->creator_length;
    uint8_t *text = dcm_arena_bytes(&t->d->arena, n + 1);
    struct dcm_element *e =
        text ? dcm_element_insert(t->d, item, (uint32_t)group << 16 | block)
             : NULL;

    if (!e)
        return 0;
    memcpy(text, step->creator, n);
    text[n] = ' ';
    put_value(t, e, VR_LO, text, n + (n & 1));
    return block;
}

/* The element of a step in an item, made if need be; NULL: no memory. */
static struct dcm_element *element_of(const struct dcm_edit *t,
                                      struct dcm_item *item,
                                      const struct dcm_path_step *step)
{
    struct dcm_element *e = dcm_item_find(item, step);
    uint32_t tag = step->tag;

    if (e)
        return e;
    if (step->creator) {
        unsigned block = dcm_item_find_block(item, tag >> 16, step->creator,
                                             step->creator_length);

        if (!block)
            block = reserve(t, item, step);
        if (!block)
            return NULL;
        tag |= (uint32_t)block << 8;
    }
    e = dcm_element_insert(t->d, item, tag);
    if (e)
        dress(t, e, VR_SQ, DCM_ELEMENT_SEQ);
    return e;
}

/* One more item, at the end of a sequence. */
static struct dcm_item *add_item(const struct dcm_edit *t,
                                 struct dcm_element *seq)
{
    struct dcm_item *item = dcm_item_new(t->d, seq);

    if (!item)
        return NULL;
    item->number = seq->last_item ? seq->last_item->number + 1 : 1;
    item->flags = seq->flags;
    t->d->builder.items++;
    dcm_item_append(item);
    return item;
}

/* What depends on a value is kept with the item. */
static void note(struct dcm_element *e)
{
    const uint8_t *p = e->value.data;

    if (e->tag != 0x00280103)
        return;
    e->parent->pixel_representation = -1;
    if (e->vr == VR_US && e->value.size >= 2)
        e->parent->pixel_representation =
            (p[0] | p[1]) == 1 && p[e->flags & DCM_BIG_ENDIAN ? 1 : 0] == 1;
}

static enum dcm_status apply(const struct dcm_edit *t)
{
    struct dcm_item *item = t->at.item;
    struct dcm_element *e;

    for (size_t i = t->at.step; i < dcm_edit_last(t); i++) {
        e = element_of(t, item, &t->path.steps[i]);
        item = e ? add_item(t, e) : NULL;
        if (!item)
            return no_memory(t, i);
    }
    e = element_of(t, item, &t->path.steps[dcm_edit_last(t)]);
    if (!e)
        return no_memory(t, dcm_edit_last(t));
    if (t->vr == VR_SQ)
        dress(t, e, VR_SQ, DCM_ELEMENT_SEQ);
    else
        put_value(t, e, t->vr, t->data, t->size);
    note(e);
    return DCM_OK;
}

enum dcm_status dcm_dataset_set(struct dcm_dataset *d, const char *path,
                                const char *value, struct dcm_error *error)
{
    struct dcm_edit t;
    enum dcm_status status = begin(&t, d, path, error);

    if (status == DCM_OK)
        status = dcm_edit_check(&t);
    if (status == DCM_OK)
        status = make_value(&t, value);
    return status == DCM_OK ? apply(&t) : status;
}

/* -------------------------------------------------------------- removing */

/* Those after it move up. */
static void remove_item(struct dcm_element *seq, struct dcm_item *item)
{
    struct dcm_item **place = &seq->first_item, *before = NULL;

    while (*place != item) {
        before = *place;
        place = &before->next;
    }
    *place = item->next;
    if (seq->last_item == item)
        seq->last_item = before;
    for (item = item->next; item; item = item->next)
        item->number--;
}

enum dcm_status dcm_dataset_remove(struct dcm_dataset *d, const char *path,
                                   struct dcm_error *error)
{
    struct dcm_edit t;
    enum dcm_status status = begin(&t, d, path, error);
    const struct dcm_path_step *last;
    struct dcm_element *e;
    struct dcm_item *item;

    if (status != DCM_OK)
        return status;
    if (t.path.vr)
        return dcm_edit_fail(&t, dcm_edit_last(&t), DCM_ERR_ARGUMENT,
                             "a VR says nothing of what to remove");
    status = dcm_edit_check_tag(&t, 0);
    if (status != DCM_OK)
        return status;
    last = &t.path.steps[dcm_edit_last(&t)];
    e = dcm_edit_target(&t);
    if (e && last->item && e->kind != DCM_ELEMENT_SEQ)
        return dcm_edit_fail(&t, dcm_edit_last(&t), DCM_ERR_ARGUMENT,
                             "is no sequence (PS3.5 7.5)");
    item = e && last->item ? dcm_element_item(e, last->item) : NULL;
    if (!e || (last->item && !item))
        return DCM_DONE;
    if (item)
        remove_item(e, item);
    else
        dcm_element_unlink(e);
    return DCM_OK;
}
