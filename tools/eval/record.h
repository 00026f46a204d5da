/* record.h - one utterance as a line of JSON. SPDX-License-Identifier:
 * Apache-2.0
 *
 * A run keeps two lines for each utterance. What follows from the model, the
 * options and the corpus goes to utterances.jsonl, which is the same on every
 * machine; how long it took goes to timing.jsonl:
 *
 *   {"index":0,"id":"a","speaker":"s","group":"","audio":"a.wav",
 *    "start_s":null,"end_s":null,"reference":"A","hypothesis":"a.",
 *    "duration_s":1.500,"words":[{"text":"a.","start_s":0.100,"end_s":0.400,
 *    "confidence":0.9000,"committed_s":1.200}],"nbest":[["a.","uh."]],
 *    "said":[{"text":"A","start_s":0.120,"end_s":0.360}],"error":null}
 *   {"index":0,"compute_s":0.0300,"waited_s":[0.8100]}
 *
 * `nbest` has a list for each segment, of the texts that were compared for it,
 * the hypothesis's first; it is empty unless it was asked for. `said` are the
 * words of the reference as they are read out, by forced alignment; where that
 * failed there is `unsaid`, a string, instead. An utterance may have one more
 * member, `attention`, for the picture of where the decoder looked:
 * {"frame_s":0.024,"tokens":["a","."],"frames":50,
 * "weights":[[...],[...]],"spikes":[{"frame":7,"letter":"A"}]}, a row of
 * weights for each token. */
#ifndef HEED_TOOLS_EVAL_RECORD_H
#define HEED_TOOLS_EVAL_RECORD_H

#include "tools/eval/item.h"
#include "tools/eval/lines.h"

/* Each writes one line, with its end. */
void eval_record_write(const eval_item *item, eval_text *out);
void eval_timing_write(const eval_item *item, eval_text *out);

/* Each reads the line at hand. The first adds an item, the second adds what it
 * says to the item of that index, if there is one. Says what is wrong and
 * returns false. */
bool eval_record_read(eval_system *system, eval_lines *lines);
bool eval_timing_read(eval_system *system, eval_lines *lines);

/* The member `attention` of an object, if there is one; in
 * record_attention.c. Returns false if it is malformed. */
struct json_object;
bool eval_attention_read(eval_pool *pool, eval_item *item,
                         struct json_object *object);
void eval_attention_write(const eval_item *item, struct json_object *object);

/* Larger pictures are not kept. */
#define EVAL_ATTENTION_MAX_TOKENS  1000
#define EVAL_ATTENTION_MAX_FRAMES  20000
#define EVAL_ATTENTION_MAX_WEIGHTS 2000000

/* The index of a line of either kind, without reading the rest. */
bool eval_record_index(const char *line, size_t *index);

#endif /* HEED_TOOLS_EVAL_RECORD_H */
