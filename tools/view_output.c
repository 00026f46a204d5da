/* view_output.c - a live session in a format of `heed transcribe`.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tools/view.h"

static cli_output *output_of(cli_view *view)
{
    return ((cli_view_output *)(void *)view)->output;
}

static void write_words(cli_view *view, const cli_live_words *words)
{
    cli_output_words(output_of(view), words->words, words->n_committed);
}

static void write_gap(cli_view *view, const cli_live_gap *gap)
{
    cli_output_gap(output_of(view), gap->start_s, gap->lost_s);
}

static void write_end(cli_view *view, const cli_live_status *status)
{
    cli_output_end(output_of(view),
                   &(cli_outcome){.duration_s = status->heard_s});
}

static bool flush(cli_view *view)
{
    cli_output *output = output_of(view);

    if (cli_sink_step(output->sink) && !output->out_of_memory)
        return true;
    view->error = output->sink->error;
    return false;
}

void cli_view_output_init(cli_view_output *view, cli_output *output,
                          const char *name)
{
    static const cli_view_kind kind = {.words = write_words,
                                       .gap = write_gap,
                                       .end = write_end,
                                       .flush = flush};

    *view = (cli_view_output){.view = {.kind = &kind, .name = name},
                              .output = output};
}
