/* JSON and XML for commands that read DICOM files otherwise (--from): their
 * selection and their sink behind source.c. Documents are written to a file of
 * their own before they join an output, since an input may have to be begun
 * once more. Knows nothing of what a sink writes. */
#include "from.h"

#include <libdcm/error.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tool_from {
    struct dcm_source base; /* of the selection: `inner` as it is */
    struct dcm_source *inner;
    char syntax[65]; /* of the last data set */
    struct tool_worker *worker;
    struct tool_source *source;
    struct dcm_dataset *tree; /* NULL until needed */
    int begun;                /* the document, by the command */
};

/* ----------------------------------------------------------------- options */

static int check(const struct tool_options *o, char *why, size_t size)
{
    if (o->charset_assume || o->charset_force)
        snprintf(why, size,
                 "--charset-assume and --charset-force are for DICOM; text "
                 "with --from says itself what it is in");
    else if (o->partial)
        snprintf(why, size,
                 "--partial is for DICOM; with --from a data set is written "
                 "whole or not at all");
    else
        return 1;
    return 0;
}

/* ------------------------------------------------------ between the sources */

static enum dcm_status next(struct dcm_source *source, struct dcm_event *ev)
{
    struct tool_from *f = (struct tool_from *)source;
    enum dcm_status status = f->inner->next(f->inner, ev);

    if (status == DCM_OK && ev->type == DCM_EVENT_DATASET)
        snprintf(f->syntax, sizeof f->syntax, "%.*s", (int)ev->size,
                 ev->data ? (const char *)ev->data : "");
    return status;
}

static enum dcm_status read_value(struct dcm_source *source, void *to, size_t n,
                                  size_t *got)
{
    struct tool_from *f = (struct tool_from *)source;

    return f->inner->read(f->inner, to, n, got);
}

static const struct dcm_error *get_error(const struct dcm_source *source)
{
    const struct tool_from *f = (const struct tool_from *)source;

    return f->inner->error(f->inner);
}

/* --------------------------------------------------------------- a data set */

/* What was begun as a stream before is of no use then. */
static enum dcm_status to_sink(struct tool_from *f, struct dcm_source *source,
                               struct dcm_error *error)
{
    struct tool_worker *w = f->worker;
    struct dcm_sink *sink;

    if (f->begun)
        w->run->tool->end(w, 0, 0);
    f->begun = 1;
    sink = w->run->tool->begin(w);
    if (!sink)
        return dcm_error_fill(error, DCM_ERR_MEMORY, DCM_NO_OFFSET, "",
                              "no memory");
    f->inner = source;
    if (w->select)
        dcm_select_clear(w->select);
    return dcm_pump(w->select ? dcm_select_source(w->select) : &f->base, sink,
                    error);
}

static enum dcm_status make_tree(struct tool_from *f, struct dcm_error *error)
{
    if (!f->tree)
        f->tree = dcm_dataset_new(&f->worker->run->options->limits);
    if (!f->tree)
        return dcm_error_fill(error, DCM_ERR_MEMORY, DCM_NO_OFFSET, "",
                              "no memory");
    dcm_dataset_clear(f->tree);
    dcm_dataset_keep_utf8(f->tree, 1);
    return DCM_OK;
}

/* Is the call of a struct tool_taker. */
static enum dcm_status take(void *user, struct dcm_source *source, int by_tree,
                            struct dcm_error *error)
{
    struct tool_from *f = user;
    enum dcm_status status;

    if (!by_tree)
        return to_sink(f, source, error);
    status = make_tree(f, error);
    if (status == DCM_OK)
        status = dcm_pump(source, dcm_dataset_sink(f->tree), error);
    return status == DCM_OK ? to_sink(f, dcm_dataset_source(f->tree), error)
                            : status;
}

static enum dcm_status convert(struct tool_worker *w, struct dcm_error *error)
{
    struct tool_from *f = w->from;
    struct tool_taker taker = {take, f};
    enum dcm_status status;

    f->syntax[0] = '\0';
    f->begun = 0;
    status = tool_source_convert(f->source, &taker, error);
    w->syntax = f->syntax;
    return w->run->tool->finish ? w->run->tool->finish(w, status, error)
                                : status;
}

/* ----------------------------------------------------------------- an input */

static enum dcm_status start(struct tool_worker *w, struct dcm_error *error)
{
    const struct tool_run *run = w->run;
    struct tool_from *f = w->from;
    enum dcm_status status = tool_source_open(f->source, error);
    int count, joins;

    if (status != DCM_OK)
        return status;
    count = tool_source_count(f->source);
    joins = !run->options->folder && run->from.joins &&
            run->from.joins(w, tool_source_is_array(f->source));
    if (count == 0 && joins)
        return DCM_DONE;
    if (count == 0)
        return dcm_error_fill(error, DCM_ERR_MALFORMED, DCM_NO_OFFSET, "",
                              "the array has no data set (PS3.18 F.2.1)");
    if (count > 1 && !run->options->folder && !joins)
        return dcm_error_fill(error, DCM_ERR_ARGUMENT, DCM_NO_OFFSET, "",
                              "the array has several data sets: -d writes a "
                              "file for each");
    w->numbered = count > 1;
    return DCM_OK;
}

/* --------------------------------------------------------------- life times */

static int open_from(struct tool_worker *w)
{
    const struct tool_run *run = w->run;
    struct tool_source_options reading = {.format = run->from.format,
                                          .by_tree = run->from.by_tree,
                                          .advice = "; leave --from out"};
    struct tool_from *f = calloc(1, sizeof *f);

    w->from = f;
    if (!f)
        return -1;
    f->base.next = next;
    f->base.read = read_value;
    f->base.error = get_error;
    f->worker = w;
    f->source = tool_source_new(&reading, w);
    if (!f->source || tool_worker_select(w, &f->base) != 0)
        return -1;
    return run->from.command->open(w);
}

static void close_from(struct tool_worker *w)
{
    struct tool_from *f = w->from;

    w->run->from.command->close(w);
    if (!f)
        return;
    tool_source_free(f->source);
    dcm_dataset_free(f->tree);
    free(f);
    w->from = NULL;
}

int tool_from_prepare(struct tool_run *run, int format,
                      int (*joins)(struct tool_worker *w, int is_array),
                      char *why, size_t size)
{
    struct tool *tool = &run->from.tool;

    if (format == TOOL_DICOM)
        return 1;
    if (!check(run->options, why, size))
        return 0;
    run->from.format = (enum tool_format)format;
    run->from.joins = joins;
    run->from.command = run->tool;
    *tool = *run->tool;
    tool->endings = tool_source_endings(run->from.format);
    tool->reads = tool_source_name(run->from.format);
    tool->whole_files = tool->joined = 1;
    tool->open = open_from;
    tool->close = close_from;
    tool->start = start;
    tool->convert = convert;
    run->tool = tool;
    return 1;
}
