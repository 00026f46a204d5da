/* table.h - strings to numbers from 0 on. SPDX-License-Identifier: Apache-2.0
 */
#ifndef HEED_TOOLS_EVAL_TABLE_H
#define HEED_TOOLS_EVAL_TABLE_H

#include "tools/eval/memory.h"

#include <stddef.h>
#include <stdint.h>

#define EVAL_TABLE_NONE UINT32_MAX

/* Distinct strings in the order in which they were added. Zero is empty. */
typedef struct eval_table {
    eval_pool pool;
    const char **strings; /* [n] */
    size_t n;
    size_t capacity;
    uint32_t *slots; /* [n_slots] number + 1, 0 is free */
    size_t n_slots;
} eval_table;

/* Returns the number of a string, which is added if it is new. */
uint32_t eval_table_add(eval_table *table, const char *bytes, size_t n_bytes);

/* Returns its number, or EVAL_TABLE_NONE. */
uint32_t eval_table_find(const eval_table *table, const char *bytes,
                         size_t n_bytes);

void eval_table_deinit(eval_table *table);

#endif /* HEED_TOOLS_EVAL_TABLE_H */
