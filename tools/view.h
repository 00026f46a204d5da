/* view.h - who is told what a live session hears. SPDX-License-Identifier:
 * Apache-2.0 */
#ifndef HEED_TOOLS_VIEW_H
#define HEED_TOOLS_VIEW_H

#include "asr/heed.h"
#include "tools/output.h"

#include <stdbool.h>
#include <stddef.h>

/* Times of a view are seconds of the session, which begins with the first
 * sample. `at_s` is when it is told, on the clock on the wall. */

/* New words: those that are committed now, then all that are tentative. */
typedef struct cli_live_words {
    double at_s;
    double heard_s; /* sound that was heard so far */
    const heed_word *words;
    size_t n_words;
    size_t n_committed; /* of `words` */
} cli_live_words;

/* Sound that never came. */
typedef struct cli_live_gap {
    double at_s;
    double start_s;
    double lost_s;     /* < 0: nobody knows how much */
    const char *cause; /* "backlog", "system" or "device" */
} cli_live_gap;

typedef struct cli_live_status {
    double at_s;
    double heard_s;
    double level_db;     /* of full scale, since the last status */
    double delay_s;      /* of the last committed word; < 0: there was none */
    double backlog_s;    /* sound that waits to be heard */
    size_t chunk_frames; /* 0: the usual ones; bigger ones catch up */
    double load;         /* share of the time since the last status spent
                            computing */
    double lost_s;       /* in all */
    size_t n_gaps;       /* in all, those of unknown length too */
} cli_live_status;

typedef struct cli_view cli_view;

/* What a kind of view does; each may be NULL. */
typedef struct cli_view_kind {
    void (*words)(cli_view *view, const cli_live_words *words);
    /* The last segment shown is final: no more words come for it. */
    void (*final)(cli_view *view, double at_s);
    void (*gap)(cli_view *view, const cli_live_gap *gap);
    void (*status)(cli_view *view, const cli_live_status *status);
    void (*end)(cli_view *view, const cli_live_status *status);
    /* Hands on what was told since the last call. Returns false, with the
     * cause in `view->error`, if anything was lost. */
    bool (*flush)(cli_view *view);
} cli_view_kind;

/* The first member of what a kind keeps. */
struct cli_view {
    const cli_view_kind *kind;
    const char *name; /* for messages, such as a file's */
    bool failed;      /* it is told nothing any more */
    int error;        /* errno; 0: out of memory */
};

/* Writes the committed words in one of the formats of `heed transcribe`. */
typedef struct cli_view_output {
    cli_view view;
    cli_output *output; /* borrowed; it has begun */
} cli_view_output;

void cli_view_output_init(cli_view_output *view, cli_output *output,
                          const char *name);

/* Writes one JSON object a line: partial, final, gap, status, end. */
typedef struct cli_view_events {
    cli_view view;
    cli_sink *sink;     /* borrowed */
    cli_buffer text;    /* of the segment that is not final */
    size_t segment;     /* its number */
    size_t n_words;     /* in it */
    double start_s;     /* of its first word */
    double end_s;       /* of its last word */
    double status_at_s; /* when a status was written last */
    bool out_of_memory;
} cli_view_events;

void cli_view_events_init(cli_view_events *view, cli_sink *sink,
                          const char *name);
void cli_view_events_deinit(cli_view_events *view);

#endif /* HEED_TOOLS_VIEW_H */
