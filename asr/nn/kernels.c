/* kernels.c - which table of loops a processor gets.
 * SPDX-License-Identifier: Apache-2.0 */
#include "asr/nn/kernels.h"

#include "asr/base/cpu.h"

const heed_kernels *heed_kernels_get(unsigned cpu_flags)
{
#ifdef HEED_HAVE_AVX512
    if (cpu_flags & HEED_CPU_AVX512_VNNI)
        return &heed_kernels_vnni;
    if (cpu_flags & HEED_CPU_AVX512)
        return &heed_kernels_avx512;
#endif
#ifdef HEED_HAVE_AVX_VNNI
    if (cpu_flags & HEED_CPU_AVX_VNNI)
        return &heed_kernels_avxvnni;
#endif
#ifdef HEED_HAVE_AVX2
    if (cpu_flags & HEED_CPU_AVX2)
        return &heed_kernels_avx2;
#endif
#ifdef HEED_HAVE_NEON
    if (cpu_flags & HEED_CPU_NEON_I8MM)
        return &heed_kernels_i8mm;
    if (cpu_flags & HEED_CPU_NEON_DOT)
        return &heed_kernels_dotprod;
    if (cpu_flags & HEED_CPU_NEON)
        return &heed_kernels_neon;
#endif
    (void)cpu_flags;
    return &heed_kernels_c;
}
