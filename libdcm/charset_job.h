/* Language. One value on its way from bytes to UTF-8: what charset_decode.c
 * and charset_escape.c share. For charset*.c alone. */
#ifndef DCM_CHARSET_JOB_H
#define DCM_CHARSET_JOB_H

#include "charset.h"
#include "charset_sets.h"
#include "charset_table.h"

struct dcm_decoder {
    char *text; /* of the value at hand */
    size_t length, capacity;
    int failed; /* no memory */
    struct dcm_table tables[SET_COUNT];
};

/* One value on its way. */
struct dcm_job {
    struct dcm_decoder *d;
    const struct dcm_charset *cs;
    unsigned how;
    const uint8_t *p, *end;
    uint8_t g0, g1;       /* sets designated now */
    uint8_t home0, home1; /* and initially */
    uint8_t guess;        /* UTF8 or LATIN1 for windows-1252; NONE: open */
    uint8_t judged;       /* looked whether it could be UTF-8 */
    unsigned problems;
    const uint8_t *where;
};

/* A problem at a byte. */
void dcm_job_note(struct dcm_job *j, unsigned bit, const uint8_t *at);
/* Takes n bytes as they are. */
void dcm_job_keep(struct dcm_job *j, size_t n);
/* Takes n bytes, and puts c for them, or U+FFFD when c is 0. */
void dcm_job_take(struct dcm_job *j, size_t n, uint32_t c);
/* The state of a row of a set, and a code point of it, 0 if there is none. */
unsigned dcm_job_row(struct dcm_job *j, unsigned set, unsigned lead);
uint32_t dcm_job_cell(struct dcm_job *j, unsigned set, unsigned lead,
                      unsigned trail);
/* Notes a control character that may not be here. */
void dcm_job_check_control(struct dcm_job *j);
/* Is the rest of the value, which has bytes over 7F, UTF-8? */
int dcm_job_could_be_utf8(const struct dcm_job *j);

/* The first byte that is not in 20-7E, or a backslash where that separates. */
const uint8_t *dcm_skip_plain(const uint8_t *p, const uint8_t *end,
                              unsigned how);
/* The length of the well-formed sequence at p (Unicode, Table 3-7), p[0] >=
 * 80; or, negative, that of the longest start of one, at least 1. */
int dcm_utf8_sequence(const uint8_t *p, const uint8_t *end);

/* charset_escape.c: the initial state, and a value in sets of bytes and
 * pairs, with or without code extensions. */
void dcm_job_set_home(struct dcm_job *j);
void dcm_job_decode_extended(struct dcm_job *j);

#endif
