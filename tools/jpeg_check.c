/* Attributes that describe pixels against what the images' own headers say:
 * PS3.3 C.7.6.3, PS3.5 8.2 and A.4. A value that is there and says something
 * else is an error, or with --fix replaced; one that is not is added. Knows
 * nothing of where the data set comes from. */
#include "jpeg.h"

#include <libdcm/cursor.h>
#include <libdcm/dataset.h>
#include <libdcm/decimal.h>
#include <libdcm/number.h>
#include <libdcm/policy.h>

#include <stdio.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define JPEG_BASELINE "1.2.840.10008.1.2.4.50"
#define JPEG_LOSSLESS_14 "1.2.840.10008.1.2.4.57"
#define JPEG_LOSSLESS "1.2.840.10008.1.2.4.70"
#define JPEG_LS "1.2.840.10008.1.2.4.80"
#define JPEG_LS_NEAR "1.2.840.10008.1.2.4.81"
#define JPEG_2000_LOSSLESS "1.2.840.10008.1.2.4.90"
#define JPEG_2000 "1.2.840.10008.1.2.4.91"
#define HTJ2K_LOSSLESS "1.2.840.10008.1.2.4.201"
#define HTJ2K "1.2.840.10008.1.2.4.203"

enum {
    SYNTAX,
    SAMPLES,
    PHOTOMETRIC,
    PLANAR,
    FRAMES,
    ROWS,
    COLUMNS,
    ALLOCATED,
    STORED,
    HIGH_BIT,
    SIGNED,
    ATTRIBUTES
};

static const struct attribute {
    const char *path, *tag, *keyword;
} attributes[] = {
    [SYNTAX] = {"00020010", "(0002,0010)", "TransferSyntaxUID"},
    [SAMPLES] = {"00280002", "(0028,0002)", "SamplesPerPixel"},
    [PHOTOMETRIC] = {"00280004", "(0028,0004)", "PhotometricInterpretation"},
    [PLANAR] = {"00280006", "(0028,0006)", "PlanarConfiguration"},
    [FRAMES] = {"00280008", "(0028,0008)", "NumberOfFrames"},
    [ROWS] = {"00280010", "(0028,0010)", "Rows"},
    [COLUMNS] = {"00280011", "(0028,0011)", "Columns"},
    [ALLOCATED] = {"00280100", "(0028,0100)", "BitsAllocated"},
    [STORED] = {"00280101", "(0028,0101)", "BitsStored"},
    [HIGH_BIT] = {"00280102", "(0028,0102)", "HighBit"},
    [SIGNED] = {"00280103", "(0028,0103)", "PixelRepresentation"},
};
_Static_assert(COUNT(attributes) == ATTRIBUTES, "one row each");

/* One data set and its images. */
struct check {
    struct tool_jpeg *t;
    struct dcm_dataset *dataset;
    const struct dcm_image *image;
    size_t frames;
    char found[ATTRIBUTES][TOOL_JPEG_TEXT]; /* in the images */
    char given[ATTRIBUTES][TOOL_JPEG_TEXT]; /* in the data set */
    int is_given[ATTRIBUTES];
    unsigned conflicts;
    char missing[400];
    struct dcm_error error;
};

/* ----------------------------------------------------------------- as text */

/* 0: no number, or several. */
static size_t number_text(char *out, const struct dcm_element *e)
{
    const uint8_t *p = dcm_element_data(e);
    uint64_t size = dcm_element_size(e);
    uint16_t vr = dcm_element_vr(e);

    if (size == 2 && vr == DCM_VR('U', 'S'))
        return dcm_number_u64(out, dcm_get16le(p));
    if (size == 2 && vr == DCM_VR('S', 'S'))
        return dcm_number_i64(out, (int16_t)dcm_get16le(p));
    if (size == 4 && vr == DCM_VR('U', 'L'))
        return dcm_number_u64(out, dcm_get32le(p));
    if (size == 4 && vr == DCM_VR('S', 'L'))
        return dcm_number_i64(out, (int32_t)dcm_get32le(p));
    return 0;
}

static size_t plain_text(char *out, const struct dcm_element *e)
{
    const char *s = (const char *)dcm_element_data(e);
    size_t n = (size_t)dcm_element_size(e);
    uint64_t v;
    int minus;

    while (n && (s[n - 1] == ' ' || s[n - 1] == '\0'))
        n--;
    while (n && *s == ' ')
        s++, n--;
    if (dcm_element_vr(e) == DCM_VR('I', 'S') &&
        dcm_decimal_whole(s, n, &v, &minus) && !minus)
        return dcm_number_u64(out, v);
    if (n >= TOOL_JPEG_TEXT)
        n = TOOL_JPEG_TEXT - 1;
    memcpy(out, s, n);
    return n;
}

static int is_text(uint16_t vr)
{
    static const uint16_t vrs[] = {DCM_VR('C', 'S'), DCM_VR('U', 'I'),
                                   DCM_VR('I', 'S'), DCM_VR('D', 'S'),
                                   DCM_VR('L', 'O'), DCM_VR('S', 'H')};

    for (size_t i = 0; i < COUNT(vrs); i++)
        if (vr == vrs[i])
            return 1;
    return 0;
}

int tool_jpeg_text(struct dcm_dataset *dataset, const char *path,
                   char text[TOOL_JPEG_TEXT])
{
    const struct dcm_element *e = dcm_dataset_find(dataset, path);
    uint16_t vr = e ? dcm_element_vr(e) : 0;
    size_t n;

    *text = '\0';
    if (!e || (dcm_element_data(e) && dcm_element_size(e) == 0))
        return 0;
    if (!dcm_element_data(e)) {
        snprintf(text, TOOL_JPEG_TEXT, "no value of its VR");
        return 1;
    }
    n = is_text(vr) ? plain_text(text, e) : number_text(text, e);
    text[n] = '\0';
    if (n == 0 && !is_text(vr))
        snprintf(text, TOOL_JPEG_TEXT, "no single number");
    return n || !is_text(vr);
}

/* -------------------------------------------------------------- both sides */

static void find(struct check *c)
{
    const struct dcm_image *i = c->image;
    const struct {
        int which;
        uint64_t value;
    } numbers[] = {
        {SAMPLES, i->samples},       {PLANAR, 0},
        {FRAMES, c->frames},         {ROWS, i->rows},
        {COLUMNS, i->columns},       {ALLOCATED, i->bits_allocated},
        {STORED, i->bits_stored},    {HIGH_BIT, i->bits_stored - 1},
        {SIGNED, i->is_signed != 0},
    };

    for (size_t n = 0; n < COUNT(numbers); n++)
        snprintf(c->found[numbers[n].which], TOOL_JPEG_TEXT, "%llu",
                 (unsigned long long)numbers[n].value);
    snprintf(c->found[SYNTAX], TOOL_JPEG_TEXT, "%s", i->syntax);
    snprintf(c->found[PHOTOMETRIC], TOOL_JPEG_TEXT, "%s", i->photometric);
    for (int n = 0; n < ATTRIBUTES; n++)
        c->is_given[n] =
            tool_jpeg_text(c->dataset, attributes[n].path, c->given[n]);
}

/* -------------------------------------------------------------- tolerances */

/* What may be said in place of what was found, because the image does not
 * tell, or because it says the same in wider terms; `warn`: it should not. */
static const struct tolerance {
    int which;
    const char *syntax; /* of the image; NULL: any */
    const char *found, *given;
    int warn;
} tolerances[] = {
    /* Wider: a process of which the one found is a part (PS3.5 A.4). */
    {SYNTAX, NULL, JPEG_LOSSLESS, JPEG_LOSSLESS_14, 0},
    {SYNTAX, NULL, JPEG_LS, JPEG_LS_NEAR, 0},
    {SYNTAX, NULL, JPEG_2000_LOSSLESS, JPEG_2000, 0},
    {SYNTAX, NULL, HTJ2K_LOSSLESS, HTJ2K, 0},
    /* One component does not say which end is white, or whether it is an
     * index (PS3.3 C.7.6.3.1.2). */
    {PHOTOMETRIC, NULL, "MONOCHROME2", "MONOCHROME1", 0},
    {PHOTOMETRIC, JPEG_LOSSLESS, "MONOCHROME2", "PALETTE COLOR", 0},
    {PHOTOMETRIC, JPEG_LOSSLESS_14, "MONOCHROME2", "PALETTE COLOR", 0},
    {PHOTOMETRIC, JPEG_LS, "MONOCHROME2", "PALETTE COLOR", 0},
    {PHOTOMETRIC, JPEG_2000_LOSSLESS, "MONOCHROME2", "PALETTE COLOR", 0},
    {PHOTOMETRIC, HTJ2K_LOSSLESS, "MONOCHROME2", "PALETTE COLOR", 0},
    /* Many devices write it (PS3.5 8.2.1). */
    {PHOTOMETRIC, JPEG_BASELINE, "YBR_FULL_422", "YBR_FULL", 1},
    /* No color transform is no word about colors (PS3.5 8.2.1, 8.2.3). */
    {PHOTOMETRIC, JPEG_LOSSLESS, "RGB", "YBR_FULL", 1},
    {PHOTOMETRIC, JPEG_LOSSLESS_14, "RGB", "YBR_FULL", 1},
    {PHOTOMETRIC, JPEG_LS, "RGB", "YBR_FULL", 1},
    {PHOTOMETRIC, JPEG_LS_NEAR, "RGB", "YBR_FULL", 1},
    {PHOTOMETRIC, JPEG_2000_LOSSLESS, "RGB", "YBR_FULL", 1},
    /* Of JPEG and JPEG-LS, only the data set knows about signs. */
    {SIGNED, JPEG_LOSSLESS, "0", "1", 0},
    {SIGNED, JPEG_LOSSLESS_14, "0", "1", 0},
    {SIGNED, JPEG_LS, "0", "1", 0},
};

static const struct tolerance *tolerance_of(const struct check *c, int which)
{
    for (size_t i = 0; i < COUNT(tolerances); i++) {
        const struct tolerance *t = &tolerances[i];

        if (t->which == which && strcmp(t->found, c->found[which]) == 0 &&
            strcmp(t->given, c->given[which]) == 0 &&
            (!t->syntax || strcmp(t->syntax, c->image->syntax) == 0))
            return t;
    }
    return NULL;
}

/* ----------------------------------------------------------- one attribute */

/* The writer makes the Transfer Syntax UID anew. */
static enum dcm_status put(struct check *c, int which)
{
    const char *path = attributes[which].path;
    enum dcm_status status;

    if (which == SYNTAX)
        return DCM_OK;
    status = dcm_dataset_remove(c->dataset, path, &c->error);
    if (status == DCM_OK || status == DCM_DONE)
        status = dcm_dataset_set(c->dataset, path, c->found[which], &c->error);
    return status;
}

static enum dcm_status conflict(struct check *c, int which)
{
    const struct attribute *a = &attributes[which];
    int fix = c->t->options->fix;

    tool_log_say(c->t->log, fix ? TOOL_WARNING : TOOL_ERROR,
                 "%s %s is %s, but %s %s%s (PS3.3 C.7.6.3)", a->tag, a->keyword,
                 c->given[which],
                 which == FRAMES ? "the images are" : "the image has",
                 c->found[which], fix ? ": replaced" : "");
    if (fix)
        return put(c, which);
    c->conflicts++;
    return DCM_OK;
}

static enum dcm_status compare(struct check *c, int which)
{
    const struct attribute *a = &attributes[which];
    const struct tolerance *tolerance;

    if (strcmp(c->given[which], c->found[which]) == 0)
        return DCM_OK;
    tolerance = tolerance_of(c, which);
    if (!tolerance)
        return conflict(c, which);
    if (!tolerance->warn)
        return DCM_OK;
    return dcm_deviation(c->t->policy, &c->error, DCM_ISSUE_IMAGE_VALUE, NULL,
                         DCM_NO_OFFSET, "%s %s is %s, %s expected", a->tag,
                         a->keyword, c->given[which], c->found[which]);
}

/* In classes whose images have frames, Number of Frames is there for one, too
 * (PS3.3 C.7.6.6). They are known by their names. */
static int has_frames(struct check *c)
{
    static const char *const words[] = {"Multi-frame", "Enhanced",
                                        "Whole Slide", "Nuclear Medicine",
                                        "Ophthalmic",  "Tomosynthesis"};
    char class[TOOL_JPEG_TEXT];
    struct dcm_uid row;

    if (!tool_jpeg_text(c->dataset, "00080016", class) ||
        !dcm_uid_find(class, strlen(class), &row))
        return 0;
    for (size_t i = 0; i < COUNT(words); i++)
        if (strstr(row.name, words[i]))
            return 1;
    return 0;
}

static int is_wanted(struct check *c, int which)
{
    switch (which) {
    case PLANAR:
        return c->image->samples > 1;
    case FRAMES:
        return c->frames > 1 ||
               (c->t->options->profile == TOOL_JPEG_DICOM && has_frames(c));
    default:
        return 1;
    }
}

static void miss(struct check *c, int which)
{
    size_t n = strlen(c->missing);

    snprintf(c->missing + n, sizeof c->missing - n, "%s%s %s", n ? ", " : "",
             attributes[which].tag, attributes[which].keyword);
}

static enum dcm_status settle(struct check *c, int which)
{
    if (which == PLANAR && c->image->samples == 1)
        return DCM_OK;
    if (c->is_given[which])
        return compare(c, which);
    if (!is_wanted(c, which) || which == SYNTAX) {
        if (which == SYNTAX && c->t->options->profile == TOOL_JPEG_GOOGLE)
            miss(c, which);
        return DCM_OK; /* dcm_dataset_set_frames() has a place for it */
    }
    if (c->t->options->profile == TOOL_JPEG_DICOM)
        return put(c, which);
    miss(c, which);
    return DCM_OK;
}

/* ------------------------------------------------ the rest of the data set */

/* Google's server takes an instance only with these (and derives nothing). */
static void check_google(struct check *c)
{
    static const struct attribute required[] = {
        {"00080016", "(0008,0016)", "SOPClassUID"},
        {"00080018", "(0008,0018)", "SOPInstanceUID"},
        {"0020000D", "(0020,000D)", "StudyInstanceUID"},
        {"0020000E", "(0020,000E)", "SeriesInstanceUID"},
    };
    char text[TOOL_JPEG_TEXT];

    for (size_t i = 0; i < COUNT(required); i++)
        if (!tool_jpeg_text(c->dataset, required[i].path, text)) {
            size_t n = strlen(c->missing);

            snprintf(c->missing + n, sizeof c->missing - n, "%s%s %s",
                     n ? ", " : "", required[i].tag, required[i].keyword);
        }
    if (tool_jpeg_text(c->dataset, "00080005", text) &&
        strcmp(text, "ISO_IR 192") == 0)
        return;
    tool_log_say(c->t->log, TOOL_ERROR,
                 "(0008,0005) SpecificCharacterSet is %s, but the profile "
                 "google asks for ISO_IR 192",
                 *text ? text : "missing");
    c->conflicts++;
}

/* A URI for the images leaves no bytes, at most a fragment without any. */
static int has_pixels(const struct dcm_element *e)
{
    if (!e || e->kind == DCM_ELEMENT_VALUE)
        return e && e->value.size > 0;
    for (const struct dcm_item *i = e->first_item; i; i = i->next)
        if (i->value.size > 0)
            return 1;
    return 0;
}

/* Pixels that are there already, and tables about them, give way. */
static enum dcm_status clear_place(struct check *c)
{
    static const char *const paths[] = {"7FE00001", "7FE00002"};

    if (has_pixels(dcm_dataset_find(c->dataset, "7FE00010"))) {
        tool_log_say(c->t->log, c->t->options->fix ? TOOL_WARNING : TOOL_ERROR,
                     "(7FE0,0010) PixelData has a value already%s",
                     c->t->options->fix ? ": replaced by the images" : "");
        c->conflicts += !c->t->options->fix;
    }
    for (size_t i = 0; i < COUNT(paths); i++) {
        enum dcm_status status =
            dcm_dataset_remove(c->dataset, paths[i], &c->error);

        if (status == DCM_OK)
            tool_log_say(c->t->log, TOOL_WARNING,
                         "(7FE0,000%c) is about other pixels, left out",
                         paths[i][7]);
        else if (status != DCM_DONE)
            return status;
    }
    return DCM_OK;
}

static enum dcm_status judge(struct check *c)
{
    if (*c->missing) {
        tool_log_say(c->t->log, TOOL_ERROR,
                     "missing for the profile google: %s", c->missing);
        c->conflicts++;
    }
    return c->conflicts ? DCM_ERR_ARGUMENT : DCM_OK;
}

enum dcm_status tool_jpeg_check(struct tool_jpeg *t,
                                struct dcm_dataset *dataset,
                                const struct tool_jpeg_frames *frames,
                                const char **syntax)
{
    struct check c = {.t = t,
                      .dataset = dataset,
                      .image = frames->image,
                      .frames = frames->count};
    const struct tolerance *wider;
    enum dcm_status status;

    find(&c);
    status = clear_place(&c);
    for (int i = 0; i < ATTRIBUTES && status == DCM_OK; i++)
        status = settle(&c, i);
    if (status == DCM_OK && t->options->profile == TOOL_JPEG_GOOGLE)
        check_google(&c);
    if (status != DCM_OK) {
        tool_log_error(t->log, &c.error, "");
        return status;
    }
    wider = tolerance_of(&c, SYNTAX);
    *syntax = wider ? wider->given : c.image->syntax;
    return judge(&c);
}
