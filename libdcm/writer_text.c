/* Sink. Text in another Specific Character Set (PS3.3 C.12.1.1.2): the values
 * it applies to are decoded and encoded again. Either all into one set, and
 * (0008,0005) says so, once, at the top level; or each level into the one that
 * its own (0008,0005) declares, which stays. Knows nothing of how sets are
 * made. */
#include "scope.h"
#include "text.h"
#include "vr.h"
#include "writer.h"

#define CHARSET_TAG 0x00080005u
#define STEP ((size_t)DCM_VALUE_LOADED)

void dcm_writer_take_charset(struct dcm_writer *w, const char *terms)
{
    unsigned problems;

    w->has_charset = 1;
    problems =
        dcm_charset_parse(&w->charset, (const uint8_t *)terms, strlen(terms));
    w->charset_bad = problems & ~(unsigned)(DCM_CS_TERM | DCM_CS_MIX) ||
                     !dcm_charset_check(&w->charset);
    if (!w->charset_bad)
        dcm_charset_canonical(&w->charset, w->charset_terms);
}

/* What text is written in from here on in this level. One that can't be
 * written matters when there is text for it. */
static void declare(struct dcm_writer *w, const uint8_t *value, size_t n)
{
    unsigned problems = dcm_charset_parse(&w->charset, value, n);

    w->charset_bad = problems & ~(unsigned)(DCM_CS_TERM | DCM_CS_MIX) ||
                     !dcm_charset_check(&w->charset);
}

enum dcm_status dcm_writer_start_charset(struct dcm_writer *w)
{
    if (w->options.charset_declared)
        declare(w, NULL, 0);
    else if (w->charset_bad)
        return dcm_writer_fail(w, DCM_ERR_ARGUMENT, NULL,
                               "no Specific Character Set that can be written: "
                               "a term is not known or they do not go together "
                               "(PS3.3 C.12.1.1.2)");
    if (!w->decoder)
        w->decoder = dcm_decoder_new();
    if (!w->encoder)
        w->encoder = dcm_encoder_new();
    if (!w->decoder || !w->encoder)
        return dcm_writer_no_memory(w);
    return DCM_OK;
}

enum dcm_status dcm_writer_add_charset(struct dcm_writer *w,
                                       const struct dcm_event *ev)
{
    struct dcm_event own = {0};

    if (w->charset_written || w->options.charset_declared ||
        (ev->type != DCM_EVENT_END && ev->tag <= CHARSET_TAG))
        return DCM_OK;
    w->charset_written = 1;
    own.type = DCM_EVENT_VALUE;
    own.tag = CHARSET_TAG;
    own.vr = own.stored = VR_CS;
    own.data = (const uint8_t *)w->charset_terms;
    own.size = strlen(w->charset_terms);
    return own.size ? dcm_writer_put_value(w, &own) : DCM_OK;
}

/* The whole value, into the scratch; the memory follows the bytes that are
 * there, not the length that is claimed. */
static int gather(struct dcm_writer *w, struct dcm_event *ev)
{
    uint64_t left = ev->size;
    struct writer_bytes *b = &w->scratch;

    if (left > w->limits.value) {
        dcm_writer_fail(w, DCM_ERR_LIMIT, ev,
                        "text is longer than the limit 'value'; raise it with "
                        "--limit");
        return 0;
    }
    b->size = 0;
    while (left) {
        size_t n = left < STEP ? (size_t)left : STEP, got = 0;
        enum dcm_status status;

        if (!dcm_writer_room(b, n)) {
            dcm_writer_no_memory(w);
            return 0;
        }
        status = dcm_event_read(ev, b->data + b->size, n, &got);
        if (status != DCM_OK || got < n) {
            dcm_writer_fail(w, status != DCM_OK ? status : DCM_ERR_TRUNCATED,
                            ev,
                            "value ends after %llu bytes of %llu (PS3.5 7.1.1)",
                            (unsigned long long)(b->size + got),
                            (unsigned long long)ev->size);
            return 0;
        }
        b->size += n;
        left -= n;
    }
    ev->data = b->data;
    return 1;
}

static int tell(struct dcm_writer *w, const struct dcm_event *ev,
                unsigned problems)
{
    for (; problems; problems &= problems - 1) {
        dcm_issue issue = dcm_charset_issue(problems);

        if (dcm_deviation(w->options.policy, &w->error, issue, ev,
                          ev->value_offset, "%s",
                          dcm_issue_help(issue)) != DCM_OK)
            return 0;
    }
    return 1;
}

static int refuse(struct dcm_writer *w, const struct dcm_event *ev,
                  enum dcm_status status, uint32_t bad)
{
    if (status == DCM_ERR_MEMORY)
        dcm_writer_no_memory(w);
    else if (bad)
        dcm_writer_fail(w, status, ev,
                        "U+%04lX is not in the character set to write in "
                        "(PS3.5 6.1)",
                        (unsigned long)bad);
    else
        dcm_writer_fail(w, status, ev,
                        "this system's iconv lacks a character set that is "
                        "needed");
    return -1;
}

static int encode(struct dcm_writer *w, struct dcm_event *ev,
                  const struct dcm_charset *from, unsigned how)
{
    const uint8_t *out;
    size_t n = (size_t)ev->size, got;
    unsigned problems = 0;
    uint32_t bad = 0;
    enum dcm_status status;

    while (n && (ev->data[n - 1] == ' ' || ev->data[n - 1] == 0))
        n--; /* padding is added again where it is needed */
    status = dcm_encode_again(w->encoder, w->decoder, from, &w->charset, how,
                              ev->data, n, &out, &got, &problems, &bad);
    if (status != DCM_OK)
        return refuse(w, ev, status, bad);
    if (!tell(w, ev, problems))
        return -1;
    ev->data = out;
    ev->size = got;
    return 1;
}

static int put_terms(struct dcm_writer *w, struct dcm_event *ev)
{
    w->charset_written |= ev->depth == 0;
    ev->vr = VR_CS;
    ev->stored = ev->stored ? VR_CS : 0;
    ev->data = (const uint8_t *)w->charset_terms;
    ev->size = strlen(w->charset_terms);
    return ev->depth == 0 && ev->size;
}

static int is_private_creator(uint32_t tag)
{
    return tag >> 16 & 1 && (tag & 0xFFFF) >= 0x10 && (tag & 0xFFFF) <= 0xFF;
}

static int has_high(const struct dcm_event *ev)
{
    for (size_t i = 0; i < (size_t)ev->size; i++)
        if (ev->data[i] & 0x80)
            return 1;
    return 0;
}

static int cannot_declare(struct dcm_writer *w, const struct dcm_event *ev)
{
    if (w->charset.count)
        dcm_writer_fail(w, DCM_ERR_UNSUPPORTED, ev,
                        "text for a Specific Character Set that can't be "
                        "written (PS3.3 C.12.1.1.2)");
    else
        dcm_writer_fail(w, DCM_ERR_UNSUPPORTED, ev,
                        "text beyond ASCII where no Specific Character Set is "
                        "declared (PS3.3 C.12.1.1.2)");
    return -1;
}

/* Plain text, nearly all, is known at a glance. What is in the default
 * repertoire by its VR, but not by its bytes, goes into the set as well. */
static int declared_text(struct dcm_writer *w, struct dcm_event *ev)
{
    static const struct dcm_charset none;
    const struct dcm_vr *row = dcm_vr_find(ev->vr);
    const struct dcm_charset *from = ev->scope ? &ev->scope->charset : &none;

    if (ev->tag == CHARSET_TAG && ev->data) {
        declare(w, ev->data, (size_t)ev->size);
        return 1;
    }
    if (!row || row->kind != DCM_KIND_TEXT || ev->size == 0 ||
        memcmp(from, &w->charset, sizeof *from) == 0)
        return 1;
    if (!ev->data && !gather(w, ev))
        return -1;
    if (dcm_charset_is_ascii(&w->charset) &&
        dcm_text_is_plain(ev->data, (size_t)ev->size))
        return 1;
    if (w->charset_bad || (w->charset.undeclared && has_high(ev)))
        return cannot_declare(w, ev);
    return encode(w, ev, from, dcm_text_how(row) & ~(unsigned)DCM_TEXT_DEFAULT);
}

int dcm_writer_text(struct dcm_writer *w, struct dcm_event *ev)
{
    static const struct dcm_charset none;
    const struct dcm_vr *row = dcm_vr_find(ev->vr);
    const struct dcm_charset *from = ev->scope ? &ev->scope->charset : &none;

    if (w->options.charset_declared)
        return declared_text(w, ev);
    if (ev->tag == CHARSET_TAG)
        return put_terms(w, ev);
    if (!row || !(row->flags & DCM_VRF_CHARSET) || ev->size == 0 ||
        is_private_creator(ev->tag) ||
        memcmp(from, &w->charset, sizeof *from) == 0)
        return 1;
    if (!ev->data && !gather(w, ev))
        return -1;
    if (dcm_charset_is_ascii(from) && dcm_charset_is_ascii(&w->charset) &&
        dcm_text_is_plain(ev->data, (size_t)ev->size))
        return 1;
    return encode(w, ev, from, dcm_text_how(row));
}
