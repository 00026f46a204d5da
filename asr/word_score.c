/* word_score.c - see word_score.h. SPDX-License-Identifier: Apache-2.0 */
#include "asr/word_score.h"

#include <stdbool.h>
#include <stdint.h>

#include "asr/ctc.h"

void heed_word_score_begin(heed_word_score *score, const heed_lm *lm)
{
    *score = (heed_word_score){0};
    if (lm != NULL)
        heed_lm_begin(lm, &score->state);
}

void heed_word_score_end(heed_word_score *score, const heed_lm *lm)
{
    if (score->n_letters == 0)
        return;
    if (lm != NULL) {
        const uint32_t word =
            score->n_letters <= HEED_LM_MAX_WORD_BYTES
                ? heed_lm_word(lm, score->letters, score->n_letters)
                : HEED_LM_UNKNOWN;

        score->complete +=
            heed_lm_score(lm, &score->state, word, &score->state);
    }
    score->begun = 0.0F;
    score->n_letters = 0;
    score->n_words++;
}

/* The bound of the word that the letters begin. */
static float bound(const heed_word_score *score, const heed_lm *lm)
{
    uint32_t first = HEED_LM_UNKNOWN;
    uint32_t last = HEED_LM_UNKNOWN + 1;

    if (score->n_letters <= HEED_LM_MAX_WORD_BYTES)
        (void)heed_lm_prefix(lm, score->letters, score->n_letters, &first,
                             &last);

    const float best = heed_lm_best(lm, first, last);
    const float unknown =
        heed_lm_best(lm, HEED_LM_UNKNOWN, HEED_LM_UNKNOWN + 1);

    return best > unknown ? best : unknown;
}

void heed_word_score_append(heed_word_score *score, const heed_lm *lm,
                            const char *text, size_t length)
{
    bool longer = false;

    for (size_t i = 0; i < length; i++) {
        if (heed_ctc_label((unsigned char)text[i]) < 0) {
            heed_word_score_end(score, lm);
            longer = false;
            continue;
        }
        if (score->n_letters < HEED_LM_MAX_WORD_BYTES)
            score->letters[score->n_letters] = text[i];
        score->n_letters++;
        longer = true;
    }
    if (longer && lm != NULL)
        score->begun = bound(score, lm);
}
