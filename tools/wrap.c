/* wrap.c - text into lines of a width. SPDX-License-Identifier: Apache-2.0 */
#include "tools/wrap.h"

#include "tools/utf8.h"

#include <stdlib.h>

/* A place in the text. */
typedef struct place {
    size_t at;
    cli_style style;
} place;

static bool add_line(cli_wrap *wrap, place start, size_t end)
{
    if (wrap->n_lines == wrap->capacity) {
        const size_t capacity = 2 * wrap->capacity + 64;
        cli_line *grown = realloc(wrap->lines, capacity * sizeof *wrap->lines);

        if (grown == NULL)
            return false;
        wrap->lines = grown;
        wrap->capacity = capacity;
    }
    wrap->lines[wrap->n_lines++] =
        (cli_line){.start = start.at, .end = end, .style = start.style};
    return true;
}

static bool is_style(char c)
{
    return c >= CLI_STYLE_PLAIN && c <= (char)CLI_STYLE_LAST;
}

/* Takes one line off the text at `*next`. `*next` is then where the next one
 * begins. */
static bool take_line(cli_wrap *wrap, const char *text, size_t n_bytes,
                      size_t columns, place *next)
{
    const place start = *next;
    place blank = start; /* the last one; `start` if there was none */
    place here = start;
    size_t n = 0;

    while (here.at < n_bytes && text[here.at] != '\n') {
        const char c = text[here.at];
        const size_t length =
            cli_utf8_length(text + here.at, n_bytes - here.at);

        if (is_style(c)) {
            here.style = (cli_style)c;
            here.at++;
            continue;
        }
        if (c == ' ' && here.at > start.at)
            blank = here;
        if (n == columns) {
            if (blank.at > start.at)
                here = blank;
            *next = here;
            if (blank.at > start.at)
                next->at++;
            return add_line(wrap, start, here.at);
        }
        n++;
        here.at += length > 0 ? length : 1;
    }
    *next = here;
    next->at++;
    return add_line(wrap, start, here.at);
}

bool cli_wrap_text(cli_wrap *wrap, const char *text, size_t n_bytes,
                   size_t columns)
{
    place next = {.at = 0, .style = CLI_STYLE_PLAIN};

    wrap->n_lines = 0;
    while (next.at < n_bytes)
        if (!take_line(wrap, text, n_bytes, columns, &next))
            return false;
    return true;
}

void cli_wrap_deinit(cli_wrap *wrap)
{
    free(wrap->lines);
    *wrap = (cli_wrap){0};
}
