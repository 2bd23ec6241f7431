/* What the targets for JSON and XML share: a source that is checked while it
 * gives events, bulk data for their URIs, and reading what was written. */
#ifndef FUZZ_EVENTS_H
#define FUZZ_EVENTS_H

#include "check.h"
#include "event.h"

#include <libdcm/dcm.h>

#include <string.h>

/* Bulk data are pieces of the text itself; for dcm_bulk_open_fn. */
struct pieces {
    struct dcm_input *input;
    size_t size;
};

/* Lengths of URIs choose the piece; a long one is not found. */
static inline enum dcm_status
open_bulk(void *user, const struct dcm_event *event, const char *uri,
          size_t length, unsigned number, struct dcm_bulk_data *data,
          struct dcm_error *error)
{
    struct pieces *s = user;

    (void)error;
    CHECK(event->source && length <= s->size && (uri || !length));
    if (number > length % 4)
        return DCM_DONE;
    if (length > 40)
        return DCM_ERR_READ;
    data->input = s->input;
    data->offset = s->size * (length % 8) / 8;
    data->size = s->size - data->offset;
    data->flags = length % 3 == 2 ? DCM_BIG_ENDIAN : 0;
    return DCM_OK;
}

/* A source that checks what another one says, and hands it on. */
struct checked {
    struct dcm_source source;
    struct dcm_source *from;
    struct dcm_grammar grammar;
    int has_fragments, begun, ended;
};

static inline struct checked *checked_of(const struct dcm_source *source)
{
    return (struct checked *)(uintptr_t)source;
}

static inline enum dcm_status checked_next(struct dcm_source *source,
                                           struct dcm_event *event)
{
    struct checked *c = checked_of(source);
    enum dcm_status status = c->from->next(c->from, event);
    char path[64];

    if (status != DCM_OK) {
        CHECK(!c->begun || (status == DCM_DONE) == c->ended);
        CHECK(status == DCM_DONE || c->from->error(c->from)->code == status);
        return status;
    }
    CHECK(!c->ended);
    c->begun = 1;
    CHECK(dcm_grammar_check(&c->grammar, event));
    CHECK(!event->data || event->size <= DCM_VALUE_LOADED ||
          event->flags & DCM_REFERENCE);
    dcm_event_path(event, path, sizeof path);
    CHECK(memchr(path, '\0', sizeof path));
    c->has_fragments |= event->type == DCM_EVENT_FRAGS;
    c->ended = event->type == DCM_EVENT_END;
    return DCM_OK;
}

static inline enum dcm_status checked_read(struct dcm_source *source,
                                           void *buffer, size_t n, size_t *got)
{
    struct checked *c = checked_of(source);

    return c->from->read(c->from, buffer, n, got);
}

static inline const struct dcm_error *
checked_error(const struct dcm_source *source)
{
    struct checked *c = checked_of(source);

    return c->from->error(c->from);
}

static inline void check_source(struct checked *c, struct dcm_source *from)
{
    memset(c, 0, sizeof *c);
    c->source.next = checked_next;
    c->source.read = checked_read;
    c->source.error = checked_error;
    c->from = from;
    dcm_grammar_init(&c->grammar);
}

static inline enum dcm_status pump(struct dcm_source *from,
                                   struct dcm_sink *sink, int *has_fragments)
{
    struct checked checked;
    enum dcm_status status;

    check_source(&checked, from);
    status = dcm_pump(&checked.source, sink, NULL);
    *has_fragments |= checked.has_fragments;
    if (status == DCM_OK && !checked.begun)
        status = DCM_DONE; /* an empty array: no data set */
    dcm_grammar_release(&checked.grammar);
    return status;
}

static inline int took_another_syntax(const struct dcm_policy *policy)
{
    for (dcm_issue i = 1; i < dcm_issue_count(); i++)
        if (strcmp(dcm_issue_name(i), "wrong-transfer-syntax") == 0)
            return dcm_policy_count(policy, i) > 0;
    abort();
}

/* What was written is read to its end, unless the first tags look more like
 * those of another transfer syntax to the reader, which then guesses. */
static inline void check_written(const struct dcm_output *output)
{
    size_t n;
    const void *bytes = dcm_output_data(output, &n);
    struct dcm_input *input = dcm_input_memory(bytes, n, NULL);
    struct dcm_policy *policy = dcm_policy_new(0, NULL, NULL);
    struct dcm_reader_options options = {.size = sizeof options,
                                         .policy = policy};
    struct dcm_reader *reader = dcm_reader_new(&options);
    struct dcm_grammar grammar;
    struct dcm_event event;
    enum dcm_status status;

    dcm_grammar_init(&grammar);
    dcm_reader_open(reader, input);
    while ((status = dcm_reader_next(reader, &event)) == DCM_OK)
        CHECK(dcm_grammar_check(&grammar, &event));
    if (status != DCM_DONE && !took_another_syntax(policy)) {
        fprintf(stderr, "%s\n", dcm_reader_error(reader)->message);
        CHECK(status == DCM_DONE);
    }
    dcm_grammar_release(&grammar);
    dcm_reader_free(reader);
    dcm_policy_free(policy);
    dcm_input_free(input);
}

#endif
