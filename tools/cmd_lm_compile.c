/* cmd_lm_compile.c - a language model from ARPA to what heed uses.
 * SPDX-License-Identifier: Apache-2.0 */
#include "lm/compile.h"
#include "tools/cmd_lm.h"
#include "tools/sink.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum { OPT_BITS, OPT_BACKOFF_BITS, OPT_UNKNOWN, OPT_VERBOSE, OPT_HELP };

static const cli_option options[] = {
    [OPT_BITS] = {"bits", 'q', "BITS",
                  "bits of a probability, and of a back-off,\n"
                  "2 to 16 (default 8)"},
    [OPT_BACKOFF_BITS] = {"backoff-bits", '\0', "BITS",
                          "bits of a back-off, if different"},
    [OPT_UNKNOWN] = {"unknown", '\0', "NUMBER",
                     "log10 probability of <unk> if the model\n"
                     "has none (default -7)"},
    [OPT_VERBOSE] = {"verbose", 'v', NULL, "tell sizes"},
    [OPT_HELP] = {"help", 'h', NULL, "print this help"},
    {NULL, '\0', NULL, NULL}};

typedef struct compile_arguments {
    heed_lm_compile_config config;
    const char *input;
    const char *output;
    bool verbose;
} compile_arguments;

static int take_operand(compile_arguments *a, const char *text)
{
    if (a->input == NULL)
        a->input = text;
    else if (a->output == NULL)
        a->output = text;
    else {
        fprintf(stderr,
                "heed: '%s' is too much\nheed: see `heed lm compile --help`\n",
                text);
        return CLI_PARSER_ERROR;
    }
    return CLI_PARSER_END;
}

/* Returns CLI_PARSER_END if the value is good. */
static int take_option(compile_arguments *a, const cli_parser *parser,
                       int found)
{
    size_t bits = 0;
    double unknown = 0.0;

    if (found == OPT_VERBOSE) {
        a->verbose = true;
    } else if (found == OPT_UNKNOWN) {
        if (!cli_number_parse(parser->value, -1000.0, -0.001, &unknown))
            return cli_parser_reject(parser, found,
                                     "a number from -1000 to -0.001");
        a->config.unknown_log10 = (float)unknown;
    } else {
        if (!cli_count_parse(parser->value, 2, 16, &bits))
            return cli_parser_reject(parser, found, "a number from 2 to 16");
        if (found == OPT_BITS)
            a->config.prob_bits = (unsigned)bits;
        else
            a->config.backoff_bits = (unsigned)bits;
    }
    return CLI_PARSER_END;
}

/* Returns OPT_HELP if that was asked for, CLI_PARSER_END if all is well, or
 * CLI_PARSER_ERROR. */
static int parse(compile_arguments *a, int argc, char **argv)
{
    cli_parser parser;
    int found;

    *a = (compile_arguments){.verbose = false};
    cli_parser_init(&parser, "lm compile", options, argc, argv);
    while ((found = cli_parser_next(&parser)) != CLI_PARSER_END) {
        if (found == CLI_PARSER_OPERAND)
            found = take_operand(a, parser.value);
        else if (found != CLI_PARSER_ERROR && found != OPT_HELP)
            found = take_option(a, &parser, found);
        if (found != CLI_PARSER_END)
            return found;
    }
    if (a->output == NULL) {
        fputs("heed: IN.arpa and OUT.heedlm are needed\n"
              "heed: see `heed lm compile --help`\n",
              stderr);
        return CLI_PARSER_ERROR;
    }
    if (a->config.backoff_bits == 0)
        a->config.backoff_bits = a->config.prob_bits;
    return CLI_PARSER_END;
}

static cli_exit compile_input(heed_lm_image *image, const compile_arguments *a,
                              cli_messages *messages, const heed_log *log)
{
    const bool is_stdin = strcmp(a->input, "-") == 0;
    const char *name = is_stdin ? "standard input" : a->input;
    const unsigned n_errors = messages->n_errors;
    FILE *file = is_stdin ? stdin : fopen(a->input, "rb");

    if (file == NULL) {
        cli_messages_error(messages, "%s: %s", name, strerror(errno));
        return CLI_EXIT_INPUT;
    }
    const heed_status status =
        heed_lm_compile(image, file, name, &a->config, log);
    if (!is_stdin)
        fclose(file);
    if (status == HEED_OK)
        return CLI_EXIT_OK;
    if (messages->n_errors == n_errors)
        cli_messages_error(messages, "%s: %s", name, heed_status_text(status));
    return CLI_EXIT_INPUT;
}

static void tell_sizes(const heed_lm_image *image, cli_messages *messages)
{
    heed_lm *lm = NULL;
    heed_lm_info info;
    uint64_t n_ngrams = 0;

    if (heed_lm_open_memory(&lm, image->bytes, image->n_bytes, NULL) != HEED_OK)
        return;
    heed_lm_describe(lm, &info);
    heed_lm_close(lm);
    for (unsigned i = 0; i < info.order; i++) {
        cli_messages_tell(messages, "%" PRIu32 " %u-grams", info.n_ngrams[i],
                          i + 1);
        n_ngrams += info.n_ngrams[i];
    }
    cli_messages_tell(messages, "%zu bytes, %.2f for each n-gram", info.n_bytes,
                      (double)info.n_bytes / (double)n_ngrams);
}

static cli_exit write_output(const heed_lm_image *image, const char *path,
                             cli_messages *messages)
{
    cli_sink sink;
    const bool is_stdout = strcmp(path, "-") == 0;

    if (cli_sink_open(&sink, is_stdout ? NULL : path)) {
        cli_sink_write(&sink, (const char *)image->bytes, image->n_bytes);
        if (cli_sink_close(&sink, true))
            return CLI_EXIT_OK;
    }
    cli_messages_error(messages, "%s: %s", is_stdout ? "standard output" : path,
                       strerror(sink.error));
    return CLI_EXIT_OUTPUT;
}

static cli_exit run(int argc, char **argv)
{
    compile_arguments arguments;
    cli_messages messages = {0};
    const heed_log log = cli_messages_log(&messages);
    heed_lm_image image = {0};
    const int found = parse(&arguments, argc, argv);

    if (found == OPT_HELP)
        return cli_help_print(&cli_command_lm_compile);
    if (found == CLI_PARSER_ERROR)
        return CLI_EXIT_USAGE;
    messages.verbose = arguments.verbose;
    cli_exit code = compile_input(&image, &arguments, &messages, &log);
    if (code == CLI_EXIT_OK) {
        tell_sizes(&image, &messages);
        code = write_output(&image, arguments.output, &messages);
    }
    heed_lm_image_deinit(&image);
    return code;
}

const cli_command cli_command_lm_compile = {
    .name = "lm compile",
    .summary = "make the file that heed uses out of ARPA",
    .operands = "IN.arpa OUT.heedlm",
    .about =
        "Compiles a back-off language model in ARPA format, of orders 1 to 6, "
        "into the\ncompact file that heed maps into memory. '-' as IN.arpa is "
        "the standard input,\nas OUT.heedlm the standard output. Small letters "
        "become capitals. OUT.heedlm is\nwritten under another name and takes "
        "its place when it is complete.\n",
    .options = options,
    .notes = "Examples:\n"
             "  heed lm compile words.arpa words.heedlm\n"
             "  zcat big.arpa.gz | heed lm compile -v -q 6 - big.heedlm\n",
    .run = run,
};
