/* Language. The values of an attribute as its bytes: room for them, and
 * numbers and tags (PS3.5 6.2, 7.3), read exactly or not at all. Text and
 * names are in values_text.c. Knows nothing of how documents spell values.
 */
#include "values.h"
#include "decimal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of data at first: most values are shorter. */
#define FIRST_ROOM 256

#define IS_MAX 12 /* bytes of an IS */

enum dcm_status dcm_values_fail(struct dcm_values *v, enum dcm_status code,
                                const char *format, ...)
{
    char path[sizeof(v->error->path)];
    va_list ap;

    dcm_event_path(v->event, path, sizeof(path));
    va_start(ap, format);
    dcm_error_vfill(v->error, code, v->where, path, format, ap);
    va_end(ap);
    return code;
}

void dcm_values_release(struct dcm_values *v)
{
    free(v->data);
    v->data = NULL;
    v->size = v->capacity = 0;
}

void dcm_values_begin(struct dcm_values *v, const struct dcm_event *event)
{
    v->event = event;
    v->row = dcm_vr_find(event->vr);
    v->where = event->value_offset;
    v->size = 0;
    v->count = 0;
    v->beyond_ascii = 0;
    v->empty = 1;
}

static enum dcm_status grow(struct dcm_values *v, size_t need)
{
    size_t capacity = v->capacity ? v->capacity : FIRST_ROOM;
    uint8_t *data;

    while (capacity < need)
        capacity = capacity > SIZE_MAX / 2 ? need : capacity * 2;
    data = realloc(v->data, capacity);
    if (!data)
        return dcm_values_fail(v, DCM_ERR_MEMORY, "no memory for a value");
    v->data = data;
    v->capacity = capacity;
    return DCM_OK;
}

enum dcm_status dcm_values_room(struct dcm_values *v, size_t n)
{
    if (n > v->limit || v->size > v->limit - n)
        return dcm_values_fail(v, DCM_ERR_LIMIT,
                               "value of more than %llu bytes: limit 'value'",
                               (unsigned long long)v->limit);
    if (n < v->capacity && v->size < v->capacity - n)
        return DCM_OK;
    if (n > SIZE_MAX - 1 - v->size)
        return dcm_values_fail(v, DCM_ERR_MEMORY, "no memory for a value");
    return grow(v, v->size + n + 1);
}

/* The value at hand is of the wrong kind or out of range. */
static enum dcm_status wrong(struct dcm_values *v, const char *wants)
{
    return dcm_values_fail(v, DCM_ERR_MALFORMED,
                           "value %llu of %c%c is not %s (PS3.5 6.2)",
                           (unsigned long long)v->count + 1, v->row->code >> 8,
                           v->row->code & 255, wants);
}

/* --------------------------------------------------------------- integers */

static int is_float(const struct dcm_vr *row)
{
    return row->code == VR_FL || row->code == VR_FD;
}

static int is_signed(const struct dcm_vr *row)
{
    return row->code == VR_SS || row->code == VR_SL || row->code == VR_SV;
}

/* The largest magnitude over zero. */
static uint64_t most_of(const struct dcm_vr *row)
{
    return UINT64_MAX >> (64 - 8 * row->unit + is_signed(row));
}

static enum dcm_status wrong_integer(struct dcm_values *v)
{
    unsigned long long most = most_of(v->row);
    char wants[80];

    if (is_signed(v->row))
        snprintf(wants, sizeof(wants), "an integer from -%llu to %llu",
                 most + 1, most);
    else
        snprintf(wants, sizeof(wants), "an integer from 0 to %llu", most);
    return wrong(v, wants);
}

/* Short ones of digits only, nearly all that there are. */
static int few_digits(const char *s, size_t n, uint64_t *bits)
{
    uint64_t x = 0;

    if (n - 1 >= 9)
        return 0;
    for (size_t i = 0; i < n; i++) {
        unsigned digit = (unsigned)(unsigned char)s[i] - '0';

        if (digit > 9)
            return 0;
        x = x * 10 + digit;
    }
    *bits = x;
    return 1;
}

static int integer_bits(const struct dcm_vr *row, const char *s, size_t n,
                        uint64_t *bits)
{
    uint64_t most = most_of(row), x;
    int minus = 0;

    if (!few_digits(s, n, &x) && !dcm_decimal_whole(s, n, &x, &minus))
        return 0;
    if (!minus || !x) {
        *bits = x;
        return x <= most;
    }
    *bits = 0 - x;
    return is_signed(row) && x <= most + 1;
}

/* ----------------------------------------------------------------- floats */

static int real_bits(const struct dcm_vr *row, const char *s, size_t n,
                     uint64_t *bits)
{
    uint32_t word;
    double d;
    float f;

    if (row->code == VR_FD) {
        if (!dcm_decimal_double(s, n, &d))
            return 0;
        memcpy(bits, &d, sizeof(d));
        return 1;
    }
    if (!dcm_decimal_float(s, n, &f))
        return 0;
    memcpy(&word, &f, sizeof(f));
    *bits = word;
    return 1;
}

/* NaN and infinities as IEEE 754 has them, quiet and without a payload. */
static int special_bits(const struct dcm_vr *row, const char *s, size_t n,
                        uint64_t *bits)
{
    double d;
    float f;
    uint32_t word;

    if (!dcm_decimal_special(s, n, &d))
        return 0;
    memcpy(bits, &d, sizeof(d));
    if (row->code == VR_FL) {
        f = (float)d;
        memcpy(&word, &f, sizeof(f));
        *bits = word;
    }
    return 1;
}

/* ------------------------------------------------------------ fixed sizes */

static void put_bits(struct dcm_values *v, uint64_t bits, unsigned unit)
{
    for (unsigned i = 0; i < unit; i++)
        v->data[v->size++] = (uint8_t)(bits >> 8 * i);
    v->count++;
    v->empty = 0;
}

static enum dcm_status put_nan(struct dcm_values *v)
{
    enum dcm_status status = dcm_values_room(v, v->row->unit);
    uint64_t bits = 0;

    if (status != DCM_OK)
        return status;
    special_bits(v->row, "nan", 3, &bits);
    put_bits(v, bits, v->row->unit);
    return DCM_OK;
}

static enum dcm_status no_place(struct dcm_values *v)
{
    return dcm_values_fail(v, DCM_ERR_MALFORMED,
                           "no value among those of a %c%c, which has no way "
                           "to leave one out (PS3.5 6.4)",
                           v->row->code >> 8, v->row->code & 255);
}

/* Room for one more. A null that came before it is alone no longer: now it
 * needs bytes of its own. */
static enum dcm_status next_place(struct dcm_values *v)
{
    if (v->count == 1 && v->empty) {
        enum dcm_status status;

        if (!is_float(v->row))
            return no_place(v);
        v->count = 0;
        status = put_nan(v);
        if (status != DCM_OK)
            return status;
    }
    return dcm_values_room(v, v->row->unit);
}

static enum dcm_status put_number(struct dcm_values *v, const char *s, size_t n)
{
    enum dcm_status status = next_place(v);
    uint64_t bits;

    if (status != DCM_OK)
        return status;
    if (is_float(v->row)) {
        if (!real_bits(v->row, s, n, &bits))
            return wrong(v, "a decimal number within its range");
    } else if (!integer_bits(v->row, s, n, &bits)) {
        return wrong_integer(v);
    }
    put_bits(v, bits, v->row->unit);
    return DCM_OK;
}

/* SV and UV may be strings (PS3.18 F.2.3), and what is no number has to be. */
static enum dcm_status number_from_text(struct dcm_values *v, const char *s,
                                        size_t n)
{
    enum dcm_status status;
    uint64_t bits;

    if (is_float(v->row) && special_bits(v->row, s, n, &bits)) {
        status = next_place(v);
        if (status == DCM_OK)
            put_bits(v, bits, v->row->unit);
        return status;
    }
    status = put_number(v, s, n);
    if (status != DCM_OK || v->row->code == VR_SV || v->row->code == VR_UV)
        return status;
    return dcm_deviation(v->policy, v->error, DCM_ISSUE_NUMBER_TEXT, v->event,
                         v->where, "string where %c%c has a number",
                         v->row->code >> 8, v->row->code & 255);
}

/* tag -> 8 hex digits, capital ones (PS3.18 F.2.3); *small: some are not */
static int take_tag(const char *s, size_t n, uint32_t *tag, int *small)
{
    *tag = 0;
    *small = 0;
    if (n != 8)
        return 0;
    for (size_t i = 0; i < n; i++) {
        unsigned c = (unsigned char)s[i], digit = c - '0';

        if (digit > 9) {
            digit = (c | 0x20) - 'a';
            if (digit > 5)
                return 0;
            digit += 10;
            *small |= c >= 'a';
        }
        *tag = *tag << 4 | digit;
    }
    return 1;
}

static enum dcm_status tag_from_text(struct dcm_values *v, const char *s,
                                     size_t n)
{
    enum dcm_status status = next_place(v);
    uint32_t tag;
    int small;

    if (status != DCM_OK)
        return status;
    if (!take_tag(s, n, &tag, &small))
        return wrong(v, "a tag of 8 hex digits");
    put_bits(v, tag >> 16 | tag << 16, 4); /* the group comes first */
    if (!small)
        return DCM_OK;
    return dcm_deviation(v->policy, v->error, DCM_ISSUE_KEY_CASE, v->event,
                         v->where, "tag with lower case digits as a value");
}

/* ----------------------------------------------------------------- public */

enum dcm_status dcm_values_text(struct dcm_values *v, uint64_t where,
                                const char *s, size_t n)
{
    v->where = where;
    if (v->row->kind == DCM_KIND_TEXT)
        return dcm_values_put_string(v, s, n, 0);
    if (n == 0)
        s = "";
    return v->row->kind == DCM_KIND_TAG ? tag_from_text(v, s, n)
                                        : number_from_text(v, s, n);
}

static int is_integer(const char *s, size_t n)
{
    for (size_t i = s[0] == '-'; i < n; i++)
        if (s[i] < '0' || s[i] > '9')
            return 0;
    return n > (size_t)(s[0] == '-');
}

/* Out of range, but as it would be kept if it were a string. */
static enum dcm_status large_integer(struct dcm_values *v, const char *s,
                                     size_t n)
{
    enum dcm_status status = dcm_deviation(
        v->policy, v->error, DCM_ISSUE_NUMBER_FORM, v->event, v->where,
        "integer of %llu digits, IS holds 32 bits", (unsigned long long)n);

    return status == DCM_OK ? dcm_values_put_string(v, s, n, 1) : status;
}

static enum dcm_status number_string(struct dcm_values *v, const char *s,
                                     size_t n)
{
    char text[16];
    int rounded = 0, is = v->row->code == VR_IS;
    size_t length =
        is ? dcm_decimal_is(text, s, n) : dcm_decimal_ds(text, s, n, &rounded);
    enum dcm_status status = DCM_OK;

    if (length == 0 && is && n <= IS_MAX && is_integer(s, n))
        return large_integer(v, s, n);
    if (length == 0)
        return wrong(v, is ? "an integer of 32 bits"
                           : "a decimal number within the range of a double");
    if (rounded)
        status = dcm_deviation(
            v->policy, v->error, DCM_ISSUE_NUMBER_LONG, v->event, v->where,
            "number of %llu bytes, at most 16 fit a DS", (unsigned long long)n);
    return status == DCM_OK ? dcm_values_put_string(v, text, length, 1)
                            : status;
}

enum dcm_status dcm_values_number(struct dcm_values *v, uint64_t where,
                                  const char *s, size_t n)
{
    v->where = where;
    if (n == 0)
        s = "";
    if (v->row->kind == DCM_KIND_NUMBER)
        return put_number(v, s, n);
    if (v->row->code == VR_DS || v->row->code == VR_IS)
        return number_string(v, s, n);
    return wrong(v, "a string");
}

enum dcm_status dcm_values_null(struct dcm_values *v, uint64_t where)
{
    enum dcm_status status;

    v->where = where;
    if (v->row->kind == DCM_KIND_TEXT)
        return dcm_values_put_string(v, "", 0, 1);
    if (v->count == 0) {
        v->count = 1;
        return DCM_OK;
    }
    status = is_float(v->row) ? next_place(v) : no_place(v);
    return status == DCM_OK ? put_nan(v) : status;
}

enum dcm_status dcm_values_end(struct dcm_values *v)
{
    const struct dcm_vr *row = v->row;

    if (row->kind != DCM_KIND_TEXT)
        return DCM_OK;
    if (v->count > 1 && !(row->flags & DCM_VRF_MULTI))
        return dcm_values_fail(v, DCM_ERR_MALFORMED,
                               "%llu values, but %c%c has only one (PS3.5 6.4)",
                               (unsigned long long)v->count, row->code >> 8,
                               row->code & 255);
    if (v->size & 1)
        v->data[v->size++] = row->pad;
    return DCM_OK;
}
