/* libdcm/image_j2k.c and image_j2k_markers.c: what follows from the headers of
 * JPEG 2000 code streams and JP2 files, written here by hand from ITU-T T.800
 * and T.814.
 */
#include "image_rows.h"

static void jpeg_2000_headers_give_the_attributes(void **state)
{
    static const struct row rows[] = {
        {"reversible 5-3", SIZ1 R53 TILE EOC, J2K_90, 0},
        {"irreversible 9-7", SIZ1 COD("00", "00", "00") TILE EOC,
         "4x5x1 8/8 MONOCHROME2 .91 ISO_15444_1", 0},
        {"signed, 12 bits", SIZ("0029 0000", "0001 8B0101") R53 TILE EOC,
         "4x5x1 16/12 signed MONOCHROME2 .90", 0},
        {"color, reversible transformation",
         SIZ3 COD("01", "00", "01") TILE EOC, "4x5x3 8/8 YBR_RCT .90", 0},
        {"color, irreversible transformation",
         SIZ3 COD("01", "00", "00") TILE EOC,
         "4x5x3 8/8 YBR_ICT .91 ISO_15444_1", 0},
        {"color as it is", SIZ3 R53 TILE EOC, "4x5x3 8/8 RGB .90", 0},
        {"one component of its own kernel (COC)",
         SIZ3 R53 "FF530009 01 00 00040400 00" TILE EOC,
         "4x5x3 8/8 RGB .91 ISO_15444_1", 0},
        {"a tile of its own kernel",
         SIZ1 R53
         "FF90000A 0000 0000001E 00 01" COD("00", "00", "00") "FF93 AABB" EOC,
         "4x5x1 8/8 MONOCHROME2 .91 ISO_15444_1", 0},
        {"the image begins off the grid's origin",
         "FF4F FF51 0029 0000 0000000F 0000000E 0000000A 0000000A 00000014"
         "00000014 00000000 00000000 0001 070101" R53 TILE EOC,
         J2K_90, 0},
        {"CAP with Part 15: high throughput",
         SIZ("0029 4000", "0001 070101") "FF500008 00020000 0000" COD(
             "00", "40", "01") TILE EOC,
         "4x5x1 8/8 MONOCHROME2 .201", 0},
        {"high throughput, irreversible",
         SIZ("0029 4000", "0001 070101") "FF500008 00020000 0020" COD(
             "00", "40", "00") TILE EOC,
         "4x5x1 8/8 MONOCHROME2 .203 ISO_15444_15", 0},
        {"CAP of another part", SIZ1 "FF500008 00040000 0000" R53 TILE EOC,
         J2K_90, 0},
        {"two tile-parts", SIZ1 R53 TILE TILE EOC, J2K_90, 0},
        {"Psot 0: up to EOC; FF 8F is data",
         SIZ1 R53 "FF90000A 0000 00000000 00 01 FF93 AABBFF8FAA" EOC, J2K_90,
         0},
        {"EOC missing", SIZ1 R53 TILE, J2K_90 " +image-marker", 0},
        {"EOC counted in Psot",
         SIZ1 R53 "FF90000A 0000 00000012 00 01 FF93 AABB" EOC,
         J2K_90 " +image-marker", 0},
        {"a byte of padding after EOC", SIZ1 R53 TILE EOC "00",
         J2K_90 " left 1", 0},
        {"EOC counted in Psot, and a byte of padding",
         SIZ1 R53 "FF90000A 0000 00000013 00 01 FF93 AABB" EOC "00",
         J2K_90 " left 1 +image-marker", 0},
        {"bytes after EOC", SIZ1 R53 TILE EOC "AABBCC",
         J2K_90 " left 3 +image-after-end", 0},
        {"more than its tile-part's bytes are there: the next is no marker",
         SIZ1 R53 TILE "CCDD" EOC, J2K_90 " +image-marker", 0},
        {"transformation of one component", SIZ1 COD("01", "00", "01") TILE EOC,
         J2K_90 " +image-color", 0},
        {"JP2 file: the boxes are taken off",
         SIGNATURE FTYP "00000055 6A703263" SIZ1 R53 TILE EOC,
         J2K_90 " from 40", 0},
        {"JP2: lengths 0 and 1, an unknown box before",
         SIGNATURE "00000001 75756964 0000000000000011 AA"
                   "00000000 6A703263" SIZ1 R53 TILE EOC,
         J2K_90 " from 37", 0},
        {"JP2 in sYCC, no component transformation",
         SIGNATURE "00000017 6A703268 0000000F 636F6C72 01 00 00 00000012"
                   "00000000 6A703263" SIZ3 R53 TILE EOC,
         "4x5x3 8/8 YBR_FULL .90 from 43", 0},
    };

    (void)state;
    TRY(rows);
}

static void jpeg_2000_that_cannot_be_is_refused(void **state)
{
    static const struct row rows[] = {
        {"tiles of size 0",
         "FF4FFF51 0029 0000 00000005 00000004 00000000 00000000 00000000"
         "00000000 00000000 00000000 0001 070101",
         "! malformed: image or tiles", 0},
        {"the image begins after its end",
         "FF4FFF51 0029 0000 00000005 00000004 00000005 00000000 00000005"
         "00000004 00000000 00000000 0001 070101",
         "! malformed: image or tiles", 0},
        {"65536 columns",
         "FF4FFF51 0029 0000 00010000 00000004 00000000 00000000 00010000"
         "00000004 00000000 00000000 0001 070101",
         "! not supported: more than 65535", 0},
        {"more tiles than Isot can count",
         "FF4FFF51 0029 0000 00000100 00000100 00000000 00000000 00000001"
         "00000001 00000000 00000000 0001 070101",
         "! malformed: more than 65535 tiles", 0},
        {"four components",
         SIZ("0032 0000", "0004 070101 070101 070101 070101"),
         "! not supported: 4 components", 0},
        {"components of different depth",
         SIZ("002F 0000", "0003 070101 080101 070101"),
         "! not supported: components", 0},
        {"components of different sign",
         SIZ("002F 0000", "0003 070101 870101 070101"),
         "! not supported: components", 0},
        {"smaller components", SIZ("002F 0000", "0003 070101 070202 070202"),
         "! not supported: subsampled", 0},
        {"17 bits", SIZ("0029 0000", "0001 100101"), "! not supported: 17 bits",
         0},
        {"SIZ not as long as its components ask",
         SIZ("0029 0000", "0003 070101"), "! malformed: SIZ", 0},
        {"Part 2", SIZ("0029 8000", "0001 070101"),
         "! not supported: extensions", 0},
        {"no COD", SIZ1 TILE EOC, "! malformed: no COD", 0},
        {"no tile-part", SIZ1 R53 EOC, "! malformed: FFD9", 0},
        {"kernel of Part 2", SIZ1 COD("00", "00", "02"),
         "! not supported: wavelet", 0},
        {"two SIZ", SIZ1 "FF510004 0000", "! malformed: second SIZ", 0},
        {"tile 1 of one tile",
         SIZ1 R53 "FF90000A 0001 00000010 00 01 FF93 AABB" EOC,
         "! malformed: tile-part", 0},
        {"tile-part shorter than its header",
         SIZ1 R53 "FF90000A 0000 0000000D 00 01 FF93 AABB" EOC,
         "! malformed: tile-part", 0},
        {"tile-part past the end",
         SIZ1 R53 "FF90000A 0000 00000013 00 01 FF93 AABB" EOC,
         "! truncated: a tile-part", 0},
        {"tiles of different colors",
         SIZ3 COD("01", "00", "01") "FF90000A 0000 0000001E 00 01" COD(
             "00", "00", "01") "FF93 AABB" EOC,
         "! not supported: tiles with", 0},
        {"JP2 without a code stream", SIGNATURE FTYP,
         "! malformed: JP2 file without", 0},
        {"a box shorter than its header", SIGNATURE "00000004 6A703268",
         "! malformed: box", 0},
        {"a box length that wraps",
         SIGNATURE "00000001 6A703268 FFFFFFFFFFFFFFF8", "! truncated: a box",
         0},
        {"a palette",
         SIGNATURE "00000012 6A703268 0000000A 70636C72 0000"
                   "00000000 6A703263" SIZ1 R53 TILE EOC,
         "! not supported: JP2 file with a palette", 0},
    };

    (void)state;
    TRY(rows);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(jpeg_2000_headers_give_the_attributes),
        cmocka_unit_test(jpeg_2000_that_cannot_be_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
