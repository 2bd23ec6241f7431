/* dcmconv: DICOM files to DICOM files in another encoding, changed or mended,
 * and to files of their frames. Options; the work on an input is in convert.c,
 * the rest in tool.c. */
#include "convert.h"

#include <libdcm/charset_encode.h>
#include <libdcm/path.h>
#include <libdcm/syntax.h>

#include <stdio.h>
#include <stdlib.h>
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

/* --to: short names, as UIDs. */
static const struct {
    const char *name, *uid;
} syntaxes[] = {
    {"implicit", "1.2.840.10008.1.2"},
    {"explicit", "1.2.840.10008.1.2.1"},
    {"deflated", "1.2.840.10008.1.2.1.99"},
    {"big", BIG_ENDIAN_UID},
};

static const char *syntax_of(const char *argument)
{
    size_t n = strlen(argument);
    const struct dcm_syntax *known = dcm_syntax_find(argument, n);
    struct dcm_uid row;

    for (size_t i = 0; i < sizeof syntaxes / sizeof *syntaxes; i++)
        if (strcmp(syntaxes[i].name, argument) == 0)
            return syntaxes[i].uid;
    if (known)
        return known->uid;
    if (dcm_uid_find_keyword(argument, n, &row) &&
        (known = dcm_syntax_find(row.uid, strlen(row.uid))))
        return known->uid;
    return NULL;
}

static int set_syntax(void *options, const char *argument, char *why,
                      size_t size)
{
    struct tool_convert_options *o = options;

    o->syntax = syntax_of(argument);
    if (!o->syntax)
        snprintf(why, size,
                 "'%s' is none of explicit, implicit, deflated and big, and no "
                 "keyword or UID of a transfer syntax",
                 argument);
    return o->syntax != NULL;
}

static int set_charset(void *options, const char *argument, char *why,
                       size_t size)
{
    struct tool_convert_options *o = options;
    struct dcm_charset set;
    unsigned problems;

    o->charset = NULL;
    if (strcmp(argument, "keep") == 0)
        return 1;
    o->charset = strcmp(argument, "utf8") == 0 ? "ISO_IR 192" : argument;
    problems = dcm_charset_parse(&set, (const uint8_t *)o->charset,
                                 strlen(o->charset));
    if (*argument && !(problems & ~(unsigned)(DCM_CS_TERM | DCM_CS_MIX)) &&
        dcm_charset_check(&set))
        return 1;
    snprintf(why, size,
             "'%s' is neither keep, utf8 nor a Specific Character Set that can "
             "be written",
             argument);
    return 0;
}

/* The path is the caller's no more. Tried here, so that what can never be
 * right is wrong usage. */
static int add_edit(struct tool_convert_options *o, char *path,
                    const char *value, char *why, size_t size)
{
    struct dcm_path parsed;
    struct tool_edit *edits;

    if (!path ||
        !(edits = realloc(o->edits, (o->edit_count + 1) * sizeof *edits))) {
        snprintf(why, size, "no memory");
        free(path);
        return 0;
    }
    o->edits = edits;
    if (!dcm_path_parse(&parsed, path) || parsed.anywhere) {
        snprintf(why, size, "'%s' is no tag, keyword or path", path);
        free(path);
        return 0;
    }
    o->edits[o->edit_count].path = path;
    o->edits[o->edit_count++].value = value;
    return 1;
}

/* The first '=' that is not in the quotes of a Private Creator. */
static const char *equals_of(const char *argument)
{
    int quoted = 0;

    for (; *argument; argument++) {
        quoted ^= *argument == '"';
        if (*argument == '=' && !quoted)
            return argument;
    }
    return NULL;
}

static int add_set(void *options, const char *argument, char *why, size_t size)
{
    const char *equals = equals_of(argument);

    if (!equals) {
        snprintf(why, size, "'%s' is not PATH=VALUE", argument);
        return 0;
    }
    return add_edit(options, strndup(argument, (size_t)(equals - argument)),
                    equals + 1, why, size);
}

static int add_remove(void *options, const char *argument, char *why,
                      size_t size)
{
    return add_edit(options, strdup(argument), NULL, why, size);
}

#define AT(field) offsetof(struct tool_convert_options, field)

static const struct tool_option own_options[] = {
    {"to", 0, TOOL_CALL, 0, 0, NULL, set_syntax},
    {"lengths", 0, TOOL_CHOICE, AT(lengths), DCM_LENGTHS_KEEP,
     "keep|explicit|undefined", NULL},
    {"charset", 0, TOOL_CALL, 0, 0, NULL, set_charset},
    {"set", 0, TOOL_CALL, 0, 0, NULL, add_set},
    {"remove", 0, TOOL_CALL, 0, 0, NULL, add_remove},
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
           o->keep_preamble || o->edit_count;
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

    for (size_t i = 0; i < options.edit_count; i++)
        free(options.edits[i].path);
    free(options.edits);
    return status;
}
