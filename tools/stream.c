/* The output that all inputs share. Small documents are collected into large
 * writes. Knows nothing of what a document is. */
#include "stream.h"

#include <errno.h>
#include <unistd.h>

#define BUFFER (256u << 10)

static int write_out(struct tool_stream *s, const char *data, size_t n)
{
    if (s->error)
        return -1;
    if (tool_write(s->fd, data, n) != 0) {
        s->error = errno;
        return -1;
    }
    s->written += n;
    return 0;
}

static int flush(struct tool_stream *s)
{
    size_t n = s->buffer.size;

    s->buffer.size = 0;
    return n ? write_out(s, s->buffer.data, n) : 0;
}

static int put(struct tool_stream *s, const char *data, size_t n)
{
    if (s->error)
        return -1;
    if (n > BUFFER - s->buffer.size && flush(s) != 0)
        return -1;
    if (n >= BUFFER / 2)
        return flush(s) != 0 ? -1 : write_out(s, data, n);
    if (tool_bytes_put(&s->buffer, data, n) == 0)
        return 0;
    s->error = ENOMEM;
    return -1;
}

static int put_text(struct tool_stream *s, const char *text)
{
    size_t n = 0;

    while (text && text[n])
        n++;
    return put(s, text, n);
}

int tool_stream_put(struct tool_stream *s, const void *data, size_t n)
{
    if (n && !s->open) {
        s->open = 1;
        s->start = s->written + s->buffer.size;
        put_text(s, s->documents ? s->frame.between : s->frame.first);
    }
    return n ? put(s, data, n) : 0;
}

void tool_stream_end(struct tool_stream *s)
{
    if (s->open)
        s->documents++;
    s->open = 0;
    if (s->eager)
        flush(s);
}

int tool_stream_take_back(struct tool_stream *s)
{
    if (!s->open)
        return 1;
    if (s->start >= s->written) {
        s->buffer.size = (size_t)(s->start - s->written);
        s->open = 0;
        return 1;
    }
    if (!s->regular || s->error)
        return 0;
    if (ftruncate(s->fd, (off_t)s->start) != 0 ||
        lseek(s->fd, (off_t)s->start, SEEK_SET) < 0) {
        s->error = errno;
        return 0;
    }
    s->buffer.size = 0;
    s->written = s->start;
    s->open = 0;
    return 1;
}

int tool_stream_finish(struct tool_stream *s)
{
    put_text(s, s->documents ? s->frame.last : s->frame.none);
    flush(s);
    return s->error ? -1 : 0;
}

void tool_stream_release(struct tool_stream *s)
{
    tool_bytes_release(&s->buffer);
}
