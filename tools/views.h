/* views.h - all views of a live session. SPDX-License-Identifier: Apache-2.0
 *
 * One that fails is told nothing more; the others go on. */
#ifndef HEED_TOOLS_VIEWS_H
#define HEED_TOOLS_VIEWS_H

#include "tools/cli.h"
#include "tools/view.h"

enum { CLI_VIEWS_MOST = 3 };

typedef struct cli_views {
    cli_view *views[CLI_VIEWS_MOST]; /* borrowed */
    size_t n_views;
    cli_messages *messages; /* borrowed; failures are told to it */
    bool any_failed;
} cli_views;

void cli_views_add(cli_views *views, cli_view *view);

/* Each tells all views that work. */
void cli_views_words(const cli_views *views, const cli_live_words *words);
void cli_views_final(const cli_views *views, double at_s);
void cli_views_gap(const cli_views *views, const cli_live_gap *gap);
void cli_views_status(const cli_views *views, const cli_live_status *status);
void cli_views_end(const cli_views *views, const cli_live_status *status);

/* Returns whether any view has kept what it was told. */
bool cli_views_flush(cli_views *views);

#endif /* HEED_TOOLS_VIEWS_H */
