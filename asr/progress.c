/* progress.c - see progress.h. SPDX-License-Identifier: Apache-2.0 */
#include "asr/progress.h"

/* Tokens without the attention advancing that make a loop, ... */
#define STUCK_TOKENS 10
/* ... and with it so many rows (0.3 s) back: a text begun anew. Fewer at its
 * end are already not believed. */
#define BACK_TOKENS        4
#define BACK_TOKENS_AT_END 2
#define BACK_ROWS          12
/* So many rows (2 s) ahead of what was heard: further than any pause is long.
 * So many tokens may look there before it counts. */
#define FAR_ROWS   80
#define FAR_TOKENS 4

void heed_progress_begin(heed_progress *progress, size_t n_tokens, size_t row)
{
    *progress = (heed_progress){.row = row,
                                .n_firm = n_tokens,
                                .n_kept = n_tokens,
                                .last = row,
                                .n_last = n_tokens};
}

bool heed_progress_is_loop(const heed_progress *progress)
{
    return progress->n_stuck >= STUCK_TOKENS || progress->n_back >= BACK_TOKENS;
}

void heed_progress_skip(heed_progress *progress)
{
    progress->n_stuck++;
}

/* Returns up to which row a text that went back says again what it has. */
static size_t repeated_to(const heed_progress *progress)
{
    return progress->n_back >= BACK_TOKENS_AT_END ? progress->peak : 0;
}

void heed_progress_follow(heed_progress *progress, size_t n, size_t row)
{
    const bool far = row > progress->row + FAR_ROWS;

    progress->n_far = far ? progress->n_far + 1 : 0;
    progress->n_stuck++;
    if (far && progress->n_far <= FAR_TOKENS)
        return;

    const bool onward = row >= progress->last;
    const size_t firm = onward ? progress->last : row;

    if (!onward && progress->last > progress->row) {
        progress->n_kept = progress->n_last;
        progress->peak = progress->last;
    }
    if (firm > progress->row && firm > repeated_to(progress)) {
        progress->row = firm;
        progress->n_firm = onward ? progress->n_last : n + 1;
        progress->n_kept = progress->n_firm;
        progress->n_stuck = 0;
        progress->n_back = 0;
    } else if (row + BACK_ROWS < progress->row) {
        progress->n_back++;
    }
    progress->last = row;
    progress->n_last = n + 1;
}

size_t heed_progress_end(heed_progress *progress, size_t n_tokens, bool is_last)
{
    if (heed_progress_is_loop(progress) ||
        progress->n_back >= BACK_TOKENS_AT_END)
        return is_last ? progress->n_kept : progress->n_firm;
    if (progress->last > progress->row)
        progress->row = progress->last;
    return n_tokens;
}
