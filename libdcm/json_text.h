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

/* Eight upper case hex digits. */
char *dcm_json_hex(char *to, uint32_t v);

/* A new line and the spaces of `indent` steps. */
void dcm_json_line(struct dcm_output *o, size_t indent);

#endif
