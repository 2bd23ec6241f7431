/* The command line, from tables: a row an option, read into a struct of the
 * command that begins with struct tool_options. */
#ifndef TOOL_OPTIONS_H
#define TOOL_OPTIONS_H

#include "message.h"

#include <libdcm/dcm.h>

enum tool_kind {
    TOOL_FLAG,   /* int: set to `value` */
    TOOL_TEXT,   /* const char *: the argument */
    TOOL_NUMBER, /* uint64_t: at most `value` */
    TOOL_SIZE,   /* uint64_t: with K, M, G or T behind it */
    TOOL_CHOICE, /* int: which of `choices`, from `value` */
    TOOL_CALL    /* `call` takes it into the field, or says what is wrong */
};

/* 1 when `argument` is right. Otherwise 0, with the reason in `why`. */
typedef int tool_option_fn(void *field, const char *argument, char *why,
                           size_t size);

struct tool_option {
    const char *name;
    int letter; /* 0: none */
    enum tool_kind kind;
    size_t at; /* of the field, in the command's struct */
    int value;
    const char *choices; /* "auto|always|never" */
    tool_option_fn *call;
};

enum tool_color { TOOL_COLOR_AUTO, TOOL_COLOR_ALWAYS, TOOL_COLOR_NEVER };

/* What all commands understand. */
struct tool_options {
    const char *output, *folder, *files_from;
    int to_stdout; /* -o - was given; output is NULL then */
    int null_names, recurse, force, partial;
    uint64_t workers;
    int strict, quiet, verbose, progress, color, diagnostics;
    struct dcm_limits limits;
    /* Commands that read DICOM. */
    const char *charset_assume, *charset_force;
    const char **tags; /* as many as `tag_count`, parsed once already */
    size_t tag_count;
    uint32_t until;
    int has_until, no_pixel;
    char **operands;
    int operand_count;
};

extern const struct tool_option tool_common_options[];
extern const struct tool_option tool_reader_options[];
extern const struct tool_option tool_select_options[];

/* What the tables above say in --help. */
#define TOOL_HELP_FILES                                                       \
    "Input\n"                                                                 \
    "  -r, --recurse           take folders too, with all that is in them\n"  \
    "      --files-from FILE   take more names from FILE, one a line; - is\n" \
    "                          standard input\n"                              \
    "  -0, --null              names of --files-from end with a NUL\n"        \
    "  -j, --jobs N            N inputs at a time; 0: one a processor\n"      \
    "      --lenient           read on at a deviation, with a warning "       \
    "(default)\n"                                                             \
    "      --strict            the first deviation is an error\n"             \
    "      --limit NAME=N      depth, items, value, inflated, ratio, output;" \
    "\n"                                                                      \
    "                          N may end with K, M, G or T\n"
#define TOOL_HELP_INPUT                                                   \
    TOOL_HELP_FILES                                                       \
    "      --charset-assume T  character set where the file names none\n" \
    "      --charset-force T   character set whatever the file names\n"
#define TOOL_HELP_SELECT                                                       \
    "\nSelection\n"                                                            \
    "      --tag PATH          only this attribute, with all that is in it;\n" \
    "                          may be repeated. PatientName, 00100010,\n"      \
    "                          (0040,A730)[2].CodeValue, **.CodeValue\n"       \
    "      --until TAG         stop before this tag at the top level\n"        \
    "      --no-pixel          leave Pixel Data out\n"
#define TOOL_HELP_WHOLE_OUTPUT                                           \
    "\nOutput\n"                                                         \
    "  -o, --output FILE       write FILE, whole or not at all\n"        \
    "  -d, --directory DIR     write one file for each input into DIR\n" \
    "      --force             replace files that exist\n"
#define TOOL_HELP_OUTPUT   \
    TOOL_HELP_WHOLE_OUTPUT \
    "      --partial           keep what a failed input gave in -o and -d\n"
#define TOOL_HELP_MESSAGES                                       \
    "\nMessages\n"                                               \
    "  -q, --quiet             errors only\n"                    \
    "  -v, --verbose           a line about each input\n"        \
    "      --progress          count inputs on standard error\n" \
    "      --diagnostics HOW   text, json (one object a line)\n" \
    "      --color WHEN        auto, always, never\n"            \
    "      --help, --version   print this, or the version\n"     \
    "\nExit status: 0 done, 1 some input or output failed, 2 wrong usage.\n"

/* How a command line is to be read: the tables, ended by NULL. */
struct tool_syntax {
    const char *name, *usage;
    const struct tool_option *const *tables;
};

/* Reads argv into `options`, the command's struct, all zero but for its
 * defaults. -1 to go on; otherwise the status to exit with. */
int tool_options_parse(const struct tool_syntax *syntax, void *options,
                       int argc, char **argv, struct tool_log *log);
void tool_options_release(struct tool_options *options);

/* "1024", "64K": 1 when it is a number of that form. */
int tool_parse_size(const char *text, uint64_t *value);

#endif
