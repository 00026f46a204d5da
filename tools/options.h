/* options.h - the command line, by one table. SPDX-License-Identifier:
 * Apache-2.0
 *
 * A table drives the parser and the help, so neither can forget an option.
 * Understood: -x, -xyz, -xVALUE, -x VALUE, --name, --name=VALUE, --name
 * VALUE; options and operands in any order; `--` ends the options; a lone `-`
 * is an operand. */
#ifndef HEED_TOOLS_OPTIONS_H
#define HEED_TOOLS_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

typedef struct cli_option {
    const char *name;  /* long name, NULL ends a table */
    char letter;       /* short name, 0 if there is none */
    const char *value; /* what it takes, as shown; NULL: takes nothing */
    const char *help;  /* one or several lines, without the last newline */
} cli_option;

typedef struct cli_parser {
    const char *command; /* for the hint after a mistake */
    const cli_option *options;
    int argc;
    char **argv;
    int next;            /* next argument to look at */
    const char *cluster; /* rest of -xyz, or NULL */
    bool operands_only;  /* `--` was seen */
    const char *value;   /* of the option or operand just returned */
} cli_parser;

enum { CLI_PARSER_END = -1, CLI_PARSER_OPERAND = -2, CLI_PARSER_ERROR = -3 };

/* Starts after argv[0]. */
void cli_parser_init(cli_parser *parser, const char *command,
                     const cli_option *options, int argc, char **argv);

/* Returns the index of the next option in the table, with its value in
 * `parser->value`, or one of the three above; a mistake has been told. */
int cli_parser_next(cli_parser *parser);

/* Tells of a wrong value for option `index` (`wanted`: what it takes). Returns
 * CLI_PARSER_ERROR. */
int cli_parser_reject(const cli_parser *parser, int index, const char *wanted);

/* Both return false unless all of `text` is a number within the limits. */
bool cli_number_parse(const char *text, double min, double max, double *out);
bool cli_count_parse(const char *text, size_t min, size_t max, size_t *out);

/* Prints the table, two columns, as in --help. */
void cli_options_print(FILE *file, const cli_option *options);

#endif /* HEED_TOOLS_OPTIONS_H */
