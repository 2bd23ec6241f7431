/* What fuzz targets ask of what they are given back. A check that fails ends
 * the run, as a crash does. Shares no code with the library. */
#ifndef FUZZ_CHECK_H
#define FUZZ_CHECK_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(what)                                                    \
    do {                                                               \
        if (!(what)) {                                                 \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #what); \
            abort();                                                   \
        }                                                              \
    } while (0)

/* The length of the UTF-8 sequence at s (RFC 3629 4), or 0 when there is
 * none; its code point in *c. */
static inline size_t check_utf8(const uint8_t *s, size_t n, uint32_t *c)
{
    static const struct {
        uint8_t mask, lead;
        uint32_t least;
    } forms[] = {
        {0x80, 0x00, 0},
        {0xE0, 0xC0, 0x80},
        {0xF0, 0xE0, 0x800},
        {0xF8, 0xF0, 0x10000},
    };

    for (size_t i = 0; i < 4; i++) {
        if ((s[0] & forms[i].mask) != forms[i].lead)
            continue;
        if (i + 1 > n)
            return 0;
        *c = s[0] & (uint8_t)~forms[i].mask;
        for (size_t j = 1; j <= i; j++) {
            if ((s[j] & 0xC0) != 0x80)
                return 0;
            *c = *c << 6 | (s[j] & 0x3F);
        }
        if (*c < forms[i].least || *c > 0x10FFFF ||
            (*c >= 0xD800 && *c < 0xE000))
            return 0;
        return i + 1;
    }
    return 0;
}

#endif
