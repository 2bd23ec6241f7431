/* What dcmconv asks for, and what it does with one input: convert.c. */
#ifndef TOOL_CONVERT_H
#define TOOL_CONVERT_H

#include "edits.h"

struct tool_convert_options {
    struct tool_options common; /* first */
    const char *syntax;         /* a UID, or NULL */
    const char *charset;        /* terms, or NULL */
    const char *frames;         /* a folder, or NULL */
    int lengths, bare, keep_preamble, repair;
    struct tool_edits edits;
};

/* Whether a data set is held in memory before it is written. */
int tool_convert_by_tree(const struct tool_convert_options *o);
/* The four calls of a struct tool. */
int tool_convert_open(struct tool_worker *w);
void tool_convert_close(struct tool_worker *w);
struct dcm_sink *tool_convert_begin(struct tool_worker *w);
enum dcm_status tool_convert_finish(struct tool_worker *w,
                                    enum dcm_status status,
                                    struct dcm_error *error);

/* frame_files.c: the bytes of each frame in a file of its own,
 * FOLDER/NAME-000001.EXTENSION. All of them go when the input fails. */
struct tool_frame_files {
    struct tool_worker *worker;
    const char *folder;
    struct tool_target target;
    unsigned char *buffer;
};
void tool_frame_files_init(struct tool_frame_files *f, struct tool_worker *w,
                           const char *folder);
void tool_frame_files_release(struct tool_frame_files *f);
/* On failure, details are in *error or in w->why. */
enum dcm_status tool_frame_files_write(struct tool_frame_files *f,
                                       const struct dcm_frames *frames,
                                       struct dcm_input *input,
                                       struct dcm_error *error);

#endif
