/* One input in the DICOM JSON Model to DICOM files: as a stream, and through a
 * tree where changes or the order of attributes ask for one (PS3.18 F.2). What
 * turns out to need a tree only on the way is read once more, from the
 * beginning. Knows nothing of options and of where outputs go. */
#include "json_convert.h"

#include <libdcm/error.h>
#include <libdcm/input.h>
#include <libdcm/scope.h>

#include <stdlib.h>
#include <string.h>

#define PIXELS DCM_TAG(0x7FE0, 0x0010)
#define HEAD 512u /* bytes that are looked at beforehand */

struct state {
    struct tool_worker *worker;
    const struct tool_json_options *options;
    struct dcm_json_reader *reader;
    struct tool_compose *compose;
    struct tool_fetch *fetch;
    int by_tree;   /* this input, from here on */
    int skipping;  /* a data set that is not wanted */
    uint64_t done; /* data sets of the input that the reader is past */
};

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

/* Is a dcm_bulk_open_fn. */
static enum dcm_status open_bulk(void *user, const struct dcm_event *event,
                                 const char *uri, size_t length,
                                 unsigned number, struct dcm_bulk_data *data,
                                 struct dcm_error *error)
{
    struct state *s = user;
    enum dcm_status status;

    if (s->skipping)
        return number ? DCM_DONE : DCM_OK;
    status = tool_fetch_open(s->fetch, event, uri, length, number, data, error);
    if (status == DCM_OK && number == 0 && event->tag == PIXELS &&
        event->depth == 0 && !event->scope->encapsulated && is_compressed(data))
        tool_log_say(&s->worker->log, TOOL_WARNING,
                     "Pixel Data is a compressed image, but the transfer "
                     "syntax has uncompressed ones; name the right one with "
                     "--to (PS3.5 A.4)");
    return status;
}

/* --------------------------------------------------------------- life times */

int tool_json_open(struct tool_worker *w)
{
    const struct tool_json_options *o =
        (const struct tool_json_options *)w->run->options;
    struct state *s = calloc(1, sizeof *s);
    struct dcm_json_reader_options reading = {.size = sizeof reading};
    struct tool_composing with = {&o->compose, &o->common.limits, w->policy,
                                  &w->log, w->output};

    w->state = s;
    if (!s)
        return -1;
    s->worker = w;
    s->options = o;
    reading.policy = w->policy;
    reading.limits = &o->common.limits;
    reading.bulk = open_bulk;
    reading.user = s;
    reading.syntax = o->compose.syntax;
    reading.binary_numbers = o->binary_numbers;
    s->reader = dcm_json_reader_new(&reading);
    s->compose = tool_compose_new(&with);
    s->fetch = tool_fetch_new(&o->fetch, w);
    return s->reader && s->compose && s->fetch ? 0 : -1;
}

void tool_json_close(struct tool_worker *w)
{
    struct state *s = w->state;

    if (!s)
        return;
    dcm_json_reader_free(s->reader);
    tool_compose_free(s->compose);
    tool_fetch_free(s->fetch);
    free(s);
    w->state = NULL;
}

/* ---------------------------------------------------------------- skipping */

static enum dcm_status drop(struct dcm_sink *sink, const struct dcm_event *ev)
{
    (void)sink;
    (void)ev;
    return DCM_OK;
}

static const struct dcm_error *no_error(const struct dcm_sink *sink)
{
    (void)sink;
    return NULL;
}

static enum dcm_status wrong_number(const struct state *s,
                                    struct dcm_error *error)
{
    return dcm_error_fill(error, DCM_ERR_ARGUMENT, DCM_NO_OFFSET, "",
                          "has %llu data set%s: there is no number %llu",
                          (unsigned long long)s->done, s->done == 1 ? "" : "s",
                          (unsigned long long)s->options->index);
}

/* Past all before number n, which counts from 1. */
static enum dcm_status skip_to(struct state *s, uint64_t n,
                               struct dcm_error *error)
{
    struct dcm_sink sink = {drop, no_error};
    enum dcm_status status = DCM_OK;
    int more;

    s->skipping = 1;
    while (status == DCM_OK && s->done + 1 < n) {
        status = dcm_pump(dcm_json_reader_source(s->reader), &sink, error);
        if (status != DCM_OK)
            break;
        s->done++;
        more = dcm_json_reader_more(s->reader);
        if (more < 0) {
            *error = *dcm_json_reader_error(s->reader);
            status = error->code;
        } else if (!more) {
            status = wrong_number(s, error);
        }
    }
    s->skipping = 0;
    return status;
}

/* ----------------------------------------------------------------- an input */

static void open_reader(struct state *s, int by_tree)
{
    s->by_tree = by_tree;
    s->done = 0;
    dcm_json_reader_any_order(s->reader, by_tree);
    dcm_json_reader_open(s->reader, s->worker->source);
}

/* RFC 8259 2, after a BOM that may be there: what begins with something else
 * is no object and no array. */
static int is_json(const unsigned char *head, size_t n)
{
    size_t i = 0;

    if (n >= 3 && memcmp(head, "\xEF\xBB\xBF", 3) == 0)
        i = 3;
    while (i < n && head[i] && strchr(" \t\r\n", head[i]))
        i++;
    return i == n ? n == HEAD : head[i] == '{' || head[i] == '[';
}

/* What is known at a glance to be something else. */
static enum dcm_status look(const struct tool_worker *w,
                            struct dcm_error *error)
{
    struct dcm_input *in = w->source;
    unsigned char head[HEAD];
    ptrdiff_t got = in->read_at ? in->read_at(in, 0, head, sizeof head) : 0;
    size_t n = got > 0 ? (size_t)got : 0;

    if (w->input.walked && !is_json(head, n))
        return DCM_ERR_NOT_DICOM;
    if (n >= 132 && memcmp(head + 128, "DICM", 4) == 0)
        return dcm_error_fill(error, DCM_ERR_MALFORMED, 128, "",
                              "is a DICOM file, expected JSON; dcmconv "
                              "converts it (PS3.10 7.1)");
    return DCM_OK;
}

enum dcm_status tool_json_start(struct tool_worker *w, struct dcm_error *error)
{
    struct state *s = w->state;
    uint64_t index = s->options->index;
    enum dcm_status status = look(w, error);
    int count;

    if (status != DCM_OK)
        return status;
    tool_fetch_clear(s->fetch, 0);
    open_reader(s, index > 1 || tool_compose_by_tree(&s->options->compose));
    if (index) {
        status = skip_to(s, index, error);
        w->log.text.size = w->said; /* nothing that was asked about */
        return status;
    }
    count = dcm_json_reader_count(s->reader, 2);
    if (count == 0)
        return dcm_error_fill(error, DCM_ERR_MALFORMED, DCM_NO_OFFSET, "",
                              "the array has no data set (PS3.18 F.2.1)");
    w->numbered = count > 1;
    if (w->numbered && !w->run->options->folder)
        return dcm_error_fill(error, DCM_ERR_ARGUMENT, DCM_NO_OFFSET, "",
                              "the array has several data sets: -d writes a "
                              "file for each, --index takes one of them");
    return DCM_OK;
}

/* --------------------------------------------------------------- a data set */

static enum dcm_status as_stream(struct state *s, struct dcm_error *error)
{
    tool_fetch_clear(s->fetch, 0);
    return dcm_pump(dcm_json_reader_source(s->reader),
                    tool_compose_stream(s->compose), error);
}

static enum dcm_status as_tree(struct state *s, struct dcm_error *error)
{
    struct dcm_dataset *tree = tool_compose_tree(s->compose);
    enum dcm_status status;

    if (!tree)
        return dcm_error_fill(error, DCM_ERR_MEMORY, DCM_NO_OFFSET, "",
                              "no memory");
    tool_fetch_clear(s->fetch, 1);
    status = dcm_pump(dcm_json_reader_source(s->reader), dcm_dataset_sink(tree),
                      error);
    if (status != DCM_OK)
        return status;
    return tool_compose_finish_tree(
        s->compose, dcm_json_reader_wants_charset(s->reader), error);
}

/* The same once more, and so are those behind it. */
static enum dcm_status again_as_tree(struct state *s, struct dcm_error *error)
{
    uint64_t number = s->done + 1;
    enum dcm_status status;

    if (tool_document_restart(s->worker) != 0)
        return DCM_ERR_WRITE;
    open_reader(s, 1);
    status = skip_to(s, number, error);
    dcm_policy_clear(s->worker->policy);
    s->worker->log.text.size = s->worker->said;
    return status == DCM_OK ? as_tree(s, error) : status;
}

enum dcm_status tool_json_convert(struct tool_worker *w,
                                  struct dcm_error *error)
{
    struct state *s = w->state;
    enum dcm_status status =
        s->by_tree ? as_tree(s, error) : as_stream(s, error);
    int more;

    if (status != DCM_OK && !s->by_tree &&
        dcm_json_reader_wants_tree(s->reader))
        status = again_as_tree(s, error);
    w->syntax = tool_compose_syntax(s->compose);
    if (status != DCM_OK)
        return status;
    tool_compose_end(s->compose);
    s->done++;
    more = dcm_json_reader_more(s->reader);
    if (more < 0) {
        *error = *dcm_json_reader_error(s->reader);
        return error->code;
    }
    w->more = more && !s->options->index;
    return DCM_OK;
}
