/* range_min.c - the smallest number of any range. SPDX-License-Identifier:
 * Apache-2.0
 */
#include "lm/range_min.h"

#include <stdlib.h>

#include "lm/bits.h"

enum { BLOCK = 32 };

static uint16_t least(uint16_t a, uint16_t b)
{
    return a < b ? a : b;
}

static uint16_t scan(const uint16_t *numbers, size_t first, size_t last)
{
    uint16_t found = UINT16_MAX;
    for (size_t i = first; i < last; i++)
        found = least(found, numbers[i]);
    return found;
}

heed_status heed_range_min_init(heed_range_min *out, const uint16_t *numbers,
                                size_t n_numbers)
{
    const size_t n = (n_numbers + BLOCK - 1) / BLOCK;
    const unsigned n_levels = heed_bits_needed(n);
    *out = (heed_range_min){numbers, n_numbers, n, NULL};
    if (n == 0)
        return HEED_OK;
    uint16_t *table = malloc(n_levels * n * sizeof *table);
    if (!table)
        return HEED_ERR_MEMORY;
    for (size_t i = 0; i < n; i++) {
        const size_t end = (i + 1) * BLOCK;
        table[i] = scan(numbers, i * BLOCK, end < n_numbers ? end : n_numbers);
    }
    for (unsigned level = 1; level < n_levels; level++) {
        const uint16_t *below = table + (level - 1) * n;
        uint16_t *row = table + level * n;
        const size_t half = (size_t)1 << (level - 1);
        for (size_t i = 0; i < n; i++)
            row[i] = i + half < n ? least(below[i], below[i + half]) : below[i];
    }
    out->table = table;
    return HEED_OK;
}

void heed_range_min_deinit(heed_range_min *range_min)
{
    free(range_min->table);
    *range_min = (heed_range_min){0};
}

uint16_t heed_range_min_find(const heed_range_min *r, size_t first, size_t last)
{
    const size_t begin = (first + BLOCK - 1) / BLOCK; /* whole blocks */
    const size_t end = last / BLOCK;
    if (begin >= end)
        return scan(r->numbers, first, last);
    const unsigned level = heed_bits_needed(end - begin) - 1;
    const uint16_t *row = r->table + level * r->n_blocks;
    return least(least(row[begin], row[end - ((size_t)1 << level)]),
                 least(scan(r->numbers, first, begin * BLOCK),
                       scan(r->numbers, end * BLOCK, last)));
}
