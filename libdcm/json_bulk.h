/* Language. Where bulk data goes: whether a value is bulk, and the URI that
 * stands for it (PS3.18 F.2.2, F.2.6). Knows nothing of its bytes. */
#ifndef DCM_JSON_BULK_H
#define DCM_JSON_BULK_H

#include "dcm.h"
#include "json_order.h"
#include "vr.h"

/* By size and VR; an INLINE policy has no bulk. */
int dcm_json_is_bulk(const struct dcm_json_options *options,
                     const struct dcm_event *ev, const struct dcm_vr *vr);
/* Writes the URI of a value to `to` and returns its length, or a number over
 * `size` when there is none. `order` knows the way to the value. */
size_t dcm_json_uri(const struct dcm_json_options *options,
                    const struct dcm_json_order *order,
                    const struct dcm_event *ev, char *to, size_t size);

#endif
