/* align.c - which words were heard, changed, lost or added.
 * SPDX-License-Identifier: Apache-2.0
 *
 * cost[a][b] is the least of the ways that end with arc `a` of the reference
 * and arc `b` of the hypothesis:
 *
 *   min over a' before a, b' before b   cost[a'][b'] + change(a, b)
 *   min over a' before a                cost[a'][b]  + leave(a)
 *   min over b' before b                cost[a][b']  + leave(b)
 *
 * Only the rows that a later arc can ask for are kept; the way back takes one
 * byte a cell: what was done, and which a' and b' it came from. */
#include "tools/eval/align.h"

#include <stdlib.h>
#include <string.h>

/* In thousandths, so that sums are exact. */
#define COST_CHANGE    4000u
#define COST_LEAVE     3000u
#define COST_NONE      1u
#define COST_NONE_BOTH 1000u

enum { DO_BOTH, DO_DELETE, DO_INSERT };

/* A cell of the way back: what was done, 3 bits of a', 3 bits of b'. */
#define CELL(what, a, b) (unsigned char)((what) | (a) << 2 | (b) << 5)
#define CELL_WHAT(cell)  ((cell)&3u)
#define CELL_A(cell)     ((cell) >> 2 & 7u)
#define CELL_B(cell)     ((cell) >> 5)

typedef struct lattice {
    const eval_graph *a;
    const eval_graph *b;
    unsigned char *back; /* [a->n_arcs][b->n_arcs] */
    uint32_t *costs;     /* [n_rows][b->n_arcs], row a at a % n_rows */
    size_t n_rows;
} lattice;

/* The best of several. */
typedef struct choice {
    uint32_t cost;
    unsigned a; /* which of those before a */
    unsigned b;
} choice;

static const uint32_t *before(const eval_graph *graph, size_t arc)
{
    return graph->before + graph->arcs[arc].first_before;
}

static uint32_t *cost_at(const lattice *l, size_t a, size_t b)
{
    return &l->costs[a % l->n_rows * l->b->n_arcs + b];
}

static uint32_t leave(uint32_t word)
{
    return word == EVAL_WORD_NONE ? COST_NONE : COST_LEAVE;
}

static uint32_t change(uint32_t a, uint32_t b)
{
    if (a == EVAL_WORD_NONE && b == EVAL_WORD_NONE)
        return COST_NONE_BOTH;
    return a == b ? 0 : COST_CHANGE;
}

static choice best_both(const lattice *l, size_t a, size_t b)
{
    choice best = {UINT32_MAX, 0, 0};

    for (unsigned i = 0; i < l->a->arcs[a].n_before; i++)
        for (unsigned k = 0; k < l->b->arcs[b].n_before; k++) {
            const uint32_t cost =
                *cost_at(l, before(l->a, a)[i], before(l->b, b)[k]);

            if (cost < best.cost)
                best = (choice){cost, i, k};
        }
    best.cost += change(l->a->arcs[a].word, l->b->arcs[b].word);
    return best;
}

static choice best_delete(const lattice *l, size_t a, size_t b)
{
    choice best = {UINT32_MAX, 0, 0};

    for (unsigned i = 0; i < l->a->arcs[a].n_before; i++) {
        const uint32_t cost = *cost_at(l, before(l->a, a)[i], b);

        if (cost < best.cost)
            best = (choice){cost, i, 0};
    }
    best.cost += leave(l->a->arcs[a].word);
    return best;
}

static choice best_insert(const lattice *l, size_t a, size_t b)
{
    choice best = {UINT32_MAX, 0, 0};

    for (unsigned k = 0; k < l->b->arcs[b].n_before; k++) {
        const uint32_t cost = *cost_at(l, a, before(l->b, b)[k]);

        if (cost < best.cost)
            best = (choice){cost, 0, k};
    }
    best.cost += leave(l->b->arcs[b].word);
    return best;
}

static void fill_cell(lattice *l, size_t a, size_t b)
{
    unsigned char *back = &l->back[a * l->b->n_arcs + b];
    choice best;

    if (a == 0 || b == 0) {
        best = a == 0 ? best_insert(l, a, b) : best_delete(l, a, b);
        *back = CELL(a == 0 ? DO_INSERT : DO_DELETE, best.a, best.b);
    } else {
        const choice both = best_both(l, a, b);
        const choice lost = best_delete(l, a, b);
        const choice added = best_insert(l, a, b);

        if (both.cost <= lost.cost && both.cost <= added.cost) {
            best = both;
            *back = CELL(DO_BOTH, best.a, best.b);
        } else if (lost.cost < added.cost) {
            best = lost;
            *back = CELL(DO_DELETE, best.a, 0);
        } else {
            best = added;
            *back = CELL(DO_INSERT, 0, best.b);
        }
    }
    *cost_at(l, a, b) = best.cost;
}

/* Whether every arc of a graph comes after the one before it. */
static bool is_plain(const eval_graph *graph)
{
    return graph->reach == 1;
}

/* The same as fill_cell() for all of row `a` > 0, where both graphs are plain:
 * nearly always, and several times as fast. */
static void fill_plain_row(lattice *l, size_t a)
{
    const uint32_t word = l->a->arcs[a].word;
    const uint32_t *above = cost_at(l, a - 1, 0);
    uint32_t *row = cost_at(l, a, 0);
    unsigned char *back = &l->back[a * l->b->n_arcs];

    row[0] = above[0] + leave(word);
    back[0] = DO_DELETE;
    for (size_t b = 1; b < l->b->n_arcs; b++) {
        const uint32_t other = l->b->arcs[b].word;
        const uint32_t both = above[b - 1] + change(word, other);
        const uint32_t lost = above[b] + leave(word);
        const uint32_t added = row[b - 1] + leave(other);
        const bool is_lost = lost < added;
        const uint32_t alone = is_lost ? lost : added;
        const bool is_both = both <= alone;

        row[b] = is_both ? both : alone;
        back[b] = is_both ? DO_BOTH : is_lost ? DO_DELETE : DO_INSERT;
    }
}

static void fill_row(lattice *l, size_t a)
{
    if (a > 0 && is_plain(l->a) && is_plain(l->b)) {
        fill_plain_row(l, a);
        return;
    }
    for (size_t b = 0; b < l->b->n_arcs; b++)
        if (a > 0 || b > 0)
            fill_cell(l, a, b);
}

/* Fills all cells; the best pair of arcs to end with goes to `*a`, `*b`. Rows
 * that hold an end are looked at while they are there. */
static void fill(lattice *l, size_t *a, size_t *b)
{
    uint32_t best[EVAL_GRAPH_MAX_BRANCHES] = {0};
    size_t best_b[EVAL_GRAPH_MAX_BRANCHES] = {0};
    size_t winner = 0;

    for (size_t i = 0; i < l->a->n_arcs; i++) {
        fill_row(l, i);
        for (size_t e = 0; e < l->a->n_ends; e++) {
            if (l->a->ends[e] != i)
                continue;
            best[e] = UINT32_MAX;
            for (size_t k = 0; k < l->b->n_ends; k++)
                if (*cost_at(l, i, l->b->ends[k]) < best[e]) {
                    best[e] = *cost_at(l, i, l->b->ends[k]);
                    best_b[e] = l->b->ends[k];
                }
        }
    }
    for (size_t e = 1; e < l->a->n_ends; e++)
        if (best[e] < best[winner])
            winner = e;
    *a = l->a->ends[winner];
    *b = best_b[winner];
}

/* What a step does to the words; arcs without a word leave no step. */
static bool make_step(eval_step *step, const lattice *l, unsigned what,
                      size_t a, size_t b)
{
    const uint32_t reference = l->a->arcs[a].word;
    const uint32_t hypothesis = l->b->arcs[b].word;

    switch (what) {
    case DO_DELETE:
        *step = (eval_step){EVAL_DELETION, reference, EVAL_WORD_NONE, 0};
        return reference != EVAL_WORD_NONE;
    case DO_INSERT:
        *step = (eval_step){EVAL_INSERTION, EVAL_WORD_NONE, hypothesis,
                            (uint32_t)b};
        return hypothesis != EVAL_WORD_NONE;
    default:
        *step = (eval_step){reference == hypothesis ? EVAL_CORRECT
                                                    : EVAL_SUBSTITUTION,
                            reference, hypothesis, (uint32_t)b};
        return reference != EVAL_WORD_NONE || hypothesis != EVAL_WORD_NONE;
    }
}

/* Walks back from the arcs `a` and `b`. */
static void trace(eval_alignment *out, const lattice *l, size_t a, size_t b)
{
    eval_step *steps = eval_calloc(l->a->n_arcs + l->b->n_arcs, sizeof *steps);
    size_t n = 0;

    while (a > 0 || b > 0) {
        const unsigned cell = l->back[a * l->b->n_arcs + b];
        const unsigned what = CELL_WHAT(cell);

        if (make_step(&steps[n], l, what, a, b))
            n++;
        if (what != DO_INSERT)
            a = before(l->a, a)[CELL_A(cell)];
        if (what != DO_DELETE)
            b = before(l->b, b)[CELL_B(cell)];
    }
    for (size_t i = 0; i < n / 2; i++) {
        const eval_step step = steps[i];

        steps[i] = steps[n - 1 - i];
        steps[n - 1 - i] = step;
    }
    *out = (eval_alignment){steps, n};
}

bool eval_align(eval_alignment *out, const eval_graph *reference,
                const eval_graph *hypothesis)
{
    lattice l = {.a = reference, .b = hypothesis};
    const size_t n_columns = hypothesis->n_arcs;
    size_t a;
    size_t b;

    *out = (eval_alignment){0};
    l.n_rows = reference->reach + 1;
    if (n_columns >
        EVAL_ALIGN_MAX_BYTES / (reference->n_arcs + l.n_rows * sizeof *l.costs))
        return false;
    l.back = eval_calloc(reference->n_arcs, n_columns);
    l.costs = eval_calloc(l.n_rows * n_columns, sizeof *l.costs);
    fill(&l, &a, &b);
    trace(out, &l, a, b);
    free(l.back);
    free(l.costs);
    return true;
}

void eval_alignment_deinit(eval_alignment *alignment)
{
    free(alignment->steps);
    *alignment = (eval_alignment){0};
}

void eval_counts_of(eval_counts *counts, const eval_alignment *alignment)
{
    *counts = (eval_counts){0};
    for (size_t i = 0; i < alignment->n_steps; i++)
        switch (alignment->steps[i].edit) {
        case EVAL_CORRECT:
            counts->n_correct++;
            break;
        case EVAL_SUBSTITUTION:
            counts->n_substitutions++;
            break;
        case EVAL_DELETION:
            counts->n_deletions++;
            break;
        default:
            counts->n_insertions++;
        }
}

void eval_counts_add(eval_counts *sum, const eval_counts *counts)
{
    sum->n_correct += counts->n_correct;
    sum->n_substitutions += counts->n_substitutions;
    sum->n_deletions += counts->n_deletions;
    sum->n_insertions += counts->n_insertions;
}

size_t eval_counts_words(const eval_counts *counts)
{
    return counts->n_correct + counts->n_substitutions + counts->n_deletions;
}

size_t eval_counts_errors(const eval_counts *counts)
{
    return counts->n_substitutions + counts->n_deletions + counts->n_insertions;
}
