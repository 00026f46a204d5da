/* live.c - one session of live recognition. SPDX-License-Identifier: Apache-2.0
 */
#include "tools/live.h"

#include "tools/source.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A gap up to this long is heard as silence; behind a longer one, what was
 * being said is over. Longer than the pause between two sentences. */
#define SILENCE_S 2.0
/* The views are told how things are so often. */
#define STATUS_S 0.25
#define QUIET_DB (-99.0)

heed_status cli_live_init(cli_live *live, const heed_model *model,
                          const heed_stream_config *config,
                          cli_messages *messages, const heed_log *log)
{
    *live = (cli_live){.messages = messages,
                       .views = {.messages = messages},
                       .rate_hz = config->sample_rate_hz,
                       .level = {.db = QUIET_DB},
                       .status = {.delay_s = -1.0}};
    heed_stream_config complete = *config;

    complete.max_chunk_frames = CLI_LIVE_MAX_CHUNK;
    return heed_stream_create(&live->stream, model, &complete, log);
}

void cli_live_deinit(cli_live *live)
{
    heed_stream_destroy(live->stream);
    free(live->words);
    live->stream = NULL;
    live->words = NULL;
}

static double to_s(const cli_live *live, uint64_t n_samples)
{
    return (double)n_samples / (double)live->rate_hz;
}

static double now_s(const cli_live *live)
{
    return (double)live->clock.now_us / 1e6;
}

/* ---- Telling the views ------------------------------------------------ */

static void tell_final(cli_live *live)
{
    if (!live->in_segment)
        return;
    live->in_segment = false;
    cli_views_final(&live->views, now_s(live));
}

/* Where no view works any more: a committed word is not lost. */
static void rescue(cli_live *live, const cli_live_words *words)
{
    if (words->n_committed == 0)
        return;
    if (!live->rescuing)
        cli_messages_error(live->messages, "these words are not written:");
    live->rescuing = true;
    for (size_t i = 0; i < words->n_committed; i++)
        cli_messages_error(live->messages, "%.3f %s", words->words[i].start_s,
                           words->words[i].text);
}

/* ---- Words ------------------------------------------------------------ */

static void count_delays(cli_live *live, const cli_live_words *words)
{
    for (size_t i = 0; i < words->n_committed; i++) {
        const double delay_s = words->at_s - words->words[i].end_s;
        const double bin = delay_s * 1000.0 / CLI_LIVE_DELAY_MS;

        live->status.delay_s = delay_s;
        live->delays[bin < 0.0                ? 0
                     : bin >= CLI_LIVE_DELAYS ? CLI_LIVE_DELAYS - 1
                                              : (size_t)bin]++;
        live->n_words++;
    }
}

/* Copies the result's words with the session's times. False: no memory. */
static bool copy_words(cli_live *live, const heed_result *result)
{
    if (result->n_words > live->words_capacity) {
        heed_word *grown =
            realloc(live->words, result->n_words * sizeof *live->words);

        if (grown == NULL)
            return false;
        live->words = grown;
        live->words_capacity = result->n_words;
    }
    for (size_t i = 0; i < result->n_words; i++) {
        live->words[i] = result->words[i];
        live->words[i].start_s += live->base_s;
        live->words[i].end_s += live->base_s;
        live->words[i].segment += live->base_segment;
    }
    return true;
}

/* How many of the words from `from` on are of the same segment and equally
 * committed or not. */
static size_t same_segment(const heed_word *words, size_t from, size_t n_words)
{
    size_t n = 1;

    while (from + n < n_words && words[from + n].segment == words[from].segment)
        n++;
    return n;
}

/* Tells the views of all committed words, segment by segment, and of the
 * tentative ones after them. */
static void show_words(cli_live *live, const heed_result *result)
{
    cli_live_words words = {.at_s = now_s(live),
                            .heard_s = to_s(live, live->position)};
    size_t from = 0;

    do {
        const size_t left = result->n_committed - from;
        const size_t n =
            left > 0 ? same_segment(live->words, from, result->n_committed) : 0;
        const bool last = from + n == result->n_committed;

        if (n > 0 && live->in_segment &&
            live->words[from].segment != live->n_segments - 1)
            tell_final(live);
        words.words = live->words + from;
        words.n_committed = n;
        words.n_words = last ? result->n_words - from : n;
        cli_views_words(&live->views, &words);
        if (n > 0) {
            live->in_segment = true;
            live->n_segments = live->words[from].segment + 1;
        }
        from += n;
    } while (from < result->n_committed);
}

/* Tells the views what is new in the stream. Returns false if nothing could
 * be kept. */
static bool publish(cli_live *live)
{
    heed_result result;
    bool kept = true;

    heed_stream_result(live->stream, &result);
    if (result.revision != live->revision) {
        cli_live_words all = {.at_s = now_s(live)};

        live->revision = result.revision;
        if (!copy_words(live, &result)) {
            cli_messages_error(live->messages, "out of memory");
            return false;
        }
        show_words(live, &result);
        kept = cli_views_flush(&live->views);
        all.words = live->words;
        all.n_committed = result.n_committed;
        count_delays(live, &all);
        if (!kept)
            rescue(live, &all);
        heed_stream_take(live->stream, result.n_committed);
        heed_stream_result(live->stream, &result);
        live->revision = result.revision;
    }
    if (live->in_segment &&
        result.segment + live->base_segment > live->n_segments - 1)
        tell_final(live);
    return kept;
}

/* ---- Status ----------------------------------------------------------- */

static void measure_level(cli_live *live, const float *samples, size_t count)
{
    double energy = 0.0;

    for (size_t i = 0; i < count; i++)
        if (isfinite(samples[i]))
            energy += (double)samples[i] * (double)samples[i];
    live->level.energy += energy;
    live->level.n_samples += count;
}

static void take_level(cli_level *level)
{
    const double mean =
        level->n_samples > 0 ? level->energy / (double)level->n_samples : 0.0;

    level->db = mean > 1e-9 ? 10.0 * log10(mean) : QUIET_DB;
    level->energy = 0.0;
    level->n_samples = 0;
}

static void update_status(cli_live *live)
{
    const double passed_s = now_s(live) - live->status_at_s;

    take_level(&live->level);
    live->status.at_s = now_s(live);
    live->status.heard_s = to_s(live, live->position);
    live->status.level_db = live->level.db;
    live->status.chunk_frames = live->chunk_frames;
    live->status.backlog_s = to_s(live, live->clock.n_waiting);
    live->status.load =
        passed_s > 0.0 ? (double)(live->clock.busy_us - live->status_busy_us) /
                             1e6 / passed_s
                       : 0.0;
    live->status_at_s = now_s(live);
    live->status_busy_us = live->clock.busy_us;
}

static void tell_status(cli_live *live)
{
    if (now_s(live) - live->status_at_s < STATUS_S)
        return;
    update_status(live);
    cli_views_status(&live->views, &live->status);
}

/* ---- Sound ------------------------------------------------------------ */

/* A tape that cannot be kept ends; the session goes on. */
static void check_tape(cli_live *live)
{
    if (live->tape == NULL || live->tape->error == 0)
        return;
    cli_messages_error(live->messages, "%s: %s; no more is recorded",
                       live->tape->folder, strerror(live->tape->error));
    live->tape = NULL;
    live->keeping_failed = true;
}

static void save_sound(cli_live *live, const float *samples, size_t count)
{
    if (live->saving == NULL ||
        heed_soundwriter_write(live->saving, samples, count) == HEED_OK)
        return;
    cli_messages_error(live->messages,
                       "%s: cannot be written; no more sound is saved",
                       live->saving_name);
    live->saving = NULL;
    live->keeping_failed = true;
}

static heed_status feed(cli_live *live, const float *samples, size_t count)
{
    const heed_status status = heed_stream_feed(live->stream, samples, count);

    save_sound(live, samples, count);
    return status < HEED_OK ? status : HEED_OK;
}

/* What is being said ends here and becomes committed; the stream begins anew
 * at the session's present position. */
static heed_status end_part(cli_live *live)
{
    heed_status status = heed_stream_finish(live->stream);

    (void)publish(live);
    tell_final(live);
    heed_stream_reset(live->stream);
    heed_stream_set_chunk(live->stream, live->chunk_frames);
    live->revision = 0;
    live->base_segment = live->n_segments;
    return status;
}

static const char *cause_of(const cli_live *live,
                            const heed_capture_block *block)
{
    if (live->device_lost)
        return "device";
    return block->n_lost > 0 && !block->overflowed ? "backlog" : "system";
}

static void note_gap(cli_live *live, const heed_capture_block *block)
{
    const double lost_s = to_s(live, block->n_lost);
    cli_live_gap gap = {.at_s = now_s(live),
                        .start_s = to_s(live, live->position),
                        .lost_s = block->n_lost > 0 ? lost_s : -1.0,
                        .cause = cause_of(live, block)};

    if (block->overflowed == CLI_SOURCE_MISSED)
        gap.start_s -= CLI_SOURCE_NOTICED_S;
    if (gap.start_s < 0.0)
        gap.start_s = 0.0;
    live->status.lost_s += lost_s;
    live->status.n_gaps++;
    cli_views_gap(&live->views, &gap);
}

static heed_status feed_silence(cli_live *live, size_t n_samples)
{
    static const float silence[HEED_CAPTURE_BLOCK_SAMPLES];
    heed_status status = HEED_OK;

    while (n_samples > 0 && status == HEED_OK) {
        const size_t n = n_samples < HEED_CAPTURE_BLOCK_SAMPLES
                             ? n_samples
                             : HEED_CAPTURE_BLOCK_SAMPLES;

        status = feed(live, silence, n);
        n_samples -= n;
    }
    return status;
}

/* Hears a gap: told to the views, and to the recogniser silence or an end. One
 * that was noticed too late only moves the time of what follows. */
static heed_status hear_gap(cli_live *live, const heed_capture_block *block)
{
    const double lost_s = to_s(live, block->n_lost);
    const bool ends = lost_s > SILENCE_S || live->device_lost;
    heed_status status = HEED_OK;

    if (ends && !live->device_lost)
        status = end_part(live);
    note_gap(live, block);
    live->position += block->n_lost;
    if (ends)
        live->base_s = to_s(live, live->position);
    else if (block->overflowed == CLI_SOURCE_MISSED)
        live->base_s += lost_s;
    else if (status == HEED_OK)
        status = feed_silence(live, block->n_lost);
    return status;
}

heed_status cli_live_hear(cli_live *live, const float *samples,
                          const heed_capture_block *block)
{
    heed_status status = HEED_OK;

    if (live->tape != NULL)
        cli_tape_block(live->tape, samples, block);
    check_tape(live);
    if (block->n_lost > 0 || block->overflowed)
        status = hear_gap(live, block);
    if (block->n_samples > 0)
        live->device_lost = false;
    live->position += block->n_samples;
    measure_level(live, samples, block->n_samples);
    if (status == HEED_OK)
        status = feed(live, samples, block->n_samples);
    return status;
}

bool cli_live_step(cli_live *live, const cli_tape_clock *clock)
{
    bool kept;

    live->clock = *clock;
    if (live->tape != NULL)
        cli_tape_step(live->tape, clock);
    check_tape(live);
    kept = publish(live);
    tell_status(live);
    return cli_views_flush(&live->views) && kept;
}

void cli_live_set_chunk(cli_live *live, size_t chunk_frames)
{
    if (live->tape != NULL)
        cli_tape_chunk(live->tape, chunk_frames);
    check_tape(live);
    live->chunk_frames = chunk_frames;
    heed_stream_set_chunk(live->stream, chunk_frames);
}

heed_status cli_live_lose_device(cli_live *live)
{
    heed_status status;

    if (live->tape != NULL)
        cli_tape_lose(live->tape);
    status = end_part(live);
    live->base_s = to_s(live, live->position);
    live->device_lost = true;
    (void)cli_views_flush(&live->views);
    return status;
}

heed_status cli_live_finish(cli_live *live)
{
    const heed_status status = end_part(live);

    update_status(live);
    cli_views_end(&live->views, &live->status);
    (void)cli_views_flush(&live->views);
    return status;
}

double cli_live_delay(const cli_live *live, double part)
{
    size_t n = 0;
    size_t bin = 0;

    while (bin < CLI_LIVE_DELAYS - 1 &&
           (double)(n += live->delays[bin]) < part * (double)live->n_words)
        bin++;
    return (double)(bin + 1) * CLI_LIVE_DELAY_MS / 1000.0;
}
