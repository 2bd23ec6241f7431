/* Source. Where the attributes of a data set are in its text, when they may
 * come in any order: one walk through all of it, then each object's keys
 * sorted, the last of equal ones kept (PS3.18 F.2.2 asks for the order of
 * tags). What the walk does not need it passes over; what is wrong with it is
 * told when it is read. No recursion; cost and memory follow the text. */
#include "json_reader.h"

#include <stdlib.h>
#include <string.h>

enum { IN_OBJECT, IN_ATTRIBUTE, IN_ARRAY };

void dcm_json_reader_release_index(struct index *index)
{
    free(index->entries);
    free(index->open);
    free(index->objects);
    free(index->frames);
    memset(index, 0, sizeof(*index));
}

/* Room for one more: 0 when there is no memory. */
static int grow(void *array, size_t used, size_t *max, size_t size)
{
    size_t n = *max ? *max * 2 : 64;
    void *p;

    if (used < *max)
        return 1;
    if (n > SIZE_MAX / size)
        return 0;
    memcpy(&p, array, sizeof(p));
    p = realloc(p, n * size);
    if (!p)
        return 0;
    memcpy(array, &p, sizeof(p));
    *max = n;
    return 1;
}

/* --------------------------------------------------------- objects, entries */

static enum step open_object(struct dcm_json_reader *r, uint64_t offset)
{
    struct index *x = &r->index;
    struct frame *frame;

    /* a person name is one deeper than the item it is in */
    if (x->n_frames > r->limits.depth + 1)
        return dcm_json_reader_fail(
            r, DCM_ERR_LIMIT, offset,
            "items nested more than %llu deep; raise the limit 'depth' to "
            "read on",
            (unsigned long long)r->limits.depth);
    if (!grow(&x->objects, x->n_objects, &x->max_objects,
              sizeof(*x->objects)) ||
        !grow(&x->frames, x->n_frames, &x->max_frames, sizeof(*x->frames)))
        return dcm_json_reader_no_memory(r);
    memset(&x->objects[x->n_objects], 0, sizeof(*x->objects));
    x->objects[x->n_objects].offset = offset;
    frame = &x->frames[x->n_frames++];
    frame->object = x->n_objects++;
    frame->open = x->n_open;
    frame->place = IN_OBJECT;
    frame->fresh = 1;
    return AGAIN;
}

static enum step add_entry(struct dcm_json_reader *r)
{
    struct index *x = &r->index;
    struct entry *e;
    int lower;

    if (!grow(&x->open, x->n_open, &x->max_open, sizeof(*x->open)))
        return dcm_json_reader_no_memory(r);
    e = &x->open[x->n_open++];
    e->offset = r->scan.at;
    e->again = 0;
    if (!dcm_json_reader_key(r->scan.text, r->scan.length, &e->tag, &lower))
        e->tag = 0;
    return AGAIN;
}

/* Group 0002 stands before the data set, even if that has a group below it. */
static uint64_t rank(const struct entry *e)
{
    return e->tag >> 16 == 2 ? e->tag : e->tag | UINT64_C(1) << 32;
}

static int compare(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;

    if (x->tag != y->tag)
        return rank(x) < rank(y) ? -1 : 1;
    return x->offset < y->offset ? -1 : 1;
}

/* Sorts n entries, keeps the last of equal ones and returns how many stay. */
static size_t settle(struct entry *e, size_t n, struct object *object)
{
    size_t kept = 0, rising = 1;

    while (rising < n && rank(&e[rising]) > rank(&e[rising - 1]))
        rising++;
    if (rising >= n)
        return n;
    for (uint64_t high = rank(&e[rising - 1]); rising < n; rising++) {
        if (rank(&e[rising]) < high) {
            object->falls = e[rising].offset;
            object->fallen = e[rising].tag;
            break;
        }
        high = rank(&e[rising]);
    }
    qsort(e, n, sizeof(*e), compare);
    for (size_t i = 0; i < n; i++) {
        int again = kept && e[kept - 1].tag == e[i].tag;

        kept -= (size_t)again;
        e[kept] = e[i];
        e[kept++].again = (uint32_t)again;
    }
    return kept;
}

/* Behind the brace that closes the object at hand. */
static enum step close_object(struct dcm_json_reader *r)
{
    struct index *x = &r->index;
    struct frame *frame = &x->frames[--x->n_frames];
    struct object *object = &x->objects[frame->object];
    struct entry *e = x->open ? x->open + frame->open : NULL;
    size_t n = x->n_open - frame->open;

    object->end = dcm_json_scan_tell(&r->scan);
    object->first = x->n_entries;
    object->count = n ? settle(e, n, object) : 0;
    for (size_t i = 0; i < object->count; i++) {
        if (!grow(&x->entries, x->n_entries, &x->max_entries,
                  sizeof(*x->entries)))
            return dcm_json_reader_no_memory(r);
        x->entries[x->n_entries++] = e[i];
    }
    x->n_open = frame->open;
    return AGAIN;
}

/* ----------------------------------------------------------------- the walk */

static enum step pass(struct dcm_json_reader *r)
{
    return dcm_json_scan_skip(&r->scan) < 0 ? dcm_json_reader_scan_failed(r)
                                            : AGAIN;
}

/* At a value that may be an item: into it, or past what is none. */
static enum step enter_or_pass(struct dcm_json_reader *r)
{
    if (dcm_json_scan_peek(&r->scan) != '{')
        return pass(r);
    dcm_json_scan_next(&r->scan);
    return open_object(r, r->scan.at);
}

/* A key and its colon, or '}' at the object's end. */
static int next_key(struct dcm_json_reader *r, struct frame *frame)
{
    int token = dcm_json_scan_next(&r->scan);

    if (token == '}')
        return token;
    if (!frame->fresh) {
        if (token != ',') {
            dcm_json_reader_unexpected(r, token, "',' or '}' (RFC 8259 4)");
            return DCM_JSON_FAILED;
        }
        token = dcm_json_scan_next(&r->scan);
    }
    frame->fresh = 0;
    if (token != DCM_JSON_STRING) {
        dcm_json_reader_unexpected(r, token,
                                   "the name of a member (RFC 8259 4)");
        return DCM_JSON_FAILED;
    }
    return token;
}

static enum step colon(struct dcm_json_reader *r)
{
    int token = dcm_json_scan_next(&r->scan);

    return token == ':'
               ? AGAIN
               : dcm_json_reader_unexpected(r, token, "':' (RFC 8259 4)");
}

static enum step in_object(struct dcm_json_reader *r, struct frame *frame)
{
    int token = next_key(r, frame);

    if (token == DCM_JSON_FAILED)
        return STOP;
    if (token == '}')
        return close_object(r);
    if (add_entry(r) == STOP || colon(r) == STOP)
        return STOP;
    if (dcm_json_scan_peek(&r->scan) != '{')
        return pass(r);
    dcm_json_scan_next(&r->scan);
    frame->place = IN_ATTRIBUTE;
    frame->fresh = 1;
    return AGAIN;
}

static enum step in_attribute(struct dcm_json_reader *r, struct frame *frame)
{
    int token = next_key(r, frame);
    int is_value = token == DCM_JSON_STRING && r->scan.length == 5 &&
                   memcmp(r->scan.text, "Value", 5) == 0;

    if (token == DCM_JSON_FAILED)
        return STOP;
    if (token == '}') {
        frame->place = IN_OBJECT;
        frame->fresh = 0;
        return AGAIN;
    }
    if (colon(r) == STOP)
        return STOP;
    if (!is_value)
        return pass(r);
    if (dcm_json_scan_peek(&r->scan) != '[')
        return enter_or_pass(r);
    dcm_json_scan_next(&r->scan);
    frame->place = IN_ARRAY;
    frame->fresh = 1;
    return AGAIN;
}

static enum step in_array(struct dcm_json_reader *r, struct frame *frame)
{
    struct dcm_json_scan *s = &r->scan;
    int token;

    if (!frame->fresh || dcm_json_scan_peek(s) == ']') {
        token = dcm_json_scan_next(s);
        if (token == ']') {
            frame->place = IN_ATTRIBUTE;
            frame->fresh = 0;
            return AGAIN;
        }
        if (token != ',')
            return dcm_json_reader_unexpected(r, token,
                                              "',' or ']' (RFC 8259 5)");
    }
    frame->fresh = 0;
    return enter_or_pass(r);
}

enum step dcm_json_reader_make_index(struct dcm_json_reader *r, uint64_t offset)
{
    struct index *x = &r->index;
    enum step step;

    x->n_entries = x->n_open = x->n_objects = x->n_frames = 0;
    step = open_object(r, offset);
    while (step == AGAIN && x->n_frames) {
        struct frame *frame = &x->frames[x->n_frames - 1];

        step = frame->place == IN_OBJECT      ? in_object(r, frame)
               : frame->place == IN_ATTRIBUTE ? in_attribute(r, frame)
                                              : in_array(r, frame);
    }
    if (step == AGAIN)
        dcm_json_scan_seek(&r->scan, offset + 1);
    return step;
}

/* ------------------------------------------------------------------ its use */

/* Objects are in the order of their braces. */
static const struct object *find(const struct index *x, uint64_t offset)
{
    size_t low = 0, high = x->n_objects;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (x->objects[middle].offset == offset)
            return &x->objects[middle];
        if (x->objects[middle].offset < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

enum step dcm_json_reader_use_index(struct dcm_json_reader *r,
                                    struct level *level, uint64_t offset)
{
    const struct object *object = find(&r->index, offset);

    if (!object) /* every item was entered: only a bug gets here */
        return dcm_json_reader_fail(r, DCM_ERR_ARGUMENT, offset,
                                    "the text changed while it was read");
    level->indexed = 1;
    level->entry = object->first;
    level->last = object->first + object->count;
    level->end = object->end;
    if (!object->falls)
        return AGAIN;
    r->tag = object->fallen;
    if (!deviate(r, DCM_ISSUE_KEY_ORDER, object->falls,
                 "attributes are not in the order of tags"))
        return STOP;
    r->tag = 0;
    return AGAIN;
}
