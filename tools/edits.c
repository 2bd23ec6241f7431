/* What the user wants changed in a data set, from the command line to the
 * tree; new UIDs (PS3.5 B.2); and the names of encodings. Knows nothing of
 * where a data set comes from and how it is written. */
#include "edits.h"

#include <libdcm/charset_encode.h>
#include <libdcm/error.h>
#include <libdcm/path.h>
#include <libdcm/syntax.h>

#include <errno.h>
#include <pthread.h>
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

int tool_edits_name_charset(const struct tool_edits *e)
{
    struct dcm_path path;

    for (size_t i = 0; i < e->count; i++)
        if (e->edits[i].value && *e->edits[i].value &&
            dcm_path_parse(&path, e->edits[i].path) && path.count == 1 &&
            path.steps[0].tag == DCM_TAG(0x0008, 0x0005))
            return 1;
    return 0;
}

/* ------------------------------------------------------------------- UIDs */

static int get_random(unsigned char *to, size_t n)
{
    size_t have = 0;

    while (have < n) {
        ssize_t got = getrandom(to + have, n - have, 0);

        if (got < 0 && errno != EINTR)
            return -1;
        have += got > 0 ? (size_t)got : 0;
    }
    return 0;
}

/* The UUID's version and its variant, binary 10 (RFC 9562 4). */
static void mark(unsigned char uuid[16], unsigned version)
{
    uuid[6] = (unsigned char)(version << 4 | (uuid[6] & 0x0F));
    uuid[8] = (unsigned char)(0x80 | (uuid[8] & 0x3F));
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
static void write_uid(const unsigned char uuid[16], char uid[TOOL_UID_SIZE])
{
    unsigned char number[16], left;
    char digits[39];
    size_t n = 0;

    memcpy(number, uuid, sizeof number);
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
}

/* RFC 9562 5.4: the rest is random. */
int tool_new_uid(char uid[TOOL_UID_SIZE])
{
    unsigned char uuid[16];

    if (get_random(uuid, sizeof uuid) != 0)
        return -1;
    mark(uuid, 4);
    write_uid(uuid, uid);
    return 0;
}

/* ------------------------------------------------------- old UIDs and new */

/* What is to be the same for all threads, and nobody outside can know: new
 * UIDs are old ones under this key, so that none need be remembered. */
static struct {
    pthread_once_t once;
    int error; /* errno, or 0 */
    uint64_t words[2];
} key = {PTHREAD_ONCE_INIT, 0, {0, 0}};

static void make_key(void)
{
    if (get_random((unsigned char *)key.words, sizeof key.words) != 0)
        key.error = errno;
}

static uint64_t rotate(uint64_t x, unsigned n)
{
    return x << n | x >> (64 - n);
}

static void stir(uint64_t v[4], unsigned rounds)
{
    while (rounds--) {
        v[0] += v[1];
        v[2] += v[3];
        v[1] = rotate(v[1], 13) ^ v[0];
        v[3] = rotate(v[3], 16) ^ v[2];
        v[0] = rotate(v[0], 32);
        v[2] += v[1];
        v[0] += v[3];
        v[1] = rotate(v[1], 17) ^ v[2];
        v[3] = rotate(v[3], 21) ^ v[0];
        v[2] = rotate(v[2], 32);
    }
}

/* SipHash-2-4 with 128 bits. */
static void hash(const uint8_t *p, size_t n, uint64_t out[2])
{
    uint64_t v[4] = {key.words[0] ^ UINT64_C(0x736F6D6570736575),
                     key.words[1] ^ UINT64_C(0x646F72616E646F6D) ^ 0xEE,
                     key.words[0] ^ UINT64_C(0x6C7967656E657261),
                     key.words[1] ^ UINT64_C(0x7465646279746573)};

    for (size_t i = 0; i <= n; i += 8) {
        uint64_t word = i + 8 > n ? (uint64_t)n << 56 : 0;

        for (size_t k = 0; k < 8 && i + k < n; k++)
            word |= (uint64_t)p[i + k] << 8 * k;
        v[3] ^= word;
        stir(v, 2);
        v[0] ^= word;
    }
    v[2] ^= 0xEE;
    stir(v, 4);
    out[0] = v[0] ^ v[1] ^ v[2] ^ v[3];
    v[1] ^= 0xDD;
    stir(v, 4);
    out[1] = v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* RFC 9562 5.8. */
static int replace_uid(const uint8_t *old, size_t n, char uid[TOOL_UID_SIZE])
{
    unsigned char uuid[16];
    uint64_t words[2];

    pthread_once(&key.once, make_key);
    if (key.error) {
        errno = key.error;
        return -1;
    }
    hash(old, n, words);
    memcpy(uuid, words, sizeof uuid);
    mark(uuid, 8);
    write_uid(uuid, uid);
    return 0;
}

/* Padding is no part of a UID (PS3.5 9.1). */
static int new_for(const struct dcm_element *e, char uid[TOOL_UID_SIZE])
{
    const uint8_t *old = e ? dcm_element_data(e) : NULL;
    size_t n = old ? (size_t)dcm_element_size(e) : 0;

    while (n && (old[n - 1] == '\0' || old[n - 1] == ' '))
        n--;
    return n ? replace_uid(old, n, uid) : tool_new_uid(uid);
}

enum dcm_status tool_new_uids(struct dcm_dataset *dataset,
                              struct dcm_error *error)
{
    static const char *const paths[] = {"StudyInstanceUID", "SeriesInstanceUID",
                                        "SOPInstanceUID"};
    enum dcm_status status = DCM_OK;
    char uid[TOOL_UID_SIZE];

    for (size_t i = 0; i < 3 && status == DCM_OK; i++) {
        if (new_for(dcm_dataset_find(dataset, paths[i]), uid) != 0)
            return dcm_error_fill(error, DCM_ERR_READ, DCM_NO_OFFSET, "",
                                  "no random numbers for new UIDs: %s",
                                  strerror(errno));
        status = dcm_dataset_set(dataset, paths[i], uid, error);
    }
    return status;
}
