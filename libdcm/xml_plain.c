/* Language. The commonest values of a data set by a short way to XML: short
 * texts of plain ASCII in one piece, and decimal strings that are numbers.
 * What they come out as is what xml_values.c would write; most elements of
 * most files take this way. Anything out of the ordinary is left to the long
 * one. */
#include "scope.h"
#include "xml_values.h"

#define SHORT 256

#define FIRST "><Value number=\"1\">"

/* One value; `special8` says what must not be in it. */
DCM_IN_PLACE int put_one(struct dcm_xml_values *v, const uint8_t *p, size_t n,
                         dcm_special8_fn *special8)
{
    char *to = dcm_output_room(v->c.output, sizeof(FIRST DCM_XML_VALUE_END) +
                                                DCM_PLAIN_ROOM(n));
    char *end;

    if (!to)
        return 1;
    end = DCM_XML_TEXT(to, FIRST);
    if (!dcm_copy_plain(end, p, n, special8))
        return 0;
    end = DCM_XML_TEXT(end + n, DCM_XML_VALUE_END);
    v->open = 1;
    dcm_output_commit(v->c.output, (size_t)(end - to));
    return 1;
}

/* A name with an alphabetic group and no other, of at most five components
 * (PS3.5 6.2.1). */
static int put_name(struct dcm_xml_values *v, const uint8_t *p, size_t n)
{
    static const struct {
        char start[13], end[14]; /* of one length */
    } components[] = {
        {"<FamilyName>", "</FamilyName>"}, {"<GivenName>", "</GivenName>"},
        {"<MiddleName>", "</MiddleName>"}, {"<NamePrefix>", "</NamePrefix>"},
        {"<NameSuffix>", "</NameSuffix>"},
    };
    const uint8_t *end = p + n;
    char *to = dcm_output_room(v->c.output, 256 + DCM_PLAIN_ROOM(n));
    char *out;

    if (!to)
        return 1;
    if (*p == ' ' || memchr(p, '=', n))
        return 0;
    while (end > p && end[-1] == '^')
        end--;
    out = DCM_XML_TEXT(to, "><PersonName number=\"1\"><Alphabetic>");
    if (p == end)
        return 0;
    for (int i = 0; p < end; i++) {
        const uint8_t *stop = memchr(p, '^', (size_t)(end - p));
        size_t size = (size_t)((stop ? stop : end) - p);

        if (i == sizeof(components) / sizeof(*components) || *p == ' ')
            return 0;
        if (size) {
            size_t tag = strlen(components[i].start);

            memcpy(out, components[i].start, tag);
            out += tag;
            if (!dcm_copy_plain(out, p, size, dcm_xml_value_special8))
                return 0;
            memcpy(out + size, components[i].end, tag + 1);
            out += size + tag + 1;
        }
        p += size + (stop != NULL);
    }
    out = DCM_XML_TEXT(out, "</Alphabetic></PersonName>");
    v->open = 1;
    dcm_output_commit(v->c.output, (size_t)(out - to));
    return 1;
}

static int is_digit(uint8_t c)
{
    return (unsigned)(c - '0') < 10;
}

/* number = [ "+" | "-" ] { digit } [ "." { digit } ], a digit at least.
 * Copies one from *p; NULL when something else is there. */
static char *copy_number(char *to, const uint8_t **from, const uint8_t *end,
                         int integer)
{
    const uint8_t *p = *from;
    ptrdiff_t digits;

    if (p < end && (*p == '-' || *p == '+'))
        *to++ = (char)*p++;
    digits = p - end;
    while (p < end && is_digit(*p))
        *to++ = (char)*p++;
    digits += end - p;
    if (p < end && *p == '.' && !integer) {
        *to++ = (char)*p++;
        digits += p - end;
        while (p < end && is_digit(*p))
            *to++ = (char)*p++;
        digits += end - p;
    }
    *from = p;
    return digits ? to : NULL;
}

/* DS and IS values between backslashes, spaces around each (PS3.5 6.2). An
 * IS of nine characters is always in range, a DS has sixteen at most. */
static int put_decimals(struct dcm_xml_values *v, const uint8_t *p, size_t n,
                        int integer)
{
    const uint8_t *end = p + n;
    const ptrdiff_t most = integer ? 9 : 16;
    /* Each two bytes may be a value and its delimiter. */
    const size_t room = (n / 2 + 1) * (sizeof("<Value number=\"128\">") +
                                       sizeof(DCM_XML_VALUE_END)) +
                        n;
    char *to = dcm_output_room(v->c.output, room), *out = to;

    if (!to)
        return 1;
    *out++ = '>';
    for (uint64_t number = 1;; number++) {
        const uint8_t *start;

        while (p < end && *p == ' ')
            p++;
        start = p;
        out = dcm_xml_numbered(out, number, 0);
        *out++ = '>';
        out = copy_number(out, &p, end, integer);
        if (!out || p - start > most)
            return 0;
        while (p < end && *p == ' ')
            p++;
        out = DCM_XML_TEXT(out, DCM_XML_VALUE_END);
        if (p == end)
            break;
        if (*p++ != '\\')
            return 0;
    }
    v->open = 1;
    dcm_output_commit(v->c.output, (size_t)(out - to));
    return 1;
}

int dcm_xml_plain_text(struct dcm_xml_values *v, const struct dcm_event *ev,
                       const struct dcm_vr *vr)
{
    const uint8_t *p = ev->data;
    size_t n = (size_t)ev->size;

    if (!p || ev->size > SHORT)
        return 0;
    while (n && (p[n - 1] == ' ' || p[n - 1] == 0))
        n--;
    if (vr->flags & DCM_VRF_TRIM_LEFT)
        while (n && *p == ' ')
            p++, n--;
    if (n == 0)
        return 1; /* padding only: no value */
    if (vr->code == VR_DS || vr->code == VR_IS)
        return put_decimals(v, p, n, vr->code == VR_IS);
    if ((vr->max && n > vr->max) ||
        (vr->flags & DCM_VRF_CHARSET && ev->scope &&
         !dcm_charset_is_ascii(&ev->scope->charset)))
        return 0;
    if (vr->code == VR_PN)
        return put_name(v, p, n);
    return vr->flags & DCM_VRF_MULTI ? put_one(v, p, n, dcm_xml_value_special8)
                                     : put_one(v, p, n, dcm_xml_special8);
}
