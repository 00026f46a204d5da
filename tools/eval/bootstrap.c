/* bootstrap.c - how far a rate may be trusted. SPDX-License-Identifier:
 * Apache-2.0
 */
#include "tools/eval/bootstrap.h"

#include <stdlib.h>
#include <string.h>

#define SEED 20260917u

/* What is drawn: some errors in some words, by one or two systems. */
typedef struct unit {
    size_t n_errors[2];
    size_t n_words[2];
} unit;

/* splitmix64: the same numbers on every machine. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static int compare_doubles(const void *a, const void *b)
{
    const double left = *(const double *)a;
    const double right = *(const double *)b;

    return (left > right) - (left < right);
}

/* Draws as many units as there are; the rates go to `rates`. */
static void draw(double rates[2], const unit *units, size_t n, uint64_t *state)
{
    unit sum = {{0}, {0}};

    for (size_t i = 0; i < n; i++) {
        const unit *u = &units[next_random(state) % n];

        for (size_t k = 0; k < 2; k++) {
            sum.n_errors[k] += u->n_errors[k];
            sum.n_words[k] += u->n_words[k];
        }
    }
    for (size_t k = 0; k < 2; k++)
        rates[k] = eval_rate(sum.n_errors[k], sum.n_words[k]);
}

/* The middle 95 % of `n` values, which are sorted. */
static eval_interval middle(double *values, size_t n)
{
    qsort(values, n, sizeof *values, compare_doubles);
    return (eval_interval){values[(size_t)(0.025 * (double)n)],
                           values[(size_t)(0.975 * (double)n)]};
}

/* The second rate less the first; the first is 0 for a single system. */
static eval_interval resample(const unit *units, size_t n, size_t n_rounds,
                              double *share_below)
{
    eval_interval interval = {0.0, 0.0};
    uint64_t state = SEED;
    double below = 0.0;
    double *values;

    if (n == 0 || n_rounds == 0)
        return interval;
    values = eval_calloc(n_rounds, sizeof *values);
    for (size_t i = 0; i < n_rounds; i++) {
        double rates[2];

        draw(rates, units, n, &state);
        values[i] = rates[1] - rates[0];
        below += values[i] < 0.0 ? 1.0 : values[i] > 0.0 ? 0.0 : 0.5;
    }
    interval = middle(values, n_rounds);
    if (share_below != NULL)
        *share_below = below / (double)n_rounds;
    free(values);
    return interval;
}

static void add_item(unit *u, const eval_item *item, size_t k)
{
    u->n_errors[k] += eval_counts_errors(&item->counts);
    u->n_words[k] += eval_counts_words(&item->counts);
}

void eval_bootstrap(eval_interval *by_item, eval_interval *by_speaker,
                    const eval_system *system, size_t n_rounds)
{
    unit *items = eval_calloc(system->n_items, sizeof *items);
    unit *speakers = eval_calloc(system->n_items, sizeof *speakers);
    eval_table names = {0};
    size_t n_items = 0;

    for (size_t i = 0; i < system->n_items; i++) {
        const eval_item *item = &system->items[i];
        /* An id cannot be a speaker's name: it has a tab before it. */
        eval_text name = {0};
        uint32_t speaker;

        if (!item->scored)
            continue;
        if (item->speaker[0] == '\0')
            eval_text_puts(&name, "\t");
        eval_text_puts(&name,
                       item->speaker[0] != '\0' ? item->speaker : item->id);
        speaker = eval_table_add(&names, name.bytes, name.n_bytes);
        add_item(&items[n_items++], item, 1);
        add_item(&speakers[speaker], item, 1);
        eval_text_deinit(&name);
    }
    *by_item = resample(items, n_items, n_rounds, NULL);
    *by_speaker = resample(speakers, names.n, n_rounds, NULL);
    eval_table_deinit(&names);
    free(items);
    free(speakers);
}

/* Draws pairs of an utterance by both systems. */
static void compare_rates(eval_comparison *out, const unit *units, size_t n,
                          size_t n_rounds)
{
    unit sum = {{0}, {0}};

    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < 2; k++) {
            sum.n_errors[k] += units[i].n_errors[k];
            sum.n_words[k] += units[i].n_words[k];
        }
    for (size_t k = 0; k < 2; k++)
        out->wer[k] = eval_rate(sum.n_errors[k], sum.n_words[k]);
    out->improvement = 0.5;
    out->difference = resample(units, n, n_rounds, &out->improvement);
}

void eval_compare(eval_comparison *out, const eval_system *first,
                  const eval_system *second, size_t n_rounds)
{
    unit *units = eval_calloc(first->n_items, sizeof *units);
    eval_differences differences = {0};

    *out = (eval_comparison){0};
    for (size_t i = 0; i < first->n_items; i++) {
        const eval_item *a = &first->items[i];
        const eval_item *b = eval_system_find(second, a->id);

        if (b == NULL || !a->scored || !b->scored)
            continue;
        add_item(&units[out->n_items], a, 0);
        add_item(&units[out->n_items++], b, 1);
        eval_segments_find(&differences, &a->alignment, &b->alignment);
    }
    compare_rates(out, units, out->n_items, n_rounds);
    eval_matched_pairs(out, &differences);
    free(units);
    free(differences.list);
}
