/* Language. Pixel Data of compressed frames for a data set in memory (PS3.5
 * A.4). Knows nothing of what is in a frame. */
#include "dataset.h"
#include "syntax.h"
#include "vr.h"

#include <string.h>

#define PIXELS 0x7FE00010u
#define LONGEST 0xFFFFFFFEu /* of a fragment */

static enum dcm_status fail(struct dcm_error *error, enum dcm_status code,
                            const char *message)
{
    return dcm_error_fill(error, code, DCM_NO_OFFSET, "(7FE0,0010)", "%s",
                          message);
}

static struct dcm_item *add_fragment(struct dcm_dataset *d,
                                     struct dcm_element *e)
{
    struct dcm_item *item = dcm_item_new(d, e);

    if (!item)
        return NULL;
    item->number = e->last_item ? e->last_item->number + 1 : 1;
    dcm_item_append(item);
    return item;
}

/* The empty Basic Offset Table, and a fragment for each frame. */
static int add_all(struct dcm_dataset *d, struct dcm_element *e,
                   const struct dcm_bulk_data *frames, size_t count)
{
    struct dcm_item *item = add_fragment(d, e);

    if (!item)
        return 0;
    item->value.data = (const uint8_t *)"";
    for (size_t i = 0; i < count; i++) {
        item = add_fragment(d, e);
        if (!item)
            return 0;
        item->length = (uint32_t)frames[i].size;
        item->value.input = frames[i].input;
        item->value.offset = frames[i].offset;
        item->value.size = frames[i].size;
    }
    return 1;
}

static enum dcm_status check(const char *syntax,
                             const struct dcm_bulk_data *frames, size_t count,
                             struct dcm_error *error)
{
    const struct dcm_syntax *row = dcm_syntax_find(syntax, strlen(syntax));

    if (!row || !(row->flags & DCM_TS_ENCAPSULATED))
        return fail(error, DCM_ERR_ARGUMENT,
                    "no transfer syntax of encapsulated Pixel Data (PS3.5 "
                    "A.4)");
    for (size_t i = 0; i < count; i++) {
        if (!frames[i].input->read_at)
            return fail(error, DCM_ERR_ARGUMENT,
                        "a frame in an input that can't be read again");
        if (frames[i].size == 0 || frames[i].size > LONGEST)
            return fail(error, DCM_ERR_LIMIT,
                        "a frame of no bytes, or of more than a fragment "
                        "holds (PS3.5 A.4)");
    }
    return DCM_OK;
}

enum dcm_status dcm_dataset_set_frames(struct dcm_dataset *d,
                                       const char *syntax,
                                       const struct dcm_bulk_data *frames,
                                       size_t count, struct dcm_error *error)
{
    enum dcm_status status = check(syntax, frames, count, error);
    struct dcm_element *e;

    if (status != DCM_OK)
        return status;
    dcm_dataset_settle(d);
    e = dcm_item_find_tag(&d->top, PIXELS);
    if (e)
        dcm_element_unlink(e);
    e = dcm_element_insert(d, &d->top, PIXELS);
    if (!e || !add_all(d, e, frames, count))
        return fail(error, DCM_ERR_MEMORY, "no memory for frames");
    e->kind = DCM_ELEMENT_FRAGS;
    e->vr = e->stored = VR_OB;
    e->length = DCM_UNDEFINED;
    d->encapsulated = 1;
    return dcm_dataset_set_syntax(d, syntax);
}
