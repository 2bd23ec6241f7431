/* Tables. Transfer syntaxes (PS3.5 A, PS3.6 A) and what a reader must know. */
#ifndef DCM_SYNTAX_H
#define DCM_SYNTAX_H

#include <stddef.h>
#include <stdint.h>

enum { /* flags */
    DCM_TS_IMPLICIT = 1,
    DCM_TS_BIG_ENDIAN = 2,
    DCM_TS_DEFLATED = 4,
    DCM_TS_ENCAPSULATED = 8,
    DCM_TS_ONE_FRAGMENT = 16, /* a frame is one fragment */
    DCM_TS_VIDEO = 32,        /* all fragments are one stream */
    DCM_TS_PIXELS_BIG = 64    /* GE private: only Pixel Data is big endian */
};

struct dcm_syntax {
    char uid[27]; /* in place: nothing for the loader to relocate */
    uint8_t flags;
};

/* By UID, padding already removed; NULL when not known. */
const struct dcm_syntax *dcm_syntax_find(const char *uid, size_t n);

#endif
