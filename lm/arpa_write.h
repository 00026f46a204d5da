/* arpa_write.h - a model as ARPA text. SPDX-License-Identifier: Apache-2.0 */
#ifndef HEED_LM_ARPA_WRITE_H
#define HEED_LM_ARPA_WRITE_H
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "asr/base/status.h"
#include "lm/count.h"
#include "lm/kneser_ney.h"

/* Text under way. The fields are private. */
typedef struct heed_arpa_writer {
    FILE *file;
    const heed_corpus *corpus;
    size_t order;   /* of the model */
    size_t current; /* order being written, 0 before the first */
} heed_arpa_writer;

/* Writes the head: counts[n - 1] n-grams of order n. `file` and `corpus`,
 * which has the words, are borrowed. */
void heed_arpa_writer_begin(heed_arpa_writer *writer, FILE *file,
                            const heed_corpus *corpus, const size_t *counts,
                            size_t order);

/* Writes an n-gram of order `n`; orders come one after the other. A
 * probability or back-off of 0 is written as a logarithm of -99. */
void heed_arpa_writer_put(heed_arpa_writer *writer, const uint32_t *words,
                          size_t n, const heed_estimate *estimate);

/* Writes the end and flushes. Returns HEED_OK; HEED_ERR_IO, with errno set, if
 * anything could not be written. */
HEED_NODISCARD heed_status heed_arpa_writer_finish(heed_arpa_writer *writer);

#endif /* HEED_LM_ARPA_WRITE_H */
