/* Language. Paths to attributes as people write them (see dcm_select_add() and
 * dcm_dataset_find()): parsed once, for selection and for the tree. */
#ifndef DCM_PATH_H
#define DCM_PATH_H

#include "dcm.h"

#define DCM_PATH_STEPS 64

struct dcm_path_step {
    uint32_t tag;
    uint32_t item;       /* from 1; 0: all, or none given */
    const char *creator; /* private tag given by creator: its bytes in the */
    size_t creator_length; /* text, then tag is ggggxxee with xx = 0 */
};

struct dcm_path {
    size_t count;
    int anywhere; /* began with "**." */
    uint16_t vr;  /* after ':' at the end, or 0 */
    struct dcm_path_step steps[DCM_PATH_STEPS];
};

/* 1: parsed; 0: no such path. Views point into text. */
int dcm_path_parse(struct dcm_path *path, const char *text);

#endif
