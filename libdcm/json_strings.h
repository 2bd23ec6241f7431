/* Language. Text as JSON (PS3.18 F.2.3, F.2.4). */
#ifndef DCM_JSON_STRINGS_H
#define DCM_JSON_STRINGS_H

#include "json_values.h"

/* Writes what follows the VR of a member: "Value", or nothing for
 * an empty value. When the source cannot give all of it, what it gave is
 * written, the JSON stays whole, and v->source_status tells. */
enum dcm_status dcm_json_strings_put(struct dcm_json_values *v,
                                     const struct dcm_event *ev,
                                     const struct dcm_vr *vr);

#endif
