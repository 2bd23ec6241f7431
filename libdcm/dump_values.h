/* Language. Values as people read them, put on the line at work: no more is
 * pulled and decoded than the line has columns for. */
#ifndef DCM_DUMP_VALUES_H
#define DCM_DUMP_VALUES_H

#include "dump_line.h"

/* The value of a VALUE; that of a FRAGMENT, the first of which is a table. */
void dcm_dump_value(struct dcm_dump_writer *w, const struct dcm_event *ev);
void dcm_dump_fragment(struct dcm_dump_writer *w, const struct dcm_event *ev);

#endif
