/* libdcm/frames*.c: where frames lie in Pixel Data, and their bytes (PS3.5
 * 8.1.1, 8.2 and A.4). A row's frames are written as hex, one after another
 * with a bar between them; they follow from the standard by counting bytes
 * and bits by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../libdcm/input.h"
#include "reader_rows.h"

struct image {
    const char *why;
    const char *start;
    const char *body;
    const char *frames;
    const char *issues;
    enum dcm_status status; /* of the sink */
    const char *message;    /* what it has to say */
};

/* What one reading of a file came to. */
struct shot {
    struct dcm_policy *policy;
    struct dcm_input *input;
    struct dcm_reader *reader;
    struct dcm_frames *frames;
    struct reading heard;
    enum dcm_status status;
    struct dcm_error error;
};

static void see(struct shot *s, struct dcm_input *input, int strict)
{
    struct dcm_reader_options o = {0};
    struct dcm_error none = {0};

    memset(s, 0, sizeof *s);
    s->error = none;
    s->policy = dcm_policy_new(strict, hear_issue, &s->heard);
    o.size = sizeof o;
    o.policy = s->policy;
    s->reader = dcm_reader_new(&o);
    s->frames = dcm_frames_new(s->policy);
    s->input = input;
    assert_non_null(s->policy);
    assert_non_null(s->input);
    assert_non_null(s->reader);
    assert_non_null(s->frames);
    dcm_reader_open(s->reader, input);
    s->status = dcm_pump(dcm_reader_source(s->reader),
                         dcm_frames_sink(s->frames), &s->error);
}

static void see_bytes(struct shot *s, const struct hexd_buffer *b, int strict)
{
    see(s, dcm_input_memory(b->data, b->size, NULL), strict);
}

static void forget(struct shot *s)
{
    dcm_frames_free(s->frames);
    dcm_reader_free(s->reader);
    dcm_input_free(s->input);
    dcm_policy_free(s->policy);
}

static void put_hex(char *to, size_t room, const uint8_t *p, size_t n)
{
    size_t at = strlen(to);

    for (size_t i = 0; i < n; i++, at += 2) {
        assert_true(at + 3 < room);
        snprintf(to + at, room - at, "%02X", p[i]);
    }
}

/* All frames as a row has them, each read `step` bytes at a time. */
static void read_frames(const struct shot *s, size_t step, char *to,
                        size_t room)
{
    uint8_t piece[64];

    *to = '\0';
    for (uint64_t n = 1; n <= dcm_frames_count(s->frames); n++) {
        uint64_t at = 0;
        ptrdiff_t got;

        if (n > 1)
            strcat(to, "|");
        assert_true(step <= sizeof piece);
        while ((got = dcm_frames_read(s->frames, s->input, n, at, piece, step,
                                      NULL)) > 0) {
            put_hex(to, room, piece, (size_t)got);
            at += (uint64_t)got;
        }
        if (got < 0)
            strcat(to, "failed");
        else
            assert_int_equal(dcm_frames_read(s->frames, s->input, n, 0, NULL,
                                             SIZE_MAX, NULL),
                             at);
    }
}

/* Whatever the bytes are, frames can be counted and asked for. */
static void cut_everywhere(const struct hexd_buffer *b)
{
    static struct shot s;
    static char frames[4096];

    for (size_t n = 0; n < b->size; n++) {
        struct hexd_buffer part = {0};

        part.size = n;
        part.data = malloc(n + 1); /* of its own, so that ASan sees its end */
        assert_non_null(part.data);
        memcpy(part.data, b->data, n);
        see_bytes(&s, &part, 0);
        read_frames(&s, 5, frames, sizeof frames);
        forget(&s);
        free(part.data);
    }
}

static unsigned check_image(const struct image *i)
{
    static const size_t steps[] = {64, 1, 2, 3, 5};
    static struct shot s;
    static char got[4096];
    struct hexd_buffer b = assemble(i->why, i->start, i->body, NULL);
    unsigned bad = 0;

    see_bytes(&s, &b, 0);
    if (s.status != i->status)
        bad += complain(i->why, "status", s.error.message, "another");
    if (strcmp(s.heard.issues, i->issues) != 0)
        bad += complain(i->why, "issues", s.heard.issues, i->issues);
    if (i->message && !strstr(s.error.message, i->message))
        bad += complain(i->why, "message", s.error.message, i->message);
    for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
        read_frames(&s, steps[k], got, sizeof got);
        if (strcmp(got, i->frames) != 0)
            bad += complain(i->why, "frames", got, i->frames);
    }
    forget(&s);
    see_bytes(&s, &b, 1);
    if (!i->status && s.status != (*i->issues ? DCM_ERR_STRICT : DCM_OK))
        bad += complain(i->why, "strict", s.error.message, i->issues);
    forget(&s);
    cut_everywhere(&b);
    hexd_buffer_release(&b);
    return bad;
}

#define CHECK_IMAGES(images) \
    check_images(images, sizeof(images) / sizeof *(images))
static void check_images(const struct image *images, size_t n)
{
    unsigned bad = 0;

    for (size_t i = 0; i < n; i++)
        bad += check_image(&images[i]);
    assert_int_equal(bad, 0);
}

#define TS(uid) "preamble\nsyntax 1.2.840.10008.1.2" uid "\n"
#define COUNT(n) "(0028,0008) IS \"" n "\"\n"
/* Number of Frames; Samples per Pixel, Rows, Columns, Bits Allocated */
#define SIZE(s, r, c, b) "(0028,0002) US " s "\n" REST(r, c, b)
#define DESCRIBED(n, s, r, c, b) "(0028,0002) US " s "\n" COUNT(n) REST(r, c, b)
#define REST(r, c, b)                              \
    "(0028,0010) US " r "\n(0028,0011) US " c "\n" \
    "(0028,0100) US " b "\n"
#define ONE_BY_ONE(n) /* of no Bits Allocated */ \
    "(0028,0002) US 1\n" COUNT(n) "(0028,0010) US 1\n(0028,0011) US 1\n"
#define PIXELS(table, items) \
    "(7FE0,0010) OB undefined {\nitem " table "\n" items "}\n"
#define ITEM(bytes) "item hex " bytes "\n"
#define A ITEM("FFD80102FFD9") /* 14 bytes as an item */
#define B ITEM("FFD803FFD900") /* 5, and padding */
#define A1 ITEM("FFD80102")    /* A in two: 12 bytes */
#define A2 ITEM("FFD9")        /* and 10 bytes */
#define AB "FFD80102FFD9|FFD803FFD9"
#define EOT(offsets, lengths) \
    "(7FE0,0001) OV hex " offsets "\n(7FE0,0002) OV hex " lengths "\n"
#define Q(byte) byte "00000000000000" /* of an Extended Offset Table */
#define RLE ITEM("01000000400000000102")

/* --------------------------------------------------------- encapsulated */

static void the_cases_of_pixel_data(void **state)
{
    static const struct image images[] = {
        {"PX01 as many fragments as frames", JPEG, COUNT("2") PIXELS("", A B),
         AB, "", 0, NULL},
        {"PX02 one frame takes all fragments", JPEG,
         COUNT("1") PIXELS("", A1 A2), "FFD80102FFD9", "", 0, NULL},
        {"PX03 frames told apart by how they begin", JPEG,
         COUNT("2") PIXELS("", A1 A2 B), AB, "", 0, NULL},
        {"PX04 frames told apart by the table", JPEG,
         COUNT("2") PIXELS("hex 0000000016000000", A1 A2 B), AB, "", 0, NULL},
        {"PX05 the table hits no item", JPEG,
         COUNT("2") PIXELS("hex 0000000063000000", A B), AB, "fragment", 0,
         NULL},
        {"PX06 three RLE fragments cannot be two frames", TS(".5"),
         COUNT("2") PIXELS("", RLE RLE RLE), "", "", DCM_ERR_MALFORMED,
         "3 fragments are 2 frames"},
        {"PX07 the Extended Offset Table knows the length", JPEG,
         COUNT("2") EOT(Q("00") Q("0E"), Q("06") Q("05")) PIXELS("", A B), AB,
         "", 0, NULL},
        {"PX08 fragments in a native transfer syntax", EXPLICIT,
         COUNT("2") PIXELS("", A1 A2 B), AB, "encapsulated-native", 0, NULL},
        {"PX09 a value in an encapsulated one has no frames", JPEG,
         DESCRIBED("2", "1", "1", "2", "8") "(7FE0,0010) OB hex FFD8FFD9\n", "",
         "native-encapsulated", 0, NULL},
        {"PX10 an icon's pixels are not the image's", JPEG,
         COUNT("2") "(0088,0200) SQ {\nitem {\n" DESCRIBED(
             "1", "1", "1", "2",
             "8") "(7FE0,0010) OW hex 0102\n}\n}\n" PIXELS("", A B),
         AB, "", 0, NULL},
        {"PX10 nor are those of an icon in fragments", JPEG,
         COUNT("2") "(0088,0200) SQ {\nitem {\n" COUNT("1")
             PIXELS("", ITEM("FFD8FFD9")) "}\n}\n" PIXELS("", A B),
         AB, "", 0, NULL},
        {"PX11 the byte that pads five is cut", JPEG, PIXELS("", B),
         "FFD803FFD9", "", 0, NULL},
        {"PX12 big endian words are as stored", BIG,
         SIZE("1", "1", "2", "8") "(7FE0,0010) OW hex 0102\n", "0102", "", 0,
         NULL},
        {"PX13 fewer pixels than a frame", EXPLICIT,
         SIZE("1", "2", "2", "8") "(7FE0,0010) OB hex 0102\n", "",
         "pixel-length", 0, NULL},
    };

    (void)state;
    CHECK_IMAGES(images);
}

static void offset_tables_are_followed_or_left_aside(void **state)
{
    static const struct image images[] = {
        {"one entry for one frame", JPEG,
         COUNT("1") PIXELS("hex 00000000", A1 A2), "FFD80102FFD9", "", 0, NULL},
        {"a table tells what no mark does", TS(".4.90"),
         COUNT("2") PIXELS("hex 000000000A000000",
                           ITEM("0102") ITEM("0304") ITEM("0506")),
         "0102|03040506", "", 0, NULL},
        {"offsets from the table's own item, in old files", TS(".4.90"),
         COUNT("2") PIXELS("hex 100000001A000000",
                           ITEM("0102") ITEM("0304") ITEM("0506")),
         "0102|03040506", "fragment", 0, NULL},
        {"offsets that fall", JPEG,
         COUNT("2") PIXELS("hex 0E00000000000000", A B), AB, "fragment", 0,
         NULL},
        {"the same offset twice", JPEG,
         COUNT("2") PIXELS("hex 0000000000000000", A B), AB, "fragment", 0,
         NULL},
        {"the first is not 0", JPEG,
         COUNT("2") PIXELS("hex 0C00000016000000", A1 A2 B), AB, "fragment", 0,
         NULL},
        {"an entry too few", JPEG, COUNT("2") PIXELS("hex 00000000", A1 A2 B),
         AB, "fragment", 0, NULL},
        {"an entry too many", JPEG,
         COUNT("1") PIXELS("hex 000000000E000000", A B),
         "FFD80102FFD9FFD803FFD9", "fragment", 0, NULL},
        {"no whole entry", JPEG,
         COUNT("2") PIXELS("hex 0000000016000000FFFF", A1 A2 B), AB, "fragment",
         0, NULL},
        {"several entries and no Number of Frames", JPEG,
         PIXELS("hex 0000000016000000", A1 A2 B), AB, "fragment", 0, NULL},
        {"no table at all, a frame in its place", JPEG,
         COUNT("2") "(7FE0,0010) OB undefined {\n" A B "}\n", AB, "fragment", 0,
         NULL},
        {"the same with RLE", TS(".5"),
         COUNT("1") "(7FE0,0010) OB undefined {\n" RLE "}\n",
         "01000000400000000102", "fragment", 0, NULL},
        {"extended: a 00 within the length is no padding", JPEG,
         COUNT("2") EOT(Q("00") Q("0E"), Q("06") Q("06")) PIXELS("", A B),
         "FFD80102FFD9|FFD803FFD900", "", 0, NULL},
        {"extended: padding need not be 00, nor come after EOI", TS(".5"),
         COUNT("1") EOT(Q("00"), Q("09")) PIXELS("", RLE), "010000004000000001",
         "", 0, NULL},
        {"extended: lengths tell where a codec has no end", TS(".4.110"),
         COUNT("2") EOT(Q("00") Q("0C"), Q("03") Q("02"))
             PIXELS("", ITEM("FF0A0100") ITEM("FF0A")),
         "FF0A01|FF0A", "", 0, NULL},
        {"extended: a length that would wrap round", JPEG,
         COUNT("2") EOT(Q("00") Q("0E"), Q("06") "FFFFFFFFFFFFFFFF")
             PIXELS("", A B),
         AB, "fragment", 0, NULL},
        {"extended: an entry too many", JPEG,
         COUNT("2") EOT(Q("00") Q("0E") Q("1C"), Q("06") Q("05") Q("01"))
             PIXELS("", A B),
         AB, "fragment", 0, NULL},
        {"extended: offsets hit no item", JPEG,
         COUNT("2") EOT(Q("00") Q("0F"), Q("06") Q("05")) PIXELS("", A B), AB,
         "fragment", 0, NULL},
        {"extended: an offset that would wrap round", JPEG,
         COUNT("2") EOT(Q("00") "0EFFFFFFFFFFFFFF", Q("06") Q("05"))
             PIXELS("", A B),
         AB, "fragment", 0, NULL},
        {"extended: lengths longer than what is there", JPEG,
         COUNT("2") EOT(Q("00") Q("0E"), Q("07") Q("05")) PIXELS("", A B), AB,
         "fragment", 0, NULL},
        {"extended: lengths too short", JPEG,
         COUNT("2") EOT(Q("00") Q("0E"), Q("06") Q("04")) PIXELS("", A B), AB,
         "fragment", 0, NULL},
        {"extended: no lengths", JPEG,
         COUNT("2") "(7FE0,0001) OV hex " Q("00") Q("0E") "\n" PIXELS("", A B),
         AB, "fragment", 0, NULL},
        {"extended: an entry too few", JPEG,
         COUNT("2") EOT(Q("00"), Q("06")) PIXELS("", A B), AB, "fragment", 0,
         NULL},
        {"extended: the basic one should be empty", JPEG,
         COUNT("2") EOT(Q("00") Q("0E"), Q("06") Q("05"))
             PIXELS("hex 000000000E000000", A B),
         AB, "fragment", 0, NULL},
    };

    (void)state;
    CHECK_IMAGES(images);
}

static void frames_begin_as_their_codec_says(void **state)
{
    static const struct image images[] = {
        {"JPEG-LS", TS(".4.80"), COUNT("2") PIXELS("", A1 A2 B), AB, "", 0,
         NULL},
        {"an empty fragment in between", JPEG,
         COUNT("2") PIXELS("", A1 "item\n" A2 B), AB, "", 0, NULL},
        {"as the first, but three begin and two are asked for", JPEG,
         COUNT("2") PIXELS("", A A A), "", "", DCM_ERR_MALFORMED,
         "3 fragments are 2 frames"},
        {"JPEG 2000: SOC without SIZ is in the midst of a frame", TS(".4.90"),
         COUNT("2") PIXELS("", ITEM("FF4FFF5101") ITEM("FF4F0203FFD9")
                                   ITEM("FF4FFF51FFD9")),
         "FF4FFF510100FF4F0203FFD9|FF4FFF51FFD9", "", 0, NULL},
        {"JPEG 2000 in its file format", TS(".4.91"),
         COUNT("2") PIXELS("", ITEM("0000000C6A502020") ITEM("0102")
                                   ITEM("0000000C6A502020")),
         "0000000C6A5020200102|0000000C6A502020", "", 0, NULL},
        {"HTJ2K, where a frame should be one fragment", TS(".4.201"),
         COUNT("2")
             PIXELS("", ITEM("FF4FFF51") ITEM("0102FFD9") ITEM("FF4FFF51FFD9")),
         "FF4FFF510102FFD9|FF4FFF51FFD9", "fragment", 0, NULL},
        {"RLE, one each", TS(".5"), COUNT("2") PIXELS("", RLE RLE),
         "01000000400000000102|01000000400000000102", "", 0, NULL},
        {"RLE, a third fragment is not the rest of a frame", TS(".5"),
         COUNT("2") PIXELS("", RLE RLE ITEM("0102")), "", "", DCM_ERR_MALFORMED,
         "3 fragments are 2 frames"},
        {"RLE, one frame in two", TS(".5"),
         COUNT("1") PIXELS("", RLE ITEM("0304")), "010000004000000001020304",
         "fragment", 0, NULL},
        {"video is one stream, and what ends it is kept", TS(".4.102"),
         COUNT("5") PIXELS("", ITEM("FFD80102") ITEM("FFD8FFD900")),
         "FFD80102FFD8FFD90000", "", 0, NULL},
        {"uncompressed frames of three bytes have a fourth", TS(".1.98"),
         DESCRIBED("2", "1", "1", "3", "8")
             PIXELS("", ITEM("01020300") ITEM("04050600")),
         "010203|040506", "", 0, NULL},
        {"fragments that begin as no frame does", JPEG,
         COUNT("2") PIXELS("", ITEM("0102") ITEM("0304") ITEM("0506")), "", "",
         DCM_ERR_MALFORMED, "3 fragments are 2 frames"},
        {"more beginnings than frames", JPEG,
         COUNT("2") PIXELS("", A B ITEM("0102") A), "", "", DCM_ERR_MALFORMED,
         "4 fragments are 2 frames"},
        {"fewer beginnings than frames", JPEG, COUNT("2") PIXELS("", A1 A2 A2),
         "", "", DCM_ERR_MALFORMED, "3 fragments are 2 frames"},
        {"the first does not begin a frame", JPEG,
         COUNT("2") PIXELS("", A2 A B), "", "", DCM_ERR_MALFORMED,
         "3 fragments are 2 frames"},
        {"frames that are missing leave the others", JPEG,
         COUNT("3") PIXELS("", A B), AB, "fragment", 0, NULL},
        {"the same with RLE", TS(".5"), COUNT("3") PIXELS("", RLE RLE),
         "01000000400000000102|01000000400000000102", "fragment", 0, NULL},
        {"no fragments", JPEG, COUNT("1") PIXELS("", ""), "", "fragment", 0,
         NULL},
        {"no Pixel Data", JPEG, COUNT("1"), "", "", 0, NULL},
    };

    (void)state;
    CHECK_IMAGES(images);
}

static void a_byte_of_padding_is_cut_after_an_end_of_image_alone(void **state)
{
    static const struct image images[] = {
        {"the end and the padding in another fragment", JPEG,
         PIXELS("", ITEM("FFD801FF") ITEM("D900")), "FFD801FFD9", "", 0, NULL},
        {"no end of image before it", JPEG, PIXELS("", ITEM("FFD80100")),
         "FFD80100", "", 0, NULL},
        {"FF before the end is of the stream", JPEG,
         PIXELS("", ITEM("FFD801FFFFD9")), "FFD801FFFFD9", "", 0, NULL},
        {"another byte after the end", JPEG, PIXELS("", ITEM("FFD801FFD920")),
         "FFD801FFD920", "", 0, NULL},
        {"two bytes after the end: no padding of one", JPEG,
         PIXELS("", ITEM("FFD8FFD90000")), "FFD8FFD90000", "", 0, NULL},
        {"RLE has no end of image", TS(".5"), PIXELS("", ITEM("01FFD900")),
         "01FFD900", "", 0, NULL},
        {"an empty frame", JPEG, COUNT("2") PIXELS("", "item\n" B),
         "|FFD803FFD9", "", 0, NULL},
        {"two bytes", JPEG, COUNT("1") PIXELS("", ITEM("D900")), "D900", "", 0,
         NULL},
        {"a frame before the last is cut as well", JPEG,
         COUNT("3") PIXELS("", A1 A2 B A), AB "|FFD80102FFD9", "", 0, NULL},
    };

    (void)state;
    CHECK_IMAGES(images);
}

static void number_of_frames_is_taken_if_it_is_one(void **state)
{
    static const struct image images[] = {
        {"spaces", JPEG, COUNT(" 2 ") PIXELS("", A B), AB, "", 0, NULL},
        {"a sign", JPEG, COUNT("+2") PIXELS("", A B), AB, "", 0, NULL},
        {"empty: one frame", JPEG, COUNT("") PIXELS("", A1 A2), "FFD80102FFD9",
         "", 0, NULL},
        {"absent: one frame", JPEG, PIXELS("", A1 A2), "FFD80102FFD9", "", 0,
         NULL},
        {"0", JPEG, COUNT("0") PIXELS("", A1 A2), "FFD80102FFD9", "number-form",
         0, NULL},
        {"negative", JPEG, COUNT("-1") PIXELS("", A1 A2), "FFD80102FFD9",
         "number-form", 0, NULL},
        {"no number", JPEG, COUNT("many") PIXELS("", A1 A2), "FFD80102FFD9",
         "number-form", 0, NULL},
        {"two numbers", JPEG, COUNT("2\\\\3") PIXELS("", A1 A2), "FFD80102FFD9",
         "number-form", 0, NULL},
        {"past 64 bits", JPEG,
         COUNT("99999999999999999999999999") PIXELS("", A B), AB, "fragment", 0,
         NULL},
        {"of an item", JPEG,
         COUNT("2") "(0088,0200) SQ {\nitem {\n" COUNT("7") "}\n}\n" PIXELS(
             "", A1 A2 B),
         AB, "", 0, NULL},
        {"a second one", JPEG, COUNT("2") COUNT("3") PIXELS("", A1 A2 B), AB,
         "duplicate-tag", 0, NULL},
    };

    (void)state;
    CHECK_IMAGES(images);
}

/* -------------------------------------------------------------- native */

static void native_frames_lie_end_to_end(void **state)
{
    static const struct image images[] = {
        {"bytes", EXPLICIT,
         DESCRIBED("2", "1", "1", "3", "8") "(7FE0,0010) OB hex 010203040506\n",
         "010203|040506", "", 0, NULL},
        {"one frame, not said", IMPLICIT,
         SIZE("3", "1", "1", "8") "(7FE0,0010) OW hex 01020300\n", "010203", "",
         0, NULL},
        {"three samples of two bytes", EXPLICIT,
         SIZE("3", "1", "1", "16") "(7FE0,0010) OW 1 2 3\n", "010002000300", "",
         0, NULL},
        {"big endian words as stored", BIG,
         DESCRIBED("2", "1", "1", "1", "16") "(7FE0,0010) OW hex 01020304\n",
         "0102|0304", "", 0, NULL},
        {"big endian words that two frames share", BIG,
         DESCRIBED("2", "1", "1", "1", "8") "(7FE0,0010) OW hex 0102\n",
         "failed|failed", "", 0, NULL},
        {"big endian bytes have no words", BIG,
         DESCRIBED("2", "1", "1", "1", "8") "(7FE0,0010) OB hex 0102\n",
         "01|02", "", 0, NULL},
        /* 101 110 011, the first pixel lowest: 1001 1101, .... ...1 */
        {"bits: three to a frame", EXPLICIT,
         DESCRIBED("3", "1", "1", "3", "1") "(7FE0,0010) OB hex 9D01\n",
         "05|03|06", "", 0, NULL},
        /* 111111 000000 010101: 3F + (2A << 12) = 2A03F */
        {"bits: six to a frame, three bytes to three", EXPLICIT,
         DESCRIBED("3", "1", "2", "3", "1") "(7FE0,0010) OB hex 3FA00200\n",
         "3F|00|2A", "", 0, NULL},
        /* 111111111 101010101: 1FF + (155 << 9) = 2ABFF */
        {"bits: nine to a frame", EXPLICIT,
         DESCRIBED("2", "1", "1", "9", "1") "(7FE0,0010) OB hex FFAB0200\n",
         "FF01|5501", "", 0, NULL},
        {"bits: what pads the last byte is 0", EXPLICIT,
         DESCRIBED("1", "1", "1", "3", "1") "(7FE0,0010) OB hex FFFF\n", "07",
         "", 0, NULL},
        {"bits: frames of whole bytes", EXPLICIT,
         DESCRIBED("2", "1", "2", "4", "1") "(7FE0,0010) OB hex A15E\n",
         "A1|5E", "", 0, NULL},
        {"12 bits packed, as it once was", EXPLICIT,
         DESCRIBED("2", "1", "1", "1", "12") "(7FE0,0010) OW hex BCFADE00\n",
         "BC0A|EF0D", "", 0, NULL},
        {"4:2:2: two pixels share their colour (PS3.3 C.7.6.3.1.2)", EXPLICIT,
         "(0028,0002) US 3\n(0028,0004) CS \"YBR_FULL_422\"\n" COUNT("2")
             REST("1", "2", "8") "(7FE0,0010) OB hex 0102030405060708\n",
         "01020304|05060708", "", 0, NULL},
        {"4:2:2 as written by some, with all values", EXPLICIT,
         "(0028,0002) US 3\n(0028,0004) CS \"YBR_FULL_422\"\n" COUNT("2") REST(
             "1", "2", "8") "(7FE0,0010) OB hex 010203040506070809101112\n",
         "010203040506|070809101112", "pixel-length", 0, NULL},
        {"Float Pixel Data", EXPLICIT,
         ONE_BY_ONE("2") "(7FE0,0008) OF hex 0000803F00000040\n",
         "0000803F|00000040", "", 0, NULL},
        {"Double Float Pixel Data", EXPLICIT,
         ONE_BY_ONE("1") "(7FE0,0009) OD hex 000000000000F03F\n",
         "000000000000F03F", "", 0, NULL},
        {"deflated, and small", TS(".1.99"),
         DESCRIBED("2", "1", "1", "2", "8") "(7FE0,0010) OB hex 01020304\n",
         "0102|0304", "", 0, NULL},
        {"more bytes than frames", EXPLICIT,
         DESCRIBED("2", "1", "1", "2", "8") "(7FE0,0010) OB hex 010203040506\n",
         "0102|0304", "pixel-length", 0, NULL},
        {"a frame and a half", EXPLICIT,
         DESCRIBED("2", "1", "1", "4", "8") "(7FE0,0010) OB hex 010203040506\n",
         "01020304", "pixel-length", 0, NULL},
        {"no size", EXPLICIT, COUNT("2") "(7FE0,0010) OB hex 01020304\n", "",
         "pixel-length", 0, NULL},
        {"no Rows", EXPLICIT,
         SIZE("1", "0", "2", "8") "(7FE0,0010) OB hex 01020304\n", "",
         "pixel-length", 0, NULL},
        {"nothing at all", EXPLICIT, "(7FE0,0010) OB\n", "", "", 0, NULL},
        {"the largest size there is", EXPLICIT,
         DESCRIBED("2147483647", "65535", "65535", "65535",
                   "65535") "(7FE0,0010) OB hex 01020304\n",
         "", "pixel-length", 0, NULL},
        {"the size of an item's image", EXPLICIT,
         "(0088,0200) SQ {\nitem {\n" SIZE("1", "9", "9",
                                           "8") "}\n}\n"
                                                "(7FE0,0010) OB hex 01020304\n",
         "", "pixel-length", 0, NULL},
    };

    (void)state;
    CHECK_IMAGES(images);
}

/* --------------------------------------------------------------- reading */

static void any_part_of_a_frame_can_be_read(void **state)
{
    static const char want[] = "FFD80102FFD9"; /* of three fragments */
    static struct shot s;
    struct hexd_buffer b = assemble(
        "parts", JPEG,
        COUNT("2") PIXELS("", ITEM("FFD8") ITEM("0102") ITEM("FFD900") B),
        NULL);
    struct dcm_error e;
    uint8_t part[8];
    char hex[20];

    (void)state;
    see_bytes(&s, &b, 0);
    assert_int_equal(dcm_frames_count(s.frames), 2);
    assert_int_equal(dcm_frames_size(s.frames, 1), 8); /* hexd padded it */
    for (uint64_t from = 0; from <= 9; from++)
        for (size_t n = 0; n <= sizeof part; n++) {
            size_t left = from < 6 ? 6 - (size_t)from : 0;
            size_t get = n < left ? n : left;

            if (from + n >= 8)
                continue; /* two bytes after the end: no padding of one */
            *hex = '\0';
            assert_true(dcm_frames_read(s.frames, s.input, 1, from, part, n,
                                        &e) >= (ptrdiff_t)get);
            put_hex(hex, sizeof hex, part, get);
            assert_memory_equal(hex, want + 2 * from, 2 * get);
        }
    assert_int_equal(dcm_frames_size(s.frames, 2), 6);
    for (uint64_t from = 0; from < 9; from++)
        assert_int_equal(
            dcm_frames_read(s.frames, s.input, 2, from, NULL, SIZE_MAX, &e),
            from < 5 ? 5 - from : 0);
    assert_int_equal(
        dcm_frames_read(s.frames, s.input, 2, UINT64_MAX, part, 8, &e), 0);
    forget(&s);
    hexd_buffer_release(&b);
}

static void a_frame_that_is_not_there_is_an_error(void **state)
{
    static const uint64_t numbers[] = {0, 3, UINT64_MAX};
    static struct shot s;
    struct hexd_buffer b = assemble("", JPEG, COUNT("2") PIXELS("", A B), NULL);
    uint8_t part[8];

    (void)state;
    see_bytes(&s, &b, 0);
    for (size_t i = 0; i < 3; i++) {
        struct dcm_error e = {0};

        assert_true(dcm_frames_size(s.frames, numbers[i]) == UINT64_MAX);
        assert_int_equal(
            dcm_frames_read(s.frames, s.input, numbers[i], 0, part, 8, &e), -1);
        assert_int_equal(e.code, DCM_ERR_ARGUMENT);
        assert_int_equal(
            dcm_frames_read(s.frames, s.input, numbers[i], 0, part, 8, NULL),
            -1);
    }
    forget(&s);
    hexd_buffer_release(&b);
}

static void a_frame_past_the_end_of_the_input_is_truncated(void **state)
{
    static struct shot s;
    struct hexd_buffer b = assemble("", JPEG, COUNT("2") PIXELS("", A B), NULL);
    struct dcm_error e = {0};
    uint8_t part[8];

    (void)state;
    b.size -= 8 + 4; /* the delimiter, and most of frame 2 */
    see_bytes(&s, &b, 0);
    assert_int_equal(s.status, DCM_ERR_TRUNCATED);
    assert_int_equal(dcm_frames_count(s.frames), 2);
    assert_int_equal(dcm_frames_read(s.frames, s.input, 1, 0, part, 8, &e), 6);
    assert_int_equal(dcm_frames_read(s.frames, s.input, 2, 0, part, 8, &e), -1);
    assert_int_equal(e.code, DCM_ERR_TRUNCATED);
    assert_int_equal(e.offset, b.size);
    assert_int_equal(dcm_frames_read(s.frames, s.input, 2, 0, part, 2, &e), 2);
    forget(&s);
    hexd_buffer_release(&b);
}

static void files_can_be_read_again_and_streams_cannot(void **state)
{
    static struct shot s;
    struct hexd_buffer b = assemble("", JPEG, COUNT("2") PIXELS("", A B), NULL);
    struct dribble d = {0};
    struct dcm_error e = {0};
    uint8_t part[8];
    char got[100];
    FILE *file = tmpfile();

    (void)state;
    assert_non_null(file);
    assert_int_equal(fwrite(b.data, 1, b.size, file), b.size);
    rewind(file);
    see(&s, dcm_input_fd(fileno(file), NULL), 0);
    read_frames(&s, 64, got, sizeof got);
    assert_string_equal(got, AB);
    forget(&s);
    fclose(file);

    d.p = b.data;
    d.left = b.size;
    d.most = 7;
    see(&s, dcm_input_callback(dribble, &d, NULL), 0);
    assert_int_equal(dcm_frames_count(s.frames), 2);
    assert_int_equal(dcm_frames_size(s.frames, 2), 6);
    assert_int_equal(dcm_frames_read(s.frames, s.input, 2, 0, part, 8, &e), -1);
    assert_int_equal(e.code, DCM_ERR_UNSUPPORTED);
    forget(&s);
    hexd_buffer_release(&b);
}

static void large_deflated_frames_are_refused(void **state)
{
    static struct shot s;
    struct hexd_buffer b =
        assemble("", TS(".1.99"),
                 DESCRIBED("2", "1", "256", "256",
                           "8") "(7FE0,0010) OB repeat 131072 hex 01\n",
                 NULL);
    struct dcm_error e = {0};
    uint8_t part[8];

    (void)state;
    see_bytes(&s, &b, 0);
    assert_int_equal(s.status, DCM_OK);
    assert_int_equal(dcm_frames_count(s.frames), 2);
    assert_int_equal(dcm_frames_size(s.frames, 2), 65536);
    assert_int_equal(dcm_frames_read(s.frames, s.input, 1, 0, part, 8, &e), -1);
    assert_int_equal(e.code, DCM_ERR_UNSUPPORTED);
    assert_non_null(strstr(e.message, "deflated"));
    forget(&s);
    hexd_buffer_release(&b);
}

/* ------------------------------------------------------------- many frames */

#define MANY 100000u

static void put_item(struct hexd_buffer *b, const void *value, size_t n)
{
    static const uint8_t tag[] = {0xFE, 0xFF, 0x00, 0xE0};

    memcpy(b->data + b->size, tag, 4);
    for (unsigned i = 0; i < 4; i++)
        b->data[b->size + 4 + i] = (uint8_t)(n >> 8 * i);
    memcpy(b->data + b->size + 8, value, n);
    b->size += 8 + n;
}

/* MANY frames, each of two fragments: FFD8 and its number, then FFD9. */
static struct hexd_buffer many(int table)
{
    static const uint8_t start[] = {0xE0, 0x7F, 0x10, 0x00, 'O',  'B',
                                    0,    0,    0xFF, 0xFF, 0xFF, 0xFF};
    static const uint8_t end[] = {0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0};
    struct hexd_buffer b = assemble("", JPEG, COUNT("100000"), NULL);
    uint8_t *offsets = malloc(4 * MANY);

    b.data = realloc(b.data, b.size + 100 + MANY * 30);
    assert_non_null(b.data);
    assert_non_null(offsets);
    memcpy(b.data + b.size, start, sizeof start);
    b.size += sizeof start;
    for (uint32_t i = 0; i < MANY; i++)
        for (unsigned k = 0; k < 4; k++)
            offsets[4 * i + k] = (uint8_t)(i * 24 >> 8 * k);
    put_item(&b, offsets, table ? 4 * MANY : 0);
    for (uint32_t i = 0; i < MANY; i++) {
        uint8_t value[6] = {
            0xFF, 0xD8, (uint8_t)i, (uint8_t)(i >> 8), (uint8_t)(i >> 16), 0};

        put_item(&b, value, 6);
        put_item(&b, "\xFF\xD9", 2);
    }
    memcpy(b.data + b.size, end, sizeof end);
    b.size += sizeof end;
    free(offsets);
    return b;
}

static void a_hundred_thousand_frames_are_found(void **state)
{
    static struct shot s;

    (void)state;
    for (int table = 0; table < 2; table++) {
        struct hexd_buffer b = many(table);

        see_bytes(&s, &b, 1);
        assert_int_equal(s.status, DCM_OK);
        assert_int_equal(dcm_frames_count(s.frames), MANY);
        for (uint32_t n = MANY; n; n--) {
            const uint8_t want[8] = {0xFF,
                                     0xD8,
                                     (uint8_t)(n - 1),
                                     (uint8_t)((n - 1) >> 8),
                                     (uint8_t)((n - 1) >> 16),
                                     0,
                                     0xFF,
                                     0xD9};
            uint8_t got[8];

            if (dcm_frames_read(s.frames, s.input, n, 0, got, 8, NULL) != 8 ||
                memcmp(got, want, 8) != 0)
                fail_msg("frame %u", n);
        }
        forget(&s);
        hexd_buffer_release(&b);
    }
}

/* ---------------------------------------------------------------- the sink */

static void a_sink_starts_anew_with_each_data_set(void **state)
{
    static const struct {
        const char *start, *body;
        uint64_t count;
        enum dcm_status status;
    } files[] = {
        {JPEG, COUNT("2") PIXELS("hex 0000000016000000", A1 A2 B), 2, 0},
        {TS(".5"), COUNT("2") PIXELS("", RLE RLE RLE), 0, DCM_ERR_MALFORMED},
        {JPEG, PIXELS("", A1 A2), 1, 0},
        {EXPLICIT, COUNT("3"), 0, 0},
        {EXPLICIT, SIZE("1", "1", "2", "8") "(7FE0,0010) OB hex 0102\n", 1, 0},
        {EXPLICIT, "(7FE0,0010) OB hex 0102\n", 0, 0},
    };
    struct dcm_frames *frames = dcm_frames_new(NULL);
    struct dcm_reader *reader = dcm_reader_new(NULL);

    (void)state;
    assert_int_equal(dcm_frames_count(frames), 0);
    assert_non_null(dcm_frames_extension(frames));
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct hexd_buffer b =
            assemble("", files[i].start, files[i].body, NULL);
        struct dcm_input *input = dcm_input_memory(b.data, b.size, NULL);

        dcm_reader_open(reader, input);
        assert_int_equal(
            dcm_pump(dcm_reader_source(reader), dcm_frames_sink(frames), NULL),
            files[i].status);
        assert_int_equal(dcm_frames_count(frames), files[i].count);
        dcm_input_free(input);
        hexd_buffer_release(&b);
    }
    dcm_reader_free(reader);
    dcm_frames_free(frames);
    dcm_frames_free(NULL);
}

/* As a reader with keep_all gives them: the first ones count (PS3.5 7.1). */
static void fragments_of_a_repeated_element_are_not_heeded(void **state)
{
    struct hexd_buffer b = assemble(
        "", JPEG, COUNT("2") PIXELS("", A B) PIXELS("", A1 A2 B A), NULL);
    struct dcm_reader_options o = {0};
    struct dcm_frames *frames = dcm_frames_new(NULL);
    struct dcm_input *input = dcm_input_memory(b.data, b.size, NULL);
    struct dcm_reader *reader;
    uint8_t part[8];

    (void)state;
    o.size = sizeof o;
    o.keep_all = 1;
    reader = dcm_reader_new(&o);
    dcm_reader_open(reader, input);
    assert_int_equal(
        dcm_pump(dcm_reader_source(reader), dcm_frames_sink(frames), NULL),
        DCM_OK);
    assert_int_equal(dcm_frames_count(frames), 2);
    assert_int_equal(dcm_frames_read(frames, input, 2, 0, part, 8, NULL), 5);
    dcm_reader_free(reader);
    dcm_input_free(input);
    dcm_frames_free(frames);
    hexd_buffer_release(&b);
}

static void files_of_frames_are_named_by_transfer_syntax(void **state)
{
    static const struct {
        const char *uid, *head, *extension;
    } rows[] = {
        {".4.50", "FFD8FFD9", "jpg"},
        {".4.57", "FFD8FFD9", "jpg"},
        {".4.66", "FFD8FFD9", "jpg"},
        {".4.70", "FFD8FFD9", "jpg"},
        {".4.80", "FFD8FFD9", "jls"},
        {".4.81", "FFD8FFD9", "jls"},
        {".4.90", "FF4FFF51", "j2k"},
        {".4.93", "FF4FFF51", "j2k"},
        {".4.90", "0000000C6A502020", "jp2"},
        {".4.201", "FF4FFF51", "jhc"},
        {".4.203", "FF4FFF51", "jhc"},
        {".4.110", "FF0A", "jxl"},
        {".4.112", "FF0A", "jxl"},
        {".4.100", "000001B3", "mpg"},
        {".4.101.1", "000001B3", "mpg"},
        {".4.102", "00000000", "mp4"},
        {".4.108", "00000000", "mp4"},
        {".5", "0100000040000000", "rle"},
        {".8.1", "0300", "deflate"},
        {".1.98", "0102", "raw"},
        {".1", "FFD8FFD9", "jpg"},
        {".1", "FF4FFF51", "j2k"},
        {".1", "0102", "bin"},
    };
    static struct shot s;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct hexd_buffer b;
        char start[80], body[120];

        snprintf(start, sizeof start, TS("%s"), rows[i].uid);
        snprintf(body, sizeof body, PIXELS("", "item hex %s\n"), rows[i].head);
        b = assemble(rows[i].uid, start, body, NULL);
        see_bytes(&s, &b, 0);
        assert_int_equal(dcm_frames_count(s.frames), 1);
        assert_string_equal(dcm_frames_extension(s.frames), rows[i].extension);
        forget(&s);
        hexd_buffer_release(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cases_of_pixel_data),
        cmocka_unit_test(offset_tables_are_followed_or_left_aside),
        cmocka_unit_test(frames_begin_as_their_codec_says),
        cmocka_unit_test(a_byte_of_padding_is_cut_after_an_end_of_image_alone),
        cmocka_unit_test(number_of_frames_is_taken_if_it_is_one),
        cmocka_unit_test(native_frames_lie_end_to_end),
        cmocka_unit_test(any_part_of_a_frame_can_be_read),
        cmocka_unit_test(a_frame_that_is_not_there_is_an_error),
        cmocka_unit_test(a_frame_past_the_end_of_the_input_is_truncated),
        cmocka_unit_test(files_can_be_read_again_and_streams_cannot),
        cmocka_unit_test(large_deflated_frames_are_refused),
        cmocka_unit_test(a_hundred_thousand_frames_are_found),
        cmocka_unit_test(a_sink_starts_anew_with_each_data_set),
        cmocka_unit_test(fragments_of_a_repeated_element_are_not_heeded),
        cmocka_unit_test(files_of_frames_are_named_by_transfer_syntax),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
