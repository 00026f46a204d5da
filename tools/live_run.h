/* live_run.h - a live session from its first sample to its last.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HEED_TOOLS_LIVE_RUN_H
#define HEED_TOOLS_LIVE_RUN_H

#include "tools/live.h"
#include "tools/source.h"

/* Where a session runs; everything is borrowed. */
typedef struct cli_live_run {
    cli_live *live;
    cli_messages *messages;
    bool reconnect;           /* wait for a device that went away */
    void (*tick)(void *user); /* called often; NULL: nobody wants it */
    void *tick_user;
} cli_live_run;

/* Hears `source` until it ends or the user wants an end. Returns CLI_EXIT_OK;
 * CLI_EXIT_INPUT if the sound ended early; CLI_EXIT_OUTPUT if nothing could be
 * written any more. What was heard is committed in every case. */
cli_exit cli_live_run_source(cli_live_run *run, cli_source *source);

/* Plays a tape; returns the same. */
cli_exit cli_live_run_tape(cli_live_run *run, cli_tape_reader *tape);

#endif /* HEED_TOOLS_LIVE_RUN_H */
