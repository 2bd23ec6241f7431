/* Ground. Numbers as text of a DS or IS (PS3.5 6.2), digit by digit and never
 * by way of binary. Knows nothing of elements or padding.
 */
#include "decimal.h"
#include "decimal_scan.h"
#include "number.h"

#include <string.h>

#define DS_SIZE 16 /* PS3.5 Table 6.2-1 */
#define IS_SIZE 12

/* A number rounded to few digits, again as 0.d1d2... * 10^point. */
struct rounded {
    char digits[DS_SIZE];
    size_t n;
    int64_t point;
    int minus;
};

/* To k digits, a tie away from zero; then without zeros at the end. */
static void round_to(struct rounded *r, const struct dcm_spelled *t, size_t k)
{
    r->n = k < t->count ? k : t->count;
    r->point = t->point;
    r->minus = t->minus;
    for (size_t i = 0; i < r->n; i++)
        r->digits[i] = dcm_spelled_digit(t, t->first + i);
    if (r->n < t->count && dcm_spelled_digit(t, t->first + r->n) >= '5') {
        while (r->n && r->digits[r->n - 1] == '9')
            r->n--;
        if (r->n) {
            r->digits[r->n - 1]++;
        } else { /* 9.99 is 10 */
            r->digits[r->n++] = '1';
            r->point++;
        }
    }
    while (r->n > 1 && r->digits[r->n - 1] == '0')
        r->n--;
}

/* Text that is made, up to a size; n goes past it when there is no room. */
struct text {
    char s[DS_SIZE];
    size_t n;
};

static void put(struct text *x, const char *s, size_t n)
{
    if (x->n <= DS_SIZE && n <= DS_SIZE - x->n)
        memcpy(x->s + x->n, s, n);
    else
        n = DS_SIZE + 1;
    x->n += n;
}

static void put_zeros(struct text *x, int64_t n)
{
    static const char zeros[] = "0000000000000000";

    put(x, zeros, n > DS_SIZE ? DS_SIZE + 1 : (size_t)n);
}

static void put_power(struct text *x, int64_t power)
{
    char number[DCM_NUMBER_MAX];

    put(x, "E", 1);
    put(x, number, dcm_number_i64(number, power));
}

/* 12.5, 1200, 0.05; the zero before the dot may be left out. */
static void put_plain(struct text *x, const struct rounded *r, int zero)
{
    size_t whole = r->n;

    if (r->point <= 0) {
        put(x, "0.", zero ? 2 : 0);
        put(x, ".", zero ? 0 : 1);
        put_zeros(x, -r->point);
        put(x, r->digits, r->n);
        return;
    }
    if (r->point < (int64_t)whole)
        whole = (size_t)r->point;
    put(x, r->digits, whole);
    put_zeros(x, r->point - (int64_t)whole);
    if (whole < r->n) {
        put(x, ".", 1);
        put(x, r->digits + whole, r->n - whole);
    }
}

static void put_usual(struct text *x, const struct rounded *r)
{
    put_plain(x, r, 1);
}

/* 1.25E-7 */
static void put_scientific(struct text *x, const struct rounded *r)
{
    put(x, r->digits, 1);
    if (r->n > 1) {
        put(x, ".", 1);
        put(x, r->digits + 1, r->n - 1);
    }
    put_power(x, r->point - 1);
}

/* .05 */
static void put_bare(struct text *x, const struct rounded *r)
{
    put_plain(x, r, 0);
}

/* 125E-9: a digit more than with a dot */
static void put_dotless(struct text *x, const struct rounded *r)
{
    put(x, r->digits, r->n);
    put_power(x, r->point - (int64_t)r->n);
}

/* The first of these that has room for it. A DS must not be beyond a double
 * either, which the rounding of the largest ones could make it. */
static size_t spell(char *out, const struct rounded *r)
{
    static void (*const ways[])(struct text *, const struct rounded *) = {
        put_usual, put_scientific, put_bare, put_dotless};
    char unused[DS_SIZE + 4];

    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        struct text x = {"", 0};

        put(&x, "-", (size_t)r->minus);
        ways[i](&x, r);
        if (x.n > DS_SIZE || !dcm_number_ds(unused, x.s, x.n, 0))
            continue;
        memcpy(out, x.s, x.n);
        return x.n;
    }
    return 0;
}

/* What is too small for any exponent is 0. */
static size_t put_zero(char *out, int minus)
{
    memcpy(out, minus ? "-0" : "0", 2);
    return minus ? 2 : 1;
}

size_t dcm_decimal_ds(char *out, const char *s, size_t n, int *rounded)
{
    char unused[DS_SIZE + 4];
    struct dcm_spelled t;
    struct rounded r;
    size_t length;
    double d;

    *rounded = 0;
    if (n <= DS_SIZE && dcm_number_ds(unused, s, n, 0)) {
        memcpy(out, s, n);
        return n;
    }
    if (!dcm_spelled_take(&t, s, n) || !dcm_decimal_double(s, n, &d))
        return 0;
    for (size_t k = t.count < DS_SIZE ? t.count : DS_SIZE; k; k--) {
        round_to(&r, &t, k);
        length = spell(out, &r);
        *rounded = k < t.count;
        if (length)
            return length;
    }
    *rounded = t.count > 0;
    return put_zero(out, t.minus);
}

size_t dcm_decimal_is(char *out, const char *s, size_t n)
{
    char unused[IS_SIZE + 4];
    uint64_t v;
    int minus;

    if (n <= IS_SIZE && dcm_number_is(unused, s, n, 0)) {
        memcpy(out, s, n);
        return n;
    }
    if (!dcm_decimal_whole(s, n, &v, &minus) ||
        v > (uint64_t)INT32_MAX + (unsigned)minus)
        return 0;
    return dcm_number_i64(out, minus ? -(int64_t)v : (int64_t)v);
}
