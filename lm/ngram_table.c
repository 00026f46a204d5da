/* ngram_table.c - a model in memory while it is pruned.
 * SPDX-License-Identifier: Apache-2.0 */
#include "lm/ngram_table.h"

#include <stdlib.h>
#include <string.h>

#include "asr/base/log.h"

static bool level_create(heed_ngram_level *level, size_t count, bool parents)
{
    level->count = count;
    level->words = malloc((count + 1) * sizeof *level->words);
    level->estimates = malloc((count + 1) * sizeof *level->estimates);
    level->kept = malloc((count + 1) * sizeof *level->kept);
    level->children =
        parents ? calloc(count + 1, sizeof *level->children) : NULL;
    return level->words && level->estimates && level->kept &&
           (level->children || !parents);
}

/* Notes which parents the n-grams of order n have while they come. */
typedef struct linker {
    heed_ngram_table *table;
    heed_ngram_cursor parent;
    size_t *begin; /* next to be set; NULL for order 1 */
} linker;

/* Goes on to the parent of `words`, the `i`-th n-gram of order n. */
static void link_parent(linker *l, const uint32_t *words, size_t n, size_t i)
{
    const size_t *first = l->table->levels[n - 2].children;
    while (memcmp(l->parent.words, words, (n - 1) * sizeof *words) != 0 &&
           heed_ngram_cursor_next(&l->parent, l->table))
        continue;
    for (; l->begin <= first + l->parent.at[n - 2]; l->begin++)
        *l->begin = i;
}

static heed_status level_load(heed_ngram_table *table, heed_ngram_sort *sort,
                              size_t n)
{
    heed_ngram_level *level = &table->levels[n - 1];
    linker l = {.table = table};
    const uint32_t *record;
    size_t i = 0;
    heed_status status;
    if (n > 1) {
        (void)heed_ngram_cursor_first(&l.parent, table, n - 1);
        l.begin = table->levels[n - 2].children;
    }
    while ((status = heed_ngram_sort_next(sort, &record)) == HEED_OK) {
        if (n > 1)
            link_parent(&l, record, n, i);
        level->words[i] = record[n - 1];
        level->kept[i] = true;
        memcpy(&level->estimates[i], record + n, sizeof *level->estimates);
        i++;
    }
    if (status != HEED_END)
        return status;
    if (n > 1) {
        const heed_ngram_level *below = &table->levels[n - 2];
        while (l.begin <= below->children + below->count)
            *l.begin++ = i;
    }
    return HEED_OK;
}

heed_status heed_ngram_table_load(heed_ngram_table **out,
                                  heed_ngram_sort **estimates, size_t order,
                                  const heed_log *log)
{
    *out = NULL;
    heed_ngram_table *table = calloc(1, sizeof *table);
    heed_status status = table ? HEED_OK : HEED_ERR_MEMORY;
    for (size_t n = 1; status == HEED_OK && n <= order; n++) {
        heed_ngram_sort **sort = &estimates[n - 1];
        table->order = n;
        if (!level_create(&table->levels[n - 1],
                          (size_t)heed_ngram_sort_count(*sort), n < order))
            status = HEED_ERR_MEMORY;
        else
            status = level_load(table, *sort, n);
        heed_ngram_sort_destroy(*sort);
        *sort = NULL;
    }
    if (status == HEED_ERR_MEMORY)
        heed_log_error(log, "language model: out of memory: the n-grams that "
                            "are to be pruned do not fit into it");
    if (status == HEED_OK)
        *out = table;
    else
        heed_ngram_table_destroy(table);
    return status;
}

void heed_ngram_table_destroy(heed_ngram_table *table)
{
    if (!table)
        return;
    for (size_t n = 0; n < table->order; n++) {
        free(table->levels[n].words);
        free(table->levels[n].estimates);
        free(table->levels[n].children);
        free(table->levels[n].kept);
    }
    free(table);
}

/* Moves the contexts of the cursor to those of its n-gram. */
static void follow(heed_ngram_cursor *cursor, const heed_ngram_table *table)
{
    for (size_t n = cursor->order; n > 1; n--) {
        const size_t at = cursor->at[n - 1];
        const size_t *children = table->levels[n - 2].children;
        size_t parent = cursor->at[n - 2];
        cursor->words[n - 1] = table->levels[n - 1].words[at];
        while (children[parent + 1] <= at)
            parent++;
        if (parent == cursor->at[n - 2] && cursor->placed)
            return;
        cursor->at[n - 2] = parent;
    }
    cursor->words[0] = table->levels[0].words[cursor->at[0]];
    cursor->placed = true;
}

bool heed_ngram_cursor_first(heed_ngram_cursor *cursor,
                             const heed_ngram_table *table, size_t n)
{
    *cursor = (heed_ngram_cursor){.order = n};
    if (table->levels[n - 1].count == 0)
        return false;
    follow(cursor, table);
    return true;
}

bool heed_ngram_cursor_next(heed_ngram_cursor *cursor,
                            const heed_ngram_table *table)
{
    if (cursor->at[cursor->order - 1] + 1 >=
        table->levels[cursor->order - 1].count)
        return false;
    cursor->at[cursor->order - 1]++;
    follow(cursor, table);
    return true;
}

bool heed_ngram_table_find_child(const heed_ngram_table *table, size_t *at,
                                 size_t parent, size_t n, uint32_t word)
{
    const uint32_t *words = table->levels[n].words;
    size_t low = table->levels[n - 1].children[parent];
    size_t high = table->levels[n - 1].children[parent + 1];
    const size_t end = high;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (words[middle] < word)
            low = middle + 1;
        else
            high = middle;
    }
    *at = low;
    return low < end && words[low] == word;
}

bool heed_ngram_table_find(const heed_ngram_table *table, size_t *at,
                           const uint32_t *words, size_t n)
{
    *at = words[0];
    for (size_t i = 1; i < n; i++)
        if (!heed_ngram_table_find_child(table, at, *at, i, words[i]))
            return false;
    return words[0] < table->levels[0].count;
}
