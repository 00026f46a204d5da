/* progress.h - how far the attention has come.
 * SPDX-License-Identifier: Apache-2.0
 *
 * While a decoder writes what is said, its attention moves on. Text that is
 * not in the audio shows by an attention that stays or goes back. */
#ifndef HEED_ASR_PROGRESS_H
#define HEED_ASR_PROGRESS_H
#include <stdbool.h>
#include <stddef.h>

/* Rows count from the segment's first frame, tokens from its first one. */
typedef struct heed_progress {
    size_t row;     /* that it reached and did not leave at once */
    size_t n_firm;  /* tokens up to the one that looked there, ... */
    size_t n_kept;  /* ... and up to a last one that only glanced ahead */
    size_t last;    /* row that it looked at last, ... */
    size_t n_last;  /* ... and tokens up to that one */
    size_t n_stuck; /* tokens since it advanced, ... */
    size_t n_back;  /* ... of which looked well before it */
    size_t n_far;   /* tokens in a row that looked far ahead of it */
    size_t peak;    /* row looked at before it went back last */
} heed_progress;

/* `n_tokens` tokens have come as far as `row`. */
void heed_progress_begin(heed_progress *progress, size_t n_tokens, size_t row);

/* Token number `n` looks at `row`. A single glance ahead does not count, nor
 * do a few far ahead, as at the end of the memory when a sentence begins. */
void heed_progress_follow(heed_progress *progress, size_t n, size_t row);

/* One token more, which has no letters and looks anywhere. */
void heed_progress_skip(heed_progress *progress);

/* Returns whether the text goes round in a loop. */
bool heed_progress_is_loop(const heed_progress *progress);

/* The text has ended. Returns how many of its `n_tokens` tokens are to be
 * believed; `is_last`: all of the audio was there. */
size_t heed_progress_end(heed_progress *progress, size_t n_tokens,
                         bool is_last);

#endif /* HEED_ASR_PROGRESS_H */
