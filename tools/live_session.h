/* live_session.h - puts a live session together as the user wants it.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HEED_TOOLS_LIVE_SESSION_H
#define HEED_TOOLS_LIVE_SESSION_H

#include "tools/hearing.h"
#include "tools/output.h"
#include "tools/source.h"

/* What the command line says. */
typedef struct cli_live_arguments {
    cli_hearing hearing; /* nothing is open */
    cli_source_config source;
    const char *replay; /* folder of the tape to play; NULL: none */
    const char *record; /* folder of the tape to make; NULL: none */
    const char *save;   /* FLAC file for the sound; NULL: none */
    const cli_format *format;
    const char *output; /* file for the text; NULL: none */
    bool format_given;
    bool json;       /* events on stdout */
    bool plain;      /* no screen */
    bool confidence; /* colour words by it */
    bool reconnect;
    bool verbose;
    bool quiet;
} cli_live_arguments;

/* Runs the session. */
cli_exit cli_live_session_run(const cli_live_arguments *arguments);

#endif /* HEED_TOOLS_LIVE_SESSION_H */
