/* Use. Goes through a JPEG or JPEG-LS image from SOI to EOI, segment by segment
 * and past entropy-coded data, of which it only looks for the end. What a
 * segment says is image_jpeg_markers.c's. ITU-T T.81 B.1 and B.2, T.87 C.
 *
 *   image = SOI { segment } SOS data { { segment } SOS data } EOI
 *
 * Thumbnails lie inside APPn segments, so a walk by lengths never sees them.
 */
#include "image_jpeg.h"

#include <string.h>

/* B.1.1.3: FF, and a byte that is neither 0 nor FF; 02 to BF are reserved and
 * of unknown form. */
static int is_marker(unsigned code)
{
    return code == DCM_JPEG_TEM || (code >= DCM_JPEG_SOF0 && code != 0xFF);
}

static int is_restart(unsigned code)
{
    return code >= DCM_JPEG_RST0 && code <= DCM_JPEG_RST7;
}

static enum dcm_status ended(struct dcm_image_job *job)
{
    return dcm_image_fail(job, DCM_ERR_TRUNCATED, job->cursor.offset,
                          "the image ends where a marker is expected "
                          "(ITU-T T.81 B.2.1)");
}

/* Past the next marker, fill bytes (FF) before it and what is no marker at
 * all; *at is the offset of its FF. */
static enum dcm_status next_marker(struct dcm_image_job *job, unsigned *marker,
                                   uint64_t *at)
{
    struct dcm_cursor *c = &job->cursor;
    uint64_t junk = DCM_NO_OFFSET;

    for (;;) {
        size_t have = dcm_cursor_peek(c, 2);

        if (have < 2)
            return ended(job);
        if (c->p[0] == 0xFF && c->p[1] == 0xFF) {
            dcm_cursor_take(c, 1);
            continue;
        }
        if (c->p[0] == 0xFF && is_marker(c->p[1]))
            break;
        if (junk == DCM_NO_OFFSET)
            junk = c->offset;
        if (c->p[0] == 0xFF) {
            dcm_cursor_take(c, 2);
        } else {
            const uint8_t *q = memchr(c->p, 0xFF, have);

            dcm_cursor_take(c, q ? (size_t)(q - c->p) : have);
        }
    }
    *marker = c->p[1];
    *at = c->offset;
    dcm_cursor_take(c, 2);
    if (junk == DCM_NO_OFFSET)
        return DCM_OK;
    return dcm_image_deviate(job, DCM_ISSUE_IMAGE_MARKER, junk,
                             "bytes where a marker is expected "
                             "(ITU-T T.81 B.1.1)");
}

static enum dcm_status standalone(struct dcm_image_job *job, unsigned marker,
                                  uint64_t at)
{
    if (marker == DCM_JPEG_SOI)
        return dcm_image_fail(job, DCM_ERR_MALFORMED, at,
                              "another image begins before the end of the "
                              "first (ITU-T T.81 B.2.1)");
    return dcm_image_deviate(job, DCM_ISSUE_IMAGE_MARKER, at,
                             "marker FF %02X outside of a scan "
                             "(ITU-T T.81 B.1.1.3)",
                             marker);
}

static enum dcm_status segment(struct dcm_jpeg *j, unsigned marker, uint64_t at)
{
    struct dcm_image_job *job = j->job;
    struct dcm_cursor *c = &job->cursor;
    enum dcm_status status;
    size_t n;

    if (dcm_cursor_peek(c, 2) < 2)
        return ended(job);
    n = dcm_get16be(c->p);
    if (n < 2)
        return dcm_image_fail(job, DCM_ERR_MALFORMED, c->offset,
                              "segment FF %02X of length %zu, at least 2 "
                              "expected (ITU-T T.81 B.1.1.4)",
                              marker, n);
    if (dcm_cursor_peek(c, n) < n)
        return dcm_image_fail(job, DCM_ERR_TRUNCATED, at,
                              "segment FF %02X of %zu bytes passes the end of "
                              "the image (ITU-T T.81 B.1.1.4)",
                              marker, n);
    status = dcm_jpeg_segment(j, marker, c->p + 2, n - 2, at);
    dcm_cursor_take(c, n);
    return status;
}

/* Past entropy-coded data. In them FF is followed by 0 (T.81 B.1.1.5), in
 * JPEG-LS by a byte whose first bit is 0 (T.87 A.1), or it is RSTm. Returns
 * 0 when the input ends first. */
static int pass_scan(const struct dcm_jpeg *j)
{
    struct dcm_cursor *c = &j->job->cursor;
    unsigned data = j->sof == DCM_JPEG_SOF55 ? 0x7F : 0;
    size_t have;

    while ((have = dcm_cursor_peek(c, 1)) != 0) {
        const uint8_t *q = memchr(c->p, 0xFF, have);

        if (!q) {
            dcm_cursor_take(c, have);
            continue;
        }
        dcm_cursor_take(c, (size_t)(q - c->p));
        if (dcm_cursor_peek(c, 2) < 2)
            return 0;
        if (c->p[1] == 0xFF)
            dcm_cursor_take(c, 1);
        else if (c->p[1] <= data || is_restart(c->p[1]))
            dcm_cursor_take(c, 2);
        else
            return 1;
    }
    return 0;
}

/* The input ended in a scan. A lone FF at its end is half an EOI. */
static enum dcm_status without_end(struct dcm_jpeg *j)
{
    struct dcm_image_job *job = j->job;
    enum dcm_status status = dcm_jpeg_conclude(j, 1);

    if (status != DCM_OK)
        return status;
    job->image->length = job->cursor.offset;
    job->image->lacks_end = 1;
    status = dcm_image_decode(job);
    if (status != DCM_OK)
        return status;
    return dcm_image_deviate(job, DCM_ISSUE_IMAGE_END, job->cursor.offset,
                             "the image ends without EOI");
}

static enum dcm_status scan(struct dcm_jpeg *j, int *has_ended)
{
    struct dcm_image_job *job = j->job;
    uint64_t from = job->cursor.offset;

    *has_ended = !pass_scan(j);
    if (job->cursor.failed)
        return ended(job);
    if (job->cursor.offset != from)
        return DCM_OK;
    return dcm_image_fail(job, DCM_ERR_TRUNCATED, from,
                          "scan without data (ITU-T T.81 B.2.3)");
}

enum dcm_status dcm_image_jpeg(struct dcm_image_job *job)
{
    struct dcm_jpeg j = {.job = job};
    enum dcm_status status;
    unsigned marker = 0;
    uint64_t at = 0;
    int has_ended = 0;

    dcm_cursor_take(&job->cursor, 2);
    for (;;) {
        status = next_marker(job, &marker, &at);
        if (status == DCM_OK && marker == DCM_JPEG_EOI)
            break;
        if (status != DCM_OK)
            return status;
        if (marker == DCM_JPEG_TEM || marker == DCM_JPEG_SOI ||
            is_restart(marker))
            status = standalone(job, marker, at);
        else
            status = segment(&j, marker, at);
        if (status == DCM_OK && marker == DCM_JPEG_SOS)
            status = scan(&j, &has_ended);
        if (status != DCM_OK)
            return status;
        if (has_ended)
            return without_end(&j);
    }
    status = dcm_jpeg_conclude(&j, 0);
    return status == DCM_OK ? dcm_image_ends(job, job->input->size) : status;
}
