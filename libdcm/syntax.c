/* Transfer syntaxes: PS3.5 Section 10 and Annex A, PS3.6 Table A-1, and one of
 * a vendor. Only what a reader must know to take a data set apart; nothing of
 * how pixels are compressed.
 *
 * Left out, because no file is written in them: RFC 2557 (1.2.6.1), XML
 * (1.2.6.2) and the real-time flows of SMPTE ST 2110 (1.2.7.x).
 */
#include "syntax.h"

#include <string.h>

#define IMPLICIT DCM_TS_IMPLICIT
#define BIG DCM_TS_BIG_ENDIAN
#define DEFLATED DCM_TS_DEFLATED
#define FRAMES (DCM_TS_ENCAPSULATED | DCM_TS_ONE_FRAGMENT)
#define PIECES DCM_TS_ENCAPSULATED /* a frame may take several fragments */
#define VIDEO (DCM_TS_ENCAPSULATED | DCM_TS_VIDEO)
#define STD "1.2.840.10008.1.2"

/* In the order of bytes. */
static const struct dcm_syntax syntaxes[] = {
    {STD, IMPLICIT},
    {STD ".1", 0},
    {STD ".1.98", FRAMES},
    {STD ".1.99", DEFLATED},
    {STD ".2", BIG},
    {STD ".4.100", VIDEO}, /* MPEG2 */
    {STD ".4.100.1", VIDEO},
    {STD ".4.101", VIDEO},
    {STD ".4.101.1", VIDEO},
    {STD ".4.102", VIDEO}, /* MPEG-4 */
    {STD ".4.102.1", VIDEO},
    {STD ".4.103", VIDEO},
    {STD ".4.103.1", VIDEO},
    {STD ".4.104", VIDEO},
    {STD ".4.104.1", VIDEO},
    {STD ".4.105", VIDEO},
    {STD ".4.105.1", VIDEO},
    {STD ".4.106", VIDEO},
    {STD ".4.106.1", VIDEO},
    {STD ".4.107", VIDEO}, /* HEVC */
    {STD ".4.108", VIDEO},
    {STD ".4.110", FRAMES}, /* JPEG XL */
    {STD ".4.111", FRAMES},
    {STD ".4.112", FRAMES},
    {STD ".4.201", FRAMES}, /* High-Throughput JPEG 2000 */
    {STD ".4.202", FRAMES},
    {STD ".4.203", FRAMES},
    {STD ".4.204", 0}, /* JPIP: the pixels are elsewhere */
    {STD ".4.205", DEFLATED},
    {STD ".4.50", PIECES}, /* JPEG, retired processes included */
    {STD ".4.51", PIECES},
    {STD ".4.52", PIECES},
    {STD ".4.53", PIECES},
    {STD ".4.54", PIECES},
    {STD ".4.55", PIECES},
    {STD ".4.56", PIECES},
    {STD ".4.57", PIECES},
    {STD ".4.58", PIECES},
    {STD ".4.59", PIECES},
    {STD ".4.60", PIECES},
    {STD ".4.61", PIECES},
    {STD ".4.62", PIECES},
    {STD ".4.63", PIECES},
    {STD ".4.64", PIECES},
    {STD ".4.65", PIECES},
    {STD ".4.66", PIECES},
    {STD ".4.70", PIECES},
    {STD ".4.80", PIECES}, /* JPEG-LS */
    {STD ".4.81", PIECES},
    {STD ".4.90", PIECES}, /* JPEG 2000 */
    {STD ".4.91", PIECES},
    {STD ".4.92", PIECES},
    {STD ".4.93", PIECES},
    {STD ".4.94", 0}, /* JPIP */
    {STD ".4.95", DEFLATED},
    {STD ".5", FRAMES},                                   /* RLE */
    {STD ".8.1", FRAMES},                                 /* deflated frames */
    {"1.2.840.10008.1.20", IMPLICIT},                     /* Papyrus 3 */
    {"1.2.840.113619.5.2", IMPLICIT | DCM_TS_PIXELS_BIG}, /* GE */
};

static int compare(const char *a, size_t length, const char *b)
{
    size_t other = strlen(b);
    int order = memcmp(a, b, length < other ? length : other);

    if (order != 0)
        return order;
    return (length > other) - (length < other);
}

const struct dcm_syntax *dcm_syntax_find(const char *uid, size_t n)
{
    size_t low = 0, high = sizeof syntaxes / sizeof syntaxes[0];

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare(uid, n, syntaxes[middle].uid);

        if (order == 0)
            return &syntaxes[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}
