/* libdcm/image_jpeg.c and image_jpeg_markers.c: what follows from the headers
 * of JPEG and JPEG-LS images, written here by hand from ITU-T T.81 and T.87.
 */
#include "image_rows.h"

static void jpeg_headers_give_the_attributes(void **state)
{
    static const struct row rows[] = {
        {"JP01: 4:2:0 is what 422 is called (PS3.5 8.2.1)",
         SOI JFIF "FFC0001108000400050301 2200 021100 031100" SCAN3 EOI,
         YBR_50 " sub", 0},
        {"JP02: so is 4:4:4", SOI JFIF COLOR SCAN3 EOI, YBR_50, 0},
        {"JP03: gray", SOI JFIF GRAY SCAN1 EOI, MONO_50, 0},
        {"sampling factors of one component mean nothing",
         SOI "FFC0000B08000400050101 2200" SCAN1 EOI, MONO_50, 0},
        {"JP04: Adobe's 0 is RGB", SOI ADOBE("00") COLOR SCAN3 EOI, RGB_50, 0},
        {"JP05: Adobe's 1 is YCbCr", SOI ADOBE("01") COLOR SCAN3 EOI, YBR_50,
         0},
        {"JP06: JFIF wins over Adobe", SOI JFIF ADOBE("00") COLOR SCAN3 EOI,
         YBR_50 " +image-color", 0},
        {"Adobe's 2 is of four components", SOI ADOBE("02") COLOR SCAN3 EOI,
         YBR_50 " +image-color", 0},
        {"an APP14 too short for Adobe's says nothing",
         SOI "FFEE000C41646F62650000000000" COLOR SCAN3 EOI, YBR_50, 0},
        {"JP07: components named R, G, B",
         SOI "FFC0001108000400050352 1100 471100 421100"
             "FFDA000C 03 5200 4700 4200 003F00 55" EOI,
         RGB_50, 0},
        {"JFIF wins over names, too",
         SOI JFIF "FFC0001108000400050352 1100 471100 421100"
                  "FFDA000C 03 5200 4700 4200 003F00 55" EOI,
         YBR_50 " +image-color", 0},
        {"JP09: extended, 12 bits", SOI "FFC1000B0C000400050101 1100" SCAN1 EOI,
         "4x5x1 16/12 MONOCHROME2 .51 ISO_10918_1", 0},
        {"extended in color is not in PS3.5 Table 8.2.1-1",
         SOI "FFC1001108000400050301 1100 021100 031100" SCAN3 EOI,
         "4x5x3 8/8 YBR_FULL_422 .51 ISO_10918_1 +image-color", 0},
        {"JP11: progressive, when retired ones are allowed",
         SOI JFIF "FFC2001108000400050301 2200 021100 031100" SCAN3 EOI,
         "4x5x3 8/8 YBR_FULL_422 .55 ISO_10918_1 sub", RETIRED},
        {"JP12: lossless, selection value 1",
         SOI LOSSLESS "FFDA0008010100010000 55" EOI,
         "4x5x1 16/16 MONOCHROME2 .70", 0},
        {"JP13: lossless, another predictor",
         SOI LOSSLESS "FFDA0008010100040000 55" EOI,
         "4x5x1 16/16 MONOCHROME2 .57", 0},
        {"a predictor other than 1 in the last scan only",
         SOI "FFC3001108000400050301 1100 021100 031100"
             "FFDA0008010100010000 55 FFDA0008010200010000 55"
             "FFDA0008010300070000 55" EOI,
         "4x5x3 8/8 RGB .57", 0},
        {"lossless in JFIF is YCbCr, of full size",
         SOI JFIF "FFC3001108000400050301 1100 021100 031100"
                  "FFDA000C 03 0100 0200 0300 010000 55" EOI,
         "4x5x3 8/8 YBR_FULL .70", 0},
        {"a point transform drops bits",
         SOI LOSSLESS "FFDA0008010100010002 55" EOI,
         "4x5x1 16/16 MONOCHROME2 .70 +image-marker", 0},
        {"JP16: the thumbnail's frame header (160x120) lies in APP1",
         SOI EXIF("0017", "FFD8 FFC0000B080078 00A0010111 00") GRAY SCAN1 EOI,
         MONO_50, 0},
        {"FF 00, RSTm and fill bytes are no end of a scan",
         SOI GRAY SCAN1 "FF00 55 FFD0 55 FFFFFFFF" EOI, MONO_50, 0},
        {"fill bytes before any marker (T.81 B.1.1.2)",
         SOI "FFFFFF" GRAY "FF" SCAN1 EOI, MONO_50, 0},
        {"restart interval, comment and tables are passed",
         SOI "FFDD00040002 FFFE0004FFD9 FFDB0003AA" GRAY SCAN1 EOI, MONO_50, 0},
    };

    (void)state;
    TRY(rows);
}

static void jpegs_that_depart_from_the_rules_are_told_of(void **state)
{
    static const struct row rows[] = {
        {"JP17: ten bytes after EOI", SOI GRAY SCAN1 EOI "00112233445566778899",
         MONO_50 " left 10 +image-after-end", 0},
        {"a byte of 0 that makes an odd image even is left, too",
         SOI GRAY "FFDA0008 01 0100 003F00 5555" EOI "00", MONO_50 " left 1",
         0},
        {"FF is as common", SOI GRAY "FFDA0008 01 0100 003F00 5555" EOI "FF",
         MONO_50 " left 1", 0},
        {"no other byte is", SOI GRAY "FFDA0008 01 0100 003F00 5555" EOI "20",
         MONO_50 " left 1 +image-after-end", 0},
        {"nor is a byte after an even image", SOI GRAY SCAN1 EOI "00",
         MONO_50 " left 1 +image-after-end", 0},
        {"two images in one", SOI GRAY SCAN1 EOI SOI GRAY SCAN1 EOI,
         MONO_50 " left 28 +image-after-end", 0},
        {"junk where a marker belongs", SOI "6A756E6B" GRAY SCAN1 EOI,
         MONO_50 " +image-marker", 0},
        {"TEM and RSTm outside of a scan", SOI "FF01FFD3" GRAY SCAN1 EOI,
         MONO_50 " +image-marker +image-marker", 0},
        {"reserved marker: its length is not known",
         SOI "FF4F0002" GRAY SCAN1 EOI, MONO_50 " +image-marker", 0},
        {"EXIF turns it by a quarter, little endian",
         SOI EXIF("0022", "49492A0008000000 0100 120103000100000006000000"
                          "00000000") GRAY SCAN1 EOI,
         MONO_50 " turn6 +image-turned", 0},
        {"the same, big endian, after another tag",
         SOI EXIF("002E", "4D4D002A00000008 0002 010F0002000000010000 0000"
                          "011200030000000100030000 00000000") GRAY SCAN1 EOI,
         MONO_50 " turn3 +image-turned", 0},
        {"EXIF that leaves it as it is",
         SOI EXIF("0022", "49492A0008000000 0100 120103000100000001000000"
                          "00000000") GRAY SCAN1 EOI,
         MONO_50 " turn1", 0},
        {"an orientation that does not exist",
         SOI EXIF("0022", "49492A0008000000 0100 120103000100000009000000"
                          "00000000") GRAY SCAN1 EOI,
         MONO_50, 0},
        {"EXIF whose directory is not there, or passes its end",
         SOI EXIF("0010", "49492A00FFFFFFFF")
             EXIF("0012", "49492A0008000000 FFFF") GRAY SCAN1 EOI,
         MONO_50, 0},
        {"EXIF whose directory is its own next one",
         SOI EXIF("0022", "49492A0008000000 0100 698704000100000008000000"
                          "08000000") GRAY SCAN1 EOI,
         MONO_50, 0},
    };

    (void)state;
    TRY(rows);
}

static void jpegs_that_dicom_has_no_place_for_are_refused(void **state)
{
    static const struct row rows[] = {
        {"JP08: four components",
         SOI ADOBE("02") "FFC0001408000400050401 1100 021100 031100 041100",
         "! not supported: 4 components", 0},
        {"two components", SOI "FFC0000E08000400050201 1100 021100",
         "! not supported: 2 components", 0},
        {"none", SOI "FFC00008080004000500", "! malformed: ", 0},
        {"JP10: baseline has 8 bits", SOI "FFC0000B0C000400050101 1100",
         "! malformed: 12 bits", 0},
        {"extended has 8 or 12", SOI "FFC1000B0A000400050101 1100",
         "! malformed: 10 bits", 0},
        {"lossless has 2 to 16", SOI "FFC3000B11000400050101 1100",
         "! malformed: 17 bits", 0},
        {"JP11: progressive", SOI "FFC2000B08000400050101 1100",
         "! not supported: progressive", 0},
        {"JP14: arithmetic coding", SOI "FFC9000B08000400050101 1100",
         "! not supported: arithmetic", 0},
        {"DHP", SOI "FFDE000B08000400050101 1100",
         "! not supported: hierarchical", 0},
        {"differential frame", SOI "FFC5000B08000400050101 1100",
         "! not supported: hierarchical", 0},
        {"JP15: height 0", SOI "FFC0000B08000000050101 1100",
         "! not supported: the frame header has no height", 0},
        {"DNL", SOI GRAY SCAN1 "FFDC00040004" EOI, "! not supported: DNL", 0},
        {"width 0", SOI "FFC0000B08000400000101 1100", "! malformed: width 0",
         0},
        {"lossless with smaller chroma",
         SOI "FFC3001108000400050301 2200 021100 031100",
         "! not supported: lossless components", 0},
        {"sampling factor 0", SOI "FFC0000B08000400050101 0100",
         "! malformed: sampling", 0},
        {"two components of one name",
         SOI "FFC0001108000400050301 1100 011100 031100",
         "! malformed: two components", 0},
        {"frame header longer than its components ask",
         SOI "FFC0000C08000400050101 110000", "! malformed: frame header", 0},
        {"frame header of two bytes", SOI "FFC000040800",
         "! malformed: frame header", 0},
        {"two frame headers", SOI GRAY GRAY SCAN1 EOI,
         "! malformed: second frame", 0},
        {"no frame header", SOI EOI, "! malformed: no frame", 0},
        {"no scan", SOI GRAY EOI, "! malformed: no scan", 0},
        {"no scan of the third component",
         SOI COLOR "FFDA000A 02 0100 0200 003F00 55" EOI,
         "! malformed: no scan of component 3", 0},
        {"scan before the frame", SOI SCAN1 GRAY EOI,
         "! malformed: scan before", 0},
        {"scan of a component that is not there",
         SOI GRAY "FFDA0008 01 0200 003F00 55" EOI,
         "! malformed: scan of component 2", 0},
        {"scan header longer than its components ask",
         SOI GRAY "FFDA0009 01 0100 003F0000 55" EOI,
         "! malformed: scan header", 0},
        {"scan header of nothing", SOI GRAY "FFDA0002 55" EOI,
         "! malformed: scan header", 0},
        {"scan without data", SOI GRAY "FFDA0008 01 0100 003F00" EOI,
         "! truncated: scan without data", 0},
        {"predictor 0 is for differences",
         SOI LOSSLESS "FFDA0008010100000000 55" EOI, "! malformed: scan with",
         0},
        {"segment of length 1", SOI "FFE1000100", "! malformed: segment", 0},
        {"segment past the end", SOI "FFE1FFFF00", "! truncated: segment", 0},
        {"SOI within an image", SOI SOI GRAY SCAN1 EOI,
         "! malformed: another image", 0},
        {"half a marker after the scan's tables", SOI GRAY "FF",
         "! truncated: ", 0},
    };

    (void)state;
    TRY(rows);
}

/* T.87: NEAR is the first byte after the components of a scan header. */
static void jpeg_ls_is_told_by_near(void **state)
{
    static const struct row rows[] = {
        {"lossless; FF 7F is data, FF 80 would be a marker",
         SOI "FFF7000B0C000400050101 1100 FFDA0008 01 0100 000000 55FF7F" EOI,
         "4x5x1 16/12 MONOCHROME2 .80", 0},
        {"near-lossless, presets in LSE",
         SOI "FFF7000B08000400050101 1100 FFF8000D01 00FF000300070015 0040"
             "FFDA0008 01 0100 020000 55" EOI,
         "4x5x1 8/8 MONOCHROME2 .81 ISO_14495_1", 0},
        {"color by planes, one of them near",
         SOI "FFF7001108000400050301 1100 021100 031100"
             "FFDA0008 01 0100 000000 55 FFDA0008 01 0200 010000 55"
             "FFDA0008 01 0300 000000 55" EOI,
         "4x5x3 8/8 RGB .81 ISO_14495_1", 0},
        {"color by samples",
         SOI "FFF7001102000400050301 1100 021100 031100"
             "FFDA000C 03 0100 0200 0300 000200 55" EOI,
         "4x5x3 8/2 RGB .80", 0},
        {"color transform of an encoder's own",
         SOI "FFE800076D72667801 FFF7001108000400050301 1100 021100 031100"
             "FFDA000C 03 0100 0200 0300 000200 55" EOI,
         "4x5x3 8/8 RGB .80 +image-color", 0},
        {"mapping table: a palette",
         SOI "FFF7000B08000400050101 1100 FFDA0008 01 0101 000000 55" EOI,
         "! not supported: JPEG-LS with a mapping table", 0},
        {"interleave mode 3",
         SOI "FFF7000B08000400050101 1100 FFDA0008 01 0100 000300 55" EOI,
         "! malformed: scan with", 0},
        {"without EOI nobody can tell whether it is whole",
         SOI "FFF7000B08000400050101 1100 FFDA0008 01 0100 000000 55",
         "! truncated: no EOI, and whether", 0},
    };

    (void)state;
    TRY(rows);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(jpeg_headers_give_the_attributes),
        cmocka_unit_test(jpegs_that_depart_from_the_rules_are_told_of),
        cmocka_unit_test(jpegs_that_dicom_has_no_place_for_are_refused),
        cmocka_unit_test(jpeg_ls_is_told_by_near),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
