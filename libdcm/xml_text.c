/* Language. The text of XML 1.0: what has to be written as a reference in
 * character data (2.4) and in attribute values (3.3.3), and what cannot be
 * written at all (2.2). Most text has nothing of either, so runs without are
 * copied many bytes at a time. Knows nothing of DICOM. */
#include "xml_text.h"
#include "bulk.h"

/* How a byte is written; 0: as it is. */
enum form {
    AMP = 1,
    LESS,
    GREATER,
    TAB,  /* in an attribute value a reference, or it would turn to a space */
    LINE, /* the same */
    CR,   /* always a reference: a parser makes LF of it (XML 1.0 2.11) */
    FEED, /* of layout, but not in XML */
    LOST, /* not in XML */
    QUOTE,
    DEL,
    C1,   /* C2: U+0080 to U+009F, by the next byte */
    LAST, /* EF: U+FFFE and U+FFFF, by the next two */
    FORMS
};

static const uint8_t forms[256] = {
    LOST,          LOST,        LOST,          LOST,
    LOST,          LOST,        LOST,          LOST,
    LOST,          TAB,         LINE,          LOST,
    FEED,          CR,          LOST,          LOST,
    LOST,          LOST,        LOST,          LOST,
    LOST,          LOST,        LOST,          LOST,
    LOST,          LOST,        LOST,          LOST,
    LOST,          LOST,        LOST,          LOST,
    ['"'] = QUOTE, ['&'] = AMP, ['<'] = LESS,  ['>'] = GREATER,
    [0x7F] = DEL,  [0xC2] = C1, [0xEF] = LAST,
};

#define REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */

/* The forms that are the same whatever follows. */
static const struct row {
    const char *content, *attribute;
    unsigned met;
} rows[FORMS] = {
    [AMP] = {"&amp;", "&amp;", 0},
    [LESS] = {"&lt;", "&lt;", 0},
    [GREATER] = {"&gt;", "&gt;", 0},
    [QUOTE] = {"\"", "&quot;", 0},
    [TAB] = {"\t", "&#9;", DCM_MET_LAYOUT},
    [LINE] = {"\n", "&#10;", DCM_MET_LAYOUT},
    [CR] = {"&#13;", "&#13;", DCM_MET_LAYOUT},
    [FEED] = {REPLACEMENT, REPLACEMENT, DCM_MET_LAYOUT | DCM_MET_LOST},
    [LOST] = {REPLACEMENT, REPLACEMENT, DCM_MET_CONTROL | DCM_MET_LOST},
    [DEL] = {"&#127;", "&#127;", DCM_MET_CONTROL},
};

static char *put_row(char *to, const struct row *row, enum dcm_xml_place place,
                     unsigned *controls)
{
    const char *s = place == DCM_XML_ATTRIBUTE ? row->attribute : row->content;
    size_t n = strlen(s);

    *controls |= row->met;
    memcpy(to, s, n);
    return to + n;
}

/* U+0080 to U+009F, 128 to 159. */
static char *put_c1(char *to, unsigned c, unsigned *controls)
{
    *controls |= DCM_MET_CONTROL;
    memcpy(to, "&#1", 3);
    to[3] = (char)('0' + c / 10 % 10);
    to[4] = (char)('0' + c % 10);
    to[5] = ';';
    return to + 6;
}

/* Writes the character at p, which may have a form of its own; *used bytes of
 * it are done then. */
static char *put_special(char *to, const uint8_t *p, size_t n, size_t *used,
                         enum dcm_xml_place place, unsigned *controls)
{
    unsigned form = forms[*p];

    *used = 1;
    if (form == C1 && n > 1 && p[1] < 0xA0) {
        *used = 2;
        return put_c1(to, p[1], controls);
    }
    if (form == LAST && n > 2 && p[1] == 0xBF && p[2] >= 0xBE) {
        *used = 3;
        *controls |= DCM_MET_LOST;
        memcpy(to, REPLACEMENT, 3);
        return to + 3;
    }
    if (rows[form].content)
        return put_row(to, &rows[form], place, controls);
    *to = (char)*p;
    return to + 1;
}

/* As dcm_copy_run(), for attribute values: they are few. */
static size_t copy_attribute(char *to, const uint8_t *p, size_t n)
{
    size_t i = 0;

    for (; i < n && !forms[p[i]]; i++)
        to[i] = (char)p[i];
    return i;
}

size_t dcm_xml_escape(char *out, const char *s, size_t n,
                      enum dcm_xml_place place, unsigned *controls)
{
    const uint8_t *p = (const uint8_t *)s;
    char *to = out;

    for (;;) {
        size_t run = place == DCM_XML_ATTRIBUTE
                         ? copy_attribute(to, p, n)
                         : dcm_copy_run(to, p, n, dcm_xml_special8, forms);
        size_t used;

        to += run;
        p += run;
        n -= run;
        if (n == 0)
            return (size_t)(to - out);
        to = put_special(to, p, n, &used, place, controls);
        p += used;
        n -= used;
    }
}

void dcm_xml_put(struct dcm_output *o, const char *s, size_t n,
                 enum dcm_xml_place place, unsigned *controls)
{
    const size_t most = 16384;

    while (n) {
        size_t piece = n < most ? n : most;
        char *to;

        /* a character's further bytes decide */
        for (int i = 0; piece < n && i < 3 && (s[piece] & 0xC0) == 0x80; i++)
            piece--;
        to = dcm_output_reserve(o, DCM_XML_ESCAPED(piece));
        if (!to)
            return;
        dcm_output_commit(o, dcm_xml_escape(to, s, piece, place, controls));
        s += piece;
        n -= piece;
    }
}

void dcm_xml_put_uri(struct dcm_output *o, const char *s, size_t n)
{
    unsigned controls = 0;

    for (size_t i = 0; i < n; i++) {
        char c[3];

        dcm_xml_put(o, c, dcm_uri_char(c, s[i]), DCM_XML_ATTRIBUTE, &controls);
    }
}
