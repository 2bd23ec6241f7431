/* Language. Numbers, tags and bytes as JSON (PS3.18 F.2.3, F.2.7): from the
 * little endian pieces of a value to "Value" or "InlineBinary". Knows
 * nothing of text. */
#include "json_numbers.h"
#include "base64.h"
#include "cursor.h"
#include "number.h"

#define NUMBER_ROOM (DCM_JSON_BEFORE + DCM_NUMBER_MAX + 2)

/* The integers that every reader of JSON keeps exact (RFC 8259 section 6). */
#define SAFE_INTEGER ((INT64_C(1) << 53) - 1)

#define SPECIAL 1u /* bit of `issues` */

/* ---------------------------------------------------------------- numbers */

static char *put_quoted(char *to, const char *s, size_t n)
{
    *to++ = '"';
    memcpy(to, s, n);
    to[n] = '"';
    return to + n + 1;
}

static char *put_us(struct dcm_json_values *v, char *to, const uint8_t *p)
{
    (void)v;
    return to + dcm_number_u64(to, dcm_get16le(p));
}

static char *put_ss(struct dcm_json_values *v, char *to, const uint8_t *p)
{
    (void)v;
    return to + dcm_number_i64(to, (int16_t)dcm_get16le(p));
}

static char *put_ul(struct dcm_json_values *v, char *to, const uint8_t *p)
{
    (void)v;
    return to + dcm_number_u64(to, dcm_get32le(p));
}

static char *put_sl(struct dcm_json_values *v, char *to, const uint8_t *p)
{
    (void)v;
    return to + dcm_number_i64(to, (int32_t)dcm_get32le(p));
}

static char *put_long(struct dcm_json_values *v, char *to, size_t n, int safe)
{
    char text[DCM_NUMBER_MAX];

    if (v->numbers == DCM_NUMBERS_NUMBER ||
        (v->numbers == DCM_NUMBERS_AUTO && safe))
        return to + n;
    memcpy(text, to, n);
    return put_quoted(to, text, n);
}

static char *put_uv(struct dcm_json_values *v, char *to, const uint8_t *p)
{
    uint64_t x = dcm_get64le(p);

    return put_long(v, to, dcm_number_u64(to, x), x <= SAFE_INTEGER);
}

static char *put_sv(struct dcm_json_values *v, char *to, const uint8_t *p)
{
    int64_t x = (int64_t)dcm_get64le(p);

    return put_long(v, to, dcm_number_i64(to, x),
                    x <= SAFE_INTEGER && x >= -SAFE_INTEGER);
}

/* JSON has no NaN and no infinity, and the standard no form for them: a
 * string, which every reader of JSON takes. */
static char *put_special(struct dcm_json_values *v, char *to, int nan,
                         int negative)
{
    v->c.issues |= SPECIAL;
    if (nan)
        return put_quoted(to, "NaN", 3);
    return negative ? put_quoted(to, "-Infinity", 9)
                    : put_quoted(to, "Infinity", 8);
}

static char *put_fl(struct dcm_json_values *v, char *to, const uint8_t *p)
{
    uint32_t bits = dcm_get32le(p);
    float x;

    if ((bits & 0x7F800000u) == 0x7F800000u)
        return put_special(v, to, (bits & 0x7FFFFFu) != 0, bits >> 31 != 0);
    memcpy(&x, &bits, sizeof(x));
    return to + dcm_number_float(to, x);
}

static char *put_fd(struct dcm_json_values *v, char *to, const uint8_t *p)
{
    const uint64_t exponent = UINT64_C(0x7FF) << 52;
    uint64_t bits = dcm_get64le(p);
    double x;

    if ((bits & exponent) == exponent)
        return put_special(v, to, bits << 12 != 0, bits >> 63 != 0);
    memcpy(&x, &bits, sizeof(x));
    return to + dcm_number_double(to, x);
}

/* A tag is two 16-bit words, group first (PS3.5 6.2), in either byte order. */
static char *put_at(struct dcm_json_values *v, char *to, const uint8_t *p)
{
    (void)v;
    *to++ = '"';
    to = dcm_hex8(to, DCM_TAG(dcm_get16le(p), dcm_get16le(p + 2)));
    *to++ = '"';
    return to;
}

typedef char *put_number_fn(struct dcm_json_values *v, char *to,
                            const uint8_t *p);

static const struct number_form {
    uint16_t vr;
    uint8_t size;
    put_number_fn *put;
} number_forms[] = {
    {VR_US, 2, put_us}, {VR_UL, 4, put_ul}, {VR_FD, 8, put_fd},
    {VR_FL, 4, put_fl}, {VR_SS, 2, put_ss}, {VR_SL, 4, put_sl},
    {VR_AT, 4, put_at}, {VR_UV, 8, put_uv}, {VR_SV, 8, put_sv},
};

static const struct number_form *number_form(uint16_t vr)
{
    const struct number_form *f = number_forms;

    while (f->vr != vr)
        f++;
    return f;
}

#define FEW 16

/* A few numbers that lie there in little endian: nearly all do. */
static void put_few(struct dcm_json_values *v, const struct number_form *form)
{
    const uint8_t *p = v->c.event->data;
    size_t n = (size_t)v->c.event->size / form->size;
    char *to = dcm_output_room(v->c.output, FEW * NUMBER_ROOM + 1), *end;

    if (!to)
        return;
    end = form->put(v, dcm_json_mark(to, &v->style->value), p);
    while (--n) {
        p += form->size;
        end = form->put(v, dcm_json_mark(end, &v->style->comma), p);
    }
    *end++ = ']';
    dcm_output_commit(v->c.output, (size_t)(end - to));
}

static void put_numbers(struct dcm_json_values *v)
{
    const struct dcm_event *ev = v->c.event;
    const struct number_form *form = number_form(v->c.vr->code);
    const uint8_t *p;
    size_t n;

    if (ev->data && ev->size <= FEW * form->size && ev->size >= form->size &&
        !(ev->flags & DCM_BIG_ENDIAN)) {
        put_few(v, form);
        return;
    }
    while ((n = dcm_content_next_piece(&v->c, &p)) != 0) {
        for (; n >= form->size; n -= form->size, p += form->size) {
            char *to = dcm_output_room(v->c.output, NUMBER_ROOM);
            char *end;

            if (!to)
                return;
            end = form->put(v, dcm_json_before(v, to), p);
            dcm_output_commit(v->c.output, (size_t)(end - to));
        }
    }
    dcm_json_end(v);
}

/* ------------------------------------------------------------------ bytes */

static void put_bytes(struct dcm_json_values *v)
{
    const uint8_t *p;
    size_t n;
    int begun = 0;

    while ((n = dcm_content_next_piece(&v->c, &p)) != 0) {
        const size_t room = DCM_BASE64_SIZE(n) + DCM_JSON_MARK_SIZE;
        char *to = dcm_output_reserve(v->c.output, room), *end = to;

        if (!to)
            return;
        if (!begun)
            end = dcm_json_mark(end, &v->style->binary);
        begun = 1;
        end += dcm_base64_encode(end, p, n);
        dcm_output_commit(v->c.output, (size_t)(end - to));
    }
    if (begun)
        dcm_json_char(v->c.output, '"');
}

/* ---------------------------------------------------------------------- */

enum dcm_status dcm_json_numbers_put(struct dcm_json_values *v,
                                     const struct dcm_event *ev,
                                     const struct dcm_vr *vr)
{
    dcm_json_values_start(v, ev, vr);
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
                   ? "NaN or infinity, which JSON has no number for"
                   : NULL);
}
