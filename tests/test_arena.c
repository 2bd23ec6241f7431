/* libdcm/arena.c: pieces of memory that go all at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "../libdcm/arena.h"

/* Sizes around those of blocks, and over them. */
static size_t size_of(size_t i)
{
    static const size_t sizes[] = {1,     0,     24,    7,       16383,
                                   16384, 16385, 65536, 1 << 20, (1 << 20) + 1,
                                   3,     8000,  15000};

    return sizes[i % (sizeof sizes / sizeof *sizes)];
}

static void pieces_do_not_overlap(void **state)
{
    enum { PIECES = 300 };
    struct dcm_arena a = {0};
    static uint8_t *pieces[PIECES];

    (void)state;
    for (int again = 0; again < 3; again++) {
        for (size_t i = 0; i < PIECES; i++) {
            pieces[i] = i % 2 ? dcm_arena_bytes(&a, size_of(i))
                              : dcm_arena_take(&a, size_of(i));
            assert_non_null(pieces[i]);
            memset(pieces[i], (int)(i & 255), size_of(i));
        }
        for (size_t i = 0; i < PIECES; i++)
            for (size_t k = 0; k < size_of(i); k++)
                if (pieces[i][k] != (i & 255))
                    fail_msg("piece %zu is changed at %zu", i, k);
        dcm_arena_clear(&a);
    }
    dcm_arena_release(&a);
    assert_null(a.blocks);
    assert_null(a.large);
}

static void pieces_for_any_type_are_aligned(void **state)
{
    struct dcm_arena a = {0};

    (void)state;
    for (size_t i = 0; i < 200; i++) {
        assert_non_null(dcm_arena_bytes(&a, i % 5));
        assert_int_equal((uintptr_t)dcm_arena_take(&a, size_of(i)) %
                             _Alignof(max_align_t),
                         0);
    }
    dcm_arena_release(&a);
}

static void what_grows_keeps_its_bytes(void **state)
{
    struct dcm_arena a = {0};
    uint8_t *p = NULL;
    size_t n = 0;

    (void)state;
    for (size_t more = 1; more < (4u << 20); more = more * 3 + 1) {
        p = dcm_arena_grow(&a, p, n, more);
        assert_non_null(p);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(p[i], (uint8_t)(i * 7));
        for (size_t i = n; i < more; i++)
            p[i] = (uint8_t)(i * 7);
        n = more;
        /* something else is taken in between, sometimes a large piece */
        assert_non_null(dcm_arena_bytes(&a, more % 2 ? 10 : 20000));
    }
    dcm_arena_release(&a);
}

static void a_size_that_cannot_be_fails_and_changes_nothing(void **state)
{
    struct dcm_arena a = {0};
    char *p = dcm_arena_bytes(&a, 100), *q = dcm_arena_bytes(&a, 20000);

    (void)state;
    assert_non_null(p);
    assert_non_null(q);
    memset(q, 'q', 20000);
    assert_null(dcm_arena_bytes(&a, SIZE_MAX));
    assert_null(dcm_arena_take(&a, SIZE_MAX - 3));
    assert_null(dcm_arena_grow(&a, q, 20000, SIZE_MAX));
    assert_int_equal(q[19999], 'q');
    assert_ptr_equal(dcm_arena_bytes(&a, 1), p + 100);
    dcm_arena_release(&a);
}

static void a_cleared_arena_uses_its_block_again(void **state)
{
    struct dcm_arena a = {0};
    char *first;

    (void)state;
    dcm_arena_clear(&a); /* of nothing */
    first = dcm_arena_bytes(&a, 100);
    dcm_arena_clear(&a);
    assert_ptr_equal(dcm_arena_bytes(&a, 100), first);
    dcm_arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_do_not_overlap),
        cmocka_unit_test(pieces_for_any_type_are_aligned),
        cmocka_unit_test(what_grows_keeps_its_bytes),
        cmocka_unit_test(a_size_that_cannot_be_fails_and_changes_nothing),
        cmocka_unit_test(a_cleared_arena_uses_its_block_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
