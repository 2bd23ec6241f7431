/* Messages: their form as text and as JSON, and the making visible of what
 * should not reach a terminal. Knows nothing of when they are written. */
#include "message.h"

#include "options.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ------------------------------------------------------------------ bytes */

static int make_room(struct tool_bytes *b, size_t n)
{
    size_t size = b->capacity ? b->capacity : 256;
    char *p;

    if (b->capacity - b->size >= n)
        return 0;
    if (n > SIZE_MAX / 4 || b->size > SIZE_MAX / 4)
        return -1;
    while (size - b->size < n)
        size *= 2;
    p = realloc(b->data, size);
    if (!p)
        return -1;
    b->data = p;
    b->capacity = size;
    return 0;
}

int tool_bytes_put(struct tool_bytes *b, const void *data, size_t n)
{
    if (make_room(b, n) != 0)
        return -1;
    if (n)
        memcpy(b->data + b->size, data, n);
    b->size += n;
    return 0;
}

int tool_bytes_text(struct tool_bytes *b, const char *text)
{
    return tool_bytes_put(b, text, strlen(text));
}

char *tool_bytes_string(struct tool_bytes *b)
{
    if (make_room(b, 1) != 0)
        return NULL;
    b->data[b->size] = '\0';
    return b->data;
}

void tool_bytes_release(struct tool_bytes *b)
{
    free(b->data);
    memset(b, 0, sizeof *b);
}

int tool_write(int fd, const void *data, size_t n)
{
    const char *p = data;

    while (n) {
        ssize_t w = write(fd, p, n);

        if (w < 0 && errno == EINTR)
            continue;
        if (w < 0)
            return -1;
        p += w;
        n -= (size_t)w;
    }
    return 0;
}

int tool_color_wanted(int color, int fd)
{
    const char *no = getenv("NO_COLOR");
    const char *term = getenv("TERM");

    if (color != TOOL_COLOR_AUTO)
        return color == TOOL_COLOR_ALWAYS;
    return isatty(fd) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

/* ---------------------------------------------------------- visible text */

/* The length of the UTF-8 sequence at s, or 0 when it is none; its code
 * point in *c. No surrogates, no long forms (RFC 3629). */
static size_t utf8(const unsigned char *s, size_t n, uint32_t *c)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = s[0] < 0x80   ? 1
                    : s[0] < 0xC2 ? 0
                    : s[0] < 0xE0 ? 2
                    : s[0] < 0xF0 ? 3
                    : s[0] < 0xF5 ? 4
                                  : 0;

    if (length == 0 || length > n)
        return 0;
    *c = length == 1 ? s[0] : s[0] & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return 0;
        *c = *c << 6 | (s[i] & 0x3F);
    }
    if (*c < least[length] || *c > 0x10FFFF || (*c >= 0xD800 && *c <= 0xDFFF))
        return 0;
    return length;
}

/* Controls, C1 included, and what turns the direction of a line. */
static int hidden(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x200E || c == 0x200F ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) ||
           c == 0xFEFF;
}

static void put_hex(struct tool_bytes *b, unsigned char c, int json)
{
    static const char digits[] = "0123456789abcdef";
    char hex[5] = {'\\', '\\', 'x', digits[c >> 4], digits[c & 15]};

    if (json) {
        tool_bytes_put(b, hex, 5);
    } else {
        tool_bytes_put(b, hex, 1);
        tool_bytes_put(b, hex + 2, 3);
    }
}

static void put_visible(struct tool_bytes *b, const char *text, int json)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t n = strlen(text);

    while (n) {
        uint32_t c = 0;
        size_t length = utf8(s, n, &c);

        if (length == 0 || hidden(c)) {
            put_hex(b, *s, json);
            length = 1;
        } else {
            if (json && (c == '"' || c == '\\'))
                tool_bytes_put(b, "\\", 1);
            tool_bytes_put(b, s, length);
        }
        s += length;
        n -= length;
    }
}

void tool_bytes_visible(struct tool_bytes *b, const char *text)
{
    put_visible(b, text, 0);
}

/* ----------------------------------------------------------------- lines */

/* What a line says beside its file and kind. */
struct line {
    enum tool_message kind;
    const char *name, *section; /* of a deviation, or "" */
    uint64_t offset;            /* UINT64_MAX: none */
    const char *path;
    uint32_t tag, length;
    const char *vr;
    const char *message, *note;
};

static const char *const kinds[] = {"error", "warning", "note"};

static void put_number(struct tool_bytes *b, uint64_t v)
{
    char text[24];

    snprintf(text, sizeof text, "%llu", (unsigned long long)v);
    tool_bytes_text(b, text);
}

static void json_member(struct tool_bytes *b, const char *name,
                        const char *text)
{
    tool_bytes_text(b, b->size && b->data[b->size - 1] == '{' ? "\"" : ",\"");
    tool_bytes_text(b, name);
    tool_bytes_text(b, "\":\"");
    put_visible(b, text, 1);
    tool_bytes_text(b, "\"");
}

static void json_line(struct tool_log *log, const struct line *l)
{
    struct tool_bytes *b = &log->text;
    char tag[12];

    tool_bytes_text(b, "{");
    if (log->file)
        json_member(b, "file", log->file);
    json_member(b, "kind", kinds[l->kind]);
    if (*l->name) {
        json_member(b, "name", l->name);
        json_member(b, "section", l->section);
    }
    if (l->offset != UINT64_MAX) {
        tool_bytes_text(b, ",\"offset\":");
        put_number(b, l->offset);
    }
    if (*l->path)
        json_member(b, "path", l->path);
    if (l->tag) {
        snprintf(tag, sizeof tag, "%08lX", (unsigned long)l->tag);
        json_member(b, "tag", tag);
        json_member(b, "vr", l->vr);
        tool_bytes_text(b, ",\"length\":");
        put_number(b, l->length);
    }
    json_member(b, "message", l->message);
    if (*l->note)
        json_member(b, "note", l->note);
    tool_bytes_text(b, "}\n");
}

static void text_line(struct tool_log *log, const struct line *l)
{
    static const char *const colors[] = {"\033[31m", "\033[33m", ""};
    struct tool_bytes *b = &log->text;

    tool_bytes_text(b, log->program);
    tool_bytes_text(b, ": ");
    if (log->file) {
        put_visible(b, log->file, 0);
        tool_bytes_text(b, ": ");
    }
    if (log->color)
        tool_bytes_text(b, colors[l->kind]);
    if (l->kind == TOOL_WARNING)
        tool_bytes_text(b, "warning: ");
    if (l->offset != UINT64_MAX) {
        tool_bytes_text(b, "offset ");
        put_number(b, l->offset);
        tool_bytes_text(b, ": ");
    }
    if (*l->path) {
        put_visible(b, l->path, 0);
        tool_bytes_text(b, ": ");
    }
    put_visible(b, l->message, 0);
    if (*l->note) {
        tool_bytes_text(b, "; ");
        put_visible(b, l->note, 0);
    }
    if (log->color)
        tool_bytes_text(b, "\033[m");
    tool_bytes_text(b, "\n");
}

static void put_line(struct tool_log *log, const struct line *l)
{
    if ((log->quiet && l->kind != TOOL_ERROR) ||
        (!log->verbose && l->kind == TOOL_NOTE))
        return;
    (log->json ? json_line : text_line)(log, l);
}

void tool_log_say(struct tool_log *log, enum tool_message kind,
                  const char *format, ...)
{
    struct line l = {kind, "", "", UINT64_MAX, "", 0, 0, "", NULL, ""};
    char message[1024];
    va_list ap;

    va_start(ap, format);
    vsnprintf(message, sizeof message, format, ap);
    va_end(ap);
    l.message = message;
    put_line(log, &l);
}

void tool_log_error(struct tool_log *log, const struct dcm_error *error,
                    const char *note)
{
    struct line l = {TOOL_ERROR,     "",  "", error->offset,
                     error->path,    0,   0,  log->cause.vr,
                     error->message, note};

    if (error->code == DCM_ERR_STRICT && log->cause.name) {
        l.name = log->cause.name;
        l.section = log->cause.section;
        l.tag = log->cause.tag;
        l.length = log->cause.length;
    }
    put_line(log, &l);
}

void tool_log_diagnostic(void *user, const struct dcm_diagnostic *d)
{
    struct tool_log *log = user;
    struct line l = {TOOL_WARNING, d->name,   d->section, d->offset,  d->path,
                     d->tag,       d->length, d->vr,      d->message, ""};

    if (d->is_error) {
        log->cause.name = d->name;
        log->cause.section = d->section;
        log->cause.tag = d->tag;
        log->cause.length = d->length;
        memcpy(log->cause.vr, d->vr, sizeof log->cause.vr);
        return;
    }
    put_line(log, &l);
}

void tool_log_flush(struct tool_log *log)
{
    if (log->text.size)
        (void)!tool_write(STDERR_FILENO, log->text.data, log->text.size);
    log->text.size = 0;
}
