/* libdcm/output.c: bytes arrive whole and in order at descriptors, memory and
 * callbacks; what is held can be found and taken back; the limit; failures
 * stick. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../libdcm/output.h"

#define LOTS 1000000u /* bytes: several buffers */

/* The byte at position i of all that these tests write. */
static char pattern(size_t i)
{
    return (char)(i * 7 + (i >> 8) * 13 + (i >> 16));
}

/* Writes positions [from, to) in pieces of changing size. */
static void write_pattern(struct dcm_output *o, size_t from, size_t to)
{
    char piece[5000];
    size_t n = 1;

    while (from < to) {
        if (n > to - from)
            n = to - from;
        for (size_t i = 0; i < n; i++)
            piece[i] = pattern(from + i);
        dcm_output_put(o, piece, n);
        from += n;
        n = n * 3 % 4999 + 1;
    }
}

static void assert_pattern(const char *p, size_t from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] != pattern(from + i))
            fail_msg("wrong byte at %zu", from + i);
}

struct taker {
    char *data;
    size_t used;
    unsigned calls;
    int fail_from; /* call number from which to fail; 0: never */
};

static int take(void *user, const void *data, size_t n)
{
    struct taker *t = user;

    t->calls++;
    if (t->fail_from && t->calls >= (unsigned)t->fail_from)
        return -1;
    t->data = realloc(t->data, t->used + n);
    assert_non_null(t->data);
    memcpy(t->data + t->used, data, n);
    t->used += n;
    return 0;
}

static void memory_holds_all_that_was_written(void **state)
{
    struct dcm_output *o = dcm_output_memory();
    size_t n;

    (void)state;
    assert_non_null(o);
    assert_non_null(dcm_output_data(o, &n)); /* before the first byte */
    assert_int_equal(n, 0);
    write_pattern(o, 0, LOTS);
    assert_int_equal(dcm_output_tell(o), LOTS);
    assert_int_equal(dcm_output_flush(o), DCM_OK);
    assert_pattern(dcm_output_data(o, &n), 0, LOTS);
    assert_int_equal(n, LOTS);
    dcm_output_free(o);
}

static void text_and_single_characters_are_bytes_too(void **state)
{
    struct dcm_output *o = dcm_output_memory();
    size_t n;

    (void)state;
    dcm_output_char(o, '{');
    dcm_output_text(o, "");
    dcm_output_text(o, "a\xC3\xA9");
    dcm_output_char(o, '\0');
    assert_memory_equal(dcm_output_data(o, &n), "{a\xC3\xA9", 5);
    assert_int_equal(n, 5);
    dcm_output_free(o);
}

static void a_callback_gets_the_bytes_in_order_and_few_calls(void **state)
{
    struct taker t = {0};
    struct dcm_output *o = dcm_output_callback(take, &t);

    (void)state;
    write_pattern(o, 0, 10);
    assert_int_equal(t.calls, 0); /* buffered */
    write_pattern(o, 10, LOTS);
    assert_int_equal(dcm_output_flush(o), DCM_OK);
    assert_int_equal(t.used, LOTS);
    assert_pattern(t.data, 0, LOTS);
    assert_true(t.calls <= LOTS / DCM_OUTPUT_BUFFER + 2);
    free(t.data);
    dcm_output_free(o);
}

static void a_descriptor_gets_the_bytes_and_stays_open(void **state)
{
    FILE *f = tmpfile();
    struct dcm_output *o;
    char *back = malloc(LOTS);

    (void)state;
    assert_non_null(f);
    assert_non_null(back);
    o = dcm_output_fd(fileno(f));
    write_pattern(o, 0, LOTS);
    assert_int_equal(dcm_output_flush(o), DCM_OK);
    dcm_output_free(o);
    assert_int_equal(lseek(fileno(f), 0, SEEK_END), LOTS);
    rewind(f);
    assert_int_equal(fread(back, 1, LOTS, f), LOTS);
    assert_pattern(back, 0, LOTS);
    free(back);
    fclose(f);
}

static void one_piece_larger_than_the_buffer_goes_through(void **state)
{
    struct taker t = {0};
    struct dcm_output *o = dcm_output_callback(take, &t);
    size_t n = 3 * DCM_OUTPUT_BUFFER;
    char *p;

    (void)state;
    write_pattern(o, 0, 3);
    p = dcm_output_reserve(o, n);
    assert_non_null(p);
    for (size_t i = 0; i < n; i++)
        p[i] = pattern(3 + i);
    dcm_output_commit(o, n);
    write_pattern(o, 3 + n, 3 + n + 100);
    assert_int_equal(dcm_output_flush(o), DCM_OK);
    assert_int_equal(t.used, n + 103);
    assert_pattern(t.data, 0, t.used);
    free(t.data);
    dcm_output_free(o);
}

static void what_was_reserved_but_not_committed_is_not_written(void **state)
{
    struct dcm_output *o = dcm_output_memory();
    size_t n;

    (void)state;
    memcpy(dcm_output_reserve(o, 10), "0123456789", 10);
    dcm_output_commit(o, 3);
    dcm_output_text(o, "x");
    assert_memory_equal(dcm_output_data(o, &n), "012x", 4);
    assert_int_equal(n, 4);
    dcm_output_free(o);
}

static void held_bytes_can_be_changed_and_taken_back(void **state)
{
    struct taker t = {0};
    struct dcm_output *o = dcm_output_callback(take, &t);
    uint64_t at;

    (void)state;
    write_pattern(o, 0, 200000);
    at = dcm_output_tell(o);
    dcm_output_hold(o, at);
    dcm_output_char(o, '?'); /* to be made right later */
    write_pattern(o, 200001, LOTS);
    assert_non_null(dcm_output_at(o, at));
    *dcm_output_at(o, at) = pattern(200000);
    dcm_output_text(o, "a wrong turn");
    assert_int_equal(dcm_output_truncate(o, LOTS), 1);
    assert_int_equal(dcm_output_tell(o), LOTS);
    dcm_output_hold(o, UINT64_MAX);
    write_pattern(o, LOTS, LOTS + 10);
    assert_int_equal(dcm_output_flush(o), DCM_OK);
    assert_int_equal(t.used, LOTS + 10);
    assert_pattern(t.data, 0, LOTS + 10);
    free(t.data);
    dcm_output_free(o);
}

static void what_went_out_cannot_be_reached(void **state)
{
    struct taker t = {0};
    struct dcm_output *o = dcm_output_callback(take, &t);

    (void)state;
    write_pattern(o, 0, LOTS);
    assert_null(dcm_output_at(o, 0));
    assert_int_equal(dcm_output_truncate(o, 0), 0);
    assert_null(dcm_output_at(o, LOTS + 1)); /* nor what is to come */
    assert_int_equal(dcm_output_truncate(o, LOTS + 1), 0);
    assert_int_equal(dcm_output_tell(o), LOTS);
    assert_int_equal(dcm_output_truncate(o, LOTS), 1);
    free(t.data);
    dcm_output_free(o);
}

static void a_hold_keeps_no_more_than_it_may(void **state)
{
    struct taker t = {0};
    struct dcm_output *o = dcm_output_callback(take, &t);
    size_t all = 2 * DCM_OUTPUT_HELD;

    (void)state;
    write_pattern(o, 0, 5);
    dcm_output_hold(o, 5);
    write_pattern(o, 5, DCM_OUTPUT_HELD - DCM_OUTPUT_BUFFER);
    assert_non_null(dcm_output_at(o, 5));
    write_pattern(o, DCM_OUTPUT_HELD - DCM_OUTPUT_BUFFER, all);
    assert_null(dcm_output_at(o, 5));
    assert_int_equal(dcm_output_truncate(o, 5), 0);
    assert_true(o->capacity <= 2 * DCM_OUTPUT_HELD);
    assert_int_equal(dcm_output_flush(o), DCM_OK); /* nothing is lost */
    assert_int_equal(t.used, all);
    assert_pattern(t.data, 0, all);
    free(t.data);
    dcm_output_free(o);
}

static void flush_writes_out_what_is_held(void **state)
{
    struct taker t = {0};
    struct dcm_output *o = dcm_output_callback(take, &t);

    (void)state;
    dcm_output_text(o, "ab");
    dcm_output_hold(o, 1);
    assert_int_equal(dcm_output_flush(o), DCM_OK);
    assert_int_equal(t.used, 2);
    free(t.data);
    dcm_output_free(o);
}

/* -------------------------------------------------------------- failures */

static void no_byte_past_the_limit_goes_out(void **state)
{
    static const struct {
        const char *why;
        uint64_t limit;
        size_t write;
        enum dcm_status want;
    } rows[] = {
        {"all of it allowed", 100, 100, DCM_OK},
        {"one too many", 100, 101, DCM_ERR_LIMIT},
        {"many too many, within one buffer", 100, 50000, DCM_ERR_LIMIT},
        {"at a buffer's end", DCM_OUTPUT_BUFFER, DCM_OUTPUT_BUFFER, DCM_OK},
        {"just past it", DCM_OUTPUT_BUFFER, DCM_OUTPUT_BUFFER + 1,
         DCM_ERR_LIMIT},
        {"several buffers", 700000, LOTS, DCM_ERR_LIMIT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct taker t = {0};
        struct dcm_output *o = dcm_output_callback(take, &t);
        enum dcm_status s;

        dcm_output_clear(o, rows[i].limit);
        write_pattern(o, 0, rows[i].write);
        s = dcm_output_flush(o);
        if (s != rows[i].want || t.used > rows[i].limit)
            fail_msg("%s: status %s, %zu bytes out", rows[i].why,
                     dcm_status_name(s), t.used);
        if (s == DCM_ERR_LIMIT)
            assert_non_null(strstr(o->error.message, "output"));
        free(t.data);
        dcm_output_free(o);
    }
}

static void a_failure_sticks_until_the_output_is_cleared(void **state)
{
    struct taker t = {0};
    struct dcm_output *o = dcm_output_callback(take, &t);

    (void)state;
    t.fail_from = 2;
    errno = ENOENT; /* of something else, long ago */
    write_pattern(o, 0, LOTS);
    assert_int_equal(t.calls, 2); /* the first went well */
    assert_null(dcm_output_reserve_slow(o, 1));
    assert_int_equal(dcm_output_flush(o), DCM_ERR_WRITE);
    assert_int_equal(dcm_output_flush(o), DCM_ERR_WRITE);
    assert_int_equal(t.calls, 2);
    assert_pattern(t.data, 0, t.used);
    assert_int_equal(o->error.code, DCM_ERR_WRITE);
    assert_string_equal(o->error.message, "cannot write");
    t.fail_from = 0;
    t.used = 0;
    dcm_output_clear(o, UINT64_MAX);
    write_pattern(o, 0, 10);
    assert_int_equal(dcm_output_flush(o), DCM_OK);
    assert_int_equal(t.used, 10);
    assert_pattern(t.data, 0, 10);
    free(t.data);
    dcm_output_free(o);
}

static void a_full_device_is_told(void **state)
{
    int fd = open("/dev/full", O_WRONLY);
    struct dcm_output *o;

    (void)state;
    if (fd < 0)
        skip();
    o = dcm_output_fd(fd);
    dcm_output_text(o, "x");
    assert_int_equal(dcm_output_flush(o), DCM_ERR_WRITE);
    assert_non_null(strstr(o->error.message, strerror(ENOSPC)));
    dcm_output_free(o);
    o = dcm_output_fd(fd); /* and in the midst of it */
    write_pattern(o, 0, LOTS);
    assert_int_equal(dcm_output_flush(o), DCM_ERR_WRITE);
    dcm_output_free(o);
    assert_int_equal(close(fd), 0);
}

static void a_closed_descriptor_is_told(void **state)
{
    struct dcm_output *o = dcm_output_fd(-1);

    (void)state;
    dcm_output_text(o, "x");
    assert_int_equal(dcm_output_flush(o), DCM_ERR_WRITE);
    dcm_output_free(o);
}

static void a_size_that_cannot_be_is_no_memory(void **state)
{
    struct dcm_output *o = dcm_output_memory();

    (void)state;
    assert_null(dcm_output_reserve(o, SIZE_MAX / 2));
    assert_int_equal(dcm_output_flush(o), DCM_ERR_MEMORY);
    dcm_output_free(o);
    dcm_output_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_holds_all_that_was_written),
        cmocka_unit_test(text_and_single_characters_are_bytes_too),
        cmocka_unit_test(a_callback_gets_the_bytes_in_order_and_few_calls),
        cmocka_unit_test(a_descriptor_gets_the_bytes_and_stays_open),
        cmocka_unit_test(one_piece_larger_than_the_buffer_goes_through),
        cmocka_unit_test(what_was_reserved_but_not_committed_is_not_written),
        cmocka_unit_test(held_bytes_can_be_changed_and_taken_back),
        cmocka_unit_test(what_went_out_cannot_be_reached),
        cmocka_unit_test(a_hold_keeps_no_more_than_it_may),
        cmocka_unit_test(flush_writes_out_what_is_held),
        cmocka_unit_test(no_byte_past_the_limit_goes_out),
        cmocka_unit_test(a_failure_sticks_until_the_output_is_cleared),
        cmocka_unit_test(a_full_device_is_told),
        cmocka_unit_test(a_closed_descriptor_is_told),
        cmocka_unit_test(a_size_that_cannot_be_is_no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
