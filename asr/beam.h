/* beam.h - the texts that fit the frames best.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Joint beam search, token by token: each text is scored by
 *
 *     (1 - a) log p(tokens)  + a log p(letters) + b log p(words) + c |words|
 *     attention decoder        CTC prefix         language model
 *
 * and, where there are phrases to listen for, d for each letter of theirs
 * (S. Watanabe et al., "Hybrid CTC/attention architecture for end-to-end
 * speech recognition", IEEE J-STSP 11(8), 2017). */
#ifndef HEED_ASR_BEAM_H
#define HEED_ASR_BEAM_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "asr/base/arena.h"
#include "asr/decoder.h"
#include "asr/hypothesis.h"
#include "asr/phrase_trie.h"
#include "asr/prefix_score.h"
#include "asr/progress.h"
#include "asr/tokenizer.h"
#include "asr/word_score.h"

#define HEED_MAX_BEAM 8
/* Most tokens of a text that is known which the decoder takes at a time: each
 * time it reads all of its weights. */
#define HEED_BEAM_ROWS 32

/* Blueprint. */
typedef struct heed_beam_config {
    size_t n_texts;      /* kept at a time, 1 to HEED_MAX_BEAM */
    size_t max_ends;     /* complete texts kept, 1 to HEED_MAX_BEAM */
    float letter_weight; /* a, 0-1 */
    float lm_weight;     /* b */
    float word_bonus;    /* c */
    float phrase_weight; /* d */
} heed_beam_config;

/* A text and its scores. */
typedef struct heed_beam_text {
    float score;
    size_t n_tokens;
    uint32_t tokens[HEED_MAX_TOKENS];
    float log_probs[HEED_MAX_TOKENS]; /* by the attention decoder */
    uint16_t rows[HEED_MAX_TOKENS];   /* where the attention looked most */
    float attention;                  /* sum of log_probs, end included */
    float spelling;                   /* log p(letters), of a complete text */
    heed_word_score words;
    heed_phrase_state phrases;
    heed_progress progress;
    heed_prefix_score *letters;
    size_t lane; /* of the decoder */
} heed_beam_text;

/* A text with one token more, not yet made. */
typedef struct heed_beam_candidate {
    float score;
    const heed_beam_text *parent;
    uint32_t token;
    float log_prob;
    float spelling; /* log p(letters) */
    size_t row;
    heed_word_score words;
    heed_phrase_state phrases;
    heed_prefix_score *letters;
} heed_beam_candidate;

/* What a lane of the decoder holds: keys and values of the beginning and of
 * the tokens after it. */
typedef struct heed_beam_lane {
    size_t n_rows;                    /* 1 + tokens, or 0 */
    uint32_t tokens[HEED_MAX_TOKENS]; /* [n_rows - 1] */
} heed_beam_lane;

/* Lives in its owner's arena. B = config.n_texts. */
typedef struct heed_beam {
    heed_beam_config config;
    heed_decoder *decoder; /* borrowed; has a lane for each text */
    const heed_tokenizer *tokenizer;
    const heed_lm *lm;               /* or NULL */
    const heed_phrase_trie *phrases; /* or NULL */
    heed_prefix_frames frames;
    size_t n_spoken; /* frames of the task up to its last letter, and some */
    float behind;    /* by which a text is given up: the best one's score less
                        its own, ... */
    float hope;      /* ... and what it might still gain on complete ones */
    heed_beam_text *texts; /* [B] being written */
    size_t n_texts;
    heed_beam_text *next; /* [B] */
    heed_beam_text *ends; /* [max_ends] complete, the best first */
    size_t n_ends;
    heed_beam_candidate *candidates; /* [B] the best so far, the best first */
    size_t n_candidates;
    heed_prefix_score **spare; /* [2 B + 1] not in use */
    size_t n_spare;
    heed_beam_lane *lanes; /* [B] */
    float *logits;         /* [B][n_vocabulary] */
} heed_beam;

/* What is to be found: how the segment's text goes on. */
typedef struct heed_beam_task {
    const uint32_t *tokens; /* [n_tokens] that it begins with */
    size_t n_tokens;
    size_t row;                       /* that those have come to */
    const heed_prefix_score *letters; /* theirs */
    const float *log_probs;           /* [n_frames][HEED_CTC_LABELS] */
    size_t n_frames;                  /* > 0; the decoder's memory has them */
    bool is_last;                     /* nothing is said after these frames */
    size_t max_tokens;                /* of the whole text */
    size_t n_wanted; /* complete texts, at most max_ends; more than one take
                        a second search */
} heed_beam_task;

/* Read-only parts, borrowed. */
typedef struct heed_beam_parts {
    const heed_tokenizer *tokenizer;
    const heed_lm *lm;               /* or NULL */
    const heed_phrase_trie *phrases; /* or NULL */
} heed_beam_parts;

void heed_beam_init(heed_beam *beam, const heed_beam_config *config,
                    heed_decoder *decoder, const heed_beam_parts *parts,
                    size_t reach_frames, heed_arena *arena);

/* Appends the letters of a token to a text, after a space where a word
 * begins, over the frames of the last run. */
void heed_beam_spell(const heed_beam *beam, heed_prefix_score *letters,
                     uint32_t token);

/* Leaves the texts found in `ends`, at least one, the best first, no two of
 * the same words; the first one does not depend on how many are wanted. Few
 * texts are written on where the best one is far ahead, so that most steps have
 * one or two. */
void heed_beam_run(heed_beam *beam, const heed_beam_task *task);

/* Tells where the decoder looks for each token of a text.
 * Shape: attention [n_tokens][n_frames]. */
void heed_beam_look(heed_beam *beam, float *attention, const uint32_t *tokens,
                    size_t n_tokens, size_t n_frames);

#endif /* HEED_ASR_BEAM_H */
