/* Source. Where a data set begins and in what encoding (PS3.10 7.1): the
 * preamble, what stands in its place, the transfer syntax, and whether the
 * first element bears it out. */
#include "reader.h"

/* ------------------------------------------------ where a data set begins */

/* Refused unless what stands there is plausibly DICOM (see the design: a
 * lenient reader still has a front door). */
static enum step not_dicom(struct dcm_reader *r, const char *found)
{
    return dcm_reader_fail(
        r, DCM_ERR_NOT_DICOM, 0, 0,
        "not DICOM: %s, expected a preamble and DICM, or a data "
        "element (PS3.10 7.1)",
        found);
}

/* A bare data set must begin with an attribute of the dictionary in a low
 * even group, whole, and something plausible after it. */
static int is_bare_data_set(struct dcm_reader *r, struct dcm_encoding *enc)
{
    struct dcm_encoding none = {0, 0};
    struct dcm_header h;
    uint16_t vrs[3];
    struct dcm_view v;

    v.n = dcm_reader_see(r, DCM_CURSOR_PEEK);
    v.p = r->c->p;
    v.left = v.n < DCM_CURSOR_PEEK ? v.n : UINT64_MAX;
    if (!dcm_header_detect(v, none, enc) ||
        !dcm_header_parse(v.p, v.n, *enc, &h))
        return 0;
    if (h.tag >> 16 > 0x60 || h.tag >> 16 & 1 || !dcm_dict_vrs(h.tag, vrs))
        return 0;
    if (h.length == DCM_UNDEFINED)
        return h.vr == VR_SQ || (!h.vr && vrs[0] == VR_SQ);
    return dcm_header_lands(v, (uint64_t)h.size + h.length, *enc, h.tag) ||
           v.left < (uint64_t)h.size + h.length; /* cut: to be told so */
}

static enum step begin_levels(struct dcm_reader *r, enum kind kind,
                              struct dcm_encoding enc)
{
    struct level *level;

    r->n_levels = 0;
    level = dcm_reader_push(r);
    if (!level || !dcm_order_clear(&r->order) ||
        dcm_scope_stack_clear(&r->scopes) != DCM_OK)
        return dcm_reader_no_memory(r);
    level->kind = (uint8_t)kind;
    level->enc = enc;
    r->state = BODY;
    return AGAIN;
}

static enum step begin_bare(struct dcm_reader *r, struct dcm_event *ev)
{
    struct dcm_encoding enc;
    size_t have = dcm_cursor_peek(r->c, 12);

    if (r->c->failed)
        return dcm_reader_fail(r, r->c->input->error.code, 0, 0, "%s",
                               r->c->input->error.message);
    if (have == 0)
        return not_dicom(r, "the input is empty");
    if (!is_bare_data_set(r, &enc))
        return not_dicom(r, "no element in any encoding");
    if (!deviate(r, DCM_ISSUE_NO_PREAMBLE, NULL, 0,
                 "no preamble and no DICM prefix"))
        return STOP;
    if (begin_levels(r, DATASET, enc) == STOP)
        return STOP;
    return dcm_reader_start_data_set(r, ev);
}

static enum step begin_meta(struct dcm_reader *r, struct dcm_event *ev)
{
    size_t have = dcm_cursor_peek(r->c, 8);
    const uint8_t *p = r->c->p;
    struct dcm_encoding enc = {0, 0};
    enum step step;

    if (have < 8 && dcm_reader_input_failed(r, &step))
        return step;
    if (have == 0)
        return not_dicom(r, "nothing after the preamble");
    if (have < 8) {
        dcm_reader_fail(
            r, DCM_ERR_TRUNCATED, r->c->offset, 0,
            "input ends %zu bytes into an element header (PS3.5 7.1)", have);
        return STOP;
    }
    if (dcm_get16le(p) != 2) {
        if (!deviate(r, DCM_ISSUE_NO_META, NULL, r->c->offset,
                     "no File Meta Information after DICM"))
            return STOP;
        if (begin_levels(r, DATASET, enc) == STOP)
            return STOP;
        return dcm_reader_start_data_set(r, ev);
    }
    enc.implicit = !dcm_is_letter(p[4]) && dcm_get32le(p + 4) < 0x10000;
    if (enc.implicit && !deviate(r, DCM_ISSUE_META_IMPLICIT, NULL, r->c->offset,
                                 "File Meta Information without "
                                 "VRs, expected explicit VR little endian"))
        return STOP;
    return begin_levels(r, META, enc);
}

/* (0002,0000) or, where that is missing, (0002,0001). */
static int is_meta(const uint8_t *p)
{
    return memcmp(p, "\2\0\0\0UL", 6) == 0 || memcmp(p, "\2\0\1\0OB", 6) == 0;
}

/* PS3.10 7.1: 128 bytes, DICM, group 0002. Also met: DICM first, group 0002
 * first, and another prefix in place of DICM. */
enum step dcm_reader_start(struct dcm_reader *r, struct dcm_event *ev)
{
    size_t have = dcm_cursor_peek(r->c, 140);
    const uint8_t *p = r->c->p;
    struct dcm_encoding enc;
    size_t skip;

    if (have >= 132 && memcmp(p + 128, "DICM", 4) == 0) {
        if (have >= 134 && dcm_get16le(p + 132) != 2 && p[0] &&
            is_bare_data_set(r, &enc))
            return begin_bare(r, ev); /* DICM is a part of a value */
        dcm_cursor_take(r->c, 132);
        return begin_meta(r, ev);
    }
    if (have >= 4 && memcmp(p, "DICM", 4) == 0)
        skip = 4;
    else if (have >= 8 && dcm_get16le(p) == 2)
        skip = 0;
    else if (have >= 140 && is_meta(p + 132))
        skip = 132;
    else
        return begin_bare(r, ev);
    if (!deviate(r, DCM_ISSUE_NO_PREAMBLE, NULL, 0,
                 "no DICM prefix after 128 bytes of preamble"))
        return STOP;
    dcm_cursor_take(r->c, skip);
    return begin_meta(r, ev);
}

static enum step begin_inflate(struct dcm_reader *r)
{
    enum step step;

    if (!dcm_inflate_probe(r->c)) {
        if (dcm_reader_input_failed(r, &step))
            return step;
        return deviate(r, DCM_ISSUE_NOT_DEFLATED, NULL, r->c->offset,
                       "no deflate stream where one is expected")
                   ? AGAIN
                   : STOP;
    }
    if (dcm_inflate_start(&r->inflate, &r->raw, r->limits.inflated,
                          r->limits.ratio) != DCM_OK ||
        !dcm_cursor_open(&r->inflated, &r->inflate.input, 0))
        return dcm_reader_no_memory(r);
    r->c = &r->inflated;
    r->base_flags = DCM_DEFLATED;
    r->again = NULL;
    if (r->inflate.wrapped &&
        !deviate(r, DCM_ISSUE_ZLIB_HEADER, NULL, r->raw.offset,
                 "zlib header before the deflate stream"))
        return STOP;
    return AGAIN;
}

/* What the transfer syntax says; 0 after a failure. */
static int read_syntax(struct dcm_reader *r, struct dcm_encoding *enc)
{
    const struct dcm_syntax *ts = dcm_syntax_find(r->syntax, strlen(r->syntax));

    r->ts_known = ts != NULL;
    r->ts_flags = ts ? ts->flags : 0;
    enc->implicit = (r->ts_flags & DCM_TS_IMPLICIT) != 0;
    enc->big = (r->ts_flags & DCM_TS_BIG_ENDIAN) != 0;
    if (!r->has_syntax)
        return deviate(r, DCM_ISSUE_NO_SYNTAX, NULL, r->c->offset,
                       "no Transfer Syntax UID");
    if (!ts)
        return deviate(r, DCM_ISSUE_UNKNOWN_SYNTAX, NULL, r->c->offset,
                       "Transfer Syntax UID is not known");
    return 1;
}

static int check_meta_length(struct dcm_reader *r)
{
    uint64_t length = r->c->offset - r->meta_start;

    if (r->meta_length == NO_END || r->meta_length == length)
        return 1;
    return deviate(r, DCM_ISSUE_META_LENGTH, NULL, r->meta_start - 4,
                   "(0002,0000) says %llu, group 0002 has %llu bytes",
                   (unsigned long long)r->meta_length,
                   (unsigned long long)length);
}

/* The encoding that the first element is in, if it is not the one stated. */
static enum step settle_encoding(struct dcm_reader *r, struct dcm_encoding *enc)
{
    struct dcm_encoding found = *enc;
    struct dcm_header h;
    struct dcm_view v;

    top(r)->end = NO_END;
    v = dcm_reader_view(r, DCM_CURSOR_PEEK);
    if (v.n < 8 || dcm_is_zero(v.p, 8) ||
        dcm_header_tag(v.p, enc->big) >> 16 == 0xFFFE)
        return AGAIN;
    if (!dcm_header_detect(v, *enc, &found)) {
        if (!dcm_header_parse(v.p, v.n, *enc, &h))
            return AGAIN; /* cut */
        if (dcm_header_lands(v, (uint64_t)h.size + h.length, *enc, h.tag) ||
            dcm_header_guess(v, *enc, &h))
            return AGAIN;
        return dcm_reader_fail(
            r, DCM_ERR_MALFORMED, r->c->offset, 0,
            "no data element in any encoding where the data set "
            "begins (PS3.5 7.1)");
    }
    if (found.implicit == enc->implicit && found.big == enc->big)
        return AGAIN;
    *enc = found;
    if (!r->has_syntax || !r->ts_known)
        return AGAIN;
    return deviate(r, DCM_ISSUE_WRONG_SYNTAX, NULL, r->c->offset,
                   "data set is in %s VR %s endian, not as its Transfer "
                   "Syntax UID says",
                   found.implicit ? "implicit" : "explicit",
                   found.big ? "big" : "little")
               ? AGAIN
               : STOP;
}

/* The Transfer Syntax UID that the data set is in, where that is not the one
 * stated. Encapsulated and unknown ones stay: they say more than an encoding.
 */
static void name_syntax(struct dcm_reader *r, struct dcm_encoding enc)
{
    int deflated = (r->base_flags & DCM_DEFLATED) != 0;
    int plain = !enc.implicit && !enc.big;

    if (r->has_syntax && !r->ts_known && plain)
        return;
    if (r->ts_known &&
        (r->ts_flags & DCM_TS_ENCAPSULATED ||
         (enc.implicit == ((r->ts_flags & DCM_TS_IMPLICIT) != 0) &&
          enc.big == ((r->ts_flags & DCM_TS_BIG_ENDIAN) != 0) &&
          deflated == ((r->ts_flags & DCM_TS_DEFLATED) != 0))))
        return;
    strcpy(r->syntax, enc.implicit ? "1.2.840.10008.1.2"
                      : enc.big    ? "1.2.840.10008.1.2.2"
                      : deflated   ? "1.2.840.10008.1.2.1.99"
                                   : "1.2.840.10008.1.2.1");
}

/* From the File Meta Information, or the preamble, or nothing, on. */
enum step dcm_reader_start_data_set(struct dcm_reader *r, struct dcm_event *ev)
{
    struct dcm_encoding enc;
    struct dcm_scope *scope;

    if (top(r)->kind == META) {
        if (!check_meta_length(r) || !read_syntax(r, &enc))
            return STOP;
        if (r->ts_flags & DCM_TS_DEFLATED && dcm_cursor_peek(r->c, 1) &&
            begin_inflate(r) == STOP)
            return STOP;
    } else {
        enc = top(r)->enc;
        r->ts_known = r->has_syntax = 0;
    }
    if (settle_encoding(r, &enc) == STOP ||
        begin_levels(r, DATASET, enc) == STOP)
        return STOP;
    scope = dcm_scope_top(&r->scopes);
    scope->encapsulated = (r->ts_flags & DCM_TS_ENCAPSULATED) != 0;
    scope->charset.undeclared = 1;
    if (r->has_force)
        scope->charset = r->force;
    else if (r->has_assume)
        scope->charset = r->assume;
    name_syntax(r, enc);
    dcm_reader_event(r, ev, DCM_EVENT_DATASET, NULL);
    ev->data = (const uint8_t *)r->syntax;
    ev->size = strlen(r->syntax);
    return EMIT;
}
