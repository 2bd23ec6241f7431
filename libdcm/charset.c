/* Language. Specific Character Set: the sets and their terms (PS3.3
 * C.12.1.1.2), rightly and wrongly spelt. Knows nothing of text: the way from
 * bytes to UTF-8 is in charset_decode.c. */
#include "charset.h"
#include "charset_sets.h"
#include "issue.h"
#include <string.h>

const struct dcm_set dcm_sets[] = {
    [SET_ASCII] = {SET_KIND_ASCII, 0, 0, NULL, "ISO 2022 IR 6", {0}},
    [SET_LATIN1] = {SET_KIND_BYTE, 1, 0, "ISO_IR 100", "ISO 2022 IR 100", {0}},
    [SET_LATIN2] =
        {SET_KIND_BYTE, 1, 0, "ISO_IR 101", "ISO 2022 IR 101", {"ISO-8859-2"}},
    [SET_LATIN3] =
        {SET_KIND_BYTE, 1, 0, "ISO_IR 109", "ISO 2022 IR 109", {"ISO-8859-3"}},
    [SET_LATIN4] =
        {SET_KIND_BYTE, 1, 0, "ISO_IR 110", "ISO 2022 IR 110", {"ISO-8859-4"}},
    [SET_CYRILLIC] =
        {SET_KIND_BYTE, 1, 0, "ISO_IR 144", "ISO 2022 IR 144", {"ISO-8859-5"}},
    [SET_ARABIC] =
        {SET_KIND_BYTE, 1, 0, "ISO_IR 127", "ISO 2022 IR 127", {"ISO-8859-6"}},
    [SET_GREEK] =
        {SET_KIND_BYTE, 1, 0, "ISO_IR 126", "ISO 2022 IR 126", {"ISO-8859-7"}},
    [SET_HEBREW] =
        {SET_KIND_BYTE, 1, 0, "ISO_IR 138", "ISO 2022 IR 138", {"ISO-8859-8"}},
    [SET_LATIN5] =
        {SET_KIND_BYTE, 1, 0, "ISO_IR 148", "ISO 2022 IR 148", {"ISO-8859-9"}},
    [SET_LATIN9] =
        {SET_KIND_BYTE, 1, 0, "ISO_IR 203", "ISO 2022 IR 203", {"ISO-8859-15"}},
    [SET_THAI] = {SET_KIND_BYTE,
                  1,
                  0,
                  "ISO_IR 166",
                  "ISO 2022 IR 166",
                  {"TIS-620", "ISO-8859-11"}},
    [SET_KANA] = {SET_KIND_KANA, 1, 0, "ISO_IR 13", "ISO 2022 IR 13", {0}},
    [SET_JISX0208] = {SET_KIND_PAIR, 0, 0, NULL, "ISO 2022 IR 87", {"EUC-JP"}},
    [SET_JISX0212] =
        {SET_KIND_PAIR, 0, 0x8F, NULL, "ISO 2022 IR 159", {"EUC-JP"}},
    [SET_KSX1001] = {SET_KIND_PAIR, 1, 0, NULL, "ISO 2022 IR 149", {"EUC-KR"}},
    [SET_GB2312] =
        {SET_KIND_PAIR, 1, 0, NULL, "ISO 2022 IR 58", {"EUC-CN", "GB2312"}},
    [SET_UTF8] = {SET_KIND_UTF8, 0, 0, "ISO_IR 192", NULL, {0}},
    [SET_GB18030] = {SET_KIND_GB, 0, 0, "GB18030", NULL, {"GB18030"}},
    [SET_GBK] = {SET_KIND_GB, 0, 0, "GBK", NULL, {"GBK", "CP936"}},
    [SET_ROMAN] = {SET_KIND_ROMAN, 0, 0, NULL, NULL, {0}},
    [SET_SJIS] = {SET_KIND_GB, 0, 0, NULL, NULL, {"CP932", "SHIFT_JIS"}},
    [SET_NONE] = {SET_KIND_NONE, 0, 0, NULL, NULL, {0}},
};
_Static_assert(sizeof dcm_sets / sizeof *dcm_sets == SET_COUNT,
               "a row for each set");

/* Names of a set with all spaces, '_' and '-' taken out. A number stands
 * after "ISOIR", "ISO2022IR" or "ISO2022". */
static const struct alias {
    const char *name;
    uint8_t set;
} aliases[] = {
    {"6", SET_ASCII},           {"100", SET_LATIN1},
    {"101", SET_LATIN2},        {"109", SET_LATIN3},
    {"110", SET_LATIN4},        {"144", SET_CYRILLIC},
    {"127", SET_ARABIC},        {"126", SET_GREEK},
    {"138", SET_HEBREW},        {"148", SET_LATIN5},
    {"203", SET_LATIN9},        {"166", SET_THAI},
    {"13", SET_KANA},           {"87", SET_JISX0208},
    {"159", SET_JISX0212},      {"149", SET_KSX1001},
    {"58", SET_GB2312},         {"192", SET_UTF8},
    {"GB18030", SET_GB18030},   {"GBK", SET_GBK},
    {"GB2312", SET_GBK},        {"CP936", SET_GBK},
    {"UTF8", SET_UTF8},         {"ASCII", SET_ASCII},
    {"USASCII", SET_ASCII},     {"ISO646", SET_ASCII},
    {"ISO646US", SET_ASCII},    {"LATIN1", SET_LATIN1},
    {"LATIN2", SET_LATIN2},     {"LATIN3", SET_LATIN3},
    {"LATIN4", SET_LATIN4},     {"LATIN5", SET_LATIN5},
    {"LATIN9", SET_LATIN9},     {"CYRILLIC", SET_CYRILLIC},
    {"ARABIC", SET_ARABIC},     {"GREEK", SET_GREEK},
    {"HEBREW", SET_HEBREW},     {"TIS620", SET_THAI},
    {"ISO88591", SET_LATIN1},   {"ISO88592", SET_LATIN2},
    {"ISO88593", SET_LATIN3},   {"ISO88594", SET_LATIN4},
    {"ISO88595", SET_CYRILLIC}, {"ISO88596", SET_ARABIC},
    {"ISO88597", SET_GREEK},    {"ISO88598", SET_HEBREW},
    {"ISO88599", SET_LATIN5},   {"ISO885911", SET_THAI},
    {"ISO885915", SET_LATIN9},
};

/* In the order of the bits. */
static const uint8_t issues[] = {
    DCM_ISSUE_CHARSET_TERM,    DCM_ISSUE_CHARSET_UNKNOWN,
    DCM_ISSUE_CHARSET_MIX,     DCM_ISSUE_CHARSET_SUPPORT,
    DCM_ISSUE_TEXT_UNDECLARED, DCM_ISSUE_TEXT_INVALID,
    DCM_ISSUE_TEXT_OTHER_SET,  DCM_ISSUE_TEXT_ESCAPE,
    DCM_ISSUE_TEXT_NO_ESCAPE,  DCM_ISSUE_TEXT_CONTROL,
};

dcm_issue dcm_charset_issue(unsigned problems)
{
    for (unsigned i = 0; i < sizeof issues; i++)
        if (problems >> i & 1)
            return issues[i];
    return DCM_ISSUE_NONE;
}

/* ------------------------------------------------------------ the terms */

struct term {
    uint8_t set;      /* NONE: unknown */
    uint8_t extended; /* of the ISO 2022 kind */
    uint8_t empty;
};

/* Upper case, without separators; 0 when it is too long to be a term. */
static int squeeze(char *key, size_t size, const uint8_t *p, size_t n)
{
    size_t k = 0;

    for (size_t i = 0; i < n; i++) {
        uint8_t c = p[i];
        if (c == ' ' || c == '_' || c == '-')
            continue;
        if (k + 1 == size || !c)
            return 0;
        key[k++] = (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
    key[k] = '\0';
    return 1;
}

static uint8_t find_alias(const char *name, int numbers)
{
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++) {
        int number = aliases[i].name[0] <= '9';
        if (number == numbers && !strcmp(aliases[i].name, name))
            return aliases[i].set;
    }
    return SET_NONE;
}

static int equals(const char *term, const uint8_t *p, size_t n)
{
    return term && strlen(term) == n && !memcmp(term, p, n);
}

/* One term without its padding. */
static struct term parse_term(const uint8_t *p, size_t n, unsigned *problems)
{
    static const char *const prefixes[] = {"ISO2022IR", "ISO2022", "ISOIR"};
    struct term t = {SET_NONE, 0, 0};
    char key[24];

    if (squeeze(key, sizeof key, p, n)) {
        for (size_t i = 0; i < 3 && t.set == SET_NONE; i++) {
            size_t k = strlen(prefixes[i]);
            if (strncmp(key, prefixes[i], k))
                continue;
            t.extended = i < 2;
            t.set = find_alias(key + k, 1);
            if (t.set == SET_NONE && t.extended) /* ISO 2022 GBK */
                t.set = find_alias(key + k, 0);
        }
        if (t.set == SET_NONE)
            t.set = find_alias(key, 0);
    }
    if (t.set == SET_NONE)
        *problems |= DCM_CS_UNKNOWN;
    else if (!equals(dcm_sets[t.set].plain, p, n) &&
             !equals(dcm_sets[t.set].extended, p, n))
        *problems |= DCM_CS_TERM;
    if (t.set != SET_NONE && !dcm_sets[t.set].extended)
        t.extended = 0;
    else if (t.set != SET_NONE && !dcm_sets[t.set].plain)
        t.extended = t.set != SET_ASCII || t.extended;
    return t;
}

static int is_padding(uint8_t c)
{
    return c == ' ' || c == 0;
}

/* Can be used with code extensions. */
static int is_extensible(unsigned set)
{
    return dcm_sets[set].extended != NULL;
}

int dcm_charset_declares(const struct dcm_charset *cs, unsigned set)
{
    for (unsigned i = 0; i < cs->count; i++)
        if (cs->sets[i] == set)
            return 1;
    return 0;
}

/* A further term of several. */
static unsigned add_set(struct dcm_charset *cs, struct term t)
{
    if (t.empty) /* only value 1 may be */
        return DCM_CS_MIX;
    if (t.set == SET_NONE || dcm_charset_declares(cs, t.set))
        return 0;
    if (!is_extensible(cs->sets[0])) /* UTF-8 and GB stand alone */
        return DCM_CS_MIX;
    if (!is_extensible(t.set)) {
        /* ASCII is part of each of them: nothing is lost */
        if (cs->count == 1 && cs->sets[0] == SET_ASCII)
            cs->sets[0] = t.set;
        return DCM_CS_MIX;
    }
    if (cs->count == DCM_CHARSET_TERMS)
        return DCM_CS_MIX;
    cs->sets[cs->count++] = t.set;
    return t.extended ? 0 : DCM_CS_MIX;
}

/* The term from p to end; an empty one counts as ISO 2022 IR 6. */
static struct term read_term(const uint8_t *p, const uint8_t *end,
                             unsigned *problems)
{
    const struct term empty = {SET_ASCII, 1, 1};

    while (p < end && is_padding(end[-1]))
        end--;
    while (p < end && *p == ' ')
        p++;
    return p < end ? parse_term(p, (size_t)(end - p), problems) : empty;
}

/* Value 1. Several values ask for the ISO 2022 kind, one forbids it. */
static unsigned first_set(struct dcm_charset *cs, struct term t, int several)
{
    int hides_ascii;

    cs->count = 1;
    cs->undeclared = t.set == SET_NONE;
    cs->extension = t.extended;
    if (t.set == SET_NONE)
        return 0;
    cs->sets[0] = t.set;
    /* JIS X 0208 and 0212 cannot be the initial state: they are read as if
     * value 1 were empty */
    hides_ascii =
        dcm_sets[t.set].kind == SET_KIND_PAIR && !dcm_sets[t.set].right;
    return several != t.extended || hides_ascii ? DCM_CS_MIX : 0;
}

unsigned dcm_charset_parse(struct dcm_charset *cs, const uint8_t *value,
                           size_t n)
{
    const uint8_t *p = value, *end = n ? value + n : value, *q;
    unsigned problems = 0;

    memset(cs, 0, sizeof *cs);
    while (p < end && is_padding(end[-1]))
        end--;
    for (int more = p < end; more; p = q + more) {
        struct term t;

        q = memchr(p, '\\', (size_t)(end - p));
        more = q != NULL;
        q = q ? q : end;
        t = read_term(p, q, &problems);
        if (!cs->count)
            problems |= first_set(cs, t, more);
        else
            problems |= add_set(cs, t);
    }
    if (!cs->count ||
        (cs->undeclared && cs->count == 1 && cs->sets[0] == SET_ASCII)) {
        memset(cs, 0, sizeof *cs);
        cs->undeclared = 1;
        return problems;
    }
    cs->undeclared = 0;
    cs->extension |= cs->count > 1;
    if (!is_extensible(cs->sets[0]))
        cs->extension = 0;
    return problems;
}

int dcm_charset_is_ascii(const struct dcm_charset *cs)
{
    return cs->count == 0 || cs->sets[0] != SET_KANA;
}
