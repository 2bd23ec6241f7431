/* One worker: an input, a document, another input, through objects that it
 * keeps. What it writes waits for its turn, or goes to a file of its own.
 * Knows nothing of what a command's sink writes. */
#include "spool.h"
#include "tool.h"

#include <libdcm/output.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define STASH_MAX (2u << 20)    /* bytes a worker keeps before its turn */
#define OUTPUT_MAX (1ull << 40) /* default of the limit 'output' */

/* --------------------------------------------------- a worker's own output */

/* Messages go out at once when it is the worker's turn. */
static void say_now(struct tool_worker *w)
{
    if (w->log.text.size && tool_queue_mine(&w->run->queue, w->ticket)) {
        tool_progress_hide(&w->run->progress);
        tool_log_flush(&w->log);
    }
}

static void hear(void *user, const struct dcm_diagnostic *d)
{
    struct tool_worker *w = user;

    tool_log_diagnostic(&w->log, d);
    say_now(w);
}

static int write_shared(struct tool_worker *w, const void *data, size_t n)
{
    struct tool_run *run = w->run;

    if (!tool_queue_mine(&run->queue, w->ticket)) {
        if (n <= STASH_MAX - w->stash.size &&
            tool_bytes_put(&w->stash, data, n) == 0)
            return 0;
        tool_queue_wait(&run->queue, w->ticket);
    }
    tool_stream_put(&run->stream, w->stash.data, w->stash.size);
    w->stash.size = 0;
    tool_stream_put(&run->stream, data, n);
    return run->stream.error ? -1 : 0;
}

/* Is a dcm_write_fn. */
static int write_output(void *user, const void *data, size_t n)
{
    struct tool_worker *w = user;

    if (!w->run->options->folder)
        return write_shared(w, data, n);
    if (w->target.fd >= 0 && tool_write(w->target.fd, data, n) == 0)
        return 0;
    w->write_error = errno;
    return -1;
}

/* ------------------------------------------------------------ one document */

static uint64_t output_limit(const struct tool_run *run)
{
    uint64_t limit = run->options->limits.output;

    return limit ? limit : OUTPUT_MAX;
}

/* What is written to a file of ours appears whole or not at all. */
static int to_file(const struct tool_run *run)
{
    return run->options->folder || run->stream.regular;
}

/* A pipe, whose first bytes are kept. Is a dcm_read_fn. */
static ptrdiff_t read_pipe(void *user, void *buffer, size_t n)
{
    struct tool_worker *w = user;
    size_t room = sizeof w->head - w->head_size;
    ssize_t got;

    do
        got = read(STDIN_FILENO, buffer, n);
    while (got < 0 && errno == EINTR);
    if (got > 0 && room) {
        room = room < (size_t)got ? room : (size_t)got;
        memcpy(w->head + w->head_size, buffer, room);
        w->head_size += room;
    }
    return got;
}

static struct dcm_input *open_input(struct tool_worker *w,
                                    struct dcm_error *error)
{
    w->head_size = 0;
    if (w->run->keep_head && w->input.is_stdin &&
        lseek(STDIN_FILENO, 0, SEEK_CUR) < 0)
        return dcm_input_callback(read_pipe, w, error);
    return w->input.is_stdin ? dcm_input_fd(STDIN_FILENO, error)
                             : dcm_input_file(w->input.path.data, error);
}

/* DIR/NAME.suffix. */
static int open_target(struct tool_worker *w)
{
    const struct tool_run *run = w->run;
    struct tool_bytes path = {NULL, 0, 0};
    int result;

    if (!run->options->folder)
        return 0;
    tool_bytes_text(&path, run->options->folder);
    tool_bytes_text(&path, "/");
    tool_bytes_put(&path, w->name.data, w->name.size);
    tool_bytes_text(&path, run->tool->suffix);
    if (tool_bytes_string(&path)) {
        w->target.inputs = &run->inputs;
        w->target.own = run->tool->whole_files && !w->input.is_stdin
                            ? w->input.path.data
                            : NULL;
        result = tool_target_open(&w->target, path.data, run->options->force, 1,
                                  w->number);
    } else {
        snprintf(w->target.why, sizeof w->target.why, "no memory");
        result = -1;
    }
    if (result != 0)
        snprintf(w->why, sizeof w->why, "output %.120s: %s",
                 path.data ? path.data : "", w->target.why);
    tool_bytes_release(&path);
    return result;
}

/* Whether the user wants what a failed input gave. */
static int worth_keeping(const struct tool_worker *w, enum dcm_status status)
{
    const struct tool_run *run = w->run;

    if (run->tool->whole_files &&
        (status != DCM_ERR_TRUNCATED || !run->options->partial))
        return 0;
    if (run->no_document)
        return 1;
    if (dcm_output_tell(w->output) <= w->start || w->output->status != DCM_OK)
        return 0;
    if (to_file(run))
        return run->options->partial;
    return status == DCM_ERR_TRUNCATED || run->tool->keep_failed ||
           run->options->partial;
}

/* 1 when nothing of the document is left anywhere. */
static int take_back(struct tool_worker *w)
{
    struct tool_run *run = w->run;

    if (run->options->folder) {
        tool_target_drop(&w->target);
        return 1;
    }
    if (run->tool->whole_files || dcm_output_truncate(w->output, 0))
        return 1;
    if (tool_queue_mine(&run->queue, w->ticket)) {
        w->stash.size = 0;
        return tool_stream_take_back(&run->stream) &&
               dcm_output_truncate(w->output, w->output->flushed);
    }
    w->stash.size = 0;
    return dcm_output_truncate(w->output, w->output->flushed);
}

/* What is in the output gets where it belongs. 0: it did not. */
static int deliver(struct tool_worker *w)
{
    struct tool_run *run = w->run;

    if (run->no_document)
        return 1;
    if (run->tool->whole_files && w->output->fd == w->spool)
        return tool_spool_copy(w->output, write_output, w) == 0;
    if (dcm_output_flush(w->output) != DCM_OK)
        return 0;
    if (run->tool->whole_files && !run->options->folder)
        run->stream.open = 1; /* written past it */
    return 1;
}

/* The end of a document: 1 when all went well. A failure of ours is in
 * w->why. */
static int settle(struct tool_worker *w, enum dcm_status status, int *partial)
{
    const struct tool_run *run = w->run;
    int whole = status == DCM_OK, kept = whole || worth_keeping(w, status);

    if (!kept)
        kept = !take_back(w);
    *partial = kept && !whole;
    run->tool->end(w, whole, kept);
    if (!kept) {
        dcm_output_truncate(w->output, w->output->flushed);
        tool_undo_remove(w->number);
        return whole;
    }
    if (!deliver(w)) {
        take_back(w);
        tool_undo_remove(w->number);
        return 0;
    }
    if (!run->options->folder) {
        tool_undo_forget(w->number);
        return whole;
    }
    if (tool_target_commit(&w->target) != 0) {
        snprintf(w->why, sizeof w->why, "output %.60s: %s",
                 run->options->folder, w->target.why);
        return 0;
    }
    return whole;
}

/* "# FILE" above a document. */
static void put_heading(struct tool_worker *w)
{
    struct tool_bytes line = {NULL, 0, 0};

    if (w->run->tool->headings && w->run->several) {
        tool_bytes_text(&line, "# ");
        tool_bytes_visible(&line, w->log.file);
        tool_bytes_text(&line, "\n");
        dcm_output_put(w->output, line.data, line.size);
        tool_bytes_release(&line);
    }
    w->start = dcm_output_tell(w->output);
}

/* For a tool of whole files: where the output goes. 0, or -1 with w->why. */
static int aim(struct tool_worker *w)
{
    const struct tool_run *run = w->run;

    if (!run->tool->whole_files || run->no_document)
        return 0;
    w->output->fd = run->options->folder ? w->target.fd : run->stream.fd;
    if (run->options->folder ? !w->target.direct : run->stream.regular)
        return 0;
    w->output->fd = tool_spool_open(&w->spool);
    if (w->output->fd >= 0)
        return 0;
    snprintf(w->why, sizeof w->why, "no temporary file: %s", strerror(errno));
    return -1;
}

static enum dcm_status pump(struct tool_worker *w, struct dcm_input *input,
                            struct dcm_error *error)
{
    struct dcm_sink *sink;

    dcm_output_clear(w->output, output_limit(w->run));
    if (aim(w) != 0)
        return DCM_ERR_WRITE;
    put_heading(w);
    sink = w->run->tool->begin(w);
    if (!sink) {
        snprintf(w->why, sizeof w->why, "no memory");
        return DCM_ERR_MEMORY;
    }
    dcm_reader_open(w->reader, input);
    if (w->select)
        dcm_select_clear(w->select);
    return dcm_pump(w->select ? dcm_select_source(w->select)
                              : dcm_reader_source(w->reader),
                    sink, error);
}

/* ---------------------------------------------------------------- messages */

static int is_folder(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* A word of advice behind an error. */
static const char *hint(const struct tool_worker *w, enum dcm_status status)
{
    const struct tool_options *o = w->run->options;

    if (status != DCM_ERR_READ || w->input.is_stdin)
        return "";
    if (is_folder(w->input.path.data))
        return "use -r to take folders";
    if (o->operand_count == 2 && !o->output && !o->folder && w->ticket == 1 &&
        access(w->input.path.data, F_OK) != 0)
        return "to write a file of that name use -o";
    return "";
}

/* A file's own output could not be written to. */
static void report_write(struct tool_worker *w)
{
    const struct tool_options *o = w->run->options;

    tool_log_say(&w->log, TOOL_ERROR, "output %s: %s",
                 w->output->fd == w->spool ? "in a temporary file"
                 : o->folder               ? w->target.path.data
                                           : o->output,
                 w->output->error.message);
}

static void report_failure(struct tool_worker *w, enum dcm_status status,
                           const struct dcm_error *error, int partial)
{
    if (w->write_error)
        tool_log_say(&w->log, TOOL_ERROR, "output %s: %s", w->target.path.data,
                     strerror(w->write_error));
    else if (*w->why)
        tool_log_say(&w->log, TOOL_ERROR, "%s", w->why);
    else if (w->run->tool->whole_files && w->output->status == DCM_ERR_WRITE)
        report_write(w);
    else if (w->output->status == DCM_ERR_WRITE || w->run->stream.error)
        ; /* of the output that all share: told once, at the end */
    else if (w->output->status != DCM_OK)
        tool_log_error(&w->log, &w->output->error, "");
    else
        tool_log_error(&w->log, error,
                       partial ? "the output is partial" : hint(w, status));
}

static void report_rest(struct tool_worker *w)
{
    uint64_t untold = dcm_policy_untold(w->policy);

    if (untold)
        tool_log_say(&w->log, TOOL_WARNING, "%llu more not shown",
                     (unsigned long long)untold);
    if (w->log.verbose && *dcm_reader_syntax(w->reader))
        tool_log_say(&w->log, TOOL_NOTE, "%s, %llu deviations",
                     dcm_reader_syntax(w->reader),
                     (unsigned long long)dcm_policy_count(w->policy, 0));
}

/* ----------------------------------------------------------------- one job */

/* Opens, pumps, closes. 1 when all went well. */
static int convert(struct tool_worker *w)
{
    struct dcm_error error;
    struct dcm_input *input;
    enum dcm_status status;
    int well, partial = 0, opened = 0;

    memset(&error, 0, sizeof error);
    dcm_policy_clear(w->policy);
    memset(&w->log.cause, 0, sizeof w->log.cause);
    w->write_error = 0;
    input = w->source = open_input(w, &error);
    status = input ? DCM_OK : error.code;
    if (status == DCM_OK && open_target(w) != 0)
        status = DCM_ERR_WRITE;
    if (status == DCM_OK) {
        opened = 1;
        status = pump(w, input, &error);
        if (w->run->tool->finish)
            status = w->run->tool->finish(w, status, &error);
    }
    well = opened && settle(w, status, &partial);
    if (opened)
        report_rest(w);
    if (status == DCM_ERR_NOT_DICOM && w->input.walked) {
        tool_log_say(&w->log, TOOL_WARNING, "skipped, not DICOM");
        well = 1;
    } else if (!well) {
        report_failure(w, status, &error, partial);
    }
    dcm_input_free(input);
    return well;
}

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
    return convert(w);
}

/* The name without .dcm. */
static int make_name(struct tool_worker *w)
{
    const char *name = w->input.path.data + w->input.base;
    size_t n = strlen(name);

    if (w->input.is_stdin)
        n = strlen(name = "stdin");
    if (n > 4 && strcasecmp(name + n - 4, ".dcm") == 0)
        n -= 4;
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
        say_now(w);
        tool_queue_finish(&run->queue, w->ticket, &w->stash, &w->log.text);
    }
    return NULL;
}

/* -------------------------------------------------------------- life times */

static int make_select(struct tool_worker *w)
{
    const struct tool_options *o = w->run->options;

    if (!o->tag_count && !o->has_until && !o->no_pixel)
        return 0;
    w->select = dcm_select_new(dcm_reader_source(w->reader));
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
    const struct tool_options *o = run->options;
    struct dcm_reader_options reader = {.size = sizeof reader};

    w->run = run;
    w->number = number;
    w->target.fd = w->spool = -1;
    w->log = run->log;
    memset(&w->log.text, 0, sizeof w->log.text);
    w->policy = dcm_policy_new(o->strict, hear, w);
    reader.policy = w->policy;
    reader.limits = &o->limits;
    reader.charset_assume = o->charset_assume;
    reader.charset_force = o->charset_force;
    reader.keep_all = run->keep_all;
    reader.keep_unknown = run->keep_unknown;
    if (!w->policy || !(w->reader = dcm_reader_new(&reader)) ||
        !(w->output = run->tool->whole_files
                          ? dcm_output_fd(-1)
                          : dcm_output_callback(write_output, w)))
        return -1;
    return make_select(w) == 0 && run->tool->open(w) == 0 ? 0 : -1;
}

void tool_worker_close(struct tool_worker *w)
{
    if (w->run && w->output)
        w->run->tool->close(w);
    if (w->run && w->spool >= 0)
        close(w->spool);
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
