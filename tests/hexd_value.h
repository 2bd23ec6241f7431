/* Test support, inside hexd: the state of the assembler, and a statement's
 * words and values. */
#ifndef HEXD_VALUE_H
#define HEXD_VALUE_H

#include "hexd.h"

#define MAX_DEPTH 64
#define UNDEFINED 0xFFFFFFFFu
#define NO_FIELD SIZE_MAX

/* A brace that is open. */
struct frame {
    size_t field;     /* where its length is written, or NO_FIELD */
    size_t width;     /* of that, 2 or 4 */
    size_t start;     /* of what is counted */
    int fixed;        /* the length was given */
    int is_undefined; /* ends with a delimiter */
    int is_item;
};

struct assembler {
    struct hexd_buffer *out;
    const char *p, *end; /* the statement */
    unsigned line;
    int implicit, big;
    size_t deflate_from; /* or NO_FIELD */
    int zlib;
    struct frame frames[MAX_DEPTH];
    unsigned depth;
    char *error;
    size_t error_size;
    int failed;
};

/* Fails for good; returns 0. */
int hexd_fail(struct assembler *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Bytes. put_number writes in the byte order that is set. */
int hexd_put(struct assembler *a, const void *data, size_t n);
void hexd_store(uint8_t *to, uint64_t v, size_t width, int big);
int hexd_put_number(struct assembler *a, uint64_t v, size_t width);
int hexd_put_tag(struct assembler *a, unsigned group, unsigned element);

/* Words of the statement. The first two `take` what they are given, if it
 * comes next. take_word cuts to fit and returns the whole length. */
int hexd_take(struct assembler *a, const char *word);
int hexd_take_char(struct assembler *a, char c);
size_t hexd_take_word(struct assembler *a, char *word, size_t size);
int hexd_take_unsigned(struct assembler *a, uint64_t *v);
int hexd_take_tag(struct assembler *a, unsigned *group, unsigned *element);
void hexd_skip_blanks(struct assembler *a);
int hexd_at_end(struct assembler *a);

/* What a VR decides here. */
struct vr {
    char name[3];
    char pad;
    int is_long;
    size_t unit; /* bytes of a number; 0 when it has none */
    char form;   /* i integer, f floating point, t tag */
};
const struct vr *hexd_vr_find(const char *name);
extern const struct vr hexd_no_vr;

/* The rest of the statement as a value. */
int hexd_put_value(struct assembler *a, const struct vr *vr);

#endif
