/* cmd_eval_normalise.c - text as it is scored. SPDX-License-Identifier:
 * Apache-2.0
 */
#include "tools/cmd_eval.h"

#include <stdio.h>

enum { OPT_NORMALISE, OPT_RULES, OPT_HELP };

static const cli_option options[] = {
    [OPT_NORMALISE] = {"normalise", 'n', "NAME",
                       "none, case, librispeech, spoken or english\n"
                       "(default: english)"},
    [OPT_RULES] = {"rules", '\0', "FILE",
                   "then these rules: `WORDS => WORDS`, one a line"},
    [OPT_HELP] = {"help", 'h', NULL, "print this help"},
    {NULL, '\0', NULL, NULL}};

static cli_exit normalise_file(const char *path, const char *name,
                               const char *rules, const heed_log *log)
{
    eval_normaliser normaliser;
    eval_lines lines;
    eval_text text = {0};
    bool good = eval_normaliser_init(&normaliser, name, rules, log) &&
                eval_lines_open(&lines, path, log);

    if (good) {
        while (eval_lines_next(&lines)) {
            eval_text_clear(&text);
            eval_normalise(&normaliser, lines.line, lines.length, &text);
            puts(eval_text_string(&text));
        }
        good = eval_lines_close(&lines);
    }
    eval_text_deinit(&text);
    eval_normaliser_deinit(&normaliser);
    return good ? CLI_EXIT_OK : CLI_EXIT_INPUT;
}

static cli_exit run(int argc, char **argv)
{
    cli_messages messages = {0};
    const heed_log log = cli_messages_log(&messages);
    cli_eval_choices choices;
    cli_parser parser;
    const char *path = NULL;
    int found;

    cli_eval_choices_init(&choices);
    cli_parser_init(&parser, "eval normalise", options, argc, argv);
    while ((found = cli_parser_next(&parser)) != CLI_PARSER_END) {
        const char *wanted = NULL;

        if (found == OPT_HELP)
            return cli_help_print(&cli_command_eval_normalise);
        if (found == CLI_PARSER_ERROR)
            return CLI_EXIT_USAGE;
        if (found == CLI_PARSER_OPERAND) {
            if (path != NULL) {
                fputs("heed: one text at a time\n"
                      "heed: see `heed eval normalise --help`\n",
                      stderr);
                return CLI_EXIT_USAGE;
            }
            path = parser.value;
        } else {
            wanted = cli_eval_choose(&choices,
                                     found == OPT_RULES ? CLI_EVAL_RULES
                                                        : CLI_EVAL_NORMALISE,
                                     parser.value);
        }
        if (wanted != NULL) {
            cli_parser_reject(&parser, found, wanted);
            return CLI_EXIT_USAGE;
        }
    }
    const cli_exit code = normalise_file(
        path != NULL ? path : "-", choices.normalisation, choices.rules, &log);
    const cli_exit written = cli_stdout_flush();
    return written != CLI_EXIT_OK ? written : code;
}

const cli_command cli_command_eval_normalise = {
    .name = "eval normalise",
    .summary = "text as it is scored",
    .operands = "[FILE]",
    .about = "Prints FILE, or the standard input, line by line as it would be "
             "scored.\n",
    .options = options,
    .notes = "Examples:\n"
             "  echo \"It's 5 o'clock, Mr. Grey.\" | heed eval normalise\n"
             "  heed eval normalise -n librispeech --rules my.rules text\n",
    .run = run,
};
