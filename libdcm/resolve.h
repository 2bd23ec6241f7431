/* Language. The VR to read a value by, where the file does not say (implicit
 * VR, UN) or the dictionary leaves a choice (PS3.5 6.2.2, A.1). */
#ifndef DCM_RESOLVE_H
#define DCM_RESOLVE_H

#include "scope.h"

/* The VR of an element stored without one. *choice is set to 1 when it hangs
 * on a Pixel Representation that scope does not know: then US was taken. UN
 * when the tag is in no dictionary. */
uint16_t dcm_resolve_vr(uint32_t tag, uint32_t length,
                        const struct dcm_scope *scope, int *choice);

/* Whether a value can be of that VR: a multiple of its size, or text without
 * control characters that are not allowed anywhere. */
int dcm_resolve_fits(uint16_t vr, const uint8_t *data, uint64_t size);

#endif
