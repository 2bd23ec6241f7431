/* The words and values of hexd: text, numbers and hex digits to bytes. Knows
 * the units and padding of VRs (PS3.5 Table 6.2-1) by a table of its own, and
 * nothing of headers, items and files. */
#include "hexd_value.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int hexd_fail(struct assembler *a, const char *format, ...)
{
    va_list ap;
    int n;

    if (a->failed || !a->error || !a->error_size)
        return a->failed = 1, 0;
    a->failed = 1;
    n = snprintf(a->error, a->error_size, "line %u: ", a->line);
    if (n > 0 && (size_t)n < a->error_size) {
        va_start(ap, format);
        vsnprintf(a->error + n, a->error_size - (size_t)n, format, ap);
        va_end(ap);
    }
    return 0;
}

/* ---------------------------------------------------------------- bytes */

int hexd_put(struct assembler *a, const void *data, size_t n)
{
    struct hexd_buffer *o = a->out;

    if (o->capacity - o->size < n) {
        size_t want = (o->size + n) * 2 + 256;
        uint8_t *grown = realloc(o->data, want);
        if (!grown)
            return hexd_fail(a, "no memory");
        o->data = grown;
        o->capacity = want;
    }
    if (n)
        memcpy(o->data + o->size, data, n);
    o->size += n;
    return 1;
}

void hexd_store(uint8_t *to, uint64_t v, size_t width, int big)
{
    size_t i;

    for (i = 0; i < width; i++)
        to[big ? width - 1 - i : i] = (uint8_t)(v >> 8 * i);
}

int hexd_put_number(struct assembler *a, uint64_t v, size_t width)
{
    uint8_t bytes[8];

    hexd_store(bytes, v, width, a->big);
    return hexd_put(a, bytes, width);
}

int hexd_put_tag(struct assembler *a, unsigned group, unsigned element)
{
    return hexd_put_number(a, group, 2) && hexd_put_number(a, element, 2);
}

/* ---------------------------------------------------------------- words */

static int is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

void hexd_skip_blanks(struct assembler *a)
{
    while (a->p < a->end && is_blank(*a->p))
        a->p++;
}

/* The length of the word at p; a brace or a quote is never part of one. */
static size_t word_length(const struct assembler *a)
{
    const char *p = a->p;

    while (p < a->end && !is_blank(*p) && !strchr("{}\"", *p))
        p++;
    return (size_t)(p - a->p);
}

int hexd_at_end(struct assembler *a)
{
    hexd_skip_blanks(a);
    return a->p == a->end;
}

/* Takes the word if it is the next one. */
int hexd_take(struct assembler *a, const char *word)
{
    size_t n = strlen(word);

    hexd_skip_blanks(a);
    if (word_length(a) != n || memcmp(a->p, word, n) != 0)
        return 0;
    a->p += n;
    return 1;
}

int hexd_take_char(struct assembler *a, char c)
{
    hexd_skip_blanks(a);
    if (a->p == a->end || *a->p != c)
        return 0;
    a->p++;
    return 1;
}

/* Takes the next word, cut to fit. */
size_t hexd_take_word(struct assembler *a, char *word, size_t size)
{
    size_t n, kept;

    hexd_skip_blanks(a);
    n = word_length(a);
    kept = n < size ? n : size - 1;
    memcpy(word, a->p, kept);
    word[kept] = '\0';
    a->p += n;
    return n;
}

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) & 15 : -1;
}

int hexd_take_unsigned(struct assembler *a, uint64_t *v)
{
    char word[40], *end;

    hexd_take_word(a, word, sizeof word);
    errno = 0;
    *v = strtoull(word, &end, 0);
    if (!word[0] || word[0] == '-' || *end || errno)
        return hexd_fail(a, "'%s' where a count was expected", word);
    return 1;
}

/* "(gggg,eeee)" */
int hexd_take_tag(struct assembler *a, unsigned *group, unsigned *element)
{
    static const char shape[] = "(xxxx,xxxx)";
    unsigned digits = 0;
    size_t i;

    hexd_skip_blanks(a);
    if ((size_t)(a->end - a->p) < sizeof shape - 1)
        return hexd_fail(a, "a tag is written (gggg,eeee)");
    for (i = 0; i < sizeof shape - 1; i++) {
        int d = hex_digit(a->p[i]);
        if (shape[i] == 'x' ? d < 0 : a->p[i] != shape[i])
            return hexd_fail(a, "a tag is written (gggg,eeee)");
        if (shape[i] == 'x')
            digits = digits << 4 | (unsigned)d;
    }
    a->p += sizeof shape - 1;
    *group = digits >> 16;
    *element = digits & 0xFFFF;
    return 1;
}

/* --------------------------------------------------------------- values */

/* One row a VR that is more than short text padded with spaces: PS3.5 Table
 * 6.2-1, and Table 7.1-1 for the headers with a 32-bit length. */
static const struct vr vrs[] = {
    /* clang-format off */
    {"AT", 0, 0, 4, 't'}, {"FD", 0, 0, 8, 'f'}, {"FL", 0, 0, 4, 'f'},
    {"OB", 0, 1, 1, 'i'}, {"OD", 0, 1, 8, 'f'}, {"OF", 0, 1, 4, 'f'},
    {"OL", 0, 1, 4, 'i'}, {"OV", 0, 1, 8, 'i'}, {"OW", 0, 1, 2, 'i'},
    {"SL", 0, 0, 4, 'i'}, {"SQ", 0, 1, 0, 0},   {"SS", 0, 0, 2, 'i'},
    {"SV", 0, 1, 8, 'i'}, {"UC", ' ', 1, 0, 0}, {"UI", 0, 0, 0, 0},
    {"UL", 0, 0, 4, 'i'}, {"UN", 0, 1, 0, 0},   {"UR", ' ', 1, 0, 0},
    {"US", 0, 0, 2, 'i'}, {"UT", ' ', 1, 0, 0}, {"UV", 0, 1, 8, 'i'},
    /* clang-format on */
};
static const struct vr plain_vr = {"", ' ', 0, 0, 0};
const struct vr hexd_no_vr = {"", 0, 0, 0, 0};

const struct vr *hexd_vr_find(const char *name)
{
    size_t i;

    for (i = 0; i < sizeof vrs / sizeof *vrs; i++)
        if (strcmp(vrs[i].name, name) == 0)
            return &vrs[i];
    return &plain_vr;
}

static int put_hex(struct assembler *a)
{
    while (!hexd_at_end(a)) {
        int high = hex_digit(a->p[0]), low = -1;
        uint8_t byte;

        if (high < 0)
            return 1; /* what comes next is of another kind */
        if (a->end - a->p > 1)
            low = hex_digit(a->p[1]);
        if (low < 0)
            return hexd_fail(a, "hex digits come in pairs");
        byte = (uint8_t)(high << 4 | low);
        a->p += 2;
        if (!hexd_put(a, &byte, 1))
            return 0;
    }
    return 1;
}

static int put_escape(struct assembler *a)
{
    int high, low;
    uint8_t byte;

    if (a->end - a->p >= 1 && (a->p[0] == '\\' || a->p[0] == '"'))
        return hexd_put(a, a->p++, 1);
    if (a->end - a->p < 3 || a->p[0] != 'x')
        return hexd_fail(a, "an escape is \\\\, \\\" or \\xNN");
    high = hex_digit(a->p[1]);
    low = hex_digit(a->p[2]);
    if (high < 0 || low < 0)
        return hexd_fail(a, "\\x asks for two hex digits");
    byte = (uint8_t)(high << 4 | low);
    a->p += 3;
    return hexd_put(a, &byte, 1);
}

static int put_string(struct assembler *a)
{
    while (a->p < a->end && *a->p != '"') {
        if (*a->p == '\\') {
            a->p++;
            if (!put_escape(a))
                return 0;
        } else if (!hexd_put(a, a->p++, 1)) {
            return 0;
        }
    }
    if (a->p == a->end)
        return hexd_fail(a, "the string has no closing quote");
    a->p++;
    return 1;
}

static int put_float(struct assembler *a, const char *word, size_t unit)
{
    char *end;
    double d = strtod(word, &end);
    float f = (float)d;
    uint64_t bits = 0;
    uint32_t bits32;

    if (*end)
        return hexd_fail(a, "'%s' is no number", word);
    if (unit == 8) {
        memcpy(&bits, &d, 8);
        return hexd_put_number(a, bits, 8);
    }
    memcpy(&bits32, &f, 4);
    return hexd_put_number(a, bits32, 4);
}

static int put_integer(struct assembler *a, const char *word, size_t unit)
{
    int minus = word[0] == '-';
    uint64_t most = UINT64_MAX >> (64 - 8 * unit), v;
    char *end;

    errno = 0;
    v = strtoull(word + minus, &end, 0);
    if (*end || end == word + minus || word[minus] == '-')
        return hexd_fail(a, "'%s' is no whole number", word);
    if (errno || v > (minus ? most / 2 + 1 : most))
        return hexd_fail(a, "%s does not fit %d bits", word, (int)unit * 8);
    return hexd_put_number(a, minus ? 0 - v : v, unit);
}

static int put_numeral(struct assembler *a, const struct vr *vr)
{
    char word[64];

    if (vr->form == 't') {
        unsigned group, element;
        return hexd_take_tag(a, &group, &element) &&
               hexd_put_tag(a, group, element);
    }
    if (hexd_take_word(a, word, sizeof word) == 0)
        return hexd_fail(a, "'%c' is out of place", *a->p);
    if (!vr->form)
        return hexd_fail(a, "'%s' where a value was expected", word);
    if (vr->form == 'f')
        return put_float(a, word, vr->unit);
    return put_integer(a, word, vr->unit);
}

static int put_repeat(struct assembler *a)
{
    uint64_t count;
    size_t start, size;

    if (!hexd_take_unsigned(a, &count))
        return 0;
    start = a->out->size;
    if (hexd_take(a, "hex") ? !put_hex(a)
                            : !hexd_take_char(a, '"') || !put_string(a))
        return hexd_fail(a,
                         "repeat is followed by a count and hex or \"text\"");
    size = a->out->size - start;
    if (count == 0)
        a->out->size = start;
    /* A copy first: hexd_put() may move what it is given. */
    if (count > 1 && size) {
        uint8_t *once = malloc(size);
        int ok = once != NULL;
        if (ok)
            memcpy(once, a->out->data + start, size);
        while (ok && --count)
            ok = hexd_put(a, once, size);
        free(once);
        return ok ? 1 : hexd_fail(a, "no memory");
    }
    return 1;
}

/* The rest of the statement. */
int hexd_put_value(struct assembler *a, const struct vr *vr)
{
    while (!hexd_at_end(a)) {
        int ok;
        if (hexd_take(a, "hex"))
            ok = put_hex(a);
        else if (hexd_take(a, "repeat"))
            ok = put_repeat(a);
        else if (hexd_take_char(a, '"'))
            ok = put_string(a);
        else
            ok = put_numeral(a, vr);
        if (!ok)
            return 0;
    }
    return 1;
}
