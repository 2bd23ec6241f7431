/* Ground. Bytes to read: memory, files, streams, callbacks. An input knows
 * where it stands and how to go on, nothing of what the bytes mean. Regular
 * files are read with pread, so that one descriptor can serve two readers. */
#include "input.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct fd_input {
    struct dcm_input base;
    int fd;
    int owned;
    uint64_t start, at; /* regular files: of byte 0, and of the next */
};

struct callback_input {
    struct dcm_input base;
    dcm_read_fn *read;
    void *user;
};

static ptrdiff_t read_failed(struct dcm_input *in, int error)
{
    dcm_error_fill(&in->error, DCM_ERR_READ, DCM_NO_OFFSET, "",
                   "cannot read: %s", strerror(error));
    return -1;
}

static void *input_new(size_t size, struct dcm_error *error)
{
    struct dcm_input *in = calloc(1, size);

    if (!in)
        dcm_error_fill(error, DCM_ERR_MEMORY, DCM_NO_OFFSET, "",
                       "no memory for an input");
    else
        in->size = UINT64_MAX;
    return in;
}

static void free_plain(struct dcm_input *in)
{
    free(in);
}

/* ---------------------------------------------------------------- memory */

static ptrdiff_t read_memory(struct dcm_input *in, void *buffer, size_t n)
{
    (void)in; /* the cursor looks at in->memory itself */
    (void)buffer;
    (void)n;
    return 0;
}

static ptrdiff_t read_memory_at(struct dcm_input *in, uint64_t offset,
                                void *buffer, size_t n)
{
    uint64_t left = offset < in->size ? in->size - offset : 0;

    if (n > left)
        n = (size_t)left;
    if (n)
        memcpy(buffer, in->memory + (size_t)offset, n);
    return (ptrdiff_t)n;
}

struct dcm_input *dcm_input_memory(const void *data, size_t size,
                                   struct dcm_error *error)
{
    struct dcm_input *in = input_new(sizeof(*in), error);

    if (!in)
        return NULL;
    in->read = read_memory;
    in->read_at = read_memory_at;
    in->free = free_plain;
    in->memory = size ? data : (const uint8_t *)"";
    in->size = size;
    return in;
}

/* ----------------------------------------------------- files and streams */

static ptrdiff_t read_file(struct dcm_input *in, void *buffer, size_t n)
{
    struct fd_input *f = (struct fd_input *)in;
    ssize_t got;

    if (f->at >= in->size) /* as long as it was when it was opened */
        return 0;
    do
        got = pread(f->fd, buffer, n, (off_t)f->at);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return read_failed(in, errno);
    f->at += (uint64_t)got;
    return got;
}

static ptrdiff_t read_file_at(struct dcm_input *in, uint64_t offset,
                              void *buffer, size_t n)
{
    struct fd_input *f = (struct fd_input *)in;
    ssize_t got;

    do
        got = pread(f->fd, buffer, n, (off_t)(f->start + offset));
    while (got < 0 && errno == EINTR);
    return got < 0 ? read_failed(in, errno) : got;
}

static uint64_t skip_file(struct dcm_input *in, uint64_t n)
{
    struct fd_input *f = (struct fd_input *)in;
    uint64_t left = f->at < in->size ? in->size - f->at : 0;

    if (n > left)
        n = left;
    f->at += n;
    return n;
}

static ptrdiff_t read_stream(struct dcm_input *in, void *buffer, size_t n)
{
    struct fd_input *f = (struct fd_input *)in;
    ssize_t got;

    do
        got = read(f->fd, buffer, n);
    while (got < 0 && errno == EINTR);
    return got < 0 ? read_failed(in, errno) : got;
}

static void free_fd(struct dcm_input *in)
{
    struct fd_input *f = (struct fd_input *)in;

    if (f->owned)
        close(f->fd);
    free(f);
}

static struct dcm_input *from_fd(int fd, int owned, struct dcm_error *error)
{
    struct fd_input *f;
    struct stat st;
    off_t at = -1;

    if (fstat(fd, &st) != 0) {
        dcm_error_fill(error, DCM_ERR_READ, DCM_NO_OFFSET, "",
                       "cannot read: %s", strerror(errno));
        return NULL;
    }
    if (S_ISDIR(st.st_mode)) {
        dcm_error_fill(error, DCM_ERR_READ, DCM_NO_OFFSET, "",
                       "is a folder, not a file");
        return NULL;
    }
    f = input_new(sizeof(*f), error);
    if (!f)
        return NULL;
    f->fd = fd;
    f->owned = owned;
    f->base.free = free_fd;
    f->base.read = read_stream;
    /* Files in /proc and the like say 0 bytes and have more: streams. */
    if (S_ISREG(st.st_mode) && st.st_size > 0)
        at = owned ? 0 : lseek(fd, 0, SEEK_CUR);
    if (at >= 0) {
        f->base.read = read_file;
        f->base.skip = skip_file;
        f->base.read_at = read_file_at;
        f->base.size = (uint64_t)st.st_size;
        f->start = f->at = (uint64_t)at;
    }
    return &f->base;
}

struct dcm_input *dcm_input_file(const char *path, struct dcm_error *error)
{
    struct dcm_input *in;
    int fd;

    do
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    while (fd < 0 && errno == EINTR);
    if (fd < 0) {
        dcm_error_fill(error, DCM_ERR_READ, DCM_NO_OFFSET, "",
                       "cannot open: %s", strerror(errno));
        return NULL;
    }
    in = from_fd(fd, 1, error);
    if (!in)
        close(fd);
    return in;
}

struct dcm_input *dcm_input_fd(int fd, struct dcm_error *error)
{
    return from_fd(fd, 0, error);
}

/* -------------------------------------------------------------- callback */

static ptrdiff_t read_callback(struct dcm_input *in, void *buffer, size_t n)
{
    struct callback_input *c = (struct callback_input *)in;
    ptrdiff_t got = c->read(c->user, buffer, n);

    if (got < 0 || (size_t)got > n) {
        dcm_error_fill(&in->error, DCM_ERR_READ, DCM_NO_OFFSET, "",
                       "cannot read: the input's callback failed");
        return -1;
    }
    return got;
}

struct dcm_input *dcm_input_callback(dcm_read_fn *read, void *user,
                                     struct dcm_error *error)
{
    struct callback_input *c = input_new(sizeof(*c), error);

    if (!c)
        return NULL;
    c->base.read = read_callback;
    c->base.free = free_plain;
    c->read = read;
    c->user = user;
    return &c->base;
}

void dcm_input_free(struct dcm_input *input)
{
    if (input)
        input->free(input);
}
