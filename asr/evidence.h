/* evidence.h - what a finished segment's text rests on.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Collects a segment's committed words and tokens while they are committed,
 * then the other texts that were compared, and tells its listener of all. */
#ifndef HEED_ASR_EVIDENCE_H
#define HEED_ASR_EVIDENCE_H
#include <stdbool.h>
#include <stddef.h>

#include "asr/base/arena.h"
#include "asr/beam.h"
#include "asr/heed.h"
#include "asr/tokenizer.h"

/* Blueprint. */
typedef struct heed_evidence_config {
    void (*listener)(void *user, const heed_segment *segment); /* or NULL */
    void *user;
    size_t n_alternatives; /* 1 to HEED_MAX_BEAM */
    bool with_details;
    size_t max_tokens; /* of a text */
    size_t max_frames; /* of a segment */
} heed_evidence_config;

/* Lives in its owner's arena. A = n_alternatives, W = max_tokens, M =
 * max_frames; nothing is kept where nobody listens. */
typedef struct heed_evidence {
    heed_evidence_config config;
    heed_alternative alternatives[HEED_MAX_BEAM]; /* 0: the committed text */
    size_t n_alternatives;
    size_t n_bytes;      /* used by the last alternative */
    heed_word *words;    /* [A][W] */
    char *bytes;         /* [A][bytes of a text] theirs */
    size_t *token_words; /* [W] word of each committed token */
    heed_token *tokens;  /* [W] */
    float *attention;    /* [W][M], rows as long as there are frames */
    heed_spike *spikes;  /* [M] */
} heed_evidence;

void heed_evidence_init(heed_evidence *evidence,
                        const heed_evidence_config *config, heed_arena *arena);

/* A new text begins: forgets everything. */
void heed_evidence_reset(heed_evidence *evidence);

/* Returns whether there is somebody to tell something: a word. */
bool heed_evidence_is_wanted(const heed_evidence *evidence);

/* Appends a word to the last alternative, the committed text at first. What
 * finds no room is left out. */
void heed_evidence_add(heed_evidence *evidence, const heed_word *word,
                       const char *text, size_t length);

/* Says that the committed tokens [first, first + n_tokens) make the committed
 * word added last, or (not `heard`) one that was refused. */
void heed_evidence_map(heed_evidence *evidence, size_t first, size_t n_tokens,
                       bool heard);

/* Begins an alternative of the first `n_shared` committed words. */
void heed_evidence_begin(heed_evidence *evidence, size_t n_shared);

/* Forgets the last alternative if an earlier one has the same words. */
void heed_evidence_end(heed_evidence *evidence);

/* Fills the details of `segment`, whose frames are set, but the attention,
 * which the caller has put in its place. Shapes: tokens, log_probs [n_tokens],
 * posteriors [n_frames][HEED_CTC_LABELS]. */
void heed_evidence_detail(heed_evidence *evidence, heed_segment *segment,
                          const heed_tokenizer *tokenizer,
                          const uint32_t *tokens, const float *log_probs,
                          size_t n_tokens, const float *posteriors);

/* Gives `segment`, all but its alternatives set, to the listener. */
void heed_evidence_tell(heed_evidence *evidence, heed_segment *segment);

#endif /* HEED_ASR_EVIDENCE_H */
