/* dcm2json: DICOM files to the DICOM JSON Model (PS3.18 Annex F). Options,
 * and a JSON writer for each worker; the rest is in tool.c and bulk.c. */
#include "bulk.h"
#include "from.h"

#include <libdcm/output.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum format { FORMAT_DEFAULT, FORMAT_OBJECT, FORMAT_ARRAY, FORMAT_NDJSON };
enum layout { LAYOUT_DEFAULT, LAYOUT_PRETTY, LAYOUT_COMPACT };

struct options {
    struct tool_options common; /* first */
    struct tool_bulk_options bulk;
    int from, format, layout, meta, keys, numbers, charset;
    int follows; /* the format is to be that of the input */
};

struct state {
    struct dcm_json_writer *writer;
    struct tool_bulk bulk;
};

static const char usage[] =
    "Usage: dcm2json [OPTION]... FILE...\n"
    "Writes DICOM files in the DICOM JSON Model. FILE - is standard input.\n"
    "\n" TOOL_HELP_INPUT TOOL_HELP_FROM TOOL_HELP_SELECT TOOL_HELP_OUTPUT
    "      --format FORM       object, array, or ndjson (an object a line).\n"
    "                          Default: object for one input, else ndjson\n"
    "      --pretty, --compact layout; default: pretty for an object on a\n"
    "                          terminal\n"
    "      --meta              File Meta Information too\n"
    "      --keys HOW          names of members: tag, keyword\n"
    "      --numbers HOW       DS IS SV UV as auto, string, number\n"
    "      --charset HOW       (0008,0005): utf8 says ISO_IR 192, keep leaves\n"
    "                          what the file says\n" TOOL_HELP_BULK
        TOOL_HELP_MESSAGES;

static int set_bulk_vrs(void *options, const char *argument, char *why,
                        size_t size)
{
    return tool_bulk_parse_vrs(&((struct options *)options)->bulk, argument,
                               why, size);
}

#define AT(field) offsetof(struct options, field)

static const struct tool_option own_options[] = {
    TOOL_FROM_ROW(AT(from)),
    {"format", 0, TOOL_CHOICE, AT(format), FORMAT_OBJECT, "object|array|ndjson",
     NULL},
    {"pretty", 0, TOOL_FLAG, AT(layout), LAYOUT_PRETTY, NULL, NULL},
    {"compact", 0, TOOL_FLAG, AT(layout), LAYOUT_COMPACT, NULL, NULL},
    {"meta", 0, TOOL_FLAG, AT(meta), 1, NULL, NULL},
    {"keys", 0, TOOL_CHOICE, AT(keys), 0, "tag|keyword", NULL},
    {"numbers", 0, TOOL_CHOICE, AT(numbers), 0, "auto|string|number", NULL},
    {"charset", 0, TOOL_CHOICE, AT(charset), 0, "keep|utf8", NULL},
    {"bulk", 0, TOOL_CHOICE, AT(bulk.mode), 0, "omit|inline|uri|files", NULL},
    {"bulk-size", 0, TOOL_SIZE, AT(bulk.size), 0, NULL, NULL},
    {"bulk-vr", 0, TOOL_CALL, 0, 0, NULL, set_bulk_vrs},
    {"bulk-dir", 0, TOOL_TEXT, AT(bulk.folder), 0, NULL, NULL},
    {"bulk-uri", 0, TOOL_TEXT, AT(bulk.uri), 0, NULL, NULL},
    {NULL, 0, TOOL_FLAG, 0, 0, NULL, NULL},
};

static const struct tool_option *const tables[] = {
    tool_common_options, tool_reader_options, tool_select_options, own_options,
    NULL};

static const struct tool_frame frames[] = {
    [FORMAT_OBJECT] = {"", "", "", ""},
    [FORMAT_ARRAY] = {"[\n", ",\n", "\n]\n", "[]\n"},
    [FORMAT_NDJSON] = {"", "", "", ""},
};

/* An array in JSON stays one. */
static int joins(struct tool_worker *w, int is_array)
{
    struct options *o = (struct options *)w->run->options;

    if (o->follows && is_array) {
        o->format = FORMAT_ARRAY;
        w->run->frame = w->run->stream.frame = frames[FORMAT_ARRAY];
    }
    return o->format != FORMAT_OBJECT;
}

static int prepare(struct tool_run *run, char *why, size_t size)
{
    struct options *o = (struct options *)run->options;

    if (!tool_from_prepare(run, o->from, joins, why, size))
        return 0;
    o->follows = o->from && !o->format && !run->several && !o->common.folder;
    if (o->format == FORMAT_DEFAULT)
        o->format =
            run->several && !o->common.folder ? FORMAT_NDJSON : FORMAT_OBJECT;
    if (o->common.folder && o->format == FORMAT_ARRAY) {
        snprintf(why, size, "-d writes objects, not an array");
        return 0;
    }
    if (o->layout == LAYOUT_DEFAULT && o->format == FORMAT_OBJECT &&
        tool_on_terminal(run))
        o->layout = LAYOUT_PRETTY;
    if (o->layout == LAYOUT_PRETTY && o->format == FORMAT_NDJSON) {
        snprintf(why, size,
                 "--pretty does not go with an object a line; "
                 "use --format object or array");
        return 0;
    }
    run->frame = frames[o->format];
    return tool_bulk_prepare(&o->bulk, run, why, size);
}

static int open_writer(struct tool_worker *w)
{
    static const enum dcm_bulk modes[] = {DCM_BULK_OMIT, DCM_BULK_INLINE,
                                          DCM_BULK_URI, DCM_BULK_URI};
    struct options *o = (struct options *)w->run->options;
    struct state *s = calloc(1, sizeof *s);
    struct dcm_json_options json = {.size = sizeof json};

    w->state = s;
    if (!s)
        return -1;
    tool_bulk_init(&s->bulk, &o->bulk, w);
    json.policy = w->policy;
    json.limits = &o->common.limits;
    json.pretty = o->layout == LAYOUT_PRETTY;
    json.meta = o->meta;
    json.keywords = o->keys;
    json.charset_utf8 = o->charset;
    json.numbers = (enum dcm_numbers)o->numbers;
    json.bulk = modes[o->bulk.mode];
    /* 0 is the library's default; no value has 1 byte, but for a wrong one */
    json.bulk_size = o->bulk.size ? o->bulk.size : 1;
    json.bulk_vrs = o->bulk.vrs[0] ? o->bulk.vrs : NULL;
    json.uri = tool_bulk_uri;
    if (o->bulk.mode == TOOL_BULK_FILES)
        json.fragment = tool_bulk_fragment;
    json.user = &s->bulk;
    s->writer = dcm_json_writer_new(&json, w->output);
    return s->writer ? 0 : -1;
}

static void close_writer(struct tool_worker *w)
{
    struct state *s = w->state;

    if (!s)
        return;
    dcm_json_writer_free(s->writer);
    tool_bulk_release(&s->bulk);
    free(s);
}

static struct dcm_sink *begin(struct tool_worker *w)
{
    struct state *s = w->state;

    tool_bulk_clear(&s->bulk);
    dcm_json_writer_clear(s->writer);
    return dcm_json_writer_sink(s->writer);
}

/* Documents end a line, but for those of an array. */
static void end(struct tool_worker *w, int whole, int kept)
{
    struct state *s = w->state;
    const struct options *o = (const struct options *)w->run->options;

    tool_bulk_clear(&s->bulk);
    if (kept && !whole)
        dcm_json_writer_close(s->writer);
    if (kept && o->format != FORMAT_ARRAY)
        dcm_output_char(w->output, '\n');
}

static const struct tool dcm2json = {
    .syntax = {"dcm2json", usage, tables},
    .suffix = ".json",
    .prepare = prepare,
    .open = open_writer,
    .close = close_writer,
    .begin = begin,
    .end = end,
};

int main(int argc, char **argv)
{
    struct options options = {
        .bulk = {.mode = TOOL_BULK_DEFAULT, .size = 1024}};
    int status = tool_main(&dcm2json, &options.common, argc, argv);

    tool_bulk_options_release(&options.bulk);
    return status;
}
