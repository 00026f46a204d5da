/* cmd_lm.c - language models: which of its parts. SPDX-License-Identifier:
 * Apache-2.0
 */
#include "tools/cmd_lm.h"

#include <stdio.h>
#include <string.h>

static const cli_command *const commands[] = {&cli_command_lm_build,
                                              &cli_command_lm_compile,
                                              &cli_command_lm_query, NULL};

enum { OPT_HELP };

static const cli_option options[] = {
    [OPT_HELP] = {"help", 'h', NULL, "print this help"},
    {NULL, '\0', NULL, NULL}};

static cli_exit run(int argc, char **argv)
{
    cli_parser parser;
    int found;

    cli_parser_init(&parser, "lm", options, argc, argv);
    found = cli_parser_next(&parser);
    if (found == OPT_HELP)
        return cli_help_print(&cli_command_lm);
    if (found == CLI_PARSER_ERROR)
        return CLI_EXIT_USAGE;
    if (found == CLI_PARSER_END) {
        fputs("heed: no command for a language model\n"
              "heed: see `heed lm --help`\n",
              stderr);
        return CLI_EXIT_USAGE;
    }
    argc -= parser.next - 1;
    argv += parser.next - 1;
    for (size_t i = 0; commands[i] != NULL; i++)
        if (strcmp(commands[i]->name + strlen("lm "), argv[0]) == 0)
            return commands[i]->run(argc, argv);
    fprintf(stderr,
            "heed: unknown command 'lm %s'\nheed: see `heed lm --help`\n",
            argv[0]);
    return CLI_EXIT_USAGE;
}

const cli_command cli_command_lm = {
    .name = "lm",
    .summary = "make and try language models",
    .operands = "COMMAND [ARGUMENT...]",
    .about = "Counts, compiles and tries n-gram language models.\n"
             "\n"
             "Commands, each with a --help of its own:\n"
             "  build                     make a model (ARPA) out of text\n"
             "  compile                   make the file that heed uses out of "
             "ARPA\n"
             "  query                     measure how well a model predicts "
             "text\n",
    .options = options,
    .notes = "Examples:\n"
             "  heed lm build -o words.arpa text.txt\n"
             "  heed lm compile words.arpa words.heedlm\n"
             "  heed lm query words.heedlm other.txt\n",
    .run = run,
    .parts = commands,
};
