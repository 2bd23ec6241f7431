/* Lossy Image Compression (0028,2110), its ratio (0028,2112) and its method
 * (0028,2114): one value for each time that something was lost, PS3.3
 * C.7.6.1.1.5. Once "01", always "01"; "00" is never made up. */
#include "jpeg.h"

#include <libdcm/decimal.h>
#include <libdcm/error.h>
#include <libdcm/number.h>

#include <stdlib.h>
#include <string.h>

#define DECIMALS 5
#define LONGEST 16 /* a DS: PS3.5 6.2 */

/* raw : compressed, by hand: exact, and the same in every locale. */
void tool_jpeg_ratio(char ratio[TOOL_JPEG_RATIO], uint64_t raw,
                     uint64_t compressed)
{
    uint64_t whole = raw / compressed, rest = raw % compressed;
    uint64_t decimals = 0, one = 1;
    size_t n;

    for (int i = 0; i < DECIMALS; i++) { /* a size is far below 2^60 */
        rest *= 10;
        decimals = decimals * 10 + rest / compressed;
        rest %= compressed;
        one *= 10;
    }
    decimals += rest >= compressed - rest;
    whole += decimals / one;
    decimals %= one;
    n = dcm_number_u64(ratio, whole);
    if (decimals && n + 1 + DECIMALS <= LONGEST) {
        ratio[n++] = '.';
        for (one /= 10; one && decimals; one /= 10) {
            ratio[n++] = (char)('0' + decimals / one);
            decimals %= one;
        }
    }
    ratio[n < LONGEST ? n : LONGEST] = '\0';
}

/* ------------------------------------------------------ values in a string */

static size_t count_values(const char *text)
{
    size_t n = *text != '\0';

    for (; *text; text++)
        n += *text == '\\';
    return n;
}

static const char *last_value(const char *text)
{
    const char *bar = strrchr(text, '\\');

    return bar ? bar + 1 : text;
}

static size_t trimmed(const char **text)
{
    size_t n;

    while (**text == ' ')
        ++*text;
    n = strlen(*text);
    while (n && (*text)[n - 1] == ' ')
        n--;
    return n;
}

/* The text of an element, whole; empty when it is not there. 0: no memory. */
static int load(struct dcm_dataset *dataset, const char *path,
                struct tool_bytes *text)
{
    const struct dcm_element *e = dcm_dataset_find(dataset, path);
    const uint8_t *p = e ? dcm_element_data(e) : NULL;
    size_t n = p ? (size_t)dcm_element_size(e) : 0;

    while (n && (p[n - 1] == ' ' || p[n - 1] == '\0'))
        n--;
    return (!n || tool_bytes_put(text, p, n) == 0) && tool_bytes_string(text);
}

/* `value` as value number `count` + 1 behind those that are there. */
static enum dcm_status append(struct dcm_dataset *dataset, const char *path,
                              struct tool_bytes *text, size_t count,
                              const char *value, struct dcm_error *error)
{
    size_t have = count_values(tool_bytes_string(text));
    int failed = 0;

    if (have == 0 && count > 0)
        have = 1; /* an empty one */
    for (; have < count; have++)
        failed |= tool_bytes_text(text, "\\");
    if (count > 0)
        failed |= tool_bytes_text(text, "\\");
    failed |= tool_bytes_text(text, value);
    if (failed || !tool_bytes_string(text))
        return dcm_error_fill(error, DCM_ERR_MEMORY, UINT64_MAX, "",
                              "no memory");
    return dcm_dataset_set(dataset, path, text->data, error);
}

/* --------------------------------------------------------------- the calls */

/* Whether the last step that is told is the one that made these images. */
static int is_told(const char *ratios, const char *methods, const char *ratio,
                   const char *method)
{
    const char *r = last_value(ratios), *m = last_value(methods);
    size_t r_size = trimmed(&r), m_size = trimmed(&m);
    double told, now;

    if (m_size != strlen(method) || memcmp(m, method, m_size) != 0 ||
        count_values(ratios) != count_values(methods) ||
        !dcm_decimal_double(r, r_size, &told) ||
        !dcm_decimal_double(ratio, strlen(ratio), &now))
        return 0;
    return told >= now * 0.99 && told <= now * 1.01;
}

static enum dcm_status add_step(struct dcm_dataset *dataset, const char *ratio,
                                const char *method, struct dcm_error *error)
{
    struct tool_bytes ratios = {NULL, 0, 0}, methods = {NULL, 0, 0};
    enum dcm_status status = DCM_OK;
    size_t count, other;

    if (!load(dataset, "00282112", &ratios) ||
        !load(dataset, "00282114", &methods)) {
        status =
            dcm_error_fill(error, DCM_ERR_MEMORY, UINT64_MAX, "", "no memory");
    } else if (!is_told(ratios.data, methods.data, ratio, method)) {
        count = count_values(ratios.data);
        other = count_values(methods.data);
        if (count < other)
            count = other; /* the two go in pairs */
        status = append(dataset, "00282112", &ratios, count, ratio, error);
        if (status == DCM_OK)
            status =
                append(dataset, "00282114", &methods, count, method, error);
    }
    tool_bytes_release(&ratios);
    tool_bytes_release(&methods);
    return status;
}

static uint64_t raw_size(const struct tool_jpeg_frames *f)
{
    return (uint64_t)f->image->rows * f->image->columns * f->image->samples *
           (f->image->bits_allocated / 8) * f->count;
}

enum dcm_status tool_jpeg_lossy(struct tool_jpeg *t,
                                struct dcm_dataset *dataset,
                                const struct tool_jpeg_frames *frames)
{
    char given[TOOL_JPEG_TEXT], ratio[TOOL_JPEG_RATIO];
    struct dcm_error error;
    enum dcm_status status = DCM_OK;
    uint64_t compressed = 0;

    if (!frames->image->is_lossy || t->options->profile == TOOL_JPEG_GOOGLE)
        return DCM_OK;
    for (size_t i = 0; i < frames->count; i++)
        compressed += frames->data[i].size;
    tool_jpeg_ratio(ratio, raw_size(frames), compressed);
    memset(&error, 0, sizeof error);
    if (tool_jpeg_text(dataset, "00282110", given) && strcmp(given, "01") != 0)
        tool_log_say(t->log, TOOL_WARNING,
                     "(0028,2110) LossyImageCompression is %s, but the image "
                     "is lossy: replaced (PS3.3 C.7.6.1.1.5)",
                     given);
    status = dcm_dataset_set(dataset, "00282110", "01", &error);
    if (status == DCM_OK)
        status = add_step(dataset, ratio, frames->image->method, &error);
    if (status != DCM_OK)
        tool_log_error(t->log, &error, "");
    return status;
}
