/* Source. XML 1.0 by expat, piece by piece: what it calls out becomes records
 * (xml_reader_elements.c). A document type declaration ends it, so that no
 * entity but XML's own five and no other file can come in. Large bytes in line
 * are passed over in the input without expat, where they can be read again, and
 * so is what xml_reader_quick.c knows to be well-formed.
 * Knows nothing of attributes and values; nothing else sees expat. */
#include "xml_reader.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>

#define PIECE 65536u
/* Between a name space and a name; it can be in neither. */
#define SEPARATOR '\n'

static const char name_space[] =
    "http://dicom.nema.org/PS3.19/models/NativeDICOM";

/* ----------------------------------------------------------------- places */

static void see_offset(struct parse *p)
{
    XML_Index index = XML_GetCurrentByteIndex(p->expat);

    p->here.offset = index < 0 ? 0 : (uint64_t)index + p->skipped;
    p->here.line = p->here.column = 0;
}

static uint32_t from_1(XML_Size n)
{
    return n < UINT32_MAX ? (uint32_t)n + 1 : 0;
}

/* Asking expat for lines and columns takes a tenth of the time. */
static void see_place(struct parse *p)
{
    see_offset(p);
    if (p->again)
        return;
    p->here.line = from_1(XML_GetCurrentLineNumber(p->expat) - 1);
    p->here.column = from_1(XML_GetCurrentColumnNumber(p->expat));
}

void dcm_xml_parse_fail(struct parse *p, enum dcm_status code,
                        const struct place *place, const char *message)
{
    struct record *record;

    if (p->ended)
        return;
    p->queue.limit = UINT64_MAX; /* there is always room for this one */
    record = dcm_xml_queue_push(&p->queue, WRONG, place);
    if (record) {
        record->code = (uint16_t)code;
        record->message = message;
    }
    p->ended = 1;
}

/* --------------------------------------------------------------- handlers */

/* After each: what has failed goes on no longer, not even to the end of its
 * piece, since a record may be missing. */
static void check(struct parse *p)
{
    if (p->queue.no_memory)
        dcm_xml_parse_fail(p, DCM_ERR_MEMORY, &p->here, "no memory to read on");
    if (p->ended)
        XML_StopParser(p->expat, XML_FALSE);
}

static const char *local_name(const char *name)
{
    const char *cut = strrchr(name, SEPARATOR);

    if (!cut)
        return name;
    if ((size_t)(cut - name) != sizeof(name_space) - 1 ||
        memcmp(name, name_space, sizeof(name_space) - 1) != 0)
        return NULL;
    return cut + 1;
}

static void XMLCALL start(void *user, const XML_Char *name,
                          const XML_Char **attributes)
{
    struct parse *p = user;

    if (p->ended || p->muted)
        return;
    see_place(p);
    dcm_xml_parse_start(p, local_name(name), attributes);
    if (dcm_xml_parse_top(p) == IN_INLINE && !p->left_out)
        p->in_line.at = p->in_line.next =
            p->here.offset + (uint64_t)XML_GetCurrentByteCount(p->expat);
    check(p);
}

static void XMLCALL end(void *user, const XML_Char *name)
{
    struct parse *p = user;

    (void)name;
    if (p->ended)
        return;
    see_offset(p);
    dcm_xml_parse_end(p);
    check(p);
}

static void XMLCALL text(void *user, const XML_Char *s, int n)
{
    struct parse *p = user;

    if (p->ended)
        return;
    if (dcm_xml_parse_top(p) == IN_INLINE && !p->left_out) {
        see_offset(p);
        dcm_xml_inline_text(p, s, (size_t)n, p->here.offset,
                            (uint64_t)XML_GetCurrentByteCount(p->expat));
    } else {
        dcm_xml_parse_text(p, s, (size_t)n);
    }
    check(p);
}

/* Elements without a prefix are no longer of the model. */
static void XMLCALL declare(void *user, const XML_Char *prefix,
                            const XML_Char *uri)
{
    struct parse *p = user;

    if (!prefix && uri && strcmp(uri, name_space) != 0)
        p->quick = 0;
}

static int XMLCALL encoding(void *user, const XML_Char *name,
                            XML_Encoding *info)
{
    (void)user;
    info->data = NULL;
    info->convert = NULL;
    info->release = NULL;
    return dcm_xml_encoding(name, info->map) ? XML_STATUS_OK
                                             : XML_STATUS_ERROR;
}

static void XMLCALL begin_section(void *user)
{
    ((struct parse *)user)->in_section = 1;
}

static void XMLCALL end_section(void *user)
{
    ((struct parse *)user)->in_section = 0;
}

static void XMLCALL doctype(void *user, const XML_Char *name,
                            const XML_Char *system, const XML_Char *public_id,
                            int internal)
{
    struct parse *p = user;

    (void)name;
    (void)system;
    (void)public_id;
    (void)internal;
    see_place(p);
    dcm_xml_parse_fail(p, DCM_ERR_UNSUPPORTED, &p->here,
                       "document type declaration, which is never read "
                       "(PS3.19 A.1)");
    check(p);
}

/* --------------------------------------------------------------- feeding */

/* The text ends within something. */
static int is_cut(enum XML_Error error)
{
    return error == XML_ERROR_NO_ELEMENTS ||
           error == XML_ERROR_UNCLOSED_TOKEN ||
           error == XML_ERROR_PARTIAL_CHAR ||
           error == XML_ERROR_UNCLOSED_CDATA_SECTION;
}

static void expat_failed(struct parse *p, int final)
{
    enum XML_Error error = XML_GetErrorCode(p->expat);
    enum dcm_status code = DCM_ERR_MALFORMED;

    if (error == XML_ERROR_NO_MEMORY)
        code = DCM_ERR_MEMORY;
    else if (error == XML_ERROR_UNKNOWN_ENCODING)
        code = DCM_ERR_UNSUPPORTED;
    else if (final && is_cut(error))
        code = DCM_ERR_TRUNCATED;
    see_place(p);
    dcm_xml_parse_fail(p, code, &p->here, XML_ErrorString(error));
}

static void give(struct parse *p, const uint8_t *s, size_t n, int final)
{
    if (n)
        p->last = s[n - 1];
    if (XML_Parse(p->expat, (const char *)s, (int)n, final) ==
            XML_STATUS_ERROR &&
        !p->ended)
        expat_failed(p, final);
    if (p->ended)
        return;
    p->ended |= final != 0;
}

/* Bytes of an unfinished token, when all before offset `at` was given. */
static uint64_t unfinished(const struct parse *p, uint64_t at)
{
    int64_t index = XML_GetCurrentByteIndex(p->expat);

    return index < 0 ? 0 : at - p->skipped - (uint64_t)index;
}

/* They are looked at again with what comes next: so take as many again, and
 * the whole takes no more than twice the time. */
static size_t piece_size(struct parse *p)
{
    uint64_t pending = unfinished(p, p->at);

    if (pending > p->queue.limit || pending > INT32_MAX / 4) {
        see_place(p);
        dcm_xml_parse_fail(p, DCM_ERR_LIMIT, &p->here,
                           "mark-up is too long to be held; raise the limit "
                           "'value' to read on");
    }
    return pending > PIECE ? (size_t)pending : PIECE;
}

static int grow_window(struct parse *p, size_t n)
{
    uint8_t *window;

    if (n <= p->window_size)
        return 1;
    window = realloc(p->window, n);
    if (!window) {
        dcm_xml_parse_fail(p, DCM_ERR_MEMORY, &p->here, "no memory to read on");
        return 0;
    }
    p->window = window;
    p->window_size = n;
    return 1;
}

/* n bytes of the input, fewer at its end only: pieces that are small would have
 * expat look at the same bytes again and again. 0: failed. */
static int fill_window(struct parse *p, size_t n, size_t *got)
{
    struct dcm_input *in = p->input;
    ptrdiff_t more = 1;

    *got = 0;
    if (!grow_window(p, n))
        return 0;
    while (*got < n && more > 0) {
        more = in->read_at
                   ? in->read_at(in, p->at + *got, p->window + *got, n - *got)
                   : in->read(in, p->window + *got, n - *got);
        *got += more > 0 ? (size_t)more : 0;
    }
    if (more >= 0)
        return 1;
    see_place(p);
    dcm_xml_parse_fail(p, in->error.code, &p->here, in->error.message);
    return 0;
}

/* The input's next bytes, at most n, in *s; none at its end. 0: failed. */
static int take(struct parse *p, size_t n, const uint8_t **s, size_t *got)
{
    const struct dcm_input *in = p->input;

    if (in->memory) {
        *s = in->memory + (size_t)p->at;
        *got = in->size - p->at < n ? (size_t)(in->size - p->at) : n;
    } else {
        if (!fill_window(p, n, got))
            return 0;
        *s = p->window;
    }
    p->at += *got;
    return 1;
}

/* ------------------------------------------------------------ passing over
 */

/* Whether the next bytes of the input are base64 whose text is not kept. */
static int may_pass(const struct parse *p)
{
    return p->in_line.far && p->in_line.raw && p->last != '\r' &&
           !p->left_out && dcm_xml_parse_top(p) == IN_INLINE;
}

/* Expat hears of what is open and was not opened by it. */
static void catch_up(struct parse *p)
{
    char text[sizeof(p->opened) * 18];
    const char *name;
    size_t n = 0, size;

    for (unsigned i = 0; i < p->n_opened; i++) {
        size = dcm_xml_quick_name(p->opened[i], &name);
        text[n++] = '<';
        memcpy(text + n, name, size);
        n += size;
        text[n++] = '>';
    }
    p->n_opened = 0;
    p->skipped -= n; /* what it counts is not in the input */
    p->muted = 1;
    if (n)
        give(p, (const uint8_t *)text, n, 0);
    p->muted = 0;
}

/* Whether what comes next is between elements of the model. */
static int may_be_quick(const struct parse *p, uint64_t at)
{
    static const unsigned around = 1u << IN_MODEL | 1u << IN_ATTRIBUTE |
                                   1u << IN_ITEM | 1u << IN_NAME |
                                   1u << IN_GROUP;

    return p->quick && !p->left_out && !p->in_section && around >> dcm_xml_parse_top(p) & 1 &&
           (p->n_opened || unfinished(p, at) == 0);
}

/* To the end of the next tag. What is unfinished there goes on to the end: it
 * would be looked at again and again. */
static size_t give_tag(struct parse *p, const uint8_t *s, size_t n, uint64_t at)
{
    const uint8_t *close = memchr(s, '>', n);
    size_t size = close ? (size_t)(close + 1 - s) : n;

    give(p, s, size, 0);
    if (p->ended || size == n || unfinished(p, at + size) == 0)
        return size;
    give(p, s + size, n - size, 0);
    return n;
}

/* By turns: what is simple, and by expat what is not. */
static void give_by_turns(struct parse *p, const uint8_t *s, size_t n)
{
    uint64_t start = p->at - n;
    size_t i = 0, used;
    int cut = 0;

    while (i < n && !p->ended) {
        used = 0;
        if (may_be_quick(p, start + i))
            used = dcm_xml_quick(p, s + i, n - i, start + i, &cut);
        p->skipped += used;
        i += used;
        if (used)
            p->last = s[i - 1];
        if (cut && i) { /* again, with what comes next */
            p->at = start + i;
            return;
        }
        if (i < n && !p->ended) {
            catch_up(p);
            if (!p->ended)
                i += give_tag(p, s + i, n - i, start + i);
        }
        cut = 0;
    }
}

/* Expat knows encodings whose ASCII is in bytes, and UTF-16. */
static int has_bytes(const uint8_t *s, size_t n)
{
    return n > 3 && (memcmp(s, "\xEF\xBB\xBF", 3) == 0 ||
                     (s[0] && s[1] && s[0] < 0x80 && s[1] < 0x80));
}

void dcm_xml_parse_feed(struct parse *p)
{
    const uint8_t *s;
    size_t n, got, passed = 0;
    int is_first = p->at == 0;

    dcm_xml_queue_settle(&p->queue);
    if (p->ended)
        return;
    n = piece_size(p);
    if (p->ended || !take(p, n, &s, &got))
        return;
    if (got && may_pass(p))
        passed = dcm_xml_inline_pass(p, s, got);
    p->skipped += passed;
    p->quick |= is_first && p->again && has_bytes(s, got);
    if (got == 0)
        catch_up(p);
    if (got == 0 && !p->ended)
        give(p, s, 0, 1);
    else if (passed < got && p->quick)
        give_by_turns(p, s + passed, got - passed);
    else if (passed < got)
        give(p, s + passed, got - passed, 0);
}

/* --------------------------------------------------------------- opening */

int dcm_xml_parse_open(struct parse *p, struct dcm_input *input)
{
    if (!p->expat)
        p->expat = XML_ParserCreateNS(NULL, SEPARATOR);
    else if (!XML_ParserReset(p->expat, NULL))
        return 0;
    dcm_xml_queue_clear(&p->queue);
    if (!p->expat || !dcm_xml_queue_text(&p->queue, "", 1))
        return 0;
    p->queue.n_text = 0;
    XML_SetUserData(p->expat, p);
    XML_SetElementHandler(p->expat, start, end);
    XML_SetCharacterDataHandler(p->expat, text);
    XML_SetUnknownEncodingHandler(p->expat, encoding, NULL);
    XML_SetCdataSectionHandler(p->expat, begin_section, end_section);
    XML_SetStartDoctypeDeclHandler(p->expat, doctype);
    XML_SetStartNamespaceDeclHandler(p->expat, declare);
    p->input = input;
    p->at = p->skipped = 0;
    p->depth = p->left_out = 0;
    p->last = p->ended = p->stray = 0;
    p->quick = p->muted = p->n_opened = p->in_section = 0;
    p->again = input->memory || input->read_at;
    memset(&p->here, 0, sizeof(p->here));
    memset(&p->in_line, 0, sizeof(p->in_line));
    return 1;
}

void dcm_xml_parse_release(struct parse *p)
{
    if (p->expat)
        XML_ParserFree(p->expat);
    dcm_xml_queue_release(&p->queue);
    free(p->window);
    free(p->stack);
}
