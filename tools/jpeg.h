/* What the files of jpeg2dcm share: images, the data set around them, and the
 * check of one against the other. */
#ifndef TOOL_JPEG_H
#define TOOL_JPEG_H

#include "compose.h"
#include "fetch.h"

enum tool_jpeg_profile { TOOL_JPEG_DICOM, TOOL_JPEG_GOOGLE };

/* `index` when there is to be one object only. */
#define TOOL_JPEG_ONLY UINT64_MAX

struct tool_jpeg_options {
    struct tool_options common; /* first */
    struct tool_compose_options compose;
    struct tool_fetch_options fetch;
    const char *study; /* a file, or NULL */
    uint64_t index;    /* of the object in an array, from 1: */
    int profile;       /* enum tool_jpeg_profile */
    int fix, allow_retired;
};

/* Who does it, and for whom. A message goes to `log`, whose file is set to
 * what it is about. */
struct tool_jpeg {
    const struct tool_jpeg_options *options;
    struct tool_log *log;
    struct dcm_policy *policy;
    /* An operand that has been opened, for it may not be a second time. */
    const char *first_path;
    struct dcm_input *first;
};

/* ------------------------------------------------------ jpeg_images.c */

/* One image file, open from tool_jpeg_open() on. */
struct tool_jpeg_image {
    const char *path;
    struct dcm_input *file;  /* all of it */
    int borrowed;            /* it is not ours to close */
    struct dcm_input *ended; /* with FF D9 behind it, or NULL */
    int spool;               /* what came through a pipe, or -1 */
    struct dcm_image image;
    struct dcm_bulk_data data; /* the code stream */
};

/* Frames that belong together: alike. */
struct tool_jpeg_frames {
    const struct dcm_image *image;
    const struct dcm_bulk_data *data;
    size_t count;
};

/* A file, or "-", that can be read again: what comes through a pipe is written
 * to a file without a name first, at most `limit` bytes of it; 0: the default
 * of the limit `output`. NULL with *error. */
struct dcm_input *tool_jpeg_input(const char *path, uint64_t limit, int *spool,
                                  struct dcm_error *error);
/* What to call it in messages. */
const char *tool_jpeg_name(const char *path);
/* Whether a JSON document begins there. */
int tool_jpeg_is_json(struct dcm_input *input);
/* Opens and analyses: DCM_OK, or what is wrong has been said. To be closed in
 * any case. */
enum dcm_status tool_jpeg_open(struct tool_jpeg *t,
                               struct tool_jpeg_image *image, const char *path);
void tool_jpeg_close(struct tool_jpeg_image *image);
/* How they differ, as words for a message; NULL: they can be frames of one
 * instance. */
const char *tool_jpeg_difference(const struct dcm_image *a,
                                 const struct dcm_image *b);

/* ------------------------------------------------------- jpeg_check.c */

/* Attributes that follow from the images: those that are there are compared,
 * others added. DCM_OK, or what is wrong has been said. The transfer syntax to
 * write goes to *syntax: static text. */
enum dcm_status tool_jpeg_check(struct tool_jpeg *t,
                                struct dcm_dataset *dataset,
                                const struct tool_jpeg_frames *frames,
                                const char **syntax);

/* ------------------------------------------------------- jpeg_lossy.c */

/* Lossy Image Compression, its ratio and method (PS3.3 C.7.6.1.1.5). */
enum dcm_status tool_jpeg_lossy(struct tool_jpeg *t,
                                struct dcm_dataset *dataset,
                                const struct tool_jpeg_frames *frames);
/* raw : compressed as a DS of at most 16 bytes and a NUL. */
#define TOOL_JPEG_RATIO 17
void tool_jpeg_ratio(char ratio[TOOL_JPEG_RATIO], uint64_t raw,
                     uint64_t compressed);

/* ----------------------------------------------------- jpeg_capture.c */

/* Study and Series Instance UID of what one command makes. */
struct tool_jpeg_uids {
    char study[TOOL_UID_SIZE], series[TOOL_UID_SIZE];
    char now[2][16]; /* DA and TM */
};

/* 0, or -1 without randomness or a clock. */
int tool_jpeg_uids(struct tool_jpeg_uids *uids);
/* A Secondary Capture image around frames, into an empty data set; pixel
 * attributes are left to tool_jpeg_check(). */
enum dcm_status tool_jpeg_capture(struct dcm_dataset *dataset,
                                  const struct tool_jpeg_frames *frames,
                                  const struct tool_jpeg_uids *uids,
                                  struct dcm_error *error);
/* Whether its class is one of images that may have frames: any that is known,
 * but for those that are known to have none. Then Number of Frames is there for
 * one, too (PS3.3 C.7.6.6). */
int tool_jpeg_has_frames(struct dcm_dataset *dataset);
/* Moves what belongs to the patient and the study, where the data set has none
 * or an empty element. 0: it is of another study or patient, or the study has
 * no UID, which has been said. */
int tool_jpeg_join(struct tool_jpeg *t, struct dcm_dataset *dataset,
                   struct dcm_dataset *study);

/* ---------------------------------------------------- jpeg_instance.c */

/* Makes one instance after another. Set what is above the line. */
struct tool_jpeg_maker {
    struct tool_jpeg *t;
    struct dcm_input *meta; /* the metadata, or NULL */
    const char *meta_name;
    int several;                /* instances will be made */
    struct tool_worker *worker; /* of `fetch` */
    /* -- by tool_jpeg_maker_open() -- */
    struct tool_jpeg_uids uids;
    struct dcm_json_reader *json;
    struct tool_fetch *fetch;
    struct dcm_input *nothing; /* stands for Pixel Data of the metadata */
    struct dcm_dataset *capture, *study;
    struct dcm_input *study_file; /* the tree may refer to it */
    struct dcm_output *output;
    struct tool_compose_options composing;
    struct tool_compose *compose;
    struct dcm_dataset *dataset; /* its tree */
    enum dcm_status unusable;    /* metadata or study: has been said */
};

/* 0, or -1 without memory or randomness. To be closed in any case. */
int tool_jpeg_maker_open(struct tool_jpeg_maker *m);
void tool_jpeg_maker_close(struct tool_jpeg_maker *m);
/* The data set of the images, complete: number n, from 1, of several. DCM_OK,
 * or what is wrong has been said. */
enum dcm_status tool_jpeg_make(struct tool_jpeg_maker *m,
                               const struct tool_jpeg_frames *frames,
                               unsigned n);
/* Writes it to an open file; details of a failure in *error. */
enum dcm_status tool_jpeg_write(struct tool_jpeg_maker *m, int fd,
                                struct dcm_error *error);

/* ------------------------------------------------------ jpeg_output.c */

/* Where instances go: -o, -d or standard output. */
struct tool_jpeg_output {
    struct tool_jpeg_maker *maker;
    struct tool_names names; /* of -d */
    struct tool_ids inputs;  /* with --force */
    struct tool_target target;
};

/* 0, or -1 without memory. */
int tool_jpeg_output_open(struct tool_jpeg_output *out);
void tool_jpeg_output_close(struct tool_jpeg_output *out);
/* DIR/NAME.dcm of an image, NAME without the ending of one; NULL: no memory. */
char *tool_jpeg_output_path(const char *folder, const char *image,
                            struct tool_bytes *path);
/* Names for all images, before any is written: 0 when two would be the same,
 * which has been said. */
int tool_jpeg_output_claim(struct tool_jpeg_output *out, char **images,
                           size_t count);
/* What the maker has made; `path` NULL: to standard output. DCM_OK, or what
 * is wrong has been said. */
enum dcm_status tool_jpeg_output_put(struct tool_jpeg_output *out,
                                     const char *path);

/* ---------------------------------------------------------- elements */

/* The value as text, for messages and comparisons: numbers in decimal, text
 * without padding. 0 when there is none: no element, or an empty one. */
#define TOOL_JPEG_TEXT 80
int tool_jpeg_text(struct dcm_dataset *dataset, const char *path,
                   char text[TOOL_JPEG_TEXT]);

#endif
