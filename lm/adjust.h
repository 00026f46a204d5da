/* adjust.h - from counts to adjusted counts and discounts.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Kneser-Ney estimates the lower orders from the number of different words
 * seen before an n-gram, a(g) = |{v : c(v g) > 0}|, not from its count; only
 * the highest order, and what begins with <s> and so has no word before it,
 * keep a(g) = c(g). Heafield et al., "Scalable Modified Kneser-Ney Language
 * Model Estimation", ACL 2013. */
#ifndef HEED_LM_ADJUST_H
#define HEED_LM_ADJUST_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "asr/base/status.h"
#include "lm/ngram_sort.h"

/* What is subtracted from an adjusted count of 1, 2, and 3 or more; [0] is
 * 0. */
typedef struct heed_discounts {
    double amount[4];
    bool fallback; /* the text did not tell: 0.5, 1 and 1.5 */
} heed_discounts;

/* The payload of an adjusted n-gram. */
typedef struct heed_adjusted {
    uint64_t adjusted; /* a(g), with HEED_ADJUSTED_PRUNED */
    uint64_t count;    /* c(g) */
} heed_adjusted;

/* Set if c(g) is not above the cut-off: the n-gram is left out of the model,
 * but its count is a part of its context's. */
#define HEED_ADJUSTED_PRUNED (UINT64_C(1) << 63)

enum { HEED_ADJUSTED_WORDS = sizeof(heed_adjusted) / sizeof(uint32_t) };

/* Reads the n-grams of the highest order, with a 64-bit count, from `counts`
 * (HEED_NGRAM_SUFFIX, finished) and feeds those of order n to out[n - 1] with
 * a heed_adjusted each; `out` is not finished. Order n is cut off at
 * cutoffs[n - 1]; a higher order's cut-off may not be less.
 * Returns HEED_OK; HEED_ERR_MEMORY; HEED_ERR_IO. */
HEED_NODISCARD heed_status heed_adjust_counts(
    heed_ngram_sort *const *out,                 /* [order] */
    heed_discounts discounts[HEED_LM_MAX_ORDER], /* [order] */
    heed_ngram_sort *counts, size_t order, const uint64_t *cutoffs);

/* Estimates discounts from how many n-grams have an adjusted count of 1, 2, 3
 * and 4 (Chen and Goodman 1998, equation 26), which n_with[1..4] tells. Where
 * these give none in [0, k] for count k, those of heed_discounts.fallback are
 * taken. */
void heed_discounts_estimate(heed_discounts *discounts,
                             const uint64_t n_with[5]);

#endif /* HEED_LM_ADJUST_H */
