/* Language. The text of JSON (RFC 8259): strings, and the punctuation of the
 * compact and the indented form. Knows nothing of DICOM. */
#ifndef DCM_JSON_TEXT_H
#define DCM_JSON_TEXT_H

#include "output.h"
#include "plain.h"

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

static inline void dcm_json_char(struct dcm_output *o, char c)
{
    char *to = dcm_output_room(o, 1);

    if (to) {
        *to = c;
        dcm_output_commit(o, 1);
    }
}
/* A mark to the output. */
static inline void dcm_json_put_mark(struct dcm_output *o,
                                     const struct dcm_json_mark *mark)
{
    char *to = dcm_output_room(o, DCM_JSON_MARK_SIZE);

    if (to) {
        dcm_json_mark(to, mark);
        dcm_output_commit(o, mark->length);
    }
}

/* Room that the escaped form of n bytes may need. */
#define DCM_JSON_ESCAPED(n) (6 * (n) + 16)

/* Writes n bytes of valid UTF-8 as the inside of a JSON string; returns the
 * bytes written, and ORs what it met into *controls (DCM_MET_...). out has
 * room for DCM_JSON_ESCAPED(n). No control character
 * comes through raw, U+0080-U+009F included: they could drive a terminal. */
size_t dcm_json_escape(char *out, const char *s, size_t n, unsigned *controls);
/* The same to an output, in pieces, so that the room asked for at a time is
 * bounded. */
void dcm_json_put(struct dcm_output *o, const char *s, size_t n,
                  unsigned *controls);
/* The inside of a URI's string; see dcm_uri_char(). */
void dcm_json_put_uri(struct dcm_output *o, const char *s, size_t n);

/* Not 0 when one of 8 bytes may have a form of its own in a string; every
 * byte over 7E counts as one that may. */
static inline uint64_t dcm_json_special8(uint64_t x)
{
    uint64_t quote = (x ^ DCM_EACH('"')) - DCM_EACH(1);
    uint64_t slash = (x ^ DCM_EACH('\\')) - DCM_EACH(1);

    return (dcm_not_printable8(x) | quote | slash) & DCM_EACH(0x80);
}

#endif
