/* sink.h - where the result goes, so that nothing is lost.
 * SPDX-License-Identifier: Apache-2.0
 *
 * stdout, or a file. A regular file is written under another name beside the
 * old one and takes its place only when all of it has reached the disk. */
#ifndef HEED_TOOLS_SINK_H
#define HEED_TOOLS_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

typedef struct cli_sink {
    FILE *file;
    char *path;      /* of the file, links followed; NULL for stdout */
    char *temporary; /* what is written; NULL if `path` is written itself */
    int error;       /* errno of the first failure, 0 if there was none */
    bool prompt;     /* somebody may be reading along: flush at once */
} cli_sink;

/* Opens `path`, or stdout if it is NULL. Returns false, with the cause in
 * `sink->error`, if it cannot be written. */
bool cli_sink_open(cli_sink *sink, const char *path);

/* Puts the new file in its place already now, where it will grow: from here on
 * each step is flushed, and closing keeps it. Returns false on failure. */
bool cli_sink_publish(cli_sink *sink);

/* Both keep the first failure in `sink->error` and do nothing after it. */
void cli_sink_write(cli_sink *sink, const char *bytes, size_t n_bytes);
void cli_sink_puts(cli_sink *sink, const char *text);

/* To be called after each step: flushes if somebody may be reading along.
 * Returns false if anything has failed. */
bool cli_sink_step(cli_sink *sink);

/* Flushes, closes and puts the file in its place if `keep`; without it, or
 * after a failure, the file that was there before is left as it was. Returns
 * false on failure. */
bool cli_sink_close(cli_sink *sink, bool keep);

#endif /* HEED_TOOLS_SINK_H */
