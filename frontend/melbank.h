/* melbank.h - energies in mel bands. SPDX-License-Identifier: Apache-2.0 */
#ifndef HEED_FRONTEND_MELBANK_H
#define HEED_FRONTEND_MELBANK_H
#include <stddef.h>

#include "asr/base/status.h"

/* The blueprint of a bank. */
typedef struct heed_melbank_config {
    size_t n_mels;      /* 1-1024 */
    size_t fft_samples; /* a power of two; there are fft_samples/2 + 1 powers */
    double sample_rate_hz; /* above 0 */
    double low_hz;         /* lower end of the first band, 0 or more */
    double high_hz; /* upper end of the last; <= 0: below Nyquist by it */
} heed_melbank_config;

/* Triangular weights, read-only after creation: any number of threads. */
typedef struct heed_melbank heed_melbank;

/* Creates the bank in `*out` (NULL on failure); release:
 * heed_melbank_destroy(). Returns HEED_OK; HEED_ERR_ARG if the configuration
 * is out of range or leaves no band between its ends; HEED_ERR_MEMORY. */
HEED_NODISCARD heed_status
heed_melbank_create(heed_melbank **out, const heed_melbank_config *config);

/* Releases `bank`; NULL is allowed. */
void heed_melbank_destroy(heed_melbank *bank);

/* Writes each band's weighted sum of powers; a band too narrow to hold any
 * frequency of the transform has energy 0. Allocates nothing. */
void heed_melbank_apply(const heed_melbank *bank, float *mels /* [n_mels] */,
                        const float *power /* [fft_samples/2 + 1] */);

#endif /* HEED_FRONTEND_MELBANK_H */
