/* JSON strings (RFC 8259 section 7): what is escaped and how. Each case is
 * put at every place of a longer text, so that every way of looking at many
 * bytes at a time meets it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "libdcm/json_text.h"

static const struct row {
    const char *why, *text, *want;
    unsigned controls;
} rows[] = {
    {"plain", "a", "a", 0},
    {"quote", "\"", "\\\"", 0},
    {"backslash", "\\", "\\\\", 0},
    {"a slash needs no escape", "/", "/", 0},
    {"short forms of layout", "\t\n\f\r", "\\t\\n\\f\\r", DCM_MET_LAYOUT},
    {"backspace has a short form too", "\b", "\\b", DCM_MET_CONTROL},
    {"first control character in use", "\001", "\\u0001", DCM_MET_CONTROL},
    {"VT has no short form", "\v", "\\u000B", DCM_MET_CONTROL},
    {"ESC drives terminals", "\033[", "\\u001B[", DCM_MET_CONTROL},
    {"last below the space", "\037", "\\u001F", DCM_MET_CONTROL},
    {"space", " ", " ", 0},
    {"tilde is the last plain one", "~", "~", 0},
    {"DEL", "\177", "\\u007F", DCM_MET_CONTROL},
    {"first of C1", "\xC2\x80", "\\u0080", DCM_MET_CONTROL},
    {"CSI drives terminals", "\xC2\x9B", "\\u009B", DCM_MET_CONTROL},
    {"last of C1", "\xC2\x9F", "\\u009F", DCM_MET_CONTROL},
    {"the one after C1", "\xC2\xA0", "\xC2\xA0", 0},
    {"two bytes", "\xC3\x9F", "\xC3\x9F", 0},
    {"three bytes", "\xE5\xB1\xB1", "\xE5\xB1\xB1", 0},
    {"line separator may be raw", "\xE2\x80\xA8", "\xE2\x80\xA8", 0},
    {"four bytes", "\xF0\x9F\x98\x80", "\xF0\x9F\x98\x80", 0},
    {"two in a row", "\"\\", "\\\"\\\\", 0},
};

static void special_characters_are_escaped_wherever_they_stand(void **state)
{
    static const char filler[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ";
    char text[128], want[256], got[DCM_JSON_ESCAPED(128)];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *r = &rows[i];
        size_t n = strlen(r->text), m = strlen(r->want);

        for (size_t before = 0; before < 40; before++)
            for (size_t after = 0; after < 20; after++) {
                unsigned controls = 0;
                size_t length;

                memcpy(text, filler, before);
                memcpy(text + before, r->text, n);
                memcpy(text + before + n, filler, after);
                memcpy(want, filler, before);
                memcpy(want + before, r->want, m);
                memcpy(want + before + m, filler, after);
                length =
                    dcm_json_escape(got, text, before + n + after, &controls);
                if (length != before + m + after ||
                    memcmp(got, want, length) != 0)
                    fail_msg("%s, %zu before, %zu after: %.*s", r->why, before,
                             after, (int)length, got);
                if (controls != r->controls)
                    fail_msg("%s: controls %u", r->why, controls);
            }
    }
}

static void nul_is_escaped(void **state)
{
    char got[DCM_JSON_ESCAPED(3)];
    unsigned controls = 0;

    (void)state;
    assert_int_equal(dcm_json_escape(got, "a\0b", 3, &controls), 8);
    assert_memory_equal(got, "a\\u0000b", 8);
    assert_int_equal(controls, DCM_MET_CONTROL);
}

static void every_ascii_byte_is_plain_or_escaped(void **state)
{
    (void)state;
    for (unsigned c = 0; c < 0x80; c++) {
        char text[32], got[DCM_JSON_ESCAPED(32)];
        unsigned controls = 0;
        int plain = c >= 0x20 && c < 0x7F && c != '"' && c != '\\';

        memset(text, (int)c, sizeof(text));
        for (size_t n = 1; n <= sizeof(text); n++) {
            size_t length = dcm_json_escape(got, text, n, &controls);

            assert_int_equal(got[0] == '\\', !plain);
            assert_true(plain ? length == n
                              : length == 2 * n || length == 6 * n);
        }
    }
}

/* U+0080 to U+009F are cut in two by no boundary of pieces. */
static void long_text_is_the_same_in_pieces(void **state)
{
    enum { PAIRS = 35000 };
    char *text = test_malloc(1 + 2 * PAIRS);

    (void)state;
    text[0] = 'x';
    for (size_t i = 0; i < PAIRS; i++)
        memcpy(text + 1 + 2 * i, "\xC2\x85", 2);
    for (size_t first = 0; first < 2; first++) {
        struct dcm_output *o = dcm_output_memory();
        unsigned controls = 0;
        size_t size;
        const char *data;

        dcm_json_put(o, text + 1 - first, first + 2 * PAIRS, &controls);
        data = dcm_output_data(o, &size);
        assert_int_equal(size, first + 6 * PAIRS);
        for (size_t i = 0; i < PAIRS; i++)
            assert_memory_equal(data + first + 6 * i, "\\u0085", 6);
        dcm_output_free(o);
    }
    test_free(text);
}

static void a_uri_is_always_ascii(void **state)
{
    struct dcm_output *o = dcm_output_memory();
    const char *data;
    size_t size;

    (void)state;
    dcm_json_put_uri(o, "a?b=c&d%20\"\\ \xFF\n~", 16);
    data = dcm_output_data(o, &size);
    assert_int_equal(size, strlen("a?b=c&d%20%22%5C%20%FF%0A~"));
    assert_memory_equal(data, "a?b=c&d%20%22%5C%20%FF%0A~", size);
    dcm_output_free(o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(special_characters_are_escaped_wherever_they_stand),
        cmocka_unit_test(nul_is_escaped),
        cmocka_unit_test(every_ascii_byte_is_plain_or_escaped),
        cmocka_unit_test(long_text_is_the_same_in_pieces),
        cmocka_unit_test(a_uri_is_always_ascii),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
