/* decoder.h - the attention decoder, one token at a time.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Transformer decoder (arXiv 1706.03762): causal self-attention over the
 * tokens so far, cross-attention over the memory so far, SwiGLU feed-forward;
 * the output matrix is the embedding. Keys and values of tokens are cached,
 * those of memory frames are computed once. */
#ifndef HEED_ASR_DECODER_H
#define HEED_ASR_DECODER_H
#include <stddef.h>

#include "asr/base/arena.h"
#include "asr/weights.h"

/* Caches and scratch. Lives in its owner's arena. U = max_tokens, M =
 * max_frames, D = width, L = n_layers. */
typedef struct heed_decoder {
    const heed_decoder_weights *weights;
    const heed_kernels *kernels;
    size_t max_tokens;
    size_t max_frames;
    size_t n_tokens;     /* in the self-attention's cache */
    float *self_keys;    /* [L][U][D] */
    float *self_values;  /* [L][U][D] */
    float *cross_keys;   /* [L][M][D] */
    float *cross_values; /* [L][M][D] */
    float *x;            /* [D] */
    float *normed;       /* [D] */
    float *query;        /* [D] */
    float *mixed;        /* [D] */
    float *hidden;       /* [2 n_hidden] */
    float *probs;        /* [max(U, M)] */
    float *attention;    /* [M], of the last step: where it looked */
    float *cosines;      /* [n_rotary / 2] */
    float *sines;        /* [n_rotary / 2] */
} heed_decoder;

void heed_decoder_init(heed_decoder *decoder,
                       const heed_decoder_weights *weights, size_t max_tokens,
                       size_t max_frames, const heed_kernels *kernels,
                       heed_arena *arena);

/* Sets memory frames [first, first + n_frames): computes their keys and
 * values in every layer. Shape: memory [n_frames][width]. */
void heed_decoder_set_memory(heed_decoder *decoder, size_t first,
                             const float *memory, size_t n_frames);

/* Forgets the tokens from number `n_tokens` on. */
void heed_decoder_rewind(heed_decoder *decoder, size_t n_tokens);

/* Takes `token` as the next one (there must be room) and computes what may
 * follow it, seeing the first `n_frames` > 0 memory frames.
 * Shape: logits [n_vocabulary]; NULL where nobody asks for them. */
void heed_decoder_step(heed_decoder *decoder, float *logits, size_t token,
                       size_t n_frames);

#endif /* HEED_ASR_DECODER_H */
