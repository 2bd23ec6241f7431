/* The output that all inputs share, in order: documents with what belongs
 * before, between and after them. */
#ifndef TOOL_STREAM_H
#define TOOL_STREAM_H

#include "message.h"

/* What stands around documents, NULL for nothing; `none` in place of all when
 * there are none. */
struct tool_frame {
    const char *first, *between, *last, *none;
};

struct tool_stream {
    int fd;
    int regular; /* a file of ours: can be cut */
    int eager;   /* someone is looking: nothing stays in the buffer */
    struct tool_frame frame;
    struct tool_bytes buffer;
    uint64_t written;   /* bytes before the buffer */
    uint64_t start;     /* of the document, its separator included */
    uint64_t documents; /* that are complete */
    int open;           /* a document has begun */
    int error;          /* errno of the first failure */
};

/* Bytes of a document. 0, or -1 for good. */
int tool_stream_put(struct tool_stream *s, const void *data, size_t n);
/* The document is complete. */
void tool_stream_end(struct tool_stream *s);
/* The document is taken back: 1 if that could be done. */
int tool_stream_take_back(struct tool_stream *s);
/* No more documents: 0, or -1. Does not close. */
int tool_stream_finish(struct tool_stream *s);
void tool_stream_release(struct tool_stream *s);

#endif
