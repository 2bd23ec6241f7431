/* Language. From the bytes of a text element to its values: cut at the
 * delimiter where the character set allows, decoded, trimmed by VR (PS3.5
 * 6.2, 6.4). Knows nothing of JSON or of where the bytes came from. */
#ifndef DCM_TEXT_H
#define DCM_TEXT_H

#include "charset.h"
#include "dcm.h"

/* struct dcm_text is opaque to users, plain to us. */
struct dcm_text {
    struct dcm_decoder *decoder; /* made when first needed */
    struct dcm_charset charset;
    const uint8_t *p, *end;
    uint16_t vr;
    unsigned how;     /* DCM_TEXT_... */
    uint8_t more;     /* a value is still to come */
    uint8_t plain;    /* ASCII only: values are views of the source */
    uint8_t failed;   /* no memory */
    uint8_t trim_left; /* leading spaces go */
    unsigned problems;         /* bits met so far in this element */
    const uint8_t *where;      /* of the first problem */
};

void dcm_text_init(struct dcm_text *t);
void dcm_text_release(struct dcm_text *t);
/* Starts on n bytes of VR `vr`. For group 0002 and Private Creators cs has to
 * be the default repertoire, all zero. An element of only padding has no
 * values at all. */
void dcm_text_start(struct dcm_text *t, const struct dcm_charset *cs,
                    uint16_t vr, const uint8_t *p, size_t n);
/* dcm_text_next() as in dcm.h. An empty value has *length 0. */

/* How the values of a VR are cut: DCM_TEXT_... of charset.h. NULL: bytes. */
struct dcm_vr;
unsigned dcm_text_how(const struct dcm_vr *vr);

/* 1 when all n bytes are in 20-7E. */
int dcm_text_is_plain(const uint8_t *p, size_t n);

#endif
