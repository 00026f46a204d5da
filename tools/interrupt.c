/* interrupt.c - the user, or the system, wants the command to end.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tools/interrupt.h"

#include "tools/cli.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

/* Set by the handler, read wherever the command can stop, on any thread. */
static atomic_bool wanted;
static atomic_bool at_once; /* nobody asks whether it is wanted */
static void (*leave_hook)(void);

static void note_signal(int number)
{
    (void)number;
    if (atomic_exchange(&wanted, true) || atomic_load(&at_once)) {
        if (leave_hook != NULL)
            leave_hook();
        _exit(CLI_EXIT_INTERRUPTED);
    }
}

static void catch_signal(int number)
{
    struct sigaction action;

    memset(&action, 0, sizeof action);
    action.sa_handler = note_signal;
    /* No SA_RESTART: a read that waits for a pipe ends, too. */
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

void cli_interrupt_catch(void)
{
    catch_signal(SIGINT);
}

void cli_interrupt_catch_all(void (*leave)(void))
{
    leave_hook = leave;
    catch_signal(SIGINT);
    catch_signal(SIGTERM);
    catch_signal(SIGHUP);
}

void cli_interrupt_end_at_once(void (*leave)(void))
{
    atomic_store(&at_once, true);
    cli_interrupt_catch_all(leave);
}

bool cli_interrupt_wanted(void)
{
    return atomic_load(&wanted);
}
