/* Source. "Value" of JSON to a value's bytes: which kind of token may stand
 * for which VR (PS3.18 Table F.2.3-1), and what values decide for attributes
 * after them (PS3.3 C.12.1.1.2, PS3.5 7.8.1). What the bytes are is known to
 * values.c. */
#include "json_reader.h"

#include <string.h>

/* --------------------------------------------- what values decide for others
 */

static void strip(const uint8_t **p, size_t *n)
{
    while (*n && ((*p)[*n - 1] == ' ' || (*p)[*n - 1] == 0))
        --*n;
    while (*n && **p == ' ')
        ++*p, --*n;
}

static enum step see_creator(struct dcm_json_reader *r,
                             const struct dcm_event *ev)
{
    const uint8_t *p = ev->data;
    size_t n = (size_t)ev->size;
    enum dcm_status status;

    strip(&p, &n);
    if (n == 0 || n > 1024)
        return AGAIN;
    status = dcm_scope_reserve(&r->scopes, ev->tag, p, n);
    if (status == DCM_ERR_LIMIT)
        return dcm_json_reader_fail(r, status, ev->offset,
                                    "too many private blocks");
    return status == DCM_OK ? AGAIN : dcm_json_reader_no_memory(r);
}

/* Numbers joined by dots (PS3.5 9.1). */
static int is_uid(const uint8_t *p, size_t n)
{
    if (n == 0 || n > 64 || p[0] == '.' || p[n - 1] == '.')
        return 0;
    for (size_t i = 0; i < n; i++)
        if ((p[i] < '0' || p[i] > '9') && (p[i] != '.' || p[i - 1] == '.'))
            return 0;
    return 1;
}

static enum step see_syntax(struct dcm_json_reader *r,
                            const struct dcm_event *ev)
{
    const uint8_t *p = ev->data;
    size_t n = (size_t)ev->size;

    strip(&p, &n);
    if (n == 0)
        return AGAIN;
    if (!is_uid(p, n))
        return dcm_json_reader_fail(
            r, DCM_ERR_MALFORMED, ev->value_offset,
            "Transfer Syntax UID is no UID (PS3.5 9.1)");
    memcpy(r->syntax, p, n);
    r->syntax[n] = '\0';
    return AGAIN;
}

static void see_charset(struct level *level, const struct dcm_event *ev)
{
    const uint8_t *p = ev->data;
    size_t n = (size_t)ev->size;

    strip(&p, &n);
    if (n == 0)
        return;
    dcm_charset_parse(&level->declared, ev->data, (size_t)ev->size);
    level->has_charset = 1;
}

/* A loaded value. */
static enum step observe(struct dcm_json_reader *r, const struct dcm_event *ev)
{
    uint32_t tag = ev->tag;

    if ((tag & 0x1FF00) == 0x10000 && (tag & 0xFF) >= 0x10)
        return see_creator(r, ev);
    if (tag == 0x00080005)
        see_charset(top(r), ev);
    else if (tag == 0x00280103 && ev->size >= 2)
        dcm_scope_top(&r->scopes)->pixel_representation =
            ev->data[ev->flags & DCM_BIG_ENDIAN ? 1 : 0] == 1;
    else if (tag == 0x00020010)
        return see_syntax(r, ev);
    return AGAIN;
}

enum step dcm_json_reader_give(struct dcm_json_reader *r, struct dcm_event *ev,
                               const uint8_t *data, uint64_t size)
{
    r->value.where = IN_MEMORY;
    r->value.data = data;
    r->value.left = r->value.size = size;
    ev->size = size;
    ev->length = (uint32_t)(size + (size & 1));
    if (size <= DCM_VALUE_LOADED) {
        ev->data = size ? data : (const uint8_t *)"";
        return observe(r, ev);
    }
    return AGAIN;
}

/* ------------------------------------------------------------ person names */

struct groups {
    size_t start[3], length[3];
    int there[3];
    size_t used; /* of r->names */
};

static int group_of(const struct dcm_json_scan *s)
{
    static const char *const names[] = {"Alphabetic", "Ideographic",
                                        "Phonetic"};

    for (int i = 0; i < 3; i++)
        if (s->length == strlen(names[i]) &&
            memcmp(s->text, names[i], s->length) == 0)
            return i;
    return -1;
}

/* The value of a group is kept while the scanner goes on. */
static enum step take_group(struct dcm_json_reader *r, struct groups *g, int i,
                            uint64_t at)
{
    struct dcm_json_scan *s = &r->scan;
    int token = dcm_json_scan_next(s);

    if (token != DCM_JSON_STRING && token != DCM_JSON_NULL)
        return dcm_json_reader_unexpected(
            r, token, "a string of a person name (PS3.18 F.2.2)");
    if (g->there[i] && !deviate(r, DCM_ISSUE_KEY_REPEATED, at,
                                "group of a person name is there twice"))
        return STOP;
    g->there[i] = 1;
    g->start[i] = g->used;
    g->length[i] = token == DCM_JSON_NULL ? 0 : s->length;
    if (g->length[i] == 0)
        return AGAIN;
    if (s->length > r->limits.value - g->used)
        return dcm_json_reader_fail(r, DCM_ERR_LIMIT, s->at,
                                    "person name of more than %llu bytes; "
                                    "raise the limit 'value' to read on",
                                    (unsigned long long)r->limits.value);
    if (!dcm_json_reader_room(r, &r->names, g->used + s->length))
        return STOP;
    memcpy(r->names.p + g->used, s->text, s->length);
    g->used += s->length;
    return AGAIN;
}

/* Behind the brace: name = [ group { "," group } ] "}" */
static enum step take_groups(struct dcm_json_reader *r, struct groups *g)
{
    struct dcm_json_scan *s = &r->scan;
    int token = dcm_json_scan_next(s);

    memset(g, 0, sizeof(*g));
    while (token != '}') {
        uint64_t at = s->at;
        int i;

        if (token != DCM_JSON_STRING)
            return dcm_json_reader_unexpected(
                r, token, "the name of a group (PS3.18 F.2.2)");
        i = group_of(s);
        token = dcm_json_scan_next(s);
        if (token != ':')
            return dcm_json_reader_unexpected(r, token, "':' (RFC 8259 4)");
        if (i >= 0) {
            if (take_group(r, g, i, at) == STOP)
                return STOP;
        } else {
            if (!deviate(r, DCM_ISSUE_KEY_UNKNOWN, at,
                         "member that a person name cannot have"))
                return STOP;
            if (dcm_json_scan_skip(s) < 0)
                return dcm_json_reader_scan_failed(r);
        }
        token = dcm_json_scan_next(s);
        if (token == '}')
            break;
        if (token != ',')
            return dcm_json_reader_unexpected(r, token,
                                              "',' or '}' (RFC 8259 4)");
        token = dcm_json_scan_next(s);
        if (token == '}')
            return dcm_json_reader_unexpected(
                r, token, "the name of a group (PS3.18 F.2.2)");
    }
    return AGAIN;
}

static enum step take_name(struct dcm_json_reader *r, enum dcm_status *status)
{
    struct groups g;
    const char *groups[3];
    uint64_t at = r->scan.at;

    if (take_groups(r, &g) == STOP)
        return STOP;
    for (int i = 0; i < 3; i++)
        groups[i] = g.length[i] ? (const char *)r->names.p + g.start[i] : NULL;
    *status = dcm_values_name(&r->values, at, groups, g.length);
    return AGAIN;
}

/* -------------------------------------------------------------- the values */

/* What the table has for a VR. */
static const char *expected(const struct dcm_vr *row)
{
    if (row->code == VR_PN)
        return "an object that is a person name (PS3.18 F.2.3)";
    if (row->code == VR_DS || row->code == VR_IS || row->code == VR_SV ||
        row->code == VR_UV)
        return "a number or a string (PS3.18 F.2.3)";
    return row->kind == DCM_KIND_NUMBER ? "a number (PS3.18 F.2.3)"
                                        : "a string (PS3.18 F.2.3)";
}

static int is_number(const struct dcm_vr *row)
{
    return row->kind == DCM_KIND_NUMBER || row->code == VR_DS ||
           row->code == VR_IS;
}

static enum step take_text(struct dcm_json_reader *r, enum dcm_status *status)
{
    const struct dcm_vr *row = r->values.row;
    struct dcm_json_scan *s = &r->scan;

    if (row->code == VR_PN &&
        !deviate(r, DCM_ISSUE_NAME_TEXT, s->at,
                 "person name as a string, expected an object"))
        return STOP;
    if (row->kind == DCM_KIND_NUMBER && row->code != VR_SV &&
        row->code != VR_UV &&
        !deviate(r, DCM_ISSUE_NUMBER_TEXT, s->at,
                 "found a string, expected a number"))
        return STOP;
    *status = dcm_values_text(&r->values, s->at, s->text, s->length);
    return AGAIN;
}

static enum step take_value(struct dcm_json_reader *r, int token)
{
    struct dcm_json_scan *s = &r->scan;
    const struct dcm_vr *row = r->values.row;
    enum dcm_status status = DCM_OK;
    enum step step = AGAIN;

    if (token == DCM_JSON_STRING)
        step = take_text(r, &status);
    else if (token == DCM_JSON_NUMBER && is_number(row))
        status = dcm_values_number(&r->values, s->at, s->text, s->length);
    else if (token == DCM_JSON_NULL)
        status = dcm_values_null(&r->values, s->at);
    else if (token == '{' && row->code == VR_PN)
        step = take_name(r, &status);
    else
        return dcm_json_reader_unexpected(r, token, expected(row));
    if (status != DCM_OK) {
        r->phase = FAILED;
        return STOP;
    }
    return step;
}

/* values = "[" [ value { "," value } ] "]" */
static enum step take_values(struct dcm_json_reader *r)
{
    struct dcm_json_scan *s = &r->scan;
    int token = dcm_json_scan_next(s);

    if (token != '[') { /* one value without brackets (F.2.4) */
        if (token == '{' || token <= 0)
            return dcm_json_reader_unexpected(
                r, token, "an array of values (PS3.18 F.2.4)");
        if (!deviate(r, DCM_ISSUE_VALUE_ARRAY, s->at,
                     "value is not in an array"))
            return STOP;
        return take_value(r, token);
    }
    token = dcm_json_scan_next(s);
    if (token == ']')
        return AGAIN;
    for (;;) {
        if (take_value(r, token) == STOP)
            return STOP;
        token = dcm_json_scan_next(s);
        if (token == ']')
            return AGAIN;
        if (token != ',')
            return dcm_json_reader_unexpected(r, token,
                                              "',' or ']' (RFC 8259 5)");
        token = dcm_json_scan_next(s);
    }
}

/* A VR that was guessed has to fit its value: nothing else speaks for it. */
static enum step misfit(struct dcm_json_reader *r)
{
    if (r->error.code == DCM_ERR_STRICT)
        dcm_json_reader_fail(
            r, DCM_ERR_MALFORMED, r->error.offset,
            "VR is not in the standard, and the value is not of the "
            "dictionary's (PS3.18 F.2.2)");
    return STOP;
}

/* Text over ASCII needs a character set to go out in: is one in force? */
static enum step check_charset(struct dcm_json_reader *r)
{
    if (!r->values.beyond_ascii || top(r)->has_charset)
        return AGAIN;
    if (!r->any_order)
        return dcm_json_reader_want_tree(
            r, top(r)->key,
            "text beyond ASCII without a Specific Character Set before it "
            "(PS3.3 C.12.1.1.2)");
    r->wants_charset = 1;
    return AGAIN;
}

/* Bytes cannot be told as values; but none at all are none. */
static enum step no_values(struct dcm_json_reader *r, struct dcm_event *ev)
{
    struct dcm_json_scan *s = &r->scan;
    int token = dcm_json_scan_next(s);

    if (token == '[') {
        token = dcm_json_scan_next(s);
        if (token == DCM_JSON_NULL)
            token = dcm_json_scan_next(s);
        if (token == ']')
            return dcm_json_reader_give(r, ev, (const uint8_t *)"", 0);
    }
    return dcm_json_reader_unexpected(
        r, token, "InlineBinary or BulkDataURI for this VR (PS3.18 F.2.2)");
}

enum step dcm_json_reader_values(struct dcm_json_reader *r,
                                 struct dcm_event *ev)
{
    struct level *level = top(r);
    struct dcm_values *v = &r->values;
    enum step step;

    dcm_json_reader_event(r, ev, DCM_EVENT_VALUE);
    level->ready = 1;
    if (dcm_vr_find(level->vr)->kind == DCM_KIND_BYTES)
        return no_values(r, ev);
    v->policy = level->guess ? &r->exact : r->policy;
    dcm_values_begin(v, ev);
    step = take_values(r);
    if (step != STOP && dcm_values_end(v) != DCM_OK) {
        r->phase = FAILED;
        step = STOP;
    }
    if (step == STOP)
        return level->guess ? misfit(r) : STOP;
    if (v->beyond_ascii && check_charset(r) == STOP)
        return STOP;
    return dcm_json_reader_give(r, ev, v->data, v->size);
}
