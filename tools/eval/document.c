/* document.c - tables with headings, before they have a form.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tools/eval/document.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_COLUMNS 16

void eval_document_deinit(eval_document *document)
{
    for (size_t i = 0; i < document->n_sections; i++)
        free(document->sections[i].cells);
    free(document->sections);
    eval_pool_deinit(&document->pool);
    *document = (eval_document){0};
}

static eval_section *last(eval_document *document)
{
    return &document->sections[document->n_sections - 1];
}

/* Adds the cells of one row; those that are missing are empty. */
static void add_row(eval_document *document, const char *row)
{
    eval_section *section = last(document);

    for (size_t i = 0; i < section->n_columns; i++) {
        const size_t n = strcspn(row, EVAL_CELL);

        section->cells =
            eval_grow(section->cells, section->n_rows * section->n_columns + i,
                      &section->capacity, sizeof *section->cells);
        section->cells[section->n_rows * section->n_columns + i] =
            eval_pool_copy(&document->pool, row, n);
        row += row[n] != '\0' ? n + 1 : n;
    }
    section->n_rows++;
}

void eval_document_begin(eval_document *document, const char *title,
                         size_t n_left, const char *header)
{
    size_t n_columns = 1;

    for (const char *at = header; *at != '\0'; at++)
        n_columns += *at == EVAL_CELL[0] ? 1 : 0;
    document->sections =
        eval_grow(document->sections, document->n_sections, &document->capacity,
                  sizeof *document->sections);
    document->sections[document->n_sections++] = (eval_section){
        .title = eval_pool_string(&document->pool, title),
        .n_columns = n_columns < MAX_COLUMNS ? n_columns : MAX_COLUMNS,
        .n_left = n_left};
    add_row(document, header);
}

void eval_document_row(eval_document *document, const char *format, ...)
{
    char row[4096];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(row, sizeof row, format, arguments);
    va_end(arguments);
    add_row(document, row);
}

void eval_document_note(eval_document *document, const char *note)
{
    last(document)->note = eval_pool_string(&document->pool, note);
}

/* Characters, which a terminal shows in a cell each, nearly always. */
static size_t width(const char *text)
{
    size_t n = 0;

    for (; *text != '\0'; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80 ? 1 : 0;
    return n;
}

static void find_widths(const eval_section *section, size_t *widths)
{
    for (size_t i = 0; i < section->n_columns; i++) {
        widths[i] = 3;
        for (size_t k = 0; k < section->n_rows; k++) {
            const size_t n = width(section->cells[k * section->n_columns + i]);

            widths[i] = n > widths[i] ? n : widths[i];
        }
    }
}

static void pad(eval_text *out, size_t n)
{
    while (n-- > 0)
        eval_text_puts(out, " ");
}

static void write_cell(eval_text *out, const eval_section *section, size_t row,
                       size_t column, size_t room)
{
    const char *cell = section->cells[row * section->n_columns + column];
    const size_t n = width(cell);
    const bool is_left = column < section->n_left;

    if (!is_left && room > n)
        pad(out, room - n);
    eval_text_puts(out, cell);
    /* No blanks at the end of a line. */
    if (is_left && room > n && column + 1 < section->n_columns)
        pad(out, room - n);
}

void eval_document_text(const eval_document *document, eval_text *out)
{
    for (size_t i = 0; i < document->n_sections; i++) {
        const eval_section *section = &document->sections[i];
        size_t widths[MAX_COLUMNS];

        find_widths(section, widths);
        eval_text_printf(out, "%s%s\n", i > 0 ? "\n" : "", section->title);
        for (size_t k = 0; k < section->n_rows; k++) {
            for (size_t c = 0; c < section->n_columns; c++) {
                eval_text_puts(out, "  ");
                write_cell(out, section, k, c, widths[c]);
            }
            eval_text_puts(out, "\n");
        }
        if (section->note != NULL)
            eval_text_printf(out, "  %s\n", section->note);
    }
}

/* A `|` in a cell would end it. */
static void write_markdown_cell(eval_text *out, const char *cell)
{
    eval_text_puts(out, " ");
    for (; *cell != '\0'; cell++) {
        if (strchr("|*_`<\\", *cell) != NULL)
            eval_text_puts(out, "\\");
        eval_text_add(out, cell, 1);
    }
    eval_text_puts(out, " |");
}

void eval_document_markdown(const eval_document *document, eval_text *out)
{
    for (size_t i = 0; i < document->n_sections; i++) {
        const eval_section *section = &document->sections[i];

        eval_text_printf(out, "%s## %s\n\n", i > 0 ? "\n" : "", section->title);
        for (size_t k = 0; k < section->n_rows; k++) {
            eval_text_puts(out, "|");
            for (size_t c = 0; c < section->n_columns; c++)
                write_markdown_cell(out,
                                    section->cells[k * section->n_columns + c]);
            eval_text_puts(out, "\n");
            if (k > 0)
                continue;
            eval_text_puts(out, "|");
            for (size_t c = 0; c < section->n_columns; c++)
                eval_text_puts(out, c < section->n_left ? "---|" : "---:|");
            eval_text_puts(out, "\n");
        }
        if (section->note != NULL)
            eval_text_printf(out, "\n%s\n", section->note);
    }
}
