/* Language. The text of JSON (RFC 8259): strings, and the punctuation of the
 * compact and the indented form. Knows nothing of DICOM. */
#ifndef DCM_JSON_TEXT_H
#define DCM_JSON_TEXT_H

#include "output.h"

/* A piece of punctuation, to be copied with its slack in one go. */
struct dcm_json_mark {
    char text[23];
    uint8_t length;
};
#define DCM_JSON_MARK_SIZE sizeof(struct dcm_json_mark)

struct dcm_json_style {
    struct dcm_json_mark vr;     /* after a member's name, up to its VR */
    struct dcm_json_mark value;  /* opens "Value" */
    struct dcm_json_mark binary; /* opens "InlineBinary" and its string */
    struct dcm_json_mark uri;    /* opens "BulkDataURI" and its string */
    struct dcm_json_mark comma;  /* between values */
    struct dcm_json_mark colon;  /* after the name of a name's group */
    int pretty;
};
extern const struct dcm_json_style dcm_json_compact, dcm_json_pretty;

/* Copies a mark to `to`, where DCM_JSON_MARK_SIZE bytes of room are. */
static inline char *dcm_json_mark(char *to, const struct dcm_json_mark *mark)
{
    memcpy(to, mark->text, sizeof(mark->text));
    return to + mark->length;
}

/* Room for n bytes, or NULL after a failure. Unlike dcm_output_reserve() it
 * does not look whether the buffer should be written out first: for the small
 * parts of a member, whose first part has asked that. */
static inline char *dcm_json_room(struct dcm_output *o, size_t n)
{
    if (o->capacity - o->used >= n)
        return o->buffer + o->used;
    return dcm_output_reserve(o, n);
}
static inline void dcm_json_char(struct dcm_output *o, char c)
{
    char *to = dcm_json_room(o, 1);

    if (to) {
        *to = c;
        dcm_output_commit(o, 1);
    }
}
/* A mark to the output. */
static inline void dcm_json_put_mark(struct dcm_output *o,
                                     const struct dcm_json_mark *mark)
{
    char *to = dcm_json_room(o, DCM_JSON_MARK_SIZE);

    if (to) {
        dcm_json_mark(to, mark);
        dcm_output_commit(o, mark->length);
    }
}

/* What dcm_json_escape() met, ORed into *controls. */
#define DCM_JSON_LAYOUT 1u  /* TAB LF FF CR */
#define DCM_JSON_CONTROL 2u /* any other control character, DEL, C1 */

/* Room that the escaped form of n bytes may need. */
#define DCM_JSON_ESCAPED(n) (6 * (n) + 16)

/* Writes n bytes of valid UTF-8 as the inside of a JSON string; returns the
 * bytes written. out has room for DCM_JSON_ESCAPED(n). No control character
 * comes through raw, U+0080-U+009F included: they could drive a terminal. */
size_t dcm_json_escape(char *out, const char *s, size_t n, unsigned *controls);
/* The same to an output, in pieces, so that the room asked for at a time is
 * bounded. */
void dcm_json_put(struct dcm_output *o, const char *s, size_t n,
                  unsigned *controls);
/* A URI is ASCII without spaces (RFC 3986): whatever else is in s comes out
 * percent-encoded, so that the JSON is valid whatever it is. */
void dcm_json_put_uri(struct dcm_output *o, const char *s, size_t n);

/* A word of eight bytes b. */
#define DCM_JSON_EACH(b) (UINT64_C(0x0101010101010101) * (b))

/* Not 0 when one of 8 bytes may have a form of its own in a string; every
 * byte over 7E counts as one that may. A borrow can only raise a false alarm.
 */
static inline uint64_t dcm_json_special8(uint64_t x)
{
    uint64_t quote = (x ^ DCM_JSON_EACH('"')) - DCM_JSON_EACH(1);
    uint64_t slash = (x ^ DCM_JSON_EACH('\\')) - DCM_JSON_EACH(1);

    return ((x - DCM_JSON_EACH(0x20)) | quote | slash | (x + DCM_JSON_EACH(1)) |
            x) &
           DCM_JSON_EACH(0x80);
}

/* Room to ask for before n bytes are copied by the next. */
#define DCM_JSON_PLAIN(n) ((n) + 16)

/* Copies n bytes that all stand for themselves in a string; 0 when one of
 * them may not (then what was written is of no use). The last word overlaps
 * the one before it, so nothing past the n bytes is read. */
static inline int dcm_json_copy_plain(char *to, const uint8_t *p, size_t n)
{
    uint64_t x, bad = 0;
    uint32_t low, high;

    if (n >= 8) {
        for (size_t i = 0; i + 8 < n; i += 8) {
            memcpy(&x, p + i, 8);
            memcpy(to + i, &x, 8);
            bad |= dcm_json_special8(x);
        }
        memcpy(&x, p + n - 8, 8);
        memcpy(to + n - 8, &x, 8);
        return !(bad | dcm_json_special8(x));
    }
    if (n >= 4) {
        memcpy(&low, p, 4);
        memcpy(&high, p + n - 4, 4);
        memcpy(to, &low, 4);
        memcpy(to + n - 4, &high, 4);
        return !dcm_json_special8(low | (uint64_t)high << 32);
    }
    if (n == 0)
        return 1;
    /* one, two or three: first, middle and last are all there is */
    to[0] = (char)p[0];
    to[n / 2] = (char)p[n / 2];
    to[n - 1] = (char)p[n - 1];
    x = p[0] | (uint64_t)p[n / 2] << 8 | (uint64_t)p[n - 1] << 16;
    return !dcm_json_special8(x | DCM_JSON_EACH(0x30) << 24);
}

/* Eight upper case hex digits, all at once, a byte for each nibble. */
static inline char *dcm_json_hex(char *to, uint32_t v)
{
    uint64_t x = v, letters;

    x = (x & 0xFFFF0000u) << 16 | (x & 0xFFFF);
    x = (x & 0x0000FF000000FF00u) << 8 | (x & 0x000000FF000000FFu);
    x = (x & 0x00F000F000F000F0u) << 4 | (x & 0x000F000F000F000Fu);
    letters = (x + DCM_JSON_EACH(6)) >> 4 & DCM_JSON_EACH(1);
    x += DCM_JSON_EACH('0') + letters * ('A' - '0' - 10);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    x = __builtin_bswap64(x);
    memcpy(to, &x, 8);
#else
    for (int i = 0; i < 8; i++)
        to[i] = (char)(x >> (56 - 8 * i) & 0xFF);
#endif
    return to + 8;
}

/* A new line and the spaces of `indent` steps. */
void dcm_json_line(struct dcm_output *o, size_t indent);

#endif
