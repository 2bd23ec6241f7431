/* libdcm/reader_element.c and reader_observe.c: elements, their VRs and what
 * they decide for those after them (PS3.5 6.2.2, 7.1, 7.2, 7.8, A.1), as they
 * should be and as they are met. reader_rows.h explains the words for events.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "reader_rows.h"

#define CS "(0008,0060) CS \"OT\"\n" /* 10 bytes */
#define ID "(0010,0020) LO \"1\"\n"  /* 10 bytes */

static void what_is_no_attribute_is_left_out(void **state)
{
    static const struct row rows[] = {
        {"group lengths are retired and never trusted (7.2)", EXPLICIT,
         "(0008,0000) UL 9999\n" CS "(0010,0000) UL 0\n" ID,
         "D 00080060:CS:2 00100020:LO:2 E", "", 0, 0},
        {"a group length that cannot be one", EXPLICIT,
         "(0008,0000) UL hex 0100\n" CS, "D 00080060:CS:2 E", "group-length", 0,
         0},
        {"a private group length", EXPLICIT, "(0009,0000) UL 4\n" ID,
         "D 00100020:LO:2 E", "", 0, 0},
        {"Data Set Trailing Padding (PS3.10 7.2)", EXPLICIT,
         CS "(FFFC,FFFC) OB repeat 100 hex 00\n", "D 00080060:CS:2 E", "", 0,
         0},
        {"command elements at the start", EXPLICIT,
         "(0000,0000) UL 12\n(0000,0002) UI \"1.2\"\n" CS, "D 00080060:CS:2 E",
         "command-group", 0, 0},
        {"group 0002 inside the data set", EXPLICIT,
         CS "(0002,0003) UI \"1.2\"\n" ID, "D 00080060:CS:2 00100020:LO:2 E",
         "meta-in-data-set", 0, 0},
        {"64 zero bytes after the data set", EXPLICIT, CS "repeat 64 hex 00\n",
         "D 00080060:CS:2 E", "zero-fill", 0, 0},
        {"3 zero bytes after the data set", EXPLICIT, CS "hex 000000\n",
         "D 00080060:CS:2 E", "zero-fill", 0, 0},
        {"a delimiter at the top level", EXPLICIT, CS "(FFFE,E0DD)\n" ID,
         "D 00080060:CS:2 00100020:LO:2 E", "stray-delimiter", 0, 0},
        {"an item's delimiter at the top level", EXPLICIT,
         CS "(FFFE,E00D)\n" ID, "D 00080060:CS:2 00100020:LO:2 E",
         "stray-delimiter", 0, 0},
    };

    (void)state;
    CHECK(rows);
}

static void order_is_told_and_the_first_of_two_is_kept(void **state)
{
    static const struct row rows[] = {
        {"unsorted", EXPLICIT, ID CS, "D 00100020:LO:2 00080060:CS:2 E",
         "out-of-order", 0, 0},
        {"a tag twice", EXPLICIT, CS "(0008,0060) CS \"MRCT\"\n" ID,
         "D 00080060:CS:2 00100020:LO:2 E", "duplicate-tag", 0, 0},
        {"a tag twice, others between", EXPLICIT, CS ID CS ID,
         "D 00080060:CS:2 00100020:LO:2 E", "duplicate-tag", 0, 0},
        {"a sequence twice: the second goes with all that is in it", EXPLICIT,
         "(0008,1140) SQ {\nitem {\n(0008,1150) UI \"1.2\"\n}\n}\n"
         "(0008,1140) SQ undefined {\nitem {\n(0008,1150) UI \"1.3\"\n"
         "(0008,1199) SQ {\nitem {\n}\n}\n}\nitem undefined {\n}\n}\n" ID,
         "D 00081140[ { 00081150:UI:4 } ] 00100020:LO:2 E", "duplicate-tag", 0,
         0},
        {"items do not see each other's tags", EXPLICIT,
         "(0008,1140) SQ {\nitem {\n" CS "}\nitem {\n" CS "}\n}\n" ID,
         "D 00081140[ { 00080060:CS:2 } { 00080060:CS:2 } ] 00100020:LO:2 E",
         "", 0, 0},
    };

    (void)state;
    CHECK(rows);
}

static void lengths_are_taken_as_they_are(void **state)
{
    static const struct row rows[] = {
        {"an empty value", EXPLICIT, "(0010,0010) PN\n" ID,
         "D 00100010:PN:0 00100020:LO:2 E", "", 0, 0},
        {"an odd length", EXPLICIT, "(0010,0010) PN nopad \"ABC\"\n" ID,
         "D 00100010:PN:3 00100020:LO:2 E", "odd-length", 0, 0},
        {"the longest value that is loaded", EXPLICIT,
         "(0010,4000) UT repeat 10 \"0123456789\"\n", "D 00104000:UT:100 E", "",
         0, 0},
        {"a value cut at the end of the file", EXPLICIT,
         CS "(0010,0010) PN length=10 \"ABCD\"\n",
         "D 00080060:CS:2 00100010:PN:4!", "", DCM_ERR_TRUNCATED, 18},
        {"nothing of the value is there", EXPLICIT,
         CS "(0010,0010) PN length=10\n", "D 00080060:CS:2", "",
         DCM_ERR_TRUNCATED, 18},
        {"a short length of FFFF is no undefined length", EXPLICIT,
         "(0010,0010) PN length=65535 nopad \"ABC\"\n", "D 00100010:PN:3!",
         "odd-length", DCM_ERR_TRUNCATED, 8},
        {"3 bytes of a header", EXPLICIT, CS "hex 100020\n", "D 00080060:CS:2",
         "", DCM_ERR_TRUNCATED, 10},
        {"a long header cut in its length", EXPLICIT,
         CS "hex 10000040 5554 0000 0400\n", "D 00080060:CS:2", "",
         DCM_ERR_TRUNCATED, 10},
        {"zeros where the data set begins", EXPLICIT, "repeat 64 hex 00\n", "D",
         "", DCM_ERR_MALFORMED, 0},
        {"an item at the top level", EXPLICIT, CS "(FFFE,E000)\n" ID,
         "D 00080060:CS:2", "", DCM_ERR_MALFORMED, 10},
        {"undefined length of a text", EXPLICIT,
         CS "(0010,4000) UT length=undefined \"ABCD\"\n" ID, "D 00080060:CS:2",
         "", DCM_ERR_MALFORMED, 10},
    };

    (void)state;
    CHECK(rows);
}

static void
a_vr_that_is_none_and_a_length_of_the_wrong_form_are_mended(void **state)
{
    static const struct row rows[] = {
        {"VR ??, 16-bit length", EXPLICIT,
         CS "hex 1000 1000 3F3F 0400; \"ABCD\"\n" ID,
         "D 00080060:CS:2 00100010:UN:4 00100020:LO:2 E", "bad-vr", 0, 0},
        {"VR of two spaces, 16-bit length", EXPLICIT,
         CS "hex 1000 1000 2020 0400; \"ABCD\"\n" ID,
         "D 00080060:CS:2 00100010:UN:4 00100020:LO:2 E", "bad-vr", 0, 0},
        {"VR of zeros, 32-bit length", EXPLICIT,
         CS "hex 1000 1000 0000 0000 04000000; \"ABCD\"\n" ID,
         "D 00080060:CS:2 00100010:UN:4 00100020:LO:2 E", "bad-vr", 0, 0},
        {"no VR and no length that leads on", EXPLICIT,
         CS "hex 1000 1000 3F3F 0500; \"ABCDEFGHIJKLMNOPQRST\"\n" ID,
         "D 00080060:CS:2", "", DCM_ERR_MALFORMED, 10},
        {"a VR that is yet to come has a 32-bit length (7.1.2)", EXPLICIT,
         CS "(0010,0010) ZZ long \"ABCD\"\n" ID,
         "D 00080060:CS:2 00100010:UN:4 00100020:LO:2 E", "unknown-vr", 0, 0},
        {"UN with a 16-bit length", EXPLICIT,
         CS "(0010,0010) UN short \"ABCD\"\n" ID,
         "D 00080060:CS:2 00100010:PN:4 00100020:LO:2 E", "header-form", 0, 0},
        {"UT with a 16-bit length", EXPLICIT,
         CS "(0010,0010) UT short \"ABCD\"\n" ID,
         "D 00080060:CS:2 00100010:UT:4 00100020:LO:2 E", "header-form", 0, 0},
        {"US with a 32-bit length", EXPLICIT,
         "(0028,0010) US long 512\n(0028,0011) US 512\n",
         "D 00280010:US:2 00280011:US:2 E", "header-form", 0, 0},
        {"US with a 32-bit length, big endian", BIG,
         "(0028,0010) US long 512\n(0028,0011) US 512\n",
         "D 00280010:US:2^ 00280011:US:2^ E", "header-form", 0, 0},
        {"reserved bytes that are not zero do not matter (7.1.2)", EXPLICIT,
         CS "hex 1000 1000 5554 FFFF 04000000; \"ABCD\"\n" ID,
         "D 00080060:CS:2 00100010:UT:4 00100020:LO:2 E", "", 0, 0},
        {"an SQ that holds no items", EXPLICIT,
         "(0008,1140) SQ hex 0102030405060708\n" ID,
         "D 00081140:UN:8 00100020:LO:2 E", "vr-mismatch", 0, 0},
        {"items in a VR that has none", EXPLICIT,
         "(0008,1140) UC undefined {\nitem {\n" CS "}\n}\n" ID,
         "D 00081140[ { 00080060:CS:2 } ] 00100020:LO:2 E", "vr-mismatch", 0,
         0},
    };

    (void)state;
    CHECK(rows);
}

static void un_is_read_as_what_the_dictionary_says(void **state)
{
    static const struct row rows[] = {
        {"text", EXPLICIT, "(0010,0010) UN \"A^B \"\n" ID,
         "D 00100010:PN:4 00100020:LO:2 E", "", 0, 0},
        {"a number is little endian in big endian too (6.2.2)", BIG,
         "(0028,0010) UN hex 0002\n(0028,0011) US 1\n",
         "D 00280010:US:2 00280011:US:2^ E", "", 0, 0},
        {"bytes that cannot be the VR stay UN", EXPLICIT,
         "(0028,0010) UN nopad hex 010203\n", "D 00280010:UN:3 E", "odd-length",
         0, 0},
        {"a tag that nobody knows", EXPLICIT, "(0010,0009) UN hex 0102\n" ID,
         "D 00100009:UN:2 00100020:LO:2 E", "", 0, 0},
        {"a private one stays UN", EXPLICIT,
         "(0009,0010) LO \"GEMS_IDEN_01\"\n(0009,101A) UN hex 0102\n",
         "D 00090010:LO:12 0009101A:UN:2 E", "", 0, 0},
        {"a sequence of undefined length, items implicit", EXPLICIT,
         "(0008,1140) UN undefined {\nencoding implicit\nitem {\n" CS
         "}\nencoding explicit\n}\n" ID,
         "D 00081140[ { 00080060:CS:2 } ] 00100020:LO:2 E", "", 0, 0},
        {"a sequence of defined length, items implicit", EXPLICIT,
         "(0008,1140) UN {\nencoding implicit\nitem {\n" CS
         "}\nencoding explicit\n}\n" ID,
         "D 00081140[ { 00080060:CS:2 } ] 00100020:LO:2 E", "", 0, 0},
        {"a private sequence, items implicit", EXPLICIT,
         "(0009,0010) LO \"AB\"\n(0009,1001) UN undefined {\n"
         "encoding implicit\nitem undefined {\n" CS
         "}\n}\nencoding explicit\n" ID,
         "D 00090010:LO:2 00091001[ { 00080060:CS:2 } ] 00100020:LO:2 E", "", 0,
         0},
        {"a sequence in big endian: its items are little", BIG,
         "(0008,1140) UN undefined {\nencoding implicit little\nitem {\n" CS
         "}\n}\nencoding explicit big\n" ID,
         "D 00081140[ { 00080060:CS:2 } ] 00100020:LO:2^ E", "", 0, 0},
        {"a sequence with explicit items", EXPLICIT,
         "(0008,1140) UN undefined {\nitem {\n" CS "}\n}\n" ID,
         "D 00081140[ { 00080060:CS:2 } ] 00100020:LO:2 E", "explicit-in-un", 0,
         0},
    };

    (void)state;
    CHECK(rows);
}

static void without_a_vr_the_dictionary_and_the_scope_decide(void **state)
{
    static const struct row rows[] = {
        {"attributes, repeating groups, unknown", IMPLICIT,
         "(0008,0060) CS \"OT\"\n(0010,0009) UN hex 0102\n"
         "(0010,1010) AS \"001Y\"\n(6002,0010) US 1\n(6002,3000) OW 1\n",
         "D 00080060:CS:2 00100009:UN:2 00101010:AS:4 60020010:US:2 "
         "60023000:OW:2 E",
         "", 0, 0},
        {"Pixel Data", IMPLICIT, "(7FE0,0010) OW 1 2\n", "D 7FE00010:OW:4 E",
         "", 0, 0},
        {"private: creators, known and unknown elements", IMPLICIT,
         "(0009,0010) LO \"GEMS_IDEN_01\"\n(0009,0011) LO \"ACME\"\n"
         "(0009,1001) LO \"AB\"\n(0009,101A) US 1\n(0009,10FE) LO \"AB\"\n"
         "(0009,1101) LO \"AB\"\n(0009,1201) LO \"AB\"\n",
         "D 00090010:LO:12 00090011:LO:4 00091001:LO:2 0009101A:US:2 "
         "000910FE:UN:2 00091101:UN:2 00091201:UN:2 E",
         "", 0, 0},
        {"a private element that its dictionary's VR does not fit", IMPLICIT,
         "(0009,0010) LO \"GEMS_IDEN_01\"\n(0009,101A) UN nopad hex 010203\n",
         "D 00090010:LO:12 0009101A:UN:3 E", "odd-length", 0, 0},
        {"a creator is not inherited by items (7.8.1)", IMPLICIT,
         "(0009,0010) LO \"GEMS_IDEN_01\"\n(0040,A730) SQ {\nitem {\n"
         "(0009,101A) US 1\n}\nitem {\n(0009,0010) LO \"GEMS_IDEN_01\"\n"
         "(0009,101A) US 1\n}\n}\n",
         "D 00090010:LO:12 0040A730[ { 0009101A:UN:2 } "
         "{ 00090010:LO:12 0009101A:US:2 } ] E",
         "", 0, 0},
        {"an unknown tag of undefined length is a sequence", IMPLICIT,
         "(0009,1001) SQ undefined {\nitem {\n" CS "}\n}\n" ID,
         "D 00091001[ { 00080060:CS:2 } ] 00100020:LO:2 E", "", 0, 0},
        {"US or SS: unsigned pixels", IMPLICIT,
         "(0028,0103) US 0\n(0028,0106) US 1\n",
         "D 00280103:US:2 00280106:US:2 E", "", 0, 0},
        {"US or SS: signed pixels", IMPLICIT,
         "(0028,0103) US 1\n(0028,0106) US 1\n",
         "D 00280103:US:2 00280106:SS:2 E", "", 0, 0},
        {"US or SS: no Pixel Representation", IMPLICIT, "(0028,0106) US 1\n",
         "D 00280106:US:2 E", "ambiguous-vr", 0, 0},
        {"US or SS: Pixel Representation comes later", IMPLICIT,
         "(0018,9810) SS 1\n"
         "(0028,0010) US 1\n(0028,0103) US 1\n",
         "D 00189810:SS:2 00280010:US:2 00280103:US:2 E", "", 0, 0},
        {"US or SS in an item: Pixel Representation before it, outside",
         IMPLICIT,
         "(0028,0103) US 1\n(0028,3000) SQ {\nitem {\n(0028,3002) SS 1 2 3\n"
         "}\n}\n",
         "D 00280103:US:2 00283000[ { 00283002:SS:6 } ] E", "", 0, 0},
        {"US or SS in an item: Pixel Representation after it, outside",
         IMPLICIT,
         "(0008,1140) SQ undefined {\nitem undefined {\n(0028,3002) SS 1 2 3\n"
         "}\nitem {\n" ID "}\n}\n(0028,0103) US 1\n",
         "D 00081140[ { 00283002:SS:6 } { 00100020:LO:2 } ] 00280103:US:2 E",
         "", 0, 0},
        {"US or SS: that of an item is for that item alone", IMPLICIT,
         "(0008,1140) SQ {\nitem {\n(0028,0103) US 1\n(0028,0106) SS 1\n}\n}\n"
         "(0028,0103) US 0\n(0028,0106) US 1\n",
         "D 00081140[ { 00280103:US:2 00280106:SS:2 } ] 00280103:US:2 "
         "00280106:US:2 E",
         "", 0, 0},
    };

    (void)state;
    CHECK(rows);
}

#define IMAGE(rows, frames)                            \
    "(0028,0002) US 1\n" frames "(0028,0010) US " rows \
    "\n(0028,0011) US 3\n(0028,0100) US 8\n(0028,0103) US 0\n"
#define IMAGE_EVENTS "00280010:US:2 00280011:US:2 00280100:US:2 00280103:US:2 "

static void what_values_say_of_each_other_is_checked(void **state)
{
    static const struct row rows[] = {
        {"Pixel Data as long as its description asks", EXPLICIT,
         IMAGE("2", "") "(7FE0,0010) OB repeat 6 hex 01\n",
         "D 00280002:US:2 " IMAGE_EVENTS "7FE00010:OB:6 E", "", 0, 0},
        {"an odd number of bytes is padded", EXPLICIT,
         IMAGE("1", "") "(7FE0,0010) OB repeat 4 hex 01\n",
         "D 00280002:US:2 " IMAGE_EVENTS "7FE00010:OB:4 E", "", 0, 0},
        {"two frames", EXPLICIT,
         IMAGE("2",
               "(0028,0008) IS \"2\"\n") "(7FE0,0010) OB repeat 12 hex 01\n",
         "D 00280002:US:2 00280008:IS:2 " IMAGE_EVENTS "7FE00010:OB:12 E", "",
         0, 0},
        {"Pixel Data too short", EXPLICIT,
         IMAGE("2", "") "(7FE0,0010) OB repeat 4 hex 01\n",
         "D 00280002:US:2 " IMAGE_EVENTS "7FE00010:OB:4 E", "pixel-length", 0,
         0},
        {"Pixel Data too long", EXPLICIT,
         IMAGE("2", "") "(7FE0,0010) OB repeat 8 hex 01\n",
         "D 00280002:US:2 " IMAGE_EVENTS "7FE00010:OB:8 E", "pixel-length", 0,
         0},
        {"a size that no Pixel Data can have", EXPLICIT,
         "(0028,0002) US 65535\n(0028,0008) IS \"99999999\"\n"
         "(0028,0010) US 65535\n(0028,0011) US 65535\n(0028,0100) US 65535\n"
         "(7FE0,0010) OB hex 0102\n",
         "D 00280002:US:2 00280008:IS:8 00280010:US:2 00280011:US:2 "
         "00280100:US:2 7FE00010:OB:2 E",
         "pixel-length", 0, 0},
        {"nothing is said of pixels in a bare data set", "",
         IMAGE("2", "") "(7FE0,0010) OB hex 0102\n",
         "D 00280002:US:2 " IMAGE_EVENTS "7FE00010:OB:2 E", "no-preamble", 0,
         0},
        {"native Pixel Data in an encapsulated syntax", JPEG,
         "(7FE0,0010) OB hex 0102\n", "D 7FE00010:OB:2 E",
         "native-encapsulated", 0, 0},
        {"a character set that is", EXPLICIT, "(0008,0005) CS \"ISO_IR 100\"\n",
         "D 00080005:CS:10 E", "", 0, 0},
        {"a character set misspelt", EXPLICIT,
         "(0008,0005) CS \"ISO IR 100\"\n", "D 00080005:CS:10 E",
         "charset-term", 0, 0},
        {"a character set that is none", EXPLICIT,
         "(0008,0005) CS \"KLINGON \"\n", "D 00080005:CS:8 E",
         "charset-unknown", 0, 0},
    };

    (void)state;
    CHECK(rows);
}

static void nothing_is_left_out_when_all_is_asked_for(void **state)
{
    static const char text[] =
        "(0008,0000) UL 10\n" CS CS "(FFFC,FFFC) OB hex 0000\n";
    struct hexd_buffer b = assemble("", EXPLICIT, text, NULL);
    struct setup s = {0};
    struct reading g;

    (void)state;
    s.keep_all = 1;
    read_memory(&s, b.data, b.size, &g);
    assert_string_equal(g.events, "D 00080000:UL:4 00080060:CS:2 "
                                  "00080060:CS:2+ FFFCFFFC:OB:2 E");
    assert_string_equal(g.issues, "duplicate-tag");
    assert_false(g.wrong_grammar);
    hexd_buffer_release(&b);
}

static void un_stays_un_when_that_is_asked_for(void **state)
{
    struct hexd_buffer b =
        assemble("", EXPLICIT, "(0010,0010) UN \"AB\"\n", NULL);
    struct setup s = {0};
    struct reading g;

    (void)state;
    s.keep_unknown = 1;
    read_memory(&s, b.data, b.size, &g);
    assert_string_equal(g.events, "D 00100010:UN:2 E");
    hexd_buffer_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_attribute_is_left_out),
        cmocka_unit_test(order_is_told_and_the_first_of_two_is_kept),
        cmocka_unit_test(lengths_are_taken_as_they_are),
        cmocka_unit_test(
            a_vr_that_is_none_and_a_length_of_the_wrong_form_are_mended),
        cmocka_unit_test(un_is_read_as_what_the_dictionary_says),
        cmocka_unit_test(without_a_vr_the_dictionary_and_the_scope_decide),
        cmocka_unit_test(what_values_say_of_each_other_is_checked),
        cmocka_unit_test(nothing_is_left_out_when_all_is_asked_for),
        cmocka_unit_test(un_stays_un_when_that_is_asked_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
