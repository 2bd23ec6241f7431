/* A tree that was built from a stream and written back gives the bytes of the
 * stream written straight through, over all inputs of tests/cases and
 * tests/files and some of its own, into each encoding. Where tags stand in
 * another order or come twice, the tree puts that right: then what it gives
 * must be a data set that goes through both ways alike. Knows the public
 * header only. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "case_file.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------ ways */

static const struct way {
    const char *name, *syntax;
    enum dcm_lengths lengths;
    int mend, keep_unknown, keep_all, stream;
    const char *charset;
    int utf8; /* the tree holds text in UTF-8, written as it is declared */
} ways[] = {
    {"as it is", NULL, DCM_LENGTHS_KEEP, 0, 1, 0, 0, NULL, 0},
    {"from a pipe", NULL, DCM_LENGTHS_KEEP, 0, 1, 0, 1, NULL, 0},
    {"with all there is", NULL, DCM_LENGTHS_KEEP, 0, 1, 1, 0, NULL, 0},
    {"UN known", NULL, DCM_LENGTHS_KEEP, 0, 0, 0, 0, NULL, 0},
    {"counted", NULL, DCM_LENGTHS_EXPLICIT, 0, 1, 0, 0, NULL, 0},
    {"delimited", NULL, DCM_LENGTHS_UNDEFINED, 0, 1, 0, 0, NULL, 0},
    {"explicit", "1.2.840.10008.1.2.1", DCM_LENGTHS_KEEP, 0, 1, 0, 0, NULL, 0},
    {"implicit", "1.2.840.10008.1.2", DCM_LENGTHS_KEEP, 0, 1, 0, 0, NULL, 0},
    {"big endian", "1.2.840.10008.1.2.2", DCM_LENGTHS_KEEP, 0, 1, 0, 0, NULL,
     0},
    {"deflated", "1.2.840.10008.1.2.1.99", DCM_LENGTHS_KEEP, 0, 1, 0, 0, NULL,
     0},
    {"mended", NULL, DCM_LENGTHS_EXPLICIT, 1, 0, 0, 0, NULL, 0},
    {"in UTF-8", NULL, DCM_LENGTHS_KEEP, 0, 0, 0, 1, "ISO_IR 192", 0},
    {"by way of UTF-8", NULL, DCM_LENGTHS_UNDEFINED, 0, 1, 0, 0, NULL, 1},
};

struct pipe_end {
    const uint8_t *p;
    size_t left;
};

static ptrdiff_t pipe_read(void *user, void *buffer, size_t n)
{
    struct pipe_end *e = user;

    n = n < e->left ? n : e->left;
    n = n < 4000 ? n : 4000;
    memcpy(buffer, e->p, n);
    e->p += n;
    e->left -= n;
    return (ptrdiff_t)n;
}

/* One file written, and how it went. */
struct result {
    enum dcm_status status;
    struct dcm_error error;
    uint8_t *data;
    size_t size;
    int disordered; /* tags that do not ascend, or come twice */
};

static void result_release(struct result *r)
{
    free(r->data);
}

static enum dcm_status through_tree(struct dcm_source *source,
                                    struct dcm_sink *sink, int utf8,
                                    struct dcm_error *error)
{
    struct dcm_dataset *tree = dcm_dataset_new(NULL);
    enum dcm_status status;

    assert_non_null(tree);
    dcm_dataset_keep_utf8(tree, utf8);
    status = dcm_pump(source, dcm_dataset_sink(tree), error);
    if (status == DCM_OK)
        status = dcm_pump(dcm_dataset_source(tree), sink, error);
    dcm_dataset_free(tree);
    return status;
}

static struct result write_file(const uint8_t *data, size_t size,
                                const struct way *way, int tree)
{
    struct dcm_reader_options ro = {.size = sizeof ro};
    struct dcm_writer_options wo = {.size = sizeof wo};
    struct pipe_end end = {data, size};
    struct result r = {0};
    struct dcm_input *in = way->stream
                               ? dcm_input_callback(pipe_read, &end, NULL)
                               : dcm_input_memory(data, size, NULL);
    struct dcm_output *out = dcm_output_memory();
    struct dcm_reader *reader;
    struct dcm_writer *writer;
    const void *written;

    ro.policy = dcm_policy_new(0, NULL, NULL);
    ro.keep_unknown = way->keep_unknown;
    ro.keep_all = way->keep_all;
    wo.syntax = way->syntax;
    wo.lengths = way->lengths;
    wo.mend = way->mend;
    wo.charset = way->charset;
    wo.charset_declared = way->utf8 && tree;
    reader = dcm_reader_new(&ro);
    writer = dcm_writer_new(&wo, out);
    assert_true(in && out && reader && writer && ro.policy);
    dcm_reader_open(reader, in);
    r.status = tree ? through_tree(dcm_reader_source(reader),
                                   dcm_writer_sink(writer), way->utf8, &r.error)
                    : dcm_pump(dcm_reader_source(reader),
                               dcm_writer_sink(writer), &r.error);
    r.disordered = dcm_policy_count(ro.policy, DCM_ISSUE_OUT_OF_ORDER) ||
                   dcm_policy_count(ro.policy, DCM_ISSUE_DUPLICATE_TAG);
    written = dcm_output_data(out, &r.size);
    r.data = malloc(r.size + 1);
    assert_non_null(r.data);
    memcpy(r.data, written, r.size);
    dcm_writer_free(writer);
    dcm_reader_free(reader);
    dcm_output_free(out);
    dcm_input_free(in);
    dcm_policy_free(ro.policy);
    return r;
}

/* ----------------------------------------------------------------- checks */

static unsigned same, ordered, refused;

static int equal(const struct result *a, const struct result *b)
{
    return a->size == b->size && memcmp(a->data, b->data, a->size) == 0;
}

static unsigned complain(const char *why, const struct way *way,
                         const char *what, const struct result *a,
                         const struct result *b)
{
    size_t at = 0;

    while (at < a->size && at < b->size && a->data[at] == b->data[at])
        at++;
    print_error("%s, %s: %s; straight: %s %s, %zu bytes; by tree: %s %s, %zu "
                "bytes; from byte %zu on\n",
                why, way->name, what, dcm_status_name(a->status),
                a->error.message, a->size, dcm_status_name(b->status),
                b->error.message, b->size, at);
    return 1;
}

/* What the tree has put in order. */
static unsigned check_ordered(const char *why, const struct way *way,
                              const struct result *tree)
{
    struct way copy = ways[0];
    struct result again, twice;
    unsigned bad = 0;

    copy.keep_unknown = way->keep_unknown;
    again = write_file(tree->data, tree->size, &copy, 0);
    twice = write_file(tree->data, tree->size, &copy, 1);
    if (again.status != DCM_OK || again.disordered)
        bad += complain(why, way, "not in order", &again, tree);
    else if (!equal(&again, tree) || !equal(&twice, tree))
        bad += complain(why, way, "another file of it", &again, &twice);
    result_release(&again);
    result_release(&twice);
    ordered++;
    return bad;
}

/* Whether something is wrong with the text, or anything else: a writer of JSON
 * looks at all of it. */
static int deviates(const uint8_t *data, size_t size)
{
    struct dcm_reader_options ro = {.size = sizeof ro};
    struct dcm_json_options jo = {.size = sizeof jo};
    struct dcm_input *in = dcm_input_memory(data, size, NULL);
    struct dcm_output *out = dcm_output_memory();
    struct dcm_json_writer *writer;
    struct dcm_reader *reader;
    int any;

    ro.policy = jo.policy = dcm_policy_new(0, NULL, NULL);
    reader = dcm_reader_new(&ro);
    writer = dcm_json_writer_new(&jo, out);
    assert_true(in && out && reader && writer && ro.policy);
    dcm_reader_open(reader, in);
    dcm_pump(dcm_reader_source(reader), dcm_json_writer_sink(writer), NULL);
    any = dcm_policy_count(ro.policy, 0) > 0;
    dcm_json_writer_free(writer);
    dcm_reader_free(reader);
    dcm_output_free(out);
    dcm_input_free(in);
    dcm_policy_free(ro.policy);
    return any;
}

static unsigned check(const char *why, const uint8_t *data, size_t size,
                      const struct way *way)
{
    struct result straight = write_file(data, size, way, 0);
    struct result tree = write_file(data, size, way, 1);
    unsigned bad = 0;

    /* Not UTF-8 and back: text that is not in the set it declares. */
    if (way->utf8 && deviates(data, size))
        refused++;
    /* Both fail, each in its way: a tree has a limit of what it holds. */
    else if ((straight.status == DCM_OK) != (tree.status == DCM_OK))
        bad += complain(why, way, "another status", &straight, &tree);
    else if (straight.status != DCM_OK)
        refused++;
    else if (straight.disordered)
        bad += check_ordered(why, way, &tree);
    else if (!equal(&straight, &tree))
        bad += complain(why, way, "another file", &straight, &tree);
    else
        same++;
    result_release(&straight);
    result_release(&tree);
    return bad;
}

static unsigned check_text(const char *why, const char *text, size_t n)
{
    struct hexd_buffer b = {0};
    char error[120];
    unsigned bad = 0;

    if (!hexd_assemble(text, n, &b, error, sizeof error))
        fail_msg("%s: %s", why, error);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        bad +=
            check(why, b.data ? b.data : (const uint8_t *)"", b.size, &ways[i]);
    hexd_buffer_release(&b);
    return bad;
}

/* ----------------------------------------------------------------- inputs */

static const struct {
    const char *why, *text;
} own[] = {
    {"a large value in an item and one after it",
     "preamble\nsyntax 1.2.840.10008.1.2.1\n"
     "(0008,1140) SQ undefined {\nitem {\n"
     "(0042,0011) OB repeat 35000 hex 0102\n}\n}\n"
     "(7FE0,0010) OW repeat 40000 hex 0304\n"},
    {"the same big endian", "preamble\nsyntax 1.2.840.10008.1.2.2\n"
                            "(0008,1140) SQ {\nitem undefined {\n"
                            "(0066,0016) OF repeat 20000 hex 01020304\n}\n}\n"
                            "(7FE0,0010) OW repeat 40000 hex 0304\n"},
    {"the same deflated",
     "preamble\nsyntax 1.2.840.10008.1.2.1.99\n"
     "(0008,1140) SQ {\nitem {\n(0042,0011) OB repeat 35000 hex 0102\n}\n}\n"
     "(7FE0,0010) OW repeat 40000 hex 0304\n"},
    {"fragments, one of them empty, one large",
     "preamble\nsyntax 1.2.840.10008.1.2.4.50\n(0028,0008) IS \"2\"\n"
     "(7FE0,0010) OB undefined {\nitem hex 00000000 0a000000\nitem\n"
     "item hex ffd8\nitem repeat 70000 hex 11\n}\n"
     "(FFFC,FFFC) OB hex 0000\n"},
    {"UN that is a sequence, beside one of odd bytes",
     "preamble\nsyntax 1.2.840.10008.1.2.1\n(0009,0010) LO \"OWN\"\n"
     "(0009,1001) UN undefined {\nitem undefined {\nhex 08 00 60 00 02 00 00 "
     "00 4f 54\n}\n}\n(0009,1002) UN hex 010203\n"
     "(0040,A730) SQ {\n}\n"},
    {"character sets that change in an item",
     "preamble\nsyntax 1.2.840.10008.1.2.1\n(0008,0005) CS \"ISO_IR 100\"\n"
     "(0008,0060) CS \"OT\"\n(0008,1140) SQ {\nitem {\n"
     "(0008,0005) CS \"ISO_IR 192\"\n(0010,0010) PN \"\\xC3\\xBC\"\n}\n"
     "item {\n(0010,0010) PN \"\\xFC\"\n}\n}\n(0010,0010) PN \"\\xFC\"\n"},
    {"group lengths, of group 0008 and in an item",
     "preamble\nsyntax 1.2.840.10008.1.2.1\n(0008,0000) UL 10\n"
     "(0008,0060) CS \"OT\"\n(0040,A730) SQ {\nitem {\n(0040,0000) UL 10\n"
     "(0040,A040) CS \"NU\"\n}\n}\n"},
    {"tags in falling order, one of them twice",
     "preamble\nsyntax 1.2.840.10008.1.2.1\n(0010,0020) LO \"2\"\n"
     "(0008,1140) SQ {\nitem {\n(0010,0020) LO \"4\"\n(0008,0060) CS \"OT\"\n"
     "}\n}\n(0008,0060) CS \"OT\"\n(0010,0020) LO \"3\"\n"},
};

static void own_inputs_are_written_alike(void **state)
{
    unsigned bad = 0;

    (void)state;
    same = 0;
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        bad += check_text(own[i].why, own[i].text, strlen(own[i].text));
    assert_int_equal(bad, 0);
    assert_true(same >= 50 && ordered > 0);
}

static const char *source_folder(void)
{
    const char *top = getenv("top_srcdir");

    if (!top)
        top = getenv("srcdir");
    return top ? top : ".";
}

static const char *head_of(const char *file)
{
    static const char *const heads[][2] = {
        {"", ""},
        {"ele", "preamble\nsyntax 1.2.840.10008.1.2.1\n"},
        {"ile", "preamble\nsyntax 1.2.840.10008.1.2\n"},
        {"ebe", "preamble\nsyntax 1.2.840.10008.1.2.2\n"},
        {"jpeg", "preamble\nsyntax 1.2.840.10008.1.2.4.50\n"},
    };

    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        if (strcmp(heads[i][0], file) == 0)
            return heads[i][1];
    fail_msg("no file of kind %s", file);
    return "";
}

static unsigned check_case(const struct test_case *c)
{
    const char *head = head_of(c->file);
    size_t n = strlen(head);
    char *text = malloc(n + c->text.size + 1), why[200];
    unsigned bad;

    assert_non_null(text);
    memcpy(text, head, n);
    if (c->text.size)
        memcpy(text + n, c->text.data, c->text.size);
    snprintf(why, sizeof why, "%s %s", c->id, c->why);
    bad = check_text(why, text, n + c->text.size);
    free(text);
    return bad;
}

static unsigned check_case_file(const char *path)
{
    struct case_file f = {0};
    char error[200];
    unsigned bad = 0;

    if (!case_file_read(path, &f, error, sizeof error))
        fail_msg("%s: %s", path, error);
    for (size_t i = 0; i < f.count; i++)
        bad += check_case(&f.cases[i]);
    case_file_release(&f);
    return bad;
}

static unsigned check_hexd_file(const char *path)
{
    struct hexd_buffer b = {0};
    char error[200];
    unsigned bad = 0;

    if (!hexd_assemble_file(path, &b, error, sizeof error))
        fail_msg("%s: %s", path, error);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        bad += check(path, b.data, b.size, &ways[i]);
    hexd_buffer_release(&b);
    return bad;
}

/* Each file of a folder that ends so. */
static unsigned each(const char *folder, const char *ending,
                     unsigned (*call)(const char *path))
{
    char path[4096];
    struct dirent **files = NULL;
    unsigned bad = 0;
    int n, i;

    snprintf(path, sizeof path, "%s/tests/%s", source_folder(), folder);
    n = scandir(path, &files, NULL, alphasort);
    for (i = 0; i < n; i++) {
        const char *dot = strrchr(files[i]->d_name, '.');

        if (dot && strcmp(dot, ending) == 0) {
            snprintf(path, sizeof path, "%s/tests/%s/%s", source_folder(),
                     folder, files[i]->d_name);
            bad += call(path);
        }
        free(files[i]);
    }
    free(files);
    assert_true(n > 2);
    return bad;
}

static void inputs_of_the_cases_are_written_alike(void **state)
{
    unsigned bad;

    (void)state;
    same = ordered = refused = 0;
    bad = each("cases", ".case", check_case_file) +
          each("files", ".hexd", check_hexd_file);
    print_message("%u the same, %u put in order, %u refused by both\n", same,
                  ordered, refused);
    assert_int_equal(bad, 0);
    assert_true(same > 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_inputs_are_written_alike),
        cmocka_unit_test(inputs_of_the_cases_are_written_alike),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
