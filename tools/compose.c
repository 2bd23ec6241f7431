/* From a data set to the bytes of an output, as a stream or through a tree:
 * template, changes, new UIDs, character set, and the transfer syntax of Pixel
 * Data that is in fragments. Knows nothing of where data sets come from and
 * where outputs go. */
#include "compose.h"
#include "spool.h"

#include <libdcm/charset_encode.h>
#include <libdcm/dataset.h>
#include <libdcm/error.h>
#include <libdcm/input.h>
#include <libdcm/syntax.h>
#include <libdcm/vr.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIPE_MAX (UINT64_C(1) << 40) /* bytes of a template */
#define PIXELS DCM_TAG(0x7FE0, 0x0010)
#define SOP_CLASS DCM_TAG(0x0008, 0x0016)
#define SOP_INSTANCE DCM_TAG(0x0008, 0x0018)

/* An element of the template, and what is in it. */
struct origin {
    uint32_t tag;
    const struct dcm_element *element;
    const void *content;
};

struct tool_compose {
    struct dcm_sink sink; /* between a stream and the writer */
    struct tool_composing with;
    struct dcm_writer *writer;
    struct dcm_sink *to; /* the writer's */
    char syntax[65];
    int has_class, has_instance;
    struct dcm_dataset *dataset, *template; /* NULL until needed */
    struct dcm_reader *reader;              /* of the template */
    struct dcm_input *file;                 /* to which it refers */
    struct origin *origins; /* what the data set has of it, by tags */
    size_t origin_count, at_origin;
    int from_template;    /* what is being written is */
    const char *own_file; /* of the log, otherwise */
};

/* ----------------------------------------------------------------- options */

int tool_compose_by_tree(const struct tool_compose_options *o)
{
    return o->template || o->edits.count || o->new_uids;
}

/* Reads a pipe to a file without a name: 0, or -1 with *error. */
static int read_pipe(const char *path, int *spool, struct dcm_error *error)
{
    struct dcm_input *pipe = dcm_input_file(path, error);
    int failed = !pipe || tool_spool_fill(spool, pipe, PIPE_MAX, error) != 0;

    dcm_input_free(pipe);
    return failed ? -1 : 0;
}

int tool_compose_template(void *options, const char *argument, char *why,
                          size_t size)
{
    struct tool_compose_options *o = options;
    struct dcm_error error;
    struct stat st;
    int spool = -1;

    if (o->template_pipe)
        close(o->template_pipe - 1);
    o->template_pipe = 0;
    o->template = argument;
    if (stat(argument, &st) != 0 || S_ISREG(st.st_mode) || S_ISDIR(st.st_mode))
        return 1;
    memset(&error, 0, sizeof error);
    if (read_pipe(argument, &spool, &error) == 0) {
        o->template_pipe = spool + 1;
        return 1;
    }
    snprintf(why, size, "'%.200s': %s", argument, error.message);
    if (spool >= 0)
        close(spool);
    return 0;
}

/* -------------------------------------------------------------- life times */

static enum dcm_status no_memory(struct dcm_error *error)
{
    return dcm_error_fill(error, DCM_ERR_MEMORY, DCM_NO_OFFSET, "",
                          "no memory");
}

struct tool_compose *tool_compose_new(const struct tool_composing *with)
{
    struct tool_compose *c = calloc(1, sizeof *c);
    struct dcm_writer_options writing = {.size = sizeof writing};

    if (!c)
        return NULL;
    c->with = *with;
    writing.policy = with->policy;
    writing.limits = with->limits;
    writing.syntax = with->options->syntax;
    writing.lengths = (enum dcm_lengths)with->options->lengths;
    writing.bare = with->options->bare;
    writing.charset = with->options->charset;
    writing.charset_declared = !writing.charset;
    c->writer = dcm_writer_new(&writing, with->output);
    if (c->writer)
        return c;
    free(c);
    return NULL;
}

void tool_compose_free(struct tool_compose *c)
{
    if (!c)
        return;
    dcm_dataset_free(c->dataset);
    dcm_dataset_free(c->template);
    dcm_reader_free(c->reader);
    dcm_input_free(c->file);
    dcm_writer_free(c->writer);
    free(c->origins);
    free(c);
}

static void clear(struct tool_compose *c)
{
    if (c->dataset)
        dcm_dataset_clear(c->dataset);
    if (c->template)
        dcm_dataset_clear(c->template);
    dcm_input_free(c->file);
    c->file = NULL;
    c->origin_count = 0;
    c->has_class = c->has_instance = 0;
    c->syntax[0] = '\0';
    dcm_writer_clear(c->writer);
}

static int make_tree(const struct tool_compose *c, struct dcm_dataset **tree)
{
    if (!*tree) {
        *tree = dcm_dataset_new(c->with.limits);
        if (*tree)
            dcm_dataset_keep_utf8(*tree, 1);
    }
    return *tree != NULL;
}

/* ------------------------------------------------------------------ streams */

static void note_syntax(struct tool_compose *c, const struct dcm_event *ev)
{
    const char *uid = c->with.options->syntax;

    if (uid)
        snprintf(c->syntax, sizeof c->syntax, "%s", uid);
    else
        snprintf(c->syntax, sizeof c->syntax, "%.*s", (int)ev->size,
                 ev->data ? (const char *)ev->data : "");
}

/* What is said of the template's is about its file, and so are offsets. */
static void note_origin(struct tool_compose *c, uint32_t tag)
{
    const struct origin *end = c->origins + c->origin_count;
    const struct origin *o = c->origins + c->at_origin;

    while (o < end && o->tag < tag)
        o++;
    c->at_origin = (size_t)(o - c->origins);
    c->from_template = o < end && o->tag == tag;
    c->with.log->file =
        c->from_template ? c->with.options->template : c->own_file;
}

/* Group 0002 of the source names them, too, if the data set does not. */
static enum dcm_status put(struct dcm_sink *sink, const struct dcm_event *ev)
{
    struct tool_compose *c = (struct tool_compose *)sink;

    if (ev->depth == 0 && ev->tag <= SOP_INSTANCE &&
        ev->type == DCM_EVENT_VALUE && ev->size) {
        c->has_class |= ev->tag == SOP_CLASS || ev->tag == 0x00020002;
        c->has_instance |= ev->tag == SOP_INSTANCE || ev->tag == 0x00020003;
    }
    if (ev->type == DCM_EVENT_DATASET)
        note_syntax(c, ev);
    else if (c->origin_count && ev->depth == 0)
        note_origin(c, ev->type == DCM_EVENT_END ? UINT32_MAX : ev->tag);
    return c->to->put(c->to, ev);
}

static const struct dcm_error *get_error(const struct dcm_sink *sink)
{
    const struct tool_compose *c = (const struct tool_compose *)sink;

    return c->to->error(c->to);
}

static struct dcm_sink *open_sink(struct tool_compose *c)
{
    c->to = dcm_writer_sink(c->writer);
    c->sink.put = put;
    c->sink.error = get_error;
    return &c->sink;
}

struct dcm_sink *tool_compose_stream(struct tool_compose *c)
{
    clear(c);
    return open_sink(c);
}

/* ----------------------------------------------------------------- template */

static const void *content_of(const struct dcm_element *e)
{
    if (e->kind != DCM_ELEMENT_VALUE)
        return e->first_item;
    return e->value.data ? (const void *)e->value.data : e->value.input;
}

static int names_charset(struct dcm_dataset *d)
{
    const struct dcm_element *e = dcm_dataset_find(d, "SpecificCharacterSet");

    return e && dcm_element_size(e);
}

static enum dcm_status read_template(struct tool_compose *c,
                                     struct dcm_error *error)
{
    const struct tool_compose_options *o = c->with.options;
    struct dcm_reader_options reading = {.size = sizeof reading};

    reading.policy = c->with.policy;
    reading.limits = c->with.limits;
    if (!c->reader)
        c->reader = dcm_reader_new(&reading);
    if (!c->reader || !make_tree(c, &c->template))
        return no_memory(error);
    dcm_dataset_clear(c->template);
    c->file = o->template_pipe ? dcm_input_fd(o->template_pipe - 1, error)
                               : dcm_input_file(o->template, error);
    if (!c->file)
        return error->code;
    dcm_reader_open(c->reader, c->file);
    return dcm_pump(dcm_reader_source(c->reader), dcm_dataset_sink(c->template),
                    error);
}

/* An error is about that file, where its offset counts. It says nothing of
 * what the input is. */
static enum dcm_status blame_template(const struct tool_compose *c,
                                      const struct dcm_error *own,
                                      struct dcm_error *error)
{
    enum dcm_status code =
        own->code == DCM_ERR_NOT_DICOM ? DCM_ERR_MALFORMED : own->code;
    char at[40] = "";

    if (own->offset != DCM_NO_OFFSET)
        snprintf(at, sizeof at,
                 "offset %llu: ", (unsigned long long)own->offset);
    return dcm_error_fill(error, code, DCM_NO_OFFSET, own->path,
                          "template '%.60s': %s%s", c->with.options->template,
                          at, own->message);
}

/* All that is in it, before it goes elsewhere. 0: no memory. */
static int list_origins(struct tool_compose *c)
{
    const struct dcm_item *const items[] = {&c->template->meta,
                                            &c->template->top};
    size_t n = 0;
    struct origin *o;

    dcm_dataset_settle(c->template);
    for (size_t i = 0; i < 2; i++)
        for (const struct dcm_element *e = items[i]->first; e; e = e->next)
            n++;
    o = realloc(c->origins, (n + 1) * sizeof *o);
    if (!o)
        return 0;
    c->origins = o;
    c->origin_count = n;
    for (size_t i = 0; i < 2; i++)
        for (const struct dcm_element *e = items[i]->first; e; e = e->next)
            *o++ = (struct origin){e->tag, e, content_of(e)};
    return 1;
}

/* Leaves those that the data set has, as they were. */
static void find_origins(struct tool_compose *c)
{
    const struct dcm_item *const items[] = {&c->dataset->meta,
                                            &c->dataset->top};
    const struct origin *o = c->origins, *end = o + c->origin_count;
    size_t n = 0;

    if (!c->origin_count)
        return;
    dcm_dataset_settle(c->dataset);
    for (size_t i = 0; i < 2; i++)
        for (const struct dcm_element *e = items[i]->first; e; e = e->next) {
            while (o < end && o->tag < e->tag)
                o++;
            if (o < end && o->element == e && o->content == content_of(e))
                c->origins[n++] = *o++;
        }
    c->origin_count = n;
}

static enum dcm_status open_template(struct tool_compose *c,
                                     struct dcm_error *error)
{
    const char *file = c->with.log->file;
    struct dcm_error own;
    enum dcm_status status;

    memset(&own, 0, sizeof own);
    c->with.log->file = c->with.options->template;
    status = read_template(c, &own);
    c->with.log->file = file;
    if (status != DCM_OK)
        return blame_template(c, &own, error);
    return list_origins(c) ? DCM_OK : no_memory(error);
}

/* Where there is none, that of the template comes with what is in it. */
static enum dcm_status drop_empty_charset(struct tool_compose *c,
                                          struct dcm_error *error)
{
    const struct dcm_element *its =
        dcm_dataset_find(c->template, "SpecificCharacterSet");

    if (names_charset(c->dataset) || !its || !dcm_element_size(its))
        return DCM_OK;
    error->code = dcm_dataset_remove(c->dataset, "SpecificCharacterSet", error);
    return error->code == DCM_DONE ? DCM_OK : error->code;
}

static int is_encapsulated(const char *uid)
{
    const struct dcm_syntax *row = dcm_syntax_find(uid, strlen(uid));

    return row && row->flags & DCM_TS_ENCAPSULATED;
}

/* Pixel Data that comes from it brings the transfer syntax that it is in. */
static enum dcm_status apply_template(struct tool_compose *c,
                                      struct dcm_error *error)
{
    enum dcm_status status = open_template(c, error);
    int had_pixels = dcm_dataset_find(c->dataset, "PixelData") != NULL;

    if (status == DCM_OK)
        status = drop_empty_charset(c, error);
    if (status != DCM_OK)
        return status;
    dcm_dataset_take_all(c->dataset, c->template);
    if (had_pixels || !dcm_dataset_find(c->dataset, "PixelData"))
        return DCM_OK;
    if (is_encapsulated(dcm_dataset_syntax(c->template)))
        return dcm_dataset_set_syntax(c->dataset,
                                      dcm_dataset_syntax(c->template));
    if (is_encapsulated(dcm_dataset_syntax(c->dataset)))
        return dcm_dataset_set_syntax(c->dataset, "1.2.840.10008.1.2.1");
    return DCM_OK;
}

/* ---------------------------------------------------------------- fragments */

/* All fragments but the Basic Offset Table, one after another. */
struct joined {
    struct dcm_input base;
    const struct dcm_item *first, *item;
    uint64_t start; /* of the item's bytes among all */
};

static ptrdiff_t read_joined(struct dcm_input *in, uint64_t offset,
                             void *buffer, size_t n)
{
    struct joined *j = (struct joined *)in;
    const struct dcm_value_ref *v;
    ptrdiff_t got;

    if (offset < j->start) {
        j->item = j->first;
        j->start = 0;
    }
    while (j->item && offset - j->start >= j->item->value.size) {
        j->start += j->item->value.size;
        j->item = j->item->next;
    }
    if (!j->item)
        return 0;
    v = &j->item->value;
    offset -= j->start;
    if (n > v->size - offset)
        n = (size_t)(v->size - offset);
    if (v->data) {
        memcpy(buffer, v->data + offset, n);
        return (ptrdiff_t)n;
    }
    got = v->input->read_at(v->input, v->offset + offset, buffer, n);
    if (got < 0)
        in->error = v->input->error;
    return got;
}

static ptrdiff_t read_nothing(struct dcm_input *in, void *buffer, size_t n)
{
    (void)in;
    (void)buffer;
    (void)n;
    return 0;
}

static enum dcm_status syntax_of(const struct dcm_element *pixels,
                                 const char **uid)
{
    struct dcm_image image = {.size = sizeof image};
    struct dcm_image_options options = {.size = sizeof options};
    struct joined j = {.base = {.read = read_nothing, .read_at = read_joined}};
    struct dcm_error error;
    enum dcm_status status;

    j.first = j.item = pixels->first_item ? pixels->first_item->next : NULL;
    for (const struct dcm_item *i = j.first; i; i = i->next)
        j.base.size += i->value.size;
    options.allow_retired = 1;
    status = dcm_image_read(&image, &j.base, &options, &error);
    *uid = image.syntax;
    return status;
}

/* Pixel Data in fragments, of a data set that names a transfer syntax without
 * any (PS3.5 A.4), or none. */
static enum dcm_status settle_syntax(struct tool_compose *c,
                                     struct dcm_error *error)
{
    const struct dcm_element *pixels =
        dcm_dataset_find(c->dataset, "PixelData");
    const char *uid = c->with.options->syntax;

    if (!pixels || pixels->kind != DCM_ELEMENT_FRAGS ||
        is_encapsulated(dcm_dataset_syntax(c->dataset)))
        return DCM_OK;
    if ((!uid || !is_encapsulated(uid)) && syntax_of(pixels, &uid) != DCM_OK)
        return dcm_error_fill(
            error, DCM_ERR_UNSUPPORTED, pixels->offset, "(7FE0,0010)",
            "Pixel Data is encapsulated, and nothing says in which transfer "
            "syntax; name it with --to (PS3.5 A.4)");
    c->dataset->encapsulated = 1;
    return dcm_dataset_set_syntax(c->dataset, uid);
}

/* --------------------------------------------------------------- characters */

struct looker {
    struct dcm_sink base;
    int beyond;
};

static int has_high(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] & 0x80)
            return 1;
    return 0;
}

/* Is the put of a sink: text that is not at hand is pulled. */
static enum dcm_status look(struct dcm_sink *sink, const struct dcm_event *ev)
{
    struct looker *l = (struct looker *)sink;
    const struct dcm_vr *row = dcm_vr_find(ev->vr);
    uint8_t piece[4096];
    enum dcm_status status;
    size_t got = sizeof piece;

    if (ev->type != DCM_EVENT_VALUE || l->beyond || !row ||
        !(row->flags & DCM_VRF_CHARSET))
        return DCM_OK;
    if (ev->data) {
        l->beyond = has_high(ev->data, (size_t)ev->size);
        return DCM_OK;
    }
    while (got == sizeof piece && !l->beyond) {
        status = dcm_event_read(ev, piece, sizeof piece, &got);
        if (status != DCM_OK)
            return status;
        l->beyond = has_high(piece, got);
    }
    return DCM_OK;
}

int tool_compose_beyond_ascii(struct dcm_dataset *dataset)
{
    struct looker l = {{look, NULL}, 0};

    dcm_pump(dcm_dataset_source(dataset), &l.base, NULL);
    return l.beyond;
}

/* -------------------------------------------------------------------- trees */

struct dcm_dataset *tool_compose_tree(struct tool_compose *c)
{
    clear(c);
    return make_tree(c, &c->dataset) ? c->dataset : NULL;
}

/* Whether text in ASCII and what the set has can be written in it. */
static int can_write(const struct dcm_element *charset)
{
    const uint8_t *value = dcm_element_data(charset);
    struct dcm_charset set;
    unsigned problems;

    if (!value)
        return 0;
    problems =
        dcm_charset_parse(&set, value, (size_t)dcm_element_size(charset));
    return !(problems & ~(unsigned)(DCM_CS_TERM | DCM_CS_MIX)) &&
           dcm_charset_check(&set) && dcm_charset_is_ascii(&set);
}

/* `named`: the data set has one that is not the template's. */
static enum dcm_status name_charset(struct tool_compose *c, int named,
                                    int beyond_ascii, struct dcm_error *error)
{
    const struct tool_compose_options *o = c->with.options;

    if (o->charset)
        return DCM_OK;
    if (names_charset(c->dataset) &&
        (named || (!beyond_ascii && can_write(dcm_dataset_find(
                                        c->dataset, "SpecificCharacterSet")))))
        return DCM_OK;
    if (!beyond_ascii &&
        !(o->template && tool_compose_beyond_ascii(c->dataset)))
        return DCM_OK;
    return dcm_dataset_set(c->dataset, "SpecificCharacterSet", "ISO_IR 192",
                           error);
}

enum dcm_status tool_compose_change(struct tool_compose *c, int beyond_ascii,
                                    struct dcm_error *error)
{
    const struct tool_compose_options *o = c->with.options;
    int named = names_charset(c->dataset) || tool_edits_name_charset(&o->edits);
    enum dcm_status status = DCM_OK;

    if (o->template)
        status = apply_template(c, error);
    if (status == DCM_OK)
        status = tool_edits_apply(&o->edits, c->dataset, c->with.log, error);
    if (status == DCM_OK && o->new_uids)
        status = tool_new_uids(c->dataset, error);
    if (status == DCM_OK)
        status = name_charset(
            c, named, beyond_ascii || tool_edits_beyond_ascii(&o->edits),
            error);
    return status == DCM_OK ? settle_syntax(c, error) : status;
}

enum dcm_status tool_compose_write(struct tool_compose *c,
                                   struct dcm_error *error)
{
    enum dcm_status status;
    struct dcm_error own;

    find_origins(c);
    c->at_origin = 0;
    c->from_template = 0;
    c->own_file = c->with.log->file;
    status = dcm_pump(dcm_dataset_source(c->dataset), open_sink(c), error);
    c->with.log->file = c->own_file;
    if (status == DCM_OK || !c->from_template)
        return status;
    own = *error;
    return blame_template(c, &own, error);
}

enum dcm_status tool_compose_finish_tree(struct tool_compose *c,
                                         int beyond_ascii,
                                         struct dcm_error *error)
{
    enum dcm_status status = tool_compose_change(c, beyond_ascii, error);

    return status == DCM_OK ? tool_compose_write(c, error) : status;
}

const char *tool_compose_syntax(const struct tool_compose *c)
{
    return c->syntax;
}

void tool_compose_end(struct tool_compose *c)
{
    if (c->with.options->bare)
        return;
    if (!c->has_class)
        tool_log_say(c->with.log, TOOL_WARNING,
                     "no SOP Class UID (0008,0016), which a file has to name "
                     "(PS3.10 7.1)");
    if (!c->has_instance)
        tool_log_say(c->with.log, TOOL_WARNING,
                     "no SOP Instance UID (0008,0018), which a file has to "
                     "name (PS3.10 7.1)");
}
