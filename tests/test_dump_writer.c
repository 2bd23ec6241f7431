/* libdcm/dump_writer.c, dump_values.c and dump_line.c: lines as people and
 * grep read them, and that no value can drive a terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../libdcm/dcm.h"
#include "../libdcm/issue.h"
#include "../libdcm/scope.h"
#include "../libdcm/vr.h"

/* ------------------------------------------------------------- helpers */

/* Where values begin: offset 8, tag 11, VR and mark 3, length 7, keyword 24,
 * and the spaces between. */
#define VALUE_COLUMN 57

struct dump {
    struct dcm_output *out;
    struct dcm_dump_writer *writer;
    struct dcm_policy *policy;
};

static void dump_open(struct dump *d, unsigned width, int strict)
{
    struct dcm_dump_options o = {.size = sizeof o, .width = width};

    d->policy = dcm_policy_new(strict, NULL, NULL);
    o.policy = d->policy;
    d->out = dcm_output_memory();
    d->writer = dcm_dump_writer_new(&o, d->out);
    assert_non_null(d->policy);
    assert_non_null(d->out);
    assert_non_null(d->writer);
}

static void dump_close(struct dump *d)
{
    dcm_dump_writer_free(d->writer);
    dcm_output_free(d->out);
    dcm_policy_free(d->policy);
}

static enum dcm_status dump_put(struct dump *d, const struct dcm_event *ev)
{
    struct dcm_sink *sink = dcm_dump_writer_sink(d->writer);

    return sink->put(sink, ev);
}

/* What was written, as a string of the caller's. */
static char *dump_text(struct dump *d)
{
    size_t n;
    const char *p = dcm_output_data(d->out, &n);
    char *s = malloc(n + 1);

    assert_non_null(s);
    memcpy(s, p, n);
    s[n] = '\0';
    return s;
}

static struct dcm_event value_event(uint32_t tag, uint16_t vr, const void *data,
                                    size_t n)
{
    struct dcm_event ev = {.type = DCM_EVENT_VALUE, .tag = tag};

    ev.vr = ev.stored = vr;
    ev.length = (uint32_t)n;
    ev.size = n;
    ev.data = data;
    return ev;
}

/* One event alone, and what it makes. */
static char *dump_one(const struct dcm_event *ev, struct dcm_dump_options o)
{
    struct dump d;
    char *s;

    o.size = sizeof o;
    d.policy = NULL;
    d.out = dcm_output_memory();
    d.writer = dcm_dump_writer_new(&o, d.out);
    assert_non_null(d.writer);
    assert_int_equal(dump_put(&d, ev), DCM_OK);
    s = dump_text(&d);
    dcm_dump_writer_free(d.writer);
    dcm_output_free(d.out);
    return s;
}

static void check_line(const char *why, const struct dcm_event *ev,
                       struct dcm_dump_options o, const char *want)
{
    char *got = dump_one(ev, o);

    if (strcmp(got, want) != 0)
        fail_msg("%s:\n%s%s", why, got, want);
    free(got);
}

/* ----------------------------------------------------- columns of a line */

static void an_element_is_a_line_of_fixed_columns(void **state)
{
    struct dcm_dump_options wide = {.width = 200};
    struct dcm_event ev;

    (void)state;
    ev = value_event(0x00020010, VR_UI, "1.2.840.10008.1.2.1\0", 20);
    ev.offset = 132;
    check_line("explicit VR", &ev, wide,
               "     132 (0002,0010) UI      20 TransferSyntaxUID        "
               "1.2.840.10008.1.2.1 =ExplicitVRLittleEndian\n");
    ev = value_event(0x00100010, VR_PN, "Doe^John", 8);
    ev.stored = 0;
    ev.flags = DCM_IMPLICIT;
    ev.depth = 2;
    ev.offset = 123456789;
    check_line("VR from the dictionary, two items around, large offset", &ev,
               wide,
               "123456789     (0010,0010) PN~      8 PatientName"
               "              [Doe^John]\n");
    ev = value_event(0x00100010, VR_PN, "Doe^John", 8);
    ev.stored = VR_UN;
    ev.flags = DCM_DEFLATED | DCM_DUPLICATE | DCM_CUT;
    check_line("UN that is read, and all flags", &ev, wide,
               "       0z(0010,0010) UN~      8 PatientName              "
               "[Doe^John] (duplicate) (truncated)\n");
    ev = value_event(0x00100010, VR_UN, "", 0);
    ev.stored = DCM_VR(0x1B, '[');
    check_line("a VR that is no letters; no value, no space at the end", &ev,
               wide, "       0 (0010,0010) ?[~      0 PatientName\n");
    ev = value_event(0x00080000, VR_UL, "\x0A\0\0\0", 4);
    check_line("group length", &ev, wide,
               "       0 (0008,0000) UL       4 Group Length"
               "             10\n");
    ev = value_event(0x00090010, VR_LO, "ACME\x1B[2J", 8);
    check_line("a creator that would clear the screen", &ev, wide,
               "       0 (0009,0010) LO       8 Private Creator"
               "          [ACME\xEF\xBF\xBD[2J]\n");
    ev = value_event(0x00091001, VR_LO, "", 0);
    check_line("unknown", &ev, wide, "       0 (0009,1001) LO       0 ?\n");
    ev = value_event(0x00100010, VR_PN, "A", 1);
    wide.no_offsets = 1;
    check_line("without offsets", &ev, wide,
               "(0010,0010) PN       1 PatientName              [A]\n");
}

static void colours_surround_tag_vr_and_keyword_alone(void **state)
{
    struct dcm_dump_options o = {.width = 80, .color = 1};
    struct dcm_event ev = value_event(0x00100010, VR_PN, "Doe^John", 8);
    char *colored, *plain, *p, *q;

    (void)state;
    /* the width is that of what shows */
    ev.data = (const uint8_t *)"Abcdefghijklmnopqrstuvwxyz";
    ev.size = 26;
    colored = dump_one(&ev, o);
    o.color = 0;
    plain = dump_one(&ev, o);
    assert_non_null(strstr(colored, "\033[36m(0010,0010)\033[0m "));
    assert_non_null(strstr(colored, "\033[33mPN \033[0m "));
    assert_non_null(strstr(colored, "\033[32mPatientName\033[0m "));
    for (p = q = colored; *p;) {
        if (*p == '\033')
            p += strcspn(p, "m") + 1;
        else
            *q++ = *p++;
    }
    *q = '\0';
    assert_string_equal(colored, plain);
    free(colored);
    free(plain);
}

/* A scope whose items and creators the events share. */
static void private_elements_have_the_name_of_their_creators_row(void **state)
{
    struct dcm_dump_options o = {.width = 200};
    struct dcm_scope_stack s;
    struct dcm_attribute row;
    struct dcm_event ev = value_event(0x00091001, VR_LO, "", 0);
    char *got;

    (void)state;
    if (!dcm_attribute_find_private("GEMS_IDEN_01", 12, 0x00091001, &row))
        skip();
    dcm_scope_stack_init(&s);
    assert_int_equal(dcm_scope_stack_clear(&s), DCM_OK);
    assert_int_equal(
        dcm_scope_reserve(&s, 0x00090010, (const uint8_t *)"GEMS_IDEN_01", 12),
        DCM_OK);
    ev.scope = dcm_scope_top(&s);
    got = dump_one(&ev, o);
    assert_non_null(strstr(got, *row.keyword ? row.keyword : row.name));
    free(got);
    dcm_scope_stack_release(&s);
}

static void sequences_and_fragments_show_lengths_and_numbers(void **state)
{
    static const uint8_t table[] = {0, 0, 0, 0, 0x10, 0x27, 0, 0};
    static const uint8_t jpeg[] = {0xFF, 0xD8, 0xFF, 0xE0};
    struct dcm_event events[] = {
        {.type = DCM_EVENT_DATASET},
        {.type = DCM_EVENT_SEQ,
         .tag = 0x00081140,
         .vr = VR_SQ,
         .stored = VR_SQ,
         .length = DCM_UNDEFINED,
         .offset = 410},
        {.type = DCM_EVENT_ITEM,
         .tag = 0x00081140,
         .number = 12,
         .length = 92,
         .offset = 422},
        {.type = DCM_EVENT_ITEM_END, .tag = 0x00081140},
        {.type = DCM_EVENT_SEQ_END, .tag = 0x00081140},
        {.type = DCM_EVENT_FRAGS,
         .tag = 0x7FE00010,
         .vr = VR_OB,
         .stored = VR_OB,
         .length = DCM_UNDEFINED,
         .offset = 600},
        {.type = DCM_EVENT_FRAGMENT,
         .number = 1,
         .length = 8,
         .size = 8,
         .data = table,
         .offset = 612},
        {.type = DCM_EVENT_FRAGMENT,
         .number = 2,
         .length = 4,
         .size = 4,
         .data = jpeg,
         .offset = 628},
        {.type = DCM_EVENT_FRAGS_END},
        {.type = DCM_EVENT_FRAGMENT, .number = 1, .offset = 700},
        {.type = DCM_EVENT_END},
    };
    struct dump d;
    char *got;

    (void)state;
    dump_open(&d, 0, 0);
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        assert_int_equal(dump_put(&d, &events[i]), DCM_OK);
    got = dump_text(&d);
    assert_string_equal(
        got, "     410 (0008,1140) SQ   undef ReferencedImageSequence\n"
             "     422   item 12             92\n"
             "     600 (7FE0,0010) OB   undef PixelData"
             "                encapsulated\n"
             "     612   fragment 1           8 offsets 0\\10000\n"
             "     628   fragment 2           4 FF D8 FF E0\n"
             "     700   fragment 1           0 no offsets\n");
    free(got);
    dump_close(&d);
}

/* --------------------------------------------------------------- values */

#define BYTES(s) s, sizeof s - 1

static const struct value_row {
    const char *why;
    uint16_t vr;
    const char *bytes;
    size_t n;
    const char *want;
    unsigned flags;
} value_rows[] = {
    {"several values", VR_CS, BYTES("ORIGINAL\\PRIMARY"), "[ORIGINAL\\PRIMARY]",
     0},
    {"the space that pads is left out", VR_LO, BYTES("ABC "), "[ABC]", 0},
    {"other spaces show", VR_LO, BYTES(" ABC  "), "[ ABC ]", 0},
    {"an odd length has no padding", VR_LO, BYTES("AB "), "[AB ]", 0},
    {"NULs that pad", VR_LO, BYTES("ABC\0\0\0"), "[ABC]", 0},
    {"only padding is not nothing", VR_LO, BYTES("  "), "[ ]", 0},
    {"empty values", VR_LO, BYTES("\\A\\"), "[\\A\\]", 0},
    {"lines of a text", VR_LT, BYTES("a\r\nb\tc"), "[a\\x0D\\x0Ab\\x09c]", 0},
    {"DEL", VR_LT, BYTES("a\x7F"), "[a\\x7F]", 0},
    {"UID without a keyword", VR_UI, BYTES("1.2.3"), "1.2.3", 0},
    {"UIDs, one known", VR_UI, BYTES("1.2.3\\1.2.840.10008.1.1\0"),
     "1.2.3\\1.2.840.10008.1.1 =Verification", 0},
    {"no UID", VR_UI, BYTES("1.2 .3"), "[1.2 .3]", 0},
    {"US", VR_US, BYTES("\x01\x00\xFF\xFF"), "1\\65535", 0},
    {"US big endian", VR_US, BYTES("\x00\x01\xFF\xFE"), "1\\65534",
     DCM_BIG_ENDIAN},
    {"SS", VR_SS, BYTES("\x00\x80\xFF\xFF\xFF\x7F"), "-32768\\-1\\32767", 0},
    {"UL", VR_UL, BYTES("\xFF\xFF\xFF\xFF"), "4294967295", 0},
    {"SL", VR_SL, BYTES("\x00\x00\x00\x80"), "-2147483648", 0},
    {"SV", VR_SV, BYTES("\0\0\0\0\0\0\0\x80"), "-9223372036854775808", 0},
    {"UV", VR_UV, BYTES("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"),
     "18446744073709551615", 0},
    {"FL, shortest", VR_FL, BYTES("\xCD\xCC\xCC\x3D"), "0.1", 0},
    {"FD, shortest", VR_FD, BYTES("\x9A\x99\x99\x99\x99\x99\xB9\x3F"), "0.1",
     0},
    {"FL without a number", VR_FL,
     BYTES("\0\0\xC0\x7F\0\0\x80\x7F\0\0\x80\xFF"), "NaN\\Infinity\\-Infinity",
     0},
    {"AT: two words", VR_AT, BYTES("\x18\x00\x63\x10\x09\x00\x01\x10"),
     "(0018,1063)=FrameTime\\(0009,1001)", 0},
    {"AT big endian", VR_AT, BYTES("\x00\x18\x10\x63"), "(0018,1063)=FrameTime",
     DCM_BIG_ENDIAN},
    {"OW: bytes as stored", VR_OW, BYTES("\x01\x02\xAB\xCD"), "01 02 AB CD", 0},
    {"a VR of no table: bytes", DCM_VR('Z', 'Z'), BYTES("AB"), "41 42", 0},
};

static void values_are_shown_by_their_vr(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof value_rows / sizeof *value_rows; i++) {
        const struct value_row *r = &value_rows[i];
        struct dcm_dump_options o = {.width = 200};
        struct dcm_event ev = value_event(0x00091001, r->vr, r->bytes, r->n);
        char *got;

        ev.flags = r->flags;
        got = dump_one(&ev, o);
        got[strlen(got) - 1] = '\0';
        if (strcmp(got + VALUE_COLUMN, r->want) != 0)
            fail_msg("%s: %s", r->why, got + VALUE_COLUMN);
        free(got);
    }
}

static void raw_shows_the_bytes_of_any_vr(void **state)
{
    struct dcm_dump_options o = {.raw = 1};
    struct dcm_event ev = value_event(0x00100010, VR_PN, "A^B ", 4);

    (void)state;
    check_line("text", &ev, o,
               "       0 (0010,0010) PN       4 PatientName"
               "              41 5E 42 20\n");
}

/* UTF-8 under ISO_IR 192; columns are those of a terminal. */
static const struct {
    const char *why, *text, *want;
    unsigned room; /* columns of the value */
} utf8_rows[] = {
    {"shown as it is", "G\xC3\xBCnther", "[G\xC3\xBCnther]", 40},
    {"C1 would be a control sequence",
     "a\xC2\x9B"
     "2J",
     "[a\\u{009B}2J]", 40},
    {"right-to-left override",
     "a\xE2\x80\xAE"
     "b",
     "[a\\u{202E}b]", 40},
    {"isolates", "\xE2\x81\xA6", "[\\u{2066}]", 40},
    {"line and paragraph separator", "\xE2\x80\xA8\xE2\x80\xA9",
     "[\\u{2028}\\u{2029}]", 40},
    {"noncharacters", "\xEF\xBF\xBE\xEF\xB7\x90\xF4\x8F\xBF\xBF",
     "[\\u{FFFE}\\u{FDD0}\\u{10FFFF}]", 40},
    {"tag characters", "\xF3\xA0\x80\x81", "[\\u{E0001}]", 40},
    {"fits to the last column", "abcdefghijklmn", "[abcdefghijklmn]", 16},
    {"one too many", "abcdefghijklmno", "[abcdefghijkl...", 16},
    {"cut between characters of two bytes",
     "\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC"
     "\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC",
     "[\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC"
     "\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC...",
     16},
    {"characters of two columns",
     "\xE5\xB1\xB1\xE5\xB1\xB1\xE5\xB1\xB1\xE5\xB1\xB1\xE5\xB1\xB1"
     "\xE5\xB1\xB1\xE5\xB1\xB1\xE5\xB1\xB1",
     "[\xE5\xB1\xB1\xE5\xB1\xB1\xE5\xB1\xB1\xE5\xB1\xB1\xE5\xB1\xB1"
     "\xE5\xB1\xB1...",
     16},
    {"an escape is cut whole", "abcdefghijk\x01\x02", "[abcdefghijk...", 16},
};

static void text_is_harmless_and_cut_between_characters(void **state)
{
    struct dcm_scope scope = {0};

    (void)state;
    dcm_charset_parse(&scope.charset, (const uint8_t *)"ISO_IR 192", 10);
    for (size_t i = 0; i < sizeof utf8_rows / sizeof *utf8_rows; i++) {
        struct dcm_dump_options o = {0};
        const char *text = utf8_rows[i].text;
        struct dcm_event ev =
            value_event(0x00091001, VR_UT, text, strlen(text));
        char *got;

        ev.scope = NULL;
        ev.tag = 0x00104000; /* the scope holds no creators */
        ev.scope = &scope;
        o.width = VALUE_COLUMN + utf8_rows[i].room;
        got = dump_one(&ev, o);
        got[strlen(got) - 1] = '\0';
        if (strcmp(got + VALUE_COLUMN, utf8_rows[i].want) != 0)
            fail_msg("%s: %s", utf8_rows[i].why, got + VALUE_COLUMN);
        free(got);
    }
}

/* --------------------------------------------------------- large values */

struct player {
    struct dcm_source base;
    const char *pattern; /* repeated */
    uint64_t at, size;
};

static enum dcm_status read_pattern(struct dcm_source *source, void *buffer,
                                    size_t n, size_t *got)
{
    struct player *p = (struct player *)source;
    char *to = buffer;

    for (*got = 0; *got < n && p->at < p->size; p->at++)
        to[(*got)++] = p->pattern[p->at % strlen(p->pattern)];
    return DCM_OK;
}

static void a_large_value_is_pulled_no_further_than_it_is_shown(void **state)
{
    static const struct {
        const char *why, *pattern;
        uint16_t vr;
        const char *want;
    } rows[] = {
        {"bytes", "\xFF\xD8", VR_OB, "FF D8 FF D8 FF D8..."},
        {"numbers", "\x01\x01", VR_US, "257\\257\\257\\257..."},
        {"text", "0123456789", VR_UT, "[0123456789012345..."},
        {"text of two bytes a character", "\xC3\xA9", VR_UT,
         "[\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9"
         "\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9"
         "..."},
    };
    struct dcm_scope scope = {0};

    (void)state;
    dcm_charset_parse(&scope.charset, (const uint8_t *)"ISO_IR 192", 10);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct player p = {.base = {NULL, read_pattern, NULL}};
        struct dcm_event ev = value_event(0x00104000, rows[i].vr, NULL, 0);
        struct dump d;
        char *got;

        p.pattern = rows[i].pattern;
        p.size = ev.size = 1000000;
        ev.length = 1000000;
        ev.source = &p.base;
        ev.scope = &scope;
        dump_open(&d, VALUE_COLUMN + 20, 1);
        assert_int_equal(dump_put(&d, &ev), DCM_OK);
        got = dump_text(&d);
        got[strlen(got) - 1] = '\0';
        if (strcmp(got + VALUE_COLUMN, rows[i].want) != 0)
            fail_msg("%s: %s", rows[i].why, got + VALUE_COLUMN);
        assert_in_range(p.at, 1, 4096);
        free(got);
        dump_close(&d);
    }
}

static void without_a_width_all_of_a_value_is_shown(void **state)
{
    static const struct {
        const char *why, *pattern;
        uint16_t vr;
        size_t want; /* columns of 99 990 bytes */
    } rows[] = {
        {"bytes", "\xFF\xD8", VR_OB, 99990 * 3 - 1},
        {"numbers", "\x01\x01", VR_US, 99990 / 2 * 4 - 1},
        {"text", "0123456789", VR_UT, 99990 + 2},
        {"UIDs", "1.2.3\\", VR_UI, 99990},
        {"control characters", "\x01", VR_UT, 99990 * 4 + 2},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct dcm_dump_options o = {.width = UINT_MAX};
        struct player p = {.base = {NULL, read_pattern, NULL}};
        struct dcm_event ev = value_event(0x00104000, rows[i].vr, NULL, 0);
        char *got;

        p.pattern = rows[i].pattern;
        p.size = ev.size = 99990;
        ev.source = &p.base;
        got = dump_one(&ev, o);
        if (strlen(got) != VALUE_COLUMN + rows[i].want + 1)
            fail_msg("%s: %lu", rows[i].why, (unsigned long)strlen(got));
        assert_int_equal(p.at, 99990);
        free(got);
    }
}

static void a_value_keeps_some_columns_at_any_depth(void **state)
{
    struct dcm_dump_options o = {.width = 80};
    struct dcm_event ev = value_event(0x00100010, VR_PN, "Abc^Defgh", 9);
    char *at40, *at50000;

    (void)state;
    ev.depth = 40;
    at40 = dump_one(&ev, o);
    ev.depth = 50000;
    at50000 = dump_one(&ev, o);
    assert_non_null(strstr(at40, " [Abc^Defgh]\n"));
    assert_string_equal(at40, at50000);
    free(at40);
    free(at50000);
}

/* ----------------------------------------------------------- deviations */

static void deviations_are_counted_and_strict_ends_at_them(void **state)
{
    static const struct {
        const char *why;
        uint16_t vr;
        const char *bytes;
        size_t n;
        unsigned flags;
        dcm_issue issue;
        uint64_t at; /* in the value */
    } rows[] = {
        {"a US of three bytes", VR_US, BYTES("\1\0\2"), 0,
         DCM_ISSUE_UNIT_LENGTH, 2},
        {"an AT of six", VR_AT, BYTES("\x08\0\x05\0\1\2"), 0,
         DCM_ISSUE_UNIT_LENGTH, 4},
        {"what the end of the input cut is the reader's", VR_US,
         BYTES("\1\0\2"), DCM_CUT, 0, 0},
        {"no UTF-8", VR_LO, BYTES("A\xFF"), 0, DCM_ISSUE_TEXT_INVALID, 1},
        {"nothing wrong", VR_LO, BYTES("AB"), 0, 0, 0},
    };
    struct dcm_scope scope = {0};

    (void)state;
    dcm_charset_parse(&scope.charset, (const uint8_t *)"ISO_IR 192", 10);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct dcm_event ev =
            value_event(0x00104000, rows[i].vr, rows[i].bytes, rows[i].n);
        enum dcm_status want = rows[i].issue ? DCM_ERR_STRICT : DCM_OK;
        struct dump d;

        ev.scope = &scope;
        ev.flags = rows[i].flags;
        ev.value_offset = 1000;
        dump_open(&d, 0, 0);
        assert_int_equal(dump_put(&d, &ev), DCM_OK);
        assert_int_equal(dcm_policy_count(d.policy, 0), rows[i].issue != 0);
        if (rows[i].issue)
            assert_int_equal(dcm_policy_count(d.policy, rows[i].issue), 1);
        dump_close(&d);
        dump_open(&d, 0, 1);
        if (dump_put(&d, &ev) != want)
            fail_msg("%s", rows[i].why);
        if (want != DCM_OK) {
            struct dcm_sink *sink = dcm_dump_writer_sink(d.writer);

            assert_int_equal(sink->error(sink)->code, want);
            assert_int_equal(sink->error(sink)->offset, 1000 + rows[i].at);
            assert_int_equal(dump_put(&d, &ev), want); /* sticky */
        }
        dump_close(&d);
    }
}

static int refuse(void *user, const void *data, size_t n)
{
    (void)user;
    (void)data;
    (void)n;
    return -1;
}

static void a_failed_write_is_reported(void **state)
{
    struct dcm_output *out = dcm_output_callback(refuse, NULL);
    struct dcm_dump_writer *w = dcm_dump_writer_new(NULL, out);
    struct dcm_event ev = value_event(0x00100010, VR_PN, "A", 1);
    struct dcm_sink *sink = dcm_dump_writer_sink(w);
    enum dcm_status status = DCM_OK;

    (void)state;
    for (int i = 0; i < 100000 && status == DCM_OK; i++)
        status = sink->put(sink, &ev);
    assert_int_equal(status, DCM_ERR_WRITE);
    assert_int_equal(sink->error(sink)->code, DCM_ERR_WRITE);
    dcm_dump_writer_free(w);
    dcm_output_free(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_element_is_a_line_of_fixed_columns),
        cmocka_unit_test(colours_surround_tag_vr_and_keyword_alone),
        cmocka_unit_test(private_elements_have_the_name_of_their_creators_row),
        cmocka_unit_test(sequences_and_fragments_show_lengths_and_numbers),
        cmocka_unit_test(values_are_shown_by_their_vr),
        cmocka_unit_test(raw_shows_the_bytes_of_any_vr),
        cmocka_unit_test(text_is_harmless_and_cut_between_characters),
        cmocka_unit_test(a_large_value_is_pulled_no_further_than_it_is_shown),
        cmocka_unit_test(without_a_width_all_of_a_value_is_shown),
        cmocka_unit_test(a_value_keeps_some_columns_at_any_depth),
        cmocka_unit_test(deviations_are_counted_and_strict_ends_at_them),
        cmocka_unit_test(a_failed_write_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
