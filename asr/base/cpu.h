/* cpu.h - what the processor can do. SPDX-License-Identifier: Apache-2.0 */
#ifndef HEED_ASR_BASE_CPU_H
#define HEED_ASR_BASE_CPU_H

/* Flags; plain C needs none. */
typedef enum heed_cpu {
    HEED_CPU_C = 0,
    HEED_CPU_AVX2 = 1 << 0,        /* AVX2, FMA and so F16C */
    HEED_CPU_AVX512 = 1 << 1,      /* AVX-512 F, BW, DQ and VL */
    HEED_CPU_AVX512_VNNI = 1 << 2, /* 8-bit dot products on top */
    HEED_CPU_NEON = 1 << 3,        /* Advanced SIMD of 64-bit ARM */
    HEED_CPU_NEON_DOT = 1 << 4,    /* 8-bit dot products on top */
    HEED_CPU_AVX_VNNI = 1 << 5,    /* AVX2 with 8-bit dot products */
    HEED_CPU_NEON_I8MM = 1 << 6    /* products of 8-bit matrices on top */
} heed_cpu;

/* Returns the flags of the processor and operating system it runs on, less
 * those that the environment variable HEED_CPU masks (see
 * heed_cpu_flags_masked()). Reads the environment: call it when a model is
 * opened, not in a loop. */
unsigned heed_cpu_flags(void);

/* Returns `flags` less those above the level that `limit` names: "c", "avx2",
 * "avxvnni", "avx512", "vnni", "neon", "dotprod" or "i8mm". NULL, "" or an
 * unknown name masks nothing. */
unsigned heed_cpu_flags_masked(unsigned flags, const char *limit);

#endif /* HEED_ASR_BASE_CPU_H */
