/* report_json.c - a report as one JSON object. SPDX-License-Identifier:
 * Apache-2.0
 *
 * Rates are shares of 1, not percent. What is not known is null. */
#include "tools/eval/json.h"
#include "tools/eval/report.h"

typedef struct json_object json;

static void put_counts(json *object, const char *name,
                       const eval_counts *counts)
{
    json *o = eval_json_object();

    eval_json_put_count(o, "reference", eval_counts_words(counts));
    eval_json_put_count(o, "correct", counts->n_correct);
    eval_json_put_count(o, "substitutions", counts->n_substitutions);
    eval_json_put_count(o, "deletions", counts->n_deletions);
    eval_json_put_count(o, "insertions", counts->n_insertions);
    eval_json_put(object, name, o);
}

static json *sum_of(const eval_sum *sum)
{
    json *o = eval_json_object();

    eval_json_put_count(o, "utterances", sum->n_items);
    eval_json_put_count(o, "utterances_with_errors", sum->n_wrong);
    eval_json_put_number(o, "wer", eval_sum_wer(sum), 6);
    eval_json_put_number(o, "cer", eval_sum_cer(sum), 6);
    eval_json_put_number(o, "ser", eval_sum_ser(sum), 6);
    eval_json_put_number(o, "oracle_wer", eval_sum_oracle_wer(sum), 6);
    put_counts(o, "words", &sum->counts);
    put_counts(o, "characters", &sum->characters);
    eval_json_put_number(o, "audio_s", sum->duration_s, 3);
    return o;
}

static void put_rows(json *object, const char *name, const eval_rows *rows)
{
    json *list = eval_json_object();

    for (size_t i = 0; i < rows->n; i++)
        eval_json_put(list, rows->rows[i].name, sum_of(&rows->rows[i].sum));
    eval_json_put(object, name, list);
}

static void put_interval(json *object, const char *name, eval_interval interval)
{
    json *pair = eval_json_array();

    eval_json_push(pair, eval_json_number(interval.low, 6));
    eval_json_push(pair, eval_json_number(interval.high, 6));
    eval_json_put(object, name, pair);
}

static void put_mistakes(json *object, const char *name,
                         const eval_scorer *scorer,
                         const eval_mistakes *mistakes, size_t n_top)
{
    json *list = eval_json_array();

    for (size_t i = 0; i < mistakes->n && i < n_top; i++) {
        const eval_mistake *m = &mistakes->list[i];
        json *o = eval_json_object();

        eval_json_put_string(o, "reference",
                             m->reference != EVAL_WORD_NONE
                                 ? eval_scorer_word(scorer, m->reference)
                                 : NULL);
        eval_json_put_string(o, "heard",
                             m->hypothesis != EVAL_WORD_NONE
                                 ? eval_scorer_word(scorer, m->hypothesis)
                                 : NULL);
        eval_json_put_count(o, "times", m->n);
        eval_json_push(list, o);
    }
    eval_json_put(object, name, list);
}

static void put_calibration(json *object, const eval_calibration *c)
{
    json *o = eval_json_object();
    json *bins = eval_json_array();

    for (size_t i = 0; i < EVAL_N_BINS; i++) {
        const size_t n = c->bins[i].n_words;
        json *bin = eval_json_object();

        eval_json_put_number(bin, "from", (double)i / EVAL_N_BINS, 2);
        eval_json_put_count(bin, "words", n);
        eval_json_put_known(bin, "confidence",
                            n > 0 ? c->bins[i].confidence / (double)n : -1.0,
                            6);
        eval_json_put_known(
            bin, "correct",
            n > 0 ? (double)c->bins[i].n_correct / (double)n : -1.0, 6);
        eval_json_push(bins, bin);
    }
    eval_json_put_known(o, "expected_calibration_error",
                        c->n_words > 0 ? c->expected_error : -1.0, 6);
    eval_json_put(o, "bins", bins);
    eval_json_put(object, "calibration", o);
}

static void put_delays(json *object, const char *name,
                       const eval_delays *delays)
{
    json *o = eval_json_object();

    eval_json_put_count(o, "words", delays->n);
    if (delays->n > 0) {
        eval_json_put_number(o, "median_s", eval_delays_quantile(delays, 0.5),
                             3);
        eval_json_put_number(o, "90_percent_s",
                             eval_delays_quantile(delays, 0.9), 3);
        eval_json_put_number(o, "99_percent_s",
                             eval_delays_quantile(delays, 0.99), 3);
    }
    eval_json_put(object, name, o);
}

static void put_problems(json *object, const eval_system *system)
{
    json *list = eval_json_array();

    for (size_t i = 0; i < system->n_problems; i++) {
        json *o = eval_json_object();

        eval_json_put_string(o, "kind",
                             eval_problem_name(system->problems[i].kind));
        eval_json_put_string(o, "id", system->problems[i].id);
        eval_json_put_string(o, "detail", system->problems[i].detail);
        eval_json_push(list, o);
    }
    eval_json_put(object, "problems", list);
}

/* What only a run knows, and what is not the same twice. */
static void put_run(json *object, const eval_report_system *system)
{
    const eval_summary *s = system->summary;
    json *facts = eval_json_object();

    for (size_t i = 0; i < system->n_facts; i++)
        eval_json_put_string(facts, system->facts[i].name,
                             system->facts[i].value);
    eval_json_put(object, "run", facts);
    put_delays(object, "delay_with_computing", &s->delays);
    put_delays(object, "first_word_delay", &s->first_delays);
    eval_json_put_known(object, "real_time_factor",
                        s->total.compute_s > 0.0 && s->total.duration_s > 0.0
                            ? s->total.compute_s / s->total.duration_s
                            : -1.0,
                        6);
}

static json *system_of(const eval_report *report,
                       const eval_report_system *system)
{
    const eval_summary *s = system->summary;
    json *o = eval_json_object();

    eval_json_put_string(o, "name", s->system->name);
    eval_json_put(o, "total", sum_of(&s->total));
    eval_json_put_count(o, "not_scored", eval_summary_unscored(s));
    put_interval(o, "wer_interval_by_utterance", s->by_item);
    put_interval(o, "wer_interval_by_speaker", s->by_speaker);
    put_rows(o, "groups", &s->groups);
    put_rows(o, "speakers", &s->speakers);
    put_rows(o, "lengths", &s->lengths);
    put_mistakes(o, "substitutions", s->scorer, &s->substitutions,
                 report->n_top);
    put_mistakes(o, "deletions", s->scorer, &s->deletions, report->n_top);
    put_mistakes(o, "insertions", s->scorer, &s->insertions, report->n_top);
    put_calibration(o, &s->calibration);
    put_delays(o, "delay", &s->audio_delays);
    eval_json_put_count(o, "words_of_delays", s->n_heard);
    eval_json_put_count(o, "words_without_speech", s->silent_words);
    eval_json_put_number(o, "seconds_without_speech", s->silent_s, 3);
    put_problems(o, s->system);
    put_run(o, system);
    return o;
}

static json *comparison_of(const eval_report_system *system)
{
    const eval_comparison *c = &system->against_first;
    json *o = eval_json_object();

    eval_json_put_string(o, "name", system->summary->system->name);
    eval_json_put_count(o, "utterances", c->n_items);
    eval_json_put_number(o, "wer_first", c->wer[0], 6);
    eval_json_put_number(o, "wer", c->wer[1], 6);
    put_interval(o, "difference_interval", c->difference);
    eval_json_put_number(o, "probability_of_improvement", c->improvement, 4);
    eval_json_put_count(o, "segments", c->n_segments);
    eval_json_put_number(o, "z", c->z, 4);
    eval_json_put_number(o, "p", c->p, 6);
    return o;
}

void eval_report_json(const eval_report *report, eval_text *out)
{
    json *o = eval_json_object();
    json *systems = eval_json_array();
    json *comparisons = eval_json_array();

    eval_json_put_string(o, "format", "heed-eval-report");
    eval_json_put_count(o, "version", 1);
    eval_json_put_string(o, "heed", report->heed);
    eval_json_put_string(o, "normalisation", report->normaliser->base->name);
    eval_json_put_count(o, "normalisation_version",
                        report->normaliser->base->version);
    eval_json_put_string(o, "rules", report->normaliser->rules_path);
    eval_json_put_count(o, "bootstrap_rounds",
                        report->systems[0].summary->n_rounds);
    for (size_t i = 0; i < report->n_systems; i++) {
        eval_json_push(systems, system_of(report, &report->systems[i]));
        if (i > 0)
            eval_json_push(comparisons, comparison_of(&report->systems[i]));
    }
    eval_json_put(o, "systems", systems);
    eval_json_put(o, "compared_with_first", comparisons);
    eval_json_write(o, true, out);
}
