/* Reads JSON into a tree and compares two of them, for tests.
 *
 * It shares no code with the library, so that a mistake in our writer is not
 * made here again, and knows nothing of DICOM but that tags ascend. Numbers
 * are never turned into doubles: they are kept as digits and an exponent,
 * which is exact. Syntax: RFC 8259. */
#include "json_compare.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH 2000 /* our own limit is 256 items, three levels each */

enum kind { J_NULL, J_FALSE, J_TRUE, J_NUMBER, J_STRING, J_ARRAY, J_OBJECT };

/* A value. `text` is that of a string, decoded, or of a number, as its sign,
 * its digits without zeros at either end, and 'e' with the exponent. */
struct json {
    enum kind kind;
    char *text;
    size_t length;
    char *name; /* as a member of an object */
    size_t name_length;
    struct json *first, *last, *next;
};

struct parser {
    const char *start, *p, *end;
    char *error;
    size_t error_size;
};

static void *complain(struct parser *ps, const char *what)
{
    if (ps->error && ps->error_size)
        snprintf(ps->error, ps->error_size, "byte %zu: %s",
                 (size_t)(ps->p - ps->start), what);
    return NULL;
}

void json_free(struct json *j)
{
    /* Children are moved up behind their parent: no recursion. */
    while (j) {
        struct json *next;
        if (j->first) {
            j->last->next = j->next;
            j->next = j->first;
        }
        next = j->next;
        free(j->text);
        free(j->name);
        free(j);
        j = next;
    }
}

static void skip_space(struct parser *ps)
{
    while (ps->p < ps->end && *ps->p && strchr(" \t\r\n", *ps->p))
        ps->p++;
}

static int take(struct parser *ps, char c)
{
    skip_space(ps);
    if (ps->p == ps->end || *ps->p != c)
        return 0;
    ps->p++;
    return 1;
}

/* --------------------------------------------------------------- strings */

static size_t put_utf8(char *to, unsigned long c)
{
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        to[0] = (char)(0xC0 | c >> 6);
        to[1] = (char)(0x80 | (c & 63));
        return 2;
    }
    if (c < 0x10000) {
        to[0] = (char)(0xE0 | c >> 12);
        to[1] = (char)(0x80 | (c >> 6 & 63));
        to[2] = (char)(0x80 | (c & 63));
        return 3;
    }
    to[0] = (char)(0xF0 | c >> 18);
    to[1] = (char)(0x80 | (c >> 12 & 63));
    to[2] = (char)(0x80 | (c >> 6 & 63));
    to[3] = (char)(0x80 | (c & 63));
    return 4;
}

/* Bytes of the UTF-8 character at p, 0 if it is none (RFC 3629: no long
 * forms, no surrogates, nothing over 10FFFF). */
static size_t utf8_length(const unsigned char *p, size_t n)
{
    static const unsigned long least[5] = {0, 0, 0x80, 0x800, 0x10000};
    size_t want = p[0] < 0x80             ? 1
                  : (p[0] & 0xE0) == 0xC0 ? 2
                  : (p[0] & 0xF0) == 0xE0 ? 3
                  : (p[0] & 0xF8) == 0xF0 ? 4
                                          : 0;
    unsigned long c;
    size_t i;

    if (want < 2 || want > n)
        return want > n ? 0 : want;
    c = p[0] & (0xFFu >> (want + 1));
    for (i = 1; i < want; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
        c = c << 6 | (p[i] & 63);
    }
    if (c < least[want] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        return 0;
    return want;
}

static int take_hex4(struct parser *ps, unsigned long *c)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    int i;

    *c = 0;
    if (ps->end - ps->p < 4)
        return 0;
    for (i = 0; i < 4; i++) {
        const char *at = *ps->p ? strchr(digits, *ps->p) : NULL;
        if (!at)
            return 0;
        *c = *c << 4 | (unsigned long)((at - digits) & 15);
        ps->p++;
    }
    return 1;
}

/* What follows a backslash; bytes written, 0 if it is wrong. */
static size_t take_escape(struct parser *ps, char *to)
{
    static const char plain[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
    unsigned long c, low;
    const char *at;

    if (ps->p == ps->end || !*ps->p)
        return 0;
    if ((at = strchr(plain, *ps->p)) != NULL) {
        ps->p++;
        *to = means[at - plain];
        return 1;
    }
    if (*ps->p++ != 'u' || !take_hex4(ps, &c) || (c >= 0xDC00 && c <= 0xDFFF))
        return 0;
    if (c < 0xD800 || c > 0xDBFF)
        return put_utf8(to, c);
    if (ps->end - ps->p < 6 || ps->p[0] != '\\' || ps->p[1] != 'u')
        return 0;
    ps->p += 2;
    if (!take_hex4(ps, &low) || low < 0xDC00 || low > 0xDFFF)
        return 0;
    return put_utf8(to, 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00));
}

/* The rest of a string after its quote, decoded; never longer than it was. */
static char *take_string(struct parser *ps, size_t *length)
{
    const char *q = ps->p;
    char *text;
    size_t n = 0, step;

    while (q < ps->end && *q != '"')
        q += *q == '\\' && ps->end - q > 1 ? 2 : 1;
    text = malloc((size_t)(q - ps->p) + 1);
    while (text && ps->p < ps->end && *ps->p != '"') {
        if (*ps->p == '\\') {
            ps->p++;
            step = take_escape(ps, text + n);
        } else if ((unsigned char)*ps->p < 0x20) {
            step = 0;
        } else {
            step = utf8_length((const unsigned char *)ps->p,
                               (size_t)(ps->end - ps->p));
            memcpy(text + n, ps->p, step);
            ps->p += step;
        }
        if (!step) {
            free(text);
            return complain(ps, "bad escape, control or UTF-8 in a string");
        }
        n += step;
    }
    if (!text || !take(ps, '"')) {
        free(text);
        return complain(ps, "string without an end");
    }
    text[n] = '\0';
    *length = n;
    return text;
}

/* --------------------------------------------------------------- numbers */

static size_t count_digits(const struct parser *ps)
{
    const char *p = ps->p;

    while (p < ps->end && *p >= '0' && *p <= '9')
        p++;
    return (size_t)(p - ps->p);
}

/* Sign, digits, exponent: 12.50 -> "+125e-1", 0.0 -> "+0e0". */
static char *normal_number(const char *digits, size_t n, int minus,
                           long exponent)
{
    char *text = malloc(n + 32);

    while (n && *digits == '0') {
        digits++;
        n--;
    }
    while (n && digits[n - 1] == '0') {
        n--;
        exponent++;
    }
    if (text)
        snprintf(text, n + 32, "%c%.*se%ld", minus ? '-' : '+', n ? (int)n : 1,
                 n ? digits : "0", n ? exponent : 0);
    return text;
}

/* number = [-] int [. digits] [e [+-] digits], no zero before an int */
static char *take_number(struct parser *ps)
{
    int minus = take(ps, '-');
    const char *whole = ps->p;
    size_t n = count_digits(ps), fraction = 0;
    long exponent = 0;
    char *digits, *text;

    if (!n || (n > 1 && *whole == '0'))
        return complain(ps, "not a number");
    ps->p += n;
    digits = malloc((size_t)(ps->end - whole) + 1);
    if (!digits)
        return NULL;
    memcpy(digits, whole, n);
    if (ps->p < ps->end && *ps->p == '.') {
        ps->p++;
        fraction = count_digits(ps);
        memcpy(digits + n, ps->p, fraction);
        ps->p += fraction;
        if (!fraction) {
            free(digits);
            return complain(ps, "no digit after the point");
        }
    }
    if (ps->p < ps->end && (*ps->p | 32) == 'e') {
        int down = ps->end - ps->p > 1 && ps->p[1] == '-';
        size_t i, m;
        ps->p += 1 + (ps->end - ps->p > 1 && (down || ps->p[1] == '+'));
        m = count_digits(ps);
        for (i = 0; i < m && exponent < 100000000; i++)
            exponent = exponent * 10 + (ps->p[i] - '0');
        ps->p += m;
        exponent = down ? -exponent : exponent;
        if (!m) {
            free(digits);
            return complain(ps, "no digit in the exponent");
        }
    }
    text =
        normal_number(digits, n + fraction, minus, exponent - (long)fraction);
    free(digits);
    return text;
}

/* ------------------------------------------------------------- structure */

static void adopt(struct json *parent, struct json *child)
{
    if (parent->last)
        parent->last->next = child;
    else
        parent->first = child;
    parent->last = child;
}

static const struct json *member(const struct json *object, const char *name,
                                 size_t n)
{
    const struct json *m = object->first;

    while (m && (m->name_length != n || memcmp(m->name, name, n) != 0))
        m = m->next;
    return m;
}

static struct json *take_value(struct parser *ps, unsigned depth);

static int take_member(struct parser *ps, struct json *object, unsigned depth)
{
    struct json *value = NULL;
    size_t n = 0;
    char *name;

    if (!take(ps, '"'))
        return complain(ps, "a name was expected") != NULL;
    if (!(name = take_string(ps, &n)))
        return 0;
    if (member(object, name, n))
        complain(ps, "the same name twice");
    else if (!take(ps, ':'))
        complain(ps, "a colon was expected");
    else
        value = take_value(ps, depth);
    if (!value) {
        free(name);
        return 0;
    }
    value->name = name;
    value->name_length = n;
    adopt(object, value);
    return 1;
}

static int take_children(struct parser *ps, struct json *j, unsigned depth)
{
    char closing = j->kind == J_OBJECT ? '}' : ']';

    if (take(ps, closing))
        return 1;
    do {
        if (j->kind == J_OBJECT) {
            if (!take_member(ps, j, depth))
                return 0;
        } else {
            struct json *child = take_value(ps, depth);
            if (!child)
                return 0;
            adopt(j, child);
        }
    } while (take(ps, ','));
    return take(ps, closing) ||
           complain(ps, "a comma or the end was expected") != NULL;
}

static int take_word(struct parser *ps, struct json *j)
{
    static const struct {
        const char *word;
        enum kind kind;
    } words[] = {{"null", J_NULL}, {"true", J_TRUE}, {"false", J_FALSE}};
    size_t i;

    for (i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = strlen(words[i].word);
        if ((size_t)(ps->end - ps->p) < n ||
            memcmp(ps->p, words[i].word, n) != 0)
            continue;
        ps->p += n;
        j->kind = words[i].kind;
        return 1;
    }
    j->kind = J_NUMBER;
    j->text = take_number(ps);
    j->length = j->text ? strlen(j->text) : 0;
    return j->text != NULL;
}

static struct json *take_value(struct parser *ps, unsigned depth)
{
    struct json *j = calloc(1, sizeof *j);
    int ok;

    if (!j || depth > MAX_DEPTH) {
        free(j);
        return complain(ps, "too deep");
    }
    if (take(ps, '{') || take(ps, '[')) {
        j->kind = ps->p[-1] == '{' ? J_OBJECT : J_ARRAY;
        ok = take_children(ps, j, depth + 1);
    } else if (take(ps, '"')) {
        j->kind = J_STRING;
        ok = (j->text = take_string(ps, &j->length)) != NULL;
    } else {
        ok = take_word(ps, j);
    }
    if (ok)
        return j;
    json_free(j);
    return NULL;
}

struct json *json_parse(const char *text, size_t n, char *error, size_t size)
{
    struct parser ps = {text, text, text + n, error, size};
    struct json *j = take_value(&ps, 0);

    skip_space(&ps);
    if (!j || ps.p == ps.end)
        return j;
    json_free(j);
    return complain(&ps, "something after the value");
}

/* ------------------------------------------------------------- comparing */

/* The way down, for messages: "/00100010/Value/0". */
struct path {
    char text[200];
    char *where;
    size_t size;
};

static size_t path_push(struct path *path, const char *name, size_t index)
{
    size_t n = strlen(path->text);

    if (name)
        snprintf(path->text + n, sizeof path->text - n, "/%s", name);
    else
        snprintf(path->text + n, sizeof path->text - n, "/%zu", index);
    return n;
}

static void describe(const struct json *j, char *to, size_t size)
{
    static const char *const names[] = {"null",   "false", "true",  "",
                                        "string", "array", "object"};

    if (!j)
        snprintf(to, size, "nothing");
    else if (j->kind == J_STRING)
        snprintf(to, size, "\"%.60s\"", j->text);
    else
        snprintf(to, size, "%s", j->text ? j->text : names[j->kind]);
}

static int differ(struct path *path, const struct json *got,
                  const struct json *want)
{
    char a[80], b[80];

    describe(got, a, sizeof a);
    describe(want, b, sizeof b);
    if (path->where && path->size)
        snprintf(path->where, path->size, "%s: %s instead of %s",
                 path->text[0] ? path->text : "/", a, b);
    return 0;
}

static int equal(struct path *path, const struct json *got,
                 const struct json *want, int part);

static int equal_members(struct path *path, const struct json *got,
                         const struct json *want, int part)
{
    const struct json *m, *other;
    size_t n;

    for (m = want->first; m; m = m->next) {
        other = member(got, m->name, m->name_length);
        n = path_push(path, m->name, 0);
        if (!other)
            return differ(path, NULL, m);
        if (!equal(path, other, m, 0))
            return 0;
        path->text[n] = '\0';
    }
    for (m = got->first; m && !part; m = m->next) {
        if (member(want, m->name, m->name_length))
            continue;
        path_push(path, m->name, 0);
        return differ(path, m, NULL);
    }
    return 1;
}

static int equal_elements(struct path *path, const struct json *got,
                          const struct json *want)
{
    const struct json *a = got->first, *b = want->first;
    size_t i, n;

    for (i = 0; a || b; i++) {
        n = path_push(path, NULL, i);
        if (!a || !b)
            return differ(path, a, b);
        if (!equal(path, a, b, 0))
            return 0;
        path->text[n] = '\0';
        a = a->next;
        b = b->next;
    }
    return 1;
}

static int equal(struct path *path, const struct json *got,
                 const struct json *want, int part)
{
    if (got->kind != want->kind)
        return differ(path, got, want);
    if (got->kind == J_OBJECT)
        return equal_members(path, got, want, part);
    if (got->kind == J_ARRAY)
        return equal_elements(path, got, want);
    if (got->length != want->length ||
        (got->length && memcmp(got->text, want->text, got->length) != 0))
        return differ(path, got, want);
    return 1;
}

int json_equal(const struct json *got, const struct json *want, int part,
               char *where, size_t size)
{
    struct path path = {"", where, size};

    return equal(&path, got, want, part);
}

static int is_tag(const struct json *m)
{
    return m->name_length == 8 &&
           strspn(m->name, "0123456789abcdefABCDEF") == 8;
}

int json_tags_ascend(const struct json *j, char *where, size_t size)
{
    const struct json *m;

    for (m = j->first; m; m = m->next) {
        int wrong = 0;
        if (j->kind == J_OBJECT && is_tag(m))
            wrong = strspn(m->name, "0123456789ABCDEF") != 8 ||
                    (m->next && is_tag(m->next) &&
                     strcmp(m->name, m->next->name) >= 0);
        if (wrong)
            snprintf(where, size, "%s is lower case or after its place",
                     m->name);
        if (wrong || !json_tags_ascend(m, where, size))
            return 0;
    }
    return 1;
}
