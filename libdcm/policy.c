/* Language. The one fork between strict and lenient: every deviation in the
 * house comes through dcm_deviation(). Also the limits, by name. Knows
 * nothing of what the deviations mean. */
#include "policy.h"
#include "scope.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOLD_OF_A_KIND 20
#define TOLD_IN_ALL 100

struct dcm_policy *dcm_policy_new(int strict, dcm_diagnostic_fn *fn, void *user)
{
    struct dcm_policy *p = calloc(1, sizeof(*p));

    if (p) {
        p->strict = strict;
        p->fn = fn;
        p->user = user;
    }
    return p;
}

void dcm_policy_free(struct dcm_policy *policy)
{
    free(policy);
}

void dcm_policy_clear(struct dcm_policy *p)
{
    if (p->total)
        memset(p->counts, 0, sizeof(p->counts));
    p->total = p->untold = 0;
    p->told = 0;
}

uint64_t dcm_policy_count(const struct dcm_policy *p, dcm_issue issue)
{
    if (issue == DCM_ISSUE_NONE)
        return p->total;
    return issue < DCM_ISSUE_COUNT ? p->counts[issue] : 0;
}

uint64_t dcm_policy_untold(const struct dcm_policy *p)
{
    return p->untold;
}

/* The stored VR as text; what is not printable shows as '?'. */
static void vr_text(char out[3], const struct dcm_event *ev)
{
    memset(out, 0, 3);
    if (!ev || !ev->stored)
        return;
    out[0] = (char)(ev->stored >> 8);
    out[1] = (char)(ev->stored & 255);
    for (int i = 0; i < 2; i++)
        if (out[i] < 0x20 || out[i] > 0x7E)
            out[i] = '?';
}

static void tell(struct dcm_policy *p, dcm_issue issue,
                 const struct dcm_event *ev, uint64_t offset, const char *path,
                 const char *message)
{
    struct dcm_diagnostic d;

    if (p->counts[issue] > TOLD_OF_A_KIND || p->told >= TOLD_IN_ALL) {
        p->untold++;
        return;
    }
    p->told++;
    if (!p->fn)
        return;
    memset(&d, 0, sizeof(d));
    d.issue = issue;
    d.name = dcm_issue_name(issue);
    d.section = dcm_issue_section(issue);
    d.is_error = p->strict;
    d.offset = offset;
    d.path = path;
    d.message = message;
    d.tag = ev ? ev->tag : 0;
    d.length = ev ? ev->length : 0;
    vr_text(d.vr, ev);
    p->fn(p->user, &d);
}

/* Whether anyone will read the message: if not it need not be made. */
static int heard(const struct dcm_policy *p, dcm_issue issue)
{
    return p->strict || (p->fn && p->counts[issue] <= TOLD_OF_A_KIND &&
                         p->told < TOLD_IN_ALL);
}

enum dcm_status dcm_deviation(struct dcm_policy *p, struct dcm_error *error,
                              dcm_issue issue, const struct dcm_event *ev,
                              uint64_t offset, const char *format, ...)
{
    struct dcm_error e;
    size_t n;
    va_list ap;

    if (!p)
        return DCM_OK;
    p->total++;
    p->counts[issue]++;
    if (!heard(p, issue)) {
        p->untold +=
            p->counts[issue] > TOLD_OF_A_KIND || p->told >= TOLD_IN_ALL;
        return DCM_OK;
    }
    va_start(ap, format);
    dcm_error_vfill(&e, DCM_ERR_STRICT, offset, "", format, ap);
    va_end(ap);
    if (ev && ev->scope)
        dcm_scope_path(ev->scope, ev->tag, e.path, sizeof(e.path));
    n = strlen(e.message);
    snprintf(e.message + n, sizeof(e.message) - n, " (%s)",
             dcm_issue_section(issue));
    tell(p, issue, ev, offset, e.path, e.message);
    if (!p->strict)
        return DCM_OK;
    if (error)
        *error = e;
    return DCM_ERR_STRICT;
}

/* ---------------------------------------------------------------- limits */

static const struct {
    const char *name;
    size_t at;
} limit_names[] = {
#define LIMIT(x)                           \
    {                                      \
#x, offsetof(struct dcm_limits, x) \
    }
    LIMIT(depth),    LIMIT(items), LIMIT(value),
    LIMIT(inflated), LIMIT(ratio), LIMIT(output),
#undef LIMIT
};

static int parse_count(const char *s, uint64_t *out)
{
    static const char units[] = "KMGT";
    const char *unit;
    uint64_t v = 0;

    if (*s < '0' || *s > '9')
        return 0;
    for (; *s >= '0' && *s <= '9'; s++) {
        if (v > (UINT64_MAX - 9) / 10)
            return 0;
        v = v * 10 + (uint64_t)(*s - '0');
    }
    if (*s && (unit = strchr(units, *s)) != NULL) {
        unsigned shift = 10u * (unsigned)(unit - units + 1);

        if (v > UINT64_MAX >> shift)
            return 0;
        v <<= shift;
        s++;
    }
    *out = v;
    return *s == '\0' && v > 0;
}

enum dcm_status dcm_limits_set(struct dcm_limits *limits, const char *name,
                               const char *value)
{
    uint64_t v;

    if (!parse_count(value, &v))
        return DCM_ERR_ARGUMENT;
    for (size_t i = 0; i < sizeof(limit_names) / sizeof(limit_names[0]); i++)
        if (strcmp(limit_names[i].name, name) == 0) {
            memcpy((char *)limits + limit_names[i].at, &v, sizeof(v));
            return DCM_OK;
        }
    return DCM_ERR_ARGUMENT;
}

void dcm_limits_fill(struct dcm_limits *to, const struct dcm_limits *from)
{
    static const struct dcm_limits defaults = {
        sizeof(struct dcm_limits), 256, 16u << 20,         64u << 20,
        UINT64_C(8) << 30,         400, UINT64_C(1) << 40,
    };

    *to = defaults;
    for (size_t i = 0; from && i < sizeof(limit_names) / sizeof(limit_names[0]);
         i++) {
        size_t at = limit_names[i].at;
        uint64_t v;

        if (from->size && at + sizeof(v) > from->size)
            continue;
        memcpy(&v, (const char *)from + at, sizeof(v));
        if (v)
            memcpy((char *)to + at, &v, sizeof(v));
    }
}
