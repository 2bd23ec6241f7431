/* Where bulk values of a document go: URIs made from a template, and files
 * of their own. For the writers of JSON and XML. */
#ifndef TOOL_BULK_H
#define TOOL_BULK_H

#include "tool.h"

enum tool_bulk_mode {
    TOOL_BULK_DEFAULT = -1, /* URI; of text, whose offsets are of no use: INLINE
                             */
    TOOL_BULK_OMIT,
    TOOL_BULK_INLINE,
    TOOL_BULK_URI,
    TOOL_BULK_FILES
};

struct tool_bulk_options {
    int mode;
    uint64_t size; /* values over it are bulk */
    const char *folder, *uri;
    uint16_t vrs[40]; /* 0 at the end; none: the library's choice */
    struct tool_bytes own_folder, reference; /* see tool_bulk_prepare() */
};

#define TOOL_HELP_BULK                                                        \
    "\nBulk data\n"                                                           \
    "      --bulk HOW          omit, inline, uri (default), or files:\n"      \
    "                          NAME/TAG.bin in --bulk-dir. With --from:\n"    \
    "                          inline\n"                                      \
    "      --bulk-size N       values over N bytes are bulk (default 1K)\n"   \
    "      --bulk-vr LIST      of these VRs: OB,OD,OF,OL,OV,OW,UN\n"          \
    "      --bulk-dir DIR      default: DIR of -d, or FILE.bulk of -o FILE\n" \
    "      --bulk-uri TEXT     with {file} {name} {tag} {path} {offset}\n"    \
    "                          {length}; the path is added to a TEXT\n"       \
    "                          without any. Default:\n"                       \
    "                          {file}?offset={offset}&length={length}\n"

/* Is a tool_option_fn without its `options`: "OB,OW". */
int tool_bulk_parse_vrs(struct tool_bulk_options *o, const char *argument,
                        char *why, size_t size);
/* Checks the template, finds the folder and how a document refers to it.
 * 0: wrong usage. */
int tool_bulk_prepare(struct tool_bulk_options *o, struct tool_run *run,
                      char *why, size_t size);
void tool_bulk_options_release(struct tool_bulk_options *o);

/* One worker's. */
struct tool_bulk {
    const struct tool_bulk_options *options;
    struct tool_worker *worker;
    int fd;                       /* of the file being written, or -1 */
    int ready;                    /* the next three are of this input */
    struct tool_bytes file, name; /* percent-encoded */
    struct tool_bytes reference;  /* to the input's folder */
    struct tool_bytes path;       /* of the file being written */
    unsigned char *buffer;
};

void tool_bulk_init(struct tool_bulk *b, const struct tool_bulk_options *o,
                    struct tool_worker *w);
void tool_bulk_release(struct tool_bulk *b);
/* Another document begins. */
void tool_bulk_clear(struct tool_bulk *b);
/* As struct dcm_json_options has them; user is a struct tool_bulk. */
size_t tool_bulk_uri(void *user, const struct dcm_event *ev, char *buffer,
                     size_t size);
enum dcm_status tool_bulk_fragment(void *user, const struct dcm_event *ev);

/* Between bulk.c and bulk_files.c. */
#define TOOL_BULK_PATH 8192 /* bytes that hold the path of an event */
#define TOOL_BULK_NAME 240  /* and the name of a file */
/* "(0040,A730)[2]/(0040,A124)" to "0040A730/2/0040A124", in place. */
void tool_bulk_plain_path(char *path, char separator);
void tool_bulk_file_name(const struct dcm_event *ev, char *name, size_t size);
/* The value of a VALUE to its file; a FRAGS_END closes that of the fragments.
 * 0, or -1 with the worker's `why` unless it is the source that failed. */
int tool_bulk_store(struct tool_bulk *b, const struct dcm_event *ev);

#endif
