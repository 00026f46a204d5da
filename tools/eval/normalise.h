/* normalise.h - which differences of writing do not count.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Every normalisation has a name and a version; the version grows whenever
 * the result for any text changes, so that a number says how it was made. The
 * rules of each are in tools/eval/NORMALISATION.md. */
#ifndef HEED_TOOLS_EVAL_NORMALISE_H
#define HEED_TOOLS_EVAL_NORMALISE_H

#include "tools/eval/lines.h"
#include "tools/eval/table.h"

typedef struct eval_normalisation {
    const char *name;
    unsigned version;
    const char *summary;
    /* Writes words with one blank between; `bytes` is UTF-8. */
    void (*apply)(const char *bytes, size_t n_bytes, eval_text *out);
} eval_normalisation;

/* All there are, ended by a NULL name. */
extern const eval_normalisation eval_normalisations[];

/* Returns the one called `name`, whatever version it asks for, or NULL. */
const eval_normalisation *eval_normalisation_find(const char *name);

/* A normalisation with the user's rules after it. */
typedef struct eval_normaliser {
    const eval_normalisation *base;
    const char *rules_path; /* NULL: there are none; borrowed */
    eval_table from;        /* left sides, normalised */
    const char **to;        /* [from.n] right sides, normalised */
    size_t to_capacity;
    size_t max_words; /* of a left side */
    eval_pool pool;
} eval_normaliser;

/* Finds `name`, as "english" or "english@1", and reads the rules in the file
 * `rules_path`, unless it is NULL. Says what is wrong and returns false.
 * Release in every case: eval_normaliser_deinit(). */
bool eval_normaliser_init(eval_normaliser *normaliser, const char *name,
                          const char *rules_path, const heed_log *log);
/* Adds the rules of an open file, which is closed. Says what is wrong and
 * returns false. */
bool eval_normaliser_read_rules(eval_normaliser *normaliser, eval_lines *lines);

void eval_normaliser_deinit(eval_normaliser *normaliser);

/* Writes the normalised `bytes` to the end of `out`. `normaliser` is an
 * eval_normaliser: the type is that of eval_writing. Any thread. */
void eval_normalise(const void *normaliser, const char *bytes, size_t n_bytes,
                    eval_text *out);

/* The parts of the larger normalisations. */
void eval_english_speak(const char *bytes, size_t n_bytes, eval_text *out);
void eval_english_apply(const char *bytes, size_t n_bytes, eval_text *out);

/* `bytes` with the accents of Latin letters taken off. */
void eval_accents_fold(const char *bytes, size_t n_bytes, eval_text *out);

/* The usual way to write the `n_bytes` of a word in capitals, or NULL if that
 * is it. The result lives until the next call on this thread's `room`. */
const char *eval_spelling_find(const char *word, size_t n_bytes,
                               eval_text *room);

#endif /* HEED_TOOLS_EVAL_NORMALISE_H */
