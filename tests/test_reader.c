/* libdcm/reader.c: what holds for every file: a cut or damaged one ends in
 * order, where it went wrong is told, large values are pulled or skipped,
 * limits hold, and a reader can be used again. The rules for headers, items
 * and the start of files are in test_reader_element.c, _items.c, _start.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../libdcm/scope.h"
#include "reader_rows.h"

#define ID "(0010,0020) LO \"1\"\n"

/* All that a data set can hold. */
#define RICH                                                              \
    "(0008,0005) CS \"ISO_IR 100\"\n(0008,0060) CS \"OT\"\n"              \
    "(0008,1140) SQ {\nitem {\n(0008,1150) UI \"1.2\"\n}\nitem {\n}\n}\n" \
    "(0009,0010) LO \"ACME\"\n(0009,1001) UN hex 01020304\n"              \
    "(0010,4000) UT \"a long story\"\n(0028,0010) US 2\n"                 \
    "(0040,A730) SQ undefined {\nitem undefined {\n"                      \
    "(0040,A040) CS \"TEXT\"\n(0040,A730) SQ undefined {\nitem {\n"       \
    "(0040,A160) UT \"deep\"\n}\n}\n}\n}\n"
#define PIXELS                                                           \
    "(7FE0,0010) OB undefined {\nitem hex 00000000\nitem hex FFD80102\n" \
    "item hex FFD9\n}\n"

static const struct setup lenient;

/* ------------------------------------------------------------------- cuts */

/* Where each header and each value begins: what a cut is blamed on. */
struct piece {
    uint64_t header, value, end;
};

static size_t list_pieces(const struct hexd_buffer *b, struct piece *p)
{
    struct dcm_input *in = dcm_input_memory(b->data, b->size, NULL);
    struct dcm_reader_options o = {0};
    struct dcm_reader *r;
    struct dcm_event ev;
    size_t n = 0;

    o.size = sizeof o;
    o.keep_all = 1;
    r = dcm_reader_new(&o);
    dcm_reader_open(r, in);
    while (dcm_reader_next(r, &ev) == DCM_OK) {
        if (ev.type != DCM_EVENT_VALUE && ev.type != DCM_EVENT_SEQ &&
            ev.type != DCM_EVENT_FRAGS && ev.type != DCM_EVENT_ITEM &&
            ev.type != DCM_EVENT_FRAGMENT)
            continue;
        assert_true(n < 100);
        p[n].header = ev.offset;
        p[n].value =
            ev.type == DCM_EVENT_ITEM ? ev.offset + 8 : ev.value_offset;
        p[n].end = p[n].value + ev.size;
        n++;
    }
    dcm_reader_free(r);
    dcm_input_free(in);
    return n;
}

/* Inside a header it is the header; inside a value it is the value; between
 * two elements it is the end of the input, and so it is in a delimiter,
 * which has no event of its own: 8 bytes from the last end on. */
static uint64_t blame(const struct piece *p, size_t n, uint64_t cut)
{
    uint64_t last = 0;

    for (size_t i = 0; i < n && p[i].header < cut; i++) {
        if (cut < p[i].value)
            return p[i].header;
        if (cut < p[i].end)
            return p[i].value;
        last = p[i].end;
    }
    return cut - (cut - last) % 8;
}

static void a_cut_is_blamed_on_the_header_or_value_it_is_in(void **state)
{
    struct hexd_buffer b = assemble("", JPEG, RICH PIXELS, NULL);
    struct piece pieces[100];
    size_t n = list_pieces(&b, pieces);
    static struct reading g;
    unsigned whole = 0;

    (void)state;
    assert_true(n > 20);
    for (size_t cut = 133; cut < b.size; cut++) {
        read_memory(&lenient, b.data, cut, &g);
        if (g.status == DCM_DONE) { /* between elements of the top level */
            whole++;
            continue;
        }
        if (g.status != DCM_ERR_TRUNCATED ||
            g.error.offset != blame(pieces, n, cut))
            fail_msg(
                "cut at %zu: %s at %llu, expected %llu: %s", cut,
                dcm_status_name(g.status), (unsigned long long)g.error.offset,
                (unsigned long long)blame(pieces, n, cut), g.error.message);
    }
    /* before each of the nine elements, except that the data set's first is
     * there too when group 0002 was whole; after each of group 0002's;
     * Pixel Data whose delimiter alone is missing */
    assert_true(whole >= 9 && whole <= 20);
    hexd_buffer_release(&b);
}

static void a_cut_of_a_deflated_file_closes_what_is_open(void **state)
{
    uint64_t base = 0;
    struct hexd_buffer b = assemble(
        "", "", "preamble\nsyntax 1.2.840.10008.1.2.1.99\n" RICH, NULL);
    static struct reading g, whole;
    unsigned bad = 0;

    (void)state;
    read_memory(&lenient, b.data, b.size, &whole);
    assert_int_equal(whole.status, DCM_DONE);
    for (size_t cut = b.size - 100; cut < b.size; cut++) {
        size_t n;

        read_memory(&lenient, b.data, cut, &g);
        bad += check_sound("deflated", &g, b.size + base + 500);
        assert_int_equal(g.status, DCM_ERR_TRUNCATED);
        n = strlen(g.events);
        while (n && !strchr(" [{<]}>", g.events[n - 1]))
            n--;
        if (g.closings)
            n = g.closings - 1 < n ? g.closings - 1 : n;
        while (n && g.events[n - 1] != ' ')
            n--;
        assert_int_equal(strncmp(g.events, whole.events, n), 0);
    }
    assert_int_equal(bad, 0);
    hexd_buffer_release(&b);
}

static void bytes_after_the_deflate_stream_are_told(void **state)
{
    struct hexd_buffer b =
        assemble("", "", "preamble\nsyntax 1.2.840.10008.1.2.1.99\n" ID, NULL);
    static struct reading g;
    uint8_t *more = malloc(b.size + 4);

    (void)state;
    assert_non_null(more);
    memcpy(more, b.data, b.size);
    memset(more + b.size, 0, 4);
    read_memory(&lenient, more, b.size + 1, &g);
    assert_string_equal(g.issues, ""); /* one pad byte may be (A.5) */
    read_memory(&lenient, more, b.size + 4, &g);
    assert_string_equal(g.issues, "after-deflate");
    assert_string_equal(g.events, "D 00100020:LO:2 E");
    free(more);
    hexd_buffer_release(&b);
}

/* ----------------------------------------------------------------- damage */

static void a_damaged_byte_ends_in_order_whatever_the_chunk(void **state)
{
    static const uint8_t values[] = {0x00, 0xFF, 0x20, 0x08};
    static const char *const starts[] = {EXPLICIT, IMPLICIT, BIG, JPEG};
    static const struct setup tiny = {0, 3, NULL, 0, 0};
    static struct reading a, c;
    unsigned bad = 0;

    (void)state;
    for (size_t k = 0; k < 4; k++) {
        struct hexd_buffer b =
            assemble("", starts[k], k == 3 ? RICH PIXELS : RICH, NULL);

        for (size_t at = 128; at < b.size; at++)
            for (size_t i = 0; i < sizeof values; i++) {
                uint8_t was = b.data[at];

                b.data[at] = values[i];
                read_memory(&lenient, b.data, b.size, &a);
                bad += check_sound("damaged", &a, b.size);
                if (i == at % sizeof values) {
                    read_dribble(&tiny, &b, SIZE_MAX, &c);
                    bad += a.sum != c.sum;
                }
                if (bad)
                    fail_msg("start %zu, byte %zu is %02X: %s\n%s", k, at,
                             values[i], a.events, c.events);
                b.data[at] = was;
            }
        hexd_buffer_release(&b);
    }
}

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
         "(0010,4000) UT repeat 70000 \"A\"\n(0010,4001) UT\n", "", "", 0,
         0},
        {"a bare implicit data set that begins so", "encoding implicit\n",
         "(0010,4000) UT repeat 70000 \"A\"\n(0010,4001) UT\n", "", "", 0,
         0},
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
            fail_msg("%s: file:\n%s %s\n%s %s", rows[i].why, a.events,
                     a.issues, c.events, c.issues);
        for (s.chunk = 1; s.chunk < 100000; s.chunk = s.chunk * 9 + 60) {
            read_dribble(&s, &b, SIZE_MAX, &c);
            if (a.sum != c.sum)
                fail_msg("%s: chunk %zu:\n%s %s\n%s %s", rows[i].why,
                         s.chunk, a.events, a.issues, c.events, c.issues);
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

/* ------------------------------------------------------- errors and reuse */

static void an_error_says_where_down_to_the_item(void **state)
{
    uint64_t base;
    struct hexd_buffer b =
        assemble("", EXPLICIT,
                 "(0040,A730) SQ undefined {\nitem {\n}\nitem undefined {\n"
                 "(0040,A124) UI length=20 \"1.2\"\n} bare\n} bare\n",
                 &base);
    static struct reading g;

    (void)state;
    read_memory(&lenient, b.data, b.size, &g);
    assert_int_equal(g.status, DCM_ERR_TRUNCATED);
    assert_int_equal(g.error.offset, base + 12 + 8 + 8 + 8);
    assert_string_equal(g.error.path, "(0040,A730)[2]/(0040,A124)");
    assert_string_equal(g.error.message,
                        "input ends 4 bytes into a value of 20 (PS3.5 7.1.1)");
    hexd_buffer_release(&b);
}

struct failing {
    struct dribble d;
    size_t fail_after;
};

static ptrdiff_t fail_after(void *user, void *buffer, size_t n)
{
    struct failing *f = user;

    if (!f->fail_after)
        return -1;
    if (n > f->fail_after)
        n = f->fail_after;
    f->fail_after -= n;
    return dribble(&f->d, buffer, n);
}

static void a_failing_input_is_no_truncated_file(void **state)
{
    struct hexd_buffer b = assemble("", JPEG, RICH PIXELS, NULL);
    struct hexd_buffer z = assemble(
        "", "", "preamble\nsyntax 1.2.840.10008.1.2.1.99\n" RICH, NULL);
    static struct reading g;

    (void)state;
    for (size_t n = 0; n < b.size; n++) {
        struct failing f = {{b.data, b.size, SIZE_MAX}, n};

        read_with(&lenient, dcm_input_callback(fail_after, &f, NULL), &g);
        if (g.status != DCM_ERR_READ || g.wrong_grammar)
            fail_msg("after %zu bytes: %s", n, dcm_status_name(g.status));
    }
    for (size_t n = 0; n < z.size; n++) {
        struct failing f = {{z.data, z.size, SIZE_MAX}, n};

        read_with(&lenient, dcm_input_callback(fail_after, &f, NULL), &g);
        if (g.status != DCM_ERR_READ || g.wrong_grammar)
            fail_msg("deflated, after %zu bytes: %s", n,
                     dcm_status_name(g.status));
    }
    hexd_buffer_release(&z);
    hexd_buffer_release(&b);
}

static void a_reader_is_used_for_one_input_after_another(void **state)
{
    static const char *const texts[] = {
        "preamble\nsyntax 1.2.840.10008.1.2.1.99\n" RICH,
        "\"no DICOM at all, but text\"\n",
        JPEG RICH PIXELS,
        IMPLICIT "(0028,0106) US 1\n", /* no Pixel Representation left over */
        EXPLICIT "(0008,1140) SQ undefined {\nitem undefined {\n" ID
                 "} bare\n} bare\n",
        BIG RICH,
    };
    struct dcm_reader_options o = {0};
    struct dcm_reader *r;
    struct dcm_event ev;
    static struct reading alone, again;

    (void)state;
    memset(&again, 0, sizeof again);
    o.size = sizeof o;
    o.policy = dcm_policy_new(0, hear_issue, &again);
    r = dcm_reader_new(&o);
    assert_non_null(r);
    assert_int_equal(dcm_reader_next(r, &ev), DCM_DONE); /* not opened */
    for (size_t i = 0; i < 18; i++) {
        struct hexd_buffer b = assemble("", texts[i % 6], "", NULL);
        struct dcm_input *in = dcm_input_memory(b.data, b.size, NULL);

        read_memory(&lenient, b.data, b.size, &alone);
        dcm_policy_clear(o.policy);
        if (i > 11) { /* left in the midst of it */
            dcm_reader_open(r, in);
            for (int k = 0; k < 9 && dcm_reader_next(r, &ev) == DCM_OK; k++)
                ;
        }
        dcm_policy_clear(o.policy);
        read_all(r, in, &again);
        assert_string_equal(again.events, alone.events);
        assert_int_equal(again.sum, alone.sum);
        dcm_input_free(in);
        hexd_buffer_release(&b);
    }
    dcm_reader_free(r);
    dcm_reader_free(NULL);
    dcm_policy_free(o.policy);
}

static void a_character_set_can_be_assumed_or_forced(void **state)
{
    static const struct {
        const char *why, *assume, *force, *body, *want;
    } rows[] = {
        {"as the file says", NULL, NULL, "(0008,0005) CS \"ISO_IR 100\"\n" ID,
         "ISO_IR 100"},
        {"assumed where it is absent", "ISO_IR 192", NULL, ID, "ISO_IR 192"},
        {"assumed where it is empty", "ISO_IR 192", NULL, "(0008,0005) CS\n" ID,
         "ISO_IR 192"},
        {"not assumed where it is there", "ISO_IR 192", NULL,
         "(0008,0005) CS \"ISO_IR 100\"\n" ID, "ISO_IR 100"},
        {"forced whatever is there", NULL, "ISO_IR 192",
         "(0008,0005) CS \"ISO_IR 100\"\n" ID, "ISO_IR 192"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hexd_buffer b =
            assemble(rows[i].why, EXPLICIT, rows[i].body, NULL);
        struct dcm_input *in = dcm_input_memory(b.data, b.size, NULL);
        struct dcm_reader_options o = {0};
        struct dcm_charset want;
        struct dcm_reader *r;
        struct dcm_event ev;

        dcm_charset_parse(&want, (const uint8_t *)rows[i].want,
                          strlen(rows[i].want));
        o.size = sizeof o;
        o.charset_assume = rows[i].assume;
        o.charset_force = rows[i].force;
        r = dcm_reader_new(&o);
        dcm_reader_open(r, in);
        do
            assert_int_equal(dcm_reader_next(r, &ev), DCM_OK);
        while (ev.tag != 0x00100020);
        if (ev.scope->charset.count != want.count ||
            ev.scope->charset.sets[0] != want.sets[0])
            fail_msg("%s", rows[i].why);
        dcm_reader_free(r);
        dcm_input_free(in);
        hexd_buffer_release(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cut_is_blamed_on_the_header_or_value_it_is_in),
        cmocka_unit_test(a_cut_of_a_deflated_file_closes_what_is_open),
        cmocka_unit_test(bytes_after_the_deflate_stream_are_told),
        cmocka_unit_test(a_damaged_byte_ends_in_order_whatever_the_chunk),
        cmocka_unit_test(a_large_value_is_pulled_in_any_pieces_or_left),
        cmocka_unit_test(a_large_value_that_is_cut_is_told_by_the_next_event),
        cmocka_unit_test(a_value_of_64_kib_is_loaded_and_one_byte_more_is_not),
        cmocka_unit_test(what_lies_far_ahead_is_seen_by_all_or_none),
        cmocka_unit_test(depth_is_bounded_and_the_limit_is_named),
        cmocka_unit_test(
            items_and_fragments_are_bounded_and_the_limit_is_named),
        cmocka_unit_test(an_error_says_where_down_to_the_item),
        cmocka_unit_test(a_failing_input_is_no_truncated_file),
        cmocka_unit_test(a_reader_is_used_for_one_input_after_another),
        cmocka_unit_test(a_character_set_can_be_assumed_or_forced),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
