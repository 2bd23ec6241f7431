/* Where jpeg2dcm writes to: a file whole or not at all, one for each image, or
 * standard output. Knows nothing of what is written. */
#include "jpeg.h"
#include "spool.h"

#include <libdcm/output.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

static struct tool_log *log_of(const struct tool_jpeg_output *out)
{
    return out->maker->t->log;
}

static const struct tool_jpeg_options *
options_of(const struct tool_jpeg_output *out)
{
    return out->maker->t->options;
}

/* -------------------------------------------------------------- life times */

/* No output replaces any file that is read. */
int tool_jpeg_output_open(struct tool_jpeg_output *out)
{
    const struct tool_jpeg_options *o = options_of(out);
    const char *const more[] = {o->study, o->compose.template};
    struct tool_files files;
    int n = o->common.operand_count, result;
    char **names;

    out->target.fd = -1;
    if (!o->common.force)
        return 0;
    names = calloc((size_t)n + o->fetch.count + COUNT(more), sizeof *names);
    if (!names)
        return -1;
    memcpy(names, o->common.operands, (size_t)n * sizeof *names);
    for (size_t i = 0; i < o->fetch.count; i++)
        names[n++] = (char *)(uintptr_t)o->fetch.names[i].file;
    for (size_t i = 0; i < COUNT(more); i++)
        if (more[i])
            names[n++] = (char *)(uintptr_t)more[i];
    result = tool_files_init(&files, names, n, NULL, 0, 0) == 0
                 ? tool_ids_collect(&out->inputs, &files)
                 : -1;
    tool_files_release(&files);
    free(names);
    return result;
}

void tool_jpeg_output_close(struct tool_jpeg_output *out)
{
    tool_names_release(&out->names);
    tool_ids_release(&out->inputs);
    tool_target_release(&out->target);
}

/* ------------------------------------------------------------------- names */

char *tool_jpeg_output_path(const char *folder, const char *name,
                            struct tool_bytes *path)
{
    static const char *const ends[] = {".jpg", ".jpeg", ".jpe", ".jls",
                                       ".j2k", ".j2c",  ".jpc", ".jp2",
                                       ".jpx", ".jph",  ".jhc", ".ljpg"};
    const char *slash = strrchr(name, '/');
    size_t n, m;

    name = strcmp(name, "-") == 0 ? "stdin" : slash ? slash + 1 : name;
    n = strlen(name);
    for (size_t i = 0; i < COUNT(ends); i++) {
        m = strlen(ends[i]);
        if (n > m && strcasecmp(name + n - m, ends[i]) == 0) {
            n -= m;
            break;
        }
    }
    path->size = 0;
    if (tool_bytes_text(path, folder) != 0 || tool_bytes_text(path, "/") != 0 ||
        tool_bytes_put(path, name, n) != 0 ||
        tool_bytes_text(path, ".dcm") != 0)
        return NULL;
    return tool_bytes_string(path);
}

int tool_jpeg_output_claim(struct tool_jpeg_output *out, char **images,
                           size_t count)
{
    const char *folder = options_of(out)->common.folder;
    struct tool_bytes path = {NULL, 0, 0};
    int well = 1;

    for (size_t i = 0; i < count; i++) {
        char *name = tool_jpeg_output_path(folder, images[i], &path);
        const char *other =
            name ? tool_names_claim(&out->names, name, path.size, images[i])
                 : "another";

        if (!other)
            continue;
        log_of(out)->file = tool_jpeg_name(images[i]);
        tool_log_say(log_of(out), TOOL_ERROR,
                     "its output would have the name of that of %s", other);
        well = 0;
    }
    tool_bytes_release(&path);
    return well;
}

/* ----------------------------------------------------------------- writing */

static enum dcm_status output_failed(struct tool_jpeg_output *out,
                                     const char *name, const char *why)
{
    log_of(out)->file = NULL;
    tool_log_say(log_of(out), TOOL_ERROR, "%s: %s", name, why);
    return DCM_ERR_WRITE;
}

static enum dcm_status write_failed(struct tool_jpeg_output *out,
                                    const char *name,
                                    const struct dcm_error *error)
{
    if (error->code == DCM_ERR_WRITE)
        return output_failed(out, name, error->message);
    tool_log_error(log_of(out), error, "");
    return error->code;
}

static enum dcm_status write_file(struct tool_jpeg_output *out,
                                  const char *path)
{
    const struct tool_options *o = &options_of(out)->common;
    struct tool_target *t = &out->target;
    struct dcm_error error;
    enum dcm_status status;

    t->inputs = &out->inputs;
    t->synced = 1;
    if (tool_target_open(t, path, o->force, o->folder != NULL,
                         TOOL_UNDO_OUTPUT) != 0)
        return output_failed(out, path, t->why);
    memset(&error, 0, sizeof error);
    status = tool_jpeg_write(out->maker, t->fd, &error);
    if (status != DCM_OK) {
        tool_target_drop(t);
        return write_failed(out, path, &error);
    }
    if (tool_target_commit(t) != 0)
        return output_failed(out, path, t->why);
    return DCM_OK;
}

/* Is a dcm_write_fn. */
static int put_stdout(void *user, const void *data, size_t n)
{
    (void)user;
    return tool_write(STDOUT_FILENO, data, n);
}

static enum dcm_status write_stdout(struct tool_jpeg_output *out)
{
    struct dcm_error error;
    enum dcm_status status;
    int spool = -1;

    memset(&error, 0, sizeof error);
    if (tool_spool_open(&spool) < 0)
        return output_failed(out, "temporary file", strerror(errno));
    status = tool_jpeg_write(out->maker, spool, &error);
    if (status != DCM_OK)
        status = write_failed(out, "temporary file", &error);
    else if (tool_spool_copy(out->maker->output, put_stdout, NULL) != 0 ||
             close(STDOUT_FILENO) != 0)
        status = output_failed(out, "standard output", strerror(errno));
    close(spool);
    return status;
}

enum dcm_status tool_jpeg_output_put(struct tool_jpeg_output *out,
                                     const char *path)
{
    return path ? write_file(out, path) : write_stdout(out);
}
