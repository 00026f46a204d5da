/* prefix_score.h - how well the frames' letters support the beginning of a
 * text. SPDX-License-Identifier: Apache-2.0
 *
 * CTC prefix scores (S. Watanabe et al., "Hybrid CTC/attention architecture
 * for end-to-end speech recognition", IEEE J-STSP 11(8), 2017): the
 * probability of all spellings that begin with a given one, over all its
 * alignments with the frames. A text is a row of labels; spaces before its
 * first and after its last one count as silence. A label that the frames do not
 * have costs a lot, but not everything. */
#ifndef HEED_ASR_PREFIX_SCORE_H
#define HEED_ASR_PREFIX_SCORE_H
#include <stddef.h>
#include <stdint.h>

#include "asr/base/arena.h"

/* The frames that texts are scored against. Lives in its owner's arena. */
typedef struct heed_prefix_frames {
    size_t max_frames;
    size_t reach_frames;    /* two labels of a text are never further apart */
    size_t n_frames;        /* now */
    const float *log_probs; /* [n_frames][HEED_CTC_LABELS], borrowed */
    float *blank;           /* [max_frames] p(blank) */
    float *silence;         /* [max_frames + 1] log p(no letter in the first t
                               frames) */
} heed_prefix_frames;

/* One text's forward variables: `letter[t]`, `blank[t]`, first <= t < end, are
 * p(the text lies in the first t frames, the last of them being its last label,
 * or blank) / exp(log_unit). Lives in its owner's arena. */
typedef struct heed_prefix_score {
    float log_prob;    /* of all texts that begin with this one */
    size_t first, end; /* 0 <= first < end <= n_frames + 1 */
    float log_unit;    /* 0 for the empty text */
    uint8_t last;      /* label; HEED_CTC_BLANK for the empty text */
    float *letter;     /* [max_frames + 1] */
    float *blank;      /* [max_frames + 1] */
} heed_prefix_score;

void heed_prefix_frames_init(heed_prefix_frames *frames, size_t max_frames,
                             size_t reach_frames, heed_arena *arena);

/* Sets the frames. Scores of texts over other frames must be begun anew or
 * continued.
 * Shape: log_probs [n_frames][HEED_CTC_LABELS], borrowed. */
void heed_prefix_frames_set(heed_prefix_frames *frames, const float *log_probs,
                            size_t n_frames);

void heed_prefix_score_init(heed_prefix_score *score, size_t max_frames,
                            heed_arena *arena);

/* The empty text, over no frames. */
void heed_prefix_score_begin(heed_prefix_score *score);

/* Makes `out` the text `in` over frames of which there are more by now; those
 * that `in` was computed over must be the same. `out` may be `in`. */
void heed_prefix_score_continue(heed_prefix_score *out,
                                const heed_prefix_score *in,
                                const heed_prefix_frames *frames);

/* Makes `out` the text `in`, which covers all frames, with `label` after it.
 * `out` may be `in`. */
void heed_prefix_score_extend(heed_prefix_score *out,
                              const heed_prefix_score *in,
                              const heed_prefix_frames *frames, uint8_t label);

/* Returns the log probability of the text with nothing after it (of its
 * likeliest end: less than the sum over all of them by a few tenths). */
float heed_prefix_score_whole(const heed_prefix_score *score,
                              const heed_prefix_frames *frames);

#endif /* HEED_ASR_PREFIX_SCORE_H */
