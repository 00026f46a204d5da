/* endpoint.h - where segments begin and end, from the CTC's letters.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A frame with a letter is speech; a pause is a run of frames without one.
 * Nothing else decides: no energy, no second model. */
#ifndef HEED_ASR_ENDPOINT_H
#define HEED_ASR_ENDPOINT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "asr/base/arena.h"

/* The labels of the current segment's frames. */
typedef struct heed_endpoint {
    size_t max_frames;
    size_t pause_frames; /* run of frames without a letter that ends it */
    size_t n_frames;
    size_t n_letters;   /* frames with a letter */
    size_t last_letter; /* its frame, if n_letters > 0 */
    uint8_t *is_letter; /* [max_frames] */
} heed_endpoint;

void heed_endpoint_init(heed_endpoint *endpoint, size_t max_frames,
                        size_t pause_frames, heed_arena *arena);

/* Takes whether the next frame has a letter; there must be room. Returns
 * true if speech has been heard and the pause after it is long enough. */
bool heed_endpoint_feed(heed_endpoint *endpoint, bool is_letter);

/* Returns how many frames from `first` on have a letter. */
size_t heed_endpoint_letters_from(const heed_endpoint *endpoint, size_t first);

/* Forgets the first `n_frames` frames. */
void heed_endpoint_drop(heed_endpoint *endpoint, size_t n_frames);

/* Returns a frame in the middle of the longest run without letters that
 * begins in [first, last), where a segment that got too long is best cut. */
size_t heed_endpoint_best_cut(const heed_endpoint *endpoint, size_t first,
                              size_t last);

#endif /* HEED_ASR_ENDPOINT_H */
