/* signal.h - sounds for tests, the same everywhere. SPDX-License-Identifier:
 * Apache-2.0
 */
#ifndef HEED_TESTS_SUPPORT_SIGNAL_H
#define HEED_TESTS_SUPPORT_SIGNAL_H
#include <stddef.h>
#include <stdint.h>

/* Returns the next number of Knuth's 32-bit generator (Numerical Recipes'
 * constants) scaled to [-1, 1). The upper 24 bits are used, so the float is
 * exact. */
static inline float heed_test_noise(uint32_t *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return (float)(int32_t)(*seed >> 8) / 8388608.0F - 1.0F;
}

static inline void heed_test_fill_noise(float *out, size_t count, float peak,
                                        uint32_t seed)
{
    for (size_t i = 0; i < count; i++)
        out[i] = peak * heed_test_noise(&seed);
}

#endif /* HEED_TESTS_SUPPORT_SIGNAL_H */
