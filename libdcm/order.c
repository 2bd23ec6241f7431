/* Language. Which tags have come in each open level (PS3.5 7.1). While tags
 * ascend the list of a level is sorted and a search is binary; from the first
 * that falls on, its tags are in a hash set too, so that 100,000 tags in
 * falling order cost no more than in rising order. */
#include "order.h"
#include <stdlib.h>
#include <string.h>

void dcm_order_release(struct dcm_order *o)
{
    free(o->tags);
    free(o->levels);
    free(o->set);
    memset(o, 0, sizeof(*o));
}

static int grow_tags(struct dcm_order *o)
{
    size_t n = o->capacity ? o->capacity * 2 : 1024;
    uint32_t *p = realloc(o->tags, n * sizeof(*p));

    if (!p)
        return 0;
    o->tags = p;
    o->capacity = n;
    return 1;
}

static int grow_levels(struct dcm_order *o)
{
    size_t n = o->max_levels ? o->max_levels * 2 : 32;
    struct dcm_order_level *p = realloc(o->levels, n * sizeof(*p));

    if (!p)
        return 0;
    o->levels = p;
    o->max_levels = n;
    return 1;
}

static void level_init(struct dcm_order *o)
{
    struct dcm_order_level *level = &o->levels[o->depth];

    level->start = o->used;
    level->high = 0;
    level->hashed = 0;
}

int dcm_order_clear(struct dcm_order *o)
{
    if (!o->capacity && !grow_tags(o))
        return 0;
    if (!o->max_levels && !grow_levels(o))
        return 0;
    if (o->set_used)
        memset(o->set, 0, o->set_size * sizeof(*o->set));
    o->set_used = 0;
    o->depth = 0;
    o->used = 0;
    level_init(o);
    return 1;
}

int dcm_order_enter(struct dcm_order *o)
{
    if (o->depth + 1 == o->max_levels && !grow_levels(o))
        return 0;
    o->depth++;
    level_init(o);
    return 1;
}

/* ----------------------------------------------- the set: linear probing */

static size_t slot_of(const struct dcm_order *o, uint64_t key)
{
    return (size_t)(key * UINT64_C(0x9E3779B97F4A7C15) >> 20) &
           (o->set_size - 1);
}

static uint64_t key_of(const struct dcm_order *o, uint32_t tag)
{
    return (uint64_t)(o->depth + 1) << 32 | tag;
}

/* The slot that holds the key, or the free one where it would be. */
static size_t set_find(const struct dcm_order *o, uint64_t key)
{
    size_t i = slot_of(o, key);

    while (o->set[i] && o->set[i] != key)
        i = (i + 1) & (o->set_size - 1);
    return i;
}

static int set_grow(struct dcm_order *o)
{
    size_t old_size = o->set_size;
    uint64_t *old = o->set;
    size_t n = old_size ? old_size * 2 : 1024;
    uint64_t *p = calloc(n, sizeof(*p));

    if (!p)
        return 0;
    o->set = p;
    o->set_size = n;
    for (size_t i = 0; i < old_size; i++)
        if (old[i])
            p[set_find(o, old[i])] = old[i];
    free(old);
    return 1;
}

static int set_add(struct dcm_order *o, uint32_t tag)
{
    uint64_t key = key_of(o, tag);

    if (o->set_used * 2 >= o->set_size && !set_grow(o))
        return 0;
    o->set[set_find(o, key)] = key;
    o->set_used++;
    return 1;
}

/* Removes a key and moves up those that probed past it. */
static void set_remove(struct dcm_order *o, uint64_t key)
{
    size_t mask = o->set_size - 1;
    size_t hole = set_find(o, key), i = hole;

    if (!o->set[hole])
        return;
    o->set_used--;
    for (;;) {
        i = (i + 1) & mask;
        if (!o->set[i])
            break;
        /* Stays, when its own slot lies after the hole (cyclically). */
        if (((i - slot_of(o, o->set[i])) & mask) < ((i - hole) & mask))
            continue;
        o->set[hole] = o->set[i];
        hole = i;
    }
    o->set[hole] = 0;
}

void dcm_order_leave(struct dcm_order *o)
{
    struct dcm_order_level *level = &o->levels[o->depth];

    if (level->hashed)
        for (size_t i = level->start; i < o->used; i++)
            set_remove(o, key_of(o, o->tags[i]));
    o->used = level->start;
    o->depth--;
}

/* ---------------------------------------------------------------- search */

static int in_sorted(const uint32_t *tags, size_t n, uint32_t tag)
{
    size_t low = 0;

    while (low < n) {
        size_t mid = low + (n - low) / 2;

        if (tags[mid] == tag)
            return 1;
        if (tags[mid] < tag)
            low = mid + 1;
        else
            n = mid;
    }
    return 0;
}

static int hash_level(struct dcm_order *o, struct dcm_order_level *level)
{
    for (size_t i = level->start; i < o->used; i++)
        if (!set_add(o, o->tags[i]))
            return 0;
    level->hashed = 1;
    return 1;
}

enum dcm_order_answer dcm_order_slow(struct dcm_order *o, uint32_t tag)
{
    struct dcm_order_level *level = &o->levels[o->depth];
    int falls = tag <= level->high && o->used > level->start;

    if (o->used == o->capacity && !grow_tags(o))
        return DCM_ORDER_MEMORY;
    if (level->hashed) {
        if (o->set[set_find(o, key_of(o, tag))])
            return DCM_ORDER_AGAIN;
    } else if (falls) {
        if (in_sorted(o->tags + level->start, o->used - level->start, tag))
            return DCM_ORDER_AGAIN;
        if (!hash_level(o, level))
            return DCM_ORDER_MEMORY;
    }
    if (level->hashed && !set_add(o, tag))
        return DCM_ORDER_MEMORY;
    o->tags[o->used++] = tag;
    if (!falls)
        level->high = tag;
    return falls ? DCM_ORDER_FALLS : DCM_ORDER_ASCENDS;
}
