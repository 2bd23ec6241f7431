/* Language. Specific Character Set (PS3.3 C.12.1.1.2, PS3.5 6.1): from terms
 * to sets, and from bytes to UTF-8 under a set of sets. iconv is behind
 * charset_table.c and nowhere else. Knows nothing of VRs: text.c does. */
#ifndef DCM_CHARSET_H
#define DCM_CHARSET_H

#include "dcm.h"

#define DCM_CHARSET_TERMS 12

/* What (0008,0005) says, parsed. A plain value: copy it. All zero is the
 * default repertoire, ISO-IR 6. */
struct dcm_charset {
    uint8_t count;                    /* of sets; 0 = absent */
    uint8_t extension;                /* code extensions allowed (ISO 2022) */
    uint8_t undeclared;               /* absent, empty or unknown: guess */
    uint8_t sets[DCM_CHARSET_TERMS];  /* ids private to charset.c */
};

/* Bits that say what was wrong; text.c and others map each to a
 * dcm_issue by dcm_charset_issue(). */
enum {
    DCM_CS_TERM = 1 << 0,       /* misspelt term */
    DCM_CS_UNKNOWN = 1 << 1,    /* unknown term */
    DCM_CS_MIX = 1 << 2,        /* terms that do not go together */
    DCM_CS_SUPPORT = 1 << 3,    /* iconv lacks the set */
    DCM_CS_UNDECLARED = 1 << 4, /* bytes over 7F, no set */
    DCM_CS_INVALID = 1 << 5,    /* replaced by U+FFFD */
    DCM_CS_OTHER_SET = 1 << 6,  /* read as another set (windows-1252, SJIS) */
    DCM_CS_ESCAPE = 1 << 7,     /* escape undeclared or unknown */
    DCM_CS_NO_ESCAPE = 1 << 8,  /* escape missing */
    DCM_CS_CONTROL = 1 << 9     /* control character not allowed there */
};
/* The issue of the lowest bit set in `problems`. */
dcm_issue dcm_charset_issue(unsigned problems);

/* Parses the bytes of a (0008,0005) value, backslashes and padding
 * included; returns problem bits. Never fails. */
unsigned dcm_charset_parse(struct dcm_charset *cs, const uint8_t *value,
                           size_t n);

/* Tables built from iconv when first needed, and a growing output buffer.
 * One per thread. */
struct dcm_decoder;
struct dcm_decoder *dcm_decoder_new(void);
void dcm_decoder_free(struct dcm_decoder *d);

/* How a value is cut: */
enum {
    DCM_TEXT_MULTI = 1, /* 5C separates values (not LT ST UT UR) */
    DCM_TEXT_PN = 2,    /* '^' and '=' reset code extensions */
    DCM_TEXT_DEFAULT = 4, /* default repertoire VR (CS, UI, DA ...): bytes
                           * over 7F are an error, read by cs if it can */
    DCM_TEXT_CONTROL = 8  /* TAB LF FF CR are allowed (ST LT UT) */
};

/* Decodes one value: from p up to an unshifted 5C (when DCM_TEXT_MULTI) or to
 * end. Returns the byte after the value (end, or just past the 5C, in which
 * case *more is set to 1). The UTF-8 is at *out, *n bytes, owned by d until
 * the next call; it is always valid UTF-8. ORs problem bits into *problems and sets
 * *where to the first problem byte when *problems was 0 before. Returns NULL
 * only when there is no memory. */
const uint8_t *dcm_decode_value(struct dcm_decoder *d,
                                const struct dcm_charset *cs, unsigned how,
                                const uint8_t *p, const uint8_t *end,
                                const char **out, size_t *n, int *more,
                                unsigned *problems, const uint8_t **where);

/* 1 when bytes 20-7E of a value mean ASCII under cs whatever comes before
 * (false for ISO_IR 13 as first set); then text without bytes over 7F and
 * without ESC needs no decoding. */
int dcm_charset_is_ascii(const struct dcm_charset *cs);

#endif
