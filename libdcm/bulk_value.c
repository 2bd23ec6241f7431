/* Language. Values by reference (PS3.18 F.2.6, PS3.19 A.1.5), once a callback
 * has found them: nothing that it says is believed before it is there. Knows
 * how compressed Pixel Data are cut into items (PS3.5 A.4), but nothing of the
 * documents that refer to them. */
#include "bulk_value.h"
#include "header.h"
#include "input.h"

static enum dcm_status fail(struct dcm_error *e, enum dcm_status code,
                            const char *format, ...) DCM_PRINTF(3, 4);
static enum dcm_status fail(struct dcm_error *e, enum dcm_status code,
                            const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    dcm_error_vfill(e, code, DCM_NO_OFFSET, "", format, ap);
    va_end(ap);
    return code;
}

enum dcm_status dcm_bulk_check(const struct dcm_bulk_data *data,
                               struct dcm_error *e)
{
    const struct dcm_input *in = data->input;

    if (data->size == 0)
        return DCM_OK;
    if (!in || !in->read_at)
        return fail(e, DCM_ERR_ARGUMENT, "bulk data cannot be read again");
    if (in->size != UINT64_MAX &&
        (data->offset > in->size || data->size > in->size - data->offset))
        return fail(e, DCM_ERR_TRUNCATED,
                    "bulk data of %llu bytes at offset %llu pass the end of "
                    "what the URI names (PS3.18 F.2.6)",
                    (unsigned long long)data->size,
                    (unsigned long long)data->offset);
    if (data->size > UINT64_MAX / 2 || data->offset > UINT64_MAX / 2)
        return fail(e, DCM_ERR_ARGUMENT, "bulk data has no size");
    return DCM_OK;
}

enum dcm_status dcm_bulk_fetch(struct dcm_input *in, uint64_t offset, void *to,
                               size_t n, struct dcm_error *e)
{
    uint8_t *p = to;

    while (n) {
        ptrdiff_t got = in->read_at(in, offset, p, n);

        if (got < 0)
            return fail(e, in->error.code, "%s", in->error.message);
        if (got == 0)
            return fail(e, DCM_ERR_TRUNCATED,
                        "bulk data end %zu bytes too early (PS3.18 F.2.6)", n);
        p += got;
        n -= (size_t)got;
        offset += (uint64_t)got;
    }
    return DCM_OK;
}

enum dcm_status dcm_bulk_has_items(const struct dcm_bulk_data *data, int *has,
                                   struct dcm_error *e)
{
    enum dcm_status status;
    uint8_t head[4];

    *has = 0;
    if (data->size < 8)
        return DCM_OK;
    status = dcm_bulk_fetch(data->input, data->offset, head, 4, e);
    if (status == DCM_OK)
        *has = dcm_header_tag(head, 0) == DCM_ITEM;
    return status;
}

enum dcm_status dcm_bulk_items_next(struct dcm_bulk_items *items,
                                    struct dcm_bulk_data *item,
                                    struct dcm_error *e)
{
    const struct dcm_bulk_data *all = &items->data;
    unsigned long long from = items->at - all->offset; /* in messages */
    uint64_t left = all->offset + all->size - items->at;
    enum dcm_status status;
    uint8_t head[8];
    uint32_t tag;

    if (left == 0)
        return DCM_DONE;
    if (left < 8)
        return fail(e, DCM_ERR_TRUNCATED,
                    "bulk data end %u bytes into a fragment's header "
                    "(PS3.5 A.4)",
                    (unsigned)left);
    status = dcm_bulk_fetch(all->input, items->at, head, 8, e);
    if (status != DCM_OK)
        return status;
    tag = dcm_header_tag(head, 0);
    item->input = all->input;
    item->offset = items->at + 8;
    item->size = dcm_header_length(head + 4, 0);
    item->flags = 0;
    if (tag == DCM_SEQ_DELIMITER) {
        items->at += 8;
        return DCM_DONE;
    }
    if (tag != DCM_ITEM)
        return fail(e, DCM_ERR_MALFORMED,
                    "found (%04X,%04X) at offset %llu of bulk data, expected a "
                    "fragment (PS3.5 A.4)",
                    tag >> 16, tag & 0xFFFF, from);
    if (item->size > left - 8)
        return fail(e, DCM_ERR_TRUNCATED,
                    "fragment of %llu bytes at offset %llu passes the end of "
                    "bulk data (PS3.5 A.4)",
                    (unsigned long long)item->size, from);
    items->at += 8 + item->size;
    return DCM_OK;
}
