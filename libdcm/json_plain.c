/* Language. The commonest values of a data set by a short way: short texts
 * of plain ASCII in one piece, and decimal strings that are JSON numbers as
 * they stand. What they come out as is what json_strings.c would write; most
 * elements of most files take this way, and it is several times shorter.
 * Anything out of the ordinary is left to the long way. */
#include "json_plain.h"
#include "scope.h"

#define SHORT 256

/* The inside of `[`...`]` for one string. */
static int put_one(struct dcm_json_values *v, const uint8_t *p, size_t n)
{
    char *to = dcm_output_room(v->c.output,
                               DCM_JSON_MARK_SIZE + DCM_PLAIN_ROOM(n) + 3);
    char *end;

    if (!to)
        return 1;
    end = dcm_json_mark(to, &v->style->value);
    *end++ = '"';
    if (!dcm_copy_plain(end, p, n, dcm_json_special8))
        return 0;
    end += n;
    *end++ = '"';
    *end++ = ']';
    dcm_output_commit(v->c.output, (size_t)(end - to));
    return 1;
}

/* A name with an alphabetic group and no other (PS3.5 6.2.1). */
static int put_name(struct dcm_json_values *v, const uint8_t *p, size_t n)
{
    static const struct dcm_json_mark name = {"{\"Alphabetic", 12};
    char *to, *end;

    if (*p == '^' || *p == ' ' || memchr(p, '=', n))
        return 0;
    to = dcm_output_room(v->c.output,
                         3 * DCM_JSON_MARK_SIZE + DCM_PLAIN_ROOM(n) + 3);
    if (!to)
        return 1;
    end = dcm_json_mark(to, &v->style->value);
    end = dcm_json_mark(end, &name);
    end = dcm_json_mark(end, &v->style->colon);
    if (!dcm_copy_plain(end, p, n, dcm_json_special8))
        return 0;
    end += n;
    memcpy(end, "\"}]", 3);
    dcm_output_commit(v->c.output, (size_t)(end + 3 - to));
    return 1;
}

static int is_digit(uint8_t c)
{
    return (unsigned)(c - '0') < 10;
}

/* number = [ "-" ] ( "0" | digit1-9 { digit } ) [ "." digit { digit } ]
 * Copies one from *p; NULL when something else is there. */
static char *copy_number(char *to, const uint8_t **from, const uint8_t *end,
                         int integer)
{
    const uint8_t *p = *from, *first;

    if (p < end && *p == '-')
        *to++ = (char)*p++;
    first = p;
    while (p < end && is_digit(*p))
        *to++ = (char)*p++;
    if (p == first || (*first == '0' && p - first > 1))
        return NULL;
    if (p < end && *p == '.' && !integer) {
        *to++ = (char)*p++;
        first = p;
        while (p < end && is_digit(*p))
            *to++ = (char)*p++;
        if (p == first)
            return NULL;
    }
    *from = p;
    return to;
}

/* DS and IS values between backslashes, spaces around each (PS3.5 6.2). An
 * IS of nine characters is always in range, a DS has sixteen at most. */
static int put_decimals(struct dcm_json_values *v, const uint8_t *p, size_t n,
                        int integer)
{
    const uint8_t *end = p + n;
    const ptrdiff_t most = integer ? 9 : 16;
    char *to = dcm_output_room(v->c.output, DCM_JSON_MARK_SIZE * 2 + 2 * n + 1),
         *out;

    if (!to)
        return 1;
    out = dcm_json_mark(to, &v->style->value);
    for (;;) {
        const uint8_t *start;

        while (p < end && *p == ' ')
            p++;
        start = p;
        out = copy_number(out, &p, end, integer);
        if (!out || p - start > most)
            return 0;
        while (p < end && *p == ' ')
            p++;
        if (p == end)
            break;
        if (*p++ != '\\')
            return 0;
        out = dcm_json_mark(out, &v->style->comma);
    }
    *out++ = ']';
    dcm_output_commit(v->c.output, (size_t)(out - to));
    return 1;
}

int dcm_json_plain_text(struct dcm_json_values *v, const struct dcm_event *ev,
                        const struct dcm_vr *vr)
{
    const uint8_t *p = ev->data;
    size_t n = (size_t)ev->size;

    if (!p || ev->size > SHORT)
        return 0;
    while (n && (p[n - 1] == ' ' || p[n - 1] == 0))
        n--;
    if (vr->flags & DCM_VRF_TRIM_LEFT)
        while (n && *p == ' ')
            p++, n--;
    if (n == 0)
        return 1; /* padding only: no value (PS3.18 F.2.5) */
    if (vr->code == VR_DS || vr->code == VR_IS)
        return v->numbers != DCM_NUMBERS_STRING &&
               put_decimals(v, p, n, vr->code == VR_IS);
    if ((vr->max && n > vr->max) ||
        (vr->flags & DCM_VRF_CHARSET && ev->scope &&
         !dcm_charset_is_ascii(&ev->scope->charset)))
        return 0;
    return vr->code == VR_PN ? put_name(v, p, n) : put_one(v, p, n);
}
