/* table.c - strings to numbers from 0 on. SPDX-License-Identifier: Apache-2.0
 *
 * Open addressing with linear probing, at most half full; FNV-1a. */
#include "tools/eval/table.h"

#include <stdlib.h>
#include <string.h>

static uint64_t hash(const char *bytes, size_t n_bytes)
{
    uint64_t h = 14695981039346656037u;

    for (size_t i = 0; i < n_bytes; i++)
        h = (h ^ (unsigned char)bytes[i]) * 1099511628211u;
    return h ^ (h >> 29);
}

/* The slot of a string, or the free one where it would go. */
static size_t slot_of(const eval_table *table, const char *bytes,
                      size_t n_bytes)
{
    size_t slot = (size_t)hash(bytes, n_bytes) & (table->n_slots - 1);

    while (table->slots[slot] != 0) {
        const char *string = table->strings[table->slots[slot] - 1];

        if (strncmp(string, bytes, n_bytes) == 0 && string[n_bytes] == '\0')
            return slot;
        slot = (slot + 1) & (table->n_slots - 1);
    }
    return slot;
}

static void widen(eval_table *table)
{
    free(table->slots);
    table->n_slots = table->n_slots > 0 ? 2 * table->n_slots : 64;
    table->slots = eval_calloc(table->n_slots, sizeof *table->slots);
    for (size_t i = 0; i < table->n; i++) {
        const char *string = table->strings[i];

        table->slots[slot_of(table, string, strlen(string))] = (uint32_t)i + 1;
    }
}

uint32_t eval_table_add(eval_table *table, const char *bytes, size_t n_bytes)
{
    size_t slot;

    if (2 * table->n >= table->n_slots)
        widen(table);
    slot = slot_of(table, bytes, n_bytes);
    if (table->slots[slot] == 0) {
        table->strings = eval_grow(table->strings, table->n, &table->capacity,
                                   sizeof *table->strings);
        table->strings[table->n] = eval_pool_copy(&table->pool, bytes, n_bytes);
        table->slots[slot] = (uint32_t)++table->n;
    }
    return table->slots[slot] - 1;
}

uint32_t eval_table_find(const eval_table *table, const char *bytes,
                         size_t n_bytes)
{
    /* 0 - 1 is EVAL_TABLE_NONE. */
    return table->n_slots > 0 ? table->slots[slot_of(table, bytes, n_bytes)] - 1
                              : EVAL_TABLE_NONE;
}

void eval_table_deinit(eval_table *table)
{
    eval_pool_deinit(&table->pool);
    free(table->strings);
    free(table->slots);
    *table = (eval_table){0};
}
