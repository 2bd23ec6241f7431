/* From text to DICOM files: what json2dcm and xml2dcm ask for, and what they
 * do with one input. */
#ifndef TOOL_IMPORT_H
#define TOOL_IMPORT_H

#include "compose.h"
#include "fetch.h"
#include "source.h"

struct tool_import_options {
    struct tool_options common; /* first */
    enum tool_format format;    /* set by the command */
    struct tool_compose_options compose;
    struct tool_fetch_options fetch;
    uint64_t index; /* of the data set in an array, from 1; 0: all */
    int binary_numbers;
};

/* The rows that both have, for a table of a command's own. */
#define TOOL_IMPORT_ROWS                            \
    {"binary-numbers",                              \
     0,                                             \
     TOOL_FLAG,                                     \
     TOOL_IMPORT_AT(binary_numbers),                \
     1,                                             \
     NULL,                                          \
     NULL},                                         \
        TOOL_COMPOSE_ROWS(TOOL_IMPORT_AT(compose)), \
        TOOL_FETCH_ROWS(TOOL_IMPORT_AT(fetch))
#define TOOL_IMPORT_AT(field) offsetof(struct tool_import_options, field)

#define TOOL_HELP_IMPORT                                            \
    "      --binary-numbers    InlineBinary for numbers and text, " \
    "too\n" TOOL_HELP_COMPOSE TOOL_HELP_FETCH TOOL_HELP_WHOLE_OUTPUT

/* Calls of a struct tool. */
int tool_import_prepare(struct tool_run *run, char *why, size_t size);
const char *tool_import_other(const struct tool_run *run, size_t i);
int tool_import_open(struct tool_worker *w);
void tool_import_close(struct tool_worker *w);
enum dcm_status tool_import_start(struct tool_worker *w,
                                  struct dcm_error *error);
enum dcm_status tool_import_convert(struct tool_worker *w,
                                    struct dcm_error *error);
void tool_import_end(struct tool_worker *w, int whole, int kept);

#define TOOL_IMPORT_CALLS(format)                                              \
    .endings = tool_source_endings(format), .reads = tool_source_name(format), \
    .whole_files = 1, .other_input = tool_import_other,                        \
    .prepare = tool_import_prepare,                                            \
    .start = tool_import_start, .convert = tool_import_convert,                \
    .open = tool_import_open, .close = tool_import_close,                      \
    .end = tool_import_end

/* All of main(). */
int tool_import_main(const struct tool *tool, enum tool_format format, int argc,
                     char **argv);

#endif
