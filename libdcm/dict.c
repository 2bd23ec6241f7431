/* The dictionary: public attributes (PS3.6, PS3.7 E), private attributes by
 * their creator (PS3.5 7.8.1), and UIDs (PS3.6 A).
 *
 * The rows are made from the text files of dict/ at build time. They hold
 * offsets into one text for each table, never pointers: the loader has nothing
 * to relocate and a program that looks nothing up pays nothing. Knows nothing
 * of files, values or scopes: that an element is private and who created its
 * block is found out elsewhere.
 */
#include "dict.h"

#include <string.h>

/* A row of PS3.6; texts are offsets into element_text. */
struct element {
    uint32_t tag; /* x digits are 0 */
    uint32_t keyword;
    uint32_t name;
    uint16_t vm;
    uint8_t vrs; /* row of element_vrs */
    uint8_t retired;
};

/* A row whose tag has x digits: matches when (tag & mask) == value. */
struct pattern {
    uint32_t mask;
    uint32_t value;
    uint16_t row;
};

/* A private row; rows of one creator stand together, sorted by key. */
struct private_element {
    uint32_t key; /* x digits are 0; see dict/gen-private.awk */
    uint32_t name;
    uint16_t vm;
    uint8_t vrs;
};

struct creator {
    uint32_t text;
    uint16_t first;
    uint16_t count;
};

struct uid {
    uint32_t uid;
    uint32_t keyword;
    uint32_t name;
    uint16_t type;
    uint8_t retired;
};

/* The texts are longer than the 4095 bytes that C11 5.2.4.1 promises. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings"
#include "dict/elements.inc"
#include "dict/private.inc"
#include "dict/uids.inc"
#pragma GCC diagnostic pop

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* A private element has an odd group (PS3.5 7.8). */
static int is_private(uint32_t tag)
{
    return (tag >> 16 & 1) != 0;
}

/* Tags without a row of their own, in the order of what is most special:
 * private creators (PS3.5 7.8.1), group lengths (7.2), repeating groups (7.6).
 * Patterns stand for even groups only: (6001,3000) is private. */
static const struct element *find_by_rule(uint32_t tag)
{
    size_t i;

    if (is_private(tag)) {
        uint32_t number = tag & 0xFFFF;

        return number >= 0x10 && number <= 0xFF ? &elements[ROW_PRIVATE_CREATOR]
                                                : NULL;
    }
    if ((tag & 0xFFFF) == 0)
        return &elements[ROW_GROUP_LENGTH];
    for (i = 0; i < COUNT(element_patterns); i++)
        if ((tag & element_patterns[i].mask) == element_patterns[i].value)
            return &elements[element_patterns[i].row];
    return NULL;
}

/* Exact rows come first: (7FE0,0010) is one, and 7Fxx,0010 matches it too. */
static const struct element *find(uint32_t tag)
{
    uint32_t slot = ELEMENT_SLOT(tag);
    unsigned row;

    while ((row = element_slots[slot]) != 0) {
        if (elements[row].tag == tag)
            return &elements[row];
        slot = ELEMENT_SLOT_AFTER(slot);
    }
    return find_by_rule(tag);
}

int dcm_dict_vrs(uint32_t tag, uint16_t vrs[3])
{
    const struct element *e = find(tag);

    if (!e)
        return 0;
    memcpy(vrs, &element_vrs[e->vrs][1], 3 * sizeof *vrs);
    return element_vrs[e->vrs][0];
}

static void fill_attribute(struct dcm_attribute *row, const struct element *e)
{
    row->tag = e->tag;
    row->keyword = element_text + e->keyword;
    row->name = element_text + e->name;
    row->vm = element_text + e->vm;
    row->retired = e->retired;
    memcpy(row->vrs, &element_vrs[e->vrs][1], sizeof row->vrs);
}

int dcm_attribute_find(uint32_t tag, struct dcm_attribute *row)
{
    const struct element *e = find(tag);

    if (!e)
        return 0;
    fill_attribute(row, e);
    if (e <= &elements[ROW_PRIVATE_CREATOR]) /* not a row of the standard */
        row->tag = tag;
    return 1;
}

/* Order of bytes, the shorter of two first when it begins the other. */
static int compare(const char *a, size_t length, const char *b)
{
    size_t other = strlen(b);
    int order = memcmp(a, b, length < other ? length : other);

    if (order != 0)
        return order;
    return (length > other) - (length < other);
}

/* The row with this keyword. Rows without one are not in the index. */
static const struct element *find_keyword(const char *keyword, size_t length)
{
    size_t low = 0, high = COUNT(element_keywords);

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct element *e = &elements[element_keywords[middle]];
        int order = compare(keyword, length, element_text + e->keyword);

        if (order == 0)
            return e;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

int dcm_attribute_find_keyword(const char *keyword, size_t length,
                               struct dcm_attribute *row)
{
    const struct element *e = find_keyword(keyword, length);

    if (!e)
        return 0;
    fill_attribute(row, e);
    return 1;
}

static const struct creator *find_creator(const char *text, size_t length)
{
    size_t low = 0, high = COUNT(creators);

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct creator *c = &creators[middle];
        int order = compare(text, length, private_text + c->text);

        if (order == 0)
            return c;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

static const struct private_element *find_key(const struct creator *c,
                                              uint32_t key)
{
    size_t low = c->first, high = low + c->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct private_element *p = &private_elements[middle];

        if (p->key == key)
            return p;
        if (key < p->key)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

/* From the most special row to the widest: 00191005, 0019xx05, 60xxxx05. */
static const struct private_element *find_private(const struct creator *c,
                                                  uint32_t tag)
{
    const struct private_element *p = find_key(c, tag);

    if (!p)
        p = find_key(c, tag & 0xFFFF00FF);
    if (!p)
        p = find_key(c, tag & 0xFF0000FF);
    return p;
}

int dcm_attribute_find_private(const char *creator, size_t length, uint32_t tag,
                               struct dcm_attribute *row)
{
    const struct creator *c;
    const struct private_element *p;

    if (!is_private(tag) || (tag & 0xFFFF) < 0x1000)
        return 0;
    c = find_creator(creator, length);
    p = c ? find_private(c, tag) : NULL;
    if (!p)
        return 0;
    row->tag = p->key;
    row->keyword = "";
    row->name = private_text + p->name;
    row->vm = private_text + p->vm;
    row->retired = 0;
    memcpy(row->vrs, &private_vrs[p->vrs][1], sizeof row->vrs);
    return 1;
}

/* n hex digits of either case; no sign, no space. */
static int parse_hex(const char *text, size_t n, uint32_t *value)
{
    uint32_t v = 0;
    size_t i;

    for (i = 0; i < n; i++) {
        char c = text[i];

        if (c >= '0' && c <= '9')
            v = v << 4 | (uint32_t)(c - '0');
        else if (c >= 'A' && c <= 'F')
            v = v << 4 | (uint32_t)(c - 'A' + 10);
        else if (c >= 'a' && c <= 'f')
            v = v << 4 | (uint32_t)(c - 'a' + 10);
        else
            return 0;
    }
    *value = v;
    return 1;
}

/* tag -> gggg , eeee */
static int parse_pair(const char *text, size_t length, uint32_t *tag)
{
    uint32_t group, number;

    if (length != 9 || text[4] != ',' || !parse_hex(text, 4, &group) ||
        !parse_hex(text + 5, 4, &number))
        return 0;
    *tag = DCM_TAG(group, number);
    return 1;
}

/* A keyword of a repeating group names the first group: OverlayData is
 * (6000,3000). Where that tag is another row's, as (0028,0400) is, the keyword
 * names no tag at all. */
static int parse_keyword(const char *text, size_t length, uint32_t *tag)
{
    const struct element *e = find_keyword(text, length);

    if (!e || find(e->tag) != e)
        return 0;
    *tag = e->tag;
    return 1;
}

int dcm_tag_parse(const char *text, size_t length, uint32_t *tag)
{
    if (length == 8 && parse_hex(text, 8, tag))
        return 1;
    if (parse_pair(text, length, tag))
        return 1;
    if (length == 11 && text[0] == '(' && text[10] == ')' &&
        parse_pair(text + 1, 9, tag))
        return 1;
    return parse_keyword(text, length, tag);
}

static int fill_uid(struct dcm_uid *row, const struct uid *u)
{
    row->uid = uid_text + u->uid;
    row->keyword = uid_text + u->keyword;
    row->name = uid_text + u->name;
    row->type = uid_text + u->type;
    row->retired = u->retired;
    return 1;
}

int dcm_uid_find(const char *uid, size_t length, struct dcm_uid *row)
{
    size_t low = 0, high = COUNT(uids);

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare(uid, length, uid_text + uids[middle].uid);

        if (order == 0)
            return fill_uid(row, &uids[middle]);
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return 0;
}

int dcm_uid_find_keyword(const char *keyword, size_t length,
                         struct dcm_uid *row)
{
    size_t low = 0, high = COUNT(uid_keywords);

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct uid *u = &uids[uid_keywords[middle]];
        int order = compare(keyword, length, uid_text + u->keyword);

        if (order == 0)
            return fill_uid(row, u);
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return 0;
}
