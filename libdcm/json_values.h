/* Language. One value on its way to JSON: its bytes in pieces, and the array
 * that its values go into. Shared by json_numbers.c and json_strings.c; knows
 * nothing of members, levels or URIs. */
#ifndef DCM_JSON_VALUES_H
#define DCM_JSON_VALUES_H

#include "json_text.h"
#include "policy.h"
#include "text.h"
#include "vr.h"

/* Bytes of a large value at a time: whole units of 8, and of 3 for base64. */
#define DCM_JSON_PIECE (48u << 10)

/* How far the array of values is. */
struct dcm_json_array {
    size_t count;   /* values written */
    int null_first; /* the first is empty, and not written yet */
};

struct dcm_json_values {
    struct dcm_output *output;
    struct dcm_policy *policy;
    struct dcm_error *error; /* where failures are told */
    const struct dcm_json_style *style;
    enum dcm_numbers numbers;
    enum dcm_status source_status; /* a source that could not be read */
    struct dcm_text text;
    int wide;       /* text beyond ASCII has come in this document */
    uint8_t *piece; /* DCM_JSON_PIECE bytes, made when first needed */
    uint8_t *whole; /* of a text pulled from its source */
    size_t whole_size;
    /* Of the value being written. */
    const struct dcm_event *event;
    const struct dcm_vr *vr;
    uint64_t at; /* bytes taken from it */
    struct dcm_json_array array;
    unsigned controls;
    size_t longest;  /* over-long value: characters */
    unsigned issues; /* bits, of who writes it */
};

void dcm_json_values_init(struct dcm_json_values *v, struct dcm_output *output);
void dcm_json_values_release(struct dcm_json_values *v);

/* Onto a value. */
void dcm_json_values_start(struct dcm_json_values *v,
                           const struct dcm_event *ev, const struct dcm_vr *vr);

/* The buffer for pieces, for other uses between values; NULL: no memory. */
uint8_t *dcm_json_values_piece(struct dcm_json_values *v);
/* The next bytes of the value at *p, in little endian; 0 at the end. All but
 * the last piece are whole units of the VR and of base64. */
size_t dcm_json_next_piece(struct dcm_json_values *v, const uint8_t **p);
/* To be asked before: 1 when there is no memory for the pieces. */
int dcm_json_lacks_piece(struct dcm_json_values *v);
/* Pulls the next bytes of a value that is not loaded. When the source cannot
 * give them the value ends there, and source_status tells. */
size_t dcm_json_read(struct dcm_json_values *v, uint8_t *to, size_t n);

/* Writes what stands before a value; `to` has DCM_JSON_BEFORE bytes of room.
 * The array is opened by its first value, so that one without any is not
 * there; a first value that is empty waits for a second (PS3.18 F.2.5). */
char *dcm_json_before(struct dcm_json_values *v, char *to);
#define DCM_JSON_BEFORE (2 * DCM_JSON_MARK_SIZE + 4)
/* An empty value. */
void dcm_json_null(struct dcm_json_values *v);
void dcm_json_end(struct dcm_json_values *v);

enum dcm_status dcm_json_values_tell(struct dcm_json_values *v, dcm_issue issue,
                                     uint64_t offset, const char *message);
enum dcm_status dcm_json_no_memory(struct dcm_json_values *v);

#endif
