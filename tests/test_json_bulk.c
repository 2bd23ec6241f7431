/* Bulk data and large values in JSON (PS3.18 F.2.2, F.2.6), and what is left
 * whole when a source stops short. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "json_player.h"

#define LARGE(tag, vr, bytes, times)                                      \
    {                                                                     \
        DCM_EVENT_VALUE, tag, VR_##vr, bytes, sizeof(bytes) - 1, 0, times \
    }

static void bulk_is_by_size_vr_and_policy(void **state)
{
    const struct step steps[] = {
        DATASET,
        SEQ(0x00081140),
        ITEM,
        ITEM_END,
        ITEM,
        LARGE(0x00282000, OB, "ab", 40000),
        ITEM_END,
        SEQ_END,
        LARGE(0x00420011, OB, "a", 70000),
        END,
    };
    struct dcm_json_options o = {.size = sizeof(o)};
    const uint16_t none[] = {VR_OW, 0};
    struct player p;
    struct result r;

    (void)state;
    CHECK(steps, NULL,
          "{\"00081140\":{\"vr\":\"SQ\",\"Value\":[{},{\"00282000\":"
          "{\"vr\":\"OB\","
          "\"BulkDataURI\":\"bulkdata/00081140/2/00282000\"}}]},"
          "\"00420011\":{\"vr\":\"OB\",\"BulkDataURI\":"
          "\"bulkdata/00420011\"}}");
    o.bulk = DCM_BULK_OMIT;
    CHECK(steps, &o,
          "{\"00081140\":{\"vr\":\"SQ\",\"Value\":[{},{\"00282000\":"
          "{\"vr\":\"OB\"}}]},\"00420011\":{\"vr\":\"OB\"}}");
    o.bulk = DCM_BULK_URI;
    o.bulk_vrs = none;
    player_init(&p, steps, COUNT(steps), "");
    play(&r, &p, &o);
    assert_null(strstr(r.text, "BulkDataURI"));
    result_release(&r);
}

static void a_value_of_bulk_size_is_inline(void **state)
{
    static char text[1026];
    struct step steps[] = {DATASET, VALUE(0x00420011, OB, text), END};

    (void)state;
    for (size_t n = 1024; n <= 1025; n++) {
        struct player p;
        struct result r;

        memset(text, 'a', n);
        player_init(&p, steps, COUNT(steps), "");
        play(&r, &p, NULL);
        assert_int_equal(strstr(r.text, "InlineBinary") != NULL, n == 1024);
        assert_int_equal(strstr(r.text, "BulkDataURI") != NULL, n == 1025);
        result_release(&r);
    }
}

/* Values over 64 KiB come in pieces; 3 and 8 do not divide the sizes. */
static void large_values_are_whole(void **state)
{
    struct dcm_json_options o = {.size = sizeof(o), .bulk = DCM_BULK_INLINE};
    struct step steps[] = {
        DATASET,
        LARGE(0x00420011, OB, "abc", 100001),
        {DCM_EVENT_VALUE, 0x00430011, VR_OW, "\1\2\3\4\5\6", 6, DCM_BIG_ENDIAN,
         50000},
        LARGE(0x00440011, UT, "a\"", 100000),
        LARGE(0x00450011, US, "\7\0\x08\0\x09\0", 30000),
        LARGE(0x00460011, DS, "1.5\\", 40000),
        END,
    };
    const struct {
        const char *unit;
        size_t times;
    } want[] = {
        {"{\"00420011\":{\"vr\":\"OB\",\"InlineBinary\":\"", 1},
        {"YWJj", 100001},
        {"\"},\"00430011\":{\"vr\":\"OW\",\"InlineBinary\":\"", 1},
        {"AgEEAwYF", 50000},
        {"\"},\"00440011\":{\"vr\":\"UT\",\"Value\":[\"", 1},
        {"a\\\"", 100000},
        {"\"]},\"00450011\":{\"vr\":\"US\",\"Value\":[", 1},
        {"7,8,9,", 29999},
        {"7,8,9]},\"00460011\":{\"vr\":\"DS\",\"Value\":[", 1},
        {"1.5,", 40000},
        {"null]}}", 1},
    };
    struct player p;
    struct result r;
    const char *at;

    (void)state;
    player_init(&p, steps, COUNT(steps), "");
    play(&r, &p, &o);
    assert_int_equal(r.status, DCM_OK);
    at = r.text;
    for (size_t i = 0; i < COUNT(want); i++)
        for (size_t k = 0; k < want[i].times; k++) {
            size_t n = strlen(want[i].unit);

            if (strncmp(at, want[i].unit, n) != 0)
                fail_msg("part %zu, %zu: %.40s", i, k, at);
            at += n;
        }
    assert_int_equal(*at, '\0');
    assert_int_equal(dcm_policy_count(r.policy, 0), 0);
    result_release(&r);
}

static void text_over_the_limit_is_bulk_or_an_error(void **state)
{
    const struct step ut[] = {DATASET, LARGE(0x0040A160, UT, "ab", 40000), END};
    const struct step lo[] = {DATASET, LARGE(0x00081030, LO, "ab", 40000), END};
    struct dcm_limits limits = {.size = sizeof(limits), .value = 70000};
    struct dcm_json_options o = {.size = sizeof(o), .limits = &limits};
    struct player p;
    struct result r;

    (void)state;
    CHECK(ut, &o,
          "{\"0040A160\":{\"vr\":\"UT\","
          "\"BulkDataURI\":\"bulkdata/0040A160\"}}");
    /* F.2.2 allows no BulkDataURI for LO. */
    player_init(&p, lo, COUNT(lo), "");
    play(&r, &p, &o);
    assert_int_equal(r.status, DCM_ERR_LIMIT);
    assert_non_null(strstr(r.error.message, "'value'"));
    result_release(&r);
    o.bulk = DCM_BULK_INLINE;
    player_init(&p, ut, COUNT(ut), "");
    play(&r, &p, &o);
    assert_int_equal(r.status, DCM_ERR_LIMIT);
    result_release(&r);
}

static void depth_and_output_have_limits(void **state)
{
    const struct step steps[] = {
        DATASET,  SEQ(0x00081140), ITEM,     SEQ(0x00081140), ITEM,
        ITEM_END, SEQ_END,         ITEM_END, SEQ_END,         END,
    };
    const struct step large[] = {DATASET, LARGE(0x00420011, OB, "a", 900000),
                                 END};
    struct dcm_limits limits = {.size = sizeof(limits), .depth = 1};
    struct dcm_json_options o = {.size = sizeof(o), .limits = &limits};
    struct player p;
    struct result r;

    (void)state;
    player_init(&p, steps, COUNT(steps), "");
    play(&r, &p, &o);
    assert_int_equal(r.status, DCM_ERR_LIMIT);
    assert_non_null(strstr(r.error.message, "'depth'"));
    result_release(&r);
    o.bulk = DCM_BULK_INLINE;
    limits.output = 500000;
    player_init(&p, large, COUNT(large), "");
    play(&r, &p, &o);
    assert_int_equal(r.status, DCM_ERR_LIMIT);
    assert_non_null(strstr(r.error.message, "'output'"));
    result_release(&r);
}

/* --------------------------------------------------------------- fragments */

struct seen {
    unsigned frags, fragments;
    struct dcm_event asked;
    size_t says;
};

static enum dcm_status see_fragment(void *user, const struct dcm_event *ev)
{
    struct seen *seen = user;

    if (ev->type == DCM_EVENT_FRAGS)
        seen->frags++;
    else
        seen->fragments++;
    return DCM_OK;
}

static size_t give_uri(void *user, const struct dcm_event *ev, char *buffer,
                       size_t size)
{
    struct seen *seen = user;

    seen->asked = *ev;
    assert_true(size >= 4096);
    memcpy(buffer, "a b?x=\"1\"", 9);
    return seen->says;
}

static const struct step encapsulated[] = {
    DATASET,
    {DCM_EVENT_FRAGS, 0x7FE00010, VR_OB, "", 0, 0, 0},
    {DCM_EVENT_FRAGMENT, 0x7FE00010, 0, "", 0, 0, 0},
    {DCM_EVENT_FRAGMENT, 0x7FE00010, 0, "abcd", 0, 0, 0},
    {DCM_EVENT_FRAGS_END, 0x7FE00010, 0, "", 0, 0, 0},
    END,
};

static void encapsulated_pixels_are_never_inline(void **state)
{
    struct dcm_json_options o = {.size = sizeof(o), .bulk = DCM_BULK_INLINE};

    (void)state;
    CHECK(encapsulated, &o,
          "{\"7FE00010\":{\"vr\":\"OB\","
          "\"BulkDataURI\":\"bulkdata/7FE00010\"}}");
    o.bulk = DCM_BULK_OMIT;
    CHECK(encapsulated, &o, "{\"7FE00010\":{\"vr\":\"OB\"}}");
}

static void fragments_are_handed_on_and_spanned_by_one_uri(void **state)
{
    struct seen seen = {.says = 9};
    struct dcm_json_options o = {
        .size = sizeof(o),
        .fragment = see_fragment,
        .uri = give_uri,
        .user = &seen,
    };

    (void)state;
    /* What no URI may have in it is percent-encoded (RFC 3986). */
    CHECK(encapsulated, &o,
          "{\"7FE00010\":{\"vr\":\"OB\","
          "\"BulkDataURI\":\"a%20b?x=%221%22\"}}");
    assert_int_equal(seen.frags, 1);
    assert_int_equal(seen.fragments, 2);
    assert_int_equal(seen.asked.type, DCM_EVENT_FRAGS_END);
    assert_int_equal(seen.asked.vr, VR_OB);
    /* Headers of 8 bytes from 1000 on: DATASET, FRAGS, two fragments. */
    assert_int_equal(seen.asked.offset, 1008);
    assert_int_equal(seen.asked.value_offset, 1016);
    assert_int_equal(seen.asked.size, 8 + 8 + 4);
}

static void a_uri_can_fail_the_conversion(void **state)
{
    struct seen seen = {.says = SIZE_MAX};
    struct dcm_json_options o = {
        .size = sizeof(o),
        .uri = give_uri,
        .user = &seen,
    };
    struct player p;
    struct result r;

    (void)state;
    player_init(&p, encapsulated, COUNT(encapsulated), "");
    play(&r, &p, &o);
    assert_int_equal(r.status, DCM_ERR_WRITE);
    result_release(&r);
}

/* ------------------------------------------------------------ broken sources
 */

static void a_document_that_stops_anywhere_can_be_closed(void **state)
{
    static const struct step steps[] = {
        DATASET,
        VALUE(0x00200013, IS, "1 "),
        SEQ(0x00081140),
        ITEM,
        VALUE(0x00081150, UI, "1 "),
        {DCM_EVENT_FRAGS, 0x7FE00010, VR_OB, "", 0, 0, 0},
        {DCM_EVENT_FRAGMENT, 0x7FE00010, 0, "", 0, 0, 0},
    };
    static const char *const want[] = {
        "{}",
        "{\"00200013\":{\"vr\":\"IS\",\"Value\":[1]}}",
        "{\"00081140\":{\"vr\":\"SQ\"},"
        "\"00200013\":{\"vr\":\"IS\",\"Value\":[1]}}",
        "{\"00081140\":{\"vr\":\"SQ\",\"Value\":[{}]},"
        "\"00200013\":{\"vr\":\"IS\",\"Value\":[1]}}",
        "{\"00081140\":{\"vr\":\"SQ\",\"Value\":[{\"00081150\":"
        "{\"vr\":\"UI\",\"Value\":[\"1\"]}}]},"
        "\"00200013\":{\"vr\":\"IS\",\"Value\":[1]}}",
        "{\"00081140\":{\"vr\":\"SQ\",\"Value\":[{\"00081150\":"
        "{\"vr\":\"UI\",\"Value\":[\"1\"]},\"7FE00010\":{\"vr\":\"OB\"}}]},"
        "\"00200013\":{\"vr\":\"IS\",\"Value\":[1]}}",
        "{\"00081140\":{\"vr\":\"SQ\",\"Value\":[{\"00081150\":"
        "{\"vr\":\"UI\",\"Value\":[\"1\"]},\"7FE00010\":{\"vr\":\"OB\"}}]},"
        "\"00200013\":{\"vr\":\"IS\",\"Value\":[1]}}",
    };

    (void)state;
    for (size_t n = 1; n <= COUNT(steps); n++)
        check_with(__func__, steps, n, NULL, want[n - 1]);
}

/* The text of a value that its source cannot give to the end is whole JSON,
 * and the source's own error comes out. */
static void a_value_that_stops_short_is_closed(void **state)
{
    static const struct {
        struct step step;
        const char *end;
    } rows[] = {
        {LARGE(0x00420011, OB, "abc", 50000), "YWJjYQ==\"}}"},
        {LARGE(0x00420011, OB, "abc", 50000), "{\"vr\":\"OB\"}}"},
        {LARGE(0x00440011, UT, "abc", 50000), "abca\"]}}"},
        {LARGE(0x00450011, US, "\1\0\2\0", 40000), ",1,2,1,2]}}"},
    };
    static const uint64_t stops[] = {100000, 1, 100000, 100000};
    struct dcm_json_options o = {.size = sizeof(o), .bulk = DCM_BULK_INLINE};

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct step steps[] = {DATASET, rows[i].step, END};
        struct player p;
        struct result r;

        player_init(&p, steps, COUNT(steps), "");
        p.stops = stops[i];
        play(&r, &p, &o);
        assert_int_equal(r.status, DCM_ERR_TRUNCATED);
        assert_string_equal(r.error.message, "input ends");
        if (i != 1)
            assert_string_equal(r.text + r.size - strlen(rows[i].end),
                                rows[i].end);
        assert_int_equal(r.text[r.size - 1], '}');
        result_release(&r);
    }
}

static void events_out_of_place_are_refused(void **state)
{
    static const struct step rows[][3] = {
        {DATASET, DATASET, END},
        {DATASET, ITEM, END},
        {DATASET, SEQ_END, END},
        {DATASET, SEQ(0x00081140), VALUE(0x00100020, LO, "A ")},
        {DATASET, SEQ(0x00081140), END},
        {DATASET, PLAIN(FRAGMENT), END},
        {DATASET, PLAIN(FRAGS_END), END},
        {DATASET, {DCM_EVENT_FRAGS, 0x7FE00010, VR_OB, "", 0, 0, 0}, END},
        {DATASET, END, END},
        {DATASET,
         {DCM_EVENT_SEQ, 0x00081140, VR_SQ, "", 0, DCM_DUPLICATE, 0},
         END},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct player p;
        struct result r;

        player_init(&p, rows[i], 3, "");
        play(&r, &p, NULL);
        if (r.status != DCM_ERR_ARGUMENT)
            fail_msg("row %zu: %s", i, dcm_status_name(r.status));
        result_release(&r);
    }
}

static int refuse(void *user, const void *data, size_t n)
{
    (void)user;
    (void)data;
    (void)n;
    return -1;
}

/* 4 MB in base64 are more than the buffer keeps. */
static void a_failure_to_write_is_the_sinks_error(void **state)
{
    const struct step steps[] = {DATASET, LARGE(0x00420011, OB, "a", 4000000),
                                 END};
    struct dcm_json_options o = {.size = sizeof(o), .bulk = DCM_BULK_INLINE};
    struct dcm_output *out = dcm_output_callback(refuse, NULL);
    struct dcm_json_writer *w = dcm_json_writer_new(&o, out);
    struct dcm_error error;
    struct player p;

    (void)state;
    player_init(&p, steps, COUNT(steps), "");
    assert_int_equal(dcm_pump(&p.source, dcm_json_writer_sink(w), &error),
                     DCM_ERR_WRITE);
    assert_int_equal(error.code, DCM_ERR_WRITE);
    assert_int_equal(dcm_json_writer_close(w), DCM_ERR_WRITE);
    dcm_json_writer_free(w);
    dcm_output_free(out);
    dcm_scope_stack_release(&p.scopes);
}

static void a_document_can_be_taken_back(void **state)
{
    const struct step steps[] = {DATASET, VALUE(0x00180050, DS, "1,5 "), END};
    struct dcm_json_options o = {.size = sizeof(o)};
    struct result r = {NULL, 0, DCM_OK, {0}, NULL};
    struct dcm_output *out = dcm_output_callback(keep, &r);
    struct dcm_json_writer *w;
    struct player p;
    uint64_t start;

    (void)state;
    r.policy = o.policy = dcm_policy_new(1, NULL, NULL);
    w = dcm_json_writer_new(&o, out);
    dcm_output_char(out, '[');
    for (int i = 0; i < 2; i++) {
        start = dcm_output_tell(out);
        player_init(&p, steps, COUNT(steps), "");
        r.policy->strict = i == 0;
        assert_int_equal(dcm_pump(&p.source, dcm_json_writer_sink(w), NULL),
                         i == 0 ? DCM_ERR_STRICT : DCM_OK);
        if (i == 0)
            assert_true(dcm_output_truncate(out, start));
        dcm_json_writer_clear(w);
        dcm_scope_stack_release(&p.scopes);
    }
    dcm_output_char(out, ']');
    dcm_output_flush(out);
    assert_string_equal(r.text,
                        "[{\"00180050\":{\"vr\":\"DS\",\"Value\":[\"1,5\"]}}]");
    dcm_json_writer_free(w);
    dcm_output_free(out);
    result_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bulk_is_by_size_vr_and_policy),
        cmocka_unit_test(a_value_of_bulk_size_is_inline),
        cmocka_unit_test(large_values_are_whole),
        cmocka_unit_test(text_over_the_limit_is_bulk_or_an_error),
        cmocka_unit_test(depth_and_output_have_limits),
        cmocka_unit_test(encapsulated_pixels_are_never_inline),
        cmocka_unit_test(fragments_are_handed_on_and_spanned_by_one_uri),
        cmocka_unit_test(a_uri_can_fail_the_conversion),
        cmocka_unit_test(a_document_that_stops_anywhere_can_be_closed),
        cmocka_unit_test(a_value_that_stops_short_is_closed),
        cmocka_unit_test(events_out_of_place_are_refused),
        cmocka_unit_test(a_failure_to_write_is_the_sinks_error),
        cmocka_unit_test(a_document_can_be_taken_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
