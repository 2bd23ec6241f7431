/* Tables. The Value Representations of PS3.5 Table 6.2-1 and 7.1-1. */
#ifndef DCM_VR_H
#define DCM_VR_H

#include "dcm.h"

#define VR_AE DCM_VR('A', 'E')
#define VR_AS DCM_VR('A', 'S')
#define VR_AT DCM_VR('A', 'T')
#define VR_CS DCM_VR('C', 'S')
#define VR_DA DCM_VR('D', 'A')
#define VR_DS DCM_VR('D', 'S')
#define VR_DT DCM_VR('D', 'T')
#define VR_FD DCM_VR('F', 'D')
#define VR_FL DCM_VR('F', 'L')
#define VR_IS DCM_VR('I', 'S')
#define VR_LO DCM_VR('L', 'O')
#define VR_LT DCM_VR('L', 'T')
#define VR_OB DCM_VR('O', 'B')
#define VR_OD DCM_VR('O', 'D')
#define VR_OF DCM_VR('O', 'F')
#define VR_OL DCM_VR('O', 'L')
#define VR_OV DCM_VR('O', 'V')
#define VR_OW DCM_VR('O', 'W')
#define VR_PN DCM_VR('P', 'N')
#define VR_SH DCM_VR('S', 'H')
#define VR_SL DCM_VR('S', 'L')
#define VR_SQ DCM_VR('S', 'Q')
#define VR_SS DCM_VR('S', 'S')
#define VR_ST DCM_VR('S', 'T')
#define VR_SV DCM_VR('S', 'V')
#define VR_TM DCM_VR('T', 'M')
#define VR_UC DCM_VR('U', 'C')
#define VR_UI DCM_VR('U', 'I')
#define VR_UL DCM_VR('U', 'L')
#define VR_UN DCM_VR('U', 'N')
#define VR_UR DCM_VR('U', 'R')
#define VR_US DCM_VR('U', 'S')
#define VR_UT DCM_VR('U', 'T')
#define VR_UV DCM_VR('U', 'V')

enum dcm_vr_kind {
    DCM_KIND_TEXT,   /* AE ... UT: strings */
    DCM_KIND_NUMBER, /* FL FD SL SS SV UL US UV: fixed size, an array */
    DCM_KIND_TAG,    /* AT */
    DCM_KIND_BYTES,  /* OB OD OF OL OV OW UN */
    DCM_KIND_SEQ     /* SQ */
};

enum {                         /* flags */
       DCM_VRF_LONG = 1,       /* explicit header with a 32-bit length */
       DCM_VRF_UNDEFINED = 2,  /* undefined length allowed */
       DCM_VRF_CHARSET = 4,    /* (0008,0005) applies */
       DCM_VRF_MULTI = 8,      /* backslash separates values */
       DCM_VRF_TRIM_LEFT = 16, /* leading spaces mean nothing and go (AE AS CS
                                * DA DS DT IS TM UI UR) */
       DCM_VRF_CONTROL = 32,   /* TAB LF FF CR allowed (ST LT UT) */
       DCM_VRF_BULK = 64       /* BulkDataURI allowed (PS3.18 F.2.2) */
};

struct dcm_vr {
    uint16_t code;
    uint8_t kind; /* enum dcm_vr_kind */
    uint8_t flags;
    uint8_t unit; /* bytes of one value: 2, 4, 8; 1 for text and OB, UN */
    uint8_t swap; /* bytes that change ends together; AT: 2; 1: never */
    uint8_t pad;  /* ' ' or 0 */
    uint32_t max; /* of one value, bytes or characters; 0: none */
};

/* A place for every pair of letters, AA to ZZ; code 0: no such VR. */
#define DCM_VR_LETTERS 26
extern const struct dcm_vr dcm_vr_rows[DCM_VR_LETTERS * DCM_VR_LETTERS];

/* The row of a VR, or NULL. In the header, since it is asked for each element
 * and more than once. Below 'A' the differences wrap round and are far too
 * large. */
static inline const struct dcm_vr *dcm_vr_find(uint16_t code)
{
    unsigned first = (code >> 8) - (unsigned)'A';
    unsigned second = (code & 0xFF) - (unsigned)'A';
    const struct dcm_vr *vr;

    if (first >= DCM_VR_LETTERS || second >= DCM_VR_LETTERS)
        return NULL;
    vr = &dcm_vr_rows[first * DCM_VR_LETTERS + second];
    return vr->code != 0 ? vr : NULL;
}

#endif
