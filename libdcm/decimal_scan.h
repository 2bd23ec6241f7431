/* Ground. A decimal number taken apart, for the files that make something of
 * it: decimal.c and decimal_string.c. */
#ifndef DCM_DECIMAL_SCAN_H
#define DCM_DECIMAL_SCAN_H

#include <stddef.h>
#include <stdint.h>

/* A number as it is spelled, and as 0.d1d2d3... * 10^point, where d1 is the
 * first digit that is not 0 and the last one is not 0 either. */
struct dcm_spelled {
    const char *whole, *fraction; /* digits before and behind the dot */
    size_t whole_n;
    size_t first, count; /* of the digits d, among all; count 0: zero */
    int64_t point;
    int minus;
};

/* decimal -> [ sign ] digits [ "." digits ] [ "e" [ sign ] digits ], with a
 * digit on one side of the dot. 0 when all n bytes are not one; *t has views
 * of them. */
int dcm_spelled_take(struct dcm_spelled *t, const char *s, size_t n);
/* Goes past a sign, if there is one: 1 when it is a minus. */
int dcm_spelled_sign(const char **s, const char *end);

static inline int dcm_digit_of(char c)
{
    unsigned d = (unsigned)(unsigned char)c - '0';

    return d < 10 ? (int)d : -1;
}

/* Digit i of all, the dot left out. */
static inline char dcm_spelled_digit(const struct dcm_spelled *t, size_t i)
{
    return i < t->whole_n ? t->whole[i] : t->fraction[i - t->whole_n];
}

#endif
