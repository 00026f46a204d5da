/* hear.h - what the recogniser makes of one utterance.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef HEED_TOOLS_EVAL_HEAR_H
#define HEED_TOOLS_EVAL_HEAR_H

#include "tools/eval/item.h"

#include "asr/heed.h"

#include <stdatomic.h>

typedef struct eval_hearing {
    const heed_model *model;
    heed_stream_config config;   /* its rate and what it is asked to tell are
                                    set for each utterance */
    const eval_table *attention; /* ids of those whose attention is kept */
    const atomic_bool *stop;     /* give up when it becomes true */
} eval_hearing;

/* Hears the audio of `item`: fills hypothesis, words, times and error, then,
 * without either clock, when the reference's words were said; the strings in
 * `pool`. Two clocks run: that of the audio, 20 ms at a time, and
 * that of somebody who listens while it is recorded on a machine as busy as
 * the processor was. Returns false if it was stopped. Any thread. */
bool eval_hear(const eval_hearing *hearing, eval_item *item, eval_pool *pool);

#endif /* HEED_TOOLS_EVAL_HEAR_H */
