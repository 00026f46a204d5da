/* compile.h - a language model from ARPA to what is used.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef HEED_LM_COMPILE_H
#define HEED_LM_COMPILE_H
#include <stddef.h>
#include <stdio.h>

#include "asr/base/status.h"
#include "lm/lm.h"

/* Zero in a field means its default. */
typedef struct heed_lm_compile_config {
    unsigned prob_bits;    /* of a quantised probability, 2-16; default 8 */
    unsigned backoff_bits; /* of a quantised back-off, 2-16; default 8 */
    float unknown_log10;   /* of <unk> if the model has none; default -7 */
} heed_lm_compile_config;

/* A compiled model in memory, as it is to be written to a file. */
typedef struct heed_lm_image {
    unsigned char *bytes; /* aligned for heed_lm_open_memory() */
    size_t n_bytes;
} heed_lm_image;

/* Compiles the ARPA file that `arpa` is about to read into `*out` (empty on
 * failure); release: heed_lm_image_deinit(). Words are made capitals. `name`
 * is the file's in messages; `config` may be NULL. Takes about 30 bytes of
 * memory for each n-gram while it works.
 * Returns HEED_OK; HEED_ERR_ARG if a field is out of range; after a line in
 * the log what heed_arpa_open() and heed_trie_init() return; HEED_ERR_MEMORY.
 */
HEED_NODISCARD heed_status heed_lm_compile(heed_lm_image *out, FILE *arpa,
                                           const char *name,
                                           const heed_lm_compile_config *config,
                                           const heed_log *log);
void heed_lm_image_deinit(heed_lm_image *image);

#endif /* HEED_LM_COMPILE_H */
