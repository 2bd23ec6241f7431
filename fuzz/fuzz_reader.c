/* Part 10 bytes to events. The first byte chooses options. Read from memory
 * and byte by byte: the events obey the grammar of dcm.h and are the same both
 * times. Read strictly: it fails where there was a deviation, else nothing
 * changes. */
#include "check.h"
#include "event.h"

#include <string.h>

struct bytes {
    const uint8_t *data;
    size_t size;
};

static ptrdiff_t read_one(void *user, void *buffer, size_t n)
{
    struct bytes *b = user;

    if (!b->size || !n)
        return 0;
    *(uint8_t *)buffer = *b->data++;
    b->size--;
    return 1;
}

/* FNV-1a. */
static void mix(uint64_t *hash, const void *data, size_t n)
{
    for (const uint8_t *p = data; n--; p++)
        *hash = (*hash ^ *p) * 0x100000001B3u;
}

/* Some values are left alone, as a sink may. */
static void mix_value(uint64_t *hash, const struct dcm_event *ev)
{
    uint8_t piece[100];
    size_t got = sizeof piece;

    CHECK(!ev->data || ev->size <= DCM_VALUE_LOADED);
    if (ev->data)
        mix(hash, ev->data, (size_t)ev->size);
    while (ev->number % 3 != 2 && got == sizeof piece &&
           dcm_event_read(ev, piece, sizeof piece, &got) == DCM_OK)
        mix(hash, piece, got);
}

static void mix_event(uint64_t *hash, const struct dcm_event *ev)
{
    const uint64_t all[] = {ev->type,   ev->tag,    ev->vr,          ev->stored,
                            ev->length, ev->number, ev->depth,       ev->flags,
                            ev->offset, ev->size,   ev->value_offset};
    char path[64];

    mix(hash, all, sizeof all);
    dcm_event_path(ev, path, sizeof path);
    CHECK(memchr(path, '\0', sizeof path));
    if (ev->type == DCM_EVENT_VALUE || ev->type == DCM_EVENT_FRAGMENT)
        mix_value(hash, ev);
}

struct result {
    enum dcm_status status;
    uint64_t hash;
};

static struct result read_all(struct dcm_reader *reader,
                              struct dcm_input *input)
{
    uint64_t hash = 0xCBF29CE484222325u;
    struct dcm_grammar grammar;
    struct dcm_event event, last = {0};
    enum dcm_status status;

    dcm_grammar_init(&grammar);
    dcm_reader_open(reader, input);
    while ((status = dcm_reader_next(reader, &event)) == DCM_OK) {
        CHECK(dcm_grammar_check(&grammar, &event));
        mix_event(&hash, &event);
        last = event;
    }
    CHECK((status == DCM_DONE) == (last.type == DCM_EVENT_END));
    CHECK(status != DCM_ERR_TRUNCATED || grammar.depth == 0);
    if (status != DCM_DONE)
        mix(&hash, &dcm_reader_error(reader)->offset, sizeof(uint64_t));
    mix(&hash, &status, sizeof status);
    CHECK(dcm_reader_next(reader, &event) == status); /* sticky */
    dcm_grammar_release(&grammar);
    return (struct result){status, hash};
}

static struct result read_memory(const struct dcm_reader_options *options,
                                 struct bytes bytes)
{
    struct dcm_reader *reader = dcm_reader_new(options);
    struct dcm_input *input = dcm_input_memory(bytes.data, bytes.size, NULL);
    struct result result = read_all(reader, input);

    dcm_input_free(input);
    dcm_reader_free(reader);
    return result;
}

static struct result read_slowly(const struct dcm_reader_options *options,
                                 struct bytes bytes)
{
    struct dcm_reader *reader = dcm_reader_new(options);
    struct dcm_input *input = dcm_input_callback(read_one, &bytes, NULL);
    struct result result = read_all(reader, input);

    dcm_input_free(input);
    dcm_reader_free(reader);
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const size_t chunks[] = {0, 1, 7, 512};
    unsigned choice = size ? data[0] : 0;
    struct bytes bytes = {data + (size > 0), size - (size > 0)};
    struct dcm_limits limits = {.size = sizeof limits, .inflated = 1u << 20};
    struct dcm_reader_options options = {.size = sizeof options};
    struct dcm_policy *lenient = dcm_policy_new(0, NULL, NULL);
    struct dcm_policy *strict = dcm_policy_new(1, NULL, NULL);
    struct result result;

    limits.depth = choice & 16 ? 3 : 0;
    options.limits = &limits;
    options.keep_all = !!(choice & 2);
    options.keep_unknown = !!(choice & 4);
    options.charset_assume = choice & 8 ? "ISO_IR 100" : NULL;
    options.policy = lenient;
    result = read_memory(&options, bytes);
    options.policy = strict;
    if (dcm_policy_count(lenient, 0))
        CHECK(read_memory(&options, bytes).status == DCM_ERR_STRICT);
    else
        CHECK(read_memory(&options, bytes).hash == result.hash);
    options.policy = choice & 1 ? lenient : NULL;
    options.chunk = chunks[choice >> 6];
    CHECK(read_slowly(&options, bytes).hash == result.hash);
    dcm_policy_free(lenient);
    dcm_policy_free(strict);
    return 0;
}
