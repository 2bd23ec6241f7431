/* Language. Code tables the other way, from code points to codes. For
 * charset*.c alone. */
#ifndef DCM_CHARSET_REVERSE_H
#define DCM_CHARSET_REVERSE_H

#include <stddef.h>
#include <stdint.h>

enum { REVERSE_NEW, REVERSE_LOADED, REVERSE_UNSUPPORTED };

/* Codes of a set by code point, none past FFFF. A code is what a cell is in
 * charset_table.h, with bit 15 set in pairs; 0: no character. */
struct dcm_reverse {
    uint16_t *pages[256]; /* by the upper byte of the code point */
    uint8_t state;
};

/* Turns the table of a set round, or the four-byte part of GB18030, whose
 * codes are counted from 1. 0: no memory. */
int dcm_reverse_load(struct dcm_reverse *r, unsigned set);
int dcm_reverse_load_quads(struct dcm_reverse *r);
void dcm_reverse_release(struct dcm_reverse *r);

static inline unsigned dcm_reverse_find(const struct dcm_reverse *r, uint32_t c)
{
    const uint16_t *page = c < 0x10000 ? r->pages[c >> 8] : NULL;

    return page ? page[c & 0xFF] : 0;
}

#endif
