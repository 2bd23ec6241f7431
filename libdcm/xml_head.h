/* Language. The start tag of a DicomAttribute (PS3.19 A.1.5). Knows the names
 * of attributes, nothing of their content. */
#ifndef DCM_XML_HEAD_H
#define DCM_XML_HEAD_H

#include "output.h"
#include "text.h"
#include "vr.h"

#define DCM_XML_HEAD 128 /* bytes of a start tag that is kept */
#define DCM_XML_HEAD_STEP 32

struct dcm_xml_head {
    uint32_t tag;
    uint16_t vr;
    uint16_t length; /* 0: none yet */
    char text[DCM_XML_HEAD];
};

struct dcm_xml_heads {
    struct dcm_output *output;
    struct dcm_policy *policy;
    struct dcm_error *error; /* where failures are told */
    struct dcm_text creator;
    struct dcm_xml_head known[256]; /* met lately, public ones */
};

void dcm_xml_heads_init(struct dcm_xml_heads *h, struct dcm_output *output);
void dcm_xml_heads_release(struct dcm_xml_heads *h);

/* `<DicomAttribute tag="00100010" vr="PN" keyword="PatientName"`, for now
 * without a '>'. What is private has the creator of its block (PS3.5 7.8.1)
 * and no block in its tag; when there is none that is told. */
enum dcm_status dcm_xml_head_other(struct dcm_xml_heads *h,
                                   const struct dcm_event *ev, uint16_t vr);
static inline enum dcm_status
dcm_xml_head(struct dcm_xml_heads *h, const struct dcm_event *ev, uint16_t vr)
{
    const struct dcm_xml_head *k =
        &h->known[(uint32_t)(ev->tag * 0x9E3779B1u) >> 24];
    char *to;

    if (k->tag != ev->tag || k->vr != vr || !k->length)
        return dcm_xml_head_other(h, ev, vr);
    to = dcm_output_reserve(h->output, DCM_XML_HEAD);
    if (!to)
        return DCM_OK;
    for (size_t i = 0; i < k->length; i += DCM_XML_HEAD_STEP)
        memcpy(to + i, k->text + i, DCM_XML_HEAD_STEP);
    dcm_output_commit(h->output, k->length);
    return DCM_OK;
}

/* Private Creators are (gggg,0010-00FF) of odd groups (PS3.5 7.8.1). */
static inline int dcm_xml_is_creator(uint32_t tag)
{
    return (tag & 0x10000) && (tag & 0xFFFF) >= 0x10 && (tag & 0xFFFF) <= 0xFF;
}

#endif
