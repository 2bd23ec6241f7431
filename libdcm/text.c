/* Language. Text elements as values: cut at the delimiter where the character
 * set allows, decoded, without the padding that the VR does not count (PS3.5
 * 6.2 and 6.4).
 *
 * Most text is plain ASCII: that is seen once for a whole element, and its
 * values are then views of the source. Knows nothing of how a set is decoded
 * (charset.c), of JSON, or of where the bytes came from. */
#include "text.h"
#include "scope.h"
#include "vr.h"
#include <stdlib.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* ---------------------------------------------------------------- plain */

static int is_plain_byte(uint8_t c)
{
    return c >= 0x20 && c < 0x7F;
}

/* Eight bytes; exact for the question whether any is not plain. */
static int is_plain_word(const uint8_t *p)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t w;

    memcpy(&w, p, 8);
    return !((w | (w - ones * 0x20) | (w + ones)) & ones * 0x80);
}

#ifdef __SSE2__
static int is_plain_block(const uint8_t *p)
{
    const __m128i v = _mm_loadu_si128((const __m128i *)p);
    /* as signed bytes 80-FF are below 20 too */
    const __m128i low = _mm_cmplt_epi8(v, _mm_set1_epi8(0x20));
    const __m128i del = _mm_cmpeq_epi8(v, _mm_set1_epi8(0x7F));

    return !_mm_movemask_epi8(_mm_or_si128(low, del));
}
#endif

int dcm_text_is_plain(const uint8_t *p, size_t n)
{
#ifdef __SSE2__
    for (; n >= 16; p += 16, n -= 16)
        if (!is_plain_block(p))
            return 0;
#endif
    for (; n >= 8; p += 8, n -= 8)
        if (!is_plain_word(p))
            return 0;
    for (; n; p++, n--)
        if (!is_plain_byte(*p))
            return 0;
    return 1;
}

/* ---------------------------------------------------------------- values */

static int is_padding(uint8_t c)
{
    return c == ' ' || c == 0;
}

void dcm_text_init(struct dcm_text *t)
{
    memset(t, 0, sizeof *t);
}

void dcm_text_release(struct dcm_text *t)
{
    dcm_decoder_free(t->decoder);
    t->decoder = NULL;
    t->more = 0;
}

unsigned dcm_text_how(const struct dcm_vr *vr)
{
    unsigned how = 0;

    if (!vr)
        return DCM_TEXT_DEFAULT;
    if (vr->flags & DCM_VRF_MULTI)
        how |= DCM_TEXT_MULTI;
    if (vr->code == VR_PN)
        how |= DCM_TEXT_PN;
    if (vr->flags & DCM_VRF_CONTROL)
        how |= DCM_TEXT_CONTROL;
    if (!(vr->flags & DCM_VRF_CHARSET))
        how |= DCM_TEXT_DEFAULT;
    return how;
}

void dcm_text_start(struct dcm_text *t, const struct dcm_charset *cs,
                    uint16_t vr, const uint8_t *p, size_t n)
{
    const struct dcm_vr *row = dcm_vr_find(vr);

    /* no set has a space or NUL inside a character */
    while (n && is_padding(p[n - 1]))
        n--;
    t->charset = *cs;
    t->vr = vr;
    t->how = dcm_text_how(row);
    t->trim_left = row && row->flags & DCM_VRF_TRIM_LEFT;
    t->p = p;
    t->end = n ? p + n : p;
    t->more = n > 0;
    t->failed = 0;
    t->problems = 0;
    t->where = NULL;
    t->plain = (t->how & DCM_TEXT_DEFAULT || dcm_charset_is_ascii(cs)) &&
               dcm_text_is_plain(p, n);
}

/* A view of the source up to the next delimiter. */
static void next_plain(struct dcm_text *t, const char **value, size_t *length)
{
    size_t left = (size_t)(t->end - t->p);
    const uint8_t *q = NULL;

    if (t->how & DCM_TEXT_MULTI && left)
        q = memchr(t->p, '\\', left);
    *value = (const char *)t->p;
    *length = q ? (size_t)(q - t->p) : left;
    t->more = q != NULL;
    t->p = q ? q + 1 : t->end;
}

static int next_decoded(struct dcm_text *t, const char **value, size_t *length)
{
    const uint8_t *next = NULL;
    int more = 0;

    if (!t->decoder)
        t->decoder = dcm_decoder_new();
    if (t->decoder)
        next = dcm_decode_value(t->decoder, &t->charset, t->how, t->p, t->end,
                                value, length, &more, &t->problems, &t->where);
    t->more = more && next;
    if (!next) {
        t->failed = 1;
        return 0;
    }
    t->p = next;
    return 1;
}

/* Trailing spaces and NULs never count; leading spaces do in some VRs. */
static void trim(const struct dcm_text *t, const char **value, size_t *length)
{
    const char *v = *value;
    size_t n = *length;

    while (n && is_padding((uint8_t)v[n - 1]))
        n--;
    while (n && t->trim_left && (*v == ' ' || (!*v && t->vr == VR_UI))) {
        v++;
        n--;
    }
    *value = v;
    *length = n;
}

int dcm_text_next(struct dcm_text *t, const char **value, size_t *length)
{
    if (!t->more)
        return 0;
    if (t->plain)
        next_plain(t, value, length);
    else if (!next_decoded(t, value, length))
        return 0;
    trim(t, value, length);
    return 1;
}

/* ---------------------------------------------------------------- public */

struct dcm_text *dcm_text_new(void)
{
    return calloc(1, sizeof(struct dcm_text));
}

void dcm_text_free(struct dcm_text *t)
{
    if (!t)
        return;
    dcm_text_release(t);
    free(t);
}

/* Group 0002 and Private Creators stay in the default repertoire (PS3.10 7.1,
 * PS3.5 7.8.1). */
static int is_default_repertoire(uint32_t tag)
{
    unsigned group = tag >> 16, element = tag & 0xFFFF;

    return group == 2 || (group & 1 && element >= 0x10 && element <= 0xFF);
}

void dcm_text_open(struct dcm_text *t, const struct dcm_event *event)
{
    static const struct dcm_charset none = {0};
    const struct dcm_charset *cs = &none;

    if (event->scope && !is_default_repertoire(event->tag))
        cs = &event->scope->charset;
    dcm_text_start(t, cs, event->vr, event->data,
                   event->data ? (size_t)event->size : 0);
}
