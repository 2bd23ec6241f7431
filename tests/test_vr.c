/* The table of VRs against PS3.5 6.2, 7.1.2 and 7.3 and PS3.18 F.2.2, and the
 * table of transfer syntaxes against PS3.5 Annex A and PS3.6 Table A-1. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "libdcm/dict.h"
#include "libdcm/syntax.h"
#include "libdcm/vr.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const char all_vrs[] =
    "AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OV OW PN SH SL SQ SS ST "
    "SV TM UC UI UL UN UR US UT UV";

/* Is the VR one of a list such as "OB OW"? */
static int is_in(const char *list, uint16_t code)
{
    for (;; list += 3) {
        if (DCM_VR(list[0], list[1]) == code)
            return 1;
        if (list[2] == 0)
            return 0;
    }
}

static void the_34_vrs_are_known_and_no_others(void **state)
{
    unsigned code, known = 0;

    (void)state;
    for (code = 0; code <= 0xFFFF; code++) {
        const struct dcm_vr *vr = dcm_vr_find((uint16_t)code);

        if ((vr != NULL) != is_in(all_vrs, (uint16_t)code))
            fail_msg("VR %04X", code);
        if (!vr)
            continue;
        assert_int_equal(vr->code, code);
        known++;
    }
    assert_int_equal(known, 34);
}

/* The lists are printed in the standard in just this way. */
static void every_flag_has_the_vrs_that_the_standard_lists(void **state)
{
    static const struct {
        const char *why, *vrs;
        unsigned flag;
    } rows[] = {
        {"32-bit length: PS3.5 Table 7.1-1",
         "OB OD OF OL OV OW SQ SV UC UN UR UT UV", DCM_VRF_LONG},
        {"undefined length: 7.1.1, 7.5, A.4", "OB OW SQ UN", DCM_VRF_UNDEFINED},
        {"Specific Character Set: 6.1.2.2", "LO LT PN SH ST UC UT",
         DCM_VRF_CHARSET},
        {"backslash divides: 6.2, 6.4",
         "AE AS CS DA DS DT IS LO PN SH TM UC UI", DCM_VRF_MULTI},
        {"leading spaces go", "AE AS CS DA DS DT IS TM UI UR",
         DCM_VRF_TRIM_LEFT},
        {"TAB LF FF CR: 6.1.3, Table 6.2-1", "LT ST UT", DCM_VRF_CONTROL},
        {"BulkDataURI: PS3.18 F.2.2",
         "DS FL FD IS LT OB OD OF OL OV OW SL SS ST SV UC UL UN US UT UV",
         DCM_VRF_BULK},
    };
    const char *p;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        for (p = all_vrs;; p += 3) {
            const struct dcm_vr *vr = dcm_vr_find(DCM_VR(p[0], p[1]));

            if (((vr->flags & rows[i].flag) != 0) !=
                is_in(rows[i].vrs, vr->code))
                fail_msg("%s: %.2s", rows[i].why, p);
            if (p[2] == 0)
                break;
        }
    }
}

static void kinds_units_and_lengths_follow_table_6_2_1(void **state)
{
    static const struct {
        const char *why, *vrs;
        enum dcm_vr_kind kind;
        unsigned unit, swap;
        char pad;
        uint32_t max;
    } rows[] = {
        {"short text", "AE CS DS SH", DCM_KIND_TEXT, 1, 1, ' ', 16},
        {"age", "AS", DCM_KIND_TEXT, 1, 1, ' ', 4},
        {"date", "DA", DCM_KIND_TEXT, 1, 1, ' ', 8},
        {"date and time", "DT", DCM_KIND_TEXT, 1, 1, ' ', 26},
        {"integer text", "IS", DCM_KIND_TEXT, 1, 1, ' ', 12},
        {"PN counts a component group", "LO PN", DCM_KIND_TEXT, 1, 1, ' ', 64},
        {"long text", "LT", DCM_KIND_TEXT, 1, 1, ' ', 10240},
        {"short long text", "ST", DCM_KIND_TEXT, 1, 1, ' ', 1024},
        {"time", "TM", DCM_KIND_TEXT, 1, 1, ' ', 14},
        {"unlimited text", "UC UR UT", DCM_KIND_TEXT, 1, 1, ' ', 0xFFFFFFFE},
        {"UID: padded with NUL (6.2)", "UI", DCM_KIND_TEXT, 1, 1, 0, 64},
        {"tag: two words that swap each (7.3)", "AT", DCM_KIND_TAG, 4, 2, 0, 4},
        {"2 bytes", "SS US", DCM_KIND_NUMBER, 2, 2, 0, 2},
        {"4 bytes", "FL SL UL", DCM_KIND_NUMBER, 4, 4, 0, 4},
        {"8 bytes", "FD SV UV", DCM_KIND_NUMBER, 8, 8, 0, 8},
        {"bytes never swap (7.3)", "OB UN", DCM_KIND_BYTES, 1, 1, 0, 0},
        {"words", "OW", DCM_KIND_BYTES, 2, 2, 0, 0},
        {"4-byte words", "OF OL", DCM_KIND_BYTES, 4, 4, 0, 0xFFFFFFFC},
        {"8-byte words", "OD OV", DCM_KIND_BYTES, 8, 8, 0, 0xFFFFFFF8},
        {"sequence", "SQ", DCM_KIND_SEQ, 1, 1, 0, 0},
    };
    size_t i, checked = 0;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        const char *p = rows[i].vrs;

        for (;; p += 3) {
            const struct dcm_vr *vr = dcm_vr_find(DCM_VR(p[0], p[1]));

            if (vr->kind != rows[i].kind || vr->unit != rows[i].unit ||
                vr->swap != rows[i].swap || vr->pad != rows[i].pad ||
                vr->max != rows[i].max)
                fail_msg("%s: %.2s", rows[i].why, p);
            checked++;
            if (p[2] == 0)
                break;
        }
    }
    assert_int_equal(checked, 34);
}

static void transfer_syntaxes_have_the_form_of_annex_a(void **state)
{
    enum {
        FRAMES = DCM_TS_ENCAPSULATED | DCM_TS_ONE_FRAGMENT,
        PIECES = DCM_TS_ENCAPSULATED,
        VIDEO = DCM_TS_ENCAPSULATED | DCM_TS_VIDEO
    };
    static const struct {
        const char *why, *uid;
        unsigned flags;
    } rows[] = {
        {"A.1", "1.2.840.10008.1.2", DCM_TS_IMPLICIT},
        {"A.2", "1.2.840.10008.1.2.1", 0},
        {"A.3", "1.2.840.10008.1.2.2", DCM_TS_BIG_ENDIAN},
        {"A.4.11: bytes in fragments", "1.2.840.10008.1.2.1.98", FRAMES},
        {"A.5", "1.2.840.10008.1.2.1.99", DCM_TS_DEFLATED},
        {"A.4.1", "1.2.840.10008.1.2.4.50", PIECES},
        {"A.4.1, the last of the retired", "1.2.840.10008.1.2.4.66", PIECES},
        {"A.4.2: one fragment a frame", "1.2.840.10008.1.2.5", FRAMES},
        {"A.4.3", "1.2.840.10008.1.2.4.81", PIECES},
        {"A.4.4", "1.2.840.10008.1.2.4.90", PIECES},
        {"A.4.5: all fragments one stream", "1.2.840.10008.1.2.4.100", VIDEO},
        {"one digit more", "1.2.840.10008.1.2.4.100.1", VIDEO},
        {"HEVC", "1.2.840.10008.1.2.4.108", VIDEO},
        {"HTJ2K", "1.2.840.10008.1.2.4.203", FRAMES},
        {"A.6: JPIP has no pixels", "1.2.840.10008.1.2.4.94", 0},
        {"A.7: and deflated", "1.2.840.10008.1.2.4.95", DCM_TS_DEFLATED},
        {"JPIP HTJ2K deflated", "1.2.840.10008.1.2.4.205", DCM_TS_DEFLATED},
        {"frames, not the data set", "1.2.840.10008.1.2.8.1", FRAMES},
        {"Papyrus", "1.2.840.10008.1.20", DCM_TS_IMPLICIT},
        {"GE", "1.2.840.113619.5.2", DCM_TS_IMPLICIT | DCM_TS_PIXELS_BIG},
    };
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        const struct dcm_syntax *s =
            dcm_syntax_find(rows[i].uid, strlen(rows[i].uid));

        if (!s || s->flags != rows[i].flags)
            fail_msg("%s: %s", rows[i].why, rows[i].uid);
        assert_string_equal(s->uid, rows[i].uid);
    }
}

static void other_uids_are_no_transfer_syntaxes(void **state)
{
    static const struct {
        const char *why, *uid;
    } rows[] = {
        {"nothing", ""},
        {"cut", "1.2.840.10008.1"},
        {"SOP class", "1.2.840.10008.5.1.4.1.1.2"},
        {"not a file: MIME", "1.2.840.10008.1.2.6.1"},
        {"not a file: XML", "1.2.840.10008.1.2.6.2"},
        {"not a file: SMPTE", "1.2.840.10008.1.2.7.1"},
        {"not given out", "1.2.840.10008.1.2.4.67"},
        {"padded", "1.2.840.10008.1.2 "},
        {"far too long", "1.2.840.10008.1.2.4.100.1.1.1.1.1.1.1.1.1.1.1.1.1"},
    };
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++)
        if (dcm_syntax_find(rows[i].uid, strlen(rows[i].uid)))
            fail_msg("%s: %s", rows[i].why, rows[i].uid);
}

/* Every transfer syntax of the dictionary but those that no file is in. */
static void every_transfer_syntax_of_ps3_6_is_known(void **state)
{
    const char *top = getenv("srcdir");
    char path[4096], line[1024];
    unsigned rows = 0, unknown = 0;
    FILE *file;

    (void)state;
    snprintf(path, sizeof path, "%s/dict/uids.tsv", top ? top : ".");
    file = fopen(path, "r");
    if (!file)
        fail_msg("cannot open %s", path);
    while (fgets(line, sizeof line, file)) {
        size_t n = strcspn(line, "\t");

        if (!strstr(line, "\tTransfer Syntax\t"))
            continue;
        rows++;
        if (dcm_syntax_find(line, n))
            continue;
        unknown++;
        if (strncmp(line, "1.2.840.10008.1.2.6.", 20) != 0 &&
            strncmp(line, "1.2.840.10008.1.2.7.", 20) != 0)
            fail_msg("%.*s is not known", (int)n, line);
    }
    fclose(file);
    assert_int_equal(rows, 63);
    assert_int_equal(unknown, 5);
}

/* A VR that the dictionary names must be one that the table knows. */
static void the_dictionary_names_only_known_vrs(void **state)
{
    uint16_t vrs[3];
    uint32_t group, number;
    unsigned found = 0;

    (void)state;
    for (group = 0; group < 0x80; group += 2) {
        for (number = 0; number < 0x10000; number++) {
            int i, n = dcm_dict_vrs(DCM_TAG(group, number), vrs);

            for (i = 0; i < n; i++)
                assert_non_null(dcm_vr_find(vrs[i]));
            found += n > 0;
        }
    }
    assert_true(found > 3000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_34_vrs_are_known_and_no_others),
        cmocka_unit_test(every_flag_has_the_vrs_that_the_standard_lists),
        cmocka_unit_test(kinds_units_and_lengths_follow_table_6_2_1),
        cmocka_unit_test(transfer_syntaxes_have_the_form_of_annex_a),
        cmocka_unit_test(other_uids_are_no_transfer_syntaxes),
        cmocka_unit_test(every_transfer_syntax_of_ps3_6_is_known),
        cmocka_unit_test(the_dictionary_names_only_known_vrs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
