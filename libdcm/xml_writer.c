/* Sink. Events to the Native DICOM Model (PS3.19 A.1): attributes, items, and
 * what becomes of bulk data. The frame of a document is in xml_model.c, how
 * values look in xml_values.c and xml_numbers.c. Knows nothing of files or of
 * how elements are encoded.
 *
 *     model     = <NativeDicomModel xml:space="preserve"> { attribute }
 *     attribute = <DicomAttribute tag vr keyword privateCreator>
 *                 { Value } | { PersonName } | { item } | InlineBinary
 *                 | BulkData | nothing
 *     item      = <Item number> { attribute }
 */
#include "bulk.h"
#include "event.h"
#include "policy.h"
#include "xml_model.h"
#include "xml_values.h"
#include <stdlib.h>

enum state { WAITING, OPEN, ENDED };

struct dcm_xml_writer {
    struct dcm_sink sink;
    struct dcm_xml_options options;
    struct dcm_bulk_wish bulk;
    struct dcm_limits limits;
    struct dcm_output *output;
    struct dcm_error error; /* sticky */
    struct dcm_xml_values values;
    uint64_t output_limit; /* that we set; UINT64_MAX: none */
    uint64_t skipped;      /* open SEQ, ITEM and FRAGS of what is left out */
    enum state state;
    int in_dataset, in_frags; /* group 0002 is behind us */
    int has_charset;          /* (0008,0005) came at the top level */
    int source_failed;        /* `error` is the source's; XML is whole */
    struct dcm_event frags;   /* the FRAGS event; value_offset: first item */
    struct dcm_xml_model model;
};

/* ----------------------------------------------------------------- errors */

static enum dcm_status fail(struct dcm_xml_writer *w, enum dcm_status code,
                            const struct dcm_event *ev, const char *what)
{
    char path[sizeof(w->error.path)] = "";

    if (ev)
        dcm_event_path(ev, path, sizeof(path));
    return dcm_error_fill(&w->error, code, ev ? ev->offset : DCM_NO_OFFSET,
                          path, "%s", what);
}

static enum dcm_status bad_order(struct dcm_xml_writer *w,
                                 const struct dcm_event *ev)
{
    return fail(w, DCM_ERR_ARGUMENT, ev, "event where it may not come");
}

static enum dcm_status check_output(struct dcm_xml_writer *w)
{
    return w->output->status == DCM_OK
               ? DCM_OK
               : dcm_content_output_failure(&w->values.c);
}

/* Whether an attribute may come. */
static int is_open(const struct dcm_xml_writer *w)
{
    return !w->model.in_seq && !w->in_frags;
}

static enum dcm_status open_attribute(struct dcm_xml_writer *w,
                                      const struct dcm_event *ev,
                                      const struct dcm_vr *vr)
{
    dcm_xml_values_start(&w->values, ev, vr);
    return dcm_xml_open_attribute(&w->model, ev, vr->code);
}

/* ----------------------------------------------------------------- values */

static void put_utf8(struct dcm_xml_writer *w)
{
    dcm_output_text(w->output, "><Value number=\"1\">ISO_IR 192</Value>");
    w->values.open = 1;
}

static enum dcm_status put_content(struct dcm_xml_writer *w,
                                   const struct dcm_event *ev,
                                   const struct dcm_vr *vr)
{
    if (w->options.charset_utf8 && ev->tag == DCM_XML_CHARSET) {
        w->has_charset |= ev->depth == 0;
        put_utf8(w);
        return DCM_OK;
    }
    if (ev->flags & DCM_REFERENCE)
        return dcm_xml_reference_put(&w->values, ev);
    if (dcm_bulk_is(&w->bulk, ev, vr))
        return dcm_xml_bulk_put(&w->values, &w->bulk, ev);
    if (vr->kind != DCM_KIND_TEXT)
        return dcm_xml_numbers_put(&w->values, ev, vr);
    if (!ev->data && ev->size > w->limits.value)
        return dcm_xml_large_text_put(&w->values, &w->bulk, ev);
    return dcm_xml_strings_put(&w->values, ev, vr);
}

static int is_left_out(const struct dcm_xml_writer *w,
                       const struct dcm_event *ev)
{
    return dcm_content_is_left_out(ev, w->in_dataset, w->options.meta);
}

/* privateCreator implies it (PS3.19 A.1.5); in some files it is UN. */
static int is_implied(const struct dcm_xml_writer *w,
                      const struct dcm_event *ev, const struct dcm_vr *vr)
{
    return dcm_xml_is_creator(ev->tag) && !w->options.creators &&
           (vr->kind == DCM_KIND_TEXT || vr->code == VR_UN) &&
           !(ev->flags & DCM_REFERENCE);
}

static enum dcm_status put_attribute(struct dcm_xml_writer *w,
                                     const struct dcm_event *ev,
                                     const struct dcm_vr *vr)
{
    enum dcm_status status = open_attribute(w, ev, vr);

    if (status == DCM_OK)
        status = put_content(w, ev, vr);
    if (status == DCM_OK)
        dcm_xml_close_attribute(&w->model, w->values.open);
    return status;
}

static enum dcm_status on_value(struct dcm_xml_writer *w,
                                const struct dcm_event *ev)
{
    const struct dcm_vr *vr = dcm_vr_find(ev->vr);
    enum dcm_status status;

    if (!is_open(w))
        return bad_order(w, ev);
    if (is_left_out(w, ev))
        return DCM_OK;
    /* The only value that a sequence can have here is none. */
    if (!vr ||
        (vr->kind == DCM_KIND_SEQ && ev->size && !(ev->flags & DCM_REFERENCE)))
        vr = dcm_vr_find(VR_UN);
    if (w->options.charset_utf8 && ev->tag == DCM_XML_CHARSET)
        vr = dcm_vr_find(VR_CS);
    status = is_implied(w, ev, vr) ? dcm_xml_strings_check(&w->values, ev, vr)
                                   : put_attribute(w, ev, vr);
    if (status != DCM_OK)
        return status;
    if (w->values.c.source_status == DCM_OK)
        return DCM_OK;
    /* What was written is whole, so the document can still be closed. */
    w->source_failed = 1;
    return dcm_content_source_failure(&w->values.c, ev);
}

static enum dcm_status on_dataset(struct dcm_xml_writer *w,
                                  const struct dcm_event *ev)
{
    if (!is_open(w) || w->model.depth || w->in_dataset)
        return bad_order(w, ev);
    w->in_dataset = 1;
    return DCM_OK;
}

/* -------------------------------------------------------------- sequences */

static enum dcm_status on_seq(struct dcm_xml_writer *w,
                              const struct dcm_event *ev)
{
    if (!is_open(w))
        return bad_order(w, ev);
    if (is_left_out(w, ev)) {
        w->skipped = 1;
        return DCM_OK;
    }
    return dcm_xml_open_seq(&w->model, ev);
}

static enum dcm_status on_item(struct dcm_xml_writer *w,
                               const struct dcm_event *ev)
{
    if (!w->model.in_seq)
        return bad_order(w, ev);
    if (w->model.depth >= w->limits.depth)
        return fail(w, DCM_ERR_LIMIT, ev,
                    "items are nested deeper than the limit 'depth'; raise "
                    "it with --limit");
    dcm_xml_open_item(&w->model);
    return DCM_OK;
}

static enum dcm_status on_item_end(struct dcm_xml_writer *w,
                                   const struct dcm_event *ev)
{
    if (!is_open(w) || w->model.depth == 0)
        return bad_order(w, ev);
    dcm_xml_close_item(&w->model);
    return DCM_OK;
}

static enum dcm_status on_seq_end(struct dcm_xml_writer *w,
                                  const struct dcm_event *ev)
{
    if (!w->model.in_seq)
        return bad_order(w, ev);
    dcm_xml_close_seq(&w->model);
    return DCM_OK;
}

/* -------------------------------------------------------------- fragments */

/* Encapsulated Pixel Data has no inline form in XML. */

static enum dcm_status hand_on(struct dcm_xml_writer *w,
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

static enum dcm_status on_frags(struct dcm_xml_writer *w,
                                const struct dcm_event *ev)
{
    enum dcm_status status;

    if (!is_open(w))
        return bad_order(w, ev);
    if (is_left_out(w, ev)) {
        w->skipped = 1;
        return DCM_OK;
    }
    status = open_attribute(w, ev, dcm_vr_find(VR_OB));
    w->in_frags = 1;
    w->frags = *ev;
    return status == DCM_OK ? hand_on(w, ev) : status;
}

static enum dcm_status on_fragment(struct dcm_xml_writer *w,
                                   const struct dcm_event *ev)
{
    if (!w->in_frags)
        return bad_order(w, ev);
    if (ev->number == 1)
        w->frags.value_offset = ev->offset;
    return hand_on(w, ev);
}

static enum dcm_status on_frags_end(struct dcm_xml_writer *w,
                                    const struct dcm_event *ev)
{
    struct dcm_event all = dcm_bulk_whole(&w->frags, ev);
    enum dcm_status status = DCM_OK;

    if (!w->in_frags)
        return bad_order(w, ev);
    w->in_frags = 0;
    if (all.size)
        status = dcm_xml_bulk_put(&w->values, &w->bulk, &all);
    if (status == DCM_OK)
        dcm_xml_close_attribute(&w->model, w->values.open);
    return status;
}

/* --------------------------------------------------------------- document */

static void begin(struct dcm_xml_writer *w)
{
    w->state = OPEN;
    dcm_content_limit(w->output, w->limits.output, &w->output_limit);
    dcm_xml_model_begin(&w->model);
}

/* Text beyond ASCII came without any (0008,0005). */
static enum dcm_status add_charset(struct dcm_xml_writer *w,
                                   const struct dcm_event *end)
{
    const uint64_t start = dcm_output_tell(w->output);
    struct dcm_event ev = *end;
    enum dcm_status status;

    ev.tag = DCM_XML_CHARSET;
    status = dcm_xml_open_attribute(&w->model, &ev, VR_CS);
    if (status != DCM_OK)
        return status;
    put_utf8(w);
    dcm_xml_close_attribute(&w->model, 1);
    dcm_xml_move_charset(&w->model, start);
    return DCM_OK;
}

static enum dcm_status on_end(struct dcm_xml_writer *w,
                              const struct dcm_event *ev)
{
    enum dcm_status status = DCM_OK;

    if (!is_open(w) || w->model.depth || w->skipped)
        return bad_order(w, ev);
    w->state = ENDED;
    if (w->options.charset_utf8 && w->values.c.wide && !w->has_charset)
        status = add_charset(w, ev);
    if (status == DCM_OK)
        dcm_xml_model_end(&w->model);
    return status;
}

typedef enum dcm_status on_event_fn(struct dcm_xml_writer *w,
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
    struct dcm_xml_writer *w = (struct dcm_xml_writer *)sink;
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
    if (w->state == WAITING)
        begin(w);
    if (w->skipped && ev->type != DCM_EVENT_END) {
        w->skipped += (uint64_t)(int64_t)dcm_event_opens(ev->type);
        return DCM_OK;
    }
    status = on_event[ev->type](w, ev);
    return status == DCM_OK ? check_output(w) : status;
}

static const struct dcm_error *sink_error(const struct dcm_sink *sink)
{
    return &((const struct dcm_xml_writer *)sink)->error;
}

enum dcm_status dcm_xml_writer_close(struct dcm_xml_writer *w)
{
    struct dcm_xml_model *m = &w->model;

    if (w->error.code != DCM_OK && !w->source_failed)
        return w->error.code;
    if (w->state != OPEN)
        return DCM_OK;
    if (w->in_frags)
        dcm_xml_close_attribute(m, w->values.open);
    w->in_frags = 0;
    while (m->in_seq || m->depth) {
        if (m->in_seq)
            dcm_xml_close_seq(m);
        else
            dcm_xml_close_item(m);
    }
    dcm_xml_model_end(m);
    w->state = ENDED;
    w->skipped = 0;
    return check_output(w);
}

/* ------------------------------------------------------------- life times */

static void take_options(struct dcm_xml_writer *w,
                         const struct dcm_xml_options *options)
{
    struct dcm_xml_options *to = &w->options;
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
}

struct dcm_xml_writer *dcm_xml_writer_new(const struct dcm_xml_options *options,
                                          struct dcm_output *output)
{
    struct dcm_xml_writer *w = calloc(1, sizeof(*w));

    if (!w)
        return NULL;
    take_options(w, options);
    w->sink.put = put;
    w->sink.error = sink_error;
    w->output = output;
    w->output_limit = UINT64_MAX;
    dcm_content_init(&w->values.c, output);
    dcm_xml_model_init(&w->model, output);
    w->model.pretty = w->options.pretty;
    w->model.name_space = w->options.name_space;
    w->values.c.policy = w->model.heads.policy = w->options.policy;
    w->values.c.error = w->model.heads.error = &w->error;
    return w;
}

void dcm_xml_writer_free(struct dcm_xml_writer *w)
{
    if (!w)
        return;
    dcm_content_release(&w->values.c);
    dcm_xml_model_release(&w->model);
    free(w);
}

struct dcm_sink *dcm_xml_writer_sink(struct dcm_xml_writer *w)
{
    return &w->sink;
}

void dcm_xml_writer_clear(struct dcm_xml_writer *w)
{
    dcm_xml_model_clear(&w->model);
    memset(&w->error, 0, sizeof(w->error));
    w->values.c.source_status = DCM_OK;
    w->values.c.wide = 0;
    w->state = WAITING;
    w->skipped = 0;
    w->in_dataset = w->in_frags = w->source_failed = 0;
    w->has_charset = 0;
}
