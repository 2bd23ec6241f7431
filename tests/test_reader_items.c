/* libdcm/reader_items.c: sequences, items and fragments, and where they end
 * (PS3.5 7.5, A.4), as they should be and as they are met. reader_rows.h
 * explains the words for events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "reader_rows.h"

#define UI "(0008,1150) UI \"1.2\"\n"  /* 12 bytes */
#define UI2 "(0008,1155) UI \"1.3\"\n" /* 12 bytes */
#define ID "(0010,0020) LO \"1\"\n"    /* 10 bytes */
#define ONE "D 00081140[ { 00081150:UI:4 } ] "
#define TWO "D 00081140[ { 00081150:UI:4 00081155:UI:4 } ] "
#define AFTER "00100020:LO:2 E"

static void sequences_as_they_should_be_give_no_warning(void **state)
{
    static const struct row rows[] = {
        {"lengths defined", EXPLICIT,
         "(0008,1140) SQ {\nitem {\n" UI "}\n}\n" ID, ONE AFTER, "", 0, 0},
        {"lengths undefined", EXPLICIT,
         "(0008,1140) SQ undefined {\nitem undefined {\n" UI "}\n}\n" ID,
         ONE AFTER, "", 0, 0},
        {"mixed", EXPLICIT,
         "(0008,1140) SQ undefined {\nitem {\n" UI "}\n}\n" ID, ONE AFTER, "",
         0, 0},
        {"mixed the other way", EXPLICIT,
         "(0008,1140) SQ {\nitem undefined {\n" UI "}\n}\n" ID, ONE AFTER, "",
         0, 0},
        {"no items, length 0", EXPLICIT, "(0008,1140) SQ\n" ID,
         "D 00081140[ ] " AFTER, "", 0, 0},
        {"no items, delimited", EXPLICIT, "(0008,1140) SQ undefined {\n}\n" ID,
         "D 00081140[ ] " AFTER, "", 0, 0},
        {"empty items", EXPLICIT,
         "(0008,1140) SQ {\nitem {\n}\nitem undefined {\n}\nitem {\n}\n}\n" ID,
         "D 00081140[ { } { } { } ] " AFTER, "", 0, 0},
        {"nested", EXPLICIT,
         "(0008,1140) SQ undefined {\nitem {\n(0008,1140) SQ {\n"
         "item undefined {\n" UI "(0008,1199) SQ\n}\n}\n" ID "}\n}\n" ID,
         "D 00081140[ { 00081140[ { 00081150:UI:4 00081199[ ] } ] "
         "00100020:LO:2 } ] " AFTER,
         "", 0, 0},
        {"implicit VR", IMPLICIT,
         "(0008,1140) SQ undefined {\nitem {\n" UI "}\nitem undefined {\n}\n"
         "}\n" ID,
         "D 00081140[ { 00081150:UI:4 } { } ] " AFTER, "", 0, 0},
        {"big endian", BIG,
         "(0008,1140) SQ undefined {\nitem {\n" UI "}\nitem undefined {\n}\n"
         "}\n" ID,
         "D 00081140[ { 00081150:UI:4^ } { } ] 00100020:LO:2^ E", "", 0, 0},
    };

    (void)state;
    CHECK(rows);
}

static void lengths_that_do_not_fit_are_mended(void **state)
{
    static const struct row rows[] = {
        {"item 8 too long, sequence defined", EXPLICIT,
         "(0008,1140) SQ {\nitem length=20 {\n" UI "}\n}\n" ID, ONE AFTER,
         "item-length", 0, 0},
        {"item 8 too long, sequence delimited", EXPLICIT,
         "(0008,1140) SQ undefined {\nitem length=20 {\n" UI "}\n}\n" ID,
         ONE AFTER, "item-length", 0, 0},
        {"item 20 too long, another item follows", EXPLICIT,
         "(0008,1140) SQ undefined {\nitem length=32 {\n" UI "}\nitem {\n" UI
         "}\n}\n" ID,
         "D 00081140[ { 00081150:UI:4 } { 00081150:UI:4 } ] " AFTER,
         "item-length", 0, 0},
        {"item 12 too short, sequence defined", EXPLICIT,
         "(0008,1140) SQ {\nitem length=12 {\n" UI UI2 "}\n}\n" ID, TWO AFTER,
         "item-length", 0, 0},
        {"item 12 too short, sequence delimited", EXPLICIT,
         "(0008,1140) SQ undefined {\nitem length=12 {\n" UI UI2 "}\n}\n" ID,
         TWO AFTER, "item-length", 0, 0},
        {"item that ends inside an element", EXPLICIT,
         "(0008,1140) SQ undefined {\nitem length=16 {\n" UI UI2 "}\n}\n" ID,
         TWO AFTER, "item-length", 0, 0},
        {"item too short, another item follows", EXPLICIT,
         "(0008,1140) SQ {\nitem length=12 {\n" UI UI2 "}\nitem {\n" UI
         "}\n}\n" ID,
         "D 00081140[ { 00081150:UI:4 00081155:UI:4 } { 00081150:UI:4 } "
         "] " AFTER,
         "item-length", 0, 0},
        {"sequence 10 too long, an element follows", EXPLICIT,
         "(0008,1140) SQ length=30 {\nitem {\n" UI "}\n}\n"
         "(0010,0010) PN \"AB^C\"\n" ID,
         ONE "00100010:PN:4 " AFTER, "sequence-length", 0, 0},
        {"item too short or sequence too long: an element that ends where "
         "the sequence does is in it",
         EXPLICIT, "(0008,1140) SQ length=30 {\nitem {\n" UI "}\n}\n" ID,
         "D 00081140[ { 00081150:UI:4 00100020:LO:2 } ] E", "item-length", 0,
         0},
        {"a sequence that passes the end of its item", EXPLICIT,
         "(0008,1140) SQ {\nitem {\n(0008,1140) SQ length=28 {\nitem {\n" UI
         "}\n}\n}\n}\n" ID,
         "D 00081140[ { 00081140[ { 00081150:UI:4 } ] } ] " AFTER,
         "sequence-length", 0, 0},
        {"a value that passes the end of its item", EXPLICIT,
         "(0008,1140) SQ {\nitem {\n(0008,1150) UI length=100 "
         "\"1.2\"\n}\n}\n" ID,
         "D 00081140[ {", "", DCM_ERR_MALFORMED, 20},
    };

    (void)state;
    CHECK(rows);
}

static void delimiters_that_lack_or_abound_are_mended(void **state)
{
    static const struct row rows[] = {
        {"no sequence delimiter, an element follows", EXPLICIT,
         "(0008,1140) SQ undefined {\nitem {\n" UI "}\n} bare\n" ID, ONE AFTER,
         "no-sequence-delimiter", 0, 0},
        {"no item delimiter before the end of the sequence", EXPLICIT,
         "(0008,1140) SQ undefined {\nitem undefined {\n" UI "} bare\n}\n" ID,
         ONE AFTER, "no-item-delimiter", 0, 0},
        {"no item delimiter before the next item", EXPLICIT,
         "(0008,1140) SQ undefined {\nitem undefined {\n" UI
         "} bare\nitem {\n}\n}\n" ID,
         "D 00081140[ { 00081150:UI:4 } { } ] " AFTER, "no-item-delimiter", 0,
         0},
        {"an item delimiter with a length", EXPLICIT,
         "(0008,1140) SQ undefined {\nitem undefined {\n" UI
         "} bare\nhex FEFF 0DE0 04000000\n}\n" ID,
         ONE AFTER, "delimiter-length", 0, 0},
        {"a sequence delimiter with a length", EXPLICIT,
         "(0008,1140) SQ undefined {\nitem {\n" UI
         "}\n} bare\nhex FEFF DDE0 04000000\n" ID,
         ONE AFTER, "delimiter-length", 0, 0},
        {"an item delimiter after an item with a length", EXPLICIT,
         "(0008,1140) SQ undefined {\nitem {\n" UI "}\n(FFFE,E00D)\n}\n" ID,
         ONE AFTER, "stray-delimiter", 0, 0},
        {"a sequence delimiter after a sequence with a length", EXPLICIT,
         "(0008,1140) SQ {\nitem {\n" UI "}\n}\n(FFFE,E0DD)\n" ID, ONE AFTER,
         "stray-delimiter", 0, 0},
    };

    (void)state;
    CHECK(rows);
}

static void items_in_another_encoding_are_read_as_they_are(void **state)
{
    static const struct row rows[] = {
        {"an implicit item in an explicit file", EXPLICIT,
         "(0008,1140) SQ undefined {\nencoding implicit\nitem {\n" UI UI2
         "}\nencoding explicit\n}\n" ID,
         TWO AFTER, "item-encoding", 0, 0},
        {"an explicit item in an implicit file", IMPLICIT,
         "(0008,1140) SQ undefined {\nencoding explicit\nitem {\n" UI UI2
         "}\nencoding implicit\n}\n" ID,
         TWO AFTER, "item-encoding", 0, 0},
        {"little endian items in a big endian file", BIG,
         "(0008,1140) SQ undefined {\nencoding explicit little\nitem {\n" UI UI2
         "}\n}\nencoding explicit big\n" ID,
         "D 00081140[ { 00081150:UI:4 00081155:UI:4 } ] 00100020:LO:2^ E",
         "item-encoding", 0, 0},
    };

    (void)state;
    CHECK(rows);
}

static void what_is_open_when_the_input_ends_is_closed_first(void **state)
{
    static const struct row rows[] = {
        {"in a sequence", EXPLICIT,
         "(0008,1140) SQ undefined {\nitem {\n" UI "}\n} bare\n",
         "D 00081140[ { 00081150:UI:4 } ]", "", DCM_ERR_TRUNCATED, 32},
        {"in an item", EXPLICIT,
         "(0008,1140) SQ undefined {\nitem undefined {\n" UI "} bare\n} bare\n",
         "D 00081140[ { 00081150:UI:4 } ]", "", DCM_ERR_TRUNCATED, 32},
        {"in an item with a length", EXPLICIT,
         "(0008,1140) SQ length=500 {\nitem length=400 {\n" UI "}\n}\n",
         "D 00081140[ { 00081150:UI:4 } ]", "", DCM_ERR_TRUNCATED, 32},
        {"in a value in an item", EXPLICIT,
         "(0008,1140) SQ length=500 {\nitem undefined {\n"
         "(0008,1150) UI length=50 \"1.2.\"\n} bare\n}\n",
         "D 00081140[ { 00081150:UI:4! } ]", "", DCM_ERR_TRUNCATED, 28},
        {"in the header of an item", EXPLICIT,
         "(0008,1140) SQ length=500 {\nitem {\n}\nhex FEFF 00\n}\n",
         "D 00081140[ { } ]", "", DCM_ERR_TRUNCATED, 20},
        {"before the first fragment", JPEG,
         "(7FE0,0010) OB undefined {\n} bare\n", "D 7FE00010:OB< >", "",
         DCM_ERR_TRUNCATED, 12},
        {"in the first fragment", JPEG,
         "(7FE0,0010) OB undefined {\nitem length=8 hex 00000000\n} bare\n",
         "D 7FE00010:OB< f4! >", "", DCM_ERR_TRUNCATED, 20},
        {"in the second fragment", JPEG,
         "(7FE0,0010) OB undefined {\nitem\nitem length=8 hex FFD8\n} bare\n",
         "D 7FE00010:OB< f0 f8 >", "", DCM_ERR_TRUNCATED, 28},
    };

    (void)state;
    CHECK(rows);
}

static void fragments_are_told_one_by_one(void **state)
{
    static const struct row rows[] = {
        {"Pixel Data of two fragments", JPEG,
         "(7FE0,0010) OB undefined {\nitem hex 00000000\nitem hex FFD80102\n"
         "item hex FFD9\n}\n",
         "D 7FE00010:OB< f4 f4 f2 > E", "", 0, 0},
        {"an element after them", JPEG,
         "(7FE0,0010) OB undefined {\nitem\nitem hex FFD9\n}\n"
         "(FFFC,FFFC) OB hex 0000\n",
         "D 7FE00010:OB< f0 f2 > E", "", 0, 0},
        {"OW is OB when encapsulated (A.4)", JPEG,
         "(7FE0,0010) OW undefined {\nitem\nitem hex FFD9\n}\n",
         "D 7FE00010:OB< f0 f2 > E", "", 0, 0},
        {"an icon in an item", JPEG,
         "(0088,0200) SQ {\nitem {\n(7FE0,0010) OB undefined {\nitem\n"
         "item hex FFD9\n}\n}\n}\n",
         "D 00880200[ { 7FE00010:OB< f0 f2 > } ] E", "", 0, 0},
        {"encapsulated where the syntax is not", EXPLICIT,
         "(7FE0,0010) OB undefined {\nitem\nitem hex FFD9\n}\n",
         "D 7FE00010:OB< f0 f2 > E", "encapsulated-native", 0, 0},
        {"a private OB of undefined length", EXPLICIT,
         "(0009,0010) LO \"AB\"\n(0009,1001) OB undefined {\nitem\n"
         "item hex 0102\n}\n" ID,
         "D 00090010:LO:2 00091001:OB< f0 f2 > " AFTER, "encapsulated-native",
         0, 0},
        {"a fragment of odd length", JPEG,
         "(7FE0,0010) OB undefined {\nitem\n"
         "hex FEFF 00E0 03000000 FFD900\n}\n",
         "D 7FE00010:OB< f0 f3 > E", "fragment", 0, 0},
        {"no offset table", JPEG, "(7FE0,0010) OB undefined {\n}\n",
         "D 7FE00010:OB< > E", "fragment", 0, 0},
        {"no delimiter at the end of the file", JPEG,
         "(7FE0,0010) OB undefined {\nitem\nitem hex FFD9\n} bare\n",
         "D 7FE00010:OB< f0 f2 > E", "no-sequence-delimiter", 0, 0},
        {"no delimiter, an element follows", JPEG,
         "(7FE0,0010) OB undefined {\nitem\nitem hex FFD9\n} bare\n"
         "(FFFA,FFFA) SQ\n",
         "D 7FE00010:OB< f0 f2 > FFFAFFFA[ ] E", "no-sequence-delimiter", 0, 0},
        {"a delimiter with a length", JPEG,
         "(7FE0,0010) OB undefined {\nitem\nitem hex FFD9\n} bare\n"
         "hex FEFF DDE0 02000000\n",
         "D 7FE00010:OB< f0 f2 > E", "delimiter-length", 0, 0},
        {"a fragment of undefined length", JPEG,
         "(7FE0,0010) OB undefined {\nitem\nitem length=0xFFFFFFFF hex FFD9\n"
         "}\n",
         "D 7FE00010:OB< f0", "", DCM_ERR_MALFORMED, 20},
    };

    (void)state;
    CHECK(rows);
}

static void a_wrong_length_is_told_once(void **state)
{
    static const char *const bodies[] = {
        "(0008,1140) SQ undefined {\nitem length=12 {\n" UI UI2 "}\n}\n",
        "(0008,1140) SQ undefined {\nitem length=16 {\n" UI UI2 "}\n}\n",
        "(0008,1140) SQ {\nitem length=40 {\n" UI UI2 "}\n}\n",
    };

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct hexd_buffer b = assemble("", EXPLICIT, bodies[i], NULL);
        struct dcm_input *in = dcm_input_memory(b.data, b.size, NULL);
        struct dcm_reader_options o = {0};
        struct dcm_reader *r;
        struct dcm_event ev;

        o.size = sizeof o;
        o.policy = dcm_policy_new(0, NULL, NULL);
        r = dcm_reader_new(&o);
        dcm_reader_open(r, in);
        while (dcm_reader_next(r, &ev) == DCM_OK)
            ;
        assert_int_equal(dcm_policy_count(o.policy, DCM_ISSUE_ITEM_LENGTH), 1);
        assert_int_equal(dcm_policy_count(o.policy, 0), 1);
        dcm_reader_free(r);
        dcm_input_free(in);
        dcm_policy_free(o.policy);
        hexd_buffer_release(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sequences_as_they_should_be_give_no_warning),
        cmocka_unit_test(lengths_that_do_not_fit_are_mended),
        cmocka_unit_test(a_wrong_length_is_told_once),
        cmocka_unit_test(delimiters_that_lack_or_abound_are_mended),
        cmocka_unit_test(items_in_another_encoding_are_read_as_they_are),
        cmocka_unit_test(what_is_open_when_the_input_ends_is_closed_first),
        cmocka_unit_test(fragments_are_told_one_by_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
