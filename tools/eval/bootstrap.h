/* bootstrap.h - how far a rate may be trusted, and which of two is lower.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Bisani and Ney, "Bootstrap estimates for confidence intervals in ASR
 * performance evaluation", ICASSP 2004; Gillick and Cox, "Some statistical
 * issues in the comparison of speech recognition algorithms", ICASSP 1989. */
#ifndef HEED_TOOLS_EVAL_BOOTSTRAP_H
#define HEED_TOOLS_EVAL_BOOTSTRAP_H

#include "tools/eval/summary.h"

#define EVAL_BOOTSTRAP_ROUNDS 1000

/* 95 % intervals of the WER when utterances, or speakers, are drawn with
 * replacement, `n_rounds` times, the same ones every time. An utterance of
 * unknown speaker is a speaker of its own. */
void eval_bootstrap(eval_interval *by_item, eval_interval *by_speaker,
                    const eval_system *system, size_t n_rounds);

/* Two systems on the utterances that both have scored. */
typedef struct eval_comparison {
    size_t n_items;
    double wer[2];
    eval_interval difference; /* 95 %, second less first */
    double improvement;       /* probability that the second is better */
    size_t n_segments;        /* of the matched-pairs test */
    double z;
    double p; /* two-sided; 1 if nothing differs */
} eval_comparison;

void eval_compare(eval_comparison *out, const eval_system *first,
                  const eval_system *second, size_t n_rounds);

/* The parts of the matched-pairs test, in matched_pairs.c. The first finds the
 * segments of one utterance in which either system errs, bounded by two words
 * that both have right; adds their differences of errors to `out`. The second
 * fills what the test says about all of them. */
typedef struct eval_differences {
    double *list; /* [n] */
    size_t n;
    size_t capacity;
} eval_differences;
void eval_segments_find(eval_differences *out, const eval_alignment *first,
                        const eval_alignment *second);
void eval_matched_pairs(eval_comparison *out, const eval_differences *all);

#endif /* HEED_TOOLS_EVAL_BOOTSTRAP_H */
