/* Files without a name. An output that cannot be changed once it is written,
 * as a pipe: what goes there is written to one first, and copied when it is
 * whole. An input that cannot be read again: it is read to one first. */
#ifndef TOOL_SPOOL_H
#define TOOL_SPOOL_H

#include <libdcm/dcm.h>

/* An empty file, that of *spool again when there is one: its descriptor, or -1
 * with errno. */
int tool_spool_open(int *spool);
/* All that `output` wrote to it: 0, or -1 when that or `write` has failed. */
int tool_spool_copy(struct dcm_output *output, dcm_write_fn *write, void *user);

/* Reads all of `from`, at most `limit` bytes, to it: 0, or -1 with *error. */
int tool_spool_fill(int *spool, struct dcm_input *from, uint64_t limit,
                    struct dcm_error *error);

/* Files that can be read once, as pipes: each is read once, whoever asks for
 * it how often. All threads may use it. NULL: no memory. */
struct tool_spools;
struct tool_spools *tool_spools_new(void);
void tool_spools_free(struct tool_spools *s);
/* A descriptor of the file of what `path` gave, at most `limit` bytes; the
 * caller's to close, and to be read by position. -1 with *error. */
int tool_spools_open(struct tool_spools *s, const char *path, uint64_t limit,
                     struct dcm_error *error);

#endif
