/* Sink. Sequences and items (PS3.5 7.5). A length is written before the
 * content that it counts: as the source has it where nothing changes it, and
 * else as 0, to be put right in the end. What was written is counted always,
 * so that a length that does not fit is put right, too, or is an error. */
#include "vr.h"
#include "writer.h"
#include <stdlib.h>

static struct writer_level *push(struct dcm_writer *w)
{
    struct writer_level *level;

    if (w->n_levels == w->max_levels) {
        size_t n = w->max_levels ? w->max_levels * 2 : 32;
        struct writer_level *p = realloc(w->levels, n * sizeof(*p));

        if (!p) {
            dcm_writer_no_memory(w);
            return NULL;
        }
        w->levels = p;
        w->max_levels = n;
    }
    level = &w->levels[w->n_levels++];
    memset(level, 0, sizeof(*level));
    return level;
}

/* Whether what is in a sequence may come out with another length than it has
 * in the source. That of UN is implicit VR little endian everywhere (PS3.5
 * 6.2.2), so it stays as it is until it becomes SQ. */
static int content_changes(const struct dcm_writer *w,
                           const struct dcm_event *ev)
{
    int implicit = (ev->flags & DCM_IMPLICIT) != 0;

    if (w->has_charset || w->options.mend)
        return 1;
    return ev->stored == VR_UN ? 0 : implicit != w->enc.implicit;
}

/* The length to write at the start. Without a way back to it, one that is not
 * known beforehand is undefined. */
static uint32_t first_length(const struct dcm_writer *w,
                             const struct dcm_event *ev, int changes)
{
    enum dcm_lengths lengths = w->options.lengths;
    int known = ev->length == 0 || (ev->length != DCM_UNDEFINED && !changes);

    /* Without a VR only the undefined length tells that a private element is
     * a sequence (PS3.5 6.2.2, and A.1 for what a reader takes it as). */
    if (ev->type == DCM_EVENT_SEQ && ev->tag >> 16 & 1 && w->enc.implicit &&
        (!(ev->flags & DCM_IMPLICIT) || ev->length == DCM_UNDEFINED))
        return DCM_UNDEFINED;
    if (lengths == DCM_LENGTHS_UNDEFINED ||
        (lengths == DCM_LENGTHS_KEEP && ev->length == DCM_UNDEFINED))
        return DCM_UNDEFINED;
    if (known)
        return ev->length;
    return w->can_patch ? 0 : DCM_UNDEFINED;
}

enum dcm_status dcm_writer_seq(struct dcm_writer *w, const struct dcm_event *ev)
{
    int unknown = ev->stored == VR_UN && !w->enc.implicit && !w->options.mend;
    int changes = content_changes(w, ev);
    uint64_t start = dcm_output_tell(w->o);
    struct writer_level *level;
    char *p;
    size_t n;

    /* What may turn out wrong is kept where it can be put right. */
    if (w->n_levels == 0 && !w->can_patch && !w->holding &&
        !w->directory.active)
        dcm_output_hold(w->o, start);
    p = dcm_output_reserve(w->o, 12);
    level = push(w);
    if (!p || !level)
        return dcm_writer_check(w);
    level->tag = ev->tag;
    level->changes = (uint8_t)changes;
    level->length = first_length(w, ev, changes);
    if (unknown && ev->length == DCM_UNDEFINED)
        level->length = DCM_UNDEFINED; /* all that tells UN from bytes */
    n = dcm_put_header(p, w->enc, ev->tag, unknown ? VR_UN : VR_SQ, 1,
                       level->length);
    dcm_output_commit(w->o, n);
    level->at = start + n - 4;
    level->enc = unknown ? (struct dcm_encoding){1, 0} : w->enc;
    w->enc = level->enc;
    return DCM_OK;
}

enum dcm_status dcm_writer_item(struct dcm_writer *w,
                                const struct dcm_event *ev)
{
    int changes = w->n_levels && w->levels[w->n_levels - 1].changes;
    uint64_t start = dcm_output_tell(w->o);
    char *p = dcm_output_reserve(w->o, 8);
    struct writer_level *level;

    if (!w->n_levels || w->levels[w->n_levels - 1].tag == 0)
        return dcm_writer_fail(w, DCM_ERR_ARGUMENT, ev,
                               "an item outside a sequence");
    if (ev->tag == DIRECTORY_RECORDS && w->n_levels == 1 &&
        dcm_writer_record(w, ev) != DCM_OK)
        return w->error.code;
    level = push(w);
    if (!p || !level)
        return dcm_writer_check(w);
    level->changes = (uint8_t)changes;
    level->length = first_length(w, ev, changes);
    level->enc = w->enc;
    level->charset = w->charset;
    level->charset_bad = w->charset_bad;
    level->at = start + 4;
    dcm_put_tag(p, DCM_ITEM, w->enc.big);
    dcm_put32(p + 4, level->length, w->enc.big);
    dcm_output_commit(w->o, 8);
    return DCM_OK;
}

static enum dcm_status put_delimiter(struct dcm_writer *w, uint32_t tag)
{
    char *p = dcm_output_reserve(w->o, 8);

    if (!p)
        return dcm_writer_check(w);
    dcm_put_tag(p, tag, w->enc.big);
    dcm_put32(p + 4, 0, w->enc.big);
    dcm_output_commit(w->o, 8);
    return DCM_OK;
}

/* The byte order of a length is that of the header it stands in: around the
 * sequence, for one that is UN another than in it. */
static int length_is_big(const struct dcm_writer *w,
                         const struct writer_level *level)
{
    if (level->tag == 0)
        return level->enc.big;
    return level > w->levels ? level[-1].enc.big
                             : (w->ts_flags & DCM_TS_BIG_ENDIAN) != 0;
}

static enum dcm_status settle_length(struct dcm_writer *w,
                                     const struct writer_level *level,
                                     const struct dcm_event *ev)
{
    uint64_t length = dcm_output_tell(w->o) - level->at - 4;
    char bytes[4];

    if (length == level->length)
        return DCM_OK;
    if (length > LONGEST)
        return dcm_writer_fail(
            w, DCM_ERR_LIMIT, ev,
            "content of %llu bytes, a length field holds %lu at most: write "
            "undefined lengths (PS3.5 7.5)",
            (unsigned long long)length, (unsigned long)LONGEST);
    dcm_put32(bytes, (uint32_t)length, length_is_big(w, level));
    if (dcm_output_patch(w->o, level->at, bytes, 4))
        return DCM_OK;
    if (dcm_writer_check(w) != DCM_OK)
        return w->error.code;
    return dcm_writer_fail(
        w, DCM_ERR_WRITE, ev,
        "content of %llu bytes under a length of %lu, which can't be changed "
        "in this output any more: write undefined lengths, or to a file",
        (unsigned long long)length, (unsigned long)level->length);
}

enum dcm_status dcm_writer_end(struct dcm_writer *w, const struct dcm_event *ev)
{
    int item = ev->type == DCM_EVENT_ITEM_END;
    struct writer_level *level;
    enum dcm_status status;

    if (!w->n_levels || (w->levels[w->n_levels - 1].tag == 0) != item)
        return dcm_writer_fail(w, DCM_ERR_ARGUMENT, ev,
                               "the end of what is not open");
    level = &w->levels[w->n_levels - 1];
    w->enc = level->enc;
    if (item) {
        w->charset = level->charset;
        w->charset_bad = level->charset_bad;
    }
    status =
        level->length == DCM_UNDEFINED
            ? put_delimiter(w, item ? DCM_ITEM_DELIMITER : DCM_SEQ_DELIMITER)
            : settle_length(w, level, ev);
    w->n_levels--;
    if (w->n_levels) {
        w->enc = level[-1].enc;
    } else {
        w->enc.implicit = (w->ts_flags & DCM_TS_IMPLICIT) != 0;
        w->enc.big = (w->ts_flags & DCM_TS_BIG_ENDIAN) != 0;
        if (!w->holding && !w->directory.active)
            dcm_output_hold(w->o, UINT64_MAX);
    }
    return status;
}
