/* ngram_sort.h - n-grams in order, however many there are.
 * SPDX-License-Identifier: Apache-2.0
 *
 * External merge sort of fixed-width records: the ids of the words, then a
 * payload that is not looked at. Within the memory allowed, records are sorted
 * in place (radix sort); whenever it is full, a sorted run goes to a temporary
 * file, and the runs are merged in the end. Either way the result is the
 * same. */
#ifndef HEED_LM_NGRAM_SORT_H
#define HEED_LM_NGRAM_SORT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "asr/base/status.h"
#include "lm/lm.h" /* HEED_LM_MAX_ORDER */

/* Which word of an n-gram decides first. */
typedef enum heed_ngram_key {
    HEED_NGRAM_PREFIX, /* the first: n-grams of one context are together */
    HEED_NGRAM_SUFFIX  /* the last: n-grams of one end are together */
} heed_ngram_key;

typedef struct heed_ngram_sort_config {
    size_t order;         /* words of an n-gram, 1-6 */
    size_t payload_words; /* 32-bit words after them, 0-8 */
    heed_ngram_key key;
    /* The payload is 64-bit counts; records of the same n-gram become one,
     * their counts are added. */
    bool adds;
    size_t memory_bytes; /* a few records at least are kept */
    const char *folder;  /* of temporary files; borrowed */
} heed_ngram_sort_config;

/* First being fed, then read. One thread at a time. */
typedef struct heed_ngram_sort heed_ngram_sort;

/* Creates an empty sort in `*out` (NULL on failure); release:
 * heed_ngram_sort_destroy(). `log` is borrowed. Returns HEED_OK;
 * HEED_ERR_MEMORY. */
HEED_NODISCARD heed_status heed_ngram_sort_create(
    heed_ngram_sort **out, const heed_ngram_sort_config *config,
    const heed_log *log);
void heed_ngram_sort_destroy(heed_ngram_sort *sort);

/* Adds a record, which is copied. Returns HEED_OK; HEED_ERR_MEMORY;
 * HEED_ERR_IO. */
HEED_NODISCARD heed_status heed_ngram_sort_feed(heed_ngram_sort *sort,
                                                const uint32_t *record);

/* Ends the feeding. Returns HEED_OK; HEED_ERR_MEMORY; HEED_ERR_IO. */
HEED_NODISCARD heed_status heed_ngram_sort_finish(heed_ngram_sort *sort);

/* Reads the next record in order, valid until the next call. Returns HEED_OK;
 * HEED_END, with `*record` NULL, after the last; HEED_ERR_IO. */
HEED_NODISCARD heed_status heed_ngram_sort_next(heed_ngram_sort *sort,
                                                const uint32_t **record);

/* Returns the number of records fed. */
uint64_t heed_ngram_sort_count(const heed_ngram_sort *sort);

#endif /* HEED_LM_NGRAM_SORT_H */
