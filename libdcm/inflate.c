/* An input over another input: a data set that was deflated as a whole
 * (PS3.5 A.5), raw as RFC 1951 has it. The only file that sees zlib. Takes
 * its bytes from the cursor that read what comes before the data set, and
 * knows nothing of what they mean.
 *
 * Some writers put a zlib header (RFC 1950) around the stream: it is taken,
 * and marked for the reader to report.
 *
 * What was inflated is always given first; only the next read fails. So an
 * error comes at the same place whatever sizes are read.
 */
#include "inflate.h"

#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

/* Bytes that are inflated in one go: limits are looked at in between, at the
 * same offsets whatever the sizes that are asked for. */
#define STEP (UINT64_C(1) << 20)
/* Black images deflate very well: the ratio counts only in what is large. */
#define RATIO_FROM (UINT64_C(16) << 20)
#define SCRATCH (128u << 10)
#define PROBE_OUT 64

struct state {
    z_stream zlib;
    uint8_t scratch[SCRATCH]; /* where what is skipped goes */
};

static z_stream *stream_of(const struct dcm_inflate *z)
{
    return &((struct state *)z->stream)->zlib;
}

/* ---------------------------------------------------------------- errors */

/* Sticky: what has failed once is not read on. */
static int has_failed(const struct dcm_inflate *z)
{
    return z->input.error.code != DCM_OK;
}

static enum dcm_status fail_memory(struct dcm_inflate *z)
{
    return dcm_error_fill(&z->input.error, DCM_ERR_MEMORY, DCM_NO_OFFSET, "",
                          "no memory to inflate a data set");
}

static void fail_data(struct dcm_inflate *z, const char *zlib_says)
{
    dcm_error_fill(&z->input.error, DCM_ERR_MALFORMED, z->from->offset, "",
                   "deflated data set is damaged: %s (PS3.5 A.5)",
                   zlib_says ? zlib_says : "a dictionary is needed");
}

/* The deflated bytes ended, or can't be read. */
static void fail_end(struct dcm_inflate *z)
{
    if (z->from->failed)
        z->input.error = z->from->input->error;
    if (!has_failed(z))
        dcm_error_fill(&z->input.error, DCM_ERR_TRUNCATED, z->from->offset, "",
                       "deflate stream ends early (PS3.5 A.5)");
}

static void fail_limit(struct dcm_inflate *z)
{
    dcm_error_fill(&z->input.error, DCM_ERR_LIMIT, z->from->offset, "",
                   "deflated data set grows to more than %llu bytes: raise "
                   "it with --limit inflated=N",
                   (unsigned long long)z->limit);
}

static void fail_ratio(struct dcm_inflate *z)
{
    dcm_error_fill(&z->input.error, DCM_ERR_LIMIT, z->from->offset, "",
                   "deflated data set grows to more than %llu times its "
                   "size: raise it with --limit ratio=N",
                   (unsigned long long)z->ratio);
}

/* --------------------------------------------------------------- stepping */

/* As much as zlib can count, from where the cursor stands. */
static void show_input(z_stream *s, const struct dcm_cursor *from)
{
    size_t visible = (size_t)(from->end - from->p);

    s->next_in = (Bytef *)(uintptr_t)from->p; /* zlib only reads it */
    s->avail_in = visible < UINT_MAX ? (uInt)visible : UINT_MAX;
}

/* Inflates to at most n <= STEP bytes at `to`: returns how many. Fewer than
 * n: zlib wants more input, or the stream is done, or it has failed. */
static size_t inflate_some(struct dcm_inflate *z, uint8_t *to, size_t n)
{
    z_stream *s = stream_of(z);
    size_t shown;
    int ended = dcm_cursor_peek(z->from, 1) == 0;
    int result;

    show_input(s, z->from);
    shown = s->avail_in;
    s->next_out = to;
    s->avail_out = (uInt)n;
    result = inflate(s, Z_NO_FLUSH);
    dcm_cursor_take(z->from, shown - s->avail_in);
    z->in += shown - s->avail_in;
    n -= s->avail_out;
    z->out += n;

    if (result == Z_STREAM_END)
        z->done = 1;
    else if (result == Z_MEM_ERROR)
        fail_memory(z);
    else if (result != Z_OK && result != Z_BUF_ERROR)
        fail_data(z, s->msg);
    else if (ended && n == 0)
        fail_end(z);
    return n;
}

static size_t smaller(uint64_t a, uint64_t b)
{
    return (size_t)(a < b ? a : b);
}

/* How far to go before limits are looked at again: to the next multiple of
 * STEP, and to one byte past the largest size, to see whether it is there. */
static size_t step_size(const struct dcm_inflate *z, size_t n)
{
    size_t step = smaller(n, STEP - z->out % STEP);

    return z->limit - z->out < step ? (size_t)(z->limit - z->out) + 1 : step;
}

/* Gives back how many of the n bytes inflated last may be used. */
static size_t check_limits(struct dcm_inflate *z, size_t n)
{
    if (z->out > z->limit) {
        z->out--;
        fail_limit(z);
        return n - 1;
    }
    if (z->out > RATIO_FROM && z->out % STEP == 0 && z->out / z->ratio > z->in)
        fail_ratio(z);
    return n;
}

static size_t inflate_up_to(struct dcm_inflate *z, uint8_t *to, size_t n)
{
    size_t got = 0;

    while (got < n && !z->done && !has_failed(z)) {
        size_t step = step_size(z, n - got);
        got += check_limits(z, inflate_some(z, to + got, step));
    }
    return got;
}

/* ------------------------------------------------------------- the input */

static ptrdiff_t read_inflated(struct dcm_input *input, void *buffer, size_t n)
{
    struct dcm_inflate *z = (struct dcm_inflate *)input;
    size_t got = inflate_up_to(z, buffer, smaller(n, PTRDIFF_MAX));

    return got == 0 && n && has_failed(z) ? -1 : (ptrdiff_t)got;
}

/* What is skipped has to be inflated all the same. */
static uint64_t skip_inflated(struct dcm_input *input, uint64_t n)
{
    struct dcm_inflate *z = (struct dcm_inflate *)input;
    struct state *state = z->stream;
    uint64_t left = n;

    while (left && !z->done && !has_failed(z))
        left -= inflate_up_to(z, state->scratch, smaller(left, SCRATCH));
    return n - left;
}

static void free_inflated(struct dcm_input *input)
{
    dcm_inflate_release((struct dcm_inflate *)input);
}

/* -------------------------------------------------------- start and end */

/* A zlib header: deflate, window of up to 32 KiB, a multiple of 31 (RFC 1950
 * 2.2). The first byte could also begin a raw stored block; then the length
 * that follows comes twice, the second time inverted (RFC 1951 3.2.4). */
static int is_wrapped(struct dcm_cursor *from)
{
    size_t have = dcm_cursor_peek(from, 5);
    const uint8_t *p = from->p;

    if (have < 2 || p[0] != 0x78 || dcm_get16be(p) % 31)
        return 0;
    return have < 5 || (dcm_get16le(p + 1) ^ dcm_get16le(p + 3)) != 0xFFFF;
}

static int window_bits(int wrapped)
{
    return wrapped ? MAX_WBITS : -MAX_WBITS;
}

static int reuse(struct dcm_inflate *z)
{
    return inflateReset2(stream_of(z), window_bits(z->wrapped)) == Z_OK;
}

static int make(struct dcm_inflate *z)
{
    struct state *state = malloc(sizeof *state);

    if (!state)
        return 0;
    memset(&state->zlib, 0, sizeof state->zlib);
    if (inflateInit2(&state->zlib, window_bits(z->wrapped)) != Z_OK) {
        free(state);
        return 0;
    }
    z->stream = state;
    return 1;
}

enum dcm_status dcm_inflate_start(struct dcm_inflate *z,
                                  struct dcm_cursor *from, uint64_t limit,
                                  uint64_t ratio)
{
    void *stream = z->stream;

    memset(z, 0, sizeof *z);
    z->input.read = read_inflated;
    z->input.skip = skip_inflated;
    z->input.free = free_inflated;
    z->input.size = UINT64_MAX;
    z->from = from;
    z->stream = stream;
    z->limit = limit;
    z->ratio = ratio ? ratio : 1;
    z->wrapped = is_wrapped(from);
    return (stream ? reuse(z) : make(z)) ? DCM_OK : fail_memory(z);
}

void dcm_inflate_release(struct dcm_inflate *z)
{
    if (!z->stream)
        return;
    inflateEnd(stream_of(z));
    free(z->stream);
    z->stream = NULL;
}

/* ----------------------------------------------------------------- probe */

/* Looks at what is visible only, and stops after a few bytes: what is no
 * deflate stream fails in its first block header, or soon after. */
int dcm_inflate_probe(struct dcm_cursor *from)
{
    uint8_t out[PROBE_OUT];
    z_stream s = {0};
    int result;

    dcm_cursor_peek(from, DCM_CURSOR_PEEK);
    if (inflateInit2(&s, window_bits(is_wrapped(from))) != Z_OK)
        return 1; /* no memory: dcm_inflate_start() will say so */
    show_input(&s, from);
    s.next_out = out;
    s.avail_out = sizeof out;
    result = inflate(&s, Z_SYNC_FLUSH);
    inflateEnd(&s);
    return s.avail_out < sizeof out &&
           (result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR);
}
