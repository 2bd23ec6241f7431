/* Language. A line of the dump: its columns, its width, and text that cannot
 * drive a terminal. Knows nothing of what values mean, nor of dictionaries. */
#include "dump_line.h"

#include <string.h>

enum {
    OFFSET_WIDTH = 8,
    TAG_WIDTH = DCM_DUMP_TAG_WIDTH,
    LENGTH_WIDTH = 7,
    KEYWORD_WIDTH = 24,
    VALUE_MIN = 16,
    INDENT_MAX = 40, /* items */
    SLACK = 256      /* bytes of a line besides name, indent and value */
};
#define PIECE DCM_DUMP_PIECE
#define NO_CUT DCM_DUMP_NO_CUT

const char dcm_dump_hex[16] = "0123456789ABCDEF";

/* ------------------------------------------------------------ failures */

enum dcm_status dcm_dump_fail(struct dcm_dump_writer *w, enum dcm_status status,
                              const struct dcm_error *details)
{
    w->status = status;
    w->full = 1;
    if (details && details->code == status)
        w->error = *details;
    else
        dcm_error_fill(&w->error, status, DCM_NO_OFFSET, "", "%s",
                       dcm_status_name(status));
    return status;
}

/* ------------------------------------------------------------- the line */

/* Room for n more bytes of the line; what is there already is committed. */
static int grow(struct dcm_dump_writer *w, size_t n)
{
    dcm_output_commit(w->out, (size_t)(w->p - w->start));
    w->start = w->p = w->mark = dcm_output_reserve(w->out, n + PIECE);
    if (!w->p) {
        w->end = NULL;
        dcm_dump_fail(w, w->out->status, &w->out->error);
        return 0;
    }
    w->end = w->p + n + PIECE;
    return 1;
}

/* Ends the value where "..." fits. */
int dcm_dump_cut(struct dcm_dump_writer *w)
{
    if (!w->full) {
        w->p = w->mark;
        memcpy(w->p, "...", 3);
        w->p += 3;
        w->left = 0;
        w->full = 1;
    }
    return 0;
}

/* n bytes that go together; 0 when the line is full. */
int dcm_dump_put(struct dcm_dump_writer *w, const char *s, size_t n,
                 size_t columns)
{
    if (columns > w->left)
        return dcm_dump_cut(w);
    if ((size_t)(w->end - w->p) < n + SLACK / 2 && !grow(w, n))
        return 0;
    memcpy(w->p, s, n);
    w->p += n;
    w->left -= columns;
    if (w->left >= 3)
        w->mark = w->p;
    return 1;
}

int dcm_dump_char(struct dcm_dump_writer *w, char c)
{
    if (w->left <= 3 || (size_t)(w->end - w->p) < SLACK)
        return dcm_dump_put(w, &c, 1, 1);
    *w->p++ = c;
    w->left--;
    w->mark = w->p;
    return 1;
}

/* Printable ASCII: as much as fits. */
int dcm_dump_plain(struct dcm_dump_writer *w, const char *s, size_t n)
{
    while (n > 0) {
        size_t k = n < PIECE ? n : PIECE;

        /* up to where "..." would go first, so that it can go there */
        if (w->left > 3 && k > w->left - 3)
            k = w->left - 3;
        else if (k > w->left)
            return dcm_dump_cut(w);
        if (!dcm_dump_put(w, s, k, k))
            return 0;
        s += k;
        n -= k;
    }
    return 1;
}

/* ------------------------------------------------- text made harmless */

struct range {
    uint32_t first, last;
};

/* Characters that do not show what they are: C1, and those that hide or
 * reorder what is around them. Noncharacters are found by rule. */
static const struct range hidden[] = {
    {0x80, 0x9F},     {0xAD, 0xAD},     {0x61C, 0x61C},   {0x180E, 0x180E},
    {0x200B, 0x200B}, {0x200E, 0x200F}, {0x2028, 0x202E}, {0x2060, 0x206F},
    {0xFDD0, 0xFDEF}, {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB}, {0xE0000, 0xE0FFF},
};

/* Two columns wide on a terminal, near enough. */
static const struct range wide[] = {
    {0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0xA4CF},
    {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},
    {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},   {0x1F300, 0x1F64F},
    {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD},
};

static int in_ranges(const struct range *r, size_t n, uint32_t c)
{
    size_t i;

    for (i = 0; i < n && r[i].first <= c; i++)
        if (c <= r[i].last)
            return 1;
    return 0;
}
#define IN(ranges, c) in_ranges(ranges, sizeof ranges / sizeof *ranges, c)

/* \xNN below 80, else \u{NNNN}; returns the length. */
static size_t escape(char *out, uint32_t c)
{
    char *p = out;
    int shift = 20;

    *p++ = '\\';
    *p++ = c < 0x80 ? 'x' : 'u';
    if (c >= 0x80) {
        *p++ = '{';
        while (shift > 12 && c >> shift == 0)
            shift -= 4;
    } else {
        shift = 4;
    }
    for (; shift >= 0; shift -= 4)
        *p++ = dcm_dump_hex[c >> shift & 15];
    if (c >= 0x80)
        *p++ = '}';
    return (size_t)(p - out);
}

/* The character at p of valid UTF-8, and its length. */
static uint32_t decode(const uint8_t *p, size_t *n)
{
    uint32_t c = *p;
    size_t i;

    *n = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
    if (*n > 1)
        c &= 0x7Fu >> *n;
    for (i = 1; i < *n; i++)
        c = c << 6 | (p[i] & 0x3Fu);
    return c;
}

/* Valid UTF-8, made harmless: as much as fits. */
int dcm_dump_utf8(struct dcm_dump_writer *w, const char *s, size_t n)
{
    const uint8_t *p = (const uint8_t *)s;
    const uint8_t *end = p + n;
    char text[16];
    int ok = 1;

    while (ok && p < end) {
        const uint8_t *run = p;
        uint32_t c;

        while (p < end && dcm_dump_is_plain(*p))
            p++;
        if (p > run) {
            ok = dcm_dump_plain(w, (const char *)run, (size_t)(p - run));
            continue;
        }
        c = decode(p, &n);
        if (c < 0x80 || IN(hidden, c) || (c & 0xFFFE) == 0xFFFE) {
            size_t k = escape(text, c);
            ok = dcm_dump_put(w, text, k, k);
        } else {
            ok =
                dcm_dump_put(w, (const char *)p, n, 1u + (unsigned)IN(wide, c));
        }
        p += n;
    }
    return ok;
}

/* --------------------------------------------- the columns before values */

static const char color_tag[] = "\033[36m";
static const char color_vr[] = "\033[33m";
static const char color_keyword[] = "\033[32m";
static const char color_off[] = "\033[0m";

/* All of these write at p, where room is reserved, and return the end. */

static char *add(char *p, const char *s, size_t n)
{
    memcpy(p, s, n);
    return p + n;
}

static char *add_color(const struct dcm_dump_writer *w, char *p,
                       const char *color)
{
    return w->color ? add(p, color, strlen(color)) : p;
}

/* A few too many cost less than counting them: SLACK has room. */
static char *add_spaces(char *p, size_t n)
{
    if (n <= 32)
        memset(p, ' ', 32);
    else
        memset(p, ' ', n);
    return p + n;
}

static size_t count_digits(uint64_t v)
{
    size_t n = 1;

    for (; v > UINT32_MAX; v /= 10)
        n++;
    for (uint32_t small = (uint32_t)v; small >= 10; small /= 10)
        n++;
    return n;
}

/* Right-aligned, or as wide as it is. The digits go where they belong at
 * once: to read back what was just written byte by byte is slow. */
static char *add_number(char *p, uint64_t v, size_t width)
{
    size_t digits = count_digits(v);
    char *end, *d;
    uint32_t small;

    if (digits < width)
        p = add_spaces(p, width - digits);
    d = end = p + digits;
    for (; v > UINT32_MAX; v /= 10)
        *--d = (char)('0' + v % 10);
    small = (uint32_t)v;
    do
        *--d = (char)('0' + small % 10);
    while (small /= 10);
    return end;
}

static char *add_hex16(char *p, unsigned v)
{
    p[0] = dcm_dump_hex[v >> 12 & 15];
    p[1] = dcm_dump_hex[v >> 8 & 15];
    p[2] = dcm_dump_hex[v >> 4 & 15];
    p[3] = dcm_dump_hex[v & 15];
    return p + 4;
}

char *dcm_dump_tag(char *p, uint32_t tag)
{
    *p++ = '(';
    p = add_hex16(p, tag >> 16);
    *p++ = ',';
    p = add_hex16(p, tag & 0xFFFF);
    *p++ = ')';
    return p;
}

/* Bytes that are not letters to look at become '?'. */
static char *add_vr(char *p, const struct dcm_event *ev)
{
    unsigned vr = ev->stored ? ev->stored : ev->vr;

    p[0] = (char)(vr >> 8);
    p[1] = (char)(vr & 0xFF);
    if (p[0] <= ' ' || p[0] > '~')
        p[0] = '?';
    if (p[1] <= ' ' || p[1] > '~')
        p[1] = '?';
    p[2] = ev->stored == ev->vr ? ' ' : '~';
    return p + 3;
}

static char *add_length(char *p, uint32_t length)
{
    if (length == DCM_UNDEFINED)
        return add(p, "  undef", LENGTH_WIDTH);
    return add_number(p, length, LENGTH_WIDTH);
}

/* Offset and indent, with `items` items around. */
static char *add_place(const struct dcm_dump_writer *w, char *p,
                       const struct dcm_event *ev, unsigned items)
{
    if (!w->no_offsets) {
        p = add_number(p, ev->offset, OFFSET_WIDTH);
        *p++ = ev->flags & DCM_DEFLATED ? 'z' : ' ';
    }
    return add_spaces(p, 2 * (items < INDENT_MAX ? items : INDENT_MAX));
}

static size_t flag_columns(const struct dcm_event *ev)
{
    return (ev->flags & DCM_DUPLICATE ? sizeof " (duplicate)" - 1 : 0) +
           (ev->flags & DCM_CUT ? sizeof " (truncated)" - 1 : 0);
}

/* Bytes to reserve for a line in which `text` bytes come before the value: a
 * column holds one character of at most four bytes. */
static int begin_line(struct dcm_dump_writer *w, size_t text)
{
    size_t columns = w->width == NO_CUT ? PIECE : w->width + VALUE_MIN;
    size_t n = 2 * INDENT_MAX + text + 4 * columns + 2 * SLACK;

    w->full = 0;
    w->start = w->p = dcm_output_reserve(w->out, n);
    if (!w->p)
        return dcm_dump_fail(w, w->out->status, &w->out->error) == DCM_OK;
    w->end = w->p + n;
    return 1;
}

/* What stands before a value is written up to p, w->p to p without the
 * `colors` bytes that colours take. */
static void begin_value(struct dcm_dump_writer *w, const struct dcm_event *ev,
                        char *p, size_t colors)
{
    size_t used = (size_t)(p - w->p) - colors + flag_columns(ev);

    w->p = w->mark = p;
    if (w->width == NO_CUT)
        w->left = NO_CUT;
    else if (used + VALUE_MIN < w->width)
        w->left = w->width - used;
    else
        w->left = VALUE_MIN;
}

/* Spaces before the end of a line are taken back. */
void dcm_dump_end(struct dcm_dump_writer *w, const struct dcm_event *ev)
{
    char *p = w->p;

    if (!p)
        return;
    if (ev->flags & DCM_DUPLICATE)
        p = add(p, " (duplicate)", sizeof " (duplicate)" - 1);
    if (ev->flags & DCM_CUT)
        p = add(p, " (truncated)", sizeof " (truncated)" - 1);
    while (p > w->start && p[-1] == ' ')
        p--;
    *p++ = '\n';
    dcm_output_commit(w->out, (size_t)(p - w->start));
}

int dcm_dump_begin(struct dcm_dump_writer *w, const struct dcm_event *ev,
                   const char *keyword, size_t n)
{
    size_t colors;
    char *p;

    if (!begin_line(w, n))
        return 0;
    p = add_place(w, w->p, ev, ev->depth);
    p = add_color(w, p, color_tag);
    p = dcm_dump_tag(p, ev->tag);
    p = add_color(w, p, color_off);
    *p++ = ' ';
    p = add_color(w, p, color_vr);
    p = add_vr(p, ev);
    p = add_color(w, p, color_off);
    p = add_length(p, ev->length);
    *p++ = ' ';
    p = add_color(w, p, color_keyword);
    p = add(p, keyword, n);
    p = add_color(w, p, color_off);
    if (n < KEYWORD_WIDTH)
        p = add_spaces(p, KEYWORD_WIDTH - n);
    *p++ = ' ';
    colors = 3 * (sizeof color_tag - 1 + sizeof color_off - 1);
    begin_value(w, ev, p, w->color ? colors : 0);
    return 1;
}

/* The line of an item or fragment up to what is in it: its number stands
 * where elements have tag and VR. */
int dcm_dump_begin_part(struct dcm_dump_writer *w, const struct dcm_event *ev,
                        const char *word, unsigned items)
{
    const size_t columns = TAG_WIDTH + sizeof " VR~" - 1;
    char *p, *from;

    if (!begin_line(w, 0))
        return 0;
    p = add_place(w, w->p, ev, items);
    from = p;
    p = add(p, word, strlen(word));
    *p++ = ' ';
    p = add_number(p, ev->number, 0);
    if ((size_t)(p - from) < columns)
        p = add_spaces(p, columns - (size_t)(p - from));
    p = add_length(p, ev->length);
    *p++ = ' ';
    begin_value(w, ev, p, 0);
    return 1;
}
