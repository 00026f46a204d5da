/* job.h - one sound file to one output. SPDX-License-Identifier: Apache-2.0 */
#ifndef HEED_TOOLS_JOB_H
#define HEED_TOOLS_JOB_H

#include "asr/heed.h"
#include "audio/soundfile.h"
#include "tools/cli.h"
#include "tools/output.h"

#include <stdatomic.h>

/* What all files of a command have in common. Borrows everything but the
 * stream, which cli_job_deinit() releases. */
typedef struct cli_job {
    const heed_model *model;
    heed_stream_config config; /* its rate is set for each file */
    heed_soundfile_options sound;
    cli_messages *messages;
    const heed_log *log;
    cli_output *output;
    heed_stream *stream; /* of the last file, for the next one; NULL at first */
    const atomic_bool *stop; /* give up when it becomes true; NULL: never */
} cli_job;

/* Transcribes the file at `path`, "-" being the standard input, and tells of
 * every failure but those of the output. Returns CLI_EXIT_OK; CLI_EXIT_INPUT
 * if the text is missing or incomplete; CLI_EXIT_OUTPUT; or
 * CLI_EXIT_INTERRUPTED. What was committed has been written in every case. */
cli_exit cli_job_run(cli_job *job, const char *path);

void cli_job_deinit(cli_job *job);

#endif /* HEED_TOOLS_JOB_H */
