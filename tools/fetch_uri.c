/* What a BulkDataURI says, and which file it stands for (RFC 3986 2.1, 3.4).
 * Opens nothing but a file below a folder that is open already, and nothing
 * that lies elsewhere. Knows nothing of what is in files. */
#include "fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---------------------------------------------------------------- the query
 */

/* "=123" up to the end: 1 when that is a number. */
static int number_of(const char *s, const char *end, uint64_t *value)
{
    uint64_t v = 0;

    if (s == end || *s++ != '=' || s == end)
        return 0;
    for (; s < end; s++) {
        unsigned digit = (unsigned)(unsigned char)*s - '0';

        if (digit > 9 || v > (UINT64_MAX - digit) / 10)
            return 0;
        v = v * 10 + digit;
    }
    *value = v;
    return 1;
}

static int begins(const char **s, const char *end, const char *word)
{
    size_t n = strlen(word);

    if ((size_t)(end - *s) < n || memcmp(*s, word, n) != 0)
        return 0;
    *s += n;
    return 1;
}

/* One field of it: 0 when it is none of ours. */
static int take_field(struct tool_fetch_uri *uri, const char *s,
                      const char *end)
{
    if (begins(&s, end, "offset"))
        return number_of(s, end, &uri->offset);
    if (begins(&s, end, "length"))
        return uri->has_length = number_of(s, end, &uri->length);
    if (begins(&s, end, "deflated"))
        return (uri->deflated = 1) && s == end;
    if (begins(&s, end, "big-endian"))
        return (uri->big_endian = 1) && s == end;
    return 0;
}

static int take_query(struct tool_fetch_uri *uri, const char *s,
                      const char *end)
{
    for (;;) {
        const char *and = memchr(s, '&', (size_t)(end - s));

        if (!take_field(uri, s, and? and : end))
            return 0;
        if (!and)
            return 1;
        s = and+1;
    }
}

/* uri = name [ "?" field { "&" field } ] */
void tool_fetch_parse(struct tool_fetch_uri *uri, const char *text, size_t n)
{
    const char *mark = memrchr(text, '?', n);
    const struct tool_fetch_uri plain = {.text = text, .whole = n, .size = n};

    *uri = plain;
    if (mark && take_query(uri, mark + 1, text + n)) {
        uri->has_query = 1;
        uri->size = (size_t)(mark - text);
    } else {
        *uri = plain;
    }
}

const char *tool_fetch_show(char shown[TOOL_FETCH_SHOWN + 4], const char *text,
                            size_t n)
{
    size_t most = n > TOOL_FETCH_SHOWN ? TOOL_FETCH_SHOWN : n;

    for (size_t i = 0; i < most; i++)
        shown[i] = (char)(text[i] > ' ' && text[i] < 127 ? text[i] : '?');
    strcpy(shown + most, most < n ? "..." : "");
    return shown;
}

/* ---------------------------------------------------------------- decoding */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The next byte, %41 as one; a '%' that begins nothing is itself. */
static char decode(const char **s, const char *end)
{
    const char *p = *s;
    int high, low;

    if (*p == '%' && end - p > 2 && (high = hex_digit(p[1])) >= 0 &&
        (low = hex_digit(p[2])) >= 0) {
        *s = p + 3;
        return (char)(high << 4 | low);
    }
    *s = p + 1;
    return *p;
}

/* ----------------------------------------------------- what --bulk names */

struct entry {
    const char *uri;
    size_t number; /* of --bulk */
    const char *file;
};

/* Sorted twice, by URIs as they stand and by what is left without percents;
 * equal ones in the order they were given. */
struct tool_fetch_index {
    size_t count;
    struct entry *plain, *decoded;
};

static int order_plain(const char *a, size_t n, const char *b)
{
    size_t m = strlen(b);
    int order = memcmp(a, b, n < m ? n : m);

    return order ? order : (n > m) - (n < m);
}

static int order_decoded(const char *a, size_t n, const char *b)
{
    const char *a_end = a + n, *b_end = b + strlen(b);

    while (a < a_end && b < b_end) {
        unsigned char x = (unsigned char)decode(&a, a_end);
        unsigned char y = (unsigned char)decode(&b, b_end);

        if (x != y)
            return x < y ? -1 : 1;
    }
    return (a < a_end) - (b < b_end);
}

static int compare_plain(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int order = strcmp(x->uri, y->uri);

    return order ? order : (x->number > y->number) - (x->number < y->number);
}

static int compare_decoded(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int order = order_decoded(x->uri, strlen(x->uri), y->uri);

    return order ? order : (x->number > y->number) - (x->number < y->number);
}

struct tool_fetch_index *
tool_fetch_index_new(const struct tool_fetch_options *o)
{
    struct tool_fetch_index *index = calloc(1, sizeof *index);
    struct entry *entries = calloc(2 * o->count + 1, sizeof *entries);

    if (!index || !entries) {
        free(index);
        free(entries);
        return NULL;
    }
    index->count = o->count;
    index->plain = entries;
    index->decoded = entries + o->count;
    for (size_t i = 0; i < o->count; i++) {
        struct entry entry = {o->names[i].uri, i, o->names[i].file};

        index->plain[i] = index->decoded[i] = entry;
    }
    qsort(index->plain, o->count, sizeof *entries, compare_plain);
    qsort(index->decoded, o->count, sizeof *entries, compare_decoded);
    return index;
}

void tool_fetch_index_free(struct tool_fetch_index *index)
{
    if (index)
        free(index->plain);
    free(index);
}

typedef int order_fn(const char *a, size_t n, const char *b);

/* The first that is not before the text. */
static size_t lower_bound(const struct entry *entries, size_t count,
                          order_fn *order, const char *text, size_t n)
{
    size_t low = 0;

    while (count) {
        size_t half = count / 2;

        if (order(text, n, entries[low + half].uri) > 0) {
            low += half + 1;
            count -= half + 1;
        } else {
            count = half;
        }
    }
    return low;
}

/* The ways to look a URI up, the first that finds something counts. */
static const struct way {
    int decoded, without_query;
} ways[] = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};

const char *tool_fetch_named(const struct tool_fetch_index *index,
                             const struct tool_fetch_uri *uri, unsigned number,
                             enum tool_fetch_found *found)
{
    *found = TOOL_FETCH_NONE;
    for (const struct way *w = ways; index && w < ways + 4; w++) {
        const struct entry *entries =
            w->decoded ? index->decoded : index->plain;
        order_fn *order = w->decoded ? order_decoded : order_plain;
        size_t n = w->without_query ? uri->size : uri->whole, at;

        if (w->without_query && !uri->has_query)
            continue;
        at = lower_bound(entries, index->count, order, uri->text, n);
        if (at == index->count || order(uri->text, n, entries[at].uri) != 0)
            continue;
        *found = w->without_query ? TOOL_FETCH_RANGE : TOOL_FETCH_ALL;
        if (number >= index->count - at ||
            order(uri->text, n, entries[at + number].uri) != 0)
            return NULL;
        return entries[at + number].file;
    }
    return NULL;
}

/* --------------------------------------------------------- below the root */

/* scheme ":" of RFC 3986 3.1. */
static int has_scheme(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char c = s[i];
        int letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

        if (c == ':')
            return i > 0;
        if (!letter && (i == 0 || !((c >= '0' && c <= '9') || c == '+' ||
                                    c == '-' || c == '.')))
            return 0;
    }
    return 0;
}

/* No empty component, no "." and "..": what is left goes down only. */
static int goes_down(const char *name)
{
    for (;;) {
        size_t n = strcspn(name, "/");

        if (n == 0 || (n == 1 && name[0] == '.') ||
            (n == 2 && name[0] == '.' && name[1] == '.'))
            return 0;
        if (!name[n])
            return 1;
        name += n + 1;
    }
}

static int is_plain(const char *name, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)name[i] < ' ' || name[i] == 127 || name[i] == '\\')
            return 0;
    return 1;
}

char *tool_fetch_name(const struct tool_fetch_uri *uri, const char **why)
{
    const char *s = uri->text, *end = s + uri->size;
    char *name = malloc(uri->size + 1);
    size_t n = 0;

    *why = "no memory";
    if (!name)
        return NULL;
    while (s < end)
        name[n++] = decode(&s, end);
    name[n] = '\0';
    if (has_scheme(uri->text, uri->size))
        *why = "nothing is ever fetched from outside";
    else if (!is_plain(name, n))
        *why = "not a name for a file here";
    else if (!goes_down(name))
        *why = "does not lie below a folder";
    else
        return name;
    free(name);
    return NULL;
}

/* ----------------------------------------------------------------- opening */

#define OPEN_FLAGS (O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)

#ifdef SYS_openat2
/* linux/openat2.h, which may be older than the kernel. */
struct how {
    uint64_t flags, mode, resolve;
};
#define NO_MAGIC_LINKS 0x02u
#define BENEATH 0x08u

/* The kernel sees to it that nothing on the way leads out. */
static int open_beneath(int root, const char *name)
{
    struct how how = {OPEN_FLAGS, 0, BENEATH | NO_MAGIC_LINKS};
    long fd;
    int tries = 0;

    do
        fd = syscall(SYS_openat2, root, name, &how, sizeof how);
    while (fd < 0 && (errno == EINTR || errno == EAGAIN) && ++tries < 32);
    return (int)fd;
}
#else
static int open_beneath(int root, const char *name)
{
    (void)root;
    (void)name;
    errno = ENOSYS;
    return -1;
}
#endif

static int open_part(int folder, const char *part, size_t n, int last)
{
    char name[256];

    if (n >= sizeof name) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(name, part, n);
    name[n] = '\0';
    return openat(folder, name,
                  OPEN_FLAGS | O_NOFOLLOW | (last ? 0 : O_DIRECTORY));
}

/* Without it: a folder at a time, and no links at all. */
static int open_stepwise(int root, const char *name)
{
    int folder = root;

    for (;;) {
        size_t n = strcspn(name, "/");
        int fd = open_part(folder, name, n, !name[n]), error = errno;

        if (folder != root)
            close(folder);
        errno = error;
        if (fd < 0 || !name[n])
            return fd;
        folder = fd;
        name += n + 1;
    }
}

int tool_fetch_beneath(int root, const char *name)
{
    int fd = open_beneath(root, name);
    struct stat st;

    if (fd < 0 && (errno == ENOSYS || errno == EPERM || errno == EINVAL))
        fd = open_stepwise(root, name);
    if (fd < 0)
        return -1;
    memset(&st, 0, sizeof st);
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        return fd;
    close(fd);
    errno = S_ISDIR(st.st_mode) ? EISDIR : ENOTSUP;
    return -1;
}
