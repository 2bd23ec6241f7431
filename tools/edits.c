/* What the user wants changed in a data set, from the command line to the
 * tree; new UIDs (PS3.5 B.2); and the names of encodings. Knows nothing of
 * where a data set comes from and how it is written. */
#include "edits.h"

#include <libdcm/charset_encode.h>
#include <libdcm/error.h>
#include <libdcm/path.h>
#include <libdcm/syntax.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* -------------------------------------------------------------- encodings */

/* --to: short names, as UIDs. */
static const struct {
    const char *name, *uid;
} syntaxes[] = {
    {"implicit", "1.2.840.10008.1.2"},
    {"explicit", "1.2.840.10008.1.2.1"},
    {"deflated", "1.2.840.10008.1.2.1.99"},
    {"big", "1.2.840.10008.1.2.2"},
};

static const char *syntax_of(const char *argument)
{
    size_t n = strlen(argument);
    const struct dcm_syntax *known = dcm_syntax_find(argument, n);
    struct dcm_uid row;

    for (size_t i = 0; i < sizeof syntaxes / sizeof *syntaxes; i++)
        if (strcmp(syntaxes[i].name, argument) == 0)
            return syntaxes[i].uid;
    if (known)
        return known->uid;
    if (dcm_uid_find_keyword(argument, n, &row) &&
        (known = dcm_syntax_find(row.uid, strlen(row.uid))))
        return known->uid;
    return NULL;
}

int tool_parse_syntax(void *field, const char *argument, char *why, size_t size)
{
    const char **syntax = field;

    *syntax = syntax_of(argument);
    if (!*syntax)
        snprintf(why, size,
                 "'%s' is none of explicit, implicit, deflated and big, and no "
                 "keyword or UID of a transfer syntax",
                 argument);
    return *syntax != NULL;
}

int tool_parse_charset(void *field, const char *argument, char *why,
                       size_t size)
{
    const char **charset = field;
    struct dcm_charset set;
    unsigned problems;

    *charset = NULL;
    if (strcmp(argument, "keep") == 0)
        return 1;
    *charset = strcmp(argument, "utf8") == 0 ? "ISO_IR 192" : argument;
    problems =
        dcm_charset_parse(&set, (const uint8_t *)*charset, strlen(*charset));
    if (*argument && !(problems & ~(unsigned)(DCM_CS_TERM | DCM_CS_MIX)) &&
        dcm_charset_check(&set))
        return 1;
    snprintf(why, size,
             "'%s' is neither keep, utf8 nor a Specific Character Set that can "
             "be written",
             argument);
    return 0;
}

/* ------------------------------------------------------------------ edits */

/* The path is the caller's no more. Tried here, so that what can never be
 * right is wrong usage. */
static int add_edit(struct tool_edits *e, char *path, const char *value,
                    char *why, size_t size)
{
    struct dcm_path parsed;
    struct tool_edit *edits;

    if (!path || !(edits = realloc(e->edits, (e->count + 1) * sizeof *edits))) {
        snprintf(why, size, "no memory");
        free(path);
        return 0;
    }
    e->edits = edits;
    if (!dcm_path_parse(&parsed, path) || parsed.anywhere) {
        snprintf(why, size, "'%s' is no tag, keyword or path", path);
        free(path);
        return 0;
    }
    e->edits[e->count].path = path;
    e->edits[e->count++].value = value;
    return 1;
}

/* The first '=' that is not in the quotes of a Private Creator. */
static const char *equals_of(const char *argument)
{
    int quoted = 0;

    for (; *argument; argument++) {
        quoted ^= *argument == '"';
        if (*argument == '=' && !quoted)
            return argument;
    }
    return NULL;
}

int tool_edits_set(void *edits, const char *argument, char *why, size_t size)
{
    const char *equals = equals_of(argument);

    if (!equals) {
        snprintf(why, size, "'%s' is not PATH=VALUE", argument);
        return 0;
    }
    return add_edit(edits, strndup(argument, (size_t)(equals - argument)),
                    equals + 1, why, size);
}

int tool_edits_remove(void *edits, const char *argument, char *why, size_t size)
{
    return add_edit(edits, strdup(argument), NULL, why, size);
}

void tool_edits_release(struct tool_edits *e)
{
    for (size_t i = 0; i < e->count; i++)
        free(e->edits[i].path);
    free(e->edits);
    memset(e, 0, sizeof *e);
}

static enum dcm_status apply(const struct tool_edit *edit,
                             struct dcm_dataset *dataset, struct tool_log *log,
                             struct dcm_error *error)
{
    enum dcm_status status;

    if (edit->value)
        return dcm_dataset_set(dataset, edit->path, edit->value, error);
    status = dcm_dataset_remove(dataset, edit->path, error);
    if (status != DCM_DONE)
        return status;
    tool_log_say(log, TOOL_NOTE, "%s was not there", edit->path);
    return DCM_OK;
}

enum dcm_status tool_edits_apply(const struct tool_edits *e,
                                 struct dcm_dataset *dataset,
                                 struct tool_log *log, struct dcm_error *error)
{
    enum dcm_status status = DCM_OK;

    for (size_t i = 0; i < e->count && status == DCM_OK; i++)
        status = apply(&e->edits[i], dataset, log, error);
    return status;
}

int tool_edits_beyond_ascii(const struct tool_edits *e)
{
    for (size_t i = 0; i < e->count; i++)
        for (const char *s = e->edits[i].value; s && *s; s++)
            if ((unsigned char)*s >= 0x80)
                return 1;
    return 0;
}

/* ------------------------------------------------------------------- UIDs */

/* RFC 9562 5.4: all is random but for a version, 4, and a variant, binary 10.
 */
static int random_uuid(unsigned char uuid[16])
{
    size_t have = 0;

    while (have < 16) {
        ssize_t got = getrandom(uuid + have, 16 - have, 0);

        if (got < 0 && errno != EINTR)
            return -1;
        have += got > 0 ? (size_t)got : 0;
    }
    uuid[6] = (unsigned char)(0x40 | (uuid[6] & 0x0F));
    uuid[8] = (unsigned char)(0x80 | (uuid[8] & 0x3F));
    return 0;
}

/* A number of 16 bytes, the first of them the highest, divided by 10. */
static unsigned divide(unsigned char number[16])
{
    unsigned rest = 0;

    for (size_t i = 0; i < 16; i++) {
        rest = rest << 8 | number[i];
        number[i] = (unsigned char)(rest / 10);
        rest %= 10;
    }
    return rest;
}

/* 2.25. and the UUID as one decimal number of at most 39 digits. */
int tool_new_uid(char uid[TOOL_UID_SIZE])
{
    unsigned char number[16], left;
    char digits[39];
    size_t n = 0;

    if (random_uuid(number) != 0)
        return -1;
    do {
        digits[n++] = (char)('0' + divide(number));
        left = 0;
        for (size_t i = 0; i < sizeof number; i++)
            left |= number[i];
    } while (left && n < sizeof digits);
    memcpy(uid, "2.25.", 5);
    for (size_t i = 0; i < n; i++)
        uid[5 + i] = digits[n - 1 - i];
    uid[5 + n] = '\0';
    return 0;
}

enum dcm_status tool_new_uids(struct dcm_dataset *dataset,
                              struct dcm_error *error)
{
    static const char *const paths[] = {"StudyInstanceUID", "SeriesInstanceUID",
                                        "SOPInstanceUID"};
    enum dcm_status status = DCM_OK;
    char uid[TOOL_UID_SIZE];

    for (size_t i = 0; i < 3 && status == DCM_OK; i++) {
        if (tool_new_uid(uid) != 0)
            return dcm_error_fill(error, DCM_ERR_READ, DCM_NO_OFFSET, "",
                                  "no random numbers for new UIDs: %s",
                                  strerror(errno));
        status = dcm_dataset_set(dataset, paths[i], uid, error);
    }
    return status;
}
