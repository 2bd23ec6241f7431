/* Language. Text as JSON (PS3.18 F.2.3, F.2.4): strings, names in their
 * component groups, and the decimal strings that can be numbers. Deviations
 * are told once for all of a value. Knows nothing of how text is decoded
 * (text.c) or escaped (json_text.c). */
#include "json_strings.h"
#include "json_plain.h"
#include "number.h"
#include <stdlib.h>

#define NAME_GROUPS 3 /* PS3.5 6.2.1 */

/* Texts up to this are written in one go. */
#define SHORT 1024

/* Bits of `issues`. */
enum { FORM = 1, GROUPS = 2 };

/* ---------------------------------------------------------------- strings */

static size_t characters(const char *s, size_t n)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++)
        count += ((uint8_t)s[i] & 0xC0) != 0x80;
    return count;
}

/* Notes a text that is longer than the VR allows, in characters. */
static int too_long(struct dcm_json_values *v, const char *s, size_t n)
{
    size_t max = v->vr->max;
    size_t length;

    if (n <= max || max == 0)
        return 0;
    length = characters(s, n);
    if (length > v->longest)
        v->longest = length;
    return length > max;
}

/* A string after its first quote. */
static void put_inside(struct dcm_json_values *v, const char *s, size_t n)
{
    char *to, *end;

    if (n > SHORT) {
        dcm_json_put(v->output, s, n, &v->controls);
        dcm_json_char(v->output, '"');
        return;
    }
    to = dcm_json_room(v->output, DCM_JSON_ESCAPED(n) + 1);
    if (!to)
        return;
    end = to + dcm_json_escape(to, s, n, &v->controls);
    *end++ = '"';
    dcm_output_commit(v->output, (size_t)(end - to));
}

static void put_string(struct dcm_json_values *v, const char *s, size_t n)
{
    const size_t inside = n <= SHORT ? DCM_JSON_ESCAPED(n) : 0;
    char *to = dcm_json_room(v->output, DCM_JSON_BEFORE + 2 + inside), *end;

    if (!to)
        return;
    end = dcm_json_before(v, to);
    *end++ = '"';
    if (n <= SHORT) {
        end += dcm_json_escape(end, s, n, &v->controls);
        *end++ = '"';
    }
    dcm_output_commit(v->output, (size_t)(end - to));
    if (n > SHORT)
        put_inside(v, s, n);
}

static void put_text(struct dcm_json_values *v, const char *s, size_t n)
{
    too_long(v, s, n);
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
    int integer = v->vr->code == VR_IS;
    int loose = v->numbers == DCM_NUMBERS_NUMBER;
    size_t length = copy_number(to, s, n, integer);

    if (length)
        return length;
    return integer ? dcm_number_is(to, s, n, loose)
                   : dcm_number_ds(to, s, n, loose);
}

/* DS or IS: a JSON number when it is one and nothing is lost by it. */
static void put_decimal(struct dcm_json_values *v, const char *s, size_t n)
{
    const struct dcm_json_array before = v->array;
    int over = too_long(v, s, n);
    char *to, *end;
    size_t length;

    if (v->numbers != DCM_NUMBERS_STRING && n <= SHORT) {
        to = dcm_json_room(v->output, DCM_JSON_BEFORE + n + 4);
        if (!to)
            return;
        end = dcm_json_before(v, to);
        length = decimal(v, end, s, n);
        if (length) {
            dcm_output_commit(v->output, (size_t)(end - to) + length);
            return;
        }
        v->array = before;
    }
    if (v->numbers != DCM_NUMBERS_STRING && !over)
        v->issues |= FORM;
    put_string(v, s, n);
}

/* ------------------------------------------------------------ person names */

/* A component group without its trailing spaces; 0 when no component of it
 * has anything in it (PS3.18 F.2.2: only non-empty groups are written). */
static size_t group_length(const char *s, size_t n)
{
    size_t i = 0;

    while (n && s[n - 1] == ' ')
        n--;
    while (i < n && (s[i] == '^' || s[i] == ' '))
        i++;
    return i < n ? n : 0;
}

struct name {
    const char *s[NAME_GROUPS];
    size_t n[NAME_GROUPS];
    int groups; /* with something in them */
};

static void split_name(struct dcm_json_values *v, struct name *name,
                       const char *s, size_t n)
{
    const char *end = s + n;

    memset(name, 0, sizeof(*name));
    for (int g = 0; g < NAME_GROUPS; g++) {
        const char *stop = memchr(s, '=', (size_t)(end - s));
        size_t length = (size_t)((stop ? stop : end) - s);

        name->s[g] = s;
        name->n[g] = group_length(s, length);
        name->groups += name->n[g] != 0;
        if (!stop)
            return;
        s = stop + 1;
    }
    v->issues |= GROUPS;
}

static void put_name(struct dcm_json_values *v, const char *s, size_t n)
{
    static const struct dcm_json_mark names[NAME_GROUPS] = {
        {"\"Alphabetic", 11},
        {"\"Ideographic", 12},
        {"\"Phonetic", 9},
    };
    struct dcm_output *o = v->output;
    struct name name;
    char *to, *end;
    int written = 0;

    split_name(v, &name, s, n);
    if (name.groups == 0) {
        dcm_json_null(v);
        return;
    }
    to = dcm_json_room(o, DCM_JSON_BEFORE + 1);
    if (!to)
        return;
    end = dcm_json_before(v, to);
    *end++ = '{';
    dcm_output_commit(o, (size_t)(end - to));
    for (int g = 0; g < NAME_GROUPS; g++) {
        if (!name.n[g])
            continue;
        if (written++)
            dcm_json_put_mark(o, &v->style->comma);
        dcm_json_put_mark(o, &names[g]);
        dcm_json_put_mark(o, &v->style->colon);
        too_long(v, name.s[g], name.n[g]);
        put_inside(v, name.s[g], name.n[g]);
    }
    dcm_json_char(o, '}');
}

/* -------------------------------------------------------------- deviations */

static enum dcm_status tell_problems(struct dcm_json_values *v,
                                     unsigned problems)
{
    const struct dcm_event *ev = v->event;
    uint64_t offset = ev->value_offset;
    enum dcm_status status = DCM_OK;

    if (v->text.where && v->text.where >= ev->data &&
        v->text.where < ev->data + ev->size)
        offset += (uint64_t)(v->text.where - ev->data);
    for (; problems && status == DCM_OK; problems &= problems - 1) {
        dcm_issue issue = dcm_charset_issue(problems);

        status = dcm_json_values_tell(v, issue, offset, dcm_issue_help(issue));
    }
    return status;
}

/* TAB and line ends are text in ST, LT and UT only (PS3.5 6.1.3). */
static int bad_controls(const struct dcm_json_values *v)
{
    unsigned bad = DCM_JSON_CONTROL;

    if (!(v->vr->flags & DCM_VRF_CONTROL))
        bad |= DCM_JSON_LAYOUT;
    return (v->controls & bad) != 0 || (v->text.problems & DCM_CS_CONTROL) != 0;
}

static enum dcm_status tell_length(struct dcm_json_values *v)
{
    return dcm_deviation(v->policy, v->error, DCM_ISSUE_TEXT_LENGTH, v->event,
                         v->event->value_offset,
                         "%lu characters in a %s of %c%c, at most %lu fit",
                         (unsigned long)v->longest,
                         v->vr->code == VR_PN ? "component group" : "value",
                         v->vr->code >> 8, v->vr->code & 255,
                         (unsigned long)v->vr->max);
}

static enum dcm_status tell_text(struct dcm_json_values *v)
{
    uint64_t at = v->event->value_offset;
    unsigned problems = v->text.problems & ~(unsigned)DCM_CS_CONTROL;
    enum dcm_status s = DCM_OK;

    if (problems)
        s = tell_problems(v, problems);
    if (s == DCM_OK && bad_controls(v))
        s = dcm_json_values_tell(
            v, DCM_ISSUE_TEXT_CONTROL, at,
            "control character in text that may have none of it");
    if (s == DCM_OK && v->longest > v->vr->max && v->vr->max)
        s = tell_length(v);
    if (s == DCM_OK && (v->issues & FORM))
        s = dcm_json_values_tell(
            v, DCM_ISSUE_NUMBER_FORM, at,
            "text that is no number of its VR, written as a string");
    if (s == DCM_OK && (v->issues & GROUPS))
        s = dcm_json_values_tell(v, DCM_ISSUE_PN_GROUPS, at,
                                 "more than 3 component groups in a name");
    return s;
}

/* ------------------------------------------------------------ text values */

/* Gathers a value that was not loaded, as far as there are bytes: what is
 * asked for grows with what has come, not with the size that is claimed. */
static int gather(struct dcm_json_values *v, size_t *size)
{
    size_t used = 0;

    while (v->at < v->event->size) {
        uint64_t left = v->event->size - v->at;
        size_t n = left < DCM_JSON_PIECE ? (size_t)left : DCM_JSON_PIECE;

        if (v->whole_size - used < n) {
            size_t want = 2 * v->whole_size + DCM_JSON_PIECE;
            void *p = realloc(v->whole, want);

            if (!p)
                return 0;
            v->whole = p;
            v->whole_size = want;
        }
        used += dcm_json_read(v, v->whole + used, n);
    }
    *size = used;
    return 1;
}

/* A buffer as large as a rare text is not kept for the next value. */
static void drop_large(struct dcm_json_values *v)
{
    if (v->whole_size > 16 * DCM_JSON_PIECE) {
        free(v->whole);
        v->whole = NULL;
        v->whole_size = 0;
    }
}

typedef void put_text_fn(struct dcm_json_values *v, const char *s, size_t n);

static put_text_fn *text_form(uint16_t vr)
{
    if (vr == VR_PN)
        return put_name;
    return vr == VR_DS || vr == VR_IS ? put_decimal : put_text;
}

static int is_wide(const char *s, size_t n)
{
    while (n && !(*s & 0x80))
        s++, n--;
    return n != 0;
}

static enum dcm_status put_texts(struct dcm_json_values *v)
{
    put_text_fn *put = text_form(v->vr->code);
    struct dcm_event whole;
    const char *s;
    size_t n, size;
    enum dcm_status status;

    if (!v->event->data) {
        if (!gather(v, &size))
            return dcm_json_no_memory(v);
        if (size == 0)
            return DCM_OK;
        whole = *v->event;
        whole.data = v->whole;
        whole.size = size;
        v->event = &whole;
    }
    dcm_text_open(&v->text, v->event);
    while (dcm_text_next(&v->text, &s, &n)) {
        if (!v->text.plain && !v->wide)
            v->wide = is_wide(s, n);
        if (n)
            put(v, s, n);
        else
            dcm_json_null(v);
    }
    if (v->text.failed)
        return dcm_json_no_memory(v);
    dcm_json_end(v);
    status = tell_text(v);
    if (v->event == &whole)
        drop_large(v);
    return status;
}

enum dcm_status dcm_json_strings_put(struct dcm_json_values *v,
                                     const struct dcm_event *ev,
                                     const struct dcm_vr *vr)
{
    enum dcm_status status = DCM_OK;

    if (dcm_json_plain_text(v, ev, vr))
        return DCM_OK;
    dcm_json_values_start(v, ev, vr);
    if (ev->size)
        status = put_texts(v);
    v->event = NULL;
    return status;
}
