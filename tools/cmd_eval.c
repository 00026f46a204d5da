/* cmd_eval.c - word error rates. SPDX-License-Identifier: Apache-2.0 */
#include "tools/cmd_eval.h"
#include "tools/eval/transcript.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
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
    [OPT_QUIET] = {"quiet", 'q', NULL, "errors only"},
    [OPT_HELP] = {"help", 'h', NULL, "print this help"},
    {NULL, '\0', NULL, NULL}};

static const cli_command *const parts[] = {&cli_command_eval_normalise};
enum { N_PARTS = sizeof parts / sizeof parts[0] };

typedef struct eval_arguments {
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

/* Returns what the value should have been, or NULL if all is well. */
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
        if (option == OPT_SHARED + CLI_EVAL_NORMALISE)
            a->chose_normalisation = true;
        return cli_eval_choose(&a->choices, option - OPT_SHARED, value);
    }
}

static int check_together(eval_arguments *a)
{
    if (a->reference == NULL || a->n_hypotheses == 0)
        return refuse_usage("--ref and --hyp are needed");
    if (!a->chose_normalisation)
        a->choices.normalisation = "case";
    return CLI_PARSER_END;
}

/* Returns OPT_HELP, CLI_PARSER_END if all is well, or CLI_PARSER_ERROR. */
static int parse(eval_arguments *a, int argc, char **argv)
{
    cli_parser parser;
    int found;

    cli_eval_choices_init(&a->choices);
    cli_parser_init(&parser, "eval", options, argc, argv);
    while ((found = cli_parser_next(&parser)) != CLI_PARSER_END) {
        const char *wanted = NULL;

        if (found == CLI_PARSER_ERROR || found == OPT_HELP)
            return found;
        if (found == CLI_PARSER_OPERAND)
            return refuse_usage("there is nothing to do with a file as such");
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

static cli_exit run(int argc, char **argv)
{
    cli_messages messages = {0};
    eval_arguments a = {0};
    cli_exit code = CLI_EXIT_USAGE;
    int found;

    for (size_t i = 0; argc > 1 && i < N_PARTS; i++)
        if (strcmp(parts[i]->name + strlen("eval "), argv[1]) == 0)
            return parts[i]->run(argc - 1, argv + 1);
    a.hypotheses = eval_calloc((size_t)argc, sizeof *a.hypotheses);
    found = parse(&a, argc, argv);
    messages.quiet = a.quiet;
    if (found == OPT_HELP)
        code = cli_help_print(&cli_command_eval);
    else if (found == CLI_PARSER_END)
        code = score_only(&a, &messages);
    free(a.hypotheses);
    return code;
}

const cli_command cli_command_eval = {
    .name = "eval",
    .summary = "measure word error rates",
    .operands = "--ref FILE --hyp FILE...",
    .about = "Aligns what was heard with what was said, as NIST's sclite does, "
             "and counts\nthe differences.\n",
    .options = options,
    .notes = "Examples:\n"
             "  heed eval --ref ref.trn --hyp hyp.trn\n"
             "  heed eval --ref ref.stm --hyp old.ctm --hyp new.ctm\n",
    .run = run,
};
