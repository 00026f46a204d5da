/* mfcc.h - feature frames out of samples. SPDX-License-Identifier: Apache-2.0
 */
#ifndef HEED_FRONTEND_MFCC_H
#define HEED_FRONTEND_MFCC_H
#include <stddef.h>

#include "asr/base/status.h"

/* The blueprint, as the model file stores it. */
typedef struct heed_mfcc_config {
    double sample_rate_hz; /* 1000-192000 */
    size_t window_samples; /* 4-65536 */
    size_t hop_samples;    /* 1-window_samples */
    size_t n_mels;         /* 1-1024 */
    size_t n_cepstra;      /* 1-n_mels, counting the 0th */
    double low_hz;         /* lower end of the mel bands */
    double high_hz;        /* upper end; <= 0: below Nyquist by that much */
    double preemphasis;    /* 0-1, 0: none */
    double lifter;         /* Q of 1 + Q/2 sin(pi i / Q); 0: none */
    double log_floor;      /* smallest energy; 0: FLT_EPSILON */
} heed_mfcc_config;

/* Fills `*config` with what the default model uses: 16 kHz, a window of 400
 * samples (25 ms), a hop of 128 (8 ms), 80 mel bins from 20 Hz to Nyquist, 80
 * cepstra, pre-emphasis 0.97, no lifter. */
void heed_mfcc_config_init(heed_mfcc_config *config);

/* Frames in progress. Frame t is a function of the samples from t * hop to
 * t * hop + window and of nothing else. One thread at a time. */
typedef struct heed_mfcc heed_mfcc;

/* Creates it in `*out` (NULL on failure); release: heed_mfcc_destroy().
 * `config`: copied; NULL means heed_mfcc_config_init()'s. Returns HEED_OK;
 * HEED_ERR_ARG if a field is out of range; HEED_ERR_MEMORY. */
HEED_NODISCARD heed_status heed_mfcc_create(heed_mfcc **out,
                                            const heed_mfcc_config *config);

/* Releases `mfcc`; NULL is allowed. */
void heed_mfcc_destroy(heed_mfcc *mfcc);

/* Takes as many of the `count` samples, in [-1, 1], as there is room for and
 * returns how many; 0 means that heed_mfcc_next() has a frame to give first.
 * Allocates nothing. The loop for any number of samples:
 *
 *     while (count > 0) {
 *         const size_t taken = heed_mfcc_feed(mfcc, samples, count);
 *         samples += taken;
 *         count -= taken;
 *         while (heed_mfcc_next(mfcc, cepstra) == HEED_OK)
 *             use(cepstra);
 *     }
 */
HEED_NODISCARD size_t heed_mfcc_feed(heed_mfcc *mfcc, const float *samples,
                                     size_t count);

/* Writes the next frame. Returns HEED_OK, or HEED_AGAIN if more samples are
 * needed. Samples left at the end that do not fill a window give no frame.
 * Allocates nothing. */
HEED_NODISCARD heed_status heed_mfcc_next(heed_mfcc *mfcc,
                                          float *cepstra /* [n_cepstra] */);

/* Forgets all samples: as if new. */
void heed_mfcc_reset(heed_mfcc *mfcc);

#endif /* HEED_FRONTEND_MFCC_H */
