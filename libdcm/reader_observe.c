/* Source. What a value decides for those after it: character set, Pixel
 * Representation, private blocks, transfer syntax, the size of an image. */
#include "reader.h"

static void strip(const uint8_t **p, size_t *n)
{
    while (*n && ((*p)[*n - 1] == ' ' || (*p)[*n - 1] == 0))
        --*n;
    while (*n && **p == ' ')
        ++*p, --*n;
}

static uint32_t small_number(const struct dcm_event *ev)
{
    const uint8_t *p = ev->data;
    uint64_t v = 0;

    if (ev->vr == VR_US && ev->size >= 2)
        return ev->flags & DCM_BIG_ENDIAN ? dcm_get16be(p) : dcm_get16le(p);
    if (ev->vr != VR_IS)
        return 0;
    for (size_t i = 0; i < ev->size && v < UINT32_MAX / 16; i++)
        if (p[i] >= '0' && p[i] <= '9')
            v = v * 10 + (uint64_t)(p[i] - '0');
        else if (p[i] != ' ' && p[i] != 0)
            return 0;
    return (uint32_t)v;
}

static enum dcm_status see_charset(struct dcm_reader *r,
                                   const struct dcm_event *ev)
{
    struct dcm_charset *cs = &dcm_scope_top(&r->scopes)->charset;
    unsigned problems;

    if (ev->vr != VR_CS && !deviate(r, DCM_ISSUE_VR_MISMATCH, ev, ev->offset,
                                    "Specific Character Set that is not CS"))
        return DCM_ERR_STRICT;
    if (r->has_force)
        return DCM_OK;
    problems = dcm_charset_parse(cs, ev->data, (size_t)ev->size);
    if (r->has_assume && cs->undeclared)
        *cs = r->assume;
    for (; problems; problems &= problems - 1) {
        dcm_issue issue = dcm_charset_issue(problems);

        if (!deviate(r, issue, ev, ev->value_offset, "%s",
                     dcm_issue_help(issue)))
            return DCM_ERR_STRICT;
    }
    return DCM_OK;
}

static enum dcm_status see_syntax(struct dcm_reader *r,
                                  const struct dcm_event *ev)
{
    const uint8_t *p = ev->data;
    size_t n = (size_t)ev->size;

    if (n && p[n - 1] == ' ' &&
        !deviate(r, DCM_ISSUE_SYNTAX_PADDING, ev, ev->value_offset,
                 "Transfer Syntax UID padded with a space, expected NUL"))
        return DCM_ERR_STRICT;
    strip(&p, &n);
    r->has_syntax = n > 0;
    if (n >= sizeof(r->syntax))
        n = sizeof(r->syntax) - 1;
    for (size_t i = 0; i < n; i++)
        r->syntax[i] = p[i] < 0x20 || p[i] > 0x7E ? '?' : (char)p[i];
    r->syntax[n] = '\0';
    return DCM_OK;
}

static enum dcm_status see_creator(struct dcm_reader *r,
                                   const struct dcm_event *ev)
{
    const uint8_t *p = ev->data;
    size_t n = (size_t)ev->size;
    enum dcm_status s;

    strip(&p, &n);
    if (n == 0 || n > 1024)
        return DCM_OK;
    s = dcm_scope_reserve(&r->scopes, ev->tag, p, n);
    if (s != DCM_OK)
        dcm_reader_fail(r, s, ev->offset, ev->tag, "too many private blocks");
    return s;
}

/* Bytes that native Pixel Data should have (PS3.5 8.1.1, 8.2; of 4:2:2 two
 * samples a pixel are stored), padded to even; 0: cannot be told. */
static uint64_t pixel_bytes(const struct image *i)
{
    uint64_t frames = i->frames ? i->frames : 1;
    uint64_t pixels = (uint64_t)i->rows * i->columns; /* under 2^32 */
    uint64_t bits =
        (uint64_t)i->bits * (i->halved && i->samples == 3 ? 2 : i->samples);

    if (!pixels || !bits)
        return 0;
    if (bits > UINT64_MAX / pixels / frames - 7)
        return UINT64_MAX;
    bits = (bits * pixels * frames + 7) / 8;
    return bits + (bits & 1);
}

static enum dcm_status check_pixels(struct dcm_reader *r,
                                    const struct dcm_event *ev)
{
    uint64_t want = pixel_bytes(&r->image);

    if (!r->ts_known)
        return DCM_OK;
    if (r->ts_flags & DCM_TS_ENCAPSULATED)
        return deviate(r, DCM_ISSUE_NATIVE, ev, ev->offset,
                       "native Pixel Data, the transfer syntax says "
                       "encapsulated")
                   ? DCM_OK
                   : DCM_ERR_STRICT;
    if (want == 0 || ev->size == want || (ev->flags & DCM_CUT))
        return DCM_OK;
    return deviate(r, DCM_ISSUE_PIXEL_LENGTH, ev, ev->offset,
                   "Pixel Data of %llu bytes, its description asks for %llu",
                   (unsigned long long)ev->size, (unsigned long long)want)
               ? DCM_OK
               : DCM_ERR_STRICT;
}

/* What a value decides for the elements after it. */
enum dcm_status dcm_reader_observe(struct dcm_reader *r,
                                   const struct dcm_event *ev)
{
    uint32_t element = ev->tag & 0xFFFF;

    if (ev->tag >> 16 & 1)
        return element >= 0x10 && element <= 0xFF && ev->data
                   ? see_creator(r, ev)
                   : DCM_OK;
    if (ev->tag == 0x7FE00010 && ev->depth == 0)
        return check_pixels(r, ev);
    if (!ev->data)
        return DCM_OK;
    if (ev->tag >> 16 == 0x0028) {
        if (element == 0x0103 && ev->size >= 2)
            dcm_scope_top(&r->scopes)->pixel_representation =
                (int8_t)(small_number(ev) == 1);
        if (ev->depth)
            return DCM_OK;
        switch (element) {
        case 0x0002:
            r->image.samples = small_number(ev);
            break;
        case 0x0004:
            r->image.halved = ev->size >= 12 &&
                              (memcmp(ev->data, "YBR_FULL_422", 12) == 0 ||
                               (ev->size >= 15 &&
                                memcmp(ev->data, "YBR_PARTIAL_422", 15) == 0));
            break;
        case 0x0008:
            r->image.frames = small_number(ev);
            break;
        case 0x0010:
            r->image.rows = small_number(ev);
            break;
        case 0x0011:
            r->image.columns = small_number(ev);
            break;
        case 0x0100:
            r->image.bits = small_number(ev);
            break;
        default:
            break;
        }
        return DCM_OK;
    }
    if (ev->tag == 0x00080005)
        return see_charset(r, ev);
    if (ev->tag == 0x00020010)
        return see_syntax(r, ev);
    if (ev->tag == 0x00020000 && ev->size == 4 && r->levels[0].kind == META) {
        r->meta_length = dcm_get32le(ev->data);
        r->meta_start = ev->value_offset + 4;
    }
    return DCM_OK;
}
