/* Language. Specific Character Set: its terms (PS3.3 C.12.1.1.2), the code
 * extension state machine (PS3.5 6.1.2.5), and the way of bytes to UTF-8.
 *
 * iconv is asked for code points only, a row of a code table at a time, and
 * never sees a value: a stateful converter knows neither the resets at
 * delimiters nor katakana in G1. What it lacks becomes U+FFFD. ASCII, Latin-1,
 * windows-1252, UTF-8 and JIS X 0201 need no iconv at all.
 *
 * Knows nothing of VRs, padding or JSON. */
#include "charset.h"
#include "issue.h"
#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------- the sets */

enum {
    ASCII, /* ISO-IR 6; 0, so that all zero is the default repertoire */
    LATIN1,
    LATIN2,
    LATIN3,
    LATIN4,
    CYRILLIC,
    ARABIC,
    GREEK,
    HEBREW,
    LATIN5,
    LATIN9,
    THAI,
    KANA, /* ISO-IR 13, right half of JIS X 0201 */
    JISX0208,
    JISX0212,
    KSX1001,
    GB2312,
    UTF8,
    GB18030,
    GBK,
    ROMAN, /* ISO-IR 14, left half of JIS X 0201; comes with KANA */
    SJIS,  /* what some write under ISO_IR 13 */
    NONE,  /* nothing in G1 */
    N_SETS
};

enum kind { K_NONE, K_ASCII, K_ROMAN, K_KANA, K_BYTE, K_PAIR, K_GB, K_UTF8 };

/* A set and the iconv names that know it, the better one first. `plain` and
 * `extended` are its terms without and with code extensions, NULL where the
 * standard has none. */
static const struct set {
    enum kind kind;
    uint8_t right;  /* its home is G1 */
    uint8_t prefix; /* byte before each pair, for iconv */
    const char *plain, *extended, *codec[2];
} sets[] = {
    [ASCII] = {K_ASCII, 0, 0, NULL, "ISO 2022 IR 6", {0}},
    [LATIN1] = {K_BYTE, 1, 0, "ISO_IR 100", "ISO 2022 IR 100", {0}},
    [LATIN2] = {K_BYTE, 1, 0, "ISO_IR 101", "ISO 2022 IR 101", {"ISO-8859-2"}},
    [LATIN3] = {K_BYTE, 1, 0, "ISO_IR 109", "ISO 2022 IR 109", {"ISO-8859-3"}},
    [LATIN4] = {K_BYTE, 1, 0, "ISO_IR 110", "ISO 2022 IR 110", {"ISO-8859-4"}},
    [CYRILLIC] =
        {K_BYTE, 1, 0, "ISO_IR 144", "ISO 2022 IR 144", {"ISO-8859-5"}},
    [ARABIC] = {K_BYTE, 1, 0, "ISO_IR 127", "ISO 2022 IR 127", {"ISO-8859-6"}},
    [GREEK] = {K_BYTE, 1, 0, "ISO_IR 126", "ISO 2022 IR 126", {"ISO-8859-7"}},
    [HEBREW] = {K_BYTE, 1, 0, "ISO_IR 138", "ISO 2022 IR 138", {"ISO-8859-8"}},
    [LATIN5] = {K_BYTE, 1, 0, "ISO_IR 148", "ISO 2022 IR 148", {"ISO-8859-9"}},
    [LATIN9] = {K_BYTE, 1, 0, "ISO_IR 203", "ISO 2022 IR 203", {"ISO-8859-15"}},
    [THAI] = {K_BYTE,
              1,
              0,
              "ISO_IR 166",
              "ISO 2022 IR 166",
              {"TIS-620", "ISO-8859-11"}},
    [KANA] = {K_KANA, 1, 0, "ISO_IR 13", "ISO 2022 IR 13", {0}},
    [JISX0208] = {K_PAIR, 0, 0, NULL, "ISO 2022 IR 87", {"EUC-JP"}},
    [JISX0212] = {K_PAIR, 0, 0x8F, NULL, "ISO 2022 IR 159", {"EUC-JP"}},
    [KSX1001] = {K_PAIR, 1, 0, NULL, "ISO 2022 IR 149", {"EUC-KR"}},
    [GB2312] = {K_PAIR, 1, 0, NULL, "ISO 2022 IR 58", {"EUC-CN", "GB2312"}},
    [UTF8] = {K_UTF8, 0, 0, "ISO_IR 192", NULL, {0}},
    [GB18030] = {K_GB, 0, 0, "GB18030", NULL, {"GB18030"}},
    [GBK] = {K_GB, 0, 0, "GBK", NULL, {"GBK", "CP936"}},
    [ROMAN] = {K_ROMAN, 0, 0, NULL, NULL, {0}},
    [SJIS] = {K_GB, 0, 0, NULL, NULL, {"CP932", "SHIFT_JIS"}},
    [NONE] = {K_NONE, 0, 0, NULL, NULL, {0}},
};
_Static_assert(sizeof sets / sizeof *sets == N_SETS, "a row for each set");

/* Names of a set with all spaces, '_' and '-' taken out. A number stands
 * after "ISOIR", "ISO2022IR" or "ISO2022". */
static const struct alias {
    const char *name;
    uint8_t set;
} aliases[] = {
    {"6", ASCII},           {"100", LATIN1},      {"101", LATIN2},
    {"109", LATIN3},        {"110", LATIN4},      {"144", CYRILLIC},
    {"127", ARABIC},        {"126", GREEK},       {"138", HEBREW},
    {"148", LATIN5},        {"203", LATIN9},      {"166", THAI},
    {"13", KANA},           {"87", JISX0208},     {"159", JISX0212},
    {"149", KSX1001},       {"58", GB2312},       {"192", UTF8},
    {"GB18030", GB18030},   {"GBK", GBK},         {"GB2312", GBK},
    {"CP936", GBK},         {"UTF8", UTF8},       {"ASCII", ASCII},
    {"USASCII", ASCII},     {"ISO646", ASCII},    {"ISO646US", ASCII},
    {"LATIN1", LATIN1},     {"LATIN2", LATIN2},   {"LATIN3", LATIN3},
    {"LATIN4", LATIN4},     {"LATIN5", LATIN5},   {"LATIN9", LATIN9},
    {"CYRILLIC", CYRILLIC}, {"ARABIC", ARABIC},   {"GREEK", GREEK},
    {"HEBREW", HEBREW},     {"TIS620", THAI},     {"ISO88591", LATIN1},
    {"ISO88592", LATIN2},   {"ISO88593", LATIN3}, {"ISO88594", LATIN4},
    {"ISO88595", CYRILLIC}, {"ISO88596", ARABIC}, {"ISO88597", GREEK},
    {"ISO88598", HEBREW},   {"ISO88599", LATIN5}, {"ISO885911", THAI},
    {"ISO885915", LATIN9},
};

/* Escape sequences without their ESC; `odd`: not one of DICOM's, but met
 * (PS3.3 Table C.12-3 and C.12-4). */
static const struct escape {
    uint8_t n, bytes[3];
    uint8_t area, set, odd;
} escapes[] = {
    {2, {0x28, 0x42}, 0, ASCII, 0},
    {2, {0x28, 0x4A}, 0, ROMAN, 0},
    {2, {0x28, 0x49}, 0, KANA, 1},
    {2, {0x29, 0x49}, 1, KANA, 0},
    {2, {0x2D, 0x41}, 1, LATIN1, 0},
    {2, {0x2D, 0x42}, 1, LATIN2, 0},
    {2, {0x2D, 0x43}, 1, LATIN3, 0},
    {2, {0x2D, 0x44}, 1, LATIN4, 0},
    {2, {0x2D, 0x4C}, 1, CYRILLIC, 0},
    {2, {0x2D, 0x47}, 1, ARABIC, 0},
    {2, {0x2D, 0x46}, 1, GREEK, 0},
    {2, {0x2D, 0x48}, 1, HEBREW, 0},
    {2, {0x2D, 0x4D}, 1, LATIN5, 0},
    {2, {0x2D, 0x62}, 1, LATIN9, 0},
    {2, {0x2D, 0x54}, 1, THAI, 0},
    {2, {0x24, 0x42}, 0, JISX0208, 0},
    {2, {0x24, 0x40}, 0, JISX0208, 1}, /* the edition of 1978 */
    {3, {0x24, 0x28, 0x42}, 0, JISX0208, 1},
    {3, {0x24, 0x28, 0x44}, 0, JISX0212, 0},
    {3, {0x24, 0x29, 0x43}, 1, KSX1001, 0},
    {3, {0x24, 0x28, 0x43}, 0, KSX1001, 1},
    {3, {0x24, 0x29, 0x41}, 1, GB2312, 0},
    {3, {0x24, 0x28, 0x41}, 0, GB2312, 1},
    {2, {0x24, 0x41}, 0, GB2312, 1},
};

/* windows-1252 at 80-9F; 0: no character there. */
static const uint16_t windows_1252[32] = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
    0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017D, 0,
    0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
    0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178,
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
    return NONE;
}

static int equals(const char *term, const uint8_t *p, size_t n)
{
    return term && strlen(term) == n && !memcmp(term, p, n);
}

/* One term without its padding. */
static struct term parse_term(const uint8_t *p, size_t n, unsigned *problems)
{
    static const char *const prefixes[] = {"ISO2022IR", "ISO2022", "ISOIR"};
    struct term t = {NONE, 0};
    char key[24];

    if (squeeze(key, sizeof key, p, n)) {
        for (size_t i = 0; i < 3 && t.set == NONE; i++) {
            size_t k = strlen(prefixes[i]);
            if (strncmp(key, prefixes[i], k))
                continue;
            t.extended = i < 2;
            t.set = find_alias(key + k, 1);
            if (t.set == NONE && t.extended) /* ISO 2022 GBK */
                t.set = find_alias(key + k, 0);
        }
        if (t.set == NONE)
            t.set = find_alias(key, 0);
    }
    if (t.set == NONE)
        *problems |= DCM_CS_UNKNOWN;
    else if (!equals(sets[t.set].plain, p, n) &&
             !equals(sets[t.set].extended, p, n))
        *problems |= DCM_CS_TERM;
    if (t.set != NONE && !sets[t.set].extended)
        t.extended = 0;
    else if (t.set != NONE && !sets[t.set].plain)
        t.extended = t.set != ASCII || t.extended;
    return t;
}

static int is_padding(uint8_t c)
{
    return c == ' ' || c == 0;
}

/* Can be used with code extensions. */
static int is_extensible(unsigned set)
{
    return sets[set].extended != NULL;
}

static int declares(const struct dcm_charset *cs, unsigned set)
{
    for (unsigned i = 0; i < cs->count; i++)
        if (cs->sets[i] == set)
            return 1;
    return 0;
}

/* A further term of several. */
static unsigned add_set(struct dcm_charset *cs, struct term t)
{
    if (t.set == NONE || declares(cs, t.set))
        return 0;
    if (!is_extensible(cs->sets[0])) /* UTF-8, GB: alone, as the standard */
        return DCM_CS_MIX;           /* wants them */
    if (!is_extensible(t.set)) {
        /* ASCII is part of each of them: nothing is lost */
        if (cs->count == 1 && cs->sets[0] == ASCII)
            cs->sets[0] = t.set;
        return DCM_CS_MIX;
    }
    if (cs->count == DCM_CHARSET_TERMS)
        return DCM_CS_MIX;
    cs->sets[cs->count++] = t.set;
    return t.extended ? 0 : DCM_CS_MIX;
}

unsigned dcm_charset_parse(struct dcm_charset *cs, const uint8_t *value,
                           size_t n)
{
    const uint8_t *p = value, *end = value + n;
    unsigned problems = 0, terms = 0, misfits = 0;

    memset(cs, 0, sizeof *cs);
    while (p < end && is_padding(end[-1]))
        end--;
    for (int more = p < end; more; terms++) {
        const uint8_t *q = memchr(p, '\\', (size_t)(end - p)), *r;
        struct term t = {ASCII, 1};

        more = q != NULL;
        r = q = q ? q : end;
        while (p < r && is_padding(r[-1]))
            r--;
        while (p < r && *p == ' ')
            p++;
        if (p < r)
            t = parse_term(p, (size_t)(r - p), &problems);
        else if (terms)
            problems |= DCM_CS_MIX; /* only value 1 may be empty */
        if (terms) {
            problems |= add_set(cs, t);
        } else {
            cs->count = 1;
            cs->sets[0] = t.set == NONE ? ASCII : t.set;
            cs->undeclared = t.set == NONE;
            cs->extension = t.extended;
            /* several values ask for the ISO 2022 kind, one forbids it */
            misfits = t.set != NONE && more != t.extended;
        }
        p = q + more;
    }
    if (!terms || (cs->undeclared && cs->count == 1 && cs->sets[0] == ASCII)) {
        memset(cs, 0, sizeof *cs);
        cs->undeclared = 1;
        return problems;
    }
    /* JIS X 0208 and 0212 cannot be the initial state, they would hide ASCII:
     * read as if value 1 were empty */
    if (sets[cs->sets[0]].kind == K_PAIR && !sets[cs->sets[0]].right)
        misfits = 1;
    cs->undeclared = 0;
    cs->extension |= cs->count > 1;
    if (!is_extensible(cs->sets[0]))
        cs->extension = 0;
    return problems | (misfits ? DCM_CS_MIX : 0);
}

int dcm_charset_is_ascii(const struct dcm_charset *cs)
{
    return cs->count == 0 || cs->sets[0] != KANA;
}

/* ---------------------------------------------------------- the decoder */

enum { ROW_NEW, ROW_LOADED, ROW_EMPTY, ROW_UNSUPPORTED };

/* Code points of a set, loaded by rows. A cell is (lead & 7F) << 8 | trail;
 * single-byte sets have row 0 alone. 0: no character. */
struct table {
    uint32_t *cells;
    iconv_t codec;
    uint8_t opened;
    uint8_t rows[128];
};

struct dcm_decoder {
    char *text; /* of the value at hand */
    size_t length, capacity;
    int failed; /* no memory */
    struct table tables[N_SETS];
};

/* One value on its way. */
struct job {
    struct dcm_decoder *d;
    const struct dcm_charset *cs;
    unsigned how;
    const uint8_t *p, *end;
    uint8_t g0, g1;       /* sets designated now */
    uint8_t home0, home1; /* and initially */
    uint8_t guess;        /* UTF8 or LATIN1 for windows-1252; NONE: open */
    uint8_t judged;       /* looked whether it could be UTF-8 */
    unsigned problems;
    const uint8_t *where;
};

struct dcm_decoder *dcm_decoder_new(void)
{
    return calloc(1, sizeof(struct dcm_decoder));
}

void dcm_decoder_free(struct dcm_decoder *d)
{
    if (!d)
        return;
    for (unsigned i = 0; i < N_SETS; i++) {
        if (d->tables[i].opened)
            iconv_close(d->tables[i].codec);
        free(d->tables[i].cells);
    }
    free(d->text);
    free(d);
}

static void note(struct job *j, unsigned bit, const uint8_t *at)
{
    if (!j->problems)
        j->where = at;
    j->problems |= bit;
}

/* Room for n more bytes. */
static int reserve(struct dcm_decoder *d, size_t n)
{
    size_t capacity = d->capacity ? d->capacity : 256;
    char *text;

    if (n <= d->capacity - d->length)
        return 1;
    while (capacity - d->length < n) {
        if (capacity > SIZE_MAX / 2) {
            d->failed = 1;
            return 0;
        }
        capacity *= 2;
    }
    text = realloc(d->text, capacity);
    if (!text) {
        d->failed = 1;
        return 0;
    }
    d->text = text;
    d->capacity = capacity;
    return 1;
}

static void put_bytes(struct dcm_decoder *d, const uint8_t *p, size_t n)
{
    if (!n || !reserve(d, n))
        return;
    memcpy(d->text + d->length, p, n);
    d->length += n;
}

static void put(struct dcm_decoder *d, uint32_t c)
{
    char *t;

    if (!reserve(d, 4))
        return;
    t = d->text + d->length;
    if (c < 0x80) {
        *t++ = (char)c;
    } else if (c < 0x800) {
        *t++ = (char)(0xC0 | c >> 6);
        *t++ = (char)(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        *t++ = (char)(0xE0 | c >> 12);
        *t++ = (char)(0x80 | (c >> 6 & 0x3F));
        *t++ = (char)(0x80 | (c & 0x3F));
    } else {
        *t++ = (char)(0xF0 | c >> 18);
        *t++ = (char)(0x80 | (c >> 12 & 0x3F));
        *t++ = (char)(0x80 | (c >> 6 & 0x3F));
        *t++ = (char)(0x80 | (c & 0x3F));
    }
    d->length = (size_t)(t - d->text);
}

/* Takes n bytes as they are. */
static void keep(struct job *j, size_t n)
{
    put_bytes(j->d, j->p, n);
    j->p += n;
}

/* Takes n bytes, and puts c for them, or U+FFFD when c is 0. */
static void take(struct job *j, size_t n, uint32_t c)
{
    if (!c)
        note(j, DCM_CS_INVALID, j->p);
    put(j->d, c ? c : 0xFFFD);
    j->p += n;
}

/* --------------------------------------------------- tables from iconv */

static uint32_t get_code_point(const uint8_t *p)
{
    uint32_t c = p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
                 (uint32_t)p[3] << 24;

    return c > 0x10FFFF || (c >= 0xD800 && c < 0xE000) || c == 0xFFFD ? 0 : c;
}

static int open_table(struct dcm_decoder *d, unsigned set)
{
    struct table *t = &d->tables[set];

    for (unsigned i = 0; i < 2 && sets[set].codec[i] && !t->opened; i++) {
        t->codec = iconv_open("UTF-32LE", sets[set].codec[i]);
        t->opened = t->codec != (iconv_t)-1;
    }
    if (!t->opened) {
        memset(t->rows, ROW_UNSUPPORTED, sizeof t->rows);
        return 0;
    }
    t->cells = calloc(128 * 256, sizeof *t->cells);
    if (!t->cells)
        d->failed = 1;
    return t->cells != NULL;
}

/* Converts codes of `size` bytes each; cells[trail of the code] gets the
 * result. iconv stops at each code it does not know: step over it. */
static int convert_codes(iconv_t codec, const uint8_t *codes, size_t n,
                         size_t size, uint32_t *cells)
{
    char *in = (char *)codes, out[256 * 4];
    size_t left = n, found = 0;

    while (left) {
        const uint8_t *trail = (uint8_t *)in + size - 1;
        size_t before = left, room = sizeof out, count;
        char *o = out;
        size_t r;

        iconv(codec, NULL, NULL, NULL, NULL);
        r = iconv(codec, &in, &left, &o, &room);
        count = (sizeof out - room) / 4;
        if (count != (before - left) / size)
            count = 0; /* not one for one: not a table we can use */
        for (size_t i = 0; i < count; i++, trail += size) {
            cells[*trail] = get_code_point((uint8_t *)out + i * 4);
            found += cells[*trail] != 0;
        }
        if (r != (size_t)-1)
            break;
        left = left - left % size; /* at the code that was refused */
        in = (char *)codes + (n - left);
        if (!left)
            break;
        in += size;
        left -= size;
    }
    return found != 0;
}

static void load_row(struct dcm_decoder *d, unsigned set, unsigned lead)
{
    struct table *t = &d->tables[set];
    int is_byte = sets[set].kind == K_BYTE;
    unsigned first = sets[set].kind == K_GB ? 0x40 : is_byte ? 0xA0 : 0xA1;
    unsigned last = is_byte ? 0xFF : 0xFE;
    uint8_t codes[256 * 3];
    size_t n = 0, size = is_byte ? 1 : sets[set].prefix ? 3 : 2;

    if (!t->cells && !open_table(d, set))
        return;
    for (unsigned trail = first; trail <= last; trail++) {
        if (trail == 0x7F)
            continue;
        if (size == 3)
            codes[n++] = sets[set].prefix;
        if (size > 1)
            codes[n++] = (uint8_t)(lead | 0x80);
        codes[n++] = (uint8_t)trail;
    }
    t->rows[lead] =
        convert_codes(t->codec, codes, n, size, t->cells + lead * 256)
            ? ROW_LOADED
            : ROW_EMPTY;
}

/* The state of a row, loaded if need be. */
static inline unsigned row(struct job *j, unsigned set, unsigned lead)
{
    struct table *t = &j->d->tables[set];

    if (t->rows[lead & 0x7F] == ROW_NEW)
        load_row(j->d, set, lead & 0x7F);
    if (t->rows[lead & 0x7F] == ROW_UNSUPPORTED)
        note(j, DCM_CS_SUPPORT, j->p);
    return t->rows[lead & 0x7F];
}

static inline uint32_t cell(struct job *j, unsigned set, unsigned lead,
                            unsigned trail)
{
    return row(j, set, lead) == ROW_LOADED
               ? j->d->tables[set].cells[(lead & 0x7F) << 8 | trail]
               : 0;
}

/* ----------------------------------------------------------------- runs */

static int is_delimiter(const struct job *j)
{
    return *j->p == '\\' && (j->how & DCM_TEXT_MULTI);
}

/* The first byte that is not in 20-7E, or a backslash where that separates.
 * Eight bytes at a time: each term of `odd` has bit 7 set in the first byte
 * that is high, low, DEL or a backslash. */
static const uint8_t *skip_plain(const uint8_t *p, const uint8_t *end,
                                 unsigned how)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint8_t stop = how & DCM_TEXT_MULTI ? '\\' : 0x7F;

    while (end - p >= 8) {
        uint64_t w, x, odd;
        memcpy(&w, p, 8);
        x = w ^ ones * stop;
        odd = w | (w - ones * 0x20) | (w + ones) | ((x - ones) & ~x);
        if (odd & ones * 0x80)
            break;
        p += 8;
    }
    while (p < end && *p >= 0x20 && *p < 0x7F && *p != stop)
        p++;
    return p;
}

/* The length of the well-formed sequence at p (Unicode, Table 3-7), p[0] >=
 * 80; or, negative, that of the longest start of one, at least 1. */
static int utf8_sequence(const uint8_t *p, const uint8_t *end)
{
    uint8_t c = *p, low = 0x80, high = 0xBF;
    int n = c < 0xC2 ? 0 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : c < 0xF5 ? 4 : 0;

    if (!n)
        return -1;
    if (c == 0xE0)
        low = 0xA0; /* overlong below */
    else if (c == 0xED)
        high = 0x9F; /* surrogates above */
    else if (c == 0xF0)
        low = 0x90;
    else if (c == 0xF4)
        high = 0x8F; /* past 10FFFF above */
    for (int i = 1; i < n; i++) {
        if (p + i == end || p[i] < low || p[i] > high)
            return -i;
        low = 0x80;
        high = 0xBF;
    }
    return n;
}

/* Is the rest of the value, which has bytes over 7F, UTF-8? */
static int could_be_utf8(const struct job *j)
{
    const uint8_t *p = j->p;

    while (p < j->end && *p != 0x1B) {
        if (*p == '\\' && (j->how & DCM_TEXT_MULTI))
            break;
        if (*p < 0x80) {
            p++;
        } else {
            int n = utf8_sequence(p, j->end);
            if (n < 0)
                return 0;
            p += n;
        }
    }
    return 1;
}

/* Notes a control character that may not be here. */
static void check_control(struct job *j)
{
    uint8_t c = *j->p;
    int layout = c == '\t' || c == '\n' || c == '\f' || c == '\r';

    if (!layout || !(j->how & DCM_TEXT_CONTROL))
        note(j, DCM_CS_CONTROL, j->p);
}

/* UTF-8 as it is, up to the end or the delimiter. Whole stretches are copied
 * only once something has to be replaced: *view says that nothing was. */
static void decode_utf8(struct job *j, int *view)
{
    const uint8_t *from = j->p; /* not copied yet */

    *view = 1;
    if (j->end - j->p >= 3 && !memcmp(j->p, "\xEF\xBB\xBF", 3))
        note(j, DCM_CS_CONTROL, j->p);
    for (;;) {
        int n = 1;
        j->p = skip_plain(j->p, j->end, j->how);
        if (j->p == j->end || is_delimiter(j))
            break;
        if (*j->p >= 0x80)
            n = utf8_sequence(j->p, j->end);
        else if (*j->p == 0x1B)
            n = -1;
        else
            check_control(j);
        if (n < 0) {
            put_bytes(j->d, from, (size_t)(j->p - from));
            note(j, *j->p == 0x1B ? DCM_CS_ESCAPE : DCM_CS_INVALID, j->p);
            put(j->d, 0xFFFD);
            n = -n;
            from = j->p + n;
            *view = 0;
        }
        j->p += n;
    }
    if (!*view)
        put_bytes(j->d, from, (size_t)(j->p - from));
}

/* --------------------------------------------------------- GBK, GB18030 */

/* The four-byte form: 81-FE 30-39 81-FE 30-39. */
static int is_gb_quad(const struct job *j)
{
    const uint8_t *p = j->p;

    return j->end - p >= 4 && p[0] >= 0x81 && p[0] <= 0xFE && p[1] >= 0x30 &&
           p[1] <= 0x39 && p[2] >= 0x81 && p[2] <= 0xFE && p[3] >= 0x30 &&
           p[3] <= 0x39;
}

/* From 90308130 on it is arithmetic, below iconv has to be asked. */
static uint32_t gb_quad(struct job *j)
{
    const uint8_t *p = j->p;
    uint32_t n =
        (((p[0] - 0x81u) * 10 + p[1] - 0x30u) * 126 + p[2] - 0x81u) * 10 +
        p[3] - 0x30u;
    char *in = (char *)p, out[16], *o = out;
    size_t left = 4, room = sizeof out;

    if (n >= 189000)
        return n - 189000 <= 0xFFFFF ? 0x10000 + n - 189000 : 0;
    if (n > 39419 || row(j, GB18030, 1) == ROW_UNSUPPORTED || j->d->failed)
        return 0;
    iconv(j->d->tables[GB18030].codec, NULL, NULL, NULL, NULL);
    if (iconv(j->d->tables[GB18030].codec, &in, &left, &o, &room) ==
            (size_t)-1 ||
        room != sizeof out - 4)
        return 0;
    return get_code_point((uint8_t *)out);
}

static void gb_high(struct job *j, unsigned set)
{
    const uint8_t *p = j->p;
    unsigned trail = j->end - p >= 2 ? p[1] : 0;
    uint32_t c;

    if (*p == 0x80 && set == GBK) { /* as in CP936 */
        note(j, DCM_CS_OTHER_SET, p);
        take(j, 1, 0x20AC);
    } else if (set == GB18030 && is_gb_quad(j)) {
        take(j, 4, gb_quad(j));
    } else if (*p < 0x81 || *p > 0xFE || trail < 0x40 || trail == 0x7F ||
               trail > 0xFE) {
        take(j, 1, 0);
    } else {
        /* what looks like ASCII is not lost in a pair that means nothing */
        c = cell(j, set, *p, trail);
        take(j, c || trail >= 0x80 ? 2 : 1, c);
    }
}

static void decode_gb(struct job *j, unsigned set)
{
    for (;;) {
        keep(j, (size_t)(skip_plain(j->p, j->end, j->how) - j->p));
        if (j->p == j->end || is_delimiter(j) || j->d->failed)
            break;
        if (*j->p >= 0x80) {
            gb_high(j, set);
        } else if (*j->p == 0x1B) {
            note(j, DCM_CS_ESCAPE, j->p);
            take(j, 1, 0xFFFD);
        } else {
            check_control(j);
            keep(j, 1);
        }
    }
}

/* ------------------------------------------------------- code extensions */

/* State = (G0, G1), PS3.5 6.1.2.5. It goes back to value 1's sets at the
 * start of a value, after a control character, and in a PN after '^' and '='.
 * Inside a pair of G0 (JIS X 0208, 0212) 5C, 5E and 3D are data. */
static void reset(struct job *j)
{
    j->g0 = j->home0;
    j->g1 = j->home1;
}

static void set_home(struct job *j)
{
    unsigned first = j->cs->count ? j->cs->sets[0] : ASCII;
    int roman = first == KANA && !(j->how & DCM_TEXT_DEFAULT);

    j->home0 = roman ? ROMAN : ASCII;
    j->home1 = sets[first].right ? (uint8_t)first : NONE;
    reset(j);
}

static int is_pair(unsigned set)
{
    return sets[set].kind == K_PAIR;
}

/* The set of an escape sequence is there to be used. ISO-IR 6 comes with all
 * but ISO-IR 13, ISO-IR 14 with 13. */
static int may_designate(const struct dcm_charset *cs, unsigned set)
{
    if (!cs->extension)
        return 0;
    if (set == ROMAN)
        return declares(cs, KANA);
    if (set != ASCII)
        return declares(cs, set);
    for (unsigned i = 0; i < cs->count; i++)
        if (cs->sets[i] != KANA && !is_pair(cs->sets[i]))
            return 1;
    return cs->sets[0] != KANA;
}

static void escape(struct job *j)
{
    size_t left = (size_t)(j->end - j->p) - 1;

    for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++) {
        const struct escape *e = &escapes[i];
        if (e->n > left || memcmp(j->p + 1, e->bytes, e->n))
            continue;
        if (e->odd || !may_designate(j->cs, e->set))
            note(j, DCM_CS_ESCAPE, j->p);
        *(e->area ? &j->g1 : &j->g0) = e->set;
        j->p += 1 + e->n;
        return;
    }
    note(j, DCM_CS_ESCAPE, j->p);
    take(j, 1, 0xFFFD);
}

static void control(struct job *j)
{
    if (is_pair(j->g0)) /* G0 was not given back */
        note(j, DCM_CS_NO_ESCAPE, j->p);
    if (*j->p == 0x0E || *j->p == 0x0F) { /* SO, SI: PS3.5 has no such shift */
        note(j, DCM_CS_CONTROL, j->p);
        j->p++;
        return;
    }
    check_control(j);
    keep(j, 1);
    reset(j);
}

/* Two bytes 21-7E of a double-byte set in G0. */
static void low_pair(struct job *j)
{
    const uint8_t *p = j->p;
    int whole = j->end - p >= 2 && p[1] >= 0x21 && p[1] <= 0x7E;

    if (*p == ' ')
        keep(j, 1);
    else if (row(j, j->g0, *p) == ROW_EMPTY) {
        /* no such row: the escape back to value 1's set was forgotten */
        note(j, DCM_CS_NO_ESCAPE, p);
        reset(j);
    } else if (whole)
        take(j, 2, cell(j, j->g0, *p, p[1] | 0x80u));
    else
        take(j, 1, 0); /* half a character */
}

/* Plain bytes of ASCII in G0. */
static void low_ascii(struct job *j)
{
    const uint8_t *from = j->p;
    const uint8_t *to = skip_plain(from, j->end, j->how);
    size_t n = (size_t)(to - from);

    /* only G1 can be away from home, and nothing in here depends on it:
     * one reset serves for all the '^' and '=' */
    if (j->how & DCM_TEXT_PN && j->home0 != ASCII) {
        for (n = 0; from + n < to; n++)
            if (from[n] == '^' || from[n] == '=') {
                n++;
                break;
            }
    }
    if (j->how & DCM_TEXT_PN && (j->g1 != j->home1 || j->home0 != ASCII) &&
        (memchr(from, '^', n) || memchr(from, '=', n)))
        reset(j);
    keep(j, n);
}

/* A byte 20-7E; not a delimiter. */
static void low(struct job *j)
{
    uint8_t c = *j->p;

    if (j->g0 == ASCII) {
        low_ascii(j);
    } else if (is_pair(j->g0)) {
        low_pair(j);
    } else if (j->g0 == KANA) {
        if (c == ' ')
            keep(j, 1);
        else
            take(j, 1, c <= 0x5F ? 0xFF61u + c - 0x21 : 0);
    } else { /* ROMAN */
        take(j, 1, c == 0x5C ? 0xA5 : c == 0x7E ? 0x203E : c);
        if (j->how & DCM_TEXT_PN && (c == '^' || c == '='))
            reset(j);
    }
}

/* G1 is empty and yet there is a byte over 7F: a set that would have been
 * called by an escape sequence; or, with nothing declared, a guess. */
static void high_undesignated(struct job *j)
{
    const struct dcm_charset *cs = j->cs;
    uint8_t c = *j->p;
    int n;

    if (j->guess == NONE && !cs->undeclared && cs->count > 0 &&
        (cs->count > 1 || cs->sets[0] != ASCII)) {
        for (unsigned i = 0; i < cs->count && c >= 0xA0; i++) {
            if (!sets[cs->sets[i]].right)
                continue;
            note(j, DCM_CS_NO_ESCAPE, j->p);
            j->g1 = cs->sets[i];
            return;
        }
        take(j, 1, 0);
        return;
    }
    note(j, DCM_CS_UNDECLARED, j->p);
    if (j->guess == NONE)
        j->guess = could_be_utf8(j) ? UTF8 : LATIN1;
    n = utf8_sequence(j->p, j->end);
    if (j->guess == UTF8 && n < 0) /* past what the guess had looked at */
        j->guess = LATIN1;
    if (j->guess == UTF8)
        keep(j, (size_t)n);
    else
        take(j, 1, c >= 0xA0 ? c : windows_1252[c - 0x80]);
}

/* A byte over 7F that JIS X 0201 has not: Shift-JIS if it can be. */
static void high_shift_jis(struct job *j)
{
    const uint8_t *p = j->p;
    int lead = (*p > 0x80 && *p < 0xA0) || (*p >= 0xE0 && *p <= 0xFC);
    unsigned trail = j->end - p >= 2 ? p[1] : 0;
    uint32_t c = 0;

    if (lead && trail >= 0x40 && trail <= 0xFC && trail != 0x7F)
        c = cell(j, SJIS, *p, trail);
    if (c)
        note(j, DCM_CS_OTHER_SET, p);
    take(j, c ? 2 : 1, c);
}

/* A byte A0-FF of a single-byte set in G1. */
static void high_byte(struct job *j)
{
    if (j->g1 != LATIN1) {
        take(j, 1, cell(j, j->g1, 0, *j->p));
        return;
    }
    /* What is declared wins, but text that is UTF-8 as a whole was hardly
     * meant as Latin-1. */
    if (!j->judged && !j->cs->extension && could_be_utf8(j))
        note(j, DCM_CS_OTHER_SET, j->p);
    j->judged = 1;
    take(j, 1, *j->p);
}

/* A byte over 7F. */
static void high(struct job *j)
{
    const uint8_t *p = j->p;
    uint8_t c = *p;

    if (j->g1 == NONE)
        high_undesignated(j);
    else if (j->g1 == KANA && c > 0xA0 && c < 0xE0)
        take(j, 1, 0xFF61u + c - 0xA1);
    else if (j->g1 == KANA)
        high_shift_jis(j);
    else if (c < 0xA0 && j->g1 == LATIN1) {
        note(j, DCM_CS_OTHER_SET, p);
        take(j, 1, windows_1252[c - 0x80]);
    } else if ((c == 0x8E || c == 0x8F) && j->cs->extension) {
        note(j, DCM_CS_CONTROL, p); /* SS2, SS3 */
        j->p++;
    } else if (c < 0xA0)
        take(j, 1, 0);
    else if (!is_pair(j->g1))
        high_byte(j);
    else if (c > 0xA0 && c < 0xFF && j->end - p >= 2 && p[1] > 0xA0 &&
             p[1] < 0xFF)
        take(j, 2, cell(j, j->g1, c, p[1]));
    else
        take(j, 1, 0);
}

static void decode_extended(struct job *j)
{
    const uint8_t *start = j->p;

    while (j->p < j->end && !j->d->failed) {
        uint8_t c = *j->p;
        if (c >= 0x80)
            high(j);
        else if (c == 0x1B)
            escape(j);
        else if (c < 0x20 || c == 0x7F)
            control(j);
        else if (c == '\\' && j->how & DCM_TEXT_MULTI && !is_pair(j->g0) &&
                 j->g0 != KANA)
            break;
        else
            low(j);
    }
    if (is_pair(j->g0) && j->p > start)
        note(j, DCM_CS_NO_ESCAPE, j->p - 1);
}

/* ---------------------------------------------------------------- values */

/* Decodes one value from `p` on. The text is in d, or at p when *view. */
static void decode(struct job *j, int *view)
{
    unsigned first = j->cs->count ? j->cs->sets[0] : ASCII;

    j->d->length = 0;
    *view = 0;
    if (sets[first].kind == K_UTF8)
        decode_utf8(j, view);
    else if (sets[first].kind == K_GB)
        decode_gb(j, first);
    else
        decode_extended(j);
}

/* A VR of the default repertoire holds what is not in it: taken as the data
 * set's text if it is that, else as windows-1252. */
static void decode_default(struct job *j, int *view)
{
    static const struct dcm_charset none = {0};
    const struct job start = *j;

    decode(j, view);
    for (const uint8_t *p = start.p; p < j->p; p++) {
        if (*p < 0x80)
            continue;
        if (j->problems & (DCM_CS_INVALID | DCM_CS_SUPPORT)) {
            *j = start;
            j->cs = &none;
            j->guess = LATIN1;
            set_home(j);
            decode(j, view);
        }
        note(j, DCM_CS_UNDECLARED, p);
        return;
    }
}

const uint8_t *dcm_decode_value(struct dcm_decoder *d,
                                const struct dcm_charset *cs, unsigned how,
                                const uint8_t *p, const uint8_t *end,
                                const char **out, size_t *n, int *more,
                                unsigned *problems, const uint8_t **where)
{
    struct job j = {.d = d, .cs = cs, .how = how, .p = p, .end = end};
    int view;

    j.guess = NONE;
    set_home(&j);
    d->failed = 0;
    if (how & DCM_TEXT_DEFAULT)
        decode_default(&j, &view);
    else
        decode(&j, &view);
    if (d->failed)
        return NULL;
    if (j.problems && !*problems)
        *where = j.where;
    *problems |= j.problems;
    *out = view ? (const char *)p : d->text ? d->text : "";
    *n = view ? (size_t)(j.p - p) : d->length;
    *more = j.p < end;
    return j.p + *more;
}
