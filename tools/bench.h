/* bench.h - how fast the recogniser is. SPDX-License-Identifier: Apache-2.0 */
#ifndef HEED_TOOLS_BENCH_H
#define HEED_TOOLS_BENCH_H

#include "asr/base/profile.h"
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

/* What is multiplied, and what is read and written for it. */
typedef struct cli_bench_work {
    double i8_macs;  /* multiply-adds of int8 weights and 12-bit values */
    double f32_macs; /* of floats */
    double bytes;    /* weights, inputs and outputs of the products */
} cli_bench_work;

/* One stage of the pipeline on one thread; all by seconds of audio. */
typedef struct cli_bench_stage {
    const char *name;
    double calls;
    double factor; /* processor time: its real-time factor */
    cli_bench_work work;
} cli_bench_stage;
enum { CLI_BENCH_STAGES = HEED_N_STAGES - 1 };

/* What a core can do at most, measured. */
typedef struct cli_bench_peak {
    double i8_macs;  /* a second, of int8 by int8, in registers */
    double f32_macs; /* the same of floats */
    double bytes;    /* a second, read from as much memory as a model has */
} cli_bench_peak;

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

/* Returns the bytes that a stream has taken once it has heard the recording;
 * 0: unknown. */
size_t cli_bench_stream_bytes(const heed_model *model,
                              const heed_stream_config *config,
                              const cli_recording *recording);

/* Hears the recording for at least `seconds` and splits the time into stages,
 * in the order of HEED_STAGE_MAP. Only for a model of this library's own.
 * Returns what failed. */
heed_status cli_bench_split(cli_bench_stage out[CLI_BENCH_STAGES],
                            const heed_model *model,
                            const heed_stream_config *config,
                            const cli_recording *recording, double seconds);

/* Measures what the core can do by the instructions that the loops named
 * `kernels` use; takes about `seconds`. */
void cli_bench_measure_peak(cli_bench_peak *out, const char *kernels,
                            double seconds);

/* Returns the share, 0-1, of the stage's time that the core would need at
 * least, as its arithmetic or its memory bounds it; 0 if nothing of the stage
 * was counted. */
double cli_bench_share(const cli_bench_stage *stage,
                       const cli_bench_peak *peak);

/* Bytes of memory that this program has now, and had at most; 0: unknown. */
size_t cli_memory_now(void);
size_t cli_memory_peak(void);

#endif /* HEED_TOOLS_BENCH_H */
