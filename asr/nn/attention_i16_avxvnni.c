/* attention_i16_avxvnni.c - attention in integers for AVX-VNNI.
 * SPDX-License-Identifier: Apache-2.0 */
#include <immintrin.h>

#include "asr/nn/kernels_simd.h"

HEED_INLINE __m256i add_products(__m256i sum, __m256i a, __m256i b)
{
    return _mm256_dpwssd_avx_epi32(sum, a, b);
}

#include "asr/nn/attention_i16_avx2_tile.h"

void heed_attend_avxvnni(float *out, float *scratch, const int16_t *queries,
                         const float *query_steps,
                         const heed_attend_span *spans, size_t n_spans,
                         const heed_attend_shape *shape)
{
    static const heed_attend_loops loops = {score, exponentiate, weigh, mix};
    heed_attend_run(out, scratch, queries, query_steps, spans, n_spans, shape,
                    &loops);
}
