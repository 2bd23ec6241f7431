/* The XML reader: what documents mean, what is wrong with them, and that
 * neither the pieces they come in nor their size change that. Expected values
 * are those of PS3.19 A.1.5, PS3.5 6.2 and 7.8.1, written down by hand.
 *
 * A trace is what the events say, one after another:
 *
 *     D         DATASET
 *     0010,0010 PN A^B;     a VALUE, bytes beyond ASCII as <C3>
 *     0040,A730{[...][...]} a sequence and its items
 *     7FE0,0010(;FF;)       fragments
 *     E         END */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "event.h"
#include "input.h"
#include "policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NS "http://dicom.nema.org/PS3.19/models/NativeDICOM"
#define DOC(content) "<NativeDicomModel>" content "</NativeDicomModel>"
#define A(tag, vr, content)                                       \
    "<DicomAttribute tag=\"" tag "\" vr=\"" vr "\">" content "</" \
    "DicomAttribute>"
#define P(tag, vr, creator, content)                                          \
    "<DicomAttribute tag=\"" tag "\" vr=\"" vr "\" privateCreator=\"" creator \
    "\">" content "</DicomAttribute>"
#define V(n, text) "<Value number=\"" n "\">" text "</Value>"
#define NAME(n, groups) "<PersonName number=\"" n "\">" groups "</PersonName>"
#define ALPHA(parts) "<Alphabetic>" parts "</Alphabetic>"
#define FAMILY(s) "<FamilyName>" s "</FamilyName>"
#define IB(s) "<InlineBinary>" s "</InlineBinary>"
#define ITEM(n, content) "<Item number=\"" n "\">" content "</Item>"

/* ------------------------------------------------------------------ traces */

struct trace {
    char text[4096];
    size_t n;
};

static void put(struct trace *t, const char *format, ...) DCM_PRINTF(2, 3);
static void put(struct trace *t, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    t->n +=
        (size_t)vsnprintf(t->text + t->n, sizeof(t->text) - t->n, format, ap);
    va_end(ap);
    assert_true(t->n < sizeof(t->text));
}

static void put_bytes(struct trace *t, const struct dcm_event *ev)
{
    uint8_t byte;
    size_t got;

    if (ev->size > 200) {
        put(t, "%llu bytes", (unsigned long long)ev->size);
        return;
    }
    for (uint64_t i = 0; i < ev->size; i++) {
        assert_int_equal(dcm_event_read(ev, &byte, 1, &got), DCM_OK);
        assert_int_equal(got, 1);
        if (ev->data)
            assert_int_equal(byte, ev->data[i]);
        put(t, byte < 0x20 || byte > 0x7E ? "<%02X>" : "%c", byte);
    }
    assert_int_equal(dcm_event_read(ev, &byte, 1, &got), DCM_OK);
    assert_int_equal(got, 0);
}

static void put_event(struct trace *t, const struct dcm_event *ev)
{
    switch (ev->type) {
    case DCM_EVENT_VALUE:
        put(t, "%04X,%04X %c%c%s%s", ev->tag >> 16, ev->tag & 0xFFFF,
            ev->vr >> 8, ev->vr & 255, ev->size ? " " : "",
            ev->flags & DCM_REFERENCE ? "at " : "");
        put_bytes(t, ev);
        put(t, ";");
        break;
    case DCM_EVENT_SEQ:
        put(t, "%04X,%04X{", ev->tag >> 16, ev->tag & 0xFFFF);
        break;
    case DCM_EVENT_FRAGS:
        put(t, "%04X,%04X(", ev->tag >> 16, ev->tag & 0xFFFF);
        break;
    case DCM_EVENT_FRAGMENT:
        put_bytes(t, ev);
        put(t, ";");
        break;
    default: {
        static const char marks[] = "  D []}  )E";

        put(t, "%c", marks[ev->type]);
    }
    }
}

/* -------------------------------------------------------------------- runs */

struct stream {
    const char *p;
    size_t left, step;
};

static ptrdiff_t pour(void *user, void *buffer, size_t n)
{
    struct stream *s = user;

    if (n > s->step)
        n = s->step;
    if (n > s->left)
        n = s->left;
    memcpy(buffer, s->p, n);
    s->p += n;
    s->left -= n;
    return (ptrdiff_t)n;
}

struct run {
    struct dcm_xml_reader_options options;
    int strict;
    size_t step; /* of a stream; 0: memory */
    /* -- what came of it */
    struct trace trace;
    struct dcm_error error;
    uint64_t deviations;
    uint64_t counts[DCM_ISSUE_COUNT];
    int wants_charset;
};

static enum dcm_status run(struct run *r, const char *xml, size_t n)
{
    struct stream stream = {xml, n, r->step};
    struct dcm_policy *policy = dcm_policy_new(r->strict, NULL, NULL);
    struct dcm_input *in = r->step ? dcm_input_callback(pour, &stream, NULL)
                                   : dcm_input_memory(xml, n, NULL);
    struct dcm_xml_reader *reader;
    struct dcm_source *source;
    struct dcm_grammar grammar;
    struct dcm_event ev;
    enum dcm_status status;

    r->options.size = sizeof(r->options);
    r->options.policy = policy;
    reader = dcm_xml_reader_new(&r->options);
    assert_non_null(reader);
    source = dcm_xml_reader_source(reader);
    dcm_xml_reader_open(reader, in);
    dcm_grammar_init(&grammar);
    r->trace.n = 0;
    r->trace.text[0] = '\0';
    while ((status = source->next(source, &ev)) == DCM_OK) {
        assert_true(dcm_grammar_check(&grammar, &ev));
        put_event(&r->trace, &ev);
    }
    if (status != DCM_DONE)
        assert_int_equal(source->next(source, &ev), status);
    r->error = *dcm_xml_reader_error(reader);
    r->deviations = dcm_policy_count(policy, 0);
    for (unsigned i = 1; i < DCM_ISSUE_COUNT; i++)
        r->counts[i] = dcm_policy_count(policy, i);
    r->wants_charset = dcm_xml_reader_wants_charset(reader);
    dcm_grammar_release(&grammar);
    dcm_xml_reader_free(reader);
    dcm_input_free(in);
    dcm_policy_free(policy);
    return status;
}

/* ------------------------------------------------------------- documents */

static const struct row {
    const char *why, *xml, *want;
    unsigned issue; /* 0: in order */
} rows[] = {
    {"no attribute at all", "<NativeDicomModel/>", "DE", 0},
    {"name space of PS3.19",
     "<NativeDicomModel xmlns=\"" NS
     "\">" A("00080060", "CS", V("1", "MR")) "</NativeDicomModel>",
     "D0008,0060 CS MR;E", 0},
    {"a prefix that stands for it, whatever its letters",
     "<x:NativeDicomModel xmlns:x=\"" NS "\" xml:space=\"preserve\">"
     "<x:DicomAttribute tag=\"00080060\" vr=\"CS\" keyword=\"Modality\">"
     "<x:Value number=\"1\">MR</x:Value></x:DicomAttribute>"
     "</x:NativeDicomModel>",
     "D0008,0060 CS MR;E", 0},
    {"another name space is left out with what it holds",
     DOC("<n:Value xmlns:n=\"urn:other\"><n:a>1</n:a></n:Value>" A(
         "00080060", "CS", V("1", "MR"))),
     "D0008,0060 CS MR;E", DCM_ISSUE_KEY_UNKNOWN},
    {"XI01: two creators with the same element get two blocks",
     DOC(P("00090001", "LO", "ACME", V("1", "a"))
             P("00090001", "LO", "B", V("1", "b"))),
     "D0009,0010 LO ACME;0009,1001 LO a ;0009,0011 LO B ;0009,1101 LO b ;E", 0},
    {"and those of one creator the same",
     DOC(P("00090001", "LO", "ACME", V("1", "a"))
             P("00090002", "LO", "ACME", V("1", "b"))),
     "D0009,0010 LO ACME;0009,1001 LO a ;0009,1002 LO b ;E", 0},
    {"element 00 of a block, which is no group length",
     DOC(P("00090000", "LO", "ACME", V("1", "a"))),
     "D0009,0010 LO ACME;0009,1000 LO a ;E", 0},
    {"XI02: an item has blocks of its own (PS3.5 7.8.1)",
     DOC(P("00090001", "LO", "ACME", V("1", "a"))
             A("00400260", "SQ",
               ITEM("1", P("00090001", "LO", "ACME", V("1", "b"))))),
     "D0009,0010 LO ACME;0009,1001 LO a ;0040,0260{[0009,0010 LO ACME;"
     "0009,1001 LO b ;]}E",
     0},
    {"the block of a creator element that is there",
     DOC(A("00090020", "LO", V("1", "ACME"))
             P("00090001", "LO", "ACME", V("1", "a"))),
     "D0009,0020 LO ACME;0009,2001 LO a ;E", 0},
    {"next to it for others",
     DOC(A("00090010", "LO", V("1", "ACME"))
             P("00090001", "LO", "B", V("1", "a"))),
     "D0009,0010 LO ACME;0009,0011 LO B ;0009,1101 LO a ;E", 0},
    {"full form without creator is taken literally",
     DOC(A("00090010", "LO", V("1", "ACME")) A("00091001", "LO", V("1", "a"))),
     "D0009,0010 LO ACME;0009,1001 LO a ;E", 0},
    {"full form whose block nobody has", DOC(A("00091001", "LO", V("1", "a"))),
     "D0009,1001 LO a ;E", DCM_ISSUE_PRIVATE_BLOCK},
    {"full form and creator, as GDCM has it: that block is reserved",
     DOC(P("00094201", "LO", "ACME", V("1", "a"))),
     "D0009,0042 LO ACME;0009,4201 LO a ;E", DCM_ISSUE_PRIVATE_BLOCK},
    {"creator where the standard has the attribute",
     DOC(P("00080060", "CS", "ACME", V("1", "MR"))), "D0008,0060 CS MR;E",
     DCM_ISSUE_KEY_UNKNOWN},
    {"XI03: sorted by number, a gap is an empty value",
     DOC(A("00080008", "CS", V("3", "C") V("1", "A"))),
     "D0008,0008 CS A\\\\C;E", 0},
    {"a gap at the beginning", DOC(A("00080008", "CS", V("2", "B"))),
     "D0008,0008 CS \\B;E", 0},
    {"XI04: a number that is there twice: as they come",
     DOC(A("00080008", "CS", V("1", "B") V("1", "A"))), "D0008,0008 CS B\\A ;E",
     DCM_ISSUE_KEY_ORDER},
    {"no number", DOC(A("00080060", "CS", "<Value>MR</Value>")),
     "D0008,0060 CS MR;E", DCM_ISSUE_KEY_ORDER},
    {"numbers begin at 1", DOC(A("00080060", "CS", V("0", "MR"))),
     "D0008,0060 CS MR;E", DCM_ISSUE_KEY_ORDER},
    {"an empty value among others",
     DOC(A("00080008", "CS", V("1", "A") "<Value number=\"2\"/>" V("3", "C"))),
     "D0008,0008 CS A\\\\C;E", 0},
    {"XI05: white space round a UID (PS3.18 I.3)",
     DOC(A("00080018", "UI", V("1", "\n  1.2.3\r\n\t"))),
     "D0008,0018 UI 1.2.3<00>;E", 0},
    {"XI06: spaces of a LO are its own",
     DOC(A("00080080", "LO", V("1", "  x  "))), "D0008,0080 LO   x   ;E", 0},
    {"line breaks of a text: a raw one is LF, a reference what it says",
     DOC(A("00104000", "LT", V("1", "a\r\nb&#13;&#10;c"))),
     "D0010,4000 LT a<0A>b<0D><0A>c;E", 0},
    {"entities of XML and sections of characters",
     DOC(A("00104000", "LT", V("1", "&lt;&amp;&gt;<![CDATA[<x>]]>!!"))),
     "D0010,4000 LT <&><x>!!;E", 0},
    {"comments are no text", DOC(A("00080060", "CS", V("1", "M<!-- x -->R"))),
     "D0008,0060 CS MR;E", 0},
    {"a name of all components and groups",
     DOC(A(
         "00100010", "PN",
         NAME("1",
              ALPHA(FAMILY(
                  "F") "<GivenName>G</GivenName><MiddleName>M"
                       "</MiddleName><NamePrefix>P</NamePrefix>"
                       "<NameSuffix>S</NameSuffix>") "<Ideographic"
                                                     ">" FAMILY(
                                                         "I") "</"
                                                              "Ideo"
                                                              "grap"
                                                              "hic>"
                                                              "<Pho"
                                                              "neti"
                                                              "c"
                                                              ">" FAMILY(
                                                                  "H") "</"
                                                                       "Phoneti"
                                                                       "c>"))),
     "D0010,0010 PN F^G^M^P^S=I=H ;E", 0},
    {"a component that is missing, and a group",
     DOC(A("00100010", "PN",
           NAME("1",
                ALPHA(FAMILY(
                    "F") "<MiddleName>M</MiddleName>") "<Phonetic"
                                                       ">" FAMILY("H") "</"
                                                                       "Phoneti"
                                                                       "c>"))),
     "D0010,0010 PN F^^M==H ;E", 0},
    {"the second of three names is empty",
     DOC(A("00081048", "PN",
           NAME("1", ALPHA(FAMILY("A"))) "<PersonName number=\"2\"/>" NAME(
               "3", ALPHA(FAMILY("C"))))),
     "D0008,1048 PN A\\\\C;E", 0},
    {"XI07: SingleByte is Alphabetic",
     DOC(A("00100010", "PN",
           NAME("1", "<SingleByte>" FAMILY("Do") "</SingleByte>"))),
     "D0010,0010 PN Do;E", 0},
    {"XI12: a caret in a component",
     DOC(A("00100010", "PN", NAME("1", ALPHA(FAMILY("A^BC"))))),
     "D0010,0010 PN A^BC;E", DCM_ISSUE_VALUE_FORM},
    {"a name as a Value", DOC(A("00100010", "PN", V("1", "A^BC"))),
     "D0010,0010 PN A^BC;E", DCM_ISSUE_NAME_TEXT},
    {"XI09: no vr",
     DOC("<DicomAttribute tag=\"00080060\">" V("1", "MR") "</DicomAttribute>"),
     "D0008,0060 CS MR;E", DCM_ISSUE_VR_MISSING},
    {"no vr, in no dictionary, but items",
     DOC("<DicomAttribute tag=\"0022FFF0\">" ITEM("1", "") "</DicomAttribute>"),
     "D0022,FFF0{[]}E", DCM_ISSUE_VR_MISSING},
    {"not the dictionary's vr, kept", DOC(A("00080060", "SH", V("1", "MR"))),
     "D0008,0060 SH MR;E", DCM_ISSUE_VR_OTHER},
    {"XI10: a tag, its group first (PS3.5 7.3)",
     DOC(A("00280009", "AT", V("1", "00181063"))),
     "D0028,0009 AT <18><00>c<10>;E", 0},
    {"a tag in brackets, as GDCM has it",
     DOC(A("00280009", "AT", V("1", "(0018,1063)"))),
     "D0028,0009 AT <18><00>c<10>;E", DCM_ISSUE_VALUE_FORM},
    {"numbers of two bytes",
     DOC(A("00280030", "US", V("1", " 258 ") V("2", "+3"))),
     "D0028,0030 US <02><01><03><00>;E", DCM_ISSUE_VR_OTHER},
    {"words for what is no number",
     DOC(A("00089459", "FL", V("1", "INF") V("2", "-inf") V("3", "NaN"))),
     "D0008,9459 FL <00><00><80><7F><00><00><80><FF><00><00><C0><7F>;E", 0},
    {"DS keeps its text", DOC(A("00181041", "DS", V("1", " 1.50 "))),
     "D0018,1041 DS 1.50;E", 0},
    {"XI11: base64 in lines", DOC(A("00420011", "OB", IB("\n QUJD\n RA==\n"))),
     "D0042,0011 OB ABCD;E", 0},
    {"base64 with a reference and a section",
     DOC(A("00420011", "OB", IB("Q&#85;J<![CDATA[D]]>"))),
     "D0042,0011 OB ABC;E", 0},
    {"no bytes", DOC(A("00420011", "OB", "<InlineBinary/>")), "D0042,0011 OB;E",
     0},
    {"nothing at all", DOC("<DicomAttribute tag=\"00080050\" vr=\"SH\"/>"),
     "D0008,0050 SH;E", 0},
    {"bytes that are not whole words", DOC(A("7FE00008", "OF", IB("QUI="))),
     "D7FE0,0008 OF AB;E", DCM_ISSUE_UNIT_LENGTH},
    {"a reference, nobody to open it",
     DOC(A("00420011", "OB", "<BulkData uri=\"a.bin\"/>")),
     "D0042,0011 OB at a.bin;E", 0},
    {"URI in capitals, as Orthanc has it",
     DOC(A("00420011", "OB", "<BulkData URI=\"a.bin\"/>")),
     "D0042,0011 OB at a.bin;E", DCM_ISSUE_KEY_CASE},
    {"by uuid", DOC(A("00420011", "OB", "<BulkData uuid=\"1-2\"/>")),
     "D0042,0011 OB at 1-2;E", 0},
    {"a reference for a VR that can have none",
     DOC(A("00080060", "CS", "<BulkData uri=\"a.bin\"/>")),
     "D0008,0060 CS at a.bin;E", DCM_ISSUE_BINARY_VR},
    {"XI13: a tag in small letters", DOC(A("0020000d", "UI", V("1", "1.2"))),
     "D0020,000D UI 1.2<00>;E", DCM_ISSUE_KEY_CASE},
    {"XML attributes in capitals (PS3.18 B.23)",
     DOC("<DicomAttribute Tag=\"00080060\" VR=\"CS\" Keyword=\"Modality\">" V(
         "1", "MR") "</DicomAttribute>"),
     "D0008,0060 CS MR;E", DCM_ISSUE_KEY_CASE},
    {"an XML attribute that there is not",
     DOC("<DicomAttribute tag=\"00080060\" vr=\"CS\" len=\"2\"/>"),
     "D0008,0060 CS;E", DCM_ISSUE_KEY_UNKNOWN},
    {"an element that there is not",
     DOC(A("00080060", "CS", "<Other><Value>1</Value></Other>" V("1", "MR"))),
     "D0008,0060 CS MR;E", DCM_ISSUE_KEY_UNKNOWN},
    {"an element within a value",
     DOC(A("00080060", "CS", V("1", "M<b>x</b>R"))), "D0008,0060 CS MR;E",
     DCM_ISSUE_KEY_UNKNOWN},
    {"text between elements", DOC("x" A("00080060", "CS", V("1", "MR"))),
     "D0008,0060 CS MR;E", DCM_ISSUE_KEY_UNKNOWN},
    {"tags that fall, told once in a level",
     DOC(A("00080060", "CS", V("1", "MR")) A("00080050", "SH", "")
             A("00080020", "DA", "")),
     "D0008,0060 CS MR;0008,0050 SH;0008,0020 DA;E", DCM_ISSUE_KEY_ORDER},
    {"an attribute twice",
     DOC(A("00080060", "CS", V("1", "MR")) A("00080060", "CS", V("1", "CT"))),
     "D0008,0060 CS MR;0008,0060 CS CT;E", DCM_ISSUE_KEY_REPEATED},
    {"group lengths and padding are left out",
     DOC(A("00080000", "UL", V("1", "9")) A("00080060", "CS", V("1", "MR"))
             A("FFFCFFFC", "OB", IB("AAAA"))),
     "D0008,0060 CS MR;E", 0},
    {"File Meta Information is before the data set",
     DOC(A("00020010", "UI", V("1", "1.2.840.10008.1.2.1"))
             A("00080060", "CS", V("1", "MR"))),
     "0002,0010 UI 1.2.840.10008.1.2.1<00>;D0008,0060 CS MR;E", 0},
    {"items, an empty one too",
     DOC(A("0040A730", "SQ",
           ITEM("1", "") "<Item number=\"2\"/>" ITEM(
               "3", A("00080060", "CS", V("1", "MR"))))),
     "D0040,A730{[][][0008,0060 CS MR;]}E", 0},
    {"items that are not numbered in a row",
     DOC(A("0040A730", "SQ", ITEM("2", ""))), "D0040,A730{[]}E",
     DCM_ISSUE_KEY_ORDER},
    {"a Value behind items, as Orthanc has it",
     DOC(A("0040A730", "SQ", ITEM("1", "") "<Value number=\"1\"/>")),
     "D0040,A730{[]}E", DCM_ISSUE_KEY_UNKNOWN},
    {"dcm4che's fragments, of which it leaves empty ones out",
     DOC(A("7FE00010", "OB",
           "<DataFragment number=\"2\">" IB(
               "QUI=") "</DataFragment>"
                       "<DataFragment number=\"3\">" IB(
                           "Q0Q=") "</DataFragment>")),
     "D7FE0,0010(;AB;CD;)E", 0},
    {"fragments numbered otherwise",
     DOC(A("7FE00010", "OB",
           "<DataFragment number=\"1\"/>"
           "<DataFragment number=\"1\">" IB("Q0Q=") "</DataFragment>")),
     "D7FE0,0010(;CD;)E", DCM_ISSUE_KEY_ORDER},
    {"UTF-8 beyond ASCII",
     DOC(A("00080005", "CS", V("1", "ISO_IR 192"))
             A("00100020", "LO", V("1", "\xC3\xA4"))),
     "D0008,0005 CS ISO_IR 192;0010,0020 LO <C3><A4>;E", 0},
    {"and so does Greek, which expat does not know (alpha)",
     "<?xml version=\"1.0\" encoding=\"ISO-8859-7\"?>" DOC(
         A("00100020", "LO", V("1", "\xE1"))),
     "D0010,0020 LO <CE><B1>;E", 0},
    {"and Latin 2 (a with ogonek)",
     "<?xml version=\"1.0\" encoding=\"iso-8859-2\"?>" DOC(
         A("00100020", "LO", V("1", "\xB1"))),
     "D0010,0020 LO <C4><85>;E", 0},
    {"Latin 1 becomes UTF-8",
     "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>" DOC(
         A("00100020", "LO", V("1", "\xE4"))),
     "D0010,0020 LO <C3><A4>;E", 0},
};

static void check_row(const struct row *row, size_t step)
{
    struct run r = {.step = step};

    assert_int_equal(run(&r, row->xml, strlen(row->xml)), DCM_DONE);
    if (strcmp(r.trace.text, row->want) != 0)
        fail_msg("%s:\n got %s\nwant %s", row->why, r.trace.text, row->want);
    if (r.deviations != (row->issue != 0) ||
        (row->issue && !r.counts[row->issue]))
        fail_msg("%s: %llu deviations", row->why,
                 (unsigned long long)r.deviations);
    r.strict = 1;
    if (run(&r, row->xml, strlen(row->xml)) !=
        (row->issue ? DCM_ERR_STRICT : DCM_DONE))
        fail_msg("%s: strict: %s", row->why, r.error.message);
}

static void documents_mean_what_they_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        check_row(&rows[i], 0);
}

static void pieces_make_no_difference(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        for (size_t step = 1; step < 4; step++)
            check_row(&rows[i], step);
}

static void a_text_cut_anywhere_fails_and_says_so(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t n = strlen(rows[i].xml);

        for (size_t cut = 0; cut < n; cut++) {
            struct run r = {.step = cut & 1};
            char *part = malloc(cut + 1); /* so that sanitizers see its end */

            memcpy(part, rows[i].xml, cut);
            if (run(&r, part, cut) != DCM_ERR_TRUNCATED)
                fail_msg("%s: cut at %zu: %s", rows[i].why, cut,
                         r.error.message);
            free(part);
        }
    }
}

/* ----------------------------------------------------------------- failing */

static const struct bad {
    const char *why, *xml;
    enum dcm_status want;
    const char *at;      /* the first of it is the place */
    const char *message; /* how it begins */
} bads[] = {
    {"XI08: a document type with an entity",
     "<!DOCTYPE x [<!ENTITY e SYSTEM \"/etc/passwd\">]>\n" DOC(
         A("00100020", "LO", V("1", "&e;"))),
     DCM_ERR_UNSUPPORTED, "[<!ENT", "document type"},
    {"an entity that nobody declared",
     DOC("\n " A("00100020", "LO", V("1", "a&e;"))), DCM_ERR_MALFORMED, "&e;",
     "undefined entity"},
    {"a prefix that nobody declared", "<n:NativeDicomModel/>",
     DCM_ERR_MALFORMED, "<n:", "unbound prefix"},
    {"not this model", "<file-format/>", DCM_ERR_NOT_DICOM, "<file",
     "root element is not"},
    {"this model's name of another name space",
     "<NativeDicomModel xmlns=\"urn:other\"/>", DCM_ERR_NOT_DICOM, "<Native",
     "root element is not"},
    {"something behind it", DOC("") "x", DCM_ERR_MALFORMED, "x", "junk after"},
    {"ill-formed UTF-8", DOC(A("00100020", "LO", V("1", "\xE4"))),
     DCM_ERR_MALFORMED, "\xE4", "not well-formed"},
    {"a control character, even as a reference (XML 1.0)",
     DOC(A("00104000", "LT", V("1", "&#12;"))), DCM_ERR_MALFORMED, "&#12;",
     "reference to invalid"},
    {"an encoding that we have not",
     "<?xml version=\"1.0\" encoding=\"EBCDIC\"?>" DOC(""), DCM_ERR_UNSUPPORTED,
     "EBCDIC", "unknown encoding"},
    {"no tag", DOC("<DicomAttribute vr=\"CS\"/>"), DCM_ERR_MALFORMED, "<DicomA",
     "DicomAttribute without a tag"},
    {"a tag of 7 digits", DOC(A("0008006", "CS", "")), DCM_ERR_MALFORMED,
     "<DicomA", "tag is not 8"},
    {"a tag of 9 digits", DOC(A("000800600", "CS", "")), DCM_ERR_MALFORMED,
     "<DicomA", "tag is not 8"},
    {"a keyword for a tag", DOC(A("Modality", "CS", "")), DCM_ERR_MALFORMED,
     "<DicomA", "tag is not 8"},
    {"a VR that there is not", DOC(A("00080060", "ZZ", "")), DCM_ERR_MALFORMED,
     "<DicomA", "vr is none"},
    {"no VR at all", DOC(A("00080060", "", "")), DCM_ERR_MALFORMED, "<DicomA",
     "vr is none"},
    {"an item tag is no attribute", DOC(A("FFFEE000", "OB", "")),
     DCM_ERR_MALFORMED, "<DicomA", "(FFFE,E000) is no attribute"},
    {"File Meta Information in an item",
     DOC(A("0040A730", "SQ", ITEM("1", A("00020010", "UI", "")))),
     DCM_ERR_MALFORMED, "<DicomAttribute tag=\"0002",
     "found (0002,0010) in an item"},
    {"File Meta Information behind others",
     DOC(A("00080060", "CS", "") A("00020010", "UI", "")), DCM_ERR_MALFORMED,
     "<DicomAttribute tag=\"0002", "found (0002,0010) after"},
    {"a Transfer Syntax UID that is none",
     DOC(A("00020010", "UI", V("1", "1..2"))), DCM_ERR_MALFORMED, "<DicomA",
     "Transfer Syntax UID is no UID"},
    {"a private tag that cannot be", DOC(P("00090101", "LO", "ACME", "")),
     DCM_ERR_MALFORMED, "<DicomA", "(0009,0101) is no private"},
    {"a creator element for a block that was given away",
     DOC(P("00090001", "LO", "ACME", "") A("00090010", "LO", V("1", "B"))),
     DCM_ERR_MALFORMED, "<DicomAttribute tag=\"00090010", "block of a Private Creator"},
    {"a number out of range", DOC(A("00280010", "US", V("1", "70000"))),
     DCM_ERR_MALFORMED, "<Value", "value 1 of US"},
    {"a word where a number belongs", DOC(A("00280010", "US", V("1", "x"))),
     DCM_ERR_MALFORMED, "<Value", "value 1 of US"},
    {"too many values are missing",
     DOC(A("00080008", "CS", V("4000000000", "A"))), DCM_ERR_MALFORMED,
     "<Value", "values 1 to 3999999999"},
    {"two values of a VR that has one",
     DOC(A("00104000", "LT", V("1", "a") V("2", "b"))), DCM_ERR_MALFORMED,
     "<DicomA", "2 values"},
    {"a Value for bytes", DOC(A("00420011", "OB", V("1", "AB"))),
     DCM_ERR_MALFORMED, "<Value", "Value for VR OB"},
    {"a Value in a sequence", DOC(A("0040A730", "SQ", V("1", "AB"))),
     DCM_ERR_MALFORMED, "<Value", "value of a sequence"},
    {"an Item for text", DOC(A("00080060", "CS", ITEM("1", ""))),
     DCM_ERR_MALFORMED, "<Item", "items or fragments for VR CS"},
    {"fragments for what is no Pixel Data",
     DOC(A("00420011", "OB", "<DataFragment number=\"1\"/>")),
     DCM_ERR_MALFORMED, "<DataF", "items or fragments for VR OB"},
    {"a name for text", DOC(A("00080060", "CS", NAME("1", ALPHA(FAMILY("A"))))),
     DCM_ERR_MALFORMED, "<Person", "person name as a value of CS"},
    {"two kinds of values",
     DOC(A("00420011", "OB", IB("AAAA") "<BulkData uri=\"x\"/>")),
     DCM_ERR_MALFORMED, "<BulkData", "another kind of value"},
    {"base64 for text", DOC(A("00080060", "CS", IB("AAAA"))), DCM_ERR_MALFORMED,
     "<Inl", "InlineBinary for VR CS"},
    {"not base64", DOC(A("00420011", "OB", IB("AA*A"))), DCM_ERR_MALFORMED,
     "<Inl", "character that is not base64"},
    {"base64 that ends within a group", DOC(A("00420011", "OB", IB("AAAAA"))),
     DCM_ERR_MALFORMED, "<Inl", "base64 ends"},
    {"base64 that goes on behind its end",
     DOC(A("00420011", "OB", IB("AA==AAAA"))), DCM_ERR_MALFORMED, "<Inl",
     "character that is not base64, or '='"},
    {"three pads", DOC(A("00420011", "OB", IB("A==="))), DCM_ERR_MALFORMED,
     "<Inl", "character that is not base64, or '='"},
    {"neither uri nor uuid", DOC(A("00420011", "OB", "<BulkData/>")),
     DCM_ERR_MALFORMED, "<Bulk", "BulkData without a uri"},
    {"both of them",
     DOC(A("00420011", "OB", "<BulkData uri=\"a\" uuid=\"b\"/>")),
     DCM_ERR_MALFORMED, "<Bulk", "BulkData with uri and uuid"},
    {"Pixel Data in line, but encapsulated",
     DOC(A("00020010", "UI", V("1", "1.2.840.10008.1.2.4.50"))
             A("7FE00010", "OB", IB("AAAA"))),
     DCM_ERR_MALFORMED, "<Inl", "InlineBinary for Pixel Data"},
};

/* Lines and columns from 1. */
static void place_of(const char *xml, const char *at, char *text, size_t size)
{
    const char *stop = strstr(xml, at);
    unsigned line = 1, column = 1;

    assert_non_null(stop);
    for (; xml < stop; xml++, column++)
        if (*xml == '\n') {
            line++;
            column = 0;
        }
    snprintf(text, size, "line %u, column %u: ", line, column);
}

static void what_is_wrong_is_named_with_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bads) / sizeof(bads[0]); i++)
        for (size_t step = 0; step < 3; step++) {
            const struct bad *bad = &bads[i];
            struct run r = {.step = step};
            enum dcm_status got = run(&r, bad->xml, strlen(bad->xml));
            char want[200];

            place_of(bad->xml, bad->at, want, sizeof(want));
            strcat(want, bad->message);
            if (got != bad->want ||
                strncmp(r.error.message, want, strlen(want)) != 0)
                fail_msg("%s (step %zu): %s: %s, not %s", bad->why, step,
                         dcm_status_name(got), r.error.message, want);
        }
}

static void an_error_has_the_path_and_offset_of_its_element(void **state)
{
    static const char xml[] =
        DOC(A("0040A730", "SQ", ITEM("1", A("00280010", "US", V("1", "-1")))));
    struct run r = {.step = 0};

    (void)state;
    assert_int_equal(run(&r, xml, sizeof(xml) - 1), DCM_ERR_MALFORMED);
    assert_string_equal(r.error.path, "(0040,A730)[1]/(0028,0010)");
    assert_int_equal(r.error.offset, strstr(xml, "<Value") - xml);
}

/* ------------------------------------------------------------------ limits */

static char *repeat(const char *head, const char *piece, size_t n,
                    const char *tail, size_t *length)
{
    size_t h = strlen(head), p = strlen(piece), t = strlen(tail);
    char *s = malloc(h + n * p + t), *to = s;

    assert_non_null(s);
    *length = h + n * p + t;
    memcpy(to, head, h);
    to += h;
    for (; n; n--, to += p)
        memcpy(to, piece, p);
    memcpy(to, tail, t);
    return s;
}

static void limits_end_what_asks_for_too_much(void **state)
{
    static const struct {
        const char *why, *head, *piece, *tail, *says;
        size_t n;
        uint64_t depth, items, value;
    } cases[] = {
        {"items in items", "<NativeDicomModel>",
         "<DicomAttribute tag=\"0040A730\" vr=\"SQ\"><Item number=\"1\">", "",
         "limit 'depth'", 9, 8, 0, 0},
        {"items",
         "<NativeDicomModel><DicomAttribute tag=\"0040A730\" "
         "vr=\"SQ\">",
         "<Item/>", "", "limit 'items'", 9, 0, 8, 0},
        {"text of a value",
         "<NativeDicomModel><DicomAttribute "
         "tag=\"00104000\" vr=\"LT\"><Value number=\"1\">",
         "0123456789", "</Value></DicomAttribute></NativeDicomModel>",
         "limit 'value'", 101, 0, 0, 1000},
        {"text of a value, far beyond it",
         "<NativeDicomModel><DicomAttribute "
         "tag=\"00104000\" vr=\"LT\"><Value number=\"1\">",
         "0123456789", "", "limit 'value'", 400000, 0, 0, 1000},
        {"values that have to be sorted",
         "<NativeDicomModel><DicomAttribute "
         "tag=\"00080008\" vr=\"CS\">",
         "<Value number=\"7\"/>", "", "limit 'value'", 100000, 0, 0, 1000},
        {"elements that are left out", "<NativeDicomModel>", "<x>", "",
         "too many elements", 2000, 0, 0, 0},
        {"one name", "<NativeDicomModel><", "abcdefghij", "", "limit 'value'",
         400000, 0, 0, 1000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (size_t step = 0; step < 100000; step += 99999) {
            struct dcm_limits limits = {.size = sizeof(limits),
                                        .depth = cases[i].depth,
                                        .items = cases[i].items,
                                        .value = cases[i].value};
            struct run r = {.step = step};
            size_t n;
            char *xml = repeat(cases[i].head, cases[i].piece, cases[i].n,
                               cases[i].tail, &n);

            r.options.limits = &limits;
            if (cases[i].items == 0 && cases[i].depth == 0 &&
                cases[i].value == 0)
                r.options.limits = NULL;
            if (run(&r, xml, n) != DCM_ERR_LIMIT ||
                !strstr(r.error.message, cases[i].says))
                fail_msg("%s: %s", cases[i].why, r.error.message);
            free(xml);
        }
}

/* --------------------------------------------------------------- large bytes
 */

/* Base64 of n times "ABC", with a line break after each `every` groups. */
static char *large_text(size_t n, size_t every, const char *tail,
                        size_t *length)
{
    static const char head[] = "<NativeDicomModel>\n<DicomAttribute "
                               "tag=\"00420011\" vr=\"OB\"><InlineBinary>";
    char *s = malloc(sizeof(head) + n * 6 + strlen(tail)), *p = s;

    assert_non_null(s);
    p += sprintf(p, "%s", head);
    for (size_t i = 0; i < n; i++) {
        memcpy(p, "QUJD", 4);
        p += 4;
        if (every && i % every == every - 1) {
            *p++ = '\r';
            *p++ = '\n';
        }
    }
    p += sprintf(p, "%s", tail);
    *length = (size_t)(p - s);
    return s;
}

#define LARGE_TAIL                                                          \
    "QQ==</InlineBinary></DicomAttribute><DicomAttribute tag=\"00420012\" " \
    "vr=\"LO\"/></NativeDicomModel>"

static void check_large(const char *xml, size_t n, size_t groups, size_t piece,
                        size_t step)
{
    struct stream stream = {xml, n, step};
    struct dcm_input *in = step ? dcm_input_callback(pour, &stream, NULL)
                                : dcm_input_memory(xml, n, NULL);
    struct dcm_xml_reader *reader = dcm_xml_reader_new(NULL);
    struct dcm_source *source = dcm_xml_reader_source(reader);
    uint8_t *buffer = malloc(piece);
    struct dcm_event ev;
    uint64_t at = 0;
    size_t got;

    dcm_xml_reader_open(reader, in);
    assert_int_equal(source->next(source, &ev), DCM_OK);
    assert_int_equal(source->next(source, &ev), DCM_OK);
    assert_int_equal(ev.type, DCM_EVENT_VALUE);
    assert_int_equal(ev.size, groups * 3 + 1);
    do {
        assert_int_equal(dcm_event_read(&ev, buffer, piece, &got), DCM_OK);
        for (size_t i = 0; i < got; i++, at++)
            if (buffer[i] != (at == groups * 3 ? 'A' : "ABC"[at % 3]))
                fail_msg("byte %llu is wrong", (unsigned long long)at);
    } while (got == piece);
    assert_int_equal(at, groups * 3 + 1);
    assert_int_equal(source->next(source, &ev), DCM_OK);
    assert_int_equal(ev.tag, 0x00420012);
    assert_int_equal(ev.offset, strstr(xml + n - 100, "<DicomA") - xml);
    assert_int_equal(source->next(source, &ev), DCM_OK);
    assert_int_equal(ev.type, DCM_EVENT_END);
    free(buffer);
    dcm_xml_reader_free(reader);
    dcm_input_free(in);
}

static void bytes_of_any_size_come_in_pieces(void **state)
{
    static const struct {
        size_t groups, every, piece, step;
    } cases[] = {
        {100, 0, 7, 0},
        {21845, 0, 1000, 0},
        {30000, 19, 1, 0},
        {400000, 0, 100000, 0},
        {400000, 19, 4096, 0},
        {400000, 1, 65536, 0},
        {400000, 19, 65536, 65536},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t n;
        char *xml = large_text(cases[i].groups, cases[i].every, LARGE_TAIL, &n);

        check_large(xml, n, cases[i].groups, cases[i].piece, cases[i].step);
        free(xml);
    }
}

static void large_bytes_are_checked_like_small_ones(void **state)
{
    static const struct {
        const char *tail;
        enum dcm_status want;
    } cases[] = {
        {"QQ*=" LARGE_TAIL, DCM_ERR_MALFORMED},
        {"QQ==QQ==" LARGE_TAIL, DCM_ERR_MALFORMED},
        {"Q" LARGE_TAIL, DCM_ERR_MALFORMED},
        {"<!-- -->" LARGE_TAIL, DCM_ERR_UNSUPPORTED},
        {"&#81;" LARGE_TAIL, DCM_ERR_UNSUPPORTED},
        {"", DCM_ERR_TRUNCATED},
        {"</InlineBinary>\n<x>", DCM_ERR_TRUNCATED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct run r = {.step = 0};
        size_t n;
        char *xml = large_text(400000, 100, cases[i].tail, &n);

        if (run(&r, xml, n) != cases[i].want)
            fail_msg("%s: %s", cases[i].tail, r.error.message);
        free(xml);
    }
}

/* --------------------------------------------------------------- references */

struct shelf {
    const char *bytes; /* of every URI */
    size_t size;
    unsigned frames;
    char uri[32];
    struct dcm_input *in;
};

static enum dcm_status take_down(void *user, const struct dcm_event *event,
                                 const char *uri, size_t length,
                                 unsigned number, struct dcm_bulk_data *data,
                                 struct dcm_error *error)
{
    struct shelf *shelf = user;

    (void)event;
    (void)error;
    if (number && number >= shelf->frames)
        return DCM_DONE;
    snprintf(shelf->uri, sizeof(shelf->uri), "%.*s", (int)length, uri);
    if (!shelf->in)
        shelf->in = dcm_input_memory(shelf->bytes, shelf->size, NULL);
    data->input = shelf->in;
    data->offset = number * 2;
    data->size = shelf->frames ? 2 : shelf->size;
    return shelf->size ? DCM_OK : DCM_ERR_READ;
}

#define JPEG A("00020010", "UI", V("1", "1.2.840.10008.1.2.4.50"))
#define JPEG_TRACE "0002,0010 UI 1.2.840.10008.1.2.4.50;D"
#define PIXELS A("7FE00010", "OB", "<BulkData uri=\"p?a=1&amp;b\"/>")
#define BYTES(s) s, sizeof(s) - 1

static void references_are_opened_by_the_caller(void **state)
{
    static const struct {
        const char *why, *xml, *bytes;
        size_t size;
        unsigned frames;
        enum dcm_status want;
        const char *trace;
    } cases[] = {
        {"bytes", DOC(A("00420011", "OB", "<BulkData uri=\"p?a=1&amp;b\"/>")),
         BYTES("ABCD"), 0, DCM_DONE, "D0042,0011 OB ABCD;E"},
        {"native Pixel Data", DOC(PIXELS), BYTES("ABCD"), 0, DCM_DONE,
         "D7FE0,0010 OB ABCD;E"},
        {"items, whatever the transfer syntax", DOC(PIXELS),
         BYTES("\xFE\xFF\x00\xE0\0\0\0\0"
               "\xFE\xFF\x00\xE0\x02\0\0\0AB"
               "\xFE\xFF\xDD\xE0\0\0\0\0"),
         0, DCM_DONE, "D7FE0,0010(;AB;)E"},
        {"items that end without a delimiter", DOC(JPEG PIXELS),
         BYTES("\xFE\xFF\x00\xE0\0\0\0\0"
               "\xFE\xFF\x00\xE0\x02\0\0\0AB"),
         0, DCM_DONE, JPEG_TRACE "7FE0,0010(;AB;)E"},
        {"a frame each", DOC(JPEG PIXELS), BYTES("ABCD"), 2, DCM_DONE,
         JPEG_TRACE "7FE0,0010(;AB;CD;)E"},
        {"an item that is longer than what is there", DOC(PIXELS),
         BYTES("\xFE\xFF\x00\xE0\x09\0\0\0AB"), 0, DCM_ERR_TRUNCATED,
         "D7FE0,0010("},
        {"no items behind one", DOC(PIXELS),
         BYTES("\xFE\xFF\x00\xE0\0\0\0\0ABCDEFGH"), 0, DCM_ERR_MALFORMED,
         "D7FE0,0010(;"},
        {"nothing there", DOC(PIXELS), "", 0, 0, DCM_ERR_READ, "D"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct shelf shelf = {cases[i].bytes, cases[i].size, cases[i].frames,
                              "", NULL};
        struct run r = {.step = 0};

        r.options.bulk = take_down;
        r.options.user = &shelf;
        if (run(&r, cases[i].xml, strlen(cases[i].xml)) != cases[i].want ||
            strcmp(r.trace.text, cases[i].trace) != 0)
            fail_msg("%s: %s: %s", cases[i].why, r.trace.text, r.error.message);
        assert_string_equal(shelf.uri, "p?a=1&b");
        dcm_input_free(shelf.in);
    }
}

/* ------------------------------------------------------------------- others */

static void text_without_a_character_set_is_told(void **state)
{
    static const struct {
        const char *xml;
        int wants;
    } cases[] = {
        {DOC(A("00100020", "LO", V("1", "A"))), 0},
        {DOC(A("00100020", "LO", V("1", "\xC3\xA4"))), 1},
        {DOC(A("00080005", "CS", V("1", "ISO_IR 100"))
                 A("00100020", "LO", V("1", "\xC3\xA4"))),
         0},
        {DOC(A("00100020", "LO", V("1", "\xC3\xA4"))
                 A("00080005", "CS", V("1", "ISO_IR 100"))),
         0},
        {DOC(A("0040A730", "SQ",
               ITEM("1", A("00100020", "LO", V("1", "\xC3\xA4"))))),
         1},
        {DOC(A("0040A730", "SQ",
               ITEM("1", A("00080005", "CS", V("1", "ISO_IR 100"))
                             A("00100020", "LO", V("1", "\xC3\xA4"))))),
         0},
        {DOC(A("00080005", "CS", V("1", "ISO_IR 100"))
                 A("0040A730", "SQ",
                   ITEM("1", A("00100020", "LO", V("1", "\xC3\xA4"))))),
         0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct run r = {.step = 0};

        assert_int_equal(run(&r, cases[i].xml, strlen(cases[i].xml)), DCM_DONE);
        if (r.wants_charset != cases[i].wants)
            fail_msg("case %zu", i);
    }
}

static void utf_16_is_read_too(void **state)
{
    static const char text[] = DOC(A("00420011", "OB", IB("QUJD")));
    char wide[2 * sizeof(text)] = {'\xFF', '\xFE'};
    struct run r = {.step = 0};

    (void)state;
    for (size_t i = 0; i < sizeof(text) - 1; i++) {
        wide[2 + 2 * i] = text[i];
        wide[3 + 2 * i] = 0;
    }
    assert_int_equal(run(&r, wide, sizeof(wide)), DCM_DONE);
    assert_string_equal(r.trace.text, "D0042,0011 OB ABC;E");
}

static void bytes_for_any_vr_when_asked_for(void **state)
{
    static const char xml[] = DOC(A("00280010", "US", IB("AQI=")));
    struct run r = {.step = 0};

    (void)state;
    r.options.binary_numbers = 1;
    assert_int_equal(run(&r, xml, sizeof(xml) - 1), DCM_DONE);
    assert_string_equal(r.trace.text, "D0028,0010 US <01><02>;E");
    assert_int_equal(r.counts[DCM_ISSUE_BINARY_VR], 1);
}

static void a_reader_reads_one_input_after_another(void **state)
{
    static const char good[] = DOC(A("00080060", "CS", V("1", "MR")));
    struct dcm_xml_reader *reader = dcm_xml_reader_new(NULL);
    struct dcm_source *source = dcm_xml_reader_source(reader);

    (void)state;
    for (int i = 0; i < 4; i++) { /* every other one is cut */
        struct dcm_input *in =
            dcm_input_memory(good, sizeof(good) - 1 - (i & 1) * 40, NULL);
        struct dcm_event ev;
        enum dcm_status status;

        dcm_xml_reader_open(reader, in);
        while ((status = source->next(source, &ev)) == DCM_OK)
            ;
        assert_int_equal(status, i & 1 ? DCM_ERR_TRUNCATED : DCM_DONE);
        dcm_input_free(in);
    }
    dcm_xml_reader_free(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_mean_what_they_say),
        cmocka_unit_test(pieces_make_no_difference),
        cmocka_unit_test(a_text_cut_anywhere_fails_and_says_so),
        cmocka_unit_test(what_is_wrong_is_named_with_its_place),
        cmocka_unit_test(an_error_has_the_path_and_offset_of_its_element),
        cmocka_unit_test(limits_end_what_asks_for_too_much),
        cmocka_unit_test(bytes_of_any_size_come_in_pieces),
        cmocka_unit_test(large_bytes_are_checked_like_small_ones),
        cmocka_unit_test(references_are_opened_by_the_caller),
        cmocka_unit_test(text_without_a_character_set_is_told),
        cmocka_unit_test(utf_16_is_read_too),
        cmocka_unit_test(bytes_for_any_vr_when_asked_for),
        cmocka_unit_test(a_reader_reads_one_input_after_another),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
