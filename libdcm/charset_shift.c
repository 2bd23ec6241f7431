/* Language. From UTF-8 to sets of bytes and pairs, with the escape sequences
 * that change them: the state machine of charset_escape.c, driven from the
 * other end (PS3.5 6.1.2.5). An escape sequence is written when the first
 * character asks for it, and the sets of value 1 are back before a delimiter, a
 * control character and the end. Where PS3.5 leaves a choice, a character stays
 * in the set in use, then the order of (0008,0005) decides; and G0 goes home
 * before a byte of G1 is used, since many readers know only the last escape
 * sequence. Knows nothing of VRs. */
#include "charset_job.h"
#include "charset_pen.h"
#include <string.h>

/* Escape sequences by set, without their ESC (PS3.3 Table C.12-3, C.12-4). */
static const char designations[SET_COUNT][4] = {
    [SET_ASCII] = "(B",     [SET_ROMAN] = "(J",    [SET_KANA] = ")I",
    [SET_LATIN1] = "-A",    [SET_LATIN2] = "-B",   [SET_LATIN3] = "-C",
    [SET_LATIN4] = "-D",    [SET_CYRILLIC] = "-L", [SET_ARABIC] = "-G",
    [SET_GREEK] = "-F",     [SET_HEBREW] = "-H",   [SET_LATIN5] = "-M",
    [SET_LATIN9] = "-b",    [SET_THAI] = "-T",     [SET_JISX0208] = "$B",
    [SET_JISX0212] = "$(D", [SET_KSX1001] = "$)C", [SET_GB2312] = "$)A",
};

/* Characters that tables of pairs disagree about: where one is not in a set
 * of `sets`, the other one stands for it. */
#define BIT(set) (1u << (set))
#define JAPANESE (BIT(SET_JISX0208) | BIT(SET_JISX0212))
#define ANY_PAIR (JAPANESE | BIT(SET_KSX1001) | BIT(SET_GB2312))
static const struct twins {
    uint16_t a, b;
    uint32_t sets;
} twins[] = {
    {0x301C, 0xFF5E, JAPANESE}, /* wave dash, full-width tilde */
    {0x223C, 0xFF5E, BIT(SET_KSX1001)},
    {0x2212, 0xFF0D, JAPANESE},                   /* minus */
    {0x2016, 0x2225, JAPANESE | BIT(SET_GB2312)}, /* double bar, parallel */
    {0x2014, 0x2015, ANY_PAIR},                   /* em dash, horizontal bar */
    {0x00A2, 0xFFE0, ANY_PAIR}, /* cent, pound, not, broken bar */
    {0x00A3, 0xFFE1, ANY_PAIR},
    {0x00AC, 0xFFE2, JAPANESE},
    {0x00A6, 0xFFE4, JAPANESE},
    {0x00B7, 0x30FB, BIT(SET_GB2312)}, /* middle dot */
};

/* The code of c >= 80 in a set, 0 if there is none. */
static unsigned find(struct dcm_pen *j, unsigned set, uint32_t c)
{
    switch (dcm_sets[set].kind) {
    case SET_KIND_KANA:
        return c >= 0xFF61 && c <= 0xFF9F ? c - 0xFF61 + 0xA1 : 0;
    case SET_KIND_ROMAN: /* 5C is no yen sign where it separates values */
        if (c == 0xA5)
            return j->how & DCM_TEXT_MULTI ? 0 : 0x5C;
        return c == 0x203E ? 0x7E : 0;
    case SET_KIND_BYTE:
        if (set == SET_LATIN1)
            return c >= 0xA0 && c <= 0xFF ? c : 0;
        return dcm_reverse_find(dcm_pen_table(j, set), c);
    case SET_KIND_PAIR:
        return dcm_reverse_find(dcm_pen_table(j, set), c);
    default:
        return 0;
    }
}

/* The same for a character that another table has for this one. */
static unsigned find_twin(struct dcm_pen *j, unsigned set, uint32_t c)
{
    for (size_t i = 0; i < sizeof twins / sizeof *twins; i++) {
        const struct twins *t = &twins[i];
        unsigned code = 0;

        if (!(t->sets & BIT(set)) || (c != t->a && c != t->b))
            continue;
        code = find(j, set, c == t->a ? t->b : t->a);
        if (code)
            return code;
    }
    return 0;
}

typedef unsigned find_fn(struct dcm_pen *j, unsigned set, uint32_t c);

/* ------------------------------------------------------- code extensions */

static int is_pair(unsigned set)
{
    return dcm_sets[set].kind == SET_KIND_PAIR;
}

static void set_home(struct dcm_pen *j)
{
    unsigned first = j->cs->count ? j->cs->sets[0] : SET_ASCII;

    j->home0 = first == SET_KANA ? SET_ROMAN : SET_ASCII;
    j->home1 = dcm_sets[first].right ? (uint8_t)first : SET_NONE;
    j->g0 = j->home0;
    j->g1 = j->home1;
}

static void designate(struct dcm_pen *j, unsigned set)
{
    uint8_t *area = dcm_sets[set].right ? &j->g1 : &j->g0;

    if (*area == set)
        return;
    *area = (uint8_t)set;
    dcm_pen_put_byte(j, 0x1B);
    dcm_pen_put(j, designations[set], strlen(designations[set]));
}

/* ISO-IR 6 comes with all sets but ISO-IR 13. */
static int has_ascii(const struct dcm_pen *j)
{
    if (j->home0 == SET_ASCII)
        return 1;
    for (unsigned i = 0; i < j->cs->count && j->cs->extension; i++)
        if (j->cs->sets[i] != SET_KANA && !is_pair(j->cs->sets[i]))
            return 1;
    return 0;
}

/* The initial state before a delimiter. A reader resets G1 too, so that a set
 * in G1 is just forgotten where value 1 has none. */
static void go_home(struct dcm_pen *j)
{
    designate(j, j->home0);
    if (j->home1 != SET_NONE)
        designate(j, j->home1);
    j->g1 = j->home1;
}

/* The sets have no c. */
static void lack(struct dcm_pen *j, uint32_t c)
{
    if (!dcm_pen_replace(j, c))
        return;
    if (is_pair(j->g0))
        designate(j, j->home0);
    dcm_pen_put_byte(j, '?');
}

/* A character 20-7E that is no delimiter. */
static void put_ascii(struct dcm_pen *j, uint32_t c)
{
    int roman = c != '\\' && c != '~';

    if (j->g0 != SET_ASCII && (j->g0 != SET_ROMAN || !roman)) {
        if (j->home0 == SET_ROMAN && roman) {
            designate(j, SET_ROMAN);
        } else if (has_ascii(j)) {
            designate(j, SET_ASCII);
        } else {
            lack(j, c);
            return;
        }
    }
    dcm_pen_put_byte(j, c);
}

/* Puts c in a set if that has it; 0 if it has not. */
static int put_in(struct dcm_pen *j, unsigned set, uint32_t c, find_fn *look)
{
    unsigned code = look(j, set, c);
    int right = dcm_sets[set].right;

    if (!code || j->status != DCM_OK)
        return j->status != DCM_OK;
    if (right && is_pair(j->g0))
        designate(j, j->home0);
    designate(j, set);
    if (is_pair(set))
        dcm_pen_put_pair(j, code & 0x7F7F, right ? 0x8080 : 0);
    else
        dcm_pen_put_byte(j, code);
    return 1;
}

/* A set that is in use, else the first of all that has the character. */
static int put_somewhere(struct dcm_pen *j, uint32_t c, find_fn *look)
{
    const struct dcm_charset *cs = j->cs;

    if (put_in(j, j->g0, c, look) || put_in(j, j->g1, c, look))
        return 1;
    for (unsigned i = 0; i < cs->count && cs->extension; i++) {
        if (put_in(j, cs->sets[i], c, look))
            return 1;
        if (cs->sets[i] == SET_KANA && put_in(j, SET_ROMAN, c, look))
            return 1;
    }
    return 0;
}

/* A character that is neither a control character nor a delimiter. */
static void put_text(struct dcm_pen *j, uint32_t c)
{
    if (c < 0x80)
        put_ascii(j, c);
    else if (!put_somewhere(j, c, find) && !put_somewhere(j, c, find_twin))
        lack(j, c);
}

static int is_delimiter(const struct dcm_pen *j, uint32_t c)
{
    return (c == '\\' && j->how & DCM_TEXT_MULTI) ||
           ((c == '^' || c == '=') && j->how & DCM_TEXT_PN);
}

/* Bytes that stay as they are in the state at hand. */
static void put_plain(struct dcm_pen *j)
{
    const uint8_t *q;

    if (j->g0 != SET_ASCII || j->home0 != SET_ASCII ||
        (j->how & DCM_TEXT_PN && j->g1 != j->home1))
        return;
    q = dcm_skip_plain(j->p, j->end, j->how);
    dcm_pen_put(j, j->p, (size_t)(q - j->p));
    j->p = q;
}

void dcm_pen_encode_extended(struct dcm_pen *j)
{
    set_home(j);
    for (;;) {
        uint32_t c;

        put_plain(j);
        if (j->p == j->end || j->status != DCM_OK)
            break;
        c = dcm_pen_take(j);
        if (j->status != DCM_OK)
            break;
        if (c == 0x1B || c == 0x0E || c == 0x0F) {
            lack(j, c);
        } else if (is_delimiter(j, c) || dcm_pen_is_control(j, c)) {
            go_home(j);
            dcm_pen_put_byte(j, c);
        } else {
            put_text(j, c);
        }
    }
    go_home(j);
}
