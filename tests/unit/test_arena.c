/* test_arena.c - pieces of one block. SPDX-License-Identifier: Apache-2.0 */
#include "asr/base/arena.h"
#include "tests/support/suites.h"

#include <stdint.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define HAVE_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAVE_ASAN 1
#endif
#endif
#ifdef HAVE_ASAN
#include <sanitizer/asan_interface.h>
#endif

typedef struct layout {
    float *floats;
    char *bytes;
    double *none;
    uint64_t *words;
} layout;

static void lay_out(layout *l, heed_arena *arena)
{
    l->floats = heed_arena_take(arena, 5, sizeof *l->floats);
    l->bytes = heed_arena_take(arena, 65, 1);
    l->none = heed_arena_take(arena, 0, sizeof *l->none);
    l->words = heed_arena_take(arena, 100, sizeof *l->words);
}

static void test_arena__measured_size_is_exactly_enough(void)
{
    heed_arena arena;
    layout l;
    heed_arena_init_measure(&arena);
    lay_out(&l, &arena);
    CU_ASSERT_PTR_NULL(l.floats);
    CU_ASSERT_PTR_NULL(l.words);
    CU_ASSERT_EQUAL(heed_arena_status(&arena), HEED_OK);
    const size_t needed = heed_arena_used(&arena);
    CU_ASSERT(needed >= 5 * sizeof(float) + 65 + 100 * sizeof(uint64_t));

    CU_ASSERT_EQUAL_FATAL(heed_arena_init(&arena, needed), HEED_OK);
    lay_out(&l, &arena);
    CU_ASSERT_EQUAL(heed_arena_status(&arena), HEED_OK);
    CU_ASSERT_EQUAL(heed_arena_used(&arena), needed);
    CU_ASSERT_PTR_NOT_NULL(l.words);
    CU_ASSERT_PTR_NULL(heed_arena_take(&arena, 1, 1));
    CU_ASSERT_EQUAL(heed_arena_status(&arena), HEED_ERR_MEMORY);
    heed_arena_deinit(&arena);
}

static void test_arena__pieces_are_aligned_apart_and_zero(void)
{
    heed_arena arena;
    CU_ASSERT_EQUAL_FATAL(heed_arena_init(&arena, 4096), HEED_OK);
    unsigned char *last = NULL;
    size_t last_bytes = 0;
    for (size_t bytes = 1; bytes < 200; bytes += 37) {
        unsigned char *piece = heed_arena_take(&arena, bytes, 1);
        CU_ASSERT_PTR_NOT_NULL_FATAL(piece);
        CU_ASSERT_EQUAL((uintptr_t)piece % HEED_ARENA_ALIGNMENT, 0);
        CU_ASSERT(!last || piece >= last + last_bytes);
        for (size_t i = 0; i < bytes; i++)
            CU_ASSERT_EQUAL(piece[i], 0);
        memset(piece, 0xff, bytes);
        last = piece;
        last_bytes = bytes;
    }
    heed_arena_deinit(&arena);
}

static void test_arena__overflow_is_refused(void)
{
    heed_arena arena;
    heed_arena_init_measure(&arena);
    CU_ASSERT_PTR_NULL(heed_arena_take(&arena, SIZE_MAX / 2, 3));
    CU_ASSERT_EQUAL(heed_arena_status(&arena), HEED_ERR_MEMORY);

    heed_arena_init_measure(&arena);
    CU_ASSERT_PTR_NULL(heed_arena_take(&arena, SIZE_MAX, 1));
    CU_ASSERT_EQUAL(heed_arena_status(&arena), HEED_ERR_MEMORY);

    heed_arena_init_measure(&arena);
    CU_ASSERT_PTR_NULL(heed_arena_take(&arena, SIZE_MAX / 2, 1));
    CU_ASSERT_EQUAL(heed_arena_status(&arena), HEED_OK);
    CU_ASSERT_PTR_NULL(heed_arena_take(&arena, SIZE_MAX / 2, 1));
    CU_ASSERT_PTR_NULL(heed_arena_take(&arena, SIZE_MAX / 2, 1));
    CU_ASSERT_EQUAL(heed_arena_status(&arena), HEED_ERR_MEMORY);

    CU_ASSERT_EQUAL(heed_arena_init(&arena, SIZE_MAX), HEED_ERR_MEMORY);
    CU_ASSERT_PTR_NULL(heed_arena_take(&arena, 1, 1));
    heed_arena_deinit(&arena);
}

static void test_arena__released_arena_gives_nothing(void)
{
    heed_arena arena;
    CU_ASSERT_EQUAL_FATAL(heed_arena_init(&arena, 0), HEED_OK);
    heed_arena_deinit(&arena);
    CU_ASSERT_PTR_NULL(heed_arena_take(&arena, 1, 1));
    heed_arena_deinit(&arena);
}

static void test_arena__gaps_are_poisoned_under_asan(void)
{
#ifdef HAVE_ASAN
    heed_arena arena;
    CU_ASSERT_EQUAL_FATAL(heed_arena_init(&arena, 1024), HEED_OK);
    char *first = heed_arena_take(&arena, 70, 1);
    char *second = heed_arena_take(&arena, 64, 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(second);
    CU_ASSERT_FALSE(__asan_address_is_poisoned(first + 69));
    CU_ASSERT(__asan_address_is_poisoned(first + 70));
    CU_ASSERT(__asan_address_is_poisoned(second - 1));
    CU_ASSERT_FALSE(__asan_address_is_poisoned(second));
    CU_ASSERT(__asan_address_is_poisoned(second + 64));
    heed_arena_deinit(&arena);
#else
    CU_PASS("needs AddressSanitizer");
#endif
}

static CU_TestInfo tests[] = {
    {"test_arena__measured_size_is_exactly_enough",
     test_arena__measured_size_is_exactly_enough},
    {"test_arena__pieces_are_aligned_apart_and_zero",
     test_arena__pieces_are_aligned_apart_and_zero},
    {"test_arena__overflow_is_refused", test_arena__overflow_is_refused},
    {"test_arena__released_arena_gives_nothing",
     test_arena__released_arena_gives_nothing},
    {"test_arena__gaps_are_poisoned_under_asan",
     test_arena__gaps_are_poisoned_under_asan},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"arena", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
