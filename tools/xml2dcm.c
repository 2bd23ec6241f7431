/* xml2dcm: the Native DICOM Model (PS3.19 A.1) to DICOM files. Options; the
 * work on an input is in import.c, the rest in source.c, compose.c, fetch.c and
 * tool.c. */
#include "import.h"

static const char usage[] =
    "Usage: xml2dcm [OPTION]... FILE -o FILE\n"
    "       xml2dcm [OPTION]... FILE... -d DIR\n"
    "Writes DICOM files of XML in the Native DICOM Model. FILE - is standard\n"
    "input; without -o and -d, one file goes to standard output.\n"
    "\n" TOOL_HELP_FILES TOOL_HELP_IMPORT
    "                          NAME.xml becomes "
    "NAME.dcm\n" TOOL_HELP_MESSAGES;

static const struct tool_option own_options[] = {
    TOOL_IMPORT_ROWS,
    {NULL, 0, TOOL_FLAG, 0, 0, NULL, NULL},
};

static const struct tool_option *const tables[] = {tool_common_options,
                                                   own_options, NULL};

int main(int argc, char **argv)
{
    const struct tool xml2dcm = {
        .syntax = {"xml2dcm", usage, tables},
        .suffix = ".dcm",
        TOOL_IMPORT_CALLS(TOOL_XML),
    };

    return tool_import_main(&xml2dcm, TOOL_XML, argc, argv);
}
