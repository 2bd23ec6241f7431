/* inflate.c: an input over deflated bytes. Streams are written out by hand
 * after RFC 1951 and RFC 1950, or made by zlib here. */
#include "inflate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#undef skip /* its short name for a call that an input has too */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define LENGTH(a) (sizeof(a) / sizeof(*(a)))
#define MIB (UINT64_C(1) << 20)
#define NO_LIMIT (UINT64_C(1) << 40)

/* -------------------------------------------------------------- helpers */

/* Bytes that come `step` at a time, and fail where it is asked for. */
struct pipe {
    const uint8_t *data;
    size_t size, at, step, fail_at;
};

static ptrdiff_t read_pipe(void *user, void *buffer, size_t n)
{
    struct pipe *p = user;
    size_t left = p->size - p->at;

    if (p->fail_at && p->at >= p->fail_at)
        return -1;
    if (n > p->step)
        n = p->step;
    if (n > left)
        n = left;
    memcpy(buffer, p->data + p->at, n);
    p->at += n;
    return (ptrdiff_t)n;
}

/* Everything between the bytes and what is inflated. */
struct rig {
    struct pipe pipe;
    struct dcm_input *input;
    struct dcm_cursor from;
    struct dcm_inflate z;
};

/* step 0: the bytes lie in memory, in a block of exactly their size. */
static void feed(struct rig *r, const uint8_t *data, size_t size, size_t step)
{
    r->pipe = (struct pipe){data, size, 0, step, 0};
    r->input = step ? dcm_input_callback(read_pipe, &r->pipe, NULL)
                    : dcm_input_memory(data, size, NULL);
    assert_non_null(r->input);
    dcm_cursor_init(&r->from, 0);
    assert_true(dcm_cursor_open(&r->from, r->input, 0));
}

static void unfeed(struct rig *r)
{
    dcm_cursor_release(&r->from);
    dcm_input_free(r->input);
}

static void start(struct rig *r)
{
    assert_int_equal(dcm_inflate_start(&r->z, &r->from, NO_LIMIT, 400), DCM_OK);
}

static void setup(struct rig *r, const uint8_t *data, size_t size, size_t step)
{
    memset(r, 0, sizeof *r);
    feed(r, data, size, step);
    start(r);
}

static void teardown(struct rig *r)
{
    dcm_inflate_release(&r->z);
    unfeed(r);
}

/* Reads to the end, n bytes at a time: how many came; *last is what the last
 * read said. */
static size_t read_all(struct rig *r, uint8_t *out, size_t capacity, size_t n,
                       ptrdiff_t *last)
{
    size_t done = 0;

    for (;;) {
        size_t ask = capacity - done < n ? capacity - done : n;
        assert_true(ask > 0);
        *last = r->z.input.read(&r->z.input, out + done, ask);
        if (*last <= 0)
            return done;
        assert_true((size_t)*last <= ask);
        done += (size_t)*last;
    }
}

static size_t from_hex(const char *hex, uint8_t *out)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t n = 0;

    for (; *hex; hex++) {
        if (*hex == ' ')
            continue;
        unsigned high = (unsigned)(strchr(digits, hex[0]) - digits);
        unsigned low = (unsigned)(strchr(digits, hex[1]) - digits);
        out[n++] = (uint8_t)(high << 4 | low);
        hex++;
    }
    return n;
}

/* What zlib makes of n bytes; bits 15 or -15. The caller frees it. */
static uint8_t *deflated(const uint8_t *data, size_t n, int bits, size_t *size)
{
    z_stream s = {0};

    assert_int_equal(
        deflateInit2(&s, 9, Z_DEFLATED, bits, 9, Z_DEFAULT_STRATEGY), Z_OK);
    size_t capacity = deflateBound(&s, n);
    uint8_t *out = malloc(capacity);
    assert_non_null(out);
    s.next_in = (Bytef *)(uintptr_t)data;
    s.avail_in = (uInt)n;
    s.next_out = out;
    s.avail_out = (uInt)capacity;
    assert_int_equal(deflate(&s, Z_FINISH), Z_STREAM_END);
    *size = s.total_out;
    deflateEnd(&s);
    uint8_t *exact = realloc(out, *size);
    assert_non_null(exact);
    return exact;
}

/* Neither constant nor without repetitions. */
static void fill(uint8_t *data, size_t n)
{
    uint32_t x = 99;

    for (size_t i = 0; i < n; i++) {
        x = x * 1664525u + 1013904223u;
        data[i] = (uint8_t)(x >> 28 & 3 ? "DICOM "[i % 6] : (int)(x >> 24));
    }
}

/* ------------------------------------------------------------ whole ones */

static const struct {
    const char *why, *deflated, *want;
    int wrapped;
    size_t left; /* bytes that are not the stream's */
} good[] = {
    {"raw", "E3604860700E6662F00F0100", "0800600043530200 4F54", 0, 0},
    {"odd, then a pad byte (PS3.5 A.5)",
     "E3604860700E6662F00FE1603010F0F1176270F40C760DF6740C0DF4F70F0C0571140000",
     "0800600043530200 4F54 080030104C4F1200 "
     "414953455349415551 4F4F515541495345 20",
     0, 1},
    {"a zlib header and checksum", "78DAE3604860700E6662F00F0100078501A4",
     "0800600043530200 4F54", 1, 0},
    {"nothing in it", "0300", "", 0, 0},
    {"a stored block", "01 0300 FCFF 414243", "414243", 0, 0},
    {"a fixed block: distance 1", "4B 04 02 00", "61616161", 0, 0},
    {"a stored block whose unused bits look like a zlib header",
     "78 0100 FEFF 41 0300", "41", 0, 0},
};

static void good_streams_are_inflated(void **state)
{
    uint8_t in[100], want[100], got[100];
    (void)state;

    for (size_t i = 0; i < LENGTH(good); i++)
        for (size_t step = 0; step < 5; step++) {
            size_t n = from_hex(good[i].deflated, in);
            size_t size = from_hex(good[i].want, want);
            ptrdiff_t last;
            struct rig r;

            setup(&r, in, n, step);
            size_t done = read_all(&r, got, sizeof got, 7, &last);
            if (last != 0 || done != size || memcmp(got, want, size) != 0)
                fail_msg("%s: %zu bytes, then %d: %s", good[i].why, done,
                         (int)last, r.z.input.error.message);
            assert_int_equal(r.z.wrapped, good[i].wrapped);
            assert_int_equal(r.z.done, 1);
            assert_int_equal(r.z.out, size);
            assert_int_equal(r.z.in, n - good[i].left);
            assert_int_equal(r.from.offset, n - good[i].left);
            teardown(&r);
        }
}

static void every_read_size_gives_the_same_bytes(void **state)
{
    static uint8_t data[20000], got[20001];
    size_t size;
    (void)state;

    fill(data, sizeof data);
    uint8_t *in = deflated(data, sizeof data, -15, &size);
    for (size_t n = 1; n < 300; n++) {
        struct rig r;
        ptrdiff_t last;

        setup(&r, in, size, n % 17);
        assert_int_equal(read_all(&r, got, sizeof got, n, &last), sizeof data);
        assert_int_equal(last, 0);
        assert_memory_equal(got, data, sizeof data);
        teardown(&r);
    }
    free(in);
}

static void what_is_skipped_is_not_missed(void **state)
{
    static uint8_t data[400000], got[400001];
    static const size_t skips[] = {0,      1,      1000,   131071,
                                   131072, 131073, 399999, 400000};
    size_t size;
    (void)state;

    fill(data, sizeof data);
    uint8_t *in = deflated(data, sizeof data, -15, &size);
    for (size_t i = 0; i < LENGTH(skips); i++) {
        struct rig r;
        ptrdiff_t last;

        setup(&r, in, size, i % 2 ? 1000 : 0);
        assert_int_equal(r.z.input.read(&r.z.input, got, 0), 0);
        assert_int_equal(r.z.input.skip(&r.z.input, skips[i]), skips[i]);
        size_t left = sizeof data - skips[i];
        assert_int_equal(read_all(&r, got, sizeof got, sizeof got, &last),
                         left);
        assert_memory_equal(got, data + skips[i], left);
        assert_int_equal(r.z.input.skip(&r.z.input, 1), 0);
        teardown(&r);
    }

    struct rig r;
    setup(&r, in, size, 0);
    assert_int_equal(r.z.input.skip(&r.z.input, UINT64_MAX), sizeof data);
    assert_int_equal(r.z.done, 1);
    teardown(&r);
    free(in);
}

static void a_cursor_reads_what_is_inflated(void **state)
{
    static uint8_t data[300000], got[1000];
    size_t size;
    struct rig r;
    struct dcm_cursor c;
    (void)state;

    fill(data, sizeof data);
    uint8_t *in = deflated(data, sizeof data, 15, &size);
    setup(&r, in, size, 999);
    dcm_cursor_init(&c, 0);
    assert_true(dcm_cursor_open(&c, &r.z.input, 0));
    assert_int_equal(dcm_cursor_skip(&c, 250000), 250000);
    assert_int_equal(dcm_cursor_read(&c, got, sizeof got), sizeof got);
    assert_memory_equal(got, data + 250000, sizeof got);
    assert_int_equal(c.offset, 251000);
    assert_int_equal(dcm_cursor_skip(&c, UINT64_MAX), sizeof data - 251000);
    assert_int_equal(c.failed, 0);
    dcm_cursor_release(&c);
    teardown(&r);
    free(in);
}

static void a_struct_serves_one_stream_after_another(void **state)
{
    static uint8_t data[50000], got[50001];
    size_t sizes[2];
    struct rig r;
    (void)state;

    fill(data, sizeof data);
    uint8_t *in[] = {deflated(data, sizeof data, -15, &sizes[0]),
                     deflated(data, sizeof data, 15, &sizes[1])};
    memset(&r, 0, sizeof r);
    for (int i = 0; i < 8; i++) {
        int wrapped = i & 1;
        size_t cut = i & 4 ? 100 : 0; /* an error must not stay */
        ptrdiff_t last;

        feed(&r, in[wrapped], sizes[wrapped] - cut, 0);
        start(&r);
        size_t n = read_all(&r, got, sizeof got, sizeof got, &last);
        assert_int_equal(r.z.wrapped, wrapped);
        assert_int_equal(last, cut ? -1 : 0);
        assert_true(cut ? n < sizeof data : n == sizeof data);
        assert_memory_equal(got, data, n);
        unfeed(&r);
    }
    r.z.input.free(&r.z.input);
    dcm_inflate_release(&r.z); /* twice does no harm */
    free(in[0]);
    free(in[1]);
}

/* --------------------------------------------------------------- damaged */

/* What is there comes first, and the error says where the file ends. */
static void check_prefix(const uint8_t *in, size_t n, const uint8_t *data,
                         size_t size, size_t step)
{
    static uint8_t got[8192];
    uint8_t *exact = malloc(n ? n : 1);
    struct rig r;
    ptrdiff_t last;

    assert_non_null(exact);
    memcpy(exact, in, n);
    setup(&r, exact, n, step);
    size_t done = read_all(&r, got, sizeof got, 1 + n % 100, &last);
    assert_int_equal(last, -1);
    assert_true(done <= size);
    assert_memory_equal(got, data, done);
    assert_int_equal(r.z.done, 0);
    assert_int_equal(r.z.out, done);
    assert_int_equal(r.z.input.error.code, DCM_ERR_TRUNCATED);
    assert_int_equal(r.z.input.error.offset, n);
    assert_non_null(strstr(r.z.input.error.message, "ends early"));
    assert_int_equal(r.z.input.read(&r.z.input, got, 1), -1); /* sticky */
    teardown(&r);
    free(exact);
}

static void every_prefix_gives_what_it_has_and_then_fails(void **state)
{
    static uint8_t data[4000];
    size_t size;
    (void)state;

    fill(data, sizeof data);
    for (int bits = -15; bits <= 15; bits += 30) {
        uint8_t *in = deflated(data, sizeof data, bits, &size);
        for (size_t n = 0; n < size; n++)
            check_prefix(in, n, data, sizeof data, n % 3);
        free(in);
    }
}

static const struct {
    const char *why, *deflated, *want, *says;
    uint64_t at; /* after the bytes that show it */
} bad[] = {
    {"a block of type 3", "07", "", "invalid block type", 1},
    {"the same after a good block", "00 0200 FDFF 4142 07", "4142",
     "invalid block type", 8},
    {"a stored block whose lengths differ", "01 0300 FCFE 414243", "",
     "invalid stored block lengths", 5},
    {"a distance before the first byte", "03 02 00", "",
     "invalid distance too far back", 2},
    {"zlib: a wrong checksum", "78DAE3604860700E6662F00F0100078501A5",
     "0800600043530200 4F54", "incorrect data check", 18},
    {"zlib: a dictionary that nobody has", "7820 00000001 0300", "",
     "dictionary", 6},
    {"not deflated", "0800600043530200 4F54", "", "invalid stored block", 5},
};

static void damage_is_named_after_what_could_be_read(void **state)
{
    uint8_t in[100], want[100], got[100];
    (void)state;

    for (size_t i = 0; i < LENGTH(bad); i++)
        for (size_t step = 0; step < 5; step++) {
            size_t n = from_hex(bad[i].deflated, in);
            size_t size = from_hex(bad[i].want, want);
            ptrdiff_t last;
            struct rig r;

            setup(&r, in, n, step);
            size_t done = read_all(&r, got, sizeof got, 1 + step, &last);
            const struct dcm_error *e = &r.z.input.error;
            if (last != -1 || e->code != DCM_ERR_MALFORMED ||
                !strstr(e->message, bad[i].says))
                fail_msg("%s: %d %s", bad[i].why, (int)last, e->message);
            if (done != size || memcmp(got, want, done) != 0)
                fail_msg("%s: %zu bytes before it", bad[i].why, done);
            if (e->offset != bad[i].at)
                fail_msg("%s: at %d", bad[i].why, (int)e->offset);
            assert_int_equal(r.z.done, 0);
            assert_int_equal(r.z.input.skip(&r.z.input, 1), 0);
            teardown(&r);
        }
}

/* Whatever byte is wrong: no more than an error, the same for all sizes. */
static void any_wrong_byte_ends_the_same_for_every_read_size(void **state)
{
    static uint8_t data[3000], got[2][200000];
    size_t size;
    (void)state;

    fill(data, sizeof data);
    uint8_t *in = deflated(data, sizeof data, -15, &size);
    for (size_t i = 0; i < size; i++) {
        size_t done[2];
        struct dcm_error e[2];

        in[i] ^= 0x10;
        for (int k = 0; k < 2; k++) {
            struct rig r;
            ptrdiff_t last;

            setup(&r, in, size, k ? 3 : 0);
            done[k] = read_all(&r, got[k], sizeof got[k], k ? 5 : sizeof got[k],
                               &last);
            e[k] = r.z.input.error;
            teardown(&r);
        }
        in[i] ^= 0x10;
        assert_int_equal(done[0], done[1]);
        assert_memory_equal(got[0], got[1], done[0]);
        assert_int_equal(e[0].code, e[1].code);
        assert_string_equal(e[0].message, e[1].message);
        assert_int_equal(e[0].offset, e[1].offset);
    }
    free(in);
}

static void an_input_that_cannot_be_read_says_so(void **state)
{
    static uint8_t data[4000], got[4001];
    size_t size;
    struct rig r;
    ptrdiff_t last;
    (void)state;

    fill(data, sizeof data);
    uint8_t *in = deflated(data, sizeof data, -15, &size);
    memset(&r, 0, sizeof r);
    feed(&r, in, size, 100);
    r.pipe.fail_at = 500;
    start(&r);
    size_t done = read_all(&r, got, sizeof got, 64, &last);
    assert_int_equal(last, -1);
    assert_int_equal(r.z.input.error.code, DCM_ERR_READ);
    assert_true(done > 0 && done < sizeof data);
    assert_memory_equal(got, data, done);
    teardown(&r);
    free(in);
}

/* ---------------------------------------------------------------- limits */

static void the_size_limit_is_exact(void **state)
{
    static uint8_t data[5000], got[5001];
    size_t size;
    (void)state;

    fill(data, sizeof data);
    uint8_t *in = deflated(data, sizeof data, -15, &size);
    for (uint64_t limit = 4990; limit < 5010; limit++)
        for (size_t n = 1; n < 9000; n = n * 3 + 1) {
            struct rig r;
            ptrdiff_t last;
            int over = limit < sizeof data;
            size_t want = over ? (size_t)limit : sizeof data;

            setup(&r, in, size, 0);
            r.z.limit = limit;
            assert_int_equal(read_all(&r, got, sizeof got, n, &last), want);
            assert_memory_equal(got, data, want);
            assert_int_equal(last, over ? -1 : 0);
            assert_int_equal(r.z.input.error.code,
                             over ? DCM_ERR_LIMIT : DCM_OK);
            if (over)
                assert_non_null(
                    strstr(r.z.input.error.message, "--limit inflated="));
            teardown(&r);
        }
    free(in);
}

/* 40 MiB of zeros, deflated about 1000 : 1 */
static void the_ratio_limit_counts_past_16_mib(void **state)
{
    static const struct {
        const char *why;
        uint64_t size, ratio, want;
    } rows[] = {
        {"a bomb", 40 * MIB, 400, 17 * MIB},
        {"as good, and small", 16 * MIB, 400, 16 * MIB},
        {"allowed", 40 * MIB, 2000, 40 * MIB},
    };
    uint8_t *zeros = calloc(40, MIB), got[4096];
    (void)state;

    assert_non_null(zeros);
    for (size_t i = 0; i < LENGTH(rows); i++)
        for (int skipped = 0; skipped < 2; skipped++) {
            size_t size;
            uint8_t *in = deflated(zeros, rows[i].size, -15, &size);
            struct rig r;

            memset(&r, 0, sizeof r);
            feed(&r, in, size, 0);
            assert_int_equal(
                dcm_inflate_start(&r.z, &r.from, NO_LIMIT, rows[i].ratio),
                DCM_OK);
            uint64_t done = 0;
            ptrdiff_t last = 0;
            if (skipped)
                done = r.z.input.skip(&r.z.input, UINT64_MAX);
            while ((last = r.z.input.read(&r.z.input, got, sizeof got)) > 0)
                done += (uint64_t)last;
            int over = rows[i].want < rows[i].size;
            if (done != rows[i].want || last != (over ? -1 : 0))
                fail_msg("%s: %d bytes, %d", rows[i].why, (int)done, (int)last);
            assert_int_equal(r.z.input.error.code,
                             over ? DCM_ERR_LIMIT : DCM_OK);
            if (over)
                assert_non_null(
                    strstr(r.z.input.error.message, "--limit ratio="));
            teardown(&r);
            free(in);
        }
    free(zeros);
}

/* ----------------------------------------------------------------- probe */

static const struct {
    const char *why, *bytes;
    int want;
} probes[] = {
    {"raw", "E3604860700E6662F00F0100", 1},
    {"with a zlib header", "78DAE3604860700E6662F00F0100078501A4", 1},
    {"raw, and cut after its first bytes", "E3604860", 1},
    {"a stored block", "01 0300 FCFF 414243", 1},
    {"nothing at all", "", 0},
    {"a stream with nothing in it", "0300", 0},
    {"explicit VR, group 0008", "0800050043530A0049534F5F495220313030", 0},
    {"implicit VR, group 0008", "080005000A00000049534F5F495220313030", 0},
    {"explicit VR, group 0010", "10001000504E0400412A4220", 0},
    {"big endian, group 0008", "0008000543530002 4F54", 0},
    {"a JPEG stream", "FFD8FFE000104A46494600", 0},
};

static void a_probe_tells_deflated_bytes_and_takes_none(void **state)
{
    uint8_t in[100];
    (void)state;

    for (size_t i = 0; i < LENGTH(probes); i++)
        for (size_t step = 0; step < 3; step++) {
            size_t n = from_hex(probes[i].bytes, in);
            struct rig r;

            memset(&r, 0, sizeof r);
            feed(&r, in, n, step);
            int got = dcm_inflate_probe(&r.from);
            if (got != probes[i].want)
                fail_msg("%s: %d", probes[i].why, got);
            assert_int_equal(r.from.offset, 0);
            assert_int_equal((size_t)(r.from.end - r.from.p), n);
            if (n)
                assert_memory_equal(r.from.p, in, n);
            unfeed(&r);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_streams_are_inflated),
        cmocka_unit_test(every_read_size_gives_the_same_bytes),
        cmocka_unit_test(what_is_skipped_is_not_missed),
        cmocka_unit_test(a_cursor_reads_what_is_inflated),
        cmocka_unit_test(a_struct_serves_one_stream_after_another),
        cmocka_unit_test(every_prefix_gives_what_it_has_and_then_fails),
        cmocka_unit_test(damage_is_named_after_what_could_be_read),
        cmocka_unit_test(any_wrong_byte_ends_the_same_for_every_read_size),
        cmocka_unit_test(an_input_that_cannot_be_read_says_so),
        cmocka_unit_test(the_size_limit_is_exact),
        cmocka_unit_test(the_ratio_limit_counts_past_16_mib),
        cmocka_unit_test(a_probe_tells_deflated_bytes_and_takes_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
