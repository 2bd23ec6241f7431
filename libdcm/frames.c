/* Sink. Where each frame of Pixel Data lies (PS3.5 8.1.1, A.4). Watches the
 * few attributes that decide it and notes the offset of every fragment; no
 * pixel is kept. Knows nothing of how frames are put together or read; see
 * frames.h.
 *
 * The description of the image and the Extended Offset Table come before
 * Pixel Data, as their tags are lower: what comes after it is not heeded. */
#include "frames.h"

#include <stdlib.h>

#define NUMBER_OF_FRAMES 0x00280008u
#define FLOAT_PIXELS 0x7FE00008u
#define DOUBLE_PIXELS 0x7FE00009u
#define PIXELS 0x7FE00010u
#define MOST_OFFSET (UINT64_C(1) << 60)
#define PIECE 65536u

void dcm_frames_drop(struct table *t)
{
    free(t->data);
    memset(t, 0, sizeof *t);
}

static void forget(struct dcm_frames *f)
{
    struct dcm_frames empty = {0};

    dcm_frames_drop(&f->basic);
    dcm_frames_drop(&f->offsets);
    dcm_frames_drop(&f->lengths);
    free(f->fragments);
    free(f->firsts);
    free(f->held);
    empty.sink = f->sink;
    empty.policy = f->policy;
    *f = empty;
}

static enum dcm_status no_memory(struct dcm_frames *f)
{
    return dcm_error_fill(&f->error, DCM_ERR_MEMORY, DCM_NO_OFFSET, "",
                          "no memory for the places of frames");
}

/* ----------------------------------------------------- bytes of an event */

/* n bytes of the value that come after the `done` first ones; *got of them
 * are there. */
static enum dcm_status take(struct dcm_frames *f, const struct dcm_event *ev,
                            uint64_t done, void *buffer, size_t n, size_t *got)
{
    enum dcm_status status;

    if (ev->data) {
        *got = n < ev->size - done ? n : (size_t)(ev->size - done);
        memcpy(buffer, ev->data + (size_t)done, *got);
        return DCM_OK;
    }
    status = dcm_event_read(ev, buffer, n, got);
    if (status != DCM_OK)
        dcm_error_fill(&f->error, status, ev->value_offset, "",
                       "value cannot be read: %s", dcm_status_name(status));
    if (status != DCM_OK && ev->source && ev->source->error)
        f->error = *ev->source->error(ev->source);
    return status;
}

/* Keeps an offset table. Its size is a claim, so memory follows what is
 * really there. `head` holds its first n bytes. */
static enum dcm_status load(struct dcm_frames *f, struct table *t,
                            const struct dcm_event *ev, const uint8_t *head,
                            size_t n)
{
    size_t room = 0, got = n;
    enum dcm_status status;

    do {
        if (t->size + PIECE > room) {
            uint8_t *data;

            room = room ? room * 2 : 2 * PIECE;
            if (ev->data)
                room = (size_t)ev->size + PIECE;
            data = realloc(t->data, room);
            if (!data)
                return no_memory(f);
            t->data = data;
        }
        if (t->size == 0 && n) {
            memcpy(t->data, head, n);
            t->size = n;
        }
        status = take(f, ev, t->size, t->data + t->size, PIECE, &got);
        if (status != DCM_OK)
            return status;
        t->size += got;
    } while (got == PIECE);
    return DCM_OK;
}

/* Whether a table has as many words as there are frames: only then is it
 * worth keeping. */
static int right_size(const struct dcm_frames *f, uint64_t size, unsigned unit)
{
    return size % unit == 0 && (!f->stated || size / unit == f->stated);
}

static enum dcm_status see_table(struct dcm_frames *f, struct table *t,
                                 const struct dcm_event *ev)
{
    dcm_frames_drop(t);
    t->there = ev->size > 0;
    t->at = ev->value_offset;
    if (!t->there || !right_size(f, ev->size, 8))
        return DCM_OK;
    return load(f, t, ev, NULL, 0);
}

/* ------------------------------------------------------------ description */

static uint32_t short_number(const struct dcm_event *ev)
{
    if (ev->vr != DCM_VR('U', 'S') || !ev->data || ev->size < 2)
        return 0;
    return ev->flags & DCM_BIG_ENDIAN ? dcm_get16be(ev->data)
                                      : dcm_get16le(ev->data);
}

/* Digits with spaces around them; 0 when it is not that. Beyond what IS can
 * hold, the number is only too large, and no longer exact. */
static uint64_t count_of(const uint8_t *p, uint64_t n)
{
    uint64_t v = 0;

    while (n && (p[n - 1] == ' ' || p[n - 1] == 0))
        n--;
    for (; n && *p == ' '; n--)
        p++;
    if (n > 1 && *p == '+')
        p++, n--;
    for (; n; p++, n--) {
        if (*p < '0' || *p > '9')
            return 0;
        if (v < UINT64_MAX / 16)
            v = v * 10 + (uint64_t)(*p - '0');
    }
    return v;
}

static enum dcm_status see_count(struct dcm_frames *f,
                                 const struct dcm_event *ev)
{
    f->stated = ev->vr == DCM_VR('U', 'S') ? short_number(ev)
                : ev->data                 ? count_of(ev->data, ev->size)
                                           : 0;
    if (f->stated || ev->size == 0)
        return DCM_OK;
    return dcm_deviation(f->policy, &f->error, DCM_ISSUE_NUMBER_FORM, ev,
                         ev->value_offset,
                         "Number of Frames is no number over 0, left out");
}

static int is_subsampled(const struct dcm_event *ev)
{
    uint64_t n = ev->data ? ev->size : 0;

    while (n && (ev->data[n - 1] == ' ' || ev->data[n - 1] == 0))
        n--;
    return n > 8 && memcmp(ev->data, "YBR_", 4) == 0 &&
           memcmp(ev->data + n - 4, "_422", 4) == 0;
}

/* ---------------------------------------------------- values of the image */

static enum dcm_status see_pixels(struct dcm_frames *f,
                                  const struct dcm_event *ev, uint32_t bits)
{
    if (ev->flags & DCM_REFERENCE ||
        (f->syntax & DCM_TS_ENCAPSULATED && ev->tag == PIXELS))
        return DCM_OK; /* told by the source; nobody knows what it is */
    if (ev->value_offset > MOST_OFFSET || ev->size > MOST_OFFSET)
        return DCM_OK;
    free(f->held);
    f->held = NULL;
    f->value_at = ev->value_offset;
    f->value_size = ev->size;
    f->deflated = (ev->flags & DCM_DEFLATED) != 0;
    f->swapped = ev->flags & DCM_BIG_ENDIAN && ev->vr == DCM_VR('O', 'W');
    if (f->deflated && ev->data && ev->size) {
        f->held = malloc((size_t)ev->size);
        if (!f->held)
            return no_memory(f);
        memcpy(f->held, ev->data, (size_t)ev->size);
    }
    return dcm_frames_divide(f, ev, bits);
}

static enum dcm_status see_value(struct dcm_frames *f,
                                 const struct dcm_event *ev)
{
    switch (ev->tag) {
    case 0x00280002:
        f->samples = short_number(ev);
        return DCM_OK;
    case 0x00280004:
        f->subsampled = is_subsampled(ev);
        return DCM_OK;
    case NUMBER_OF_FRAMES:
        return see_count(f, ev);
    case 0x00280010:
        f->rows = short_number(ev);
        return DCM_OK;
    case 0x00280011:
        f->columns = short_number(ev);
        return DCM_OK;
    case 0x00280100:
        f->bits = short_number(ev);
        return DCM_OK;
    case 0x7FE00001:
        return see_table(f, &f->offsets, ev);
    case 0x7FE00002:
        return see_table(f, &f->lengths, ev);
    case FLOAT_PIXELS:
        return see_pixels(f, ev, 32);
    case DOUBLE_PIXELS:
        return see_pixels(f, ev, 64);
    case PIXELS:
        return see_pixels(f, ev, f->bits);
    default:
        return DCM_OK;
    }
}

/* -------------------------------------------------------------- fragments */

static enum dcm_status add_fragment(struct dcm_frames *f,
                                    const struct dcm_event *ev,
                                    const uint8_t *head, size_t n)
{
    struct fragment *new;

    if (ev->value_offset > MOST_OFFSET)
        return dcm_error_fill(&f->error, DCM_ERR_UNSUPPORTED, ev->offset, "",
                              "fragment too far from the start of the input");
    if (f->n == UINT32_MAX) /* firsts[] holds no more */
        return dcm_error_fill(&f->error, DCM_ERR_LIMIT, ev->offset, "",
                              "more fragments than can be numbered");
    if (f->n == f->max) {
        size_t max = f->max ? f->max * 2 : 64;

        new = max > SIZE_MAX / sizeof *new
                  ? NULL
                  : realloc(f->fragments, max * sizeof *new);
        if (!new)
            return no_memory(f);
        f->fragments = new;
        f->max = max;
    }
    if (f->n == 0) {
        f->codec = dcm_frames_sniff(f->codec, head, n);
        f->boxed = f->codec->mark == SOC && dcm_frames_boxed(head, n);
    }
    new = &f->fragments[f->n++];
    new->before = f->total;
    new->at = ev->value_offset;
    if (dcm_frames_starts(f->codec, head, n))
        new->at |= STARTS;
    f->total += ev->size;
    return DCM_OK;
}

/* The first item is the Basic Offset Table; but some leave it out, and begin
 * with the first frame. A table begins with 0, which no frame does here. */
static enum dcm_status see_basic(struct dcm_frames *f,
                                 const struct dcm_event *ev,
                                 const uint8_t *head, size_t n)
{
    enum dcm_status status;

    if (dcm_frames_starts(dcm_frames_sniff(f->codec, head, n), head, n)) {
        status = dcm_deviation(f->policy, &f->error, DCM_ISSUE_FRAGMENT, ev,
                               ev->offset,
                               "a frame where the Basic Offset Table is "
                               "expected");
        return status == DCM_OK ? add_fragment(f, ev, head, n) : status;
    }
    dcm_frames_drop(&f->basic);
    f->basic.there = ev->size > 0;
    f->basic.at = ev->value_offset;
    if (!f->basic.there || !right_size(f, ev->size, 4))
        return DCM_OK;
    return load(f, &f->basic, ev, head, n);
}

static enum dcm_status see_fragment(struct dcm_frames *f,
                                    const struct dcm_event *ev)
{
    uint8_t head[8];
    size_t n = 0;
    enum dcm_status status = DCM_OK;

    if (ev->number == 1 || f->n == 0 || f->codec->mark)
        status = take(f, ev, 0, head, sizeof head, &n);
    if (status != DCM_OK)
        return status;
    return ev->number == 1 ? see_basic(f, ev, head, n)
                           : add_fragment(f, ev, head, n);
}

/* -------------------------------------------------------------- the sink */

static enum dcm_status see_syntax(struct dcm_frames *f,
                                  const struct dcm_event *ev)
{
    const char *uid = (const char *)ev->data;
    size_t n = uid ? (size_t)ev->size : 0;
    const struct dcm_syntax *row;

    while (n && (uid[n - 1] == ' ' || uid[n - 1] == 0))
        n--;
    forget(f);
    row = dcm_syntax_find(n ? uid : "", n);
    f->syntax = row ? row->flags : 0;
    f->codec = dcm_frames_codec(n ? uid : "", n);
    return DCM_OK;
}

/* Fragments win over what a value gave before. */
static void start_fragments(struct dcm_frames *f, const struct dcm_event *ev)
{
    f->again = (ev->flags & DCM_DUPLICATE) != 0;
    if (f->again)
        return;
    f->shape = NO_FRAMES;
    f->count = 0;
    free(f->held);
    free(f->firsts);
    f->held = NULL;
    f->firsts = NULL;
    f->n = 0;
    f->total = 0;
    f->tails_known = 0;
    f->deflated = (ev->flags & DCM_DEFLATED) != 0;
}

static enum dcm_status see(struct dcm_frames *f, const struct dcm_event *ev)
{
    if (ev->type == DCM_EVENT_VALUE)
        return ev->flags & DCM_DUPLICATE ? DCM_OK : see_value(f, ev);
    if (ev->tag != PIXELS)
        return DCM_OK;
    if (ev->type == DCM_EVENT_FRAGS)
        start_fragments(f, ev);
    if (f->again)
        return DCM_OK;
    switch (ev->type) {
    case DCM_EVENT_FRAGMENT:
        return see_fragment(f, ev);
    case DCM_EVENT_FRAGS_END:
        return dcm_frames_assemble(f, ev);
    default:
        return DCM_OK;
    }
}

static enum dcm_status put(struct dcm_sink *sink, const struct dcm_event *ev)
{
    struct dcm_frames *f = (struct dcm_frames *)sink;

    if (ev->type == DCM_EVENT_DATASET)
        return see_syntax(f, ev);
    if (ev->tag >> 16 == 0x0002) /* perhaps of the next data set already */
        return DCM_OK;
    if (f->error.code)
        return f->error.code;
    if (ev->depth || !f->codec)
        return DCM_OK;
    return see(f, ev);
}

static const struct dcm_error *error(const struct dcm_sink *sink)
{
    return &((const struct dcm_frames *)sink)->error;
}

struct dcm_frames *dcm_frames_new(struct dcm_policy *policy)
{
    struct dcm_frames *f = calloc(1, sizeof *f);

    if (f) {
        f->sink.put = put;
        f->sink.error = error;
        f->policy = policy;
    }
    return f;
}

void dcm_frames_free(struct dcm_frames *f)
{
    if (f) {
        forget(f);
        free(f);
    }
}

struct dcm_sink *dcm_frames_sink(struct dcm_frames *f)
{
    return &f->sink;
}

uint64_t dcm_frames_count(const struct dcm_frames *f)
{
    return f->count;
}
