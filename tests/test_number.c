/* number.c and shortest.c: text of integers, floats, DS and IS. Expected
 * floats are what RFC 8259 allows and Python's repr() or strtod() say. */
#include "number.h"
#include "shortest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH(a) (sizeof(a) / sizeof(*(a)))

/* Fails with the row's reason in view. */
static void expect(const char *why, const char *got, size_t n, const char *want)
{
    if (n != strlen(want) || memcmp(got, want, n) != 0)
        fail_msg("%s: got \"%.*s\", want \"%s\"", why, (int)n, got, want);
}

/* -------------------------------------------------------------- integers */

static void integers_have_all_their_digits(void **state)
{
    static const uint64_t edges[] = {0,  1,   9,          10,
                                     99, 100, UINT64_MAX, INT64_MAX};
    char got[DCM_NUMBER_MAX], want[40];
    (void)state;

    for (size_t i = 0; i < LENGTH(edges); i++) {
        snprintf(want, sizeof want, "%llu", (unsigned long long)edges[i]);
        expect("edge", got, dcm_number_u64(got, edges[i]), want);
    }
    uint64_t power = 1;
    for (int i = 0; i < 20; i++, power *= 10)
        for (uint64_t v = power - 1; v <= power + 1; v++) {
            snprintf(want, sizeof want, "%llu", (unsigned long long)v);
            expect("beside a power", got, dcm_number_u64(got, v), want);
        }
}

static void signed_integers_reach_both_ends(void **state)
{
    static const struct {
        int64_t v;
        const char *want;
    } rows[] = {
        {0, "0"},
        {-1, "-1"},
        {-10, "-10"},
        {INT64_MAX, "9223372036854775807"},
        {INT64_MIN, "-9223372036854775808"},
    };
    char got[DCM_NUMBER_MAX];
    (void)state;

    for (size_t i = 0; i < LENGTH(rows); i++)
        expect("i64", got, dcm_number_i64(got, rows[i].v), rows[i].want);
}

/* ---------------------------------------------------------------- floats */

static const struct {
    const char *why;
    double v;
    const char *want;
} doubles[] = {
    {"zero stays a float", 0.0, "0.0"},
    {"its sign is kept", -0.0, "-0.0"},
    {"an integer stays a float", 1.0, "1.0"},
    {"ends in zeros", 1200.0, "1200.0"},
    {"no binary form", 0.1, "0.1"},
    {"one more than shortest", 0.1 + 0.2, "0.30000000000000004"},
    {"a third", 1.0 / 3.0, "0.3333333333333333"},
    {"negative", -2.5, "-2.5"},
    {"smallest of all", 0x1p-1074, "5e-324"},
    {"its neighbour", 0x1p-1073, "1e-323"},
    {"largest subnormal", 0x1.ffffffffffffep-1023, "2.225073858507201e-308"},
    {"smallest normal", 0x1p-1022, "2.2250738585072014e-308"},
    {"largest of all", 0x1.fffffffffffffp1023, "1.7976931348623157e308"},
    {"last plain small one", 1e-5, "0.00001"},
    {"first scientific small one", 9.999999999999999e-6,
     "9.999999999999999e-6"},
    {"17 digits, plain and small", 1.2345678901234567e-5,
     "0.000012345678901234568"},
    {"largest exact integer", 9007199254740991.0, "9007199254740991.0"},
    {"2^53", 9007199254740992.0, "9007199254740992.0"},
    {"plain above 2^53", 12345678901234568.0, "12345678901234568.0"},
    {"1e16 is plain", 1e16, "10000000000000000.0"},
    {"last plain large one", 99999999999999984.0, "99999999999999980.0"},
    {"first scientific large one", 1e17, "1e17"},
    {"a power of ten", 1e22, "1e22"},
    {"a tie read to even", 1e23, "1e23"},
    {"its neighbour", 0x1.52d02c7e14af7p76, "1.0000000000000001e23"},
    {"a power of two, uneven neighbours", 0x1p-1021, "4.450147717014403e-308"},
    {"2^60: 16 of its 19 digits do", 0x1p60, "1.152921504606847e18"},
};

static void doubles_are_shortest(void **state)
{
    char got[DCM_NUMBER_MAX];
    (void)state;

    for (size_t i = 0; i < LENGTH(doubles); i++)
        expect(doubles[i].why, got, dcm_number_double(got, doubles[i].v),
               doubles[i].want);
}

static const struct {
    const char *why;
    float v;
    const char *want;
} floats[] = {
    {"zero", 0.0f, "0.0"},
    {"sign of zero", -0.0f, "-0.0"},
    {"not the double nearest to it", 0.1f, "0.1"},
    {"an integer", 512.0f, "512.0"},
    {"nine digits", 0x1.000002p0f, "1.0000001"},
    {"smallest of all", 0x1p-149f, "1e-45"},
    {"smallest normal", 0x1p-126f, "1.1754944e-38"},
    {"largest of all", 0x1.fffffep127f, "3.4028235e38"},
    {"2^24", 16777216.0f, "16777216.0"},
    {"above the exact integers", 33554432.0f, "33554432.0"},
    {"1e10", 1e10f, "10000000000.0"},
    {"2^60: zeros fill up", 0x1p60f, "1.1529215e18"},
    {"plain, filled up", 123456789012.0f, "123456790000.0"},
};

static void floats_are_shortest(void **state)
{
    char got[DCM_NUMBER_MAX];
    (void)state;

    for (size_t i = 0; i < LENGTH(floats); i++)
        expect(floats[i].why, got, dcm_number_float(got, floats[i].v),
               floats[i].want);
}

static uint64_t next_random(uint64_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    return *x * UINT64_C(0x2545F4914F6CDD1D);
}

/* Digits from the first to the last that is not 0. */
static int significant_digits(const char *s)
{
    int n = 0, kept = 0;

    for (; *s && *s != 'e'; s++)
        if (*s >= '0' && *s <= '9' && (n || *s != '0')) {
            n++;
            if (*s != '0')
                kept = n;
        }
    return kept;
}

/* Reads back the same, and printf() with a digit less does not. */
static void check_double(double v)
{
    char got[DCM_NUMBER_MAX + 1], less[64];
    size_t n = dcm_number_double(got, v);

    got[n] = 0;
    assert_true(n <= 24 + 1);
    double back = strtod(got, NULL);
    if (memcmp(&back, &v, sizeof v) != 0)
        fail_msg("%a reads back from %s as %a", v, got, back);
    int digits = significant_digits(got);
    if (digits < 2)
        return;
    snprintf(less, sizeof less, "%.*e", digits - 2, v);
    if (strtod(less, NULL) == v)
        fail_msg("%s is shorter than %s", less, got);
}

static void check_float(float v)
{
    char got[DCM_NUMBER_MAX + 1], less[64];
    size_t n = dcm_number_float(got, v);

    got[n] = 0;
    float back = strtof(got, NULL);
    if (memcmp(&back, &v, sizeof v) != 0)
        fail_msg("%a reads back from %s as %a", v, got, back);
    int digits = significant_digits(got);
    if (digits < 2)
        return;
    snprintf(less, sizeof less, "%.*e", digits - 2, v);
    if (strtof(less, NULL) == v)
        fail_msg("%s is shorter than %s", less, got);
}

static void any_bits_read_back_and_are_not_longer_than_needed(void **state)
{
    uint64_t seed = 0x20240229;
    (void)state;

    for (int i = 0; i < 100000; i++) {
        uint64_t bits = next_random(&seed);
        uint32_t half = (uint32_t)(bits >> 32);
        double d;
        float f;

        if (i % 8 == 0) /* lowest of its binade: uneven neighbours */
            bits &= ~((UINT64_C(1) << 52) - 1);
        if (i % 8 == 1) /* subnormal */
            bits &= UINT64_C(0x800FFFFFFFFFFFFF);
        memcpy(&d, &bits, sizeof d);
        memcpy(&f, &half, sizeof f);
        if (isfinite(d))
            check_double(d);
        if (isfinite(f))
            check_float(f);
        check_double((double)(half % 100000000u) / 1000.0);
    }
}

static void every_exponent_of_both_types_is_right(void **state)
{
    (void)state;
    for (int e = -1074; e <= 1023; e++) {
        check_double(ldexp(1.0, e));
        check_double(nextafter(ldexp(1.0, e), 0.0));
        check_double(nextafter(ldexp(1.0, e), INFINITY));
    }
    for (int e = -149; e <= 127; e++) {
        check_float(ldexpf(1.0f, e));
        check_float(nextafterf(ldexpf(1.0f, e), 0.0f));
        check_float(nextafterf(ldexpf(1.0f, e), INFINITY));
    }
}

static void digits_end_in_zero_only_in_an_integer(void **state)
{
    (void)state;
    struct dcm_decimal d = dcm_shortest_double(1e300);
    assert_int_equal(d.digits, 1);
    assert_int_equal(d.exponent, 300);
    d = dcm_shortest_double(-1500.0); /* the sign does not count */
    assert_int_equal(d.digits, 1500);
    assert_int_equal(d.exponent, 0);
}

/* ------------------------------------------------------------- DS and IS */

typedef size_t text_fn(char *out, const char *s, size_t n, int loose);

struct text_row {
    const char *why, *s, *want; /* "" for what is refused */
    const char *loose;
};

/* In blocks of exactly the promised size, so that a sanitizer sees. */
static void check_text(text_fn *convert, const struct text_row *row, int loose)
{
    size_t n = strlen(row->s);
    char *in = malloc(n + 1), *out = malloc(n + 4);

    assert_non_null(in);
    assert_non_null(out);
    memcpy(in, row->s, n);
    in[n] = '7'; /* not part of the value */
    size_t got = convert(out, in, n, loose);
    expect(row->why, out, got, loose ? row->loose : row->want);
    free(in);
    free(out);
}

static const struct text_row ds_rows[] = {
    {"as it is", "1.5", "1.5", "1.5"},
    {"a plus sign, a zero kept", "+1.50", "1.50", "1.50"},
    {"zero with an exponent", "0E5", "0E5", "0E5"},
    {"nothing after the point", "5.", "5.0", "5.0"},
    {"nothing before the point", ".5", "0.5", "0.5"},
    {"the same, negative", "-.5", "-0.5", "-0.5"},
    {"the same, with a plus", "+.5", "0.5", "0.5"},
    {"point and exponent", "5.E3", "5.0E3", "5.0E3"},
    {"exponent as JSON allows", "1E+05", "1E+05", "1E+05"},
    {"small e", "-1.25e-07", "-1.25e-07", "-1.25e-07"},
    {"leading zeros", "007", "7", "7"},
    {"leading zeros before a point", "00.50", "0.50", "0.50"},
    {"nothing but zeros", "000", "0", "0"},
    {"the sign of zero", "-0", "-0", "-0"},
    {"the same, longer", "-00.0", "-0.0", "-0.0"},
    {"16 bytes", "1.23456789012345", "1.23456789012345", "1.23456789012345"},
    {"digits that no double has", "1234567890123457", "1234567890123457",
     "1234567890123457"},
    {"17 bytes", "1.234567890123456", "", "1.234567890123456"},
    {"far too large for a double", "1e400", "", "1e400"},
    {"huge exponent", "1E99999999999999", "", "1E99999999999999"},
    {"but zero is zero", "0E9999", "0E9999", "0E9999"},
    {"0.0 as well", "-0.00E+99999999", "-0.00E+99999999", "-0.00E+99999999"},
    {"largest that fits", "1.797693134E308", "1.797693134E308",
     "1.797693134E308"},
    {"just too large", "1.7976931349E308", "", "1.7976931349E308"},
    {"too large by its first digit", "2E308", "", "2E308"},
    {"the same, the point elsewhere", ".0002E312", "", "0.0002E312"},
    {"fits, the point elsewhere", ".0001E312", "0.0001E312", "0.0001E312"},
    {"many digits before the point", "17976931348E298", "17976931348E298",
     "17976931348E298"},
    {"one more", "17976931349E298", "", "17976931349E298"},
    {"underflow is only 0", "1e-400", "1e-400", "1e-400"},
    {"empty", "", "", ""},
    {"a sign alone", "-", "", ""},
    {"a point alone", ".", "", ""},
    {"a point and an exponent", ".E5", "", ""},
    {"no digits before E", "E5", "", ""},
    {"no digits after E", "1E", "", ""},
    {"no digits after its sign", "1E+", "", ""},
    {"a fraction of an exponent", "1E1.5", "", ""},
    {"decimal comma", "1,5", "", ""},
    {"two signs", "+-1", "", ""},
    {"two points", "1.2.3", "", ""},
    {"hexadecimal", "0x10", "", ""},
    {"text", "NaN", "", ""},
    {"text that strtod takes", "inf", "", ""},
    {"a space within", "1 2", "", ""},
    {"a space before", " 1", "", ""},
    {"a minus of another script",
     "\xE2\x88\x92"
     "1",
     "", ""},
};

static const struct text_row is_rows[] = {
    {"as it is", "42", "42", "42"},
    {"leading zeros", "007", "7", "7"},
    {"a plus sign", "+3", "3", "3"},
    {"both", "-0012", "-12", "-12"},
    {"the sign of zero", "-0", "-0", "-0"},
    {"nothing but zeros", "0000", "0", "0"},
    {"largest", "2147483647", "2147483647", "2147483647"},
    {"one more", "2147483648", "", "2147483648"},
    {"smallest", "-2147483648", "-2147483648", "-2147483648"},
    {"one less", "-2147483649", "", "-2147483649"},
    {"zeros are no range", "002147483647", "2147483647", "2147483647"},
    {"outside 32 bits", "99999999999", "", "99999999999"},
    {"12 bytes of nines", "999999999999", "", "999999999999"},
    {"13 bytes", "0000000000001", "", "1"},
    {"no integer has a size", "123456789012345678901234567890", "",
     "123456789012345678901234567890"},
    {"a fraction", "1.0", "", ""},
    {"a point at the end", "1.", "", ""},
    {"an exponent", "1E2", "", ""},
    {"hexadecimal", "0x10", "", ""},
    {"empty", "", "", ""},
    {"a sign alone", "+", "", ""},
    {"a space within", "1 2", "", ""},
    {"thousands", "1,000", "", ""},
};

static void ds_is_rewritten_without_losing_a_digit(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(ds_rows); i++) {
        check_text(dcm_number_ds, &ds_rows[i], 0);
        check_text(dcm_number_ds, &ds_rows[i], 1);
    }
}

static void is_is_an_integer_of_32_bits(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(is_rows); i++) {
        check_text(dcm_number_is, &is_rows[i], 0);
        check_text(dcm_number_is, &is_rows[i], 1);
    }
}

/* Near the largest double, what is refused is what strtod calls infinite. */
static void ds_overflows_where_a_double_does(void **state)
{
    char s[17], out[24];
    (void)state;

    for (int digits = 17970; digits < 17985; digits++)
        for (int e = 290; e < 312; e++) {
            size_t n = (size_t)snprintf(s, sizeof s, "%dE%d", digits, e);
            int infinite = isinf(strtod(s, NULL)) != 0;
            if ((dcm_number_ds(out, s, n, 0) == 0) != infinite)
                fail_msg("%s", s);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_have_all_their_digits),
        cmocka_unit_test(signed_integers_reach_both_ends),
        cmocka_unit_test(doubles_are_shortest),
        cmocka_unit_test(floats_are_shortest),
        cmocka_unit_test(any_bits_read_back_and_are_not_longer_than_needed),
        cmocka_unit_test(every_exponent_of_both_types_is_right),
        cmocka_unit_test(digits_end_in_zero_only_in_an_integer),
        cmocka_unit_test(ds_is_rewritten_without_losing_a_digit),
        cmocka_unit_test(is_is_an_integer_of_32_bits),
        cmocka_unit_test(ds_overflows_where_a_double_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
