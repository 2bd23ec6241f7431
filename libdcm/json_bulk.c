/* Language. Bulk data in JSON (PS3.18 F.2.2): which values it is, and the URI
 * by which they are known when the caller has none of their own. */
#include "json_bulk.h"
#include "json_text.h"

static int in_list(const uint16_t *list, uint16_t vr)
{
    for (; *list; list++)
        if (*list == vr)
            return 1;
    return 0;
}

int dcm_json_is_bulk(const struct dcm_json_options *options,
                     const struct dcm_event *ev, const struct dcm_vr *vr)
{
    static const uint16_t usual[] = {VR_OB, VR_OD, VR_OF, VR_OL,
                                     VR_OV, VR_OW, VR_UN, 0};
    const uint16_t *list = options->bulk_vrs;

    return ev->size > options->bulk_size && options->bulk != DCM_BULK_INLINE &&
           in_list(list ? list : usual, vr->code);
}

static size_t append(char *to, size_t used, size_t size, const char *s,
                     size_t n)
{
    if (used > size || n > size - used)
        return SIZE_MAX;
    memcpy(to + used, s, n);
    return used + n;
}

static size_t append_number(char *to, size_t used, size_t size, uint32_t v)
{
    char digits[10];
    size_t n = 0;

    do
        digits[sizeof(digits) - ++n] = (char)('0' + v % 10);
    while (v /= 10);
    return append(to, used, size, digits + sizeof(digits) - n, n);
}

/* "bulkdata/00081140/1/00282000": the tags and items on the way there. */
static size_t default_uri(const struct dcm_json_order *order, uint32_t tag,
                          char *to, size_t size)
{
    const struct dcm_json_level *levels = order->levels;
    size_t used = append(to, 0, size, "bulkdata/", 9);
    char hex[8];

    for (size_t i = 1; i + 1 < order->depth; i += 2) {
        dcm_json_hex(hex, levels[i].tag);
        used = append(to, used, size, hex, 8);
        used = append(to, used, size, "/", 1);
        used = append_number(to, used, size, (uint32_t)levels[i].count);
        used = append(to, used, size, "/", 1);
    }
    dcm_json_hex(hex, tag);
    return append(to, used, size, hex, 8);
}

size_t dcm_json_uri(const struct dcm_json_options *options,
                    const struct dcm_json_order *order,
                    const struct dcm_event *ev, char *to, size_t size)
{
    if (options->uri)
        return options->uri(options->user, ev, to, size);
    return default_uri(order, ev->tag, to, size);
}
