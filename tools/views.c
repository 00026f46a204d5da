/* views.c - all views of a live session. SPDX-License-Identifier: Apache-2.0 */
#include "tools/views.h"

#include <assert.h>
#include <string.h>

/* Calls a function of every view that works and has it. */
#define TELL(views, function, ...)                     \
    for (size_t i = 0; i < (views)->n_views; i++)      \
        if (!(views)->views[i]->failed &&              \
            (views)->views[i]->kind->function != NULL) \
    (views)->views[i]->kind->function((views)->views[i], __VA_ARGS__)

void cli_views_add(cli_views *views, cli_view *view)
{
    assert(views->n_views < CLI_VIEWS_MOST);
    views->views[views->n_views++] = view;
}

void cli_views_words(const cli_views *views, const cli_live_words *words)
{
    TELL(views, words, words);
}

void cli_views_final(const cli_views *views, double at_s)
{
    TELL(views, final, at_s);
}

void cli_views_gap(const cli_views *views, const cli_live_gap *gap)
{
    TELL(views, gap, gap);
}

void cli_views_status(const cli_views *views, const cli_live_status *status)
{
    TELL(views, status, status);
}

void cli_views_end(const cli_views *views, const cli_live_status *status)
{
    TELL(views, end, status);
}

static void fail_view(cli_views *views, cli_view *view)
{
    view->failed = true;
    views->any_failed = true;
    cli_messages_error(views->messages, "%s: %s", view->name,
                       view->error != 0 ? strerror(view->error)
                                        : "out of memory");
}

bool cli_views_flush(cli_views *views)
{
    bool kept = false;

    for (size_t i = 0; i < views->n_views; i++) {
        cli_view *view = views->views[i];

        if (!view->failed && !view->kind->flush(view))
            fail_view(views, view);
        kept = kept || !view->failed;
    }
    return kept;
}
