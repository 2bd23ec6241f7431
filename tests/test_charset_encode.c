/* charset_encode.c: UTF-8 to bytes. Expected bytes are from PS3.5 Annexes H to
 * K, from the code charts of the sets, and from PS3.5 6.1.2.5; and what is
 * encoded has to be read back by the decoder, which has tests of its own. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* RTLD_NEXT */
#endif
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "libdcm/charset_encode.h"
#include <dlfcn.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MULTI DCM_TEXT_MULTI
#define PN (DCM_TEXT_MULTI | DCM_TEXT_PN)
#define TEXT DCM_TEXT_CONTROL /* ST LT UT */
#define CODE (DCM_TEXT_MULTI | DCM_TEXT_DEFAULT)

/* Stands before the C library's, so that a set can be missing. */
static int no_iconv;

iconv_t iconv_open(const char *to, const char *from)
{
    typedef iconv_t open_fn(const char *, const char *);
    open_fn *real;

    if (no_iconv)
        return (iconv_t)-1;
    *(void **)&real = dlsym(RTLD_NEXT, "iconv_open");
    return real(to, from);
}

static struct dcm_charset parse(const char *terms)
{
    struct dcm_charset cs;

    dcm_charset_parse(&cs, (const uint8_t *)terms, strlen(terms));
    return cs;
}

/* Exact size, so that a read past the end is seen by a sanitizer. */
static char *exact(const char *text, size_t n)
{
    char *copy = malloc(n ? n : 1);

    assert_non_null(copy);
    memcpy(copy, text, n);
    return copy;
}

static void to_hex(const uint8_t *p, size_t n, char *hex, size_t size)
{
    assert_true(n * 2 < size);
    for (size_t i = 0; i < n; i++)
        snprintf(hex + i * 2, 3, "%02X", p[i]);
    hex[n * 2] = '\0';
}

struct row {
    const char *why;
    const char *terms; /* the value of (0008,0005) */
    unsigned how;
    const char *text;
    const char *want; /* hex, spaces are free */
};

static void check_row(struct dcm_encoder *e, const struct row *r)
{
    struct dcm_charset cs = parse(r->terms);
    char hex[512], want[512];
    const uint8_t *out;
    size_t n = strlen(r->text), out_n, k = 0;
    uint32_t bad = 0;
    char *text = exact(r->text, n);
    enum dcm_status status =
        dcm_encode_value(e, &cs, r->how, text, n, &out, &out_n, &bad);

    if (status != DCM_OK)
        fail_msg("%s: status %d, U+%04X", r->why, (int)status, (unsigned)bad);
    for (const char *h = r->want; *h; h++)
        if (*h != ' ')
            want[k++] = *h;
    want[k] = '\0';
    to_hex(out, out_n, hex, sizeof hex);
    if (strcmp(hex, want))
        fail_msg("%s: %s, wanted %s", r->why, hex, want);
    free(text);
}

static void check(const struct row *r, size_t count)
{
    struct dcm_encoder *e = dcm_encoder_new();

    assert_non_null(e);
    for (; count; count--, r++)
        check_row(e, r);
    dcm_encoder_free(e);
}

#define CHECK(rows) check(rows, sizeof(rows) / sizeof *(rows))

static void the_examples_of_the_standard_are_written(void **state)
{
    static const struct row rows[] = {
        {"H.3.1", "\\ISO 2022 IR 87", PN,
         "Yamada^Tarou=山田^太郎=やまだ^たろう",
         "59616D6164615E5461726F753D 1B24423B3345441B2842 5E"
         "1B244242404F3A1B2842 3D 1B24422464245E24401B2842 5E"
         "1B2442243F246D24261B2842"},
        {"H.3.2", "ISO 2022 IR 13\\ISO 2022 IR 87", PN,
         "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう",
         "D4CFC0DE5EC0DBB33D 1B24423B3345441B284A 5E"
         "1B244242404F3A1B284A 3D 1B24422464245E24401B284A 5E"
         "1B2442243F246D24261B284A"},
        {"I.2", "\\ISO 2022 IR 149", PN, "Hong^Gildong=洪^吉洞=홍^길동",
         "486F6E675E47696C646F6E673D 1B242943FBF35E1B242943D1CED4D73D"
         "1B242943C8AB5E1B242943B1E6B5BF"},
        {"I.3, each line anew", "\\ISO 2022 IR 149", TEXT, "한글\r\n한글",
         "1B242943C7D1B1DB 0D0A 1B242943C7D1B1DB"},
        {"J.1", "ISO_IR 192", PN, "Wang^XiaoDong=王^小東=",
         "57616E675E5869616F446F6E673DE78E8B5EE5B08FE69DB13D"},
        {"J.3", "GB18030", PN, "Wang^XiaoDong=王^小东=",
         "57616E675E5869616F446F6E673DCDF55ED0A1B6AB3D"},
        {"J.3 by its older name", "GBK", PN, "王^小东=", "CDF55ED0A1B6AB3D"},
        {"K.2", "\\ISO 2022 IR 58", PN,
         "Zhang=张^小东=", "5A68616E673D 1B242941D5C5 5E 1B242941D0A1B6AB 3D"},
        {"K.3", "\\ISO 2022 IR 58", TEXT, "1.第一行文字。\r\n",
         "312E 1B242941 B5DAD2BBD0D0CEC4D7D6A1A3 0D0A"},
        {"German", "ISO_IR 100", MULTI, "Günther", "47FC6E74686572"},
        {"Russian", "ISO_IR 144", MULTI, "Иван", "B8D2D0DD"},
        {"6.1.2.5.3, one group", "\\ISO 2022 IR 87", PN, "山田^太郎",
         "1B2442 3B334544 1B2842 5E 1B2442 42404F3A 1B2842"},
    };
    (void)state;
    CHECK(rows);
}

static void each_set_has_its_own_codes(void **state)
{
    static const struct row rows[] = {
        {"8859-2", "ISO_IR 101", MULTI, "Łř", "A3F8"},
        {"8859-3", "ISO_IR 109", MULTI, "Ħĉ", "A1E6"},
        {"8859-4", "ISO_IR 110", MULTI, "ĸŋ", "A2BF"},
        {"8859-6", "ISO_IR 127", MULTI, "ال", "C7E4"},
        {"8859-7", "ISO_IR 126", MULTI, "Αω", "C1F9"},
        {"8859-8", "ISO_IR 138", MULTI, "את", "E0FA"},
        {"8859-9", "ISO_IR 148", MULTI, "ğı", "F0FD"},
        {"8859-15", "ISO_IR 203", MULTI, "€1", "A431"},
        {"TIS 620", "ISO_IR 166", MULTI, "กา", "A1D2"},
        {"JIS X 0201", "ISO_IR 13", TEXT, "¥1‾ｱﾟ", "5C317EB1DF"},
        {"JIS X 0212", "\\ISO 2022 IR 159", MULTI, "丂", "1B24284430211B2842"},
        {"GB18030, four bytes: the first and the first past FFFF", "GB18030",
         TEXT, "\xC2\x80\U00010000\U00020000", "81308130 90308130 95328236"},
        {"GB18030, the last code point", "GB18030", TEXT, "\U0010FFFF",
         "E3329A35"},
        {"GB18030, euro", "GB18030", TEXT, "€", "A2E3"},
        {"GB18030, Hangul in the four-byte part", "GB18030", TEXT, "한",
         "83368433"},
        {"second byte 5C", "GB18030", MULTI, "1俓2\\3", "31825C325C33"},
        {"the same in GBK", "GBK", MULTI, "1俓2\\3", "31825C325C33"},
        {"default repertoire", "", MULTI, "A\\B", "415C42"},
    };
    (void)state;
    CHECK(rows);
}

static void the_set_of_value_1_is_back_where_it_must(void **state)
{
    static const struct row rows[] = {
        {"before a delimiter of values", "\\ISO 2022 IR 87", MULTI, "ボ\\A",
         "1B2442255C1B28425C41"},
        {"each value starts anew", "\\ISO 2022 IR 58", MULTI, "张\\张",
         "1B242941D5C5 5C 1B242941D5C5"},
        {"'^' and '=' are plain outside PN, G0", "\\ISO 2022 IR 87", MULTI,
         "日^=", "1B2442467C1B28425E3D"},
        {"and G1", "\\ISO 2022 IR 149", MULTI, "한^글=글",
         "1B242943C7D15EB1DB3DB1DB"},
        {"'\\' is plain in LT", "\\ISO 2022 IR 149", TEXT, "한\\글",
         "1B242943C7D15CB1DB"},
        {"CR LF", "\\ISO 2022 IR 87", TEXT, "日\r\n本",
         "1B2442467C1B2842 0D0A 1B24424B5C1B2842"},
        {"TAB", "\\ISO 2022 IR 87", TEXT, "日\t本",
         "1B2442467C1B2842 09 1B24424B5C1B2842"},
        {"FF", "\\ISO 2022 IR 87", TEXT, "日\f本",
         "1B2442467C1B2842 0C 1B24424B5C1B2842"},
        {"a set of G1, when value 1 has one too",
         "ISO 2022 IR 100\\ISO 2022 IR 144", PN, "éИ^é",
         "E9 1B2D4CB8 1B2D41 5E E9"},
        {"and at the end", "ISO 2022 IR 100\\ISO 2022 IR 144", MULTI, "И",
         "1B2D4CB8 1B2D41"},
        {"a space is ASCII", "\\ISO 2022 IR 87", MULTI, "日 日",
         "1B2442467C1B284220 1B2442467C1B2842"},
        {"no escape is written early or twice", "\\ISO 2022 IR 87", MULTI,
         "A日本B", "41 1B2442467C4B5C1B2842 42"},
        {"G0 is home before katakana of G1", "ISO 2022 IR 13\\ISO 2022 IR 87",
         MULTI, "ﾔ山ﾔ", "D4 1B24423B33 1B284A D4"},
        {"149 as a single term is in G1 at once", "ISO 2022 IR 149", MULTI,
         "A한", "41C7D1"},
    };
    (void)state;
    CHECK(rows);
}

static void a_choice_of_sets_is_made_by_their_order(void **state)
{
    static const struct row rows[] = {
        {"87 first", "\\ISO 2022 IR 87\\ISO 2022 IR 149", MULTI, "日",
         "1B2442467C1B2842"},
        {"149 first", "\\ISO 2022 IR 149\\ISO 2022 IR 87", MULTI, "日",
         "1B242943ECED"},
        {"the set in use goes on", "\\ISO 2022 IR 87\\ISO 2022 IR 149", MULTI,
         "한日", "1B242943C7D1ECED"},
        {"value 1 costs nothing", "ISO 2022 IR 144\\ISO 2022 IR 87", PN,
         "Иван=日", "B8D2D0DD3D 1B2442467C1B2842"},
        {"two sets of pairs in G0", "\\ISO 2022 IR 87\\ISO 2022 IR 159", MULTI,
         "日丂日", "1B2442467C 1B2428443021 1B2442467C 1B2842"},
        {"katakana that is not value 1", "\\ISO 2022 IR 87\\ISO 2022 IR 13",
         MULTI, "日ｱA", "1B2442467C 1B2842 1B2949B1 41"},
        {"and its yen, in LT", "\\ISO 2022 IR 13", TEXT, "A¥\\",
         "41 1B284A5C 1B28425C"},
        {"ASCII where value 1 is 13", "ISO 2022 IR 13\\ISO 2022 IR 100", TEXT,
         "A\\B", "41 1B28425C42 1B284A"},
        {"tilde likewise", "ISO 2022 IR 13\\ISO 2022 IR 6", MULTI, "A~\\B",
         "41 1B28427E 1B284A5C42"},
        {"no extension, no escape", "ISO_IR 13", MULTI, "ｱ\\A", "B15C41"},
    };
    (void)state;
    CHECK(rows);
}

static void what_tables_disagree_about_is_taken_either_way(void **state)
{
    static const struct row rows[] = {
        {"wave dash", "\\ISO 2022 IR 87", MULTI, "\u301C\uFF5E",
         "1B2442214121411B2842"},
        {"minus", "\\ISO 2022 IR 87", MULTI, "\u2212\uFF0D",
         "1B2442215D215D1B2842"},
        {"double bar", "\\ISO 2022 IR 87", MULTI, "\u2016\u2225",
         "1B2442214221421B2842"},
        {"dash", "\\ISO 2022 IR 87", MULTI, "\u2014\u2015",
         "1B2442213D213D1B2842"},
        {"cent", "\\ISO 2022 IR 87", MULTI, "\u00A2\uFFE0",
         "1B2442217121711B2842"},
        {"middle dot", "\\ISO 2022 IR 58", MULTI, "\u00B7\u30FB",
         "1B242941A1A4A1A4"},
        {"dash in GB 2312", "\\ISO 2022 IR 58", MULTI, "\u2014\u2015",
         "1B242941A1AAA1AA"},
        {"a set that has it comes first", "\\ISO 2022 IR 58\\ISO 2022 IR 100",
         MULTI, "\u00B7", "1B2D41B7"},
    };
    (void)state;
    CHECK(rows);
}

static void other_vrs_stay_in_the_default_repertoire(void **state)
{
    static const struct row rows[] = {
        {"tilde under 13", "ISO_IR 13", CODE, "A~\\B", "417E5C42"},
        {"tab", "ISO_IR 13", CODE, "A\t", "4109"},
    };
    (void)state;
    CHECK(rows);
}

struct refusal {
    const char *why, *terms;
    unsigned how;
    const char *text;
    enum dcm_status status;
    uint32_t bad;
    const char *replaced; /* hex, with '?' */
};

static void check_refusal(struct dcm_encoder *e, const struct refusal *r)
{
    const struct row again = {r->why, r->terms, r->how | DCM_ENCODE_REPLACE,
                              r->text, r->replaced};
    struct dcm_charset cs = parse(r->terms);
    size_t n = strlen(r->text), out_n;
    char *text = exact(r->text, n);
    const uint8_t *out;
    uint32_t bad = 0x12345678;
    enum dcm_status status =
        dcm_encode_value(e, &cs, r->how, text, n, &out, &out_n, &bad);

    if (status != r->status || bad != r->bad)
        fail_msg("%s: status %d, U+%04X", r->why, (int)status, (unsigned)bad);
    free(text);
    if (!r->replaced)
        return;
    check_row(e, &again);
    assert_true(dcm_encoder_problems(e) & DCM_CS_INVALID);
}

static void what_a_set_lacks_is_named(void **state)
{
#define LACKS DCM_ERR_UNSUPPORTED
#define ILL DCM_ERR_MALFORMED
    static const struct refusal rows[] = {
        {"Latin-1 is not in 87", "\\ISO 2022 IR 87", MULTI, "日é", LACKS, 0xE9,
         "1B2442467C 1B2842 3F"},
        {"nothing declared", "", MULTI, "é", LACKS, 0xE9, "3F"},
        {"C1 in Latin-1", "ISO_IR 100", MULTI, "\xC2\x80", LACKS, 0x80, "3F"},
        {"nor windows-1252", "ISO_IR 100", MULTI, "€", LACKS, 0x20AC, "3F"},
        {"a hole of 8859-3", "ISO_IR 109", MULTI, "\u00A5", LACKS, 0xA5, "3F"},
        {"another set, no extension", "ISO_IR 144", MULTI, "é", LACKS, 0xE9,
         "3F"},
        {"past FFFF", "\\ISO 2022 IR 87", MULTI, "\U00020000", LACKS, 0x20000,
         "3F"},
        {"GBK", "GBK", MULTI, "é\U00020000", LACKS, 0x20000, "A8A6 3F"},
        {"backslash in 13", "ISO_IR 13", TEXT, "ｱ\\", LACKS, 0x5C, "B13F"},
        {"tilde in 13", "ISO 2022 IR 13\\ISO 2022 IR 87", MULTI, "~", LACKS,
         0x7E, "3F"},
        {"yen where 5C separates", "ISO_IR 13", MULTI, "\u00A5", LACKS, 0xA5,
         "3F"},
        {"replacement character", "GB18030", MULTI, "\uFFFD", LACKS, 0xFFFD,
         "3F"},
        {"a code", "ISO_IR 192", CODE, "Aé", LACKS, 0xE9, "413F"},
        {"ESC in ASCII", "", TEXT, "\x1B(B", LACKS, 0x1B, "3F2842"},
        {"ESC in UTF-8", "ISO_IR 192", TEXT, "é\x1B(B", LACKS, 0x1B,
         "C3A93F2842"},
        {"ESC in GBK", "GBK", TEXT, "\x1B", LACKS, 0x1B, "3F"},
        {"ESC amid pairs", "\\ISO 2022 IR 87", TEXT, "日\x1B$B", LACKS, 0x1B,
         "1B2442467C 1B2842 3F2442"},
        {"SO", "\\ISO 2022 IR 87", TEXT, "\x0E", LACKS, 0x0E, "3F"},
        {"lone FF", "ISO_IR 192", TEXT, "A\xFF", ILL, 0xFF, NULL},
        {"not shortest", "ISO_IR 100", TEXT, "\xC0\xAF", ILL, 0xC0, NULL},
        {"surrogate", "GB18030", TEXT, "\xED\xA0\x80", ILL, 0xED, NULL},
        {"cut", "\\ISO 2022 IR 87", TEXT, "日\xE6\x97", ILL, 0xE6, NULL},
        {"cut by a delimiter", "ISO_IR 192", MULTI, "\xE6\x97\\", ILL, 0xE6,
         NULL},
        {"in a code", "", CODE, "\x80", ILL, 0x80, NULL},
    };
    struct dcm_encoder *e = dcm_encoder_new();

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_refusal(e, &rows[i]);
    dcm_encoder_free(e);
    dcm_encoder_free(NULL);
}

static void a_set_that_iconv_lacks_is_told(void **state)
{
    static const struct refusal rows[] = {
        {"pairs", "\\ISO 2022 IR 87", MULTI, "日", LACKS, 0, NULL},
        {"bytes", "ISO_IR 144", MULTI, "И", LACKS, 0, NULL},
        {"GB18030", "GB18030", MULTI, "王", LACKS, 0, NULL},
    };
    static const struct row fine[] = {
        {"ASCII", "\\ISO 2022 IR 87", MULTI, "A", "41"},
        {"Latin-1 needs none", "ISO_IR 100", MULTI, "é", "E9"},
        {"nor does JIS X 0201", "ISO_IR 13", MULTI, "ｱ", "B1"},
        {"nor a set that comes after", "ISO 2022 IR 100\\ISO 2022 IR 144",
         MULTI, "é", "E9"},
    };
    struct dcm_encoder *e = dcm_encoder_new();

    (void)state;
    no_iconv = 1;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_refusal(e, &rows[i]);
    CHECK(fine);
    no_iconv = 0;
    dcm_encoder_free(e);
#undef LACKS
#undef ILL
}

static void control_characters_are_kept_and_told(void **state)
{
    static const struct control_row {
        const char *why, *terms;
        unsigned how;
        const char *text, *want;
        unsigned problems;
    } rows[] = {
        {"line end in ST LT UT", "ISO_IR 192", TEXT, "\r\n", "0D0A", 0},
        {"line end elsewhere", "ISO_IR 192", MULTI, "\r\n", "0D0A",
         DCM_CS_CONTROL},
        {"in another set", "ISO_IR 100", MULTI, "é\t", "E909", DCM_CS_CONTROL},
        {"in GBK", "GBK", MULTI, "\t", "09", DCM_CS_CONTROL},
        {"BEL in ST LT UT", "", TEXT, "\a", "07", DCM_CS_CONTROL},
        {"DEL", "", TEXT, "\x7F", "7F", DCM_CS_CONTROL},
        {"byte order mark", "ISO_IR 192", TEXT, "\uFEFF", "EFBBBF",
         DCM_CS_CONTROL},
        {"in a code", "ISO_IR 192", CODE, "\n", "0A", DCM_CS_CONTROL},
    };
    struct dcm_encoder *e = dcm_encoder_new();

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct control_row *r = &rows[i];
        const struct row row = {r->why, r->terms, r->how, r->text, r->want};
        check_row(e, &row);
        assert_int_equal(dcm_encoder_problems(e), r->problems);
    }
    dcm_encoder_free(e);
}

static void text_that_need_not_change_is_not_copied(void **state)
{
    static const char *const same[][2] = {
        {"", "plain\\ASCII"},      {"\\ISO 2022 IR 87", "plain"},
        {"ISO_IR 192", "日本\\é"}, {"ISO_IR 192", ""},
        {"GBK", "plain"},
    };
    struct dcm_encoder *e = dcm_encoder_new();

    (void)state;
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        struct dcm_charset cs = parse(same[i][0]);
        const char *text = same[i][1];
        const uint8_t *out;
        uint32_t bad;
        size_t n;

        assert_int_equal(
            dcm_encode_value(e, &cs, MULTI, text, strlen(text), &out, &n, &bad),
            DCM_OK);
        assert_int_equal(n, strlen(text));
        if (n)
            assert_ptr_equal(out, text);
    }
    dcm_encoder_free(e);
}

static void terms_are_written_as_the_standard_has_them(void **state)
{
    static const struct term_row {
        const char *why, *terms, *want;
    } rows[] = {
        {"none", "", ""},
        {"exact", "ISO_IR 100", "ISO_IR 100"},
        {"misspelt", "iso-ir 144 ", "ISO_IR 144"},
        {"UTF-8", "UTF-8", "ISO_IR 192"},
        {"GB18030", "gb18030", "GB18030"},
        {"GB 2312 by name is GBK", "GB2312", "GBK"},
        {"ASCII needs no term", "ISO_IR 6", ""},
        {"nor by the other kind", "ISO 2022 IR 6", ""},
        {"value 1 empty", "\\ISO 2022 IR 87", "\\ISO 2022 IR 87"},
        {"value 1 named", "ISO 2022 IR 6\\ISO 2022 IR 87", "\\ISO 2022 IR 87"},
        {"three", "ISO 2022 IR 13\\ISO 2022 IR 87\\ISO 2022 IR 159",
         "ISO 2022 IR 13\\ISO 2022 IR 87\\ISO 2022 IR 159"},
        {"ASCII named later", "ISO 2022 IR 13\\ISO 2022 IR 6",
         "ISO 2022 IR 13\\ISO 2022 IR 6"},
        {"a single one has no extensions", "ISO 2022 IR 100", "ISO_IR 100"},
        {"13 alone", "ISO 2022 IR 13", "ISO_IR 13"},
        {"mixed kinds", "ISO_IR 100\\ISO 2022 IR 144",
         "ISO 2022 IR 100\\ISO 2022 IR 144"},
        {"a set of pairs alone", "ISO_IR 149", "\\ISO 2022 IR 149"},
        {"one that would hide ASCII", "ISO 2022 IR 87", "\\ISO 2022 IR 87"},
        {"sets of pairs first",
         "ISO 2022 IR 87\\ISO 2022 IR 6\\ISO 2022 IR "
         "149",
         "\\ISO 2022 IR 87\\ISO 2022 IR 149"},
        {"as many as can be",
         "ISO 2022 IR 127\\ISO 2022 IR 100\\ISO 2022 IR 101\\ISO 2022 IR 109\\"
         "ISO 2022 IR 110\\ISO 2022 IR 144\\ISO 2022 IR 126\\ISO 2022 IR 138\\"
         "ISO 2022 IR 148\\ISO 2022 IR 203\\ISO 2022 IR 166\\ISO 2022 IR 149",
         "ISO 2022 IR 127\\ISO 2022 IR 100\\ISO 2022 IR 101\\ISO 2022 IR 109\\"
         "ISO 2022 IR 110\\ISO 2022 IR 144\\ISO 2022 IR 126\\ISO 2022 IR 138\\"
         "ISO 2022 IR 148\\ISO 2022 IR 203\\ISO 2022 IR 166\\ISO 2022 IR 149"},
        {"too many once ASCII is there",
         "ISO 2022 IR 149\\ISO 2022 IR 100\\ISO 2022 IR 101\\ISO 2022 IR 109\\"
         "ISO 2022 IR 110\\ISO 2022 IR 144\\ISO 2022 IR 126\\ISO 2022 IR 138\\"
         "ISO 2022 IR 148\\ISO 2022 IR 203\\ISO 2022 IR 166\\ISO 2022 IR 127",
         NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct dcm_charset cs = parse(rows[i].terms), back;
        char *buffer = malloc(DCM_CHARSET_CANONICAL);

        assert_int_equal(dcm_charset_check(&cs), rows[i].want != NULL);
        if (rows[i].want) {
            assert_string_equal(dcm_charset_canonical(&cs, buffer),
                                rows[i].want);
            back = parse(buffer);
            assert_int_equal(back.count, cs.count);
            assert_int_equal(back.extension, cs.extension);
            assert_memory_equal(back.sets, cs.sets, cs.count);
        }
        free(buffer);
    }
}

static void an_element_changes_its_set(void **state)
{
    static const struct again_row {
        const char *why, *from, *to;
        unsigned how;
        const char *bytes, *want; /* no NUL in them */
    } rows[] = {
        {"Latin-1 to UTF-8", "ISO_IR 100", "ISO_IR 192", MULTI, "\xE9\\\xF4 ",
         "é\\ô "},
        {"Japanese to UTF-8", "\\ISO 2022 IR 87", "ISO_IR 192", PN,
         "A=\x1B$B;3ED\x1B(B^\x1B$B%\\\x1B(B", "A=山田^ボ"},
        {"UTF-8 to Japanese", "ISO_IR 192", "\\ISO 2022 IR 87", MULTI,
         "ボ\\\\A", "\x1B$B%\\\x1B(B\\\\A"},
        {"nothing", "ISO_IR 100", "ISO_IR 192", MULTI, "", ""},
    };
    struct dcm_encoder *e = dcm_encoder_new();
    struct dcm_decoder *d = dcm_decoder_new();

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct again_row *r = &rows[i];
        struct dcm_charset from = parse(r->from), to = parse(r->to);
        const uint8_t *out;
        size_t n;
        unsigned problems = 0;
        uint32_t bad;

        assert_int_equal(dcm_encode_again(e, d, &from, &to, r->how,
                                          (const uint8_t *)r->bytes,
                                          strlen(r->bytes), &out, &n, &problems,
                                          &bad),
                         DCM_OK);
        assert_int_equal(problems, 0);
        if (n != strlen(r->want) || memcmp(out, r->want, n))
            fail_msg("%s: \"%.*s\"", r->why, (int)n, (const char *)out);
    }
    dcm_decoder_free(d);
    dcm_encoder_free(e);
}

/* --------------------------------------------------- there and back again */

static size_t put_utf8(char *t, uint32_t c)
{
    if (c < 0x80) {
        t[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        t[0] = (char)(0xC0 | c >> 6);
        t[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        t[0] = (char)(0xE0 | c >> 12);
        t[1] = (char)(0x80 | (c >> 6 & 0x3F));
        t[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    t[0] = (char)(0xF0 | c >> 18);
    t[1] = (char)(0x80 | (c >> 12 & 0x3F));
    t[2] = (char)(0x80 | (c >> 6 & 0x3F));
    t[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

static const char *const all_terms[] = {
    "",
    "ISO_IR 100",
    "ISO_IR 101",
    "ISO_IR 109",
    "ISO_IR 110",
    "ISO_IR 144",
    "ISO_IR 127",
    "ISO_IR 126",
    "ISO_IR 138",
    "ISO_IR 148",
    "ISO_IR 203",
    "ISO_IR 166",
    "ISO_IR 13",
    "ISO_IR 192",
    "GB18030",
    "GBK",
    "\\ISO 2022 IR 87",
    "\\ISO 2022 IR 159",
    "\\ISO 2022 IR 149",
    "\\ISO 2022 IR 58",
    "ISO 2022 IR 13\\ISO 2022 IR 87\\ISO 2022 IR 159",
    "ISO 2022 IR 100\\ISO 2022 IR 144\\ISO 2022 IR 126\\ISO 2022 IR 149",
    "ISO 2022 IR 13\\ISO 2022 IR 6\\ISO 2022 IR 58\\ISO 2022 IR 87",
    "ISO 2022 IR 203\\ISO 2022 IR 13\\ISO 2022 IR 166\\ISO 2022 IR 159",
    "ISO 2022 IR 149",
    "ISO 2022 IR 58",
    "ISO 2022 IR 100",
};
#define TERMS (sizeof all_terms / sizeof *all_terms)

/* All values, joined again; 0 unless they are `text` and without a problem
 * but those of `allowed`. */
static int reads_back(struct dcm_decoder *d, const struct dcm_charset *cs,
                      unsigned how, const uint8_t *p, size_t n,
                      const char *text, size_t text_n, unsigned allowed)
{
    const uint8_t *end = p + n, *where;
    unsigned problems = 0;

    for (int more = 1; more;) {
        const char *out;
        size_t length;

        p = dcm_decode_value(d, cs, how, p, end, &out, &length, &more,
                             &problems, &where);
        assert_non_null(p);
        if (length > text_n || memcmp(out, text, length))
            return 0;
        text += length;
        text_n -= length;
        if (more && (!text_n || *text != '\\'))
            return 0;
        text += more;
        text_n -= (size_t)more;
    }
    return !text_n && !(problems & ~allowed);
}

/* Every code point: either refused, or read back as it was. */
static unsigned count_characters(struct dcm_encoder *e, struct dcm_decoder *d,
                                 const char *terms, unsigned how)
{
    struct dcm_charset cs = parse(terms);
    unsigned count = 0;

    for (uint32_t c = 0x20; c < 0x30000; c++) {
        char text[4];
        size_t n = put_utf8(text, c), out_n;
        const uint8_t *out;
        uint32_t bad;
        enum dcm_status status;

        if (c >= 0xD800 && c < 0xE000)
            continue;
        status = dcm_encode_value(e, &cs, how, text, n, &out, &out_n, &bad);
        if (status == DCM_ERR_UNSUPPORTED && bad == c)
            continue;
        assert_int_equal(status, DCM_OK);
        if (reads_back(d, &cs, how, out, out_n, text, n,
                       DCM_CS_CONTROL | DCM_CS_OTHER_SET))
            count++;
    }
    return count;
}

/* How many characters a set has is in its standard: 94 + 6879 for JIS X 0208
 * and so on; 95 of ASCII with DEL make 96, which the encoder takes. */
static void every_character_of_a_set_is_read_back(void **state)
{
    static const struct count_row {
        const char *terms;
        unsigned low, high; /* editions differ by a few */
    } rows[] = {
        {"", 96, 96},
        {"ISO_IR 100", 192, 192},
        {"ISO_IR 144", 192, 192},
        {"ISO_IR 13", 159, 159}, /* 5C 7E are others, 7F is taken */
        {"ISO_IR 166", 183, 184},
        {"\\ISO 2022 IR 87", 96 + 6879 - 1, 96 + 6879},
        {"\\ISO 2022 IR 159", 96 + 6067 - 1, 96 + 6067},
        {"\\ISO 2022 IR 149", 96 + 8224, 96 + 8227}, /* euro, (R), postal */
        {"\\ISO 2022 IR 58", 96 + 7445, 96 + 7445},
        {"ISO_IR 192", 0x30000 - 0x20 - 0x800, 0x30000 - 0x20 - 0x800},
        {"GB18030", 0x30000 - 0x20 - 0x800 - 200, 0x30000 - 0x20 - 0x800},
        {"GBK", 96 + 21886 - 200, 96 + 23940},
    };
    struct dcm_encoder *e = dcm_encoder_new();
    struct dcm_decoder *d = dcm_decoder_new();

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        unsigned n = count_characters(e, d, rows[i].terms, TEXT);
        if (n < rows[i].low || n > rows[i].high)
            fail_msg("%s: %u characters", rows[i].terms, n);
    }
    dcm_decoder_free(d);
    dcm_encoder_free(e);
}

/* A set, alone: all codes give the same bytes again. */
static void every_code_of_a_set_is_written_again(void **state)
{
    static const struct code_row {
        const char *terms, *before, *after;
        unsigned high, first, last, least;
    } rows[] = {
        {"\\ISO 2022 IR 87", "\x1B$B", "\x1B(B", 0, 0x21, 0x7E, 6878},
        {"\\ISO 2022 IR 159", "\x1B$(D", "\x1B(B", 0, 0x21, 0x7E, 6066},
        {"\\ISO 2022 IR 149", "\x1B$)C", "", 0x80, 0x21, 0x7E, 8224},
        {"\\ISO 2022 IR 58", "\x1B$)A", "", 0x80, 0x21, 0x7E, 7445},
        {"GBK", "", "", 0, 0x81, 0xFE, 21886 - 200},
        {"GB18030", "", "", 0, 0x81, 0xFE, 23940 - 200},
    };
    struct dcm_encoder *e = dcm_encoder_new();
    struct dcm_decoder *d = dcm_decoder_new();

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct code_row *r = &rows[i];
        struct dcm_charset cs = parse(r->terms);
        unsigned count = 0;

        for (unsigned code = r->first << 8; code <= (r->last << 8 | 0xFE);
             code++) {
            uint8_t bytes[16];
            const uint8_t *out, *where;
            const char *text;
            unsigned problems = 0;
            size_t n, text_n, out_n;
            uint32_t bad;
            int more;

            if ((code & 0xFF) < 0x21)
                continue;
            n = (size_t)snprintf((char *)bytes, sizeof bytes, "%s%c%c%s",
                                 r->before, (int)(code >> 8 | r->high),
                                 (int)((code & 0xFF) | r->high), r->after);
            dcm_decode_value(d, &cs, TEXT, bytes, bytes + n, &text, &text_n,
                             &more, &problems, &where);
            /* the few past FFFF have a four-byte code as well */
            if (problems || text_n == 1 || text_n == 4)
                continue;
            assert_int_equal(dcm_encode_value(e, &cs, TEXT, text, text_n, &out,
                                              &out_n, &bad),
                             DCM_OK);
            assert_int_equal(out_n, n);
            assert_memory_equal(out, bytes, n);
            count++;
        }
        if (count < r->least)
            fail_msg("%s: %u codes", r->terms, count);
    }
    dcm_decoder_free(d);
    dcm_encoder_free(e);
}

static unsigned draw(uint64_t *seed, unsigned n)
{
    *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (unsigned)(*seed >> 33) % n;
}

/* A character of one of the scripts that the sets are for. */
static uint32_t draw_character(uint64_t *seed)
{
    static const uint32_t ranges[][2] = {
        {0x20, 95},     {0x41, 26},     {0xA0, 96},     {0x100, 128},
        {0x370, 144},   {0x400, 96},    {0x5D0, 27},    {0x620, 43},
        {0xE00, 96},    {0x2010, 32},   {0x3041, 86},   {0x30A1, 90},
        {0x4E00, 2000}, {0xAC00, 2000}, {0xFF00, 0xF0}, {0x1F600, 80},
    };
    static const char marks[] = "^=\\\t\r\n\f~\\^=\x01";
    unsigned i = draw(seed, 24);

    if (i >= 16)
        return (uint8_t)marks[draw(seed, sizeof marks - 1)];
    return ranges[i][0] + draw(seed, ranges[i][1]);
}

/* Twins are read back as the other one. */
static int is_twin(uint32_t c)
{
    static const uint32_t twins[] = {0x301C, 0xFF5E, 0x223C, 0x2212, 0xFF0D,
                                     0x2016, 0x2225, 0x2014, 0x2015, 0xA2,
                                     0xFFE0, 0xA3,   0xFFE1, 0xAC,   0xFFE2,
                                     0xA6,   0xFFE4, 0xB7,   0x30FB};

    for (size_t i = 0; i < sizeof twins / sizeof *twins; i++)
        if (twins[i] == c)
            return 1;
    return 0;
}

/* Draws text of which each character can be encoded by itself. */
static size_t draw_text(uint64_t *seed, struct dcm_encoder *e,
                        const struct dcm_charset *cs, unsigned how, char *text,
                        unsigned length)
{
    size_t n = 0;

    while (length--) {
        uint32_t c = draw_character(seed), bad;
        size_t k = put_utf8(text + n, c), out_n;
        const uint8_t *out;

        if (!is_twin(c) && dcm_encode_value(e, cs, how, text + n, k, &out,
                                            &out_n, &bad) == DCM_OK)
            n += k;
    }
    return n;
}

static void random_text_in_any_set_is_read_back(void **state)
{
    static const unsigned hows[] = {MULTI, PN, TEXT, CODE};
    struct dcm_encoder *e = dcm_encoder_new();
    struct dcm_decoder *d = dcm_decoder_new();
    uint64_t seed = 1;

    (void)state;
    for (unsigned round = 0; round < 24000; round++) {
        const char *terms = all_terms[round % TERMS];
        struct dcm_charset cs = parse(terms);
        unsigned how = hows[draw(&seed, 4)];
        char text[4 * 64];
        size_t n = draw_text(&seed, e, &cs, how, text, 1 + draw(&seed, 63)),
               out_n;
        char *copy = exact(text, n);
        uint8_t *bytes;
        const uint8_t *out;
        uint32_t bad;

        assert_int_equal(
            dcm_encode_value(e, &cs, how, copy, n, &out, &out_n, &bad), DCM_OK);
        bytes = (uint8_t *)exact((const char *)out, out_n);
        if (!reads_back(d, &cs, how, bytes, out_n, text, n,
                        DCM_CS_CONTROL | DCM_CS_OTHER_SET))
            fail_msg("round %u, %s, how %u: \"%.*s\"", round, terms, how,
                     (int)n, text);
        free(bytes);
        free(copy);
    }
    dcm_decoder_free(d);
    dcm_encoder_free(e);
}

/* Bytes that mean something to one part or another are drawn more often. */
static void any_bytes_are_encoded_or_refused(void **state)
{
    static const uint8_t often[] = {0x1B, '^',  '=',  '\\', '~',  0xC3, 0xA9,
                                    0xE6, 0x97, 0xA5, 0xEF, 0xBD, 0xB1, 0xED,
                                    0xA0, 0xF0, 0x90, 0x80, '\r', 0x0E};
    static const unsigned hows[] = {MULTI, PN, TEXT, CODE};
    struct dcm_encoder *e = dcm_encoder_new();
    uint64_t seed = 7;
    unsigned count[DCM_ERR_UNSUPPORTED + 1] = {0};

    (void)state;
    for (unsigned round = 0; round < 48000; round++) {
        struct dcm_charset cs = parse(all_terms[round % TERMS]);
        unsigned how = hows[draw(&seed, 4)] | draw(&seed, 2) << 8;
        size_t n = draw(&seed, 24), out_n;
        char *text = malloc(n + !n);
        const uint8_t *out;
        uint32_t bad;

        for (size_t i = 0; i < n; i++)
            text[i] = (char)(draw(&seed, 3) ? often[draw(&seed, sizeof often)]
                                            : draw(&seed, 256));
        count[dcm_encode_value(e, &cs, how, text, n, &out, &out_n, &bad)]++;
        free(text);
    }
    assert_true(count[DCM_OK] && count[DCM_ERR_MALFORMED] &&
                count[DCM_ERR_UNSUPPORTED]);
    assert_int_equal(count[DCM_OK] + count[DCM_ERR_MALFORMED] +
                         count[DCM_ERR_UNSUPPORTED],
                     48000);
    dcm_encoder_free(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_examples_of_the_standard_are_written),
        cmocka_unit_test(each_set_has_its_own_codes),
        cmocka_unit_test(the_set_of_value_1_is_back_where_it_must),
        cmocka_unit_test(a_choice_of_sets_is_made_by_their_order),
        cmocka_unit_test(what_tables_disagree_about_is_taken_either_way),
        cmocka_unit_test(other_vrs_stay_in_the_default_repertoire),
        cmocka_unit_test(what_a_set_lacks_is_named),
        cmocka_unit_test(a_set_that_iconv_lacks_is_told),
        cmocka_unit_test(control_characters_are_kept_and_told),
        cmocka_unit_test(text_that_need_not_change_is_not_copied),
        cmocka_unit_test(terms_are_written_as_the_standard_has_them),
        cmocka_unit_test(an_element_changes_its_set),
        cmocka_unit_test(every_character_of_a_set_is_read_back),
        cmocka_unit_test(every_code_of_a_set_is_written_again),
        cmocka_unit_test(random_text_in_any_set_is_read_back),
        cmocka_unit_test(any_bytes_are_encoded_or_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
