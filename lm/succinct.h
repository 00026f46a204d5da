/* succinct.h - two small tables over bits. SPDX-License-Identifier: Apache-2.0
 *
 * A *rank* table tells how many of the marked items come before an item. A
 * *sequence* holds numbers that never fall, in about two bits more each than
 * log2 of their mean distance (P. Elias, "Efficient storage and retrieval by
 * content and address of static files", J. ACM 21(2), 1974): the low bits of
 * each are stored as they are, the high part in unary, number i as the i-th
 * one of a row of bits that has a zero wherever the high part grows by one.
 *
 * Both come with samples, so that a look-up reads a few words. What is
 * written by *_make and what *_check accepts never reads outside its table. */
#ifndef HEED_LM_SUCCINCT_H
#define HEED_LM_SUCCINCT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HEED_RANK_BLOCK_WORDS = 8, HEED_SEQUENCE_SAMPLING = 32 };

typedef struct heed_rank {
    const uint64_t *bits;    /* [heed_rank_words(n_items)] */
    const uint32_t *samples; /* [heed_rank_samples(n_items)]: ones before */
    uint32_t n_items;
} heed_rank;

/* Return the sizes of the tables for `n_items` items. */
size_t heed_rank_words(uint32_t n_items);
size_t heed_rank_samples(uint32_t n_items);

/* Fills `samples` for `bits`. */
void heed_rank_make(uint32_t *samples, const uint64_t *bits, uint32_t n_items);

/* Returns whether the samples are right, `n_marked` items are marked, and no
 * bit beyond them. */
bool heed_rank_check(const heed_rank *rank, uint32_t n_marked);

/* Returns whether `item` (below n_items) is marked; `*before`: how many
 * marked ones come before it. */
bool heed_rank_find(const heed_rank *rank, uint32_t item, uint32_t *before);

typedef struct heed_sequence {
    const unsigned char *low; /* packed, `low_bits` each */
    const uint64_t *high;     /* [heed_sequence_words()] */
    const uint32_t *samples;  /* [heed_sequence_samples()]: place in `high` of
                                 every 32nd one */
    uint32_t n_numbers;
    uint32_t largest; /* no number is above it */
    unsigned low_bits;
} heed_sequence;

/* Return the sizes of the tables for `n_numbers` > 0 up to `largest`. */
unsigned heed_sequence_low_bits(uint32_t n_numbers, uint32_t largest);
size_t heed_sequence_low_bytes(uint32_t n_numbers, uint32_t largest);
size_t heed_sequence_words(uint32_t n_numbers, uint32_t largest);
size_t heed_sequence_samples(uint32_t n_numbers);

/* Fills the tables, zero until now, with `numbers`. */
void heed_sequence_make(unsigned char *low, uint64_t *high, uint32_t *samples,
                        const uint32_t *numbers, uint32_t n_numbers,
                        uint32_t largest);

/* Returns whether there are as many ones as numbers and the samples are
 * right. The numbers themselves may be anything. */
bool heed_sequence_check(const heed_sequence *sequence);

/* Gives the numbers `index` and `index` + 1, which must both exist. `*begin`
 * <= `*end` <= `largest` whatever is in the tables. */
void heed_sequence_range(const heed_sequence *sequence, uint32_t index,
                         uint32_t *begin, uint32_t *end);

#endif /* HEED_LM_SUCCINCT_H */
