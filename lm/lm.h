/* lm.h - an n-gram model with back-off, for scoring words.
 * SPDX-License-Identifier: Apache-2.0
 *
 *     p(w | h) = p*(w | h)              if the n-gram h w is in the model
 *              = b(h) p(w | h')         otherwise, h' = h without its oldest
 *                                       word, b(h) = 1 if h is not there
 *
 * (S. Katz, "Estimation of probabilities from sparse data...", IEEE Trans.
 * ASSP 35(3), 1987.) Probabilities are natural logarithms. A state is what the
 * model still needs to know of the words before; hypotheses with equal states
 * have the same future and may be joined, as in KenLM (K. Heafield, "KenLM:
 * faster and smaller language model queries", WMT 2011).
 *
 * `heed_lm` itself, opening and closing are in heed.h. A model does not change
 * after it was opened: any number of threads. Nothing here allocates. */
#ifndef HEED_LM_LM_H
#define HEED_LM_LM_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "asr/base/status.h"
#include "lm/word_table.h"

enum { HEED_LM_MAX_ORDER = 6 };

/* Ids of what is no word; the words follow, sorted by their bytes. */
enum {
    HEED_LM_UNKNOWN = 0,        /* <unk> */
    HEED_LM_SENTENCE_BEGIN = 1, /* <s> */
    HEED_LM_SENTENCE_END = 2    /* </s> */
};

/* The words before, as far as they matter. Plain data, to be copied at will;
 * compare with heed_lm_state_equal(). */
typedef struct heed_lm_state {
    uint32_t n;                               /* words that matter */
    uint32_t words[HEED_LM_MAX_ORDER - 1];    /* the latest first */
    uint32_t contexts[HEED_LM_MAX_ORDER - 1]; /* private: of i + 1 words */
    float backoffs[HEED_LM_MAX_ORDER - 1];    /* private: theirs */
} heed_lm_state;

/* The same as heed_lm_open() over `n_bytes` at `data`, which must outlive the
 * model and be aligned to 8 bytes. */
HEED_NODISCARD heed_status heed_lm_open_memory(heed_lm **out, const void *data,
                                               size_t n_bytes,
                                               const heed_log *log);

/* What a model is. */
typedef struct heed_lm_info {
    unsigned order;                       /* 1 to HEED_LM_MAX_ORDER */
    uint32_t n_ngrams[HEED_LM_MAX_ORDER]; /* [i]: of i + 1 words */
    unsigned prob_bits;                   /* of a quantised probability */
    unsigned backoff_bits;                /* of a quantised back-off */
    size_t n_bytes;                       /* of the file */
} heed_lm_info;

void heed_lm_describe(const heed_lm *lm, heed_lm_info *info);

/* --- Words. --------------------------------------------------------------- */

/* Returns the number of ids: all ids are below it. */
uint32_t heed_lm_n_words(const heed_lm *lm);

/* Returns the id of a word, whose ASCII letters may be of any case;
 * HEED_LM_UNKNOWN if the model does not have it. `<s>`, `</s>` and `<unk>`
 * are no words. */
uint32_t heed_lm_word(const heed_lm *lm, const char *text, size_t length);

/* Writes the text of an id below heed_lm_n_words(), terminated. */
void heed_lm_word_text(const heed_lm *lm, char text[HEED_LM_MAX_WORD_BYTES + 1],
                       uint32_t word);

/* Gives the ids [*first, *last) of the words that begin with `prefix`, in any
 * case; all words for an empty one. Returns whether there are any. */
bool heed_lm_prefix(const heed_lm *lm, const char *prefix, size_t length,
                    uint32_t *first, uint32_t *last);

/* Returns the largest unigram log probability of the words [first, last), in a
 * time that does not grow with their number; -INFINITY if there are none. */
float heed_lm_best(const heed_lm *lm, uint32_t first, uint32_t last);

/* --- Scores. -------------------------------------------------------------- */

/* Begin after `<s>`, or without any words before. */
void heed_lm_begin(const heed_lm *lm, heed_lm_state *state);
void heed_lm_null(const heed_lm *lm, heed_lm_state *state);

/* Returns whether no continuation can tell the two states apart. */
bool heed_lm_state_equal(const heed_lm_state *a, const heed_lm_state *b);

/* Returns log p(word | in), `word` below heed_lm_n_words(). `*out` is the
 * state after it: words that no n-gram goes on from are left out, so that
 * equal futures have equal states. `out` may be `in`, or NULL if only the
 * score is wanted. */
float heed_lm_score(const heed_lm *lm, const heed_lm_state *in, uint32_t word,
                    heed_lm_state *out);

/* Returns log p(</s> | state). */
float heed_lm_end(const heed_lm *lm, const heed_lm_state *state);

/* As heed_lm_score(); `*order`: the words of the n-gram found, 1 to the
 * model's order. */
float heed_lm_score_order(const heed_lm *lm, const heed_lm_state *in,
                          uint32_t word, heed_lm_state *out, unsigned *order);

#endif /* HEED_LM_LM_H */
