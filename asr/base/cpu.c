/* cpu.c - what the processor can do. SPDX-License-Identifier: Apache-2.0 */
#include "asr/base/cpu.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#if defined(__GNUC__) && (defined(__x86_64__) || defined(__i386__))
#include <cpuid.h>
#endif
#if defined(__aarch64__) && defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

#if defined(__GNUC__) && (defined(__x86_64__) || defined(__i386__))
/* Not all compilers know it by name. */
static bool has_avx_vnni(void)
{
    unsigned a = 0;
    unsigned b = 0;
    unsigned c = 0;
    unsigned d = 0;

    return __get_cpuid_count(7, 1, &a, &b, &c, &d) != 0 && (a & 1U << 4) != 0;
}
#endif

static unsigned detect(void)
{
    unsigned flags = HEED_CPU_C;
#if defined(__GNUC__) && (defined(__x86_64__) || defined(__i386__))
    /* The compiler's run-time support also asks whether the operating system
     * saves the wide registers. */
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        flags |= HEED_CPU_AVX2;
    if ((flags & HEED_CPU_AVX2) && __builtin_cpu_supports("avx512f") &&
        __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl"))
        flags |= HEED_CPU_AVX512;
    if ((flags & HEED_CPU_AVX512) && __builtin_cpu_supports("avx512vnni"))
        flags |= HEED_CPU_AVX512_VNNI;
    if ((flags & HEED_CPU_AVX2) && has_avx_vnni())
        flags |= HEED_CPU_AVX_VNNI;
#elif defined(__aarch64__)
    flags |= HEED_CPU_NEON;
#if defined(__APPLE__)
    flags |= HEED_CPU_NEON_DOT; /* all of theirs */
#elif defined(__linux__)
    if (getauxval(AT_HWCAP) & HWCAP_ASIMDDP)
        flags |= HEED_CPU_NEON_DOT;
    if ((flags & HEED_CPU_NEON_DOT) && (getauxval(AT_HWCAP2) & HWCAP2_I8MM))
        flags |= HEED_CPU_NEON_I8MM;
#endif
#endif
    return flags;
}

unsigned heed_cpu_flags_masked(unsigned flags, const char *limit)
{
    static const struct {
        const char *name;
        unsigned allowed;
    } levels[] = {
        {"c", HEED_CPU_C},
        {"avx2", HEED_CPU_AVX2},
        {"avxvnni", HEED_CPU_AVX2 | HEED_CPU_AVX_VNNI},
        {"avx512", HEED_CPU_AVX2 | HEED_CPU_AVX512},
        {"vnni", HEED_CPU_AVX2 | HEED_CPU_AVX512 | HEED_CPU_AVX512_VNNI},
        {"neon", HEED_CPU_NEON},
        {"dotprod", HEED_CPU_NEON | HEED_CPU_NEON_DOT},
        {"i8mm", HEED_CPU_NEON | HEED_CPU_NEON_DOT | HEED_CPU_NEON_I8MM},
    };
    for (size_t i = 0; limit && i < sizeof(levels) / sizeof(levels[0]); i++)
        if (strcmp(limit, levels[i].name) == 0)
            return flags & levels[i].allowed;
    return flags;
}

unsigned heed_cpu_flags(void)
{
    /* Nothing of ours changes the environment. */
    const char *limit = getenv("HEED_CPU"); /* NOLINT(concurrency-mt-unsafe) */
    return heed_cpu_flags_masked(detect(), limit);
}
