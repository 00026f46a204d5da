/* prefix_score.c - see prefix_score.h. SPDX-License-Identifier: Apache-2.0 */
#include "asr/prefix_score.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "asr/ctc.h"

/* A start of the label so much less likely than the likeliest is none. */
#define NEGLIGIBLE 25.0F
/* What a label costs for which there are no frames left. */
#define UNHEARD 40.0F

static float log_add(float a, float b)
{
    const float high = a > b ? a : b;
    const float diff = a > b ? b - a : a - b;

    /* Also where both are -INFINITY and the difference is no number. */
    return diff > -17.0F ? high + log1pf(expf(diff)) : high;
}

void heed_prefix_frames_init(heed_prefix_frames *frames, size_t max_frames,
                             size_t reach_frames, heed_arena *arena)
{
    *frames = (heed_prefix_frames){.max_frames = max_frames,
                                   .reach_frames = reach_frames};
    frames->silence = heed_arena_take(arena, max_frames + 1, sizeof(float));
}

void heed_prefix_frames_set(heed_prefix_frames *frames, const float *log_probs,
                            size_t n_frames)
{
    assert(n_frames <= frames->max_frames);
    frames->n_frames = n_frames;
    frames->log_probs = log_probs;
    frames->silence[0] = 0.0F;
    for (size_t t = 0; t < n_frames; t++) {
        const float *row = log_probs + t * HEED_CTC_LABELS;

        frames->silence[t + 1] =
            frames->silence[t] +
            log_add(row[HEED_CTC_BLANK], row[HEED_CTC_SPACE]);
    }
}

void heed_prefix_score_init(heed_prefix_score *score, size_t max_frames,
                            heed_arena *arena)
{
    *score = (heed_prefix_score){0};
    score->letter = heed_arena_take(arena, max_frames + 1, sizeof(float));
    score->blank = heed_arena_take(arena, max_frames + 1, sizeof(float));
}

void heed_prefix_score_begin(heed_prefix_score *score)
{
    score->log_prob = 0.0F;
    score->last = HEED_CTC_BLANK;
    score->first = 0;
    score->end = 1;
    score->letter[0] = -INFINITY;
    score->blank[0] = 0.0F;
}

/* The text lies in the first `t` + 1 frames because it lies in the first `t`:
 * the last label goes on, or there is a blank. */
static void go_on(heed_prefix_score *score, const heed_prefix_frames *frames,
                  size_t t)
{
    const float *row = frames->log_probs + t * HEED_CTC_LABELS;

    if (score->last == HEED_CTC_BLANK) {
        score->letter[t + 1] = -INFINITY;
        score->blank[t + 1] = frames->silence[t + 1];
        return;
    }
    score->letter[t + 1] = score->letter[t] + row[score->last];
    score->blank[t + 1] =
        log_add(score->letter[t], score->blank[t]) + row[HEED_CTC_BLANK];
}

void heed_prefix_score_continue(heed_prefix_score *out,
                                const heed_prefix_score *in,
                                const heed_prefix_frames *frames)
{
    if (out != in) {
        const size_t n_bytes = (in->end - in->first) * sizeof(float);

        memcpy(out->letter + in->first, in->letter + in->first, n_bytes);
        memcpy(out->blank + in->first, in->blank + in->first, n_bytes);
        out->log_prob = in->log_prob;
        out->first = in->first;
        out->end = in->end;
        out->last = in->last;
    }
    for (; out->end <= frames->n_frames; out->end++)
        go_on(out, frames, out->end - 1);
}

/* Leaves out the times before which the text was hardly complete. */
static void trim(heed_prefix_score *score, float best)
{
    while (score->first + 1 < score->end &&
           score->letter[score->first] < best - NEGLIGIBLE &&
           score->blank[score->first] < best - NEGLIGIBLE)
        score->first++;
}

void heed_prefix_score_extend(heed_prefix_score *out,
                              const heed_prefix_score *in,
                              const heed_prefix_frames *frames, uint8_t label)
{
    const float *row = frames->log_probs + in->first * HEED_CTC_LABELS;
    const bool repeats = label == in->last;
    const size_t in_end = in->end;
    const float in_log_prob = in->log_prob;
    size_t last_start = in->first + frames->reach_frames;
    float letter_before = in->letter[in->first];
    float blank_before = in->blank[in->first];
    float best = -INFINITY;
    float sum = -INFINITY;
    size_t t = in->first;

    if (last_start > frames->n_frames)
        last_start = frames->n_frames;
    out->first = in->first;
    out->letter[t] = -INFINITY;
    out->blank[t] = -INFINITY;
    for (; t < last_start; t++, row += HEED_CTC_LABELS) {
        /* Complete after t frames, so that the label may begin in the next. */
        const float ready =
            repeats ? blank_before : log_add(letter_before, blank_before);

        if (t + 1 < in_end) {
            letter_before = in->letter[t + 1];
            blank_before = in->blank[t + 1];
        } else {
            letter_before = -INFINITY;
            blank_before = -INFINITY;
        }
        sum = log_add(sum, ready + row[label]);
        out->blank[t + 1] =
            log_add(out->letter[t], out->blank[t]) + row[HEED_CTC_BLANK];
        out->letter[t + 1] = log_add(out->letter[t], ready) + row[label];
        if (out->letter[t + 1] > best)
            best = out->letter[t + 1];
    }
    out->end = t + 1;
    out->last = label;
    out->log_prob = isinf(sum) ? in_log_prob - UNHEARD : sum;
    trim(out, best);
}

float heed_prefix_score_whole(const heed_prefix_score *score,
                              const heed_prefix_frames *frames)
{
    const float after = frames->silence[frames->n_frames];
    float best = -INFINITY;

    for (size_t t = score->first; t < score->end; t++) {
        const float whole = log_add(score->letter[t], score->blank[t]) + after -
                            frames->silence[t];

        if (whole > best)
            best = whole;
    }
    /* More labels than frames fit nowhere. */
    return isinf(best) ? score->log_prob - UNHEARD : best;
}
