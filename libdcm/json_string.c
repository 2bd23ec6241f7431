/* Language. The inside of a JSON string (RFC 8259 section 7): UTF-8 (RFC 3629
 * section 4) and escapes. Most of it stands for itself, so runs of ASCII are
 * passed and copied many bytes at a time. Checked first and decoded then:
 * most strings have no escapes and need not be decoded at all. Knows nothing
 * of windows, inputs and tokens. */
#include "json_string.h"

const char *const dcm_json_stop_text[] = {
    [DCM_JSON_QUOTE] = "",
    [DCM_JSON_MORE] = "",
    [DCM_JSON_BAD_CONTROL] = "control character in a string, where it has to "
                             "be escaped (RFC 8259 section 7)",
    [DCM_JSON_BAD_ESCAPE] = "escape in a string that JSON does not have "
                            "(RFC 8259 section 7)",
    [DCM_JSON_BAD_SURROGATE] = "escaped surrogate without its other half "
                               "(RFC 8259 section 7)",
    [DCM_JSON_BAD_UTF8] = "text is not UTF-8 (RFC 8259 section 8.1)",
};

/* ----------------------------------------------------------------- UTF-8 */

/* By the first byte: how many follow, and what the first of them may be. The
 * bounds keep out overlong forms, surrogates and what is over 10FFFF. */
struct lead {
    uint8_t from, follow, low, high;
};
static const struct lead leads[] = {
    {0xF5, 0, 0, 0},       {0xF4, 3, 0x80, 0x8F}, {0xF1, 3, 0x80, 0xBF},
    {0xF0, 3, 0x90, 0xBF}, {0xEE, 2, 0x80, 0xBF}, {0xED, 2, 0x80, 0x9F},
    {0xE1, 2, 0x80, 0xBF}, {0xE0, 2, 0xA0, 0xBF}, {0xC2, 1, 0x80, 0xBF},
    {0x80, 0, 0, 0},
};

/* The bytes of the character at p, whose first is over 7F; 0 when it is cut
 * by `end`, -1 when it is none. */
static int character(const uint8_t *p, const uint8_t *end)
{
    const struct lead *lead = leads;

    while (*p < lead->from)
        lead++;
    if (lead->follow == 0)
        return -1;
    for (int i = 1; i <= lead->follow; i++) {
        if (p + i == end)
            return 0;
        if (i == 1 ? p[1] < lead->low || p[1] > lead->high
                   : (p[i] & 0xC0) != 0x80)
            return -1;
    }
    return lead->follow + 1;
}

/* Past characters over 7F: alphabets and the common part of CJK without the
 * table. */
static enum dcm_json_stop pass_characters(const uint8_t **at,
                                          const uint8_t *end)
{
    const uint8_t *p = *at;
    int n = 1;

    while (p < end && *p >= 0x80 && n > 0) {
        if (end - p >= 3 && *p > 0xE0 && *p < 0xED && (p[1] & 0xC0) == 0x80 &&
            (p[2] & 0xC0) == 0x80)
            p += 3;
        else if (end - p >= 2 && *p >= 0xC2 && *p < 0xE0 &&
                 (p[1] & 0xC0) == 0x80)
            p += 2;
        else if ((n = character(p, end)) > 0)
            p += n;
    }
    *at = p;
    return n > 0 ? DCM_JSON_QUOTE : n < 0 ? DCM_JSON_BAD_UTF8 : DCM_JSON_MORE;
}

static char *put_character(char *to, uint32_t c)
{
    if (c < 0x80) {
        *to++ = (char)c;
        return to;
    }
    if (c < 0x800) {
        *to++ = (char)(0xC0 | c >> 6);
    } else {
        if (c < 0x10000) {
            *to++ = (char)(0xE0 | c >> 12);
        } else {
            *to++ = (char)(0xF0 | c >> 18);
            *to++ = (char)(0x80 | (c >> 12 & 0x3F));
        }
        *to++ = (char)(0x80 | (c >> 6 & 0x3F));
    }
    *to++ = (char)(0x80 | (c & 0x3F));
    return to;
}

/* --------------------------------------------------------------- escapes */

/* What stands for itself or something else after a backslash; u is not here,
 * and nothing that may be escaped stands for NUL. */
static const uint8_t meanings[256] = {
    ['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
    ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t',
};

static int nibble(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* \uXXXX at *p */
static enum dcm_json_stop unit(const uint8_t **p, const uint8_t *end,
                               uint32_t *c)
{
    const uint8_t *q = *p;

    *c = 0;
    for (int i = 0; i < 6; i++) {
        if (q + i == end)
            return DCM_JSON_MORE;
        if (i >= 2) {
            int v = nibble(q[i]);

            *c = *c << 4 | (uint32_t)v;
            if (v >= 0)
                continue;
        } else if (q[i] == "\\u"[i]) {
            continue;
        }
        *p = q + i;
        return DCM_JSON_BAD_ESCAPE;
    }
    *p = q + 6;
    return DCM_JSON_QUOTE;
}

/* A low surrogate at q, which has to follow the high one at *p, in *c. */
static enum dcm_json_stop pair(const uint8_t **p, const uint8_t *q,
                               const uint8_t *end, uint32_t *c)
{
    const uint8_t *from = q;
    uint32_t low;
    enum dcm_json_stop stop = unit(&q, end, &low);

    if (stop == DCM_JSON_MORE)
        return stop;
    if (stop == DCM_JSON_BAD_ESCAPE && q - from >= 2) {
        *p = q; /* the second is no escape at all */
        return stop;
    }
    if (stop != DCM_JSON_QUOTE || low < 0xDC00 || low > 0xDFFF)
        return DCM_JSON_BAD_SURROGATE;
    *c = 0x10000 + ((*c - 0xD800) << 10) + (low - 0xDC00);
    *p = q;
    return DCM_JSON_QUOTE;
}

enum dcm_json_stop dcm_json_string_escape(const uint8_t **p, const uint8_t *end,
                                          uint32_t *c)
{
    const uint8_t *q = *p;
    enum dcm_json_stop stop;

    if (end - q < 2)
        return DCM_JSON_MORE;
    if (meanings[q[1]]) {
        *c = meanings[q[1]];
        *p = q + 2;
        return DCM_JSON_QUOTE;
    }
    stop = unit(&q, end, c);
    if (stop == DCM_JSON_QUOTE && *c >= 0xDC00 && *c <= 0xDFFF)
        return DCM_JSON_BAD_SURROGATE;
    if (stop == DCM_JSON_QUOTE && *c >= 0xD800 && *c <= 0xDBFF)
        return pair(p, q, end, c);
    if (stop != DCM_JSON_MORE)
        *p = q;
    return stop;
}

/* ---------------------------------------------------------------- strings */

enum dcm_json_stop dcm_json_string_check(const uint8_t **at, const uint8_t *end,
                                         int *escapes)
{
    const uint8_t *p = *at;
    enum dcm_json_stop stop = DCM_JSON_QUOTE;

    for (;;) {
        uint32_t c;

        p = dcm_json_run(p, end, 0x20);
        if (p == end)
            stop = DCM_JSON_MORE;
        else if (*p == '"')
            break;
        else if (*p >= 0x80)
            stop = pass_characters(&p, end);
        else if (*p < 0x20)
            stop = DCM_JSON_BAD_CONTROL;
        else {
            *escapes = 1;
            stop = dcm_json_string_escape(&p, end, &c);
        }
        if (stop != DCM_JSON_QUOTE)
            break;
    }
    *at = p;
    return stop;
}

/* Copies up to the next backslash. May write more, but no more than p has. */
static size_t copy_run(char *to, const uint8_t *p, const uint8_t *end)
{
    const uint8_t *from = p;

#if defined(__SSE2__)
    for (; end - p >= 16; p += 16, to += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)p);
        unsigned mask =
            (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));

        _mm_storeu_si128((__m128i *)to, v);
        if (mask)
            return (size_t)(p - from) + (size_t)__builtin_ctz(mask);
    }
#endif
    while (p < end && *p != '\\')
        *to++ = (char)*p++;
    return (size_t)(p - from);
}

size_t dcm_json_string_decode(char *to, const uint8_t *p, size_t n)
{
    const uint8_t *end = p + n;
    char *out = to;

    for (;;) {
        size_t run = copy_run(out, p, end);
        uint32_t c;

        out += run;
        p += run;
        if (p == end || dcm_json_string_escape(&p, end, &c) != DCM_JSON_QUOTE)
            return (size_t)(out - to);
        out = put_character(out, c);
    }
}
