/* Language. What dataset_edit.c, which changes a tree, and dataset_check.c,
 * which says whether it may, share. */
#ifndef DCM_DATASET_EDIT_H
#define DCM_DATASET_EDIT_H

#include "dataset.h"

/* One change. */
struct dcm_edit {
    struct dcm_dataset *d;
    struct dcm_path path;
    struct dcm_place at;
    struct dcm_error *error;
    uint16_t vr;
    const uint8_t *data; /* the new value */
    size_t size;
};

static inline size_t dcm_edit_last(const struct dcm_edit *t)
{
    return t->path.count - 1;
}

static inline const struct dcm_item *
dcm_item_around(const struct dcm_item *item)
{
    return item->parent ? item->parent->parent : NULL;
}

static inline int dcm_tag_private(uint32_t tag)
{
    return (tag & 0x10000) != 0;
}

static inline int dcm_tag_creator(uint32_t tag)
{
    return dcm_tag_private(tag) && (tag & 0xFFFF) >= 0x10 &&
           (tag & 0xFFFF) <= 0xFF;
}

/* The path to step i, as "(0040,A730)[2]/(0009,xx01)", cut to fit. */
void dcm_edit_path(const struct dcm_edit *t, size_t i, char *out, size_t size);
/* Fills the error, for step i; returns code. */
enum dcm_status dcm_edit_fail(const struct dcm_edit *t, size_t i,
                              enum dcm_status code, const char *format, ...)
    DCM_PRINTF(4, 5);
/* The element that is there already, or NULL. */
struct dcm_element *dcm_edit_target(const struct dcm_edit *t);
/* Whether step i may be changed at all. */
enum dcm_status dcm_edit_check_tag(const struct dcm_edit *t, size_t i);
/* Whether a value may be set; then t->vr is its VR. */
enum dcm_status dcm_edit_check(struct dcm_edit *t);
/* The lowest block that has neither a creator nor elements, or 0. */
unsigned dcm_edit_free_block(const struct dcm_item *item, unsigned group);

#endif
