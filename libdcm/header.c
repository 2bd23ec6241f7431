/* Language. What bytes look like an element header (PS3.5 7.1), asked where a
 * file departs from its transfer syntax or a length field has the wrong form.
 * Pure functions over visible bytes; knows nothing of readers. */
#include "header.h"
#include "dict.h"

int dcm_header_parse_big(const uint8_t *p, size_t have, struct dcm_encoding e,
                         struct dcm_header *h)
{
    if (have < 8)
        return 0;
    h->tag = dcm_header_tag(p, 1);
    h->size = 8;
    h->vr = 0;
    h->row = NULL;
    h->length = dcm_get32be(p + 4);
    if (e.implicit || h->tag >> 16 == 0xFFFE)
        return 1;
    h->vr = DCM_VR(p[4], p[5]);
    h->row = dcm_vr_find(h->vr);
    h->length = dcm_get16be(p + 6);
    if (!dcm_header_is_long(h))
        return 1;
    if (have < 12)
        return 0;
    h->size = 12;
    h->length = dcm_get32be(p + 8);
    return 1;
}

static int is_known_vr(const uint8_t *p)
{
    return dcm_vr_find(DCM_VR(p[0], p[1])) != NULL;
}

int dcm_header_lands(struct dcm_view v, uint64_t at, struct dcm_encoding e,
                     uint32_t after)
{
    const uint8_t *p;
    uint32_t tag;

    if (at == v.left)
        return 1;
    if (at > v.n || v.n - (size_t)at < 8)
        return 0;
    p = v.p + (size_t)at;
    tag = dcm_header_tag(p, e.big);
    if (tag == DCM_ITEM || tag == DCM_ITEM_DELIMITER ||
        tag == DCM_SEQ_DELIMITER)
        return 1;
    if (tag <= after || tag >> 16 == 0xFFFE)
        return 0;
    if (e.implicit) {
        uint32_t length = dcm_header_length(p + 4, e.big);

        return length == DCM_UNDEFINED || length + UINT64_C(8) <= v.left - at;
    }
    return is_known_vr(p + 4);
}

int dcm_header_guess(struct dcm_view v, struct dcm_encoding e,
                     struct dcm_header *h)
{
    struct dcm_header other = *h;

    if (v.n < 12 || e.implicit)
        return 0;
    if (h->size == 12) {
        other.size = 8;
        other.length = e.big ? dcm_get16be(v.p + 6) : dcm_get16le(v.p + 6);
    } else {
        other.size = 12;
        other.length = dcm_header_length(v.p + 8, e.big);
        if (!dcm_is_zero(v.p + 6, 2))
            return 0;
    }
    if (other.length != DCM_UNDEFINED &&
        dcm_header_lands(v, (uint64_t)other.size + other.length, e, h->tag)) {
        *h = other;
        return 1;
    }
    return 0;
}

/* ------------------------------------------------------------- detection */

/* How well bytes read as an element in one encoding: 0 not at all. */
static int score(struct dcm_view v, struct dcm_encoding e)
{
    struct dcm_header h;
    uint16_t vrs[3];
    int known;

    if (v.n < 8 || dcm_is_zero(v.p, 8) || !dcm_header_parse(v.p, v.n, e, &h) ||
        h.tag >> 16 >= 0xFFFC)
        return 0;
    if (!e.implicit && !is_known_vr(v.p + 4))
        return 0;
    known = dcm_dict_vrs(h.tag, vrs) > 0;
    if (h.length != DCM_UNDEFINED && v.left != UINT64_MAX &&
        h.length > v.left - h.size) /* perhaps only cut short */
        return known && !e.implicit ? 2 : e.implicit ? 0 : 1;
    if (e.implicit && !known && !(h.tag >> 16 & 1))
        return 0;
    /* An explicit VR where one may stand outweighs all. */
    return (e.implicit ? 3 : 5) + known;
}

int dcm_header_detect(struct dcm_view v, struct dcm_encoding stated,
                      struct dcm_encoding *e)
{
    static const struct dcm_encoding all[] = {{0, 0}, {1, 0}, {0, 1}};
    int best = score(v, stated);

    if (best)
        *e = stated;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        int s = score(v, all[i]);

        if (s > best) {
            best = s;
            *e = all[i];
        }
    }
    return best;
}

/* --------------------------------------------------------------- walking */

size_t dcm_header_past(const uint8_t *p, size_t n, struct dcm_encoding e)
{
    size_t at = 0;
    unsigned open = 0; /* undefined lengths to be closed */

    do {
        struct dcm_header h;

        if (!dcm_header_parse(p + at, n - at, e, &h))
            return 0;
        at += h.size;
        if (h.tag == DCM_ITEM_DELIMITER || h.tag == DCM_SEQ_DELIMITER) {
            if (open == 0)
                return 0;
            open--;
        } else if (h.length == DCM_UNDEFINED) {
            open++;
        } else {
            if (h.length > n - at)
                return 0;
            at += h.length;
        }
    } while (open);
    return at;
}
