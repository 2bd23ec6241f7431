/* Language. UTF-8 to the bytes of a Specific Character Set (PS3.5 6.1, PS3.3
 * C.12.1.1.2): the other direction of charset.h. Knows nothing of VRs but
 * what `how` tells. */
#ifndef DCM_CHARSET_ENCODE_H
#define DCM_CHARSET_ENCODE_H

#include "charset.h"

/* Tables built from iconv when first needed, and a growing output buffer.
 * One per thread. */
struct dcm_encoder;
struct dcm_encoder *dcm_encoder_new(void); /* NULL: no memory */
void dcm_encoder_free(struct dcm_encoder *e);

/* With DCM_TEXT_...: a character that the set lacks becomes '?', and
 * dcm_encoder_problems() has DCM_CS_INVALID. */
enum { DCM_ENCODE_REPLACE = 1 << 8 };

/* Encodes n bytes of UTF-8: one value, or a whole element whose values are
 * joined by '\'. `how` is that of dcm_decode_value(): with DCM_TEXT_MULTI each
 * '\' is a separator (whether a value may contain one is the caller's
 * affair), without it is a character. The bytes at *out, *out_n of them,
 * belong to e until its next call, or are a view of `utf8`; they are not
 * padded. What dcm_decode_value() makes of them under cs is the same text, but
 * for a few signs that tables disagree about (U+FF5E and U+301C, ...): where
 * the sets have only the other one, that is taken.
 *
 * DCM_ERR_UNSUPPORTED: the set has no *bad (a code point); *bad 0: iconv here
 * lacks a set of cs that is needed. DCM_ERR_MALFORMED: not UTF-8, *bad is the
 * first byte of what is ill-formed. DCM_ERR_MEMORY. *bad is set in these
 * cases only.
 *
 * ESC is never encoded, nor SO and SI where code extensions could be. Other
 * control characters are, whatever `how` allows: see
 * dcm_encoder_problems(). */
enum dcm_status dcm_encode_value(struct dcm_encoder *e,
                                 const struct dcm_charset *cs, unsigned how,
                                 const char *utf8, size_t n,
                                 const uint8_t **out, size_t *out_n,
                                 uint32_t *bad);

/* Problem bits of the last call: DCM_CS_CONTROL, a control character that
 * `how` does not allow (or a byte order mark first in UTF-8) was encoded;
 * DCM_CS_INVALID, something was replaced. */
unsigned dcm_encoder_problems(const struct dcm_encoder *e);

/* From the bytes of a whole element in one set to those in another, by
 * way of d; as dcm_encode_value(). The bits of decoding go to *problems. */
enum dcm_status dcm_encode_again(struct dcm_encoder *e, struct dcm_decoder *d,
                                 const struct dcm_charset *from,
                                 const struct dcm_charset *to, unsigned how,
                                 const uint8_t *bytes, size_t n,
                                 const uint8_t **out, size_t *out_n,
                                 unsigned *problems, uint32_t *bad);

/* Makes what was parsed a set to write new text in: a single set of bytes
 * without code extensions, sets of pairs after ASCII. 0, and *cs unchanged:
 * that is not possible (too many sets). It says nothing of unknown terms:
 * the result of dcm_charset_parse() does (any bit but DCM_CS_TERM and
 * DCM_CS_MIX: refuse). */
int dcm_charset_check(struct dcm_charset *cs);

/* The terms of cs as the standard spells them, for (0008,0005), without
 * padding: "\ISO 2022 IR 87"; "" for the default repertoire (leave the element
 * out). Of a cs that dcm_charset_check() has seen; else a single
 * "ISO 2022 IR 149" stays that. Returns buffer. */
enum { DCM_CHARSET_CANONICAL = DCM_CHARSET_TERMS * 16 };
const char *dcm_charset_canonical(const struct dcm_charset *cs,
                                  char buffer[DCM_CHARSET_CANONICAL]);

#endif
