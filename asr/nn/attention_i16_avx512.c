/* attention_i16_avx512.c - attention in integers for AVX-512 without VNNI.
 * SPDX-License-Identifier: Apache-2.0 */
#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#include "asr/nn/kernels_simd.h"

HEED_INLINE __m512i add_pair(__m512i sum, __m512i a, const int16_t *pair)
{
    int32_t both;
    memcpy(&both, pair, sizeof both);
    return _mm512_add_epi32(sum, _mm512_madd_epi16(a, _mm512_set1_epi32(both)));
}

#include "asr/nn/attention_i16_avx512_tile.h"

void heed_attend_avx512(float *out, float *scratch, const int16_t *queries,
                        const float *query_steps, const heed_attend_span *spans,
                        size_t n_spans, const heed_attend_shape *shape)
{
    static const heed_attend_loops loops = {score, exponentiate, weigh, mix};
    heed_attend_run(out, scratch, queries, query_steps, spans, n_spans, shape,
                    &loops);
}
