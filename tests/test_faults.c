/* Files in, files, JSON, XML, dumps and frames out, while calls fail: see
 * faults.h. Knows the public header only. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "faults.h"
#include "hexd.h"

#include <string.h>
#include <unistd.h>

/* ------------------------------------------------------------------- jobs */

enum sink { TO_JSON, TO_XML, TO_DUMP, TO_WRITER, BY_TREE, TO_FRAMES };
enum from { FROM_MEMORY, FROM_CALLBACK, FROM_FILE };
enum to { TO_MEMORY, TO_CALLBACK, TO_FILE };

#define ILE "1.2.840.10008.1.2"
#define ELE "1.2.840.10008.1.2.1"
#define DEFLATED "1.2.840.10008.1.2.1.99"
#define EBE "1.2.840.10008.1.2.2"

static const struct job {
    const char *name;
    enum sink sink;
    enum from from;
    enum to to;
    const char *syntax, *charset;
    enum dcm_lengths lengths;
    int mend;
} jobs[] = {
    {"JSON", TO_JSON, FROM_CALLBACK, TO_CALLBACK, NULL, NULL, 0, 0},
    {"JSON of a file", TO_JSON, FROM_FILE, TO_FILE, NULL, NULL, 0, 0},
    {"XML", TO_XML, FROM_CALLBACK, TO_CALLBACK, NULL, NULL, 0, 0},
    {"XML of a file", TO_XML, FROM_FILE, TO_FILE, NULL, NULL, 0, 0},
    {"dump", TO_DUMP, FROM_CALLBACK, TO_CALLBACK, NULL, NULL, 0, 0},
    {"copy", TO_WRITER, FROM_CALLBACK, TO_CALLBACK, NULL, NULL, 0, 0},
    {"copy of a file", TO_WRITER, FROM_FILE, TO_FILE, NULL, NULL, 0, 0},
    {"implicit", TO_WRITER, FROM_CALLBACK, TO_CALLBACK, ILE, NULL, 0, 0},
    {"explicit", TO_WRITER, FROM_MEMORY, TO_FILE, ELE, NULL, 0, 0},
    {"big endian", TO_WRITER, FROM_MEMORY, TO_MEMORY, EBE, NULL, 0, 0},
    {"deflated", TO_WRITER, FROM_CALLBACK, TO_CALLBACK, DEFLATED, NULL, 0, 0},
    {"deflated file", TO_WRITER, FROM_FILE, TO_FILE, DEFLATED, NULL, 0, 0},
    {"counted", TO_WRITER, FROM_FILE, TO_FILE, NULL, NULL, DCM_LENGTHS_EXPLICIT,
     0},
    {"in UTF-8", TO_WRITER, FROM_CALLBACK, TO_MEMORY, NULL, "ISO_IR 192", 0, 0},
    {"mended", TO_WRITER, FROM_CALLBACK, TO_CALLBACK, NULL, NULL,
     DCM_LENGTHS_UNDEFINED, 1},
    {"tree", BY_TREE, FROM_CALLBACK, TO_CALLBACK, NULL, NULL, 0, 0},
    {"tree of a file", BY_TREE, FROM_FILE, TO_FILE, NULL, NULL,
     DCM_LENGTHS_EXPLICIT, 0},
    {"tree in UTF-8", BY_TREE, FROM_MEMORY, TO_MEMORY, NULL, "ISO_IR 192", 0,
     0},
    {"frames", TO_FRAMES, FROM_FILE, TO_MEMORY, NULL, NULL, 0, 0},
};

/* All that one job needs; made once, used for two runs. */
struct machine {
    const struct job *job;
    const struct hexd_buffer *bytes;
    struct dcm_policy *policy;
    struct dcm_reader *reader;
    struct dcm_output *output;
    struct dcm_json_writer *json;
    struct dcm_xml_writer *xml;
    struct dcm_dump_writer *dump;
    struct dcm_writer *writer;
    struct dcm_dataset *tree;
    struct dcm_frames *frames;
    struct dcm_select *select;
    FILE *in, *out; /* opened by the test, before any fault */
};

static struct dcm_output *make_output(const struct machine *m)
{
    switch (m->job->to) {
    case TO_FILE:
        return dcm_output_fd(fileno(m->out));
    case TO_CALLBACK:
        return dcm_output_callback(faults_take, NULL);
    default:
        return dcm_output_memory();
    }
}

static int make_sinks(struct machine *m)
{
    const struct job *job = m->job;
    struct dcm_json_options json = {.size = sizeof json};
    struct dcm_xml_options xml = {.size = sizeof xml};
    struct dcm_dump_options dump = {.size = sizeof dump};
    struct dcm_writer_options writer = {.size = sizeof writer};

    json.policy = xml.policy = dump.policy = writer.policy = m->policy;
    json.bulk = xml.bulk = DCM_BULK_INLINE;
    xml.creators = 1;
    dump.width = 200;
    writer.syntax = job->syntax;
    writer.charset = job->charset;
    writer.lengths = job->lengths;
    writer.mend = job->mend;
    switch (job->sink) {
    case TO_JSON:
        return (m->json = dcm_json_writer_new(&json, m->output)) != NULL;
    case TO_XML:
        return (m->xml = dcm_xml_writer_new(&xml, m->output)) != NULL;
    case TO_DUMP:
        m->select = dcm_select_new(dcm_reader_source(m->reader));
        m->dump = dcm_dump_writer_new(&dump, m->output);
        return m->dump && m->select;
    case TO_FRAMES:
        return (m->frames = dcm_frames_new(m->policy)) != NULL;
    case BY_TREE:
        m->tree = dcm_dataset_new(NULL);
        m->writer = dcm_writer_new(&writer, m->output);
        return m->tree && m->writer;
    default:
        return (m->writer = dcm_writer_new(&writer, m->output)) != NULL;
    }
}

static int machine_make(void *user)
{
    struct machine *m = user;
    struct dcm_reader_options reader = {.size = sizeof reader};

    m->policy = dcm_policy_new(0, NULL, NULL);
    reader.policy = m->policy;
    reader.keep_unknown = m->job->sink == TO_WRITER && !m->job->mend;
    if (!m->policy || !(m->reader = dcm_reader_new(&reader)) ||
        !(m->output = make_output(m)))
        return 0;
    return make_sinks(m);
}

static void machine_free(void *user)
{
    struct machine *m = user;

    dcm_frames_free(m->frames);
    dcm_dataset_free(m->tree);
    dcm_writer_free(m->writer);
    dcm_dump_writer_free(m->dump);
    dcm_json_writer_free(m->json);
    dcm_xml_writer_free(m->xml);
    dcm_output_free(m->output);
    dcm_select_free(m->select);
    dcm_reader_free(m->reader);
    dcm_policy_free(m->policy);
    m->frames = NULL;
    m->tree = NULL;
    m->writer = NULL;
    m->dump = NULL;
    m->json = NULL;
    m->xml = NULL;
    m->output = NULL;
    m->select = NULL;
    m->reader = NULL;
    m->policy = NULL;
}

/* For another run: the output anew, for what failed there sticks; then what
 * writes to it must be new, too. A reader and a tree go on. */
static int machine_again(void *user)
{
    struct machine *m = user;
    struct dcm_dataset *tree = m->tree;
    struct dcm_reader *reader = m->reader;
    struct dcm_policy *policy = m->policy;

    if (!reader || !policy) {
        machine_free(m);
        return machine_make(m);
    }
    m->reader = NULL;
    m->policy = NULL;
    m->tree = NULL;
    machine_free(m);
    m->reader = reader;
    m->policy = policy;
    dcm_policy_clear(policy);
    if (!(m->output = make_output(m)) || !make_sinks(m))
        return 0;
    if (tree) {
        dcm_dataset_free(m->tree);
        dcm_dataset_clear(tree);
        m->tree = tree;
    }
    return 1;
}

/* ------------------------------------------------------------------- runs */

static enum dcm_status edit(struct dcm_dataset *tree, struct dcm_error *error)
{
    static const char *const sets[][2] = {
        {"(0011,xx01,\"FAULTS\"):PN", "A^B"},
        {"00189219:FD", "1.5"},
        {"PatientComments", "a longer text"},
        {"0040A730[1].CodeValue", "1"},
    };
    enum dcm_status status = DCM_OK;

    for (size_t i = 0; i < sizeof sets / sizeof *sets && status == DCM_OK; i++)
        status = dcm_dataset_set(tree, sets[i][0], sets[i][1], error);
    if (status == DCM_OK)
        status = dcm_dataset_remove(tree, "Modality", error);
    return status == DCM_DONE ? DCM_OK : status;
}

static enum dcm_status read_frames(struct machine *m, struct dcm_input *in,
                                   struct dcm_error *error)
{
    uint64_t count = dcm_frames_count(m->frames);
    uint8_t bytes[1000];

    for (uint64_t n = 1; n <= count; n++) {
        uint64_t at = 0;
        ptrdiff_t got;

        do {
            got = dcm_frames_read(m->frames, in, n, at, bytes, sizeof bytes,
                                  error);
            if (got < 0)
                return error->code;
            written_add(bytes, (size_t)got);
            at += (uint64_t)got;
        } while (got);
    }
    return DCM_OK;
}

static enum dcm_status pump(struct machine *m, struct dcm_input *in,
                            struct dcm_error *error)
{
    struct dcm_source *source = dcm_reader_source(m->reader);
    enum dcm_status status;

    switch (m->job->sink) {
    case TO_JSON:
        return dcm_pump(source, dcm_json_writer_sink(m->json), error);
    case TO_XML:
        return dcm_pump(source, dcm_xml_writer_sink(m->xml), error);
    case TO_DUMP:
        return dcm_pump(dcm_select_source(m->select),
                        dcm_dump_writer_sink(m->dump), error);
    case TO_FRAMES:
        status = dcm_pump(source, dcm_frames_sink(m->frames), error);
        return status == DCM_OK ? read_frames(m, in, error) : status;
    case BY_TREE:
        status = dcm_pump(source, dcm_dataset_sink(m->tree), error);
        if (status == DCM_OK)
            status = edit(m->tree, error);
        return status == DCM_OK ? dcm_pump(dcm_dataset_source(m->tree),
                                           dcm_writer_sink(m->writer), error)
                                : status;
    default:
        return dcm_pump(source, dcm_writer_sink(m->writer), error);
    }
}

/* From memory and files into `written`, when nothing fails any more. */
static void collect(void *user)
{
    struct machine *m = user;
    const void *data;
    size_t n;

    if (m->job->to == TO_MEMORY && m->job->sink != TO_FRAMES) {
        data = dcm_output_data(m->output, &n);
        assert_true(n <= WRITTEN_MOST);
        memcpy(written.bytes, data, n);
        written.size = n;
    } else if (m->job->to == TO_FILE) {
        rewind(m->out);
        written.size = fread(written.bytes, 1, WRITTEN_MOST, m->out);
    }
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
    enum dcm_status status = DCM_ERR_MEMORY;
    struct dcm_input *in = make_input(m, &f, error);

    if (!in)
        return error->code;
    dcm_reader_open(m->reader, in);
    status = pump(m, in, error);
    if (status == DCM_OK)
        status = dcm_output_flush(m->output);
    dcm_input_free(in);
    return status;
}

static void empty_file(void *user)
{
    struct machine *m = user;

    rewind(m->out);
    assert_int_equal(ftruncate(fileno(m->out), 0), 0);
    rewind(m->in);
}

/* --------------------------------------------------------------- fixtures */

#define HEAD "preamble\nsyntax "
#define BODY                                                                  \
    "(0008,0005) CS \"\\\\ISO 2022 IR 87\"\n"                                 \
    "(0008,0016) UI \"1.2.3\"\n(0008,0018) UI \"1.2.4\"\n"                    \
    "(0008,0060) CS \"OT\"\n"                                                 \
    "(0008,1140) SQ {; item {; (0008,1150) UI \"1.2\"; }; item {; }; }\n"     \
    "(0009,0010) LO \"FAULTS\"\n(0009,1001) UN hex 0102\n"                    \
    "(0010,0010) PN \"Yamada^Tarou=\" hex 1b2442 3b33 4545 1b2842 5e 1b2442 " \
    "42404f3a 1b2842\n"                                                       \
    "(0010,1002) SQ undefined {; item undefined {; (0010,0020) LO \"2\"\n"    \
    "(0008,0005) CS \"ISO_IR 100\"\n(0010,4000) LT \"\\xFC\"; }; }\n"         \
    "(0018,0050) DS \"1.5\"\n(0020,4000) LT repeat 900 \"0123456789\"\n"      \
    "(0028,0103) US 1\n(0028,0106) SS -3\n"                                   \
    "(0040,A160) UT repeat 9000 \"0123456789\"\n"

#define PIXELS                                                   \
    "(0028,0002) US 1\n(0028,0008) IS \"2\"\n(0028,0010) US 8\n" \
    "(0028,0011) US 8\n(0028,0100) US 16\n"                      \
    "(7FE0,0010) OW repeat 128 hex 0a0b\n"

static const struct {
    const char *why, *text;
    int encapsulated, nested;
} fixtures[] = {
    {"sequences, text and a value that is not loaded", HEAD ELE "\n" BODY, 0,
     0},
    {"implicit VR: what has to be known first is looked for",
     HEAD ILE "\n" BODY, 0, 0},
    {"deflated", HEAD DEFLATED "\n" BODY, 0, 0},
    {"big endian", HEAD EBE "\n" BODY PIXELS, 0, 0},
    {"tags that are not in order",
     HEAD ELE "\n(0010,0020) LO \"B\"\n"
              "(0008,0060) CS \"OT\"\n"
              "(0010,0010) PN \"A\"\n" PIXELS,
     0, 0},
    {"frames in fragments",
     HEAD "1.2.840.10008.1.2.4.50\n(0028,0008) IS \"2\"\n"
          "(7FE0,0010) OB undefined {; item hex 00000000 0a000000\n"
          "item hex ffd8\nitem hex ffd9\n"
          "item \"\\xFF\\xD8\" repeat 70000 hex 11 \"\\xFF\\xD9\"; }\n",
     1, 0},
    {"more than a buffer holds",
     HEAD ELE "\n(0008,1140) SQ {; item {; (0008,1150) UI \"1.2\"\n"
              "(0040,A160) UT repeat 30000 \"0123456789\"; }; }\n"
              "(0028,0002) US 1\n(0028,0010) US 250\n(0028,0011) US 200\n"
              "(0028,0100) US 16\n(7FE0,0010) OW repeat 50000 hex 0a0b\n",
     0, 0},
    {"deeper than the first stacks are", HEAD ELE "\n", 0, 1},
};

/* 31 items in each other. */
static void nest(char *text)
{
    for (int i = 0; i < 31; i++)
        strcat(text, i % 2 ? "(0040,A730) SQ undefined {; item undefined {\n"
                           : "(0040,A730) SQ {; item {\n");
    strcat(text, "(0040,A010) CS \"CONTAINS\"\n");
    for (int i = 0; i < 31; i++)
        strcat(text, "}; }\n");
}

static void assemble(size_t i, struct hexd_buffer *bytes)
{
    static char text[8000];
    char error[120];

    strcpy(text, fixtures[i].text);
    if (fixtures[i].nested)
        nest(text);
    if (!hexd_assemble(text, strlen(text), bytes, error, sizeof error))
        fail_msg("%s: %s", fixtures[i].why, error);
}

/* Jobs that a fixture is no input for. */
static int fits(size_t i, const struct job *job)
{
    if (fixtures[i].encapsulated && job->syntax)
        return 0;
    if (job->sink == TO_FRAMES)
        return fixtures[i].encapsulated || strstr(fixtures[i].text, "7FE0");
    return 1;
}

static void each_one_fails(enum fault kind)
{
    long n = 0;

    for (size_t i = 0; i < sizeof fixtures / sizeof *fixtures; i++) {
        struct hexd_buffer bytes = {0};

        assemble(i, &bytes);
        for (size_t k = 0; k < sizeof jobs / sizeof *jobs; k++) {
            struct machine m = {.job = &jobs[k], .bytes = &bytes};
            struct faults_job job = {fixtures[i].why, jobs[k].name, &m,
                                     machine_make,    run,          collect,
                                     machine_again,   machine_free, empty_file};

            if (!fits(i, &jobs[k]))
                continue;
            m.in = tmpfile();
            m.out = tmpfile();
            assert_true(m.in && m.out);
            assert_int_equal(fwrite(bytes.data, 1, bytes.size, m.in),
                             bytes.size);
            assert_int_equal(fflush(m.in), 0);
            n += faults_all(&job, kind);
            fclose(m.in);
            fclose(m.out);
        }
        hexd_buffer_release(&bytes);
    }
    print_message("%ld %ss failed\n", n, fault_name(kind));
    assert_true(n > 100);
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
