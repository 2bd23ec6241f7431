/* Bytes to what a compressed image says of itself. The first byte chooses
 * options. What passes is within the bounds of dcm.h; read strictly, it fails
 * where there was a deviation, else nothing changes; and the code stream, cut
 * out and read alone, is the same image. One without its end may lose bytes of
 * fill (FF) at each reading. */
#include "check.h"

#include <libdcm/dcm.h>

#include <string.h>

static void check_image(const struct dcm_image *m, size_t size)
{
    CHECK(m->syntax && m->photometric && m->syntax[0] && m->photometric[0]);
    CHECK(m->rows >= 1 && m->rows <= 65535);
    CHECK(m->columns >= 1 && m->columns <= 65535);
    CHECK(m->samples == 1 || m->samples == 3);
    CHECK(m->bits_allocated == 8 || m->bits_allocated == 16 ||
          m->bits_allocated == 32);
    CHECK(m->bits_stored >= 1 && m->bits_stored <= m->bits_allocated);
    CHECK((m->method != NULL) == !!m->is_lossy);
    CHECK(m->offset <= size && m->length <= size - m->offset);
    CHECK(m->length > 0 && m->orientation <= 8);
}

static enum dcm_status read_image(struct dcm_image *image, const uint8_t *data,
                                  size_t size,
                                  const struct dcm_image_options *options)
{
    struct dcm_input *input = dcm_input_memory(data, size, NULL);
    struct dcm_error error = {0};
    enum dcm_status status;

    memset(image, 0, sizeof *image);
    image->size = sizeof *image;
    status = dcm_image_read(image, input, options, &error);
    CHECK(status == error.code || status == DCM_OK);
    CHECK(memchr(error.message, '\0', sizeof error.message));
    dcm_input_free(input);
    return status;
}

static int same(const struct dcm_image *a, const struct dcm_image *b)
{
    return strcmp(a->syntax, b->syntax) == 0 && a->rows == b->rows &&
           a->columns == b->columns && a->samples == b->samples &&
           a->bits_stored == b->bits_stored && a->is_signed == b->is_signed &&
           a->is_lossy == b->is_lossy &&
           (a->lacks_end || a->length == b->length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned choice = size ? data[0] : 0;
    struct dcm_image_options options = {.size = sizeof options,
                                        .allow_retired = choice & 1};
    struct dcm_policy *lenient = dcm_policy_new(0, NULL, NULL);
    struct dcm_policy *strict = dcm_policy_new(1, NULL, NULL);
    struct dcm_image image, again;
    enum dcm_status status;

    data += size > 0;
    size -= size > 0;
    options.policy = lenient;
    status = read_image(&image, data, size, &options);
    options.policy = strict;
    if (dcm_policy_count(lenient, 0))
        CHECK(read_image(&again, data, size, &options) != DCM_OK);
    else
        CHECK(read_image(&again, data, size, &options) == status);
    if (status == DCM_OK) {
        check_image(&image, size);
        options.policy = lenient;
        CHECK(read_image(&again, data + image.offset, (size_t)image.length,
                         &options) == DCM_OK);
        CHECK(same(&image, &again));
    }
    dcm_policy_free(lenient);
    dcm_policy_free(strict);
    return 0;
}
