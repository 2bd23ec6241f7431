/* Sink. The bytes of one frame: how many there are, and a copy of some of
 * them, out of an input that can be read anywhere. Knows nothing of how the
 * frames were found. PS3.5 A.4, 8.1.1 and 8.2. */
#include "frames.h"

/* Bytes of frame n as stored, less padding where that is marked. */
uint64_t dcm_frames_size(const struct dcm_frames *f, uint64_t n)
{
    size_t first, end;

    if (n == 0 || n > f->count)
        return UINT64_MAX;
    if (f->shape == NATIVE)
        return f->frame_bits / 8 + (f->frame_bits % 8 != 0);
    dcm_frames_span(f, n, &first, &end);
    return dcm_frames_before(f, end) - dcm_frames_before(f, first) -
           (f->fragments[end - 1].at & PADDED ? 1 : 0);
}

/* All n bytes from an offset: 1, or 0 after a failure. */
static int fetch(struct dcm_input *input, uint64_t at, uint8_t *to, size_t n,
                 struct dcm_error *error)
{
    while (n) {
        ptrdiff_t got = input->read_at(input, at, to, n);

        if (got < 0 && error)
            *error = input->error;
        if (got == 0)
            dcm_error_fill(error, DCM_ERR_TRUNCATED, at, "(7FE0,0010)",
                           "input ends %zu bytes before the end of a frame "
                           "(PS3.5 A.4)",
                           n);
        if (got <= 0)
            return 0;
        at += (uint64_t)got;
        to += got;
        n -= (size_t)got;
    }
    return 1;
}

/* -------------------------------------------------------------- fragments */

/* The fragment in [first, end) that holds byte `at` of all fragments. */
static size_t find(const struct dcm_frames *f, size_t first, size_t end,
                   uint64_t at)
{
    while (end - first > 1) {
        size_t middle = first + (end - first) / 2;

        if (f->fragments[middle].before <= at)
            first = middle;
        else
            end = middle;
    }
    return first;
}

/* Bytes [from, from + n) of the fragments [first, end); they are there. */
static int gather(const struct dcm_frames *f, struct dcm_input *input,
                  size_t first, size_t end, uint64_t from, uint8_t *to,
                  size_t n, struct dcm_error *error)
{
    uint64_t at = dcm_frames_before(f, first) + from;
    size_t i = n ? find(f, first, end, at) : first;

    for (; n; i++) {
        uint64_t skip = at - f->fragments[i].before;
        uint64_t left = dcm_frames_before(f, i + 1) - at;
        size_t step = n < left ? n : (size_t)left;

        if (!fetch(input, (f->fragments[i].at & AT_MASK) + skip, to, step,
                   error))
            return 0;
        to += step;
        at += step;
        n -= step;
    }
    return 1;
}

/* Whether a byte of padding follows the EOI (PS3.5 A.4): `last` bytes of the
 * frame, 3 at least if it has them, are at `tail`. */
static int is_padded(const uint8_t *tail, size_t last)
{
    return last >= 3 && memcmp(tail + last - 3, "\xFF\xD9\0", 3) == 0;
}

static ptrdiff_t read_fragments(const struct dcm_frames *f,
                                struct dcm_input *input, uint64_t n,
                                uint64_t from, uint8_t *to, size_t size,
                                struct dcm_error *error)
{
    uint64_t all = dcm_frames_size(f, n);
    size_t first, end;
    uint8_t tail[3];

    dcm_frames_span(f, n, &first, &end);
    if (to && !gather(f, input, first, end, from, to, size, error))
        return -1;
    if (!f->codec->eoi || f->tails_known || all < 3 || size == 0 ||
        from + size < all)
        return (ptrdiff_t)size;
    if (to && size >= 3)
        return (ptrdiff_t)(size - (size_t)is_padded(to, size));
    if (!gather(f, input, first, end, all - 3, tail, 3, error))
        return -1;
    return (ptrdiff_t)(size - (size_t)is_padded(tail, 3));
}

/* ---------------------------------------------------------- native values */

static int fetch_native(const struct dcm_frames *f, struct dcm_input *input,
                        uint64_t at, uint8_t *to, size_t n,
                        struct dcm_error *error)
{
    if (!f->held)
        return fetch(input, f->value_at + at, to, n, error);
    memcpy(to, f->held + (size_t)at, n);
    return 1;
}

/* Frames of single bits need not begin with a byte: bit 0 of the result is
 * the first pixel, as in the first frame.
 *
 *     value    22111111 33332222      frames of 6 pixels, bit 7 first
 *     frame 2  ..222222               shifted by 6 */
static ptrdiff_t read_native(const struct dcm_frames *f,
                             struct dcm_input *input, uint64_t n, uint64_t from,
                             uint8_t *to, size_t size, struct dcm_error *error)
{
    uint64_t start = (n - 1) * f->frame_bits, end = start + f->frame_bits;
    unsigned shift = (unsigned)(start % 8),
             rest = (unsigned)(f->frame_bits % 8);
    uint64_t at = start / 8 + from;
    uint8_t next = 0;

    if (!to || !size)
        return (ptrdiff_t)size;
    if (!fetch_native(f, input, at, to, size, error))
        return -1;
    if (shift && at + size < (end + 7) / 8 &&
        !fetch_native(f, input, at + size, &next, 1, error))
        return -1;
    for (size_t i = 0; shift && i < size; i++) {
        unsigned high = i + 1 < size ? to[i + 1] : next;

        to[i] = (uint8_t)(to[i] >> shift | high << (8 - shift));
    }
    if (rest && from + size == f->frame_bits / 8 + 1)
        to[size - 1] &= (uint8_t)((1u << rest) - 1);
    return (ptrdiff_t)size;
}

/* ------------------------------------------------------------ the way in */

static int refuse(struct dcm_error *error, enum dcm_status code,
                  const char *why)
{
    dcm_error_fill(error, code, DCM_NO_OFFSET, "(7FE0,0010)", "%s", why);
    return 0;
}

static int can_read(const struct dcm_frames *f, const struct dcm_input *input,
                    uint64_t n, struct dcm_error *error)
{
    if (n == 0 || n > f->count)
        return refuse(error, DCM_ERR_ARGUMENT, "no such frame");
    if (f->deflated && !f->held)
        return refuse(error, DCM_ERR_UNSUPPORTED,
                      "frames of a deflated data set cannot be read out of "
                      "turn (PS3.5 A.5)");
    if (f->shape == NATIVE && f->swapped && f->frame_bits % 16)
        return refuse(error, DCM_ERR_UNSUPPORTED,
                      "frames of big endian words that do not begin with a "
                      "word (PS3.5 8.1.1)");
    if (!f->held && !input->read_at)
        return refuse(error, DCM_ERR_UNSUPPORTED,
                      "the input cannot be read a second time");
    return 1;
}

ptrdiff_t dcm_frames_read(const struct dcm_frames *f, struct dcm_input *input,
                          uint64_t n, uint64_t from, void *buffer, size_t size,
                          struct dcm_error *error)
{
    uint64_t left;

    if (!can_read(f, input, n, error))
        return -1;
    left = dcm_frames_size(f, n);
    left = from < left ? left - from : 0;
    if (size > left)
        size = (size_t)left;
    if (size > PTRDIFF_MAX)
        size = PTRDIFF_MAX;
    return f->shape == NATIVE
               ? read_native(f, input, n, from, buffer, size, error)
               : read_fragments(f, input, n, from, buffer, size, error);
}
