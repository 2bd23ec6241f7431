/* The JSON writer, played events by hand. Expected texts follow PS3.18 Annex
 * F; where the standard is silent a row says what is chosen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "json_player.h"

/* ----------------------------------------------------------------- values */

#define BE DCM_BIG_ENDIAN
#define N(s) s, sizeof(s) - 1

static const struct value_row {
    const char *why;
    uint32_t tag;
    uint16_t vr;
    const char *bytes;
    size_t n;
    unsigned flags;
    const char *want; /* after the VR */
    dcm_issue issue;  /* the only one, or none */
} value_rows[] = {
    /* empty values, F.2.5 */
    {"length 0", 0x00080050, VR_SH, N(""), 0, "", 0},
    {"second value empty", 0x00080008, VR_CS, N("ORIGINAL\\\\AXIAL "), 0,
     ",\"Value\":[\"ORIGINAL\",null,\"AXIAL\"]", 0},
    {"two empty values", 0x00081040, VR_LO, N("\\ "), 0,
     ",\"Value\":[null,null]", 0},
    {"three empty values", 0x00081040, VR_LO, N("\\\\"), 0,
     ",\"Value\":[null,null,null]", 0},
    {"first value empty", 0x00081040, VR_LO, N("\\A"), 0,
     ",\"Value\":[null,\"A\"]", 0},
    {"only padding", 0x00081040, VR_LO, N("  "), 0, "", 0},
    {"empty bytes", 0x00420011, VR_OB, N(""), 0, "", 0},
    {"empty number", 0x00280010, VR_US, N(""), 0, "", 0},
    /* strings, PS3.5 6.2 */
    {"padding of each value goes", 0x00180022, VR_CS, N("SE \\ IR "), 0,
     ",\"Value\":[\"SE\",\"IR\"]", 0},
    {"leading spaces of LO stay", 0x00081040, VR_LO, N("  A "), 0,
     ",\"Value\":[\"  A\"]", 0},
    {"LT is one value", 0x00104000, VR_LT, N(" x\\y  "), 0,
     ",\"Value\":[\" x\\\\y\"]", 0},
    {"escapes; LO has no TAB", 0x00081030, VR_LO, N("a\"b\tc "), 0,
     ",\"Value\":[\"a\\\"b\\tc\"]", DCM_ISSUE_TEXT_CONTROL},
    {"LT may have line ends", 0x00104000, VR_LT, N("a\r\nb\f\tc "), 0,
     ",\"Value\":[\"a\\r\\nb\\f\\tc\"]", 0},
    {"BEL not even in LT", 0x00104000, VR_LT, N("a\ab "), 0,
     ",\"Value\":[\"a\\u0007b\"]", DCM_ISSUE_TEXT_CONTROL},
    {"UR is one value", 0x00081190, VR_UR, N("http://h/a\\b"), 0,
     ",\"Value\":[\"http://h/a\\\\b\"]", 0},
    {"UC has values", 0x00080119, VR_UC, N("a\\b "), 0,
     ",\"Value\":[\"a\",\"b\"]", 0},
    {"UI padded with a space", 0x00080018, VR_UI, N("1.2.3 "), 0,
     ",\"Value\":[\"1.2.3\"]", 0},
    {"16 characters fit a CS", 0x00080060, VR_CS, N("ABCDEFGHIJKLMNOP"), 0,
     ",\"Value\":[\"ABCDEFGHIJKLMNOP\"]", 0},
    {"a longer value is kept whole", 0x00080060, VR_CS, N("ABCDEFGHIJKLMNOPQR"),
     0, ",\"Value\":[\"ABCDEFGHIJKLMNOPQR\"]", DCM_ISSUE_TEXT_LENGTH},
    /* DS and IS: textual, never through a double */
    {"plus sign", 0x00180050, VR_DS, N("+1.50 "), 0, ",\"Value\":[1.50]", 0},
    {"no digit after the point", 0x00180050, VR_DS, N("5."), 0,
     ",\"Value\":[5.0]", 0},
    {"no digit before the point", 0x00180050, VR_DS, N("-.5 "), 0,
     ",\"Value\":[-0.5]", 0},
    {"spaces around values", 0x00280030, VR_DS, N(" 0.5\\0.25 "), 0,
     ",\"Value\":[0.5,0.25]", 0},
    {"empty value of a list", 0x00280030, VR_DS, N("2\\\\4"), 0,
     ",\"Value\":[2,null,4]", 0},
    {"decimal comma", 0x00180050, VR_DS, N("1,5 "), 0, ",\"Value\":[\"1,5\"]",
     DCM_ISSUE_NUMBER_FORM},
    {"over the range of a double", 0x00180050, VR_DS, N("1e400 "), 0,
     ",\"Value\":[\"1e400\"]", DCM_ISSUE_NUMBER_FORM},
    {"18 bytes of DS", 0x00180050, VR_DS, N("1.2345678901234567"), 0,
     ",\"Value\":[\"1.2345678901234567\"]", DCM_ISSUE_TEXT_LENGTH},
    {"only one of a list is wrong", 0x00280030, VR_DS, N("1\\x\\3 "), 0,
     ",\"Value\":[1,\"x\",3]", DCM_ISSUE_NUMBER_FORM},
    {"leading zeros", 0x00200013, VR_IS, N("007 "), 0, ",\"Value\":[7]", 0},
    {"over 32 bits", 0x00200013, VR_IS, N("99999999999 "), 0,
     ",\"Value\":[\"99999999999\"]", DCM_ISSUE_NUMBER_FORM},
    {"IS with a point", 0x00200013, VR_IS, N("1.0 "), 0, ",\"Value\":[\"1.0\"]",
     DCM_ISSUE_NUMBER_FORM},
    {"IS in hex", 0x00200013, VR_IS, N("0x10"), 0, ",\"Value\":[\"0x10\"]",
     DCM_ISSUE_NUMBER_FORM},
    /* binary numbers */
    {"US", 0x00280030, VR_US, N("\1\0\xFF\xFF"), 0, ",\"Value\":[1,65535]", 0},
    {"SS", 0x00280106, VR_SS, N("\0\xFC"), 0, ",\"Value\":[-1024]", 0},
    {"UL", 0x00280106, VR_UL, N("\xFF\xFF\xFF\xFF"), 0,
     ",\"Value\":[4294967295]", 0},
    {"SL", 0x00280106, VR_SL, N("\0\0\0\x80"), 0, ",\"Value\":[-2147483648]",
     0},
    {"big endian US", 0x00280010, VR_US, N("\2\0"), BE, ",\"Value\":[512]", 0},
    {"big endian FD", 0x00189322, VR_FD, N("\x3F\xF8\0\0\0\0\0\0"), BE,
     ",\"Value\":[1.5]", 0},
    {"NaN", 0x00189322, VR_FD, N("\0\0\0\0\0\0\xF8\x7F"), 0,
     ",\"Value\":[\"NaN\"]", DCM_ISSUE_NUMBER_SPECIAL},
    {"infinities", 0x0018605A, VR_FL, N("\0\0\x80\x7F\0\0\x80\xFF"), 0,
     ",\"Value\":[\"Infinity\",\"-Infinity\"]", DCM_ISSUE_NUMBER_SPECIAL},
    {"shortest float", 0x0018605A, VR_FL, N("\xCD\xCC\xCC\x3D"), 0,
     ",\"Value\":[0.1]", 0},
    {"sign of zero", 0x00189322, VR_FD, N("\0\0\0\0\0\0\0\x80"), 0,
     ",\"Value\":[-0.0]", 0},
    {"SV beyond 2^53-1", 0x00720082, VR_SV, N("\0\0\0\0\0\0\0\x80"), 0,
     ",\"Value\":[\"-9223372036854775808\"]", 0},
    {"SV at the edges", 0x00720082, VR_SV,
     N("\1\0\0\0\0\0\xE0\xFF\0\0\0\0\0\0\xE0\xFF"), 0,
     ",\"Value\":[-9007199254740991,\"-9007199254740992\"]", 0},
    {"UV at the edges", 0x00720083, VR_UV,
     N("\xFF\xFF\xFF\xFF\xFF\xFF\x1F\0\1\0\0\0\0\0\x20\0"), 0,
     ",\"Value\":[9007199254740991,\"9007199254740993\"]", 0},
    {"AT", 0x00280009, VR_AT, N("\x18\0\x63\x10\xE0\x7F\x10\0"), 0,
     ",\"Value\":[\"00181063\",\"7FE00010\"]", 0},
    {"big endian AT is two words", 0x00280009, VR_AT, N("\0\x18\x10\x63"), BE,
     ",\"Value\":[\"00181063\"]", 0},
    {"left-over byte of a US", 0x00280010, VR_US, N("\1\0\2"), 0,
     ",\"Value\":[1]", DCM_ISSUE_UNIT_LENGTH},
    {"less than one US", 0x00280010, VR_US, N("\1"), 0, "",
     DCM_ISSUE_UNIT_LENGTH},
    /* names, F.2.2 */
    {"all three groups", 0x00100010, VR_PN, N("A^B=C=D "), 0,
     ",\"Value\":[{\"Alphabetic\":\"A^B\",\"Ideographic\":\"C\","
     "\"Phonetic\":\"D\"}]",
     0},
    {"only ideographic", 0x00100010, VR_PN, N("=I"), 0,
     ",\"Value\":[{\"Ideographic\":\"I\"}]", 0},
    {"empty group between", 0x00100010, VR_PN, N("A==P"), 0,
     ",\"Value\":[{\"Alphabetic\":\"A\",\"Phonetic\":\"P\"}]", 0},
    {"trailing delimiters stay", 0x00100010, VR_PN, N("Doe^John^^^ "), 0,
     ",\"Value\":[{\"Alphabetic\":\"Doe^John^^^\"}]", 0},
    {"nothing but delimiters", 0x00100010, VR_PN, N("^^^^"), 0, "", 0},
    {"nothing but groups", 0x00100010, VR_PN, N("=="), 0, "", 0},
    {"no content in a list", 0x00101001, VR_PN, N("^^\\B "), 0,
     ",\"Value\":[null,{\"Alphabetic\":\"B\"}]", 0},
    {"empty name in a list", 0x00101001, VR_PN, N("A\\\\B"), 0,
     ",\"Value\":[{\"Alphabetic\":\"A\"},null,{\"Alphabetic\":\"B\"}]", 0},
    {"last name only spaces", 0x00101001, VR_PN, N("A\\  "), 0,
     ",\"Value\":[{\"Alphabetic\":\"A\"},null]", 0},
    {"four groups", 0x00100010, VR_PN, N("A=B=C=D "), 0,
     ",\"Value\":[{\"Alphabetic\":\"A\",\"Ideographic\":\"B\","
     "\"Phonetic\":\"C\"}]",
     DCM_ISSUE_PN_GROUPS},
    {"64 characters fit each group", 0x00100010, VR_PN,
     N("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=bbbbbbbbbbbbbbbbbbbbbbbbbbb"),
     0,
     ",\"Value\":[{\"Alphabetic\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\""
     ",\"Ideographic\":\"bbbbbbbbbbbbbbbbbbbbbbbbbbb\"}]",
     0},
    /* bytes, F.2.7 */
    {"OB", 0x00420011, VR_OB, N("\1\2"), 0, ",\"InlineBinary\":\"AQI=\"", 0},
    {"OW", 0x00281201, VR_OW, N("\x34\x12\x78\x56"), 0,
     ",\"InlineBinary\":\"NBJ4Vg==\"", 0},
    {"big endian OW turns little", 0x00281201, VR_OW, N("\x12\x34\x56\x78"), BE,
     ",\"InlineBinary\":\"NBJ4Vg==\"", 0},
    {"big endian OB stays", 0x00420011, VR_OB, N("\1\2\3\4"), BE,
     ",\"InlineBinary\":\"AQIDBA==\"", 0},
    {"big endian OV swaps eight", 0x00420011, VR_OV, N("\0\0\0\0\0\1\2\3"), BE,
     ",\"InlineBinary\":\"AwIBAAAAAAA=\"", 0},
    {"UN", 0x00091003, VR_UN, N("ab"), 0, ",\"InlineBinary\":\"YWI=\"", 0},
    {"odd OW keeps its bytes", 0x00281201, VR_OW, N("abc"), 0,
     ",\"InlineBinary\":\"YWJj\"", DCM_ISSUE_UNIT_LENGTH},
};

static void each_vr_has_its_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(value_rows); i++) {
        const struct value_row *v = &value_rows[i];
        struct step steps[] = {
            DATASET,
            {DCM_EVENT_VALUE, v->tag, v->vr, v->bytes, v->n, v->flags, 0},
            END,
        };
        struct player p;
        struct result r;
        char want[512];

        snprintf(want, sizeof(want), "{\"%08lX\":{\"vr\":\"%c%c\"%s}}",
                 (unsigned long)v->tag, v->vr >> 8, v->vr & 255, v->want);
        player_init(&p, steps, COUNT(steps), "");
        play(&r, &p, NULL);
        assert_int_equal(r.status, DCM_OK);
        if (strcmp(r.text, want) != 0)
            fail_msg("%s:\nwant %s\ngot  %s", v->why, want, r.text);
        if (dcm_policy_count(r.policy, 0) != (v->issue != 0) ||
            (v->issue && !dcm_policy_count(r.policy, v->issue)))
            fail_msg("%s: %d deviations, not one %s", v->why,
                     (int)dcm_policy_count(r.policy, 0),
                     dcm_issue_name(v->issue));
        result_release(&r);
    }
}

static void strict_ends_at_the_first_deviation(void **state)
{
    const struct step steps[] = {DATASET, VALUE(0x00180050, DS, "1,5 "), END};
    struct dcm_json_options o = {.size = sizeof(o)};
    struct player p;
    struct result r;

    (void)state;
    o.policy = dcm_policy_new(1, NULL, NULL);
    player_init(&p, steps, COUNT(steps), "");
    play(&r, &p, &o);
    assert_int_equal(r.status, DCM_ERR_STRICT);
    assert_string_equal(r.error.path, "(0018,0050)");
    assert_int_equal(r.error.offset, 1016);
    result_release(&r);
}

static void text_is_utf8_whatever_it_was(void **state)
{
    const struct step steps[] = {
        DATASET,
        VALUE(0x00080005, CS, "ISO_IR 100"),
        VALUE(0x00100010, PN, "M\xFCller"),
        END,
    };
    struct dcm_json_options utf8 = {.size = sizeof(utf8), .charset_utf8 = 1};
    struct player p;
    struct result r;

    (void)state;
    player_init(&p, steps, COUNT(steps), "ISO_IR 100");
    play(&r, &p, NULL);
    assert_string_equal(
        r.text, "{\"00080005\":{\"vr\":\"CS\",\"Value\":[\"ISO_IR 100\"]},"
                "\"00100010\":{\"vr\":\"PN\",\"Value\":[{\"Alphabetic\":"
                "\"M\xC3\xBCller\"}]}}");
    result_release(&r);
    player_init(&p, steps, COUNT(steps), "ISO_IR 100");
    play(&r, &p, &utf8);
    assert_non_null(strstr(r.text, "\"00080005\":{\"vr\":\"CS\","
                                   "\"Value\":[\"ISO_IR 192\"]}"));
    result_release(&r);
}

/* json-model: ISO_IR 192 "wherever the attribute stood or text is non-ASCII",
 * and in its place. */
static void utf8_is_said_where_nothing_was_and_it_matters(void **state)
{
    const struct step plain[] = {
        DATASET,
        VALUE(0x00080060, CS, "OT"),
        VALUE(0x00100010, PN, "Miller"),
        END,
    };
    const struct step wide[] = {
        DATASET,
        VALUE(0x00080060, CS, "OT"),
        VALUE(0x00100010, PN, "M\xC3\xBCller"),
        END,
    };
    struct dcm_json_options utf8 = {.size = sizeof(utf8), .charset_utf8 = 1};
    struct player p;
    struct result r;

    (void)state;
    player_init(&p, plain, COUNT(plain), "");
    play(&r, &p, &utf8);
    assert_null(strstr(r.text, "00080005"));
    result_release(&r);
    player_init(&p, wide, COUNT(wide), "");
    play(&r, &p, &utf8);
    assert_string_equal(
        r.text, "{\"00080005\":{\"vr\":\"CS\",\"Value\":[\"ISO_IR 192\"]},"
                "\"00080060\":{\"vr\":\"CS\",\"Value\":[\"OT\"]},"
                "\"00100010\":{\"vr\":\"PN\",\"Value\":[{\"Alphabetic\":"
                "\"M\xC3\xBCller\"}]}}");
    result_release(&r);
}

/* Characters count, not bytes: 64 of three bytes each fit an LO. */
static void length_is_in_characters(void **state)
{
    char text[65 * 3 + 1] = "";
    struct step steps[] = {DATASET, VALUE(0x00081030, LO, text), END};
    struct player p;
    struct result r;

    (void)state;
    for (int n = 64; n <= 65; n++) {
        while (strlen(text) < (size_t)n * 3)
            strcat(text, "\xE5\xB1\xB1");
        player_init(&p, steps, COUNT(steps), "ISO_IR 192");
        play(&r, &p, NULL);
        assert_int_equal(dcm_policy_count(r.policy, DCM_ISSUE_TEXT_LENGTH),
                         n > 64);
        assert_non_null(strstr(r.text, text));
        result_release(&r);
    }
}

static void numbers_can_be_strings_or_numbers(void **state)
{
    const struct step steps[] = {
        DATASET,
        VALUE(0x00180050, DS, "+1.50 "),
        VALUE(0x00200013, IS, "99999999999 "),
        {DCM_EVENT_VALUE, 0x00720083, VR_UV, N("\1\0\0\0\0\0\x20\0"), 0, 0},
        END,
    };
    struct dcm_json_options o = {.size = sizeof(o)};

    (void)state;
    o.numbers = DCM_NUMBERS_STRING;
    CHECK(steps, &o,
          "{\"00180050\":{\"vr\":\"DS\",\"Value\":[\"+1.50\"]},"
          "\"00200013\":{\"vr\":\"IS\",\"Value\":[\"99999999999\"]},"
          "\"00720083\":{\"vr\":\"UV\",\"Value\":[\"9007199254740993\"]}}");
    o.numbers = DCM_NUMBERS_NUMBER;
    CHECK(steps, &o,
          "{\"00180050\":{\"vr\":\"DS\",\"Value\":[1.50]},"
          "\"00200013\":{\"vr\":\"IS\",\"Value\":[99999999999]},"
          "\"00720083\":{\"vr\":\"UV\",\"Value\":[9007199254740993]}}");
}

/* ------------------------------------------------------------ the document */

static const struct step nested[] = {
    DATASET,
    SEQ(0x00081140),
    ITEM,
    VALUE(0x00081150, UI, "1.2"),
    SEQ(0x00081199),
    SEQ_END,
    ITEM_END,
    ITEM,
    ITEM_END,
    SEQ_END,
    VALUE(0x00100010, PN, "A^B="),
    VALUE(0x00280030, DS, "1\\2 "),
    END,
};

static void an_empty_data_set_is_an_empty_object(void **state)
{
    const struct step steps[] = {DATASET, END};
    struct dcm_json_options pretty = {.size = sizeof(pretty), .pretty = 1};

    (void)state;
    CHECK(steps, NULL, "{}");
    CHECK(steps, &pretty, "{}");
}

static void sequences_nest(void **state)
{
    (void)state;
    CHECK(
        nested, NULL,
        "{\"00081140\":{\"vr\":\"SQ\",\"Value\":[{\"00081150\":{\"vr\":\"UI\","
        "\"Value\":[\"1.2\"]},\"00081199\":{\"vr\":\"SQ\"}},{}]},"
        "\"00100010\":{\"vr\":\"PN\",\"Value\":[{\"Alphabetic\":\"A^B\"}]},"
        "\"00280030\":{\"vr\":\"DS\",\"Value\":[1,2]}}");
}

static void pretty_is_one_attribute_a_line(void **state)
{
    struct dcm_json_options pretty = {.size = sizeof(pretty), .pretty = 1};

    (void)state;
    CHECK(nested, &pretty,
          "{\n"
          "  \"00081140\": {\"vr\": \"SQ\", \"Value\": [\n"
          "    {\n"
          "      \"00081150\": {\"vr\": \"UI\", \"Value\": [\"1.2\"]},\n"
          "      \"00081199\": {\"vr\": \"SQ\"}\n"
          "    },\n"
          "    {}\n"
          "  ]},\n"
          "  \"00100010\": {\"vr\": \"PN\", \"Value\": "
          "[{\"Alphabetic\": \"A^B\"}]},\n"
          "  \"00280030\": {\"vr\": \"DS\", \"Value\": [1, 2]}\n"
          "}");
}

static void names_can_be_keywords(void **state)
{
    const struct step steps[] = {
        DATASET,
        VALUE(0x00100010, PN, "A "),
        VALUE(0x00110010, LO, "ACME"),
        {DCM_EVENT_VALUE, 0x60000010, VR_US, N("\1\0"), 0, 0},
        {DCM_EVENT_VALUE, 0x60020010, VR_US, N("\2\0"), 0, 0},
        END,
    };
    struct dcm_json_options o = {.size = sizeof(o), .keywords = 1};

    (void)state;
    /* The second overlay must not repeat the name of the first. */
    CHECK(steps, &o,
          "{\"PatientName\":{\"vr\":\"PN\",\"Value\":[{\"Alphabetic\":\"A\"}]},"
          "\"00110010\":{\"vr\":\"LO\",\"Value\":[\"ACME\"]},"
          "\"OverlayRows\":{\"vr\":\"US\",\"Value\":[1]},"
          "\"60020010\":{\"vr\":\"US\",\"Value\":[2]}}");
}

static void what_has_no_place_in_json_is_left_out(void **state)
{
    const struct step steps[] = {
        {DCM_EVENT_VALUE, 0x00020000, VR_UL, N("\1\0\0\0"), 0, 0},
        VALUE(0x00020010, UI, "1.2"),
        DATASET,
        {DCM_EVENT_VALUE, 0x00080000, VR_UL, N("\1\0\0\0"), 0, 0},
        VALUE(0x00080060, CS, "OT"),
        {DCM_EVENT_VALUE, 0x00080060, VR_CS, "CT", 0, DCM_DUPLICATE, 0},
        {DCM_EVENT_SEQ, 0x00080060, VR_SQ, "", 0, DCM_DUPLICATE, 0},
        ITEM,
        VALUE(0x00080060, CS, "XX"),
        SEQ(0x00081140),
        SEQ_END,
        ITEM_END,
        SEQ_END,
        VALUE(0xFFFCFFFC, OB, "abcd"),
        END,
    };
    struct dcm_json_options meta = {.size = sizeof(meta), .meta = 1};

    (void)state;
    CHECK(steps, NULL, "{\"00080060\":{\"vr\":\"CS\",\"Value\":[\"OT\"]}}");
    CHECK(steps, &meta,
          "{\"00020010\":{\"vr\":\"UI\",\"Value\":[\"1.2\"]},"
          "\"00080060\":{\"vr\":\"CS\",\"Value\":[\"OT\"]}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_vr_has_its_form),
        cmocka_unit_test(strict_ends_at_the_first_deviation),
        cmocka_unit_test(text_is_utf8_whatever_it_was),
        cmocka_unit_test(utf8_is_said_where_nothing_was_and_it_matters),
        cmocka_unit_test(length_is_in_characters),
        cmocka_unit_test(numbers_can_be_strings_or_numbers),
        cmocka_unit_test(an_empty_data_set_is_an_empty_object),
        cmocka_unit_test(sequences_nest),
        cmocka_unit_test(pretty_is_one_attribute_a_line),
        cmocka_unit_test(names_can_be_keywords),
        cmocka_unit_test(what_has_no_place_in_json_is_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
