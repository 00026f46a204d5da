/* svg.h - the pictures of a report. SPDX-License-Identifier: Apache-2.0
 *
 * Each writes one <figure> with inline SVG, or nothing if there is nothing to
 * show. Colours are the page's own: classes, and currentColor for text. */
#ifndef HEED_TOOLS_EVAL_SVG_H
#define HEED_TOOLS_EVAL_SVG_H

#include "tools/eval/report.h"

/* Text with what HTML would obey escaped. */
void eval_html_puts(eval_text *out, const char *text);

void eval_svg_speakers(eval_text *out, const eval_summary *summary,
                       size_t n_top);
void eval_svg_lengths(eval_text *out, const eval_summary *summary);
void eval_svg_mistakes(eval_text *out, const eval_summary *summary,
                       size_t n_top);
void eval_svg_delays(eval_text *out, const eval_summary *summary);
void eval_svg_calibration(eval_text *out, const eval_summary *summary);
void eval_svg_attention(eval_text *out, const eval_item *item);

#endif /* HEED_TOOLS_EVAL_SVG_H */
