/* cmd_completion.c - completes command lines in a shell.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Prints a script made of the tables of options: a function for bash, which
 * zsh runs in the emulation that comes with it, or lines for fish. */
#include "tools/cli.h"

#include <stdio.h>
#include <string.h>

enum { OPT_HELP };

static const cli_option options[] = {
    [OPT_HELP] = {"help", 'h', NULL, "print this help"},
    {NULL, '\0', NULL, NULL}};

/* What the value of an option is. */
typedef enum value_kind {
    VALUE_NONE,
    VALUE_FILE,
    VALUE_FOLDER,
    VALUE_OTHER
} value_kind;

static value_kind kind_of(const cli_option *option)
{
    if (option->value == NULL)
        return VALUE_NONE;
    if (strcmp(option->value, "FILE") == 0 ||
        strcmp(option->value, "PATH") == 0)
        return VALUE_FILE;
    return strcmp(option->value, "DIR") == 0 ? VALUE_FOLDER : VALUE_OTHER;
}

/* The last word of a command's name. */
static const char *word_of(const cli_command *command)
{
    const char *space = strrchr(command->name, ' ');

    return space != NULL ? space + 1 : command->name;
}

static void print_words(const cli_command *const *commands)
{
    for (; commands != NULL && *commands != NULL; commands++)
        printf(" %s", word_of(*commands));
}

/* Calls `print` for each command and each of its parts. */
static void print_all(void (*print)(const cli_command *command))
{
    for (const cli_command *const *c = cli_commands; *c != NULL; c++) {
        print(*c);
        for (size_t i = 0; (*c)->parts != NULL && (*c)->parts[i] != NULL; i++)
            print((*c)->parts[i]);
    }
}

/* ---- bash and zsh ----------------------------------------------------- */

/* The names of all options, or of those with such a value. */
static void print_names(const cli_command *command, bool all, value_kind kind)
{
    for (const cli_option *o = command->options; o->name != NULL; o++) {
        if (!all && kind_of(o) != kind)
            continue;
        printf(" --%s", o->name);
        if (o->letter != '\0')
            printf(" -%c", o->letter);
    }
}

static void print_case(const cli_command *command)
{
    printf("    '%s')\n        words='", command->name);
    print_words(command->parts);
    print_names(command, true, VALUE_NONE);
    printf("'\n        files='");
    print_names(command, false, VALUE_FILE);
    printf(" '\n        folders='");
    print_names(command, false, VALUE_FOLDER);
    printf(" '\n        others='");
    print_names(command, false, VALUE_OTHER);
    printf(" ' ;;\n");
}

static void print_pattern(const cli_command *command)
{
    printf("        ' %s') command='%s' ;;\n", command->name, command->name);
}

static void print_bash(void)
{
    printf("_heed() {\n"
           "    local IFS=$' \\n' i command='' files='' folders='' others=''\n"
           "    local words='");
    print_words(cli_commands);
    printf(" help --help --version'\n"
           "    local current=${COMP_WORDS[COMP_CWORD]}\n"
           "    local previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
           "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
           "        case \"${command:+ $command} ${COMP_WORDS[i]}\" in\n");
    print_all(print_pattern);
    printf("        esac\n"
           "    done\n"
           "    case $command in\n");
    print_all(print_case);
    printf("    esac\n"
           "    case \"$files|$folders|$others\" in\n"
           "    *\" $previous \"*'|'*'|'*)\n"
           "        words='' ;;\n"
           "    *'|'*\" $previous \"*'|'*)\n"
           "        IFS=$'\\n'\n"
           "        COMPREPLY=($(compgen -d -- \"$current\"))\n"
           "        return ;;\n"
           "    *'|'*'|'*\" $previous \"*)\n"
           "        COMPREPLY=()\n"
           "        return ;;\n"
           "    esac\n"
           "    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
           "    if [[ -n $command && $current != -* ]]; then\n"
           "        IFS=$'\\n'\n"
           "        COMPREPLY+=($(compgen -f -- \"$current\"))\n"
           "    fi\n"
           "}\n"
           "complete -o filenames -F _heed heed\n");
}

static void print_zsh(void)
{
    printf("autoload -U +X compinit && compinit\n"
           "autoload -U +X bashcompinit && bashcompinit\n");
    print_bash();
}

/* ---- fish ------------------------------------------------------------- */

/* Prints a text in quotes, the lines of it in one. */
static void print_quoted(const char *text)
{
    putchar('\'');
    for (; *text != '\0'; text++)
        if (*text == '\'' || *text == '\\')
            printf("\\%c", *text);
        else
            putchar(*text == '\n' ? ' ' : *text);
    putchar('\'');
}

/* The words of a command's name, each of which must have been said. */
static void print_condition(const cli_command *command)
{
    const char *space = strchr(command->name, ' ');

    if (space == NULL)
        printf("complete -c heed -n '__fish_seen_subcommand_from %s'",
               command->name);
    else
        printf("complete -c heed -n '__fish_seen_subcommand_from %.*s; and "
               "__fish_seen_subcommand_from %s'",
               (int)(space - command->name), command->name, space + 1);
}

static void print_lines(const cli_command *command)
{
    static const char folders[] = " -x -a '(__fish_complete_directories)'";
    static const char *const flags[] = {[VALUE_NONE] = "",
                                        [VALUE_FILE] = " -r -F",
                                        [VALUE_FOLDER] = folders,
                                        [VALUE_OTHER] = " -x"};

    if (strchr(command->name, ' ') == NULL) {
        printf("complete -c heed -n __fish_use_subcommand -f -a %s -d ",
               command->name);
        print_quoted(command->summary);
        putchar('\n');
    }
    for (const cli_option *o = command->options; o->name != NULL; o++) {
        print_condition(command);
        printf(" -l %s", o->name);
        if (o->letter != '\0')
            printf(" -s %c", o->letter);
        printf("%s -d ", flags[kind_of(o)]);
        print_quoted(o->help);
        putchar('\n');
    }
    if (command->parts != NULL) {
        print_condition(command);
        printf(" -a '");
        print_words(command->parts);
        printf("'\n");
    }
}

static void print_fish(void)
{
    print_all(print_lines);
}

/* ---- The command ------------------------------------------------------ */

static int refuse_usage(const char *cause)
{
    fprintf(stderr, "heed: %s\nheed: see `heed completion --help`\n", cause);
    return CLI_PARSER_ERROR;
}

/* Finds the shell that is asked for. Returns OPT_HELP, CLI_PARSER_END if all
 * is well, or CLI_PARSER_ERROR. */
static int parse(void (**print)(void), int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*print)(void);
    } shells[] = {
        {"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};
    cli_parser parser;
    int found;

    *print = NULL;
    cli_parser_init(&parser, "completion", options, argc, argv);
    while ((found = cli_parser_next(&parser)) != CLI_PARSER_END) {
        if (found != CLI_PARSER_OPERAND)
            return found;
        if (*print != NULL)
            return refuse_usage("one shell at a time");
        for (size_t i = 0; i < sizeof shells / sizeof shells[0]; i++)
            if (strcmp(shells[i].name, parser.value) == 0)
                *print = shells[i].print;
        if (*print == NULL)
            return refuse_usage("the shell is one of bash, zsh and fish");
    }
    return *print != NULL ? found : refuse_usage("no shell");
}

static cli_exit run(int argc, char **argv)
{
    void (*print)(void);

    switch (parse(&print, argc, argv)) {
    case OPT_HELP:
        return cli_help_print(&cli_command_completion);
    case CLI_PARSER_END:
        print();
        return cli_stdout_flush();
    default:
        return CLI_EXIT_USAGE;
    }
}

const cli_command cli_command_completion = {
    .name = "completion",
    .summary = "complete command lines in a shell",
    .operands = "bash|zsh|fish",
    .about = "Prints a script with which the shell completes the commands, "
             "options and files\nof heed.\n",
    .options = options,
    .notes = "Examples:\n"
             "  source <(heed completion bash)      in ~/.bashrc\n"
             "  source <(heed completion zsh)       in ~/.zshrc\n"
             "  heed completion fish | source       in "
             "~/.config/fish/config.fish\n",
    .run = run,
};
