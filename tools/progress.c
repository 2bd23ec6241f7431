/* A line on a terminal that counts inputs, at most five times a second.
 * Called by the worker whose turn it is, so by one at a time. */
#include "tool.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static uint64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

void tool_progress_hide(struct tool_progress *p)
{
    if (p->shown && p->terminal)
        (void)!tool_write(STDERR_FILENO, "\r\033[K", 4);
    p->shown = 0;
}

static void show(struct tool_run *run, uint64_t now)
{
    struct tool_progress *p = &run->progress;
    uint64_t ms = now - p->start;
    char line[120];

    snprintf(line, sizeof line, "%s%s: %llu inputs, %llu a second%s",
             p->terminal ? "\r" : "", run->tool->syntax.name,
             (unsigned long long)p->count,
             (unsigned long long)(ms ? p->count * 1000 / ms : p->count),
             p->terminal ? "\033[K" : "\n");
    (void)!tool_write(STDERR_FILENO, line, strlen(line));
    p->shown = 1;
    p->last = now;
}

void tool_progress_step(struct tool_run *run)
{
    struct tool_progress *p = &run->progress;
    uint64_t now;

    p->count++;
    if (!p->on)
        return;
    now = now_ms();
    if (now - p->last >= 200)
        show(run, now);
}

void tool_progress_start(struct tool_run *run)
{
    const struct tool_options *o = run->options;
    struct tool_progress *p = &run->progress;

    if (!o->progress && (!run->several || o->quiet))
        return;
    p->terminal = isatty(STDERR_FILENO);
    p->on = o->progress || (p->terminal && !isatty(STDOUT_FILENO));
    if (p->on)
        p->start = p->last = now_ms();
}

/* Who asked for it keeps the last count. */
void tool_progress_end(struct tool_run *run)
{
    struct tool_progress *p = &run->progress;

    if (!run->options->progress) {
        tool_progress_hide(p);
        return;
    }
    show(run, now_ms());
    if (p->terminal)
        (void)!tool_write(STDERR_FILENO, "\n", 1);
}
