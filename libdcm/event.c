/* Language. What sources and sinks share about events: the path of one, the
 * creator of a private one, its bytes, and a machine that checks a stream
 * against the grammar in dcm.h. Knows nothing of where events come from, of
 * encodings or of what becomes of them. */
#include "event.h"
#include "scope.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The scope of the data set that the event's element is in. A source may
 * point an ITEM at the scope inside it: the parent of s is s - 1. */
static const struct dcm_scope *scope_of(const struct dcm_event *event)
{
    const struct dcm_scope *s = event->scope;

    if (s && s->depth > event->depth)
        s -= s->depth - event->depth;
    return s;
}

enum dcm_status dcm_event_read(const struct dcm_event *event, void *buffer,
                               size_t n, size_t *got)
{
    *got = 0;
    if (!event->source)
        return DCM_ERR_ARGUMENT;
    return event->source->read(event->source, buffer, n, got);
}

const char *dcm_event_path(const struct dcm_event *event, char *buffer,
                           size_t size)
{
    const struct dcm_scope *s = scope_of(event);
    size_t n;

    if (size == 0)
        return buffer;
    dcm_scope_path(s, event->tag, buffer, size);
    if (event->type == DCM_EVENT_ITEM || event->type == DCM_EVENT_FRAGMENT) {
        n = strlen(buffer);
        snprintf(buffer + n, size - n, "[%lu]", (unsigned long)event->number);
    }
    return buffer;
}

const char *dcm_event_creator(const struct dcm_event *event, size_t *length)
{
    const struct dcm_scope *s = scope_of(event);

    *length = 0;
    return s ? dcm_scope_creator(s, event->tag, length) : NULL;
}

/* What may come next. Depth tells the rest: ELEMENTS with no open item is
 * the data set, with one it is that item. */
enum { META, ELEMENTS, ITEMS, FRAGMENTS, ENDED };

#define AT(state) (1u << (state))

/* Where each type may come, and what it leads to. */
static const struct rule {
    uint8_t from; /* AT(state) of each state */
    uint8_t to;
} rules[] = {
    [DCM_EVENT_VALUE] = {AT(META) | AT(ELEMENTS), ELEMENTS},
    [DCM_EVENT_DATASET] = {AT(META), ELEMENTS},
    [DCM_EVENT_SEQ] = {AT(ELEMENTS), ITEMS},
    [DCM_EVENT_ITEM] = {AT(ITEMS), ELEMENTS},
    [DCM_EVENT_ITEM_END] = {AT(ELEMENTS), ITEMS},
    [DCM_EVENT_SEQ_END] = {AT(ITEMS), ELEMENTS},
    [DCM_EVENT_FRAGS] = {AT(ELEMENTS), FRAGMENTS},
    [DCM_EVENT_FRAGMENT] = {AT(FRAGMENTS), FRAGMENTS},
    [DCM_EVENT_FRAGS_END] = {AT(FRAGMENTS), ELEMENTS},
    [DCM_EVENT_END] = {AT(ELEMENTS), ENDED},
};

void dcm_grammar_init(struct dcm_grammar *g)
{
    memset(g, 0, sizeof *g);
}

void dcm_grammar_release(struct dcm_grammar *g)
{
    free(g->open);
    dcm_grammar_init(g);
}

/* A SEQ or FRAGS opens at the current depth. */
static int open_level(struct dcm_grammar *g, uint32_t tag)
{
    if (g->depth >= g->capacity) {
        size_t n = g->capacity ? g->capacity * 2 : 16;
        void *p = realloc(g->open, n * sizeof *g->open);
        if (!p)
            return 0;
        g->open = p;
        g->capacity = n;
    }
    g->open[g->depth].tag = tag;
    g->open[g->depth].number = 0;
    return 1;
}

/* An item, fragment or end belongs to the sequence that is open. */
static int belongs(struct dcm_grammar *g, const struct dcm_event *ev)
{
    return g->open[g->depth].tag == ev->tag;
}

/* Items may be left out by a selection, so numbers need not be in a row. */
static int ascends(struct dcm_grammar *g, const struct dcm_event *ev)
{
    struct dcm_grammar_level *l = &g->open[g->depth];
    int ok = ev->number > l->number;

    l->number = ev->number;
    return ok;
}

int dcm_grammar_check(struct dcm_grammar *g, const struct dcm_event *ev)
{
    int was = g->state;

    if (ev->type < DCM_EVENT_VALUE || ev->type > DCM_EVENT_END ||
        !(rules[ev->type].from & AT(was)))
        return 0;
    if (ev->type == DCM_EVENT_ITEM_END) {
        if (g->depth == 0)
            return 0;
        g->depth--;
    }
    if (ev->depth != g->depth)
        return 0;
    g->state = rules[ev->type].to;
    switch (ev->type) {
    case DCM_EVENT_VALUE:
        g->state = (unsigned char)was;
        return was == ELEMENTS || ev->tag >> 16 == 0x0002;
    case DCM_EVENT_SEQ:
    case DCM_EVENT_FRAGS:
        return open_level(g, ev->tag);
    case DCM_EVENT_ITEM:
        if (!belongs(g, ev) || !ascends(g, ev))
            return 0;
        g->depth++;
        return 1;
    case DCM_EVENT_FRAGMENT:
        return belongs(g, ev) && ascends(g, ev);
    case DCM_EVENT_ITEM_END:
    case DCM_EVENT_SEQ_END:
    case DCM_EVENT_FRAGS_END:
        return belongs(g, ev);
    default:
        return g->depth == 0;
    }
}

int dcm_event_opens(enum dcm_event_type type)
{
    static const signed char opens[] = {
        [DCM_EVENT_SEQ] = 1,       [DCM_EVENT_ITEM] = 1,
        [DCM_EVENT_ITEM_END] = -1, [DCM_EVENT_SEQ_END] = -1,
        [DCM_EVENT_FRAGS] = 1,     [DCM_EVENT_FRAGS_END] = -1,
        [DCM_EVENT_END] = 0,
    };

    return opens[type];
}
