/* Image files: opened so that they can be read again, analysed, compared.
 * Their bytes stay where they are; of an image without its end, the input that
 * is handed on has it behind. Knows nothing of data sets. */
#include "jpeg.h"
#include "spool.h"

#include <libdcm/input.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SPOOLED (UINT64_C(1) << 40) /* when no limit is given */
#define COUNT(table) (sizeof(table) / sizeof *(table))

/* ----------------------------------------------------------------- opening */

/* All of a pipe, at most what the limit `output` allows. */
static struct dcm_input *through_spool(struct dcm_input *pipe, uint64_t limit,
                                       int *spool, struct dcm_error *error)
{
    int failed = tool_spool_fill(spool, pipe, limit ? limit : SPOOLED, error);

    dcm_input_free(pipe);
    return failed ? NULL : dcm_input_fd(*spool, error);
}

const char *tool_jpeg_name(const char *path)
{
    return strcmp(path, "-") == 0 ? "standard input" : path;
}

struct dcm_input *tool_jpeg_input(const char *path, uint64_t limit, int *spool,
                                  struct dcm_error *error)
{
    struct dcm_input *input = strcmp(path, "-") == 0
                                  ? dcm_input_fd(STDIN_FILENO, error)
                                  : dcm_input_file(path, error);

    *spool = -1;
    if (!input || input->read_at)
        return input;
    input = through_spool(input, limit, spool, error);
    if (input && !input->read_at) { /* nothing came */
        dcm_error_fill(error, DCM_ERR_TRUNCATED, 0, "", "is empty");
        dcm_input_free(input);
        input = NULL;
    }
    return input;
}

/* RFC 8259: '{' or '[' behind white space; a BOM may stand before it. */
int tool_jpeg_is_json(struct dcm_input *input)
{
    char head[256];
    uint64_t at = 0;
    ptrdiff_t got;

    while ((got = input->read_at(input, at, head, sizeof head)) > 0) {
        size_t n = (size_t)got, i = 0;

        if (at == 0 && n > 3 && memcmp(head, "\xEF\xBB\xBF", 3) == 0)
            i = 3;
        while (i < n && head[i] && strchr(" \t\r\n", head[i]))
            i++;
        if (i < n)
            return head[i] == '{' || head[i] == '[';
        at += n;
    }
    return 0;
}

/* --------------------------------------------------- an image with its end */

struct ended {
    struct dcm_input base;
    struct dcm_input *from;
    uint64_t length; /* of it, without the end */
};

static ptrdiff_t read_ended(struct dcm_input *in, uint64_t offset, void *buffer,
                            size_t n)
{
    struct ended *e = (struct ended *)in;
    unsigned char *to = buffer;
    ptrdiff_t got = 0;

    if (offset < e->length) {
        uint64_t left = e->length - offset;

        got =
            e->from->read_at(e->from, offset, to, n < left ? n : (size_t)left);
        if (got < 0)
            in->error = e->from->error;
        if (got < 0 || (uint64_t)got < left)
            return got;
        offset = e->length;
    }
    for (; (size_t)got < n && offset < in->size; offset++)
        to[got++] = offset == e->length ? 0xFF : 0xD9;
    return got;
}

static ptrdiff_t no_read(struct dcm_input *in, void *buffer, size_t n)
{
    (void)buffer;
    (void)n;
    dcm_error_fill(&in->error, DCM_ERR_READ, DCM_NO_OFFSET, "",
                   "an image is read by offset");
    return -1;
}

static uint64_t no_skip(struct dcm_input *in, uint64_t n)
{
    (void)in;
    (void)n;
    return 0;
}

static void free_ended(struct dcm_input *in)
{
    free(in);
}

static struct dcm_input *with_end(struct dcm_input *from, uint64_t length)
{
    struct ended *e = calloc(1, sizeof *e);

    if (!e)
        return NULL;
    e->base.read = no_read;
    e->base.skip = no_skip;
    e->base.read_at = read_ended;
    e->base.free = free_ended;
    e->base.size = length + 2;
    e->from = from;
    e->length = length;
    return &e->base;
}

/* --------------------------------------------------------------- analysing */

static enum dcm_status place(struct tool_jpeg_image *i, struct dcm_error *error)
{
    i->data.input = i->file;
    i->data.offset = i->image.offset;
    i->data.size = i->image.length;
    if (!i->image.lacks_end)
        return DCM_OK;
    i->ended = with_end(i->file, i->image.offset + i->image.length);
    if (!i->ended)
        return dcm_error_fill(error, DCM_ERR_MEMORY, DCM_NO_OFFSET, "",
                              "no memory");
    i->data.input = i->ended;
    i->data.size += 2;
    return DCM_OK;
}

static enum dcm_status analyse(struct tool_jpeg *t, struct tool_jpeg_image *i,
                               struct dcm_error *error)
{
    struct dcm_image_options options = {.size = sizeof options};
    enum dcm_status status;

    options.policy = t->policy;
    options.allow_retired = t->options->allow_retired;
    i->image.size = sizeof i->image;
    status = dcm_image_read(&i->image, i->file, &options, error);
    return status == DCM_OK ? place(i, error) : status;
}

/* What people try instead of the images that this is for. */
static const char *advice(struct tool_jpeg *t, struct dcm_input *input)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *words;
    } rows[] = {
        {"\x89PNG", 4,
         "PNG cannot be put into DICOM as it is; convert it to JPEG-LS or "
         "JPEG 2000, which lose nothing either"},
        {"%PDF", 4, "a PDF is a document and no image; it is left out here"},
    };
    char head[4];

    if (input->read_at(input, 0, head, sizeof head) == (ptrdiff_t)sizeof head)
        for (size_t i = 0; i < COUNT(rows); i++)
            if (memcmp(head, rows[i].bytes, rows[i].size) == 0)
                return rows[i].words;
    if (!tool_jpeg_is_json(input))
        return "";
    return tool_jpeg_is_json(t->first)
               ? "it is JSON; there can be one file of metadata only"
               : "it is JSON; metadata is the first operand, before images";
}

enum dcm_status tool_jpeg_open(struct tool_jpeg *t, struct tool_jpeg_image *i,
                               const char *path)
{
    struct dcm_error error;
    enum dcm_status status;

    memset(i, 0, sizeof *i);
    memset(&error, 0, sizeof error);
    i->path = path;
    i->spool = -1;
    i->borrowed = path == t->first_path;
    t->log->file = tool_jpeg_name(path);
    i->file = i->borrowed
                  ? t->first
                  : tool_jpeg_input(path, t->options->common.limits.output,
                                    &i->spool, &error);
    status = i->file ? analyse(t, i, &error) : error.code;
    if (status != DCM_OK)
        tool_log_error(t->log, &error, i->file ? advice(t, i->file) : "");
    return status;
}

void tool_jpeg_close(struct tool_jpeg_image *i)
{
    dcm_input_free(i->ended);
    if (!i->borrowed)
        dcm_input_free(i->file);
    if (i->path && i->spool >= 0)
        close(i->spool);
    memset(i, 0, sizeof *i);
}

/* --------------------------------------------------------------- comparing */

const char *tool_jpeg_difference(const struct dcm_image *a,
                                 const struct dcm_image *b)
{
    const struct {
        int differ;
        const char *what;
    } rows[] = {
        {strcmp(a->syntax, b->syntax) != 0, "is coded in another way"},
        {a->rows != b->rows || a->columns != b->columns, "has another size"},
        {a->samples != b->samples, "has another number of components"},
        {strcmp(a->photometric, b->photometric) != 0, "has other colors"},
        {a->bits_allocated != b->bits_allocated ||
             a->bits_stored != b->bits_stored || a->is_signed != b->is_signed,
         "has another depth"},
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        if (rows[i].differ)
            return rows[i].what;
    return NULL;
}
