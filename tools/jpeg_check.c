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

#define PIXEL_MODULE "PS3.3 C.7.6.3"

static const struct attribute {
    const char *path, *tag, *keyword;
    uint16_t vr;
    const char *section;
} attributes[] = {
    [SYNTAX] = {"00020010", "(0002,0010)", "TransferSyntaxUID",
                DCM_VR('U', 'I'), "PS3.5 A.4"},
    [SAMPLES] = {"00280002", "(0028,0002)", "SamplesPerPixel", DCM_VR('U', 'S'),
                 PIXEL_MODULE},
    [PHOTOMETRIC] = {"00280004", "(0028,0004)", "PhotometricInterpretation",
                     DCM_VR('C', 'S'), PIXEL_MODULE},
    [PLANAR] = {"00280006", "(0028,0006)", "PlanarConfiguration",
                DCM_VR('U', 'S'), PIXEL_MODULE},
    [FRAMES] = {"00280008", "(0028,0008)", "NumberOfFrames", DCM_VR('I', 'S'),
                "PS3.3 C.7.6.6"},
    [ROWS] = {"00280010", "(0028,0010)", "Rows", DCM_VR('U', 'S'),
              PIXEL_MODULE},
    [COLUMNS] = {"00280011", "(0028,0011)", "Columns", DCM_VR('U', 'S'),
                 PIXEL_MODULE},
    [ALLOCATED] = {"00280100", "(0028,0100)", "BitsAllocated", DCM_VR('U', 'S'),
                   PIXEL_MODULE},
    [STORED] = {"00280101", "(0028,0101)", "BitsStored", DCM_VR('U', 'S'),
                PIXEL_MODULE},
    [HIGH_BIT] = {"00280102", "(0028,0102)", "HighBit", DCM_VR('U', 'S'),
                  PIXEL_MODULE},
    [SIGNED] = {"00280103", "(0028,0103)", "PixelRepresentation",
                DCM_VR('U', 'S'), PIXEL_MODULE},
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
    /* Of lossless JPEG and JPEG-LS, only the data set knows about signs: bits
     * are coded, near ones too (PS3.5 8.2.3). */
    {SIGNED, JPEG_LOSSLESS, "0", "1", 0},
    {SIGNED, JPEG_LOSSLESS_14, "0", "1", 0},
    {SIGNED, JPEG_LS, "0", "1", 0},
    {SIGNED, JPEG_LS_NEAR, "0", "1", 0},
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
static enum dcm_status put(struct check *c, int which, const char *value)
{
    const char *path = attributes[which].path;
    enum dcm_status status;

    if (which == SYNTAX)
        return DCM_OK;
    status = dcm_dataset_remove(c->dataset, path, &c->error);
    if (status == DCM_OK || status == DCM_DONE)
        status = dcm_dataset_set(c->dataset, path, value, &c->error);
    return status;
}

static enum dcm_status conflict(struct check *c, int which)
{
    const struct attribute *a = &attributes[which];
    const char *has = "the image has", *unit = "";
    int fix = c->t->options->fix;

    if (which == FRAMES) {
        has = c->frames == 1 ? "there is" : "there are";
        unit = c->frames == 1 ? " image" : " images";
    }
    tool_log_say(c->t->log, fix ? TOOL_WARNING : TOOL_ERROR,
                 "%s %s is %s, but %s %s%s%s (%s)", a->tag, a->keyword,
                 c->given[which], has, c->found[which], unit,
                 fix ? ": replaced" : "", a->section);
    if (fix)
        return put(c, which, c->found[which]);
    c->conflicts++;
    return DCM_OK;
}

/* The right value, but perhaps in another VR, which whoever read it has said:
 * it becomes the right one. The profile google changes nothing. */
static enum dcm_status settle_vr(struct check *c, int which)
{
    const struct attribute *a = &attributes[which];
    const struct dcm_element *e = dcm_dataset_find(c->dataset, a->path);
    const struct tool_jpeg_options *o = c->t->options;
    uint16_t vr = e ? dcm_element_vr(e) : a->vr;
    int fails = o->profile == TOOL_JPEG_GOOGLE && !o->fix;

    if (vr == a->vr)
        return DCM_OK;
    tool_log_say(c->t->log, fails ? TOOL_ERROR : TOOL_WARNING,
                 "%s %s has VR %c%c, %c%c expected%s (PS3.6 6)", a->tag,
                 a->keyword, vr >> 8, vr & 255, a->vr >> 8, a->vr & 255,
                 fails ? "" : ": replaced");
    c->conflicts += fails;
    return fails ? DCM_OK : put(c, which, c->given[which]);
}

static enum dcm_status compare(struct check *c, int which)
{
    const struct attribute *a = &attributes[which];
    const struct tolerance *tolerance;
    enum dcm_status status = DCM_OK;

    if (strcmp(c->given[which], c->found[which]) != 0) {
        tolerance = tolerance_of(c, which);
        if (!tolerance)
            return conflict(c, which);
        if (tolerance->warn)
            status = dcm_deviation(
                c->t->policy, &c->error, DCM_ISSUE_IMAGE_VALUE, NULL,
                DCM_NO_OFFSET, "%s %s is %s, %s expected", a->tag, a->keyword,
                c->given[which], c->found[which]);
    }
    return status == DCM_OK ? settle_vr(c, which) : status;
}

/* One sample has no order: Planar Configuration is there for several only
 * (PS3.3 C.7.6.3, type 1C). 0 or nothing claims none, and goes with a warning;
 * so does it with a number of samples that is replaced. */
static enum dcm_status drop_planar(struct check *c)
{
    const char *path = attributes[PLANAR].path;
    int fix = c->t->options->fix, claims;
    enum dcm_status status;

    if (!dcm_dataset_find(c->dataset, path) ||
        (!fix && c->is_given[SAMPLES] && strcmp(c->given[SAMPLES], "1") != 0))
        return DCM_OK; /* the number of samples was the conflict */
    claims = c->is_given[PLANAR] && strcmp(c->given[PLANAR], "0") != 0;
    if (fix || claims) {
        tool_log_say(c->t->log, fix ? TOOL_WARNING : TOOL_ERROR,
                     "(0028,0006) PlanarConfiguration is there, but the image "
                     "has one sample per pixel%s (PS3.3 C.7.6.3.1.3)",
                     fix ? ": left out" : "");
        c->conflicts += !fix;
    } else {
        status = dcm_deviation(c->t->policy, &c->error, DCM_ISSUE_IMAGE_VALUE,
                               NULL, DCM_NO_OFFSET,
                               "(0028,0006) PlanarConfiguration is there for "
                               "one sample per pixel, left out");
        if (status != DCM_OK)
            return status;
    }
    return dcm_dataset_remove(c->dataset, path, &c->error);
}

static int is_wanted(struct check *c, int which)
{
    switch (which) {
    case PLANAR:
        return c->image->samples > 1;
    case FRAMES:
        return c->frames > 1 || (c->t->options->profile == TOOL_JPEG_DICOM &&
                                 tool_jpeg_has_frames(c->dataset));
    default:
        return 1;
    }
}

static void miss(struct check *c, const struct attribute *a)
{
    size_t n = strlen(c->missing);

    snprintf(c->missing + n, sizeof c->missing - n, "%s%s %s", n ? ", " : "",
             a->tag, a->keyword);
}

static enum dcm_status settle(struct check *c, int which)
{
    if (which == PLANAR && c->image->samples == 1)
        return drop_planar(c);
    if (c->is_given[which])
        return compare(c, which);
    if (!is_wanted(c, which) || which == SYNTAX) {
        if (which == SYNTAX && c->t->options->profile == TOOL_JPEG_GOOGLE)
            miss(c, &attributes[which]);
        return DCM_OK; /* dcm_dataset_set_frames() has a place for it */
    }
    if (c->t->options->profile == TOOL_JPEG_DICOM)
        return put(c, which, c->found[which]);
    miss(c, &attributes[which]);
    return DCM_OK;
}

/* ------------------------------------------------ the rest of the data set */

/* Google's server takes an instance only with these (and derives nothing). */
static void check_google(struct check *c)
{
    static const struct attribute required[] = {
        {"00080016", "(0008,0016)", "SOPClassUID", 0, ""},
        {"00080018", "(0008,0018)", "SOPInstanceUID", 0, ""},
        {"0020000D", "(0020,000D)", "StudyInstanceUID", 0, ""},
        {"0020000E", "(0020,000E)", "SeriesInstanceUID", 0, ""},
    };
    char text[TOOL_JPEG_TEXT];

    for (size_t i = 0; i < COUNT(required); i++)
        if (!tool_jpeg_text(c->dataset, required[i].path, text))
            miss(c, &required[i]);
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

/* An image has its pixels in one of these places (PS3.3 A.1.4). */
static enum dcm_status clear_pixels(struct check *c)
{
    static const struct {
        const char *path, *name;
    } places[] = {
        {"7FE00010", "(7FE0,0010) PixelData"}, /* stays, for the images */
        {"7FE00008", "(7FE0,0008) FloatPixelData"},
        {"7FE00009", "(7FE0,0009) DoubleFloatPixelData"},
        {"00287FE0", "(0028,7FE0) PixelDataProviderURL"},
    };
    int fix = c->t->options->fix;

    for (size_t i = 0; i < COUNT(places); i++) {
        enum dcm_status status;

        if (has_pixels(dcm_dataset_find(c->dataset, places[i].path))) {
            tool_log_say(c->t->log, fix ? TOOL_WARNING : TOOL_ERROR,
                         "%s has a value already%s", places[i].name,
                         fix ? ": replaced by the images" : "");
            c->conflicts += !fix;
        }
        if (i == 0)
            continue;
        status = dcm_dataset_remove(c->dataset, places[i].path, &c->error);
        if (status != DCM_OK && status != DCM_DONE)
            return status;
    }
    return DCM_OK;
}

/* Tables about pixels that were there give way. */
static enum dcm_status clear_tables(struct check *c)
{
    static const char *const paths[] = {"7FE00001", "7FE00002"};

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
    status = clear_pixels(&c);
    if (status == DCM_OK)
        status = clear_tables(&c);
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
