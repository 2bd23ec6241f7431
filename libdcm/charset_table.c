/* Language. Code tables from iconv. It is asked for code points only, a row
 * of a code table at a time, and never sees a value: a stateful converter
 * knows neither the resets at delimiters nor katakana in G1 (PS3.5 6.1.2.5).
 * iconv is behind this file and nowhere else. Knows nothing of values. */
#include "charset_table.h"
#include "charset_sets.h"
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

void dcm_table_release(struct dcm_table *t)
{
    if (t->opened)
        iconv_close(t->codec);
    free(t->cells);
}

static uint32_t get_code_point(const uint8_t *p)
{
    uint32_t c = p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
                 (uint32_t)p[3] << 24;

    return c > 0x10FFFF || (c >= 0xD800 && c < 0xE000) || c == 0xFFFD ? 0 : c;
}

static int open_table(struct dcm_table *t, unsigned set)
{
    for (unsigned i = 0; i < 2 && dcm_sets[set].codec[i] && !t->opened; i++) {
        t->codec = iconv_open("UTF-32LE", dcm_sets[set].codec[i]);
        t->opened = t->codec != (iconv_t)-1;
    }
    if (!t->opened) {
        memset(t->rows, ROW_UNSUPPORTED, sizeof t->rows);
        return 0;
    }
    t->cells = calloc(128 * 256, sizeof *t->cells);
    return t->cells != NULL;
}

/* Converts codes of `size` bytes each; cells[trail of the code] gets the
 * result. iconv stops at each code it does not know: step over it. */
static int convert_codes(iconv_t codec, const uint8_t *codes, size_t n,
                         size_t size, uint32_t *cells)
{
    char *in = (char *)codes, out[256 * 4];
    size_t left = n, found = 0;

    while (left) {
        const uint8_t *trail = (uint8_t *)in + size - 1;
        size_t before = left, room = sizeof out, count;
        char *o = out;
        size_t r;

        iconv(codec, NULL, NULL, NULL, NULL);
        r = iconv(codec, &in, &left, &o, &room);
        count = (sizeof out - room) / 4;
        if (count != (before - left) / size)
            count = 0; /* not one for one: not a table we can use */
        for (size_t i = 0; i < count; i++, trail += size) {
            cells[*trail] = get_code_point((uint8_t *)out + i * 4);
            found += cells[*trail] != 0;
        }
        if (r != (size_t)-1)
            break;
        left = left - left % size; /* at the code that was refused */
        in = (char *)codes + (n - left);
        if (!left)
            break;
        in += size;
        left -= size;
    }
    return found != 0;
}

int dcm_table_load(struct dcm_table *t, unsigned set, unsigned lead)
{
    int is_byte = dcm_sets[set].kind == SET_KIND_BYTE;
    unsigned first = dcm_sets[set].kind == SET_KIND_GB ? 0x40
                     : is_byte                         ? 0xA0
                                                       : 0xA1;
    unsigned last = is_byte ? 0xFF : 0xFE;
    uint8_t codes[256 * 3];
    size_t n = 0, size = is_byte ? 1 : dcm_sets[set].prefix ? 3 : 2;

    if (!t->cells && !open_table(t, set))
        return t->rows[lead] == ROW_UNSUPPORTED;
    for (unsigned trail = first; trail <= last; trail++) {
        if (trail == 0x7F)
            continue;
        if (size == 3)
            codes[n++] = dcm_sets[set].prefix;
        if (size > 1)
            codes[n++] = (uint8_t)(lead | 0x80);
        codes[n++] = (uint8_t)trail;
    }
    t->rows[lead] =
        convert_codes(t->codec, codes, n, size, t->cells + lead * 256)
            ? ROW_LOADED
            : ROW_EMPTY;
    return 1;
}

uint32_t dcm_table_convert(struct dcm_table *t, const uint8_t *code, size_t n)
{
    char *in = (char *)code, out[16], *o = out;
    size_t left = n, room = sizeof out;

    iconv(t->codec, NULL, NULL, NULL, NULL);
    if (iconv(t->codec, &in, &left, &o, &room) == (size_t)-1 ||
        room != sizeof out - 4)
        return 0;
    return get_code_point((uint8_t *)out);
}
