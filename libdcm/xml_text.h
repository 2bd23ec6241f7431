/* Language. The text of XML 1.0: character data and attribute values. Knows
 * nothing of DICOM. */
#ifndef DCM_XML_TEXT_H
#define DCM_XML_TEXT_H

#include "output.h"
#include "plain.h"

/* Room that the escaped form of n bytes may need. */
#define DCM_XML_ESCAPED(n) (6 * (n) + 16)

/* Copies text that is known here: to `to`, or to an output. */
#define DCM_XML_TEXT(to, s) \
    ((char *)memcpy((to), (s), sizeof(s) - 1) + sizeof(s) - 1)
#define DCM_XML_PUT(o, s) dcm_xml_put_known((o), (s), sizeof(s) - 1)
static inline void dcm_xml_put_known(struct dcm_output *o, const char *s,
                                     size_t n)
{
    char *to = dcm_output_room(o, n);

    if (to) {
        memcpy(to, s, n);
        dcm_output_commit(o, n);
    }
}

enum dcm_xml_place { DCM_XML_CONTENT, DCM_XML_ATTRIBUTE };

/* Writes n bytes of valid UTF-8 as character data, or as the inside of an
 * attribute value in double quotes; returns the bytes written, and ORs what
 * it met into *controls (DCM_MET_...). out has room for DCM_XML_ESCAPED(n).
 * What XML has no place for comes out as U+FFFD (XML 1.0 2.2); no other
 * control character but TAB and LF comes through raw, U+007F-U+009F included:
 * they could drive a terminal. */
size_t dcm_xml_escape(char *out, const char *s, size_t n,
                      enum dcm_xml_place place, unsigned *controls);
/* The same to an output, in pieces, so that the room asked for at a time is
 * bounded. */
void dcm_xml_put(struct dcm_output *o, const char *s, size_t n,
                 enum dcm_xml_place place, unsigned *controls);
/* A URI as the inside of an attribute value; see dcm_uri_char(). */
void dcm_xml_put_uri(struct dcm_output *o, const char *s, size_t n);

/* Not 0 when one of 8 bytes may have a form of its own in character data;
 * every byte over 7E counts as one that may. '<' and '>' differ in one bit. */
static inline uint64_t dcm_xml_special8(uint64_t x)
{
    uint64_t amp = (x ^ DCM_EACH('&')) - DCM_EACH(1);
    uint64_t angle = ((x | DCM_EACH(2)) ^ DCM_EACH('>')) - DCM_EACH(1);

    return (dcm_not_printable8(x) | amp | angle) & DCM_EACH(0x80);
}

/* The same, and the backslash, which may part two values (PS3.5 6.4). */
static inline uint64_t dcm_xml_value_special8(uint64_t x)
{
    uint64_t slash = (x ^ DCM_EACH('\\')) - DCM_EACH(1);

    return dcm_xml_special8(x) | (slash & DCM_EACH(0x80));
}

#endif
