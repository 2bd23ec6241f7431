/* Source. The short way through the commonest elements: explicit VR little
 * endian, a known VR, whole, visible, in order, and a tag that decides nothing
 * for others. What comes out is what reader_element.c gives; that has the
 * second looks which these need not. */
#include "reader.h"

/* What a plain element of either kind has: a place in its level, in order,
 * and a tag that needs no second look. */
static inline int is_plain_tag(const struct dcm_reader *r, uint32_t tag)
{
    const struct dcm_order_level *order = &r->order.levels[r->order.depth];

    return tag > order->high && !order->hashed &&
           r->order.used < r->order.capacity && tag < 0xFFFC0000 &&
           !is_special(tag) && !is_observed(tag);
}

static inline int is_plain_level(const struct dcm_reader *r,
                                 const struct level *level, size_t have,
                                 uint64_t room)
{
    return have >= 16 && room >= 16 && level->kind != META &&
           !level->enc.implicit && !level->enc.big && !r->silent;
}

/* The value of nearly every element: whole, visible, in its level. */
static inline int is_plain_value(const uint8_t *p, size_t have, uint64_t room,
                                 struct dcm_header *h)
{
    if (h->row->flags & DCM_VRF_LONG) {
        h->size = 12;
        h->length = dcm_get32le(p + 8);
        if (p[6] | p[7])
            return 0;
    } else {
        h->size = 8;
        h->length = dcm_get16le(p + 6);
        if (h->length == 0 && dcm_header_tag(p + 8, 0) <= h->tag)
            return 0;
    }
    return !(h->length & 1) && h->length <= DCM_VALUE_LOADED &&
           h->length <= have - h->size && h->length <= room - h->size;
}

/* And nearly every sequence: with items, and of a tag that is one. */
static inline int is_plain_sequence(struct dcm_reader *r, const uint8_t *p,
                                    uint64_t room, struct dcm_header *h)
{
    uint32_t *known = &r->sequences[(h->tag ^ h->tag >> 11) % SEQUENCES];

    h->size = 12;
    h->length = dcm_get32le(p + 8);
    if (p[6] | p[7] || dcm_get16le(p + 12) != 0xFFFE ||
        (h->length != DCM_UNDEFINED &&
         (h->length & 1 || h->length < 8 || h->length > room - 12)))
        return 0;
    if (*known != h->tag) {
        if (is_known_otherwise(h->tag))
            return 0;
        *known = h->tag;
    }
    return 1;
}

static inline void plain_event(struct dcm_reader *r, struct dcm_event *ev,
                               enum dcm_event_type type,
                               const struct dcm_header *h)
{
    struct dcm_cursor *c = r->c;

    dcm_order_note(&r->order, h->tag);
    ev->type = type;
    ev->tag = h->tag;
    ev->vr = ev->stored = h->vr;
    ev->length = h->length;
    ev->number = 0;
    ev->depth = r->scopes.depth;
    ev->flags = r->base_flags;
    ev->offset = c->offset;
    dcm_cursor_take(c, h->size);
    ev->value_offset = c->offset;
    ev->scope = dcm_scope_top(&r->scopes);
    ev->source = &r->source;
    ev->input = r->again;
}

static enum step plain_value(struct dcm_reader *r, struct dcm_event *ev,
                             const uint8_t *p, const struct dcm_header *h)
{
    plain_event(r, ev, DCM_EVENT_VALUE, h);
    ev->size = h->length;
    ev->data = p + h->size;
    dcm_reader_hold(r, ev);
    return EMIT;
}

static enum step plain_sequence(struct dcm_reader *r, struct dcm_event *ev,
                                const struct dcm_header *h)
{
    struct level *level = dcm_reader_push(r);

    if (!level)
        return dcm_reader_no_memory(r);
    plain_event(r, ev, DCM_EVENT_SEQ, h);
    ev->size = 0;
    ev->data = NULL;
    level->kind = SEQ;
    level->tag = h->tag;
    level->offset = ev->offset;
    level->length = h->length;
    level->vr = level->stored = h->vr;
    if (h->length != DCM_UNDEFINED)
        level->end = ev->value_offset + h->length;
    return EMIT;
}

/* The short way that nearly all elements of explicit VR little endian take.
 * What comes out is what the long way gives. AGAIN: it is not for this one. */
enum step dcm_reader_plain(struct dcm_reader *r, struct dcm_event *ev,
                           const struct level *level, const uint8_t *p,
                           size_t have)
{
    uint64_t room = level->end - r->c->offset;
    struct dcm_header h;

    if (!is_plain_level(r, level, have, room))
        return AGAIN;
    h.tag = dcm_header_tag(p, 0);
    h.vr = DCM_VR(p[4], p[5]);
    h.row = dcm_vr_find(h.vr);
    if (!h.row || !is_plain_tag(r, h.tag))
        return AGAIN;
    if (h.vr == VR_SQ)
        return is_plain_sequence(r, p, room, &h) ? plain_sequence(r, ev, &h)
                                                 : AGAIN;
    return h.vr != VR_UN && is_plain_value(p, have, room, &h)
               ? plain_value(r, ev, p, &h)
               : AGAIN;
}
