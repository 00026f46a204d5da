/* cmd_lm_build.c - texts to a language model. SPDX-License-Identifier:
 * Apache-2.0
 */
#include "lm/build.h"
#include "tools/cmd_lm.h"
#include "tools/interrupt.h"
#include "tools/sink.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    OPT_ORDER,
    OPT_OUTPUT,
    OPT_WEIGHT,
    OPT_VOCABULARY,
    OPT_MAX_WORDS,
    OPT_MIN_COUNT,
    OPT_CUTOFF,
    OPT_PRUNE,
    OPT_MEMORY,
    OPT_TEMP,
    OPT_QUIET,
    OPT_HELP
};

static const cli_option options[] = {
    [OPT_ORDER] = {"order", 'n', "N",
                   "words of the longest n-grams, 1-6 (default: 3)"},
    [OPT_OUTPUT] = {"output", 'o', "FILE",
                    "write to FILE, which is replaced when the\n"
                    "result is complete (default: standard output)"},
    [OPT_WEIGHT] = {"weight", '\0', "N",
                    "every sentence of the TEXTs that follow counts\n"
                    "N times, 1-1000 (default: 1)"},
    [OPT_VOCABULARY] = {"vocabulary", '\0', "FILE",
                        "only the words in FILE, one a line"},
    [OPT_MAX_WORDS] = {"max-words", '\0', "N",
                       "only the N most frequent words"},
    [OPT_MIN_COUNT] = {"min-count", '\0', "N",
                       "only words that are seen N times"},
    [OPT_CUTOFF] = {"cutoff", '\0', "LIST",
                    "leave out n-grams of order 1, 2, ... seen so\n"
                    "many times or less, as 0,0,1; the last number\n"
                    "is that of higher orders too (default: 0)"},
    [OPT_PRUNE] = {"prune", '\0', "X",
                   "leave out n-grams without which perplexity\n"
                   "rises by less than the fraction X, as 1e-8"},
    [OPT_MEMORY] = {"memory", '\0', "MIB",
                    "memory for sorting, 1-1048576 (default: 1024)"},
    [OPT_TEMP] = {"temp", '\0', "DIR",
                  "where temporary files go (default: $TMPDIR,\n"
                  "else /tmp)"},
    [OPT_QUIET] = {"quiet", 'q', NULL,
                   "no progress bar, no summary, no warnings"},
    [OPT_HELP] = {"help", 'h', NULL, "print this help"},
    {NULL, '\0', NULL, NULL}};

typedef struct build_arguments {
    heed_lm_build_config config;
    heed_lm_source *texts; /* [config.n_texts] */
    const char *output;    /* NULL: stdout */
    size_t weight;         /* of the texts that follow */
    bool quiet;
} build_arguments;

static bool parse_count64(const char *text, uint64_t *out)
{
    size_t count;

    if (!cli_count_parse(text, 0, SIZE_MAX >> 1, &count))
        return false;
    *out = count;
    return true;
}

/* "0,0,1": a number for each order; the last one goes on. */
static bool parse_cutoffs(const char *text, uint64_t *cutoffs)
{
    char number[24];
    uint64_t value = 0;

    if (text[0] == '\0')
        return false;
    for (size_t n = 0; n < HEED_LM_MAX_ORDER; n++) {
        const size_t length = strcspn(text, ",");

        if (text[0] != '\0') {
            const uint64_t before = value;

            if (length >= sizeof number)
                return false;
            memcpy(number, text, length);
            number[length] = '\0';
            if (!parse_count64(number, &value) || value < before)
                return false;
            if (n == 0 && value != 0)
                return false;
            text += length;
            if (text[0] == ',' && *++text == '\0')
                return false;
        }
        cutoffs[n] = value;
    }
    return text[0] == '\0';
}

/* The options that choose words and n-grams; returns as below. */
static const char *apply_choice(build_arguments *a, int option,
                                const char *value)
{
    heed_vocabulary_choice *vocabulary = &a->config.vocabulary;

    switch (option) {
    case OPT_VOCABULARY:
        vocabulary->path = value;
        return NULL;
    case OPT_MAX_WORDS:
        return cli_count_parse(value, 1, 100000000, &vocabulary->max_words)
                   ? NULL
                   : "a number of words";
    case OPT_MIN_COUNT:
        return parse_count64(value, &vocabulary->min_count) ? NULL : "a number";
    case OPT_CUTOFF:
        return parse_cutoffs(value, a->config.cutoffs)
                   ? NULL
                   : "a list as 0,0,1: it begins with 0 and does not fall";
    case OPT_PRUNE:
        return cli_number_parse(value, 0.0, 0.1, &a->config.prune_threshold)
                   ? NULL
                   : "a number from 0 to 0.1";
    default:
        return "an option";
    }
}

/* Returns NULL, or what the value should have been. */
static const char *apply(build_arguments *a, int option, const char *value)
{
    size_t mebibytes;

    switch (option) {
    case OPT_ORDER:
        return cli_count_parse(value, 1, HEED_LM_MAX_ORDER, &a->config.order)
                   ? NULL
                   : "a number from 1 to 6";
    case OPT_OUTPUT:
        a->output = value;
        return NULL;
    case OPT_WEIGHT:
        return cli_count_parse(value, 1, 1000, &a->weight)
                   ? NULL
                   : "a number from 1 to 1000";
    case OPT_MEMORY:
        if (!cli_count_parse(value, 1, 1048576, &mebibytes))
            return "a number of MiB from 1 to 1048576";
        a->config.memory_bytes = mebibytes << 20;
        return NULL;
    case OPT_TEMP:
        a->config.folder = value;
        return NULL;
    case OPT_QUIET:
        a->quiet = true;
        return NULL;
    default:
        return apply_choice(a, option, value);
    }
}

static int refuse_usage(const char *cause)
{
    fprintf(stderr, "heed: %s\nheed: see `heed lm build --help`\n", cause);
    return CLI_PARSER_ERROR;
}

/* What no single option can tell. */
static int check_together(const build_arguments *a)
{
    struct stat output;
    struct stat text;

    if (a->config.n_texts == 0)
        return refuse_usage("no text to build a language model from");
    if (a->output == NULL || stat(a->output, &output) != 0)
        return CLI_PARSER_END;
    for (size_t i = 0; i < a->config.n_texts; i++)
        if (stat(a->texts[i].path, &text) == 0 && S_ISREG(text.st_mode) &&
            text.st_dev == output.st_dev && text.st_ino == output.st_ino)
            return refuse_usage("--output would replace the text");
    return CLI_PARSER_END;
}

/* Returns OPT_HELP, CLI_PARSER_END if all is well, or CLI_PARSER_ERROR. */
static int parse(build_arguments *a, int argc, char **argv)
{
    cli_parser parser;
    int found;

    cli_parser_init(&parser, "lm build", options, argc, argv);
    while ((found = cli_parser_next(&parser)) != CLI_PARSER_END) {
        const char *wanted = NULL;

        if (found == CLI_PARSER_ERROR || found == OPT_HELP)
            return found;
        if (found == CLI_PARSER_OPERAND)
            a->texts[a->config.n_texts++] =
                (heed_lm_source){parser.value, (uint32_t)a->weight};
        else
            wanted = apply(a, found, parser.value);
        if (wanted != NULL)
            return cli_parser_reject(&parser, found, wanted);
    }
    return check_together(a);
}

static void show_progress(void *user, const char *step, double fraction)
{
    cli_progress_update(user, step, fraction, 1.0);
}

static void print_summary(const heed_lm_build_summary *summary)
{
    const heed_corpus_info *corpus = &summary->corpus;

    fprintf(stderr,
            "sentences    %llu\nwords        %llu\n"
            "unknown      %llu, of which %llu are not of A-Z and ' only\n",
            (unsigned long long)corpus->n_sentences,
            (unsigned long long)corpus->n_words,
            (unsigned long long)corpus->n_unknown,
            (unsigned long long)corpus->n_malformed);
    for (size_t n = 0; n < summary->order; n++) {
        const heed_discounts *d = &summary->discounts[n];

        fprintf(stderr, "order %zu      %zu n-grams", n + 1,
                summary->n_written[n]);
        if (summary->n_written[n] != summary->n_estimated[n])
            fprintf(stderr, " of %zu", summary->n_estimated[n]);
        fprintf(stderr, ", discounts %.4f %.4f %.4f\n", d->amount[1],
                d->amount[2], d->amount[3]);
    }
}

/* The exit code of a build that failed. */
static cli_exit exit_of(heed_status status, bool write_failed)
{
    if (status == HEED_ERR_ARG)
        return CLI_EXIT_USAGE;
    return write_failed ? CLI_EXIT_OUTPUT : CLI_EXIT_INPUT;
}

static cli_exit fail_output(cli_messages *messages, const build_arguments *a,
                            const cli_sink *sink)
{
    cli_messages_error(messages, "%s: %s",
                       a->output != NULL ? a->output : "standard output",
                       strerror(sink->error));
    return CLI_EXIT_OUTPUT;
}

/* What is to be removed if the user ends the program; NULL: nothing. */
static const char *unfinished;

static void leave_nothing(void)
{
    if (unfinished != NULL)
        unlink(unfinished);
}

static cli_exit build(build_arguments *a)
{
    cli_progress progress;
    cli_messages messages = {.quiet = a->quiet, .progress = &progress};
    const heed_log log = cli_messages_log(&messages);
    heed_lm_build_summary summary;
    cli_sink sink;

    cli_progress_init(&progress);
    if (!a->quiet) {
        a->config.progress = show_progress;
        a->config.user = &progress;
    }
    if (!cli_sink_open(&sink, a->output))
        return fail_output(&messages, a, &sink);
    unfinished = sink.temporary;
    cli_interrupt_end_at_once(leave_nothing);
    cli_progress_start(&progress);
    const heed_status status =
        heed_lm_build(sink.file, &summary, &a->config, &log);
    const bool write_failed = ferror(sink.file) != 0;
    cli_progress_erase(&progress);
    unfinished = NULL;
    if (!cli_sink_close(&sink, status == HEED_OK) && status == HEED_OK)
        return fail_output(&messages, a, &sink);
    if (status != HEED_OK)
        return exit_of(status, write_failed);
    if (!a->quiet)
        print_summary(&summary);
    return CLI_EXIT_OK;
}

static cli_exit run(int argc, char **argv)
{
    build_arguments a = {.config = {.order = 3}, .weight = 1};
    cli_exit code = CLI_EXIT_USAGE;

    a.texts = malloc((size_t)argc * sizeof *a.texts);
    if (a.texts == NULL) {
        fputs("heed: out of memory\n", stderr);
        return CLI_EXIT_INPUT;
    }
    a.config.texts = a.texts;
    a.config.folder = getenv("TMPDIR");
    if (a.config.folder != NULL && a.config.folder[0] == '\0')
        a.config.folder = NULL;
    switch (parse(&a, argc, argv)) {
    case OPT_HELP:
        code = cli_help_print(&cli_command_lm_build);
        break;
    case CLI_PARSER_END:
        code = build(&a);
        break;
    default:
        break;
    }
    free(a.texts);
    return code;
}

const cli_command cli_command_lm_build = {
    .name = "lm build",
    .summary = "estimate a model from texts",
    .operands = "TEXT...",
    .about =
        "Estimates an n-gram model (interpolated modified Kneser-Ney) and "
        "writes it as\nARPA text. Each TEXT has a sentence a line; - is the "
        "standard input. Words are\ntaken in capitals; what has other "
        "characters than letters and the apostrophe, or\nis not in the "
        "vocabulary, counts as <unk>. The summary goes to standard error.\n",
    .options = options,
    .notes =
        "Examples:\n"
        "  heed lm build -o my.arpa my.txt\n"
        "  xz -dc *.txt.xz | heed lm build -n 4 --cutoff 0,0,1 - > my.arpa\n"
        "  heed lm build --max-words 80000 --cutoff 0,0,1 --prune 1e-7 \\\n"
        "      -o my.arpa books.txt talk.txt\n",
    .run = run,
};
