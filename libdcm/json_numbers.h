/* Language. Numbers, tags and bytes as JSON (PS3.18 F.2.3, F.2.7). */
#ifndef DCM_JSON_NUMBERS_H
#define DCM_JSON_NUMBERS_H

#include "json_values.h"

/* Writes what follows the VR of a member: "Value" or "InlineBinary", or nothing
 * for an empty value. When the source cannot give all of it, what it gave is
 * written, the JSON stays whole, and v->source_status tells. */
enum dcm_status dcm_json_numbers_put(struct dcm_json_values *v,
                                     const struct dcm_event *ev,
                                     const struct dcm_vr *vr);

#endif
