/* Source. Elements and XML attributes of the Native DICOM Model (PS3.19 A.1.5,
 * A.1.6) to records: which may be where, and what they say. What the model does
 * not have is left out with all that is in it, and told. Knows nothing of VRs
 * and values. */
#include "xml_reader.h"

#include <stdlib.h>
#include <string.h>

#define MOST_LEFT_OUT 1024 /* elements in elements that are left out */

/* ------------------------------------------------------------- attributes */

/* In ASCII, any case. */
static int same(const char *a, const char *b)
{
    for (; *a && *b; a++, b++) {
        unsigned x = (unsigned char)*a, y = (unsigned char)*b;

        if (x - 'A' < 26)
            x += 32;
        if (y - 'A' < 26)
            y += 32;
        if (x != y)
            return 0;
    }
    return *a == *b;
}

enum name { TAG, VR, KEYWORD, CREATOR, NUMBER, URI, UUID, NAMES };
static const char names[NAMES][16] = {
    [TAG] = "tag",         [VR] = "vr",
    [KEYWORD] = "keyword", [CREATOR] = "privateCreator",
    [NUMBER] = "number",   [URI] = "uri",
    [UUID] = "uuid",
};

/* Of another name space, or of XML itself: no matter. */
static int is_foreign(const char *name)
{
    return strchr(name, '\n') || strchr(name, ':') ||
           strncmp(name, "xml", 3) == 0;
}

/* The values of those in `wanted`, a bit each; NULL: not there. */
static void take_attributes(struct parse *p, const char **attributes,
                            unsigned wanted, const char *values[NAMES])
{
    int unknown = 0, other_case = 0;

    memset(values, 0, NAMES * sizeof(*values));
    for (; *attributes; attributes += 2) {
        unsigned i = 0, any_case = 0;

        while (i < NAMES && !(wanted >> i & 1 && names[i][0] == **attributes &&
                              strcmp(names[i], attributes[0]) == 0))
            i++;
        if (i == NAMES) {
            for (i = 0; i < NAMES; i++)
                if (wanted >> i & 1 && !values[i] &&
                    same(names[i], attributes[0]))
                    break;
            any_case = i < NAMES;
        }
        if (i < NAMES)
            values[i] = attributes[1];
        else
            unknown |= !is_foreign(attributes[0]);
        other_case |= any_case != 0;
    }
    if (other_case)
        dcm_xml_parse_note(p, DCM_ISSUE_KEY_CASE, &p->here,
                           "capitals in an XML attribute's name, expected as "
                           "PS3.19 A.1.5 has it");
    if (unknown)
        dcm_xml_parse_note(p, DCM_ISSUE_KEY_UNKNOWN, &p->here,
                           "XML attribute that the element cannot have");
}

/* number -> digits, of a value over 0; anything else is as good as none. What
 * is out of range is far too large anyway. */
static uint32_t take_number(struct parse *p, const char **attributes)
{
    const char *values[NAMES], *s;
    uint64_t n = 0;

    take_attributes(p, attributes, 1u << NUMBER, values);
    s = values[NUMBER];
    if (!s)
        return 0;
    while (*s == ' ')
        s++;
    for (; *s >= '0' && *s <= '9'; s++)
        n = n > UINT32_MAX / 10 ? UINT32_MAX : n * 10 + (uint64_t)(*s - '0');
    while (*s == ' ')
        s++;
    return *s ? 0 : n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

static int take_tag(const char *s, uint32_t *tag, int *lower)
{
    uint32_t v = 0;
    size_t n = 0;

    for (*lower = 0; *s; s++, n++) {
        unsigned c = (unsigned char)*s, d = c - '0';

        if (d > 9) {
            d = (c | 0x20) - 'a' + 10;
            if (d < 10 || d > 15)
                return 0;
            *lower |= c >= 'a';
        }
        v = v << 4 | d;
        if (n == 8)
            return 0;
    }
    *tag = v;
    return n == 8;
}

static struct record *push(struct parse *p, enum record_kind kind,
                           uint32_t number)
{
    struct record *record = dcm_xml_queue_push(&p->queue, kind, &p->here);

    if (record)
        record->number = number;
    else if (!p->queue.no_memory)
        dcm_xml_parse_fail(p, DCM_ERR_LIMIT, &p->here,
                           "attribute has too much to be held; raise the "
                           "limit 'value' to read on");
    return record;
}

/* A text that is all there is to a record. */
static void put_text(struct parse *p, struct record *record, const char *s)
{
    size_t i = (size_t)(record - p->queue.records);

    if (dcm_xml_queue_text(&p->queue, s, strlen(s)))
        dcm_xml_queue_close(&p->queue, &p->queue.records[i]);
    else if (!p->queue.no_memory)
        dcm_xml_parse_fail(p, DCM_ERR_LIMIT, &p->here,
                           "XML attribute is too long; raise the limit "
                           "'value' to read on");
}

/* --------------------------------------------------------------- elements */

static int take_vr(struct record *record, const char *s)
{
    if (!s[0] || !s[1] || s[2])
        return 0;
    record->vr = DCM_VR((uint8_t)s[0], (uint8_t)s[1]);
    return dcm_vr_find(record->vr) != NULL;
}

static void start_attribute(struct parse *p, const char **attributes)
{
    const char *values[NAMES];
    struct record *record;
    uint32_t tag = 0;
    int lower = 0;

    take_attributes(p, attributes,
                    1u << TAG | 1u << VR | 1u << KEYWORD | 1u << CREATOR,
                    values);
    if (!values[TAG] || !take_tag(values[TAG], &tag, &lower)) {
        dcm_xml_parse_fail(p, DCM_ERR_MALFORMED, &p->here,
                           values[TAG] ? "tag is not 8 hex digits "
                                         "(PS3.19 A.1.5)"
                                       : "DicomAttribute without a tag "
                                         "(PS3.19 A.1.5)");
        return;
    }
    if (lower)
        dcm_xml_parse_note(p, DCM_ISSUE_KEY_CASE, &p->here,
                           "lower case digits in a tag");
    record = push(p, ATTRIBUTE, 0);
    if (!record)
        return;
    record->tag = tag;
    if (values[VR] && !take_vr(record, values[VR]))
        dcm_xml_parse_fail(p, DCM_ERR_MALFORMED, &p->here,
                           "vr is none of the standard (PS3.19 A.1.5)");
    else if (values[CREATOR])
        put_text(p, record, values[CREATOR]);
}

static void start_item(struct parse *p, const char **attributes)
{
    push(p, ITEM, take_number(p, attributes));
}

static void start_fragment(struct parse *p, const char **attributes)
{
    push(p, FRAGMENT, take_number(p, attributes));
}

static void start_value(struct parse *p, const char **attributes)
{
    p->leaf = p->here;
    p->number = take_number(p, attributes);
}

static void start_inline(struct parse *p, const char **attributes)
{
    const char *values[NAMES];

    take_attributes(p, attributes, 0, values);
    p->leaf = p->here;
    dcm_xml_inline_start(p);
}

static void start_bulk(struct parse *p, const char **attributes)
{
    const char *values[NAMES], *uri;
    struct record *record;

    take_attributes(p, attributes, 1u << URI | 1u << UUID, values);
    uri = values[URI] ? values[URI] : values[UUID];
    if (!uri || !*uri || (values[URI] && values[UUID])) {
        dcm_xml_parse_fail(p, DCM_ERR_MALFORMED, &p->here,
                           uri && *uri
                               ? "BulkData with uri and uuid, expected one of "
                                 "them (PS3.19 A.1.5)"
                               : "BulkData without a uri (PS3.19 A.1.5)");
        return;
    }
    record = push(p, BULK, 0);
    if (record)
        put_text(p, record, uri);
}

static void start_name(struct parse *p, const char **attributes)
{
    dcm_xml_name_start(p, take_number(p, attributes));
}

static void end_value(struct parse *p)
{
    struct record *record;

    p->here = p->leaf;
    record = push(p, VALUE, p->number);
    if (record)
        dcm_xml_queue_close(&p->queue, record);
}

static void end_attribute(struct parse *p)
{
    push(p, ATTRIBUTE_END, 0);
}

static void end_item(struct parse *p)
{
    push(p, ITEM_END, 0);
}

static void end_fragment(struct parse *p)
{
    push(p, FRAGMENT_END, 0);
}

static void end_document(struct parse *p)
{
    push(p, DOCUMENT_END, 0);
}

/* ------------------------------------------------------------- the grammar */

#define IN(element) (1u << (element))

/* The commonest first. */
static const struct rule {
    char name[20];
    uint8_t element;
    uint8_t which; /* group or component */
    unsigned parents;
    void (*start)(struct parse *, const char **);
} rules[] = {
    {"DicomAttribute", IN_ATTRIBUTE, 0, IN(IN_MODEL) | IN(IN_ITEM),
     start_attribute},
    {"Value", IN_VALUE, 0, IN(IN_ATTRIBUTE), start_value},
    {"Item", IN_ITEM, 0, IN(IN_ATTRIBUTE), start_item},
    {"PersonName", IN_NAME, 0, IN(IN_ATTRIBUTE), start_name},
    {"Alphabetic", IN_GROUP, 0, IN(IN_NAME), NULL},
    {"SingleByte", IN_GROUP, 0, IN(IN_NAME), NULL}, /* its name in 2011 */
    {"Ideographic", IN_GROUP, 1, IN(IN_NAME), NULL},
    {"Phonetic", IN_GROUP, 2, IN(IN_NAME), NULL},
    {"FamilyName", IN_COMPONENT, 0, IN(IN_GROUP), NULL},
    {"GivenName", IN_COMPONENT, 1, IN(IN_GROUP), NULL},
    {"MiddleName", IN_COMPONENT, 2, IN(IN_GROUP), NULL},
    {"NamePrefix", IN_COMPONENT, 3, IN(IN_GROUP), NULL},
    {"NameSuffix", IN_COMPONENT, 4, IN(IN_GROUP), NULL},
    {"InlineBinary", IN_INLINE, 0, IN(IN_ATTRIBUTE) | IN(IN_FRAGMENT),
     start_inline},
    {"BulkData", IN_BULK, 0, IN(IN_ATTRIBUTE) | IN(IN_FRAGMENT), start_bulk},
    {"DataFragment", IN_FRAGMENT, 0, IN(IN_ATTRIBUTE), start_fragment},
};

static const struct rule *find(const char *name, enum element parent)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        if (rules[i].parents >> parent & 1 && strcmp(rules[i].name, name) == 0)
            return &rules[i];
    return NULL;
}

static void open_element(struct parse *p, enum element element)
{
    if (p->depth == p->max_depth) {
        size_t n = p->max_depth ? p->max_depth * 2 : 64;
        uint8_t *stack = realloc(p->stack, n);

        if (!stack) {
            dcm_xml_parse_fail(p, DCM_ERR_MEMORY, &p->here,
                               "no memory to read on");
            return;
        }
        p->stack = stack;
        p->max_depth = n;
    }
    p->stack[p->depth++] = (uint8_t)element;
}

static void leave_out(struct parse *p)
{
    if (p->left_out++ == 0)
        dcm_xml_parse_note(p, DCM_ISSUE_KEY_UNKNOWN, &p->here,
                           "element that cannot be here, left out with its "
                           "content");
    if (p->left_out > MOST_LEFT_OUT)
        dcm_xml_parse_fail(p, DCM_ERR_LIMIT, &p->here,
                           "too many elements in one that is left out");
}

void dcm_xml_parse_start(struct parse *p, const char *name,
                         const char **attributes)
{
    enum element parent = dcm_xml_parse_top(p);
    const struct rule *rule;

    if (p->left_out) {
        leave_out(p);
    } else if (parent == OUTSIDE) {
        if (name && strcmp(name, "NativeDicomModel") == 0)
            open_element(p, IN_MODEL);
        else
            dcm_xml_parse_fail(p, DCM_ERR_NOT_DICOM, &p->here,
                               "root element is not NativeDicomModel "
                               "(PS3.19 A.1.5)");
    } else if (!name || !(rule = find(name, parent))) {
        leave_out(p);
    } else {
        open_element(p, (enum element)rule->element);
        if (rule->start)
            rule->start(p, attributes);
        else if (rule->element == IN_GROUP)
            dcm_xml_name_group(p, rule->which);
        else
            dcm_xml_name_component(p, rule->which);
    }
}

void dcm_xml_parse_end(struct parse *p)
{
    static void (*const ends[])(struct parse *) = {
        [IN_MODEL] = end_document,
        [IN_ATTRIBUTE] = end_attribute,
        [IN_ITEM] = end_item,
        [IN_VALUE] = end_value,
        [IN_NAME] = dcm_xml_name_end,
        [IN_GROUP] = NULL,
        [IN_COMPONENT] = dcm_xml_name_component_end,
        [IN_INLINE] = dcm_xml_inline_end,
        [IN_BULK] = NULL,
        [IN_FRAGMENT] = end_fragment,
    };
    enum element element = dcm_xml_parse_top(p);

    if (p->left_out) {
        p->left_out--;
        return;
    }
    p->depth--;
    p->stray = 0;
    if (ends[element])
        ends[element](p);
}

/* Character data that is not base64. */
void dcm_xml_parse_text(struct parse *p, const char *s, size_t n)
{
    enum element element = dcm_xml_parse_top(p);

    if (p->left_out)
        return;
    if (element == IN_VALUE || element == IN_COMPONENT) {
        if (!dcm_xml_queue_text(&p->queue, s, n) && !p->queue.no_memory)
            dcm_xml_parse_fail(p, DCM_ERR_LIMIT, &p->leaf,
                               "value is too long to be held; raise the limit "
                               "'value' to read on");
        return;
    }
    while (n && (*s == ' ' || *s == '\n' || *s == '\t' || *s == '\r'))
        s++, n--;
    if (n && !p->stray) {
        p->stray = 1;
        dcm_xml_parse_note(p, DCM_ISSUE_KEY_UNKNOWN, &p->here,
                           "text where only elements belong, left out");
    }
}
