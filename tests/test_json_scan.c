/* json_scan.c, json_string.c and json_skip.c. What is JSON comes from RFC 8259,
 * what is UTF-8 from RFC 3629. Each text is read as memory and through a window
 * to which 1 or 7 bytes are added at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_pieces.h"

/* ---------------------------------------------------------------- tokens */

/* All tokens: punctuation as it is, strings and numbers with their text in
 * parentheses; "." at the end, or "!" the error's code and offset. */
static void transcript(struct dcm_json_scan *s, char *to, size_t room)
{
    size_t n = 0;
    int token;

    while ((token = dcm_json_scan_next(s)) > 0) {
        to[n++] = (char)token;
        if (token == DCM_JSON_STRING || token == DCM_JSON_NUMBER) {
            assert_true(n + s->length + 4 < room);
            to[n++] = '(';
            memcpy(to + n, s->text, s->length);
            n += s->length;
            to[n++] = ')';
        }
        assert_true(n + 40 < room);
    }
    if (token == DCM_JSON_END)
        snprintf(to + n, room - n, ".");
    else
        snprintf(to + n, room - n, "!%s %llu", dcm_status_name(s->error.code),
                 (unsigned long long)s->error.offset);
}

static const struct row {
    const char *why, *text, *want;
} rows[] = {
    {"nothing is the end", "", "."},
    {"white space is nothing", " \t\r\n ", "."},
    {"all punctuation", "{}[],:", "{}[],:."},
    {"words", "[true,false,null]", "[t,f,n]."},
    {"words end with the text", "true", "t."},
    {"a member", "{\"00100010\" : {\"vr\":\"PN\"}}",
     "{s(00100010):{s(vr):s(PN)}}."},
    {"what follows is for the reader to judge", "{} []", "{}[]."},
    {"empty string", "\"\"", "s()."},
    {"DEL needs no escape", "\"\x7F\"", "s(\x7F)."},
    {"all short escapes", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
     "s(\"\\/\b\f\n\r\t)."},
    {"hex in both cases", "\"\\u00e9\\u00E9\"", "s(\xC3\xA9\xC3\xA9)."},
    {"ASCII", "\"\\u0041b\"", "s(Ab)."},
    {"last of two bytes", "\"\\u07FF\"", "s(\xDF\xBF)."},
    {"first of three bytes", "\"\\u0800\"", "s(\xE0\xA0\x80)."},
    {"noncharacter", "\"\\uFFFF\"", "s(\xEF\xBF\xBF)."},
    {"surrogate pair", "\"\\uD83D\\uDE00\"", "s(\xF0\x9F\x98\x80)."},
    {"first pair", "\"\\uD800\\uDC00\"", "s(\xF0\x90\x80\x80)."},
    {"last pair", "\"\\uDBFF\\uDFFF\"", "s(\xF4\x8F\xBF\xBF)."},
    {"raw characters of all lengths",
     "\"\xC3\xA9\xE5\xB1\xB1\xF0\x9F\x98\x80z\"",
     "s(\xC3\xA9\xE5\xB1\xB1\xF0\x9F\x98\x80z)."},
    {"numbers keep their text", "[0,-0,1.50,1E+2,-12e-3,10]",
     "[0(0),0(-0),0(1.50),0(1E+2),0(-12e-3),0(10)]."},
    {"no digit is lost", "12345678901234567890.12345678901234567890e-400",
     "0(12345678901234567890.12345678901234567890e-400)."},
    {"number at the end of the text", "7", "0(7)."},
    {"text of a mark", "\xEF\xBB\xBF{}", "{}."},
    {"a mark within is not white space", "{\xEF\xBB\xBF}", "{!malformed 1"},

    {"leading zero", "[012]", "[!malformed 2"},
    {"leading zero after minus", "-01", "!malformed 2"},
    {"plus", "+1", "!malformed 0"},
    {"minus alone", "[-]", "[!malformed 2"},
    {"no digit before the point", ".5", "!malformed 0"},
    {"no digit after the point", "[1.]", "[!malformed 3"},
    {"no digit in the exponent", "[1e]", "[!malformed 3"},
    {"no digit after its sign", "[1e+]", "[!malformed 4"},
    {"two points", "1.2.3", "!malformed 3"},
    {"two numbers in one", "1-2", "!malformed 1"},
    {"hex", "[0x10]", "[!malformed 2"},
    {"NaN", "NaN", "!malformed 0"},
    {"Infinity", "-Infinity", "!malformed 1"},
    {"number cut after minus", "-", "!truncated 1"},
    {"number cut after the point", "1.", "!truncated 2"},
    {"number cut in the exponent", "1e+", "!truncated 3"},
    {"word in capitals", "True", "!malformed 0"},
    {"misspelt", "[nulL]", "[!malformed 4"},
    {"word cut", "tru", "!truncated 3"},
    {"word that goes on", "nullx", "!malformed 4"},
    {"word before a number", "true1", "!malformed 4"},
    {"number before a string", "1\"a\"", "!malformed 1"},
    {"comment", "{/* */}", "{!malformed 1"},
    {"single quotes", "'a'", "!malformed 0"},
    {"bytes over 7F outside of strings", "[\xC3\xA9]", "[!malformed 1"},

    {"string without an end", "\"abc", "!truncated 4"},
    {"cut within an escape", "\"a\\", "!truncated 3"},
    {"cut within \\u", "\"\\u00", "!truncated 5"},
    {"cut between surrogates", "\"\\uD83D", "!truncated 7"},
    {"cut within a character", "\"\xE5\xB1", "!truncated 3"},
    {"newline in a string", "\"a\nb\"", "!malformed 2"},
    {"last control character", "\"\x1F\"", "!malformed 1"},
    {"escape that is none", "\"\\x41\"", "!malformed 2"},
    {"capital U", "\"\\U0041\"", "!malformed 2"},
    {"escaped single quote", "\"\\'\"", "!malformed 2"},
    {"\\u of three digits", "\"\\u004\"", "!malformed 6"},
    {"\\u with a letter that is no digit", "\"\\u00G0\"", "!malformed 5"},
    {"lone high surrogate", "\"a\\uD800\"", "!malformed 2"},
    {"high before a letter", "\"\\uD800x\"", "!malformed 1"},
    {"high before another escape", "\"\\uD800\\n\"", "!malformed 1"},
    {"two high", "\"\\uD800\\uD800\"", "!malformed 1"},
    {"lone low surrogate", "\"\\uDC00\"", "!malformed 1"},
    {"swapped", "\"\\uDE00\\uD83D\"", "!malformed 1"},
    {"byte FF", "\"a\xFF\"", "!malformed 2"},
    {"lone continuation byte", "\"\x80\"", "!malformed 1"},
    {"overlong slash", "\"\xC0\xAF\"", "!malformed 1"},
    {"overlong of three", "\"\xE0\x80\xAF\"", "!malformed 1"},
    {"raw surrogate", "\"\xED\xA0\x80\"", "!malformed 1"},
    {"over 10FFFF", "\"\xF4\x90\x80\x80\"", "!malformed 1"},
    {"five bytes", "\"\xF8\x88\x80\x80\x80\"", "!malformed 1"},
    {"character cut by the quote", "\"\xE5\xB1\"", "!malformed 1"},
    {"good, then cut by a letter", "\"\xC3\xA9\xC3x\"", "!malformed 3"},
    {"good tokens come before the error", "[1,]x", "[0(1),]!malformed 4"},
};

static void check_row(const struct row *r, size_t step)
{
    struct dcm_json_scan s = {0};
    struct pieces p;
    struct dcm_input *in = input_of(&p, r->text, strlen(r->text), step);
    char got[512];

    dcm_json_scan_open(&s, in, 1000);
    transcript(&s, got, sizeof(got));
    if (strcmp(got, r->want) != 0)
        fail_msg("%s, %zu at a time: got %s, want %s", r->why, step, got,
                 r->want);
    /* and an error stays */
    if (strchr(r->want, '!'))
        assert_int_equal(dcm_json_scan_next(&s), DCM_JSON_FAILED);
    dcm_json_scan_release(&s);
    release(&p, in);
}

static void tokens_are_those_of_the_grammar(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++)
        for (size_t k = 0; k < LENGTH(steps); k++)
            check_row(&rows[i], steps[k]);
}

/* The rows that are one string, with plain text around what is special: so
 * each way of looking at many bytes at a time meets it in each place. */
static void strings_are_read_the_same_wherever_the_special_part_is(void **state)
{
    static const char filler[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ";

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        const char *t = rows[i].text, *w = rows[i].want;
        size_t n = strlen(t), m = strlen(w);

        if (n < 2 || *t != '"' || t[n - 1] != '"' || w[m - 1] != '.' ||
            strchr(t + 1, '"') != t + n - 1)
            continue;
        for (int before = 0; before < 40; before++) {
            char text[200], want[200];
            struct row r = {rows[i].why, text, want};

            snprintf(text, sizeof(text), "\"%.*s%.*s%.*s\"", before, filler,
                     (int)n - 2, t + 1, before / 2, filler);
            snprintf(want, sizeof(want), "s(%.*s%.*s%.*s).", before, filler,
                     (int)m - 4, w + 2, before / 2, filler);
            check_row(&r, 0);
            check_row(&r, 1);
        }
    }
}

static void nul_is_an_error_outside_of_strings_and_a_byte_within(void **state)
{
    static const char escaped[] = "\"a\\u0000b\"";

    (void)state;
    for (size_t k = 0; k < LENGTH(steps); k++) {
        struct dcm_json_scan s = {0};
        struct pieces p;
        struct dcm_input *in =
            input_of(&p, escaped, sizeof(escaped) - 1, steps[k]);

        dcm_json_scan_open(&s, in, 1000);
        assert_int_equal(dcm_json_scan_next(&s), DCM_JSON_STRING);
        assert_int_equal(s.length, 3);
        assert_memory_equal(s.text, "a\0b", 3);
        release(&p, in);

        in = input_of(&p, "[1,2]\0", 6, steps[k]);
        dcm_json_scan_open(&s, in, 1000);
        for (int i = 0; i < 5; i++)
            assert_true(dcm_json_scan_next(&s) > 0);
        assert_int_equal(dcm_json_scan_next(&s), DCM_JSON_FAILED);
        assert_int_equal(s.error.code, DCM_ERR_MALFORMED);
        assert_int_equal(s.error.offset, 5);
        release(&p, in);

        in = input_of(&p, "\"a\0b\"", 5, steps[k]);
        dcm_json_scan_open(&s, in, 1000);
        assert_int_equal(dcm_json_scan_next(&s), DCM_JSON_FAILED);
        assert_int_equal(s.error.offset, 2);
        release(&p, in);
        dcm_json_scan_release(&s);
    }
}

/* RFC 3629 section 3: what the bits say, in the shortest form, no surrogate,
 * not over 10FFFF. */
static int is_utf8(const uint8_t *b, size_t n)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    uint32_t c = n == 2 ? b[0] & 0x1F : n == 3 ? b[0] & 0x0F : b[0] & 0x07;
    int lead = n == 2   ? b[0] >> 5 == 6
               : n == 3 ? b[0] >> 4 == 14
                        : b[0] >> 3 == 30;

    for (size_t i = 1; i < n; i++) {
        if (b[i] >> 6 != 2)
            return 0;
        c = c << 6 | (b[i] & 0x3F);
    }
    return lead && c >= least[n] && c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF);
}

static void check_utf8(struct dcm_json_scan *s, const uint8_t *b, size_t n)
{
    char text[32];
    struct dcm_input *in;
    int token, want = is_utf8(b, n);

    memset(text, 'x', sizeof(text));
    text[0] = text[21] = '"';
    memcpy(text + 2, b, n);
    in = dcm_input_memory(text, 22, NULL);
    assert_non_null(in);
    dcm_json_scan_open(s, in, 1000);
    token = dcm_json_scan_next(s);
    if (token != (want ? DCM_JSON_STRING : DCM_JSON_FAILED))
        fail_msg("%02X %02X %02X %02X of %zu: %d", b[0], b[1], b[2], b[3], n,
                 token);
    if (want) {
        assert_int_equal(s->length, 20);
        assert_memory_equal(s->text, text + 1, 20);
    } else {
        assert_int_equal(s->error.offset, 2);
    }
    dcm_input_free(in);
}

static void utf8_is_what_rfc_3629_says(void **state)
{
    static const uint8_t ends[] = {0x7F, 0x80, 0xBF, 0xC0};
    struct dcm_json_scan s = {0};

    (void)state;
    for (unsigned a = 0x80; a < 0x100; a++)
        for (unsigned b = 0x20; b < 0x100; b++) {
            uint8_t bytes[4] = {(uint8_t)a, (uint8_t)b, 0, 0};

            if (b == '"' || b == '\\')
                continue;
            check_utf8(&s, bytes, 2);
            for (size_t i = 0; i < 4; i++) {
                bytes[2] = ends[i];
                if (a >= 0xE0) /* else good and then bad */
                    check_utf8(&s, bytes, 3);
                for (size_t k = 0; k < 4 && a >= 0xF0; k++) {
                    bytes[3] = ends[k];
                    check_utf8(&s, bytes, 4);
                }
            }
        }
    dcm_json_scan_release(&s);
}

static const struct {
    const char *text, *name;
    size_t size;
} encodings[] = {
    {"\xFE\xFF\0{", "UTF-16", 4},
    {"\xFF\xFE{\0", "UTF-16", 4},
    {"\0{\0}", "UTF-16", 4},
    {"{\0}\0", "UTF-16", 4},
    {"\xFF\xFE\0\0{\0\0\0", "UTF-32", 8},
    {"\0\0\xFE\xFF\0\0\0{", "UTF-32", 8},
    {"{\0\0\0}\0\0\0", "UTF-32", 8},
    {"\0\0\0{\0\0\0}", "UTF-32", 8},
};

static void other_encodings_are_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(encodings); i++)
        for (size_t k = 0; k < LENGTH(steps); k++) {
            struct dcm_json_scan s = {0};
            struct pieces p;
            struct dcm_input *in =
                input_of(&p, encodings[i].text, encodings[i].size, steps[k]);

            dcm_json_scan_open(&s, in, 1000);
            assert_int_equal(dcm_json_scan_next(&s), DCM_JSON_FAILED);
            assert_int_equal(s.error.code, DCM_ERR_MALFORMED);
            if (!strstr(s.error.message, encodings[i].name))
                fail_msg("%zu: %s", i, s.error.message);
            dcm_json_scan_release(&s);
            release(&p, in);
        }
}

/* ---------------------------------------------------------------- window */

/* An array of numbers and strings of all sizes, longer than the window. */
static char *long_text(size_t *size)
{
    size_t n = 0, room = 900000;
    char *text = malloc(room);

    assert_non_null(text);
    text[n++] = '[';
    for (unsigned i = 0; n < room - 3000; i++) {
        n += (size_t)snprintf(text + n, room - n, "%u , \"", i);
        for (unsigned k = 0; k < i % 1000; k++)
            text[n++] = "abc\\ndef"[k % 8];
        if (i % 1000 % 8 == 4)
            text[n++] = 'n'; /* ends the escape */
        n += (size_t)snprintf(text + n, room - n, "\",\n");
    }
    n += (size_t)snprintf(text + n, room - n, "0]");
    *size = n;
    return text;
}

struct seen {
    uint64_t at;
    int token;
    size_t length;
};

static void a_reader_can_go_back_to_any_token(void **state)
{
    static struct seen seen[100000];
    size_t size, n = 0;
    char *text = long_text(&size);

    (void)state;
    for (size_t k = 0; k < LENGTH(steps); k++) {
        struct dcm_json_scan s = {0};
        struct pieces p;
        struct dcm_input *in = input_of(&p, text, size, steps[k]);
        int token;

        dcm_json_scan_open(&s, in, 5000);
        for (n = 0; (token = dcm_json_scan_next(&s)) > 0; n++)
            seen[n] = (struct seen){s.at, token, s.length};
        assert_int_equal(token, DCM_JSON_END);
        assert_true(n > 2000);
        assert_int_equal(dcm_json_scan_tell(&s), size);
        for (size_t i = n; i-- > 0; i -= i > 50 ? 37 : 0) {
            dcm_json_scan_seek(&s, seen[i].at);
            assert_int_equal(dcm_json_scan_tell(&s), seen[i].at);
            assert_int_equal(dcm_json_scan_next(&s), seen[i].token);
            assert_int_equal(s.at, seen[i].at);
            if (seen[i].token == DCM_JSON_STRING ||
                seen[i].token == DCM_JSON_NUMBER)
                assert_int_equal(s.length, seen[i].length);
        }
        dcm_json_scan_release(&s);
        release(&p, in);
    }
    free(text);
}

static void an_error_is_forgotten_when_the_reader_goes_back(void **state)
{
    (void)state;
    for (size_t k = 0; k < LENGTH(steps); k++) {
        struct dcm_json_scan s = {0};
        struct pieces p;
        struct dcm_input *in = input_of(&p, "[1,x,2]", 7, steps[k]);

        dcm_json_scan_open(&s, in, 1000);
        for (int i = 0; i < 3; i++)
            assert_true(dcm_json_scan_next(&s) > 0);
        assert_int_equal(dcm_json_scan_next(&s), DCM_JSON_FAILED);
        dcm_json_scan_seek(&s, 4);
        assert_int_equal(dcm_json_scan_next(&s), ',');
        assert_int_equal(dcm_json_scan_next(&s), DCM_JSON_NUMBER);
        dcm_json_scan_seek(&s, 0);
        assert_int_equal(dcm_json_scan_next(&s), '[');
        /* what the reader does not want ends it too */
        dcm_json_scan_fail(&s, DCM_ERR_MALFORMED, 5, "not this");
        assert_int_equal(dcm_json_scan_next(&s), DCM_JSON_FAILED);
        assert_int_equal(dcm_json_scan_peek(&s), DCM_JSON_FAILED);
        assert_string_equal(s.error.message, "not this");
        dcm_json_scan_release(&s);
        release(&p, in);
    }
}

static void peek_and_ahead_take_nothing(void **state)
{
    (void)state;
    for (size_t k = 0; k < LENGTH(steps); k++) {
        struct dcm_json_scan s = {0};
        struct pieces p;
        struct dcm_input *in = input_of(&p, "  \"a\" -1", 8, steps[k]);

        dcm_json_scan_open(&s, in, 1000);
        assert_int_equal(dcm_json_scan_peek(&s), '"');
        assert_int_equal(dcm_json_scan_tell(&s), 2);
        assert_true(dcm_json_scan_ahead(&s, 4) >= 4);
        assert_memory_equal(s.p, "\"a\" ", 4);
        assert_int_equal(dcm_json_scan_ahead(&s, 4096), 6);
        assert_int_equal(dcm_json_scan_next(&s), DCM_JSON_STRING);
        assert_int_equal(dcm_json_scan_peek(&s), '-');
        assert_int_equal(dcm_json_scan_next(&s), DCM_JSON_NUMBER);
        assert_int_equal(dcm_json_scan_peek(&s), DCM_JSON_END);
        assert_int_equal(dcm_json_scan_next(&s), DCM_JSON_END);
        dcm_json_scan_release(&s);
        release(&p, in);
    }
}

#define HUGE_STRING ((size_t)1 << 20)

static void long_strings_are_held_whole_up_to_the_limit(void **state)
{
    char *text = malloc(HUGE_STRING + 2);
    const uint64_t longest[] = {HUGE_STRING, HUGE_STRING - 1, 1000};

    (void)state;
    assert_non_null(text);
    memset(text, 'x', HUGE_STRING + 2);
    text[0] = text[HUGE_STRING + 1] = '"';
    for (size_t k = 0; k < LENGTH(steps); k++)
        for (size_t i = 0; i < LENGTH(longest); i++) {
            struct dcm_json_scan s = {0};
            struct pieces p;
            struct dcm_input *in =
                input_of(&p, text, HUGE_STRING + 2, steps[k]);

            dcm_json_scan_open(&s, in, longest[i]);
            if (i == 0) {
                assert_int_equal(dcm_json_scan_next(&s), DCM_JSON_STRING);
                assert_int_equal(s.length, HUGE_STRING);
                assert_memory_equal(s.text, text + 1, HUGE_STRING);
            } else {
                assert_int_equal(dcm_json_scan_next(&s), DCM_JSON_FAILED);
                assert_int_equal(s.error.code, DCM_ERR_LIMIT);
                assert_non_null(strstr(s.error.message, "'value'"));
                assert_int_equal(s.error.offset, 0);
                assert_true(s.capacity <= (i == 1 ? 2 * HUGE_STRING : 1 << 18));
            }
            /* what is passed may be of any length */
            dcm_json_scan_seek(&s, 0);
            assert_int_equal(dcm_json_scan_skip(&s), 0);
            assert_int_equal(dcm_json_scan_tell(&s), HUGE_STRING + 2);
            dcm_json_scan_release(&s);
            release(&p, in);
        }
    free(text);
}

static void long_numbers_have_the_same_limit(void **state)
{
    (void)state;
    for (size_t k = 0; k < LENGTH(steps); k++) {
        struct dcm_json_scan s = {0};
        struct pieces p;
        struct dcm_input *in = input_of(&p, "1234567 12345678", 16, steps[k]);

        dcm_json_scan_open(&s, in, 7);
        assert_int_equal(dcm_json_scan_next(&s), DCM_JSON_NUMBER);
        assert_int_equal(dcm_json_scan_next(&s), DCM_JSON_FAILED);
        assert_int_equal(s.error.code, DCM_ERR_LIMIT);
        dcm_json_scan_release(&s);
        release(&p, in);
    }
}

static void a_read_error_is_told_as_such(void **state)
{
    static const char text[] = "[1, \"abc\\n\", true]";

    (void)state;
    for (size_t k = 1; k < LENGTH(steps); k++)
        for (uint64_t at = 0; at < sizeof(text) - 1; at++) {
            struct dcm_json_scan s = {0};
            struct pieces p;
            struct dcm_input *in =
                input_of(&p, text, sizeof(text) - 1, steps[k]);

            p.fails_at = at;
            dcm_json_scan_open(&s, in, 100);
            while (dcm_json_scan_next(&s) > 0)
                ;
            assert_int_equal(s.error.code, DCM_ERR_READ);
            assert_string_equal(s.error.message, "no luck");
            assert_int_equal(s.error.offset, at);
            dcm_json_scan_open(&s, in, 100);
            s.error.code = DCM_OK;
            assert_int_equal(dcm_json_scan_skip(&s), -1);
            assert_int_equal(s.error.code, DCM_ERR_READ);
            dcm_json_scan_release(&s);
            release(&p, in);
        }
}

/* ------------------------------------------------------------------ skip */

static const struct {
    const char *why, *text;
    enum dcm_status status;
    unsigned offset; /* behind the value, or of the error */
} skips[] = {
    {"a number", "12 ,", DCM_OK, 2},
    {"a word", " null", DCM_OK, 5},
    {"a string", "\"a\\u00e9\xC3\xA9\" x", DCM_OK, 11},
    {"empty array", "[]", DCM_OK, 2},
    {"empty object", "{}]", DCM_OK, 2},
    {"all kinds", "{\"a\":[1,\"b\",{\"c\":null}],\"d\":{}},", DCM_OK, 31},
    {"one level up it is an object again", "{\"a\":[[]],\"b\":1}", DCM_OK, 16},
    {"one level up it is an array again", "[{\"a\":1},2]", DCM_OK, 11},
    {"nothing", " ", DCM_ERR_TRUNCATED, 1},
    {"array without an end", "[1,2", DCM_ERR_TRUNCATED, 4},
    {"object without an end", "{\"a\":1", DCM_ERR_TRUNCATED, 6},
    {"string without an end", "[\"a", DCM_ERR_TRUNCATED, 3},
    {"no value at all", ",", DCM_ERR_MALFORMED, 0},
    {"end of something else", "]", DCM_ERR_MALFORMED, 0},
    {"trailing comma", "[1,]", DCM_ERR_MALFORMED, 3},
    {"trailing comma in an object", "{\"a\":1,}", DCM_ERR_MALFORMED, 7},
    {"leading comma", "[,1]", DCM_ERR_MALFORMED, 1},
    {"no comma", "[1 2]", DCM_ERR_MALFORMED, 3},
    {"no colon", "{\"a\" 1}", DCM_ERR_MALFORMED, 5},
    {"two colons", "{\"a\"::1}", DCM_ERR_MALFORMED, 5},
    {"no value after a colon", "{\"a\":}", DCM_ERR_MALFORMED, 5},
    {"name without a value", "{\"a\"}", DCM_ERR_MALFORMED, 4},
    {"number for a name", "{1:2}", DCM_ERR_MALFORMED, 1},
    {"array for a name", "{[]:2}", DCM_ERR_MALFORMED, 1},
    {"colon in an array", "[1:2]", DCM_ERR_MALFORMED, 2},
    {"wrong bracket", "[1}", DCM_ERR_MALFORMED, 2},
    {"wrong bracket after an inner one", "{\"a\":[1]]", DCM_ERR_MALFORMED, 8},
    {"bad escape in what is passed", "[\"\\q\"]", DCM_ERR_MALFORMED, 3},
    {"bad UTF-8 in what is passed", "[\"\xC3\"]", DCM_ERR_MALFORMED, 2},
    {"lone surrogate in what is passed", "[\"\\ud800\"]", DCM_ERR_MALFORMED, 2},
    {"bad number in what is passed", "[01]", DCM_ERR_MALFORMED, 2},
};

static void a_value_is_passed_and_checked(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(skips); i++)
        for (size_t k = 0; k < LENGTH(steps); k++) {
            struct dcm_json_scan s = {0};
            struct pieces p;
            struct dcm_input *in =
                input_of(&p, skips[i].text, strlen(skips[i].text), steps[k]);
            uint64_t offset;
            int got;

            dcm_json_scan_open(&s, in, 1000);
            got = dcm_json_scan_skip(&s);
            offset = got ? s.error.offset : dcm_json_scan_tell(&s);
            if ((got != 0) != (skips[i].status != DCM_OK) ||
                s.error.code != skips[i].status || offset != skips[i].offset)
                fail_msg("%s, %zu at a time: %d, %s at %llu", skips[i].why,
                         steps[k], got, dcm_status_name(s.error.code),
                         (unsigned long long)offset);
            dcm_json_scan_release(&s);
            release(&p, in);
        }
}

/* n brackets, arrays and objects in turn, then closed. */
static char *deep_text(size_t n, size_t *size)
{
    char *text = malloc(6 * n + 2), *to = text;

    assert_non_null(text);
    for (size_t i = 0; i < n; i++) {
        if (i % 3 == 1) {
            memcpy(to, "{\"a\":", 5);
            to += 5;
        } else {
            *to++ = '[';
        }
    }
    *to++ = '1';
    for (size_t i = n; i-- > 0;)
        *to++ = i % 3 == 1 ? '}' : ']';
    *size = (size_t)(to - text);
    return text;
}

static void depth_has_a_limit(void **state)
{
    const size_t depths[] = {DCM_JSON_DEPTH, DCM_JSON_DEPTH + 1, 1000000};

    (void)state;
    for (size_t i = 0; i < LENGTH(depths); i++) {
        struct dcm_json_scan s = {0};
        struct pieces p;
        size_t size;
        char *text = deep_text(depths[i], &size);
        struct dcm_input *in = input_of(&p, text, size, 1 << 20);

        dcm_json_scan_open(&s, in, 1000);
        assert_int_equal(dcm_json_scan_skip(&s), i ? -1 : 0);
        assert_int_equal(s.error.code, i ? DCM_ERR_LIMIT : DCM_OK);
        if (i == 0)
            assert_int_equal(dcm_json_scan_tell(&s), size);
        dcm_json_scan_release(&s);
        release(&p, in);
        free(text);
    }
}

/* ----------------------------------------------------------------- place */

static const struct {
    const char *why, *text;
    unsigned offset, line, column;
} places[] = {
    {"the start", "{}", 0, 1, 1},
    {"columns begin at 1", "{}", 1, 1, 2},
    {"after a new line", "{\n  1", 4, 2, 3},
    {"characters, not bytes", "\"\xC3\xA9\xE5\xB1\xB1\"x", 7, 1, 5},
    {"the mark is none", "\xEF\xBB\xBF{x", 4, 1, 2},
    {"CR LF is one line's end", "{\r\nx", 3, 2, 1},
    {"empty lines count", "\n\n\nx", 3, 4, 1},
    {"past the end, where the text is cut", "ab", 9, 1, 3},
};

static void offsets_have_a_line_and_a_column(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(places); i++)
        for (size_t k = 0; k < LENGTH(steps); k++) {
            struct dcm_json_scan s = {0};
            struct pieces p;
            struct dcm_input *in =
                input_of(&p, places[i].text, strlen(places[i].text), steps[k]);
            uint64_t line, column;

            dcm_json_scan_open(&s, in, 1000);
            dcm_json_scan_place(&s, places[i].offset, &line, &column);
            if (line != places[i].line || column != places[i].column)
                fail_msg("%s: %llu:%llu", places[i].why,
                         (unsigned long long)line, (unsigned long long)column);
            dcm_json_scan_release(&s);
            release(&p, in);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_are_those_of_the_grammar),
        cmocka_unit_test(
            strings_are_read_the_same_wherever_the_special_part_is),
        cmocka_unit_test(nul_is_an_error_outside_of_strings_and_a_byte_within),
        cmocka_unit_test(utf8_is_what_rfc_3629_says),
        cmocka_unit_test(other_encodings_are_named),
        cmocka_unit_test(a_reader_can_go_back_to_any_token),
        cmocka_unit_test(an_error_is_forgotten_when_the_reader_goes_back),
        cmocka_unit_test(peek_and_ahead_take_nothing),
        cmocka_unit_test(long_strings_are_held_whole_up_to_the_limit),
        cmocka_unit_test(long_numbers_have_the_same_limit),
        cmocka_unit_test(a_read_error_is_told_as_such),
        cmocka_unit_test(a_value_is_passed_and_checked),
        cmocka_unit_test(depth_has_a_limit),
        cmocka_unit_test(offsets_have_a_line_and_a_column),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
