/* summary.c - the figures of one system. SPDX-License-Identifier: Apache-2.0 */
#include "tools/eval/summary.h"

#include "tools/eval/bootstrap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

double eval_rate(size_t n_errors, size_t n_words)
{
    return (double)n_errors / (double)(n_words > 0 ? n_words : 1);
}

static double rate_of(const eval_counts *counts)
{
    return eval_rate(eval_counts_errors(counts), eval_counts_words(counts));
}

double eval_sum_wer(const eval_sum *sum)
{
    return rate_of(&sum->counts);
}

double eval_sum_cer(const eval_sum *sum)
{
    return rate_of(&sum->characters);
}

double eval_sum_ser(const eval_sum *sum)
{
    return eval_rate(sum->n_wrong, sum->n_items);
}

double eval_sum_oracle_wer(const eval_sum *sum)
{
    return eval_rate(sum->oracle_errors, eval_counts_words(&sum->counts));
}

void eval_sum_add(eval_sum *sum, const eval_item *item)
{
    if (!item->scored)
        return;
    sum->n_items++;
    sum->n_wrong += eval_counts_errors(&item->counts) > 0 ? 1 : 0;
    eval_counts_add(&sum->counts, &item->counts);
    eval_counts_add(&sum->characters, &item->characters);
    sum->oracle_errors += item->oracle_errors;
    if (item->duration_s > 0.0)
        sum->duration_s += item->duration_s;
    if (item->compute_s > 0.0)
        sum->compute_s += item->compute_s;
}

static int compare_rows_by_name(const void *a, const void *b)
{
    return strcmp(((const eval_row *)a)->name, ((const eval_row *)b)->name);
}

static int compare_rows_by_errors(const void *a, const void *b)
{
    const double left = eval_sum_wer(&((const eval_row *)a)->sum);
    const double right = eval_sum_wer(&((const eval_row *)b)->sum);

    if (left > right || left < right)
        return left > right ? -1 : 1;
    return compare_rows_by_name(a, b);
}

/* A row for each value of a string of the items. */
static void fill_rows(eval_rows *rows, const eval_system *system,
                      const char *(*name_of)(const eval_item *),
                      int (*compare)(const void *, const void *))
{
    eval_table names = {0};

    for (size_t i = 0; i < system->n_items; i++)
        eval_table_add(&names, name_of(&system->items[i]),
                       strlen(name_of(&system->items[i])));
    *rows = (eval_rows){eval_calloc(names.n, sizeof *rows->rows), names.n};
    for (size_t i = 0; i < system->n_items; i++) {
        const char *name = name_of(&system->items[i]);
        eval_row *row =
            &rows->rows[eval_table_find(&names, name, strlen(name))];

        row->name = name;
        eval_sum_add(&row->sum, &system->items[i]);
    }
    qsort(rows->rows, rows->n, sizeof *rows->rows, compare);
    eval_table_deinit(&names);
}

static const char *speaker_of(const eval_item *item)
{
    return item->speaker;
}

static const char *group_of(const eval_item *item)
{
    return item->group;
}

static void fill_lengths(eval_rows *rows, const eval_system *system)
{
    static const struct {
        const char *name;
        size_t last;
    } lengths[] = {{"0", 0},      {"1-2", 2},       {"3-5", 5},
                   {"6-10", 10},  {"11-20", 20},    {"21-40", 40},
                   {"41-80", 80}, {"81-", SIZE_MAX}};
    const size_t n = sizeof lengths / sizeof lengths[0];

    *rows = (eval_rows){eval_calloc(n, sizeof *rows->rows), n};
    for (size_t i = 0; i < n; i++)
        rows->rows[i].name = lengths[i].name;
    for (size_t i = 0; i < system->n_items; i++) {
        const size_t n_words = eval_counts_words(&system->items[i].counts);
        size_t k = 0;

        while (n_words > lengths[k].last)
            k++;
        eval_sum_add(&rows->rows[k].sum, &system->items[i]);
    }
}

typedef struct tally {
    eval_table keys;
    eval_mistake *list; /* [keys.n] */
    size_t capacity;
} tally;

static void tally_add(tally *t, const eval_step *step)
{
    const uint32_t pair[2] = {step->reference, step->hypothesis};
    char key[2 * sizeof pair + 1];
    uint32_t at;
    const size_t n_known = t->keys.n;

    for (size_t i = 0; i < sizeof key - 1; i++)
        key[i] = (char)('a' + (pair[i / 8] >> i % 8 * 4 & 15u));
    at = eval_table_add(&t->keys, key, sizeof key - 1);
    if (at == n_known) {
        t->list = eval_grow(t->list, at, &t->capacity, sizeof *t->list);
        t->list[at] = (eval_mistake){step->reference, step->hypothesis, 0};
    }
    t->list[at].n++;
}

static int compare_mistakes(const void *a, const void *b)
{
    const eval_mistake *left = a;
    const eval_mistake *right = b;

    if (left->n != right->n)
        return left->n > right->n ? -1 : 1;
    if (left->reference != right->reference)
        return left->reference < right->reference ? -1 : 1;
    return left->hypothesis < right->hypothesis ? -1 : 1;
}

static void fill_mistakes(eval_mistakes *out, const eval_system *system,
                          eval_edit edit)
{
    tally t = {0};

    for (size_t i = 0; i < system->n_items; i++)
        for (size_t k = 0; k < system->items[i].alignment.n_steps; k++)
            if (system->items[i].alignment.steps[k].edit == edit)
                tally_add(&t, &system->items[i].alignment.steps[k]);
    if (t.keys.n > 0)
        qsort(t.list, t.keys.n, sizeof *t.list, compare_mistakes);
    *out = (eval_mistakes){t.list, t.keys.n};
    eval_table_deinit(&t.keys);
}

static void add_confidence(eval_calibration *c, double confidence, bool correct)
{
    size_t bin = (size_t)(confidence * EVAL_N_BINS);

    if (bin >= EVAL_N_BINS)
        bin = EVAL_N_BINS - 1;
    c->bins[bin].n_words++;
    c->bins[bin].n_correct += correct ? 1 : 0;
    c->bins[bin].confidence += confidence;
    c->n_words++;
}

static void fill_calibration(eval_calibration *c, const eval_system *system)
{
    for (size_t i = 0; i < system->n_items; i++) {
        const eval_item *item = &system->items[i];

        for (size_t k = 0; k < item->alignment.n_steps; k++) {
            const eval_step *step = &item->alignment.steps[k];

            if (item->heard_as == NULL || step->edit == EVAL_DELETION ||
                item->heard_as[step->arc] == EVAL_WORD_NONE)
                continue;
            const eval_word *word = &item->words[item->heard_as[step->arc]];
            if (word->confidence >= 0.0)
                add_confidence(c, word->confidence, step->edit == EVAL_CORRECT);
        }
    }
    for (size_t i = 0; i < EVAL_N_BINS && c->n_words > 0; i++)
        c->expected_error +=
            fabs((double)c->bins[i].n_correct - c->bins[i].confidence) /
            (double)c->n_words;
}

static int compare_seconds(const void *a, const void *b)
{
    const double left = *(const double *)a;
    const double right = *(const double *)b;

    return (left > right) - (left < right);
}

static void add_delay(eval_delays *delays, size_t *capacity, double seconds)
{
    delays->seconds = eval_grow(delays->seconds, delays->n, capacity,
                                sizeof *delays->seconds);
    delays->seconds[delays->n++] = seconds;
}

static void sort_delays(eval_delays *delays)
{
    if (delays->n > 0)
        qsort(delays->seconds, delays->n, sizeof *delays->seconds,
              compare_seconds);
}

static void fill_delays(eval_summary *s)
{
    size_t capacities[3] = {0};

    for (size_t i = 0; i < s->system->n_items; i++) {
        const eval_item *item = &s->system->items[i];

        for (size_t k = 0; k < item->n_words; k++) {
            const eval_word *word = &item->words[k];

            double seconds;

            s->n_heard += item->n_said > 0 && item->scored ? 1 : 0;
            if (word->said_s < 0.0 || word->committed_s < 0.0)
                continue;
            add_delay(&s->audio_delays, &capacities[0],
                      word->committed_s - word->said_s);
            if (word->waited_s < 0.0)
                continue;
            seconds = word->waited_s + word->end_s - word->said_s;
            add_delay(&s->delays, &capacities[1], seconds);
            if (k == 0)
                add_delay(&s->first_delays, &capacities[2], seconds);
        }
    }
    sort_delays(&s->audio_delays);
    sort_delays(&s->delays);
    sort_delays(&s->first_delays);
}

double eval_delays_quantile(const eval_delays *delays, double share)
{
    if (delays->n == 0)
        return 0.0;
    return delays->seconds[(size_t)(share * (double)(delays->n - 1) + 0.5)];
}

static void fill_silence(eval_summary *s)
{
    for (size_t i = 0; i < s->system->n_items; i++) {
        const eval_item *item = &s->system->items[i];

        if (!item->scored || eval_counts_words(&item->counts) > 0)
            continue;
        s->silent_words += item->counts.n_insertions;
        if (item->duration_s > 0.0)
            s->silent_s += item->duration_s;
    }
}

void eval_summary_init(eval_summary *summary, const eval_system *system,
                       const eval_scorer *scorer, size_t n_rounds)
{
    *summary = (eval_summary){
        .system = system, .scorer = scorer, .n_rounds = n_rounds};
    for (size_t i = 0; i < system->n_items; i++)
        eval_sum_add(&summary->total, &system->items[i]);
    for (size_t i = 0; i < system->n_problems; i++)
        summary->n_problems[system->problems[i].kind]++;
    fill_rows(&summary->groups, system, group_of, compare_rows_by_name);
    fill_rows(&summary->speakers, system, speaker_of, compare_rows_by_errors);
    fill_lengths(&summary->lengths, system);
    fill_mistakes(&summary->substitutions, system, EVAL_SUBSTITUTION);
    fill_mistakes(&summary->deletions, system, EVAL_DELETION);
    fill_mistakes(&summary->insertions, system, EVAL_INSERTION);
    eval_bootstrap(&summary->by_item, &summary->by_speaker, system, n_rounds);
    fill_calibration(&summary->calibration, system);
    fill_delays(summary);
    fill_silence(summary);
}

void eval_summary_deinit(eval_summary *summary)
{
    free(summary->groups.rows);
    free(summary->speakers.rows);
    free(summary->lengths.rows);
    free(summary->substitutions.list);
    free(summary->deletions.list);
    free(summary->insertions.list);
    free(summary->audio_delays.seconds);
    free(summary->delays.seconds);
    free(summary->first_delays.seconds);
    *summary = (eval_summary){0};
}

size_t eval_summary_unscored(const eval_summary *summary)
{
    return summary->system->n_items - summary->total.n_items;
}
