/* Language. The one fork between strict and lenient, counted. */
#ifndef DCM_POLICY_H
#define DCM_POLICY_H

#include "error.h"
#include "issue.h"

struct dcm_policy {
    int strict;
    dcm_diagnostic_fn *fn;
    void *user;
    uint64_t total, untold;
    uint32_t told;
    uint64_t counts[DCM_ISSUE_COUNT];
};

/* Counts the deviation, tells the policy's listener, and returns DCM_OK when
 * lenient; when strict fills *error and returns DCM_ERR_STRICT. `policy` may
 * be NULL: lenient and silent. `ev` gives tag, VR, length and path; `offset`
 * is of the byte that is wrong. The message says what was found and what was
 * expected, never a value; the section is added here. */
enum dcm_status dcm_deviation(struct dcm_policy *policy,
                              struct dcm_error *error, dcm_issue issue,
                              const struct dcm_event *ev, uint64_t offset,
                              const char *format, ...) DCM_PRINTF(6, 7);

/* The caller's limits (may be NULL) with the defaults where it has 0. */
void dcm_limits_fill(struct dcm_limits *to, const struct dcm_limits *from);

#endif
