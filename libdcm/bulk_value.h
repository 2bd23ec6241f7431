/* Language. Values that are not in a document but where a callback says (PS3.18
 * F.2.6, PS3.19 A.1.5): whether they can be there, their bytes, the items in
 * them. Knows nothing of the document. */
#ifndef DCM_BULK_VALUE_H
#define DCM_BULK_VALUE_H

#include "error.h"

/* Failures fill code and message of *e; where and which element is known to
 * the caller. */

/* What a callback gave must be there, and be there again. */
enum dcm_status dcm_bulk_check(const struct dcm_bulk_data *data,
                               struct dcm_error *e);
/* All n bytes at an offset. */
enum dcm_status dcm_bulk_fetch(struct dcm_input *in, uint64_t offset, void *to,
                               size_t n, struct dcm_error *e);
/* Whether they begin as a series of items does (PS3.5 A.4). */
enum dcm_status dcm_bulk_has_items(const struct dcm_bulk_data *data, int *has,
                                   struct dcm_error *e);

/* items = { FFFE,E000 length bytes } [ FFFE,E0DD 0 ]; the delimiter may be
 * missing, since the data say where they end. */
struct dcm_bulk_items {
    struct dcm_bulk_data data; /* all of them */
    uint64_t at;               /* of the next header in data.input */
};
/* The next item's bytes; DCM_DONE: there is none, `at` is behind the last. */
enum dcm_status dcm_bulk_items_next(struct dcm_bulk_items *items,
                                    struct dcm_bulk_data *item,
                                    struct dcm_error *e);

#endif
