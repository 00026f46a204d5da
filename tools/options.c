/* options.c - the command line, by one table. SPDX-License-Identifier:
 * Apache-2.0
 */
#include "tools/options.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Column where the explanations start. */
#define HELP_COLUMN 28

void cli_parser_init(cli_parser *parser, const char *command,
                     const cli_option *options, int argc, char **argv)
{
    *parser = (cli_parser){.command = command,
                           .options = options,
                           .argc = argc,
                           .argv = argv,
                           .next = 1};
}

static int tell_hint(const cli_parser *parser)
{
    fprintf(stderr, "heed: see `heed %s%s--help`\n", parser->command,
            parser->command[0] != '\0' ? " " : "");
    return CLI_PARSER_ERROR;
}

static int tell_unknown(const cli_parser *parser, const char *name, int length)
{
    fprintf(stderr, "heed: unknown option '%.*s'\n", length, name);
    return tell_hint(parser);
}

static int tell_missing(const cli_parser *parser, const cli_option *option)
{
    fprintf(stderr, "heed: option '--%s' needs a value: %s\n", option->name,
            option->value);
    return tell_hint(parser);
}

/* The value that follows as an argument of its own; false if there is none. */
static bool take_argument(cli_parser *parser)
{
    if (parser->next >= parser->argc)
        return false;
    parser->value = parser->argv[parser->next++];
    return true;
}

static int parse_long(cli_parser *parser, const char *text)
{
    const char *name = text + 2;
    const size_t length = strcspn(name, "=");

    for (int i = 0; parser->options[i].name != NULL; i++) {
        const cli_option *option = &parser->options[i];

        if (strlen(option->name) != length ||
            memcmp(option->name, name, length) != 0)
            continue;
        if (option->value == NULL && name[length] == '=') {
            fprintf(stderr, "heed: option '--%s' takes no value\n",
                    option->name);
            return tell_hint(parser);
        }
        if (option->value == NULL)
            return i;
        if (name[length] == '=')
            parser->value = name + length + 1;
        else if (!take_argument(parser))
            return tell_missing(parser, option);
        return i;
    }
    return tell_unknown(parser, text, (int)length + 2);
}

static int parse_letter(cli_parser *parser)
{
    const char letter = *parser->cluster++;

    for (int i = 0; parser->options[i].name != NULL; i++) {
        const cli_option *option = &parser->options[i];

        if (option->letter != letter)
            continue;
        if (option->value == NULL)
            return i;
        if (*parser->cluster != '\0')
            parser->value = parser->cluster;
        else if (!take_argument(parser))
            return tell_missing(parser, option);
        parser->cluster = NULL;
        return i;
    }
    const char name[] = {'-', letter};
    return tell_unknown(parser, name, sizeof name);
}

int cli_parser_next(cli_parser *parser)
{
    parser->value = NULL;
    if (parser->cluster != NULL && *parser->cluster != '\0')
        return parse_letter(parser);
    parser->cluster = NULL;
    if (parser->next >= parser->argc)
        return CLI_PARSER_END;
    const char *text = parser->argv[parser->next++];
    if (!parser->operands_only && strcmp(text, "--") == 0) {
        parser->operands_only = true;
        return cli_parser_next(parser);
    }
    if (parser->operands_only || text[0] != '-' || text[1] == '\0') {
        parser->value = text;
        return CLI_PARSER_OPERAND;
    }
    if (text[1] == '-')
        return parse_long(parser, text);
    parser->cluster = text + 1;
    return parse_letter(parser);
}

int cli_parser_reject(const cli_parser *parser, int index, const char *wanted)
{
    fprintf(stderr, "heed: option '--%s': '%s' is not %s\n",
            parser->options[index].name, parser->value, wanted);
    return tell_hint(parser);
}

bool cli_number_parse(const char *text, double min, double max, double *out)
{
    char *end = NULL;

    if (isspace((unsigned char)text[0]))
        return false;
    errno = 0;
    const double value = strtod(text, &end);
    if (end == text || *end != '\0' || errno != 0 || !isfinite(value) ||
        value < min || value > max)
        return false;
    *out = value;
    return true;
}

bool cli_count_parse(const char *text, size_t min, size_t max, size_t *out)
{
    char *end = NULL;

    if (!isdigit((unsigned char)text[0]))
        return false;
    errno = 0;
    const unsigned long value = strtoul(text, &end, 10);
    if (*end != '\0' || errno != 0 || value < min || value > max)
        return false;
    *out = value;
    return true;
}

void cli_options_print(FILE *file, const cli_option *options)
{
    for (const cli_option *option = options; option->name != NULL; option++) {
        int column =
            option->letter != '\0'
                ? fprintf(file, "  -%c, --%s", option->letter, option->name)
                : fprintf(file, "      --%s", option->name);

        if (option->value != NULL)
            column += fprintf(file, " %s", option->value);
        if (column >= HELP_COLUMN - 1) {
            fputc('\n', file);
            column = 0;
        }
        for (const char *line = option->help; line != NULL;) {
            const int length = (int)strcspn(line, "\n");

            fprintf(file, "%*s%.*s\n", HELP_COLUMN - column, "", length, line);
            line = line[length] == '\n' ? line + length + 1 : NULL;
            column = 0;
        }
    }
}
