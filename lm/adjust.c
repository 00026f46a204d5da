/* adjust.c - from counts to adjusted counts and discounts.
 *
 * The n-grams arrive sorted by their last word, then the one before, ...; so
 * those with the same end are together for an end of any length, and one pass
 * sees for every end how many different words come before it. At any time one
 * n-gram of each order is open, each the end of the next longer one.
 * SPDX-License-Identifier: Apache-2.0 */
#include "lm/adjust.h"

#include <string.h>

#include "lm/count.h"

typedef struct adjuster {
    heed_ngram_sort *const *out;
    size_t order;
    const uint64_t *cutoffs;
    uint32_t words[HEED_LM_MAX_ORDER]; /* [order] the n-gram read last */
    size_t n_open; /* orders 1 .. n_open have an open n-gram: its end */
    heed_adjusted open[HEED_LM_MAX_ORDER + 1]; /* [1 .. n_open] */
    uint64_t n_with[HEED_LM_MAX_ORDER + 1][5];
} adjuster;

/* The words of the record that are an n-gram: all but the <s> put before the
 * one that begins the sentence. */
static size_t true_order(const uint32_t *words, size_t order)
{
    size_t n = order;
    while (n > 1 && words[order - n] == HEED_LM_ID_BEGIN &&
           words[order - n + 1] == HEED_LM_ID_BEGIN)
        n--;
    return n;
}

/* Words that both have at their ends, `most` at most. */
static size_t same_end(const uint32_t *a, const uint32_t *b, size_t order,
                       size_t most)
{
    size_t n = 0;
    while (n < most && a[order - 1 - n] == b[order - 1 - n])
        n++;
    return n;
}

/* Hands on the open n-gram of order n, of which all has been seen. */
static heed_status close_ngram(adjuster *a, size_t n)
{
    uint32_t record[HEED_LM_MAX_ORDER + HEED_ADJUSTED_WORDS];
    heed_adjusted *open = &a->open[n];
    if (open->adjusted < 5)
        a->n_with[n][open->adjusted]++;
    if (open->count <= a->cutoffs[n - 1])
        open->adjusted |= HEED_ADJUSTED_PRUNED;
    memcpy(record, a->words + a->order - n, n * sizeof *record);
    memcpy(record + n, open, sizeof *open);
    return heed_ngram_sort_feed(a->out[n - 1], record);
}

static heed_status close_above(adjuster *a, size_t n)
{
    heed_status status = HEED_OK;
    for (; status == HEED_OK && a->n_open > n; a->n_open--)
        status = close_ngram(a, a->n_open);
    return status;
}

static heed_status take(adjuster *a, const uint32_t *record)
{
    const size_t order = true_order(record, a->order);
    uint64_t count;
    memcpy(&count, record + a->order, sizeof count);
    const size_t same = same_end(record, a->words, a->order,
                                 order < a->n_open ? order : a->n_open);
    const heed_status status = close_above(a, same);
    if (status != HEED_OK)
        return status;
    /* A new n-gram is a new word before the one word shorter. */
    for (size_t n = same + 1; n <= order; n++) {
        a->open[n] = (heed_adjusted){0, 0};
        a->open[n - 1].adjusted++;
    }
    a->open[order].adjusted = count;
    for (size_t n = 1; n <= order; n++)
        a->open[n].count += count;
    memcpy(a->words, record, a->order * sizeof *record);
    a->n_open = order;
    return HEED_OK;
}

heed_status heed_adjust_counts(heed_ngram_sort *const *out,
                               heed_discounts discounts[HEED_LM_MAX_ORDER],
                               heed_ngram_sort *counts, size_t order,
                               const uint64_t *cutoffs)
{
    adjuster a = {.out = out, .order = order, .cutoffs = cutoffs};
    const uint32_t *record;
    heed_status status;
    while ((status = heed_ngram_sort_next(counts, &record)) == HEED_OK) {
        status = take(&a, record);
        if (status != HEED_OK)
            return status;
    }
    if (status == HEED_END)
        status = close_above(&a, 0);
    for (size_t n = 1; n <= order; n++)
        heed_discounts_estimate(&discounts[n - 1], a.n_with[n]);
    return status;
}

void heed_discounts_estimate(heed_discounts *discounts,
                             const uint64_t n_with[5])
{
    const double n1 = (double)n_with[1];
    const double y = n1 / (n1 + 2.0 * (double)n_with[2]);
    discounts->fallback = false;
    discounts->amount[0] = 0.0;
    for (size_t k = 1; k <= 3; k++) {
        const double amount = (double)k - (double)(k + 1) * y *
                                              (double)n_with[k + 1] /
                                              (double)n_with[k];
        /* No n-gram to divide by gives an infinity or no number. */
        if (!(amount >= 0.0 && amount <= (double)k))
            discounts->fallback = true;
        discounts->amount[k] = amount;
    }
    for (size_t k = 1; k <= 3 && discounts->fallback; k++)
        discounts->amount[k] = 0.5 * (double)k;
}
