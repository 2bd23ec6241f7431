/* Language. The commonest values of a data set by a short way. */
#ifndef DCM_JSON_PLAIN_H
#define DCM_JSON_PLAIN_H

#include "json_values.h"

/* Writes the value of a text VR when it is short, plain ASCII with nothing to
 * escape, and nothing of it is to be told: 1. Otherwise nothing is written,
 * and the long way (json_strings.c) is to be taken: 0. */
int dcm_json_plain_text(struct dcm_json_values *v, const struct dcm_event *ev,
                        const struct dcm_vr *vr);

#endif
