/* prefix_score.c - see prefix_score.h. SPDX-License-Identifier: Apache-2.0 */
#include "asr/prefix_score.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "asr/ctc.h"

/* A start of the label so much less likely than the likeliest is none: e^-25.
 */
#define NEGLIGIBLE 1.4e-11F
/* What a label costs for which there are no frames left. */
#define UNHEARD 40.0F
/* Less is nothing, so that no time is spent on denormal numbers. */
#define TINY 1e-37F
/* Where the largest value is less, the unit becomes smaller. */
#define SMALL 1e-10F

static float without_tiny(float x)
{
    return x < TINY ? 0.0F : x;
}

void heed_prefix_frames_init(heed_prefix_frames *frames, size_t max_frames,
                             size_t reach_frames, heed_arena *arena)
{
    *frames = (heed_prefix_frames){.max_frames = max_frames,
                                   .reach_frames = reach_frames};
    frames->blank = heed_arena_take(arena, max_frames, sizeof(float));
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
        const float blank = expf(row[HEED_CTC_BLANK]);
        const float silence = blank + expf(row[HEED_CTC_SPACE]);

        frames->blank[t] = blank;
        frames->silence[t + 1] =
            frames->silence[t] + logf(silence > TINY ? silence : TINY);
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
    score->log_unit = 0.0F;
    score->letter[0] = 0.0F;
    score->blank[0] = 1.0F;
}

/* The text lies in the first `t` + 1 frames because it lies in the first `t`:
 * the last label goes on, or there is a blank. */
static void go_on(heed_prefix_score *score, const heed_prefix_frames *frames,
                  size_t t)
{
    const float *row = frames->log_probs + t * HEED_CTC_LABELS;

    if (score->last == HEED_CTC_BLANK) {
        score->letter[t + 1] = 0.0F;
        score->blank[t + 1] = without_tiny(expf(frames->silence[t + 1]));
        return;
    }
    score->letter[t + 1] =
        without_tiny(score->letter[t] * expf(row[score->last]));
    score->blank[t + 1] =
        without_tiny((score->letter[t] + score->blank[t]) * frames->blank[t]);
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
        out->log_unit = in->log_unit;
        out->first = in->first;
        out->end = in->end;
        out->last = in->last;
    }
    for (; out->end <= frames->n_frames; out->end++)
        go_on(out, frames, out->end - 1);
}

/* Leaves out the times before which the text was hardly complete, and makes the
 * unit so small that the largest value, `best`, is not. */
static void trim(heed_prefix_score *score, float best)
{
    while (score->first + 1 < score->end &&
           score->letter[score->first] < best * NEGLIGIBLE &&
           score->blank[score->first] < best * NEGLIGIBLE)
        score->first++;
    if (best >= SMALL || best <= 0.0F)
        return;
    score->log_unit += logf(best);
    for (size_t t = score->first; t < score->end; t++) {
        score->letter[t] /= best;
        score->blank[t] /= best;
    }
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
    float letter = 0.0F;
    float blank = 0.0F;
    float best = 0.0F;
    float sum = 0.0F;
    size_t t = in->first;

    if (last_start > frames->n_frames)
        last_start = frames->n_frames;
    out->first = in->first;
    out->log_unit = in->log_unit;
    out->letter[t] = 0.0F;
    out->blank[t] = 0.0F;
    for (; t < last_start; t++, row += HEED_CTC_LABELS) {
        const float heard = expf(row[label]);
        /* Complete after t frames, so that the label may begin in the next. */
        const float ready =
            repeats ? blank_before : letter_before + blank_before;

        letter_before = t + 1 < in_end ? in->letter[t + 1] : 0.0F;
        blank_before = t + 1 < in_end ? in->blank[t + 1] : 0.0F;
        sum += ready * heard;
        blank = without_tiny((letter + blank) * frames->blank[t]);
        letter = without_tiny((letter + ready) * heard);
        out->blank[t + 1] = blank;
        out->letter[t + 1] = letter;
        if (letter > best)
            best = letter;
    }
    out->end = t + 1;
    out->last = label;
    out->log_prob =
        sum > 0.0F ? out->log_unit + logf(sum) : in_log_prob - UNHEARD;
    trim(out, best);
}

float heed_prefix_score_whole(const heed_prefix_score *score,
                              const heed_prefix_frames *frames)
{
    const float after = frames->silence[frames->n_frames];
    float best = -INFINITY;

    for (size_t t = score->first; t < score->end; t++) {
        const float whole = logf(score->letter[t] + score->blank[t]) +
                            score->log_unit + after - frames->silence[t];

        if (whole > best)
            best = whole;
    }
    /* More labels than frames fit nowhere. */
    return isinf(best) ? score->log_prob - UNHEARD : best;
}
