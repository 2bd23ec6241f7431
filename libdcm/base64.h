/* Ground. Base64 (RFC 4648 section 4), at memory speed. */
#ifndef DCM_BASE64_H
#define DCM_BASE64_H

#include <stddef.h>
#include <stdint.h>

#define DCM_BASE64_SIZE(n) (((n) + 2) / 3 * 4)

/* Encodes n bytes to DCM_BASE64_SIZE(n) characters at out, with '=' at the
 * end when n is no multiple of 3. Returns the characters written. To encode
 * in pieces give multiples of 3 in all but the last. */
size_t dcm_base64_encode(char *out, const uint8_t *in, size_t n);

/* Decodes n characters of the alphabet, n a multiple of 4, without '=', to
 * n / 4 * 3 bytes at out. Returns n, or the index of the group of four
 * (its first character) that has one which is not of the alphabet; all before
 * it are decoded then. out has room for n / 4 * 3 + DCM_BASE64_SLACK bytes and
 * may not overlap in. */
#define DCM_BASE64_SLACK 32
size_t dcm_base64_decode(uint8_t *out, const char *in, size_t n);

#endif
