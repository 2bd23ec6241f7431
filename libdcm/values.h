/* Language. From the values of an attribute, one after another as a JSON or
 * XML document has them, to the bytes of its value in Explicit VR Little
 * Endian, text in UTF-8 (PS3.5 6.2, 6.4; PS3.18 F.2; PS3.19 A.1.5). Knows
 * nothing of how documents spell values: it gets the text of each. */
#ifndef DCM_VALUES_H
#define DCM_VALUES_H

#include "policy.h"
#include "vr.h"

/* One is used again and again. All zero is one to start with; then set what is
 * above the line. */
struct dcm_values {
    struct dcm_policy *policy;
    struct dcm_error *error; /* filled when a call fails; code is returned */
    uint64_t limit;          /* bytes a value may have: the limit `value` */
    /* -- by dcm_values_begin() -- */
    const struct dcm_event *event; /* tag, VR, scope: for paths and messages */
    const struct dcm_vr *row;
    uint64_t where; /* offset in the document, of the value at hand */
    uint8_t *data;
    size_t size, capacity;
    uint64_t count; /* values so far */
    int beyond_ascii; /* some text has bytes over 7F, whatever the VR */
    int empty;        /* all values so far are */
};

void dcm_values_release(struct dcm_values *v);
/* For an attribute; event->vr is a standard VR but SQ and not one of bytes
 * (OB OD OF OL OV OW UN). `event` must last until dcm_values_end(). */
void dcm_values_begin(struct dcm_values *v, const struct dcm_event *event);

/* A value as text of valid UTF-8, for every VR: text VRs take it (it is
 * checked for its VR's form, length and control characters, which are
 * deviations, VALUE_FORM, TEXT_LENGTH, TEXT_CONTROL, VALUE_NUL,
 * VALUE_BACKSLASH, NUMBER_FORM for DS and IS); numbers and AT are read from
 * it, exactly and within range, or it is an error. `where` is of its first
 * byte. */
enum dcm_status dcm_values_text(struct dcm_values *v, uint64_t where,
                                const char *s, size_t n);
/* A value as a JSON number token. For DS and IS the text of dcm_decimal_ds()
 * and dcm_decimal_is() (NUMBER_LONG when rounded); numbers of other VRs
 * exactly, "2.0" for 2; an error for text VRs and AT. */
enum dcm_status dcm_values_number(struct dcm_values *v, uint64_t where,
                                  const char *s, size_t n);
/* No value in its place. Text: an empty one. FL, FD: NaN when there are more
 * values than this one. Other numbers, AT: an error when there are more. */
enum dcm_status dcm_values_null(struct dcm_values *v, uint64_t where);
/* A person name by its groups, Alphabetic, Ideographic, Phonetic; a NULL or
 * empty one is not there. Groups are joined by '=', without any at the end. A
 * '=' in a group is VALUE_FORM (kept), a backslash VALUE_BACKSLASH. */
enum dcm_status dcm_values_name(struct dcm_values *v, uint64_t where,
                                const char *const groups[3],
                                const size_t lengths[3]);
/* All have come: v->data, v->size, padded to an even length; size 0 when there
 * was no value, or a single empty one. An error: LT, ST, UT, UR with more than
 * one value (PS3.5 6.4). */
enum dcm_status dcm_values_end(struct dcm_values *v);

/* What values.c (numbers, tags) and values_text.c share: to fail at the value
 * at hand, and room for n more bytes and one of padding at data + size. */
enum dcm_status dcm_values_fail(struct dcm_values *v, enum dcm_status code,
                                const char *format, ...) DCM_PRINTF(3, 4);
enum dcm_status dcm_values_room(struct dcm_values *v, size_t n);
/* A value of a text VR; `right`: it needs no check. */
enum dcm_status dcm_values_put_string(struct dcm_values *v, const char *s,
                                      size_t n, int right);

#endif
