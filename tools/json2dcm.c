/* json2dcm: the DICOM JSON Model (PS3.18 Annex F) to DICOM files. Options; the
 * work on an input is in import.c, the rest in source.c, compose.c, fetch.c and
 * tool.c. */
#include "import.h"

#include <stdio.h>

static const char usage[] =
    "Usage: json2dcm [OPTION]... FILE -o FILE\n"
    "       json2dcm [OPTION]... FILE... -d DIR\n"
    "Writes DICOM files of JSON in the DICOM JSON Model. FILE - is standard\n"
    "input; without -o and -d, one file goes to standard output.\n"
    "\n" TOOL_HELP_FILES
    "      --index N           of an array only data set N, from "
    "1\n" TOOL_HELP_IMPORT
    "                          NAME.json becomes NAME.dcm; of an array of\n"
    "                          several, NAME-1.dcm, NAME-2.dcm "
    "...\n" TOOL_HELP_MESSAGES;

static int set_index(void *field, const char *argument, char *why, size_t size)
{
    uint64_t *index = field;

    if (tool_parse_size(argument, index) && *index > 0)
        return 1;
    snprintf(why, size, "'%s' is not a number from 1", argument);
    return 0;
}

static const struct tool_option own_options[] = {
    {"index", 0, TOOL_CALL, TOOL_IMPORT_AT(index), 0, NULL, set_index},
    TOOL_IMPORT_ROWS,
    {NULL, 0, TOOL_FLAG, 0, 0, NULL, NULL},
};

static const struct tool_option *const tables[] = {tool_common_options,
                                                   own_options, NULL};

int main(int argc, char **argv)
{
    const struct tool json2dcm = {
        .syntax = {"json2dcm", usage, tables},
        .suffix = ".dcm",
        TOOL_IMPORT_CALLS(TOOL_JSON),
    };

    return tool_import_main(&json2dcm, TOOL_JSON, argc, argv);
}
