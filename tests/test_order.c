/* libdcm/order.c: which tags have come, told against a list that is searched
 * from end to end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <time.h>

#include "../libdcm/order.h"

#define LEVELS 40
#define MANY 300 /* tags a level in the model */

/* The plain way: all tags of each level, in a list. */
struct model {
    uint32_t tags[LEVELS][MANY];
    size_t used[LEVELS];
    size_t depth;
};

static enum dcm_order_answer model_note(struct model *m, uint32_t tag)
{
    uint32_t *tags = m->tags[m->depth];
    size_t *used = &m->used[m->depth];
    int falls = 0;

    for (size_t i = 0; i < *used; i++) {
        if (tags[i] == tag)
            return DCM_ORDER_AGAIN;
        falls |= tags[i] > tag;
    }
    assert_true(*used < MANY);
    tags[(*used)++] = tag;
    return falls ? DCM_ORDER_FALLS : DCM_ORDER_ASCENDS;
}

static uint32_t random_next(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

static void a_few_tags_are_told_as_they_come(void **state)
{
    static const struct {
        const char *why;
        uint32_t tag;
        enum dcm_order_answer want;
    } rows[] = {
        {"the lowest tag there is, first", 0, DCM_ORDER_ASCENDS},
        {"it again", 0, DCM_ORDER_AGAIN},
        {"rises", 0x00080005, DCM_ORDER_ASCENDS},
        {"twice in a row", 0x00080005, DCM_ORDER_AGAIN},
        {"rises", 0x00100010, DCM_ORDER_ASCENDS},
        {"new, between two others", 0x00080060, DCM_ORDER_FALLS},
        {"that one again", 0x00080060, DCM_ORDER_AGAIN},
        {"again, one from before the fall", 0x00080005, DCM_ORDER_AGAIN},
        {"lower than the one before but highest is higher", 0x00100001,
         DCM_ORDER_FALLS},
        {"rises after a fall", 0x00100020, DCM_ORDER_ASCENDS},
        {"that one again", 0x00100020, DCM_ORDER_AGAIN},
        {"the highest tag there is", 0xFFFFFFFF, DCM_ORDER_ASCENDS},
        {"it again", 0xFFFFFFFF, DCM_ORDER_AGAIN},
        {"zero is still there", 0, DCM_ORDER_AGAIN},
    };
    struct dcm_order o;

    (void)state;
    memset(&o, 0, sizeof o);
    assert_true(dcm_order_clear(&o));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (dcm_order_note(&o, rows[i].tag) != rows[i].want)
            fail_msg("row %zu: %s", i, rows[i].why);
    dcm_order_release(&o);
}

/* Random tags, few so that they repeat, mostly rising as in files; levels
 * open and close. */
static void run_random(uint32_t seed, uint32_t range, int rising)
{
    static struct model m;
    struct dcm_order o;

    memset(&o, 0, sizeof o);
    for (int round = 0; round < 3; round++) { /* reuse after clear */
        uint32_t high = 0;

        memset(&m, 0, sizeof m);
        assert_true(dcm_order_clear(&o));
        for (int i = 0; i < 4000; i++) {
            uint32_t dice = random_next(&seed) % 16;

            if (dice == 0 && m.depth + 1 < LEVELS) {
                m.used[++m.depth] = 0;
                assert_true(dcm_order_enter(&o));
                high = 0;
            } else if (dice == 1 && m.depth) {
                m.depth--;
                dcm_order_leave(&o);
                high = range;
            } else if (m.used[m.depth] < MANY) {
                uint32_t tag = random_next(&seed) % range;

                if (rising && dice > 3)
                    tag = high += tag % 8;
                assert_int_equal(dcm_order_note(&o, tag), model_note(&m, tag));
            }
        }
    }
    dcm_order_release(&o);
}

static void answers_are_those_of_a_plain_list(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 8; seed++) {
        run_random(seed, 50, 0);         /* nearly all repeat */
        run_random(seed, 1000, 1);       /* rising, now and then not */
        run_random(seed, 0xFFFFFFFF, 0); /* nearly none repeats */
    }
}

static void items_do_not_see_each_other(void **state)
{
    struct dcm_order o;

    (void)state;
    memset(&o, 0, sizeof o);
    assert_true(dcm_order_clear(&o));
    for (int i = 0; i < 100; i++) {
        assert_true(dcm_order_enter(&o));
        assert_int_equal(dcm_order_note(&o, 9), DCM_ORDER_ASCENDS);
        assert_int_equal(dcm_order_note(&o, 5), DCM_ORDER_FALLS);
        assert_int_equal(dcm_order_note(&o, 9), DCM_ORDER_AGAIN);
        if (i % 2)
            dcm_order_leave(&o);
    }
    while (o.depth)
        dcm_order_leave(&o);
    assert_int_equal(dcm_order_note(&o, 5), DCM_ORDER_ASCENDS);
    assert_int_equal(dcm_order_note(&o, 9), DCM_ORDER_ASCENDS);
    dcm_order_release(&o);
}

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* A list searched from end to end needs 2e10 steps here: tens of seconds. */
static void many_falling_tags_cost_no_more_than_rising_ones(void **state)
{
    struct dcm_order o;
    double start = seconds();

    (void)state;
    memset(&o, 0, sizeof o);
    assert_true(dcm_order_clear(&o));
    assert_int_equal(dcm_order_note(&o, 200001), DCM_ORDER_ASCENDS);
    for (uint32_t tag = 200000; tag > 0; tag--)
        if (dcm_order_note(&o, tag) != DCM_ORDER_FALLS)
            fail_msg("tag %u", (unsigned)tag);
    for (uint32_t tag = 1; tag <= 200001; tag++)
        if (dcm_order_note(&o, tag) != DCM_ORDER_AGAIN)
            fail_msg("tag %u", (unsigned)tag);
    assert_true(seconds() - start < 2.0);
    dcm_order_release(&o);
}

/* The same in items one after another: leaving one must cost no more than it
 * held. */
static void many_items_with_falling_tags_are_left_quickly(void **state)
{
    struct dcm_order o;
    double start = seconds();

    (void)state;
    memset(&o, 0, sizeof o);
    assert_true(dcm_order_clear(&o));
    assert_true(dcm_order_enter(&o));
    for (uint32_t tag = 100000; tag > 0; tag--)
        dcm_order_note(&o, tag);
    for (int i = 0; i < 100000; i++) {
        assert_true(dcm_order_enter(&o));
        assert_int_equal(dcm_order_note(&o, 2), DCM_ORDER_ASCENDS);
        assert_int_equal(dcm_order_note(&o, 1), DCM_ORDER_FALLS);
        dcm_order_leave(&o);
    }
    dcm_order_leave(&o);
    assert_int_equal(o.set_used, 0);
    assert_int_equal(o.used, 0);
    assert_true(seconds() - start < 2.0);
    dcm_order_release(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_few_tags_are_told_as_they_come),
        cmocka_unit_test(answers_are_those_of_a_plain_list),
        cmocka_unit_test(items_do_not_see_each_other),
        cmocka_unit_test(many_falling_tags_cost_no_more_than_rising_ones),
        cmocka_unit_test(many_items_with_falling_tags_are_left_quickly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
