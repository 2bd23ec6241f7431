/* Source. Value and PersonName to a value's bytes (PS3.19 A.1.5): in the order
 * of their numbers, white space removed where the VR has none, and what values
 * decide for attributes after them (PS3.3 C.12.1.1.2, PS3.5 7.8.1). What the
 * bytes are is known to values.c. */
#include "decimal.h"
#include "xml_reader.h"

#include <stdlib.h>
#include <string.h>

#define MOST_MISSING 4096u /* numbers between one value and the next */

/* --------------------------------------------- what values decide for others
 */

static void strip(const uint8_t **p, size_t *n)
{
    while (*n && ((*p)[*n - 1] == ' ' || (*p)[*n - 1] == 0))
        --*n;
    while (*n && **p == ' ')
        ++*p, --*n;
}

/* Numbers joined by dots (PS3.5 9.1). */
static int is_uid(const uint8_t *p, size_t n)
{
    if (n == 0 || n > 64 || p[0] == '.' || p[n - 1] == '.')
        return 0;
    for (size_t i = 0; i < n; i++)
        if ((p[i] < '0' || p[i] > '9') && (p[i] != '.' || p[i - 1] == '.'))
            return 0;
    return 1;
}

static enum step see_syntax(struct dcm_xml_reader *r,
                            const struct dcm_event *ev)
{
    const uint8_t *p = ev->data;
    size_t n = (size_t)ev->size;

    strip(&p, &n);
    if (n == 0)
        return EMIT;
    if (!is_uid(p, n))
        return dcm_xml_reader_fail(r, DCM_ERR_MALFORMED,
                                   "Transfer Syntax UID is no UID (PS3.5 9.1)");
    memcpy(r->syntax, p, n);
    r->syntax[n] = '\0';
    return EMIT;
}

static void see_charset(struct level *level, const struct dcm_event *ev)
{
    const uint8_t *p = ev->data;
    size_t n = (size_t)ev->size;

    strip(&p, &n);
    if (n == 0)
        return;
    dcm_charset_parse(&level->declared, ev->data, (size_t)ev->size);
    level->has_charset = 1;
}

/* A loaded value, the first of its tag. */
static enum step observe(struct dcm_xml_reader *r, const struct dcm_event *ev)
{
    uint32_t tag = ev->tag;

    if ((tag & 0x1FF00) == 0x10000 && (tag & 0xFF) >= 0x10)
        return dcm_xml_reader_see_creator(r, ev);
    if (top(r)->again)
        return EMIT;
    if (tag == 0x00080005)
        see_charset(top(r), ev);
    else if (tag == 0x00280103 && ev->size >= 2)
        dcm_scope_top(&r->scopes)->pixel_representation =
            ev->data[ev->flags & DCM_BIG_ENDIAN ? 1 : 0] == 1;
    else if (tag == 0x00020010)
        return see_syntax(r, ev);
    return EMIT;
}

enum step dcm_xml_reader_give(struct dcm_xml_reader *r, struct dcm_event *ev,
                              const uint8_t *data, uint64_t size)
{
    r->value.where = IN_MEMORY;
    r->value.data = data;
    r->value.left = r->value.size = size;
    ev->size = size;
    ev->length = (uint32_t)(size + (size & 1));
    if (top(r)->again)
        ev->flags |= DCM_DUPLICATE;
    if (size > DCM_VALUE_LOADED)
        return EMIT;
    ev->data = size ? data : (const uint8_t *)"";
    return observe(r, ev);
}

/* ---------------------------------------------------------------- one value */

static int is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* White space of the text, which is not the value's (PS3.18 I.3). */
static void trim(const struct dcm_vr *row, const char **s, size_t *n)
{
    if (row->kind == DCM_KIND_TEXT && !(row->flags & DCM_VRF_TRIM_LEFT))
        return;
    while (*n && is_space((*s)[*n - 1]))
        --*n;
    while (*n && is_space(**s))
        ++*s, --*n;
}

static enum dcm_status put_name(struct dcm_xml_reader *r,
                                const struct record *record)
{
    const char *groups[3], *s = dcm_xml_reader_text(r, record);
    size_t lengths[3];

    for (int i = 0; i < GROUPS; i++) {
        groups[i] = s;
        lengths[i] = strlen(s);
        s += lengths[i] + 1;
    }
    return dcm_values_name(&r->values, record->place.offset, groups, lengths);
}

/* "(gggg,eeee)", as GDCM writes AT. */
static int is_bracketed(const char *s, size_t n)
{
    return n == 11 && s[0] == '(' && s[5] == ',' && s[10] == ')';
}

static enum dcm_status put_bracketed(struct dcm_values *v, uint64_t where,
                                     const char *s)
{
    enum dcm_status status =
        dcm_deviation(v->policy, v->error, DCM_ISSUE_VALUE_FORM, v->event,
                      where, "tag as (gggg,eeee), expected 8 hex digits");
    char digits[8];

    memcpy(digits, s + 1, 4);
    memcpy(digits + 4, s + 6, 4);
    return status == DCM_OK ? dcm_values_text(v, where, digits, 8) : status;
}

static enum dcm_status put_text(struct dcm_xml_reader *r, uint64_t where,
                                const char *s, size_t n)
{
    struct dcm_values *v = &r->values;
    double word;

    if (n == 0)
        return dcm_values_null(v, where);
    if (v->row->kind == DCM_KIND_TAG && is_bracketed(s, n))
        return put_bracketed(v, where, s);
    if (v->row->kind != DCM_KIND_NUMBER ||
        ((v->row->code == VR_FL || v->row->code == VR_FD) &&
         dcm_decimal_special(s, n, &word)))
        return dcm_values_text(v, where, s, n);
    return dcm_values_number(v, where, s, n);
}

static enum step take_value(struct dcm_xml_reader *r,
                            const struct record *record)
{
    const struct dcm_vr *row = r->values.row;
    const char *s = dcm_xml_reader_text(r, record);
    size_t n = (size_t)record->length;
    enum dcm_status status;

    r->at = record->place;
    if (record->kind == NAME) {
        status = put_name(r, record);
    } else {
        trim(row, &s, &n);
        if (row->code == VR_PN && n &&
            !deviate(r, DCM_ISSUE_NAME_TEXT,
                     "person name in a Value, expected a PersonName"))
            return STOP;
        status = put_text(r, record->place.offset, s, n);
    }
    if (status == DCM_OK)
        return AGAIN;
    r->phase = FAILED;
    return STOP;
}

/* --------------------------------------------------------------- in order */

static int by_number(const void *a, const void *b)
{
    const struct record *x = a, *y = b;

    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return (x->place.offset > y->place.offset) -
           (x->place.offset < y->place.offset);
}

static int is_value(const struct record *record)
{
    return record->kind == VALUE || record->kind == NAME;
}

/* All values that are left; their texts stay in the queue. */
static enum step collect(struct dcm_xml_reader *r)
{
    const struct record *record;

    for (r->n_sorted = 0; (record = dcm_xml_reader_peek(r)) != NULL;) {
        if (!is_value(record))
            return AGAIN;
        if (r->n_sorted == r->max_sorted) {
            size_t n = r->max_sorted ? r->max_sorted * 2 : 64;
            struct record *p = realloc(r->sorted, n * sizeof(*p));

            if (!p)
                return dcm_xml_reader_no_memory(r);
            r->sorted = p;
            r->max_sorted = n;
        }
        r->sorted[r->n_sorted++] = *record;
        dcm_xml_reader_take(r);
    }
    return STOP;
}

/* Each has a number of its own over `n`; then they are sorted by it. */
static int sort(struct dcm_xml_reader *r, uint32_t n)
{
    uint32_t last = n;

    for (size_t i = 0; i < r->n_sorted; i++)
        if (r->sorted[i].number <= n)
            return 0;
    qsort(r->sorted, r->n_sorted, sizeof(*r->sorted), by_number);
    for (size_t i = 0; i < r->n_sorted; last = r->sorted[i++].number)
        if (r->sorted[i].number == last)
            return 0;
    return 1;
}

static int by_place(const void *a, const void *b)
{
    const struct record *x = a, *y = b;

    return (x->place.offset > y->place.offset) -
           (x->place.offset < y->place.offset);
}

/* A number that is missing is an empty value. */
static enum step fill(struct dcm_xml_reader *r, const struct record *record,
                      uint32_t *n)
{
    r->at = record->place;
    if (record->number - *n > MOST_MISSING)
        return dcm_xml_reader_fail(
            r, DCM_ERR_MALFORMED,
            "values %u to %u are missing, which is too many (PS3.19 A.1.5)",
            (unsigned)*n + 1, (unsigned)record->number - 1);
    while (++*n < record->number)
        if (dcm_values_null(&r->values, record->place.offset) != DCM_OK) {
            r->phase = FAILED;
            return STOP;
        }
    return AGAIN;
}

/* After n values that had the numbers 1 to n. */
static enum step take_others(struct dcm_xml_reader *r, uint32_t n)
{
    int numbered;

    r->parse.queue.hold = 1;
    if (collect(r) == STOP)
        return STOP;
    numbered = sort(r, n);
    if (!numbered) {
        qsort(r->sorted, r->n_sorted, sizeof(*r->sorted), by_place);
        r->at = r->sorted[0].place;
        if (!deviate(r, DCM_ISSUE_KEY_ORDER,
                     "number of a value is missing or there twice, or no "
                     "number at all: values are taken as they come"))
            return STOP;
    }
    for (size_t i = 0; i < r->n_sorted; i++)
        if ((numbered && fill(r, &r->sorted[i], &n) == STOP) ||
            take_value(r, &r->sorted[i]) == STOP)
            return STOP;
    r->parse.queue.hold = 0;
    return AGAIN;
}

/* Up to what is not a value; nearly always they come in order. */
static enum step take_values(struct dcm_xml_reader *r)
{
    const struct record *record;
    uint32_t n = 0;

    while ((record = dcm_xml_reader_peek(r)) != NULL) {
        if (!is_value(record))
            return AGAIN;
        if (record->number != n + 1)
            return take_others(r, n);
        n++;
        if (take_value(r, record) == STOP)
            return STOP;
        dcm_xml_reader_take(r);
    }
    return STOP;
}

/* --------------------------------------------------------------- all values */

/* Bytes cannot be told as values; but none at all are none. */
static enum step no_values(struct dcm_xml_reader *r, struct dcm_event *ev)
{
    const struct record *record = dcm_xml_reader_peek(r);

    if (!record)
        return STOP;
    if (record->kind != VALUE || record->length)
        return dcm_xml_reader_fail(r, DCM_ERR_MALFORMED,
                                   "Value for VR %c%c, expected InlineBinary "
                                   "or BulkData (PS3.19 A.1.5)",
                                   top(r)->vr >> 8, top(r)->vr & 255);
    dcm_xml_reader_take(r);
    return dcm_xml_reader_give(r, ev, (const uint8_t *)"", 0);
}

enum step dcm_xml_reader_values(struct dcm_xml_reader *r, struct dcm_event *ev)
{
    struct level *level = top(r);
    struct dcm_values *v = &r->values;

    dcm_xml_reader_event(r, ev, DCM_EVENT_VALUE);
    if (dcm_vr_find(level->vr)->kind == DCM_KIND_BYTES)
        return dcm_xml_reader_rest(r, no_values(r, ev));
    v->policy = r->policy;
    dcm_values_begin(v, ev);
    if (take_values(r) == STOP)
        return STOP;
    r->at = level->place; /* what is wrong now is so with all of them */
    v->where = r->at.offset;
    if (dcm_values_end(v) != DCM_OK) {
        r->phase = FAILED;
        return STOP;
    }
    level->beyond_ascii |= v->beyond_ascii != 0;
    return dcm_xml_reader_rest(r, dcm_xml_reader_give(r, ev, v->data, v->size));
}
