/* Language. The values of the dump, by their VR (PS3.5 6.2): no more is pulled
 * and decoded than the line at work has columns for. Knows nothing of the
 * columns before a value, nor of where bytes come from. */
#include "dump_values.h"
#include "charset.h"
#include "cursor.h"
#include "number.h"
#include "policy.h"
#include "scope.h"
#include "text.h"
#include "vr.h"

#include <stdlib.h>
#include <string.h>

enum {
    TAG_WIDTH = DCM_DUMP_TAG_WIDTH,
    TEXT_MAX = 64 << 20 /* bytes of a text held at a time */
};
#define PIECE DCM_DUMP_PIECE
#define NO_CUT DCM_DUMP_NO_CUT

static void deviate(struct dcm_dump_writer *w, dcm_issue issue,
                    const struct dcm_event *ev, uint64_t offset)
{
    enum dcm_status status;

    if (w->status != DCM_OK)
        return;
    status = dcm_deviation(w->policy, &w->error, issue, ev, offset, "%s",
                           dcm_issue_help(issue));
    if (status != DCM_OK) {
        w->status = status;
        w->full = 1;
    }
}

/* -------------------------------------------------------------- values */

/* A value in pieces: the loaded one as a whole, or what is pulled. Each but
 * the last is a multiple of PIECE bytes. */
struct pieces {
    const struct dcm_event *ev;
    const uint8_t *p;
    size_t n;
    uint64_t left;
};

static void pieces_init(struct pieces *s, const struct dcm_event *ev)
{
    s->ev = ev;
    s->left = ev->size;
}

static enum dcm_status pull(struct dcm_dump_writer *w,
                            const struct dcm_event *ev, void *to, size_t n,
                            size_t *got)
{
    enum dcm_status status = dcm_event_read(ev, to, n, got);
    const struct dcm_source *s = ev->source;

    if (status != DCM_OK)
        dcm_dump_fail(w, status, s && s->error ? s->error(s) : NULL);
    return status;
}

/* `want` bytes will do. */
static int next_piece(struct dcm_dump_writer *w, struct pieces *s, size_t want)
{
    if (s->left == 0 || w->full)
        return 0;
    if (s->ev->data) {
        s->p = s->ev->data;
        s->n = (size_t)s->left;
        s->left = 0;
        return 1;
    }
    if (want > PIECE)
        want = PIECE;
    if (want > s->left)
        want = (size_t)s->left;
    if (pull(w, s->ev, w->piece, want, &s->n) != DCM_OK || s->n == 0)
        return 0;
    s->p = w->piece;
    s->left = s->n < want ? 0 : s->left - s->n;
    return 1;
}

/* How many bytes to put at once: all of them shown for sure, or one. */
static size_t hex_step(const struct dcm_dump_writer *w, size_t n)
{
    size_t fit = w->left > 6 ? (w->left - 3) / 3 : 1;

    if (n > fit)
        n = fit;
    return n < 16 ? n : 16;
}

static void show_hex(struct dcm_dump_writer *w, const struct dcm_event *ev)
{
    struct pieces s;
    char text[3 * 16];
    size_t i, j, k, skip = 1; /* no space before the first */

    pieces_init(&s, ev);
    while (next_piece(w, &s, w->left / 3 + 2))
        for (i = 0; i < s.n; i += k) {
            k = hex_step(w, s.n - i);
            for (j = 0; j < k; j++) {
                text[3 * j] = ' ';
                text[3 * j + 1] = dcm_dump_hex[s.p[i + j] >> 4];
                text[3 * j + 2] = dcm_dump_hex[s.p[i + j] & 15];
            }
            if (!dcm_dump_put(w, text + skip, 3 * k - skip, 3 * k - skip))
                return;
            skip = 0;
        }
}

static uint64_t get_uint(const uint8_t *p, unsigned unit, int big)
{
    switch (unit) {
    case 2:
        return big ? dcm_get16be(p) : dcm_get16le(p);
    case 4:
        return big ? dcm_get32be(p) : dcm_get32le(p);
    default:
        return big ? dcm_get64be(p) : dcm_get64le(p);
    }
}

/* Infinity and NaN have no decimal form. */
static size_t special_text(char *out, int negative, int nan)
{
    const char *s = nan ? "NaN" : negative ? "-Infinity" : "Infinity";

    memcpy(out, s, strlen(s));
    return strlen(s);
}

static size_t float_text(char *out, uint64_t bits)
{
    uint32_t b = (uint32_t)bits;
    float v;

    if ((b & 0x7F800000u) == 0x7F800000u)
        return special_text(out, b >> 31, (b & 0x7FFFFFu) != 0);
    memcpy(&v, &b, sizeof v);
    return dcm_number_float(out, v);
}

static size_t double_text(char *out, uint64_t b)
{
    double v;

    if ((b >> 52 & 0x7FF) == 0x7FF)
        return special_text(out, b >> 63 != 0, (b & 0xFFFFFFFFFFFFFu) != 0);
    memcpy(&v, &b, sizeof v);
    return dcm_number_double(out, v);
}

/* Each of these writes the text of one value read as an unsigned number. */
static size_t signed_text(char *out, uint64_t v, unsigned unit)
{
    uint64_t sign = (uint64_t)1 << (8 * unit - 1);

    /* two's complement: flip the sign bit, then take its weight away */
    if (v & sign)
        return dcm_number_i64(out, -(int64_t)(sign - 1 - (v ^ sign)) - 1);
    return dcm_number_u64(out, v);
}

static size_t number_text(char *out, uint16_t vr, uint64_t v, unsigned unit)
{
    switch (vr) {
    case VR_FL:
        return float_text(out, v);
    case VR_FD:
        return double_text(out, v);
    case VR_SL:
    case VR_SS:
    case VR_SV:
        return signed_text(out, v, unit);
    default:
        return dcm_number_u64(out, v);
    }
}

static void show_numbers(struct dcm_dump_writer *w, const struct dcm_event *ev,
                         uint16_t vr, unsigned unit)
{
    struct pieces s;
    char text[1 + DCM_NUMBER_MAX] = {'\\'};
    size_t i, n, skip = 1; /* no delimiter before the first */
    int big = (ev->flags & DCM_BIG_ENDIAN) != 0;

    pieces_init(&s, ev);
    while (next_piece(w, &s, (w->left / 2 + 2) * unit))
        for (i = 0; i + unit <= s.n; i += unit) {
            n = 1 +
                number_text(text + 1, vr, get_uint(s.p + i, unit, big), unit);
            if (!dcm_dump_put(w, text + skip, n - skip, n - skip))
                return;
            skip = 0;
        }
}

static int put_keyword(struct dcm_dump_writer *w, const char *keyword)
{
    return dcm_dump_char(w, '=') && dcm_dump_plain(w, keyword, strlen(keyword));
}

/* (gggg,eeee)=Keyword; a tag is two numbers of 16 bits (PS3.5 6.2). */
static int show_tag(struct dcm_dump_writer *w, const uint8_t *p, int big)
{
    uint32_t tag = DCM_TAG(get_uint(p, 2, big), get_uint(p + 2, 2, big));
    struct dcm_attribute row;
    char text[TAG_WIDTH];

    dcm_dump_tag(text, tag);
    if (!dcm_dump_put(w, text, TAG_WIDTH, TAG_WIDTH))
        return 0;
    return !dcm_attribute_find(tag, &row) || !*row.keyword ||
           put_keyword(w, row.keyword);
}

static void show_tags(struct dcm_dump_writer *w, const struct dcm_event *ev)
{
    struct pieces s;
    size_t i, count = 0;
    int big = (ev->flags & DCM_BIG_ENDIAN) != 0;

    pieces_init(&s, ev);
    while (next_piece(w, &s, (w->left / TAG_WIDTH + 2) * 4))
        for (i = 0; i + 4 <= s.n; i += 4)
            if ((count++ && !dcm_dump_char(w, '\\')) ||
                !show_tag(w, s.p + i, big))
                return;
}

/* ---------------------------------------------------------------- text */

/* Bytes of a text, not more than there are columns for. `part`: more of it
 * was left out. */
struct stretch {
    const uint8_t *p;
    size_t n;
    int part;
};

/* Pulls up to n bytes, into memory that grows as they come. */
static int pull_text(struct dcm_dump_writer *w, const struct dcm_event *ev,
                     size_t n, struct stretch *t)
{
    size_t got = 1, have, step;

    for (have = 0; have < n && got > 0; have += got) {
        if (have == w->text_size) {
            size_t size = have ? 2 * have : DCM_VALUE_LOADED;
            uint8_t *bigger = realloc(w->text, size);
            if (!bigger) {
                dcm_dump_fail(w, DCM_ERR_MEMORY, NULL);
                return 0;
            }
            w->text = bigger;
            w->text_size = size;
        }
        step = w->text_size - have < n - have ? w->text_size - have : n - have;
        if (pull(w, ev, w->text + have, step, &got) != DCM_OK)
            return 0;
    }
    t->p = w->text;
    t->n = have;
    return 1;
}

/* A shown character takes up to four bytes, and four more when escape
 * sequences surround it. */
static int get_text(struct dcm_dump_writer *w, const struct dcm_event *ev,
                    struct stretch *t)
{
    size_t want = w->left == NO_CUT ? TEXT_MAX : 8 * w->left + 64;
    size_t n = ev->size < want ? (size_t)ev->size : want;

    t->part = n < ev->size;
    t->p = ev->data;
    t->n = n;
    if (!ev->data && !pull_text(w, ev, n, t))
        return 0;
    if (!t->part) {
        /* a space is surely padding where it makes the length even */
        if (t->n > 0 && t->n % 2 == 0 && t->p[t->n - 1] == ' ')
            t->n--;
        else
            while (t->n > 0 && t->p[t->n - 1] == 0)
                t->n--;
        return 1;
    }
    /* the last UTF-8 character may be half there */
    while (t->n > 0 && n - t->n < 3 && (t->p[t->n - 1] & 0xC0) == 0x80)
        t->n--;
    if (t->n > 0 && t->p[t->n - 1] >= 0xC0)
        t->n--;
    return 1;
}

/* Group 0002 and Private Creators are in the default repertoire, and so are
 * events without a scope. */
static struct dcm_charset charset_of(const struct dcm_event *ev)
{
    static const struct dcm_charset none;
    unsigned element = ev->tag & 0xFFFF;

    if (!ev->scope || ev->tag >> 16 == 0x0002)
        return none;
    if ((ev->tag & 0x10000) && element >= 0x10 && element <= 0xFF)
        return none;
    return ev->scope->charset;
}

/* One deviation for each kind of problem met. One at the very end of a part
 * is the part's, not the text's. */
static void report_text(struct dcm_dump_writer *w, const struct dcm_event *ev,
                        const struct stretch *t, unsigned problems,
                        const uint8_t *where)
{
    size_t at = where ? (size_t)(where - t->p) : 0;

    if (t->part && where && at + 8 > t->n)
        return;
    for (; problems; problems &= problems - 1)
        deviate(w, dcm_charset_issue(problems), ev, ev->value_offset + at);
}

/* Value by value, with the character set. */
static void show_decoded(struct dcm_dump_writer *w, const struct dcm_event *ev,
                         const struct dcm_vr *vr, const struct stretch *t)
{
    struct dcm_charset cs = charset_of(ev);
    const uint8_t *p = t->p, *end = t->p + t->n, *where = NULL;
    const char *out;
    unsigned problems = 0;
    size_t n;
    int more = t->n > 0, first = 1;

    if (!w->decoder && !(w->decoder = dcm_decoder_new())) {
        dcm_dump_fail(w, DCM_ERR_MEMORY, NULL);
        return;
    }
    while (more && !w->full) {
        more = 0;
        p = dcm_decode_value(w->decoder, &cs, dcm_text_how(vr), p, end, &out,
                             &n, &more, &problems, &where);
        if (!p) {
            dcm_dump_fail(w, DCM_ERR_MEMORY, NULL);
            return;
        }
        if (first || dcm_dump_char(w, '\\'))
            dcm_dump_utf8(w, out, n);
        first = 0;
    }
    report_text(w, ev, t, problems, where);
}

static void show_text(struct dcm_dump_writer *w, const struct dcm_event *ev,
                      const struct dcm_vr *vr, const struct stretch *t)
{
    size_t n = t->n;
    int ascii;

    dcm_dump_char(w, '[');
    ascii = !(vr->flags & DCM_VRF_CHARSET) || !ev->scope ||
            dcm_charset_is_ascii(&ev->scope->charset);
    if (n > w->left)
        n = w->left + 1;
    if (ascii && dcm_text_is_plain(t->p, n))
        dcm_dump_plain(w, (const char *)t->p, n);
    else
        show_decoded(w, ev, vr, t);
    if (t->part)
        dcm_dump_cut(w);
    else if (!w->full)
        dcm_dump_char(w, ']');
}

/* uid -> digits and dots. Anything else is shown as text. What the line has
 * no room for does not matter. */
static int is_uids(const struct dcm_dump_writer *w, const struct stretch *t)
{
    size_t i, n = t->n <= w->left ? t->n : w->left + 1;

    for (i = 0; i < n; i++)
        if (t->p[i] != '.' && t->p[i] != '\\' &&
            (t->p[i] < '0' || t->p[i] > '9'))
            return 0;
    return 1;
}

static int show_uid(struct dcm_dump_writer *w, const char *uid, size_t n)
{
    struct dcm_uid row;

    if (!dcm_dump_plain(w, uid, n))
        return 0;
    if (n == 0 || !dcm_uid_find(uid, n, &row))
        return 1;
    return dcm_dump_char(w, ' ') &&
           put_keyword(w, *row.keyword ? row.keyword : row.name);
}

static void show_uids(struct dcm_dump_writer *w, const struct stretch *t)
{
    const char *p = (const char *)t->p;
    const char *end = p + t->n;

    while (!w->full) {
        const char *q = memchr(p, '\\', (size_t)(end - p));
        if (!show_uid(w, p, (size_t)((q ? q : end) - p)) || !q)
            break;
        dcm_dump_char(w, '\\');
        p = q + 1;
    }
    if (t->part)
        dcm_dump_cut(w);
}

/* ---------------------------------------------------- values by their VR */

static void show_as_text(struct dcm_dump_writer *w, const struct dcm_event *ev,
                         const struct dcm_vr *vr)
{
    struct stretch t;

    if (!get_text(w, ev, &t))
        return;
    if (vr->code == VR_UI && is_uids(w, &t))
        show_uids(w, &t);
    else
        show_text(w, ev, vr, &t);
}

/* Numbers and tags that are not whole are left out, of bytes they are told. The
 * reader tells of a value that the end of the input cut. */
static void check_unit(struct dcm_dump_writer *w, const struct dcm_event *ev,
                       unsigned unit)
{
    unsigned rest = (unsigned)(ev->size % unit);

    if (rest && !(ev->flags & DCM_CUT))
        deviate(w, DCM_ISSUE_UNIT_LENGTH, ev,
                ev->value_offset + ev->size - rest);
}

/* The URI of a value that is elsewhere. */
static void show_reference(struct dcm_dump_writer *w,
                           const struct dcm_event *ev)
{
    if (dcm_dump_plain(w, "at ", 3) && ev->data)
        dcm_dump_plain(w, (const char *)ev->data, (size_t)ev->size);
}

void dcm_dump_value(struct dcm_dump_writer *w, const struct dcm_event *ev)
{
    const struct dcm_vr *vr = dcm_vr_find(ev->vr);

    if (ev->size == 0)
        return;
    if (ev->flags & DCM_REFERENCE) {
        show_reference(w, ev);
        return;
    }
    switch (vr && !w->raw ? vr->kind : DCM_KIND_BYTES) {
    case DCM_KIND_TEXT:
        show_as_text(w, ev, vr);
        break;
    case DCM_KIND_NUMBER:
        show_numbers(w, ev, vr->code, vr->unit);
        break;
    case DCM_KIND_TAG:
        show_tags(w, ev);
        break;
    default:
        show_hex(w, ev);
        break;
    }
    if (vr && vr->unit > 1)
        check_unit(w, ev, vr->unit);
}

/* The Basic Offset Table is a list of UL, or empty (PS3.5 A.4). */
static void put_offset_table(struct dcm_dump_writer *w,
                             const struct dcm_event *ev)
{
    if (ev->size == 0) {
        dcm_dump_plain(w, "no offsets", strlen("no offsets"));
        return;
    }
    dcm_dump_plain(w, "offsets ", strlen("offsets "));
    show_numbers(w, ev, VR_UL, 4);
}

void dcm_dump_fragment(struct dcm_dump_writer *w, const struct dcm_event *ev)
{
    if (ev->number == 1 && !w->raw)
        put_offset_table(w, ev);
    else
        show_hex(w, ev);
}
