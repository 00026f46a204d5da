/* fft.h - the power spectrum of a window. SPDX-License-Identifier: Apache-2.0
 */
#ifndef HEED_FRONTEND_FFT_H
#define HEED_FRONTEND_FFT_H
#include <stddef.h>

#include "asr/base/status.h"

/* The plan of a real transform and its scratch memory. One thread at a
 * time. */
typedef struct heed_fft heed_fft;

#define HEED_FFT_MIN_SAMPLES 4
#define HEED_FFT_MAX_SAMPLES 65536

/* Creates the plan for `n_samples` in `*out` (NULL on failure); release:
 * heed_fft_destroy(). Returns HEED_OK; HEED_ERR_ARG if `n_samples` is not a
 * power of two within 4-65536; HEED_ERR_MEMORY. */
HEED_NODISCARD heed_status heed_fft_create(heed_fft **out, size_t n_samples);

/* Releases `fft`; NULL is allowed. */
void heed_fft_destroy(heed_fft *fft);

/* Writes |X[k]|^2 for k = 0..n_samples/2. Allocates nothing. */
void heed_fft_power(heed_fft *fft, float *power /* [n_samples/2 + 1] */,
                    const float *samples /* [n_samples] */);

#endif /* HEED_FRONTEND_FFT_H */
