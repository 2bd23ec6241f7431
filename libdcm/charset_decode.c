/* Language. One value from bytes to UTF-8: the output buffer, UTF-8 (PS3.5
 * Annex J), GB18030 and GBK, and which way a value takes. All that follows
 * escape sequences is in charset_escape.c. Knows nothing of VRs. */
#include "charset_job.h"
#include <stdlib.h>
#include <string.h>

struct dcm_decoder *dcm_decoder_new(void)
{
    return calloc(1, sizeof(struct dcm_decoder));
}

void dcm_decoder_free(struct dcm_decoder *d)
{
    if (!d)
        return;
    for (unsigned i = 0; i < SET_COUNT; i++)
        dcm_table_release(&d->tables[i]);
    free(d->text);
    free(d);
}

void dcm_job_note(struct dcm_job *j, unsigned bit, const uint8_t *at)
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
void dcm_job_keep(struct dcm_job *j, size_t n)
{
    put_bytes(j->d, j->p, n);
    j->p += n;
}

/* Takes n bytes, and puts c for them, or U+FFFD when c is 0. */
void dcm_job_take(struct dcm_job *j, size_t n, uint32_t c)
{
    if (!c)
        dcm_job_note(j, DCM_CS_INVALID, j->p);
    put(j->d, c ? c : 0xFFFD);
    j->p += n;
}

/* The state of a row, loaded if need be. */
unsigned dcm_job_row(struct dcm_job *j, unsigned set, unsigned lead)
{
    struct dcm_table *t = &j->d->tables[set];

    if (t->rows[lead & 0x7F] == ROW_NEW && !dcm_table_load(t, set, lead & 0x7F))
        j->d->failed = 1;
    if (t->rows[lead & 0x7F] == ROW_UNSUPPORTED)
        dcm_job_note(j, DCM_CS_SUPPORT, j->p);
    return t->rows[lead & 0x7F];
}

uint32_t dcm_job_cell(struct dcm_job *j, unsigned set, unsigned lead,
                      unsigned trail)
{
    return dcm_job_row(j, set, lead) == ROW_LOADED
               ? j->d->tables[set].cells[(lead & 0x7F) << 8 | trail]
               : 0;
}

/* ----------------------------------------------------------------- UTF-8 */

static int is_delimiter(const struct dcm_job *j)
{
    return *j->p == '\\' && (j->how & DCM_TEXT_MULTI);
}

/* The first byte that is not in 20-7E, or a backslash where that separates.
 * Eight bytes at a time: each term of `odd` has bit 7 set in the first byte
 * that is high, low, DEL or a backslash. */
const uint8_t *dcm_skip_plain(const uint8_t *p, const uint8_t *end,
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
int dcm_utf8_sequence(const uint8_t *p, const uint8_t *end)
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
int dcm_job_could_be_utf8(const struct dcm_job *j)
{
    const uint8_t *p = j->p;

    while (p < j->end && *p != 0x1B) {
        if (*p == '\\' && (j->how & DCM_TEXT_MULTI))
            break;
        if (*p < 0x80) {
            p++;
        } else {
            int n = dcm_utf8_sequence(p, j->end);
            if (n < 0)
                return 0;
            p += n;
        }
    }
    return 1;
}

/* Notes a control character that may not be here. */
void dcm_job_check_control(struct dcm_job *j)
{
    uint8_t c = *j->p;
    int layout = c == '\t' || c == '\n' || c == '\f' || c == '\r';

    if (!layout || !(j->how & DCM_TEXT_CONTROL))
        dcm_job_note(j, DCM_CS_CONTROL, j->p);
}

/* UTF-8 as it is, up to the end or the delimiter. Whole stretches are copied
 * only once something has to be replaced: *view says that nothing was. */
static void decode_utf8(struct dcm_job *j, int *view)
{
    const uint8_t *from = j->p; /* not copied yet */

    *view = 1;
    if (j->end - j->p >= 3 && !memcmp(j->p, "\xEF\xBB\xBF", 3))
        dcm_job_note(j, DCM_CS_CONTROL, j->p);
    for (;;) {
        int n = 1;
        j->p = dcm_skip_plain(j->p, j->end, j->how);
        if (j->p == j->end || is_delimiter(j))
            break;
        if (*j->p >= 0x80)
            n = dcm_utf8_sequence(j->p, j->end);
        else if (*j->p == 0x1B)
            n = -1;
        else
            dcm_job_check_control(j);
        if (n < 0) {
            put_bytes(j->d, from, (size_t)(j->p - from));
            dcm_job_note(j, *j->p == 0x1B ? DCM_CS_ESCAPE : DCM_CS_INVALID,
                         j->p);
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
static int is_gb_quad(const struct dcm_job *j)
{
    const uint8_t *p = j->p;

    return j->end - p >= 4 && p[0] >= 0x81 && p[0] <= 0xFE && p[1] >= 0x30 &&
           p[1] <= 0x39 && p[2] >= 0x81 && p[2] <= 0xFE && p[3] >= 0x30 &&
           p[3] <= 0x39;
}

/* From 90308130 on it is arithmetic, below iconv has to be asked. */
static uint32_t gb_quad(struct dcm_job *j)
{
    const uint8_t *p = j->p;
    uint32_t n =
        (((p[0] - 0x81u) * 10 + p[1] - 0x30u) * 126 + p[2] - 0x81u) * 10 +
        p[3] - 0x30u;

    if (n >= 189000)
        return n - 189000 <= 0xFFFFF ? 0x10000 + n - 189000 : 0;
    if (n > 39419 || dcm_job_row(j, SET_GB18030, 1) == ROW_UNSUPPORTED ||
        j->d->failed)
        return 0;
    return dcm_table_convert(&j->d->tables[SET_GB18030], p, 4);
}

static void gb_high(struct dcm_job *j, unsigned set)
{
    const uint8_t *p = j->p;
    unsigned trail = j->end - p >= 2 ? p[1] : 0;
    uint32_t c;

    if (*p == 0x80 && set == SET_GBK) { /* as in CP936 */
        dcm_job_note(j, DCM_CS_OTHER_SET, p);
        dcm_job_take(j, 1, 0x20AC);
    } else if (set == SET_GB18030 && is_gb_quad(j)) {
        dcm_job_take(j, 4, gb_quad(j));
    } else if (*p < 0x81 || *p > 0xFE || trail < 0x40 || trail == 0x7F ||
               trail > 0xFE) {
        dcm_job_take(j, 1, 0);
    } else {
        /* what looks like ASCII is not lost in a pair that means nothing */
        c = dcm_job_cell(j, set, *p, trail);
        dcm_job_take(j, c || trail >= 0x80 ? 2 : 1, c);
    }
}

static void decode_gb(struct dcm_job *j, unsigned set)
{
    for (;;) {
        dcm_job_keep(j, (size_t)(dcm_skip_plain(j->p, j->end, j->how) - j->p));
        if (j->p == j->end || is_delimiter(j) || j->d->failed)
            break;
        if (*j->p >= 0x80) {
            gb_high(j, set);
        } else if (*j->p == 0x1B) {
            dcm_job_note(j, DCM_CS_ESCAPE, j->p);
            dcm_job_take(j, 1, 0xFFFD);
        } else {
            dcm_job_check_control(j);
            dcm_job_keep(j, 1);
        }
    }
}

/* ---------------------------------------------------------------- values */

/* Decodes one value from `p` on. The text is in d, or at p when *view. */
static void decode(struct dcm_job *j, int *view)
{
    unsigned first = j->cs->count ? j->cs->sets[0] : SET_ASCII;

    j->d->length = 0;
    *view = 0;
    if (dcm_sets[first].kind == SET_KIND_UTF8)
        decode_utf8(j, view);
    else if (dcm_sets[first].kind == SET_KIND_GB)
        decode_gb(j, first);
    else
        dcm_job_decode_extended(j);
}

/* A VR of the default repertoire holds what is not in it: taken as the data
 * set's text if it is that, else as windows-1252. */
static void decode_default(struct dcm_job *j, int *view)
{
    static const struct dcm_charset none = {0};
    const struct dcm_job start = *j;

    decode(j, view);
    for (const uint8_t *p = start.p; p < j->p; p++) {
        if (*p < 0x80)
            continue;
        if (j->problems & (DCM_CS_INVALID | DCM_CS_SUPPORT)) {
            *j = start;
            j->cs = &none;
            j->guess = SET_LATIN1;
            dcm_job_set_home(j);
            decode(j, view);
        }
        dcm_job_note(j, DCM_CS_UNDECLARED, p);
        return;
    }
}

const uint8_t *dcm_decode_value(struct dcm_decoder *d,
                                const struct dcm_charset *cs, unsigned how,
                                const uint8_t *p, const uint8_t *end,
                                const char **out, size_t *n, int *more,
                                unsigned *problems, const uint8_t **where)
{
    struct dcm_job j = {.d = d, .cs = cs, .how = how, .p = p, .end = end};
    int view;

    j.guess = SET_NONE;
    dcm_job_set_home(&j);
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
