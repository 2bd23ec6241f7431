/* The shortest decimal of a float or double: of all that read back as the
 * same value (round to nearest, ties to even) the one with the fewest digits,
 * and of those the nearest. Knows nothing of text.
 *
 * The method is Schubfach (R. Giulietti, "The Schubfach way to render
 * doubles", 2020). A value c * 2^q is read back from anything between the
 * midpoints to its neighbours, (c - 1/2) * 2^q and (c + 1/2) * 2^q. Take the
 * power 10^k just below the width of that interval: then one multiple of
 * 10^k or both of those just around the value lie inside, and at most one
 * multiple of 10^(k+1). So it is enough to scale the value and both bounds
 * by 10^-k, which takes a product of 128 x 64 bits each, and to compare
 * integers.
 */
#include "shortest.h"

#include <string.h>

/* c * 2^q, c > 0. `edge`: c is the lowest of its binade, so the neighbour
 * below is only half as far away. */
struct binary {
    uint64_t c;
    int q;
    int edge;
};

/* 10^p in 128 bits, rounded up: 10^p = g * 2^(log2_of_ten(p) - 127), where
 * the highest bit of g is set. */
#define FIRST_POWER (-292)
static const struct power {
    uint64_t high, low;
} powers[] = {
#include "powers.inc"
};
_Static_assert(sizeof powers / sizeof *powers == 324 + 292 + 1,
               "powers of ten from -292 to 324");

/* Logarithms rounded down; dict/gen-powers.py checks them over the range of
 * a double. They count on >> of a negative int to round down, as it does with
 * every compiler for the systems we run on. */
static int log10_of_two(int q)
{
    return q * 315653 >> 20;
}

static int log10_of_three_quarters_of_two(int q)
{
    return (q * 315653 - 131008) >> 20;
}

static int log2_of_ten(int p)
{
    return p * 1741647 >> 19;
}

/* High half of a * b; *low is the other. */
static uint64_t multiply(uint64_t a, uint64_t b, uint64_t *low)
{
#if defined(__SIZEOF_INT128__)
    __extension__ typedef unsigned __int128 uint128;
    uint128 p = (uint128)a * b;

    *low = (uint64_t)p;
    return (uint64_t)(p >> 64);
#else
    uint64_t al = (uint32_t)a, ah = a >> 32, bl = (uint32_t)b, bh = b >> 32;
    uint64_t ll = al * bl, lh = al * bh, hl = ah * bl;
    uint64_t middle = (ll >> 32) + (uint32_t)lh + (uint32_t)hl;

    *low = middle << 32 | (uint32_t)ll;
    return ah * bh + (lh >> 32) + (hl >> 32) + (middle >> 32);
#endif
}

/* x * g / 2^128 rounded to odd: rounded down, with the last bit set when
 * anything was left, so that it compares right with every even number. The
 * power is off by less than one unit of its last place, the product by less
 * than one of `middle`: a middle of 0 or 1 is the exact value. */
static uint64_t scale(const struct power *g, uint64_t x)
{
    uint64_t low, middle;
    uint64_t carry = multiply(g->low, x, &low);
    uint64_t high = multiply(g->high, x, &middle);

    middle += carry;
    high += middle < carry;
    return high | (middle > 1);
}

/* The same for a float, whose 24 bits are content with half of the power. */
static uint64_t scale_small(const struct power *g, uint64_t x)
{
    uint64_t low, high = multiply(g->high + 1, x, &low);

    return high | (low >> 32 > 1);
}

typedef uint64_t scale_fn(const struct power *g, uint64_t x);

/* Works in quarters, so that bounds and midpoints are integers too. Inlined
 * into its two callers, so that each has its `scale` built in. */
static inline __attribute__((always_inline)) struct dcm_decimal
shortest(struct binary b, scale_fn *scaled)
{
    int k = b.edge ? log10_of_three_quarters_of_two(b.q) : log10_of_two(b.q);
    int shift = b.q + log2_of_ten(-k) + 1;
    const struct power *g = &powers[-k - FIRST_POWER];
    /* A bound itself reads back as the value only when c is even. */
    uint64_t odd = b.c & 1;
    uint64_t low = scaled(g, (4 * b.c - (b.edge ? 1 : 2)) << shift) + odd;
    uint64_t value = scaled(g, (4 * b.c) << shift);
    uint64_t high = scaled(g, (4 * b.c + 2) << shift) - odd;

    /* A multiple of 10^(k+1): one digit less. */
    uint64_t s = value / 4, tenth = s / 10;
    int below = low <= 40 * tenth, above = 40 * tenth + 40 <= high;
    if (below != above)
        return (struct dcm_decimal){tenth + (uint64_t)above, k + 1};

    /* A multiple of 10^k; when both are inside, the nearer. */
    below = low <= 4 * s;
    above = 4 * s + 4 <= high;
    if (below == above)
        above = value > 4 * s + 2 || (value == 4 * s + 2 && (s & 1));
    return (struct dcm_decimal){s + (uint64_t)above, k};
}

/* Whether the value is 0 or an integer below 2^53: then it is its own
 * shortest decimal, since the neighbours are at most 1 away. */
static int is_integer(struct binary b, uint64_t *integer)
{
    if (b.c == 0)
        b.q = 0;
    if (b.q > 0 || b.q < -52 || b.c & ((UINT64_C(1) << -b.q) - 1))
        return 0;
    *integer = b.c >> -b.q;
    return 1;
}

static struct dcm_decimal without_zeros(struct dcm_decimal d)
{
    while (d.digits % 100000000u == 0) {
        d.digits /= 100000000u;
        d.exponent += 8;
    }
    if (d.digits % 10000u == 0) {
        d.digits /= 10000u;
        d.exponent += 4;
    }
    while (d.digits % 10u == 0) {
        d.digits /= 10u;
        d.exponent++;
    }
    return d;
}

static struct binary of_float(float v)
{
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);

    uint32_t fraction = bits & 0x7FFFFFu;
    int exponent = (int)(bits >> 23 & 0xFFu);
    if (exponent == 0)
        return (struct binary){fraction, -149, 0}; /* subnormal */
    return (struct binary){fraction | 0x800000u, exponent - 150,
                           fraction == 0 && exponent > 1};
}

static struct binary of_double(double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);

    uint64_t fraction = bits & ((UINT64_C(1) << 52) - 1);
    int exponent = (int)(bits >> 52 & 0x7FFu);
    if (exponent == 0)
        return (struct binary){fraction, -1074, 0}; /* subnormal */
    return (struct binary){fraction | UINT64_C(1) << 52, exponent - 1075,
                           fraction == 0 && exponent > 1};
}

struct dcm_decimal dcm_shortest_float(float v)
{
    struct binary b = of_float(v);
    uint64_t integer;

    if (is_integer(b, &integer))
        return (struct dcm_decimal){integer, 0};
    return without_zeros(shortest(b, scale_small));
}

struct dcm_decimal dcm_shortest_double(double v)
{
    struct binary b = of_double(v);
    uint64_t integer;

    if (is_integer(b, &integer))
        return (struct dcm_decimal){integer, 0};
    return without_zeros(shortest(b, scale));
}
