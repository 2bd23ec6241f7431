/* Language. One value on its way to JSON: its bytes in pieces, in little endian
 * whatever the source is in, and the array that its values go into. Knows
 * nothing of what a value looks like: json_numbers.c and json_strings.c do. */
#include "json_values.h"
#include "event.h"
#include "swap.h"
#include <stdlib.h>

void dcm_json_values_init(struct dcm_json_values *v, struct dcm_output *output)
{
    memset(v, 0, sizeof(*v));
    v->output = output;
    v->style = &dcm_json_compact;
    dcm_text_init(&v->text);
}

void dcm_json_values_release(struct dcm_json_values *v)
{
    dcm_text_release(&v->text);
    free(v->piece);
    free(v->whole);
}

enum dcm_status dcm_json_no_memory(struct dcm_json_values *v)
{
    return dcm_error_fill(v->error, DCM_ERR_MEMORY, DCM_NO_OFFSET, "",
                          "no memory for a value");
}

/* ----------------------------------------------------------------- pieces */

uint8_t *dcm_json_values_piece(struct dcm_json_values *v)
{
    if (!v->piece)
        v->piece = malloc(DCM_JSON_PIECE);
    return v->piece;
}

/* Pulls the next bytes into `to`. A source may give fewer than were asked
 * for only at the end; then, and when it fails, the value ends. */
size_t dcm_json_read(struct dcm_json_values *v, uint8_t *to, size_t n)
{
    size_t got = 0;
    enum dcm_status status = dcm_event_read(v->event, to, n, &got);

    if (status != DCM_OK && status != DCM_DONE)
        v->source_status = status;
    if (status != DCM_OK || got < n)
        v->at = v->event->size;
    else
        v->at += got;
    return got;
}

/* The next bytes of the value, little endian, at *p; 0 at the end. All but
 * the last piece are whole units of the VR and of base64. */
size_t dcm_json_next_piece(struct dcm_json_values *v, const uint8_t **p)
{
    const struct dcm_event *ev = v->event;
    int swap = (ev->flags & DCM_BIG_ENDIAN) && v->vr->swap > 1;
    uint64_t left = ev->size - v->at;
    size_t n = left < DCM_JSON_PIECE ? (size_t)left : DCM_JSON_PIECE;

    if (left == 0)
        return 0;
    if (ev->data && !swap) {
        *p = ev->data + v->at;
        v->at += left;
        return (size_t)left;
    }
    *p = v->piece;
    if (ev->data) {
        memcpy(v->piece, ev->data + v->at, n);
        v->at += n;
    } else {
        n = dcm_json_read(v, v->piece, n);
    }
    if (swap)
        dcm_swap(v->piece, n, v->vr->swap);
    return n;
}

/* Whether dcm_json_next_piece() will need its buffer, and there is none. */
int dcm_json_lacks_piece(struct dcm_json_values *v)
{
    int needed = !v->event->data ||
                 ((v->event->flags & DCM_BIG_ENDIAN) && v->vr->swap > 1);

    return needed && !dcm_json_values_piece(v);
}

/* ------------------------------------------------------------ the array */

/* What stands before a value; `to` has room for two marks and "null". The
 * array is opened by its first value, so that one without any is not there;
 * a first value that is empty waits for a second (PS3.18 F.2.5). */
char *dcm_json_before(struct dcm_json_values *v, char *to)
{
    if (v->array.count++)
        to = dcm_json_mark(to, &v->style->comma);
    else
        to = dcm_json_mark(to, &v->style->value);
    if (v->array.null_first) {
        v->array.null_first = 0;
        v->array.count++;
        memcpy(to, "null", 4);
        to = dcm_json_mark(to + 4, &v->style->comma);
    }
    return to;
}

void dcm_json_null(struct dcm_json_values *v)
{
    char *to, *end;

    if (v->array.count == 0 && !v->array.null_first) {
        v->array.null_first = 1;
        return;
    }
    to = dcm_json_room(v->output, DCM_JSON_BEFORE + 4);
    if (!to)
        return;
    end = dcm_json_before(v, to);
    memcpy(end, "null", 4);
    dcm_output_commit(v->output, (size_t)(end + 4 - to));
}

void dcm_json_end(struct dcm_json_values *v)
{
    if (v->array.count)
        dcm_json_char(v->output, ']');
}

/* ---------------------------------------------------------------------- */

void dcm_json_values_start(struct dcm_json_values *v,
                           const struct dcm_event *ev, const struct dcm_vr *vr)
{
    v->event = ev;
    v->vr = vr;
    v->at = 0;
    v->array.count = 0;
    v->array.null_first = 0;
    v->controls = 0;
    v->longest = 0;
    v->issues = 0;
}

enum dcm_status dcm_json_values_tell(struct dcm_json_values *v, dcm_issue issue,
                                     uint64_t offset, const char *message)
{
    return dcm_deviation(v->policy, v->error, issue, v->event, offset, "%s",
                         message);
}
