/* Ground. The only file that touches raw input: a window that slides over an
 * input, with the absolute offset of each byte. Knows bytes and integers. */
#ifndef DCM_CURSOR_H
#define DCM_CURSOR_H

#include "input.h"
#include <string.h>

/* Bytes that a peek can count on, whatever the chunk that input is read in:
 * so every chunk size gives the same events. */
#define DCM_CURSOR_PEEK 65536u
#define DCM_CURSOR_CAPACITY (256u << 10)

/* Invariant: buffer <= p <= end, and the byte at p has offset `offset`.
 * Memory inputs: buffer is the input itself and nothing is copied. */
struct dcm_cursor {
    const uint8_t *p, *end;
    uint64_t offset;
    struct dcm_input *input;
    uint8_t *buffer;   /* own, DCM_CURSOR_CAPACITY bytes; made when needed */
    size_t chunk;      /* asked for by the caller of the library, or 0 */
    size_t ahead;      /* bytes to ask for next; small after a jump */
    int at_end;        /* the input gave its last byte */
    int failed;        /* the input could not be read: input->error */
};

void dcm_cursor_init(struct dcm_cursor *c, size_t chunk);
void dcm_cursor_release(struct dcm_cursor *c);
/* On to an input; 0 when there is no memory. */
int dcm_cursor_open(struct dcm_cursor *c, struct dcm_input *input,
                    uint64_t offset);

/* Makes at least n <= DCM_CURSOR_PEEK bytes visible at p, as far as there
 * are; returns how many are (which may be more than n). */
size_t dcm_cursor_fill(struct dcm_cursor *c, size_t n);
static inline size_t dcm_cursor_peek(struct dcm_cursor *c, size_t n)
{
    size_t have = (size_t)(c->end - c->p);
    return have >= n ? have : dcm_cursor_fill(c, n);
}
/* Past n bytes that are visible. */
static inline void dcm_cursor_take(struct dcm_cursor *c, size_t n)
{
    c->p += n;
    c->offset += n;
}
/* Past n bytes, visible or not; returns how many there were. */
uint64_t dcm_cursor_skip_far(struct dcm_cursor *c, uint64_t n);
static inline uint64_t dcm_cursor_skip(struct dcm_cursor *c, uint64_t n)
{
    if (n > (size_t)(c->end - c->p))
        return dcm_cursor_skip_far(c, n);
    dcm_cursor_take(c, (size_t)n);
    return n;
}
/* Copies n bytes out; returns how many there were. */
size_t dcm_cursor_read(struct dcm_cursor *c, void *to, size_t n);

static inline uint16_t dcm_get16le(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}
static inline uint16_t dcm_get16be(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}
static inline uint32_t dcm_get32le(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
           (uint32_t)p[3] << 24;
}
static inline uint32_t dcm_get32be(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
           (uint32_t)p[2] << 8 | p[3];
}
static inline uint64_t dcm_get64le(const uint8_t *p)
{
    return dcm_get32le(p) | (uint64_t)dcm_get32le(p + 4) << 32;
}
static inline uint64_t dcm_get64be(const uint8_t *p)
{
    return (uint64_t)dcm_get32be(p) << 32 | dcm_get32be(p + 4);
}

#endif
