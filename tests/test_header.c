/* libdcm/header.c: one element header in each encoding (PS3.5 7.1), and what
 * bytes look like one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "../libdcm/header.h"
#include "hexd.h"

static const struct dcm_encoding LE = {0, 0}, ILE = {1, 0}, BE = {0, 1},
                                 IBE = {1, 1};

/* Assembles text (see files/README); the caller's to release. */
static struct hexd_buffer assemble(const char *why, const char *text)
{
    struct hexd_buffer b = {0};
    char error[120];

    if (!hexd_assemble(text, strlen(text), &b, error, sizeof error))
        fail_msg("%s: %s", why, error);
    return b;
}

static struct dcm_view view_of(const struct hexd_buffer *b)
{
    struct dcm_view v;

    v.p = b->data;
    v.n = b->size;
    v.left = b->size;
    return v;
}

static void headers_are_read_in_each_encoding(void **state)
{
    static const struct {
        const char *why, *hex;
        const struct dcm_encoding *e;
        uint32_t tag, length;
        const char *vr;
        int size; /* of the header; also the fewest bytes it needs */
    } rows[] = {
        {"short form", "hex 0800 6000 4353 0200", &LE, 0x00080060, 2, "CS", 8},
        {"long form", "hex E07F 1000 4F57 0000 04030201", &LE, 0x7FE00010,
         0x01020304, "OW", 12},
        {"the reserved bytes do not matter", "hex E07F 1000 4F57 FFFF 04030201",
         &LE, 0x7FE00010, 0x01020304, "OW", 12},
        {"UT has the long form", "hex 0800 6000 5554 0000 02000000", &LE,
         0x00080060, 2, "UT", 12},
        {"a VR to come has the long form (7.1.2)",
         "hex 0800 6000 5A5A 0000 02000000", &LE, 0x00080060, 2, "ZZ", 12},
        {"what is no VR has the short one", "hex 0800 6000 3F3F 0200", &LE,
         0x00080060, 2, "??", 8},
        {"small letters are no VR", "hex 0800 6000 6373 0200", &LE, 0x00080060,
         2, "cs", 8},
        {"implicit VR", "hex 0800 6000 04030201", &ILE, 0x00080060, 0x01020304,
         NULL, 8},
        {"big endian, short", "hex 0008 0060 4353 0002", &BE, 0x00080060, 2,
         "CS", 8},
        {"big endian, long", "hex 7FE0 0010 4F57 0000 01020304", &BE,
         0x7FE00010, 0x01020304, "OW", 12},
        {"implicit big endian", "hex 0008 0060 01020304", &IBE, 0x00080060,
         0x01020304, NULL, 8},
        {"an item has no VR in explicit VR (7.5)", "hex FEFF 00E0 FFFFFFFF",
         &LE, DCM_ITEM, DCM_UNDEFINED, NULL, 8},
        {"nor in big endian", "hex FFFE E0DD 00000000", &BE, DCM_SEQ_DELIMITER,
         0, NULL, 8},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hexd_buffer b = assemble(rows[i].why, rows[i].hex);
        struct dcm_header h;
        const char *vr = rows[i].vr;

        memset(&h, 0xAA, sizeof h);
        if (!dcm_header_parse(b.data, b.size, *rows[i].e, &h) ||
            h.tag != rows[i].tag || h.length != rows[i].length ||
            h.vr != (vr ? DCM_VR(vr[0], vr[1]) : 0) || h.size != rows[i].size)
            fail_msg("%s: tag %08X length %u size %d", rows[i].why,
                     (unsigned)h.tag, (unsigned)h.length, h.size);
        for (size_t n = 0; n < (size_t)rows[i].size; n++)
            if (dcm_header_parse(b.data, n, *rows[i].e, &h))
                fail_msg("%s: a header of %zu bytes", rows[i].why, n);
        hexd_buffer_release(&b);
    }
}

static void a_length_leads_to_a_header_or_it_does_not(void **state)
{
    static const struct {
        const char *why, *text;
        size_t at;
        const struct dcm_encoding *e;
        int want;
    } rows[] = {
        {"a higher tag", "hex 4142; (0010,0010) PN", 2, &LE, 1},
        {"the end of all", "hex 4142", 2, &LE, 1},
        {"past the end", "hex 4142", 3, &LE, 0},
        {"a lower tag", "hex 4142; (0008,0005) CS", 2, &LE, 0},
        {"the same tag", "hex 4142; (0008,0060) CS", 2, &LE, 0},
        {"a higher tag without a VR", "hex 4142 1000 1000 0000 0000", 2, &LE,
         0},
        {"too little to see", "hex 4142 1000 1000 504E 00", 2, &LE, 0},
        {"an item", "hex 4142; (FFFE,E000)", 2, &LE, 1},
        {"an item's delimiter", "hex 4142; (FFFE,E00D)", 2, &LE, 1},
        {"a sequence's delimiter", "hex 4142; (FFFE,E0DD)", 2, &LE, 1},
        {"another tag of that group", "hex 4142 FEFF 01E0 00000000", 2, &LE, 0},
        {"implicit, and its length fits",
         "hex 4142; encoding implicit; (0010,0010) PN \"AB\"", 2, &ILE, 1},
        {"implicit, and its length does not fit",
         "hex 4142; encoding implicit; (0010,0010) PN length=4 \"AB\"", 2, &ILE,
         0},
        {"implicit, of undefined length",
         "hex 4142; encoding implicit; (0040,A730) SQ length=undefined", 2,
         &ILE, 1},
        {"big endian", "hex 4142; encoding explicit big; (0010,0010) PN", 2,
         &BE, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hexd_buffer b = assemble(rows[i].why, rows[i].text);

        if (dcm_header_lands(view_of(&b), rows[i].at, *rows[i].e, 0x00080060) !=
            rows[i].want)
            fail_msg("%s", rows[i].why);
        hexd_buffer_release(&b);
    }
}

static void the_other_form_is_guessed_when_it_leads_on(void **state)
{
    static const struct {
        const char *why, *text;
        int want;
        uint32_t length; /* guessed */
    } rows[] = {
        {"UN with a 16-bit length",
         "(0008,0060) UN short \"ABCD\"; (0010,0010) PN", 1, 4},
        {"US with a 32-bit length",
         "(0028,0010) US long 512; (0028,0011) US 512", 1, 2},
        {"no VR, 32-bit length",
         "hex 0800 6000 0000 0000 04000000; \"ABCD\"; (0010,0010) PN", 1, 4},
        {"neither leads on", "(0008,0060) UN \"ABCD\"; hex 00 00 00 00", 0, 0},
        {"the last element of all", "(0008,0060) UN short \"ABCD\"", 1, 4},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hexd_buffer b = assemble(rows[i].why, rows[i].text);
        struct dcm_header h, before;
        int got;

        assert_int_equal(dcm_header_parse(b.data, b.size, LE, &h), 1);
        before = h;
        got = dcm_header_guess(view_of(&b), LE, &h);
        if (got != rows[i].want || (got && h.length != rows[i].length) ||
            (got && h.size == before.size) ||
            (!got && (h.size != before.size || h.length != before.length)))
            fail_msg("%s: %d, length %u", rows[i].why, got, (unsigned)h.length);
        hexd_buffer_release(&b);
    }
}

static void the_encoding_of_a_first_element_is_found(void **state)
{
    static const struct {
        const char *why, *text;
        const struct dcm_encoding *stated, *want; /* NULL: none */
    } rows[] = {
        {"as stated: explicit", "(0008,0060) CS \"OT\"; (0010,0010) PN", &LE,
         &LE},
        {"as stated: implicit",
         "encoding implicit; (0008,0060) CS \"OT\"; (0010,0010) PN", &ILE,
         &ILE},
        {"as stated: big endian",
         "encoding explicit big; (0008,0060) CS \"OT\"; (0010,0010) PN", &BE,
         &BE},
        {"explicit, said to be implicit",
         "(0008,0060) CS \"OT\"; (0010,0010) PN", &ILE, &LE},
        {"implicit, said to be explicit",
         "encoding implicit; (0008,0060) CS \"OT\"; (0010,0010) PN", &LE, &ILE},
        {"little endian, said to be big",
         "(0008,0060) CS \"OT\"; (0010,0010) PN", &BE, &LE},
        {"big endian, said to be little",
         "encoding explicit big; (0008,0060) CS \"OT\"; (0010,0010) PN", &LE,
         &BE},
        {"big endian, said to be implicit",
         "encoding explicit big; (0008,0060) CS \"OT\"; (0010,0010) PN", &ILE,
         &BE},
        {"a private element, implicit",
         "encoding implicit; (0009,0010) LO \"ACME\"; (0010,0010) PN", &LE,
         &ILE},
        {"text", "\"Once upon a time there was\"", &LE, NULL},
        {"zeros", "repeat 64 hex 00", &LE, NULL},
        {"too short", "hex 0800 6000 4353", &LE, NULL},
        {"nothing", "", &LE, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hexd_buffer b = assemble(rows[i].why, rows[i].text);
        struct dcm_encoding e = {7, 7};
        int got = dcm_header_detect(view_of(&b), *rows[i].stated, &e);
        const struct dcm_encoding *want = rows[i].want;

        if (!got != !want || e.implicit != (want ? want->implicit : 7) ||
            e.big != (want ? want->big : 7))
            fail_msg("%s: %d, implicit %d big %d", rows[i].why, got, e.implicit,
                     e.big);
        hexd_buffer_release(&b);
    }
}

static void an_element_is_passed_with_all_that_is_in_it(void **state)
{
    static const struct {
        const char *why, *text;
    } rows[] = {
        {"a value", "(0008,0060) CS \"OT\""},
        {"an empty value", "(0008,0060) CS"},
        {"a sequence with a length", "(0008,1140) SQ { ; item { ; } ; }"},
        {"an empty sequence that is delimited",
         "(0008,1140) SQ undefined { ; }"},
        {"nested, delimited",
         "(0008,1140) SQ undefined {\n item undefined {\n"
         "(0008,1140) SQ undefined {\n item {\n(0008,0060) CS \"OT\"\n}\n"
         "item undefined {\n}\n}\n(0010,0010) PN \"A\"\n}\n}"},
        {"fragments", "(7FE0,0010) OB undefined {\n item hex\n"
                      "item hex 01020304\n}"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hexd_buffer b = assemble(rows[i].why, rows[i].text);
        size_t size = b.size;

        hexd_assemble("(0010,0020) LO \"1\"", 18, &b, NULL, 0);
        if (dcm_header_past(b.data, b.size, LE) != size)
            fail_msg("%s", rows[i].why);
        for (size_t n = 0; n < size; n++) { /* cut anywhere: never past */
            uint8_t *cut = test_malloc(n + 1);

            memcpy(cut, b.data, n);
            if (dcm_header_past(cut, n, LE) != 0)
                fail_msg("%s: ends within %zu bytes", rows[i].why, n);
            test_free(cut);
        }
        hexd_buffer_release(&b);
    }
}

static void a_delimiter_is_no_element(void **state)
{
    static const uint8_t p[] = {0xFE, 0xFF, 0x0D, 0xE0, 0, 0, 0, 0};

    (void)state;
    assert_int_equal(dcm_header_past(p, sizeof p, LE), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_are_read_in_each_encoding),
        cmocka_unit_test(a_length_leads_to_a_header_or_it_does_not),
        cmocka_unit_test(the_other_form_is_guessed_when_it_leads_on),
        cmocka_unit_test(the_encoding_of_a_first_element_is_found),
        cmocka_unit_test(an_element_is_passed_with_all_that_is_in_it),
        cmocka_unit_test(a_delimiter_is_no_element),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
