/* dcmdump: shows DICOM files, a line an element. Options, and a dump writer
 * for each worker; the rest is in tool.c. */
#include "from.h"

#include <limits.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct options {
    struct tool_options common; /* first */
    uint64_t width;             /* UINT64_MAX: not given */
    int from, no_offsets, raw;
    unsigned columns; /* in the end */
    int colored;
};

static const char usage[] =
    "Usage: dcmdump [OPTION]... FILE...\n"
    "Shows what is in DICOM files, a line an element. FILE - is standard\n"
    "input.\n"
    "\n" TOOL_HELP_INPUT TOOL_HELP_FROM TOOL_HELP_SELECT TOOL_HELP_OUTPUT
    "      --offsets           where each element lies (default)\n"
    "      --no-offsets        without that column\n"
    "      --raw               values as hex bytes\n"
    "      --width N           columns of a line; 0: no end. Default: those\n"
    "                          of the terminal, or 80\n" TOOL_HELP_MESSAGES;

#define AT(field) offsetof(struct options, field)

static const struct tool_option own_options[] = {
    TOOL_FROM_ROW(AT(from)),
    {"offsets", 0, TOOL_FLAG, AT(no_offsets), 0, NULL, NULL},
    {"no-offsets", 0, TOOL_FLAG, AT(no_offsets), 1, NULL, NULL},
    {"raw", 0, TOOL_FLAG, AT(raw), 1, NULL, NULL},
    {"width", 0, TOOL_SIZE, AT(width), 0, NULL, NULL},
    {NULL, 0, TOOL_FLAG, 0, 0, NULL, NULL},
};

static const struct tool_option *const tables[] = {
    tool_common_options, tool_reader_options, tool_select_options, own_options,
    NULL};

static unsigned columns(const struct tool_run *run, const struct options *o)
{
    struct winsize size;

    if (o->width != UINT64_MAX)
        return o->width && o->width < UINT_MAX ? (unsigned)o->width : UINT_MAX;
    if (tool_on_terminal(run) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
        return size.ws_col;
    return 0;
}

/* A dump has a heading above each. */
static int joins(struct tool_worker *w, int is_array)
{
    (void)w;
    (void)is_array;
    return 1;
}

static int prepare(struct tool_run *run, char *why, size_t size)
{
    struct options *o = (struct options *)run->options;

    if (!tool_from_prepare(run, o->from, joins, why, size))
        return 0;
    o->columns = columns(run, o);
    o->colored = o->common.color == TOOL_COLOR_ALWAYS ||
                 (tool_on_terminal(run) &&
                  tool_color_wanted(o->common.color, STDOUT_FILENO));
    return 1;
}

static int open_writer(struct tool_worker *w)
{
    const struct options *o = (const struct options *)w->run->options;
    struct dcm_dump_options dump = {.size = sizeof dump};

    dump.policy = w->policy;
    dump.width = o->columns;
    dump.color = o->colored;
    dump.no_offsets = o->no_offsets;
    dump.raw = o->raw;
    w->state = dcm_dump_writer_new(&dump, w->output);
    return w->state ? 0 : -1;
}

static void close_writer(struct tool_worker *w)
{
    dcm_dump_writer_free(w->state);
    w->state = NULL;
}

static struct dcm_sink *begin(struct tool_worker *w)
{
    if (!w->state && open_writer(w) != 0)
        return NULL;
    return dcm_dump_writer_sink(w->state);
}

/* After a failure the writer is not to be used again. */
static void end(struct tool_worker *w, int whole, int kept)
{
    (void)kept;
    if (!whole)
        close_writer(w);
}

static const struct tool dcmdump = {
    .syntax = {"dcmdump", usage, tables},
    .suffix = ".txt",
    .keep_all = 1,
    .keep_failed = 1,
    .headings = 1,
    .prepare = prepare,
    .open = open_writer,
    .close = close_writer,
    .begin = begin,
    .end = end,
};

int main(int argc, char **argv)
{
    struct options options = {.width = UINT64_MAX};

    return tool_main(&dcmdump, &options.common, argc, argv);
}
