/* Inputs in the DICOM JSON Model (PS3.18 Annex F) or the Native DICOM Model
 * (PS3.19 A.1): which they are, and one data set of them after another. JSON is
 * a stream, or goes through a tree where the order of attributes asks for one
 * (PS3.18 F.2); XML always does, for its private blocks. Knows nothing of what
 * becomes of a data set. */
#include "source.h"

#include <libdcm/error.h>
#include <libdcm/input.h>

#include <stdlib.h>
#include <string.h>

#define HEAD 512u /* bytes that are looked at beforehand */

struct tool_source {
    struct tool_source_options options;
    struct tool_worker *worker;
    struct dcm_json_reader *json; /* one of the two */
    struct dcm_xml_reader *xml;
    int by_tree;   /* this input, from here on */
    int is_array;  /* by its first character */
    int skipping;  /* a data set that is not wanted */
    uint64_t done; /* data sets of the input that the reader is past */
};

/* ----------------------------------------------------------------- formats */

/* Longer ones first. */
static const char *const json_endings[] = {".dcm.json", ".json", NULL};
static const char *const xml_endings[] = {".dcm.xml", ".xml", NULL};

const char *const *tool_source_endings(enum tool_format format)
{
    return format == TOOL_JSON  ? json_endings
           : format == TOOL_XML ? xml_endings
                                : NULL;
}

const char *tool_source_name(enum tool_format format)
{
    static const char *const names[] = {"DICOM", "JSON", "XML"};

    return names[format];
}

/* --------------------------------------------------------------- life times */

static int open_json(struct tool_source *s)
{
    const struct tool_source_options *o = &s->options;
    struct dcm_json_reader_options reading = {.size = sizeof reading};

    reading.policy = s->worker->policy;
    reading.limits = &s->worker->run->options->limits;
    reading.bulk = o->bulk;
    reading.user = o->user;
    reading.syntax = o->syntax;
    reading.binary_numbers = o->binary_numbers;
    s->json = dcm_json_reader_new(&reading);
    return s->json != NULL;
}

static int open_xml(struct tool_source *s)
{
    const struct tool_source_options *o = &s->options;
    struct dcm_xml_reader_options reading = {.size = sizeof reading};

    reading.policy = s->worker->policy;
    reading.limits = &s->worker->run->options->limits;
    reading.bulk = o->bulk;
    reading.user = o->user;
    reading.syntax = o->syntax;
    reading.binary_numbers = o->binary_numbers;
    s->xml = dcm_xml_reader_new(&reading);
    return s->xml != NULL;
}

struct tool_source *tool_source_new(const struct tool_source_options *o,
                                    struct tool_worker *w)
{
    struct tool_source *s = calloc(1, sizeof *s);

    if (!s)
        return NULL;
    s->options = *o;
    s->worker = w;
    if (o->format == TOOL_JSON ? open_json(s) : open_xml(s))
        return s;
    free(s);
    return NULL;
}

void tool_source_free(struct tool_source *s)
{
    if (!s)
        return;
    dcm_json_reader_free(s->json);
    dcm_xml_reader_free(s->xml);
    free(s);
}

/* ------------------------------------------------------------- the readers */

static void open_reader(struct tool_source *s, int by_tree)
{
    s->by_tree = by_tree || s->xml;
    s->done = 0;
    if (s->xml) {
        dcm_xml_reader_open(s->xml, s->worker->source);
        return;
    }
    dcm_json_reader_any_order(s->json, by_tree);
    dcm_json_reader_open(s->json, s->worker->source);
}

static struct dcm_source *events(struct tool_source *s)
{
    return s->xml ? dcm_xml_reader_source(s->xml)
                  : dcm_json_reader_source(s->json);
}

/* As dcm_json_reader_more(); a document in XML has one data set. */
static enum dcm_status find_more(struct tool_source *s, int *more,
                                 struct dcm_error *error)
{
    *more = s->json ? dcm_json_reader_more(s->json) : 0;
    if (*more >= 0)
        return DCM_OK;
    *error = *dcm_json_reader_error(s->json);
    return error->code;
}

int tool_source_count(struct tool_source *s)
{
    return s->json ? dcm_json_reader_count(s->json, 2) : 1;
}

int tool_source_is_array(const struct tool_source *s)
{
    return s->is_array;
}

int tool_source_beyond_ascii(const struct tool_source *s)
{
    return s->xml ? dcm_xml_reader_wants_charset(s->xml)
                  : dcm_json_reader_wants_charset(s->json);
}

/* ---------------------------------------------------------------- skipping */

int tool_source_skips(const struct tool_source *s)
{
    return s->skipping;
}

static enum dcm_status drop(struct dcm_sink *sink, const struct dcm_event *ev)
{
    (void)sink;
    (void)ev;
    return DCM_OK;
}

static const struct dcm_error *no_error(const struct dcm_sink *sink)
{
    (void)sink;
    return NULL;
}

/* To the end of the data set. */
static enum dcm_status skip(struct tool_source *s, struct dcm_error *error)
{
    struct dcm_sink sink = {drop, no_error};
    enum dcm_status status;

    s->skipping = 1;
    status = dcm_pump(events(s), &sink, error);
    s->skipping = 0;
    return status;
}

static enum dcm_status wrong_number(const struct tool_source *s,
                                    struct dcm_error *error)
{
    return dcm_error_fill(error, DCM_ERR_ARGUMENT, DCM_NO_OFFSET, "",
                          "has %llu data set%s: there is no number %llu "
                          "(PS3.18 F.2.1)",
                          (unsigned long long)s->done, s->done == 1 ? "" : "s",
                          (unsigned long long)s->options.index);
}

/* Past all before number n, which counts from 1. */
static enum dcm_status skip_to(struct tool_source *s, uint64_t n,
                               struct dcm_error *error)
{
    enum dcm_status status = DCM_OK;
    int more;

    if (s->done == 0 && tool_source_count(s) == 0)
        return wrong_number(s, error);
    while (status == DCM_OK && s->done + 1 < n) {
        more = s->json ? dcm_json_reader_skip(s->json) : 0;
        if (more < 0) {
            *error = *dcm_json_reader_error(s->json);
            return error->code;
        }
        s->done++;
        if (!more)
            status = wrong_number(s, error);
    }
    return status;
}

/* ----------------------------------------------------------------- an input */

static size_t behind_space(const unsigned char *head, size_t n)
{
    size_t i = 0;

    if (n >= 3 && memcmp(head, "\xEF\xBB\xBF", 3) == 0)
        i = 3;
    while (i < n && head[i] && strchr(" \t\r\n", head[i]))
        i++;
    return i;
}

/* RFC 8259 2, XML 1.0 2.1 and F, after a BOM that may be there: whether it
 * begins as a text of the format has to. */
static int begins_as(enum tool_format format, const unsigned char *head,
                     size_t n, size_t i)
{
    if (format == TOOL_XML && n >= 2 &&
        (memcmp(head, "\xFE\xFF", 2) == 0 || memcmp(head, "\xFF\xFE", 2) == 0))
        return 1;
    if (i == n)
        return n == HEAD;
    return format == TOOL_XML ? head[i] == '<'
                              : head[i] == '{' || head[i] == '[';
}

/* What is known at a glance to be something else. */
static enum dcm_status look(struct tool_source *s, struct dcm_error *error)
{
    struct dcm_input *in = s->worker->source;
    unsigned char head[HEAD];
    ptrdiff_t got = in->read_at ? in->read_at(in, 0, head, sizeof head) : 0;
    size_t n = got > 0 ? (size_t)got : 0, i = behind_space(head, n);

    s->is_array = i < n && head[i] == '[';
    if (s->worker->input.walked && !begins_as(s->options.format, head, n, i))
        return DCM_ERR_NOT_DICOM;
    if (n >= 132 && memcmp(head + 128, "DICM", 4) == 0)
        return dcm_error_fill(error, DCM_ERR_MALFORMED, 128, "",
                              "is a DICOM file, expected %s%s (PS3.10 7.1)",
                              tool_source_name(s->options.format),
                              s->options.advice);
    return DCM_OK;
}

enum dcm_status tool_source_open(struct tool_source *s, struct dcm_error *error)
{
    uint64_t index = s->options.index;
    enum dcm_status status = look(s, error);

    if (status != DCM_OK)
        return status;
    open_reader(s, s->options.by_tree);
    return index ? skip_to(s, index, error) : DCM_OK;
}

/* --------------------------------------------------------------- a data set */

/* Whoever took it may have stopped before its end. */
static enum dcm_status take(struct tool_source *s,
                            const struct tool_taker *taker,
                            struct dcm_error *error)
{
    enum dcm_status status =
        taker->take(taker->user, events(s), s->by_tree, error);

    return status == DCM_OK ? skip(s, error) : status;
}

static enum dcm_status take_again(struct tool_source *s,
                                  const struct tool_taker *taker,
                                  struct dcm_error *error)
{
    uint64_t number = s->done + 1;
    enum dcm_status status;

    if (tool_document_restart(s->worker) != 0)
        return DCM_ERR_WRITE;
    open_reader(s, 1);
    status = skip_to(s, number, error);
    dcm_policy_clear(s->worker->policy);
    s->worker->log.text.size = s->worker->said;
    return status == DCM_OK ? take(s, taker, error) : status;
}

enum dcm_status tool_source_convert(struct tool_source *s,
                                    const struct tool_taker *taker,
                                    struct dcm_error *error)
{
    enum dcm_status status = take(s, taker, error);
    int more;

    if (status != DCM_OK && !s->by_tree && dcm_json_reader_wants_tree(s->json))
        status = take_again(s, taker, error);
    if (status != DCM_OK)
        return status;
    s->done++;
    status = find_more(s, &more, error);
    s->worker->more = status == DCM_OK && more && !s->options.index;
    return status;
}
