/* Language. Start tags of DicomAttribute (PS3.19 A.1.5): its XML attributes
 * are tag, vr, keyword (PS3.6) and privateCreator, in this order. The same few
 * tags come again and again, so those of public attributes are kept as text.
 * Knows nothing of content. */
#include "xml_head.h"
#include "dict.h"
#include "policy.h"
#include "xml_text.h"

void dcm_xml_heads_init(struct dcm_xml_heads *h, struct dcm_output *output)
{
    h->output = output;
    dcm_text_init(&h->creator);
}

void dcm_xml_heads_release(struct dcm_xml_heads *h)
{
    dcm_text_release(&h->creator);
}

static char *add(char *to, const char *s)
{
    size_t n = strlen(s);

    memcpy(to, s, n);
    return to + n;
}

#define TAG_AND_VR 40 /* bytes that these take */

static char *put_tag(char *to, uint32_t tag, uint16_t vr)
{
    to = add(to, "<DicomAttribute tag=\"");
    to = dcm_hex8(to, tag);
    to = add(to, "\" vr=\"");
    *to++ = (char)(vr >> 8);
    *to++ = (char)(vr & 255);
    *to++ = '"';
    return to;
}

/* ----------------------------------------------------------------- private */

/* The creator is in the default repertoire (PS3.5 7.8.1). Read as LT it is one
 * value, whatever is in it. */
static enum dcm_status put_creator(struct dcm_xml_heads *h,
                                   const struct dcm_event *ev,
                                   const char *creator, size_t length)
{
    static const struct dcm_charset none = {0};
    unsigned controls = 0;
    const char *s;
    size_t n;

    dcm_output_text(h->output, " privateCreator=\"");
    dcm_text_start(&h->creator, &none, VR_LT, (const uint8_t *)creator, length);
    if (dcm_text_next(&h->creator, &s, &n))
        dcm_xml_put(h->output, s, n, DCM_XML_ATTRIBUTE, &controls);
    else if (h->creator.failed)
        return dcm_error_fill(h->error, DCM_ERR_MEMORY, DCM_NO_OFFSET, "",
                              "no memory for a Private Creator");
    dcm_output_char(h->output, '"');
    if (!(controls & DCM_MET_LOST))
        return DCM_OK;
    return dcm_deviation(h->policy, h->error, DCM_ISSUE_XML_CHARACTER, ev,
                         ev->offset,
                         "Private Creator has a character that XML can't hold");
}

static enum dcm_status put_private(struct dcm_xml_heads *h,
                                   const struct dcm_event *ev, uint16_t vr)
{
    size_t length = 0;
    const char *creator = NULL;
    int alone = dcm_xml_is_creator(ev->tag); /* has none, needs none */
    char *to = dcm_output_reserve(h->output, TAG_AND_VR), *end;

    if (!to)
        return DCM_OK;
    if (!alone)
        creator = dcm_event_creator(ev, &length);
    end = put_tag(to, creator && length ? ev->tag & 0xFFFF00FFu : ev->tag, vr);
    dcm_output_commit(h->output, (size_t)(end - to));
    if (creator && length)
        return put_creator(h, ev, creator, length);
    if (alone)
        return DCM_OK;
    return dcm_deviation(h->policy, h->error, DCM_ISSUE_PRIVATE_BLOCK, ev,
                         ev->offset, "%s",
                         dcm_issue_help(DCM_ISSUE_PRIVATE_BLOCK));
}

/* ------------------------------------------------------------------ public */

enum dcm_status dcm_xml_head_other(struct dcm_xml_heads *h,
                                   const struct dcm_event *ev, uint16_t vr)
{
    struct dcm_xml_head *k = &h->known[(uint32_t)(ev->tag * 0x9E3779B1u) >> 24];
    struct dcm_attribute row;
    char *end;

    if (ev->tag & 0x10000)
        return put_private(h, ev, vr);
    k->tag = ev->tag;
    k->vr = vr;
    end = put_tag(k->text, ev->tag, vr);
    /* The longest keyword of PS3.6 has 63 letters. */
    if (dcm_attribute_find(ev->tag, &row) && *row.keyword &&
        strlen(row.keyword) < DCM_XML_HEAD - TAG_AND_VR - 12) {
        end = add(end, " keyword=\"");
        end = add(end, row.keyword);
        *end++ = '"';
    }
    k->length = (uint16_t)(end - k->text);
    return dcm_xml_head(h, ev, vr);
}
