/* Source. A JSON document as data sets (PS3.18 F.2.1): one object, or an array
 * of them; where each begins and ends, and which transfer syntax it is of
 * (PS3.10 7.1). Knows nothing of what is in them. */
#include "json_reader.h"

#include <string.h>

#define DEFAULT_SYNTAX "1.2.840.10008.1.2.1"

/* DATASET: group 0002 is over, or was not there (PS3.10 7.1). */
enum step dcm_json_reader_dataset(struct dcm_json_reader *r,
                                  struct dcm_event *ev)
{
    const struct dcm_syntax *syntax;

    if (!r->syntax[0])
        memcpy(r->syntax, r->given[0] ? r->given : DEFAULT_SYNTAX,
               r->given[0] ? sizeof(r->given) : sizeof(DEFAULT_SYNTAX));
    syntax = dcm_syntax_find(r->syntax, strlen(r->syntax));
    dcm_scope_top(&r->scopes)->encapsulated =
        syntax && syntax->flags & DCM_TS_ENCAPSULATED;
    dcm_json_reader_event(r, ev, DCM_EVENT_DATASET);
    ev->tag = 0;
    ev->vr = ev->stored = 0;
    ev->length = 0;
    ev->offset = ev->value_offset;
    ev->data = (const uint8_t *)r->syntax;
    ev->size = strlen(r->syntax);
    r->in_dataset = 1;
    return EMIT;
}

enum step dcm_json_reader_end(struct dcm_json_reader *r, struct dcm_event *ev)
{
    uint64_t at = dcm_json_scan_tell(&r->scan) - 1;
    int token;

    r->tag = 0;
    if (!r->is_array) {
        token = dcm_json_scan_next(&r->scan);
        if (token != DCM_JSON_END)
            return dcm_json_reader_unexpected(
                r, token,
                "nothing after the JSON text of a data set (PS3.18 F.2.1)");
    }
    dcm_json_reader_event(r, ev, DCM_EVENT_END);
    ev->tag = 0;
    ev->vr = ev->stored = 0;
    ev->length = 0;
    ev->offset = ev->value_offset = at;
    r->n_levels = 0;
    r->phase = ENDED;
    return EMIT;
}

/* document = object | "[" [ object { "," object } ] "]" */
enum step dcm_json_reader_start(struct dcm_json_reader *r)
{
    int token = dcm_json_scan_next(&r->scan);

    r->is_array = token == '[';
    if (r->is_array) {
        token = dcm_json_scan_next(&r->scan);
        if (token == ']') {
            token = dcm_json_scan_next(&r->scan);
            r->phase = CLOSED;
            return token == DCM_JSON_END
                       ? STOP
                       : dcm_json_reader_unexpected(
                             r, token,
                             "nothing after the JSON text of an "
                             "array (PS3.18 F.2.1)");
        }
    }
    if (token != '{')
        return dcm_json_reader_unexpected(
            r, token,
            r->is_array ? "an object that is a data set (PS3.18 F.2.1)"
                        : "an object or an array of them (PS3.18 F.2.1)");
    r->phase = READY;
    return AGAIN;
}

enum step dcm_json_reader_begin(struct dcm_json_reader *r)
{
    uint64_t at = dcm_json_scan_tell(&r->scan) - 1;

    r->n_levels = 0;
    r->tag = 0;
    r->in_dataset = r->wants_charset = 0;
    r->items = 0;
    r->syntax[0] = '\0';
    if (dcm_scope_stack_clear(&r->scopes) != DCM_OK)
        return dcm_json_reader_no_memory(r);
    dcm_scope_top(&r->scopes)->charset = r->utf8;
    r->phase = INSIDE;
    if (r->any_order && dcm_json_reader_make_index(r, at) == STOP)
        return STOP;
    return dcm_json_reader_push(r, at, 1) ? AGAIN : STOP;
}

/* -------------------------------------------------------- several data sets */

int dcm_json_reader_more(struct dcm_json_reader *r)
{
    int token;

    if (r->phase == READY)
        return 1;
    if (r->phase != ENDED)
        return r->phase == FAILED ? -1 : 0;
    if (!r->is_array) {
        r->phase = CLOSED;
        return 0;
    }
    token = dcm_json_scan_next(&r->scan);
    if (token == ',') {
        token = dcm_json_scan_next(&r->scan);
        if (token == '{') {
            r->phase = READY;
            return 1;
        }
        dcm_json_reader_unexpected(
            r, token, "an object that is a data set (PS3.18 F.2.1)");
    } else if (token == ']') {
        token = dcm_json_scan_next(&r->scan);
        if (token == DCM_JSON_END) {
            r->phase = CLOSED;
            return 0;
        }
        dcm_json_reader_unexpected(
            r, token, "nothing after the JSON text of an array (PS3.18 F.2.1)");
    } else {
        dcm_json_reader_unexpected(
            r, token, "',' and a data set, or the array's end (PS3.18 F.2.1)");
    }
    dcm_json_reader_place_error(r);
    return -1;
}

/* Counts from behind the bracket. */
static int count_items(struct dcm_json_reader *r, int most)
{
    struct dcm_json_scan *s = &r->scan;
    int n = 0, token = dcm_json_scan_peek(s);

    if (token == ']')
        return 0;
    while (n < most) {
        if (token != '{') {
            dcm_json_reader_unexpected(
                r, dcm_json_scan_next(s),
                "an object that is a data set (PS3.18 F.2.1)");
            return -1;
        }
        if (dcm_json_scan_skip(s) < 0) {
            dcm_json_reader_scan_failed(r);
            return -1;
        }
        n++;
        token = dcm_json_scan_next(s);
        if (token == ']')
            return n;
        if (token != ',') {
            dcm_json_reader_unexpected(
                r, token,
                "',' and a data set, or the array's end (PS3.18 F.2.1)");
            return -1;
        }
        token = dcm_json_scan_peek(s);
    }
    return n;
}

int dcm_json_reader_count(struct dcm_json_reader *r, int most)
{
    uint64_t at;
    int n = -1, token;

    if (r->phase == START) {
        at = dcm_json_scan_tell(&r->scan);
        token = dcm_json_scan_next(&r->scan);
        if (token == '{')
            n = most < 1 ? most : 1;
        else if (token == '[')
            n = count_items(r, most);
        else
            dcm_json_reader_unexpected(
                r, token, "an object or an array of them (PS3.18 F.2.1)");
        if (n >= 0)
            dcm_json_scan_seek(&r->scan, at);
    }
    if (n < 0 && r->phase == FAILED)
        dcm_json_reader_place_error(r);
    return n;
}

int dcm_json_reader_skip(struct dcm_json_reader *r)
{
    if (r->phase == START && dcm_json_reader_start(r) == STOP)
        return dcm_json_reader_more(r);
    if (r->phase != READY)
        return r->phase == FAILED ? -1 : 0;
    dcm_json_scan_seek(&r->scan, dcm_json_scan_tell(&r->scan) - 1);
    if (dcm_json_scan_skip(&r->scan) < 0) {
        dcm_json_reader_scan_failed(r);
        dcm_json_reader_place_error(r);
        return -1;
    }
    r->phase = ENDED;
    return dcm_json_reader_more(r);
}
