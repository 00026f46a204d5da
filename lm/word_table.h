/* word_table.h - ids for words, in the order of their first appearance.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef HEED_LM_WORD_TABLE_H
#define HEED_LM_WORD_TABLE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "asr/base/status.h"

/* Longest word, in bytes; what is longer is no word. */
#define HEED_LM_MAX_WORD_BYTES 255

/* Words and their ids. One thread at a time while words are added. */
typedef struct heed_word_table heed_word_table;

/* Creates an empty table in `*out` (NULL on failure); release:
 * heed_word_table_destroy(). Returns HEED_OK or HEED_ERR_MEMORY. */
HEED_NODISCARD heed_status heed_word_table_create(heed_word_table **out);
void heed_word_table_destroy(heed_word_table *table);

/* Gives the id of a word of `length` bytes, which is added if it is new; the
 * first id is 0. Returns HEED_OK; HEED_ERR_MEMORY. */
HEED_NODISCARD heed_status heed_word_table_add(heed_word_table *table,
                                               uint32_t *id, const char *word,
                                               size_t length);

/* Returns whether the word is there, with its id. */
bool heed_word_table_find(const heed_word_table *table, uint32_t *id,
                          const char *word, size_t length);

/* Returns the number of words. */
size_t heed_word_table_count(const heed_word_table *table);

/* Returns word `id` < count, terminated; valid until a word is added. */
const char *heed_word_table_text(const heed_word_table *table, uint32_t id);

/* Puts the next byte of a text into `word`, in capitals.
 * Returns whether words may have it: A-Z, a-z or apostrophe. */
bool heed_word_letter(char *word, char byte);

#endif /* HEED_LM_WORD_TABLE_H */
