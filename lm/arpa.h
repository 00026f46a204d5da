/* arpa.h - reader of language models in ARPA format. SPDX-License-Identifier:
 * Apache-2.0
 *
 *     \data\
 *     ngram 1=5
 *     ngram 2=4
 *
 *     \1-grams:
 *     -1.25 <TAB> WORD <TAB> -0.5       log10 probability, words, log10
 *     ...                               back-off (0 if it is left out)
 *     \2-grams:
 *     ...
 *     \end\
 *
 * Reads forward only, one n-gram at a time, so that pipes will do and the size
 * does not matter. What comes before \data\ is skipped, and empty lines
 * anywhere; blanks and tabs are the same. */
#ifndef HEED_LM_ARPA_H
#define HEED_LM_ARPA_H
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "asr/base/status.h"
#include "lm/lm.h"

/* One file being read, by one thread. */
typedef struct heed_arpa heed_arpa;

/* A word as it is in the file, not terminated. */
typedef struct heed_arpa_word {
    const char *text;
    size_t length; /* 1 to HEED_LM_MAX_WORD_BYTES */
} heed_arpa_word;

typedef struct heed_arpa_ngram {
    unsigned order;                          /* number of words */
    heed_arpa_word words[HEED_LM_MAX_ORDER]; /* valid until the next call */
    float log10_prob;                        /* finite, not above 0 */
    float log10_backoff;                     /* finite */
} heed_arpa_ngram;

/* Reads the counts into `*out` (NULL on failure); release: heed_arpa_close().
 * `file` is borrowed; `name`, for messages, and `log` too.
 * Returns HEED_OK; after a line in the log HEED_ERR_IO; HEED_ERR_TRUNCATED if
 * there is no \data\ or nothing after it; HEED_ERR_FORMAT;
 * HEED_ERR_UNSUPPORTED for an order above HEED_LM_MAX_ORDER;
 * HEED_ERR_MEMORY. */
HEED_NODISCARD heed_status heed_arpa_open(heed_arpa **out, FILE *file,
                                          const char *name,
                                          const heed_log *log);
void heed_arpa_close(heed_arpa *arpa);

/* The order of the model, and how many n-grams of `order` (1 to that) the file
 * promises. It has not been believed by anything but the reader's own check
 * that as many come. */
unsigned heed_arpa_order(const heed_arpa *arpa);
uint64_t heed_arpa_count(const heed_arpa *arpa, unsigned order);

/* Gives the next n-gram, in the file's order: all 1-grams, all 2-grams, ...
 * Returns HEED_OK; HEED_END after \end\; after a line in the log HEED_ERR_IO,
 * HEED_ERR_TRUNCATED or HEED_ERR_FORMAT. */
HEED_NODISCARD heed_status heed_arpa_next(heed_arpa *arpa,
                                          heed_arpa_ngram *out);

/* Returns the number of the line that was read last, from 1. */
uint64_t heed_arpa_line(const heed_arpa *arpa);

/* Logs what is wrong with a line (0: the last one). Returns
 * HEED_ERR_FORMAT. */
heed_status heed_arpa_reject(const heed_arpa *arpa, uint64_t line,
                             const char *cause);

#endif /* HEED_LM_ARPA_H */
