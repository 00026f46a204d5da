/* live.h - one session of live recognition, whoever provides the sound.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   blocks of samples -> stream -> views (screen, events, text, files)
 *
 * A session is a sequence of four calls: hear a block, step (the clock is
 * read, the views are told), lose (the device went away), set the chunk. What
 * the views get depends on these calls and their arguments alone, so that a
 * tape of them, played again, shows the same. Where sound was lost the
 * session's time goes on: a short gap is heard as silence, a long one ends what
 * is being heard and begins anew behind it. */
#ifndef HEED_TOOLS_LIVE_H
#define HEED_TOOLS_LIVE_H

#include "asr/heed.h"
#include "audio/soundwriter.h"
#include "tools/cli.h"
#include "tools/tape.h"
#include "tools/views.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CLI_LIVE_DELAYS = 600, CLI_LIVE_DELAY_MS = 20 };
/* Frames of the biggest chunk: 1.3 s. */
enum { CLI_LIVE_MAX_CHUNK = 54 };

/* How loud it has been since the level was last told. */
typedef struct cli_level {
    double energy;
    size_t n_samples;
    double db; /* the last that was told */
} cli_level;

typedef struct cli_live {
    heed_stream *stream; /* owned */
    cli_messages *messages;
    cli_views views;          /* to be filled before anything is heard */
    cli_tape *tape;           /* borrowed; NULL: none is kept any more */
    heed_soundwriter *saving; /* borrowed; NULL: the sound is not kept */
    const char *saving_name;
    unsigned rate_hz;
    cli_tape_clock clock;   /* of the last step */
    size_t chunk_frames;    /* 0: the usual chunk */
    uint64_t position;      /* samples heard or lost since the session began */
    double base_s;          /* where the stream's time 0 lies */
    size_t base_segment;    /* what its segment 0 is called */
    size_t n_segments;      /* begun so far, those without words excluded */
    bool in_segment;        /* the last of them has words and is not final */
    bool device_lost;       /* nothing was heard since */
    bool keeping_failed;    /* sound or tape cannot be kept any more */
    bool rescuing;          /* words are told as messages, none works */
    unsigned long revision; /* that the views have been shown */
    heed_word *words;       /* [words_capacity] with the session's times */
    size_t words_capacity;
    cli_level level;
    cli_live_status status; /* as the views were told last */
    double status_at_s;
    int64_t status_busy_us;
    size_t n_words;
    size_t delays[CLI_LIVE_DELAYS]; /* committed words by their delay */
} cli_live;

/* Creates the stream. Everything in `config` and `log` is borrowed. Returns
 * HEED_OK, HEED_ERR_ARG or HEED_ERR_MEMORY; said to `log`. */
heed_status cli_live_init(cli_live *live, const heed_model *model,
                          const heed_stream_config *config,
                          cli_messages *messages, const heed_log *log);
void cli_live_deinit(cli_live *live);

/* Hears `block`, whose samples are at `samples`. Returns HEED_OK or what the
 * recogniser refuses. */
heed_status cli_live_hear(cli_live *live, const float *samples,
                          const heed_capture_block *block);

/* Reads the clock: tells the views what is new. Returns false if nothing that
 * is committed could be kept any more: what could not be has been told. */
bool cli_live_step(cli_live *live, const cli_tape_clock *clock);

/* Sets the chunk for what is heard from here on, up to CLI_LIVE_MAX_CHUNK; 0 is
 * the usual one. See heed_stream_set_chunk(). */
void cli_live_set_chunk(cli_live *live, size_t chunk_frames);

/* The device went away at the time of the last step: what was heard becomes
 * committed. A block that follows says how much was lost. */
heed_status cli_live_lose_device(cli_live *live);

/* Everything becomes committed and the views end. */
heed_status cli_live_finish(cli_live *live);

/* Returns the delay in seconds that the fraction `part` of all committed words
 * did not exceed. */
double cli_live_delay(const cli_live *live, double part);

#endif /* HEED_TOOLS_LIVE_H */
