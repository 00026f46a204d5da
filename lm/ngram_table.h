/* ngram_table.h - a model in memory while it is pruned.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A sorted trie: the n-grams of an order lie in one array, and those that
 * begin with the same context, their parent in the order below, are together
 * there. */
#ifndef HEED_LM_NGRAM_TABLE_H
#define HEED_LM_NGRAM_TABLE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "asr/base/status.h"
#include "lm/kneser_ney.h"
#include "lm/ngram_sort.h"

/* The n-grams of an order. */
typedef struct heed_ngram_level {
    size_t count;
    uint32_t *words;          /* [count] the last word of each */
    heed_estimate *estimates; /* [count] */
    size_t *children;         /* [count + 1] where those of each begin in the
                                 order above; NULL for the highest */
    bool *kept;               /* [count] */
} heed_ngram_level;

/* levels[n - 1] is order n; that of order 1 has every id, at its place. Owns
 * its arrays; read-only once loaded, but for what pruning changes. */
typedef struct heed_ngram_table {
    size_t order;
    heed_ngram_level levels[HEED_LM_MAX_ORDER];
} heed_ngram_table;

/* An n-gram of the table with its contexts. */
typedef struct heed_ngram_cursor {
    size_t order;
    size_t at[HEED_LM_MAX_ORDER];      /* [order] place in each level */
    uint32_t words[HEED_LM_MAX_ORDER]; /* [order] */
    bool placed;                       /* private */
} heed_ngram_cursor;

/* Reads the estimates of `order` orders; each sort is destroyed and set to
 * NULL once it has been read. Creates `*out` (NULL on failure); release:
 * heed_ngram_table_destroy().
 * Returns HEED_OK; HEED_ERR_MEMORY after a line in the log; HEED_ERR_IO. */
HEED_NODISCARD heed_status heed_ngram_table_load(heed_ngram_table **out,
                                                 heed_ngram_sort **estimates,
                                                 size_t order,
                                                 const heed_log *log);
void heed_ngram_table_destroy(heed_ngram_table *table);

/* Puts the cursor at the first n-gram of order `n`, at the next one. Return
 * whether there is one. */
bool heed_ngram_cursor_first(heed_ngram_cursor *cursor,
                             const heed_ngram_table *table, size_t n);
bool heed_ngram_cursor_next(heed_ngram_cursor *cursor,
                            const heed_ngram_table *table);

/* Gives the place in level n of an n-gram of n >= 1 words. Returns whether it
 * is there. */
bool heed_ngram_table_find(const heed_ngram_table *table, size_t *at,
                           const uint32_t *words, size_t n);

/* The same for the n-gram that is `word` after the one of order `n` >= 1 at
 * `parent`. */
bool heed_ngram_table_find_child(const heed_ngram_table *table, size_t *at,
                                 size_t parent, size_t n, uint32_t word);

#endif /* HEED_LM_NGRAM_TABLE_H */
