/* Language. What earlier siblings decide and items inherit (PS3.3 C.12.1.1.2,
 * PS3.5 7.8.1), and the way down to an element, for messages. One array of
 * levels; private blocks and their creators' names in two stacks beside it.
 * Knows nothing of how bytes are laid out. */
#include "scope.h"
#include <stdlib.h>
#include <string.h>

#define MAX_BLOCKS (1u << 20) /* more than any path of items can use */

void dcm_scope_stack_init(struct dcm_scope_stack *s)
{
    memset(s, 0, sizeof(*s));
}

void dcm_scope_stack_release(struct dcm_scope_stack *s)
{
    free(s->levels);
    free(s->blocks);
    free(s->names);
    memset(s, 0, sizeof(*s));
}

/* Room for one more of `size` bytes in an array; a hundred percent more each
 * time. 0 when there is no memory. */
static int grow(void *array, size_t *capacity, size_t used, size_t more,
                size_t size)
{
    size_t want = *capacity ? *capacity : 16;
    void *p;

    if (*capacity - used >= more)
        return 1;
    while (want - used < more)
        want *= 2;
    memcpy(&p, array, sizeof(p));
    p = realloc(p, want * size);
    if (!p)
        return 0;
    memcpy(array, &p, sizeof(p));
    *capacity = want;
    return 1;
}

static void level_init(struct dcm_scope_stack *s, struct dcm_scope *level)
{
    memset(level, 0, sizeof(*level));
    level->stack = s;
    level->pixel_representation = -1;
    level->first_block = level->end_block = (uint32_t)s->n_blocks;
}

enum dcm_status dcm_scope_stack_clear(struct dcm_scope_stack *s)
{
    if (!grow(&s->levels, &s->capacity, 0, 1, sizeof(*s->levels)))
        return DCM_ERR_MEMORY;
    s->depth = 0;
    s->n_blocks = s->n_names = 0;
    level_init(s, s->levels);
    return DCM_OK;
}

enum dcm_status dcm_scope_enter(struct dcm_scope_stack *s, uint32_t seq,
                                uint32_t item)
{
    struct dcm_scope *level;

    if (!grow(&s->levels, &s->capacity, s->depth + 1, 1, sizeof(*s->levels)))
        return DCM_ERR_MEMORY;
    level = &s->levels[++s->depth];
    *level = level[-1]; /* what is inherited, and */
    level->depth = s->depth;
    level->seq = seq;
    level->item = item;
    level->first_block = level->end_block = (uint32_t)s->n_blocks;
    return DCM_OK;
}

void dcm_scope_leave(struct dcm_scope_stack *s)
{
    s->n_blocks = s->levels[s->depth].first_block;
    s->n_names = s->n_blocks ? s->blocks[s->n_blocks - 1].start +
                                   s->blocks[s->n_blocks - 1].length
                             : 0;
    s->depth--;
}

enum dcm_status dcm_scope_reserve(struct dcm_scope_stack *s, uint32_t tag,
                                  const uint8_t *value, size_t n)
{
    struct dcm_private_block *b;

    if (s->n_blocks >= MAX_BLOCKS)
        return DCM_ERR_LIMIT;
    if (!grow(&s->blocks, &s->max_blocks, s->n_blocks, 1, sizeof(*s->blocks)) ||
        !grow(&s->names, &s->max_names, s->n_names, n + 1, 1))
        return DCM_ERR_MEMORY;
    b = &s->blocks[s->n_blocks++];
    b->group = (uint16_t)(tag >> 16);
    b->block = (uint16_t)(tag & 0xFFFF);
    b->start = (uint32_t)s->n_names;
    b->length = (uint32_t)n;
    memcpy(s->names + s->n_names, value, n);
    s->n_names += n;
    s->levels[s->depth].end_block = (uint32_t)s->n_blocks;
    return DCM_OK;
}

const char *dcm_scope_creator(const struct dcm_scope *s, uint32_t tag,
                              size_t *length)
{
    const struct dcm_private_block *b = s->stack->blocks;
    uint16_t group = (uint16_t)(tag >> 16);
    uint16_t block = (uint16_t)(tag >> 8 & 0xFF);

    if (!(group & 1) || block < 0x10)
        return NULL;
    /* The newest first: elements follow their creator closely. */
    for (uint32_t i = s->end_block; i-- > s->first_block;)
        if (b[i].group == group && b[i].block == block) {
            *length = b[i].length;
            return s->stack->names + b[i].start;
        }
    return NULL;
}

static char *put_hex(char *p, uint32_t v)
{
    for (int shift = 12; shift >= 0; shift -= 4)
        *p++ = "0123456789ABCDEF"[v >> shift & 15];
    return p;
}

static char *put_tag(char *p, uint32_t tag)
{
    *p++ = '(';
    p = put_hex(p, tag >> 16);
    *p++ = ',';
    p = put_hex(p, tag & 0xFFFF);
    *p++ = ')';
    return p;
}

static char *put_index(char *p, uint32_t v)
{
    char digits[10];
    int n = 0;

    do
        digits[n++] = (char)('0' + v % 10);
    while (v /= 10);
    *p++ = '[';
    while (n)
        *p++ = digits[--n];
    *p++ = ']';
    return p;
}

const char *dcm_scope_path(const struct dcm_scope *s, uint32_t tag,
                           char *buffer, size_t size)
{
    const size_t step = 24; /* "(gggg,eeee)[4294967295]/" */
    char *p = buffer, *end = buffer + size;
    unsigned depth = s ? s->depth : 0;

    if (size == 0)
        return buffer;
    for (unsigned d = 1; d <= depth; d++) {
        const struct dcm_scope *level = s - (depth - d);

        if ((size_t)(end - p) < step + 16) { /* room for "...": say so */
            memcpy(p, ".../", (size_t)(end - p) > 4 ? 4 : 0);
            p += (size_t)(end - p) > 4 ? 4 : 0;
            break;
        }
        p = put_index(put_tag(p, level->seq), level->item);
        *p++ = '/';
    }
    if ((size_t)(end - p) > 11)
        p = put_tag(p, tag);
    *p = '\0';
    return buffer;
}
