/* Language. The frame of an XML document (PS3.19 A.1.5): the root element,
 * sequences with their numbered items, and where the lines break: never inside
 * a value, since all white space there counts. The order of attributes means
 * nothing, so they stay as they come. Knows nothing of values. */
#include "xml_model.h"
#include "number.h"
#include <stdlib.h>

void dcm_xml_model_init(struct dcm_xml_model *m, struct dcm_output *output)
{
    m->output = output;
    m->second = UINT64_MAX;
    dcm_xml_heads_init(&m->heads, output);
}

void dcm_xml_model_release(struct dcm_xml_model *m)
{
    dcm_xml_heads_release(&m->heads);
    free(m->items);
}

void dcm_xml_model_clear(struct dcm_xml_model *m)
{
    dcm_output_hold(m->output, UINT64_MAX);
    m->second = UINT64_MAX;
    m->in_seq = m->fresh = 0;
    m->depth = 0;
}

/* --------------------------------------------------------------- document */

void dcm_xml_model_begin(struct dcm_xml_model *m)
{
    struct dcm_output *o = m->output;

    /* While it is short it can be taken back. */
    dcm_output_hold(o, dcm_output_tell(o));
    dcm_output_text(o, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                       "<NativeDicomModel xml:space=\"preserve\"");
    if (m->name_space)
        dcm_output_text(o, " xmlns=\"http://dicom.nema.org/PS3.19/models/"
                           "NativeDICOM\"");
    dcm_output_char(o, '>');
    m->fresh = 1;
}

void dcm_xml_model_end(struct dcm_xml_model *m)
{
    if (!m->fresh)
        dcm_xml_model_line(m, 0);
    dcm_output_text(m->output, "</NativeDicomModel>");
    dcm_output_hold(m->output, UINT64_MAX);
}

/* -------------------------------------------------------------- sequences */

static int has_room(struct dcm_xml_model *m)
{
    size_t n = m->max_items ? 2 * m->max_items : 16;
    void *p;

    if (m->depth < m->max_items)
        return 1;
    p = realloc(m->items, n * sizeof(*m->items));
    if (!p)
        return 0;
    m->items = p;
    m->max_items = n;
    return 1;
}

enum dcm_status dcm_xml_open_seq(struct dcm_xml_model *m,
                                 const struct dcm_event *ev)
{
    if (!has_room(m))
        return dcm_error_fill(m->heads.error, DCM_ERR_MEMORY, DCM_NO_OFFSET, "",
                              "no memory for an XML document");
    m->items[m->depth] = 0;
    m->in_seq = 1;
    return dcm_xml_open_attribute(m, ev, VR_SQ);
}

void dcm_xml_open_item(struct dcm_xml_model *m)
{
    char *to, *end;

    if (m->items[m->depth]++ == 0)
        dcm_output_char(m->output, '>');
    dcm_xml_model_line(m, 2);
    to = dcm_output_reserve(m->output, DCM_NUMBER_MAX + 16);
    if (to) {
        end = DCM_XML_TEXT(to, "<Item number=\"");
        end += dcm_number_u64(end, m->items[m->depth]);
        end = DCM_XML_TEXT(end, "\">");
        dcm_output_commit(m->output, (size_t)(end - to));
    }
    m->depth++;
    m->in_seq = 0;
    m->fresh = 1;
}

void dcm_xml_close_item(struct dcm_xml_model *m)
{
    m->depth--;
    if (!m->fresh)
        dcm_xml_model_line(m, 2);
    DCM_XML_PUT(m->output, "</Item>");
    m->in_seq = 1;
    m->fresh = 0;
}

void dcm_xml_close_seq(struct dcm_xml_model *m)
{
    int open = m->items[m->depth] != 0;

    if (open)
        dcm_xml_model_line(m, 1);
    dcm_xml_close_attribute(m, open);
    m->in_seq = 0;
}

/* ---------------------------------------------------------------- charset */

void dcm_xml_move_charset(struct dcm_xml_model *m, uint64_t start)
{
    struct dcm_output *o = m->output;
    const uint64_t n = dcm_output_tell(o) - start;
    char last[256], *to;
    size_t between;

    if (o->status != DCM_OK || m->second == UINT64_MAX || n > sizeof(last))
        return;
    to = dcm_output_at(o, m->second);
    if (!to)
        return;
    between = (size_t)(start - m->second);
    memcpy(last, to + between, (size_t)n);
    memmove(to + n, to, between);
    memcpy(to, last, (size_t)n);
}
