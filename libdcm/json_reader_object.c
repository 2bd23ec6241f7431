/* Source. A data set or item as an object of JSON, its members in the order
 * of tags, and the items of a sequence (PS3.18 F.2.2, F.2.4). Nearly all
 * members look alike, and those are taken by a short way over the text as it
 * stands. Knows nothing of what an attribute's object holds. */
#include "dict.h"
#include "json_reader.h"

#include <string.h>

#define AHEAD 256 /* more than a member's beginning is long, mostly */

/* ------------------------------------------------------------- the short way
 */

static const uint8_t *space(const uint8_t *p, const uint8_t *end)
{
    while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
        p++;
    return p;
}

/* Past a literal with white space before it; NULL: it is not there. */
static const uint8_t *past(const uint8_t *p, const uint8_t *end, const char *s,
                           size_t n)
{
    if (p < end && *p <= ' ')
        p = space(p, end);
    if ((size_t)(end - p) < n || memcmp(p, s, n) != 0)
        return NULL;
    return p + n;
}
#define PAST(p, s) ((p) = past(p, end, s, sizeof(s) - 1))

/* Tags with rules of their own go the long way. */
static int is_plain(const struct level *level, uint32_t tag)
{
    return (tag & 0xFFFF) != 0 && tag > 0x0002FFFF && tag < 0xFFFC0000 &&
           (tag > level->tag || level->indexed);
}

/* [ "," ] key ":" "{" "vr" ":" VR, then "Value", the end, or whatever comes.
 * *taken is 0 when it is not so, and nothing was taken. */
static enum step short_way(struct dcm_json_reader *r, struct dcm_event *ev,
                           struct level *level, int *taken)
{
    struct dcm_json_scan *s = &r->scan;
    const uint8_t *p, *end, *key;
    uint32_t tag;
    uint16_t vr;
    int lower;
    enum step step;

    *taken = 0;
    if (s->end - s->p < AHEAD)
        dcm_json_scan_ahead(s, AHEAD);
    p = s->p;
    end = s->end;
    if (!level->fresh && !level->keyed && !level->indexed && !PAST(p, ","))
        return AGAIN;
    if (!PAST(p, "\"") || end - p < 9 || p[8] != '"' ||
        !dcm_json_reader_key((const char *)p, 8, &tag, &lower) || lower ||
        !is_plain(level, tag))
        return AGAIN;
    key = p - 1;
    p += 9;
    if (!PAST(p, ":") || !PAST(p, "{") || !PAST(p, "\"vr\"") || !PAST(p, ":") ||
        !PAST(p, "\"") || end - p < 3 || p[2] != '"')
        return AGAIN;
    vr = DCM_VR(p[0], p[1]);
    if (!dcm_vr_find(vr))
        return AGAIN;
    p += 3;
    *taken = 1;
    r->tag = level->tag = tag;
    level->key = s->base + (uint64_t)(key - s->start);
    level->vr = vr;
    level->has_vr = 1;
    level->content = level->held_content = NOTHING;
    level->guess = level->ready = level->keyed = level->fresh = 0;
    level->resume = 0;
    s->p = p;
    if (!dcm_json_reader_check_vr(r, level, level->key))
        return STOP;
    if (!PAST(p, ",") || !PAST(p, "\"Value\"") || !PAST(p, ":"))
        return dcm_json_reader_rest(r, ev, 0);
    s->p = p;
    level->content = VALUE;
    step = dcm_json_reader_content(r, ev, VALUE);
    return step == AGAIN ? dcm_json_reader_rest(r, ev, 0) : step;
}

/* ----------------------------------------------------------------- members */

static enum step end_of_object(struct dcm_json_reader *r, struct dcm_event *ev)
{
    struct level *level = top(r);
    uint64_t at;

    if (level->indexed)
        dcm_json_scan_seek(&r->scan, level->end);
    at = dcm_json_scan_tell(&r->scan) - 1;
    if (r->n_levels > 1)
        return dcm_json_reader_item_end(r, ev, at);
    if (r->in_dataset)
        return dcm_json_reader_end(r, ev);
    if (!level->indexed) /* the brace comes again */
        dcm_json_scan_seek(&r->scan, at);
    return dcm_json_reader_dataset(r, ev);
}

/* Which attributes there may not be; AGAIN: it is a good one. */
static enum step refuse(struct dcm_json_reader *r, const struct level *level,
                        uint32_t tag, uint64_t at)
{
    unsigned group = tag >> 16;

    if (group == 0xFFFE || group == 0)
        return dcm_json_reader_fail(
            r, DCM_ERR_MALFORMED, at,
            "(%04X,%04X) is no attribute of a data set (PS3.5 7.1)", group,
            (unsigned)(tag & 0xFFFF));
    if (group == 2 && r->n_levels > 1)
        return dcm_json_reader_fail(
            r, DCM_ERR_MALFORMED, at,
            "found (0002,%04X) in an item, expected it at the top only "
            "(PS3.10 7.1)",
            (unsigned)(tag & 0xFFFF));
    if (group == 2 && r->in_dataset && !level->indexed)
        return dcm_json_reader_want_tree(
            r, at, "group 0002 comes after the data set (PS3.10 7.1)");
    if (level->indexed || tag > level->tag)
        return AGAIN;
    return dcm_json_reader_want_tree(
        r, at,
        tag == level->tag
            ? "attribute is repeated, its last value counts (PS3.18 F.2.2)"
            : "attributes are not in the order of tags (PS3.18 F.2.2)");
}

/* Group lengths have no place in JSON, and padding no meaning (PS3.18 F.2.2,
 * PS3.10 7.2). */
static int is_dropped(uint32_t tag)
{
    return (tag & 0xFFFF) == 0 || tag == 0xFFFCFFFC;
}

static enum step begin_member(struct dcm_json_reader *r, struct dcm_event *ev,
                              struct level *level, uint32_t tag, uint64_t at)
{
    enum step step = refuse(r, level, tag, at);

    if (step == STOP)
        return STOP;
    level->tag = tag;
    level->key = at;
    level->vr = 0;
    level->resume = 0;
    level->content = level->held_content = NOTHING;
    level->has_vr = level->guess = level->ready = level->fresh = 0;
    if (!is_dropped(tag))
        return dcm_json_reader_attribute(r, ev);
    if (dcm_json_scan_skip(&r->scan) < 0)
        return dcm_json_reader_scan_failed(r);
    return AGAIN;
}

/* Up to a key, whose token is returned; *end: up to the object's '}'. */
static int next_key(struct dcm_json_reader *r, struct level *level, int *end)
{
    int token = dcm_json_scan_next(&r->scan);

    *end = 0;
    if (level->indexed || level->keyed)
        return token;
    *end = token == '}';
    if (*end || level->fresh)
        return token;
    if (token == ',')
        return dcm_json_scan_next(&r->scan);
    dcm_json_reader_unexpected(r, token, "',' or '}' (RFC 8259 4)");
    return DCM_JSON_FAILED;
}

static enum step bad_key(struct dcm_json_reader *r, int token)
{
    if (r->phase == FAILED)
        return STOP;
    if (token == DCM_JSON_STRING)
        return dcm_json_reader_fail(
            r, DCM_ERR_MALFORMED, r->scan.at,
            "name of an attribute is not 8 hex digits (PS3.18 F.2.2)");
    return dcm_json_reader_unexpected(
        r, token, "the name of an attribute (PS3.18 F.2.2)");
}

/* Indexed: to the next of the entries, which are in order and each there
 * once. */
static int go_to_entry(struct dcm_json_reader *r, struct level *level)
{
    const struct entry *e = &r->index.entries[level->entry];

    dcm_json_scan_seek(&r->scan, e->offset);
    if (!e->again || level->keyed)
        return 1;
    r->tag = e->tag;
    return deviate(r, DCM_ISSUE_KEY_REPEATED, e->offset,
                   "attribute is there more than once, its last value counts");
}

enum step dcm_json_reader_member(struct dcm_json_reader *r,
                                 struct dcm_event *ev)
{
    struct level *level = top(r);
    size_t index = r->n_levels - 1;
    uint64_t at;
    uint32_t tag;
    int token, end, lower, taken;
    enum step step;

    r->tag = 0;
    if (level->indexed) {
        if (level->entry == level->last)
            return end_of_object(r, ev);
        if (!go_to_entry(r, level))
            return STOP;
    }
    if (r->in_dataset) {
        step = short_way(r, ev, level, &taken);
        if (taken) {
            level = &r->levels[index];
            level->entry += level->indexed;
            return step;
        }
    }
    r->tag = 0;
    token = next_key(r, level, &end);
    if (end)
        return end_of_object(r, ev);
    if (token != DCM_JSON_STRING ||
        !dcm_json_reader_key(r->scan.text, r->scan.length, &tag, &lower))
        return bad_key(r, token);
    at = r->scan.at;
    level->keyed = 0;
    if (!r->in_dataset && tag >> 16 != 2) {
        level->keyed = 1;
        dcm_json_scan_seek(&r->scan, at);
        return dcm_json_reader_dataset(r, ev);
    }
    level->entry += level->indexed;
    r->tag = tag;
    if (lower && !deviate(r, DCM_ISSUE_KEY_CASE, at,
                          "lower case digits in an attribute's name"))
        return STOP;
    token = dcm_json_scan_next(&r->scan);
    if (token != ':')
        return dcm_json_reader_unexpected(r, token, "':' (RFC 8259 4)");
    return begin_member(r, ev, level, tag, at);
}

/* ------------------------------------------------------------------- items */

static void item_event(struct dcm_json_reader *r, struct dcm_event *ev,
                       enum dcm_event_type type, uint64_t at)
{
    dcm_json_reader_event(r, ev, type);
    ev->number = top(r)->count;
    ev->offset = ev->value_offset = at;
}

enum step dcm_json_reader_item_end(struct dcm_json_reader *r,
                                   struct dcm_event *ev, uint64_t at)
{
    r->n_levels--;
    dcm_scope_leave(&r->scopes);
    item_event(r, ev, DCM_EVENT_ITEM_END, at);
    r->tag = top(r)->tag;
    return EMIT;
}

static enum step open_item(struct dcm_json_reader *r, struct dcm_event *ev,
                           int token)
{
    struct level *level = top(r);
    uint64_t at = r->scan.at;

    if (!dcm_json_reader_count_item(r, at))
        return STOP;
    if (r->scopes.depth + 1 > r->limits.depth)
        return dcm_json_reader_fail(
            r, DCM_ERR_LIMIT, at,
            "items nested more than %llu deep; raise the limit 'depth' to "
            "read on",
            (unsigned long long)r->limits.depth);
    if (level->place == FIRST_ITEM)
        level->place = NEXT_ITEM;
    level->count++;
    item_event(r, ev, DCM_EVENT_ITEM, at);
    if (dcm_scope_enter(&r->scopes, level->tag, level->count) != DCM_OK)
        return dcm_json_reader_no_memory(r);
    ev->scope = dcm_scope_top(&r->scopes) - 1; /* may have moved */
    level = dcm_json_reader_push(r, at, token == '{');
    if (!level)
        return STOP;
    if (token == DCM_JSON_NULL)
        level->place = NULL_ITEM;
    return EMIT;
}

static enum step end_of_sequence(struct dcm_json_reader *r,
                                 struct dcm_event *ev)
{
    struct level *level = top(r);

    dcm_json_reader_event(r, ev, DCM_EVENT_SEQ_END);
    dcm_json_reader_resume(r, level);
    return EMIT;
}

/* items = "[" [ item { "," item } ] "]", item = object | null */
enum step dcm_json_reader_item(struct dcm_json_reader *r, struct dcm_event *ev)
{
    struct level *level = top(r);
    int token;

    r->tag = level->tag;
    if (level->place == LAST_ITEM)
        return end_of_sequence(r, ev);
    token = dcm_json_scan_next(&r->scan);
    if (level->place == ONLY_ITEM) {
        level->place = LAST_ITEM;
    } else if (token == ']') {
        return end_of_sequence(r, ev);
    } else if (level->place == NEXT_ITEM) {
        if (token != ',')
            return dcm_json_reader_unexpected(r, token,
                                              "',' or ']' (RFC 8259 5)");
        token = dcm_json_scan_next(&r->scan);
    }
    if (token != '{' && token != DCM_JSON_NULL)
        return dcm_json_reader_unexpected(
            r, token, "an object that is an item (PS3.18 F.2.2)");
    return open_item(r, ev, token);
}
