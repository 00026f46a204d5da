/* layout.h - where things are in a compiled language model.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The header says how many there are of everything; all places follow from
 * it, for the writer and the reader alike. lm/FORMAT.md describes both. */
#ifndef HEED_LM_LAYOUT_H
#define HEED_LM_LAYOUT_H
#include <stdbool.h>
#include <stdint.h>

#include "lm/lm.h"

#define HEED_LM_MAGIC   "heed-lm"
#define HEED_LM_VERSION 1

enum {
    HEED_LM_N_SPECIALS = 3, /* ids before those of the words */
    HEED_LM_MIN_BITS = 2,   /* of a quantised value */
    HEED_LM_MAX_BITS = 16,
    HEED_LM_MAX_WORDS = 1 << 24,
    HEED_LM_MAX_NGRAMS = 0x7fffffff
};

/* If it is set and an n-gram is in the model, so is what is left of it without
 * its first word. */
enum { HEED_LM_SUFFIX_CLOSED = 1 };

/* The file begins with it, little-endian. */
typedef struct heed_lm_header {
    char magic[8];
    uint32_t version;
    uint32_t order; /* 1 to HEED_LM_MAX_ORDER */
    uint64_t n_bytes;
    uint64_t checksum; /* of all that follows it */
    uint32_t flags;
    uint32_t prob_bits;
    uint32_t backoff_bits;
    uint32_t vocabulary_bytes;
    float unigram_step; /* log probabilities of words are multiples of it */
    uint32_t reserved;
    uint32_t n_ngrams[HEED_LM_MAX_ORDER];   /* [0]: words, specials included */
    uint32_t n_contexts[HEED_LM_MAX_ORDER]; /* of these */
} heed_lm_header;

/* Offsets from the start of the file, all multiples of 8. */
typedef struct heed_lm_level {
    uint64_t prob_book;       /* float [2^prob_bits] */
    uint64_t records;         /* word and probability, packed */
    uint64_t context_bits;    /* heed_rank */
    uint64_t context_samples; /* heed_rank */
    uint64_t backoff_book;    /* float [2^backoff_bits] */
    uint64_t backoffs;        /* packed */
    uint64_t child_low;       /* heed_sequence */
    uint64_t child_high;      /* heed_sequence */
    uint64_t child_samples;   /* heed_sequence */
} heed_lm_level;

typedef struct heed_lm_layout {
    uint64_t blocks;   /* uint32_t [heed_vocabulary_blocks()] */
    uint64_t text;     /* front-coded words */
    uint64_t unigrams; /* uint16_t [n_ngrams[0]] */
    heed_lm_level levels[HEED_LM_MAX_ORDER];
    uint64_t n_bytes;
    unsigned word_bits;
} heed_lm_layout;

/* Returns NULL after filling `*layout`, or what is wrong with the header's
 * numbers. */
const char *heed_lm_layout_make(heed_lm_layout *layout,
                                const heed_lm_header *header);

/* Returns the checksum of `n_bytes`, a multiple of 8. */
uint64_t heed_lm_checksum(const unsigned char *data, uint64_t n_bytes);

/* Where in the header the part begins that the checksum covers. */
enum { HEED_LM_CHECKED_FROM = 32 };

#endif /* HEED_LM_LAYOUT_H */
