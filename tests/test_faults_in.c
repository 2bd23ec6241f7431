/* JSON, XML and images in, DICOM files out, while calls fail: see faults.h.
 * Knows the public header only. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "faults.h"
#include "hexd.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ------------------------------------------------------------------- jobs */

enum language { JSON, XML, IMAGE };
enum from { FROM_MEMORY, FROM_CALLBACK, FROM_FILE };

static const struct job {
    const char *name;
    enum language language;
    enum from from;
    int by_tree; /* of JSON; of XML always */
    const char *charset;
    enum dcm_lengths lengths;
} jobs[] = {
    {"JSON", JSON, FROM_MEMORY, 0, NULL, DCM_LENGTHS_UNDEFINED},
    {"JSON of a file", JSON, FROM_FILE, 0, NULL, DCM_LENGTHS_EXPLICIT},
    {"JSON of a stream", JSON, FROM_CALLBACK, 0, "ISO_IR 192", 0},
    {"JSON by a tree", JSON, FROM_MEMORY, 1, NULL, DCM_LENGTHS_EXPLICIT},
    {"JSON of a file by a tree", JSON, FROM_FILE, 1, NULL, 0},
    {"XML", XML, FROM_MEMORY, 1, NULL, DCM_LENGTHS_UNDEFINED},
    {"XML of a file", XML, FROM_FILE, 1, NULL, DCM_LENGTHS_EXPLICIT},
    {"XML of a stream", XML, FROM_CALLBACK, 1, "ISO_IR 192", 0},
    {"image", IMAGE, FROM_MEMORY, 0, NULL, 0},
    {"image of a file", IMAGE, FROM_FILE, 0, NULL, 0},
};

/* All that one job needs; made once, used for two runs. */
struct machine {
    const struct job *job;
    const struct hexd_buffer *bytes;
    struct dcm_policy *policy;
    struct dcm_json_reader *json;
    struct dcm_xml_reader *xml;
    struct dcm_dataset *tree;
    struct dcm_writer *writer;
    struct dcm_output *output;
    struct dcm_input *bulk;
    FILE *in, *out, *value; /* opened by the test, before any fault */
};

/* Bulk data lie in a file. Pixel Data of two frames ends after them. */
static enum dcm_status open_bulk(void *user, const struct dcm_event *event,
                                 const char *uri, size_t length,
                                 unsigned number, struct dcm_bulk_data *data,
                                 struct dcm_error *error)
{
    struct machine *m = user;

    (void)event;
    (void)uri;
    if (number > 1)
        return DCM_DONE;
    if (!m->bulk && !(m->bulk = dcm_input_fd(fileno(m->value), error)))
        return DCM_ERR_MEMORY;
    data->input = m->bulk;
    data->offset = length;
    data->size = 70000;
    return DCM_OK;
}

static int make_reader(struct machine *m)
{
    struct dcm_json_reader_options json = {.size = sizeof json};
    struct dcm_xml_reader_options xml = {.size = sizeof xml};

    json.policy = xml.policy = m->policy;
    json.bulk = xml.bulk = open_bulk;
    json.user = xml.user = m;
    json.any_order = m->job->by_tree;
    if (m->job->language == JSON)
        return (m->json = dcm_json_reader_new(&json)) != NULL;
    return (m->xml = dcm_xml_reader_new(&xml)) != NULL;
}

static int make_writer(struct machine *m)
{
    struct dcm_writer_options writer = {.size = sizeof writer};

    writer.policy = m->policy;
    writer.mend = 1;
    writer.lengths = m->job->lengths;
    writer.charset = m->job->charset;
    writer.charset_declared = !writer.charset;
    m->output = dcm_output_fd(fileno(m->out));
    return m->output &&
           (m->writer = dcm_writer_new(&writer, m->output)) != NULL;
}

static int machine_make(void *user)
{
    struct machine *m = user;

    if (!(m->policy = dcm_policy_new(0, NULL, NULL)))
        return 0;
    if (m->job->language == IMAGE)
        return 1;
    if (m->job->by_tree && !(m->tree = dcm_dataset_new(NULL)))
        return 0;
    return make_reader(m) && make_writer(m);
}

static void release_writer(struct machine *m)
{
    dcm_writer_free(m->writer);
    dcm_output_free(m->output);
    m->writer = NULL;
    m->output = NULL;
}

static void machine_free(void *user)
{
    struct machine *m = user;

    release_writer(m);
    dcm_dataset_free(m->tree);
    dcm_json_reader_free(m->json);
    dcm_xml_reader_free(m->xml);
    dcm_input_free(m->bulk);
    dcm_policy_free(m->policy);
    m->tree = NULL;
    m->json = NULL;
    m->xml = NULL;
    m->bulk = NULL;
    m->policy = NULL;
}

/* For another run: the output anew, for what failed there sticks; then what
 * writes to it must be new, too. A reader and a tree go on. */
static int machine_again(void *user)
{
    struct machine *m = user;

    if ((!m->json && !m->xml) || (m->job->by_tree && !m->tree)) {
        machine_free(m);
        return machine_make(m);
    }
    release_writer(m);
    dcm_policy_clear(m->policy);
    if (m->tree)
        dcm_dataset_clear(m->tree);
    dcm_input_free(m->bulk);
    m->bulk = NULL;
    return make_writer(m);
}

static void rewind_files(void *user)
{
    struct machine *m = user;

    rewind(m->in);
    rewind(m->out);
    rewind(m->value);
    assert_int_equal(ftruncate(fileno(m->out), 0), 0);
}

/* ------------------------------------------------------------------- runs */

static struct dcm_source *open_text(struct machine *m, struct dcm_input *in)
{
    if (m->json) {
        dcm_json_reader_open(m->json, in);
        return dcm_json_reader_source(m->json);
    }
    dcm_xml_reader_open(m->xml, in);
    return dcm_xml_reader_source(m->xml);
}

static enum dcm_status convert(struct machine *m, struct dcm_input *in,
                               struct dcm_error *error)
{
    struct dcm_source *source = open_text(m, in);
    enum dcm_status status = DCM_OK;

    if (m->tree) {
        dcm_dataset_keep_utf8(m->tree, 1);
        status = dcm_pump(source, dcm_dataset_sink(m->tree), error);
        source = dcm_dataset_source(m->tree);
    }
    if (status == DCM_OK)
        status = dcm_pump(source, dcm_writer_sink(m->writer), error);
    return status == DCM_OK ? dcm_output_flush(m->output) : status;
}

static enum dcm_status read_image(struct machine *m, struct dcm_input *in,
                                  struct dcm_error *error)
{
    struct dcm_image_options options = {.size = sizeof options,
                                        .policy = m->policy};
    struct dcm_image image = {.size = sizeof image};
    enum dcm_status status = dcm_image_read(&image, in, &options, error);
    char text[200];

    if (status != DCM_OK)
        return status;
    snprintf(text, sizeof text, "%s %s %u %u %u %u %llu %d", image.syntax,
             image.photometric, image.rows, image.columns, image.samples,
             image.bits_stored, (unsigned long long)image.length,
             image.lacks_end);
    written_add(text, strlen(text));
    return DCM_OK;
}

static struct dcm_input *make_input(struct machine *m, struct feed *f,
                                    struct dcm_error *error)
{
    switch (m->job->from) {
    case FROM_FILE:
        return dcm_input_fd(fileno(m->in), error);
    case FROM_CALLBACK:
        return dcm_input_callback(faults_feed, f, error);
    default:
        return dcm_input_memory(f->data, f->size, error);
    }
}

static enum dcm_status run(void *user, struct dcm_error *error)
{
    struct machine *m = user;
    struct feed f = {m->bytes->data, m->bytes->size, 0};
    struct dcm_input *in = make_input(m, &f, error);
    enum dcm_status status;

    if (!in)
        return error->code;
    if (m->job->language == IMAGE)
        status = read_image(m, in, error);
    else
        status = convert(m, in, error);
    if (m->tree && status != DCM_OK)
        dcm_dataset_clear(m->tree);
    dcm_input_free(in);
    return status;
}

static void collect(void *user)
{
    struct machine *m = user;

    if (m->job->language == IMAGE)
        return;
    rewind(m->out);
    written.size = fread(written.bytes, 1, WRITTEN_MOST, m->out);
}

/* --------------------------------------------------------------- fixtures */

/* ' stands for " in JSON; LONG_TEXT and LONG_BASE64 for what is not loaded.
 * Images are in the language of files/README. */
#define LONG_TEXT "\1"
#define LONG_BASE64 "\2"
#define LONG 100000

#define MODEL(content) "<NativeDicomModel>" content "</NativeDicomModel>"
#define A(tag, vr, content) \
    "<DicomAttribute tag='" tag "' vr='" vr "'>" content "</DicomAttribute>"
#define P(tag, vr, creator, content)             \
    "<DicomAttribute tag='" tag "' vr='" vr "' " \
    "privateCreator='" creator "'>" content "</DicomAttribute>"
#define V(n, text) "<Value number='" n "'>" text "</Value>"
#define I(n, text) "<Item number='" n "'>" text "</Item>"
#define JPEG "1.2.840.10008.1.2.4.50"
#define DEFLATED "1.2.840.10008.1.2.1.99"

static const struct fixture {
    const char *why;
    enum language language;
    const char *text;
    int needs_tree, nested;
} fixtures[] = {
    {"sequences, text, numbers, bytes in line and elsewhere", JSON,
     "{'00080005':{'vr':'CS','Value':['ISO_IR 100']},"
     "'00081140':{'vr':'SQ','Value':[{},{'00081155':"
     "{'vr':'UI','Value':['1.2']}}]},"
     "'00100010':{'vr':'PN','Value':[{'Alphabetic':'M\xC3\xBC^A'},null]},"
     "'00104000':{'vr':'LT','Value':['" LONG_TEXT "'],'x':[{'y':1}]},"
     "'00189089':{'vr':'FD','Value':[1e-3,null,-7]},"
     "'00420011':{'vr':'OB','InlineBinary':'" LONG_BASE64 "'},"
     "'7FE00010':{'vr':'OW','BulkDataURI':'a'}}",
     0, 0},
    {"attributes in no order, the last of two counts", JSON,
     "{'00100010':{'vr':'PN','Value':[{'Alphabetic':'M\xC3\xBC'}]},"
     "'00100020':{'vr':'LO','Value':['1']},"
     "'00081140':{'vr':'SQ','Value':[{'00081155':{'vr':'UI','Value':['1']},"
     "'00081150':{'vr':'UI','Value':['2']}}]},"
     "'00080005':{'vr':'CS','Value':[null,'ISO 2022 IR 100']},"
     "'00100020':{'vr':'LO','Value':['2']}}",
     1, 0},
    {"fragments", JSON,
     "{'00020010':{'vr':'UI','Value':['" JPEG "']},"
     "'7FE00010':{'vr':'OB','DataFragment':[null,{'InlineBinary':"
     "'/9j/2Q=='},{'BulkDataURI':'a'}]}}",
     0, 0},
    {"deflated", JSON,
     "{'00020010':{'vr':'UI','Value':['" DEFLATED "']},"
     "'00420011':{'vr':'OB','BulkDataURI':'a'}}",
     0, 0},
    {"deeper than the first stacks are", JSON, NULL, 0, 1},
    {"sequences, text, numbers, bytes in line and elsewhere", XML,
     MODEL(A("00080005", "CS", V("1", "ISO_IR 100")) A(
         "00081140", "SQ", I("1", "") I("2", A("00081155", "UI", V("1", "1"))))
               A("00100010", "PN",
                 "<PersonName number='1'><Alphabetic><FamilyName>M\xC3\xBC"
                 "</FamilyName></Alphabetic></PersonName>") A("00104000", "LT",
                                                              V("1", LONG_TEXT))
                   A("00189089", "FD", V("3", "1e-3") V("1", "-7") V("2", "0"))
                       A("00420011", "OB",
                         "<InlineBinary>" LONG_BASE64 "</InlineBinary>")
                           A("7FE00010", "OW", "<BulkData uri='a'/>")),
     0, 0},
    {"blocks of creators, attributes in no order, another encoding", XML,
     "<?xml version='1.0' encoding='ISO-8859-1'?>" MODEL(
         P("00110001", "LO", "A", V("1", "\xFC"))
             P("00110001", "LO", "B", V("1", "1"))
                 A("00110012", "LO", V("1", "C"))
                     P("00110002", "SQ", "C",
                       I("1", P("00110001", "US", "A", V("1", "7"))))
                         A("00080005", "CS", V("2", "ISO 2022 IR 100"))
                             A("00080005", "CS", V("1", "ISO_IR 192"))),
     0, 0},
    {"fragments", XML,
     MODEL(A("00020010", "UI", V("1", JPEG))
               A("7FE00010", "OB",
                 "<DataFragment number='1'/><DataFragment number='2'>"
                 "<InlineBinary>/9j/2Q==</InlineBinary></DataFragment>"
                 "<DataFragment number='3'><BulkData uri='a'/>"
                 "</DataFragment>")),
     0, 0},
    {"frames, each of them bulk data", XML,
     MODEL(A("00020010", "UI", V("1", JPEG))
               A("7FE00010", "OB", "<BulkData uri='a'/>")),
     0, 0},
    {"deflated", XML,
     MODEL(A("00020010", "UI", V("1", DEFLATED))
               A("00420011", "OB", "<BulkData uri='a'/>")),
     0, 0},
    {"deeper than the first stacks are", XML, NULL, 0, 1},
    {"JPEG without its end, 8 by 8", IMAGE,
     "hex ffd8 ffdb 0043 00\nrepeat 64 hex 10\n"
     "hex ffc0 000b 08 0008 0008 01 01 11 00\n"
     "hex ffc4 0014 00 01 00000000 00000000 00000000 000000 00\n"
     "hex ffc4 0014 10 01 00000000 00000000 00000000 000000 00\n"
     "hex ffda 0008 01 01 00 00 3f 00 3f\n",
     0, 0},
    {"a JPEG 2000 code stream", IMAGE,
     "hex ff4fff51 00290000 00000008 00000008 00000000 00000000 00000008\n"
     "hex 00000008 00000000 00000000 00010701 01\n"
     "hex ff52000c 00000001 00000404 0001ff5c 00044040 ff90000a 00000000\n"
     "hex 001d0001 ff93c3e7 18115054 af823d48 00018484 bfffd9\n",
     0, 0},
};

#define LEVELS 31

/* Items in each other. */
static void nest(enum language language, struct hexd_buffer *out)
{
    static const char *const parts[][4] = {
        [JSON] = {"", "{\"0040A730\":{\"vr\":\"SQ\",\"Value\":[", "{}", "]}}"},
        [XML] = {"<NativeDicomModel>",
                 "<DicomAttribute tag=\"0040A730\" vr=\"SQ\">"
                 "<Item number=\"1\">",
                 "", "</Item></DicomAttribute>"},
    };
    const char *const *part = parts[language];
    char *text = calloc(1, 100 * LEVELS);

    assert_non_null(text);
    strcpy(text, part[0]);
    for (int i = 0; i < LEVELS; i++)
        strcat(text, part[1]);
    strcat(text, part[2]);
    for (int i = 0; i < LEVELS; i++)
        strcat(text, part[3]);
    strcat(text, language == XML ? "</NativeDicomModel>" : "");
    out->data = (uint8_t *)text;
    out->size = strlen(text);
}

static void put(struct hexd_buffer *out, int c, size_t n)
{
    out->data = realloc(out->data, out->size + n);
    assert_non_null(out->data);
    memset(out->data + out->size, c, n);
    out->size += n;
}

static void assemble(const struct fixture *f, struct hexd_buffer *bytes)
{
    char error[120];

    if (f->nested) {
        nest(f->language, bytes);
    } else if (f->language == IMAGE) {
        if (!hexd_assemble(f->text, strlen(f->text), bytes, error,
                           sizeof error))
            fail_msg("%s: %s", f->why, error);
    } else {
        for (const char *s = f->text; *s; s++)
            if (*s == *LONG_TEXT || *s == *LONG_BASE64)
                put(bytes, *s == *LONG_TEXT ? '7' : 'A', LONG);
            else
                put(bytes, *s == '\'' && f->language == JSON ? '"' : *s, 1);
    }
}

static int fits(const struct fixture *f, const struct job *job)
{
    return f->language == job->language && (job->by_tree || !f->needs_tree);
}

static FILE *file_of(const void *data, size_t size)
{
    FILE *file = tmpfile();

    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    assert_int_equal(fflush(file), 0);
    return file;
}

static long fail_fixture(const struct fixture *f, enum fault kind)
{
    static const uint8_t value[80000];
    struct hexd_buffer bytes = {0};
    long n = 0;

    assemble(f, &bytes);
    for (size_t k = 0; k < sizeof jobs / sizeof *jobs; k++) {
        struct machine m = {.job = &jobs[k], .bytes = &bytes};
        struct faults_job job = {f->why,        jobs[k].name, &m,
                                 machine_make,  run,          collect,
                                 machine_again, machine_free, rewind_files};

        if (!fits(f, &jobs[k]))
            continue;
        m.in = file_of(bytes.data, bytes.size);
        m.value = file_of(value, sizeof value);
        m.out = tmpfile();
        assert_non_null(m.out);
        n += faults_all(&job, kind);
        fclose(m.in);
        fclose(m.out);
        fclose(m.value);
    }
    hexd_buffer_release(&bytes);
    return n;
}

static void each_one_fails(enum fault kind)
{
    long n = 0;

    for (size_t i = 0; i < sizeof fixtures / sizeof *fixtures; i++)
        n += fail_fixture(&fixtures[i], kind);
    print_message("%ld %ss failed\n", n, fault_name(kind));
    assert_true(n > 30);
}

static void each_allocation_may_fail(void **state)
{
    (void)state;
    each_one_fails(MEMORY);
}

static void each_write_may_fail(void **state)
{
    (void)state;
    each_one_fails(WRITE);
}

static void each_read_may_fail(void **state)
{
    (void)state;
    each_one_fails(READ);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_allocation_may_fail),
        cmocka_unit_test(each_write_may_fail),
        cmocka_unit_test(each_read_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
