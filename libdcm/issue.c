/* Tables. The named deviations; the rows are in issue.h. */
#include "issue.h"

static const struct {
    const char *name, *section, *help;
} rows[] = {
    { "any", "", "any deviation" },
#define X(id, name, section, help) { name, section, help },
    DCM_ISSUES(X)
#undef X
};

_Static_assert(sizeof(rows) / sizeof(rows[0]) == DCM_ISSUE_COUNT,
               "a row for each issue");

const char *dcm_issue_name(dcm_issue issue)
{
    return issue < DCM_ISSUE_COUNT ? rows[issue].name : "unknown";
}

const char *dcm_issue_section(dcm_issue issue)
{
    return issue < DCM_ISSUE_COUNT ? rows[issue].section : "";
}

const char *dcm_issue_help(dcm_issue issue)
{
    return issue < DCM_ISSUE_COUNT ? rows[issue].help : "";
}

unsigned dcm_issue_count(void)
{
    return DCM_ISSUE_COUNT;
}
