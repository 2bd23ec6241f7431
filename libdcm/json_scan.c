/* Language. JSON text (RFC 8259) to tokens, over an input that can be read
 * again. What is inside a string is json_string.c's. Knows nothing of DICOM,
 * nor of which token may follow which: json_skip.c and readers do.
 *
 * Why not a library: a number has to stay the text that it is, to its last
 * digit; repeated names, depth, sizes and the place of an error are for us to
 * judge; a string may be larger than memory; and the reader has to go back.
 * jansson, json-c and cJSON build a tree of all, with numbers as doubles. yajl
 * streams, but holds each string whole, and nobody looks after it any more. */
#include "json_scan.h"
#include "json_string.h"
#include <stdlib.h>
#include <string.h>

#define WINDOW ((size_t)256 << 10)
#define AFTER_JUMP ((size_t)4096)
#define SLACK 16        /* behind it: a zero byte, and room */
#define ALIGNMENT 4096u /* the system copies whole pages */

int dcm_json_scan_fail(struct dcm_json_scan *s, enum dcm_status code,
                       uint64_t offset, const char *format, ...)
{
    va_list ap;

    if (s->error.code == DCM_OK) {
        va_start(ap, format);
        dcm_error_vfill(&s->error, code, offset, "", format, ap);
        va_end(ap);
    }
    s->end = s->p; /* so that no fast way goes on */
    return -1;
}

/* ---------------------------------------------------------------- window */

void dcm_json_scan_release(struct dcm_json_scan *s)
{
    free(s->buffer);
    free(s->scratch);
    memset(s, 0, sizeof(*s));
}

static int no_memory(struct dcm_json_scan *s)
{
    return dcm_json_scan_fail(s, DCM_ERR_MEMORY, dcm_json_scan_tell(s),
                              "no memory to read JSON");
}

/* A window of twice the size, or the first. */
static int grow(struct dcm_json_scan *s)
{
    size_t have = (size_t)(s->end - s->p);
    size_t capacity = s->buffer ? s->capacity * 2 : WINDOW;
    uint8_t *buffer;

    if (capacity > SIZE_MAX / 4)
        return no_memory(s);
    buffer = aligned_alloc(ALIGNMENT, capacity + ALIGNMENT);
    if (!buffer)
        return no_memory(s);
    if (have)
        memcpy(buffer, s->p, have);
    s->base = dcm_json_scan_tell(s);
    free(s->buffer);
    s->buffer = buffer;
    s->capacity = capacity;
    s->p = s->start = buffer;
    s->end = buffer + have;
    return 0;
}

/* At least one byte more behind `end`; those before p go, and all others stay.
 * 1, 0 at the end of the input, -1: s->error. */
static int more(struct dcm_json_scan *s)
{
    size_t have = (size_t)(s->end - s->p), room;
    ptrdiff_t got;

    if (s->error.code != DCM_OK)
        return -1;
    if (s->input->memory)
        return 0;
    if (!s->buffer || have == s->capacity) {
        if (grow(s) != 0)
            return -1;
    } else if (s->p != s->buffer) {
        s->base = dcm_json_scan_tell(s);
        memmove(s->buffer, s->p, have);
        s->p = s->start = s->buffer;
    }
    room = s->capacity - have < s->ahead ? s->capacity - have : s->ahead;
    s->ahead = s->ahead < WINDOW / 2 ? s->ahead * 2 : WINDOW;
    got = s->input->read_at(s->input, s->base + have, s->buffer + have, room);
    s->end = s->buffer + have + (got > 0 ? got : 0);
    s->buffer[s->end - s->start] = 0;
    if (got < 0)
        return dcm_json_scan_fail(s, DCM_ERR_READ, s->base + have, "%s",
                                  s->input->error.message);
    return got > 0;
}

size_t dcm_json_scan_ahead(struct dcm_json_scan *s, size_t n)
{
    while ((size_t)(s->end - s->p) < n && more(s) > 0)
        ;
    return (size_t)(s->end - s->p);
}

void dcm_json_scan_seek(struct dcm_json_scan *s, uint64_t offset)
{
    uint64_t in_window = (uint64_t)(s->end - s->start);

    s->error.code = DCM_OK;
    if (s->input->memory) {
        s->base = 0;
        s->start = s->input->memory;
        s->end = s->start + (size_t)s->input->size;
        s->p = offset < s->input->size ? s->start + (size_t)offset : s->end;
    } else if (s->buffer && offset >= s->base &&
               offset - s->base <= in_window) {
        s->p = s->start + (size_t)(offset - s->base);
    } else {
        s->base = offset;
        s->p = s->start = s->end = s->buffer;
        s->ahead = AFTER_JUMP;
    }
}

/* ----------------------------------------------------------------- start */

/* JSON begins with ASCII, so the NULs tell, with a byte order mark or not. */
static const char *other_encoding(const uint8_t *p, size_t n)
{
    int marked, narrow;

    if (n < 2)
        return NULL;
    marked = (p[0] == 0xFE && p[1] == 0xFF) || (p[0] == 0xFF && p[1] == 0xFE);
    narrow = p[0] && p[1];
    if (n >= 4 && ((!p[0] && !p[1]) || (!p[2] && !p[3] && (marked || !narrow))))
        return "UTF-32";
    return marked || !narrow ? "UTF-16" : NULL;
}

void dcm_json_scan_open(struct dcm_json_scan *s, struct dcm_input *input,
                        uint64_t longest)
{
    const char *name;
    size_t n;

    s->input = input;
    s->longest = longest;
    s->base = 0;
    s->p = s->start = s->end = s->buffer;
    dcm_json_scan_seek(s, 0);
    n = dcm_json_scan_ahead(s, 4);
    name = other_encoding(s->p, n);
    if (name)
        dcm_json_scan_fail(s, DCM_ERR_MALFORMED, 0,
                           "text is in %s, not UTF-8 (RFC 8259 section 8.1)",
                           name);
    else if (n >= 3 && memcmp(s->p, "\xEF\xBB\xBF", 3) == 0)
        s->p += 3;
}

/* ---------------------------------------------------------------- tokens */

#define WHITE ' '

/* The token that begins with a byte. */
static const uint8_t kinds[256] = {
    ['{'] = '{',
    ['}'] = '}',
    ['['] = '[',
    [']'] = ']',
    [','] = ',',
    [':'] = ':',
    [' '] = WHITE,
    ['\t'] = WHITE,
    ['\n'] = WHITE,
    ['\r'] = WHITE,
    ['"'] = DCM_JSON_STRING,
    ['-'] = DCM_JSON_NUMBER,
    ['0'] = DCM_JSON_NUMBER,
    ['1'] = DCM_JSON_NUMBER,
    ['2'] = DCM_JSON_NUMBER,
    ['3'] = DCM_JSON_NUMBER,
    ['4'] = DCM_JSON_NUMBER,
    ['5'] = DCM_JSON_NUMBER,
    ['6'] = DCM_JSON_NUMBER,
    ['7'] = DCM_JSON_NUMBER,
    ['8'] = DCM_JSON_NUMBER,
    ['9'] = DCM_JSON_NUMBER,
    ['t'] = DCM_JSON_TRUE,
    ['f'] = DCM_JSON_FALSE,
    ['n'] = DCM_JSON_NULL,
};

/* All of these are of the byte n bytes on from p. */
static int not_json(struct dcm_json_scan *s, size_t n)
{
    return dcm_json_scan_fail(s, DCM_ERR_MALFORMED, dcm_json_scan_tell(s) + n,
                              "not JSON (RFC 8259 section 2)");
}

static int cut(struct dcm_json_scan *s, const char *within)
{
    return dcm_json_scan_fail(
        s, DCM_ERR_TRUNCATED, s->base + (uint64_t)(s->end - s->start),
        "the text ends within %s (RFC 8259 section 2)", within);
}

static int too_long(struct dcm_json_scan *s, const char *what)
{
    return dcm_json_scan_fail(s, DCM_ERR_LIMIT, dcm_json_scan_tell(s),
                              "%s of more than %llu bytes has to be held; "
                              "raise the limit 'value' to do so",
                              what, (unsigned long long)s->longest);
}

int dcm_json_scan_peek(struct dcm_json_scan *s)
{
    for (;;) {
        while (s->p < s->end && kinds[*s->p] == WHITE)
            s->p++;
        if (s->p < s->end)
            return kinds[*s->p] ? *s->p : not_json(s, 0);
        int got = more(s);
        if (got <= 0)
            return got < 0 ? DCM_JSON_FAILED : DCM_JSON_END;
    }
}

/* A number or a word of n bytes ends where nothing goes on. */
static int take(struct dcm_json_scan *s, size_t n, int token)
{
    uint8_t after = s->p + n < s->end ? kinds[s->p[n]] : WHITE;

    if (after == 0 || dcm_json_is_scalar(after))
        return not_json(s, n);
    s->text = (const char *)s->p;
    s->length = n;
    s->p += n;
    return token;
}

static int take_word(struct dcm_json_scan *s, const char *word, int token)
{
    size_t n = strlen(word), have = dcm_json_scan_ahead(s, n + 1);

    for (size_t i = 0; i < n; i++) {
        if (i == have)
            return cut(s, "a word");
        if (s->p[i] != (uint8_t)word[i])
            return not_json(s, i);
    }
    return take(s, n, token);
}

static int is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static size_t digits(const uint8_t *p, size_t i, size_t n)
{
    while (i < n && is_digit(p[i]))
        i++;
    return i;
}

/* How far n bytes are a number (RFC 8259 section 6); *whole: they could end
 * there. */
static size_t number(const uint8_t *p, size_t n, int *whole)
{
    size_t from = *p == '-', i = digits(p, from, n);

    *whole = 0;
    if (i == from)
        return i;
    if (p[from] == '0' && i > from + 1)
        return from + 1; /* and here is what may not follow */
    if (i < n && p[i] == '.') {
        from = i + 1;
        i = digits(p, from, n);
        if (i == from)
            return i;
    }
    if (i < n && (p[i] | 0x20) == 'e') {
        from = i + 1;
        if (from < n && (p[from] == '+' || p[from] == '-'))
            from++;
        i = digits(p, from, n);
        if (i == from)
            return i;
    }
    *whole = 1;
    return i;
}

static int of_number(uint8_t c)
{
    return is_digit(c) || c == '.' || c == '-' || c == '+' || c == 'e' ||
           c == 'E';
}

static int take_number(struct dcm_json_scan *s)
{
    size_t n = 0, good;
    int whole;

    for (;;) {
        while (s->p + n < s->end && of_number(s->p[n]))
            n++;
        if (n > s->longest)
            return too_long(s, "number");
        if (s->p + n < s->end)
            break;
        int got = more(s);
        if (got < 0)
            return got;
        if (got == 0)
            break;
    }
    good = number(s->p, n, &whole);
    if (whole && good == n)
        return take(s, n, DCM_JSON_NUMBER);
    return good == n && s->p + n == s->end ? cut(s, "a number")
                                           : not_json(s, good);
}

/* --------------------------------------------------------------- strings */

/* What stopped a string n bytes on from p, and it was not its end. 0 when there
 * is more of it now. */
static int go_on(struct dcm_json_scan *s, size_t n, enum dcm_json_stop stop)
{
    int got;

    if (stop != DCM_JSON_MORE)
        return dcm_json_scan_fail(s, DCM_ERR_MALFORMED,
                                  dcm_json_scan_tell(s) + n, "%s",
                                  dcm_json_stop_text[stop]);
    got = more(s);
    if (got == 0)
        return cut(s, "a string");
    return got < 0 ? -1 : 0;
}

/* Decodes what lies between the quotes. */
static int unescape(struct dcm_json_scan *s, size_t n)
{
    if (n > s->scratch_size) {
        size_t size = n < 4096 ? 4096 : n + n / 2;
        char *scratch = malloc(size);

        if (!scratch)
            return no_memory(s);
        free(s->scratch);
        s->scratch = scratch;
        s->scratch_size = size;
    }
    s->length = dcm_json_string_decode(s->scratch, s->p + 1, n);
    s->text = s->scratch;
    return 0;
}

/* A whole string; it stays in the window, from its quote on, until it ends. */
static int take_string(struct dcm_json_scan *s)
{
    enum dcm_json_stop stop;
    size_t n = 1;
    int escapes = 0;

    for (;;) {
        const uint8_t *q = s->p + n;

        stop = dcm_json_string_check(&q, s->end, &escapes);
        n = (size_t)(q - s->p);
        if (n - 1 > s->longest)
            return too_long(s, "string");
        if (stop == DCM_JSON_QUOTE)
            break;
        if (go_on(s, n, stop) != 0)
            return -1;
    }
    s->text = (const char *)s->p + 1;
    s->length = n - 1;
    if (escapes && unescape(s, n - 1) != 0)
        return -1;
    s->p += n + 1;
    return DCM_JSON_STRING;
}

/* The same of a string of any length, of which nothing is kept. */
static int pass_string(struct dcm_json_scan *s)
{
    enum dcm_json_stop stop;
    int escapes;

    s->p++;
    while ((stop = dcm_json_string_check(&s->p, s->end, &escapes)) !=
           DCM_JSON_QUOTE)
        if (go_on(s, 0, stop) != 0)
            return -1;
    s->p++;
    return DCM_JSON_STRING;
}

static inline int token(struct dcm_json_scan *s, int keep)
{
    int c = dcm_json_scan_peek(s);

    if (c <= 0)
        return c;
    s->at = dcm_json_scan_tell(s);
    switch (kinds[c]) {
    case DCM_JSON_STRING:
        return keep ? take_string(s) : pass_string(s);
    case DCM_JSON_NUMBER:
        return take_number(s);
    case DCM_JSON_TRUE:
        return take_word(s, "true", DCM_JSON_TRUE);
    case DCM_JSON_FALSE:
        return take_word(s, "false", DCM_JSON_FALSE);
    case DCM_JSON_NULL:
        return take_word(s, "null", DCM_JSON_NULL);
    default:
        s->p++;
        return c;
    }
}

int dcm_json_scan_slow(struct dcm_json_scan *s)
{
    return token(s, 1);
}

int dcm_json_scan_pass_slow(struct dcm_json_scan *s)
{
    return token(s, 0);
}

/* ----------------------------------------------------------------- place */

struct where {
    uint64_t line, column;
};

static void count(struct where *w, const uint8_t *p, size_t n)
{
    for (const uint8_t *end = p + n; p < end; p++) {
        if (*p == '\n') {
            w->line++;
            w->column = 1;
        } else if ((*p & 0xC0) != 0x80) {
            w->column++;
        }
    }
}

static size_t read_whole(struct dcm_input *input, uint64_t at, uint8_t *to,
                         size_t n)
{
    size_t have = 0;
    ptrdiff_t got;

    while (have < n &&
           (got = input->read_at(input, at + have, to + have, n - have)) > 0)
        have += (size_t)got;
    return have;
}

void dcm_json_scan_place(struct dcm_json_scan *s, uint64_t offset,
                         uint64_t *line, uint64_t *column)
{
    struct where w = {1, 1};
    uint8_t piece[16384];
    uint64_t at = 0;

    while (at < offset) {
        size_t n = sizeof(piece);

        if (n > offset - at)
            n = (size_t)(offset - at);
        n = read_whole(s->input, at, piece, n);
        if (n == 0)
            break;
        if (at == 0 && n >= 3 && memcmp(piece, "\xEF\xBB\xBF", 3) == 0)
            w.column = 0; /* the mark is no character of the text */
        count(&w, piece, n);
        at += n;
    }
    *line = w.line;
    *column = w.column;
}
