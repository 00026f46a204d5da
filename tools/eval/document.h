/* document.h - tables with headings, before they have a form.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef HEED_TOOLS_EVAL_DOCUMENT_H
#define HEED_TOOLS_EVAL_DOCUMENT_H

#include "tools/eval/memory.h"

#include <stdbool.h>

/* Between the cells of a row, where rows are given as one string. */
#define EVAL_CELL "\x1f"

typedef struct eval_section {
    const char *title;
    const char *note; /* a line under the table, or NULL */
    size_t n_columns;
    size_t n_left;      /* columns with text; the others have numbers */
    const char **cells; /* [n_rows][n_columns], the header first */
    size_t n_rows;      /* header included */
    size_t capacity;    /* of `cells` */
    bool secondary;     /* may be folded away */
} eval_section;

typedef struct eval_document {
    eval_section *sections; /* [n_sections] */
    size_t n_sections;
    size_t capacity;
    eval_pool pool;
} eval_document;

void eval_document_deinit(eval_document *document);

/* Begins a section. `header`: its cells with EVAL_CELL between. */
void eval_document_begin(eval_document *document, const char *title,
                         size_t n_left, const char *header);

/* Adds a row to the last section, as printf() would write it. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void eval_document_row(eval_document *document, const char *format, ...);

/* A line under the table of the last section. */
void eval_document_note(eval_document *document, const char *note);

/* Writes all of it as plain text, or as Markdown. */
void eval_document_text(const eval_document *document, eval_text *out);
void eval_document_markdown(const eval_document *document, eval_text *out);

#endif /* HEED_TOOLS_EVAL_DOCUMENT_H */
