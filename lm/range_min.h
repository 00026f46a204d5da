/* range_min.h - the smallest number of any range. SPDX-License-Identifier:
 * Apache-2.0
 *
 * A sparse table (M. Bender, M. Farach-Colton, "The LCA problem revisited",
 * LATIN 2000) over the minima of blocks of 32 numbers: two overlapping spans of
 * 2^k blocks cover any run of blocks, and the ends are looked at one by one.
 * It takes about log2(n / 32) / 16 bytes for each number. */
#ifndef HEED_LM_RANGE_MIN_H
#define HEED_LM_RANGE_MIN_H
#include <stddef.h>
#include <stdint.h>

#include "asr/base/status.h"

/* Borrows the numbers. Does not change; any thread. */
typedef struct heed_range_min {
    const uint16_t *numbers; /* [n_numbers] */
    size_t n_numbers;
    size_t n_blocks;
    uint16_t *table; /* [level][n_blocks]: minimum of 2^level blocks from one
                        on, or of as many as there are */
} heed_range_min;

/* Release: heed_range_min_deinit(). Returns HEED_OK; HEED_ERR_MEMORY, then
 * there is nothing to release. */
HEED_NODISCARD heed_status heed_range_min_init(heed_range_min *out,
                                               const uint16_t *numbers,
                                               size_t n_numbers);
void heed_range_min_deinit(heed_range_min *range_min);

/* Returns the smallest of [first, last), which is within the numbers;
 * UINT16_MAX if it is empty. */
uint16_t heed_range_min_find(const heed_range_min *range_min, size_t first,
                             size_t last);

#endif /* HEED_LM_RANGE_MIN_H */
