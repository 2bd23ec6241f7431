/* Source. Elements (PS3.5 7.1): header, VR, and whether a value, a sequence
 * or fragments follow. */
#include "reader.h"

#define MAX_LOOKS 64 /* fruitless searches for Pixel Representation */

/* -------------------------------------------------- dropped, repeated */

/* Elements that are no attributes of the data set: 1 to drop, 0 to keep, -1
 * after a failure. */
static int unwanted(struct dcm_reader *r, const struct dcm_event *ev)
{
    unsigned group = ev->tag >> 16;

    if ((ev->tag & 0xFFFF) == 0) {
        if (ev->size != 4 && group != 0 &&
            !deviate(r, DCM_ISSUE_GROUP_LENGTH, ev, ev->offset,
                     "Group Length of %u bytes, expected 4", ev->length))
            return -1;
        if (group != 0)
            return !r->keep_all;
    }
    if (ev->tag == 0xFFFCFFFC)
        return !r->keep_all;
    if (group == 0)
        return deviate(r, DCM_ISSUE_COMMAND_GROUP, ev, ev->offset,
                       "command element in a file")
                   ? 1
                   : -1;
    if (group == 2 && r->levels[0].kind != META)
        return deviate(r, DCM_ISSUE_META_IN_DATASET, ev, ev->offset,
                       "group 0002 after the File Meta Information")
                   ? 1
                   : -1;
    return 0;
}

/* Order and repetition: as unwanted(), and marks repeated elements. */
static int repeated(struct dcm_reader *r, struct dcm_event *ev)
{
    int meta = r->levels[0].kind == META;

    switch (dcm_order_note(&r->order, ev->tag)) {
    case DCM_ORDER_ASCENDS:
        return 0;
    case DCM_ORDER_FALLS:
        return deviate(r, meta ? DCM_ISSUE_META_ORDER : DCM_ISSUE_OUT_OF_ORDER,
                       ev, ev->offset, "tag is lower than the one before")
                   ? 0
                   : -1;
    case DCM_ORDER_AGAIN:
        ev->flags |= DCM_DUPLICATE;
        if (!deviate(r, meta ? DCM_ISSUE_META_ORDER : DCM_ISSUE_DUPLICATE_TAG,
                     ev, ev->offset, "tag is there a second time"))
            return -1;
        return !r->keep_all;
    default:
        dcm_reader_no_memory(r);
        return -1;
    }
}

/* ------------------------------------------- Pixel Representation, ahead */

/* Looks for (0028,0103) among what follows in the levels around here, as far
 * as can be seen (PS3.3 C.7.6.3.1; the standard lets it come later). */
static int look_ahead(struct dcm_reader *r, uint32_t length)
{
    size_t n = dcm_reader_see(r, DCM_CURSOR_PEEK);
    const uint8_t *p = r->c->p;
    uint64_t base = r->c->offset;
    size_t at = length, i = r->n_levels;

    while (i-- > 0) {
        const struct level *level = &r->levels[i];

        while (at < n && base + at < level->end) {
            struct dcm_header h;
            size_t step;

            if (!dcm_header_parse(p + at, n - at, level->enc, &h))
                return -1;
            if (h.tag == DCM_ITEM_DELIMITER || h.tag == DCM_SEQ_DELIMITER) {
                at += 8;
                break;
            }
            if (h.tag == 0x00280103 && level->kind != SEQ && h.length == 2 &&
                n - at >= h.size + 2u)
                return p[at + h.size + (level->enc.big ? 1 : 0)] == 1;
            step = dcm_header_past(p + at, n - at, level->enc);
            if (step == 0)
                return -1;
            at += step;
        }
    }
    return -1;
}

static int settle_vr(struct dcm_reader *r, struct dcm_event *ev)
{
    int choice = 0, found;
    struct dcm_scope *scope = dcm_scope_top(&r->scopes);

    ev->vr = dcm_resolve_vr(ev->tag, ev->length, scope, &choice);
    if (!choice)
        return 1;
    found = r->looks < MAX_LOOKS && ev->length <= DCM_CURSOR_PEEK
                ? look_ahead(r, ev->length)
                : -1;
    if (found < 0) {
        r->looks++;
        return deviate(r, DCM_ISSUE_AMBIGUOUS_VR, ev, ev->offset,
                       "US or SS, and no Pixel Representation found");
    }
    if (found == 1)
        ev->vr = VR_SS;
    return 1;
}

/* ---------------------------------------------------------------- header */

/* The header at p in a form that has a reading: 0 after a failure. Only for
 * headers that look wrong. */
static int mend_header(struct dcm_reader *r, struct dcm_event *ev,
                       struct dcm_header *h, struct dcm_encoding enc)
{
    struct dcm_view v = dcm_reader_view(r, DCM_CURSOR_PEEK);
    const struct dcm_vr *row = dcm_vr_find(h->vr);
    int lands = h->length != DCM_UNDEFINED &&
                dcm_header_lands(v, (uint64_t)h->size + h->length, enc, h->tag);
    int guessed = !lands && dcm_header_guess(v, enc, h);

    ev->stored = h->vr;
    ev->length = h->length;
    if (row)
        return !guessed || deviate(r, DCM_ISSUE_HEADER_FORM, ev, ev->offset,
                                   "a %d-bit length field, not the VR's own",
                                   h->size == 8 ? 16 : 32);
    if (dcm_is_letter((uint8_t)(h->vr >> 8)) &&
        dcm_is_letter((uint8_t)(h->vr & 255)) && top(r)->kind == META) {
        dcm_reader_fail(
            r, DCM_ERR_MALFORMED, ev->offset, h->tag,
            "found VR %c%c, which group 0002 cannot have (PS3.10 7.1)",
            h->vr >> 8, h->vr & 255);
        return 0;
    }
    if (dcm_is_letter((uint8_t)(h->vr >> 8)) &&
        dcm_is_letter((uint8_t)(h->vr & 255)))
        return deviate(r, DCM_ISSUE_UNKNOWN_VR, ev, ev->offset,
                       "VR is not in the standard");
    if (!lands && !guessed) {
        dcm_reader_fail(
            r, DCM_ERR_MALFORMED, ev->offset, h->tag,
            "found bytes %02X %02X where a VR is expected, and no length "
            "that leads on (PS3.5 7.1.2)",
            h->vr >> 8, h->vr & 255);
        return 0;
    }
    return deviate(r, DCM_ISSUE_BAD_VR, ev, ev->offset,
                   "bytes %02X %02X where a VR is expected", h->vr >> 8,
                   h->vr & 255);
}

/* Whether an explicit header deserves a second look. */
static int looks_wrong(const uint8_t *p, size_t have,
                       const struct dcm_header *h, struct dcm_encoding enc)
{
    if (!h->row)
        return 1;
    if (h->size == 12)
        return p[6] | p[7] ||
               ((h->vr == VR_UN || h->vr == VR_UT) &&
                h->length > DCM_VALUE_LOADED && h->length != DCM_UNDEFINED);
    /* an empty value, and what follows is not a higher tag */
    if (h->length == 0 && have >= 12) {
        uint32_t next = dcm_header_tag(p + 8, enc.big);

        return next <= h->tag;
    }
    return 0;
}

/* -------------------------------------------------------------- elements */

static enum step open_level(struct dcm_reader *r, struct dcm_event *ev,
                            enum kind kind, struct dcm_encoding enc)
{
    struct level *level;
    int drop = is_special(ev->tag) ? unwanted(r, ev) : 0;
    uint64_t value = r->c->offset;

    if (drop == 0)
        drop = repeated(r, ev);

    if (drop < 0)
        return STOP;
    level = dcm_reader_push(r);
    if (!level)
        return dcm_reader_no_memory(r);
    level->kind = (uint8_t)kind;
    level->tag = ev->tag;
    level->offset = ev->offset;
    level->length = ev->length;
    level->vr = ev->vr;
    level->stored = ev->stored;
    level->enc = enc;
    level->flags = ev->flags & ~r->base_flags;
    if (ev->length != DCM_UNDEFINED)
        level->end = value + ev->length;
    ev->type = kind == SEQ ? DCM_EVENT_SEQ : DCM_EVENT_FRAGS;
    ev->value_offset = value;
    if (drop && !r->silent)
        r->silent = r->n_levels - 1;
    return r->silent ? AGAIN : EMIT;
}

/* A length that passes the end of the level. The level's length is more
 * likely wrong than the element's when what follows the element leads on. */
static int overflows(struct dcm_reader *r, struct dcm_event *ev,
                     struct level *level)
{
    uint64_t end = r->c->offset + ev->length;
    struct dcm_view v;
    uint64_t room = UINT64_MAX;

    if (end <= level->end)
        return 0;
    if (level->kind == ITEM) {
        if (level[-1].end != NO_END)
            room = level[-1].end - r->c->offset;
        v.n = dcm_reader_see(r, DCM_CURSOR_PEEK);
        v.p = r->c->p;
        v.left = room;
        if (v.n > room)
            v.n = (size_t)room;
        if (ev->length <= room &&
            dcm_header_lands(v, ev->length, level->enc, ev->tag)) {
            if (!deviate(r, DCM_ISSUE_ITEM_LENGTH, ev, level->offset,
                         "item of %u bytes ends inside an element",
                         level->length))
                return -1;
            level->end = level[-1].end;
            level->loose = 1;
            return 0;
        }
    }
    if (ev->vr == VR_SQ) {
        if (!deviate(r, DCM_ISSUE_SEQ_LENGTH, ev, ev->offset,
                     "sequence of %u bytes passes the end of its item by %llu",
                     ev->length, (unsigned long long)(end - level->end)))
            return -1;
        return 1;
    }
    dcm_reader_fail(r, DCM_ERR_MALFORMED, ev->offset, ev->tag,
                    "value of %u bytes passes the end of its item by %llu "
                    "(PS3.5 7.5.1)",
                    ev->length, (unsigned long long)(end - level->end));
    return -1;
}

static uint32_t next_tag(struct dcm_reader *r, int big)
{
    return dcm_cursor_peek(r->c, 4) >= 4 ? dcm_header_tag(r->c->p, big) : 0;
}

/* A sequence whose items are in what encoding? That of its level; of UN
 * always implicit little endian, but not all writers know (PS3.5 6.2.2). */
static int seq_encoding(struct dcm_reader *r, struct dcm_event *ev,
                        struct dcm_encoding *enc)
{
    struct dcm_encoding found;
    struct dcm_view v;

    if (ev->stored != VR_UN)
        return 1;
    *enc = (struct dcm_encoding){1, 0};
    v.n = dcm_reader_see(r, DCM_CURSOR_PEEK);
    v.p = r->c->p;
    v.left = UINT64_MAX;
    if (v.n < 16 || dcm_header_tag(v.p, 0) != DCM_ITEM)
        return 1;
    v.p += 8;
    v.n -= 8;
    if (dcm_header_tag(v.p, 0) >> 16 == 0xFFFE ||
        !dcm_header_detect(v, *enc, &found) || found.implicit)
        return 1;
    *enc = found;
    return deviate(r, DCM_ISSUE_UN_EXPLICIT, ev, ev->offset,
                   "UN holds items with explicit VRs, expected implicit");
}

/* Undefined length: items, fragments, or nothing that has a reading. */
static enum step undefined_length(struct dcm_reader *r, struct dcm_event *ev,
                                  struct level *level)
{
    const struct dcm_vr *row = dcm_vr_find(ev->vr);
    struct dcm_encoding enc = level->enc;
    int items =
        next_tag(r, enc.big) >> 16 == 0xFFFE || next_tag(r, 0) >> 16 == 0xFFFE;

    if (level->kind == META)
        return dcm_reader_fail(r, DCM_ERR_MALFORMED, ev->offset, ev->tag,
                               "undefined length in the File Meta Information "
                               "(PS3.10 7.1)");
    if (ev->vr == VR_UN)
        ev->vr = VR_SQ;
    if (ev->vr == VR_SQ) {
        if (!seq_encoding(r, ev, &enc))
            return STOP;
        return open_level(r, ev, SEQ, enc);
    }
    if (row && row->kind == DCM_KIND_BYTES) {
        if (r->ts_known &&
            !(ev->depth == 0 && r->ts_flags & DCM_TS_ENCAPSULATED &&
              ev->tag == 0x7FE00010) &&
            !(ev->depth && dcm_scope_top(&r->scopes)->encapsulated) &&
            !deviate(r, DCM_ISSUE_ENCAPSULATED, ev, ev->offset,
                     "undefined length, but nothing encapsulated is "
                     "expected here"))
            return STOP;
        if (ev->tag == 0x7FE00010)
            ev->vr = VR_OB;
        return open_level(r, ev, FRAGS, enc);
    }
    if (items) {
        if (!deviate(r, DCM_ISSUE_VR_MISMATCH, ev, ev->offset,
                     "items in an element that is no sequence"))
            return STOP;
        ev->vr = VR_SQ;
        return open_level(r, ev, SEQ, enc);
    }
    return dcm_reader_fail(
        r, DCM_ERR_MALFORMED, ev->offset, ev->tag,
        "undefined length, which this VR cannot have (PS3.5 7.1.1)");
}

/* A defined length SQ, or UN that holds one: 1 when it is read as such. */
static int is_sequence(struct dcm_reader *r, struct dcm_event *ev,
                       struct level *level)
{
    struct dcm_encoding enc = level->enc;
    size_t have;

    if (ev->vr != VR_SQ)
        return 0;
    if (level->kind == META)
        goto no_items;
    if (ev->stored == VR_UN)
        enc = (struct dcm_encoding){1, 0};
    if (ev->length == 0)
        return 1;
    have = dcm_cursor_peek(r->c, 4);
    if (have < 4) /* cut: what is there is a part of a sequence */
        return 1;
    if (ev->length >= 8 && (dcm_header_tag(r->c->p, enc.big) >> 16 == 0xFFFE ||
                            dcm_header_tag(r->c->p, !enc.big) >> 16 == 0xFFFE))
        return 1;
no_items:
    ev->vr = VR_UN;
    return ev->stored == VR_UN ||
                   deviate(r, DCM_ISSUE_VR_MISMATCH, ev, ev->offset,
                           "SQ that does not begin with an item")
               ? 0
               : -1;
}

/* UN of a known tag holds implicit little endian bytes (PS3.5 6.2.2). */
static void convert_unknown(struct dcm_reader *r, struct dcm_event *ev)
{
    int choice = 0, fits;
    uint16_t vr;

    if (r->keep_unknown || ev->tag >> 16 & 1)
        return;
    vr =
        dcm_resolve_vr(ev->tag, ev->length, dcm_scope_top(&r->scopes), &choice);
    fits = vr != VR_UN && dcm_resolve_fits(vr, ev->data, ev->size);
    /* What is too long for its VR's length field is UN: its beginning tells. */
    if (!fits && vr != VR_UN && !ev->data)
        fits =
            dcm_resolve_fits(vr, r->c->p, dcm_reader_see(r, DCM_VALUE_LOADED));
    if (!fits)
        return;
    ev->vr = vr;
    ev->flags &= ~DCM_BIG_ENDIAN;
}

/* VALUE: the bytes are at the cursor. */
static enum step value(struct dcm_reader *r, struct dcm_event *ev)
{
    int drop;
    size_t have = 0;

    if (ev->length & 1 &&
        !deviate(r, DCM_ISSUE_ODD_LENGTH, ev, ev->offset,
                 "value of %u bytes, expected an even number", ev->length))
        return STOP;
    ev->type = DCM_EVENT_VALUE;
    ev->value_offset = r->c->offset;
    ev->size = ev->length;
    if (ev->length <= DCM_VALUE_LOADED) {
        have = dcm_cursor_peek(r->c, ev->length);
        ev->data = r->c->p;
        if (have < ev->length) {
            enum step step = dcm_reader_cut(r, ev, have);

            if (step == STOP || have == 0)
                return step;
            ev->size = have;
            ev->flags |= DCM_CUT;
        }
    }
    if (ev->vr == VR_UN && ev->stored == VR_UN)
        convert_unknown(r, ev);
    else if (!ev->stored && ev->tag >> 16 & 1 && ev->vr != VR_UN &&
             !dcm_resolve_fits(ev->vr, ev->data, ev->size))
        ev->vr = VR_UN; /* the private dictionary does not fit */
    dcm_reader_hold(r, ev);
    drop = is_special(ev->tag) ? unwanted(r, ev) : 0;
    if (drop == 0)
        drop = repeated(r, ev);
    if (drop < 0)
        return STOP;
    if (is_observed(ev->tag) && !(ev->flags & DCM_DUPLICATE) &&
        (!drop || ev->tag == 0x00020000) &&
        dcm_reader_observe(r, ev) != DCM_OK) {
        r->state = FAILED;
        return STOP;
    }
    return drop || r->silent ? AGAIN : EMIT;
}

static enum step zero_fill(struct dcm_reader *r, struct dcm_event *ev)
{
    if (r->order.used == 0)
        return dcm_reader_fail(
            r, DCM_ERR_MALFORMED, r->c->offset, 0,
            "zero bytes where the data set begins, expected an "
            "element (PS3.5 7.1)");
    if (!deviate(r, DCM_ISSUE_ZERO_FILL, NULL, r->c->offset,
                 "zero bytes where an element is expected"))
        return STOP;
    return dcm_reader_finish(r, ev);
}

/* Group 0002 goes on while the group is 0002, whatever its length says. Of a
 * deflated data set the length is trusted: its bytes may look like a tag. */
static int meta_ends(struct dcm_reader *r, uint32_t tag)
{
    if (tag >> 16 != 2)
        return 1;
    if (r->meta_length == NO_END ||
        r->c->offset != r->meta_start + r->meta_length)
        return 0;
    return strncmp(r->syntax, "1.2.840.10008.1.2.1.99", 23) == 0;
}

static int is_known_sequence(uint32_t tag)
{
    uint16_t vrs[3];

    return dcm_dict_vrs(tag, vrs) == 1 && vrs[0] == VR_SQ;
}

/* A sequence of defined length, to its own end or that of what holds it. */
static enum step sequence(struct dcm_reader *r, struct dcm_event *ev,
                          const struct level *level, int clamp)
{
    struct dcm_encoding enc = level->enc;
    uint64_t end = level->end;
    enum step step;

    if (!seq_encoding(r, ev, &enc))
        return STOP;
    step = open_level(r, ev, SEQ, enc);
    if (clamp && step != STOP)
        top(r)->end = end;
    return step;
}

static enum step content(struct dcm_reader *r, struct dcm_event *ev,
                         struct level *level)
{
    int seq, over = 0;

    ev->value_offset = r->c->offset;
    if (ev->stored == VR_SQ && is_known_otherwise(ev->tag) &&
        !deviate(r, DCM_ISSUE_VR_MISMATCH, ev, ev->offset,
                 "SQ, but the dictionary has another VR"))
        return STOP;
    if (ev->length == DCM_UNDEFINED)
        return undefined_length(r, ev, level);
    seq = is_sequence(r, ev, level);
    if (seq < 0)
        return STOP;
    if (level->end != NO_END)
        over = overflows(r, ev, level);
    if (over < 0)
        return STOP;
    return seq ? sequence(r, ev, level, over) : value(r, ev);
}

static int explicit_header(struct dcm_reader *r, struct dcm_event *ev,
                           struct dcm_header *h, const uint8_t *p, size_t have,
                           struct dcm_encoding enc)
{
    if (looks_wrong(p, have, h, enc) && !mend_header(r, ev, h, enc))
        return 0;
    ev->vr = h->row ? h->vr : VR_UN;
    dcm_cursor_take(r->c, h->size);
    if (ev->vr == VR_UN && !(h->tag >> 16 & 1) && !r->keep_unknown &&
        is_known_sequence(h->tag))
        ev->vr = VR_SQ;
    return 1;
}

static int implicit_header(struct dcm_reader *r, struct dcm_event *ev)
{
    ev->flags |= DCM_IMPLICIT;
    dcm_cursor_take(r->c, 8);
    return settle_vr(r, ev);
}

enum step dcm_reader_element(struct dcm_reader *r, struct dcm_event *ev)
{
    struct level *level = top(r);
    size_t have = dcm_cursor_peek(r->c, 12);
    const uint8_t *p = r->c->p;
    struct dcm_header h;
    enum step step = dcm_reader_plain(r, ev, level, p, have);

    if (step != AGAIN)
        return step;

    if (level->kind == META &&
        (have == 0 || (have >= 4 && meta_ends(r, dcm_header_tag(p, 0)))))
        return dcm_reader_start_data_set(r, ev);
    if (!dcm_header_parse(p, have, level->enc, &h))
        return dcm_reader_short_header(r, ev, have);
    if (h.tag >> 16 == 0xFFFE)
        return dcm_reader_delimiter(r, ev, &h);
    dcm_reader_event(r, ev, DCM_EVENT_VALUE, NULL);
    ev->tag = h.tag;
    ev->stored = h.vr;
    ev->length = h.length;
    if (h.tag == 0 && level->kind == DATASET && dcm_is_zero(p, 8))
        return zero_fill(r, ev);
    if (level->enc.big)
        ev->flags |= DCM_BIG_ENDIAN;
    if (level->enc.implicit ? !implicit_header(r, ev)
                            : !explicit_header(r, ev, &h, p, have, level->enc))
        return STOP;
    if (ev->tag == 0x7FE00010 && r->ts_flags & DCM_TS_PIXELS_BIG)
        ev->flags |= DCM_BIG_ENDIAN;
    return content(r, ev, level);
}
