/* Sink. Which fragments, or which bits of a native value, are which frame.
 * Knows nothing of events to come and of reading. PS3.5 A.4 for fragments,
 * 8.1.1 and 8.2 for native values. */
#include "frames.h"

#include <stdlib.h>

#define deviate(f, issue, ev, at, ...) \
    dcm_deviation((f)->policy, &(f)->error, issue, ev, at, __VA_ARGS__)

/* Of the rules below each settles the matter, leaves it to the next one, or
 * fails (f->error says how). */
enum verdict { LEAVE, SETTLED, FAILED };
typedef enum verdict rule(struct dcm_frames *f, const struct dcm_event *ev);

static uint64_t frames_wanted(const struct dcm_frames *f)
{
    return f->stated ? f->stated : 1;
}

static enum verdict settle(struct dcm_frames *f, enum shape shape,
                           uint64_t count)
{
    f->shape = shape;
    f->count = count;
    return SETTLED;
}

static enum verdict no_memory(struct dcm_frames *f)
{
    dcm_error_fill(&f->error, DCM_ERR_MEMORY, DCM_NO_OFFSET, "",
                   "no memory for the places of frames");
    return FAILED;
}

void dcm_frames_span(const struct dcm_frames *f, uint64_t n, size_t *first,
                     size_t *end)
{
    size_t i = (size_t)(n - 1);

    *first = 0;
    *end = f->n;
    if (f->shape == EACH) {
        *first = i;
        *end = i + 1;
    } else if (f->shape == GROUPS) {
        *first = f->firsts[i];
        if (n < f->count)
            *end = f->firsts[i + 1];
    }
}

/* ----------------------------------------------------------------- tables */

static uint64_t word(const struct table *t, size_t i, unsigned unit)
{
    return unit == 4 ? dcm_get32le(t->data + 4 * i)
                     : dcm_get64le(t->data + 8 * i);
}

/* Offsets count from the first item after the Basic Offset Table, ascend, and
 * each is that of an item:
 *
 *     offset   -18      -8       0                22
 *     item      table   0 22     FFD8 .. 14 byte  FFD8 ..
 *
 * Fills `firsts` (may be NULL) with the number of each one's fragment. */
static int follow(const struct dcm_frames *f, const struct table *t,
                  unsigned unit, uint64_t shift, uint32_t *firsts)
{
    size_t n = t->size / unit, j = 0;
    uint64_t base = f->fragments[0].at & AT_MASK;

    for (size_t i = 0; i < n; i++) {
        uint64_t offset = word(t, i, unit);

        if (offset < shift)
            return 0;
        offset -= shift;
        while (j < f->n && (f->fragments[j].at & AT_MASK) - base < offset)
            j++;
        if (j == f->n || (f->fragments[j].at & AT_MASK) - base != offset ||
            (i == 0 && j != 0))
            return 0;
        if (firsts)
            firsts[i] = (uint32_t)j;
        j++;
    }
    return 1;
}

static enum verdict by_table(struct dcm_frames *f, const struct table *t,
                             unsigned unit, uint64_t shift)
{
    size_t n = t->size / unit;

    if (n == 0 || n > f->n || t->size % unit || (f->stated && n != f->stated))
        return LEAVE;
    if (!follow(f, t, unit, shift, NULL))
        return LEAVE;
    if (n == f->n)
        return settle(f, EACH, n);
    if (n == 1)
        return settle(f, ONE, 1);
    f->firsts = malloc(n * sizeof *f->firsts);
    if (!f->firsts)
        return no_memory(f);
    follow(f, t, unit, shift, f->firsts);
    return settle(f, GROUPS, n);
}

/* The lengths are those without padding: at most a byte less than is stored. */
static int lengths_fit(struct dcm_frames *f)
{
    if (f->lengths.size / 8 != f->count || f->lengths.size % 8)
        return 0;
    for (int mark = 0; mark < 2; mark++)
        for (uint64_t n = 1; n <= f->count; n++) {
            uint64_t length = word(&f->lengths, (size_t)(n - 1), 8);
            uint64_t stored;
            size_t first, end;

            dcm_frames_span(f, n, &first, &end);
            stored = dcm_frames_before(f, end) - dcm_frames_before(f, first);
            if (length > stored || stored - length > 1)
                return 0;
            if (mark && length < stored)
                f->fragments[end - 1].at |= PADDED;
        }
    return 1;
}

static enum verdict by_extended_table(struct dcm_frames *f,
                                      const struct dcm_event *ev)
{
    enum verdict verdict;

    if (!f->offsets.there)
        return LEAVE;
    if (f->basic.there && deviate(f, DCM_ISSUE_FRAGMENT, ev, f->basic.at,
                                  "two offset tables, expected the basic one "
                                  "to be empty") != DCM_OK)
        return FAILED;
    verdict = by_table(f, &f->offsets, 8, 0);
    if (verdict == LEAVE)
        return deviate(f, DCM_ISSUE_FRAGMENT, ev, f->offsets.at,
                       "Extended Offset Table does not fit the fragments, "
                       "ignored") == DCM_OK
                   ? LEAVE
                   : FAILED;
    if (verdict == SETTLED && !(f->tails_known = lengths_fit(f)) &&
        deviate(f, DCM_ISSUE_FRAGMENT, ev, f->lengths.at,
                "Extended Offset Table Lengths do not fit the fragments, "
                "ignored") != DCM_OK)
        return FAILED;
    return verdict;
}

static enum verdict by_basic_table(struct dcm_frames *f,
                                   const struct dcm_event *ev)
{
    enum verdict verdict;
    const char *what = "does not fit the fragments, ignored";

    if (!f->basic.there)
        return LEAVE;
    verdict = by_table(f, &f->basic, 4, 0);
    if (verdict == LEAVE) { /* as some old files have it */
        verdict = by_table(f, &f->basic, 4, 8 + (uint64_t)f->basic.size);
        what = "counts from its own item";
    } else if (f->stated || f->count == 1) {
        return verdict;
    } else {
        what = "has several entries, and there is no Number of Frames";
    }
    if (verdict == LEAVE)
        what = "does not fit the fragments, ignored";
    if (verdict != FAILED && deviate(f, DCM_ISSUE_FRAGMENT, ev, f->basic.at,
                                     "Basic Offset Table %s", what) != DCM_OK)
        return FAILED;
    return verdict;
}

/* ---------------------------------------------------------- without a table */

/* A video is one stream, however many frames it has. */
static enum verdict one_stream(struct dcm_frames *f, const struct dcm_event *ev)
{
    (void)ev;
    return f->syntax & DCM_TS_VIDEO && f->n ? settle(f, ONE, 1) : LEAVE;
}

static enum verdict no_fragments(struct dcm_frames *f,
                                 const struct dcm_event *ev)
{
    if (f->n)
        return LEAVE;
    settle(f, NO_FRAMES, 0);
    return deviate(f, DCM_ISSUE_FRAGMENT, ev, ev->offset,
                   "no fragments, expected some for %llu frames",
                   (unsigned long long)frames_wanted(f)) == DCM_OK
               ? SETTLED
               : FAILED;
}

static enum verdict as_many(struct dcm_frames *f, const struct dcm_event *ev)
{
    (void)ev;
    return f->n == frames_wanted(f) ? settle(f, EACH, f->n) : LEAVE;
}

static enum verdict all_in_one(struct dcm_frames *f, const struct dcm_event *ev)
{
    (void)ev;
    return frames_wanted(f) == 1 ? settle(f, ONE, 1) : LEAVE;
}

/* Frames are missing, which is one thing; that they can't be told apart would
 * be another. */
static enum verdict too_few(struct dcm_frames *f, const struct dcm_event *ev)
{
    return deviate(f, DCM_ISSUE_FRAGMENT, ev, ev->offset,
                   "found %llu frames in %zu fragments, expected %llu",
                   (unsigned long long)f->count, f->n,
                   (unsigned long long)f->stated) == DCM_OK
               ? SETTLED
               : FAILED;
}

/* A frame begins with each fragment that begins as frames do: a rule for what
 * comes in pieces, which RLE never does. */
static enum verdict by_marks(struct dcm_frames *f, const struct dcm_event *ev)
{
    size_t starts = 0, n = 0;

    if (!f->codec->eoi || !(f->fragments[0].at & STARTS))
        return LEAVE;
    for (size_t i = 0; i < f->n; i++)
        starts += (f->fragments[i].at & STARTS) != 0;
    if (starts != f->stated && f->n > f->stated)
        return LEAVE;
    f->firsts = malloc(starts * sizeof *f->firsts);
    if (!f->firsts)
        return no_memory(f);
    for (size_t i = 0; i < f->n; i++)
        if (f->fragments[i].at & STARTS)
            f->firsts[n++] = (uint32_t)i;
    settle(f, GROUPS, starts);
    return starts == f->stated ? SETTLED : too_few(f, ev);
}

static enum verdict one_each(struct dcm_frames *f, const struct dcm_event *ev)
{
    if (!(f->syntax & DCM_TS_ONE_FRAGMENT) || f->n > f->stated)
        return LEAVE;
    settle(f, EACH, f->n);
    return too_few(f, ev);
}

static enum verdict give_up(struct dcm_frames *f, const struct dcm_event *ev)
{
    char path[sizeof f->error.path];

    dcm_error_fill(&f->error, DCM_ERR_MALFORMED, ev->offset,
                   dcm_event_path(ev, path, sizeof path),
                   "nothing tells how %zu fragments are %llu frames "
                   "(PS3.5 A.4)",
                   f->n, (unsigned long long)f->stated);
    return FAILED;
}

/* Encapsulated uncompressed frames of an odd size have a byte of padding. */
static void mark_raw_padding(struct dcm_frames *f)
{
    uint64_t bits = (uint64_t)f->rows * f->columns * f->samples * f->bits;
    uint64_t size = bits / 8 + (bits % 8 != 0);

    if (strcmp(f->codec->extension, "raw") != 0 || size % 2 == 0)
        return;
    for (uint64_t n = 1; n <= f->count; n++) {
        size_t first, end;

        dcm_frames_span(f, n, &first, &end);
        if (dcm_frames_before(f, end) - dcm_frames_before(f, first) == size + 1)
            f->fragments[end - 1].at |= PADDED;
    }
}

enum dcm_status dcm_frames_assemble(struct dcm_frames *f,
                                    const struct dcm_event *ev)
{
    static rule *const rules[] = {
        no_fragments, one_stream, by_extended_table, by_basic_table, as_many,
        all_in_one,   by_marks,   one_each,          give_up,
    };
    enum verdict verdict = LEAVE;

    for (size_t i = 0; verdict == LEAVE; i++)
        verdict = rules[i](f, ev);
    dcm_frames_drop(&f->basic);
    dcm_frames_drop(&f->offsets);
    dcm_frames_drop(&f->lengths);
    if (verdict == FAILED) {
        settle(f, NO_FRAMES, 0);
        return f->error.code;
    }
    if (!f->tails_known)
        mark_raw_padding(f);
    if (f->syntax & DCM_TS_ONE_FRAGMENT && f->count < f->n)
        return deviate(f, DCM_ISSUE_FRAGMENT, ev, ev->offset,
                       "%zu fragments for %llu frames, expected one each", f->n,
                       (unsigned long long)f->count);
    return DCM_OK;
}

/* ------------------------------------------------------------ native values */

/* Frames lie end to end, without padding even where one is no whole number of
 * bytes. The product can't overflow: no factor is over 65535. */
enum dcm_status dcm_frames_divide(struct dcm_frames *f,
                                  const struct dcm_event *ev, uint32_t bits)
{
    uint64_t frame = (uint64_t)f->rows * f->columns * f->samples * bits;
    uint64_t there, want = frames_wanted(f);

    settle(f, NO_FRAMES, 0);
    /* One pair of chrominance values for two pixels (PS3.5 8.2); not all
     * writers mean it. */
    if (frame && f->subsampled && f->samples == 3 &&
        f->value_size * 8 / frame < want)
        frame = frame / 3 * 2;
    there = frame ? f->value_size * 8 / frame : 0;
    f->frame_bits = frame;
    if (there)
        settle(f, NATIVE, there < want ? there : want);
    if (there >= want || (!frame && !f->value_size))
        return DCM_OK;
    if (!frame)
        return deviate(f, DCM_ISSUE_PIXEL_LENGTH, ev, ev->offset,
                       "Pixel Data of %llu bytes, and no image size to divide "
                       "them by",
                       (unsigned long long)f->value_size);
    return deviate(f, DCM_ISSUE_PIXEL_LENGTH, ev, ev->offset,
                   "Pixel Data of %llu bytes: %llu whole frames, expected %llu",
                   (unsigned long long)f->value_size, (unsigned long long)there,
                   (unsigned long long)want);
}
