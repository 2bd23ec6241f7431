/* From a data set to the bytes of an output: what all commands share that make
 * DICOM files of something else. As a stream when nothing is asked for but an
 * encoding, or through a tree, which is changed and then written:
 *
 *     template -> --set, --remove -> --new-uids -> (0008,0005) -> writer
 */
#ifndef TOOL_COMPOSE_H
#define TOOL_COMPOSE_H

#include "edits.h"

struct tool_compose_options {
    const char *syntax;   /* --to: a UID; NULL: that of the data set */
    const char *charset;  /* --charset: terms; NULL: what each data set names */
    const char *template; /* --template: a DICOM file, or NULL */
    int template_pipe;    /* what came through it, if it is a pipe: a
                           * descriptor and 1; otherwise 0 */
    int lengths;          /* --lengths: enum dcm_lengths, to be set first to
                           * DCM_LENGTHS_EXPLICIT */
    int bare;             /* --no-preamble */
    int new_uids;
    struct tool_edits edits;
};

/* Rows of a command's own table; `at` is where the struct above lies in the
 * command's. */
#define TOOL_COMPOSE_ROWS(at)                                                 \
    {"to", 0,    TOOL_CALL,        (at) + TOOL_COMPOSE_AT(syntax),            \
     0,    NULL, tool_parse_syntax},                                          \
        {"charset", 0,    TOOL_CALL,         (at) + TOOL_COMPOSE_AT(charset), \
         0,         NULL, tool_parse_charset},                                \
        {"template", 0, TOOL_CALL, (at), 0, NULL, tool_compose_template},     \
        {"lengths",                                                           \
         0,                                                                   \
         TOOL_CHOICE,                                                         \
         (at) + TOOL_COMPOSE_AT(lengths),                                     \
         DCM_LENGTHS_EXPLICIT,                                                \
         "explicit|undefined",                                                \
         NULL},                                                               \
        {"no-preamble", 0,   TOOL_FLAG, (at) + TOOL_COMPOSE_AT(bare), 1,      \
         NULL,          NULL},                                                \
        {"new-uids", 0,    TOOL_FLAG, (at) + TOOL_COMPOSE_AT(new_uids),       \
         1,          NULL, NULL},                                             \
        {"set", 0,    TOOL_CALL,     (at) + TOOL_COMPOSE_AT(edits),           \
         0,     NULL, tool_edits_set},                                        \
    {                                                                         \
        "remove", 0, TOOL_CALL, (at) + TOOL_COMPOSE_AT(edits), 0, NULL,       \
            tool_edits_remove                                                 \
    }
#define TOOL_COMPOSE_AT(field) offsetof(struct tool_compose_options, field)

#define TOOL_HELP_COMPOSE                                                      \
    "\nData set\n"                                                             \
    "      --to SYNTAX         transfer syntax: explicit, implicit, "          \
    "deflated,\n"                                                              \
    "                          big, or a keyword or UID\n"                     \
    "      --charset TERM      write text in this Specific Character Set; "    \
    "utf8\n"                                                                   \
    "                          is ISO_IR 192, keep (default) the one that\n"   \
    "                          (0008,0005) names\n"                            \
    "      --lengths HOW       of sequences and items: explicit (default),\n"  \
    "                          undefined\n"                                    \
    "      --no-preamble       a bare data set: no preamble, no group 0002\n"  \
    "      --template FILE     attributes that are missing come from this\n"   \
    "                          DICOM file\n"                                   \
    "      --set PATH=VALUE    set an attribute; may be repeated\n"            \
    "      --remove PATH       remove an attribute or item; may be repeated\n" \
    "      --new-uids          new Study, Series and SOP Instance UIDs\n"

/* Is a tool_option_fn; its field is a struct tool_compose_options. A pipe is
 * read here, for it is needed more often than once. */
int tool_compose_template(void *options, const char *argument, char *why,
                          size_t size);

/* Whether something is asked for that only a tree can do. */
int tool_compose_by_tree(const struct tool_compose_options *o);

/* What it works with; all of it is the caller's and outlives it. */
struct tool_composing {
    const struct tool_compose_options *options;
    const struct dcm_limits *limits;
    struct dcm_policy *policy;
    struct tool_log *log;
    struct dcm_output *output;
};

/* For one data set after another. NULL: no memory. */
struct tool_compose;
struct tool_compose *tool_compose_new(const struct tool_composing *with);
void tool_compose_free(struct tool_compose *c);

/* Another data set as a stream: the sink for it. Ends with
 * tool_compose_end(). */
struct dcm_sink *tool_compose_stream(struct tool_compose *c);

/* Another data set as a tree: an empty one, to be filled through
 * dcm_dataset_sink() or dcm_dataset_set(). It keeps text in UTF-8. */
struct dcm_dataset *tool_compose_tree(struct tool_compose *c);
/* Does to it what the options ask for. `beyond_ascii`: it has text that needs
 * a (0008,0005), which becomes ISO_IR 192 where it has none of its own. That of
 * a template stands for text that is the template's alone. */
enum dcm_status tool_compose_change(struct tool_compose *c, int beyond_ascii,
                                    struct dcm_error *error);
/* To the output. */
enum dcm_status tool_compose_write(struct tool_compose *c,
                                   struct dcm_error *error);
/* The two of them. */
enum dcm_status tool_compose_finish_tree(struct tool_compose *c,
                                         int beyond_ascii,
                                         struct dcm_error *error);

/* Whether a data set has text that the default repertoire lacks, at any
 * level. */
int tool_compose_beyond_ascii(struct dcm_dataset *dataset);

/* After all of it went well: warns of what a file of its kind has to have and
 * this one has not (PS3.10 7.1: SOP Class and Instance UID). */
void tool_compose_end(struct tool_compose *c);
/* The transfer syntax that it was written in: a UID, "" before that is known.
 * Lasts until the next data set. */
const char *tool_compose_syntax(const struct tool_compose *c);

#endif
