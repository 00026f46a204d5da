/* screen.c - a live session on a terminal. SPDX-License-Identifier: Apache-2.0
 *
 * Everything that was said and is still of use is wrapped for every drawing;
 * only rows that differ from what they show are written, and all of a drawing
 * in one go. Before lines leave the window at the top they are drawn as they
 * are now, so what can be scrolled back to is what was committed. */
#include "tools/screen.h"

#include "tools/terminal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Text kept for the window; the rest is only the terminal's. */
#define KEPT_BYTES 65536
/* Below these confidences words are coloured. */
#define UNSURE   0.8F
#define DOUBTFUL 0.5F

static cli_screen *screen_of(cli_view *view)
{
    return (cli_screen *)(void *)view;
}

/* ---- Writing ---------------------------------------------------------- */

static void put_bytes(cli_screen *screen, const char *bytes, size_t n_bytes)
{
    if (!cli_buffer_append(&screen->out, bytes, n_bytes))
        screen->out_of_memory = true;
}

static void put(cli_screen *screen, const char *text)
{
    put_bytes(screen, text, strlen(text));
}

/* Moves to `row`, counted from 0, and empties it. */
static void put_row(cli_screen *screen, size_t row)
{
    char text[48];

    snprintf(text, sizeof text, "\x1b[%zu;1H\x1b[2K", row + 1);
    put(screen, text);
}

static void put_style(cli_screen *screen, cli_style style)
{
    static const char *const codes[] = {[CLI_STYLE_PLAIN] = "\x1b[0m",
                                        [CLI_STYLE_TENTATIVE] = "\x1b[0;2m",
                                        [CLI_STYLE_UNSURE] = "\x1b[0;33m",
                                        [CLI_STYLE_DOUBTFUL] = "\x1b[0;31m",
                                        [CLI_STYLE_NOTICE] = "\x1b[0;3m"};

    put(screen, codes[style]);
}

static bool write_out(cli_screen *screen)
{
    errno = 0;
    if (screen->view.error == 0 && screen->out.n_bytes > 0 &&
        (fwrite(screen->out.bytes, 1, screen->out.n_bytes, stdout) !=
             screen->out.n_bytes ||
         fflush(stdout) != 0))
        screen->view.error = errno != 0 ? errno : EIO;
    screen->out.n_bytes = 0;
    return screen->view.error == 0 && !screen->out_of_memory;
}

/* ---- Drawing ---------------------------------------------------------- */

/* FNV-1a; never 0. */
static uint64_t hash_of(const char *bytes, size_t n_bytes, uint64_t seed)
{
    uint64_t hash = 14695981039346656037ULL ^ seed;

    for (size_t i = 0; i < n_bytes; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * 1099511628211ULL;
    return hash != 0 ? hash : 1;
}

static size_t text_rows(const cli_screen *screen)
{
    return screen->rows - 1;
}

static void draw_line(cli_screen *screen, size_t row, const cli_line *line)
{
    const char *bytes = screen->text.bytes + line->start;
    const size_t n_bytes = line->end - line->start;
    const uint64_t hash = hash_of(bytes, n_bytes, (uint64_t)line->style);

    if (screen->shown[row] == hash)
        return;
    screen->shown[row] = hash;
    put_row(screen, row);
    put_style(screen, line->style);
    for (size_t i = 0; i < n_bytes; i++)
        if (bytes[i] >= CLI_STYLE_PLAIN && bytes[i] <= (char)CLI_STYLE_LAST)
            put_style(screen, (cli_style)bytes[i]);
        else
            put_bytes(screen, &bytes[i], 1);
    put(screen, "\x1b[0m");
}

/* Draws what the window shows with `screen->top` in its first row. */
static void draw_rows(cli_screen *screen)
{
    for (size_t row = 0; row < text_rows(screen); row++) {
        const size_t line = screen->top + row;

        if (line < screen->wrap.n_lines) {
            draw_line(screen, row, &screen->wrap.lines[line]);
        } else if (screen->shown[row] != 0) {
            put_row(screen, row);
            screen->shown[row] = 0;
        }
    }
}

static void draw_status(cli_screen *screen)
{
    const size_t length = strlen(screen->status.text);
    const size_t n = length < screen->columns ? length : screen->columns;
    const size_t row = screen->rows - 1;
    const uint64_t hash = hash_of(screen->status.text, n, 0);

    if (screen->shown[row] == hash)
        return;
    screen->shown[row] = hash;
    put_row(screen, row);
    put(screen, "\x1b[7m");
    put_bytes(screen, screen->status.text, n);
    put(screen, "\x1b[0m");
}

/* Lets `n` lines leave the window at the top. */
static void scroll(cli_screen *screen, size_t n)
{
    put_row(screen, screen->rows - 1);
    for (size_t i = 0; i < n; i++)
        put(screen, "\n");
    memmove(screen->shown, screen->shown + n,
            (screen->rows - n) * sizeof screen->shown[0]);
    memset(screen->shown + screen->rows - n, 0, n * sizeof screen->shown[0]);
    /* The status was erased before it moved up. */
    screen->shown[screen->rows - 1 - n] = 0;
    screen->top += n;
}

/* The line in which the committed text ends. */
static size_t last_committed_line(const cli_screen *screen)
{
    size_t line = screen->wrap.n_lines;

    while (line > 0 && screen->wrap.lines[line - 1].start > screen->n_committed)
        line--;
    return line > 0 ? line - 1 : 0;
}

/* The line that belongs into the first row: the end of the text is shown, but
 * nothing tentative leaves the window. */
static size_t wanted_top(const cli_screen *screen)
{
    const size_t n_lines = screen->wrap.n_lines;
    const size_t last = last_committed_line(screen);
    const size_t top =
        n_lines > text_rows(screen) ? n_lines - text_rows(screen) : 0;

    return top < last ? top : last;
}

/* Puts the cursor behind the text, where the next word will be. */
static void place_cursor(cli_screen *screen)
{
    const size_t n_lines = screen->wrap.n_lines;
    size_t row = n_lines > screen->top ? n_lines - screen->top - 1 : 0;
    char text[48];

    if (row >= text_rows(screen))
        row = text_rows(screen) - 1;
    snprintf(text, sizeof text, "\x1b[%zu;%zuH", row + 1, screen->columns);
    put(screen, text);
}

static void draw(cli_screen *screen)
{
    if (!screen->open)
        return;
    if (!cli_wrap_text(&screen->wrap, screen->text.bytes, screen->text.n_bytes,
                       screen->columns)) {
        screen->out_of_memory = true;
        return;
    }
    const size_t top = wanted_top(screen);

    while (screen->top < top) {
        const size_t n = top - screen->top;

        draw_rows(screen);
        scroll(screen, n < text_rows(screen) ? n : text_rows(screen));
    }
    draw_rows(screen);
    draw_status(screen);
    place_cursor(screen);
}

/* Draws everything anew, for the window as it is now. */
static void draw_anew(cli_screen *screen)
{
    cli_terminal_size(&screen->rows, &screen->columns);
    if (screen->rows > CLI_SCREEN_ROWS)
        screen->rows = CLI_SCREEN_ROWS;
    memset(screen->shown, 0, sizeof screen->shown);
    put(screen, "\x1b[0m\x1b[H\x1b[J");
    if (cli_wrap_text(&screen->wrap, screen->text.bytes, screen->text.n_bytes,
                      screen->columns))
        screen->top = wanted_top(screen);
    draw(screen);
}

/* ---- Text ------------------------------------------------------------- */

static void add_bytes(cli_screen *screen, const char *bytes, size_t n_bytes)
{
    if (!cli_buffer_append(&screen->text, bytes, n_bytes))
        screen->out_of_memory = true;
}

static void add_byte(cli_screen *screen, char byte)
{
    add_bytes(screen, &byte, 1);
}

/* Adds text in which nothing is obeyed by a terminal. */
static void add_plain(cli_screen *screen, const char *text)
{
    for (; *text != '\0'; text++)
        add_byte(screen,
                 (unsigned char)*text < ' ' || *text == '\x7f' ? '?' : *text);
}

static cli_style style_of(const cli_screen *screen, const heed_word *word)
{
    if (!word->committed)
        return CLI_STYLE_TENTATIVE;
    if (!screen->confidence || !screen->colour || word->confidence >= UNSURE)
        return CLI_STYLE_PLAIN;
    return word->confidence >= DOUBTFUL ? CLI_STYLE_UNSURE : CLI_STYLE_DOUBTFUL;
}

static void add_words(cli_screen *screen, const heed_word *words,
                      size_t n_words)
{
    for (size_t i = 0; i < n_words; i++) {
        const cli_style style = style_of(screen, &words[i]);

        if (screen->text.n_bytes > 0)
            add_byte(screen,
                     screen->in_line && words[i].segment == screen->segment
                         ? ' '
                         : '\n');
        if (style != screen->style || !screen->in_line)
            add_byte(screen, (char)style);
        add_plain(screen, words[i].text);
        screen->style = style;
        screen->segment = words[i].segment;
        screen->in_line = true;
    }
}

/* Forgets tentative words. */
static void end_committed(cli_screen *screen)
{
    screen->text.n_bytes = screen->n_committed;
}

/* Forgets whole paragraphs that have left the window. */
static void trim(cli_screen *screen)
{
    size_t line = screen->top < screen->wrap.n_lines ? screen->top : 0;

    if (screen->n_committed < KEPT_BYTES)
        return;
    while (line > 0 &&
           screen->text.bytes[screen->wrap.lines[line].start - 1] != '\n')
        line--;
    if (line == 0)
        return;

    const size_t n_bytes = screen->wrap.lines[line].start;

    memmove(screen->text.bytes, screen->text.bytes + n_bytes,
            screen->text.n_bytes - n_bytes);
    screen->text.n_bytes -= n_bytes;
    screen->n_committed -= n_bytes;
    screen->top -= line;
}

static void show_words(cli_view *view, const cli_live_words *words)
{
    cli_screen *screen = screen_of(view);
    cli_style style;
    bool in_line;
    size_t segment;

    end_committed(screen);
    add_words(screen, words->words, words->n_committed);
    screen->n_committed = screen->text.n_bytes;
    style = screen->style;
    in_line = screen->in_line;
    segment = screen->segment;
    add_words(screen, words->words + words->n_committed,
              words->n_words - words->n_committed);
    screen->style = style;
    screen->in_line = in_line;
    screen->segment = segment;
    draw(screen);
    trim(screen);
}

void cli_screen_notice(cli_screen *screen, const char *line)
{
    end_committed(screen);
    if (screen->text.n_bytes > 0)
        add_byte(screen, '\n');
    add_byte(screen, CLI_STYLE_NOTICE);
    add_plain(screen, line);
    screen->style = CLI_STYLE_NOTICE;
    screen->in_line = false;
    screen->n_committed = screen->text.n_bytes;
    draw(screen);
    if (screen->open)
        (void)write_out(screen);
}

static void show_gap(cli_view *view, const cli_live_gap *gap)
{
    char line[CLI_GAP_BYTES];

    cli_gap_describe(line, gap->start_s, gap->lost_s);
    cli_screen_notice(screen_of(view), line);
}

static void show_status(cli_view *view, const cli_live_status *status)
{
    cli_screen *screen = screen_of(view);

    cli_status_line_update(&screen->status, status, screen->columns);
    draw(screen);
}

/* ---- The window ------------------------------------------------------- */

static bool flush(cli_view *view)
{
    return write_out(screen_of(view));
}

void cli_screen_init(cli_screen *screen, bool confidence)
{
    static const cli_view_kind kind = {.words = show_words,
                                       .gap = show_gap,
                                       .status = show_status,
                                       .flush = flush};

    *screen = (cli_screen){.view = {.kind = &kind, .name = "standard output"},
                           .colour = cli_terminal_has_colour(),
                           .confidence = confidence,
                           .style = CLI_STYLE_PLAIN};
    cli_status_line_init(&screen->status);
}

void cli_screen_deinit(cli_screen *screen)
{
    cli_wrap_deinit(&screen->wrap);
    free(screen->text.bytes);
    free(screen->out.bytes);
}

void cli_screen_open(cli_screen *screen)
{
    cli_terminal_enter();
    cli_terminal_size(&screen->rows, &screen->columns);
    /* What was in the window before can be scrolled back to. */
    for (size_t i = 0; i < screen->rows; i++)
        put(screen, "\n");
    screen->open = true;
    draw_anew(screen);
    (void)write_out(screen);
}

void cli_screen_close(cli_screen *screen)
{
    if (!screen->open)
        return;
    end_committed(screen);
    draw(screen);
    put_row(screen, screen->rows - 1);
    place_cursor(screen);
    put(screen, screen->text.n_bytes > 0 ? "\r\n\x1b[J" : "\r\x1b[J");
    (void)write_out(screen);
    screen->open = false;
    cli_terminal_leave();
}

void cli_screen_tick(cli_screen *screen)
{
    if (!screen->open || !cli_terminal_changed())
        return;
    draw_anew(screen);
    (void)write_out(screen);
}
