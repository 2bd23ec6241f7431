/* libdcm/writer*.c: data sets there and back in every encoding, group 0002,
 * lengths, what is refused. Sources and what is expected are both assembled
 * from text (files/README), so the assembler is the judge of each byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hexd.h"
#include "libdcm/output.h"

#define IMPLICIT "1.2.840.10008.1.2"
#define EXPLICIT "1.2.840.10008.1.2.1"
#define DEFLATED "1.2.840.10008.1.2.1.99"
#define BIG "1.2.840.10008.1.2.2"
#define JPEG "1.2.840.10008.1.2.4.50"
#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define TEXT_MAX 4096

/* -------------------------------------------------------------- helpers */

static struct hexd_buffer assemble(const char *text)
{
    struct hexd_buffer b = {0};
    char error[200] = "";

    if (!hexd_assemble(text, strlen(text), &b, error, sizeof error))
        fail_msg("%s", error);
    return b;
}

/* How a data set in that syntax begins in the assembler's language. */
static const char *encoding_of(const char *syntax)
{
    return strcmp(syntax, IMPLICIT) == 0 ? "encoding implicit little\n"
           : strcmp(syntax, BIG) == 0    ? "encoding explicit big\n"
                                         : "encoding explicit little\n";
}

/* A file of that syntax, or only its data set. */
static struct hexd_buffer source_of(const char *syntax, const char *elements)
{
    char text[TEXT_MAX];

    snprintf(text, sizeof text, "preamble\nsyntax %s\n%s", syntax, elements);
    return assemble(text);
}

static struct hexd_buffer body_of(const char *syntax, const char *elements)
{
    char text[TEXT_MAX];

    snprintf(text, sizeof text, "%s%s", encoding_of(syntax), elements);
    return assemble(text);
}

static struct dcm_writer_options options_of(const char *syntax,
                                            enum dcm_lengths lengths)
{
    struct dcm_writer_options o;

    memset(&o, 0, sizeof o);
    o.size = sizeof o;
    o.syntax = syntax;
    o.lengths = lengths;
    o.bare = 1;
    return o;
}

/* Reads all there is of p[0..n) into a writer. */
static enum dcm_status pump(const void *p, size_t n, struct dcm_writer *w,
                            struct dcm_error *error)
{
    struct dcm_reader_options o;
    struct dcm_reader *r;
    struct dcm_input *in = dcm_input_memory(p, n, NULL);
    enum dcm_status status;

    memset(&o, 0, sizeof o);
    o.size = sizeof o;
    o.keep_all = o.keep_unknown = 1;
    r = dcm_reader_new(&o);
    assert_non_null(in);
    assert_non_null(r);
    dcm_reader_open(r, in);
    status = dcm_pump(dcm_reader_source(r), dcm_writer_sink(w), error);
    dcm_reader_free(r);
    dcm_input_free(in);
    return status;
}

static enum dcm_status convert(struct hexd_buffer from,
                               const struct dcm_writer_options *options,
                               struct dcm_output *to, struct dcm_error *error)
{
    struct dcm_writer *w = dcm_writer_new(options, to);
    enum dcm_status status;

    assert_non_null(w);
    memset(error, 0, sizeof *error);
    status = pump(from.data, from.size, w, error);
    dcm_writer_free(w);
    return status;
}

static void assert_bytes(const char *why, const void *got, size_t size,
                         struct hexd_buffer want)
{
    const uint8_t *p = got;
    size_t i = 0;

    while (i < size && i < want.size && p[i] == want.data[i])
        i++;
    if (i < size || i < want.size)
        fail_msg("%s: differs at byte %zu of %zu, expected %zu", why, i, size,
                 want.size);
}

/* A data set from one text to another. */
struct row {
    const char *why;
    const char *from, *to; /* syntaxes */
    enum dcm_lengths lengths;
    const char *source, *want;
};

static void check_options(const struct row *row,
                          const struct dcm_writer_options *options)
{
    struct hexd_buffer from = source_of(row->from, row->source);
    struct hexd_buffer want = body_of(row->to, row->want);
    struct dcm_output *o = dcm_output_memory();
    struct dcm_error error;
    const void *data;
    size_t size;

    assert_non_null(o);
    if (convert(from, options, o, &error) != DCM_OK)
        fail_msg("%s: %s", row->why, error.message);
    data = dcm_output_data(o, &size);
    assert_bytes(row->why, data, size, want);
    dcm_output_free(o);
    hexd_buffer_release(&from);
    hexd_buffer_release(&want);
}

static void check_row(const struct row *row)
{
    struct dcm_writer_options options = options_of(row->to, row->lengths);

    check_options(row, &options);
}

#define CHECK(rows)                              \
    do {                                         \
        for (size_t i = 0; i < COUNT(rows); i++) \
            check_row(&(rows)[i]);               \
    } while (0)

/* ---------------------------------------------------- there and back again */

/* Each unit of swapping, each form of header, each form of sequence; all of
 * it in the dictionary, so that implicit VR loses nothing. */
static const char everything[] =
    "(0008,0005) CS \"ISO_IR 100\"\n"
    "(0008,0016) UI \"1.2.840.10008.5.1.4.1.1.7\"\n"
    "(0008,1140) SQ undefined {\n"
    "item undefined {\n(0008,1150) UI \"1.2\"\n}\n"
    "item {\n(0008,1155) UI \"1.2.3\"\n(0008,1140) SQ {\nitem {\n"
    "(0018,9004) CS \"RESEARCH\"\n}\n}\n}\n"
    "item {\n}\n}\n"
    "(0008,1199) SQ\n"
    "(0010,0010) PN \"Odd\"\n"
    "(0018,602C) FD 0.5 -2\n"
    "(0018,6020) SL -2\n"
    "(0028,0009) AT (0018,1063)\n"
    "(0028,0010) US 258\n"
    "(0028,0103) US 1\n"
    "(0028,0106) SS -3\n"
    "(0040,A30A) DS \"\"\n"
    "(0066,0016) OF 1 -0.25\n"
    "(7FE0,0010) OW 1 2 3\n";

static void data_sets_go_there_and_back_in_every_encoding(void **state)
{
    static const char *const syntaxes[] = {IMPLICIT, EXPLICIT, BIG};

    (void)state;
    for (size_t i = 0; i < COUNT(syntaxes); i++)
        for (size_t j = 0; j < COUNT(syntaxes); j++) {
            char why[100];
            struct row row = {why, syntaxes[i], syntaxes[j],
                              0,   everything,  everything};

            snprintf(why, sizeof why, "%s to %s", row.from, row.to);
            check_row(&row);
        }
}

static void deflated_data_sets_inflate_to_the_same(void **state)
{
    struct dcm_writer_options options = options_of(DEFLATED, 0);
    struct hexd_buffer from = source_of(EXPLICIT, everything);
    struct row back = {"back", DEFLATED, EXPLICIT, 0, everything, everything};
    struct dcm_output *o = dcm_output_memory(), *o2 = dcm_output_memory();
    struct dcm_error error;
    struct hexd_buffer file = {0}, want = body_of(EXPLICIT, everything);
    const void *data;

    (void)state;
    options.bare = 0;
    assert_int_equal(convert(from, &options, o, &error), DCM_OK);
    data = dcm_output_data(o, &file.size);
    file.data = (uint8_t *)(uintptr_t)data;
    assert_int_equal(file.size % 2, 0);
    options = options_of(EXPLICIT, 0);
    assert_int_equal(convert(file, &options, o2, &error), DCM_OK);
    data = dcm_output_data(o2, &file.size);
    assert_bytes("our own stream", data, file.size, want);
    check_row(&back); /* the assembler's stream */
    dcm_output_free(o);
    dcm_output_free(o2);
    hexd_buffer_release(&from);
    hexd_buffer_release(&want);
}

/* ----------------------------------------------------------------- details */

#define ITEM1 "(0008,1150) UI \"1.2\"\n"

static void what_conforms_is_copied_as_it_is(void **state)
{
#define SAME(why, syntax, text)            \
    {                                      \
        why, syntax, syntax, 0, text, text \
    }
    static const struct row rows[] = {
        SAME("group lengths that are right", EXPLICIT,
             "(0008,0000) UL 12\n(0008,0008) CS \"AB\\\\C\"\n"),
        SAME("padding at the end", EXPLICIT,
             "(0008,0060) CS \"OT\"\n(FFFC,FFFC) OB repeat 4 hex 00\n"),
        SAME("a private block, implicit VR", IMPLICIT,
             "(0009,0010) LO \"NOBODY\"\n(0009,1001) UN hex 0102\n"),
        SAME("a VR that nobody knows", EXPLICIT,
             "(0009,1001) ZZ long hex 0102\n"),
        SAME("OB or OW is as stored", EXPLICIT, "(7FE0,0010) OB hex 0102\n"),
        SAME("fragments as they are, the table too", JPEG,
             "(7FE0,0010) OB undefined {\nitem hex 00000000\n"
             "item hex FFD8FFD9\nitem hex FFD9\n}\n"),
        SAME("fragments under OW, as many files have them", JPEG,
             "(7FE0,0010) OW undefined {\nitem\nitem hex FFD8FFD9\n}\n"),
        SAME("a known tag in UN", EXPLICIT, "(0028,0010) UN hex 0002\n"),
    };

    (void)state;
    CHECK(rows);
}

/* UN of undefined length is a sequence in implicit VR little endian, whatever
 * is around it (PS3.5 6.2.2). */
#define UN_SEQ                                                       \
    "(0009,0010) LO \"NOBODY\"\n"                                    \
    "(0009,1001) UN undefined {\nencoding implicit little\nitem {\n" \
    "(0028,0010) US 258\n}\n"

static void un_of_undefined_length_keeps_its_implicit_content(void **state)
{
    static const struct row rows[] = {
        {"explicit to explicit", EXPLICIT, EXPLICIT, 0,
         UN_SEQ "}\nencoding explicit little\n(0010,0020) LO \"AB\"\n",
         UN_SEQ "}\nencoding explicit little\n(0010,0020) LO \"AB\"\n"},
        {"explicit to implicit", EXPLICIT, IMPLICIT, 0,
         UN_SEQ "}\nencoding explicit little\n(0010,0020) LO \"AB\"\n",
         UN_SEQ "}\n(0010,0020) LO \"AB\"\n"},
        {"explicit to big endian: only the header changes", EXPLICIT, BIG, 0,
         UN_SEQ "}\nencoding explicit little\n(0010,0020) LO \"AB\"\n",
         "(0009,0010) LO \"NOBODY\"\nhex 00091001 554E0000 FFFFFFFF\n"
         "encoding implicit little\nhex FEFF00E0 0A000000\n"
         "(0028,0010) US 258\nhex FEFFDDE0 00000000\n"
         "encoding explicit big\n(0010,0020) LO \"AB\"\n"},
    };

    (void)state;
    CHECK(rows);
}

static void values_too_long_for_their_header_become_un(void **state)
{
    static const struct row rows[] = {
        {"65534 bytes fit 16 bits", IMPLICIT, EXPLICIT, 0,
         "(0028,1201) OW\n(0010,4000) LT repeat 32767 \"ab\"\n",
         "(0028,1201) OW\n(0010,4000) LT repeat 32767 \"ab\"\n"},
        {"65536 do not (PS3.5 6.2.2)", IMPLICIT, EXPLICIT, 0,
         "(0010,4000) LT repeat 32768 \"ab\"\n",
         "(0010,4000) UN repeat 32768 \"ab\"\n"},
        {"words in UN are little endian in a big endian file", IMPLICIT, BIG, 0,
         "(0008,0060) CS \"OT\"\n(0018,6018) UL repeat 17000 hex 01020304\n",
         "(0008,0060) CS \"OT\"\n(0018,6018) UN repeat 17000 hex 01020304\n"},
        {"long headers have room in any case", IMPLICIT, BIG, 0,
         "(0028,1201) OW repeat 40000 hex 0102\n",
         "(0028,1201) OW repeat 40000 hex 0201\n"},
    };

    (void)state;
    CHECK(rows);
}

static void values_change_with_their_unit_and_are_padded(void **state)
{
    static const struct row rows[] = {
        {"PX12: 8-bit pixels under OW", BIG, EXPLICIT, 0,
         "(0028,0100) US 8\n(7FE0,0010) OW hex 0102\n",
         "(0028,0100) US 8\n(7FE0,0010) OW hex 0201\n"},
        {"OB is not swapped", BIG, EXPLICIT, 0, "(7FE0,0010) OB hex 0102\n",
         "(7FE0,0010) OB hex 0102\n"},
        {"PX11: an odd fragment", JPEG, JPEG, 0,
         "(7FE0,0010) OB undefined {\nitem\nitem hex FFD812FFD9\n}\n",
         "(7FE0,0010) OB undefined {\nitem\nitem hex FFD812FFD900\n}\n"},
        {"odd text gets a space", EXPLICIT, EXPLICIT, 0,
         "(0010,0020) LO nopad \"ABC\"\n", "(0010,0020) LO \"ABC \"\n"},
        {"an odd UID gets a zero", EXPLICIT, EXPLICIT, 0,
         "(0020,000D) UI nopad \"1.2\"\n", "(0020,000D) UI hex 312E3200\n"},
        {"lengths around what was padded follow", EXPLICIT, EXPLICIT, 0,
         "(0008,1140) SQ {\nitem {\n(0020,000D) UI nopad \"1.2\"\n}\n}\n",
         "(0008,1140) SQ {\nitem {\n(0020,000D) UI \"1.2\"\n}\n}\n"},
        {"many blocks", EXPLICIT, BIG, 0,
         "(7FE0,0010) OW repeat 300001 hex 0102\n",
         "(7FE0,0010) OW repeat 300001 hex 0201\n"},
    };

    (void)state;
    CHECK(rows);
}

static void lengths_take_the_form_that_is_asked_for(void **state)
{
#define MIXED                                                            \
    "(0008,1140) SQ undefined {\nitem {\n" ITEM1 "}\nitem undefined {\n" \
    "}\n}\n(0008,1199) SQ\n"
#define COUNTED "(0008,1140) SQ {\nitem {\n" ITEM1 "}\nitem {\n}\n}\n"
#define DELIMITED                                                     \
    "(0008,1140) SQ undefined {\nitem undefined {\n" ITEM1 "}\nitem " \
    "undefined {\n}\n}\n"
    static const struct row rows[] = {
        {"kept", EXPLICIT, IMPLICIT, DCM_LENGTHS_KEEP, MIXED, MIXED},
        {"counted", EXPLICIT, EXPLICIT, DCM_LENGTHS_EXPLICIT, MIXED,
         COUNTED "(0008,1199) SQ\n"},
        {"counted, in another encoding", EXPLICIT, BIG, DCM_LENGTHS_EXPLICIT,
         MIXED, COUNTED "(0008,1199) SQ\n"},
        {"undefined", EXPLICIT, IMPLICIT, DCM_LENGTHS_UNDEFINED, MIXED,
         DELIMITED "(0008,1199) SQ undefined {\n}\n"},
        {"a private sequence that loses its VR tells what it is", EXPLICIT,
         IMPLICIT, DCM_LENGTHS_KEEP,
         "(0009,0010) LO \"A\"\n(0009,1001) SQ {\nitem {\n" ITEM1 "}\n}\n",
         "(0009,0010) LO \"A\"\n(0009,1001) SQ undefined {\nitem {\n" ITEM1
         "}\n}\n"},
    };

    (void)state;
    CHECK(rows);
}

static void group_lengths_and_repeated_tags_go(void **state)
{
    static const struct row rows[] = {
        {"another encoding", EXPLICIT, IMPLICIT, 0,
         "(0008,0000) UL 10\n(0008,0060) CS \"OT\"\n",
         "(0008,0060) CS \"OT\"\n"},
        {"other lengths", EXPLICIT, EXPLICIT, DCM_LENGTHS_EXPLICIT,
         "(0008,0000) UL 10\n(0008,0060) CS \"OT\"\n",
         "(0008,0060) CS \"OT\"\n"},
        {"a value twice", EXPLICIT, EXPLICIT, 0,
         "(0008,0060) CS \"OT\"\n(0008,0060) CS \"CT\"\n",
         "(0008,0060) CS \"OT\"\n"},
        {"a sequence twice, with all that is in it", EXPLICIT, EXPLICIT, 0,
         "(0008,1140) SQ {\n}\n(0008,1140) SQ {\nitem {\n" ITEM1
         "(0008,1140) SQ {\nitem {\n}\n}\n}\n}\n(0010,0020) LO \"AB\"\n",
         "(0008,1140) SQ {\n}\n(0010,0020) LO \"AB\"\n"},
    };

    (void)state;
    CHECK(rows);
}

static void mending_writes_what_conforms(void **state)
{
    static const struct row rows[] = {
        {"group lengths and padding go", EXPLICIT, EXPLICIT, 0,
         "(0008,0000) UL 10\n(0008,0060) CS \"OT\"\n(FFFC,FFFC) OB hex 0000\n",
         "(0008,0060) CS \"OT\"\n"},
        {"UN of a known tag", EXPLICIT, EXPLICIT, 0,
         "(0028,0010) UN hex 0201\n", "(0028,0010) US 258\n"},
        {"UN of a known tag, big endian around it", BIG, BIG, 0,
         "(0028,0010) UN hex 0201\n", "(0028,0010) US 258\n"},
        {"a VR that is none", EXPLICIT, EXPLICIT, 0,
         "(0009,1001) ZZ long hex 0102\n", "(0009,1001) UN hex 0102\n"},
        {"bytes that are no whole number", EXPLICIT, BIG, 0,
         "(0018,6016) UL hex 0100 0000 0200\n", "(0018,6016) UL 1\n"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct dcm_writer_options o = options_of(rows[i].to, 0);

        o.mend = 1;
        check_options(&rows[i], &o);
    }
}

static void text_goes_into_another_character_set(void **state)
{
    static const struct row rows[] = {
        {"Latin-1 to UTF-8, in an item too", EXPLICIT, EXPLICIT, 0,
         "(0008,0005) CS \"ISO_IR 100\"\n(0008,1140) SQ {\nitem {\n"
         "(0010,0010) PN \"\\xC4\\xD6\"\n}\n}\n(0010,0010) PN \"M\\xFC\"\n",
         "(0008,0005) CS \"ISO_IR 192\"\n(0008,1140) SQ {\nitem {\n"
         "(0010,0010) PN \"\\xC3\\x84\\xC3\\x96\"\n}\n}\n"
         "(0010,0010) PN \"M\\xC3\\xBC\"\n"},
        {"said where the source does not", EXPLICIT, EXPLICIT, 0,
         "(0008,0060) CS \"OT\"\n(0010,0010) PN \"AB\"\n",
         "(0008,0005) CS \"ISO_IR 192\"\n(0008,0060) CS \"OT\"\n"
         "(0010,0010) PN \"AB\"\n"},
        {"said once, not in items", EXPLICIT, EXPLICIT, 0,
         "(0008,1140) SQ {\nitem {\n(0008,0005) CS \"ISO_IR 100\"\n"
         "(0010,0010) PN \"\\xC4\"\n}\n}\n",
         "(0008,0005) CS \"ISO_IR 192\"\n(0008,1140) SQ {\nitem {\n"
         "(0010,0010) PN \"\\xC3\\x84\"\n}\n}\n"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct dcm_writer_options o = options_of(rows[i].to, 0);

        o.charset = "ISO_IR 192";
        check_options(&rows[i], &o);
    }
}

/* -------------------------------------------------------------- group 0002 */

#define OUR_CLASS "2.25.271259286647324579111662477517868150292"

/* "LIBDCM_" and the digits of the version, at most 16 (SH). */
static const char *version_name(char name[17])
{
    size_t n = (size_t)snprintf(name, 17, "LIBDCM_");

    for (const char *p = dcm_version(); *p && n < 16; p++)
        if (*p >= '0' && *p <= '9')
            name[n++] = *p;
    name[n] = '\0';
    return name;
}

static void group_2_is_made_anew(void **state)
{
    static const struct {
        const char *why, *from, *syntax, *want; /* version: %s */
    } rows[] = {
        {"all that is kept, in its place; SOP UIDs are the data set's",
         "preamble\nmeta {\n(0002,0001) OB hex 0001\n"
         "(0002,0002) UI \"1.9\"\n(0002,0003) UI \"1.8\"\n"
         "(0002,0010) UI \"" EXPLICIT "\"\n(0002,0012) UI \"1.7\"\n"
         "(0002,0013) SH \"OTHER\"\n(0002,0016) AE \"ONE\"\n"
         "(0002,0018) AE \"THREE\"\n(0002,0026) UR \"http://a\"\n"
         "(0002,0040) UI \"1.6\"\n"
         "(0002,0100) UI \"1.5\"\n(0002,0102) OB hex 010203\n}\n"
         "(0008,0016) UI \"1.2\"\n(0008,0018) UI \"1.3.4\"\n",
         NULL,
         "preamble\nmeta {\n(0002,0001) OB hex 0001\n"
         "(0002,0002) UI \"1.2\"\n(0002,0003) UI \"1.3.4\"\n"
         "(0002,0010) UI \"" EXPLICIT "\"\n(0002,0012) UI \"" OUR_CLASS "\"\n"
         "(0002,0013) SH \"%s\"\n(0002,0016) AE \"ONE\"\n"
         "(0002,0018) AE \"THREE\"\n(0002,0026) UR \"http://a\"\n"
         "(0002,0100) UI \"1.5\"\n(0002,0102) OB hex 010203\n}\n"
         "(0008,0016) UI \"1.2\"\n(0008,0018) UI \"1.3.4\"\n"},
        {"SOP UIDs of group 0002 where the data set has none",
         "preamble\nmeta {\n(0002,0002) UI \"1.9\"\n(0002,0003) UI \"1.8\"\n"
         "(0002,0010) UI \"" EXPLICIT "\"\n}\n(0008,0060) CS \"OT\"\n",
         IMPLICIT,
         "preamble\nmeta {\n(0002,0001) OB hex 0001\n"
         "(0002,0002) UI \"1.9\"\n(0002,0003) UI \"1.8\"\n"
         "(0002,0010) UI \"" IMPLICIT "\"\n(0002,0012) UI \"" OUR_CLASS "\"\n"
         "(0002,0013) SH \"%s\"\n}\nencoding implicit little\n"
         "(0008,0060) CS \"OT\"\n"},
        {"a data set without either, and nothing after it",
         "encoding implicit little\n(0008,0018) UI \"1.3\"\n", EXPLICIT,
         "preamble\nmeta {\n(0002,0001) OB hex 0001\n"
         "(0002,0003) UI \"1.3\"\n"
         "(0002,0010) UI \"" EXPLICIT "\"\n(0002,0012) UI \"" OUR_CLASS "\"\n"
         "(0002,0013) SH \"%s\"\n}\n(0008,0018) UI \"1.3\"\n"},
    };
    char name[17], text[TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct dcm_writer_options options = options_of(rows[i].syntax, 0);
        struct hexd_buffer from = assemble(rows[i].from), want;
        struct dcm_output *o = dcm_output_memory();
        struct dcm_error error;
        const void *data;
        size_t size;

        options.bare = 0;
        snprintf(text, sizeof text, rows[i].want, version_name(name));
        want = assemble(text);
        if (convert(from, &options, o, &error) != DCM_OK)
            fail_msg("%s: %s", rows[i].why, error.message);
        data = dcm_output_data(o, &size);
        assert_bytes(rows[i].why, data, size, want);
        dcm_output_free(o);
        hexd_buffer_release(&from);
        hexd_buffer_release(&want);
    }
}

/* FI27, and dcm_writer_clear(): the second time is like the first, and so is
 * what was written into its own syntax again. */
static void the_same_source_gives_the_same_file(void **state)
{
    struct dcm_writer_options options = options_of(NULL, 0);
    struct hexd_buffer from = source_of(BIG, everything), first = {0};
    struct dcm_output *o = dcm_output_memory();
    struct dcm_writer *w;
    struct dcm_error error;
    const uint8_t *data;
    size_t size;

    (void)state;
    options.bare = 0;
    w = dcm_writer_new(&options, o);
    assert_non_null(w);
    assert_int_equal(pump(from.data, from.size, w, &error), DCM_OK);
    dcm_output_data(o, &first.size);
    dcm_writer_clear(w);
    assert_int_equal(pump(from.data, from.size, w, &error), DCM_OK);
    data = dcm_output_data(o, &size);
    assert_int_equal(size, 2 * first.size);
    assert_memory_equal(data, data + first.size, first.size);

    first.data = malloc(first.size);
    assert_non_null(first.data);
    memcpy(first.data, data, first.size);
    dcm_output_clear(o, UINT64_MAX);
    dcm_writer_clear(w);
    assert_int_equal(pump(first.data, first.size, w, &error), DCM_OK);
    data = dcm_output_data(o, &size);
    assert_bytes("a copy of the copy", data, size, first);
    dcm_writer_free(w);
    dcm_output_free(o);
    hexd_buffer_release(&from);
    hexd_buffer_release(&first);
}

/* ----------------------------------------------------------------- outputs */

/* A sequence of more than the output's buffer, so that its length field has
 * been written out when it is known. */
#define LARGE                                                              \
    "(0008,1140) SQ {\nitem {\n" ITEM1 "(0028,1201) OW repeat 200000 hex " \
    "0102\n(0028,1202) OW repeat 2500000 hex 0304\n}\n}\n"                 \
    "(0010,0020) LO \"AB\"\n"
#define LARGE_DELIMITED                                    \
    "(0008,1140) SQ undefined {\nitem undefined {\n" ITEM1 \
    "(0028,1201) OW repeat 200000 hex 0102\n"              \
    "(0028,1202) OW repeat 2500000 hex 0304\n}\n}\n(0010,0020) LO \"AB\"\n"

static void a_file_is_patched_where_it_was_written(void **state)
{
    struct dcm_writer_options options = options_of(IMPLICIT, 0);
    struct hexd_buffer from = source_of(EXPLICIT, LARGE);
    struct hexd_buffer want = body_of(IMPLICIT, LARGE);
    FILE *file = tmpfile();
    uint8_t *got = malloc(want.size + 6);
    struct dcm_output *o;
    struct dcm_error error;

    (void)state;
    assert_non_null(file);
    assert_non_null(got);
    assert_int_equal(write(fileno(file), "before", 6), 6);
    o = dcm_output_fd(fileno(file));
    assert_int_equal(convert(from, &options, o, &error), DCM_OK);
    assert_int_equal(dcm_output_flush(o), DCM_OK);
    assert_int_equal(pread(fileno(file), got, want.size + 6, 0),
                     (ssize_t)want.size + 6);
    assert_memory_equal(got, "before", 6);
    assert_bytes("file", got + 6, want.size, want);
    dcm_output_free(o);
    fclose(file);
    free(got);
    hexd_buffer_release(&from);
    hexd_buffer_release(&want);
}

static int append(void *user, const void *data, size_t n)
{
    struct dcm_output *o = user;

    dcm_output_put(o, data, n);
    return o->status == DCM_OK ? 0 : -1;
}

static void a_pipe_gets_undefined_lengths_where_they_change(void **state)
{
    static const struct row rows[] = {
        {"another encoding", EXPLICIT, IMPLICIT, 0, LARGE, LARGE_DELIMITED},
        {"only the byte order", EXPLICIT, BIG, 0,
         "(0008,1140) SQ {\nitem {\n(0028,0010) US 258\n}\n}\n",
         "(0008,1140) SQ {\nitem {\n(0028,0010) US 258\n}\n}\n"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct dcm_writer_options options = options_of(rows[i].to, 0);
        struct hexd_buffer from = source_of(rows[i].from, rows[i].source);
        struct hexd_buffer want = body_of(rows[i].to, rows[i].want);
        struct dcm_output *all = dcm_output_memory();
        struct dcm_output *o = dcm_output_callback(append, all);
        struct dcm_error error;
        const void *data;
        size_t size;

        assert_int_equal(convert(from, &options, o, &error), DCM_OK);
        assert_int_equal(dcm_output_flush(o), DCM_OK);
        data = dcm_output_data(all, &size);
        assert_bytes(rows[i].why, data, size, want);
        dcm_output_free(o);
        dcm_output_free(all);
        hexd_buffer_release(&from);
        hexd_buffer_release(&want);
    }
}

/* ---------------------------------------------------------------- DICOMDIR */

/* Two records, the first points at the second; in explicit VR they lie 36 and
 * 36 + 32 bytes into the data set. */
#define DIRECTORY(first, last, next)                                      \
    "(0004,1200) UL " first "\n(0004,1202) UL " last                      \
    "\n(0004,1220) SQ {\nitem {\n(0004,1400) UL " next                    \
    "\n(0004,1420) UL 0\n}\nitem {\n(0004,1400) UL 0\n(0004,1420) UL 0\n" \
    "}\n}\n"
#define DIRECTORY_DELIMITED                                              \
    "(0004,1200) UL 36\n(0004,1202) UL 76\n(0004,1220) SQ undefined {\n" \
    "item undefined {\n(0004,1400) UL 76\n(0004,1420) UL 0\n}\n"         \
    "item undefined {\n(0004,1400) UL 0\n(0004,1420) UL 0\n}\n}\n"

static void offsets_in_a_dicomdir_follow_their_records(void **state)
{
    /* The assembler's group 0002 has 12 + 14 + 34 + 14 + 28 + 14 bytes. */
    const size_t begin = 128 + 4 + 116;
    static const struct row rows[] = {
        {"the sequence's header loses 4 bytes", EXPLICIT, IMPLICIT, 0, "",
         DIRECTORY("32", "64", "64")},
        {"bytes change their order", EXPLICIT, BIG, 0, "",
         DIRECTORY("36", "68", "68")},
        {"delimiters stand between", EXPLICIT, EXPLICIT, DCM_LENGTHS_UNDEFINED,
         "", DIRECTORY_DELIMITED},
    };
    char first[24], second[24], text[TEXT_MAX];

    (void)state;
    snprintf(first, sizeof first, "%zu", begin + 36);
    snprintf(second, sizeof second, "%zu", begin + 68);
    snprintf(text, sizeof text, DIRECTORY("%s", "%s", "%s"), first, second,
             second);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct row row = rows[i];

        row.source = text;
        check_row(&row);
    }
}

static void offsets_count_group_2_that_is_put_before(void **state)
{
    struct dcm_writer_options options = options_of(NULL, 0);
    struct hexd_buffer from = body_of(EXPLICIT, DIRECTORY("36", "68", "68"));
    struct dcm_output *o = dcm_output_memory();
    struct dcm_error error;
    const uint8_t *data;
    size_t size, begin;

    (void)state;
    options.bare = 0;
    dcm_output_text(o, "before"); /* is not part of the file */
    assert_int_equal(convert(from, &options, o, &error), DCM_OK);
    data = dcm_output_data(o, &size);
    begin = 132 + 12 + data[6 + 132 + 8];
    assert_int_equal(size, 6 + begin + from.size);
    data += 6 + begin;
    assert_int_equal(data[8] | data[9] << 8, begin + 36);
    assert_int_equal(data[20] | data[21] << 8, begin + 68);
    assert_int_equal(data[52] | data[53] << 8, begin + 68);
    assert_int_equal(data[64] | data[65] << 8, 0);
    dcm_output_free(o);
    hexd_buffer_release(&from);
}

static void an_offset_to_no_record_stays_only_where_none_moves(void **state)
{
    struct dcm_writer_options same = options_of(NULL, 0);
    struct dcm_writer_options other = options_of(IMPLICIT, 0);
    struct dcm_writer_options deflated = options_of(DEFLATED, 0);
    struct hexd_buffer from = body_of(EXPLICIT, DIRECTORY("36", "68", "70"));
    struct dcm_output *o = dcm_output_memory();
    struct dcm_error error;
    const void *data;
    size_t size;

    (void)state;
    assert_int_equal(convert(from, &same, o, &error), DCM_OK);
    data = dcm_output_data(o, &size);
    assert_bytes("same", data, size, from);
    assert_int_equal(convert(from, &other, o, &error), DCM_ERR_UNSUPPORTED);
    assert_non_null(strstr(error.message, "offset 70"));
    assert_int_equal(error.offset, 44);
    assert_int_equal(convert(from, &deflated, o, &error), DCM_ERR_UNSUPPORTED);
    dcm_output_free(o);
    hexd_buffer_release(&from);
}

/* ----------------------------------------------------------------- refusals */

#define NATIVE "(7FE0,0010) OB hex 0102\n"
#define FRAGMENTS "(7FE0,0010) OB undefined {\nitem\nitem hex FFD8FFD9\n}\n"

static void what_needs_a_codec_is_refused_by_name(void **state)
{
    static const struct {
        const char *from, *to, *elements, *says[2];
    } rows[] = {
        {EXPLICIT, JPEG, NATIVE, {"Explicit VR Little Endian", "JPEG Base"}},
        {JPEG, EXPLICIT, FRAGMENTS, {"Explicit VR Little Endian", "JPEG Base"}},
        {JPEG, "1.2.840.10008.1.2.5", FRAGMENTS, {"JPEG Base", "RLE"}},
        {EXPLICIT, "1.2.3", NATIVE, {"Explicit VR Little Endian", "1.2.3"}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct dcm_writer_options options = options_of(rows[i].to, 0);
        struct hexd_buffer from = source_of(rows[i].from, rows[i].elements);
        struct dcm_output *o = dcm_output_memory();
        struct dcm_error error;

        assert_int_equal(convert(from, &options, o, &error),
                         DCM_ERR_UNSUPPORTED);
        for (size_t j = 0; j < 2; j++)
            if (!strstr(error.message, rows[i].says[j]))
                fail_msg("\"%s\" is not in \"%s\"", rows[i].says[j],
                         error.message);
        dcm_output_free(o);
        hexd_buffer_release(&from);
    }
}

static int refuse(void *user, const void *data, size_t n)
{
    (void)user;
    (void)data;
    (void)n;
    return -1;
}

static void failures_stick_until_the_writer_is_cleared(void **state)
{
    struct dcm_writer_options options = options_of(EXPLICIT, 0);
    struct dcm_output *o = dcm_output_callback(refuse, NULL);
    struct dcm_writer *w = dcm_writer_new(&options, o);
    struct hexd_buffer from = source_of(EXPLICIT, LARGE);
    struct dcm_event ev;
    struct dcm_sink *sink;
    struct dcm_error error;

    (void)state;
    assert_non_null(w);
    sink = dcm_writer_sink(w);
    memset(&ev, 0, sizeof ev);
    ev.type = DCM_EVENT_ITEM;
    assert_int_equal(sink->put(sink, &ev), DCM_ERR_ARGUMENT);
    ev.type = DCM_EVENT_DATASET;
    assert_int_equal(sink->put(sink, &ev), DCM_ERR_ARGUMENT);
    dcm_writer_clear(w);
    assert_int_equal(pump(from.data, from.size, w, &error), DCM_ERR_WRITE);
    assert_int_equal(sink->error(sink)->code, DCM_ERR_WRITE);
    dcm_writer_free(w);
    dcm_output_free(o);
    hexd_buffer_release(&from);
}

static void more_than_the_limit_is_not_written(void **state)
{
    struct dcm_limits limits = {0};
    struct dcm_writer_options options = options_of(EXPLICIT, 0);
    struct hexd_buffer from = source_of(EXPLICIT, LARGE);
    struct dcm_output *o = dcm_output_memory();
    struct dcm_error error;

    (void)state;
    limits.size = sizeof limits;
    limits.output = 300000;
    options.limits = &limits;
    assert_int_equal(convert(from, &options, o, &error), DCM_ERR_LIMIT);
    dcm_output_free(o);
    hexd_buffer_release(&from);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(data_sets_go_there_and_back_in_every_encoding),
        cmocka_unit_test(deflated_data_sets_inflate_to_the_same),
        cmocka_unit_test(what_conforms_is_copied_as_it_is),
        cmocka_unit_test(un_of_undefined_length_keeps_its_implicit_content),
        cmocka_unit_test(values_too_long_for_their_header_become_un),
        cmocka_unit_test(values_change_with_their_unit_and_are_padded),
        cmocka_unit_test(lengths_take_the_form_that_is_asked_for),
        cmocka_unit_test(group_lengths_and_repeated_tags_go),
        cmocka_unit_test(mending_writes_what_conforms),
        cmocka_unit_test(text_goes_into_another_character_set),
        cmocka_unit_test(group_2_is_made_anew),
        cmocka_unit_test(the_same_source_gives_the_same_file),
        cmocka_unit_test(a_file_is_patched_where_it_was_written),
        cmocka_unit_test(a_pipe_gets_undefined_lengths_where_they_change),
        cmocka_unit_test(offsets_in_a_dicomdir_follow_their_records),
        cmocka_unit_test(offsets_count_group_2_that_is_put_before),
        cmocka_unit_test(an_offset_to_no_record_stays_only_where_none_moves),
        cmocka_unit_test(what_needs_a_codec_is_refused_by_name),
        cmocka_unit_test(failures_stick_until_the_writer_is_cleared),
        cmocka_unit_test(more_than_the_limit_is_not_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
