/* libdcm/json_reader*.c: what holds whatever is in the text: the order of
 * attributes, limits, several data sets, a reader used again, and what a
 * writer makes of the events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "json_rows.h"

#define A(tag, vr, value) \
    "{\"" tag "\":{\"vr\":\"" vr "\",\"Value\":" value "}}"
#define ERROR DCM_ERR_MALFORMED

/* ------------------------------------------------------------------- order */

#define BAD_ORDER                                                    \
    "{\"00100010\":{\"vr\":\"PN\"},\"00081140\":{\"vr\":\"SQ\","     \
    "\"Value\":[{\"00080070\":{\"vr\":\"LO\"},\"00080060\":{\"vr\":" \
    "\"CS\"}}]}}"
#define REPEATED                                                  \
    "{\"00080060\":{\"vr\":\"CS\",\"Value\":[\"OT\"]},\"00080060" \
    "\":{\"vr\":\"CS\",\"Value\":[\"CT\"]}}"

static const struct json_row in_order[] = {
    {"a lower key", BAD_ORDER, "D= 00100010:PN=", "", DCM_ERR_UNSUPPORTED,
     "line 1, column 25: "},
    {"the same key", REPEATED, "D= 00080060:CS='OT'", "", DCM_ERR_UNSUPPORTED,
     NULL},
    {"group 0002 behind a group that may not be",
     "{\"00010001\":{\"vr\":\"LO\"},\"00020010\":{\"vr\":\"UI\"}}",
     "D= 00010001:LO=", "", DCM_ERR_UNSUPPORTED, NULL},
    {"group 0002 behind others",
     "{\"00080060\":{\"vr\":\"CS\"},\"00020010\":{\"vr\":\"UI\"}}",
     "D= 00080060:CS=", "", DCM_ERR_UNSUPPORTED, NULL},
    {"text without a set", A("00081040", "LO", "[\"\\ud83d\\ude00\"]"),
     "D=", "", DCM_ERR_UNSUPPORTED, NULL},
    {"text whose set is empty",
     "{\"00080005\":{\"vr\":\"CS\"},\"00081040\":{\"vr\":\"LO\",\"Value\":"
     "[\"\xC3\xA9\"]}}",
     NULL, "", DCM_ERR_UNSUPPORTED, NULL},
};

static const struct json_row any_order[] = {
    {"sorted at every level", BAD_ORDER,
     "D= 00081140[ { 00080060:CS= 00080070:LO= } ] 00100010:PN= E", "key-order",
     0, NULL},
    {"the last one counts", REPEATED, "D= 00080060:CS='CT' E", "key-repeated",
     0, NULL},
    {"of both cases",
     "{\"0040a730\":{\"vr\":\"SQ\"},\"0040A730\":{\"vr\":\"SQ\",\"Value\":"
     "[{}]}}",
     "D= 0040A730[ { } ] E", "key-repeated", 0, NULL},
    {"group 0002 comes before a group that may not be",
     "{\"00010001\":{\"vr\":\"LO\"},\"00020010\":{\"vr\":\"UI\",\"Value\":"
     "[\"1.2\"]}}",
     "00020010:UI=312E3200 D=1.2 00010001:LO= E", "key-order", 0, NULL},
    {"group 0002 still comes first",
     "{\"00080060\":{\"vr\":\"CS\"},\"00020010\":{\"vr\":\"UI\",\"Value\":"
     "[\"1.2\"]}}",
     "00020010:UI=312E3200 D=1.2 00080060:CS= E", "key-order", 0, NULL},
    {"Pixel Representation behind what hangs on it",
     "{\"00280106\":{\"Value\":[-2]},\"00280103\":{\"vr\":\"US\",\"Value\":[1]}"
     "}",
     "D= 00280103:US=0100 00280106:SS=FEFF E", "key-order vr-missing", 0, NULL},
    {"an array of two", "[" BAD_ORDER "," REPEATED "]",
     "D= 00081140[ { 00080060:CS= 00080070:LO= } ] 00100010:PN= E "
     "D= 00080060:CS='CT' E",
     "key-order key-repeated", 0, NULL},
    {"an item without brackets",
     A("00081140", "SQ",
       "{\"00080070\":{\"vr\":\"LO\"},\"00080060\":{\"vr\":\"CS\"}}"),
     "D= 00081140[ { 00080060:CS= 00080070:LO= } ] E", "value-array key-order",
     0, NULL},
    {"a bad key", "{\"00080070\":{\"vr\":\"LO\"},\"x\":{}}", "", "key-order",
     ERROR, NULL},
    {"person names are no items",
     A("00100010", "PN", "[{\"Phonetic\":\"P\",\"Alphabetic\":\"A\"}]"),
     "D= 00100010:PN='A==P' E", "", 0, NULL},
    {"bad JSON behind all that is used", "{\"00080060\":{\"vr\":\"CS\"} x}", "",
     "", ERROR, NULL},
};

static void what_is_out_of_order_wants_a_tree(void **state)
{
    struct dcm_json_reader_options any = {0};
    static struct json_reading g;

    (void)state;
    any.any_order = 1;
    CHECK_JSON(in_order, NULL);
    for (size_t i = 0; i < sizeof in_order / sizeof in_order[0]; i++) {
        json_read_text(&(struct dcm_json_reader_options){0}, in_order[i].text,
                       &g);
        assert_true(g.wants_tree);
        json_read_text(&any, in_order[i].text, &g);
        assert_int_equal(g.status, DCM_DONE);
        assert_int_equal(g.wants_charset, i >= 4);
    }
    CHECK_JSON(any_order, &any);
    json_read_text(&(struct dcm_json_reader_options){0}, "{\"x\":1}", &g);
    assert_false(g.wants_tree);
}

static void a_character_set_that_is_declared_holds_for_items(void **state)
{
    static const char text[] =
        "{\"00080005\":{\"vr\":\"CS\",\"Value\":[\"ISO_IR 100\"]},\"00081140\":"
        "{\"vr\":\"SQ\",\"Value\":[{\"00081040\":{\"vr\":\"LO\",\"Value\":"
        "[\"\xC3\xA9\"]}}]}}";
    static struct json_reading g;

    (void)state;
    json_read_text(&(struct dcm_json_reader_options){0}, text, &g);
    assert_int_equal(g.status, DCM_DONE);
    /* in UTF-8 nevertheless: it is for the writer to change */
    assert_non_null(strstr(g.words, "00081040:LO=C3A9 "));
    assert_false(g.wants_charset);
}

/* ------------------------------------------------------------------ limits */

static char *nested(unsigned depth)
{
    static const char open[] = "{\"0040A730\":{\"vr\":\"SQ\",\"Value\":[";
    char *text = malloc(depth * (sizeof open + 4) + 10);

    assert_non_null(text);
    text[0] = '\0';
    for (unsigned i = 0; i < depth; i++)
        strcpy(text + i * (sizeof open - 1), open);
    strcat(text, "{}");
    for (unsigned i = 0; i < depth; i++)
        strcat(text, "]}}");
    return text;
}

static void limits_are_kept_to(void **state)
{
    struct dcm_json_reader_options o = {0};
    struct dcm_limits limits = {0};
    static struct json_reading g;
    char *text = nested(200);

    (void)state;
    limits.size = sizeof limits;
    o.limits = &limits;
    for (o.any_order = 0; o.any_order < 2; o.any_order++) {
        limits.depth = 0;
        json_read_text(&o, text, &g);
        assert_int_equal(g.status, DCM_DONE);
        limits.depth = 200;
        json_read_text(&o, text, &g);
        assert_int_equal(g.status, DCM_DONE);
        limits.depth = 199;
        json_read_text(&o, text, &g);
        assert_int_equal(g.status, DCM_ERR_LIMIT);
        assert_non_null(strstr(g.error.message, "'depth'"));
        limits.depth = 0;
        limits.items = 2;
        json_read_text(&o, A("00081140", "SQ", "[{},null,{}]"), &g);
        assert_int_equal(g.status, DCM_ERR_LIMIT);
        assert_non_null(strstr(g.error.message, "'items'"));
        limits.items = 0;
        limits.value = 38;
        json_read_text(&o,
                       A("00081040", "LO",
                         "[\"12345678901234567890\","
                         "\"12345678901234567890\"]"),
                       &g);
        assert_int_equal(g.status, DCM_ERR_LIMIT);
        json_read(&o,
                  json_slow_input("{\"00080060\":{\"vr\":\"CS\",\"Value\":"
                                  "[\"OT\"]}}",
                                  1),
                  &g);
        assert_int_equal(g.status, DCM_ERR_LIMIT); /* a stream to be held */
        assert_non_null(strstr(g.error.message, "'value'"));
        limits.value = 0;
    }
    free(text);
}

static void a_hostile_depth_ends_at_once(void **state)
{
    struct dcm_json_reader_options o = {0};
    static struct json_reading g;
    char *text = nested(10000);

    (void)state;
    for (o.any_order = 0; o.any_order < 2; o.any_order++) {
        g.status = DCM_DONE;
        json_read_text(&o, text, &g);
        assert_int_equal(g.status, DCM_ERR_LIMIT);
    }
    free(text);
}

/* --------------------------------------------------------------------- use */

static void data_sets_can_be_counted_before_they_are_read(void **state)
{
    static const struct {
        const char *text;
        int most, want;
    } rows[] = {
        {"{}", 5, 1},           {"[]", 5, 0},
        {"[{},{} , {}]", 5, 3}, {"[{},{},x", 2, 2},
        {"[{},{},x", 3, -1},    {"[{},1]", 5, -1},
        {"7", 5, -1},           {"[{\"x\":[1}]", 5, -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct dcm_json_reader *r = dcm_json_reader_new(NULL);
        struct dcm_source *s = dcm_json_reader_source(r);
        struct dcm_input *in =
            dcm_input_memory(rows[i].text, strlen(rows[i].text), NULL);
        struct dcm_event ev;

        dcm_json_reader_open(r, in);
        assert_int_equal(dcm_json_reader_count(r, rows[i].most), rows[i].want);
        if (rows[i].want < 0)
            assert_memory_equal(dcm_json_reader_error(r)->message, "line ", 5);
        else if (rows[i].want > 0)
            assert_int_equal(s->next(s, &ev), DCM_OK);
        else
            assert_int_equal(s->next(s, &ev), DCM_DONE);
        dcm_json_reader_free(r);
        dcm_input_free(in);
    }
}

static void a_reader_can_be_used_again_after_a_failure(void **state)
{
    static const char *const texts_in_turn[] = {
        A("00280010", "US", "[70000]"),
        "{\"00081140\":{\"vr\":\"SQ\",\"Value\":[{", "{}"};
    struct dcm_json_reader *r = dcm_json_reader_new(NULL);
    struct dcm_source *s = dcm_json_reader_source(r);
    struct dcm_event ev;
    enum dcm_status status;

    (void)state;
    for (size_t i = 0; i < 9; i++) {
        const char *text = texts_in_turn[i % 3];
        struct dcm_input *in = i & 1 ? json_slow_input(text, 1)
                                     : dcm_input_memory(text, strlen(text), 0);

        dcm_json_reader_any_order(r, i > 5);
        dcm_json_reader_open(r, in);
        while ((status = s->next(s, &ev)) == DCM_OK)
            ;
        assert_int_equal(status, i % 3 == 0   ? DCM_ERR_MALFORMED
                                 : i % 3 == 1 ? DCM_ERR_TRUNCATED
                                              : DCM_DONE);
        dcm_input_free(in);
    }
    dcm_json_reader_free(r);
}

static void a_failing_input_is_told_as_such(void **state)
{
    static const char text[] = A("00080060", "CS", "[\"OT\"]");
    static struct json_reading g;

    (void)state;
    for (size_t at = 0; at < sizeof text - 1; at++) {
        struct json_slow *in = (struct json_slow *)json_slow_input(text, 0);

        in->at = at;
        in->fails = 1;
        json_read(&(struct dcm_json_reader_options){0}, &in->base, &g);
        assert_int_equal(g.status, DCM_ERR_READ);
        assert_string_equal(g.error.message, "cannot read: it broke");
    }
}

static void private_attributes_know_their_creator(void **state)
{
    static const char text[] =
        "{\"00090010\":{\"vr\":\"LO\",\"Value\":[\"ACME\"]},\"00091001\":"
        "{\"vr\":\"LO\",\"Value\":[\"x\"]}}";
    struct dcm_json_reader *r = dcm_json_reader_new(NULL);
    struct dcm_source *s = dcm_json_reader_source(r);
    struct dcm_input *in = dcm_input_memory(text, sizeof text - 1, NULL);
    struct dcm_event ev;
    const char *creator = NULL;
    size_t n = 0;

    (void)state;
    dcm_json_reader_open(r, in);
    while (s->next(s, &ev) == DCM_OK)
        if (ev.tag == 0x00091001) {
            creator = dcm_event_creator(&ev, &n);
            assert_int_equal(ev.offset, strstr(text, "\"00091001") - text);
        }
    assert_non_null(creator);
    assert_int_equal(n, 4);
    dcm_json_reader_free(r);
    dcm_input_free(in);
}

/* ------------------------------------------------------------ to a writer */

static struct dcm_output *write_text(const char *text, const char *syntax,
                                     int bare)
{
    struct dcm_writer_options o = {0};
    struct dcm_output *out = dcm_output_memory();
    struct dcm_json_reader *r = dcm_json_reader_new(NULL);
    struct dcm_input *in = dcm_input_memory(text, strlen(text), NULL);
    struct dcm_writer *w;
    struct dcm_error error;

    o.size = sizeof o;
    o.syntax = syntax;
    o.bare = bare;
    o.charset_declared = 1;
    w = dcm_writer_new(&o, out);
    dcm_json_reader_open(r, in);
    if (dcm_pump(dcm_json_reader_source(r), dcm_writer_sink(w), &error) !=
        DCM_OK)
        fail_msg("%s: %s", text, error.message);
    dcm_writer_free(w);
    dcm_json_reader_free(r);
    dcm_input_free(in);
    return out;
}

static void a_writer_makes_bytes_of_it(void **state)
{
    static const struct {
        const char *why, *text, *syntax;
        size_t size;
        const char *bytes;
    } rows[] = {
        {"bytes are padded",
         "{\"00420011\":{\"vr\":\"OB\",\"InlineBinary\":\"AQ==\"}}", NULL, 14,
         "\x42\0\x11\0OB\0\0\2\0\0\0\1\0"},
        {"words are swapped",
         "{\"00281201\":{\"vr\":\"OW\",\"InlineBinary\":\"NBJ4Vg==\"}}",
         "1.2.840.10008.1.2.2", 16,
         "\0\x28\x12\1OW\0\0\0\0\0\4\x12\x34\x56\x78"},
        {"text goes into the set that is declared",
         "{\"00080005\":{\"vr\":\"CS\",\"Value\":[\"ISO_IR 100\"]},"
         "\"00081040\":{\"vr\":\"LO\",\"Value\":[\"\xC3\xA9\"]}}",
         NULL, 28, "\x08\0\x05\0CS\x0A\0ISO_IR 100\x08\0\x40\x10LO\2\0\xE9 "},
        {"items", A("00081140", "SQ", "[{}]"), "1.2.840.10008.1.2", 32,
         "\x08\0\x40\x11\xFF\xFF\xFF\xFF"
         "\xFE\xFF\0\xE0\xFF\xFF\xFF\xFF"
         "\xFE\xFF\x0D\xE0\0\0\0\0"
         "\xFE\xFF\xDD\xE0\0\0\0\0"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct dcm_output *out = write_text(rows[i].text, rows[i].syntax, 1);
        size_t n;
        const void *data = dcm_output_data(out, &n);

        if (n != rows[i].size || memcmp(data, rows[i].bytes, n) != 0)
            fail_msg("%s: %zu bytes", rows[i].why, n);
        dcm_output_free(out);
    }
}

/* File Meta Information is made anew, but for the transfer syntax (PS3.10
 * 7.1). */
static void a_writer_makes_a_file_of_it(void **state)
{
    static const char text[] =
        "{\"00020010\":{\"vr\":\"UI\",\"Value\":[\"1.2.840.10008.1.2\"]},"
        "\"00080016\":{\"vr\":\"UI\",\"Value\":[\"1.2.3\"]},"
        "\"00080018\":{\"vr\":\"UI\",\"Value\":[\"1.2.4\"]}}";
    static const struct {
        uint32_t tag;
        const char *value;
    } wants[] = {
        {0x00020002, "1.2.3"},
        {0x00020003, "1.2.4"},
        {0x00020010, "1.2.840.10008.1.2"},
        {0x00080018, "1.2.4"},
    };
    struct dcm_output *out = write_text(text, NULL, 0);
    size_t n, found = 0;
    const void *data = dcm_output_data(out, &n);
    struct dcm_input *in = dcm_input_memory(data, n, NULL);
    struct dcm_reader_options o = {0};
    struct dcm_reader *r;
    struct dcm_event ev;

    (void)state;
    o.size = sizeof o;
    o.policy = dcm_policy_new(1, NULL, NULL); /* it must conform */
    r = dcm_reader_new(&o);
    dcm_reader_open(r, in);
    while (dcm_reader_next(r, &ev) == DCM_OK)
        for (size_t i = 0; i < sizeof wants / sizeof wants[0]; i++)
            if (ev.type == DCM_EVENT_VALUE && ev.tag == wants[i].tag) {
                assert_memory_equal(ev.data, wants[i].value,
                                    strlen(wants[i].value));
                found++;
            }
    assert_int_equal(dcm_reader_error(r)->code, DCM_OK);
    assert_int_equal(found, 4);
    assert_string_equal(dcm_reader_syntax(r), "1.2.840.10008.1.2");
    dcm_reader_free(r);
    dcm_input_free(in);
    dcm_output_free(out);
    dcm_policy_free(o.policy);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_out_of_order_wants_a_tree),
        cmocka_unit_test(a_character_set_that_is_declared_holds_for_items),
        cmocka_unit_test(limits_are_kept_to),
        cmocka_unit_test(a_hostile_depth_ends_at_once),
        cmocka_unit_test(data_sets_can_be_counted_before_they_are_read),
        cmocka_unit_test(a_reader_can_be_used_again_after_a_failure),
        cmocka_unit_test(a_failing_input_is_told_as_such),
        cmocka_unit_test(private_attributes_know_their_creator),
        cmocka_unit_test(a_writer_makes_bytes_of_it),
        cmocka_unit_test(a_writer_makes_a_file_of_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
