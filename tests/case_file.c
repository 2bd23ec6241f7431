/* Reads *.case files into structs, for test_cases.c. Knows the words of
 * cases/README and nothing of how a case is run. */
#include "case_file.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct parser {
    struct case_file *file;
    struct test_case *c;           /* the last one */
    struct hexd_buffer *continued; /* where an indented line goes */
    unsigned line;
    char *error;
    size_t error_size;
};

static int fail(struct parser *p, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static int fail(struct parser *p, const char *format, ...)
{
    va_list ap;
    int n = snprintf(p->error, p->error_size, "line %u: ", p->line);

    va_start(ap, format);
    if (n > 0 && (size_t)n < p->error_size)
        vsnprintf(p->error + n, p->error_size - (size_t)n, format, ap);
    va_end(ap);
    return 0;
}

static int append(struct parser *p, struct hexd_buffer *b, const char *text)
{
    size_t n = strlen(text);

    if (b->capacity - b->size < n + 1) {
        uint8_t *grown = realloc(b->data, (b->size + n) * 2 + 64);
        if (!grown)
            return fail(p, "no memory");
        b->data = grown;
        b->capacity = (b->size + n) * 2 + 64;
    }
    memcpy(b->data + b->size, text, n);
    b->size += n;
    b->data[b->size++] = '\n';
    return 1;
}

/* ---------------------------------------------------------------- words */

static int on_case(struct parser *p, char *rest)
{
    struct case_file *f = p->file;
    struct test_case *grown =
        realloc(f->cases, (f->count + 1) * sizeof *f->cases);

    if (!grown)
        return fail(p, "no memory");
    f->cases = grown;
    p->c = &grown[f->count++];
    memset(p->c, 0, sizeof *p->c);
    p->c->line = p->line;
    snprintf(p->c->id, sizeof p->c->id, "%s", rest);
    return 1;
}

static int on_why(struct parser *p, char *rest)
{
    snprintf(p->c->why, sizeof p->c->why, "%s", rest);
    return 1;
}

static int on_file(struct parser *p, char *rest)
{
    snprintf(p->c->file, sizeof p->c->file, "%s", rest);
    return 1;
}

static int on_input(struct parser *p, char *rest)
{
    (void)rest;
    p->continued = &p->c->text;
    return 1;
}

static int on_wanted(struct parser *p, char *rest, int part)
{
    struct test_case *c = p->c;

    if (c->n_wants == CASE_WANTS)
        return fail(p, "more than %d expectations", CASE_WANTS);
    c->part[c->n_wants] = part;
    p->continued = &c->wants[c->n_wants++];
    return append(p, p->continued, rest);
}

static int on_exact(struct parser *p, char *rest)
{
    return on_wanted(p, rest, 0);
}

static int on_json(struct parser *p, char *rest)
{
    return on_wanted(p, rest, 1);
}

static int on_contains(struct parser *p, char *rest)
{
    snprintf(p->c->contains, sizeof p->c->contains, "%s", rest);
    return 1;
}

static int mark_issues(struct parser *p, char *rest, int how)
{
    char *word, *state;

    for (word = strtok_r(rest, " ", &state); word;
         word = strtok_r(NULL, " ", &state)) {
        dcm_issue i = 1;
        while (i < dcm_issue_count() && strcmp(dcm_issue_name(i), word) != 0)
            i++;
        if (i >= dcm_issue_count())
            return fail(p, "no deviation is called '%s'", word);
        p->c->issues[i] = how;
    }
    return 1;
}

static int on_warn(struct parser *p, char *rest)
{
    return mark_issues(p, rest, CASE_MUST);
}

static int on_may(struct parser *p, char *rest)
{
    return mark_issues(p, rest, CASE_MAY);
}

static int on_error(struct parser *p, char *rest)
{
    static const struct {
        const char *name;
        enum dcm_status status;
    } rows[] = {
        {"argument", DCM_ERR_ARGUMENT},   {"memory", DCM_ERR_MEMORY},
        {"read", DCM_ERR_READ},           {"not-dicom", DCM_ERR_NOT_DICOM},
        {"truncated", DCM_ERR_TRUNCATED}, {"malformed", DCM_ERR_MALFORMED},
        {"limit", DCM_ERR_LIMIT},         {"unsupported", DCM_ERR_UNSUPPORTED},
    };
    size_t i;

    for (i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].name, rest) == 0)
            p->c->status = rows[i].status;
    return p->c->status || fail(p, "no error is called '%s'", rest);
}

static int on_option(struct parser *p, char *rest)
{
    struct test_case *c = p->c;

    if (strcmp(rest, "keep_unknown") == 0)
        c->keep_unknown = 1;
    else if (strcmp(rest, "meta") == 0)
        c->meta = 1;
    else if (strcmp(rest, "bulk inline") == 0)
        c->bulk = DCM_BULK_INLINE;
    else if (strcmp(rest, "bulk omit") == 0)
        c->bulk = DCM_BULK_OMIT;
    else if (strcmp(rest, "bulk uri") == 0)
        c->bulk = DCM_BULK_URI;
    else
        return fail(p, "no option is called '%s'", rest);
    return 1;
}

static const struct word {
    const char *name;
    int (*take)(struct parser *, char *);
} words[] = {
    {"case", on_case},         {"why", on_why},       {"file", on_file},
    {"input", on_input},       {"exact", on_exact},   {"json", on_json},
    {"contains", on_contains}, {"warn", on_warn},     {"may", on_may},
    {"error", on_error},       {"option", on_option},
};

/* ---------------------------------------------------------------- lines */

static int take_line(struct parser *p, char *line)
{
    size_t n = strcspn(line, " "), i;
    char *rest = line + n + (line[n] == ' ');

    if (line[0] == '#' || line[0] == '\0')
        return 1;
    if (line[0] == ' ')
        return p->continued ? append(p, p->continued, line)
                            : fail(p, "nothing above to continue");
    p->continued = NULL;
    for (i = 0; i < sizeof words / sizeof *words; i++) {
        if (strlen(words[i].name) != n || memcmp(words[i].name, line, n) != 0)
            continue;
        if (!p->c && words[i].take != on_case)
            return fail(p, "the first word is 'case'");
        return words[i].take(p, rest);
    }
    return fail(p, "'%.*s' is no word", (int)n, line);
}

int case_file_read(const char *path, struct case_file *f, char *error,
                   size_t error_size)
{
    struct parser p = {.file = f, .error = error, .error_size = error_size};
    FILE *in = fopen(path, "r");
    char *line = NULL;
    size_t capacity = 0;
    ssize_t n;
    int ok = 1;

    if (!in)
        return fail(&p, "cannot be opened");
    while (ok && (n = getline(&line, &capacity, in)) >= 0) {
        p.line++;
        while (n && (line[n - 1] == '\n' || line[n - 1] == '\r'))
            line[--n] = '\0';
        ok = take_line(&p, line);
    }
    if (ok && (ferror(in) || !f->count))
        ok = fail(&p, "no cases, or not readable");
    free(line);
    fclose(in);
    return ok;
}

void case_file_release(struct case_file *f)
{
    size_t i;
    unsigned k;

    for (i = 0; i < f->count; i++) {
        hexd_buffer_release(&f->cases[i].text);
        for (k = 0; k < f->cases[i].n_wants; k++)
            hexd_buffer_release(&f->cases[i].wants[k]);
    }
    free(f->cases);
    memset(f, 0, sizeof *f);
}
