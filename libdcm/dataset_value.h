/* Language. From text that people write to the bytes of a value, by VR. */
#ifndef DCM_DATASET_VALUE_H
#define DCM_DATASET_VALUE_H

#include "arena.h"
#include "charset_encode.h"
#include "error.h"

/* What the bytes are to be like. */
struct dcm_value_form {
    uint16_t vr;
    int big;          /* words of numbers and tags are big endian */
    const char *path; /* of the element, for messages */
    const struct dcm_charset *charset; /* of its text */
    struct dcm_encoder **encoder;      /* made when first needed */
};

/* The bytes that UTF-8 text means: values separated by '\' where the VR can
 * have several, numbers in decimal, tags, bytes as hex; padded to an even
 * length. They are taken from `arena`. *size 0: no value. DCM_ERR_ARGUMENT
 * when the text is not of the VR's form (PS3.5 6.2), DCM_ERR_UNSUPPORTED when
 * the character set lacks a character; details in *error. */
enum dcm_status dcm_value_make(const struct dcm_value_form *form,
                               const char *text, struct dcm_arena *arena,
                               const uint8_t **data, size_t *size,
                               struct dcm_error *error);

#endif
