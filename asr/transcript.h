/* transcript.h - the words of a stream, committed and tentative.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef HEED_ASR_TRANSCRIPT_H
#define HEED_ASR_TRANSCRIPT_H
#include <stdbool.h>
#include <stddef.h>

#include "asr/base/arena.h"
#include "asr/heed.h"

/* Words kept until they are taken, and the bytes of their texts. */
#define HEED_TRANSCRIPT_WORDS 1024
#define HEED_TRANSCRIPT_BYTES 32768

/* Bounded store of words. Lives in its owner's arena; pointers into it are
 * valid until it changes. */
typedef struct heed_transcript {
    heed_word *words; /* [HEED_TRANSCRIPT_WORDS] */
    char *bytes;      /* [HEED_TRANSCRIPT_BYTES] */
    size_t n_words;
    size_t n_committed;
    size_t n_bytes;           /* used by all words */
    size_t n_committed_bytes; /* used by committed words, at the front */
    unsigned long revision;
} heed_transcript;

void heed_transcript_init(heed_transcript *transcript, heed_arena *arena);

void heed_transcript_reset(heed_transcript *transcript);

/* Returns whether `n_words` more words of ordinary length find room. */
bool heed_transcript_has_room(const heed_transcript *transcript,
                              size_t n_words);

/* Forgets all tentative words. */
void heed_transcript_drop_tentative(heed_transcript *transcript);

/* Adds `word`, whose text is the `length` bytes at `text` (copied; word->text
 * is ignored). A committed word may only follow committed ones. Returns false
 * if there is no room; a tentative word may then be left out. */
bool heed_transcript_add(heed_transcript *transcript, const heed_word *word,
                         const char *text, size_t length);

/* Forgets the first `n_words` committed words (at most all of them). */
void heed_transcript_take(heed_transcript *transcript, size_t n_words);

#endif /* HEED_ASR_TRANSCRIPT_H */
