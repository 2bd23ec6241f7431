/* Language. The array that the values of an attribute go into (PS3.18 F.2.4,
 * F.2.5). Knows nothing of what a value looks like: json_numbers.c and
 * json_strings.c do. */
#include "json_values.h"

/* What stands before a value; `to` has room for two marks and "null". The
 * array is opened by its first value, so that one without any is not there;
 * a first value that is empty waits for a second (PS3.18 F.2.5). */
char *dcm_json_before(struct dcm_json_values *v, char *to)
{
    if (v->array.count++)
        to = dcm_json_mark(to, &v->style->comma);
    else
        to = dcm_json_mark(to, &v->style->value);
    if (v->array.null_first) {
        v->array.null_first = 0;
        v->array.count++;
        memcpy(to, "null", 4);
        to = dcm_json_mark(to + 4, &v->style->comma);
    }
    return to;
}

void dcm_json_null(struct dcm_json_values *v)
{
    char *to, *end;

    if (v->array.count == 0 && !v->array.null_first) {
        v->array.null_first = 1;
        return;
    }
    to = dcm_output_room(v->c.output, DCM_JSON_BEFORE + 4);
    if (!to)
        return;
    end = dcm_json_before(v, to);
    memcpy(end, "null", 4);
    dcm_output_commit(v->c.output, (size_t)(end + 4 - to));
}

void dcm_json_end(struct dcm_json_values *v)
{
    if (v->array.count)
        dcm_json_char(v->c.output, ']');
}
