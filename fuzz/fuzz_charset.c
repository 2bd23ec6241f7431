/* Character sets (PS3.3 C.12.1.1.2). The first byte chooses how a value is
 * cut, the bytes up to a newline are the terms, the rest is the text: values
 * come out as UTF-8, and every byte is looked at once. */
#include "charset.h"
#include "check.h"

#include <string.h>

static void check_value(const char *text, size_t n)
{
    const uint8_t *s = (const uint8_t *)text;
    uint32_t c;

    for (size_t at = 0, length; at < n; at += length) {
        length = check_utf8(s + at, n - at, &c);
        CHECK(length > 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *p = data + (size > 0), *end = data + size;
    const uint8_t *newline = size > 1 ? memchr(p, '\n', size - 1) : NULL;
    const uint8_t *terms = p, *where = NULL;
    struct dcm_decoder *decoder = dcm_decoder_new();
    struct dcm_charset cs;
    unsigned problems = 0;
    int more = 1;

    dcm_charset_parse(&cs, terms, newline ? (size_t)(newline - terms) : 0);
    p = newline ? newline + 1 : p;
    while (decoder && more) {
        const uint8_t *before = p;
        const char *out;
        size_t n;

        more = 0;
        p = dcm_decode_value(decoder, &cs, size ? data[0] & 15 : 0, p, end,
                             &out, &n, &more, &problems, &where);
        CHECK(p != NULL && (more ? p > before && p <= end : p == end));
        CHECK(!where || (where >= data && where < end));
        check_value(out, n);
    }
    dcm_decoder_free(decoder);
    return 0;
}
