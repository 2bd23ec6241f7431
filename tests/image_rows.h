/* Images as rows of a table: hex, and what is found as a line of text. Shared
 * by tests of libdcm/image*.c. 4 rows, 5 columns, unless a row says otherwise.
 */
#ifndef IMAGE_ROWS_H
#define IMAGE_ROWS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../libdcm/input.h"

/* ------------------------------------------------------------ an image read */

struct answer {
    char text[400]; /* "4x5x3 8/8 YBR_FULL_422 .50 ISO_10918_1" and so on, or
                     * "! truncated: message"; then + and each deviation */
    enum dcm_status status;
    struct dcm_image image;
    unsigned deviations;
    char told[200];
};

static void hear(void *user, const struct dcm_diagnostic *d)
{
    struct answer *a = user;
    size_t n = strlen(a->told);

    snprintf(a->told + n, sizeof a->told - n, " +%s", d->name);
    assert_non_null(d->message);
}

static void describe(struct answer *a, const struct dcm_error *e, size_t size)
{
    const struct dcm_image *i = &a->image;
    size_t n;

    if (a->status != DCM_OK) {
        snprintf(a->text, sizeof a->text, "! %s: %s",
                 dcm_status_name(a->status), e->message);
        assert_int_equal(e->code, a->status);
        return;
    }
    assert_int_equal(strncmp(i->syntax, "1.2.840.10008.1.2.4.", 20), 0);
    assert_true(i->is_lossy == (i->method != NULL));
    snprintf(a->text, sizeof a->text, "%ux%ux%u %u/%u%s %s %s%s%s%s%s", i->rows,
             i->columns, i->samples, i->bits_allocated, i->bits_stored,
             i->is_signed ? " signed" : "", i->photometric, i->syntax + 19,
             i->method ? " " : "", i->method ? i->method : "",
             i->subsampled ? " sub" : "", i->lacks_end ? " lacks-end" : "");
    n = strlen(a->text);
    if (i->orientation)
        n += (size_t)snprintf(a->text + n, sizeof a->text - n, " turn%u",
                              i->orientation);
    if (i->offset)
        n += (size_t)snprintf(a->text + n, sizeof a->text - n, " from %u",
                              (unsigned)i->offset);
    if (i->offset + i->length != size)
        n += (size_t)snprintf(a->text + n, sizeof a->text - n, " left %u",
                              (unsigned)(size - i->offset - i->length));
    snprintf(a->text + n, sizeof a->text - n, "%s", a->told);
}

enum { STRICT = 1, RETIRED = 2 };

static void ask(struct answer *a, struct dcm_input *input, size_t size,
                int flags)
{
    struct dcm_error e = {0};
    struct dcm_image_options o = {.size = sizeof o};

    memset(a, 0, sizeof *a);
    a->image.size = sizeof a->image;
    o.policy = dcm_policy_new(flags & STRICT, hear, a);
    o.allow_retired = !!(flags & RETIRED);
    assert_non_null(input);
    assert_non_null(o.policy);
    a->status = dcm_image_read(&a->image, input, &o, &e);
    a->deviations = (unsigned)dcm_policy_count(o.policy, 0);
    describe(a, &e, size);
    dcm_policy_free(o.policy);
}

static void read_memory(struct answer *a, const uint8_t *p, size_t n, int flags)
{
    uint8_t *copy = malloc(n ? n : 1); /* so that a byte too far is seen */
    struct dcm_input *input;

    assert_non_null(copy);
    memcpy(copy, p, n);
    input = dcm_input_memory(copy, n, NULL);
    ask(a, input, n, flags);
    dcm_input_free(input);
    free(copy);
}

static void read_file(struct answer *a, const uint8_t *p, size_t n, int flags)
{
    FILE *f = tmpfile();
    struct dcm_input *input;

    assert_non_null(f);
    assert_int_equal(fwrite(p, 1, n, f), n);
    rewind(f);
    input = dcm_input_fd(fileno(f), NULL);
    ask(a, input, n, flags);
    dcm_input_free(input);
    fclose(f);
}

static int digit(char c)
{
    return c <= '9' ? c - '0' : c - 'A' + 10;
}

static size_t from_hex(uint8_t *to, const char *hex)
{
    size_t n = 0;

    for (; *hex; hex++) {
        if (*hex == ' ')
            continue;
        to[n++] = (uint8_t)(digit(hex[0]) << 4 | digit(hex[1]));
        hex++;
    }
    return n;
}

/* --------------------------------------------------------------- the rows */

struct row {
    const char *why, *hex, *want; /* an error: how it begins */
    int flags;
};

/* An image cut short is an error, or lacks something and says so. */
static void try_cuts(const struct row *r, const uint8_t *p, size_t length)
{
    struct answer a;

    for (size_t n = 0; n < length; n++) {
        read_memory(&a, p, n, r->flags);
        if (a.status == DCM_OK && a.deviations == 0)
            fail_msg("%s: cut to %zu bytes: %s", r->why, n, a.text);
    }
}

static void try_row(const struct row *r)
{
    uint8_t bytes[1024];
    size_t n = from_hex(bytes, r->hex);
    struct answer a, again;

    read_memory(&a, bytes, n, r->flags);
    if (*r->want == '!' ? strncmp(a.text, r->want, strlen(r->want)) != 0
                        : strcmp(a.text, r->want) != 0)
        fail_msg("%s: %s, not %s", r->why, a.text, r->want);
    if (n) { /* an empty file is a stream */
        read_file(&again, bytes, n, r->flags);
        assert_string_equal(again.text, a.text);
    }
    read_memory(&again, bytes, n, r->flags | STRICT);
    assert_int_equal(again.status, a.deviations ? DCM_ERR_STRICT : a.status);
    if (a.status == DCM_OK)
        try_cuts(r, bytes, (size_t)(a.image.offset + a.image.length));
}

#define TRY(rows)                                              \
    for (size_t i_ = 0; i_ < sizeof rows / sizeof *rows; i_++) \
    try_row(&rows[i_])

#define SOI "FFD8"
#define EOI "FFD9"
#define JFIF "FFE000104A46494600010100000100010000"
#define ADOBE(transform) "FFEE000E41646F62650064000000 00" transform
#define EXIF(length, tiff) "FFE1" length "457869660000" tiff
/* 4 rows, 5 columns */
#define GRAY "FFC0000B08000400050101 1100"
#define COLOR "FFC0001108000400050301 1100 021100 031100"
#define SCAN1 "FFDA0008 01 0100 003F00 55"
#define SCAN3 "FFDA000C 03 0100 0200 0300 003F00 55"
#define LOSSLESS "FFC3000B10000400050101 1100"
#define MONO_50 "4x5x1 8/8 MONOCHROME2 .50 ISO_10918_1"
#define YBR_50 "4x5x3 8/8 YBR_FULL_422 .50 ISO_10918_1"
#define RGB_50 "4x5x3 8/8 RGB .50 ISO_10918_1"

/* JPEG 2000, one tile. Rsiz stands after the length. */
#define SIZ(rsiz, components)                                       \
    "FF4F FF51" rsiz "00000005 00000004 00000000 00000000 00000005" \
    "00000004 00000000 00000000" components
#define SIZ1 SIZ("0029 0000", "0001 070101")
#define SIZ3 SIZ("002F 0000", "0003 070101 070101 070101")
#define COD(mct, style, kernel) "FF52000C 00 00 0001" mct "000404" style kernel
#define R53 COD("00", "00", "01")
#define TILE "FF90000A 0000 00000010 00 01 FF93 AABB"
#define EOC "FFD9"
#define SIGNATURE "0000000C 6A502020 0D0A870A"
#define FTYP "00000014 66747970 6A703220 00000000 6A703220"
#define J2K_90 "4x5x1 8/8 MONOCHROME2 .90"

#endif
