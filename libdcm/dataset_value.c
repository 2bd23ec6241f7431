/* Language. Text to value bytes by VR (PS3.5 6.2, 7.3): numbers, tags and hex
 * read, text checked and encoded, all padded to an even length (6.4, 7.1.1).
 * Knows nothing of elements or of where the bytes go. */
#include "dataset_value.h"
#include "dataset_forms.h"
#include "decimal.h"
#include "vr.h"

#include <string.h>

/* A short header has a 16-bit length, and it is even (PS3.5 7.1.2). */
#define SHORT_MAX 0xFFFEu
#define LONG_MAX_SIZE 0xFFFFFFFEu

struct job {
    const struct dcm_value_form *form;
    const struct dcm_vr *vr;
    struct dcm_arena *arena;
    struct dcm_error *error;
    uint8_t *data;
    size_t size;
};

/* One value of several: s points into the text. */
struct piece {
    const char *s;
    size_t n, number; /* from 1 */
};

#define fail(j, code, ...)                                           \
    dcm_error_fill((j)->error, code, DCM_NO_OFFSET, (j)->form->path, \
                   __VA_ARGS__)

static enum dcm_status no_memory(const struct job *j)
{
    return fail(j, DCM_ERR_MEMORY, "no memory for a value");
}

static enum dcm_status wrong(const struct job *j, const struct piece *piece,
                             const char *wants)
{
    return fail(j, DCM_ERR_ARGUMENT,
                "value %zu is not what %c%c asks for: %s (PS3.5 6.2)",
                piece->number, j->vr->code >> 8, j->vr->code & 255, wants);
}

/* Room for the bytes of the value and its padding. */
static enum dcm_status make_room(struct job *j, size_t size)
{
    size_t most = j->vr->flags & DCM_VRF_LONG ? LONG_MAX_SIZE : SHORT_MAX;

    if (size > most)
        return fail(j, DCM_ERR_ARGUMENT,
                    "value of %zu bytes, an element of %c%c holds at most %zu "
                    "(PS3.5 7.1.2)",
                    size, j->vr->code >> 8, j->vr->code & 255, most);
    j->data = dcm_arena_bytes(j->arena, size + 1);
    j->size = size;
    return j->data ? DCM_OK : no_memory(j);
}

static void pad(struct job *j)
{
    if (j->size & 1)
        j->data[j->size++] = j->vr->pad;
}

/* ---------------------------------------------------------------- values */

/* The first of the values of a text, and on to the next: 0 after the last. */
static int first_piece(struct piece *piece, const char *text)
{
    piece->s = text;
    piece->n = strcspn(text, "\\");
    piece->number = 1;
    return 1;
}

static int next_piece(struct piece *piece)
{
    const char *end = piece->s + piece->n;

    if (*end == '\0')
        return 0;
    piece->s = end + 1;
    piece->n = strcspn(piece->s, "\\");
    piece->number++;
    return 1;
}

static size_t count_pieces(const char *text)
{
    size_t n = 1;

    for (; *text; text++)
        n += *text == '\\';
    return n;
}

/* --------------------------------------------------------------- numbers */

static void put_word(uint8_t *to, uint64_t v, size_t unit, int big)
{
    for (size_t i = 0; i < unit; i++)
        to[big ? unit - 1 - i : i] = (uint8_t)(v >> 8 * i);
}

static const struct range {
    uint16_t vr;
    uint64_t below, above; /* largest magnitude under and over zero */
    const char *wants;
} ranges[] = {
    {VR_SS, 0x8000, 0x7FFF, "an integer from -32768 to 32767"},
    {VR_US, 0, 0xFFFF, "an integer from 0 to 65535"},
    {VR_SL, 0x80000000, 0x7FFFFFFF,
     "an integer from -2147483648 to 2147483647"},
    {VR_UL, 0, 0xFFFFFFFF, "an integer from 0 to 4294967295"},
    {VR_SV, UINT64_C(1) << 63, INT64_MAX, "an integer of 64 bits"},
    {VR_UV, 0, UINT64_MAX, "an integer of 64 bits, not under 0"},
};

static const struct range *range_of(uint16_t vr)
{
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
        if (ranges[i].vr == vr)
            return &ranges[i];
    return NULL;
}

static int parse_integer(const struct piece *piece, const struct range *range,
                         uint64_t *v)
{
    int64_t negative;

    if (dcm_decimal_u64(piece->s, piece->n, v))
        return *v <= range->above;
    if (!dcm_decimal_i64(piece->s, piece->n, &negative) || negative >= 0)
        return 0;
    *v = (uint64_t)negative;
    return 0 - *v <= range->below;
}

/* A float is read as one: by way of a double it could be rounded twice. */
static int parse_real(const struct piece *piece, size_t unit, uint64_t *bits)
{
    int special;
    uint32_t word;
    double d;
    float f;

    special = dcm_decimal_special(piece->s, piece->n, &d);
    if (unit == 4) {
        if (special)
            f = (float)d;
        else if (!dcm_decimal_float(piece->s, piece->n, &f))
            return 0;
        memcpy(&word, &f, 4);
        *bits = word;
        return 1;
    }
    if (!special && !dcm_decimal_double(piece->s, piece->n, &d))
        return 0;
    memcpy(bits, &d, 8);
    return 1;
}

static enum dcm_status make_numbers(struct job *j, const char *text)
{
    const struct range *range = range_of(j->vr->code);
    size_t unit = j->vr->unit;
    enum dcm_status status = make_room(j, count_pieces(text) * unit);
    struct piece piece;
    uint8_t *to = j->data;

    if (status != DCM_OK)
        return status;
    first_piece(&piece, text);
    do {
        uint64_t v = 0;

        if (range ? !parse_integer(&piece, range, &v)
                  : !parse_real(&piece, unit, &v))
            return wrong(j, &piece, range ? range->wants : "a decimal number");
        put_word(to, v, unit, j->form->big);
        to += unit;
    } while (next_piece(&piece));
    return DCM_OK;
}

/* ----------------------------------------------------------- tags, bytes */

static enum dcm_status make_tags(struct job *j, const char *text)
{
    enum dcm_status status = make_room(j, count_pieces(text) * 4);
    struct piece piece;
    uint8_t *to = j->data;

    if (status != DCM_OK)
        return status;
    first_piece(&piece, text);
    do {
        uint32_t tag;

        if (!dcm_tag_parse(piece.s, piece.n, &tag))
            return wrong(j, &piece, "a tag or a keyword");
        put_word(to, tag >> 16, 2, j->form->big);
        put_word(to + 2, tag & 0xFFFF, 2, j->form->big);
        to += 4;
    } while (next_piece(&piece));
    return DCM_OK;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* hex -> { digit digit | " " }: the bytes as they are stored */
static enum dcm_status make_bytes(struct job *j, const char *text)
{
    static const struct piece all = {NULL, 0, 1};
    enum dcm_status status = make_room(j, strlen(text) / 2);

    if (status != DCM_OK)
        return status;
    j->size = 0;
    while (*text) {
        int high, low;

        if (*text == ' ') {
            text++;
            continue;
        }
        high = hex_digit(text[0]);
        low = high < 0 ? -1 : hex_digit(text[1]);
        if (low < 0)
            return wrong(j, &all, "bytes as pairs of hex digits");
        j->data[j->size++] = (uint8_t)(high << 4 | low);
        text += 2;
    }
    if (j->size % j->vr->unit)
        return fail(j, DCM_ERR_ARGUMENT,
                    "value of %zu bytes, expected a multiple of %d (PS3.5 6.2)",
                    j->size, j->vr->unit);
    return DCM_OK;
}

/* ------------------------------------------------------------------ text */

static enum dcm_status check_text(struct job *j, const char *text)
{
    struct piece piece = {text, strlen(text), 1};
    int more, multi = j->vr->flags & DCM_VRF_MULTI;

    if (multi)
        first_piece(&piece, text);
    do {
        const char *wants =
            piece.n ? dcm_form_check(j->vr, piece.s, piece.n) : NULL;

        if (wants)
            return wrong(j, &piece, wants);
        more = multi && next_piece(&piece);
    } while (more);
    return DCM_OK;
}

static enum dcm_status encode_failed(const struct job *j,
                                     enum dcm_status status, uint32_t bad)
{
    switch (status) {
    case DCM_ERR_MALFORMED:
        return fail(j, DCM_ERR_ARGUMENT, "text is not UTF-8, byte %lu is wrong",
                    (unsigned long)bad);
    case DCM_ERR_UNSUPPORTED:
        if (bad == 0)
            return fail(j, status,
                        "this system's iconv lacks the character set of the "
                        "element (PS3.5 6.1)");
        return fail(j, status,
                    "U+%04lX is not in the character set of the element "
                    "(PS3.5 6.1)",
                    (unsigned long)bad);
    default:
        return no_memory(j);
    }
}

static unsigned how_of(const struct dcm_vr *vr)
{
    return (vr->flags & DCM_VRF_MULTI ? DCM_TEXT_MULTI : 0u) |
           (vr->code == VR_PN ? DCM_TEXT_PN : 0u) |
           (vr->flags & DCM_VRF_CONTROL ? DCM_TEXT_CONTROL : 0u) |
           (vr->flags & DCM_VRF_CHARSET ? 0u : DCM_TEXT_DEFAULT);
}

/* What (0008,0005) does not apply to is in the default repertoire. */
static enum dcm_status encode(struct job *j, const char *text)
{
    static const struct dcm_charset ascii;
    const struct dcm_charset *cs =
        j->vr->flags & DCM_VRF_CHARSET ? j->form->charset : &ascii;
    struct dcm_encoder **encoder = j->form->encoder;
    enum dcm_status status;
    const uint8_t *bytes;
    uint32_t bad = 0;
    size_t n;

    if (!*encoder)
        *encoder = dcm_encoder_new();
    if (!*encoder)
        return no_memory(j);
    status = dcm_encode_value(*encoder, cs, how_of(j->vr), text, strlen(text),
                              &bytes, &n, &bad);
    if (status != DCM_OK)
        return encode_failed(j, status, bad);
    if (dcm_encoder_problems(*encoder) & DCM_CS_CONTROL)
        return fail(j, DCM_ERR_ARGUMENT,
                    "control character that %c%c does not allow "
                    "(PS3.5 6.1.3)",
                    j->vr->code >> 8, j->vr->code & 255);
    status = make_room(j, n);
    if (status == DCM_OK && n)
        memcpy(j->data, bytes, n);
    return status;
}

static enum dcm_status make_text(struct job *j, const char *text)
{
    enum dcm_status status = check_text(j, text);

    return status == DCM_OK ? encode(j, text) : status;
}

enum dcm_status dcm_value_make(const struct dcm_value_form *form,
                               const char *text, struct dcm_arena *arena,
                               const uint8_t **data, size_t *size,
                               struct dcm_error *error)
{
    static enum dcm_status (*const makers[])(struct job *, const char *) = {
        [DCM_KIND_TEXT] = make_text, [DCM_KIND_NUMBER] = make_numbers,
        [DCM_KIND_TAG] = make_tags,  [DCM_KIND_BYTES] = make_bytes,
        [DCM_KIND_SEQ] = NULL,
    };
    struct job j = {form, dcm_vr_find(form->vr), arena, error, NULL, 0};
    enum dcm_status status = DCM_OK;

    if (!j.vr || !makers[j.vr->kind])
        return fail(&j, DCM_ERR_ARGUMENT, "no value can be set for this VR");
    if (*text)
        status = makers[j.vr->kind](&j, text);
    if (status != DCM_OK)
        return status;
    pad(&j);
    *data = j.data ? j.data : (const uint8_t *)"";
    *size = j.size;
    return DCM_OK;
}
