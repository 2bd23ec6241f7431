/* Language. What earlier siblings decide and items inherit: character set,
 * Pixel Representation, private blocks; and the way down to here, for paths.
 * Knows nothing of how bytes are laid out. */
#ifndef DCM_SCOPE_H
#define DCM_SCOPE_H

#include "charset.h"
#include "dcm.h"

/* One data set or item. Scopes of a stack lie in one array, the parent of
 * s is s - 1 (depth 0 has none). */
struct dcm_scope {
    unsigned depth;
    uint32_t seq;  /* tag of the sequence this item is in; depth 0: 0 */
    uint32_t item; /* its number in the sequence, from 1 */
    struct dcm_charset charset;
    int8_t pixel_representation; /* 0, 1; -1: not known */
    uint8_t encapsulated;        /* syntax of the data set is */
    uint32_t first_block;        /* own blocks: [first_block, end_block) */
    uint32_t end_block;
    struct dcm_scope_stack *stack;
};

struct dcm_private_block {
    uint16_t group, block; /* block 10-FF */
    uint32_t start, length; /* of the creator in `names` */
};

struct dcm_scope_stack {
    struct dcm_scope *levels;
    size_t capacity;
    unsigned depth; /* of the current level */
    struct dcm_private_block *blocks;
    size_t n_blocks, max_blocks;
    char *names;
    size_t n_names, max_names;
};

void dcm_scope_stack_init(struct dcm_scope_stack *s);
void dcm_scope_stack_release(struct dcm_scope_stack *s);
/* One top level with the default repertoire. */
enum dcm_status dcm_scope_stack_clear(struct dcm_scope_stack *s);
/* Into and out of an item. */
enum dcm_status dcm_scope_enter(struct dcm_scope_stack *s, uint32_t seq,
                                uint32_t item);
void dcm_scope_leave(struct dcm_scope_stack *s);
/* A Private Creator element was met: its value, padding removed. */
enum dcm_status dcm_scope_reserve(struct dcm_scope_stack *s, uint32_t tag,
                                  const uint8_t *value, size_t n);
/* The creator of a private tag's block, or NULL. */
const char *dcm_scope_creator(const struct dcm_scope *s, uint32_t tag,
                              size_t *length);
/* Writes "(gggg,eeee)[n]/" for each level and then tag; terminated. */
const char *dcm_scope_path(const struct dcm_scope *s, uint32_t tag,
                           char *buffer, size_t size);

static inline struct dcm_scope *
dcm_scope_top(const struct dcm_scope_stack *s)
{
    return &s->levels[s->depth];
}

#endif
