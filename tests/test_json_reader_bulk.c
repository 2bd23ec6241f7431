/* libdcm/json_reader_bulk.c, _frags.c: values that are bytes, in the text
 * (PS3.18 F.2.7), at a URI (F.2.6), or in fragments (PS3.5 A.4). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "json_rows.h"

#define JPEG "1.2.840.10008.1.2.4.50"
#define ERROR DCM_ERR_MALFORMED
#define OB(value) "{\"00420011\":{\"vr\":\"OB\"," value "}}"
#define PIXELS(value) "{\"7FE00010\":{\"vr\":\"OB\"," value "}}"

/* ---------------------------------------------------------------- in line */

static const struct json_row in_line[] = {
    {"bytes; a writer pads them", OB("\"InlineBinary\":\"AQ==\""),
     "D= 00420011:OB=01 E", "", 0, NULL},
    {"none", OB("\"InlineBinary\":\"\""), "D= 00420011:OB= E", "", 0, NULL},
    {"little endian words",
     "{\"00281201\":{\"vr\":\"OW\",\"InlineBinary\":\"NBJ4Vg==\"}}",
     "D= 00281201:OW=34127856 E", "", 0, NULL},
    {"not base64", OB("\"InlineBinary\":\"A*E=\""), NULL, "", ERROR,
     "line 1, column 41: "},
    {"'=' missing", OB("\"InlineBinary\":\"A\""), NULL, "", ERROR, NULL},
    {"an array of one", OB("\"InlineBinary\":[\"AQI=\"]"),
     "D= 00420011:OB=0102 E", "value-array", 0, NULL},
    {"an array of two", OB("\"InlineBinary\":[\"AQI=\",\"AQI=\"]"), NULL,
     "value-array", ERROR, NULL},
    {"an array of none", OB("\"InlineBinary\":[]"), NULL, "value-array", ERROR,
     NULL},
    {"white space", OB("\"InlineBinary\":\"AQ\\r\\n I=\""),
     "D= 00420011:OB=0102 E", "base64-space", 0, NULL},
    {"an escaped solidus", OB("\"InlineBinary\":\"\\/\\/8=\""),
     "D= 00420011:OB=FFFF E", "", 0, NULL},
    {"a number is none", OB("\"InlineBinary\":5"), NULL, "", ERROR, NULL},
    {"before its VR",
     "{\"00420011\":{\"InlineBinary\":\"AQI=\",\"vr\":\"OB\"}}",
     "D= 00420011:OB=0102 E", "", 0, NULL},
    {"no whole number of words",
     "{\"00281201\":{\"vr\":\"OW\",\"InlineBinary\":\"AQID\"}}",
     "D= 00281201:OW=010203 E", "unit-length", 0, NULL},
    {"values of numbers are none",
     "{\"00280010\":{\"vr\":\"US\",\"InlineBinary\":\"AAI=\"}}", NULL, "",
     ERROR, NULL},
    {"bytes are no values", OB("\"Value\":[1]"), NULL, "", ERROR, NULL},
    {"but no values are no bytes", OB("\"Value\":[]"), "D= 00420011:OB= E", "",
     0, NULL},
    {"Pixel Data, native",
     "{\"7FE00010\":{\"vr\":\"OB\",\"InlineBinary\":\"AQI=\"}}",
     "D= 7FE00010:OB=0102 E", "", 0, NULL},
};

static void bytes_in_the_text_are_base64(void **state)
{
    (void)state;
    CHECK_JSON(in_line, NULL);
}

static void numbers_may_be_bytes_when_asked_for(void **state)
{
    static const struct json_row rows[] = {
        {"US", "{\"00280010\":{\"vr\":\"US\",\"InlineBinary\":\"AAI=\"}}",
         "D= 00280010:US=0002 E", "binary-vr", 0, NULL},
    };
    struct dcm_json_reader_options o = {0};

    (void)state;
    o.binary_numbers = 1;
    CHECK_JSON(rows, &o);
}

static void encapsulated_pixel_data_are_not_in_line(void **state)
{
    static const struct json_row rows[] = {
        {"Pixel Data", PIXELS("\"InlineBinary\":\"AQI=\""), NULL, "", ERROR,
         "line 1, column 39: InlineBinary for Pixel Data"},
        {"an icon may be native",
         "{\"00880200\":{\"vr\":\"SQ\",\"Value\":[" PIXELS(
             "\"InlineBinary\":\"AQI=\"") "]}}",
         "D=" JPEG " 00880200[ { 7FE00010:OB=0102 } ] E", "", 0, NULL},
        {"dcm4che's fragments, the first is the table",
         PIXELS("\"DataFragment\":[null,{\"InlineBinary\":\"/9g=\"},"
                "{\"InlineBinary\":\"/9n/\",\"x\":[]},{}]"),
         "D=" JPEG " 7FE00010:OB< f= f=FFD8 f=FFD9FF f= > E", "key-unknown", 0,
         NULL},
        {"before the VR",
         "{\"7FE00010\":{\"DataFragment\":[{},{\"InlineBinary\":\"/9g=\"}],"
         "\"vr\":\"OB\"},\"FFFAFFFA\":{\"vr\":\"SQ\"}}",
         "D=" JPEG " 7FE00010:OB< f= f=FFD8 > FFFAFFFA[ ] E", "", 0, NULL},
        {"none, not even the table", PIXELS("\"DataFragment\":[]"),
         "D=" JPEG " 7FE00010:OB< > E", "fragment", 0, NULL},
        {"a fragment is no string", PIXELS("\"DataFragment\":[\"/9g=\"]"), NULL,
         "", ERROR, NULL},
        {"a fragment at a URI nobody opens",
         PIXELS("\"DataFragment\":[null,{\"BulkDataURI\":\"x\"}]"), NULL, "",
         DCM_ERR_UNSUPPORTED, NULL},
        {"two values of a fragment",
         PIXELS("\"DataFragment\":[{\"InlineBinary\":\"\",\"InlineBinary\":"
                "\"\"}]"),
         NULL, "", ERROR, NULL},
    };
    struct dcm_json_reader_options o = {0};

    (void)state;
    o.syntax = JPEG;
    CHECK_JSON(rows, &o);
}

/* 1 MB minus: pulled in pieces of 7, with members before and after. */
static void long_values_are_pulled(void **state)
{
    static char text[200000];
    static struct json_reading g;
    struct dcm_json_reader_options o = {0};
    size_t n = (size_t)sprintf(text, "{\"00420011\":{\"vr\":\"OB\","
                                     "\"InlineBinary\":\"");
    char want[100];
    unsigned long sum = 0;

    (void)state;
    for (size_t i = 0; i < 90000 / 3 * 4; i += 4)
        memcpy(text + n + i, i % 8 ? "AAEC" : "/v3+", 4);
    strcpy(text + n + 120000,
           "\",\"x\":1},\"00420012\":{\"vr\":\"LO\",\"Value\":[\"A\"]}}");
    for (size_t i = 0; i < 90000; i++)
        sum = sum * 31 + (i / 3 % 2 ? i % 3 : i % 3 == 1 ? 0xFD : 0xFE);
    snprintf(want, sizeof want,
             "D= 00420011:OB=(90000 %08lX) 00420012:LO='A ' E",
             sum & 0xFFFFFFFF);
    for (o.any_order = 0; o.any_order < 2; o.any_order++) {
        json_read_text(&o, text, &g);
        assert_string_equal(g.words, want);
        assert_string_equal(g.issues, "key-unknown");
        assert_int_equal(g.status, DCM_DONE);
    }
    text[n + 100000] = '*'; /* found when it is pulled, at the latest */
    json_read_text(&o, text, &g);
    assert_int_equal(g.status, DCM_ERR_MALFORMED);
    assert_int_equal(g.error.offset / 4, (n + 100000) / 4);
}

/* -------------------------------------------------------------------- URIs */

/* What there is, by URI: parts divided by '|', in hex. */
static const struct place {
    const char *uri, *parts;
    unsigned flags;
} places[] = {
    {"two", "0102", 0},
    {"none", "", 0},
    {"big", "0102", DCM_BIG_ENDIAN},
    {"latin1", "E9", 0},
    {"items", "FEFF00E000000000FEFF00E002000000FFD8FEFFDDE000000000", 0},
    {"no delimiter", "FEFF00E000000000FEFF00E002000000FFD8", 0},
    {"behind", "FEFF00E000000000FEFFDDE00000000000", 0},
    {"long item", "FEFF00E000000000FEFF00E004000000FFD8", 0},
    {"cut item", "FEFF00E000000000FEFF00E0", 0},
    {"no item", "FEFF00E0000000001111111100000000", 0},
    {"odd item", "FEFF00E000000000FEFF00E001000000FF", 0},
    {"frames", "FFD801|FFD80203", 0},
};

struct store {
    uint8_t bytes[4][64];
    struct dcm_input *inputs[4];
    unsigned opened;
    uint64_t offset; /* of the last event */
};

static size_t unhex(const char *hex, size_t n, uint8_t *to)
{
    for (size_t i = 0; i < n / 2; i++) {
        unsigned v;

        assert_int_equal(sscanf(hex + 2 * i, "%2x", &v), 1);
        to[i] = (uint8_t)v;
    }
    return n / 2;
}

static enum dcm_status give_part(struct store *s, const struct place *place,
                                 unsigned number, struct dcm_bulk_data *data)
{
    const char *p = place->parts, *end;
    unsigned slot = s->opened++ % 4;

    for (; number; number--) {
        p = strchr(p, '|');
        if (!p)
            return DCM_DONE;
        p++;
    }
    end = strchr(p, '|');
    s->bytes[slot][0] = 0x77; /* not of the part */
    data->offset = 1;
    data->size =
        unhex(p, end ? (size_t)(end - p) : strlen(p), s->bytes[slot] + 1);
    dcm_input_free(s->inputs[slot]);
    s->inputs[slot] =
        dcm_input_memory(s->bytes[slot], (size_t)data->size + 1, NULL);
    data->input = s->inputs[slot];
    data->flags = place->flags;
    return DCM_OK;
}

static enum dcm_status open_place(void *user, const struct dcm_event *ev,
                                  const char *uri, size_t length,
                                  unsigned number, struct dcm_bulk_data *data,
                                  struct dcm_error *error)
{
    struct store *s = user;

    s->offset = ev->offset;
    assert_non_null(ev->scope);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (strlen(places[i].uri) == length &&
            memcmp(places[i].uri, uri, length) == 0)
            return give_part(s, &places[i], number, data);
    error->code = DCM_ERR_READ;
    strcpy(error->message, "no such place");
    return DCM_ERR_READ;
}

#define OB_AT(uri) OB("\"BulkDataURI\":\"" uri "\"")
#define PIXELS_AT(uri) PIXELS("\"BulkDataURI\":\"" uri "\"")

static const struct json_row by_uri[] = {
    {"bytes", OB_AT("two"), "D= 00420011:OB=0102 E", "", 0, NULL},
    {"no bytes", OB_AT("none"), "D= 00420011:OB= E", "", 0, NULL},
    {"before the VR", "{\"00420011\":{\"BulkDataURI\":\"two\",\"vr\":\"OB\"}}",
     "D= 00420011:OB=0102 E", "", 0, NULL},
    {"big endian", "{\"00281201\":{\"vr\":\"OW\",\"BulkDataURI\":\"big\"}}",
     "D= 00281201:OW^=0102 E", "", 0, NULL},
    {"numbers", "{\"00280010\":{\"vr\":\"US\",\"BulkDataURI\":\"two\"}}",
     "D= 00280010:US=0102 E", "", 0, NULL},
    {"a VR that may not",
     "{\"00080060\":{\"vr\":\"CS\",\"BulkDataURI\":\"two"
     "\"}}",
     "D= 00080060:CS=0102 E", "binary-vr", 0, NULL},
    {"nothing there, in its own words", OB_AT("x"), NULL, "", DCM_ERR_READ,
     "line 1, column 38: no such place"},
    {"an empty URI", OB_AT(""), NULL, "", ERROR, NULL},
    {"a number is no URI", OB("\"BulkDataURI\":5"), NULL, "", ERROR, NULL},
    {"Pixel Data, native", PIXELS_AT("two"), "D= 7FE00010:OB=0102 E", "", 0,
     NULL},
    {"Pixel Data that are items, but may not be", PIXELS_AT("items"), NULL, "",
     DCM_ERR_UNSUPPORTED, "line 1, column 38: "},
    {"fragments, but there may be none", PIXELS("\"DataFragment\":[null]"),
     NULL, "", DCM_ERR_UNSUPPORTED, NULL},
};

static const struct json_row encapsulated[] = {
    {"items", PIXELS_AT("items"), "D=" JPEG " 7FE00010:OB< f= f=FFD8 > E", "",
     0, NULL},
    {"items without a delimiter", PIXELS_AT("no delimiter"),
     "D=" JPEG " 7FE00010:OB< f= f=FFD8 > E", "", 0, NULL},
    {"bytes behind the delimiter", PIXELS_AT("behind"),
     "D=" JPEG " 7FE00010:OB< f= > E", "trailing-bytes", 0, NULL},
    {"an item longer than what there is", PIXELS_AT("long item"), NULL, "",
     DCM_ERR_TRUNCATED, "line 1, column 38: "},
    {"half a header", PIXELS_AT("cut item"), NULL, "", DCM_ERR_TRUNCATED, NULL},
    {"something else than an item", PIXELS_AT("no item"), NULL, "", ERROR,
     NULL},
    {"an odd item", PIXELS_AT("odd item"),
     "D=" JPEG " 7FE00010:OB< f= f=FF > E", "fragment", 0, NULL},
    {"a frame a part", PIXELS_AT("frames"),
     "D=" JPEG " 7FE00010:OB< f= f=FFD801 f=FFD80203 > E", "", 0, NULL},
    {"one part is one frame", PIXELS_AT("two"),
     "D=" JPEG " 7FE00010:OB< f= f=0102 > E", "", 0, NULL},
    {"frames before the VR, and what is behind",
     "{\"7FE00010\":{\"BulkDataURI\":\"frames\",\"x\":1,\"vr\":\"OB\"},"
     "\"FFFAFFFA\":{\"vr\":\"SQ\"}}",
     "D=" JPEG " 7FE00010:OB< f= f=FFD801 f=FFD80203 > FFFAFFFA[ ] E",
     "key-unknown", 0, NULL},
    {"fragments at URIs",
     PIXELS("\"DataFragment\":[{\"BulkDataURI\":\"none\"},{\"BulkDataURI\":"
            "\"two\"},{\"InlineBinary\":\"AQ==\"}]"),
     "D=" JPEG " 7FE00010:OB< f= f=0102 f=01 > E", "", 0, NULL},
    {"an icon is native when it has no items",
     "{\"00880200\":{\"vr\":\"SQ\",\"Value\":[" PIXELS_AT("two") "]}}",
     "D=" JPEG " 00880200[ { 7FE00010:OB=0102 } ] E", "", 0, NULL},
    {"nothing there", PIXELS_AT("x"), NULL, "", DCM_ERR_READ, NULL},
};

/* Only the item tag tells fragments from pixels. */
static const struct json_row inline_items[] = {
    {"fragments in base64, under a native syntax",
     "{\"7FE00010\":{\"vr\":\"OB\",\"InlineBinary\":\"/v8A4AAAAAA=\"}}",
     "D= 7FE00010:OB=FEFF00E000000000 E", "encapsulated-native", 0, NULL},
};

static void fragments_in_line_are_told(void **state)
{
    struct dcm_json_reader_options o = {.size = sizeof o};

    (void)state;
    CHECK_JSON(inline_items, &o);
}

static const struct json_row any_order[] = {
    {"items whatever the syntax says", PIXELS_AT("items"),
     "D= 7FE00010:OB< f= f=FFD8 > E", "", 0, NULL},
    {"fragments too", PIXELS("\"DataFragment\":[null]"),
     "D= 7FE00010:OB< f= > E", "", 0, NULL},
    {"no items, and native", PIXELS_AT("two"), "D= 7FE00010:OB=0102 E", "", 0,
     NULL},
};

static void release(struct store *s)
{
    for (int i = 0; i < 4; i++)
        dcm_input_free(s->inputs[i]);
}

static void a_uri_is_opened_by_whoever_knows_how(void **state)
{
    static struct json_reading g;
    struct dcm_json_reader_options o = {0};
    struct store s = {0};

    (void)state;
    o.bulk = open_place;
    o.user = &s;
    CHECK_JSON(by_uri, &o);
    json_read_text(&o, PIXELS_AT("items"), &g);
    assert_true(g.wants_tree);
    assert_int_equal(s.offset, 37);
    o.syntax = JPEG;
    CHECK_JSON(encapsulated, &o);
    o.syntax = NULL;
    o.any_order = 1;
    CHECK_JSON(any_order, &o);
    release(&s);
}

static void without_one_it_stays_a_uri(void **state)
{
    static const struct json_row rows[] = {
        {"OB", OB_AT("a/b?c=1"), "D= 00420011:OB@='a/b?c=1' E", "", 0, NULL},
        {"lower case key",
         "{\"7fe00010\":{\"vr\":\"OB\",\"BulkDataURI\":\"x\"}}",
         "D= 7FE00010:OB@='x' E", "key-case", 0, NULL},
    };

    (void)state;
    CHECK_JSON(rows, NULL);
}

/* The next event of a tag, at any depth. */
static void find(struct dcm_source *s, uint32_t tag, struct dcm_event *ev)
{
    do
        assert_int_equal(s->next(s, ev), DCM_OK);
    while (ev->type != DCM_EVENT_VALUE || ev->tag != tag);
}

static void check_text(const struct dcm_event *ev, const char *want)
{
    struct dcm_text *text = dcm_text_new();
    const char *value;
    size_t n;

    dcm_text_open(text, ev);
    assert_int_equal(dcm_text_next(text, &value, &n), 1);
    assert_int_equal(n, strlen(want));
    assert_memory_equal(value, want, n);
    dcm_text_free(text);
}

/* Text in JSON is UTF-8, but what a URI names is as the source had it. */
static void text_at_a_uri_is_in_the_declared_set(void **state)
{
    static const char text[] =
        "{\"00080005\":{\"vr\":\"CS\",\"Value\":[\"ISO_IR 100\"]},\"00081140\":"
        "{\"vr\":\"SQ\",\"Value\":[{\"00104000\":{\"vr\":\"LT\","
        "\"BulkDataURI\":\"latin1\"},\"00104001\":{\"vr\":\"LO\",\"Value\":["
        "\"\xC3\xA9\"]}}]}}";
    struct store s = {0};
    struct dcm_json_reader_options o = {0};
    struct dcm_json_reader *r;
    struct dcm_input *in = dcm_input_memory(text, sizeof text - 1, NULL);
    struct dcm_event ev;
    char path[96];

    (void)state;
    o.size = sizeof o;
    o.bulk = open_place;
    o.user = &s;
    r = dcm_json_reader_new(&o);
    dcm_json_reader_open(r, in);
    find(dcm_json_reader_source(r), 0x00104000, &ev);
    check_text(&ev, "\xC3\xA9");
    assert_string_equal(dcm_event_path(&ev, path, sizeof path),
                        "(0008,1140)[1]/(0010,4000)");
    assert_ptr_equal(ev.input, s.inputs[0]);
    assert_int_equal(ev.value_offset, 1);
    find(dcm_json_reader_source(r), 0x00104001, &ev);
    check_text(&ev, "\xC3\xA9");
    assert_null(ev.input);
    dcm_json_reader_free(r);
    dcm_input_free(in);
    release(&s);
}

static void fragments_tell_where_they_are(void **state)
{
    static const char text[] = PIXELS_AT("items");
    struct store s = {0};
    struct dcm_json_reader_options o = {0};
    struct dcm_json_reader *r;
    struct dcm_source *source;
    struct dcm_input *in = dcm_input_memory(text, sizeof text - 1, NULL);
    struct dcm_event ev;

    (void)state;
    o.size = sizeof o;
    o.bulk = open_place;
    o.user = &s;
    o.syntax = JPEG;
    r = dcm_json_reader_new(&o);
    source = dcm_json_reader_source(r);
    dcm_json_reader_open(r, in);
    do
        assert_int_equal(source->next(source, &ev), DCM_OK);
    while (ev.type != DCM_EVENT_FRAGMENT || ev.number != 2);
    assert_ptr_equal(ev.input, s.inputs[0]);
    assert_int_equal(ev.offset, 1 + 8);
    assert_int_equal(ev.value_offset, 1 + 16);
    assert_int_equal(source->next(source, &ev), DCM_OK);
    assert_int_equal(ev.type, DCM_EVENT_FRAGS_END);
    assert_int_equal(ev.value_offset, 1 + 18);
    dcm_json_reader_free(r);
    dcm_input_free(in);
    release(&s);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_in_the_text_are_base64),
        cmocka_unit_test(numbers_may_be_bytes_when_asked_for),
        cmocka_unit_test(encapsulated_pixel_data_are_not_in_line),
        cmocka_unit_test(long_values_are_pulled),
        cmocka_unit_test(a_uri_is_opened_by_whoever_knows_how),
        cmocka_unit_test(without_one_it_stays_a_uri),
        cmocka_unit_test(text_at_a_uri_is_in_the_declared_set),
        cmocka_unit_test(fragments_in_line_are_told),
        cmocka_unit_test(fragments_tell_where_they_are),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
