/* pages.h - memory for what is read again and again.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef HEED_ASR_BASE_PAGES_H
#define HEED_ASR_BASE_PAGES_H
#include <stddef.h>

#include "asr/base/status.h"

/* A block in large pages where the system has some to give: weights are read
 * from end to end, and hardware does not read ahead across pages. */
typedef struct heed_pages {
    unsigned char *block; /* NULL: none; aligned to 64 at least */
    size_t n_bytes;
} heed_pages;

/* Allocates `n_bytes`, whose content is undefined; release:
 * heed_pages_deinit(). 0 bytes give no block. Returns HEED_OK or
 * HEED_ERR_MEMORY. */
HEED_NODISCARD heed_status heed_pages_init(heed_pages *pages, size_t n_bytes);

/* Releases the block; again is harmless. */
void heed_pages_deinit(heed_pages *pages);

#endif /* HEED_ASR_BASE_PAGES_H */
