/* Language. The frame of an XML document: the model, its attributes, sequences
 * and the items in them, on one line or indented. Knows the start tag of an
 * attribute; nothing of its value, nor of events beyond what a message needs.
 */
#ifndef DCM_XML_MODEL_H
#define DCM_XML_MODEL_H

#include "xml_head.h"
#include "xml_text.h"

struct dcm_xml_model {
    struct dcm_output *output;
    int pretty, name_space;
    int in_seq;      /* a sequence is innermost, else the model or an item */
    int fresh;       /* nothing is in that */
    unsigned depth;  /* open items */
    uint32_t *items; /* so far, of the sequence at each depth */
    size_t max_items;
    uint64_t second; /* where the first attribute past (0008,0005) stands;
                      * UINT64_MAX: none yet */
    struct dcm_xml_heads heads;
};

#define DCM_XML_CHARSET 0x00080005u

void dcm_xml_model_init(struct dcm_xml_model *m, struct dcm_output *output);
void dcm_xml_model_release(struct dcm_xml_model *m);
/* Ready for another document. */
void dcm_xml_model_clear(struct dcm_xml_model *m);

void dcm_xml_model_begin(struct dcm_xml_model *m);
void dcm_xml_model_end(struct dcm_xml_model *m);

/* A new line and its indentation: attributes of the data set are one step in,
 * those of an item two more, a sequence's items are between. */
static inline void dcm_xml_model_line(struct dcm_xml_model *m, size_t more)
{
    if (m->pretty)
        dcm_output_line(m->output, 2 * (size_t)m->depth + more);
}

/* The start tag without its '>': content begins with that. DCM_OK, or fills
 * *m->heads.error. */
static inline enum dcm_status dcm_xml_open_attribute(struct dcm_xml_model *m,
                                                     const struct dcm_event *ev,
                                                     uint16_t vr)
{
    if (m->second == UINT64_MAX && !m->depth && ev->tag > DCM_XML_CHARSET)
        m->second = dcm_output_tell(m->output);
    m->fresh = 0;
    dcm_xml_model_line(m, 1);
    return dcm_xml_head(&m->heads, ev, vr);
}
/* `open`: there was content. */
static inline void dcm_xml_close_attribute(struct dcm_xml_model *m, int open)
{
    if (open)
        DCM_XML_PUT(m->output, "</DicomAttribute>");
    else
        DCM_XML_PUT(m->output, "/>");
}

/* Into and out of a sequence and an item; open_seq as open_attribute. */
enum dcm_status dcm_xml_open_seq(struct dcm_xml_model *m,
                                 const struct dcm_event *ev);
void dcm_xml_open_item(struct dcm_xml_model *m);
void dcm_xml_close_item(struct dcm_xml_model *m);
void dcm_xml_close_seq(struct dcm_xml_model *m);

/* Moves the attribute that came last, from position `start` on, to the place
 * of (0008,0005), if what is to stand behind it is still in the buffer. */
void dcm_xml_move_charset(struct dcm_xml_model *m, uint64_t start);

#endif
