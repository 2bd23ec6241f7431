/* Ground. Memory that is taken piece by piece and given back at once: the
 * only malloc behind a tree. */
#ifndef DCM_ARENA_H
#define DCM_ARENA_H

#include <stddef.h>

struct dcm_arena_block;

/* All zero is an arena to start with. The newest common block has `left`
 * bytes left, from p on. */
struct dcm_arena {
    struct dcm_arena_block *blocks; /* common ones, newest first */
    struct dcm_arena_block *large;  /* of one piece each, newest first */
    char *p;
    size_t left;
};

/* Gives all memory back; the arena can be used again. */
void dcm_arena_release(struct dcm_arena *a);
/* Forgets all pieces, but keeps a block for those to come. */
void dcm_arena_clear(struct dcm_arena *a);
/* n bytes for any type, not set to anything; NULL when there is no memory,
 * and the arena is as it was. */
void *dcm_arena_take(struct dcm_arena *a, size_t n);
/* n bytes for bytes: no alignment. */
void *dcm_arena_bytes(struct dcm_arena *a, size_t n);
/* Another place for the n bytes at p, or the same one, with room for
 * `more` > n: p may be NULL. The old place is lost unless NULL is returned.
 * Cheap for what was grown before. */
void *dcm_arena_grow(struct dcm_arena *a, void *p, size_t n, size_t more);

#endif
