/* kneser_ney.c - from adjusted counts to probabilities and back-offs.
 *
 * Two passes over each order. The first goes from the highest order down, over
 * n-grams sorted by prefix: those of a context are together, so its sums are
 * known at once, and its g(h) is handed to the order below, whose n-grams come
 * in the order of these contexts. The second goes from the lowest order up,
 * over n-grams sorted by suffix: p(w | h') of the order below comes in the
 * order in which it is needed.
 * SPDX-License-Identifier: Apache-2.0 */
#include "lm/kneser_ney.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "asr/base/log.h"
#include "lm/count.h"
#include "lm/spool.h"

/* An n-gram between the passes. */
typedef struct partial {
    float own;  /* (a - D(a)) / sum of its context */
    float rest; /* g of its context */
    float back_off;
    float count;
} partial;

enum {
    PARTIAL_WORDS = sizeof(partial) / sizeof(uint32_t),
    MAX_SPOOL_BYTES = 1 << 20
};

/* A word seen after the context. */
typedef struct follower {
    uint32_t word;
    heed_adjusted counts;
} follower;

typedef struct estimator {
    const heed_kneser_ney_config *config;
    heed_ngram_sort *partials[HEED_LM_MAX_ORDER];
    /* One value for each n-gram of some order, sorted as that is needed. */
    heed_spool *values;
    heed_spool *next_values;
    const uint32_t *value; /* next one of `values`, NULL after the last */

    /* The context in hand. */
    uint32_t words[HEED_LM_MAX_ORDER];
    follower *followers; /* [capacity] */
    size_t n_followers;
    size_t capacity;
} estimator;

static heed_status fail_memory(const estimator *e)
{
    heed_log_error(e->config->log, "language model: out of memory");
    return HEED_ERR_MEMORY;
}

static heed_status create_sort(const estimator *e, heed_ngram_sort **out,
                               size_t n, size_t payload_words,
                               heed_ngram_key key)
{
    /* Read is one sort, the other orders wait. */
    const heed_ngram_sort_config config = {
        .order = n,
        .payload_words = payload_words,
        .key = key,
        .memory_bytes = e->config->memory_bytes / (e->config->order + 1),
        .folder = e->config->folder};
    return heed_ngram_sort_create(out, &config, e->config->log);
}

/* Begins to write values for n-grams of order n. */
static heed_status begin_values(estimator *e, size_t n)
{
    size_t bytes = e->config->memory_bytes / 16;
    if (bytes > MAX_SPOOL_BYTES)
        bytes = MAX_SPOOL_BYTES;
    return heed_spool_create(&e->next_values, n + 1, bytes, e->config->folder,
                             e->config->log);
}

static heed_status put_value(estimator *e, const uint32_t *words, size_t n,
                             float value)
{
    uint32_t record[HEED_LM_MAX_ORDER + 1];
    memcpy(record, words, n * sizeof *record);
    memcpy(record + n, &value, sizeof value);
    return heed_spool_put(e->next_values, record);
}

static heed_status step_value(estimator *e)
{
    const heed_status status = heed_spool_next(e->values, &e->value);
    return status == HEED_END ? HEED_OK : status;
}

/* What was written last is read from now on. */
static heed_status turn_values(estimator *e)
{
    heed_spool_destroy(e->values);
    e->values = e->next_values;
    e->next_values = NULL;
    e->value = NULL;
    if (!e->values)
        return HEED_OK;
    const heed_status status = heed_spool_rewind(e->values);
    return status == HEED_OK ? step_value(e) : status;
}

static bool value_is_of(const estimator *e, const uint32_t *words, size_t n)
{
    return e->value && memcmp(e->value, words, n * sizeof *words) == 0;
}

static float value_of(const estimator *e, size_t n)
{
    float value;
    memcpy(&value, e->value + n, sizeof value);
    return value;
}

/* --- The first pass: contexts. -------------------------------------------- */

static heed_status add_follower(estimator *e, uint32_t word,
                                heed_adjusted counts)
{
    if (e->n_followers == e->capacity) {
        const size_t capacity = 2 * e->capacity + 256;
        follower *followers =
            realloc(e->followers, capacity * sizeof *followers);
        if (!followers)
            return fail_memory(e);
        e->followers = followers;
        e->capacity = capacity;
    }
    e->followers[e->n_followers++] = (follower){word, counts};
    return HEED_OK;
}

static double discount_of(const heed_discounts *discounts, uint64_t adjusted)
{
    return discounts->amount[adjusted < 3 ? adjusted : 3];
}

/* Sums up the context: the divisor and g. */
static void sum_up(const estimator *e, const heed_discounts *discounts,
                   double *divisor, double *rest)
{
    *divisor = 0.0;
    *rest = 0.0;
    for (size_t i = 0; i < e->n_followers; i++) {
        const uint64_t adjusted = e->followers[i].counts.adjusted;
        const uint64_t count = adjusted & ~HEED_ADJUSTED_PRUNED;
        *divisor += (double)count;
        *rest += count != adjusted ? (double)count
                                   : discount_of(discounts, adjusted);
    }
    *rest /= *divisor;
}

/* The value of an n-gram that begins longer ones, which is passed by. */
static heed_status take_back_off(estimator *e, float *back_off,
                                 const uint32_t *words, size_t n)
{
    *back_off = 1.0F;
    if (!value_is_of(e, words, n))
        return HEED_OK;
    *back_off = value_of(e, n);
    return step_value(e);
}

/* Hands on the n-grams of the context in hand. */
static heed_status finish_context(estimator *e, size_t n,
                                  const heed_discounts *discounts)
{
    uint32_t record[HEED_LM_MAX_ORDER + PARTIAL_WORDS];
    double divisor;
    double rest;
    heed_status status = HEED_OK;
    sum_up(e, discounts, &divisor, &rest);
    if (n > 1)
        status = put_value(e, e->words, n - 1, (float)rest);
    memcpy(record, e->words, n * sizeof *record);
    for (size_t i = 0; status == HEED_OK && i < e->n_followers; i++) {
        const follower *f = &e->followers[i];
        const uint64_t a = f->counts.adjusted;
        partial p = {.rest = (float)rest, .count = (float)f->counts.count};
        record[n - 1] = f->word;
        status = take_back_off(e, &p.back_off, record, n);
        if (status != HEED_OK || (a & HEED_ADJUSTED_PRUNED) != 0)
            continue;
        p.own = (float)(((double)a - discount_of(discounts, a)) / divisor);
        memcpy(record + n, &p, sizeof p);
        status = heed_ngram_sort_feed(e->partials[n - 1], record);
    }
    e->n_followers = 0;
    return status;
}

/* Gives every id a unigram; <s> is as frequent as </s>. */
static heed_status fill_unigrams(estimator *e)
{
    const size_t n_ids = e->config->n_ids;
    follower *all = calloc(n_ids, sizeof *all);
    if (!all)
        return fail_memory(e);
    for (size_t id = 0; id < n_ids; id++)
        all[id].word = (uint32_t)id;
    for (size_t i = 0; i < e->n_followers; i++)
        all[e->followers[i].word] = e->followers[i];
    all[HEED_LM_ID_BEGIN].counts.count = all[HEED_LM_ID_END].counts.count;
    free(e->followers);
    e->followers = all;
    e->n_followers = n_ids;
    e->capacity = n_ids;
    return HEED_OK;
}

static heed_status read_contexts(estimator *e, heed_ngram_sort *adjusted,
                                 size_t n, const heed_discounts *discounts)
{
    const uint32_t *record;
    heed_status status;
    while ((status = heed_ngram_sort_next(adjusted, &record)) == HEED_OK) {
        heed_adjusted counts;
        memcpy(&counts, record + n, sizeof counts);
        if (e->n_followers > 0 &&
            memcmp(record, e->words, (n - 1) * sizeof *record) != 0)
            status = finish_context(e, n, discounts);
        memcpy(e->words, record, n * sizeof *record);
        if (status == HEED_OK)
            status = add_follower(e, record[n - 1], counts);
        if (status != HEED_OK)
            return status;
    }
    if (status != HEED_END)
        return status;
    status = n == 1 ? fill_unigrams(e) : HEED_OK;
    return status == HEED_OK ? finish_context(e, n, discounts) : status;
}

static heed_status discount_order(estimator *e, heed_ngram_sort **adjusted,
                                  size_t n, const heed_discounts *discounts)
{
    heed_status status = create_sort(e, &e->partials[n - 1], n, PARTIAL_WORDS,
                                     HEED_NGRAM_SUFFIX);
    if (status == HEED_OK && n > 1)
        status = begin_values(e, n - 1);
    if (status == HEED_OK)
        status = heed_ngram_sort_finish(*adjusted);
    if (status == HEED_OK)
        status = read_contexts(e, *adjusted, n, discounts);
    heed_ngram_sort_destroy(*adjusted);
    *adjusted = NULL;
    return status == HEED_OK ? turn_values(e) : status;
}

/* --- The second pass: interpolation. -------------------------------------- */

/* p(w | h') of the n-gram `words`. */
static heed_status find_lower(estimator *e, double *lower,
                              const uint32_t *words, size_t n)
{
    heed_status status = HEED_OK;
    if (n == 1) {
        /* <s> is never predicted. */
        *lower = words[0] == HEED_LM_ID_BEGIN
                     ? 0.0
                     : 1.0 / (double)(e->config->n_ids - 1);
        return HEED_OK;
    }
    while (status == HEED_OK && e->value && !value_is_of(e, words + 1, n - 1))
        status = step_value(e);
    if (status != HEED_OK)
        return status;
    /* Cut-offs never leave an n-gram without its end. */
    assert(e->value);
    *lower = (double)value_of(e, n - 1);
    return HEED_OK;
}

static heed_status read_partials(estimator *e, heed_ngram_sort *out, size_t n)
{
    uint32_t record[HEED_LM_MAX_ORDER + HEED_ESTIMATE_WORDS];
    const uint32_t *from;
    heed_status status;
    while ((status = heed_ngram_sort_next(e->partials[n - 1], &from)) ==
           HEED_OK) {
        partial p;
        double lower = 0.0;
        memcpy(&p, from + n, sizeof p);
        status = find_lower(e, &lower, from, n);
        if (status != HEED_OK)
            return status;
        const heed_estimate estimate = {
            .probability = (float)((double)p.own + (double)p.rest * lower),
            .back_off = p.back_off,
            .count = p.count};
        memcpy(record, from, n * sizeof *record);
        memcpy(record + n, &estimate, sizeof estimate);
        status = heed_ngram_sort_feed(out, record);
        if (status == HEED_OK && n < e->config->order)
            status = put_value(e, record, n, estimate.probability);
        if (status != HEED_OK)
            return status;
    }
    return status == HEED_END ? HEED_OK : status;
}

static heed_status interpolate_order(estimator *e, heed_ngram_sort **out,
                                     size_t n)
{
    heed_status status =
        create_sort(e, out, n, HEED_ESTIMATE_WORDS, HEED_NGRAM_PREFIX);
    if (status == HEED_OK && n < e->config->order)
        status = begin_values(e, n);
    if (status == HEED_OK)
        status = heed_ngram_sort_finish(e->partials[n - 1]);
    if (status == HEED_OK)
        status = read_partials(e, *out, n);
    heed_ngram_sort_destroy(e->partials[n - 1]);
    e->partials[n - 1] = NULL;
    if (status == HEED_OK)
        status = heed_ngram_sort_finish(*out);
    return status == HEED_OK ? turn_values(e) : status;
}

heed_status heed_kneser_ney_estimate(heed_ngram_sort **out,
                                     heed_ngram_sort **adjusted,
                                     const heed_discounts *discounts,
                                     const heed_kneser_ney_config *config)
{
    estimator e = {.config = config};
    heed_status status = HEED_OK;
    for (size_t n = config->order; status == HEED_OK && n >= 1; n--)
        status = discount_order(&e, &adjusted[n - 1], n, &discounts[n - 1]);
    for (size_t n = 1; status == HEED_OK && n <= config->order; n++)
        status = interpolate_order(&e, &out[n - 1], n);
    for (size_t n = 0; n < config->order; n++)
        heed_ngram_sort_destroy(e.partials[n]);
    heed_spool_destroy(e.values);
    heed_spool_destroy(e.next_values);
    free(e.followers);
    return status;
}
