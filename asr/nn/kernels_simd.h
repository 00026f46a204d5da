/* kernels_simd.h - what the vector files share: constants and two attributes.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef HEED_ASR_NN_KERNELS_SIMD_H
#define HEED_ASR_NN_KERNELS_SIMD_H

/* The tiles below work on arrays of registers: they are fast only when inlined
 * with constant sizes and unrolled. */
#if defined(__GNUC__)
#define HEED_INLINE static inline __attribute__((always_inline))
#else
#define HEED_INLINE static inline
#endif
#if defined(__GNUC__) && !defined(__clang__)
#define HEED_UNROLL _Pragma("GCC unroll 16")
#else
#define HEED_UNROLL
#endif

/* Loops that GCC unrolls as a whole it does not make vectors of. */
#if defined(__GNUC__) && !defined(__clang__)
#define HEED_KEEP_LOOP _Pragma("GCC unroll 1")
#else
#define HEED_KEEP_LOOP
#endif

/* exp(x) = 2^n exp(r), n = round(x / ln 2), r = x - n ln 2 in two steps;
 * exp(r) = 1 + r + r^2 p(r), p from Cephes, relative error below 2e-7.
 * Outside of the two limits the result is 0 or exp(limit). */
#define HEED_EXP_MIN  (-87.3f)
#define HEED_EXP_MAX  88.3f
#define HEED_LOG2_E   1.44269504f
#define HEED_LN2_HIGH 0.693359375f
#define HEED_LN2_LOW  (-2.12194440e-4f)
#define HEED_EXP_P5   1.9875691500e-4f
#define HEED_EXP_P4   1.3981999507e-3f
#define HEED_EXP_P3   8.3334519073e-3f
#define HEED_EXP_P2   4.1665795894e-2f
#define HEED_EXP_P1   1.6666665459e-1f
#define HEED_EXP_P0   5.0000001201e-1f

/* erfc(z) = (a1 t + .. + a5 t^5) exp(-z^2), t = 1 / (1 + p z), z >= 0:
 * Abramowitz and Stegun 7.1.26, error below 1.5e-7. Then
 * gelu(x) = max(x, 0) - |x|/2 erfc(|x| / sqrt 2). P is p / sqrt 2, and half
 * of each a is stored. */
#define HEED_ERFC_P  0.231641888f
#define HEED_ERFC_A1 0.127414796f
#define HEED_ERFC_A2 (-0.142248368f)
#define HEED_ERFC_A3 0.7107068705f
#define HEED_ERFC_A4 (-0.7265760135f)
#define HEED_ERFC_A5 0.5307027145f

#endif /* HEED_ASR_NN_KERNELS_SIMD_H */
