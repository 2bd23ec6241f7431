/* Work in parallel, results in order. Each job has a ticket; what it has to
 * say waits until all tickets before it are done. */
#ifndef TOOL_QUEUE_H
#define TOOL_QUEUE_H

#include "message.h"

#include <pthread.h>
#include <stdatomic.h>

/* A job that finished before its turn leaves these. */
struct tool_result {
    struct tool_bytes data, text;
    int done;
};

/* Gives out a result in its turn. */
typedef void tool_emit_fn(void *user, const struct tool_bytes *data,
                          const struct tool_bytes *text);

struct tool_queue {
    pthread_mutex_t lock;
    pthread_cond_t moved; /* turn went on */
    uint64_t next;        /* ticket to hand out */
    _Atomic uint64_t turn;
    struct tool_result *results; /* ticket % window */
    size_t window;
    atomic_int stopped;
    tool_emit_fn *emit;
    void *user;
};

/* 0, or -1 without memory. */
int tool_queue_init(struct tool_queue *q, size_t workers, tool_emit_fn *emit,
                    void *user);
void tool_queue_release(struct tool_queue *q);

/* Calls fetch(user) alone and in order: its result, not 0, with a ticket; or
 * 0 when there is nothing left to do. */
int tool_queue_take(struct tool_queue *q, int (*fetch)(void *), void *user,
                    uint64_t *ticket);
/* Whether all jobs before the ticket are done. Once so, always so. */
int tool_queue_mine(struct tool_queue *q, uint64_t ticket);
void tool_queue_wait(struct tool_queue *q, uint64_t ticket);
/* The job is over; its bytes are given out now or when their turn comes.
 * They are taken, and empty ones put in their place. */
void tool_queue_finish(struct tool_queue *q, uint64_t ticket,
                       struct tool_bytes *data, struct tool_bytes *text);
/* No more jobs. */
void tool_queue_stop(struct tool_queue *q);

#endif
