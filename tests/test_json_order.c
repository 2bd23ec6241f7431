/* Members ascend at every level of a JSON document (PS3.18 F.2.2), whatever
 * order the elements come in, as long as the output still holds them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "json_player.h"

static void members_are_put_in_order(void **state)
{
    const struct step steps[] = {
        DATASET,
        VALUE(0x00100020, LO, "B "),
        VALUE(0x00080060, CS, "OT"),
        VALUE(0x00280030, DS, "1 "),
        VALUE(0x00080005, CS, ""),
        VALUE(0x7FE00010, OB, "ab"),
        END,
    };
    struct dcm_json_options pretty = {.size = sizeof(pretty), .pretty = 1};

    (void)state;
    CHECK(steps, NULL,
          "{\"00080005\":{\"vr\":\"CS\"},"
          "\"00080060\":{\"vr\":\"CS\",\"Value\":[\"OT\"]},"
          "\"00100020\":{\"vr\":\"LO\",\"Value\":[\"B\"]},"
          "\"00280030\":{\"vr\":\"DS\",\"Value\":[1]},"
          "\"7FE00010\":{\"vr\":\"OB\",\"InlineBinary\":\"YWI=\"}}");
    CHECK(steps, &pretty,
          "{\n  \"00080005\": {\"vr\": \"CS\"},\n"
          "  \"00080060\": {\"vr\": \"CS\", \"Value\": [\"OT\"]},\n"
          "  \"00100020\": {\"vr\": \"LO\", \"Value\": [\"B\"]},\n"
          "  \"00280030\": {\"vr\": \"DS\", \"Value\": [1]},\n"
          "  \"7FE00010\": {\"vr\": \"OB\", \"InlineBinary\": \"YWI=\"}\n}");
}

static void items_are_put_in_order_and_move_with_their_sequence(void **state)
{
    const struct step steps[] = {
        DATASET,
        VALUE(0x00280010, IS, "1 "),
        SEQ(0x00081140),
        ITEM,
        VALUE(0x00200013, IS, "3 "),
        SEQ(0x00081199),
        ITEM,
        VALUE(0x00081155, UI, "5 "),
        VALUE(0x00081150, UI, "4 "),
        ITEM_END,
        ITEM,
        ITEM_END,
        SEQ_END,
        ITEM_END,
        SEQ_END,
        VALUE(0x00080060, CS, "OT"),
        END,
    };

    (void)state;
    CHECK(steps, NULL,
          "{\"00080060\":{\"vr\":\"CS\",\"Value\":[\"OT\"]},"
          "\"00081140\":{\"vr\":\"SQ\",\"Value\":["
          "{\"00081199\":{\"vr\":\"SQ\",\"Value\":["
          "{\"00081150\":{\"vr\":\"UI\",\"Value\":[\"4\"]},"
          "\"00081155\":{\"vr\":\"UI\",\"Value\":[\"5\"]}},{}]},"
          "\"00200013\":{\"vr\":\"IS\",\"Value\":[3]}}]},"
          "\"00280010\":{\"vr\":\"IS\",\"Value\":[1]}}");
}

static void meta_information_stays_in_front(void **state)
{
    const struct step steps[] = {
        VALUE(0x00020010, UI, "1.2"), DATASET, VALUE(0x00100020, LO, "B "),
        VALUE(0x00080060, CS, "OT"),  END,
    };
    struct dcm_json_options meta = {.size = sizeof(meta), .meta = 1};

    (void)state;
    CHECK(steps, &meta,
          "{\"00020010\":{\"vr\":\"UI\",\"Value\":[\"1.2\"]},"
          "\"00080060\":{\"vr\":\"CS\",\"Value\":[\"OT\"]},"
          "\"00100020\":{\"vr\":\"LO\",\"Value\":[\"B\"]}}");
}

/* -------------------------------------------------------------- many tags */

struct script {
    struct step *steps;
    size_t n, capacity;
};

static void add(struct script *s, struct step step)
{
    if (s->n == s->capacity) {
        s->capacity = s->capacity ? 2 * s->capacity : 64;
        s->steps = realloc(s->steps, s->capacity * sizeof(*s->steps));
        assert_non_null(s->steps);
    }
    s->steps[s->n++] = step;
}

static void add_type(struct script *s, enum dcm_event_type type)
{
    const struct step step = {type, 0, 0, "", 0, 0, 0};

    add(s, step);
}

static void add_value(struct script *s, uint32_t tag, const char *text)
{
    const struct step step = {DCM_EVENT_VALUE, tag, VR_LT, text, 0, 0, 0};

    add(s, step);
}

static void add_seq(struct script *s, uint32_t tag)
{
    const struct step step = {DCM_EVENT_SEQ, tag, VR_SQ, "", 0, 0, 0};

    add(s, step);
}

/* Whether the names of members with `depth` items around them ascend; counts
 * them. */
static int ascend(const char *text, int items, size_t *count)
{
    const int depth = 2 * items; /* braces: of the item and its member */
    uint32_t last = 0, tag;
    int level = 0, up = 1;

    *count = 0;
    for (const char *p = text; *p; p++) {
        if (*p == '{' && level++ == depth)
            last = 0;
        if (*p == '}')
            level--;
        if (level == depth + 1 && *p == '"' && p[9] == '"' && p[10] == ':') {
            tag = (uint32_t)strtoul(p + 1, NULL, 16);
            up = up && tag > last;
            last = tag;
            ++*count;
            p += 9;
        }
    }
    return up;
}

static void a_hundred_thousand_falling_tags_are_put_in_order(void **state)
{
    struct script s = {NULL, 0, 0};
    struct player p;
    struct result r;
    size_t count;

    (void)state;
    add_type(&s, DCM_EVENT_DATASET);
    for (uint32_t i = 100000; i > 0; i--)
        add_value(&s, 0x00100001 + 2 * i, "");
    add_type(&s, DCM_EVENT_END);
    player_init(&p, s.steps, s.n, "");
    play(&r, &p, NULL);
    assert_int_equal(r.status, DCM_OK);
    assert_true(ascend(r.text, 0, &count));
    assert_int_equal(count, 100000);
    assert_int_equal(dcm_policy_count(r.policy, DCM_ISSUE_UNSORTED), 0);
    result_release(&r);
    free(s.steps);
}

/* 8 MB of members are more than the output holds: the document stays as it
 * came, and that is said once; items after that are ordered all the same. */
static void a_large_document_still_has_its_items_in_order(void **state)
{
    static char text[1001];
    struct script s = {NULL, 0, 0};
    struct player p;
    struct result r;
    size_t count;

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    add_type(&s, DCM_EVENT_DATASET);
    for (uint32_t i = 0; i < 8000; i++)
        add_value(&s, 0x10000001 + i, text);
    for (uint32_t i = 0; i < 3; i++) {
        add_seq(&s, 0x00081140 + i);
        for (uint32_t item = 0; item < 3; item++) {
            add_type(&s, DCM_EVENT_ITEM);
            for (uint32_t k = 9; k > 0; k--)
                add_value(&s, 0x00100000 + k, text);
            add_type(&s, DCM_EVENT_ITEM_END);
        }
        add_type(&s, DCM_EVENT_SEQ_END);
    }
    add_type(&s, DCM_EVENT_END);
    player_init(&p, s.steps, s.n, "");
    play(&r, &p, NULL);
    assert_int_equal(r.status, DCM_OK);
    assert_true(ascend(r.text, 1, &count));
    assert_int_equal(count, 81);
    assert_false(ascend(r.text, 0, &count));
    assert_int_equal(count, 8003);
    assert_int_equal(dcm_policy_count(r.policy, DCM_ISSUE_UNSORTED), 1);
    assert_int_equal(dcm_policy_count(r.policy, 0), 1);
    result_release(&r);
    free(s.steps);
}

/* A large item that breaks the hold: its members stay as they came, but its
 * own items are still ordered. */
static void a_large_item_still_has_its_items_in_order(void **state)
{
    static char text[10001];
    struct script s = {NULL, 0, 0};
    struct player p;
    struct result r;
    size_t count;

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    add_type(&s, DCM_EVENT_DATASET);
    add_seq(&s, 0x00081140);
    add_type(&s, DCM_EVENT_ITEM);
    for (uint32_t i = 0; i < 600; i++)
        add_value(&s, 0x10000001 + i, text);
    add_seq(&s, 0x00081199);
    add_type(&s, DCM_EVENT_ITEM);
    add_value(&s, 0x00200011, text);
    add_value(&s, 0x00100010, text);
    add_type(&s, DCM_EVENT_ITEM_END);
    add_type(&s, DCM_EVENT_SEQ_END);
    add_type(&s, DCM_EVENT_ITEM_END);
    add_type(&s, DCM_EVENT_SEQ_END);
    add_type(&s, DCM_EVENT_END);
    player_init(&p, s.steps, s.n, "");
    play(&r, &p, NULL);
    assert_int_equal(r.status, DCM_OK);
    assert_true(ascend(r.text, 2, &count));
    assert_int_equal(count, 2);
    assert_int_equal(dcm_policy_count(r.policy, DCM_ISSUE_UNSORTED), 1);
    result_release(&r);
    free(s.steps);
}

/* What came before pixels that are written inline is ordered before they
 * push it out of the buffer. */
static void members_before_a_large_value_are_in_order(void **state)
{
    const struct step steps[] = {
        DATASET,
        VALUE(0x00100020, LO, "B "),
        VALUE(0x00080060, CS, "OT"),
        {DCM_EVENT_VALUE, 0x7FE00010, VR_OB, "abc", 3, 0, 3000000},
        END,
    };
    struct dcm_json_options o = {.size = sizeof(o), .bulk = DCM_BULK_INLINE};
    struct player p;
    struct result r;
    size_t count;

    (void)state;
    player_init(&p, steps, COUNT(steps), "");
    play(&r, &p, &o);
    assert_int_equal(r.status, DCM_OK);
    assert_true(ascend(r.text, 0, &count));
    assert_int_equal(count, 3);
    assert_int_equal(dcm_policy_count(r.policy, 0), 0);
    result_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_put_in_order),
        cmocka_unit_test(items_are_put_in_order_and_move_with_their_sequence),
        cmocka_unit_test(meta_information_stays_in_front),
        cmocka_unit_test(a_hundred_thousand_falling_tags_are_put_in_order),
        cmocka_unit_test(a_large_document_still_has_its_items_in_order),
        cmocka_unit_test(a_large_item_still_has_its_items_in_order),
        cmocka_unit_test(members_before_a_large_value_are_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
