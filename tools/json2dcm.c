/* json2dcm: the DICOM JSON Model (PS3.18 Annex F) to DICOM files. Options; the
 * work on an input is in json_convert.c, the rest in compose.c, fetch.c and
 * tool.c. */
#include "json_convert.h"

#include <stdio.h>
#include <string.h>

static const char usage[] =
    "Usage: json2dcm [OPTION]... FILE -o FILE\n"
    "       json2dcm [OPTION]... FILE... -d DIR\n"
    "Writes DICOM files of JSON in the DICOM JSON Model. FILE - is standard\n"
    "input; without -o and -d, one file goes to standard output.\n"
    "\n" TOOL_HELP_FILES
    "      --index N           of an array only data set N, from 1\n"
    "      --binary-numbers    InlineBinary for numbers and text, "
    "too\n" TOOL_HELP_COMPOSE TOOL_HELP_FETCH TOOL_HELP_WHOLE_OUTPUT
    "                          NAME.json becomes NAME.dcm; of an array of\n"
    "                          several, NAME-1.dcm, NAME-2.dcm "
    "...\n" TOOL_HELP_MESSAGES;

#define AT(field) offsetof(struct tool_json_options, field)

static int set_index(void *field, const char *argument, char *why, size_t size)
{
    uint64_t *index = field;

    if (tool_parse_size(argument, index) && *index > 0)
        return 1;
    snprintf(why, size, "'%s' is not a number from 1", argument);
    return 0;
}

static const struct tool_option own_options[] = {
    {"index", 0, TOOL_CALL, AT(index), 0, NULL, set_index},
    {"binary-numbers", 0, TOOL_FLAG, AT(binary_numbers), 1, NULL, NULL},
    TOOL_COMPOSE_ROWS(AT(compose)),
    TOOL_FETCH_ROWS(AT(fetch)),
    {NULL, 0, TOOL_FLAG, 0, 0, NULL, NULL},
};

static const struct tool_option *const tables[] = {tool_common_options,
                                                   own_options, NULL};

/* `json2dcm a.json b.dcm`, as other toolkits have it, would read b.dcm. */
static int check_outputs(const struct tool_run *run, char *why, size_t size)
{
    const struct tool_options *c = run->options;

    if (c->folder)
        return 1;
    if (c->output && run->several)
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

static int prepare(struct tool_run *run, char *why, size_t size)
{
    if (run->options->partial) {
        snprintf(why, size,
                 "--partial is not for JSON: a data set is written whole or "
                 "not at all");
        return 0;
    }
    return check_outputs(run, why, size);
}

static void end(struct tool_worker *w, int whole, int kept)
{
    (void)w;
    (void)whole;
    (void)kept;
}

/* Longer ones first. */
static const char *const endings[] = {".dcm.json", ".json", NULL};

static const struct tool json2dcm = {
    .syntax = {"json2dcm", usage, tables},
    .suffix = ".dcm",
    .endings = endings,
    .reads = "JSON",
    .whole_files = 1,
    .prepare = prepare,
    .start = tool_json_start,
    .convert = tool_json_convert,
    .open = tool_json_open,
    .close = tool_json_close,
    .end = end,
};

int main(int argc, char **argv)
{
    struct tool_json_options options = {
        .compose = {.lengths = DCM_LENGTHS_EXPLICIT}};
    int status = tool_main(&json2dcm, &options.common, argc, argv);

    tool_edits_release(&options.compose.edits);
    tool_fetch_options_release(&options.fetch);
    return status;
}
