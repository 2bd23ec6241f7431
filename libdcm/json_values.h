/* Language. One value on its way to JSON, and the array that its values go
 * into. Shared by json_numbers.c and json_strings.c; knows nothing of members,
 * levels or URIs. */
#ifndef DCM_JSON_VALUES_H
#define DCM_JSON_VALUES_H

#include "content.h"
#include "json_text.h"

/* How far the array of values is. */
struct dcm_json_array {
    size_t count;   /* values written */
    int null_first; /* the first is empty, and not written yet */
};

struct dcm_json_values {
    struct dcm_content c; /* first */
    const struct dcm_json_style *style;
    enum dcm_numbers numbers;
    struct dcm_json_array array; /* of the value being written */
};

/* Onto a value. */
static inline void dcm_json_values_start(struct dcm_json_values *v,
                                         const struct dcm_event *ev,
                                         const struct dcm_vr *vr)
{
    dcm_content_start(&v->c, ev, vr);
    v->array.count = 0;
    v->array.null_first = 0;
}

/* Writes what stands before a value; `to` has DCM_JSON_BEFORE bytes of room.
 * The array is opened by its first value, so that one without any is not
 * there; a first value that is empty waits for a second (PS3.18 F.2.5). */
char *dcm_json_before(struct dcm_json_values *v, char *to);
#define DCM_JSON_BEFORE (2 * DCM_JSON_MARK_SIZE + 4)
/* An empty value. */
void dcm_json_null(struct dcm_json_values *v);
void dcm_json_end(struct dcm_json_values *v);

#endif
