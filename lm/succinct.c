/* succinct.c - two small tables over bits. SPDX-License-Identifier: Apache-2.0
 */
#include "lm/succinct.h"

#include <assert.h>

#include "lm/bits.h"

/* --- Rank. ---------------------------------------------------------------- */

size_t heed_rank_words(uint32_t n_items)
{
    return (size_t)n_items / 64 + 1;
}

size_t heed_rank_samples(uint32_t n_items)
{
    return heed_rank_words(n_items) / HEED_RANK_BLOCK_WORDS + 1;
}

void heed_rank_make(uint32_t *samples, const uint64_t *bits, uint32_t n_items)
{
    const size_t n_words = heed_rank_words(n_items);
    const size_t n_samples = heed_rank_samples(n_items);
    uint32_t count = 0;
    for (size_t i = 0; i < n_samples * HEED_RANK_BLOCK_WORDS; i++) {
        if (i % HEED_RANK_BLOCK_WORDS == 0)
            samples[i / HEED_RANK_BLOCK_WORDS] = count;
        if (i < n_words)
            count += heed_bits_count(bits[i]);
    }
}

bool heed_rank_check(const heed_rank *rank, uint32_t n_marked)
{
    const size_t n_words = heed_rank_words(rank->n_items);
    const size_t n_samples = heed_rank_samples(rank->n_items);
    uint32_t count = 0;
    if (rank->bits[n_words - 1] >> (rank->n_items % 64) != 0)
        return false;
    for (size_t i = 0; i < n_samples * HEED_RANK_BLOCK_WORDS; i++) {
        if (i % HEED_RANK_BLOCK_WORDS == 0 &&
            rank->samples[i / HEED_RANK_BLOCK_WORDS] != count)
            return false;
        if (i < n_words)
            count += heed_bits_count(rank->bits[i]);
    }
    return count == n_marked;
}

bool heed_rank_find(const heed_rank *rank, uint32_t item, uint32_t *before)
{
    assert(item < rank->n_items);
    const size_t word = item / 64;
    const uint64_t mask = (uint64_t)1 << (item % 64);
    if ((rank->bits[word] & mask) == 0)
        return false;
    size_t i = word - word % HEED_RANK_BLOCK_WORDS;
    uint32_t count = rank->samples[i / HEED_RANK_BLOCK_WORDS];
    for (; i < word; i++)
        count += heed_bits_count(rank->bits[i]);
    *before = count + heed_bits_count(rank->bits[word] & (mask - 1));
    return true;
}

/* --- Sequence. ------------------------------------------------------------ */

unsigned heed_sequence_low_bits(uint32_t n_numbers, uint32_t largest)
{
    const unsigned width = heed_bits_needed(largest / n_numbers);
    return width > 0 ? width - 1 : 0;
}

size_t heed_sequence_low_bytes(uint32_t n_numbers, uint32_t largest)
{
    const uint64_t bits =
        (uint64_t)n_numbers * heed_sequence_low_bits(n_numbers, largest);
    return (size_t)(bits / 8) + 1 + HEED_BITS_PADDING;
}

size_t heed_sequence_words(uint32_t n_numbers, uint32_t largest)
{
    const unsigned low_bits = heed_sequence_low_bits(n_numbers, largest);
    return (size_t)(((uint64_t)n_numbers + (largest >> low_bits)) / 64) + 1;
}

size_t heed_sequence_samples(uint32_t n_numbers)
{
    return (size_t)n_numbers / HEED_SEQUENCE_SAMPLING + 1;
}

void heed_sequence_make(unsigned char *low, uint64_t *high, uint32_t *samples,
                        const uint32_t *numbers, uint32_t n_numbers,
                        uint32_t largest)
{
    const unsigned low_bits = heed_sequence_low_bits(n_numbers, largest);
    for (uint32_t i = 0; i < n_numbers; i++) {
        const uint64_t at = (uint64_t)i + (numbers[i] >> low_bits);
        heed_bits_write(low, (uint64_t)i * low_bits, low_bits, numbers[i]);
        high[at / 64] |= (uint64_t)1 << (at % 64);
        if (i % HEED_SEQUENCE_SAMPLING == 0)
            samples[i / HEED_SEQUENCE_SAMPLING] = (uint32_t)at;
    }
}

bool heed_sequence_check(const heed_sequence *sequence)
{
    const size_t n_words =
        heed_sequence_words(sequence->n_numbers, sequence->largest);
    const size_t n_samples = heed_sequence_samples(sequence->n_numbers);
    uint32_t count = 0;
    size_t next = 0; /* the sample that comes next */
    for (size_t i = 0; i < n_words; i++) {
        const uint32_t ones = heed_bits_count(sequence->high[i]);
        if (ones > sequence->n_numbers - count)
            return false;
        while (next < n_samples &&
               count + ones > (uint32_t)next * HEED_SEQUENCE_SAMPLING) {
            uint64_t word = sequence->high[i];
            for (uint32_t skip =
                     (uint32_t)next * HEED_SEQUENCE_SAMPLING - count;
                 skip > 0; skip--)
                word &= word - 1;
            if (sequence->samples[next] != i * 64 + heed_bits_lowest(word))
                return false;
            next++;
        }
        count += ones;
    }
    return count == sequence->n_numbers;
}

/* A number whose one is at `place`; within bounds whatever the tables hold. */
static uint32_t number_at(const heed_sequence *s, uint32_t index,
                          uint64_t place)
{
    const uint64_t number =
        (place - index) << s->low_bits |
        heed_bits_read(s->low, (uint64_t)index * s->low_bits, s->low_bits);
    return number < s->largest ? (uint32_t)number : s->largest;
}

void heed_sequence_range(const heed_sequence *s, uint32_t index,
                         uint32_t *begin, uint32_t *end)
{
    assert(index + 1 < s->n_numbers);
    const uint32_t sample = s->samples[index / HEED_SEQUENCE_SAMPLING];
    uint32_t skip = index % HEED_SEQUENCE_SAMPLING;
    size_t i = sample / 64;
    uint64_t word = s->high[i] & (~(uint64_t)0 << (sample % 64));
    for (uint32_t ones = heed_bits_count(word); ones <= skip;
         ones = heed_bits_count(word)) {
        skip -= ones;
        word = s->high[++i];
    }
    const unsigned at = heed_bits_select(word, skip);
    *begin = number_at(s, index, i * 64 + at);
    word &= ~(uint64_t)1 << at;
    while (word == 0)
        word = s->high[++i];
    *end = number_at(s, index + 1, i * 64 + heed_bits_lowest(word));
    if (*begin > *end)
        *begin = *end;
}
