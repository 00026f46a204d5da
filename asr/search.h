/* search.h - memory frames in, words out: one segment after the other.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Collects the encoder's frames of a segment. The CTC's letters say where
 * speech begins and where it pauses; a beam search over attention decoder, CTC
 * and language model says which tokens were spoken; the CTC alignment of their
 * spelling says when, and refuses words that the audio does not support. A
 * segment ends at a pause, or at the best place for a cut when it gets too
 * long. Words are handed to a transcript: all of a segment at its end, or
 * (incremental) each as soon as its frames are final; what a finished segment
 * rests on is told to who listens. A pure function of the
 * frames and of how they are grouped into chunks. */
#ifndef HEED_ASR_SEARCH_H
#define HEED_ASR_SEARCH_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "asr/base/arena.h"
#include "asr/beam.h"
#include "asr/ctc.h"
#include "asr/decoder.h"
#include "asr/endpoint.h"
#include "asr/evidence.h"
#include "asr/hotwords.h"
#include "asr/hypothesis.h"
#include "asr/tokenizer.h"
#include "asr/transcript.h"
#include "asr/voice.h"

/* Blueprint. */
typedef struct heed_search_config {
    size_t max_segment_frames;
    size_t max_chunk_frames; /* frames of one call that are new */
    size_t max_ahead_frames; /* copies alone */
    size_t pause_frames;     /* that end a segment */
    bool incremental;        /* commit words while the segment goes on; else
                                only while a long one does */
    heed_beam_config beam;
    float min_log_confidence; /* mean over the words of a text; one of less is
                                 noise */
    double frame_s;
    heed_evidence_config evidence; /* but max_tokens and max_frames */
} heed_search_config;

/* Read-only parts, borrowed. */
typedef struct heed_search_parts {
    const heed_decoder_weights *decoder;
    const heed_voice_weights *voice; /* or NULL: all is speech */
    const heed_tokenizer *tokenizer;
    const heed_kernels *kernels;
    const heed_lm *lm;             /* or NULL */
    const heed_hotwords *hotwords; /* or NULL */
} heed_search_parts;

/* Some frames, as encoder and CTC give them. N = n_again + n_main + n_ahead. */
typedef struct heed_search_chunk {
    const float *memory;    /* [N][width], for the decoder */
    const float *log_probs; /* [N][HEED_CTC_LABELS] */
    size_t n_again;         /* the last frames taken before, heard better now */
    size_t n_main;          /* new ones, to be taken */
    size_t n_ahead;         /* and, after them, provisional ones */
    bool is_end; /* the audio has ended: nobody waits for what a chunk tells,
                    heed_search_finish() tells it */
} heed_search_chunk;

/* Lives in its owner's arena. C = max_segment_frames + max_chunk_frames. */
typedef struct heed_search {
    heed_search_config config;
    heed_decoder decoder;
    heed_beam beam;
    heed_endpoint endpoint;
    heed_hypothesis hypothesis;
    heed_evidence evidence;
    const heed_hotwords *hotwords;   /* or NULL */
    heed_phrase_state phrases;       /* of the committed words */
    heed_transcript *transcript;     /* borrowed */
    const heed_voice_weights *voice; /* or NULL: all sounds are speech */
    size_t width;
    size_t capacity;      /* C */
    float *memory;        /* [C][width] of the segment, copies last */
    float *log_probs;     /* [C][HEED_CTC_LABELS] */
    float *log_odds;      /* [C] that a frame is speech, if there is `voice` */
    size_t n_rows;        /* frames of the segment that were taken */
    size_t n_ahead;       /* provisional rows after them */
    size_t n_set;         /* rows whose keys and values the decoder has */
    uint64_t first_frame; /* of row 0, since the stream began */
    size_t segment;       /* its number */
    size_t n_before;
    uint32_t *before;   /* [n_before] tokens of the last chunk's text */
    size_t n_committed; /* tokens */
    heed_prefix_score committed_letters; /* of those, over ... */
    bool heard_again;                    /* ... frames that are others by now */
    size_t committed_row; /* that the committed tokens' attention reached */
    size_t reached_row;   /* the same of the hypothesis */
    size_t n_given;       /* tokens, and what they reached, ... */
    size_t given_row;
    size_t n_given_words; /* ... and the words told, of n_committed when the
                             hypothesis was made */
} heed_search;

void heed_search_init(heed_search *search, const heed_search_config *config,
                      const heed_search_parts *parts,
                      heed_transcript *transcript, heed_arena *arena);

void heed_search_reset(heed_search *search);

/* Takes a chunk. Returns how many of its main frames were taken: all, or those
 * up to where a pause ended a segment. `*paused`: one has, and what follows is
 * to be encoded without what was before. */
HEED_NODISCARD size_t heed_search_feed(heed_search *search,
                                       const heed_search_chunk *chunk,
                                       bool *paused);

/* No more frames come: ends the segment. */
void heed_search_finish(heed_search *search);

#endif /* HEED_ASR_SEARCH_H */
