/* Use. Asks libjpeg-turbo whether a JPEG without EOI lacks only that: all of
 * its samples are decoded, an eighth in size, and forgotten row by row. The
 * only file that sees jpeglib.h. ITU-T T.81 B.2.1.
 *
 * libjpeg reads past the end of what it needs, so reaching the end of the input
 * says nothing: there it is given an EOI, and warns when it wants more bits
 * after that.
 */
#include "image.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jerror.h>
#include <jpeglib.h>

#define PIECE 32768u
/* Only scans that hold the components one by one, or refine each other, need
 * an image in memory. */
#define MOST_MEMORY (48L << 20)
#define MOST_SCANS 200 /* a few bytes of one can cost as much as an image */

struct decoder {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_source_mgr source;
    struct jpeg_progress_mgr progress;
    struct dcm_image_job *job;
    jmp_buf out;
    uint64_t at, end; /* of the input */
    int past_end;     /* the EOI was given that is not there */
    int cut, unread, no_memory;
    char message[JMSG_LENGTH_MAX]; /* why it can't be said */
    JOCTET buffer[PIECE];
};

/* -------------------------------------------------------- what went wrong */

static void stop(j_common_ptr jpeg)
{
    struct decoder *d = jpeg->client_data;

    d->no_memory = jpeg->err->msg_code == JERR_OUT_OF_MEMORY;
    jpeg->err->format_message(jpeg, d->message);
    longjmp(d->out, 1);
}

/* Warnings have level -1. Those of this table say nothing of the samples; the
 * others come from decoding, which they end. */
static void warn(j_common_ptr jpeg, int level)
{
    static const int harmless[] = {JWRN_ADOBE_XFORM, JWRN_EXTRANEOUS_DATA,
                                   JWRN_JFIF_MAJOR};
    struct decoder *d = jpeg->client_data;

    if (level >= 0)
        return;
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
        if (jpeg->err->msg_code == harmless[i])
            return;
    d->cut = 1;
    longjmp(d->out, 1);
}

static void say_nothing(j_common_ptr jpeg)
{
    (void)jpeg;
}

static void count_scans(j_common_ptr jpeg)
{
    struct decoder *d = jpeg->client_data;

    if (d->jpeg.input_scan_number <= MOST_SCANS)
        return;
    snprintf(d->message, sizeof d->message, "more than %d scans", MOST_SCANS);
    longjmp(d->out, 1);
}

/* -------------------------------------------------------------- the input */

static void nothing(j_decompress_ptr jpeg)
{
    (void)jpeg;
}

static boolean fill(j_decompress_ptr jpeg)
{
    static const JOCTET eoi[] = {0xFF, JPEG_EOI};
    struct decoder *d = jpeg->client_data;
    struct dcm_input *input = d->job->input;
    uint64_t left = d->end - d->at;
    ptrdiff_t got = 0;

    if (left)
        got = input->read_at(input, d->at, d->buffer,
                             left < PIECE ? (size_t)left : PIECE);
    if (got < 0) {
        d->unread = 1;
        longjmp(d->out, 1);
    }
    d->at += (uint64_t)got;
    d->past_end = got == 0;
    d->source.next_input_byte = got ? d->buffer : eoi;
    d->source.bytes_in_buffer = got ? (size_t)got : sizeof eoi;
    return TRUE;
}

static void skip(j_decompress_ptr jpeg, long n)
{
    struct decoder *d = jpeg->client_data;
    struct jpeg_source_mgr *s = &d->source;

    while (n > 0 && (size_t)n > s->bytes_in_buffer && !d->past_end) {
        n -= (long)s->bytes_in_buffer;
        fill(jpeg);
    }
    if (n > 0 && (size_t)n <= s->bytes_in_buffer) {
        s->next_input_byte += n;
        s->bytes_in_buffer -= (size_t)n;
    }
}

/* --------------------------------------------------------------- decoding */

static void prepare(struct decoder *d, struct dcm_image_job *job)
{
    d->job = job;
    d->at = job->image->offset;
    d->end = d->at + job->image->length;
    d->jpeg.err = jpeg_std_error(&d->errors);
    d->errors.error_exit = stop;
    d->errors.emit_message = warn;
    d->errors.output_message = say_nothing;
    d->source.init_source = nothing;
    d->source.fill_input_buffer = fill;
    d->source.skip_input_data = skip;
    d->source.resync_to_restart = jpeg_resync_to_restart;
    d->source.term_source = nothing;
    d->progress.progress_monitor = count_scans;
    d->jpeg.client_data = d;
}

/* Progressive: each coefficient down to its last bit (T.81 G.1.1). */
static int is_refined(const struct jpeg_decompress_struct *jpeg)
{
    for (int i = 0; jpeg->coef_bits && i < jpeg->num_components; i++)
        for (int k = 0; k < DCTSIZE2; k++)
            if (jpeg->coef_bits[i][k] != 0)
                return 0;
    return 1;
}

static int start(struct decoder *d)
{
    struct jpeg_decompress_struct *jpeg = &d->jpeg;

    if (setjmp(d->out))
        return 0;
    jpeg_create_decompress(jpeg);
    jpeg->mem->max_memory_to_use = MOST_MEMORY;
    jpeg->src = &d->source;
    jpeg->progress = &d->progress;
    jpeg_read_header(jpeg, TRUE);
    jpeg->out_color_space = jpeg->jpeg_color_space;
    jpeg->scale_num = 1;
    jpeg->scale_denom = 8;
    jpeg->do_fancy_upsampling = FALSE;
    jpeg->do_block_smoothing = FALSE;
    jpeg_start_decompress(jpeg);
    return 1;
}

static int decode(struct decoder *d)
{
    struct jpeg_decompress_struct *jpeg = &d->jpeg;
    JSAMPARRAY row;

    if (setjmp(d->out))
        return 0;
    row = jpeg->mem->alloc_sarray(
        (j_common_ptr)jpeg, JPOOL_IMAGE,
        jpeg->output_width * (JDIMENSION)jpeg->output_components, 1);
    while (jpeg->output_scanline < jpeg->output_height)
        jpeg_read_scanlines(jpeg, row, 1);
    d->cut = !is_refined(jpeg);
    return !d->cut;
}

static enum dcm_status explain(struct decoder *d)
{
    struct dcm_image_job *job = d->job;

    if (d->unread) {
        if (job->error)
            *job->error = job->input->error;
        return DCM_ERR_READ;
    }
    if (d->no_memory)
        return dcm_image_fail(job, DCM_ERR_MEMORY, DCM_NO_OFFSET,
                              "no memory to decode an image");
    if (d->cut)
        return dcm_image_fail(job, DCM_ERR_TRUNCATED, d->end,
                              "the image ends before all of its samples "
                              "(ITU-T T.81 B.2.1)");
    return dcm_image_fail(job, DCM_ERR_TRUNCATED, d->end,
                          "no EOI, and whether the image is whole can't be "
                          "checked: %s (ITU-T T.81 B.2.1)",
                          d->message);
}

enum dcm_status dcm_image_decode(struct dcm_image_job *job)
{
    struct decoder *d = calloc(1, sizeof *d);
    enum dcm_status status = DCM_OK;

    if (!d)
        return dcm_image_fail(job, DCM_ERR_MEMORY, DCM_NO_OFFSET,
                              "no memory to decode an image");
    prepare(d, job);
    if (!start(d) || !decode(d))
        status = explain(d);
    jpeg_destroy_decompress(&d->jpeg);
    free(d);
    return status;
}
