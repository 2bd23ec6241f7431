/* libdcm: read DICOM Part 10 files and convert them, as streams.
 *
 * The picture: a source hands out events when asked, a sink takes them, and
 * dcm_pump() joins any source to any sink.
 *
 *     input -> a reader (a source) -> events -> a writer (a sink) -> output
 *
 * Ownership, said once: what an event points at belongs to its source and
 * lasts until the next call on that source. What a function named ..._new
 * returns is the caller's, to be given back to the ..._free beside it.
 *
 * Threads: nothing here is shared but constant tables. Use an object in one
 * thread at a time; different objects need no lock.
 *
 * References such as "PS3.5 7.5" are to the parts of the DICOM standard.
 */
#ifndef LIBDCM_DCM_H
#define LIBDCM_DCM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define DCM_API __attribute__((visibility("default")))
#else
#define DCM_API
#endif

/* The version of the library in use, for example "0.1.0". Static text. */
DCM_API const char *dcm_version(void);

/* ------------------------------------------------------------- 1 errors */

enum dcm_status {
    DCM_OK = 0,
    DCM_DONE = 1,          /* a source has no more events */
    DCM_ERR_ARGUMENT = 2,  /* a call or an option that makes no sense */
    DCM_ERR_MEMORY = 3,    /* no memory */
    DCM_ERR_READ = 4,      /* the input could not be read (see errno text) */
    DCM_ERR_WRITE = 5,     /* the output could not be written */
    DCM_ERR_NOT_DICOM = 6, /* not plausibly DICOM in any encoding */
    DCM_ERR_TRUNCATED = 7, /* the input ends too early */
    DCM_ERR_MALFORMED = 8, /* a structure that has no reading at all */
    DCM_ERR_STRICT = 9,    /* a deviation, and the policy is strict */
    DCM_ERR_LIMIT = 10,    /* one of struct dcm_limits was reached */
    DCM_ERR_UNSUPPORTED = 11
};

/* Where and why. Fixed size, so that reporting cannot itself fail. */
struct dcm_error {
    enum dcm_status code;
    uint64_t offset;   /* in the input, of the first byte that is wrong;
                        * UINT64_MAX when no byte is to blame */
    char path[96];     /* "(0040,A730)[2]/(0040,A124)", items from 1 */
    char message[200]; /* lower case, found and expected, then the section;
                        * printable ASCII only, never a value */
};

/* A word or two for a status: "truncated". Static text, never NULL. */
DCM_API const char *dcm_status_name(enum dcm_status status);

/* Departures from the standard that have a reading. Strict: the first one is
 * an error. Lenient: a warning, counted; the reading goes on. Each has a name
 * ("odd-length") and a section; see dcm_issue_name(). */
typedef unsigned dcm_issue;

struct dcm_diagnostic {
    dcm_issue issue;
    const char *name;    /* of the issue, static */
    const char *section; /* of the standard, static */
    int is_error;        /* strict: this one ends the conversion */
    uint64_t offset;     /* as in struct dcm_error */
    const char *path;    /* tag path, lives during the call */
    const char *message; /* what was found, lives during the call */
    uint32_t tag;
    uint32_t length;     /* of the element, as stored */
    char vr[3];          /* as stored; "" when there is none */
};

/* Hears of a deviation. Never called for more than 20 of one kind or 100 in
 * all in one conversion (the rest is only counted). */
typedef void dcm_diagnostic_fn(void *user, const struct dcm_diagnostic *d);

/* How to meet deviations, and how many there were. Share one policy between
 * the source and the sink of one conversion. */
struct dcm_policy;

/* Makes a policy. `fn` may be NULL: then deviations are only counted.
 * Returns NULL when there is no memory. */
DCM_API struct dcm_policy *dcm_policy_new(int strict, dcm_diagnostic_fn *fn,
                                          void *user);
DCM_API void dcm_policy_free(struct dcm_policy *policy);
/* Forgets the counts: call it between two inputs. */
DCM_API void dcm_policy_clear(struct dcm_policy *policy);
/* Deviations met since the last clear; of one kind, or of all (issue 0). */
DCM_API uint64_t dcm_policy_count(const struct dcm_policy *policy,
                                  dcm_issue issue);
/* Deviations that were counted but not told. */
DCM_API uint64_t dcm_policy_untold(const struct dcm_policy *policy);
/* The name and section of an issue, 1 <= issue < dcm_issue_count(). */
DCM_API const char *dcm_issue_name(dcm_issue issue);
DCM_API const char *dcm_issue_section(dcm_issue issue);
DCM_API const char *dcm_issue_help(dcm_issue issue);
DCM_API unsigned dcm_issue_count(void);

/* Bounds on what an input may ask for. 0 means the default. Reaching one is
 * DCM_ERR_LIMIT, and the message names it. */
struct dcm_limits {
    size_t size;       /* sizeof(struct dcm_limits) */
    uint64_t depth;    /* items in items; default 256 */
    uint64_t items;    /* items and fragments in all; default 16 Mi */
    uint64_t value;    /* bytes of one text value held at a time; 64 MiB */
    uint64_t inflated; /* bytes a deflated data set may grow to; 8 GiB */
    uint64_t ratio;    /* inflated : deflated, past 16 MiB; default 400 */
    uint64_t output;   /* bytes written for one input; default 1 TiB */
};

/* Sets one limit by name ("depth"), the value with an optional K, M, G or T
 * (powers of 1024) after it. DCM_ERR_ARGUMENT: no such name or number. */
DCM_API enum dcm_status dcm_limits_set(struct dcm_limits *limits,
                                       const char *name, const char *value);

/* -------------------------------------------------------- 2 input, output */

/* Bytes to read. Every function returns NULL when it fails and, when `error`
 * is not NULL, says why there. */
struct dcm_input;

/* `data` stays the caller's and must outlive the input. */
DCM_API struct dcm_input *dcm_input_memory(const void *data, size_t size,
                                           struct dcm_error *error);
/* A file, device or FIFO by name; a folder is refused. */
DCM_API struct dcm_input *dcm_input_file(const char *path,
                                         struct dcm_error *error);
/* An open descriptor, read from where it stands; not closed. */
DCM_API struct dcm_input *dcm_input_fd(int fd, struct dcm_error *error);
/* `read` fills at most n bytes and returns how many, 0 at the end, -1 on
 * failure. It is never asked to go back. */
typedef ptrdiff_t dcm_read_fn(void *user, void *buffer, size_t n);
DCM_API struct dcm_input *dcm_input_callback(dcm_read_fn *read, void *user,
                                             struct dcm_error *error);
DCM_API void dcm_input_free(struct dcm_input *input);

/* Bytes to write: one buffer, written out when it is full. Sticky: after a
 * failure nothing more is written and dcm_output_flush() tells. */
struct dcm_output;

/* To an open descriptor; not closed. */
DCM_API struct dcm_output *dcm_output_fd(int fd);
/* To memory; dcm_output_data() gives what was written so far. */
DCM_API struct dcm_output *dcm_output_memory(void);
/* `write` takes all n bytes and returns 0, or -1 on failure. */
typedef int dcm_write_fn(void *user, const void *data, size_t n);
DCM_API struct dcm_output *dcm_output_callback(dcm_write_fn *write,
                                               void *user);
DCM_API enum dcm_status dcm_output_flush(struct dcm_output *output);
/* Memory output only: valid until the next write. */
DCM_API const void *dcm_output_data(const struct dcm_output *output,
                                    size_t *size);
/* Does not flush. */
DCM_API void dcm_output_free(struct dcm_output *output);

/* ------------------------------------------------------------- 3 events */

/*     stream   = { VALUE of group 0002 } DATASET elements END
 *     elements = { VALUE | SEQ { ITEM elements ITEM_END } SEQ_END
 *                        | FRAGS { FRAGMENT } FRAGS_END }
 *
 * FRAGS is encapsulated Pixel Data (PS3.5 A.4); its first FRAGMENT is the
 * Basic Offset Table. The value of DATASET is the Transfer Syntax UID that
 * the source is in. After END the source says DCM_DONE. */
enum dcm_event_type {
    DCM_EVENT_VALUE = 1,
    DCM_EVENT_DATASET,
    DCM_EVENT_SEQ,
    DCM_EVENT_ITEM,
    DCM_EVENT_ITEM_END,
    DCM_EVENT_SEQ_END,
    DCM_EVENT_FRAGS,
    DCM_EVENT_FRAGMENT,
    DCM_EVENT_FRAGS_END,
    DCM_EVENT_END
};

/* A tag is 0xggggeeee. A VR is its two letters, 'P' << 8 | 'N', so that one
 * that the library does not know still has a value. */
#define DCM_TAG(group, element) \
    ((uint32_t)(group) << 16 | (uint32_t)(element))
#define DCM_VR(a, b) ((uint16_t)((uint16_t)(a) << 8 | (uint16_t)(b)))
#define DCM_UNDEFINED 0xFFFFFFFFu /* undefined length */

/* Flags of an event. */
#define DCM_BIG_ENDIAN 1u /* the value's words are big endian */
#define DCM_IMPLICIT 2u   /* stored without a VR */
#define DCM_CUT 4u        /* the value stops short: the input ended */
#define DCM_DUPLICATE 8u  /* an earlier element of the level has this tag */
#define DCM_DEFLATED 16u  /* offsets count in the inflated data set */
/* The value is somewhere else: data and size are a URI that names it, in
 * UTF-8 (BulkDataURI of PS3.18 F.2.2, BulkData of PS3.19 A.1.5). */
#define DCM_REFERENCE 32u

struct dcm_scope;
struct dcm_source;

struct dcm_event {
    enum dcm_event_type type;
    uint32_t tag;      /* of the element; items and ends: of their SEQ */
    uint16_t vr;       /* to read the value by: never ambiguous */
    uint16_t stored;   /* the two VR bytes in the file, 0 if none */
    uint32_t length;   /* as stored; DCM_UNDEFINED included */
    uint32_t number;   /* ITEM, FRAGMENT: 1, 2, ... */
    unsigned depth;    /* items around it: 0 at the top */
    unsigned flags;
    uint64_t offset;       /* of the header, from the start of the input */
    uint64_t value_offset; /* of the value; ends: where the end is */
    uint64_t size;         /* bytes in the value */
    /* The value's bytes, all `size` of them; NULL for a value of more than
     * DCM_VALUE_LOADED bytes and for every FRAGMENT but the first: pull it
     * with dcm_event_read(), or leave it. */
    const uint8_t *data;
    const struct dcm_scope *scope;
    struct dcm_source *source;
    /* Where the bytes of the value, all of them as they are, stand at
     * value_offset and can be read again; NULL: nowhere. Lasts as long as
     * whoever opened it lets it. */
    struct dcm_input *input;
};
#define DCM_VALUE_LOADED 65536u

/* The next at most n bytes of the value of the event that its source gave
 * last; *got < n only at the end of the value. */
DCM_API enum dcm_status dcm_event_read(const struct dcm_event *event,
                                       void *buffer, size_t n, size_t *got);
/* The path of the event's element, "(0040,A730)[2]/(0040,A124)", cut to fit
 * and always terminated; returns buffer. */
DCM_API const char *dcm_event_path(const struct dcm_event *event,
                                   char *buffer, size_t size);
/* The Private Creator that reserves the block of a private tag (PS3.5
 * 7.8.1), or NULL; *length in bytes, no terminator. */
DCM_API const char *dcm_event_creator(const struct dcm_event *event,
                                      size_t *length);

/* A source of events. To write one of your own, fill in the three calls. */
struct dcm_source {
    enum dcm_status (*next)(struct dcm_source *, struct dcm_event *);
    enum dcm_status (*read)(struct dcm_source *, void *, size_t, size_t *);
    const struct dcm_error *(*error)(const struct dcm_source *);
};

/* A sink of events. */
struct dcm_sink {
    enum dcm_status (*put)(struct dcm_sink *, const struct dcm_event *);
    const struct dcm_error *(*error)(const struct dcm_sink *);
};

/* Moves all events. The first failure of either side ends it, and *error
 * (may be NULL) holds its details. After DCM_ERR_TRUNCATED of the source the
 * sink has had the closing events too: what it wrote is whole, but partial. */
DCM_API enum dcm_status dcm_pump(struct dcm_source *source,
                                 struct dcm_sink *sink,
                                 struct dcm_error *error);

/* ------------------------------------------------------------- 4 reader */

/* Part 10 files and bare data sets (PS3.10 7, PS3.5 7 and A). */
struct dcm_reader;

struct dcm_reader_options {
    size_t size; /* sizeof(struct dcm_reader_options) */
    struct dcm_policy *policy;       /* NULL: lenient and silent */
    const struct dcm_limits *limits; /* NULL: the defaults; copied */
    /* Specific Character Set to assume where (0008,0005) is absent or
     * empty, and to use whatever it says. NULL: neither. */
    const char *charset_assume;
    const char *charset_force;
    size_t chunk;         /* bytes asked of the input at a time; 0: default */
    int keep_unknown;     /* leave UN of a known tag UN (PS3.5 6.2.2) */
    int keep_all;         /* also hand out what is dropped by default: group
                           * lengths, padding, repeated tags */
};

/* NULL when there is no memory. `options` may be NULL. */
DCM_API struct dcm_reader *
dcm_reader_new(const struct dcm_reader_options *options);
DCM_API void dcm_reader_free(struct dcm_reader *reader);
/* Starts on an input, which must outlive its use here; a reader can be used
 * for one input after another. */
DCM_API void dcm_reader_open(struct dcm_reader *reader,
                             struct dcm_input *input);
/* The next event; DCM_DONE after END. Failures are sticky. When the input
 * ends too early, the events that close what is open come first, without an
 * END, and then DCM_ERR_TRUNCATED. */
DCM_API enum dcm_status dcm_reader_next(struct dcm_reader *reader,
                                        struct dcm_event *event);
DCM_API const struct dcm_error *
dcm_reader_error(const struct dcm_reader *reader);
DCM_API struct dcm_source *dcm_reader_source(struct dcm_reader *reader);
/* Transfer Syntax UID in use, known from the DATASET event on; "" before. */
DCM_API const char *dcm_reader_syntax(const struct dcm_reader *reader);

/* -------------------------------------------------------- 5 JSON writer */

/* The DICOM JSON Model (PS3.18 Annex F). */
struct dcm_json_writer;

enum dcm_bulk { DCM_BULK_URI, DCM_BULK_INLINE, DCM_BULK_OMIT };
enum dcm_numbers {
    DCM_NUMBERS_AUTO,   /* DS, IS, SV, UV: number if nothing is lost */
    DCM_NUMBERS_STRING, /* always a string */
    DCM_NUMBERS_NUMBER  /* a number wherever JSON can hold it */
};

/* Writes the URI of a bulk value into buffer and returns its length, or
 * SIZE_MAX to fail the conversion. `event` is the VALUE, or the FRAGS_END
 * with offset, value_offset and size set to those of the whole value field;
 * of a VALUE, the bytes may be pulled. */
typedef size_t dcm_bulk_uri_fn(void *user, const struct dcm_event *event,
                               char *buffer, size_t size);

struct dcm_json_options {
    size_t size; /* sizeof(struct dcm_json_options) */
    struct dcm_policy *policy;
    const struct dcm_limits *limits;
    int pretty;        /* indented, one attribute a line */
    int meta;          /* group 0002 too, without its length */
    int keywords;      /* names are keywords where there are any */
    int charset_utf8;  /* say ISO_IR 192 in (0008,0005) */
    enum dcm_numbers numbers;
    enum dcm_bulk bulk;
    uint64_t bulk_size;       /* values over it are bulk; default 1024 */
    const uint16_t *bulk_vrs; /* 0 at the end; NULL: OB OD OF OL OV OW UN */
    dcm_bulk_uri_fn *uri;     /* NULL: "bulkdata/" and the path of tags */
    /* FRAGS and FRAGMENT events, for one who stores them; may be NULL. */
    enum dcm_status (*fragment)(void *user, const struct dcm_event *event);
    void *user;
};

/* Writes to `output`, which must outlive the writer. NULL: no memory. */
DCM_API struct dcm_json_writer *
dcm_json_writer_new(const struct dcm_json_options *options,
                    struct dcm_output *output);
DCM_API void dcm_json_writer_free(struct dcm_json_writer *writer);
DCM_API struct dcm_sink *dcm_json_writer_sink(struct dcm_json_writer *writer);
/* Ends a document that a truncated source left open. */
DCM_API enum dcm_status
dcm_json_writer_close(struct dcm_json_writer *writer);
/* Ready for another document on the same output. */
DCM_API void dcm_json_writer_clear(struct dcm_json_writer *writer);

/* -------------------------------------------------------- 6 dump writer */

/* One line an element, for people. Control characters are made visible. */
struct dcm_dump_writer;

struct dcm_dump_options {
    size_t size; /* sizeof(struct dcm_dump_options) */
    struct dcm_policy *policy;
    unsigned width;  /* columns of a line; 0: 80; UINT_MAX: no cut */
    int color;
    int no_offsets;  /* leave out the first column */
    int raw;         /* values as hex bytes */
};

DCM_API struct dcm_dump_writer *
dcm_dump_writer_new(const struct dcm_dump_options *options,
                    struct dcm_output *output);
DCM_API void dcm_dump_writer_free(struct dcm_dump_writer *writer);
DCM_API struct dcm_sink *dcm_dump_writer_sink(struct dcm_dump_writer *writer);

/* ---------------------------------------------------------- 7 selection */

/* A source that passes on part of another's events. */
struct dcm_select;

/* Passes what `source` gives. NULL: no memory. */
DCM_API struct dcm_select *dcm_select_new(struct dcm_source *source);
DCM_API void dcm_select_free(struct dcm_select *select);
DCM_API struct dcm_source *dcm_select_source(struct dcm_select *select);
/* Only this attribute (and others added so), with all that is in it. A path
 * is keywords or hex tags joined by dots, items in brackets from 1, all
 * items without: "PatientName", "00081140.00081155", "(0040,A730)[2].CodeValue",
 * "0040A730[2].ConceptNameCodeSequence".  A tag is also matched inside
 * any item when the path begins with "**." DCM_ERR_ARGUMENT: no such path. */
DCM_API enum dcm_status dcm_select_add(struct dcm_select *select,
                                       const char *path);
/* Stop before the first top level element with this tag or a higher one. */
DCM_API void dcm_select_until(struct dcm_select *select, uint32_t tag);
/* Leave out 7FE0,0008, 0009 and 0010, at every level. */
DCM_API void dcm_select_no_pixel(struct dcm_select *select);
/* Back to the first event of `source`, for a new input. */
DCM_API void dcm_select_clear(struct dcm_select *select);

/* --------------------------------------------------------------- 8 text */

/* Decodes the text of elements (PS3.5 6.1, PS3.3 C.12.1.1.2) to UTF-8. */
struct dcm_text;
DCM_API struct dcm_text *dcm_text_new(void);
DCM_API void dcm_text_free(struct dcm_text *text);
/* Starts on the loaded value of an event of a text VR. */
DCM_API void dcm_text_open(struct dcm_text *text,
                           const struct dcm_event *event);
/* The next of its values, without padding: *value, *length bytes of UTF-8,
 * valid until the next call on `text`; 0 when there are no more. */
DCM_API int dcm_text_next(struct dcm_text *text, const char **value,
                          size_t *length);

/* ------------------------------------------------------- 9 dictionaries */

/* A row of PS3.6 or of a private dictionary. All text is static. */
struct dcm_attribute {
    uint32_t tag;        /* of the row; x digits of a pattern are 0 */
    const char *keyword; /* "" when the row has none */
    const char *name;
    const char *vm;
    uint16_t vrs[3];     /* one to three alternatives, 0 for none */
    int retired;
};

/* Looks a public tag up, repeating groups (60xx) included: 1 if found. */
DCM_API int dcm_attribute_find(uint32_t tag, struct dcm_attribute *row);
/* By keyword, exact: 1 if found. */
DCM_API int dcm_attribute_find_keyword(const char *keyword, size_t length,
                                       struct dcm_attribute *row);
/* A private element by the creator of its block: 1 if found. */
DCM_API int dcm_attribute_find_private(const char *creator, size_t length,
                                       uint32_t tag,
                                       struct dcm_attribute *row);
/* "PatientName", "00100010", "(0010,0010)" or "0010,0010": 1 if it is a tag */
DCM_API int dcm_tag_parse(const char *text, size_t length, uint32_t *tag);

struct dcm_uid {
    const char *uid, *keyword, *name, *type;
    int retired;
};
/* A UID of PS3.6 Annex A, or a well-known private one: 1 if found. */
DCM_API int dcm_uid_find(const char *uid, size_t length, struct dcm_uid *row);
DCM_API int dcm_uid_find_keyword(const char *keyword, size_t length,
                                 struct dcm_uid *row);

/* ----------------------------------------------------- 10 Part 10 writer */

/* Events to a Part 10 file or a bare data set (PS3.10 7.1, PS3.5 7 and A). */
struct dcm_writer;

enum dcm_lengths {
    DCM_LENGTHS_KEEP,     /* of sequences and items: as in the source where
                           * their content is unchanged, else explicit */
    DCM_LENGTHS_EXPLICIT, /* counted; undefined all the same of UN sequences,
                           * and of private ones that lose their VR, for
                           * nothing else tells what they are */
    DCM_LENGTHS_UNDEFINED /* with delimiters */
};

struct dcm_writer_options {
    size_t size; /* sizeof(struct dcm_writer_options) */
    struct dcm_policy *policy;
    const struct dcm_limits *limits;
    /* Transfer Syntax UID to write; NULL: that of the source. Uncompressed
     * and deflated syntaxes change into each other; an encapsulated one is
     * only kept (DCM_ERR_UNSUPPORTED otherwise). */
    const char *syntax;
    enum dcm_lengths lengths;
    int bare;                /* no preamble and no group 0002 */
    const uint8_t *preamble; /* 128 bytes to write, or NULL: zero */
    /* Specific Character Set to write text in, terms joined by '\'
     * ("ISO_IR 192", "\\ISO 2022 IR 87"); NULL: bytes stay as they are. */
    const char *charset;
    /* Write what conforms: no group lengths and padding, UN of known tags by
     * the dictionary's VR, no VR that is not in the standard. */
    int mend;
    /* Write text in the set that each data set and item names in its own
     * (0008,0005), or inherits, whatever set it is in. For sources whose text
     * is in UTF-8 although (0008,0005) may say something else, as the JSON
     * reader; not together with `charset`. */
    int charset_declared;
};

/* Counted lengths are put in after the content: `output` must be memory or a
 * regular file (see dcm_output_can_patch()); to any other one, sequences
 * whose length is not known beforehand have undefined length. NULL: no
 * memory. */
DCM_API struct dcm_writer *
dcm_writer_new(const struct dcm_writer_options *options,
               struct dcm_output *output);
DCM_API void dcm_writer_free(struct dcm_writer *writer);
DCM_API struct dcm_sink *dcm_writer_sink(struct dcm_writer *writer);
/* Ready for another file. */
DCM_API void dcm_writer_clear(struct dcm_writer *writer);
/* Whether bytes already written can be changed: memory, or a regular file
 * opened for reading and writing or writing. */
DCM_API int dcm_output_can_patch(const struct dcm_output *output);

/* --------------------------------------------------------------- 11 tree */

/* A data set in memory, for what a stream can't do: find, change, sort. All
 * of it lies in one arena and goes with dcm_dataset_free(). Values of more
 * than DCM_VALUE_LOADED bytes stay references to the `input` of their event,
 * where there is one: it must then outlive the tree. */
struct dcm_dataset;
struct dcm_element; /* of a data set or item; lives as long as the tree */
struct dcm_item;

DCM_API struct dcm_dataset *dcm_dataset_new(const struct dcm_limits *limits);
DCM_API void dcm_dataset_free(struct dcm_dataset *dataset);
/* Forgets all content. */
DCM_API void dcm_dataset_clear(struct dcm_dataset *dataset);
/* The sink that fills the tree, sorting tags and dropping repeated ones. */
DCM_API struct dcm_sink *dcm_dataset_sink(struct dcm_dataset *dataset);
/* From the next dcm_dataset_sink() on, text is kept in UTF-8, whatever set it
 * comes in; (0008,0005) stays as it is. To be written with charset_declared
 * or a charset. */
DCM_API void dcm_dataset_keep_utf8(struct dcm_dataset *dataset, int on);
/* A source of the tree's events, from its beginning. One at a time. */
DCM_API struct dcm_source *dcm_dataset_source(struct dcm_dataset *dataset);

/* An element by path: keywords or hex tags joined by dots, items in brackets
 * from 1 ("0040A730[2].CodeValue"; without a bracket the first item). NULL:
 * not there, or no such path. */
DCM_API struct dcm_element *dcm_dataset_find(struct dcm_dataset *dataset,
                                             const char *path);
/* Sets the value of an attribute from UTF-8 text, values separated by '\',
 * numbers in decimal, bytes as hex; makes the element, and items on the way
 * (at most one more than there are), when they are not there. VR: that of
 * the element there, else the dictionary's. "PATH:VR" names another. Private
 * tags get a block: "(0009,xx01,\"CREATOR\")" finds or reserves one (PS3.5
 * 7.8.1). Details of a failure in *error. */
DCM_API enum dcm_status dcm_dataset_set(struct dcm_dataset *dataset,
                                        const char *path, const char *value,
                                        struct dcm_error *error);
/* Removes an element, or with a bracket at the end an item. DCM_DONE: was
 * not there. */
DCM_API enum dcm_status dcm_dataset_remove(struct dcm_dataset *dataset,
                                           const char *path,
                                           struct dcm_error *error);
/* Moves a top level element (group 0002 too) from another data set, when
 * `dataset` has none of that tag; DCM_DONE: there was nothing to move. `from`
 * must outlive `dataset`. */
DCM_API enum dcm_status dcm_dataset_take(struct dcm_dataset *dataset,
                                         struct dcm_dataset *from,
                                         uint32_t tag);
/* Takes all that is there to take. */
DCM_API void dcm_dataset_take_all(struct dcm_dataset *dataset,
                                  struct dcm_dataset *from);
/* The Transfer Syntax UID that the tree's values are in: that of the source
 * it was filled from. Setting one changes no value. */
DCM_API const char *dcm_dataset_syntax(const struct dcm_dataset *dataset);
DCM_API enum dcm_status dcm_dataset_set_syntax(struct dcm_dataset *dataset,
                                               const char *uid);
/* Reading it. Views last until the element changes. */
DCM_API uint32_t dcm_element_tag(const struct dcm_element *element);
DCM_API uint16_t dcm_element_vr(const struct dcm_element *element);
DCM_API uint64_t dcm_element_size(const struct dcm_element *element);
/* Value bytes as stored; NULL for a sequence and for a reference. */
DCM_API const uint8_t *dcm_element_data(const struct dcm_element *element);

/* ------------------------------------------------------------- 12 frames */

/* Where each frame of Pixel Data lies (PS3.5 A.4, 8.1.1). */
struct dcm_frames;

/* The sink that finds them: give it all events of a data set; the next one
 * starts anew. Fails when fragments cannot be told apart into frames. */
DCM_API struct dcm_frames *dcm_frames_new(struct dcm_policy *policy);
DCM_API void dcm_frames_free(struct dcm_frames *frames);
DCM_API struct dcm_sink *dcm_frames_sink(struct dcm_frames *frames);
/* How many there are, whatever the data set says; 0 without Pixel Data. A
 * video counts as one. */
DCM_API uint64_t dcm_frames_count(const struct dcm_frames *frames);
/* Bytes in frame n, from 1, as stored: one more than dcm_frames_read() gives
 * when a byte of padding follows an EOI and no Extended Offset Table says so.
 * UINT64_MAX: no such frame. */
DCM_API uint64_t dcm_frames_size(const struct dcm_frames *frames, uint64_t n);
/* Copies at most size bytes of frame n from byte `from` on, reading nothing
 * else of the input: how many, 0 past its end, or -1 (then *error). With a
 * NULL buffer only says how many. The input must be one that can be read
 * again (file, memory). Bytes are as stored, so words may be big endian, with
 * two exceptions: a byte of padding after an EOI is left out, and a native
 * frame that does not begin with a byte (Bits Allocated 1) is moved to begin
 * with one, the bits after its last pixel 0. DCM_ERR_UNSUPPORTED: deflated
 * data sets with large frames, and big endian frames of odd size. */
DCM_API ptrdiff_t dcm_frames_read(const struct dcm_frames *frames,
                                  struct dcm_input *input, uint64_t n,
                                  uint64_t from, void *buffer, size_t size,
                                  struct dcm_error *error);
/* A file name's ending for a frame's bytes by transfer syntax: "jpg", "j2k",
 * "jls", "jhc", "jxl", "rle", "mpg", "mp4", "deflate", "raw"; "jp2" for a
 * JPEG 2000 file where a code stream belongs, "bin" when not known. Static. */
DCM_API const char *dcm_frames_extension(const struct dcm_frames *frames);

/* -------------------------------------------------------- 13 JSON reader */

/* Part of an input, from an offset on. */
struct dcm_bulk_data {
    struct dcm_input *input;
    uint64_t offset, size;
    unsigned flags; /* DCM_BIG_ENDIAN: words of the VR's size are */
};

/* Finds what a BulkDataURI names: `uri`, not terminated. `event` has tag, VR,
 * scope, and the place of the URI as offset. The input must stay until END
 * when the events go into a tree, else until the next call. `number` counts
 * from 0; for Pixel Data, numbers after 0 are asked until the answer is
 * DCM_DONE: then each is one frame. A failure's details go into *error. */
typedef enum dcm_status dcm_bulk_open_fn(void *user,
                                         const struct dcm_event *event,
                                         const char *uri, size_t length,
                                         unsigned number,
                                         struct dcm_bulk_data *data,
                                         struct dcm_error *error);

/* The DICOM JSON Model (PS3.18 Annex F): one data set, or an array of them.
 * Values come as Explicit VR Little Endian has them and text is in UTF-8,
 * whatever (0008,0005) says; lengths of sequences and items are undefined.
 *
 * A stream has tags in order, and (0008,0005) and group 0002 before what hangs
 * on them. Text that has not fails with dcm_json_reader_wants_tree(): read it
 * again with any_order, through a tree. */
struct dcm_json_reader;

struct dcm_json_reader_options {
    size_t size; /* sizeof(struct dcm_json_reader_options) */
    struct dcm_policy *policy;
    const struct dcm_limits *limits;
    /* NULL: a BulkDataURI becomes a VALUE with DCM_REFERENCE. */
    dcm_bulk_open_fn *bulk;
    void *user;
    /* Transfer Syntax UID when there is no (0002,0010); NULL: Explicit VR
     * Little Endian. It decides how bulk Pixel Data is read: in an
     * encapsulated one as a series of items (PS3.5 A.4) when it begins with
     * an item tag, else as one frame. */
    const char *syntax;
    /* Attributes may come in any order, repeated (the last counts), and bulk
     * Pixel Data that begins with an item tag is encapsulated whatever the
     * transfer syntax. For dcm_dataset_sink(). */
    int any_order;
    int binary_numbers; /* InlineBinary for every VR but SQ */
};

DCM_API struct dcm_json_reader *
dcm_json_reader_new(const struct dcm_json_reader_options *options);
DCM_API void dcm_json_reader_free(struct dcm_json_reader *reader);
/* Starts on an input, which must outlive its use here. One that can't be read
 * again is read into memory first, up to the limit `value`. */
DCM_API void dcm_json_reader_open(struct dcm_json_reader *reader,
                                  struct dcm_input *input);
/* Sets the order anew, before dcm_json_reader_open(). */
DCM_API void dcm_json_reader_any_order(struct dcm_json_reader *reader, int on);
DCM_API struct dcm_source *
dcm_json_reader_source(struct dcm_json_reader *reader);
DCM_API const struct dcm_error *
dcm_json_reader_error(const struct dcm_json_reader *reader);
/* After DCM_DONE: whether the array has another data set; then the source
 * goes on with it. -1: what follows is wrong (see dcm_json_reader_error()).
 * An empty array has none: the first event of it is DCM_DONE. */
DCM_API int dcm_json_reader_more(struct dcm_json_reader *reader);
/* Before a data set's first event: past all of it, which only has to be JSON.
 * Returns what dcm_json_reader_more() would. */
DCM_API int dcm_json_reader_skip(struct dcm_json_reader *reader);
/* The last failure would not be one with any_order. */
DCM_API int dcm_json_reader_wants_tree(const struct dcm_json_reader *reader);
/* Text beyond ASCII came where no (0008,0005) is in force: only with
 * any_order, else that wants a tree. */
DCM_API int dcm_json_reader_wants_charset(const struct dcm_json_reader *reader);
/* How many data sets an opened input has, counted up to `most`: 0 for an empty
 * array, -1 when the text is wrong before it can be said. Before the first
 * event only; the reader stands where it stood. */
DCM_API int dcm_json_reader_count(struct dcm_json_reader *reader, int most);

/* -------------------------------------------------------------- 14 images */

/* What follows from a compressed image's own header (PS3.5 8.2, A.4; PS3.3
 * C.7.6.3): JPEG, JPEG-LS, JPEG 2000 and HTJ2K, the latter two also in JP2
 * files. */
struct dcm_image {
    size_t size; /* sizeof(struct dcm_image) */
    const char *syntax;      /* Transfer Syntax UID, static */
    const char *photometric; /* "YBR_FULL_422", static */
    uint32_t rows, columns;  /* 1 to 65535 */
    unsigned samples;        /* 1 or 3 */
    unsigned bits_allocated, bits_stored;
    int is_signed;
    int is_lossy;
    const char *method;    /* "ISO_10918_1"; NULL when not lossy */
    uint64_t offset;       /* of the code stream, and its bytes */
    uint64_t length;
    int lacks_end;         /* FF D9 has to be put behind it */
    unsigned orientation;  /* of EXIF, 1 to 8; 0: none */
    int subsampled;        /* chroma is */
};

struct dcm_image_options {
    size_t size; /* sizeof(struct dcm_image_options) */
    struct dcm_policy *policy;
    int allow_retired; /* progressive JPEG as 1.2.840.10008.1.2.4.55 */
};

/* Reads headers and goes through the entropy-coded data to its end; decodes
 * nothing, but where the end is missing: an image that lacks more than its
 * end is DCM_ERR_TRUNCATED. The input must be one that can be read again
 * (file, memory). DCM_ERR_UNSUPPORTED names what DICOM has no place for. */
DCM_API enum dcm_status dcm_image_read(struct dcm_image *image,
                                       struct dcm_input *input,
                                       const struct dcm_image_options *options,
                                       struct dcm_error *error);

/* Pixel Data of compressed frames, each one fragment of an input that must
 * outlive the data set, after an empty Basic Offset Table (PS3.5 A.4); in
 * place of what was there. The data set's transfer syntax becomes `syntax`. */
DCM_API enum dcm_status
dcm_dataset_set_frames(struct dcm_dataset *dataset, const char *syntax,
                       const struct dcm_bulk_data *frames, size_t count,
                       struct dcm_error *error);

/* -------------------------------------------------------- 15 XML writer */

/* The Native DICOM Model (PS3.19 A.1). */
struct dcm_xml_writer;

struct dcm_xml_options {
    size_t size; /* sizeof(struct dcm_xml_options) */
    struct dcm_policy *policy;
    const struct dcm_limits *limits;
    int pretty;       /* indented, but never inside a value */
    int meta;         /* group 0002 too, without its length */
    int name_space;   /* xmlns of PS3.19 A.1.6 on the root element */
    int creators;     /* Private Creator elements too, which are implied */
    int charset_utf8; /* say ISO_IR 192 in (0008,0005) */
    /* As in struct dcm_json_options. */
    enum dcm_bulk bulk;
    uint64_t bulk_size;
    const uint16_t *bulk_vrs;
    dcm_bulk_uri_fn *uri;
    enum dcm_status (*fragment)(void *user, const struct dcm_event *event);
    void *user;
};

/* Writes to `output`, which must outlive the writer. NULL: no memory. */
DCM_API struct dcm_xml_writer *
dcm_xml_writer_new(const struct dcm_xml_options *options,
                   struct dcm_output *output);
DCM_API void dcm_xml_writer_free(struct dcm_xml_writer *writer);
DCM_API struct dcm_sink *dcm_xml_writer_sink(struct dcm_xml_writer *writer);
/* Ends a document that a truncated source left open. */
DCM_API enum dcm_status dcm_xml_writer_close(struct dcm_xml_writer *writer);
/* Ready for another document on the same output. */
DCM_API void dcm_xml_writer_clear(struct dcm_xml_writer *writer);

/* -------------------------------------------------------- 16 XML reader */

/* The Native DICOM Model: one data set. Private attributes get a block in
 * their data set or item, and the creator element that reserves it (PS3.5
 * 7.8.1), so they come in no order: give the events to dcm_dataset_sink().
 * Text is in UTF-8 and values are as of the JSON reader. Nothing is fetched,
 * a document type declaration is refused. */
struct dcm_xml_reader;

struct dcm_xml_reader_options {
    size_t size; /* sizeof(struct dcm_xml_reader_options) */
    struct dcm_policy *policy;
    const struct dcm_limits *limits;
    /* As in struct dcm_json_reader_options. */
    dcm_bulk_open_fn *bulk;
    void *user;
    const char *syntax;
    int binary_numbers;
};

/* NULL: no memory. */
DCM_API struct dcm_xml_reader *
dcm_xml_reader_new(const struct dcm_xml_reader_options *options);
DCM_API void dcm_xml_reader_free(struct dcm_xml_reader *reader);
/* Starts on an input, which must outlive its use here. Of one that can't be
 * read again, bytes in line have to fit the limit `value`. */
DCM_API void dcm_xml_reader_open(struct dcm_xml_reader *reader,
                                 struct dcm_input *input);
DCM_API struct dcm_source *dcm_xml_reader_source(struct dcm_xml_reader *reader);
DCM_API const struct dcm_error *
dcm_xml_reader_error(const struct dcm_xml_reader *reader);
/* As of the JSON reader. */
DCM_API int dcm_xml_reader_wants_charset(const struct dcm_xml_reader *reader);

#ifdef __cplusplus
}
#endif
#endif
