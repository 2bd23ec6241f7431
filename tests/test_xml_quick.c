/* The XML reader with and without its way past expat: an input that cannot be
 * read again goes through expat alone, so both have to give the same events and
 * the same failure. What they should be is test_xml_reader's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PIECE 65536u /* bytes that the reader takes at a time */

/* All that is to be the same, as text. */
struct story {
    char text[1u << 16];
    size_t n;
};

static void tell(struct story *s, const void *data, size_t n)
{
    assert_true(n < sizeof(s->text) - s->n);
    memcpy(s->text + s->n, data, n);
    s->n += n;
    s->text[s->n] = '\0';
}

static void tell_deviation(void *user, const struct dcm_diagnostic *d)
{
    char line[400];
    int n = snprintf(line, sizeof(line), "%s at %llu %s: %s\n", d->name,
                     (unsigned long long)d->offset, d->path, d->message);

    tell(user, line, (size_t)n);
}

static void tell_event(struct story *s, const struct dcm_event *ev)
{
    char line[200];
    int n = snprintf(
        line, sizeof(line), "%d %08lX %04X %u %u at %llu: ", (int)ev->type,
        (unsigned long)ev->tag, (unsigned)ev->vr, (unsigned)ev->number,
        ev->flags, (unsigned long long)ev->offset);

    tell(s, line, (size_t)n);
    if (ev->data)
        tell(s, ev->data, (size_t)ev->size);
    tell(s, "\n", 1);
}

static void tell_all(struct story *s, struct dcm_input *input)
{
    struct dcm_policy *policy = dcm_policy_new(0, tell_deviation, s);
    struct dcm_xml_reader_options options = {.size = sizeof(options)};
    struct dcm_xml_reader *reader;
    struct dcm_source *source;
    struct dcm_event ev;
    enum dcm_status status;

    assert_non_null(input);
    s->n = 0;
    options.policy = policy;
    reader = dcm_xml_reader_new(&options);
    assert_non_null(reader);
    dcm_xml_reader_open(reader, input);
    source = dcm_xml_reader_source(reader);
    while ((status = source->next(source, &ev)) == DCM_OK)
        tell_event(s, &ev);
    if (status != DCM_DONE)
        tell(s, dcm_xml_reader_error(reader)->message,
             strlen(dcm_xml_reader_error(reader)->message));
    dcm_xml_reader_free(reader);
    dcm_policy_free(policy);
    dcm_input_free(input);
}

struct stream {
    const char *p;
    size_t left;
};

static ptrdiff_t read_stream(void *user, void *to, size_t n)
{
    struct stream *s = user;

    n = n < s->left ? n : s->left;
    memcpy(to, s->p, n);
    s->p += n;
    s->left -= n;
    return (ptrdiff_t)n;
}

static struct story quick, slow;

static void compare(const char *why, const char *text, size_t n)
{
    struct stream stream = {text, n};

    tell_all(&quick, dcm_input_memory(text, n, NULL));
    tell_all(&slow, dcm_input_callback(read_stream, &stream, NULL));
    if (strcmp(quick.text, slow.text) != 0)
        fail_msg("%s:\n%s\n-- by expat alone --\n%s", why, quick.text,
                 slow.text);
}

#define ATTRIBUTE \
    "<DicomAttribute tag=\"00100020\" vr=\"LO\" keyword=\"PatientID\">"
#define VALUE "<Value number=\"1\">ab</Value>"
#define END "</DicomAttribute>"
#define SEQ                                                          \
    "<DicomAttribute tag=\"0040A730\" vr=\"SQ\"><Item number=\"1\">" \
    "<DicomAttribute tag=\"00080104\" vr=\"LO\">" VALUE END
#define SEQ_END "</Item>\n<Item number=\"2\"/></DicomAttribute>"
#define NAMES                                                              \
    "<DicomAttribute tag=\"00100010\" vr=\"PN\"><PersonName number=\"1\">" \
    "<Alphabetic><FamilyName>A</FamilyName><GivenName/></Alphabetic>"      \
    "<Phonetic><NameSuffix>B</NameSuffix></Phonetic></PersonName>" END
#define BYTES                                                          \
    "<DicomAttribute tag=\"00420011\" vr=\"OB\"><InlineBinary>AQ I=\n" \
    "</InlineBinary>" END                                              \
    "<DicomAttribute tag=\"00420011\" vr=\"OB\"><InlineBinary/>" END   \
    "<DicomAttribute tag=\"7FE00010\" vr=\"OW\"><BulkData uri=\"a\"/>" END
#define PRIVATE                                                          \
    "<DicomAttribute tag=\"00090001\" vr=\"LO\" privateCreator=\"A B\">" \
    "<Value number=\"1\">x</Value>" END
#define DICOM "http://dicom.nema.org/PS3.19/models/NativeDICOM"

/* What is between the tags of the root, or a whole document. */
static const struct row {
    const char *why, *text;
} rows[] = {
    {"all that is simple", ATTRIBUTE VALUE END SEQ SEQ_END NAMES BYTES PRIVATE},
    {"laid out in lines",
     "\n " ATTRIBUTE "\n\t" VALUE "\n" END "\n" SEQ SEQ_END},
    {"empty elements", "<DicomAttribute tag=\"00100020\"/>" ATTRIBUTE
                       "<Value number=\"1\"/>" END},
    {"references", ATTRIBUTE "<Value number=\"1\">a&amp;b&#65;</Value>" END},
    {"beyond ASCII", ATTRIBUTE "<Value number=\"1\">\xC3\xBC</Value>" END},
    {"not UTF-8", SEQ ATTRIBUTE "<Value number=\"1\">\xFF</Value>" END SEQ_END},
    {"a control", SEQ ATTRIBUTE "<Value number=\"1\">\x01</Value>" END SEQ_END},
    {"brackets", ATTRIBUTE "<Value number=\"1\">a]]b] > \"'</Value>" END},
    {"the end of a section", ATTRIBUTE "<Value number=\"1\">a]]>b</Value>" END},
    {"a section", SEQ ATTRIBUTE
     "<Value number=\"1\"><![CDATA[<]]></Value>" END SEQ_END PRIVATE},
    {"a section that looks like elements, between elements",
     "<![CDATA[>" ATTRIBUTE VALUE END "]]>" PRIVATE},
    {"in an item", SEQ "<![CDATA[ > </Item> " VALUE " ]]>" SEQ_END PRIVATE},
    {"a comment with a tag in it",
     SEQ "<!-- </Item> > -->" ATTRIBUTE VALUE END SEQ_END PRIVATE},
    {"an instruction", ATTRIBUTE "<?pi >?>" VALUE END PRIVATE},
    {"lines as of other systems", ATTRIBUTE "<Value number=\"1\">a\r\nb"
                                            "</Value>\r\n" END PRIVATE},
    {"single quotes",
     SEQ "<DicomAttribute tag='00100020' vr='LO'>" VALUE END SEQ_END},
    {"space in tags", SEQ "<DicomAttribute  tag = \"00100020\"\nvr=\"LO\" >"
                          "<Value number=\"1\" >a</Value >" END SEQ_END},
    {"space in an end",
     SEQ ATTRIBUTE "<Value number=\"1\">a</Value >" END SEQ_END},
    {"space in the end of an attribute",
     SEQ ATTRIBUTE VALUE "</DicomAttribute\n>" SEQ_END},
    {"a value with < in it", SEQ "<DicomAttribute tag=\"<\"/>" SEQ_END},
    {"a value with > in it", SEQ "<DicomAttribute tag=\"00100020\" "
                                 "keyword=\">>\">" VALUE END SEQ_END},
    {"a value with a tab", "<DicomAttribute tag=\"00090001\" vr=\"LO\" "
                           "privateCreator=\"A\tB\">" VALUE END},
    {"an attribute twice", "<DicomAttribute tag=\"00100020\" vr=\"LO\" "
                           "vr=\"LO\">" VALUE END},
    {"attributes not parted", "<DicomAttribute tag=\"00100020\"vr=\"LO\"/>"},
    {"an unknown attribute", SEQ "<Value x=\"1\"/>" SEQ_END},
    {"another end", SEQ ATTRIBUTE "<Value number=\"1\">a</Item>" END SEQ_END},
    {"another end of an attribute", SEQ ATTRIBUTE VALUE "</Item>" SEQ_END},
    {"an end too many", SEQ SEQ_END END},
    {"an end that is missing", SEQ},
    {"an element in a value", SEQ ATTRIBUTE "<Value number=\"1\">a<Item/>b"
                                            "</Value>" END SEQ_END},
    {"elements where they cannot be", SEQ "<Value number=\"1\">a</Value>"
                                          "<FamilyName>b</FamilyName>"
                                          "<PersonName number=\"1\"><Item/>"
                                          "</PersonName>" SEQ_END PRIVATE},
    {"elements of no model", SEQ "<x>a<y/></x>" ATTRIBUTE VALUE END SEQ_END},
    {"names that begin alike", SEQ "<Items/><Val/><ValueX>a</ValueX>" SEQ_END},
    {"text between elements", SEQ "a" ATTRIBUTE "b" VALUE "c" END SEQ_END "d"},
    {"text in a reference", ATTRIBUTE "<BulkData uri=\"a\">x</BulkData>" END},
    {"fragments", "<DicomAttribute tag=\"7FE00010\" vr=\"OB\"><DataFragment "
                  "number=\"1\"><InlineBinary>AAAA</InlineBinary>"
                  "</DataFragment>" END PRIVATE},
    {"base64 that is none", SEQ "<DicomAttribute tag=\"00420011\" vr=\"OB\">"
                                "<InlineBinary>A*</InlineBinary>" END SEQ_END},
    {"no tag", SEQ "<DicomAttribute vr=\"LO\"/>" SEQ_END},
    {"no number",
     SEQ "<DicomAttribute tag=\"00280010\" vr=\"US\">" VALUE END SEQ_END},
    {"a name space in an item",
     SEQ "<DicomAttribute xmlns=\"x\" tag=\"1\">" VALUE END ATTRIBUTE VALUE END
         SEQ_END},
    {"a name space that elements with a prefix end",
     "<d:DicomAttribute xmlns:d=\"" DICOM "\" xmlns=\"x\" tag=\"0040A730\" "
     "vr=\"SQ\"><d:Item number=\"1\">" ATTRIBUTE VALUE END
     "<Item/></d:Item></d:DicomAttribute>" PRIVATE},
    {"a document type", "<!DOCTYPE x><NativeDicomModel>" ATTRIBUTE VALUE END
                        "</NativeDicomModel>"},
    {"a declaration",
     "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>"
     "<NativeDicomModel>" ATTRIBUTE VALUE END ATTRIBUTE
     "<Value number=\"1\">\xFC</Value>" END "</NativeDicomModel>"},
    {"a byte order mark", "\xEF\xBB\xBF<NativeDicomModel>" ATTRIBUTE VALUE END
                          "</NativeDicomModel>\n"},
    {"the model's name space", "<NativeDicomModel xmlns=\"" DICOM
                               "\">" ATTRIBUTE VALUE END "</NativeDicomModel>"},
    {"another name space", "<NativeDicomModel xmlns=\"x\">" ATTRIBUTE VALUE END
                           "</NativeDicomModel>"},
    {"a root with a prefix", "<d:NativeDicomModel xmlns:d=\"" DICOM
                             "\">" ATTRIBUTE VALUE END "</d:NativeDicomModel>"},
    {"a root with a prefix, and another name space",
     "<d:NativeDicomModel xmlns:d=\"" DICOM
     "\" xmlns=\"x\">" ATTRIBUTE VALUE END "</d:NativeDicomModel>"},
    {"text behind it",
     "<NativeDicomModel>" ATTRIBUTE VALUE END "</NativeDicomModel>x"},
    {"two roots", "<NativeDicomModel/><NativeDicomModel>" ATTRIBUTE VALUE END
                  "</NativeDicomModel>"},
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* With `space` bytes of white space behind the root's tag. */
static char *document(const struct row *row, size_t space, size_t *n)
{
    const char *root = strstr(row->text, "NativeDicomModel");
    int is_whole = root != NULL;
    size_t head =
        is_whole ? strcspn(root, ">") + 1 + (size_t)(root - row->text) : 0;
    char *text = malloc(strlen(row->text) + space + 100), *p = text;

    assert_non_null(text);
    p += sprintf(p, "%.*s%s", (int)head, row->text,
                 is_whole ? "" : "<NativeDicomModel>");
    memset(p, ' ', space);
    p += space;
    p += sprintf(p, "%s%s", row->text + head,
                 is_whole ? "" : "</NativeDicomModel>");
    *n = (size_t)(p - text);
    return text;
}

static void both_ways_say_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        size_t n;
        char *text = document(&rows[i], 0, &n);

        compare(rows[i].why, text, n);
        free(text);
    }
}

/* A piece may end anywhere. */
static void pieces_end_at_every_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        size_t n, size;
        char *text = document(&rows[i], 0, &size);

        free(text);
        for (size_t k = 0; k < size && k < 400; k += 1 + i % 3) {
            text = document(&rows[i], PIECE - k, &n);
            compare(rows[i].why, text, n);
            free(text);
        }
    }
}

static void a_document_ends_at_every_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        size_t size;
        char *text = document(&rows[i], 0, &size);

        for (size_t k = 1; k < size; k++)
            if (text[k - 1] != '\r') /* which alone counts as a line or not */
                compare(rows[i].why, text, k);
        free(text);
    }
}

/* More of them are open than are kept. */
static void elements_may_be_deep(void **state)
{
    static const char open[] =
        "<DicomAttribute tag=\"0040A730\" vr=\"SQ\"><Item number=\"1\">";
    static const char close[] = "</Item></DicomAttribute>";
    char *text = malloc(100 * (sizeof(open) + sizeof(close)) + 200), *p = text;

    (void)state;
    assert_non_null(text);
    p += sprintf(p, "<NativeDicomModel>");
    for (int i = 0; i < 100; i++)
        p += sprintf(p, "%s", open);
    p += sprintf(p, "%s%s%s", ATTRIBUTE, VALUE, END);
    for (int i = 0; i < 100; i++)
        p += sprintf(p, "%s", close);
    p += sprintf(p, "</NativeDicomModel>");
    compare("100 items in items", text, (size_t)(p - text));
    assert_null(strstr(quick.text, "line"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ways_say_the_same),
        cmocka_unit_test(pieces_end_at_every_byte),
        cmocka_unit_test(a_document_ends_at_every_byte),
        cmocka_unit_test(elements_may_be_deep),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
