/* vocabulary.h - sorted words in little room. SPDX-License-Identifier:
 * Apache-2.0
 *
 * Front coding: of a word only what differs from the word before it is
 * stored. Every sixteenth word is whole and its place known, so that a word is
 * found by binary search over these and a walk over at most fifteen more.
 *
 * A stored word is a byte, 16 * shared + length; if the length is 15, a byte
 * with the real one; and as many bytes. `shared` is how many bytes it begins
 * with that the word before it begins with too, 15 at most, 0 for a word that
 * is whole. Words are compared as unsigned bytes. */
#ifndef HEED_LM_VOCABULARY_H
#define HEED_LM_VOCABULARY_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lm/word_table.h"

enum {
    HEED_VOCABULARY_BLOCK_WORDS = 16,
    /* What a word may begin with: two letters, or what comes before or after
     * them in the order of bytes. */
    HEED_VOCABULARY_N_INITIALS = 28 * 28
};

/* Over borrowed memory; any thread. Every function but the check needs one
 * that the check has accepted. */
typedef struct heed_vocabulary {
    const uint32_t *blocks; /* [heed_vocabulary_blocks()]: where in `text` */
    const unsigned char *text;
    size_t text_bytes;
    uint32_t n_words;
    /* Blocks that begin with less than those; made by the check. */
    uint32_t n_before[HEED_VOCABULARY_N_INITIALS + 1];
} heed_vocabulary;

/* Returns the number of blocks of `n_words` words. */
size_t heed_vocabulary_blocks(uint32_t n_words);

/* Stores `words`, sorted and of 1 to HEED_LM_MAX_WORD_BYTES bytes each.
 * Returns how many bytes of text they take. With `blocks` and `text` NULL they
 * are only counted. */
size_t heed_vocabulary_store(uint32_t *blocks, unsigned char *text,
                             const char *const *words, uint32_t n_words);

/* Returns whether all words can be read, and are sorted. Sets n_before. */
bool heed_vocabulary_check(heed_vocabulary *vocabulary);

/* Returns the index of the first word that is not before the `length` bytes at
 * `text`, n_words if there is none; `*equal` (may be NULL): whether it is that
 * word. */
uint32_t heed_vocabulary_find(const heed_vocabulary *vocabulary,
                              const char *text, size_t length, bool *equal);

/* Returns the index of the first word after all those that begin with the
 * `length` bytes at `text`. */
uint32_t heed_vocabulary_find_end(const heed_vocabulary *vocabulary,
                                  const char *text, size_t length);

/* Writes word `index` < n_words, terminated. */
void heed_vocabulary_text(const heed_vocabulary *vocabulary,
                          char text[HEED_LM_MAX_WORD_BYTES + 1],
                          uint32_t index);

#endif /* HEED_LM_VOCABULARY_H */
