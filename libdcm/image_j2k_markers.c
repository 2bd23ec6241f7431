/* Use. What the segments of a JPEG 2000 code stream say, in the main header and
 * in those of tile-parts, and what follows from all of them for DICOM: transfer
 * syntax and colors. Knows nothing of where segments come from. ITU-T T.800
 * A.5 and A.6, T.814 A; PS3.5 8.2.4 and A.4, PS3.3 C.7.6.3.1.2.
 */
#include "image_j2k.h"

#define STD "1.2.840.10008.1.2.4"

static enum dcm_status wrong(struct dcm_j2k *s, uint64_t at, const char *what)
{
    return dcm_image_fail(s->job, DCM_ERR_MALFORMED, at, "%s", what);
}

static enum dcm_status refuse(struct dcm_j2k *s, uint64_t at, const char *what)
{
    return dcm_image_fail(s->job, DCM_ERR_UNSUPPORTED, at, "%s", what);
}

/* --------------------------------------------------------------- the image */

static uint64_t tiles_across(uint32_t size, uint32_t tile, uint32_t origin)
{
    return ((uint64_t)size - origin + tile - 1) / tile;
}

/* T.800 A.5.1: XTOsiz <= XOsiz < XTOsiz + XTsiz, XOsiz < Xsiz; the same of Y.
 * There are at most 65535 tiles, because Isot counts them. */
static enum dcm_status grid(struct dcm_j2k *s, const uint8_t *p, uint64_t at)
{
    struct dcm_image *image = s->job->image;
    uint32_t size[2], origin[2], tile[2], tile_origin[2];

    for (int i = 0; i < 2; i++) {
        size[i] = dcm_get32be(p + 2 + 4 * i);
        origin[i] = dcm_get32be(p + 10 + 4 * i);
        tile[i] = dcm_get32be(p + 18 + 4 * i);
        tile_origin[i] = dcm_get32be(p + 26 + 4 * i);
        if (origin[i] >= size[i] || tile[i] == 0 ||
            tile_origin[i] > origin[i] ||
            (uint64_t)tile_origin[i] + tile[i] <= origin[i])
            return wrong(s, at,
                         "image or tiles of no size, or outside of each "
                         "other (ITU-T T.800 A.5.1)");
        if (size[i] - origin[i] > 65535)
            return refuse(s, at,
                          "more than 65535 rows or columns "
                          "(PS3.3 C.7.6.3)");
    }
    image->columns = size[0] - origin[0];
    image->rows = size[1] - origin[1];
    s->tiles = tiles_across(size[0], tile[0], tile_origin[0]) *
               tiles_across(size[1], tile[1], tile_origin[1]);
    if (s->tiles > 65535)
        return wrong(s, at, "more than 65535 tiles (ITU-T T.800 A.5.1)");
    return DCM_OK;
}

/* Ssiz XRsiz YRsiz of each component. */
static enum dcm_status components(struct dcm_j2k *s, const uint8_t *p,
                                  uint64_t at)
{
    struct dcm_image *image = s->job->image;

    s->precision = (p[0] & 0x7F) + 1u;
    image->is_signed = p[0] >> 7;
    for (unsigned i = 0; i < image->samples; i++, p += 3) {
        if (p[1] == 0 || p[2] == 0)
            return wrong(s, at, "component of no size (ITU-T T.800 A.5.1)");
        if (p[1] != 1 || p[2] != 1)
            return refuse(s, at, "subsampled components (PS3.5 8.2.4)");
        if ((p[0] & 0x7F) + 1u != s->precision || p[0] >> 7 != image->is_signed)
            return refuse(s, at,
                          "components of different depth or sign "
                          "(PS3.5 8.2.4)");
    }
    if (s->precision > 16)
        return dcm_image_fail(s->job, DCM_ERR_UNSUPPORTED, at,
                              "%u bits a sample, more than 16 (PS3.5 8.2.4)",
                              s->precision);
    return DCM_OK;
}

static enum dcm_status siz(struct dcm_j2k *s, const uint8_t *p, size_t n,
                           uint64_t at)
{
    enum dcm_status status;
    unsigned count;

    if (s->job->image->samples)
        return wrong(s, at, "second SIZ segment (ITU-T T.800 A.5.1)");
    if (n < 36)
        return wrong(s, at, "SIZ segment too short (ITU-T T.800 A.5.1)");
    count = dcm_get16be(p + 34);
    if (count != 1 && count != 3)
        return dcm_image_fail(
            s->job, count ? DCM_ERR_UNSUPPORTED : DCM_ERR_MALFORMED, at,
            "%u components, where DICOM has 1 or 3 "
            "(PS3.3 C.7.6.3.1.1)",
            count);
    if (n != 36 + 3 * (size_t)count)
        return wrong(s, at,
                     "SIZ segment not as long as its components ask "
                     "(ITU-T T.800 A.5.1)");
    if (dcm_get16be(p) & 0x8000)
        return refuse(s, at, "extensions of JPEG 2000 Part 2 (PS3.5 8.2.4)");
    s->job->image->samples = count;
    status = grid(s, p, at);
    return status == DCM_OK ? components(s, p + 36, at) : status;
}

/* -------------------------------------------------------------- the coding */

/* The last byte of SPcod or SPcoc (Table A.20): 0 is 9-7, 1 is 5-3. */
static enum dcm_status transformation(struct dcm_j2k *s, unsigned kernel,
                                      uint64_t at)
{
    if (kernel > 1)
        return refuse(s, at,
                      "wavelet transformation of JPEG 2000 Part 2 "
                      "(PS3.5 8.2.4)");
    s->is_lossy |= kernel == 0;
    return DCM_OK;
}

/* Scod, order, layers (2), MCT, then levels, block (2), style, kernel: Table
 * A.12. One of a tile must not change the colors, which are told of all. */
static enum dcm_status cod(struct dcm_j2k *s, const uint8_t *p, size_t n,
                           uint64_t at)
{
    if (n < 10)
        return wrong(s, at, "COD segment too short (ITU-T T.800 A.6.1)");
    if (p[4] > 1)
        return refuse(s, at,
                      "component transformation of JPEG 2000 Part 2 "
                      "(PS3.5 8.2.4)");
    s->is_ht |= p[8] >> 6 & 1;
    if (s->has_cod &&
        (p[4] != s->has_mct || (p[4] && (p[9] == 1) != s->is_reversible)))
        return refuse(s, at,
                      "tiles with different component transformations "
                      "(PS3.5 8.2.4)");
    if (!s->has_cod) {
        s->has_mct = p[4];
        s->is_reversible = p[9] == 1;
    }
    s->has_cod = 1;
    return transformation(s, p[9], at);
}

/* The component takes one byte, as there are fewer than 257 (A.6.2). */
static enum dcm_status coc(struct dcm_j2k *s, const uint8_t *p, size_t n,
                           uint64_t at)
{
    if (n < 7)
        return wrong(s, at, "COC segment too short (ITU-T T.800 A.6.2)");
    s->is_ht |= p[5] >> 6 & 1;
    return transformation(s, p[6], at);
}

/* Bit i of Pcap, counted from the highest as 1, is Part i (T.800 A.5.2). */
static enum dcm_status cap(struct dcm_j2k *s, const uint8_t *p, size_t n,
                           uint64_t at)
{
    if (n < 4)
        return wrong(s, at, "CAP segment too short (ITU-T T.800 A.5.2)");
    s->is_ht |= dcm_get32be(p) >> (32 - 15) & 1;
    return DCM_OK;
}

static const struct {
    unsigned marker;
    enum dcm_status (*read)(struct dcm_j2k *s, const uint8_t *p, size_t n,
                            uint64_t at);
} segments[] = {{DCM_J2K_SIZ, siz},
                {DCM_J2K_COD, cod},
                {DCM_J2K_COC, coc},
                {DCM_J2K_CAP, cap}};

enum dcm_status dcm_j2k_segment(struct dcm_j2k *s, unsigned marker,
                                const uint8_t *p, size_t n, uint64_t at)
{
    for (size_t i = 0; i < sizeof segments / sizeof *segments; i++)
        if (segments[i].marker == marker)
            return segments[i].read(s, p, n, at);
    return DCM_OK;
}

/* ------------------------------------------------------------ conclusions */

#define SYCC 18 /* EnumCS (Table I.10) */

static const char *photometric(const struct dcm_j2k *s)
{
    if (s->job->image->samples == 1)
        return "MONOCHROME2";
    if (s->has_mct)
        return s->is_reversible ? "YBR_RCT" : "YBR_ICT";
    return s->colors == SYCC ? "YBR_FULL" : "RGB";
}

enum dcm_status dcm_j2k_conclude(struct dcm_j2k *s)
{
    struct dcm_image *image = s->job->image;

    image->bits_stored = s->precision;
    image->bits_allocated = s->precision <= 8 ? 8 : 16;
    image->photometric = photometric(s);
    image->is_lossy = s->is_lossy;
    if (s->is_ht)
        image->syntax = s->is_lossy ? STD ".203" : STD ".201";
    else
        image->syntax = s->is_lossy ? STD ".91" : STD ".90";
    if (s->is_lossy)
        image->method = s->is_ht ? "ISO_15444_15" : "ISO_15444_1";
    if (s->has_mct && (image->samples == 1 || s->colors == SYCC))
        return dcm_image_deviate(s->job, DCM_ISSUE_IMAGE_COLOR, image->offset,
                                 "component transformation of what is no RGB "
                                 "(ITU-T T.800 G.2)");
    return DCM_OK;
}
