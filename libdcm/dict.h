/* Tables. The dictionary generated from dict/: elements, private elements,
 * UIDs. Constant data, no start-up work. Knows nothing of files. */
#ifndef DCM_DICT_H
#define DCM_DICT_H

#include "dcm.h"

/* Only the VRs of a public tag, the fast way (an implicit VR file asks for
 * each element): the number of alternatives put in vrs (1 to 3), 0: unknown.
 * Group lengths are UL and private creators LO here too. */
int dcm_dict_vrs(uint32_t tag, uint16_t vrs[3]);

#endif
