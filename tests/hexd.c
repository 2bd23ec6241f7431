/* An assembler from readable text to the bytes of a DICOM file, so that a
 * review can read what a test reads. files/README describes the language.
 *
 * It shares no code with the library, its tables of VRs included: a mistake
 * there must not be made here too. It writes what it is told, right or wrong,
 * and knows of the standard only how a header is laid out (PS3.5 7.1) and what
 * group 0002 holds (PS3.10 7.1); values are in hexd_value.c. */
#include "hexd_value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

struct header {
    unsigned group, element;
    char vr[3];
    int is_long, is_undefined, nopad, has_length;
    uint32_t length;
};

/* ------------------------------------------------------------- elements */

static int fill_length(struct assembler *a, const struct frame *f)
{
    size_t size = a->out->size - f->start;

    if (f->fixed || f->is_undefined || f->field == NO_FIELD)
        return 1;
    if (f->width == 2 ? size > 0xFFFF : size > 0xFFFFFFFE)
        return hexd_fail(a, "%zu bytes do not fit the length of the header",
                         size);
    hexd_store(a->out->data + f->field, size, f->width, a->big);
    return 1;
}

static int push(struct assembler *a, struct frame f)
{
    if (a->depth == MAX_DEPTH)
        return hexd_fail(a, "more than %d braces open", MAX_DEPTH);
    if (!hexd_at_end(a))
        return hexd_fail(a, "nothing may follow {");
    a->frames[a->depth++] = f;
    return 1;
}

static int pop(struct assembler *a)
{
    int bare = hexd_take(a, "bare");
    struct frame *f;

    if (!hexd_at_end(a))
        return hexd_fail(a, "nothing but 'bare' may follow }");
    if (!a->depth)
        return hexd_fail(a, "} without {");
    f = &a->frames[--a->depth];
    if (!fill_length(a, f))
        return 0;
    if (f->is_undefined && !bare)
        return hexd_put_tag(a, 0xFFFE, f->is_item ? 0xE00D : 0xE0DD) &&
               hexd_put_number(a, 0, 4);
    return 1;
}

static int take_words(struct assembler *a, struct header *h)
{
    for (;;) {
        hexd_skip_blanks(a);
        if (hexd_take(a, "long")) {
            h->is_long = 1;
        } else if (hexd_take(a, "short")) {
            h->is_long = 0;
        } else if (hexd_take(a, "nopad")) {
            h->nopad = 1;
        } else if (hexd_take(a, "undefined") ||
                   hexd_take(a, "length=undefined")) {
            h->is_undefined = 1;
        } else if (a->end - a->p > 7 && memcmp(a->p, "length=", 7) == 0) {
            uint64_t v;
            a->p += 7;
            if (!hexd_take_unsigned(a, &v))
                return 0;
            h->has_length = 1;
            h->length = (uint32_t)v;
            if (v > UNDEFINED)
                return hexd_fail(a, "a length has 32 bits");
        } else {
            return 1;
        }
    }
}

/* Tag, VR and a length, which is filled in later if it is not given.
 *     explicit: tag VR length16 | tag VR 0000 length32   (PS3.5 7.1.2)
 *     implicit, and group FFFE: tag length32             (7.1.3, 7.5) */
static int put_header(struct assembler *a, const struct header *h,
                      struct frame *f)
{
    int has_vr = !a->implicit && h->vr[0];
    uint32_t length = h->is_undefined ? UNDEFINED : h->length;

    f->width = has_vr && !h->is_long ? 2 : 4;
    f->fixed = h->has_length;
    f->is_undefined = h->is_undefined;
    if (f->width == 2 && length > 0xFFFF && !h->is_undefined)
        return hexd_fail(a, "the length of this header has 16 bits");
    if (!hexd_put_tag(a, h->group, h->element))
        return 0;
    if (has_vr && !hexd_put(a, h->vr, 2))
        return 0;
    if (has_vr && h->is_long && !hexd_put_number(a, 0, 2))
        return 0;
    f->field = a->out->size;
    if (!hexd_put_number(a, length, f->width))
        return 0;
    f->start = a->out->size;
    return 1;
}

static int put_body(struct assembler *a, const struct header *h,
                    const struct vr *vr, int is_item)
{
    struct frame f = {0};

    f.is_item = is_item;
    if (!put_header(a, h, &f))
        return 0;
    if (hexd_take_char(a, '{'))
        return push(a, f);
    if (!hexd_put_value(a, vr))
        return 0;
    if ((a->out->size - f.start) % 2 && !h->nopad && !hexd_put(a, &vr->pad, 1))
        return 0;
    return fill_length(a, &f);
}

static int put_element(struct assembler *a)
{
    struct header h = {0};
    const struct vr *vr = &hexd_no_vr;

    if (!hexd_take_tag(a, &h.group, &h.element))
        return 0;
    if (h.group != 0xFFFE) {
        if (hexd_take_word(a, h.vr, sizeof h.vr) != 2)
            return hexd_fail(a, "a VR of two letters follows the tag");
        vr = hexd_vr_find(h.vr);
        h.is_long = vr->is_long;
    }
    return take_words(a, &h) && put_body(a, &h, vr, 0);
}

static int put_item(struct assembler *a)
{
    struct header h = {0};

    h.group = 0xFFFE;
    h.element = 0xE000;
    return take_words(a, &h) && put_body(a, &h, &hexd_no_vr, 1);
}

/* ----------------------------------------------------------- statements */

static int put_preamble(struct assembler *a)
{
    static const uint8_t zeros[128];

    return hexd_put(a, zeros, sizeof zeros) && hexd_put(a, "DICM", 4);
}

/* (0002,0000) holds the bytes from its own end to the end of the group
 * (PS3.10 7.1): 12 bytes, and the frame counts from behind them. */
static int begin_group_two(struct assembler *a, struct frame *f)
{
    static const uint8_t head[8] = {2, 0, 0, 0, 'U', 'L', 4, 0};

    a->implicit = a->big = 0;
    memset(f, 0, sizeof *f);
    f->width = 4;
    if (!hexd_put(a, head, sizeof head))
        return 0;
    f->field = a->out->size;
    if (!hexd_put_number(a, 0, 4))
        return 0;
    f->start = a->out->size;
    return 1;
}

static int open_meta(struct assembler *a)
{
    struct frame f;

    if (!hexd_take_char(a, '{'))
        return hexd_fail(a, "meta is followed by {");
    return begin_group_two(a, &f) && push(a, f);
}

static int put_uid(struct assembler *a, unsigned element, const char *uid)
{
    size_t n = strlen(uid), padded = n + n % 2;

    return hexd_put_tag(a, 2, element) && hexd_put(a, "UI", 2) &&
           hexd_put_number(a, padded, 2) && hexd_put(a, uid, n) &&
           hexd_put(a, "", padded - n);
}

static void set_encoding(struct assembler *a, const char *uid)
{
    a->implicit = strcmp(uid, "1.2.840.10008.1.2") == 0;
    a->big = strcmp(uid, "1.2.840.10008.1.2.2") == 0;
    if (strcmp(uid, "1.2.840.10008.1.2.1.99") == 0)
        a->deflate_from = a->out->size;
}

static int put_syntax(struct assembler *a)
{
    static const uint8_t version[14] = {2, 0, 1, 0, 'O', 'B', 0,
                                        0, 2, 0, 0, 0,   0,   1};
    char uid[65];
    struct frame f;

    if (hexd_take_word(a, uid, sizeof uid) == 0 || !hexd_at_end(a))
        return hexd_fail(a, "syntax is followed by a UID");
    if (!begin_group_two(a, &f) || !hexd_put(a, version, sizeof version) ||
        !put_uid(a, 0x0002, "1.2.840.10008.5.1.4.1.1.7") ||
        !put_uid(a, 0x0003, "2.25.1") || !put_uid(a, 0x0010, uid) ||
        !put_uid(a, 0x0012, "2.25.2") || !fill_length(a, &f))
        return 0;
    set_encoding(a, uid);
    return 1;
}

static int read_encoding(struct assembler *a)
{
    if (hexd_take(a, "explicit"))
        a->implicit = 0;
    else if (hexd_take(a, "implicit"))
        a->implicit = 1;
    else
        return hexd_fail(a, "encoding is explicit or implicit");
    a->big = hexd_take(a, "big");
    if (!a->big)
        hexd_take(a, "little");
    return hexd_at_end(a) ? 1 : hexd_fail(a, "byte order is big or little");
}

static int begin_deflate(struct assembler *a)
{
    a->zlib = hexd_take(a, "zlib");
    if (!hexd_at_end(a) || a->depth || a->deflate_from != NO_FIELD)
        return hexd_fail(a, "deflate stands once, outside braces");
    a->deflate_from = a->out->size;
    return 1;
}

static int statement(struct assembler *a)
{
    if (hexd_at_end(a))
        return 1;
    if (hexd_take(a, "preamble"))
        return hexd_at_end(a) ? put_preamble(a)
                              : hexd_fail(a, "preamble stands alone");
    if (hexd_take(a, "syntax"))
        return put_syntax(a);
    if (hexd_take(a, "meta"))
        return open_meta(a);
    if (hexd_take(a, "encoding"))
        return read_encoding(a);
    if (hexd_take(a, "deflate"))
        return begin_deflate(a);
    if (hexd_take(a, "item"))
        return put_item(a);
    if (hexd_take_char(a, '}'))
        return pop(a);
    if (*a->p == '(')
        return put_element(a);
    return hexd_put_value(a, &hexd_no_vr);
}

/* Where the statement at p ends; *next is where the one after begins. */
static const char *statement_end(const char *p, const char *end,
                                 const char **next)
{
    const char *stop = NULL;
    int quoted = 0;

    for (; p < end && *p != '\n'; p++) {
        if (stop)
            continue; /* in a comment */
        if (quoted && *p == '\\' && end - p > 1 && p[1] != '\n')
            p++;
        else if (*p == '"')
            quoted = !quoted;
        else if (!quoted && *p == '#')
            stop = p;
        else if (!quoted && *p == ';')
            break;
    }
    *next = p;
    return stop ? stop : p;
}

/* What lies behind deflate_from, compressed in its place. */
static int finish_deflate(struct assembler *a)
{
    uint8_t *from = a->out->data + a->deflate_from;
    size_t size = a->out->size - a->deflate_from, bound;
    z_stream z = {0};
    uint8_t *packed;
    int status;

    if (size > UINT32_MAX || deflateInit2(&z, 9, Z_DEFLATED, a->zlib ? 15 : -15,
                                          8, Z_DEFAULT_STRATEGY) != Z_OK)
        return hexd_fail(a, "cannot deflate");
    bound = deflateBound(&z, (uLong)size);
    packed = malloc(bound);
    z.next_in = from;
    z.avail_in = (uInt)size;
    z.next_out = packed;
    z.avail_out = (uInt)bound;
    status = packed ? deflate(&z, Z_FINISH) : Z_MEM_ERROR;
    a->out->size = a->deflate_from;
    if (status == Z_STREAM_END)
        hexd_put(a, packed, bound - z.avail_out);
    else
        hexd_fail(a, "cannot deflate");
    deflateEnd(&z);
    free(packed);
    return !a->failed;
}

int hexd_assemble(const char *text, size_t n, struct hexd_buffer *out,
                  char *error, size_t error_size)
{
    struct assembler a = {0};
    const char *end = text + n, *next;

    a.out = out;
    a.deflate_from = NO_FIELD;
    a.error = error;
    a.error_size = error_size;
    a.line = 1;
    for (a.p = text; a.p < end; a.p = next + 1) {
        a.end = statement_end(a.p, end, &next);
        if (!statement(&a))
            return 0;
        a.line += next < end && *next == '\n';
        if (next == end)
            break;
    }
    if (a.depth)
        return hexd_fail(&a, "%u braces are still open at the end", a.depth);
    return a.deflate_from == NO_FIELD || finish_deflate(&a);
}

int hexd_assemble_file(const char *path, struct hexd_buffer *out, char *error,
                       size_t error_size)
{
    struct hexd_buffer text = {0};
    struct assembler a = {0}; /* for hexd_put() alone */
    FILE *file = fopen(path, "rb");
    char piece[4096];
    size_t n;
    int ok = file != NULL;

    a.out = &text;
    while (ok && (n = fread(piece, 1, sizeof piece, file)) > 0)
        ok = hexd_put(&a, piece, n);
    ok = ok && !ferror(file);
    if (file)
        fclose(file);
    if (!ok && error && error_size)
        snprintf(error, error_size, "cannot be read");
    else if (ok)
        ok = hexd_assemble((const char *)text.data, text.size, out, error,
                           error_size);
    hexd_buffer_release(&text);
    return ok;
}

void hexd_buffer_release(struct hexd_buffer *out)
{
    free(out->data);
    memset(out, 0, sizeof *out);
}
