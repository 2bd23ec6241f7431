/* Part 10 bytes to a dump. The first byte chooses options. Nothing in a file
 * can drive a terminal: the text is UTF-8, and without color no control
 * character is in it but the newline. */
#include "check.h"

#include <libdcm/dcm.h>
#include <limits.h>

static void check_text(const uint8_t *p, size_t n, int color)
{
    uint32_t c = 0;

    for (size_t at = 0, length; at < n; at += length) {
        length = check_utf8(p + at, n - at, &c);
        CHECK(length > 0);
        CHECK(c == '\n' || (color && c == 0x1B) || c >= 0x20);
        CHECK(c < 0x7F || c > 0x9F);     /* C1 drives terminals too */
        CHECK(c < 0x202A || c > 0x202E); /* and these turn a line round */
        CHECK(c < 0x2066 || c > 0x2069);
    }
    CHECK(n == 0 || p[n - 1] == '\n');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const unsigned widths[] = {0, 1, 40, UINT_MAX};
    unsigned choice = size ? data[0] : 0;
    size_t skip = size > 0, n;
    struct dcm_limits limits = {.size = sizeof limits, .inflated = 1u << 20};
    struct dcm_reader_options reading = {.size = sizeof reading};
    struct dcm_dump_options writing = {.size = sizeof writing};
    struct dcm_input *input = dcm_input_memory(data + skip, size - skip, NULL);
    struct dcm_output *output = dcm_output_memory();
    struct dcm_reader *reader;
    struct dcm_dump_writer *writer;
    const void *text;

    reading.limits = &limits;
    reading.policy = writing.policy = dcm_policy_new(choice & 1, NULL, NULL);
    reading.keep_all = !(choice & 2);
    writing.color = !!(choice & 4);
    writing.no_offsets = !!(choice & 8);
    writing.raw = !!(choice & 16);
    writing.width = widths[choice >> 6];
    reader = dcm_reader_new(&reading);
    writer = dcm_dump_writer_new(&writing, output);
    dcm_reader_open(reader, input);
    dcm_pump(dcm_reader_source(reader), dcm_dump_writer_sink(writer), NULL);
    text = dcm_output_data(output, &n);
    check_text(text, n, writing.color);
    dcm_dump_writer_free(writer);
    dcm_reader_free(reader);
    dcm_output_free(output);
    dcm_input_free(input);
    dcm_policy_free(reading.policy);
    return 0;
}
