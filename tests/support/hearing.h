/* hearing.h - what a stream makes of samples, for comparing.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef HEED_TESTS_SUPPORT_HEARING_H
#define HEED_TESTS_SUPPORT_HEARING_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "asr/heed.h"

enum { HEARD_WORDS = 4096, HEARD_BYTES = 128 };

typedef struct heard_word {
    char text[HEARD_BYTES];
    double start_s, end_s;
    float confidence;
    size_t segment;
} heard_word;

/* Committed words, taken out of a stream. */
typedef struct heard {
    size_t n_words;
    heard_word words[HEARD_WORDS];
} heard;

/* How samples are cut: this many at a time. */
enum { HEARD_WHOLE = 0, HEARD_RANDOM = -1 };

/* Takes all committed words out of the stream and adds them. */
void heard_take(heard *to, heed_stream *stream);

/* Feeds `count` samples at `rate_hz` in pieces of `piece` samples, taking the
 * words after each. Fails the test if the stream refuses. */
void heard_feed(heard *to, heed_stream *stream, unsigned rate_hz,
                const float *samples, size_t count, int piece);

/* Creates a stream, feeds all, finishes; `*out` is what was heard. */
void heard_all(heard *out, const heed_model *model,
               const heed_stream_config *config, const float *samples,
               size_t count, int piece);

/* Returns whether words, times, confidences and segments are the same bits;
 * prints the first difference. */
bool heard_same(const heard *a, const heard *b);

/* Returns whether times never go backwards and lie within `seconds`,
 * confidences within 0-1, segments never go backwards, no text is empty. */
bool heard_in_order(const heard *words, double seconds);

/* Returns the word errors (substitutions, deletions, insertions) against
 * `text`, without regard to case and punctuation. */
size_t heard_errors(const heard *words, const char *text);

#endif /* HEED_TESTS_SUPPORT_HEARING_H */
