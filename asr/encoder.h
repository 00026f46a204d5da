/* encoder.h - the chunked Transformer encoder.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A chunk of main frames is encoded together with look-ahead: copies of the
 * next frames (right context as in Emformer, arXiv 2010.10759). All of them
 * attend to the last `left_frames` main frames, to the chunk and to the
 * copies. Main frames' keys and values are kept for the chunks to come, the
 * copies' are thrown away: their states are provisional and are computed
 * again when their own chunk comes. Work and memory per frame are bounded.
 * A stream may make use of copies' states before that.
 *
 * The CTC head has a layer of its own that branches off below the top: the
 * upper layers serve the decoder, the branch spells. */
#ifndef HEED_ASR_ENCODER_H
#define HEED_ASR_ENCODER_H
#include <stddef.h>
#include <stdint.h>

#include "asr/base/arena.h"
#include "asr/weights.h"

/* Rows that the feed-forward layers take at a time, so that what lies between
 * them stays in the caches: a multiple of what the int8 products take. */
#define HEED_ENCODER_ROWS 48

/* Keys and values of a layer as `attend` takes them, 12 bits and a step for
 * each row, head by head: all that one reads stays in the first cache. */
typedef struct heed_encoder_cache {
    size_t n_slots;     /* room for rows, an even number */
    int16_t *keys;      /* [heads][n_slots][head_size] */
    int16_t *values;    /* [heads][n_slots / 2][head_size][2] */
    float *key_steps;   /* [n_slots] */
    float *value_steps; /* [n_slots] */
} heed_encoder_cache;

/* Caches and scratch. Lives in its owner's arena. R = max_rows, the main
 * frames and copies of one chunk; L = left_frames; D = width, S = stride. */
typedef struct heed_encoder {
    const heed_encoder_weights *weights;
    const heed_kernels *kernels;
    size_t max_rows;
    size_t n_left;           /* cached main frames, <= L; that of position p is
                                number p % L in a layer's cache */
    uint64_t position;       /* of the next main frame */
    size_t stride;           /* D, rounded up to HEED_ROUND_I16_ALIGN */
    heed_encoder_cache past; /* of L rows, n_layers + 1 one after the other, the
                                branch's last */
    heed_encoder_cache now;  /* of R rows, of one layer */
    int16_t *queries;        /* [R][S] */
    float *query_steps;      /* [R] */
    int16_t *rounded;        /* [2][S] */
    float *x;                /* [R][D] */
    float *normed;           /* [R][D] */
    float *mixed;            /* [R][D], first queries, keys, values */
    float *hidden;           /* [HEED_ENCODER_ROWS][n_hidden] */
    float *scratch;          /* of attention */
    float *cosines;          /* [R][n_rotary / 2] */
    float *sines;            /* [R][n_rotary / 2] */
} heed_encoder;

/* Lays out an encoder for chunks of up to `max_rows` main frames + copies. */
void heed_encoder_init(heed_encoder *encoder,
                       const heed_encoder_weights *weights, size_t max_rows,
                       const heed_kernels *kernels, heed_arena *arena);

/* Forgets the past. */
void heed_encoder_reset(heed_encoder *encoder);

/* Encodes `n_main` frames with `n_ahead` copies of the frames after them;
 * 0 < n_main + n_ahead <= max_rows. `memory` is for the decoder,
 * `spelling` for the CTC head; the states of the copies (provisional) follow
 * those of the main frames.
 * Shapes: memory, spelling, in [n_main + n_ahead][width]. */
void heed_encoder_run(heed_encoder *encoder, float *memory, float *spelling,
                      const float *in, size_t n_main, size_t n_ahead);

#endif /* HEED_ASR_ENCODER_H */
