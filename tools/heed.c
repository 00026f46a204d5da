/* heed.c - the command: finds the subcommand. SPDX-License-Identifier:
 * Apache-2.0
 */
#include "tools/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char cli_exit_help[] =
    "Exit codes:\n"
    "  0    all went well\n"
    "  1    an input could not be used, or only in part\n"
    "  2    the command line is wrong\n"
    "  3    the model cannot be used\n"
    "  4    the result could not be written\n"
    "  130  interrupted; what was committed has been written\n";

const cli_command *const cli_commands[] = {
    &cli_command_live,  &cli_command_transcribe, &cli_command_devices,
    &cli_command_info,  &cli_command_lm,         &cli_command_eval,
    &cli_command_bench, &cli_command_completion, NULL};

enum { OPT_HELP, OPT_VERSION };

static const cli_option options[] = {
    [OPT_HELP] = {"help", 'h', NULL, "print this help"},
    [OPT_VERSION] = {"version", 'V', NULL, "print the version"},
    {NULL, '\0', NULL, NULL}};

cli_exit cli_stdout_flush(void)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return CLI_EXIT_OK;
    fprintf(stderr, "heed: standard output: %s\n",
            strerror(errno != 0 ? errno : EIO));
    return CLI_EXIT_OUTPUT;
}

cli_exit cli_help_print(const cli_command *command)
{
    printf("usage: heed %s [OPTION...]%s%s\n\n%s\nOptions:\n", command->name,
           command->operands[0] != '\0' ? " " : "", command->operands,
           command->about);
    cli_options_print(stdout, command->options);
    printf("\n%s\n%s", command->notes, cli_exit_help);
    return cli_stdout_flush();
}

static cli_exit print_overview(void)
{
    printf("usage: heed COMMAND [ARGUMENT...]\n\n"
           "Hears speech and writes it down, on this machine alone.\n\n"
           "Commands:\n");
    for (size_t i = 0; cli_commands[i] != NULL; i++)
        printf("  %-24s  %s\n", cli_commands[i]->name,
               cli_commands[i]->summary);
    printf("  %-24s  %s\n\nOptions:\n", "help [COMMAND]", "explain a command");
    cli_options_print(stdout, options);
    printf("\nExample:\n  heed transcribe talk.wav\n\n%s", cli_exit_help);
    return cli_stdout_flush();
}

static const cli_command *find_command(const char *name)
{
    for (size_t i = 0; cli_commands[i] != NULL; i++)
        if (strcmp(cli_commands[i]->name, name) == 0)
            return cli_commands[i];
    fprintf(stderr, "heed: unknown command '%s'\nheed: see `heed --help`\n",
            name);
    return NULL;
}

static cli_exit run_help(int argc, char **argv)
{
    const cli_command *command;

    if (argc < 2)
        return print_overview();
    command = find_command(argv[1]);
    return command != NULL ? cli_help_print(command) : CLI_EXIT_USAGE;
}

/* A descriptor closed by the caller must not be taken by a file that we open:
 * results would be written into it. The stand-ins fail when they are used. */
static void fill_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) == -1 && errno == EBADF &&
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
            return;
}

int main(int argc, char **argv)
{
    const cli_command *command;
    cli_parser parser;

    fill_descriptors();
    /* A reader that went away is an error to report, not an end. */
    signal(SIGPIPE, SIG_IGN);
    cli_parser_init(&parser, "", options, argc, argv);
    switch (cli_parser_next(&parser)) {
    case OPT_HELP:
        return (int)print_overview();
    case OPT_VERSION:
        printf("heed %s\n", heed_version());
        return (int)cli_stdout_flush();
    case CLI_PARSER_OPERAND:
        break;
    case CLI_PARSER_END:
        fputs("heed: no command\nheed: see `heed --help`\n", stderr);
        return CLI_EXIT_USAGE;
    default:
        return CLI_EXIT_USAGE;
    }
    argc -= parser.next - 1;
    argv += parser.next - 1;
    if (strcmp(argv[0], "help") == 0)
        return (int)run_help(argc, argv);
    command = find_command(argv[0]);
    return command != NULL ? (int)command->run(argc, argv) : CLI_EXIT_USAGE;
}
