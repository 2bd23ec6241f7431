/* Files without a name, for output on its way and for input that is needed
 * twice. They lie where TMPDIR says, and are gone with the process however that
 * ends. Knows nothing of what is in them. */
#include "spool.h"
#include "message.h"

#include <libdcm/error.h>
#include <libdcm/input.h>
#include <libdcm/output.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* ------------------------------------------------------------------ inputs */

int tool_spool_fill(int *spool, struct dcm_input *from, uint64_t limit,
                    struct dcm_error *error)
{
    char piece[PIECE];
    uint64_t done = 0;
    ptrdiff_t got;

    if (tool_spool_open(spool) < 0)
        goto failed;
    while ((got = from->read(from, piece, sizeof piece)) > 0) {
        if ((uint64_t)got > limit - done) {
            dcm_error_fill(error, DCM_ERR_LIMIT, DCM_NO_OFFSET, "",
                           "more than %llu bytes through a pipe",
                           (unsigned long long)limit);
            return -1;
        }
        if (tool_write(*spool, piece, (size_t)got) != 0)
            goto failed;
        done += (uint64_t)got;
    }
    if (got < 0) {
        *error = from->error;
        return -1;
    }
    if (lseek(*spool, 0, SEEK_SET) == 0)
        return 0;
failed:
    dcm_error_fill(error, DCM_ERR_WRITE, DCM_NO_OFFSET, "",
                   "no temporary file: %s", strerror(errno));
    return -1;
}

/* ------------------------------------------------------------------- pipes */

struct spooled {
    char *path;
    int fd;
};

/* There are few: each pipe has a descriptor of its own, and somebody who
 * writes. */
struct tool_spools {
    pthread_mutex_t lock;
    struct spooled *files;
    size_t count;
};

struct tool_spools *tool_spools_new(void)
{
    struct tool_spools *s = calloc(1, sizeof *s);

    if (s && pthread_mutex_init(&s->lock, NULL) != 0) {
        free(s);
        return NULL;
    }
    return s;
}

void tool_spools_free(struct tool_spools *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->count; i++) {
        close(s->files[i].fd);
        free(s->files[i].path);
    }
    free(s->files);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

/* A descriptor of a file without a name, or -1 with *error. */
static int read_once(const char *path, uint64_t limit, struct dcm_error *error)
{
    struct dcm_input *in = dcm_input_file(path, error);
    int spool = -1, failed;

    if (!in)
        return -1;
    failed = tool_spool_fill(&spool, in, limit, error) != 0;
    dcm_input_free(in);
    if (!failed)
        return spool;
    if (spool >= 0)
        close(spool);
    return -1;
}

/* The one of that path, read now when it is not there. NULL with *error. */
static const struct spooled *find_spooled(struct tool_spools *s,
                                          const char *path, uint64_t limit,
                                          struct dcm_error *error)
{
    struct spooled *files, file;

    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->files[i].path, path) == 0)
            return &s->files[i];
    files = realloc(s->files, (s->count + 1) * sizeof *files);
    if (files)
        s->files = files;
    file.path = files ? strdup(path) : NULL;
    if (!file.path) {
        dcm_error_fill(error, DCM_ERR_MEMORY, DCM_NO_OFFSET, "", "no memory");
        return NULL;
    }
    file.fd = read_once(path, limit, error);
    if (file.fd < 0) {
        free(file.path);
        return NULL;
    }
    files[s->count] = file;
    return &files[s->count++];
}

int tool_spools_open(struct tool_spools *s, const char *path, uint64_t limit,
                     struct dcm_error *error)
{
    const struct spooled *file;
    int fd = -1;

    pthread_mutex_lock(&s->lock);
    file = find_spooled(s, path, limit, error);
    if (file) {
        fd = fcntl(file->fd, F_DUPFD_CLOEXEC, 3);
        if (fd < 0)
            dcm_error_fill(error, DCM_ERR_READ, DCM_NO_OFFSET, "", "%s",
                           strerror(errno));
    }
    pthread_mutex_unlock(&s->lock);
    return fd;
}
