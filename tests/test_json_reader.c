/* libdcm/json_reader*.c: the DICOM JSON Model as events. Here what PS3.18 F.2
 * asks for, what is read although it departs from it, and what is not; the
 * order of attributes, limits and the use of a reader are in
 * test_json_reader_use.c, bytes in test_json_reader_bulk.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "json_rows.h"

#define A(tag, vr, value) \
    "{\"" tag "\":{\"vr\":\"" vr "\",\"Value\":" value "}}"
#define ERROR DCM_ERR_MALFORMED

static const struct json_row numbers[] = {
    {"DS: at most 16 bytes, nearest to the number",
     A("00180050", "DS", "[1.2345678901234567]"),
     "D= 00180050:DS='1.23456789012346' E", "number-long", 0, NULL},
    {"DS with an exponent", A("00180050", "DS", "[-1.2345678901234567E-100]"),
     "D= 00180050:DS='-1.23456789E-100' E", "number-long", 0, NULL},
    {"DS: strings stay as they are, null is empty",
     A("00180050", "DS", "[\"1.50\",2,null,\"+3\"]"),
     "D= 00180050:DS='1.50\\2\\\\+3' E", "", 0, NULL},
    {"IS 1.0 is 1", A("00200013", "IS", "[1.0]"), "D= 00200013:IS='1 ' E", "",
     0, NULL},
    {"IS beyond 32 bits, as a string of it would be",
     A("00200013", "IS", "[99999999999]"), "D= 00200013:IS='99999999999 ' E",
     "number-form", 0, NULL},
    {"but not beyond 12 bytes", A("00200013", "IS", "[1234567890123]"),
     "D=", "", ERROR, "line 1, column 33: "},
    {"IS has no fraction", A("00200013", "IS", "[1.5]"), "D=", "", ERROR,
     "line 1, column 33: "},
    {"IS: zeros of a string stay", A("00200013", "IS", "[\"007\"]"),
     "D= 00200013:IS='007 ' E", "", 0, NULL},
    {"US too large", A("00280010", "US", "[70000]"), "D=", "", ERROR,
     "line 1, column 33: "},
    {"US below zero", A("00280010", "US", "[-1]"), "D=", "", ERROR, NULL},
    {"US 2.0 is 2", A("00280010", "US", "[2.0]"), "D= 00280010:US=0200 E", "",
     0, NULL},
    {"UV beyond what a double holds", A("00720083", "UV", "[9007199254740993]"),
     "D= 00720083:UV=0100000000002000 E", "", 0, NULL},
    {"UV as a string", A("00720083", "UV", "[\"18446744073709551615\"]"),
     "D= 00720083:UV=FFFFFFFFFFFFFFFF E", "", 0, NULL},
    {"SV out of range", A("00720082", "SV", "[\"9223372036854775808\"]"),
     "D=", "", ERROR, NULL},
    {"FD: what JSON has no number for",
     A("00189322", "FD", "[\"NaN\",null,\"-inf\"]"),
     "D= 00189322:FD=000000000000F87F000000000000F87F000000000000F0FF E",
     "number-text", 0, NULL},
    {"NaN is not JSON", A("00189322", "FD", "[NaN]"), "D=", "", ERROR,
     "line 1, column 33: "},
    {"the largest double is no infinity",
     A("00189322", "FD", "[1.7976931348623157E308]"),
     "D= 00189322:FD=FFFFFFFFFFFFEF7F E", "", 0, NULL},
    {"a string where a number belongs", A("00280010", "US", "[\"16\"]"),
     "D= 00280010:US=1000 E", "number-text", 0, NULL},
    {"true is no number", A("00280010", "US", "[true]"), "D=", "", ERROR, NULL},
    {"nor is an object", A("00280010", "US", "[{}]"), "D=", "", ERROR, NULL},
    {"a number is no text", A("00080060", "CS", "[1]"), "D=", "", ERROR, NULL},
    {"AT", A("00280009", "AT", "[\"00181063\"]"), "D= 00280009:AT=18006310 E",
     "", 0, NULL},
    {"AT of 7 digits", A("00280009", "AT", "[\"0018106\"]"), "D=", "", ERROR,
     NULL},
};

static void numbers_are_read_exactly_or_not_at_all(void **state)
{
    (void)state;
    CHECK_JSON(numbers, NULL);
}

static const struct json_row texts[] = {
    {"PN: groups by name",
     A("00100010", "PN", "[{\"Alphabetic\":\"A^B\",\"Phonetic\":\"P\"}]"),
     "D= 00100010:PN='A^B==P' E", "", 0, NULL},
    {"PN: only the third", A("00100010", "PN", "[{\"Phonetic\":\"P\"}]"),
     "D= 00100010:PN='==P ' E", "", 0, NULL},
    {"PN: null is not there",
     A("00100010", "PN", "[{\"Alphabetic\":null,\"Ideographic\":\"I\"}]"),
     "D= 00100010:PN='=I' E", "", 0, NULL},
    {"PN: empty ones among several",
     A("00101001", "PN", "[{\"Alphabetic\":\"A\"},{},null]"),
     "D= 00101001:PN='A\\\\ ' E", "", 0, NULL},
    {"PN as a string", A("00100010", "PN", "[\"Doe^J\"]"),
     "D= 00100010:PN='Doe^J ' E", "name-text", 0, NULL},
    {"PN: unknown group",
     A("00100010", "PN", "[{\"x\":[1,{}],\"Alphabetic\":\"A\"}]"),
     "D= 00100010:PN='A ' E", "key-unknown", 0, NULL},
    {"PN: a group twice",
     A("00100010", "PN", "[{\"Alphabetic\":\"A\",\"Alphabetic\":\"B\"}]"),
     "D= 00100010:PN='B ' E", "key-repeated", 0, NULL},
    {"PN: a group is a string", A("00100010", "PN", "[{\"Alphabetic\":1}]"),
     "D=", "", ERROR, NULL},
    {"an object is no text", A("00080060", "CS", "[{}]"), "D=", "", ERROR,
     NULL},
    {"nor is an array", A("00080060", "CS", "[[\"OT\"]]"), "D=", "", ERROR,
     "line 1, column 33: "},
    {"no values", A("00080050", "SH", "[]"), "D= 00080050:SH= E", "", 0, NULL},
    {"one empty value", A("00080050", "SH", "[null]"), "D= 00080050:SH= E", "",
     0, NULL},
    {"two empty values", A("00280030", "DS", "[null,null]"),
     "D= 00280030:DS='\\ ' E", "", 0, NULL},
    {"no Value at all", "{\"00080050\":{\"vr\":\"SH\"}}", "D= 00080050:SH= E",
     "", 0, NULL},
    {"a backslash separates", A("00081040", "LO", "[\"a\\\\b\"]"),
     "D= 00081040:LO='a\\b ' E", "value-backslash", 0, NULL},
    {"but not in LT", A("00104000", "LT", "[\"a\\\\b\"]"),
     "D= 00104000:LT='a\\b ' E", "", 0, NULL},
    {"LT has one value", A("00104000", "LT", "[\"a\",\"b\"]"), "D=", "", ERROR,
     NULL},
    {"half a surrogate pair", A("00081040", "LO", "[\"\\ud800\"]"), "D=", "",
     ERROR, NULL},
    {"escapes", A("00081040", "LO", "[\"\\u0041\\/\"]"),
     "D= 00081040:LO='A/' E", "", 0, NULL},
    {"Value without brackets", A("00080060", "CS", "\"OT\""),
     "D= 00080060:CS='OT' E", "value-array", 0, NULL},
    {"Value is an object", A("00080060", "CS", "{\"0\":\"OT\"}"), "D=", "",
     ERROR, NULL},
};

static void text_keeps_its_values(void **state)
{
    (void)state;
    CHECK_JSON(texts, NULL);
}

static const struct json_row attributes[] = {
    {"nothing at all", "{}", "D= E", "", 0, NULL},
    {"white space everywhere",
     " {\n\"00080060\" :\t{ \"vr\" : \"CS\" ,\r\n \"Value\" : [ \"OT\" , "
     "\"CT\" ] } }",
     "D= 00080060:CS='OT\\CT ' E", "", 0, NULL},
    {"a byte order mark",
     "\xEF\xBB\xBF{\"00080060\":{\"vr\":\"CS\",\"Value\":[\"OT\"]}}",
     "D= 00080060:CS='OT' E", "", 0, NULL},
    {"vr after the value",
     "{\"00080060\":{\"Value\":[\"OT\"],\"vr\":\"CS\"},"
     "\"00080070\":{\"vr\":\"LO\"}}",
     "D= 00080060:CS='OT' 00080070:LO= E", "", 0, NULL},
    {"vr after items",
     "{\"00081140\":{\"Value\":[{\"00080060\":{\"Value\":[\"OT\"],\"vr\":"
     "\"CS\"}}],\"vr\":\"SQ\"},\"00100010\":{\"vr\":\"PN\"}}",
     "D= 00081140[ { 00080060:CS='OT' } ] 00100010:PN= E", "", 0, NULL},
    {"vr missing", "{\"00080060\":{\"Value\":[\"OT\"]}}",
     "D= 00080060:CS='OT' E", "vr-missing", 0, NULL},
    {"vr unknown, the dictionary's fits", A("00080060", "XX", "[\"OT\"]"),
     "D= 00080060:CS='OT' E", "vr-missing", 0, NULL},
    {"vr unknown, the dictionary's does not fit",
     A("00080060", "XX", "[\"x\"]"), "D=", "vr-missing", ERROR, NULL},
    {"a choice of VRs, as dictionaries have it",
     A("00280106", "US or SS", "[1]"), "D= 00280106:US=0100 E",
     "vr-missing ambiguous-vr", 0, NULL},
    {"a choice of what are no VRs", A("00280106", "US or s", "[1]"), "D=", "",
     ERROR, NULL},
    {"vr unknown, and the tag too", A("00091001", "XX", "[\"OT\"]"), "D=", "",
     ERROR, NULL},
    {"vr missing, the tag unknown",
     "{\"00091001\":{\"InlineBinary\":\"AQI=\"}}", "D= 00091001:UN=0102 E",
     "vr-missing", 0, NULL},
    {"vr by Pixel Representation",
     "{\"00280103\":{\"vr\":\"US\",\"Value\":[1]},\"00280106\":{\"Value\":[-2]}"
     "}",
     "D= 00280103:US=0100 00280106:SS=FEFF E", "vr-missing", 0, NULL},
    {"vr that hangs on what is not there", "{\"00280106\":{\"Value\":[2]}}",
     "D= 00280106:US=0200 E", "vr-missing ambiguous-vr", 0, NULL},
    {"vr of one letter", "{\"00080060\":{\"vr\":\"C\"}}", "D=", "", ERROR,
     "line 1, column 19: "},
    {"vr is empty", "{\"00080060\":{\"vr\":\"\"}}", "D=", "", ERROR, NULL},
    {"vr is a number", "{\"00080060\":{\"vr\":7}}", "D=", "", ERROR, NULL},
    {"vr twice", "{\"00080060\":{\"vr\":\"CS\",\"vr\":\"CS\"}}", "D=", "",
     ERROR, "line 1, column 24: "},
    {"vr is not the dictionary's", A("00080060", "LO", "[\"OT\"]"),
     "D= 00080060:LO='OT' E", "vr-other", 0, NULL},
    {"UN is nobody's", "{\"00080060\":{\"vr\":\"UN\"}}", "D= 00080060:UN= E",
     "", 0, NULL},
    {"Value twice",
     "{\"00080060\":{\"vr\":\"CS\",\"Value\":[\"A\"],\"Value\":[\"B\"]}}", NULL,
     "", ERROR, "line 1, column 38: "},
    {"Value and InlineBinary",
     "{\"00280010\":{\"vr\":\"US\",\"Value\":[1],\"InlineBinary\":\"AQA=\"}}",
     NULL, "", ERROR, NULL},
    {"an unknown member", "{\"00080060\":{\"x\":{\"y\":[]},\"vr\":\"CS\"}}",
     "D= 00080060:CS= E", "key-unknown", 0, NULL},
    {"an attribute is no null", "{\"00080060\":null}", "D=", "", ERROR, NULL},
    {"nor an array", "{\"00080060\":[]}", "D=", "", ERROR, NULL},
    {"lower case key", "{\"0020000d\":{\"vr\":\"UI\"}}", "D= 0020000D:UI= E",
     "key-case", 0, NULL},
    {"key of 7 digits", "{\"0008006\":{\"vr\":\"CS\"}}", NULL, "", ERROR,
     "line 1, column 2: name of"},
    {"key with a sign", "{\"+8000060\":{\"vr\":\"CS\"}}", NULL, "", ERROR,
     NULL},
    {"key is a keyword", "{\"Modality\":{\"vr\":\"CS\"}}", NULL, "", ERROR,
     NULL},
    {"an item tag is no attribute", "{\"FFFEE000\":{\"vr\":\"SQ\"}}", "D=", "",
     ERROR, NULL},
    {"nor is a command", "{\"00000002\":{\"vr\":\"UI\"}}", "D=", "", ERROR,
     NULL},
    {"group lengths and padding are dropped",
     "{\"00080000\":{\"vr\":\"UL\",\"Value\":[8]},\"00080060\":{\"vr\":\"CS\","
     "\"Value\":[\"OT\"]},\"FFFCFFFC\":{\"vr\":\"OB\"}}",
     "D= 00080060:CS='OT' E", "", 0, NULL},
    {"a comma at the end", "{\"00080060\":{\"vr\":\"CS\"},}", NULL, "", ERROR,
     "line 1, column 25: "},
    {"a comma at an attribute's end", "{\"00080060\":{\"vr\":\"CS\",}}",
     "D=", "", ERROR, NULL},
    {"a comma after values", A("00080060", "CS", "[\"OT\",]"), "D=", "", ERROR,
     NULL},
    {"a comma at the start", "{,\"00080060\":{\"vr\":\"CS\"}}", NULL, "", ERROR,
     NULL},
    {"no comma", "{\"00080060\":{\"vr\":\"CS\"}\"00080070\":{\"vr\":\"LO\"}}",
     NULL, "", ERROR, "line 1, column 24: "},
};

static void attributes_are_objects_with_a_vr_and_one_value(void **state)
{
    (void)state;
    CHECK_JSON(attributes, NULL);
}

static const struct json_row sequences[] = {
    {"no items", "{\"00081140\":{\"vr\":\"SQ\"}}", "D= 00081140[ ] E", "", 0,
     NULL},
    {"an empty array", A("00081140", "SQ", "[]"), "D= 00081140[ ] E", "", 0,
     NULL},
    {"null is an empty item", A("00081140", "SQ", "[null,{}]"),
     "D= 00081140[ { } { } ] E", "", 0, NULL},
    {"an item without brackets",
     A("00081140", "SQ", "{\"00080060\":{\"vr\":\"CS\"}}"),
     "D= 00081140[ { 00080060:CS= } ] E", "value-array", 0, NULL},
    {"items in items, and what comes behind",
     "{\"00081140\":{\"vr\":\"SQ\",\"Value\":[{\"0040A730\":{\"vr\":\"SQ\","
     "\"Value\":[{\"00080060\":{\"vr\":\"CS\"}},{}]}},{}]},\"00100010\":{"
     "\"vr\":\"PN\"}}",
     "D= 00081140[ { 0040A730[ { 00080060:CS= } { } ] } { } ] 00100010:PN= E",
     "", 0, NULL},
    {"a number is no item", A("00081140", "SQ", "[1]"), NULL, "", ERROR, NULL},
    {"nor is an array", A("00081140", "SQ", "[[]]"), NULL, "", ERROR, NULL},
    {"a string is no array of items", A("00081140", "SQ", "\"x\""), "D=", "",
     ERROR, NULL},
    {"a member after the items",
     "{\"00081140\":{\"vr\":\"SQ\",\"Value\":[{}],"
     "\"x\":1}}",
     "D= 00081140[ { } ] E", "key-unknown", 0, NULL},
    {"a second value after the items",
     "{\"00081140\":{\"vr\":\"SQ\",\"Value\":[{}],\"Value\":[]}}", NULL, "",
     ERROR, NULL},
    {"bytes are no sequence",
     "{\"00081140\":{\"vr\":\"SQ\",\"InlineBinary\":\"AAAA\"}}", "D=", "",
     ERROR, NULL},
    {"a URI: some servers leave long ones out so",
     "{\"00081140\":{\"vr\":\"SQ\",\"BulkDataURI\":\"x\"}}",
     "D= 00081140:SQ@='x' E", "binary-vr", 0, NULL},
    {"group 0002 in an item",
     A("00081140", "SQ",
       "[{\"00020010\":{\"vr\":\"UI\",\"Value\":[\"1.2\"]}}]"),
     NULL, "", ERROR, NULL},
};

static void sequences_are_arrays_of_items(void **state)
{
    (void)state;
    CHECK_JSON(sequences, NULL);
}

static const struct json_row documents[] = {
    {"group 0002 comes first, and names the syntax",
     "{\"00020010\":{\"vr\":\"UI\",\"Value\":[\"1.2.840.10008.1.2\"]},"
     "\"00080016\":{\"vr\":\"UI\",\"Value\":[\"1.2.3\"]}}",
     "00020010:UI=312E322E3834302E31303030382E312E3200 D=1.2.840.10008.1.2 "
     "00080016:UI=312E322E3300 E", /* padded with NUL */
     "", 0, NULL},
    {"only group 0002", A("00020010", "UI", "[\"1.2\"]"),
     "00020010:UI=312E3200 D=1.2 E", "", 0, NULL},
    {"its length goes", "{\"00020000\":{\"vr\":\"UL\",\"Value\":[9]}}", "D= E",
     "", 0, NULL},
    {"a syntax that is none", A("00020010", "UI", "[\"1..2\"]"), NULL,
     "value-form", ERROR, NULL},
    {"a sequence in it", "{\"00020010\":{\"vr\":\"SQ\"}}", "", "vr-other",
     ERROR, NULL},
    {"an array of one", "[{\"00080060\":{\"vr\":\"CS\"}}]", "D= 00080060:CS= E",
     "", 0, NULL},
    {"an array of two",
     "[{\"00080060\":{\"vr\":\"CS\"}}, {\"00080050\":{\"vr\":\"SH\"}}]",
     "D= 00080060:CS= E D= 00080050:SH= E", "", 0, NULL},
    {"an array of none", "[ ]", "", "", 0, NULL},
    {"an array of something else", "[1]", "", "", ERROR, NULL},
    {"and something else after one", "[{},1]", "D= E", "", ERROR,
     "line 1, column 5: "},
    {"a comma at its end", "[{},]", "D= E", "", ERROR, NULL},
    {"no data set", "42", "", "", ERROR, "line 1, column 1: "},
    {"text behind it", "{\"00080060\":{\"vr\":\"CS\"}}\n {}", NULL, "", ERROR,
     "line 2, column 2: "},
    {"text behind an array", "[{}] x", "D= E", "", ERROR, NULL},
    {"columns are characters",
     "{\"00080005\":{\"vr\":\"CS\",\"Value\":[\"ISO_IR 192\"]},\n"
     "\"00081030\":{\"vr\":\"LO\",\"Value\":[\"\xC3\xA9\",1]}}",
     NULL, "", ERROR, "line 2, column 36: "},
};

static void documents_hold_data_sets(void **state)
{
    (void)state;
    CHECK_JSON(documents, NULL);
}

static void an_error_tells_where_it_is(void **state)
{
    static struct json_reading g;
    static const char text[] =
        "{\"0040A730\":{\"vr\":\"SQ\",\"Value\":[{},\n"
        " {\"0040A168\":{\"vr\":\"SQ\",\"Value\":[{\"00280010\":"
        "{\"vr\":\"US\",\"Value\":[70000]}}]}}]}}";

    (void)state;
    json_read_text(&(struct dcm_json_reader_options){0}, text, &g);
    assert_int_equal(g.status, DCM_ERR_MALFORMED);
    assert_string_equal(g.error.path,
                        "(0040,A730)[2]/(0040,A168)[1]/(0028,0010)");
    assert_int_equal(g.error.offset, strstr(text, "70000") - text);
    assert_memory_equal(g.error.message, "line 2, column 66: ", 19);
    /* between attributes it is the item */
    json_read_text(&(struct dcm_json_reader_options){0},
                   "{\"0040A730\":{\"vr\":\"SQ\",\"Value\":[{},{1}]}}", &g);
    assert_string_equal(g.error.path, "(0040,A730)[2]");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_read_exactly_or_not_at_all),
        cmocka_unit_test(text_keeps_its_values),
        cmocka_unit_test(attributes_are_objects_with_a_vr_and_one_value),
        cmocka_unit_test(sequences_are_arrays_of_items),
        cmocka_unit_test(documents_hold_data_sets),
        cmocka_unit_test(an_error_tells_where_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
