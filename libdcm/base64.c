/* Base64 (RFC 4648 section 4), as JSON's InlineBinary wants it (PS3.18
 * F.2.7), and back. Knows bytes and characters, nothing of who asks, nor of
 * '=' and white space in what it decodes.
 *
 * Two ways each: tables, which turn 12 bits into two characters and four
 * characters into 24 bits, for every machine; and AVX2, which makes or takes
 * 32 characters at a time, where the processor has it. Neither reads past the
 * input; encoding does not write past the output, decoding at most into its
 * slack.
 */
#include "base64.h"

#include <string.h>

/* glibc asked the processor what it can do when it loaded the program, and
 * keeps the answer. So we hold no state of our own and need no cpuid, which
 * costs 10 us in a virtual machine; __builtin_cpu_supports() would run
 * several at every start. Without such a libc the table does all the work. */
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__has_include)
#if __has_include(<sys/platform/x86.h>)
#define HAVE_VECTORS 1
#include <immintrin.h>
#include <sys/platform/x86.h>
#endif
#endif

/* ----------------------------------------------------------------- table */

/* The two characters of each number of 12 bits. */
#define PAIRS(a)                                                              \
    {a, 'A'}, {a, 'B'}, {a, 'C'}, {a, 'D'}, {a, 'E'}, {a, 'F'}, {a, 'G'},     \
        {a, 'H'}, {a, 'I'}, {a, 'J'}, {a, 'K'}, {a, 'L'}, {a, 'M'}, {a, 'N'}, \
        {a, 'O'}, {a, 'P'}, {a, 'Q'}, {a, 'R'}, {a, 'S'}, {a, 'T'}, {a, 'U'}, \
        {a, 'V'}, {a, 'W'}, {a, 'X'}, {a, 'Y'}, {a, 'Z'}, {a, 'a'}, {a, 'b'}, \
        {a, 'c'}, {a, 'd'}, {a, 'e'}, {a, 'f'}, {a, 'g'}, {a, 'h'}, {a, 'i'}, \
        {a, 'j'}, {a, 'k'}, {a, 'l'}, {a, 'm'}, {a, 'n'}, {a, 'o'}, {a, 'p'}, \
        {a, 'q'}, {a, 'r'}, {a, 's'}, {a, 't'}, {a, 'u'}, {a, 'v'}, {a, 'w'}, \
        {a, 'x'}, {a, 'y'}, {a, 'z'}, {a, '0'}, {a, '1'}, {a, '2'}, {a, '3'}, \
        {a, '4'}, {a, '5'}, {a, '6'}, {a, '7'}, {a, '8'}, {a, '9'}, {a, '+'}, \
    {                                                                         \
        a, '/'                                                                \
    }

static const char pairs[4096][2] = {
    PAIRS('A'), PAIRS('B'), PAIRS('C'), PAIRS('D'), PAIRS('E'), PAIRS('F'),
    PAIRS('G'), PAIRS('H'), PAIRS('I'), PAIRS('J'), PAIRS('K'), PAIRS('L'),
    PAIRS('M'), PAIRS('N'), PAIRS('O'), PAIRS('P'), PAIRS('Q'), PAIRS('R'),
    PAIRS('S'), PAIRS('T'), PAIRS('U'), PAIRS('V'), PAIRS('W'), PAIRS('X'),
    PAIRS('Y'), PAIRS('Z'), PAIRS('a'), PAIRS('b'), PAIRS('c'), PAIRS('d'),
    PAIRS('e'), PAIRS('f'), PAIRS('g'), PAIRS('h'), PAIRS('i'), PAIRS('j'),
    PAIRS('k'), PAIRS('l'), PAIRS('m'), PAIRS('n'), PAIRS('o'), PAIRS('p'),
    PAIRS('q'), PAIRS('r'), PAIRS('s'), PAIRS('t'), PAIRS('u'), PAIRS('v'),
    PAIRS('w'), PAIRS('x'), PAIRS('y'), PAIRS('z'), PAIRS('0'), PAIRS('1'),
    PAIRS('2'), PAIRS('3'), PAIRS('4'), PAIRS('5'), PAIRS('6'), PAIRS('7'),
    PAIRS('8'), PAIRS('9'), PAIRS('+'), PAIRS('/')};

static void put_pair(char *out, unsigned bits)
{
    memcpy(out, pairs[bits & 0xFFFu], 2);
}

/* 3 bytes to 4 characters */
static void put_group(char *out, unsigned a, unsigned b, unsigned c)
{
    put_pair(out, a << 4 | b >> 4);
    put_pair(out + 2, b << 8 | c);
}

/* The last one or two bytes: the missing ones count as 0, and '=' stands for
 * the characters that hold nothing else. */
static void put_rest(char *out, const uint8_t *in, size_t n)
{
    put_group(out, in[0], n == 2 ? in[1] : 0, 0);
    out[3] = '=';
    if (n == 1)
        out[2] = '=';
}

/* The bits of each character in each place of a group, and a count of it, so
 * that the sum of four says how many were of the alphabet. */
#define ONE(c, v, place) [c] = (uint32_t)(v) << (18 - 6 * (place)) | 1u << 24
#define FOUR(c, v, p)                                         \
    ONE(c, v, p), ONE(c + 1, v + 1, p), ONE(c + 2, v + 2, p), \
        ONE(c + 3, v + 3, p)
#define LETTERS(c, v, p)                                         \
    FOUR(c, v, p), FOUR(c + 4, v + 4, p), FOUR(c + 8, v + 8, p), \
        FOUR(c + 12, v + 12, p), FOUR(c + 16, v + 16, p),        \
        FOUR(c + 20, v + 20, p), ONE(c + 24, v + 24, p),         \
        ONE(c + 25, v + 25, p)
#define PLACE(p)                                                   \
    {                                                              \
        LETTERS('A', 0, p), LETTERS('a', 26, p), FOUR('0', 52, p), \
            FOUR('4', 56, p), ONE('8', 60, p), ONE('9', 61, p),    \
            ONE('+', 62, p), ONE('/', 63, p)                       \
    }

static const uint32_t bits[4][256] = {PLACE(0), PLACE(1), PLACE(2), PLACE(3)};

static uint32_t take_group(const uint8_t *in)
{
    return bits[0][in[0]] + bits[1][in[1]] + bits[2][in[2]] + bits[3][in[3]];
}

/* Group by group, up to the first that has a bad one. Returns how many
 * characters were done. */
static size_t decode_groups(uint8_t *out, const char *text, size_t n)
{
    const uint8_t *in = (const uint8_t *)text;
    size_t i = 0;

    for (; i < n; i += 4, out += 3) {
        uint32_t v = take_group(in + i);

        if (v >> 24 != 4)
            break;
        out[0] = (uint8_t)(v >> 16);
        out[1] = (uint8_t)(v >> 8);
        out[2] = (uint8_t)v;
    }
    return i;
}

/* -------------------------------------------------------------- 6 bytes */

/* Two groups out of one load of 8 bytes, of which 6 are used. Returns how
 * many bytes were done. */
static size_t encode_words(char *out, const uint8_t *in, size_t n)
{
    size_t i = 0;

    for (; n - i >= 8; i += 6, out += 8) {
        uint64_t w = (uint64_t)in[i] << 56 | (uint64_t)in[i + 1] << 48 |
                     (uint64_t)in[i + 2] << 40 | (uint64_t)in[i + 3] << 32 |
                     (uint64_t)in[i + 4] << 24 | (uint64_t)in[i + 5] << 16 |
                     (uint64_t)in[i + 6] << 8 | in[i + 7];
        put_pair(out, (unsigned)(w >> 52));
        put_pair(out + 2, (unsigned)(w >> 40));
        put_pair(out + 4, (unsigned)(w >> 28));
        put_pair(out + 6, (unsigned)(w >> 16));
    }
    return i;
}

/* --------------------------------------------------------------- vectors */

#if defined(HAVE_VECTORS)

#define VECTORS_FROM 512 /* bytes; below, the table is as fast */

/* Each 3 bytes a b c into a word of the bytes b a c b, where the four groups
 * of 6 bits lie at bits 10, 4, 22 and 16. */
__attribute__((target("avx2"))) static inline __m256i spread(__m256i v)
{
    return _mm256_shuffle_epi8(
        v, _mm256_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10,
                            1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10));
}

/* One group of 6 bits into each byte. A product moves each 16 bit half by its
 * own distance: right by 10 and 6 (its high half), left by 4 and 8. */
__attribute__((target("avx2"))) static inline __m256i sextets(__m256i v)
{
    __m256i even = _mm256_and_si256(v, _mm256_set1_epi32(0x0FC0FC00));
    __m256i odd = _mm256_and_si256(v, _mm256_set1_epi32(0x003F03F0));

    even = _mm256_mulhi_epu16(even, _mm256_set1_epi32(0x04000040));
    odd = _mm256_mullo_epi16(odd, _mm256_set1_epi32(0x01000010));
    return _mm256_or_si256(even, odd);
}

/* Adds to each byte the distance of its range from its characters: 0-25 A-Z,
 * 26-51 a-z, 52-61 0-9, 62 +, 63 /. The ranges are numbered 13, 0, 1-10, 11
 * and 12. */
__attribute__((target("avx2"))) static inline __m256i characters(__m256i v)
{
    const __m256i distance = _mm256_setr_epi8(
        71, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -19, -16, 65, 0, 0, 71, -4,
        -4, -4, -4, -4, -4, -4, -4, -4, -4, -19, -16, 65, 0, 0);
    __m256i range = _mm256_subs_epu8(v, _mm256_set1_epi8(51));
    __m256i upper = _mm256_cmpgt_epi8(_mm256_set1_epi8(26), v);

    range =
        _mm256_or_si256(range, _mm256_and_si256(upper, _mm256_set1_epi8(13)));
    return _mm256_add_epi8(v, _mm256_shuffle_epi8(distance, range));
}

/* 24 bytes at a time, loaded as 16 and 16 of which 12 each are used. Returns
 * how many bytes were done. */
__attribute__((target("avx2"))) static size_t
encode_vectors(char *out, const uint8_t *in, size_t n)
{
    size_t i = 0;

    for (; n - i >= 28; i += 24, out += 32) {
        __m128i low = _mm_loadu_si128((const __m128i *)(in + i));
        __m128i high = _mm_loadu_si128((const __m128i *)(in + i + 12));
        __m256i v =
            _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
        _mm256_storeu_si256((__m256i *)out, characters(sextets(spread(v))));
    }
    return i;
}

static size_t encode_large(char *out, const uint8_t *in, size_t n)
{
    if (n < VECTORS_FROM || !CPU_FEATURE_ACTIVE(AVX2))
        return 0;
    return encode_vectors(out, in, n);
}

/* -------------------------------------------------- vectors, the other way */

/* The 6 bits of each of 32 characters. A character is told by its two nibbles:
 * each low nibble has a bit for every high nibble it may not stand with, so
 * the two looked up have a bit in common when it is of no alphabet. Of those
 * over 7F the high nibble has them all. *bad collects these. */
__attribute__((target("avx2"))) static inline __m256i meanings(__m256i v,
                                                               __m256i *bad)
{
    const __m256i by_low = _mm256_setr_epi8(
        0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x13, 0x1A,
        0x1B, 0x1B, 0x1B, 0x1A, 0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,
        0x11, 0x11, 0x13, 0x1A, 0x1B, 0x1B, 0x1B, 0x1A);
    const __m256i by_high = _mm256_setr_epi8(
        0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08, 0x10, 0x10, 0x10, 0x10,
        0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08,
        0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10);
    /* of +, 0-9, A-O, P-Z, a-o, p-z by high nibble; / as one less than 2 */
    const __m256i distance = _mm256_setr_epi8(
        0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 19, 4,
        -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0);
    const __m256i nibble = _mm256_set1_epi8(0x0F);
    __m256i high = _mm256_and_si256(_mm256_srli_epi32(v, 4), nibble);
    __m256i low = _mm256_and_si256(v, nibble);
    __m256i slash = _mm256_cmpeq_epi8(v, _mm256_set1_epi8('/'));

    *bad = _mm256_and_si256(_mm256_shuffle_epi8(by_low, low),
                            _mm256_shuffle_epi8(by_high, high));
    return _mm256_add_epi8(
        v, _mm256_shuffle_epi8(distance, _mm256_add_epi8(high, slash)));
}

/* Four times 6 bits to 24 in each word, and these 24 bytes together. */
__attribute__((target("avx2"))) static inline __m256i gather(__m256i v)
{
    const __m256i order = _mm256_setr_epi8(
        2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1, 2, 1, 0, 6, 5,
        4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);

    v = _mm256_maddubs_epi16(v, _mm256_set1_epi32(0x01400140));
    v = _mm256_madd_epi16(v, _mm256_set1_epi32(0x00011000));
    v = _mm256_shuffle_epi8(v, order);
    return _mm256_permutevar8x32_epi32(
        v, _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 3, 7));
}

/* 32 characters at a time, up to the first 32 where one is bad. 8 bytes more
 * than they mean are written. Returns how many characters were done. */
__attribute__((target("avx2"))) static size_t
decode_vectors(uint8_t *out, const char *in, size_t n)
{
    size_t i = 0;

    for (; n - i >= 32; i += 32, out += 24) {
        __m256i bad;
        __m256i v =
            meanings(_mm256_loadu_si256((const __m256i *)(in + i)), &bad);

        if (!_mm256_testz_si256(bad, bad))
            break;
        _mm256_storeu_si256((__m256i *)out, gather(v));
    }
    return i;
}

static size_t decode_large(uint8_t *out, const char *in, size_t n)
{
    if (n < VECTORS_FROM || !CPU_FEATURE_ACTIVE(AVX2))
        return 0;
    return decode_vectors(out, in, n);
}

#else

static size_t decode_large(uint8_t *out, const char *in, size_t n)
{
    (void)out;
    (void)in;
    (void)n;
    return 0;
}

static size_t encode_large(char *out, const uint8_t *in, size_t n)
{
    (void)out;
    (void)in;
    (void)n;
    return 0;
}

#endif

/* Each step takes a multiple of 3 bytes, and leaves the next one less. */
size_t dcm_base64_encode(char *out, const uint8_t *in, size_t n)
{
    size_t i = encode_large(out, in, n);

    i += encode_words(out + i / 3 * 4, in + i, n - i);
    for (; n - i >= 3; i += 3)
        put_group(out + i / 3 * 4, in[i], in[i + 1], in[i + 2]);
    if (i < n)
        put_rest(out + i / 3 * 4, in + i, n - i);
    return DCM_BASE64_SIZE(n);
}

size_t dcm_base64_decode(uint8_t *out, const char *in, size_t n)
{
    size_t i = decode_large(out, in, n);

    return i + decode_groups(out + i / 4 * 3, in + i, n - i);
}
