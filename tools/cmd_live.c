/* cmd_live.c - speech to text while it is spoken. SPDX-License-Identifier:
 * Apache-2.0
 */
#include "tools/cli.h"
#include "tools/live_session.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define DEFAULT_BACKLOG_S 20.0

enum {
    OPT_MODEL,
    OPT_DEVICE,
    OPT_CHANNEL,
    OPT_RATE,
    OPT_RECONNECT,
    OPT_BACKLOG,
    OPT_FORMAT,
    OPT_OUTPUT,
    OPT_JSON,
    OPT_PLAIN,
    OPT_CONFIDENCE,
    OPT_SAVE,
    OPT_INPUT,
    OPT_REALTIME,
    OPT_RECORD,
    OPT_REPLAY,
    OPT_HEARING,
    OPT_VERBOSE = OPT_HEARING + CLI_HEARING_N_OPTIONS,
    OPT_QUIET,
    OPT_HELP
};

static const cli_option options[] = {
    [OPT_MODEL] = CLI_MODEL_ROW,
    [OPT_DEVICE] = {"device", 'd', "DEVICE",
                    "a number, a name or a part of a name that\n"
                    "`heed devices` lists (default: default)"},
    [OPT_CHANNEL] = {"channel", '\0', "N",
                     "hear this channel only, counted from 1\n"
                     "(default: the mean of all channels)"},
    [OPT_RATE] = {"rate", '\0', "HZ",
                  "open the device at this rate, 8000-192000\n"
                  "(default: its own)"},
    [OPT_RECONNECT] = {"reconnect", '\0', NULL,
                       "wait for a device that goes away"},
    [OPT_BACKLOG] = {"backlog", '\0', "SECONDS",
                     "sound that may wait for a slow machine, 1-600;\n"
                     "more is lost, and told (default: 20)"},
    [OPT_FORMAT] = {"output-format", 'o', "FORMAT",
                    "text, json or srt, for FILE or else for\n"
                    "standard output (default: text)"},
    [OPT_OUTPUT] = {"output", '\0', "FILE",
                    "write the text to FILE, too, as it grows"},
    [OPT_JSON] = {"json", '\0', NULL,
                  "print events for programs, a JSON object a line"},
    [OPT_PLAIN] = {"plain", '\0', NULL,
                   "print committed words only, as where standard\n"
                   "output is no terminal"},
    [OPT_CONFIDENCE] = {"confidence", '\0', NULL,
                        "colour words that may be wrong"},
    [OPT_SAVE] = {"save-audio", '\0', "FILE",
                  "keep what is heard in FILE, as FLAC"},
    [OPT_INPUT] = {"input", 'i', "FILE", "hear a sound file, not a microphone"},
    [OPT_REALTIME] = {"realtime", '\0', NULL,
                      "hear the file at the speed it was spoken at"},
    [OPT_RECORD] = {"record", '\0', "DIR",
                    "keep all that --replay needs in the folder DIR"},
    [OPT_REPLAY] = {"replay", '\0', "DIR",
                    "hear the session in DIR again, as it was"},
    CLI_HEARING_ROWS,
    [OPT_VERBOSE] = {"verbose", 'v', NULL,
                     "tell what is heard, and let the sound system\n"
                     "say what it finds wrong"},
    [OPT_QUIET] = {"quiet", 'q', NULL, "no summary, no warnings"},
    [OPT_HELP] = {"help", 'h', NULL, "print this help"},
    {NULL, '\0', NULL, NULL}};

/* The options that are about the sound. Returns what the value should have
 * been, or NULL if all is well. */
static const char *apply_sound(cli_live_arguments *a, int option,
                               const char *value)
{
    heed_capture_config *capture = &a->source.capture;
    size_t number = 0;

    switch (option) {
    case OPT_DEVICE:
        capture->device = value;
        return NULL;
    case OPT_CHANNEL:
        if (!cli_count_parse(value, 1, 64, &number))
            return "a channel from 1 to 64";
        capture->channel = (unsigned)number;
        return NULL;
    case OPT_RATE:
        if (!cli_count_parse(value, 8000, 192000, &number))
            return "a rate from 8000 to 192000";
        capture->sample_rate_hz = (unsigned)number;
        return NULL;
    case OPT_BACKLOG:
        return cli_number_parse(value, 1.0, 600.0, &capture->backlog_s)
                   ? NULL
                   : "a number of seconds from 1 to 600";
    case OPT_INPUT:
        a->source.file = value;
        return NULL;
    default:
        return cli_hearing_apply(&a->hearing, option - OPT_HEARING, value);
    }
}

/* The options without a value. Returns whether it is one. */
static bool apply_flag(cli_live_arguments *a, int option)
{
    bool *const flags[] = {[OPT_RECONNECT] = &a->reconnect,
                           [OPT_JSON] = &a->json,
                           [OPT_PLAIN] = &a->plain,
                           [OPT_CONFIDENCE] = &a->confidence,
                           [OPT_REALTIME] = &a->source.realtime,
                           [OPT_VERBOSE] = &a->verbose,
                           [OPT_QUIET] = &a->quiet,
                           [OPT_HELP] = NULL};

    if (flags[option] == NULL)
        return false;
    *flags[option] = true;
    return true;
}

/* All options; returns what the value should have been, or NULL. */
static const char *apply(cli_live_arguments *a, int option, const char *value)
{
    if (apply_flag(a, option))
        return NULL;
    switch (option) {
    case OPT_MODEL:
        a->hearing.model_path = value;
        return NULL;
    case OPT_FORMAT:
        a->format = cli_format_find(value);
        a->format_given = true;
        return a->format != NULL ? NULL : "one of text, json and srt";
    case OPT_OUTPUT:
        a->output = value;
        return NULL;
    case OPT_SAVE:
        a->save = value;
        return NULL;
    case OPT_RECORD:
        a->record = value;
        return NULL;
    case OPT_REPLAY:
        a->replay = value;
        return NULL;
    default:
        return apply_sound(a, option, value);
    }
}

static int refuse_usage(const char *cause)
{
    fprintf(stderr, "heed: %s\nheed: see `heed live --help`\n", cause);
    return CLI_PARSER_ERROR;
}

static bool is_same_file(const char *a, const char *b)
{
    struct stat first;
    struct stat second;

    return a != NULL && b != NULL && stat(a, &first) == 0 &&
           stat(b, &second) == 0 && S_ISREG(first.st_mode) &&
           first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

/* What no single option can tell. */
static int check_together(const cli_live_arguments *a)
{
    const heed_capture_config *capture = &a->source.capture;

    if (a->source.realtime && a->source.file == NULL)
        return refuse_usage("--realtime needs --input");
    if (a->source.file != NULL && (capture->device != NULL || a->reconnect ||
                                   capture->sample_rate_hz != 0))
        return refuse_usage(
            "--device, --rate and --reconnect are for a microphone");
    if (a->replay != NULL && (a->source.file != NULL || a->record != NULL ||
                              capture->device != NULL ||
                              capture->sample_rate_hz != 0 || a->reconnect))
        return refuse_usage("--replay takes its sound from DIR alone");
    if (a->replay != NULL && a->hearing.n_settings > 0)
        return refuse_usage("--replay takes its settings from DIR");
    if (a->json && a->format_given && a->output == NULL)
        return refuse_usage("--output-format with --json needs --output");
    if (is_same_file(a->source.file, a->output) ||
        is_same_file(a->source.file, a->save))
        return refuse_usage("the recording would be replaced");
    return CLI_PARSER_END;
}

/* Returns OPT_HELP, CLI_PARSER_END if all is well, or CLI_PARSER_ERROR. */
static int parse(cli_live_arguments *a, int argc, char **argv)
{
    cli_parser parser;
    int found;

    *a = (cli_live_arguments){
        .hearing = {.config = {.latency = HEED_LATENCY_LIVE}},
        .source = {.capture = {.backlog_s = DEFAULT_BACKLOG_S}},
        .format = &cli_format_text};
    cli_parser_init(&parser, "live", options, argc, argv);
    while ((found = cli_parser_next(&parser)) != CLI_PARSER_END) {
        const char *wanted;

        if (found == CLI_PARSER_ERROR || found == OPT_HELP)
            return found;
        if (found == CLI_PARSER_OPERAND)
            return refuse_usage("a file is named with --input");
        wanted = apply(a, found, parser.value);
        if (wanted != NULL)
            return cli_parser_reject(&parser, found, wanted);
    }
    return check_together(a);
}

static cli_exit run(int argc, char **argv)
{
    cli_live_arguments arguments;

    switch (parse(&arguments, argc, argv)) {
    case OPT_HELP:
        return cli_help_print(&cli_command_live);
    case CLI_PARSER_END:
        return cli_live_session_run(&arguments);
    default:
        return CLI_EXIT_USAGE;
    }
}

const cli_command cli_command_live = {
    .name = "live",
    .summary = "write down what is said at the microphone",
    .operands = "",
    .about =
        "Writes down what is said at the microphone while it is being said. "
        "Words are\ntentative at first; once committed they never change. "
        "Ctrl-C finishes the\nsentence and ends; a second one ends at "
        "once.\n",
    .options = options,
    .notes =
        "Events of --json, with times in seconds of the session:\n"
        "  partial  at_s, heard_s, committed, tentative: lists of words (text, "
        "start_s,\n"
        "           end_s, confidence, segment); committed words are told "
        "once\n"
        "  final    at_s, segment, start_s, end_s, text: no more words come "
        "for it\n"
        "  gap      sound that was lost: at_s, start_s, lost_s (null: "
        "unknown), cause\n"
        "           (backlog, system or device)\n"
        "  status   once a second: at_s, heard_s, level_db, delay_s, "
        "backlog_s,\n"
        "           chunk_frames (0: the usual), load, lost_s, gaps\n"
        "  end      the same, at the end\n\n"
        "Examples:\n"
        "  heed live\n"
        "  heed live --device usb --output minutes.txt --save-audio "
        "minutes.flac\n"
        "  heed live --json | my-program\n"
        "  heed live --input talk.wav --realtime\n",
    .run = run,
};
