/* decoder.h - the attention decoder, one token of several texts at a time.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Transformer decoder (arXiv 1706.03762): causal self-attention over the
 * tokens so far, cross-attention over the memory so far, SwiGLU feed-forward;
 * the output matrix is the embedding. Keys and values of tokens are cached in
 * lanes, one a text; those of memory frames are computed once and shared. */
#ifndef HEED_ASR_DECODER_H
#define HEED_ASR_DECODER_H
#include <stddef.h>
#include <stdint.h>

#include "asr/base/arena.h"
#include "asr/base/profile.h"
#include "asr/weights.h"

/* Blueprint. */
typedef struct heed_decoder_limits {
    size_t n_lanes;
    size_t max_rows;   /* of one run */
    size_t max_tokens; /* of a lane */
    size_t max_frames; /* of the memory */
} heed_decoder_limits;

/* Memory frames whose keys are computed at a time. */
#define HEED_DECODER_NEW_ROWS 64

/* Caches and scratch. Lives in its owner's arena. N = n_lanes, R = max_rows,
 * U = max_tokens, M = max_frames, D = width, L = n_layers. */
typedef struct heed_decoder {
    const heed_decoder_weights *weights;
    const heed_kernels *kernels;
    heed_decoder_limits limits;
    heed_profile *profile;  /* borrowed, or NULL */
    float *self_keys;       /* [L][N][U][D] */
    float *self_values;     /* [L][N][U][D] */
    uint16_t *cross_keys;   /* [L][H][blocks of columns], binary16 */
    uint16_t *cross_values; /* [L][H][M][D / H], the same */
    float *x;               /* [R][D] */
    float *normed;          /* [R][D] */
    float *query;           /* [R][D] */
    float *key;             /* [R][D] */
    float *value;           /* [R][D] */
    float *mixed;           /* [R][D] */
    float *hidden;          /* [R][2 n_hidden] */
    float *probs;           /* [R max(U, M)] */
    float *attention;       /* [R][M], of the last run: where each row looked */
    float *cosines;         /* [R][n_rotary / 2] */
    float *sines;           /* [R][n_rotary / 2] */
    float *new_rows;        /* [HEED_DECODER_NEW_ROWS][D] of memory frames */
    uint16_t *new_halves;   /* the same, rounded */
} heed_decoder;

/* One token to take: number `position` (0: the first) of the text in `lane`,
 * whose tokens before it were taken in earlier runs or in earlier rows of this
 * one. */
typedef struct heed_decoder_row {
    size_t lane;
    size_t position;
    uint32_t token;
} heed_decoder_row;

void heed_decoder_init(heed_decoder *decoder,
                       const heed_decoder_weights *weights,
                       const heed_decoder_limits *limits,
                       const heed_kernels *kernels, heed_arena *arena);

/* Sets memory frames [first, first + n_frames): computes their keys and
 * values in every layer. Shape: memory [n_frames][width]. */
void heed_decoder_set_memory(heed_decoder *decoder, size_t first,
                             const float *memory, size_t n_frames);

/* Takes the tokens of `n_rows` rows, 0 < n_rows <= max_rows, and computes what
 * may follow each, seeing the first `n_frames` > 0 memory frames. A row's
 * result has the same bits whatever the other rows are.
 * Shape: logits [n_rows][n_vocabulary]; NULL where nobody asks for them. */
void heed_decoder_run(heed_decoder *decoder, float *logits,
                      const heed_decoder_row *rows, size_t n_rows,
                      size_t n_frames);

/* Makes the tokens [first, end) of lane `to` those of lane `from`. */
void heed_decoder_copy(heed_decoder *decoder, size_t to, size_t from,
                       size_t first, size_t end);

#endif /* HEED_ASR_DECODER_H */
