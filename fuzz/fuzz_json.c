/* Part 10 bytes to JSON. The first two bytes choose options. Whatever comes
 * in, a document that is whole or closed is UTF-8 without control characters,
 * its strings end, and its brackets match. */
#include "check.h"

#include <libdcm/dcm.h>

/* The end of the string that begins after p. */
static const uint8_t *check_string(const uint8_t *p, const uint8_t *end)
{
    for (; p < end && *p != '"'; p += *p == '\\' ? 2 : 1)
        CHECK(*p >= 0x20);
    CHECK(p < end);
    return p + 1;
}

static void check_json(const uint8_t *p, size_t n)
{
    const uint8_t *end = p + n;
    uint8_t open[2048];
    size_t depth = 0;
    uint32_t c;

    for (const uint8_t *s = p; s < end;) {
        size_t length = check_utf8(s, (size_t)(end - s), &c);
        CHECK(length > 0);
        s += length;
    }
    while (p < end) {
        if (*p == '"') {
            p = check_string(p + 1, end);
            continue;
        }
        CHECK(*p >= 0x20 || *p == '\n');
        if (*p == '{' || *p == '[') {
            CHECK(depth < sizeof open);
            open[depth++] = *p;
        } else if (*p == '}' || *p == ']') {
            CHECK(depth > 0 && open[--depth] == *p - 2);
        }
        p++;
    }
    CHECK(depth == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned a = size > 1 ? data[0] : 0, b = size > 1 ? data[1] : 0;
    size_t skip = size > 1 ? 2 : 0, n;
    struct dcm_limits limits = {.size = sizeof limits,
                                .inflated = 1u << 20,
                                .output = b & 128 ? 1000 : 16u << 20};
    struct dcm_reader_options reading = {.size = sizeof reading};
    struct dcm_json_options writing = {.size = sizeof writing};
    struct dcm_input *input = dcm_input_memory(data + skip, size - skip, NULL);
    struct dcm_output *output = dcm_output_memory();
    struct dcm_reader *reader;
    struct dcm_json_writer *writer;
    enum dcm_status status;
    const void *text;

    reading.limits = writing.limits = &limits;
    reading.policy = writing.policy = dcm_policy_new(a & 1, NULL, NULL);
    reading.keep_all = !!(a & 2);
    reading.charset_force = a & 4 ? "ISO 2022 IR 87\\ISO 2022 IR 13" : NULL;
    writing.pretty = !!(a & 8);
    writing.meta = !!(a & 16);
    writing.keywords = !!(a & 32);
    writing.charset_utf8 = !!(a & 64);
    writing.numbers = (enum dcm_numbers)(b % 3);
    writing.bulk = (enum dcm_bulk)((b >> 2) % 3);
    writing.bulk_size = b & 32 ? 1 : 0;
    reader = dcm_reader_new(&reading);
    writer = dcm_json_writer_new(&writing, output);
    dcm_reader_open(reader, input);
    status =
        dcm_pump(dcm_reader_source(reader), dcm_json_writer_sink(writer), NULL);
    if (status != DCM_OK)
        status = dcm_json_writer_close(writer);
    text = dcm_output_data(output, &n);
    if (status == DCM_OK)
        check_json(text, n);
    dcm_json_writer_free(writer);
    dcm_reader_free(reader);
    dcm_output_free(output);
    dcm_input_free(input);
    dcm_policy_free(reading.policy);
    return 0;
}
