/* Source. The records that an XML text becomes, and their texts, in two arrays
 * that are used again and again: nothing is allocated for an element. Knows
 * nothing of XML or DICOM. */
#include "xml_reader.h"

#include <stdlib.h>
#include <string.h>

#define SLACK 1048576u /* for what a piece of the input holds at most */

/* Whether there may be `more` bytes in all. */
static int within_limit(struct queue *q, size_t more)
{
    uint64_t used = q->n_text - (q->hold ? 0 : q->keep) + more;

    if (q->hold || q->n)
        used += q->n * sizeof(*q->records);
    return used <= q->limit || used - q->limit <= SLACK;
}

static int grow(void **array, size_t *max, size_t need, size_t size)
{
    size_t n = *max ? *max : 256;
    void *p;

    while (n < need) {
        if (n > SIZE_MAX / 2 / size)
            return 0;
        n *= 2;
    }
    p = realloc(*array, n * size);
    if (!p)
        return 0;
    *array = p;
    *max = n;
    return 1;
}

struct record *dcm_xml_queue_push(struct queue *q, enum record_kind kind,
                                  const struct place *place)
{
    struct record *record;
    void *records = q->records;

    if (q->n == q->max) {
        if (!within_limit(q, 0))
            return NULL;
        if (!grow(&records, &q->max, q->n + 1, sizeof(*record))) {
            q->no_memory = 1;
            return NULL;
        }
        q->records = records;
    }
    record = &q->records[q->n++];
    memset(record, 0, sizeof(*record));
    record->kind = (uint8_t)kind;
    record->place = *place;
    return record;
}

int dcm_xml_queue_text(struct queue *q, const char *s, size_t n)
{
    void *text = q->text;

    if (n > q->max_text - q->n_text) {
        if (n > SIZE_MAX / 4 || !within_limit(q, n))
            return 0;
        if (!grow(&text, &q->max_text, q->n_text + n, 1)) {
            q->no_memory = 1;
            return 0;
        }
        q->text = text;
    }
    if (n)
        memcpy(q->text + q->n_text, s, n);
    q->n_text += n;
    return 1;
}

void dcm_xml_queue_close(struct queue *q, struct record *record)
{
    record->start = q->keep;
    record->length = q->n_text - q->keep;
    q->keep = q->n_text;
}

void dcm_xml_queue_settle(struct queue *q)
{
    if (q->hold || q->taken < q->n)
        return;
    q->n = q->taken = 0;
    if (q->keep == 0)
        return;
    memmove(q->text, q->text + q->keep, q->n_text - q->keep);
    q->n_text -= q->keep;
    q->keep = 0;
}

void dcm_xml_queue_clear(struct queue *q)
{
    q->n = q->taken = q->n_text = q->keep = 0;
    q->hold = q->no_memory = 0;
}

void dcm_xml_queue_release(struct queue *q)
{
    free(q->records);
    free(q->text);
    memset(q, 0, sizeof(*q));
}
