/* JSON text to Part 10. The first byte chooses options. Read as a stream and
 * in any order, through a tree: the events obey the grammar of dcm.h both
 * times, what is written can be read, and where the stream passes the tree
 * passes too and writes the same bytes, but for Pixel Data that only the tree
 * may take as encapsulated, and for text that came as bytes. */
#include "check.h"
#include "event.h"

#include <libdcm/dcm.h>

#include <string.h>

#define DATA_SETS 4 /* of an array, that are looked at */

struct setting {
    struct dcm_json_reader_options reading;
    struct dcm_writer_options writing;
    struct dcm_limits limits;
    struct dcm_input *input; /* bulk data are pieces of the text itself */
    size_t size;
    int has_bytes; /* text may come as bytes, which the tree decodes */
};

/* Lengths of URIs choose the piece; a long one is not found. */
static enum dcm_status open_bulk(void *user, const struct dcm_event *event,
                                 const char *uri, size_t length,
                                 unsigned number, struct dcm_bulk_data *data,
                                 struct dcm_error *error)
{
    struct setting *s = user;

    (void)error;
    CHECK(event->source && length <= s->size && (uri || !length));
    if (number > length % 4)
        return DCM_DONE;
    if (length > 40)
        return DCM_ERR_READ;
    data->input = s->input;
    data->offset = s->size * (length % 8) / 8;
    data->size = s->size - data->offset;
    data->flags = length % 3 == 2 ? DCM_BIG_ENDIAN : 0;
    return DCM_OK;
}

/* A source that checks what another one says, and hands it on. */
struct checked {
    struct dcm_source source;
    struct dcm_source *from;
    struct dcm_grammar grammar;
    int has_fragments, begun, ended;
};

static struct checked *checked_of(const struct dcm_source *source)
{
    return (struct checked *)(uintptr_t)source;
}

static enum dcm_status checked_next(struct dcm_source *source,
                                    struct dcm_event *event)
{
    struct checked *c = checked_of(source);
    enum dcm_status status = c->from->next(c->from, event);
    char path[64];

    if (status != DCM_OK) {
        CHECK(!c->begun || (status == DCM_DONE) == c->ended);
        CHECK(status == DCM_DONE || c->from->error(c->from)->code == status);
        return status;
    }
    CHECK(!c->ended);
    c->begun = 1;
    CHECK(dcm_grammar_check(&c->grammar, event));
    CHECK(!event->data || event->size <= DCM_VALUE_LOADED ||
          event->flags & DCM_REFERENCE);
    dcm_event_path(event, path, sizeof path);
    CHECK(memchr(path, '\0', sizeof path));
    c->has_fragments |= event->type == DCM_EVENT_FRAGS;
    c->ended = event->type == DCM_EVENT_END;
    return DCM_OK;
}

static enum dcm_status checked_read(struct dcm_source *source, void *buffer,
                                    size_t n, size_t *got)
{
    struct checked *c = checked_of(source);

    return c->from->read(c->from, buffer, n, got);
}

static const struct dcm_error *checked_error(const struct dcm_source *source)
{
    struct checked *c = checked_of(source);

    return c->from->error(c->from);
}

static void check_source(struct checked *c, struct dcm_source *from)
{
    memset(c, 0, sizeof *c);
    c->source.next = checked_next;
    c->source.read = checked_read;
    c->source.error = checked_error;
    c->from = from;
    dcm_grammar_init(&c->grammar);
}

/* What one way made of one data set. */
struct result {
    enum dcm_status status;
    int has_fragments;
    struct dcm_output *output;
};

static enum dcm_status pump(struct dcm_source *from, struct dcm_sink *sink,
                            int *has_fragments)
{
    struct checked checked;
    enum dcm_status status;

    check_source(&checked, from);
    status = dcm_pump(&checked.source, sink, NULL);
    *has_fragments |= checked.has_fragments;
    if (status == DCM_OK && !checked.begun)
        status = DCM_DONE; /* an empty array: no data set */
    dcm_grammar_release(&checked.grammar);
    return status;
}

static int took_another_syntax(const struct dcm_policy *policy)
{
    for (dcm_issue i = 1; i < dcm_issue_count(); i++)
        if (strcmp(dcm_issue_name(i), "wrong-transfer-syntax") == 0)
            return dcm_policy_count(policy, i) > 0;
    abort();
}

/* What was written is read to its end, unless the first tags look more like
 * those of another transfer syntax to the reader, which then guesses. */
static void check_written(const struct dcm_output *output)
{
    size_t n;
    const void *bytes = dcm_output_data(output, &n);
    struct dcm_input *input = dcm_input_memory(bytes, n, NULL);
    struct dcm_policy *policy = dcm_policy_new(0, NULL, NULL);
    struct dcm_reader_options options = {.size = sizeof options,
                                         .policy = policy};
    struct dcm_reader *reader = dcm_reader_new(&options);
    struct dcm_grammar grammar;
    struct dcm_event event;
    enum dcm_status status;

    dcm_grammar_init(&grammar);
    dcm_reader_open(reader, input);
    while ((status = dcm_reader_next(reader, &event)) == DCM_OK)
        CHECK(dcm_grammar_check(&grammar, &event));
    if (status != DCM_DONE && !took_another_syntax(policy)) {
        fprintf(stderr, "%s\n", dcm_reader_error(reader)->message);
        CHECK(status == DCM_DONE);
    }
    dcm_grammar_release(&grammar);
    dcm_reader_free(reader);
    dcm_policy_free(policy);
    dcm_input_free(input);
}

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

    dcm_json_reader_open(reader, s->input);
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
    s->reading.user = s;
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
    struct setting s = {.size = size - (size > 0)};
    struct result streams[DATA_SETS], trees[DATA_SETS];
    struct dcm_dataset *tree = dcm_dataset_new(NULL);
    size_t n, m, i;

    choose(&s, size ? data[0] : 0);
    s.input = dcm_input_memory(data + (size > 0), s.size, NULL);
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
    dcm_input_free(s.input);
    dcm_policy_free(s.reading.policy);
    return 0;
}
