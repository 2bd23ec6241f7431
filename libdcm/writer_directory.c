/* Sink. A DICOMDIR names the records that follow and lie below one by offset
 * from the first byte of the file to the Item tag (PS3.3 F.3.2.2), and these
 * move: group 0002 is made anew, lengths change. So it is noted where each
 * record was and is, and where each offset stands, and in the end the offsets
 * are put right. A source that is no DICOM file, such as JSON, tells offsets in
 * a file that isn't there: then the record that comes first has the lowest of
 * them, and so on. Knows nothing of what records say. */
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

/* ---------------------------------------------- records of another file */

static struct record *find(const struct dcm_writer *w, uint64_t offset)
{
    const struct writer_bytes *records = &w->directory.records;
    struct record key = {offset, 0};
    size_t n = records->size / sizeof key;

    return n ? bsearch(&key, records->data, n, sizeof key, compare) : NULL;
}

static int any_hits(const struct dcm_writer *w, const struct link *links,
                    size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (find(w, links[i].offset))
            return 1;
    return 0;
}

/* All offsets that are named, once each, as records that are nowhere yet:
 * how many, or SIZE_MAX without memory. */
static size_t named_offsets(const struct link *links, size_t n,
                            struct record **named)
{
    struct record *list = malloc(n * sizeof *list);
    size_t used = 0;

    *named = list;
    if (!list)
        return SIZE_MAX;
    for (size_t i = 0; i < n; i++)
        list[i] = (struct record){links[i].offset, 0};
    qsort(list, n, sizeof *list, compare);
    for (size_t i = 0; i < n; i++)
        if (!used || list[used - 1].from != list[i].from)
            list[used++] = list[i];
    return used;
}

/* Whether all that is named is a record when the others lie `by` further on in
 * the file that we write. Both are in order. */
static int fits(const struct dcm_writer *w, const struct record *named,
                size_t n, const struct record *records, size_t n_records,
                uint64_t by)
{
    size_t k = 0;

    for (size_t i = 0; i < n; i++) {
        while (k < n_records && moved_to(w, &records[k]) < named[i].from + by)
            k++;
        if (k == n_records || moved_to(w, &records[k]) != named[i].from + by)
            return 0;
    }
    return 1;
}

/* Records that nobody names leave more than one way to match: only the one
 * in which all of them lie as far from each other as they did will do. */
static void match_distances(const struct dcm_writer *w,
                            const struct record *named, size_t n,
                            struct record *records, size_t n_records)
{
    for (size_t k = 0; k + n <= n_records; k++) {
        uint64_t by = moved_to(w, &records[k]) - named[0].from;

        if (!fits(w, named, n, records, n_records, by))
            continue;
        for (size_t i = 0; i < n_records; i++)
            records[i].from = moved_to(w, &records[i]) - by;
        return;
    }
}

/* Each record is named by one that comes before it or by the root, but for
 * those that are not in use: where there are as many offsets as records, they
 * are in the same order. `records` are in the order they were written. */
static enum dcm_status match(struct dcm_writer *w, const struct link *links,
                             size_t n_links)
{
    struct record *records = (struct record *)w->directory.records.data;
    size_t n_records = w->directory.records.size / sizeof *records;
    struct record *named;
    size_t n = named_offsets(links, n_links, &named);

    if (n == SIZE_MAX)
        return dcm_writer_no_memory(w);
    if (n == n_records)
        for (size_t i = 0; i < n; i++)
            records[i].from = named[i].from;
    else
        match_distances(w, named, n, records, n_records);
    free(named);
    return DCM_OK;
}

static int by_place(const void *a, const void *b)
{
    uint64_t x = ((const struct record *)a)->to;
    uint64_t y = ((const struct record *)b)->to;

    return x < y ? -1 : x > y;
}

/* ------------------------------------------------------------------ links */

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
    if (n_links && n_records) {
        qsort(records, n_records, sizeof *records, compare);
        if (!any_hits(w, links, n_links)) {
            qsort(records, n_records, sizeof *records, by_place);
            status = match(w, links, n_links);
        }
    }
    for (size_t i = 0; i < n_links && status == DCM_OK; i++) {
        const struct record *found = find(w, links[i].offset);

        status = found ? put_link(w, &links[i], found)
                       : fail_link(w, DCM_ERR_UNSUPPORTED, &links[i],
                                   "hits none, so it can't be put right in "
                                   "the output " SECTION);
    }
    if (!w->can_patch)
        dcm_output_hold(w->o, UINT64_MAX);
    return status;
}
