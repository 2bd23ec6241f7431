/* libdcm/error.c, issue.c and policy.c: how failures and deviations are put
 * into words, counted, and told; the limits by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "../libdcm/policy.h"
#include "../libdcm/scope.h"

/* ------------------------------------------------------- error and issue */

static void every_status_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int i = DCM_OK; i <= DCM_ERR_UNSUPPORTED; i++) {
        const char *name = dcm_status_name((enum dcm_status)i);

        assert_string_not_equal(name, "unknown");
        for (int k = DCM_OK; k < i; k++)
            assert_string_not_equal(name, dcm_status_name((enum dcm_status)k));
    }
    assert_string_equal(dcm_status_name((enum dcm_status)99), "unknown");
    assert_string_equal(dcm_status_name((enum dcm_status) - 1), "unknown");
    assert_string_equal(dcm_status_name(DCM_ERR_TRUNCATED), "truncated");
}

static void an_error_is_filled_whole(void **state)
{
    struct dcm_error e;

    (void)state;
    memset(&e, 0xAA, sizeof e);
    assert_int_equal(dcm_error_fill(&e, DCM_ERR_LIMIT, 7, "(0008,0060)",
                                    "found %d, expected %s", 3, "two"),
                     DCM_ERR_LIMIT);
    assert_int_equal(e.code, DCM_ERR_LIMIT);
    assert_int_equal(e.offset, 7);
    assert_string_equal(e.path, "(0008,0060)");
    assert_string_equal(e.message, "found 3, expected two");
    dcm_error_fill(&e, DCM_ERR_READ, DCM_NO_OFFSET, NULL, "x");
    assert_string_equal(e.path, "");
    assert_int_equal(dcm_error_fill(NULL, DCM_ERR_READ, 0, "", "x"),
                     DCM_ERR_READ);
}

static void nothing_in_a_message_can_drive_a_terminal(void **state)
{
    struct dcm_error e;

    (void)state;
    dcm_error_fill(&e, DCM_ERR_READ, 0, "a\tb", "%s",
                   "A\x1B[31m\n\x7F\x80\xFF~ ");
    assert_string_equal(e.path, "a?b");
    assert_string_equal(e.message, "A?[31m????~ ");
}

static void what_is_too_long_is_cut_and_ends(void **state)
{
    struct dcm_error e;
    char big[1000];

    (void)state;
    memset(big, 'x', sizeof big);
    big[sizeof big - 1] = '\0';
    dcm_error_fill(&e, DCM_ERR_READ, 0, big, "%s", big);
    assert_int_equal(strlen(e.path), sizeof e.path - 1);
    assert_int_equal(strlen(e.message), sizeof e.message - 1);
}

static void every_issue_has_a_name_a_section_and_a_reading(void **state)
{
    (void)state;
    for (dcm_issue i = 1; i < dcm_issue_count(); i++) {
        const char *name = dcm_issue_name(i);

        assert_true(name[0] != '\0');
        assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-"),
                         strlen(name));
        assert_true(strncmp(dcm_issue_section(i), "PS3.", 4) == 0 ||
                    strncmp(dcm_issue_section(i), "XML 1.0 ", 8) == 0);
        assert_true(strlen(dcm_issue_help(i)) > 5);
        for (dcm_issue k = 1; k < i; k++)
            assert_string_not_equal(name, dcm_issue_name(k));
    }
    assert_string_equal(dcm_issue_name(dcm_issue_count()), "unknown");
    assert_string_equal(dcm_issue_section(dcm_issue_count()), "");
    assert_string_equal(dcm_issue_help((dcm_issue)-1), "");
}

/* ---------------------------------------------------------------- policy */

struct heard {
    unsigned calls;
    struct dcm_diagnostic last;
    char path[100], message[250];
};

static void hear(void *user, const struct dcm_diagnostic *d)
{
    struct heard *h = user;

    h->calls++;
    h->last = *d;
    snprintf(h->path, sizeof h->path, "%s", d->path);
    snprintf(h->message, sizeof h->message, "%s", d->message);
}

static enum dcm_status deviate(struct dcm_policy *p, dcm_issue issue)
{
    return dcm_deviation(p, NULL, issue, NULL, 1, "found 3, expected 4");
}

static void without_a_policy_reading_is_lenient_and_silent(void **state)
{
    struct dcm_error e = {0};

    (void)state;
    assert_int_equal(
        dcm_deviation(NULL, &e, DCM_ISSUE_ODD_LENGTH, NULL, 0, "x"), DCM_OK);
    assert_int_equal(e.code, DCM_OK);
}

static void a_listener_hears_what_where_and_which_section(void **state)
{
    struct heard h = {0};
    struct dcm_policy *p = dcm_policy_new(0, hear, &h);
    struct dcm_scope_stack scopes;
    struct dcm_event ev = {0};

    (void)state;
    dcm_scope_stack_init(&scopes);
    assert_int_equal(dcm_scope_stack_clear(&scopes), DCM_OK);
    assert_int_equal(dcm_scope_enter(&scopes, 0x0040A730, 2), DCM_OK);
    ev.tag = 0x00080060;
    ev.length = 3;
    ev.stored = DCM_VR('C', 0x1B);
    ev.scope = dcm_scope_top(&scopes);
    assert_int_equal(dcm_deviation(p, NULL, DCM_ISSUE_ODD_LENGTH, &ev, 77,
                                   "value of %d bytes", 3),
                     DCM_OK);
    assert_int_equal(h.calls, 1);
    assert_int_equal(h.last.issue, DCM_ISSUE_ODD_LENGTH);
    assert_string_equal(h.last.name, "odd-length");
    assert_string_equal(h.last.section, "PS3.5 7.1.1");
    assert_int_equal(h.last.is_error, 0);
    assert_int_equal(h.last.offset, 77);
    assert_int_equal(h.last.tag, 0x00080060);
    assert_int_equal(h.last.length, 3);
    assert_string_equal(h.last.vr, "C?");
    assert_string_equal(h.path, "(0040,A730)[2]/(0008,0060)");
    assert_string_equal(h.message, "value of 3 bytes (PS3.5 7.1.1)");
    dcm_scope_stack_release(&scopes);
    dcm_policy_free(p);
}

static void strict_makes_the_first_deviation_an_error(void **state)
{
    struct heard h = {0};
    struct dcm_policy *p = dcm_policy_new(1, hear, &h);
    struct dcm_error e = {0};

    (void)state;
    assert_int_equal(
        dcm_deviation(p, &e, DCM_ISSUE_TRAILING, NULL, 12, "3 bytes"),
        DCM_ERR_STRICT);
    assert_int_equal(e.code, DCM_ERR_STRICT);
    assert_int_equal(e.offset, 12);
    assert_string_equal(e.message, "3 bytes (PS3.10 7.2)");
    assert_int_equal(h.calls, 1);
    assert_int_equal(h.last.is_error, 1);
    dcm_policy_free(p);
    p = dcm_policy_new(1, NULL, NULL); /* nobody listens: an error still */
    assert_int_equal(deviate(p, DCM_ISSUE_TRAILING), DCM_ERR_STRICT);
    dcm_policy_free(p);
}

static void twenty_of_a_kind_are_told_and_all_are_counted(void **state)
{
    struct heard h = {0};
    struct dcm_policy *p = dcm_policy_new(0, hear, &h);

    (void)state;
    for (int i = 0; i < 25; i++)
        assert_int_equal(deviate(p, DCM_ISSUE_ODD_LENGTH), DCM_OK);
    assert_int_equal(h.calls, 20);
    assert_int_equal(dcm_policy_count(p, DCM_ISSUE_ODD_LENGTH), 25);
    assert_int_equal(dcm_policy_count(p, 0), 25);
    assert_int_equal(dcm_policy_untold(p), 5);
    deviate(p, DCM_ISSUE_TRAILING); /* another kind is told again */
    assert_int_equal(h.calls, 21);
    assert_int_equal(dcm_policy_count(p, DCM_ISSUE_TRAILING), 1);
    assert_int_equal(dcm_policy_count(p, DCM_ISSUE_BAD_VR), 0);
    assert_int_equal(dcm_policy_count(p, dcm_issue_count()), 0);
    assert_int_equal(dcm_policy_untold(p), 5);
    dcm_policy_clear(p);
    assert_int_equal(dcm_policy_count(p, 0), 0);
    assert_int_equal(dcm_policy_count(p, DCM_ISSUE_ODD_LENGTH), 0);
    assert_int_equal(dcm_policy_untold(p), 0);
    deviate(p, DCM_ISSUE_ODD_LENGTH);
    assert_int_equal(h.calls, 22);
    dcm_policy_free(p);
}

static void a_hundred_in_all_are_told(void **state)
{
    struct heard h = {0};
    struct dcm_policy *p = dcm_policy_new(0, hear, &h);

    (void)state;
    for (dcm_issue kind = 1; kind <= 11; kind++)
        for (int i = 0; i < 10; i++)
            deviate(p, kind);
    assert_int_equal(h.calls, 100);
    assert_int_equal(dcm_policy_count(p, 0), 110);
    assert_int_equal(dcm_policy_count(p, 11), 10);
    assert_int_equal(dcm_policy_untold(p), 10);
    dcm_policy_free(p);
}

/* ---------------------------------------------------------------- limits */

static void limits_are_numbers_with_a_unit(void **state)
{
    static const struct {
        const char *why, *value;
        uint64_t want; /* 0: refused */
    } rows[] = {
        {"a plain number", "12", 12},
        {"leading zeros", "0012", 12},
        {"K is 1024", "1K", 1024},
        {"M", "3M", 3u << 20},
        {"G", "8G", UINT64_C(8) << 30},
        {"T", "2T", UINT64_C(2) << 40},
        {"a big one that fits", "1844674407370955160",
         UINT64_C(1844674407370955160)},
        {"past 64 bits", "99999999999999999999", 0},
        {"past 64 bits by its unit", "16777217T", 0},
        {"just within by its unit", "16777215T", UINT64_C(16777215) << 40},
        {"0 would mean the default", "0", 0},
        {"0 with a unit", "0K", 0},
        {"nothing", "", 0},
        {"a unit alone", "K", 0},
        {"a sign", "-1", 0},
        {"a plus", "+1", 0},
        {"a space before", " 1", 0},
        {"a space behind", "1 ", 0},
        {"small letters", "1k", 0},
        {"two units", "1KK", 0},
        {"KB", "1KB", 0},
        {"a fraction", "1.5K", 0},
        {"hex", "0x10", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct dcm_limits l = {0};
        enum dcm_status s = dcm_limits_set(&l, "items", rows[i].value);

        if (s != (rows[i].want ? DCM_OK : DCM_ERR_ARGUMENT) ||
            l.items != rows[i].want)
            fail_msg("%s: '%s' gives %llu", rows[i].why, rows[i].value,
                     (unsigned long long)l.items);
    }
}

static void each_limit_has_a_name(void **state)
{
    struct dcm_limits l = {0};

    (void)state;
    assert_int_equal(dcm_limits_set(&l, "depth", "1"), DCM_OK);
    assert_int_equal(dcm_limits_set(&l, "items", "2"), DCM_OK);
    assert_int_equal(dcm_limits_set(&l, "value", "3"), DCM_OK);
    assert_int_equal(dcm_limits_set(&l, "inflated", "4"), DCM_OK);
    assert_int_equal(dcm_limits_set(&l, "ratio", "5"), DCM_OK);
    assert_int_equal(dcm_limits_set(&l, "output", "6"), DCM_OK);
    assert_int_equal(l.depth, 1);
    assert_int_equal(l.items, 2);
    assert_int_equal(l.value, 3);
    assert_int_equal(l.inflated, 4);
    assert_int_equal(l.ratio, 5);
    assert_int_equal(l.output, 6);
    assert_int_equal(l.size, 0);
    assert_int_equal(dcm_limits_set(&l, "size", "1"), DCM_ERR_ARGUMENT);
    assert_int_equal(dcm_limits_set(&l, "Depth", "1"), DCM_ERR_ARGUMENT);
    assert_int_equal(dcm_limits_set(&l, "", "1"), DCM_ERR_ARGUMENT);
}

static void limits_that_are_not_set_are_the_defaults_in_dcm_h(void **state)
{
    struct dcm_limits from = {0}, l;

    (void)state;
    dcm_limits_fill(&l, NULL);
    assert_int_equal(l.depth, 256);
    assert_int_equal(l.items, 16 * 1024 * 1024);
    assert_int_equal(l.value, 64 * 1024 * 1024);
    assert_int_equal(l.inflated, UINT64_C(8) * 1024 * 1024 * 1024);
    assert_int_equal(l.ratio, 400);
    assert_int_equal(l.output, UINT64_C(1024) * 1024 * 1024 * 1024);
    from.size = sizeof from;
    from.items = 9;
    dcm_limits_fill(&l, &from);
    assert_int_equal(l.items, 9);
    assert_int_equal(l.depth, 256);
    /* a caller built with an older, shorter struct */
    from.size = offsetof(struct dcm_limits, items);
    from.depth = 3;
    dcm_limits_fill(&l, &from);
    assert_int_equal(l.depth, 3);
    assert_int_equal(l.items, 16 * 1024 * 1024);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_a_name_of_its_own),
        cmocka_unit_test(an_error_is_filled_whole),
        cmocka_unit_test(nothing_in_a_message_can_drive_a_terminal),
        cmocka_unit_test(what_is_too_long_is_cut_and_ends),
        cmocka_unit_test(every_issue_has_a_name_a_section_and_a_reading),
        cmocka_unit_test(without_a_policy_reading_is_lenient_and_silent),
        cmocka_unit_test(a_listener_hears_what_where_and_which_section),
        cmocka_unit_test(strict_makes_the_first_deviation_an_error),
        cmocka_unit_test(twenty_of_a_kind_are_told_and_all_are_counted),
        cmocka_unit_test(a_hundred_in_all_are_told),
        cmocka_unit_test(limits_are_numbers_with_a_unit),
        cmocka_unit_test(each_limit_has_a_name),
        cmocka_unit_test(limits_that_are_not_set_are_the_defaults_in_dcm_h),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
