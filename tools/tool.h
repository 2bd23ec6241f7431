/* What a command is to the machinery that all share: a line of options, a
 * sink for each worker, and what stands between documents. */
#ifndef TOOL_TOOL_H
#define TOOL_TOOL_H

#include "files.h"
#include "options.h"
#include "queue.h"
#include "stream.h"
#include "target.h"

#include <libdcm/dcm.h>

struct tool_run;
struct tool_from;

/* One thread and what it uses again for each of its inputs. */
struct tool_worker {
    struct tool_run *run;
    unsigned number;
    uint64_t ticket;
    struct tool_log log;
    struct tool_input input;
    enum tool_found found;
    const char *problem;    /* of `found` */
    struct tool_bytes name; /* for outputs: below -d, without its ending */
    const char *clash;      /* the earlier input of the same name */
    struct dcm_policy *policy;
    struct dcm_input *source; /* that is being read */
    int source_spool;         /* what came through a pipe; -1: not open */
    /* Documents of the input: a command that finds more than one in it sets
     * `more` while there is another, and `numbered` before the first. */
    uint64_t document; /* from 1 */
    int more, numbered;
    size_t said;               /* of log.text, before the document */
    unsigned char head[132];   /* its first bytes, if they were asked for and */
    size_t head_size;          /* cannot be read again */
    struct dcm_reader *reader; /* NULL for commands with another source */
    struct dcm_select *select;
    struct tool_from *from; /* NULL without --from */
    const char *syntax;     /* transfer syntax, for people; or NULL */
    struct dcm_output *output;
    struct tool_target target; /* of -d */
    int spool;                 /* -1: none */
    struct tool_bytes stash;   /* output whose turn has not come */
    uint64_t start;            /* of the document, behind its heading */
    int write_error;           /* errno */
    char why[300];             /* of a failure of the command's own */
    void *state;               /* the command's */
};

struct tool {
    struct tool_syntax syntax;
    const char *suffix; /* of an output in -d: ".json" */
    /* Endings of inputs that names of outputs lose, longer ones first, NULL
     * after the last; NULL: ".dcm". */
    const char *const *endings;
    int keep_all;    /* the reader hands out all there is */
    int headings;    /* "# FILE" above each of several documents */
    int keep_failed; /* on standard output, what a failed input gave is
                      * worth keeping */
    /* A document is a file and an output holds one. It is written where its
     * bytes can be changed (w->output is a descriptor), reaches others only
     * when it is whole. `joined`: but an output may hold several.
     * `in_place`: it may replace its own input. */
    int whole_files, joined, in_place;
    /* Other files that are read, whole names from 0 on, NULL after the last:
     * no output may replace them. May be NULL. */
    const char *(*other_input)(const struct tool_run *run, size_t i);
    /* The options are complete: sets run->frame and what else the run has of
     * them. 0: wrong usage, reason in `why`. */
    int (*prepare)(struct tool_run *run, char *why, size_t size);
    /* For commands whose source is not the reader of DICOM files, in place of
     * `begin` and `finish`. Their inputs can be read again (w->source), and
     * what they say comes out when a document is done. `start`: an input is
     * open; DCM_ERR_NOT_DICOM skips one that was met in a folder, DCM_DONE one
     * that has no document and needs none. `convert`:
     * another document to w->output, from its beginning to its end; it may
     * begin once more after tool_document_restart(). */
    const char *reads; /* "JSON"; NULL: "DICOM" */
    enum dcm_status (*start)(struct tool_worker *w, struct dcm_error *error);
    enum dcm_status (*convert)(struct tool_worker *w, struct dcm_error *error);
    /* For a worker: its `state`, 0 or -1 without memory. */
    int (*open)(struct tool_worker *w);
    void (*close)(struct tool_worker *w);
    /* Before a document: the sink for it, or NULL with w->why. */
    struct dcm_sink *(*begin)(struct tool_worker *w);
    /* When all events have been pumped, with what came of it: may do more, or
     * be NULL. What counts in the end, with details in *error or in w->why. */
    enum dcm_status (*finish)(struct tool_worker *w, enum dcm_status status,
                              struct dcm_error *error);
    /* After it. What was written stays (`kept`), and is whole or not; or it
     * has been taken back. */
    void (*end)(struct tool_worker *w, int whole, int kept);
};

enum tool_format { TOOL_DICOM, TOOL_JSON, TOOL_XML };

struct tool_run {
    const struct tool *tool;
    /* With --from (from.h): the command, and what is in its place. */
    struct {
        enum tool_format format;
        int by_tree; /* data sets are to be complete before they are written */
        int (*joins)(struct tool_worker *w, int is_array);
        const struct tool *command;
        struct tool tool;
    } from;
    struct tool_options *options; /* the command's struct begins with it */
    int several;                  /* there may be more than one input */
    int needs_names;              /* names of inputs must differ */
    int keep_all, keep_unknown;   /* of the reader; the tool's, to begin with */
    int keep_head;                /* w->head is wanted */
    int no_document;              /* nothing for -o, -d or standard output */
    struct tool_frame frame;
    struct tool_log log;
    struct tool_files files;
    struct tool_names names;
    struct tool_ids inputs; /* when --force is given */
    struct tool_queue queue;
    struct tool_stream stream; /* unless -d */
    struct tool_target output; /* of -o */
    atomic_int failed;         /* inputs */
    struct tool_progress {
        int on, shown, terminal;
        uint64_t start, last, count;
    } progress;
};

/* All of main(). `options` holds the defaults. */
int tool_main(const struct tool *tool, struct tool_options *options, int argc,
              char **argv);

/* worker.c: its thread takes inputs until there are none. 0, or -1 without
 * memory; to be closed in any case. */
int tool_worker_open(struct tool_worker *w, struct tool_run *run,
                     unsigned number);
void tool_worker_close(struct tool_worker *w);
void *tool_worker_run(void *worker);
/* Makes w->select, behind that source, if something is to be selected. 0, or -1
 * without memory. */
int tool_worker_select(struct tool_worker *w, struct dcm_source *source);

/* document.c: one input, opened, converted, and put where it belongs. 1 when
 * all went well. */
int tool_document_convert(struct tool_worker *w);
/* What was written of the document is taken back, with what was said about
 * it. 0, or -1 with w->why. */
int tool_document_restart(struct tool_worker *w);
/* Puts NAME behind `to`, or NAME-N for one of several documents. 0, or -1
 * without memory. */
int tool_document_name(const struct tool_worker *w, struct tool_bytes *to);
/* Messages go out at once when it is the worker's turn. */
void tool_document_say(struct tool_worker *w);
/* Is a dcm_write_fn: a worker's output, unless it goes to a descriptor. */
int tool_document_write(void *worker, const void *data, size_t n);

/* progress.c */
void tool_progress_start(struct tool_run *run);
void tool_progress_step(struct tool_run *run);
void tool_progress_hide(struct tool_progress *p);
void tool_progress_end(struct tool_run *run);

/* Whether documents go to a terminal. */
int tool_on_terminal(const struct tool_run *run);

#endif
