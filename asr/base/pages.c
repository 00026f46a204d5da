/* pages.c - memory for what is read again and again.
 * SPDX-License-Identifier: Apache-2.0 */
#if defined(__linux__)
#define _DEFAULT_SOURCE /* madvise() */
#endif
#include "asr/base/pages.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#define LARGE_PAGE_BYTES ((size_t)2 << 20)

heed_status heed_pages_init(heed_pages *pages, size_t n_bytes)
{
    *pages = (heed_pages){0};
    if (n_bytes == 0)
        return HEED_OK;
    if (n_bytes > SIZE_MAX - LARGE_PAGE_BYTES)
        return HEED_ERR_MEMORY;

    const size_t rounded =
        (n_bytes + LARGE_PAGE_BYTES - 1) / LARGE_PAGE_BYTES * LARGE_PAGE_BYTES;
    unsigned char *block = aligned_alloc(LARGE_PAGE_BYTES, rounded);

    if (block == NULL)
        return HEED_ERR_MEMORY;
#ifdef MADV_HUGEPAGE
    /* Only whole large pages: no memory beyond what was asked for. A system
     * that has none says no, and that is fine. */
    (void)madvise(block, n_bytes / LARGE_PAGE_BYTES * LARGE_PAGE_BYTES,
                  MADV_HUGEPAGE);
#endif
    *pages = (heed_pages){block, n_bytes};
    return HEED_OK;
}

void heed_pages_deinit(heed_pages *pages)
{
    free(pages->block);
    *pages = (heed_pages){0};
}
