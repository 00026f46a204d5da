/* sound.c - the samples of one utterance. SPDX-License-Identifier: Apache-2.0
 */
#include "tools/eval/sound.h"

#include "tools/eval/lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCKS_PER_S 50

/* Runs `command`, without the `|` at its end, into a new temporary file at
 * `path`. */
static bool run_command(char path[], const char *command)
{
    const int fd = mkstemp(path);
    char bytes[4096];
    FILE *to = fd >= 0 ? fdopen(fd, "wb") : NULL;
    FILE *from = to != NULL ? popen(command, "r") : NULL;
    bool good = from != NULL;
    size_t count;

    while (good && (count = fread(bytes, 1, sizeof bytes, from)) > 0)
        good = fwrite(bytes, 1, count, to) == count;
    if (from != NULL && pclose(from) != 0)
        good = false;
    if (to != NULL && fclose(to) != 0)
        good = false;
    return good;
}

static heed_status open_command(eval_sound *sound,
                                const heed_soundfile_options *options)
{
    const char *piped = sound->item->path;
    eval_text command = {0};
    char path[EVAL_NAME_BYTES];
    heed_status status = HEED_ERR_IO;

    eval_text_add(&command, piped, strlen(piped) - 1);
    eval_temporary_name(path);
    if (run_command(path, command.bytes))
        status = heed_soundfile_open(&sound->file, path, options, sound->log);
    else
        (void)eval_error(sound->log, "%s: command failed", command.bytes);
    (void)unlink(path);
    eval_text_deinit(&command);
    return status;
}

/* The sample at a time; one far beyond any file for what is no number. */
static uint64_t sample_at(const eval_sound *sound, double seconds)
{
    const double sample = seconds * sound->rate_hz + 0.5;

    return sample < 1e15 ? (uint64_t)sample : (uint64_t)1e15;
}

heed_status eval_sound_open(eval_sound *sound, const eval_item *item,
                            const heed_log *log)
{
    const heed_soundfile_options options = {.channel = item->channel};
    heed_soundfile_info info;
    heed_status status;

    *sound = (eval_sound){.item = item, .log = log, .n_left = UINT64_MAX};
    status = item->is_command
                 ? open_command(sound, &options)
                 : heed_soundfile_open(&sound->file, item->path, &options, log);
    if (status != HEED_OK)
        return status;
    heed_soundfile_describe(sound->file, &info);
    sound->rate_hz = info.rate_hz;
    sound->room = info.rate_hz / BLOCKS_PER_S;
    sound->block = eval_calloc(sound->room, sizeof *sound->block);
    if (item->start_s >= 0.0)
        sound->n_before = sample_at(sound, item->start_s);
    if (item->end_s >= 0.0) {
        const uint64_t end = sample_at(sound, item->end_s);

        sound->n_left = end > sound->n_before ? end - sound->n_before : 0;
    }
    return HEED_OK;
}

/* Reads up to `*n_wanted` samples and takes them off it. */
static heed_status read_some(eval_sound *sound, uint64_t *n_wanted,
                             size_t *count)
{
    const size_t most =
        *n_wanted < sound->room ? (size_t)*n_wanted : sound->room;
    const heed_status status =
        heed_soundfile_read(sound->file, sound->block, most, count);

    if (*n_wanted != UINT64_MAX)
        *n_wanted -= *count;
    return status;
}

heed_status eval_sound_next(eval_sound *sound, size_t *count)
{
    heed_status status = HEED_OK;

    *count = 0;
    while (status == HEED_OK && sound->n_before > 0)
        status = read_some(sound, &sound->n_before, count);
    if (status == HEED_OK && sound->n_left == 0)
        return HEED_END;
    if (status == HEED_OK)
        status = read_some(sound, &sound->n_left, count);
    if (status != HEED_END)
        return status;
    /* An end that is a few milliseconds late is rounding. */
    if (sound->n_before == 0 &&
        (sound->n_left == UINT64_MAX || sound->n_left < sound->room))
        return HEED_END;
    (void)eval_error(sound->log, "%s: ends before the utterance",
                     sound->item->path);
    return HEED_ERR_TRUNCATED;
}

void eval_sound_close(eval_sound *sound)
{
    heed_soundfile_close(sound->file);
    free(sound->block);
    *sound = (eval_sound){0};
}
