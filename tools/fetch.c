/* BulkDataURIs to bytes for readers of JSON and XML (PS3.18 F.2.6): from files
 * that the user named, or that lie below a folder that the user named. Keeps
 * files open as long as somebody needs them. What a URI means is in
 * fetch_uri.c, deflated files are gone through in fetch_inflate.c. */
#include "fetch.h"
#include "spool.h"

#include <libdcm/error.h>
#include <libdcm/input.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define SPARE 8 /* files that may be closed at any time */
#define OUTPUT_MAX (UINT64_C(1) << 40) /* bytes of what is no regular file */

/* A file, or a value that was inflated. */
struct opened {
    char *name; /* with 'B' or 'R' before it: --bulk or below the root */
    int fd;     /* -1: of the inflated values */
    int kept;   /* a tree refers to it */
    struct dcm_input *input;
};

struct tool_fetch {
    const struct tool_fetch_options *options;
    struct tool_worker *worker;
    int root; /* -1: not open */
    int keep;
    struct opened *files; /* the one last used is the last of them */
    size_t count, capacity;
    struct tool_inflating inflating;
};

/* What is being done for one call. */
struct request {
    struct tool_fetch *f;
    struct tool_fetch_uri uri;
    struct dcm_bulk_data *data;
    struct dcm_error *error;
    char shown[TOOL_FETCH_SHOWN + 4];
};

/* ----------------------------------------------------------------- options */

/* What stands for something without a value in a query. */
static int is_flag(const char *s, size_t n)
{
    return (n == 8 && memcmp(s, "deflated", 8) == 0) ||
           (n == 10 && memcmp(s, "big-endian", 10) == 0);
}

static const char *query_end(const char *s)
{
    for (;;) {
        size_t n = strcspn(s, "=&");

        if (s[n] == '=' && is_flag(s, n))
            return s + n;
        if (s[n] == '=') {
            s += n + 1;
            n = strcspn(s, "=&");
            if (s[n] == '=')
                return s + n;
        }
        if (!s[n])
            return NULL;
        s += n + 1;
    }
}

/* See struct tool_fetch_name. */
static const char *split(const char *argument)
{
    const char *equals = strchr(argument, '=');
    const char *mark = strchr(argument, '?'), *end;

    if (!equals || !mark || equals < mark)
        return equals;
    end = query_end(mark + 1);
    return end ? end : strrchr(argument, '=');
}

int tool_fetch_add(void *options, const char *argument, char *why, size_t size)
{
    struct tool_fetch_options *o = options;
    const char *equals = split(argument);
    struct tool_fetch_name *names;

    if (!equals || equals == argument || !equals[1]) {
        snprintf(why, size, "'%s' is not URI=FILE", argument);
        return 0;
    }
    names = realloc(o->names, (o->count + 1) * sizeof *names);
    if (names)
        o->names = names;
    if (!names || !(names[o->count].uri =
                        strndup(argument, (size_t)(equals - argument)))) {
        snprintf(why, size, "no memory");
        return 0;
    }
    names[o->count++].file = equals + 1;
    return 1;
}

void tool_fetch_options_release(struct tool_fetch_options *o)
{
    for (size_t i = 0; i < o->count; i++)
        free(o->names[i].uri);
    free(o->names);
    o->names = NULL;
    o->count = 0;
}

/* -------------------------------------------------------------- life times */

/* A tree may refer to many files. */
static void raise_files(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
        limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

struct tool_fetch *tool_fetch_new(const struct tool_fetch_options *o,
                                  struct tool_worker *w)
{
    struct tool_fetch *f = calloc(1, sizeof *f);

    if (!f)
        return NULL;
    f->options = o;
    f->worker = w;
    f->root = -1;
    tool_inflating_init(&f->inflating, &w->run->options->limits);
    raise_files();
    return f;
}

static void close_file(struct opened *o)
{
    dcm_input_free(o->input);
    if (o->fd >= 0)
        close(o->fd);
    free(o->name);
}

void tool_fetch_clear(struct tool_fetch *f, int keep)
{
    tool_inflating_clear(&f->inflating);
    for (size_t i = 0; i < f->count; i++)
        close_file(&f->files[i]);
    f->count = 0;
    f->keep = keep;
}

void tool_fetch_free(struct tool_fetch *f)
{
    if (!f)
        return;
    tool_fetch_clear(f, 0);
    tool_inflating_release(&f->inflating);
    if (f->root >= 0)
        close(f->root);
    free(f->files);
    free(f);
}

/* ------------------------------------------------------------------- files */

static enum dcm_status fail(const struct request *r, enum dcm_status code,
                            const char *what, const char *why)
{
    return dcm_error_fill(r->error, code, DCM_NO_OFFSET, "",
                          "bulk data '%s'%s%s", r->shown, what, why);
}

/* Closes what nobody needs, the one that was used longest ago first. */
static void make_room(struct tool_fetch *f)
{
    size_t spare = 0, from = 0, to = 0;

    for (size_t i = 0; i < f->count; i++)
        spare += !f->files[i].kept;
    for (; from < f->count; from++) {
        struct opened *o = &f->files[from];

        if (!o->kept && spare >= SPARE) {
            spare--;
            if (o->fd >= 0 && o->fd == f->inflating.fd)
                f->inflating.fd = -1;
            close_file(o);
        } else {
            f->files[to++] = *o;
        }
    }
    f->count = to;
}

/* The last of the list. NULL: no memory; what was given is closed. */
static struct opened *add_file(struct tool_fetch *f, struct opened file)
{
    struct opened *files = f->files;

    make_room(f);
    if (f->count == f->capacity) {
        size_t n = f->capacity ? 2 * f->capacity : 16;

        files = realloc(f->files, n * sizeof *files);
        if (!files) {
            close_file(&file);
            return NULL;
        }
        f->files = files;
        f->capacity = n;
    }
    files[f->count++] = file;
    return &files[f->count - 1];
}

/* Moves it to the end of the list. */
static struct opened *find_file(struct tool_fetch *f, char kind,
                                const char *name)
{
    for (size_t i = f->count; i-- > 0;) {
        struct opened o = f->files[i];

        if (o.name && *o.name == kind && strcmp(o.name + 1, name) == 0) {
            memmove(&f->files[i], &f->files[i + 1],
                    (f->count - i - 1) * sizeof o);
            f->files[f->count - 1] = o;
            return &f->files[f->count - 1];
        }
    }
    return NULL;
}

/* What the user names may be a pipe: that goes to a file first. */
static int open_named(const struct request *r, const char *name)
{
    const struct tool_options *o = r->f->worker->run->options;
    int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY), spool = -1;
    struct dcm_input *in;
    struct stat st;
    int result;

    if (fd < 0 || fstat(fd, &st) != 0) {
        fail(r, DCM_ERR_READ, ": --bulk: ", strerror(errno));
        goto failed;
    }
    if (S_ISREG(st.st_mode) && st.st_size > 0)
        return fd;
    in = dcm_input_fd(fd, r->error);
    if (!in)
        goto failed;
    result = tool_spool_fill(
        &spool, in, o->limits.output ? o->limits.output : OUTPUT_MAX, r->error);
    dcm_input_free(in);
    close(fd);
    if (result == 0)
        return spool;
    fd = spool;
failed:
    if (fd >= 0)
        close(fd);
    return -1;
}

static int open_root(const struct request *r)
{
    struct tool_fetch *f = r->f;

    if (f->root < 0)
        f->root = open(f->options->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (f->root < 0)
        dcm_error_fill(r->error, DCM_ERR_READ, DCM_NO_OFFSET, "",
                       "--bulk-root '%.100s': %s", f->options->root,
                       strerror(errno));
    return f->root;
}

/* -1 with *error, or -2 when there is no such file. */
static int open_below(const struct request *r, const char *name)
{
    int root = open_root(r), fd;

    if (root < 0)
        return -1;
    fd = tool_fetch_beneath(root, name);
    if (fd >= 0)
        return fd;
    if (errno == ENOENT || errno == ENOTDIR)
        return -2;
    if (errno == EXDEV || errno == ELOOP)
        fail(r, DCM_ERR_READ, " leads out of --bulk-root", "");
    else if (errno == ENOTSUP || errno == EISDIR)
        fail(r, DCM_ERR_READ, " is not a regular file", "");
    else
        fail(r, DCM_ERR_READ, ": ", strerror(errno));
    return -1;
}

/* NULL with *error, or without when there is no such file. */
static struct opened *open_file(const struct request *r, char kind,
                                const char *name)
{
    struct opened *found = find_file(r->f, kind, name);
    struct opened file = {NULL, -1, 0, NULL};
    struct stat st;

    if (found)
        return found;
    file.fd = kind == 'B' ? open_named(r, name) : open_below(r, name);
    if (file.fd < 0)
        return NULL;
    if (fstat(file.fd, &st) == 0 && st.st_size > 0)
        file.input = dcm_input_fd(file.fd, r->error);
    else
        file.input = dcm_input_memory("", 0, r->error);
    file.name = malloc(strlen(name) + 2);
    if (file.name) {
        file.name[0] = kind;
        strcpy(file.name + 1, name);
    }
    if (!file.input || !file.name) {
        close_file(&file);
        fail(r, DCM_ERR_MEMORY, ": ", "no memory");
        return NULL;
    }
    found = add_file(r->f, file);
    if (!found)
        fail(r, DCM_ERR_MEMORY, ": ", "no memory");
    return found;
}

/* ------------------------------------------------------------------ values */

/* A tree refers to larger values and has copied others. */
static void note_use(const struct request *r, struct opened *file)
{
    if (r->f->keep && r->data->size > DCM_VALUE_LOADED)
        file->kept = 1;
}

static enum dcm_status give_inflated(const struct request *r,
                                     struct opened *file)
{
    struct opened value = {NULL, -1, 0, NULL};
    enum dcm_status status;
    struct opened *added;

    status = tool_inflating_find(&r->f->inflating, file->fd, r->uri.offset,
                                 r->data, r->error);
    if (status != DCM_OK) {
        char text[sizeof r->error->message];

        memcpy(text, r->error->message, sizeof text);
        return fail(r, status, ": ", text);
    }
    if (r->uri.has_length && r->uri.length < r->data->size)
        r->data->size = r->uri.length;
    value.input = r->data->input;
    added = add_file(r->f, value);
    if (!added)
        return fail(r, DCM_ERR_MEMORY, ": ", "no memory");
    note_use(r, added);
    return DCM_OK;
}

static enum dcm_status give_range(const struct request *r, struct opened *file)
{
    const struct tool_fetch_uri *uri = &r->uri;
    uint64_t size = file->input->size;

    if (uri->offset > size ||
        (uri->has_length && uri->length > size - uri->offset)) {
        char why[100];

        snprintf(why, sizeof why,
                 " passes the end of its file, which has %llu bytes",
                 (unsigned long long)size);
        return fail(r, DCM_ERR_MALFORMED, why, "");
    }
    r->data->input = file->input;
    r->data->offset = uri->offset;
    r->data->size = uri->has_length ? uri->length : size - uri->offset;
    r->data->flags = uri->big_endian ? DCM_BIG_ENDIAN : 0;
    note_use(r, file);
    return DCM_OK;
}

static enum dcm_status give(const struct request *r, struct opened *file,
                            enum tool_fetch_found found)
{
    if (found == TOOL_FETCH_RANGE)
        return r->uri.deflated ? give_inflated(r, file) : give_range(r, file);
    r->data->input = file->input;
    r->data->size = file->input->size;
    note_use(r, file);
    return DCM_OK;
}

/* ------------------------------------------------------------------ missing */

static enum dcm_status missing(const struct request *r, const char *why,
                               const char *help)
{
    struct opened nothing = {NULL, -1, 0, NULL};

    if (r->f->options->missing == TOOL_FETCH_ERROR)
        return fail(r, DCM_ERR_READ, why, help);
    tool_log_say(&r->f->worker->log, TOOL_WARNING,
                 "bulk data '%s'%s; left empty", r->shown, why);
    nothing.input = dcm_input_memory("", 0, r->error);
    if (!nothing.input || !add_file(r->f, nothing))
        return fail(r, DCM_ERR_MEMORY, ": ", "no memory");
    r->data->input = nothing.input;
    return DCM_OK;
}

static enum dcm_status below_root(const struct request *r)
{
    static const char name_it[] = "; name a file with --bulk";
    struct opened *file;
    const char *why;
    char *name = tool_fetch_name(&r->uri, &why);
    char text[60];

    if (!name) {
        snprintf(text, sizeof text, ": %s", why);
        return missing(r, text, name_it);
    }
    if (!r->f->options->root) {
        free(name);
        return missing(r, " is not known",
                       "; name a file with --bulk, or a folder with "
                       "--bulk-root");
    }
    file = open_file(r, 'R', name);
    free(name);
    if (file)
        return give(r, file, TOOL_FETCH_RANGE);
    return r->error->code != DCM_OK
               ? r->error->code
               : missing(r, " is not in --bulk-root", name_it);
}

enum dcm_status tool_fetch_open(void *user, const struct dcm_event *event,
                                const char *uri, size_t length, unsigned number,
                                struct dcm_bulk_data *data,
                                struct dcm_error *error)
{
    struct request r = {.f = user, .data = data, .error = error};
    enum tool_fetch_found found;
    const char *name;

    (void)event; /* who asks says where */
    memset(data, 0, sizeof *data);
    memset(error, 0, sizeof *error);
    tool_fetch_parse(&r.uri, uri, length);
    tool_fetch_show(r.shown, uri, length);
    name = tool_fetch_named(r.f->options, &r.uri, number, &found);
    if (name) {
        struct opened *file = open_file(&r, 'B', name);

        return file ? give(&r, file, found) : error->code;
    }
    return found || number ? DCM_DONE : below_root(&r);
}
