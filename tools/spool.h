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

#endif
