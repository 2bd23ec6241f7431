/* One instance of images and what is known about them: metadata in JSON, a
 * study to join, a template, changes that were asked for; or a Secondary
 * Capture where nothing says what it is. Values that are there come first in
 * that order. Knows nothing of where images and outputs are. */
#include "jpeg.h"

#include <libdcm/dataset.h>
#include <libdcm/input.h>
#include <libdcm/output.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

static enum dcm_status no_memory(struct dcm_error *error)
{
    return dcm_error_fill(error, DCM_ERR_MEMORY, UINT64_MAX, "", "no memory");
}

/* ---------------------------------------------------------------- metadata */

/* Is a dcm_bulk_open_fn. The images stand for Pixel Data, whatever it is
 * called; those of icons are found as all other values. */
static enum dcm_status open_bulk(void *user, const struct dcm_event *event,
                                 const char *uri, size_t length,
                                 unsigned number, struct dcm_bulk_data *data,
                                 struct dcm_error *error)
{
    struct tool_jpeg_maker *m = user;

    if (event->tag != DCM_TAG(0x7FE0, 0x0010) || event->depth > 0)
        return tool_fetch_open(m->fetch, event, uri, length, number, data,
                               error);
    if (number > 0)
        return DCM_DONE;
    data->input = m->nothing;
    data->offset = data->size = 0;
    return DCM_OK;
}

static enum dcm_status wrong_count(struct dcm_error *error, uint64_t have,
                                   uint64_t want)
{
    if (have == 0)
        return dcm_error_fill(error, DCM_ERR_MALFORMED, UINT64_MAX, "",
                              "the array has no data set (PS3.18 F.2.1)");
    if (want == TOOL_JPEG_ONLY)
        return dcm_error_fill(error, DCM_ERR_MALFORMED, UINT64_MAX, "",
                              "the array has several data sets, one expected; "
                              "choose with --index");
    return dcm_error_fill(error, DCM_ERR_ARGUMENT, UINT64_MAX, "",
                          "the array has %llu data set%s: no number %llu",
                          (unsigned long long)have, have == 1 ? "" : "s",
                          (unsigned long long)want);
}

/* To the data set that was asked for. */
static enum dcm_status find_dataset(struct tool_jpeg_maker *m,
                                    struct dcm_error *error)
{
    uint64_t index = m->t->options->index;
    int more = dcm_json_reader_count(m->json, 2);

    if (more == 0 || (more > 1 && index == TOOL_JPEG_ONLY))
        return wrong_count(error, (uint64_t)more, index);
    for (uint64_t i = 1; more > 0 && i < index && index != TOOL_JPEG_ONLY;
         i++) {
        more = dcm_json_reader_skip(m->json);
        if (more == 0)
            return wrong_count(error, i, index);
    }
    if (more > 0)
        return DCM_OK;
    *error = *dcm_json_reader_error(m->json);
    return error->code;
}

/* It and no other; but the end of a document of one has to be right. */
static enum dcm_status read_dataset(struct tool_jpeg_maker *m,
                                    struct dcm_error *error)
{
    enum dcm_status status = find_dataset(m, error);

    if (status != DCM_OK)
        return status;
    if (!(m->dataset = tool_compose_tree(m->compose)))
        return no_memory(error);
    tool_fetch_clear(m->fetch, 1);
    status = dcm_pump(dcm_json_reader_source(m->json),
                      dcm_dataset_sink(m->dataset), error);
    if (status != DCM_OK || m->t->options->index != TOOL_JPEG_ONLY ||
        dcm_json_reader_more(m->json) >= 0)
        return status;
    *error = *dcm_json_reader_error(m->json);
    return error->code;
}

static enum dcm_status read_meta(struct tool_jpeg_maker *m,
                                 struct dcm_error *error)
{
    const char *about = m->t->log->file;
    enum dcm_status status;

    m->t->log->file = m->meta_name;
    dcm_json_reader_open(m->json, m->meta);
    status = read_dataset(m, error);
    if (status != DCM_OK && error->code != DCM_OK)
        tool_log_error(m->t->log, error, "");
    error->code = DCM_OK;
    if (m->several)
        m->t->log->file = about;
    return status;
}

/* ----------------------------------------------------------------- a study */

/* A DICOM file up to its pixels. */
static enum dcm_status read_dicom(struct tool_jpeg_maker *m,
                                  struct dcm_input *input,
                                  struct dcm_dataset *to,
                                  struct dcm_error *error)
{
    struct dcm_reader_options options = {.size = sizeof options};
    struct dcm_reader *reader;
    struct dcm_select *select;
    enum dcm_status status = DCM_ERR_MEMORY;

    options.policy = m->t->policy;
    options.limits = &m->t->options->common.limits;
    reader = dcm_reader_new(&options);
    select = reader ? dcm_select_new(dcm_reader_source(reader)) : NULL;
    if (select) {
        dcm_reader_open(reader, input);
        dcm_select_until(select, DCM_TAG(0x7FE0, 0));
        status =
            dcm_pump(dcm_select_source(select), dcm_dataset_sink(to), error);
    } else {
        no_memory(error);
    }
    dcm_select_free(select);
    dcm_reader_free(reader);
    return status;
}

static enum dcm_status read_study(struct tool_jpeg_maker *m)
{
    const char *about = m->t->log->file, *path = m->t->options->study;
    struct dcm_error error;
    enum dcm_status status;

    memset(&error, 0, sizeof error);
    dcm_dataset_clear(m->study);
    dcm_input_free(m->study_file);
    m->study_file = dcm_input_file(path, &error);
    m->t->log->file = path;
    status = m->study_file ? read_dicom(m, m->study_file, m->study, &error)
                           : error.code;
    if (status != DCM_OK)
        tool_log_error(m->t->log, &error, "");
    m->t->log->file = about;
    return status;
}

/* ---------------------------------------------------------------- identity */

static enum dcm_status join(struct tool_jpeg_maker *m)
{
    enum dcm_status status = read_study(m);

    if (status != DCM_OK)
        return status;
    return tool_jpeg_join(m->t, m->dataset, m->study) ? DCM_OK
                                                      : DCM_ERR_ARGUMENT;
}

/* An empty element is as good as none. */
static enum dcm_status set_uid(struct tool_jpeg_maker *m, const char *path,
                               const char *uid, int replace,
                               struct dcm_error *error)
{
    char text[TOOL_JPEG_TEXT];

    if (tool_jpeg_text(m->dataset, path, text) && !replace)
        return DCM_OK;
    return dcm_dataset_set(m->dataset, path, uid, error);
}

/* What tells instances apart. The profile google makes none up. */
static enum dcm_status identify(struct tool_jpeg_maker *m, unsigned n,
                                struct dcm_error *error)
{
    const struct tool_jpeg_options *o = m->t->options;
    int google = o->profile == TOOL_JPEG_GOOGLE;
    char uid[TOOL_UID_SIZE], text[TOOL_JPEG_TEXT], number[16];
    enum dcm_status status = DCM_OK;

    if (m->several && n == 1 && !o->compose.new_uids &&
        tool_jpeg_text(m->dataset, "00080018", text))
        tool_log_say(m->t->log, TOOL_WARNING,
                     "(0008,0018) SOPInstanceUID is replaced: each of several "
                     "instances has its own");
    if (tool_new_uid(uid) != 0)
        return dcm_error_fill(error, DCM_ERR_READ, UINT64_MAX, "",
                              "no randomness for a UID");
    if (!google || o->compose.new_uids)
        status = set_uid(m, "0020000D", m->uids.study,
                         o->compose.new_uids && !o->study, error);
    if (status == DCM_OK && (!google || o->compose.new_uids))
        status =
            set_uid(m, "0020000E", m->uids.series, o->compose.new_uids, error);
    if (status == DCM_OK && (!google || o->compose.new_uids || m->several))
        status = set_uid(m, "00080018", uid, o->compose.new_uids || m->several,
                         error);
    if (status != DCM_OK || !m->several)
        return status;
    snprintf(number, sizeof number, "%u", n);
    return dcm_dataset_set(m->dataset, "00200013", number, error);
}

/* ---------------------------------------------------------------- together */

/* Attributes of the image itself: a template has none to give, for it is
 * another one. Frames by number, and their order, are those of its pixels. */
static int is_own(uint32_t tag)
{
    static const uint32_t tags[] = {
        DCM_TAG(0x0002, 0x0010), /* Transfer Syntax UID */
        DCM_TAG(0x0008, 0x0008), /* Image Type: original, derived */
        DCM_TAG(0x0008, 0x0018), /* SOP Instance UID */
        DCM_TAG(0x0008, 0x2111), /* Derivation Description */
        DCM_TAG(0x0008, 0x2112), /* Source Image Sequence */
        DCM_TAG(0x0008, 0x9215), /* Derivation Code Sequence */
        DCM_TAG(0x0018, 0x1065), /* Frame Time Vector */
        DCM_TAG(0x0018, 0x2001), /* Page Number Vector */
        DCM_TAG(0x0020, 0x9222), /* Dimension Index Sequence */
        DCM_TAG(0x0088, 0x0200), /* Icon Image Sequence */
        DCM_TAG(0x4FFE, 0x0001), /* MAC Parameters Sequence */
        DCM_TAG(0x5200, 0x9229), /* Shared Functional Groups Sequence */
        DCM_TAG(0x5200, 0x9230), /* Per-Frame Functional Groups Sequence */
        DCM_TAG(0xFFFA, 0xFFFA), /* Digital Signatures Sequence */
    };
    uint32_t group = tag >> 16;

    for (size_t i = 0; i < COUNT(tags); i++)
        if (tag == tags[i])
            return 1;
    return group == 0x0028 || group == 0x7FE0 || (group & 0xFF01) == 0x6000;
}

/* Own attributes that are there, into tags, at most `room`; how many. */
static size_t list_own(struct dcm_dataset *d, uint32_t *tags, size_t room)
{
    const struct dcm_item *const items[] = {&d->meta, &d->top};
    size_t n = 0;

    dcm_dataset_find(d, "00080016"); /* now all is in order */
    for (size_t i = 0; i < COUNT(items); i++)
        for (const struct dcm_element *e = items[i]->first; e; e = e->next)
            if (is_own(e->tag) && n++ < room)
                tags[n - 1] = e->tag;
    return n;
}

static int is_listed(const uint32_t *tags, size_t n, uint32_t tag)
{
    while (n > 0)
        if (tags[--n] == tag)
            return 1;
    return 0;
}

/* Takes those out that are not listed. */
static void drop_own(struct dcm_dataset *d, const uint32_t *tags, size_t n)
{
    struct dcm_item *const items[] = {&d->meta, &d->top};

    for (size_t i = 0; i < COUNT(items); i++)
        for (struct dcm_element *e = items[i]->first, *next; e; e = next) {
            next = e->next;
            if (is_own(e->tag) && !is_listed(tags, n, e->tag))
                dcm_element_unlink(e);
        }
}

/* The template, and a character set. */
static enum dcm_status compose(struct tool_jpeg_maker *m, int beyond_ascii,
                               struct dcm_error *error)
{
    size_t room = list_own(m->dataset, NULL, 0), n;
    uint32_t *tags = malloc((room + 1) * sizeof *tags);
    enum dcm_status status;

    if (!tags)
        return no_memory(error);
    n = list_own(m->dataset, tags, room);
    status = tool_compose_change(m->compose, beyond_ascii, error);
    if (status == DCM_OK)
        drop_own(m->dataset, tags, n);
    free(tags);
    return status;
}

static int needs_charset(const struct tool_jpeg_maker *m)
{
    return tool_edits_beyond_ascii(&m->t->options->compose.edits) ||
           tool_compose_beyond_ascii(m->dataset);
}

/* What is not given by the metadata. */
static enum dcm_status complete(struct tool_jpeg_maker *m,
                                const struct tool_jpeg_frames *frames,
                                struct dcm_error *error)
{
    const struct tool_jpeg_options *o = m->t->options;
    int google = o->profile == TOOL_JPEG_GOOGLE;
    char text[TOOL_JPEG_TEXT];
    enum dcm_status status = compose(m, !google && needs_charset(m), error);

    if (status != DCM_OK)
        return status;
    if (google || tool_jpeg_text(m->dataset, "00080016", text))
        return DCM_OK;
    dcm_dataset_clear(m->capture);
    status = tool_jpeg_capture(m->capture, frames, &m->uids, error);
    if (status == DCM_OK)
        dcm_dataset_take_all(m->dataset, m->capture);
    return status;
}

/* What all instances have in common. That it is wrong is said once. */
static enum dcm_status begin(struct tool_jpeg_maker *m, struct dcm_error *error)
{
    enum dcm_status status = m->unusable;

    if (status == DCM_OK && m->meta)
        status = read_meta(m, error);
    if (status == DCM_OK && m->t->options->study)
        status = join(m);
    m->unusable = status;
    return status;
}

/* DCM_OK, or a failure whose details are in *error; or they have been said, and
 * its code is DCM_OK. */
static enum dcm_status make(struct tool_jpeg_maker *m,
                            const struct tool_jpeg_frames *frames, unsigned n,
                            struct dcm_error *error)
{
    const struct tool_jpeg_options *o = m->t->options;
    const char *syntax = NULL;
    enum dcm_status status = begin(m, error);

    if (status == DCM_OK)
        status = complete(m, frames, error);
    if (status == DCM_OK)
        status = identify(m, n, error);
    if (status == DCM_OK)
        status =
            tool_edits_apply(&o->compose.edits, m->dataset, m->t->log, error);
    if (status == DCM_OK)
        status = tool_jpeg_check(m->t, m->dataset, frames, &syntax);
    if (status == DCM_OK)
        status = tool_jpeg_lossy(m->t, m->dataset, frames);
    if (status == DCM_OK)
        status = dcm_dataset_set_frames(m->dataset, syntax, frames->data,
                                        frames->count, error);
    return status;
}

enum dcm_status tool_jpeg_make(struct tool_jpeg_maker *m,
                               const struct tool_jpeg_frames *frames,
                               unsigned n)
{
    struct dcm_error error;
    enum dcm_status status;

    memset(&error, 0, sizeof error);
    m->dataset = tool_compose_tree(m->compose);
    if (m->dataset) {
        dcm_dataset_sink(m->dataset); /* text is in UTF-8 from here on */
        status = make(m, frames, n, &error);
    } else {
        status = no_memory(&error);
    }
    if (status != DCM_OK && error.code != DCM_OK)
        tool_log_error(m->t->log, &error, "");
    return status;
}

enum dcm_status tool_jpeg_write(struct tool_jpeg_maker *m, int fd,
                                struct dcm_error *error)
{
    uint64_t limit = m->t->options->common.limits.output;
    enum dcm_status status;

    dcm_output_clear(m->output, limit ? limit : UINT64_C(1) << 40);
    m->output->fd = fd;
    status = tool_compose_write(m->compose, error);
    if (status == DCM_OK && (status = dcm_output_flush(m->output)) != DCM_OK)
        *error = m->output->error;
    if (status == DCM_OK)
        tool_compose_end(m->compose);
    return status;
}

/* -------------------------------------------------------------- life times */

static int open_tree(struct tool_jpeg_maker *m, struct dcm_dataset **tree)
{
    *tree = dcm_dataset_new(&m->t->options->common.limits);
    if (*tree)
        dcm_dataset_keep_utf8(*tree, 1);
    return *tree ? 0 : -1;
}

static int open_json(struct tool_jpeg_maker *m)
{
    struct dcm_json_reader_options options = {.size = sizeof options};

    options.policy = m->t->policy;
    options.limits = &m->t->options->common.limits;
    options.bulk = open_bulk;
    options.user = m;
    options.any_order = 1;
    m->json = dcm_json_reader_new(&options);
    m->fetch = tool_fetch_new(&m->t->options->fetch, m->worker);
    m->nothing = dcm_input_memory("", 0, NULL);
    return m->json && m->fetch && m->nothing ? 0 : -1;
}

/* Changes and UIDs come later than others would have them. */
static int open_compose(struct tool_jpeg_maker *m)
{
    const struct tool_jpeg_options *o = m->t->options;
    struct tool_composing with = {&m->composing, &o->common.limits,
                                  m->t->policy, m->t->log, NULL};

    m->composing = o->compose;
    memset(&m->composing.edits, 0, sizeof m->composing.edits);
    m->composing.new_uids = 0;
    with.output = m->output = dcm_output_fd(-1);
    m->compose = m->output ? tool_compose_new(&with) : NULL;
    return m->compose ? 0 : -1;
}

int tool_jpeg_maker_open(struct tool_jpeg_maker *m)
{
    return open_tree(m, &m->capture) == 0 && open_tree(m, &m->study) == 0 &&
                   open_json(m) == 0 && open_compose(m) == 0 &&
                   tool_jpeg_uids(&m->uids) == 0
               ? 0
               : -1;
}

void tool_jpeg_maker_close(struct tool_jpeg_maker *m)
{
    tool_compose_free(m->compose);
    dcm_output_free(m->output);
    dcm_dataset_free(m->capture);
    dcm_dataset_free(m->study);
    dcm_input_free(m->study_file);
    dcm_json_reader_free(m->json);
    tool_fetch_free(m->fetch);
    dcm_input_free(m->nothing);
}
