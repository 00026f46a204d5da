/* said.h - when the words of the reference were said.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef HEED_TOOLS_EVAL_SAID_H
#define HEED_TOOLS_EVAL_SAID_H

#include "tools/eval/hear.h"

/* Aligns the reference of `item`, read out as `spoken` does and without
 * accents, with what the model's CTC hears in the audio. The CTC listens with
 * the look-ahead of `file` whatever the run's options are, so that runs with
 * other options are measured by the same clock. Fills `said`, or `unsaid` with
 * the cause, the strings in `pool`; neither if the reference has no letters.
 * Returns false if it was stopped. Any thread. */
bool eval_said_find(const eval_hearing *hearing, eval_item *item,
                    eval_pool *pool);

#endif /* HEED_TOOLS_EVAL_SAID_H */
