/* Data sets in JSON or XML to DICOM files: what source.c finds in an input, put
 * together by compose.c, with bulk data from fetch.c. As a stream, or through a
 * tree where changes or the order of attributes ask for one. Knows nothing of
 * how the text looks and of where outputs go. */
#include "import.h"

#include <libdcm/error.h>
#include <libdcm/input.h>
#include <libdcm/scope.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PIXELS DCM_TAG(0x7FE0, 0x0010)

struct state {
    struct tool_worker *worker;
    const struct tool_import_options *options;
    struct tool_source *source;
    struct tool_compose *compose;
    struct tool_fetch *fetch;
};

/* ----------------------------------------------------------------- options */

/* `json2dcm a.json b.dcm`, as other toolkits have it, would read b.dcm. */
static int check_outputs(const struct tool_run *run, char *why, size_t size)
{
    const struct tool_options *c = run->options;

    if (c->folder)
        return 1;
    if (c->output && run->several)
        snprintf(why, size, "-o takes one input; use -d for several");
    else if (c->operand_count == 2 && !c->recurse && !c->files_from)
        snprintf(why, size,
                 "'%.200s' is taken as an input; to write it use -o, and for "
                 "several inputs -d",
                 c->operands[1]);
    else if (run->several)
        snprintf(why, size, "several inputs need -d");
    else if (tool_on_terminal(run))
        snprintf(why, size, "no DICOM to a terminal; use -o");
    else
        return 1;
    return 0;
}

int tool_import_prepare(struct tool_run *run, char *why, size_t size)
{
    if (run->options->partial) {
        snprintf(why, size,
                 "--partial is not for %s: a data set is written whole or "
                 "not at all",
                 run->tool->reads);
        return 0;
    }
    return check_outputs(run, why, size);
}

const char *tool_import_other(const struct tool_run *run, size_t i)
{
    const struct tool_import_options *o =
        (const struct tool_import_options *)run->options;

    if (o->compose.template && i-- == 0)
        return o->compose.template;
    return i < o->fetch.count ? o->fetch.names[i].file : NULL;
}

int tool_import_main(const struct tool *tool, enum tool_format format, int argc,
                     char **argv)
{
    struct tool_import_options options = {
        .format = format, .compose = {.lengths = DCM_LENGTHS_EXPLICIT}};
    int status = tool_main(tool, &options.common, argc, argv);

    tool_edits_release(&options.compose.edits);
    tool_fetch_options_release(&options.fetch);
    return status;
}

/* ---------------------------------------------------------------- bulk data */

/* JPEG, JPEG-LS and JPEG 2000 code streams begin so. */
static int is_compressed(const struct dcm_bulk_data *data)
{
    static const unsigned char jpeg[3] = {0xFF, 0xD8, 0xFF};
    static const unsigned char j2k[4] = {0xFF, 0x4F, 0xFF, 0x51};
    unsigned char head[4];

    return data->size >= sizeof head &&
           data->input->read_at(data->input, data->offset, head, sizeof head) ==
               (ptrdiff_t)sizeof head &&
           (memcmp(head, jpeg, sizeof jpeg) == 0 ||
            memcmp(head, j2k, sizeof j2k) == 0);
}

/* A JP2 file holds a code stream, which is what belongs there (PS3.5 A.4.4). */
static enum dcm_status unwrap(struct state *s, struct dcm_bulk_data *data,
                              struct dcm_error *error)
{
    static const unsigned char jp2[8] = {0, 0, 0, 12, 'j', 'P', ' ', ' '};
    struct dcm_image_options o = {.size = sizeof o};
    struct dcm_image image = {.size = sizeof image};
    unsigned char head[sizeof jp2];
    enum dcm_status status;

    if (data->offset || data->size != data->input->size ||
        data->size < sizeof head ||
        data->input->read_at(data->input, 0, head, sizeof head) !=
            (ptrdiff_t)sizeof head ||
        memcmp(head, jp2, sizeof jp2) != 0)
        return DCM_OK;
    o.policy = s->worker->policy;
    status = dcm_image_read(&image, data->input, &o, error);
    if (status == DCM_OK) {
        data->offset = image.offset;
        data->size = image.length;
    }
    return status;
}

/* What looks like a compressed image would be pixels by the transfer syntax. */
static enum dcm_status refuse(const struct state *s, struct dcm_error *error)
{
    if (s->options->compose.syntax)
        return DCM_OK; /* the user has said so */
    return dcm_error_fill(
        error, DCM_ERR_MALFORMED, DCM_NO_OFFSET, "",
        "Pixel Data is a compressed image, but the transfer syntax has "
        "uncompressed pixels: name the right one with --to; jpeg2dcm finds "
        "it (PS3.5 A.4)");
}

/* Is a dcm_bulk_open_fn. */
static enum dcm_status open_bulk(void *user, const struct dcm_event *event,
                                 const char *uri, size_t length,
                                 unsigned number, struct dcm_bulk_data *data,
                                 struct dcm_error *error)
{
    struct state *s = user;
    enum dcm_status status;

    if (tool_source_skips(s->source))
        return number ? DCM_DONE : DCM_OK;
    status = tool_fetch_open(s->fetch, event, uri, length, number, data, error);
    if (status != DCM_OK || event->tag != PIXELS || event->depth > 0)
        return status;
    if (event->scope->encapsulated)
        return unwrap(s, data, error);
    return is_compressed(data) ? refuse(s, error) : DCM_OK;
}

/* --------------------------------------------------------------- life times */

static struct tool_source *new_source(struct state *s)
{
    const struct tool_import_options *o = s->options;
    struct tool_source_options reading = {.format = o->format};

    reading.by_tree = tool_compose_by_tree(&o->compose);
    reading.index = o->index;
    reading.advice = "; dcmconv converts it";
    reading.bulk = open_bulk;
    reading.user = s;
    reading.syntax = o->compose.syntax;
    reading.binary_numbers = o->binary_numbers;
    return tool_source_new(&reading, s->worker);
}

int tool_import_open(struct tool_worker *w)
{
    const struct tool_import_options *o =
        (const struct tool_import_options *)w->run->options;
    struct state *s = calloc(1, sizeof *s);
    struct tool_composing with = {&o->compose, &o->common.limits, w->policy,
                                  &w->log, w->output};

    w->state = s;
    if (!s)
        return -1;
    s->worker = w;
    s->options = o;
    s->source = new_source(s);
    s->compose = tool_compose_new(&with);
    s->fetch = tool_fetch_new(&o->fetch, w);
    return s->source && s->compose && s->fetch ? 0 : -1;
}

void tool_import_close(struct tool_worker *w)
{
    struct state *s = w->state;

    if (!s)
        return;
    tool_source_free(s->source);
    tool_compose_free(s->compose);
    tool_fetch_free(s->fetch);
    free(s);
    w->state = NULL;
}

/* ----------------------------------------------------------------- an input */

enum dcm_status tool_import_start(struct tool_worker *w,
                                  struct dcm_error *error)
{
    struct state *s = w->state;
    enum dcm_status status;
    int count;

    tool_fetch_clear(s->fetch, 0);
    status = tool_source_open(s->source, error);
    if (status != DCM_OK || s->options->index)
        return status;
    count = tool_source_count(s->source);
    if (count == 0)
        return dcm_error_fill(error, DCM_ERR_MALFORMED, DCM_NO_OFFSET, "",
                              "the array has no data set (PS3.18 F.2.1)");
    if (count > 1 && !w->run->options->folder)
        return dcm_error_fill(error, DCM_ERR_ARGUMENT, DCM_NO_OFFSET, "",
                              "the array has several data sets: -d writes a "
                              "file for each, --index takes one of them");
    w->numbered = count > 1;
    return DCM_OK;
}

/* --------------------------------------------------------------- a data set */

static enum dcm_status take_tree(struct state *s, struct dcm_source *source,
                                 struct dcm_error *error)
{
    struct dcm_dataset *tree = tool_compose_tree(s->compose);
    enum dcm_status status;

    if (!tree)
        return dcm_error_fill(error, DCM_ERR_MEMORY, DCM_NO_OFFSET, "",
                              "no memory");
    tool_fetch_clear(s->fetch, 1);
    status = dcm_pump(source, dcm_dataset_sink(tree), error);
    if (status != DCM_OK)
        return status;
    return tool_compose_finish_tree(s->compose,
                                    tool_source_beyond_ascii(s->source), error);
}

/* Is the call of a struct tool_taker. */
static enum dcm_status take(void *user, struct dcm_source *source, int by_tree,
                            struct dcm_error *error)
{
    struct state *s = user;

    if (by_tree)
        return take_tree(s, source, error);
    tool_fetch_clear(s->fetch, 0);
    return dcm_pump(source, tool_compose_stream(s->compose), error);
}

enum dcm_status tool_import_convert(struct tool_worker *w,
                                    struct dcm_error *error)
{
    struct state *s = w->state;
    struct tool_taker taker = {take, s};
    enum dcm_status status = tool_source_convert(s->source, &taker, error);

    w->syntax = tool_compose_syntax(s->compose);
    if (status == DCM_OK)
        tool_compose_end(s->compose);
    return status;
}

void tool_import_end(struct tool_worker *w, int whole, int kept)
{
    (void)w;
    (void)whole;
    (void)kept;
}
