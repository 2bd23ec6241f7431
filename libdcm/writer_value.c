/* Sink. Elements and fragments (PS3.5 7.1, A.4): which VR, which header, which
 * byte order; the value's bytes are copied once, from the source into the
 * output's buffer. Knows nothing of what stands around an element. */
#include "resolve.h"
#include "swap.h"
#include "vr.h"
#include "writer.h"

#define BLOCK ((size_t)DCM_OUTPUT_BUFFER) /* a multiple of every unit */
#define SHORT_MAX 65534u /* the longest even value of a 16-bit length */

/* How an element is written. */
struct form {
    uint16_t vr;
    uint8_t is_long;
    uint8_t pad;
    uint8_t swap;     /* bytes that change ends together; 1: none do */
    uint8_t unit;     /* bytes of one value */
    uint8_t too_long; /* for the length field of its VR */
};

/* ----------------------------------------------------------------- the VR */

/* UN of a tag that the dictionary has, when its value can be that (PS3.5
 * 6.2.2); as the reader does it, unless it was told not to. */
static uint16_t known_vr(const struct dcm_event *ev)
{
    int choice = 0;
    uint16_t vr;

    if (ev->vr != VR_UN || ev->tag >> 16 & 1 || !ev->scope)
        return ev->vr;
    vr = dcm_resolve_vr(ev->tag, ev->length, ev->scope, &choice);
    return dcm_resolve_fits(vr, ev->data, ev->size) ? vr : VR_UN;
}

/* The VR in the file stays, where one can stand there; SQ without items is
 * none. */
static uint16_t written_vr(const struct dcm_writer *w,
                           const struct dcm_event *ev)
{
    uint16_t vr = ev->stored;
    int mend = w->options.mend;

    if (vr == 0 || ev->flags & DCM_IMPLICIT || vr == VR_SQ)
        return ev->vr;
    if (vr == VR_UN)
        return mend ? known_vr(ev) : vr;
    if (dcm_vr_find(vr))
        return vr;
    return !mend && dcm_is_letter((uint8_t)(vr >> 8)) &&
                   dcm_is_letter((uint8_t)(vr & 255))
               ? vr
               : ev->vr;
}

/* What is in UN is little endian and stays as it is, and so does a VR that
 * nobody knows. What only becomes UN for want of a longer length field has to
 * be made little endian first (PS3.5 6.2.2). */
static struct form choose(const struct dcm_writer *w,
                          const struct dcm_event *ev, uint64_t even)
{
    uint16_t vr = w->enc.implicit ? ev->vr : written_vr(w, ev);
    const struct dcm_vr *row = dcm_vr_find(vr);
    int big = w->enc.big;
    int from_big = (ev->flags & DCM_BIG_ENDIAN) != 0;
    struct form f = {vr, 1, 0, 1, 1, 0};

    if (!row)
        return f;
    f.is_long = row->flags & DCM_VRF_LONG;
    f.pad = row->pad;
    f.unit = row->unit;
    if (even > SHORT_MAX && !f.is_long && !w->enc.implicit) {
        f.vr = VR_UN;
        f.is_long = f.too_long = 1;
        big = 0;
    }
    if (ev->tag == 0x7FE00010 && w->ts_flags & DCM_TS_PIXELS_BIG)
        big = 1;
    if (ev->stored == VR_UN && vr != VR_UN)
        from_big = 0;
    if (from_big != big)
        f.swap = row->swap;
    return f;
}

/* -------------------------------------------------------------- the bytes */

/* The next n bytes of the value, `at` bytes into it. */
static enum dcm_status take(struct dcm_writer *w, const struct dcm_event *ev,
                            uint64_t at, char *to, size_t n)
{
    enum dcm_status status;
    size_t got = 0;

    if (ev->data) {
        memcpy(to, ev->data + (size_t)at, n);
        return DCM_OK;
    }
    status = dcm_event_read(ev, to, n, &got);
    if (status != DCM_OK) {
        const struct dcm_error *e = ev->source && ev->source->error
                                        ? ev->source->error(ev->source)
                                        : NULL;
        if (e && e->code == status) {
            w->error = *e;
            return status;
        }
        return dcm_writer_fail(w, status, ev, "the value can't be read");
    }
    if (got == n)
        return DCM_OK;
    return dcm_writer_fail(w, DCM_ERR_TRUNCATED, ev,
                           "value ends after %llu bytes of %llu (PS3.5 7.1.1)",
                           (unsigned long long)(at + got),
                           (unsigned long long)ev->size);
}

/* A value that is not copied in one go, block by block. */
static enum dcm_status put_blocks(struct dcm_writer *w,
                                  const struct dcm_event *ev, unsigned unit)
{
    enum dcm_status status = DCM_OK;
    uint64_t at = 0;

    while (at < ev->size && status == DCM_OK) {
        size_t n = ev->size - at < BLOCK ? (size_t)(ev->size - at) : BLOCK;
        char *to = dcm_output_reserve(w->o, n);

        if (!to)
            return dcm_writer_check(w);
        status = take(w, ev, at, to, n);
        if (status == DCM_OK) {
            dcm_swap(to, n, unit);
            dcm_output_commit(w->o, n);
            at += n;
        }
    }
    return status;
}

static enum dcm_status too_long(struct dcm_writer *w,
                                const struct dcm_event *ev)
{
    return dcm_writer_fail(w, DCM_ERR_LIMIT, ev,
                           "value of %llu bytes, a length field holds %lu at "
                           "most (PS3.5 7.1)",
                           (unsigned long long)ev->size,
                           (unsigned long)LONGEST);
}

/* --------------------------------------------------------------- elements */

/* Numbers and tags that are not whole are written as they are, or left out
 * when what is written has to conform. The reader tells of a value that the
 * end of the input cut. */
static enum dcm_status tell_over(struct dcm_writer *w,
                                 const struct dcm_event *ev, unsigned unit,
                                 unsigned over)
{
    if (ev->flags & DCM_CUT)
        return DCM_OK;
    return dcm_deviation(w->options.policy, &w->error, DCM_ISSUE_UNIT_LENGTH,
                         ev, ev->value_offset + ev->size - over,
                         "%u bytes over in a value of units of %u", over, unit);
}

/* The first `size` bytes of the value. */
static enum dcm_status put_form(struct dcm_writer *w,
                                const struct dcm_event *ev, struct form f)
{
    uint64_t even = ev->size + (ev->size & 1);
    int whole = ev->size <= DCM_VALUE_LOADED && (ev->data || !ev->size);
    size_t n = whole ? (size_t)ev->size : 0, at;
    enum dcm_status status;
    char *p = dcm_output_reserve(w->o, n + 13);

    if (!p)
        return dcm_writer_check(w);
    at = dcm_put_header(p, w->enc, ev->tag, f.vr, f.is_long, (uint32_t)even);
    if (!whole) {
        dcm_output_commit(w->o, at);
        status = put_blocks(w, ev, f.swap);
        if (status == DCM_OK && ev->size & 1)
            dcm_output_char(w->o, (char)f.pad);
        return status;
    }
    if (n)
        memcpy(p + at, ev->data, n);
    if (f.swap > 1)
        dcm_swap(p + at, n, f.swap);
    p[at + n] = (char)f.pad;
    dcm_output_commit(w->o, at + (size_t)even);
    return DCM_OK;
}

static enum dcm_status tell_length(struct dcm_writer *w,
                                   const struct dcm_event *ev)
{
    return dcm_deviation(
        w->options.policy, &w->error, DCM_ISSUE_LONG_VALUE, ev, ev->offset,
        "%llu bytes of %c%c, whose length field holds %u: "
        "written as UN",
        (unsigned long long)ev->size, ev->vr >> 8, ev->vr & 255, SHORT_MAX);
}

enum dcm_status dcm_writer_put_value(struct dcm_writer *w,
                                     const struct dcm_event *ev)
{
    struct dcm_event rest;
    enum dcm_status status;
    struct form f;
    unsigned over;

    if (ev->size > LONGEST)
        return too_long(w, ev);
    f = choose(w, ev, ev->size + (ev->size & 1));
    if (f.too_long && tell_length(w, ev) != DCM_OK)
        return w->error.code;
    over = (unsigned)(ev->size & (f.unit - 1u));
    if (over == 0)
        return put_form(w, ev, f);
    status = tell_over(w, ev, f.unit, over);
    if (status != DCM_OK || !w->options.mend)
        return status == DCM_OK ? put_form(w, ev, f) : status;
    rest = *ev;
    rest.size -= over;
    return put_form(w, &rest, f);
}

static enum dcm_status put_directory_value(struct dcm_writer *w,
                                           const struct dcm_event *ev)
{
    enum dcm_status status = dcm_writer_put_value(w, ev);

    return status == DCM_OK ? dcm_writer_offset(w, ev) : status;
}

enum dcm_status dcm_writer_value(struct dcm_writer *w,
                                 const struct dcm_event *ev)
{
    struct dcm_event changed;
    int keep;

    if (ev->flags & DCM_REFERENCE)
        return dcm_writer_fail(w, DCM_ERR_UNSUPPORTED, ev,
                               "the value is not here but at a URI "
                               "(PS3.18 F.2.2)");
    if ((ev->tag & 0xFFFF) == 0 && !w->keep_group_lengths)
        return DCM_OK;
    if (ev->tag == 0xFFFCFFFC && w->options.mend)
        return DCM_OK;
    if (ev->tag >> 16 == 0x0004 && !w->has_charset)
        return put_directory_value(w, ev);
    if (!w->has_charset)
        return dcm_writer_put_value(w, ev);
    changed = *ev;
    keep = dcm_writer_text(w, &changed);
    if (keep <= 0)
        return keep == 0 ? DCM_OK : w->error.code;
    if (ev->tag >> 16 == 0x0004)
        return put_directory_value(w, &changed);
    return dcm_writer_put_value(w, &changed);
}

/* -------------------------------------------------------------- fragments */

static const char *name_of(const char *uid)
{
    struct dcm_uid row;

    return dcm_uid_find(uid, strlen(uid), &row) ? row.name : uid;
}

enum dcm_status dcm_writer_frags(struct dcm_writer *w,
                                 const struct dcm_event *ev)
{
    /* It shall be OB (PS3.5 A.4), but OW is in many files. */
    uint16_t vr = ev->stored == VR_OW && !w->options.mend ? VR_OW : ev->vr;
    char *p;

    if (strcmp(w->source, w->syntax) != 0)
        return dcm_writer_fail(w, DCM_ERR_UNSUPPORTED, ev,
                               "encapsulated value of %s can't be written in "
                               "%s (PS3.5 A.4)",
                               name_of(w->source), name_of(w->syntax));
    p = dcm_output_reserve(w->o, 12);
    if (!p)
        return dcm_writer_check(w);
    w->in_frags = 1;
    dcm_output_commit(w->o,
                      dcm_put_header(p, w->enc, ev->tag, vr, 1, DCM_UNDEFINED));
    return DCM_OK;
}

enum dcm_status dcm_writer_fragment(struct dcm_writer *w,
                                    const struct dcm_event *ev)
{
    enum dcm_status status;
    char *p = dcm_output_reserve(w->o, 8);

    if (!w->in_frags)
        return dcm_writer_fail(w, DCM_ERR_ARGUMENT, ev,
                               "a fragment outside an encapsulated value");
    if (ev->size > LONGEST)
        return too_long(w, ev);
    if (!p)
        return dcm_writer_check(w);
    dcm_put_tag(p, DCM_ITEM, w->enc.big);
    dcm_put32(p + 4, (uint32_t)(ev->size + (ev->size & 1)), w->enc.big);
    dcm_output_commit(w->o, 8);
    status = put_blocks(w, ev, 1);
    if (status == DCM_OK && ev->size & 1)
        dcm_output_char(w->o, '\0');
    return status;
}

enum dcm_status dcm_writer_frags_end(struct dcm_writer *w,
                                     const struct dcm_event *ev)
{
    char *p = dcm_output_reserve(w->o, 8);

    if (!w->in_frags)
        return dcm_writer_fail(w, DCM_ERR_ARGUMENT, ev,
                               "the end of what is not open");
    w->in_frags = 0;
    if (!p)
        return dcm_writer_check(w);
    dcm_put_tag(p, DCM_SEQ_DELIMITER, w->enc.big);
    dcm_put32(p + 4, 0, w->enc.big);
    dcm_output_commit(w->o, 8);
    return DCM_OK;
}
