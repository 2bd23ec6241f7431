/* Source. Encodings of one byte a character that XML documents of other
 * toolkits declare, by DICOM's own tables of them (PS3.3 C.12.1.1.2), for expat
 * knows only four. Knows nothing of what is written in them. */
#include "charset.h"
#include "xml_reader.h"

#include <string.h>
#include <strings.h>

static const struct {
    const char *name, *term;
} encodings[] = {
    {"ISO-8859-2", "ISO_IR 101"},  {"ISO-8859-3", "ISO_IR 109"},
    {"ISO-8859-4", "ISO_IR 110"},  {"ISO-8859-5", "ISO_IR 144"},
    {"ISO-8859-6", "ISO_IR 127"},  {"ISO-8859-7", "ISO_IR 126"},
    {"ISO-8859-8", "ISO_IR 138"},  {"ISO-8859-9", "ISO_IR 148"},
    {"ISO-8859-15", "ISO_IR 203"}, {"TIS-620", "ISO_IR 166"},
};
#define COUNT (sizeof(encodings) / sizeof(encodings[0]))

static const char *term_of(const char *name)
{
    for (size_t i = 0; i < COUNT; i++)
        if (strcasecmp(encodings[i].name, name) == 0)
            return encodings[i].term;
    return NULL;
}

/* Of UTF-8 that is well-formed, up to U+FFFF. */
static int code_point(const char *s, size_t n)
{
    const uint8_t *p = (const uint8_t *)s;

    if (n == 1)
        return p[0];
    if (n == 2)
        return (p[0] & 0x1F) << 6 | (p[1] & 0x3F);
    if (n == 3)
        return (p[0] & 0x0F) << 12 | (p[1] & 0x3F) << 6 | (p[2] & 0x3F);
    return -1;
}

static int decode(struct dcm_decoder *d, const struct dcm_charset *cs,
                  uint8_t byte)
{
    unsigned problems = 0;
    const uint8_t *where = NULL;
    const char *out;
    int more = 0;
    size_t n;

    if (!dcm_decode_value(d, cs, 0, &byte, &byte + 1, &out, &n, &more,
                          &problems, &where) ||
        problems & DCM_CS_INVALID)
        return -1;
    return code_point(out, n);
}

int dcm_xml_encoding(const char *name, int map[256])
{
    const char *term = term_of(name);
    struct dcm_decoder *d = term ? dcm_decoder_new() : NULL;
    struct dcm_charset cs;

    if (!d)
        return 0;
    dcm_charset_parse(&cs, (const uint8_t *)term, strlen(term));
    for (int i = 0; i < 256; i++)
        map[i] = i < 0x80 ? i : decode(d, &cs, (uint8_t)i);
    dcm_decoder_free(d);
    return 1;
}
