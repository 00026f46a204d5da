/* cli.h - what the parts of the command share. SPDX-License-Identifier:
 * Apache-2.0
 *
 * stdout carries results and nothing else; all that is said about them goes
 * to stderr, one line each, as `heed: WHAT: CAUSE`. */
#ifndef HEED_TOOLS_CLI_H
#define HEED_TOOLS_CLI_H

#include "asr/heed.h"
#include "tools/options.h"
#include "tools/progress.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* What the command returns to the shell. Told in --help, man page, README. */
typedef enum cli_exit {
    CLI_EXIT_OK = 0,
    CLI_EXIT_INPUT = 1,  /* a file could not be (completely) transcribed */
    CLI_EXIT_USAGE = 2,  /* the command line is wrong */
    CLI_EXIT_MODEL = 3,  /* the model cannot be used */
    CLI_EXIT_OUTPUT = 4, /* the result could not be written */
    CLI_EXIT_INTERRUPTED = 130
} cli_exit;

/* One subcommand: everything `heed --help` and `heed help NAME` show. */
typedef struct cli_command cli_command;
struct cli_command {
    const char *name;
    const char *summary;       /* a few words for the list of commands */
    const char *operands;      /* as in the usage line */
    const char *about;         /* what it does, whole lines */
    const cli_option *options; /* ended by a NULL name */
    const char *notes;         /* examples and the like, whole lines */
    cli_exit (*run)(int argc, char **argv); /* argv[0] is the name */
    const cli_command *const *parts; /* ended by NULL; or NULL: it has none */
};

extern const cli_command cli_command_transcribe;
extern const cli_command cli_command_live;
extern const cli_command cli_command_devices;
extern const cli_command cli_command_info;
extern const cli_command cli_command_lm; /* its parts are in cmd_lm.h */
extern const cli_command cli_command_bench;
extern const cli_command cli_command_eval; /* its parts are in cmd_eval.h */
extern const cli_command cli_command_completion;

/* All of them, ended by NULL. */
extern const cli_command *const cli_commands[];

/* The exit codes, as whole lines of help. */
extern const char cli_exit_help[];

/* Prints the help of `command` to stdout. */
cli_exit cli_help_print(const cli_command *command);

/* Flushes stdout and says so if that, or anything before it, failed. */
cli_exit cli_stdout_flush(void);

/* What is said on stderr, and how loudly. Zero is the usual loudness. */
typedef struct cli_messages {
    bool quiet;             /* errors only */
    bool verbose;           /* figures and what the library tells, too */
    FILE *file;             /* where they go; NULL: stderr */
    cli_progress *progress; /* erased before a line; may be NULL */
    /* Shows a line in place of stderr; NULL: none. */
    void (*show)(void *user, const char *line);
    void *show_user;
    unsigned n_errors;
    unsigned n_warnings; /* those that were shown */
    char last[512];      /* error or warning, without "heed: " */
} cli_messages;

/* Each says one line. The last error or warning is kept, shown or not. */
#if defined(__GNUC__)
#define CLI_PRINTF(string, first) __attribute__((format(printf, string, first)))
#else
#define CLI_PRINTF(string, first)
#endif
void cli_messages_error(cli_messages *messages, const char *format, ...)
    CLI_PRINTF(2, 3);
void cli_messages_warn(cli_messages *messages, const char *format, ...)
    CLI_PRINTF(2, 3);
void cli_messages_say(cli_messages *messages, const char *format, ...)
    CLI_PRINTF(2, 3); /* unless quiet */
void cli_messages_tell(cli_messages *messages, const char *format, ...)
    CLI_PRINTF(2, 3); /* if verbose */

/* The library's messages go to `messages`, which must outlive the log. */
heed_log cli_messages_log(cli_messages *messages);

/* Opens the model at `path`; NULL means the default one: $HEED_MODEL, else
 * the installed one, else in the build tree the one of the source tree. Says
 * why it failed. Returns CLI_EXIT_OK or CLI_EXIT_MODEL. */
cli_exit cli_model_open(heed_model **out, const char *path,
                        cli_messages *messages, const heed_log *log);

/* Writes the path of the model that cli_model_open() would open. */
void cli_model_find(char found[PATH_MAX], const char *path);

#endif /* HEED_TOOLS_CLI_H */
