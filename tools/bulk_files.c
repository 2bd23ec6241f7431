/* Bulk values in files of their own: DIR/NAME/TAG.bin. Values are written
 * little endian, as bulk data is elsewhere (PS3.18 8.7.3.1); encapsulated
 * ones as their items with headers (PS3.5 A.4), without the delimiter. Names
 * are made of the input's name and of tags, never of values. */
#include "bulk.h"

#include <libdcm/swap.h>
#include <libdcm/vr.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE 65536u /* bytes copied at a time; a multiple of 8 */
#define FILE_NAME_MAX (TOOL_BULK_NAME - 40)

static int fail(struct tool_bulk *b)
{
    if (!*b->worker->why)
        snprintf(b->worker->why, sizeof b->worker->why, "bulk file %.130s: %s",
                 b->path.data ? b->path.data : "", strerror(errno));
    return -1;
}

/* TAG.bin, or items and tags joined by dots; a name that would be too long
 * for a folder is told apart by its offset. */
void tool_bulk_file_name(const struct dcm_event *ev, char *name, size_t size)
{
    char path[TOOL_BULK_PATH], *number;
    size_t n;

    dcm_event_path(ev, path, sizeof path);
    if (ev->type == DCM_EVENT_FRAGMENT && (number = strrchr(path, '[')))
        *number = '\0';
    tool_bulk_plain_path(path, '.');
    n = strlen(path);
    if (n <= FILE_NAME_MAX)
        snprintf(name, size, "%.*s.bin", FILE_NAME_MAX, path);
    else
        snprintf(name, size, "%llu..%s.bin", (unsigned long long)ev->offset,
                 path + n - FILE_NAME_MAX / 2);
}

/* The input's folder, made when it is not there, and gone with its files
 * when the document fails. */
static int make_folder(struct tool_bulk *b)
{
    const char *folder = b->options->folder;
    const struct tool_worker *w = b->worker;

    b->path.size = 0;
    if (tool_bytes_text(&b->path, folder) != 0 ||
        tool_bytes_text(&b->path, "/") != 0 ||
        tool_document_name(w, &b->path) != 0 || !tool_bytes_string(&b->path)) {
        errno = ENOMEM;
        return fail(b);
    }
    if (tool_make_folders(b->path.data) != 0)
        return fail(b);
    if (mkdir(b->path.data, 0777) == 0)
        return tool_undo_add(w->number, b->path.data);
    return errno == EEXIST ? 0 : fail(b);
}

/* With --force, what is in the way goes, unless it is an input. */
static int clear_way(struct tool_bulk *b)
{
    const struct tool_run *run = b->worker->run;
    struct stat st;

    if (!run->options->force || lstat(b->path.data, &st) != 0 ||
        !S_ISREG(st.st_mode) || tool_ids_have(&run->inputs, &st)) {
        errno = EEXIST;
        return -1;
    }
    return unlink(b->path.data);
}

static int open_file(struct tool_bulk *b, const struct dcm_event *ev)
{
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
    char name[TOOL_BULK_NAME];

    if (make_folder(b) != 0)
        return -1;
    tool_bulk_file_name(ev, name, sizeof name);
    tool_bytes_text(&b->path, "/");
    tool_bytes_text(&b->path, name);
    if (!tool_bytes_string(&b->path))
        return -1;
    b->fd = open(b->path.data, flags, 0666);
    if (b->fd < 0 && errno == EEXIST && clear_way(b) == 0)
        b->fd = open(b->path.data, flags, 0666);
    if (b->fd < 0)
        return fail(b);
    return tool_undo_add(b->worker->number, b->path.data);
}

static int close_file(struct tool_bulk *b)
{
    int fd = b->fd;

    b->fd = -1;
    return fd >= 0 && close(fd) != 0 ? fail(b) : 0;
}

/* Bulk data is little endian (PS3.18 8.7.3.1). */
static int copy_value(struct tool_bulk *b, const struct dcm_event *ev)
{
    const struct dcm_vr *vr = dcm_vr_find(ev->vr);
    size_t unit = ev->flags & DCM_BIG_ENDIAN && vr ? vr->swap : 1;
    size_t got = 0;

    if (!b->buffer && !(b->buffer = malloc(PIECE))) {
        errno = ENOMEM;
        return fail(b);
    }
    do {
        if (dcm_event_read(ev, b->buffer, PIECE, &got) != DCM_OK)
            return -1; /* the source tells why */
        if (unit > 1)
            dcm_swap(b->buffer, got, unit);
        if (tool_write(b->fd, b->buffer, got) != 0)
            return fail(b);
    } while (got == PIECE);
    return 0;
}

int tool_bulk_store(struct tool_bulk *b, const struct dcm_event *ev)
{
    if (ev->type == DCM_EVENT_FRAGS_END)
        return close_file(b);
    if (open_file(b, ev) != 0)
        return -1;
    if (copy_value(b, ev) != 0)
        return -1;
    return close_file(b);
}

/* item = FFFE,E000 length, little endian */
static int put_item(struct tool_bulk *b, uint64_t size)
{
    unsigned char header[8] = {0xFE, 0xFF, 0x00, 0xE0};

    for (int i = 0; i < 4; i++)
        header[4 + i] = (unsigned char)(size >> 8 * i);
    return tool_write(b->fd, header, sizeof header) == 0 ? 0 : fail(b);
}

enum dcm_status tool_bulk_fragment(void *user, const struct dcm_event *ev)
{
    struct tool_bulk *b = user;

    if (ev->type != DCM_EVENT_FRAGMENT)
        return DCM_OK;
    if ((b->fd < 0 && open_file(b, ev) != 0) || put_item(b, ev->size) != 0 ||
        copy_value(b, ev) != 0)
        return DCM_ERR_WRITE;
    return DCM_OK;
}
