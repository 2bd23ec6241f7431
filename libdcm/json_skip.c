/* Language. Past a whole value of JSON (RFC 8259 sections 3 to 5), whatever it
 * holds and however deep, with no more memory than a bit for each bracket.
 * Checks it like a reader would. Knows nothing of what a reader wants. */
#include "json_scan.h"

/* What may come next. BAD is none of them, ENTER and LEAVE are resolved by the
 * bracket. */
enum place {
    BAD,
    TOP,
    FIRST_ELEMENT,
    ELEMENT,
    AFTER_ELEMENT,
    FIRST_NAME,
    NAME,
    COLON,
    MEMBER,
    AFTER_MEMBER,
    DONE,
    ENTER,
    LEAVE
};
static const char *const wanted[] = {
    [TOP] = "a value",
    [FIRST_ELEMENT] = "a value or ']'",
    [ELEMENT] = "a value",
    [AFTER_ELEMENT] = "',' or ']'",
    [FIRST_NAME] = "a name in quotes or '}'",
    [NAME] = "a name in quotes",
    [COLON] = "':'",
    [MEMBER] = "a value",
    [AFTER_MEMBER] = "',' or '}'",
};

enum class {
    OTHER,
    SCALAR,
    STRING,
    OPENS,
    SQUARE,
    CURLY,
    COMMA,
    DOTS,
    CLASSES
};
static const uint8_t classes[128] = {
    [DCM_JSON_STRING] = STRING,
    [DCM_JSON_NUMBER] = SCALAR,
    [DCM_JSON_TRUE] = SCALAR,
    [DCM_JSON_FALSE] = SCALAR,
    [DCM_JSON_NULL] = SCALAR,
    ['['] = OPENS,
    ['{'] = OPENS,
    [']'] = SQUARE,
    ['}'] = CURLY,
    [','] = COMMA,
    [':'] = DOTS,
};

static const uint8_t steps[DONE][CLASSES] = {
    [TOP] = {[SCALAR] = DONE, [STRING] = DONE, [OPENS] = ENTER},
    [FIRST_ELEMENT] = {[SCALAR] = AFTER_ELEMENT,
                       [STRING] = AFTER_ELEMENT,
                       [OPENS] = ENTER,
                       [SQUARE] = LEAVE},
    [ELEMENT] =
        {[SCALAR] = AFTER_ELEMENT, [STRING] = AFTER_ELEMENT, [OPENS] = ENTER},
    [AFTER_ELEMENT] = {[COMMA] = ELEMENT, [SQUARE] = LEAVE},
    [FIRST_NAME] = {[STRING] = COLON, [CURLY] = LEAVE},
    [NAME] = {[STRING] = COLON},
    [COLON] = {[DOTS] = MEMBER},
    [MEMBER] =
        {[SCALAR] = AFTER_MEMBER, [STRING] = AFTER_MEMBER, [OPENS] = ENTER},
    [AFTER_MEMBER] = {[COMMA] = NAME, [CURLY] = LEAVE},
};

/* The brackets that are open: a bit for each, set for an object. */
struct brackets {
    size_t depth;
    uint8_t objects[DCM_JSON_DEPTH / 8];
};

static enum place enter(struct dcm_json_scan *s, struct brackets *b, int object)
{
    uint8_t *byte = &b->objects[b->depth / 8];
    uint8_t bit = (uint8_t)(1u << b->depth % 8);

    if (b->depth == DCM_JSON_DEPTH) {
        dcm_json_scan_fail(s, DCM_ERR_LIMIT, s->at,
                           "more than %d brackets in brackets", DCM_JSON_DEPTH);
        return BAD;
    }
    if (bit == 1)
        *byte = 0; /* the first bit of it */
    *byte = object ? *byte | bit : *byte & (uint8_t)~bit;
    b->depth++;
    return object ? FIRST_NAME : FIRST_ELEMENT;
}

static enum place leave(struct brackets *b)
{
    if (--b->depth == 0)
        return DONE;
    return b->objects[(b->depth - 1) / 8] >> (b->depth - 1) % 8 & 1
               ? AFTER_MEMBER
               : AFTER_ELEMENT;
}

static int refuse(struct dcm_json_scan *s, enum place place, int token)
{
    if (token == DCM_JSON_END)
        return dcm_json_scan_fail(
            s, DCM_ERR_TRUNCATED, dcm_json_scan_tell(s),
            "the text ends within a value (RFC 8259 section 2)");
    return dcm_json_scan_fail(s, DCM_ERR_MALFORMED, s->at,
                              "%s expected (RFC 8259 section 2)",
                              wanted[place]);
}

int dcm_json_scan_skip(struct dcm_json_scan *s)
{
    enum place place = TOP;
    struct brackets b;

    b.depth = 0;
    while (place != DONE) {
        int token = dcm_json_scan_pass(s);
        enum place next;

        if (token == DCM_JSON_FAILED)
            return -1;
        next = (enum place)steps[place][classes[token]];
        if (next == BAD)
            return refuse(s, place, token);
        if (next == ENTER)
            next = enter(s, &b, token == '{');
        else if (next == LEAVE)
            next = leave(&b);
        if (next == BAD)
            return -1;
        place = next;
    }
    return 0;
}
