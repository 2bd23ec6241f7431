/* Source. Private attributes (PS3.19 A.1.5, PS3.5 7.8.1): the text says who
 * made one, and leaves it to us which block that is. Blocks are given out in
 * each data set and item for itself. Knows nothing of values. */
#include "xml_reader.h"

#include <string.h>

#define MOST_BLOCKS 4096u /* in one data set or item */

/* The creator that has reserved a block of the level. */
static const char *owner_of(const struct dcm_xml_reader *r, uint16_t group,
                            unsigned block, size_t *n)
{
    return dcm_scope_creator(dcm_scope_top(&r->scopes),
                             DCM_TAG(group, block << 8), n);
}

static int is_owner(const struct dcm_xml_reader *r, uint16_t group,
                    unsigned block, const char *creator, size_t n)
{
    size_t length;
    const char *s = owner_of(r, group, block, &length);

    return s && length == n && memcmp(s, creator, n) == 0;
}

/* The first block of a creator: 10 to FF; 0: it has none. */
static unsigned find(const struct dcm_xml_reader *r, uint16_t group,
                     const char *creator, size_t n)
{
    const struct dcm_scope *scope = dcm_scope_top(&r->scopes);
    const struct dcm_private_block *b = r->scopes.blocks;

    for (uint32_t i = scope->end_block; i-- > scope->first_block;)
        if (b[i].group == group && b[i].length == n &&
            memcmp(r->scopes.names + b[i].start, creator, n) == 0)
            return b[i].block;
    return 0;
}

static unsigned first_free(const struct dcm_xml_reader *r, uint16_t group)
{
    const struct dcm_scope *scope = dcm_scope_top(&r->scopes);
    const struct dcm_private_block *b = r->scopes.blocks;
    uint8_t taken[256] = {0};

    for (uint32_t i = scope->first_block; i < scope->end_block; i++)
        if (b[i].group == group)
            taken[b[i].block & 0xFF] = 1;
    for (unsigned block = 0x10; block <= 0xFF; block++)
        if (!taken[block])
            return block;
    return 0;
}

static enum step reserve(struct dcm_xml_reader *r, uint32_t tag,
                         const char *creator, size_t n)
{
    const struct dcm_scope *scope = dcm_scope_top(&r->scopes);
    enum dcm_status status = DCM_ERR_LIMIT;

    if (scope->end_block - scope->first_block < MOST_BLOCKS)
        status =
            dcm_scope_reserve(&r->scopes, tag, (const uint8_t *)creator, n);
    if (status == DCM_ERR_LIMIT)
        return dcm_xml_reader_fail(r, status, "too many private blocks");
    return status == DCM_OK ? AGAIN : dcm_xml_reader_no_memory(r);
}

/* The element (gggg,00bb) that reserves a block, as a VALUE. */
static enum step give_creator(struct dcm_xml_reader *r, struct dcm_event *ev,
                              uint16_t group, unsigned block,
                              const char *creator, size_t n)
{
    struct level *level = top(r);
    struct level attribute = *level;
    struct dcm_values *v = &r->values;

    level->tag = r->tag = DCM_TAG(group, block);
    level->vr = VR_LO;
    dcm_xml_reader_event(r, ev, DCM_EVENT_VALUE);
    ev->value_offset = ev->offset;
    if (dcm_order_note(&r->order, level->tag) == DCM_ORDER_MEMORY)
        return dcm_xml_reader_no_memory(r);
    v->policy = r->policy;
    dcm_values_begin(v, ev);
    if (dcm_values_text(v, ev->offset, creator, n) != DCM_OK ||
        dcm_values_end(v) != DCM_OK) {
        r->phase = FAILED;
        return STOP;
    }
    if (reserve(r, level->tag, creator, n) == STOP)
        return STOP;
    r->value.where = IN_MEMORY;
    r->value.data = ev->data = v->data;
    r->value.left = r->value.size = ev->size = v->size;
    ev->length = (uint32_t)v->size;
    attribute.beyond_ascii |= v->beyond_ascii != 0;
    *level = attribute;
    return EMIT;
}

/* A tag as the text has it, without a creator. */
static enum step take_literally(struct dcm_xml_reader *r, uint32_t tag)
{
    unsigned block = tag >> 8 & 0xFF, element = tag & 0xFF;
    size_t n;

    if (block >= 0x10 ? owner_of(r, (uint16_t)(tag >> 16), block, &n) != NULL
                      : block == 0 && element >= 0x10)
        return AGAIN;
    return deviate(r, DCM_ISSUE_PRIVATE_BLOCK,
                   "private attribute without a privateCreator or a block that "
                   "one has reserved")
               ? AGAIN
               : STOP;
}

enum step dcm_xml_reader_private(struct dcm_xml_reader *r, struct dcm_event *ev,
                                 const char *creator, size_t n)
{
    struct level *level = top(r);
    uint32_t tag = level->tag;
    uint16_t group = (uint16_t)(tag >> 16);
    unsigned stated = tag >> 8 & 0xFF, block;
    int is_new;

    if (n == 0)
        return take_literally(r, tag);
    if (stated &&
        (stated < 0x10 ||
         !deviate(r, DCM_ISSUE_PRIVATE_BLOCK,
                  "tag states a block and privateCreator who has it, expected "
                  "00 in its place")))
        return stated >= 0x10
                   ? STOP
                   : dcm_xml_reader_fail(r, DCM_ERR_MALFORMED,
                                         "(%04X,%04X) is no private attribute "
                                         "(PS3.5 7.8.1)",
                                         group, (unsigned)(tag & 0xFFFF));
    block = find(r, group, creator, n);
    if (stated && is_owner(r, group, stated, creator, n))
        block = stated;
    is_new = block == 0;
    if (is_new) {
        size_t length;

        block = stated && !owner_of(r, group, stated, &length)
                    ? stated
                    : first_free(r, group);
    }
    if (block == 0)
        return dcm_xml_reader_fail(r, DCM_ERR_MALFORMED,
                                   "more creators in group %04X than it has "
                                   "blocks (PS3.5 7.8.1)",
                                   group);
    level->tag = r->tag = DCM_TAG(group, block << 8 | (tag & 0xFF));
    return is_new ? give_creator(r, ev, group, block, creator, n) : AGAIN;
}

enum step dcm_xml_reader_see_creator(struct dcm_xml_reader *r,
                                     const struct dcm_event *ev)
{
    const char *s = (const char *)ev->data, *owner;
    size_t n = (size_t)ev->size, length;
    uint16_t group = (uint16_t)(ev->tag >> 16);

    while (n && (s[n - 1] == ' ' || s[n - 1] == '\0'))
        n--;
    while (n && *s == ' ')
        s++, n--;
    if (n == 0 || n > 1024)
        return EMIT;
    owner = owner_of(r, group, ev->tag & 0xFF, &length);
    if (owner && length == n && memcmp(owner, s, n) == 0)
        return AGAIN;
    if (owner)
        return dcm_xml_reader_fail(
            r, DCM_ERR_MALFORMED,
            "block of a Private Creator was given to another one before "
            "(PS3.5 7.8.1)");
    return reserve(r, ev->tag, s, n) == STOP ? STOP : EMIT;
}
