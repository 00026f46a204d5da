/* cmd_eval.h - the parts of `heed eval`. SPDX-License-Identifier: Apache-2.0
 */
#ifndef HEED_TOOLS_CMD_EVAL_H
#define HEED_TOOLS_CMD_EVAL_H

#include "tools/cli.h"
#include "tools/eval/report.h"

/* Each is a subcommand of its own: its name is "eval report" and so on, its
 * argv[0] "report". */
extern const cli_command cli_command_eval_merge;
extern const cli_command cli_command_eval_normalise;
extern const cli_command cli_command_eval_report;

/* What all reports have in common. */
typedef struct cli_eval_choices {
    const char *normalisation;
    const char *rules; /* file, or NULL */
    const eval_report_form *form;
    const char *output; /* file, or NULL for stdout */
    size_t n_rounds;    /* of the bootstrap */
    size_t n_top;       /* rows of long tables */
    const char *title;
} cli_eval_choices;

/* The usual choices, but for the normalisation. */
void cli_eval_choices_init(cli_eval_choices *choices);

/* The options of all reports, counted from 0. */
typedef enum cli_eval_option {
    CLI_EVAL_NORMALISE,
    CLI_EVAL_RULES,
    CLI_EVAL_FORMAT,
    CLI_EVAL_BOOTSTRAP,
    CLI_EVAL_TOP,
    CLI_EVAL_N_OPTIONS
} cli_eval_option;

/* Their rows in the table of a command, in that order. */
/* clang-format off */
#define CLI_EVAL_OPTION_ROWS                                                \
    {"normalise", 'n', "NAME",                                              \
     "none, case, librispeech, spoken or english;\n"                        \
     "NAME@VERSION insists on a version"},                                  \
    {"rules", '\0', "FILE",                                                 \
     "then these rules: `WORDS => WORDS`, one a line"},                     \
    {"format", 'f', "FORMAT",                                               \
     "of the report: text, json, md, tsv or pra, the\n"                     \
     "alignments (default: text)"},                                         \
    {"bootstrap", '\0', "N",                                                \
     "rounds of the bootstrap, 0-1000000\n"                                 \
     "(default: 1000)"},                                                    \
    {"top", '\0', "N",                                                      \
     "rows of long tables, 1-1000000 (default: 20)"}
/* clang-format on */

/* Takes the value of one of them. Returns what it should have been, or NULL
 * if all is well. */
const char *cli_eval_choose(cli_eval_choices *choices, int option,
                            const char *value);

/* Scores the systems and writes the report. `facts` may be NULL, or has those
 * of each system. Returns CLI_EXIT_OK; CLI_EXIT_INPUT if something could not
 * be scored; CLI_EXIT_OUTPUT. Has told why. */
typedef struct cli_eval_facts {
    const eval_fact *list; /* [n] */
    size_t n;
} cli_eval_facts;
cli_exit cli_eval_report(const cli_eval_choices *choices, eval_system *systems,
                         size_t n_systems, const cli_eval_facts *facts,
                         cli_messages *messages);

#endif /* HEED_TOOLS_CMD_EVAL_H */
