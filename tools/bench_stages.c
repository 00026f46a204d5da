/* bench_stages.c - where the time goes. SPDX-License-Identifier: Apache-2.0
 *
 * A stream hears the recording with a profile, which takes the time of each
 * stage, and with a table of loops that counts what the stage it runs in
 * multiplies and touches before it does as the model's own table does. */
#include "asr/base/profile.h"
#include "asr/model.h"
#include "asr/stream.h"
#include "tools/bench.h"

#include <stdlib.h>

#define BLOCKS_PER_S 50
#define CLOCK_CALLS  2000

/* What the counting loops share. */
typedef struct counter {
    heed_profile profile;
    const heed_kernels *kernels; /* that do the work */
    cli_bench_work work[HEED_N_STAGES];
} counter;

/* Of the thread that measures. */
static _Thread_local counter *active;

/* Bytes of the rows of y and x and of all weights. */
static double linear_bytes(const heed_linear_shape *s, double weight_bytes)
{
    const double n_rows = (double)s->n_rows;
    const double n_in = (double)s->n_in;
    const double n_out = (double)s->n_out;

    return weight_bytes * n_in * n_out + 4.0 * n_rows * (n_in + n_out);
}

static double linear_macs(const heed_linear_shape *s)
{
    return (double)s->n_rows * (double)s->n_in * (double)s->n_out;
}

static void count_f32(float *y, const float *x, const float *w,
                      const float *bias, const heed_linear_shape *s)
{
    cli_bench_work *work = &active->work[active->profile.now];

    work->f32_macs += linear_macs(s);
    work->bytes += linear_bytes(s, 4.0);
    active->kernels->linear_f32(y, x, w, bias, s);
}

static void count_i8(float *y, const float *x, const int8_t *w,
                     const float *scale, const float *bias,
                     const heed_linear_shape *s)
{
    cli_bench_work *work = &active->work[active->profile.now];

    work->i8_macs += linear_macs(s);
    work->bytes += linear_bytes(s, 1.0);
    active->kernels->linear_i8(y, x, w, scale, bias, s);
}

static void count_packed(float *y, const float *x, const uint8_t *packed,
                         const float *scale, const float *bias,
                         const heed_linear_shape *s)
{
    cli_bench_work *work = &active->work[active->profile.now];

    work->i8_macs += linear_macs(s);
    work->bytes += linear_bytes(s, 1.0);
    active->kernels->linear_packed(y, x, packed, scale, bias, s);
}

/* A weighted sum of values of so many bytes each. */
static void add_mix(const heed_mix_shape *s, double value_bytes)
{
    cli_bench_work *work = &active->work[active->profile.now];
    const double n_rows = (double)s->n_rows;
    const double n_keys = (double)s->n_keys;
    const double n_values = (double)s->n_values;

    work->f32_macs += n_rows * n_keys * n_values;
    work->bytes +=
        4.0 * n_rows * (n_keys + n_values) + value_bytes * n_keys * n_values;
}

static void count_mix(float *y, const float *p, const float *v,
                      const heed_mix_shape *s)
{
    add_mix(s, sizeof *v);
    active->kernels->mix(y, p, v, s);
}

static void count_mix_f16(float *y, const float *p, const uint16_t *v,
                          const heed_mix_shape *s)
{
    add_mix(s, sizeof *v);
    active->kernels->mix_f16(y, p, v, s);
}

/* Processor time that a change of stages costs, in ns. */
static double change_cost_ns(void)
{
    heed_profile profile;

    heed_profile_begin(&profile);
    for (int i = 0; i < CLOCK_CALLS; i++)
        heed_profile_leave(&profile,
                           heed_profile_enter(&profile, HEED_STAGE_SEARCH));
    return (double)(profile.counts[HEED_STAGE_REST].time_ns +
                    profile.counts[HEED_STAGE_SEARCH].time_ns) /
           CLOCK_CALLS;
}

static heed_status hear(heed_stream *stream, const cli_recording *recording)
{
    const size_t block = recording->rate_hz / BLOCKS_PER_S;

    for (size_t at = 0; at < recording->n_samples; at += block) {
        const size_t left = recording->n_samples - at;
        heed_result result;
        const heed_status status = heed_stream_feed(
            stream, recording->samples + at, left < block ? left : block);

        if (status < HEED_OK)
            return status;
        heed_stream_result(stream, &result);
        heed_stream_take(stream, result.n_committed);
    }
    return heed_stream_finish(stream);
}

/* Per second of audio, of which `audio_s` were heard. */
static void fill(cli_bench_stage out[CLI_BENCH_STAGES], const counter *count,
                 double audio_s, double cost_ns)
{
    for (size_t i = 0; i < CLI_BENCH_STAGES; i++) {
        const heed_profile_count *c = &count->profile.counts[i + 1];
        const double ns = (double)c->time_ns - cost_ns * (double)c->n_calls;
        const cli_bench_work *work = &count->work[i + 1];

        out[i] = (cli_bench_stage){
            .name = heed_stage_text((heed_stage)(i + 1)),
            .calls = (double)c->n_calls / audio_s,
            .factor = ns > 0.0 ? 1e-9 * ns / audio_s : 0.0,
            .work = {work->i8_macs / audio_s, work->f32_macs / audio_s,
                     work->bytes / audio_s}};
    }
}

heed_status cli_bench_split(cli_bench_stage out[CLI_BENCH_STAGES],
                            const heed_model *model,
                            const heed_stream_config *config,
                            const cli_recording *recording, double seconds)
{
    heed_stream_config complete = *config;
    const double cost_ns = change_cost_ns();
    counter count = {.kernels = model->kernels};
    heed_kernels counting = *model->kernels;
    heed_model counted = *model; /* all but its loops are borrowed */
    heed_stream *stream = NULL;
    heed_status status;
    double audio_s = 0.0;

    counting.linear_f32 = count_f32;
    counting.linear_i8 = count_i8;
    counting.linear_packed = count_packed;
    counting.mix = count_mix;
    counting.mix_f16 = count_mix_f16;
    counted.kernels = &counting;
    complete.sample_rate_hz = recording->rate_hz;
    status = heed_stream_create(&stream, &counted, &complete, NULL);
    active = &count;
    heed_profile_begin(&count.profile);
    for (bool warm = false; status == HEED_OK;) {
        uint64_t spent_ns = 0;

        heed_stream_profile(stream, warm ? &count.profile : NULL);
        status = hear(stream, recording);
        heed_stream_reset(stream);
        if (!warm) {
            /* The first time was to fill the caches. */
            warm = true;
            count = (counter){.kernels = model->kernels};
            heed_profile_begin(&count.profile);
            continue;
        }
        audio_s += cli_recording_s(recording);
        for (size_t i = 0; i < HEED_N_STAGES; i++)
            spent_ns += count.profile.counts[i].time_ns;
        if (1e-9 * (double)spent_ns >= seconds)
            break;
    }
    active = NULL;
    heed_stream_destroy(stream);
    if (status == HEED_OK)
        fill(out, &count, audio_s, cost_ns);
    return status;
}
