/* An output over another output: a data set that is deflated as a whole (PS3.5
 * A.5), raw as RFC 1951 has it, without the zlib header that some writers put
 * around it. The sister of inflate.c; knows nothing of what the bytes mean.
 */
#include "deflate.h"

#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

#define LEVEL 6
#define MEMORY 8                  /* zlib's own default */
#define BLOCK ((size_t)32u << 10) /* room for deflated bytes at a time */

static z_stream *stream_of(const struct dcm_deflate *z)
{
    return z->stream;
}

/* Deflates what s->next_in shows, to the end of it or of the stream. */
static int deflate_shown(struct dcm_deflate *z, int how)
{
    z_stream *s = stream_of(z);
    int result;

    do {
        char *room = dcm_output_reserve(z->to, BLOCK);

        if (!room)
            return -1;
        s->next_out = (Bytef *)room;
        s->avail_out = (uInt)BLOCK;
        result = deflate(s, how);
        dcm_output_commit(z->to, BLOCK - s->avail_out);
        z->out += BLOCK - s->avail_out;
    } while (s->avail_out == 0);
    return result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR
               ? 0
               : -1;
}

static int write_deflated(void *user, const void *data, size_t n)
{
    struct dcm_deflate *z = user;
    z_stream *s = stream_of(z);

    s->next_in = (Bytef *)(uintptr_t)data; /* zlib only reads it */
    while (n) {
        uInt step = n < UINT_MAX ? (uInt)n : UINT_MAX;

        s->avail_in = step;
        if (deflate_shown(z, Z_NO_FLUSH) != 0)
            return -1;
        n -= step;
    }
    return 0;
}

static int make_stream(struct dcm_deflate *z)
{
    z_stream *s = calloc(1, sizeof *s);

    if (!s)
        return 0;
    if (deflateInit2(s, LEVEL, Z_DEFLATED, -MAX_WBITS, MEMORY,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        free(s);
        return 0;
    }
    z->stream = s;
    return 1;
}

enum dcm_status dcm_deflate_start(struct dcm_deflate *z, struct dcm_output *to)
{
    z->to = to;
    z->out = 0;
    if (!z->output)
        z->output = dcm_output_callback(write_deflated, z);
    if (!z->output)
        return DCM_ERR_MEMORY;
    dcm_output_clear(z->output, UINT64_MAX);
    if (z->stream ? deflateReset(stream_of(z)) != Z_OK : !make_stream(z))
        return DCM_ERR_MEMORY;
    return DCM_OK;
}

enum dcm_status dcm_deflate_finish(struct dcm_deflate *z)
{
    z_stream *s = stream_of(z);
    enum dcm_status status = dcm_output_flush(z->output);

    s->next_in = NULL;
    s->avail_in = 0;
    if (status == DCM_OK)
        deflate_shown(z, Z_FINISH);
    if (status == DCM_OK && z->out & 1)
        dcm_output_char(z->to, '\0');
    return z->to->status != DCM_OK ? z->to->status : status;
}

void dcm_deflate_release(struct dcm_deflate *z)
{
    dcm_output_free(z->output);
    if (z->stream)
        deflateEnd(stream_of(z));
    free(z->stream);
    z->output = NULL;
    z->stream = NULL;
}
