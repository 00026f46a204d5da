/* arena.h - one block of memory, handed out in pieces.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The function that lays out an object's memory runs twice: first over an
 * arena that only measures, then over one that has what was measured:
 *
 *     heed_arena arena;
 *     heed_arena_init_measure(&arena);
 *     lay_out(stream, &arena);               (every piece is NULL here)
 *     status = heed_arena_init(&arena, heed_arena_used(&arena));
 *     lay_out(stream, &arena);               (same calls, real pieces)
 */
#ifndef HEED_ASR_BASE_ARENA_H
#define HEED_ASR_BASE_ARENA_H
#include <stdbool.h>
#include <stddef.h>

#include "asr/base/status.h"

/* Every piece begins at a multiple of this many bytes. */
#define HEED_ARENA_ALIGNMENT 64

/* Owns its block. Pieces are not released one by one. The fields are
 * private. */
typedef struct heed_arena {
    unsigned char *block; /* NULL while measuring */
    void *allocated;      /* that the block lies in */
    size_t size_bytes;
    size_t used_bytes;
    bool failed;
} heed_arena;

/* Begins a pass that counts bytes and hands out NULL. Nothing to release. */
void heed_arena_init_measure(heed_arena *arena);

/* Allocates a block of `size_bytes`, all zero; release: heed_arena_deinit().
 * Returns HEED_OK or HEED_ERR_MEMORY; then the arena hands out NULL and need
 * not be released. */
HEED_NODISCARD heed_status heed_arena_init(heed_arena *arena,
                                           size_t size_bytes);

/* Releases the block and with it all pieces; again or after a failed init is
 * harmless. */
void heed_arena_deinit(heed_arena *arena);

/* Hands out `count` items of `item_bytes`, zero at first; valid until the
 * arena is released. Returns NULL while measuring, and when the block is used
 * up or the size overflows: heed_arena_status() tells. */
void *heed_arena_take(heed_arena *arena, size_t count, size_t item_bytes);

/* Returns HEED_OK, or HEED_ERR_MEMORY if any piece since init did not fit or
 * overflowed. One check after the last piece is enough. */
HEED_NODISCARD heed_status heed_arena_status(const heed_arena *arena);

/* Returns the bytes taken so far, gaps included. */
size_t heed_arena_used(const heed_arena *arena);

#endif /* HEED_ASR_BASE_ARENA_H */
