/* Use. What the files that analyse images share: image.c is the way in,
 * image_jpeg.c goes through JPEG and JPEG-LS (ITU-T T.81, T.87) and
 * image_jpeg_markers.c knows what their markers say, image_decode.c asks
 * libjpeg-turbo whether an image that lacks its end is whole, image_j2k.c goes
 * through JPEG 2000 code streams and JP2 boxes (ITU-T T.800, T.814) and
 * image_j2k_markers.c knows what their markers say.
 */
#ifndef DCM_IMAGE_H
#define DCM_IMAGE_H

#include "cursor.h"
#include "policy.h"

/* One image being read. */
struct dcm_image_job {
    struct dcm_image *image;
    struct dcm_input *input;
    const struct dcm_image_options *options;
    struct dcm_error *error;
    struct dcm_cursor cursor;
};

enum dcm_status dcm_image_fail(struct dcm_image_job *job, enum dcm_status code,
                               uint64_t offset, const char *format, ...)
    DCM_PRINTF(4, 5);
enum dcm_status dcm_image_deviate(struct dcm_image_job *job, dcm_issue issue,
                                  uint64_t offset, const char *format, ...)
    DCM_PRINTF(4, 5);
/* The cursor stands behind the end of the code stream: sets the length, and
 * deviates when there is more before `limit` than a byte of padding. */
enum dcm_status dcm_image_ends(struct dcm_image_job *job, uint64_t limit);

enum dcm_status dcm_image_jpeg(struct dcm_image_job *job);
enum dcm_status dcm_image_j2k(struct dcm_image_job *job);
/* Of a JPEG without EOI at job->image->offset: DCM_OK when libjpeg-turbo can
 * decode all of its samples, DCM_ERR_TRUNCATED when not, or when it can't read
 * that process. */
enum dcm_status dcm_image_decode(struct dcm_image_job *job);

#endif
