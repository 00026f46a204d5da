/* hypothesis.h - tokens of a segment, the words they spell, and when.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef HEED_ASR_HYPOTHESIS_H
#define HEED_ASR_HYPOTHESIS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "asr/base/arena.h"
#include "asr/ctc.h"
#include "asr/tokenizer.h"

/* Tokens of one segment at most; letters and spaces of its words; bytes of a
 * word's text (a longer one is cut). */
#define HEED_MAX_TOKENS     256
#define HEED_MAX_LETTERS    1024
#define HEED_MAX_WORD_BYTES 128

/* A word: a run of tokens. Rows count from the segment's first frame. */
typedef struct heed_hypothesis_word {
    size_t first_token, n_tokens;
    size_t first_row, end_row; /* said in [first_row, end_row) */
    size_t peak_row;           /* latest row that its letters' tokens look at */
    float confidence; /* that it is right, 0-1: from the geometric mean of its
                         tokens' posteriors */
    float support;    /* mean over its letters of the CTC's best log posterior;
                         0 if it has no letters */
    bool fits;        /* false: the frames are too few for its letters */
} heed_hypothesis_word;

/* The best token sequence so far. Lives in its owner's arena. */
typedef struct heed_hypothesis {
    const heed_tokenizer *tokenizer;
    size_t n_tokens;
    uint32_t *tokens; /* [HEED_MAX_TOKENS] */
    float *log_probs; /* [HEED_MAX_TOKENS] */
    size_t *rows;     /* [HEED_MAX_TOKENS] where the attention looked most */
    size_t n_words;
    heed_hypothesis_word *words; /* [HEED_MAX_TOKENS] */
    uint8_t *letters;            /* [HEED_MAX_LETTERS] */
    heed_ctc_span *spans;        /* [HEED_MAX_LETTERS] */
    heed_ctc_aligner aligner;
} heed_hypothesis;

void heed_hypothesis_init(heed_hypothesis *hypothesis,
                          const heed_tokenizer *tokenizer, size_t max_frames,
                          heed_arena *arena);

/* Returns whether the token's text has a letter: something to hear, where
 * punctuation only looks at the end of the memory. */
bool heed_hypothesis_is_spelled(const heed_tokenizer *tokenizer,
                                uint32_t token);

/* Groups the tokens from `first_token` on into words and times them: a word
 * lies where its tokens' attention looked (`rows`, set by the caller), from its
 * first letter's CTC spike to its last one's where the two agree. Spellings are
 * aligned with the frames from `first_row` to `n_rows`. Times are monotone; a
 * word without letters takes no time.
 * Shape: log_probs [n_rows][HEED_CTC_LABELS]. */
void heed_hypothesis_align(heed_hypothesis *hypothesis, size_t first_token,
                           size_t first_row, const float *log_probs,
                           size_t n_rows);

/* Writes a word's text, valid UTF-8 and terminated, to `bytes`
 * [HEED_MAX_WORD_BYTES] and returns its length. */
size_t heed_hypothesis_text(const heed_hypothesis *hypothesis,
                            const heed_hypothesis_word *word, char *bytes);

#endif /* HEED_ASR_HYPOTHESIS_H */
