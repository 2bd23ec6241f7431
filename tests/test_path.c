/* libdcm/path.c: what people write to name an attribute. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "../libdcm/path.h"

/* A parsed path in words: "** 0040A730[2] 0009xx01<ACME> :LO". */
static void write_path(const struct dcm_path *path, char *out, size_t size)
{
    size_t n = 0;

    out[0] = '\0';
    if (path->anywhere)
        n += (size_t)snprintf(out + n, size - n, "** ");
    for (size_t i = 0; i < path->count && n < size; i++) {
        const struct dcm_path_step *step = &path->steps[i];

        n += (size_t)snprintf(out + n, size - n, "%s%08lX", i ? " " : "",
                              (unsigned long)step->tag);
        if (step->creator)
            n += (size_t)snprintf(out + n, size - n, "<%.*s>",
                                  (int)step->creator_length, step->creator);
        if (step->item)
            n += (size_t)snprintf(out + n, size - n, "[%lu]",
                                  (unsigned long)step->item);
    }
    if (path->vr)
        snprintf(out + n, size - n, " :%c%c", path->vr >> 8, path->vr & 255);
}

static void paths_are_read_step_by_step(void **state)
{
    static const struct {
        const char *why, *text, *want;
    } rows[] = {
        {"a keyword", "PatientName", "00100010"},
        {"hex digits", "00100010", "00100010"},
        {"as in the standard", "(0010,0010)", "00100010"},
        {"steps", "00081140.00081155", "00081140 00081155"},
        {"an item", "(0040,A730)[2].CodeValue", "0040A730[2] 00080100"},
        {"an item at the end", "0040A730[12]", "0040A730[12]"},
        {"the last item there can be", "0040A730[4294967295]",
         "0040A730[4294967295]"},
        {"at any level", "**.CodeValue", "** 00080100"},
        {"a VR", "00091001:LO", "00091001 :LO"},
        {"a VR after an item", "0040A730[1].00091001:UN",
         "0040A730[1] 00091001 :UN"},
        {"a private tag by its creator", "(0009,xx01,\"ACME\")",
         "00090001<ACME>"},
        {"capital X, small digits", "(00e1,XX2f,\"ACME\")", "00E1002F<ACME>"},
        {"a creator with all that ends a step", "(0009,xx01,\"A.[1]:) B\")",
         "00090001<A.[1]:) B>"},
        {"a private sequence", "(0009,xx01,\"ACME\")[3].(0009,xx02,\"B\"):DS",
         "00090001<ACME>[3] 00090002<B> :DS"},
    };
    struct dcm_path path;
    char got[200];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!dcm_path_parse(&path, rows[i].text))
            fail_msg("%s: refused", rows[i].why);
        write_path(&path, got, sizeof got);
        if (strcmp(got, rows[i].want) != 0)
            fail_msg("%s: %s", rows[i].why, got);
    }
}

static void what_is_no_path_is_refused(void **state)
{
    static const char *const rows[] = {
        "",
        ".",
        "PatientName.",
        ".PatientName",
        "NoSuchWord",
        "**",
        "**.",
        "*.PatientName",
        "0040A730[",
        "0040A730[]",
        "0040A730[0]",
        "0040A730[1",
        "0040A730[x]",
        "0040A730[-1]",
        "0040A730[1]x",
        "0040A730[1][2]",
        "[1]",
        "00100010..00100020",
        "0040A730[4294967296]",
        "0010001",
        "patientname",
        /* VRs: none, half, three letters, none there is, not at the end */
        "00091001:",
        "00091001:L",
        "00091001:LOO",
        "00091001:ZZ",
        "00091001:lo",
        "00091001:LO.00100010",
        ":LO",
        "00091001::LO",
        /* private tags: even group, no creator, no end */
        "(0008,xx01,\"ACME\")",
        "(0009,xx01)",
        "(0009,xx01,\"\")",
        "(0009,xx01,\"ACME)",
        "(0009,xx01,\"ACME\"",
        "(0009,xx01,ACME)",
        "(0009,xx1,\"ACME\")",
        "(0009,xx",
        "(0009,x",
        "(0009,xx01,",
        "(0009,xx01,\"ACME\")x",
        "(0009,1001,\"ACME\")",
    };
    struct dcm_path path;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (dcm_path_parse(&path, rows[i]))
            fail_msg("accepted: %s", rows[i]);
}

static void there_is_an_end_to_steps(void **state)
{
    char text[(DCM_PATH_STEPS + 1) * 9 + 1];
    struct dcm_path path;
    size_t n = 0;

    (void)state;
    for (int i = 0; i < DCM_PATH_STEPS; i++)
        n += (size_t)sprintf(text + n, "%s0040A730", i ? "." : "");
    assert_true(dcm_path_parse(&path, text));
    assert_int_equal(path.count, DCM_PATH_STEPS);
    strcat(text, ".0040A730");
    assert_false(dcm_path_parse(&path, text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_read_step_by_step),
        cmocka_unit_test(what_is_no_path_is_refused),
        cmocka_unit_test(there_is_an_end_to_steps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
