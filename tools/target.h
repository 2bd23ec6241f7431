/* Files that a command makes: whole or not at all, and gone after a signal. */
#ifndef TOOL_TARGET_H
#define TOOL_TARGET_H

#include "files.h"

#include <sys/types.h>

/* Files to remove unless all goes well. Each worker has a list of its own,
 * and the -o of a command the last. */
#define TOOL_UNDO_LISTS 257
#define TOOL_UNDO_OUTPUT 256

/* Signals that end the command remove what is on the lists first. */
void tool_undo_on_signals(void);
/* 0, or -1 without memory. */
int tool_undo_add(unsigned list, const char *path);
void tool_undo_forget(unsigned list);
void tool_undo_remove(unsigned list);

struct tool_target {
    int fd;     /* -1: none */
    int direct; /* a device, FIFO or socket: written as it is */
    int synced; /* to be on the disk before it has its name */
    int force;  /* may replace a file, but none of these: */
    const struct tool_ids *inputs;
    const char *own; /* but for this one, if not NULL: its own input */
    unsigned list;
    struct tool_bytes path, temporary; /* each with a NUL */
    char why[128];                     /* of the last failure */
};

/* A name for `path` to be: 0, or -1 with `why`. Folders that are missing
 * are made when `folders` is set. */
int tool_target_open(struct tool_target *t, const char *path, int force,
                     int folders, unsigned list);
/* Gives the file its name: 0, or -1 with `why` and nothing left behind. */
int tool_target_commit(struct tool_target *t);
/* The same for one of several that go together: it stays on the list. */
int tool_target_join(struct tool_target *t);
void tool_target_drop(struct tool_target *t);
void tool_target_release(struct tool_target *t);

/* Makes the folders that `path` lies in; 0, or -1 with errno. */
int tool_make_folders(char *path);

#endif
