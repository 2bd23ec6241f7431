/* Sink. What a transfer syntax says of the bytes of a frame: how they begin
 * and end, and how a file of them is called. Knows nothing of fragments, and
 * nothing more of compression than these few bytes. PS3.5 8.2 and A.4. */
#include "frames.h"

#define ROOT "1.2.840.10008.1.2"

/* The first row that fits counts. A file's ending is that of the bit stream
 * as it is, not of a file format around it. */
static const struct codec codecs[] = {
    {".1.98", "raw", NO_MARK, 0},
    {".4.100", "mpg", NO_MARK, 0}, /* MPEG2 */
    {".4.101", "mpg", NO_MARK, 0},
    {".4.10", "mp4", NO_MARK, 0}, /* MPEG-4, HEVC */
    {".4.11", "jxl", NO_MARK, 0},
    {".4.20", "jhc", SOC, 1}, /* High-Throughput JPEG 2000 */
    {".4.5", "jpg", SOI, 1},
    {".4.6", "jpg", SOI, 1},
    {".4.7", "jpg", SOI, 1},
    {".4.8", "jls", SOI, 1},
    {".4.9", "j2k", SOC, 1},
    {".5", "rle", SEGMENTS, 0},
    {".8.1", "deflate", NO_MARK, 0},
};

static const struct codec none = {"", "raw", NO_MARK, 0};
static const struct codec unknown = {"", "bin", NO_MARK, 0};
static const struct codec like_jpeg = {"", "jpg", SOI, 1};
static const struct codec like_j2k = {"", "j2k", SOC, 1};

const struct codec *dcm_frames_codec(const char *uid, size_t n)
{
    const struct dcm_syntax *syntax = dcm_syntax_find(uid, n);
    size_t root = sizeof ROOT - 1;

    if (!syntax || !(syntax->flags & DCM_TS_ENCAPSULATED))
        return &none;
    for (size_t i = 0; i < sizeof codecs / sizeof *codecs; i++)
        if (strncmp(syntax->uid + root, codecs[i].uid, strlen(codecs[i].uid)) ==
            0)
            return &codecs[i];
    return &unknown;
}

static int begins(const uint8_t *p, size_t n, const char *with, size_t size)
{
    return n >= size && memcmp(p, with, size) == 0;
}

int dcm_frames_boxed(const uint8_t *p, size_t n)
{
    return begins(p, n, "\0\0\0\x0CjP  ", 8);
}

/* A code stream of JPEG 2000 begins with SOC and SIZ: SOC alone may stand
 * anywhere among compressed bytes. SOI can't, nor can it in JPEG-LS. */
int dcm_frames_starts(const struct codec *codec, const uint8_t *p, size_t n)
{
    switch (codec->mark) {
    case SOI:
        return begins(p, n, "\xFF\xD8", 2);
    case SOC:
        return begins(p, n, "\xFF\x4F\xFF\x51", 4) || dcm_frames_boxed(p, n);
    case SEGMENTS: /* how many, and where the first one begins (G.5) */
        return n >= 8 && dcm_get32le(p) >= 1 && dcm_get32le(p) <= 15 &&
               dcm_get32le(p + 4) == 64;
    default:
        return 0;
    }
}

const struct codec *dcm_frames_sniff(const struct codec *codec,
                                     const uint8_t *head, size_t n)
{
    if (codec != &none)
        return codec;
    if (dcm_frames_starts(&like_jpeg, head, n))
        return &like_jpeg;
    if (dcm_frames_starts(&like_j2k, head, n))
        return &like_j2k;
    return &unknown;
}

const char *dcm_frames_extension(const struct dcm_frames *f)
{
    if (f->shape == NATIVE || !f->codec)
        return none.extension;
    return f->boxed ? "jp2" : f->codec->extension;
}
