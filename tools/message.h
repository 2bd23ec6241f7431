/* What a command tells its user on standard error: a line at a time, with
 * nothing in it that could drive a terminal. */
#ifndef TOOL_MESSAGE_H
#define TOOL_MESSAGE_H

#include <libdcm/dcm.h>

#if defined(__GNUC__)
#define TOOL_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define TOOL_PRINTF(f, a)
#endif

/* Bytes that grow. All zero is empty. */
struct tool_bytes {
    char *data;
    size_t size, capacity;
};
/* 0, or -1 when there is no memory. */
int tool_bytes_put(struct tool_bytes *b, const void *data, size_t n);
int tool_bytes_text(struct tool_bytes *b, const char *text);
/* A NUL after the last byte that size does not count; NULL: no memory. */
char *tool_bytes_string(struct tool_bytes *b);
void tool_bytes_release(struct tool_bytes *b);
/* Text with what a terminal should not get as \xNN. */
void tool_bytes_visible(struct tool_bytes *b, const char *text);

enum tool_message { TOOL_ERROR, TOOL_WARNING, TOOL_NOTE };

struct tool_log {
    const char *program;
    const char *file; /* what it is about; NULL: nothing in particular */
    int quiet;        /* errors only */
    int verbose;      /* notes too */
    int json;         /* an object a line */
    int color;
    struct tool_bytes text; /* not written out yet */
    /* The deviation that a strict policy made an error: its details go with
     * the error that follows. */
    struct {
        const char *name, *section;
        uint32_t tag, length;
        char vr[3];
    } cause;
};

void tool_log_say(struct tool_log *log, enum tool_message kind,
                  const char *format, ...) TOOL_PRINTF(3, 4);
/* An error of the library; `note`, when not empty, goes behind it. */
void tool_log_error(struct tool_log *log, const struct dcm_error *error,
                    const char *note);
/* Is a dcm_diagnostic_fn; user is the log. */
void tool_log_diagnostic(void *log, const struct dcm_diagnostic *d);
/* Writes out what was said so far. */
void tool_log_flush(struct tool_log *log);

/* All n bytes to a descriptor: 0, or -1 with errno. */
int tool_write(int fd, const void *data, size_t n);
/* Whether text in color may go to fd. */
int tool_color_wanted(int color, int fd);

#endif
