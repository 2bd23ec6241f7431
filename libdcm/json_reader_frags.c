/* Source. Encapsulated Pixel Data (PS3.5 A.4), which has no form of its own in
 * JSON: bulk data that are the items as a file has them, bulk data that are
 * one frame a part (PS3.18 8.7), and dcm4che's DataFragment, an array of
 * fragments. Knows nothing of what is in a fragment. */
#include "json_reader.h"

#include <string.h>

/* ----------------------------------------------------------------- common */

/* FRAGS, whose events are those of the attribute at hand. */
static enum step open_frags(struct dcm_json_reader *r, struct dcm_event *ev)
{
    struct level *level = top(r);

    level->vr = VR_OB; /* whatever it says (PS3.5 A.4) */
    level->count = 0;
    level->place = IN_FRAGMENTS;
    dcm_json_reader_event(r, ev, DCM_EVENT_FRAGS);
    return EMIT;
}

static enum step close_frags(struct dcm_json_reader *r, struct dcm_event *ev,
                             uint64_t at)
{
    struct level *level = top(r);

    if (level->count == 0 &&
        !deviate(r, DCM_ISSUE_FRAGMENT, level->key,
                 "no offset table item, expected one even if it is empty"))
        return STOP;
    dcm_json_reader_event(r, ev, DCM_EVENT_FRAGS_END);
    ev->value_offset = at;
    dcm_json_reader_resume(r, level);
    return EMIT;
}

static enum step next_fragment(struct dcm_json_reader *r, struct dcm_event *ev,
                               uint64_t at)
{
    if (!dcm_json_reader_count_item(r, at))
        return STOP;
    dcm_json_reader_event(r, ev, DCM_EVENT_FRAGMENT);
    ev->number = ++top(r)->count;
    ev->offset = at;
    ev->length = 0;
    return AGAIN;
}

/* A fragment without bytes. */
static enum step give_empty(struct dcm_event *ev)
{
    if (ev->number == 1)
        ev->data = (const uint8_t *)"";
    return EMIT;
}

static enum step give(struct dcm_json_reader *r, struct dcm_event *ev,
                      const struct dcm_bulk_data *data, uint64_t uri_at)
{
    if (dcm_json_reader_give_bulk(r, ev, data, uri_at, ev->number == 1) == STOP)
        return STOP;
    return EMIT;
}

/* -------------------------------------------------- bulk data that are items
 */

enum step dcm_json_reader_open_items(struct dcm_json_reader *r,
                                     struct dcm_event *ev,
                                     const struct dcm_bulk_data *data,
                                     uint64_t uri_at)
{
    r->frags.where = IN_ITEMS;
    r->frags.items.data = *data;
    r->frags.items.at = data->offset;
    r->frags.uri_at = uri_at;
    open_frags(r, ev);
    ev->input = data->input;
    ev->value_offset = data->offset;
    return EMIT;
}

static enum step end_of_items(struct dcm_json_reader *r, struct dcm_event *ev,
                              uint64_t at, uint64_t behind)
{
    const struct frags *f = &r->frags;
    const struct dcm_bulk_data *all = &f->items.data;
    uint64_t left = all->offset + all->size - behind;

    if (left && !deviate(r, DCM_ISSUE_TRAILING, f->uri_at,
                         "%llu bytes after the last fragment of bulk data",
                         (unsigned long long)left))
        return STOP;
    if (close_frags(r, ev, at) == STOP)
        return STOP;
    ev->input = all->input;
    return EMIT;
}

static enum step next_item(struct dcm_json_reader *r, struct dcm_event *ev)
{
    struct frags *f = &r->frags;
    uint64_t at = f->items.at;
    struct dcm_bulk_data data;
    struct dcm_error e;
    enum dcm_status status = dcm_bulk_items_next(&f->items, &data, &e);

    if (status == DCM_DONE)
        return end_of_items(r, ev, at, f->items.at);
    if (status != DCM_OK)
        return dcm_json_reader_bulk_failed(r, &e, f->uri_at);
    if (next_fragment(r, ev, at) == STOP)
        return STOP;
    if (data.size & 1 &&
        !deviate(r, DCM_ISSUE_FRAGMENT, f->uri_at,
                 "fragment of %llu bytes, expected an even number",
                 (unsigned long long)data.size))
        return STOP;
    return give(r, ev, &data, f->uri_at);
}

/* --------------------------------------------------- bulk data by the frame */

enum step dcm_json_reader_open_frames(struct dcm_json_reader *r,
                                      struct dcm_event *ev,
                                      const struct dcm_bulk_data *data,
                                      uint64_t uri_at)
{
    r->frags.where = IN_FRAMES;
    r->frags.frame = *data;
    r->frags.number = 0;
    r->frags.uri_at = uri_at;
    return open_frags(r, ev);
}

/* An empty offset table, then a fragment for each frame. */
static enum step next_frame(struct dcm_json_reader *r, struct dcm_event *ev)
{
    struct frags *f = &r->frags;
    int done = 0;

    if (top(r)->count == 0)
        return next_fragment(r, ev, f->uri_at) == STOP ? STOP : give_empty(ev);
    if (top(r)->count > 1 && dcm_json_reader_open_uri(r, f->uri_at, ++f->number,
                                                      &f->frame, &done) == STOP)
        return STOP;
    if (done)
        return close_frags(r, ev, f->uri_at);
    if (next_fragment(r, ev, f->frame.offset) == STOP)
        return STOP;
    return give(r, ev, &f->frame, f->uri_at);
}

/* ------------------------------------------------------------ DataFragment */

enum step dcm_json_reader_fragments(struct dcm_json_reader *r,
                                    struct dcm_event *ev)
{
    uint64_t at = dcm_json_scan_tell(&r->scan);
    int token = dcm_json_scan_next(&r->scan);

    if (token != '[')
        return dcm_json_reader_unexpected(r, token,
                                          "an array of fragments (PS3.5 A.4)");
    if (!dcm_scope_top(&r->scopes)->encapsulated && !r->any_order)
        return dcm_json_reader_want_tree(
            r, at,
            "DataFragment, but the transfer syntax is not encapsulated "
            "(PS3.5 A.4)");
    r->frags.where = IN_TEXT;
    return open_frags(r, ev);
}

static enum step take_uri(struct dcm_json_reader *r, struct dcm_event *ev)
{
    struct dcm_bulk_data data;
    uint64_t at;
    int done;

    if (!dcm_json_reader_take_uri(r, &at))
        return STOP;
    if (!r->bulk)
        return dcm_json_reader_fail(
            r, DCM_ERR_UNSUPPORTED, at,
            "fragment is not here but at a URI (PS3.18 F.2.6)");
    if (dcm_json_reader_open_uri(r, at, 0, &data, &done) == STOP)
        return STOP;
    return dcm_json_reader_give_bulk(r, ev, &data, at, ev->number == 1);
}

static int is(const struct dcm_json_scan *s, const char *name, size_t n)
{
    return s->length == n && memcmp(s->text, name, n) == 0;
}

static enum step take_fragment_member(struct dcm_json_reader *r,
                                      struct dcm_event *ev, int *have)
{
    struct dcm_json_scan *s = &r->scan;
    int in_line = is(s, "InlineBinary", 12);
    int known = in_line || is(s, "BulkDataURI", 11);
    uint64_t at = s->at;
    int token = dcm_json_scan_next(s);

    if (token != ':')
        return dcm_json_reader_unexpected(r, token, "':' (RFC 8259 4)");
    if (!known) {
        if (!deviate(r, DCM_ISSUE_KEY_UNKNOWN, at,
                     "member that a fragment cannot have"))
            return STOP;
        return dcm_json_scan_skip(s) < 0 ? dcm_json_reader_scan_failed(r)
                                         : AGAIN;
    }
    if ((*have)++)
        return dcm_json_reader_fail(
            r, DCM_ERR_MALFORMED, at,
            "a second value of a fragment, expected one (PS3.18 F.2.2)");
    return in_line ? dcm_json_reader_base64(r, ev, ev->number == 1)
                   : take_uri(r, ev);
}

/* Behind the brace: fragment = [ member { "," member } ] "}" */
static enum step take_fragment(struct dcm_json_reader *r, struct dcm_event *ev)
{
    struct dcm_json_scan *s = &r->scan;
    int token = dcm_json_scan_next(s), have = 0;

    while (token != '}') {
        if (token != DCM_JSON_STRING)
            return dcm_json_reader_unexpected(
                r, token, "the name of a member (PS3.18 F.2.2)");
        if (take_fragment_member(r, ev, &have) == STOP)
            return STOP;
        token = dcm_json_scan_next(s);
        if (token == '}')
            break;
        if (token != ',')
            return dcm_json_reader_unexpected(r, token,
                                              "',' or '}' (RFC 8259 4)");
        token = dcm_json_scan_next(s);
        if (token == '}')
            return dcm_json_reader_unexpected(
                r, token, "the name of a member (PS3.18 F.2.2)");
    }
    if (r->value.where == IN_BASE64)
        r->value.after = dcm_json_scan_tell(s);
    return have ? EMIT : give_empty(ev);
}

static enum step next_in_text(struct dcm_json_reader *r, struct dcm_event *ev)
{
    struct dcm_json_scan *s = &r->scan;
    int token = dcm_json_scan_next(s);

    if (token == ']')
        return close_frags(r, ev, s->at);
    if (top(r)->count) {
        if (token != ',')
            return dcm_json_reader_unexpected(r, token,
                                              "',' or ']' (RFC 8259 5)");
        token = dcm_json_scan_next(s);
    }
    if (token != '{' && token != DCM_JSON_NULL)
        return dcm_json_reader_unexpected(
            r, token, "an object that is a fragment (PS3.5 A.4)");
    if (next_fragment(r, ev, s->at) == STOP)
        return STOP;
    return token == '{' ? take_fragment(r, ev) : give_empty(ev);
}

enum step dcm_json_reader_fragment(struct dcm_json_reader *r,
                                   struct dcm_event *ev)
{
    r->tag = top(r)->tag;
    switch (r->frags.where) {
    case IN_ITEMS:
        return next_item(r, ev);
    case IN_FRAMES:
        return next_frame(r, ev);
    default:
        return next_in_text(r, ev);
    }
}
