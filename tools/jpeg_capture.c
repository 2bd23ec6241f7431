/* A Secondary Capture image where there is no data set to begin with: PS3.3
 * A.8. And what an instance shares with others of its patient and study. Knows
 * nothing of what the pixels are, beyond which class they belong to. */
#include "jpeg.h"

#include <libdcm/dataset.h>
#include <libdcm/error.h>
#include <libdcm/vr.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define SC "1.2.840.10008.5.1.4.1.1.7"

/* ----------------------------------------------------------------- classes */

/* One frame may be anything (A.8.1); several have a class by what they are
 * (A.8.3 to A.8.5). */
static const struct class
{
    const char *uid;
    unsigned samples, bits_allocated, least_stored, most_stored;
} classes[] = {
    {SC ".2", 1, 8, 8, 8},   /* Grayscale Byte */
    {SC ".3", 1, 16, 9, 16}, /* Grayscale Word */
    {SC ".4", 3, 8, 8, 8},   /* True Color */
};

static const char *class_of(const struct tool_jpeg_frames *f)
{
    const struct dcm_image *i = f->image;

    if (f->count == 1)
        return SC;
    for (size_t n = 0; n < COUNT(classes); n++) {
        const struct class *c = &classes[n];

        if (i->samples == c->samples && !i->is_signed &&
            i->bits_allocated == c->bits_allocated &&
            i->bits_stored >= c->least_stored &&
            i->bits_stored <= c->most_stored)
            return c->uid;
    }
    return NULL;
}

/* Their IODs are without the Multi-frame module (PS3.3 A.1.4). */
static const char *const single_frame[] = {
    "1",      /* Computed Radiography */
    "1.1",    /* Digital X-Ray, for presentation */
    "1.1.1",  /* for processing */
    "1.2",    /* Digital Mammography X-Ray */
    "1.2.1",  /* for processing */
    "1.3",    /* Digital Intra-Oral X-Ray */
    "1.3.1",  /* for processing */
    "2",      /* CT */
    "2.3",    /* for processing */
    "4",      /* MR */
    "6",      /* Ultrasound, retired */
    "6.1",    /* Ultrasound */
    "7",      /* Secondary Capture */
    "77.1.1", /* VL Endoscopic */
    "77.1.2", /* VL Microscopic */
    "77.1.3", /* VL Slide-Coordinates Microscopic */
    "77.1.4", /* VL Photographic */
    "128",    /* Positron Emission Tomography */
};

int tool_jpeg_has_frames(struct dcm_dataset *d)
{
    static const char root[] = "1.2.840.10008.5.1.4.1.1.";
    char class[TOOL_JPEG_TEXT];
    struct dcm_uid row;

    if (!tool_jpeg_text(d, "00080016", class) ||
        !dcm_uid_find(class, strlen(class), &row))
        return 0;
    if (strncmp(class, root, sizeof root - 1) != 0)
        return 1;
    for (size_t i = 0; i < COUNT(single_frame); i++)
        if (strcmp(class + sizeof root - 1, single_frame[i]) == 0)
            return 0;
    return 1;
}

/* -------------------------------------------------------------- attributes */

enum when { ALWAYS, SEVERAL, SEVERAL_GRAY };

struct row {
    const char *path, *value;
    enum when when;
};

/* Values that do not depend on anything. Empty ones are of type 2. */
static const struct row rows[] = {
    {"AccessionNumber", "", ALWAYS},
    {"Modality", "OT", ALWAYS},
    {"ConversionType", "WSD", ALWAYS}, /* made on a workstation */
    {"Manufacturer", "", ALWAYS},
    {"ReferringPhysicianName", "", ALWAYS},
    {"PatientName", "", ALWAYS},
    {"PatientID", "", ALWAYS},
    {"PatientBirthDate", "", ALWAYS},
    {"PatientSex", "", ALWAYS},
    {"StudyID", "", ALWAYS},
    {"SeriesNumber", "", ALWAYS},
    {"InstanceNumber", "1", ALWAYS},
    {"PatientOrientation", "", ALWAYS},
    {"Laterality", "", ALWAYS}, /* of what may be one of a pair */
    /* Nobody looked: better too careful (C.8.6.4). */
    {"BurnedInAnnotation", "YES", SEVERAL},
    {"FrameIncrementPointer", "00182001", SEVERAL},
    {"RescaleIntercept", "0", SEVERAL_GRAY},
    {"RescaleSlope", "1", SEVERAL_GRAY},
    {"RescaleType", "US", SEVERAL_GRAY}, /* unspecified */
    {"PresentationLUTShape", "IDENTITY", SEVERAL_GRAY},
};

static int applies(const struct row *row, const struct tool_jpeg_frames *f)
{
    return row->when == ALWAYS ||
           (f->count > 1 && (row->when == SEVERAL || f->image->samples == 1));
}

/* Page Number Vector, which the frames are told apart by: 1\2\3. */
static enum dcm_status set_pages(struct dcm_dataset *d, size_t count,
                                 struct dcm_error *error)
{
    struct tool_bytes text = {NULL, 0, 0};
    enum dcm_status status;
    char number[24];

    for (size_t i = 1; i <= count; i++) {
        snprintf(number, sizeof number, "%s%zu", i > 1 ? "\\" : "", i);
        if (tool_bytes_text(&text, number) != 0)
            break;
    }
    status = tool_bytes_string(&text)
                 ? dcm_dataset_set(d, "PageNumberVector", text.data, error)
                 : dcm_error_fill(error, DCM_ERR_MEMORY, UINT64_MAX, "",
                                  "no memory");
    tool_bytes_release(&text);
    return status;
}

enum dcm_status tool_jpeg_capture(struct dcm_dataset *d,
                                  const struct tool_jpeg_frames *f,
                                  const struct tool_jpeg_uids *uids,
                                  struct dcm_error *error)
{
    const char *class = class_of(f);
    const struct row own[] = {
        {"SOPClassUID", class, ALWAYS},
        {"InstanceCreationDate", uids->now[0], ALWAYS},
        {"StudyDate", uids->now[0], ALWAYS},
        {"ContentDate", uids->now[0], ALWAYS},
        {"InstanceCreationTime", uids->now[1], ALWAYS},
        {"StudyTime", uids->now[1], ALWAYS},
        {"ContentTime", uids->now[1], ALWAYS},
    };
    enum dcm_status status = DCM_OK;

    if (!class)
        return dcm_error_fill(
            error, DCM_ERR_UNSUPPORTED, UINT64_MAX, "",
            "no Secondary Capture class holds several frames of this depth "
            "(PS3.3 A.8); use -d, or metadata with a SOP Class UID");
    for (size_t i = 0; i < COUNT(own) && status == DCM_OK; i++)
        status = dcm_dataset_set(d, own[i].path, own[i].value, error);
    for (size_t i = 0; i < COUNT(rows) && status == DCM_OK; i++)
        if (applies(&rows[i], f))
            status = dcm_dataset_set(d, rows[i].path, rows[i].value, error);
    return status == DCM_OK && f->count > 1 ? set_pages(d, f->count, error)
                                            : status;
}

int tool_jpeg_uids(struct tool_jpeg_uids *uids)
{
    time_t now = time(NULL);
    struct tm tm;

    if (tool_new_uid(uids->study) != 0 || tool_new_uid(uids->series) != 0 ||
        !localtime_r(&now, &tm))
        return -1;
    strftime(uids->now[0], sizeof uids->now[0], "%Y%m%d", &tm);
    strftime(uids->now[1], sizeof uids->now[1], "%H%M%S", &tm);
    return 0;
}

/* ----------------------------------------------------------------- a study */

/* The modules of the entities Patient and Study, PS3.3 C.7.1, C.7.2. */
static const uint32_t shared[] = {
    /* Patient */
    0x00081120, 0x00100010, 0x00100020, 0x00100021, 0x00100022, 0x00100024,
    0x00100026, 0x00100027, 0x00100030, 0x00100032, 0x00100033, 0x00100034,
    0x00100035, 0x00100040, 0x00100200, 0x00100212, 0x00100213, 0x00100214,
    0x00100215, 0x00100216, 0x00100217, 0x00100218, 0x00100219, 0x00100221,
    0x00100222, 0x00100223, 0x00100229, 0x00101000, 0x00101001, 0x00101002,
    0x00101100, 0x00102160, 0x00102201, 0x00102202, 0x00102292, 0x00102293,
    0x00102294, 0x00102295, 0x00102296, 0x00102297, 0x00102298, 0x00102299,
    0x00104000, 0x00120062, 0x00120063, 0x00120064,
    /* Clinical Trial Subject */
    0x00120010, 0x00120020, 0x00120021, 0x00120030, 0x00120031, 0x00120040,
    0x00120042, 0x00120081, 0x00120082,
    /* General Study */
    0x00080020, 0x00080030, 0x00080050, 0x00080051, 0x00080090, 0x00080096,
    0x0008009C, 0x0008009D, 0x00081030, 0x00081032, 0x00081048, 0x00081049,
    0x00081060, 0x00081062, 0x00081110, 0x0020000D, 0x00200010, 0x00321034,
    0x00401012,
    /* Patient Study */
    0x00081080, 0x00081084, 0x00101010, 0x00101020, 0x00101021, 0x00101022,
    0x00101023, 0x00101024, 0x00101030, 0x00102000, 0x00102110, 0x00102180,
    0x001021A0, 0x001021B0, 0x001021C0, 0x001021D0, 0x00102203, 0x00380010,
    0x00380014, 0x00380060, 0x00380062, 0x00380064, 0x00380500,
    /* Clinical Trial Study */
    0x00120050, 0x00120051, 0x00120052, 0x00120053, 0x00120083};

/* What tells them apart. A patient's values are nobody's business: they are
 * not shown. */
static const struct identity {
    const char *path, *name;
    int shown;
} identities[] = {
    {"0020000D", "(0020,000D) StudyInstanceUID", 1},
    {"00100020", "(0010,0020) PatientID", 0},
    {"00100021", "(0010,0021) IssuerOfPatientID", 0},
};

static size_t value_of(struct dcm_dataset *d, const char *path, const char **p)
{
    const struct dcm_element *e = dcm_dataset_find(d, path);
    size_t n = 0;

    *p = e ? (const char *)dcm_element_data(e) : NULL;
    if (*p)
        n = (size_t)dcm_element_size(e);
    while (n && ((*p)[n - 1] == ' ' || (*p)[n - 1] == '\0'))
        n--;
    while (n && **p == ' ')
        ++*p, n--;
    return n;
}

/* One that is empty on either side is no other one. */
static int agrees(struct tool_jpeg *t, struct dcm_dataset *dataset,
                  struct dcm_dataset *study, const struct identity *i)
{
    const char *given, *joined;
    size_t given_size = value_of(dataset, i->path, &given);
    size_t joined_size = value_of(study, i->path, &joined);

    if (!given_size || !joined_size ||
        (given_size == joined_size && memcmp(given, joined, given_size) == 0))
        return 1;
    if (i->shown)
        tool_log_say(t->log, TOOL_ERROR,
                     "%s is %.*s, but that of --study %s is %.*s", i->name,
                     (int)given_size, given, t->options->study,
                     (int)joined_size, joined);
    else
        tool_log_say(t->log, TOOL_ERROR,
                     "%s is another one than that of --study %s", i->name,
                     t->options->study);
    return 0;
}

static int is_empty(const struct dcm_element *e)
{
    return e->kind == DCM_ELEMENT_VALUE ? e->value.size == 0 : !e->first_item;
}

/* An empty element is as good as none, when there is one to take. */
static void take(struct dcm_dataset *dataset, struct dcm_dataset *study,
                 uint32_t tag)
{
    struct dcm_element *e = dcm_item_find_tag(&dataset->top, tag);

    if (e && is_empty(e) && dcm_item_find_tag(&study->top, tag))
        dcm_element_unlink(e);
    dcm_dataset_take(dataset, study, tag);
}

int tool_jpeg_join(struct tool_jpeg *t, struct dcm_dataset *dataset,
                   struct dcm_dataset *study)
{
    const char *uid;
    int well = 1;

    if (value_of(study, "0020000D", &uid) == 0) {
        tool_log_say(t->log, TOOL_ERROR, "--study %s has no Study Instance UID",
                     t->options->study);
        return 0;
    }
    for (size_t i = 0; i < COUNT(identities); i++)
        well &= agrees(t, dataset, study, &identities[i]);
    for (size_t i = 0; i < COUNT(shared) && well; i++)
        take(dataset, study, shared[i]);
    return well;
}
