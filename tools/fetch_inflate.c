/* Values of deflated data sets (PS3.5 A.5), which lie at no offset of their
 * file: the data set is gone through to the value, which is copied to a file
 * without a name. Values that are asked for in their order cost one walk.
 * Knows nothing of URIs. */
#include "fetch.h"
#include "spool.h"

#include <libdcm/error.h>
#include <libdcm/input.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE 65536u
#define INFLATED (UINT64_C(8) << 30) /* default of the limit 'inflated' */

void tool_inflating_init(struct tool_inflating *i,
                         const struct dcm_limits *limits)
{
    memset(i, 0, sizeof *i);
    i->limits = limits;
    i->fd = i->spool = -1;
}

void tool_inflating_clear(struct tool_inflating *i)
{
    dcm_input_free(i->input);
    i->input = NULL;
    i->fd = -1;
    i->used = 0;
}

void tool_inflating_release(struct tool_inflating *i)
{
    tool_inflating_clear(i);
    dcm_reader_free(i->reader);
    if (i->spool >= 0)
        close(i->spool);
}

/* All that is there, as the one who made the URI saw it. */
static int make_reader(struct tool_inflating *i)
{
    struct dcm_reader_options options = {.size = sizeof options};

    if (i->reader)
        return 1;
    options.limits = i->limits;
    options.keep_all = 1;
    i->reader = dcm_reader_new(&options);
    return i->reader != NULL;
}

/* To before the value, unless we are there. */
static enum dcm_status rewind_to(struct tool_inflating *i, int fd,
                                 uint64_t offset, struct dcm_error *error)
{
    if (i->fd == fd && i->at < offset)
        return DCM_OK;
    dcm_input_free(i->input);
    i->input = NULL;
    i->fd = -1;
    if (!make_reader(i))
        return dcm_error_fill(error, DCM_ERR_MEMORY, DCM_NO_OFFSET, "",
                              "no memory");
    if (lseek(fd, 0, SEEK_SET) < 0)
        return dcm_error_fill(error, DCM_ERR_READ, DCM_NO_OFFSET, "", "%s",
                              strerror(errno));
    i->input = dcm_input_fd(fd, error);
    if (!i->input)
        return error->code;
    i->fd = fd;
    i->at = 0;
    dcm_reader_open(i->reader, i->input);
    return DCM_OK;
}

static enum dcm_status walk(struct tool_inflating *i, uint64_t offset,
                            struct dcm_event *ev, struct dcm_error *error)
{
    enum dcm_status status;

    while ((status = dcm_reader_next(i->reader, ev)) == DCM_OK) {
        if (!(ev->flags & DCM_DEFLATED) || ev->type != DCM_EVENT_VALUE)
            continue;
        i->at = ev->value_offset;
        if (i->at >= offset)
            break;
    }
    if (status != DCM_OK && status != DCM_DONE) {
        *error = *dcm_reader_error(i->reader);
        i->fd = -1;
        return status;
    }
    if (status == DCM_OK && i->at == offset)
        return DCM_OK;
    i->fd = -1; /* what was passed may be asked for yet */
    return dcm_error_fill(error, DCM_ERR_MALFORMED, DCM_NO_OFFSET, "",
                          "no value begins at offset %llu of its deflated data "
                          "set",
                          (unsigned long long)offset);
}

static int put(struct tool_inflating *i, const char *p, size_t n)
{
    while (n) {
        ssize_t done = pwrite(i->spool, p, n, (off_t)i->used);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return 0;
        p += done;
        n -= (size_t)done;
        i->used += (uint64_t)done;
    }
    return 1;
}

static enum dcm_status copy(struct tool_inflating *i,
                            const struct dcm_event *ev, struct dcm_error *error)
{
    uint64_t limit = i->limits->inflated ? i->limits->inflated : INFLATED;
    enum dcm_status status;
    char piece[PIECE];
    size_t got;

    if (i->used == 0 && tool_spool_open(&i->spool) < 0)
        goto failed;
    if (ev->size > limit || i->used > limit - ev->size)
        return dcm_error_fill(error, DCM_ERR_LIMIT, DCM_NO_OFFSET, "",
                              "deflated bulk data of more than %llu bytes; "
                              "raise the limit 'inflated' to read on",
                              (unsigned long long)limit);
    do {
        status = dcm_event_read(ev, piece, sizeof piece, &got);
        if (status != DCM_OK) {
            *error = *dcm_reader_error(i->reader);
            i->fd = -1;
            return status;
        }
        if (!put(i, piece, got))
            goto failed;
    } while (got == sizeof piece);
    return DCM_OK;
failed:
    return dcm_error_fill(error, DCM_ERR_WRITE, DCM_NO_OFFSET, "",
                          "no temporary file: %s", strerror(errno));
}

enum dcm_status tool_inflating_find(struct tool_inflating *i, int fd,
                                    uint64_t offset, struct dcm_bulk_data *data,
                                    struct dcm_error *error)
{
    enum dcm_status status = rewind_to(i, fd, offset, error);
    struct dcm_event ev;

    if (status == DCM_OK)
        status = walk(i, offset, &ev, error);
    if (status != DCM_OK)
        return status;
    data->offset = i->used;
    status = copy(i, &ev, error);
    data->size = i->used - data->offset;
    if (status != DCM_OK)
        return status;
    data->input = data->size ? dcm_input_fd(i->spool, error)
                             : dcm_input_memory("", 0, error);
    if (data->size == 0)
        data->offset = 0;
    return data->input ? DCM_OK : error->code;
}
