/* live_run.c - a live session from its first sample to its last.
 * SPDX-License-Identifier: Apache-2.0
 *
 * One thread does all but the capturing: it hears what waits, steps, and naps.
 * The more waits, the more is heard between two steps, up to a second: a
 * machine that falls behind spends less on showing. One that falls further
 * behind hears bigger chunks, which takes less work: on dev 63 % with chunks
 * of 27 frames and 43 % with 54, in place of 12. */
#include "tools/live_run.h"

#include "tools/interrupt.h"

#include <math.h>
#include <time.h>

#define STEP_S      1.0
#define NAP_S       0.01
#define RECONNECT_S 1.0
/* So much sound waits: chunks become bigger, twice; or a part of what may wait,
 * if that is less. */
#define BEHIND_S     1.0
#define FAR_BEHIND_S 3.0
/* No more waits, for so long: smaller ones are tried again. */
#define CALM_S     0.3
#define CALM_FOR_S 30.0

/* Ends early when a signal comes. */
static void nap(void)
{
    nanosleep(&(struct timespec){.tv_nsec = (long)(NAP_S * 1e9)}, NULL);
}

static void tick(const cli_live_run *run)
{
    if (run->tick != NULL)
        run->tick(run->tick_user);
}

static cli_exit explain(const cli_live_run *run, heed_status status)
{
    if (run->messages->n_errors == 0)
        cli_messages_error(run->messages, "%s", heed_status_text(status));
    return CLI_EXIT_INPUT;
}

static bool lost_output(const cli_live_run *run)
{
    return run->live->views.any_failed || run->live->keeping_failed;
}

static bool step(const cli_live_run *run, cli_source *source)
{
    const cli_tape_clock clock = cli_source_clock(source);

    return cli_live_step(run->live, &clock);
}

/* What became of hearing for a step. */
typedef struct heard {
    heed_status source; /* HEED_OK: there may be more */
    heed_status stream; /* below HEED_OK: it refuses */
    bool any;
    bool kept; /* by some view */
} heard;

/* Whether sound comes by itself, and so can wait. */
static bool is_paced(const cli_source *source)
{
    return source->sound == NULL || source->player != NULL;
}

/* Hears what waits, at most a step's worth. Words before a gap are told before
 * it, and the clock is read. A file without a clock is a step a piece. */
static heard hear(const cli_live_run *run, cli_source *source)
{
    static float samples[HEED_CAPTURE_BLOCK_SAMPLES];
    heard h = {.source = HEED_OK, .stream = HEED_OK, .kept = true};
    double left_s = is_paced(source) ? STEP_S : 0.0;

    do {
        heed_capture_block block;

        h.source = cli_source_read(source, samples, &block);
        if (h.source != HEED_OK)
            break;
        if (block.n_lost > 0 || block.overflowed)
            h.kept = step(run, source) && h.kept;
        h.any = true;
        h.stream = cli_live_hear(run->live, samples, &block);
        left_s -= (double)block.n_samples / (double)source->rate_hz;
    } while (left_s > 0.0 && h.stream == HEED_OK);
    if (h.any)
        h.kept = step(run, source) && h.kept;
    return h;
}

/* How far behind it is. */
typedef struct pace {
    size_t level;        /* of `chunks` */
    double calm_since_s; /* on the clock of the session */
} pace;

/* Chooses the chunk by what waits; back, too, when little has waited for a
 * while. */
static void choose_chunk(const cli_live_run *run, const cli_source *source,
                         pace *p)
{
    static const size_t chunks[] = {0, CLI_LIVE_MAX_CHUNK / 2,
                                    CLI_LIVE_MAX_CHUNK};
    const double limit_s = source->config.capture.backlog_s;
    const double bounds_s[] = {BEHIND_S, FAR_BEHIND_S};
    const double parts[] = {0.25, 0.5};
    const double behind_s = (double)source->n_waiting / (double)source->rate_hz;
    const double now_s = (double)run->live->clock.now_us / 1e6;
    size_t level = p->level;

    for (size_t i = 0; i < 2; i++)
        if (level <= i && behind_s > fmin(bounds_s[i], parts[i] * limit_s))
            level = i + 1;
    if (behind_s > CALM_S)
        p->calm_since_s = now_s;
    else if (level > 0 && now_s - p->calm_since_s > CALM_FOR_S)
        level--;
    if (level == p->level)
        return;
    *p = (pace){level, now_s};
    cli_live_set_chunk(run->live, chunks[level]);
    cli_messages_tell(run->messages, "%.1f s behind: %s chunks", behind_s,
                      level > 0 ? "bigger" : "usual");
}

/* Waits for the device to come back. Returns false if the user gave up. */
static bool wait_for_device(const cli_live_run *run, cli_source *source)
{
    double next_s = cli_clock_s() + RECONNECT_S;

    cli_messages_warn(run->messages, "waiting for the device to come back");
    while (!cli_interrupt_wanted()) {
        tick(run);
        nap();
        if (cli_clock_s() < next_s)
            continue;
        if (cli_source_reopen(source)) {
            cli_messages_warn(run->messages, "%s: is back", source->name);
            return true;
        }
        next_s = cli_clock_s() + RECONNECT_S;
    }
    return false;
}

/* Hears until an end. Returns why it ended. */
static cli_exit hear_all(const cli_live_run *run, cli_source *source)
{
    pace p = {0};

    for (;;) {
        const heard h = hear(run, source);

        if (!h.kept)
            return CLI_EXIT_OUTPUT;
        if (h.stream < HEED_OK)
            return explain(run, h.stream);
        if (h.source == HEED_END)
            return CLI_EXIT_OK;
        if (h.source == HEED_ERR_DEVICE && run->reconnect) {
            if (cli_live_lose_device(run->live) < HEED_OK ||
                !wait_for_device(run, source))
                return CLI_EXIT_OK;
        } else if (h.source < HEED_OK) {
            return explain(run, h.source);
        }
        if (is_paced(source))
            choose_chunk(run, source, &p);
        if (cli_interrupt_wanted() && !source->stopped)
            cli_source_stop(source);
        tick(run);
        if (h.source == HEED_AGAIN)
            nap();
    }
}

cli_exit cli_live_run_source(cli_live_run *run, cli_source *source)
{
    cli_exit code = hear_all(run, source);
    const heed_status status = cli_live_finish(run->live);

    if (code == CLI_EXIT_OK && status < HEED_OK)
        code = explain(run, status);
    return lost_output(run) ? CLI_EXIT_OUTPUT : code;
}

cli_exit cli_live_run_tape(cli_live_run *run, cli_tape_reader *tape)
{
    static float samples[HEED_CAPTURE_BLOCK_SAMPLES];
    cli_tape_event event = {.kind = CLI_TAPE_BLOCK};
    heed_status status = HEED_OK;
    bool kept = true;

    while (status == HEED_OK && kept && event.kind != CLI_TAPE_END &&
           !cli_interrupt_wanted()) {
        status = cli_tape_next(tape, &event, samples);
        if (status != HEED_OK)
            break;
        if (event.kind == CLI_TAPE_BLOCK)
            status = cli_live_hear(run->live, samples, &event.block);
        else if (event.kind == CLI_TAPE_STEP)
            kept = cli_live_step(run->live, &event.clock);
        else if (event.kind == CLI_TAPE_CHUNK)
            cli_live_set_chunk(run->live, event.chunk_frames);
        else if (event.kind == CLI_TAPE_LOSE)
            status = cli_live_lose_device(run->live);
        tick(run);
    }
    cli_exit code = status < HEED_OK ? explain(run, status) : CLI_EXIT_OK;

    status = cli_live_finish(run->live);
    if (code == CLI_EXIT_OK && status < HEED_OK)
        code = explain(run, status);
    return lost_output(run) ? CLI_EXIT_OUTPUT : code;
}
