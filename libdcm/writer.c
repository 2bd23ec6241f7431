/* Sink. Events to a Part 10 file or a bare data set (PS3.10 7.1, PS3.5 7 and
 * A), in the transfer syntax of the source or another one that needs no codec.
 * Knows nothing of where events come from, and of pixels only their bytes.
 *
 * Copied into the syntax it is in, a data set that conforms comes out as it
 * was, byte for byte. What makes the reader hand out all there is
 * (keep_all, keep_unknown) belongs to that; repeated elements are left out.
 *
 * Lengths of sequences that change are put in after the content. A deflated
 * data set can't be changed afterwards, nor can a pipe: there they are written
 * with undefined length, unless the source's own is right (explicit VR to
 * explicit VR, whatever the byte order). A group length goes when any length
 * may change, for then it is wrong.
 */
#include "writer.h"
#include "event.h"
#include "scope.h"
#include "vr.h"
#include <stdlib.h>

#define HELD_MAX 65536u /* of a data set before group 0002 is written */
#define LAST_HELD 0x00080018u

/* --------------------------------------------------------------- failing */

enum dcm_status dcm_writer_fail(struct dcm_writer *w, enum dcm_status code,
                                const struct dcm_event *ev, const char *format,
                                ...)
{
    char path[96] = "";
    va_list ap;

    if (ev && ev->tag)
        dcm_event_path(ev, path, sizeof path);
    va_start(ap, format);
    dcm_error_vfill(&w->error, code, ev ? ev->offset : DCM_NO_OFFSET, path,
                    format, ap);
    va_end(ap);
    return code;
}

enum dcm_status dcm_writer_no_memory(struct dcm_writer *w)
{
    return dcm_writer_fail(w, DCM_ERR_MEMORY, NULL, "no memory to write on");
}

/* The caller's output knows best why the one that deflates has failed. */
enum dcm_status dcm_writer_check(struct dcm_writer *w)
{
    if (w->error.code != DCM_OK)
        return w->error.code;
    if (w->output->status != DCM_OK)
        w->error = w->output->error;
    else if (w->o->status != DCM_OK)
        w->error = w->o->error;
    return w->error.code;
}

int dcm_writer_room(struct writer_bytes *b, size_t n)
{
    size_t capacity = b->capacity ? b->capacity : 1024;
    uint8_t *p;

    if (b->data && b->capacity - b->size >= n)
        return 1;
    if (n > SIZE_MAX / 4 || b->size > SIZE_MAX / 4)
        return 0;
    while (capacity - b->size < n)
        capacity *= 2;
    p = realloc(b->data, capacity);
    if (!p)
        return 0;
    b->data = p;
    b->capacity = capacity;
    return 1;
}

static enum dcm_status bad_order(struct dcm_writer *w,
                                 const struct dcm_event *ev)
{
    return dcm_writer_fail(w, DCM_ERR_ARGUMENT, ev,
                           "events in an order that dcm.h does not allow");
}

/* ------------------------------------------------------ transfer syntaxes */

/* Those of one family change into each other; JPIP names pixels that are
 * elsewhere, so it is not just an encoding (PS3.5 A.6 to A.8). */
static int family(const struct dcm_syntax *ts)
{
    static const struct {
        const char *uid;
        int family;
    } others[] = {
        {"1.2.840.10008.1.2.4.94", 1},
        {"1.2.840.10008.1.2.4.95", 1},
        {"1.2.840.10008.1.2.4.204", 2},
        {"1.2.840.10008.1.2.4.205", 2},
    };

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (strcmp(ts->uid, others[i].uid) == 0)
            return others[i].family;
    return ts->flags & DCM_TS_ENCAPSULATED ? -1 : 0;
}

static const char *name_of(const char *uid)
{
    struct dcm_uid row;

    return dcm_uid_find(uid, strlen(uid), &row) ? row.name : uid;
}

/* From what is found in the source into what was asked for. */
static enum dcm_status check_syntaxes(struct dcm_writer *w,
                                      const struct dcm_event *ev)
{
    const struct dcm_syntax *from =
        dcm_syntax_find(w->source, strlen(w->source));
    const struct dcm_syntax *to = dcm_syntax_find(w->syntax, strlen(w->syntax));

    w->ts_flags = to ? to->flags : 0; /* not known: explicit little endian */
    if (strcmp(w->source, w->syntax) == 0)
        return DCM_OK;
    if (to && from && family(to) >= 0 && family(to) == family(from))
        return DCM_OK;
    if (to && !from && family(to) == 0) /* FRAGS are refused */
        return DCM_OK;
    return dcm_writer_fail(w, DCM_ERR_UNSUPPORTED, ev,
                           "%s can't be changed into %s: that takes a codec "
                           "(PS3.5 A.4)",
                           name_of(w->source), name_of(w->syntax));
}

static enum dcm_status take_syntaxes(struct dcm_writer *w,
                                     const struct dcm_event *ev)
{
    size_t n = (size_t)ev->size;

    if (n >= UID_ROOM || (n && !ev->data))
        return dcm_writer_fail(w, DCM_ERR_ARGUMENT, ev,
                               "the source's Transfer Syntax UID is too long");
    if (n)
        memcpy(w->source, ev->data, n);
    w->source[n] = '\0';
    strcpy(w->syntax, *w->target ? w->target : w->source);
    return check_syntaxes(w, ev);
}

/* --------------------------------------------------------------- the data */

static void limit_output(struct dcm_writer *w)
{
    struct dcm_output *o = w->output;
    uint64_t at = dcm_output_tell(o);

    /* A limit that someone else has set is theirs to change. */
    if (o->limit != UINT64_MAX && o->limit != w->output_limit)
        return;
    w->output_limit =
        w->limits.output < UINT64_MAX - at ? at + w->limits.output : UINT64_MAX;
    o->limit = w->output_limit;
}

/* What is inflated and deflated is the same length for length, and so are both
 * byte orders. */
static int same_lengths(const struct dcm_writer *w)
{
    const struct dcm_syntax *from =
        dcm_syntax_find(w->source, strlen(w->source));
    int implicit = from && from->flags & DCM_TS_IMPLICIT;

    return w->options.lengths == DCM_LENGTHS_KEEP && !w->options.mend &&
           !w->has_charset && /* of either kind */
           implicit == ((w->ts_flags & DCM_TS_IMPLICIT) != 0);
}

static enum dcm_status on_dataset(struct dcm_writer *w,
                                  const struct dcm_event *ev)
{
    enum dcm_status status = take_syntaxes(w, ev);

    if (status == DCM_OK && w->has_charset)
        status = dcm_writer_start_charset(w);
    if (status != DCM_OK)
        return status;
    if (w->ts_flags & DCM_TS_DEFLATED) {
        if (dcm_deflate_start(&w->deflate, w->output) != DCM_OK)
            return dcm_writer_no_memory(w);
        w->o = w->deflate.output;
    }
    w->state = WRITER_BODY;
    w->enc.implicit = (w->ts_flags & DCM_TS_IMPLICIT) != 0;
    w->enc.big = (w->ts_flags & DCM_TS_BIG_ENDIAN) != 0;
    w->can_patch = dcm_output_can_patch(w->o);
    w->keep_group_lengths = same_lengths(w);
    w->begin = dcm_output_tell(w->o);
    w->file = dcm_output_tell(w->output);
    w->holding = !w->options.bare;
    if (w->holding)
        dcm_output_hold(w->o, w->begin);
    return DCM_OK;
}

/* Before an element of the top level. */
static enum dcm_status before(struct dcm_writer *w, const struct dcm_event *ev)
{
    enum dcm_status status = DCM_OK;
    int last = ev->type == DCM_EVENT_END || ev->tag > LAST_HELD;

    if (w->has_charset)
        status = dcm_writer_add_charset(w, ev);
    if (!w->holding || status != DCM_OK)
        return status;
    if (ev->type == DCM_EVENT_VALUE)
        dcm_writer_note(w, ev);
    return last ? dcm_writer_settle(w) : DCM_OK;
}

static enum dcm_status on_value(struct dcm_writer *w,
                                const struct dcm_event *ev)
{
    if (w->state == WRITER_META)
        return dcm_writer_keep(w, ev);
    return dcm_writer_value(w, ev);
}

static enum dcm_status on_end(struct dcm_writer *w, const struct dcm_event *ev)
{
    if (w->n_levels || w->in_frags)
        return bad_order(w, ev);
    w->state = WRITER_ENDED;
    if (w->directory.active && dcm_writer_link(w) != DCM_OK)
        return w->error.code;
    if (w->o != w->output)
        dcm_deflate_finish(&w->deflate);
    return dcm_writer_check(w);
}

typedef enum dcm_status on_event_fn(struct dcm_writer *w,
                                    const struct dcm_event *ev);

static on_event_fn *const on_event[] = {
    [DCM_EVENT_VALUE] = on_value,
    [DCM_EVENT_DATASET] = on_dataset,
    [DCM_EVENT_SEQ] = dcm_writer_seq,
    [DCM_EVENT_ITEM] = dcm_writer_item,
    [DCM_EVENT_ITEM_END] = dcm_writer_end,
    [DCM_EVENT_SEQ_END] = dcm_writer_end,
    [DCM_EVENT_FRAGS] = dcm_writer_frags,
    [DCM_EVENT_FRAGMENT] = dcm_writer_fragment,
    [DCM_EVENT_FRAGS_END] = dcm_writer_frags_end,
    [DCM_EVENT_END] = on_end,
};

#define BIT(type) (1u << (type))
#define ELEMENTS \
    (BIT(DCM_EVENT_VALUE) | BIT(DCM_EVENT_SEQ) | BIT(DCM_EVENT_FRAGS))

/* What is waiting to be written first is looked at, and how much has come
 * since: a lot of it, as in a DICOMDIR, goes on without knowing more. */
static enum dcm_status prepare(struct dcm_writer *w, const struct dcm_event *ev)
{
    enum dcm_status status = DCM_OK;

    if (w->n_levels == 0 && !w->in_frags &&
        BIT(ev->type) & (ELEMENTS | BIT(DCM_EVENT_END)))
        status = before(w, ev);
    if (status == DCM_OK && w->holding &&
        (ev->size > HELD_MAX || dcm_output_tell(w->o) - w->begin > HELD_MAX))
        status = dcm_writer_settle(w);
    return status;
}

static enum dcm_status put(struct dcm_sink *sink, const struct dcm_event *ev)
{
    struct dcm_writer *w = (struct dcm_writer *)sink;
    enum dcm_status status = w->error.code;

    if (status != DCM_OK)
        return status;
    if (ev->type < DCM_EVENT_VALUE || ev->type > DCM_EVENT_END ||
        w->state == WRITER_ENDED ||
        (w->state == WRITER_META && ev->type != DCM_EVENT_DATASET &&
         ev->type != DCM_EVENT_VALUE) ||
        (w->state == WRITER_BODY && ev->type == DCM_EVENT_DATASET))
        return bad_order(w, ev);
    if (w->skipped) {
        w->skipped += (uint64_t)(int64_t)dcm_event_opens(ev->type);
        return DCM_OK;
    }
    if (ev->flags & DCM_DUPLICATE && BIT(ev->type) & ELEMENTS) {
        w->skipped = ev->type != DCM_EVENT_VALUE;
        return DCM_OK;
    }
    if (w->state == WRITER_META && ev->type == DCM_EVENT_DATASET)
        limit_output(w);
    if (w->state == WRITER_BODY && (w->holding || w->has_charset))
        status = prepare(w, ev);
    if (status == DCM_OK)
        status = on_event[ev->type](w, ev);
    if (status == DCM_OK && (w->output->status | w->o->status) != 0)
        return dcm_writer_check(w);
    return status;
}

static const struct dcm_error *sink_error(const struct dcm_sink *sink)
{
    return &((const struct dcm_writer *)sink)->error;
}

/* ------------------------------------------------------------- life times */

/* Takes over what the options point at; a syntax that is too long is cut, and
 * no syntax then. */
static void take_options(struct dcm_writer *w,
                         const struct dcm_writer_options *options)
{
    struct dcm_writer_options *to = &w->options;
    size_t n = sizeof(*to);

    if (options && options->size && options->size < n)
        n = options->size;
    if (options)
        memcpy(to, options, n);
    dcm_limits_fill(&w->limits, to->limits);
    if (to->preamble)
        memcpy(w->preamble, to->preamble, sizeof w->preamble);
    if (to->syntax) {
        n = strlen(to->syntax);
        memcpy(w->target, to->syntax, n < UID_ROOM ? n : UID_ROOM - 1);
    }
    if (to->charset)
        dcm_writer_take_charset(w, to->charset);
    to->charset_declared &= !to->charset;
    w->has_charset |= to->charset_declared;
    to->limits = NULL; /* copied */
    to->charset = NULL;
    to->preamble = NULL;
    to->syntax = NULL;
}

struct dcm_writer *dcm_writer_new(const struct dcm_writer_options *options,
                                  struct dcm_output *output)
{
    struct dcm_writer *w = calloc(1, sizeof(*w));

    if (!w)
        return NULL;
    take_options(w, options);
    w->sink.put = put;
    w->sink.error = sink_error;
    w->output = w->o = output;
    w->output_limit = UINT64_MAX;
    return w;
}

void dcm_writer_free(struct dcm_writer *w)
{
    if (!w)
        return;
    dcm_deflate_release(&w->deflate);
    dcm_decoder_free(w->decoder);
    dcm_encoder_free(w->encoder);
    free(w->levels);
    free(w->directory.records.data);
    free(w->directory.links.data);
    free(w->kept_bytes.data);
    free(w->scratch.data);
    free(w);
}

struct dcm_sink *dcm_writer_sink(struct dcm_writer *w)
{
    return &w->sink;
}

void dcm_writer_clear(struct dcm_writer *w)
{
    memset(&w->error, 0, sizeof w->error);
    dcm_output_hold(w->output, UINT64_MAX);
    w->o = w->output;
    w->state = WRITER_META;
    w->in_frags = w->holding = 0;
    w->charset_written = 0;
    w->skipped = 0;
    w->n_levels = w->n_kept = 0;
    w->kept_bytes.size = 0;
    w->directory.active = 0;
    w->directory.records.size = w->directory.links.size = 0;
    w->sop_class[0] = w->sop_instance[0] = '\0';
}
