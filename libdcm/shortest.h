/* Ground. The shortest decimal of a float or double. Knows no text. */
#ifndef DCM_SHORTEST_H
#define DCM_SHORTEST_H

#include <stdint.h>

/* digits * 10^exponent; digits < 10^17 end in a zero only when exponent is
 * 0, as those of an integer do. */
struct dcm_decimal {
    uint64_t digits;
    int exponent;
};

/* Of the magnitude of a finite v. */
struct dcm_decimal dcm_shortest_float(float v);
struct dcm_decimal dcm_shortest_double(double v);

#endif
