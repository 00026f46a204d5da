/* report_tables.c - reports for other programs: TSV, and alignments.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tools/eval/report.h"

#include <string.h>

static void put_name(eval_text *out, const char *name)
{
    for (; *name != '\0'; name++)
        eval_text_add(out, *name == '\t' || *name == '\n' ? " " : name, 1);
}

static void put_sum(eval_text *out, const char *system, const char *scope,
                    const char *name, const eval_sum *sum)
{
    put_name(out, system);
    eval_text_printf(out, "\t%s\t", scope);
    put_name(out, name);
    eval_text_printf(out, "\t%zu\t%zu\t%zu\t%zu\t%zu\t%zu\t%.4f\t%.4f\t%.4f\n",
                     sum->n_items, eval_counts_words(&sum->counts),
                     sum->counts.n_correct, sum->counts.n_substitutions,
                     sum->counts.n_deletions, sum->counts.n_insertions,
                     100.0 * eval_sum_wer(sum), 100.0 * eval_sum_cer(sum),
                     100.0 * eval_sum_ser(sum));
}

static void put_rows(eval_text *out, const char *system, const char *scope,
                     const eval_rows *rows)
{
    for (size_t i = 0; i < rows->n; i++)
        put_sum(out, system, scope, rows->rows[i].name, &rows->rows[i].sum);
}

static void put_items(eval_text *out, const eval_system *system)
{
    for (size_t i = 0; i < system->n_items; i++) {
        eval_sum sum = {0};

        if (!system->items[i].scored)
            continue;
        eval_sum_add(&sum, &system->items[i]);
        put_sum(out, system->name, "utterance", system->items[i].id, &sum);
    }
}

void eval_report_tsv(const eval_report *report, eval_text *out)
{
    eval_text_puts(out, "system\tscope\tname\tutterances\twords\tcorrect\tsub\t"
                        "del\tins\twer\tcer\tser\n");
    for (size_t i = 0; i < report->n_systems; i++) {
        const eval_summary *s = report->systems[i].summary;

        put_sum(out, s->system->name, "total", "", &s->total);
        put_rows(out, s->system->name, "group", &s->groups);
        put_rows(out, s->system->name, "speaker", &s->speakers);
        put_rows(out, s->system->name, "length", &s->lengths);
        put_items(out, s->system);
    }
}

/* Characters of a word. */
static size_t width(const char *word)
{
    size_t n = 0;

    for (; *word != '\0'; word++)
        n += ((unsigned char)*word & 0xc0) != 0x80 ? 1 : 0;
    return n;
}

/* One of the three rows of an alignment; words in error are in capitals, as
 * sclite writes them, if they are ASCII. */
static void put_row(eval_text *out, const eval_scorer *scorer,
                    const eval_alignment *alignment, int row)
{
    static const char *const marks[] = {"", "S", "D", "I"};
    static const char *const heads[] = {"REF: ", "HYP: ", "Eval:"};

    eval_text_puts(out, heads[row]);
    for (size_t i = 0; i < alignment->n_steps; i++) {
        const eval_step *step = &alignment->steps[i];
        const char *ref = eval_scorer_word(scorer, step->reference);
        const char *hyp = eval_scorer_word(scorer, step->hypothesis);
        const char *text = row == 0 ? ref : row == 1 ? hyp : marks[step->edit];
        size_t room = width(ref) > width(hyp) ? width(ref) : width(hyp);

        eval_text_puts(out, " ");
        for (const char *at = text; *at != '\0'; at++) {
            const bool up =
                step->edit != EVAL_CORRECT && *at >= 'a' && *at <= 'z';
            const char c = up ? (char)(*at - 'a' + 'A') : *at;

            eval_text_add(out, &c, 1);
        }
        for (room -= width(text); room > 0; room--)
            eval_text_puts(out, *text == '*' ? "*" : " ");
    }
    eval_text_puts(out, "\n");
}

static void put_alignment(eval_text *out, const eval_scorer *scorer,
                          const eval_item *item)
{
    eval_text_printf(out, "id: (%s)\n", item->id);
    if (!item->scored) {
        eval_text_printf(out, "Not scored: %s\n\n",
                         item->error != NULL ? item->error : "too long");
        return;
    }
    eval_text_printf(out, "Scores: (#C #S #D #I) %zu %zu %zu %zu\n",
                     item->counts.n_correct, item->counts.n_substitutions,
                     item->counts.n_deletions, item->counts.n_insertions);
    for (int row = 0; row < 3; row++)
        put_row(out, scorer, &item->alignment, row);
    eval_text_puts(out, "\n");
}

void eval_report_pra(const eval_report *report, eval_text *out)
{
    for (size_t i = 0; i < report->n_systems; i++) {
        const eval_summary *s = report->systems[i].summary;

        eval_text_printf(out, "System name: %s\n\n", s->system->name);
        for (size_t k = 0; k < s->system->n_items; k++)
            put_alignment(out, s->scorer, &s->system->items[k]);
    }
}
