/* What the commands share: from the command line to the exit status. Workers
 * (worker.c) turn inputs into documents, the queue (queue.c) puts them in
 * order, the stream (stream.c) writes them. */
#include "tool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ----------------------------------------------------------------- workers */

/* Is a tool_emit_fn: in order, one at a time. */
static void emit(void *user, const struct tool_bytes *data,
                 const struct tool_bytes *text)
{
    struct tool_run *run = user;

    tool_stream_put(&run->stream, data->data, data->size);
    tool_stream_end(&run->stream);
    if (run->stream.error)
        tool_queue_stop(&run->queue);
    if (text->size) {
        tool_progress_hide(&run->progress);
        (void)!tool_write(STDERR_FILENO, text->data, text->size);
    }
    tool_progress_step(run);
}

static size_t worker_count(const struct tool_run *run)
{
    const struct tool_options *o = run->options;
    uint64_t n = o->workers;

    if (n == 0) {
        long processors = sysconf(_SC_NPROCESSORS_ONLN);

        n = processors > 0 ? (uint64_t)processors : 1;
    }
    if (!o->recurse && !o->files_from && n > (uint64_t)o->operand_count)
        n = (uint64_t)o->operand_count;
    return n > 256 ? 256 : n ? (size_t)n : 1;
}

static int no_memory(struct tool_run *run)
{
    tool_log_say(&run->log, TOOL_ERROR, "no memory");
    return 1;
}

/* The first worker is this thread; a thread that cannot be had is done
 * without. */
static int run_workers(struct tool_run *run)
{
    size_t count = worker_count(run), threads = 0;
    struct tool_worker *workers = calloc(count, sizeof *workers);
    pthread_t *ids = calloc(count, sizeof *ids);
    int ready = 0, status = 1;

    if (!workers || !ids || tool_queue_init(&run->queue, count, emit, run) != 0)
        goto out;
    ready = 1;
    for (size_t i = 0; i < count; i++)
        if (tool_worker_open(&workers[i], run, (unsigned)i) != 0)
            goto out;
    while (threads + 1 < count &&
           pthread_create(&ids[threads], NULL, tool_worker_run,
                          &workers[threads + 1]) == 0)
        threads++;
    tool_worker_run(&workers[0]);
    for (size_t i = 0; i < threads; i++)
        pthread_join(ids[i], NULL);
    status = 0;
out:
    if (status)
        no_memory(run);
    for (size_t i = 0; workers && i < count; i++)
        tool_worker_close(&workers[i]);
    if (ready)
        tool_queue_release(&run->queue);
    free(workers);
    free(ids);
    return status;
}

/* ------------------------------------------------------------------ output */

static const char *output_name(const struct tool_run *run)
{
    return run->options->output ? run->options->output : "standard output";
}

int tool_on_terminal(const struct tool_run *run)
{
    return !run->options->folder && !run->options->output &&
           isatty(STDOUT_FILENO);
}

static int output_failed(struct tool_run *run, const char *why)
{
    tool_log_say(&run->log, TOOL_ERROR, "%s: %s", output_name(run), why);
    return 1;
}

static int make_folder(struct tool_run *run)
{
    struct tool_bytes path = {NULL, 0, 0};
    int failed;

    tool_bytes_text(&path, run->options->folder);
    tool_bytes_text(&path, "/");
    failed = !tool_bytes_string(&path) || tool_make_folders(path.data) != 0;
    if (failed)
        tool_log_say(&run->log, TOOL_ERROR, "%s: %s", run->options->folder,
                     strerror(errno));
    tool_bytes_release(&path);
    return failed;
}

/* All files that are read: 0, or -1 without memory. */
static int collect_inputs(struct tool_run *run)
{
    const struct tool *tool = run->tool;
    int result = tool_ids_collect(&run->inputs, &run->files);
    const char *path;

    for (size_t i = 0; result == 0 && tool->other_input &&
                       (path = tool->other_input(run, i)) != NULL;
         i++)
        result = tool_ids_add(&run->inputs, path);
    return result;
}

static int open_output(struct tool_run *run)
{
    struct tool_options *o = run->options;

    run->output.fd = -1;
    run->output.synced = 1;
    run->output.inputs = &run->inputs;
    if (run->tool->in_place && o->operand_count)
        run->output.own = o->operands[0];
    run->stream.fd = STDOUT_FILENO;
    run->stream.frame = run->frame;
    if (o->force && (o->folder || o->output) && collect_inputs(run) != 0)
        return no_memory(run);
    if (o->folder || o->output || run->needs_names)
        tool_undo_on_signals();
    if (o->folder)
        return make_folder(run);
    if (!o->output) {
        run->stream.eager = isatty(STDOUT_FILENO);
        return 0;
    }
    if (tool_target_open(&run->output, o->output, o->force, 0,
                         TOOL_UNDO_OUTPUT) != 0)
        return output_failed(run, run->output.why);
    run->stream.fd = run->output.fd;
    run->stream.regular = !run->output.direct;
    run->stream.eager = run->output.direct;
    return 0;
}

/* -o appears when something went well, or nothing went wrong. */
static int close_output(struct tool_run *run)
{
    struct tool_stream *s = &run->stream;

    if (run->options->folder || run->no_document)
        return 0;
    if (s->regular && !s->error && run->failed && s->documents == 0) {
        tool_target_drop(&run->output);
        return 0;
    }
    if (tool_stream_finish(s) != 0) {
        if (run->options->output)
            tool_target_drop(&run->output);
        return output_failed(run, strerror(s->error));
    }
    if (!run->options->output)
        return close(STDOUT_FILENO) != 0 ? output_failed(run, strerror(errno))
                                         : 0;
    return tool_target_commit(&run->output) != 0
               ? output_failed(run, run->output.why)
               : 0;
}

/* -------------------------------------------------------------------- main */

static int wrong_usage(struct tool_run *run, const char *why)
{
    tool_log_say(&run->log, TOOL_ERROR, "%s", why);
    tool_log_say(&run->log, TOOL_ERROR, "see '%s --help'",
                 run->tool->syntax.name);
    return 2;
}

static int stdin_uses(const struct tool_options *o)
{
    int uses = o->files_from && strcmp(o->files_from, "-") == 0;

    for (int i = 0; i < o->operand_count; i++)
        uses += strcmp(o->operands[i], "-") == 0;
    return uses;
}

/* `tool a.dcm b.json` as other toolkits have it: b.json is not there, and
 * looks like an output. */
static int is_output_operand(const struct tool_run *run)
{
    const struct tool_options *o = run->options;
    const char *name;
    size_t n, s = strlen(run->tool->suffix);

    if (o->operand_count != 2 || o->output || o->folder || o->files_from)
        return 0;
    name = o->operands[1];
    n = strlen(name);
    return n > s && strcmp(name + n - s, run->tool->suffix) == 0 &&
           access(name, F_OK) != 0 && errno == ENOENT;
}

/* Whether the options go together: 0 when not. */
static int check(struct tool_run *run, char *why, size_t size)
{
    struct tool_options *o = run->options;

    if (o->output && (strcmp(o->output, "-") == 0 ||
                      strcmp(o->output, "/dev/stdout") == 0)) {
        o->output = NULL;
        o->to_stdout = 1;
    }
    if (o->operand_count == 0 && !o->files_from)
        snprintf(why, size, "no input; name files, or - for standard input");
    else if (o->output && o->folder)
        snprintf(why, size, "-o and -d do not go together");
    else if (o->null_names && !o->files_from)
        snprintf(why, size, "-0 is for --files-from");
    else if (stdin_uses(o) > 1)
        snprintf(why, size, "standard input can be used once only");
    else if (is_output_operand(run))
        snprintf(why, size, "'%s' is not there; to write it use -o",
                 o->operands[1]);
    else
        return run->tool->prepare(run, why, size);
    return 0;
}

static int run_all(struct tool_run *run)
{
    struct tool_options *o = run->options;

    if (tool_files_init(&run->files, o->operands, o->operand_count,
                        o->files_from, o->null_names, o->recurse) != 0) {
        tool_log_say(&run->log, TOOL_ERROR, "%s: %s", o->files_from,
                     strerror(errno));
        return 1;
    }
    if (open_output(run) != 0)
        return 1;
    tool_progress_start(run);
    if (run_workers(run) != 0) {
        tool_target_drop(&run->output);
        return 1;
    }
    tool_progress_end(run);
    return close_output(run) != 0 || run->failed ? 1 : 0;
}

int tool_main(const struct tool *tool, struct tool_options *options, int argc,
              char **argv)
{
    struct tool_run run;
    char why[300];
    int status;

    memset(&run, 0, sizeof run);
    run.tool = tool;
    run.options = options;
    run.log.program = tool->syntax.name;
    run.output.fd = -1;
    options->limits.size = sizeof options->limits;
    options->workers = 1;
    status = tool_options_parse(&tool->syntax, options, argc, argv, &run.log);
    if (status >= 0)
        goto out;
    run.log.quiet = options->quiet;
    run.log.verbose = options->verbose;
    run.log.json = options->diagnostics;
    run.log.color =
        !run.log.json && tool_color_wanted(options->color, STDERR_FILENO);
    run.several =
        options->operand_count > 1 || options->recurse || options->files_from;
    run.needs_names = options->folder != NULL;
    run.keep_all = tool->keep_all;
    status =
        check(&run, why, sizeof why) ? run_all(&run) : wrong_usage(&run, why);
    tool_log_flush(&run.log);
out:
    tool_files_release(&run.files);
    tool_names_release(&run.names);
    tool_ids_release(&run.inputs);
    tool_stream_release(&run.stream);
    tool_target_release(&run.output);
    tool_bytes_release(&run.log.text);
    tool_options_release(options);
    return status;
}
