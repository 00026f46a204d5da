/* messages.c - what is said on stderr. SPDX-License-Identifier: Apache-2.0 */
#include "tools/cli.h"

#include <stdarg.h>
#include <stdio.h>

/* A name may hold what a terminal obeys; a line of ours never does. */
static void make_plain(char *line)
{
    for (; *line != '\0'; line++)
        if ((unsigned char)*line < ' ' || *line == '\x7f')
            *line = '?';
}

static void say(cli_messages *messages, const char *prefix, const char *line)
{
    char shown[sizeof messages->last + 32];

    if (messages->progress != NULL)
        cli_progress_erase(messages->progress);
    if (messages->show != NULL) {
        snprintf(shown, sizeof shown, "[heed: %s%s]", prefix, line);
        messages->show(messages->show_user, shown);
        return;
    }
    fprintf(messages->file != NULL ? messages->file : stderr, "heed: %s%s\n",
            prefix, line);
}

void cli_messages_error(cli_messages *messages, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(messages->last, sizeof messages->last, format, arguments);
    va_end(arguments);
    make_plain(messages->last);
    messages->n_errors++;
    say(messages, "", messages->last);
}

void cli_messages_warn(cli_messages *messages, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(messages->last, sizeof messages->last, format, arguments);
    va_end(arguments);
    make_plain(messages->last);
    if (messages->quiet)
        return;
    messages->n_warnings++;
    say(messages, "warning: ", messages->last);
}

static void say_formatted(cli_messages *messages, const char *format,
                          va_list arguments) CLI_PRINTF(2, 0);

static void say_formatted(cli_messages *messages, const char *format,
                          va_list arguments)
{
    char line[sizeof messages->last];

    vsnprintf(line, sizeof line, format, arguments);
    make_plain(line);
    say(messages, "", line);
}

void cli_messages_say(cli_messages *messages, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    if (!messages->quiet)
        say_formatted(messages, format, arguments);
    va_end(arguments);
}

void cli_messages_tell(cli_messages *messages, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    if (messages->verbose)
        say_formatted(messages, format, arguments);
    va_end(arguments);
}

static void write_log(void *user, heed_log_level level, const char *message)
{
    cli_messages *messages = user;

    if (level == HEED_LOG_ERROR)
        cli_messages_error(messages, "%s", message);
    else if (level == HEED_LOG_WARNING)
        cli_messages_warn(messages, "%s", message);
    else
        cli_messages_tell(messages, "%s", message);
}

heed_log cli_messages_log(cli_messages *messages)
{
    return (heed_log){write_log, messages};
}
