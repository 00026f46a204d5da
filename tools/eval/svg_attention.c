/* svg_attention.c - where the decoder looked, and what the CTC spelt.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tools/eval/svg.h"

#define WIDTH   720
#define LABEL   80
#define ROW     14
#define COLUMNS 180  /* at most; more frames share one */
#define FAINT   0.1F /* of the largest in its row: not drawn below it */

/* The largest weight of the frames that share a column. */
static float weight_of(const eval_attention *a, size_t token, size_t column,
                       size_t n_columns)
{
    const size_t first = column * a->n_frames / n_columns;
    const size_t last = (column + 1) * a->n_frames / n_columns;
    float largest = 0.0F;

    for (size_t i = first; i < last; i++)
        if (a->weights[token * a->n_frames + i] > largest)
            largest = a->weights[token * a->n_frames + i];
    return largest;
}

/* The largest weight of a token; 1 if there is none above 0. */
static float largest_of(const eval_attention *a, size_t token)
{
    float largest = 0.0F;

    for (size_t i = 0; i < a->n_frames; i++)
        if (a->weights[token * a->n_frames + i] > largest)
            largest = a->weights[token * a->n_frames + i];
    return largest > 0.0F ? largest : 1.0F;
}

/* A row for each token, the darker the more it looked there. */
static void put_rows(eval_text *out, const eval_attention *a, size_t n_columns)
{
    const double cell = (double)(WIDTH - LABEL) / (double)n_columns;

    for (size_t i = 0; i < a->n_tokens; i++) {
        const float largest = largest_of(a, i);

        eval_text_printf(out, "<text x=\"%d\" y=\"%zu\" class=\"end\">",
                         LABEL - 6, i * ROW + 11);
        eval_html_puts(out, a->tokens[i]);
        eval_text_puts(out, "</text>");
        for (size_t k = 0; k < n_columns; k++) {
            const float weight = weight_of(a, i, k, n_columns) / largest;

            if (weight >= FAINT)
                eval_text_printf(out,
                                 "<rect x=\"%.1f\" y=\"%zu\" "
                                 "width=\"%.1f\" height=\"%d\" "
                                 "class=\"all\" opacity=\"%.2f\"/>",
                                 LABEL + cell * (double)k, i * ROW + 1, cell,
                                 ROW - 2, (double)weight);
        }
        eval_text_puts(out, "\n");
    }
}

static void put_spikes(eval_text *out, const eval_attention *a)
{
    const size_t y = a->n_tokens * ROW;

    for (size_t i = 0; i < a->n_spikes; i++) {
        const double x = LABEL + (WIDTH - LABEL) *
                                     ((double)a->spikes[i].frame + 0.5) /
                                     (double)a->n_frames;

        eval_text_printf(out,
                         "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"0\" "
                         "y2=\"%zu\" class=\"spike\"/><text x=\"%.1f\" "
                         "y=\"%zu\" class=\"middle\">",
                         x, x, y + 2, x, y + 14);
        eval_html_puts(out, a->spikes[i].letter);
        eval_text_puts(out, "</text>\n");
    }
}

void eval_svg_attention(eval_text *out, const eval_item *item)
{
    const eval_attention *a = item->attention;
    const size_t n_columns = a->n_frames < COLUMNS ? a->n_frames : COLUMNS;

    if (a->n_frames == 0)
        return;
    eval_text_puts(out, "<figure class=\"wide\"><figcaption>Attention by "
                        "token over time, with the letters of the CTC: ");
    eval_html_puts(out, item->id);
    eval_text_printf(out,
                     "</figcaption>\n<svg viewBox=\"0 0 %d %zu\" "
                     "role=\"img\">\n",
                     WIDTH, a->n_tokens * ROW + 36);
    put_rows(out, a, n_columns);
    put_spikes(out, a);
    eval_text_printf(out,
                     "<text x=\"%d\" y=\"%zu\">0</text><text x=\"%d\" "
                     "y=\"%zu\" class=\"end\">%.2f s</text>\n"
                     "</svg></figure>\n",
                     LABEL, a->n_tokens * ROW + 32, WIDTH,
                     a->n_tokens * ROW + 32, a->frame_s * (double)a->n_frames);
}
