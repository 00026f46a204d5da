/* test_cpu.c - what the processor can do. SPDX-License-Identifier: Apache-2.0
 */
#include "asr/base/cpu.h"
#include "tests/support/suites.h"

#include <stdlib.h>

static void test_cpu__limit_masks_what_is_above_it(void)
{
    const unsigned x86 = HEED_CPU_AVX2 | HEED_CPU_AVX512 | HEED_CPU_AVX512_VNNI;
    CU_ASSERT_EQUAL(heed_cpu_flags_masked(x86, "c"), HEED_CPU_C);
    CU_ASSERT_EQUAL(heed_cpu_flags_masked(x86, "avx2"), HEED_CPU_AVX2);
    CU_ASSERT_EQUAL(heed_cpu_flags_masked(x86 | HEED_CPU_AVX_VNNI, "avxvnni"),
                    HEED_CPU_AVX2 | HEED_CPU_AVX_VNNI);
    CU_ASSERT_EQUAL(heed_cpu_flags_masked(x86 | HEED_CPU_AVX_VNNI, "avx2"),
                    HEED_CPU_AVX2);
    CU_ASSERT_EQUAL(heed_cpu_flags_masked(x86, "avx512"),
                    HEED_CPU_AVX2 | HEED_CPU_AVX512);
    CU_ASSERT_EQUAL(heed_cpu_flags_masked(x86, "vnni"), x86);
    CU_ASSERT_EQUAL(heed_cpu_flags_masked(HEED_CPU_AVX2, "avx512"),
                    HEED_CPU_AVX2);
    CU_ASSERT_EQUAL(heed_cpu_flags_masked(HEED_CPU_NEON, "neon"),
                    HEED_CPU_NEON);
    CU_ASSERT_EQUAL(heed_cpu_flags_masked(HEED_CPU_NEON, "c"), HEED_CPU_C);
    CU_ASSERT_EQUAL(
        heed_cpu_flags_masked(HEED_CPU_NEON | HEED_CPU_NEON_DOT, "neon"),
        HEED_CPU_NEON);
    CU_ASSERT_EQUAL(
        heed_cpu_flags_masked(HEED_CPU_NEON | HEED_CPU_NEON_DOT, "dotprod"),
        HEED_CPU_NEON | HEED_CPU_NEON_DOT);
    const unsigned arm = HEED_CPU_NEON | HEED_CPU_NEON_DOT | HEED_CPU_NEON_I8MM;
    CU_ASSERT_EQUAL(heed_cpu_flags_masked(arm, "i8mm"), arm);
    CU_ASSERT_EQUAL(heed_cpu_flags_masked(arm, "dotprod"),
                    HEED_CPU_NEON | HEED_CPU_NEON_DOT);
}

static void test_cpu__no_or_unknown_limit_masks_nothing(void)
{
    CU_ASSERT_EQUAL(heed_cpu_flags_masked(HEED_CPU_AVX2, NULL), HEED_CPU_AVX2);
    CU_ASSERT_EQUAL(heed_cpu_flags_masked(HEED_CPU_AVX2, ""), HEED_CPU_AVX2);
    CU_ASSERT_EQUAL(heed_cpu_flags_masked(HEED_CPU_AVX2, "AVX9"),
                    HEED_CPU_AVX2);
}

static void test_cpu__environment_masks(void)
{
    CU_ASSERT_EQUAL_FATAL(setenv("HEED_CPU", "c", 1), 0);
    CU_ASSERT_EQUAL(heed_cpu_flags(), HEED_CPU_C);
    CU_ASSERT_EQUAL_FATAL(unsetenv("HEED_CPU"), 0);
    const unsigned all = heed_cpu_flags();
    if (all & HEED_CPU_AVX512_VNNI)
        CU_ASSERT(all & HEED_CPU_AVX512);
    if (all & HEED_CPU_AVX512)
        CU_ASSERT(all & HEED_CPU_AVX2);
    if (all & HEED_CPU_NEON_DOT)
        CU_ASSERT(all & HEED_CPU_NEON);
    if (all & HEED_CPU_NEON_I8MM)
        CU_ASSERT(all & HEED_CPU_NEON_DOT);
}

static CU_TestInfo tests[] = {
    {"test_cpu__limit_masks_what_is_above_it",
     test_cpu__limit_masks_what_is_above_it},
    {"test_cpu__no_or_unknown_limit_masks_nothing",
     test_cpu__no_or_unknown_limit_masks_nothing},
    {"test_cpu__environment_masks", test_cpu__environment_masks},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"cpu", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
