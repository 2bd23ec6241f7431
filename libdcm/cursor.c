/* Ground. A window that slides over an input. The only file that touches raw
 * input, and the place where running out of data is noticed. Knows nothing
 * of elements. */
#include "cursor.h"
#include <stdlib.h>

#define FIRST_CHUNK 65536u /* holds the attributes of most instances */
#define JUMP_CHUNK 4096u   /* after a skip: perhaps another one follows */
/* Of the window: a page. The system copies whole pages into it; to a place that
 * is 16 bytes off, as malloc() gives, that takes some processors twice as long.
 */
#define ALIGNMENT 4096u

void dcm_cursor_init(struct dcm_cursor *c, size_t chunk)
{
    memset(c, 0, sizeof(*c));
    c->chunk = chunk;
}

void dcm_cursor_release(struct dcm_cursor *c)
{
    free(c->buffer);
    c->buffer = NULL;
}

int dcm_cursor_open(struct dcm_cursor *c, struct dcm_input *input,
                    uint64_t offset)
{
    c->input = input;
    c->offset = offset;
    c->at_end = c->failed = 0;
    c->ahead = FIRST_CHUNK;
    if (input->memory) {
        c->p = input->memory;
        c->end = c->p + (size_t)input->size;
        c->at_end = 1;
        return 1;
    }
    if (!c->buffer &&
        !(c->buffer = aligned_alloc(ALIGNMENT, DCM_CURSOR_CAPACITY)))
        return 0;
    c->p = c->end = c->buffer;
    return 1;
}

/* How many bytes to ask for: what the caller of the library wants, or a
 * little at first and more as long as nothing is skipped. */
static size_t chunk_size(struct dcm_cursor *c, size_t room)
{
    size_t n = c->chunk;

    if (n == 0) {
        n = c->ahead;
        c->ahead = DCM_CURSOR_CAPACITY;
    }
    return n < room ? n : room;
}

size_t dcm_cursor_fill(struct dcm_cursor *c, size_t n)
{
    size_t have = (size_t)(c->end - c->p);

    if (c->at_end)
        return have;
    if ((size_t)(c->buffer + DCM_CURSOR_CAPACITY - c->p) < n || have == 0) {
        memmove(c->buffer, c->p, have);
        c->p = c->buffer;
        c->end = c->buffer + have;
    }
    while (have < n) {
        uint8_t *to = c->buffer + (c->end - c->buffer);
        size_t room = (size_t)(c->buffer + DCM_CURSOR_CAPACITY - c->end);
        ptrdiff_t got = c->input->read(c->input, to, chunk_size(c, room));

        if (got <= 0) {
            c->at_end = 1;
            c->failed |= got < 0;
            break;
        }
        c->end += got;
        have += (size_t)got;
    }
    return have;
}

uint64_t dcm_cursor_skip_far(struct dcm_cursor *c, uint64_t n)
{
    uint64_t left = n;

    while (left) {
        size_t have = (size_t)(c->end - c->p);

        if (have) {
            size_t step = have < left ? have : (size_t)left;

            dcm_cursor_take(c, step);
            left -= step;
        } else if (c->at_end) {
            break;
        } else {
            uint64_t far = c->input->skip ? c->input->skip(c->input, left) : 0;

            c->offset += far;
            left -= far;
            if (far)
                c->ahead = JUMP_CHUNK;
            if (left && far == 0)
                dcm_cursor_fill(c, 1);
        }
    }
    return n - left;
}

size_t dcm_cursor_read(struct dcm_cursor *c, void *to, size_t n)
{
    uint8_t *out = to;
    size_t left = n;

    while (left) {
        size_t have = (size_t)(c->end - c->p);

        if (have) {
            size_t step = have < left ? have : left;

            memcpy(out, c->p, step);
            dcm_cursor_take(c, step);
            out += step;
            left -= step;
        } else if (c->at_end) {
            break;
        } else if (left >= DCM_CURSOR_PEEK && c->chunk == 0) {
            /* A large value goes past the window: copied once. */
            ptrdiff_t got = c->input->read(c->input, out, left);

            if (got <= 0) {
                c->at_end = 1;
                c->failed |= got < 0;
                break;
            }
            c->offset += (uint64_t)got;
            out += got;
            left -= (size_t)got;
        } else {
            dcm_cursor_fill(c, 1);
        }
    }
    return n - left;
}
