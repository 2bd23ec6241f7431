/* Language. Text elements on their way to a document (PS3.5 6.2, 6.2.1, 6.4):
 * a walk over their values, whether loaded or pulled, and what of them is to
 * be told, once for all values of an element. Knows nothing of how text is
 * decoded (text.c) or of how it looks in the document. */
#include "content_text.h"
#include <stdlib.h>

/* ----------------------------------------------------------------- length */

static size_t characters(const char *s, size_t n)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++)
        count += ((uint8_t)s[i] & 0xC0) != 0x80;
    return count;
}

int dcm_content_too_long(struct dcm_content *c, const char *s, size_t n)
{
    size_t max = c->vr->max;
    size_t length;

    if (n <= max || max == 0)
        return 0;
    length = characters(s, n);
    if (length > c->longest)
        c->longest = length;
    return length > max;
}

/* ------------------------------------------------------------ person names */

/* A component group without its trailing spaces; 0 when no component of it
 * has anything in it (PS3.18 F.2.2: only non-empty groups are written). */
static size_t group_length(const char *s, size_t n)
{
    size_t i = 0;

    while (n && s[n - 1] == ' ')
        n--;
    while (i < n && (s[i] == '^' || s[i] == ' '))
        i++;
    return i < n ? n : 0;
}

void dcm_content_split_name(struct dcm_content *c, struct dcm_name *name,
                            const char *s, size_t n)
{
    const char *end = s + n;

    memset(name, 0, sizeof(*name));
    for (int g = 0; g < DCM_NAME_GROUPS; g++) {
        const char *stop = memchr(s, '=', (size_t)(end - s));
        size_t length = (size_t)((stop ? stop : end) - s);

        name->s[g] = s;
        name->n[g] = group_length(s, length);
        name->groups += name->n[g] != 0;
        if (!stop)
            return;
        s = stop + 1;
    }
    c->issues |= DCM_CONTENT_GROUPS;
}

/* -------------------------------------------------------------- deviations */

static enum dcm_status tell_problems(struct dcm_content *c, unsigned problems)
{
    const struct dcm_event *ev = c->event;
    uint64_t offset = ev->value_offset;
    enum dcm_status status = DCM_OK;

    if (c->text.where && c->text.where >= ev->data &&
        c->text.where < ev->data + ev->size)
        offset += (uint64_t)(c->text.where - ev->data);
    for (; problems && status == DCM_OK; problems &= problems - 1) {
        dcm_issue issue = dcm_charset_issue(problems);

        status = dcm_content_tell(c, issue, offset, dcm_issue_help(issue));
    }
    return status;
}

/* TAB and line ends are text in ST, LT and UT only (PS3.5 6.1.3). */
static int bad_controls(const struct dcm_content *c)
{
    unsigned bad = DCM_MET_CONTROL;

    if (!(c->vr->flags & DCM_VRF_CONTROL))
        bad |= DCM_MET_LAYOUT;
    return (c->controls & bad) != 0 || (c->text.problems & DCM_CS_CONTROL) != 0;
}

static enum dcm_status tell_length(struct dcm_content *c)
{
    return dcm_deviation(c->policy, c->error, DCM_ISSUE_TEXT_LENGTH, c->event,
                         c->event->value_offset,
                         "%lu characters in a %s of %c%c, at most %lu fit",
                         (unsigned long)c->longest,
                         c->vr->code == VR_PN ? "component group" : "value",
                         c->vr->code >> 8, c->vr->code & 255,
                         (unsigned long)c->vr->max);
}

/* Of the content of values, in the order in which it is told. */
static enum dcm_status tell_issues(struct dcm_content *c)
{
    static const struct {
        unsigned bit;
        dcm_issue issue;
        const char *message;
    } rows[] = {
        {DCM_CONTENT_FORM, DCM_ISSUE_NUMBER_FORM,
         "text that is no number of its VR, written as a string"},
        {DCM_CONTENT_GROUPS, DCM_ISSUE_PN_GROUPS,
         "more than 3 component groups in a name"},
        {DCM_CONTENT_COMPONENTS, DCM_ISSUE_PN_COMPONENTS,
         "more than 5 components in a group of a name"},
    };
    enum dcm_status s = DCM_OK;

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows) && s == DCM_OK; i++)
        if (c->issues & rows[i].bit)
            s = dcm_content_tell(c, rows[i].issue, c->event->value_offset,
                                 rows[i].message);
    return s;
}

static enum dcm_status tell_text(struct dcm_content *c)
{
    uint64_t at = c->event->value_offset;
    unsigned problems = c->text.problems & ~(unsigned)DCM_CS_CONTROL;
    enum dcm_status s = DCM_OK;

    if (problems)
        s = tell_problems(c, problems);
    if (s == DCM_OK && bad_controls(c))
        s = dcm_content_tell(
            c, DCM_ISSUE_TEXT_CONTROL, at,
            "control character in text that may have none of it");
    if (s == DCM_OK && c->controls & DCM_MET_LOST)
        s = dcm_content_tell(c, DCM_ISSUE_XML_CHARACTER, at,
                             "character that XML can't hold, written as "
                             "U+FFFD");
    if (s == DCM_OK && c->longest > c->vr->max && c->vr->max)
        s = tell_length(c);
    return s == DCM_OK && c->issues ? tell_issues(c) : s;
}

/* ------------------------------------------------------------ text values */

/* Gathers a value that was not loaded, as far as there are bytes: what is
 * asked for grows with what has come, not with the size that is claimed. */
static int gather(struct dcm_content *c, size_t *size)
{
    size_t used = 0;

    while (c->at < c->event->size) {
        uint64_t left = c->event->size - c->at;
        size_t n = left < DCM_CONTENT_PIECE ? (size_t)left : DCM_CONTENT_PIECE;

        if (c->whole_size - used < n) {
            size_t want = 2 * c->whole_size + DCM_CONTENT_PIECE;
            void *p = realloc(c->whole, want);

            if (!p)
                return 0;
            c->whole = p;
            c->whole_size = want;
        }
        used += dcm_content_read(c, c->whole + used, n);
    }
    *size = used;
    return 1;
}

/* A buffer as large as a rare text is not kept for the next value. */
static void drop_large(struct dcm_content *c)
{
    if (c->whole_size > 16 * DCM_CONTENT_PIECE) {
        free(c->whole);
        c->whole = NULL;
        c->whole_size = 0;
    }
}

static int is_wide(const char *s, size_t n)
{
    while (n && !(*s & 0x80))
        s++, n--;
    return n != 0;
}

static enum dcm_status walk(struct dcm_content *c, dcm_content_put_fn *put)
{
    const char *s;
    size_t n;

    dcm_text_open(&c->text, c->event);
    while (dcm_text_next(&c->text, &s, &n)) {
        if (!c->text.plain && !c->wide)
            c->wide = is_wide(s, n);
        put(c, s, n);
    }
    return c->text.failed ? dcm_content_no_memory(c) : tell_text(c);
}

static enum dcm_status walk_pulled(struct dcm_content *c,
                                   dcm_content_put_fn *put)
{
    const struct dcm_event *event = c->event;
    struct dcm_event whole = *event;
    enum dcm_status status = DCM_OK;
    size_t size;

    if (!gather(c, &size))
        return dcm_content_no_memory(c);
    if (size) {
        whole.data = c->whole;
        whole.size = size;
        c->event = &whole;
        status = walk(c, put);
        c->event = event;
    }
    drop_large(c);
    return status;
}

enum dcm_status dcm_content_texts(struct dcm_content *c,
                                  dcm_content_put_fn *put)
{
    if (c->event->size == 0)
        return DCM_OK;
    return c->event->data ? walk(c, put) : walk_pulled(c, put);
}
