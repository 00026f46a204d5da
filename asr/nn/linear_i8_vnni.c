/* linear_i8_vnni.c - the product with int8 weights for AVX-512 with VNNI.
 * SPDX-License-Identifier: Apache-2.0 */
#include <immintrin.h>

#include "asr/nn/kernels_simd.h"

HEED_INLINE __m512i add_products(__m512i sum, __m512i q, __m512i weights)
{
    return _mm512_dpwssd_epi32(sum, q, weights);
}

#include "asr/nn/linear_i8_avx512_tile.h"

void heed_linear_i8_vnni(float *y, const float *x, const int8_t *w,
                         const float *scale, const float *bias,
                         const heed_linear_shape *shape)
{
    static const heed_i8_loops loops = {peak_bits, round_row, multiply};
    const heed_i8_weights weights = {w, scale, bias};
    heed_i8_run(y, x, &weights, shape, &loops);
}
