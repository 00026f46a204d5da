/* model.h - the weights of a model file, checked and ready for use.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef HEED_ASR_MODEL_H
#define HEED_ASR_MODEL_H
#include <stddef.h>

#include "asr/base/pages.h"
#include "asr/gguf.h"
#include "asr/heed.h"
#include "asr/tokenizer.h"
#include "asr/weights.h"

/* Frames of a latency preset. */
typedef struct heed_model_preset {
    size_t chunk_frames;
    size_t lookahead_frames;
} heed_model_preset;

/* Immutable after heed_model_open(); shared by streams on any threads. */
struct heed_model {
    const heed_log *log;
    heed_gguf *gguf;
    heed_tokenizer *tokenizer;
    const heed_kernels *kernels;
    heed_frontend_weights frontend;
    heed_stem_weights stem;
    heed_encoder_weights encoder;
    heed_ctc_weights ctc;
    heed_decoder_weights decoder;
    heed_voice_weights voice;
    heed_model_preset presets[2]; /* by heed_latency */
    heed_model_info info;
    heed_pages packed; /* int8 matrices as the kernels want them */
    float *sums;       /* of rows whose inputs are centred */
    char *texts;       /* owns info's strings, one after the other */
};

#endif /* HEED_ASR_MODEL_H */
