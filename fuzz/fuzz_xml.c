/* Part 10 bytes to XML. The first two bytes choose options. Whatever comes in,
 * a document that began, and is whole or closed, is well-formed (XML 1.0 2):
 * UTF-8 of the characters that XML has, elements that match, references to
 * what is there; and the reader takes it. */
#include "check.h"

#include <libdcm/dcm.h>

#include <string.h>

#define OPEN_MOST 4096

/* Elements that are open, and what was met. */
struct stack {
    struct {
        const char *name;
        size_t length;
    } open[OPEN_MOST];
    size_t n, roots, attributes;
};

/* A Private Creator, which need not be there: PS3.5 7.8.1. */
static int is_creator(uint32_t tag)
{
    return (tag >> 16 & 1) && (tag & 0xFFFF) >= 0x10 && (tag & 0xFFFF) <= 0xFF;
}

/* A start-tag without its brackets, of an attribute but a Private Creator. */
static int is_attribute(const char *p, size_t n)
{
    static const char head[] = "DicomAttribute tag=\"";
    const char *creator;
    char text[9] = "";

    if (n < sizeof head + 8 || memcmp(p, head, sizeof head - 1) != 0)
        return 0;
    memcpy(text, p + sizeof head - 1, 8);
    creator = memmem(p, n, " privateCreator=\"", 17);
    return !is_creator((uint32_t)strtoul(text, NULL, 16)) ||
           (creator && creator[17] != '"');
}

static void check_characters(const uint8_t *p, size_t n)
{
    const uint8_t *end = p + n;
    uint32_t c;

    while (p < end) {
        size_t length = check_utf8(p, (size_t)(end - p), &c);
        CHECK(length > 0);
        /* XML 1.0 2.2; a CR as such would be read as LF (2.11) */
        CHECK(c >= 0x20 || c == '\t' || c == '\n');
        CHECK(c < 0x7F || (c >= 0xA0 && c != 0xFFFE && c != 0xFFFF));
        p += length;
    }
}

/* One that stands for a character that may not come as such; its end. */
static const char *check_reference(const char *p, const char *end)
{
    static const char *const named[] = {"&amp;", "&lt;", "&gt;", "&quot;"};
    unsigned c = 0;

    for (size_t i = 0; i < sizeof named / sizeof *named; i++) {
        size_t n = strlen(named[i]);
        if ((size_t)(end - p) >= n && memcmp(p, named[i], n) == 0)
            return p + n;
    }
    CHECK(end - p > 2 && p[1] == '#');
    for (p += 2; p < end && *p >= '0' && *p <= '9' && c < 1000; p++)
        c = c * 10 + (unsigned)(*p - '0');
    CHECK(p < end && *p == ';');
    CHECK(c == '\t' || c == '\n' || c == '\r' || (c >= 0x7F && c < 0xA0));
    return p + 1;
}

/* Up to `stop`, which must come. */
static const char *check_text(const char *p, const char *end, char stop)
{
    while (p < end && *p != stop) {
        CHECK(*p != '<');
        CHECK(stop != '<' || *p != '>'); /* no "]]>" */
        CHECK(stop != '"' || (*p != '\n' && *p != '\t'));
        p = *p == '&' ? check_reference(p, end) : p + 1;
    }
    CHECK(p < end);
    return p;
}

static const char *check_name(const char *p, const char *end)
{
    const char *from = p;

    while (p < end &&
           ((*p | 0x20) >= 'a' && (*p | 0x20) <= 'z' ? 1 : *p == ':'))
        p++;
    CHECK(p > from && p < end);
    return p;
}

/* After the name of a start-tag; at its '>' or "/>". */
static const char *check_attributes(const char *p, const char *end)
{
    const char *names[8];
    size_t lengths[8], n = 0;

    while (p < end && *p == ' ') {
        CHECK(n < 8);
        names[n] = p + 1;
        p = check_name(p + 1, end);
        lengths[n] = (size_t)(p - names[n]);
        for (size_t i = 0; i < n; i++)
            CHECK(lengths[i] != lengths[n] ||
                  memcmp(names[i], names[n], lengths[n]) != 0);
        n++;
        CHECK(end - p > 2 && p[0] == '=' && p[1] == '"');
        p = check_text(p + 2, end, '"') + 1;
    }
    CHECK(p < end);
    return p;
}

/* After '<'; after its '>'. */
static const char *check_tag(struct stack *s, const char *p, const char *end)
{
    int closes = p < end && *p == '/';
    const char *name = p + closes;

    p = check_name(name, end);
    if (closes) {
        CHECK(s->n > 0);
        s->n--;
        CHECK(s->open[s->n].length == (size_t)(p - name));
        CHECK(memcmp(s->open[s->n].name, name, (size_t)(p - name)) == 0);
    } else {
        CHECK(s->n < OPEN_MOST);
        s->roots += s->n == 0;
        s->open[s->n].name = name;
        s->open[s->n++].length = (size_t)(p - name);
        p = check_attributes(p, end);
        s->attributes += is_attribute(name, (size_t)(p - name));
        if (*p == '/') {
            s->n--;
            p++;
        }
    }
    CHECK(p < end && *p == '>');
    return p + 1;
}

/* How many attributes there are. */
static size_t check_xml(const char *p, size_t n)
{
    static const char head[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
    static struct stack s;
    const char *end = p + n;

    check_characters((const uint8_t *)p, n);
    CHECK(n >= sizeof head && memcmp(p, head, sizeof head - 1) == 0);
    p += sizeof head - 1;
    s.n = s.roots = s.attributes = 0;
    while (p < end) {
        if (*p == '<') {
            p = check_tag(&s, p + 1, end);
        } else if (s.n > 0) {
            p = check_text(p, end, '<');
        } else {
            CHECK(*p == '\n' || *p == ' ');
            p++;
        }
    }
    CHECK(s.n == 0 && s.roots == 1);
    return s.attributes;
}

static int is_element(const struct dcm_event *event)
{
    return (event->type == DCM_EVENT_VALUE || event->type == DCM_EVENT_SEQ ||
            event->type == DCM_EVENT_FRAGS) &&
           !is_creator(event->tag);
}

/* The reader goes through it to its end, and leaves none out. */
static void check_read(const char *text, size_t n, size_t attributes)
{
    struct dcm_limits limits = {.size = sizeof limits, .depth = 2048};
    struct dcm_xml_reader_options options = {.size = sizeof options,
                                             .limits = &limits};
    struct dcm_input *input = dcm_input_memory(text, n, NULL);
    struct dcm_xml_reader *reader = dcm_xml_reader_new(&options);
    struct dcm_source *source = dcm_xml_reader_source(reader);
    struct dcm_event event;
    enum dcm_status status;

    dcm_xml_reader_open(reader, input);
    while ((status = source->next(source, &event)) == DCM_OK)
        attributes -= (size_t)is_element(&event);
    if (status != DCM_DONE)
        fprintf(stderr, "%s\n", dcm_xml_reader_error(reader)->message);
    CHECK(status == DCM_DONE && attributes == 0);
    dcm_xml_reader_free(reader);
    dcm_input_free(input);
}

static void choose(struct dcm_reader_options *reading,
                   struct dcm_xml_options *writing, unsigned a, unsigned b)
{
    reading->keep_all = !!(a & 2);
    reading->charset_force = a & 4 ? "ISO 2022 IR 87\\ISO 2022 IR 13" : NULL;
    writing->pretty = !!(a & 8);
    writing->meta = !!(a & 16);
    writing->name_space = !!(a & 32);
    writing->charset_utf8 = !!(a & 64);
    writing->creators = !!(a & 128);
    writing->bulk = (enum dcm_bulk)((b >> 2) % 3);
    writing->bulk_size = b & 32 ? 1 : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned a = size > 1 ? data[0] : 0, b = size > 1 ? data[1] : 0;
    size_t skip = size > 1 ? 2 : 0, n;
    struct dcm_limits limits = {.size = sizeof limits,
                                .inflated = 1u << 20,
                                .output = b & 128 ? 1000 : 16u << 20};
    struct dcm_reader_options reading = {.size = sizeof reading};
    struct dcm_xml_options writing = {.size = sizeof writing};
    struct dcm_input *input = dcm_input_memory(data + skip, size - skip, NULL);
    struct dcm_output *output = dcm_output_memory();
    struct dcm_reader *reader;
    struct dcm_xml_writer *writer;
    enum dcm_status status;
    const void *text;

    choose(&reading, &writing, a, b);
    reading.limits = writing.limits = &limits;
    reading.policy = writing.policy = dcm_policy_new(a & 1, NULL, NULL);
    reader = dcm_reader_new(&reading);
    writer = dcm_xml_writer_new(&writing, output);
    dcm_reader_open(reader, input);
    status =
        dcm_pump(dcm_reader_source(reader), dcm_xml_writer_sink(writer), NULL);
    if (status != DCM_OK)
        status = dcm_xml_writer_close(writer);
    text = dcm_output_data(output, &n);
    if (status == DCM_OK && n > 0) {
        size_t attributes = check_xml(text, n);
        if (!writing.meta) /* whose transfer syntax may be any text */
            check_read(text, n, attributes);
    }
    dcm_xml_writer_free(writer);
    dcm_reader_free(reader);
    dcm_output_free(output);
    dcm_input_free(input);
    dcm_policy_free(reading.policy);
    return 0;
}
