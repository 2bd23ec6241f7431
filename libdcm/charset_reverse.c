/* Language. Code tables the other way: a set's whole table is made once, read
 * through, and given back. So what is encoded is decoded by the same table.
 * Knows nothing of iconv (charset_table.c does) nor of text. */
#include "charset_reverse.h"
#include "charset_sets.h"
#include "charset_table.h"
#include <stdlib.h>
#include <string.h>

/* The four-byte codes of GB18030 for code points below 10000: 81308130 to
 * 8431A439. */
#define QUADS 39420

void dcm_reverse_release(struct dcm_reverse *r)
{
    for (unsigned i = 0; i < 256; i++)
        free(r->pages[i]);
    memset(r, 0, sizeof *r);
}

/* Of two codes for one character the first is kept. */
static int add(struct dcm_reverse *r, uint32_t c, unsigned code)
{
    uint16_t **page;

    if (c < 0x80 || c > 0xFFFF) /* ASCII has its own bytes in every set */
        return 1;
    page = &r->pages[c >> 8];
    if (!*page)
        *page = calloc(256, sizeof **page);
    if (!*page)
        return 0;
    if (!(*page)[c & 0xFF])
        (*page)[c & 0xFF] = (uint16_t)code;
    return 1;
}

static int add_row(struct dcm_reverse *r, struct dcm_table *t, unsigned set,
                   unsigned lead)
{
    unsigned pair = dcm_sets[set].kind == SET_KIND_BYTE ? 0 : 0x8000;
    const uint32_t *cells;

    if (!dcm_table_load(t, set, lead))
        return 0;
    if (t->rows[lead] != ROW_LOADED)
        return 1;
    cells = t->cells + lead * 256;
    for (unsigned trail = 0x40; trail <= 0xFF; trail++)
        if (cells[trail] && !add(r, cells[trail], pair | lead << 8 | trail))
            return 0;
    return 1;
}

int dcm_reverse_load(struct dcm_reverse *r, unsigned set)
{
    struct dcm_table t = {0};
    unsigned first = dcm_sets[set].kind == SET_KIND_PAIR ? 0x21 : 0x01;
    unsigned last = 0x7E;
    int ok = 1;

    if (dcm_sets[set].kind == SET_KIND_BYTE)
        first = last = 0;
    for (unsigned lead = first; lead <= last && ok; lead++) {
        ok = add_row(r, &t, set, lead);
        if (t.rows[lead] == ROW_UNSUPPORTED)
            break;
    }
    r->state =
        t.rows[first] == ROW_UNSUPPORTED ? REVERSE_UNSUPPORTED : REVERSE_LOADED;
    dcm_table_release(&t);
    if (!ok)
        dcm_reverse_release(r);
    return ok;
}

int dcm_reverse_load_quads(struct dcm_reverse *r)
{
    struct dcm_table t = {0};
    int ok = dcm_table_load(&t, SET_GB18030, 1);

    r->state = ok && t.rows[1] == ROW_UNSUPPORTED ? REVERSE_UNSUPPORTED
                                                  : REVERSE_LOADED;
    for (unsigned n = 0; n < QUADS && ok && r->state == REVERSE_LOADED; n++) {
        uint8_t code[4];

        code[0] = (uint8_t)(0x81 + n / 12600);
        code[1] = (uint8_t)(0x30 + n / 1260 % 10);
        code[2] = (uint8_t)(0x81 + n / 10 % 126);
        code[3] = (uint8_t)(0x30 + n % 10);
        ok = add(r, dcm_table_convert(&t, code, sizeof code), n + 1);
    }
    dcm_table_release(&t);
    if (!ok)
        dcm_reverse_release(r);
    return ok;
}
