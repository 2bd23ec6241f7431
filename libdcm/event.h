/* Language. Helpers on events that sources and sinks share, and a check that
 * a stream obeys the grammar in dcm.h. */
#ifndef DCM_EVENT_H
#define DCM_EVENT_H

#include "dcm.h"

/* The grammar as a machine: put each event through it; 0 when one may not
 * come there. For debug builds and tests. Besides the order of types it asks
 * that depths count the open items, that items and ends bear the tag of
 * their sequence, and that numbers ascend. Not for DICOM that is wrong: for
 * sources that are. */
struct dcm_grammar {
    unsigned depth;      /* open items */
    unsigned char state; /* what may come next */
    struct dcm_grammar_level {
        uint32_t tag;    /* of the open SEQ or FRAGS */
        uint32_t number; /* of its last item or fragment */
    } * open;            /* one a level */
    size_t capacity;
};
void dcm_grammar_init(struct dcm_grammar *g);
void dcm_grammar_release(struct dcm_grammar *g);
int dcm_grammar_check(struct dcm_grammar *g, const struct dcm_event *ev);

/* How an event of that type changes the number of things open: 1, 0 or -1. */
int dcm_event_opens(enum dcm_event_type type);

#endif
