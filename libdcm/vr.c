/* The Value Representations, one row each: PS3.5 Table 6.2-1 (lengths, padding,
 * character sets), 7.1.2 (form of the header), 7.3 (byte order) and PS3.18
 * F.2.2 (bulk data). Knows nothing of values.
 *
 * The table has a place for every pair of letters, so that finding a row is
 * one access; the places between are empty.
 */
#include "vr.h"

#define LONG DCM_VRF_LONG
#define UNDEF DCM_VRF_UNDEFINED
#define CHARSET DCM_VRF_CHARSET
#define MULTI DCM_VRF_MULTI
#define LEFT DCM_VRF_TRIM_LEFT
#define CONTROL DCM_VRF_CONTROL
#define BULK DCM_VRF_BULK

#define PLACE(code) ((((code) >> 8) - 'A') * DCM_VR_LETTERS + ((code)&0xFF) - 'A')
#define ROW(name, kind, unit, swap, pad, max, flags)                          \
    [PLACE(VR_##name)] = {VR_##name, DCM_KIND_##kind, flags, unit, swap, pad, \
                          max}

/* Undefined length: 7.1.1 allows it for SQ and UN, and by A.4 for the OB or OW
 * of encapsulated pixels. OW has no largest length but that of its header;
 * those of OD, OF, OL, OV and the unlimited texts are the largest multiples of
 * their unit that a header can hold. */
/* clang-format off */
const struct dcm_vr dcm_vr_rows[DCM_VR_LETTERS * DCM_VR_LETTERS] = {
    /*  VR  kind  unit swap pad         max  flags */
    ROW(AE, TEXT,   1, 1, ' ',          16, MULTI | LEFT),
    ROW(AS, TEXT,   1, 1, ' ',           4, MULTI | LEFT),
    ROW(AT, TAG,    4, 2,  0,            4, 0),
    ROW(CS, TEXT,   1, 1, ' ',          16, MULTI | LEFT),
    ROW(DA, TEXT,   1, 1, ' ',           8, MULTI | LEFT),
    ROW(DS, TEXT,   1, 1, ' ',          16, MULTI | LEFT | BULK),
    ROW(DT, TEXT,   1, 1, ' ',          26, MULTI | LEFT),
    ROW(FD, NUMBER, 8, 8,  0,            8, BULK),
    ROW(FL, NUMBER, 4, 4,  0,            4, BULK),
    ROW(IS, TEXT,   1, 1, ' ',          12, MULTI | LEFT | BULK),
    ROW(LO, TEXT,   1, 1, ' ',          64, MULTI | CHARSET),
    ROW(LT, TEXT,   1, 1, ' ',       10240, CHARSET | CONTROL | BULK),
    ROW(OB, BYTES,  1, 1,  0,            0, LONG | UNDEF | BULK),
    ROW(OD, BYTES,  8, 8,  0,  0xFFFFFFF8u, LONG | BULK),
    ROW(OF, BYTES,  4, 4,  0,  0xFFFFFFFCu, LONG | BULK),
    ROW(OL, BYTES,  4, 4,  0,  0xFFFFFFFCu, LONG | BULK),
    ROW(OV, BYTES,  8, 8,  0,  0xFFFFFFF8u, LONG | BULK),
    ROW(OW, BYTES,  2, 2,  0,            0, LONG | UNDEF | BULK),
    ROW(PN, TEXT,   1, 1, ' ',          64, MULTI | CHARSET),
    ROW(SH, TEXT,   1, 1, ' ',          16, MULTI | CHARSET),
    ROW(SL, NUMBER, 4, 4,  0,            4, BULK),
    ROW(SQ, SEQ,    1, 1,  0,            0, LONG | UNDEF),
    ROW(SS, NUMBER, 2, 2,  0,            2, BULK),
    ROW(ST, TEXT,   1, 1, ' ',        1024, CHARSET | CONTROL | BULK),
    ROW(SV, NUMBER, 8, 8,  0,            8, LONG | BULK),
    ROW(TM, TEXT,   1, 1, ' ',          14, MULTI | LEFT),
    ROW(UC, TEXT,   1, 1, ' ', 0xFFFFFFFEu, LONG | MULTI | CHARSET | BULK),
    ROW(UI, TEXT,   1, 1,  0,           64, MULTI | LEFT),
    ROW(UL, NUMBER, 4, 4,  0,            4, BULK),
    ROW(UN, BYTES,  1, 1,  0,            0, LONG | UNDEF | BULK),
    ROW(UR, TEXT,   1, 1, ' ', 0xFFFFFFFEu, LONG | LEFT),
    ROW(US, NUMBER, 2, 2,  0,            2, BULK),
    ROW(UT, TEXT,   1, 1, ' ', 0xFFFFFFFEu, LONG | CHARSET | CONTROL | BULK),
    ROW(UV, NUMBER, 8, 8,  0,            8, LONG | BULK),
};
/* clang-format on */
