/* report.h - the figures of one or several systems, in the form asked for.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef HEED_TOOLS_EVAL_REPORT_H
#define HEED_TOOLS_EVAL_REPORT_H

#include "tools/eval/bootstrap.h"
#include "tools/eval/document.h"

/* How a system came about: pairs of a name and a value, for people. */
typedef struct eval_fact {
    const char *name;
    const char *value;
} eval_fact;

typedef struct eval_report_system {
    const eval_summary *summary;
    const eval_fact *facts; /* [n_facts] */
    size_t n_facts;
    eval_comparison against_first; /* unused for the first */
} eval_report_system;

typedef struct eval_report {
    const eval_report_system *systems; /* [n_systems] at least 1 */
    size_t n_systems;
    const eval_normaliser *normaliser;
    size_t n_top;      /* rows of long tables */
    const char *heed;  /* version of this program */
    const char *title; /* of the page */
} eval_report;

/* The tables of a report, which all forms for people show. */
void eval_report_build(eval_document *document, const eval_report *report);

/* Each writes a whole report. */
void eval_report_text(const eval_report *report, eval_text *out);
void eval_report_markdown(const eval_report *report, eval_text *out);
void eval_report_tsv(const eval_report *report, eval_text *out);
void eval_report_json(const eval_report *report, eval_text *out);
void eval_report_pra(const eval_report *report, eval_text *out);
void eval_report_html(const eval_report *report, eval_text *out);

/* One form and its name. */
typedef struct eval_report_form {
    const char *name;
    void (*write)(const eval_report *report, eval_text *out);
} eval_report_form;

/* Returns the form called `name`, or NULL. */
const eval_report_form *eval_report_find(const char *name);

#endif /* HEED_TOOLS_EVAL_REPORT_H */
