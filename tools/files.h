/* The inputs of a command, one after another: operands, names from a list,
 * and what lies in folders. */
#ifndef TOOL_FILES_H
#define TOOL_FILES_H

#include "message.h"

#include <sys/stat.h>

struct tool_input {
    struct tool_bytes path; /* with a NUL: to open, and to show */
    size_t base;            /* path + base is its name below the operand */
    int is_stdin;           /* path is "-" */
    int walked;             /* met in a folder, not named */
};

enum tool_found {
    TOOL_FOUND_FILE,
    TOOL_FOUND_NOTHING, /* there are no more */
    TOOL_FOUND_SKIPPED, /* path is left out, `problem` says why */
    TOOL_FOUND_PROBLEM  /* path cannot be read, `problem` says why */
};

struct tool_level;

struct tool_files {
    char **operands;
    int count, next;
    struct tool_bytes list; /* of --files-from */
    size_t list_at;
    char list_end; /* what ends a name there */
    int recurse;
    struct tool_level *levels; /* folders that are open, outermost first */
    size_t depth, capacity;
    struct tool_bytes path; /* of the innermost */
    size_t base;
    const char *problem;
};

/* `list` names a file of names, or is "-", or NULL. 0, or -1 with errno
 * when it cannot be read. */
int tool_files_init(struct tool_files *f, char **operands, int count,
                    const char *list, int null_names, int recurse);
void tool_files_release(struct tool_files *f);
/* From the first again. */
void tool_files_rewind(struct tool_files *f);
/* Folders are walked in the order of their names' bytes, without following a
 * link into a folder that is open already. `input` is the caller's. */
enum tool_found tool_files_next(struct tool_files *f, struct tool_input *input);

/* Which files the inputs are, so that none is written over. */
struct tool_ids {
    struct tool_id *ids; /* sorted */
    size_t count;
};
/* Goes through all inputs; rewinds. 0, or -1 without memory. */
int tool_ids_collect(struct tool_ids *ids, struct tool_files *f);
/* One more file, if it is there. */
int tool_ids_add(struct tool_ids *ids, const char *path);
int tool_ids_have(const struct tool_ids *ids, const struct stat *st);
void tool_ids_release(struct tool_ids *ids);

/* Names, each with the path that claimed it. All zero is empty. */
struct tool_names {
    struct tool_name **slots;
    size_t count, capacity;
};
/* NULL when nobody had the name before `path`; else the path that has it,
 * which lasts as long as the set. Without memory: `path` itself. */
const char *tool_names_claim(struct tool_names *names, const char *name,
                             size_t length, const char *path);
void tool_names_release(struct tool_names *names);

#endif
