/* Language. Bulk data of documents (PS3.18 F.2.2, PS3.19 A.1.5): which values
 * it is, and the URI by which they are known when the caller has none of
 * their own. */
#include "bulk.h"
#include "scope.h"
#include <string.h>

static int in_list(const uint16_t *list, uint16_t vr)
{
    for (; *list; list++)
        if (*list == vr)
            return 1;
    return 0;
}

int dcm_bulk_is(const struct dcm_bulk_wish *wish, const struct dcm_event *ev,
                const struct dcm_vr *vr)
{
    static const uint16_t usual[] = {VR_OB, VR_OD, VR_OF, VR_OL,
                                     VR_OV, VR_OW, VR_UN, 0};

    return ev->size > wish->size && wish->how != DCM_BULK_INLINE &&
           in_list(wish->vrs ? wish->vrs : usual, vr->code);
}

/* Text that is being made; used > size: it did not fit. */
struct uri {
    char *to;
    size_t used, size;
};

static void add(struct uri *u, const char *s, size_t n)
{
    if (u->used > u->size || n > u->size - u->used) {
        u->used = SIZE_MAX;
        return;
    }
    memcpy(u->to + u->used, s, n);
    u->used += n;
}

static void add_tag(struct uri *u, uint32_t tag)
{
    char text[8];

    for (int i = 0; i < 8; i++)
        text[i] = "0123456789ABCDEF"[tag >> (28 - 4 * i) & 15];
    add(u, text, 8);
}

static void add_number(struct uri *u, uint32_t v)
{
    char digits[10];
    size_t n = 0;

    do
        digits[sizeof(digits) - ++n] = (char)('0' + v % 10);
    while (v /= 10);
    add(u, digits + sizeof(digits) - n, n);
}

/* "bulkdata/00081140/1/00282000": the tags and items on the way there. */
static size_t default_uri(const struct dcm_event *ev, char *to, size_t size)
{
    const struct dcm_scope *s = ev->scope;
    struct uri u = {to, 0, size};

    add(&u, "bulkdata/", 9);
    for (unsigned i = s ? s->depth : 0; i > 0; i--) {
        const struct dcm_scope *level = s - (i - 1);

        add_tag(&u, level->seq);
        add(&u, "/", 1);
        add_number(&u, level->item);
        add(&u, "/", 1);
    }
    add_tag(&u, ev->tag);
    return u.used;
}

size_t dcm_bulk_uri(const struct dcm_bulk_wish *wish,
                    const struct dcm_event *ev, char *to, size_t size)
{
    if (wish->uri)
        return wish->uri(wish->user, ev, to, size);
    return default_uri(ev, to, size);
}

struct dcm_event dcm_bulk_whole(const struct dcm_event *frags,
                                const struct dcm_event *end)
{
    struct dcm_event all = *end;

    all.vr = VR_OB;
    all.stored = frags->stored;
    all.length = frags->length;
    all.offset = frags->offset;
    all.value_offset = frags->value_offset;
    all.size = 0;
    if (end->value_offset > all.value_offset) /* where the end is */
        all.size = end->value_offset - all.value_offset;
    all.data = NULL;
    return all;
}
