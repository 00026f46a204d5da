/* tape.h - a live session kept so that it can be played again.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A folder with two files: samples.f32, all samples heard (32-bit floats, low
 * byte first, one channel), and session.txt, lines of words:
 *
 *   heed-session 1
 *   rate_hz 48000                    then other settings, a line each
 *   begin
 *   b SAMPLES LOST OVERFLOWED        a block was heard
 *   s NOW_US WAITING BUSY_US         a step: the clock, samples that wait
 *   c FRAMES                         the chunk from here on, 0: the usual one
 *   l                                the device was lost
 *   f                                the end */
#ifndef HEED_TOOLS_TAPE_H
#define HEED_TOOLS_TAPE_H

#include "asr/heed.h"
#include "audio/soundfile.h"
#include "audio/soundwriter.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* What a session knows that is not in its samples. */
typedef struct cli_tape_clock {
    int64_t now_us;     /* since the session began */
    uint64_t n_waiting; /* samples that wait to be heard */
    int64_t busy_us;    /* spent computing since the session began */
} cli_tape_clock;

/* The settings of a session. The language model in `config` does not count. */
typedef struct cli_tape_header {
    heed_stream_config config; /* its rate is that of the samples */
    char model[128];           /* its name */
    size_t model_bytes;
    char lm_path[PATH_MAX]; /* where the language model was; "": unknown */
    char lm_sha256[65];     /* of that file; "": there was none */
} cli_tape_header;

typedef struct cli_tape {
    FILE *session;
    heed_soundwriter *samples;
    const char *folder; /* borrowed */
    int error;          /* errno of the first failure */
} cli_tape;

/* Makes the folder, which must not exist or be empty of a session. Returns
 * HEED_OK or HEED_ERR_IO with a line to `log`. */
heed_status cli_tape_create(cli_tape *tape, const char *folder,
                            const cli_tape_header *header, const heed_log *log);

/* Keep the first failure in `tape->error` and do nothing after it. */
void cli_tape_block(cli_tape *tape, const float *samples,
                    const heed_capture_block *block);
void cli_tape_step(cli_tape *tape, const cli_tape_clock *clock);
void cli_tape_chunk(cli_tape *tape, size_t chunk_frames);
void cli_tape_lose(cli_tape *tape);

/* Ends the tape. Returns false if not all of it could be written. */
bool cli_tape_finish(cli_tape *tape);

typedef struct cli_tape_reader {
    FILE *session;
    heed_soundfile *samples;
    const char *folder;
    const heed_log *log;
    unsigned long line;
    cli_tape_header header;
} cli_tape_reader;

/* Opens the session in `folder`. Returns HEED_OK; HEED_ERR_IO or
 * HEED_ERR_FORMAT with a line to `log`. */
heed_status cli_tape_open(cli_tape_reader *reader, const char *folder,
                          const heed_log *log);
void cli_tape_close(cli_tape_reader *reader);

typedef enum cli_tape_kind {
    CLI_TAPE_BLOCK,
    CLI_TAPE_STEP,
    CLI_TAPE_CHUNK,
    CLI_TAPE_LOSE,
    CLI_TAPE_END
} cli_tape_kind;

typedef struct cli_tape_event {
    cli_tape_kind kind;
    heed_capture_block block; /* of CLI_TAPE_BLOCK */
    cli_tape_clock clock;     /* of CLI_TAPE_STEP */
    size_t chunk_frames;      /* of CLI_TAPE_CHUNK */
} cli_tape_event;

/* Reads what comes next; the samples of a block go to `samples`, which has room
 * for HEED_CAPTURE_BLOCK_SAMPLES. A session that was broken off ends where it
 * does. Returns HEED_OK, or HEED_ERR_FORMAT with a line to the log. */
heed_status cli_tape_next(cli_tape_reader *reader, cli_tape_event *event,
                          float *samples);

#endif /* HEED_TOOLS_TAPE_H */
