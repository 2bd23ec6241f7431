/* Language. The frame of a JSON document (PS3.18 F.2.2): objects with members
 * in the order of their tags, arrays of items (F.2.5), and where the lines
 * break. What cannot be put in order any more is told once per object.
 * Knows nothing of values. */
#include "json_members.h"
#include "dict.h"

static enum dcm_status no_memory(struct dcm_json_members *m)
{
    return dcm_error_fill(m->error, DCM_ERR_MEMORY, DCM_NO_OFFSET, "",
                          "no memory for a JSON document");
}

static enum dcm_status tell_unsorted(struct dcm_json_members *m,
                                     const struct dcm_event *ev)
{
    struct dcm_json_level *level = dcm_json_top(&m->order);

    if (level->told)
        return DCM_OK;
    level->told = 1;
    return dcm_deviation(m->policy, m->error, DCM_ISSUE_UNSORTED, ev,
                         ev ? ev->offset : DCM_NO_OFFSET,
                         "members of an object stay out of order");
}

static enum dcm_status sort_level(struct dcm_json_members *m,
                                  const struct dcm_event *ev)
{
    switch (dcm_json_order_sort(&m->order)) {
    case DCM_JSON_NO_MEMORY:
        return no_memory(m);
    case DCM_JSON_UNSORTED:
        return tell_unsorted(m, ev);
    default:
        return DCM_OK;
    }
}

enum dcm_status dcm_json_open_object(struct dcm_json_members *m, uint32_t tag)
{
    dcm_output_char(m->output, '{');
    return dcm_json_order_open(&m->order, 0, tag) ? DCM_OK : no_memory(m);
}

/* Indentation of what is in the top level: a member of the data set has
 * one step, and so has each level around it. */
static void new_line(struct dcm_json_members *m, size_t less)
{
    if (m->style->pretty)
        dcm_output_line(m->output, m->order.depth - less);
}

enum dcm_status dcm_json_close_object(struct dcm_json_members *m,
                                      const struct dcm_event *ev)
{
    enum dcm_status status = sort_level(m, ev);

    if (status != DCM_OK)
        return status;
    if (dcm_json_top(&m->order)->count)
        new_line(m, 1);
    dcm_json_order_close(&m->order);
    dcm_json_char(m->output, '}');
    return DCM_OK;
}

/* ---------------------------------------------------------------- members */

/* For a comma, a name of eight digits and a VR. */
#define MEMBER_ROOM (DCM_JSON_MARK_SIZE + 24)

static int put_keyword(struct dcm_json_members *m, uint32_t tag)
{
    struct dcm_attribute row;

    /* A keyword of repeating groups names one of them only, or there would
     * be two members of one name. */
    if (!dcm_attribute_find(tag, &row) || row.tag != tag || !*row.keyword)
        return 0;
    dcm_output_char(m->output, '"');
    dcm_output_text(m->output, row.keyword);
    dcm_output_char(m->output, '"');
    return 1;
}

static char *plain_name(char *to, uint32_t tag)
{
    *to++ = '"';
    to = dcm_hex8(to, tag);
    *to++ = '"';
    return to;
}

/* A name on a line of its own, or a keyword: room for what follows it. */
static char *other_name(struct dcm_json_members *m, uint32_t tag)
{
    char *to;

    new_line(m, 0);
    if (m->keywords && put_keyword(m, tag))
        return dcm_output_room(m->output, MEMBER_ROOM);
    to = dcm_output_room(m->output, MEMBER_ROOM);
    return to ? plain_name(to, tag) : NULL;
}

/* The name and VR of a member: `"00100010":{"vr":"PN"`. */
enum dcm_status dcm_json_open_member(struct dcm_json_members *m,
                                     const struct dcm_event *ev, uint16_t vr)
{
    struct dcm_output *o = m->output;
    struct dcm_json_level *level = dcm_json_top(&m->order);
    int falls = ev->tag < level->highest;
    char *to = dcm_output_reserve(o, MEMBER_ROOM);

    if (!to)
        return DCM_OK;
    if (level->count) {
        *to++ = ',';
        dcm_output_commit(o, 1);
    }
    if (!dcm_json_order_member(&m->order, ev->tag, dcm_output_tell(o)))
        return no_memory(m);
    to = m->style->pretty || m->keywords ? other_name(m, ev->tag)
                                         : plain_name(to, ev->tag);
    if (!to)
        return DCM_OK;
    to = dcm_json_mark(to, &m->style->vr);
    to[0] = (char)(vr >> 8);
    to[1] = (char)(vr & 255);
    to[2] = '"';
    dcm_output_commit(o, (size_t)(to + 3 - (o->buffer + o->used)));
    return falls && level->lost ? tell_unsorted(m, ev) : DCM_OK;
}

/* ------------------------------------------------------------------ items */

enum dcm_status dcm_json_open_array(struct dcm_json_members *m, uint32_t tag)
{
    return dcm_json_order_open(&m->order, 1, tag) ? DCM_OK : no_memory(m);
}

enum dcm_status dcm_json_open_item(struct dcm_json_members *m)
{
    struct dcm_json_level *level = dcm_json_top(&m->order);
    char *to = dcm_output_room(m->output, DCM_JSON_MARK_SIZE + 1), *end = to;

    if (!to)
        return DCM_OK;
    if (level->count++)
        *end++ = ',';
    else
        end = dcm_json_mark(end, &m->style->value);
    if (m->style->pretty) {
        dcm_output_commit(m->output, (size_t)(end - to));
        new_line(m, 0);
        return dcm_json_open_object(m, level->tag);
    }
    *end++ = '{';
    dcm_output_commit(m->output, (size_t)(end - to));
    return dcm_json_order_open(&m->order, 0, level->tag) ? DCM_OK
                                                         : no_memory(m);
}

void dcm_json_close_array(struct dcm_json_members *m)
{
    if (dcm_json_top(&m->order)->count) {
        new_line(m, 1);
        dcm_output_char(m->output, ']');
    }
    dcm_json_order_close(&m->order);
}

enum dcm_status dcm_json_settle(struct dcm_json_members *m,
                                const struct dcm_event *ev)
{
    const struct dcm_json_level *level = dcm_json_top(&m->order);

    /* Memory lets nothing out. */
    if (!level->falls || level->lost || !m->output->write)
        return DCM_OK;
    return sort_level(m, ev);
}
