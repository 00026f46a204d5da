/* word_score.h - how likely a text's words are.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Scores the words that a row of tokens spells with an n-gram language model:
 * letters and apostrophes make words, whatever else ends them. A word that is
 * not complete yet counts as much as the likeliest word that begins like it. */
#ifndef HEED_ASR_WORD_SCORE_H
#define HEED_ASR_WORD_SCORE_H
#include <stddef.h>

#include "lm/lm.h"

/* A text's score. Plain data, to be copied at will. */
typedef struct heed_word_score {
    heed_lm_state state; /* after the complete words */
    size_t n_words;      /* complete */
    float complete;      /* sum of the complete words' log probabilities */
    float begun;         /* bound of the incomplete word's */
    size_t n_letters;    /* of the incomplete word; too many are not kept */
    char letters[HEED_LM_MAX_WORD_BYTES];
} heed_word_score;

/* The empty text at a sentence's beginning. `lm` may be NULL: words are only
 * counted then, here as in the others. */
void heed_word_score_begin(heed_word_score *score, const heed_lm *lm);

/* Appends the text of a token. */
void heed_word_score_append(heed_word_score *score, const heed_lm *lm,
                            const char *text, size_t length);

/* The text is complete. */
void heed_word_score_end(heed_word_score *score, const heed_lm *lm);

#endif /* HEED_ASR_WORD_SCORE_H */
