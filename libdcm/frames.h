/* Sink. What the files of frames share. frames.c is the sink, and tells how
 * many frames there are; frames_assemble.c divides fragments and native
 * values into frames, frames_codec.c knows how frames of each transfer syntax
 * begin, end and are called, frames_read.c copies them out. */
#ifndef DCM_FRAMES_H
#define DCM_FRAMES_H

#include "cursor.h"
#include "policy.h"
#include "syntax.h"

/* How the first bytes of a frame can be told. */
enum mark { NO_MARK, SOI, SOC, SEGMENTS };

struct codec {
    char uid[8];       /* what the UID begins with, after 1.2.840.10008.1.2 */
    char extension[8]; /* of a file that holds one frame */
    uint8_t mark;
    uint8_t eoi; /* a frame ends with FFD9, and maybe a byte of padding */
};

/* 16 bytes a fragment: there may be millions. */
struct fragment {
    uint64_t before; /* bytes of fragments before it */
    uint64_t at;     /* offset of its first byte, and two flags on top */
};
#define STARTS (UINT64_C(1) << 63) /* its bytes look like a frame's first */
#define PADDED (UINT64_C(1) << 62) /* its last byte is known to be padding */
#define AT_MASK (PADDED - 1)

/* An offset table, as stored: little endian words. */
struct table {
    uint8_t *data;
    size_t size;
    uint64_t at; /* offset of its first byte */
    int there;   /* has bytes; none are kept when their number is wrong */
};

/* How frames lie in the fragments or the value. */
enum shape {
    NO_FRAMES,
    NATIVE, /* in one value, without gaps between them */
    ONE,    /* all fragments are one frame */
    EACH,   /* each fragment is a frame */
    GROUPS  /* firsts[] says with which fragment each begins */
};

struct dcm_frames {
    struct dcm_sink sink;
    struct dcm_policy *policy;
    struct dcm_error error;
    unsigned syntax; /* flags of syntax.h */
    const struct codec *codec;
    int boxed; /* JPEG 2000 with a file format around it */

    uint64_t stated; /* Number of Frames; 0 when not stated */
    uint32_t rows, columns, samples, bits;
    int subsampled; /* YBR_..._422 */

    struct table basic, offsets, lengths;
    struct fragment *fragments;
    size_t n, max;
    uint64_t total; /* bytes of all fragments */
    int again;      /* these are of a repeated element: not heeded */

    enum shape shape;
    uint64_t count;
    uint32_t *firsts;  /* GROUPS: count of them */
    int tails_known;   /* every byte of padding is marked */
    uint64_t value_at; /* NATIVE */
    uint64_t value_size;
    uint64_t frame_bits;
    int deflated;  /* value_at counts in the inflated data set */
    int swapped;   /* 16-bit words, high byte first */
    uint8_t *held; /* the value, if deflated and small */
};

/* frames.c: forgets an offset table. */
void dcm_frames_drop(struct table *t);

/* frames_codec.c: the row for a UID, padding removed; never NULL. */
const struct codec *dcm_frames_codec(const char *uid, size_t n);
/* A better row, where the transfer syntax told nothing. */
const struct codec *dcm_frames_sniff(const struct codec *codec,
                                     const uint8_t *head, size_t n);
/* Whether a frame begins with these bytes; 8 are enough to tell. */
int dcm_frames_starts(const struct codec *codec, const uint8_t *head, size_t n);
/* Whether they begin a JPEG 2000 file, rather than a code stream. */
int dcm_frames_boxed(const uint8_t *head, size_t n);

/* frames_assemble.c: sets shape and count when all fragments are known, or
 * the value is. */
enum dcm_status dcm_frames_assemble(struct dcm_frames *f,
                                    const struct dcm_event *ev);
enum dcm_status dcm_frames_divide(struct dcm_frames *f,
                                  const struct dcm_event *ev, uint32_t bits);
/* The fragments [*first, *end) of frame n, from 1. */
void dcm_frames_span(const struct dcm_frames *f, uint64_t n, size_t *first,
                     size_t *end);

/* Bytes of all fragments before number i, counted from 0; i == n: of all. */
static inline uint64_t dcm_frames_before(const struct dcm_frames *f, size_t i)
{
    return i < f->n ? f->fragments[i].before : f->total;
}

#endif
