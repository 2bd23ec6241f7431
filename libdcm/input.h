/* Ground. Bytes to read: memory, file, stream, callback, or another input
 * inflated. An input knows only where it stands; cursor.c holds the window. */
#ifndef DCM_INPUT_H
#define DCM_INPUT_H

#include "error.h"

struct dcm_input {
    /* At most n bytes into buffer: how many, 0 at the end, -1 on failure
     * (then e is filled). */
    ptrdiff_t (*read)(struct dcm_input *, void *buffer, size_t n);
    /* Goes n bytes on without reading them, as far as the input can; returns
     * how far (0 when it can't skip at all: then read). */
    uint64_t (*skip)(struct dcm_input *, uint64_t n);
    /* At most n bytes from an absolute offset, wherever read() stands: how
     * many, -1 on failure (e filled). NULL: can't be read again. */
    ptrdiff_t (*read_at)(struct dcm_input *, uint64_t offset, void *buffer,
                         size_t n);
    void (*free)(struct dcm_input *);
    uint64_t size;         /* of all of it; UINT64_MAX when not known */
    const uint8_t *memory; /* all of it, when it lies in memory; else NULL */
    struct dcm_error error;
};

#endif
