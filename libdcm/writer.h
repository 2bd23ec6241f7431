/* Sink. What the files of the Part 10 writer share: its state, its levels, how
 * it fails. writer.c is the way in; writer_level.c writes sequences, items and
 * their lengths, writer_value.c elements and fragments, writer_text.c text in
 * another character set, writer_meta.c what comes before the data set,
 * writer_directory.c the offsets in a DICOMDIR. */
#ifndef DCM_WRITER_H
#define DCM_WRITER_H

#include "charset_encode.h"
#include "cursor.h"
#include "deflate.h"
#include "header.h"
#include "output.h"
#include "policy.h"
#include "syntax.h"

#define UID_ROOM 72 /* 64 characters, padding and what is too long by a bit */
#define LONGEST 0xFFFFFFFEu /* an even length below DCM_UNDEFINED */

enum writer_state { WRITER_META, WRITER_BODY, WRITER_ENDED };

/* An open sequence or item. */
struct writer_level {
    uint64_t at;             /* position of its length field */
    uint32_t length;         /* as written so far; DCM_UNDEFINED: a delimiter */
    uint32_t tag;            /* of the sequence; ITEM: 0 */
    uint8_t changes;         /* its content may get another length */
    struct dcm_encoding enc; /* of what is in it */
    struct dcm_charset charset; /* declared around an item */
    int charset_bad;
};

/* Group 0002 of the source, what is worth keeping: its values lie one after
 * the other. */
#define KEPT_VALUES 24
struct writer_kept {
    uint32_t tag;
    size_t at, size;
};
struct writer_bytes {
    uint8_t *data;
    size_t size, capacity;
};

/* The offsets in a DICOMDIR: rows of writer_directory.c. */
struct writer_directory {
    int active; /* there is something to put right in the end */
    struct writer_bytes records, links;
};

struct dcm_writer {
    struct dcm_sink sink;
    struct dcm_writer_options options;
    struct dcm_limits limits;
    uint8_t preamble[128];
    char target[UID_ROOM]; /* options.syntax; "": that of the source */

    struct dcm_output *output; /* the caller's */
    struct dcm_output *o;      /* the data set's: output, or deflate.output */
    struct dcm_deflate deflate;
    uint64_t output_limit; /* that we set; UINT64_MAX: none */
    struct dcm_error error;

    enum writer_state state;
    int can_patch;
    int keep_group_lengths;
    int in_frags;
    uint64_t skipped; /* open things of a repeated element that is left out */
    unsigned ts_flags;
    struct dcm_encoding enc;                 /* of the current level */
    char source[UID_ROOM], syntax[UID_ROOM]; /* read from, written in */
    struct writer_level *levels;
    size_t n_levels, max_levels;

    int holding;    /* group 0002 is still to be put before the data set */
    uint64_t file;  /* position of the file's first byte */
    uint64_t begin; /* of the data set's; moves when group 0002 is put in */
    struct writer_directory directory;
    char sop_class[UID_ROOM], sop_instance[UID_ROOM]; /* of the data set */
    struct writer_kept kept[KEPT_VALUES];
    size_t n_kept;
    struct writer_bytes kept_bytes, scratch;

    int has_charset, charset_written;
    int charset_bad;            /* it is none to write in */
    struct dcm_charset charset; /* of options.charset, or declared here */
    char charset_terms[DCM_CHARSET_CANONICAL + 1];
    struct dcm_decoder *decoder;
    struct dcm_encoder *encoder;
};

/* Fails: the details go into w->error. `ev` may be NULL. */
enum dcm_status dcm_writer_fail(struct dcm_writer *w, enum dcm_status code,
                                const struct dcm_event *ev, const char *format,
                                ...) DCM_PRINTF(4, 5);
enum dcm_status dcm_writer_no_memory(struct dcm_writer *w);
/* What has failed below; DCM_OK when nothing. */
enum dcm_status dcm_writer_check(struct dcm_writer *w);
/* Room for n more bytes; 0 when there is no memory. */
int dcm_writer_room(struct writer_bytes *b, size_t n);

static inline void dcm_put16(char *p, unsigned v, int big)
{
    p[big] = (char)(v & 255);
    p[!big] = (char)(v >> 8 & 255);
}

static inline void dcm_put32(char *p, uint32_t v, int big)
{
    dcm_put16(p + (big ? 2 : 0), v & 0xFFFF, big);
    dcm_put16(p + (big ? 0 : 2), v >> 16, big);
}

static inline void dcm_put_tag(char *p, uint32_t tag, int big)
{
    dcm_put16(p, tag >> 16, big);
    dcm_put16(p + 2, tag & 0xFFFF, big);
}

/* An element header at p, which has room for 12 bytes: how many it took. The
 * three encodings and the two explicit forms side by side (PS3.5 7.1). */
static inline size_t dcm_put_header(char *p, struct dcm_encoding enc,
                                    uint32_t tag, uint16_t vr, int is_long,
                                    uint32_t length)
{
    dcm_put_tag(p, tag, enc.big);
    if (enc.implicit) {
        dcm_put32(p + 4, length, enc.big);
        return 8;
    }
    p[4] = (char)(vr >> 8);
    p[5] = (char)(vr & 255);
    if (!is_long) {
        dcm_put16(p + 6, length, enc.big);
        return 8;
    }
    p[6] = p[7] = 0;
    dcm_put32(p + 8, length, enc.big);
    return 12;
}

/* writer_level.c */
enum dcm_status dcm_writer_seq(struct dcm_writer *w,
                               const struct dcm_event *ev);
enum dcm_status dcm_writer_item(struct dcm_writer *w,
                                const struct dcm_event *ev);
/* Of an item or a sequence. */
enum dcm_status dcm_writer_end(struct dcm_writer *w,
                               const struct dcm_event *ev);

/* writer_value.c */
enum dcm_status dcm_writer_value(struct dcm_writer *w,
                                 const struct dcm_event *ev);
/* The same for an event whose data was made here. */
enum dcm_status dcm_writer_put_value(struct dcm_writer *w,
                                     const struct dcm_event *ev);
enum dcm_status dcm_writer_frags(struct dcm_writer *w,
                                 const struct dcm_event *ev);
enum dcm_status dcm_writer_fragment(struct dcm_writer *w,
                                    const struct dcm_event *ev);
enum dcm_status dcm_writer_frags_end(struct dcm_writer *w,
                                     const struct dcm_event *ev);

/* writer_directory.c */
#define DIRECTORY_RECORDS 0x00041220u
/* An item of (0004,1220), about to be written. */
enum dcm_status dcm_writer_record(struct dcm_writer *w,
                                  const struct dcm_event *ev);
/* A value of group 0004 that was just written. */
enum dcm_status dcm_writer_offset(struct dcm_writer *w,
                                  const struct dcm_event *ev);
/* At the end: each offset as it is in the output. */
enum dcm_status dcm_writer_link(struct dcm_writer *w);

/* writer_text.c: only with options.charset. */
void dcm_writer_take_charset(struct dcm_writer *w, const char *terms);
/* Ready to write in it; DCM_ERR_ARGUMENT when text can't be written so. */
enum dcm_status dcm_writer_start_charset(struct dcm_writer *w);
/* Before an element of the top level: (0008,0005) in its place when the
 * source has none. */
enum dcm_status dcm_writer_add_charset(struct dcm_writer *w,
                                       const struct dcm_event *ev);
/* 1: *ev is to be written, changed or not (then its bytes live until the next
 * call); 0: it is not; -1: failed. */
int dcm_writer_text(struct dcm_writer *w, struct dcm_event *ev);

/* writer_meta.c */
/* A VALUE of group 0002. */
enum dcm_status dcm_writer_keep(struct dcm_writer *w,
                                const struct dcm_event *ev);
/* A VALUE of the top level up to (0008,0018). */
void dcm_writer_note(struct dcm_writer *w, const struct dcm_event *ev);
/* Preamble and group 0002, before what is held of the data set. */
enum dcm_status dcm_writer_settle(struct dcm_writer *w);

#endif
