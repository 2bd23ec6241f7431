/* Language. The inside of a JSON string (RFC 8259 section 7) that lies in
 * memory, or a piece of one: is it well formed, where does it end, what does
 * it mean. Knows nothing of windows, inputs and tokens. */
#ifndef DCM_JSON_STRING_H
#define DCM_JSON_STRING_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

enum dcm_json_stop {
    DCM_JSON_QUOTE, /* that closes the string */
    DCM_JSON_MORE,  /* the bytes end, perhaps within an escape or character */
    DCM_JSON_BAD_CONTROL,
    DCM_JSON_BAD_ESCAPE,
    DCM_JSON_BAD_SURROGATE,
    DCM_JSON_BAD_UTF8
};
/* What is wrong, for a message; indexed by enum dcm_json_stop. */
extern const char *const dcm_json_stop_text[];

#define DCM_JSON_WORD(b) (UINT64_C(0x0101010101010101) * (b))

/* The first byte that is a quote, a backslash, over 7F or below `low`, which
 * is 20 or 21 (a space stops too, then); or `end`. */
static inline const uint8_t *dcm_json_run(const uint8_t *p, const uint8_t *end,
                                          uint8_t low)
{
#if defined(__SSE2__)
    for (; end - p >= 16; p += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)p);
        /* signed: what is over 7F counts as below */
        __m128i stop = _mm_cmplt_epi8(v, _mm_set1_epi8((char)low));
        unsigned mask;

        stop = _mm_or_si128(stop, _mm_cmpeq_epi8(v, _mm_set1_epi8('"')));
        stop = _mm_or_si128(stop, _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
        mask = (unsigned)_mm_movemask_epi8(stop);
        if (mask)
            return p + __builtin_ctz(mask);
    }
#else
    for (; end - p >= 8; p += 8) {
        uint64_t x, quote, slash;

        memcpy(&x, p, 8);
        quote = (x ^ DCM_JSON_WORD('"')) - DCM_JSON_WORD(1);
        slash = (x ^ DCM_JSON_WORD('\\')) - DCM_JSON_WORD(1);
        if (((x - DCM_JSON_WORD(low)) | quote | slash | x) &
            DCM_JSON_WORD(0x80))
            break; /* perhaps: a borrow may raise a false alarm */
    }
#endif
    while (p < end && *p >= low && *p < 0x80 && *p != '"' && *p != '\\')
        p++;
    return p;
}

/* From *p, within a string: to what stops it, which *p is at then. At a bad
 * escape that is the byte that is wrong, at a bad character or surrogate its
 * first byte, at DCM_JSON_MORE the first byte of what goes on behind `end`.
 * *escapes is set when there are any. */
enum dcm_json_stop dcm_json_string_check(const uint8_t **p, const uint8_t *end,
                                         int *escapes);
/* The same for one escape, whose backslash **p is. DCM_JSON_QUOTE: *p is
 * behind it, and *c the character. */
enum dcm_json_stop dcm_json_string_escape(const uint8_t **p, const uint8_t *end,
                                          uint32_t *c);
/* What n bytes mean that were checked, in UTF-8, at `to`, where room for n
 * bytes is. Returns the bytes written, at most n. */
size_t dcm_json_string_decode(char *to, const uint8_t *p, size_t n);

#endif
