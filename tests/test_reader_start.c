/* libdcm/reader_start.c: where a data set begins and in what encoding
 * (PS3.10 7.1, PS3.5 10), in files as they should be and as they are met.
 * reader_rows.h explains the words for events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "reader_rows.h"

#define TWO "(0008,0060) CS \"OT\"\n(0010,0010) PN \"A^B\"\n"
#define TWO_EVENTS "D 00080060:CS:2 00100010:PN:4 E"
#define TWO_BIG "D 00080060:CS:2^ 00100010:PN:4^ E"
#define UID_LE "(0002,0010) UI \"1.2.840.10008.1.2.1\"\n"
#define ZEROS "repeat 128 hex 00\n"

static void files_as_they_should_be_give_no_warning(void **state)
{
    static const struct row rows[] = {
        {"explicit VR little endian", EXPLICIT, TWO, TWO_EVENTS, "", 0, 0},
        {"implicit VR little endian", IMPLICIT, TWO, TWO_EVENTS, "", 0, 0},
        {"explicit VR big endian", BIG, TWO, TWO_BIG, "", 0, 0},
        {"deflated", "", "preamble\nsyntax 1.2.840.10008.1.2.1.99\n" TWO,
         TWO_EVENTS, "", 0, 0},
        {"encapsulated syntaxes are explicit little endian", JPEG, TWO,
         TWO_EVENTS, "", 0, 0},
        {"an empty data set", EXPLICIT, "", "D E", "", 0, 0},
        {"a preamble that is another format's", "",
         "repeat 64 \"II\"\n\"DICM\"\nmeta {\n" UID_LE "}\n" TWO, TWO_EVENTS,
         "", 0, 0},
        {"(0002,0000) missing", "", ZEROS "\"DICM\"\n" UID_LE TWO, TWO_EVENTS,
         "", 0, 0},
        {"elements of group 0002 that nobody knows (7.1: ignore)", "",
         "preamble\nmeta {\n" UID_LE "(0002,00FE) OB hex 0102\n}\n" TWO,
         TWO_EVENTS, "", 0, 0},
        {"GE's own: implicit, but Pixel Data is big endian",
         "preamble\nmeta {\n(0002,0010) UI \"1.2.840.113619.5.2\"\n}\n"
         "encoding implicit\n",
         "(0028,0010) US 1\n(7FE0,0010) OW 1\n",
         "D 00280010:US:2 7FE00010:OW:2^ E", "", 0, 0},
        {"Papyrus 3: implicit",
         "preamble\nmeta {\n"
         "(0002,0010) UI \"1.2.840.10008.1.20\"\n}\nencoding implicit\n",
         TWO, TWO_EVENTS, "", 0, 0},
    };

    (void)state;
    CHECK(rows);
}

static void a_missing_or_broken_front_is_made_good(void **state)
{
    static const struct row rows[] = {
        {"no preamble", "", "meta {\n" UID_LE "}\n" TWO, TWO_EVENTS,
         "no-preamble", 0, 0},
        {"DICM first", "", "\"DICM\"\nmeta {\n" UID_LE "}\n" TWO, TWO_EVENTS,
         "no-preamble", 0, 0},
        {"another prefix than DICM", "",
         ZEROS "\"MCID\"\nmeta {\n" UID_LE "}\n" TWO, TWO_EVENTS, "no-preamble",
         0, 0},
        {"a bare data set, explicit", "", TWO, TWO_EVENTS, "no-preamble", 0, 0},
        {"a bare data set, implicit", "", "encoding implicit\n" TWO, TWO_EVENTS,
         "no-preamble", 0, 0},
        {"a bare data set, big endian", "", "encoding explicit big\n" TWO,
         TWO_BIG, "no-preamble", 0, 0},
        {"a bare data set with DICM where the prefix would be", "",
         "(0008,0104) LO repeat 120 \"A\" \"DICMAN\"\n(0010,0010) PN\n",
         "D 00080104:LO:126 00100010:PN:0 E", "no-preamble", 0, 0},
        {"a bare data set that begins with a sequence", "",
         "(0008,1140) SQ undefined {\nitem {\n(0008,1150) UI \"1.2\"\n}\n}\n",
         "D 00081140[ { 00081150:UI:4 } ] E", "no-preamble", 0, 0},
        {"DICM and no group 0002, explicit", "preamble\n", TWO, TWO_EVENTS,
         "no-meta", 0, 0},
        {"DICM and no group 0002, implicit", "preamble\n",
         "encoding implicit\n" TWO, TWO_EVENTS, "no-meta", 0, 0},
        {"DICM and no group 0002, big endian", "preamble\n",
         "encoding explicit big\n" TWO, TWO_BIG, "no-meta", 0, 0},
        {"(0002,0000) too large", "",
         "preamble\n(0002,0000) UL 500\n" UID_LE TWO, TWO_EVENTS, "meta-length",
         0, 0},
        {"(0002,0000) too small", "", "preamble\n(0002,0000) UL 6\n" UID_LE TWO,
         TWO_EVENTS, "meta-length", 0, 0},
        {"(0002,0000) of 0", "", "preamble\n(0002,0000) UL 0\n" UID_LE TWO,
         TWO_EVENTS, "meta-length", 0, 0},
        {"no Transfer Syntax UID, explicit", "",
         "preamble\nmeta {\n(0002,0003) UI \"1.2\"\n}\n" TWO, TWO_EVENTS,
         "no-transfer-syntax", 0, 0},
        {"no Transfer Syntax UID, implicit", "",
         "preamble\nmeta {\n(0002,0003) UI \"1.2\"\n}\nencoding implicit\n" TWO,
         TWO_EVENTS, "no-transfer-syntax", 0, 0},
        {"an unknown Transfer Syntax UID, explicit", "",
         "preamble\nmeta {\n(0002,0010) UI \"1.2.3.4\"\n}\n" TWO, TWO_EVENTS,
         "unknown-transfer-syntax", 0, 0},
        {"an unknown Transfer Syntax UID, implicit", "",
         "preamble\nmeta {\n(0002,0010) UI \"1.2.3.4\"\n}\n"
         "encoding implicit\n" TWO,
         TWO_EVENTS, "unknown-transfer-syntax", 0, 0},
        {"Transfer Syntax UID padded with a space (PS3.5 9.1)", "",
         "preamble\nmeta {\n(0002,0010) UI \"1.2.840.10008.1.2.1 \"\n}\n" TWO,
         TWO_EVENTS, "uid-padding", 0, 0},
        {"group 0002 without VRs", "",
         "preamble\nencoding implicit\n" UID_LE "encoding explicit\n" TWO,
         TWO_EVENTS, "meta-implicit", 0, 0},
        {"group 0002 out of order", "",
         "preamble\nmeta {\n" UID_LE "(0002,0003) UI \"1.2\"\n}\n" TWO,
         TWO_EVENTS, "meta-order", 0, 0},
        {"group 0002 repeats an element: the first counts", "",
         "preamble\nmeta {\n" UID_LE
         "(0002,0010) UI \"1.2.840.10008.1.2\"\n}\n" TWO,
         TWO_EVENTS, "meta-order", 0, 0},
    };

    (void)state;
    CHECK(rows);
}

static void
content_in_another_encoding_than_stated_is_read_as_it_is(void **state)
{
    static const struct row rows[] = {
        {"says implicit, is explicit", IMPLICIT, "encoding explicit\n" TWO,
         TWO_EVENTS, "wrong-transfer-syntax", 0, 0},
        {"says explicit, is implicit", EXPLICIT, "encoding implicit\n" TWO,
         TWO_EVENTS, "wrong-transfer-syntax", 0, 0},
        {"says big endian, is little", BIG, "encoding explicit little\n" TWO,
         TWO_EVENTS, "wrong-transfer-syntax", 0, 0},
        {"says little endian, is big", EXPLICIT, "encoding explicit big\n" TWO,
         TWO_BIG, "wrong-transfer-syntax", 0, 0},
        {"says implicit, is big endian", IMPLICIT,
         "encoding explicit big\n" TWO, TWO_BIG, "wrong-transfer-syntax", 0, 0},
        {"says deflated, is not", "",
         "preamble\nmeta {\n(0002,0010) UI \"1.2.840.10008.1.2.1.99\"\n}\n" TWO,
         TWO_EVENTS, "not-deflated", 0, 0},
        {"deflated with a zlib header", "",
         "preamble\nmeta {\n(0002,0010) UI \"1.2.840.10008.1.2.1.99\"\n}\n"
         "deflate zlib\n" TWO,
         TWO_EVENTS, "zlib-header", 0, 0},
    };

    (void)state;
    CHECK(rows);
}

static void what_is_not_dicom_is_refused(void **state)
{
    static const struct row rows[] = {
        {"nothing", "", "", "", "", DCM_ERR_NOT_DICOM, 0},
        {"132 bytes and no more", "", "preamble\n", "", "", DCM_ERR_NOT_DICOM,
         0},
        {"text", "", "\"The quick brown fox jumps over the lazy dog.\"\n", "",
         "", DCM_ERR_NOT_DICOM, 0},
        {"zeros", "", "repeat 1000 hex 00\n", "", "", DCM_ERR_NOT_DICOM, 0},
        {"ones", "", "repeat 1000 hex FF\n", "", "", DCM_ERR_NOT_DICOM, 0},
        {"a PNG", "",
         "hex 89504E470D0A1A0A0000000D49484452\n"
         "repeat 200 hex 12\n",
         "", "", DCM_ERR_NOT_DICOM, 0},
        {"an ELF program", "",
         "hex 7F454C46020101000000000000000000\n"
         "hex 03003E0001000000\nrepeat 200 hex 34\n",
         "", "", DCM_ERR_NOT_DICOM, 0},
        {"an attribute that is private: no way to begin", "",
         "(0009,0010) LO \"ACME\"\n", "", "", DCM_ERR_NOT_DICOM, 0},
    };

    (void)state;
    CHECK(rows);
}

static void what_begins_well_and_goes_wrong_says_where(void **state)
{
    static const struct row rows[] = {
        {"DICM, group 0002, then junk", EXPLICIT,
         "\"once upon a time there was a file\"\n", "", "", DCM_ERR_MALFORMED,
         0},
        {"cut within the header of group 0002", "preamble\n",
         "hex 0200 0000 55\n", "", "", DCM_ERR_TRUNCATED, 0},
        {"cut within a value of group 0002", "preamble\n",
         "(0002,0003) UI length=20 \"1.2.3.\"\n", "", "", DCM_ERR_TRUNCATED, 8},
        {"a VR that group 0002 cannot have", "preamble\n",
         "(0002,0003) ZZ long \"1.2 \"\n" TWO, "", "", DCM_ERR_MALFORMED, 0},
        {"undefined length in group 0002", "preamble\n",
         "(0002,0102) OB length=undefined hex 0102\n" TWO, "", "",
         DCM_ERR_MALFORMED, 0},
        {"a stray delimiter after group 0002", EXPLICIT, "(FFFE,E0DD)\n" TWO,
         TWO_EVENTS, "stray-delimiter", 0, 0},
    };

    (void)state;
    CHECK(rows);
}

static void the_events_of_group_0002_come_before_the_data_set(void **state)
{
    struct hexd_buffer b = assemble("", EXPLICIT, TWO, NULL);
    struct dcm_input *in = dcm_input_memory(b.data, b.size, NULL);
    struct dcm_reader *r = dcm_reader_new(NULL);
    struct dcm_event ev;
    uint32_t last = 0;
    unsigned n = 0;

    (void)state;
    dcm_reader_open(r, in);
    assert_int_equal(dcm_reader_next(r, &ev), DCM_OK);
    while (ev.type == DCM_EVENT_VALUE) {
        assert_int_equal(ev.tag >> 16, 2);
        assert_true(ev.tag > last);
        assert_string_equal(dcm_reader_syntax(r), ""); /* not yet known */
        last = ev.tag;
        n++;
        assert_int_equal(dcm_reader_next(r, &ev), DCM_OK);
    }
    assert_int_equal(ev.type, DCM_EVENT_DATASET);
    assert_int_equal(n, 5); /* without the group length */
    assert_string_equal(dcm_reader_syntax(r), "1.2.840.10008.1.2.1");
    dcm_reader_free(r);
    dcm_input_free(in);
    hexd_buffer_release(&b);
}

static void the_syntax_of_a_bare_data_set_is_the_one_found(void **state)
{
    static const struct {
        const char *start, *want;
    } rows[] = {
        {"encoding explicit\n", "1.2.840.10008.1.2.1"},
        {"encoding implicit\n", "1.2.840.10008.1.2"},
        {"encoding explicit big\n", "1.2.840.10008.1.2.2"},
    };

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct hexd_buffer b = assemble("", rows[i].start, TWO, NULL);
        struct dcm_input *in = dcm_input_memory(b.data, b.size, NULL);
        struct dcm_reader *r = dcm_reader_new(NULL);
        struct dcm_event ev;

        dcm_reader_open(r, in);
        assert_int_equal(dcm_reader_next(r, &ev), DCM_OK);
        assert_int_equal(ev.type, DCM_EVENT_DATASET);
        assert_string_equal(dcm_reader_syntax(r), rows[i].want);
        dcm_reader_free(r);
        dcm_input_free(in);
        hexd_buffer_release(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_as_they_should_be_give_no_warning),
        cmocka_unit_test(a_missing_or_broken_front_is_made_good),
        cmocka_unit_test(
            content_in_another_encoding_than_stated_is_read_as_it_is),
        cmocka_unit_test(what_is_not_dicom_is_refused),
        cmocka_unit_test(what_begins_well_and_goes_wrong_says_where),
        cmocka_unit_test(the_events_of_group_0002_come_before_the_data_set),
        cmocka_unit_test(the_syntax_of_a_bare_data_set_is_the_one_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
