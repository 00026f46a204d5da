/* source.c - where a live session gets its sound. SPDX-License-Identifier:
 * Apache-2.0
 */
#include "tools/source.h"

#include "tools/progress.h"

#include <stdio.h>
#include <time.h>

/* A file that nobody waits for is heard in pieces of this part of a second. */
#define PIECES_PER_S 20
/* The session's clock follows the device's by no more than this, in seconds
 * per second: more than two clocks drift apart, less than anybody sees. */
#define CREEP 0.001
/* No device that works gathers more than this before it delivers. */
#define LATE_S 0.2

/* Seconds that all threads of the program have computed. */
static double cpu_clock_s(void)
{
    struct timespec now = {0, 0};

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* ---- Opening ---------------------------------------------------------- */

static heed_status open_microphone(cli_source *source,
                                   const heed_capture_config *config,
                                   const heed_log *log)
{
    heed_capture_info info;
    heed_status status = heed_capture_open(&source->capture, config, log);

    if (status == HEED_OK)
        status = heed_capture_start(source->capture);
    if (status != HEED_OK) {
        heed_capture_close(source->capture);
        source->capture = NULL;
        return status;
    }
    heed_capture_describe(source->capture, &info);
    source->rate_hz = info.sample_rate_hz;
    source->latency_s = info.latency_s;
    snprintf(source->name, sizeof source->name, "%s", info.device);
    return HEED_OK;
}

static heed_status open_file(cli_source *source)
{
    heed_soundfile_info info;
    const cli_source_config *config = &source->config;
    const heed_soundfile_options options = {.channel = config->capture.channel};
    const heed_status status = heed_soundfile_open(&source->sound, config->file,
                                                   &options, source->log);

    if (status != HEED_OK)
        return status;
    heed_soundfile_describe(source->sound, &info);
    source->rate_hz = info.rate_hz;
    snprintf(source->name, sizeof source->name, "%s", config->file);
    return config->realtime ? cli_player_create(&source->player, source->sound,
                                                config->capture.backlog_s)
                            : HEED_OK;
}

heed_status cli_source_open(cli_source *source, const cli_source_config *config,
                            const heed_log *log)
{
    heed_status status;

    *source = (cli_source){.config = *config, .log = log};
    status = config->file != NULL
                 ? open_file(source)
                 : open_microphone(source, &config->capture, log);
    if (status != HEED_OK)
        cli_source_close(source);
    return status;
}

void cli_source_close(cli_source *source)
{
    heed_capture_close(source->capture);
    cli_player_destroy(source->player);
    heed_soundfile_close(source->sound);
    source->capture = NULL;
    source->player = NULL;
    source->sound = NULL;
}

bool cli_source_reopen(cli_source *source)
{
    heed_capture_config config = source->config.capture;
    const unsigned rate_hz = source->rate_hz;

    heed_capture_close(source->capture);
    source->capture = NULL;
    config.sample_rate_hz = rate_hz;
    source->returned = open_microphone(source, &config, NULL) == HEED_OK;
    return source->returned;
}

void cli_source_stop(cli_source *source)
{
    source->stopped = true;
    if (source->capture != NULL)
        heed_capture_stop(source->capture);
    if (source->player != NULL)
        cli_player_stop(source->player);
}

/* ---- Clock ------------------------------------------------------------ */

/* When the session began, judged by how many samples have come by now. */
static double zero_now_s(const cli_source *source)
{
    return cli_clock_s() - source->latency_s -
           (double)(source->position + source->n_waiting) /
               (double)source->rate_hz;
}

/* The judgement is late by what the device gathers before it delivers, never
 * early: so the earliest counts. Clocks that drift apart move it slowly.
 * `passed_s`: since the last call. */
static void follow_clock(cli_source *source, double passed_s)
{
    const double zero_s = zero_now_s(source);

    if (!source->begun) {
        source->zero_s = zero_s;
        source->cpu_zero_s = cpu_clock_s();
        source->begun = true;
    } else if (zero_s < source->zero_s + CREEP * passed_s) {
        source->zero_s = zero_s;
    } else {
        source->zero_s += CREEP * passed_s;
    }
}

/* Returns how many seconds of sound never came although the device delivers:
 * what it stays behind the clock for so long that it will not catch up. Sound
 * servers drop what they cannot deliver without a word. */
static double missed_s(cli_source *source)
{
    const double now_s = cli_clock_s();
    const double late_s =
        source->begun ? zero_now_s(source) - source->zero_s : 0.0;

    if (late_s < LATE_S) {
        source->late_since_s = 0.0;
        return 0.0;
    }
    if (source->late_since_s == 0.0) {
        source->late_since_s = now_s;
        source->late_s = late_s;
    }
    if (late_s < source->late_s)
        source->late_s = late_s;
    if (now_s - source->late_since_s < CLI_SOURCE_NOTICED_S)
        return 0.0;
    source->late_since_s = 0.0;
    return source->late_s;
}

cli_tape_clock cli_source_clock(cli_source *source)
{
    const bool own_clock = source->sound != NULL && source->player == NULL;
    cli_tape_clock clock = {.n_waiting = source->n_waiting};

    if (own_clock) {
        clock.now_us =
            (int64_t)(1e6 * (double)source->position / (double)source->rate_hz);
    } else if (source->begun) {
        clock.now_us = (int64_t)(1e6 * (cli_clock_s() - source->zero_s));
        clock.busy_us = (int64_t)(1e6 * (cpu_clock_s() - source->cpu_zero_s));
    }
    /* Following the device must not turn the clock back. */
    if (clock.now_us < source->told_us)
        clock.now_us = source->told_us;
    source->told_us = clock.now_us;
    return clock;
}

/* ---- Sound ------------------------------------------------------------ */

/* Reads a piece of a file that nobody waits for. */
static heed_status read_file(cli_source *source, float *samples,
                             heed_capture_block *block)
{
    const size_t piece = source->rate_hz / PIECES_PER_S;

    *block = (heed_capture_block){0};
    if (source->stopped)
        return HEED_END;
    return heed_soundfile_read(
        source->sound, samples,
        piece < HEED_CAPTURE_BLOCK_SAMPLES ? piece : HEED_CAPTURE_BLOCK_SAMPLES,
        &block->n_samples);
}

/* The first block after the device came back: what was lost is the time that
 * passed. At least a sample, so that it is told. */
static void count_absence(cli_source *source, heed_capture_block *block)
{
    const double lost =
        (zero_now_s(source) - source->zero_s) * (double)source->rate_hz -
        (double)(block->n_samples + block->n_lost);

    source->returned = false;
    block->n_lost += lost > 1.0 ? (size_t)lost : 1;
}

static void count_missed(cli_source *source, heed_capture_block *block)
{
    const size_t n_missed =
        (size_t)(missed_s(source) * (double)source->rate_hz);

    if (n_missed == 0)
        return;
    block->n_lost += n_missed;
    block->overflowed = CLI_SOURCE_MISSED;
    source->position += n_missed;
}

heed_status cli_source_read(cli_source *source, float *samples,
                            heed_capture_block *block)
{
    heed_status status;

    if (source->player != NULL)
        status = cli_player_read(source->player, samples, block);
    else if (source->sound != NULL)
        status = read_file(source, samples, block);
    else if (source->capture != NULL)
        status = heed_capture_read(source->capture, samples, block);
    else
        return HEED_ERR_DEVICE;
    if (status != HEED_OK)
        return status;
    source->n_waiting = block->n_waiting;
    if (source->returned)
        count_absence(source, block);
    source->position += block->n_samples + block->n_lost;
    if (source->capture != NULL)
        count_missed(source, block);
    follow_clock(source, (double)block->n_samples / (double)source->rate_hz);
    return HEED_OK;
}
