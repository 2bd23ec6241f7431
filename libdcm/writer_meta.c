/* Sink. What stands before a data set: preamble, prefix and group 0002 (PS3.10
 * 7.1), made anew. It names the SOP Class and Instance, which the data set says
 * some elements later: the beginning of the data set waits in the output's
 * buffer until they are known. What is in neither is left out, not invented.
 */
#include "vr.h"
#include "writer.h"
#include <stdlib.h>

/* A UUID of our own (PS3.5 B.2), for all versions. */
#define CLASS_UID "2.25.271259286647324579111662477517868150292"
#define VERSION_NAME "LIBDCM_" /* and the digits of the version */
#define VERSION_ROOM 16        /* SH */

#define META_CLASS 0x00020002u
#define META_INSTANCE 0x00020003u

/* What of the source is kept, in the order of tags (PS3.10 Table 7.1-1); the
 * first two are only used when the data set does not say. */
static const struct {
    uint32_t tag;
    uint16_t vr;
} rows[] = {
    {META_CLASS, VR_UI}, {META_INSTANCE, VR_UI}, {0x00020016, VR_AE},
    {0x00020017, VR_AE}, {0x00020018, VR_AE},    {0x00020026, VR_UR},
    {0x00020027, VR_UR}, {0x00020028, VR_UR},    {0x00020031, VR_OB},
    {0x00020032, VR_UI}, {0x00020033, VR_UI},    {0x00020035, VR_OB},
    {0x00020036, VR_OB}, {0x00020037, VR_UL},    {0x00020038, VR_FD},
    {0x00020100, VR_UI}, {0x00020102, VR_OB},
};
#define N_ROWS (sizeof rows / sizeof rows[0])
_Static_assert(N_ROWS <= KEPT_VALUES, "a place for each");

/* ------------------------------------------------------------ remembering */

static const struct writer_kept *find_kept(const struct dcm_writer *w,
                                           uint32_t tag)
{
    for (size_t i = 0; i < w->n_kept; i++)
        if (w->kept[i].tag == tag)
            return &w->kept[i];
    return NULL;
}

enum dcm_status dcm_writer_keep(struct dcm_writer *w,
                                const struct dcm_event *ev)
{
    struct writer_kept *kept = &w->kept[w->n_kept];
    size_t i = 0, n = (size_t)ev->size;

    while (i < N_ROWS && rows[i].tag != ev->tag)
        i++;
    if (i == N_ROWS || !ev->data || ev->size > DCM_VALUE_LOADED ||
        ev->flags & DCM_CUT || n % dcm_vr_find(rows[i].vr)->unit ||
        find_kept(w, ev->tag))
        return DCM_OK;
    if (!dcm_writer_room(&w->kept_bytes, n))
        return dcm_writer_no_memory(w);
    kept->tag = ev->tag;
    kept->at = w->kept_bytes.size;
    kept->size = n;
    w->n_kept++;
    if (n)
        memcpy(w->kept_bytes.data + kept->at, ev->data, n);
    w->kept_bytes.size += n;
    return DCM_OK;
}

static size_t trimmed(const uint8_t *p, size_t n)
{
    while (n && (p[n - 1] == ' ' || p[n - 1] == 0))
        n--;
    return n;
}

void dcm_writer_note(struct dcm_writer *w, const struct dcm_event *ev)
{
    char *to = ev->tag == 0x00080016   ? w->sop_class
               : ev->tag == 0x00080018 ? w->sop_instance
                                       : NULL;
    size_t n;

    if (!to || *to || !ev->data || ev->size > UID_ROOM)
        return;
    n = trimmed(ev->data, (size_t)ev->size);
    if (n >= UID_ROOM)
        return;
    memcpy(to, ev->data, n);
    to[n] = '\0';
}

/* ---------------------------------------------------------------- writing */

/* An element of group 0002, always explicit VR little endian. */
static void put(struct dcm_output *o, uint32_t tag, uint16_t vr, const void *p,
                size_t n)
{
    const struct dcm_vr *row = dcm_vr_find(vr);
    char *to = dcm_output_reserve(o, n + 13);
    size_t at;

    if (!to)
        return;
    at = dcm_put_header(to, (struct dcm_encoding){0, 0}, tag, vr,
                        row->flags & DCM_VRF_LONG, (uint32_t)(n + (n & 1)));
    if (n)
        memcpy(to + at, p, n);
    if (n & 1)
        to[at + n] = (char)row->pad;
    dcm_output_commit(o, at + n + (n & 1));
}

static void put_uid(struct dcm_output *o, uint32_t tag, const void *p, size_t n)
{
    n = trimmed(p, n);
    if (n)
        put(o, tag, VR_UI, p, n);
}

/* The data set's word counts, then that of the source's group 0002. */
static void put_sop(struct dcm_writer *w, uint32_t tag, const char *uid)
{
    const struct writer_kept *kept = find_kept(w, tag);

    if (*uid)
        put_uid(w->output, tag, uid, strlen(uid));
    else if (kept && kept->size)
        put_uid(w->output, tag, w->kept_bytes.data + kept->at, kept->size);
}

static void put_version(struct dcm_output *o)
{
    char name[VERSION_ROOM + 1] = VERSION_NAME;
    size_t n = strlen(name);

    for (const char *p = dcm_version(); *p && n < VERSION_ROOM; p++)
        if (*p >= '0' && *p <= '9')
            name[n++] = *p;
    put(o, 0x00020013, VR_SH, name, n);
}

static void put_kept(struct dcm_writer *w, size_t from)
{
    for (size_t i = from; i < N_ROWS; i++) {
        const struct writer_kept *kept = find_kept(w, rows[i].tag);

        if (kept && kept->size)
            put(w->output, kept->tag, rows[i].vr, w->kept_bytes.data + kept->at,
                kept->size);
    }
}

static void put_meta(struct dcm_writer *w)
{
    static const char prefix[] = {'D', 'I', 'C', 'M'};
    struct dcm_output *o = w->output;
    char length[4] = {0};
    uint64_t start;
    char *at;

    dcm_output_put(o, w->preamble, sizeof w->preamble);
    dcm_output_put(o, prefix, sizeof prefix);
    put(o, 0x00020000, VR_UL, length, sizeof length);
    start = dcm_output_tell(o);
    put(o, 0x00020001, VR_OB, "\0\1", 2);
    put_sop(w, META_CLASS, w->sop_class);
    put_sop(w, META_INSTANCE, w->sop_instance);
    put(o, 0x00020010, VR_UI, w->syntax, strlen(w->syntax));
    put(o, 0x00020012, VR_UI, CLASS_UID, strlen(CLASS_UID));
    put_version(o);
    put_kept(w, 2);
    at = dcm_output_at(o, start - sizeof length);
    if (at)
        dcm_put32(at, (uint32_t)(dcm_output_tell(o) - start), 0);
}

/* Positions that were told move with the bytes. */
static void shift_levels(struct dcm_writer *w, uint64_t by)
{
    for (size_t i = 0; i < w->n_levels; i++)
        w->levels[i].at += by;
}

/* Takes the held bytes out of the buffer, and puts them back behind. */
static enum dcm_status insert_meta(struct dcm_writer *w)
{
    struct dcm_output *o = w->output;
    size_t n = (size_t)(dcm_output_tell(o) - w->begin);
    const char *held = dcm_output_at(o, w->begin);
    uint64_t begin = w->begin;

    w->scratch.size = 0;
    if (!dcm_writer_room(&w->scratch, n))
        return dcm_writer_no_memory(w);
    if (n && !held)
        return dcm_writer_fail(w, DCM_ERR_WRITE, NULL,
                               "the beginning of the data set is gone");
    if (n)
        memcpy(w->scratch.data, held, n);
    dcm_output_truncate(o, w->begin);
    dcm_output_hold(o, w->begin);
    put_meta(w);
    w->begin = dcm_output_tell(o);
    shift_levels(w, w->begin - begin);
    dcm_output_put(o, w->scratch.data, n);
    return DCM_OK;
}

enum dcm_status dcm_writer_settle(struct dcm_writer *w)
{
    enum dcm_status status = DCM_OK;

    w->holding = 0;
    if (w->o != w->output) {
        dcm_output_hold(w->output, dcm_output_tell(w->output));
        put_meta(w);
        dcm_output_hold(w->output, UINT64_MAX);
    } else {
        status = insert_meta(w);
    }
    dcm_output_hold(w->o, (w->n_levels || w->directory.active) && !w->can_patch
                              ? w->begin
                              : UINT64_MAX);
    return status != DCM_OK ? status : dcm_writer_check(w);
}
