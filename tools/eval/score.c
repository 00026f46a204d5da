/* score.c - from texts to counted errors. SPDX-License-Identifier: Apache-2.0
 */
#include "tools/eval/score.h"

#include <stdlib.h>
#include <string.h>

void eval_scorer_init(eval_scorer *scorer, const eval_normaliser *normaliser)
{
    *scorer = (eval_scorer){.normaliser = normaliser};
}

void eval_scorer_deinit(eval_scorer *scorer)
{
    eval_table_deinit(&scorer->words);
    eval_table_deinit(&scorer->characters);
}

const char *eval_scorer_word(const eval_scorer *scorer, uint32_t word)
{
    return word != EVAL_WORD_NONE ? scorer->words.strings[word] : "***";
}

static bool parse(eval_scorer *scorer, eval_graph *graph, const char *text,
                  const eval_item *item, const heed_log *log)
{
    const eval_writing writing = {eval_normalise, scorer->normaliser};
    const char *fault = eval_graph_parse(graph, text, item->alternatives,
                                         &writing, &scorer->words);

    return fault == NULL || eval_error(log, "%s: %s", item->id, fault);
}

static bool count_characters(eval_scorer *scorer, eval_item *item,
                             const eval_graph *reference,
                             const eval_graph *hypothesis)
{
    eval_alignment alignment;
    eval_graph a;
    eval_graph b;
    bool done;

    /* Numbers of words and of characters are of two tables. */
    eval_graph_spell(&a, reference, &scorer->words, &scorer->characters);
    eval_graph_spell(&b, hypothesis, &scorer->words, &scorer->characters);
    done = eval_align(&alignment, &a, &b);
    eval_counts_of(&item->characters, &alignment);
    eval_alignment_deinit(&alignment);
    eval_graph_deinit(&a);
    eval_graph_deinit(&b);
    return done;
}

/* The errors if of each segment the best text had been chosen. */
static void find_oracle(eval_scorer *scorer, eval_item *item,
                        const eval_graph *reference)
{
    const eval_writing writing = {eval_normalise, scorer->normaliser};
    eval_alignment alignment = {0};
    eval_counts counts;
    eval_graph graph;

    item->oracle_errors = eval_counts_errors(&item->counts);
    if (item->n_nbest == 0)
        return;
    eval_graph_init(&graph);
    for (size_t i = 0; i < item->n_nbest; i++)
        eval_graph_choose(&graph, item->nbest[i].texts, item->nbest[i].n_texts,
                          &writing, &scorer->words);
    (void)eval_align(&alignment, reference, &graph);
    eval_counts_of(&counts, &alignment);
    /* The cheapest way is not always that of the fewest errors; and there is
     * none if the graphs are too large to be aligned. */
    if (alignment.n_steps > 0 &&
        eval_counts_errors(&counts) < item->oracle_errors)
        item->oracle_errors = eval_counts_errors(&counts);
    eval_alignment_deinit(&alignment);
    eval_graph_deinit(&graph);
}

/* The texts that a row of words is made of. */
typedef struct sources {
    const char *(*text)(const eval_item *item, size_t i);
    size_t n;
} sources;

static const char *heard_text(const eval_item *item, size_t i)
{
    return item->words[i].text;
}

static const char *said_text(const eval_item *item, size_t i)
{
    return item->said[i].text;
}

/* The normalised words of the sources, each by itself, in `graph`; returns the
 * source of each arc. */
static uint32_t *normalise_alone(eval_scorer *scorer, const eval_item *item,
                                 const sources *from, eval_graph *graph)
{
    const eval_writing writing = {eval_normalise, scorer->normaliser};
    uint32_t *owners = NULL;
    size_t capacity = 0;
    size_t n = 1; /* arc 0 is the start */

    eval_graph_init(graph);
    for (size_t i = 0; i < from->n; i++) {
        (void)eval_graph_parse(graph, from->text(item, i), false, &writing,
                               &scorer->words);
        for (; n < graph->n_arcs; n++) {
            owners = eval_grow(owners, n, &capacity, sizeof *owners);
            owners[n] = (uint32_t)i;
        }
    }
    return owners;
}

/* Finds the source of each arc of `row`, words one after the other. A number
 * may be read out over several words, so the two rows are aligned.
 * Shape: found [row->n_arcs], EVAL_WORD_NONE where there is none. */
static void find_sources(uint32_t *found, eval_scorer *scorer,
                         const eval_item *item, const sources *from,
                         const eval_graph *row)
{
    eval_alignment alignment;
    eval_graph alone;
    uint32_t *owners = normalise_alone(scorer, item, from, &alone);
    uint32_t at = 0;

    for (size_t i = 0; i < row->n_arcs; i++)
        found[i] = EVAL_WORD_NONE;
    (void)eval_align(&alignment, &alone, row);
    for (size_t i = 0; i < alignment.n_steps; i++) {
        const eval_step *step = &alignment.steps[i];

        at += step->edit != EVAL_INSERTION ? 1 : 0;
        if (step->edit == EVAL_CORRECT || step->edit == EVAL_SUBSTITUTION)
            found[step->arc] = owners[at];
    }
    eval_alignment_deinit(&alignment);
    eval_graph_deinit(&alone);
    free(owners);
}

/* Finds which heard word each arc of the hypothesis is of. */
static void find_heard(eval_scorer *scorer, eval_system *system,
                       eval_item *item, const eval_graph *hypothesis)
{
    const sources heard = {heard_text, item->n_words};
    uint32_t *heard_as =
        eval_pool_take(&system->pool, hypothesis->n_arcs * sizeof *heard_as);
    eval_graph row;

    eval_graph_init(&row);
    for (size_t i = 1; i < hypothesis->n_arcs; i++)
        eval_graph_add(&row, hypothesis->arcs[i].word);
    find_sources(heard_as, scorer, item, &heard, &row);
    item->heard_as = heard_as;
    item->n_arcs = hypothesis->n_arcs;
    eval_graph_deinit(&row);
}

/* Finds when the words were over that were heard right. */
static void find_said(eval_scorer *scorer, eval_item *item)
{
    const sources said = {said_text, item->n_said};
    uint32_t *said_as;
    eval_graph row;
    size_t at = 0;

    eval_graph_init(&row);
    for (size_t i = 0; i < item->alignment.n_steps; i++)
        if (item->alignment.steps[i].edit != EVAL_INSERTION)
            eval_graph_add(&row, item->alignment.steps[i].reference);
    said_as = eval_calloc(row.n_arcs, sizeof *said_as);
    find_sources(said_as, scorer, item, &said, &row);
    for (size_t i = 0; i < item->alignment.n_steps; i++) {
        const eval_step *step = &item->alignment.steps[i];

        at += step->edit != EVAL_INSERTION ? 1 : 0;
        if (step->edit != EVAL_CORRECT || said_as[at] == EVAL_WORD_NONE ||
            item->heard_as[step->arc] == EVAL_WORD_NONE)
            continue;
        /* Of "twenty-one" it is the last part that counts. */
        item->words[item->heard_as[step->arc]].said_s =
            item->said[said_as[at]].end_s;
    }
    free(said_as);
    eval_graph_deinit(&row);
}

static void count(eval_scorer *scorer, eval_system *system, eval_item *item,
                  const eval_graph *reference, const eval_graph *hypothesis)
{
    if (!eval_align(&item->alignment, reference, hypothesis) ||
        !count_characters(scorer, item, reference, hypothesis)) {
        eval_alignment_deinit(&item->alignment);
        eval_system_note(system, EVAL_PROBLEM_LONG, item->id, "");
        return;
    }
    item->scored = true;
    eval_counts_of(&item->counts, &item->alignment);
    if (eval_counts_words(&item->counts) == 0)
        eval_system_note(system, EVAL_PROBLEM_EMPTY, item->id, "");
    find_oracle(scorer, item, reference);
    if (item->unsaid != NULL)
        eval_system_note(system, EVAL_PROBLEM_UNSAID, item->id, item->unsaid);
    if (item->n_words > 0)
        find_heard(scorer, system, item, hypothesis);
    if (item->n_words > 0 && item->n_said > 0)
        find_said(scorer, item);
}

bool eval_score_item(eval_scorer *scorer, eval_system *system, eval_item *item,
                     const heed_log *log)
{
    eval_graph reference;
    eval_graph hypothesis;
    bool good;

    if (item->error != NULL)
        return true;
    if (item->hypothesis == NULL) {
        eval_system_note(system, EVAL_PROBLEM_UNHEARD, item->id, "");
        item->hypothesis = "";
    }
    eval_graph_init(&reference);
    eval_graph_init(&hypothesis);
    good = parse(scorer, &reference, item->reference, item, log) &&
           parse(scorer, &hypothesis, item->hypothesis, item, log);
    if (good)
        count(scorer, system, item, &reference, &hypothesis);
    eval_graph_deinit(&reference);
    eval_graph_deinit(&hypothesis);
    return good;
}

bool eval_score(eval_scorer *scorer, eval_system *system, const heed_log *log)
{
    bool good = true;

    for (size_t i = 0; i < system->n_items; i++)
        good = eval_score_item(scorer, system, &system->items[i], log) && good;
    return good;
}
