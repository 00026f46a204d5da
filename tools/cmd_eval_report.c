/* cmd_eval_report.c - a report of runs that were kept.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tools/eval_measure.h"

#include <stdio.h>
#include <string.h>

enum {
    OPT_OUTPUT,
    OPT_TITLE,
    OPT_SHARED,
    OPT_QUIET = OPT_SHARED + CLI_EVAL_N_OPTIONS,
    OPT_HELP
};

static const cli_option options[] = {
    [OPT_OUTPUT] = {"output", 'o', "FILE",
                    "write to FILE, whose end says the format (default:\n"
                    "standard output)"},
    [OPT_TITLE] = {"title", '\0', "TEXT", "of the page"},
    CLI_EVAL_OPTION_ROWS,
    [OPT_QUIET] = {"quiet", 'q', NULL, "no warnings"},
    [OPT_HELP] = {"help", 'h', NULL, "print this help"},
    {NULL, '\0', NULL, NULL}};

/* The format that the end of a name asks for, or NULL. */
static const eval_report_form *form_of(const char *path)
{
    const char *dot = strrchr(path, '.');

    if (dot == NULL)
        return NULL;
    return eval_report_find(strcmp(dot, ".htm") == 0   ? "html"
                            : strcmp(dot, ".txt") == 0 ? "text"
                                                       : dot + 1);
}

static cli_exit run(int argc, char **argv)
{
    cli_messages messages = {0};
    cli_eval_choices choices;
    cli_parser parser;
    size_t n_folders = 0;
    bool chose_form = false;
    int found;

    cli_eval_choices_init(&choices);
    cli_parser_init(&parser, "eval report", options, argc, argv);
    while ((found = cli_parser_next(&parser)) != CLI_PARSER_END) {
        const char *wanted = NULL;

        if (found == OPT_HELP)
            return cli_help_print(&cli_command_eval_report);
        if (found == CLI_PARSER_ERROR)
            return CLI_EXIT_USAGE;
        if (found == CLI_PARSER_OPERAND)
            argv[n_folders++] = argv[parser.next - 1];
        else if (found == OPT_OUTPUT)
            choices.output = parser.value;
        else if (found == OPT_TITLE)
            choices.title = parser.value;
        else if (found == OPT_QUIET)
            messages.quiet = true;
        else
            wanted =
                cli_eval_choose(&choices, found - OPT_SHARED, parser.value);
        chose_form = chose_form || found == OPT_SHARED + CLI_EVAL_FORMAT;
        if (wanted != NULL) {
            cli_parser_reject(&parser, found, wanted);
            return CLI_EXIT_USAGE;
        }
    }
    if (n_folders == 0) {
        fputs("heed: no run to report on\n"
              "heed: see `heed eval report --help`\n",
              stderr);
        return CLI_EXIT_USAGE;
    }
    if (choices.output != NULL && !chose_form &&
        form_of(choices.output) != NULL)
        choices.form = form_of(choices.output);
    return cli_eval_report_runs(argv, n_folders, NULL, &choices, &messages);
}

const cli_command cli_command_eval_report = {
    .name = "eval report",
    .summary = "a report of runs that were kept",
    .operands = "RUN...",
    .about = "Scores runs that `heed eval --run` has kept, as often and with "
             "whatever\nnormalisation is wanted; more than one are compared "
             "with the first.\n",
    .options = options,
    .notes = "The normalisation is english unless another is named.\n"
             "\n"
             "Examples:\n"
             "  heed eval report -o report.md dev\n"
             "  heed eval report -n librispeech -f json old new\n",
    .run = run,
};
