/* svg.c - the pictures of a report. SPDX-License-Identifier: Apache-2.0 */
#include "tools/eval/svg.h"

#include <stdio.h>
#include <string.h>

#define WIDTH    360
#define LABEL    140 /* room for the names of bars */
#define ROW      18
#define N_DELAYS 30

void eval_html_puts(eval_text *out, const char *text)
{
    for (; *text != '\0'; text++)
        switch (*text) {
        case '&':
            eval_text_puts(out, "&amp;");
            break;
        case '<':
            eval_text_puts(out, "&lt;");
            break;
        case '>':
            eval_text_puts(out, "&gt;");
            break;
        case '"':
            eval_text_puts(out, "&quot;");
            break;
        default:
            eval_text_add(out, text, 1);
        }
}

static void begin(eval_text *out, const char *title, double height)
{
    eval_text_printf(out,
                     "<figure><figcaption>%s</figcaption>\n"
                     "<svg viewBox=\"0 0 %d %.0f\" role=\"img\" "
                     "aria-label=\"%s\">\n",
                     title, WIDTH, height, title);
}

static void end(eval_text *out)
{
    eval_text_puts(out, "</svg></figure>\n");
}

/* One bar of a row of them: its name, its length as a share of all the room,
 * what is written after it. */
static void bar(eval_text *out, size_t row, const char *name, double share,
                const char *value, const char *class)
{
    const double y = (double)row * ROW;
    const double room = WIDTH - LABEL - 48;

    eval_text_printf(out, "<text x=\"%d\" y=\"%.0f\" class=\"end\">", LABEL - 6,
                     y + 13);
    /* What is longer than the room loses its beginning. */
    if (strlen(name) > 19) {
        const char *from = name + strlen(name) - 18;

        while (((unsigned char)*from & 0xc0) == 0x80)
            from++;
        eval_text_puts(out, "\xe2\x80\xa6");
        eval_html_puts(out, from);
    } else {
        eval_html_puts(out, name);
    }
    eval_text_printf(out,
                     "</text><rect x=\"%d\" y=\"%.0f\" width=\"%.1f\" "
                     "height=\"%d\" class=\"%s\"/><text x=\"%.1f\" "
                     "y=\"%.0f\">%s</text>\n",
                     LABEL, y + 3, share * room, ROW - 6, class,
                     LABEL + share * room + 4, y + 13, value);
}

/* Bars of the word error rates of some rows, which fit into the room. */
static void rate_bars(eval_text *out, const char *title, const eval_rows *rows,
                      size_t n_top)
{
    double largest = 0.0;
    size_t n = 0;
    size_t row = 0;

    for (size_t i = 0; i < rows->n && n < n_top; i++) {
        const double rate = eval_sum_wer(&rows->rows[i].sum);

        if (rows->rows[i].sum.n_items == 0)
            continue;
        largest = rate > largest ? rate : largest;
        n++;
    }
    if (n < 2)
        return;
    begin(out, title, (double)n * ROW + 4);
    for (size_t i = 0; i < rows->n && row < n; i++) {
        const eval_sum *sum = &rows->rows[i].sum;
        char value[32];

        if (sum->n_items == 0)
            continue;
        snprintf(value, sizeof value, "%.1f", 100.0 * eval_sum_wer(sum));
        bar(out, row++,
            rows->rows[i].name[0] != '\0' ? rows->rows[i].name : "-",
            largest > 0.0 ? eval_sum_wer(sum) / largest : 0.0, value, "all");
    }
    end(out);
}

void eval_svg_speakers(eval_text *out, const eval_summary *summary,
                       size_t n_top)
{
    rate_bars(out, "Word error rate by speaker, the worst, %",
              &summary->speakers, n_top);
}

void eval_svg_lengths(eval_text *out, const eval_summary *summary)
{
    rate_bars(out, "Word error rate by words of the reference, %",
              &summary->lengths, 100);
}

/* The next most frequent of the three lists, in `at`; NULL at their ends. */
static const eval_mistake *next_mistake(const eval_mistakes *const lists[3],
                                        size_t at[3], size_t *which)
{
    const eval_mistake *best = NULL;

    for (size_t k = 0; k < 3; k++)
        if (at[k] < lists[k]->n &&
            (best == NULL || lists[k]->list[at[k]].n > best->n)) {
            best = &lists[k]->list[at[k]];
            *which = k;
        }
    if (best != NULL)
        at[*which]++;
    return best;
}

void eval_svg_mistakes(eval_text *out, const eval_summary *summary,
                       size_t n_top)
{
    static const char *const classes[] = {"sub", "del", "ins"};
    const eval_mistakes *const lists[3] = {
        &summary->substitutions, &summary->deletions, &summary->insertions};
    const size_t n_all = lists[0]->n + lists[1]->n + lists[2]->n;
    const size_t n = n_all < n_top ? n_all : n_top;
    size_t at[3] = {0, 0, 0};
    size_t largest = 0;

    if (n == 0)
        return;
    begin(out, "Most frequent errors: changed, lost (-), added (+)",
          (double)n * ROW + 4);
    for (size_t i = 0; i < n; i++) {
        size_t which = 0;
        const eval_mistake *m = next_mistake(lists, at, &which);
        const char *ref = eval_scorer_word(summary->scorer, m->reference);
        const char *hyp = eval_scorer_word(summary->scorer, m->hypothesis);
        eval_text name = {0};
        char value[32];

        largest = i == 0 ? m->n : largest;
        if (which == 0)
            eval_text_printf(&name, "%s \xe2\x86\x92 %s", ref, hyp);
        else
            eval_text_printf(&name, which == 1 ? "\xe2\x88\x92 %s" : "+ %s",
                             which == 1 ? ref : hyp);
        snprintf(value, sizeof value, "%zu", m->n);
        bar(out, i, name.bytes, (double)m->n / (double)largest, value,
            classes[which]);
        eval_text_deinit(&name);
    }
    end(out);
}

/* A line across the picture with a name, at a share of its width. */
static void mark(eval_text *out, double share, const char *name, double y)
{
    const double x = 10 + share * (WIDTH - 20);

    eval_text_printf(out,
                     "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"10\" y2=\"130\" "
                     "class=\"mark\"/><text x=\"%.1f\" y=\"%.0f\"%s>%s</text>"
                     "\n",
                     x, x, x + (share > 0.7 ? -4 : 4), y,
                     share > 0.7 ? " class=\"end\"" : "", name);
}

void eval_svg_delays(eval_text *out, const eval_summary *summary)
{
    static const struct {
        double share;
        const char *name;
    } quantiles[] = {{0.5, "median"}, {0.9, "90 %"}, {0.99, "99 %"}};
    const eval_delays *delays =
        summary->delays.n > 0 ? &summary->delays : &summary->audio_delays;
    const double longest = eval_delays_quantile(delays, 0.995);
    size_t counts[N_DELAYS] = {0};
    size_t largest = 1;

    if (delays->n < 2 || longest <= 0.0)
        return;
    for (size_t i = 0; i < delays->n; i++) {
        const double share = delays->seconds[i] / longest;
        const size_t bin = share <= 0.0 ? 0 : (size_t)(share * N_DELAYS);

        if (bin < N_DELAYS && ++counts[bin] > largest)
            largest = counts[bin];
    }
    begin(out, "Delay from the end of a word to its commitment, s", 160);
    for (size_t i = 0; i < N_DELAYS; i++) {
        const double height = 120.0 * (double)counts[i] / (double)largest;

        eval_text_printf(out,
                         "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
                         "height=\"%.1f\" class=\"all\"/>\n",
                         10.0 + (WIDTH - 20.0) / N_DELAYS * (double)i,
                         130.0 - height, (WIDTH - 20.0) / N_DELAYS - 1.0,
                         height);
    }
    for (size_t i = 0; i < 3; i++) {
        const double seconds = eval_delays_quantile(delays, quantiles[i].share);
        char name[64];

        snprintf(name, sizeof name, "%s %.2f", quantiles[i].name, seconds);
        mark(out, seconds / longest, name, 20.0 + 14.0 * (double)i);
    }
    eval_text_printf(out,
                     "<text x=\"10\" y=\"148\">0</text><text x=\"%d\" "
                     "y=\"148\" class=\"end\">%.1f s</text>\n",
                     WIDTH - 10, longest);
    end(out);
}

void eval_svg_calibration(eval_text *out, const eval_summary *summary)
{
    const eval_calibration *c = &summary->calibration;
    size_t largest = 1;

    if (c->n_words == 0)
        return;
    for (size_t i = 0; i < EVAL_N_BINS; i++)
        largest = c->bins[i].n_words > largest ? c->bins[i].n_words : largest;
    begin(out, "Confidence: how often it was right", 270);
    eval_text_puts(out, "<rect x=\"50\" y=\"10\" width=\"220\" height=\"220\" "
                        "class=\"frame\"/><line x1=\"50\" y1=\"230\" "
                        "x2=\"270\" y2=\"10\" class=\"mark\"/>\n");
    for (size_t i = 0; i < EVAL_N_BINS; i++) {
        const double n = (double)c->bins[i].n_words;
        const double x = 50.0 + 22.0 * (double)i;

        if (c->bins[i].n_words == 0)
            continue;
        const double right = (double)c->bins[i].n_correct / n;
        eval_text_printf(
            out,
            "<rect x=\"%.1f\" y=\"%.1f\" width=\"20\" height=\"%.1f\" "
            "class=\"all faint\"/><circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" "
            "class=\"all\"/><rect x=\"290\" y=\"%.1f\" width=\"%.1f\" "
            "height=\"16\" class=\"all faint\"/>\n",
            x + 1, 230.0 - 220.0 * right, 220.0 * right,
            50.0 + 220.0 * c->bins[i].confidence / n, 230.0 - 220.0 * right,
            230.0 - 22.0 * (double)(i + 1) + 3.0, 60.0 * n / (double)largest);
    }
    eval_text_printf(
        out,
        "<text x=\"44\" y=\"18\" class=\"end\">1</text><text x=\"44\" "
        "y=\"230\" class=\"end\">0</text><text x=\"50\" y=\"246\">0</text>"
        "<text x=\"270\" y=\"246\" class=\"end\">1</text><text x=\"160\" "
        "y=\"246\" class=\"middle\">confidence</text><text x=\"160\" "
        "y=\"264\" class=\"middle\">expected calibration error "
        "%.3f</text><text x=\"290\" y=\"246\">words</text>\n",
        c->expected_error);
    end(out);
}
