/* values.c, values_text.c: values of JSON or XML as bytes. Expected bytes are
 * from PS3.5 6.2 and 6.4, floats from Python's struct. */
#include "values.h"

#include "scope.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH(a) (sizeof(a) / sizeof(*(a)))
#define LIMIT 100000

/* ------------------------------------------------------------- the bench */

/* A value: what it comes as, and its text. */
struct given {
    enum { NO_MORE, TEXT, NUMBER, NONE } as;
    const char *s;
    size_t n;
};

#define T(text)                      \
    {                                \
        TEXT, text, sizeof(text) - 1 \
    }
#define N(text)                        \
    {                                  \
        NUMBER, text, sizeof(text) - 1 \
    }
#define Z             \
    {                 \
        NONE, NULL, 0 \
    }

struct bench {
    struct dcm_values v;
    struct dcm_event event;
    struct dcm_error error;
    struct dcm_scope_stack scopes;
    char issues[400]; /* names of the deviations, a space between */
    uint64_t at;      /* offset of the last */
};

static void hear(void *user, const struct dcm_diagnostic *d)
{
    struct bench *b = user;
    size_t n = strlen(b->issues);

    snprintf(b->issues + n, sizeof(b->issues) - n, "%s%s", n ? " " : "",
             d->name);
    b->at = d->offset;
}

static void start(struct bench *b, int strict)
{
    memset(b, 0, sizeof(*b));
    dcm_scope_stack_init(&b->scopes);
    assert_int_equal(dcm_scope_stack_clear(&b->scopes), DCM_OK);
    b->v.policy = dcm_policy_new(strict, hear, b);
    assert_non_null(b->v.policy);
    b->v.error = &b->error;
    b->v.limit = LIMIT;
}

static void stop(struct bench *b)
{
    dcm_policy_free(b->v.policy);
    dcm_values_release(&b->v);
    dcm_scope_stack_release(&b->scopes);
}

static void begin(struct bench *b, uint16_t vr)
{
    memset(&b->event, 0, sizeof(b->event));
    memset(&b->error, 0, sizeof(b->error));
    b->event.type = DCM_EVENT_VALUE;
    b->event.tag = 0x00280010;
    b->event.vr = vr;
    b->event.scope = dcm_scope_top(&b->scopes);
    b->issues[0] = '\0';
    dcm_policy_clear(b->v.policy);
    dcm_values_begin(&b->v, &b->event);
}

/* In a block of its own size, so that a sanitizer sees. */
static enum dcm_status give(struct bench *b, const struct given *g,
                            uint64_t where)
{
    char *copy;
    enum dcm_status status;

    if (g->as == NONE)
        return dcm_values_null(&b->v, where);
    copy = malloc(g->n ? g->n : 1);
    assert_non_null(copy);
    memcpy(copy, g->s, g->n);
    status = g->as == TEXT ? dcm_values_text(&b->v, where, copy, g->n)
                           : dcm_values_number(&b->v, where, copy, g->n);
    free(copy);
    return status;
}

static enum dcm_status give_all(struct bench *b, const struct given *g,
                                size_t most)
{
    enum dcm_status status = DCM_OK;

    for (size_t i = 0; i < most && g[i].as != NO_MORE && status == DCM_OK; i++)
        status = give(b, &g[i], 100 + i);
    return status == DCM_OK ? dcm_values_end(&b->v) : status;
}

static const char *shown(const struct dcm_values *v, char *out, size_t size)
{
    size_t n = 0;

    for (size_t i = 0; i < v->size && n + 5 < size; i++) {
        uint8_t c = v->data[i];

        if (c > 0x20 && c < 0x7F)
            out[n++] = (char)c;
        else
            n += (size_t)snprintf(out + n, size - n, "<%02X>", c);
    }
    out[n] = '\0';
    return out;
}

#define GIVEN 4

struct row {
    const char *why;
    uint16_t vr;
    struct given given[GIVEN];
    const char *want; /* its bytes as shown() shows them */
    const char *issues;
};

static void check_rows(const struct row *rows, size_t n)
{
    struct bench b;
    char got[1000];

    start(&b, 0);
    for (size_t i = 0; i < n; i++) {
        const struct row *r = &rows[i];
        enum dcm_status status;

        begin(&b, r->vr);
        status = give_all(&b, r->given, GIVEN);
        if (status != DCM_OK)
            fail_msg("%s: %s", r->why, b.error.message);
        if (strcmp(shown(&b.v, got, sizeof(got)), r->want) != 0)
            fail_msg("%s: %s, want %s", r->why, got, r->want);
        if (strcmp(b.issues, r->issues ? r->issues : "") != 0)
            fail_msg("%s: told of \"%s\", want \"%s\"", r->why, b.issues,
                     r->issues ? r->issues : "");
    }
    stop(&b);
}

/* ------------------------------------------------------------------- text */

static void text_values_are_joined_and_padded(void **state)
{
    static const struct row rows[] = {
        {"one, even", VR_CS, {T("OT")}, "OT", NULL},
        {"padded with a space", VR_CS, {T("ABC")}, "ABC<20>", NULL},
        {"a UID with NUL", VR_UI, {T("1.2")}, "1.2<00>", NULL},
        {"two", VR_CS, {T("A"), T("B")}, "A\\B<20>", NULL},
        {"a middle one empty", VR_CS, {T("A"), Z, T("B")}, "A\\\\B", NULL},
        {"null or nothing", VR_LO, {T(""), Z, T("x")}, "\\\\x<20>", NULL},
        {"no value", VR_SH, {{NO_MORE, NULL, 0}}, "", NULL},
        {"JI19: one that is none", VR_SH, {Z}, "", NULL},
        {"one of nothing", VR_LT, {T("")}, "", NULL},
        {"JI20", VR_DS, {Z, Z}, "\\<20>", NULL},
        {"JI03", VR_DS, {T("1.50"), N("2"), Z, T("+3")}, "1.50\\2\\\\+3", NULL},
        {"JI06", VR_IS, {T("007")}, "007<20>", NULL},
        {"JI36", VR_LT, {T("a\\b")}, "a\\b<20>", NULL},
        {"UC has several", VR_UC, {T("a"), T("b")}, "a\\b<20>", NULL},
        {"line ends in LT", VR_LT, {T("a\r\n\tb")}, "a<0D><0A><09>b<20>", NULL},
        {"form feed in UT", VR_UT, {T("a\fb")}, "a<0C>b<20>", NULL},
        {"spaces inside stay", VR_LO, {T(" a ")}, "<20>a<20><20>", NULL},
        {"DS may have spaces round it",
         VR_DS,
         {T(" 1.5 ")},
         "<20>1.5<20><20>",
         NULL},
        {"TM behind it", VR_TM, {T("1200 ")}, "1200<20><20>", NULL},
        {"beyond ASCII", VR_LO, {T("\xC3\xA9")}, "<C3><A9>", NULL},
        {"what comes first beyond C1",
         VR_LO,
         {T("\xC2\xA0")},
         "<C2><A0>",
         NULL},
        {"a URI", VR_UR, {T("http://a/?b")}, "http://a/?b<20>", NULL},
        {"names as text", VR_PN, {T("A^B=C=D")}, "A^B=C=D<20>", NULL},
    };

    (void)state;
    check_rows(rows, LENGTH(rows));
}

static void what_is_not_of_its_form_is_told_and_kept(void **state)
{
    static const struct row rows[] = {
        {"small letters in CS", VR_CS, {T("ot")}, "ot", "value-form"},
        {"a date with dashes is too long first",
         VR_DA,
         {T("2023-01-01")},
         "2023-01-01",
         "text-length"},
        {"no such day", VR_DA, {T("20230229")}, "20230229", "value-form"},
        {"a colon in a time", VR_TM, {T("10:00")}, "10:00<20>", "value-form"},
        {"age", VR_AS, {T("30Y")}, "30Y<20>", "value-form"},
        {"UID", VR_UI, {T("1.02")}, "1.02", "value-form"},
        {"only spaces as a title", VR_AE, {T("  ")}, "<20><20>", "value-form"},
        {"URI with a space", VR_UR, {T("a b")}, "a<20>b<20>", "value-form"},
        {"a comma", VR_DS, {T("1,5")}, "1,5<20>", "number-form"},
        {"a fraction", VR_IS, {T("1.0")}, "1.0<20>", "number-form"},
        {"33 bits", VR_IS, {T("2147483648")}, "2147483648", "number-form"},
        {"33 bits as a number",
         VR_IS,
         {N("-2147483649")},
         "-2147483649<20>",
         "number-form"},
        {"each is told of",
         VR_CS,
         {T("a"), T("B"), T("c")},
         "a\\B\\c<20>",
         "value-form value-form"},
        {"DS of 18 bytes",
         VR_DS,
         {T("1.2345678901234567")},
         "1.2345678901234567",
         "text-length"},
        {"IS of 13 bytes",
         VR_IS,
         {T("0000000000001")},
         "0000000000001<20>",
         "text-length"},
        {"17 characters",
         VR_SH,
         {T("12345678901234567")},
         "12345678901234567<20>",
         "text-length"},
        {"16 characters of two bytes",
         VR_SH,
         {T("\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9"
            "\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9x")},
         "<C3><A9><C3><A9><C3><A9><C3><A9><C3><A9><C3><A9><C3><A9><C3><A9>"
         "<C3><A9><C3><A9><C3><A9><C3><A9><C3><A9><C3><A9><C3><A9>x<20>",
         NULL},
        {"TAB in LO", VR_LO, {T("a\tb")}, "a<09>b<20>", "text-control"},
        {"ESC in LT", VR_LT, {T("a\033b")}, "a<1B>b<20>", "text-control"},
        {"VT is not layout", VR_ST, {T("a\vb")}, "a<0B>b<20>", "text-control"},
        {"DEL", VR_LO, {T("a\177")}, "a<7F>", "text-control"},
        {"C1", VR_LT, {T("\xC2\x9B")}, "<C2><9B>", "text-control"},
        {"told once where the form forbids it too",
         VR_CS,
         {T("A\n")},
         "A<0A>",
         "text-control"},
        {"NUL", VR_LO, {T("a\0b")}, "a<20>b<20>", "value-nul"},
        {"JI35", VR_LO, {T("a\\b")}, "a\\b<20>", "value-backslash"},
        {"each part has its form",
         VR_CS,
         {T("A\\b\\c")},
         "A\\b\\c<20>",
         "value-backslash value-form value-form"},
        {"nothing between",
         VR_CS,
         {T("\\\\"), T("A")},
         "\\\\\\A",
         "value-backslash"},
        {"a backslash is no URI", VR_UR, {T("a\\b")}, "a\\b<20>", "value-form"},
        {"beyond ASCII where no character set applies",
         VR_CS,
         {T("\xC3\xA9")},
         "<C3><A9>",
         "value-form"},
        {"four groups", VR_PN, {T("a=b=c=d")}, "a=b=c=d<20>", "value-form"},
        {"six components",
         VR_PN,
         {T("a^b^c^d^e^f")},
         "a^b^c^d^e^f<20>",
         "value-form"},
        {"a group of 65",
         VR_PN,
         {T("a=1234567890123456789012345678901234567890123456789012345678901"
            "2345")},
         "a=12345678901234567890123456789012345678901234567890123456789012345"
         "<20>",
         "text-length"},
    };

    (void)state;
    check_rows(rows, LENGTH(rows));
}

static void lengths_at_the_edge_are_right(void **state)
{
    static const struct {
        uint16_t vr;
        size_t most;
    } rows[] = {
        {VR_AE, 16},   {VR_CS, 16}, {VR_LO, 64}, {VR_LT, 10240}, {VR_PN, 64},
        {VR_ST, 1024}, {VR_UC, 0},  {VR_UT, 0},  {VR_SH, 16},
    };
    char *text = malloc(20000);
    struct bench b;

    (void)state;
    assert_non_null(text);
    memset(text, 'A', 20000);
    start(&b, 0);
    for (size_t i = 0; i < LENGTH(rows); i++) {
        size_t n = rows[i].most ? rows[i].most : 19999;
        struct given fits = {TEXT, text, n}, over = {TEXT, text, n + 1};

        begin(&b, rows[i].vr);
        assert_int_equal(give_all(&b, &fits, 1), DCM_OK);
        assert_string_equal(b.issues, "");
        begin(&b, rows[i].vr);
        assert_int_equal(give_all(&b, &over, 1), DCM_OK);
        assert_string_equal(b.issues, rows[i].most ? "text-length" : "");
        assert_int_equal(b.v.size, (n + 2) & ~(size_t)1);
    }
    stop(&b);
    free(text);
}

/* --------------------------------------------------------------- numbers */

static void numbers_are_little_endian_and_exact(void **state)
{
    static const struct row rows[] = {
        {"US",
         VR_US,
         {N("512"), N("65535"), N("0")},
         "<00><02><FF><FF><00><00>",
         NULL},
        {"JI09", VR_US, {N("2.0")}, "<02><00>", NULL},
        {"minus zero", VR_US, {N("-0")}, "<00><00>", NULL},
        {"SS",
         VR_SS,
         {N("-32768"), N("32767"), N("-1")},
         "<00><80><FF><7F><FF><FF>",
         NULL},
        {"UL",
         VR_UL,
         {N("4294967295"), N("1e3")},
         "<FF><FF><FF><FF><E8><03><00><00>",
         NULL},
        {"SL",
         VR_SL,
         {N("-2147483648"), N("2147483647")},
         "<00><00><00><80><FF><FF><FF><7F>",
         NULL},
        {"JI10",
         VR_UV,
         {N("9007199254740993")},
         "<01><00><00><00><00><00><20><00>",
         NULL},
        {"JI11",
         VR_UV,
         {T("18446744073709551615")},
         "<FF><FF><FF><FF><FF><FF><FF><FF>",
         NULL},
        {"lowest SV",
         VR_SV,
         {T("-9223372036854775808")},
         "<00><00><00><00><00><00><00><80>",
         NULL},
        {"highest SV",
         VR_SV,
         {N("9223372036854775807")},
         "<FF><FF><FF><FF><FF><FF><FF><7F>",
         NULL},
        {"FL",
         VR_FL,
         {N("1"), N("-0.0"), N("0.1")},
         "<00><00><80>?<00><00><00><80><CD><CC><CC>=",
         NULL},
        {"FD", VR_FD, {N("0.1")}, "<9A><99><99><99><99><99><B9>?", NULL},
        {"JI23",
         VR_FD,
         {N("1.7976931348623157E308")},
         "<FF><FF><FF><FF><FF><FF><EF><7F>",
         NULL},
        {"JI21",
         VR_FD,
         {T("NaN"), Z, T("-inf")},
         "<00><00><00><00><00><00><F8><7F><00><00><00><00><00><00><F8><7F>"
         "<00><00><00><00><00><00><F0><FF>",
         NULL},
        {"null first in FL",
         VR_FL,
         {Z, N("1")},
         "<00><00><C0><7F><00><00><80>?",
         NULL},
        {"two nulls in FL",
         VR_FL,
         {Z, Z},
         "<00><00><C0><7F><00><00><C0><7F>",
         NULL},
        {"infinities of FL",
         VR_FL,
         {T("Infinity"), T("-Infinity")},
         "<00><00><80><7F><00><00><80><FF>",
         NULL},
        {"one null is no value", VR_US, {Z}, "", NULL},
        {"of FD too", VR_FD, {Z}, "", NULL},
        {"a number as a string", VR_US, {T("3")}, "<03><00>", "number-text"},
        {"a float as a string",
         VR_FL,
         {T("1")},
         "<00><00><80>?",
         "number-text"},
        {"a tag has its group first",
         VR_AT,
         {T("00181063"), T("7FE000AB")},
         "<18><00>c<10><E0><7F><AB><00>",
         NULL},
        {"a tag in lower case",
         VR_AT,
         {T("7fe00010")},
         "<E0><7F><10><00>",
         "key-case"},
        {"no tag", VR_AT, {Z}, "", NULL},
        {"JI04", VR_IS, {N("1.0")}, "1<20>", NULL},
        {"IS as it is", VR_IS, {N("12"), N("-3")}, "12\\-3<20>", NULL},
        {"DS as it is", VR_DS, {N("1.50"), N("1E+05")}, "1.50\\1E+05", NULL},
        {"JI01",
         VR_DS,
         {N("1.2345678901234567")},
         "1.23456789012346",
         "number-long"},
        {"JI02",
         VR_DS,
         {N("-1.2345678901234567E-100")},
         "-1.23456789E-100",
         "number-long"},
        {"too long, but exact",
         VR_DS,
         {N("2.5000000000000000")},
         "2.5<20>",
         NULL},
    };

    (void)state;
    check_rows(rows, LENGTH(rows));
}

/* ---------------------------------------------------------------- errors */

static void what_has_no_reading_is_an_error(void **state)
{
    static const struct {
        const char *why;
        uint16_t vr;
        struct given given[GIVEN];
        uint64_t at;
        const char *says;
    } rows[] = {
        {"JI07", VR_US, {N("70000")}, 100, "0 to 65535"},
        {"JI08", VR_US, {N("1"), N("-1")}, 101, "value 2"},
        {"one over SS", VR_SS, {N("32768")}, 100, "-32768 to 32767"},
        {"one under SS", VR_SS, {N("-32769")}, 100, "-32768 to 32767"},
        {"one over UL", VR_UL, {N("4294967296")}, 100, "0 to 4294967295"},
        {"one over SL", VR_SL, {N("2147483648")}, 100, "2147483647"},
        {"JI12",
         VR_SV,
         {T("9223372036854775808")},
         100,
         "-9223372036854775808 to 9223372036854775807"},
        {"one over UV",
         VR_UV,
         {N("18446744073709551616")},
         100,
         "0 to 18446744073709551615"},
        {"a fraction", VR_US, {N("1.5")}, 100, "integer"},
        {"JI05", VR_IS, {N("1.5")}, 100, "integer"},
        {"13 digits", VR_IS, {N("1234567890123")}, 100, "integer"},
        {"beyond FL", VR_FL, {N("1e39")}, 100, "FL"},
        {"beyond FD", VR_FD, {N("1e309")}, 100, "FD"},
        {"beyond a double", VR_DS, {N("1e309")}, 100, "DS"},
        {"words", VR_US, {T("x")}, 100, "US"},
        {"nothing", VR_US, {T("")}, 100, "US"},
        {"NaN is no integer", VR_UL, {T("NaN")}, 100, "UL"},
        {"a word for FL", VR_FL, {T("none")}, 100, "FL"},
        {"JI40", VR_AT, {T("0018106")}, 100, "8 hex digits"},
        {"9 digits", VR_AT, {T("001810630")}, 100, "8 hex digits"},
        {"a letter too far", VR_AT, {T("0018106G")}, 100, "8 hex digits"},
        {"a small one", VR_AT, {T("0018106g")}, 100, "8 hex digits"},
        {"a number for AT", VR_AT, {N("1")}, 100, "AT"},
        {"a number for CS", VR_CS, {N("1")}, 100, "string"},
        {"null in US", VR_US, {N("1"), Z}, 101, "6.4"},
        {"null before US", VR_US, {Z, N("1")}, 101, "6.4"},
        {"two nulls in SL", VR_SL, {Z, Z}, 101, "6.4"},
        {"null before AT", VR_AT, {Z, T("00181063")}, 101, "6.4"},
        {"JI37", VR_LT, {T("a"), T("b")}, 101, "2 values"},
        {"two of ST, one nothing", VR_ST, {T("a"), Z}, 101, "6.4"},
        {"two of UT", VR_UT, {Z, Z}, 101, "6.4"},
        {"two of UR", VR_UR, {T("a"), T("b")}, 101, "6.4"},
    };
    struct bench b;

    (void)state;
    start(&b, 0);
    for (size_t i = 0; i < LENGTH(rows); i++) {
        enum dcm_status status;

        begin(&b, rows[i].vr);
        status = give_all(&b, rows[i].given, GIVEN);
        if (status != DCM_ERR_MALFORMED || b.error.code != status)
            fail_msg("%s: %s", rows[i].why, dcm_status_name(status));
        if (!strstr(b.error.message, rows[i].says))
            fail_msg("%s: %s", rows[i].why, b.error.message);
        if (b.error.offset != rows[i].at ||
            strcmp(b.error.path, "(0028,0010)") != 0)
            fail_msg("%s: at %llu, %s", rows[i].why,
                     (unsigned long long)b.error.offset, b.error.path);
        if (b.issues[0])
            fail_msg("%s: told of %s", rows[i].why, b.issues);
    }
    stop(&b);
}

static void a_strict_policy_makes_errors_of_deviations(void **state)
{
    static const struct {
        uint16_t vr;
        struct given given;
    } rows[] = {
        {VR_CS, T("ot")},
        {VR_DS, T("1,5")},
        {VR_LO, T("a\\b")},
        {VR_LO, T("a\0b")},
        {VR_LO, T("a\nb")},
        {VR_AS, T("12345")},
        {VR_US, T("1")},
        {VR_AT, T("7fe00010")},
        {VR_DS, N("1.2345678901234567")},
    };
    struct bench b;

    (void)state;
    start(&b, 1);
    for (size_t i = 0; i < LENGTH(rows); i++) {
        begin(&b, rows[i].vr);
        assert_int_equal(give(&b, &rows[i].given, 55), DCM_ERR_STRICT);
        assert_int_equal(b.error.code, DCM_ERR_STRICT);
        assert_int_equal(b.error.offset, 55);
    }
    stop(&b);
}

/* ----------------------------------------------------------------- names */

static void names_are_joined_without_empty_groups_at_the_end(void **state)
{
    static const struct {
        const char *why, *groups[3], *want, *issues;
    } rows[] = {
        {"one", {"Doe^J", NULL, NULL}, "Doe^J<20>", ""},
        {"JI13", {NULL, NULL, "P"}, "==P<20>", ""},
        {"JI14", {NULL, "I", NULL}, "=I", ""},
        {"the middle one empty", {"A", "", "P"}, "A==P", ""},
        {"all", {"A", "I", "P"}, "A=I=P<20>", ""},
        {"none", {NULL, NULL, NULL}, "", ""},
        {"none but empty ones", {"", "", ""}, "", ""},
        {"delimiters at the end are kept",
         {"Doe^^^", NULL, NULL},
         "Doe^^^",
         ""},
        {"not ASCII", {"A", "\xE5\xB1\xB1", NULL}, "A=<E5><B1><B1><20>", ""},
        {"'=' in a group", {"A=B", NULL, NULL}, "A=B<20>", "value-form"},
        {"told once", {"A=B=C=D", "E", NULL}, "A=B=C=D=E<20>", "value-form"},
        {"backslash", {"A\\B", NULL, NULL}, "A\\B<20>", "value-backslash"},
        {"64 characters a group, not in all",
         {"123456789012345678901234567890123456789012345678901234567890A^CD",
          "123456789012345678901234567890123456789012345678901234567890A^CD",
          NULL},
         "123456789012345678901234567890123456789012345678901234567890A^CD="
         "123456789012345678901234567890123456789012345678901234567890A^CD"
         "<20>",
         ""},
        {"line end", {"A\n", NULL, NULL}, "A<0A>", "text-control"},
        {"six components",
         {"a^b^c^d^e^f", NULL, NULL},
         "a^b^c^d^e^f<20>",
         "value-form"},
    };
    struct bench b;
    char got[200];

    (void)state;
    start(&b, 0);
    for (size_t i = 0; i < LENGTH(rows); i++) {
        size_t lengths[3] = {9, 9, 9}; /* of an absent one: not used */

        for (int g = 0; g < 3; g++)
            if (rows[i].groups[g])
                lengths[g] = strlen(rows[i].groups[g]);
        begin(&b, VR_PN);
        assert_int_equal(dcm_values_name(&b.v, 7, rows[i].groups, lengths),
                         DCM_OK);
        assert_int_equal(dcm_values_end(&b.v), DCM_OK);
        if (strcmp(shown(&b.v, got, sizeof(got)), rows[i].want) != 0)
            fail_msg("%s: %s", rows[i].why, got);
        if (strcmp(b.issues, rows[i].issues) != 0)
            fail_msg("%s: told of \"%s\"", rows[i].why, b.issues);
    }
    stop(&b);
}

/* JI15: [{"Alphabetic":"A"},{},null] */
static void names_can_be_several(void **state)
{
    static const char *const a[3] = {"A", NULL, NULL}, *const none[3];
    static const size_t one[3] = {1, 0, 0}, nothing[3];
    struct bench b;
    char got[40];

    (void)state;
    start(&b, 0);
    begin(&b, VR_PN);
    assert_int_equal(dcm_values_name(&b.v, 0, a, one), DCM_OK);
    assert_int_equal(dcm_values_name(&b.v, 1, none, nothing), DCM_OK);
    assert_int_equal(dcm_values_null(&b.v, 2), DCM_OK);
    assert_int_equal(dcm_values_end(&b.v), DCM_OK);
    assert_string_equal(shown(&b.v, got, sizeof(got)), "A\\\\<20>");
    assert_int_equal(b.v.count, 3);
    begin(&b, VR_LO);
    assert_int_equal(dcm_values_name(&b.v, 3, a, one), DCM_ERR_MALFORMED);
    stop(&b);
}

/* ------------------------------------------------------------------ state */

static void one_serves_many_attributes(void **state)
{
    static const struct given wide = T("\xC3\xA9"), plain = T("A"), none = Z,
                              several = T("a\\\\c");
    struct bench b;

    (void)state;
    start(&b, 0);
    begin(&b, VR_LO);
    assert_int_equal(give(&b, &none, 0), DCM_OK);
    assert_true(b.v.empty);
    assert_int_equal(give(&b, &wide, 0), DCM_OK);
    assert_false(b.v.empty);
    assert_true(b.v.beyond_ascii);
    begin(&b, VR_CS);
    assert_false(b.v.beyond_ascii);
    assert_true(b.v.empty);
    assert_int_equal(give(&b, &plain, 0), DCM_OK);
    assert_false(b.v.beyond_ascii);
    assert_int_equal(dcm_values_end(&b.v), DCM_OK);
    assert_int_equal(b.v.size, 2);
    assert_int_equal(b.v.count, 1);
    begin(&b, VR_LO);
    assert_int_equal(give(&b, &several, 0), DCM_OK);
    assert_int_equal(give(&b, &plain, 0), DCM_OK);
    assert_int_equal(b.v.count, 4);
    begin(&b, VR_CS);
    assert_int_equal(give(&b, &wide, 0), DCM_OK); /* told, and not lost */
    assert_true(b.v.beyond_ascii);
    dcm_values_release(&b.v);
    begin(&b, VR_CS); /* good as new */
    assert_int_equal(give(&b, &plain, 0), DCM_OK);
    stop(&b);
}

static void the_limit_holds_for_all_values_together(void **state)
{
    static const char *const groups[3] = {"12345678901", NULL, NULL};
    static const size_t lengths[3] = {11, 0, 0};
    static const struct given eleven = T("12345678901"), five = T("12345"),
                              four = T("1234"), number = N("1");
    struct bench b;

    (void)state;
    start(&b, 0);
    b.v.limit = 10;
    begin(&b, VR_LO);
    assert_int_equal(give(&b, &eleven, 9), DCM_ERR_LIMIT);
    assert_non_null(strstr(b.error.message, "'value'"));
    assert_int_equal(b.error.offset, 9);
    begin(&b, VR_PN);
    assert_int_equal(dcm_values_name(&b.v, 9, groups, lengths), DCM_ERR_LIMIT);
    begin(&b, VR_LO);
    assert_int_equal(give(&b, &five, 9), DCM_OK);
    assert_int_equal(give(&b, &five, 9), DCM_ERR_LIMIT); /* with the '\' */
    begin(&b, VR_LO);
    assert_int_equal(give(&b, &five, 9), DCM_OK);
    assert_int_equal(give(&b, &four, 9), DCM_OK);
    assert_int_equal(dcm_values_end(&b.v), DCM_OK);
    assert_int_equal(b.v.size, 10);
    begin(&b, VR_FD);
    assert_int_equal(give(&b, &number, 9), DCM_OK);
    assert_int_equal(give(&b, &number, 9), DCM_ERR_LIMIT);
    stop(&b);
}

static void many_values_have_room(void **state)
{
    static const struct given number = N("258"), text = T("ABC");
    struct bench b;

    (void)state;
    start(&b, 0);
    begin(&b, VR_US);
    for (int i = 0; i < 20000; i++)
        assert_int_equal(give(&b, &number, 0), DCM_OK);
    assert_int_equal(dcm_values_end(&b.v), DCM_OK);
    assert_int_equal(b.v.size, 40000);
    assert_int_equal(b.v.data[39998], 2);
    assert_int_equal(b.v.data[39999], 1);
    begin(&b, VR_CS);
    for (int i = 0; i < 20000; i++)
        assert_int_equal(give(&b, &text, 0), DCM_OK);
    assert_int_equal(dcm_values_end(&b.v), DCM_OK);
    assert_int_equal(b.v.size, 80000);
    assert_int_equal(b.v.data[79999], ' ');
    assert_int_equal(b.v.count, 20000);
    stop(&b);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_values_are_joined_and_padded),
        cmocka_unit_test(what_is_not_of_its_form_is_told_and_kept),
        cmocka_unit_test(lengths_at_the_edge_are_right),
        cmocka_unit_test(numbers_are_little_endian_and_exact),
        cmocka_unit_test(what_has_no_reading_is_an_error),
        cmocka_unit_test(a_strict_policy_makes_errors_of_deviations),
        cmocka_unit_test(names_are_joined_without_empty_groups_at_the_end),
        cmocka_unit_test(names_can_be_several),
        cmocka_unit_test(one_serves_many_attributes),
        cmocka_unit_test(the_limit_holds_for_all_values_together),
        cmocka_unit_test(many_values_have_room),
    };

    return cmocka_run_group_tests_name("values", tests, NULL, NULL);
}
