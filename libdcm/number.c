/* Numbers as text: integers, floats and doubles as JSON (RFC 8259 section 6),
 * and the rewriting of DS and IS (PS3.5 6.2) to JSON without a detour through
 * binary. Knows nothing of elements, of value lists or of padding, and
 * nothing of the locale.
 */
#include "number.h"
#include "shortest.h"

#include <math.h>
#include <string.h>

/* ------------------------------------------------------------- integers */

static const char pairs[] = "00010203040506070809"
                            "10111213141516171819"
                            "20212223242526272829"
                            "30313233343536373839"
                            "40414243444546474849"
                            "50515253545556575859"
                            "60616263646566676869"
                            "70717273747576777879"
                            "80818283848586878889"
                            "90919293949596979899";

static const uint64_t tens[] = {
    1u,
    10u,
    100u,
    1000u,
    10000u,
    100000u,
    1000000u,
    10000000u,
    100000000u,
    1000000000u,
    10000000000u,
    100000000000u,
    1000000000000u,
    10000000000000u,
    100000000000000u,
    1000000000000000u,
    10000000000000000u,
    100000000000000000u,
    1000000000000000000u,
    10000000000000000000u,
};

/* Decimal digits of v, 1 for 0. 1233 / 4096 is log10(2), a little less. */
static unsigned digit_count(uint64_t v)
{
    unsigned bits = 64u - (unsigned)__builtin_clzll(v | 1);
    unsigned n = bits * 1233u >> 12;

    return n + ((v | 1) >= tens[n]);
}

/* Writes the n digits of v that end before `end`. */
static void put_digits(char *end, uint64_t v, unsigned n)
{
    while (n > 8) {
        uint32_t low = (uint32_t)(v % 100000000u);
        v /= 100000000u;
        for (int i = 0; i < 4; i++) {
            end -= 2;
            memcpy(end, pairs + low % 100u * 2, 2);
            low /= 100u;
        }
        n -= 8;
    }
    uint32_t rest = (uint32_t)v; /* n <= 8 */
    for (; n >= 2; n -= 2) {
        end -= 2;
        memcpy(end, pairs + rest % 100u * 2, 2);
        rest /= 100u;
    }
    if (n)
        *--end = (char)('0' + rest);
}

size_t dcm_number_u64(char *out, uint64_t v)
{
    unsigned n = digit_count(v);

    put_digits(out + n, v, n);
    return n;
}

size_t dcm_number_i64(char *out, int64_t v)
{
    if (v >= 0)
        return dcm_number_u64(out, (uint64_t)v);
    *out = '-';
    return 1 + dcm_number_u64(out + 1, 0 - (uint64_t)v);
}

/* ----------------------------------------------------- decimal to JSON */

/* 1.25e-7, 5e-324 */
static size_t put_scientific(char *out, struct dcm_decimal d, unsigned n)
{
    char *p = out + n + 1;

    put_digits(p, d.digits, n);
    out[0] = out[1];
    out[1] = '.';
    if (n == 1)
        p = out + 1;
    *p++ = 'e';
    return (size_t)(p - out) + dcm_number_i64(p, d.exponent + (int)n - 1);
}

/* 12.5, 1200.0, 0.00125; `point` digits stand before the point */
static size_t put_plain(char *out, struct dcm_decimal d, unsigned n, int point)
{
    if (point <= 0) {
        size_t lead = 2 + (size_t)-point;
        memcpy(out, "0.000000", 8);
        put_digits(out + lead + n, d.digits, n);
        return lead + n;
    }
    if (d.exponent < 0) {
        put_digits(out + n + 1, d.digits, n);
        memmove(out, out + 1, (size_t)point);
        out[point] = '.';
        return n + 1;
    }
    put_digits(out + n, d.digits, n);
    memset(out + n, '0', (size_t)d.exponent);
    memcpy(out + point, ".0", 2);
    return (size_t)point + 2;
}

/* Plain from 1e-5 to below 1e17: at most 24 bytes either way. */
static size_t put_decimal(char *out, struct dcm_decimal d)
{
    unsigned n = digit_count(d.digits);
    int point = d.exponent + (int)n;

    if (point > 17 || point < -4)
        return put_scientific(out, d, n);
    return put_plain(out, d, n, point);
}

static size_t put_real(char *out, int negative, struct dcm_decimal d)
{
    *out = '-';
    out += negative;
    return (size_t)negative + put_decimal(out, d);
}

size_t dcm_number_float(char *out, float v)
{
    return put_real(out, signbit(v) != 0, dcm_shortest_float(v));
}

size_t dcm_number_double(char *out, double v)
{
    return put_real(out, signbit(v) != 0, dcm_shortest_double(v));
}

/* ------------------------------------------------------------ DS and IS */

#define DS_SIZE 16 /* PS3.5 Table 6.2-1 */
#define IS_SIZE 12

/* A run of characters of the value. */
struct run {
    const char *p;
    size_t n;
};

/* number = [ "+" | "-" ] ( whole [ "." fraction ] | "." fraction )
 *          [ ( "E" | "e" ) [ "+" | "-" ] digits ]
 * where fraction may be empty after a whole. `exponent` begins with its E. */
struct parts {
    int negative, point;
    struct run whole, fraction, exponent;
};

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static struct run take_digits(const char **p, const char *end)
{
    struct run r = {*p, 0};

    while (*p < end && is_digit(**p))
        ++*p;
    r.n = (size_t)(*p - r.p);
    return r;
}

/* 1 when one of the two characters was there */
static int take_either(const char **p, const char *end, char a, char b)
{
    if (*p == end || (**p != a && **p != b))
        return 0;
    ++*p;
    return 1;
}

/* 0 when s is no such number. */
static int take_parts(struct parts *d, const char *s, size_t n)
{
    const char *end = s + n;

    memset(d, 0, sizeof *d);
    if (take_either(&s, end, '+', '-'))
        d->negative = s[-1] == '-';
    d->whole = take_digits(&s, end);
    d->point = take_either(&s, end, '.', '.');
    if (d->point)
        d->fraction = take_digits(&s, end);
    if (d->whole.n + d->fraction.n == 0)
        return 0;
    d->exponent.p = s;
    if (take_either(&s, end, 'E', 'e')) {
        take_either(&s, end, '+', '-');
        if (take_digits(&s, end).n == 0)
            return 0;
    }
    d->exponent.n = (size_t)(s - d->exponent.p);
    return s == end;
}

/* The first and further significant digits of a value of at most DS_SIZE
 * bytes, without a point; returns how many digits stand before it, counted
 * from the first significant one (0.05: -1). *n is 0 when all are zero. */
static int64_t significant(const struct parts *d, char *digits, size_t *n)
{
    struct run all[] = {d->whole, d->fraction};
    int64_t before = (int64_t)d->whole.n;

    *n = 0;
    for (int r = 0; r < 2; r++)
        for (size_t i = 0; i < all[r].n; i++) {
            if (*n == 0 && all[r].p[i] == '0')
                before--;
            else
                digits[(*n)++] = all[r].p[i];
        }
    return before;
}

/* At most DS_SIZE characters, so no sum here comes near its limits. */
static int64_t exponent_of(struct run e)
{
    int64_t v = 0;

    for (size_t i = 1; i < e.n; i++)
        if (is_digit(e.p[i]))
            v = v * 10 + (e.p[i] - '0');
    return e.n > 1 && e.p[1] == '-' ? -v : v;
}

/* Whether a reader of doubles would get infinity: from 2^1024 - 2^970 =
 * 1.797693134862315807...e308 on. A DS has no room for all of the digits
 * below and an exponent, so a tie can't be. */
static int overflows(const struct parts *d)
{
    static const char first[DS_SIZE] = "1797693134862315";
    char digits[DS_SIZE];
    size_t n;
    int64_t before = significant(d, digits, &n) + exponent_of(d->exponent);

    if (n == 0 || before < 309)
        return 0;
    return before > 309 || memcmp(digits, first, n) > 0;
}

static char *put_run(char *out, struct run r)
{
    if (r.n) /* an absent part has no address */
        memcpy(out, r.p, r.n);
    return out + r.n;
}

/* JSON wants a digit on both sides of the point, and no zero before other
 * digits of the whole (RFC 8259 section 6). */
static size_t put_parts(char *out, const struct parts *d)
{
    static const struct run zero = {"0", 1};
    struct run whole = d->whole.n ? d->whole : zero;
    char *p = out;

    while (whole.n > 1 && *whole.p == '0') {
        whole.p++;
        whole.n--;
    }
    if (d->negative)
        *p++ = '-';
    p = put_run(p, whole);
    if (d->point) {
        *p++ = '.';
        p = put_run(p, d->fraction.n ? d->fraction : zero);
    }
    return (size_t)(put_run(p, d->exponent) - out);
}

size_t dcm_number_ds(char *out, const char *s, size_t n, int loose)
{
    struct parts d;

    if (n == 0 || (!loose && n > DS_SIZE))
        return 0;
    if (!take_parts(&d, s, n))
        return 0;
    if (!loose && overflows(&d))
        return 0;
    return put_parts(out, &d);
}

/* Outside -2^31 .. 2^31 - 1, of at most IS_SIZE digits. */
static int outside_32_bits(const struct parts *d)
{
    int64_t v = 0;

    for (size_t i = 0; i < d->whole.n; i++)
        v = v * 10 + (d->whole.p[i] - '0');
    return v > (int64_t)INT32_MAX + d->negative;
}

size_t dcm_number_is(char *out, const char *s, size_t n, int loose)
{
    struct parts d;

    if (n == 0 || (!loose && n > IS_SIZE))
        return 0;
    if (!take_parts(&d, s, n) || d.point || d.exponent.n)
        return 0;
    if (!loose && outside_32_bits(&d))
        return 0;
    return put_parts(out, &d);
}
