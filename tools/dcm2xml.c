/* dcm2xml: DICOM files to the Native DICOM Model (PS3.19 A.1). Options, and an
 * XML writer for each worker; the rest is in tool.c and bulk.c. */
#include "bulk.h"
#include "from.h"

#include <libdcm/output.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum layout { LAYOUT_DEFAULT, LAYOUT_PRETTY, LAYOUT_COMPACT };

struct options {
    struct tool_options common; /* first */
    struct tool_bulk_options bulk;
    int from, layout, meta, name_space, creators, charset;
};

struct state {
    struct dcm_xml_writer *writer;
    struct tool_bulk bulk;
};

static const char usage[] =
    "Usage: dcm2xml [OPTION]... FILE...\n"
    "Writes DICOM files in the Native DICOM Model, in XML. FILE - is standard\n"
    "input. A document holds one data set: several inputs need -d.\n"
    "\n" TOOL_HELP_INPUT TOOL_HELP_FROM TOOL_HELP_SELECT TOOL_HELP_OUTPUT
    "      --pretty, --compact layout; default: pretty on a terminal\n"
    "      --namespace         declare the namespace of PS3.19 A.1.6\n"
    "      --creators          Private Creator elements too, which the\n"
    "                          privateCreator of others implies\n"
    "      --meta              File Meta Information too\n"
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
    {"pretty", 0, TOOL_FLAG, AT(layout), LAYOUT_PRETTY, NULL, NULL},
    {"compact", 0, TOOL_FLAG, AT(layout), LAYOUT_COMPACT, NULL, NULL},
    {"meta", 0, TOOL_FLAG, AT(meta), 1, NULL, NULL},
    {"namespace", 0, TOOL_FLAG, AT(name_space), 1, NULL, NULL},
    {"creators", 0, TOOL_FLAG, AT(creators), 1, NULL, NULL},
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

/* XML allows one root element in a document (XML 1.0 2.1). */
static int prepare(struct tool_run *run, char *why, size_t size)
{
    struct options *o = (struct options *)run->options;

    if (!tool_from_prepare(run, o->from, NULL, why, size))
        return 0;
    if (run->several && !o->common.folder) {
        snprintf(why, size,
                 "a document holds one input; use -d to write one for each");
        return 0;
    }
    if (o->layout == LAYOUT_DEFAULT && tool_on_terminal(run))
        o->layout = LAYOUT_PRETTY;
    return tool_bulk_prepare(&o->bulk, run, why, size);
}

static int open_writer(struct tool_worker *w)
{
    static const enum dcm_bulk modes[] = {DCM_BULK_OMIT, DCM_BULK_INLINE,
                                          DCM_BULK_URI, DCM_BULK_URI};
    struct options *o = (struct options *)w->run->options;
    struct state *s = calloc(1, sizeof *s);
    struct dcm_xml_options xml = {.size = sizeof xml};

    w->state = s;
    if (!s)
        return -1;
    tool_bulk_init(&s->bulk, &o->bulk, w);
    xml.policy = w->policy;
    xml.limits = &o->common.limits;
    xml.pretty = o->layout == LAYOUT_PRETTY;
    xml.meta = o->meta;
    xml.name_space = o->name_space;
    xml.creators = o->creators;
    xml.charset_utf8 = o->charset;
    xml.bulk = modes[o->bulk.mode];
    /* 0 is the library's default; no value has 1 byte, but for a wrong one */
    xml.bulk_size = o->bulk.size ? o->bulk.size : 1;
    xml.bulk_vrs = o->bulk.vrs[0] ? o->bulk.vrs : NULL;
    xml.uri = tool_bulk_uri;
    if (o->bulk.mode == TOOL_BULK_FILES)
        xml.fragment = tool_bulk_fragment;
    xml.user = &s->bulk;
    s->writer = dcm_xml_writer_new(&xml, w->output);
    return s->writer ? 0 : -1;
}

static void close_writer(struct tool_worker *w)
{
    struct state *s = w->state;

    if (!s)
        return;
    dcm_xml_writer_free(s->writer);
    tool_bulk_release(&s->bulk);
    free(s);
}

static struct dcm_sink *begin(struct tool_worker *w)
{
    struct state *s = w->state;

    tool_bulk_clear(&s->bulk);
    dcm_xml_writer_clear(s->writer);
    return dcm_xml_writer_sink(s->writer);
}

static void end(struct tool_worker *w, int whole, int kept)
{
    struct state *s = w->state;

    tool_bulk_clear(&s->bulk);
    if (kept && !whole)
        dcm_xml_writer_close(s->writer);
    if (kept)
        dcm_output_char(w->output, '\n');
}

static const struct tool dcm2xml = {
    .syntax = {"dcm2xml", usage, tables},
    .suffix = ".xml",
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
    int status = tool_main(&dcm2xml, &options.common, argc, argv);

    tool_bulk_options_release(&options.bulk);
    return status;
}
