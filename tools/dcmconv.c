/* dcmconv: DICOM files to DICOM files in another encoding, changed or mended,
 * and to files of their frames. Options; the work on an input is in convert.c,
 * the rest in tool.c. */
#include "convert.h"

#include <stdio.h>
#include <string.h>

#define BIG_ENDIAN_UID "1.2.840.10008.1.2.2"

static const char usage[] =
    "Usage: dcmconv [OPTION]... FILE -o FILE\n"
    "       dcmconv [OPTION]... FILE... -d DIR\n"
    "Writes DICOM files anew. FILE - is standard input; without -o and -d, "
    "one\n"
    "file goes to standard output.\n"
    "\n" TOOL_HELP_INPUT "\nConversion\n"
    "      --to SYNTAX         transfer syntax: explicit, implicit, deflated,\n"
    "                          big, or a keyword or UID. Default: the same\n"
    "      --lengths HOW       of sequences and items: keep, explicit,\n"
    "                          undefined\n"
    "      --charset TERM      write text in this Specific Character Set; "
    "utf8\n"
    "                          is ISO_IR 192, keep (default) changes nothing\n"
    "      --set PATH=VALUE    set an attribute; may be repeated\n"
    "      --remove PATH       remove an attribute or item; may be repeated\n"
    "      --repair            write what conforms of what does not\n"
    "      --no-preamble       a bare data set: no preamble, no group 0002\n"
    "      --preamble HOW      zero (default), or keep that of the file\n"
    "      --frames DIR        each frame's bytes to DIR/NAME-000001.EXT;\n"
    "                          without -o and -d that only\n" TOOL_HELP_OUTPUT
        TOOL_HELP_MESSAGES;

/* ---------------------------------------------------------------- options */

#define AT(field) offsetof(struct tool_convert_options, field)

static const struct tool_option own_options[] = {
    {"to", 0, TOOL_CALL, AT(syntax), 0, NULL, tool_parse_syntax},
    {"lengths", 0, TOOL_CHOICE, AT(lengths), DCM_LENGTHS_KEEP,
     "keep|explicit|undefined", NULL},
    {"charset", 0, TOOL_CALL, AT(charset), 0, NULL, tool_parse_charset},
    {"set", 0, TOOL_CALL, AT(edits), 0, NULL, tool_edits_set},
    {"remove", 0, TOOL_CALL, AT(edits), 0, NULL, tool_edits_remove},
    {"repair", 0, TOOL_FLAG, AT(repair), 1, NULL, NULL},
    {"no-preamble", 0, TOOL_FLAG, AT(bare), 1, NULL, NULL},
    {"preamble", 0, TOOL_CHOICE, AT(keep_preamble), 0, "zero|keep", NULL},
    {"frames", 0, TOOL_TEXT, AT(frames), 0, NULL, NULL},
    {NULL, 0, TOOL_FLAG, 0, 0, NULL, NULL},
};

static const struct tool_option *const tables[] = {
    tool_common_options, tool_reader_options, own_options, NULL};

/* -------------------------------------------------------------- together */

static int changes_something(const struct tool_convert_options *o)
{
    return o->syntax || o->charset || o->lengths || o->bare || o->repair ||
           o->keep_preamble || o->edits.count;
}

/* `dcmconv a.dcm b.dcm`, as other toolkits have it, would write b.dcm. */
static int check_outputs(const struct tool_run *run, char *why, size_t size)
{
    const struct tool_convert_options *o =
        (const struct tool_convert_options *)run->options;
    const struct tool_options *c = &o->common;

    if (c->folder || (run->no_document && !changes_something(o)))
        return 1;
    if (run->no_document)
        snprintf(why, size, "what is to be converted needs -o or -d");
    else if (c->output && run->several)
        snprintf(why, size, "-o takes one input; use -d for several");
    else if (c->operand_count == 2 && !c->recurse && !c->files_from)
        snprintf(why, size,
                 "'%.200s' is taken as an input; to write it use -o, and for "
                 "several inputs -d",
                 c->operands[1]);
    else if (run->several)
        snprintf(why, size, "several inputs need -d");
    else if (tool_on_terminal(run))
        snprintf(why, size, "no DICOM to a terminal; use -o");
    else
        return 1;
    return 0;
}

/* Group lengths may not be right any more when something is changed, so they
 * are not even read. */
static int prepare(struct tool_run *run, char *why, size_t size)
{
    struct tool_convert_options *o =
        (struct tool_convert_options *)run->options;

    run->no_document = o->frames && !o->common.output && !o->common.folder &&
                       !o->common.to_stdout;
    if (!check_outputs(run, why, size))
        return 0;
    if (o->bare && o->keep_preamble) {
        snprintf(why, size,
                 "--no-preamble and --preamble keep do not go "
                 "together");
        return 0;
    }
    if (o->frames)
        run->needs_names = 1;
    run->keep_all = !tool_convert_by_tree(o);
    run->keep_unknown = !o->repair;
    run->keep_head = o->keep_preamble;
    if (o->syntax && strcmp(o->syntax, BIG_ENDIAN_UID) == 0) {
        tool_log_say(&run->log, TOOL_NOTE,
                     "Explicit VR Big Endian is retired (PS3.5 A.3)");
        tool_log_flush(&run->log);
    }
    return 1;
}

static void end(struct tool_worker *w, int whole, int kept)
{
    (void)w;
    (void)whole;
    (void)kept;
}

static const struct tool dcmconv = {
    .syntax = {"dcmconv", usage, tables},
    .suffix = ".dcm",
    .whole_files = 1,
    .in_place = 1,
    .prepare = prepare,
    .open = tool_convert_open,
    .close = tool_convert_close,
    .begin = tool_convert_begin,
    .finish = tool_convert_finish,
    .end = end,
};

int main(int argc, char **argv)
{
    struct tool_convert_options options = {.lengths = DCM_LENGTHS_KEEP};
    int status = tool_main(&dcmconv, &options.common, argc, argv);

    tool_edits_release(&options.edits);
    return status;
}
