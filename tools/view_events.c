/* view_events.c - a live session as JSON Lines, for programs.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tools/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATUS_S      1.0
#define NUMBERS_BYTES 320

static cli_view_events *events_of(cli_view *view)
{
    return (cli_view_events *)(void *)view;
}

/* Keeps the words for the final event of their segment. */
static void remember(cli_view_events *events, const heed_word *word)
{
    if ((events->text.n_bytes > 0 &&
         !cli_buffer_append(&events->text, " ", 1)) ||
        !cli_buffer_append(&events->text, word->text, strlen(word->text)))
        events->out_of_memory = true;
    if (events->n_words++ == 0)
        events->start_s = word->start_s;
    events->end_s = word->end_s;
    events->segment = word->segment;
}

static void write_list(cli_sink *sink, const heed_word *words, size_t n_words)
{
    for (size_t i = 0; i < n_words; i++) {
        if (i > 0)
            cli_sink_puts(sink, ",");
        cli_json_write_word(sink, &words[i]);
    }
}

static void write_partial(cli_view *view, const cli_live_words *words)
{
    cli_view_events *events = events_of(view);
    char numbers[NUMBERS_BYTES];

    for (size_t i = 0; i < words->n_committed; i++)
        remember(events, &words->words[i]);
    snprintf(numbers, sizeof numbers,
             "{\"event\":\"partial\",\"at_s\":%.3f,\"heard_s\":%.3f,"
             "\"committed\":[",
             words->at_s, words->heard_s);
    cli_sink_puts(events->sink, numbers);
    write_list(events->sink, words->words, words->n_committed);
    cli_sink_puts(events->sink, "],\"tentative\":[");
    write_list(events->sink, words->words + words->n_committed,
               words->n_words - words->n_committed);
    cli_sink_puts(events->sink, "]}\n");
}

static void write_final(cli_view *view, double at_s)
{
    cli_view_events *events = events_of(view);
    char numbers[NUMBERS_BYTES];

    snprintf(numbers, sizeof numbers,
             "{\"event\":\"final\",\"at_s\":%.3f,\"segment\":%zu,"
             "\"start_s\":%.3f,\"end_s\":%.3f,\"text\":",
             at_s, events->segment, events->start_s, events->end_s);
    cli_sink_puts(events->sink, numbers);
    cli_json_write_string(events->sink, events->text.bytes,
                          events->text.n_bytes);
    cli_sink_puts(events->sink, "}\n");
    events->text.n_bytes = 0;
    events->n_words = 0;
}

static void write_gap(cli_view *view, const cli_live_gap *gap)
{
    char numbers[NUMBERS_BYTES];
    char lost[32] = "null";

    if (gap->lost_s >= 0.0)
        snprintf(lost, sizeof lost, "%.3f", gap->lost_s);
    snprintf(numbers, sizeof numbers,
             "{\"event\":\"gap\",\"at_s\":%.3f,\"start_s\":%.3f,"
             "\"lost_s\":%s,\"cause\":\"%s\"}\n",
             gap->at_s, gap->start_s, lost, gap->cause);
    cli_sink_puts(events_of(view)->sink, numbers);
}

static void write_state(cli_view *view, const char *event,
                        const cli_live_status *status)
{
    char numbers[NUMBERS_BYTES];
    char delay[32] = "null";

    if (status->delay_s >= 0.0)
        snprintf(delay, sizeof delay, "%.3f", status->delay_s);
    snprintf(
        numbers, sizeof numbers,
        "{\"event\":\"%s\",\"at_s\":%.3f,\"heard_s\":%.3f,"
        "\"level_db\":%.1f,\"delay_s\":%s,\"backlog_s\":%.3f,"
        "\"chunk_frames\":%zu,\"load\":%.3f,\"lost_s\":%.3f,\"gaps\":%zu}\n",
        event, status->at_s, status->heard_s, status->level_db, delay,
        status->backlog_s, status->chunk_frames, status->load, status->lost_s,
        status->n_gaps);
    cli_sink_puts(events_of(view)->sink, numbers);
}

static void write_status(cli_view *view, const cli_live_status *status)
{
    cli_view_events *events = events_of(view);

    if (status->at_s - events->status_at_s < STATUS_S)
        return;
    events->status_at_s = status->at_s;
    write_state(view, "status", status);
}

static void write_end(cli_view *view, const cli_live_status *status)
{
    write_state(view, "end", status);
}

static bool flush(cli_view *view)
{
    cli_view_events *events = events_of(view);

    if (cli_sink_step(events->sink) && !events->out_of_memory)
        return true;
    view->error = events->sink->error;
    return false;
}

void cli_view_events_init(cli_view_events *view, cli_sink *sink,
                          const char *name)
{
    static const cli_view_kind kind = {.words = write_partial,
                                       .final = write_final,
                                       .gap = write_gap,
                                       .status = write_status,
                                       .end = write_end,
                                       .flush = flush};

    *view =
        (cli_view_events){.view = {.kind = &kind, .name = name}, .sink = sink};
}

void cli_view_events_deinit(cli_view_events *view)
{
    free(view->text.bytes);
    view->text = (cli_buffer){0};
}
