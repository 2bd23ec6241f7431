/* References to bulk values: URIs made from a template, percent-encoded by
 * RFC 3986 2. They are made of the input's name, tags, item numbers and
 * offsets, never of values. Knows nothing of JSON. */
#include "bulk.h"

#include <libdcm/vr.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ------------------------------------------------------------------- text */

static int unreserved(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
           c == '~' || c == '/';
}

static int encode(struct tool_bytes *to, const char *text, size_t n)
{
    static const char digits[] = "0123456789ABCDEF";
    int result = 0;

    for (size_t i = 0; i < n && result == 0; i++) {
        unsigned char c = (unsigned char)text[i];
        char hex[3] = {'%', digits[c >> 4], digits[c & 15]};

        result = unreserved(c) ? tool_bytes_put(to, text + i, 1)
                               : tool_bytes_put(to, hex, 3);
    }
    return result;
}

/* "(0040,A730)[2]/(0040,A124)" -> "0040A730/2/0040A124", in place. */
void tool_bulk_plain_path(char *path, char separator)
{
    char *to = path;

    for (const char *p = path; *p; p++)
        if (*p == '/' || *p == '[')
            *to++ = separator;
        else if (*p != '(' && *p != ',' && *p != ')' && *p != ']')
            *to++ = *p;
    *to = '\0';
}

/* A fixed buffer that remembers when it was too small. */
struct text {
    char *data;
    size_t used, size;
};

static void add(struct text *t, const char *s, size_t n)
{
    if (t->used > t->size || n > t->size - t->used) {
        t->used = SIZE_MAX;
        return;
    }
    memcpy(t->data + t->used, s, n);
    t->used += n;
}

static void add_text(struct text *t, const char *s)
{
    add(t, s, strlen(s));
}

static void add_number(struct text *t, uint64_t v)
{
    char digits[24];

    snprintf(digits, sizeof digits, "%llu", (unsigned long long)v);
    add_text(t, digits);
}

/* --------------------------------------------------------------- template */

static void add_file(struct text *t, struct tool_bulk *b,
                     const struct dcm_event *ev)
{
    (void)ev;
    add(t, b->file.data, b->file.size);
}

static void add_name(struct text *t, struct tool_bulk *b,
                     const struct dcm_event *ev)
{
    (void)ev;
    add(t, b->name.data, b->name.size);
}

static void add_tag(struct text *t, struct tool_bulk *b,
                    const struct dcm_event *ev)
{
    char tag[12];

    (void)b;
    snprintf(tag, sizeof tag, "%08lX", (unsigned long)ev->tag);
    add_text(t, tag);
}

static void add_path(struct text *t, struct tool_bulk *b,
                     const struct dcm_event *ev)
{
    char path[TOOL_BULK_PATH];

    (void)b;
    dcm_event_path(ev, path, sizeof path);
    tool_bulk_plain_path(path, '/');
    add_text(t, path);
}

static void add_offset(struct text *t, struct tool_bulk *b,
                       const struct dcm_event *ev)
{
    (void)b;
    add_number(t, ev->value_offset);
}

static void add_length(struct text *t, struct tool_bulk *b,
                       const struct dcm_event *ev)
{
    (void)b;
    add_number(t, ev->size);
}

static const struct field {
    const char *name;
    void (*add)(struct text *, struct tool_bulk *, const struct dcm_event *);
} fields[] = {
    {"{file}", add_file}, {"{name}", add_name},     {"{tag}", add_tag},
    {"{path}", add_path}, {"{offset}", add_offset}, {"{length}", add_length},
};

static const struct field *field_at(const char *s)
{
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (strncmp(s, fields[i].name, strlen(fields[i].name)) == 0)
            return &fields[i];
    return NULL;
}

static void add_template(struct text *t, struct tool_bulk *b,
                         const struct dcm_event *ev, const char *s)
{
    int any = 0;

    while (*s) {
        const struct field *f = *s == '{' ? field_at(s) : NULL;

        if (f) {
            any = 1;
            f->add(t, b, ev);
            s += strlen(f->name);
        } else {
            add(t, s++, 1);
        }
    }
    if (!any)
        add_path(t, b, ev);
}

/* Whoever follows the URI has to know what else it takes to read the bytes
 * there: a deflated data set to be inflated, words to be turned round. */
static void add_default(struct text *t, struct tool_bulk *b,
                        const struct dcm_event *ev)
{
    const struct dcm_vr *vr = dcm_vr_find(ev->vr);

    add_file(t, b, ev);
    add_text(t, ev->flags & DCM_DEFLATED ? "?deflated&offset=" : "?offset=");
    add_number(t, ev->value_offset);
    add_text(t, "&length=");
    add_number(t, ev->size);
    if ((ev->flags & DCM_BIG_ENDIAN) && vr && vr->swap > 1)
        add_text(t, "&big-endian");
}

/* ------------------------------------------------------------------ options */

int tool_bulk_parse_vrs(struct tool_bulk_options *o, const char *argument,
                        char *why, size_t size)
{
    size_t n = 0, most = sizeof o->vrs / sizeof *o->vrs - 1;
    const char *s = argument;

    do {
        const struct dcm_vr *vr = NULL;

        if (s[0] && s[1] && (s[2] == ',' || !s[2]))
            vr = dcm_vr_find(DCM_VR(s[0], s[1]));
        if (!vr || !(vr->flags & DCM_VRF_BULK) || n == most) {
            snprintf(why, size, "'%s' is no list of VRs that may be bulk",
                     argument);
            return 0;
        }
        o->vrs[n++] = vr->code;
        s += 2;
    } while (*s++);
    o->vrs[n] = 0;
    return 1;
}

static int check_template(const char *s, char *why, size_t size)
{
    for (; s && *s; s++) {
        const char *end = *s == '{' ? strchr(s, '}') : NULL;

        if (end && !field_at(s)) {
            snprintf(why, size, "--bulk-uri: there is no %.*s",
                     (int)(end - s < 32 ? end - s + 1 : 32), s);
            return 0;
        }
    }
    return 1;
}

/* The path from / on, without "." and "..". Links are not looked at. */
static int absolute(struct tool_bytes *to, const char *path)
{
    char here[4096];

    to->size = 0;
    if (*path != '/' && (!getcwd(here, sizeof here) ||
                         (here[1] && tool_bytes_text(to, here) != 0)))
        return -1;
    while (*path) {
        size_t n = strcspn(path, "/");

        if (n == 2 && path[0] == '.' && path[1] == '.') {
            while (to->size && to->data[--to->size] != '/')
                ;
        } else if (n && !(n == 1 && *path == '.')) {
            if (tool_bytes_text(to, "/") != 0 ||
                tool_bytes_put(to, path, n) != 0)
                return -1;
        }
        path += n;
        path += *path == '/';
    }
    return tool_bytes_string(to) ? 0 : -1;
}

/* How to get from the folder `from` to `to`, both absolute: "../bulk". */
static int relative(struct tool_bytes *out, const char *from, const char *to)
{
    size_t same = 0;
    int result = 0;

    for (size_t i = 0;; i++) {
        if ((from[i] == '/' || !from[i]) && (to[i] == '/' || !to[i]))
            same = i;
        if (!from[i] || from[i] != to[i])
            break;
    }
    for (from += same; *from && result == 0; from++)
        if (*from == '/')
            result = tool_bytes_text(out, "../");
    to += same;
    if (result == 0 && *to)
        result = encode(out, to + 1, strlen(to + 1));
    if (out->size && out->data[out->size - 1] == '/')
        out->size--;
    return result;
}

static int find_reference(struct tool_bulk_options *o,
                          const struct tool_options *common)
{
    struct tool_bytes from = {NULL, 0, 0}, to = {NULL, 0, 0};
    struct tool_bytes base = {NULL, 0, 0};
    const char *slash = common->output ? strrchr(common->output, '/') : NULL;
    int result;

    if (common->folder)
        result = tool_bytes_text(&base, common->folder);
    else if (slash)
        result = tool_bytes_put(&base, common->output,
                                (size_t)(slash - common->output) + 1);
    else
        result = tool_bytes_text(&base, ".");
    if (result == 0)
        result = tool_bytes_string(&base) && absolute(&from, base.data) == 0 &&
                         absolute(&to, o->folder) == 0
                     ? relative(&o->reference, from.data, to.data)
                     : -1;
    tool_bytes_release(&base);
    tool_bytes_release(&from);
    tool_bytes_release(&to);
    return result;
}

static int find_folder(struct tool_bulk_options *o,
                       const struct tool_options *common)
{
    if (o->folder)
        return 0;
    if (common->folder) {
        o->folder = common->folder;
        return 0;
    }
    if (tool_bytes_text(&o->own_folder, common->output) != 0 ||
        tool_bytes_text(&o->own_folder, ".bulk") != 0)
        return -1;
    o->folder = tool_bytes_string(&o->own_folder);
    return o->folder ? 0 : -1;
}

/* What stands in text has no offset that a URI could name (--from). */
static int check_text(const struct tool_bulk_options *o, char *why, size_t size)
{
    if (o->mode == TOOL_BULK_URI && !o->uri)
        snprintf(why, size,
                 "with --from, --bulk uri needs --bulk-uri: values have no "
                 "place in a file that a URI could name");
    else if (o->uri && strstr(o->uri, "{offset}"))
        snprintf(why, size, "--bulk-uri: there is no {offset} with --from");
    else
        return 1;
    return 0;
}

int tool_bulk_prepare(struct tool_bulk_options *o, struct tool_run *run,
                      char *why, size_t size)
{
    const struct tool_options *common = run->options;
    int is_text = run->from.format != TOOL_DICOM;

    if (o->mode == TOOL_BULK_DEFAULT)
        o->mode = is_text ? TOOL_BULK_INLINE : TOOL_BULK_URI;
    if (!check_template(o->uri, why, size) ||
        (is_text && !check_text(o, why, size)))
        return 0;
    if (o->mode != TOOL_BULK_FILES) {
        if (o->folder)
            snprintf(why, size, "--bulk-dir is for --bulk files");
        return !o->folder;
    }
    if (!o->folder && !common->folder && !common->output) {
        snprintf(why, size, "--bulk files needs --bulk-dir, -o or -d");
        return 0;
    }
    run->needs_names = 1;
    run->from.by_tree = 1; /* files are written once */
    if (find_folder(o, common) == 0 && find_reference(o, common) == 0)
        return 1;
    snprintf(why, size, "cannot find the way to --bulk-dir");
    return 0;
}

void tool_bulk_options_release(struct tool_bulk_options *o)
{
    if (o->own_folder.data)
        rmdir(o->own_folder.data); /* when nothing came to be in it */
    tool_bytes_release(&o->own_folder);
    tool_bytes_release(&o->reference);
}

/* -------------------------------------------------------------- references */

/* From the document to the input's folder of files. Where the documents lie
 * among the files, the last part of the name will do; else it starts at the
 * top of -d. */
static int make_reference(struct tool_bulk *b)
{
    const struct tool_bulk_options *o = b->options;
    const struct tool_bytes *name = &b->name;
    size_t from = 0;
    int result = 0;

    for (size_t i = 0; i < name->size; i++) {
        if (name->data[i] != '/')
            continue;
        if (o->reference.size == 0)
            from = i + 1;
        else if (b->worker->run->options->folder && result == 0)
            result = tool_bytes_text(&b->reference, "../");
    }
    if (o->reference.size && result == 0) {
        result =
            tool_bytes_put(&b->reference, o->reference.data, o->reference.size);
        if (result == 0)
            result = tool_bytes_text(&b->reference, "/");
    }
    return result == 0 ? tool_bytes_put(&b->reference, name->data + from,
                                        name->size - from)
                       : result;
}

static int make_ready(struct tool_bulk *b)
{
    const char *path = b->worker->input.path.data;
    struct tool_bytes name = {NULL, 0, 0};
    int result = -1;

    if (b->ready)
        return 0;
    while (path[0] == '/' && path[1] == '/')
        path++; /* "//x" would name a host (RFC 3986 4.2) */
    b->file.size = b->name.size = b->reference.size = 0;
    if (encode(&b->file, path, strlen(path)) == 0 &&
        tool_document_name(b->worker, &name) == 0 &&
        encode(&b->name, name.data, name.size) == 0)
        result = make_reference(b);
    tool_bytes_release(&name);
    b->ready = result == 0;
    return result;
}

static void add_reference(struct text *t, struct tool_bulk *b,
                          const struct dcm_event *ev)
{
    char name[TOOL_BULK_NAME];

    tool_bulk_file_name(ev, name, sizeof name);
    add(t, b->reference.data, b->reference.size);
    add_text(t, "/");
    add_text(t, name);
}

size_t tool_bulk_uri(void *user, const struct dcm_event *ev, char *buffer,
                     size_t size)
{
    struct tool_bulk *b = user;
    struct text t = {buffer, 0, size};

    if (make_ready(b) != 0)
        return SIZE_MAX;
    if (b->worker->from && b->options->mode == TOOL_BULK_INLINE &&
        !b->options->uri) {
        snprintf(b->worker->why, sizeof b->worker->why,
                 "Pixel Data in fragments have no form in line; --bulk files "
                 "writes them to a file (PS3.18 F.2.6)");
        return SIZE_MAX;
    }
    if (b->options->mode == TOOL_BULK_FILES && tool_bulk_store(b, ev) != 0)
        return SIZE_MAX;
    if (b->options->uri)
        add_template(&t, b, ev, b->options->uri);
    else if (b->options->mode == TOOL_BULK_FILES)
        add_reference(&t, b, ev);
    else
        add_default(&t, b, ev);
    return t.used;
}

/* -------------------------------------------------------------- life times */

void tool_bulk_init(struct tool_bulk *b, const struct tool_bulk_options *o,
                    struct tool_worker *w)
{
    memset(b, 0, sizeof *b);
    b->options = o;
    b->worker = w;
    b->fd = -1;
}

void tool_bulk_clear(struct tool_bulk *b)
{
    if (b->fd >= 0)
        close(b->fd);
    b->fd = -1;
    b->ready = 0;
}

void tool_bulk_release(struct tool_bulk *b)
{
    tool_bulk_clear(b);
    tool_bytes_release(&b->file);
    tool_bytes_release(&b->name);
    tool_bytes_release(&b->reference);
    tool_bytes_release(&b->path);
    free(b->buffer);
}
