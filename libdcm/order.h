/* Language. Which tags have come in each open level: are they ascending, is
 * one there twice (PS3.5 7.1)? Costs one store an element while they ascend;
 * a level that does not gets a hash set. */
#ifndef DCM_ORDER_H
#define DCM_ORDER_H

#include "dcm.h"

struct dcm_order_level {
    size_t start;  /* of its tags in `tags` */
    uint32_t high; /* highest so far */
    uint8_t hashed;
};

struct dcm_order {
    uint32_t *tags; /* of all open levels, in the order they came */
    size_t used, capacity;
    struct dcm_order_level *levels;
    size_t depth, max_levels;
    uint64_t *set; /* (level + 1) << 32 | tag; 0: free */
    size_t set_used, set_size;
};

enum dcm_order_answer {
    DCM_ORDER_ASCENDS,
    DCM_ORDER_FALLS,  /* new, but lower than one before */
    DCM_ORDER_AGAIN,  /* was there already */
    DCM_ORDER_MEMORY
};

void dcm_order_release(struct dcm_order *o);
/* All zero is a struct to start with. Each 0 when there is no memory. */
int dcm_order_clear(struct dcm_order *o);
int dcm_order_enter(struct dcm_order *o);
void dcm_order_leave(struct dcm_order *o);
enum dcm_order_answer dcm_order_slow(struct dcm_order *o, uint32_t tag);

static inline enum dcm_order_answer dcm_order_note(struct dcm_order *o,
                                                   uint32_t tag)
{
    struct dcm_order_level *level = &o->levels[o->depth];

    if (tag > level->high && o->used < o->capacity && !level->hashed) {
        o->tags[o->used++] = tag;
        level->high = tag;
        return DCM_ORDER_ASCENDS;
    }
    return dcm_order_slow(o, tag);
}

#endif
