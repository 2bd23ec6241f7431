/* Source. Person names (PS3.19 A.1.5.2.5): components are joined by '^' and
 * groups put one after another (PS3.5 6.2.1). Knows nothing of other values. */
#include "xml_reader.h"

#include <string.h>

void dcm_xml_name_start(struct parse *p, uint32_t number)
{
    p->name = p->here;
    p->name_number = number;
    memset(p->part, 0, sizeof(p->part));
}

void dcm_xml_name_group(struct parse *p, unsigned group)
{
    p->group = (uint8_t)group;
}

void dcm_xml_name_component(struct parse *p, unsigned component)
{
    size_t *part = p->part[p->group][component];

    p->leaf = p->here;
    p->component = (uint8_t)component;
    if (part[1])
        dcm_xml_parse_note(p, DCM_ISSUE_KEY_REPEATED, &p->here,
                           "component of a person name is there twice, its "
                           "last value counts");
    part[0] = p->queue.n_text - p->queue.keep;
    part[1] = 0;
}

void dcm_xml_name_component_end(struct parse *p)
{
    size_t *part = p->part[p->group][p->component];
    const char *s = p->queue.text + p->queue.keep + part[0];

    part[1] = p->queue.n_text - p->queue.keep - part[0];
    if (part[1] && memchr(s, '^', part[1]))
        dcm_xml_parse_note(p, DCM_ISSUE_VALUE_FORM, &p->leaf,
                           "'^' within a component of a person name");
}

static int put(struct parse *p, const char *s, size_t n)
{
    if (dcm_xml_queue_text(&p->queue, s, n))
        return 1;
    if (!p->queue.no_memory)
        dcm_xml_parse_fail(p, DCM_ERR_LIMIT, &p->name,
                           "person name is too long to be held; raise the "
                           "limit 'value' to read on");
    return 0;
}

static int put_part(struct parse *p, const size_t *part)
{
    char piece[256];
    size_t from = part[0], left = part[1];

    while (left) { /* text moves when it grows */
        size_t n = left < sizeof(piece) ? left : sizeof(piece);

        memcpy(piece, p->queue.text + p->queue.keep + from, n);
        if (!put(p, piece, n))
            return 0;
        from += n;
        left -= n;
    }
    return 1;
}

static int put_group(struct parse *p, size_t parts[COMPONENTS][2])
{
    int last = COMPONENTS - 1;

    while (last >= 0 && parts[last][1] == 0)
        last--;
    for (int c = 0; c <= last; c++)
        if ((c && !put(p, "^", 1)) || !put_part(p, parts[c]))
            return 0;
    return 1;
}

void dcm_xml_name_end(struct parse *p)
{
    size_t start = p->queue.n_text;
    struct record *record;

    for (int g = 0; g < GROUPS; g++)
        if (!put_group(p, p->part[g]) || !put(p, "", 1))
            return;
    record = dcm_xml_queue_push(&p->queue, NAME, &p->name);
    if (!record) {
        if (!p->queue.no_memory)
            dcm_xml_parse_fail(p, DCM_ERR_LIMIT, &p->name,
                               "attribute has too much to be held; raise the "
                               "limit 'value' to read on");
        return;
    }
    record->number = p->name_number;
    p->queue.keep = start;
    dcm_xml_queue_close(&p->queue, record);
}
