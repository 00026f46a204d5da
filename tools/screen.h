/* screen.h - a live session on a terminal. SPDX-License-Identifier: Apache-2.0
 *
 * The window shows the end of the text, wrapped, with tentative words dim, and
 * in its last row how things are. Lines that are full of committed words leave
 * it at the top, as any program's lines do, and can be scrolled back to. When
 * the window changes its size, what it shows is wrapped anew. */
#ifndef HEED_TOOLS_SCREEN_H
#define HEED_TOOLS_SCREEN_H

#include "tools/cli.h"
#include "tools/status_line.h"
#include "tools/view.h"
#include "tools/wrap.h"

#include <stdint.h>

enum { CLI_SCREEN_ROWS = 512 };

typedef struct cli_screen {
    cli_view view;
    bool colour;     /* allowed */
    bool confidence; /* colour words by it */
    bool open;
    size_t rows; /* of the window, the status included */
    size_t columns;
    cli_buffer text;    /* committed, then tentative */
    size_t n_committed; /* bytes of it */
    cli_style style;    /* at the end of what is committed */
    bool in_line;       /* a word was the last thing there */
    size_t segment;     /* its */
    cli_wrap wrap;
    size_t top;                      /* line shown in the first row */
    uint64_t shown[CLI_SCREEN_ROWS]; /* hash of what is in a row; 0: nothing */
    cli_status_line status;
    cli_buffer out; /* on its way to the terminal */
    bool out_of_memory;
} cli_screen;

/* `confidence`: colour words that may be wrong. */
void cli_screen_init(cli_screen *screen, bool confidence);
void cli_screen_deinit(cli_screen *screen);

/* Takes the window. */
void cli_screen_open(cli_screen *screen);

/* Leaves the window with the cursor below the text. */
void cli_screen_close(cli_screen *screen);

/* To be called often: draws anew what a new size asks for. */
void cli_screen_tick(cli_screen *screen);

/* Shows a line that is no speech, in the text. */
void cli_screen_notice(cli_screen *screen, const char *line);

#endif /* HEED_TOOLS_SCREEN_H */
