/* Ground. An input over another input, raw deflate (PS3.5 A.5). The only
 * file that sees zlib. */
#ifndef DCM_INFLATE_H
#define DCM_INFLATE_H

#include "cursor.h"

struct dcm_inflate {
    struct dcm_input input;  /* what a cursor reads */
    struct dcm_cursor *from; /* deflated bytes, from where it stands */
    void *stream;            /* z_stream, kept for reuse */
    uint64_t in, out;        /* bytes so far */
    uint64_t limit, ratio;   /* of struct dcm_limits */
    int wrapped;             /* a zlib header was there */
    int done;                /* the stream ended as it should */
};

/* All zero is a struct to start with. Begins at from->p. DCM_ERR_MEMORY, or
 * DCM_OK; a zlib header (78 xx with a right check) is taken and marked. */
enum dcm_status dcm_inflate_start(struct dcm_inflate *z,
                                  struct dcm_cursor *from, uint64_t limit,
                                  uint64_t ratio);
void dcm_inflate_release(struct dcm_inflate *z);
/* Whether the bytes at from->p begin a deflate stream that yields at least
 * one byte; takes nothing. */
int dcm_inflate_probe(struct dcm_cursor *from);

#endif
