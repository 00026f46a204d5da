/* item.h - what one system made of one corpus. SPDX-License-Identifier:
 * Apache-2.0
 *
 *   item     one utterance: its reference, what was heard, and the scores.
 *   system   all items of one corpus, in its order, and what went wrong.
 *   speaker  whose items may be alike; what the bootstrap draws.
 *   group    a part of the corpus that is scored by itself, too. */
#ifndef HEED_TOOLS_EVAL_ITEM_H
#define HEED_TOOLS_EVAL_ITEM_H

#include "tools/eval/align.h"

#include <stdbool.h>

/* A time or a figure that is not known. */
#define EVAL_UNKNOWN (-1.0)

/* A word as it was heard. */
typedef struct eval_word {
    const char *text;
    double start_s; /* in the recording */
    double end_s;
    double confidence;  /* 0-1 */
    double committed_s; /* audio fed when it became certain */
    double waited_s;    /* from `end_s` to then, computing included */
    double said_s;      /* when the word of the reference that it is was over,
                           by alignment; filled by eval_score() */
} eval_word;

/* A word of the reference as it is read out, and when that was. */
typedef struct eval_said {
    const char *text;
    double start_s; /* in the recording */
    double end_s;
} eval_said;

/* The texts that were compared for one segment, the hypothesis's first. */
typedef struct eval_choice {
    const char **texts; /* [n_texts] */
    size_t n_texts;
} eval_choice;

/* Where the decoder looked, and what the CTC spelt. */
typedef struct eval_attention {
    double frame_s;
    const char **tokens; /* [n_tokens] */
    size_t n_tokens;
    size_t n_frames;
    float *weights; /* [n_tokens][n_frames] 0-1 */
    struct eval_spike {
        size_t frame;
        const char *letter;
    } * spikes; /* [n_spikes] */
    size_t n_spikes;
} eval_attention;

typedef struct eval_item {
    const char *id;
    const char *speaker; /* "" if not told */
    const char *group;   /* "" if not told */
    const char *audio;   /* as the corpus names it; NULL when only scoring */
    const char *path;    /* of the audio, to be opened, or */
    bool is_command;     /* a command with `|` at its end, which writes it */
    double start_s;      /* part of the audio, or EVAL_UNKNOWN */
    double end_s;
    unsigned channel; /* from 1 on; 0: the mean of all */
    size_t index;     /* in the corpus */
    const char *reference;
    const char *hypothesis; /* NULL: there is none */
    bool alternatives;      /* the texts may have `{ a / b }` */
    eval_word *words;       /* [n_words] of the hypothesis, or NULL */
    size_t n_words;
    eval_choice *nbest; /* [n_nbest] each segment's texts, in their order */
    size_t n_nbest;
    eval_said *said; /* [n_said] the reference's, or NULL */
    size_t n_said;
    const char *unsaid; /* why they are not known; NULL if they are, or were
                           not asked for */
    const eval_attention *attention; /* NULL: not asked for */
    double duration_s;               /* of the audio heard */
    double compute_s;                /* it took */
    const char *error; /* why it is not, or only partly, heard; or NULL */

    /* Filled by eval_score(). */
    bool scored;
    eval_alignment alignment;
    eval_counts counts;       /* of words */
    eval_counts characters;   /* of characters */
    size_t oracle_errors;     /* with the best text of each of `nbest` */
    const uint32_t *heard_as; /* [arcs] the one of `words` an arc is of */
    size_t n_arcs;            /* of the hypothesis's graph */
} eval_item;

typedef enum eval_problem_kind {
    EVAL_PROBLEM_DUPLICATE, /* a second utterance of the same id */
    EVAL_PROBLEM_MISSING,   /* the audio is not there */
    EVAL_PROBLEM_EMPTY,     /* the reference has no word; scored */
    EVAL_PROBLEM_DECODE,    /* the audio could not be heard to its end */
    EVAL_PROBLEM_UNHEARD,   /* there is no hypothesis; scored as deletions */
    EVAL_PROBLEM_EXTRA,     /* a hypothesis without a reference */
    EVAL_PROBLEM_LONG,      /* too long to be aligned */
    EVAL_PROBLEM_UNSAID,    /* when its words were said is not known */
    EVAL_N_PROBLEMS
} eval_problem_kind;

typedef struct eval_problem {
    eval_problem_kind kind;
    const char *id;
    const char *detail;
} eval_problem;

typedef struct eval_system {
    const char *name; /* for headings; borrowed */
    eval_item *items; /* [n_items] */
    size_t n_items;
    size_t capacity;
    eval_problem *problems; /* [n_problems] */
    size_t n_problems;
    size_t problems_capacity;
    eval_table ids; /* ids.strings[i] is items[i].id */
    eval_pool pool; /* owns all strings and lists of items */
} eval_system;

void eval_system_init(eval_system *system, const char *name);
void eval_system_deinit(eval_system *system);

/* Adds an item of that id, all else unknown; NULL if there is one, which is a
 * problem told at `detail`. The item moves when another one is added. */
eval_item *eval_system_add(eval_system *system, const char *id,
                           const char *detail);

/* The item of that id, or NULL. */
eval_item *eval_system_find(const eval_system *system, const char *id);

void eval_system_note(eval_system *system, eval_problem_kind kind,
                      const char *id, const char *detail);

/* A few words for a kind, as in reports, and its name in JSON. */
const char *eval_problem_text(eval_problem_kind kind);
const char *eval_problem_name(eval_problem_kind kind);

/* Whether a problem of this kind makes the result incomplete. */
bool eval_problem_is_failure(eval_problem_kind kind);

#endif /* HEED_TOOLS_EVAL_ITEM_H */
