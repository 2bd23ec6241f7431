/* Ground. Fills a struct dcm_error. Knows nothing of what failed; sees to it
 * that a message holds printable ASCII only, whatever went into it. */
#include "error.h"
#include <stdio.h>

static const char *const names[] = {
    "ok",         "done",           "bad argument",  "out of memory",
    "read error", "write error",    "not DICOM",     "truncated",
    "malformed",  "not conformant", "limit reached", "not supported",
};

const char *dcm_version(void)
{
#ifdef PACKAGE_VERSION
    return PACKAGE_VERSION;
#else
    return "0";
#endif
}

const char *dcm_status_name(enum dcm_status status)
{
    size_t i = (size_t)status;

    return i < sizeof(names) / sizeof(names[0]) ? names[i] : "unknown";
}

void dcm_error_clean(char *s)
{
    for (; *s; s++)
        if (*s < 0x20 || *s > 0x7E)
            *s = '?';
}

enum dcm_status dcm_error_vfill(struct dcm_error *e, enum dcm_status code,
                                uint64_t offset, const char *path,
                                const char *format, va_list ap)
{
    if (!e)
        return code;
    e->code = code;
    e->offset = offset;
    snprintf(e->path, sizeof(e->path), "%s", path ? path : "");
    vsnprintf(e->message, sizeof(e->message), format, ap);
    dcm_error_clean(e->path);
    dcm_error_clean(e->message);
    return code;
}

enum dcm_status dcm_error_fill(struct dcm_error *e, enum dcm_status code,
                               uint64_t offset, const char *path,
                               const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    dcm_error_vfill(e, code, offset, path, format, ap);
    va_end(ap);
    return code;
}
