/* Language. Whether text is of the form that its VR asks for (PS3.5 6.2). */
#ifndef DCM_DATASET_FORMS_H
#define DCM_DATASET_FORMS_H

#include "vr.h"

/* Checks one value of n > 0 bytes of UTF-8. NULL when it is right, else what
 * the VR asks for: "YYYYMMDD". Static text. */
const char *dcm_form_check(const struct dcm_vr *vr, const char *s, size_t n);

#endif
