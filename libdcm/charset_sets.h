/* Language. The character sets as a table. For charset*.c alone. */
#ifndef DCM_CHARSET_SETS_H
#define DCM_CHARSET_SETS_H

#include <stdint.h>

enum {
    SET_ASCII, /* ISO-IR 6; 0, so that all zero is the default repertoire */
    SET_LATIN1,
    SET_LATIN2,
    SET_LATIN3,
    SET_LATIN4,
    SET_CYRILLIC,
    SET_ARABIC,
    SET_GREEK,
    SET_HEBREW,
    SET_LATIN5,
    SET_LATIN9,
    SET_THAI,
    SET_KANA, /* ISO-IR 13, right half of JIS X 0201 */
    SET_JISX0208,
    SET_JISX0212,
    SET_KSX1001,
    SET_GB2312,
    SET_UTF8,
    SET_GB18030,
    SET_GBK,
    SET_ROMAN, /* ISO-IR 14, left half of JIS X 0201; comes with KANA */
    SET_SJIS,  /* what some write under ISO_IR 13 */
    SET_NONE,  /* nothing in G1 */
    SET_COUNT
};

enum dcm_set_kind {
    SET_KIND_NONE,
    SET_KIND_ASCII,
    SET_KIND_ROMAN,
    SET_KIND_KANA,
    SET_KIND_BYTE,
    SET_KIND_PAIR,
    SET_KIND_GB,
    SET_KIND_UTF8
};

/* A set and the iconv names that know it, the better one first. `plain` and
 * `extended` are its terms without and with code extensions, NULL where the
 * standard has none. */
struct dcm_set {
    enum dcm_set_kind kind;
    uint8_t right;  /* its home is G1 */
    uint8_t prefix; /* byte before each pair, for iconv */
    const char *plain, *extended, *codec[2];
};
extern const struct dcm_set dcm_sets[SET_COUNT];

struct dcm_charset;
int dcm_charset_declares(const struct dcm_charset *cs, unsigned set);

#endif
