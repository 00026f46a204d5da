/* progress.h - how far a file has come, on a terminal. SPDX-License-Identifier:
 * Apache-2.0
 */
#ifndef HEED_TOOLS_PROGRESS_H
#define HEED_TOOLS_PROGRESS_H

#include <stdbool.h>

/* One line of stderr, redrawn in place. Zero is a bar that never shows. */
typedef struct cli_progress {
    bool enabled;
    bool colour;
    bool shown;       /* there is something to erase */
    double start_s;   /* when the file began, on cli_clock_s() */
    double redrawn_s; /* when the bar was drawn last */
} cli_progress;

/* Seconds on a clock that only goes forward. */
double cli_clock_s(void);

/* Enables the bar if stderr is a terminal that can redraw a line; coloured
 * unless NO_COLOR is set. */
void cli_progress_init(cli_progress *progress);

/* A new file begins now. */
void cli_progress_start(cli_progress *progress);

/* `done_s` of `total_s` seconds of audio are done; `total_s` < 0: unknown,
 * the time that has passed is shown. Redraws a few times a second at most. */
void cli_progress_update(cli_progress *progress, const char *name,
                         double done_s, double total_s);

/* Erases the bar; the next update draws it again. */
void cli_progress_erase(cli_progress *progress);

#endif /* HEED_TOOLS_PROGRESS_H */
