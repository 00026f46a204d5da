/* cmd_eval_merge.c - one run of several shards. SPDX-License-Identifier:
 * Apache-2.0
 */
#include "tools/cmd_eval.h"
#include "tools/eval/run.h"

#include <stdio.h>
#include <stdlib.h>

enum { OPT_RUN, OPT_HELP };

static const cli_option options[] = {
    [OPT_RUN] = {"run", 'd', "DIR", "keep the whole in DIR, which is made"},
    [OPT_HELP] = {"help", 'h', NULL, "print this help"},
    {NULL, '\0', NULL, NULL}};

static cli_exit refuse_usage(const char *cause)
{
    fprintf(stderr, "heed: %s\nheed: see `heed eval merge --help`\n", cause);
    return CLI_EXIT_USAGE;
}

static cli_exit merge(int argc, char **argv, const char **parts)
{
    cli_messages messages = {0};
    const heed_log log = cli_messages_log(&messages);
    const char *folder = NULL;
    size_t n_parts = 0;
    cli_parser parser;
    int found;

    cli_parser_init(&parser, "eval merge", options, argc, argv);
    while ((found = cli_parser_next(&parser)) != CLI_PARSER_END) {
        if (found == OPT_HELP)
            return cli_help_print(&cli_command_eval_merge);
        if (found == CLI_PARSER_ERROR)
            return CLI_EXIT_USAGE;
        if (found == OPT_RUN)
            folder = parser.value;
        else
            parts[n_parts++] = parser.value;
    }
    if (folder == NULL)
        return refuse_usage("--run is needed");
    if (n_parts == 0)
        return refuse_usage("there is nothing to merge");
    return eval_run_merge(folder, parts, n_parts, &log) ? CLI_EXIT_OK
                                                        : CLI_EXIT_INPUT;
}

static cli_exit run(int argc, char **argv)
{
    const char **parts = eval_calloc((size_t)argc, sizeof *parts);
    const cli_exit code = merge(argc, argv, parts);

    free(parts);
    return code;
}

const cli_command cli_command_eval_merge = {
    .name = "eval merge",
    .summary = "one run of several shards",
    .operands = "--run DIR PART...",
    .about = "Makes one run of parts that were made with --shard. They must "
             "be of the same\ncorpus, model and options, and have each "
             "utterance once; then the whole is to\nthe byte what a single "
             "run would have kept.\n",
    .options = options,
    .notes = "Examples:\n"
             "  heed eval merge --run all part-*\n",
    .run = run,
};
