/* json_base64.c. Expected bytes are those of RFC 4648 section 10, or what was
 * encoded; what is wrong, and where, follows from its section 4. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "json_pieces.h"
#include "libdcm/base64.h"

static const struct base64_row {
    const char *why, *text, *want; /* NULL: an error at `offset` */
    int spaces;
    enum dcm_status status;
    unsigned offset;
} base64_rows[] = {
    {"RFC 4648 section 10", "\"\"", "", 0, DCM_OK, 0},
    {"RFC 4648 section 10", "\"Zg==\"", "f", 0, DCM_OK, 0},
    {"RFC 4648 section 10", "\"Zm8=\"", "fo", 0, DCM_OK, 0},
    {"RFC 4648 section 10", "\"Zm9v\"", "foo", 0, DCM_OK, 0},
    {"RFC 4648 section 10", "\"Zm9vYg==\"", "foob", 0, DCM_OK, 0},
    {"RFC 4648 section 10", "\"Zm9vYmE=\"", "fooba", 0, DCM_OK, 0},
    {"RFC 4648 section 10", "\"Zm9vYmFy\"", "foobar", 0, DCM_OK, 0},
    {"bits behind the last byte are not looked at", "\"Zh==\"", "f", 0, DCM_OK,
     0},
    {"so with two bytes", "\"Zm9=\"", "fo", 0, DCM_OK, 0},
    {"slash and plus", "\"//++\"", "\xFF\xFF\xBE", 0, DCM_OK, 0},
    {"escaped slash, as PHP has it", "\"\\/\\/++\"", "\xFF\xFF\xBE", 0, DCM_OK,
     0},
    {"escaped letters", "\"\\u005am9\\u0076\"", "foo", 0, DCM_OK, 0},
    {"escaped padding", "\"Zg\\u003d\\u003D\"", "f", 0, DCM_OK, 0},
    {"raw spaces", "\" Zm 9v YmE = \"", "fooba", 1, DCM_OK, 0},
    {"escaped new lines", "\"Zm9v\\r\\nYmFy\\n\"", "foobar", 1, DCM_OK, 0},
    {"escaped tab and form feed", "\"Zm\\t9v\\f\"", "foo", 1, DCM_OK, 0},
    {"space by its number", "\"Zm9v\\u0020\"", "foo", 1, DCM_OK, 0},
    {"only spaces", "\"  \\n\"", "", 1, DCM_OK, 0},

    {"one character too many", "\"Zm9vY\"", NULL, 0, DCM_ERR_MALFORMED, 6},
    {"no padding of two", "\"Zg\"", NULL, 0, DCM_ERR_MALFORMED, 3},
    {"no padding of one", "\"Zm8\"", NULL, 0, DCM_ERR_MALFORMED, 4},
    {"one '=' where two belong", "\"Zg=\"", NULL, 0, DCM_ERR_MALFORMED, 4},
    {"too many '='", "\"Zm8==\"", NULL, 0, DCM_ERR_MALFORMED, 6},
    {"three '='", "\"Z===\"", NULL, 0, DCM_ERR_MALFORMED, 2},
    {"nothing else", "\"====\"", NULL, 0, DCM_ERR_MALFORMED, 1},
    {"a group of nothing else", "\"Zm9v====\"", NULL, 0, DCM_ERR_MALFORMED, 5},
    {"'=' before a letter", "\"Zg=v\"", NULL, 0, DCM_ERR_MALFORMED, 3},
    {"'=' before a group", "\"Zg==Zm9v\"", NULL, 0, DCM_ERR_MALFORMED, 3},
    {"star", "\"Zm9vA*E=\"", NULL, 0, DCM_ERR_MALFORMED, 6},
    {"base64url's minus", "\"Zm9-\"", NULL, 0, DCM_ERR_MALFORMED, 4},
    {"base64url's line", "\"_m9v\"", NULL, 0, DCM_ERR_MALFORMED, 1},
    {"comma", "\"Zm,v\"", NULL, 0, DCM_ERR_MALFORMED, 3},
    {"DEL", "\"Zm9\x7F\"", NULL, 0, DCM_ERR_MALFORMED, 4},
    {"a letter of no ASCII", "\"Z\xC3\xA9v\"", NULL, 0, DCM_ERR_MALFORMED, 2},
    {"the same escaped", "\"Zm9v\\u00e9AAA\"", NULL, 0, DCM_ERR_MALFORMED, 5},
    {"escaped NUL, at its last digit", "\"Zm9\\u0000\"", NULL, 0,
     DCM_ERR_MALFORMED, 9},
    {"escaped quote", "\"Zm9\\\"\"", NULL, 0, DCM_ERR_MALFORMED, 5},
    {"bad behind spaces", "\"Zm  9 -\"", NULL, 1, DCM_ERR_MALFORMED, 7},
    {"raw new line is no JSON", "\"Zm\n9v\"", NULL, 0, DCM_ERR_MALFORMED, 3},
    {"bad escape is no JSON", "\"Zm\\q9\"", NULL, 0, DCM_ERR_MALFORMED, 4},
    {"no end", "\"Zm9v", NULL, 0, DCM_ERR_TRUNCATED, 5},
    {"no end in an escape", "\"Zm9v\\u00", NULL, 0, DCM_ERR_TRUNCATED, 9},
    {"a number", "12", NULL, 0, DCM_ERR_MALFORMED, 0},
    {"nothing", " ", NULL, 0, DCM_ERR_TRUNCATED, 1},
};

/* Reads all, n bytes at a time; `to` has room for one more than there are. */
static int read_all(struct dcm_json_base64 *b, uint8_t *to, size_t n)
{
    size_t all = 0, got;

    do {
        uint8_t *piece = malloc(n);

        assert_non_null(piece);
        if (dcm_json_base64_read(b, piece, n, &got) != 0) {
            free(piece);
            return -1;
        }
        assert_true(got == n || b->left == 0);
        assert_true(all + got <= b->size);
        memcpy(to + all, piece, got);
        all += got;
        free(piece);
    } while (got == n);
    assert_int_equal(all, b->size);
    assert_int_equal(b->left, 0);
    return 0;
}

static void check_base64(const struct base64_row *r, size_t step, size_t n)
{
    struct dcm_json_scan s = {0};
    struct dcm_json_base64 b;
    struct pieces p;
    struct dcm_input *in = input_of(&p, r->text, strlen(r->text), step);
    uint8_t got[100];
    int status;

    dcm_json_scan_open(&s, in, 4);
    status = dcm_json_base64_open(&b, &s);
    if (status == 0 && r->want && b.size != strlen(r->want))
        fail_msg("%s: size %llu", r->why, (unsigned long long)b.size);
    if (status == 0)
        status = read_all(&b, got, n);
    if ((status == 0) != (r->want != NULL) || s.error.code != r->status ||
        (status && s.error.offset != r->offset))
        fail_msg("%s, %zu and %zu at a time: %s at %llu, %s", r->why, step, n,
                 dcm_status_name(s.error.code),
                 (unsigned long long)s.error.offset, s.error.message);
    if (status == 0) {
        assert_memory_equal(got, r->want, b.size);
        if (b.spaces != r->spaces)
            fail_msg("%s: spaces %d", r->why, b.spaces);
        /* a second time, from the start */
        b.left = b.size;
        assert_int_equal(read_all(&b, got, n), 0);
        assert_memory_equal(got, r->want, b.size);
        assert_int_equal(dcm_json_scan_next(&s), DCM_JSON_END);
    }
    dcm_json_scan_release(&s);
    release(&p, in);
}

static void base64_is_measured_and_decoded_or_refused(void **state)
{
    static const size_t sizes[] = {1, 2, 3, 4, 5, 64};

    (void)state;
    for (size_t i = 0; i < LENGTH(base64_rows); i++)
        for (size_t k = 0; k < LENGTH(steps); k++)
            for (size_t j = 0; j < LENGTH(sizes); j++)
                check_base64(&base64_rows[i], steps[k], sizes[j]);
}

#define DATA ((size_t)1000001)

static void fill(uint8_t *data, size_t n)
{
    uint32_t x = 12345;

    for (size_t i = 0; i < n; i++) {
        x = x * 1664525u + 1013904223u;
        data[i] = (uint8_t)(x >> 24);
    }
}

/* [1,"...",2]; escaped: each '/' with a backslash, lines of 76 */
static char *base64_text(const uint8_t *data, int escaped, size_t *size)
{
    char *plain = malloc(DCM_BASE64_SIZE(DATA));
    char *text = malloc(3 * DCM_BASE64_SIZE(DATA)), *to = text;
    size_t n;

    assert_non_null(plain);
    assert_non_null(text);
    n = dcm_base64_encode(plain, data, DATA);
    memcpy(to, "[1,\"", 4);
    to += 4;
    for (size_t i = 0; i < n; i++) {
        if (escaped && i && i % 76 == 0) {
            memcpy(to, "\\r\\n ", 5);
            to += 5;
        }
        if (escaped && plain[i] == '/')
            *to++ = '\\';
        *to++ = plain[i];
    }
    memcpy(to, "\",2]", 4);
    free(plain);
    *size = (size_t)(to - text) + 4;
    return text;
}

static void check_long_base64(const uint8_t *data, const char *text,
                              size_t size, size_t step, size_t n)
{
    struct dcm_json_scan s = {0};
    struct dcm_json_base64 b;
    struct pieces p;
    struct dcm_input *in = input_of(&p, text, size, step);
    uint8_t *got = malloc(DATA), some[10];
    size_t have;

    assert_non_null(got);
    dcm_json_scan_open(&s, in, 4);
    for (int i = 0; i < 3; i++)
        assert_true(dcm_json_scan_next(&s) > 0);
    assert_int_equal(dcm_json_base64_open(&b, &s), 0);
    assert_int_equal(b.size, DATA);
    assert_int_equal(dcm_json_base64_read(&b, some, 10, &have), 0);
    assert_int_equal(have, 10);
    assert_memory_equal(some, data, 10);
    /* another place in between */
    dcm_json_scan_seek(&s, 1);
    assert_int_equal(dcm_json_scan_next(&s), DCM_JSON_NUMBER);
    assert_int_equal(dcm_json_base64_read(&b, some, 10, &have), 0);
    assert_memory_equal(some, data + 10, 10);
    b.left = b.size;
    assert_int_equal(read_all(&b, got, n), 0);
    assert_memory_equal(got, data, DATA);
    assert_int_equal(dcm_json_scan_next(&s), ',');
    /* who stops earlier */
    b.left = b.size;
    assert_int_equal(dcm_json_base64_read(&b, some, 7, &have), 0);
    dcm_json_scan_seek(&s, b.end);
    assert_int_equal(dcm_json_scan_next(&s), ',');
    assert_int_equal(dcm_json_scan_next(&s), DCM_JSON_NUMBER);
    assert_true(s.capacity <= 1 << 18);
    dcm_json_scan_release(&s);
    release(&p, in);
    free(got);
}

static void long_base64_needs_no_more_than_the_window(void **state)
{
    static uint8_t data[DATA];
    static const size_t sizes[] = {100, 65536, 65537, DATA, DATA + 1};

    (void)state;
    fill(data, DATA);
    for (int escaped = 0; escaped < 2; escaped++) {
        size_t size;
        char *text = base64_text(data, escaped, &size);

        for (size_t k = 0; k < LENGTH(steps); k++)
            for (size_t i = 0; i < LENGTH(sizes); i++)
                if (steps[k] != 1 || i == 1)
                    check_long_base64(data, text, size, steps[k], sizes[i]);
        free(text);
    }
}

static void a_bad_character_far_on_is_found_where_it_is(void **state)
{
    static uint8_t data[DATA], got[DATA];
    size_t size;

    (void)state;
    fill(data, DATA);
    for (int escaped = 0; escaped < 2; escaped++) {
        char *text = base64_text(data, escaped, &size);

        for (size_t at = 4; at < size - 7; at += 90001) {
            struct dcm_json_scan s = {0};
            struct dcm_json_base64 b;
            struct pieces p;
            struct dcm_input *in;
            size_t bad = at;
            char was;

            while (strchr("\\rn /", text[bad]))
                bad++;
            was = text[bad];
            text[bad] = '-';
            in = input_of(&p, text, size, 1 << 20);
            dcm_json_scan_open(&s, in, 4);
            dcm_json_scan_seek(&s, 3);
            assert_int_equal(dcm_json_base64_open(&b, &s), 0);
            assert_int_equal(read_all(&b, got, DATA + 1), -1);
            assert_int_equal(s.error.code, DCM_ERR_MALFORMED);
            assert_int_equal(s.error.offset, bad);
            text[bad] = was;
            dcm_json_scan_release(&s);
            release(&p, in);
        }
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64_is_measured_and_decoded_or_refused),
        cmocka_unit_test(long_base64_needs_no_more_than_the_window),
        cmocka_unit_test(a_bad_character_far_on_is_found_where_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
