/* Files that a command makes. A file is written beside its place under a
 * name of ours and then renamed, so that nobody ever sees half of it. Knows
 * nothing of what is written. */
#include "target.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* -------------------------------------------------------------------- undo */

struct undo {
    struct undo *next;
    char path[];
};

/* The only variable that outlives a call: a signal handler has no other way
 * to know. A list belongs to who takes it out by an exchange, so the handler
 * and the owner never free or walk the same one. */
static _Atomic(struct undo *) lists[TOOL_UNDO_LISTS];

static void remove_all(struct undo *u)
{
    for (; u; u = u->next)
        if (unlink(u->path) != 0 && errno == EISDIR)
            rmdir(u->path); /* after the files in it: they were added later */
}

static void on_signal(int number)
{
    int error = errno;

    for (size_t i = 0; i < TOOL_UNDO_LISTS; i++)
        remove_all(atomic_exchange(&lists[i], NULL));
    errno = error;
    raise(number); /* blocked until we return; then the default acts */
}

void tool_undo_on_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action, old;

    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESETHAND;
    sigfillset(&action.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(numbers[i], &action, NULL);
}

int tool_undo_add(unsigned list, const char *path)
{
    size_t n = strlen(path) + 1;
    struct undo *u = malloc(sizeof *u + n);

    if (!u)
        return -1;
    memcpy(u->path, path, n);
    u->next = atomic_load(&lists[list]);
    while (!atomic_compare_exchange_weak(&lists[list], &u->next, u))
        ;
    return 0;
}

static void forget(struct undo *u)
{
    while (u) {
        struct undo *next = u->next;

        free(u);
        u = next;
    }
}

void tool_undo_forget(unsigned list)
{
    forget(atomic_exchange(&lists[list], NULL));
}

void tool_undo_remove(unsigned list)
{
    struct undo *u = atomic_exchange(&lists[list], NULL);

    remove_all(u);
    forget(u);
}

/* ----------------------------------------------------------------- targets */

static int fail(struct tool_target *t, const char *why)
{
    snprintf(t->why, sizeof t->why, "%s", why);
    return -1;
}

static int set(struct tool_bytes *b, const char *text)
{
    b->size = 0;
    return tool_bytes_text(b, text) == 0 && tool_bytes_string(b) ? 0 : -1;
}

int tool_make_folders(char *path)
{
    for (char *p = path + 1; *p; p++) {
        if (*p != '/' || p[-1] == '/')
            continue;
        *p = '\0';
        if (mkdir(path, 0777) != 0 && errno != EEXIST) {
            *p = '/';
            return -1;
        }
        *p = '/';
    }
    return 0;
}

/* Whether that file is the input that is being read. */
static int is_own(const struct tool_target *t, const struct stat *st)
{
    struct stat own;

    return t->own && stat(t->own, &own) == 0 && own.st_dev == st->st_dev &&
           own.st_ino == st->st_ino;
}

/* Opens what is at the path already, when it is no file to be replaced.
 * 1: done; 0: go on; -1: failed. */
static int look(struct tool_target *t)
{
    const char *path = t->path.data;
    struct stat st;
    char *real;

    if (lstat(path, &st) != 0)
        return errno == ENOENT || errno == ENOTDIR ? 0
                                                   : fail(t, strerror(errno));
    if (S_ISLNK(st.st_mode) && stat(path, &st) != 0)
        return fail(t, "is a link to nothing");
    if (S_ISDIR(st.st_mode))
        return fail(t, "is a folder");
    if (!S_ISREG(st.st_mode)) {
        t->direct = 1;
        t->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
        return t->fd < 0 ? fail(t, strerror(errno)) : 1;
    }
    if (!t->force)
        return fail(t, "exists; --force replaces it");
    if (t->inputs && tool_ids_have(t->inputs, &st) && !is_own(t, &st))
        return fail(t, "is an input");
    /* Through a link: replace what it leads to. */
    real = realpath(path, NULL);
    if (!real || set(&t->path, real) != 0) {
        free(real);
        return fail(t, "no memory");
    }
    free(real);
    return 0;
}

/* DIR/.libdcm-PID-LIST-N.tmp, N for what someone left behind. */
static int temporary_name(struct tool_target *t, unsigned n)
{
    const char *path = t->path.data, *slash = strrchr(path, '/');
    char name[64];

    t->temporary.size = 0;
    snprintf(name, sizeof name, ".libdcm-%ld-%u-%u.tmp", (long)getpid(),
             t->list, n);
    if (tool_bytes_put(&t->temporary, path,
                       slash ? (size_t)(slash - path) + 1 : 0) != 0 ||
        tool_bytes_text(&t->temporary, name) != 0 ||
        !tool_bytes_string(&t->temporary))
        return -1;
    return 0;
}

static int create(struct tool_target *t, int folders)
{
    for (unsigned n = 0; n < 100; n++) {
        if (temporary_name(t, n) != 0)
            return fail(t, "no memory");
        t->fd = open(t->temporary.data, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                     0666);
        if (t->fd < 0 && errno == ENOENT && folders) {
            folders = 0;
            if (tool_make_folders(t->path.data) != 0)
                break;
            n--;
            continue;
        }
        if (t->fd >= 0 || errno != EEXIST)
            break;
    }
    if (t->fd < 0)
        return fail(t, strerror(errno));
    if (tool_undo_add(t->list, t->temporary.data) != 0) {
        unlink(t->temporary.data);
        close(t->fd);
        t->fd = -1;
        return fail(t, "no memory");
    }
    return 0;
}

int tool_target_open(struct tool_target *t, const char *path, int force,
                     int folders, unsigned list)
{
    int found;

    t->fd = -1;
    t->direct = 0;
    t->force = force;
    t->list = list;
    if (set(&t->path, path) != 0)
        return fail(t, "no memory");
    found = look(t);
    return found ? (found < 0 ? -1 : 0) : create(t, folders);
}

/* link() and not rename(): it never replaces what came in the meantime.
 * Where there are no links, rename() has to do. */
static int give_name(struct tool_target *t)
{
    const char *from = t->temporary.data, *to = t->path.data;

    if (!t->force) {
        if (link(from, to) == 0) {
            unlink(from);
            return 0;
        }
        if (errno == EEXIST)
            return -1;
    }
    return rename(from, to);
}

int tool_target_join(struct tool_target *t)
{
    int fd = t->fd;

    t->fd = -1;
    if (close(fd) != 0 || (!t->direct && give_name(t) != 0))
        return fail(t, strerror(errno));
    return t->direct || tool_undo_add(t->list, t->path.data) == 0
               ? 0
               : fail(t, "no memory");
}

int tool_target_commit(struct tool_target *t)
{
    int fd = t->fd;

    t->fd = -1;
    if (!t->direct && t->synced && fsync(fd) != 0 && errno != EINVAL &&
        errno != EROFS) {
        fail(t, strerror(errno));
        close(fd);
        tool_undo_remove(t->list);
        return -1;
    }
    if (close(fd) != 0 || (!t->direct && give_name(t) != 0)) {
        fail(t, strerror(errno));
        tool_undo_remove(t->list);
        return -1;
    }
    tool_undo_forget(t->list);
    return 0;
}

void tool_target_drop(struct tool_target *t)
{
    if (t->fd >= 0)
        close(t->fd);
    t->fd = -1;
    tool_undo_remove(t->list);
}

void tool_target_release(struct tool_target *t)
{
    tool_bytes_release(&t->path);
    tool_bytes_release(&t->temporary);
}
