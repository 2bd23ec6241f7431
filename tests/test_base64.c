/* base64.c. Expected text is RFC 4648's own, or that of base64(1); for the
 * rest each character is looked up bit by bit, as section 4 describes. What is
 * decoded is what was encoded. */
#include "base64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH(a) (sizeof(a) / sizeof(*(a)))

/* In blocks of exactly the sizes, so that a sanitizer sees a byte too many. */
static char *encode(const uint8_t *data, size_t n, size_t *size)
{
    uint8_t *in = malloc(n ? n : 1);
    char *out = malloc(n ? DCM_BASE64_SIZE(n) : 1);

    assert_non_null(in);
    assert_non_null(out);
    if (n)
        memcpy(in, data, n);
    *size = dcm_base64_encode(out, in, n);
    free(in);
    return out;
}

static const struct {
    const char *why, *in, *want;
} rows[] = {
    {"RFC 4648 section 10", "", ""},
    {"RFC 4648 section 10", "f", "Zg=="},
    {"RFC 4648 section 10", "fo", "Zm8="},
    {"RFC 4648 section 10", "foo", "Zm9v"},
    {"RFC 4648 section 10", "foob", "Zm9vYg=="},
    {"RFC 4648 section 10", "fooba", "Zm9vYmE="},
    {"RFC 4648 section 10", "foobar", "Zm9vYmFy"},
    {"all bits, and a slash", "\xFF\xFF\xFF", "////"},
    {"a plus, and padding", "\xFB\xFF", "+/8="},
};

static void vectors_of_the_rfc_are_met(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        size_t size;
        char *got =
            encode((const uint8_t *)rows[i].in, strlen(rows[i].in), &size);
        if (size != strlen(rows[i].want) ||
            memcmp(got, rows[i].want, size) != 0)
            fail_msg("%s: got %.*s, want %s", rows[i].why, (int)size, got,
                     rows[i].want);
        free(got);
    }
}

/* base64 -w0 of the bytes 0 to 255 */
static const char all_bytes[] =
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1"
    "Njc4OTo7PD0+P0BBQkNERUZHSElKS0xNTk9QUVJTVFVWV1hZWltcXV5fYGFiY2RlZmdoaWpr"
    "bG1ub3BxcnN0dXZ3eHl6e3x9fn+AgYKDhIWGh4iJiouMjY6PkJGSk5SVlpeYmZqbnJ2en6Ch"
    "oqOkpaanqKmqq6ytrq+wsbKztLW2t7i5uru8vb6/wMHCw8TFxsfIycrLzM3Oz9DR0tPU1dbX"
    "2Nna29zd3t/g4eLj5OXm5+jp6uvs7e7v8PHy8/T19vf4+fr7/P3+/w==";

static void every_byte_is_right(void **state)
{
    uint8_t data[256];
    size_t size;
    (void)state;

    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)i;
    char *got = encode(data, sizeof data, &size);
    assert_int_equal(size, sizeof all_bytes - 1);
    assert_memory_equal(got, all_bytes, size);
    free(got);
}

/* Character i of the text: bits 6 i to 6 i + 5 of the data, or '='. */
static char character(const uint8_t *data, size_t n, size_t i)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "abcdefghijklmnopqrstuvwxyz"
                                   "0123456789+/";
    unsigned v = 0;

    if (i * 6 >= n * 8)
        return '=';
    for (size_t bit = i * 6; bit < i * 6 + 6; bit++) {
        unsigned byte = bit / 8 < n ? data[bit / 8] : 0;
        v = v << 1 | (byte >> (7 - bit % 8) & 1);
    }
    return alphabet[v];
}

static void fill(uint8_t *data, size_t n)
{
    uint32_t x = 12345;

    for (size_t i = 0; i < n; i++) {
        x = x * 1664525u + 1013904223u;
        data[i] = (uint8_t)(x >> 24);
    }
}

static void check_size(const uint8_t *data, size_t n)
{
    size_t size;
    char *got = encode(data, n, &size);

    assert_int_equal(size, DCM_BASE64_SIZE(n));
    for (size_t i = 0; i < size; i++)
        if (got[i] != character(data, n, i))
            fail_msg("character %zu of %zu bytes: %c, want %c", i, n, got[i],
                     character(data, n, i));
    free(got);
}

/* Whichever way a size is encoded, and wherever one hands over to another. */
static void every_size_gives_the_same_as_bit_by_bit(void **state)
{
    static uint8_t data[70000];
    (void)state;

    fill(data, sizeof data);
    for (size_t n = 0; n < 1200; n++)
        check_size(data, n);
    for (size_t n = 65530; n < 65540; n++)
        check_size(data, n);
    check_size(data, sizeof data);
}

/* Each value of 6 bits in each place of a vector. */
static void every_sextet_in_every_place_is_right(void **state)
{
    uint8_t data[1536];
    (void)state;

    for (unsigned v = 0; v < 64; v++) {
        for (size_t i = 0; i < sizeof data; i += 3) {
            uint32_t group =
                v << 18 | ((v + 1) & 63) << 12 | (63 - v) << 6 | (v ^ 32);
            data[i] = (uint8_t)(group >> 16);
            data[i + 1] = (uint8_t)(group >> 8);
            data[i + 2] = (uint8_t)group;
        }
        check_size(data, sizeof data);
    }
}

static void pieces_of_threes_join(void **state)
{
    static uint8_t data[5000];
    static char joined[DCM_BASE64_SIZE(5000)];
    size_t size;
    (void)state;

    fill(data, sizeof data);
    char *whole = encode(data, sizeof data, &size);
    for (size_t piece = 3; piece < 2000; piece += 111) {
        size_t done = 0, written = 0;
        while (done < sizeof data) {
            size_t n = sizeof data - done < piece ? sizeof data - done : piece;
            written += dcm_base64_encode(joined + written, data + done, n);
            done += n;
        }
        assert_int_equal(written, size);
        assert_memory_equal(joined, whole, size);
    }
    free(whole);
}

/* ---------------------------------------------------------------- decode */

/* From which size on there are vectors: texts below go by the table alone. */
#define TABLE_ONLY 508

/* Whole groups, in blocks of exactly the sizes: all at once, or in pieces that
 * are small enough for the table. */
static size_t decode(uint8_t *out, const char *text, size_t n, size_t piece)
{
    char *in = malloc(n ? n : 1);
    uint8_t *slack = malloc(n / 4 * 3 + DCM_BASE64_SLACK);
    size_t done = 0;

    assert_non_null(in);
    assert_non_null(slack);
    memcpy(in, text, n);
    while (done < n) {
        size_t some = n - done < piece ? n - done : piece;
        size_t got = dcm_base64_decode(slack + done / 4 * 3, in + done, some);
        done += got;
        if (got < some)
            break;
    }
    memcpy(out, slack, done / 4 * 3);
    free(in);
    free(slack);
    return done;
}

static const size_t pieces[] = {TABLE_ONLY, SIZE_MAX};

static void rows_of_whole_groups_are_decoded(void **state)
{
    uint8_t got[16];
    (void)state;

    for (size_t i = 0; i < LENGTH(rows); i++) {
        size_t n = strlen(rows[i].want);
        if (strchr(rows[i].want, '='))
            continue;
        assert_int_equal(decode(got, rows[i].want, n, SIZE_MAX), n);
        assert_memory_equal(got, rows[i].in, n / 4 * 3);
    }
    size_t n = sizeof all_bytes - 1 - 4;
    uint8_t bytes[256];
    assert_int_equal(decode(bytes, all_bytes, n, SIZE_MAX), n);
    for (size_t i = 0; i < n / 4 * 3; i++)
        assert_int_equal(bytes[i], i);
}

static void what_was_encoded_is_decoded_in_every_size(void **state)
{
    static uint8_t data[70005], got[70005];
    (void)state;

    fill(data, sizeof data);
    for (size_t n = 0; n <= sizeof data; n += n < 3000 ? 3 : 22335) {
        size_t size;
        char *text = encode(data, n, &size);
        for (size_t k = 0; k < LENGTH(pieces); k++) {
            memset(got, 0, sizeof got);
            if (decode(got, text, size, pieces[k]) != size)
                fail_msg("%zu bytes are not decoded", n);
            assert_memory_equal(got, data, n);
        }
        free(text);
    }
}

static int in_alphabet(unsigned c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c >= '0' && c <= '9') || c == '+' || c == '/';
}

/* Each of the 256 in each place of a group, and of a vector. */
static void every_other_character_is_refused(void **state)
{
    uint8_t data[768], got[768];
    size_t size;
    (void)state;

    fill(data, sizeof data);
    char *text = encode(data, sizeof data, &size);
    for (unsigned c = 0; c < 256; c++)
        for (size_t at = 0; at < 64; at++) {
            char was = text[at];
            text[at] = (char)c;
            for (size_t k = 0; k < LENGTH(pieces); k++) {
                size_t want = in_alphabet(c) ? size : at / 4 * 4;
                size_t done = decode(got, text, size, pieces[k]);
                if (done != want)
                    fail_msg("%02X at %zu: %zu, want %zu", c, at, done, want);
            }
            text[at] = was;
        }
    free(text);
}

static void all_before_a_bad_character_is_decoded(void **state)
{
    static const char bad[] = {'=', '-', '_', ' ', '\n', '\0', '\x80', '\xC1'};
    uint8_t data[750], got[750];
    size_t size;
    (void)state;

    fill(data, sizeof data);
    char *text = encode(data, sizeof data, &size);
    for (size_t at = 0; at < size; at++)
        for (size_t k = 0; k < LENGTH(pieces); k++) {
            char was = text[at];
            text[at] = bad[at % sizeof bad];
            assert_int_equal(decode(got, text, size, pieces[k]), at / 4 * 4);
            assert_memory_equal(got, data, at / 4 * 3);
            text[at] = was;
        }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_of_the_rfc_are_met),
        cmocka_unit_test(every_byte_is_right),
        cmocka_unit_test(every_size_gives_the_same_as_bit_by_bit),
        cmocka_unit_test(every_sextet_in_every_place_is_right),
        cmocka_unit_test(pieces_of_threes_join),
        cmocka_unit_test(rows_of_whole_groups_are_decoded),
        cmocka_unit_test(what_was_encoded_is_decoded_in_every_size),
        cmocka_unit_test(every_other_character_is_refused),
        cmocka_unit_test(all_before_a_bad_character_is_decoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
