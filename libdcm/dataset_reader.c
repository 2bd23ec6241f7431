/* Source. The events of a tree (the structs of dataset.h), from its beginning.
 * The way back up is the parent pointers'; scopes are built again on the way.
 * Knows nothing of how bytes are laid out in a file. */
#include "dataset.h"

#include <string.h>

enum { ELEMENTS, ITEMS, ENDED, FAILED };

static struct dcm_dataset *dataset_of(struct dcm_player *p)
{
    return (struct dcm_dataset *)((char *)p -
                                  offsetof(struct dcm_dataset, player));
}

static enum dcm_status fail(struct dcm_player *p, enum dcm_status code,
                            uint64_t offset, const char *message)
{
    p->state = FAILED;
    return dcm_error_fill(&p->error, code, offset, "", "%s", message);
}

static enum dcm_status no_memory(struct dcm_player *p)
{
    return fail(p, DCM_ERR_MEMORY, DCM_NO_OFFSET,
                "no memory to give the data set");
}

static void begin(struct dcm_player *p, struct dcm_event *ev,
                  enum dcm_event_type type)
{
    memset(ev, 0, sizeof(*ev));
    ev->type = type;
    ev->source = &p->base;
    ev->scope = dcm_scope_top(&p->scopes);
    ev->depth = p->scopes.depth;
}

static void begin_element(struct dcm_player *p, struct dcm_event *ev,
                          enum dcm_event_type type, const struct dcm_element *e)
{
    begin(p, ev, type);
    ev->tag = e->tag;
    ev->vr = e->vr;
    ev->stored = e->stored;
    ev->length = e->length;
    ev->flags = e->flags;
    ev->offset = e->offset;
    ev->value_offset = e->value.offset;
}

/* ---------------------------------------------------------------- values */

static void give_value(struct dcm_player *p, struct dcm_event *ev,
                       const struct dcm_value_ref *value, int load)
{
    ev->size = value->size;
    if (load && value->size <= DCM_VALUE_LOADED)
        ev->data = value->data;
    p->value = *value;
    p->taken = 0;
}

static enum dcm_status read_input(struct dcm_player *p, uint8_t *to, size_t n,
                                  size_t *got)
{
    struct dcm_input *in = p->value.input;

    while (*got < n) {
        uint64_t at = p->value.offset + p->taken + *got;
        ptrdiff_t more =
            in && in->read_at ? in->read_at(in, at, to + *got, n - *got) : 0;

        if (more < 0) {
            p->state = FAILED;
            p->error = in->error;
            return p->error.code;
        }
        if (more == 0)
            return fail(p, DCM_ERR_TRUNCATED, at,
                        "input ends inside a value that was there before "
                        "(PS3.5 7.1.1)");
        *got += (size_t)more;
    }
    return DCM_OK;
}

static enum dcm_status read_value(struct dcm_source *source, void *to, size_t n,
                                  size_t *got)
{
    struct dcm_player *p = (struct dcm_player *)source;
    uint64_t left = p->value.size - p->taken;
    enum dcm_status status = DCM_OK;

    *got = 0;
    if (p->state == FAILED)
        return p->error.code;
    if (n > left)
        n = (size_t)left;
    if (n && p->value.data) {
        memcpy(to, p->value.data + p->taken, n);
        *got = n;
    } else {
        status = read_input(p, to, n, got);
    }
    p->taken += *got;
    return status;
}

/* ---------------------------------------------------- what values decide */

static int is_creator(uint32_t tag)
{
    return (tag & 0x10000) && (tag & 0xFFFF) >= 0x10 && (tag & 0xFFFF) <= 0xFF;
}

static enum dcm_status reserve(struct dcm_player *p,
                               const struct dcm_element *e)
{
    const uint8_t *s = e->value.data;
    size_t n = (size_t)e->value.size;
    enum dcm_status status;

    while (n && (s[n - 1] == ' ' || s[n - 1] == 0))
        n--;
    while (n && *s == ' ')
        s++, n--;
    if (n == 0 || n > 1024)
        return DCM_OK;
    status = dcm_scope_reserve(&p->scopes, e->tag, s, n);
    if (status == DCM_ERR_LIMIT)
        return fail(p, status, e->offset, "too many private blocks");
    return status == DCM_OK ? status : no_memory(p);
}

static enum dcm_status observe(struct dcm_player *p,
                               const struct dcm_element *e)
{
    struct dcm_scope *scope = dcm_scope_top(&p->scopes);

    if (!e->value.data || e->value.size > DCM_VALUE_LOADED)
        return DCM_OK;
    if (is_creator(e->tag))
        return reserve(p, e);
    if (e->tag == 0x00080005 && e->parent->has_charset)
        scope->charset = e->parent->charset;
    else if (e->tag == 0x00280103 && e->parent->pixel_representation >= 0)
        scope->pixel_representation = e->parent->pixel_representation;
    return DCM_OK;
}

/* ---------------------------------------------------------------- events */

static enum dcm_status give_dataset(struct dcm_player *p, struct dcm_event *ev)
{
    struct dcm_dataset *d = dataset_of(p);
    struct dcm_scope *scope;

    if (dcm_scope_stack_clear(&p->scopes) != DCM_OK)
        return no_memory(p);
    scope = dcm_scope_top(&p->scopes);
    scope->charset = d->charset;
    scope->encapsulated = d->encapsulated;
    begin(p, ev, DCM_EVENT_DATASET);
    ev->flags = d->syntax_flags;
    ev->offset = ev->value_offset = d->syntax_offset;
    ev->data = (const uint8_t *)d->syntax;
    ev->size = d->syntax_length;
    p->item = &d->top;
    p->element = d->top.first;
    return DCM_OK;
}

static enum dcm_status give_end(struct dcm_player *p, struct dcm_event *ev)
{
    const struct dcm_dataset *d = dataset_of(p);

    begin(p, ev, DCM_EVENT_END);
    ev->flags = d->syntax_flags & DCM_DEFLATED;
    ev->offset = ev->value_offset = d->end_offset;
    p->state = ENDED;
    return DCM_OK;
}

static enum dcm_status give_item_end(struct dcm_player *p, struct dcm_event *ev)
{
    const struct dcm_item *item = p->item;

    dcm_scope_leave(&p->scopes);
    begin(p, ev, DCM_EVENT_ITEM_END);
    ev->tag = item->parent->tag;
    ev->length = item->length;
    ev->number = item->number;
    ev->flags = item->flags;
    ev->offset = ev->value_offset = item->end;
    p->open = item->parent;
    p->next_item = item->next;
    p->state = ITEMS;
    return DCM_OK;
}

static enum dcm_status give_element(struct dcm_player *p, struct dcm_event *ev)
{
    static const enum dcm_event_type types[] = {
        [DCM_ELEMENT_VALUE] = DCM_EVENT_VALUE,
        [DCM_ELEMENT_SEQ] = DCM_EVENT_SEQ,
        [DCM_ELEMENT_FRAGS] = DCM_EVENT_FRAGS,
    };
    struct dcm_element *e = p->element;
    enum dcm_status status;

    if (e->kind == DCM_ELEMENT_VALUE) {
        status = observe(p, e);
        if (status != DCM_OK)
            return status;
    }
    begin_element(p, ev, types[e->kind], e);
    if (e->kind == DCM_ELEMENT_VALUE) {
        give_value(p, ev, &e->value, 1);
        p->element = e->next;
        return DCM_OK;
    }
    p->open = e;
    p->next_item = e->first_item;
    p->state = ITEMS;
    return DCM_OK;
}

static void begin_item(struct dcm_player *p, struct dcm_event *ev,
                       enum dcm_event_type type)
{
    const struct dcm_item *item = p->next_item;

    begin_element(p, ev, type, p->open);
    ev->length = item->length;
    ev->number = item->number;
    ev->flags = item->flags;
    ev->offset = item->offset;
    ev->value_offset = item->value.offset;
}

static enum dcm_status give_item(struct dcm_player *p, struct dcm_event *ev)
{
    struct dcm_item *item = p->next_item;

    if (dcm_scope_enter(&p->scopes, p->open->tag, item->number) != DCM_OK)
        return no_memory(p);
    begin_item(p, ev, DCM_EVENT_ITEM);
    ev->scope = dcm_scope_top(&p->scopes) - 1;
    ev->depth = p->scopes.depth - 1;
    p->item = item;
    p->element = item->first;
    p->state = ELEMENTS;
    return DCM_OK;
}

static enum dcm_status give_fragment(struct dcm_player *p, struct dcm_event *ev)
{
    const struct dcm_item *item = p->next_item;

    begin_item(p, ev, DCM_EVENT_FRAGMENT);
    give_value(p, ev, &item->value, item->number == 1);
    p->next_item = item->next;
    return DCM_OK;
}

static enum dcm_status give_close(struct dcm_player *p, struct dcm_event *ev)
{
    const struct dcm_element *e = p->open;

    begin_element(p, ev,
                  e->kind == DCM_ELEMENT_SEQ ? DCM_EVENT_SEQ_END
                                             : DCM_EVENT_FRAGS_END,
                  e);
    ev->value_offset = e->end;
    p->item = e->parent;
    p->element = e->next;
    p->state = ELEMENTS;
    return DCM_OK;
}

static enum dcm_status give_end_of_level(struct dcm_player *p,
                                         struct dcm_event *ev)
{
    if (p->item->parent)
        return give_item_end(p, ev);
    return p->item == &dataset_of(p)->meta ? give_dataset(p, ev)
                                           : give_end(p, ev);
}

static enum dcm_status next(struct dcm_source *source, struct dcm_event *ev)
{
    struct dcm_player *p = (struct dcm_player *)source;

    p->value.size = p->taken = 0;
    switch (p->state) {
    case ELEMENTS:
        return p->element ? give_element(p, ev) : give_end_of_level(p, ev);
    case ITEMS:
        if (!p->next_item)
            return give_close(p, ev);
        return p->open->kind == DCM_ELEMENT_SEQ ? give_item(p, ev)
                                                : give_fragment(p, ev);
    case ENDED:
        return DCM_DONE;
    default:
        return p->error.code;
    }
}

static const struct dcm_error *get_error(const struct dcm_source *source)
{
    return &((const struct dcm_player *)source)->error;
}

struct dcm_source *dcm_dataset_source(struct dcm_dataset *d)
{
    struct dcm_player *p = &d->player;

    dcm_dataset_settle(d);
    p->base.next = next;
    p->base.read = read_value;
    p->base.error = get_error;
    p->item = &d->meta;
    p->element = d->meta.first;
    p->open = NULL;
    p->next_item = NULL;
    p->state = ELEMENTS;
    p->value.size = p->taken = 0;
    if (dcm_scope_stack_clear(&p->scopes) != DCM_OK)
        no_memory(p);
    return &p->base;
}
