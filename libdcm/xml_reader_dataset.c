/* Source. A data set and its items, attribute by attribute (PS3.19 A.1.5), out
 * of records. Settles which attributes there may be and what VR one has when it
 * does not say. Knows nothing of XML, nor of what values are. */
#include "dict.h"
#include "resolve.h"
#include "xml_reader.h"

#include <string.h>

#define DEFAULT_SYNTAX "1.2.840.10008.1.2.1"

/* -------------------------------------------------------------- data sets */

/* Group 0002 is over, or was not there (PS3.10 7.1). */
enum step dcm_xml_reader_dataset(struct dcm_xml_reader *r, struct dcm_event *ev)
{
    const struct dcm_syntax *syntax;

    if (!r->syntax[0])
        memcpy(r->syntax, r->given[0] ? r->given : DEFAULT_SYNTAX,
               r->given[0] ? sizeof(r->given) : sizeof(DEFAULT_SYNTAX));
    syntax = dcm_syntax_find(r->syntax, strlen(r->syntax));
    dcm_scope_top(&r->scopes)->encapsulated =
        syntax && syntax->flags & DCM_TS_ENCAPSULATED;
    dcm_xml_reader_event(r, ev, DCM_EVENT_DATASET);
    ev->tag = 0;
    ev->vr = ev->stored = 0;
    ev->length = 0;
    ev->offset = ev->value_offset;
    ev->data = (const uint8_t *)r->syntax;
    ev->size = strlen(r->syntax);
    r->in_dataset = 1;
    return EMIT;
}

/* -------------------------------------------------------------------- VRs */

static enum step check_vr(struct dcm_xml_reader *r, const struct level *level)
{
    uint16_t vrs[3];
    int n;

    if (level->tag >> 16 & 1 || level->vr == VR_UN)
        return AGAIN;
    n = dcm_dict_vrs(level->tag, vrs);
    if (n == 0)
        return AGAIN;
    for (int i = 0; i < n; i++)
        if (vrs[i] == level->vr)
            return AGAIN;
    return deviate(r, DCM_ISSUE_VR_OTHER,
                   "found VR %c%c, the dictionary has %c%c", level->vr >> 8,
                   level->vr & 255, vrs[0] >> 8, vrs[0] & 255)
               ? AGAIN
               : STOP;
}

/* The dictionary's VR, by what the content can be where it leaves a choice:
 * two bytes stand for numbers, four for words, undefined for fragments. Items
 * speak for themselves. */
static enum step find_vr(struct dcm_xml_reader *r, struct level *level,
                         enum record_kind content)
{
    const struct dcm_scope *scope = dcm_scope_top(&r->scopes);
    int fragments =
        content == FRAGMENT || (content == BULK && scope->encapsulated);
    uint32_t length = content == VALUE ? 2 : fragments ? DCM_UNDEFINED : 4;
    int choice = 0;

    r->at = level->place;
    level->vr = dcm_resolve_vr(level->tag, length, scope, &choice);
    if (level->vr == VR_UN && content == ITEM)
        level->vr = VR_SQ;
    if (!deviate(r, DCM_ISSUE_VR_MISSING, "no VR, %c%c is taken",
                 level->vr >> 8, level->vr & 255))
        return STOP;
    if (choice && !deviate(r, DCM_ISSUE_AMBIGUOUS_VR,
                           "US or SS, but no Pixel Representation"))
        return STOP;
    return AGAIN;
}

/* ---------------------------------------------------------------- content */

enum step dcm_xml_reader_rest(struct dcm_xml_reader *r, enum step step)
{
    const struct record *record;

    if (step == STOP || !(record = dcm_xml_reader_peek(r)))
        return STOP;
    if (record->kind != ATTRIBUTE_END)
        return dcm_xml_reader_fail(
            r, DCM_ERR_MALFORMED,
            "another kind of value, expected one of Value, PersonName, Item, "
            "InlineBinary and BulkData (PS3.19 A.1.5)");
    dcm_xml_reader_take(r);
    top(r)->where = MEMBER;
    return step;
}

static enum step sequence(struct dcm_xml_reader *r, struct dcm_event *ev,
                          struct level *level)
{
    if (level->tag >> 16 == 2)
        return dcm_xml_reader_fail(
            r, DCM_ERR_MALFORMED,
            "sequence in group 0002, which cannot have one (PS3.10 7.1)");
    level->count = 0;
    level->where = ITEMS;
    dcm_xml_reader_event(r, ev, DCM_EVENT_SEQ);
    if (level->again)
        ev->flags |= DCM_DUPLICATE;
    return EMIT;
}

static enum step empty(struct dcm_xml_reader *r, struct dcm_event *ev)
{
    dcm_xml_reader_event(r, ev, DCM_EVENT_VALUE);
    return dcm_xml_reader_rest(
        r, dcm_xml_reader_give(r, ev, (const uint8_t *)"", 0));
}

static enum step misplaced(struct dcm_xml_reader *r, const struct level *level)
{
    return dcm_xml_reader_fail(
        r, DCM_ERR_MALFORMED,
        "items or fragments for VR %c%c, which cannot have them "
        "(PS3.19 A.1.5)",
        level->vr >> 8, level->vr & 255);
}

/* The tag with its block was there, or is lower than one before. */
static enum step see_order(struct dcm_xml_reader *r, struct level *level)
{
    level->again = 0;
    switch (dcm_order_note(&r->order, level->tag)) {
    case DCM_ORDER_ASCENDS:
        return AGAIN;
    case DCM_ORDER_MEMORY:
        return dcm_xml_reader_no_memory(r);
    case DCM_ORDER_AGAIN:
        level->again = 1;
        return deviate(r, DCM_ISSUE_KEY_REPEATED,
                       "attribute is there again, its first value counts")
                   ? AGAIN
                   : STOP;
    default:
        if (level->falls)
            return AGAIN;
        level->falls = 1;
        return deviate(r, DCM_ISSUE_KEY_ORDER,
                       "attributes are not in the order of tags")
                   ? AGAIN
                   : STOP;
    }
}

static enum step content(struct dcm_xml_reader *r, struct dcm_event *ev)
{
    struct level *level = top(r);
    enum record_kind kind;
    const struct record *record;
    enum step step = AGAIN;

    level->where = MEMBER;
    r->tag = level->tag;
    if (see_order(r, level) == STOP)
        return STOP;
    if (level->vr && check_vr(r, level) == STOP)
        return STOP;
    record = dcm_xml_reader_peek(r);
    if (!record)
        return STOP;
    kind = (enum record_kind)record->kind;
    if (!level->vr)
        step = find_vr(r, level, kind);
    if (step == STOP)
        return STOP;
    if (kind == FRAGMENT && level->tag == PIXEL_DATA)
        return dcm_xml_reader_open_text(r, ev);
    if (level->vr == VR_SQ)
        return sequence(r, ev, level);
    switch (kind) {
    case ATTRIBUTE_END:
        return empty(r, ev);
    case INLINE:
        return dcm_xml_reader_inline(r, ev);
    case BULK:
        return dcm_xml_reader_uri(r, ev);
    case VALUE:
    case NAME:
        return dcm_xml_reader_values(r, ev);
    default:
        return misplaced(r, level);
    }
}

/* -------------------------------------------------------------- attributes */

/* Which attributes there may not be; AGAIN: it is a good one. */
static enum step refuse(struct dcm_xml_reader *r, uint32_t tag)
{
    unsigned group = tag >> 16, element = tag & 0xFFFF;

    if (group == 0xFFFE || group == 0)
        return dcm_xml_reader_fail(
            r, DCM_ERR_MALFORMED,
            "(%04X,%04X) is no attribute of a data set (PS3.5 7.1)", group,
            element);
    if (group == 2 && r->n_levels > 1)
        return dcm_xml_reader_fail(
            r, DCM_ERR_MALFORMED,
            "found (0002,%04X) in an item, expected it at the top only "
            "(PS3.10 7.1)",
            element);
    if (group == 2 && r->in_dataset)
        return dcm_xml_reader_fail(
            r, DCM_ERR_MALFORMED,
            "found (0002,%04X) after other attributes, expected it before "
            "them (PS3.10 7.1)",
            element);
    return AGAIN;
}

/* Group lengths have no place in XML, and padding no meaning (PS3.19 A.1.5,
 * PS3.10 7.2). (gggg,bb00) of a creator is no group length. */
static int is_dropped(uint32_t tag, int has_creator)
{
    if (tag >> 16 & 1 && has_creator)
        return 0;
    return (tag & 0xFFFF) == 0 || tag == 0xFFFCFFFC;
}

/* Past the end of an attribute whose record was taken. */
static enum step drop(struct dcm_xml_reader *r)
{
    uint64_t open = 1;

    while (open) {
        const struct record *record = dcm_xml_reader_peek(r);

        if (!record)
            return STOP;
        if (record->kind == ATTRIBUTE)
            open++;
        else if (record->kind == ATTRIBUTE_END)
            open--;
        dcm_xml_reader_take(r);
    }
    return AGAIN;
}

static enum step see_creator_of(struct dcm_xml_reader *r, struct dcm_event *ev,
                                const struct record *record)
{
    const char *s = dcm_xml_reader_text(r, record);
    size_t n = (size_t)record->length;

    while (n && s[n - 1] == ' ')
        n--;
    while (n && *s == ' ')
        s++, n--;
    if (record->tag >> 16 & 1)
        return dcm_xml_reader_private(r, ev, s, n);
    if (n && !deviate(r, DCM_ISSUE_KEY_UNKNOWN,
                      "privateCreator of an attribute that is not private"))
        return STOP;
    return AGAIN;
}

static enum step attribute(struct dcm_xml_reader *r, struct dcm_event *ev,
                           const struct record *record)
{
    struct level *level = top(r);
    enum step step;

    r->tag = record->tag;
    if (!r->in_dataset && record->tag >> 16 != 2) {
        r->tag = 0;
        return dcm_xml_reader_dataset(r, ev);
    }
    level->place = r->at;
    level->tag = record->tag;
    level->vr = record->vr;
    if (refuse(r, record->tag) == STOP)
        return STOP;
    dcm_xml_reader_take(r);
    if (is_dropped(record->tag, record->length > 0))
        return drop(r);
    step = record->length || record->tag >> 16 & 1
               ? see_creator_of(r, ev, record)
               : AGAIN;
    if (step == AGAIN)
        return content(r, ev);
    level->where = BEHIND;
    return step;
}

/* ------------------------------------------------------------------- items */

static void item_event(struct dcm_xml_reader *r, struct dcm_event *ev,
                       enum dcm_event_type type)
{
    dcm_xml_reader_event(r, ev, type);
    ev->number = top(r)->count;
    ev->offset = ev->value_offset;
}

static enum step item_end(struct dcm_xml_reader *r, struct dcm_event *ev)
{
    struct level *level = top(r);

    dcm_xml_reader_take(r);
    if (level->beyond_ascii && !level->has_charset)
        level[-1].beyond_ascii = 1;
    r->n_levels--;
    dcm_scope_leave(&r->scopes);
    dcm_order_leave(&r->order);
    item_event(r, ev, DCM_EVENT_ITEM_END);
    r->tag = top(r)->tag;
    return EMIT;
}

static enum step open_item(struct dcm_xml_reader *r, struct dcm_event *ev,
                           const struct record *record)
{
    struct level *level = top(r);

    if (!dcm_xml_reader_count_item(r))
        return STOP;
    if (r->scopes.depth + 1 > r->limits.depth)
        return dcm_xml_reader_fail(
            r, DCM_ERR_LIMIT,
            "items nested more than %llu deep; raise the limit 'depth' to "
            "read on",
            (unsigned long long)r->limits.depth);
    if (record->number != ++level->count &&
        !deviate(r, DCM_ISSUE_KEY_ORDER,
                 "items are not numbered in a row, expected %u",
                 (unsigned)level->count))
        return STOP;
    dcm_xml_reader_take(r);
    item_event(r, ev, DCM_EVENT_ITEM);
    if (dcm_scope_enter(&r->scopes, level->tag, level->count) != DCM_OK ||
        !dcm_order_enter(&r->order))
        return dcm_xml_reader_no_memory(r);
    ev->scope = dcm_scope_top(&r->scopes) - 1; /* may have moved */
    return dcm_xml_reader_push(r) ? EMIT : STOP;
}

/* items = { Item }; a Value without text is known to come behind them. */
static enum step item(struct dcm_xml_reader *r, struct dcm_event *ev)
{
    struct level *level = top(r);
    const struct record *record;

    r->tag = level->tag;
    record = dcm_xml_reader_peek(r);
    if (!record)
        return STOP;
    if (record->kind == ITEM)
        return open_item(r, ev, record);
    if (record->kind == VALUE && record->length == 0) {
        dcm_xml_reader_take(r);
        return deviate(r, DCM_ISSUE_KEY_UNKNOWN, "Value in a sequence") ? AGAIN
                                                                        : STOP;
    }
    if (record->kind != ATTRIBUTE_END)
        return dcm_xml_reader_fail(
            r, DCM_ERR_MALFORMED,
            "value of a sequence that is no Item (PS3.19 A.1.5)");
    dcm_xml_reader_take(r);
    level->where = MEMBER;
    dcm_xml_reader_event(r, ev, DCM_EVENT_SEQ_END);
    return EMIT;
}

/* ------------------------------------------------------------------- levels */

static enum step member(struct dcm_xml_reader *r, struct dcm_event *ev)
{
    const struct record *record;

    r->tag = 0;
    record = dcm_xml_reader_peek(r);
    if (!record)
        return STOP;
    if (record->kind == ATTRIBUTE)
        return attribute(r, ev, record);
    if (record->kind == ITEM_END)
        return item_end(r, ev);
    return r->in_dataset ? dcm_xml_reader_end(r, ev)
                         : dcm_xml_reader_dataset(r, ev);
}

enum step dcm_xml_reader_advance(struct dcm_xml_reader *r, struct dcm_event *ev)
{
    switch (top(r)->where) {
    case MEMBER:
        return member(r, ev);
    case BEHIND:
        return content(r, ev);
    case ITEMS:
        return item(r, ev);
    default:
        r->tag = top(r)->tag;
        return dcm_xml_reader_fragment(r, ev);
    }
}
