/* alloc.h - allocations counted, and refused on demand.
 * SPDX-License-Identifier: Apache-2.0
 *
 * In programs declared with heed_test_watch_allocations() the linker sends
 * what the library and the test call through here (`--wrap`), so that it works
 * with sanitizers too: malloc, calloc, realloc, aligned_alloc and free, and
 * libsamplerate's src_new and src_delete. What other shared libraries allocate
 * for themselves is not seen. One thread at a time. */
#ifndef HEED_TESTS_SUPPORT_ALLOC_H
#define HEED_TESTS_SUPPORT_ALLOC_H
#include <stdbool.h>
#include <stddef.h>

/* Returns false where the linker has no --wrap: then nothing is counted. */
bool heed_test_alloc_works(void);

/* Counts from now on. The `fail_at`-th allocation, counted from 1, is refused,
 * all others are not; 0: none is. */
void heed_test_alloc_watch(size_t fail_at);

/* Ends the watch. Returns how many allocations were asked for. */
size_t heed_test_alloc_stop(void);

/* Returns the bytes asked of malloc and its like since the watch began. */
size_t heed_test_alloc_bytes(void);

/* Returns the blocks allocated less those released, since the watch began. */
long heed_test_alloc_live(void);

#endif /* HEED_TESTS_SUPPORT_ALLOC_H */
