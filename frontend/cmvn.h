/* cmvn.h - global normalisation of frames. SPDX-License-Identifier: Apache-2.0
 */
#ifndef HEED_FRONTEND_CMVN_H
#define HEED_FRONTEND_CMVN_H
#include <stddef.h>

#include "asr/base/status.h"

/* Statistics of the training data, borrowed from the model, which must outlive
 * it. Read-only: any number of threads. */
typedef struct heed_cmvn {
    size_t n_cepstra;
    const float *mean;  /* [n_cepstra] */
    const float *scale; /* [n_cepstra] one over the standard deviation */
} heed_cmvn;

/* Fills `*cmvn`; nothing to release. Returns HEED_OK; HEED_ERR_ARG if a
 * pointer is NULL or `n_cepstra` is 0; HEED_ERR_FORMAT if a mean or scale is
 * not finite, and then `*cmvn` is all zero. */
HEED_NODISCARD heed_status heed_cmvn_init(heed_cmvn *cmvn, size_t n_cepstra,
                                          const float *mean,
                                          const float *scale);

/* Replaces every x by (x - mean) * scale. Allocates nothing. */
void heed_cmvn_apply(const heed_cmvn *cmvn,
                     float *frames /* [n_frames][n_cepstra] */,
                     size_t n_frames);

#endif /* HEED_FRONTEND_CMVN_H */
