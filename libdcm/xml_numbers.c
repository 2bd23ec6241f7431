/* Language. Numbers, tags and bytes as XML (PS3.19 A.1.5): from the little
 * endian pieces of a value to Value elements or an InlineBinary. Knows nothing
 * of text. */
#include "base64.h"
#include "cursor.h"
#include "xml_values.h"

#define VALUE_ROOM (DCM_XML_BEFORE + DCM_NUMBER_MAX + sizeof(DCM_XML_VALUE_END))

#define SPECIAL 1u /* bit of `issues` */

/* ---------------------------------------------------------------- numbers */

/* Each writes the number at p and returns its length. */
typedef size_t format_fn(struct dcm_xml_values *v, char *to, const uint8_t *p);

static size_t format_us(struct dcm_xml_values *v, char *to, const uint8_t *p)
{
    (void)v;
    return dcm_number_u64(to, dcm_get16le(p));
}

static size_t format_ss(struct dcm_xml_values *v, char *to, const uint8_t *p)
{
    (void)v;
    return dcm_number_i64(to, (int16_t)dcm_get16le(p));
}

static size_t format_ul(struct dcm_xml_values *v, char *to, const uint8_t *p)
{
    (void)v;
    return dcm_number_u64(to, dcm_get32le(p));
}

static size_t format_sl(struct dcm_xml_values *v, char *to, const uint8_t *p)
{
    (void)v;
    return dcm_number_i64(to, (int32_t)dcm_get32le(p));
}

static size_t format_uv(struct dcm_xml_values *v, char *to, const uint8_t *p)
{
    (void)v;
    return dcm_number_u64(to, dcm_get64le(p));
}

static size_t format_sv(struct dcm_xml_values *v, char *to, const uint8_t *p)
{
    (void)v;
    return dcm_number_i64(to, (int64_t)dcm_get64le(p));
}

/* As XML Schema has them (Part 2, 3.2.4); PS3.19 says nothing of them. */
static size_t format_special(struct dcm_xml_values *v, char *to, int nan,
                             int negative)
{
    const char *s = nan ? "NaN" : negative ? "-INF" : "INF";
    size_t n = strlen(s);

    v->c.issues |= SPECIAL;
    memcpy(to, s, n);
    return n;
}

static size_t format_fl(struct dcm_xml_values *v, char *to, const uint8_t *p)
{
    uint32_t bits = dcm_get32le(p);
    float x;

    if ((bits & 0x7F800000u) == 0x7F800000u)
        return format_special(v, to, (bits & 0x7FFFFFu) != 0, bits >> 31 != 0);
    memcpy(&x, &bits, sizeof(x));
    return dcm_number_float(to, x);
}

static size_t format_fd(struct dcm_xml_values *v, char *to, const uint8_t *p)
{
    const uint64_t exponent = UINT64_C(0x7FF) << 52;
    uint64_t bits = dcm_get64le(p);
    double x;

    if ((bits & exponent) == exponent)
        return format_special(v, to, bits << 12 != 0, bits >> 63 != 0);
    memcpy(&x, &bits, sizeof(x));
    return dcm_number_double(to, x);
}

/* A tag is two 16-bit words, group first (PS3.5 6.2), in either byte order. */
static size_t format_at(struct dcm_xml_values *v, char *to, const uint8_t *p)
{
    (void)v;
    dcm_hex8(to, DCM_TAG(dcm_get16le(p), dcm_get16le(p + 2)));
    return 8;
}

static const struct form {
    uint16_t vr;
    uint8_t size;
    format_fn *format;
} forms[] = {
    {VR_US, 2, format_us}, {VR_UL, 4, format_ul}, {VR_FD, 8, format_fd},
    {VR_FL, 4, format_fl}, {VR_SS, 2, format_ss}, {VR_SL, 4, format_sl},
    {VR_AT, 4, format_at}, {VR_UV, 8, format_uv}, {VR_SV, 8, format_sv},
};

static const struct form *find_form(uint16_t vr)
{
    const struct form *f = forms;

    while (f->vr != vr)
        f++;
    return f;
}

static void put_numbers(struct dcm_xml_values *v)
{
    const struct form *form = find_form(v->c.vr->code);
    const uint8_t *p;
    size_t n;

    while ((n = dcm_content_next_piece(&v->c, &p)) != 0) {
        for (; n >= form->size; n -= form->size, p += form->size) {
            char *to = dcm_output_room(v->c.output, VALUE_ROOM), *end;

            if (!to)
                return;
            end = dcm_xml_before(v, to, 0);
            end += form->format(v, end, p);
            end = DCM_XML_TEXT(end, DCM_XML_VALUE_END);
            dcm_output_commit(v->c.output, (size_t)(end - to));
        }
    }
}

/* ------------------------------------------------------------------ bytes */

#define BINARY "><InlineBinary>"

static void put_bytes(struct dcm_xml_values *v)
{
    const uint8_t *p;
    size_t n;

    while ((n = dcm_content_next_piece(&v->c, &p)) != 0) {
        const size_t room = DCM_BASE64_SIZE(n) + sizeof(BINARY);
        char *to = dcm_output_reserve(v->c.output, room), *end = to;

        if (!to)
            return;
        if (!v->open)
            end = DCM_XML_TEXT(end, BINARY);
        v->open = 1;
        end += dcm_base64_encode(end, p, n);
        dcm_output_commit(v->c.output, (size_t)(end - to));
    }
    if (v->open)
        dcm_output_text(v->c.output, "</InlineBinary>");
}

enum dcm_status dcm_xml_numbers_put(struct dcm_xml_values *v,
                                    const struct dcm_event *ev,
                                    const struct dcm_vr *vr)
{
    if (ev->size == 0)
        return DCM_OK;
    if (dcm_content_lacks_piece(&v->c))
        return dcm_content_no_memory(&v->c);
    if (vr->kind == DCM_KIND_BYTES)
        put_bytes(v);
    else
        put_numbers(v);
    return dcm_content_tell_binary(
        &v->c, v->c.issues & SPECIAL
                   ? "NaN or infinity, which the model has no form for"
                   : NULL);
}
