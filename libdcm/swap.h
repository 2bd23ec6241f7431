/* Ground. The other byte order (PS3.5 7.3). Knows nothing of VRs. */
#ifndef DCM_SWAP_H
#define DCM_SWAP_H

#include <stddef.h>

/* Turns each whole unit of 2, 4 or 8 bytes round, in place; what is left over
 * at the end stays, and so does all with any other unit. */
void dcm_swap(void *bytes, size_t n, size_t unit);

#endif
