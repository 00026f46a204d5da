/* runner.h - many utterances at a time. SPDX-License-Identifier: Apache-2.0 */
#ifndef HEED_TOOLS_EVAL_RUNNER_H
#define HEED_TOOLS_EVAL_RUNNER_H

#include "tools/eval/hear.h"
#include "tools/eval/run.h"

typedef struct eval_runner {
    const eval_system *corpus;
    const bool *done; /* [corpus->n_items] those are left out */
    eval_hearing hearing;
    size_t n_jobs;
    eval_run *run;
    /* Called after each utterance, one at a time, on any thread; may be NULL.
     */
    void (*heard)(void *user, const eval_item *item);
    void *user;
} eval_runner;

/* Hears all utterances and adds them to the run; those with an error are added
 * as they are. Returns false if it was stopped or could not write. */
bool eval_runner_run(const eval_runner *runner);

#endif /* HEED_TOOLS_EVAL_RUNNER_H */
