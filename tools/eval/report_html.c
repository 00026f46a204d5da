/* report_html.c - a report as one page without a network.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tools/eval/report.h"
#include "tools/eval/svg.h"

#include <stdlib.h>
#include <string.h>

static const char head[] =
    "<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, "
    "initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n"
    "<style>\n"
    ":root{color-scheme:light dark;--paper:#fff;--ink:#1c1e21;--soft:#5c636b;"
    "--line:#d9dde1;--head:#f3f5f7;--all:#2f6db5;--sub:#a35a00;--del:#b3261e;"
    "--ins:#1f7a3d}\n"
    "@media(prefers-color-scheme:dark){:root{--paper:#16181b;--ink:#e6e8ea;"
    "--soft:#9aa3ac;--line:#33383e;--head:#1f2327;--all:#74aef0;--sub:#f0ad4e;"
    "--del:#ff8a80;--ins:#6fd08c}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0 auto;max-width:72rem;padding:1rem;background:var(--paper);"
    "color:var(--ink);font:16px/1.5 system-ui,sans-serif}\n"
    "h1{font-size:1.5rem;margin:.5rem 0}h2{font-size:1.1rem;margin:1.5rem 0 "
    ".5rem}\n"
    ".scroll{overflow-x:auto}\n"
    "table{border-collapse:collapse;font-size:.875rem;"
    "font-variant-numeric:tabular-nums}\n"
    "th,td{padding:.25rem .75rem;border-bottom:1px solid var(--line);"
    "text-align:right;white-space:nowrap}\n"
    "th{background:var(--head);font-weight:600}\n"
    "th.l,td.l{text-align:left}td.w{white-space:normal;"
    "overflow-wrap:anywhere;min-width:10rem}\n"
    "p,figcaption,summary span{color:var(--soft);font-size:.875rem}\n"
    "p{margin:.4rem 0}\n"
    "summary{cursor:pointer;font-size:1.1rem;font-weight:600;margin:1.2rem 0 "
    ".5rem}\n"
    ".pictures{display:grid;gap:1rem;grid-template-columns:"
    "repeat(auto-fill,minmax(min(20rem,100%),1fr));align-items:start}\n"
    "figure{margin:0;padding:.75rem;border:1px solid "
    "var(--line);border-radius:6px}\n"
    "figcaption{margin-bottom:.5rem}svg{display:block;width:100%;height:auto}\n"
    "svg text{fill:var(--ink);font:11px "
    "system-ui,sans-serif}svg .end{text-anchor:end}svg "
    ".middle{text-anchor:middle}\n"
    "svg .all{fill:var(--all)}svg .sub{fill:var(--sub)}svg "
    ".del{fill:var(--del)}svg .ins{fill:var(--ins)}svg .faint{opacity:.35}\n"
    ".wide{grid-column:1/-1;overflow-x:auto}.wide svg{min-width:40rem}.wide "
    "svg text{font-size:9px}svg "
    ".spike{stroke:var(--sub);opacity:.4}\n"
    "svg .frame{fill:none;stroke:var(--line)}svg "
    ".mark{stroke:var(--soft);stroke-dasharray:3 3}\n"
    ".aligned{margin:.5rem 0 1rem;line-height:1.9}\n"
    ".aligned b{font-weight:600;border-radius:3px;padding:0 .2em}\n"
    ".aligned .sub{color:var(--sub);border-bottom:2px solid}\n"
    ".aligned .sub s,.aligned .del{color:var(--del);text-decoration:"
    "line-through}\n"
    ".aligned .ins{color:var(--ins);text-decoration:underline double}\n"
    "</style>\n";

static void put_cell(eval_text *out, const eval_section *section, size_t row,
                     size_t column)
{
    const char *cell = section->cells[row * section->n_columns + column];
    const char *tag = row == 0 ? "th" : "td";
    const bool is_left = column < section->n_left;
    /* Long values, such as commands and paths, may be broken. */
    const bool is_long = is_left && (column > 0 || strlen(cell) > 40);

    eval_text_printf(out, "<%s%s>", tag,
                     is_long   ? " class=\"l w\""
                     : is_left ? " class=\"l\""
                               : "");
    eval_html_puts(out, cell);
    eval_text_printf(out, "</%s>", tag);
}

static void put_section(eval_text *out, const eval_section *section)
{
    eval_text_puts(out,
                   section->secondary ? "<details><summary>" : "<section><h2>");
    eval_html_puts(out, section->title);
    eval_text_puts(out, section->secondary ? "</summary>" : "</h2>");
    eval_text_puts(out, "<div class=\"scroll\"><table>\n");
    for (size_t k = 0; k < section->n_rows; k++) {
        eval_text_puts(out, "<tr>");
        for (size_t c = 0; c < section->n_columns; c++)
            put_cell(out, section, k, c);
        eval_text_puts(out, "</tr>\n");
    }
    eval_text_puts(out, "</table></div>");
    if (section->note != NULL) {
        eval_text_puts(out, "<p>");
        eval_html_puts(out, section->note);
        eval_text_puts(out, "</p>");
    }
    eval_text_puts(out, section->secondary ? "</details>\n" : "</section>\n");
}

static void put_step(eval_text *out, const eval_scorer *scorer,
                     const eval_step *step)
{
    const char *ref = eval_scorer_word(scorer, step->reference);
    const char *hyp = eval_scorer_word(scorer, step->hypothesis);

    switch (step->edit) {
    case EVAL_CORRECT:
        eval_html_puts(out, ref);
        break;
    case EVAL_SUBSTITUTION:
        eval_text_puts(out, "<b class=\"sub\"><s>");
        eval_html_puts(out, ref);
        eval_text_puts(out, "</s> ");
        eval_html_puts(out, hyp);
        eval_text_puts(out, "</b>");
        break;
    case EVAL_DELETION:
        eval_text_puts(out, "<b class=\"del\">");
        eval_html_puts(out, ref);
        eval_text_puts(out, "</b>");
        break;
    default:
        eval_text_puts(out, "<b class=\"ins\">");
        eval_html_puts(out, hyp);
        eval_text_puts(out, "</b>");
    }
    eval_text_puts(out, "\n");
}

static int compare_items(const void *a, const void *b)
{
    const eval_item *left = *(const eval_item *const *)a;
    const eval_item *right = *(const eval_item *const *)b;
    const size_t n_left = eval_counts_errors(&left->counts);
    const size_t n_right = eval_counts_errors(&right->counts);

    if (n_left != n_right)
        return n_left > n_right ? -1 : 1;
    return (left->index > right->index) - (left->index < right->index);
}

/* The utterances with the most errors, word by word. */
static void put_alignments(eval_text *out, const eval_summary *summary,
                           size_t n_top)
{
    const eval_system *system = summary->system;
    const eval_item **items = eval_calloc(system->n_items, sizeof *items);
    size_t n = 0;

    for (size_t i = 0; i < system->n_items; i++)
        if (system->items[i].scored &&
            eval_counts_errors(&system->items[i].counts) > 0)
            items[n++] = &system->items[i];
    if (n > 0)
        qsort(items, n, sizeof *items, compare_items);
    eval_text_printf(out,
                     "<details><summary>Utterances with the most errors <span>"
                     "%zu of %zu</span></summary><p class=\"aligned\"><b "
                     "class=\"sub\"><s>said</s> heard</b> <b class=\"del\">lost"
                     "</b> <b class=\"ins\">added</b></p>\n",
                     n < n_top ? n : n_top, n);
    for (size_t i = 0; i < n && i < n_top; i++) {
        eval_text_puts(out, "<p>");
        eval_html_puts(out, items[i]->id);
        eval_text_printf(out,
                         ": %zu errors in %zu words</p>"
                         "<div class=\"aligned\">",
                         eval_counts_errors(&items[i]->counts),
                         eval_counts_words(&items[i]->counts));
        for (size_t k = 0; k < items[i]->alignment.n_steps; k++)
            put_step(out, summary->scorer, &items[i]->alignment.steps[k]);
        eval_text_puts(out, "</div>\n");
    }
    eval_text_puts(out, "</details>\n");
    free(items);
}

static void put_pictures(eval_text *out, const eval_report *report,
                         const eval_summary *summary)
{
    const size_t n_attention = 6;
    size_t n_shown = 0;

    if (report->n_systems > 1) {
        eval_text_puts(out, "<h2>");
        eval_html_puts(out, summary->system->name);
        eval_text_puts(out, "</h2>");
    }
    eval_text_puts(out, "<div class=\"pictures\">\n");
    eval_svg_speakers(out, summary, report->n_top);
    eval_svg_mistakes(out, summary, report->n_top);
    eval_svg_delays(out, summary);
    eval_svg_calibration(out, summary);
    eval_svg_lengths(out, summary);
    for (size_t i = 0; i < summary->system->n_items && n_shown < n_attention;
         i++)
        if (summary->system->items[i].attention != NULL) {
            eval_svg_attention(out, &summary->system->items[i]);
            n_shown++;
        }
    eval_text_puts(out, "</div>\n");
}

void eval_report_html(const eval_report *report, eval_text *out)
{
    eval_document document;
    size_t n_first = 0;

    eval_report_build(&document, report);
    eval_text_puts(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n");
    eval_text_puts(out, head);
    eval_text_puts(out, "<title>");
    eval_html_puts(out, report->title);
    eval_text_puts(out, "</title>\n</head>\n<body>\n<h1>");
    eval_html_puts(out, report->title);
    eval_text_printf(out, "</h1>\n<p>Made by heed %s.</p>\n", report->heed);
    /* What all systems share, then the pictures, then the rest. */
    n_first = report->n_systems > 1 ? 3 : 2;
    for (size_t i = 0; i < n_first; i++)
        put_section(out, &document.sections[i]);
    for (size_t i = 0; i < report->n_systems; i++) {
        put_pictures(out, report, report->systems[i].summary);
        put_alignments(out, report->systems[i].summary, report->n_top);
    }
    for (size_t i = n_first; i < document.n_sections; i++)
        put_section(out, &document.sections[i]);
    eval_text_puts(out, "</body>\n</html>\n");
    eval_document_deinit(&document);
}
