/* Language. Numbered values in XML, and text as such (PS3.19 A.1.5, PS3.5 6.2):
 * Value elements, and names in their component groups and components. Knows
 * nothing of how text is decoded (text.c) or escaped (xml_text.c). */
#include "xml_values.h"
#include "content_text.h"

/* Texts up to this are written in one go. */
#define SHORT 1024

#define COMPONENTS 5 /* of a name's group, PS3.5 6.2.1 */

/* ---------------------------------------------------------------- numbers */

char *dcm_xml_before_slow(struct dcm_xml_values *v, char *to, int is_name)
{
    if (!v->open)
        *to++ = '>';
    v->open = 1;
    if (v->null_first) {
        to = dcm_xml_numbered(to, v->count, is_name);
        to = DCM_XML_TEXT(to, "/>");
        v->null_first = 0;
    }
    return to;
}

void dcm_xml_null(struct dcm_xml_values *v, int is_name)
{
    char *to, *end;

    if (v->count == 0) {
        v->null_first = 1;
        v->count = 1;
        return;
    }
    to = dcm_output_room(v->c.output, DCM_XML_BEFORE + 2);
    if (!to)
        return;
    end = dcm_xml_before_slow(v, to, is_name);
    end = dcm_xml_numbered(end, ++v->count, is_name);
    end = DCM_XML_TEXT(end, "/>");
    dcm_output_commit(v->c.output, (size_t)(end - to));
}

/* ------------------------------------------------------------------- text */

/* Text and the end of its element. */
static void put_inside(struct dcm_content *c, const char *s, size_t n,
                       const char *end_tag, size_t end_size)
{
    const size_t inside = n <= SHORT ? DCM_XML_ESCAPED(n) : 0;
    char *to;

    if (n > SHORT)
        dcm_xml_put(c->output, s, n, DCM_XML_CONTENT, &c->controls);
    to = dcm_output_room(c->output, inside + end_size);
    if (!to)
        return;
    if (n <= SHORT) {
        n = dcm_xml_escape(to, s, n, DCM_XML_CONTENT, &c->controls);
        dcm_output_commit(c->output, n);
        to += n;
    }
    memcpy(to, end_tag, end_size);
    dcm_output_commit(c->output, end_size);
}

static int put_before(struct dcm_xml_values *v, int is_name)
{
    char *to = dcm_output_room(v->c.output, DCM_XML_BEFORE);

    if (!to)
        return 0;
    dcm_output_commit(v->c.output,
                      (size_t)(dcm_xml_before(v, to, is_name) - to));
    return 1;
}

/* The next three are each a dcm_content_put_fn. */

static void put_text(struct dcm_content *c, const char *s, size_t n)
{
    struct dcm_xml_values *v = (struct dcm_xml_values *)c;

    dcm_content_too_long(c, s, n);
    if (n == 0)
        dcm_xml_null(v, 0);
    else if (put_before(v, 0))
        put_inside(c, s, n, DCM_XML_VALUE_END, sizeof(DCM_XML_VALUE_END) - 1);
}

/* DS or IS: as it stands; what is no number is told. */
static void put_decimal(struct dcm_content *c, const char *s, size_t n)
{
    char number[SHORT + 4];

    if (n && !dcm_content_too_long(c, s, n) &&
        !(c->vr->code == VR_IS ? dcm_number_is(number, s, n, 0)
                               : dcm_number_ds(number, s, n, 0)))
        c->issues |= DCM_CONTENT_FORM;
    put_text(c, s, n);
}

/* ----------------------------------------------------------- person names */

struct element {
    const char *start, *end;
};

/* group -> component { "^" component }, at most five; what follows a fifth
 * stays in it, carets included. Only those with something in them are written
 * (PS3.19 A.1.5), so carets at the end mean nothing. */
static void put_group(struct dcm_content *c, const char *s, size_t n)
{
    static const struct element components[COMPONENTS] = {
        {"<FamilyName>", "</FamilyName>"}, {"<GivenName>", "</GivenName>"},
        {"<MiddleName>", "</MiddleName>"}, {"<NamePrefix>", "</NamePrefix>"},
        {"<NameSuffix>", "</NameSuffix>"},
    };
    const char *end = s + n, *stop;

    while (end > s && end[-1] == '^')
        end--;
    for (int i = 0; i < COMPONENTS && s < end; i++, s = stop + 1) {
        const struct element *e = &components[i];

        stop = memchr(s, '^', (size_t)(end - s));
        if (stop && i + 1 == COMPONENTS)
            c->issues |= DCM_CONTENT_COMPONENTS;
        if (!stop || i + 1 == COMPONENTS)
            stop = end;
        if (stop == s)
            continue;
        dcm_output_text(c->output, e->start);
        put_inside(c, s, (size_t)(stop - s), e->end, strlen(e->end));
    }
}

static void put_name(struct dcm_content *c, const char *s, size_t n)
{
    static const struct element groups[DCM_NAME_GROUPS] = {
        {"<Alphabetic>", "</Alphabetic>"},
        {"<Ideographic>", "</Ideographic>"},
        {"<Phonetic>", "</Phonetic>"},
    };
    struct dcm_xml_values *v = (struct dcm_xml_values *)c;
    struct dcm_name name;

    dcm_content_split_name(c, &name, s, n);
    if (name.groups == 0) {
        dcm_xml_null(v, 1);
        return;
    }
    if (!put_before(v, 1))
        return;
    for (int g = 0; g < DCM_NAME_GROUPS; g++) {
        if (!name.n[g])
            continue;
        dcm_content_too_long(c, name.s[g], name.n[g]);
        dcm_output_text(c->output, groups[g].start);
        put_group(c, name.s[g], name.n[g]);
        dcm_output_text(c->output, groups[g].end);
    }
    dcm_output_text(c->output, "</PersonName>");
}

/* ----------------------------------------------------------------- values */

static dcm_content_put_fn *text_form(uint16_t vr)
{
    if (vr == VR_PN)
        return put_name;
    return vr == VR_DS || vr == VR_IS ? put_decimal : put_text;
}

enum dcm_status dcm_xml_strings_put(struct dcm_xml_values *v,
                                    const struct dcm_event *ev,
                                    const struct dcm_vr *vr)
{
    if (dcm_xml_plain_text(v, ev, vr))
        return DCM_OK;
    return dcm_content_texts(&v->c, text_form(vr->code));
}

/* Is a dcm_content_put_fn. */
static void put_nowhere(struct dcm_content *c, const char *s, size_t n)
{
    char text[DCM_XML_ESCAPED(64)];

    dcm_content_too_long(c, s, n);
    for (size_t piece; n; s += piece, n -= piece) {
        piece = n < 64 ? n : 64;
        dcm_xml_escape(text, s, piece, DCM_XML_CONTENT, &c->controls);
    }
}

enum dcm_status dcm_xml_strings_check(struct dcm_xml_values *v,
                                      const struct dcm_event *ev,
                                      const struct dcm_vr *vr)
{
    if (vr->kind != DCM_KIND_TEXT ||
        (ev->data && ev->size <= vr->max &&
         dcm_text_is_plain(ev->data, (size_t)ev->size)))
        return DCM_OK;
    dcm_xml_values_start(v, ev, vr);
    return dcm_content_texts(&v->c, put_nowhere);
}
