/* decimal.c, decimal_scan.c, decimal_string.c: text to numbers. Expected
 * floats are what Python's float.fromhex(), struct and decimal say, or strtod()
 * of this system in the C locale. */
#include "decimal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH(a) (sizeof(a) / sizeof(*(a)))

/* A copy without a terminator, in a block of its own size. */
static char *copy_of(const char *s, size_t *n)
{
    char *copy;

    *n = strlen(s);
    copy = malloc(*n + 1);
    assert_non_null(copy);
    copy[*n] = '7'; /* would count if it were read */
    memcpy(copy, s, *n);
    return copy;
}

/* --------------------------------------------------------------- integers */

static void integers_have_a_sign_and_digits_and_fit(void **state)
{
    static const struct {
        const char *why, *s;
        int is_u64, is_i64;
        uint64_t u;
        int64_t i;
    } rows[] = {
        {"zero", "0", 1, 1, 0, 0},
        {"leading zeros", "007", 1, 1, 7, 7},
        {"a plus sign", "+5", 1, 1, 5, 5},
        {"minus", "-5", 0, 1, 0, -5},
        {"minus nothing is zero", "-0", 1, 1, 0, 0},
        {"beyond the exact doubles", "9007199254740993", 1, 1,
         UINT64_C(9007199254740993), INT64_C(9007199254740993)},
        {"largest i64", "9223372036854775807", 1, 1, INT64_MAX, INT64_MAX},
        {"one more", "9223372036854775808", 1, 0, UINT64_C(1) << 63, 0},
        {"lowest i64", "-9223372036854775808", 0, 1, 0, INT64_MIN},
        {"one less", "-9223372036854775809", 0, 0, 0, 0},
        {"largest u64", "18446744073709551615", 1, 0, UINT64_MAX, 0},
        {"one more", "18446744073709551616", 0, 0, 0, 0},
        {"ten times too large", "99999999999999999999", 0, 0, 0, 0},
        {"nothing", "", 0, 0, 0, 0},
        {"a sign alone", "-", 0, 0, 0, 0},
        {"two signs", "--1", 0, 0, 0, 0},
        {"a space", " 1", 0, 0, 0, 0},
        {"a fraction", "1.0", 0, 0, 0, 0},
        {"hex", "0x10", 0, 0, 0, 0},
        {"the character before 0", "/", 0, 0, 0, 0},
        {"the character after 9", ":", 0, 0, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        size_t n;
        char *s = copy_of(rows[i].s, &n);
        uint64_t u = 77;
        int64_t v = 77;

        if (dcm_decimal_u64(s, n, &u) != rows[i].is_u64 ||
            u != (rows[i].is_u64 ? rows[i].u : 77))
            fail_msg("%s: u64 %llu", rows[i].why, (unsigned long long)u);
        if (dcm_decimal_i64(s, n, &v) != rows[i].is_i64 ||
            v != (rows[i].is_i64 ? rows[i].i : 77))
            fail_msg("%s: i64 %lld", rows[i].why, (long long)v);
        free(s);
    }
}

static void whole_numbers_may_be_spelled_as_reals(void **state)
{
    static const struct {
        const char *why, *s;
        int ok, minus;
        uint64_t v;
    } rows[] = {
        {"an integer", "12", 1, 0, 12},
        {"a fraction of zeros", "2.0", 1, 0, 2},
        {"nothing behind the dot", "2.", 1, 0, 2},
        {"an exponent", "1e2", 1, 0, 100},
        {"a negative one that takes zeros off", "20E-1", 1, 0, 2},
        {"the dot is moved behind all digits", "1.25e2", 1, 0, 125},
        {"nothing before the dot", ".5e1", 1, 0, 5},
        {"minus", "-3.0", 1, 1, 3},
        {"minus zero", "-0.0", 1, 1, 0},
        {"largest", "1.8446744073709551615e19", 1, 0, UINT64_MAX},
        {"one more", "1.8446744073709551616e19", 0, 0, 0},
        {"zeros before and behind, a tiny exponent",
         "100000000000000000000000000e-26", 1, 0, 1},
        {"zero whatever the exponent", "0e999999999999999999999", 1, 0, 0},
        {"a fraction", "1.5", 0, 0, 0},
        {"a fraction by its exponent", "15e-1", 0, 0, 0},
        {"all of it fraction", "1e-1", 0, 0, 0},
        {"too large by its exponent", "1e20", 0, 0, 0},
        {"an exponent past 64 bits", "1e18446744073709551617", 0, 0, 0},
        {"and one under them", "1e-18446744073709551617", 0, 0, 0},
        {"no digits", ".", 0, 0, 0},
        {"no digits but an exponent", "e5", 0, 0, 0},
        {"an exponent of no digits", "1e", 0, 0, 0},
        {"nor after its sign", "1e+", 0, 0, 0},
        {"two dots", "1.0.0", 0, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        size_t n;
        char *s = copy_of(rows[i].s, &n);
        uint64_t v = 0;
        int minus = 0, ok = dcm_decimal_whole(s, n, &v, &minus);

        if (ok != rows[i].ok ||
            (ok && (v != rows[i].v || minus != rows[i].minus)))
            fail_msg("%s: %d, %llu", rows[i].why, ok, (unsigned long long)v);
        free(s);
    }
}

/* ----------------------------------------------------------------- floats */

static void doubles_are_the_nearest(void **state)
{
    static const struct {
        const char *why, *s;
        double want;
    } rows[] = {
        {"zero", "0", 0.0},
        {"its sign", "-0.0", -0.0},
        {"an integer", "12", 12.0},
        {"half", ".5", 0.5},
        {"nothing behind the dot", "5.", 5.0},
        {"a plus sign", "+1.5E+2", 150.0},
        {"a tenth", "0.1", 0x1.999999999999ap-4},
        {"a third", "0.3333333333333333", 0x1.5555555555555p-2},
        {"17 digits", "0.30000000000000004", 0x1.3333333333334p-2},
        {"tie to even, down", "9007199254740993", 0x1p53},
        {"tie to even, up", "9007199254740995", 0x1.0000000000002p53},
        {"just over a tie", "9007199254740993.0000000001",
         0x1.0000000000001p53},
        {"20 digits, past the short way", "12345678901234567890",
         0x1.56a95319d63e1p63},
        {"19 digits, the carry reaches the exponent", "9999999999999999999",
         0x1.158e460913d0p63},
        {"all bits of the mantissa carry", "18014398509481983.0", 0x1p54},
        {"1e23 lies below its tie", "1e23", 0x1.52d02c7e14af6p76},
        {"its neighbour", "1.0000000000000001e23", 0x1.52d02c7e14af7p76},
        {"largest", "1.7976931348623157E308", DBL_MAX},
        {"the last that is not infinite", "1.797693134862315807e308", DBL_MAX},
        {"smallest normal", "2.2250738585072014e-308", 0x1p-1022},
        {"largest denormal", "2.2250738585072009e-308",
         0x1.ffffffffffffep-1023},
        {"smallest", "4.9e-324", 0x1p-1074},
        {"more than half of it", "2.4703282292062328e-324", 0x1p-1074},
        {"less than half of it", "2.4703282292062327e-324", 0.0},
        {"too small keeps its sign", "-1e-400", -0.0},
        {"an exponent past 64 bits", "1e-99999999999999999999", 0.0},
        {"zero times that", "0e99999999999999999999", 0.0},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        size_t n;
        char *s = copy_of(rows[i].s, &n);
        double v = 77.0;

        if (!dcm_decimal_double(s, n, &v) ||
            memcmp(&v, &rows[i].want, sizeof(v)) != 0)
            fail_msg("%s: %a, want %a", rows[i].why, v, rows[i].want);
        free(s);
    }
}

static void floats_are_the_nearest_of_the_text_itself(void **state)
{
    static const struct {
        const char *why, *s;
        float want;
    } rows[] = {
        {"zero and sign", "-0.0", -0.0f},
        {"a tenth", "0.1", 0x1.99999ap-4f},
        {"tie to even", "16777217", 0x1p24f},
        {"the next tie", "16777219", 0x1.000004p24f},
        {"less than a tie by what a double has no place for",
         "1.00000017881393432617187499", 0x1.000002p0f},
        {"more than one", "1.00000005960464477539062501", 0x1.000002p0f},
        {"the tie itself", "1.00000005960464477539062500", 1.0f},
        {"largest", "3.4028235e38", FLT_MAX},
        {"the last that is not infinite", "3.4028235677973366e38", FLT_MAX},
        {"smallest normal", "1.1754944e-38", 0x1p-126f},
        {"smallest", "1e-45", 0x1p-149f},
        {"too small", "1e-50", 0.0f},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        size_t n;
        char *s = copy_of(rows[i].s, &n);
        float v = 77.0f;

        if (!dcm_decimal_float(s, n, &v) ||
            memcmp(&v, &rows[i].want, sizeof(v)) != 0)
            fail_msg("%s: %a, want %a", rows[i].why, v, rows[i].want);
        free(s);
    }
}

static void what_is_no_decimal_or_too_large_is_refused(void **state)
{
    static const struct {
        const char *why, *s;
        int is_double; /* only a float can't hold it */
    } rows[] = {
        {"nothing", "", 0},
        {"a dot", ".", 0},
        {"a sign", "+", 0},
        {"a space before", " 1", 0},
        {"a space behind", "1 ", 0},
        {"a comma", "1,5", 0},
        {"hex, as strtod() takes it", "0x1p3", 0},
        {"words, as strtod() takes them", "inf", 0},
        {"NaN", "nan", 0},
        {"an exponent without digits", "1e", 0},
        {"an exponent of a fraction", "1e1.0", 0},
        {"two signs", "-+1", 0},
        {"2^1024 - 2^970, the tie with infinity",
         "17976931348623158079372897140530341507993413271003782693617377"
         "89804449682927647509466490179775872070963302864166928879109465"
         "55547851940402630657488671505820681908902000708383676273854845"
         "81771153176447573027006985557136695962284291481986083493647529"
         "2719074168444365510704342711559699508093042880177904174497792",
         0},
        {"far too large", "1e999", 0},
        {"with an exponent past 64 bits", "1e99999999999999999999", 0},
        {"larger than a float", "3.5e38", 1},
        {"the tie of floats with infinity",
         "340282356779733661637539395458142568448", 1},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        size_t n;
        char *s = copy_of(rows[i].s, &n);
        double d = 77.0;
        float f = 77.0f;

        if (dcm_decimal_float(s, n, &f) || f != 77.0f)
            fail_msg("%s: float %a", rows[i].why, f);
        if (dcm_decimal_double(s, n, &d) != rows[i].is_double ||
            (!rows[i].is_double && d != 77.0))
            fail_msg("%s: double %a", rows[i].why, d);
        free(s);
    }
}

static uint64_t next_random(uint64_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    return *x * UINT64_C(0x2545F4914F6CDD1D);
}

static void agree(const char *s)
{
    double d = strtod(s, NULL), got_d = 0.0;
    float f = strtof(s, NULL), got_f = 0.0f;

    if (dcm_decimal_double(s, strlen(s), &got_d) != !isinf(d) ||
        (!isinf(d) && memcmp(&d, &got_d, sizeof(d)) != 0))
        fail_msg("%s: %a, strtod() says %a", s, got_d, d);
    if (dcm_decimal_float(s, strlen(s), &got_f) != !isinf(f) ||
        (!isinf(f) && memcmp(&f, &got_f, sizeof(f)) != 0))
        fail_msg("%s: %a, strtof() says %a", s, got_f, f);
}

static void any_digits_read_as_strtod_reads_them(void **state)
{
    uint64_t seed = 0x20251125;
    char s[80];

    (void)state;
    for (int i = 0; i < 60000; i++) {
        uint64_t bits = next_random(&seed), few = next_random(&seed);
        double d;
        float f;

        memcpy(&d, &bits, sizeof(d));
        if (!isfinite(d))
            continue;
        snprintf(s, sizeof(s), "%.*e", (int)(few % 22), d);
        agree(s);
        snprintf(s, sizeof(s), "%.*f", (int)(few % 14),
                 (double)(int64_t)bits / (double)(1u << few % 31));
        agree(s);
        /* digits and powers of the short way, and just outside of it */
        snprintf(s, sizeof(s), "%llue%d",
                 (unsigned long long)(bits >> few % 64), (int)(few % 43) - 21);
        agree(s);
        /* half way between two floats, and two doubles */
        f = (float)(int32_t)(bits >> 32);
        snprintf(s, sizeof(s), "%.17g",
                 ((double)f + (double)nextafterf(f, INFINITY)) / 2);
        agree(s);
        snprintf(s, sizeof(s), "%llu",
                 (unsigned long long)((bits >> 10) | 1) << few % 10);
        agree(s);
    }
}

/* 2^-1075, half of the smallest double: all of its 752 digits are needed, and
 * one digit far behind them decides. */
static void numbers_of_any_length_are_right(void **state)
{
    static const size_t behind[] = {0, 1, 40, 47, 48, 49, 60, 100000};
    char *s = malloc(102000);
    double v, one;

    (void)state;
    assert_non_null(s);
    for (size_t i = 0; i < LENGTH(behind); i++) {
        int n = snprintf(s, 2000, "%.1075f", 0x1p-1074);

        /* 2^-1074 = 2 * 2^-1075: halve the digits */
        for (int k = 0, carry = 0; k < n; k++) {
            int digit;

            if (s[k] == '.')
                continue;
            digit = carry * 10 + (s[k] - '0');
            s[k] = (char)('0' + digit / 2);
            carry = digit % 2;
        }
        assert_int_equal(s[n - 1], '5');
        memset(s + n, '0', behind[i]);
        n += (int)behind[i];
        assert_true(dcm_decimal_double(s, (size_t)n, &v));
        assert_true(v == 0.0); /* a tie, and 0 is even */
        s[n++] = '1';
        assert_true(dcm_decimal_double(s, (size_t)n, &v));
        assert_true(v == 0x1p-1074);
    }
    memset(s, '9', 100000);
    memcpy(s + 100000, "e-100000", 8);
    assert_true(dcm_decimal_double(s, 100008, &one));
    assert_true(one == 1.0);
    memset(s, '0', 100000);
    memcpy(s + 100000, "1", 1);
    assert_true(dcm_decimal_double(s, 100001, &one));
    assert_true(one == 1.0);
    s[0] = '.';
    memcpy(s + 100001, "e100000", 7);
    assert_true(dcm_decimal_double(s, 100008, &one));
    assert_true(one == 1.0);
    free(s);
}

static void a_comma_locale_changes_nothing(void **state)
{
    static const char *const names[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE"};
    double v;

    (void)state;
    for (size_t i = 0; i < LENGTH(names); i++)
        if (setlocale(LC_ALL, names[i]))
            break;
    assert_true(dcm_decimal_double("1.5", 3, &v));
    assert_true(v == 1.5);
    assert_true(dcm_decimal_double("1.5e-300", 8, &v));
    assert_true(v == 0x1.01297d23ab683p-996);
    assert_false(dcm_decimal_double("1,5", 3, &v));
    setlocale(LC_ALL, "C");
}

static void what_is_no_number_has_names(void **state)
{
    static const struct {
        const char *why, *s;
        int kind; /* 0: none, 1: NaN, 2: infinity, -2: minus that */
    } rows[] = {
        {"as JavaScript spells it", "NaN", 1},
        {"as C does", "nan", 1},
        {"with a sign", "-NaN", 1},
        {"capitals", "NAN", 1},
        {"as JavaScript spells it", "Infinity", 2},
        {"negative", "-Infinity", -2},
        {"as C and Rust do", "inf", 2},
        {"negative", "-inf", -2},
        {"a plus sign", "+INF", 2},
        {"nothing", "", 0},
        {"a sign", "-", 0},
        {"cut short", "Infinit", 0},
        {"too long", "nan0", 0},
        {"a C payload", "nan(1)", 0},
        {"a number", "1", 0},
        {"letters by the bit that makes them small", "\x0E\x01\x0E", 0},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        size_t n;
        char *s = copy_of(rows[i].s, &n);
        double v = 77.0;
        int ok = dcm_decimal_special(s, n, &v), kind = 0;

        if (ok)
            kind = isnan(v) ? 1 : isinf(v) ? (v > 0 ? 2 : -2) : 9;
        if (kind != rows[i].kind || (!ok && v != 77.0))
            fail_msg("%s: \"%s\" is %d", rows[i].why, rows[i].s, kind);
        free(s);
    }
}

/* -------------------------------------------------------------- DS and IS */

static void decimal_strings_keep_what_fits(void **state)
{
    static const struct {
        const char *why, *s, *want;
        int rounded;
    } rows[] = {
        {"the token itself", "1.50", "1.50", 0},
        {"its exponent too", "1E+05", "1E+05", 0},
        {"16 bytes", "1.23456789012345", "1.23456789012345", 0},
        {"16 digits that no double has", "1234567890123457", "1234567890123457",
         0},
        {"JI01", "1.2345678901234567", "1.23456789012346", 1},
        {"JI02", "-1.2345678901234567E-100", "-1.23456789E-100", 1},
        {"negative has a digit less", "-1.2345678901234567", "-1.2345678901235",
         1},
        {"a tie goes away from zero", "1.234567890123450", "1.23456789012345",
         0},
        {"a tie of digits", "1.234567890123455", "1.23456789012346", 1},
        {"an exponent is shorter than zeros", "0.00001234567891234567",
         "1.23456789123E-5", 1},
        {"without a dot there is room for a digit more",
         "-1.2345678912345678E-100", "-1234567891E-109", 1},
        {"digits before the dot are dropped", "12345678901234567890",
         "12345678901235E6", 1},
        {"without its zeros it fits", "1.50000000000000000", "1.5", 0},
        {"a large whole one", "100000000000000000000", "1E20", 0},
        {"a small one", "0.00000000000000000001", "1E-20", 0},
        {"nines carry", "9.9999999999999999", "10", 1},
        {"nines carry past 16 digits", "9999999999999999.9", "1E16", 1},
        {"nines carry to an exponent of a digit less", "-9.99999999999999E-100",
         "-1E-99", 1},
        {"the zero before the dot makes room", "0.12345678901234567",
         ".123456789012346", 1},
        {"but stays where it may", "0.12000000000000000001", "0.12", 1},
        {"a long zero", "0.000000000000000000", "0", 0},
        {"its sign", "-0.00000000000000000", "-0", 0},
        {"too small for 16 bytes", "-1e-99999999999999999999", "-0", 1},
        {"largest double, rounded down", "1.7976931348623157E308",
         "179769313486E297", 1},
        {"rounded to the nearest it would be infinite",
         "-1.7976931348623157E308", "-1.79769313E308", 1},
        {"beyond a double", "1e309", "", 0},
        {"that, long", "1.00000000000000000000e309", "", 0},
        {"no number", "1,5", "", 0},
        {"a long one", "1.23456789012345678x", "", 0},
        {"nothing", "", "", 0},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        size_t n, got_n;
        char *s = copy_of(rows[i].s, &n), *got = malloc(16);
        int rounded = 7;

        assert_non_null(got);
        got_n = dcm_decimal_ds(got, s, n, &rounded);
        if (got_n != strlen(rows[i].want) ||
            memcmp(got, rows[i].want, got_n) != 0 ||
            (got_n && rounded != rows[i].rounded))
            fail_msg("%s: \"%.*s\" (%d), want \"%s\"", rows[i].why, (int)got_n,
                     got, rounded, rows[i].want);
        free(got);
        free(s);
    }
}

static void integer_strings_are_whole(void **state)
{
    static const struct {
        const char *why, *s, *want;
    } rows[] = {
        {"the token itself", "12", "12"},
        {"its sign", "-0", "-0"},
        {"JI04", "1.0", "1"},
        {"JI05", "1.5", ""},
        {"an exponent", "1e3", "1000"},
        {"a negative one", "-120e-1", "-12"},
        {"minus nothing", "-0.0", "0"},
        {"largest", "2147483647", "2147483647"},
        {"one more", "2147483648", ""},
        {"lowest", "-2147483648", "-2147483648"},
        {"one less", "-2147483649", ""},
        {"longest", "-2147483648.0", "-2147483648"},
        {"long for its zeros", "1.000000000000000", "1"},
        {"no number", "0x10", ""},
        {"nothing", "", ""},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        size_t n, got_n;
        char *s = copy_of(rows[i].s, &n), *got = malloc(16);

        assert_non_null(got);
        got_n = dcm_decimal_is(got, s, n);
        if (got_n != strlen(rows[i].want) ||
            memcmp(got, rows[i].want, got_n) != 0)
            fail_msg("%s: \"%.*s\"", rows[i].why, (int)got_n, got);
        free(got);
        free(s);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_have_a_sign_and_digits_and_fit),
        cmocka_unit_test(whole_numbers_may_be_spelled_as_reals),
        cmocka_unit_test(doubles_are_the_nearest),
        cmocka_unit_test(floats_are_the_nearest_of_the_text_itself),
        cmocka_unit_test(what_is_no_decimal_or_too_large_is_refused),
        cmocka_unit_test(any_digits_read_as_strtod_reads_them),
        cmocka_unit_test(numbers_of_any_length_are_right),
        cmocka_unit_test(a_comma_locale_changes_nothing),
        cmocka_unit_test(what_is_no_number_has_names),
        cmocka_unit_test(decimal_strings_keep_what_fits),
        cmocka_unit_test(integer_strings_are_whole),
    };

    return cmocka_run_group_tests_name("decimal", tests, NULL, NULL);
}
