/* libdcm/event.c and pump.c: the grammar of streams, the path and creator of
 * an event, and what becomes of failures between a source and a sink. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "../libdcm/event.h"
#include "../libdcm/scope.h"

#define SQ 0x00081140u
#define PIXELS 0x7FE00010u
#define NAME 0x00100010u
#define UID 0x00020010u

/* An event a letter, so that a stream is a word:
 *   m VALUE of group 0002, D DATASET, v VALUE, s SEQ, i ITEM, e ITEM_END,
 *   q SEQ_END, p FRAGS, f FRAGMENT, g FRAGS_END, E END
 * Depths and numbers are made as the contract asks. */
static int check_word(const char *word)
{
    struct dcm_grammar g;
    uint32_t number[8] = {0};
    unsigned depth = 0;
    int ok = 1;

    dcm_grammar_init(&g);
    for (; *word && ok; word++) {
        struct dcm_event ev = {0};

        switch (*word) {
        case 'm':
            ev.type = DCM_EVENT_VALUE;
            ev.tag = UID;
            break;
        case 'D':
            ev.type = DCM_EVENT_DATASET;
            break;
        case 'v':
            ev.type = DCM_EVENT_VALUE;
            ev.tag = NAME;
            break;
        case 's':
            ev.type = DCM_EVENT_SEQ;
            ev.tag = SQ;
            number[depth] = 0;
            break;
        case 'i':
            ev.type = DCM_EVENT_ITEM;
            ev.tag = SQ;
            ev.number = ++number[depth];
            break;
        case 'e':
            ev.type = DCM_EVENT_ITEM_END;
            ev.tag = SQ;
            if (depth)
                depth--;
            break;
        case 'q':
            ev.type = DCM_EVENT_SEQ_END;
            ev.tag = SQ;
            break;
        case 'p':
            ev.type = DCM_EVENT_FRAGS;
            ev.tag = PIXELS;
            number[depth] = 0;
            break;
        case 'f':
            ev.type = DCM_EVENT_FRAGMENT;
            ev.tag = PIXELS;
            ev.number = ++number[depth];
            break;
        case 'g':
            ev.type = DCM_EVENT_FRAGS_END;
            ev.tag = PIXELS;
            break;
        default:
            ev.type = DCM_EVENT_END;
        }
        ev.depth = depth;
        ok = dcm_grammar_check(&g, &ev);
        if (*word == 'i')
            depth++;
    }
    dcm_grammar_release(&g);
    return ok;
}

static void grammar_accepts_what_dcm_h_describes(void **state)
{
    static const struct {
        const char *why, *word;
        int want;
    } rows[] = {
        {"the smallest stream", "DE", 1},
        {"File Meta Information first", "mmDvE", 1},
        {"a value of the data set before DATASET", "vDE", 0},
        {"group 0002 inside the data set is data", "DmE", 1},
        {"no DATASET", "mE", 0},
        {"DATASET twice", "DDE", 0},
        {"an empty sequence", "DsqE", 1},
        {"an empty item", "DsieqE", 1},
        {"a value after an item", "DsivevqE", 0},
        {"two items", "DsiveieqE", 1},
        {"sequences in items", "DsisiveqeqvE", 1},
        {"a value between items", "DsvqE", 0},
        {"an item outside a sequence", "DieE", 0},
        {"an item that does not end", "DsivqE", 0},
        {"an item end too many", "DeE", 0},
        {"a sequence end too many", "DqE", 0},
        {"END in an item", "DsiE", 0},
        {"fragments", "DpffgE", 1},
        {"no fragments", "DpgE", 1},
        {"a fragment alone", "DfE", 0},
        {"an item among fragments", "DpigE", 0},
        {"fragments that end as a sequence", "DpfqE", 0},
        {"fragments in an item", "DsipfgeqE", 1},
        {"anything after END", "DEv", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (check_word(rows[i].word) != rows[i].want)
            fail_msg("%s: %s", rows[i].why, rows[i].word);
}

static void grammar_looks_at_depth_tag_and_number(void **state)
{
    static const struct {
        const char *why;
        uint32_t tag, number;
        unsigned depth;
        int want;
    } rows[] = {
        {"item 2 may be the first that is passed on", SQ, 2, 0, 1},
        {"item of another sequence", NAME, 1, 0, 0},
        {"items count from 1", SQ, 0, 0, 0},
        {"depth is of what is around the item", SQ, 1, 1, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct dcm_grammar g;
        struct dcm_event ev = {.type = DCM_EVENT_DATASET};

        dcm_grammar_init(&g);
        assert_int_equal(dcm_grammar_check(&g, &ev), 1);
        ev.type = DCM_EVENT_SEQ;
        ev.tag = SQ;
        assert_int_equal(dcm_grammar_check(&g, &ev), 1);
        ev.type = DCM_EVENT_ITEM;
        ev.tag = rows[i].tag;
        ev.number = rows[i].number;
        ev.depth = rows[i].depth;
        if (dcm_grammar_check(&g, &ev) != rows[i].want)
            fail_msg("%s", rows[i].why);
        dcm_grammar_release(&g);
    }
}

static void path_names_items_around_and_is_cut_to_fit(void **state)
{
    struct dcm_scope_stack s;
    struct dcm_event ev = {.type = DCM_EVENT_VALUE, .tag = NAME};
    char path[96], tiny[4];

    (void)state;
    assert_string_equal(dcm_event_path(&ev, path, sizeof path), "(0010,0010)");
    dcm_scope_stack_init(&s);
    assert_int_equal(dcm_scope_stack_clear(&s), DCM_OK);
    assert_int_equal(dcm_scope_enter(&s, 0x0040A730, 2), DCM_OK);
    ev.tag = 0x0040A124;
    ev.depth = 1;
    ev.scope = dcm_scope_top(&s);
    assert_string_equal(dcm_event_path(&ev, path, sizeof path),
                        "(0040,A730)[2]/(0040,A124)");
    /* the item itself, whose scope may be the one inside it */
    ev.type = DCM_EVENT_ITEM;
    ev.tag = 0x0040A730;
    ev.number = 2;
    ev.depth = 0;
    assert_string_equal(dcm_event_path(&ev, path, sizeof path),
                        "(0040,A730)[2]");
    dcm_event_path(&ev, tiny, sizeof tiny);
    assert_non_null(memchr(tiny, 0, sizeof tiny));
    tiny[0] = 'x';
    dcm_event_path(&ev, tiny, 0);
    assert_int_equal(tiny[0], 'x');
    dcm_scope_stack_release(&s);
}

static void creator_is_that_of_the_block(void **state)
{
    struct dcm_scope_stack s;
    struct dcm_event ev = {.type = DCM_EVENT_VALUE, .tag = 0x00291002};
    size_t n = 9;
    const char *creator;

    (void)state;
    assert_null(dcm_event_creator(&ev, &n));
    dcm_scope_stack_init(&s);
    assert_int_equal(dcm_scope_stack_clear(&s), DCM_OK);
    assert_int_equal(
        dcm_scope_reserve(&s, 0x00290010, (const uint8_t *)"ACME 1", 6),
        DCM_OK);
    ev.scope = dcm_scope_top(&s);
    creator = dcm_event_creator(&ev, &n);
    assert_non_null(creator);
    assert_int_equal(n, 6);
    assert_memory_equal(creator, "ACME 1", 6);
    ev.tag = 0x00291102; /* block 11 is nobody's */
    assert_null(dcm_event_creator(&ev, &n));
    dcm_scope_stack_release(&s);
}

/* ---------------------------------------------------------------- pump */

struct player {
    struct dcm_source base;
    unsigned given, events;
    enum dcm_status last; /* what comes after them */
    struct dcm_error error;
};

static enum dcm_status play(struct dcm_source *source, struct dcm_event *ev)
{
    struct player *p = (struct player *)source;

    memset(ev, 0, sizeof *ev);
    if (p->given == p->events)
        return p->last;
    ev->type = p->given++ ? DCM_EVENT_END : DCM_EVENT_DATASET;
    return DCM_OK;
}

static const struct dcm_error *player_error(const struct dcm_source *source)
{
    return &((const struct player *)source)->error;
}

struct counter {
    struct dcm_sink base;
    unsigned taken, refuse; /* the n-th event is refused */
};

static enum dcm_status take(struct dcm_sink *sink, const struct dcm_event *ev)
{
    struct counter *c = (struct counter *)sink;

    (void)ev;
    return ++c->taken == c->refuse ? DCM_ERR_WRITE : DCM_OK;
}

static void pump_moves_all_and_reports_the_first_failure(void **state)
{
    static const struct {
        const char *why;
        unsigned refuse;
        enum dcm_status last, want;
        unsigned taken;
        const char *message;
    } rows[] = {
        {"all goes well", 0, DCM_DONE, DCM_OK, 2, ""},
        {"the source fails after what it gave", 0, DCM_ERR_TRUNCATED,
         DCM_ERR_TRUNCATED, 2, "ends early"},
        {"the source fails and has no details", 0, DCM_ERR_READ, DCM_ERR_READ,
         2, NULL},
        {"the sink refuses: nothing more is asked", 1, DCM_DONE, DCM_ERR_WRITE,
         1, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct player p = {.base = {play, NULL, player_error}, .events = 2};
        struct counter c = {.base = {take, NULL}, .refuse = rows[i].refuse};
        struct dcm_error error;

        p.last = rows[i].last;
        p.error.code = DCM_ERR_TRUNCATED;
        strcpy(p.error.message, "ends early");
        if (dcm_pump(&p.base, &c.base, &error) != rows[i].want ||
            error.code != rows[i].want || c.taken != rows[i].taken)
            fail_msg("%s", rows[i].why);
        if (rows[i].message)
            assert_string_equal(error.message, rows[i].message);
        else
            assert_string_equal(error.message, dcm_status_name(error.code));
        p.given = c.taken = 0;
        assert_int_equal(dcm_pump(&p.base, &c.base, NULL), rows[i].want);
    }
}

static void reading_without_a_source_is_an_error(void **state)
{
    struct dcm_event ev = {.type = DCM_EVENT_VALUE};
    size_t got = 5;
    char byte;

    (void)state;
    assert_int_equal(dcm_event_read(&ev, &byte, 1, &got), DCM_ERR_ARGUMENT);
    assert_int_equal(got, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grammar_accepts_what_dcm_h_describes),
        cmocka_unit_test(grammar_looks_at_depth_tag_and_number),
        cmocka_unit_test(path_names_items_around_and_is_cut_to_fit),
        cmocka_unit_test(creator_is_that_of_the_block),
        cmocka_unit_test(pump_moves_all_and_reports_the_first_failure),
        cmocka_unit_test(reading_without_a_source_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
