/* hexd against bytes written out by hand from PS3.5 7 and PS3.10 7.1. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hexd.h"

#include <stdio.h>
#include <string.h>
#include <zlib.h>

static int nibble(char c)
{
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* Its own reader of hex, lower case, so that hexd is not its own judge. */
static size_t bytes_of(const char *hex, uint8_t *to)
{
    size_t n = 0;

    for (; *hex; hex++)
        if (*hex != ' ') {
            to[n++] = (uint8_t)(nibble(hex[0]) << 4 | nibble(hex[1]));
            hex++;
        }
    return n;
}

static const struct row {
    const char *why, *text, *want;
} rows[] = {
    {"nothing is no bytes", "# a remark\n\n", ""},
    {"short header, text", "(0008,0060) CS \"OT\"", "0800 6000 4353 0200 4f54"},
    {"text is padded with a space", "(0008,0060) CS \"O\"",
     "0800 6000 4353 0200 4f20"},
    {"UI is padded with zero", "(0008,0018) UI \"1\"",
     "0800 1800 5549 0200 3100"},
    {"odd on demand", "(0008,0060) CS nopad \"O\"", "0800 6000 4353 0100 4f"},
    {"empty value", "(0008,0060) CS", "0800 6000 4353 0000"},
    {"escapes", "(0008,0060) LO \"a\\\\b\\\"\\xC3\\xa9\"",
     "0800 6000 4c4f 0600 615c 6222 c3a9"},
    {"# and ; are text between quotes", "(0008,0060) LO \"#;\" # remark",
     "0800 6000 4c4f 0200 233b"},
    {"; ends a statement", "hex 01 ; hex 02", "0102"},
    {"long header", "(7FE0,0010) OW hex 1234",
     "e07f 1000 4f57 0000 0200 0000 1234"},
    {"words and other numbers", "(7FE0,0010) OW 0x1234 258",
     "e07f 1000 4f57 0000 0400 0000 3412 0201"},
    {"negative number", "(0028,0106) SS -2", "2800 0601 5353 0200 feff"},
    {"lowest number", "(0028,0106) SL -2147483648",
     "2800 0601 534c 0400 0000 0080"},
    {"float and double", "(0018,9087) FD 1 ; (0018,605A) FL -0.5",
     "1800 8790 4644 0800 0000 0000 0000 f03f"
     "1800 5a60 464c 0400 0000 00bf"},
    {"tag as a value", "(0028,0009) AT (0018,1063)",
     "2800 0900 4154 0400 1800 6310"},
    {"64 bit", "(0008,0001) UV 18446744073709551615",
     "0800 0100 5556 0000 0800 0000 ffff ffff ffff ffff"},
    {"big endian", "encoding explicit big\n(0028,0010) US 512",
     "0028 0010 5553 0002 0200"},
    {"big endian tag", "encoding explicit big\n(0028,0009) AT (0018,1063)",
     "0028 0009 4154 0004 0018 1063"},
    {"implicit", "encoding implicit\n(0028,0010) US 512",
     "2800 1000 0200 0000 0002"},
    {"a length that lies", "(0008,0060) CS length=0x12 \"OT\"",
     "0800 6000 4353 1200 4f54"},
    {"VR that nobody knows, long on demand", "(0009,1001) ZZ long hex 01",
     "0900 0110 5a5a 0000 0200 0000 0120"},
    {"values join", "(0009,1001) UN \"a\" hex 00 repeat 2 hex 01 02",
     "0900 0110 554e 0000 0600 0000 6100 0102 0102"},
    {"repeat none", "repeat 0 hex 0102", ""},
    {"sequence with lengths",
     "(0008,1140) SQ {\nitem {\n(0028,0010) US 1\n}\nitem {\n}\n}",
     "0800 4011 5351 0000 1a00 0000 feff 00e0 0a00 0000"
     "2800 1000 5553 0200 0100 feff 00e0 0000 0000"},
    {"sequence with delimiters",
     "(0008,1140) SQ undefined {\nitem undefined {\n}\n}",
     "0800 4011 5351 0000 ffff ffff feff 00e0 ffff ffff"
     "feff 0de0 0000 0000 feff dde0 0000 0000"},
    {"delimiter left out", "(0008,1140) SQ undefined {\n} bare",
     "0800 4011 5351 0000 ffff ffff"},
    {"sequence whose length lies", "(0008,1140) SQ length=6 {\n}",
     "0800 4011 5351 0000 0600 0000"},
    {"delimiter on its own", "(FFFE,E0DD)", "feff dde0 0000 0000"},
    {"fragments", "(7FE0,0010) OB undefined {\nitem\nitem hex ff\n}",
     "e07f 1000 4f42 0000 ffff ffff feff 00e0 0000 0000"
     "feff 00e0 0200 0000 ff00 feff dde0 0000 0000"},
    {"meta of one's own, then implicit",
     "meta {\n(0002,0010) UI \"1\"\n}\nencoding implicit\n(0008,0060) CS",
     "0200 0000 554c 0400 0a00 0000 0200 1000 5549 0200 3100"
     "0800 6000 0000 0000"},
};

static void assemble(const char *why, const char *text, struct hexd_buffer *out)
{
    char error[200] = "";

    if (!hexd_assemble(text, strlen(text), out, error, sizeof error))
        fail_msg("%s: %s", why, error);
}

static void text_becomes_bytes(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *r = &rows[i];
        struct hexd_buffer out = {0};
        uint8_t want[256];
        size_t n = bytes_of(r->want, want);
        assemble(r->why, r->text, &out);
        if (out.size != n || (n && memcmp(out.data, want, n) != 0))
            fail_msg("%s: %zu bytes, not the %zu expected", r->why, out.size,
                     n);
        hexd_buffer_release(&out);
    }
}

/* PS3.10 7.1: the group length counts from behind its own element. */
static void syntax_writes_a_whole_group_two(void **state)
{
    struct hexd_buffer out = {0};
    uint8_t want[256];
    size_t n = bytes_of(
        "0200 0000 554c 0400 6600 0000" /* 14 + 34 + 14 + 26 + 14 = 102 */
        "0200 0100 4f42 0000 0200 0000 0001"
        "0200 0200 5549 1a00 312e 322e 3834 302e 3130 3030 382e 352e 312e"
        "342e 312e 312e 3700"
        "0200 0300 5549 0600 322e 3235 2e31"
        "0200 1000 5549 1200 312e 322e 3834 302e 3130 3030 382e 312e 3200"
        "0200 1200 5549 0600 322e 3235 2e32"
        "0800 6000 0200 0000 4f54",
        want);

    (void)state;
    assemble("syntax", "syntax 1.2.840.10008.1.2\n(0008,0060) CS \"OT\"", &out);
    assert_int_equal(out.size, n);
    assert_memory_equal(out.data, want, n);
    hexd_buffer_release(&out);
}

static void preamble_is_128_zeros_and_dicm(void **state)
{
    static const uint8_t zeros[128];
    struct hexd_buffer out = {0};

    (void)state;
    assemble("preamble", "preamble", &out);
    assert_int_equal(out.size, 132);
    assert_memory_equal(out.data, zeros, 128);
    assert_memory_equal(out.data + 128, "DICM", 4);
    hexd_buffer_release(&out);
}

static void inflates_to(const struct hexd_buffer *b, int bits)
{
    static const char want[] = "\x08\x00\x60\x00\x43\x53\x02\x00OT";
    uint8_t got[64];
    z_stream z = {0};

    z.next_in = b->data;
    z.avail_in = (uInt)b->size;
    z.next_out = got;
    z.avail_out = sizeof got;
    assert_int_equal(inflateInit2(&z, bits), Z_OK);
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    assert_int_equal(z.total_out, 10);
    assert_memory_equal(got, want, 10);
    inflateEnd(&z);
}

static void what_follows_deflate_is_deflated(void **state)
{
    struct hexd_buffer raw = {0}, wrapped = {0};

    (void)state;
    assemble("raw", "deflate\n(0008,0060) CS \"OT\"", &raw);
    inflates_to(&raw, -15);
    assemble("zlib", "deflate zlib\n(0008,0060) CS \"OT\"", &wrapped);
    inflates_to(&wrapped, 15);
    hexd_buffer_release(&raw);
    hexd_buffer_release(&wrapped);
}

static const struct bad {
    const char *why, *text, *line;
} bad[] = {
    {"tag cut short", "(0008,006) CS", "line 1: "},
    {"no VR", "\n(0008,0060)", "line 2: "},
    {"half a byte", "hex 123", "line 1: "},
    {"string not closed", "hex 00\nhex 00\n\"abc", "line 3: "},
    {"number too large", "(0028,0010) US 65536", "line 1: "},
    {"number too small", "(0028,0010) SS -32769", "line 1: "},
    {"number for text", "(0008,0060) CS 12", "line 1: "},
    {"no number", "(0028,0010) US 1x", "line 1: "},
    {"brace not closed", "(0008,1140) SQ {\n", "line 2: "},
    {"brace not opened", "}", "line 1: "},
    {"value too long for its header", "(0008,0060) CS repeat 70000 \"a\"",
     "line 1: "},
    {"length too long for its header", "(0008,0060) CS length=70000",
     "line 1: "},
    {"statement that nobody knows", "preambel", "line 1: "},
    {"lines count through ;", "hex 00 ; hex 00\nhex 0", "line 2: "},
    {"deflate in a sequence", "(0008,1140) SQ {\ndeflate\n}", "line 2: "},
};

static void an_error_names_its_line(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct hexd_buffer out = {0};
        char error[200] = "";
        const char *text = bad[i].text;
        if (hexd_assemble(text, strlen(text), &out, error, sizeof error))
            fail_msg("%s: was taken", bad[i].why);
        if (strncmp(error, bad[i].line, strlen(bad[i].line)) != 0)
            fail_msg("%s: error is '%s'", bad[i].why, error);
        hexd_buffer_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_becomes_bytes),
        cmocka_unit_test(syntax_writes_a_whole_group_two),
        cmocka_unit_test(preamble_is_128_zeros_and_dicm),
        cmocka_unit_test(what_follows_deflate_is_deflated),
        cmocka_unit_test(an_error_names_its_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
