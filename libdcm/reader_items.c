/* Source. Items and fragments, and where sequences, items and fragments end:
 * by length, by delimiter, or because something else comes (PS3.5 7.5, A.4).
 */
#include "reader.h"

/* An item length may be that much too long and still count as a slip. */
#define MAX_SLIP 65536u

/* ------------------------------------------------------- ends of levels */

/* Fewer bytes than a header has. */
enum step dcm_reader_short_header(struct dcm_reader *r, struct dcm_event *ev,
                                  size_t have)
{
    struct level *level = top(r);
    uint64_t at = r->c->offset;
    enum step step;

    if (dcm_reader_input_failed(r, &step))
        return step;
    if (level->kind == DATASET && dcm_is_zero(r->c->p, have)) {
        if (have && !deviate(r, DCM_ISSUE_ZERO_FILL, NULL, at,
                             "%zu zero bytes at the end", have))
            return STOP;
        return dcm_reader_finish(r, ev);
    }
    /* Only the last delimiter lacks, or so it looks: there are fragments. */
    if (level->kind == FRAGS && have == 0 && level->count && r->n_levels == 2) {
        dcm_reader_event(r, ev, DCM_EVENT_FRAGS, level);
        if (!deviate(r, DCM_ISSUE_NO_SEQ_DELIMITER, ev, at,
                     "the input ends after fragment %u, expected a Sequence "
                     "Delimitation Item",
                     level->count))
            return STOP;
        return dcm_reader_pop(r, ev);
    }
    if (have)
        dcm_reader_fail(
            r, DCM_ERR_TRUNCATED, at, level->tag,
            "input ends %zu bytes into an element header (PS3.5 7.1)", have);
    else
        dcm_reader_fail(r, DCM_ERR_TRUNCATED, at, level->tag,
                        "input ends before the end of %s (PS3.5 7.5)",
                        level->kind == ITEM  ? "an item"
                        : level->kind == SEQ ? "a sequence"
                                             : "the fragments");
    return dcm_reader_truncated(r);
}

/* The length of an item ran out, but its sequence goes on with something
 * that is no item: was the item's length too small (PS3.5 7.5.1)? */
static int item_goes_on(struct dcm_reader *r)
{
    struct level *item = top(r), *seq = item - 1;
    struct dcm_view v;
    uint64_t room;
    size_t at = 0;

    if (seq->end != NO_END && r->c->offset >= seq->end)
        return 0;
    v.n = dcm_cursor_peek(r->c, 8);
    if (v.n < 8 || dcm_header_tag(r->c->p, item->enc.big) >> 16 == 0xFFFE)
        return 0;
    v.n = dcm_reader_see(r, DCM_CURSOR_PEEK);
    v.p = r->c->p;
    room = seq->end == NO_END ? UINT64_MAX : seq->end - r->c->offset;
    while (at < v.n) {
        size_t step;

        if (v.n - at >= 4 &&
            dcm_header_tag(v.p + at, item->enc.big) >> 16 == 0xFFFE)
            return 1;
        step = dcm_header_past(v.p + at, v.n - at, item->enc);
        if (step == 0)
            return 0;
        at += step;
        if (at >= room)
            return at == room;
    }
    return 0;
}

enum step dcm_reader_end_by_length(struct dcm_reader *r, struct dcm_event *ev)
{
    struct level *level = top(r);

    if (level->kind == ITEM && item_goes_on(r)) {
        dcm_reader_event(r, ev, DCM_EVENT_ITEM, level);
        if (!deviate(r, DCM_ISSUE_ITEM_LENGTH, ev, level->offset,
                     "item of %u bytes, but its elements go on", level->length))
            return STOP;
        level->end = level[-1].end;
        level->loose = 1;
        return AGAIN;
    }
    return dcm_reader_pop(r, ev);
}

static int check_delimiter(struct dcm_reader *r, const struct dcm_event *ev,
                           const struct dcm_header *h)
{
    return h->length == 0 ||
           deviate(r, DCM_ISSUE_DELIMITER_LENGTH, ev, r->c->offset,
                   "delimiter with length %u, expected 0", h->length);
}

/* FFFE,E000 FFFE,E00D or FFFE,E0DD where an element may be. */
enum step dcm_reader_delimiter(struct dcm_reader *r, struct dcm_event *ev,
                               const struct dcm_header *h)
{
    struct level *level = top(r);
    uint64_t at = r->c->offset;

    dcm_reader_event(r, ev, DCM_EVENT_ITEM_END, level);
    if (level->kind == META)
        return dcm_reader_fail(
            r, DCM_ERR_MALFORMED, at, h->tag,
            "delimiter in the File Meta Information (PS3.10 7.1)");
    if (level->kind == DATASET && h->tag == DCM_ITEM) {
        return dcm_reader_fail(
            r, DCM_ERR_MALFORMED, at, h->tag,
            "item tag outside a sequence, expected an element "
            "(PS3.5 7.5)");
    }
    if (h->tag == DCM_ITEM_DELIMITER && level->kind == ITEM &&
        level->end == NO_END) {
        if (!check_delimiter(r, ev, h))
            return STOP;
        ev->value_offset = at;
        dcm_cursor_take(r->c, 8);
        return dcm_reader_pop(r, ev);
    }
    if (h->tag == DCM_ITEM_DELIMITER || level->kind == DATASET) {
        dcm_cursor_take(r->c, 8);
        return deviate(r, DCM_ISSUE_STRAY_DELIMITER, ev, at,
                       "delimiter (FFFE,%04X) where an element is expected",
                       h->tag & 0xFFFF)
                   ? AGAIN
                   : STOP;
    }
    if (level->end != NO_END && !level->loose && level->end - at > MAX_SLIP)
        return dcm_reader_fail(r, DCM_ERR_MALFORMED, level->offset, level->tag,
                               "item of %u bytes, but it ends after %llu "
                               "(PS3.5 7.5.1)",
                               level->length,
                               (unsigned long long)(at - level->offset - 8));
    /* The next item, or the end of the sequence: this item is over. */
    if (!level->loose &&
        !deviate(r,
                 level->length == DCM_UNDEFINED ? DCM_ISSUE_NO_ITEM_DELIMITER
                                                : DCM_ISSUE_ITEM_LENGTH,
                 ev, at, "item ends at (FFFE,%04X), not where it says",
                 h->tag & 0xFFFF))
        return STOP;
    return dcm_reader_pop(r, ev);
}

/* --------------------------------------------------- items and fragments */

static int count_item(struct dcm_reader *r, uint64_t at, uint32_t tag)
{
    if (++r->items <= r->limits.items)
        return 1;
    dcm_reader_fail(r, DCM_ERR_LIMIT, at, tag,
                    "more than %llu items; raise the limit 'items' to read on",
                    (unsigned long long)r->limits.items);
    return 0;
}

/* The first element of an item may be in another encoding than the data set
 * says: islands of implicit VR in explicit files, and the reverse. */
static int item_encoding(struct dcm_reader *r, struct dcm_event *ev,
                         struct level *item)
{
    struct dcm_encoding found = item->enc;
    struct dcm_view v;
    size_t have = dcm_cursor_peek(r->c, 12);
    const uint8_t *p = r->c->p;

    if (have < 8 || item->end <= r->c->offset)
        return 1;
    if (dcm_header_tag(p, item->enc.big) >> 16 == 0xFFFE)
        return 1;
    if (item->enc.implicit != (dcm_vr_find(DCM_VR(p[4], p[5])) != NULL))
        return 1;
    v = dcm_reader_view(r, DCM_CURSOR_PEEK);
    if (!dcm_header_detect(v, item->enc, &found) ||
        (found.implicit == item->enc.implicit && found.big == item->enc.big))
        return 1;
    if (item->enc.implicit) { /* a length may look like a VR */
        struct dcm_header h;

        dcm_header_parse(v.p, v.n, found, &h);
        if (!dcm_header_lands(v, (uint64_t)h.size + h.length, found, h.tag))
            return 1;
    }
    item->enc = found;
    return deviate(r, DCM_ISSUE_ITEM_ENCODING, ev, r->c->offset,
                   "item is in %s VR %s endian",
                   found.implicit ? "implicit" : "explicit",
                   found.big ? "big" : "little");
}

static enum step open_item(struct dcm_reader *r, struct dcm_event *ev,
                           const struct dcm_header *h)
{
    struct level *seq = top(r), *item;
    uint64_t at = r->c->offset, end = NO_END;
    uint32_t tag = seq->tag;
    enum dcm_status s;

    if (!count_item(r, at, tag))
        return STOP;
    if (r->scopes.depth + 1 > r->limits.depth)
        return dcm_reader_fail(
            r, DCM_ERR_LIMIT, at, tag,
            "items nested more than %llu deep; raise the limit "
            "'depth' to read on",
            (unsigned long long)r->limits.depth);
    dcm_cursor_take(r->c, 8);
    if (h->length != DCM_UNDEFINED)
        end = r->c->offset + h->length;
    dcm_reader_event(r, ev, DCM_EVENT_ITEM, seq);
    ev->length = h->length;
    ev->number = ++seq->count;
    ev->offset = at;
    if (end != NO_END && end > seq->end) {
        if (!deviate(r, DCM_ISSUE_ITEM_LENGTH, ev, at,
                     "item of %u bytes passes the end of its sequence by %llu",
                     h->length, (unsigned long long)(end - seq->end)))
            return STOP;
        end = seq->end;
    }
    item = dcm_reader_push(r);
    s = item ? dcm_scope_enter(&r->scopes, tag, ev->number) : DCM_ERR_MEMORY;
    if (s != DCM_OK || !dcm_order_enter(&r->order)) {
        r->n_levels -= item != NULL;
        return dcm_reader_no_memory(r);
    }
    seq = item - 1;
    item->kind = ITEM;
    item->tag = tag;
    item->length = h->length;
    item->offset = at;
    item->end = end;
    item->enc = seq->enc;
    item->flags = seq->flags;
    ev->scope = dcm_scope_top(&r->scopes) - 1; /* may have moved */
    if (!item_encoding(r, ev, item))
        return STOP;
    return r->silent ? AGAIN : EMIT;
}

/* Among items: an item, or the end. */
enum step dcm_reader_item(struct dcm_reader *r, struct dcm_event *ev)
{
    struct level *level = top(r);
    size_t have = dcm_cursor_peek(r->c, 8);
    uint64_t at = r->c->offset;
    struct dcm_header h;

    if (have < 8)
        return dcm_reader_short_header(r, ev, have);
    dcm_header_parse(r->c->p, have, level->enc, &h);
    if (h.tag == 0xFEFF00E0 || h.tag == 0xFEFFDDE0) { /* the other order */
        level->enc.big = !level->enc.big;
        dcm_reader_event(r, ev, DCM_EVENT_SEQ, level);
        if (!deviate(r, DCM_ISSUE_ITEM_ENCODING, ev, at,
                     "item tag in the other byte order"))
            return STOP;
        dcm_header_parse(r->c->p, have, level->enc, &h);
    }
    if (h.tag == DCM_ITEM)
        return open_item(r, ev, &h);
    dcm_reader_event(r, ev, DCM_EVENT_SEQ, level);
    if (h.tag == DCM_SEQ_DELIMITER && level->length == DCM_UNDEFINED) {
        if (!check_delimiter(r, ev, &h))
            return STOP;
        dcm_cursor_take(r->c, 8);
        return dcm_reader_pop(r, ev);
    }
    if (h.tag == DCM_SEQ_DELIMITER || h.tag == DCM_ITEM_DELIMITER) {
        dcm_cursor_take(r->c, 8);
        return deviate(r, DCM_ISSUE_STRAY_DELIMITER, ev, at,
                       "delimiter (FFFE,%04X) where an item is expected",
                       h.tag & 0xFFFF)
                   ? AGAIN
                   : STOP;
    }
    if (!deviate(r,
                 level->length == DCM_UNDEFINED ? DCM_ISSUE_NO_SEQ_DELIMITER
                                                : DCM_ISSUE_SEQ_LENGTH,
                 ev, at, "found (%04X,%04X) where an item is expected",
                 h.tag >> 16, h.tag & 0xFFFF))
        return STOP;
    return dcm_reader_pop(r, ev);
}

static enum step open_fragment(struct dcm_reader *r, struct dcm_event *ev,
                               const struct dcm_header *h)
{
    struct level *level = top(r);
    uint64_t at = r->c->offset;

    if (!count_item(r, at, level->tag))
        return STOP;
    if (h->length == DCM_UNDEFINED)
        return dcm_reader_fail(r, DCM_ERR_MALFORMED, at, level->tag,
                               "fragment of undefined length (PS3.5 A.4)");
    dcm_cursor_take(r->c, 8);
    dcm_reader_event(r, ev, DCM_EVENT_FRAGMENT, level);
    ev->offset = at;
    ev->length = h->length;
    ev->number = ++level->count;
    ev->size = h->length;
    if (h->length & 1 && !deviate(r, DCM_ISSUE_FRAGMENT, ev, at,
                                  "fragment of %u bytes, expected an even "
                                  "number",
                                  h->length))
        return STOP;
    dcm_reader_hold(r, ev);
    if (ev->number == 1 && ev->size <= DCM_VALUE_LOADED) {
        size_t have = dcm_cursor_peek(r->c, (size_t)ev->size);

        ev->data = r->c->p;
        if (have < ev->size) {
            ev->size = have;
            dcm_reader_hold(r, ev);
            ev->flags |= DCM_CUT;
            if (dcm_reader_cut(r, ev, have) == STOP)
                return STOP;
        }
    }
    return r->silent ? AGAIN : EMIT;
}

enum step dcm_reader_fragment(struct dcm_reader *r, struct dcm_event *ev)
{
    struct level *level = top(r);
    size_t have = dcm_cursor_peek(r->c, 8);
    uint64_t at = r->c->offset;
    struct dcm_header h;

    if (have < 8)
        return dcm_reader_short_header(r, ev, have);
    dcm_header_parse(r->c->p, have, level->enc, &h);
    if (h.tag == DCM_ITEM)
        return open_fragment(r, ev, &h);
    dcm_reader_event(r, ev, DCM_EVENT_FRAGS, level);
    if (level->count == 0 &&
        !deviate(r, DCM_ISSUE_FRAGMENT, ev, at,
                 "no offset table item, expected one even if it is empty"))
        return STOP;
    if (h.tag == DCM_SEQ_DELIMITER) {
        enum step step;

        if (!check_delimiter(r, ev, &h))
            return STOP;
        step = dcm_reader_pop(
            r, ev); /* its value_offset: where the delimiter is */
        dcm_cursor_take(r->c, 8);
        return step;
    }
    if (!deviate(r, DCM_ISSUE_NO_SEQ_DELIMITER, ev, at,
                 "found (%04X,%04X) where a fragment is expected", h.tag >> 16,
                 h.tag & 0xFFFF))
        return STOP;
    return dcm_reader_pop(r, ev);
}
