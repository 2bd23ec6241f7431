/* Sink. Events to the DICOM JSON Model (PS3.18 Annex F): members, items, and
 * what becomes of bulk data. How a value looks is in json_numbers.c and
 * json_strings.c, how members get into order in json_order.c. Knows nothing of
 * files or of how elements are encoded.
 *
 *     object = { member , ... }             tags ascending (F.2.2)
 *     member = "GGGGEEEE":{"vr":"XX" [ ,"Value":[...] | ,"InlineBinary":"..."
 *                                      | ,"BulkDataURI":"..." ]}
 */
#include "bulk.h"
#include "dcm.h"
#include "event.h"
#include "json_members.h"
#include "json_numbers.h"
#include "json_strings.h"
#include "policy.h"
#include "vr.h"
#include <stdlib.h>

#define CHARSET_TAG 0x00080005u

enum state { WAITING, OPEN, ENDED };

struct dcm_json_writer {
    struct dcm_sink sink;
    struct dcm_json_options options;
    struct dcm_bulk_wish bulk;
    struct dcm_limits limits;
    struct dcm_output *output;
    const struct dcm_json_style *style;
    struct dcm_error error; /* sticky */
    struct dcm_json_members members;
    struct dcm_json_values values;
    uint64_t output_limit; /* that we set; UINT64_MAX: none */
    uint64_t skipped;      /* open SEQ, ITEM and FRAGS of what is left out */
    enum state state;
    int in_dataset;  /* group 0002 is behind us */
    int has_charset; /* (0008,0005) came at the top level */
    int in_frags;
    int source_failed;      /* `error` is the source's; JSON is whole */
    struct dcm_event frags; /* the FRAGS event; value_offset: first item */
    unsigned depth;         /* open items */
};

/* ----------------------------------------------------------------- errors */

static enum dcm_status fail(struct dcm_json_writer *w, enum dcm_status code,
                            const struct dcm_event *ev, const char *what)
{
    char path[sizeof(w->error.path)] = "";

    if (ev)
        dcm_event_path(ev, path, sizeof(path));
    return dcm_error_fill(&w->error, code, ev ? ev->offset : DCM_NO_OFFSET,
                          path, "%s", what);
}

static enum dcm_status bad_order(struct dcm_json_writer *w,
                                 const struct dcm_event *ev)
{
    return fail(w, DCM_ERR_ARGUMENT, ev, "event where it may not come");
}

static enum dcm_status check_output(struct dcm_json_writer *w)
{
    return w->output->status == DCM_OK
               ? DCM_OK
               : dcm_content_output_failure(&w->values.c);
}

static int is_object(const struct dcm_json_writer *w)
{
    const struct dcm_json_level *top = dcm_json_top(&w->members.order);

    return top && !top->array && !w->in_frags;
}

/* -------------------------------------------------------------- bulk data */

static enum dcm_status put_uri(struct dcm_json_writer *w,
                               const struct dcm_event *ev)
{
    uint8_t *piece = dcm_content_piece(&w->values.c);
    char *uri = (char *)piece;
    size_t n;

    if (w->bulk.how == DCM_BULK_OMIT)
        return DCM_OK;
    if (!piece)
        return fail(w, DCM_ERR_MEMORY, ev, "no memory for a URI");
    n = dcm_bulk_uri(&w->bulk, ev, uri, DCM_CONTENT_PIECE);
    if (n > DCM_CONTENT_PIECE)
        return fail(w, DCM_ERR_WRITE, ev, "no URI for bulk data");
    dcm_json_put_mark(w->output, &w->style->uri);
    dcm_json_put_uri(w->output, uri, n);
    dcm_output_char(w->output, '"');
    return DCM_OK;
}

/* The value is elsewhere already. */
static enum dcm_status put_reference(struct dcm_json_writer *w,
                                     const struct dcm_event *ev)
{
    if (!ev->data)
        return fail(w, DCM_ERR_LIMIT, ev, "URI of more than 64 KiB");
    dcm_json_put_mark(w->output, &w->style->uri);
    dcm_json_put_uri(w->output, (const char *)ev->data, (size_t)ev->size);
    dcm_output_char(w->output, '"');
    return DCM_OK;
}

/* A text that would have to be held, and is larger than may be. */
static int too_large(const struct dcm_json_writer *w,
                     const struct dcm_event *ev, const struct dcm_vr *vr)
{
    return vr->kind == DCM_KIND_TEXT && !ev->data && ev->size > w->limits.value;
}

/* ----------------------------------------------------------------- values */

static void put_utf8(struct dcm_json_writer *w)
{
    dcm_json_put_mark(w->output, &w->style->value);
    dcm_output_text(w->output, "\"ISO_IR 192\"]");
}

static enum dcm_status put_large_text(struct dcm_json_writer *w,
                                      const struct dcm_event *ev,
                                      const struct dcm_vr *vr)
{
    if (w->bulk.how == DCM_BULK_INLINE || !(vr->flags & DCM_VRF_BULK))
        return fail(w, DCM_ERR_LIMIT, ev,
                    "text is longer than the limit 'value'; raise it with "
                    "--limit");
    return put_uri(w, ev);
}

static enum dcm_status put_content(struct dcm_json_writer *w,
                                   const struct dcm_event *ev,
                                   const struct dcm_vr *vr)
{
    if (w->options.charset_utf8 && ev->tag == CHARSET_TAG) {
        w->has_charset |= ev->depth == 0;
        put_utf8(w);
        return DCM_OK;
    }
    if (ev->flags & DCM_REFERENCE)
        return put_reference(w, ev);
    if (dcm_bulk_is(&w->bulk, ev, vr))
        return put_uri(w, ev);
    if (too_large(w, ev, vr))
        return put_large_text(w, ev, vr);
    if (vr->kind == DCM_KIND_TEXT)
        return dcm_json_strings_put(&w->values, ev, vr);
    return dcm_json_numbers_put(&w->values, ev, vr);
}

static int is_left_out(const struct dcm_json_writer *w,
                       const struct dcm_event *ev)
{
    return dcm_content_is_left_out(ev, w->in_dataset, w->options.meta);
}

static enum dcm_status on_value(struct dcm_json_writer *w,
                                const struct dcm_event *ev)
{
    const struct dcm_vr *vr = dcm_vr_find(ev->vr);
    enum dcm_status status = DCM_OK;

    if (!is_object(w))
        return bad_order(w, ev);
    if (is_left_out(w, ev))
        return DCM_OK;
    /* The only value that a sequence can have here is none. */
    if (!vr ||
        (vr->kind == DCM_KIND_SEQ && ev->size && !(ev->flags & DCM_REFERENCE)))
        vr = dcm_vr_find(VR_UN);
    if (w->options.charset_utf8 && ev->tag == CHARSET_TAG)
        vr = dcm_vr_find(VR_CS);
    if (ev->size > DCM_VALUE_LOADED)
        status = dcm_json_settle(&w->members, ev);
    if (status == DCM_OK)
        status = dcm_json_open_member(&w->members, ev, vr->code);
    if (status == DCM_OK)
        status = put_content(w, ev, vr);
    if (status != DCM_OK)
        return status;
    dcm_json_close_member(&w->members);
    if (w->values.c.source_status == DCM_OK)
        return DCM_OK;
    /* What was written is whole, so the document can still be closed. */
    w->source_failed = 1;
    return dcm_content_source_failure(&w->values.c, ev);
}

static enum dcm_status on_dataset(struct dcm_json_writer *w,
                                  const struct dcm_event *ev)
{
    if (w->members.order.depth != 1 || w->in_dataset || w->in_frags)
        return bad_order(w, ev);
    w->in_dataset = 1;
    return DCM_OK;
}

/* -------------------------------------------------------------- sequences */

static enum dcm_status on_seq(struct dcm_json_writer *w,
                              const struct dcm_event *ev)
{
    enum dcm_status status;

    if (!is_object(w))
        return bad_order(w, ev);
    if (is_left_out(w, ev)) {
        w->skipped = 1;
        return DCM_OK;
    }
    status = dcm_json_open_member(&w->members, ev, VR_SQ);
    if (status != DCM_OK)
        return status;
    return dcm_json_open_array(&w->members, ev->tag);
}

static enum dcm_status on_item(struct dcm_json_writer *w,
                               const struct dcm_event *ev)
{
    const struct dcm_json_level *level = dcm_json_top(&w->members.order);

    if (!level || !level->array)
        return bad_order(w, ev);
    if (w->depth >= w->limits.depth)
        return fail(w, DCM_ERR_LIMIT, ev,
                    "items are nested deeper than the limit 'depth'; raise "
                    "it with --limit");
    w->depth++;
    return dcm_json_open_item(&w->members);
}

static enum dcm_status on_item_end(struct dcm_json_writer *w,
                                   const struct dcm_event *ev)
{
    if (!is_object(w) || w->members.order.depth < 2)
        return bad_order(w, ev);
    w->depth--;
    return dcm_json_close_object(&w->members, ev);
}

static enum dcm_status on_seq_end(struct dcm_json_writer *w,
                                  const struct dcm_event *ev)
{
    const struct dcm_json_level *level = dcm_json_top(&w->members.order);

    if (!level || !level->array)
        return bad_order(w, ev);
    dcm_json_close_array(&w->members);
    dcm_json_close_member(&w->members);
    return DCM_OK;
}

/* -------------------------------------------------------------- fragments */

/* Encapsulated Pixel Data has no inline form in JSON. */

static enum dcm_status hand_on(struct dcm_json_writer *w,
                               const struct dcm_event *ev)
{
    enum dcm_status status;

    if (!w->options.fragment)
        return DCM_OK;
    status = w->options.fragment(w->options.user, ev);
    if (status == DCM_OK)
        return DCM_OK;
    return fail(w, status, ev, "fragment could not be stored");
}

static enum dcm_status on_frags(struct dcm_json_writer *w,
                                const struct dcm_event *ev)
{
    enum dcm_status status;

    if (!is_object(w))
        return bad_order(w, ev);
    if (is_left_out(w, ev)) {
        w->skipped = 1;
        return DCM_OK;
    }
    status = dcm_json_open_member(&w->members, ev, VR_OB);
    w->in_frags = 1;
    w->frags = *ev;
    return status == DCM_OK ? hand_on(w, ev) : status;
}

static enum dcm_status on_fragment(struct dcm_json_writer *w,
                                   const struct dcm_event *ev)
{
    if (!w->in_frags)
        return bad_order(w, ev);
    if (ev->number == 1)
        w->frags.value_offset = ev->offset;
    return hand_on(w, ev);
}

static enum dcm_status on_frags_end(struct dcm_json_writer *w,
                                    const struct dcm_event *ev)
{
    struct dcm_event all = dcm_bulk_whole(&w->frags, ev);
    enum dcm_status status = DCM_OK;

    if (!w->in_frags)
        return bad_order(w, ev);
    w->in_frags = 0;
    if (all.size)
        status = put_uri(w, &all);
    if (status == DCM_OK)
        dcm_json_close_member(&w->members);
    return status;
}

/* --------------------------------------------------------------- document */

static enum dcm_status begin(struct dcm_json_writer *w)
{
    w->state = OPEN;
    dcm_content_limit(w->output, w->limits.output, &w->output_limit);
    return dcm_json_open_object(&w->members, 0);
}

/* Text beyond ASCII came without any (0008,0005): it is put in its place when
 * the members are sorted, as any other that comes late. */
static enum dcm_status add_charset(struct dcm_json_writer *w,
                                   const struct dcm_event *end)
{
    struct dcm_event ev = *end;
    enum dcm_status status;

    ev.tag = CHARSET_TAG;
    status = dcm_json_open_member(&w->members, &ev, VR_CS);
    if (status == DCM_OK) {
        put_utf8(w);
        dcm_json_close_member(&w->members);
    }
    return status;
}

static enum dcm_status on_end(struct dcm_json_writer *w,
                              const struct dcm_event *ev)
{
    enum dcm_status status = DCM_OK;

    if (!is_object(w) || w->members.order.depth != 1 || w->skipped)
        return bad_order(w, ev);
    w->state = ENDED;
    if (w->options.charset_utf8 && w->values.c.wide && !w->has_charset)
        status = add_charset(w, ev);
    return status == DCM_OK ? dcm_json_close_object(&w->members, ev) : status;
}

typedef enum dcm_status on_event_fn(struct dcm_json_writer *w,
                                    const struct dcm_event *ev);

static on_event_fn *const on_event[] = {
    [DCM_EVENT_VALUE] = on_value,
    [DCM_EVENT_DATASET] = on_dataset,
    [DCM_EVENT_SEQ] = on_seq,
    [DCM_EVENT_ITEM] = on_item,
    [DCM_EVENT_ITEM_END] = on_item_end,
    [DCM_EVENT_SEQ_END] = on_seq_end,
    [DCM_EVENT_FRAGS] = on_frags,
    [DCM_EVENT_FRAGMENT] = on_fragment,
    [DCM_EVENT_FRAGS_END] = on_frags_end,
    [DCM_EVENT_END] = on_end,
};

static enum dcm_status put(struct dcm_sink *sink, const struct dcm_event *ev)
{
    struct dcm_json_writer *w = (struct dcm_json_writer *)sink;
    enum dcm_status status = w->error.code;

    if (status != DCM_OK)
        return status;
    if (ev->type == DCM_EVENT_VALUE && w->state == OPEN && !w->skipped) {
        status = on_value(w, ev); /* most are */
        return status == DCM_OK ? check_output(w) : status;
    }
    if (ev->type < DCM_EVENT_VALUE || ev->type > DCM_EVENT_END ||
        w->state == ENDED)
        return bad_order(w, ev);
    if (w->state == WAITING && (status = begin(w)) != DCM_OK)
        return status;
    if (w->skipped && ev->type != DCM_EVENT_END) {
        w->skipped += (uint64_t)(int64_t)dcm_event_opens(ev->type);
        return DCM_OK;
    }
    status = on_event[ev->type](w, ev);
    return status == DCM_OK ? check_output(w) : status;
}

static const struct dcm_error *sink_error(const struct dcm_sink *sink)
{
    return &((const struct dcm_json_writer *)sink)->error;
}

/* Closes the innermost thing that is open. */
static enum dcm_status close_one(struct dcm_json_writer *w)
{
    const struct dcm_json_level *top = dcm_json_top(&w->members.order);

    if (w->in_frags) {
        w->in_frags = 0;
        dcm_json_close_member(&w->members);
        return DCM_OK;
    }
    return top->array ? on_seq_end(w, NULL)
                      : dcm_json_close_object(&w->members, NULL);
}

enum dcm_status dcm_json_writer_close(struct dcm_json_writer *w)
{
    enum dcm_status status = DCM_OK;

    if (w->error.code != DCM_OK && !w->source_failed)
        return w->error.code;
    if (w->state != OPEN)
        return DCM_OK;
    while (w->members.order.depth && status == DCM_OK)
        status = close_one(w);
    w->state = ENDED;
    w->skipped = 0;
    return status == DCM_OK ? check_output(w) : status;
}

/* ------------------------------------------------------------- life times */

static void take_options(struct dcm_json_writer *w,
                         const struct dcm_json_options *options)
{
    struct dcm_json_options *to = &w->options;
    size_t n = sizeof(*to);

    if (options && options->size && options->size < n)
        n = options->size;
    if (options)
        memcpy(to, options, n);
    w->bulk.how = to->bulk;
    w->bulk.size = to->bulk_size ? to->bulk_size : DCM_BULK_SIZE;
    w->bulk.vrs = to->bulk_vrs;
    w->bulk.uri = to->uri;
    w->bulk.user = to->user;
    dcm_limits_fill(&w->limits, to->limits);
    to->limits = NULL; /* copied */
    w->style = to->pretty ? &dcm_json_pretty : &dcm_json_compact;
}

static void init_parts(struct dcm_json_writer *w)
{
    struct dcm_json_members *m = &w->members;

    m->output = w->output;
    m->policy = w->options.policy;
    m->error = &w->error;
    m->style = w->style;
    m->keywords = w->options.keywords;
    dcm_json_order_init(&m->order, w->output);
    dcm_content_init(&w->values.c, w->output);
    w->values.c.policy = w->options.policy;
    w->values.c.error = &w->error;
    w->values.style = w->style;
    w->values.numbers = w->options.numbers;
}

struct dcm_json_writer *
dcm_json_writer_new(const struct dcm_json_options *options,
                    struct dcm_output *output)
{
    struct dcm_json_writer *w = calloc(1, sizeof(*w));

    if (!w)
        return NULL;
    take_options(w, options);
    w->sink.put = put;
    w->sink.error = sink_error;
    w->output = output;
    w->output_limit = UINT64_MAX;
    init_parts(w);
    return w;
}

void dcm_json_writer_free(struct dcm_json_writer *w)
{
    if (!w)
        return;
    dcm_json_order_release(&w->members.order);
    dcm_content_release(&w->values.c);
    free(w);
}

struct dcm_sink *dcm_json_writer_sink(struct dcm_json_writer *w)
{
    return &w->sink;
}

void dcm_json_writer_clear(struct dcm_json_writer *w)
{
    dcm_json_order_clear(&w->members.order);
    memset(&w->error, 0, sizeof(w->error));
    w->values.c.source_status = DCM_OK;
    w->state = WAITING;
    w->skipped = 0;
    w->depth = 0;
    w->in_dataset = w->in_frags = w->source_failed = 0;
    w->has_charset = w->values.c.wide = 0;
}
