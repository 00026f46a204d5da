/* source.h - where a live session gets its sound. SPDX-License-Identifier:
 * Apache-2.0
 *
 * A microphone; a file at the speed it was spoken at; or a file as fast as it
 * can be heard, with the clock of its own samples. */
#ifndef HEED_TOOLS_SOURCE_H
#define HEED_TOOLS_SOURCE_H

#include "asr/heed.h"
#include "audio/soundfile.h"
#include "tools/player.h"
#include "tools/tape.h"

#include <stdbool.h>

/* What `overflowed` of a block says if its loss was only noticed by the clock:
 * the system dropped `n_lost` samples some CLI_SOURCE_NOTICED_S earlier and
 * did not say so. */
enum { CLI_SOURCE_MISSED = 2 };
#define CLI_SOURCE_NOTICED_S 2.0

typedef struct cli_source_config {
    const char *file; /* NULL: a microphone */
    bool realtime;    /* play the file at its own speed */
    heed_capture_config capture;
} cli_source_config;

typedef struct cli_source {
    cli_source_config config;
    const heed_log *log;
    unsigned rate_hz;
    char name[256];
    heed_capture *capture; /* of these three, one or the last two are set */
    heed_soundfile *sound;
    cli_player *player;
    bool stopped;
    bool returned;     /* the device came back, and the gap was not told yet */
    bool begun;        /* a block was read: the clock runs */
    double zero_s;     /* where the session begins, on cli_clock_s() */
    double cpu_zero_s; /* the same on the clock of computing */
    double latency_s;
    int64_t told_us;     /* by the clock, the last time */
    double late_since_s; /* the device is behind the clock; 0: it is not */
    double late_s;       /* since then, at least */
    uint64_t position;   /* samples given or lost since the session began */
    uint64_t n_waiting;
} cli_source;

/* Opens it. Returns HEED_OK, or what failed, with a line to `log`, which must
 * outlive the source. */
heed_status cli_source_open(cli_source *source, const cli_source_config *config,
                            const heed_log *log);
void cli_source_close(cli_source *source);

/* As heed_capture_read(). */
heed_status cli_source_read(cli_source *source, float *samples,
                            heed_capture_block *block);

/* No more sound is taken in; what waits can still be read. */
void cli_source_stop(cli_source *source);

/* Tries to open a microphone again that was lost, at the rate it had, silently.
 * The first block that it gives tells how much was lost. */
bool cli_source_reopen(cli_source *source);

/* The clock of the session. */
cli_tape_clock cli_source_clock(cli_source *source);

#endif /* HEED_TOOLS_SOURCE_H */
