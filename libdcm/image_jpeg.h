/* Use. What is known of a JPEG or JPEG-LS image while it is gone through;
 * shared by image_jpeg.c, which walks, and image_jpeg_markers.c, which reads.
 */
#ifndef DCM_IMAGE_JPEG_H
#define DCM_IMAGE_JPEG_H

#include "image.h"

/* Marker codes, the byte after FF: T.81 Table B.1, T.87 Table C.1. */
enum {
    DCM_JPEG_TEM = 0x01,
    DCM_JPEG_SOF0 = 0xC0,
    DCM_JPEG_SOF3 = 0xC3,
    DCM_JPEG_RST0 = 0xD0,
    DCM_JPEG_RST7 = 0xD7,
    DCM_JPEG_SOI = 0xD8,
    DCM_JPEG_EOI = 0xD9,
    DCM_JPEG_SOS = 0xDA,
    DCM_JPEG_SOF55 = 0xF7 /* JPEG-LS */
};

struct dcm_jpeg_part { /* a component */
    uint8_t id, h, v;
    uint8_t scanned; /* a scan has it */
};

struct dcm_jpeg {
    struct dcm_image_job *job;
    unsigned sof; /* marker of the frame header; 0: none yet */
    const char *syntax;
    struct dcm_jpeg_part parts[3]; /* as many as image->samples */
    int has_jfif, has_adobe, has_exif;
    unsigned adobe;  /* transform of APP14 */
    int turns_color; /* APP8 of JPEG-LS asks for a color transform */
    int other_predictor, is_near;
};

/* Segment `marker` of n bytes at p, its length field not counted; the marker
 * stands at offset `at`. */
enum dcm_status dcm_jpeg_segment(struct dcm_jpeg *j, unsigned marker,
                                 const uint8_t *p, size_t n, uint64_t at);
/* After the last scan: checks that all is there and fills the image. An image
 * that is_cut lacks its EOI. */
enum dcm_status dcm_jpeg_conclude(struct dcm_jpeg *j, int is_cut);

#endif
