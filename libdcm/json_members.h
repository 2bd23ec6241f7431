/* Language. The frame of a JSON document: objects, the members in them, and
 * arrays of items, compact or indented. Knows the name and VR of a member;
 * nothing of its value, nor of events beyond what a message needs. */
#ifndef DCM_JSON_MEMBERS_H
#define DCM_JSON_MEMBERS_H

#include "json_order.h"
#include "json_text.h"
#include "policy.h"

struct dcm_json_members {
    struct dcm_output *output;
    struct dcm_policy *policy;
    struct dcm_error *error; /* where failures are told */
    const struct dcm_json_style *style;
    int keywords; /* names are keywords where there are any */
    struct dcm_json_order order;
};

/* Each of these returns DCM_OK, or fills *error. `ev` is for messages and may
 * be NULL, but for a member. */

enum dcm_status dcm_json_open_object(struct dcm_json_members *m, uint32_t tag);
/* Puts the members in order too, or says that they can't be. */
enum dcm_status dcm_json_close_object(struct dcm_json_members *m,
                                      const struct dcm_event *ev);
/* The comma, name and VR of a member: `,"00100010":{"vr":"PN"`. */
enum dcm_status dcm_json_open_member(struct dcm_json_members *m,
                                     const struct dcm_event *ev, uint16_t vr);
static inline void dcm_json_close_member(struct dcm_json_members *m)
{
    dcm_json_char(m->output, '}');
}
/* The value of the member that was opened is an array of items. It is not
 * there at all when it has none (PS3.18 F.2.5). */
enum dcm_status dcm_json_open_array(struct dcm_json_members *m, uint32_t tag);
enum dcm_status dcm_json_open_item(struct dcm_json_members *m);
void dcm_json_close_array(struct dcm_json_members *m);
/* Puts the members so far in order, before a large one drives them out. */
enum dcm_status dcm_json_settle(struct dcm_json_members *m,
                                const struct dcm_event *ev);

#endif
