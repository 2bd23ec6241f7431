/* Runs the end-to-end cases of tests/cases: text to bytes, bytes to JSON,
 * JSON compared by value; and each case in many ways that must not matter.
 * cases/README says what is checked. Knows the public header only, and prints
 * one line a case, "ok" or "not ok", with what was wrong below it. */
#include "case_file.h"
#include "json_compare.h"

#include <dirent.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALL_PREFIXES 4096 /* of inputs up to this size; else a few */

/* One way to run a case. */
struct way {
    const char *name;
    int strict, pretty, comma;
    int pull;     /* the input is a callback, not memory */
    size_t chunk; /* bytes the reader asks for; 0: its default */
    size_t most;  /* bytes a call gives; 0: as many as asked for */
};

static const struct way ways[] = {
    /*  name              strict pretty comma pull chunk most */
    {"as a stream", 0, 0, 0, 1, 0, 0},
    {"byte by byte", 0, 0, 0, 1, 0, 1},
    {"in chunks of 1", 0, 0, 0, 1, 1, 0},
    {"in chunks of 2", 0, 0, 0, 1, 2, 0},
    {"in chunks of 3", 0, 0, 0, 1, 3, 0},
    {"in chunks of 7", 0, 0, 0, 1, 7, 0},
    {"in chunks of 64", 0, 0, 0, 1, 64, 0},
    {"from memory, 7 by 7", 0, 0, 0, 0, 7, 0},
    {"under a decimal comma", 0, 0, 1, 0, 0, 0},
};
static const struct way plain = {.name = "plain"};
static const struct way strictly = {.name = "strict", .strict = 1};
static const struct way indented = {.name = "indented", .pretty = 1};

struct outcome {
    enum dcm_status status;
    struct dcm_error error;
    char *json;
    size_t size;
    uint64_t counts[DCM_ISSUE_COUNT];
    uint64_t total;
};

/* The case at hand and its verdict. */
struct bench {
    const struct test_case *c;
    const uint8_t *data;
    size_t size;
    char complaint[400]; /* the first one; "" when all is well */
    const char *comma;   /* a locale with a decimal comma, or NULL */
};

static void complain(struct bench *b, const char *way, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void complain(struct bench *b, const char *way, const char *format, ...)
{
    va_list ap;
    int n;

    if (b->complaint[0])
        return;
    n = snprintf(b->complaint, sizeof b->complaint, "%s: ", way);
    va_start(ap, format);
    if (n > 0 && (size_t)n < sizeof b->complaint)
        vsnprintf(b->complaint + n, sizeof b->complaint - (size_t)n, format,
                  ap);
    va_end(ap);
}

/* ------------------------------------------------------------ converting */

struct feed {
    const uint8_t *p, *end;
    size_t most;
};

static ptrdiff_t feed_read(void *user, void *buffer, size_t n)
{
    struct feed *f = user;
    size_t left = (size_t)(f->end - f->p);

    if (f->most && n > f->most)
        n = f->most;
    if (n > left)
        n = left;
    if (n)
        memcpy(buffer, f->p, n);
    f->p += n;
    return (ptrdiff_t)n;
}

static void keep(struct outcome *o, const struct dcm_output *output,
                 const struct dcm_policy *policy)
{
    dcm_issue i;
    const void *data = dcm_output_data(output, &o->size);

    o->json = malloc(o->size + 1);
    if (!o->json)
        abort();
    if (o->size)
        memcpy(o->json, data, o->size);
    o->json[o->size] = '\0';
    for (i = 1; i < dcm_issue_count(); i++)
        o->counts[i] = dcm_policy_count(policy, i);
    o->total = dcm_policy_count(policy, 0);
}

static void pump(const struct test_case *c, const struct way *w,
                 struct dcm_input *input, struct outcome *o)
{
    struct dcm_policy *policy = dcm_policy_new(w->strict, NULL, NULL);
    struct dcm_reader_options in = {.size = sizeof in,
                                    .policy = policy,
                                    .chunk = w->chunk,
                                    .keep_unknown = c->keep_unknown};
    struct dcm_json_options out = {.size = sizeof out,
                                   .policy = policy,
                                   .pretty = w->pretty,
                                   .meta = c->meta,
                                   .bulk = c->bulk};
    struct dcm_output *output = dcm_output_memory();
    struct dcm_reader *reader = dcm_reader_new(&in);
    struct dcm_json_writer *writer = dcm_json_writer_new(&out, output);

    if (!policy || !output || !reader || !writer)
        abort();
    dcm_reader_open(reader, input);
    o->status = dcm_pump(dcm_reader_source(reader),
                         dcm_json_writer_sink(writer), &o->error);
    if (o->status == DCM_ERR_TRUNCATED)
        dcm_json_writer_close(writer);
    keep(o, output, policy);
    dcm_json_writer_free(writer);
    dcm_reader_free(reader);
    dcm_output_free(output);
    dcm_policy_free(policy);
}

/* Converts the first n bytes, from a block of exactly that size. */
static struct outcome convert(const struct bench *b, const struct way *w,
                              size_t n)
{
    struct outcome o = {.error = {.offset = UINT64_MAX}};
    uint8_t *block = malloc(n ? n : 1);
    struct feed feed = {block, block, w->most};
    struct dcm_input *input;

    if (!block)
        abort();
    if (n)
        memcpy(block, b->data, n);
    feed.end += n;
    if (w->comma)
        setlocale(LC_ALL, b->comma);
    input = w->pull ? dcm_input_callback(feed_read, &feed, NULL)
                    : dcm_input_memory(block, n, NULL);
    if (!input)
        abort();
    pump(b->c, w, input, &o);
    dcm_input_free(input);
    setlocale(LC_ALL, "C");
    free(block);
    return o;
}

static void outcome_release(struct outcome *o)
{
    free(o->json);
    o->json = NULL;
}

/* -------------------------------------------------------------- checking */

/* JSON of what was written, or NULL after a complaint. */
static struct json *parse_output(struct bench *b, const char *way,
                                 const struct outcome *o)
{
    char why[160] = "";
    struct json *j = json_parse(o->json, o->size, why, sizeof why);

    if (!j)
        complain(b, way, "not JSON: %s: %.120s", why, o->json);
    else if (!json_tags_ascend(j, why, sizeof why))
        complain(b, way, "%s", why);
    return j;
}

static void check_wants(struct bench *b, const struct json *got)
{
    const struct test_case *c = b->c;
    unsigned i;

    for (i = 0; i < c->n_wants; i++) {
        char why[200] = "";
        struct json *want = json_parse((const char *)c->wants[i].data,
                                       c->wants[i].size, why, sizeof why);
        if (!want)
            complain(b, "what is expected", "not JSON: %s", why);
        else if (!json_equal(got, want, c->part[i], why, sizeof why))
            complain(b, "plain", "%s", why);
        json_free(want);
    }
}

static void check_issues(struct bench *b, const struct outcome *o)
{
    char names[200] = "";
    dcm_issue i;
    int wrong = 0;

    for (i = 1; i < dcm_issue_count(); i++) {
        size_t n = strlen(names);
        if (o->counts[i])
            snprintf(names + n, sizeof names - n, " %s", dcm_issue_name(i));
        if (!o->counts[i] && b->c->issues[i] == CASE_MUST)
            wrong = 1;
        if (o->counts[i] && b->c->issues[i] == CASE_NEVER)
            wrong = 1;
    }
    if (wrong)
        complain(b, "plain", "warnings are:%s", names[0] ? names : " none");
}

static void check_plain(struct bench *b, const struct outcome *o)
{
    struct json *got;

    if (o->status != b->c->status)
        complain(b, "plain", "%s instead of %s: %s", dcm_status_name(o->status),
                 dcm_status_name(b->c->status), o->error.message);
    check_issues(b, o);
    if (o->status != DCM_OK && o->status != DCM_ERR_TRUNCATED)
        return;
    got = parse_output(b, "plain", o);
    if (got)
        check_wants(b, got);
    if (b->c->contains[0] && !strstr(o->json, b->c->contains))
        complain(b, "plain", "no \"%s\" in the output", b->c->contains);
    json_free(got);
}

static void check_same(struct bench *b, const struct way *w,
                       const struct outcome *first)
{
    struct outcome o = convert(b, w, b->size);

    if (o.status != first->status)
        complain(b, w->name, "%s instead of %s: %s", dcm_status_name(o.status),
                 dcm_status_name(first->status), o.error.message);
    else if (o.status != DCM_OK && o.error.offset != first->error.offset)
        complain(b, w->name, "error at %llu instead of %llu",
                 (unsigned long long)o.error.offset,
                 (unsigned long long)first->error.offset);
    else if (o.size != first->size || memcmp(o.json, first->json, o.size) != 0)
        complain(b, w->name, "other JSON: %.120s", o.json);
    else if (memcmp(o.counts, first->counts, sizeof o.counts) != 0)
        complain(b, w->name, "other warnings");
    outcome_release(&o);
}

/* Strict fails when there is something to warn of, and only then. */
static void check_strict(struct bench *b, const struct outcome *first)
{
    struct outcome o = convert(b, &strictly, b->size);

    if (first->status == DCM_OK && first->total) {
        if (o.status != DCM_ERR_STRICT)
            complain(b, "strict", "%s in spite of %llu warnings",
                     dcm_status_name(o.status),
                     (unsigned long long)first->total);
    } else if (first->status == DCM_OK) {
        if (o.status != DCM_OK)
            complain(b, "strict", "%s: %s", dcm_status_name(o.status),
                     o.error.message);
        else if (o.size != first->size ||
                 memcmp(o.json, first->json, o.size) != 0)
            complain(b, "strict", "other JSON: %.120s", o.json);
    } else if (o.status == DCM_OK) {
        complain(b, "strict", "no error");
    }
    outcome_release(&o);
}

static void check_indented(struct bench *b, const struct outcome *first)
{
    struct outcome o = convert(b, &indented, b->size);
    char why[200] = "";

    if (o.status != first->status) {
        complain(b, "indented", "%s", dcm_status_name(o.status));
    } else if (o.status == DCM_OK) {
        struct json *got = parse_output(b, "indented", &o);
        struct json *want = parse_output(b, "plain", first);
        if (got && want && !json_equal(got, want, 0, why, sizeof why))
            complain(b, "indented", "%s", why);
        json_free(got);
        json_free(want);
    }
    outcome_release(&o);
}

/* The input cut after n bytes: any status but a nonsensical one. Offsets in
 * a deflated data set count in what it inflates to (dcm.h). */
static void check_prefix(struct bench *b, size_t n, int deflated)
{
    struct outcome o = convert(b, &plain, n);
    char name[40];

    snprintf(name, sizeof name, "cut after %zu bytes", n);
    /* cut before the data set, nothing is written */
    if (o.status == DCM_OK || (o.status == DCM_ERR_TRUNCATED && o.size))
        json_free(parse_output(b, name, &o));
    if (o.status != DCM_OK && o.status != DCM_ERR_TRUNCATED &&
        o.status != DCM_ERR_NOT_DICOM && o.status != DCM_ERR_MALFORMED &&
        o.status != DCM_ERR_LIMIT)
        complain(b, name, "%s", dcm_status_name(o.status));
    if (o.status != DCM_OK && o.error.offset != UINT64_MAX &&
        o.error.offset > n && !deflated)
        complain(b, name, "%s at byte %llu", dcm_status_name(o.status),
                 (unsigned long long)o.error.offset);
    if (o.status != DCM_OK && !o.error.message[0])
        complain(b, name, "%s without a message", dcm_status_name(o.status));
    outcome_release(&o);
}

static void check_prefixes(struct bench *b)
{
    size_t step = b->size > ALL_PREFIXES ? b->size / 16 : 1, n;
    int deflated = memmem(b->data, b->size < 400 ? b->size : 400,
                          "1.2.840.10008.1.2.1.99", 22) != NULL;

    for (n = 0; n < b->size && !b->complaint[0]; n += step)
        check_prefix(b, n, deflated);
}

/* A dump of the same: as far as the JSON came, and nothing but text in it. */
static void check_dump(struct bench *b, const struct outcome *first)
{
    struct dcm_dump_options options = {.size = sizeof options};
    struct dcm_input *input = dcm_input_memory(b->data, b->size, NULL);
    struct dcm_output *output = dcm_output_memory();
    struct dcm_reader *reader = dcm_reader_new(NULL);
    struct dcm_dump_writer *writer = dcm_dump_writer_new(&options, output);
    enum dcm_status status;
    const char *text;
    size_t size, i;

    if (!input || !output || !reader || !writer)
        abort();
    dcm_reader_open(reader, input);
    status =
        dcm_pump(dcm_reader_source(reader), dcm_dump_writer_sink(writer), NULL);
    text = dcm_output_data(output, &size);
    if (status != first->status)
        complain(b, "dump", "%s", dcm_status_name(status));
    if (status == DCM_OK && !size)
        complain(b, "dump", "nothing");
    for (i = 0; i < size; i++)
        if (((unsigned char)text[i] < 0x20 && text[i] != '\n') ||
            text[i] == 0x7F)
            complain(b, "dump", "control character %02x at %zu",
                     (unsigned)(unsigned char)text[i], i);
    dcm_dump_writer_free(writer);
    dcm_reader_free(reader);
    dcm_output_free(output);
    dcm_input_free(input);
}

/* --------------------------------------------------------------- running */

static void check_case(struct bench *b)
{
    struct outcome first = convert(b, &plain, b->size);
    size_t i;

    check_plain(b, &first);
    for (i = 0; i < sizeof ways / sizeof *ways; i++)
        if (!ways[i].comma || b->comma)
            check_same(b, &ways[i], &first);
    check_strict(b, &first);
    check_indented(b, &first);
    check_dump(b, &first);
    check_prefixes(b);
    outcome_release(&first);
}

static int assemble(struct bench *b, struct hexd_buffer *bytes)
{
    static const struct {
        const char *name, *text;
    } files[] = {
        {"", ""},
        {"ele", "preamble\nsyntax 1.2.840.10008.1.2.1\n"},
        {"ile", "preamble\nsyntax 1.2.840.10008.1.2\n"},
        {"ebe", "preamble\nsyntax 1.2.840.10008.1.2.2\n"},
        {"jpeg", "preamble\nsyntax 1.2.840.10008.1.2.4.50\n"},
    };
    const struct test_case *c = b->c;
    char why[200] = "no file of that kind", *text = NULL;
    size_t i, head = 0;
    int ok = 0;

    for (i = 0; i < sizeof files / sizeof *files; i++) {
        if (strcmp(files[i].name, c->file) != 0)
            continue;
        head = strlen(files[i].text);
        text = malloc(head + c->text.size + 1);
        if (!text)
            abort();
        memcpy(text, files[i].text, head);
        if (c->text.size)
            memcpy(text + head, c->text.data, c->text.size);
        ok = hexd_assemble(text, head + c->text.size, bytes, why, sizeof why);
    }
    free(text);
    if (!ok)
        complain(b, "input", "%s", why);
    return ok;
}

static int run_case(const struct test_case *c, const char *comma)
{
    static const uint8_t none[1];
    struct hexd_buffer bytes = {0};
    struct bench b = {.c = c, .comma = comma};

    if (assemble(&b, &bytes)) {
        b.data = bytes.data ? bytes.data : none;
        b.size = bytes.size;
        check_case(&b);
    }
    hexd_buffer_release(&bytes);
    printf("%s - %s %s\n", b.complaint[0] ? "not ok" : "ok", c->id, c->why);
    if (b.complaint[0])
        printf("#   line %u: %s\n", c->line, b.complaint);
    return b.complaint[0] == '\0';
}

/* Failures in a file; only the case `id` if it is given. */
static unsigned run_file(const char *path, const char *id, const char *comma)
{
    struct case_file f = {0};
    char why[200];
    unsigned failed = 0;
    size_t i;

    printf("# %s\n", path);
    if (!case_file_read(path, &f, why, sizeof why)) {
        printf("not ok - %s: %s\n", path, why);
        failed++;
    }
    for (i = 0; i < f.count; i++)
        if (!id || strcmp(id, f.cases[i].id) == 0)
            failed += !run_case(&f.cases[i], comma);
    case_file_release(&f);
    return failed;
}

static const char *find_comma(void)
{
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "de_DE",
                                        "fr_FR.UTF-8", "nl_NL.UTF-8"};
    const char *found = NULL;
    size_t i;

    for (i = 0; i < sizeof names / sizeof *names && !found; i++)
        if (setlocale(LC_ALL, names[i]) &&
            strcmp(localeconv()->decimal_point, ",") == 0)
            found = names[i];
    setlocale(LC_ALL, "C");
    if (!found)
        printf("# no locale with a decimal comma here\n");
    return found;
}

static int is_case_file(const struct dirent *e)
{
    size_t n = strlen(e->d_name);

    return n > 5 && strcmp(e->d_name + n - 5, ".case") == 0;
}

/* The source folder, as make or the user says. */
static const char *source_folder(void)
{
    const char *top = getenv("top_srcdir");

    if (!top)
        top = getenv("srcdir");
    return top ? top : ".";
}

/* test_cases [ID]: all cases or one, of tests/cases in the source folder */
int main(int argc, char **argv)
{
    const char *comma = find_comma();
    char folder[3000], path[3300];
    struct dirent **files = NULL;
    unsigned failed = 0;
    int i, n;

    snprintf(folder, sizeof folder, "%s/tests/cases", source_folder());
    n = scandir(folder, &files, is_case_file, alphasort);
    for (i = 0; i < n; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, files[i]->d_name);
        failed += run_file(path, argc > 1 ? argv[1] : NULL, comma);
        free(files[i]);
    }
    free(files);
    if (n <= 0)
        printf("not ok - no cases in %s\n", folder);
    printf("# %u failed\n", failed);
    return failed || n <= 0;
}
