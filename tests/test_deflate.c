/* libdcm/deflate.c: what is put there comes out as one raw deflate stream of
 * even length (PS3.5 A.5). zlib's inflate is the judge. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "../libdcm/deflate.h"

/* Bytes that deflate a little: of four, one looks like chance. */
static char pattern(size_t i)
{
    uint32_t x = (uint32_t)i * 2654435761u;

    x = (x ^ x >> 15) * 0x85EBCA6Bu;
    return (char)(i % 4 ? 'a' : (x ^ x >> 13) & 0x7F);
}

static void put_pattern(struct dcm_output *o, size_t n)
{
    for (size_t i = 0; i < n; i++)
        dcm_output_char(o, pattern(i));
}

/* Inflates all of p[0..n): exactly the pattern's first `want` bytes, and no
 * more behind it than one zero. */
static void assert_inflates(const void *p, size_t n, size_t want)
{
    char *out = malloc(want + 1);
    z_stream s;

    memset(&s, 0, sizeof s);
    assert_non_null(out);
    assert_int_equal(inflateInit2(&s, -15), Z_OK);
    s.next_in = (Bytef *)(uintptr_t)p;
    s.avail_in = (uInt)n;
    s.next_out = (Bytef *)out;
    s.avail_out = (uInt)want + 1;
    assert_int_equal(inflate(&s, Z_FINISH), Z_STREAM_END);
    assert_int_equal(s.total_out, want);
    for (size_t i = 0; i < want; i++)
        if (out[i] != pattern(i))
            fail_msg("wrong byte at %zu", i);
    assert_true(s.avail_in <= 1);
    if (s.avail_in)
        assert_int_equal(*s.next_in, 0);
    inflateEnd(&s);
    free(out);
}

static void streams_of_every_size_come_out_whole_and_even(void **state)
{
    static const struct {
        const char *why;
        size_t n;
    } rows[] = {
        {"nothing at all", 0},
        {"one byte", 1},
        {"a few: some of these need the zero at the end", 2},
        {"a few: some of these need the zero at the end", 3},
        {"a few: some of these need the zero at the end", 9},
        {"as much as an output's buffer", DCM_OUTPUT_BUFFER},
        {"several buffers", 5u * DCM_OUTPUT_BUFFER + 17},
    };
    struct dcm_output *o = dcm_output_memory();
    struct dcm_deflate z = {0};

    (void)state;
    assert_non_null(o);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t from = dcm_output_tell(o);
        const char *data;
        size_t size;

        assert_int_equal(dcm_deflate_start(&z, o), DCM_OK);
        put_pattern(z.output, rows[i].n);
        assert_int_equal(dcm_deflate_finish(&z), DCM_OK);
        data = dcm_output_data(o, &size);
        assert_int_equal((size - from) % 2, 0);
        assert_inflates(data + from, size - (size_t)from, rows[i].n);
    }
    dcm_deflate_release(&z);
    dcm_output_free(o);
}

static int refuse(void *user, const void *data, size_t n)
{
    (void)user;
    (void)data;
    (void)n;
    return -1;
}

static void a_failure_below_ends_it(void **state)
{
    struct dcm_output *o = dcm_output_callback(refuse, NULL);
    struct dcm_deflate z = {0};

    (void)state;
    assert_non_null(o);
    assert_int_equal(dcm_deflate_start(&z, o), DCM_OK);
    put_pattern(z.output, 8u * DCM_OUTPUT_BUFFER);
    assert_int_equal(dcm_deflate_finish(&z), DCM_ERR_WRITE);
    assert_int_equal(o->status, DCM_ERR_WRITE);
    dcm_deflate_release(&z);
    dcm_output_free(o);
}

static void a_limit_below_ends_it(void **state)
{
    struct dcm_output *o = dcm_output_memory();
    struct dcm_deflate z = {0};

    (void)state;
    assert_non_null(o);
    o->limit = 1000;
    assert_int_equal(dcm_deflate_start(&z, o), DCM_OK);
    put_pattern(z.output, 8u * DCM_OUTPUT_BUFFER);
    assert_int_equal(dcm_deflate_finish(&z), DCM_ERR_LIMIT);
    dcm_deflate_release(&z);
    dcm_output_free(o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_of_every_size_come_out_whole_and_even),
        cmocka_unit_test(a_failure_below_ends_it),
        cmocka_unit_test(a_limit_below_ends_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
