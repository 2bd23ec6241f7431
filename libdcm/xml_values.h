/* Language. One attribute's content on its way to XML (PS3.19 A.1.5): the
 * elements Value and PersonName, which are numbered. Shared by the files that
 * know how values look; knows nothing of attributes, levels or URIs. */
#ifndef DCM_XML_VALUES_H
#define DCM_XML_VALUES_H

#include "content.h"
#include "number.h"
#include "xml_text.h"

struct dcm_xml_values {
    struct dcm_content c; /* first */
    uint64_t count;       /* values so far */
    int null_first;       /* the first is empty, and not written yet */
    int open;             /* the attribute's tag has its '>' */
};

/* Onto a value; the attribute's tag is there, but for its '>'. */
static inline void dcm_xml_values_start(struct dcm_xml_values *v,
                                        const struct dcm_event *ev,
                                        const struct dcm_vr *vr)
{
    dcm_content_start(&v->c, ev, vr);
    v->count = 0;
    v->null_first = 0;
    v->open = 0;
}

#define DCM_XML_NUMBER_ROOM (20 + 20 + 3) /* `<PersonName number="..."/>` */
/* A tag with the next value's number, up to its last quote. */
static inline char *dcm_xml_numbered(char *to, uint64_t number, int is_name)
{
    to = is_name ? DCM_XML_TEXT(to, "<PersonName number=\"")
                 : DCM_XML_TEXT(to, "<Value number=\"");
    if (number < 10)
        *to++ = (char)('0' + number);
    else
        to += dcm_number_u64(to, number);
    *to++ = '"';
    return to;
}

/* Writes what stands before a value, its start tag included; `to` has
 * DCM_XML_BEFORE bytes of room. A first value that is empty waits for a
 * second: an attribute whose one value is empty has no content. */
#define DCM_XML_BEFORE (2 * DCM_XML_NUMBER_ROOM + 1)
char *dcm_xml_before_slow(struct dcm_xml_values *v, char *to, int is_name);
static inline char *dcm_xml_before(struct dcm_xml_values *v, char *to,
                                   int is_name)
{
    if (!v->open || v->null_first)
        to = dcm_xml_before_slow(v, to, is_name);
    to = dcm_xml_numbered(to, ++v->count, is_name);
    *to++ = '>';
    return to;
}
/* An empty value. */
void dcm_xml_null(struct dcm_xml_values *v, int is_name);

#define DCM_XML_VALUE_END "</Value>"

/* Text, numbers and bytes: each writes the content of an attribute, or
 * nothing when there is none, and sets v->open when there is. When the source
 * cannot give all of it, what it gave is written, the XML stays whole, and
 * v->c.source_status tells. */
enum dcm_status dcm_xml_strings_put(struct dcm_xml_values *v,
                                    const struct dcm_event *ev,
                                    const struct dcm_vr *vr);
enum dcm_status dcm_xml_numbers_put(struct dcm_xml_values *v,
                                    const struct dcm_event *ev,
                                    const struct dcm_vr *vr);
/* Only tells what is wrong with a text that is left out. */
enum dcm_status dcm_xml_strings_check(struct dcm_xml_values *v,
                                      const struct dcm_event *ev,
                                      const struct dcm_vr *vr);

/* BulkData: for a value, for a text larger than one may be, and for one that
 * comes as a URI. */
struct dcm_bulk_wish;
enum dcm_status dcm_xml_bulk_put(struct dcm_xml_values *v,
                                 const struct dcm_bulk_wish *wish,
                                 const struct dcm_event *ev);
enum dcm_status dcm_xml_large_text_put(struct dcm_xml_values *v,
                                       const struct dcm_bulk_wish *wish,
                                       const struct dcm_event *ev);
enum dcm_status dcm_xml_reference_put(struct dcm_xml_values *v,
                                      const struct dcm_event *ev);

/* The commonest texts by a short way (xml_plain.c): writes the content of an
 * attribute when it is short, plain ASCII with nothing to escape, and nothing
 * of it is to be told: 1. Otherwise nothing is written: 0. */
int dcm_xml_plain_text(struct dcm_xml_values *v, const struct dcm_event *ev,
                       const struct dcm_vr *vr);

#endif
