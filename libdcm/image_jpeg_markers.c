/* Use. What the segments of a JPEG or JPEG-LS image say, and what follows from
 * all of them for DICOM: transfer syntax and colors. Knows nothing of where
 * segments come from. ITU-T T.81 B.2, T.87 C.2, T.872 (Adobe), JFIF 1.02, EXIF
 * (one tag); PS3.5 8.2.1 to 8.2.3, PS3.3 C.7.6.3.1.2.
 */
#include "image_jpeg.h"

#include <string.h>

#define STD "1.2.840.10008.1.2.4"
#define COUNT(table) (sizeof(table) / sizeof *(table))

/* ---------------------------------------------------------------- frames */

#define BITS_8 (1u << 8)
#define BITS_8_12 (1u << 8 | 1u << 12)
#define BITS_2_16 0x1FFFCu

/* T.81 Table B.2, T.87 C.2.2. `bits` has bit n set when a sample may have n;
 * a process that DICOM never had has no syntax. */
static const struct process {
    uint8_t marker;
    const char *name, *syntax;
    uint32_t bits;
} processes[] = {
    {0xC0, "baseline", STD ".50", BITS_8},
    {0xC1, "extended", STD ".51", BITS_8_12},
    {0xC2, "progressive", STD ".55", BITS_8_12},
    {0xC3, "lossless", STD ".57", BITS_2_16},
    {0xC5, "hierarchical (differential)", NULL, 0},
    {0xC6, "hierarchical (differential)", NULL, 0},
    {0xC7, "hierarchical (differential)", NULL, 0},
    {0xC9, "arithmetic coded", NULL, 0},
    {0xCA, "arithmetic coded", NULL, 0},
    {0xCB, "arithmetic coded", NULL, 0},
    {0xCD, "hierarchical arithmetic coded", NULL, 0},
    {0xCE, "hierarchical arithmetic coded", NULL, 0},
    {0xCF, "hierarchical arithmetic coded", NULL, 0},
    {0xDE, "hierarchical", NULL, 0},
    {0xDF, "hierarchical", NULL, 0},
    {0xF7, "JPEG-LS", STD ".80", BITS_2_16},
};

static const struct process *find_process(unsigned marker)
{
    for (size_t i = 0; i < COUNT(processes); i++)
        if (processes[i].marker == marker)
            return &processes[i];
    return NULL;
}

static int is_lossless(unsigned sof)
{
    return sof == DCM_JPEG_SOF3 || sof == DCM_JPEG_SOF55;
}

static enum dcm_status check_process(struct dcm_jpeg *j,
                                     const struct process *process, uint64_t at)
{
    struct dcm_image_job *job = j->job;

    if (!process->syntax)
        return dcm_image_fail(job, DCM_ERR_UNSUPPORTED, at,
                              "%s JPEG has no transfer syntax: encode the "
                              "image anew (PS3.5 8.2.1)",
                              process->name);
    if (process->marker == 0xC2 && !job->options->allow_retired)
        return dcm_image_fail(job, DCM_ERR_UNSUPPORTED, at,
                              "progressive JPEG: its transfer syntax is "
                              "retired; encode the image as baseline, or "
                              "allow retired ones (PS3.5 8.2.1)");
    if (j->sof)
        return dcm_image_fail(job, DCM_ERR_MALFORMED, at,
                              "second frame header (ITU-T T.81 B.2.1)");
    return DCM_OK;
}

/* P Y X Nf, then Ci HiVi Tqi for each component (T.81 B.2.2). */
static enum dcm_status check_frame(struct dcm_jpeg *j,
                                   const struct process *process,
                                   const uint8_t *p, size_t n, uint64_t at)
{
    struct dcm_image_job *job = j->job;

    if (n < 6)
        return dcm_image_fail(job, DCM_ERR_MALFORMED, at,
                              "frame header of %zu bytes (ITU-T T.81 B.2.2)",
                              n + 2);
    if (p[0] > 16 || !(process->bits >> p[0] & 1))
        return dcm_image_fail(job, DCM_ERR_MALFORMED, at + 4,
                              "%u bits a sample, which %s JPEG does not have "
                              "(ITU-T T.81 B.2.2)",
                              p[0], process->name);
    if (dcm_get16be(p + 1) == 0)
        return dcm_image_fail(job, DCM_ERR_UNSUPPORTED, at + 5,
                              "the frame header has no height: it is left to "
                              "a DNL or LSE segment (ITU-T T.81 B.2.5)");
    if (dcm_get16be(p + 3) == 0)
        return dcm_image_fail(job, DCM_ERR_MALFORMED, at + 7,
                              "width 0 (ITU-T T.81 B.2.2)");
    if (p[5] == 0 || n != 6 + 3 * (size_t)p[5])
        return dcm_image_fail(job, DCM_ERR_MALFORMED, at + 2,
                              "frame header of %zu bytes for %u components "
                              "(ITU-T T.81 B.2.2)",
                              n + 2, p[5]);
    if (p[5] != 1 && p[5] != 3)
        return dcm_image_fail(job, DCM_ERR_UNSUPPORTED, at + 9,
                              "%u components, where DICOM has 1 or 3 "
                              "(PS3.3 C.7.6.3.1.1)",
                              p[5]);
    return DCM_OK;
}

static int part_of(const struct dcm_jpeg *j, unsigned count, uint8_t id)
{
    for (unsigned i = 0; i < count; i++)
        if (j->parts[i].id == id)
            return (int)i;
    return -1;
}

static enum dcm_status components(struct dcm_jpeg *j, const uint8_t *p,
                                  uint64_t at)
{
    struct dcm_image *image = j->job->image;

    for (unsigned i = 0; i < image->samples; i++, p += 3) {
        struct dcm_jpeg_part *part = &j->parts[i];

        if (part_of(j, i, p[0]) >= 0)
            return dcm_image_fail(j->job, DCM_ERR_MALFORMED, at + 10 + 3 * i,
                                  "two components have one identifier "
                                  "(ITU-T T.81 B.2.2)");
        part->id = p[0];
        part->h = p[1] >> 4;
        part->v = p[1] & 15;
        if (part->h < 1 || part->h > 4 || part->v < 1 || part->v > 4)
            return dcm_image_fail(j->job, DCM_ERR_MALFORMED, at + 11 + 3 * i,
                                  "sampling factors %ux%u, 1 to 4 expected "
                                  "(ITU-T T.81 B.2.2)",
                                  part->h, part->v);
        image->subsampled |=
            part->h != j->parts[0].h || part->v != j->parts[0].v;
    }
    if (image->subsampled && is_lossless(j->sof))
        return dcm_image_fail(j->job, DCM_ERR_UNSUPPORTED, at,
                              "lossless components of different size, for "
                              "which DICOM has no photometric interpretation "
                              "(PS3.5 8.2.1)");
    return DCM_OK;
}

static enum dcm_status frame(struct dcm_jpeg *j, const struct process *process,
                             const uint8_t *p, size_t n, uint64_t at)
{
    struct dcm_image *image = j->job->image;
    enum dcm_status status = check_process(j, process, at);

    if (status == DCM_OK)
        status = check_frame(j, process, p, n, at);
    if (status != DCM_OK)
        return status;
    j->sof = process->marker;
    j->syntax = process->syntax;
    image->bits_stored = p[0];
    image->rows = dcm_get16be(p + 1);
    image->columns = dcm_get16be(p + 3);
    image->samples = p[5];
    return components(j, p + 6, at);
}

/* ----------------------------------------------------------------- scans */

/* Components of one scan: Csj and its tables, which in JPEG-LS is one that
 * maps to colors. */
static enum dcm_status scan_parts(struct dcm_jpeg *j, const uint8_t *p,
                                  unsigned count, uint64_t at)
{
    unsigned seen = 0;

    for (unsigned i = 0; i < count; i++, p += 2) {
        int k = part_of(j, j->job->image->samples, p[0]);

        if (k < 0 || seen >> k & 1)
            return dcm_image_fail(j->job, DCM_ERR_MALFORMED, at + 5 + 2 * i,
                                  "scan of component %u, which the frame does "
                                  "not have or the scan has twice "
                                  "(ITU-T T.81 B.2.3)",
                                  p[0]);
        if (j->sof == DCM_JPEG_SOF55 && p[1])
            return dcm_image_fail(j->job, DCM_ERR_UNSUPPORTED, at + 6 + 2 * i,
                                  "JPEG-LS with a mapping table "
                                  "(PS3.5 8.2.3)");
        seen |= 1u << k;
        j->parts[k].scanned = 1;
    }
    return DCM_OK;
}

/* Ns, the components, then Ss Se AhAl, which are NEAR ILV Pt in JPEG-LS (T.87
 * C.2.3); Ss is the predictor of lossless JPEG, and Al its Pt. */
static enum dcm_status scan(struct dcm_jpeg *j, const uint8_t *p, size_t n,
                            uint64_t at)
{
    struct dcm_image_job *job = j->job;
    enum dcm_status status;
    const uint8_t *end;

    if (!j->sof)
        return dcm_image_fail(job, DCM_ERR_MALFORMED, at,
                              "scan before the frame header "
                              "(ITU-T T.81 B.2.1)");
    if (n < 6 || p[0] > 4 || n != 4 + 2 * (size_t)p[0])
        return dcm_image_fail(job, DCM_ERR_MALFORMED, at,
                              "scan header of %zu bytes (ITU-T T.81 B.2.3)",
                              n + 2);
    end = p + n - 3;
    status = scan_parts(j, p + 1, p[0], at);
    if (status != DCM_OK)
        return status;
    if ((j->sof == DCM_JPEG_SOF3 && (end[0] < 1 || end[0] > 7)) ||
        (j->sof == DCM_JPEG_SOF55 && end[1] > 2))
        return dcm_image_fail(job, DCM_ERR_MALFORMED, at + 2 + n - 1,
                              "scan with a predictor or interleave mode that "
                              "does not exist (ITU-T T.81 H.1.2, T.87 C.2.3)");
    j->other_predictor |= end[0] != 1;
    j->is_near |= end[0] != 0;
    if (is_lossless(j->sof) && end[2] & 15)
        return dcm_image_deviate(job, DCM_ISSUE_IMAGE_MARKER, at + 2 + n + 1,
                                 "lossless JPEG without the lowest %u bits "
                                 "(point transform, ITU-T T.81 A.4)",
                                 end[2] & 15u);
    return DCM_OK;
}

/* ----------------------------------------------------------- application */

static int begins(const uint8_t *p, size_t n, const char *with, size_t size)
{
    return n >= size && memcmp(p, with, size) == 0;
}

/* The orientation in directory 0 of the TIFF file that EXIF is: tag 0112, one
 * SHORT. Goes into no other directory. */
static unsigned exif_orientation(const uint8_t *p, size_t n)
{
    int is_big = begins(p, n, "MM\0*", 4);
    size_t at, count;

    if (n < 8 || (!is_big && !begins(p, n, "II*\0", 4)))
        return 0;
    at = is_big ? dcm_get32be(p + 4) : dcm_get32le(p + 4);
    if (at > n - 2)
        return 0;
    count = is_big ? dcm_get16be(p + at) : dcm_get16le(p + at);
    for (at += 2; count && n - at >= 12; count--, at += 12) {
        unsigned tag = is_big ? dcm_get16be(p + at) : dcm_get16le(p + at);
        unsigned type =
            is_big ? dcm_get16be(p + at + 2) : dcm_get16le(p + at + 2);
        unsigned value =
            is_big ? dcm_get16be(p + at + 8) : dcm_get16le(p + at + 8);

        if (tag == 0x0112)
            return type == 3 && value <= 8 ? value : 0;
    }
    return 0;
}

static enum dcm_status exif(struct dcm_jpeg *j, const uint8_t *p, size_t n,
                            uint64_t at)
{
    unsigned orientation;

    if (j->has_exif || !begins(p, n, "Exif\0\0", 6))
        return DCM_OK;
    j->has_exif = 1;
    orientation = exif_orientation(p + 6, n - 6);
    j->job->image->orientation = orientation;
    if (orientation <= 1)
        return DCM_OK;
    return dcm_image_deviate(j->job, DCM_ISSUE_IMAGE_TURNED, at,
                             "EXIF orientation %u", orientation);
}

static enum dcm_status application(struct dcm_jpeg *j, unsigned marker,
                                   const uint8_t *p, size_t n, uint64_t at)
{
    if (marker == 0xE0 && begins(p, n, "JFIF", 5))
        j->has_jfif = 1;
    if (marker == 0xE1)
        return exif(j, p, n, at);
    /* Color transforms of a JPEG-LS encoder's own; 0 is none. */
    if (marker == 0xE8 && n >= 5 && begins(p, n, "mrfx", 4))
        j->turns_color = p[4] != 0;
    if (marker == 0xEE && n >= 12 && begins(p, n, "Adobe", 5)) {
        j->has_adobe = 1;
        j->adobe = p[11];
    }
    return DCM_OK;
}

enum dcm_status dcm_jpeg_segment(struct dcm_jpeg *j, unsigned marker,
                                 const uint8_t *p, size_t n, uint64_t at)
{
    const struct process *process = find_process(marker);

    if (process)
        return frame(j, process, p, n, at);
    if (marker == DCM_JPEG_SOS)
        return scan(j, p, n, at);
    if (marker >= 0xE0 && marker <= 0xEF)
        return application(j, marker, p, n, at);
    if (marker == 0xDC)
        return dcm_image_fail(j->job, DCM_ERR_UNSUPPORTED, at,
                              "DNL segment: the frame header should have the "
                              "height (ITU-T T.81 B.2.5)");
    return DCM_OK;
}

/* ------------------------------------------------------------ conclusions */

static int has_rgb_names(const struct dcm_jpeg *j)
{
    return j->parts[0].id == 'R' && j->parts[1].id == 'G' &&
           j->parts[2].id == 'B';
}

/* Of three components. JFIF has YCbCr only, so it wins over Adobe; without
 * either, names decide. */
static int is_ycc(const struct dcm_jpeg *j)
{
    if (j->has_jfif)
        return 1;
    if (j->has_adobe)
        return j->adobe != 0;
    return !has_rgb_names(j);
}

static const char *photometric(const struct dcm_jpeg *j)
{
    if (j->job->image->samples == 1)
        return "MONOCHROME2";
    if (j->sof == DCM_JPEG_SOF55)
        return "RGB";
    if (j->sof == DCM_JPEG_SOF3)
        return j->has_jfif || (j->has_adobe && j->adobe == 1) ? "YBR_FULL"
                                                              : "RGB";
    /* Whatever the sampling (PS3.5 Table 8.2.1-1). */
    return is_ycc(j) ? "YBR_FULL_422" : "RGB";
}

/* What about the colors is in dispute, or NULL. */
static const char *dispute(const struct dcm_jpeg *j)
{
    if (j->job->image->samples == 1)
        return NULL;
    if (j->sof == DCM_JPEG_SOF55)
        return j->turns_color ? "JPEG-LS with a color transform of its own, "
                                "taken as RGB"
                              : NULL;
    if (j->has_jfif && j->has_adobe && j->adobe == 0)
        return "JFIF says YCbCr and Adobe's marker says RGB, taken as YCbCr";
    if (j->has_jfif && has_rgb_names(j))
        return "JFIF says YCbCr and the components are named R, G, B, taken "
               "as YCbCr";
    if (j->has_adobe && j->adobe > 1)
        return "Adobe's marker says four components and there are three";
    if (j->sof == 0xC1)
        return "extended JPEG has 1 component in DICOM, this has 3 "
               "(PS3.5 8.2.1)";
    return NULL;
}

static enum dcm_status check_whole(struct dcm_jpeg *j, int is_cut)
{
    struct dcm_image_job *job = j->job;

    if (!j->sof)
        return dcm_image_fail(job, DCM_ERR_MALFORMED, job->cursor.offset,
                              "no frame header before the end of the image "
                              "(ITU-T T.81 B.2.1)");
    for (unsigned i = 0; i < job->image->samples; i++)
        if (!j->parts[i].scanned)
            return dcm_image_fail(
                job, is_cut ? DCM_ERR_TRUNCATED : DCM_ERR_MALFORMED,
                job->cursor.offset,
                "no scan of component %u before the end of the image "
                "(ITU-T T.81 B.2.3)",
                j->parts[i].id);
    return DCM_OK;
}

enum dcm_status dcm_jpeg_conclude(struct dcm_jpeg *j, int is_cut)
{
    struct dcm_image *image = j->job->image;
    enum dcm_status status = check_whole(j, is_cut);
    const char *why;

    if (status != DCM_OK)
        return status;
    image->syntax = j->syntax;
    image->photometric = photometric(j);
    image->bits_allocated = image->bits_stored <= 8 ? 8 : 16;
    image->is_lossy = !is_lossless(j->sof);
    image->method = image->is_lossy ? "ISO_10918_1" : NULL;
    /* "Selection Value 1" is a syntax of its own (PS3.5 A.4.1). */
    if (j->sof == DCM_JPEG_SOF3 && !j->other_predictor)
        image->syntax = STD ".70";
    if (j->sof == DCM_JPEG_SOF55 && j->is_near) {
        image->syntax = STD ".81";
        image->is_lossy = 1;
        image->method = "ISO_14495_1";
    }
    why = dispute(j);
    if (!why)
        return DCM_OK;
    return dcm_image_deviate(j->job, DCM_ISSUE_IMAGE_COLOR, 0, "%s", why);
}
