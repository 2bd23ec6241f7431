/* Source. Values that are bytes: InlineBinary, and BulkData, whose URI a
 * callback opens (PS3.19 A.1.5). Long ones are not held but pulled from where
 * they are. Opens no URI itself. */
#include "base64.h"
#include "xml_reader.h"

#include <string.h>

#define LONGEST 0xFFFFFFFEu /* that a length can say (PS3.5 7.1.1) */

/* VRs that are not bytes come so only when that was asked for, or with a
 * warning; their text is then in the set that (0008,0005) names. */
static void lend_charset(struct dcm_xml_reader *r, const struct dcm_vr *row)
{
    if (!(row->flags & DCM_VRF_CHARSET))
        return;
    dcm_scope_top(&r->scopes)->charset = top(r)->declared;
    r->lent_charset = 1;
}

enum step dcm_xml_reader_check_size(struct dcm_xml_reader *r, uint64_t size)
{
    const struct dcm_vr *row = dcm_vr_find(top(r)->vr);

    if (size > LONGEST)
        return dcm_xml_reader_fail(
            r, DCM_ERR_MALFORMED,
            "value of %llu bytes, more than a length can say (PS3.5 7.1.1)",
            (unsigned long long)size);
    if (size % row->unit &&
        !deviate(r, DCM_ISSUE_UNIT_LENGTH,
                 "value of %llu bytes, expected a multiple of %u",
                 (unsigned long long)size, row->unit))
        return STOP;
    return AGAIN;
}

/* A value that is not held here. */
static void lend(struct dcm_xml_reader *r, struct dcm_event *ev, uint64_t size)
{
    ev->size = size;
    ev->length = (uint32_t)(size + (size & 1));
    if (top(r)->again)
        ev->flags |= DCM_DUPLICATE;
    r->value.left = r->value.size = size;
    r->value.blame = r->at;
}

/* --------------------------------------------------------------- in the text
 */

enum step dcm_xml_reader_base64(struct dcm_xml_reader *r, struct dcm_event *ev,
                                const struct record *record, int load)
{
    uint64_t size = record->size;

    if (dcm_xml_reader_check_size(r, size) == STOP)
        return STOP;
    if (record->far) {
        memset(&r->base64, 0, offsetof(struct far_base64, rest));
        r->base64.next = ev->value_offset = record->start;
        r->base64.end = record->start + record->length;
        lend(r, ev, size);
        r->value.where = IN_BASE64;
        return EMIT;
    }
    if (size > r->limits.value)
        return dcm_xml_reader_fail(
            r, DCM_ERR_LIMIT,
            "InlineBinary of %llu bytes has to be held; raise the limit "
            "'value' to read on",
            (unsigned long long)size);
    if (!dcm_xml_reader_room(r, &r->bytes, (size_t)size + DCM_BASE64_SLACK) ||
        !dcm_xml_reader_decode(r, record, r->bytes.p))
        return r->phase == FAILED ? STOP : dcm_xml_reader_no_memory(r);
    if (load)
        return dcm_xml_reader_give(r, ev, r->bytes.p, size);
    lend(r, ev, size);
    r->value.where = IN_MEMORY;
    r->value.data = r->bytes.p;
    return EMIT;
}

static enum step may_be_inline(struct dcm_xml_reader *r,
                               const struct dcm_vr *row)
{
    if (r->tag == PIXEL_DATA && r->n_levels == 1 &&
        dcm_scope_top(&r->scopes)->encapsulated)
        return dcm_xml_reader_fail(
            r, DCM_ERR_MALFORMED,
            "InlineBinary for Pixel Data in an encapsulated transfer syntax, "
            "expected BulkData (PS3.19 A.1.5)");
    if (row->kind == DCM_KIND_BYTES)
        return AGAIN;
    if (!r->binary_numbers)
        return dcm_xml_reader_fail(
            r, DCM_ERR_MALFORMED,
            "InlineBinary for VR %c%c, which cannot have it (PS3.19 A.1.5)",
            row->code >> 8, row->code & 255);
    return deviate(r, DCM_ISSUE_BINARY_VR, "InlineBinary for VR %c%c",
                   row->code >> 8, row->code & 255)
               ? AGAIN
               : STOP;
}

enum step dcm_xml_reader_inline(struct dcm_xml_reader *r, struct dcm_event *ev)
{
    const struct dcm_vr *row = dcm_vr_find(top(r)->vr);
    const struct record *record = dcm_xml_reader_peek(r);
    enum step step;

    if (!record || may_be_inline(r, row) == STOP)
        return STOP;
    dcm_xml_reader_event(r, ev, DCM_EVENT_VALUE);
    lend_charset(r, row);
    step = dcm_xml_reader_base64(r, ev, record, 1);
    dcm_xml_reader_take(r);
    return dcm_xml_reader_rest(r, step);
}

/* ----------------------------------------------------------------- by URI */

int dcm_xml_reader_take_uri(struct dcm_xml_reader *r,
                            const struct record *record)
{
    size_t n = (size_t)record->length;

    if (!dcm_xml_reader_room(r, &r->uri, n))
        return 0;
    memcpy(r->uri.p, dcm_xml_reader_text(r, record), n);
    r->uri_length = n;
    return 1;
}

enum step dcm_xml_reader_open_uri(struct dcm_xml_reader *r, unsigned number,
                                  struct dcm_bulk_data *data, int *done)
{
    struct dcm_error error;
    struct dcm_event ev;
    enum dcm_status status;

    memset(&error, 0, sizeof(error));
    memset(data, 0, sizeof(*data));
    dcm_xml_reader_event(r, &ev, DCM_EVENT_VALUE);
    ev.offset = ev.value_offset = r->at.offset;
    status = r->bulk(r->user, &ev, (const char *)r->uri.p, r->uri_length,
                     number, data, &error);
    *done = status == DCM_DONE && number > 0;
    if (*done)
        return AGAIN;
    if (status == DCM_OK)
        status = dcm_bulk_check(data, &error);
    if (status == DCM_OK)
        return AGAIN;
    if (status == DCM_DONE)
        status = DCM_ERR_READ;
    return dcm_xml_reader_fail(r, status, "%s",
                               error.message[0] ? error.message
                                                : "nothing at this BulkData");
}

enum step dcm_xml_reader_give_bulk(struct dcm_xml_reader *r,
                                   struct dcm_event *ev,
                                   const struct dcm_bulk_data *data, int load)
{
    size_t n = (size_t)data->size;
    struct dcm_error e;

    ev->flags = data->flags & DCM_BIG_ENDIAN;
    ev->input = data->input;
    ev->value_offset = data->offset;
    if (dcm_xml_reader_check_size(r, data->size) == STOP)
        return STOP;
    if (!load || data->size > DCM_VALUE_LOADED) {
        lend(r, ev, data->size);
        r->value.where = IN_INPUT;
        r->value.input = data->input;
        r->value.offset = data->offset;
        return EMIT;
    }
    if (!dcm_xml_reader_room(r, &r->bytes, n ? n : 1))
        return STOP;
    if (n &&
        dcm_bulk_fetch(data->input, data->offset, r->bytes.p, n, &e) != DCM_OK)
        return dcm_xml_reader_fail(r, e.code, "%s", e.message);
    return dcm_xml_reader_give(r, ev, r->bytes.p, n);
}

static enum step give_reference(struct dcm_xml_reader *r, struct dcm_event *ev)
{
    ev->flags = DCM_REFERENCE;
    lend(r, ev, r->uri_length);
    ev->data = r->uri.p;
    r->value.where = IN_MEMORY;
    r->value.data = r->uri.p;
    return EMIT;
}

/* Compressed Pixel Data are items, or one frame a part; icons in items may
 * be native in any transfer syntax (PS3.5 A.4). */
static enum step give_pixels(struct dcm_xml_reader *r, struct dcm_event *ev,
                             const struct dcm_bulk_data *data)
{
    struct dcm_error e;
    int items;

    if (dcm_bulk_has_items(data, &items, &e) != DCM_OK)
        return dcm_xml_reader_fail(r, e.code, "%s", e.message);
    if (items)
        return dcm_xml_reader_open_items(r, ev, data);
    if (dcm_scope_top(&r->scopes)->encapsulated && r->n_levels == 1)
        return dcm_xml_reader_open_frames(r, ev, data);
    return dcm_xml_reader_rest(r, dcm_xml_reader_give_bulk(r, ev, data, 1));
}

enum step dcm_xml_reader_uri(struct dcm_xml_reader *r, struct dcm_event *ev)
{
    const struct dcm_vr *row = dcm_vr_find(top(r)->vr);
    const struct record *record = dcm_xml_reader_peek(r);
    struct dcm_bulk_data data;
    int done;

    if (!record || !dcm_xml_reader_take_uri(r, record))
        return STOP;
    dcm_xml_reader_take(r);
    if (!(row->flags & DCM_VRF_BULK) &&
        !deviate(r, DCM_ISSUE_BINARY_VR,
                 "BulkData for VR %c%c, which cannot have it", row->code >> 8,
                 row->code & 255))
        return STOP;
    dcm_xml_reader_event(r, ev, DCM_EVENT_VALUE);
    if (!r->bulk)
        return dcm_xml_reader_rest(r, give_reference(r, ev));
    if (dcm_xml_reader_open_uri(r, 0, &data, &done) == STOP)
        return STOP;
    if (r->tag == PIXEL_DATA)
        return give_pixels(r, ev, &data);
    lend_charset(r, row);
    return dcm_xml_reader_rest(r, dcm_xml_reader_give_bulk(r, ev, &data, 1));
}

/* ------------------------------------------------------------------ pulling */

enum dcm_status dcm_xml_reader_read(struct dcm_xml_reader *r, uint8_t *to,
                                    size_t n, size_t *got)
{
    struct held_value *v = &r->value;
    struct dcm_error e;

    if (v->where == NO_VALUE)
        return DCM_OK;
    r->at = v->where == IN_MEMORY ? r->at : v->blame;
    if (v->where == IN_BASE64)
        return dcm_xml_reader_pull(r, to, n, got) ? DCM_OK : r->error.code;
    if (n > v->left)
        n = (size_t)v->left;
    if (v->where == IN_MEMORY) {
        if (n)
            memcpy(to, v->data + (v->size - v->left), n);
    } else if (dcm_bulk_fetch(v->input, v->offset + (v->size - v->left), to, n,
                              &e) != DCM_OK) {
        dcm_xml_reader_fail(r, e.code, "%s", e.message);
        return r->error.code;
    }
    v->left -= n;
    *got = n;
    return DCM_OK;
}
