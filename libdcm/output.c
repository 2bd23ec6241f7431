/* Ground. Bytes to write, through one buffer: to a descriptor, to memory or
 * to a callback. Sticky: the first failure is kept and nothing more goes out.
 * What is held (see output.h) stays in the buffer, up to DCM_OUTPUT_HELD. */
#include "output.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define MARGIN 4096u /* so that small reserves find room past the mark */

static enum dcm_status fail(struct dcm_output *o, enum dcm_status code,
                            const char *what, const char *why)
{
    if (o->status == DCM_OK)
        o->status = dcm_error_fill(&o->error, code, DCM_NO_OFFSET, "", "%s%s%s",
                                   what, *why ? ": " : "", why);
    return o->status;
}

static struct dcm_output *output_new(dcm_write_fn *write, void *user)
{
    struct dcm_output *o = calloc(1, sizeof(*o));

    if (!o)
        return NULL;
    o->write = write;
    o->user = user;
    o->hold = UINT64_MAX;
    o->limit = UINT64_MAX;
    o->fd = -1;
    return o;
}

static int write_fd(void *user, const void *data, size_t n)
{
    struct dcm_output *o = user;
    const char *p = data;

    while (n) {
        ssize_t w = write(o->fd, p, n);

        if (w < 0 && errno == EINTR)
            continue;
        if (w < 0)
            return -1;
        p += w;
        n -= (size_t)w;
    }
    return 0;
}

struct dcm_output *dcm_output_fd(int fd)
{
    struct dcm_output *o = output_new(write_fd, NULL);

    if (o) {
        o->user = o;
        o->fd = fd;
    }
    return o;
}

struct dcm_output *dcm_output_memory(void)
{
    return output_new(NULL, NULL);
}

struct dcm_output *dcm_output_callback(dcm_write_fn *write, void *user)
{
    return output_new(write, user);
}

void dcm_output_free(struct dcm_output *o)
{
    if (o)
        free(o->buffer);
    free(o);
}

const void *dcm_output_data(const struct dcm_output *o, size_t *size)
{
    *size = o->used;
    return o->buffer ? o->buffer : "";
}

void dcm_output_clear(struct dcm_output *o, uint64_t limit)
{
    o->used = o->mark = 0;
    o->flushed = 0;
    o->hold = UINT64_MAX;
    o->limit = limit;
    o->status = DCM_OK;
}

/* Writes out the first n bytes of the buffer. */
static void write_out(struct dcm_output *o, size_t n)
{
    if (n == 0 || o->status != DCM_OK)
        return;
    errno = 0; /* a callback need not set it */
    if (o->write(o->user, o->buffer, n) != 0) {
        fail(o, DCM_ERR_WRITE, "cannot write", errno ? strerror(errno) : "");
        return;
    }
    o->flushed += n;
    o->used -= n;
    memmove(o->buffer, o->buffer + n, o->used);
}

/* Room by writing out what is not held; past DCM_OUTPUT_HELD the hold is
 * broken, so that no output can make us keep more than that. */
static void make_room(struct dcm_output *o)
{
    size_t keep = 0;

    if (!o->write || o->used < DCM_OUTPUT_BUFFER)
        return;
    if (o->hold < dcm_output_tell(o) && o->hold >= o->flushed)
        keep = (size_t)(dcm_output_tell(o) - o->hold);
    if (keep > DCM_OUTPUT_HELD)
        keep = 0;
    /* A large hold is left alone until it ends: moving it for every small
     * piece before it would cost more than it frees. */
    if (o->used - keep < keep / 2)
        return;
    write_out(o, o->used - keep);
}

/* The next look at what may be written out: when the buffer is full, and
 * while it is held fuller than that, a quarter of a buffer on. */
static void set_mark(struct dcm_output *o)
{
    o->mark = SIZE_MAX;
    if (o->write)
        o->mark = o->used < DCM_OUTPUT_BUFFER ? DCM_OUTPUT_BUFFER
                                              : o->used + DCM_OUTPUT_BUFFER / 4;
}

static int grow(struct dcm_output *o, size_t n)
{
    size_t want = o->used + n + MARGIN;
    size_t size = o->capacity ? o->capacity : DCM_OUTPUT_BUFFER / 4;
    char *p;

    if (n > SIZE_MAX / 4 || o->used > SIZE_MAX / 4)
        return 0;
    while (size < want)
        size *= 2;
    p = realloc(o->buffer, size);
    if (!p)
        return 0;
    o->buffer = p;
    o->capacity = size;
    return 1;
}

/* Asked when room is made and before the last bytes go out, not for every
 * piece: no byte past the limit is written. */
static int past_limit(struct dcm_output *o, size_t n)
{
    if (n <= o->limit && dcm_output_tell(o) <= o->limit - n)
        return 0;
    fail(o, DCM_ERR_LIMIT,
         "output grows past the limit 'output'; raise it with --limit", "");
    return 1;
}

char *dcm_output_reserve_slow(struct dcm_output *o, size_t n)
{
    if (o->status != DCM_OK)
        return NULL;
    if (past_limit(o, n))
        return NULL;
    make_room(o);
    if (o->status != DCM_OK)
        return NULL;
    set_mark(o);
    if (o->capacity - o->used < n && !grow(o, n)) {
        fail(o, DCM_ERR_MEMORY, "no memory for the output", "");
        return NULL;
    }
    return o->buffer + o->used;
}

void dcm_output_text(struct dcm_output *o, const char *s)
{
    dcm_output_put(o, s, strlen(s));
}

void dcm_output_line(struct dcm_output *o, size_t indent)
{
    char *to = dcm_output_reserve(o, 1 + 2 * indent);

    if (!to)
        return;
    *to = '\n';
    memset(to + 1, ' ', 2 * indent);
    dcm_output_commit(o, 1 + 2 * indent);
}

char *dcm_output_at(struct dcm_output *o, uint64_t position)
{
    if (!o->buffer || position < o->flushed || position > dcm_output_tell(o))
        return NULL;
    return o->buffer + (size_t)(position - o->flushed);
}

int dcm_output_truncate(struct dcm_output *o, uint64_t position)
{
    if (position < o->flushed || position > dcm_output_tell(o))
        return 0;
    o->used = (size_t)(position - o->flushed);
    return 1;
}

/* With O_APPEND pwrite() would write at the end all the same. */
int dcm_output_can_patch(const struct dcm_output *o)
{
    struct stat st;
    int flags;

    if (o->fd < 0)
        return o->write == NULL;
    if (fstat(o->fd, &st) != 0 || !S_ISREG(st.st_mode))
        return 0;
    flags = fcntl(o->fd, F_GETFL);
    return flags >= 0 && (flags & O_ACCMODE) != O_RDONLY && !(flags & O_APPEND);
}

/* Bytes that have left the buffer. Where position 0 lies in the file follows
 * from where the descriptor stands: flushed bytes after it. */
static int patch_file(struct dcm_output *o, uint64_t position, const char *p,
                      size_t n)
{
    off_t at;

    if (o->fd < 0 || !dcm_output_can_patch(o))
        return 0;
    at = lseek(o->fd, 0, SEEK_CUR);
    if (at < 0 || (uint64_t)at < o->flushed - position)
        return 0;
    at -= (off_t)(o->flushed - position);
    while (n) {
        ssize_t w = pwrite(o->fd, p, n, at);

        if (w < 0 && errno == EINTR)
            continue;
        if (w <= 0) {
            fail(o, DCM_ERR_WRITE, "cannot write", strerror(errno));
            return 0;
        }
        p += w;
        at += w;
        n -= (size_t)w;
    }
    return 1;
}

int dcm_output_patch(struct dcm_output *o, uint64_t position, const void *data,
                     size_t n)
{
    const char *p = data;
    size_t out = 0;

    if (o->status != DCM_OK || position > dcm_output_tell(o) ||
        n > dcm_output_tell(o) - position)
        return 0;
    if (position < o->flushed) {
        out = o->flushed - position < n ? (size_t)(o->flushed - position) : n;
        if (!patch_file(o, position, p, out))
            return 0;
    }
    if (out < n)
        memcpy(o->buffer + (size_t)(position + out - o->flushed), p + out,
               n - out);
    return 1;
}

enum dcm_status dcm_output_flush(struct dcm_output *o)
{
    if (o->status == DCM_OK && !past_limit(o, 0) && o->write)
        write_out(o, o->used);
    return o->status;
}
