/* Ground. Text forms of numbers, without locale and without doubt. */
#ifndef DCM_NUMBER_H
#define DCM_NUMBER_H

#include <stddef.h>
#include <stdint.h>

#define DCM_NUMBER_MAX 32 /* bytes that any function here may write */

/* Each writes a legal JSON number and returns its length; no terminator. */
size_t dcm_number_u64(char *out, uint64_t v);
size_t dcm_number_i64(char *out, int64_t v);
/* Shortest decimal that reads back as the same float or double, as JSON
 * ("0.1", "-0.0", "5e-324", "1.0"); finite values only. */
size_t dcm_number_float(char *out, float v);
size_t dcm_number_double(char *out, double v);

/* Decimal String and Integer String to JSON number text, without passing
 * through a double: s has no padding. Returns the length written to
 * out (capacity n + 4), or 0 when s is not of the VR's form, is too long
 * (DS 16, IS 12 bytes), out of range (IS 32 bit, DS overflows a double) or
 * not to be had as JSON. `loose`: length and range rules off, only the
 * grammar and what JSON can hold. PS3.5 6.2; "+1.50" -> "1.50", ".5" ->
 * "0.5", "5." -> "5.0", "007" -> "7". */
size_t dcm_number_ds(char *out, const char *s, size_t n, int loose);
size_t dcm_number_is(char *out, const char *s, size_t n, int loose);

#endif
