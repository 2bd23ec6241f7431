/* Use. What is known of a JPEG 2000 image while it is gone through; shared by
 * image_j2k.c, which walks, and image_j2k_markers.c, which reads.
 */
#ifndef DCM_IMAGE_J2K_H
#define DCM_IMAGE_J2K_H

#include "image.h"

/* Marker codes: T.800 Table A.2. */
enum {
    DCM_J2K_SOC = 0xFF4F,
    DCM_J2K_CAP = 0xFF50,
    DCM_J2K_SIZ = 0xFF51,
    DCM_J2K_COD = 0xFF52,
    DCM_J2K_COC = 0xFF53,
    DCM_J2K_SOT = 0xFF90,
    DCM_J2K_SOD = 0xFF93,
    DCM_J2K_EOC = 0xFFD9
};

struct dcm_j2k {
    struct dcm_image_job *job;
    uint64_t end;   /* of the box or the input: no byte from here on is its */
    uint64_t tiles; /* how many */
    unsigned precision;
    int has_cod, has_mct;
    int is_reversible; /* main COD says so */
    int is_lossy;      /* some COD or COC says so */
    int is_ht;         /* High-Throughput */
    uint32_t colors;   /* EnumCS of a JP2 file */
};

/* Segment `marker` of n bytes at p, its length field not counted; the marker
 * stands at offset `at`. */
enum dcm_status dcm_j2k_segment(struct dcm_j2k *s, unsigned marker,
                                const uint8_t *p, size_t n, uint64_t at);
/* After the last header: fills the image. */
enum dcm_status dcm_j2k_conclude(struct dcm_j2k *s);

#endif
