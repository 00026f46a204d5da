/* capture_queue.h - what the audio callback leaves for the recogniser.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The callback puts blocks of interleaved samples in, or counts them where
 * there is no room; the recogniser's thread takes them out as mono, each with
 * what was lost before it. So every sample that the device delivered is either
 * heard or counted, and at its place. */
#ifndef HEED_AUDIO_CAPTURE_QUEUE_H
#define HEED_AUDIO_CAPTURE_QUEUE_H
#include <stdbool.h>
#include <stddef.h>

#include "asr/heed.h"

typedef struct heed_capture_queue_config {
    size_t channels;     /* interleaved in what is put */
    size_t channel;      /* 0: the mean of all; else that one, from 1 */
    size_t room_samples; /* mono samples that can wait */
} heed_capture_queue_config;

typedef struct heed_capture_queue heed_capture_queue;

/* Creates it in `*out` (NULL on failure); release:
 * heed_capture_queue_destroy(). Returns HEED_OK; HEED_ERR_ARG if a number is
 * out of range; HEED_ERR_MEMORY. */
HEED_NODISCARD heed_status heed_capture_queue_create(
    heed_capture_queue **out, const heed_capture_queue_config *config);

/* Releases `queue`; NULL is allowed. */
void heed_capture_queue_destroy(heed_capture_queue *queue);

/* Puts `n_frames` samples of every channel in, or counts them as lost if there
 * is no room for all of them. `overflowed`: the device lost some before them.
 * `interleaved` may be NULL: they are lost. One thread, the callback's. Real
 * time: yes; neither allocates nor locks nor waits. */
void heed_capture_queue_put(heed_capture_queue *queue, const float *interleaved,
                            size_t n_frames, bool overflowed);

/* Takes the next block out: at most HEED_CAPTURE_BLOCK_SAMPLES mono samples,
 * the room at `mono`, of 24 bits: clipped to [-1, 1) and rounded to multiples
 * of 2^-23, so that FLAC keeps them as they are. Returns HEED_OK with `*block`
 * filled, or HEED_AGAIN if none waits. One thread, the reader's. */
HEED_NODISCARD heed_status heed_capture_queue_take(heed_capture_queue *queue,
                                                   float *mono,
                                                   heed_capture_block *block);

/* After the last put, from any thread that is ordered after it: fills a block
 * without samples with what was lost since the last one that was stored.
 * Returns HEED_OK, or HEED_END if nothing was. */
HEED_NODISCARD heed_status heed_capture_queue_drain(heed_capture_queue *queue,
                                                    heed_capture_block *block);

/* Returns how many blocks were put so far. Any thread. */
size_t heed_capture_queue_count(const heed_capture_queue *queue);

#endif /* HEED_AUDIO_CAPTURE_QUEUE_H */
