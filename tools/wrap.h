/* wrap.h - text into lines of a width. SPDX-License-Identifier: Apache-2.0
 *
 * The text is UTF-8 with '\n' between paragraphs. A byte of cli_style in it
 * says how what follows looks, and takes no room. */
#ifndef HEED_TOOLS_WRAP_H
#define HEED_TOOLS_WRAP_H

#include <stdbool.h>
#include <stddef.h>

typedef enum cli_style {
    CLI_STYLE_PLAIN = 1,
    CLI_STYLE_TENTATIVE,
    CLI_STYLE_UNSURE, /* committed, and rather unlikely */
    CLI_STYLE_DOUBTFUL,
    CLI_STYLE_NOTICE, /* not speech */
    CLI_STYLE_LAST = CLI_STYLE_NOTICE
} cli_style;

/* The bytes from `start` up to `end` of the text, without the blank or the end
 * of the paragraph that follows. */
typedef struct cli_line {
    size_t start;
    size_t end;
    cli_style style; /* at its start */
} cli_line;

/* Zero is empty. */
typedef struct cli_wrap {
    cli_line *lines; /* [n_lines] */
    size_t n_lines;
    size_t capacity;
} cli_wrap;

/* Cuts the `n_bytes` at `text` into lines of at most `columns` (at least 1)
 * characters, at blanks where there are any. Returns false if there is no
 * memory. */
bool cli_wrap_text(cli_wrap *wrap, const char *text, size_t n_bytes,
                   size_t columns);

void cli_wrap_deinit(cli_wrap *wrap);

#endif /* HEED_TOOLS_WRAP_H */
