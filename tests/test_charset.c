/* charset.c: terms, the code extension machine, and bytes to UTF-8. Expected
 * text is from PS3.5 Annexes H to K, from the code charts of the sets, and
 * from Unicode 3.9 for ill-formed UTF-8. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* RTLD_NEXT */
#endif
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "libdcm/charset.h"
#include "libdcm/issue.h"
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

struct row {
    const char *why;
    const char *terms; /* the value of (0008,0005) */
    unsigned how;
    const char *hex;   /* spaces are free */
    const char *want;  /* values, '|' between them */
    unsigned problems; /* of the text */
};

/* Exact size, so that a read past the end is seen by a sanitizer. */
static uint8_t *unhex(const char *hex, size_t *n)
{
    uint8_t *bytes = malloc(strlen(hex) / 2 + 1);
    unsigned v;

    assert_non_null(bytes);
    for (*n = 0; *hex; hex++) {
        if (*hex == ' ')
            continue;
        assert_int_equal(sscanf(hex, "%2x", &v), 1);
        bytes[(*n)++] = (uint8_t)v;
        hex++;
    }
    return *n ? realloc(bytes, *n) : bytes;
}

/* All values of n bytes, '|' between them. */
static void decode_all(struct dcm_decoder *d, const struct dcm_charset *cs,
                       unsigned how, const uint8_t *p, size_t n, char *text,
                       size_t size, unsigned *problems)
{
    const uint8_t *end = p + n, *where = NULL, *start = p;
    size_t used = 0;

    *problems = 0;
    for (int more = 1; more;) {
        const char *out;
        size_t length;
        p = dcm_decode_value(d, cs, how, p, end, &out, &length, &more, problems,
                             &where);
        assert_non_null(p);
        assert_true(used + length + 2 < size);
        memcpy(text + used, out, length);
        used += length;
        if (more)
            text[used++] = '|';
    }
    text[used] = '\0';
    assert_ptr_equal(p, end);
    assert_int_equal(*problems != 0, where != NULL);
    assert_true(!where || (where >= start && where < end));
}

static void check(const struct row *r, size_t count)
{
    struct dcm_decoder *d = dcm_decoder_new();

    assert_non_null(d);
    for (; count; count--, r++) {
        struct dcm_charset cs;
        char text[512];
        unsigned problems;
        size_t n;
        uint8_t *p = unhex(r->hex, &n);

        dcm_charset_parse(&cs, (const uint8_t *)r->terms, strlen(r->terms));
        decode_all(d, &cs, r->how, p, n, text, sizeof text, &problems);
        if (strcmp(text, r->want) || problems != r->problems)
            fail_msg("%s: \"%s\" problems %x, wanted \"%s\" %x", r->why, text,
                     problems, r->want, r->problems);
        free(p);
    }
    dcm_decoder_free(d);
}

#define CHECK(rows) check(rows, sizeof(rows) / sizeof *(rows))

static void the_examples_of_the_standard_decode(void **state)
{
    static const struct row rows[] = {
        {"H.3.1", "\\ISO 2022 IR 87", PN,
         "59616D6164615E5461726F753D 1B24423B3345441B2842 5E"
         "1B244242404F3A1B2842 3D 1B24422464245E24401B2842 5E"
         "1B2442243F246D24261B2842",
         "Yamada^Tarou=山田^太郎=やまだ^たろう", 0},
        {"H.3.2", "ISO 2022 IR 13\\ISO 2022 IR 87", PN,
         "D4CFC0DE5EC0DBB33D 1B24423B3345441B284A 5E"
         "1B244242404F3A1B284A 3D 1B24422464245E24401B284A 5E"
         "1B2442243F246D24261B284A",
         "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう", 0},
        {"I.2", "\\ISO 2022 IR 149", PN,
         "486F6E675E47696C646F6E673D 1B242943FBF35E1B242943D1CED4D73D"
         "1B242943C8AB5E1B242943B1E6B5BF",
         "Hong^Gildong=洪^吉洞=홍^길동", 0},
        {"I.3, each line anew", "\\ISO 2022 IR 149", TEXT,
         "1B242943C7D1B1DB 0D0A 1B242943C7D1B1DB", "한글\r\n한글", 0},
        {"J.1", "ISO_IR 192", PN,
         "57616E675E5869616F446F6E673DE78E8B5EE5B08FE69DB13D",
         "Wang^XiaoDong=王^小東=", 0},
        {"J.3", "GB18030", PN, "57616E675E5869616F446F6E673DCDF55ED0A1B6AB3D",
         "Wang^XiaoDong=王^小东=", 0},
        {"J.3 by its older name", "GBK", PN, "CDF55ED0A1B6AB3D", "王^小东=", 0},
        {"K.2", "\\ISO 2022 IR 58", PN,
         "5A68616E673D 1B242941D5C5 5E 1B242941D0A1B6AB 3D",
         "Zhang=张^小东=", 0},
        {"K.3", "\\ISO 2022 IR 58", TEXT,
         "312E 1B242941 B5DAD2BBD0D0CEC4D7D6A1A3 0D0A", "1.第一行文字。\r\n",
         0},
        {"German", "ISO_IR 100", MULTI, "47FC6E74686572", "Günther", 0},
        {"Russian", "ISO_IR 144", MULTI, "B8D2D0DD", "Иван", 0},
    };
    (void)state;
    CHECK(rows);
}

static void each_set_has_its_own_table(void **state)
{
    static const struct row rows[] = {
        {"8859-2", "ISO_IR 101", MULTI, "A3F8", "Łř", 0},
        {"8859-3", "ISO_IR 109", MULTI, "A1E6", "Ħĉ", 0},
        {"8859-3 has holes", "ISO_IR 109", MULTI, "A5", "\uFFFD",
         DCM_CS_INVALID},
        {"8859-4", "ISO_IR 110", MULTI, "A2BF", "ĸŋ", 0},
        {"8859-6", "ISO_IR 127", MULTI, "C7E4", "ال", 0},
        {"8859-7", "ISO_IR 126", MULTI, "C1F9", "Αω", 0},
        {"8859-8", "ISO_IR 138", MULTI, "E0FA", "את", 0},
        {"8859-9", "ISO_IR 148", MULTI, "F0FD", "ğı", 0},
        {"8859-15", "ISO_IR 203", MULTI, "A431", "€1", 0},
        {"TIS 620", "ISO_IR 166", MULTI, "A1D2", "กา", 0},
        {"JIS X 0201", "ISO_IR 13", TEXT, "5C31 7E", "¥1‾", 0},
        {"JIS X 0212", "\\ISO 2022 IR 159", MULTI, "1B24284430211B2842", "丂",
         0},
        {"wave dash, not full-width tilde", "\\ISO 2022 IR 87", MULTI,
         "1B244221411B2842", "\u301C", 0},
        {"GB18030, four bytes: the first and the first past FFFF", "GB18030",
         TEXT, "81308130 90308130 95328236", "\xC2\x80\U00010000\U00020000", 0},
        {"GB18030, the last code point and one too many", "GB18030", TEXT,
         "E3329A35 E3329A36", "\U0010FFFF\uFFFD", DCM_CS_INVALID},
        {"GBK 80 is of CP936", "GBK", TEXT, "80", "€", DCM_CS_OTHER_SET},
        {"GB18030 80 is nothing", "GB18030", TEXT, "80", "\uFFFD",
         DCM_CS_INVALID},
        {"C1 in a set without windows-1252", "ISO_IR 144", TEXT, "84", "\uFFFD",
         DCM_CS_INVALID},
    };
    (void)state;
    CHECK(rows);
}

static void values_end_where_the_set_allows(void **state)
{
    static const struct row rows[] = {
        {"two empty values", "", MULTI, "5C", "|", 0},
        {"not in LT", "", TEXT, "41 5C 42", "A\\B", 0},
        {"second byte of GB18030", "GB18030", MULTI, "31825C325C33", "1俓2|3",
         0},
        {"second byte of a pair in G0", "\\ISO 2022 IR 87", MULTI,
         "1B2442255C1B28425C41", "ボ|A", 0},
        {"a whole text of such pairs", "\\ISO 2022 IR 87", MULTI,
         "1B2442467C4B5C1B2842", "日本", 0},
        {"'^' and '=' in a pair of a PN", "\\ISO 2022 IR 87", PN,
         "1B2442 4A5E 463D 1B2842 3D41", "舗峠=A", 0},
        {"yen separates all the same", "ISO_IR 13", MULTI, "B15CB2", "ｱ|ｲ", 0},
        {"second byte of Shift-JIS", "ISO_IR 13", MULTI, "835C", "ソ",
         DCM_CS_OTHER_SET},
        {"UTF-8", "ISO_IR 192", MULTI, "C3A95C5CC3B4", "é||ô", 0},
        {"an unassigned pair does not hide a delimiter", "GBK", MULTI, "A25C41",
         "\uFFFD|A", DCM_CS_INVALID},
        {"nor does a pair that breaks off", "\\ISO 2022 IR 149", MULTI,
         "1B242943C75C41", "\uFFFD|A", DCM_CS_INVALID},
        {"each value starts anew", "\\ISO 2022 IR 58", MULTI,
         "1B242941D5C55C1B242941D5C5", "张|张", 0},
    };
    (void)state;
    CHECK(rows);
}

static void the_state_goes_home_where_it_should(void **state)
{
    static const struct row rows[] = {
        {"'^' and '=' are plain outside PN", "\\ISO 2022 IR 149", MULTI,
         "1B242943C7D15EB1DB3DB1DB", "한^글=글", 0},
        {"in PN they end the set of G1", "ISO 2022 IR 100\\ISO 2022 IR 144", PN,
         "1B2D4CB8 5E E9", "И^é", 0},
        {"'=' as well", "ISO 2022 IR 100\\ISO 2022 IR 144", PN,
         "1B2D4CB8 3D E9", "И=é", 0},
        {"TAB", "ISO 2022 IR 100\\ISO 2022 IR 144", TEXT, "1B2D4CB8 09 E9",
         "И\té", 0},
        {"FF", "ISO 2022 IR 100\\ISO 2022 IR 144", TEXT, "1B2D4CB8 0C E9",
         "И\fé", 0},
        {"5C in G0 ASCII is a backslash again", "ISO 2022 IR 13\\ISO 2022 IR 6",
         TEXT, "5C 1B2842 5C 0D 5C", "¥\\\r¥", 0},
        {"escape missing on line 2", "\\ISO 2022 IR 149", TEXT,
         "1B242943C7D1 0D0A C7D1", "한\r\n한", DCM_CS_NO_ESCAPE},
        {"escape missing after '^'", "\\ISO 2022 IR 149", PN,
         "1B242943C7D1 5E C7D1", "한^한", DCM_CS_NO_ESCAPE},
        {"G0 not given back, seen by a row that is none", "\\ISO 2022 IR 87",
         MULTI, "1B2442467C 7A7A", "日zz", DCM_CS_NO_ESCAPE},
        {"G0 not given back before the line ends", "\\ISO 2022 IR 87", TEXT,
         "1B2442467C 0D0A 4141", "日\r\nAA", DCM_CS_NO_ESCAPE},
        {"half a character", "ISO 2022 IR 6\\ISO 2022 IR 87", MULTI,
         "1B2442467C4B", "日\uFFFD", DCM_CS_INVALID | DCM_CS_NO_ESCAPE},
        {"a space stays a space between pairs", "\\ISO 2022 IR 87", MULTI,
         "1B2442467C 20 467C 1B2842", "日 日", 0},
    };
    (void)state;
    CHECK(rows);
}

static void escapes_out_of_place_are_read_and_told(void **state)
{
    static const struct row rows[] = {
        {"JIS C 6226 of 1978", "\\ISO 2022 IR 87", MULTI, "1B2440467C1B2842",
         "日", DCM_CS_ESCAPE},
        {"katakana in G0", "\\ISO 2022 IR 87", MULTI, "1B284931321B2842", "ｱｲ",
         DCM_CS_ESCAPE},
        {"GB 2312 in G0", "\\ISO 2022 IR 58", MULTI, "1B244155451B2842", "张",
         DCM_CS_ESCAPE},
        {"KS X 1001 in G0", "\\ISO 2022 IR 149", MULTI, "1B24284347511B2842",
         "한", DCM_CS_ESCAPE},
        {"a set that is not declared", "\\ISO 2022 IR 87", MULTI,
         "1B242943C7D1", "한", DCM_CS_ESCAPE},
        {"no extension declared", "ISO_IR 100", MULTI, "1B2D4CB8", "И",
         DCM_CS_ESCAPE},
        {"nothing declared", "", MULTI, "1B2442467C1B2842", "日",
         DCM_CS_ESCAPE},
        {"ISO-IR 6 is not part of ISO-IR 13", "ISO 2022 IR 13\\ISO 2022 IR 87",
         MULTI, "1B284241", "A", DCM_CS_ESCAPE},
        {"unknown sequence", "ISO 2022 IR 100\\ISO 2022 IR 144", MULTI,
         "41 1B2D5A E9", "A\uFFFD-Zé", DCM_CS_ESCAPE},
        {"cut sequence", "\\ISO 2022 IR 87", MULTI, "41 1B24", "A\uFFFD$",
         DCM_CS_ESCAPE},
        {"in UTF-8", "ISO_IR 192", MULTI, "C3A9 1B2842", "é\uFFFD(B",
         DCM_CS_ESCAPE},
        {"in GBK", "GBK", MULTI, "1B2842", "\uFFFD(B", DCM_CS_ESCAPE},
        {"SO and SI", "\\ISO 2022 IR 87", MULTI, "41 0E 42 0F 43", "ABC",
         DCM_CS_CONTROL},
        {"SS2 and SS3", "\\ISO 2022 IR 149", MULTI, "1B242943 8E C7D1 8F", "한",
         DCM_CS_CONTROL},
    };
    (void)state;
    CHECK(rows);
}

static void text_of_another_set_is_read_as_meant(void **state)
{
    static const struct row rows[] = {
        {"undeclared Latin-1", "", MULTI, "E9F4", "éô", DCM_CS_UNDECLARED},
        {"undeclared windows-1252", "", MULTI, "93E994", "“é”",
         DCM_CS_UNDECLARED},
        {"undeclared, no character at 81", "", MULTI, "81", "\uFFFD",
         DCM_CS_UNDECLARED | DCM_CS_INVALID},
        {"undeclared UTF-8", "", MULTI, "41C3A9E697A5", "Aé日",
         DCM_CS_UNDECLARED},
        {"a value is judged as a whole", "", MULTI, "C3A9E9", "Ã©é",
         DCM_CS_UNDECLARED},
        {"and each by itself", "", MULTI, "C3A95CE9", "é|é", DCM_CS_UNDECLARED},
        {"what follows a pair with 5C is judged again", "", MULTI,
         "C3A9 1B2442 255C 1B2842 C3", "éボÃ",
         DCM_CS_UNDECLARED | DCM_CS_ESCAPE},
        {"ASCII by a misspelt name", "ISO_IR 6", MULTI, "E9", "é",
         DCM_CS_UNDECLARED},
        {"unknown term", "FOO BAR", MULTI, "E9", "é", DCM_CS_UNDECLARED},
        {"windows-1252 under Latin-1", "ISO_IR 100", MULTI, "80E9", "€é",
         DCM_CS_OTHER_SET},
        {"UTF-8 under Latin-1: what is declared wins", "ISO_IR 100", MULTI,
         "C3A9", "Ã©", DCM_CS_OTHER_SET},
        {"Shift-JIS under JIS X 0201", "ISO_IR 13", TEXT, "8E52936320B1",
         "山田 ｱ", DCM_CS_OTHER_SET},
        {"nothing with G1 is declared", "\\ISO 2022 IR 87", MULTI, "E9",
         "\uFFFD", DCM_CS_INVALID},
        {"a code in Latin-1", "ISO_IR 100", CODE, "41E9", "Aé",
         DCM_CS_UNDECLARED},
        {"a code that is not the UTF-8 it should be", "ISO_IR 192", CODE,
         "41E9", "Aé", DCM_CS_UNDECLARED},
        {"a code under JIS X 0201 keeps its '~'", "ISO_IR 13", CODE, "7E", "~",
         0},
    };
    (void)state;
    CHECK(rows);
}

static void control_characters_are_kept_and_told(void **state)
{
    static const struct row rows[] = {
        {"line end in ST LT UT", "ISO_IR 192", TEXT, "0D0A", "\r\n", 0},
        {"line end elsewhere", "ISO_IR 192", MULTI, "0D0A", "\r\n",
         DCM_CS_CONTROL},
        {"also in other sets", "ISO_IR 100", MULTI, "09", "\t", DCM_CS_CONTROL},
        {"and in GBK", "GBK", MULTI, "09", "\t", DCM_CS_CONTROL},
        {"BEL in ST LT UT", "", TEXT, "07", "\a", DCM_CS_CONTROL},
        {"DEL", "", TEXT, "7F", "\x7F", DCM_CS_CONTROL},
        {"byte order mark", "ISO_IR 192", TEXT, "EFBBBF41",
         "\uFEFF"
         "A",
         DCM_CS_CONTROL},
    };
    (void)state;
    CHECK(rows);
}

/* Unicode 3.9, D93b and Tables 3-8 to 3-11: one U+FFFD for each maximal
 * subpart. */
static void ill_formed_utf_8_is_replaced(void **state)
{
#define R "\uFFFD"
    static const struct row rows[] = {
        {"lone FF", "ISO_IR 192", TEXT, "41FF42", "A" R "B", 0x20},
        {"Table 3-8: not shortest", "ISO_IR 192", TEXT, "C0AFE080BFF0818241",
         R R R R R R R R "A", 0x20},
        {"Table 3-9: surrogates", "ISO_IR 192", TEXT, "EDA080EDBFBFEDAF41",
         R R R R R R R R "A", 0x20},
        {"Table 3-10: out of range", "ISO_IR 192", TEXT, "F4919293FF4180BF42",
         R R R R R "A" R R "B", 0x20},
        {"Table 3-11: cut", "ISO_IR 192", TEXT, "E180E2F09192F1BF41",
         R R R R "A", 0x20},
        {"cut by the end", "ISO_IR 192", TEXT, "41F09F98", "A" R, 0x20},
        {"cut by a delimiter", "ISO_IR 192", MULTI, "E2825C41", R "|A", 0x20},
        {"the bounds are fine", "ISO_IR 192", TEXT,
         "C280 DFBF E0A080 ED9FBF EE8080 EFBFBF F0908080 F48FBFBF",
         "\xC2\x80\u07FF\u0800\uD7FF\uE000\uFFFF\U00010000\U0010FFFF", 0},
    };
#undef R
    (void)state;
    assert_int_equal(DCM_CS_INVALID, 0x20);
    CHECK(rows);
}

static void terms_are_read_as_they_were_meant(void **state)
{
    static const struct term_row {
        const char *why, *terms;
        unsigned problems; /* of the terms */
        const char *hex, *want;
    } rows[] = {
        {"exact", "ISO_IR 100", 0, "E9", "é"},
        {"padding around", " ISO_IR 100 ", 0, "E9", "é"},
        {"lower case", "iso_ir 100", DCM_CS_TERM, "E9", "é"},
        {"'_' for the space", "ISO_IR_144", DCM_CS_TERM, "B8", "И"},
        {"space for '_'", "ISO IR 144", DCM_CS_TERM, "B8", "И"},
        {"'-' for '_'", "ISO-IR 144", DCM_CS_TERM, "B8", "И"},
        {"no space", "ISO_IR144", DCM_CS_TERM, "B8", "И"},
        {"two spaces", "ISO_IR  144", DCM_CS_TERM, "B8", "И"},
        {"IANA name", "ISO-8859-5", DCM_CS_TERM, "B8", "И"},
        {"IANA name, another way", "ISO8859-5", DCM_CS_TERM, "B8", "И"},
        {"name of a codec", "latin1", DCM_CS_TERM, "E9", "é"},
        {"name with a space", "LATIN 1", DCM_CS_TERM, "E9", "é"},
        {"UTF-8 with a space", "ISO IR 192", DCM_CS_TERM, "C3A9", "é"},
        {"UTF-8 with '_'", "ISO_IR_192", DCM_CS_TERM, "C3A9", "é"},
        {"UTF-8 by name", "UTF-8", DCM_CS_TERM, "C3A9", "é"},
        {"UTF-8 has no ISO 2022 form", "ISO 2022 IR 192", DCM_CS_TERM, "C3A9",
         "é"},
        {"GBK has no ISO 2022 form", "ISO 2022 GBK", DCM_CS_TERM, "CDF5", "王"},
        {"GB2312 is part of GBK", "GB2312", DCM_CS_TERM, "CDF5", "王"},
        {"GB18030 with '_'", "GB_18030", DCM_CS_TERM, "81308130", "\xC2\x80"},
        {"IR left out", "\\ISO 2022 58", DCM_CS_TERM, "1B242941D5C5", "张"},
        {"149 as a single term is in G1 at once", "ISO_IR 149",
         DCM_CS_TERM | DCM_CS_MIX, "41C7D1", "A한"},
        {"58 too", "ISO 2022 IR 58", DCM_CS_MIX, "41D5C5", "A张"},
        {"87 is not, it would hide ASCII", "ISO_IR 87",
         DCM_CS_TERM | DCM_CS_MIX, "41 1B2442467C1B2842", "A日"},
        {"single term of the ISO 2022 kind", "ISO 2022 IR 100", DCM_CS_MIX,
         "E9 1B2D41 E9", "éé"},
        {"ASCII of the ISO 2022 kind", "ISO 2022 IR 6", DCM_CS_MIX, "41", "A"},
        {"ASCII", "US-ASCII", DCM_CS_TERM, "41", "A"},
        {"value 1 not of the ISO 2022 kind", "ISO_IR 100\\ISO 2022 IR 144",
         DCM_CS_MIX, "E9201B2D4CB8", "é И"},
        {"UTF-8 goes alone", "ISO_IR 192\\ISO_IR 100", DCM_CS_MIX, "C3A9", "é"},
        {"nothing and UTF-8", "\\ISO_IR 192", DCM_CS_MIX, "C3A9", "é"},
        {"UTF-8 after another set", "ISO 2022 IR 144\\ISO_IR 192", DCM_CS_MIX,
         "B8", "И"},
        {"repeated", "\\ISO 2022 IR 87\\ISO 2022 IR 87", 0, "1B2442467C1B2842",
         "日"},
        {"spaces around each", "ISO 2022 IR 6 \\ ISO 2022 IR 87", 0,
         "1B2442467C1B2842", "日"},
        {"unknown among others", "\\ISO 2022 IR 999\\ISO 2022 IR 87",
         DCM_CS_UNKNOWN, "1B2442467C1B2842", "日"},
        {"a number alone is no term", "100", DCM_CS_UNKNOWN, "41", "A"},
        {"too long to be one", "ISO_IR 100 ISO_IR 100 ISO_IR 100",
         DCM_CS_UNKNOWN, "41", "A"},
        {"absent", "", 0, "41", "A"},
        {"only padding", "  ", 0, "41", "A"},
        {"only delimiters", "\\", DCM_CS_MIX, "41", "A"},
    };
    struct dcm_decoder *d = dcm_decoder_new();

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct term_row *r = &rows[i];
        struct dcm_charset cs;
        char text[256];
        unsigned got, problems;
        size_t n;
        uint8_t *p = unhex(r->hex, &n);

        got =
            dcm_charset_parse(&cs, (const uint8_t *)r->terms, strlen(r->terms));
        decode_all(d, &cs, MULTI, p, n, text, sizeof text, &problems);
        if (got != r->problems || problems || strcmp(text, r->want))
            fail_msg("%s: problems %x, then %x, \"%s\"", r->why, got, problems,
                     text);
        free(p);
    }
    dcm_decoder_free(d);
}

static void what_is_not_declared_is_told_from_what_is(void **state)
{
    struct dcm_charset cs;

    (void)state;
    dcm_charset_parse(&cs, (const uint8_t *)"", 0);
    assert_true(cs.undeclared && cs.count == 0);
    dcm_charset_parse(&cs, (const uint8_t *)"FOO\\BAR", 7);
    assert_true(cs.undeclared && cs.count == 0);
    dcm_charset_parse(&cs, (const uint8_t *)"ISO_IR 100", 10);
    assert_true(!cs.undeclared && cs.count == 1 && !cs.extension);
    assert_true(dcm_charset_is_ascii(&cs));
    dcm_charset_parse(&cs, (const uint8_t *)"\\ISO 2022 IR 87", 15);
    assert_true(!cs.undeclared && cs.count == 2 && cs.extension);
    assert_true(dcm_charset_is_ascii(&cs));
    dcm_charset_parse(&cs, (const uint8_t *)"ISO_IR 13", 9);
    assert_false(dcm_charset_is_ascii(&cs));
    memset(&cs, 0, sizeof cs);
    assert_true(dcm_charset_is_ascii(&cs));
}

static void thousands_of_terms_fit(void **state)
{
    static char terms[4000 * 16];
    struct dcm_charset cs;

    (void)state;
    for (size_t i = 0; i < 4000; i++)
        memcpy(terms + i * 16,
               i % 2 ? "\\ISO 2022 IR 87 " : "\\ISO 2022 IR 99 ", 16);
    assert_int_equal(
        dcm_charset_parse(&cs, (const uint8_t *)terms, sizeof terms),
        DCM_CS_UNKNOWN);
    assert_int_equal(cs.count, 2);
}

static void more_sets_than_places_are_told(void **state)
{
    static const char terms[] =
        "ISO 2022 IR 6\\ISO 2022 IR 100\\ISO 2022 IR 101\\ISO 2022 IR 109\\"
        "ISO 2022 IR 110\\ISO 2022 IR 144\\ISO 2022 IR 127\\ISO 2022 IR 126\\"
        "ISO 2022 IR 138\\ISO 2022 IR 148\\ISO 2022 IR 203\\ISO 2022 IR 166\\"
        "ISO 2022 IR 13";
    struct dcm_charset cs;

    (void)state;
    assert_int_equal(
        dcm_charset_parse(&cs, (const uint8_t *)terms, sizeof terms - 1),
        DCM_CS_MIX);
    assert_int_equal(cs.count, DCM_CHARSET_TERMS);
}

static void a_set_that_iconv_lacks_is_told(void **state)
{
    static const struct row rows[] = {
        {"pairs", "\\ISO 2022 IR 87", MULTI, "1B2442467C255C1B28425C41",
         "\uFFFD\uFFFD|A", DCM_CS_SUPPORT | DCM_CS_INVALID},
        {"bytes", "ISO_IR 144", MULTI, "41B8", "A\uFFFD",
         DCM_CS_SUPPORT | DCM_CS_INVALID},
        {"GB18030 keeps its delimiters", "GB18030", MULTI, "CDF55C41",
         "\uFFFD|A", DCM_CS_SUPPORT | DCM_CS_INVALID},
        {"Latin-1 needs none", "ISO_IR 100", MULTI, "E9", "é", 0},
        {"nor does UTF-8", "ISO_IR 192", MULTI, "C3A9", "é", 0},
        {"nor JIS X 0201", "ISO_IR 13", MULTI, "B1", "ｱ", 0},
        {"nor the guess", "", MULTI, "93", "“", DCM_CS_UNDECLARED},
    };
    (void)state;
    no_iconv = 1;
    CHECK(rows);
    no_iconv = 0;
}

static void every_bit_has_an_issue(void **state)
{
    (void)state;
    assert_int_equal(dcm_charset_issue(0), DCM_ISSUE_NONE);
    assert_int_equal(dcm_charset_issue(DCM_CS_TERM), DCM_ISSUE_CHARSET_TERM);
    assert_int_equal(dcm_charset_issue(DCM_CS_UNKNOWN),
                     DCM_ISSUE_CHARSET_UNKNOWN);
    assert_int_equal(dcm_charset_issue(DCM_CS_MIX), DCM_ISSUE_CHARSET_MIX);
    assert_int_equal(dcm_charset_issue(DCM_CS_SUPPORT | DCM_CS_INVALID),
                     DCM_ISSUE_CHARSET_SUPPORT);
    assert_int_equal(dcm_charset_issue(DCM_CS_UNDECLARED),
                     DCM_ISSUE_TEXT_UNDECLARED);
    assert_int_equal(dcm_charset_issue(DCM_CS_INVALID), DCM_ISSUE_TEXT_INVALID);
    assert_int_equal(dcm_charset_issue(DCM_CS_OTHER_SET),
                     DCM_ISSUE_TEXT_OTHER_SET);
    assert_int_equal(dcm_charset_issue(DCM_CS_ESCAPE | DCM_CS_NO_ESCAPE),
                     DCM_ISSUE_TEXT_ESCAPE);
    assert_int_equal(dcm_charset_issue(DCM_CS_NO_ESCAPE),
                     DCM_ISSUE_TEXT_NO_ESCAPE);
    assert_int_equal(dcm_charset_issue(DCM_CS_CONTROL), DCM_ISSUE_TEXT_CONTROL);
}

static void the_first_problem_is_located(void **state)
{
    static const uint8_t value[] = {'A', 0xC3, 0xA9, 0xFF, 0xFE};
    struct dcm_decoder *d = dcm_decoder_new();
    struct dcm_charset cs;
    const uint8_t *where = NULL;
    const char *out;
    unsigned problems = 0;
    size_t n;
    int more;

    (void)state;
    dcm_charset_parse(&cs, (const uint8_t *)"ISO_IR 192", 10);
    assert_ptr_equal(dcm_decode_value(d, &cs, MULTI, value,
                                      value + sizeof value, &out, &n, &more,
                                      &problems, &where),
                     value + sizeof value);
    assert_ptr_equal(where, value + 3);
    assert_int_equal(more, 0);
    dcm_decoder_free(d);
    dcm_decoder_free(NULL);
}

/* A second opinion, written from Unicode Table 3-7. */
static int is_utf8(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n;) {
        uint32_t c = p[i++];
        int more = c < 0x80   ? 0
                   : c < 0xC0 ? -1
                   : c < 0xE0 ? 1
                   : c < 0xF0 ? 2
                              : 3;
        static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
        if (more < 0 || c >= 0xF8 || n - i < (size_t)more)
            return 0;
        c &= more ? 0x3Fu >> more : 0x7F;
        for (int k = 0; k < more; k++, i++) {
            if ((p[i] & 0xC0) != 0x80)
                return 0;
            c = c << 6 | (p[i] & 0x3F);
        }
        if (c < least[more] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
            return 0;
    }
    return 1;
}

/* Bytes that mean something in one set or another are drawn more often. */
static uint8_t draw(uint64_t *seed)
{
    static const uint8_t often[] = {0x1B, '$',  '(',  ')',  'B',  'A', 'C',
                                    'D',  'I',  'J',  '-',  '^',  '=', '\\',
                                    0xC3, 0xA9, 0x81, 0x30, '\r', 0x8E};

    *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return *seed >> 63 ? (uint8_t)(*seed >> 40)
                       : often[(*seed >> 40) % sizeof often];
}

static void any_bytes_in_any_set_give_valid_utf_8(void **state)
{
    static const char *const terms[] = {
        "",
        "ISO_IR 100",
        "ISO_IR 13",
        "ISO_IR 192",
        "GB18030",
        "GBK",
        "ISO_IR 166",
        "\\ISO 2022 IR 87\\ISO 2022 IR 159",
        "\\ISO 2022 IR 149",
        "\\ISO 2022 IR 58",
        "ISO 2022 IR 13\\ISO 2022 IR 87\\ISO 2022 IR 100",
    };
    static const unsigned hows[] = {MULTI, PN, TEXT, CODE};
    struct dcm_decoder *d = dcm_decoder_new();
    uint64_t seed = 1;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        const char *term =
            terms[(size_t)round % (sizeof terms / sizeof *terms)];
        size_t n = draw(&seed) % 40;
        uint8_t *p = malloc(n + !n);
        struct dcm_charset cs;
        char text[4 * 40 + 64];
        unsigned problems;

        for (size_t i = 0; i < n; i++)
            p[i] = draw(&seed);
        dcm_charset_parse(&cs, (const uint8_t *)term, strlen(term));
        decode_all(d, &cs, hows[draw(&seed) % 4], p, n, text, sizeof text,
                   &problems);
        /* U+0000 ends the string early; the part before it has to do */
        assert_true(is_utf8((uint8_t *)text, strlen(text)));
        free(p);
    }
    dcm_decoder_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_examples_of_the_standard_decode),
        cmocka_unit_test(each_set_has_its_own_table),
        cmocka_unit_test(values_end_where_the_set_allows),
        cmocka_unit_test(the_state_goes_home_where_it_should),
        cmocka_unit_test(escapes_out_of_place_are_read_and_told),
        cmocka_unit_test(text_of_another_set_is_read_as_meant),
        cmocka_unit_test(control_characters_are_kept_and_told),
        cmocka_unit_test(ill_formed_utf_8_is_replaced),
        cmocka_unit_test(terms_are_read_as_they_were_meant),
        cmocka_unit_test(what_is_not_declared_is_told_from_what_is),
        cmocka_unit_test(thousands_of_terms_fit),
        cmocka_unit_test(more_sets_than_places_are_told),
        cmocka_unit_test(a_set_that_iconv_lacks_is_told),
        cmocka_unit_test(every_bit_has_an_issue),
        cmocka_unit_test(the_first_problem_is_located),
        cmocka_unit_test(any_bytes_in_any_set_give_valid_utf_8),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
