/* JSON text to Part 10. The first byte chooses options. Read as a stream and
 * in any order, through a tree: the events obey the grammar of dcm.h both
 * times, what is written can be read, and where the stream passes the tree
 * passes too and writes the same bytes, but for Pixel Data that only the tree
 * may take as encapsulated, and for text that came as bytes. */
#include "events.h"

#define DATA_SETS 4 /* of an array, that are looked at */

struct setting {
    struct dcm_json_reader_options reading;
    struct dcm_writer_options writing;
    struct dcm_limits limits;
    struct pieces text;
    int has_bytes; /* text may come as bytes, which the tree decodes */
};

/* What one way made of one data set. */
struct result {
    enum dcm_status status;
    int has_fragments;
    struct dcm_output *output;
};

static struct result write_one(struct setting *s, struct dcm_source *from,
                               struct dcm_dataset *tree)
{
    struct result r = {DCM_OK, 0, dcm_output_memory()};
    struct dcm_writer *writer = dcm_writer_new(&s->writing, r.output);

    if (tree) {
        dcm_dataset_clear(tree);
        r.status = pump(from, dcm_dataset_sink(tree), &r.has_fragments);
        from = dcm_dataset_source(tree);
    }
    if (r.status == DCM_OK)
        r.status = pump(from, dcm_writer_sink(writer), &r.has_fragments);
    if (r.status == DCM_OK)
        check_written(r.output);
    dcm_writer_free(writer);
    return r;
}

/* All data sets, up to as many as there is room for; how many passed. */
static size_t write_all(struct setting *s, struct dcm_dataset *tree,
                        struct result *results)
{
    struct dcm_json_reader *reader = dcm_json_reader_new(&s->reading);
    struct dcm_source *source = dcm_json_reader_source(reader);
    int count;
    size_t n = 0;

    dcm_json_reader_open(reader, s->text.input);
    count = dcm_json_reader_count(reader, DATA_SETS);
    while (n < DATA_SETS) {
        results[n] = write_one(s, source, tree);
        if (results[n++].status != DCM_OK)
            break;
        CHECK(count < 0 || n <= (size_t)count);
        if (dcm_json_reader_more(reader) <= 0)
            break;
    }
    dcm_json_reader_wants_tree(reader);
    dcm_json_reader_wants_charset(reader);
    dcm_json_reader_free(reader);
    return n;
}

static void compare(const struct result *stream, const struct result *tree)
{
    const void *one, *other;
    size_t a, b;

    if (stream->status != DCM_OK ||
        tree->has_fragments != stream->has_fragments)
        return;
    CHECK(tree->status == DCM_OK);
    one = dcm_output_data(stream->output, &a);
    other = dcm_output_data(tree->output, &b);
    CHECK(a == b && memcmp(one, other, a) == 0);
}

static void choose(struct setting *s, unsigned choice)
{
    s->limits.size = sizeof s->limits;
    s->limits.output = 4u << 20;
    s->limits.depth = choice & 128 ? 3 : 0;
    s->reading.size = sizeof s->reading;
    s->reading.limits = s->writing.limits = &s->limits;
    s->reading.policy = dcm_policy_new(choice & 1, NULL, NULL);
    s->reading.binary_numbers = !!(choice & 2);
    s->reading.syntax = choice & 4 ? "1.2.840.10008.1.2.4.50" : NULL;
    s->reading.bulk = choice & 8 ? open_bulk : NULL;
    s->reading.user = &s->text;
    s->has_bytes = !!(choice & (2 | 8));
    s->writing.size = sizeof s->writing;
    s->writing.mend = 1;
    s->writing.lengths =
        choice & 16 ? DCM_LENGTHS_EXPLICIT : DCM_LENGTHS_UNDEFINED;
    s->writing.syntax = choice & 32 ? "1.2.840.10008.1.2" : NULL;
    s->writing.charset = choice & 64 ? "ISO_IR 192" : NULL;
    s->writing.charset_declared = !s->writing.charset;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct setting s = {.text.size = size - (size > 0)};
    struct result streams[DATA_SETS], trees[DATA_SETS];
    struct dcm_dataset *tree = dcm_dataset_new(NULL);
    size_t n, m, i;

    choose(&s, size ? data[0] : 0);
    s.text.input = dcm_input_memory(data + (size > 0), s.text.size, NULL);
    n = write_all(&s, NULL, streams);
    s.reading.any_order = 1;
    dcm_dataset_keep_utf8(tree, 1);
    m = write_all(&s, tree, trees);
    for (i = 0; i < n && i < m && !s.has_bytes; i++)
        compare(&streams[i], &trees[i]);
    for (i = 0; i < n; i++)
        dcm_output_free(streams[i].output);
    for (i = 0; i < m; i++)
        dcm_output_free(trees[i].output);
    dcm_dataset_free(tree);
    dcm_input_free(s.text.input);
    dcm_policy_free(s.reading.policy);
    return 0;
}
