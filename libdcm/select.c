/* Use. A source that passes on part of another's events: attributes chosen by
 * path, all before a tag, all but Pixel Data (PS3.3 C.7.6.3). Knows nothing of
 * encodings or of what is done with the events.
 *
 * What comes out obeys the grammar of dcm.h. The sequences and items around
 * a chosen attribute come out with it, lazily: not before something inside
 * them does, so nothing empty is made. Items keep their numbers. Group 0002
 * belongs to no data set: with paths it passes only where one names it, and
 * dcm_select_until() does not count it. */
#include "error.h"
#include "path.h"
#include "scope.h"

#include <stdlib.h>
#include <string.h>

/* One step of a path. All steps of all paths lie in one array, those of a
 * path in a row. */
struct step {
    uint32_t tag;
    uint32_t item; /* 0: all */
    uint8_t last;  /* of its path */
    uint8_t deep;  /* first of a path that begins with "**." */
};

/* A SEQ or ITEM that is open and not chosen as a whole. */
struct level {
    struct dcm_event event;
    unsigned scope_depth; /* that the event's scope had */
    size_t first, end;    /* its candidates, in `active` */
};

/* Inside something chosen as a whole `whole` counts the open SEQ, ITEM and
 * FRAGS; inside something left out `skip` does. Otherwise `levels` has them,
 * and the first `given` of those have been passed on. */
struct dcm_select {
    struct dcm_source base;
    struct dcm_source *inner;
    struct dcm_error error;

    struct step *steps;
    size_t n_steps, max_steps;
    uint32_t until;
    uint8_t has_until, no_pixel;

    uint8_t started, in_dataset, stopped, failed;
    uint8_t holding; /* `held` waits for the levels around it */
    struct dcm_event held;
    uint64_t whole, skip;
    struct level *levels;
    size_t n_levels, max_levels, given;
    size_t *active; /* indexes of steps that may match, level by level */
    size_t n_active, max_active;
};

enum verdict { DROP, PASS, FAIL };

/* ------------------------------------------------------------ memory */

/* Room for one more of n things of `size` bytes. */
static int room(void *array, size_t n, size_t *max, size_t size)
{
    void **p = array;
    void *bigger;
    size_t want = *max ? *max * 2 : 16;

    if (n < *max)
        return 1;
    bigger = want < SIZE_MAX / size ? realloc(*p, want * size) : NULL;
    if (!bigger)
        return 0;
    *p = bigger;
    *max = want;
    return 1;
}

static enum verdict no_memory(struct dcm_select *s)
{
    s->failed = 1;
    dcm_error_fill(&s->error, DCM_ERR_MEMORY, DCM_NO_OFFSET, "",
                   "no memory for the selection");
    return FAIL;
}

/* ------------------------------------------------------------- paths */

static int add_step(struct dcm_select *s, const struct step *step)
{
    if (!room(&s->steps, s->n_steps, &s->max_steps, sizeof *s->steps))
        return 0;
    s->steps[s->n_steps++] = *step;
    return 1;
}

/* The steps of one path. A VR at its end chooses nothing, and a private tag
 * by its creator has no one tag to compare with: both are refused. */
static enum dcm_status add_path(struct dcm_select *s, const char *text)
{
    struct dcm_path path;

    if (!dcm_path_parse(&path, text) || path.vr)
        return DCM_ERR_ARGUMENT;
    for (size_t i = 0; i < path.count; i++) {
        struct step step = {path.steps[i].tag, path.steps[i].item, 0, 0};

        if (path.steps[i].creator)
            return DCM_ERR_ARGUMENT;
        step.last = i + 1 == path.count;
        step.deep = i == 0 && path.anywhere;
        if (!add_step(s, &step))
            return DCM_ERR_MEMORY;
    }
    return DCM_OK;
}

/* ---------------------------------------------------------- matching */

static int begins_path(const struct dcm_select *s, size_t i)
{
    return i == 0 || s->steps[i - 1].last;
}

static int activate(struct dcm_select *s, size_t step)
{
    if (!room(&s->active, s->n_active, &s->max_active, sizeof *s->active))
        return 0;
    s->active[s->n_active++] = step;
    return 1;
}

/* The candidates of the top level: the first step of each path. */
static int start(struct dcm_select *s)
{
    size_t i;

    s->n_active = 0;
    for (i = 0; i < s->n_steps; i++)
        if (begins_path(s, i) && !activate(s, i))
            return 0;
    s->started = 1;
    return 1;
}

/* The candidates of the data set or item that is open. */
static size_t first_active(const struct dcm_select *s)
{
    return s->n_levels ? s->levels[s->n_levels - 1].first : 0;
}

enum match { NOTHING, INSIDE, WHOLE };

/* What the paths want of an element. */
static enum match match_element(const struct dcm_select *s, uint32_t tag)
{
    enum match m = NOTHING;
    size_t i;

    for (i = first_active(s); i < s->n_active; i++) {
        const struct step *step = &s->steps[s->active[i]];
        if (step->tag == tag && step->last && step->item == 0)
            return WHOLE;
        if (step->tag == tag || step->deep)
            m = INSIDE;
    }
    return m;
}

/* Makes the candidates for what is in an item out of those of the level
 * around its sequence, [from, to). *m is WHOLE when a path ends here. */
static int match_item(struct dcm_select *s, const struct dcm_event *ev,
                      size_t from, size_t to, enum match *m)
{
    size_t i;

    *m = NOTHING;
    for (i = from; i < to; i++) {
        size_t at = s->active[i];
        struct step step = s->steps[at];
        int here =
            step.tag == ev->tag && (step.item == 0 || step.item == ev->number);

        if (here && step.last) {
            *m = WHOLE;
            return 1;
        }
        if (here && !activate(s, at + 1))
            return 0;
        if (step.deep && !activate(s, at))
            return 0;
        if (here || step.deep)
            *m = INSIDE;
    }
    return 1;
}

/* ------------------------------------------------------------ levels */

static int push(struct dcm_select *s, const struct dcm_event *ev, size_t first,
                size_t end)
{
    struct level *l;

    if (!room(&s->levels, s->n_levels, &s->max_levels, sizeof *s->levels))
        return 0;
    l = &s->levels[s->n_levels++];
    l->event = *ev;
    l->event.data = NULL;
    l->scope_depth = ev->scope ? ev->scope->depth : 0;
    l->first = first;
    l->end = end;
    return 1;
}

/* The end of an open SEQ or ITEM: it comes out if its beginning did. */
static enum verdict pop(struct dcm_select *s)
{
    struct level *l = &s->levels[--s->n_levels];
    int item = l->event.type == DCM_EVENT_ITEM;

    if (item)
        s->n_active = l->first;
    if (s->given <= s->n_levels)
        return DROP;
    s->given = s->n_levels;
    return PASS;
}

/* --------------------------------------------------------- the verdict */

static int is_element(const struct dcm_event *ev)
{
    return ev->type == DCM_EVENT_VALUE || ev->type == DCM_EVENT_SEQ ||
           ev->type == DCM_EVENT_FRAGS;
}

/* Follows how deep we are in something that is passed or left out whole. */
static void count(uint64_t *n, const struct dcm_event *ev)
{
    switch (ev->type) {
    case DCM_EVENT_SEQ:
    case DCM_EVENT_ITEM:
    case DCM_EVENT_FRAGS:
        ++*n;
        break;
    case DCM_EVENT_ITEM_END:
    case DCM_EVENT_SEQ_END:
    case DCM_EVENT_FRAGS_END:
        --*n;
        break;
    default:
        break;
    }
}

/* Float, Double Float and plain Pixel Data. */
static int is_pixel(uint32_t tag)
{
    return tag == 0x7FE00008 || tag == 0x7FE00009 || tag == 0x7FE00010;
}

static enum verdict judge_seq(struct dcm_select *s, const struct dcm_event *ev)
{
    switch (match_element(s, ev->tag)) {
    case WHOLE:
        s->whole = 1;
        return PASS;
    case INSIDE:
        return push(s, ev, first_active(s), s->n_active) ? DROP : no_memory(s);
    default:
        s->skip = 1;
        return DROP;
    }
}

static enum verdict judge_item(struct dcm_select *s, const struct dcm_event *ev)
{
    const struct level *seq = &s->levels[s->n_levels - 1];
    size_t first = s->n_active;
    enum match m;

    if (!match_item(s, ev, seq->first, seq->end, &m))
        return no_memory(s);
    if (m == INSIDE)
        return push(s, ev, first, s->n_active) ? DROP : no_memory(s);
    s->n_active = first;
    if (m == WHOLE)
        s->whole = 1;
    else
        s->skip = 1;
    return m == WHOLE ? PASS : DROP;
}

/* By the paths, outside of anything chosen or left out as a whole. */
static enum verdict judge_by_path(struct dcm_select *s,
                                  const struct dcm_event *ev)
{
    if (!s->started && !start(s))
        return no_memory(s);
    switch (ev->type) {
    case DCM_EVENT_VALUE:
        return match_element(s, ev->tag) == WHOLE ? PASS : DROP;
    case DCM_EVENT_FRAGS:
        if (match_element(s, ev->tag) == WHOLE) {
            s->whole = 1;
            return PASS;
        }
        s->skip = 1;
        return DROP;
    case DCM_EVENT_SEQ:
        return judge_seq(s, ev);
    case DCM_EVENT_ITEM:
        return s->n_levels ? judge_item(s, ev) : PASS;
    case DCM_EVENT_ITEM_END:
    case DCM_EVENT_SEQ_END:
        return s->n_levels ? pop(s) : PASS;
    default:
        return PASS;
    }
}

/* Nothing is open before a top level element, so END alone is well-formed. */
static void stop(struct dcm_select *s, struct dcm_event *ev)
{
    struct dcm_event end = {.type = DCM_EVENT_END};

    end.flags = ev->flags & DCM_DEFLATED;
    end.offset = end.value_offset = ev->offset;
    end.scope = ev->scope;
    end.source = ev->source;
    *ev = end;
    s->stopped = 1;
}

static enum verdict judge(struct dcm_select *s, struct dcm_event *ev)
{
    if (s->skip) {
        count(&s->skip, ev);
        return DROP;
    }
    if (ev->type == DCM_EVENT_DATASET)
        s->in_dataset = 1;
    if (is_element(ev)) {
        if (s->has_until && s->in_dataset && ev->depth == 0 &&
            ev->tag >= s->until) {
            stop(s, ev);
            return PASS;
        }
        if (s->no_pixel && is_pixel(ev->tag)) {
            count(&s->skip, ev);
            return DROP;
        }
    }
    if (s->whole) {
        count(&s->whole, ev);
        return PASS;
    }
    return s->n_steps ? judge_by_path(s, ev) : PASS;
}

/* ---------------------------------------------------------- the source */

/* The next of the levels around the held event, or that event itself. Since
 * a level was met its source may have moved its scopes: they are found
 * again from the scope of the event that is held. */
static void give_held(struct dcm_select *s, struct dcm_event *ev)
{
    const struct dcm_scope *scope = s->held.scope;
    const struct level *l;

    if (s->given == s->n_levels) {
        *ev = s->held;
        s->holding = 0;
        return;
    }
    l = &s->levels[s->given++];
    *ev = l->event;
    ev->source = &s->base;
    ev->scope = scope ? scope - (scope->depth - l->scope_depth) : NULL;
}

static enum dcm_status next_filtered(struct dcm_source *source,
                                     struct dcm_event *ev)
{
    struct dcm_select *s = (struct dcm_select *)source;
    enum dcm_status status;
    enum verdict v;

    if (s->failed)
        return s->error.code;
    if (s->holding) {
        give_held(s, ev);
        return DCM_OK;
    }
    if (s->stopped)
        return DCM_DONE;
    do {
        status = s->inner->next(s->inner, ev);
        if (status != DCM_OK)
            return status;
        v = judge(s, ev);
        if (v == FAIL)
            return s->error.code;
    } while (v == DROP);
    if (s->given < s->n_levels) {
        s->held = *ev;
        s->holding = 1;
        give_held(s, ev);
    }
    return DCM_OK;
}

static enum dcm_status next_all(struct dcm_source *source, struct dcm_event *ev)
{
    struct dcm_source *inner = ((struct dcm_select *)source)->inner;

    return inner->next(inner, ev);
}

/* While levels are given the inner source is ahead: they have no value. */
static enum dcm_status read_value(struct dcm_source *source, void *buffer,
                                  size_t n, size_t *got)
{
    struct dcm_select *s = (struct dcm_select *)source;

    *got = 0;
    if (s->holding || s->stopped)
        return DCM_OK;
    return s->inner->read(s->inner, buffer, n, got);
}

static const struct dcm_error *get_error(const struct dcm_source *source)
{
    const struct dcm_select *s = (const struct dcm_select *)source;

    return s->failed ? &s->error : s->inner->error(s->inner);
}

struct dcm_select *dcm_select_new(struct dcm_source *source)
{
    struct dcm_select *s = calloc(1, sizeof *s);

    if (!s)
        return NULL;
    s->base.next = next_all;
    s->base.read = read_value;
    s->base.error = get_error;
    s->inner = source;
    return s;
}

void dcm_select_free(struct dcm_select *s)
{
    if (!s)
        return;
    free(s->steps);
    free(s->levels);
    free(s->active);
    free(s);
}

struct dcm_source *dcm_select_source(struct dcm_select *s)
{
    return &s->base;
}

enum dcm_status dcm_select_add(struct dcm_select *s, const char *path)
{
    size_t before = s->n_steps;
    enum dcm_status status = add_path(s, path);

    if (status == DCM_OK)
        s->base.next = next_filtered;
    else
        s->n_steps = before;
    return status;
}

void dcm_select_until(struct dcm_select *s, uint32_t tag)
{
    s->until = tag;
    s->has_until = 1;
    s->base.next = next_filtered;
}

void dcm_select_no_pixel(struct dcm_select *s)
{
    s->no_pixel = 1;
    s->base.next = next_filtered;
}

void dcm_select_clear(struct dcm_select *s)
{
    s->started = s->in_dataset = s->stopped = s->failed = s->holding = 0;
    s->whole = s->skip = 0;
    s->n_levels = s->given = s->n_active = 0;
    memset(&s->error, 0, sizeof s->error);
}
