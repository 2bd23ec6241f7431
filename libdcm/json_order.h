/* Language. The open levels of a JSON document, and the order of the members
 * in each: members are written as they come, and those of a level that came
 * out of order are put in order where they lie in the output, as long as the
 * level's text is still held there. Knows text positions and numbers to sort
 * by, nothing of what the members say. */
#ifndef DCM_JSON_ORDER_H
#define DCM_JSON_ORDER_H

#include "output.h"

struct dcm_json_level {
    uint64_t start;   /* position of the first byte inside it */
    size_t first;     /* in `members`, of its own */
    size_t count;     /* members or items so far */
    uint32_t tag;     /* of the sequence it is, or is an item of */
    uint32_t highest; /* tag of a member so far */
    uint8_t array;    /* a sequence: has items, not members */
    uint8_t falls;    /* a member came after one of a higher tag */
    uint8_t lost;     /* members are no longer recorded: text has gone out */
    uint8_t told;     /* that it stays out of order has been said */
};

/* Invariant: starts ascend, and so do the starts of one level's members. */
struct dcm_json_member {
    uint64_t start, length; /* length: only while sorting */
    uint32_t tag;
};

struct dcm_json_order {
    struct dcm_output *output;
    struct dcm_json_level *levels; /* the open ones, outermost first */
    size_t depth, max_levels;
    struct dcm_json_member *members; /* of all open levels */
    size_t count, max_members;
    size_t holder; /* the level that holds the output; SIZE_MAX: none */
};

void dcm_json_order_init(struct dcm_json_order *w, struct dcm_output *output);
void dcm_json_order_release(struct dcm_json_order *w);
void dcm_json_order_clear(struct dcm_json_order *w);

static inline struct dcm_json_level *
dcm_json_top(const struct dcm_json_order *w)
{
    return w->depth ? &w->levels[w->depth - 1] : NULL;
}

/* Opens a level whose first byte is the next one written. Returns 0 when
 * there is no memory. */
int dcm_json_order_open(struct dcm_json_order *w, int array, uint32_t tag);
/* A member of the top level starts at `start`. 0: no memory. */
int dcm_json_order_member_slow(struct dcm_json_order *w, uint32_t tag,
                               uint64_t start);
static inline int dcm_json_order_member(struct dcm_json_order *w, uint32_t tag,
                                        uint64_t start)
{
    struct dcm_json_level *level = dcm_json_top(w);
    struct dcm_json_member *m;

    if (tag < level->highest || level->lost ||
        level->start < w->output->flushed || w->count == w->max_members)
        return dcm_json_order_member_slow(w, tag, start);
    level->count++;
    level->highest = tag;
    m = &w->members[w->count++];
    m->start = start;
    m->tag = tag;
    return 1;
}

enum dcm_json_sorted {
    DCM_JSON_SORTED,
    DCM_JSON_UNSORTED, /* text was needed that has gone out */
    DCM_JSON_NO_MEMORY
};
/* Puts the members of the top level in order; all of them must be whole. */
enum dcm_json_sorted dcm_json_order_sort(struct dcm_json_order *w);
/* Leaves the top level. */
void dcm_json_order_close(struct dcm_json_order *w);

#endif
