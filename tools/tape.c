/* tape.c - a live session kept so that it can be played again.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tools/tape.h"

#include "asr/base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAGIC      "heed-session 1"
#define PATH_BYTES PATH_MAX
#define LINE_BYTES (PATH_BYTES + 32)
/* A year, in a file that may be damaged. */
#define MAX_LOST_S 31536000ULL

static bool make_path(char path[PATH_BYTES], const char *folder,
                      const char *name)
{
    return (size_t)snprintf(path, PATH_BYTES, "%s/%s", folder, name) <
           PATH_BYTES;
}

/* ---- Recording -------------------------------------------------------- */

static void note_failure(cli_tape *tape)
{
    if (tape->error == 0)
        tape->error = errno != 0 ? errno : EIO;
}

static void write_header(cli_tape *tape, const cli_tape_header *header)
{
    const heed_stream_config *config = &header->config;

    if (fprintf(tape->session,
                MAGIC "\nrate_hz %u\nlatency %d\nchunk_frames %zu\n"
                      "lookahead_frames %zu\nendpoint_s %.17g\n"
                      "max_segment_s %.17g\nn_texts %zu\nlm_weight %.17g\n"
                      "min_confidence %.17g\nmodel_bytes %zu\nmodel %s\n",
                config->sample_rate_hz, (int)config->latency,
                config->chunk_frames, config->lookahead_frames,
                config->endpoint_s, config->max_segment_s, config->n_texts,
                config->lm_weight, config->min_confidence, header->model_bytes,
                header->model) < 0)
        note_failure(tape);
    if (header->lm_sha256[0] != '\0' &&
        fprintf(tape->session, "lm_sha256 %s\n", header->lm_sha256) < 0)
        note_failure(tape);
    /* A line holds no name with a line break. */
    if (header->lm_path[0] != '\0' && strchr(header->lm_path, '\n') == NULL &&
        fprintf(tape->session, "lm %s\n", header->lm_path) < 0)
        note_failure(tape);
    if (fputs("begin\n", tape->session) < 0)
        note_failure(tape);
}

heed_status cli_tape_create(cli_tape *tape, const char *folder,
                            const cli_tape_header *header, const heed_log *log)
{
    char path[PATH_BYTES];

    *tape = (cli_tape){.folder = folder};
    if (mkdir(folder, 0777) != 0 && errno != EEXIST) {
        heed_log_error(log, "%s: %s", folder, strerror(errno));
        return HEED_ERR_IO;
    }
    /* "x": a session that is there already is not written over. */
    errno = ENAMETOOLONG;
    if (make_path(path, folder, "session.txt"))
        tape->session = fopen(path, "wx");
    if (tape->session == NULL) {
        heed_log_error(log, "%s/session.txt: %s", folder, strerror(errno));
        return HEED_ERR_IO;
    }
    write_header(tape, header);
    if (!make_path(path, folder, "samples.f32") ||
        heed_soundwriter_create(&tape->samples, path, HEED_SOUNDWRITER_F32,
                                header->config.sample_rate_hz,
                                log) != HEED_OK) {
        fclose(tape->session);
        tape->session = NULL;
        return HEED_ERR_IO;
    }
    return HEED_OK;
}

void cli_tape_block(cli_tape *tape, const float *samples,
                    const heed_capture_block *block)
{
    if (tape->error != 0)
        return;
    errno = 0;
    if (fprintf(tape->session, "b %zu %zu %d\n", block->n_samples,
                block->n_lost, block->overflowed) < 0)
        note_failure(tape);
    if (heed_soundwriter_write(tape->samples, samples, block->n_samples) !=
        HEED_OK)
        note_failure(tape);
}

void cli_tape_step(cli_tape *tape, const cli_tape_clock *clock)
{
    errno = 0;
    if (tape->error == 0 &&
        fprintf(tape->session, "s %" PRId64 " %" PRIu64 " %" PRId64 "\n",
                clock->now_us, clock->n_waiting, clock->busy_us) < 0)
        note_failure(tape);
}

void cli_tape_chunk(cli_tape *tape, size_t chunk_frames)
{
    errno = 0;
    if (tape->error == 0 && fprintf(tape->session, "c %zu\n", chunk_frames) < 0)
        note_failure(tape);
}

void cli_tape_lose(cli_tape *tape)
{
    errno = 0;
    if (tape->error == 0 && fputs("l\n", tape->session) < 0)
        note_failure(tape);
}

bool cli_tape_finish(cli_tape *tape)
{
    errno = 0;
    if (tape->error == 0 && fputs("f\n", tape->session) < 0)
        note_failure(tape);
    if (fclose(tape->session) != 0)
        note_failure(tape);
    if (heed_soundwriter_close(tape->samples) != HEED_OK)
        note_failure(tape);
    tape->session = NULL;
    tape->samples = NULL;
    return tape->error == 0;
}

/* ---- Playing ---------------------------------------------------------- */

static heed_status refuse(const cli_tape_reader *reader, const char *cause)
{
    heed_log_error(reader->log, "%s/session.txt: line %lu: %s", reader->folder,
                   reader->line, cause);
    return HEED_ERR_FORMAT;
}

/* Reads a line without its end. Returns false at the end, and for a line that
 * was broken off. */
static bool read_line(cli_tape_reader *reader, char line[LINE_BYTES])
{
    size_t length;

    if (fgets(line, LINE_BYTES, reader->session) == NULL)
        return false;
    length = strlen(line);
    if (length == 0 || line[length - 1] != '\n')
        return false;
    line[length - 1] = '\0';
    reader->line++;
    return true;
}

/* Takes a setting of the recogniser. Returns whether it is one. */
static bool take_config(heed_stream_config *config, const char *name,
                        const char *value)
{
    const struct {
        const char *name;
        size_t *count; /* one of the two is set */
        double *number;
    } all[] = {{"chunk_frames", &config->chunk_frames, NULL},
               {"lookahead_frames", &config->lookahead_frames, NULL},
               {"n_texts", &config->n_texts, NULL},
               {"endpoint_s", NULL, &config->endpoint_s},
               {"max_segment_s", NULL, &config->max_segment_s},
               {"lm_weight", NULL, &config->lm_weight},
               {"min_confidence", NULL, &config->min_confidence}};

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (strcmp(name, all[i].name) != 0)
            continue;
        if (all[i].count != NULL)
            *all[i].count = strtoul(value, NULL, 10);
        else
            *all[i].number = strtod(value, NULL);
        return true;
    }
    return false;
}

/* Takes one line of the settings, which it cuts in two. Returns whether it is
 * one. */
static bool take_setting(cli_tape_header *header, char *line)
{
    char *value = strchr(line, ' ');
    heed_stream_config *config = &header->config;

    if (value == NULL)
        return false;
    *value++ = '\0';
    if (strcmp(line, "rate_hz") == 0)
        config->sample_rate_hz = (unsigned)strtoul(value, NULL, 10);
    else if (strcmp(line, "latency") == 0)
        config->latency =
            strcmp(value, "0") == 0 ? HEED_LATENCY_FILE : HEED_LATENCY_LIVE;
    else if (strcmp(line, "model_bytes") == 0)
        header->model_bytes = strtoul(value, NULL, 10);
    else if (strcmp(line, "model") == 0)
        snprintf(header->model, sizeof header->model, "%s", value);
    else if (strcmp(line, "lm_sha256") == 0)
        snprintf(header->lm_sha256, sizeof header->lm_sha256, "%s", value);
    else if (strcmp(line, "lm") == 0)
        snprintf(header->lm_path, sizeof header->lm_path, "%s", value);
    else
        return take_config(config, line, value);
    return true;
}

static heed_status read_header(cli_tape_reader *reader)
{
    char line[LINE_BYTES];

    if (!read_line(reader, line) || strcmp(line, MAGIC) != 0)
        return refuse(reader, "not a session of this version");
    for (;;) {
        if (!read_line(reader, line))
            return refuse(reader, "ends in its settings");
        if (strcmp(line, "begin") == 0)
            return HEED_OK;
        if (!take_setting(&reader->header, line))
            return refuse(reader, "not a setting");
    }
}

/* Opens the samples that belong to the settings. */
static heed_status open_samples(cli_tape_reader *reader)
{
    char path[PATH_BYTES];
    const heed_soundfile_options options = {
        .raw_encoding = HEED_SOUNDFILE_F32LE,
        .raw_rate_hz = reader->header.config.sample_rate_hz,
        .raw_channels = 1};

    if (options.raw_rate_hz < 8000 || options.raw_rate_hz > 192000)
        return refuse(reader, "no sample rate");
    if (!make_path(path, reader->folder, "samples.f32"))
        return HEED_ERR_IO;
    return heed_soundfile_open(&reader->samples, path, &options, reader->log);
}

heed_status cli_tape_open(cli_tape_reader *reader, const char *folder,
                          const heed_log *log)
{
    char path[PATH_BYTES];
    heed_status status;

    *reader = (cli_tape_reader){.folder = folder, .log = log};
    errno = ENAMETOOLONG;
    if (make_path(path, folder, "session.txt"))
        reader->session = fopen(path, "r");
    if (reader->session == NULL) {
        heed_log_error(log, "%s/session.txt: %s", folder, strerror(errno));
        return HEED_ERR_IO;
    }
    status = read_header(reader);
    if (status == HEED_OK)
        status = open_samples(reader);
    if (status != HEED_OK)
        cli_tape_close(reader);
    return status;
}

void cli_tape_close(cli_tape_reader *reader)
{
    if (reader->session != NULL)
        fclose(reader->session);
    heed_soundfile_close(reader->samples);
    reader->session = NULL;
    reader->samples = NULL;
}

/* Reads the samples of a block. False: they are not all there. */
static bool read_samples(cli_tape_reader *reader, float *samples, size_t count)
{
    while (count > 0) {
        size_t n;

        if (heed_soundfile_read(reader->samples, samples, count, &n) != HEED_OK)
            return false;
        samples += n;
        count -= n;
    }
    return true;
}

/* Reads the `n` numbers of a line that begins with `letter`. Returns whether
 * it is such a line. */
static bool parse_line(const char *line, char letter, uint64_t *numbers,
                       size_t n)
{
    const char *at = line + 1;

    if (line[0] != letter)
        return false;
    for (size_t i = 0; i < n; i++) {
        char *end = NULL;

        if (at[0] != ' ' || at[1] < '0' || at[1] > '9')
            return false;
        numbers[i] = strtoull(at + 1, &end, 10);
        at = end;
    }
    return *at == '\0';
}

static heed_status take_block(cli_tape_reader *reader, cli_tape_event *event,
                              const uint64_t numbers[3], float *samples)
{
    if (numbers[0] > HEED_CAPTURE_BLOCK_SAMPLES)
        return refuse(reader, "a block is too long");
    if (numbers[1] > MAX_LOST_S * reader->header.config.sample_rate_hz)
        return refuse(reader, "a gap is too long");
    event->block = (heed_capture_block){.n_samples = (size_t)numbers[0],
                                        .n_lost = (size_t)numbers[1],
                                        .overflowed = (int)(numbers[2] & 3)};
    if (read_samples(reader, samples, event->block.n_samples))
        event->kind = CLI_TAPE_BLOCK;
    return HEED_OK;
}

heed_status cli_tape_next(cli_tape_reader *reader, cli_tape_event *event,
                          float *samples)
{
    char line[LINE_BYTES];
    uint64_t numbers[3];

    *event = (cli_tape_event){.kind = CLI_TAPE_END};
    if (!read_line(reader, line) || strcmp(line, "f") == 0)
        return HEED_OK;
    if (parse_line(line, 'b', numbers, 3))
        return take_block(reader, event, numbers, samples);
    if (parse_line(line, 's', numbers, 3)) {
        event->kind = CLI_TAPE_STEP;
        event->clock.now_us = (int64_t)(numbers[0] & INT64_MAX);
        event->clock.n_waiting = numbers[1];
        event->clock.busy_us = (int64_t)(numbers[2] & INT64_MAX);
    } else if (parse_line(line, 'c', numbers, 1)) {
        event->kind = CLI_TAPE_CHUNK;
        event->chunk_frames = (size_t)numbers[0];
    } else if (strcmp(line, "l") == 0) {
        event->kind = CLI_TAPE_LOSE;
    } else {
        return refuse(reader, "nothing that a session has");
    }
    return HEED_OK;
}
