/* score.h - from texts to counted errors. SPDX-License-Identifier: Apache-2.0
 */
#ifndef HEED_TOOLS_EVAL_SCORE_H
#define HEED_TOOLS_EVAL_SCORE_H

#include "tools/eval/item.h"
#include "tools/eval/normalise.h"

/* What all scores of a report have in common. */
typedef struct eval_scorer {
    const eval_normaliser *normaliser; /* borrowed */
    eval_table words;                  /* steps name words by their numbers */
    eval_table characters;
} eval_scorer;

void eval_scorer_init(eval_scorer *scorer, const eval_normaliser *normaliser);
void eval_scorer_deinit(eval_scorer *scorer);

/* Aligns and counts one item, unless it has an error, and finds when the words
 * that were heard right were over. What is odd is noted in
 * `system`. Says what is malformed (`{` without `}`) and returns false. */
bool eval_score_item(eval_scorer *scorer, eval_system *system, eval_item *item,
                     const heed_log *log);

/* All items. */
bool eval_score(eval_scorer *scorer, eval_system *system, const heed_log *log);

/* The word of a step; `***` where there is none. */
const char *eval_scorer_word(const eval_scorer *scorer, uint32_t word);

#endif /* HEED_TOOLS_EVAL_SCORE_H */
