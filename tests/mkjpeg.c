/* Writes small images to standard output, so that tests need no image files.
 *
 *   mkjpeg KIND WIDTH HEIGHT   a JPEG of a computed pattern by libjpeg: gray,
 *                              ycc444, ycc422, ycc420, rgb, progressive,
 *                              restart, cmyk
 *   mkjpeg hex DIGITS...       these bytes
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

static const struct kind {
    const char *name;
    int samples;
    J_COLOR_SPACE in, out;
    int h, v; /* of the first component */
    int progressive, restart;
} kinds[] = {
    {"gray", 1, JCS_GRAYSCALE, JCS_GRAYSCALE, 1, 1, 0, 0},
    {"ycc444", 3, JCS_RGB, JCS_YCbCr, 1, 1, 0, 0},
    {"ycc422", 3, JCS_RGB, JCS_YCbCr, 2, 1, 0, 0},
    {"ycc420", 3, JCS_RGB, JCS_YCbCr, 2, 2, 0, 0},
    {"rgb", 3, JCS_RGB, JCS_RGB, 1, 1, 0, 0}, /* Adobe marker, transform 0 */
    {"progressive", 3, JCS_RGB, JCS_YCbCr, 2, 2, 1, 0},
    {"restart", 1, JCS_GRAYSCALE, JCS_GRAYSCALE, 1, 1, 0, 1},
    {"cmyk", 4, JCS_CMYK, JCS_CMYK, 1, 1, 0, 0},
};

/* Edges and slopes, the same each time. */
static void fill(JSAMPLE *row, int samples, unsigned width, unsigned y)
{
    for (unsigned x = 0; x < width; x++)
        for (int s = 0; s < samples; s++)
            *row++ = (JSAMPLE)((x * (7 + 2 * (unsigned)s) + y * 5 +
                                (x / 4 % 2 ? 60u : 0u)) %
                               256);
}

static int write_jpeg(const struct kind *k, unsigned width, unsigned height)
{
    struct jpeg_compress_struct c;
    struct jpeg_error_mgr errors;
    JSAMPLE *row = malloc((size_t)width * (size_t)k->samples);

    if (!row)
        return 1;
    c.err = jpeg_std_error(&errors); /* ends the program */
    jpeg_create_compress(&c);
    jpeg_stdio_dest(&c, stdout);
    c.image_width = width;
    c.image_height = height;
    c.input_components = k->samples;
    c.in_color_space = k->in;
    jpeg_set_defaults(&c);
    jpeg_set_colorspace(&c, k->out);
    jpeg_set_quality(&c, 90, TRUE);
    c.comp_info[0].h_samp_factor = k->h;
    c.comp_info[0].v_samp_factor = k->v;
    c.restart_interval = (unsigned)k->restart;
    if (k->progressive)
        jpeg_simple_progression(&c);
    jpeg_start_compress(&c, TRUE);
    while (c.next_scanline < height) {
        fill(row, k->samples, width, c.next_scanline);
        jpeg_write_scanlines(&c, &row, 1);
    }
    jpeg_finish_compress(&c);
    jpeg_destroy_compress(&c);
    free(row);
    return 0;
}

static int write_hex(char **texts)
{
    for (; *texts; texts++)
        for (const char *s = *texts; s[0] && s[1]; s += 2) {
            char digits[3] = {s[0], s[1], '\0'}, *end;
            long value = strtol(digits, &end, 16);

            if (*end)
                return 1;
            putchar((int)value);
        }
    return 0;
}

int main(int argc, char **argv)
{
    int status = 2;

    if (argc > 2 && strcmp(argv[1], "hex") == 0)
        status = write_hex(argv + 2);
    for (size_t i = 0; argc == 4 && i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(argv[1], kinds[i].name) == 0)
            status = write_jpeg(&kinds[i], (unsigned)atoi(argv[2]),
                                (unsigned)atoi(argv[3]));
    return fflush(stdout) == 0 ? status : 1;
}
