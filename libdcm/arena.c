/* Ground. Bump allocation: a piece is a pointer moved on, and nothing is given
 * back singly. Blocks double from 16 KiB to 1 MiB, so that a small tree is
 * small and a large one needs few; a piece too large for them has a block of
 * its own, which alone can grow in place. Knows nothing of what lies in it. */
#include "arena.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BLOCK ((size_t)16 << 10)
#define LAST_BLOCK ((size_t)1 << 20)
#define LARGE ((size_t)16 << 10) /* a piece of its own from here on */

struct dcm_arena_block {
    struct dcm_arena_block *next;
    size_t size; /* of what follows */
};

/* Pieces begin where any type may. */
#define ALIGNMENT _Alignof(max_align_t)
#define ROUNDED(n) (((n) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT)
#define HEAD ROUNDED(sizeof(struct dcm_arena_block))

static char *bytes_of(struct dcm_arena_block *b)
{
    return (char *)b + HEAD;
}

static void free_all(struct dcm_arena_block *b)
{
    while (b) {
        struct dcm_arena_block *next = b->next;

        free(b);
        b = next;
    }
}

void dcm_arena_release(struct dcm_arena *a)
{
    free_all(a->blocks);
    free_all(a->large);
    memset(a, 0, sizeof(*a));
}

void dcm_arena_clear(struct dcm_arena *a)
{
    free_all(a->large);
    a->large = NULL;
    if (!a->blocks)
        return;
    free_all(a->blocks->next);
    a->blocks->next = NULL;
    a->p = bytes_of(a->blocks);
    a->left = a->blocks->size;
}

static struct dcm_arena_block *new_block(struct dcm_arena_block **list,
                                         size_t n)
{
    struct dcm_arena_block *b = n <= SIZE_MAX - HEAD ? malloc(HEAD + n) : NULL;

    if (!b)
        return NULL;
    b->next = *list;
    b->size = n;
    *list = b;
    return b;
}

static void *take_large(struct dcm_arena *a, size_t n)
{
    struct dcm_arena_block *b = new_block(&a->large, n);

    return b ? bytes_of(b) : NULL;
}

/* A new common block; what is left of the last one stays unused. */
static int next_block(struct dcm_arena *a)
{
    size_t n = a->blocks ? a->blocks->size * 2 : FIRST_BLOCK;
    struct dcm_arena_block *b;

    b = new_block(&a->blocks, n < LAST_BLOCK ? n : LAST_BLOCK);
    if (!b)
        return 0;
    a->p = bytes_of(b);
    a->left = b->size;
    return 1;
}

void *dcm_arena_bytes(struct dcm_arena *a, size_t n)
{
    char *p;

    if (n >= LARGE)
        return take_large(a, n);
    if (a->left <= n && !next_block(a))
        return NULL;
    p = a->p;
    a->p += n;
    a->left -= n;
    return p;
}

void *dcm_arena_take(struct dcm_arena *a, size_t n)
{
    size_t past = (uintptr_t)a->p % ALIGNMENT;
    size_t skip = past ? ALIGNMENT - past : 0;

    if (n >= LARGE)
        return take_large(a, n);
    if (a->left <= n + skip) {
        if (!next_block(a))
            return NULL;
        skip = 0;
    }
    a->p += skip + n;
    a->left -= skip + n;
    return a->p - n;
}

void *dcm_arena_grow(struct dcm_arena *a, void *p, size_t n, size_t more)
{
    void *place;

    /* the newest large piece: nothing else is in its block */
    if (p && a->large && p == bytes_of(a->large)) {
        struct dcm_arena_block *b =
            more <= SIZE_MAX - HEAD ? realloc(a->large, HEAD + more) : NULL;

        if (!b)
            return NULL;
        b->size = more;
        a->large = b;
        return bytes_of(b);
    }
    place = dcm_arena_bytes(a, more);
    if (place && n)
        memcpy(place, p, n);
    return place;
}
