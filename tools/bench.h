/* bench.h - how fast the recogniser is. SPDX-License-Identifier: Apache-2.0 */
#ifndef HEED_TOOLS_BENCH_H
#define HEED_TOOLS_BENCH_H

#include "asr/heed.h"

#include <stdbool.h>
#include <stddef.h>

/* A recording in memory. */
typedef struct cli_recording {
    float *samples; /* [n_samples] */
    size_t n_samples;
    unsigned rate_hz;
} cli_recording;

/* Seconds of audio. */
double cli_recording_s(const cli_recording *recording);

/* One stage of the pipeline and its share of the real time on one thread. */
typedef struct cli_bench_stage {
    const char *name;
    double factor; /* real-time factor */
} cli_bench_stage;
enum { CLI_BENCH_STAGES = 6 };

/* Streams on as many threads, all at once. */
typedef struct cli_bench_speed {
    size_t n_threads;
    double factor;      /* wall time by the audio that all have heard */
    double work_factor; /* processor time by the same */
} cli_bench_speed;

typedef struct cli_bench_start {
    double open_s;   /* the model */
    double stream_s; /* a stream */
    double first_s;  /* both, and 20 ms of audio accepted */
} cli_bench_start;

/* Measures how long it takes to begin; leaves the model in `*model`. Returns
 * what failed. */
heed_status cli_bench_begin(cli_bench_start *out, heed_model **model,
                            const char *path, const cli_recording *recording,
                            const heed_log *log);

/* Hears the recording on `n_threads` threads, each for at least `seconds`.
 * Returns what failed. */
heed_status cli_bench_run(cli_bench_speed *out, const heed_model *model,
                          const heed_stream_config *config,
                          const cli_recording *recording, size_t n_threads,
                          double seconds);

/* Splits the time on one thread into stages, for at least `seconds` each;
 * `total` is the processor time of all by the audio. The last stage, which is
 * what the others leave of `total`, is the search with decoder, CTC and
 * language model. The first is measured with 48 kHz and not part of it. Only
 * for a model of this library's own. Returns what failed. */
heed_status cli_bench_split(cli_bench_stage out[CLI_BENCH_STAGES],
                            const heed_model *model,
                            const heed_stream_config *config,
                            const cli_recording *recording, double total,
                            double seconds);

/* Bytes of memory that this program has now, and had at most; 0: unknown. */
size_t cli_memory_now(void);
size_t cli_memory_peak(void);

#endif /* HEED_TOOLS_BENCH_H */
