/* Language. Text values and person names of an attribute as its bytes (PS3.5
 * 6.2, 6.2.1, 6.4): joined by backslashes, and checked for their VR's form,
 * length and characters, which are deviations: what is wrong is kept. Knows
 * nothing of character sets but that everything is UTF-8.
 */
#include "dataset_forms.h"
#include "text.h"
#include "values.h"

#include <string.h>

#define GROUPS 3 /* of a name (PS3.5 6.2.1) */

/* What a scan finds in a value. */
enum { HAS_NUL = 1, HAS_CONTROL = 2, HAS_HIGH = 4, HAS_BACKSLASH = 8 };

static int is_number(const struct dcm_vr *row)
{
    return row->code == VR_DS || row->code == VR_IS;
}

/* ------------------------------------------------------------------- scan */

static int is_layout(uint8_t c)
{
    return c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

/* The control characters of Unicode, as those of C0, DEL and C1 come in
 * UTF-8. */
static int is_control(const struct dcm_vr *row, const uint8_t *p,
                      const uint8_t *end)
{
    if (*p < 0x20 || *p == 0x7F)
        return !(row->flags & DCM_VRF_CONTROL) || !is_layout(*p);
    return *p == 0xC2 && end - p > 1 && p[1] < 0xA0;
}

/* Says what is in a value, and makes spaces of the NULs. */
static unsigned scan(const struct dcm_vr *row, uint8_t *p, size_t n)
{
    const uint8_t *end = p + n;
    unsigned found = 0;

    for (; p < end; p++) {
        if (*p >= 0x20 && *p < 0x7F) {
            if (*p == '\\')
                found |= HAS_BACKSLASH;
            continue;
        }
        if (*p >= 0x80)
            found |= HAS_HIGH;
        if (*p == 0) {
            *p = ' ';
            found |= HAS_NUL;
        } else if (is_control(row, p, end)) {
            found |= HAS_CONTROL;
        }
    }
    return found;
}

/* ------------------------------------------------------------------ forms */

#define deviation(v, issue, ...)                                          \
    dcm_deviation((v)->policy, (v)->error, issue, (v)->event, (v)->where, \
                  __VA_ARGS__)

static size_t characters(const char *s, size_t n)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++)
        count += ((uint8_t)s[i] & 0xC0) != 0x80;
    return count;
}

/* The characters of the longest group of a name. */
static size_t longest_group(const char *s, size_t n)
{
    size_t longest = 0;

    for (;;) {
        const char *stop = memchr(s, '=', n);
        size_t length = stop ? (size_t)(stop - s) : n;
        size_t count = characters(s, length);

        if (count > longest)
            longest = count;
        if (!stop)
            return longest;
        s = stop + 1;
        n -= length + 1;
    }
}

static size_t length_of(const struct dcm_vr *row, const char *s, size_t n)
{
    return row->code == VR_PN ? longest_group(s, n) : characters(s, n);
}

/* Spaces that the VR allows round its value (PS3.5 Table 6.2-1). */
static void trim(const struct dcm_vr *row, const char **s, size_t *n)
{
    if (!is_number(row) && row->code != VR_DT && row->code != VR_TM)
        return;
    while (*n && (*s)[*n - 1] == ' ')
        --*n;
    while (*n && **s == ' ' && is_number(row)) {
        ++*s;
        --*n;
    }
}

static enum dcm_status too_long(struct dcm_values *v, size_t length)
{
    return deviation(v, DCM_ISSUE_TEXT_LENGTH,
                     "%llu characters in a %s of %c%c, at most %lu fit",
                     (unsigned long long)length,
                     v->row->code == VR_PN ? "component group" : "value",
                     v->row->code >> 8, v->row->code & 255,
                     (unsigned long)v->row->max);
}

/* One value, not empty. */
static enum dcm_status check_form(struct dcm_values *v, const char *s, size_t n)
{
    const struct dcm_vr *row = v->row;
    size_t length = n > row->max && row->max ? length_of(row, s, n) : 0;
    const char *wants;

    if (length > row->max)
        return too_long(v, length);
    trim(row, &s, &n);
    wants = n ? dcm_form_check(row, s, n) : NULL;
    if (!wants)
        return DCM_OK;
    return deviation(
        v, is_number(row) ? DCM_ISSUE_NUMBER_FORM : DCM_ISSUE_VALUE_FORM,
        "text is not what %c%c asks for: %s", row->code >> 8, row->code & 255,
        wants);
}

/* The values that backslashes make of one. */
static enum dcm_status check_pieces(struct dcm_values *v, const char *s,
                                    size_t n)
{
    const char *end = s + n, *stop;
    enum dcm_status status =
        deviation(v, DCM_ISSUE_VALUE_BACKSLASH,
                  "backslash within a value of %c%c, where it separates values",
                  v->row->code >> 8, v->row->code & 255);

    while (status == DCM_OK) {
        stop = memchr(s, '\\', (size_t)(end - s));
        if (!stop)
            break;
        if (stop > s)
            status = check_form(v, s, (size_t)(stop - s));
        v->count++;
        s = stop + 1;
    }
    return status == DCM_OK && s < end ? check_form(v, s, (size_t)(end - s))
                                       : status;
}

/* ----------------------------------------------------------------- values */

/* As nearly all are: ASCII, one value, of its VR's form. */
static int is_fine(const struct dcm_vr *row, const uint8_t *p, size_t n)
{
    if (!dcm_text_is_plain(p, n) ||
        (row->flags & DCM_VRF_MULTI && memchr(p, '\\', n)))
        return 0;
    return dcm_form_check(row, (const char *)p, n) == NULL;
}

/* `form` 0: its form is wrong in a way that was told already. */
static enum dcm_status check(struct dcm_values *v, uint8_t *p, size_t n,
                             int form)
{
    unsigned found = scan(v->row, p, n);
    const char *s = (const char *)p;
    enum dcm_status status = DCM_OK;

    if (found & HAS_HIGH)
        v->beyond_ascii = 1;
    if (found & HAS_NUL)
        status = deviation(v, DCM_ISSUE_VALUE_NUL, "NUL in text");
    if (status == DCM_OK && found & HAS_CONTROL)
        status = deviation(v, DCM_ISSUE_TEXT_CONTROL,
                           "control character that %c%c does not allow",
                           v->row->code >> 8, v->row->code & 255);
    if (status != DCM_OK)
        return status;
    if (found & HAS_CONTROL && !(v->row->flags & DCM_VRF_CHARSET))
        form = 0;
    if (found & HAS_BACKSLASH && v->row->flags & DCM_VRF_MULTI)
        return check_pieces(v, s, n);
    return form ? check_form(v, s, n) : DCM_OK;
}

/* Room for a value of n bytes after a backslash; *at is where it begins. */
static enum dcm_status next_place(struct dcm_values *v, size_t n, size_t *at)
{
    size_t separator = v->count > 0;
    enum dcm_status status;

    if (n == SIZE_MAX)
        return dcm_values_fail(v, DCM_ERR_MEMORY, "no memory for a value");
    status = dcm_values_room(v, n + separator);
    if (status != DCM_OK)
        return status;
    if (separator)
        v->data[v->size++] = '\\';
    *at = v->size;
    v->count++;
    return DCM_OK;
}

/* What was put at data + at is a whole value. */
static enum dcm_status finish(struct dcm_values *v, size_t at, int form)
{
    uint8_t *p = v->data + at;
    size_t n = v->size - at;

    if (n == 0)
        return DCM_OK;
    v->empty = 0;
    return is_fine(v->row, p, n) ? DCM_OK : check(v, p, n, form);
}

static void put(struct dcm_values *v, const char *s, size_t n)
{
    if (n) /* an absent one may have no address */
        memcpy(v->data + v->size, s, n);
    v->size += n;
}

enum dcm_status dcm_values_put_string(struct dcm_values *v, const char *s,
                                      size_t n, int right)
{
    enum dcm_status status;
    size_t at = 0;

    status = next_place(v, n, &at);
    if (status != DCM_OK)
        return status;
    put(v, s, n);
    if (!right)
        return finish(v, at, 1);
    v->empty &= n == 0;
    return DCM_OK;
}

/* ------------------------------------------------------------------ names */

static size_t group_length(const char *const groups[3], const size_t lengths[3],
                           int g)
{
    return groups[g] ? lengths[g] : 0;
}

enum dcm_status dcm_values_name(struct dcm_values *v, uint64_t where,
                                const char *const groups[3],
                                const size_t lengths[3])
{
    enum dcm_status status = DCM_OK;
    size_t total = 0, at = 0;
    int last = 0, equals = 0;

    v->where = where;
    if (v->row->code != VR_PN)
        return dcm_values_fail(v, DCM_ERR_MALFORMED,
                               "person name as a value of %c%c (PS3.18 F.2.2)",
                               v->row->code >> 8, v->row->code & 255);
    for (int g = 0; g < GROUPS; g++) {
        size_t n = group_length(groups, lengths, g);

        if (n == 0)
            continue;
        if (n > SIZE_MAX / 4)
            return dcm_values_fail(v, DCM_ERR_MEMORY, "no memory for a value");
        last = g;
        total += n;
        equals |= memchr(groups[g], '=', n) != NULL;
    }
    status = next_place(v, total + (size_t)last, &at);
    if (status != DCM_OK)
        return status;
    for (int g = 0; g <= last; g++) {
        if (g)
            v->data[v->size++] = '=';
        put(v, groups[g], group_length(groups, lengths, g));
    }
    if (equals)
        status = deviation(v, DCM_ISSUE_VALUE_FORM,
                           "'=' within a component group of a name");
    return status == DCM_OK ? finish(v, at, !equals) : status;
}
