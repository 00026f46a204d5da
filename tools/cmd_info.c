/* cmd_info.c - what a model says about itself. SPDX-License-Identifier:
 * Apache-2.0
 */
#include "tools/cli.h"
#include "tools/output.h"

#include <stdio.h>
#include <string.h>

enum { OPT_JSON, OPT_NOTICES, OPT_HELP };

static const cli_option options[] = {
    [OPT_JSON] = {"json", '\0', NULL, "print one JSON object"},
    [OPT_NOTICES] = {"notices", '\0', NULL,
                     "print the licences and credits of the model only"},
    [OPT_HELP] = {"help", 'h', NULL, "print this help"},
    {NULL, '\0', NULL, NULL}};

typedef struct info_arguments {
    const char *path; /* NULL: the default model */
    bool json;
    bool notices;
} info_arguments;

static void print_field(cli_sink *sink, const char *key, const char *text)
{
    cli_sink_puts(sink, key);
    cli_json_write_string(sink, text, strlen(text));
}

static void print_json(const heed_model_info *info)
{
    char numbers[192];
    cli_sink sink;

    cli_sink_open(&sink, NULL);
    print_field(&sink, "{\"version\":", heed_version());
    print_field(&sink, ",\"name\":", info->name);
    print_field(&sink, ",\"license\":", info->license);
    snprintf(numbers, sizeof numbers,
             ",\"sample_rate_hz\":%u,\"frame_s\":%.6g,\"n_parameters\":%zu,"
             "\"n_vocabulary\":%zu,\"file_bytes\":%zu",
             info->sample_rate_hz, info->frame_s, info->n_parameters,
             info->n_vocabulary, info->file_bytes);
    cli_sink_puts(&sink, numbers);
    print_field(&sink, ",\"card\":", info->card);
    print_field(&sink, ",\"notices\":", info->notices);
    cli_sink_puts(&sink, "}\n");
}

static void print_text(const heed_model_info *info)
{
    printf("name         %s\n", info->name);
    printf("licence      %s\n", info->license);
    printf("parameters   %.1f million\n", (double)info->n_parameters * 1e-6);
    printf("vocabulary   %zu tokens\n", info->n_vocabulary);
    printf("file         %.1f MB\n", (double)info->file_bytes * 1e-6);
    printf("sample rate  %u Hz\n", info->sample_rate_hz);
    printf("frame        %.0f ms\n", info->frame_s * 1000.0);
    printf("heed         %s\n", heed_version());
    if (info->card[0] != '\0')
        printf("\n%s\n", info->card);
}

static void print_info(const heed_model *model, const info_arguments *arguments)
{
    heed_model_info info;

    heed_model_describe(model, &info);
    if (arguments->json)
        print_json(&info);
    else if (arguments->notices)
        printf("%s\n", info.notices);
    else
        print_text(&info);
}

/* Returns the index of OPT_HELP if that was asked for, CLI_PARSER_END if all
 * is well, or CLI_PARSER_ERROR. */
static int parse(info_arguments *arguments, int argc, char **argv)
{
    cli_parser parser;
    int found;

    *arguments = (info_arguments){0};
    cli_parser_init(&parser, "info", options, argc, argv);
    while ((found = cli_parser_next(&parser)) != CLI_PARSER_END) {
        if (found == OPT_JSON) {
            arguments->json = true;
        } else if (found == OPT_NOTICES) {
            arguments->notices = true;
        } else if (found == CLI_PARSER_OPERAND && arguments->path == NULL) {
            arguments->path = parser.value;
        } else if (found == CLI_PARSER_OPERAND) {
            fprintf(stderr,
                    "heed: one model at a time: '%s' is too much\n"
                    "heed: see `heed info --help`\n",
                    parser.value);
            return CLI_PARSER_ERROR;
        } else {
            return found;
        }
    }
    return CLI_PARSER_END;
}

static cli_exit run(int argc, char **argv)
{
    info_arguments arguments;
    cli_messages messages = {0};
    const heed_log log = cli_messages_log(&messages);
    const int found = parse(&arguments, argc, argv);
    heed_model *model = NULL;

    if (found == OPT_HELP)
        return cli_help_print(&cli_command_info);
    if (found == CLI_PARSER_ERROR)
        return CLI_EXIT_USAGE;
    if (cli_model_open(&model, arguments.path, &messages, &log) != CLI_EXIT_OK)
        return CLI_EXIT_MODEL;
    print_info(model, &arguments);
    heed_model_close(model);
    return cli_stdout_flush();
}

const cli_command cli_command_info = {
    .name = "info",
    .summary = "tell what a model is",
    .operands = "[MODEL]",
    .about = "Prints the name, licence, size and card of the model file MODEL, "
             "or of the\ndefault model (see `heed transcribe --help`).\n",
    .options = options,
    .notes = "Examples:\n"
             "  heed info\n"
             "  heed info --json my-model.gguf | python3 -m json.tool\n",
    .run = run,
};
