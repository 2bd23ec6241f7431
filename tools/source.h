/* Data sets in JSON or XML: one reader for either, and the way from data set
 * to data set of an input. For commands that read text. */
#ifndef TOOL_SOURCE_H
#define TOOL_SOURCE_H

#include "tool.h"

struct tool_source_options {
    enum tool_format format;
    int by_tree;    /* to be read for a tree from the start; XML always is */
    uint64_t index; /* of the one data set that is wanted, from 1; 0: all */
    const char *advice; /* behind "is a DICOM file"; or "" */
    /* As the readers have them. */
    dcm_bulk_open_fn *bulk;
    void *user;
    const char *syntax;
    int binary_numbers;
};

/* What becomes of a data set. */
struct tool_taker {
    /* Pumps all of it; `by_tree`: into a dcm_dataset, first. */
    enum dcm_status (*take)(void *user, struct dcm_source *source, int by_tree,
                            struct dcm_error *error);
    void *user;
};

/* One worker's. NULL: no memory. */
struct tool_source;
struct tool_source *tool_source_new(const struct tool_source_options *o,
                                    struct tool_worker *w);
void tool_source_free(struct tool_source *s);

/* Starts on w->source, at the data set that is wanted. DCM_ERR_NOT_DICOM: met
 * in a folder, and obviously something else. */
enum dcm_status tool_source_open(struct tool_source *s,
                                 struct dcm_error *error);
/* Of what is open: whether it is an array; how many data sets it has, counted
 * up to 2, -1 when that is not to be told. Before the first is taken. */
int tool_source_is_array(const struct tool_source *s);
int tool_source_count(struct tool_source *s);
/* Past data sets that nobody wants: their bulk data are not to be opened. */
int tool_source_skips(const struct tool_source *s);
/* Hands on another data set, and says in w->more whether there is one more.
 * What turns out to need a tree only on the way is handed on once more, by a
 * tree and from its beginning, and so are those behind it. */
enum dcm_status tool_source_convert(struct tool_source *s,
                                    const struct tool_taker *taker,
                                    struct dcm_error *error);
/* Of the data set that was taken: it has text that needs a (0008,0005), and
 * none in force. */
int tool_source_beyond_ascii(const struct tool_source *s);

/* Where what is made of a format's files gets its name from, as struct tool
 * has it; and the name of the format. */
const char *const *tool_source_endings(enum tool_format format);
const char *tool_source_name(enum tool_format format);

#endif
