/* Failures of calls, one at a time; see faults.h. Knows nothing of what is done
 * with them, but that it ends in bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "faults.h"

#include <errno.h>
#include <expat.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

/* ----------------------------------------------------------------- faults */

/* The next failure: after `left` calls of that kind; -1: none. */
static struct {
    enum fault kind;
    long left;
    int hit;
} fault = {MEMORY, -1, 0};

static void arm(enum fault kind, long left)
{
    fault.kind = kind;
    fault.left = left;
    fault.hit = 0;
}

static int is_due(enum fault kind)
{
    if (fault.kind != kind || fault.left < 0 || fault.left-- > 0)
        return 0;
    fault.hit = 1;
    return 1;
}

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__real_aligned_alloc(size_t alignment, size_t n);
ssize_t __real_read(int fd, void *p, size_t n);
ssize_t __real_write(int fd, const void *p, size_t n);
ssize_t __real_pread(int fd, void *p, size_t n, off_t at);
ssize_t __real_pwrite(int fd, const void *p, size_t n, off_t at);
int __real_deflateInit2_(z_streamp z, int level, int method, int bits,
                         int memory, int strategy, const char *version,
                         int size);
int __real_inflateInit2_(z_streamp z, int bits, const char *version, int size);

void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);
void *__wrap_aligned_alloc(size_t alignment, size_t n);
ssize_t __wrap_read(int fd, void *p, size_t n);
ssize_t __wrap_write(int fd, const void *p, size_t n);
ssize_t __wrap_pread(int fd, void *p, size_t n, off_t at);
ssize_t __wrap_pwrite(int fd, const void *p, size_t n, off_t at);
int __wrap_deflateInit2_(z_streamp z, int level, int method, int bits,
                         int memory, int strategy, const char *version,
                         int size);
int __wrap_inflateInit2_(z_streamp z, int bits, const char *version, int size);

void *__wrap_malloc(size_t n)
{
    return is_due(MEMORY) ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return is_due(MEMORY) ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n)
{
    return is_due(MEMORY) ? NULL : __real_realloc(p, n);
}

void *__wrap_aligned_alloc(size_t alignment, size_t n)
{
    return is_due(MEMORY) ? NULL : __real_aligned_alloc(alignment, n);
}

static ssize_t io_fails(int number)
{
    errno = number;
    return -1;
}

ssize_t __wrap_read(int fd, void *p, size_t n)
{
    return is_due(READ) ? io_fails(EIO) : __real_read(fd, p, n);
}

ssize_t __wrap_write(int fd, const void *p, size_t n)
{
    return is_due(WRITE) ? io_fails(ENOSPC) : __real_write(fd, p, n);
}

ssize_t __wrap_pread(int fd, void *p, size_t n, off_t at)
{
    return is_due(READ) ? io_fails(EIO) : __real_pread(fd, p, n, at);
}

ssize_t __wrap_pwrite(int fd, const void *p, size_t n, off_t at)
{
    return is_due(WRITE) ? io_fails(ENOSPC) : __real_pwrite(fd, p, n, at);
}

int __wrap_deflateInit2_(z_streamp z, int level, int method, int bits,
                         int memory, int strategy, const char *version,
                         int size)
{
    return is_due(MEMORY) ? Z_MEM_ERROR
                          : __real_deflateInit2_(z, level, method, bits, memory,
                                                 strategy, version, size);
}

int __wrap_inflateInit2_(z_streamp z, int bits, const char *version, int size)
{
    return is_due(MEMORY) ? Z_MEM_ERROR
                          : __real_inflateInit2_(z, bits, version, size);
}

/* expat allocates while it parses. */
XML_Parser __wrap_XML_ParserCreateNS(const XML_Char *encoding,
                                     XML_Char separator);

XML_Parser __wrap_XML_ParserCreateNS(const XML_Char *encoding,
                                     XML_Char separator)
{
    static const XML_Memory_Handling_Suite memory = {__wrap_malloc,
                                                     __wrap_realloc, free};
    const XML_Char separators[] = {separator, 0};

    return XML_ParserCreate_MM(encoding, &memory, separators);
}

/* -------------------------------------------------------------- callbacks */

struct written written;
static struct written first;

ptrdiff_t faults_feed(void *user, void *buffer, size_t n)
{
    struct feed *f = user;
    size_t left = f->size - f->at;

    if (is_due(READ))
        return -1;
    n = n < left ? n : left;
    n = n < 20000 ? n : 20000;
    memcpy(buffer, f->data + f->at, n);
    f->at += n;
    return (ptrdiff_t)n;
}

void written_add(const void *data, size_t n)
{
    if (n > WRITTEN_MOST - written.size)
        abort();
    memcpy(written.bytes + written.size, data, n);
    written.size += n;
}

int faults_take(void *user, const void *data, size_t n)
{
    (void)user;
    if (is_due(WRITE))
        return -1;
    written_add(data, n);
    return 0;
}

/* ------------------------------------------------------------------- runs */

static int same_as_first(void)
{
    return written.size == first.size &&
           memcmp(written.bytes, first.bytes, first.size) == 0;
}

static const enum dcm_status codes[] = {
    [MEMORY] = DCM_ERR_MEMORY,
    [WRITE] = DCM_ERR_WRITE,
    [READ] = DCM_ERR_READ,
};

const char *fault_name(enum fault kind)
{
    static const char *const names[] = {"allocation", "write", "read"};

    return names[kind];
}

static enum dcm_status run(const struct faults_job *job,
                           struct dcm_error *error)
{
    memset(error, 0, sizeof *error);
    written.size = 0;
    return job->run(job->machine, error);
}

/* One failure, and then none. 1: there was one to make. */
static int fail_once(const struct faults_job *job, enum fault kind, long n)
{
    struct dcm_error error = {0};
    enum dcm_status status = DCM_ERR_MEMORY;
    int hit;

    job->rewind(job->machine);
    arm(kind, n);
    if (job->make(job->machine))
        status = run(job, &error);
    hit = fault.hit;
    arm(MEMORY, -1);
    if (status == DCM_OK)
        job->collect(job->machine);
    /* What could be done without the memory is done. */
    if (hit && status != codes[kind] &&
        !(kind == MEMORY && status == DCM_OK && same_as_first()))
        fail_msg("%s, %s, %s %ld fails: %s: %s", job->fixture, job->name,
                 fault_name(kind), n, dcm_status_name(status), error.message);

    job->rewind(job->machine);
    assert_true(job->again(job->machine));
    status = run(job, &error);
    if (status == DCM_OK)
        job->collect(job->machine);
    if (status != DCM_OK || !same_as_first())
        fail_msg("%s, %s, after %s %ld: %s: %s", job->fixture, job->name,
                 fault_name(kind), n, dcm_status_name(status), error.message);
    job->free(job->machine);
    return hit;
}

long faults_all(const struct faults_job *job, enum fault kind)
{
    struct dcm_error error;
    long n = 0;

    job->rewind(job->machine);
    assert_true(job->make(job->machine));
    if (run(job, &error) != DCM_OK)
        fail_msg("%s, %s: %s", job->fixture, job->name, error.message);
    job->collect(job->machine);
    memcpy(first.bytes, written.bytes, written.size);
    first.size = written.size;
    assert_true(first.size > 0);
    job->free(job->machine);
    while (fail_once(job, kind, n))
        n++;
    return n;
}
