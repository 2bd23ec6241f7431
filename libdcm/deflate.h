/* Ground. An output over another output, raw deflate (PS3.5 A.5): what
 * inflate.h is to inputs. */
#ifndef DCM_DEFLATE_H
#define DCM_DEFLATE_H

#include "output.h"

struct dcm_deflate {
    struct dcm_output *output; /* what is put there goes on deflated */
    struct dcm_output *to;
    void *stream; /* z_stream, kept for reuse */
    uint64_t out; /* bytes given to `to` */
};

/* All zero is a struct to start with. Begins a stream at the end of `to`;
 * z->output is empty then. DCM_OK or DCM_ERR_MEMORY. */
enum dcm_status dcm_deflate_start(struct dcm_deflate *z, struct dcm_output *to);
/* Puts the rest and the end of the stream into `to`, and a zero byte when its
 * length is odd. The first failure of either output. */
enum dcm_status dcm_deflate_finish(struct dcm_deflate *z);
void dcm_deflate_release(struct dcm_deflate *z);

#endif
