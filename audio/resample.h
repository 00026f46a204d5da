/* resample.h - mono samples to another rate. SPDX-License-Identifier:
 * Apache-2.0
 */
#ifndef HEED_AUDIO_RESAMPLE_H
#define HEED_AUDIO_RESAMPLE_H
#include <stddef.h>
#include <stdint.h>

#include "asr/base/status.h"

#define HEED_RESAMPLE_MIN_HZ 8000U
#define HEED_RESAMPLE_MAX_HZ 192000U

/* A stream of samples changing its rate. The output is a function of the
 * input alone: how it was cut changes no bit. n samples in give exactly
 * ceil(n * to_hz / from_hz) samples out, the first at the time of the first.
 * Equal rates give the samples back bit for bit. One thread at a time. */
typedef struct heed_resample heed_resample;

/* Creates it in `*out` (NULL on failure); release: heed_resample_destroy().
 * Returns HEED_OK; HEED_ERR_ARG if a rate is not within 8000-192000;
 * HEED_ERR_MEMORY. */
HEED_NODISCARD heed_status heed_resample_create(heed_resample **out,
                                                uint32_t from_hz,
                                                uint32_t to_hz);

/* Releases `resample`; NULL is allowed. */
void heed_resample_destroy(heed_resample *resample);

/* Takes as many of the `count` samples as there is room for and returns how
 * many; 0 means that heed_resample_next() must be called first. Takes none
 * after heed_resample_finish(). Allocates nothing. The loop for any number of
 * samples, after the last of which comes heed_resample_finish() and the inner
 * loop once more:
 *
 *     while (count > 0) {
 *         const size_t taken = heed_resample_feed(resample, samples, count);
 *         samples += taken;
 *         count -= taken;
 *         while ((n = heed_resample_next(resample, out, capacity)) > 0)
 *             use(out, n);
 *     }
 */
HEED_NODISCARD size_t heed_resample_feed(heed_resample *resample,
                                         const float *samples, size_t count);

/* Writes at most `capacity` (at least 1) samples and returns how many; 0 means
 * that more input is needed, or after heed_resample_finish() that this was
 * all. Allocates nothing. */
HEED_NODISCARD size_t heed_resample_next(heed_resample *resample, float *out,
                                         size_t capacity);

/* Ends the input: what is still inside comes out of heed_resample_next(). */
void heed_resample_finish(heed_resample *resample);

/* Forgets all samples and the end: as if new. */
void heed_resample_reset(heed_resample *resample);

#endif /* HEED_AUDIO_RESAMPLE_H */
