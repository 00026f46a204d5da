/* build.h - a language model from text. SPDX-License-Identifier: Apache-2.0
 *
 *   texts -> ids, vocabulary -> n-grams, counted      count.h, ngram_sort.h
 *         -> adjusted counts, discounts               adjust.h
 *         -> probabilities, back-offs                 kneser_ney.h
 *         -> fewer n-grams (if asked for)             ngram_table.h, prune.h
 *         -> ARPA                                     arpa_write.h
 *
 * All but the pruning works on sorted streams in bounded memory. The same
 * texts and options give the same bytes, whatever the memory. */
#ifndef HEED_LM_BUILD_H
#define HEED_LM_BUILD_H
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "asr/base/status.h"
#include "lm/adjust.h"
#include "lm/count.h"

/* A text: one sentence a line, words apart by white space. */
typedef struct heed_lm_source {
    const char *path; /* "-" is the standard input */
    /* Every sentence counts so many times, 1-1000. Few n-grams are then seen
     * once, which is what discounts are estimated from: above 2 or 3 they are
     * likely to fall back. */
    uint32_t weight;
} heed_lm_source;

typedef struct heed_lm_build_config {
    const heed_lm_source *texts; /* [n_texts], n_texts >= 1 */
    size_t n_texts;
    size_t order; /* 1-6 */
    heed_vocabulary_choice vocabulary;
    /* An n-gram of order n seen cutoffs[n - 1] times or less is left out;
     * cutoffs[0] is 0, and none is less than the one before. */
    uint64_t cutoffs[HEED_LM_MAX_ORDER];
    double prune_threshold; /* of heed_ngram_table_prune(); 0: no pruning */
    size_t memory_bytes;    /* for sorting; 0: 1 GiB */
    const char *folder;     /* of temporary files; NULL: /tmp */
    /* Told what is being done and the fraction that is done; may be NULL. */
    void (*progress)(void *user, const char *step, double fraction);
    void *user;
} heed_lm_build_config;

/* What was made of the texts. */
typedef struct heed_lm_build_summary {
    heed_corpus_info corpus;
    size_t order;
    size_t n_estimated[HEED_LM_MAX_ORDER]; /* n-grams before the pruning */
    size_t n_written[HEED_LM_MAX_ORDER];
    heed_discounts discounts[HEED_LM_MAX_ORDER];
} heed_lm_build_summary;

/* Builds a model and writes it to `file` as ARPA: words of A-Z and apostrophe,
 * in capitals; <s>, </s> and <unk>, which stands for all other words.
 * Returns HEED_OK; after a line in the log HEED_ERR_ARG for a value out of
 * range, HEED_ERR_FORMAT if there is no text or no vocabulary, HEED_ERR_IO
 * (text, temporary file or `file`), HEED_ERR_MEMORY. */
HEED_NODISCARD heed_status heed_lm_build(FILE *file,
                                         heed_lm_build_summary *summary,
                                         const heed_lm_build_config *config,
                                         const heed_log *log);

#endif /* HEED_LM_BUILD_H */
