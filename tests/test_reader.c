/* libdcm/reader.c: what holds for every file: a cut or damaged one ends in
 * order, where it went wrong is told, and a reader can be used again. What is
 * large is in test_reader_large.c; the rules for the start of files, headers
 * and items are in _start.c, _element.c and _items.c. */
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
    /* Between elements a cut cannot be told from an end: 5 places in group
     * 0002, 9 in the data set. After each of 3 fragments Pixel Data lacks its
     * delimiter only, which is a deviation that has a reading. */
    assert_int_equal(whole, 5 + 9 + 3);
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
        struct dcm_source *source = dcm_reader_source(r);
        struct hexd_buffer b = assemble("", texts[i % 6], "", NULL);
        struct dcm_input *in = dcm_input_memory(b.data, b.size, NULL);

        read_memory(&lenient, b.data, b.size, &alone);
        dcm_policy_clear(o.policy);
        if (i > 11) { /* left in the midst of it */
            dcm_reader_open(r, in);
            for (int k = 0; k < 9 && source->next(source, &ev) == DCM_OK; k++)
                ;
        }
        dcm_policy_clear(o.policy);
        read_all(r, in, &again);
        assert_string_equal(again.events, alone.events);
        assert_int_equal(again.sum, alone.sum);
        assert_ptr_equal(source->error(source), dcm_reader_error(r));
        dcm_input_free(in);
        hexd_buffer_release(&b);
    }
    dcm_reader_free(r);
    dcm_reader_free(NULL);
    dcm_policy_free(o.policy);
}

/* The reader gives up looking ahead for Pixel Representation after many vain
 * searches; the next file must not suffer for it. */
static void vain_searches_do_not_count_for_the_next_file(void **state)
{
    static const char item[] = "item {\n(0028,0106) US 1\n}\n";
    static char text[100 + 70 * sizeof item] = "(0008,1140) SQ {\n";
    struct dcm_reader *r = dcm_reader_new(NULL);
    static struct reading g;

    (void)state;
    for (int i = 0; i < 70; i++)
        strcat(text, item);
    strcat(text, "}\n");
    for (int i = 0; i < 2; i++) {
        struct hexd_buffer b =
            assemble("", IMPLICIT,
                     i ? "(0018,9810) SS 1\n(0028,0103) US 1\n" : text, NULL);
        struct dcm_input *in = dcm_input_memory(b.data, b.size, NULL);

        read_all(r, in, &g);
        dcm_input_free(in);
        hexd_buffer_release(&b);
    }
    assert_string_equal(g.events, "D 00189810:SS:2 00280103:US:2 E");
    dcm_reader_free(r);
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
        cmocka_unit_test(an_error_says_where_down_to_the_item),
        cmocka_unit_test(a_failing_input_is_no_truncated_file),
        cmocka_unit_test(a_reader_is_used_for_one_input_after_another),
        cmocka_unit_test(vain_searches_do_not_count_for_the_next_file),
        cmocka_unit_test(a_character_set_can_be_assumed_or_forced),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
