/* cmd_lm_query.c - how well a language model predicts a text.
 * SPDX-License-Identifier: Apache-2.0 */
#include "lm/lm.h"
#include "tools/cmd_lm.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

enum { OPT_VERBOSE, OPT_HELP };

static const cli_option options[] = {
    [OPT_VERBOSE] = {"verbose", 'v', NULL,
                     "before the totals print for each sentence its\n"
                     "log10 probability, its unknown words, itself"},
    [OPT_HELP] = {"help", 'h', NULL, "print this help"},
    {NULL, '\0', NULL, NULL}};

typedef struct query_arguments {
    const char *model;
    const char *input;
    bool verbose;
} query_arguments;

/* Sums over sentences; natural logarithms. */
typedef struct totals {
    uint64_t n_sentences;
    uint64_t n_words;
    uint64_t n_unknown;
    double score;         /* of words and ends of sentences */
    double unknown_score; /* of these: of unknown words */
} totals;

static const char blanks[] = " \t\r\n\v\f";

/* The score of one line. */
static totals score_sentence(const heed_lm *lm, const char *line)
{
    totals sum = {.n_sentences = 1};
    heed_lm_state state;

    heed_lm_begin(lm, &state);
    for (line += strspn(line, blanks); *line != '\0';
         line += strspn(line, blanks)) {
        const size_t length = strcspn(line, blanks);
        const uint32_t word = heed_lm_word(lm, line, length);
        const double score = (double)heed_lm_score(lm, &state, word, &state);

        sum.n_words++;
        sum.score += score;
        if (word == HEED_LM_UNKNOWN) {
            sum.n_unknown++;
            sum.unknown_score += score;
        }
        line += length;
    }
    sum.score += (double)heed_lm_end(lm, &state);
    return sum;
}

static void add(totals *sum, const totals *sentence)
{
    sum->n_sentences += sentence->n_sentences;
    sum->n_words += sentence->n_words;
    sum->n_unknown += sentence->n_unknown;
    sum->score += sentence->score;
    sum->unknown_score += sentence->unknown_score;
}

static void print_sentence(const totals *sum, const char *line, size_t length)
{
    /* Without the newline, which the last line may lack. */
    while (length > 0 && strchr(blanks, line[length - 1]) != NULL)
        length--;
    printf("%.4f\t%" PRIu64 "\t%.*s\n", sum->score / M_LN10, sum->n_unknown,
           (int)length, line);
}

static void print_totals(const totals *sum)
{
    const uint64_t n_tokens = sum->n_words + sum->n_sentences;
    const uint64_t n_known = n_tokens - sum->n_unknown;
    const double percent =
        sum->n_words > 0 ? 100.0 * (double)sum->n_unknown / (double)sum->n_words
                         : 0.0;

    printf("sentences               %" PRIu64 "\n", sum->n_sentences);
    printf("words                   %" PRIu64 "\n", sum->n_words);
    printf("tokens                  %" PRIu64 "\n", n_tokens);
    printf("unknown words           %" PRIu64 " (%.2f %%)\n", sum->n_unknown,
           percent);
    printf("log10 probability       %.4f\n", sum->score / M_LN10);
    if (n_tokens == 0)
        return;
    printf("perplexity              %.2f\n",
           exp(-sum->score / (double)n_tokens));
    printf("perplexity, known only  %.2f\n",
           exp(-(sum->score - sum->unknown_score) / (double)n_known));
}

/* Returns false after saying so if the file cannot be read to its end. */
static bool score_file(totals *sum, const heed_lm *lm, FILE *file,
                       const query_arguments *a)
{
    char *line = NULL;
    size_t capacity = 0;
    ssize_t length;

    errno = 0;
    while ((length = getline(&line, &capacity, file)) >= 0) {
        if (line[strspn(line, blanks)] == '\0')
            continue;
        const totals sentence = score_sentence(lm, line);
        if (a->verbose)
            print_sentence(&sentence, line, strlen(line));
        add(sum, &sentence);
    }
    const int error = errno;
    free(line);
    if (feof(file))
        return true;
    fprintf(stderr, "heed: %s: %s\n", a->input,
            strerror(error != 0 ? error : EIO));
    return false;
}

static cli_exit query(const heed_lm *lm, const query_arguments *a)
{
    const bool is_stdin = strcmp(a->input, "-") == 0;
    FILE *file = is_stdin ? stdin : fopen(a->input, "rb");
    totals sum = {0};

    if (file == NULL) {
        fprintf(stderr, "heed: %s: %s\n", a->input, strerror(errno));
        return CLI_EXIT_INPUT;
    }
    const bool complete = score_file(&sum, lm, file, a);
    if (!is_stdin)
        fclose(file);
    if (!complete)
        return CLI_EXIT_INPUT;
    print_totals(&sum);
    return cli_stdout_flush();
}

/* Returns OPT_HELP if that was asked for, CLI_PARSER_END if all is well, or
 * CLI_PARSER_ERROR. */
static int parse(query_arguments *a, int argc, char **argv)
{
    cli_parser parser;
    int found;

    *a = (query_arguments){0};
    cli_parser_init(&parser, "lm query", options, argc, argv);
    while ((found = cli_parser_next(&parser)) != CLI_PARSER_END) {
        if (found == OPT_VERBOSE) {
            a->verbose = true;
        } else if (found == CLI_PARSER_OPERAND && a->model == NULL) {
            a->model = parser.value;
        } else if (found == CLI_PARSER_OPERAND && a->input == NULL) {
            a->input = parser.value;
        } else if (found == CLI_PARSER_OPERAND) {
            fprintf(stderr,
                    "heed: one text at a time: '%s' is too much\n"
                    "heed: see `heed lm query --help`\n",
                    parser.value);
            return CLI_PARSER_ERROR;
        } else {
            return found;
        }
    }
    if (a->input == NULL) {
        fputs("heed: MODEL and FILE are needed\n"
              "heed: see `heed lm query --help`\n",
              stderr);
        return CLI_PARSER_ERROR;
    }
    return CLI_PARSER_END;
}

static cli_exit run(int argc, char **argv)
{
    query_arguments arguments;
    cli_messages messages = {0};
    const heed_log log = cli_messages_log(&messages);
    const int found = parse(&arguments, argc, argv);
    heed_lm *lm = NULL;

    if (found == OPT_HELP)
        return cli_help_print(&cli_command_lm_query);
    if (found == CLI_PARSER_ERROR)
        return CLI_EXIT_USAGE;
    if (heed_lm_open(&lm, arguments.model, &log) != HEED_OK)
        return CLI_EXIT_MODEL;
    const cli_exit code = query(lm, &arguments);
    heed_lm_close(lm);
    return code;
}

const cli_command cli_command_lm_query = {
    .name = "lm query",
    .summary = "measure how well a model predicts text",
    .operands = "MODEL FILE",
    .about =
        "Scores FILE, one sentence a line, with the compiled language model "
        "MODEL and\nprints its perplexity. '-' as FILE is the standard input. "
        "Words are compared in\ncapitals; what is not in the vocabulary is "
        "unknown, and so is anything with\nother characters. Tokens are words "
        "and ends of sentences.\n",
    .options = options,
    .notes = "Examples:\n"
             "  heed lm query words.heedlm other.txt\n"
             "  echo how are you | heed lm query -v words.heedlm -\n",
    .run = run,
};
