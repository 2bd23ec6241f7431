/* One worker: takes inputs, one after another, through objects that it keeps.
 * Knows nothing of what a document is (document.c). */
#include "tool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* ----------------------------------------------------------------- one job */

static int do_job(struct tool_worker *w)
{
    w->log.file = w->input.is_stdin ? "standard input" : w->input.path.data;
    *w->why = '\0';
    if (w->found == TOOL_FOUND_SKIPPED || w->found == TOOL_FOUND_PROBLEM) {
        int skipped = w->found == TOOL_FOUND_SKIPPED;

        tool_log_say(&w->log, skipped ? TOOL_WARNING : TOOL_ERROR, "%s",
                     w->problem);
        return skipped;
    }
    if (w->clash) {
        tool_log_say(&w->log, TOOL_ERROR,
                     "its output would have the name of that of %s", w->clash);
        return 0;
    }
    return tool_document_convert(w);
}

/* The name without its ending. */
static int make_name(struct tool_worker *w)
{
    static const char *const dicom[] = {".dcm", NULL};
    const char *const *ending = w->run->tool->endings;
    const char *name = w->input.path.data + w->input.base;
    size_t n = strlen(name), e;

    if (w->input.is_stdin)
        n = strlen(name = "stdin");
    for (ending = ending ? ending : dicom; *ending; ending++) {
        e = strlen(*ending);
        if (n > e && strcasecmp(name + n - e, *ending) == 0) {
            n -= e;
            break;
        }
    }
    w->name.size = 0;
    return tool_bytes_put(&w->name, name, n);
}

/* Called in the order of the inputs, one at a time. */
static int fetch(void *user)
{
    struct tool_worker *w = user;
    struct tool_run *run = w->run;

    w->found = tool_files_next(&run->files, &w->input);
    w->problem = run->files.problem;
    w->clash = NULL;
    if (w->found == TOOL_FOUND_NOTHING)
        return 0;
    if (w->found != TOOL_FOUND_FILE)
        return 1;
    if (make_name(w) != 0)
        return 0;
    if (run->needs_names)
        w->clash = tool_names_claim(&run->names, w->name.data, w->name.size,
                                    w->input.path.data);
    return 1;
}

void *tool_worker_run(void *user)
{
    struct tool_worker *w = user;
    struct tool_run *run = w->run;

    while (tool_queue_take(&run->queue, fetch, w, &w->ticket)) {
        if (!do_job(w))
            run->failed = 1;
        tool_document_say(w);
        tool_queue_finish(&run->queue, w->ticket, &w->stash, &w->log.text);
    }
    return NULL;
}

/* -------------------------------------------------------------- life times */

static void hear(void *user, const struct dcm_diagnostic *d)
{
    struct tool_worker *w = user;

    tool_log_diagnostic(&w->log, d);
    if (!w->run->tool->convert)
        tool_document_say(w);
}

static int make_reader(struct tool_worker *w)
{
    const struct tool_options *o = w->run->options;
    struct dcm_reader_options reader = {.size = sizeof reader};

    if (w->run->tool->convert)
        return 0;
    reader.policy = w->policy;
    reader.limits = &o->limits;
    reader.charset_assume = o->charset_assume;
    reader.charset_force = o->charset_force;
    reader.keep_all = w->run->keep_all;
    reader.keep_unknown = w->run->keep_unknown;
    w->reader = dcm_reader_new(&reader);
    return w->reader ? 0 : -1;
}

int tool_worker_select(struct tool_worker *w, struct dcm_source *source)
{
    const struct tool_options *o = w->run->options;

    if (!o->tag_count && !o->has_until && !o->no_pixel)
        return 0;
    w->select = dcm_select_new(source);
    if (!w->select)
        return -1;
    for (size_t i = 0; i < o->tag_count; i++)
        if (dcm_select_add(w->select, o->tags[i]) != DCM_OK)
            return -1;
    if (o->has_until)
        dcm_select_until(w->select, o->until);
    if (o->no_pixel)
        dcm_select_no_pixel(w->select);
    return 0;
}

int tool_worker_open(struct tool_worker *w, struct tool_run *run,
                     unsigned number)
{
    w->run = run;
    w->number = number;
    w->target.fd = w->spool = w->source_spool = -1;
    w->log = run->log;
    memset(&w->log.text, 0, sizeof w->log.text);
    w->policy = dcm_policy_new(run->options->strict, hear, w);
    if (!w->policy || make_reader(w) != 0 ||
        !(w->output = run->tool->whole_files
                          ? dcm_output_fd(-1)
                          : dcm_output_callback(tool_document_write, w)))
        return -1;
    if (w->reader && tool_worker_select(w, dcm_reader_source(w->reader)) != 0)
        return -1;
    return run->tool->open(w);
}

void tool_worker_close(struct tool_worker *w)
{
    if (w->run && w->output)
        w->run->tool->close(w);
    if (w->run && w->spool >= 0)
        close(w->spool);
    if (w->run && w->source_spool >= 0)
        close(w->source_spool);
    dcm_output_free(w->output);
    dcm_select_free(w->select);
    dcm_reader_free(w->reader);
    dcm_policy_free(w->policy);
    tool_target_release(&w->target);
    tool_bytes_release(&w->stash);
    tool_bytes_release(&w->log.text);
    tool_bytes_release(&w->name);
    tool_bytes_release(&w->input.path);
}
