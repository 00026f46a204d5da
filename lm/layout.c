/* layout.c - where things are in a compiled language model.
 * SPDX-License-Identifier: Apache-2.0 */
#include "lm/layout.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "lm/bits.h"
#include "lm/succinct.h"
#include "lm/vocabulary.h"

static_assert(sizeof(heed_lm_header) == 104, "the header has no gaps");
static_assert(offsetof(heed_lm_header, flags) == HEED_LM_CHECKED_FROM,
              "the checksum covers what follows it");

/* Takes the next place, which is then followed by the one after `n_bytes`. */
static uint64_t take(heed_lm_layout *layout, uint64_t n_bytes)
{
    const uint64_t at = layout->n_bytes;
    layout->n_bytes += (n_bytes + 7) / 8 * 8;
    return at;
}

static uint64_t packed_bytes(uint64_t count, unsigned width)
{
    return count * width / 8 + 1 + HEED_BITS_PADDING;
}

static const char *check(const heed_lm_header *header)
{
    if (header->order < 1 || header->order > HEED_LM_MAX_ORDER)
        return "order is out of range";
    if (header->prob_bits < HEED_LM_MIN_BITS ||
        header->prob_bits > HEED_LM_MAX_BITS ||
        header->backoff_bits < HEED_LM_MIN_BITS ||
        header->backoff_bits > HEED_LM_MAX_BITS)
        return "bits of a value are out of range";
    if (header->n_ngrams[0] < HEED_LM_N_SPECIALS ||
        header->n_ngrams[0] > HEED_LM_MAX_WORDS)
        return "number of words is out of range";
    /* Written so that NaN fails. */
    if (!(header->unigram_step >= 0.0F && header->unigram_step <= 1.0F))
        return "step of the probabilities of words is out of range";
    if (header->flags > HEED_LM_SUFFIX_CLOSED || header->reserved != 0)
        return "unknown flags";
    for (unsigned i = 0; i < HEED_LM_MAX_ORDER; i++) {
        const bool used = i < header->order;
        const bool extended = i + 1 < header->order;
        if (header->n_ngrams[i] > (used ? HEED_LM_MAX_NGRAMS : 0))
            return "number of n-grams is out of range";
        if (header->n_contexts[i] > (extended ? header->n_ngrams[i] : 0))
            return "number of contexts is out of range";
    }
    return NULL;
}

/* What an order has for being continued in the next one. */
static void take_contexts(heed_lm_layout *layout, heed_lm_level *level,
                          const heed_lm_header *header, unsigned i)
{
    const uint32_t n_ngrams = header->n_ngrams[i];
    const uint32_t n_contexts = header->n_contexts[i];
    const uint32_t n_children = header->n_ngrams[i + 1];
    const uint32_t n_numbers = n_contexts + 1;
    level->context_bits = take(layout, heed_rank_words(n_ngrams) * 8);
    level->context_samples = take(layout, heed_rank_samples(n_ngrams) * 4);
    level->backoff_book = take(layout, (uint64_t)4 << header->backoff_bits);
    level->backoffs =
        take(layout, packed_bytes(n_contexts, header->backoff_bits));
    level->child_low =
        take(layout, heed_sequence_low_bytes(n_numbers, n_children));
    level->child_high =
        take(layout, heed_sequence_words(n_numbers, n_children) * 8);
    level->child_samples = take(layout, heed_sequence_samples(n_numbers) * 4);
}

const char *heed_lm_layout_make(heed_lm_layout *layout,
                                const heed_lm_header *header)
{
    const char *cause = check(header);
    if (cause)
        return cause;
    const uint32_t n_words = header->n_ngrams[0] - HEED_LM_N_SPECIALS;
    *layout = (heed_lm_layout){.n_bytes = sizeof *header};
    layout->word_bits = heed_bits_needed(header->n_ngrams[0] - 1);
    layout->blocks = take(layout, heed_vocabulary_blocks(n_words) * 4);
    layout->text = take(layout, header->vocabulary_bytes);
    layout->unigrams = take(layout, (uint64_t)header->n_ngrams[0] * 2);
    for (unsigned i = 0; i < header->order; i++) {
        heed_lm_level *level = &layout->levels[i];
        if (i > 0) {
            level->prob_book = take(layout, (uint64_t)4 << header->prob_bits);
            level->records = take(
                layout, packed_bytes(header->n_ngrams[i],
                                     layout->word_bits + header->prob_bits));
        }
        if (i + 1 < header->order)
            take_contexts(layout, level, header, i);
    }
    return NULL;
}

uint64_t heed_lm_checksum(const unsigned char *data, uint64_t n_bytes)
{
    /* Four lanes of FNV-1a over words of 64 bits: each step is a bijection, so
     * no single change goes unseen. */
    static const uint64_t prime = UINT64_C(0x100000001b3);
    uint64_t lanes[4] = {UINT64_C(0xcbf29ce484222325), 1, 2, 3};
    const uint64_t n_words = n_bytes / 8;
    for (uint64_t i = 0; i < n_words; i++) {
        uint64_t word;
        memcpy(&word, data + i * 8, sizeof word);
        lanes[i % 4] = (lanes[i % 4] ^ word) * prime;
    }
    for (unsigned i = 1; i < 4; i++)
        lanes[0] = (lanes[0] ^ lanes[i]) * prime;
    return lanes[0] ^ lanes[0] >> 32;
}
