/* What the user wants changed in a data set: --set, --remove, --new-uids; and
 * the encoding it is to have: --to, --charset. For all commands that write
 * DICOM. */
#ifndef TOOL_EDITS_H
#define TOOL_EDITS_H

#include "tool.h"

/* A change to a data set, of --set or --remove. */
struct tool_edit {
    char *path;
    const char *value; /* NULL: remove */
};

struct tool_edits {
    struct tool_edit *edits; /* in order */
    size_t count;
};

/* Each is a tool_option_fn; its field is a struct tool_edits. */
int tool_edits_set(void *edits, const char *argument, char *why, size_t size);
int tool_edits_remove(void *edits, const char *argument, char *why,
                      size_t size);
void tool_edits_release(struct tool_edits *e);
/* All of them, in order. */
enum dcm_status tool_edits_apply(const struct tool_edits *e,
                                 struct dcm_dataset *dataset,
                                 struct tool_log *log, struct dcm_error *error);
/* Whether they bring text that the default repertoire lacks. */
int tool_edits_beyond_ascii(const struct tool_edits *e);
/* Whether they set the (0008,0005) at the top level. */
int tool_edits_name_charset(const struct tool_edits *e);

/* --to and --charset, as all commands understand them. Each is a
 * tool_option_fn; its field is a const char *: a UID; terms, or NULL: keep. */
int tool_parse_syntax(void *syntax, const char *argument, char *why,
                      size_t size);
int tool_parse_charset(void *charset, const char *argument, char *why,
                       size_t size);

/* A UID of a random UUID (PS3.5 B.2) and its NUL; -1: no randomness. */
#define TOOL_UID_SIZE 65
int tool_new_uid(char uid[TOOL_UID_SIZE]);
/* New Study, Series and SOP Instance UIDs (0020,000D), (0020,000E),
 * (0008,0018): in place of the same old one always the same new one, as long as
 * the command runs; in place of none another one each time. */
enum dcm_status tool_new_uids(struct dcm_dataset *dataset,
                              struct dcm_error *error);

#endif
