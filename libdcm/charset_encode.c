/* Language. UTF-8 to the bytes of a Specific Character Set: the output buffer,
 * UTF-8 and ASCII, GB18030 and GBK, which way a text takes, and the terms for
 * (0008,0005). All that writes escape sequences is in charset_shift.c.
 *
 * The bytes are those that charset_decode.c reads back as the same text.
 * Knows nothing of VRs, padding or lengths. */
#include "charset_encode.h"
#include "charset_job.h"
#include "charset_pen.h"
#include <stdlib.h>
#include <string.h>

#define QUADS SET_COUNT /* the four-byte part of GB18030 */

struct buffer {
    uint8_t *bytes;
    size_t length, capacity;
};

struct dcm_encoder {
    struct buffer out;
    struct buffer text; /* decoded, on its way to another set */
    unsigned problems;
    struct dcm_reverse reverse[SET_COUNT + 1];
};

struct dcm_encoder *dcm_encoder_new(void)
{
    return calloc(1, sizeof(struct dcm_encoder));
}

void dcm_encoder_free(struct dcm_encoder *e)
{
    if (!e)
        return;
    for (unsigned i = 0; i <= SET_COUNT; i++)
        dcm_reverse_release(&e->reverse[i]);
    free(e->out.bytes);
    free(e->text.bytes);
    free(e);
}

unsigned dcm_encoder_problems(const struct dcm_encoder *e)
{
    return e->problems;
}

/* ---------------------------------------------------------------- output */

/* Room for n more bytes. */
static int reserve(struct buffer *b, size_t n)
{
    size_t capacity = b->capacity ? b->capacity : 256;
    uint8_t *bytes;

    if (n <= b->capacity - b->length)
        return 1;
    while (capacity - b->length < n) {
        if (capacity > SIZE_MAX / 2)
            return 0;
        capacity *= 2;
    }
    bytes = realloc(b->bytes, capacity);
    if (!bytes)
        return 0;
    b->bytes = bytes;
    b->capacity = capacity;
    return 1;
}

static int append(struct buffer *b, const void *p, size_t n)
{
    if (n && !reserve(b, n))
        return 0;
    if (n)
        memcpy(b->bytes + b->length, p, n);
    b->length += n;
    return 1;
}

void dcm_pen_fail(struct dcm_pen *j, enum dcm_status status, uint32_t bad)
{
    if (j->status != DCM_OK)
        return;
    j->status = status;
    j->bad = bad;
}

void dcm_pen_put(struct dcm_pen *j, const void *p, size_t n)
{
    if (!append(&j->e->out, p, n))
        dcm_pen_fail(j, DCM_ERR_MEMORY, 0);
}

void dcm_pen_put_byte(struct dcm_pen *j, unsigned c)
{
    uint8_t byte = (uint8_t)c;

    dcm_pen_put(j, &byte, 1);
}

void dcm_pen_put_pair(struct dcm_pen *j, unsigned code, unsigned high)
{
    const uint8_t pair[2] = {(uint8_t)(code >> 8 | high >> 8),
                             (uint8_t)(code | (high & 0xFF))};

    dcm_pen_put(j, pair, 2);
}

/* ----------------------------------------------------------------- input */

static uint32_t code_point(const uint8_t *p, int n)
{
    uint32_t c = n == 1 ? *p : *p & (0x7Fu >> n);

    for (int i = 1; i < n; i++)
        c = c << 6 | (p[i] & 0x3F);
    return c;
}

uint32_t dcm_pen_take(struct dcm_pen *j)
{
    int n = *j->p < 0x80 ? 1 : dcm_utf8_sequence(j->p, j->end);
    uint32_t c;

    if (n < 0) {
        dcm_pen_fail(j, DCM_ERR_MALFORMED, *j->p);
        return 0;
    }
    c = code_point(j->p, n);
    j->p += n;
    return c;
}

static int is_layout(uint32_t c)
{
    return c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

int dcm_pen_is_control(struct dcm_pen *j, uint32_t c)
{
    if (c >= 0x20 && c != 0x7F)
        return 0;
    if (!is_layout(c) || !(j->how & DCM_TEXT_CONTROL))
        j->problems |= DCM_CS_CONTROL;
    return 1;
}

int dcm_pen_replace(struct dcm_pen *j, uint32_t c)
{
    if (!(j->how & DCM_ENCODE_REPLACE)) {
        dcm_pen_fail(j, DCM_ERR_UNSUPPORTED, c);
        return 0;
    }
    j->problems |= DCM_CS_INVALID;
    return 1;
}

/* ---------------------------------------------------------------- tables */

const struct dcm_reverse *dcm_pen_table(struct dcm_pen *j, unsigned set)
{
    struct dcm_reverse *r = &j->e->reverse[set];

    if (r->state == REVERSE_NEW &&
        !(set == QUADS ? dcm_reverse_load_quads(r) : dcm_reverse_load(r, set)))
        dcm_pen_fail(j, DCM_ERR_MEMORY, 0);
    if (r->state == REVERSE_UNSUPPORTED)
        dcm_pen_fail(j, DCM_ERR_UNSUPPORTED, 0);
    return r;
}

/* -------------------------------------------------- without extensions */

/* UTF-8, and ASCII: nothing has to change but what must not be there. */
static void encode_same(struct dcm_pen *j, uint32_t limit)
{
    const uint8_t *start = j->p, *from = start; /* not copied yet */

    if (limit > 0x7F && j->end - j->p >= 3 && !memcmp(j->p, "\xEF\xBB\xBF", 3))
        j->problems |= DCM_CS_CONTROL;
    while (j->status == DCM_OK) {
        const uint8_t *at = dcm_skip_plain(j->p, j->end, 0);
        uint32_t c;

        j->p = at;
        if (at == j->end)
            break;
        c = dcm_pen_take(j);
        if (j->status == DCM_OK && (c > limit || c == 0x1B)) {
            dcm_pen_put(j, from, (size_t)(at - from));
            from = j->p;
            if (dcm_pen_replace(j, c))
                dcm_pen_put_byte(j, '?');
        } else {
            dcm_pen_is_control(j, c);
        }
    }
    j->view = from == start;
    if (!j->view)
        dcm_pen_put(j, from, (size_t)(j->p - from));
}

/* The four-byte form, by arithmetic from 90308130 = U+10000 on. */
static void put_gb_quad(struct dcm_pen *j, uint32_t n)
{
    const uint8_t code[4] = {
        (uint8_t)(0x81 + n / 12600), (uint8_t)(0x30 + n / 1260 % 10),
        (uint8_t)(0x81 + n / 10 % 126), (uint8_t)(0x30 + n % 10)};

    dcm_pen_put(j, code, sizeof code);
}

static void put_gb(struct dcm_pen *j, unsigned set, uint32_t c)
{
    unsigned code = dcm_reverse_find(dcm_pen_table(j, set), c), quad = 0;

    if (code) {
        dcm_pen_put_pair(j, code, 0x8000);
        return;
    }
    if (set == SET_GB18030)
        quad = c >= 0x10000 ? c - 0x10000 + 189000 + 1
                            : dcm_reverse_find(dcm_pen_table(j, QUADS), c);
    if (quad)
        put_gb_quad(j, quad - 1);
    else if (dcm_pen_replace(j, c))
        dcm_pen_put_byte(j, '?');
}

static void encode_gb(struct dcm_pen *j, unsigned set)
{
    while (j->status == DCM_OK) {
        const uint8_t *q = dcm_skip_plain(j->p, j->end, 0);
        uint32_t c;

        dcm_pen_put(j, j->p, (size_t)(q - j->p));
        j->p = q;
        if (q == j->end)
            break;
        c = dcm_pen_take(j);
        if (j->status != DCM_OK)
            break;
        if (c != 0x1B && dcm_pen_is_control(j, c))
            dcm_pen_put_byte(j, c);
        else
            put_gb(j, set, c);
    }
}

/* ---------------------------------------------------------------- values */

static void encode(struct dcm_pen *j)
{
    unsigned first = j->cs->count ? j->cs->sets[0] : SET_ASCII;

    if (j->how & DCM_TEXT_DEFAULT)
        encode_same(j, 0x7F);
    else if (dcm_sets[first].kind == SET_KIND_UTF8)
        encode_same(j, 0x10FFFF);
    else if (dcm_sets[first].kind == SET_KIND_GB)
        encode_gb(j, first);
    else
        dcm_pen_encode_extended(j);
}

enum dcm_status dcm_encode_value(struct dcm_encoder *e,
                                 const struct dcm_charset *cs, unsigned how,
                                 const char *utf8, size_t n,
                                 const uint8_t **out, size_t *out_n,
                                 uint32_t *bad)
{
    const uint8_t *p = n ? (const uint8_t *)utf8 : (const uint8_t *)"";
    struct dcm_pen j = {.e = e, .cs = cs, .how = how, .p = p, .end = p + n};

    e->problems = 0;
    if ((!n || how & DCM_TEXT_DEFAULT || dcm_charset_is_ascii(cs)) &&
        dcm_skip_plain(p, p + n, 0) == p + n) {
        *out = p;
        *out_n = n;
        return DCM_OK;
    }
    e->out.length = 0;
    encode(&j);
    e->problems = j.problems;
    *out = j.view ? p : e->out.bytes;
    *out_n = j.view ? n : e->out.length;
    if (j.status != DCM_OK)
        *bad = j.bad;
    return j.status;
}

/* All values of an element as text, joined by '\'. */
static enum dcm_status decode_all(struct dcm_encoder *e, struct dcm_decoder *d,
                                  const struct dcm_charset *cs, unsigned how,
                                  const uint8_t *p, const uint8_t *end,
                                  unsigned *problems)
{
    const uint8_t *where;

    e->text.length = 0;
    for (int more = 1; more;) {
        const char *value;
        size_t n;

        p = dcm_decode_value(d, cs, how, p, end, &value, &n, &more, problems,
                             &where);
        if (!p || !append(&e->text, value, n) ||
            !append(&e->text, "\\", (size_t)more))
            return DCM_ERR_MEMORY;
    }
    return DCM_OK;
}

enum dcm_status dcm_encode_again(struct dcm_encoder *e, struct dcm_decoder *d,
                                 const struct dcm_charset *from,
                                 const struct dcm_charset *to, unsigned how,
                                 const uint8_t *bytes, size_t n,
                                 const uint8_t **out, size_t *out_n,
                                 unsigned *problems, uint32_t *bad)
{
    const uint8_t *p = n ? bytes : (const uint8_t *)"";
    const unsigned cut = how & (DCM_TEXT_MULTI | DCM_TEXT_PN |
                                DCM_TEXT_DEFAULT | DCM_TEXT_CONTROL);
    enum dcm_status status = decode_all(e, d, from, cut, p, p + n, problems);

    *bad = 0;
    if (status != DCM_OK)
        return status;
    return dcm_encode_value(e, to, how, (const char *)e->text.bytes,
                            e->text.length, out, out_n, bad);
}

/* ----------------------------------------------------------------- terms */

/* Puts ASCII before the other sets. */
static int lead_with_ascii(struct dcm_charset *cs)
{
    unsigned at = 0;

    while (at < cs->count && cs->sets[at] != SET_ASCII)
        at++;
    if (at == DCM_CHARSET_TERMS)
        return 0;
    memmove(cs->sets + 1, cs->sets, at);
    cs->sets[0] = SET_ASCII;
    cs->count = (uint8_t)(at == cs->count ? at + 1 : cs->count);
    return 1;
}

int dcm_charset_check(struct dcm_charset *cs)
{
    if (cs->count && dcm_sets[cs->sets[0]].kind == SET_KIND_PAIR)
        return lead_with_ascii(cs);
    if (cs->count == 1)
        cs->extension = 0;
    if (cs->count == 1 && cs->sets[0] == SET_ASCII)
        memset(cs, 0, sizeof *cs);
    return 1;
}

const char *dcm_charset_canonical(const struct dcm_charset *cs,
                                  char buffer[DCM_CHARSET_CANONICAL])
{
    char *to = buffer;

    for (unsigned i = 0; i < cs->count; i++) {
        const struct dcm_set *set = &dcm_sets[cs->sets[i]];
        const char *term = cs->extension ? set->extended : set->plain;
        size_t n;

        if (i)
            *to++ = '\\';
        if (!term || (!i && cs->sets[i] == SET_ASCII))
            continue;
        n = strlen(term);
        memcpy(to, term, n);
        to += n;
    }
    *to = '\0';
    return buffer;
}
