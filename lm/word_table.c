/* word_table.c - ids for words, in the order of their first appearance.
 *
 * Open addressing with linear probing over a table at most half full; the
 * texts lie one after the other in one block.
 * SPDX-License-Identifier: Apache-2.0 */
#include "lm/word_table.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 1024, FIRST_BYTES = 4096 };

struct heed_word_table {
    uint32_t *slots; /* [n_slots] id + 1, 0: free; a power of two */
    size_t n_slots;
    size_t *begins; /* [n_slots / 2], into `texts` */
    size_t count;
    char *texts;
    size_t n_bytes;
    size_t capacity_bytes;
};

heed_status heed_word_table_create(heed_word_table **out)
{
    *out = NULL;
    heed_word_table *table = calloc(1, sizeof *table);
    if (!table)
        return HEED_ERR_MEMORY;
    table->n_slots = FIRST_SLOTS;
    table->slots = calloc(FIRST_SLOTS, sizeof *table->slots);
    table->begins = malloc(FIRST_SLOTS / 2 * sizeof *table->begins);
    table->capacity_bytes = FIRST_BYTES;
    table->texts = malloc(FIRST_BYTES);
    if (!table->slots || !table->begins || !table->texts) {
        heed_word_table_destroy(table);
        return HEED_ERR_MEMORY;
    }
    *out = table;
    return HEED_OK;
}

void heed_word_table_destroy(heed_word_table *table)
{
    if (!table)
        return;
    free(table->slots);
    free(table->begins);
    free(table->texts);
    free(table);
}

/* FNV-1a, 64 bits; the upper half is mixed into the lower. */
static size_t hash_of(const char *word, size_t length)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)word[i]) * UINT64_C(0x100000001b3);
    return (size_t)(hash ^ hash >> 32);
}

/* The slot of the word, or the free one where it belongs. */
static size_t slot_of(const heed_word_table *table, const char *word,
                      size_t length)
{
    const size_t mask = table->n_slots - 1;
    size_t slot = hash_of(word, length) & mask;
    for (; table->slots[slot] != 0; slot = (slot + 1) & mask) {
        const char *text = heed_word_table_text(table, table->slots[slot] - 1);
        if (strncmp(text, word, length) == 0 && text[length] == '\0')
            break;
    }
    return slot;
}

static heed_status grow_slots(heed_word_table *table)
{
    const size_t n_slots = 2 * table->n_slots;
    size_t *begins =
        realloc(table->begins, n_slots / 2 * sizeof *table->begins);
    if (!begins)
        return HEED_ERR_MEMORY;
    table->begins = begins;
    uint32_t *slots = calloc(n_slots, sizeof *slots);
    if (!slots)
        return HEED_ERR_MEMORY;
    free(table->slots);
    table->slots = slots;
    table->n_slots = n_slots;
    for (uint32_t id = 0; id < table->count; id++) {
        const char *text = heed_word_table_text(table, id);
        slots[slot_of(table, text, strlen(text))] = id + 1;
    }
    return HEED_OK;
}

/* Makes room for the bytes of one more word. */
static heed_status grow_texts(heed_word_table *table, size_t length)
{
    const size_t wanted = table->n_bytes + length + 1;
    if (wanted <= table->capacity_bytes)
        return HEED_OK;
    const size_t capacity = 2 * wanted;
    char *texts = realloc(table->texts, capacity);
    if (!texts)
        return HEED_ERR_MEMORY;
    table->texts = texts;
    table->capacity_bytes = capacity;
    return HEED_OK;
}

heed_status heed_word_table_add(heed_word_table *table, uint32_t *id,
                                const char *word, size_t length)
{
    if (heed_word_table_find(table, id, word, length))
        return HEED_OK;
    if (table->count == UINT32_MAX - 16)
        return HEED_ERR_MEMORY;
    heed_status status = grow_texts(table, length);
    if (status == HEED_OK && table->count == table->n_slots / 2)
        status = grow_slots(table);
    if (status != HEED_OK)
        return status;
    *id = (uint32_t)table->count++;
    table->slots[slot_of(table, word, length)] = *id + 1;
    table->begins[*id] = table->n_bytes;
    memcpy(table->texts + table->n_bytes, word, length);
    table->texts[table->n_bytes + length] = '\0';
    table->n_bytes += length + 1;
    return HEED_OK;
}

bool heed_word_table_find(const heed_word_table *table, uint32_t *id,
                          const char *word, size_t length)
{
    const uint32_t found = table->slots[slot_of(table, word, length)];
    if (found != 0)
        *id = found - 1;
    return found != 0;
}

size_t heed_word_table_count(const heed_word_table *table)
{
    return table->count;
}

const char *heed_word_table_text(const heed_word_table *table, uint32_t id)
{
    return table->texts + table->begins[id];
}

bool heed_word_letter(char *word, char byte)
{
    *word = byte >= 'a' && byte <= 'z' ? (char)(byte - 'a' + 'A') : byte;
    return (*word >= 'A' && *word <= 'Z') || *word == '\'';
}
