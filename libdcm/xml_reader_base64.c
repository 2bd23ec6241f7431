/* Source. Bytes in line (PS3.19 A.1.5, InlineBinary): base64 as it comes out of
 * the parser or stands in the input, of any length. Its characters are checked
 * and counted as they pass; those of small ones are kept, larger ones are read
 * in the input once more when they are pulled. Knows nothing of what the bytes
 * are. */
#include "base64.h"
#include "xml_reader.h"

#include <string.h>

#define MOST_KEPT                                               \
    98304u /* characters: a little more than a loaded value has \
            */

enum { OTHER, LETTER, SPACE, PAD };

#define ROW4(c) [c] = 1, [c + 1] = 1, [c + 2] = 1, [c + 3] = 1
static const uint8_t classes[256] = {
    ['+'] = 1,  ['/'] = 1,  ROW4('0'), ROW4('4'), ['8'] = 1, ['9'] = 1,
    ROW4('A'),  ROW4('E'),  ROW4('I'), ROW4('M'), ROW4('Q'), ROW4('U'),
    ['Y'] = 1,  ['Z'] = 1,  ROW4('a'), ROW4('e'), ROW4('i'), ROW4('m'),
    ROW4('q'),  ROW4('u'),  ['y'] = 1, ['z'] = 1, [' '] = 2, ['\t'] = 2,
    ['\n'] = 2, ['\r'] = 2, ['='] = 3,
};

static size_t letters(const uint8_t *s, size_t n)
{
    size_t i = 0;

    while (i < n && classes[s[i]] == LETTER)
        i++;
    return i;
}

/* A run of one kind at s, counted; *run is its length, 0 when the byte there is
 * not base64. 1: of characters to keep. */
static int take_run(struct inline_text *in, const uint8_t *s, size_t n,
                    size_t *run)
{
    *run = letters(s, n);
    if (*run) {
        if (in->pads)
            *run = 0;
        in->chars += *run;
        return 1;
    }
    if (classes[*s] == SPACE) {
        in->spaces = 1;
        *run = 1;
    } else if (classes[*s] == PAD && in->pads < 2) {
        in->pads++;
        *run = 1;
    }
    return 0;
}

/* ------------------------------------------------------------- as it comes */

static void fail(struct parse *p, enum dcm_status code, const char *message)
{
    dcm_xml_parse_fail(p, code, &p->leaf, message);
}

void dcm_xml_inline_start(struct parse *p)
{
    memset(&p->in_line, 0, sizeof(p->in_line));
    p->in_line.raw = p->again;
}

static void keep(struct parse *p, const uint8_t *s, size_t n)
{
    struct inline_text *in = &p->in_line;

    if (!in->far && in->raw && in->chars > MOST_KEPT) {
        in->far = 1;
        p->queue.n_text = p->queue.keep;
    }
    if (!in->far && !dcm_xml_queue_text(&p->queue, (const char *)s, n) &&
        !p->queue.no_memory)
        fail(p, DCM_ERR_LIMIT,
             "InlineBinary is too long to be held; raise the limit 'value' to "
             "read on");
}

void dcm_xml_inline_text(struct parse *p, const char *text, size_t n,
                         uint64_t at, uint64_t bytes)
{
    struct inline_text *in = &p->in_line;
    const uint8_t *s = (const uint8_t *)text;
    size_t run;

    if (at != in->next || (bytes != n && (bytes != 2 || *text != '\n')))
        in->raw = 0;
    in->next = at + bytes;
    for (; n && !p->ended; s += run, n -= run) {
        if (take_run(in, s, n, &run))
            keep(p, s, run);
        if (run == 0)
            fail(p, DCM_ERR_MALFORMED,
                 "character that is not base64, or '=' before the end (RFC "
                 "4648 section 4)");
    }
    if (in->far && !in->raw)
        fail(p, DCM_ERR_UNSUPPORTED,
             "references, comments or sections within a large InlineBinary");
}

size_t dcm_xml_inline_pass(struct parse *p, const uint8_t *s, size_t n)
{
    size_t passed = 0, run = 1;

    while (passed < n && run) {
        take_run(&p->in_line, s + passed, n - passed, &run);
        passed += run;
    }
    p->in_line.next += passed;
    return passed;
}

void dcm_xml_inline_end(struct parse *p)
{
    struct inline_text *in = &p->in_line;
    struct record *record;

    if ((in->chars + in->pads) % 4 || (in->pads && in->chars % 4 < 2)) {
        fail(p, DCM_ERR_MALFORMED,
             "base64 ends within a group of four characters (RFC 4648 section "
             "4)");
        return;
    }
    record = dcm_xml_queue_push(&p->queue, INLINE, &p->leaf);
    if (!record) {
        if (!p->queue.no_memory)
            fail(p, DCM_ERR_LIMIT, "attribute has too much to be held");
        return;
    }
    dcm_xml_queue_close(&p->queue, record);
    record->size = (in->chars + in->pads) / 4 * 3 - in->pads;
    record->spaces = in->spaces;
    record->far = in->far;
    if (in->far) {
        record->start = in->at;
        record->length = in->next - in->at;
    }
}

/* --------------------------------------------------------------- decoding */

/* Characters at the end, 0, 2 or 3, that are no whole group: the others of it
 * were '='. Returns the bytes they stand for. */
static size_t decode_end(uint8_t *to, const char *s, size_t n)
{
    uint8_t bytes[3 + DCM_BASE64_SLACK];
    char group[4] = {'A', 'A', 'A', 'A'};

    if (n < 2)
        return 0;
    memcpy(group, s, n);
    dcm_base64_decode(bytes, group, 4);
    memcpy(to, bytes, n - 1);
    return n - 1;
}

int dcm_xml_reader_decode(struct dcm_xml_reader *r, const struct record *record,
                          uint8_t *to)
{
    const char *s = dcm_xml_reader_text(r, record);
    size_t n = (size_t)record->length, whole = n / 4 * 4;

    if (dcm_base64_decode(to, s, whole) < whole)
        return 0;
    decode_end(to + whole / 4 * 3, s + whole, n - whole);
    return 1;
}

/* Letters of n bytes, put one after another at `to`. 0: others are there. */
static int squeeze(char *to, const uint8_t *s, size_t n, size_t *length)
{
    size_t i = 0, k = 0;

    while (i < n) {
        size_t run = letters(s + i, n - i);

        memcpy(to + k, s + i, run);
        k += run;
        i += run;
        if (i < n && classes[s[i++]] == OTHER)
            return 0;
    }
    *length = k;
    return 1;
}

/* More bytes at `rest`; 0: failed. */
static int refill(struct dcm_xml_reader *r)
{
    struct far_base64 *b = &r->base64;
    uint8_t raw[FAR_PIECE];
    char text[FAR_PIECE + 4];
    struct dcm_error e;
    size_t n = sizeof(raw), length = 0, whole;

    b->given = b->n_rest = 0;
    if (n > b->end - b->next)
        n = (size_t)(b->end - b->next);
    if (n == 0) {
        b->n_rest = decode_end(b->rest, b->chars, b->n_chars);
        b->n_chars = 0;
        return 1;
    }
    if (dcm_bulk_fetch(r->parse.input, b->next, raw, n, &e) != DCM_OK) {
        dcm_xml_reader_fail(r, e.code, "%s", e.message);
        return 0;
    }
    memcpy(text, b->chars, b->n_chars);
    if (!squeeze(text + b->n_chars, raw, n, &length)) {
        dcm_xml_reader_fail(r, DCM_ERR_READ, "the input has changed");
        return 0;
    }
    length += b->n_chars;
    whole = length / 4 * 4;
    b->n_rest = dcm_base64_decode(b->rest, text, whole) / 4 * 3;
    b->n_chars = length - whole;
    memcpy(b->chars, text + whole, b->n_chars);
    b->next += n;
    return 1;
}

int dcm_xml_reader_pull(struct dcm_xml_reader *r, uint8_t *to, size_t n,
                        size_t *got)
{
    struct far_base64 *b = &r->base64;

    for (*got = 0; *got < n;) {
        size_t most = n - *got;

        if (b->given == b->n_rest) {
            int last = b->next == b->end && b->n_chars == 0;

            if (last)
                return 1;
            if (!refill(r))
                return 0;
        }
        if (most > b->n_rest - b->given)
            most = b->n_rest - b->given;
        memcpy(to + *got, b->rest + b->given, most);
        b->given += most;
        *got += most;
    }
    return 1;
}
