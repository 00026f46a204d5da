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

/* The errors of another hypothesis, as far as it can be read. */
static size_t errors_of(eval_scorer *scorer, const eval_item *item,
                        const eval_graph *reference, const char *text)
{
    const eval_writing writing = {eval_normalise, scorer->normaliser};
    eval_alignment alignment = {0};
    eval_counts counts;
    eval_graph graph;
    size_t n = SIZE_MAX;

    eval_graph_init(&graph);
    if (eval_graph_parse(&graph, text, item->alternatives, &writing,
                         &scorer->words) == NULL &&
        eval_align(&alignment, reference, &graph)) {
        eval_counts_of(&counts, &alignment);
        n = eval_counts_errors(&counts);
    }
    eval_alignment_deinit(&alignment);
    eval_graph_deinit(&graph);
    return n;
}

static void find_oracle(eval_scorer *scorer, eval_item *item,
                        const eval_graph *reference)
{
    item->oracle_errors = eval_counts_errors(&item->counts);
    for (size_t i = 0; i < item->n_nbest; i++) {
        const size_t n = errors_of(scorer, item, reference, item->nbest[i]);

        if (n < item->oracle_errors)
            item->oracle_errors = n;
    }
}

/* The normalised words of the words as heard, each by itself, in `graph`;
 * `owners` gets the heard word of each arc. */
static void normalise_alone(eval_scorer *scorer, const eval_item *item,
                            eval_graph *graph, uint32_t **owners)
{
    const eval_writing writing = {eval_normalise, scorer->normaliser};
    size_t capacity = 0;
    size_t n = 1; /* arc 0 is the start */

    *owners = NULL;
    eval_graph_init(graph);
    for (size_t i = 0; i < item->n_words; i++) {
        (void)eval_graph_parse(graph, item->words[i].text, false, &writing,
                               &scorer->words);
        for (; n < graph->n_arcs; n++) {
            *owners = eval_grow(*owners, n, &capacity, sizeof **owners);
            (*owners)[n] = (uint32_t)i;
        }
    }
}

/* Finds which heard word each arc of the hypothesis is of. A number may be
 * read out over several words, so the two rows are aligned. */
static void find_heard(eval_scorer *scorer, eval_system *system,
                       eval_item *item, const eval_graph *hypothesis)
{
    uint32_t *heard_as =
        eval_pool_take(&system->pool, hypothesis->n_arcs * sizeof *heard_as);
    eval_alignment alignment;
    eval_graph row;
    eval_graph alone;
    uint32_t *owners;
    uint32_t at = 0;

    for (size_t i = 0; i < hypothesis->n_arcs; i++)
        heard_as[i] = EVAL_WORD_NONE;
    eval_graph_init(&row);
    for (size_t i = 1; i < hypothesis->n_arcs; i++)
        eval_graph_add(&row, hypothesis->arcs[i].word);
    normalise_alone(scorer, item, &alone, &owners);
    (void)eval_align(&alignment, &alone, &row);
    for (size_t i = 0; i < alignment.n_steps; i++) {
        const eval_step *step = &alignment.steps[i];

        at += step->edit != EVAL_INSERTION ? 1 : 0;
        if (step->edit == EVAL_CORRECT || step->edit == EVAL_SUBSTITUTION)
            heard_as[step->arc] = owners[at];
    }
    item->heard_as = heard_as;
    item->n_arcs = hypothesis->n_arcs;
    eval_alignment_deinit(&alignment);
    eval_graph_deinit(&row);
    eval_graph_deinit(&alone);
    free(owners);
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
    if (item->n_words > 0)
        find_heard(scorer, system, item, hypothesis);
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
