/* bits.h - numbers of any width, one after another. SPDX-License-Identifier:
 * Apache-2.0
 *
 * Number i of width w lies in the bits i * w to i * w + w - 1, the lowest bit
 * first; bit b is bit b % 8 of byte b / 8. Every access touches eight bytes:
 * whoever makes such a table leaves HEED_BITS_PADDING bytes after it. */
#ifndef HEED_LM_BITS_H
#define HEED_LM_BITS_H
#include <stdint.h>
#include <string.h>

#define HEED_BITS_PADDING   8
#define HEED_BITS_MAX_WIDTH 57

/* Returns the `width` (0 to 57) bits from bit `at` on. */
static inline uint64_t heed_bits_read(const unsigned char *bits, uint64_t at,
                                      unsigned width)
{
    uint64_t word;
    memcpy(&word, bits + (at >> 3), sizeof word);
    return (word >> (at & 7)) & (((uint64_t)1 << width) - 1);
}

/* Sets the `width` bits from bit `at` on, zero until now, to `value`, which is
 * below 2^width. */
static inline void heed_bits_write(unsigned char *bits, uint64_t at,
                                   unsigned width, uint64_t value)
{
    uint64_t word;
    memcpy(&word, bits + (at >> 3), sizeof word);
    word |= (value & (((uint64_t)1 << width) - 1)) << (at & 7);
    memcpy(bits + (at >> 3), &word, sizeof word);
}

/* Returns how many bits a number up to `largest` needs; 0 for 0. */
static inline unsigned heed_bits_needed(uint64_t largest)
{
    unsigned width = 0;
    while (width < 64 && largest >> width != 0)
        width++;
    return width;
}

/* Returns the number of ones in `word`. */
static inline unsigned heed_bits_count(uint64_t word)
{
    word -= (word >> 1) & UINT64_C(0x5555555555555555);
    word = (word & UINT64_C(0x3333333333333333)) +
           ((word >> 2) & UINT64_C(0x3333333333333333));
    word = (word + (word >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    return (unsigned)((word * UINT64_C(0x0101010101010101)) >> 56);
}

/* Returns the place of the lowest one in `word`, which is not 0. */
static inline unsigned heed_bits_lowest(uint64_t word)
{
#if defined(__GNUC__)
    return (unsigned)__builtin_ctzll(word);
#else
    return heed_bits_count((word & (~word + 1)) - 1);
#endif
}

/* Returns the place of the one in `word` that has `n` others below it; there
 * are more than `n` (S. Vigna, "Broadword implementation of rank/select
 * queries", WEA 2008). */
static inline unsigned heed_bits_select(uint64_t word, unsigned n)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t tops = ones << 7;
    uint64_t sums = word - ((word >> 1) & UINT64_C(0x5555555555555555));
    sums = (sums & UINT64_C(0x3333333333333333)) +
           ((sums >> 2) & UINT64_C(0x3333333333333333));
    sums = ((sums + (sums >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f)) * ones;
    /* Byte i of `sums`: ones in the bytes up to i. Those of at most n lie
     * below the byte that is looked for. */
    const uint64_t below = (((n * ones) | tops) - sums) & tops;
    const unsigned place = (unsigned)(((below >> 7) * ones) >> 56) * 8;
    uint64_t byte = word >> place;
    for (n -= (unsigned)((sums << 8) >> place & 0xff); n > 0; n--)
        byte &= byte - 1;
    return place + heed_bits_lowest(byte);
}

#endif /* HEED_LM_BITS_H */
