/* A file without a name, for output on its way. It lies where TMPDIR says, and
 * is gone with the process however that ends. Knows nothing of what is in it.
 */
#include "spool.h"

#include <libdcm/output.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PIECE 65536u

static int create(void)
{
    const char *folder = getenv("TMPDIR");
    char path[4096];
    int fd, n;

    if (!folder || !*folder)
        folder = "/tmp";
#ifdef O_TMPFILE
    fd = open(folder, O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0)
        return fd;
#endif
    n = snprintf(path, sizeof path, "%s/libdcm-XXXXXX", folder);
    if (n < 0 || (size_t)n >= sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        unlink(path);
    return fd;
}

int tool_spool_open(int *spool)
{
    if (*spool < 0)
        return *spool = create();
    return ftruncate(*spool, 0) == 0 && lseek(*spool, 0, SEEK_SET) == 0 ? *spool
                                                                        : -1;
}

static int copy(int fd, dcm_write_fn *write, void *user)
{
    char piece[PIECE];
    off_t at = 0;
    ssize_t n;

    while ((n = pread(fd, piece, sizeof piece, at)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 || write(user, piece, (size_t)n) != 0)
            return -1;
        at += n;
    }
    return 0;
}

/* What is still in the buffer, all of it, need not go to the file. */
int tool_spool_copy(struct dcm_output *o, dcm_write_fn *write, void *user)
{
    if (o->status != DCM_OK)
        return -1;
    if (o->flushed == 0 && o->used <= o->limit)
        return o->used ? write(user, o->buffer, o->used) : 0;
    if (dcm_output_flush(o) != DCM_OK)
        return -1;
    return copy(o->fd, write, user);
}
