/* bench_speed.c - the recogniser as a whole. SPDX-License-Identifier:
 * Apache-2.0
 */
#include "tools/bench.h"
#include "tools/progress.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define BLOCKS_PER_S 50

double cli_recording_s(const cli_recording *recording)
{
    return (double)recording->n_samples / recording->rate_hz;
}

size_t cli_memory_now(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    unsigned long all = 0;
    unsigned long resident = 0;

    if (file == NULL)
        return 0;
    if (fscanf(file, "%lu %lu", &all, &resident) != 2)
        resident = 0;
    (void)fclose(file);
    return resident * (size_t)sysconf(_SC_PAGESIZE);
}

size_t cli_memory_peak(void)
{
    struct rusage usage;

    return getrusage(RUSAGE_SELF, &usage) == 0 ? (size_t)usage.ru_maxrss * 1024
                                               : 0;
}

heed_status cli_bench_begin(cli_bench_start *out, heed_model **model,
                            const char *path, const cli_recording *recording,
                            const heed_log *log)
{
    const heed_stream_config config = {.sample_rate_hz = recording->rate_hz};
    const size_t n_first = recording->rate_hz / BLOCKS_PER_S;
    const double start_s = cli_clock_s();
    heed_stream *stream = NULL;
    heed_status status = heed_model_open(model, path, log);

    out->open_s = cli_clock_s() - start_s;
    if (status == HEED_OK)
        status = heed_stream_create(&stream, *model, &config, log);
    out->stream_s = cli_clock_s() - start_s - out->open_s;
    if (status == HEED_OK)
        status = heed_stream_feed(
            stream, recording->samples,
            n_first < recording->n_samples ? n_first : recording->n_samples);
    out->first_s = cli_clock_s() - start_s;
    heed_stream_destroy(stream);
    return status < HEED_OK ? status : HEED_OK;
}

/* One thread of many. */
typedef struct worker {
    const heed_model *model;
    heed_stream_config config;
    const cli_recording *recording;
    double until_s; /* on the clock */
    double heard_s; /* audio */
    double work_s;  /* processor time */
    heed_status status;
} worker;

static heed_status hear_once(heed_stream *stream,
                             const cli_recording *recording)
{
    const size_t block = recording->rate_hz / BLOCKS_PER_S;

    for (size_t at = 0; at < recording->n_samples; at += block) {
        const size_t left = recording->n_samples - at;
        const heed_status status = heed_stream_feed(
            stream, recording->samples + at, left < block ? left : block);
        heed_result result;

        if (status < HEED_OK)
            return status;
        heed_stream_result(stream, &result);
        heed_stream_take(stream, result.n_committed);
    }
    return heed_stream_finish(stream);
}

size_t cli_bench_stream_bytes(const heed_model *model,
                              const heed_stream_config *config,
                              const cli_recording *recording)
{
    const size_t before = cli_memory_now();
    heed_stream_config own = *config;
    heed_stream *stream = NULL;
    size_t after = 0;

    own.sample_rate_hz = recording->rate_hz;
    if (heed_stream_create(&stream, model, &own, NULL) == HEED_OK &&
        hear_once(stream, recording) == HEED_OK)
        after = cli_memory_now();
    heed_stream_destroy(stream);
    return after > before ? after - before : 0;
}

static void *work(void *user)
{
    worker *w = user;
    heed_stream *stream = NULL;
    struct timespec spent = {0, 0};

    w->status = heed_stream_create(&stream, w->model, &w->config, NULL);
    while (w->status == HEED_OK) {
        w->status = hear_once(stream, w->recording);
        w->heard_s += cli_recording_s(w->recording);
        heed_stream_reset(stream);
        if (cli_clock_s() >= w->until_s)
            break;
    }
    heed_stream_destroy(stream);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
    w->work_s = (double)spent.tv_sec + 1e-9 * (double)spent.tv_nsec;
    return NULL;
}

heed_status cli_bench_run(cli_bench_speed *out, const heed_model *model,
                          const heed_stream_config *config,
                          const cli_recording *recording, size_t n_threads,
                          double seconds)
{
    worker *workers = calloc(n_threads, sizeof *workers);
    pthread_t *threads = calloc(n_threads, sizeof *threads);
    const double start_s = cli_clock_s();
    heed_status status =
        workers != NULL && threads != NULL ? HEED_OK : HEED_ERR_MEMORY;
    double heard_s = 0.0;
    double work_s = 0.0;
    size_t n = 0;

    while (status == HEED_OK && n < n_threads) {
        workers[n] = (worker){.model = model,
                              .config = *config,
                              .recording = recording,
                              .until_s = start_s + seconds};
        workers[n].config.sample_rate_hz = recording->rate_hz;
        if (pthread_create(&threads[n], NULL, work, &workers[n]) != 0)
            status = HEED_ERR_MEMORY;
        else
            n++;
    }
    for (size_t i = 0; i < n; i++) {
        pthread_join(threads[i], NULL);
        heard_s += workers[i].heard_s;
        work_s += workers[i].work_s;
        if (workers[i].status < HEED_OK)
            status = workers[i].status;
    }
    *out = (cli_bench_speed){.n_threads = n_threads};
    if (heard_s > 0.0) {
        out->factor = (cli_clock_s() - start_s) / heard_s;
        out->work_factor = work_s / heard_s;
    }
    free(workers);
    free(threads);
    return status;
}
