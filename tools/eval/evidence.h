/* evidence.h - what else the recogniser tells of an utterance.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef HEED_TOOLS_EVAL_EVIDENCE_H
#define HEED_TOOLS_EVAL_EVIDENCE_H

#include "tools/eval/item.h"

#include "asr/heed.h"

/* The segments of one utterance, as they finish. */
typedef struct eval_evidence {
    eval_pool *pool; /* for all that is kept */
    bool with_nbest;
    bool with_attention;
    eval_choice *nbest; /* [n_nbest] */
    size_t n_nbest;
    size_t nbest_capacity;
    struct eval_evidence_row *rows; /* [n_rows] tokens and where they looked */
    size_t n_rows;
    size_t rows_capacity;
    struct eval_spike *spikes; /* [n_spikes] */
    size_t n_spikes;
    size_t spikes_capacity;
    size_t n_frames; /* up to the end of the last segment */
    double frame_s;
} eval_evidence;

/* Begins with nothing; release: eval_evidence_deinit(). */
void eval_evidence_init(eval_evidence *evidence, eval_pool *pool,
                        bool with_nbest, bool with_attention);
void eval_evidence_deinit(eval_evidence *evidence);

/* Notes a segment; `evidence` is an eval_evidence: the type is that of
 * heed_stream_config.segment_ended. */
void eval_evidence_note(void *evidence, const heed_segment *segment);

/* Gives all of it to `item`. */
void eval_evidence_settle(eval_evidence *evidence, eval_item *item);

#endif /* HEED_TOOLS_EVAL_EVIDENCE_H */
