/* ctc.c - see ctc.h. SPDX-License-Identifier: Apache-2.0
 *
 * The head is a convolution over its states, GELU, a linear layer and a
 * softmax over the labels. The
 * alignment is Viterbi over the usual trellis of 2 n + 1 states: state 2i + 1
 * is label i, even states are blanks; a path stays, moves on one state, or
 * skips the blank between two different labels. */
#include "asr/ctc.h"

#include <assert.h>
#include <math.h>
#include <string.h>

void heed_ctc_init(heed_ctc *ctc, const heed_ctc_weights *weights,
                   size_t max_rows, const heed_kernels *kernels,
                   heed_arena *arena)
{
    const size_t width = weights->conv.n_channels;
    const size_t hidden = weights->conv.linear.n_out;

    *ctc = (heed_ctc){
        .weights = weights, .kernels = kernels, .max_rows = max_rows};
    ctc->window = heed_arena_take(arena, max_rows + HEED_CTC_TAPS - 1,
                                  width * sizeof(float));
    ctc->hidden = heed_arena_take(arena, HEED_CTC_ROWS, hidden * sizeof(float));
}

void heed_ctc_reset(heed_ctc *ctc)
{
    memset(ctc->window, 0,
           HEED_CTC_PAST * ctc->weights->conv.n_channels * sizeof(float));
}

void heed_ctc_forward(heed_ctc *ctc, float *log_probs, const float *states,
                      size_t n_main, size_t n_ahead)
{
    const heed_ctc_weights *weights = ctc->weights;
    const heed_kernels *kernels = ctc->kernels;
    const size_t width = weights->conv.n_channels;
    const size_t n_rows = n_main + n_ahead;
    float *now = ctc->window + HEED_CTC_PAST * width;

    assert(n_rows <= ctc->max_rows);
    memcpy(now, states, n_rows * width * sizeof(float));
    memset(now + n_rows * width, 0, HEED_CTC_PAST * width * sizeof(float));
    for (size_t first = 0; first < n_rows; first += HEED_CTC_ROWS) {
        const size_t left = n_rows - first;
        const size_t n = left < HEED_CTC_ROWS ? left : HEED_CTC_ROWS;

        heed_conv_forward(&weights->conv, ctc->hidden,
                          ctc->window + first * width, n, kernels);
        kernels->gelu(ctc->hidden, ctc->hidden, n * weights->conv.linear.n_out);
        heed_linear_forward(&weights->output,
                            log_probs + first * HEED_CTC_LABELS, ctc->hidden, n,
                            kernels);
    }
    for (size_t r = 0; r < n_rows; r++)
        kernels->log_softmax(log_probs + r * HEED_CTC_LABELS,
                             log_probs + r * HEED_CTC_LABELS, HEED_CTC_LABELS);
    memmove(ctc->window, ctc->window + n_main * width,
            HEED_CTC_PAST * width * sizeof(float));
}

float heed_ctc_letter_prob(const float *log_probs)
{
    const float none =
        expf(log_probs[HEED_CTC_BLANK]) + expf(log_probs[HEED_CTC_SPACE]);

    return none < 1.0F ? 1.0F - none : 0.0F;
}

int heed_ctc_label(unsigned char byte)
{
    if (byte >= 'A' && byte <= 'Z')
        return HEED_CTC_A + byte - 'A';
    if (byte >= 'a' && byte <= 'z')
        return HEED_CTC_A + byte - 'a';
    return byte == '\'' ? HEED_CTC_APOSTROPHE : -1;
}

/* Bytes of the steps of one frame to `n_labels` labels' states: two bits
 * each. */
static size_t step_bytes(size_t n_labels)
{
    return n_labels / 2 + 1;
}

void heed_ctc_aligner_init(heed_ctc_aligner *aligner, size_t max_labels,
                           size_t max_frames, heed_arena *arena)
{
    const size_t n_states = 2 * max_labels + 1;

    aligner->max_labels = max_labels;
    aligner->max_frames = max_frames;
    aligner->back = heed_arena_take(arena, max_frames, step_bytes(max_labels));
    aligner->scores = heed_arena_take(arena, 2, n_states * sizeof(float));
}

/* The label of a trellis state. */
static uint8_t state_label(const uint8_t *labels, size_t state)
{
    return state % 2 == 1 ? labels[state / 2] : HEED_CTC_BLANK;
}

/* Most labels that `n_frames` can hold: equal neighbours need a blank. */
static size_t labels_that_fit(const uint8_t *labels, size_t n_labels,
                              size_t n_frames)
{
    size_t needed = 0;

    for (size_t i = 0; i < n_labels; i++) {
        needed += i > 0 && labels[i] == labels[i - 1] ? 2 : 1;
        if (needed > n_frames)
            return i;
    }
    return n_labels;
}

/* One frame of the trellis: `now` from `past`, steps into `back`, four a byte,
 * the first in the lowest bits. */
static void advance(float *now, const float *past, uint8_t *back,
                    const uint8_t *labels, size_t n_states,
                    const float *log_probs)
{
    for (size_t s = 0; s < n_states; s++) {
        const uint8_t label = state_label(labels, s);
        float best = past[s];
        uint8_t step = 0;

        if (s >= 1 && past[s - 1] > best) {
            best = past[s - 1];
            step = 1;
        }
        if (s >= 3 && s % 2 == 1 && labels[s / 2] != labels[s / 2 - 1] &&
            past[s - 2] > best) {
            best = past[s - 2];
            step = 2;
        }
        now[s] = best + log_probs[label];
        back[s / 4] =
            (uint8_t)(s % 4 == 0 ? step : back[s / 4] | step << s % 4 * 2);
    }
}

/* Follows the steps back from the last frame and notes where labels lie. */
static void trace_back(heed_ctc_span *spans, const uint8_t *back,
                       size_t n_labels, size_t state, const uint8_t *labels,
                       const float *log_probs, size_t n_frames)
{
    const size_t n_bytes = step_bytes(n_labels);

    for (size_t i = 0; i < n_labels; i++)
        spans[i] = (heed_ctc_span){n_frames, 0, -INFINITY};
    for (size_t t = n_frames; t-- > 0;) {
        if (state % 2 == 1) {
            heed_ctc_span *span = &spans[state / 2];
            const float p = log_probs[t * HEED_CTC_LABELS + labels[state / 2]];

            span->first = t;
            if (span->last < t)
                span->last = t;
            if (p > span->log_prob)
                span->log_prob = p;
        }
        state -= back[t * n_bytes + state / 4] >> state % 4 * 2 & 3;
    }
}

size_t heed_ctc_align(heed_ctc_aligner *aligner, heed_ctc_span *spans,
                      const uint8_t *labels, size_t n_labels,
                      const float *log_probs, size_t n_frames)
{
    if (n_labels > aligner->max_labels)
        n_labels = aligner->max_labels;
    if (n_frames > aligner->max_frames)
        n_frames = aligner->max_frames;
    n_labels = labels_that_fit(labels, n_labels, n_frames);
    if (n_labels == 0)
        return 0;

    const size_t n_states = 2 * n_labels + 1;
    float *now = aligner->scores;
    float *past = aligner->scores + n_states;

    for (size_t s = 0; s < n_states; s++)
        past[s] = -INFINITY;
    past[0] = 0.0F; /* a state before the first frame */
    for (size_t t = 0; t < n_frames; t++) {
        advance(now, past, aligner->back + t * step_bytes(n_labels), labels,
                n_states, log_probs + t * HEED_CTC_LABELS);
        float *swap = now;

        now = past;
        past = swap;
    }
    const size_t end =
        past[n_states - 1] >= past[n_states - 2] ? n_states - 1 : n_states - 2;

    trace_back(spans, aligner->back, n_labels, end, labels, log_probs,
               n_frames);
    return n_labels;
}
