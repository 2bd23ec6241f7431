/* Source. What the files of the XML reader share. The text becomes a queue of
 * records, the records become events:
 *
 *     xml_reader_parse.c     feeds expat, goes past bytes in line
 *     xml_reader_quick.c     goes past expat where nothing is out of the way
 *     xml_reader_elements.c  which element may be where, and its attributes
 *     xml_reader_names.c     person names, out of their components
 *     xml_reader_queue.c     the records and their texts
 *     -- records --
 *     xml_reader.c           the way in, the document as a whole, failing
 *     xml_reader_dataset.c   attributes, sequences and items
 *     xml_reader_private.c   blocks of private attributes
 *     xml_reader_values.c    Value and PersonName
 *     xml_reader_bulk.c      InlineBinary and BulkData
 *     xml_reader_base64.c    bytes in line, small and large
 *     xml_reader_frags.c     encapsulated Pixel Data */
#ifndef DCM_XML_READER_H
#define DCM_XML_READER_H

#include "bulk_value.h"
#include "input.h"
#include "order.h"
#include "policy.h"
#include "scope.h"
#include "syntax.h"
#include "values.h"

#define PIXEL_DATA 0x7FE00010u

enum step { EMIT, AGAIN, STOP };

/* --------------------------------------------------------------- records */

enum record_kind {
    ATTRIBUTE, /* tag, vr (0: none), text: the privateCreator */
    ATTRIBUTE_END,
    VALUE, /* number (0: none, or none that counts), text */
    NAME,  /* number; text: the groups, a NUL behind each */
    ITEM,  /* number */
    ITEM_END,
    INLINE,   /* text: its characters, without white space and '=' */
    BULK,     /* text: the URI */
    FRAGMENT, /* number */
    FRAGMENT_END,
    DOCUMENT_END,
    NOTE, /* code: an issue, message; tag when it has another */
    WRONG /* code: a status, message */
};

/* In the text. Lines and columns, from 1, only where the input cannot be read
 * again to count them; 0: not known. */
struct place {
    uint64_t offset;
    uint32_t line, column;
};

struct record {
    uint8_t kind;   /* enum record_kind */
    uint8_t far;    /* INLINE: its text is left in the input */
    uint8_t spaces; /* INLINE: was there */
    uint16_t vr;
    uint16_t code;
    uint32_t tag;
    uint32_t number;
    struct place place;     /* of the element's start */
    uint64_t start, length; /* its text in the queue's, or in the input */
    union {
        const char *message;
        uint64_t size; /* INLINE: bytes that its base64 stands for */
    };
};

struct queue {
    struct record *records;
    size_t n, taken, max;
    char *text;
    size_t n_text, max_text;
    size_t keep;    /* text from here on is of a record to come */
    int hold;       /* what was taken stays */
    uint64_t limit; /* bytes that all of it may have */
    int no_memory;
};

/* Room for one more; NULL: no memory or over the limit. Later ones may move
 * it. */
struct record *dcm_xml_queue_push(struct queue *q, enum record_kind kind,
                                  const struct place *place);
/* 0: no memory or over the limit. */
int dcm_xml_queue_text(struct queue *q, const char *s, size_t n);
/* Text since `keep` becomes the record's. */
void dcm_xml_queue_close(struct queue *q, struct record *record);
/* Forgets what was taken. */
void dcm_xml_queue_settle(struct queue *q);
void dcm_xml_queue_clear(struct queue *q);
void dcm_xml_queue_release(struct queue *q);

/* --------------------------------------------------------------- parsing */

/* Elements of the model, as a stack has them. */
enum element {
    OUTSIDE,
    IN_MODEL,
    IN_ATTRIBUTE,
    IN_ITEM,
    IN_VALUE,
    IN_NAME,
    IN_GROUP,
    IN_COMPONENT,
    IN_INLINE,
    IN_BULK,
    IN_FRAGMENT
};

#define COMPONENTS 5
#define GROUPS 3

/* Character data of a text of base64 as it comes. */
struct inline_text {
    uint64_t at, next; /* where it began, and goes on if nothing is within */
    uint64_t chars;    /* of the alphabet */
    uint8_t pads;
    uint8_t spaces;
    uint8_t raw; /* as the input has it: no references, comments, sections */
    uint8_t far; /* its characters were not kept */
};

struct XML_ParserStruct;

struct parse {
    struct XML_ParserStruct *expat;
    struct queue queue;
    struct dcm_input *input;
    uint64_t at;      /* bytes of the input taken */
    uint64_t skipped; /* of them, not given to expat */
    uint8_t *window;
    size_t window_size;
    uint8_t last;   /* byte that was given to expat */
    uint8_t again;  /* the input can be read again */
    uint8_t ended;  /* all of it was parsed, or something failed */
    uint8_t *stack; /* enum element of each that is open */
    size_t depth, max_depth;
    size_t left_out;    /* open elements within one that is */
    uint8_t quick;      /* xml_reader_quick.c may be used */
    uint8_t in_section; /* CDATA, which may look like anything */
    uint8_t muted;      /* expat hears again of what it was passed by */
    uint8_t n_opened;   /* elements that are open and expat does not know, */
    uint8_t opened[64]; /* as dcm_xml_quick_name() has them */
    uint8_t stray;      /* text where none belongs was told */
    struct place here;  /* of the element that begins or ends */
    struct place leaf;  /* of the element whose text it is */
    uint32_t number;    /* of it */
    struct place name;  /* the person name at hand: */
    uint32_t name_number;
    uint8_t group, component;
    size_t part[GROUPS][COMPONENTS][2]; /* texts from queue.keep on */
    struct inline_text in_line;
};

/* xml_reader_encoding.c: the character that each byte of an encoding is, -1:
 * none. 0: it is not known here, or no memory. */
int dcm_xml_encoding(const char *name, int map[256]);

/* At the start of an input. 0: no memory. */
int dcm_xml_parse_open(struct parse *p, struct dcm_input *input);
void dcm_xml_parse_release(struct parse *p);
/* More records, if there are any: call it until they are there or p->ended. */
void dcm_xml_parse_feed(struct parse *p);
/* Ends the parsing with a record that says why. */
void dcm_xml_parse_fail(struct parse *p, enum dcm_status code,
                        const struct place *place, const char *message);
/* Another element, and the end of the one at hand. `name` has no prefix; NULL:
 * of another name space. */
void dcm_xml_parse_start(struct parse *p, const char *name,
                         const char **attributes);
void dcm_xml_parse_end(struct parse *p);
void dcm_xml_parse_text(struct parse *p, const char *s, size_t n);
/* Bytes in line: n characters that are `bytes` in the input at `at`; their
 * end. */
void dcm_xml_inline_start(struct parse *p);
void dcm_xml_inline_text(struct parse *p, const char *s, size_t n, uint64_t at,
                         uint64_t bytes);
void dcm_xml_inline_end(struct parse *p);
/* From the input itself, up to what is not base64: how many bytes are. */
size_t dcm_xml_inline_pass(struct parse *p, const uint8_t *s, size_t n);
/* Elements at s, which is at offset `at` of the input and outside of any
 * mark-up, as far as they are of the simplest form: how many bytes. *cut: the
 * next one may be, and is not all there. */
size_t dcm_xml_quick(struct parse *p, const uint8_t *s, size_t n, uint64_t at,
                     int *cut);
size_t dcm_xml_quick_name(unsigned which, const char **text);
/* Of a person name. */
void dcm_xml_name_start(struct parse *p, uint32_t number);
void dcm_xml_name_group(struct parse *p, unsigned group);
void dcm_xml_name_component(struct parse *p, unsigned component);
void dcm_xml_name_component_end(struct parse *p);
void dcm_xml_name_end(struct parse *p);

static inline void dcm_xml_parse_note(struct parse *p, uint16_t issue,
                                      const struct place *place,
                                      const char *message)
{
    struct record *note = dcm_xml_queue_push(&p->queue, NOTE, place);

    if (note) {
        note->code = issue;
        note->message = message;
    }
}

static inline enum element dcm_xml_parse_top(const struct parse *p)
{
    return p->depth ? (enum element)p->stack[p->depth - 1] : OUTSIDE;
}

/* ---------------------------------------------------------------- reading */

enum phase { START, INSIDE, ENDED, CLOSED, FAILED };

/* What comes next in a level. */
enum where {
    MEMBER,      /* an attribute, or the end */
    BEHIND,      /* the creator element that a private attribute needs */
    ITEMS,       /* of a sequence */
    IN_FRAGMENTS /* see struct frags */
};

struct level {            /* a data set or item */
    struct place place;   /* of the attribute at hand */
    uint32_t tag;         /* of it */
    uint32_t count;       /* items or fragments of it so far */
    uint32_t seq;         /* whose item the level is */
    uint32_t number;      /* of that item */
    uint16_t vr;          /* 0: not known */
    uint8_t where;        /* enum where */
    uint8_t again;        /* the tag was there before */
    uint8_t falls;        /* that tags do was told */
    uint8_t beyond_ascii; /* text here, or in items that name no set */
    uint8_t has_charset;
    struct dcm_charset declared;
};

/* The fragments that are being given; only one value has them at a time. */
struct frags {
    enum { IN_TEXT, IN_ITEMS, IN_FRAMES } where;
    struct dcm_bulk_items items;
    struct dcm_bulk_data frame; /* FRAMES: the next one, and its number */
    unsigned number;
    struct place uri_at;
};

/* The value of the last event, for read(). */
struct held_value {
    enum { NO_VALUE, IN_MEMORY, IN_BASE64, IN_INPUT } where;
    const uint8_t *data;
    struct dcm_input *input;
    uint64_t offset, left, size;
    struct place blame;
};

#define FAR_PIECE 16384u

/* Base64 in the input, pulled in pieces. */
struct far_base64 {
    uint64_t next, end; /* of the input */
    char chars[4];      /* of a group that is not whole */
    size_t n_chars;
    size_t given, n_rest; /* of what is decoded */
    uint8_t rest[FAR_PIECE / 4 * 3 + 64];
};

struct buffer {
    uint8_t *p;
    size_t size;
};

struct dcm_xml_reader {
    struct dcm_source source;
    struct dcm_policy *policy;
    struct dcm_limits limits;
    dcm_bulk_open_fn *bulk;
    void *user;
    char given[65]; /* syntax where (0002,0010) is absent */
    int binary_numbers;

    enum phase phase;
    int wants_charset, placed;
    struct dcm_error error;
    struct parse parse;
    struct place at; /* of the record at hand */

    struct dcm_scope_stack scopes;
    struct dcm_charset utf8;
    struct dcm_order order;
    struct level *levels;
    size_t n_levels, max_levels;
    uint32_t tag; /* for messages; 0: the item */
    struct dcm_event here;
    uint64_t items;
    int in_dataset;
    int lent_charset; /* the scope says what set bulk text is in */
    char syntax[65];

    struct dcm_values values;
    struct far_base64 base64;
    struct held_value value;
    struct frags frags;
    struct record *sorted; /* values that came in another order */
    size_t n_sorted, max_sorted;
    struct buffer uri, bytes, creator;
    size_t uri_length, creator_length;
};

/* -------------------------------------------------------------- xml_reader.c
 */

/* Ends the reading at r->at: the details go into r->error. Returns STOP. */
enum step dcm_xml_reader_fail(struct dcm_xml_reader *r, enum dcm_status code,
                              const char *format, ...) DCM_PRINTF(3, 4);
enum step dcm_xml_reader_no_memory(struct dcm_xml_reader *r);
/* An event for the tag at hand, for messages. */
const struct dcm_event *dcm_xml_reader_here(struct dcm_xml_reader *r);
/* Names a deviation: 1 to go on, 0 when the policy is strict. */
#define deviate(r, issue, ...)                                              \
    (dcm_deviation((r)->policy, &(r)->error, issue, dcm_xml_reader_here(r), \
                   (r)->at.offset, __VA_ARGS__) == DCM_OK ||                \
     ((r)->phase = FAILED, 0))

static inline struct level *top(struct dcm_xml_reader *r)
{
    return &r->levels[r->n_levels - 1];
}
/* A new level; NULL: failed. */
struct level *dcm_xml_reader_push(struct dcm_xml_reader *r);
/* An event for the attribute at hand. */
void dcm_xml_reader_event(struct dcm_xml_reader *r, struct dcm_event *ev,
                          enum dcm_event_type type);
/* At least n bytes of room, or a failure: 0. */
int dcm_xml_reader_room(struct dcm_xml_reader *r, struct buffer *b, size_t n);
/* One more item or fragment: 0 when that is too many. */
int dcm_xml_reader_count_item(struct dcm_xml_reader *r);
/* The next record, which is not taken, and becomes r->at; NULL: failed. */
const struct record *dcm_xml_reader_peek(struct dcm_xml_reader *r);
static inline void dcm_xml_reader_take(struct dcm_xml_reader *r)
{
    r->parse.queue.taken++;
}
static inline const char *dcm_xml_reader_text(const struct dcm_xml_reader *r,
                                              const struct record *record)
{
    return r->parse.queue.text + record->start;
}

/* ------------------------------------------------------ xml_reader_dataset.c
 */

enum step dcm_xml_reader_advance(struct dcm_xml_reader *r,
                                 struct dcm_event *ev);
/* The attribute's content is over: past its end. Returns `step`, which says
 * how it went, or STOP. */
enum step dcm_xml_reader_rest(struct dcm_xml_reader *r, enum step step);
enum step dcm_xml_reader_dataset(struct dcm_xml_reader *r,
                                 struct dcm_event *ev);
enum step dcm_xml_reader_end(struct dcm_xml_reader *r, struct dcm_event *ev);

/* ------------------------------------------------------ xml_reader_private.c
 */

/* A private attribute's tag with the block it gets. EMIT: the creator element
 * that reserves the block is first. `creator` has no space around. */
enum step dcm_xml_reader_private(struct dcm_xml_reader *r, struct dcm_event *ev,
                                 const char *creator, size_t n);
/* The value of a creator element. EMIT: to be given, AGAIN: it is there. */
enum step dcm_xml_reader_see_creator(struct dcm_xml_reader *r,
                                     const struct dcm_event *ev);

/* ------------------------------------------------------- xml_reader_values.c
 */

/* At the first Value or PersonName. EMIT: *ev is the VALUE. */
enum step dcm_xml_reader_values(struct dcm_xml_reader *r, struct dcm_event *ev);
/* Bytes that stay until the next event become the event's value. EMIT, or AGAIN
 * when it is to be left out. */
enum step dcm_xml_reader_give(struct dcm_xml_reader *r, struct dcm_event *ev,
                              const uint8_t *data, uint64_t size);

/* --------------------------------------------------------- xml_reader_bulk.c
 */

/* At the record. */
enum step dcm_xml_reader_inline(struct dcm_xml_reader *r, struct dcm_event *ev);
enum step dcm_xml_reader_uri(struct dcm_xml_reader *r, struct dcm_event *ev);
/* From a record to an event's value; `load`: when it is short enough. */
enum step dcm_xml_reader_base64(struct dcm_xml_reader *r, struct dcm_event *ev,
                                const struct record *record, int load);
int dcm_xml_reader_take_uri(struct dcm_xml_reader *r,
                            const struct record *record);
enum step dcm_xml_reader_open_uri(struct dcm_xml_reader *r, unsigned number,
                                  struct dcm_bulk_data *data, int *done);
enum step dcm_xml_reader_give_bulk(struct dcm_xml_reader *r,
                                   struct dcm_event *ev,
                                   const struct dcm_bulk_data *data, int load);
enum step dcm_xml_reader_check_size(struct dcm_xml_reader *r, uint64_t size);
enum dcm_status dcm_xml_reader_read(struct dcm_xml_reader *r, uint8_t *to,
                                    size_t n, size_t *got);

/* ------------------------------------------------------- xml_reader_base64.c
 */

/* All of a record's text, decoded; 0: failed. */
int dcm_xml_reader_decode(struct dcm_xml_reader *r, const struct record *record,
                          uint8_t *to);
/* The next at most n bytes of r->base64. 0: failed. */
int dcm_xml_reader_pull(struct dcm_xml_reader *r, uint8_t *to, size_t n,
                        size_t *got);

/* -------------------------------------------------------- xml_reader_frags.c
 */

enum step dcm_xml_reader_open_text(struct dcm_xml_reader *r,
                                   struct dcm_event *ev);
enum step dcm_xml_reader_open_items(struct dcm_xml_reader *r,
                                    struct dcm_event *ev,
                                    const struct dcm_bulk_data *data);
enum step dcm_xml_reader_open_frames(struct dcm_xml_reader *r,
                                     struct dcm_event *ev,
                                     const struct dcm_bulk_data *data);
/* The next FRAGMENT, or FRAGS_END. */
enum step dcm_xml_reader_fragment(struct dcm_xml_reader *r,
                                  struct dcm_event *ev);

#endif
