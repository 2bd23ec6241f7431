/* Use. JPEG 2000: the code stream (ITU-T T.800 Annex A), whether
 * High-Throughput (T.814) or not, alone or in a JP2 file, of which the boxes
 * around it are taken off (Annex I). Goes through the headers of the image and
 * of its tile-parts, which image_j2k_markers.c reads, and past the packets by
 * the lengths that tile-parts give. Knows nothing of how samples are coded.
 * PS3.5 8.2.4 and A.4.
 *
 *   stream    = SOC SIZ { segment } { tile-part } EOC
 *   tile-part = SOT { segment } SOD packets
 */
#include "image_j2k.h"

#include <string.h>

/* --------------------------------------------------------------- the bytes */

/* The next n <= DCM_CURSOR_PEEK bytes, or NULL. */
static const uint8_t *need(struct dcm_j2k *s, size_t n)
{
    struct dcm_cursor *c = &s->job->cursor;

    if (c->offset > s->end || s->end - c->offset < n)
        return NULL;
    return dcm_cursor_peek(c, n) >= n ? c->p : NULL;
}

/* On to an offset; 0 when it lies past the end. */
static int go(struct dcm_j2k *s, uint64_t to)
{
    struct dcm_cursor *c = &s->job->cursor;
    uint64_t n = to - c->offset;

    return to <= s->end && dcm_cursor_skip(c, n) == n;
}

static enum dcm_status cut(struct dcm_j2k *s, uint64_t at, const char *what)
{
    return dcm_image_fail(s->job, DCM_ERR_TRUNCATED, at,
                          "%s passes the end of the image (ITU-T T.800)", what);
}

static enum dcm_status wrong(struct dcm_j2k *s, uint64_t at, const char *what)
{
    return dcm_image_fail(s->job, DCM_ERR_MALFORMED, at, "%s", what);
}

static enum dcm_status refuse(struct dcm_j2k *s, uint64_t at, const char *what)
{
    return dcm_image_fail(s->job, DCM_ERR_UNSUPPORTED, at, "%s", what);
}

/* ---------------------------------------------------------------- headers */

static enum dcm_status segment(struct dcm_j2k *s, unsigned marker)
{
    struct dcm_cursor *c = &s->job->cursor;
    uint64_t at = c->offset;
    const uint8_t *p = need(s, 4);
    enum dcm_status status;
    size_t n;

    if (!p)
        return cut(s, at, "a header");
    n = dcm_get16be(p + 2);
    if (n < 2)
        return wrong(s, at, "segment of length 0 or 1 (ITU-T T.800 A.1.2)");
    dcm_cursor_take(c, 2);
    p = need(s, n);
    if (!p)
        return cut(s, at, "a segment");
    status = dcm_j2k_segment(s, marker, p + 2, n - 2, at);
    dcm_cursor_take(c, n);
    return status;
}

/* Segments up to the marker `until`, which is left. FF30 to FF3F have no
 * length (Table A.1). */
static enum dcm_status header(struct dcm_j2k *s, unsigned until)
{
    struct dcm_cursor *c = &s->job->cursor;
    enum dcm_status status = DCM_OK;

    while (status == DCM_OK) {
        const uint8_t *p = need(s, 2);
        unsigned marker;

        if (!p)
            return cut(s, c->offset, "a header");
        marker = dcm_get16be(p);
        if (marker == until)
            return DCM_OK;
        if (marker < 0xFF01 || marker == 0xFFFF || marker == DCM_J2K_SOC ||
            marker == DCM_J2K_SOT || marker == DCM_J2K_SOD ||
            marker == DCM_J2K_EOC)
            return dcm_image_fail(s->job, DCM_ERR_MALFORMED, c->offset,
                                  "%04X in a header, which ends with %04X "
                                  "(ITU-T T.800 A.2)",
                                  marker, until);
        if (marker >= 0xFF30 && marker <= 0xFF3F)
            dcm_cursor_take(c, 2);
        else
            status = segment(s, marker);
    }
    return status;
}

/* -------------------------------------------------------------- tile-parts */

/* To SOT or EOC. Within packets no FF is followed by 90 or more (B.10.1,
 * C.2; T.814). */
static void pass_packets(struct dcm_j2k *s)
{
    struct dcm_cursor *c = &s->job->cursor;

    while (need(s, 2)) {
        size_t have = (size_t)(c->end - c->p);
        const uint8_t *q;

        if (have > s->end - c->offset)
            have = (size_t)(s->end - c->offset);
        q = memchr(c->p, 0xFF, have - 1);
        if (!q)
            dcm_cursor_take(c, have - 1);
        else if (q[1] == (DCM_J2K_SOT & 255) || q[1] == (DCM_J2K_EOC & 255)) {
            dcm_cursor_take(c, (size_t)(q - c->p));
            return;
        } else
            dcm_cursor_take(c, (size_t)(q - c->p) + 1);
    }
    go(s, s->end);
}

/* FF90, 10, Isot (2), Psot (4), TPsot, TNsot. Psot counts from FF90 on; 0 in
 * the last tile-part: up to EOC (A.4.2). */
static enum dcm_status tile_part(struct dcm_j2k *s)
{
    struct dcm_cursor *c = &s->job->cursor;
    uint64_t at = c->offset, length;
    const uint8_t *p = need(s, 12);
    enum dcm_status status;

    if (!p)
        return cut(s, at, "a tile-part");
    length = dcm_get32be(p + 6);
    if (dcm_get16be(p + 2) != 10 || dcm_get16be(p + 4) >= s->tiles)
        return wrong(s, at,
                     "tile-part of a tile that does not exist "
                     "(ITU-T T.800 A.4.2)");
    dcm_cursor_take(c, 12);
    status = header(s, DCM_J2K_SOD);
    if (status != DCM_OK)
        return status;
    dcm_cursor_take(c, 2);
    if (length == 0)
        pass_packets(s);
    else if (at + length < c->offset)
        return wrong(s, at,
                     "tile-part shorter than its header "
                     "(ITU-T T.800 A.4.2)");
    else if (!go(s, at + length))
        return cut(s, at, "a tile-part");
    return DCM_OK;
}

/* There is no EOC behind the last tile-part. Some count it in Psot, or have
 * Psot wrong: then it is at the end of all. */
static enum dcm_status without_eoc(struct dcm_j2k *s)
{
    struct dcm_image_job *job = s->job;
    uint64_t at = job->cursor.offset, from = job->image->offset;
    uint8_t last[3] = {0};
    ptrdiff_t got = job->input->read_at(job->input, s->end - 3, last, 3);
    int is_padded =
        last[0] == 0xFF && last[1] == 0xD9 && (last[2] == 0 || last[2] == 0xFF);
    int is_there = is_padded || (last[1] == 0xFF && last[2] == 0xD9);

    if (got != 3)
        return cut(s, at, "the last tile-part");
    job->image->length = s->end - from - (uint64_t)is_padded;
    return dcm_image_deviate(job, DCM_ISSUE_IMAGE_MARKER, at,
                             is_there ? "EOC is not where the last tile-part "
                                        "ends (ITU-T T.800 A.4.2)"
                                      : "code stream without EOC "
                                        "(ITU-T T.800 A.4.4)");
}

static enum dcm_status tile_parts(struct dcm_j2k *s)
{
    enum dcm_status status = DCM_OK;
    const uint8_t *p;

    while (status == DCM_OK) {
        p = need(s, 2);
        if (!p || dcm_get16be(p) != DCM_J2K_SOT)
            break;
        status = tile_part(s);
    }
    if (status != DCM_OK)
        return status;
    if (s->job->cursor.failed)
        return cut(s, s->job->cursor.offset, "a tile-part");
    if (!p || dcm_get16be(p) != DCM_J2K_EOC)
        return without_eoc(s);
    dcm_cursor_take(&s->job->cursor, 2);
    return dcm_image_ends(s->job, s->end);
}

/* ------------------------------------------------------------ code stream */

static enum dcm_status code_stream(struct dcm_j2k *s)
{
    struct dcm_image_job *job = s->job;
    const uint8_t *p = need(s, 4);
    enum dcm_status status;

    if (!p)
        return cut(s, job->cursor.offset, "the code stream");
    job->image->offset = job->cursor.offset;
    if (memcmp(p, "\xFF\x4F\xFF\x51", 4) != 0)
        return wrong(s, job->cursor.offset,
                     "no SOC and SIZ where a code "
                     "stream begins (ITU-T T.800 A.2)");
    dcm_cursor_take(&job->cursor, 2);
    status = segment(s, DCM_J2K_SIZ);
    if (status == DCM_OK)
        status = header(s, DCM_J2K_SOT);
    if (status != DCM_OK)
        return status;
    if (!s->has_cod)
        return wrong(s, job->cursor.offset,
                     "no COD segment in the main header "
                     "(ITU-T T.800 A.6.1)");
    status = tile_parts(s);
    return status == DCM_OK ? dcm_j2k_conclude(s) : status;
}

/* ------------------------------------------------------------------ boxes */

#define BOX(a, b, c, d) \
    ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (d))

/* LBox TBox [XLBox]: LBox 1 says that XLBox is there, 0 that the box is the
 * last (I.4). Reads the header and gives where the box ends. A code stream
 * that passes the end tells itself what is missing. */
static enum dcm_status box(struct dcm_j2k *s, uint32_t *type, uint64_t *end)
{
    struct dcm_cursor *c = &s->job->cursor;
    uint64_t at = c->offset, length;
    const uint8_t *p = need(s, 8);
    size_t size = 8;

    if (!p)
        return cut(s, at, "a box");
    length = dcm_get32be(p);
    *type = dcm_get32be(p + 4);
    if (length == 1) {
        size = 16;
        p = need(s, size);
        if (!p)
            return cut(s, at, "a box");
        length = dcm_get64be(p + 8);
    }
    if (length == 0)
        length = s->end - at;
    if (length < size)
        return wrong(s, at, "box shorter than its header (ITU-T T.800 I.4)");
    if (length > s->end - at && *type != BOX('j', 'p', '2', 'c'))
        return cut(s, at, "a box");
    *end = length > s->end - at ? s->end : at + length;
    dcm_cursor_take(c, size);
    return DCM_OK;
}

/* Of the boxes in jp2h two say what samples mean: a palette, and a color space
 * (METH PREC APPROX EnumCS; I.5.3). */
static enum dcm_status look_inside(struct dcm_j2k *s, uint32_t type,
                                   uint64_t end)
{
    const uint8_t *p;

    if (type == BOX('p', 'c', 'l', 'r'))
        return refuse(s, s->job->cursor.offset,
                      "JP2 file with a palette (PS3.5 8.2.4)");
    if (type == BOX('c', 'o', 'l', 'r') && !s->colors &&
        end - s->job->cursor.offset >= 7 && (p = need(s, 7)) && p[0] == 1)
        s->colors = dcm_get32be(p + 3);
    return DCM_OK;
}

/* Box by box to the code stream, into jp2h and no other: its boxes come next
 * in the same loop. */
static enum dcm_status boxes(struct dcm_j2k *s)
{
    struct dcm_cursor *c = &s->job->cursor;
    enum dcm_status status = DCM_OK;
    uint64_t inside = 0; /* up to where */

    while (status == DCM_OK && c->offset < s->end) {
        uint32_t type = 0;
        uint64_t end = 0;
        int is_inside = c->offset < inside;

        status = box(s, &type, &end);
        if (status != DCM_OK)
            break;
        if (type == BOX('j', 'p', '2', 'c') && !is_inside) {
            s->end = end;
            return code_stream(s);
        }
        if (type == BOX('j', 'p', '2', 'h') && !is_inside) {
            inside = end;
            continue;
        }
        if (is_inside)
            status = look_inside(s, type, end);
        if (status == DCM_OK && !go(s, end))
            return cut(s, c->offset, "a box");
    }
    if (status != DCM_OK)
        return status;
    return wrong(s, c->offset,
                 "JP2 file without a code stream "
                 "(ITU-T T.800 I.5.4)");
}

enum dcm_status dcm_image_j2k(struct dcm_image_job *job)
{
    struct dcm_j2k s = {.job = job, .end = job->input->size};

    return job->cursor.p[0] == 0xFF ? code_stream(&s) : boxes(&s);
}
