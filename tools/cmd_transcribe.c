/* cmd_transcribe.c - sound files to text. SPDX-License-Identifier: Apache-2.0
 */
#include "tools/cli.h"
#include "tools/interrupt.h"
#include "tools/job.h"
#include "tools/output.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    OPT_MODEL,
    OPT_FORMAT,
    OPT_OUTPUT,
    OPT_NBEST,
    OPT_LATENCY,
    OPT_CHUNK,
    OPT_LOOKAHEAD,
    OPT_ENDPOINT,
    OPT_MAX_SEGMENT,
    OPT_BEAM,
    OPT_LM,
    OPT_LM_WEIGHT,
    OPT_CHANNEL,
    OPT_RAW,
    OPT_RATE,
    OPT_CHANNELS,
    OPT_VERBOSE,
    OPT_QUIET,
    OPT_HELP
};

static const cli_option options[] = {
    [OPT_MODEL] = {"model", 'm', "PATH",
                   "the model file (default: $HEED_MODEL, else\n"
                   "the one installed with heed)"},
    [OPT_FORMAT] = {"output-format", 'o', "FORMAT",
                    "text, json or srt (default: text)"},
    [OPT_OUTPUT] = {"output", '\0', "FILE",
                    "write to FILE, which is replaced when the\n"
                    "result is complete (default: standard output)"},
    [OPT_NBEST] = {"nbest", '\0', "N",
                   "json tells the N best texts of each segment, 1-8"},
    [OPT_LATENCY] = {"latency", '\0', "PRESET",
                     "file: the most accurate; live: decide as at a\n"
                     "microphone (default: file)"},
    [OPT_CHUNK] = {"chunk", '\0', "N",
                   "encoder frames in a step, 1-256 (default:\n"
                   "from the preset and the model)"},
    [OPT_LOOKAHEAD] = {"lookahead", '\0', "N",
                       "encoder frames heard ahead of a step, 1-256\n"
                       "(default: from the preset and the model)"},
    [OPT_ENDPOINT] = {"endpoint", '\0', "SECONDS",
                      "a pause of this length ends a segment, 0.2-10\n"
                      "(default: 1.2)"},
    [OPT_MAX_SEGMENT] = {"max-segment", '\0', "SECONDS",
                         "no segment is longer, 4-30 (default: 20)"},
    [OPT_BEAM] = {"beam", '\0', "N",
                  "texts compared at a time, 1-8 (default: 4)"},
    [OPT_LM] = {"lm", '\0', "FILE",
                "a language model by `heed lm compile` (default:\n"
                "none)"},
    [OPT_LM_WEIGHT] = {"lm-weight", '\0', "NUMBER",
                       "of its log probabilities, 0.001-2 (default: 0.05)"},
    [OPT_CHANNEL] = {"channel", '\0', "N",
                     "hear this channel only, counted from 1\n"
                     "(default: the mean of all channels)"},
    [OPT_RAW] = {"raw", '\0', "ENCODING",
                 "the files are samples without a header: u8,\n"
                 "s16le, s24le, s32le, f32le, alaw or ulaw"},
    [OPT_RATE] = {"rate", '\0', "HZ",
                  "sample rate of raw files, 8000-192000\n"
                  "(default: 16000)"},
    [OPT_CHANNELS] = {"channels", '\0', "N",
                      "channels of raw files, 1-1024 (default: 1)"},
    [OPT_VERBOSE] = {"verbose", 'v', NULL,
                     "tell durations and the real-time factor"},
    [OPT_QUIET] = {"quiet", 'q', NULL, "no progress bar, no warnings"},
    [OPT_HELP] = {"help", 'h', NULL, "print this help"},
    {NULL, '\0', NULL, NULL}};

typedef struct transcribe_arguments {
    const char *model; /* NULL: the default one */
    const char *lm;    /* NULL: none */
    const cli_format *format;
    const char *output; /* NULL: stdout */
    heed_stream_config config;
    heed_soundfile_options sound;
    bool verbose;
    bool quiet;
    char **files; /* [n_files] */
    size_t n_files;
} transcribe_arguments;

static bool parse_latency(const char *text, heed_latency *out)
{
    *out = strcmp(text, "live") == 0 ? HEED_LATENCY_LIVE : HEED_LATENCY_FILE;
    return strcmp(text, "live") == 0 || strcmp(text, "file") == 0;
}

static bool parse_uint32(const char *text, size_t min, size_t max,
                         uint32_t *out)
{
    size_t value;

    if (!cli_count_parse(text, min, max, &value))
        return false;
    *out = (uint32_t)value;
    return true;
}

/* The options that are about the sound. Returns what the value should have
 * been, or NULL if all is well. */
static const char *apply_sound(transcribe_arguments *a, int option,
                               const char *value)
{
    switch (option) {
    case OPT_CHANNEL:
        return parse_uint32(value, 1, 1024, &a->sound.channel)
                   ? NULL
                   : "a channel from 1 on";
    case OPT_RAW:
        return heed_soundfile_encoding_parse(&a->sound.raw_encoding, value) ==
                       HEED_OK
                   ? NULL
                   : "one of u8, s16le, s24le, s32le, f32le, alaw and ulaw";
    case OPT_RATE:
        return parse_uint32(value, 8000, 192000, &a->sound.raw_rate_hz)
                   ? NULL
                   : "a rate from 8000 to 192000";
    case OPT_CHANNELS:
        return parse_uint32(value, 1, 1024, &a->sound.raw_channels)
                   ? NULL
                   : "a number from 1 to 1024";
    default:
        return "an option";
    }
}

/* The options that are about the search; returns as above. */
static const char *apply_search(transcribe_arguments *a, int option,
                                const char *value)
{
    switch (option) {
    case OPT_BEAM:
        return cli_count_parse(value, 1, 8, &a->config.n_texts)
                   ? NULL
                   : "a number from 1 to 8";
    case OPT_LM:
        a->lm = value;
        return NULL;
    case OPT_LM_WEIGHT:
        return cli_number_parse(value, 0.001, 2.0, &a->config.lm_weight)
                   ? NULL
                   : "a number from 0.001 to 2";
    default:
        return apply_sound(a, option, value);
    }
}

/* The options that are about the recogniser; returns as above. */
static const char *apply_recogniser(transcribe_arguments *a, int option,
                                    const char *value)
{
    static const char frames[] = "a number of frames from 1 to 256";

    switch (option) {
    case OPT_LATENCY:
        return parse_latency(value, &a->config.latency) ? NULL : "file or live";
    case OPT_CHUNK:
        return cli_count_parse(value, 1, 256, &a->config.chunk_frames) ? NULL
                                                                       : frames;
    case OPT_LOOKAHEAD:
        return cli_count_parse(value, 1, 256, &a->config.lookahead_frames)
                   ? NULL
                   : frames;
    case OPT_ENDPOINT:
        return cli_number_parse(value, 0.2, 10.0, &a->config.endpoint_s)
                   ? NULL
                   : "a number of seconds from 0.2 to 10";
    case OPT_MAX_SEGMENT:
        return cli_number_parse(value, 4.0, 30.0, &a->config.max_segment_s)
                   ? NULL
                   : "a number of seconds from 4 to 30";
    default:
        return apply_search(a, option, value);
    }
}

/* All other options; returns as above. */
static const char *apply(transcribe_arguments *a, int option, const char *value)
{
    switch (option) {
    case OPT_MODEL:
        a->model = value;
        return NULL;
    case OPT_FORMAT:
        a->format = cli_format_find(value);
        return a->format != NULL ? NULL : "one of text, json and srt";
    case OPT_OUTPUT:
        a->output = value;
        return NULL;
    case OPT_NBEST:
        return cli_count_parse(value, 1, 8, &a->config.n_alternatives)
                   ? NULL
                   : "a number from 1 to 8";
    case OPT_VERBOSE:
        a->verbose = true;
        return NULL;
    case OPT_QUIET:
        a->quiet = true;
        return NULL;
    default:
        return apply_recogniser(a, option, value);
    }
}

static int refuse_usage(const char *cause)
{
    fprintf(stderr, "heed: %s\nheed: see `heed transcribe --help`\n", cause);
    return CLI_PARSER_ERROR;
}

/* What no single option can tell. */
static int check_together(transcribe_arguments *a)
{
    struct stat output;
    struct stat file;

    if (a->n_files == 0)
        return refuse_usage("no file to transcribe");
    if (a->format == &cli_format_srt && a->n_files > 1)
        return refuse_usage("srt takes one file at a time");
    if (a->format != &cli_format_json && a->config.n_alternatives > 0)
        return refuse_usage("--nbest needs --output-format json");
    if (a->sound.raw_encoding == HEED_SOUNDFILE_HEADER &&
        (a->sound.raw_rate_hz != 0 || a->sound.raw_channels != 0))
        return refuse_usage("--rate and --channels need --raw");
    if (a->sound.raw_rate_hz == 0)
        a->sound.raw_rate_hz = 16000;
    if (a->sound.raw_channels == 0)
        a->sound.raw_channels = 1;
    if (a->output == NULL || stat(a->output, &output) != 0)
        return CLI_PARSER_END;
    for (size_t i = 0; i < a->n_files; i++)
        if (stat(a->files[i], &file) == 0 && S_ISREG(file.st_mode) &&
            file.st_dev == output.st_dev && file.st_ino == output.st_ino)
            return refuse_usage("--output would replace the recording");
    return CLI_PARSER_END;
}

/* Returns OPT_HELP, CLI_PARSER_END if all is well, or CLI_PARSER_ERROR. The
 * files are moved to the front of `argv`. */
static int parse(transcribe_arguments *a, int argc, char **argv)
{
    cli_parser parser;
    int found;

    *a = (transcribe_arguments){.format = &cli_format_text, .files = argv};
    cli_parser_init(&parser, "transcribe", options, argc, argv);
    while ((found = cli_parser_next(&parser)) != CLI_PARSER_END) {
        const char *wanted = NULL;

        if (found == CLI_PARSER_ERROR || found == OPT_HELP)
            return found;
        if (found == CLI_PARSER_OPERAND)
            a->files[a->n_files++] = argv[parser.next - 1];
        else
            wanted = apply(a, found, parser.value);
        if (wanted != NULL)
            return cli_parser_reject(&parser, found, wanted);
    }
    return check_together(a);
}

static cli_exit run_files(cli_job *job, const transcribe_arguments *a)
{
    cli_exit worst = CLI_EXIT_OK;

    cli_interrupt_catch();
    for (size_t i = 0; i < a->n_files; i++) {
        const cli_exit code = cli_job_run(job, a->files[i]);

        if (code != CLI_EXIT_OK)
            worst = code;
        if (code == CLI_EXIT_OUTPUT || code == CLI_EXIT_INTERRUPTED)
            break;
    }
    if (worst == CLI_EXIT_INTERRUPTED)
        cli_messages_error(job->messages, "interrupted");
    return worst;
}

static cli_exit fail_output(cli_messages *messages,
                            const transcribe_arguments *a, const cli_sink *sink)
{
    cli_messages_error(
        messages, "%s: %s", a->output != NULL ? a->output : "standard output",
        sink->error != 0 ? strerror(sink->error) : "out of memory");
    return CLI_EXIT_OUTPUT;
}

/* Sends the words of all files to where they should go. */
static cli_exit write_all(cli_job *job, const transcribe_arguments *a)
{
    heed_model_info info;
    cli_output output;
    cli_sink sink;
    cli_exit code;

    if (!cli_sink_open(&sink, a->output))
        return fail_output(job->messages, a, &sink);
    heed_model_describe(job->model, &info);
    job->output = &output;
    if (cli_output_init(&output, a->format, &sink, info.name, a->n_files > 1))
        code = run_files(job, a);
    else
        code = CLI_EXIT_OUTPUT;
    /* Where no file was readable, an older result is worth more than none. */
    if (!cli_sink_close(&sink, code == CLI_EXIT_OK || output.n_files > 0) ||
        code == CLI_EXIT_OUTPUT)
        code = fail_output(job->messages, a, &sink);
    cli_output_deinit(&output);
    return code;
}

static cli_exit run(int argc, char **argv)
{
    transcribe_arguments a;
    cli_progress progress;
    cli_messages messages = {0};
    const heed_log log = cli_messages_log(&messages);
    heed_model *model = NULL;
    heed_lm *lm = NULL;
    const int found = parse(&a, argc, argv);

    if (found == OPT_HELP)
        return cli_help_print(&cli_command_transcribe);
    if (found == CLI_PARSER_ERROR)
        return CLI_EXIT_USAGE;
    messages.quiet = a.quiet;
    messages.verbose = a.verbose;
    cli_progress_init(&progress);
    /* On a terminal the text itself shows how far it is. */
    if (!a.quiet && (a.output != NULL || !isatty(STDOUT_FILENO)))
        messages.progress = &progress;
    cli_exit code = cli_model_open(&model, a.model, &messages, &log);
    if (code == CLI_EXIT_OK && a.lm != NULL &&
        heed_lm_open(&lm, a.lm, &log) != HEED_OK)
        code = CLI_EXIT_MODEL;
    if (code == CLI_EXIT_OK) {
        a.config.lm = lm;

        cli_job job = {.model = model,
                       .config = a.config,
                       .sound = a.sound,
                       .messages = &messages,
                       .log = &log};

        code = write_all(&job, &a);
        cli_job_deinit(&job);
    }
    heed_lm_close(lm);
    heed_model_close(model);
    return code;
}

const cli_command cli_command_transcribe = {
    .name = "transcribe",
    .summary = "write down what is said in sound files",
    .operands = "FILE...",
    .about =
        "Writes down what is said in each FILE: WAV, FLAC, Ogg Vorbis, Opus, "
        "MP3, AIFF\nand others, 8-192 kHz, any number of channels; - is the "
        "standard input. Words\nare printed as soon as they are certain. One "
        "bad file does not stop the others.\n",
    .options = options,
    .notes =
        "Formats:\n"
        "  text  a line a segment; with several files, a line `==> FILE <==` "
        "before each\n"
        "  json  JSON Lines, one object a file: file, model, words (text, "
        "start_s, end_s,\n"
        "        confidence, segment), text, duration_s, truncated, "
        "interrupted,\n"
        "        error; with --nbest also segments\n"
        "  srt   subtitles of one FILE, two lines of 42 characters and 6 s at "
        "most\n\n"
        "Examples:\n"
        "  heed transcribe talk.wav\n"
        "  heed transcribe -o srt --output talk.srt talk.flac\n"
        "  heed transcribe -o json *.flac > words.jsonl\n"
        "  ffmpeg -v error -i film.mp4 -f wav - | heed transcribe -\n",
    .run = run,
};
