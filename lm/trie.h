/* trie.h - all n-grams of an ARPA file, in memory. SPDX-License-Identifier:
 * Apache-2.0
 *
 * One array for each order, sorted by context and then by word: what
 * compile.h packs. Takes 24 bytes an n-gram, the words aside. */
#ifndef HEED_LM_TRIE_H
#define HEED_LM_TRIE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "asr/base/status.h"
#include "lm/arpa.h"
#include "lm/lm.h"
#include "lm/word_table.h"

typedef struct heed_trie_node {
    uint32_t parent; /* the n-gram without its last word, in the order below */
    uint32_t word;   /* the last word, an id as in lm.h */
    float prob;      /* natural logarithms */
    float backoff;
    uint32_t line; /* of the file */
} heed_trie_node;

typedef struct heed_trie_level {
    heed_trie_node *nodes; /* [n] */
    uint32_t n;
    uint32_t capacity;
    uint32_t *begins; /* [n + 1]: first child of each in the next order; NULL
                         for the highest */
} heed_trie_level;

typedef struct heed_trie {
    unsigned order;
    heed_trie_level levels[HEED_LM_MAX_ORDER]; /* [0]: a node for each id */
    heed_word_table *table;
    const char **words; /* [n ids - 3], sorted; owned by `table` */
    uint32_t *ids;      /* of the table's words */
    /* Whether, for every n-gram, what is left without its first word is
     * there. */
    bool suffix_closed;
} heed_trie;

/* Reads all of `arpa` into `*out`; release: heed_trie_deinit(), which a failed
 * init has done. If there is no <unk>, it gets `unknown_log10`, and a warning
 * goes to `log`.
 * Returns HEED_OK; what heed_arpa_next() returns; after a line in the log
 * HEED_ERR_FORMAT if an n-gram occurs twice, has a word that is not among the
 * 1-grams or goes on from an n-gram that is not there, or if <s> or </s> is
 * missing; HEED_ERR_UNSUPPORTED if there are too many; HEED_ERR_MEMORY. */
HEED_NODISCARD heed_status heed_trie_init(heed_trie *out, heed_arpa *arpa,
                                          float unknown_log10,
                                          const heed_log *log);
void heed_trie_deinit(heed_trie *trie);

/* Returns whether node `parent` of levels[level] has a child `word`, and its
 * index in levels[level + 1]. */
bool heed_trie_find(const heed_trie *trie, unsigned level, uint32_t parent,
                    uint32_t word, uint32_t *child);

#endif /* HEED_LM_TRIE_H */
