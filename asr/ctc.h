/* ctc.h - letters heard per frame, and when a spelling was said.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Connectionist temporal classification (Graves et al. 2006) beside the
 * attention decoder: label 0 is blank, the others are letters. It times the
 * words, finds pauses, and tells whether the audio supports a word. */
#ifndef HEED_ASR_CTC_H
#define HEED_ASR_CTC_H
#include <stddef.h>
#include <stdint.h>

#include "asr/base/arena.h"
#include "asr/weights.h"

/* Labels fixed by this version: blank, space, apostrophe, A-Z. */
enum {
    HEED_CTC_BLANK = 0,
    HEED_CTC_SPACE = 1,
    HEED_CTC_APOSTROPHE = 2,
    HEED_CTC_A = 3,
    HEED_CTC_LABELS = 29
};

/* Frames of states that one frame's posteriors are computed from: as many
 * before it as after it. */
#define HEED_CTC_TAPS 5
#define HEED_CTC_PAST (HEED_CTC_TAPS / 2)

/* Frames whose posteriors are computed at a time: what lies between the layers
 * stays in the caches. */
#define HEED_CTC_ROWS 48

/* The head's past and scratch. Lives in its owner's arena. */
typedef struct heed_ctc {
    const heed_ctc_weights *weights;
    const heed_kernels *kernels;
    size_t max_rows;
    float *window; /* [HEED_CTC_PAST + max_rows + HEED_CTC_PAST][width], its
                      first rows the last main frames of the chunk before */
    float *hidden; /* [HEED_CTC_ROWS][conv's outputs] */
} heed_ctc;

void heed_ctc_init(heed_ctc *ctc, const heed_ctc_weights *weights,
                   size_t max_rows, const heed_kernels *kernels,
                   heed_arena *arena);

/* Forgets the past. */
void heed_ctc_reset(heed_ctc *ctc);

/* Log posteriors of a chunk's `n_main` frames and of the `n_ahead` provisional
 * ones after them, n_main + n_ahead <= max_rows; what comes after those is
 * taken as zeros.
 * Shapes: log_probs [n_main + n_ahead][HEED_CTC_LABELS],
 * states [n_main + n_ahead][width]. */
void heed_ctc_forward(heed_ctc *ctc, float *log_probs, const float *states,
                      size_t n_main, size_t n_ahead);

/* Returns the probability that one frame, given its log posteriors, begins or
 * goes on with a letter: neither blank nor space. */
float heed_ctc_letter_prob(const float *log_probs);

/* Returns the label of an ASCII letter or apostrophe of either case, or -1 if
 * `byte` is not one. */
int heed_ctc_label(unsigned char byte);

/* Best path of a spelling through the frames. Lives in its owner's arena. */
typedef struct heed_ctc_aligner {
    size_t max_labels;
    size_t max_frames;
    uint8_t *back; /* [max_frames][max_labels / 2 + 1] steps taken, 0-2,
                      four a byte */
    float *scores; /* [2][2 max_labels + 1] */
} heed_ctc_aligner;

void heed_ctc_aligner_init(heed_ctc_aligner *aligner, size_t max_labels,
                           size_t max_frames, heed_arena *arena);

/* When one label was said. */
typedef struct heed_ctc_span {
    size_t first;   /* frame of its spike's beginning */
    size_t last;    /* frame of its end, >= first */
    float log_prob; /* its best frame's log posterior */
} heed_ctc_span;

/* Viterbi alignment of `labels` (no blanks) with `n_frames` frames; blanks
 * may stand before, between and after. Fills `spans`, one a label, in order
 * and without overlap. Returns how many labels were aligned: all of them, or
 * fewer if the frames are too few for more (what does not fit is left out at
 * the end) or if a bound of the aligner is reached.
 * Shape: log_probs [n_frames][HEED_CTC_LABELS]. */
size_t heed_ctc_align(heed_ctc_aligner *aligner, heed_ctc_span *spans,
                      const uint8_t *labels, size_t n_labels,
                      const float *log_probs, size_t n_frames);

#endif /* HEED_ASR_CTC_H */
