/* Language. The text of JSON (RFC 8259 section 7): escapes, and where a space
 * or a new line goes. Most text has nothing to escape, so runs without are
 * found many bytes at a time. Knows nothing of DICOM. */
#include "json_text.h"
#include "bulk.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define MARK(s)          \
    {                    \
        s, sizeof(s) - 1 \
    }

const struct dcm_json_style dcm_json_compact = {
    MARK(":{\"vr\":\""),
    MARK(",\"Value\":["),
    MARK(",\"InlineBinary\":\""),
    MARK(",\"BulkDataURI\":\""),
    MARK(","),
    MARK("\":\""),
    0,
};

const struct dcm_json_style dcm_json_pretty = {
    MARK(": {\"vr\": \""),
    MARK(", \"Value\": ["),
    MARK(", \"InlineBinary\": \""),
    MARK(", \"BulkDataURI\": \""),
    MARK(", "),
    MARK("\": \""),
    1,
};

/* How a byte is written: 0 as it is, a letter after a backslash, HEX as
 * \u00XX, or C1 when the next byte decides (C2 80 to C2 9F are the control
 * characters U+0080 to U+009F). */
enum { HEX = 1, C1 = 2 };
static const uint8_t forms[256] =
    {
        HEX, HEX, HEX,         HEX,           HEX,          HEX,
        HEX, HEX, 'b',         't',           'n',          HEX,
        'f', 'r', HEX,         HEX,           HEX,          HEX,
        HEX, HEX, HEX,         HEX,           HEX,          HEX,
        HEX, HEX, HEX,         HEX,           HEX,          HEX,
        HEX, HEX, ['"'] = '"', ['\\'] = '\\', [0x7F] = HEX, [0xC2] = C1,
};

static const char digits[] = "0123456789ABCDEF";

#if defined(__SSE2__)
/* A bit for each of 16 bytes that has a form of its own. */
static unsigned special16(__m128i v)
{
    __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1F)), v);
    __m128i quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"'));
    __m128i slash = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));
    __m128i del = _mm_cmpeq_epi8(v, _mm_set1_epi8(0x7F));
    __m128i c1 = _mm_cmpeq_epi8(v, _mm_set1_epi8((char)0xC2));

    return (unsigned)_mm_movemask_epi8(_mm_or_si128(
        _mm_or_si128(_mm_or_si128(low, quote), slash), _mm_or_si128(del, c1)));
}
#endif

/* Copies the bytes before the first that has a form of its own; returns how
 * many. May write up to 15 bytes more than it returns. */
static size_t copy_run(char *to, const uint8_t *p, size_t n)
{
    size_t i = 0;

#if defined(__SSE2__)
    for (; n - i >= 16; i += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(p + i));
        unsigned mask = special16(v);

        _mm_storeu_si128((__m128i *)(to + i), v);
        if (mask)
            return i + (size_t)__builtin_ctz(mask);
    }
#endif
    return i + dcm_copy_run(to + i, p + i, n - i, dcm_json_special8, forms);
}

static char *put_hex_escape(char *to, unsigned c, unsigned *controls)
{
    *controls |= DCM_MET_CONTROL;
    memcpy(to, "\\u00", 4);
    to[4] = digits[c >> 4];
    to[5] = digits[c & 15];
    return to + 6;
}

/* Writes the character at p, which has a form of its own; *used bytes of it
 * are done then. */
static char *put_special(char *to, const uint8_t *p, size_t n, size_t *used,
                         unsigned *controls)
{
    unsigned form = forms[*p];

    *used = 1;
    if (form == HEX)
        return put_hex_escape(to, *p, controls);
    if (form == C1) {
        if (n < 2 || p[1] >= 0xA0) {
            *to = (char)*p;
            return to + 1;
        }
        *used = 2;
        return put_hex_escape(to, p[1], controls);
    }
    if (*p < 0x20)
        *controls |= form == 'b' ? DCM_MET_CONTROL : DCM_MET_LAYOUT;
    to[0] = '\\';
    to[1] = (char)form;
    return to + 2;
}

size_t dcm_json_escape(char *out, const char *s, size_t n, unsigned *controls)
{
    const uint8_t *p = (const uint8_t *)s;
    char *to = out;

    for (;;) {
        size_t run = copy_run(to, p, n), used;

        to += run;
        p += run;
        n -= run;
        if (n == 0)
            return (size_t)(to - out);
        to = put_special(to, p, n, &used, controls);
        p += used;
        n -= used;
    }
}

void dcm_json_put(struct dcm_output *o, const char *s, size_t n,
                  unsigned *controls)
{
    const size_t most = 16384;

    while (n) {
        size_t piece = n < most ? n : most;
        char *to;

        if (piece < n && (uint8_t)s[piece - 1] == 0xC2)
            piece--; /* its next byte decides */
        to = dcm_output_reserve(o, DCM_JSON_ESCAPED(piece));
        if (!to)
            return;
        dcm_output_commit(o, dcm_json_escape(to, s, piece, controls));
        s += piece;
        n -= piece;
    }
}

void dcm_json_put_uri(struct dcm_output *o, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char *to = dcm_output_reserve(o, 3);

        if (!to)
            return;
        dcm_output_commit(o, dcm_uri_char(to, s[i]));
    }
}
