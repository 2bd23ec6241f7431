/* Language. What may be set in a data set in memory: tags, private blocks
 * (PS3.5 7.8.1), items, and the VR of a new value. Finds all that can be wrong
 * before anything is made. Changes nothing. */
#include "dataset_edit.h"
#include "resolve.h"
#include "vr.h"

#include <stdio.h>
#include <string.h>

/* --------------------------------------------------------------- failing */

/* The path to step i, as "(0040,A730)[2]/(0009,xx01)", cut to fit. */
void dcm_edit_path(const struct dcm_edit *t, size_t i, char *out, size_t size)
{
    size_t n = 0;

    out[0] = '\0';
    for (size_t k = 0; k <= i && size - n > 32; k++) {
        const struct dcm_path_step *step = &t->path.steps[k];

        n += (size_t)snprintf(out + n, size - n,
                              step->creator ? "%s(%04lX,xx%02lX)"
                                            : "%s(%04lX,%04lX)",
                              k ? "/" : "", (unsigned long)step->tag >> 16,
                              (unsigned long)step->tag & 0xFFFF);
        if (k < i)
            n += (size_t)snprintf(out + n, size - n, "[%lu]",
                                  (unsigned long)(step->item ? step->item : 1));
    }
}

enum dcm_status dcm_edit_fail(const struct dcm_edit *t, size_t i,
                              enum dcm_status code, const char *format, ...)
{
    char path[96];
    va_list ap;

    dcm_edit_path(t, i, path, sizeof(path));
    va_start(ap, format);
    dcm_error_vfill(t->error, code, DCM_NO_OFFSET, path, format, ap);
    va_end(ap);
    return code;
}

/* -------------------------------------------------------- private blocks */

/* The lowest block that neither has a creator nor elements, or 0. */
unsigned dcm_edit_free_block(const struct dcm_item *item, unsigned group)
{
    uint8_t used[256] = {0};
    unsigned block = 0x10;

    for (const struct dcm_element *e = item->first; e; e = e->next)
        if (e->tag >> 16 == group) {
            unsigned element = e->tag & 0xFFFF;

            used[element > 0xFF ? element >> 8 : element] = 1;
        }
    while (block < 256 && used[block])
        block++;
    return block < 256 ? block : 0;
}

/* LO of at most 64 characters, in the default repertoire (PS3.5 7.8.1);
 * spaces around it would not be compared. */
static int is_creator_text(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (s[i] < 0x20 || s[i] > 0x7E || s[i] == '\\')
            return 0;
    return n <= 64 && s[0] != ' ' && s[n - 1] != ' ';
}

static enum dcm_status check_private(const struct dcm_edit *t, size_t i,
                                     const struct dcm_item *item)
{
    const struct dcm_path_step *step = &t->path.steps[i];
    unsigned group = step->tag >> 16, element = step->tag & 0xFFFF;
    const struct dcm_element *creator;

    if (group < 0x0009 || group == 0xFFFF)
        return dcm_edit_fail(
            t, i, DCM_ERR_ARGUMENT,
            "no private elements are in group %04X (PS3.5 7.8)", group);
    if (step->creator) {
        if (!is_creator_text(step->creator, step->creator_length))
            return dcm_edit_fail(
                t, i, DCM_ERR_ARGUMENT,
                "a private creator is 1 to 64 characters of ASCII "
                "(PS3.5 7.8.1)");
        if (item &&
            !dcm_item_find_block(item, group, step->creator,
                                 step->creator_length) &&
            !dcm_edit_free_block(item, group))
            return dcm_edit_fail(t, i, DCM_ERR_ARGUMENT,
                                 "group %04X has no free block (PS3.5 7.8.1)",
                                 group);
        return DCM_OK;
    }
    if (element == 0 || dcm_tag_creator(step->tag))
        return DCM_OK;
    if (element < 0x1000)
        return dcm_edit_fail(
            t, i, DCM_ERR_ARGUMENT,
            "a private element is 0010-00FF or from 1000 on (PS3.5 "
            "7.8.1)");
    creator = item ? dcm_item_find_tag(item, (uint32_t)group << 16 |
                                                 (uint32_t)element >> 8)
                   : NULL;
    if (!creator || !creator->value.size)
        return dcm_edit_fail(
            t, i, DCM_ERR_ARGUMENT,
            "block %02X of group %04X has no private creator; name "
            "one: (%04X,xx%02X,\"CREATOR\") (PS3.5 7.8.1)",
            element >> 8, group, group, element & 0xFF);
    return DCM_OK;
}

/* ---------------------------------------------------------------- checks */

/* What may not be changed by path. */
enum dcm_status dcm_edit_check_tag(const struct dcm_edit *t, size_t i)
{
    uint32_t tag = t->path.steps[i].tag;
    unsigned group = tag >> 16;

    if (group == 0x0000 || group == 0xFFFE)
        return dcm_edit_fail(t, i, DCM_ERR_ARGUMENT,
                             "no attribute of a data set (PS3.5 7.1)");
    if (group == 0x0002 && t->path.count > 1)
        return dcm_edit_fail(
            t, i, DCM_ERR_ARGUMENT,
            "group 0002 has no sequences and is in none (PS3.10 7.1)");
    if (tag == 0x00020000 || tag == 0x00020001)
        return dcm_edit_fail(
            t, i, DCM_ERR_ARGUMENT,
            "follows from the rest of group 0002 (PS3.10 7.1)");
    if (tag == 0x00020010)
        return dcm_edit_fail(
            t, i, DCM_ERR_ARGUMENT,
            "the transfer syntax is not set but converted to: use "
            "--to (PS3.10 7.1)");
    return DCM_OK;
}

static int pixel_representation_of(const struct dcm_item *item)
{
    for (; item; item = dcm_item_around(item))
        if (item->pixel_representation >= 0)
            return item->pixel_representation;
    return -1;
}

/* The VR by dictionary; VR_UN: not known. `item` may be one above the one
 * that the element will be in. */
static uint16_t dictionary_vr(const struct dcm_edit *t, size_t i)
{
    const struct dcm_path_step *step = &t->path.steps[i];
    struct dcm_scope scope = {0};
    struct dcm_attribute row;
    int choice;

    if (dcm_tag_creator(step->tag) && !step->creator)
        return VR_LO;
    if (step->creator)
        return dcm_attribute_find_private(step->creator, step->creator_length,
                                          step->tag | 0x1000, &row) &&
                       row.vrs[0] && !row.vrs[1]
                   ? row.vrs[0]
                   : VR_UN;
    if (dcm_tag_private(step->tag) && (step->tag & 0xFFFF) >= 0x1000) {
        const struct dcm_element *creator = dcm_item_find_tag(
            t->at.item, (step->tag & 0xFFFF0000) | (step->tag >> 8 & 0xFF));
        const char *s = creator ? (const char *)creator->value.data : NULL;
        size_t n = s ? (size_t)creator->value.size : 0;

        while (n && (s[n - 1] == ' ' || s[n - 1] == '\0'))
            n--;
        return n && dcm_attribute_find_private(s, n, step->tag, &row) &&
                       row.vrs[0] && !row.vrs[1]
                   ? row.vrs[0]
                   : VR_UN;
    }
    scope.pixel_representation = (int8_t)pixel_representation_of(t->at.item);
    return dcm_resolve_vr(step->tag, 4, &scope, &choice);
}

/* A step on the way, in `item`, which is there, or in one to be made. */
static enum dcm_status check_way(const struct dcm_edit *t, size_t i,
                                 const struct dcm_item *item)
{
    const struct dcm_path_step *step = &t->path.steps[i];
    const struct dcm_element *e = item ? dcm_item_find(item, step) : NULL;
    uint32_t n = 0, most;

    if (e && e->kind != DCM_ELEMENT_SEQ)
        return dcm_edit_fail(t, i, DCM_ERR_ARGUMENT,
                             "is no sequence (PS3.5 7.5)");
    if (!e) {
        uint16_t vr = dictionary_vr(t, i);

        if (vr != VR_SQ && !(vr == VR_UN && dcm_tag_private(step->tag)))
            return dcm_edit_fail(t, i, DCM_ERR_ARGUMENT,
                                 "is no sequence in the dictionary (PS3.6 6)");
    }
    for (const struct dcm_item *k = e ? e->first_item : NULL; k; k = k->next)
        n++;
    most = n + 1;
    if (step->item > most)
        return dcm_edit_fail(
            t, i, DCM_ERR_ARGUMENT,
            "item %lu of a sequence of %lu: one more can be made, not "
            "several",
            (unsigned long)step->item, (unsigned long)n);
    return DCM_OK;
}

static enum dcm_status check_limits(const struct dcm_edit *t)
{
    uint64_t more = dcm_edit_last(t) - t->at.step;

    if (dcm_edit_last(t) > t->d->limits.depth)
        return dcm_edit_fail(
            t, dcm_edit_last(t), DCM_ERR_LIMIT,
            "items nested more than %llu deep; raise the limit 'depth'",
            (unsigned long long)t->d->limits.depth);
    if (t->d->builder.items + more > t->d->limits.items)
        return dcm_edit_fail(t, dcm_edit_last(t), DCM_ERR_LIMIT,
                             "more than %llu items; raise the limit 'items'",
                             (unsigned long long)t->d->limits.items);
    return DCM_OK;
}

static enum dcm_status check_set(const struct dcm_edit *t)
{
    enum dcm_status status = check_limits(t);

    for (size_t i = 0; i < t->path.count && status == DCM_OK; i++)
        status = dcm_edit_check_tag(t, i);
    for (size_t i = t->at.step; i < t->path.count && status == DCM_OK; i++) {
        const struct dcm_item *item = i == t->at.step ? t->at.item : NULL;

        if (dcm_tag_private(t->path.steps[i].tag))
            status = check_private(t, i, item);
        if (status == DCM_OK && i < dcm_edit_last(t))
            status = check_way(t, i, item);
    }
    if (status != DCM_OK)
        return status;
    if (t->path.steps[dcm_edit_last(t)].item)
        return dcm_edit_fail(
            t, dcm_edit_last(t), DCM_ERR_ARGUMENT,
            "an item has no value of its own: name an element in it");
    /* Where text is in UTF-8 whatever that says, it may say anything. */
    if (t->path.steps[dcm_edit_last(t)].tag == 0x00080005 && !t->d->keep_utf8)
        return dcm_edit_fail(
            t, dcm_edit_last(t), DCM_ERR_ARGUMENT,
            "the character set is not set but converted to: use "
            "--charset (PS3.3 C.12.1.1.2)");
    return DCM_OK;
}

/* The element that is there already, or NULL. */
struct dcm_element *dcm_edit_target(const struct dcm_edit *t)
{
    return t->at.step == dcm_edit_last(t)
               ? dcm_item_find(t->at.item, &t->path.steps[dcm_edit_last(t)])
               : NULL;
}

static enum dcm_status choose_vr(struct dcm_edit *t)
{
    const struct dcm_element *e = dcm_edit_target(t);
    size_t i = dcm_edit_last(t);

    t->vr = t->path.vr;
    if (!t->vr)
        t->vr = e ? e->vr : dictionary_vr(t, i);
    if (e && e->kind == DCM_ELEMENT_FRAGS)
        return dcm_edit_fail(
            t, i, DCM_ERR_ARGUMENT,
            "is encapsulated: fragments have no one value (PS3.5 A.4)");
    if (e && e->kind == DCM_ELEMENT_SEQ && t->vr != VR_SQ)
        return dcm_edit_fail(t, i, DCM_ERR_ARGUMENT,
                             "is a sequence: remove it first (PS3.5 7.5)");
    if (dcm_tag_creator(t->path.steps[i].tag) && !t->path.steps[i].creator &&
        t->vr != VR_LO)
        return dcm_edit_fail(t, i, DCM_ERR_ARGUMENT,
                             "a private creator is LO (PS3.5 7.8.1)");
    if (!e && !t->path.vr && t->vr == VR_UN)
        return dcm_edit_fail(
            t, i, DCM_ERR_ARGUMENT,
            "is not in the dictionary: name a VR, as in \"PATH:LO\"");
    if (!dcm_vr_find(t->vr))
        return dcm_edit_fail(
            t, i, DCM_ERR_ARGUMENT,
            "has a VR that is not in the standard: name another, as in "
            "\"PATH:LO\"");
    return DCM_OK;
}

enum dcm_status dcm_edit_check(struct dcm_edit *t)
{
    enum dcm_status status = check_set(t);

    return status == DCM_OK ? choose_vr(t) : status;
}
