/* libdcm/cursor.c and input.c: whatever the bytes come from and in whatever
 * pieces they are asked for, the same bytes are seen at the same offsets. */
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
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../libdcm/cursor.h"

#define SIZE 600000u /* more than two windows */

static uint8_t *bytes; /* SIZE of them, the contents of every input */

static int make_bytes(void **state)
{
    (void)state;
    bytes = malloc(SIZE);
    if (!bytes)
        return -1;
    for (size_t i = 0; i < SIZE; i++)
        bytes[i] = (uint8_t)(i * 31 + (i >> 8) * 7 + (i >> 16));
    return 0;
}

static int free_bytes(void **state)
{
    (void)state;
    free(bytes);
    return 0;
}

/* ---------------------------------------------------------- kinds of input */

struct stream { /* of a callback */
    size_t at, size;
    size_t most;    /* bytes given at a time; 0: all that is asked for */
    size_t fail_at; /* position at which reading fails; 0: never */
    unsigned calls;
    size_t asked; /* most bytes asked for */
};

static ptrdiff_t give(void *user, void *buffer, size_t n)
{
    struct stream *s = user;

    s->calls++;
    if (n > s->asked)
        s->asked = n;
    if (s->fail_at && s->at >= s->fail_at)
        return -1;
    if (s->most && n > s->most)
        n = s->most;
    if (n > s->size - s->at)
        n = s->size - s->at;
    if (s->fail_at && n > s->fail_at - s->at)
        n = s->fail_at - s->at;
    memcpy(buffer, bytes + s->at, n);
    s->at += n;
    return (ptrdiff_t)n;
}

enum source { MEMORY, REGULAR, PIPE, CALLBACK, DRIBBLE, SOURCES };
static const char *const source_names[] = {
    "memory", "file", "pipe", "callback", "callback, 1000 bytes at a time",
};

struct opened {
    struct dcm_input *in;
    struct stream stream;
    FILE *file;
    int fd;
    pid_t child;
};

/* Fills a pipe from a process of its own: a pipe holds less than SIZE. */
static void open_pipe(struct opened *o, size_t size)
{
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    o->child = fork();
    assert_true(o->child >= 0);
    if (o->child == 0) {
        size_t at = 0;

        close(ends[0]);
        while (at < size) {
            ssize_t n = write(ends[1], bytes + at, size - at);

            if (n <= 0)
                break;
            at += (size_t)n;
        }
        _exit(0);
    }
    close(ends[1]);
    o->fd = ends[0];
    o->in = dcm_input_fd(o->fd, NULL);
}

static void open_source(struct opened *o, enum source kind, size_t size)
{
    memset(o, 0, sizeof *o);
    o->fd = -1;
    o->stream.size = size;
    switch (kind) {
    case MEMORY:
        o->in = dcm_input_memory(bytes, size, NULL);
        break;
    case REGULAR:
        o->file = tmpfile();
        assert_non_null(o->file);
        assert_int_equal(fwrite(bytes, 1, size, o->file), size);
        rewind(o->file);
        o->in = dcm_input_fd(fileno(o->file), NULL);
        break;
    case PIPE:
        open_pipe(o, size);
        break;
    case DRIBBLE:
        o->stream.most = 1000;
        /* fall through */
    default:
        o->in = dcm_input_callback(give, &o->stream, NULL);
        break;
    }
    assert_non_null(o->in);
}

static void close_source(struct opened *o)
{
    dcm_input_free(o->in);
    if (o->file)
        fclose(o->file);
    if (o->fd >= 0)
        assert_int_equal(close(o->fd), 0); /* was left open */
    if (o->child)
        waitpid(o->child, NULL, 0);
}

/* ------------------------------------------------------------------- walks */

/* Peeks, takes, skips and reads by a fixed script until the end; each byte
 * seen must be the one of its offset. */
static void walk(struct dcm_input *in, size_t chunk, size_t size,
                 const char *why)
{
    static const struct {
        char what; /* peek and take, skip, read */
        size_t n;
    } script[] = {
        {'p', 8}, {'p', 1},  {'r', 3},     {'s', 5},    {'p', 12},
        {'r', 0}, {'s', 0},  {'p', 65536}, {'s', 9000}, {'r', 70000},
        {'p', 8}, {'r', 17}, {'s', 66000}, {'p', 3},
    };
    static uint8_t copy[70000];
    struct dcm_cursor c;
    size_t at = 0, turn = 0;

    dcm_cursor_init(&c, chunk);
    assert_int_equal(dcm_cursor_open(&c, in, 0), 1);
    while (at < size) {
        size_t n = script[turn].n, left = size - at;
        size_t want = n < left ? n : left, got;
        const uint8_t *p = copy;

        switch (script[turn].what) {
        case 'p':
            got = dcm_cursor_peek(&c, n);
            if (got > n)
                got = n;
            p = c.p;
            break;
        case 'r':
            got = dcm_cursor_read(&c, copy, n);
            break;
        default:
            got = (size_t)dcm_cursor_skip(&c, n);
            p = bytes + at;
        }
        if (got != want || memcmp(p, bytes + at, got) != 0)
            fail_msg("%s, chunk %zu: %c of %zu at %zu gives %zu", why, chunk,
                     script[turn].what, n, at, got);
        if (script[turn].what == 'p')
            dcm_cursor_take(&c, got);
        at += got;
        assert_int_equal(c.offset, at);
        turn = (turn + 1) % (sizeof script / sizeof script[0]);
    }
    assert_int_equal(dcm_cursor_peek(&c, 1), 0);
    assert_int_equal(dcm_cursor_skip(&c, 1), 0);
    assert_int_equal(dcm_cursor_read(&c, copy, 1), 0);
    assert_int_equal(c.failed, 0);
    dcm_cursor_release(&c);
}

static void every_kind_of_input_gives_the_same_bytes(void **state)
{
    static const size_t chunks[] = {0, 1000, 65536, 1000000};

    (void)state;
    for (int kind = 0; kind < SOURCES; kind++)
        for (size_t i = 0; i < 4; i++) {
            struct opened o;

            open_source(&o, (enum source)kind, SIZE);
            walk(o.in, chunks[i], SIZE, source_names[kind]);
            close_source(&o);
        }
}

static void every_chunk_size_gives_the_same_bytes(void **state)
{
    (void)state;
    for (size_t chunk = 1; chunk <= 70; chunk++) {
        struct opened o;

        open_source(&o, CALLBACK, 90000);
        walk(o.in, chunk, 90000, "callback");
        assert_true(o.stream.asked <= chunk);
        close_source(&o);
    }
}

static void inputs_of_every_small_size_end_where_they_end(void **state)
{
    (void)state;
    for (size_t size = 0; size < 40; size++)
        for (int kind = MEMORY; kind < SOURCES; kind++) {
            struct opened o;

            if (kind == PIPE && size % 8)
                continue; /* a process each */
            open_source(&o, (enum source)kind, size);
            walk(o.in, 7, size, source_names[kind]);
            close_source(&o);
        }
}

static void a_peek_can_count_on_its_bytes_at_any_position(void **state)
{
    static const size_t chunks[] = {0, 333, 4096, 262144};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct opened o;
        struct dcm_cursor c;

        open_source(&o, CALLBACK, SIZE);
        dcm_cursor_init(&c, chunks[i]);
        assert_int_equal(dcm_cursor_open(&c, o.in, 0), 1);
        for (size_t at = 0; at < SIZE; at += 7919) {
            size_t left = SIZE - at;
            size_t n = dcm_cursor_peek(&c, DCM_CURSOR_PEEK);

            assert_true(n >= (left < DCM_CURSOR_PEEK ? left : DCM_CURSOR_PEEK));
            assert_memory_equal(c.p, bytes + at, n);
            dcm_cursor_skip(&c, 7919);
        }
        dcm_cursor_release(&c);
        close_source(&o);
    }
}

static void a_value_is_copied_out_in_any_pieces(void **state)
{
    static uint8_t copy[SIZE];

    (void)state;
    for (size_t piece = 1; piece < SIZE; piece = piece * 5 + 1) {
        struct opened o;
        struct dcm_cursor c;
        size_t at = 0, n;

        if (piece < 100)
            piece = 100;
        open_source(&o, DRIBBLE, SIZE);
        dcm_cursor_init(&c, 0);
        assert_int_equal(dcm_cursor_open(&c, o.in, 0), 1);
        while ((n = dcm_cursor_read(&c, copy + at,
                                    piece < SIZE - at ? piece : SIZE - at)))
            at += n;
        assert_int_equal(at, SIZE);
        assert_memory_equal(copy, bytes, SIZE);
        dcm_cursor_release(&c);
        close_source(&o);
    }
}

static void a_cursor_serves_one_input_after_another(void **state)
{
    struct dcm_cursor c;

    (void)state;
    dcm_cursor_init(&c, 0);
    for (int kind = 0; kind < SOURCES; kind++) {
        struct opened o;

        open_source(&o, (enum source)kind, 5000);
        assert_int_equal(dcm_cursor_open(&c, o.in, 40), 1);
        assert_true(dcm_cursor_peek(&c, 100) >= 100);
        assert_memory_equal(c.p, bytes, 100);
        assert_int_equal(c.offset, 40); /* the caller's count */
        assert_int_equal(dcm_cursor_skip(&c, 10000), 5000);
        assert_int_equal(c.offset, 5040);
        assert_int_equal(dcm_cursor_peek(&c, 1), 0);
        close_source(&o);
    }
    dcm_cursor_release(&c);
}

/* ---------------------------------------------------------------- skipping */

static void a_file_is_skipped_without_reading_it(void **state)
{
    struct dcm_cursor c;
    struct dcm_input *in;
    FILE *f = tmpfile();
    off_t big = (off_t)1 << 40; /* sparse: reading it would take minutes */

    (void)state;
    assert_non_null(f);
    if (ftruncate(fileno(f), big) != 0) {
        fclose(f);
        skip();
    }
    assert_int_equal(pwrite(fileno(f), "end", 3, big - 3), 3);
    in = dcm_input_fd(fileno(f), NULL);
    assert_non_null(in);
    dcm_cursor_init(&c, 0);
    assert_int_equal(dcm_cursor_open(&c, in, 0), 1);
    assert_true(dcm_cursor_peek(&c, 8) >= 8);
    assert_int_equal(dcm_cursor_skip(&c, (uint64_t)big - 3), (uint64_t)big - 3);
    assert_int_equal(dcm_cursor_peek(&c, 4), 3);
    assert_memory_equal(c.p, "end", 3);
    assert_int_equal(c.offset, (uint64_t)big - 3);
    assert_int_equal(dcm_cursor_skip(&c, UINT64_MAX), 3);
    dcm_cursor_release(&c);
    dcm_input_free(in);
    fclose(f);
}

static void a_skip_past_the_end_says_how_far_it_came(void **state)
{
    (void)state;
    for (int kind = 0; kind < SOURCES; kind++) {
        struct opened o;
        struct dcm_cursor c;

        open_source(&o, (enum source)kind, 300000);
        dcm_cursor_init(&c, 0);
        assert_int_equal(dcm_cursor_open(&c, o.in, 0), 1);
        dcm_cursor_peek(&c, 10);
        assert_int_equal(dcm_cursor_skip(&c, UINT64_MAX), 300000);
        assert_int_equal(c.offset, 300000);
        dcm_cursor_release(&c);
        close_source(&o);
    }
}

/* ---------------------------------------------------------------- failures */

static void a_failing_read_is_no_end_of_input(void **state)
{
    static const char whats[] = "prs";
    static uint8_t copy[SIZE];

    (void)state;
    for (int i = 0; whats[i]; i++)
        for (size_t chunk = 0; chunk < 2; chunk++) {
            struct opened o;
            struct dcm_cursor c;
            size_t got;

            open_source(&o, CALLBACK, SIZE);
            o.stream.fail_at = 50;
            dcm_cursor_init(&c, chunk * 7);
            assert_int_equal(dcm_cursor_open(&c, o.in, 0), 1);
            got = whats[i] == 'p'   ? dcm_cursor_peek(&c, 100)
                  : whats[i] == 'r' ? dcm_cursor_read(&c, copy, SIZE)
                                    : (size_t)dcm_cursor_skip(&c, 100);
            assert_int_equal(got, 50); /* what came before is there */
            assert_int_equal(c.failed, 1);
            assert_int_equal(o.in->error.code, DCM_ERR_READ);
            assert_true(o.in->error.message[0] != '\0');
            dcm_cursor_peek(&c, 100); /* does not try again */
            assert_int_equal(c.at_end, 1);
            dcm_cursor_release(&c);
            close_source(&o);
        }
}

static ptrdiff_t too_much(void *user, void *buffer, size_t n)
{
    (void)user;
    (void)buffer;
    return (ptrdiff_t)n + 1;
}

static void a_callback_that_gives_more_than_asked_fails(void **state)
{
    struct dcm_input *in = dcm_input_callback(too_much, NULL, NULL);
    struct dcm_cursor c;

    (void)state;
    dcm_cursor_init(&c, 0);
    assert_int_equal(dcm_cursor_open(&c, in, 0), 1);
    assert_int_equal(dcm_cursor_peek(&c, 1), 0);
    assert_int_equal(c.failed, 1);
    dcm_cursor_release(&c);
    dcm_input_free(in);
}

static void a_descriptor_that_is_closed_under_way_is_told(void **state)
{
    FILE *f = tmpfile();
    struct dcm_input *in;
    struct dcm_cursor c;
    int fd;

    (void)state;
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, 100, f), 100);
    rewind(f);
    fd = dup(fileno(f));
    in = dcm_input_fd(fd, NULL);
    assert_non_null(in);
    close(fd);
    dcm_cursor_init(&c, 0);
    assert_int_equal(dcm_cursor_open(&c, in, 0), 1);
    assert_int_equal(dcm_cursor_peek(&c, 1), 0);
    assert_int_equal(c.failed, 1);
    assert_non_null(strstr(in->error.message, strerror(EBADF)));
    dcm_cursor_release(&c);
    dcm_input_free(in);
    fclose(f);
}

static void what_cannot_be_opened_says_why(void **state)
{
    struct dcm_error e = {0};

    (void)state;
    assert_null(dcm_input_file("no/such/file", &e));
    assert_int_equal(e.code, DCM_ERR_READ);
    assert_non_null(strstr(e.message, strerror(ENOENT)));
    assert_null(dcm_input_file("/", &e));
    assert_int_equal(e.code, DCM_ERR_READ);
    assert_non_null(strstr(e.message, "folder"));
    assert_null(dcm_input_file("/", NULL));
    assert_null(dcm_input_fd(-1, &e));
    assert_int_equal(e.code, DCM_ERR_READ);
    assert_non_null(strstr(e.message, strerror(EBADF)));
    dcm_input_free(NULL);
}

/* ------------------------------------------------------------------- names */

static void a_descriptor_is_read_from_where_it_stands(void **state)
{
    FILE *f = tmpfile();
    struct dcm_input *in;
    struct dcm_cursor c;

    (void)state;
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, 100, f), 100);
    assert_int_equal(fflush(f), 0);
    assert_int_equal(lseek(fileno(f), 30, SEEK_SET), 30);
    in = dcm_input_fd(fileno(f), NULL);
    assert_non_null(in);
    dcm_cursor_init(&c, 0);
    assert_int_equal(dcm_cursor_open(&c, in, 0), 1);
    assert_int_equal(dcm_cursor_peek(&c, 100), 70);
    assert_memory_equal(c.p, bytes + 30, 70);
    dcm_cursor_release(&c);
    dcm_input_free(in);
    fclose(f);
}

static void files_and_fifos_are_read_by_name(void **state)
{
    char folder[] = "/tmp/dcm-cursor-XXXXXX", name[64];
    struct dcm_input *in;
    FILE *f;
    pid_t child;

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(name, sizeof name, "%s/x", folder);
    f = fopen(name, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, SIZE, f), SIZE);
    fclose(f);
    in = dcm_input_file(name, NULL);
    assert_non_null(in);
    assert_int_equal(in->size, SIZE);
    walk(in, 0, SIZE, "file by name");
    dcm_input_free(in);
    unlink(name);
    assert_int_equal(mkfifo(name, 0600), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        f = fopen(name, "wb");
        if (f) {
            fwrite(bytes, 1, 200000, f);
            fclose(f);
        }
        _exit(0);
    }
    in = dcm_input_file(name, NULL);
    assert_non_null(in);
    walk(in, 0, 200000, "FIFO by name");
    dcm_input_free(in);
    waitpid(child, NULL, 0);
    unlink(name);
    rmdir(folder);
}

static void integers_are_made_from_bytes(void **state)
{
    static const uint8_t b[] = {0x81, 0x92, 0xA3, 0xB4, 0xC5, 0xD6, 0xE7, 0xF8};

    (void)state;
    assert_int_equal(dcm_get16le(b), 0x9281);
    assert_int_equal(dcm_get16be(b), 0x8192);
    assert_int_equal(dcm_get32le(b), 0xB4A39281);
    assert_int_equal(dcm_get32be(b), 0x8192A3B4);
    assert_true(dcm_get64le(b) == UINT64_C(0xF8E7D6C5B4A39281));
    assert_true(dcm_get64be(b) == UINT64_C(0x8192A3B4C5D6E7F8));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_input_gives_the_same_bytes),
        cmocka_unit_test(every_chunk_size_gives_the_same_bytes),
        cmocka_unit_test(inputs_of_every_small_size_end_where_they_end),
        cmocka_unit_test(a_peek_can_count_on_its_bytes_at_any_position),
        cmocka_unit_test(a_value_is_copied_out_in_any_pieces),
        cmocka_unit_test(a_cursor_serves_one_input_after_another),
        cmocka_unit_test(a_file_is_skipped_without_reading_it),
        cmocka_unit_test(a_skip_past_the_end_says_how_far_it_came),
        cmocka_unit_test(a_failing_read_is_no_end_of_input),
        cmocka_unit_test(a_callback_that_gives_more_than_asked_fails),
        cmocka_unit_test(a_descriptor_that_is_closed_under_way_is_told),
        cmocka_unit_test(what_cannot_be_opened_says_why),
        cmocka_unit_test(a_descriptor_is_read_from_where_it_stands),
        cmocka_unit_test(files_and_fifos_are_read_by_name),
        cmocka_unit_test(integers_are_made_from_bytes),
    };

    return cmocka_run_group_tests(tests, make_bytes, free_bytes);
}
