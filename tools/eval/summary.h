/* summary.h - the figures of one system. SPDX-License-Identifier: Apache-2.0 */
#ifndef HEED_TOOLS_EVAL_SUMMARY_H
#define HEED_TOOLS_EVAL_SUMMARY_H

#include "tools/eval/score.h"

/* Some items together. */
typedef struct eval_sum {
    size_t n_items; /* that were scored */
    size_t n_wrong; /* of those, with at least one error */
    eval_counts counts;
    eval_counts characters;
    size_t oracle_errors;
    double duration_s; /* of those with a known one */
    double compute_s;
} eval_sum;

/* Rates; 0 of 0 is 0, errors of 0 words count as 1 each. */
double eval_sum_wer(const eval_sum *sum);
double eval_sum_cer(const eval_sum *sum);
double eval_sum_ser(const eval_sum *sum);
double eval_sum_oracle_wer(const eval_sum *sum);
double eval_rate(size_t n_errors, size_t n_words);

void eval_sum_add(eval_sum *sum, const eval_item *item);

typedef struct eval_row {
    const char *name; /* lives as long as the summary or the system */
    eval_sum sum;
} eval_row;

typedef struct eval_rows {
    eval_row *rows; /* [n] */
    size_t n;
} eval_rows;

/* A mistake and how often it was made. */
typedef struct eval_mistake {
    uint32_t reference;  /* EVAL_WORD_NONE: inserted */
    uint32_t hypothesis; /* EVAL_WORD_NONE: deleted */
    size_t n;
} eval_mistake;

typedef struct eval_mistakes {
    eval_mistake *list; /* [n] the most frequent first */
    size_t n;
} eval_mistakes;

typedef struct eval_interval {
    double low;
    double high;
} eval_interval;

/* How sure it was, and how often that was right. */
#define EVAL_N_BINS 10
typedef struct eval_calibration {
    struct {
        size_t n_words;
        size_t n_correct;
        double confidence; /* the sum */
    } bins[EVAL_N_BINS];
    size_t n_words;
    double expected_error; /* mean distance of confidence from correctness */
} eval_calibration;

/* Seconds from the end of a word of the reference, by alignment, to the
 * commitment of the word that was heard right for it, sorted. */
typedef struct eval_delays {
    double *seconds; /* [n] */
    size_t n;
} eval_delays;

/* The one that a share of them does not exceed; 0 if there is none. */
double eval_delays_quantile(const eval_delays *delays, double share);

typedef struct eval_summary {
    const eval_system *system;
    const eval_scorer *scorer;
    eval_sum total;
    eval_rows groups;   /* by name */
    eval_rows speakers; /* the worst first */
    eval_rows lengths;  /* by words of the reference */
    eval_mistakes substitutions;
    eval_mistakes deletions;
    eval_mistakes insertions;
    eval_interval by_item; /* 95 % bootstrap intervals of the WER */
    eval_interval by_speaker;
    size_t n_rounds; /* of the bootstrap */
    eval_calibration calibration;
    size_t n_heard;           /* words of the items with delays */
    eval_delays audio_delays; /* on the clock of the audio */
    eval_delays delays;       /* with the time for computing */
    eval_delays first_delays; /* of the first word heard of each item */
    size_t silent_words;      /* heard where the reference is empty */
    double silent_s;          /* audio of those */
    size_t n_problems[EVAL_N_PROBLEMS];
} eval_summary;

/* Sums up a scored system, which must outlive the summary. */
void eval_summary_init(eval_summary *summary, const eval_system *system,
                       const eval_scorer *scorer, size_t n_rounds);
void eval_summary_deinit(eval_summary *summary);

/* Items that are in the corpus but in no figure. */
size_t eval_summary_unscored(const eval_summary *summary);

#endif /* HEED_TOOLS_EVAL_SUMMARY_H */
