/* Sink. A DICOMDIR names the records that follow and lie below one by offset
 * from the first byte of the file to the Item tag (PS3.3 F.3.2.2), and these
 * move: group 0002 is made anew, lengths change. So it is noted where each
 * record was and is, and where each offset stands, and in the end the offsets
 * are put right. Knows nothing of what records say. */
#include "writer.h"
#include <stdlib.h>

#define SECTION "(PS3.3 F.3.2.2)"

struct record {
    uint64_t from; /* offset in the source */
    uint64_t to;   /* from w->begin on, which moves */
};

struct link {
    uint64_t at;     /* of the value, from w->begin on */
    uint64_t source; /* of the element, for messages */
    uint32_t offset; /* in the source's terms */
    uint32_t tag;
    uint8_t big;
};

/* Which elements hold offsets, and at which depth. */
static const struct {
    uint32_t tag;
    unsigned depth;
} rows[] = {
    {0x00041200, 0}, /* first and */
    {0x00041202, 0}, /* last record of the root */
    {0x00041400, 1}, /* next record */
    {0x00041420, 1}, /* first record below */
    {0x00041504, 1}, /* MRDR, retired */
};

/* From here on nothing may leave an output that can't be changed. */
static enum dcm_status activate(struct dcm_writer *w,
                                const struct dcm_event *ev)
{
    if (w->directory.active)
        return DCM_OK;
    if (w->o != w->output || ev->flags & DCM_DEFLATED)
        return dcm_writer_fail(w, DCM_ERR_UNSUPPORTED, ev,
                               "a DICOMDIR can't be deflated: its offsets "
                               "count bytes of the file " SECTION);
    w->directory.active = 1;
    if (!w->can_patch && !w->holding)
        dcm_output_hold(w->o, w->begin);
    return DCM_OK;
}

static enum dcm_status append(struct dcm_writer *w, struct writer_bytes *b,
                              const void *row, size_t n)
{
    if (!dcm_writer_room(b, n))
        return dcm_writer_no_memory(w);
    memcpy(b->data + b->size, row, n);
    b->size += n;
    return DCM_OK;
}

enum dcm_status dcm_writer_record(struct dcm_writer *w,
                                  const struct dcm_event *ev)
{
    struct record r = {ev->offset, dcm_output_tell(w->o) - w->begin};

    return append(w, &w->directory.records, &r, sizeof r);
}

static int holds_offset(const struct dcm_writer *w, const struct dcm_event *ev)
{
    unsigned depth = (unsigned)w->n_levels / 2; /* a sequence and its item */

    if (depth == 1 && w->levels[0].tag != DIRECTORY_RECORDS)
        return 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].tag == ev->tag)
            return rows[i].depth == depth;
    return 0;
}

/* Whether the four bytes at p are big endian: not in UN, which is little
 * endian everywhere (PS3.5 6.2.2), and whose two letters are then 8 before. */
static int is_big(const struct dcm_writer *w, const char *p)
{
    return w->enc.big && memcmp(p - 8, "UN", 2) != 0;
}

enum dcm_status dcm_writer_offset(struct dcm_writer *w,
                                  const struct dcm_event *ev)
{
    uint64_t at = dcm_output_tell(w->o) - 4;
    struct link row = {0};
    const char *p;

    if (ev->size != 4 || !ev->data || !holds_offset(w, ev) ||
        dcm_is_zero(ev->data, 4))
        return DCM_OK;
    if (activate(w, ev) != DCM_OK)
        return w->error.code;
    p = dcm_output_at(w->o, at);
    if (!p)
        return dcm_writer_fail(w, DCM_ERR_WRITE, ev, "the value is gone");
    row.at = at - w->begin;
    row.source = ev->offset;
    row.big = (uint8_t)is_big(w, p);
    row.offset = dcm_header_length((const uint8_t *)p, row.big);
    row.tag = ev->tag;
    return append(w, &w->directory.links, &row, sizeof row);
}

/* ------------------------------------------------------------- in the end */

static int compare(const void *a, const void *b)
{
    uint64_t x = ((const struct record *)a)->from;
    uint64_t y = ((const struct record *)b)->from;

    return x < y ? -1 : x > y;
}

/* The offset of that record in the output. */
static uint64_t moved_to(const struct dcm_writer *w, const struct record *r)
{
    return w->begin - w->file + r->to;
}

static int all_in_place(const struct dcm_writer *w, const struct record *r,
                        size_t n)
{
    while (n && moved_to(w, r) == r->from)
        r++, n--;
    return n == 0;
}

static enum dcm_status fail_link(struct dcm_writer *w, enum dcm_status code,
                                 const struct link *row, const char *why)
{
    struct dcm_event ev = {0};

    ev.tag = row->tag;
    ev.offset = row->source;
    return dcm_writer_fail(w, code, &ev, "offset %lu of a directory record %s",
                           (unsigned long)row->offset, why);
}

static enum dcm_status put_link(struct dcm_writer *w, const struct link *row,
                                const struct record *r)
{
    uint64_t to = moved_to(w, r);
    char bytes[4];

    if (to > UINT32_MAX)
        return fail_link(w, DCM_ERR_LIMIT, row,
                         "passes 32 bits in the output " SECTION);
    dcm_put32(bytes, (uint32_t)to, row->big);
    if (dcm_output_patch(w->o, w->begin + row->at, bytes, sizeof bytes))
        return DCM_OK;
    if (dcm_writer_check(w) != DCM_OK)
        return w->error.code;
    return fail_link(w, DCM_ERR_UNSUPPORTED, row,
                     "can't be changed in this output any more: write to a "
                     "file " SECTION);
}

/* Nothing to do when no record moved, whatever the offsets are. */
enum dcm_status dcm_writer_link(struct dcm_writer *w)
{
    struct writer_directory *d = &w->directory;
    struct record *records = (struct record *)d->records.data;
    const struct link *links = (const struct link *)d->links.data;
    size_t n_records = d->records.size / sizeof *records;
    size_t n_links = d->links.size / sizeof *links;
    enum dcm_status status = DCM_OK;

    if (n_records && all_in_place(w, records, n_records))
        n_links = 0;
    if (n_links && n_records)
        qsort(records, n_records, sizeof *records, compare);
    for (size_t i = 0; i < n_links && status == DCM_OK; i++) {
        struct record key = {links[i].offset, 0}, *found = NULL;

        if (n_records)
            found = bsearch(&key, records, n_records, sizeof key, compare);
        status = found ? put_link(w, &links[i], found)
                       : fail_link(w, DCM_ERR_UNSUPPORTED, &links[i],
                                   "hits none, so it can't be put right in "
                                   "the output " SECTION);
    }
    if (!w->can_patch)
        dcm_output_hold(w->o, UINT64_MAX);
    return status;
}
