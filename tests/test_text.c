/* text.c: values of text elements, cut, decoded and trimmed. Expected values
 * follow PS3.5 6.2 (padding, multiplicity) and 6.1.2.3 (delimiters). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "libdcm/scope.h"
#include "libdcm/text.h"
#include "libdcm/vr.h"
#include <stdlib.h>
#include <string.h>

struct row {
    const char *why;
    const char *terms; /* the value of (0008,0005) */
    uint16_t vr;
    const char *bytes; /* n of them */
    size_t n;
    const char *want; /* "[a][b]": values a and b; NUL shown as '0' */
};
#define BYTES(s) s, sizeof(s) - 1

static void list_values(struct dcm_text *t, char *list, size_t size)
{
    const char *value;
    size_t n, used = 0;

    while (dcm_text_next(t, &value, &n)) {
        assert_true(used + n + 3 < size);
        list[used++] = '[';
        for (size_t i = 0; i < n; i++)
            list[used++] = value[i] ? value[i] : '0';
        list[used++] = ']';
    }
    list[used] = '\0';
}

static void check(const struct row *r, size_t count)
{
    struct dcm_text t;

    dcm_text_init(&t);
    for (; count; count--, r++) {
        struct dcm_charset cs;
        char list[256];
        uint8_t *p = malloc(r->n + !r->n); /* exact: for the sanitizers */

        memcpy(p, r->bytes, r->n);
        dcm_charset_parse(&cs, (const uint8_t *)r->terms, strlen(r->terms));
        dcm_text_start(&t, &cs, r->vr, p, r->n);
        list_values(&t, list, sizeof list);
        if (strcmp(list, r->want))
            fail_msg("%s: %s, wanted %s", r->why, list, r->want);
        free(p);
    }
    dcm_text_release(&t);
}

#define CHECK(rows) check(rows, sizeof(rows) / sizeof *(rows))

static void padding_goes_and_text_stays(void **state)
{
    static const struct row rows[] = {
        {"nothing", "", VR_LO, BYTES(""), ""},
        {"only spaces", "", VR_LO, BYTES("  "), ""},
        {"only NULs", "", VR_UI, BYTES("\0\0"), ""},
        {"one space", "", VR_CS, BYTES("OT "), "[OT]"},
        {"NUL in the place of a space", "", VR_LO, BYTES("A\0"), "[A]"},
        {"a mix of both", "", VR_PN, BYTES("A \0 \0"), "[A]"},
        {"leading spaces of CS", "", VR_CS, BYTES("  OT"), "[OT]"},
        {"of DS", "", VR_DS, BYTES(" 1.5 "), "[1.5]"},
        {"of UR", "", VR_UR, BYTES(" http://a/~b "), "[http://a/~b]"},
        {"kept in LO", "", VR_LO, BYTES(" A "), "[ A]"},
        {"kept in PN", "", VR_PN, BYTES(" A"), "[ A]"},
        {"kept in LT", "", VR_LT, BYTES("  A  "), "[  A]"},
        {"UI, both sides", "", VR_UI, BYTES("\0 1.2\0\0"), "[1.2]"},
        {"a leading NUL of CS is no padding", "", VR_CS, BYTES("\0A"), "[0A]"},
        {"NUL inside", "", VR_LO, BYTES("A\0B "), "[A0B]"},
        {"of each value", "", VR_CS, BYTES("SE \\ IR "), "[SE][IR]"},
        {"of each value, not plain", "ISO_IR 100", VR_LO,
         BYTES("\xE9 \\A \0\\ B"), "[é][A][ B]"},
        {"of each UID", "", VR_UI, BYTES("1.2\0\\1.3\0"), "[1.2][1.3]"},
        {"a space after the escape back", "\\ISO 2022 IR 87", VR_LO,
         BYTES("\x1B$B\x46\x7C\x1B(B "), "[日]"},
        {"trailing '^' is text", "", VR_PN, BYTES("Doe^John^^^ "),
         "[Doe^John^^^]"},
    };
    (void)state;
    CHECK(rows);
}

static void values_are_cut_by_vr(void **state)
{
    static const struct row rows[] = {
        {"two empty values", "", VR_LO, BYTES("\\ "), "[][]"},
        {"an empty one between", "", VR_CS, BYTES("A\\\\B "), "[A][][B]"},
        {"an empty one at the end", "", VR_SH, BYTES("A\\"), "[A][]"},
        {"the same, decoded", "ISO_IR 100", VR_SH, BYTES("\xE9\\"), "[é][]"},
        {"LT is one value", "", VR_LT, BYTES("A\\B"), "[A\\B]"},
        {"ST", "ISO_IR 100", VR_ST, BYTES("\xE9\\B"), "[é\\B]"},
        {"UT", "", VR_UT, BYTES("\\"), "[\\]"},
        {"UR", "", VR_UR, BYTES("a\\b"), "[a\\b]"},
        {"UC", "", VR_UC, BYTES("a\\b"), "[a][b]"},
        {"unknown VR is one value", "", DCM_VR('Z', 'Z'), BYTES("a\\b"),
         "[a\\b]"},
        {"pair in GB18030", "GB18030", VR_LO, BYTES("1\x82\\2\\3"),
         "[1俓2][3]"},
        {"pair in G0", "\\ISO 2022 IR 87", VR_LO, BYTES("\x1B$B%\\\x1B(B\\A"),
         "[ボ][A]"},
        {"yen in LO", "ISO_IR 13", VR_LO, BYTES("A\\B~"), "[A][B‾]"},
        {"yen in LT", "ISO_IR 13", VR_LT, BYTES("\\1~ "), "[¥1‾]"},
        {"a code is ASCII under ISO_IR 13", "ISO_IR 13", VR_AE, BYTES("A\\B~"),
         "[A][B~]"},
    };
    (void)state;
    CHECK(rows);
}

static void plain_text_is_not_copied(void **state)
{
    static const uint8_t bytes[] = "ORIGINAL\\PRIMARY\\AXIAL ";
    static const struct dcm_charset none = {0};
    struct dcm_text t;
    const char *value;
    size_t n;

    (void)state;
    dcm_text_init(&t);
    dcm_text_start(&t, &none, VR_CS, bytes, sizeof bytes - 1);
    assert_true(dcm_text_next(&t, &value, &n));
    assert_ptr_equal(value, bytes);
    assert_int_equal(n, 8);
    assert_true(dcm_text_next(&t, &value, &n));
    assert_ptr_equal(value, bytes + 9);
    assert_true(dcm_text_next(&t, &value, &n));
    assert_int_equal(n, 5);
    assert_false(dcm_text_next(&t, &value, &n));
    assert_false(dcm_text_next(&t, &value, &n));
    assert_null(t.decoder);
    dcm_text_release(&t);
}

static void problems_are_those_of_one_element(void **state)
{
    static const uint8_t bad[] = {'A', '\\', 0xE9}, good[] = {'A'};
    static const struct dcm_charset none = {0};
    struct dcm_text t;
    char list[64];

    (void)state;
    dcm_text_init(&t);
    dcm_text_start(&t, &none, VR_LO, bad, sizeof bad);
    list_values(&t, list, sizeof list);
    assert_string_equal(list, "[A][é]");
    assert_int_equal(t.problems, DCM_CS_UNDECLARED);
    assert_ptr_equal(t.where, bad + 2);
    dcm_text_start(&t, &none, VR_LO, good, sizeof good);
    list_values(&t, list, sizeof list);
    assert_int_equal(t.problems, 0);
    assert_null(t.where);
    dcm_text_release(&t);
}

static void line_ends_are_fine_in_lt_only(void **state)
{
    static const uint8_t lines[] = "A\r\nB";
    static const struct dcm_charset none = {0};
    struct dcm_text t;
    char list[64];

    (void)state;
    dcm_text_init(&t);
    dcm_text_start(&t, &none, VR_LT, lines, 4);
    list_values(&t, list, sizeof list);
    assert_string_equal(list, "[A\r\nB]");
    assert_int_equal(t.problems, 0);
    dcm_text_start(&t, &none, VR_LO, lines, 4);
    list_values(&t, list, sizeof list);
    assert_string_equal(list, "[A\r\nB]");
    assert_int_equal(t.problems, DCM_CS_CONTROL);
    dcm_text_release(&t);
}

/* Lengths around the word and the block, each byte at each place. */
static void plain_is_20_to_7e_wherever_it_stands(void **state)
{
    (void)state;
    for (size_t n = 0; n <= 40; n++) {
        uint8_t *p = malloc(n + !n);

        memset(p, 'A', n);
        assert_true(dcm_text_is_plain(p, n));
        for (size_t at = 0; at < n; at++) {
            for (unsigned c = 0; c < 256; c++) {
                p[at] = (uint8_t)c;
                assert_int_equal(dcm_text_is_plain(p, n),
                                 c >= 0x20 && c <= 0x7E);
            }
            p[at] = 'A';
        }
        free(p);
    }
}

static void a_million_values_come_one_by_one(void **state)
{
    enum { N = 1000000 };
    static const char *const terms[] = {"", "ISO_IR 192", "GBK",
                                        "\\ISO 2022 IR 149"};
    uint8_t *p = malloc(N);
    struct dcm_text t;

    (void)state;
    dcm_text_init(&t);
    for (size_t i = 0; i < 8; i++) {
        const char *term = terms[i / 2], *value;
        struct dcm_charset cs;
        size_t n, count = 0, bytes = 0;

        memset(p, '\\', N);
        if (i % 2) /* not plain: through the decoder */
            p[0] = 0xFF;
        dcm_charset_parse(&cs, (const uint8_t *)term, strlen(term));
        dcm_text_start(&t, &cs, VR_LO, p, N);
        for (; dcm_text_next(&t, &value, &n); count++)
            bytes += n;
        assert_int_equal(count, N + 1 - i % 2);
        assert_true(bytes <= 3);
    }
    dcm_text_release(&t);
    free(p);
}

static void an_event_brings_its_character_set(void **state)
{
    static const uint8_t bytes[] = {0xB8, 0xD2};
    static const struct event_row {
        const char *why;
        uint32_t tag;
        const char *want;
    } rows[] = {
        {"text of the data set", DCM_TAG(0x0010, 0x0010), "[Ив]"},
        {"private text", DCM_TAG(0x0011, 0x1001), "[Ив]"},
        {"Private Creator: as if nothing were declared",
         DCM_TAG(0x0011, 0x0010), "[¸Ò]"},
        {"the last Private Creator", DCM_TAG(0x0011, 0x00FF), "[¸Ò]"},
        {"group 0002 as well", DCM_TAG(0x0002, 0x0016), "[¸Ò]"},
    };
    struct dcm_text *t = dcm_text_new();
    struct dcm_scope scope;
    struct dcm_event ev;
    char list[64];

    (void)state;
    assert_non_null(t);
    memset(&scope, 0, sizeof scope);
    dcm_charset_parse(&scope.charset, (const uint8_t *)"ISO_IR 144", 10);
    memset(&ev, 0, sizeof ev);
    ev.type = DCM_EVENT_VALUE;
    ev.vr = VR_LO;
    ev.data = bytes;
    ev.size = ev.length = sizeof bytes;
    ev.scope = &scope;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ev.tag = rows[i].tag;
        dcm_text_open(t, &ev);
        list_values(t, list, sizeof list);
        if (strcmp(list, rows[i].want))
            fail_msg("%s: %s", rows[i].why, list);
    }
    ev.data = NULL; /* too large to be loaded: nothing to see here */
    dcm_text_open(t, &ev);
    list_values(t, list, sizeof list);
    assert_string_equal(list, "");
    dcm_text_free(t);
    dcm_text_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(padding_goes_and_text_stays),
        cmocka_unit_test(values_are_cut_by_vr),
        cmocka_unit_test(plain_text_is_not_copied),
        cmocka_unit_test(problems_are_those_of_one_element),
        cmocka_unit_test(line_ends_are_fine_in_lt_only),
        cmocka_unit_test(plain_is_20_to_7e_wherever_it_stands),
        cmocka_unit_test(a_million_values_come_one_by_one),
        cmocka_unit_test(an_event_brings_its_character_set),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
