/* Language. Text as JSON (PS3.18 F.2.3, F.2.4): strings, names in their
 * component groups, and the decimal strings that can be numbers. Deviations
 * are told once for all of a value. Knows nothing of how text is decoded
 * (text.c) or escaped (json_text.c). */
#include "json_strings.h"
#include "content_text.h"
#include "json_plain.h"
#include "number.h"

/* Texts up to this are written in one go. */
#define SHORT 1024

/* ---------------------------------------------------------------- strings */

/* A string after its first quote. */
static void put_inside(struct dcm_json_values *v, const char *s, size_t n)
{
    char *to, *end;

    if (n > SHORT) {
        dcm_json_put(v->c.output, s, n, &v->c.controls);
        dcm_json_char(v->c.output, '"');
        return;
    }
    to = dcm_output_room(v->c.output, DCM_JSON_ESCAPED(n) + 1);
    if (!to)
        return;
    end = to + dcm_json_escape(to, s, n, &v->c.controls);
    *end++ = '"';
    dcm_output_commit(v->c.output, (size_t)(end - to));
}

static void put_string(struct dcm_json_values *v, const char *s, size_t n)
{
    const size_t inside = n <= SHORT ? DCM_JSON_ESCAPED(n) : 0;
    char *to = dcm_output_room(v->c.output, DCM_JSON_BEFORE + 2 + inside), *end;

    if (!to)
        return;
    end = dcm_json_before(v, to);
    *end++ = '"';
    if (n <= SHORT) {
        end += dcm_json_escape(end, s, n, &v->c.controls);
        *end++ = '"';
    }
    dcm_output_commit(v->c.output, (size_t)(end - to));
    if (n > SHORT)
        put_inside(v, s, n);
}

/* The next three are each a dcm_content_put_fn. */

static void put_text(struct dcm_content *c, const char *s, size_t n)
{
    struct dcm_json_values *v = (struct dcm_json_values *)c;

    if (n == 0) {
        dcm_json_null(v);
        return;
    }
    dcm_content_too_long(c, s, n);
    put_string(v, s, n);
}

#define SURE_DIGITS 9 /* always in the range of an IS */

/* Copies s when it is a JSON number as it stands, without an exponent, and
 * short enough to be in range: nearly all are. Returns its length or 0. */
static size_t copy_number(char *to, const char *s, size_t n, int integer)
{
    size_t i = 0, first;

    if (n > (integer ? SURE_DIGITS : 16))
        return 0;
    if (s[i] == '-')
        to[i++] = '-';
    first = i;
    for (; i < n && (unsigned)(s[i] - '0') < 10; i++)
        to[i] = s[i];
    if (i == first || (s[first] == '0' && i > first + 1))
        return 0;
    if (i == n)
        return n;
    if (s[i] != '.' || integer || i + 1 == n)
        return 0;
    for (to[i++] = '.'; i < n && (unsigned)(s[i] - '0') < 10; i++)
        to[i] = s[i];
    return i == n ? n : 0;
}

static size_t decimal(const struct dcm_json_values *v, char *to, const char *s,
                      size_t n)
{
    int integer = v->c.vr->code == VR_IS;
    int loose = v->numbers == DCM_NUMBERS_NUMBER;
    size_t length = copy_number(to, s, n, integer);

    if (length)
        return length;
    return integer ? dcm_number_is(to, s, n, loose)
                   : dcm_number_ds(to, s, n, loose);
}

/* DS or IS: a JSON number when it is one and nothing is lost by it. */
static void put_decimal(struct dcm_content *c, const char *s, size_t n)
{
    struct dcm_json_values *v = (struct dcm_json_values *)c;
    const struct dcm_json_array before = v->array;
    int over = dcm_content_too_long(c, s, n);
    char *to, *end;
    size_t length;

    if (n == 0) {
        dcm_json_null(v);
        return;
    }
    if (v->numbers != DCM_NUMBERS_STRING && n <= SHORT) {
        to = dcm_output_room(v->c.output, DCM_JSON_BEFORE + n + 4);
        if (!to)
            return;
        end = dcm_json_before(v, to);
        length = decimal(v, end, s, n);
        if (length) {
            dcm_output_commit(v->c.output, (size_t)(end - to) + length);
            return;
        }
        v->array = before;
    }
    if (v->numbers != DCM_NUMBERS_STRING && !over)
        c->issues |= DCM_CONTENT_FORM;
    put_string(v, s, n);
}

/* ------------------------------------------------------------ person names */

static void put_name(struct dcm_content *c, const char *s, size_t n)
{
    static const struct dcm_json_mark names[DCM_NAME_GROUPS] = {
        {"\"Alphabetic", 11},
        {"\"Ideographic", 12},
        {"\"Phonetic", 9},
    };
    struct dcm_json_values *v = (struct dcm_json_values *)c;
    struct dcm_output *o = c->output;
    struct dcm_name name;
    char *to, *end;
    int written = 0;

    dcm_content_split_name(c, &name, s, n);
    if (name.groups == 0) {
        dcm_json_null(v);
        return;
    }
    to = dcm_output_room(o, DCM_JSON_BEFORE + 1);
    if (!to)
        return;
    end = dcm_json_before(v, to);
    *end++ = '{';
    dcm_output_commit(o, (size_t)(end - to));
    for (int g = 0; g < DCM_NAME_GROUPS; g++) {
        if (!name.n[g])
            continue;
        if (written++)
            dcm_json_put_mark(o, &v->style->comma);
        dcm_json_put_mark(o, &names[g]);
        dcm_json_put_mark(o, &v->style->colon);
        dcm_content_too_long(c, name.s[g], name.n[g]);
        put_inside(v, name.s[g], name.n[g]);
    }
    dcm_json_char(o, '}');
}

static dcm_content_put_fn *text_form(uint16_t vr)
{
    if (vr == VR_PN)
        return put_name;
    return vr == VR_DS || vr == VR_IS ? put_decimal : put_text;
}

enum dcm_status dcm_json_strings_put(struct dcm_json_values *v,
                                     const struct dcm_event *ev,
                                     const struct dcm_vr *vr)
{
    enum dcm_status status;

    if (dcm_json_plain_text(v, ev, vr))
        return DCM_OK;
    dcm_json_values_start(v, ev, vr);
    status = dcm_content_texts(&v->c, text_form(vr->code));
    dcm_json_end(v);
    return status;
}
