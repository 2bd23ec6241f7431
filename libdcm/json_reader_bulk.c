/* Source. Values that are bytes: "InlineBinary", base64 in the text, and
 * "BulkDataURI", which a callback opens (PS3.18 F.2.6, F.2.7). Long ones are
 * not held but pulled from where they are. Opens no URI itself. */
#include "json_reader.h"

#include <string.h>

#define LONGEST 0xFFFFFFFEu /* that a length can say (PS3.5 7.1.1) */

/* ------------------------------------------------------------------- common */

/* VRs that are not bytes come so only when that was asked for, or with a
 * warning; their text is then in the set that (0008,0005) names. */
static void lend_charset(struct dcm_json_reader *r, const struct dcm_vr *row)
{
    if (!(row->flags & DCM_VRF_CHARSET))
        return;
    dcm_scope_top(&r->scopes)->charset = top(r)->declared;
    r->lent_charset = 1;
}

static enum step check_size(struct dcm_json_reader *r, uint64_t size,
                            uint64_t at)
{
    const struct dcm_vr *row = dcm_vr_find(top(r)->vr);

    if (size > LONGEST)
        return dcm_json_reader_fail(
            r, DCM_ERR_MALFORMED, at,
            "value of %llu bytes, more than a length can say (PS3.5 7.1.1)",
            (unsigned long long)size);
    if (size % row->unit &&
        !deviate(r, DCM_ISSUE_UNIT_LENGTH, at,
                 "value of %llu bytes, expected a multiple of %u",
                 (unsigned long long)size, row->unit))
        return STOP;
    return AGAIN;
}

/* --------------------------------------------------------------- in the text
 */

static enum step load_base64(struct dcm_json_reader *r)
{
    struct dcm_json_base64 *b = &r->base64;
    size_t want = (size_t)b->size, have = 0, got = 1;

    if (!dcm_json_reader_room(r, &r->bytes, want ? want : 1))
        return STOP;
    while (have < want && got) {
        if (dcm_json_base64_read(b, r->bytes.p + have, want - have, &got) < 0)
            return dcm_json_reader_scan_failed(r);
        have += got;
    }
    dcm_json_scan_seek(&r->scan, b->end);
    return AGAIN;
}

enum step dcm_json_reader_base64(struct dcm_json_reader *r,
                                 struct dcm_event *ev, int load)
{
    struct dcm_json_base64 *b = &r->base64;
    int first = dcm_json_scan_peek(&r->scan);

    if (first != '"')
        return dcm_json_reader_unexpected(r, dcm_json_scan_next(&r->scan),
                                          "a string of base64 (PS3.18 F.2.7)");
    if (dcm_json_base64_open(b, &r->scan) < 0)
        return dcm_json_reader_scan_failed(r);
    if (b->spaces &&
        !deviate(r, DCM_ISSUE_BASE64_SPACE, b->at, "white space in base64"))
        return STOP;
    if (check_size(r, b->size, b->at) == STOP)
        return STOP;
    ev->value_offset = b->at;
    if (load && b->size <= DCM_VALUE_LOADED) {
        if (load_base64(r) == STOP)
            return STOP;
        return dcm_json_reader_give(r, ev, r->bytes.p, b->size);
    }
    ev->size = b->size;
    ev->length = (uint32_t)(b->size + (b->size & 1));
    r->value.where = IN_BASE64;
    return AGAIN;
}

/* Some writers put the items of fragments into base64, which the model does
 * not have: without an encapsulated transfer syntax that can't be told from
 * pixels, but for the item tag that they begin with. */
static int begins_with_item(struct dcm_json_reader *r)
{
    static const char item[] = "\"/v8A4"; /* FE FF 00 E0 */
    size_t n = sizeof(item) - 1;

    return dcm_json_scan_peek(&r->scan) == '"' &&
           dcm_json_scan_ahead(&r->scan, n) >= n &&
           memcmp(r->scan.p, item, n) == 0;
}

static enum step may_be_inline(struct dcm_json_reader *r,
                               const struct dcm_vr *row)
{
    uint64_t at = dcm_json_scan_tell(&r->scan);

    if (r->tag == PIXEL_DATA && r->n_levels == 1 &&
        dcm_scope_top(&r->scopes)->encapsulated)
        return dcm_json_reader_fail(
            r, DCM_ERR_MALFORMED, at,
            "InlineBinary for Pixel Data in an encapsulated transfer syntax, "
            "expected BulkDataURI (PS3.18 F.2.6)");
    if (r->tag == PIXEL_DATA && r->n_levels == 1 && begins_with_item(r) &&
        !deviate(r, DCM_ISSUE_ENCAPSULATED, at,
                 "InlineBinary of fragments in a native transfer syntax, "
                 "taken as pixels"))
        return STOP;
    if (row->kind == DCM_KIND_BYTES)
        return AGAIN;
    if (!r->binary_numbers)
        return dcm_json_reader_fail(
            r, DCM_ERR_MALFORMED, at,
            "InlineBinary for VR %c%c, which cannot have it (PS3.18 F.2.2)",
            row->code >> 8, row->code & 255);
    return deviate(r, DCM_ISSUE_BINARY_VR, at, "InlineBinary for VR %c%c",
                   row->code >> 8, row->code & 255)
               ? AGAIN
               : STOP;
}

enum step dcm_json_reader_inline(struct dcm_json_reader *r,
                                 struct dcm_event *ev)
{
    struct dcm_json_scan *s = &r->scan;
    const struct dcm_vr *row = dcm_vr_find(top(r)->vr);
    int in_array = dcm_json_scan_peek(s) == '[', token;

    if (may_be_inline(r, row) == STOP)
        return STOP;
    if (in_array) {
        if (!deviate(r, DCM_ISSUE_VALUE_ARRAY, dcm_json_scan_tell(s),
                     "InlineBinary is an array, expected a string"))
            return STOP;
        dcm_json_scan_next(s);
    }
    dcm_json_reader_event(r, ev, DCM_EVENT_VALUE);
    lend_charset(r, row);
    if (dcm_json_reader_base64(r, ev, 1) == STOP)
        return STOP;
    top(r)->ready = 1;
    if (!in_array)
        return AGAIN;
    token = dcm_json_scan_next(s);
    return token == ']' ? AGAIN
                        : dcm_json_reader_unexpected(
                              r, token, "']' after one string (PS3.18 F.2.7)");
}

/* ----------------------------------------------------------------- by URI */

size_t dcm_json_reader_take_uri(struct dcm_json_reader *r, uint64_t *at)
{
    struct dcm_json_scan *s = &r->scan;
    int token = dcm_json_scan_next(s);

    *at = s->at;
    if (token != DCM_JSON_STRING) {
        dcm_json_reader_unexpected(r, token,
                                   "a string that is a URI (PS3.18 F.2.6)");
        return 0;
    }
    if (s->length == 0) {
        dcm_json_reader_fail(r, DCM_ERR_MALFORMED, s->at,
                             "empty BulkDataURI (PS3.18 F.2.6)");
        return 0;
    }
    if (!dcm_json_reader_room(r, &r->uri, s->length))
        return 0;
    memcpy(r->uri.p, s->text, s->length);
    r->uri_length = s->length;
    return s->length;
}

enum step dcm_json_reader_open_uri(struct dcm_json_reader *r, uint64_t at,
                                   unsigned number, struct dcm_bulk_data *data,
                                   int *done)
{
    struct dcm_error error;
    struct dcm_event ev;
    enum dcm_status status;

    memset(&error, 0, sizeof(error));
    memset(data, 0, sizeof(*data));
    dcm_json_reader_event(r, &ev, DCM_EVENT_VALUE);
    ev.offset = ev.value_offset = at;
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
    return dcm_json_reader_fail(
        r, status, at, "%s",
        error.message[0] ? error.message : "nothing at this BulkDataURI");
}

enum step dcm_json_reader_bulk_failed(struct dcm_json_reader *r,
                                      const struct dcm_error *e,
                                      uint64_t uri_at)
{
    return dcm_json_reader_fail(r, e->code, uri_at, "%s", e->message);
}

enum step dcm_json_reader_give_bulk(struct dcm_json_reader *r,
                                    struct dcm_event *ev,
                                    const struct dcm_bulk_data *data,
                                    uint64_t uri_at, int load)
{
    size_t n = (size_t)data->size;
    enum step step = AGAIN;
    struct dcm_error e;

    ev->flags = data->flags & DCM_BIG_ENDIAN;
    ev->input = data->input;
    ev->value_offset = data->offset;
    if (check_size(r, data->size, uri_at) == STOP)
        return STOP;
    if (load && data->size <= DCM_VALUE_LOADED) {
        if (!dcm_json_reader_room(r, &r->bytes, n ? n : 1))
            return STOP;
        if (n && dcm_bulk_fetch(data->input, data->offset, r->bytes.p, n, &e) !=
                     DCM_OK)
            return dcm_json_reader_bulk_failed(r, &e, uri_at);
        step = dcm_json_reader_give(r, ev, r->bytes.p, n);
    } else {
        ev->size = data->size;
        ev->length = (uint32_t)(data->size + (data->size & 1));
        r->value.where = IN_INPUT;
        r->value.input = data->input;
        r->value.offset = data->offset;
        r->value.left = r->value.size = data->size;
        r->value.uri_at = uri_at;
    }
    return step;
}

static enum step give_reference(struct dcm_json_reader *r, struct dcm_event *ev,
                                uint64_t at)
{
    ev->value_offset = at;
    ev->flags = DCM_REFERENCE;
    ev->data = r->uri.p;
    ev->size = r->uri_length;
    ev->length = (uint32_t)(ev->size + (ev->size & 1));
    r->value.where = IN_MEMORY;
    r->value.data = ev->data;
    r->value.left = r->value.size = ev->size;
    return AGAIN;
}

/* Compressed Pixel Data are items, or one frame a part; icons in items may
 * be native in any transfer syntax (PS3.5 A.4). */
static enum step give_pixels(struct dcm_json_reader *r, struct dcm_event *ev,
                             const struct dcm_bulk_data *data, uint64_t at)
{
    int encapsulated = dcm_scope_top(&r->scopes)->encapsulated, items;
    struct dcm_error e;

    if (dcm_bulk_has_items(data, &items, &e) != DCM_OK)
        return dcm_json_reader_bulk_failed(r, &e, at);
    if (items && !encapsulated && !r->any_order)
        return dcm_json_reader_want_tree(
            r, at,
            "bulk Pixel Data are items, but the transfer syntax is not "
            "encapsulated (PS3.5 A.4)");
    if (items)
        return dcm_json_reader_open_items(r, ev, data, at);
    if (encapsulated && r->n_levels == 1)
        return dcm_json_reader_open_frames(r, ev, data, at);
    return dcm_json_reader_give_bulk(r, ev, data, at, 1);
}

/* Some servers leave long sequences out and name a URI, which the model does
 * not have. What nothing is at is empty; items in bytes have no form here. */
enum step dcm_json_reader_items_uri(struct dcm_json_reader *r)
{
    struct dcm_bulk_data data;
    uint64_t at;
    int done;

    if (!dcm_json_reader_take_uri(r, &at) ||
        !deviate(r, DCM_ISSUE_BINARY_VR, at,
                 "BulkDataURI for VR SQ, which cannot have it") ||
        dcm_json_reader_open_uri(r, at, 0, &data, &done) == STOP)
        return STOP;
    return data.size == 0
               ? AGAIN
               : dcm_json_reader_fail(r, DCM_ERR_MALFORMED, at,
                                      "bytes for a sequence, expected its "
                                      "items (PS3.18 F.2.2)");
}

enum step dcm_json_reader_uri(struct dcm_json_reader *r, struct dcm_event *ev)
{
    const struct dcm_vr *row = dcm_vr_find(top(r)->vr);
    struct dcm_bulk_data data;
    enum step step;
    uint64_t at;
    int done;

    if (!dcm_json_reader_take_uri(r, &at))
        return STOP;
    if (!(row->flags & DCM_VRF_BULK) &&
        !deviate(r, DCM_ISSUE_BINARY_VR, at,
                 "BulkDataURI for VR %c%c, which cannot have it",
                 row->code >> 8, row->code & 255))
        return STOP;
    dcm_json_reader_event(r, ev, DCM_EVENT_VALUE);
    if (!r->bulk) {
        top(r)->ready = 1;
        return give_reference(r, ev, at);
    }
    if (dcm_json_reader_open_uri(r, at, 0, &data, &done) == STOP)
        return STOP;
    if (r->tag == PIXEL_DATA) {
        step = give_pixels(r, ev, &data, at);
    } else {
        lend_charset(r, row);
        step = dcm_json_reader_give_bulk(r, ev, &data, at, 1);
    }
    top(r)->ready = step == AGAIN;
    return step;
}

/* ------------------------------------------------------------------ pulling */

enum dcm_status dcm_json_reader_read(struct dcm_json_reader *r, uint8_t *to,
                                     size_t n, size_t *got)
{
    struct held_value *v = &r->value;
    struct dcm_error e;
    size_t more = 1;

    if (v->where == IN_BASE64) {
        while (*got < n && more) {
            if (dcm_json_base64_read(&r->base64, to + *got, n - *got, &more) <
                0) {
                dcm_json_reader_scan_failed(r);
                return r->error.code;
            }
            *got += more;
        }
        return DCM_OK;
    }
    if (v->where == NO_VALUE)
        return DCM_OK;
    if (n > v->left)
        n = (size_t)v->left;
    if (v->where == IN_MEMORY) {
        if (n)
            memcpy(to, v->data + (v->size - v->left), n);
    } else if (dcm_bulk_fetch(v->input, v->offset + (v->size - v->left), to, n,
                              &e) != DCM_OK) {
        dcm_json_reader_bulk_failed(r, &e, v->uri_at);
        return r->error.code;
    }
    v->left -= n;
    *got = n;
    return DCM_OK;
}
