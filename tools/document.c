/* One input to one document, or to several: opened, converted, and put where it
 * belongs. What a worker writes waits for its turn, or goes to a file of its
 * own. Knows nothing of what a command's sink writes. */
#include "spool.h"
#include "tool.h"

#include <libdcm/input.h>
#include <libdcm/output.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STASH_MAX (2u << 20)    /* bytes a worker keeps before its turn */
#define OUTPUT_MAX (1ull << 40) /* default of the limit 'output' */

/* --------------------------------------------------- a worker's own output */

void tool_document_say(struct tool_worker *w)
{
    if (w->log.text.size && tool_queue_mine(&w->run->queue, w->ticket)) {
        tool_progress_hide(&w->run->progress);
        tool_log_flush(&w->log);
    }
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

int tool_document_write(void *user, const void *data, size_t n)
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

/* The same bytes, where they can be read again. */
static struct dcm_input *spool_input(struct tool_worker *w,
                                     struct dcm_input *pipe,
                                     struct dcm_error *error)
{
    int failed = tool_spool_fill(&w->source_spool, pipe, output_limit(w->run),
                                 error) != 0;

    dcm_input_free(pipe);
    return failed ? NULL : dcm_input_fd(w->source_spool, error);
}

static struct dcm_input *open_input(struct tool_worker *w,
                                    struct dcm_error *error)
{
    struct dcm_input *input;

    w->head_size = 0;
    if (w->run->keep_head && w->input.is_stdin &&
        lseek(STDIN_FILENO, 0, SEEK_CUR) < 0)
        return dcm_input_callback(read_pipe, w, error);
    input = w->input.is_stdin ? dcm_input_fd(STDIN_FILENO, error)
                              : dcm_input_file(w->input.path.data, error);
    return input && w->run->tool->convert && !input->read_at
               ? spool_input(w, input, error)
               : input;
}

int tool_document_name(const struct tool_worker *w, struct tool_bytes *to)
{
    char number[24];

    if (tool_bytes_put(to, w->name.data, w->name.size) != 0)
        return -1;
    if (!w->numbered)
        return 0;
    snprintf(number, sizeof number, "-%llu", (unsigned long long)w->document);
    return tool_bytes_text(to, number);
}

/* A document's name is one of a kind. 0, or -1 with w->why. */
static int put_name(struct tool_worker *w, struct tool_bytes *path)
{
    struct tool_run *run = w->run;
    size_t at = path->size;
    const char *other = NULL;

    if (tool_document_name(w, path) == 0 && w->numbered && run->needs_names) {
        pthread_mutex_lock(&run->queue.lock);
        other = tool_names_claim(&run->names, path->data + at, path->size - at,
                                 w->input.path.data);
        pthread_mutex_unlock(&run->queue.lock);
    }
    if (other)
        snprintf(w->why, sizeof w->why,
                 "its output would have the name of that of %.120s", other);
    return other ? -1 : 0;
}

static int open_path(struct tool_worker *w, const char *path)
{
    const struct tool_run *run = w->run;

    w->target.inputs = &run->inputs;
    w->target.own = run->tool->in_place && !w->input.is_stdin
                        ? w->input.path.data
                        : NULL;
    if (tool_target_open(&w->target, path, run->options->force, 1, w->number) ==
        0)
        return 0;
    snprintf(w->why, sizeof w->why, "output %.120s: %s", path, w->target.why);
    return -1;
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
    result = put_name(w, &path);
    tool_bytes_text(&path, run->tool->suffix);
    if (result == 0 && !tool_bytes_string(&path)) {
        snprintf(w->why, sizeof w->why, "output: no memory");
        result = -1;
    }
    if (result == 0)
        result = open_path(w, path.data);
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

/* Behind an earlier document of the same input, in the output that all share:
 * only there it is known what stands between them. */
static void part(struct tool_worker *w)
{
    struct tool_run *run = w->run;

    if (w->document < 2 || run->options->folder)
        return;
    tool_queue_wait(&run->queue, w->ticket);
    tool_stream_put(&run->stream, w->stash.data, w->stash.size);
    w->stash.size = 0;
    tool_stream_end(&run->stream);
}

/* What is in the output gets where it belongs. 0: it did not. */
static int deliver(struct tool_worker *w)
{
    struct tool_run *run = w->run;

    if (run->no_document)
        return 1;
    part(w);
    if (run->tool->whole_files && w->output->fd == w->spool)
        return tool_spool_copy(w->output, tool_document_write, w) == 0;
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

/* "# FILE" above a document, with its number among several of an input. */
static void put_heading(struct tool_worker *w)
{
    struct tool_bytes line = {NULL, 0, 0};
    char number[40] = "";

    if (w->numbered)
        snprintf(number, sizeof number, ", data set %llu",
                 (unsigned long long)w->document);
    if (w->run->tool->headings && (w->run->several || w->numbered)) {
        tool_bytes_text(&line, "# ");
        tool_bytes_visible(&line, w->log.file);
        tool_bytes_text(&line, number);
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
    if (run->options->folder ? !w->target.direct
                             : run->stream.regular && !run->tool->joined)
        return 0;
    w->output->fd = tool_spool_open(&w->spool);
    if (w->output->fd >= 0)
        return 0;
    snprintf(w->why, sizeof w->why, "no temporary file: %s", strerror(errno));
    return -1;
}

int tool_document_restart(struct tool_worker *w)
{
    int fd;

    dcm_output_clear(w->output, output_limit(w->run));
    dcm_policy_clear(w->policy);
    w->log.text.size = w->said;
    if (w->run->no_document || !w->run->tool->whole_files)
        return 0;
    fd = w->output->fd;
    if (ftruncate(fd, 0) != 0 || lseek(fd, 0, SEEK_SET) != 0) {
        snprintf(w->why, sizeof w->why, "output: %s", strerror(errno));
        return -1;
    }
    put_heading(w);
    return 0;
}

static enum dcm_status pump(struct tool_worker *w, struct dcm_error *error)
{
    const struct tool *tool = w->run->tool;
    enum dcm_status status;
    struct dcm_sink *sink;

    dcm_output_clear(w->output, output_limit(w->run));
    if (aim(w) != 0)
        return DCM_ERR_WRITE;
    put_heading(w);
    if (tool->convert)
        return tool->convert(w, error);
    sink = tool->begin(w);
    if (!sink) {
        snprintf(w->why, sizeof w->why, "no memory");
        return DCM_ERR_MEMORY;
    }
    dcm_reader_open(w->reader, w->source);
    if (w->select)
        dcm_select_clear(w->select);
    status = dcm_pump(w->select ? dcm_select_source(w->select)
                                : dcm_reader_source(w->reader),
                      sink, error);
    w->syntax = dcm_reader_syntax(w->reader);
    return tool->finish ? tool->finish(w, status, error) : status;
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

/* Behind an error, in this order. */
static const char *note_of(const struct tool_worker *w, enum dcm_status status,
                           int partial, char *text, size_t size)
{
    if (partial)
        return "the output is partial";
    if (!w->numbered)
        return hint(w, status);
    snprintf(text, size, "in data set %llu of the array",
             (unsigned long long)w->document);
    return text;
}

static void report_failure(struct tool_worker *w, enum dcm_status status,
                           const struct dcm_error *error, int partial)
{
    char text[64];
    const char *note = note_of(w, status, partial, text, sizeof text);

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
        tool_log_error(&w->log, error, note);
}

static void report_rest(struct tool_worker *w)
{
    uint64_t untold = dcm_policy_untold(w->policy);

    if (untold)
        tool_log_say(&w->log, TOOL_WARNING, "%llu more not shown",
                     (unsigned long long)untold);
    if (w->log.verbose && w->syntax && *w->syntax)
        tool_log_say(&w->log, TOOL_NOTE, "%s, %llu deviations", w->syntax,
                     (unsigned long long)dcm_policy_count(w->policy, 0));
}

/* --------------------------------------------------------------- one input */

static void begin(struct tool_worker *w, struct dcm_error *error)
{
    memset(error, 0, sizeof *error);
    dcm_policy_clear(w->policy);
    memset(&w->log.cause, 0, sizeof w->log.cause);
    w->write_error = 0;
    w->said = w->log.text.size;
    w->syntax = NULL;
    w->more = 0;
}

/* 1 when all is well, nevertheless. */
static int failed(struct tool_worker *w, enum dcm_status status,
                  const struct dcm_error *error, int partial)
{
    const char *reads = w->run->tool->reads;

    if (status == DCM_ERR_NOT_DICOM && w->input.walked) {
        tool_log_say(&w->log, TOOL_WARNING, "skipped, not %s",
                     reads ? reads : "DICOM");
        return 1;
    }
    report_failure(w, status, error, partial);
    return 0;
}

/* Pumps and settles. 1 when all went well. */
static int convert_one(struct tool_worker *w)
{
    enum dcm_status status = DCM_ERR_WRITE;
    struct dcm_error error;
    int well = 0, partial = 0;

    begin(w, &error);
    w->document++;
    if (open_target(w) == 0) {
        status = pump(w, &error);
        well = settle(w, status, &partial);
        report_rest(w);
    }
    if (!well)
        well = failed(w, status, &error, partial);
    tool_document_say(w);
    return well;
}

int tool_document_convert(struct tool_worker *w)
{
    const struct tool *tool = w->run->tool;
    struct dcm_error error;
    enum dcm_status status;
    int well;

    begin(w, &error);
    w->document = 0;
    w->numbered = 0;
    w->source = open_input(w, &error);
    status = w->source ? DCM_OK : error.code;
    if (status == DCM_OK && tool->start)
        status = tool->start(w, &error);
    if (status == DCM_DONE)
        well = 1;
    else if (status != DCM_OK)
        well = failed(w, status, &error, 0);
    else
        do
            well = convert_one(w);
        while (well && w->more);
    dcm_input_free(w->source);
    w->source = NULL;
    return well;
}
