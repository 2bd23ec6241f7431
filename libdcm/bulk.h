/* Language. Bulk data of documents: whether a value is bulk, and the URI that
 * stands for it (PS3.18 F.2.2, F.2.6; PS3.19 A.1.5). Knows nothing of its
 * bytes. */
#ifndef DCM_BULK_H
#define DCM_BULK_H

#include "dcm.h"
#include "vr.h"

#define DCM_BULK_SIZE 1024 /* by default, values over it are */

/* What a caller wants; the options of the writers have the same. */
struct dcm_bulk_wish {
    enum dcm_bulk how;
    uint64_t size;
    const uint16_t *vrs;
    dcm_bulk_uri_fn *uri;
    void *user;
};

/* By size and VR; an INLINE policy has no bulk. */
int dcm_bulk_is(const struct dcm_bulk_wish *wish, const struct dcm_event *ev,
                const struct dcm_vr *vr);
/* Writes the URI of a value to `to` and returns its length, or a number over
 * `size` when there is none. */
size_t dcm_bulk_uri(const struct dcm_bulk_wish *wish,
                    const struct dcm_event *ev, char *to, size_t size);
/* The whole value field of encapsulated Pixel Data, in the form that
 * dcm_bulk_uri_fn asks for: of its FRAGS event, with the place of the first
 * item as value_offset, and its FRAGS_END. */
struct dcm_event dcm_bulk_whole(const struct dcm_event *frags,
                                const struct dcm_event *end);

/* A URI is ASCII without spaces (RFC 3986): anything else is percent-encoded,
 * and so are the two that a document may not hold. Writes up to 3 characters
 * and returns how many. */
static inline size_t dcm_uri_char(char *to, char from)
{
    static const char digits[] = "0123456789ABCDEF";
    unsigned c = (uint8_t)from;

    to[0] = from;
    if (c > 0x20 && c < 0x7F && c != '"' && c != '\\')
        return 1;
    to[0] = '%';
    to[1] = digits[c >> 4];
    to[2] = digits[c & 15];
    return 3;
}

#endif
