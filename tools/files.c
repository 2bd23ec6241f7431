/* The inputs of a command. Folders are walked with a stack of listings, a
 * listing a level, so depth costs no descriptors and no recursion. Knows
 * nothing of what is in the files. */
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A folder's names, sorted; the byte before each is its d_type. */
struct tool_level {
    struct tool_bytes names;
    char **sorted;
    size_t count, next;
    size_t path; /* bytes of the path, with the slash */
    dev_t device;
    ino_t inode;
};

/* ------------------------------------------------------------------ a list */

static int read_all(int fd, struct tool_bytes *to)
{
    char buffer[16384];
    ssize_t got;

    for (;;) {
        got = read(fd, buffer, sizeof buffer);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return (int)got;
        if (tool_bytes_put(to, buffer, (size_t)got) != 0) {
            errno = ENOMEM;
            return -1;
        }
    }
}

static int read_list(struct tool_files *f, const char *list)
{
    int is_stdin = strcmp(list, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : open(list, O_RDONLY | O_CLOEXEC);
    int result, error;

    if (fd < 0)
        return -1;
    result = read_all(fd, &f->list);
    error = errno;
    if (!is_stdin)
        close(fd);
    errno = error;
    return result;
}

int tool_files_init(struct tool_files *f, char **operands, int count,
                    const char *list, int null_names, int recurse)
{
    memset(f, 0, sizeof *f);
    f->operands = operands;
    f->count = count;
    f->list_end = null_names ? '\0' : '\n';
    f->recurse = recurse;
    return list ? read_list(f, list) : 0;
}

static void pop(struct tool_files *f)
{
    struct tool_level *level = &f->levels[--f->depth];

    tool_bytes_release(&level->names);
    free(level->sorted);
}

void tool_files_rewind(struct tool_files *f)
{
    while (f->depth)
        pop(f);
    f->next = 0;
    f->list_at = 0;
}

void tool_files_release(struct tool_files *f)
{
    tool_files_rewind(f);
    free(f->levels);
    tool_bytes_release(&f->list);
    tool_bytes_release(&f->path);
}

/* ---------------------------------------------------------------- folders */

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int list_names(DIR *folder, struct tool_level *level)
{
    struct dirent *entry;
    size_t at = 0;

    while (errno = 0, (entry = readdir(folder)) != NULL) {
        char type = (char)entry->d_type;

        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (tool_bytes_put(&level->names, &type, 1) != 0 ||
            tool_bytes_put(&level->names, entry->d_name,
                           strlen(entry->d_name) + 1) != 0)
            return -1;
        level->count++;
    }
    if (errno)
        return -1;
    level->sorted = calloc(level->count + 1, sizeof *level->sorted);
    if (!level->sorted)
        return -1;
    for (size_t i = 0; i < level->count; i++) {
        level->sorted[i] = level->names.data + at + 1;
        at += 2 + strlen(level->sorted[i]);
    }
    qsort(level->sorted, level->count, sizeof *level->sorted, compare);
    return 0;
}

static int is_open(const struct tool_files *f, const struct stat *st)
{
    for (size_t i = 0; i < f->depth; i++)
        if (f->levels[i].device == st->st_dev &&
            f->levels[i].inode == st->st_ino)
            return 1;
    return 0;
}

static struct tool_level *new_level(struct tool_files *f)
{
    if (f->depth == f->capacity) {
        size_t n = f->capacity ? 2 * f->capacity : 16;
        struct tool_level *p = realloc(f->levels, n * sizeof *p);

        if (!p)
            return NULL;
        f->levels = p;
        f->capacity = n;
    }
    memset(&f->levels[f->depth], 0, sizeof *f->levels);
    return &f->levels[f->depth++];
}

/* Lists the folder f->path and makes it the innermost. */
static enum tool_found push(struct tool_files *f)
{
    struct tool_level *level;
    struct stat st;
    DIR *folder;
    enum tool_found found = TOOL_FOUND_FILE;

    if (!tool_bytes_string(&f->path) || !(folder = opendir(f->path.data))) {
        f->problem = strerror(errno);
        return TOOL_FOUND_PROBLEM;
    }
    if (fstat(dirfd(folder), &st) == 0 && is_open(f, &st)) {
        f->problem = "skipped, a link to a folder that it is in";
        found = TOOL_FOUND_SKIPPED;
    } else if (!(level = new_level(f))) {
        f->problem = "no memory";
        found = TOOL_FOUND_PROBLEM;
    } else {
        level->device = st.st_dev;
        level->inode = st.st_ino;
        if (list_names(folder, level) != 0 ||
            (f->path.data[f->path.size - 1] != '/' &&
             tool_bytes_put(&f->path, "/", 1) != 0)) {
            f->problem = errno ? strerror(errno) : "no memory";
            found = TOOL_FOUND_PROBLEM;
            pop(f);
        } else {
            level->path = f->path.size;
        }
    }
    closedir(folder);
    return found;
}

/* ---------------------------------------------------------------- one name */

static enum tool_found give(struct tool_files *f, struct tool_input *input,
                            enum tool_found found)
{
    input->path.size = 0;
    if (tool_bytes_put(&input->path, f->path.data, f->path.size) != 0 ||
        !tool_bytes_string(&input->path)) {
        f->problem = "no memory";
        return TOOL_FOUND_NOTHING;
    }
    return found;
}

/* Where the last part of f->path starts. */
static size_t last_part(const struct tool_files *f)
{
    size_t n = f->path.size;

    while (n && f->path.data[n - 1] != '/')
        n--;
    return n;
}

/* f->path is the name of a folder: 1 when it is opened or has nothing to
 * give; else *found is set. */
static int open_folder(struct tool_files *f, struct tool_input *input,
                       enum tool_found *found)
{
    enum tool_found pushed = push(f);

    if (pushed == TOOL_FOUND_FILE)
        return 1;
    *found = give(f, input, pushed);
    return 0;
}

/* The next name in the innermost folder: 1 when there was nothing to give. */
static int next_in_folder(struct tool_files *f, struct tool_input *input,
                          enum tool_found *found)
{
    struct tool_level *level = &f->levels[f->depth - 1];
    const char *name;
    char type;
    struct stat st;

    if (level->next == level->count) {
        pop(f);
        return 1;
    }
    name = level->sorted[level->next++];
    type = name[-1];
    f->path.size = level->path;
    tool_bytes_text(&f->path, name);
    input->base = f->base;
    input->walked = 1;
    input->is_stdin = 0;
    if (type != DT_REG && type != DT_DIR) {
        if (!tool_bytes_string(&f->path) || stat(f->path.data, &st) != 0) {
            f->problem = "skipped, a link to nothing";
            *found = give(f, input, TOOL_FOUND_SKIPPED);
            return 0;
        }
        type = S_ISREG(st.st_mode) ? DT_REG : S_ISDIR(st.st_mode) ? DT_DIR : 0;
    }
    if (type == DT_DIR)
        return open_folder(f, input, found);
    f->problem = "skipped, not a regular file";
    *found =
        give(f, input, type == DT_REG ? TOOL_FOUND_FILE : TOOL_FOUND_SKIPPED);
    return 0;
}

/* The next operand or name of the list into f->path: 0 at the end. */
static int next_name(struct tool_files *f, int *is_stdin)
{
    f->path.size = 0;
    *is_stdin = 0;
    if (f->next < f->count) {
        const char *name = f->operands[f->next++];

        *is_stdin = strcmp(name, "-") == 0;
        return tool_bytes_text(&f->path, name) == 0;
    }
    while (f->list_at < f->list.size) {
        const char *p = f->list.data + f->list_at;
        size_t left = f->list.size - f->list_at;
        const char *end = memchr(p, f->list_end, left);
        size_t n = end ? (size_t)(end - p) : left;

        f->list_at += end ? n + 1 : n;
        if (n)
            return tool_bytes_put(&f->path, p, strnlen(p, n)) == 0;
    }
    return 0;
}

enum tool_found tool_files_next(struct tool_files *f, struct tool_input *input)
{
    enum tool_found found;
    struct stat st;

    for (;;) {
        if (f->depth) {
            if (!next_in_folder(f, input, &found))
                return found;
            continue;
        }
        if (!next_name(f, &input->is_stdin))
            return TOOL_FOUND_NOTHING;
        input->walked = 0;
        input->base = last_part(f);
        if (input->is_stdin || !f->recurse || !tool_bytes_string(&f->path) ||
            stat(f->path.data, &st) != 0 || !S_ISDIR(st.st_mode))
            return give(f, input, TOOL_FOUND_FILE);
        if (!open_folder(f, input, &found))
            return found;
        f->base = f->path.size;
    }
}

/* ------------------------------------------------------------- identities */

struct tool_id {
    dev_t device;
    ino_t inode;
};

static int compare_ids(const void *a, const void *b)
{
    const struct tool_id *x = a, *y = b;

    if (x->device != y->device)
        return x->device < y->device ? -1 : 1;
    return (x->inode > y->inode) - (x->inode < y->inode);
}

int tool_ids_collect(struct tool_ids *ids, struct tool_files *f)
{
    struct tool_input input;
    struct tool_bytes found = {NULL, 0, 0};
    enum tool_found what;
    int result = 0;

    memset(&input, 0, sizeof input);
    while (result == 0 &&
           (what = tool_files_next(f, &input)) != TOOL_FOUND_NOTHING) {
        struct stat st;
        struct tool_id id;

        if (what != TOOL_FOUND_FILE ||
            (input.is_stdin ? fstat(STDIN_FILENO, &st)
                            : stat(input.path.data, &st)) != 0)
            continue;
        memset(&id, 0, sizeof id);
        id.device = st.st_dev;
        id.inode = st.st_ino;
        result = tool_bytes_put(&found, &id, sizeof id);
    }
    tool_files_rewind(f);
    tool_bytes_release(&input.path);
    ids->ids = (struct tool_id *)(void *)found.data;
    ids->count = found.size / sizeof *ids->ids;
    if (ids->count)
        qsort(ids->ids, ids->count, sizeof *ids->ids, compare_ids);
    return result;
}

int tool_ids_add(struct tool_ids *ids, const char *path)
{
    struct tool_id *grown, id;
    struct stat st;
    size_t at;

    if (stat(path, &st) != 0)
        return 0;
    grown = realloc(ids->ids, (ids->count + 1) * sizeof *grown);
    if (!grown)
        return -1;
    ids->ids = grown;
    memset(&id, 0, sizeof id);
    id.device = st.st_dev;
    id.inode = st.st_ino;
    for (at = ids->count++; at && compare_ids(&grown[at - 1], &id) > 0; at--)
        grown[at] = grown[at - 1];
    grown[at] = id;
    return 0;
}

int tool_ids_have(const struct tool_ids *ids, const struct stat *st)
{
    struct tool_id id;

    memset(&id, 0, sizeof id);
    id.device = st->st_dev;
    id.inode = st->st_ino;
    return ids->count &&
           bsearch(&id, ids->ids, ids->count, sizeof id, compare_ids) != NULL;
}

void tool_ids_release(struct tool_ids *ids)
{
    free(ids->ids);
    ids->ids = NULL;
    ids->count = 0;
}

/* ------------------------------------------------------------------- names */

struct tool_name {
    uint64_t hash;
    size_t length; /* of the name; the path follows it */
    char text[];
};

/* FNV-1a. */
static uint64_t hash_of(const char *s, size_t n)
{
    uint64_t h = 0xCBF29CE484222325u;

    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)s[i]) * 0x100000001B3u;
    return h;
}

/* Where a name is, or the free slot where it goes. */
static size_t slot_of(const struct tool_names *names, uint64_t hash,
                      const char *name, size_t length)
{
    size_t i = (size_t)hash & (names->capacity - 1);

    for (;; i = (i + 1) & (names->capacity - 1)) {
        const struct tool_name *n = names->slots[i];

        if (!n || (n->hash == hash && n->length == length &&
                   memcmp(n->text, name, length) == 0))
            return i;
    }
}

static int enlarge(struct tool_names *names)
{
    struct tool_names more = {NULL, names->count,
                              names->capacity ? 2 * names->capacity : 64};

    more.slots = calloc(more.capacity, sizeof *more.slots);
    if (!more.slots)
        return -1;
    for (size_t i = 0; i < names->capacity; i++) {
        struct tool_name *n = names->slots[i];

        if (n)
            more.slots[slot_of(&more, n->hash, n->text, n->length)] = n;
    }
    free(names->slots);
    *names = more;
    return 0;
}

const char *tool_names_claim(struct tool_names *names, const char *name,
                             size_t length, const char *path)
{
    uint64_t hash = hash_of(name, length);
    size_t size = strlen(path) + 1, i;
    struct tool_name *n;

    if (2 * names->count >= names->capacity && enlarge(names) != 0)
        return path;
    i = slot_of(names, hash, name, length);
    if (names->slots[i])
        return names->slots[i]->text + length;
    n = malloc(sizeof *n + length + size);
    if (!n)
        return path;
    n->hash = hash;
    n->length = length;
    memcpy(n->text, name, length);
    memcpy(n->text + length, path, size);
    names->slots[i] = n;
    names->count++;
    return NULL;
}

void tool_names_release(struct tool_names *names)
{
    for (size_t i = 0; i < names->capacity; i++)
        free(names->slots[i]);
    free(names->slots);
    memset(names, 0, sizeof *names);
}
