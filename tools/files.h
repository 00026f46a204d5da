/* files.h - many sound files to one output. SPDX-License-Identifier: Apache-2.0
 */
#ifndef HEED_TOOLS_FILES_H
#define HEED_TOOLS_FILES_H

#include "tools/job.h"

/* Transcribes the files at `paths`, up to `n_jobs` at a time, with what `job`
 * has in common for all of them. What is written and told is in the order of
 * the files and the same for any `n_jobs`. Returns CLI_EXIT_OK;
 * CLI_EXIT_INTERRUPTED or CLI_EXIT_OUTPUT, which end it; or what became of the
 * last file that went wrong. */
cli_exit cli_files_run(cli_job *job, char *const *paths, size_t n_paths,
                       size_t n_jobs);

#endif /* HEED_TOOLS_FILES_H */
