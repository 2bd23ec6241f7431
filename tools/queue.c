/* Work in parallel, results in order. The job whose turn it is never waits,
 * so all others may: nothing can lock up. At most a window of results is
 * kept. Knows nothing of what the jobs are. */
#include "queue.h"

#include <stdlib.h>
#include <string.h>

int tool_queue_init(struct tool_queue *q, size_t workers, tool_emit_fn *emit,
                    void *user)
{
    memset(q, 0, sizeof *q);
    q->window = 4 * workers;
    q->results = calloc(q->window, sizeof *q->results);
    if (!q->results)
        return -1;
    pthread_mutex_init(&q->lock, NULL);
    pthread_cond_init(&q->moved, NULL);
    q->emit = emit;
    q->user = user;
    return 0;
}

void tool_queue_release(struct tool_queue *q)
{
    for (size_t i = 0; i < q->window; i++) {
        tool_bytes_release(&q->results[i].data);
        tool_bytes_release(&q->results[i].text);
    }
    free(q->results);
    pthread_cond_destroy(&q->moved);
    pthread_mutex_destroy(&q->lock);
}

int tool_queue_take(struct tool_queue *q, int (*fetch)(void *), void *user,
                    uint64_t *ticket)
{
    int got = 0;

    pthread_mutex_lock(&q->lock);
    while (!q->stopped && q->next >= q->turn + q->window)
        pthread_cond_wait(&q->moved, &q->lock);
    if (!q->stopped)
        got = fetch(user);
    if (got)
        *ticket = q->next++;
    else
        q->stopped = 1;
    pthread_mutex_unlock(&q->lock);
    return got;
}

int tool_queue_mine(struct tool_queue *q, uint64_t ticket)
{
    return q->turn == ticket;
}

void tool_queue_wait(struct tool_queue *q, uint64_t ticket)
{
    pthread_mutex_lock(&q->lock);
    while (q->turn != ticket)
        pthread_cond_wait(&q->moved, &q->lock);
    pthread_mutex_unlock(&q->lock);
}

/* Leaves the bytes for whoever has the turn when it comes to the ticket. */
static void leave(struct tool_result *r, struct tool_bytes *data,
                  struct tool_bytes *text)
{
    struct tool_bytes empty = r->data;

    r->data = *data;
    *data = empty;
    empty = r->text;
    r->text = *text;
    *text = empty;
    r->done = 1;
}

/* The next ticket has the turn: its result, when it is there already. */
static struct tool_result *pass(struct tool_queue *q)
{
    struct tool_result *r;

    pthread_mutex_lock(&q->lock);
    q->turn++;
    r = &q->results[q->turn % q->window];
    if (!r->done)
        r = NULL;
    pthread_cond_broadcast(&q->moved);
    pthread_mutex_unlock(&q->lock);
    return r;
}

void tool_queue_finish(struct tool_queue *q, uint64_t ticket,
                       struct tool_bytes *data, struct tool_bytes *text)
{
    struct tool_result *r;

    if (q->turn != ticket) {
        pthread_mutex_lock(&q->lock);
        if (q->turn != ticket) {
            leave(&q->results[ticket % q->window], data, text);
            pthread_mutex_unlock(&q->lock);
            return;
        }
        pthread_mutex_unlock(&q->lock);
    }
    /* Nobody else gives out anything until pass() is called, so the lock is
     * not needed while bytes are written. */
    q->emit(q->user, data, text);
    data->size = text->size = 0;
    while ((r = pass(q)) != NULL) {
        q->emit(q->user, &r->data, &r->text);
        r->data.size = r->text.size = 0;
        r->done = 0;
    }
}

void tool_queue_stop(struct tool_queue *q)
{
    pthread_mutex_lock(&q->lock);
    q->stopped = 1;
    pthread_cond_broadcast(&q->moved);
    pthread_mutex_unlock(&q->lock);
}
