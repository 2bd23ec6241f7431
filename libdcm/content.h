/* Language. One value on its way to a document of text (JSON, XML): its bytes
 * in pieces, and what of it deviates from the standard. Knows nothing of how a
 * document looks. Text is walked over in content_text.c. */
#ifndef DCM_CONTENT_H
#define DCM_CONTENT_H

#include "event.h"
#include "output.h"
#include "plain.h"
#include "policy.h"
#include "text.h"
#include "vr.h"

/* Bytes of a large value at a time: whole units of 8, and of 3 for base64. */
#define DCM_CONTENT_PIECE (48u << 10)

/* Bits of `issues`. */
enum {
    DCM_CONTENT_FORM = 1,      /* a DS or IS that is no number */
    DCM_CONTENT_GROUPS = 2,    /* more than three groups in a name */
    DCM_CONTENT_COMPONENTS = 4 /* more than five components in one */
};

struct dcm_content {
    struct dcm_output *output;
    struct dcm_policy *policy;
    struct dcm_error *error;       /* where failures are told */
    enum dcm_status source_status; /* a source that could not be read */
    struct dcm_text text;
    int wide;       /* text beyond ASCII has come in this document */
    uint8_t *piece; /* DCM_CONTENT_PIECE bytes, made when first needed */
    uint8_t *whole; /* of a text pulled from its source */
    size_t whole_size;
    /* Of the value being written. */
    const struct dcm_event *event;
    const struct dcm_vr *vr;
    uint64_t at;       /* bytes taken from it */
    unsigned controls; /* DCM_MET_... */
    size_t longest;    /* over-long value: characters */
    unsigned issues;
};

void dcm_content_init(struct dcm_content *c, struct dcm_output *output);
void dcm_content_release(struct dcm_content *c);

/* Onto a value. */
static inline void dcm_content_start(struct dcm_content *c,
                                     const struct dcm_event *ev,
                                     const struct dcm_vr *vr)
{
    c->event = ev;
    c->vr = vr;
    c->at = 0;
    c->controls = 0;
    c->longest = 0;
    c->issues = 0;
}

/* The buffer for pieces, for other uses between values; NULL: no memory. */
uint8_t *dcm_content_piece(struct dcm_content *c);
/* The next bytes of the value at *p, in little endian; 0 at the end. All but
 * the last piece are whole units of the VR and of base64. */
size_t dcm_content_next_piece(struct dcm_content *c, const uint8_t **p);
/* To be asked before: 1 when there is no memory for the pieces. */
int dcm_content_lacks_piece(struct dcm_content *c);
/* Pulls the next bytes of a value that is not loaded. When the source cannot
 * give them the value ends there, and source_status tells. */
size_t dcm_content_read(struct dcm_content *c, uint8_t *to, size_t n);

enum dcm_status dcm_content_tell(struct dcm_content *c, dcm_issue issue,
                                 uint64_t offset, const char *message);
/* Of a value of numbers or bytes; `special`: what is to be said of a NaN or
 * an infinity in it, or NULL. */
enum dcm_status dcm_content_tell_binary(struct dcm_content *c,
                                        const char *special);
enum dcm_status dcm_content_no_memory(struct dcm_content *c);
/* The source could not give a value that it promised: its error is the one to
 * tell. Fills *error and returns its code. */
enum dcm_status dcm_content_source_failure(struct dcm_content *c,
                                           const struct dcm_event *ev);
/* The output's failure is the writer's. */
enum dcm_status dcm_content_output_failure(struct dcm_content *c);
/* Bounds a document that begins now to `most` bytes; *ours is the position
 * that was set last, UINT64_MAX at first. */
void dcm_content_limit(struct dcm_output *o, uint64_t most, uint64_t *ours);

/* Left out of documents: group lengths and padding (PS3.18 F.2.2, PS3.10
 * 7.2), repeated tags, and group 0002 unless `meta` and before the data set.
 */
static inline int dcm_content_is_left_out(const struct dcm_event *ev,
                                          int in_dataset, int meta)
{
    if ((ev->tag & 0xFFFF) == 0 || (ev->flags & DCM_DUPLICATE) ||
        ev->tag == 0xFFFCFFFCu)
        return 1;
    return ev->tag >> 16 == 0x0002 && (in_dataset || !meta);
}

#endif
