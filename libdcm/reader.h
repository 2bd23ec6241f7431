/* Source. What the files of the reader share: its state, its levels, how it
 * fails. reader.c is the way in; reader_start.c finds where the data set
 * begins; reader_element.c reads elements, reader_plain.c the commonest of
 * them by a short way; reader_items.c items, fragments and ends;
 * reader_observe.c what values decide for those after them. */
#ifndef DCM_READER_H
#define DCM_READER_H

#include "cursor.h"
#include "dict.h"
#include "header.h"
#include "inflate.h"
#include "order.h"
#include "policy.h"
#include "resolve.h"
#include "scope.h"
#include "syntax.h"
#define NO_END UINT64_MAX
#define SEQUENCES 64

enum kind { META, DATASET, ITEM, SEQ, FRAGS };
enum state { START, BODY, CLOSING, CLOSED, ENDED, FAILED };
enum step { EMIT, AGAIN, STOP };

struct level {
    uint64_t end;    /* offset after its last byte; NO_END: a delimiter */
    uint64_t offset; /* of its header */
    uint32_t tag;    /* of its element; ITEM: of its sequence */
    uint32_t length; /* as stored */
    uint32_t count;  /* SEQ, FRAGS: items so far */
    uint16_t vr, stored;
    uint8_t kind;
    uint8_t loose; /* length was wrong: ends at the next FFFE tag */
    struct dcm_encoding enc;
    unsigned flags; /* of its events */
};

struct image { /* what the length of native Pixel Data follows from */
    uint32_t rows, columns, samples, bits, frames;
    int halved; /* two pixels share their colour: YBR_FULL_422 */
};

struct dcm_reader {
    struct dcm_source source;
    struct dcm_policy *policy;
    struct dcm_limits limits;
    struct dcm_charset assume, force;
    int has_assume, has_force, keep_unknown, keep_all;

    enum state state;
    struct dcm_error error;
    struct dcm_cursor *c; /* raw, or inflated */
    struct dcm_input *again; /* of the events; NULL: offsets are not its */
    struct dcm_cursor raw, inflated;
    struct dcm_inflate inflate;
    unsigned base_flags; /* DCM_DEFLATED */

    struct level *levels;
    size_t n_levels, max_levels;
    size_t silent; /* events of levels from here on are not handed out */
    struct dcm_scope_stack scopes;
    struct dcm_order order;
    struct image image;
    uint64_t value_left; /* bytes of the last value not taken yet */
    uint64_t value_size, value_at;
    uint32_t value_tag;
    uint64_t items;
    unsigned looks;
    uint32_t sequences[SEQUENCES]; /* tags that may be SQ, looked up before */

    uint64_t meta_start, meta_length; /* (0002,0000), NO_END: none */
    unsigned ts_flags;
    int ts_known, has_syntax;
    char syntax[65];
};

/* Ends the reading: the details go into r->error. Returns STOP. */
enum step dcm_reader_fail(struct dcm_reader *r, enum dcm_status code,
                          uint64_t offset, uint32_t tag, const char *format,
                          ...) DCM_PRINTF(5, 6);
enum step dcm_reader_no_memory(struct dcm_reader *r);
/* After dcm_reader_fail() with DCM_ERR_TRUNCATED: what is open is closed
 * before the failure is told. AGAIN, or STOP when nothing is open. */
enum step dcm_reader_truncated(struct dcm_reader *r);
/* Whether the input itself failed; then *step is what to return. */
int dcm_reader_input_failed(struct dcm_reader *r, enum step *step);

/* Names a deviation: 1 to go on, 0 when the policy is strict. */
#define deviate(r, issue, ev, offset, ...)                      \
    (dcm_deviation((r)->policy, &(r)->error, issue, ev, offset, \
                   __VA_ARGS__) == DCM_OK ||                    \
     ((r)->state = FAILED, 0))

static inline struct level *top(struct dcm_reader *r)
{
    return &r->levels[r->n_levels - 1];
}
/* A new level, all zero but for its end; NULL when there is no memory. */
struct level *dcm_reader_push(struct dcm_reader *r);
/* Bytes that can be seen from here, `want` at most: how far we look must not
 * depend on what the window happens to hold. */
static inline size_t dcm_reader_see(struct dcm_reader *r, size_t want)
{
    size_t n = dcm_cursor_peek(r->c, want);

    return n < want ? n : want;
}
/* What can be seen from here, `want` bytes if there are, to the level's end. */
struct dcm_view dcm_reader_view(struct dcm_reader *r, size_t want);
/* Fills an event at the cursor, in the current scope. */
static inline void dcm_reader_event(struct dcm_reader *r, struct dcm_event *ev,
                                    enum dcm_event_type type,
                                    const struct level *level)
{
    /* Field by field: clearing all of it first costs as much again. */
    ev->type = type;
    ev->tag = level ? level->tag : 0;
    ev->vr = level ? level->vr : 0;
    ev->stored = level ? level->stored : 0;
    ev->length = level ? level->length : 0;
    ev->number = 0;
    ev->depth = r->scopes.depth;
    ev->flags = r->base_flags | (level ? level->flags : 0);
    ev->offset = ev->value_offset = r->c->offset;
    ev->size = 0;
    ev->data = NULL;
    ev->scope = dcm_scope_top(&r->scopes);
    ev->source = &r->source;
    ev->input = r->again;
}
/* Leaves the top level: *ev is its end. */
enum step dcm_reader_pop(struct dcm_reader *r, struct dcm_event *ev);
/* END, at the end of the data set. */
enum step dcm_reader_finish(struct dcm_reader *r, struct dcm_event *ev);

/* One step at the cursor, by the kind of the top level. */
enum step dcm_reader_start(struct dcm_reader *r, struct dcm_event *ev);
enum step dcm_reader_start_data_set(struct dcm_reader *r, struct dcm_event *ev);
enum step dcm_reader_element(struct dcm_reader *r, struct dcm_event *ev);
enum step dcm_reader_item(struct dcm_reader *r, struct dcm_event *ev);
enum step dcm_reader_fragment(struct dcm_reader *r, struct dcm_event *ev);
/* The top level's length has run out. */
enum step dcm_reader_end_by_length(struct dcm_reader *r, struct dcm_event *ev);
/* Fewer bytes are left than a header has. */
enum step dcm_reader_short_header(struct dcm_reader *r, struct dcm_event *ev,
                                  size_t have);
/* FFFE,xxxx where an element may be. */
enum step dcm_reader_delimiter(struct dcm_reader *r, struct dcm_event *ev,
                               const struct dcm_header *h);

/* The bytes of the value stay at the cursor until the next event. */
static inline void dcm_reader_hold(struct dcm_reader *r,
                                   const struct dcm_event *ev)
{
    r->value_left = r->value_size = ev->size;
    r->value_at = r->c->offset;
    r->value_tag = ev->tag;
}
/* Only `have` bytes of the value are there. */
enum step dcm_reader_cut(struct dcm_reader *r, struct dcm_event *ev,
                         size_t have);
/* What a value decides for the elements after it. */
enum dcm_status dcm_reader_observe(struct dcm_reader *r,
                                   const struct dcm_event *ev);

/* The few tags that are not just attributes, told apart at one glance: those
 * that may be dropped, and those that decide something for others. */
static inline int is_special(uint32_t tag)
{
    return (tag & 0xFFFF) == 0 || tag < 0x00030000 || tag == 0xFFFCFFFC;
}

static inline int is_of_image(uint32_t element)
{
    return element <= 0x11 || element == 0x100 || element == 0x103;
}

static inline int is_observed(uint32_t tag)
{
    return (tag & 0x1FF00) == 0x10000 ||
           (tag >> 16 == 0x0028 && is_of_image(tag & 0xFFFF)) ||
           tag == 0x00080005 || tag == 0x7FE00010 || tag < 0x00030000;
}

/* The dictionary has the tag, and not as a sequence. */
static inline int is_known_otherwise(uint32_t tag)
{
    uint16_t vrs[3];

    return dcm_dict_vrs(tag, vrs) > 0 && vrs[0] != VR_SQ;
}

/* The short way of an element, for nearly all of explicit VR little endian
 * (reader_plain.c). AGAIN: it is not for this one. */
enum step dcm_reader_plain(struct dcm_reader *r, struct dcm_event *ev,
                           const struct level *level, const uint8_t *p,
                           size_t have);

#endif
