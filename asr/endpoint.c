/* endpoint.c - see endpoint.h. SPDX-License-Identifier: Apache-2.0 */
#include "asr/endpoint.h"

#include <assert.h>
#include <string.h>

void heed_endpoint_init(heed_endpoint *endpoint, size_t max_frames,
                        size_t pause_frames, heed_arena *arena)
{
    *endpoint =
        (heed_endpoint){.max_frames = max_frames, .pause_frames = pause_frames};
    endpoint->is_letter = heed_arena_take(arena, max_frames, 1);
}

bool heed_endpoint_feed(heed_endpoint *endpoint, bool is_letter)
{
    const size_t t = endpoint->n_frames++;

    assert(t < endpoint->max_frames);
    endpoint->is_letter[t] = is_letter;
    if (is_letter) {
        endpoint->n_letters++;
        endpoint->last_letter = t;
    }
    return endpoint->n_letters > 0 &&
           t - endpoint->last_letter >= endpoint->pause_frames;
}

size_t heed_endpoint_letters_from(const heed_endpoint *endpoint, size_t first)
{
    size_t n = 0;

    for (size_t t = first; t < endpoint->n_frames; t++)
        n += endpoint->is_letter[t];
    return n;
}

void heed_endpoint_drop(heed_endpoint *endpoint, size_t n_frames)
{
    assert(n_frames <= endpoint->n_frames);
    endpoint->n_frames -= n_frames;
    memmove(endpoint->is_letter, endpoint->is_letter + n_frames,
            endpoint->n_frames);
    endpoint->n_letters = 0;
    for (size_t t = 0; t < endpoint->n_frames; t++) {
        if (endpoint->is_letter[t]) {
            endpoint->n_letters++;
            endpoint->last_letter = t;
        }
    }
}

size_t heed_endpoint_best_cut(const heed_endpoint *endpoint, size_t first,
                              size_t last)
{
    size_t best = last;
    size_t longest = 0;

    for (size_t t = first; t < last; t++) {
        size_t run = 0;

        while (t + run < endpoint->n_frames && !endpoint->is_letter[t + run])
            run++;
        if (run > longest) {
            longest = run;
            best = t + run / 2;
        }
        t += run;
    }
    return best;
}
