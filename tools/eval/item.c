/* item.c - what one system made of one corpus. SPDX-License-Identifier:
 * Apache-2.0
 */
#include "tools/eval/item.h"

#include <stdlib.h>
#include <string.h>

void eval_system_init(eval_system *system, const char *name)
{
    *system = (eval_system){.name = name};
}

void eval_system_deinit(eval_system *system)
{
    for (size_t i = 0; i < system->n_items; i++)
        eval_alignment_deinit(&system->items[i].alignment);
    free(system->items);
    free(system->problems);
    eval_table_deinit(&system->ids);
    eval_pool_deinit(&system->pool);
    *system = (eval_system){0};
}

eval_item *eval_system_add(eval_system *system, const char *id,
                           const char *detail)
{
    const size_t n = system->n_items;

    if (eval_table_add(&system->ids, id, strlen(id)) != n) {
        eval_system_note(system, EVAL_PROBLEM_DUPLICATE, id, detail);
        return NULL;
    }
    system->items =
        eval_grow(system->items, n, &system->capacity, sizeof *system->items);
    system->items[n] = (eval_item){.id = system->ids.strings[n],
                                   .speaker = "",
                                   .group = "",
                                   .index = n,
                                   .start_s = EVAL_UNKNOWN,
                                   .end_s = EVAL_UNKNOWN,
                                   .reference = "",
                                   .duration_s = EVAL_UNKNOWN,
                                   .compute_s = EVAL_UNKNOWN};
    system->n_items++;
    return &system->items[n];
}

eval_item *eval_system_find(const eval_system *system, const char *id)
{
    const uint32_t i = eval_table_find(&system->ids, id, strlen(id));

    return i != EVAL_TABLE_NONE ? &system->items[i] : NULL;
}

void eval_system_note(eval_system *system, eval_problem_kind kind,
                      const char *id, const char *detail)
{
    const size_t n = system->n_problems;

    system->problems =
        eval_grow(system->problems, n, &system->problems_capacity,
                  sizeof *system->problems);
    system->problems[n] =
        (eval_problem){kind, eval_pool_string(&system->pool, id),
                       eval_pool_string(&system->pool, detail)};
    system->n_problems++;
}

static const struct {
    const char *name;
    const char *text;
    bool is_failure;
} kinds[EVAL_N_PROBLEMS] = {
    [EVAL_PROBLEM_DUPLICATE] = {"duplicate", "id used before, left out", true},
    [EVAL_PROBLEM_MISSING] = {"missing", "audio is missing, not scored", true},
    [EVAL_PROBLEM_EMPTY] = {"empty", "empty reference, scored", false},
    [EVAL_PROBLEM_DECODE] = {"undecodable", "audio is damaged, not scored",
                             true},
    [EVAL_PROBLEM_UNHEARD] = {"unheard", "no hypothesis, scored as deletions",
                              true},
    [EVAL_PROBLEM_EXTRA] = {"extra", "no reference, not scored", true},
    [EVAL_PROBLEM_LONG] = {"long", "too long to be aligned, not scored", true},
    [EVAL_PROBLEM_UNSAID] = {"unsaid",
                             "letters do not fit the audio, in no delay",
                             false},
};

const char *eval_problem_text(eval_problem_kind kind)
{
    return kinds[kind].text;
}

const char *eval_problem_name(eval_problem_kind kind)
{
    return kinds[kind].name;
}

bool eval_problem_is_failure(eval_problem_kind kind)
{
    return kinds[kind].is_failure;
}
