/* Ground. The other byte order (PS3.5 7.3), at the speed of memory: a loop for
 * each size of unit. Knows nothing of what the bytes mean. */
#include "swap.h"
#include <stdint.h>
#include <string.h>

static void swap16(char *p, size_t n)
{
    uint16_t v;

    for (size_t i = 0; i + 2 <= n; i += 2) {
        memcpy(&v, p + i, 2);
        v = __builtin_bswap16(v);
        memcpy(p + i, &v, 2);
    }
}

static void swap32(char *p, size_t n)
{
    uint32_t v;

    for (size_t i = 0; i + 4 <= n; i += 4) {
        memcpy(&v, p + i, 4);
        v = __builtin_bswap32(v);
        memcpy(p + i, &v, 4);
    }
}

static void swap64(char *p, size_t n)
{
    uint64_t v;

    for (size_t i = 0; i + 8 <= n; i += 8) {
        memcpy(&v, p + i, 8);
        v = __builtin_bswap64(v);
        memcpy(p + i, &v, 8);
    }
}

void dcm_swap(void *bytes, size_t n, size_t unit)
{
    if (unit == 2)
        swap16(bytes, n);
    else if (unit == 4)
        swap32(bytes, n);
    else if (unit == 8)
        swap64(bytes, n);
}
