/* Ground. Text copied a word at a time for as long as its bytes stand for
 * themselves, and eight hexadecimal digits made all at once. What stands for
 * itself is the format's to say: JSON's and XML's writers each give a function
 * of eight bytes, which the compiler puts in place. */
#ifndef DCM_PLAIN_H
#define DCM_PLAIN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__GNUC__)
#define DCM_IN_PLACE static inline __attribute__((always_inline))
#else
#define DCM_IN_PLACE static inline
#endif

/* What a writer of text met among control characters, as bits. */
#define DCM_MET_LAYOUT 1u  /* TAB LF FF CR */
#define DCM_MET_CONTROL 2u /* any other, DEL and C1 included */
#define DCM_MET_LOST 4u    /* a character that the format can't hold */

/* A word of eight bytes b. */
#define DCM_EACH(b) (UINT64_C(0x0101010101010101) * (b))

/* Not 0 when one of 8 bytes may not stand for itself; false alarms are
 * allowed. */
typedef uint64_t dcm_special8_fn(uint64_t x);

/* For such a function: a bit in every byte that is below 20 or above 7E; a
 * borrow can only raise a false alarm. */
static inline uint64_t dcm_not_printable8(uint64_t x)
{
    return (x - DCM_EACH(0x20)) | (x + DCM_EACH(1)) | x;
}

/* Room to ask for before n bytes are copied by the next. */
#define DCM_PLAIN_ROOM(n) ((n) + 16)

/* Copies n bytes that all stand for themselves; 0 when one of them may not
 * (then what was written is of no use). The last word overlaps the one before
 * it, so nothing past the n bytes is read. */
DCM_IN_PLACE int dcm_copy_plain(char *to, const uint8_t *p, size_t n,
                                dcm_special8_fn *special8)
{
    uint64_t x, bad = 0;
    uint32_t low, high;

    if (n >= 8) {
        for (size_t i = 0; i + 8 < n; i += 8) {
            memcpy(&x, p + i, 8);
            memcpy(to + i, &x, 8);
            bad |= special8(x);
        }
        memcpy(&x, p + n - 8, 8);
        memcpy(to + n - 8, &x, 8);
        return !(bad | special8(x));
    }
    if (n >= 4) {
        memcpy(&low, p, 4);
        memcpy(&high, p + n - 4, 4);
        memcpy(to, &low, 4);
        memcpy(to + n - 4, &high, 4);
        return !special8(low | (uint64_t)high << 32);
    }
    if (n == 0)
        return 1;
    /* one, two or three: first, middle and last are all there is */
    to[0] = (char)p[0];
    to[n / 2] = (char)p[n / 2];
    to[n - 1] = (char)p[n - 1];
    x = p[0] | (uint64_t)p[n / 2] << 8 | (uint64_t)p[n - 1] << 16;
    return !special8(x | DCM_EACH(0x30) << 24);
}

/* The tail of a run: copies bytes until one has a form of its own. Fewer than
 * 16 are expected. */
DCM_IN_PLACE size_t dcm_copy_run(char *to, const uint8_t *p, size_t n,
                                 dcm_special8_fn *special8,
                                 const uint8_t forms[256])
{
    size_t i = 0;

    for (; n - i >= 8; i += 8) {
        uint64_t x;

        memcpy(&x, p + i, 8);
        if (special8(x))
            break;
        memcpy(to + i, &x, 8);
    }
    if (n - i >= 4) {
        uint32_t x;

        memcpy(&x, p + i, 4);
        if (!special8(x | (uint64_t)x << 32)) {
            memcpy(to + i, &x, 4);
            i += 4;
        }
    }
    for (; i < n && !forms[p[i]]; i++)
        to[i] = (char)p[i];
    return i;
}

/* Eight upper case hex digits, all at once, a byte for each nibble. */
static inline char *dcm_hex8(char *to, uint32_t v)
{
    uint64_t x = v, letters;

    x = (x & 0xFFFF0000u) << 16 | (x & 0xFFFF);
    x = (x & 0x0000FF000000FF00u) << 8 | (x & 0x000000FF000000FFu);
    x = (x & 0x00F000F000F000F0u) << 4 | (x & 0x000F000F000F000Fu);
    letters = (x + DCM_EACH(6)) >> 4 & DCM_EACH(1);
    x += DCM_EACH('0') + letters * ('A' - '0' - 10);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    x = __builtin_bswap64(x);
    memcpy(to, &x, 8);
#else
    for (int i = 0; i < 8; i++)
        to[i] = (char)(x >> (56 - 8 * i) & 0xFF);
#endif
    return to + 8;
}

#endif
