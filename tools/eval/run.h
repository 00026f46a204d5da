/* run.h - what a run keeps on disk. SPDX-License-Identifier: Apache-2.0
 *
 * A run is a folder. run.json says how it was made; each utterance adds a line
 * to utterances.jsonl and one to timing.jsonl as soon as it is heard, and when
 * all are there both are put in the order of the corpus. So utterances.jsonl
 * is the same to the byte however many threads, shards or attempts made it. */
#ifndef HEED_TOOLS_EVAL_RUN_H
#define HEED_TOOLS_EVAL_RUN_H

#include "tools/eval/item.h"
#include "tools/eval/lines.h"

#include <json-c/json.h>

/* Of what a run keeps; 1 had no words of the reference with times. */
#define EVAL_RUN_VERSION 2

typedef struct eval_run {
    const char *folder;
    struct json_object *info; /* of run.json; owned */
    const heed_log *log;
    FILE *utterances; /* being written, or NULL */
    FILE *timing;
} eval_run;

/* Begins a run in a folder that is made if it is not there. `info` is taken
 * over. With `resume` a run that is there goes on: done[i] becomes true for
 * the indices, below `n_done`, that it has; its info must agree in what
 * decides the result. Says why it cannot and returns false. Release in every
 * case: eval_run_deinit(). */
bool eval_run_begin(eval_run *run, const char *folder, struct json_object *info,
                    bool resume, bool *done, size_t n_done,
                    const heed_log *log);

/* Adds an utterance: it is in the file when this returns. One thread at a
 * time. Says why it cannot and returns false. */
bool eval_run_add(eval_run *run, const eval_item *item);

/* Puts everything in order and writes run.json, complete. */
bool eval_run_finish(eval_run *run);

/* Writes run.json as it is now. */
bool eval_run_save_info(eval_run *run);

void eval_run_deinit(eval_run *run);

/* Reads a complete run into `system`, initialised. Says what is wrong and
 * returns false. `*info` is released by json_object_put(). */
bool eval_run_load(eval_system *system, struct json_object **info,
                   const char *folder, const heed_log *log);

/* Makes one run of several parts, which must be of the same corpus, model and
 * options and have each utterance once. */
bool eval_run_merge(const char *folder, const char *const *parts,
                    size_t n_parts, const heed_log *log);

/* The parts of these functions, in run_lines.c: the lines of a file, by their
 * index. */
typedef struct eval_run_line {
    size_t index;
    const char *text;
} eval_run_line;
typedef struct eval_run_lines {
    eval_run_line *lines; /* [n] */
    size_t n;
    size_t capacity;
    eval_pool pool;
} eval_run_lines;

/* Adds the lines of folder/name. With `torn` a last line that was not finished
 * is cut off first. */
bool eval_run_lines_read(eval_run_lines *lines, const char *folder,
                         const char *name, bool torn, const heed_log *log);
void eval_run_lines_sort(eval_run_lines *lines);
bool eval_run_lines_write(const eval_run_lines *lines, const char *folder,
                          const char *name, const heed_log *log);
void eval_run_lines_deinit(eval_run_lines *lines);

bool eval_run_file_exists(const char *folder, const char *name);

/* Parts in run_merge.c: run.json of a folder, or NULL and why; the first
 * member, of those that decide the result, in which two differ, or NULL;
 * whether they agree in one. */
struct json_object *eval_run_info_read(const char *folder, const heed_log *log);
const char *eval_run_info_difference(struct json_object *a,
                                     struct json_object *b);
bool eval_run_info_agree(struct json_object *a, struct json_object *b,
                         const char *member);

/* The files in the folder of a run. */
#define EVAL_RUN_INFO       "run.json"
#define EVAL_RUN_UTTERANCES "utterances.jsonl"
#define EVAL_RUN_TIMING     "timing.jsonl"

/* Writes folder/name under another name first. */
bool eval_run_file_write(const char *folder, const char *name, const char *text,
                         size_t n_bytes, const heed_log *log);

#endif /* HEED_TOOLS_EVAL_RUN_H */
