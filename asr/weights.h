/* weights.h - the network's parameters and sizes, as the model file has them.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Everything here is read-only and borrowed from the mapped file; one
 * heed_model owns it and any number of streams share it. Names follow the
 * tensors of asr/FORMAT.md. Vectors are [width] unless said otherwise. */
#ifndef HEED_ASR_WEIGHTS_H
#define HEED_ASR_WEIGHTS_H
#include <stddef.h>

#include "asr/nn/conv.h"
#include "asr/nn/kernels.h"
#include "asr/nn/linear.h"
#include "asr/nn/norm.h"
#include "frontend/cmvn.h"
#include "frontend/mfcc.h"

#define HEED_MAX_LAYERS 32

typedef struct heed_frontend_weights {
    heed_mfcc_config mfcc;
    heed_cmvn cmvn;
} heed_frontend_weights;

typedef struct heed_stem_weights {
    size_t n_cepstra;
    heed_conv conv[3];
} heed_stem_weights;

/* Sizes that encoder and decoder layers have in common. */
typedef struct heed_attention_sizes {
    size_t width; /* of a row: n_heads * head_size */
    size_t n_heads;
    size_t head_size;
    size_t n_rotary; /* leading dimensions of a head that are turned */
    double rope_base;
} heed_attention_sizes;

typedef struct heed_attention_weights {
    heed_linear q, k, v, o;
} heed_attention_weights;

typedef struct heed_encoder_layer {
    heed_norm attn_norm;
    heed_attention_weights attn;
    heed_norm ffn_norm;
    heed_linear fc1, fc2;
    const float
        *fc2_sums; /* of fc2's rows, if its inputs are centred, or NULL */
} heed_encoder_layer;

typedef struct heed_encoder_weights {
    heed_attention_sizes sizes;
    size_t n_layers;
    size_t n_hidden;    /* of the feed-forward */
    size_t left_frames; /* past frames that a chunk attends to */
    heed_encoder_layer layers[HEED_MAX_LAYERS];
    heed_norm norm;
    size_t branch_layer; /* the CTC's own layer reads what this many made */
    heed_encoder_layer branch;
    heed_norm branch_norm;
} heed_encoder_weights;

typedef struct heed_ctc_weights {
    heed_conv conv;     /* over an odd number of the branch's frames */
    heed_linear output; /* to the labels, blank first */
} heed_ctc_weights;

typedef struct heed_decoder_layer {
    heed_norm self_norm;
    heed_attention_weights self;
    heed_norm cross_norm;
    heed_attention_weights cross;
    heed_norm ffn_norm;
    heed_linear up;   /* rows [0, n_hidden) are h, the rest the gate g */
    heed_linear down; /* of silu(g) * h */
} heed_decoder_layer;

typedef struct heed_decoder_weights {
    heed_attention_sizes sizes;
    size_t n_layers;
    size_t n_hidden;
    heed_decoder_layer layers[HEED_MAX_LAYERS];
    heed_norm norm;
    heed_linear embed;      /* [n_vocabulary][width]: input rows and output */
    const float *alignment; /* [n_layers][n_heads] shares, of sum 1, in what
                               tells where a token looks */
} heed_decoder_weights;

/* What tells speech from other sounds, over the encoder's memory; all zero in a
 * model that has no such thing. */
typedef struct heed_voice_weights {
    size_t n_values;     /* a frame's */
    const float *weight; /* [n_values] */
    const float *bias;   /* [1] */
} heed_voice_weights;

#endif /* HEED_ASR_WEIGHTS_H */
