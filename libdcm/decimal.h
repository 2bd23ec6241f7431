/* Ground. Text to numbers, without locale: the other direction of number.h. */
#ifndef DCM_DECIMAL_H
#define DCM_DECIMAL_H

#include <stddef.h>
#include <stdint.h>

/* Each reads all n bytes, which need no terminator; 0 when they are not such
 * a number or out of range (then nothing is written).
 *
 * integer -> [ "+" | "-" ] digit { digit } */
int dcm_decimal_u64(const char *s, size_t n, uint64_t *v);
int dcm_decimal_i64(const char *s, size_t n, int64_t *v);
/* The same for what may be spelled as a real number without a fraction:
 * "2.0", "1e2", "20E-1", exactly, whatever the size of the exponent. *minus
 * says the sign of magnitude *v. */
int dcm_decimal_whole(const char *s, size_t n, uint64_t *v, int *minus);
/* decimal -> [ sign ] digits [ "." digits ] [ "e" [ sign ] digits ], with a
 * digit on one side of the dot. The nearest float or double, ties to even, as
 * of the text's own value (never by way of the other type); too large is 0,
 * too small is 0.0 or a denormal. Of any length. */
int dcm_decimal_float(const char *s, size_t n, float *v);
int dcm_decimal_double(const char *s, size_t n, double *v);
/* NaN and infinities as JSON writers spell them, in any case: "NaN", "inf",
 * "Infinity", with a sign or none. */
int dcm_decimal_special(const char *s, size_t n, double *v);

/* A JSON number (or one of the decimal form above) as text of a DS of at most
 * 16 bytes or an IS of at most 12: the token itself when it fits and is of the
 * VR's form; else a DS is rounded to as many digits as fit (*rounded 1), and an
 * IS that is spelled with a fraction or exponent but is whole is spelled out.
 * Returns the length written to out (room for 16), 0 when there is no such
 * text (IS with a fraction or out of 32 bits; DS beyond a double). */
size_t dcm_decimal_ds(char *out, const char *s, size_t n, int *rounded);
size_t dcm_decimal_is(char *out, const char *s, size_t n);

#endif
