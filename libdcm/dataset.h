/* Language. A data set in memory: the structs that dataset.c, the builder and
 * the reader share. All but the struct dcm_dataset itself lies in its arena.
 *
 *     dataset -> meta, top           (items that are in no sequence)
 *     item    -> elements, ascending tags
 *     element -> a value, or items: of a sequence, or fragments */
#ifndef DCM_DATASET_H
#define DCM_DATASET_H

#include "arena.h"
#include "charset_encode.h"
#include "error.h"
#include "input.h"
#include "path.h"
#include "scope.h"

/* Bytes in the arena, or in the input at `offset` when data is NULL. */
struct dcm_value_ref {
    const uint8_t *data;
    struct dcm_input *input; /* NULL with data */
    uint64_t offset;
    uint64_t size;
};

/* A data set, an item, or a fragment: then `value` is what it holds. */
struct dcm_item {
    struct dcm_element *first, *last; /* its elements */
    struct dcm_item *next;
    struct dcm_element *parent;  /* sequence or fragments; NULL at the top */
    uint32_t length;             /* as stored */
    uint32_t number;             /* as in events */
    uint16_t flags;              /* DCM_..., as in events */
    uint16_t encoding;           /* DCM_BIG_ENDIAN, DCM_IMPLICIT: of elements */
    uint8_t unsorted;            /* settle it before use */
    uint8_t encoded;             /* `encoding` has been seen */
    uint8_t has_charset;         /* (0008,0005) is there: charset */
    int8_t pixel_representation; /* of (0028,0103); -1: not there */
    struct dcm_charset charset;
    uint64_t offset; /* of the header */
    uint64_t end;    /* where it ends */
    struct dcm_value_ref value;
};

enum dcm_element_kind { DCM_ELEMENT_VALUE, DCM_ELEMENT_SEQ, DCM_ELEMENT_FRAGS };

struct dcm_element {
    uint32_t tag;
    uint16_t vr, stored;
    uint32_t length; /* as stored */
    uint16_t flags;
    uint8_t kind; /* enum dcm_element_kind */
    struct dcm_element *next;
    struct dcm_item *parent;                 /* the item it is in */
    uint64_t offset;                         /* of the header */
    struct dcm_value_ref value;              /* SEQ, FRAGS: offset alone */
    struct dcm_item *first_item, *last_item; /* SEQ, FRAGS */
    uint64_t end;                            /* SEQ, FRAGS */
};

/* The sink: what is open. */
struct dcm_builder {
    struct dcm_sink base;
    struct dcm_item *item;       /* elements go here */
    struct dcm_element *element; /* SEQ or FRAGS among whose items we are */
    uint64_t depth, items;
    int in_dataset, failed;
    struct dcm_error error;
};

/* The source: where it stands. */
struct dcm_player {
    struct dcm_source base;
    struct dcm_item *item;       /* its elements are given */
    struct dcm_element *element; /* the next of them */
    struct dcm_element *open;    /* or the items of this one are given: */
    struct dcm_item *next_item;
    int state;
    struct dcm_value_ref value; /* of the last event, and taken from it: */
    uint64_t taken;
    struct dcm_scope_stack scopes;
    struct dcm_error error;
};

struct dcm_dataset {
    struct dcm_arena arena;
    struct dcm_limits limits;
    struct dcm_item meta, top;
    char syntax[65];
    size_t syntax_length;
    unsigned syntax_flags; /* of the DATASET event */
    uint64_t syntax_offset, end_offset;
    uint8_t encapsulated;
    struct dcm_charset charset; /* where nothing else is said */
    struct dcm_builder builder;
    struct dcm_player player;
    struct dcm_encoder *encoder; /* made when first needed, and so is: */
    struct dcm_decoder *decoder;
    int keep_utf8;
    struct dcm_charset utf8; /* when kept */
};

/* NULL: no memory. Room for a value comes from the arena, too. */
struct dcm_item *dcm_item_new(struct dcm_dataset *d,
                              struct dcm_element *parent);
struct dcm_element *dcm_element_new(struct dcm_dataset *d,
                                    struct dcm_item *parent, uint32_t tag);
void dcm_item_init(struct dcm_item *item);
/* Puts an item after the last one of its parent. */
void dcm_item_append(struct dcm_item *item);
/* Puts an element after the last one of its item, whatever its tag. */
void dcm_element_append(struct dcm_element *element);
/* Sorts the elements of an item and drops repeated tags: the first of them
 * stays. */
void dcm_item_settle(struct dcm_item *item);
/* The same for all that a stream which broke off has left open. */
void dcm_dataset_settle(struct dcm_dataset *d);

/* How far down a path there is something. */
struct dcm_place {
    struct dcm_item *item; /* the last item on the way that is there */
    size_t step;           /* the step that begins in it */
};
struct dcm_place dcm_dataset_walk(struct dcm_dataset *d,
                                  const struct dcm_path *path);
/* The element that a step names in an item, or NULL. */
struct dcm_element *dcm_item_find(const struct dcm_item *item,
                                  const struct dcm_path_step *step);
struct dcm_element *dcm_item_find_tag(const struct dcm_item *item,
                                      uint32_t tag);
/* Makes an element in its place, all zero but for tag, parent and offsets;
 * sorted lists stay sorted, and there must be none of that tag. NULL: no
 * memory. */
struct dcm_element *dcm_element_insert(struct dcm_dataset *d,
                                       struct dcm_item *item, uint32_t tag);
/* Takes it out of its item; what it decided is forgotten. */
void dcm_element_unlink(struct dcm_element *e);
/* The block that a creator has in an item, 10-FF, or 0. */
unsigned dcm_item_find_block(const struct dcm_item *item, unsigned group,
                             const char *creator, size_t n);
/* Item n of an element, from 1; 0 is the first. NULL: not there. */
struct dcm_item *dcm_element_item(const struct dcm_element *e, uint32_t n);

#endif
