/* jpeg2dcm: compressed images and what is known about them to DICOM, without
 * touching a pixel. Options, and the way from images to files; what goes into
 * a data set is in jpeg_instance.c. */
#include "jpeg.h"

#include <libdcm/path.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <unistd.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

static const char usage[] =
    "Usage: jpeg2dcm [OPTION]... [META.json] IMAGE... -o FILE\n"
    "       jpeg2dcm [OPTION]... [META.json] IMAGE... -d DIR\n"
    "Puts JPEG, JPEG-LS, JPEG 2000 and HTJ2K images into DICOM as they are. "
    "The\n"
    "first operand is metadata in the DICOM JSON Model when it is JSON; its "
    "Pixel\n"
    "Data stands for the images. Without any, a Secondary Capture is made. "
    "Several\n"
    "images are the frames of one file, or with -d a file each. One operand "
    "may be\n"
    "-, standard input; without -o and -d, standard output is written.\n"
    "\n"
    "Input\n"
    "      --index N           of several data sets in META.json, take number "
    "N\n"
    "      --lenient           read on at a deviation, with a warning "
    "(default)\n"
    "      --strict            the first deviation is an error\n"
    "      --limit NAME=N      depth, items, value, inflated, ratio, output;\n"
    "                          N may end with K, M, G or T\n"
    "      --allow-retired     progressive JPEG, too\n"
    "\nConversion\n"
    "      --fix, --trust-image\n"
    "                          replace values that disagree with the image\n"
    "      --profile NAME      dicom (default): add what the image tells;\n"
    "                          google: all has to be there, nothing is added\n"
    "      --study FILE        join the study of a DICOM "
    "file\n" TOOL_HELP_COMPOSE TOOL_HELP_FETCH "\nOutput\n"
    "  -o, --output FILE       write FILE, whole or not at all\n"
    "  -d, --directory DIR     write a file for each image into DIR\n"
    "      --force             replace files that exist\n"
    "\nMessages\n"
    "  -q, --quiet             errors only\n"
    "  -v, --verbose           a line about each output\n"
    "      --diagnostics HOW   text, json (one object a line)\n"
    "      --color WHEN        auto, always, never\n"
    "      --help, --version   print this, or the version\n"
    "\nExit status: 0 done, 1 some input or output failed, 2 wrong usage.\n";

/* ----------------------------------------------------------------- options */

#define AT(field) offsetof(struct tool_jpeg_options, field)

static const struct tool_option own_options[] = {
    {"index", 0, TOOL_NUMBER, AT(index), 1 << 30, NULL, NULL},
    {"allow-retired", 0, TOOL_FLAG, AT(allow_retired), 1, NULL, NULL},
    {"fix", 0, TOOL_FLAG, AT(fix), 1, NULL, NULL},
    {"trust-image", 0, TOOL_FLAG, AT(fix), 1, NULL, NULL},
    {"profile", 0, TOOL_CHOICE, AT(profile), TOOL_JPEG_DICOM, "dicom|google",
     NULL},
    {"study", 0, TOOL_TEXT, AT(study), 0, NULL, NULL},
    TOOL_COMPOSE_ROWS(AT(compose)),
    TOOL_FETCH_ROWS(AT(fetch)),
    {NULL, 0, TOOL_FLAG, 0, 0, NULL, NULL},
};

/* Of those that commands share, the ones that mean something here. */
static void pick_common(struct tool_option *to, size_t size)
{
    static const char *const names[] = {
        "output", "directory",   "force", "strict", "lenient",
        "limit",  "diagnostics", "color", "quiet",  "verbose"};
    size_t n = 0;

    for (const struct tool_option *o = tool_common_options; o->name; o++)
        for (size_t i = 0; i < COUNT(names); i++)
            if (n + 1 < size && strcmp(o->name, names[i]) == 0)
                to[n++] = *o;
    memset(&to[n], 0, sizeof to[n]);
}

/* ------------------------------------------------------------- the command */

struct job {
    struct tool_jpeg_options *options;
    struct tool_log *log;
    struct tool_jpeg jpeg;
    struct tool_jpeg_maker maker;
    struct tool_run run; /* what fetching wants to know */
    struct tool_worker worker;
    struct tool_jpeg_output output;
    struct dcm_input *first; /* operand */
    int first_spool;
    int has_meta; /* it is metadata */
    char **names; /* of images */
    size_t count;
    int failed;
};

static int wrong_usage(struct tool_log *log, const char *why)
{
    log->file = NULL;
    tool_log_say(log, TOOL_ERROR, "%s", why);
    tool_log_say(log, TOOL_ERROR, "see 'jpeg2dcm --help'");
    return 2;
}

static int stdin_uses(const struct tool_options *o)
{
    int uses = 0;

    for (int i = 0; i < o->operand_count; i++)
        uses += strcmp(o->operands[i], "-") == 0;
    return uses;
}

static int is_stdin(const char *path)
{
    return path && (strcmp(path, "-") == 0 || strcmp(path, "/dev/stdin") == 0);
}

static int ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);

    return n > m && strcasecmp(text + n - m, end) == 0;
}

/* NULL, or what is wrong. */
static const char *check_options(struct tool_jpeg_options *o, char *why,
                                 size_t size)
{
    struct tool_options *c = &o->common;

    if (c->output && (strcmp(c->output, "-") == 0 ||
                      strcmp(c->output, "/dev/stdout") == 0)) {
        c->output = NULL;
        c->to_stdout = 1;
    }
    if (o->index == 0)
        return "--index counts from 1";
    if (is_stdin(o->study) || is_stdin(o->compose.template))
        return "--study and --template take a file, and not standard input";
    if (c->operand_count == 0)
        return "no input; name images, or - for standard input";
    if ((c->output || c->to_stdout) && c->folder)
        return "-o and -d do not go together";
    if (stdin_uses(c) > 1)
        return "standard input can be used once only";
    if (!c->output && !c->folder && !c->to_stdout && c->operand_count > 1 &&
        ends_with(c->operands[c->operand_count - 1], ".dcm")) {
        snprintf(why, size, "'%.200s' is taken as an image; to write it use -o",
                 c->operands[c->operand_count - 1]);
        return why;
    }
    if (!c->output && !c->folder && isatty(STDOUT_FILENO))
        return "no DICOM to a terminal; use -o";
    return NULL;
}

/* Whether --set gives all instances this UID, in whatever way it is named. */
static int sets_instance_uid(const struct tool_edits *e)
{
    struct dcm_path path;

    for (size_t i = 0; i < e->count; i++)
        if (e->edits[i].value && dcm_path_parse(&path, e->edits[i].path) &&
            path.count == 1 && path.steps[0].tag == DCM_TAG(0x0008, 0x0018))
            return 1;
    return 0;
}

/* What takes a look at the first operand to tell. NULL, or what is wrong. */
static const char *check_operands(const struct tool_jpeg_options *o,
                                  int has_meta, size_t images)
{
    if (images == 0)
        return "metadata, but no image";
    if (o->profile == TOOL_JPEG_GOOGLE && !has_meta)
        return "--profile google needs metadata";
    if (images > 1 && o->common.folder && sets_instance_uid(&o->compose.edits))
        return "--set would give several instances one SOP Instance UID";
    return NULL;
}

/* ------------------------------------------------------------ one instance */

static void tell(struct job *j, const struct dcm_image *i, const char *path)
{
    tool_log_say(j->log, TOOL_NOTE, "%s: %s, %lu x %lu, %s", path, i->syntax,
                 (unsigned long)i->columns, (unsigned long)i->rows,
                 i->photometric);
}

static int one_instance(struct job *j, const struct tool_jpeg_frames *frames,
                        unsigned n, const char *path)
{
    enum dcm_status status = tool_jpeg_make(&j->maker, frames, n);

    if (status == DCM_OK)
        status = tool_jpeg_output_put(&j->output, path);
    if (status == DCM_OK)
        tell(j, frames->image, path ? path : "standard output");
    return status == DCM_OK;
}

/* About one output; others have a count of their own. */
static void end_messages(struct job *j)
{
    uint64_t untold = dcm_policy_untold(j->jpeg.policy);

    if (untold)
        tool_log_say(j->log, TOOL_WARNING, "%llu more not shown",
                     (unsigned long long)untold);
    dcm_policy_clear(j->jpeg.policy);
    tool_log_flush(j->log);
}

/* -------------------------------------------------------------- all in one */

/* Each image stays open. */
static void allow_files(size_t count)
{
    struct rlimit limit;

    if (count + 64 < 1024 || getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* 0: an image is wrong, or another kind than the first. */
static int open_all(struct job *j, struct tool_jpeg_image *images,
                    struct dcm_bulk_data *data, struct dcm_image *image)
{
    int well = 1;

    for (size_t i = 0; i < j->count; i++) {
        const char *differs;

        if (tool_jpeg_open(&j->jpeg, &images[i], j->names[i]) != DCM_OK) {
            well = 0;
            continue;
        }
        if (!well)
            continue;
        data[i] = images[i].data;
        if (i == 0)
            *image = images[0].image;
        differs = tool_jpeg_difference(image, &images[i].image);
        if (differs) {
            tool_log_say(j->log, TOOL_ERROR,
                         "%s than %s; only images that are alike are frames of "
                         "one file, use -d for a file each",
                         differs, images[0].path);
            well = 0;
        }
        if (images[i].image.is_lossy) {
            image->is_lossy = 1;
            image->method = images[i].image.method;
        }
    }
    return well;
}

static void make_one(struct job *j)
{
    struct tool_jpeg_image *images = calloc(j->count, sizeof *images);
    struct dcm_bulk_data *data = calloc(j->count, sizeof *data);
    struct dcm_image image;
    struct tool_jpeg_frames frames = {&image, data, j->count};

    memset(&image, 0, sizeof image);
    allow_files(j->count);
    if (!images || !data) {
        tool_log_say(j->log, TOOL_ERROR, "no memory");
        j->failed = 1;
    } else {
        if (!open_all(j, images, data, &image) ||
            !one_instance(j, &frames, 1, j->options->common.output))
            j->failed = 1;
        for (size_t i = 0; i < j->count; i++)
            tool_jpeg_close(&images[i]);
    }
    free(images);
    free(data);
}

/* ---------------------------------------------------------------- one each */

static int make_next(struct job *j, size_t i, struct tool_bytes *path)
{
    struct tool_jpeg_image image;
    struct tool_jpeg_frames frames = {&image.image, &image.data, 1};
    char *name =
        tool_jpeg_output_path(j->options->common.folder, j->names[i], path);
    int well;

    well = name && tool_jpeg_open(&j->jpeg, &image, j->names[i]) == DCM_OK &&
           one_instance(j, &frames, (unsigned)i + 1, name);
    if (name)
        tool_jpeg_close(&image);
    end_messages(j);
    return well;
}

/* What is wrong with one does not keep the others from being done. */
static void make_each(struct job *j)
{
    struct tool_bytes path = {NULL, 0, 0};

    if (!tool_jpeg_output_claim(&j->output, j->names, j->count)) {
        j->failed = 1;
        return;
    }
    for (size_t i = 0; i < j->count; i++)
        if (!make_next(j, i, &path))
            j->failed = 1;
    tool_bytes_release(&path);
}

/* -------------------------------------------------------------------- main */

/* The first operand is metadata or an image; either way it stays open, for a
 * pipe cannot be opened again. */
static int look_at_first(struct job *j)
{
    struct tool_options *c = &j->options->common;
    struct dcm_error error;

    j->names = c->operands;
    j->count = (size_t)c->operand_count;
    j->log->file = tool_jpeg_name(c->operands[0]);
    memset(&error, 0, sizeof error);
    j->first = tool_jpeg_input(c->operands[0], c->limits.output,
                               &j->first_spool, &error);
    if (!j->first) {
        tool_log_error(j->log, &error, "");
        return 0;
    }
    j->has_meta = tool_jpeg_is_json(j->first);
    j->names += j->has_meta;
    j->count -= (size_t)j->has_meta;
    return 1;
}

static int open_job(struct job *j)
{
    const struct tool_jpeg_options *o = j->options;

    j->jpeg.policy =
        dcm_policy_new(o->common.strict, tool_log_diagnostic, j->log);
    j->run.options = &j->options->common;
    j->worker.run = &j->run;
    j->worker.policy = j->jpeg.policy;
    j->jpeg.first = j->first;
    j->jpeg.first_path = o->common.operands[0];
    j->maker.t = &j->jpeg;
    j->maker.meta = j->has_meta ? j->first : NULL;
    j->maker.meta_name = j->log->file;
    j->maker.several = o->common.folder && j->count > 1;
    j->maker.worker = &j->worker;
    j->output.maker = &j->maker;
    return j->jpeg.policy && tool_jpeg_maker_open(&j->maker) == 0 &&
                   tool_jpeg_output_open(&j->output) == 0
               ? 0
               : -1;
}

static void close_job(struct job *j)
{
    if (j->jpeg.policy)
        end_messages(j);
    tool_jpeg_output_close(&j->output);
    tool_jpeg_maker_close(&j->maker);
    dcm_input_free(j->first);
    if (j->first_spool >= 0)
        close(j->first_spool);
    dcm_policy_free(j->jpeg.policy);
}

static int run(struct tool_jpeg_options *o, struct tool_log *log)
{
    struct job j;
    char why[300];
    const char *wrong = check_options(o, why, sizeof why);

    if (wrong)
        return wrong_usage(log, wrong);
    memset(&j, 0, sizeof j);
    j.options = o;
    j.worker.log = *log; /* one log for all, fetching included */
    j.log = j.jpeg.log = &j.worker.log;
    j.jpeg.options = o;
    j.first_spool = -1;
    if (!look_at_first(&j)) {
        j.failed = 1;
    } else if ((wrong = check_operands(o, j.has_meta, j.count)) != NULL) {
        j.failed = wrong_usage(j.log, wrong);
    } else if (open_job(&j) != 0) {
        tool_log_say(j.log, TOOL_ERROR, "no memory");
        j.failed = 1;
    } else {
        tool_undo_on_signals();
        (o->common.folder ? make_each : make_one)(&j);
    }
    close_job(&j);
    log->text = j.log->text;
    return j.failed;
}

int main(int argc, char **argv)
{
    struct tool_option common[16];
    const struct tool_option *const tables[] = {common, own_options, NULL};
    const struct tool_syntax syntax = {"jpeg2dcm", usage, tables};
    struct tool_log log = {.program = "jpeg2dcm"};
    struct tool_jpeg_options o = {.compose.lengths = DCM_LENGTHS_EXPLICIT,
                                  .index = TOOL_JPEG_ONLY};
    int status;

    pick_common(common, COUNT(common));
    o.common.limits.size = sizeof o.common.limits;
    status = tool_options_parse(&syntax, &o, argc, argv, &log);
    if (status < 0) {
        log.quiet = o.common.quiet;
        log.verbose = o.common.verbose;
        log.json = o.common.diagnostics;
        log.color =
            !log.json && tool_color_wanted(o.common.color, STDERR_FILENO);
        status = run(&o, &log);
        tool_log_flush(&log);
    }
    tool_edits_release(&o.compose.edits);
    tool_fetch_options_release(&o.fetch);
    tool_options_release(&o.common);
    tool_bytes_release(&log.text);
    return status;
}
