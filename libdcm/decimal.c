/* Ground. Text to numbers: integers, and the nearest float or double. Knows
 * nothing of elements, value lists or padding, and nothing of the locale.
 */
#include "decimal.h"
#include "decimal_scan.h"
#include "number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --------------------------------------------------------------- integers */

/* *v * 10 + digit; 0 when that is too large. */
static int append(uint64_t *v, unsigned digit)
{
    if (*v > (UINT64_MAX - digit) / 10)
        return 0;
    *v = *v * 10 + digit;
    return 1;
}

static int take_integer(const char *s, size_t n, uint64_t *v, int *minus)
{
    const char *end = s + n;

    *v = 0;
    *minus = dcm_spelled_sign(&s, end);
    if (s == end)
        return 0;
    for (; s < end; s++) {
        int digit = dcm_digit_of(*s);

        if (digit < 0 || !append(v, (unsigned)digit))
            return 0;
    }
    return 1;
}

int dcm_decimal_u64(const char *s, size_t n, uint64_t *v)
{
    uint64_t magnitude;
    int minus;

    if (!take_integer(s, n, &magnitude, &minus) || (minus && magnitude))
        return 0;
    *v = magnitude;
    return 1;
}

int dcm_decimal_i64(const char *s, size_t n, int64_t *v)
{
    uint64_t magnitude;
    int minus;

    if (!take_integer(s, n, &magnitude, &minus) ||
        magnitude > (uint64_t)INT64_MAX + (unsigned)minus)
        return 0;
    if (!minus)
        *v = (int64_t)magnitude;
    else /* the lowest has no positive twin */
        *v = magnitude ? -(int64_t)(magnitude - 1) - 1 : 0;
    return 1;
}

int dcm_decimal_whole(const char *s, size_t n, uint64_t *v, int *minus)
{
    struct dcm_spelled t;
    uint64_t magnitude;

    if (take_integer(s, n, &magnitude, minus)) {
        *v = magnitude;
        return 1;
    }
    magnitude = 0;
    if (!dcm_spelled_take(&t, s, n))
        return 0;
    if (t.count && (t.point > 20 || t.point < (int64_t)t.count))
        return 0;
    for (int64_t i = 0; t.count && i < t.point; i++) {
        int more = (size_t)i < t.count;

        if (!append(&magnitude, more ? (unsigned)dcm_digit_of(dcm_spelled_digit(
                                           &t, t.first + (size_t)i))
                                     : 0))
            return 0;
    }
    *v = magnitude;
    *minus = t.minus;
    return 1;
}

/* ----------------------------------------------------------------- floats */

/* What differs between the two types. */
struct format {
    unsigned bits; /* of the mantissa, the hidden one included */
    unsigned bias; /* of the exponent */
    unsigned size; /* of all, in bits */
};

static const struct format single_format = {24, 127, 32};
static const struct format double_format = {53, 1023, 64};

#if defined(__SIZEOF_INT128__)
__extension__ typedef unsigned __int128 uint128;

/* The most digits of a number that surely fit 64 bits, and the largest power
 * of ten that does. */
#define SHORT_DIGITS 19

static unsigned width(uint128 q)
{
    uint64_t high = (uint64_t)(q >> 64);

    return high ? 128u - (unsigned)__builtin_clzll(high)
                : 64u - (unsigned)__builtin_clzll((uint64_t)q);
}

/* The bits of q * 2^exponent, ties to even; `rest` says that the number is a
 * little more. Only for what is neither denormal nor too large. */
static uint64_t round_bits(const struct format *f, uint128 q, int exponent,
                           int rest)
{
    unsigned length = width(q);
    uint64_t mantissa;
    uint128 half, over;

    exponent += (int)length - 1;
    if (length <= f->bits) {
        mantissa = (uint64_t)q << (f->bits - length);
    } else {
        half = (uint128)1 << (length - f->bits - 1);
        over = q & (2 * half - 1);
        mantissa = (uint64_t)(q >> (length - f->bits));
        if (over > half || (over == half && (rest || (mantissa & 1))))
            mantissa++;
    }
    /* A carry out of the mantissa goes where it belongs, to the exponent. */
    return ((uint64_t)(exponent + (int)f->bias - 1) << (f->bits - 1)) +
           mantissa;
}

/* m * 10^power in integers: 0 when it has too many digits for that. A quotient
 * of a full numerator has at least 64 bits, more than any mantissa, and what
 * the division leaves only breaks ties. */
static int short_bits(const struct format *f, const struct dcm_spelled *t,
                      uint64_t *bits)
{
    int64_t power = t->point - (int64_t)t->count;
    uint64_t m = 0, ten = 1;
    uint128 top;
    unsigned shift;

    if (t->count > SHORT_DIGITS || power < -SHORT_DIGITS ||
        power > SHORT_DIGITS)
        return 0;
    for (size_t i = 0; i < t->count; i++)
        m = m * 10 + (unsigned)dcm_digit_of(dcm_spelled_digit(t, t->first + i));
    for (int64_t i = power < 0 ? -power : power; i; i--)
        ten *= 10;
    if (power >= 0) {
        *bits = round_bits(f, (uint128)m * ten, 0, 0);
        return 1;
    }
    shift = 64u + (unsigned)__builtin_clzll(m);
    top = (uint128)m << shift;
    *bits = round_bits(f, top / ten, -(int)shift, top % ten != 0);
    return 1;
}
#else
static int short_bits(const struct format *f, const struct dcm_spelled *t,
                      uint64_t *bits)
{
    (void)f;
    (void)t;
    (void)bits;
    return 0;
}
#endif

/* No number half way between two doubles has more than 767 digits, so of all
 * that stands behind this many it only matters that it is not 0. */
#define DIGITS_MOST 800
#define POWER_MOST                                            \
    10000 /* zero or infinity either way, whatever the digits \
           */

/* The number as "ddd...e-12" for strtod(): without a dot, the one thing that
 * the locale could change. */
static void respell(char *out, const struct dcm_spelled *t)
{
    size_t n = t->count < DIGITS_MOST ? t->count : DIGITS_MOST;
    int64_t power;

    for (size_t i = 0; i < n; i++)
        *out++ = dcm_spelled_digit(t, t->first + i);
    if (n < t->count) {
        *out++ = '1';
        n++;
    }
    power = t->point - (int64_t)n;
    if (power > POWER_MOST)
        power = POWER_MOST;
    if (power < -POWER_MOST)
        power = -POWER_MOST;
    *out++ = 'e';
    out[dcm_number_i64(out, power)] = '\0';
}

static int long_bits(const struct format *f, const struct dcm_spelled *t,
                     uint64_t *bits)
{
    char text[DIGITS_MOST + 2 + DCM_NUMBER_MAX];

    respell(text, t);
    if (f->size == 32) {
        float v = strtof(text, NULL);
        uint32_t word;

        memcpy(&word, &v, sizeof(word));
        *bits = word;
        return isfinite(v);
    } else {
        double v = strtod(text, NULL);

        memcpy(bits, &v, sizeof(v));
        return isfinite(v);
    }
}

static int real_bits(const struct format *f, const char *s, size_t n,
                     uint64_t *bits)
{
    struct dcm_spelled t;

    *bits = 0;
    if (!dcm_spelled_take(&t, s, n))
        return 0;
    if (t.count && !short_bits(f, &t, bits) && !long_bits(f, &t, bits))
        return 0;
    *bits |= (uint64_t)t.minus << (f->size - 1);
    return 1;
}

int dcm_decimal_float(const char *s, size_t n, float *v)
{
    uint64_t bits;
    uint32_t word;

    if (!real_bits(&single_format, s, n, &bits))
        return 0;
    word = (uint32_t)bits;
    memcpy(v, &word, sizeof(word));
    return 1;
}

int dcm_decimal_double(const char *s, size_t n, double *v)
{
    uint64_t bits;

    if (!real_bits(&double_format, s, n, &bits))
        return 0;
    memcpy(v, &bits, sizeof(bits));
    return 1;
}

/* The n bytes at s are the small letters of `word`, in any case. */
static int is_word(const char *s, size_t n, const char *word)
{
    if (n != strlen(word))
        return 0;
    for (size_t i = 0; i < n; i++)
        if ((s[i] | 0x20) != word[i])
            return 0;
    return 1;
}

int dcm_decimal_special(const char *s, size_t n, double *v)
{
    const char *end = s + n;
    int minus = dcm_spelled_sign(&s, end);

    n = (size_t)(end - s);
    if (is_word(s, n, "nan"))
        *v = (double)NAN;
    else if (is_word(s, n, "inf") || is_word(s, n, "infinity"))
        *v = minus ? -(double)INFINITY : (double)INFINITY;
    else
        return 0;
    return 1;
}
