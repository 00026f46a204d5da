/* report.c - the tables of a report. SPDX-License-Identifier: Apache-2.0 */
#include "tools/eval/report.h"

#include <stdio.h>
#include <string.h>

#define C EVAL_CELL
#define SUM_HEADER \
    "utts" C "words" C "WER %" C "sub" C "del" C "ins" C "CER %" C "SER %"

static double percent(double rate)
{
    return 100.0 * rate;
}

const eval_report_form *eval_report_find(const char *name)
{
    static const eval_report_form forms[] = {
        {"text", eval_report_text},   {"json", eval_report_json},
        {"md", eval_report_markdown}, {"tsv", eval_report_tsv},
        {"pra", eval_report_pra},     {"html", eval_report_html}};

    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        if (strcmp(forms[i].name, name) == 0)
            return &forms[i];
    return NULL;
}

static void add_sum(eval_document *d, const char *name, const eval_sum *sum)
{
    eval_document_row(d,
                      "%s" C "%zu" C "%zu" C "%.2f" C "%zu" C "%zu" C "%zu" C
                      "%.2f" C "%.2f",
                      name, sum->n_items, eval_counts_words(&sum->counts),
                      percent(eval_sum_wer(sum)), sum->counts.n_substitutions,
                      sum->counts.n_deletions, sum->counts.n_insertions,
                      percent(eval_sum_cer(sum)), percent(eval_sum_ser(sum)));
}

static void build_totals(eval_document *d, const eval_report *r)
{
    char note[256];

    eval_document_begin(d, "Word error rate", 1, "system" C SUM_HEADER);
    for (size_t i = 0; i < r->n_systems; i++)
        add_sum(d, r->systems[i].summary->system->name,
                &r->systems[i].summary->total);
    snprintf(note, sizeof note, "Normalisation: %s, version %u%s%s.",
             r->normaliser->base->name, r->normaliser->base->version,
             r->normaliser->rules_path != NULL ? ", then the rules in " : "",
             r->normaliser->rules_path != NULL ? r->normaliser->rules_path
                                               : "");
    eval_document_note(d, note);
    eval_document_begin(d, "95 % intervals of the word error rate", 1,
                        "system" C "WER %" C "by utterance" C "by speaker" C
                        "oracle WER %" C "not scored");
    for (size_t i = 0; i < r->n_systems; i++) {
        const eval_summary *s = r->systems[i].summary;

        eval_document_row(
            d, "%s" C "%.2f" C "%.2f - %.2f" C "%.2f - %.2f" C "%.2f" C "%zu",
            s->system->name, percent(eval_sum_wer(&s->total)),
            percent(s->by_item.low), percent(s->by_item.high),
            percent(s->by_speaker.low), percent(s->by_speaker.high),
            percent(eval_sum_oracle_wer(&s->total)), eval_summary_unscored(s));
    }
    snprintf(note, sizeof note, "Bootstrap, %zu rounds.",
             r->systems[0].summary->n_rounds);
    eval_document_note(d, note);
}

static void build_comparisons(eval_document *d, const eval_report *r)
{
    if (r->n_systems < 2)
        return;
    eval_document_begin(d, "Compared with the first", 1,
                        "system" C "utts" C "WER % first" C "WER %" C
                        "difference" C "95 % interval" C "P(better) %" C
                        "segments" C "Z" C "p");
    for (size_t i = 1; i < r->n_systems; i++) {
        const eval_comparison *c = &r->systems[i].against_first;

        eval_document_row(
            d,
            "%s" C "%zu" C "%.2f" C "%.2f" C "%+.2f" C "%+.2f - %+.2f" C
            "%.1f" C "%zu" C "%.3f" C "%.2g",
            r->systems[i].summary->system->name, c->n_items, percent(c->wer[0]),
            percent(c->wer[1]), percent(c->wer[1] - c->wer[0]),
            percent(c->difference.low), percent(c->difference.high),
            percent(c->improvement), c->n_segments, c->z, c->p);
    }
    eval_document_note(d, "On the utterances that both have scored. Z and p: "
                          "matched-pairs sentence-segment word error test, "
                          "two-sided.");
}

static void build_rows(eval_document *d, const char *title, const char *column,
                       const eval_rows *rows, size_t n_top)
{
    char header[128];
    char note[96];
    size_t n_shown = 0;

    snprintf(header, sizeof header, "%s%s", column, C SUM_HEADER);
    eval_document_begin(d, title, 1, header);
    d->sections[d->n_sections - 1].secondary = true;
    for (size_t i = 0; i < rows->n && n_shown < n_top; i++) {
        if (rows->rows[i].sum.n_items == 0)
            continue;
        add_sum(d, rows->rows[i].name[0] != '\0' ? rows->rows[i].name : "-",
                &rows->rows[i].sum);
        n_shown++;
    }
    if (rows->n > n_top) {
        snprintf(note, sizeof note, "%zu of %zu shown.", n_top, rows->n);
        eval_document_note(d, note);
    }
}

static void build_mistakes(eval_document *d, const char *title,
                           const eval_scorer *scorer,
                           const eval_mistakes *mistakes, size_t n_top)
{
    if (mistakes->n == 0)
        return;
    eval_document_begin(d, title, 2, "reference" C "heard" C "times");
    d->sections[d->n_sections - 1].secondary = true;
    for (size_t i = 0; i < mistakes->n && i < n_top; i++)
        eval_document_row(
            d, "%s" C "%s" C "%zu",
            eval_scorer_word(scorer, mistakes->list[i].reference),
            eval_scorer_word(scorer, mistakes->list[i].hypothesis),
            mistakes->list[i].n);
}

static void build_problems(eval_document *d, const eval_report *r,
                           const eval_summary *s)
{
    char note[96];

    if (s->system->n_problems == 0)
        return;
    eval_document_begin(d, "What is wrong with the corpus", 3,
                        "problem" C "utterance" C "detail");
    for (size_t i = 0; i < EVAL_N_PROBLEMS; i++)
        if (s->n_problems[i] > 0)
            eval_document_row(d, "%s" C "%zu in all" C,
                              eval_problem_text((eval_problem_kind)i),
                              s->n_problems[i]);
    for (size_t i = 0; i < s->system->n_problems && i < r->n_top; i++) {
        const eval_problem *problem = &s->system->problems[i];

        eval_document_row(d, "%s" C "%s" C "%s",
                          eval_problem_text(problem->kind), problem->id,
                          problem->detail != NULL ? problem->detail : "");
    }
    if (s->system->n_problems > r->n_top) {
        snprintf(note, sizeof note, "%zu of %zu shown; json lists all.",
                 r->n_top, s->system->n_problems);
        eval_document_note(d, note);
    }
}

static void build_calibration(eval_document *d, const eval_calibration *c)
{
    char note[96];

    if (c->n_words == 0)
        return;
    eval_document_begin(d, "Confidence", 1,
                        "confidence" C "words" C "mean confidence" C "correct");
    for (size_t i = 0; i < EVAL_N_BINS; i++) {
        const double n = (double)c->bins[i].n_words;

        if (c->bins[i].n_words > 0)
            eval_document_row(d, "%.1f - %.1f" C "%zu" C "%.3f" C "%.3f",
                              (double)i / EVAL_N_BINS,
                              (double)(i + 1) / EVAL_N_BINS, c->bins[i].n_words,
                              c->bins[i].confidence / n,
                              (double)c->bins[i].n_correct / n);
    }
    snprintf(note, sizeof note, "Expected calibration error: %.4f.",
             c->expected_error);
    eval_document_note(d, note);
}

static void add_delays(eval_document *d, const char *name,
                       const eval_delays *delays)
{
    if (delays->n > 0)
        eval_document_row(d, "%s" C "%zu" C "%.3f" C "%.3f" C "%.3f", name,
                          delays->n, eval_delays_quantile(delays, 0.5),
                          eval_delays_quantile(delays, 0.9),
                          eval_delays_quantile(delays, 0.99));
}

static void build_delays(eval_document *d, const eval_summary *s)
{
    char note[320];
    int n;

    if (s->audio_delays.n == 0)
        return;
    eval_document_begin(d, "Delay from the end of a word to its commitment, s",
                        1, "clock" C "words" C "median" C "90 %" C "99 %");
    add_delays(d, "audio", &s->audio_delays);
    add_delays(d, "audio and computing", &s->delays);
    add_delays(d, "first word, with computing", &s->first_delays);
    n = snprintf(note, sizeof note,
                 "From where a forced alignment by the CTC puts the end of "
                 "the reference's word, for the %zu of %zu words that were "
                 "heard right.",
                 s->audio_delays.n, s->n_heard);
    if (s->n_problems[EVAL_PROBLEM_UNSAID] > 0)
        snprintf(note + n, sizeof note - (size_t)n,
                 " Left out: %zu utterances whose letters do not fit the "
                 "audio.",
                 s->n_problems[EVAL_PROBLEM_UNSAID]);
    eval_document_note(d, note);
}

static void build_speed(eval_document *d, const eval_summary *s)
{
    if (s->total.duration_s <= 0.0)
        return;
    eval_document_begin(d, "Audio", 1, "what" C "value");
    eval_document_row(d, "hours" C "%.3f", s->total.duration_s / 3600.0);
    if (s->total.compute_s > 0.0)
        eval_document_row(d, "real-time factor" C "%.4f",
                          s->total.compute_s / s->total.duration_s);
    if (s->silent_s > 0.0) {
        eval_document_row(d, "hours without speech" C "%.3f",
                          s->silent_s / 3600.0);
        eval_document_row(d, "words per hour without speech" C "%.1f",
                          (double)s->silent_words / (s->silent_s / 3600.0));
    }
}

static void build_system(eval_document *d, const eval_report *r,
                         const eval_report_system *system)
{
    const eval_summary *s = system->summary;

    if (system->n_facts > 0) {
        eval_document_begin(d, "The run", 2, "what" C "value");
        for (size_t i = 0; i < system->n_facts; i++)
            eval_document_row(d, "%s" C "%s", system->facts[i].name,
                              system->facts[i].value);
    }
    build_problems(d, r, s);
    if (s->groups.n > 1) {
        build_rows(d, "By group", "group", &s->groups, r->n_top);
        d->sections[d->n_sections - 1].secondary = false;
    }
    if (s->speakers.n > 1)
        build_rows(d, "By speaker, the worst first", "speaker", &s->speakers,
                   r->n_top);
    build_rows(d, "By words of the reference", "words", &s->lengths, 100);
    build_mistakes(d, "Substitutions", s->scorer, &s->substitutions, r->n_top);
    build_mistakes(d, "Deletions", s->scorer, &s->deletions, r->n_top);
    build_mistakes(d, "Insertions", s->scorer, &s->insertions, r->n_top);
    build_calibration(d, &s->calibration);
    build_delays(d, s);
    build_speed(d, s);
}

void eval_report_build(eval_document *document, const eval_report *report)
{
    *document = (eval_document){0};
    build_totals(document, report);
    build_comparisons(document, report);
    for (size_t i = 0; i < report->n_systems; i++) {
        const size_t first = document->n_sections;

        build_system(document, report, &report->systems[i]);
        for (size_t k = first;
             report->n_systems > 1 && k < document->n_sections; k++) {
            char title[256];

            snprintf(title, sizeof title, "%s: %s",
                     report->systems[i].summary->system->name,
                     document->sections[k].title);
            document->sections[k].title =
                eval_pool_string(&document->pool, title);
        }
    }
}

void eval_report_text(const eval_report *report, eval_text *out)
{
    eval_document document;

    eval_report_build(&document, report);
    eval_document_text(&document, out);
    eval_document_deinit(&document);
}

void eval_report_markdown(const eval_report *report, eval_text *out)
{
    eval_document document;

    eval_report_build(&document, report);
    eval_text_printf(out, "# %s\n\n", report->title);
    eval_document_markdown(&document, out);
    eval_document_deinit(&document);
}
