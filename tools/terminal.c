/* terminal.c - the terminal that a screen is drawn on. SPDX-License-Identifier:
 * Apache-2.0
 */
/* For TIOCGWINSZ and SIGWINCH, which POSIX left out until 2024. */
#define _DEFAULT_SOURCE

#include "tools/terminal.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define MIN_ROWS    2
#define MIN_COLUMNS 8

static struct termios before; /* as the user had it */
static volatile sig_atomic_t entered;
static volatile sig_atomic_t changed;

bool cli_terminal_works(void)
{
    const char *term = getenv("TERM");

    return isatty(STDOUT_FILENO) && term != NULL && term[0] != '\0' &&
           strcmp(term, "dumb") != 0;
}

bool cli_terminal_has_colour(void)
{
    const char *no_color = getenv("NO_COLOR");

    return no_color == NULL || no_color[0] == '\0';
}

static void hide_keys(void)
{
    struct termios quiet = before;

    quiet.c_lflag &= ~(tcflag_t)ECHO;
    /* In the background this would stop the program. */
    if (entered && tcgetpgrp(STDIN_FILENO) == getpgrp())
        (void)tcsetattr(STDIN_FILENO, TCSADRAIN, &quiet);
}

static void note_change(int number)
{
    (void)number;
    changed = 1;
}

static void catch_signal(int number)
{
    struct sigaction action;

    memset(&action, 0, sizeof action);
    action.sa_handler = note_change;
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

void cli_terminal_enter(void)
{
    entered = tcgetattr(STDIN_FILENO, &before) == 0;
    catch_signal(SIGWINCH);
    catch_signal(SIGCONT);
    hide_keys();
}

void cli_terminal_leave(void)
{
    if (entered && tcgetpgrp(STDIN_FILENO) == getpgrp())
        (void)tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
    entered = 0;
}

bool cli_terminal_changed(void)
{
    if (!changed)
        return false;
    changed = 0;
    hide_keys();
    return true;
}

void cli_terminal_size(size_t *rows, size_t *columns)
{
    struct winsize size;

    *rows = 24;
    *columns = 80;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 &&
        size.ws_col > 0) {
        *rows = size.ws_row;
        *columns = size.ws_col;
    }
    if (*rows < MIN_ROWS)
        *rows = MIN_ROWS;
    if (*columns < MIN_COLUMNS)
        *columns = MIN_COLUMNS;
}
