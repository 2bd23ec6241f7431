/* Language. Sets of bytes and pairs, and the code extensions that change them
 * (PS3.5 6.1.2.5); and what is read where the bytes are not of the set stated:
 * windows-1252, UTF-8, Shift-JIS. Knows nothing of VRs. */
#include "charset_job.h"
#include <string.h>

/* Escape sequences without their ESC; `odd`: not one of DICOM's, but met
 * (PS3.3 Table C.12-3 and C.12-4). */
static const struct escape {
    uint8_t n, bytes[3];
    uint8_t area, set, odd;
} escapes[] = {
    {2, {0x28, 0x42}, 0, SET_ASCII, 0},
    {2, {0x28, 0x4A}, 0, SET_ROMAN, 0},
    {2, {0x28, 0x49}, 0, SET_KANA, 1},
    {2, {0x29, 0x49}, 1, SET_KANA, 0},
    {2, {0x2D, 0x41}, 1, SET_LATIN1, 0},
    {2, {0x2D, 0x42}, 1, SET_LATIN2, 0},
    {2, {0x2D, 0x43}, 1, SET_LATIN3, 0},
    {2, {0x2D, 0x44}, 1, SET_LATIN4, 0},
    {2, {0x2D, 0x4C}, 1, SET_CYRILLIC, 0},
    {2, {0x2D, 0x47}, 1, SET_ARABIC, 0},
    {2, {0x2D, 0x46}, 1, SET_GREEK, 0},
    {2, {0x2D, 0x48}, 1, SET_HEBREW, 0},
    {2, {0x2D, 0x4D}, 1, SET_LATIN5, 0},
    {2, {0x2D, 0x62}, 1, SET_LATIN9, 0},
    {2, {0x2D, 0x54}, 1, SET_THAI, 0},
    {2, {0x24, 0x42}, 0, SET_JISX0208, 0},
    {2, {0x24, 0x40}, 0, SET_JISX0208, 1}, /* the edition of 1978 */
    {3, {0x24, 0x28, 0x42}, 0, SET_JISX0208, 1},
    {3, {0x24, 0x28, 0x44}, 0, SET_JISX0212, 0},
    {3, {0x24, 0x29, 0x43}, 1, SET_KSX1001, 0},
    {3, {0x24, 0x28, 0x43}, 0, SET_KSX1001, 1},
    {3, {0x24, 0x29, 0x41}, 1, SET_GB2312, 0},
    {3, {0x24, 0x28, 0x41}, 0, SET_GB2312, 1},
    {2, {0x24, 0x41}, 0, SET_GB2312, 1},
};

/* windows-1252 at 80-9F; 0: no character there. */
static const uint16_t windows_1252[32] = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
    0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017D, 0,
    0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
    0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178,
};

/* ------------------------------------------------------- code extensions */

/* State = (G0, G1), PS3.5 6.1.2.5. It goes back to value 1's sets at the
 * start of a value, after a control character, and in a PN after '^' and '='.
 * Inside a pair of G0 (JIS X 0208, 0212) 5C, 5E and 3D are data. */
static void reset(struct dcm_job *j)
{
    j->g0 = j->home0;
    j->g1 = j->home1;
}

void dcm_job_set_home(struct dcm_job *j)
{
    unsigned first = j->cs->count ? j->cs->sets[0] : SET_ASCII;
    int roman = first == SET_KANA && !(j->how & DCM_TEXT_DEFAULT);

    j->home0 = roman ? SET_ROMAN : SET_ASCII;
    j->home1 = dcm_sets[first].right ? (uint8_t)first : SET_NONE;
    reset(j);
}

static int is_pair(unsigned set)
{
    return dcm_sets[set].kind == SET_KIND_PAIR;
}

/* The set of an escape sequence is there to be used. ISO-IR 6 comes with all
 * but ISO-IR 13, ISO-IR 14 with 13. */
static int may_designate(const struct dcm_charset *cs, unsigned set)
{
    if (!cs->extension)
        return 0;
    if (set == SET_ROMAN)
        return dcm_charset_declares(cs, SET_KANA);
    if (set != SET_ASCII)
        return dcm_charset_declares(cs, set);
    for (unsigned i = 0; i < cs->count; i++)
        if (cs->sets[i] != SET_KANA && !is_pair(cs->sets[i]))
            return 1;
    return cs->sets[0] != SET_KANA;
}

static void escape(struct dcm_job *j)
{
    size_t left = (size_t)(j->end - j->p) - 1;

    for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++) {
        const struct escape *e = &escapes[i];
        if (e->n > left || memcmp(j->p + 1, e->bytes, e->n))
            continue;
        if (e->odd || !may_designate(j->cs, e->set))
            dcm_job_note(j, DCM_CS_ESCAPE, j->p);
        *(e->area ? &j->g1 : &j->g0) = e->set;
        j->p += 1 + e->n;
        return;
    }
    dcm_job_note(j, DCM_CS_ESCAPE, j->p);
    dcm_job_take(j, 1, 0xFFFD);
}

static void control(struct dcm_job *j)
{
    if (is_pair(j->g0)) /* G0 was not given back */
        dcm_job_note(j, DCM_CS_NO_ESCAPE, j->p);
    if (*j->p == 0x0E || *j->p == 0x0F) { /* SO, SI: PS3.5 has no such shift */
        dcm_job_note(j, DCM_CS_CONTROL, j->p);
        j->p++;
        return;
    }
    dcm_job_check_control(j);
    dcm_job_keep(j, 1);
    reset(j);
}

/* Two bytes 21-7E of a double-byte set in G0. */
static void low_pair(struct dcm_job *j)
{
    const uint8_t *p = j->p;
    int whole = j->end - p >= 2 && p[1] >= 0x21 && p[1] <= 0x7E;

    if (*p == ' ')
        dcm_job_keep(j, 1);
    else if (dcm_job_row(j, j->g0, *p) == ROW_EMPTY) {
        /* no such row: the escape back to value 1's set was forgotten */
        dcm_job_note(j, DCM_CS_NO_ESCAPE, p);
        reset(j);
    } else if (whole)
        dcm_job_take(j, 2, dcm_job_cell(j, j->g0, *p, p[1] | 0x80u));
    else
        dcm_job_take(j, 1, 0); /* half a character */
}

/* Plain bytes of ASCII in G0. */
static void low_ascii(struct dcm_job *j)
{
    const uint8_t *from = j->p;
    const uint8_t *to = dcm_skip_plain(from, j->end, j->how);
    size_t n = (size_t)(to - from);

    /* only G1 can be away from home, and nothing in here depends on it:
     * one reset serves for all the '^' and '=' */
    if (j->how & DCM_TEXT_PN && j->home0 != SET_ASCII) {
        for (n = 0; from + n < to; n++)
            if (from[n] == '^' || from[n] == '=') {
                n++;
                break;
            }
    }
    if (j->how & DCM_TEXT_PN && (j->g1 != j->home1 || j->home0 != SET_ASCII) &&
        (memchr(from, '^', n) || memchr(from, '=', n)))
        reset(j);
    dcm_job_keep(j, n);
}

/* A byte 20-7E; not a delimiter. */
static void low(struct dcm_job *j)
{
    uint8_t c = *j->p;

    if (j->g0 == SET_ASCII) {
        low_ascii(j);
    } else if (is_pair(j->g0)) {
        low_pair(j);
    } else if (j->g0 == SET_KANA) {
        if (c == ' ')
            dcm_job_keep(j, 1);
        else
            dcm_job_take(j, 1, c <= 0x5F ? 0xFF61u + c - 0x21 : 0);
    } else { /* ROMAN */
        dcm_job_take(j, 1, c == 0x5C ? 0xA5 : c == 0x7E ? 0x203E : c);
        if (j->how & DCM_TEXT_PN && (c == '^' || c == '='))
            reset(j);
    }
}

/* G1 is empty and yet there is a byte over 7F: a set that would have been
 * called by an escape sequence; or, with nothing declared, a guess. */
static void high_undesignated(struct dcm_job *j)
{
    const struct dcm_charset *cs = j->cs;
    uint8_t c = *j->p;
    int n;

    if (j->guess == SET_NONE && !cs->undeclared && cs->count > 0 &&
        (cs->count > 1 || cs->sets[0] != SET_ASCII)) {
        for (unsigned i = 0; i < cs->count && c >= 0xA0; i++) {
            if (!dcm_sets[cs->sets[i]].right)
                continue;
            dcm_job_note(j, DCM_CS_NO_ESCAPE, j->p);
            j->g1 = cs->sets[i];
            return;
        }
        dcm_job_take(j, 1, 0);
        return;
    }
    dcm_job_note(j, DCM_CS_UNDECLARED, j->p);
    if (j->guess == SET_NONE)
        j->guess = dcm_job_could_be_utf8(j) ? SET_UTF8 : SET_LATIN1;
    n = dcm_utf8_sequence(j->p, j->end);
    if (j->guess == SET_UTF8 && n < 0) /* past what the guess had looked at */
        j->guess = SET_LATIN1;
    if (j->guess == SET_UTF8)
        dcm_job_keep(j, (size_t)n);
    else
        dcm_job_take(j, 1, c >= 0xA0 ? c : windows_1252[c - 0x80]);
}

/* A byte over 7F that JIS X 0201 has not: Shift-JIS if it can be. */
static void high_shift_jis(struct dcm_job *j)
{
    const uint8_t *p = j->p;
    int lead = (*p > 0x80 && *p < 0xA0) || (*p >= 0xE0 && *p <= 0xFC);
    unsigned trail = j->end - p >= 2 ? p[1] : 0;
    uint32_t c = 0;

    if (lead && trail >= 0x40 && trail <= 0xFC && trail != 0x7F)
        c = dcm_job_cell(j, SET_SJIS, *p, trail);
    if (c)
        dcm_job_note(j, DCM_CS_OTHER_SET, p);
    dcm_job_take(j, c ? 2 : 1, c);
}

/* A byte A0-FF of a single-byte set in G1. */
static void high_byte(struct dcm_job *j)
{
    if (j->g1 != SET_LATIN1) {
        dcm_job_take(j, 1, dcm_job_cell(j, j->g1, 0, *j->p));
        return;
    }
    /* What is declared wins, but text that is UTF-8 as a whole was hardly
     * meant as Latin-1. */
    if (!j->judged && !j->cs->extension && dcm_job_could_be_utf8(j))
        dcm_job_note(j, DCM_CS_OTHER_SET, j->p);
    j->judged = 1;
    dcm_job_take(j, 1, *j->p);
}

/* A byte over 7F. */
static void high(struct dcm_job *j)
{
    const uint8_t *p = j->p;
    uint8_t c = *p;

    if (j->g1 == SET_NONE)
        high_undesignated(j);
    else if (j->g1 == SET_KANA && c > 0xA0 && c < 0xE0)
        dcm_job_take(j, 1, 0xFF61u + c - 0xA1);
    else if (j->g1 == SET_KANA)
        high_shift_jis(j);
    else if (c < 0xA0 && j->g1 == SET_LATIN1) {
        dcm_job_note(j, DCM_CS_OTHER_SET, p);
        dcm_job_take(j, 1, windows_1252[c - 0x80]);
    } else if ((c == 0x8E || c == 0x8F) && j->cs->extension) {
        dcm_job_note(j, DCM_CS_CONTROL, p); /* SS2, SS3 */
        j->p++;
    } else if (c < 0xA0)
        dcm_job_take(j, 1, 0);
    else if (!is_pair(j->g1))
        high_byte(j);
    else if (c > 0xA0 && c < 0xFF && j->end - p >= 2 && p[1] > 0xA0 &&
             p[1] < 0xFF)
        dcm_job_take(j, 2, dcm_job_cell(j, j->g1, c, p[1]));
    else
        dcm_job_take(j, 1, 0);
}

void dcm_job_decode_extended(struct dcm_job *j)
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
                 j->g0 != SET_KANA)
            break;
        else
            low(j);
    }
    if (is_pair(j->g0) && j->p > start)
        dcm_job_note(j, DCM_CS_NO_ESCAPE, j->p - 1);
}
