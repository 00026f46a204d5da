/* tiny_model.h - a model file of a few kilobytes with random weights.
 * SPDX-License-Identifier: Apache-2.0
 *
 * It has everything that the default model has, only smaller: 8 cepstra,
 * width 16, 2 heads, 2 + 2 layers, 44 tokens. What it writes is gibberish, but
 * it writes a lot of it, and depends on every sample. */
#ifndef HEED_TESTS_SUPPORT_TINY_MODEL_H
#define HEED_TESTS_SUPPORT_TINY_MODEL_H
#include <stdint.h>

#include "asr/model.h"
#include "tests/support/gguf_writer.h"

enum {
    TINY_CEPSTRA = 8,
    TINY_WIDTH = 16,
    TINY_LEFT_FRAMES = 24,
    TINY_VOCABULARY = 44
};

typedef enum tiny_damage {
    TINY_WHOLE = 0, /* nothing is wrong */
    TINY_MISSING,   /* left out */
    TINY_TYPE,      /* an i32 tensor; a string for a number and vice versa */
    TINY_SHAPE,     /* tensors: one column more */
    TINY_DIMS,      /* tensors: one dimension more, of size 1 */
    TINY_NAN,       /* float tensors: the last value is not a number */
    TINY_INFINITE,  /* float tensors: the first value is infinite */
    TINY_VALUE      /* numbers: `value` instead; strings: another text */
} tiny_damage;

/* All zero: the model of seed 0, with float matrices, whole. */
typedef struct tiny_model_config {
    uint32_t seed;
    bool quantised;           /* int8 matrices with scales */
    uint32_t activation_bits; /* 0: the file does not say */
    uint32_t decoder_bits;    /* the same */
    bool with_voice;          /* it tells speech from other sounds, somehow */
    const char *name;         /* key or tensor that is damaged, NULL for none */
    tiny_damage damage;
    float value;
} tiny_model_config;

/* Begins `writer` and writes the model to it. */
void tiny_model_write(gguf_writer *writer, const tiny_model_config *config);

/* Opens the `n_bytes` at `file` as a model, by way of a temporary file that is
 * gone on return. Returns what heed_model_open() does. */
heed_status tiny_model_open_bytes(heed_model **out, const void *file,
                                  size_t n_bytes, const heed_log *log);

/* Writes and opens. */
heed_status tiny_model_open(heed_model **out, const tiny_model_config *config,
                            const heed_log *log);

#endif /* HEED_TESTS_SUPPORT_TINY_MODEL_H */
