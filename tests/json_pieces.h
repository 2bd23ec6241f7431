/* A text as the input of a JSON scanner: as memory, in a block of exactly its
 * size, where a sanitizer sees a byte too many; or read a few bytes at a time,
 * so that every token lies across a border of the window. */
#ifndef JSON_PIECES_H
#define JSON_PIECES_H

#include "libdcm/json_scan.h"
#include <stdlib.h>
#include <string.h>

#define LENGTH(a) (sizeof(a) / sizeof(*(a)))

struct pieces {
    struct dcm_input base;
    const char *text;
    size_t size, step;
    uint64_t fails_at; /* read_at fails from there on */
};

static inline ptrdiff_t read_piece(struct dcm_input *in, uint64_t offset,
                                   void *to, size_t n)
{
    struct pieces *p = (struct pieces *)in;

    if (offset >= p->fails_at) {
        dcm_error_fill(&in->error, DCM_ERR_READ, offset, "", "no luck");
        return -1;
    }
    if (offset >= p->size)
        return 0;
    if (n > p->step)
        n = p->step;
    if (n > p->size - offset)
        n = p->size - (size_t)offset;
    if (n > p->fails_at - offset)
        n = (size_t)(p->fails_at - offset);
    memcpy(to, p->text + offset, n);
    return (ptrdiff_t)n;
}

/* step 0: memory, in a block of exactly its size */
static inline struct dcm_input *input_of(struct pieces *p, const char *text,
                                         size_t size, size_t step)
{
    struct dcm_input *in;
    char *copy = malloc(size ? size : 1);

    assert_non_null(copy);
    if (size)
        memcpy(copy, text, size);
    memset(p, 0, sizeof(*p));
    p->text = copy;
    p->size = size;
    p->step = step;
    p->fails_at = UINT64_MAX;
    p->base.read_at = read_piece;
    p->base.size = size;
    if (step)
        return &p->base;
    in = dcm_input_memory(copy, size, NULL);
    assert_non_null(in);
    return in;
}

static inline void release(struct pieces *p, struct dcm_input *in)
{
    if (in != &p->base)
        dcm_input_free(in);
    free((char *)p->text);
}

static const size_t steps[] = {0, 1, 7, 1 << 20};

#endif
