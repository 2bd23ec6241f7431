/* Language. One text on its way from UTF-8 to bytes: what charset_encode.c
 * and charset_shift.c share. For charset*.c alone. */
#ifndef DCM_CHARSET_PEN_H
#define DCM_CHARSET_PEN_H

#include "charset.h"
#include "charset_reverse.h"
#include "charset_sets.h"

struct dcm_encoder;

/* One text on its way. */
struct dcm_pen {
    struct dcm_encoder *e;
    const struct dcm_charset *cs;
    unsigned how;
    const uint8_t *p, *end;
    uint8_t g0, g1;       /* sets designated now */
    uint8_t home0, home1; /* and initially; NONE: nothing in G1 */
    uint8_t view;         /* the text as it is will do */
    unsigned problems;
    enum dcm_status status; /* the first failure stays */
    uint32_t bad;
};

void dcm_pen_fail(struct dcm_pen *j, enum dcm_status status, uint32_t bad);
void dcm_pen_put(struct dcm_pen *j, const void *p, size_t n);
void dcm_pen_put_byte(struct dcm_pen *j, unsigned c);
/* Two bytes; `high` is 8080 in G1. */
void dcm_pen_put_pair(struct dcm_pen *j, unsigned code, unsigned high);
/* Takes the next character; check the status. */
uint32_t dcm_pen_take(struct dcm_pen *j);
/* Is c a control character? Notes one that may not be here. */
int dcm_pen_is_control(struct dcm_pen *j, uint32_t c);
/* The set has no c. 1: '?' is to stand for it, else that is a failure. */
int dcm_pen_replace(struct dcm_pen *j, uint32_t c);
/* The table of a set turned round; empty, and a failure, where iconv has
 * none. */
const struct dcm_reverse *dcm_pen_table(struct dcm_pen *j, unsigned set);

/* charset_shift.c: a text in sets of bytes and pairs, with or without code
 * extensions. */
void dcm_pen_encode_extended(struct dcm_pen *j);

#endif
