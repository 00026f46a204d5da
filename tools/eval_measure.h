/* eval_measure.h - a corpus through the recogniser. SPDX-License-Identifier:
 * Apache-2.0
 */
#ifndef HEED_TOOLS_EVAL_MEASURE_H
#define HEED_TOOLS_EVAL_MEASURE_H

#include "tools/cmd_eval.h"
#include "tools/eval/corpus.h"
#include "tools/hearing.h"

typedef struct cli_eval_run {
    const char *corpus;
    eval_corpus_options corpus_options;
    cli_hearing hearing;   /* nothing is open */
    const char *attention; /* ids with commas between, or NULL: of these it
                              is kept where the decoder looked */
    const char *folder;    /* NULL: nothing is kept */
    bool resume;
    size_t n_jobs;
    size_t shard; /* from 0 on, of */
    size_t n_shards;
    int argc; /* the command, for the record */
    char **argv;
} cli_eval_run;

/* Hears the corpus, keeps what was heard, and reports. Tells what is wrong. */
cli_exit cli_eval_measure(const cli_eval_run *wanted,
                          const cli_eval_choices *choices,
                          cli_messages *messages);

/* Reports on runs that are there. They are called as the last part of `name`,
 * or if it is NULL, of their folders. */
cli_exit cli_eval_report_runs(char *const *folders, size_t n_folders,
                              const char *name, const cli_eval_choices *choices,
                              cli_messages *messages);

#endif /* HEED_TOOLS_EVAL_MEASURE_H */
