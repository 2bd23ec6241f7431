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
#include <sys/stat.h>
#include <unistd.h>

#define SPARE 8 /* files that may be closed at any time */
#define OUTPUT_MAX (UINT64_C(1) << 40) /* bytes of what is no regular file */

struct tool_fetch_shared {
    struct tool_fetch_index *index; /* made when the first worker is */
    struct tool_spools *spools;
};

/* A file, or a value that was inflated. */
struct opened {
    struct opened *next; /* of those a tree refers to */
    size_t hash;
    int fd;   /* -1: of the inflated values */
    int kept; /* a tree refers to it */
    struct dcm_input *input;
    char name[]; /* with 'B' or 'R' before it: --bulk or below the root */
};

struct tool_fetch {
    const struct tool_fetch_options *options;
    struct tool_worker *worker;
    int root; /* -1: not open */
    int keep;
    struct opened *spare[SPARE]; /* the one last used is the last of them */
    size_t spares;
    struct opened **kept; /* by hash */
    size_t count, buckets;
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

static void free_shared(struct tool_fetch_shared *shared)
{
    if (!shared)
        return;
    tool_fetch_index_free(shared->index);
    tool_spools_free(shared->spools);
    free(shared);
}

static struct tool_fetch_shared *new_shared(void)
{
    struct tool_fetch_shared *shared = calloc(1, sizeof *shared);

    if (shared && (shared->spools = tool_spools_new()))
        return shared;
    free_shared(shared);
    return NULL;
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
    if (!o->shared)
        o->shared = new_shared();
    names = realloc(o->names, (o->count + 1) * sizeof *names);
    if (names)
        o->names = names;
    if (!o->shared || !names ||
        !(names[o->count].uri =
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
    free_shared(o->shared);
    o->names = NULL;
    o->shared = NULL;
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
    struct tool_fetch_shared *shared = o->shared;
    struct tool_fetch *f;

    if (shared && !shared->index && !(shared->index = tool_fetch_index_new(o)))
        return NULL;
    f = calloc(1, sizeof *f);
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
    free(o);
}

void tool_fetch_clear(struct tool_fetch *f, int keep)
{
    tool_inflating_clear(&f->inflating);
    while (f->spares)
        close_file(f->spare[--f->spares]);
    for (size_t i = 0; f->count && i < f->buckets; i++)
        while (f->kept[i]) {
            struct opened *o = f->kept[i];

            f->kept[i] = o->next;
            f->count--;
            close_file(o);
        }
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
    free(f->kept);
    free(f);
}

/* ------------------------------------------------------------------- files */

static enum dcm_status fail(const struct request *r, enum dcm_status code,
                            const char *what, const char *why)
{
    return dcm_error_fill(r->error, code, DCM_NO_OFFSET, "",
                          "bulk data '%s'%s%s", r->shown, what, why);
}

/* Too many at once need not be: the user can allow more. */
static const char *reason(int error)
{
    return error == EMFILE || error == ENFILE
               ? "too many bulk files at once; raise ulimit -n"
               : strerror(error);
}

static size_t hash_of(char kind, const char *name)
{
    size_t hash = (unsigned char)kind;

    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * 0x01000193u;
    return hash ^ hash >> 15;
}

static int is_of(const struct opened *o, char kind, const char *name)
{
    return o->name[0] == kind && strcmp(o->name + 1, name) == 0;
}

/* Twice as many places. 0: no memory. */
static int spread(struct tool_fetch *f)
{
    size_t n = f->buckets ? 2 * f->buckets : 64;
    struct opened **kept = calloc(n, sizeof *kept);

    if (!kept)
        return 0;
    for (size_t i = 0; i < f->buckets; i++)
        while (f->kept[i]) {
            struct opened *o = f->kept[i];

            f->kept[i] = o->next;
            o->next = kept[o->hash & (n - 1)];
            kept[o->hash & (n - 1)] = o;
        }
    free(f->kept);
    f->kept = kept;
    f->buckets = n;
    return 1;
}

/* The last of the spare ones from now on until it is cleared. */
static int keep_file(struct tool_fetch *f, struct opened *o)
{
    size_t i = f->spares;
    struct opened **place;

    if (o->kept)
        return 1;
    if (f->count >= f->buckets && !spread(f))
        return 0;
    while (i-- > 0)
        if (f->spare[i] == o) {
            f->spares--;
            memmove(&f->spare[i], &f->spare[i + 1],
                    (f->spares - i) * sizeof *f->spare);
            break;
        }
    if (!o->name[0])
        o->hash = f->count; /* nobody looks for it */
    place = &f->kept[o->hash & (f->buckets - 1)];
    o->next = *place;
    *place = o;
    o->kept = 1;
    f->count++;
    return 1;
}

/* In place of the one that was used longest ago, when there are many. `kind`
 * 0: without a name. NULL: no memory; what was given is closed. */
static struct opened *add_file(struct tool_fetch *f, char kind,
                               const char *name, int fd,
                               struct dcm_input *input)
{
    struct opened *o = malloc(sizeof *o + strlen(name) + 2);

    if (!o) {
        dcm_input_free(input);
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    memset(o, 0, sizeof *o);
    o->hash = hash_of(kind, name);
    o->fd = fd;
    o->input = input;
    o->name[0] = kind;
    strcpy(o->name + 1, name);
    if (f->spares == SPARE) {
        if (f->spare[0]->fd >= 0 && f->spare[0]->fd == f->inflating.fd)
            f->inflating.fd = -1;
        close_file(f->spare[0]);
        memmove(f->spare, f->spare + 1, --f->spares * sizeof *f->spare);
    }
    return f->spare[f->spares++] = o;
}

/* A spare one becomes the last of them. */
static struct opened *find_file(struct tool_fetch *f, char kind,
                                const char *name)
{
    struct opened *o = NULL;

    for (size_t i = f->spares; i-- > 0;)
        if (is_of(f->spare[i], kind, name)) {
            o = f->spare[i];
            memmove(&f->spare[i], &f->spare[i + 1],
                    (f->spares - i - 1) * sizeof *f->spare);
            return f->spare[f->spares - 1] = o;
        }
    if (f->count)
        o = f->kept[hash_of(kind, name) & (f->buckets - 1)];
    while (o && !is_of(o, kind, name))
        o = o->next;
    return o;
}

/* What can be opened again with the same bytes in it. */
static int is_regular(const char *name)
{
    struct stat st;

    return stat(name, &st) != 0 || (S_ISREG(st.st_mode) && st.st_size > 0);
}

/* What the user names may be a pipe: that goes to a file first, for all. */
static int open_named(const struct request *r, const char *name)
{
    uint64_t limit = r->f->worker->run->options->limits.output;
    struct dcm_error own;
    int fd;

    if (is_regular(name)) {
        fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        if (fd < 0)
            fail(r, DCM_ERR_READ, ": --bulk: ", reason(errno));
        return fd;
    }
    memset(&own, 0, sizeof own);
    errno = 0;
    fd = tool_spools_open(r->f->options->shared->spools, name,
                          limit ? limit : OUTPUT_MAX, &own);
    if (fd < 0)
        fail(r, own.code,
             ": --bulk: ", errno == EMFILE ? reason(EMFILE) : own.message);
    return fd;
}

static int open_root(const struct request *r)
{
    struct tool_fetch *f = r->f;

    if (f->root < 0)
        f->root = open(f->options->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (f->root < 0)
        dcm_error_fill(r->error, DCM_ERR_READ, DCM_NO_OFFSET, "",
                       "--bulk-root '%.100s': %s", f->options->root,
                       reason(errno));
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
        fail(r, DCM_ERR_READ, ": ", reason(errno));
    return -1;
}

/* NULL with *error, or without when there is no such file. */
static struct opened *open_file(const struct request *r, char kind,
                                const char *name)
{
    struct opened *found = find_file(r->f, kind, name);
    struct dcm_input *input;
    struct stat st;
    int fd;

    if (found)
        return found;
    fd = kind == 'B' ? open_named(r, name) : open_below(r, name);
    if (fd < 0)
        return NULL;
    if (fstat(fd, &st) == 0 && st.st_size > 0)
        input = dcm_input_fd(fd, r->error);
    else
        input = dcm_input_memory("", 0, r->error);
    if (input)
        found = add_file(r->f, kind, name, fd, input);
    else
        close(fd);
    if (!found)
        fail(r, DCM_ERR_MEMORY, ": ", "no memory");
    return found;
}

/* ------------------------------------------------------------------ values */

/* A tree refers to larger values and has copied others. */
static enum dcm_status note_use(const struct request *r, struct opened *file)
{
    if (!r->f->keep || r->data->size <= DCM_VALUE_LOADED ||
        keep_file(r->f, file))
        return DCM_OK;
    return fail(r, DCM_ERR_MEMORY, ": ", "no memory");
}

/* A file that is not DICOM is no reason to take the one that names it for
 * something else. */
static enum dcm_status give_inflated(const struct request *r,
                                     struct opened *file)
{
    enum dcm_status status;
    struct opened *added;

    status = tool_inflating_find(&r->f->inflating, file->fd, r->uri.offset,
                                 r->data, r->error);
    if (status != DCM_OK) {
        char text[sizeof r->error->message];

        memcpy(text, r->error->message, sizeof text);
        if (status == DCM_ERR_NOT_DICOM)
            status = DCM_ERR_MALFORMED;
        return fail(r, status, ": ", text);
    }
    if (r->uri.has_length && r->uri.length < r->data->size)
        r->data->size = r->uri.length;
    added = add_file(r->f, 0, "", -1, r->data->input);
    if (!added)
        return fail(r, DCM_ERR_MEMORY, ": ", "no memory");
    return note_use(r, added);
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
    return note_use(r, file);
}

static enum dcm_status give(const struct request *r, struct opened *file,
                            enum tool_fetch_found found)
{
    if (found == TOOL_FETCH_RANGE)
        return r->uri.deflated ? give_inflated(r, file) : give_range(r, file);
    r->data->input = file->input;
    r->data->size = file->input->size;
    return note_use(r, file);
}

/* ------------------------------------------------------------------ missing */

static enum dcm_status missing(const struct request *r, const char *why,
                               const char *help)
{
    struct dcm_input *nothing;

    if (r->f->options->missing == TOOL_FETCH_ERROR)
        return fail(r, DCM_ERR_READ, why, help);
    tool_log_say(&r->f->worker->log, TOOL_WARNING,
                 "bulk data '%s'%s; left empty", r->shown, why);
    nothing = dcm_input_memory("", 0, r->error);
    if (!nothing || !add_file(r->f, 0, "", -1, nothing))
        return fail(r, DCM_ERR_MEMORY, ": ", "no memory");
    r->data->input = nothing;
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
    const struct tool_fetch_shared *shared = r.f->options->shared;
    enum tool_fetch_found found;
    const char *name;

    (void)event; /* who asks says where */
    memset(data, 0, sizeof *data);
    memset(error, 0, sizeof *error);
    tool_fetch_parse(&r.uri, uri, length);
    tool_fetch_show(r.shown, uri, length);
    name =
        tool_fetch_named(shared ? shared->index : NULL, &r.uri, number, &found);
    if (name) {
        struct opened *file = open_file(&r, 'B', name);

        return file ? give(&r, file, found) : error->code;
    }
    return found || number ? DCM_DONE : below_root(&r);
}
