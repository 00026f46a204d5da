/* cmd_eval.c - word error rates. SPDX-License-Identifier: Apache-2.0 */
#include "tools/cmd_eval.h"
#include "tools/eval/transcript.h"
#include "tools/eval_measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPT_MODEL,
    OPT_LATENCY,
    OPT_HEARING,
    OPT_COLUMNS = OPT_HEARING + CLI_HEARING_N_OPTIONS,
    OPT_AUDIO_ROOT,
    OPT_ALLOW_PIPES,
    OPT_NO_SPEECH,
    OPT_JOBS,
    OPT_SHARD,
    OPT_NBEST,
    OPT_KEEP_ATTENTION,
    OPT_RUN,
    OPT_RESUME,
    OPT_REF,
    OPT_HYP,
    OPT_REF_FORMAT,
    OPT_HYP_FORMAT,
    OPT_OUTPUT,
    OPT_SHARED,
    OPT_QUIET = OPT_SHARED + CLI_EVAL_N_OPTIONS,
    OPT_HELP
};

static const cli_option options[] = {
    [OPT_MODEL] = CLI_MODEL_ROW,
    [OPT_LATENCY] = CLI_LATENCY_ROW,
    CLI_HEARING_ROWS,
    [OPT_COLUMNS] = {"columns", '\0', "LIST",
                     "names in a manifest, as id=utt,text=words; of id,\n"
                     "audio, text, speaker, group, start_s, end_s,\n"
                     "duration_s and channel"},
    [OPT_AUDIO_ROOT] = {"audio-root", '\0', "DIR",
                        "where audio paths begin (default: at the corpus)"},
    [OPT_ALLOW_PIPES] = {"allow-pipes", '\0', NULL,
                         "run the commands of a wav.scp"},
    [OPT_NO_SPEECH] = {"no-speech", '\0', NULL,
                       "CORPUS is a folder of sounds where nobody speaks"},
    [OPT_JOBS] = {"jobs", 'j', "N",
                  "utterances at a time, 1-1024 (default: 1)"},
    [OPT_SHARD] = {"shard", '\0', "LIST",
                   "I/N: only the I-th of N parts of the corpus"},
    [OPT_NBEST] = {"nbest", '\0', "N",
                   "keep the N best texts of each segment, 1-8, for the\n"
                   "oracle word error rate"},
    [OPT_KEEP_ATTENTION] = {"keep-attention", '\0', "LIST",
                            "keep where the decoder looked, for pictures:\n"
                            "ids of utterances with commas between"},
    [OPT_RUN] = {"run", 'd', "DIR", "keep the run in DIR, which is made"},
    [OPT_RESUME] = {"resume", '\0', NULL, "go on with the run in DIR"},
    [OPT_REF] = {"ref", 'r', "FILE",
                 "score only: what was said; trn, stm, ctm, text\n"
                 "or lines, by the end of the name"},
    [OPT_HYP] = {"hyp", 'y', "FILE",
                 "score only: what was heard; more than one are\n"
                 "compared with the first"},
    [OPT_REF_FORMAT] = {"ref-format", '\0', "FORMAT", "of --ref"},
    [OPT_HYP_FORMAT] = {"hyp-format", '\0', "FORMAT", "of --hyp"},
    [OPT_OUTPUT] = {"output", 'o', "FILE",
                    "write the report to FILE (default: standard\n"
                    "output)"},
    CLI_EVAL_OPTION_ROWS,
    [OPT_QUIET] = {"quiet", 'q', NULL, "no progress bar, no warnings"},
    [OPT_HELP] = {"help", 'h', NULL, "print this help"},
    {NULL, '\0', NULL, NULL}};

static const cli_command *const parts[] = {&cli_command_eval_report,
                                           &cli_command_eval_merge,
                                           &cli_command_eval_normalise, NULL};

typedef struct eval_arguments {
    cli_eval_run run;
    const char *reference;
    const char **hypotheses; /* [n_hypotheses] */
    size_t n_hypotheses;
    eval_format reference_format;
    eval_format hypothesis_format;
    cli_eval_choices choices;
    bool chose_normalisation;
    bool quiet;
} eval_arguments;

static int refuse_usage(const char *cause)
{
    fprintf(stderr, "heed: %s\nheed: see `heed eval --help`\n", cause);
    return CLI_PARSER_ERROR;
}

/* Takes "I/N". */
static bool parse_shard(cli_eval_run *run, const char *value)
{
    const char *slash = strchr(value, '/');
    char number[16];

    if (slash == NULL || (size_t)(slash - value) >= sizeof number)
        return false;
    memcpy(number, value, (size_t)(slash - value));
    number[slash - value] = '\0';
    if (!cli_count_parse(slash + 1, 1, 1000000, &run->n_shards) ||
        !cli_count_parse(number, 1, run->n_shards, &run->shard))
        return false;
    run->shard--;
    return true;
}

/* The options about a run. Returns what the value should have been, or NULL if
 * all is well. */
static const char *apply_run(cli_eval_run *run, int option, const char *value)
{
    switch (option) {
    case OPT_MODEL:
        run->hearing.model_path = value;
        return NULL;
    case OPT_LATENCY:
        return cli_latency_parse(&run->hearing, value);
    case OPT_COLUMNS:
        run->corpus_options.columns = value;
        return NULL;
    case OPT_AUDIO_ROOT:
        run->corpus_options.audio_root = value;
        return NULL;
    case OPT_ALLOW_PIPES:
        run->corpus_options.allow_pipes = true;
        return NULL;
    case OPT_NO_SPEECH:
        run->corpus_options.no_speech = true;
        return NULL;
    case OPT_JOBS:
        return cli_count_parse(value, 1, 1024, &run->n_jobs)
                   ? NULL
                   : "a number from 1 to 1024";
    case OPT_SHARD:
        return parse_shard(run, value) ? NULL : "I/N, as 3/8";
    case OPT_NBEST:
        return cli_count_parse(value, 1, 8, &run->hearing.config.n_alternatives)
                   ? NULL
                   : "a number from 1 to 8";
    case OPT_KEEP_ATTENTION:
        run->attention = value;
        return NULL;
    case OPT_RUN:
        run->folder = value;
        return NULL;
    case OPT_RESUME:
        run->resume = true;
        return NULL;
    default:
        return cli_hearing_apply(&run->hearing, option - OPT_HEARING, value);
    }
}

/* All other options; returns as above. */
static const char *apply(eval_arguments *a, int option, const char *value)
{
    static const char formats[] = "trn, stm, ctm, text or lines";

    switch (option) {
    case OPT_REF:
        a->reference = value;
        return NULL;
    case OPT_HYP:
        a->hypotheses[a->n_hypotheses++] = value;
        return NULL;
    case OPT_REF_FORMAT:
        return eval_format_parse(&a->reference_format, value) ? NULL : formats;
    case OPT_HYP_FORMAT:
        return eval_format_parse(&a->hypothesis_format, value) ? NULL : formats;
    case OPT_OUTPUT:
        a->choices.output = value;
        return NULL;
    case OPT_QUIET:
        a->quiet = true;
        return NULL;
    default:
        break;
    }
    if (option < OPT_REF)
        return apply_run(&a->run, option, value);
    if (option == OPT_SHARED + CLI_EVAL_NORMALISE)
        a->chose_normalisation = true;
    return cli_eval_choose(&a->choices, option - OPT_SHARED, value);
}

static int check_together(eval_arguments *a)
{
    const bool only_scores = a->reference != NULL || a->n_hypotheses > 0;

    if (!only_scores && a->run.corpus == NULL)
        return refuse_usage("a corpus, or --ref and --hyp, are needed");
    if (only_scores && a->run.corpus != NULL)
        return refuse_usage("a corpus or --ref and --hyp, not both");
    if (only_scores && (a->reference == NULL || a->n_hypotheses == 0))
        return refuse_usage("--ref and --hyp are needed");
    if (a->run.resume && a->run.folder == NULL)
        return refuse_usage("--resume needs --run");
    if (only_scores && !a->chose_normalisation)
        a->choices.normalisation = "case";
    return CLI_PARSER_END;
}

/* Returns OPT_HELP, CLI_PARSER_END if all is well, or CLI_PARSER_ERROR. */
static int parse(eval_arguments *a, int argc, char **argv)
{
    cli_parser parser;
    int found;

    a->run.argc = argc;
    a->run.argv = argv;
    a->run.n_jobs = 1;
    a->run.n_shards = 1;
    cli_eval_choices_init(&a->choices);
    cli_parser_init(&parser, "eval", options, argc, argv);
    while ((found = cli_parser_next(&parser)) != CLI_PARSER_END) {
        const char *wanted = NULL;

        if (found == CLI_PARSER_ERROR || found == OPT_HELP)
            return found;
        if (found == CLI_PARSER_OPERAND && a->run.corpus != NULL)
            return refuse_usage("one corpus at a time");
        if (found == CLI_PARSER_OPERAND)
            a->run.corpus = parser.value;
        else
            wanted = apply(a, found, parser.value);
        if (wanted != NULL)
            return cli_parser_reject(&parser, found, wanted);
    }
    return check_together(a);
}

/* The last part of a path. */
static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

static bool join(eval_system *system, const eval_transcript *reference,
                 const char *path, eval_format format, const heed_log *log)
{
    eval_transcript hypothesis;
    bool good = eval_transcript_open(&hypothesis, path, format, log);

    eval_system_init(system, name_of(path));
    good = good && eval_transcript_join(system, reference, &hypothesis, log);
    eval_transcript_deinit(&hypothesis);
    return good;
}

/* Scores files that are there. */
static cli_exit score_only(const eval_arguments *a, cli_messages *messages)
{
    const heed_log log = cli_messages_log(messages);
    eval_system *systems = eval_calloc(a->n_hypotheses, sizeof *systems);
    eval_transcript reference;
    cli_exit code = CLI_EXIT_INPUT;
    bool good = eval_transcript_open(&reference, a->reference,
                                     a->reference_format, &log);

    for (size_t i = 0; good && i < a->n_hypotheses; i++)
        good = join(&systems[i], &reference, a->hypotheses[i],
                    a->hypothesis_format, &log);
    if (good)
        code = cli_eval_report(&a->choices, systems, a->n_hypotheses, NULL,
                               messages);
    for (size_t i = 0; i < a->n_hypotheses; i++)
        eval_system_deinit(&systems[i]);
    eval_transcript_deinit(&reference);
    free(systems);
    return code;
}

static cli_exit work(const eval_arguments *a)
{
    cli_messages messages = {.quiet = a->quiet};
    cli_progress progress;

    cli_progress_init(&progress);
    if (!a->quiet)
        messages.progress = &progress;
    return a->run.corpus != NULL
               ? cli_eval_measure(&a->run, &a->choices, &messages)
               : score_only(a, &messages);
}

static cli_exit run(int argc, char **argv)
{
    eval_arguments a = {0};
    cli_exit code = CLI_EXIT_USAGE;
    int found;

    for (size_t i = 0; argc > 1 && parts[i] != NULL; i++)
        if (strcmp(parts[i]->name + strlen("eval "), argv[1]) == 0)
            return parts[i]->run(argc - 1, argv + 1);
    a.hypotheses = eval_calloc((size_t)argc, sizeof *a.hypotheses);
    found = parse(&a, argc, argv);
    if (found == OPT_HELP)
        code = cli_help_print(&cli_command_eval);
    else if (found == CLI_PARSER_END)
        code = work(&a);
    free(a.hypotheses);
    return code;
}

const cli_command cli_command_eval = {
    .name = "eval",
    .summary = "measure word error rates",
    .operands = "CORPUS | --ref FILE --hyp FILE...",
    .about =
        "Hears a corpus and measures word error rates: a folder as "
        "LibriSpeech or Kaldi\nhave it, or a table (.tsv, .csv, .jsonl) with "
        "named columns. Or only scores what\nwas heard, as NIST's sclite "
        "does.\n"
        "\n"
        "Commands, each with a --help of its own:\n"
        "  eval report               make a report of runs that were kept\n"
        "  eval merge                make one run of several shards\n"
        "  eval normalise            show text as it is scored\n",
    .options = options,
    .notes = "The normalisation is english for a corpus, case otherwise.\n"
             "\n"
             "Examples:\n"
             "  heed eval -j 4 --run dev LibriSpeech/dev-clean\n"
             "  heed eval --latency live -f md test.tsv\n"
             "  heed eval --ref ref.trn --hyp hyp.trn\n"
             "  heed eval --ref ref.stm --hyp old.ctm --hyp new.ctm\n",
    .run = run,
    .parts = parts,
};
