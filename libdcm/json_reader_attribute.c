/* Source. One attribute's object (PS3.18 F.2.2): "vr", and at most one of
 * "Value", "InlineBinary", "BulkDataURI", in any order. Where the VR comes
 * after the value, the value is passed over first and gone back to. Settles
 * what VR an attribute has when it does not say, or says nothing known. */
#include "dict.h"
#include "json_reader.h"
#include "resolve.h"

#include <string.h>

/* ---------------------------------------------------------------------- VR */

int dcm_json_reader_check_vr(struct dcm_json_reader *r, const struct level *l,
                             uint64_t offset)
{
    uint16_t vrs[3];
    int n;

    if (l->tag >> 16 & 1 || l->vr == VR_UN)
        return 1;
    n = dcm_dict_vrs(l->tag, vrs);
    if (n == 0)
        return 1;
    for (int i = 0; i < n; i++)
        if (vrs[i] == l->vr)
            return 1;
    return deviate(r, DCM_ISSUE_VR_OTHER, offset,
                   "found VR %c%c, the dictionary has %c%c", l->vr >> 8,
                   l->vr & 255, vrs[0] >> 8, vrs[0] & 255);
}

static int is_capitals(const char *s)
{
    return s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'A' && s[1] <= 'Z';
}

/* vrs -> VR { " or " VR }, as the dictionary itself has it for some. */
static int is_vrs(const char *s, size_t n)
{
    while (n > 6 && is_capitals(s) && memcmp(s + 2, " or ", 4) == 0) {
        s += 6;
        n -= 6;
    }
    return n == 2 && is_capitals(s);
}

/* Two capitals that the standard does not have are as good as nothing, and so
 * is a choice. */
static enum step take_vr(struct dcm_json_reader *r, struct level *level)
{
    struct dcm_json_scan *s = &r->scan;
    int token = dcm_json_scan_next(s);

    if (token != DCM_JSON_STRING)
        return dcm_json_reader_unexpected(
            r, token, "a string that is a VR (PS3.18 F.2.2)");
    if (!is_vrs(s->text, s->length))
        return dcm_json_reader_fail(
            r, DCM_ERR_MALFORMED, s->at,
            "\"vr\" is not two capital letters (PS3.18 F.2.2)");
    level->has_vr = 1;
    level->vr = DCM_VR((uint8_t)s->text[0], (uint8_t)s->text[1]);
    if (s->length == 2 && dcm_vr_find(level->vr))
        return dcm_json_reader_check_vr(r, level, s->at) ? AGAIN : STOP;
    level->vr = 0;
    level->guess = 1;
    return AGAIN;
}

/* The dictionary's VR, by what the content can be where it leaves a choice:
 * two bytes stand for numbers, four for words, undefined for fragments. */
static enum step find_vr(struct dcm_json_reader *r, struct level *level,
                         enum content content)
{
    const struct dcm_scope *scope = dcm_scope_top(&r->scopes);
    int fragments =
        content == FRAGMENTS || (content == URI && scope->encapsulated);
    uint32_t length = content == VALUE ? 2 : fragments ? DCM_UNDEFINED : 4;
    int choice = 0;

    level->vr = dcm_resolve_vr(level->tag, length, scope, &choice);
    if (level->guess && level->vr == VR_UN)
        return dcm_json_reader_fail(
            r, DCM_ERR_MALFORMED, level->key,
            "VR is not in the standard, nor the attribute in a dictionary "
            "(PS3.18 F.2.2)");
    if (!deviate(r, DCM_ISSUE_VR_MISSING, level->key, "%s, %c%c is taken",
                 level->guess ? "VR is not in the standard" : "no VR",
                 level->vr >> 8, level->vr & 255))
        return STOP;
    if (choice && !deviate(r, DCM_ISSUE_AMBIGUOUS_VR, level->key,
                           "US or SS, but no Pixel Representation"))
        return STOP;
    return AGAIN;
}

/* ----------------------------------------------------------------- content */

void dcm_json_reader_resume(struct dcm_json_reader *r, struct level *level)
{
    level->place = REST;
    if (level->resume) {
        dcm_json_scan_seek(&r->scan, level->resume);
        level->place = MEMBER;
    }
}

static enum step sequence(struct dcm_json_reader *r, struct dcm_event *ev,
                          struct level *level, enum content content)
{
    int first = DCM_JSON_END;

    if (level->tag >> 16 == 2)
        return dcm_json_reader_fail(
            r, DCM_ERR_MALFORMED, level->key,
            "sequence in group 0002, which cannot have one (PS3.10 7.1)");
    if (content == URI && !r->bulk)
        return dcm_json_reader_uri(r, ev);
    if (content == URI && dcm_json_reader_items_uri(r) == STOP)
        return STOP;
    if (content == INLINE || content == FRAGMENTS)
        return dcm_json_reader_fail(
            r, DCM_ERR_MALFORMED, dcm_json_scan_tell(&r->scan),
            "found bytes for a sequence, expected its items (PS3.18 F.2.2)");
    level->count = 0;
    level->place = LAST_ITEM;
    if (content == VALUE)
        first = dcm_json_scan_peek(&r->scan);
    if (first == '[') {
        dcm_json_scan_next(&r->scan);
        level->place = FIRST_ITEM;
    } else if (first == '{' || first == 'n') {
        if (!deviate(r, DCM_ISSUE_VALUE_ARRAY, dcm_json_scan_tell(&r->scan),
                     "items of a sequence are not in an array"))
            return STOP;
        level->place = ONLY_ITEM;
        if (first == 'n') {
            level->place = LAST_ITEM;
            if (dcm_json_scan_next(&r->scan) != DCM_JSON_NULL)
                return dcm_json_reader_scan_failed(r);
        }
    } else if (content == VALUE) {
        return dcm_json_reader_unexpected(r, dcm_json_scan_next(&r->scan),
                                          "an array of items (PS3.18 F.2.4)");
    }
    dcm_json_reader_event(r, ev, DCM_EVENT_SEQ);
    return EMIT;
}

static enum step empty(struct dcm_json_reader *r, struct dcm_event *ev)
{
    dcm_json_reader_event(r, ev, DCM_EVENT_VALUE);
    ev->length = 0;
    ev->data = (const uint8_t *)"";
    top(r)->ready = 1;
    return AGAIN;
}

enum step dcm_json_reader_content(struct dcm_json_reader *r,
                                  struct dcm_event *ev, enum content content)
{
    struct level *level = top(r);

    if (!level->vr && find_vr(r, level, content) == STOP)
        return STOP;
    if (content == FRAGMENTS)
        return dcm_json_reader_fragments(r, ev);
    if (level->vr == VR_SQ)
        return sequence(r, ev, level, content);
    switch (content) {
    case VALUE:
        return dcm_json_reader_values(r, ev);
    case INLINE:
        return dcm_json_reader_inline(r, ev);
    case URI:
        return dcm_json_reader_uri(r, ev);
    default:
        return empty(r, ev);
    }
}

/* ----------------------------------------------------------------- members */

enum member { OTHER, VR, CONTENT };

static enum member member_of(const struct dcm_json_reader *r,
                             enum content *content)
{
    static const struct {
        const char *name;
        uint8_t length, member, content;
    } names[] = {
        {"Value", 5, CONTENT, VALUE},
        {"vr", 2, VR, NOTHING},
        {"InlineBinary", 12, CONTENT, INLINE},
        {"BulkDataURI", 11, CONTENT, URI},
        {"DataFragment", 12, CONTENT, FRAGMENTS}, /* dcm4che's own */
    };
    size_t n = sizeof(names) / sizeof(names[0]);

    if (r->tag != PIXEL_DATA)
        n--;
    for (size_t i = 0; i < n; i++)
        if (r->scan.length == names[i].length &&
            memcmp(r->scan.text, names[i].name, names[i].length) == 0) {
            *content = (enum content)names[i].content;
            return (enum member)names[i].member;
        }
    return OTHER;
}

static enum step skip(struct dcm_json_reader *r)
{
    return dcm_json_scan_skip(&r->scan) < 0 ? dcm_json_reader_scan_failed(r)
                                            : AGAIN;
}

/* A value whose VR is not known yet waits. */
static enum step take_content(struct dcm_json_reader *r, struct dcm_event *ev,
                              struct level *level, enum content content)
{
    level->content = (uint8_t)content;
    if (level->has_vr)
        return dcm_json_reader_content(r, ev, content);
    level->held_content = (uint8_t)content;
    level->held = dcm_json_scan_tell(&r->scan);
    return skip(r);
}

/* At the value of the member whose name was taken. */
static enum step take_member(struct dcm_json_reader *r, struct dcm_event *ev,
                             enum member member, enum content content,
                             uint64_t at)
{
    struct level *level = top(r);

    switch (member) {
    case VR:
        if (level->has_vr)
            return dcm_json_reader_fail(r, DCM_ERR_MALFORMED, at,
                                        "a second \"vr\" (PS3.18 F.2.2)");
        return take_vr(r, level);
    case CONTENT:
        if (level->content != NOTHING)
            return dcm_json_reader_fail(
                r, DCM_ERR_MALFORMED, at,
                "a second value, expected one of Value, InlineBinary and "
                "BulkDataURI (PS3.18 F.2.2)");
        return take_content(r, ev, level, content);
    default:
        if (!deviate(r, DCM_ISSUE_KEY_UNKNOWN, at,
                     "member that an attribute cannot have"))
            return STOP;
        return skip(r);
    }
}

/* Behind the brace. What waited, or was not there at all, is next. */
static enum step end_of_attribute(struct dcm_json_reader *r,
                                  struct dcm_event *ev)
{
    struct level *level = top(r);
    enum content held = (enum content)level->held_content;
    enum step step;

    if (level->place == REST) { /* its events have been given */
        level->place = MEMBER;
        return AGAIN;
    }
    if (level->ready) {
        if (r->value.where == IN_BASE64)
            r->value.after = dcm_json_scan_tell(&r->scan);
        return EMIT;
    }
    level->resume = dcm_json_scan_tell(&r->scan);
    if (held != NOTHING)
        dcm_json_scan_seek(&r->scan, level->held);
    step = dcm_json_reader_content(r, ev, held);
    if (step != AGAIN)
        return step;
    if (r->value.where == IN_BASE64)
        r->value.after = level->resume;
    else
        dcm_json_scan_seek(&r->scan, level->resume);
    return EMIT;
}

enum step dcm_json_reader_rest(struct dcm_json_reader *r, struct dcm_event *ev,
                               int first)
{
    struct dcm_json_scan *s = &r->scan;
    enum content content = NOTHING;
    enum member member;
    enum step step = AGAIN;
    uint64_t at;
    int token;

    r->tag = top(r)->tag;
    for (; step == AGAIN; first = 0) {
        token = dcm_json_scan_next(s);
        if (token == '}')
            return end_of_attribute(r, ev);
        if (!first) {
            if (token != ',')
                return dcm_json_reader_unexpected(r, token,
                                                  "',' or '}' (RFC 8259 4)");
            token = dcm_json_scan_next(s);
        }
        if (token != DCM_JSON_STRING)
            return dcm_json_reader_unexpected(
                r, token, "the name of a member (PS3.18 F.2.2)");
        at = s->at;
        member = member_of(r, &content);
        token = dcm_json_scan_next(s);
        if (token != ':')
            return dcm_json_reader_unexpected(r, token, "':' (RFC 8259 4)");
        step = take_member(r, ev, member, content, at);
    }
    return step;
}

enum step dcm_json_reader_attribute(struct dcm_json_reader *r,
                                    struct dcm_event *ev)
{
    int token = dcm_json_scan_next(&r->scan);

    if (token != '{')
        return dcm_json_reader_unexpected(
            r, token, "an object that is an attribute (PS3.18 F.2.2)");
    return dcm_json_reader_rest(r, ev, 1);
}
