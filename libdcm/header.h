/* Language. One element header in each of the encodings (PS3.5 7.1), and
 * what bytes look like a header: for files that are not what they say. Pure
 * functions over visible bytes. */
#ifndef DCM_HEADER_H
#define DCM_HEADER_H

#include "cursor.h"
#include "vr.h"

#define DCM_ITEM 0xFFFEE000u
#define DCM_ITEM_DELIMITER 0xFFFEE00Du
#define DCM_SEQ_DELIMITER 0xFFFEE0DDu

struct dcm_encoding {
    uint8_t implicit, big;
};

struct dcm_header {
    uint32_t tag;
    uint32_t length;
    uint16_t vr;              /* as stored; 0: none */
    uint8_t size;             /* bytes of the header: 8 or 12 */
    const struct dcm_vr *row; /* of vr; NULL: none, or not known */
};

static inline uint32_t dcm_header_tag(const uint8_t *p, int big)
{
    return big ? DCM_TAG(dcm_get16be(p), dcm_get16be(p + 2))
               : DCM_TAG(dcm_get16le(p), dcm_get16le(p + 2));
}

static inline uint32_t dcm_header_length(const uint8_t *p, int big)
{
    return big ? dcm_get32be(p) : dcm_get32le(p);
}

static inline int dcm_is_zero(const uint8_t *p, size_t n)
{
    while (n && !*p)
        p++, n--;
    return n == 0;
}

static inline int dcm_is_letter(uint8_t c)
{
    return c >= 'A' && c <= 'Z';
}

/* explicit -> gggg eeee VV llll | gggg eeee VV 0000 llllllll
 * implicit, and FFFE,xxxx in all -> gggg eeee llllllll
 * A VR that is not in PS3.5 but is two letters has the long form (7.1.2);
 * any other has the short one, until dcm_header_guess() knows better.
 * 0: fewer bytes than the header has. */
int dcm_header_parse_big(const uint8_t *p, size_t have, struct dcm_encoding e,
                         struct dcm_header *h);

static inline int dcm_header_is_long(const struct dcm_header *h)
{
    return h->row ? h->row->flags & DCM_VRF_LONG
                  : dcm_is_letter((uint8_t)(h->vr >> 8)) &&
                        dcm_is_letter((uint8_t)h->vr);
}

static inline int dcm_header_parse(const uint8_t *p, size_t have,
                                   struct dcm_encoding e, struct dcm_header *h)
{
    if (e.big)
        return dcm_header_parse_big(p, have, e, h);
    if (have < 8)
        return 0;
    h->tag = dcm_header_tag(p, 0);
    h->size = 8;
    if (e.implicit || h->tag >> 16 == 0xFFFE) {
        h->vr = 0;
        h->row = NULL;
        h->length = dcm_get32le(p + 4);
        return 1;
    }
    h->vr = DCM_VR(p[4], p[5]);
    h->row = dcm_vr_find(h->vr);
    if (!dcm_header_is_long(h)) {
        h->length = dcm_get16le(p + 6);
        return 1;
    }
    if (have < 12)
        return 0;
    h->size = 12;
    h->length = dcm_get32le(p + 8);
    return 1;
}

/* The bytes that can be seen, for the questions below. */
struct dcm_view {
    const uint8_t *p;
    size_t n;      /* visible from p */
    uint64_t left; /* bytes to the end of the level or input from p, when
                    * known; else UINT64_MAX */
};

/* Whether a header may stand at `at` bytes past v.p, after an element with
 * tag `after`: the level's end, a delimiter, or an element with a higher tag
 * and, in explicit VR, a VR. What can't be seen is no. */
int dcm_header_lands(struct dcm_view v, uint64_t at, struct dcm_encoding e,
                     uint32_t after);

/* Another form of the header at v.p that lands where the one in *h does not:
 * short for long, long for short (see encoding: UN with a 16-bit length, US
 * with a 32-bit one, a VR that is no VR). 1 and *h changed when there is. */
int dcm_header_guess(struct dcm_view v, struct dcm_encoding e,
                     struct dcm_header *h);

/* The encoding that the first element of a data set or item at v.p is in:
 * `stated` when it can be, else another that fits better; 0 when no encoding
 * gives an element (then *e is left alone). */
int dcm_header_detect(struct dcm_view v, struct dcm_encoding stated,
                      struct dcm_encoding *e);

/* Past the element at p (visible bytes n, already parsed as h), nested
 * content of undefined length included: bytes to the one after it, or 0 when
 * it does not end within what is visible. */
size_t dcm_header_past(const uint8_t *p, size_t n, struct dcm_encoding e);

#endif
