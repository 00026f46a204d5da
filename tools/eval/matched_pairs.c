/* matched_pairs.c - the matched-pairs sentence-segment word error test.
 * SPDX-License-Identifier: Apache-2.0
 *
 * An utterance is cut where both systems have at least two words right in a
 * row; what lies between is a segment, whose errors do not depend on those of
 * others. Over the n segments with errors, d = errors of the second less those
 * of the first has mean m and standard deviation s; z = m / (s / sqrt(n)) is
 * nearly normal if the systems err equally often. */
#include "tools/eval/bootstrap.h"

#include <math.h>
#include <stdlib.h>

#define MIN_GOOD 2

/* Errors at each word of the reference; those between two words, which are
 * insertions, belong to the gap before the second. */
typedef struct profile {
    size_t *at_word; /* [n_words] 0 or 1 */
    size_t *in_gap;  /* [n_words + 1] */
    size_t n_words;
} profile;

static void profile_init(profile *p, const eval_alignment *alignment)
{
    size_t n = 0;

    for (size_t i = 0; i < alignment->n_steps; i++)
        n += alignment->steps[i].edit != EVAL_INSERTION ? 1 : 0;
    *p = (profile){eval_calloc(n, sizeof *p->at_word),
                   eval_calloc(n + 1, sizeof *p->in_gap), n};
    n = 0;
    for (size_t i = 0; i < alignment->n_steps; i++) {
        const eval_edit edit = alignment->steps[i].edit;

        if (edit == EVAL_INSERTION)
            p->in_gap[n]++;
        else
            p->at_word[n++] = edit != EVAL_CORRECT ? 1 : 0;
    }
}

static void profile_deinit(profile *p)
{
    free(p->at_word);
    free(p->in_gap);
}

static size_t sum_of(const profile *p)
{
    size_t n = 0;

    for (size_t i = 0; i < p->n_words; i++)
        n += p->at_word[i] + p->in_gap[i];
    return n + p->in_gap[p->n_words];
}

static void add(eval_differences *out, size_t first, size_t second)
{
    if (first == 0 && second == 0)
        return;
    out->list = eval_grow(out->list, out->n, &out->capacity, sizeof *out->list);
    out->list[out->n++] = (double)second - (double)first;
}

/* Both have as many words: goes through them side by side. */
static void cut(eval_differences *out, const profile *a, const profile *b)
{
    size_t errors[2] = {0, 0};
    size_t n_good = 0;

    for (size_t i = 0; i <= a->n_words; i++) {
        if (a->in_gap[i] + b->in_gap[i] > 0)
            n_good = 0;
        errors[0] += a->in_gap[i];
        errors[1] += b->in_gap[i];
        if (i == a->n_words)
            break;
        n_good = a->at_word[i] + b->at_word[i] > 0 ? 0 : n_good + 1;
        errors[0] += a->at_word[i];
        errors[1] += b->at_word[i];
        if (n_good == MIN_GOOD) {
            add(out, errors[0], errors[1]);
            errors[0] = errors[1] = 0;
        }
    }
    add(out, errors[0], errors[1]);
}

void eval_segments_find(eval_differences *out, const eval_alignment *first,
                        const eval_alignment *second)
{
    profile a;
    profile b;

    profile_init(&a, first);
    profile_init(&b, second);
    /* Other alternatives of the reference were chosen: all is one segment. */
    if (a.n_words != b.n_words)
        add(out, sum_of(&a), sum_of(&b));
    else
        cut(out, &a, &b);
    profile_deinit(&a);
    profile_deinit(&b);
}

void eval_matched_pairs(eval_comparison *out, const eval_differences *all)
{
    double mean = 0.0;
    double squares = 0.0;

    out->n_segments = all->n;
    out->p = 1.0;
    for (size_t i = 0; i < all->n; i++)
        mean += all->list[i] / (double)all->n;
    for (size_t i = 0; i < all->n; i++)
        squares += (all->list[i] - mean) * (all->list[i] - mean);
    if (all->n < 2 || !(squares > 0.0))
        return;
    out->z = mean / sqrt(squares / (double)(all->n - 1) / (double)all->n);
    out->p = erfc(fabs(out->z) / sqrt(2.0));
}
