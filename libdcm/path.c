/* Language. Paths to attributes as people write them: keywords or tags, items
 * in brackets, private tags by their creator (PS3.5 7.8.1), a VR at the end.
 * Knows nothing of what is looked for or of where.
 *
 *     path -> [ "**." ] step { "." step } [ ":" VR ]
 *     step -> ( keyword | tag | private ) [ "[" number "]" ]
 *     private -> "(" gggg ",xx" ee ",\"" creator "\")" */
#include "path.h"
#include "vr.h"
#include <string.h>

/* number -> digit { digit }, 1 to 4294967295; returns what follows, or NULL */
static const char *parse_number(const char *p, uint32_t *number)
{
    uint64_t v = 0;
    const char *start = p;

    for (; *p >= '0' && *p <= '9'; p++) {
        v = v * 10 + (uint64_t)(*p - '0');
        if (v > UINT32_MAX)
            return NULL;
    }
    *number = (uint32_t)v;
    return p > start && v > 0 ? p : NULL;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* n hex digits; returns what follows, or NULL */
static const char *parse_hex(const char *p, int n, uint32_t *v)
{
    for (*v = 0; n > 0; n--, p++) {
        int digit = hex_digit(*p);

        if (digit < 0)
            return NULL;
        *v = *v << 4 | (uint32_t)digit;
    }
    return p;
}

/* "(gggg,xx": only a private tag by creator begins like that. */
static int begins_private(const char *p)
{
    uint32_t group;
    const char *q = *p == '(' ? parse_hex(p + 1, 4, &group) : NULL;

    return q && q[0] == ',' && (q[1] == 'x' || q[1] == 'X') &&
           (q[2] == 'x' || q[2] == 'X');
}

static const char *parse_private(const char *p, struct dcm_path_step *step)
{
    uint32_t group, element;
    const char *end;

    p = parse_hex(p + 1, 4, &group);
    p = parse_hex(p + 3, 2, &element); /* past ",xx" */
    if (!p || !(group & 1) || p[0] != ',' || p[1] != '"')
        return NULL;
    p += 2;
    end = strchr(p, '"');
    if (!end || end == p || end[1] != ')')
        return NULL;
    step->tag = DCM_TAG(group, element);
    step->creator = p;
    step->creator_length = (size_t)(end - p);
    return end + 2;
}

static const char *parse_public(const char *p, struct dcm_path_step *step)
{
    size_t n = strcspn(p, ".[:");

    return n && dcm_tag_parse(p, n, &step->tag) ? p + n : NULL;
}

/* Returns what follows the step, or NULL. */
static const char *parse_step(const char *p, struct dcm_path_step *step)
{
    memset(step, 0, sizeof(*step));
    p = begins_private(p) ? parse_private(p, step) : parse_public(p, step);
    if (p && *p == '[') {
        p = parse_number(p + 1, &step->item);
        if (!p || *p++ != ']')
            return NULL;
    }
    return p;
}

/* VR -> two letters of a VR that there is, and nothing after them */
static int parse_vr(const char *p, uint16_t *vr)
{
    if (!p[0] || !p[1] || p[2])
        return 0;
    *vr = DCM_VR((uint8_t)p[0], (uint8_t)p[1]);
    return dcm_vr_find(*vr) != NULL;
}

int dcm_path_parse(struct dcm_path *path, const char *text)
{
    path->count = 0;
    path->vr = 0;
    path->anywhere = strncmp(text, "**.", 3) == 0;
    if (path->anywhere)
        text += 3;
    do {
        if (path->count == DCM_PATH_STEPS)
            return 0;
        text = parse_step(text, &path->steps[path->count++]);
        if (!text)
            return 0;
    } while (*text++ == '.');
    if (text[-1] == ':')
        return parse_vr(text, &path->vr);
    return text[-1] == '\0';
}
