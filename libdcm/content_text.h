/* Language. The values of a text element, one after another, on their way to
 * a document; and person names in their component groups (PS3.5 6.2.1). */
#ifndef DCM_CONTENT_TEXT_H
#define DCM_CONTENT_TEXT_H

#include "content.h"

/* Takes one of the values: n bytes of UTF-8, without padding; n 0: an empty
 * one. ORs what it meets into c->controls and c->issues. */
typedef void dcm_content_put_fn(struct dcm_content *c, const char *s, size_t n);

/* Hands all values of the event that c was started on to `put`, and tells
 * what is wrong with them, once for all. When the source cannot give all of
 * it, what it gave is handed on and c->source_status tells. */
enum dcm_status dcm_content_texts(struct dcm_content *c,
                                  dcm_content_put_fn *put);

/* Notes a text that is longer than the VR allows, in characters: 1. */
int dcm_content_too_long(struct dcm_content *c, const char *s, size_t n);

#define DCM_NAME_GROUPS 3 /* alphabetic, ideographic, phonetic */

/* A name's groups without their trailing spaces; n is 0 for one that has no
 * component with something in it. */
struct dcm_name {
    const char *s[DCM_NAME_GROUPS];
    size_t n[DCM_NAME_GROUPS];
    int groups; /* with something in them */
};
void dcm_content_split_name(struct dcm_content *c, struct dcm_name *name,
                            const char *s, size_t n);

#endif
