/* job.c - one sound file to one output. SPDX-License-Identifier: Apache-2.0
 *
 * Small blocks go in, committed words come out and are written at once: what
 * is in memory does not grow with the length of the recording. */
#include "tools/job.h"

#include "tools/interrupt.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A block is this part of a second. */
#define BLOCKS_PER_S 5

/* One file on its way. */
typedef struct run {
    cli_job *job;
    const char *name; /* as in messages */
    heed_soundfile *sound;
    heed_soundfile_info info;
    float *block; /* [block_samples] */
    size_t block_samples;
    unsigned n_errors;   /* told before this file */
    unsigned n_warnings; /* so, too */
    cli_outcome outcome;
} run;

/* Says why, unless the library has already said it. */
static void explain(run *r, heed_status status)
{
    cli_messages *messages = r->job->messages;

    /* A file that ends early is worth a warning, which -q hides. */
    if (messages->n_errors == r->n_errors &&
        (status != HEED_ERR_TRUNCATED || messages->n_warnings == r->n_warnings))
        cli_messages_error(messages, "%s: %s", r->name,
                           heed_status_text(status));
}

/* A segment has ended in a stream whose job is `user`. */
static void tell_segment(void *user, const heed_segment *segment)
{
    const cli_job *job = user;

    cli_output_segment(job->output, segment);
}

/* Makes the job's stream ready for samples of this rate: the one of the file
 * before, if it fits. */
static heed_status prepare_stream(cli_job *job, unsigned rate_hz)
{
    if (job->stream != NULL && job->config.sample_rate_hz == rate_hz) {
        heed_stream_reset(job->stream);
        return HEED_OK;
    }
    cli_job_deinit(job);
    job->config.sample_rate_hz = rate_hz;
    if (job->config.n_alternatives > 0) {
        job->config.segment_ended = tell_segment;
        job->config.segment_user = job;
    }
    return heed_stream_create(&job->stream, job->model, &job->config, job->log);
}

static heed_status start(run *r, const char *path)
{
    heed_status status =
        heed_soundfile_open(&r->sound, path, &r->job->sound, r->job->log);

    if (status != HEED_OK)
        return status;
    heed_soundfile_describe(r->sound, &r->info);
    cli_messages_tell(r->job->messages,
                      "%s: %s, %" PRIu32 " Hz, %" PRIu32 " channel%s", r->name,
                      r->info.format, r->info.rate_hz, r->info.channels,
                      r->info.channels == 1 ? "" : "s");
    r->block_samples = r->info.rate_hz / BLOCKS_PER_S;
    r->block = malloc(r->block_samples * sizeof *r->block);
    if (r->block == NULL)
        return HEED_ERR_MEMORY;
    return prepare_stream(r->job, r->info.rate_hz);
}

/* Writes the words committed since the last time. False: it failed. */
static bool write_words(run *r)
{
    cli_output *output = r->job->output;
    heed_result result;

    heed_stream_result(r->job->stream, &result);
    r->outcome.duration_s = result.heard_s;
    cli_output_words(output, result.words, result.n_committed);
    heed_stream_take(r->job->stream, result.n_committed);
    return cli_sink_step(output->sink) && !output->out_of_memory;
}

static void show_progress(run *r)
{
    const double total_s =
        r->info.n_samples == HEED_SOUNDFILE_UNKNOWN
            ? -1.0
            : (double)r->info.n_samples / (double)r->info.rate_hz;

    if (r->job->messages->progress != NULL)
        cli_progress_update(r->job->messages->progress, r->name,
                            r->outcome.duration_s, total_s);
}

/* Feeds the whole file. Returns HEED_END at its end; HEED_OK if it stopped
 * before, for the user or the output; or what failed. */
static heed_status feed(run *r)
{
    while (!cli_interrupt_wanted()) {
        size_t count;
        heed_status status =
            heed_soundfile_read(r->sound, r->block, r->block_samples, &count);

        if (status != HEED_OK)
            return status;
        status = heed_stream_feed(r->job->stream, r->block, count);
        if (status < HEED_OK)
            return status;
        if (!write_words(r))
            return HEED_OK;
        show_progress(r);
    }
    return HEED_OK;
}

static void tell_figures(run *r, double start_s)
{
    const double passed_s = cli_clock_s() - start_s;
    const double heard_s = r->outcome.duration_s;
    heed_soundfile_info info;

    heed_soundfile_describe(r->sound, &info);
    if (info.n_nonfinite > 0)
        cli_messages_warn(r->job->messages,
                          "%s: %" PRIu64
                          " samples are not numbers and were taken as silence",
                          r->name, info.n_nonfinite);
    cli_messages_tell(r->job->messages,
                      "%s: %.2f s of audio in %.2f s, real-time factor %.4f",
                      r->name, heard_s, passed_s,
                      heard_s > 0.0 ? passed_s / heard_s : 0.0);
}

/* Brings an opened file to its end, whatever that is. */
static cli_exit work(run *r)
{
    cli_job *job = r->job;
    const double start_s = cli_clock_s();
    heed_status status;
    bool written;

    if (job->messages->progress != NULL)
        cli_progress_start(job->messages->progress);
    status = feed(r);
    r->outcome.interrupted = cli_interrupt_wanted();
    /* What was heard before a failure is text as well. */
    if (status != HEED_OK && heed_stream_finish(r->job->stream) < HEED_OK &&
        status == HEED_END)
        status = HEED_ERR_STATE;
    written = write_words(r);
    r->outcome.truncated = status == HEED_ERR_TRUNCATED;
    if (status < HEED_OK && !r->outcome.interrupted) {
        explain(r, status);
        r->outcome.error = job->messages->last;
    }
    cli_output_end(job->output, &r->outcome);
    written = cli_sink_step(job->output->sink) && written;
    if (job->messages->progress != NULL)
        cli_progress_erase(job->messages->progress);
    tell_figures(r, start_s);
    if (!written)
        return CLI_EXIT_OUTPUT;
    if (r->outcome.interrupted)
        return CLI_EXIT_INTERRUPTED;
    return status == HEED_END ? CLI_EXIT_OK : CLI_EXIT_INPUT;
}

cli_exit cli_job_run(cli_job *job, const char *path)
{
    const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
    run r = {.job = job,
             .name = name,
             .n_errors = job->messages->n_errors,
             .n_warnings = job->messages->n_warnings};
    const heed_status status = start(&r, path);
    cli_exit code;

    if (status == HEED_OK) {
        cli_output_begin(job->output, path);
        code = work(&r);
    } else if (cli_interrupt_wanted()) {
        code = CLI_EXIT_INTERRUPTED;
    } else {
        explain(&r, status);
        cli_output_refuse(job->output, path, job->messages->last);
        code =
            cli_sink_step(job->output->sink) ? CLI_EXIT_INPUT : CLI_EXIT_OUTPUT;
    }
    heed_soundfile_close(r.sound);
    free(r.block);
    return code;
}

void cli_job_deinit(cli_job *job)
{
    heed_stream_destroy(job->stream);
    job->stream = NULL;
}
