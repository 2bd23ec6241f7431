/* Source. Encapsulated Pixel Data (PS3.5 A.4), which has no form of its own in
 * XML: bulk data that are the items as a file has them, bulk data that are one
 * frame a part (PS3.18 8.7), and dcm4che's DataFragment. Knows nothing of what
 * is in a fragment. */
#include "xml_reader.h"

#include <string.h>

#define MOST_MISSING 4096u /* numbers between one fragment and the next */

/* ----------------------------------------------------------------- common */

/* FRAGS, whose events are those of the attribute at hand. */
static enum step open_frags(struct dcm_xml_reader *r, struct dcm_event *ev)
{
    struct level *level = top(r);

    level->vr = VR_OB; /* whatever it says (PS3.5 A.4) */
    level->count = 0;
    level->where = IN_FRAGMENTS;
    r->frags.uri_at = r->at;
    dcm_xml_reader_event(r, ev, DCM_EVENT_FRAGS);
    if (level->again)
        ev->flags |= DCM_DUPLICATE;
    return EMIT;
}

static enum step close_frags(struct dcm_xml_reader *r, struct dcm_event *ev)
{
    if (top(r)->count == 0 &&
        !deviate(r, DCM_ISSUE_FRAGMENT,
                 "no offset table item, expected one even if it is empty"))
        return STOP;
    dcm_xml_reader_event(r, ev, DCM_EVENT_FRAGS_END);
    return dcm_xml_reader_rest(r, EMIT);
}

static enum step next_fragment(struct dcm_xml_reader *r, struct dcm_event *ev)
{
    if (!dcm_xml_reader_count_item(r))
        return STOP;
    dcm_xml_reader_event(r, ev, DCM_EVENT_FRAGMENT);
    ev->number = ++top(r)->count;
    ev->offset = r->at.offset;
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

/* -------------------------------------------------- bulk data that are items
 */

enum step dcm_xml_reader_open_items(struct dcm_xml_reader *r,
                                    struct dcm_event *ev,
                                    const struct dcm_bulk_data *data)
{
    r->frags.where = IN_ITEMS;
    r->frags.items.data = *data;
    r->frags.items.at = data->offset;
    open_frags(r, ev);
    ev->input = data->input;
    ev->value_offset = data->offset;
    return EMIT;
}

static enum step end_of_items(struct dcm_xml_reader *r, struct dcm_event *ev)
{
    const struct dcm_bulk_items *items = &r->frags.items;
    uint64_t left = items->data.offset + items->data.size - items->at;

    if (left && !deviate(r, DCM_ISSUE_TRAILING,
                         "%llu bytes after the last fragment of bulk data",
                         (unsigned long long)left))
        return STOP;
    if (close_frags(r, ev) == STOP)
        return STOP;
    ev->input = items->data.input;
    ev->value_offset = items->at;
    return EMIT;
}

static enum step next_item(struct dcm_xml_reader *r, struct dcm_event *ev)
{
    struct dcm_bulk_data data;
    struct dcm_error e;
    enum dcm_status status;

    r->at = r->frags.uri_at;
    status = dcm_bulk_items_next(&r->frags.items, &data, &e);
    if (status == DCM_DONE)
        return end_of_items(r, ev);
    if (status != DCM_OK)
        return dcm_xml_reader_fail(r, status, "%s", e.message);
    if (next_fragment(r, ev) == STOP)
        return STOP;
    if (data.size & 1 &&
        !deviate(r, DCM_ISSUE_FRAGMENT,
                 "fragment of %llu bytes, expected an even number",
                 (unsigned long long)data.size))
        return STOP;
    return dcm_xml_reader_give_bulk(r, ev, &data, ev->number == 1);
}

/* --------------------------------------------------- bulk data by the frame */

enum step dcm_xml_reader_open_frames(struct dcm_xml_reader *r,
                                     struct dcm_event *ev,
                                     const struct dcm_bulk_data *data)
{
    r->frags.where = IN_FRAMES;
    r->frags.frame = *data;
    r->frags.number = 0;
    return open_frags(r, ev);
}

/* An empty offset table, then a fragment for each frame. */
static enum step next_frame(struct dcm_xml_reader *r, struct dcm_event *ev)
{
    struct frags *f = &r->frags;
    int done = 0;

    r->at = f->uri_at;
    if (top(r)->count == 0)
        return next_fragment(r, ev) == STOP ? STOP : give_empty(ev);
    if (top(r)->count > 1 &&
        dcm_xml_reader_open_uri(r, ++f->number, &f->frame, &done) == STOP)
        return STOP;
    if (done)
        return close_frags(r, ev);
    if (next_fragment(r, ev) == STOP)
        return STOP;
    return dcm_xml_reader_give_bulk(r, ev, &f->frame, 0);
}

/* ------------------------------------------------------------ DataFragment */

enum step dcm_xml_reader_open_text(struct dcm_xml_reader *r,
                                   struct dcm_event *ev)
{
    r->frags.where = IN_TEXT;
    return open_frags(r, ev);
}

static enum step take_uri(struct dcm_xml_reader *r, struct dcm_event *ev,
                          const struct record *record)
{
    struct dcm_bulk_data data;
    int done;

    if (!dcm_xml_reader_take_uri(r, record))
        return STOP;
    if (!r->bulk)
        return dcm_xml_reader_fail(
            r, DCM_ERR_UNSUPPORTED,
            "fragment is not here but at a URI (PS3.19 A.1.5)");
    if (dcm_xml_reader_open_uri(r, 0, &data, &done) == STOP)
        return STOP;
    return dcm_xml_reader_give_bulk(r, ev, &data, ev->number == 1);
}

static enum step take_content(struct dcm_xml_reader *r, struct dcm_event *ev)
{
    const struct record *record = dcm_xml_reader_peek(r);
    enum step step = EMIT;

    if (!record)
        return STOP;
    if (record->kind == FRAGMENT_END) {
        step = give_empty(ev);
    } else {
        step = record->kind == INLINE
                   ? dcm_xml_reader_base64(r, ev, record, ev->number == 1)
                   : take_uri(r, ev, record);
        dcm_xml_reader_take(r);
        if (step == STOP || !(record = dcm_xml_reader_peek(r)))
            return STOP;
        if (record->kind != FRAGMENT_END)
            return dcm_xml_reader_fail(
                r, DCM_ERR_MALFORMED,
                "a second value of a fragment, expected one (PS3.19 A.1.5)");
    }
    dcm_xml_reader_take(r);
    return step;
}

/* dcm4che leaves empty ones out, but counts them. */
static enum step next_in_text(struct dcm_xml_reader *r, struct dcm_event *ev)
{
    const struct record *record = dcm_xml_reader_peek(r);
    uint32_t number = top(r)->count + 1;

    if (!record)
        return STOP;
    if (record->kind != FRAGMENT)
        return close_frags(r, ev);
    if (record->number > number) {
        if (record->number - number > MOST_MISSING)
            return dcm_xml_reader_fail(
                r, DCM_ERR_MALFORMED,
                "fragments %u to %u are missing, which is too many",
                (unsigned)number, (unsigned)record->number - 1);
        return next_fragment(r, ev) == STOP ? STOP : give_empty(ev);
    }
    if (record->number < number &&
        !deviate(r, DCM_ISSUE_KEY_ORDER,
                 "fragments are not numbered in a row, expected %u",
                 (unsigned)number))
        return STOP;
    dcm_xml_reader_take(r);
    return next_fragment(r, ev) == STOP ? STOP : take_content(r, ev);
}

enum step dcm_xml_reader_fragment(struct dcm_xml_reader *r,
                                  struct dcm_event *ev)
{
    switch (r->frags.where) {
    case IN_ITEMS:
        return next_item(r, ev);
    case IN_FRAMES:
        return next_frame(r, ev);
    default:
        return next_in_text(r, ev);
    }
}
