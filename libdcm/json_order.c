/* Language. Order of JSON members (PS3.18 F.2.2: tags ascend in an object).
 * The text of a document is held in the output from its start; when that
 * grows too large for the output to keep, the text of one item at a time is
 * held instead. Members are recorded only while their level's text is held,
 * so what is recorded is bounded by what is held. Knows nothing of DICOM
 * values. */
#include "json_order.h"
#include <stdlib.h>

#define NO_LEVEL SIZE_MAX

void dcm_json_order_init(struct dcm_json_order *w, struct dcm_output *output)
{
    memset(w, 0, sizeof(*w));
    w->output = output;
    w->holder = NO_LEVEL;
}

void dcm_json_order_release(struct dcm_json_order *w)
{
    free(w->levels);
    free(w->members);
    dcm_json_order_init(w, w->output);
}

static void let_go(struct dcm_json_order *w)
{
    if (w->holder != NO_LEVEL)
        dcm_output_hold(w->output, UINT64_MAX);
    w->holder = NO_LEVEL;
}

void dcm_json_order_clear(struct dcm_json_order *w)
{
    let_go(w);
    w->depth = 0;
    w->count = 0;
}

/* A hold whose start has been written out is broken. */
static int is_held(const struct dcm_output *o)
{
    return o->hold != UINT64_MAX && o->hold >= o->flushed;
}

static int gone(const struct dcm_json_order *w, uint64_t position)
{
    return position < w->output->flushed;
}

int dcm_json_order_open(struct dcm_json_order *w, int array, uint32_t tag)
{
    struct dcm_json_level *level;

    if (w->depth == w->max_levels) {
        size_t n = w->max_levels ? 2 * w->max_levels : 16;
        void *p = realloc(w->levels, n * sizeof(*w->levels));

        if (!p)
            return 0;
        w->levels = p;
        w->max_levels = n;
    }
    level = &w->levels[w->depth++];
    level->start = dcm_output_tell(w->output);
    level->first = w->count;
    level->count = 0;
    level->tag = tag;
    level->highest = 0;
    level->array = array != 0;
    level->falls = level->lost = level->told = 0;
    /* An array has no members to order: the items in it hold. The brace is
     * held too, so that a document can be taken back whole. */
    if (!array && !is_held(w->output)) {
        dcm_output_hold(w->output, level->start - 1);
        w->holder = w->depth - 1;
    }
    return 1;
}

void dcm_json_order_close(struct dcm_json_order *w)
{
    w->count = w->levels[w->depth - 1].first;
    w->depth--;
    if (w->holder == w->depth)
        let_go(w);
}

/* Forgets the members of levels whose text has begun to go out. They are the
 * outermost ones. */
static void forget(struct dcm_json_order *w)
{
    size_t i, n;

    if (w->count == 0)
        return;
    for (i = 0; i < w->depth && gone(w, w->levels[i].start); i++)
        w->levels[i].lost = 1;
    n = i < w->depth ? w->levels[i].first : w->count;
    memmove(w->members, w->members + n, (w->count - n) * sizeof(*w->members));
    w->count -= n;
    for (size_t k = 0; k < w->depth; k++)
        w->levels[k].first = k < i ? 0 : w->levels[k].first - n;
}

static int make_room(struct dcm_json_order *w)
{
    size_t n = w->max_members ? 2 * w->max_members : 256;
    void *p;

    forget(w);
    if (w->count < w->max_members / 2)
        return 1;
    p = realloc(w->members, n * sizeof(*w->members));
    if (!p)
        return 0;
    w->members = p;
    w->max_members = n;
    return 1;
}

int dcm_json_order_member_slow(struct dcm_json_order *w, uint32_t tag,
                               uint64_t start)
{
    struct dcm_json_level *level = dcm_json_top(w);
    struct dcm_json_member *m;

    level->count++;
    if (tag < level->highest)
        level->falls = 1;
    else
        level->highest = tag;
    if (level->lost || gone(w, level->start)) {
        level->lost = 1;
        return 1;
    }
    if (w->count == w->max_members && !make_room(w))
        return 0;
    m = &w->members[w->count++];
    m->start = start;
    m->tag = tag;
    return 1;
}

/* ---------------------------------------------------------------- sorting */

/* The order of arrival decides between equal tags. */
static int by_tag(const void *a, const void *b)
{
    const struct dcm_json_member *x = a, *y = b;

    if (x->tag != y->tag)
        return x->tag < y->tag ? -1 : 1;
    return x->start < y->start ? -1 : x->start > y->start;
}

/* A member reaches up to the comma before the next. */
static void measure(struct dcm_json_member *m, size_t n, uint64_t end)
{
    for (size_t i = 0; i < n; i++)
        m[i].length = (i + 1 < n ? m[i + 1].start - 1 : end) - m[i].start;
}

/* How many members at the front are in their place already. */
static size_t in_place(const struct dcm_json_member *m, size_t n)
{
    uint32_t lowest = UINT32_MAX;
    size_t first = n;

    for (size_t i = n; i-- > 0;)
        if (m[i].tag > lowest)
            first = i;
        else
            lowest = m[i].tag;
    return first;
}

/* Writes the members in their new order over the old: `from` is a copy of
 * the text, which began at position `at`. */
static void rewrite(char *to, const char *from, uint64_t at,
                    struct dcm_json_member *m, size_t n)
{
    uint64_t position = at;

    for (size_t i = 0; i < n; i++) {
        const char *text = from + (size_t)(m[i].start - at);

        if (i) {
            *to++ = ',';
            position++;
        }
        memcpy(to, text, (size_t)m[i].length);
        to += m[i].length;
        m[i].start = position;
        position += m[i].length;
    }
}

enum dcm_json_sorted dcm_json_order_sort(struct dcm_json_order *w)
{
    struct dcm_json_level *level = dcm_json_top(w);
    struct dcm_json_member *m;
    uint64_t end = dcm_output_tell(w->output), at;
    size_t n, done;
    char *text, *copy;

    if (!level->falls)
        return DCM_JSON_SORTED;
    if (level->lost || gone(w, level->start))
        return DCM_JSON_UNSORTED;
    m = w->members + level->first;
    n = w->count - level->first;
    measure(m, n, end);
    done = in_place(m, n);
    m += done;
    n -= done;
    level->falls = 0;
    if (n == 0)
        return DCM_JSON_SORTED;
    at = m->start;
    text = dcm_output_at(w->output, at);
    copy = malloc((size_t)(end - at));
    if (!copy)
        return DCM_JSON_NO_MEMORY;
    memcpy(copy, text, (size_t)(end - at));
    qsort(m, n, sizeof(*m), by_tag);
    rewrite(text, copy, at, m, n);
    free(copy);
    return DCM_JSON_SORTED;
}
