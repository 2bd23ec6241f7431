/* libdcm/scope.c and resolve.c: paths, private creators, what items inherit
 * (PS3.3 C.12.1.1.2, PS3.5 7.8.1), and the VR where a file states none
 * (PS3.5 6.2.2, A.1; PS3.6). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "../libdcm/resolve.h"
#include "../libdcm/vr.h"

static void start(struct dcm_scope_stack *s)
{
    dcm_scope_stack_init(s);
    assert_int_equal(dcm_scope_stack_clear(s), DCM_OK);
}

static void enter(struct dcm_scope_stack *s, uint32_t seq, uint32_t item)
{
    assert_int_equal(dcm_scope_enter(s, seq, item), DCM_OK);
}

static void reserve(struct dcm_scope_stack *s, uint32_t tag, const char *name)
{
    assert_int_equal(
        dcm_scope_reserve(s, tag, (const uint8_t *)name, strlen(name)), DCM_OK);
}

/* ------------------------------------------------------------------ paths */

static void a_path_names_each_item_on_the_way(void **state)
{
    struct dcm_scope_stack s;
    char b[96];

    (void)state;
    start(&s);
    assert_string_equal(
        dcm_scope_path(dcm_scope_top(&s), 0x7FE00010, b, sizeof b),
        "(7FE0,0010)");
    assert_string_equal(dcm_scope_path(NULL, 0x0008ABCD, b, sizeof b),
                        "(0008,ABCD)");
    enter(&s, 0x0040A730, 2);
    enter(&s, 0x00081140, 4294967295u);
    assert_string_equal(
        dcm_scope_path(dcm_scope_top(&s), 0x00100010, b, sizeof b),
        "(0040,A730)[2]/(0008,1140)[4294967295]/(0010,0010)");
    assert_string_equal(
        dcm_scope_path(dcm_scope_top(&s) - 1, 0x00100010, b, sizeof b),
        "(0040,A730)[2]/(0010,0010)");
    dcm_scope_leave(&s);
    enter(&s, 0x00081140, 10);
    assert_string_equal(
        dcm_scope_path(dcm_scope_top(&s), 0x00100010, b, sizeof b),
        "(0040,A730)[2]/(0008,1140)[10]/(0010,0010)");
    dcm_scope_stack_release(&s);
}

static void a_path_too_long_is_cut_and_says_so(void **state)
{
    struct dcm_scope_stack s;
    char b[97];

    (void)state;
    start(&s);
    for (int i = 0; i < 1000; i++)
        enter(&s, 0x0040A730, 1000);
    memset(b, '#', sizeof b);
    dcm_scope_path(dcm_scope_top(&s), 0x00100010, b, 96);
    assert_int_equal(strncmp(b, "(0040,A730)[1000]/", 18), 0);
    assert_non_null(strstr(b, ".../(0010,0010)"));
    assert_int_equal(b[96], '#');
    dcm_scope_stack_release(&s);
}

static void a_path_fits_into_any_buffer(void **state)
{
    struct dcm_scope_stack s;

    (void)state;
    start(&s);
    for (int depth = 0; depth < 5; depth++) {
        for (size_t size = 0; size < 130; size++) {
            char *b = test_malloc(size + 1); /* its ends are checked */

            b[size] = '#';
            dcm_scope_path(dcm_scope_top(&s), 0x00100010, b, size);
            if (size)
                assert_non_null(memchr(b, '\0', size));
            assert_int_equal(b[size], '#');
            test_free(b);
        }
        enter(&s, 0x0040A730, 4294967295u);
    }
    dcm_scope_stack_release(&s);
}

/* --------------------------------------------------------------- creators */

static void assert_creator(const struct dcm_scope *s, uint32_t tag,
                           const char *want)
{
    size_t n = 99;
    const char *name = dcm_scope_creator(s, tag, &n);

    if (!name != !want ||
        (want && (n != strlen(want) || memcmp(name, want, n) != 0)))
        fail_msg("%08X: not %s", (unsigned)tag, want ? want : "none");
}

static void a_creator_reserves_its_block_of_its_group(void **state)
{
    struct dcm_scope_stack s;

    (void)state;
    start(&s);
    reserve(&s, 0x00090010, "ONE");
    reserve(&s, 0x00090011, "TWO");
    reserve(&s, 0x000B0010, "THREE");
    reserve(&s, 0x000900FF, "LAST");
    assert_creator(dcm_scope_top(&s), 0x00091000, "ONE");
    assert_creator(dcm_scope_top(&s), 0x000910FF, "ONE");
    assert_creator(dcm_scope_top(&s), 0x00091101, "TWO");
    assert_creator(dcm_scope_top(&s), 0x000B1001, "THREE");
    assert_creator(dcm_scope_top(&s), 0x0009FF01, "LAST");
    assert_creator(dcm_scope_top(&s), 0x00091201, NULL);
    assert_creator(dcm_scope_top(&s), 0x000D1001, NULL);
    /* the creators themselves, and even groups, are in no block */
    assert_creator(dcm_scope_top(&s), 0x00090010, NULL);
    assert_creator(dcm_scope_top(&s), 0x00081001, NULL);
    dcm_scope_stack_release(&s);
}

static void blocks_are_those_of_one_item_and_not_inherited(void **state)
{
    struct dcm_scope_stack s;

    (void)state;
    start(&s);
    reserve(&s, 0x00090010, "TOP");
    enter(&s, 0x00081140, 1);
    assert_creator(dcm_scope_top(&s), 0x00091001, NULL);
    reserve(&s, 0x00090010, "FIRST ITEM");
    reserve(&s, 0x00090020, "FIRST TOO");
    assert_creator(dcm_scope_top(&s), 0x00091001, "FIRST ITEM");
    assert_creator(dcm_scope_top(&s) - 1, 0x00091001, "TOP");
    enter(&s, 0x00081140, 1);
    assert_creator(dcm_scope_top(&s), 0x00091001, NULL);
    dcm_scope_leave(&s);
    assert_creator(dcm_scope_top(&s), 0x00092001, "FIRST TOO");
    dcm_scope_leave(&s);
    assert_creator(dcm_scope_top(&s), 0x00092001, NULL);
    enter(&s, 0x00081140, 2);
    assert_creator(dcm_scope_top(&s), 0x00091001, NULL);
    reserve(&s, 0x00090030, "SECOND ITEM");
    assert_creator(dcm_scope_top(&s), 0x00093001, "SECOND ITEM");
    dcm_scope_leave(&s);
    assert_creator(dcm_scope_top(&s), 0x00091001, "TOP");
    reserve(&s, 0x00090011, "LATER");
    assert_creator(dcm_scope_top(&s), 0x00091001, "TOP");
    assert_creator(dcm_scope_top(&s), 0x00091101, "LATER");
    assert_int_equal(dcm_scope_stack_clear(&s), DCM_OK);
    assert_creator(dcm_scope_top(&s), 0x00091001, NULL);
    dcm_scope_stack_release(&s);
}

static void many_blocks_in_many_items_stay_apart(void **state)
{
    struct dcm_scope_stack s;
    char name[32];

    (void)state;
    start(&s);
    for (unsigned d = 0; d < 200; d++) {
        for (unsigned b = 0x10; b < 0x20; b++) {
            snprintf(name, sizeof name, "%u AT %u", b, d);
            reserve(&s, 0x00090000 | b, name);
        }
        enter(&s, 0x00081140, 1);
    }
    while (s.depth) {
        dcm_scope_leave(&s);
        for (unsigned b = 0x10; b < 0x20; b++) {
            snprintf(name, sizeof name, "%u AT %u", b, s.depth);
            assert_creator(dcm_scope_top(&s), 0x00090001 | b << 8, name);
        }
    }
    dcm_scope_stack_release(&s);
}

/* ------------------------------------------------------------- inheritance */

static void items_inherit_and_do_not_give_back(void **state)
{
    struct dcm_scope_stack s;

    (void)state;
    start(&s);
    assert_int_equal(dcm_scope_top(&s)->pixel_representation, -1);
    assert_int_equal(dcm_scope_top(&s)->charset.count, 0);
    dcm_charset_parse(&dcm_scope_top(&s)->charset,
                      (const uint8_t *)"ISO_IR 192", 10);
    assert_int_equal(dcm_scope_top(&s)->charset.count, 1);
    dcm_scope_top(&s)->pixel_representation = 1;
    dcm_scope_top(&s)->encapsulated = 1;
    enter(&s, 0x00081140, 1);
    assert_int_equal(dcm_scope_top(&s)->depth, 1);
    assert_memory_equal(&dcm_scope_top(&s)->charset, &s.levels[0].charset,
                        sizeof(struct dcm_charset));
    assert_int_equal(dcm_scope_top(&s)->pixel_representation, 1);
    assert_int_equal(dcm_scope_top(&s)->encapsulated, 1);
    dcm_scope_top(&s)->pixel_representation = 0;
    dcm_charset_parse(&dcm_scope_top(&s)->charset,
                      (const uint8_t *)"ISO_IR 100", 10);
    dcm_scope_leave(&s);
    assert_int_equal(dcm_scope_top(&s)->pixel_representation, 1);
    enter(&s, 0x00081140, 2);
    assert_int_equal(dcm_scope_top(&s)->pixel_representation, 1);
    assert_memory_equal(&dcm_scope_top(&s)->charset, &s.levels[0].charset,
                        sizeof(struct dcm_charset));
    dcm_scope_stack_release(&s);
}

/* --------------------------------------------------------------- resolving */

static void each_element_without_a_vr_gets_one(void **state)
{
    static const struct {
        const char *why;
        uint32_t tag, length;
        int pixel_representation;
        uint16_t want;
        int choice;
    } rows[] = {
        {"an attribute of PS3.6", 0x00100010, 8, -1, VR_PN, 0},
        {"a sequence", 0x00081140, DCM_UNDEFINED, -1, VR_SQ, 0},
        {"a group length", 0x00080000, 4, -1, VR_UL, 0},
        {"a group length of an unknown group", 0x00560000, 4, -1, VR_UL, 0},
        {"a group length of a private group", 0x00090000, 4, -1, VR_UL, 0},
        {"a private creator", 0x00110010, 8, -1, VR_LO, 0},
        {"the last private creator", 0x001100FF, 8, -1, VR_LO, 0},
        {"a private element with a creator we know", 0x00091001, 8, -1, VR_LO,
         0},
        {"the same element in the same dictionary, another VR", 0x0009101A, 2,
         -1, VR_US, 0},
        {"one that the creator's dictionary lacks", 0x000910FE, 8, -1, VR_UN,
         0},
        {"a private element without a creator", 0x00131001, 8, -1, VR_UN, 0},
        {"an unknown public tag", 0x00100009, 8, -1, VR_UN, 0},
        {"Overlay Rows, any overlay", 0x60020010, 2, -1, VR_US, 0},
        {"Overlay Data: OB or OW (PS3.5 A.1)", 0x60003000, 64, -1, VR_OW, 0},
        {"Pixel Data, native", 0x7FE00010, 64, -1, VR_OW, 0},
        {"Pixel Data, encapsulated (A.4)", 0x7FE00010, DCM_UNDEFINED, -1, VR_OB,
         0},
        {"Waveform Data", 0x54001010, 64, -1, VR_OW, 0},
        {"Red Palette Data", 0x00281201, 64, -1, VR_OW, 0},
        {"US or SS, unsigned pixels", 0x00280106, 2, 0, VR_US, 0},
        {"US or SS, signed pixels", 0x00280106, 2, 1, VR_SS, 0},
        {"US or SS, not known", 0x00280106, 2, -1, VR_US, 1},
        {"LUT Descriptor, signed pixels", 0x00283002, 6, 1, VR_SS, 0},
        {"LUT Data is OW", 0x00283006, 512, -1, VR_OW, 0},
        {"LUT Data of one entry too", 0x00283006, 2, -1, VR_OW, 0},
        {"Gray LUT Data of many", 0x00281200, 512, 1, VR_OW, 0},
        {"Gray LUT Data of one is US or SS", 0x00281200, 2, 1, VR_SS, 0},
    };
    struct dcm_scope_stack s;

    (void)state;
    start(&s);
    reserve(&s, 0x00090010, "GEMS_IDEN_01");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int choice = 0;
        uint16_t vr;

        dcm_scope_top(&s)->pixel_representation =
            (int8_t)rows[i].pixel_representation;
        vr = dcm_resolve_vr(rows[i].tag, rows[i].length, dcm_scope_top(&s),
                            &choice);
        if (vr != rows[i].want || choice != rows[i].choice)
            fail_msg("%s: %c%c, choice %d", rows[i].why, vr >> 8, vr & 255,
                     choice);
    }
    dcm_scope_stack_release(&s);
}

static void bytes_that_cannot_be_of_a_vr_are_told(void **state)
{
    static const struct {
        const char *why;
        uint16_t vr;
        const char *data;
        uint64_t size;
        int want;
    } rows[] = {
        {"text", VR_LO, "ABCD", 4, 1},
        {"no text", VR_LO, "", 0, 1},
        {"a NUL that pads", VR_LO, "ABC\0", 4, 1},
        {"a NUL within", VR_LO, "A\0BCDE", 6, 0},
        {"a control character", VR_LO, "A\1CD", 4, 0},
        {"lines and escapes", VR_LT, "\t\n\f\r\x1B$", 6, 1},
        {"text in any character set", VR_PN, "\xFF\x80\xC3\xA9", 4, 1},
        {"two shorts", VR_US, "abcd", 4, 1},
        {"half a short", VR_US, "abc", 3, 0},
        {"doubles", VR_FD, "12345678", 8, 1},
        {"half a double", VR_FD, "1234", 4, 0},
        {"a tag", VR_AT, "1234", 4, 1},
        {"half a tag", VR_AT, "12", 2, 0},
        {"words", VR_OW, "1234", 4, 1},
        {"bytes", VR_OB, "123", 3, 1},
        {"a sequence is asked elsewhere", VR_SQ, "", 0, 0},
        {"no VR", DCM_VR('Z', 'Z'), "", 0, 0},
        {"text too long to look at, of a VR that may be so long", VR_UT, NULL,
         100000, 1},
        {"the same, of one that may not", VR_LO, NULL, 100000, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (dcm_resolve_fits(rows[i].vr, (const uint8_t *)rows[i].data,
                             rows[i].size) != rows[i].want)
            fail_msg("%s", rows[i].why);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_names_each_item_on_the_way),
        cmocka_unit_test(a_path_too_long_is_cut_and_says_so),
        cmocka_unit_test(a_path_fits_into_any_buffer),
        cmocka_unit_test(a_creator_reserves_its_block_of_its_group),
        cmocka_unit_test(blocks_are_those_of_one_item_and_not_inherited),
        cmocka_unit_test(many_blocks_in_many_items_stay_apart),
        cmocka_unit_test(items_inherit_and_do_not_give_back),
        cmocka_unit_test(each_element_without_a_vr_gets_one),
        cmocka_unit_test(bytes_that_cannot_be_of_a_vr_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
