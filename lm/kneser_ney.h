/* kneser_ney.h - from adjusted counts to probabilities and back-offs.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Interpolated modified Kneser-Ney (Chen and Goodman 1998; computed as in
 * Heafield et al., ACL 2013). For an n-gram of context h and last word w, with
 * h' = h less its first word, adjusted counts a and discounts D:
 *
 *   p(w | h) = (a(h w) - D(a(h w))) / sum_v a(h v)  +  g(h) p(w | h')
 *   g(h) = sum_v D(a(h v)) / sum_v a(h v)
 *
 * where the n-grams that are cut off count with D = a. The lowest order is
 * mixed with the uniform distribution over all words, <unk> and </s>. The
 * back-off of an n-gram is g of the n-gram. */
#ifndef HEED_LM_KNESER_NEY_H
#define HEED_LM_KNESER_NEY_H
#include <stddef.h>
#include <stdint.h>

#include "asr/base/status.h"
#include "lm/adjust.h"
#include "lm/ngram_sort.h"

/* The payload of an n-gram of the model. */
typedef struct heed_estimate {
    float probability; /* of its last word; 0 for <s> */
    float back_off;    /* 1 where no longer n-gram begins so */
    float count;       /* how often it was seen */
} heed_estimate;

enum { HEED_ESTIMATE_WORDS = sizeof(heed_estimate) / sizeof(uint32_t) };

typedef struct heed_kneser_ney_config {
    size_t order;        /* 1-6 */
    size_t n_ids;        /* as in heed_corpus_n_ids() */
    size_t memory_bytes; /* for all sorting together */
    const char *folder;  /* of temporary files; borrowed */
    const heed_log *log; /* borrowed */
} heed_kneser_ney_config;

/* Reads adjusted[n - 1] (HEED_NGRAM_PREFIX, not finished yet) for each order
 * n; they are destroyed and set to NULL as soon as they have been read. Makes
 * out[n - 1], NULL at first, the finished sort (HEED_NGRAM_PREFIX) of the
 * order's n-grams with a heed_estimate each; every id has a unigram. The
 * caller destroys what is in `out`, on failure too.
 * Returns HEED_OK; HEED_ERR_MEMORY; HEED_ERR_IO. */
HEED_NODISCARD heed_status
heed_kneser_ney_estimate(heed_ngram_sort **out,           /* [order] */
                         heed_ngram_sort **adjusted,      /* [order] */
                         const heed_discounts *discounts, /* [order] */
                         const heed_kneser_ney_config *config);

#endif /* HEED_LM_KNESER_NEY_H */
