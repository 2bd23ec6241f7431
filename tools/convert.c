/* One input to one Part 10 file, and to files of its frames. As a stream when
 * nothing is to be changed but the encoding; else through a tree. Knows nothing
 * of options and of where the output goes. */
#include "convert.h"

#include <libdcm/input.h>
#include <libdcm/output.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PREAMBLE 128u
#define HEAD (PREAMBLE + 4) /* and the prefix DICM (PS3.10 7.1) */

struct state {
    const struct tool_convert_options *options;
    struct dcm_writer *writer;   /* NULL: no document */
    struct dcm_dataset *dataset; /* NULL: a stream */
    struct dcm_frames *frames;   /* NULL: not asked for */
    struct dcm_reader *again;    /* for frames, after a document */
    struct tool_frame_files files;
};

/* ------------------------------------------------------------ life times */

/* What broke off is cut to what is there in a tree, lengths included. */
int tool_convert_by_tree(const struct tool_convert_options *o)
{
    return o->repair || o->edits.count || o->common.partial;
}

static int open_writer(struct state *s, struct tool_worker *w)
{
    const struct tool_convert_options *o = s->options;
    struct dcm_writer_options writing = {.size = sizeof writing};

    writing.policy = w->policy;
    writing.limits = &o->common.limits;
    writing.syntax = o->syntax;
    writing.lengths = (enum dcm_lengths)o->lengths;
    writing.bare = o->bare;
    writing.charset = o->charset;
    writing.mend = o->repair;
    s->writer = dcm_writer_new(&writing, w->output);
    if (s->writer && tool_convert_by_tree(o)) {
        s->dataset = dcm_dataset_new(&o->common.limits);
        return s->dataset ? 0 : -1;
    }
    return s->writer ? 0 : -1;
}

/* What deviates was told in the first reading, by the policy. */
static int open_frames(struct state *s, struct tool_worker *w)
{
    const struct tool_options *o = &s->options->common;
    struct dcm_reader_options reading = {.size = sizeof reading};

    tool_frame_files_init(&s->files, w, s->options->frames);
    s->frames = dcm_frames_new(w->policy);
    if (!s->frames)
        return -1;
    if (w->run->no_document)
        return 0;
    reading.limits = &o->limits;
    reading.charset_assume = o->charset_assume;
    reading.charset_force = o->charset_force;
    s->again = dcm_reader_new(&reading);
    return s->again ? 0 : -1;
}

int tool_convert_open(struct tool_worker *w)
{
    struct state *s = calloc(1, sizeof *s);

    w->state = s;
    if (!s)
        return -1;
    s->options = (const struct tool_convert_options *)w->run->options;
    if (!w->run->no_document && open_writer(s, w) != 0)
        return -1;
    return s->options->frames ? open_frames(s, w) : 0;
}

void tool_convert_close(struct tool_worker *w)
{
    struct state *s = w->state;

    if (!s)
        return;
    tool_frame_files_release(&s->files);
    dcm_reader_free(s->again);
    dcm_frames_free(s->frames);
    dcm_dataset_free(s->dataset);
    dcm_writer_free(s->writer);
    free(s);
    w->state = NULL;
}

struct dcm_sink *tool_convert_begin(struct tool_worker *w)
{
    struct state *s = w->state;

    if (!s->writer)
        return dcm_frames_sink(s->frames);
    dcm_writer_clear(s->writer);
    if (!s->dataset)
        return dcm_writer_sink(s->writer);
    dcm_dataset_clear(s->dataset);
    return dcm_dataset_sink(s->dataset);
}

static enum dcm_status write_tree(struct state *s, struct tool_worker *w,
                                  struct dcm_error *error)
{
    enum dcm_status status =
        tool_edits_apply(&s->options->edits, s->dataset, &w->log, error);

    if (status != DCM_OK)
        return status;
    return dcm_pump(dcm_dataset_source(s->dataset), dcm_writer_sink(s->writer),
                    error);
}

/* -------------------------------------------------------------- preamble */

static int read_head(struct tool_worker *w, unsigned char head[HEAD])
{
    struct dcm_input *in = w->source;
    size_t done = 0;

    if (!in->read_at) {
        memcpy(head, w->head, w->head_size);
        return w->head_size == HEAD;
    }
    while (done < HEAD) {
        ptrdiff_t got = in->read_at(in, done, head + done, HEAD - done);

        if (got <= 0)
            return 0;
        done += (size_t)got;
    }
    return 1;
}

/* The source's in place of zeros; a failure sticks to the output. */
static void keep_preamble(struct tool_worker *w)
{
    unsigned char head[HEAD];

    if (dcm_output_tell(w->output) > HEAD && read_head(w, head) &&
        memcmp(head + PREAMBLE, "DICM", 4) == 0)
        dcm_output_patch(w->output, 0, head, PREAMBLE);
}

/* ---------------------------------------------------------------- frames */

/* The input once more, from its beginning. A document has been made of it
 * already, so nothing of it is left where it can be read just once. */
static enum dcm_status find_frames(struct state *s, struct tool_worker *w,
                                   struct dcm_input **input,
                                   struct dcm_error *error)
{
    if (w->input.is_stdin) {
        snprintf(w->why, sizeof w->why,
                 "--frames beside an output needs a file to read");
        return DCM_ERR_UNSUPPORTED;
    }
    *input = dcm_input_file(w->input.path.data, error);
    if (!*input)
        return error->code;
    dcm_reader_open(s->again, *input);
    return dcm_pump(dcm_reader_source(s->again), dcm_frames_sink(s->frames),
                    error);
}

static enum dcm_status write_frames(struct state *s, struct tool_worker *w,
                                    struct dcm_error *error)
{
    struct dcm_input *input = NULL;
    enum dcm_status status = DCM_OK;

    if (s->again)
        status = find_frames(s, w, &input, error);
    if (status == DCM_ERR_TRUNCATED && s->options->common.partial)
        status = DCM_OK;
    if (status == DCM_OK && dcm_frames_count(s->frames) == 0)
        tool_log_say(&w->log, TOOL_WARNING, "has no frames");
    if (status == DCM_OK)
        status = tool_frame_files_write(&s->files, s->frames,
                                        input ? input : w->source, error);
    dcm_input_free(input);
    return status;
}

/* ------------------------------------------------------------------- end */

static enum dcm_status write_document(struct state *s, struct tool_worker *w,
                                      struct dcm_error *error)
{
    enum dcm_status status = DCM_OK;

    if (s->dataset)
        status = write_tree(s, w, error);
    if (status == DCM_OK && s->options->keep_preamble && !s->options->bare)
        keep_preamble(w);
    return status;
}

/* Each has been told of already. */
static void tell_repaired(struct tool_worker *w)
{
    uint64_t count = dcm_policy_count(w->policy, 0);

    if (count)
        tool_log_say(&w->log, TOOL_WARNING, "repaired: %llu deviation%s",
                     (unsigned long long)count, count == 1 ? "" : "s");
}

enum dcm_status tool_convert_finish(struct tool_worker *w,
                                    enum dcm_status status,
                                    struct dcm_error *error)
{
    struct state *s = w->state;
    struct dcm_error own = {0};
    enum dcm_status result = DCM_OK;

    if (status != DCM_OK &&
        (status != DCM_ERR_TRUNCATED || !s->options->common.partial))
        return status;
    if (s->writer)
        result = write_document(s, w, &own);
    if (result == DCM_OK && s->frames)
        result = write_frames(s, w, &own);
    if (result != DCM_OK) {
        *error = own;
        /* What broke off once more is not to be kept, even in part. */
        return result == DCM_ERR_TRUNCATED ? DCM_ERR_MALFORMED : result;
    }
    if (s->options->repair)
        tell_repaired(w);
    return status;
}
