/* An output that cannot be changed once it is written, as a pipe: what goes
 * there is written to a file without a name first, and copied when it is
 * whole. */
#ifndef TOOL_SPOOL_H
#define TOOL_SPOOL_H

#include <libdcm/dcm.h>

/* An empty file, that of *spool again when there is one: its descriptor, or -1
 * with errno. */
int tool_spool_open(int *spool);
/* All that `output` wrote to it: 0, or -1 when that or `write` has failed. */
int tool_spool_copy(struct dcm_output *output, dcm_write_fn *write, void *user);

#endif
