/* arena.c - one block of memory, handed out in pieces.
 *
 *   | piece 0 ... pad | gap | piece 1 ........ pad | gap | ...
 *   0                       multiple of 64               multiple of 64
 *
 * `pad` completes a multiple of 64 bytes. The gap is there only under
 * AddressSanitizer, which then reports any access to pads and gaps.
 * SPDX-License-Identifier: Apache-2.0 */
#include "asr/base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define HEED_ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HEED_ARENA_ASAN 1
#endif
#endif

#ifdef HEED_ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define GAP_BYTES 64
#else
#define GAP_BYTES                         0
#define ASAN_POISON_MEMORY_REGION(p, n)   ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

void heed_arena_init_measure(heed_arena *arena)
{
    *arena = (heed_arena){.size_bytes = SIZE_MAX};
}

heed_status heed_arena_init(heed_arena *arena, size_t size_bytes)
{
    *arena = (heed_arena){.failed = true};
    if (size_bytes > SIZE_MAX - 2 * (size_t)HEED_ARENA_ALIGNMENT)
        return HEED_ERR_MEMORY;
    size_t rounded = (size_bytes + HEED_ARENA_ALIGNMENT - 1) /
                     HEED_ARENA_ALIGNMENT * HEED_ARENA_ALIGNMENT;
    if (rounded == 0)
        rounded = HEED_ARENA_ALIGNMENT;
    /* calloc() takes large blocks from the system as zeros, which cost nothing
     * until they are used. */
    unsigned char *allocated = calloc(1, rounded + HEED_ARENA_ALIGNMENT);
    if (!allocated)
        return HEED_ERR_MEMORY;
    unsigned char *block =
        allocated +
        (HEED_ARENA_ALIGNMENT - (uintptr_t)allocated % HEED_ARENA_ALIGNMENT);
    ASAN_POISON_MEMORY_REGION(block, rounded);
    *arena = (heed_arena){
        .block = block, .allocated = allocated, .size_bytes = rounded};
    return HEED_OK;
}

void heed_arena_deinit(heed_arena *arena)
{
    if (arena->block) {
        ASAN_UNPOISON_MEMORY_REGION(arena->block, arena->size_bytes);
        free(arena->allocated);
    }
    *arena = (heed_arena){.failed = true};
}

void *heed_arena_take(heed_arena *arena, size_t count, size_t item_bytes)
{
    const size_t limit = SIZE_MAX - HEED_ARENA_ALIGNMENT - GAP_BYTES;
    if (arena->failed || (item_bytes > 0 && count > limit / item_bytes)) {
        arena->failed = true;
        return NULL;
    }
    const size_t bytes = count * item_bytes;
    const size_t step = (bytes + HEED_ARENA_ALIGNMENT - 1) /
                            HEED_ARENA_ALIGNMENT * HEED_ARENA_ALIGNMENT +
                        GAP_BYTES;
    if (step > arena->size_bytes - arena->used_bytes) {
        arena->failed = true;
        return NULL;
    }
    const size_t at = arena->used_bytes;
    arena->used_bytes += step;
    if (!arena->block)
        return NULL;
    ASAN_UNPOISON_MEMORY_REGION(arena->block + at, bytes);
    return arena->block + at;
}

heed_status heed_arena_status(const heed_arena *arena)
{
    return arena->failed ? HEED_ERR_MEMORY : HEED_OK;
}

size_t heed_arena_used(const heed_arena *arena)
{
    return arena->used_bytes;
}
