/* Test support: an assembler from readable text to the bytes of a DICOM
 * file. files/README describes the language. */
#ifndef HEXD_H
#define HEXD_H

#include <stddef.h>
#include <stdint.h>

struct hexd_buffer {
    uint8_t *data;
    size_t size, capacity;
};

/* Assembles n bytes of text and appends the result to *out, which starts all
 * zero. 1 when done. 0 when not: `error` says "line 3: ..." (may be NULL),
 * *out holds what there was before the failure. */
int hexd_assemble(const char *text, size_t n, struct hexd_buffer *out,
                  char *error, size_t error_size);
/* The same with the contents of a file. */
int hexd_assemble_file(const char *path, struct hexd_buffer *out, char *error,
                       size_t error_size);
void hexd_buffer_release(struct hexd_buffer *out);

#endif
