/* Ground. Bytes to write, through one buffer. A writer reserves room, fills
 * it, and commits. It may also hold on to what it wrote since a position, to
 * put it in another order or take it back: held bytes stay in the buffer
 * while they are not too many. */
#ifndef DCM_OUTPUT_H
#define DCM_OUTPUT_H

#include "error.h"
#include <string.h>

#define DCM_OUTPUT_BUFFER (256u << 10) /* written out when this full */
#define DCM_OUTPUT_HELD (4u << 20)     /* bytes that a hold may keep */

struct dcm_output {
    dcm_write_fn *write; /* NULL: memory, never written out */
    void *user;
    char *buffer;
    size_t used, capacity;
    size_t mark;            /* used up to there needs no second look */
    uint64_t flushed;       /* bytes before buffer[0] */
    uint64_t hold;          /* position; UINT64_MAX: no hold */
    uint64_t limit;         /* of all bytes; UINT64_MAX: none */
    enum dcm_status status; /* sticky */
    struct dcm_error error;
    int fd;
};

/* Room for n bytes at the returned pointer, or NULL after a failure. */
char *dcm_output_reserve_slow(struct dcm_output *o, size_t n);
static inline char *dcm_output_reserve(struct dcm_output *o, size_t n)
{
    if (o->capacity - o->used >= n && o->used <= o->mark)
        return o->buffer + o->used;
    return dcm_output_reserve_slow(o, n);
}
/* The same without a look whether the buffer should be written out first: for
 * small parts that follow one whose reserve has asked that. */
static inline char *dcm_output_room(struct dcm_output *o, size_t n)
{
    if (o->capacity - o->used >= n)
        return o->buffer + o->used;
    return dcm_output_reserve(o, n);
}
static inline void dcm_output_commit(struct dcm_output *o, size_t n)
{
    o->used += n;
}
static inline void dcm_output_put(struct dcm_output *o, const void *p, size_t n)
{
    char *to = dcm_output_reserve(o, n);
    if (to) {
        memcpy(to, p, n);
        dcm_output_commit(o, n);
    }
}
static inline void dcm_output_char(struct dcm_output *o, char c)
{
    dcm_output_put(o, &c, 1);
}
void dcm_output_text(struct dcm_output *o, const char *s);
/* A new line and the spaces of `indent` steps. */
void dcm_output_line(struct dcm_output *o, size_t indent);

/* The position of the next byte. */
static inline uint64_t dcm_output_tell(const struct dcm_output *o)
{
    return o->flushed + o->used;
}
/* Keep what comes from `position` on; replaces an earlier hold. */
static inline void dcm_output_hold(struct dcm_output *o, uint64_t position)
{
    o->hold = position;
}
/* Where the byte of that position lies in the buffer, or NULL when it has
 * been written out. Valid until the next reserve. */
char *dcm_output_at(struct dcm_output *o, uint64_t position);
/* Takes back all from `position` on: 1 if it was still there. */
int dcm_output_truncate(struct dcm_output *o, uint64_t position);
/* Changes n bytes that were written from `position` on: in the buffer, or
 * where they lie in the file. 1 if done; 0 when that is not possible (see
 * dcm_output_can_patch()) or has failed, which sticks. */
int dcm_output_patch(struct dcm_output *o, uint64_t position, const void *p,
                     size_t n);
/* Forget everything and begin again; memory kept. New limit. */
void dcm_output_clear(struct dcm_output *o, uint64_t limit);

#endif
