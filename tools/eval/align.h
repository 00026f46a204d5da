/* align.h - which words were heard, changed, lost or added.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The cheapest way from one graph of words to another, as NIST's sclite finds
 * it: a substitution costs 4, a deletion or an insertion 3, no word at all
 * next to nothing; among equals a substitution comes before an insertion and
 * that before a deletion. So the totals are sclite's. */
#ifndef HEED_TOOLS_EVAL_ALIGN_H
#define HEED_TOOLS_EVAL_ALIGN_H

#include "tools/eval/graph.h"

typedef enum eval_edit {
    EVAL_CORRECT,
    EVAL_SUBSTITUTION,
    EVAL_DELETION,
    EVAL_INSERTION
} eval_edit;

/* One step: a word of the reference, one of the hypothesis, or both. */
typedef struct eval_step {
    eval_edit edit;
    uint32_t reference;  /* word, EVAL_WORD_NONE at an insertion */
    uint32_t hypothesis; /* word, EVAL_WORD_NONE at a deletion */
    uint32_t arc;        /* of the hypothesis, 0 at a deletion */
} eval_step;

typedef struct eval_alignment {
    eval_step *steps; /* [n_steps] in their order; owned */
    size_t n_steps;
} eval_alignment;

/* How often each happened. */
typedef struct eval_counts {
    size_t n_correct;
    size_t n_substitutions;
    size_t n_deletions;
    size_t n_insertions;
} eval_counts;

/* Aligns the graphs in `*out`, release: eval_alignment_deinit(). Takes about
 * a byte for each pair of words; returns false, with `*out` empty, if that
 * were more than `EVAL_ALIGN_MAX_BYTES`. */
#define EVAL_ALIGN_MAX_BYTES ((size_t)1 << 30)
bool eval_align(eval_alignment *out, const eval_graph *reference,
                const eval_graph *hypothesis);

void eval_alignment_deinit(eval_alignment *alignment);

void eval_counts_of(eval_counts *counts, const eval_alignment *alignment);
void eval_counts_add(eval_counts *sum, const eval_counts *counts);

/* Words of the reference, and errors. */
size_t eval_counts_words(const eval_counts *counts);
size_t eval_counts_errors(const eval_counts *counts);

#endif /* HEED_TOOLS_EVAL_ALIGN_H */
