/* XML text to Part 10. The first byte chooses options. The events obey the
 * grammar of dcm.h, and what is written through a tree can be read. The same
 * text in pieces, from an input that goes forward only, gives the same. */
#include "events.h"

struct setting {
    struct dcm_xml_reader_options reading;
    struct dcm_writer_options writing;
    struct dcm_limits limits;
    struct pieces text;
};

/* The text again, `step` bytes at a time. */
struct feed {
    const uint8_t *data;
    size_t left, step;
};

static ptrdiff_t feed(void *user, void *buffer, size_t n)
{
    struct feed *f = user;

    n = n < f->step ? n : f->step;
    n = n < f->left ? n : f->left;
    memcpy(buffer, f->data, n);
    f->data += n;
    f->left -= n;
    return (ptrdiff_t)n;
}

/* What one input made. */
struct result {
    enum dcm_status status;
    struct dcm_output *output;
};

static struct result write_one(struct setting *s, struct dcm_input *input)
{
    struct result r = {DCM_OK, dcm_output_memory()};
    struct dcm_xml_reader *reader = dcm_xml_reader_new(&s->reading);
    struct dcm_writer *writer = dcm_writer_new(&s->writing, r.output);
    struct dcm_dataset *tree = dcm_dataset_new(NULL);
    int has_fragments = 0;

    dcm_dataset_keep_utf8(tree, 1);
    dcm_xml_reader_open(reader, input);
    r.status = pump(dcm_xml_reader_source(reader), dcm_dataset_sink(tree),
                    &has_fragments);
    dcm_xml_reader_wants_charset(reader);
    if (r.status == DCM_OK)
        r.status = pump(dcm_dataset_source(tree), dcm_writer_sink(writer),
                        &has_fragments);
    if (r.status == DCM_OK)
        check_written(r.output);
    dcm_dataset_free(tree);
    dcm_writer_free(writer);
    dcm_xml_reader_free(reader);
    return r;
}

static void compare(const struct result *whole, const struct result *pieces)
{
    const void *one, *other;
    size_t a, b;

    CHECK(whole->status == pieces->status);
    if (whole->status != DCM_OK)
        return;
    one = dcm_output_data(whole->output, &a);
    other = dcm_output_data(pieces->output, &b);
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
    const uint8_t *text = data + (size > 0);
    struct setting s = {.text.size = size - (size > 0)};
    struct feed f = {text, s.text.size, 1};
    struct dcm_input *forward = dcm_input_callback(feed, &f, NULL);
    struct result whole, pieces;

    choose(&s, size ? data[0] : 0);
    f.step = s.text.size > 2000 ? 97 : s.text.size % 7 + 1;
    s.text.input = dcm_input_memory(text, s.text.size, NULL);
    whole = write_one(&s, s.text.input);
    pieces = write_one(&s, forward);
    compare(&whole, &pieces);
    dcm_output_free(whole.output);
    dcm_output_free(pieces.output);
    dcm_input_free(forward);
    dcm_input_free(s.text.input);
    dcm_policy_free(s.reading.policy);
    return 0;
}
