/* live_run.c - a live session from its first sample to its last.
 * SPDX-License-Identifier: Apache-2.0
 *
 * One thread does all but the capturing: it hears what waits, steps, and naps.
 * The more waits, the more is heard between two steps, up to a second: a
 * machine that falls behind spends less on showing. */
#include "tools/live_run.h"

#include "tools/interrupt.h"

#include <time.h>

#define STEP_S      1.0
#define NAP_S       0.01
#define RECONNECT_S 1.0

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

/* Hears what waits, at most a step's worth. Words before a gap are told before
 * it, and the clock is read. A file without a clock is a step a piece. */
static heard hear(const cli_live_run *run, cli_source *source)
{
    static float samples[HEED_CAPTURE_BLOCK_SAMPLES];
    const bool paced = source->sound == NULL || source->player != NULL;
    heard h = {.source = HEED_OK, .stream = HEED_OK, .kept = true};
    double left_s = paced ? STEP_S : 0.0;

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
    cli_tape_event event = CLI_TAPE_BLOCK;
    heed_status status = HEED_OK;
    bool kept = true;

    while (status == HEED_OK && kept && event != CLI_TAPE_END &&
           !cli_interrupt_wanted()) {
        heed_capture_block block;
        cli_tape_clock clock;

        status = cli_tape_next(tape, &event, samples, &block, &clock);
        if (status == HEED_OK && event == CLI_TAPE_BLOCK)
            status = cli_live_hear(run->live, samples, &block);
        else if (status == HEED_OK && event == CLI_TAPE_STEP)
            kept = cli_live_step(run->live, &clock);
        else if (status == HEED_OK && event == CLI_TAPE_LOSE)
            status = cli_live_lose_device(run->live);
        tick(run);
    }
    cli_exit code = status < HEED_OK ? explain(run, status) : CLI_EXIT_OK;

    status = cli_live_finish(run->live);
    if (code == CLI_EXIT_OK && status < HEED_OK)
        code = explain(run, status);
    return lost_output(run) ? CLI_EXIT_OUTPUT : code;
}
