/* terminal.h - the terminal that a screen is drawn on. SPDX-License-Identifier:
 * Apache-2.0
 */
#ifndef HEED_TOOLS_TERMINAL_H
#define HEED_TOOLS_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

/* Whether standard output is a terminal that can move its cursor. */
bool cli_terminal_works(void);

/* Whether the user wants colours there (NO_COLOR). */
bool cli_terminal_has_colour(void);

/* Keys are not shown any more, and changes of the window are noted; until
 * cli_terminal_leave(), which a signal handler may call. */
void cli_terminal_enter(void);
void cli_terminal_leave(void);

/* Returns whether the window may look different since the last call: its size
 * changed, or the program was stopped and goes on. */
bool cli_terminal_changed(void);

/* Writes the window's size, at least 2 rows of 8 columns. */
void cli_terminal_size(size_t *rows, size_t *columns);

#endif /* HEED_TOOLS_TERMINAL_H */
