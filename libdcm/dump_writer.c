/* Sink. One line an element, for people who read and for grep:
 *
 *    410 (0008,1140) SQ   undef ReferencedImageSequence
 *    422   item 1              92
 *    430   (0008,1150) UI      26 ReferencedSOPClassUID    1.2.840.10008.5.1...
 *
 * - Offset of the header, decimal as in our messages; 'z' after it says that
 *   it counts in the inflated data set. Two spaces for each item around the
 *   element, up to 40 items, then the tag.
 * - The VR is the one stored; '~' after it says that the value is read by the
 *   VR of the dictionary: the file has none, or UN. Lengths are as stored,
 *   "undef" for an undefined one.
 * - The keyword, else the name; "?" for what no dictionary has. Never cut.
 * - Values are joined by '\'. Text stands in [ ], so that spaces at its ends
 *   show; only a space that makes its length even is left out, and NULs. UIDs
 *   and tags are followed by =Keyword. Bytes are hex, as stored.
 * - What does not fit into the width ends in "..." (then the ']' is missing);
 *   however long the rest of a line is, a value has 16 columns.
 * - "(duplicate)" and "(truncated)" close the line of an element that is.
 * - Nothing in a file can drive the terminal: control characters, and those
 *   that reorder or hide text, are written \xNN or \u{NNNN}.
 *
 * No more of a value is decoded than is shown. Knows nothing of where events
 * come from and nothing of other forms of output. */
#include "charset.h"
#include "dump_values.h"

#include <stdlib.h>
#include <string.h>

enum {
    WIDTH_DEFAULT = 80,
    WIDTH_MAX = 16384 /* columns; more is taken as no cut */
};
#define NO_CUT DCM_DUMP_NO_CUT

/* ------------------------------------------------------------- keywords */

/* A row's keyword, or its name when it has none. */
static const char *name_of(const struct dcm_attribute *row, size_t *n)
{
    const char *s = *row->keyword ? row->keyword : row->name;

    *n = strlen(s);
    return s;
}

static const char *find_keyword(const struct dcm_event *ev, size_t *n)
{
    struct dcm_attribute row;
    unsigned element = ev->tag & 0xFFFF;
    const char *creator;
    size_t length;

    if (!(ev->tag & 0x10000) && dcm_attribute_find(ev->tag, &row))
        return name_of(&row, n);
    if (element == 0) {
        *n = strlen("Group Length");
        return "Group Length";
    }
    if ((ev->tag & 0x10000) && element >= 0x10 && element <= 0xFF) {
        *n = strlen("Private Creator");
        return "Private Creator";
    }
    creator = dcm_event_creator(ev, &length);
    if (creator && dcm_attribute_find_private(creator, length, ev->tag, &row))
        return name_of(&row, n);
    *n = 1;
    return "?";
}

/* The same few tags come again and again; of private ones the creator has a
 * say too, so they are looked up each time. */
static const char *keyword_of(struct dcm_dump_writer *w,
                              const struct dcm_event *ev, size_t *n)
{
    struct dcm_dump_known *k =
        &w->known[(uint32_t)(ev->tag * 0x9E3779B1u) >> 24];

    if (k->keyword && k->tag == ev->tag) {
        *n = k->length;
        return k->keyword;
    }
    if (ev->tag & 0x10000)
        return find_keyword(ev, n);
    k->tag = ev->tag;
    k->keyword = find_keyword(ev, n);
    k->length = (uint32_t)*n;
    return k->keyword;
}

/* --------------------------------------------------------------- events */

static int begin(struct dcm_dump_writer *w, const struct dcm_event *ev)
{
    size_t n;
    const char *keyword = keyword_of(w, ev, &n);

    return dcm_dump_begin(w, ev, keyword, n);
}

static void put_value(struct dcm_dump_writer *w, const struct dcm_event *ev)
{
    if (!begin(w, ev))
        return;
    dcm_dump_value(w, ev);
    dcm_dump_end(w, ev);
}

static void put_seq(struct dcm_dump_writer *w, const struct dcm_event *ev)
{
    if (begin(w, ev))
        dcm_dump_end(w, ev);
}

static void put_item(struct dcm_dump_writer *w, const struct dcm_event *ev)
{
    if (dcm_dump_begin_part(w, ev, "item", ev->depth + 1))
        dcm_dump_end(w, ev);
}

static void put_frags(struct dcm_dump_writer *w, const struct dcm_event *ev)
{
    if (!begin(w, ev))
        return;
    dcm_dump_plain(w, "encapsulated", strlen("encapsulated"));
    dcm_dump_end(w, ev);
}

static void put_fragment(struct dcm_dump_writer *w, const struct dcm_event *ev)
{
    if (!dcm_dump_begin_part(w, ev, "fragment", ev->depth + 1))
        return;
    dcm_dump_fragment(w, ev);
    dcm_dump_end(w, ev);
}

/* By type; ends and the beginning of the data set have no line. */
static void (*const writers[])(struct dcm_dump_writer *,
                               const struct dcm_event *) = {
    [DCM_EVENT_VALUE] = put_value,       [DCM_EVENT_SEQ] = put_seq,
    [DCM_EVENT_ITEM] = put_item,         [DCM_EVENT_FRAGS] = put_frags,
    [DCM_EVENT_FRAGMENT] = put_fragment, [DCM_EVENT_END] = NULL,
};

static enum dcm_status put_event(struct dcm_sink *sink,
                                 const struct dcm_event *ev)
{
    struct dcm_dump_writer *w = (struct dcm_dump_writer *)sink;

    if (w->status == DCM_OK && ev->type <= DCM_EVENT_END && writers[ev->type])
        writers[ev->type](w, ev);
    return w->status;
}

static const struct dcm_error *get_error(const struct dcm_sink *sink)
{
    return &((const struct dcm_dump_writer *)sink)->error;
}

static size_t columns_of(unsigned width)
{
    return width == 0 ? WIDTH_DEFAULT : width > WIDTH_MAX ? NO_CUT : width;
}

struct dcm_dump_writer *
dcm_dump_writer_new(const struct dcm_dump_options *options,
                    struct dcm_output *output)
{
    struct dcm_dump_options o = {0};
    struct dcm_dump_writer *w = calloc(1, sizeof *w);

    if (!w)
        return NULL;
    if (options)
        memcpy(&o, options,
               options->size < sizeof o ? options->size : sizeof o);
    w->base.put = put_event;
    w->base.error = get_error;
    w->out = output;
    w->policy = o.policy;
    w->width = columns_of(o.width);
    w->color = o.color != 0;
    w->no_offsets = o.no_offsets != 0;
    w->raw = o.raw != 0;
    return w;
}

void dcm_dump_writer_free(struct dcm_dump_writer *w)
{
    if (!w)
        return;
    dcm_decoder_free(w->decoder);
    free(w->text);
    free(w);
}

struct dcm_sink *dcm_dump_writer_sink(struct dcm_dump_writer *w)
{
    return &w->base;
}
