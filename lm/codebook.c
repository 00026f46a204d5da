/* codebook.c - few numbers for many. SPDX-License-Identifier: Apache-2.0 */
#include "lm/codebook.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

enum { N_MOVES = 10 };

static int compare(const void *a, const void *b)
{
    const float x = *(const float *)a;
    const float y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Takes over the values if there are few different ones. */
static bool copy_few(float *book, size_t size, const float *values,
                     size_t n_values)
{
    size_t n = 0;
    for (size_t i = 0; i < n_values; i++) {
        if (n > 0 && book[n - 1] >= values[i])
            continue;
        if (n == size)
            return false;
        book[n++] = values[i];
    }
    for (size_t i = n; i < size; i++)
        book[i] = n > 0 ? book[n - 1] : 0.0F;
    return true;
}

static float mean(const float *values, size_t n_values)
{
    double sum = 0.0;
    for (size_t i = 0; i < n_values; i++)
        sum += (double)values[i];
    return (float)(sum / (double)n_values);
}

/* Moves every entry to the mean of the values nearest to it. */
static void move_entries(float *book, size_t size, const float *values,
                         size_t n_values)
{
    size_t begin = 0;
    for (size_t i = 0; i < size; i++) {
        size_t end = n_values;
        if (i + 1 < size) {
            const float middle = 0.5F * (book[i] + book[i + 1]);
            end = begin;
            while (end < n_values && values[end] <= middle)
                end++;
        }
        if (end > begin)
            book[i] = mean(values + begin, end - begin);
        begin = end;
    }
}

/* What a gap between two neighbours counts: the density of the best entries is
 * the cube root of that of the values, 1 / gap. */
static double weight(const float *gap)
{
    const double root = cbrt((double)gap[1] - (double)gap[0]);
    return root * root;
}

/* Places the entries among the sorted values. */
static void spread_entries(float *book, size_t size, const float *values,
                           size_t n_values)
{
    double total = 0.0;
    double sum = 0.0;
    size_t entry = 0;
    for (size_t i = 0; i + 1 < n_values; i++)
        total += weight(values + i);
    for (size_t i = 0; i + 1 < n_values; i++) {
        sum += weight(values + i);
        while (entry < size &&
               sum * (double)size >= total * ((double)entry + 0.5))
            book[entry++] = values[i + 1];
    }
    for (; entry < size; entry++)
        book[entry] = values[n_values - 1];
}

void heed_codebook_make(float *book, unsigned bits, float *values,
                        size_t n_values)
{
    const size_t size = (size_t)1 << bits;
    if (n_values > 1)
        qsort(values, n_values, sizeof *values, compare);
    if (copy_few(book, size, values, n_values))
        return;
    spread_entries(book, size, values, n_values);
    for (int i = 0; i < N_MOVES; i++)
        move_entries(book, size, values, n_values);
}

void heed_codebook_include_zero(float *book, unsigned bits)
{
    book[heed_codebook_find(book, bits, 0.0F)] = 0.0F;
}

uint32_t heed_codebook_find(const float *book, unsigned bits, float value)
{
    size_t low = 0;
    size_t high = (size_t)1 << bits;
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (book[middle] <= value)
            low = middle;
        else
            high = middle;
    }
    if (high < (size_t)1 << bits &&
        fabsf(book[high] - value) < fabsf(book[low] - value))
        low = high;
    return (uint32_t)low;
}
