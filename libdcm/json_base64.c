/* Language. Base64 (RFC 4648 section 4) in a JSON string, as InlineBinary has
 * it (PS3.18 F.2.7), of any length: passed once to know its size, and decoded
 * in pieces when asked. Takes '=' and white space apart from what base64.c
 * decodes. Knows nothing of attributes, nor of what the bytes are. */
#include "base64.h"
#include "json_scan.h"
#include "json_string.h"

#define LONGEST_ESCAPE 12 /* a surrogate pair */
#define PIECE 4096u       /* characters put together at a time */

static int bad_character(struct dcm_json_scan *s, uint64_t offset)
{
    return dcm_json_scan_fail(s, DCM_ERR_MALFORMED, offset,
                              "character that is not base64, or '=' before "
                              "the end (RFC 4648 section 4)");
}

static int is_space(uint32_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

static int bad_text(struct dcm_json_scan *s, const uint8_t *at,
                    enum dcm_json_stop stop)
{
    return dcm_json_scan_fail(s, DCM_ERR_MALFORMED,
                              dcm_json_scan_tell(s) + (uint64_t)(at - s->p),
                              "%s", dcm_json_stop_text[stop]);
}

static int cut(struct dcm_json_scan *s)
{
    return dcm_json_scan_fail(
        s, DCM_ERR_TRUNCATED, s->base + (uint64_t)(s->end - s->start),
        "the text ends within a string (RFC 8259 section 2)");
}

static int take_escape(struct dcm_json_scan *s, uint32_t *c)
{
    enum dcm_json_stop stop;
    const uint8_t *p;

    dcm_json_scan_ahead(s, LONGEST_ESCAPE);
    p = s->p;
    stop = dcm_json_string_escape(&p, s->end, c);
    if (stop == DCM_JSON_MORE)
        return cut(s);
    if (stop != DCM_JSON_QUOTE)
        return bad_text(s, p, stop);
    if (*c >= 0x80)
        return bad_character(s, dcm_json_scan_tell(s));
    s->p = p;
    return 0;
}

/* What dcm_json_run() stopped at: a space or what an escape means, in *c, or
 * the end of the string. */
static int take_special(struct dcm_json_scan *s, uint32_t *c, int *end)
{
    *end = 0;
    if (dcm_json_scan_ahead(s, 1) == 0)
        return cut(s);
    *c = *s->p;
    if (*c == '\\')
        return take_escape(s, c);
    if (*c < 0x20)
        return bad_text(s, s->p, DCM_JSON_BAD_CONTROL);
    if (*c >= 0x80)
        return bad_character(s, dcm_json_scan_tell(s));
    *end = *c == '"';
    s->p++;
    return 0;
}

/* --------------------------------------------------------------- measure */

struct measure {
    uint64_t characters;
    unsigned last, before; /* the last two of them */
};

static void measure_one(struct measure *m, uint8_t c)
{
    m->characters++;
    m->before = m->last;
    m->last = c;
}

static void measure_run(struct measure *m, const uint8_t *p, size_t n)
{
    if (n > 2)
        m->characters += n - 2;
    for (size_t i = n > 2 ? n - 2 : 0; i < n; i++)
        measure_one(m, p[i]);
}

/* The string's content to its end. */
static int measure(struct dcm_json_base64 *b, struct measure *m)
{
    struct dcm_json_scan *s = b->scan;

    for (;;) {
        const uint8_t *q = dcm_json_run(s->p, s->end, 0x21);
        uint32_t c;
        int end;

        measure_run(m, s->p, (size_t)(q - s->p));
        s->p = q;
        if (q == s->end && dcm_json_scan_ahead(s, 1))
            continue;
        if (take_special(s, &c, &end) != 0)
            return -1;
        if (end)
            return 0;
        b->plain = 0;
        if (is_space(c))
            b->spaces = 1;
        else
            measure_one(m, (uint8_t)c);
    }
}

int dcm_json_base64_open(struct dcm_json_base64 *b, struct dcm_json_scan *s)
{
    struct measure m = {0, 0, 0};
    int c = dcm_json_scan_peek(s), pads;

    memset(b, 0, sizeof(*b));
    b->scan = s;
    if (c == DCM_JSON_FAILED)
        return -1;
    if (c != '"')
        return dcm_json_scan_fail(s, c ? DCM_ERR_MALFORMED : DCM_ERR_TRUNCATED,
                                  dcm_json_scan_tell(s),
                                  "a string in base64 expected (PS3.18 F.2.7)");
    s->at = dcm_json_scan_tell(s);
    s->p++;
    b->at = b->next = dcm_json_scan_tell(s);
    b->plain = 1;
    if (measure(b, &m) != 0)
        return -1;
    b->end = dcm_json_scan_tell(s);
    if (m.characters % 4)
        return dcm_json_scan_fail(s, DCM_ERR_MALFORMED, b->end - 1,
                                  "base64 of a length that is no multiple of "
                                  "4: '=' missing or too many, or characters "
                                  "lost (RFC 4648 section 4)");
    pads = m.last != '=' ? 0 : m.before != '=' ? 1 : 2;
    b->size = b->left = m.characters / 4 * 3 - (uint64_t)pads;
    return 0;
}

/* ---------------------------------------------------------------- decode */

/* The next at most n characters of a string that is not plain, without white
 * space. How many, which is less only at the end; the scan is behind the last.
 */
static size_t collect(struct dcm_json_scan *s, char *to, size_t n)
{
    size_t have = 0;

    while (have < n) {
        size_t room = n - have, seen = (size_t)(s->end - s->p);
        const uint8_t *stop = s->p + (room < seen ? room : seen);
        const uint8_t *q = dcm_json_run(s->p, stop, 0x21);
        uint32_t c;
        int end;

        memcpy(to + have, s->p, (size_t)(q - s->p));
        have += (size_t)(q - s->p);
        s->p = q;
        if (have == n || (q == s->end && dcm_json_scan_ahead(s, 1)))
            continue;
        if (take_special(s, &c, &end) != 0 || end)
            break;
        if (!is_space(c))
            to[have++] = (char)c;
    }
    return have;
}

/* The text changed since it was measured, or can't be read any more. */
static int lost(struct dcm_json_scan *s)
{
    return dcm_json_scan_fail(s, DCM_ERR_READ, dcm_json_scan_tell(s),
                              "the input is not what it was before");
}

/* The next n groups or less, at least one: where they are, as they lie in the
 * window or put together in `piece`. The scan stands at b->next before, and
 * behind them after that. Returns how many; 0: s->error. */
static size_t groups(struct dcm_json_base64 *b, char *piece, uint64_t n,
                     const char **text)
{
    struct dcm_json_scan *s = b->scan;
    size_t have;

    if (b->plain) {
        have = dcm_json_scan_ahead(s, 4) / 4;
        *text = (const char *)s->p;
        if (have > n)
            have = (size_t)n;
        s->p += have * 4;
    } else {
        have = n < PIECE / 4 ? (size_t)n : PIECE / 4;
        have = collect(s, piece, have * 4) / 4;
        *text = piece;
    }
    if (have == 0)
        lost(s);
    return have;
}

/* Names the character that is none, in group `group` counted from b->next; of
 * an escape, the last byte. */
static int blame(struct dcm_json_base64 *b, size_t group)
{
    struct dcm_json_scan *s = b->scan;
    uint8_t out[3 + DCM_BASE64_SLACK];
    char four[4] = {'A', 'A', 'A', 'A'};

    dcm_json_scan_seek(s, b->next);
    for (size_t i = 0; collect(s, four, 1) == 1; i++)
        if (i >= 4 * group && dcm_base64_decode(out, four, 4) != 4)
            return bad_character(s, dcm_json_scan_tell(s) - 1);
    return lost(s);
}

/* The most groups that decode() can't decode in place. */
#define LAST_GROUPS ((DCM_BASE64_SLACK + 2) / 3)

/* n characters to where room for their bytes is, but for no slack: the last
 * ones take a way round. Returns n, or where a bad group begins. */
static size_t decode(uint8_t *to, size_t room, const char *text, size_t n)
{
    uint8_t last[3 * LAST_GROUPS + DCM_BASE64_SLACK];
    size_t direct = room > DCM_BASE64_SLACK ? (room - DCM_BASE64_SLACK) / 3 : 0;
    size_t i, j;

    if (direct > n / 4)
        direct = n / 4;
    i = dcm_base64_decode(to, text, direct * 4);
    if (i < direct * 4)
        return i;
    j = dcm_base64_decode(last, text + i, n - i);
    memcpy(to + i / 4 * 3, last, j / 4 * 3);
    return i + j;
}

/* Whole groups of three bytes to `to`, which has room for `room` bytes, at
 * least three; returns how many bytes. 0: s->error. */
static size_t read_groups(struct dcm_json_base64 *b, uint8_t *to, size_t room)
{
    char piece[PIECE];
    const char *text;
    uint64_t want = room < b->left ? room / 3 : b->left / 3;
    size_t have = groups(b, piece, want, &text);
    size_t done = decode(to, room, text, have * 4);

    if (done < have * 4) {
        blame(b, done / 4);
        return 0;
    }
    b->next = dcm_json_scan_tell(b->scan);
    b->left -= have * 3;
    return have * 3;
}

/* One group, of which less than all is wanted or there, to b->rest. */
static int read_rest(struct dcm_json_base64 *b)
{
    uint8_t out[3 + DCM_BASE64_SLACK];
    char piece[PIECE], four[4];
    const char *text;

    if (groups(b, piece, 1, &text) == 0)
        return -1;
    b->n_rest = b->left < 3 ? (uint8_t)b->left : 3;
    memcpy(four, text, 4);
    /* bits that stand behind the last byte are not looked at */
    for (size_t i = 1u + b->n_rest; i < 4; i++)
        four[i] = four[i] == '=' ? 'A' : '=';
    if (dcm_base64_decode(out, four, 4) != 4)
        return blame(b, 0);
    memcpy(b->rest, out, 3);
    b->next = dcm_json_scan_tell(b->scan);
    return 0;
}

static size_t give_rest(struct dcm_json_base64 *b, uint8_t *to, size_t n)
{
    if (n > b->n_rest)
        n = b->n_rest;
    memcpy(to, b->rest, n);
    b->n_rest -= (uint8_t)n;
    memmove(b->rest, b->rest + n, b->n_rest);
    b->left -= n;
    return n;
}

int dcm_json_base64_read(struct dcm_json_base64 *b, uint8_t *to, size_t n,
                         size_t *got)
{
    size_t done;

    *got = 0;
    if (b->left == b->size) {
        b->next = b->at;
        b->n_rest = 0;
    }
    dcm_json_scan_seek(b->scan, b->next);
    done = give_rest(b, to, n);
    while (done < n && b->left) {
        if (n - done >= 3 && b->left >= 3) {
            size_t more = read_groups(b, to + done, n - done);

            if (more == 0)
                return -1;
            done += more;
        } else {
            if (read_rest(b) != 0)
                return -1;
            done += give_rest(b, to + done, n - done);
        }
    }
    if (b->left == 0)
        dcm_json_scan_seek(b->scan, b->end);
    *got = done;
    return 0;
}
