/* libdcm/image.c and image_decode.c: what is no image is refused by name, and
 * an image without its end is told from one that lacks more: libjpeg makes
 * those. Also the input that images come from.
 */
#include "image_rows.h"

#include <jpeglib.h>

static void what_is_no_image_is_named(void **state)
{
#define NO "! malformed: not a JPEG, JPEG-LS or JPEG 2000 image: begins with "
    static const struct row rows[] = {
        {"nothing", "", "! truncated: the image is empty", 0},
        {"half an SOI", "FF", "! truncated: ", 0},
        {"JP21: PNG", "89504E470D0A1A0A00000000",
         NO "89 50 4E 47 0D 0A 1A 0A (PNG)", 0},
        {"GIF", "474946383961", NO "47 49 46 38 39 61 (GIF)", 0},
        {"PDF", "255044462D312E37", NO "25 50 44 46 2D 31 2E 37 (PDF)", 0},
        {"TIFF", "4D4D002A00000008", NO "4D 4D 00 2A 00 00 00 08 (TIFF)", 0},
        {"BMP", "424D0000", NO "42 4D 00 00 (BMP)", 0},
        {"WebP", "524946460000000057454250",
         NO "52 49 46 46 00 00 00 00 (WebP)", 0},
        {"HTML", "3C68746D6C3E", NO "3C 68 74 6D 6C 3E (HTML)", 0},
        {"of no known kind", "0102", NO "01 02", 0},
    };
    uint8_t dicom[132] = {0};
    struct answer a;

    (void)state;
    TRY(rows);
    memcpy(dicom + 128, "DICM", 4);
    read_memory(&a, dicom, sizeof dicom, 0);
    assert_non_null(strstr(a.text, "(DICOM)"));
}

/* --------------------------------------------------- images with samples */

struct made {
    const char *why, *want;
    unsigned columns, rows, samples;
    int is_rgb, chroma, is_progressive, restart;
};

static unsigned char *encode(const struct made *m, unsigned long *size)
{
    struct jpeg_compress_struct c;
    struct jpeg_error_mgr e;
    unsigned char *out = NULL;
    JSAMPROW row = malloc((size_t)m->columns * m->samples);
    uint32_t x = 1;

    assert_non_null(row);
    c.err = jpeg_std_error(&e);
    jpeg_create_compress(&c);
    jpeg_mem_dest(&c, &out, size);
    c.image_width = m->columns;
    c.image_height = m->rows;
    c.input_components = (int)m->samples;
    c.in_color_space = m->samples == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&c);
    if (m->is_rgb)
        jpeg_set_colorspace(&c, JCS_RGB);
    if (m->chroma)
        c.comp_info[0].h_samp_factor = c.comp_info[0].v_samp_factor = m->chroma;
    if (m->is_progressive)
        jpeg_simple_progression(&c);
    c.restart_interval = (unsigned)m->restart;
    jpeg_start_compress(&c, TRUE);
    while (c.next_scanline < c.image_height) {
        for (size_t i = 0; i < (size_t)m->columns * m->samples; i++) {
            x = x * 1664525u + 1013904223u;
            row[i] = (JSAMPLE)(x >> 24);
        }
        jpeg_write_scanlines(&c, &row, 1);
    }
    jpeg_finish_compress(&c);
    jpeg_destroy_compress(&c);
    free(row);
    return out;
}

static const struct made images[] = {
    {"gray", "13x17x1 8/8 MONOCHROME2 .50 ISO_10918_1", 17, 13, 1, 0, 0, 0, 0},
    {"4:2:0", "35x33x3 8/8 YBR_FULL_422 .50 ISO_10918_1 sub", 33, 35, 3, 0, 2,
     0, 0},
    {"4:4:4", "9x9x3 8/8 YBR_FULL_422 .50 ISO_10918_1", 9, 9, 3, 0, 1, 0, 0},
    {"RGB", "9x9x3 8/8 RGB .50 ISO_10918_1", 9, 9, 3, 1, 1, 0, 0},
    {"with restarts", "40x40x1 8/8 MONOCHROME2 .50 ISO_10918_1", 40, 40, 1, 0,
     0, 0, 2},
    {"progressive", "20x20x3 8/8 YBR_FULL_422 .55 ISO_10918_1 sub", 20, 20, 3,
     0, 2, 1, 0},
};

/* JP18. Bits of the last byte of a scan are needed, so every shorter cut takes
 * samples away. */
static void an_image_may_lack_its_end_and_nothing_more(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof images / sizeof *images; i++) {
        unsigned long n = 0;
        unsigned char *p = encode(&images[i], &n);
        struct answer a;
        char want[200];

        read_memory(&a, p, n, RETIRED);
        assert_string_equal(a.text, images[i].want);
        snprintf(want, sizeof want, "%s lacks-end +image-no-end",
                 images[i].want);
        read_memory(&a, p, n - 2, RETIRED);
        assert_string_equal(a.text, want);
        read_file(&a, p, n - 2, RETIRED);
        assert_string_equal(a.text, want);
        read_memory(&a, p, n - 2, RETIRED | STRICT);
        assert_int_equal(a.status, DCM_ERR_STRICT);
        read_memory(&a, p, n - 1, RETIRED); /* half an EOI goes */
        assert_int_equal(a.image.length, n - 2);
        for (unsigned long k = 0; k < n - 2; k++) {
            read_memory(&a, p, k, RETIRED);
            if (a.status != DCM_ERR_TRUNCATED)
                fail_msg("%s: cut to %lu of %lu: %s", images[i].why, k, n,
                         a.text);
        }
        free(p);
    }
}

/* What is claimed and not there must not cost. */
static void a_huge_image_without_data_is_no_work(void **state)
{
    static const char *const sizes[] = {"FFFFFFFF", "FFDCFFDC"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct made m = images[0];
        unsigned long n = 0;
        unsigned char *p = encode(&m, &n), *sof = p;
        struct answer a;

        while (sof[0] != 0xFF || sof[1] != 0xC0)
            sof++;
        from_hex(sof + 5, sizes[i]);
        read_memory(&a, p, n - 2, 0);
        assert_int_equal(a.status, DCM_ERR_TRUNCATED);
        free(p);
    }
}

static void a_process_that_libjpeg_lacks_cannot_be_checked(void **state)
{
    static const struct row rows[] = {
        {"12 bits", SOI "FFC1000B0C000400050101 1100" SCAN1,
         "! truncated: no EOI, and whether the image is whole can't be", 0},
        {"lossless", SOI LOSSLESS "FFDA0008010100010000 55",
         "! truncated: ", 0},
    };

    (void)state;
    TRY(rows);
}

/* ---------------------------------------------------------------- the input */

/* Segments and data longer than the window of 256 KiB: a file and memory give
 * the same, and an end is found wherever it lies. */
static void large_images_are_gone_through_in_pieces(void **state)
{
    struct made m = {"large", "900x1100x3 8/8 YBR_FULL_422 .50 ISO_10918_1",
                     1100,    900,
                     3,       0,
                     1,       0,
                     0};
    unsigned long n = 0;
    unsigned char *p = encode(&m, &n);
    size_t size = 20 * 65537 + n + 3;
    uint8_t *all = malloc(size), *to = all;
    struct answer a;
    char want[200];

    (void)state;
    assert_non_null(all);
    assert_true(n > 1u << 20);
    memcpy(to, p, 2);
    to += 2;
    for (int i = 0; i < 20; i++, to += 65537) {
        memset(to, i % 2 ? 0xD9 : 0xFF, 65537);
        memcpy(to, "\xFF\xE2\xFF\xFF", 4);
    }
    memcpy(to, p + 2, n - 2);
    memcpy(to + n - 2, "\0\0\0", 3);
    snprintf(want, sizeof want, "%s left 3 +image-after-end", m.want);
    read_file(&a, all, size, 0);
    assert_string_equal(a.text, want);
    read_memory(&a, all, size, 0);
    assert_string_equal(a.text, want);
    snprintf(want, sizeof want, "%s lacks-end +image-no-end", m.want);
    read_file(&a, all, size - 5, 0);
    assert_string_equal(a.text, want);
    read_file(&a, all, size - 9, 0);
    assert_int_equal(a.status, DCM_ERR_TRUNCATED);
    free(all);
    free(p);
}

static ptrdiff_t give_nothing(void *user, void *buffer, size_t n)
{
    (void)user;
    memset(buffer, 0xFF, n);
    return (ptrdiff_t)n;
}

static void an_input_that_cannot_be_read_again_is_refused(void **state)
{
    struct dcm_input *input = dcm_input_callback(give_nothing, NULL, NULL);
    struct answer a;

    (void)state;
    ask(&a, input, 0, 0);
    assert_int_equal(a.status, DCM_ERR_ARGUMENT);
    dcm_input_free(input);
}

/* An input over memory whose bytes from `bad` on can't be read. */
struct broken {
    struct dcm_input base;
    const uint8_t *bytes;
    uint64_t bad;
};

static ptrdiff_t read_broken(struct dcm_input *in, uint64_t offset,
                             void *buffer, size_t n)
{
    struct broken *b = (struct broken *)in;

    if (offset >= b->bad) {
        in->error.code = DCM_ERR_READ;
        strcpy(in->error.message, "cannot read: broken");
        return -1;
    }
    if (n > b->bad - offset)
        n = (size_t)(b->bad - offset);
    memcpy(buffer, b->bytes + offset, n);
    return (ptrdiff_t)n;
}

static void a_failure_to_read_is_no_end(void **state)
{
    static const char *const streams[] = {SOI JFIF COLOR SCAN3 EOI,
                                          SIZ1 R53 TILE EOC};
    uint8_t bytes[200];
    struct answer a;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        size_t n = from_hex(bytes, streams[i]);

        for (size_t bad = 0; bad < n; bad++) {
            struct broken b = {.bytes = bytes, .bad = bad};

            b.base.read_at = read_broken;
            b.base.size = n;
            ask(&a, &b.base, n, 0);
            assert_string_equal(a.text, "! read error: cannot read: broken");
        }
    }
}

static void an_older_struct_is_filled_as_far_as_it_goes(void **state)
{
    uint8_t bytes[200];
    size_t n = from_hex(bytes, SOI GRAY SCAN1 EOI);
    struct dcm_input *input = dcm_input_memory(bytes, n, NULL);
    struct dcm_image image;

    (void)state;
    memset(&image, 0x55, sizeof image);
    image.size = offsetof(struct dcm_image, subsampled);
    assert_int_equal(dcm_image_read(&image, input, NULL, NULL), DCM_OK);
    assert_int_equal(image.rows, 4);
    assert_int_equal(image.size, offsetof(struct dcm_image, subsampled));
    assert_int_equal(image.subsampled, 0x55555555);
    dcm_input_free(input);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_image_is_named),
        cmocka_unit_test(an_image_may_lack_its_end_and_nothing_more),
        cmocka_unit_test(a_huge_image_without_data_is_no_work),
        cmocka_unit_test(a_process_that_libjpeg_lacks_cannot_be_checked),
        cmocka_unit_test(large_images_are_gone_through_in_pieces),
        cmocka_unit_test(an_input_that_cannot_be_read_again_is_refused),
        cmocka_unit_test(a_failure_to_read_is_no_end),
        cmocka_unit_test(an_older_struct_is_filled_as_far_as_it_goes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
