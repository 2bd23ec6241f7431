/* Language. Code tables, made from iconv a row at a time when first needed.
 * For charset*.c alone. */
#ifndef DCM_CHARSET_TABLE_H
#define DCM_CHARSET_TABLE_H

#include <stddef.h>
#include <stdint.h>

enum { ROW_NEW, ROW_LOADED, ROW_EMPTY, ROW_UNSUPPORTED };

/* Code points of a set, loaded by rows. A cell is (lead & 7F) << 8 | trail;
 * single-byte sets have row 0 alone. 0: no character. */
struct dcm_table {
    uint32_t *cells;
    void *codec; /* an iconv_t */
    uint8_t opened;
    uint8_t rows[128];
};

void dcm_table_release(struct dcm_table *t);
/* Loads row `lead` of a set; 0: no memory. */
int dcm_table_load(struct dcm_table *t, unsigned set, unsigned lead);
/* The code point of one code of n bytes, or 0. A row must have been loaded. */
uint32_t dcm_table_convert(struct dcm_table *t, const uint8_t *code, size_t n);

#endif
