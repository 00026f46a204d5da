/* progress.c - how far a file has come, on a terminal. SPDX-License-Identifier:
 * Apache-2.0
 */
#include "tools/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define REDRAW_S   0.1
#define BAR_CELLS  30
#define NAME_CELLS 28

double cli_clock_s(void)
{
    struct timespec now = {0, 0};

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void cli_progress_init(cli_progress *progress)
{
    const char *term = getenv("TERM");
    const char *no_color = getenv("NO_COLOR");

    *progress = (cli_progress){0};
    progress->enabled =
        isatty(STDERR_FILENO) && term != NULL && strcmp(term, "dumb") != 0;
    progress->colour = no_color == NULL || no_color[0] == '\0';
}

void cli_progress_start(cli_progress *progress)
{
    progress->start_s = cli_clock_s();
    progress->redrawn_s = 0.0;
}

/* The last NAME_CELLS bytes at most, what a terminal might obey replaced. */
static void shorten(char out[NAME_CELLS + 1], const char *name)
{
    const size_t length = strlen(name);
    const char *from = length > NAME_CELLS ? name + length - NAME_CELLS : name;
    size_t n = 0;

    for (; from[n] != '\0'; n++)
        out[n] = from[n] >= ' ' && from[n] <= '~' ? from[n] : '?';
    out[n] = '\0';
}

static void draw_bar(const cli_progress *progress, double fraction)
{
    char bar[BAR_CELLS + 1];
    const int full = (int)(fraction * BAR_CELLS);

    for (int i = 0; i < BAR_CELLS; i++)
        bar[i] = i < full ? '#' : '.';
    bar[BAR_CELLS] = '\0';
    fprintf(stderr, "%s%s%s %3d%%", progress->colour ? "\x1b[36m" : "", bar,
            progress->colour ? "\x1b[0m" : "", (int)(fraction * 100.0));
}

void cli_progress_update(cli_progress *progress, const char *name,
                         double done_s, double total_s)
{
    const double now_s = cli_clock_s();
    char shown[NAME_CELLS + 1];

    if (!progress->enabled || now_s - progress->redrawn_s < REDRAW_S)
        return;
    shorten(shown, name);
    fprintf(stderr, "\r\x1b[K%s ", shown);
    if (total_s > 0.0) {
        const double fraction = done_s / total_s;

        draw_bar(progress, fraction < 1.0 ? fraction : 1.0);
    } else {
        fprintf(stderr, "%.1f s heard, %.1f s passed", done_s,
                now_s - progress->start_s);
    }
    fflush(stderr);
    progress->shown = true;
    progress->redrawn_s = now_s;
}

void cli_progress_erase(cli_progress *progress)
{
    if (!progress->shown)
        return;
    fputs("\r\x1b[K", stderr);
    fflush(stderr);
    progress->shown = false;
}
