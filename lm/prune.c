/* prune.c - leaves out the n-grams that make little difference.
 *
 * With h the context, h' = h less its first word, and b the back-off, leaving
 * w out after h changes b(h) to b'(h) = (r + p(w | h)) / (r' + p(w | h')),
 * where r' = 1 - sum p(v | h') over the words v that have an n-gram after h,
 * and r = b(h) r' is the probability of all others. The relative entropy of
 * the two models is
 *
 *   D = -p(h) (p(w | h) (ln p(w | h') + ln b'(h) - ln p(w | h))
 *              + r (ln b'(h) - ln b(h)))
 *
 * and the perplexity grows by the factor e^D. Every n-gram is judged as if it
 * alone were left out.
 * SPDX-License-Identifier: Apache-2.0 */
#include "lm/prune.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "lm/count.h"

typedef struct pruner {
    heed_ngram_table *table;
    double threshold;
    double n_words; /* in the text */
} pruner;

/* The n-grams that begin with a context h of n - 1 words. */
typedef struct context {
    size_t n;
    size_t at;          /* of h in order n - 1 */
    size_t shorter;     /* of h' in order n - 2, if n > 2 */
    double probability; /* p(h) */
    double rest;        /* r' */
} context;

/* The n-gram of order n - 1 that is the end of n-gram `i` of order n. */
static size_t end_of(const pruner *p, const context *c, size_t i)
{
    const uint32_t word = p->table->levels[c->n - 1].words[i];
    size_t at = word;
    if (c->n > 2) {
        const bool found = heed_ngram_table_find_child(
            p->table, &at, c->shorter, c->n - 2, word);
        assert(found);
        (void)found;
    }
    return at;
}

static double probability_of(const pruner *p, size_t n, size_t i)
{
    return (double)p->table->levels[n - 1].estimates[i].probability;
}

/* Whether leaving out n-gram `i` alone makes too little difference. */
static bool is_negligible(const pruner *p, const context *c, size_t i,
                          size_t end)
{
    const double back_off =
        (double)p->table->levels[c->n - 2].estimates[c->at].back_off;
    const double own = probability_of(p, c->n, i);
    const double lower = probability_of(p, c->n - 1, end);
    const double others = back_off * c->rest;
    const double change =
        log((others + own) / (c->rest + lower)) - log(back_off);
    const double entropy =
        -c->probability *
        (own * (log(lower) + change + log(back_off) - log(own)) +
         others * change);
    return expm1(entropy) < p->threshold;
}

/* Decides on the n-grams of a context and adapts its back-off. */
static void prune_context(pruner *p, const context *c)
{
    heed_ngram_level *level = &p->table->levels[c->n - 1];
    heed_ngram_level *below = &p->table->levels[c->n - 2];
    heed_estimate *h = &below->estimates[c->at];
    double left_out = 0.0;
    double left_out_lower = 0.0;
    size_t n_left = 0;
    const size_t begin = below->children[c->at];
    const size_t end = below->children[c->at + 1];
    for (size_t i = begin; i < end; i++) {
        const size_t tail = end_of(p, c, i);
        if (level->kept[i] || !is_negligible(p, c, i, tail)) {
            level->kept[i] = true;
            below->kept[c->at] = true;
            below->kept[tail] = true;
            n_left++;
        } else {
            left_out += probability_of(p, c->n, i);
            left_out_lower += probability_of(p, c->n - 1, tail);
        }
    }
    if (n_left == 0)
        h->back_off = 1.0F;
    else if (n_left < end - begin)
        h->back_off = (float)(((double)h->back_off * c->rest + left_out) /
                              (c->rest + left_out_lower));
}

static void prune_order(pruner *p, size_t n)
{
    const heed_ngram_level *below = &p->table->levels[n - 2];
    heed_ngram_cursor cursor;
    bool more = heed_ngram_cursor_first(&cursor, p->table, n - 1);
    for (; more; more = heed_ngram_cursor_next(&cursor, p->table)) {
        context c = {.n = n, .at = cursor.at[n - 2], .rest = 1.0};
        if (below->children[c.at] == below->children[c.at + 1])
            continue;
        if (n > 2)
            (void)heed_ngram_table_find(p->table, &c.shorter, cursor.words + 1,
                                        n - 2);
        c.probability = (double)below->estimates[c.at].count / p->n_words;
        for (size_t i = below->children[c.at]; i < below->children[c.at + 1];
             i++)
            c.rest -= probability_of(p, n - 1, end_of(p, &c, i));
        if (c.rest < 0.0)
            c.rest = 0.0;
        prune_context(p, &c);
    }
}

void heed_ngram_table_prune(heed_ngram_table *table, double threshold)
{
    pruner p = {.table = table, .threshold = threshold};
    for (size_t id = 0; id < table->levels[0].count; id++)
        if (id != HEED_LM_ID_BEGIN)
            p.n_words += (double)table->levels[0].estimates[id].count;
    /* What is kept is marked, the highest order first: what a longer n-gram
     * needs is not judged. */
    for (size_t n = 2; n <= table->order; n++)
        memset(table->levels[n - 1].kept, 0,
               table->levels[n - 1].count * sizeof(bool));
    for (size_t n = table->order; n >= 2; n--)
        prune_order(&p, n);
}
