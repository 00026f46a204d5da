/* arena_twice.h - memory for what is under test, laid out as streams do.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef HEED_TESTS_SUPPORT_ARENA_TWICE_H
#define HEED_TESTS_SUPPORT_ARENA_TWICE_H
#include <stdlib.h>

#include "asr/base/arena.h"

/* Runs `lay_out(user, arena)` twice: to measure, and over what was measured.
 * Aborts without memory. Release: heed_arena_deinit(). */
static inline void arena_twice(heed_arena *arena,
                               void (*lay_out)(void *user, heed_arena *arena),
                               void *user)
{
    heed_arena measure;

    heed_arena_init_measure(&measure);
    lay_out(user, &measure);
    if (heed_arena_init(arena, heed_arena_used(&measure)) != HEED_OK)
        abort();
    lay_out(user, arena);
    if (heed_arena_status(arena) != HEED_OK)
        abort();
}

#endif /* HEED_TESTS_SUPPORT_ARENA_TWICE_H */
