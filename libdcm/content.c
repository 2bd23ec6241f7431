/* Language. One value on its way to a document: its bytes in pieces, in little
 * endian whatever the source is in, and what is to be told when they can't be
 * had or are not as the standard asks (PS3.5 6.2, 7.3). Knows nothing of what
 * a value looks like in the document. */
#include "content.h"
#include "swap.h"
#include <stdlib.h>

void dcm_content_init(struct dcm_content *c, struct dcm_output *output)
{
    memset(c, 0, sizeof(*c));
    c->output = output;
    dcm_text_init(&c->text);
}

void dcm_content_release(struct dcm_content *c)
{
    dcm_text_release(&c->text);
    free(c->piece);
    free(c->whole);
}

/* ----------------------------------------------------------------- pieces */

uint8_t *dcm_content_piece(struct dcm_content *c)
{
    if (!c->piece)
        c->piece = malloc(DCM_CONTENT_PIECE);
    return c->piece;
}

/* A source may give fewer bytes than were asked for only at the end; then,
 * and when it fails, the value ends. */
size_t dcm_content_read(struct dcm_content *c, uint8_t *to, size_t n)
{
    size_t got = 0;
    enum dcm_status status = dcm_event_read(c->event, to, n, &got);

    if (status != DCM_OK && status != DCM_DONE)
        c->source_status = status;
    if (status != DCM_OK || got < n)
        c->at = c->event->size;
    else
        c->at += got;
    return got;
}

size_t dcm_content_next_piece(struct dcm_content *c, const uint8_t **p)
{
    const struct dcm_event *ev = c->event;
    int swap = (ev->flags & DCM_BIG_ENDIAN) && c->vr->swap > 1;
    uint64_t left = ev->size - c->at;
    size_t n = left < DCM_CONTENT_PIECE ? (size_t)left : DCM_CONTENT_PIECE;

    if (left == 0)
        return 0;
    if (ev->data && !swap) {
        *p = ev->data + c->at;
        c->at += left;
        return (size_t)left;
    }
    *p = c->piece;
    if (ev->data) {
        memcpy(c->piece, ev->data + c->at, n);
        c->at += n;
    } else {
        n = dcm_content_read(c, c->piece, n);
    }
    if (swap)
        dcm_swap(c->piece, n, c->vr->swap);
    return n;
}

/* Whether dcm_content_next_piece() will need its buffer, and there is none. */
int dcm_content_lacks_piece(struct dcm_content *c)
{
    int needed = !c->event->data ||
                 ((c->event->flags & DCM_BIG_ENDIAN) && c->vr->swap > 1);

    return needed && !dcm_content_piece(c);
}

/* ---------------------------------------------------------------- telling */

enum dcm_status dcm_content_no_memory(struct dcm_content *c)
{
    return dcm_error_fill(c->error, DCM_ERR_MEMORY, DCM_NO_OFFSET, "",
                          "no memory for a value");
}

enum dcm_status dcm_content_tell(struct dcm_content *c, dcm_issue issue,
                                 uint64_t offset, const char *message)
{
    return dcm_deviation(c->policy, c->error, issue, c->event, offset, "%s",
                         message);
}

enum dcm_status dcm_content_tell_binary(struct dcm_content *c,
                                        const char *special)
{
    const struct dcm_event *ev = c->event;
    unsigned over = (unsigned)(ev->size % c->vr->unit);
    enum dcm_status s = DCM_OK;

    if (special)
        s = dcm_content_tell(c, DCM_ISSUE_NUMBER_SPECIAL, ev->value_offset,
                             special);
    if (s == DCM_OK && over && !(ev->flags & DCM_CUT))
        s = dcm_deviation(c->policy, c->error, DCM_ISSUE_UNIT_LENGTH, ev,
                          ev->value_offset + ev->size - over,
                          "%u bytes over in a value of units of %u", over,
                          c->vr->unit);
    return s;
}

enum dcm_status dcm_content_source_failure(struct dcm_content *c,
                                           const struct dcm_event *ev)
{
    enum dcm_status status = c->source_status;
    const struct dcm_error *e = NULL;
    char path[sizeof(c->error->path)];

    c->source_status = DCM_OK;
    if (ev->source && ev->source->error)
        e = ev->source->error(ev->source);
    if (e && e->code > DCM_DONE) {
        *c->error = *e;
        return e->code;
    }
    dcm_event_path(ev, path, sizeof(path));
    return dcm_error_fill(c->error, status, ev->offset, path, "%s",
                          "value could not be read");
}

enum dcm_status dcm_content_output_failure(struct dcm_content *c)
{
    *c->error = c->output->error;
    c->error->code = c->output->status;
    return c->error->code;
}

void dcm_content_limit(struct dcm_output *o, uint64_t most, uint64_t *ours)
{
    uint64_t at = dcm_output_tell(o);

    /* A limit that someone else has set is theirs to change. */
    if (o->limit != UINT64_MAX && o->limit != *ours)
        return;
    *ours = most < UINT64_MAX - at ? at + most : UINT64_MAX;
    o->limit = *ours;
}
