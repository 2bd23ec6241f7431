/* Ground. Fill a struct dcm_error. Knows nothing of what failed. */
#ifndef DCM_ERROR_H
#define DCM_ERROR_H

#include "dcm.h"
#include <stdarg.h>

#if defined(__GNUC__)
#define DCM_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define DCM_PRINTF(f, a)
#endif

#define DCM_NO_OFFSET UINT64_MAX

/* Each fills *e (may be NULL) and returns code. The message is made printable
 * ASCII, so that nothing from a file can drive a terminal. */
enum dcm_status dcm_error_fill(struct dcm_error *e, enum dcm_status code,
                               uint64_t offset, const char *path,
                               const char *format, ...) DCM_PRINTF(5, 6);
enum dcm_status dcm_error_vfill(struct dcm_error *e, enum dcm_status code,
                                uint64_t offset, const char *path,
                                const char *format, va_list ap);
/* Replaces what is not printable ASCII in s by '?'. */
void dcm_error_clean(char *s);

#endif
