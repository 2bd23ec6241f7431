/* The dictionary against its own text files (every row must be found again)
 * and against rows written down here from PS3.5, PS3.6 and PS3.7. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "libdcm/dict.h"
#include "libdcm/vr.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define COLUMNS 6

/* ------------------------------------------------------ the text files */

struct table {
    FILE *file;
    size_t columns;
    char line[1024];
    char *cell[COLUMNS];
};

/* dict/<name> below the source folder; a missing file is a failure. */
static void table_open(struct table *t, const char *name, size_t columns)
{
    const char *top = getenv("srcdir");
    char path[4096];

    snprintf(path, sizeof path, "%s/dict/%s", top ? top : ".", name);
    t->file = fopen(path, "r");
    if (!t->file)
        fail_msg("cannot open %s", path);
    t->columns = columns;
    assert_non_null(fgets(t->line, sizeof t->line, t->file));
    assert_int_equal(t->line[0], '#');
}

/* The next row in cells, 0 at the end. */
static int table_next(struct table *t)
{
    char *p = t->line;
    size_t i;

    if (!fgets(t->line, sizeof t->line, t->file)) {
        fclose(t->file);
        return 0;
    }
    assert_non_null(strchr(p, '\n'));
    *strchr(p, '\n') = 0;
    for (i = 0; i < t->columns; i++) {
        t->cell[i] = p;
        p += strcspn(p, "\t");
        assert_int_equal(*p, i + 1 < t->columns ? '\t' : 0);
        *p++ = 0;
    }
    return 1;
}

/* A tag of the files as a number, every x as the digit given. */
static uint32_t tag_with(const char *text, char digit)
{
    char copy[9];
    size_t i;

    assert_int_equal(strlen(text), 8);
    memcpy(copy, text, sizeof copy);
    for (i = 0; i < 8; i++)
        if (copy[i] == 'x')
            copy[i] = digit;
    return (uint32_t)strtoul(copy, NULL, 16);
}

/* "US/SS" -> US, SS, 0; NONE -> 0, 0, 0. Returns how many. */
static int parse_vrs(const char *text, uint16_t vrs[3])
{
    int n = 0;

    memset(vrs, 0, 3 * sizeof *vrs);
    if (strcmp(text, "NONE") == 0)
        return 0;
    for (;; text += 3) {
        vrs[n++] = DCM_VR(text[0], text[1]);
        if (text[2] == 0)
            return n;
    }
}

static void assert_row(const struct dcm_attribute *row, char *const cell[])
{
    uint16_t vrs[3];

    assert_int_equal(row->tag, tag_with(cell[0], '0'));
    parse_vrs(cell[1], vrs);
    assert_memory_equal(row->vrs, vrs, sizeof vrs);
    assert_string_equal(row->vm, cell[2]);
    assert_string_equal(row->keyword, cell[3]);
    assert_string_equal(row->name, cell[4]);
    assert_int_equal(row->retired, cell[5][0] != 0);
}

static void every_element_is_found_by_tag_and_by_keyword(void **state)
{
    struct table t;
    struct dcm_attribute row;
    unsigned rows = 0, unnamed = 0;

    (void)state;
    table_open(&t, "elements.tsv", 6);
    while (table_next(&t)) {
        /* 4: an even group, and no tag that has an exact row as well */
        uint32_t tag = tag_with(t.cell[0], '4');
        uint16_t want[3], vrs[3] = {0};

        rows++;
        if (!dcm_attribute_find(tag, &row))
            fail_msg("%08X is not found", (unsigned)tag);
        assert_row(&row, t.cell);
        assert_int_equal(dcm_dict_vrs(tag, vrs), parse_vrs(t.cell[1], want));
        assert_memory_equal(vrs, want, sizeof want);
        if (t.cell[3][0] == 0) {
            unnamed++;
            continue;
        }
        if (!dcm_attribute_find_keyword(t.cell[3], strlen(t.cell[3]), &row))
            fail_msg("%s is not found", t.cell[3]);
        assert_row(&row, t.cell);
    }
    /* PS3.6 2026d: 5268 + 22 + 19 + 1 rows, PS3.7: 46; 7 have no keyword */
    assert_int_equal(rows, 5356);
    assert_int_equal(unnamed, 7);
}

static void every_private_element_is_found_by_creator_and_tag(void **state)
{
    struct table t;
    struct dcm_attribute row;
    unsigned rows = 0;

    (void)state;
    table_open(&t, "private.tsv", 5);
    while (table_next(&t)) {
        /* 7: an odd group; no row is fixed to block 77 */
        uint32_t tag = tag_with(t.cell[1], '7');
        uint16_t want[3];

        rows++;
        if (!dcm_attribute_find_private(t.cell[0], strlen(t.cell[0]), tag,
                                        &row))
            fail_msg("%s %s is not found", t.cell[0], t.cell[1]);
        parse_vrs(t.cell[2], want);
        assert_int_equal(row.tag, tag_with(t.cell[1], '0'));
        assert_memory_equal(row.vrs, want, sizeof want);
        assert_string_equal(row.vm, t.cell[3]);
        assert_string_equal(row.name, t.cell[4]);
        assert_string_equal(row.keyword, "");
    }
    assert_in_range(rows, 10000, 20000);
}

static unsigned check_uids(const char *name)
{
    struct table t;
    struct dcm_uid row;
    unsigned rows = 0;

    table_open(&t, name, 5);
    while (table_next(&t)) {
        rows++;
        if (!dcm_uid_find(t.cell[0], strlen(t.cell[0]), &row))
            fail_msg("%s is not found", t.cell[0]);
        assert_string_equal(row.uid, t.cell[0]);
        assert_string_equal(row.keyword, t.cell[1]);
        assert_string_equal(row.name, t.cell[2]);
        assert_string_equal(row.type, t.cell[3]);
        assert_int_equal(row.retired, t.cell[4][0] != 0);
        if (t.cell[1][0] == 0)
            continue;
        if (!dcm_uid_find_keyword(t.cell[1], strlen(t.cell[1]), &row))
            fail_msg("%s is not found", t.cell[1]);
        assert_string_equal(row.uid, t.cell[0]);
    }
    return rows;
}

static void every_uid_is_found_by_text_and_by_keyword(void **state)
{
    (void)state;
    assert_int_equal(check_uids("uids.tsv"), 468 + 28); /* */
    assert_true(check_uids("uids-extra.tsv") > 1000);
}

/* ---------------------------------------------------------- public rows */

static void tags_give_the_rows_of_the_standard(void **state)
{
    static const struct {
        const char *why;
        uint32_t tag;
        const char *keyword, *vm;
        uint16_t vrs[3];
        int retired;
    } rows[] = {
        {"the commonest", 0x00100010, "PatientName", "1", {VR_PN}, 0},
        {"first of the table", 0, "CommandGroupLength", "1", {VR_UL}, 0},
        {"last but the items",
         0xFFFCFFFC,
         "DataSetTrailingPadding",
         "1",
         {VR_OB},
         0},
        {"retired", 0x00080001, "LengthToEnd", "1", {VR_UL}, 1},
        {"keyword in small letters", 0x00181318, "dBdt", "1", {VR_DS}, 0},
        {"tag that reads as 40e12", 0x0040E012, "DisplayURI", "1", {VR_UR}, 0},
        {"tag that reads as 300e2",
         0x300E0002,
         "ApprovalStatus",
         "1",
         {VR_CS},
         0},
        {"two VRs",
         0x00280106,
         "SmallestImagePixelValue",
         "1",
         {VR_US, VR_SS},
         0},
        {"three VRs, VM with a word",
         0x00281200,
         "GrayLookupTableData",
         "1-n or 1",
         {VR_US, VR_SS, VR_OW},
         1},
        {"item: no VR", 0xFFFEE000, "Item", "1", {0}, 0},
        {"row without a name", 0x00280020, "", "", {0}, 1},
        {"first overlay", 0x60003000, "OverlayData", "1", {VR_OB, VR_OW}, 0},
        {"last overlay", 0x601E0010, "OverlayRows", "1", {VR_US}, 0},
        {"curve", 0x50020010, "NumberOfPoints", "1", {VR_US}, 1},
        {"exact before 7Fxx", 0x7FE00010, "PixelData", "1", {VR_OB, VR_OW}, 0},
        {"7Fxx", 0x7F020010, "VariablePixelData", "1", {VR_OB, VR_OW}, 1},
        {"exact before 04x0", 0x00280400, "TransformLabel", "1", {VR_LO}, 1},
        {"04x0", 0x00280450, "RowsForNthOrderCoefficients", "1", {VR_US}, 1},
        {"every digit counts", 0x002031FF, "SourceImageIDs", "1-n", {VR_CS}, 1},
        {"whole group", 0x1010ABCD, "ZonalMap", "1-n", {VR_US}, 1},
        {"group length with a row",
         0x00020000,
         "FileMetaInformationGroupLength",
         "1",
         {VR_UL},
         0},
    };
    struct dcm_attribute row;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        if (!dcm_attribute_find(rows[i].tag, &row) ||
            strcmp(row.keyword, rows[i].keyword) != 0)
            fail_msg("%s: %08X", rows[i].why, (unsigned)rows[i].tag);
        assert_string_equal(row.vm, rows[i].vm);
        assert_memory_equal(row.vrs, rows[i].vrs, sizeof row.vrs);
        assert_int_equal(row.retired, rows[i].retired);
    }
}

static void group_lengths_and_creators_follow_from_rules(void **state)
{
    static const struct {
        const char *why;
        uint32_t tag;
        const char *name; /* NULL: not found */
        uint16_t vr;
    } rows[] = {
        {"group length (PS3.5 7.2)", 0x00080000, "Group Length", VR_UL},
        {"of a group without rows", 0x12340000, "Group Length", VR_UL},
        {"before the pattern 1010,xxxx", 0x10100000, "Group Length", VR_UL},
        {"before the pattern 1000,xxx0", 0x10000000, "Group Length", VR_UL},
        {"of an overlay", 0x60020000, "Group Length", VR_UL},
        {"none in a private group", 0x00090000, NULL, 0},
        {"first creator (7.8.1)", 0x00090010, "Private Creator", VR_LO},
        {"last creator", 0x7FE100FF, "Private Creator", VR_LO},
        {"below the creators", 0x0009000F, NULL, 0},
        {"above the creators", 0x00090100, NULL, 0},
        {"private data", 0x00091001, NULL, 0},
        {"odd overlay group is private", 0x60013000, NULL, 0},
        {"odd curve group is private", 0x50013000, NULL, 0},
        {"odd 7Fxx is private", 0x7FE11010, NULL, 0},
        {"not in the standard", 0x00100019, NULL, 0},
        {"beside an overlay row", 0x60003001, NULL, 0},
        {"04x4 is no pattern", 0x00280454, NULL, 0},
        {"end of the tags", 0xFFFFFFFF, NULL, 0},
    };
    struct dcm_attribute row;
    uint16_t vrs[3];
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        int found = dcm_attribute_find(rows[i].tag, &row);

        if (found != (rows[i].name != NULL))
            fail_msg("%s: %08X", rows[i].why, (unsigned)rows[i].tag);
        assert_int_equal(dcm_dict_vrs(rows[i].tag, vrs), found);
        if (!found)
            continue;
        assert_int_equal(row.tag, rows[i].tag);
        assert_string_equal(row.name, rows[i].name);
        assert_string_equal(row.keyword, "");
        assert_string_equal(row.vm, "1");
        assert_int_equal(row.vrs[0], rows[i].vr);
        assert_int_equal(vrs[0], rows[i].vr);
        assert_int_equal(row.vrs[1], 0);
    }
}

static void keywords_are_exact(void **state)
{
    static const struct {
        const char *why, *text;
        size_t length;
    } rows[] = {
        {"nothing (seven rows have no keyword)", "", 0},
        {"one letter short", "PatientNam", 10},
        {"one letter more", "PatientNames", 12},
        {"another case", "patientname", 11},
        {"a space behind", "PatientName ", 12},
        {"a NUL counts", "PatientName\0", 12},
        {"a name", "Patient's Name", 14},
        {"after the last", "zzz", 3},
        {"before the first", "!", 1},
        {"the keyword of a UID", "CTImageStorage", 14},
    };
    struct dcm_attribute row;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++)
        if (dcm_attribute_find_keyword(rows[i].text, rows[i].length, &row))
            fail_msg("%s: %s", rows[i].why, rows[i].text);
    /* The length counts, not a terminator. */
    assert_true(dcm_attribute_find_keyword("PatientName^", 11, &row));
    assert_int_equal(row.tag, 0x00100010);
}

static void names_keep_their_bytes(void **state)
{
    struct dcm_attribute row;

    (void)state;
    assert_true(dcm_attribute_find(0x00181153, &row)); /* U+00B5 */
    assert_string_equal(row.name, "Exposure in \xC2\xB5"
                                  "As");
    assert_true(dcm_attribute_find(0x00281055, &row));
    assert_string_equal(row.name, "Window Center & Width Explanation");
    assert_true(dcm_attribute_find_private("GEMS_IDEN_01", 12, 0x000911E2,
                                           &row)); /* a backslash */
    assert_string_equal(row.name, "Image Type (ORIGINAL\\PROSPECTIVE ...)");
}

/* ---------------------------------------------------------- private rows */

static void private_rows_are_found_by_the_exact_creator(void **state)
{
    static const struct {
        const char *why, *creator;
        uint32_t tag;
        const char *name; /* NULL: not found */
        uint16_t vr;
    } rows[] = {
        {"any block", "SIEMENS CSA HEADER", 0x00291010, "CSA Image Header Info",
         VR_OB},
        {"another block", "SIEMENS CSA HEADER", 0x0029FF10,
         "CSA Image Header Info", VR_OB},
        {"another group", "SIEMENS CSA HEADER", 0x00311010, NULL, 0},
        {"block 0F is not for data", "SIEMENS CSA HEADER", 0x00290F10, NULL, 0},
        {"block 00 is not for data", "SIEMENS CSA HEADER", 0x00290010, NULL, 0},
        {"an even group is public", "SIEMENS CSA HEADER", 0x00281010, NULL, 0},
        {"case counts, upper", "SPI RELEASE 1", 0x00111020, "Pregnancy", VR_CS},
        {"case counts, lower", "SPI Release 1", 0x00111020, "Pregnancy", VR_LO},
        {"case counts, neither", "spi release 1", 0x00111020, NULL, 0},
        {"two spaces", "SIEMENS CM VA0  CMS", 0x00091010, "Storage Mode",
         VR_CS},
        {"one space is another", "SIEMENS CM VA0 CMS", 0x00091010, NULL, 0},
        {"fixed row before its pattern", "PHILIPS MR/PART", 0x00191100,
         "NumberOfStacks", VR_IS},
        {"fixed row of the next block", "PHILIPS MR/PART", 0x00191000,
         "FieldOfView", VR_DS},
        {"pattern where no row is fixed", "PHILIPS MR/PART", 0x00191300,
         "Field of View", VR_DS},
        {"any odd group", "DLX_ANNOT_01", 0x70011004, "Text_annotation", VR_ST},
        {"any odd group and block", "DLX_ANNOT_01", 0x70FFEE04,
         "Text_annotation", VR_ST},
        {"not an even group", "DLX_ANNOT_01", 0x70021004, NULL, 0},
        {"65 characters, over LO",
         "http://www.gemedicalsystems.com/it_solutions/bamwallthickness/1.0",
         0x31191010, "BAM WallThickness Session Date/Time", VR_DT},
        {"no such creator", "NOBODY", 0x00091001, NULL, 0},
        {"nothing", "", 0x00091001, NULL, 0},
    };
    struct dcm_attribute row;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        const char *creator = rows[i].creator;
        int found = dcm_attribute_find_private(creator, strlen(creator),
                                               rows[i].tag, &row);

        if (found != (rows[i].name != NULL))
            fail_msg("%s: %s %08X", rows[i].why, creator,
                     (unsigned)rows[i].tag);
        if (!found)
            continue;
        assert_string_equal(row.name, rows[i].name);
        assert_int_equal(row.vrs[0], rows[i].vr);
        assert_string_equal(row.keyword, "");
        assert_int_equal(row.retired, 0);
    }
}

/* ------------------------------------------------------------------ tags */

static void tags_are_read_in_four_forms(void **state)
{
    static const struct {
        const char *why, *text;
        uint32_t tag;
    } rows[] = {
        {"keyword", "PatientName", 0x00100010},
        {"digits", "00100010", 0x00100010},
        {"small digits", "7fe00010", 0x7FE00010},
        {"capital digits", "7FE00010", 0x7FE00010},
        {"looks like a number with an exponent", "0040e012", 0x0040E012},
        {"pair", "0010,0010", 0x00100010},
        {"pair in parentheses", "(0010,0010)", 0x00100010},
        {"pair with letters", "(fffe,E00D)", 0xFFFEE00D},
        {"private", "00091001", 0x00091001},
        {"highest", "FFFFFFFF", 0xFFFFFFFF},
        {"keyword of a repeating group", "OverlayData", 0x60003000},
        {"keyword of a retired row", "LengthToEnd", 0x00080001},
        {"keyword in small letters", "dBdt", 0x00181318},
    };
    uint32_t tag;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        tag = 0xDEADBEEF;
        if (!dcm_tag_parse(rows[i].text, strlen(rows[i].text), &tag) ||
            tag != rows[i].tag)
            fail_msg("%s: %s gives %08X", rows[i].why, rows[i].text,
                     (unsigned)tag);
    }
}

static void other_forms_are_no_tags(void **state)
{
    static const struct {
        const char *why, *text;
        size_t length;
    } rows[] = {
        {"nothing", "", 0},
        {"seven digits", "0010001", 7},
        {"nine digits", "001000100", 9},
        {"no digit", "0010001G", 8},
        {"sign", "+0100010", 8},
        {"prefix", "0x100010", 8},
        {"long prefix", "0x00100010", 10},
        {"space before", " 00100010", 9},
        {"space behind", "00100010 ", 9},
        {"NUL inside", "0010\00010", 8},
        {"short pair", "0010,001", 8},
        {"long pair", "0010,00100", 10},
        {"other divider", "0010;0010", 9},
        {"space for a comma", "0010 0010", 9},
        {"comma too early", "001,00010", 9},
        {"space in the pair", "(0010, 0010)", 12},
        {"not closed", "(0010,0010", 10},
        {"not opened", "0010,0010)", 10},
        {"closed by another", "(0010,0010]", 11},
        {"digits in parentheses", "(00100010)", 10},
        {"only parentheses", "()", 2},
        {"pattern", "60xx3000", 8},
        {"keyword in another case", "PATIENTNAME", 11},
        {"keyword with a line feed", "PatientName\n", 12},
        {"no keyword", "PatientNom", 10},
        {"(0028,04x0), whose first tag is another row's",
         "RowsForNthOrderCoefficients", 27},
        {"(1010,xxxx), whose first tag is a group length", "ZonalMap", 8},
    };
    uint32_t tag;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++)
        if (dcm_tag_parse(rows[i].text, rows[i].length, &tag))
            fail_msg("%s: %s", rows[i].why, rows[i].text);
}

/* ------------------------------------------------------------------ UIDs */

static void uids_of_the_standard_are_known(void **state)
{
    static const struct {
        const char *why, *uid, *keyword, *name, *type;
        int retired;
    } rows[] = {
        {"shortest", "1.2.840.10008.1.2", "ImplicitVRLittleEndian",
         "Implicit VR Little Endian: Default Transfer Syntax for DICOM",
         "Transfer Syntax", 0},
        {"retired", "1.2.840.10008.1.2.2", "ExplicitVRBigEndian",
         "Explicit VR Big Endian", "Transfer Syntax", 1},
        {"begins another", "1.2.840.10008.5.1.4.1.1.2", "CTImageStorage",
         "CT Image Storage", "SOP Class", 0},
        {"keyword in small letters", "1.2.840.10008.15.0.3.1",
         "dicomDeviceName", "dicomDeviceName", "LDAP OID", 0},
        {"coding scheme", "1.2.840.10008.2.16.4", "DCM",
         "DICOM Controlled Terminology", "Coding Scheme", 0},
        {"context group", "1.2.840.10008.6.1.19", "",
         "CID 29 Acquisition Modality", "Context Group", 0},
        {"of a vendor", "1.3.12.2.1107.5.9.1", "",
         "Private Siemens CSA Non Image Storage", "Private SOP Class", 0},
    };
    struct dcm_uid row;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        if (!dcm_uid_find(rows[i].uid, strlen(rows[i].uid), &row))
            fail_msg("%s: %s", rows[i].why, rows[i].uid);
        assert_string_equal(row.uid, rows[i].uid);
        assert_string_equal(row.keyword, rows[i].keyword);
        assert_string_equal(row.name, rows[i].name);
        assert_string_equal(row.type, rows[i].type);
        assert_int_equal(row.retired, rows[i].retired);
    }
}

static void other_uids_are_unknown(void **state)
{
    static const char *const uids[] = {"",
                                       "1",
                                       "1.2.840.10008.1.2.",
                                       "1.2.840.10008.1.2.3.4",
                                       "9",
                                       "1.2.840.10008.1.2 ",
                                       "01.2.840.10008.1.2",
                                       "CTImageStorage"};
    struct dcm_uid row;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(uids); i++)
        if (dcm_uid_find(uids[i], strlen(uids[i]), &row))
            fail_msg("%s", uids[i]);
    /* Padding is data here, and so is what follows the length. */
    assert_false(dcm_uid_find("1.2.840.10008.1.2\0", 18, &row));
    assert_true(dcm_uid_find("1.2.840.10008.1.2.1", 17, &row));
    assert_string_equal(row.keyword, "ImplicitVRLittleEndian");
    assert_false(dcm_uid_find_keyword("", 0, &row));
    assert_false(dcm_uid_find_keyword("ctimagestorage", 14, &row));
    assert_false(dcm_uid_find_keyword("PatientName", 11, &row));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_element_is_found_by_tag_and_by_keyword),
        cmocka_unit_test(every_private_element_is_found_by_creator_and_tag),
        cmocka_unit_test(every_uid_is_found_by_text_and_by_keyword),
        cmocka_unit_test(tags_give_the_rows_of_the_standard),
        cmocka_unit_test(group_lengths_and_creators_follow_from_rules),
        cmocka_unit_test(keywords_are_exact),
        cmocka_unit_test(names_keep_their_bytes),
        cmocka_unit_test(private_rows_are_found_by_the_exact_creator),
        cmocka_unit_test(tags_are_read_in_four_forms),
        cmocka_unit_test(other_forms_are_no_tags),
        cmocka_unit_test(uids_of_the_standard_are_known),
        cmocka_unit_test(other_uids_are_unknown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
