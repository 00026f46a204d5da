/* linear_packed.c - the layout of packed weights.
 * SPDX-License-Identifier: Apache-2.0 */
#include "asr/nn/linear_packed.h"

size_t heed_kernels_packed_bytes(size_t n_in, size_t n_out)
{
    const size_t n_groups = (n_out + HEED_PACKED_OUTS - 1) / HEED_PACKED_OUTS;

    return n_groups * heed_packed_group_bytes(n_in);
}

/* One row of weights: `to` is its place in the group, a lane takes `n_ins`
 * inputs. */
HEED_INLINE void fill_row(uint8_t *to, const int8_t *w, uint8_t flip,
                          size_t n_ins, size_t n_in)
{
    const uint64_t flips = flip * UINT64_C(0x0101010101010101);
    uint64_t some;
    size_t i = 0;

    for (; i + n_ins <= n_in; i += n_ins) {
        memcpy(&some, w + i, n_ins);
        some ^= flips;
        memcpy(to + i * HEED_PACKED_OUTS, &some, n_ins);
    }
    if (i < n_in) {
        some = 0;
        memcpy(&some, w + i, n_in - i);
        some ^= flips;
        memcpy(to + i * HEED_PACKED_OUTS, &some, n_ins);
    }
}

/* All of them, `flip` exclusive-or'ed into each. */
HEED_INLINE void fill(uint8_t *packed, const int8_t *w, uint8_t flip,
                      size_t n_ins, size_t n_in, size_t n_out)
{
    const size_t n_bytes = heed_packed_group_bytes(n_in);

    for (size_t o = 0; o < n_out; o++)
        fill_row(packed + o / HEED_PACKED_OUTS * n_bytes +
                     o % HEED_PACKED_OUTS * n_ins,
                 w + o * n_in, flip, n_ins, n_in);
    for (size_t o = n_out; o % HEED_PACKED_OUTS != 0; o++)
        for (size_t i = 0; i < n_in; i += n_ins)
            memset(packed + o / HEED_PACKED_OUTS * n_bytes +
                       i * HEED_PACKED_OUTS + o % HEED_PACKED_OUTS * n_ins,
                   flip, n_ins);
}

void heed_pack_signed(uint8_t *packed, const int8_t *w, size_t n_in,
                      size_t n_out)
{
    fill(packed, w, 0, HEED_PACKED_INS, n_in, n_out);
}

void heed_pack_unsigned(uint8_t *packed, const int8_t *w, size_t n_in,
                        size_t n_out)
{
    fill(packed, w, 0x80, HEED_PACKED_INS, n_in, n_out);
}

void heed_pack_pairs(uint8_t *packed, const int8_t *w, size_t n_in,
                     size_t n_out)
{
    fill(packed, w, 0, HEED_PACKED_PAIR, n_in, n_out);
}

void heed_pack_eights(uint8_t *packed, const int8_t *w, size_t n_in,
                      size_t n_out)
{
    fill(packed, w, 0, HEED_PACKED_EIGHT, n_in, n_out);
}
