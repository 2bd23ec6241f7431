/* Source. What the files of the JSON reader share: its state, its levels, how
 * it fails. json_reader.c is the way in; json_reader_document.c goes from data
 * set to data set, json_reader_object.c through their attributes and items;
 * json_reader_attribute.c reads what belongs to one attribute,
 * json_reader_values.c its values; json_reader_bulk.c values that are bytes,
 * json_reader_frags.c those in fragments; json_reader_index.c knows where
 * attributes are that come in any order. */
#ifndef DCM_JSON_READER_H
#define DCM_JSON_READER_H

#include "bulk_value.h"
#include "json_scan.h"
#include "policy.h"
#include "scope.h"
#include "syntax.h"
#include "values.h"

#define PIXEL_DATA 0x7FE00010u

enum step { EMIT, AGAIN, STOP };

enum phase {
    START, /* before the document */
    READY, /* behind the brace of a data set */
    INSIDE,
    ENDED,  /* END was given */
    CLOSED, /* and so was the document's */
    FAILED
};

/* What comes next in a level. */
enum place {
    MEMBER,      /* a key, or the end */
    REST,        /* of an attribute whose items have been given */
    FIRST_ITEM,  /* behind the bracket */
    NEXT_ITEM,   /* behind an item */
    ONLY_ITEM,   /* at an item without brackets */
    LAST_ITEM,   /* no more: the end of the sequence */
    NULL_ITEM,   /* the level is a null, an empty item */
    IN_FRAGMENTS /* see struct frags */
};

/* Members that hold an attribute's value. */
enum content { NOTHING, VALUE, INLINE, URI, FRAGMENTS };

struct level {          /* a data set or item */
    uint64_t key;       /* offset of the attribute at hand */
    uint64_t held;      /* of its content, when that came before "vr" */
    uint64_t resume;    /* behind it, to go there after its content; 0: no */
    uint64_t end;       /* indexed: behind the object */
    size_t entry, last; /* indexed: of those, the next one to the last one */
    uint32_t tag;       /* of the attribute at hand or the last one */
    uint32_t count;     /* items or fragments of it so far */
    uint32_t seq;       /* whose item the level is */
    uint32_t number;    /* of that item */
    uint16_t vr;        /* 0: not known */
    uint8_t place;      /* enum place */
    uint8_t content;    /* enum content, seen in the attribute at hand */
    uint8_t held_content;
    uint8_t has_vr; /* "vr" was there */
    uint8_t guess;  /* but with no VR of the standard */
    uint8_t ready;  /* the attribute's VALUE is complete */
    uint8_t fresh;  /* no member has come yet */
    uint8_t keyed;  /* stands at a key, its comma is taken */
    uint8_t indexed;
    uint8_t has_charset; /* here or further out; then */
    struct dcm_charset declared;
};

/* The fragments that are being given; only one value has them at a time. */
struct frags {
    enum { IN_TEXT, IN_ITEMS, IN_FRAMES } where;
    struct dcm_bulk_items items;
    struct dcm_bulk_data frame; /* FRAMES: the next one, and its number */
    unsigned number;
    uint64_t uri_at; /* of its URI in the text */
};

/* The value of the last event, for read(). */
struct held_value {
    enum { NO_VALUE, IN_MEMORY, IN_BASE64, IN_INPUT } where;
    const uint8_t *data;
    struct dcm_input *input;
    uint64_t offset, left, size;
    uint64_t uri_at; /* IN_INPUT: to blame */
    uint64_t after;  /* IN_BASE64: where the text goes on */
};

struct entry {
    uint64_t offset; /* of the key */
    uint32_t tag;    /* 0: it is none */
    uint32_t again;  /* an earlier one had the same tag */
};

struct object {
    uint64_t offset, end; /* of its braces, `end` behind */
    uint64_t falls;       /* a key lower than one before; 0: none */
    uint32_t fallen;      /* its tag */
    size_t first, count;  /* entries */
};

/* All attributes of a data set, each object's sorted (json_reader_index.c). */
struct index {
    struct entry *entries, *open;
    struct object *objects;
    struct frame {
        size_t object, open;
        uint8_t place, fresh;
    } * frames;
    size_t n_entries, max_entries, n_open, max_open;
    size_t n_objects, max_objects, n_frames, max_frames;
};

struct buffer {
    uint8_t *p;
    size_t size;
};

struct dcm_json_reader {
    struct dcm_source source;
    struct dcm_policy *policy;
    struct dcm_policy exact; /* strict and silent: for values of a guessed VR */
    struct dcm_limits limits;
    dcm_bulk_open_fn *bulk;
    void *user;
    char given[65]; /* syntax where (0002,0010) is absent */
    int any_order, binary_numbers;

    enum phase phase;
    int is_array, wants_tree, wants_charset;
    int unplaced; /* the error has no place in the text, or has it already */
    struct dcm_error error;
    struct dcm_json_scan scan;
    struct dcm_input *whole; /* of a stream: all that it gave */
    uint8_t *whole_data;

    struct dcm_scope_stack scopes;
    struct dcm_charset utf8;
    struct level *levels;
    size_t n_levels, max_levels;
    uint32_t tag; /* for messages; 0: the item */
    struct dcm_event here;
    uint64_t items;
    int in_dataset;
    int lent_charset; /* the scope says what set bulk text is in */
    char syntax[65];

    struct dcm_values values;
    struct dcm_json_base64 base64;
    struct held_value value;
    struct frags frags;
    struct index index;
    struct buffer names, uri, bytes;
    size_t uri_length;
};

/* ----------------------------------------------------------- json_reader.c */

/* Ends the reading: the details go into r->error. Returns STOP. */
enum step dcm_json_reader_fail(struct dcm_json_reader *r, enum dcm_status code,
                               uint64_t offset, const char *format, ...)
    DCM_PRINTF(4, 5);
enum step dcm_json_reader_no_memory(struct dcm_json_reader *r);
/* The same with what the scanner says. */
enum step dcm_json_reader_scan_failed(struct dcm_json_reader *r);
/* A token that may not be there: says so, or why there is none. */
enum step dcm_json_reader_unexpected(struct dcm_json_reader *r, int token,
                                     const char *expected);
/* What only a tree can do, or may be asked to. */
enum step dcm_json_reader_want_tree(struct dcm_json_reader *r, uint64_t offset,
                                    const char *why);
/* Puts line and column before the message of the error, once. */
void dcm_json_reader_place_error(struct dcm_json_reader *r);
/* An event for the tag at hand, for messages. */
const struct dcm_event *dcm_json_reader_here(struct dcm_json_reader *r);
/* Names a deviation: 1 to go on, 0 when the policy is strict. */
#define deviate(r, issue, offset, ...)                                       \
    (dcm_deviation((r)->policy, &(r)->error, issue, dcm_json_reader_here(r), \
                   offset, __VA_ARGS__) == DCM_OK ||                         \
     ((r)->phase = FAILED, 0))

static inline struct level *top(struct dcm_json_reader *r)
{
    return &r->levels[r->n_levels - 1];
}
/* A new level, behind its brace at `offset` if it is an object; NULL: failed.
 */
struct level *dcm_json_reader_push(struct dcm_json_reader *r, uint64_t offset,
                                   int is_object);
/* An event for the attribute at hand. */
void dcm_json_reader_event(struct dcm_json_reader *r, struct dcm_event *ev,
                           enum dcm_event_type type);
/* At least n bytes of room, or a failure: 0. */
int dcm_json_reader_room(struct dcm_json_reader *r, struct buffer *b, size_t n);
/* One more item or fragment: 0 when that is too many. */
int dcm_json_reader_count_item(struct dcm_json_reader *r, uint64_t offset);

/* -------------------------------------------------- json_reader_document.c */

/* At the beginning of the document, and of a data set. */
enum step dcm_json_reader_start(struct dcm_json_reader *r);
enum step dcm_json_reader_begin(struct dcm_json_reader *r);
/* DATASET, and what the brace of the data set closes: END. */
enum step dcm_json_reader_dataset(struct dcm_json_reader *r,
                                  struct dcm_event *ev);
enum step dcm_json_reader_end(struct dcm_json_reader *r, struct dcm_event *ev);

/* ---------------------------------------------------- json_reader_object.c */

enum step dcm_json_reader_member(struct dcm_json_reader *r,
                                 struct dcm_event *ev);
enum step dcm_json_reader_item(struct dcm_json_reader *r, struct dcm_event *ev);
enum step dcm_json_reader_item_end(struct dcm_json_reader *r,
                                   struct dcm_event *ev, uint64_t at);

/* ------------------------------------------------- json_reader_attribute.c */

/* At the colon that follows the key. */
enum step dcm_json_reader_attribute(struct dcm_json_reader *r,
                                    struct dcm_event *ev);
/* Members of the attribute object from here on, `first` of them or not. */
enum step dcm_json_reader_rest(struct dcm_json_reader *r, struct dcm_event *ev,
                               int first);
/* At the content of an attribute. AGAIN: the VALUE is ready. */
enum step dcm_json_reader_content(struct dcm_json_reader *r,
                                  struct dcm_event *ev, enum content content);
/* The attribute's VR is not what the dictionary has: 0 when that is an error */
int dcm_json_reader_check_vr(struct dcm_json_reader *r, const struct level *l,
                             uint64_t offset);
/* Items or fragments are over: on with what follows them. */
void dcm_json_reader_resume(struct dcm_json_reader *r, struct level *level);

/* ---------------------------------------------------- json_reader_values.c */

/* At what follows "Value", not a sequence's. AGAIN: *ev is the VALUE. */
enum step dcm_json_reader_values(struct dcm_json_reader *r,
                                 struct dcm_event *ev);

/* Bytes that stay until the next event become the event's value. AGAIN, or
 * STOP when they can't be what they decide. */
enum step dcm_json_reader_give(struct dcm_json_reader *r, struct dcm_event *ev,
                               const uint8_t *data, uint64_t size);

/* ------------------------------------------------------ json_reader_bulk.c */

enum step dcm_json_reader_inline(struct dcm_json_reader *r,
                                 struct dcm_event *ev);
enum step dcm_json_reader_items_uri(struct dcm_json_reader *r);
enum step dcm_json_reader_uri(struct dcm_json_reader *r, struct dcm_event *ev);
/* From a string of base64 or a URI at hand to an event's value. AGAIN: done.
 * `load`: when it is short enough. */
enum step dcm_json_reader_base64(struct dcm_json_reader *r,
                                 struct dcm_event *ev, int load);
enum step dcm_json_reader_open_uri(struct dcm_json_reader *r, uint64_t at,
                                   unsigned number, struct dcm_bulk_data *data,
                                   int *done);
/* A string that is a URI, to r->uri: its length, or 0 when it failed. */
size_t dcm_json_reader_take_uri(struct dcm_json_reader *r, uint64_t *at);
enum step dcm_json_reader_give_bulk(struct dcm_json_reader *r,
                                    struct dcm_event *ev,
                                    const struct dcm_bulk_data *data,
                                    uint64_t uri_at, int load);
/* Fails as *e says, at the URI. */
enum step dcm_json_reader_bulk_failed(struct dcm_json_reader *r,
                                      const struct dcm_error *e,
                                      uint64_t uri_at);
enum dcm_status dcm_json_reader_read(struct dcm_json_reader *r, uint8_t *to,
                                     size_t n, size_t *got);

/* ----------------------------------------------------- json_reader_frags.c */

/* FRAGS: of DataFragment, of bulk data that are items, of frames. */
enum step dcm_json_reader_fragments(struct dcm_json_reader *r,
                                    struct dcm_event *ev);
enum step dcm_json_reader_open_items(struct dcm_json_reader *r,
                                     struct dcm_event *ev,
                                     const struct dcm_bulk_data *data,
                                     uint64_t uri_at);
enum step dcm_json_reader_open_frames(struct dcm_json_reader *r,
                                      struct dcm_event *ev,
                                      const struct dcm_bulk_data *data,
                                      uint64_t uri_at);
/* The next FRAGMENT, or FRAGS_END. */
enum step dcm_json_reader_fragment(struct dcm_json_reader *r,
                                   struct dcm_event *ev);

/* ----------------------------------------------------- json_reader_index.c */

/* Finds every attribute of the data set whose brace, at `offset`, was taken;
 * the scanner stands behind that brace before and after. */
enum step dcm_json_reader_make_index(struct dcm_json_reader *r,
                                     uint64_t offset);
/* Puts what it says of the object at `offset` into the level. */
enum step dcm_json_reader_use_index(struct dcm_json_reader *r,
                                    struct level *level, uint64_t offset);
void dcm_json_reader_release_index(struct index *index);

/* ----------------------------------------------------------------- helpers */

/* 8 hex digits to a tag; *lower: some of them were lower case. 0: they are
 * none. */
static inline int dcm_json_reader_key(const char *s, size_t n, uint32_t *tag,
                                      int *lower)
{
    uint32_t v = 0;

    *lower = 0;
    if (n != 8)
        return 0;
    for (size_t i = 0; i < 8; i++) {
        unsigned c = (unsigned char)s[i], d = c - '0';

        if (d > 9) {
            d = c - 'A' + 10;
            if (c < 'A' || c > 'F') {
                if (c < 'a' || c > 'f')
                    return 0;
                d = c - 'a' + 10;
                *lower = 1;
            }
        }
        v = v << 4 | d;
    }
    *tag = v;
    return 1;
}

#endif
