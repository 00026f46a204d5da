/* phrase_trie.h - phrases to be recognised in texts while they are spelled.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A trie of phrases over the CTC's labels, each between two spaces, with links
 * to where the rest of a text goes on when it leaves a phrase (A. Aho and M.
 * Corasick, "Efficient string matching", CACM 18(6), 1975). Each letter of a
 * phrase is worth its weight while the text spells it; the worth of a begun
 * phrase is lost when the text leaves it, that of a complete one stays, as in
 * k2's context graphs. */
#ifndef HEED_ASR_PHRASE_TRIE_H
#define HEED_ASR_PHRASE_TRIE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "asr/tokenizer.h"

typedef struct heed_phrase_node {
    uint32_t child, sibling; /* 0: none */
    uint32_t fail;           /* node of the longest suffix that begins one */
    uint32_t match;          /* 1 + phrase complete here, 0: none */
    float begun;             /* worth of what is begun here */
    float reward;            /* worth of `match` */
    uint32_t first_token, n_tokens; /* that lead further down from here */
    uint8_t label;
} heed_phrase_node;

/* Read-only once finished; any thread. */
typedef struct heed_phrase_trie {
    heed_phrase_node *nodes; /* [n_nodes], the root first */
    size_t n_nodes, node_capacity;
    uint32_t *tokens; /* [n_tokens] of all nodes */
    size_t n_tokens, token_capacity;
} heed_phrase_trie;

/* A place in a text. Plain data, to be copied at will. */
typedef struct heed_phrase_state {
    uint32_t node;
    uint32_t match; /* 1 + the phrase completed last, or 0 */
    float reward;   /* worth of all complete phrases */
    bool spaced;    /* no letter since the last space or the beginning */
    bool gap;       /* something that is no letter came after the last one */
} heed_phrase_state;

/* Begins an empty trie; release: heed_phrase_trie_deinit(). Returns HEED_OK or
 * HEED_ERR_MEMORY, as do the next two. */
HEED_NODISCARD heed_status heed_phrase_trie_init(heed_phrase_trie *trie);
void heed_phrase_trie_deinit(heed_phrase_trie *trie);

/* Adds phrase number `phrase`: `n_labels` labels without spaces at its ends,
 * each worth `weight`. */
HEED_NODISCARD heed_status heed_phrase_trie_add(heed_phrase_trie *trie,
                                                const uint8_t *labels,
                                                size_t n_labels, float weight,
                                                uint32_t phrase);

/* No more phrases come: links the nodes and finds the tokens that spell them.
 */
HEED_NODISCARD heed_status heed_phrase_trie_finish(
    heed_phrase_trie *trie, const heed_tokenizer *tokenizer);

/* A text begins; goes on with the text of a token or word; ends. */
void heed_phrase_begin(heed_phrase_state *state, const heed_phrase_trie *trie);
void heed_phrase_append(heed_phrase_state *state, const heed_phrase_trie *trie,
                        const char *text, size_t length);
void heed_phrase_end(heed_phrase_state *state, const heed_phrase_trie *trie);

/* Returns the worth of the text. */
float heed_phrase_worth(const heed_phrase_state *state,
                        const heed_phrase_trie *trie);

#endif /* HEED_ASR_PHRASE_TRIE_H */
