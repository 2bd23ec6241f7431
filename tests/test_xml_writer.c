/* The XML writer, fed by the reader from files as text (files/README). What is
 * expected follows PS3.19 A.1.5, PS3.5 6.2 and XML 1.0; where they are silent
 * a row says what is chosen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hexd.h"
#include "libdcm/output.h"
#include "libdcm/policy.h"
#include "libdcm/vr.h"
#include "libdcm/xml_text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define EXPLICIT "preamble; syntax 1.2.840.10008.1.2.1\n"
#define BIG "preamble; syntax 1.2.840.10008.1.2.2\n"
#define JPEG "preamble; syntax 1.2.840.10008.1.2.4.50\n"

#define HEAD                                       \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" \
    "<NativeDicomModel xml:space=\"preserve\">"
#define FOOT "</NativeDicomModel>"

/* --------------------------------------------------------- one conversion */

struct result {
    char *text; /* terminated */
    size_t size;
    enum dcm_status status;
    struct dcm_error error;
    struct dcm_policy *policy;
};

static int keep(void *user, const void *data, size_t n)
{
    struct result *r = user;

    r->text = realloc(r->text, r->size + n + 1);
    assert_non_null(r->text);
    memcpy(r->text + r->size, data, n);
    r->size += n;
    r->text[r->size] = '\0';
    return 0;
}

static int refuse(void *user, const void *data, size_t n)
{
    (void)user, (void)data, (void)n;
    return -1;
}

/* Unless the stream ends the document, the writer closes it. */
static void convert(struct result *r, struct dcm_source *source,
                    const struct dcm_xml_options *options, dcm_write_fn *write)
{
    struct dcm_output *out = dcm_output_callback(write, r);
    struct dcm_xml_writer *w = dcm_xml_writer_new(options, out);

    assert_non_null(w);
    r->status = dcm_pump(source, dcm_xml_writer_sink(w), &r->error);
    dcm_xml_writer_close(w);
    if (dcm_output_flush(out) != DCM_OK && r->status == DCM_OK)
        r->status = DCM_ERR_WRITE;
    dcm_xml_writer_free(w);
    dcm_output_free(out);
}

/* `cut` bytes are missing at the end of the file. */
static void read_and_write(struct result *r, const char *file, size_t cut,
                           const struct dcm_xml_options *options)
{
    struct dcm_xml_options o = {.size = sizeof(o)};
    struct dcm_reader_options reading = {.size = sizeof(reading)};
    struct hexd_buffer bytes = {0};
    struct dcm_reader *reader;
    struct dcm_input *input;
    char error[200];

    memset(r, 0, sizeof(*r));
    if (options)
        o = *options;
    r->policy = o.policy ? o.policy : dcm_policy_new(0, NULL, NULL);
    reading.policy = o.policy = r->policy;
    reading.limits = o.limits;
    if (!hexd_assemble(file, strlen(file), &bytes, error, sizeof(error)))
        fail_msg("%s", error);
    input = dcm_input_memory(bytes.data, bytes.size - cut, NULL);
    reader = dcm_reader_new(&reading);
    dcm_reader_open(reader, input);
    convert(r, dcm_reader_source(reader), &o, keep);
    dcm_reader_free(reader);
    dcm_input_free(input);
    hexd_buffer_release(&bytes);
}

static void result_release(struct result *r)
{
    free(r->text);
    dcm_policy_free(r->policy);
}

static void check(const char *why, const char *file,
                  const struct dcm_xml_options *options, const char *want)
{
    struct result r;

    read_and_write(&r, file, 0, options);
    if (r.status != DCM_OK)
        fail_msg("%s: %s", why, r.error.message);
    if (strncmp(r.text, HEAD, sizeof(HEAD) - 1) != 0 ||
        strcmp(r.text + sizeof(HEAD) - 1, want) != 0)
        fail_msg("%s:\nwant %s\ngot  %s", why, want, r.text + sizeof(HEAD) - 1);
    result_release(&r);
}

/* -------------------------------------------------------------- attributes */

#define A(tag, vr, rest) "<DicomAttribute tag=\"" tag "\" vr=\"" vr "\"" rest
#define K(keyword) " keyword=\"" keyword "\""
#define P(creator) " privateCreator=\"" creator "\""
#define V(number, text) "<Value number=\"" number "\">" text "</Value>"
#define END "</DicomAttribute>"
#define NAME(number, groups) \
    "<PersonName number=\"" number "\">" groups "</PersonName>"
#define FAMILY(text) "<FamilyName>" text "</FamilyName>"

static const struct row {
    const char *why;
    const char *syntax, *body;
    const char *want;
    dcm_issue issue; /* the only one, or none */
} rows[] =
    {
        /* private elements, PS3.19 A.1.5 and PS3.5 7.8.1 */
        {"the creator takes the place of the block", EXPLICIT,
         "(0009,0010) LO \"ACME 1.1\"; (0009,1001) LO \"x\"",
         A("00090001", "LO", P("ACME 1.1") ">" V("1", "x") END), 0},
        {"two creators with one element number each", EXPLICIT,
         "(0009,0010) LO \"A1\"; (0009,0011) LO \"B2\"\n"
         "(0009,1001) LO \"x\"; (0009,1101) LO \"y\"",
         A("00090001", "LO", P("A1") ">" V("1", "x") END)
             A("00090001", "LO", P("B2") ">" V("1", "y") END),
         0},
        {"a block that nobody reserved: the tag as it is", EXPLICIT,
         "(0009,1001) LO \"x\"", A("00091001", "LO", ">" V("1", "x") END),
         DCM_ISSUE_PRIVATE_BLOCK},
        {"below the blocks there is no creator", EXPLICIT,
         "(0009,0001) LO \"x\"", A("00090001", "LO", ">" V("1", "x") END),
         DCM_ISSUE_PRIVATE_BLOCK},
        {"items do not inherit a block", EXPLICIT,
         "(0009,0010) LO \"A1\"; (0040,A730) SQ {\nitem {\n(0009,1001) LO "
         "\"x\"\n"
         "}\n}",
         A("0040A730", "SQ",
           K("ContentSequence") "><Item number=\"1\">" A(
               "00091001", "LO", ">" V("1", "x") END) "</Item>" END),
         DCM_ISSUE_PRIVATE_BLOCK},
        {"a creator that needs references", EXPLICIT,
         "(0009,0010) LO \"A\\\"<&>\"; (0009,1001) LO \"x\"",
         A("00090001", "LO", P("A&quot;&lt;&amp;&gt;") ">" V("1", "x") END), 0},
        {"a private sequence has a creator too", EXPLICIT,
         "(0009,0010) LO \"A1\"; (0009,1001) SQ {\n}",
         A("00090001", "SQ", P("A1") "/>"), 0},
        /* names, PS3.5 6.2.1 */
        {"two of three groups", EXPLICIT, "(0010,0010) PN \"A==P\"",
         A("00100010", "PN",
           K("PatientName") ">" NAME(
               "1", "<Alphabetic>" FAMILY("A") "</Alphabetic><Phonetic>" FAMILY(
                        "P") "</Phonetic>") END),
         0},
        {"only ideographic", EXPLICIT, "(0010,0010) PN \"=I\"",
         A("00100010", "PN",
           K("PatientName") ">" NAME(
               "1", "<Ideographic>" FAMILY("I") "</Ideographic>") END),
         0},
        {"an empty name between two", EXPLICIT, "(0010,1001) PN \"A\\\\\\\\B\"",
         A("00101001", "PN",
           K("OtherPatientNames") ">" NAME(
               "1",
               "<Alphabetic>" FAMILY("A") "</Alphabetic>") "<PersonName "
                                                           "number=\"2\"/"
                                                           ">" NAME("3",
                                                                    "<Alphabeti"
                                                                    "c>" FAMILY(
                                                                        "B") "<"
                                                                             "/"
                                                                             "A"
                                                                             "l"
                                                                             "p"
                                                                             "h"
                                                                             "a"
                                                                             "b"
                                                                             "e"
                                                                             "t"
                                                                             "i"
                                                                             "c"
                                                                             ">")
                                                               END),
         0},
        {"five components, none but the first and last filled", EXPLICIT,
         "(0010,0010) PN \"A^^^^E\"",
         A("00100010", "PN",
           K("PatientName") ">" NAME(
               "1", "<Alphabetic>" FAMILY(
                        "A") "<NameSuffix>E</NameSuffix></Alphabetic>") END),
         0},
        {"carets at the end mean nothing", EXPLICIT,
         "(0010,0010) PN \"Doe^John^^^\"",
         A("00100010", "PN",
           K("PatientName") ">" NAME(
               "1", "<Alphabetic>" FAMILY(
                        "Doe") "<GivenName>John</GivenName></Alphabetic>") END),
         0},
        {"what follows a fifth component stays in it", EXPLICIT,
         "(0010,0010) PN \"A^B^C^D^E^F\"",
         A("00100010", "PN",
           K("PatientName") ">" NAME(
               "1",
               "<Alphabetic>" FAMILY(
                   "A") "<GivenName>B</GivenName><MiddleName>C</MiddleName>"
                        "<NamePrefix>D</NamePrefix><NameSuffix>E^F</NameSuffix>"
                        "</Alphabetic>") END),
         DCM_ISSUE_PN_COMPONENTS},
        {"nothing but carets is no name", EXPLICIT, "(0010,0010) PN \"^^^^\"",
         A("00100010", "PN", K("PatientName") "/>"), 0},
        {"four groups", EXPLICIT, "(0010,0010) PN \"A=B=C=D \"",
         A("00100010", "PN",
           K("PatientName") ">" NAME(
               "1",
               "<Alphabetic>" FAMILY("A") "</Alphabetic><Ideographic>" FAMILY(
                   "B") "</Ideographic><Phonetic>" FAMILY("C") "</Phonetic>")
               END),
         DCM_ISSUE_PN_GROUPS},
        /* text, XML 1.0 2.2, 2.4, 2.11 */
        {"CR LF comes back as CR LF", EXPLICIT,
         "(0010,4000) LT \"a\\x0D\\x0Ab\"",
         A("00104000", "LT", K("PatientComments") ">" V("1", "a&#13;\nb") END),
         0},
        {"a form feed is text in DICOM, but not in XML", EXPLICIT,
         "(0010,4000) LT \"a\\x0Cb\"",
         A("00104000", "LT",
           K("PatientComments") ">" V("1", "a\xEF\xBF\xBD"
                                           "b") END),
         DCM_ISSUE_XML_CHARACTER},
        {"LT is one value, and its leading spaces count", EXPLICIT,
         "(0010,4000) LT \" x\\\\y  \"",
         A("00104000", "LT", K("PatientComments") ">" V("1", " x\\y") END), 0},
        {"markup is text", EXPLICIT,
         "(0010,4000) LT \"<a href='x'>&amp;\\\"]]>\"",
         A("00104000", "LT",
           K("PatientComments") ">" V(
               "1", "&lt;a href='x'&gt;&amp;amp;\"]]&gt;") END),
         0},
        {"markup in values of several", EXPLICIT, "(0008,1040) LO \"<\\\\>\"",
         A("00081040", "LO",
           K("InstitutionalDepartmentName") ">" V("1", "&lt;") V("2", "&gt;")
               END),
         0},
        {"the value in the middle is empty", EXPLICIT,
         "(0008,0008) CS \"A\\\\\\\\B\"",
         A("00080008", "CS",
           K("ImageType") ">" V("1", "A") "<Value number=\"2\"/>" V("3", "B")
               END),
         0},
        {"the first value is empty", EXPLICIT, "(0008,0008) CS \"\\\\B\"",
         A("00080008", "CS",
           K("ImageType") "><Value number=\"1\"/>" V("2", "B") END),
         0},
        {"two empty values", EXPLICIT, "(0008,0008) CS \"\\\\ \"",
         A("00080008", "CS",
           K("ImageType") "><Value number=\"1\"/><Value number=\"2\"/>" END),
         0},
        {"only padding is empty", EXPLICIT, "(0008,1030) LO \"  \"",
         A("00081030", "LO", K("StudyDescription") "/>"), 0},
        {"longer than its VR allows", EXPLICIT,
         "(0008,0060) CS \"ABCDEFGHIJKLMNOPQR\"",
         A("00080060", "CS",
           K("Modality") ">" V("1", "ABCDEFGHIJKLMNOPQR") END),
         DCM_ISSUE_TEXT_LENGTH},
        /* sequences */
        {"empty items are items", EXPLICIT,
         "(0008,1140) SQ {\nitem {\n}\nitem undefined {\n}\n}",
         A("00081140", "SQ",
           K("ReferencedImageSequence") "><Item number=\"1\"></Item><Item "
                                        "number=\"2\"></Item>" END),
         0},
        {"a sequence without items", EXPLICIT, "(0008,1140) SQ {\n}",
         A("00081140", "SQ", K("ReferencedImageSequence") "/>"), 0},
        /* tables */
        {"a repeating group has the keyword of all", EXPLICIT,
         "(6002,3000) OW hex 00 01",
         A("60023000", "OW",
           K("OverlayData") "><InlineBinary>AAE=</InlineBinary>" END),
         0},
        {"a public tag that PS3.6 lacks has no keyword", EXPLICIT,
         "(0008,FFF2) LO \"x\"", A("0008FFF2", "LO", ">" V("1", "x") END), 0},
        /* numbers */
        {"NaN and infinities as XML Schema has them", EXPLICIT,
         "(0018,605A) FL hex 0000C07F 0000807F 000080FF",
         A("0018605A", "FL",
           K("TableOfParameterValues") ">" V("1", "NaN") V("2", "INF")
               V("3", "-INF") END),
         DCM_ISSUE_NUMBER_SPECIAL},
        {"the shortest decimal, and the sign of zero", EXPLICIT,
         "(0018,9322) FD 0.1 -0.0",
         A("00189322", "FD",
           K("ReconstructionPixelSpacing") ">" V("1", "0.1") V("2", "-0.0")
               END),
         0},
        {"64-bit integers are plain", EXPLICIT,
         "(0072,0082) SV -9223372036854775808",
         A("00720082", "SV",
           K("SelectorSVValue") ">" V("1", "-9223372036854775808") END),
         0},
        {"a tag is eight digits", EXPLICIT, "(0028,0009) AT (0018,1063)",
         A("00280009", "AT",
           K("FrameIncrementPointer") ">" V("1", "00181063") END),
         0},
        {"DS and IS as they are spelled, trimmed", EXPLICIT,
         "(0018,0050) DS \" +1.50\"; (0020,0013) IS \"007 \"",
         A("00180050", "DS", K("SliceThickness") ">" V("1", "+1.50") END)
             A("00200013", "IS", K("InstanceNumber") ">" V("1", "007") END),
         0},
        {"a DS list with an exponent and a gap", EXPLICIT,
         "(0020,0032) DS \"1e-3\\\\\\\\ 5.\"",
         A("00200032", "DS",
           K("ImagePositionPatient") ">" V(
               "1", "1e-3") "<Value number=\"2\"/>" V("3", "5.") END),
         0},
        {"no number: told, as in JSON", EXPLICIT, "(0018,0050) DS \"1,5 \"",
         A("00180050", "DS", K("SliceThickness") ">" V("1", "1,5") END),
         DCM_ISSUE_NUMBER_FORM},
        {"a sign alone is no number", EXPLICIT, "(0020,0013) IS \"- \"",
         A("00200013", "IS", K("InstanceNumber") ">" V("1", "-") END),
         DCM_ISSUE_NUMBER_FORM},
        {"over 32 bits", EXPLICIT, "(0020,0013) IS \"99999999999 \"",
         A("00200013", "IS", K("InstanceNumber") ">" V("1", "99999999999") END),
         DCM_ISSUE_NUMBER_FORM},
        {"ten values: numbers of two digits", EXPLICIT,
         "(0018,605A) FL hex 00000000 00000000 00000000 00000000 00000000 "
         "00000000 00000000 00000000 00000000 0000803F",
         A("0018605A", "FL",
           K("TableOfParameterValues") ">" V("1", "0.0") V("2", "0.0")
               V("3", "0.0") V("4", "0.0") V("5", "0.0") V("6", "0.0") V(
                   "7", "0.0") V("8", "0.0") V("9", "0.0") V("10", "1.0") END),
         0},
        {"InlineBinary is little endian", BIG, "(0028,1201) OW 4660 22136",
         A("00281201", "OW",
           K("RedPaletteColorLookupTableData") "><InlineBinary>NBJ4Vg==</"
                                               "InlineBinary>" END),
         0},
        {"a big endian tag is two words", BIG, "(0028,0009) AT (7FE0,0010)",
         A("00280009", "AT",
           K("FrameIncrementPointer") ">" V("1", "7FE00010") END),
         0},
        /* left out */
        {"group lengths and padding", EXPLICIT,
         "(0008,0000) UL 10; (0008,0060) CS \"OT\"; (FFFC,FFFC) OB hex 00 00",
         A("00080060", "CS", K("Modality") ">" V("1", "OT") END), 0},
};

static void each_attribute_has_its_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct row *row = &rows[i];
        char file[1024], want[2048];
        struct result r;

        snprintf(file, sizeof(file), "%s%s\n", row->syntax, row->body);
        snprintf(want, sizeof(want), "%s" FOOT, row->want);
        check(row->why, file, NULL, want);
        read_and_write(&r, file, 0, NULL);
        if (dcm_policy_count(r.policy, 0) != (row->issue != 0) ||
            (row->issue && !dcm_policy_count(r.policy, row->issue)))
            fail_msg("%s: %d deviations, not one %s", row->why,
                     (int)dcm_policy_count(r.policy, 0),
                     dcm_issue_name(row->issue));
        result_release(&r);
    }
}

static void strict_ends_at_the_first_deviation(void **state)
{
    struct dcm_xml_options o = {.size = sizeof(o)};
    struct result r;

    (void)state;
    o.policy = dcm_policy_new(1, NULL, NULL);
    read_and_write(&r, EXPLICIT "(0010,4000) LT \"a\\x0Cb \"\n", 0, &o);
    assert_int_equal(r.status, DCM_ERR_STRICT);
    assert_string_equal(r.error.path, "(0010,4000)");
    result_release(&r);
}

/* Text escapes, one character at a time (XML 1.0 2.2): what is legal comes
 * back, what is not is U+FFFD, and nothing drives a terminal. */
static void each_character_has_its_form(void **state)
{
    (void)state;
    for (unsigned c = 0; c < 0x10000; c++) {
        char s[3], out[DCM_XML_ESCAPED(3)], want[16];
        unsigned controls = 0;
        size_t n, m;

        if (c >= 0xD800 && c <= 0xDFFF)
            continue;
        n = c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
        s[0] = (char)(n == 1 ? c : n == 2 ? 0xC0 | c >> 6 : 0xE0 | c >> 12);
        s[n - 1] = (char)(n == 1 ? c : 0x80 | (c & 0x3F));
        if (n == 3)
            s[1] = (char)(0x80 | (c >> 6 & 0x3F));
        if (c == '&' || c == '<' || c == '>')
            strcpy(want, c == '&' ? "&amp;" : c == '<' ? "&lt;" : "&gt;");
        else if (c == '\r' || (c >= 0x7F && c <= 0x9F))
            snprintf(want, sizeof(want), "&#%u;", c);
        else if ((c < 0x20 && c != '\t' && c != '\n') || c > 0xFFFD)
            strcpy(want, "\xEF\xBF\xBD");
        else
            snprintf(want, sizeof(want), "%.*s", (int)n, s);
        m = dcm_xml_escape(out, s, n, DCM_XML_CONTENT, &controls);
        if (m != strlen(want) || memcmp(out, want, m) != 0)
            fail_msg("U+%04X: %.*s, not %s", c, (int)m, out, want);
        assert_int_equal((controls & DCM_MET_LOST) != 0,
                         c != 0xFFFD && strcmp(want, "\xEF\xBF\xBD") == 0);
    }
}

/* ------------------------------------------------------------ the document */

static const char nested[] =
    EXPLICIT "(0008,0060) CS \"OT\"\n"
             "(0008,1140) SQ {\nitem {\n(0008,1150) UI \"1.2\"\n}\n"
             "item {\n}\n}\n"
             "(0009,0010) LO \"A1\"\n"
             "(0010,0020) LO\n";

static void pretty_breaks_lines_but_not_in_values(void **state)
{
    struct dcm_xml_options o = {.size = sizeof(o), .pretty = 1};

    (void)state;
    check(
        "nested", nested, &o,
        "\n  " A("00080060", "CS", K("Modality") ">" V("1", "OT") END) "\n  " A(
            "00081140", "SQ",
            K("ReferencedImageSequence") ">") "\n    <Item number=\"1\">"
                                              "\n      " A(
                                                  "00081150", "UI",
                                                  K("ReferencedSOPClassUID") ">" V(
                                                      "1", "1.2")
                                                      END) "\n    </Item>"
                                                           "\n    <Item "
                                                           "number=\"2\"></"
                                                           "Item>"
                                                           "\n  " END
                                                           "\n  " A("00100020",
                                                                    "LO",
                                                                    K("PatientI"
                                                                      "D") "/>") "\n" FOOT);
    check("empty", EXPLICIT, &o, FOOT);
}

static void creators_come_when_asked_for(void **state)
{
    struct dcm_xml_options o = {.size = sizeof(o), .creators = 1};

    (void)state;
    check("creators", EXPLICIT "(0009,0010) LO \"A1\"; (0009,1001) SH \"x\"\n",
          &o,
          A("00090010", "LO", ">" V("1", "A1") END)
              A("00090001", "SH", P("A1") ">" V("1", "x") END) FOOT);
}

static void the_namespace_is_declared_when_asked_for(void **state)
{
    struct dcm_xml_options o = {.size = sizeof(o), .name_space = 1};
    struct result r;

    (void)state;
    read_and_write(&r, EXPLICIT, 0, &o);
    assert_string_equal(
        r.text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                "<NativeDicomModel xml:space=\"preserve\" xmlns="
                "\"http://dicom.nema.org/PS3.19/models/NativeDICOM\">" FOOT);
    result_release(&r);
}

static void meta_is_without_its_length(void **state)
{
    struct dcm_xml_options o = {.size = sizeof(o), .meta = 1};
    struct result r;

    (void)state;
    read_and_write(&r, nested, 0, &o);
    assert_null(strstr(r.text, "00020000"));
    assert_non_null(strstr(
        r.text, A("00020010", "UI",
                  K("TransferSyntaxUID") ">" V("1", "1.2.840.10008.1.2.1"))));
    result_release(&r);
}

static void utf8_is_said_where_it_matters(void **state)
{
    struct dcm_xml_options o = {.size = sizeof(o), .charset_utf8 = 1};
    const char *const set =
        A("00080005", "CS",
          K("SpecificCharacterSet") ">" V("1", "ISO_IR 192") END);
    const char *const rest =
        A("00080060", "CS", K("Modality") ">" V("1", "OT") END)
            A("00100020", "LO", K("PatientID") ">" V("1", "\xC3\xBC") END) FOOT;
    char want[1024];

    (void)state;
    snprintf(want, sizeof(want), "%s%s", set, rest);
    check("what the file says is replaced",
          EXPLICIT "(0008,0005) CS \"ISO_IR 100\"; (0008,0060) CS \"OT\"\n"
                   "(0010,0020) LO \"\\xFC\"\n",
          &o, want);
    check("it says nothing: put in its place",
          EXPLICIT "(0008,0060) CS \"OT\"; (0010,0020) LO \"\\xC3\\xBC\"\n", &o,
          want);
    check("it says nothing, and nothing needs it",
          EXPLICIT "(0008,0060) CS \"OT\"\n", &o,
          A("00080060", "CS", K("Modality") ">" V("1", "OT") END) FOOT);
}

/* ------------------------------------------------------------ bulk, limits */

static size_t give_uri(void *user, const struct dcm_event *ev, char *buffer,
                       size_t size)
{
    (void)user;
    return (size_t)snprintf(buffer, size, "f?o=%lu&l=%lu '<\"",
                            (unsigned long)ev->value_offset,
                            (unsigned long)ev->size);
}

static void bulk_is_by_size_vr_and_policy(void **state)
{
    const char *const file =
        EXPLICIT "(0040,A730) SQ {\nitem {\n}\nitem {\n"
                 "(0042,0011) OB repeat 1025 hex 01\n}\n}\n"
                 "(7FE0,0010) OW repeat 512 hex 0102\n";
    struct dcm_xml_options o = {.size = sizeof(o)};
    struct result r;

    (void)state;
    read_and_write(&r, file, 0, &o);
    assert_non_null(strstr(r.text, "><BulkData uri=\"bulkdata/0040A730/2/"
                                   "00420011\"/>" END));
    assert_non_null(strstr(r.text, "<InlineBinary>AQIBAgEC"));
    result_release(&r);
    o.uri = give_uri;
    o.bulk_size = 1024 + 1;
    read_and_write(&r, file, 0, &o);
    assert_non_null(strstr(r.text, "l=1026%20'&lt;%22\"/>"));
    assert_non_null(strstr(r.text, "&amp;l="));
    result_release(&r);
    o.bulk = DCM_BULK_OMIT;
    read_and_write(&r, file, 0, &o);
    assert_non_null(
        strstr(r.text, A("00420011", "OB", K("EncapsulatedDocument") "/>")));
    result_release(&r);
    o.bulk = DCM_BULK_INLINE;
    read_and_write(&r, file, 0, &o);
    assert_null(strstr(r.text, "BulkData"));
    result_release(&r);
}

static enum dcm_status count_fragments(void *user, const struct dcm_event *ev)
{
    ((unsigned *)user)[ev->type == DCM_EVENT_FRAGMENT]++;
    return DCM_OK;
}

static void fragments_are_bulk_whatever_is_asked(void **state)
{
    unsigned seen[2] = {0, 0};
    struct dcm_xml_options o = {.size = sizeof(o),
                                .bulk = DCM_BULK_INLINE,
                                .fragment = count_fragments,
                                .user = seen};

    (void)state;
    check("fragments",
          JPEG "(7FE0,0010) OB undefined {\nitem\nitem hex FFD8FFD9\n}\n", &o,
          A("7FE00010", "OB",
            K("PixelData") "><BulkData uri=\"bulkdata/7FE00010\"/>" END) FOOT);
    assert_int_equal(seen[0], 1);
    assert_int_equal(seen[1], 2);
}

/* Values over 64 KiB come in pieces; 3 and 8 do not divide the sizes. */
static void large_values_are_whole(void **state)
{
    const char *const file =
        BIG "(0040,A160) UT repeat 100000 \"a&\"\n"
            "(0042,0011) OB repeat 100002 hex 616263\n"
            "(0066,0040) OL repeat 60000 hex 01020304\n"
            "(0072,0083) UV repeat 9000 hex 0000000000000007\n";
    struct dcm_xml_options o = {.size = sizeof(o), .bulk = DCM_BULK_INLINE};
    struct part {
        const char *unit;
        size_t times;
    };
    const struct part want[] = {
        {HEAD A("0040A160", "UT", K("TextValue") "><Value number=\"1\">"), 1},
        {"a&amp;", 100000},
        {"</Value>" END A("00420011", "OB",
                          K("EncapsulatedDocument") "><InlineBinary>"),
         1},
        {"YWJj", 100002},
        {"</InlineBinary>" END A(
             "00660040", "OL",
             K("LongPrimitivePointIndexList") "><InlineBinary>"),
         1},
        {"BAMCAQQDAgEEAwIB", 20000},
        {"</InlineBinary>" END A("00720083", "UV", K("SelectorUVValue") ">"),
         1},
    };
    struct result r;
    const char *at;

    (void)state;
    read_and_write(&r, file, 0, &o);
    assert_int_equal(r.status, DCM_OK);
    at = r.text;
    for (size_t i = 0; i < COUNT(want); i++)
        for (size_t k = 0; k < want[i].times; k++) {
            size_t n = strlen(want[i].unit);

            if (strncmp(at, want[i].unit, n) != 0)
                fail_msg("part %zu, %zu: %.60s", i, k, at);
            at += n;
        }
    for (unsigned k = 1; k <= 9000; k++) {
        char value[64];
        int n =
            snprintf(value, sizeof(value), "<Value number=\"%u\">7</Value>", k);

        assert_memory_equal(at, value, (size_t)n);
        at += n;
    }
    assert_string_equal(at, END FOOT);
    result_release(&r);
}

/* In pieces that a character may lie across. */
static void large_text_keeps_its_characters(void **state)
{
    const char *const file =
        EXPLICIT "(0008,0005) CS \"ISO_IR 192\"\n"
                 "(0040,A160) UT \"a\" repeat 30000 \"\\xEF\\xBF\\xBE\"\n";
    struct result r;
    const char *at;

    (void)state;
    read_and_write(&r, file, 0, NULL);
    assert_int_equal(r.status, DCM_OK);
    at = strchr(strstr(r.text, "UT\""), 'a');
    at = strstr(at, "1\">a") + 4;
    for (size_t k = 0; k < 30000; k++, at += 3)
        assert_memory_equal(at, "\xEF\xBF\xBD", 3);
    assert_memory_equal(at, "</Value>", 8);
    result_release(&r);
}

static void limits_end_a_document(void **state)
{
    struct dcm_limits limits = {.size = sizeof(limits), .depth = 1};
    struct dcm_xml_options o = {.size = sizeof(o), .limits = &limits};
    struct result r;

    (void)state;
    read_and_write(&r,
                   EXPLICIT "(0040,A730) SQ {\nitem {\n(0040,A730) SQ {\n"
                            "item {\n}\n}\n}\n}\n",
                   0, &o);
    assert_int_equal(r.status, DCM_ERR_LIMIT);
    result_release(&r);
    limits.output = 100000;
    o.bulk = DCM_BULK_INLINE;
    read_and_write(&r, EXPLICIT "(0042,0011) OB repeat 400000 hex 01\n", 0, &o);
    assert_int_equal(r.status, DCM_ERR_LIMIT);
    assert_non_null(strstr(r.error.message, "'output'"));
    result_release(&r);
    limits.output = 0;
    limits.value = 70000;
    read_and_write(&r, EXPLICIT "(0040,A160) UT repeat 80000 \"a\"\n", 0, &o);
    assert_int_equal(r.status, DCM_ERR_LIMIT);
    result_release(&r);
    o.bulk = DCM_BULK_URI;
    check("BulkData may stand for any value",
          EXPLICIT "(0040,A160) UT repeat 80000 \"a\"\n", &o,
          A("0040A160", "UT",
            K("TextValue") "><BulkData uri=\"bulkdata/0040A160\"/>" END) FOOT);
}

/* ---------------------------------------------------------------- endings */

static void a_file_that_breaks_off_gives_a_closed_document(void **state)
{
    struct result r;

    (void)state;
    for (size_t cut = 1; cut < 60; cut++) {
        const char *open;

        read_and_write(&r, nested, cut, NULL);
        if (r.status != DCM_OK)
            assert_int_equal(r.status, DCM_ERR_TRUNCATED);
        assert_true(r.size > sizeof(FOOT));
        assert_string_equal(r.text + r.size - (sizeof(FOOT) - 1), FOOT);
        open = strstr(r.text, "<Item number=\"1\">");
        assert_int_equal(open != NULL, strstr(r.text, "</Item>") != NULL);
        result_release(&r);
    }
}

/* A source by hand: a reference, and events where they may not come. */
struct script {
    struct dcm_source source;
    const struct dcm_event *events;
    size_t n, next;
};

static enum dcm_status script_next(struct dcm_source *source,
                                   struct dcm_event *ev)
{
    struct script *s = (struct script *)source;

    if (s->next == s->n)
        return DCM_DONE;
    *ev = s->events[s->next++];
    return DCM_OK;
}

static enum dcm_status script_read(struct dcm_source *source, void *buffer,
                                   size_t n, size_t *got)
{
    (void)source, (void)buffer, (void)n;
    *got = 0;
    return DCM_ERR_READ;
}

static void play(struct result *r, const struct dcm_event *events, size_t n,
                 dcm_write_fn *write)
{
    struct script s = {{script_next, script_read, NULL}, events, n, 0};
    struct dcm_event copies[8];

    memset(r, 0, sizeof(*r));
    for (size_t i = 0; i < n; i++) {
        copies[i] = events[i];
        copies[i].source = &s.source;
    }
    s.events = copies;
    convert(r, &s.source, NULL, write);
}

#define EVENT(t)              \
    {                         \
        .type = DCM_EVENT_##t \
    }

static void a_reference_is_bulk_data(void **state)
{
    const struct dcm_event events[] = {
        EVENT(DATASET),
        {.type = DCM_EVENT_VALUE,
         .tag = 0x00080060,
         .vr = VR_CS,
         .flags = DCM_REFERENCE,
         .size = 3,
         .data = (const uint8_t *)"a&b"},
        EVENT(END),
    };
    struct result r;

    (void)state;
    play(&r, events, COUNT(events), keep);
    assert_int_equal(r.status, DCM_OK);
    assert_string_equal(
        r.text, HEAD A("00080060", "CS",
                       K("Modality") "><BulkData uri=\"a&amp;b\"/>" END) FOOT);
    result_release(&r);
}

static void a_source_that_fails_leaves_a_whole_document(void **state)
{
    const struct dcm_event events[] = {
        EVENT(DATASET),
        {.type = DCM_EVENT_VALUE,
         .tag = 0x0040A160,
         .vr = VR_UT,
         .size = 99999},
        EVENT(END),
    };
    struct result r;

    (void)state;
    play(&r, events, COUNT(events), keep);
    assert_int_equal(r.status, DCM_ERR_READ);
    assert_string_equal(r.text,
                        HEAD A("0040A160", "UT", K("TextValue") "/>") FOOT);
    result_release(&r);
}

static void events_out_of_order_are_refused(void **state)
{
    static const struct {
        const char *why;
        size_t n;
        struct dcm_event events[3];
    } cases[] = {
        {"an item outside a sequence", 2, {EVENT(DATASET), EVENT(ITEM)}},
        {"an item's end without one", 2, {EVENT(DATASET), EVENT(ITEM_END)}},
        {"a sequence's end without one", 2, {EVENT(DATASET), EVENT(SEQ_END)}},
        {"a fragment alone", 2, {EVENT(DATASET), EVENT(FRAGMENT)}},
        {"fragments' end without any", 2, {EVENT(DATASET), EVENT(FRAGS_END)}},
        {"two data sets", 2, {EVENT(DATASET), EVENT(DATASET)}},
        {"the end in a sequence",
         3,
         {EVENT(DATASET),
          {.type = DCM_EVENT_SEQ, .tag = 0x00081140, .vr = VR_SQ},
          EVENT(END)}},
    };
    struct result r;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        play(&r, cases[i].events, cases[i].n, keep);
        if (r.status != DCM_ERR_ARGUMENT)
            fail_msg("%s: %s", cases[i].why, dcm_status_name(r.status));
        result_release(&r);
    }
}

static void an_output_that_fails_is_told(void **state)
{
    const struct dcm_event events[] = {EVENT(DATASET), EVENT(END)};
    struct result r;

    (void)state;
    play(&r, events, COUNT(events), refuse);
    assert_int_equal(r.status, DCM_ERR_WRITE);
    result_release(&r);
}

static void a_writer_can_be_used_again(void **state)
{
    const struct dcm_event cut = EVENT(DATASET), end = EVENT(END);
    struct dcm_output *out = dcm_output_memory();
    struct dcm_xml_writer *w = dcm_xml_writer_new(NULL, out);
    struct dcm_sink *sink = dcm_xml_writer_sink(w);
    size_t size;

    (void)state;
    assert_int_equal(sink->put(sink, &cut), DCM_OK);
    assert_int_equal(dcm_xml_writer_close(w), DCM_OK);
    assert_int_equal(sink->put(sink, &end), DCM_ERR_ARGUMENT);
    dcm_xml_writer_clear(w);
    assert_int_equal(sink->put(sink, &cut), DCM_OK);
    assert_int_equal(sink->put(sink, &end), DCM_OK);
    assert_memory_equal(dcm_output_data(out, &size), HEAD FOOT HEAD FOOT,
                        sizeof(HEAD FOOT HEAD FOOT) - 1);
    assert_int_equal(size, sizeof(HEAD FOOT HEAD FOOT) - 1);
    dcm_xml_writer_free(w);
    dcm_output_free(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_attribute_has_its_form),
        cmocka_unit_test(strict_ends_at_the_first_deviation),
        cmocka_unit_test(each_character_has_its_form),
        cmocka_unit_test(pretty_breaks_lines_but_not_in_values),
        cmocka_unit_test(creators_come_when_asked_for),
        cmocka_unit_test(the_namespace_is_declared_when_asked_for),
        cmocka_unit_test(meta_is_without_its_length),
        cmocka_unit_test(utf8_is_said_where_it_matters),
        cmocka_unit_test(bulk_is_by_size_vr_and_policy),
        cmocka_unit_test(fragments_are_bulk_whatever_is_asked),
        cmocka_unit_test(large_values_are_whole),
        cmocka_unit_test(large_text_keeps_its_characters),
        cmocka_unit_test(limits_end_a_document),
        cmocka_unit_test(a_file_that_breaks_off_gives_a_closed_document),
        cmocka_unit_test(a_reference_is_bulk_data),
        cmocka_unit_test(a_source_that_fails_leaves_a_whole_document),
        cmocka_unit_test(events_out_of_order_are_refused),
        cmocka_unit_test(an_output_that_fails_is_told),
        cmocka_unit_test(a_writer_can_be_used_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
