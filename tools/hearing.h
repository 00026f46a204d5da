/* hearing.h - the recogniser as the command line wants it.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The options that all commands with a recogniser have, and what they open. A
 * command puts the rows into its table and hands the options to apply; a new
 * option is a row, a name and a case here. */
#ifndef HEED_TOOLS_HEARING_H
#define HEED_TOOLS_HEARING_H

#include "tools/cli.h"

typedef struct cli_hearing {
    const char *model_path;    /* NULL: the default one */
    const char *lm_path;       /* NULL: none */
    const char *hotwords_path; /* NULL: none */
    heed_stream_config config;
    size_t n_settings;       /* options given; paths are none */
    heed_model *model;       /* owned, as is */
    heed_lm *lm;             /* NULL: none; the same as in `config` */
    heed_hotwords *hotwords; /* so, too */
} cli_hearing;

/* The options, counted from 0. */
typedef enum cli_hearing_option {
    CLI_HEARING_CHUNK,
    CLI_HEARING_LOOKAHEAD,
    CLI_HEARING_ENDPOINT,
    CLI_HEARING_MAX_SEGMENT,
    CLI_HEARING_BEAM,
    CLI_HEARING_LM,
    CLI_HEARING_LM_WEIGHT,
    CLI_HEARING_HOTWORDS,
    CLI_HEARING_HOTWORD_WEIGHT,
    CLI_HEARING_MIN_CONFIDENCE,
    CLI_HEARING_N_OPTIONS
} cli_hearing_option;

/* Their rows in the table of a command, in that order. */
/* clang-format off */
#define CLI_HEARING_ROWS                                                    \
    {"chunk", '\0', "N",                                                    \
     "encoder frames in a step, 1-256 (default: from\n"                     \
     "the latency and the model)"},                                         \
    {"lookahead", '\0', "N",                                                \
     "encoder frames heard ahead of a step, 1-256\n"                        \
     "(default: from the latency and the model)"},                          \
    {"endpoint", '\0', "SECONDS",                                           \
     "a pause of this length ends a segment, 0.2-10\n"                      \
     "(default: 1.2)"},                                                     \
    {"max-segment", '\0', "SECONDS",                                        \
     "no segment is longer, 4-30 (default: 20)"},                           \
    {"beam", '\0', "N",                                                     \
     "texts compared at a time, 1-8 (default: 8)"},                         \
    {"lm", '\0', "FILE",                                                    \
     "a language model by `heed lm compile` (default:\n"                    \
     "none)"},                                                              \
    {"lm-weight", '\0', "NUMBER",                                           \
     "of its log probabilities, 0.001-2 (default: 0.05)"},                  \
    {"hotwords", '\0', "FILE",                                              \
     "phrases that are likely to be said, one a line\n"                     \
     "(default: none)"},                                                    \
    {"hotword-weight", '\0', "NUMBER",                                      \
     "of a letter of theirs, 0.001-10 (default: 0.5)"},                     \
    {"min-confidence", '\0', "NUMBER",                                      \
     "text with less is noise, up to 1; below 0: all\n"                     \
     "is text (default: 0.48)"}

/* Two that not every command has, or has among others. */
#define CLI_MODEL_ROW                                                       \
    {"model", 'm', "PATH",                                                  \
     "the model file (default: $HEED_MODEL, else\n"                         \
     "the one installed with heed)"}
#define CLI_LATENCY_ROW                                                     \
    {"latency", '\0', "PRESET",                                             \
     "file: the most accurate; live: decide as at a\n"                      \
     "microphone (default: file)"}
/* clang-format on */

/* Each takes the value of an option. Returns what it should have been, or NULL
 * if all is well. */
const char *cli_hearing_apply(cli_hearing *hearing, int option,
                              const char *value);
const char *cli_latency_parse(cli_hearing *hearing, const char *value);

/* Opens the model, the language model and the hotwords, or, for a model that
 * is open, only those; tells what is wrong.
 * Returns CLI_EXIT_OK or CLI_EXIT_MODEL. Release in every case:
 * cli_hearing_close(). */
cli_exit cli_hearing_open(cli_hearing *hearing, cli_messages *messages,
                          const heed_log *log);
cli_exit cli_hearing_open_words(cli_hearing *hearing, cli_messages *messages,
                                const heed_log *log);
void cli_hearing_close(cli_hearing *hearing);

#endif /* HEED_TOOLS_HEARING_H */
