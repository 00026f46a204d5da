/* interrupt.h - the user, or the system, wants the command to end.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HEED_TOOLS_INTERRUPT_H
#define HEED_TOOLS_INTERRUPT_H

#include <stdbool.h>

/* From now on SIGINT asks for an end, which cli_interrupt_wanted() tells;
 * a second one ends the program at once. A read that waits ends, too. */
void cli_interrupt_catch(void);

/* The same, for SIGTERM and SIGHUP as well. `leave`, which may be NULL, is
 * called before the program ends at once: from a signal handler. */
void cli_interrupt_catch_all(void (*leave)(void));

/* The same three end the program at once, after `leave`, as above. */
void cli_interrupt_end_at_once(void (*leave)(void));

bool cli_interrupt_wanted(void);

#endif /* HEED_TOOLS_INTERRUPT_H */
