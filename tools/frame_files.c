/* Frames in files of their own. Names are made of the input's name and the
 * number of the frame, never of values. Knows nothing of how a frame is found
 * (PS3.5 A.4). */
#include "convert.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PIECE (256u << 10)

void tool_frame_files_init(struct tool_frame_files *f, struct tool_worker *w,
                           const char *folder)
{
    memset(f, 0, sizeof *f);
    f->worker = w;
    f->folder = folder;
    f->target.fd = -1;
}

void tool_frame_files_release(struct tool_frame_files *f)
{
    tool_target_release(&f->target);
    free(f->buffer);
    f->buffer = NULL;
}

static enum dcm_status fail(struct tool_frame_files *f, const char *why)
{
    struct tool_worker *w = f->worker;

    snprintf(w->why, sizeof w->why, "frame %.110s: %s",
             f->target.path.data ? f->target.path.data : "", why);
    return DCM_ERR_WRITE;
}

/* The worker's list has the temporary file's name, and will have its own. */
static enum dcm_status open_file(struct tool_frame_files *f, uint64_t n,
                                 const char *extension)
{
    const struct tool_worker *w = f->worker;
    const struct tool_run *run = w->run;
    struct tool_bytes path = {NULL, 0, 0};
    char end[48];
    int opened;

    snprintf(end, sizeof end, "-%06llu.%.16s", (unsigned long long)n,
             extension);
    tool_bytes_text(&path, f->folder);
    tool_bytes_text(&path, "/");
    tool_bytes_put(&path, w->name.data, w->name.size);
    tool_bytes_text(&path, end);
    if (!tool_bytes_string(&path))
        return fail(f, "no memory");
    f->target.inputs = &run->inputs;
    opened = tool_target_open(&f->target, path.data, run->options->force, 1,
                              w->number) == 0;
    tool_bytes_release(&path);
    return opened ? DCM_OK : fail(f, f->target.why);
}

static enum dcm_status copy(struct tool_frame_files *f,
                            const struct dcm_frames *frames,
                            struct dcm_input *input, uint64_t n,
                            struct dcm_error *error)
{
    uint64_t from = 0;
    ptrdiff_t got;

    while ((got = dcm_frames_read(frames, input, n, from, f->buffer, PIECE,
                                  error)) > 0) {
        if (tool_write(f->target.fd, f->buffer, (size_t)got) != 0)
            return fail(f, strerror(errno));
        from += (uint64_t)got;
    }
    return got < 0 ? error->code : DCM_OK;
}

static enum dcm_status write_one(struct tool_frame_files *f,
                                 const struct dcm_frames *frames,
                                 struct dcm_input *input, uint64_t n,
                                 struct dcm_error *error)
{
    enum dcm_status status = open_file(f, n, dcm_frames_extension(frames));

    if (status != DCM_OK)
        return status;
    status = copy(f, frames, input, n, error);
    if (tool_target_join(&f->target) != 0 && status == DCM_OK)
        status = fail(f, f->target.why);
    return status;
}

enum dcm_status tool_frame_files_write(struct tool_frame_files *f,
                                       const struct dcm_frames *frames,
                                       struct dcm_input *input,
                                       struct dcm_error *error)
{
    uint64_t count = dcm_frames_count(frames);
    enum dcm_status status = DCM_OK;

    if (!f->buffer && !(f->buffer = malloc(PIECE)))
        return fail(f, "no memory");
    for (uint64_t n = 1; n <= count && status == DCM_OK; n++)
        status = write_one(f, frames, input, n, error);
    return status;
}
