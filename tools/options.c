/* The command line, from tables. Knows getopt_long and the options that all
 * commands share; nothing of what a command does with them. */
#include "options.h"

#include <libdcm/charset.h>

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_OPTIONS 96
#define LONG_BASE 1000 /* getopt's values of long options start here */

/* ------------------------------------------------------- shared options */

#define AT(field) offsetof(struct tool_options, field)

static int set_limit(void *options, const char *argument, char *why,
                     size_t size)
{
    struct tool_options *o = options;
    const char *equals = strchr(argument, '=');
    char name[32];

    if (equals && (size_t)(equals - argument) < sizeof name) {
        memcpy(name, argument, (size_t)(equals - argument));
        name[equals - argument] = '\0';
        if (dcm_limits_set(&o->limits, name, equals + 1) == DCM_OK)
            return 1;
    }
    snprintf(why, size,
             "'%s' is not NAME=NUMBER with a NAME of depth, items, value, "
             "inflated, ratio or output",
             argument);
    return 0;
}

/* Paths are tried on a selection that goes nowhere. */
static int add_tag(void *options, const char *argument, char *why, size_t size)
{
    struct tool_options *o = options;
    struct dcm_select *select = dcm_select_new(NULL);
    enum dcm_status status =
        select ? dcm_select_add(select, argument) : DCM_ERR_MEMORY;
    const char **tags = NULL;

    dcm_select_free(select);
    if (status == DCM_OK)
        tags = realloc(o->tags, (o->tag_count + 1) * sizeof *tags);
    if (!tags) {
        snprintf(why, size,
                 status == DCM_ERR_ARGUMENT ? "'%s' is no tag, keyword or path"
                                            : "no memory for '%s'",
                 argument);
        return 0;
    }
    o->tags = tags;
    o->tags[o->tag_count++] = argument;
    return 1;
}

static int set_until(void *options, const char *argument, char *why,
                     size_t size)
{
    struct tool_options *o = options;

    o->has_until = dcm_tag_parse(argument, strlen(argument), &o->until);
    if (!o->has_until)
        snprintf(why, size, "'%s' is no tag or keyword", argument);
    return o->has_until;
}

static int check_charset(const char *term, char *why, size_t size)
{
    struct dcm_charset set;

    if (*term &&
        !(dcm_charset_parse(&set, (const uint8_t *)term, strlen(term)) &
          DCM_CS_UNKNOWN))
        return 1;
    snprintf(why, size, "'%s' is no term of Specific Character Set", term);
    return 0;
}

static int set_assume(void *options, const char *argument, char *why,
                      size_t size)
{
    ((struct tool_options *)options)->charset_assume = argument;
    return check_charset(argument, why, size);
}

static int set_force(void *options, const char *argument, char *why,
                     size_t size)
{
    ((struct tool_options *)options)->charset_force = argument;
    return check_charset(argument, why, size);
}

const struct tool_option tool_common_options[] = {
    {"output", 'o', TOOL_TEXT, AT(output), 0, NULL, NULL},
    {"directory", 'd', TOOL_TEXT, AT(folder), 0, NULL, NULL},
    {"recurse", 'r', TOOL_FLAG, AT(recurse), 1, NULL, NULL},
    {"null", '0', TOOL_FLAG, AT(null_names), 1, NULL, NULL},
    {"files-from", 0, TOOL_TEXT, AT(files_from), 0, NULL, NULL},
    {"jobs", 'j', TOOL_NUMBER, AT(workers), 256, NULL, NULL},
    {"force", 0, TOOL_FLAG, AT(force), 1, NULL, NULL},
    {"partial", 0, TOOL_FLAG, AT(partial), 1, NULL, NULL},
    {"strict", 0, TOOL_FLAG, AT(strict), 1, NULL, NULL},
    {"lenient", 0, TOOL_FLAG, AT(strict), 0, NULL, NULL},
    {"limit", 0, TOOL_CALL, 0, 0, NULL, set_limit},
    {"diagnostics", 0, TOOL_CHOICE, AT(diagnostics), 0, "text|json", NULL},
    {"color", 0, TOOL_CHOICE, AT(color), 0, "auto|always|never", NULL},
    {"progress", 0, TOOL_FLAG, AT(progress), 1, NULL, NULL},
    {"quiet", 'q', TOOL_FLAG, AT(quiet), 1, NULL, NULL},
    {"verbose", 'v', TOOL_FLAG, AT(verbose), 1, NULL, NULL},
    {NULL, 0, TOOL_FLAG, 0, 0, NULL, NULL},
};

const struct tool_option tool_reader_options[] = {
    {"charset-assume", 0, TOOL_CALL, 0, 0, NULL, set_assume},
    {"charset-force", 0, TOOL_CALL, 0, 0, NULL, set_force},
    {NULL, 0, TOOL_FLAG, 0, 0, NULL, NULL},
};

const struct tool_option tool_select_options[] = {
    {"tag", 0, TOOL_CALL, 0, 0, NULL, add_tag},
    {"until", 0, TOOL_CALL, 0, 0, NULL, set_until},
    {"no-pixel", 0, TOOL_FLAG, AT(no_pixel), 1, NULL, NULL},
    {NULL, 0, TOOL_FLAG, 0, 0, NULL, NULL},
};

/* ------------------------------------------------------ values of options */

int tool_parse_size(const char *text, uint64_t *value)
{
    static const char units[] = "KMGT";
    const char *unit;
    uint64_t v = 0;

    if (*text < '0' || *text > '9')
        return 0;
    for (; *text >= '0' && *text <= '9'; text++) {
        if (v > (UINT64_MAX - 9) / 10)
            return 0;
        v = v * 10 + (uint64_t)(*text - '0');
    }
    if (*text && (unit = strchr(units, *text)) != NULL) {
        unsigned shift = 10u * (unsigned)(unit - units + 1);

        if (v > UINT64_MAX >> shift)
            return 0;
        v <<= shift;
        text++;
    }
    *value = v;
    return *text == '\0';
}

/* Which of "a|b|c" it is, or -1. */
static int choice_of(const char *choices, const char *argument)
{
    size_t n = strlen(argument);

    for (int i = 0; choices; i++) {
        const char *bar = strchr(choices, '|');
        size_t length = bar ? (size_t)(bar - choices) : strlen(choices);

        if (length == n && memcmp(choices, argument, n) == 0)
            return i;
        choices = bar ? bar + 1 : NULL;
    }
    return -1;
}

static int take_number(const struct tool_option *row, void *field,
                       const char *argument, char *why, size_t size)
{
    uint64_t value;
    int suffixed = row->kind == TOOL_SIZE;
    size_t n = strlen(argument);

    if (!tool_parse_size(argument, &value) ||
        (!suffixed &&
         (argument[n - 1] > '9' || value > (uint64_t)row->value))) {
        if (suffixed)
            snprintf(why, size, "'%s' is not a number of bytes", argument);
        else
            snprintf(why, size, "'%s' is not a number from 0 to %d", argument,
                     row->value);
        return 0;
    }
    memcpy(field, &value, sizeof value);
    return 1;
}

static int take(const struct tool_option *row, void *options,
                const char *argument, char *why, size_t size)
{
    void *field = (char *)options + row->at;
    int value = row->value;

    switch (row->kind) {
    case TOOL_CALL:
        return row->call(field, argument, why, size);
    case TOOL_NUMBER:
    case TOOL_SIZE:
        return take_number(row, field, argument, why, size);
    case TOOL_TEXT:
        memcpy(field, &argument, sizeof argument);
        return 1;
    case TOOL_CHOICE:
        value = choice_of(row->choices, argument);
        if (value < 0) {
            snprintf(why, size, "'%s' is none of %s", argument, row->choices);
            return 0;
        }
        value += row->value;
        break;
    case TOOL_FLAG:
        break;
    }
    memcpy(field, &value, sizeof value);
    return 1;
}

/* ------------------------------------------------------------- getopt_long */

struct command_line {
    const struct tool_option *rows[MOST_OPTIONS];
    struct option longs[MOST_OPTIONS + 3];
    char shorts[2 * MOST_OPTIONS + 2];
    int count;
};

enum { HELP = LONG_BASE - 2, VERSION = LONG_BASE - 1 };

static void collect(struct command_line *c, const struct tool_syntax *syntax)
{
    static const struct option own[] = {
        {"help", no_argument, NULL, HELP},
        {"version", no_argument, NULL, VERSION},
        {NULL, 0, NULL, 0},
    };
    char *s = c->shorts;

    *s++ = ':';
    c->count = 0;
    for (size_t t = 0; syntax->tables[t]; t++)
        for (const struct tool_option *row = syntax->tables[t];
             row->name && c->count < MOST_OPTIONS; row++) {
            struct option *o = &c->longs[c->count];

            memset(o, 0, sizeof *o);
            o->name = row->name;
            o->has_arg =
                row->kind == TOOL_FLAG ? no_argument : required_argument;
            o->val = LONG_BASE + c->count;
            if (row->letter) {
                *s++ = (char)row->letter;
                if (o->has_arg)
                    *s++ = ':';
            }
            c->rows[c->count++] = row;
        }
    *s = '\0';
    memcpy(c->longs + c->count, own, sizeof own);
}

static const struct tool_option *row_of(const struct command_line *c, int got)
{
    if (got >= LONG_BASE)
        return c->rows[got - LONG_BASE];
    for (int i = 0; i < c->count; i++)
        if (c->rows[i]->letter == got)
            return c->rows[i];
    return NULL;
}

/* How many options begin like "--text" or "--text=value". */
static int beginnings(const struct command_line *c, const char *text)
{
    size_t n;
    int count = 0;

    text += 2 * (strncmp(text, "--", 2) == 0);
    n = strcspn(text, "=");
    for (const struct option *o = c->longs; o->name; o++)
        count += strncmp(o->name, text, n) == 0;
    return count;
}

static int usage_error(const struct tool_syntax *syntax, struct tool_log *log)
{
    tool_log_say(log, TOOL_ERROR, "see '%s --help'", syntax->name);
    tool_log_flush(log);
    return 2;
}

/* getopt said ':' or '?'. */
static int bad_option(const struct tool_syntax *syntax,
                      const struct command_line *c, int got, char **argv,
                      struct tool_log *log)
{
    const struct tool_option *row = optopt ? row_of(c, optopt) : NULL;

    if (got == ':')
        tool_log_say(log, TOOL_ERROR, "option '%s' needs an argument",
                     argv[optind - 1]);
    else if (optopt >= HELP || row)
        tool_log_say(log, TOOL_ERROR, "option '%s' takes no argument",
                     argv[optind - 1]);
    else if (optopt)
        tool_log_say(log, TOOL_ERROR, "no option '-%c'", optopt);
    else
        tool_log_say(log, TOOL_ERROR,
                     beginnings(c, argv[optind - 1]) ? "option '%s' is short "
                                                       "for several"
                                                     : "no option '%s'",
                     argv[optind - 1]);
    return usage_error(syntax, log);
}

static int print(const char *text, const char *more)
{
    fputs(text, stdout);
    fputs(more, stdout);
    return fflush(stdout) == 0 && fclose(stdout) == 0 ? 0 : 1;
}

static int print_version(const char *name)
{
    char line[64];

    snprintf(line, sizeof line, "%s (libdcm) %s\n", name, dcm_version());
    return print(line, "");
}

/* Options as other toolkits write them get a word about ours. */
static int check_operands(const struct tool_options *o, struct tool_log *log)
{
    for (int i = 0; i < o->operand_count; i++)
        if (o->operands[i][0] == '+') {
            tool_log_say(log, TOOL_ERROR,
                         "'%s': options begin with - here; for a file of that "
                         "name write './%s'",
                         o->operands[i], o->operands[i]);
            return 0;
        }
    return 1;
}

int tool_options_parse(const struct tool_syntax *syntax, void *options,
                       int argc, char **argv, struct tool_log *log)
{
    struct tool_options *common = options;
    struct command_line c;
    char why[400];
    int got;

    collect(&c, syntax);
    opterr = 0;
    while ((got = getopt_long(argc, argv, c.shorts, c.longs, NULL)) != -1) {
        const struct tool_option *row;

        if (got == HELP)
            return print(syntax->usage, "");
        if (got == VERSION)
            return print_version(syntax->name);
        if (got == '?' || got == ':')
            return bad_option(syntax, &c, got, argv, log);
        row = row_of(&c, got);
        if (row && !take(row, options, optarg, why, sizeof why)) {
            tool_log_say(log, TOOL_ERROR, "--%s: %s", row->name, why);
            return usage_error(syntax, log);
        }
    }
    common->operands = argv + optind;
    common->operand_count = argc - optind;
    return check_operands(common, log) ? -1 : usage_error(syntax, log);
}

void tool_options_release(struct tool_options *options)
{
    free(options->tags);
    options->tags = NULL;
    options->tag_count = 0;
}
