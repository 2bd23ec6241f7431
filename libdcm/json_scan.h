/* Language. JSON text (RFC 8259) to tokens, over an input that can be read
 * again, so that a reader may go back. Numbers stay text, strings become UTF-8,
 * long ones come in pieces. Knows nothing of DICOM.
 *
 * Nothing here recurses or believes a length; memory is one window and the
 * longest string that was asked for whole. */
#ifndef DCM_JSON_SCAN_H
#define DCM_JSON_SCAN_H

#include "error.h"
#include "input.h"

enum dcm_json_token {
    DCM_JSON_FAILED = -1, /* s->error */
    DCM_JSON_END = 0,     /* of the text */
    /* punctuation is its own character: '{' '}' '[' ']' ',' ':' */
    DCM_JSON_STRING = 's',
    DCM_JSON_NUMBER = '0',
    DCM_JSON_TRUE = 't',
    DCM_JSON_FALSE = 'f',
    DCM_JSON_NULL = 'n'
};

#define DCM_JSON_DEPTH 4096 /* brackets within what is skipped */

struct dcm_json_scan {
    struct dcm_input *input; /* has read_at, or memory */
    const uint8_t *p, *end;  /* of the window, not taken yet; a zero
                              * byte stands at `end` unless it is an input's
                              * memory; equal after a failure */
    const uint8_t *start;    /* of the window */
    uint64_t base;           /* offset of *start */
    uint8_t *buffer;         /* own window; not used for memory inputs */
    size_t capacity;
    size_t ahead; /* bytes to ask for next: few after a jump */
    uint64_t longest; /* bytes of a string or number: more is
                       * DCM_ERR_LIMIT; the limit `value` */
    /* Of the last token: its offset, and for a STRING its content in UTF-8,
     * for a NUMBER its text. Valid until the next call. */
    uint64_t at;
    const char *text;
    size_t length;
    char *scratch; /* strings with escapes */
    size_t scratch_size;
    struct dcm_error error; /* sticky until the next open or seek */
};

/* All zero is one to start with. */
void dcm_json_scan_release(struct dcm_json_scan *s);
/* At the start of an input that can be read again; past a byte order mark.
 * UTF-16 and UTF-32 are named as such in the error of the first token. */
void dcm_json_scan_open(struct dcm_json_scan *s, struct dcm_input *input,
                        uint64_t longest);

/* Sets the error, if there is none yet: to be given back by every later call.
 * For readers too, of what is JSON but not what they want. Returns -1. */
int dcm_json_scan_fail(struct dcm_json_scan *s, enum dcm_status code,
                       uint64_t offset, const char *format, ...)
    DCM_PRINTF(4, 5);

/* The next token; white space is passed over. Errors: DCM_ERR_MALFORMED with
 * the offset of the byte that is wrong (not JSON, bad escape, lone surrogate,
 * control character, ill-formed UTF-8), DCM_ERR_TRUNCATED, DCM_ERR_LIMIT,
 * DCM_ERR_READ, DCM_ERR_MEMORY. Line and column are not in the message: see
 * dcm_json_scan_place(). */
int dcm_json_scan_slow(struct dcm_json_scan *s);
/* The same, but of a STRING no text is given, and it may be of any length. */
int dcm_json_scan_pass_slow(struct dcm_json_scan *s);
/* Takes the commonest: punctuation right here. 0 when it is something else. */
static inline int dcm_json_scan_mark(struct dcm_json_scan *s)
{
    if (s->p < s->end && (*s->p == ',' || *s->p == ':' || *s->p == '{' ||
                          *s->p == '}' || *s->p == '[' || *s->p == ']')) {
        s->at = s->base + (uint64_t)(s->p - s->start);
        return *s->p++;
    }
    return 0;
}
static inline int dcm_json_scan_next(struct dcm_json_scan *s)
{
    int mark = dcm_json_scan_mark(s);

    return mark ? mark : dcm_json_scan_slow(s);
}
static inline int dcm_json_scan_pass(struct dcm_json_scan *s)
{
    int mark = dcm_json_scan_mark(s);

    return mark ? mark : dcm_json_scan_pass_slow(s);
}
/* A token that is a value all by itself. */
static inline int dcm_json_is_scalar(int token)
{
    return token == DCM_JSON_STRING || token == DCM_JSON_NUMBER ||
           token == DCM_JSON_TRUE || token == DCM_JSON_FALSE ||
           token == DCM_JSON_NULL;
}
/* The first byte of the next token, which is not taken: '"' for a string, '-'
 * or a digit for a number; DCM_JSON_END, DCM_JSON_FAILED. */
int dcm_json_scan_peek(struct dcm_json_scan *s);
/* Makes at least n <= 4096 bytes visible at s->p, as far as there are; returns
 * how many are. For fast ways that look at the text as it is. */
size_t dcm_json_scan_ahead(struct dcm_json_scan *s, size_t n);
/* Past one whole value, checked like any (strings are not decoded, but their
 * escapes and UTF-8 are checked). 0, or -1: s->error. */
int dcm_json_scan_skip(struct dcm_json_scan *s);

/* Where the next byte stands, and back to an offset where a token begins. */
static inline uint64_t dcm_json_scan_tell(const struct dcm_json_scan *s)
{
    return s->base + (uint64_t)(s->p - s->start);
}
void dcm_json_scan_seek(struct dcm_json_scan *s, uint64_t offset);

/* Line and column of an offset, from 1, columns in characters: reads the
 * input from its start, for messages only. */
void dcm_json_scan_place(struct dcm_json_scan *s, uint64_t offset,
                         uint64_t *line, uint64_t *column);

/* A string of base64, next in the text, that may be longer than memory:
 * measured first, then decoded in pieces. */
struct dcm_json_base64 {
    struct dcm_json_scan *scan;
    uint64_t at;   /* where the string's content begins */
    uint64_t end;  /* offset behind its closing quote */
    uint64_t size; /* bytes that it decodes to */
    uint64_t left; /* of them, not given yet */
    uint64_t next; /* offset of the next character */
    int plain;     /* no white space and no escapes */
    int spaces;    /* white space was there, raw or escaped */
    uint8_t rest[3];
    uint8_t n_rest; /* decoded, not given yet */
};
/* Takes the whole string (a failure if the next token is none), finds its
 * size. Errors: DCM_ERR_MALFORMED with the offset of a character that is not
 * base64, or of the end when '=' is missing or out of place. Escapes stand for
 * what they mean ("\/"). 0, or -1: scan->error. Characters of the alphabet
 * are only checked here as far as that is free; what is left is found by
 * ..._read(). */
int dcm_json_base64_open(struct dcm_json_base64 *b, struct dcm_json_scan *s);
/* The next at most n bytes; *got < n at the end only. Begins again at the
 * string's start when `left` is `size`. Goes to its place by itself: after it
 * the scan stands behind the string when all has been given; who stops earlier
 * calls dcm_json_scan_seek(scan, b->end). */
int dcm_json_base64_read(struct dcm_json_base64 *b, uint8_t *to, size_t n,
                         size_t *got);

#endif
