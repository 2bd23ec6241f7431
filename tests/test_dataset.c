/* libdcm/dataset*.c: a tree gives back the stream it was built from, and can
 * be searched and changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../libdcm/scope.h"
#include "reader_rows.h"

/* ------------------------------------------------------------ play-back */

struct stream {
    char *text;
    size_t n, room;
};

static void put_text(struct stream *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void put_text(struct stream *s, const char *format, ...)
{
    va_list ap;

    if (s->room - s->n < 512) {
        s->room = s->room ? s->room * 2 : 4096;
        s->text = realloc(s->text, s->room);
        assert_non_null(s->text);
    }
    va_start(ap, format);
    s->n += (size_t)vsnprintf(s->text + s->n, s->room - s->n, format, ap);
    va_end(ap);
}

/* Pulled in pieces of growing size; the bytes at hand must be the same. */
static void put_bytes(struct stream *s, const struct dcm_event *ev)
{
    uint8_t piece[800];
    uint64_t at = 0, sum = 7;
    size_t got, n = 3;

    do {
        assert_int_equal(dcm_event_read(ev, piece, n, &got), DCM_OK);
        if (ev->data)
            assert_memory_equal(ev->data + at, piece, got);
        for (size_t i = 0; i < got; i++)
            mix(&sum, piece[i]);
        at += got;
        n = n < 400 ? n * 2 : n;
    } while (got);
    assert_int_equal(at, ev->size);
    put_text(s, " %llx %s", (unsigned long long)sum,
             ev->data ? "loaded" : "to pull");
}

/* All that an event says and all that its scope does. */
static void put_all(struct stream *s, const struct dcm_event *ev)
{
    char path[96];
    size_t n = 0;
    const char *creator = dcm_event_creator(ev, &n);

    put_text(s, "%d %08lX %04X %04X len %lu #%lu depth %u flags %u", ev->type,
             (unsigned long)ev->tag, ev->vr, ev->stored,
             (unsigned long)ev->length, (unsigned long)ev->number, ev->depth,
             ev->flags);
    put_text(s, " at %llu %llu %llu %s <%.*s>", (unsigned long long)ev->offset,
             (unsigned long long)ev->value_offset, (unsigned long long)ev->size,
             dcm_event_path(ev, path, sizeof path), (int)n,
             creator ? creator : "");
    put_text(s, " cs %d.%d.%d pr %d enc %d depth %u", ev->scope->charset.count,
             ev->scope->charset.sets[0], ev->scope->charset.undeclared,
             ev->scope->pixel_representation, ev->scope->encapsulated,
             ev->scope->depth);
    if (ev->type == DCM_EVENT_VALUE || ev->type == DCM_EVENT_FRAGMENT)
        put_bytes(s, ev);
    if (ev->type == DCM_EVENT_DATASET)
        put_text(s, " %.*s", (int)ev->size, (const char *)ev->data);
    put_text(s, "\n");
}

static enum dcm_status write_stream(struct dcm_source *source, struct stream *s)
{
    struct dcm_grammar grammar;
    struct dcm_event ev;
    enum dcm_status status;

    s->n = 0;
    put_text(s, "%s", "");
    dcm_grammar_init(&grammar);
    while ((status = source->next(source, &ev)) == DCM_OK) {
        assert_true(dcm_grammar_check(&grammar, &ev));
        put_all(s, &ev);
    }
    assert_int_equal(source->next(source, &ev), status);
    dcm_grammar_release(&grammar);
    return status;
}

static struct dcm_input *open_as(int how, const struct hexd_buffer *b,
                                 struct dribble *d)
{
    *d = (struct dribble){b->data, b->size, 1000};
    return how ? dcm_input_callback(dribble, d, NULL)
               : dcm_input_memory(b->data, b->size, NULL);
}

static enum dcm_status build(struct dcm_dataset *d, struct dcm_reader *r,
                             struct dcm_input *in, struct dcm_error *error)
{
    dcm_reader_open(r, in);
    return dcm_pump(dcm_reader_source(r), dcm_dataset_sink(d), error);
}

/* 64 KiB and a little: not loaded. */
#define LARGE "repeat 70000 hex ab"

static const struct {
    const char *why, *start, *body;
} fixtures[] = {
    {"group 0002 and values", EXPLICIT,
     "(0008,0005) CS \"ISO_IR 100\"; (0010,0010) PN \"A^B\"\n"
     "(0028,0103) US 1; (0028,0106) SS -3; (0028,0107) SS\n"},
    {"sequences in all forms of length, empty ones and items", EXPLICIT,
     "(0008,1140) SQ {\nitem {; (0008,1155) UI \"1.2\"; }\n"
     "item undefined {; (0008,1155) UI \"1.3\"; }\nitem {; }\n}\n"
     "(0040,A730) SQ undefined {\nitem undefined {\n(0040,A730) SQ undefined "
     "{\n"
     "item {; (0040,A160) UT \"x\"; }\n}\n}\n}\n"
     "(0040,A731) SQ {; }\n(0040,A732) SQ undefined {; }\n"},
    {"implicit VR", IMPLICIT,
     "(0008,0060) CS \"CT\"; (0008,1140) SQ {\nitem {; (0008,1155) UI \"1.2\"\n"
     "}\n}\n(0028,0103) US 1; (0028,0106) SS -3\n"},
    {"big endian", BIG,
     "(0008,1140) SQ undefined {\nitem {; (0028,0010) US 512; }\n }\n"
     "(0028,0010) US 512; (7FE0,0010) OW 1 2 3\n"},
    {"deflated, with a value too large to load",
     "preamble\nsyntax 1.2.840.10008.1.2.1.99\n",
     "(0010,0010) PN \"A\"; (7FE0,0010) OB " LARGE "\n"},
    {"large values", EXPLICIT,
     "(0042,0011) OB " LARGE "\n(7FE0,0010) OW " LARGE "\n"},
    {"fragments, small and large", JPEG,
     "(7FE0,0010) OB undefined {\nitem hex 00000000\nitem hex ffd8ffd9\n"
     "item " LARGE "\nitem\n}\n(FFFC,FFFD) OB hex 0000\n"},
    {"private blocks, inside items too", EXPLICIT,
     "(0009,0010) LO \"ACME\"; (0009,1001) LO \"x\"\n"
     "(0040,A730) SQ {\nitem {; (0009,0011) LO \"OTHER \"; "
     "(0009,1102) UN hex 0102; }\nitem {; (0009,1001) LO \"y\"; }\n}\n"},
    {"character sets of items", EXPLICIT,
     "(0008,0005) CS \"ISO_IR 100\"\n(0040,A730) SQ {\n"
     "item {; (0008,0005) CS \"ISO_IR 192\"; (0040,A160) UT \"x\"; }\n"
     "item {; (0040,A160) UT hex e9 20; }\n}\n(0040,A731) LO \"x\"\n"},
    {"an odd length, an unknown VR, UN of a known tag", EXPLICIT,
     "(0008,0060) CS nopad \"C\"; (0009,0010) LO \"ACME\"\n"
     "(0009,1001) ZZ long hex 0102; (0010,0010) UN \"A^B \"\n"},
    {"no File Meta Information", "",
     "(0008,0060) CS \"CT\"\n"
     "(0010,0010) PN \"A^B\"\n(0010,0020) LO \"1234\"\n"},
};

static void a_tree_gives_the_stream_that_it_was_built_from(void **state)
{
    struct dcm_dataset *d = dcm_dataset_new(NULL);
    struct dcm_reader *r = dcm_reader_new(NULL);
    struct stream want = {0}, got = {0};

    (void)state;
    assert_non_null(d);
    for (size_t i = 0; i < sizeof fixtures / sizeof *fixtures; i++) {
        struct hexd_buffer b = assemble(fixtures[i].why, fixtures[i].start,
                                        fixtures[i].body, NULL);

        for (int how = 0; how < 2; how++) {
            struct dribble dribbled;
            struct dcm_input *in = open_as(how, &b, &dribbled);

            dcm_reader_open(r, in);
            assert_int_equal(write_stream(dcm_reader_source(r), &want),
                             DCM_DONE);
            dcm_input_free(in);
            in = open_as(how, &b, &dribbled);
            assert_int_equal(build(d, r, in, NULL), DCM_OK);
            for (int again = 0; again < 2; again++) {
                assert_int_equal(write_stream(dcm_dataset_source(d), &got),
                                 DCM_DONE);
                if (strcmp(got.text, want.text) != 0)
                    fail_msg("%s:\n%s---\n%s", fixtures[i].why, got.text,
                             want.text);
            }
            dcm_input_free(in);
        }
        hexd_buffer_release(&b);
    }
    free(want.text);
    free(got.text);
    dcm_reader_free(r);
    dcm_dataset_free(d);
}

/* ---------------------------------------------------------- one data set */

struct tree {
    struct hexd_buffer b;
    struct dcm_reader *r;
    struct dcm_input *in;
    struct dcm_dataset *d;
    enum dcm_status status;
    struct dcm_error error;
};

static void plant_with(struct tree *t, const char *start, const char *body,
                       int keep_all, const struct dcm_limits *limits, int how)
{
    static struct dribble dribbled;
    struct dcm_reader_options o = {.size = sizeof o, .keep_all = keep_all};

    memset(t, 0, sizeof *t);
    t->b = assemble(body, start, body, NULL);
    t->r = dcm_reader_new(&o);
    t->in = open_as(how, &t->b, &dribbled);
    t->d = dcm_dataset_new(limits);
    assert_non_null(t->d);
    t->status = build(t->d, t->r, t->in, &t->error);
}

static void plant(struct tree *t, const char *start, const char *body)
{
    plant_with(t, start, body, 0, NULL, 0);
    assert_int_equal(t->status, DCM_OK);
}

static void fell(struct tree *t)
{
    dcm_dataset_free(t->d);
    dcm_input_free(t->in);
    dcm_reader_free(t->r);
    hexd_buffer_release(&t->b);
}

/* The data set in words, as in reader_rows.h. */
static const char *words(struct tree *t)
{
    static struct reading g;
    struct dcm_source *s = dcm_dataset_source(t->d);
    struct dcm_grammar grammar;
    struct dcm_event ev;
    enum dcm_status status;

    g.events[0] = '\0';
    dcm_grammar_init(&grammar);
    while ((status = s->next(s, &ev)) == DCM_OK) {
        assert_true(dcm_grammar_check(&grammar, &ev));
        put_event(&g, &ev);
    }
    assert_int_equal(status, DCM_DONE);
    dcm_grammar_release(&grammar);
    return g.events;
}

static void tags_are_sorted_and_the_first_of_the_same_stays(void **state)
{
    struct tree t;

    (void)state;
    plant_with(&t, EXPLICIT,
               "(0010,0020) LO \"1\"; (0008,0060) CS \"CT\"\n"
               "(0010,0020) LO \"1234\"; (0040,A730) SQ {\nitem {\n"
               "(0040,A160) UT \"x\"; (0008,0100) SH \"abc\"; (0008,0100) SH\n"
               "}\n}\n(0010,0010) PN \"A^B^C\"; (0008,0060) CS\n"
               "(0010,0020) SQ {\nitem {; }\n}\n",
               1, NULL, 0);
    assert_int_equal(t.status, DCM_OK);
    assert_string_equal(words(&t),
                        "D 00080060:CS:2 00100010:PN:6 00100020:LO:2 "
                        "0040A730[ { 00080100:SH:4 0040A160:UT:2 } ] E");
    assert_memory_equal(dcm_element_data(dcm_dataset_find(t.d, "PatientID")),
                        "1 ", 2);
    fell(&t);
}

static void many_tags_in_falling_order_are_sorted(void **state)
{
    char *text = malloc(2000 * 40), want[32];
    size_t n = 0;
    struct tree t;
    struct dcm_source *s;
    struct dcm_event ev;

    (void)state;
    assert_non_null(text);
    for (unsigned i = 1999; i > 0; i--)
        n += (size_t)sprintf(text + n, "(0009,%04X) UN hex %04X\n",
                             0x1000 + i * 7919 % 2000, i * 7919 % 2000);
    plant(&t, EXPLICIT, text);
    s = dcm_dataset_source(t.d);
    do
        assert_int_equal(s->next(s, &ev), DCM_OK);
    while (ev.type != DCM_EVENT_DATASET);
    for (unsigned i = 1; i < 2000; i++) {
        assert_int_equal(s->next(s, &ev), DCM_OK);
        assert_int_equal(ev.tag, 0x00091000 + i);
        sprintf(want, "%c%c", i >> 8, i & 255);
        assert_memory_equal(ev.data, want, 2);
    }
    fell(&t);
    free(text);
}

static void a_stream_that_breaks_off_leaves_a_tree(void **state)
{
    struct tree t;

    (void)state;
    plant_with(&t, EXPLICIT,
               "(0010,0020) LO \"1\"; (0008,0060) CS \"CT\"\n"
               "(0040,A730) SQ undefined {\nitem undefined {\n"
               "(0040,A160) UT \"x\"\n} bare\n} bare\n",
               0, NULL, 0);
    assert_int_equal(t.status, DCM_ERR_TRUNCATED);
    assert_string_equal(words(&t), "D 00080060:CS:2 00100020:LO:2 0040A730[ { "
                                   "0040A160:UT:2 } ] E");
    fell(&t);
}

static void large_values_stay_in_the_input_or_come_with_the_tree(void **state)
{
    static const char body[] = "(7FE0,0010) OW " LARGE "\n";
    struct tree t;

    (void)state;
    plant(&t, EXPLICIT, body);
    assert_null(dcm_element_data(dcm_dataset_find(t.d, "PixelData")));
    assert_int_equal(dcm_element_size(dcm_dataset_find(t.d, "PixelData")),
                     70000);
    fell(&t);
    plant_with(&t, EXPLICIT, body, 0, NULL, 1);
    assert_int_equal(t.status, DCM_OK);
    assert_int_equal(
        dcm_element_data(dcm_dataset_find(t.d, "PixelData"))[69999], 0xAB);
    fell(&t);
}

static void limits_are_named(void **state)
{
    static const struct {
        const char *name, *value, *body;
        int stream;
    } rows[] = {
        {"depth", "1",
         "(0040,A730) SQ {\nitem {\n(0040,A730) SQ {\nitem {; }\n}\n}\n}\n", 0},
        {"items", "2", "(0040,A730) SQ {\nitem {; }\nitem {; }\nitem {; }\n}\n",
         0},
        {"value", "69999", "(7FE0,0010) OW " LARGE "\n", 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct dcm_limits limits = {.size = sizeof limits};
        struct tree t;

        dcm_limits_set(&limits, rows[i].name, rows[i].value);
        plant_with(&t, EXPLICIT, rows[i].body, 0, &limits, rows[i].stream);
        assert_int_equal(t.status, DCM_ERR_LIMIT);
        if (!strstr(t.error.message, rows[i].name))
            fail_msg("%s: %s", rows[i].name, t.error.message);
        words(&t); /* and what there is can be used */
        fell(&t);
    }
}

static void a_length_without_bytes_takes_no_memory(void **state)
{
    struct dcm_limits limits = {.size = sizeof limits};
    struct tree t;

    (void)state;
    dcm_limits_set(&limits, "value", "1T");
    plant_with(&t, EXPLICIT, "(7FE0,0010) OB length=0xFFFFFFF0 hex 0102\n", 0,
               &limits, 1);
    assert_int_equal(t.status, DCM_ERR_TRUNCATED);
    assert_int_equal(dcm_element_size(dcm_dataset_find(t.d, "PixelData")), 2);
    assert_string_equal(words(&t), "D 7FE00010:OB:2! E");
    fell(&t);
}

/* --------------------------------------------------------- find and change */

#define REPORT                                                               \
    "(0008,0005) CS \"ISO_IR 100\"; (0008,0060) CS \"SR\"\n"                 \
    "(0009,0010) LO \"ACME\"; (0009,1001) LO \"x\"; (0028,0010) US 3\n"      \
    "(0040,A730) SQ {\nitem {; (0040,A160) UT \"one\"; }\nitem {\n"          \
    "(0008,0005) CS \"ISO_IR 192\"; (0040,A160) UT \"two\"\n}\nitem {; }\n}" \
    "\n(7FE0,0010) OW 1 2\n"

static void elements_are_found_by_path(void **state)
{
    static const struct {
        const char *path, *value; /* NULL: not there */
    } rows[] = {
        {"Modality", "SR"},
        {"(0040,A730)[2].TextValue", "two "},
        {"ContentSequence.0040A160", "one "},
        {"0040A730[3].0040A160", NULL},
        {"0040A730[4].0040A160", NULL},
        {"Modality.Modality", NULL},
        {"PatientName", NULL},
        {"FFFCFFFC", NULL},
        {"(0009,xx01,\"ACME\")", "x "},
        {"(0009,xx01,\"OTHER\")", NULL},
        {"(0009,xx02,\"ACME\")", NULL},
        {"0002,0010", "1.2.840.10008.1.2.1\0"},
        {"**.Modality", NULL},
        {"NoSuchWord", NULL},
    };
    struct tree t;

    (void)state;
    plant(&t, EXPLICIT, REPORT);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct dcm_element *e = dcm_dataset_find(t.d, rows[i].path);

        if (!e != !rows[i].value)
            fail_msg("%s: %s", rows[i].path, e ? "found" : "not found");
        if (e)
            assert_memory_equal(dcm_element_data(e), rows[i].value,
                                dcm_element_size(e));
    }
    assert_non_null(dcm_dataset_find(t.d, "0040A730[3]"));
    assert_null(dcm_dataset_find(t.d, "0040A730[4]"));
    assert_null(dcm_element_data(dcm_dataset_find(t.d, "0040A730")));
    fell(&t);
}

static void check_bytes(const char *path, const struct dcm_element *e,
                        const char *vr, const char *hex)
{
    char got[400] = "";
    size_t n = (size_t)dcm_element_size(e);

    if (dcm_element_vr(e) != DCM_VR(vr[0], vr[1]))
        fail_msg("%s: another VR than %s", path, vr);
    for (size_t i = 0; i < n && i < 190; i++)
        sprintf(got + i * 2, "%02x", dcm_element_data(e)[i]);
    if (strcmp(got, hex) != 0)
        fail_msg("%s: %s, expected %s", path, got, hex);
}

static void values_are_set_by_vr(void **state)
{
    static const struct {
        const char *path, *value, *vr, *hex, *big;
    } rows[] = {
        {"PatientName", "A^B", "PN", "415e4220", NULL},
        {"PatientName", "", "PN", "", NULL},
        {"PatientName", "J\xC3\xA9", "PN", "4ae9", NULL}, /* ISO_IR 100 */
        {"0040A730[2].TextValue", "\xC3\xA9", "UT", "c3a9", NULL},
        {"0040A730[1].TextValue", "\xC3\xA9", "UT", "e920", NULL},
        {"StudyInstanceUID", "1.2.3", "UI", "312e322e3300", NULL},
        {"ImageType", "ORIGINAL\\PRIMARY", "CS",
         "4f524947494e414c5c5052494d415259", NULL},
        {"StudyDate", "20240229", "DA", "3230323430323239", NULL},
        {"StudyTime", "235959.5", "TM", "3233353935392e35", NULL},
        {"PatientAge", "030Y", "AS", "30333059", NULL},
        {"SliceThickness", "-1.5e2", "DS", "2d312e356532", NULL},
        {"InstanceNumber", "7", "IS", "3720", NULL},
        {"AcquisitionDateTime", "2024+0100", "DT", "323032342b3031303020",
         NULL},
        {"Rows", "258", "US", "0201", "0102"},
        {"PixelAspectRatio:US", "1\\65535", "US", "0100ffff", "0001ffff"},
        {"00189219:SS", "-2", "SS", "feff", "fffe"},
        {"00189219:SL", "-2147483648", "SL", "00000080", "80000000"},
        {"00189219:UL", "4294967295", "UL", "ffffffff", "ffffffff"},
        {"00189219:SV", "-9223372036854775808", "SV", "0000000000000080",
         "8000000000000000"},
        {"00189219:UV", "18446744073709551615", "UV", "ffffffffffffffff",
         "ffffffffffffffff"},
        {"00189219:FL", "1.5", "FL", "0000c03f", "3fc00000"},
        {"00189219:FD", "-0.1", "FD", "9a9999999999b9bf", "bfb999999999999a"},
        /* halfway of a double between two floats: rounded once */
        {"00189219:FL", "1.00000017881393432617187499", "FL", "0100803f",
         "3f800001"},
        {"FrameIncrementPointer", "(0018,1063)\\00181065", "AT",
         "1800631018006510", "0018106300181065"},
        {"PixelData:OB", "01 02ff", "OB", "0102ff00", "0102ff00"},
        {"PixelData", "0102", "OW", "0102", "0102"},
        {"MediaStorageSOPInstanceUID", "1.2", "UI", "312e3200", NULL},
        {"00091001", "abc", "LO", "61626320", NULL},
        {"(0009,xx02,\"ACME\"):ST", "a\\b", "ST", "615c6220", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int big = 0; big < 2; big++) {
            struct tree t;
            struct dcm_error error;
            char path[100];
            struct dcm_element *e;

            plant(&t, big ? BIG : EXPLICIT, REPORT);
            if (dcm_dataset_set(t.d, rows[i].path, rows[i].value, &error) !=
                DCM_OK)
                fail_msg("%s: %s", rows[i].path, error.message);
            strcpy(path, rows[i].path);
            if (path[strlen(path) - 3] == ':')
                path[strlen(path) - 3] = '\0';
            e = dcm_dataset_find(t.d, path);
            assert_non_null(e);
            check_bytes(rows[i].path, e, rows[i].vr,
                        big && rows[i].big ? rows[i].big : rows[i].hex);
            words(&t);
            fell(&t);
        }
}

static void what_cannot_be_set_is_refused_and_changes_nothing(void **state)
{
    static const struct {
        const char *path, *value, *says;
    } rows[] = {
        {"NoSuchWord", "x", "path"},
        {"**.PatientName", "x", "path"},
        {"SpecificCharacterSet", "ISO_IR 192", "--charset"},
        {"0040A730[2].00080005", "ISO_IR 192", "--charset"},
        {"TransferSyntaxUID", "1.2.840.10008.1.2", "--to"},
        {"00020000", "1", "group 0002"},
        {"00020001", "00", "group 0002"},
        {"0040A730.MediaStorageSOPClassUID", "1.2", "group 0002"},
        {"00000010", "1", "7.1"},
        {"FFFEE000", "1", "7.1"},
        {"0040A730", "x", "items"},
        {"0040A730:LO", "x", "is a sequence"},
        {"0040A730[1]", "x", "item"},
        {"0040A730[5].TextValue", "x", "one more"},
        {"0040A730[4].0040A730[2].TextValue", "x", "one more"},
        {"00081140[2].00081155", "1.2", "one more"},
        {"Modality.TextValue", "x", "no sequence"},
        {"PatientName.TextValue", "x", "no sequence"},
        {"00091101", "x", "creator"},
        {"0040A730.00091001", "x", "creator"},
        {"00090110", "x", "7.8.1"},
        {"00090001", "x", "7.8.1"},
        {"(0003,xx01,\"ACME\")", "x", "7.8"},
        {"(0009,xx01,\" ACME\"):LO", "x", "7.8.1"},
        {"(0009,xx01,\"A\\B\"):LO", "x", "7.8.1"},
        {"(0009,xx03,\"ACME\")", "x", "name a VR"},
        {"00080FFE", "x", "name a VR"},
        {"00090010:UI", "1.2", "LO"},
        {"00090011", "\xC3\xA9", "U+00E9"},
        {"PatientName", "\xE4\xB8\xAD", "U+4E2D"},
        {"PatientName", "\xC3", "UTF-8"},
        {"PatientName", "a\nb", "6.1.3"},
        {"PatientName", "a=b=c=d", "3 groups"},
        {"PatientID",
         "12345678901234567890123456789012345678901234567890123456789012345",
         "characters"},
        {"StudyDate", "20230229", "YYYYMMDD"},
        {"StudyDate", "2023-01-01", "YYYYMMDD"},
        {"StudyTime", "2460", "HHMMSS"},
        {"StudyTime", "10:00", "HHMMSS"},
        {"AcquisitionDateTime", "2024+1500", "ZZXX"},
        {"AcquisitionDateTime", "202413", "ZZXX"},
        {"PatientAge", "30Y", "nnnY"},
        {"Modality", "ct", "capital"},
        {"Modality", "ABCDEFGHIJKLMNOPQ", "characters"},
        {"SliceThickness", "1,5", "decimal"},
        {"SliceThickness", "1.2345678901234567", "decimal"},
        {"InstanceNumber", "2147483648", "integer"},
        {"InstanceNumber", "1.0", "integer"},
        {"StudyInstanceUID", "1.02", "dots"},
        {"StudyInstanceUID", "1..2", "dots"},
        {"StudyInstanceUID", "1.2.", "dots"},
        {"StudyInstanceUID",
         "1.234567890123456789012345678901234567890123456789012345678901234",
         "characters"},
        {"Rows", "65536", "0 to 65535"},
        {"Rows", "-1", "0 to 65535"},
        {"Rows", "1\\", "value 2"},
        {"Rows", "0x10", "0 to 65535"},
        {"Rows", " 1", "0 to 65535"},
        {"00189219:FD", "1e999", "decimal"},
        {"00189219:FL", "1e39", "decimal"},
        {"00189219:FD", "0x1p3", "decimal"},
        {"00189219:FD", "1,5", "decimal"},
        {"FrameIncrementPointer", "x", "tag"},
        {"PixelData", "010", "hex"},
        {"PixelData", "0g", "hex"},
        {"PixelData", "010203", "multiple of 2"},
    };
    struct stream before = {0}, after = {0};
    struct tree t;

    (void)state;
    plant(&t, EXPLICIT, REPORT);
    write_stream(dcm_dataset_source(t.d), &before);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct dcm_error e;
        enum dcm_status status =
            dcm_dataset_set(t.d, rows[i].path, rows[i].value, &e);

        if (status == DCM_OK || e.code != status)
            fail_msg("%s = %s: accepted", rows[i].path, rows[i].value);
        if (!strstr(e.message, rows[i].says))
            fail_msg("%s = %s: %s", rows[i].path, rows[i].value, e.message);
        if (strcmp(rows[i].says, "path") != 0 && e.path[0] != '(')
            fail_msg("%s: path %s", rows[i].path, e.path);
    }
    assert_int_not_equal(dcm_dataset_set(t.d, "Rows", "x", NULL), DCM_OK);
    write_stream(dcm_dataset_source(t.d), &after);
    assert_string_equal(after.text, before.text);
    free(before.text);
    free(after.text);
    fell(&t);
}

static void sequences_and_items_are_made_on_the_way(void **state)
{
    struct dcm_dataset *d = dcm_dataset_new(NULL);
    struct tree t = {.d = d};

    (void)state;
    assert_int_equal(dcm_dataset_set(d, "0040A730.00081140.00081155", "1.2", 0),
                     DCM_OK);
    assert_int_equal(dcm_dataset_set(d, "0040A730[2].TextValue", "x", 0),
                     DCM_OK);
    assert_int_equal(dcm_dataset_set(d, "0040A730[1].TextValue", "y", 0),
                     DCM_OK);
    assert_int_equal(dcm_dataset_set(d, "00081140", "", 0), DCM_OK);
    assert_int_equal(dcm_dataset_set(d, "MediaStorageSOPClassUID", "1.2", 0),
                     DCM_OK);
    assert_string_equal(words(&t),
                        "D 00081140[ ] 0040A730[ { 00081140[ { 00081155:UI:4 } "
                        "] 0040A160:UT:2 } { 0040A160:UT:2 } ] E");
    dcm_dataset_free(d);
}

static void private_blocks_are_found_or_reserved(void **state)
{
    struct tree t;
    struct dcm_element *e;

    (void)state;
    /* 10 is taken by ACME, 11 by elements without a creator */
    plant(&t, EXPLICIT,
          "(0009,0010) LO \"ACME\"; (0009,1001) LO \"x\"\n"
          "(0009,1101) LO \"orphan\"\n(0040,A730) SQ {\nitem {; }\n}\n");
    assert_int_equal(dcm_dataset_set(t.d, "(0009,xx02,\"ACME\"):LO", "a", NULL),
                     DCM_OK);
    assert_int_equal(
        dcm_dataset_set(t.d, "(0009,xx02,\"OTHER\"):LO", "b", NULL), DCM_OK);
    assert_int_equal(
        dcm_dataset_set(t.d, "0040A730.(0009,xx02,\"OTHER\"):UL", "1", NULL),
        DCM_OK);
    assert_string_equal(
        words(&t), "D 00090010:LO:4 00090012:LO:6 00091001:LO:2 00091002:LO:2 "
                   "00091101:LO:6 00091202:LO:2 "
                   "0040A730[ { 00090010:LO:6 00091002:UL:4 } ] E");
    e = dcm_dataset_find(t.d, "00090012");
    assert_memory_equal(dcm_element_data(e), "OTHER ", 6);
    fell(&t);
}

static void new_elements_are_as_those_around_them(void **state)
{
    struct tree t;
    struct dcm_source *s;
    struct dcm_event ev;

    (void)state;
    plant(&t, IMPLICIT, "(0008,0060) CS \"CT\"\n");
    assert_int_equal(dcm_dataset_set(t.d, "00081140.00081155", "1.2", NULL),
                     DCM_OK);
    s = dcm_dataset_source(t.d);
    while (s->next(s, &ev) == DCM_OK)
        if (ev.tag >> 16 == 0x0008) {
            assert_int_equal(ev.stored, 0);
            assert_int_equal(ev.flags, DCM_IMPLICIT);
        }
    fell(&t);
}

static void elements_and_items_are_removed(void **state)
{
    static const struct {
        const char *path;
        enum dcm_status status;
        const char *want;
    } rows[] = {
        {"PatientName", DCM_DONE, NULL},
        {"Modality", DCM_OK,
         "D 0040A730[ { 0040A160:UT:4 } { } ] 7FE00010:OW:4 E"},
        {"0040A730[3]", DCM_DONE, NULL},
        {"0040A730[1]", DCM_OK,
         "D 00080060:CS:2 0040A730[ { } ] 7FE00010:OW:4 E"},
        {"0040A730[1].TextValue", DCM_OK,
         "D 00080060:CS:2 0040A730[ { } { } ] 7FE00010:OW:4 E"},
        {"0040A730[2].TextValue", DCM_DONE, NULL},
        {"0040A730", DCM_OK, "D 00080060:CS:2 7FE00010:OW:4 E"},
        {"PixelData", DCM_OK,
         "D 00080060:CS:2 0040A730[ { 0040A160:UT:4 } { "
         "} ] E"},
        {"Modality[1]", DCM_ERR_ARGUMENT, NULL},
        {"Modality:LO", DCM_ERR_ARGUMENT, NULL},
        {"TransferSyntaxUID", DCM_ERR_ARGUMENT, NULL},
        {"no path", DCM_ERR_ARGUMENT, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        static const char all[] = "D 00080060:CS:2 0040A730[ { 0040A160:UT:4 } "
                                  "{ } ] 7FE00010:OW:4 E";
        struct tree t;

        plant(&t, EXPLICIT,
              "(0008,0060) CS \"SR\"\n(0040,A730) SQ {\n"
              "item {; (0040,A160) UT \"one\"; }\nitem {; }\n}\n"
              "(7FE0,0010) OW 1 2\n");
        if (dcm_dataset_remove(t.d, rows[i].path, NULL) != rows[i].status)
            fail_msg("%s: another status", rows[i].path);
        assert_string_equal(words(&t), rows[i].want ? rows[i].want : all);
        /* what was last may be followed again */
        assert_int_equal(dcm_dataset_set(t.d, "FFFBFF01:LO", "x", NULL),
                         DCM_ERR_ARGUMENT);
        assert_int_equal(
            dcm_dataset_set(t.d, "(FFFB,xx01,\"ACME\"):LO", "x", NULL), DCM_OK);
        words(&t);
        fell(&t);
    }
}

static void encapsulated_pixels_are_not_set(void **state)
{
    struct tree t;

    (void)state;
    plant(&t, JPEG,
          "(7FE0,0010) OB undefined {\nitem hex 00000000\nitem hex ffd8\n}\n");
    assert_int_equal(dcm_dataset_set(t.d, "PixelData", "00", NULL),
                     DCM_ERR_ARGUMENT);
    assert_int_equal(dcm_dataset_remove(t.d, "PixelData[1]", NULL),
                     DCM_ERR_ARGUMENT);
    assert_string_equal(words(&t), "D 7FE00010:OB< f4 f2 > E");
    fell(&t);
}

static void events_out_of_order_are_refused(void **state)
{
    static const enum dcm_event_type firsts[] = {
        DCM_EVENT_ITEM,         DCM_EVENT_ITEM_END,     DCM_EVENT_SEQ_END,
        DCM_EVENT_FRAGMENT,     DCM_EVENT_FRAGS_END,    DCM_EVENT_END,
        (enum dcm_event_type)0, (enum dcm_event_type)99};
    struct dcm_dataset *d = dcm_dataset_new(NULL);

    (void)state;
    for (size_t i = 0; i < sizeof firsts / sizeof *firsts; i++) {
        struct dcm_sink *sink = dcm_dataset_sink(d);
        struct dcm_event ev = {.type = firsts[i]};

        assert_int_equal(sink->put(sink, &ev), DCM_ERR_ARGUMENT);
        assert_int_equal(sink->error(sink)->code, DCM_ERR_ARGUMENT);
    }
    dcm_dataset_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tree_gives_the_stream_that_it_was_built_from),
        cmocka_unit_test(tags_are_sorted_and_the_first_of_the_same_stays),
        cmocka_unit_test(many_tags_in_falling_order_are_sorted),
        cmocka_unit_test(a_stream_that_breaks_off_leaves_a_tree),
        cmocka_unit_test(large_values_stay_in_the_input_or_come_with_the_tree),
        cmocka_unit_test(limits_are_named),
        cmocka_unit_test(a_length_without_bytes_takes_no_memory),
        cmocka_unit_test(elements_are_found_by_path),
        cmocka_unit_test(values_are_set_by_vr),
        cmocka_unit_test(what_cannot_be_set_is_refused_and_changes_nothing),
        cmocka_unit_test(sequences_and_items_are_made_on_the_way),
        cmocka_unit_test(private_blocks_are_found_or_reserved),
        cmocka_unit_test(new_elements_are_as_those_around_them),
        cmocka_unit_test(elements_and_items_are_removed),
        cmocka_unit_test(encapsulated_pixels_are_not_set),
        cmocka_unit_test(events_out_of_order_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
