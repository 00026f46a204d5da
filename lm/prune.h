/* prune.h - leaves out the n-grams that make little difference.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Entropy pruning (Stolcke, "Entropy-based Pruning of Backoff Language
 * Models", 1998, arXiv:cs/0006025): an n-gram is left out if that raises the
 * model's perplexity by less than a fraction. How likely a context is, is
 * taken from its count in the text and not from the model, whose lower orders
 * say how varied a word's contexts are rather than how frequent it is (Chelba
 * et al., Interspeech 2010). */
#ifndef HEED_LM_PRUNE_H
#define HEED_LM_PRUNE_H
#include "lm/ngram_table.h"

/* Clears `kept` of n-grams of order 2 and above whose absence raises the
 * perplexity by less than the fraction `threshold` > 0, and adapts the
 * back-offs, so that the probabilities after every context still sum to 1.
 * Kept are unigrams and the contexts and ends of every n-gram kept. */
void heed_ngram_table_prune(heed_ngram_table *table, double threshold);

#endif /* HEED_LM_PRUNE_H */
