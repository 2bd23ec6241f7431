/* Source. The greater part of a document without expat: elements of the model
 * (PS3.19 A.1.5) in the form in which they nearly always come, which can be
 * told at a glance to be well-formed (XML 1.0 2.1). That is ASCII without
 * references, XML attributes in double quotes with one space before each, and
 * nothing but elements and white space around elements. All else is left to
 * expat, which then has to know what is open. Knows nothing of which element
 * may be where. */
#include "xml_reader.h"

#include <string.h>

/* Elements that may be in line, and whether they hold text. */
static const struct name {
    char text[16];
    uint8_t size;
    uint8_t is_leaf;
} elements[] = {
    {"DicomAttribute", 14, 0}, {"Value", 5, 1},         {"Item", 4, 0},
    {"PersonName", 10, 0},     {"Alphabetic", 10, 0},   {"FamilyName", 10, 1},
    {"GivenName", 9, 1},       {"InlineBinary", 12, 1}, {"BulkData", 8, 1},
    {"Ideographic", 11, 0},    {"Phonetic", 8, 0},      {"MiddleName", 10, 1},
    {"NamePrefix", 10, 1},     {"NameSuffix", 10, 1},
};

static const struct name attributes[] = {
    {"tag", 3, 0},     {"vr", 2, 0},
    {"keyword", 7, 0}, {"privateCreator", 14, 0},
    {"number", 6, 0},  {"uri", 3, 0},
    {"uuid", 4, 0},
};
#define ATTRIBUTES (sizeof(attributes) / sizeof(attributes[0]))
#define ELEMENTS (sizeof(elements) / sizeof(elements[0]))

/* What the bytes at hand have: no end yet, another form, or what was asked. */
enum found { CUT, OTHER, TAKEN };

struct tag {
    size_t size; /* bytes from '<' to '>' */
    unsigned name;
    int is_empty; /* "/>" */
    const char *attributes[2 * ATTRIBUTES + 1];
};

struct quick {
    struct parse *p;
    const uint8_t *s, *end; /* what is left */
    uint64_t at;            /* of s in the input */
    char text[1024];        /* values of XML attributes */
    size_t n_text;
};

/* Classes of bytes. ']' is not in them: "]]>" is not allowed in text. */
enum { TEXT = 1, QUOTED = 2, WHITE = 4 };

#define BOTH (TEXT | QUOTED)
#define ROW4(c) [c] = BOTH, [c + 1] = BOTH, [c + 2] = BOTH, [c + 3] = BOTH
#define ROW16(c) ROW4(c), ROW4(c + 4), ROW4(c + 8), ROW4(c + 12)
static const uint8_t classes[256] = {
    ['\t'] = TEXT | WHITE,
    ['\n'] = TEXT | WHITE,
    [' '] = BOTH | WHITE,
    ['!'] = BOTH,
    ['"'] = TEXT,
    ['#'] = BOTH,
    ['$'] = BOTH,
    ['%'] = BOTH,
    ['\''] = BOTH,
    ROW4('('),
    ROW4(','),
    ROW4('0'),
    ROW4('4'),
    ROW4('8'),
    ['='] = BOTH,
    ['>'] = BOTH,
    ['?'] = BOTH,
    ROW16('@'),
    ROW4('P'),
    ROW4('T'),
    ['X'] = BOTH,
    ['Y'] = BOTH,
    ['Z'] = BOTH,
    ['['] = BOTH,
    ['\\'] = BOTH,
    ['^'] = BOTH,
    ['_'] = BOTH,
    ROW16('`'),
    ROW4('p'),
    ROW4('t'),
    ROW4('x'),
    ['|'] = BOTH,
    ['}'] = BOTH,
    ['~'] = BOTH,
};

static const uint8_t *pass(const uint8_t *s, const uint8_t *end, unsigned class)
{
    while (s < end && classes[*s] & class)
        s++;
    return s;
}

/* ------------------------------------------------------------------- tags */

/* The name at *s, which ends before one of `ends`. */
static enum found find(const struct name *names, size_t count,
                       const uint8_t **s, const uint8_t *end, const char *ends,
                       unsigned *which)
{
    size_t left = (size_t)(end - *s);

    for (unsigned i = 0; i < count; i++) {
        size_t n = names[i].size;

        if (left <= n)
            continue;
        if ((*s)[0] == (uint8_t)names[i].text[0] && strchr(ends, (*s)[n]) &&
            memcmp(*s, names[i].text, n) == 0 && (*s)[n]) {
            *s += n;
            *which = i;
            return TAKEN;
        }
    }
    return left < sizeof(names[0].text) ? CUT : OTHER;
}

/* value = '"' { character } '"', to be kept */
static enum found take_value(struct quick *q, const uint8_t **s,
                             const char **value)
{
    const uint8_t *start = *s + 1, *end;
    size_t n;

    if (*s == q->end)
        return CUT;
    if (**s != '"')
        return OTHER;
    end = pass(start, q->end, QUOTED);
    n = (size_t)(end - start);
    if (n >= sizeof(q->text) - q->n_text)
        return OTHER;
    if (end == q->end)
        return CUT;
    if (*end != '"')
        return OTHER;
    memcpy(q->text + q->n_text, start, n);
    q->text[q->n_text + n] = '\0';
    *value = q->text + q->n_text;
    q->n_text += n + 1;
    *s = end + 1;
    return TAKEN;
}

/* tag = '<' name { ' ' name '=' value } [ '/' ] '>' */
static enum found take_tag(struct quick *q, struct tag *tag)
{
    const uint8_t *s = q->s + 1;
    unsigned seen = 0, which;
    size_t n = 0;
    enum found found = find(elements, ELEMENTS, &s, q->end, " />", &tag->name);

    q->n_text = 0;
    while (found == TAKEN && s < q->end && *s == ' ') {
        s++;
        found = find(attributes, ATTRIBUTES, &s, q->end, "=", &which);
        if (found != TAKEN)
            break;
        if (seen >> which & 1) /* not well-formed: expat says it better */
            return OTHER;
        seen |= 1u << which;
        s++;
        tag->attributes[n++] = attributes[which].text;
        found = take_value(q, &s, &tag->attributes[n++]);
    }
    if (found != TAKEN)
        return found;
    tag->attributes[n] = NULL;
    tag->is_empty = s < q->end && *s == '/';
    s += tag->is_empty;
    if (s == q->end)
        return CUT;
    tag->size = (size_t)(s + 1 - q->s);
    return *s == '>' ? TAKEN : OTHER;
}

/* "</NAME>" at s: the bytes behind it. */
static enum found take_end(const struct quick *q, const uint8_t *s,
                           unsigned name, size_t *size)
{
    const struct name *n = &elements[name];

    *size = n->size + 3u;
    if ((size_t)(q->end - s) < *size)
        return CUT;
    return s[0] == '<' && s[1] == '/' && memcmp(s + 2, n->text, n->size) == 0 &&
                   s[2 + n->size] == '>'
               ? TAKEN
               : OTHER;
}

/* ------------------------------------------------------------- what they are
 */

static int is_well(struct parse *p)
{
    if (p->queue.no_memory)
        dcm_xml_parse_fail(p, DCM_ERR_MEMORY, &p->here, "no memory to read on");
    return !p->ended;
}

static void go_to(struct quick *q, const uint8_t *s)
{
    q->at += (uint64_t)(s - q->s);
    q->s = s;
}

static void set_here(struct quick *q, const uint8_t *s)
{
    struct place *here = &q->p->here;

    here->offset = q->at + (uint64_t)(s - q->s);
    here->line = here->column = 0;
}

static int start(struct quick *q, struct tag *tag)
{
    set_here(q, q->s);
    dcm_xml_parse_start(q->p, elements[tag->name].text, tag->attributes);
    return is_well(q->p);
}

static int end(struct quick *q, const uint8_t *s)
{
    set_here(q, s);
    dcm_xml_parse_end(q->p);
    return is_well(q->p);
}

static int put_text(struct quick *q, const uint8_t *s, size_t n)
{
    struct parse *p = q->p;
    int in_line = dcm_xml_parse_top(p) == IN_INLINE && !p->left_out;
    uint64_t at = q->at + (uint64_t)(s - q->s);

    if (in_line)
        p->in_line.at = p->in_line.next = at;
    if (n && in_line)
        dcm_xml_inline_text(p, (const char *)s, n, at, n);
    else if (n)
        dcm_xml_parse_text(p, (const char *)s, n);
    return is_well(p);
}

/* An element whose all is at hand: its text, and its end. */
static enum found leaf(struct quick *q, struct tag *tag)
{
    const uint8_t *text = q->s + tag->size;
    const uint8_t *behind = pass(text, q->end, TEXT);
    size_t size;
    enum found found = take_end(q, behind, tag->name, &size);

    if (found != TAKEN)
        return found;
    if (start(q, tag) && put_text(q, text, (size_t)(behind - text)))
        end(q, behind);
    go_to(q, behind + size);
    return TAKEN;
}

static enum found element(struct quick *q)
{
    struct parse *p = q->p;
    const uint8_t *behind;
    struct tag tag;
    enum found found = take_tag(q, &tag);

    if (found != TAKEN)
        return found;
    if (elements[tag.name].is_leaf && !tag.is_empty)
        return leaf(q, &tag);
    if (!tag.is_empty && p->n_opened == sizeof(p->opened))
        return OTHER;
    behind = q->s + tag.size;
    if (!tag.is_empty)
        p->opened[p->n_opened++] = (uint8_t)tag.name;
    if (start(q, &tag) && tag.is_empty && put_text(q, behind, 0))
        end(q, behind);
    go_to(q, behind);
    return TAKEN;
}

/* Of an element that was opened here. */
static enum found element_end(struct quick *q)
{
    struct parse *p = q->p;
    size_t size;
    enum found found =
        p->n_opened ? take_end(q, q->s, p->opened[p->n_opened - 1], &size)
                    : OTHER;

    if (found != TAKEN)
        return found;
    p->n_opened--;
    end(q, q->s);
    go_to(q, q->s + size);
    return TAKEN;
}

size_t dcm_xml_quick(struct parse *p, const uint8_t *s, size_t n, uint64_t at,
                     int *cut)
{
    struct quick q;
    enum found found = TAKEN;

    q.p = p;
    q.s = s;
    q.end = s + n;
    q.at = at;
    while (found == TAKEN && !p->ended && !p->left_out) {
        go_to(&q, pass(q.s, q.end, WHITE));
        if (q.end - q.s < 2)
            found = q.s < q.end && *q.s != '<' ? OTHER : CUT;
        else if (*q.s != '<')
            found = OTHER;
        else
            found = q.s[1] == '/' ? element_end(&q) : element(&q);
    }
    *cut = found == CUT;
    return (size_t)(q.s - s);
}

size_t dcm_xml_quick_name(unsigned which, const char **text)
{
    *text = elements[which].text;
    return elements[which].size;
}
