/* Use. The way into an image file: which kind it is by its first bytes, a
 * window over the input, and what the files that know one kind share. Knows no
 * marker and no box. PS3.5 8.2 and A.4.
 */
#include "image.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define HEAD 132 /* bytes looked at; DICOM is known by the last four */
#define COUNT(table) (sizeof(table) / sizeof *(table))

/* The input from its beginning, wherever its own reading stands. */
struct again {
    struct dcm_input base;
    struct dcm_input *from;
    uint64_t at;
};

/* -------------------------------------------------------- what all share */

enum dcm_status dcm_image_fail(struct dcm_image_job *job, enum dcm_status code,
                               uint64_t offset, const char *format, ...)
{
    va_list ap;

    if (job->cursor.failed) { /* what looks like an end is none */
        if (job->error)
            *job->error = job->cursor.input->error;
        return DCM_ERR_READ;
    }
    va_start(ap, format);
    dcm_error_vfill(job->error, code, offset, "", format, ap);
    va_end(ap);
    return code;
}

enum dcm_status dcm_image_deviate(struct dcm_image_job *job, dcm_issue issue,
                                  uint64_t offset, const char *format, ...)
{
    char message[sizeof job->error->message];
    va_list ap;

    if (!job->options->policy)
        return DCM_OK;
    va_start(ap, format);
    vsnprintf(message, sizeof message, format, ap);
    va_end(ap);
    return dcm_deviation(job->options->policy, job->error, issue, NULL, offset,
                         "%s", message);
}

enum dcm_status dcm_image_ends(struct dcm_image_job *job, uint64_t limit)
{
    struct dcm_cursor *c = &job->cursor;
    uint64_t left = limit - c->offset;

    job->image->length = c->offset - job->image->offset;
    if (left == 0)
        return DCM_OK;
    /* Fragments of odd length get a byte of 0 (PS3.5 A.4); many have FF. */
    if (left == 1 && job->image->length % 2 && dcm_cursor_peek(c, 1) &&
        (*c->p == 0 || *c->p == 0xFF))
        return DCM_OK;
    return dcm_image_deviate(job, DCM_ISSUE_IMAGE_AFTER, c->offset,
                             "%" PRIu64 " bytes after the end of the image",
                             left);
}

/* ------------------------------------------------------------- the input */

static ptrdiff_t read_again(struct dcm_input *in, void *buffer, size_t n)
{
    struct again *a = (struct again *)in;
    ptrdiff_t got;

    if (n > a->from->size - a->at)
        n = (size_t)(a->from->size - a->at);
    if (n == 0)
        return 0;
    got = a->from->read_at(a->from, a->at, buffer, n);
    if (got < 0)
        in->error = a->from->error;
    else
        a->at += (uint64_t)got;
    return got;
}

static uint64_t skip_again(struct dcm_input *in, uint64_t n)
{
    struct again *a = (struct again *)in;

    if (n > a->from->size - a->at)
        n = a->from->size - a->at;
    a->at += n;
    return n;
}

static int open_cursor(struct dcm_image_job *job, struct again *a)
{
    memset(a, 0, sizeof *a);
    a->from = job->input;
    a->base.read = read_again;
    a->base.skip = skip_again;
    a->base.size = job->input->size;
    a->base.memory = job->input->memory;
    dcm_cursor_init(&job->cursor, 0);
    return dcm_cursor_open(&job->cursor, &a->base, 0);
}

/* ---------------------------------------------------------- kinds of file */

struct mark {
    const char *name;
    unsigned at, size;
    const char *bytes;
};

static const struct {
    struct mark mark;
    enum dcm_status (*read)(struct dcm_image_job *job);
} kinds[] = {
    {{"JPEG", 0, 2, "\xFF\xD8"}, dcm_image_jpeg},
    {{"JPEG 2000", 0, 4, "\xFF\x4F\xFF\x51"}, dcm_image_j2k},
    {{"JP2", 0, 12, "\0\0\0\x0CjP  \r\n\x87\n"}, dcm_image_j2k},
};

/* What people hand over in place of an image that DICOM can hold. */
static const struct mark others[] = {
    {"DICOM", 128, 4, "DICM"},     {"PNG", 0, 4, "\x89PNG"},
    {"GIF", 0, 4, "GIF8"},         {"PDF", 0, 5, "%PDF-"},
    {"TIFF", 0, 4, "II*\0"},       {"TIFF", 0, 4, "MM\0*"},
    {"BigTIFF", 0, 4, "II+\0"},    {"BigTIFF", 0, 4, "MM\0+"},
    {"WebP", 8, 4, "WEBP"},        {"JPEG XR", 0, 3, "II\xBC"},
    {"JPEG XL", 0, 2, "\xFF\x0A"}, {"JPEG XL", 4, 4, "JXL "},
    {"HEIF or MP4", 4, 4, "ftyp"}, {"HTML", 0, 2, "<!"},
    {"HTML", 0, 5, "<html"},       {"HTML", 0, 5, "<HTML"},
    {"XML", 0, 5, "<?xml"},        {"ZIP", 0, 4, "PK\3\4"},
    {"gzip", 0, 2, "\x1F\x8B"},    {"BMP", 0, 2, "BM"},
};

static int fits(const struct mark *m, const uint8_t *p, size_t n)
{
    return n >= m->at + m->size && memcmp(p + m->at, m->bytes, m->size) == 0;
}

/* Whether the n bytes there are end before this mark does. */
static int is_cut(const struct mark *m, const uint8_t *p, size_t n)
{
    return n < m->size && memcmp(p, m->bytes, n) == 0;
}

static enum dcm_status refuse(struct dcm_image_job *job, const uint8_t *p,
                              size_t n)
{
    char begins[3 * 8 + 1] = "";
    const char *name = NULL;

    for (size_t i = 0; i < COUNT(kinds); i++)
        if (is_cut(&kinds[i].mark, p, n))
            return dcm_image_fail(job, DCM_ERR_TRUNCATED, n, "%s",
                                  n ? "the image ends in its first marker"
                                    : "the image is empty");
    for (size_t i = 0; i < COUNT(others) && !name; i++)
        if (fits(&others[i], p, n))
            name = others[i].name;
    for (size_t i = 0; i < n && i < 8; i++)
        snprintf(begins + 3 * i, 4, " %02X", p[i]);
    return dcm_image_fail(
        job, DCM_ERR_MALFORMED, 0,
        "not a JPEG, JPEG-LS or JPEG 2000 image: begins with%s%s%s%s", begins,
        name ? " (" : "", name ? name : "", name ? ")" : "");
}

static enum dcm_status read_image(struct dcm_image_job *job)
{
    size_t n = dcm_cursor_peek(&job->cursor, HEAD);
    const uint8_t *p = job->cursor.p;

    for (size_t i = 0; i < COUNT(kinds); i++)
        if (fits(&kinds[i].mark, p, n))
            return kinds[i].read(job);
    return refuse(job, p, n < HEAD ? n : HEAD);
}

/* ---------------------------------------------------------------- the call */

/* The caller's struct, which may be of another version than ours: as much of
 * it as both know. */
static size_t common(size_t theirs, size_t ours)
{
    return theirs && theirs < ours ? theirs : ours;
}

/* An empty file is a stream, too. */
static enum dcm_status refuse_stream(struct dcm_image_job *job)
{
    uint8_t byte = 0;

    if (job->input->read(job->input, &byte, 1) == 0)
        return refuse(job, &byte, 0);
    return dcm_image_fail(job, DCM_ERR_ARGUMENT, DCM_NO_OFFSET,
                          "an image needs an input that can be read again");
}

enum dcm_status dcm_image_read(struct dcm_image *image, struct dcm_input *input,
                               const struct dcm_image_options *options,
                               struct dcm_error *error)
{
    struct dcm_image_options opts = {sizeof opts, NULL, 0};
    struct dcm_image found = {0};
    struct dcm_image_job job = {
        .image = &found, .input = input, .options = &opts, .error = error};
    struct again again;
    enum dcm_status status;
    size_t n = common(image->size, sizeof found);

    if (!input->read_at || input->size == UINT64_MAX)
        return refuse_stream(&job);
    if (options)
        memcpy(&opts, options, common(options->size, sizeof opts));
    if (!open_cursor(&job, &again))
        return dcm_error_fill(error, DCM_ERR_MEMORY, DCM_NO_OFFSET, "",
                              "no memory to read an image");
    status = read_image(&job);
    dcm_cursor_release(&job.cursor);
    if (status != DCM_OK)
        memset(&found, 0, sizeof found);
    found.size = n;
    memcpy(image, &found, n);
    return status;
}
