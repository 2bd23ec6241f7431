/* BulkDataURIs to bytes: what the user named with --bulk, and files below
 * --bulk-root. Nothing else is opened, whatever a document says: no absolute
 * names, no "..", no links that lead out of the root, no devices, no network.
 * For readers of JSON and XML. */
#ifndef TOOL_FETCH_H
#define TOOL_FETCH_H

#include "tool.h"

/* --bulk URI=FILE. FILE may be a pipe, which is read once. A URI may be given
 * several times: its files are the frames of Pixel Data in that order.
 *
 * The '=' between them is the first one; but where a '?' comes before it, the
 * first one that cannot belong to the query, a list of NAME or NAME=VALUE
 * joined by '&': the second one between two '&', or that behind "deflated" or
 * "big-endian". Where there is none such, it is the last one. */
struct tool_fetch_name {
    char *uri;
    const char *file;
};

/* What workers share: of the names, and of what came through pipes. */
struct tool_fetch_shared;

enum tool_fetch_missing { TOOL_FETCH_ERROR, TOOL_FETCH_EMPTY };

struct tool_fetch_options {
    struct tool_fetch_name *names;
    size_t count;
    struct tool_fetch_shared *shared; /* NULL without --bulk */
    const char *root;                 /* --bulk-root, or NULL */
    int missing; /* --bulk-missing: enum tool_fetch_missing */
};

#define TOOL_HELP_FETCH                                                       \
    "\nBulk data\n"                                                           \
    "      --bulk URI=FILE     what a BulkDataURI of that name stands for;\n" \
    "                          again with the same URI: the next frame\n"     \
    "      --bulk-root DIR     find the files of other URIs below DIR\n"      \
    "      --bulk-missing HOW  error (default), or empty: no value\n"

/* Rows of a command's own table; `at` is where the struct above lies in the
 * command's. */
#define TOOL_FETCH_ROWS(at)                                             \
    {"bulk", 0, TOOL_CALL, (at), 0, NULL, tool_fetch_add},              \
        {"bulk-root", 0,                                                \
         TOOL_TEXT,   (at) + offsetof(struct tool_fetch_options, root), \
         0,           NULL,                                             \
         NULL},                                                         \
    {                                                                   \
        "bulk-missing", 0, TOOL_CHOICE,                                 \
            (at) + offsetof(struct tool_fetch_options, missing),        \
            TOOL_FETCH_ERROR, "error|empty", NULL                       \
    }

/* Is a tool_option_fn; its field is a struct tool_fetch_options: "URI=FILE". */
int tool_fetch_add(void *options, const char *argument, char *why, size_t size);
void tool_fetch_options_release(struct tool_fetch_options *o);

/* One worker's, all of them made in one thread. Understands what dcm2json
 * writes: a "?" query of offset=N, length=M, deflated and big-endian, joined by
 * '&'; other queries belong to the name. A URI is looked up as it stands, then
 * without such a query, then percent-decoded; then below the root. */
struct tool_fetch;
struct tool_fetch *tool_fetch_new(const struct tool_fetch_options *o,
                                  struct tool_worker *w);
void tool_fetch_free(struct tool_fetch *f);
/* Inputs stay open from here to the next call when `keep` is set and they hold
 * what a tree refers to, a value of more than DCM_VALUE_LOADED bytes. Of others
 * the ones last given do. */
void tool_fetch_clear(struct tool_fetch *f, int keep);
/* Is a dcm_bulk_open_fn; user is the struct tool_fetch. */
enum dcm_status tool_fetch_open(void *user, const struct dcm_event *event,
                                const char *uri, size_t length, unsigned number,
                                struct dcm_bulk_data *data,
                                struct dcm_error *error);

/* ------------------------------------------- between the files of fetch.c */

/* What a URI says. */
struct tool_fetch_uri {
    const char *text; /* not terminated */
    size_t whole;     /* bytes in it */
    size_t size;      /* without the query, if that is one of ours: */
    int has_query, has_length, deflated, big_endian;
    uint64_t offset, length;
};
void tool_fetch_parse(struct tool_fetch_uri *uri, const char *text, size_t n);
/* For messages: cut to TOOL_FETCH_SHOWN bytes. */
#define TOOL_FETCH_SHOWN 80
const char *tool_fetch_show(char shown[TOOL_FETCH_SHOWN + 4], const char *text,
                            size_t n);

/* How a name was found. */
enum tool_fetch_found { TOOL_FETCH_NONE, TOOL_FETCH_ALL, TOOL_FETCH_RANGE };
/* Names sorted by URI. NULL: no memory. The options outlive it. */
struct tool_fetch_index;
struct tool_fetch_index *
tool_fetch_index_new(const struct tool_fetch_options *o);
void tool_fetch_index_free(struct tool_fetch_index *index);
/* The file of that number that --bulk gives the URI, *found says whether the
 * query applies; NULL: there is none, or no further one. `index` may be NULL.
 */
const char *tool_fetch_named(const struct tool_fetch_index *index,
                             const struct tool_fetch_uri *uri, unsigned number,
                             enum tool_fetch_found *found);
/* The name of a file below the root, percent-decoded and terminated, or NULL
 * with *why: words that follow the URI in a message. To be freed. */
char *tool_fetch_name(const struct tool_fetch_uri *uri, const char **why);
/* Opens a regular file of such a name below the folder `root`: a descriptor,
 * or -1 with errno. */
int tool_fetch_beneath(int root, const char *name);

/* One deflated file after another, each from front to back. */
struct tool_inflating {
    const struct dcm_limits *limits;
    struct dcm_reader *reader;
    struct dcm_input *input;
    int fd;      /* of the file that `input` reads; -1: none */
    uint64_t at; /* of the value last met */
    int spool;   /* values go there; -1: not open */
    uint64_t used;
};
void tool_inflating_init(struct tool_inflating *i,
                         const struct dcm_limits *limits);
/* Forgets the values, and the file. */
void tool_inflating_clear(struct tool_inflating *i);
void tool_inflating_release(struct tool_inflating *i);
/* The value at that offset of the inflated data set in the file `fd`, a
 * descriptor of its own: data->input is the caller's to free, before the next
 * call of tool_inflating_clear(). */
enum dcm_status tool_inflating_find(struct tool_inflating *i, int fd,
                                    uint64_t offset, struct dcm_bulk_data *data,
                                    struct dcm_error *error);

#endif
