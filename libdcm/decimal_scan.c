/* Ground. A decimal number taken apart: sign, digits that count, the place of
 * the dot (the grammar of a DS, PS3.5 6.2, and of JSON, RFC 8259 section 6).
 * Knows nothing of binary or of what is made of the digits.
 */
#include "decimal_scan.h"

/* An exponent of more digits is as good as this one: no text is long enough to
 * make up for it. */
#define EXPONENT_MOST INT64_C(100000000000000000)

static const char *skip_digits(const char *s, const char *end)
{
    while (s < end && dcm_digit_of(*s) >= 0)
        s++;
    return s;
}

int dcm_spelled_sign(const char **s, const char *end)
{
    if (*s == end || (**s != '-' && **s != '+'))
        return 0;
    return *(*s)++ == '-';
}

/* exponent -> ( "e" | "E" ) [ sign ] digits */
static int take_exponent(const char *s, const char *end, int64_t *v)
{
    const char *digits;
    int minus;

    *v = 0;
    if (s == end)
        return 1;
    if (*s != 'e' && *s != 'E')
        return 0;
    s++;
    minus = dcm_spelled_sign(&s, end);
    for (digits = s; s < end && dcm_digit_of(*s) >= 0; s++)
        if (*v < EXPONENT_MOST)
            *v = *v * 10 + dcm_digit_of(*s);
    if (minus)
        *v = -*v;
    return s == end && s > digits;
}

int dcm_spelled_take(struct dcm_spelled *t, const char *s, size_t n)
{
    const char *end = s + n;
    size_t fraction_n = 0, all;

    t->minus = dcm_spelled_sign(&s, end);
    t->whole = s;
    s = skip_digits(s, end);
    t->whole_n = (size_t)(s - t->whole);
    t->fraction = s;
    if (s < end && *s == '.') {
        t->fraction = ++s;
        s = skip_digits(s, end);
        fraction_n = (size_t)(s - t->fraction);
    }
    all = t->whole_n + fraction_n;
    if (all == 0 || !take_exponent(s, end, &t->point))
        return 0;
    for (t->first = 0; t->first < all && dcm_spelled_digit(t, t->first) == '0';)
        t->first++;
    while (all > t->first && dcm_spelled_digit(t, all - 1) == '0')
        all--;
    t->count = all - t->first;
    t->point += (int64_t)t->whole_n - (int64_t)t->first;
    return 1;
}
