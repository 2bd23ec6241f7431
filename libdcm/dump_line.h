/* Language. A line of the dump while it is made, and the writer it belongs to:
 * dump_values.c puts values on it, dump_writer.c has the events. Knows nothing
 * of what values mean, nor of dictionaries. */
#ifndef DCM_DUMP_LINE_H
#define DCM_DUMP_LINE_H

#include "output.h"

#define DCM_DUMP_TAG_WIDTH 11u         /* (gggg,eeee) */
#define DCM_DUMP_PIECE 4096u           /* bytes pulled at a time */
#define DCM_DUMP_NO_CUT (SIZE_MAX / 2) /* columns */

struct dcm_dump_known {
    uint32_t tag, length;
    const char *keyword;
};

struct dcm_dump_writer {
    struct dcm_sink base;
    struct dcm_output *out;
    struct dcm_policy *policy;
    size_t width; /* DCM_DUMP_NO_CUT or columns */
    uint8_t color, no_offsets, raw;
    enum dcm_status status; /* sticky */
    struct dcm_error error;
    struct dcm_decoder *decoder; /* made when first needed */

    /* The line at work, in the output's buffer; `mark` is the last place that
     * has room for "...". */
    char *start, *p, *end, *mark;
    size_t left; /* columns */
    uint8_t full;

    uint8_t *text; /* a pulled text */
    size_t text_size;
    struct dcm_dump_known known[256]; /* tags met lately */
    uint8_t piece[DCM_DUMP_PIECE];
};

extern const char dcm_dump_hex[16];

/* Keeps a failure: nothing more is written. Returns status. */
enum dcm_status dcm_dump_fail(struct dcm_dump_writer *w, enum dcm_status status,
                              const struct dcm_error *details);

/* The line of an element, and of an item or fragment, up to its value: 0 when
 * there is no line. `items` of them stand around it. */
int dcm_dump_begin(struct dcm_dump_writer *w, const struct dcm_event *ev,
                   const char *keyword, size_t n);
int dcm_dump_begin_part(struct dcm_dump_writer *w, const struct dcm_event *ev,
                        const char *word, unsigned items);
void dcm_dump_end(struct dcm_dump_writer *w, const struct dcm_event *ev);

/* Onto the line; 0 when it is full: bytes that go together, one character,
 * printable ASCII, valid UTF-8 that is made harmless. */
int dcm_dump_put(struct dcm_dump_writer *w, const char *s, size_t n,
                 size_t columns);
int dcm_dump_char(struct dcm_dump_writer *w, char c);
int dcm_dump_plain(struct dcm_dump_writer *w, const char *s, size_t n);
int dcm_dump_utf8(struct dcm_dump_writer *w, const char *s, size_t n);
/* Ends the value where "..." fits; returns 0. */
int dcm_dump_cut(struct dcm_dump_writer *w);
static inline int dcm_dump_is_plain(uint8_t c)
{
    return c >= 0x20 && c < 0x7F;
}

/* Writes (gggg,eeee) and returns its end. */
char *dcm_dump_tag(char *p, uint32_t tag);

#endif
