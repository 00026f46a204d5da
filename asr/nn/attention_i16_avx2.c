/* attention_i16_avx2.c - attention in integers for AVX2.
 * SPDX-License-Identifier: Apache-2.0 */
#include <immintrin.h>

#include "asr/nn/kernels_simd.h"

HEED_INLINE __m256i add_products(__m256i sum, __m256i a, __m256i b)
{
    return _mm256_add_epi32(sum, _mm256_madd_epi16(a, b));
}

#include "asr/nn/attention_i16_avx2_tile.h"

void heed_attend_avx2(float *out, float *scratch, const int16_t *queries,
                      const float *query_steps, const heed_attend_span *spans,
                      size_t n_spans, const heed_attend_shape *shape)
{
    static const heed_attend_loops loops = {score, exponentiate, weigh, mix};
    heed_attend_run(out, scratch, queries, query_steps, spans, n_spans, shape,
                    &loops);
}
