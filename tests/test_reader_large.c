/* libdcm/reader.c: what is large. Values that are pulled or skipped, what lies
 * far ahead, and the limits on depth and number. reader_rows.h explains the
 * words for events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "reader_rows.h"

#define ID "(0010,0020) LO \"1\"\n"

static const struct setup lenient;

/* ----------------------------------------------------------- large values */

#define LARGE 300001u

/* A value of LARGE bytes between two others; the file's size is returned. */
static size_t put_large(uint8_t *to, const char *start, size_t *value)
{
    struct hexd_buffer b = assemble(
        "", start, "(0009,0010) LO \"ACME\"\n(0009,1001) OB length=300002\n",
        NULL);
    size_t n = b.size;

    memcpy(to, b.data, n);
    *value = n;
    hexd_buffer_release(&b);
    for (size_t i = 0; i <= LARGE; i++)
        to[n++] = (uint8_t)(i * 5 + (i >> 8));
    b = assemble("", "", ID, NULL);
    memcpy(to + n, b.data, b.size);
    n += b.size;
    hexd_buffer_release(&b);
    return n;
}

/* Reads `pull` bytes of the large value and leaves the rest. */
static void pull_some(struct dcm_input *in, size_t chunk, const uint8_t *want,
                      size_t pull, size_t piece)
{
    static uint8_t got[LARGE + 100];
    struct dcm_reader_options o = {0};
    struct dcm_reader *r;
    struct dcm_event ev;
    size_t n = 0, step;

    assert_non_null(in);
    o.size = sizeof o;
    o.chunk = chunk;
    r = dcm_reader_new(&o);
    dcm_reader_open(r, in);
    do
        assert_int_equal(dcm_reader_next(r, &ev), DCM_OK);
    while (ev.tag != 0x00091001);
    assert_int_equal(ev.size, LARGE + 1);
    assert_null(ev.data);
    while (n < pull) {
        assert_int_equal(dcm_event_read(&ev, got + n,
                                        piece < pull - n ? piece : pull - n,
                                        &step),
                         DCM_OK);
        assert_true(step > 0);
        n += step;
    }
    assert_memory_equal(got, want, pull);
    if (pull == LARGE + 1) { /* no more than the value */
        assert_int_equal(dcm_event_read(&ev, got, 10, &step), DCM_OK);
        assert_int_equal(step, 0);
    }
    assert_int_equal(dcm_reader_next(r, &ev), DCM_OK);
    assert_int_equal(ev.tag, 0x00100020);
    assert_memory_equal(ev.data, "1 ", 2);
    assert_int_equal(dcm_reader_next(r, &ev), DCM_OK);
    assert_int_equal(ev.type, DCM_EVENT_END);
    assert_int_equal(dcm_reader_next(r, &ev), DCM_DONE);
    dcm_reader_free(r);
    dcm_input_free(in);
}

static void a_large_value_is_pulled_in_any_pieces_or_left(void **state)
{
    static uint8_t data[LARGE + 1000];
    static const size_t pulls[] = {0, 1, 65536, 65537, LARGE, LARGE + 1};
    size_t value, size = put_large(data, EXPLICIT, &value);
    FILE *f = tmpfile();

    (void)state;
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, size, f), size);
    assert_int_equal(fflush(f), 0);
    for (size_t i = 0; i < sizeof pulls / sizeof pulls[0]; i++)
        for (size_t piece = 70; piece < 200000; piece *= 40) {
            struct dribble d = {data, size, 100000};

            assert_int_equal(lseek(fileno(f), 0, SEEK_SET), 0);
            pull_some(dcm_input_memory(data, size, NULL), 0, data + value,
                      pulls[i], piece);
            pull_some(dcm_input_fd(fileno(f), NULL), 0, data + value, pulls[i],
                      piece);
            pull_some(dcm_input_callback(dribble, &d, NULL), 0, data + value,
                      pulls[i], piece);
            d.p = data;
            d.left = size;
            pull_some(dcm_input_callback(dribble, &d, NULL), 4000, data + value,
                      pulls[i], piece);
        }
    fclose(f);
}

static void a_large_value_that_is_cut_is_told_by_the_next_event(void **state)
{
    static uint8_t data[LARGE + 1000];
    size_t value;
    static struct reading g;

    (void)state;
    put_large(data, EXPLICIT, &value);
    for (size_t have = 0; have <= LARGE; have += 60000) {
        struct hexd_buffer b = {data, value + have, 0};

        read_memory(&lenient, data, value + have, &g); /* pulls it */
        assert_string_equal(g.events, "D 00090010:LO:4 00091001:OB:300002");
        assert_int_equal(g.status, DCM_ERR_TRUNCATED);
        assert_int_equal(g.error.offset, value);
        assert_string_equal(g.error.path, "(0009,1001)");
        read_file(&lenient, &b, &g);
        assert_int_equal(g.status, DCM_ERR_TRUNCATED);
        assert_int_equal(g.error.offset, value);
    }
}

static void a_value_of_64_kib_is_loaded_and_one_byte_more_is_not(void **state)
{
    (void)state;
    for (uint32_t size = DCM_VALUE_LOADED; size <= DCM_VALUE_LOADED + 2;
         size += 2) {
        char text[100];
        struct hexd_buffer b;
        struct dcm_input *in;
        struct dcm_reader *r = dcm_reader_new(NULL);
        struct dcm_event ev;

        snprintf(text, sizeof text, "(0009,1001) OB repeat %lu hex 07\n",
                 (unsigned long)size);
        b = assemble("", EXPLICIT, text, NULL);
        in = dcm_input_memory(b.data, b.size, NULL);
        dcm_reader_open(r, in);
        do
            assert_int_equal(dcm_reader_next(r, &ev), DCM_OK);
        while (ev.tag != 0x00091001);
        assert_int_equal(ev.size, size);
        assert_int_equal(ev.data != NULL, size == DCM_VALUE_LOADED);
        dcm_reader_free(r);
        dcm_input_free(in);
        hexd_buffer_release(&b);
    }
}

/* What looks right or wrong may depend on bytes far ahead: how far the reader
 * sees must not depend on the input or the chunk. */
static void what_lies_far_ahead_is_seen_by_all_or_none(void **state)
{
    static const struct row rows[] = {
        {"no VR, and a length that leads far", EXPLICIT,
         "hex 1000 1000 3F3F FEFF; repeat 65534 \"A\"\n" ID, "", "", 0, 0},
        {"no VR, and a length that leads not so far", EXPLICIT,
         "hex 1000 1000 3F3F E8FF; repeat 65512 \"A\"\n" ID, "", "", 0, 0},
        {"a long UN that may have the short form", EXPLICIT,
         "(0010,0010) UN repeat 70000 \"A\"\n" ID, "", "", 0, 0},
        {"an item that ends before its large last element", EXPLICIT,
         "(0008,1140) SQ undefined {\nitem length=10 {\n(0008,0060) CS "
         "\"OT\"\n(0010,4000) UT repeat 70000 \"A\"\n}\n}\n" ID,
         "", "", 0, 0},
        {"an item that ends inside its large last element", EXPLICIT,
         "(0008,1140) SQ undefined {\nitem length=40 {\n(0008,0060) CS "
         "\"OT\"\n(0010,4000) UT repeat 70000 \"A\"\n}\n}\n" ID,
         "", "", 0, 0},
        {"a bare data set that begins with a large element", "",
         "(0010,4000) UT repeat 70000 \"A\"\n(0010,4001) UT\n", "", "", 0, 0},
        {"a bare implicit data set that begins so", "encoding implicit\n",
         "(0010,4000) UT repeat 70000 \"A\"\n(0010,4001) UT\n", "", "", 0, 0},
        {"an explicit item in implicit, large", IMPLICIT,
         "(0008,1140) SQ undefined {\nencoding explicit\nitem {\n"
         "(0010,4000) UT repeat 70000 \"A\"\n}\nencoding implicit\n}\n" ID,
         "", "", 0, 0},
        {"Pixel Representation far behind", IMPLICIT,
         "(0018,9810) SS 1\n(0020,4000) LT repeat 70000 \"A\"\n"
         "(0028,0103) US 1\n",
         "", "", 0, 0},
    };
    static struct reading a, c;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hexd_buffer b =
            assemble(rows[i].why, rows[i].start, rows[i].body, NULL);
        struct setup s = {0};

        read_memory(&s, b.data, b.size, &a);
        assert_int_equal(check_sound(rows[i].why, &a, b.size), 0);
        read_file(&s, &b, &c);
        if (a.sum != c.sum)
            fail_msg("%s: file:\n%s %s\n%s %s", rows[i].why, a.events, a.issues,
                     c.events, c.issues);
        for (s.chunk = 1; s.chunk < 100000; s.chunk = s.chunk * 9 + 60) {
            read_dribble(&s, &b, SIZE_MAX, &c);
            if (a.sum != c.sum)
                fail_msg("%s: chunk %zu:\n%s %s\n%s %s", rows[i].why, s.chunk,
                         a.events, a.issues, c.events, c.issues);
        }
        hexd_buffer_release(&b);
    }
}

/* ----------------------------------------------------------------- limits */

/* Sequences in sequences, none of them ended. */
static size_t put_nested(uint8_t *to, unsigned depth)
{
    struct hexd_buffer b = assemble("", EXPLICIT, "", NULL), level;
    size_t n = b.size;

    memcpy(to, b.data, n);
    hexd_buffer_release(&b);
    level = assemble("", "",
                     "(0040,A730) SQ length=undefined\n"
                     "hex FEFF 00E0 FFFFFFFF\n",
                     NULL);
    while (depth--) {
        memcpy(to + n, level.data, level.size);
        n += level.size;
    }
    hexd_buffer_release(&level);
    return n;
}

static void depth_is_bounded_and_the_limit_is_named(void **state)
{
    static uint8_t data[2000 * 20 + 1000];
    struct dcm_limits limits = {0};
    struct setup s = {0, 0, &limits, 0, 0};
    static struct reading g;
    size_t size = put_nested(data, 2000);

    (void)state;
    read_memory(&s, data, size, &g); /* the default */
    assert_int_equal(g.status, DCM_ERR_LIMIT);
    assert_non_null(strstr(g.error.message, "'depth'"));
    assert_int_equal(g.open, 2 * 256 + 1);
    limits.size = sizeof limits;
    limits.depth = 3;
    read_memory(&s, data, size, &g);
    assert_int_equal(g.status, DCM_ERR_LIMIT);
    assert_string_equal(g.events, "D 0040A730[ { 0040A730[ { 0040A730[ { "
                                  "0040A730[");
    assert_string_equal(
        g.error.path,
        "(0040,A730)[1]/(0040,A730)[1]/(0040,A730)[1]/(0040,A730)");
    assert_int_equal(g.error.offset, size - 2000 * 20 + 3 * 20 + 12);
    size = put_nested(data, 3); /* just as deep as allowed */
    read_memory(&s, data, size, &g);
    assert_int_equal(g.status, DCM_ERR_TRUNCATED);
    assert_string_equal(g.events, "D 0040A730[ { 0040A730[ { 0040A730[ { } ] "
                                  "} ] } ]");
}

static void items_and_fragments_are_bounded_and_the_limit_is_named(void **state)
{
    static const struct {
        const char *why, *body;
        enum dcm_status want;
    } rows[] = {
        {"as many items as allowed",
         "(0008,1140) SQ {\nitem {\n}\nitem {\n}\nitem {\n}\n}\n", DCM_DONE},
        {"one more",
         "(0008,1140) SQ {\nitem {\n}\nitem {\n}\nitem {\n}\nitem {\n}\n}\n",
         DCM_ERR_LIMIT},
        {"in two sequences",
         "(0008,1140) SQ {\nitem {\n}\nitem {\n}\n}\n"
         "(0008,1199) SQ {\nitem {\n}\nitem {\n}\n}\n",
         DCM_ERR_LIMIT},
        {"as many fragments as allowed",
         "(7FE0,0010) OB undefined {\nitem\nitem hex 0102\nitem hex 0102\n}\n",
         DCM_DONE},
        {"one more",
         "(7FE0,0010) OB undefined {\nitem\nitem hex 0102\nitem hex 0102\n"
         "item hex 0102\n}\n",
         DCM_ERR_LIMIT},
    };
    struct dcm_limits limits = {0};
    struct setup s = {0, 0, &limits, 0, 0};
    static struct reading g;

    (void)state;
    limits.size = sizeof limits;
    limits.items = 3;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hexd_buffer b = assemble(rows[i].why, JPEG, rows[i].body, NULL);

        read_memory(&s, b.data, b.size, &g);
        if (g.status != rows[i].want ||
            (g.status == DCM_ERR_LIMIT && !strstr(g.error.message, "'items'")))
            fail_msg("%s: %s", rows[i].why, g.error.message);
        hexd_buffer_release(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_large_value_is_pulled_in_any_pieces_or_left),
        cmocka_unit_test(a_large_value_that_is_cut_is_told_by_the_next_event),
        cmocka_unit_test(a_value_of_64_kib_is_loaded_and_one_byte_more_is_not),
        cmocka_unit_test(what_lies_far_ahead_is_seen_by_all_or_none),
        cmocka_unit_test(depth_is_bounded_and_the_limit_is_named),
        cmocka_unit_test(
            items_and_fragments_are_bounded_and_the_limit_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
