/* ring.h - a queue between two threads without a lock.
 * SPDX-License-Identifier: Apache-2.0
 *
 * One thread writes, one other thread reads; neither ever waits for the other.
 * Made for the audio callback, which may neither lock nor allocate. */
#ifndef HEED_AUDIO_RING_H
#define HEED_AUDIO_RING_H
#include <stddef.h>

#include "asr/base/status.h"

/* A bounded first-in, first-out queue of items of one size. */
typedef struct heed_ring heed_ring;

/* Creates it in `*out` (NULL on failure) with room for at least `n_items` of
 * `item_bytes` each; release: heed_ring_destroy(). Returns HEED_OK;
 * HEED_ERR_ARG if a number is 0 or too big; HEED_ERR_MEMORY. */
HEED_NODISCARD heed_status heed_ring_create(heed_ring **out, size_t item_bytes,
                                            size_t n_items);

/* Releases `ring`; NULL is allowed. No thread may use it any more. */
void heed_ring_destroy(heed_ring *ring);

/* Returns how many items there is room for: at least so many until the writer
 * writes. Writer's thread; real time: yes. */
size_t heed_ring_writable(const heed_ring *ring);

/* Copies as many of the `n_items` items as there is room for and returns how
 * many. Writer's thread; real time: yes. */
size_t heed_ring_write(heed_ring *ring, const void *items, size_t n_items);

/* Returns how many items wait: at least so many until the reader reads.
 * Reader's thread; real time: yes. */
size_t heed_ring_readable(const heed_ring *ring);

/* Copies at most `n_items` items out and returns how many. Reader's thread;
 * real time: yes. */
size_t heed_ring_read(heed_ring *ring, void *items, size_t n_items);

#endif /* HEED_AUDIO_RING_H */
