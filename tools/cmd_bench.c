/* cmd_bench.c - how fast it is on this machine. SPDX-License-Identifier:
 * Apache-2.0
 */
#include "asr/model.h"
#include "audio/soundfile.h"
#include "tools/bench.h"
#include "tools/cli.h"
#include "tools/eval/document.h"
#include "tools/eval/json.h"
#include "tools/eval_machine.h"
#include "tools/hearing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define C           EVAL_CELL
#define MAX_THREADS 64
#define MAX_SPEEDS  8

enum {
    OPT_MODEL,
    OPT_LATENCY,
    OPT_HEARING,
    OPT_THREADS = OPT_HEARING + CLI_HEARING_N_OPTIONS,
    OPT_SECONDS,
    OPT_NO_STAGES,
    OPT_JSON,
    OPT_HELP
};

static const cli_option options[] = {
    [OPT_MODEL] = CLI_MODEL_ROW,
    [OPT_LATENCY] = CLI_LATENCY_ROW,
    CLI_HEARING_ROWS,
    [OPT_THREADS] = {"threads", 't', "N",
                     "measure 1, 2, 4 ... N streams at a time, 1-64\n"
                     "(default: the number of cores)"},
    [OPT_SECONDS] = {"seconds", 's', "SECONDS",
                     "at least, for each figure, 0.01-600 (default: 2)"},
    [OPT_NO_STAGES] = {"no-stages", '\0', NULL, "only the whole"},
    [OPT_JSON] = {"json", '\0', NULL, "print one JSON object"},
    [OPT_HELP] = {"help", 'h', NULL, "print this help"},
    {NULL, '\0', NULL, NULL}};

typedef struct bench_arguments {
    cli_hearing hearing;
    const char *file;
    size_t n_threads;
    double seconds;
    bool no_stages;
    bool json;
} bench_arguments;

/* All that was measured. */
typedef struct figures {
    heed_model_info model;
    char path[PATH_MAX];
    double audio_s;
    cli_bench_start start;
    cli_bench_speed speeds[MAX_SPEEDS];
    size_t n_speeds;
    cli_bench_stage stages[CLI_BENCH_STAGES];
    size_t n_stages;
    cli_bench_peak peak;
    size_t stream_bytes; /* that a stream takes which has heard it */
    size_t model_bytes;  /* that the model takes */
    size_t peak_bytes;
} figures;

/* Returns what the value should have been, or NULL if all is well. */
static const char *apply(bench_arguments *a, int option, const char *value)
{
    switch (option) {
    case OPT_MODEL:
        a->hearing.model_path = value;
        return NULL;
    case OPT_LATENCY:
        return cli_latency_parse(&a->hearing, value);
    case OPT_THREADS:
        return cli_count_parse(value, 1, MAX_THREADS, &a->n_threads)
                   ? NULL
                   : "a number from 1 to 64";
    case OPT_SECONDS:
        return cli_number_parse(value, 0.01, 600.0, &a->seconds)
                   ? NULL
                   : "a number of seconds from 0.01 to 600";
    case OPT_NO_STAGES:
        a->no_stages = true;
        return NULL;
    case OPT_JSON:
        a->json = true;
        return NULL;
    default:
        return cli_hearing_apply(&a->hearing, option - OPT_HEARING, value);
    }
}

static int refuse_usage(const char *cause)
{
    fprintf(stderr, "heed: %s\nheed: see `heed bench --help`\n", cause);
    return CLI_PARSER_ERROR;
}

/* Returns OPT_HELP, CLI_PARSER_END if all is well, or CLI_PARSER_ERROR. */
static int parse(bench_arguments *a, int argc, char **argv)
{
    const long n_cores = sysconf(_SC_NPROCESSORS_ONLN);
    cli_parser parser;
    int found;

    *a = (bench_arguments){.seconds = 2.0,
                           .n_threads = n_cores > 0 && n_cores < MAX_THREADS
                                            ? (size_t)n_cores
                                            : 1};
    cli_parser_init(&parser, "bench", options, argc, argv);
    while ((found = cli_parser_next(&parser)) != CLI_PARSER_END) {
        const char *wanted = NULL;

        if (found == CLI_PARSER_ERROR || found == OPT_HELP)
            return found;
        if (found == CLI_PARSER_OPERAND && a->file != NULL)
            return refuse_usage("one recording at a time");
        if (found == CLI_PARSER_OPERAND)
            a->file = parser.value;
        else
            wanted = apply(a, found, parser.value);
        if (wanted != NULL)
            return cli_parser_reject(&parser, found, wanted);
    }
    return a->file != NULL ? CLI_PARSER_END : refuse_usage("no recording");
}

/* Reads all of a sound file. */
static heed_status read_recording(cli_recording *out, const char *path,
                                  const heed_log *log)
{
    heed_soundfile *file;
    heed_soundfile_info info;
    heed_status status = heed_soundfile_open(&file, path, NULL, log);
    size_t capacity = 0;

    if (status != HEED_OK)
        return status;
    heed_soundfile_describe(file, &info);
    out->rate_hz = info.rate_hz;
    while (status == HEED_OK) {
        size_t count;

        out->samples = eval_grow(out->samples, out->n_samples, &capacity,
                                 sizeof *out->samples);
        status = heed_soundfile_read(file, out->samples + out->n_samples,
                                     capacity - out->n_samples, &count);
        out->n_samples += count;
    }
    heed_soundfile_close(file);
    return status == HEED_END ? HEED_OK : status;
}

/* Measures all of it. Returns what failed. */
static heed_status measure(figures *f, bench_arguments *a,
                           const cli_recording *recording, const heed_log *log)
{
    const heed_stream_config *config = &a->hearing.config;
    heed_model **model = &a->hearing.model;
    heed_status status;

    const size_t before = cli_memory_now();

    cli_model_find(f->path, a->hearing.model_path);
    f->audio_s = cli_recording_s(recording);
    status = cli_bench_begin(&f->start, model, f->path, recording, log);
    if (status != HEED_OK)
        return status;
    f->model_bytes = cli_memory_now() - before;
    heed_model_describe(*model, &f->model);
    for (size_t n = 1;
         n <= a->n_threads && status == HEED_OK && f->n_speeds < MAX_SPEEDS;
         n = n < a->n_threads && 2 * n > a->n_threads ? a->n_threads : 2 * n)
        status = cli_bench_run(&f->speeds[f->n_speeds++], *model, config,
                               recording, n, a->seconds);
    f->peak_bytes = cli_memory_peak();
    f->stream_bytes = cli_bench_stream_bytes(*model, config, recording);
    if (status == HEED_OK && !a->no_stages) {
        cli_bench_measure_peak(&f->peak, (*model)->kernels->name,
                               a->seconds / 2.0);
        status =
            cli_bench_split(f->stages, *model, config, recording, a->seconds);
        f->n_stages = CLI_BENCH_STAGES;
    }
    return status;
}

static double all_stages(const figures *f)
{
    double sum = 0.0;

    for (size_t i = 0; i < f->n_stages; i++)
        sum += f->stages[i].factor;
    return sum;
}

/* Tables of the stages and of what the core could do. */
static void write_stages(const figures *f, eval_document *d)
{
    const double all = all_stages(f);

    eval_document_begin(d, "One stream by stage, per second of audio", 1,
                        "stage" C "calls" C "ms" C "share %" C "int8 MMAC" C
                        "float MMAC" C "MB" C "% of peak");
    for (size_t i = 0; i < f->n_stages; i++) {
        const cli_bench_stage *s = &f->stages[i];

        if (s->calls > 0.0)
            eval_document_row(d,
                              "%s" C "%.1f" C "%.3f" C "%.1f" C "%.1f" C
                              "%.1f" C "%.1f" C "%.0f",
                              s->name, s->calls, 1e3 * s->factor,
                              100.0 * s->factor / all, 1e-6 * s->work.i8_macs,
                              1e-6 * s->work.f32_macs, 1e-6 * s->work.bytes,
                              100.0 * cli_bench_share(s, &f->peak));
    }
    eval_document_row(d, "all" C "-" C "%.3f" C "100.0" C "-" C "-" C "-" C "-",
                      1e3 * all);
    eval_document_begin(d, "A core at most", 1, "what" C "10^9 a second");
    eval_document_row(d, "int8 multiply-adds" C "%.1f", 1e-9 * f->peak.i8_macs);
    eval_document_row(d, "float multiply-adds" C "%.1f",
                      1e-9 * f->peak.f32_macs);
    eval_document_row(d, "bytes read" C "%.1f", 1e-9 * f->peak.bytes);
}

static void write_text(const figures *f, eval_text *out)
{
    eval_document d = {0};

    eval_document_begin(&d, "Speed, as a share of real time", 1,
                        "streams" C "real-time factor" C "times faster" C
                        "processor time");
    for (size_t i = 0; i < f->n_speeds; i++)
        eval_document_row(&d, "%zu" C "%.4f" C "%.1f" C "%.4f",
                          f->speeds[i].n_threads, f->speeds[i].factor,
                          1.0 / f->speeds[i].factor, f->speeds[i].work_factor);
    if (f->n_stages > 0)
        write_stages(f, &d);
    eval_document_begin(&d, "Memory and start", 1, "what" C "value");
    eval_document_row(&d, "model opened, ms" C "%.1f",
                      1000.0 * f->start.open_s);
    eval_document_row(&d, "stream created, ms" C "%.1f",
                      1000.0 * f->start.stream_s);
    eval_document_row(&d, "first 20 ms accepted, ms" C "%.1f",
                      1000.0 * f->start.first_s);
    eval_document_row(&d, "model file, MiB" C "%.1f",
                      (double)f->model.file_bytes / 1048576.0);
    eval_document_row(&d, "model opened, MiB" C "%.1f",
                      (double)f->model_bytes / 1048576.0);
    eval_document_row(&d, "a stream that has heard it, MiB" C "%.1f",
                      (double)f->stream_bytes / 1048576.0);
    eval_document_row(&d, "peak, MiB" C "%.1f",
                      (double)f->peak_bytes / 1048576.0);
    eval_document_text(&d, out);
    eval_document_deinit(&d);
}

static void put_stages(const figures *f, struct json_object *o)
{
    struct json_object *stages = eval_json_object();
    struct json_object *peak;

    for (size_t i = 0; i < f->n_stages; i++) {
        const cli_bench_stage *s = &f->stages[i];
        struct json_object *stage = eval_json_object();

        eval_json_put_number(stage, "calls", s->calls, 3);
        eval_json_put_number(stage, "real_time_factor", s->factor, 7);
        eval_json_put_number(stage, "i8_macs", s->work.i8_macs, 0);
        eval_json_put_number(stage, "f32_macs", s->work.f32_macs, 0);
        eval_json_put_number(stage, "bytes", s->work.bytes, 0);
        eval_json_put_number(stage, "of_peak", cli_bench_share(s, &f->peak), 4);
        eval_json_put(stages, s->name, stage);
    }
    eval_json_put(o, "stages", stages);
    if (f->n_stages == 0) {
        eval_json_put(o, "peak", NULL);
        return;
    }
    peak = eval_json_object();
    eval_json_put_number(peak, "i8_macs", f->peak.i8_macs, 0);
    eval_json_put_number(peak, "f32_macs", f->peak.f32_macs, 0);
    eval_json_put_number(peak, "bytes", f->peak.bytes, 0);
    eval_json_put(o, "peak", peak);
}

static void write_json(const figures *f, const bench_arguments *a,
                       eval_text *out)
{
    struct json_object *o = eval_json_object();
    struct json_object *speeds = eval_json_array();

    eval_json_put_string(o, "heed", heed_version());
    eval_json_put_string(o, "model", f->path);
    eval_json_put_string(o, "recording", a->file);
    eval_json_put_string(
        o, "latency",
        a->hearing.config.latency == HEED_LATENCY_LIVE ? "live" : "file");
    eval_json_put_number(o, "audio_s", f->audio_s, 3);
    cli_machine_describe(o);
    for (size_t i = 0; i < f->n_speeds; i++) {
        struct json_object *speed = eval_json_object();

        eval_json_put_count(speed, "streams", f->speeds[i].n_threads);
        eval_json_put_number(speed, "real_time_factor", f->speeds[i].factor, 6);
        eval_json_put_number(speed, "processor_factor",
                             f->speeds[i].work_factor, 6);
        eval_json_push(speeds, speed);
    }
    eval_json_put(o, "speed", speeds);
    put_stages(f, o);
    eval_json_put_number(o, "open_s", f->start.open_s, 6);
    eval_json_put_number(o, "stream_s", f->start.stream_s, 6);
    eval_json_put_number(o, "first_sample_s", f->start.first_s, 6);
    eval_json_put_count(o, "model_bytes", f->model.file_bytes);
    eval_json_put_count(o, "model_resident_bytes", f->model_bytes);
    eval_json_put_count(o, "stream_bytes", f->stream_bytes);
    eval_json_put_count(o, "peak_bytes", f->peak_bytes);
    eval_json_write(o, true, out);
}

static cli_exit bench(bench_arguments *a)
{
    cli_messages messages = {0};
    const heed_log log = cli_messages_log(&messages);
    cli_recording recording = {0};
    figures f = {0};
    eval_text text = {0};
    cli_exit code = CLI_EXIT_INPUT;
    heed_status status = read_recording(&recording, a->file, &log);

    if (status == HEED_OK)
        code = cli_hearing_open_words(&a->hearing, &messages, &log);
    if (code == CLI_EXIT_OK) {
        status = measure(&f, a, &recording, &log);
        code = status == HEED_OK ? CLI_EXIT_OK : CLI_EXIT_MODEL;
    }
    if (status != HEED_OK && messages.n_errors == 0)
        cli_messages_error(&messages, "%s: %s", a->file,
                           heed_status_text(status));
    if (code == CLI_EXIT_OK) {
        if (a->json)
            write_json(&f, a, &text);
        else
            write_text(&f, &text);
        fputs(eval_text_string(&text), stdout);
        code = cli_stdout_flush();
    }
    eval_text_deinit(&text);
    cli_hearing_close(&a->hearing);
    free(recording.samples);
    return code;
}

static cli_exit run(int argc, char **argv)
{
    bench_arguments a;
    const int found = parse(&a, argc, argv);

    if (found == OPT_HELP)
        return cli_help_print(&cli_command_bench);
    return found == CLI_PARSER_END ? bench(&a) : CLI_EXIT_USAGE;
}

const cli_command cli_command_bench = {
    .name = "bench",
    .summary = "measure how fast it is on this machine",
    .operands = "FILE",
    .about = "Hears FILE again and again and measures the real-time factor by "
             "the number of\nstreams and by the stages of the work, the "
             "memory, and how long the start takes.\n",
    .options = options,
    .notes =
        "Stages are measured by processor time. MMAC are 10^6 multiply-adds, "
        "MB what\nthey read and write; `% of peak` compares the time with what "
        "a core would need\nat least for either.\n\n"
        "Examples:\n"
        "  heed bench talk.wav\n"
        "  heed bench --latency live --threads 4 --json talk.wav\n",
    .run = run,
};
