/* linear_packed.c - the layout of packed weights.
 * SPDX-License-Identifier: Apache-2.0 */
#include "asr/nn/linear_packed.h"

size_t heed_kernels_packed_bytes(size_t n_in, size_t n_out)
{
    const size_t n_groups = (n_out + HEED_PACKED_OUTS - 1) / HEED_PACKED_OUTS;

    return n_groups * heed_packed_group_bytes(n_in);
}

/* One row of weights: output number `o` of the group at `group`. */
static void fill_row(uint8_t *group, size_t o, const int8_t *w, uint8_t flip,
                     size_t n_in)
{
    const uint32_t flips = flip * 0x01010101u;
    uint8_t *to = group + o * HEED_PACKED_INS;
    size_t i = 0;

    for (; i + HEED_PACKED_INS <= n_in; i += HEED_PACKED_INS) {
        uint32_t four;
        memcpy(&four, w + i, sizeof four);
        four ^= flips;
        memcpy(to + i * HEED_PACKED_OUTS, &four, sizeof four);
    }
    for (size_t k = i; i < n_in && k < i + HEED_PACKED_INS; k++)
        to[i * HEED_PACKED_OUTS + k - i] =
            (uint8_t)((k < n_in ? (uint8_t)w[k] : 0) ^ flip);
}

/* All of them, `flip` exclusive-or'ed into each. */
static void fill(uint8_t *packed, const int8_t *w, uint8_t flip, size_t n_in,
                 size_t n_out)
{
    const size_t n_bytes = heed_packed_group_bytes(n_in);

    for (size_t o = 0; o < n_out; o++)
        fill_row(packed + o / HEED_PACKED_OUTS * n_bytes, o % HEED_PACKED_OUTS,
                 w + o * n_in, flip, n_in);
    for (size_t o = n_out; o % HEED_PACKED_OUTS != 0; o++)
        for (size_t i = 0; i < n_bytes; i += HEED_PACKED_OUTS * HEED_PACKED_INS)
            memset(packed + o / HEED_PACKED_OUTS * n_bytes + i +
                       o % HEED_PACKED_OUTS * HEED_PACKED_INS,
                   flip, HEED_PACKED_INS);
}

void heed_pack_signed(uint8_t *packed, const int8_t *w, size_t n_in,
                      size_t n_out)
{
    fill(packed, w, 0, n_in, n_out);
}

void heed_pack_unsigned(uint8_t *packed, const int8_t *w, size_t n_in,
                        size_t n_out)
{
    fill(packed, w, 0x80, n_in, n_out);
}
