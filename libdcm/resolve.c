/* Language. The VR to read a value by where the file does not say. Knows the
 * dictionary and the scope; nothing of bytes beyond whether a value fits. */
#include "resolve.h"
#include "dict.h"
#include "vr.h"

static int has(const uint16_t *vrs, int n, uint16_t vr)
{
    for (int i = 0; i < n; i++)
        if (vrs[i] == vr)
            return 1;
    return 0;
}

/* "OB or OW" is OW without a VR, but OB when encapsulated (PS3.5 A.1, A.4);
 * LUT Data is OW; "US or SS" goes by Pixel Representation. */
static uint16_t choose(uint32_t tag, const uint16_t *vrs, int n,
                       uint32_t length, const struct dcm_scope *scope,
                       int *choice)
{
    int one_value = length <= 2;

    if (has(vrs, n, VR_OW) && !(has(vrs, n, VR_SS) && one_value))
        return tag == 0x7FE00010 && length == DCM_UNDEFINED ? VR_OB : VR_OW;
    if (!has(vrs, n, VR_SS))
        return vrs[0];
    if (scope->pixel_representation < 0)
        *choice = 1;
    return scope->pixel_representation == 1 ? VR_SS : VR_US;
}

static uint16_t private_vr(uint32_t tag, const struct dcm_scope *scope)
{
    struct dcm_attribute row;
    size_t n;
    const char *creator = dcm_scope_creator(scope, tag, &n);

    if ((tag & 0xFFFF) == 0) /* Group Length, in private groups too (7.2) */
        return VR_UL;
    if (creator && dcm_attribute_find_private(creator, n, tag, &row) &&
        row.vrs[0] && !row.vrs[1])
        return row.vrs[0];
    return VR_UN;
}

uint16_t dcm_resolve_vr(uint32_t tag, uint32_t length,
                        const struct dcm_scope *scope, int *choice)
{
    uint16_t vrs[3];
    int n = dcm_dict_vrs(tag, vrs);

    if (n == 1)
        return vrs[0];
    if (n > 1)
        return choose(tag, vrs, n, length, scope, choice);
    return tag >> 16 & 1 ? private_vr(tag, scope) : VR_UN;
}

int dcm_resolve_fits(uint16_t vr, const uint8_t *data, uint64_t size)
{
    const struct dcm_vr *row = dcm_vr_find(vr);

    if (!row || row->kind == DCM_KIND_SEQ)
        return 0;
    if (row->kind != DCM_KIND_TEXT)
        return size % row->unit == 0;
    if (!data) /* too long to look at: only UC, UR and UT can be */
        return (row->flags & DCM_VRF_LONG) != 0;
    for (uint64_t i = 0; i < size; i++) {
        uint8_t c = data[i];

        /* NUL pads; TAB LF FF CR ESC are text (PS3.5 6.1.3) */
        if (c < 0x20 && c != 9 && c != 10 && c != 12 && c != 13 && c != 27 &&
            !(c == 0 && i + 2 >= size))
            return 0;
    }
    return 1;
}
