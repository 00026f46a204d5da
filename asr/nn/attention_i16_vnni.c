/* attention_i16_vnni.c - attention in integers for AVX-512 with VNNI.
 * SPDX-License-Identifier: Apache-2.0 */
#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#include "asr/nn/kernels_simd.h"

/* By _mm512_dpwssd_epi32() GCC 12 copies each sum twice. */
HEED_INLINE __m512i add_pair(__m512i sum, __m512i a, const int16_t *pair)
{
#if defined(__GNUC__) && !defined(__clang__)
    typedef int32_t any_pair __attribute__((may_alias));
    __asm__("vpdpwssd %2%{1to16%}, %1, %0"
            : "+v"(sum)
            : "v"(a), "m"(*(const any_pair *)(const void *)pair));
    return sum;
#else
    int32_t both;
    memcpy(&both, pair, sizeof both);
    return _mm512_dpwssd_epi32(sum, a, _mm512_set1_epi32(both));
#endif
}

#include "asr/nn/attention_i16_avx512_tile.h"

void heed_attend_vnni(float *out, float *scratch, const int16_t *queries,
                      const float *query_steps, const heed_attend_span *spans,
                      size_t n_spans, const heed_attend_shape *shape)
{
    static const heed_attend_loops loops = {score, exponentiate, weigh, mix};
    heed_attend_run(out, scratch, queries, query_steps, spans, n_spans, shape,
                    &loops);
}
