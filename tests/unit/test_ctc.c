/* test_ctc.c - letters, the head, and alignment against brute force.
 * SPDX-License-Identifier: Apache-2.0 */
#include "asr/ctc.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/arena_twice.h"
#include "tests/support/signal.h"
#include "tests/support/suites.h"

enum { MAX_LABELS = 4, MAX_FRAMES = 7 };

static heed_arena arena;
static heed_ctc_aligner aligner;

static void lay_out_aligner(void *user, heed_arena *at)
{
    (void)user;
    heed_ctc_aligner_init(&aligner, MAX_LABELS, MAX_FRAMES, at);
}

static int setup(void)
{
    arena_twice(&arena, lay_out_aligner, NULL);
    return 0;
}

static int teardown(void)
{
    heed_arena_deinit(&arena);
    return 0;
}

/* ---- Labels --------------------------------------------------------- */

static void test_ctc__letters_of_either_case_have_labels(void)
{
    for (int c = 0; c < 26; c++) {
        CU_ASSERT_EQUAL(heed_ctc_label((unsigned char)('a' + c)),
                        HEED_CTC_A + c);
        CU_ASSERT_EQUAL(heed_ctc_label((unsigned char)('A' + c)),
                        HEED_CTC_A + c);
    }
    CU_ASSERT_EQUAL(HEED_CTC_A + 26, HEED_CTC_LABELS);
    CU_ASSERT_EQUAL(heed_ctc_label('\''), HEED_CTC_APOSTROPHE);
}

static void test_ctc__other_bytes_have_no_label(void)
{
    static const char others[] = " .,-0123456789@[`{_\n\xc3\xa9\xff";

    for (size_t i = 0; i < sizeof(others); i++)
        CU_ASSERT_EQUAL(heed_ctc_label((unsigned char)others[i]), -1);
}

static void test_ctc__letter_probability_leaves_out_blank_and_space(void)
{
    float p[HEED_CTC_LABELS];

    for (int i = 0; i < HEED_CTC_LABELS; i++)
        p[i] = -100.0F;
    p[HEED_CTC_BLANK] = logf(0.5F);
    p[HEED_CTC_SPACE] = logf(0.25F);
    p[HEED_CTC_A] = logf(0.125F);
    p[HEED_CTC_APOSTROPHE] = logf(0.125F);
    CU_ASSERT_DOUBLE_EQUAL((double)heed_ctc_letter_prob(p), 0.25, 1e-6);
    p[HEED_CTC_BLANK] = 0.0F;
    CU_ASSERT_EQUAL(heed_ctc_letter_prob(p), 0.0F);
}

/* ---- Alignment ------------------------------------------------------ */

static void fill_posteriors(float *log_probs, size_t n_frames, uint32_t *seed)
{
    for (size_t t = 0; t < n_frames; t++) {
        float *row = log_probs + t * HEED_CTC_LABELS;
        float sum = 0.0F;

        for (size_t i = 0; i < HEED_CTC_LABELS; i++) {
            row[i] = 3.0F * heed_test_noise(seed);
            sum += expf(row[i]);
        }
        for (size_t i = 0; i < HEED_CTC_LABELS; i++)
            row[i] -= logf(sum);
    }
}

/* Returns whether the path, a label or blank per frame, spells the labels:
 * equal neighbours merged, blanks left out. */
static int spells(const uint8_t *path, size_t n_frames, const uint8_t *labels,
                  size_t n_labels)
{
    size_t n = 0;

    for (size_t t = 0; t < n_frames; t++) {
        if (path[t] == HEED_CTC_BLANK || (t > 0 && path[t] == path[t - 1]))
            continue;
        if (n == n_labels || labels[n] != path[t])
            return 0;
        n++;
    }
    return n == n_labels;
}

static double score(const uint8_t *path, size_t n_frames,
                    const float *log_probs)
{
    double sum = 0.0;

    for (size_t t = 0; t < n_frames; t++)
        sum += (double)log_probs[t * HEED_CTC_LABELS + path[t]];
    return sum;
}

/* The best path of all that there are over blank and the labels. Returns
 * false if none spells the labels. */
static int search_all(uint8_t *best, const uint8_t *labels, size_t n_labels,
                      const float *log_probs, size_t n_frames)
{
    const size_t n_symbols = n_labels + 1;
    uint8_t path[MAX_FRAMES];
    double best_score = -HUGE_VAL;
    size_t n_paths = 1;

    for (size_t t = 0; t < n_frames; t++)
        n_paths *= n_symbols;
    for (size_t code = 0; code < n_paths; code++) {
        size_t rest = code;

        for (size_t t = 0; t < n_frames; t++) {
            const size_t symbol = rest % n_symbols;

            path[t] = symbol == 0 ? HEED_CTC_BLANK : labels[symbol - 1];
            rest /= n_symbols;
        }
        if (spells(path, n_frames, labels, n_labels) &&
            score(path, n_frames, log_probs) > best_score) {
            best_score = score(path, n_frames, log_probs);
            memcpy(best, path, n_frames);
        }
    }
    return best_score > -HUGE_VAL;
}

/* Spans of a path, by the same rules as heed_ctc_align(). */
static void spans_of(heed_ctc_span *spans, const uint8_t *path, size_t n_frames,
                     const float *log_probs)
{
    size_t n = 0;

    for (size_t t = 0; t < n_frames; t++) {
        const float p = log_probs[t * HEED_CTC_LABELS + path[t]];

        if (path[t] == HEED_CTC_BLANK)
            continue;
        if (t == 0 || path[t] != path[t - 1])
            spans[n++] = (heed_ctc_span){t, t, p};
        spans[n - 1].last = t;
        if (p > spans[n - 1].log_prob)
            spans[n - 1].log_prob = p;
    }
}

static void check_spans(const heed_ctc_span *spans, size_t n, size_t n_frames)
{
    for (size_t i = 0; i < n; i++) {
        CU_ASSERT(spans[i].first <= spans[i].last);
        CU_ASSERT(spans[i].last < n_frames);
        CU_ASSERT(i == 0 || spans[i].first > spans[i - 1].last);
    }
}

static void check_alignment(const uint8_t *labels, size_t n_labels,
                            size_t n_frames, uint32_t *seed)
{
    float log_probs[MAX_FRAMES * HEED_CTC_LABELS];
    heed_ctc_span ours[MAX_LABELS];
    heed_ctc_span theirs[MAX_LABELS];
    uint8_t best[MAX_FRAMES];
    const uint32_t seed_before = *seed;

    fill_posteriors(log_probs, n_frames, seed);

    const size_t n =
        heed_ctc_align(&aligner, ours, labels, n_labels, log_probs, n_frames);

    check_spans(ours, n, n_frames);
    /* What does not fit is left out at the end, and no label more. */
    CU_ASSERT(n <= n_labels);
    if (n < n_labels)
        CU_ASSERT_FALSE(search_all(best, labels, n + 1, log_probs, n_frames));
    if (n == 0)
        return;
    CU_ASSERT_FATAL(search_all(best, labels, n, log_probs, n_frames));
    spans_of(theirs, best, n_frames, log_probs);
    for (size_t i = 0; i < n; i++) {
        const int same = ours[i].first == theirs[i].first &&
                         ours[i].last == theirs[i].last &&
                         ours[i].log_prob == theirs[i].log_prob;

        if (!same)
            printf("\n  seed %u: label %zu of %zu lies at %zu-%zu, not "
                   "%zu-%zu\n",
                   (unsigned)seed_before, i, n, ours[i].first, ours[i].last,
                   theirs[i].first, theirs[i].last);
        CU_ASSERT(same);
    }
}

static void test_ctc__alignment_equals_brute_force(void)
{
    static const uint8_t spellings[][MAX_LABELS] = {
        {3, 4, 5, 6}, {3, 3, 3, 3}, {3, 3, 4, 4}, {3, 4, 3, 4}, {9, 1, 9, 9},
    };
    uint32_t seed = 1;

    for (size_t s = 0; s < sizeof(spellings) / sizeof(spellings[0]); s++)
        for (size_t n_labels = 1; n_labels <= MAX_LABELS; n_labels++)
            for (size_t n_frames = 1; n_frames < MAX_FRAMES; n_frames++)
                for (int repeat = 0; repeat < 4; repeat++)
                    check_alignment(spellings[s], n_labels, n_frames, &seed);
}

static void test_ctc__too_few_frames_align_the_beginning(void)
{
    static const uint8_t twice[] = {3, 3, 4};
    float log_probs[MAX_FRAMES * HEED_CTC_LABELS];
    heed_ctc_span spans[MAX_LABELS];
    uint32_t seed = 5;

    fill_posteriors(log_probs, MAX_FRAMES, &seed);
    CU_ASSERT_EQUAL(heed_ctc_align(&aligner, spans, twice, 3, log_probs, 0), 0);
    CU_ASSERT_EQUAL(heed_ctc_align(&aligner, spans, twice, 3, log_probs, 1), 1);
    CU_ASSERT_EQUAL(heed_ctc_align(&aligner, spans, twice, 3, log_probs, 2), 1);
    CU_ASSERT_EQUAL(heed_ctc_align(&aligner, spans, twice, 3, log_probs, 3), 2);
    CU_ASSERT_EQUAL(spans[0].first, 0);
    CU_ASSERT_EQUAL(spans[1].first, 2);
    CU_ASSERT_EQUAL(heed_ctc_align(&aligner, spans, twice, 3, log_probs, 4), 3);
    CU_ASSERT_EQUAL(heed_ctc_align(&aligner, spans, twice, 0, log_probs, 4), 0);
}

static void test_ctc__bounds_of_the_aligner_are_kept(void)
{
    static const uint8_t many[2 * MAX_LABELS] = {3, 4, 5, 6, 7, 8, 9, 10};
    float log_probs[2 * MAX_FRAMES * HEED_CTC_LABELS];
    heed_ctc_span spans[2 * MAX_LABELS];
    uint32_t seed = 6;

    fill_posteriors(log_probs, 2 * (size_t)MAX_FRAMES, &seed);
    CU_ASSERT_EQUAL(heed_ctc_align(&aligner, spans, many, 2 * MAX_LABELS,
                                   log_probs, 2 * MAX_FRAMES),
                    MAX_LABELS);
    check_spans(spans, MAX_LABELS, MAX_FRAMES);
}

static void test_ctc__clear_spikes_are_found(void)
{
    static const uint8_t labels[] = {3, 3, 8};
    static const uint8_t said[MAX_FRAMES] = {0, 3, 0, 3, 3, 8, 0};
    float log_probs[MAX_FRAMES * HEED_CTC_LABELS];
    heed_ctc_span spans[3];

    for (size_t i = 0; i < MAX_FRAMES * HEED_CTC_LABELS; i++)
        log_probs[i] =
            said[i / HEED_CTC_LABELS] == i % HEED_CTC_LABELS ? -0.1F : -9.0F;
    CU_ASSERT_EQUAL(
        heed_ctc_align(&aligner, spans, labels, 3, log_probs, MAX_FRAMES), 3);
    CU_ASSERT(spans[0].first == 1 && spans[0].last == 1);
    CU_ASSERT(spans[1].first == 3 && spans[1].last == 4);
    CU_ASSERT(spans[2].first == 5 && spans[2].last == 5);
    CU_ASSERT_EQUAL(spans[2].log_prob, -0.1F);
}

/* ---- The head ------------------------------------------------------- */

enum { ROWS = 24, WIDTH = 5, HIDDEN = 7, TAPS = HEED_CTC_TAPS };

static float w1[HIDDEN * TAPS * WIDTH], b1[HIDDEN];
static float w2[HEED_CTC_LABELS * HIDDEN], b2[HEED_CTC_LABELS];
static float memory[ROWS * WIDTH];

static const heed_ctc_weights weights = {
    .conv = {.linear = {.n_in = (size_t)TAPS * WIDTH,
                        .n_out = HIDDEN,
                        .f32 = w1,
                        .bias = b1},
             .n_channels = WIDTH,
             .n_taps = TAPS,
             .step = 1},
    .output = {.n_in = HIDDEN, .n_out = HEED_CTC_LABELS, .f32 = w2, .bias = b2},
};

static heed_arena head_arena;
static heed_ctc head;

static void lay_out_head(void *user, heed_arena *at)
{
    (void)user;
    heed_ctc_init(&head, &weights, ROWS, heed_kernels_get(0), at);
}

static void begin_head(void)
{
    heed_test_fill_noise(w1, HIDDEN * TAPS * WIDTH, 1.0F, 1);
    heed_test_fill_noise(b1, HIDDEN, 1.0F, 2);
    heed_test_fill_noise(w2, HEED_CTC_LABELS * HIDDEN, 1.0F, 3);
    heed_test_fill_noise(b2, HEED_CTC_LABELS, 1.0F, 4);
    heed_test_fill_noise(memory, ROWS * WIDTH, 2.0F, 5);
    arena_twice(&head_arena, lay_out_head, NULL);
    heed_ctc_reset(&head);
}

static double hidden_of(size_t row, size_t h)
{
    double x = (double)b1[h];

    for (size_t k = 0; k < TAPS; k++) {
        if (row + k < HEED_CTC_PAST || row + k - HEED_CTC_PAST >= ROWS)
            continue; /* zeros before the beginning and after the end */
        for (size_t i = 0; i < WIDTH; i++)
            x += (double)w1[(h * TAPS + k) * WIDTH + i] *
                 (double)memory[(row + k - HEED_CTC_PAST) * WIDTH + i];
    }
    return x / 2.0 * (1.0 + erf(x / sqrt(2.0)));
}

static void test_ctc__posteriors_equal_the_definition(void)
{
    float out[ROWS * HEED_CTC_LABELS];

    begin_head();
    heed_ctc_forward(&head, out, memory, ROWS, 0);
    for (size_t r = 0; r < ROWS; r++) {
        double logits[HEED_CTC_LABELS];
        double sum = 0.0;

        for (size_t l = 0; l < HEED_CTC_LABELS; l++) {
            logits[l] = (double)b2[l];
            for (size_t h = 0; h < HIDDEN; h++)
                logits[l] += (double)w2[l * HIDDEN + h] * hidden_of(r, h);
            sum += exp(logits[l]);
        }
        for (size_t l = 0; l < HEED_CTC_LABELS; l++)
            CU_ASSERT_DOUBLE_EQUAL((double)out[r * HEED_CTC_LABELS + l],
                                   logits[l] - log(sum), 5e-5);
    }
    heed_arena_deinit(&head_arena);
}

static void test_ctc__chunks_with_lookahead_equal_the_whole(void)
{
    float whole[ROWS * HEED_CTC_LABELS];
    float parts[ROWS * HEED_CTC_LABELS];
    float out[ROWS * HEED_CTC_LABELS];

    begin_head();
    heed_ctc_forward(&head, whole, memory, ROWS, 0);
    for (size_t chunk = 1; chunk < ROWS; chunk++) {
        heed_ctc_reset(&head);
        for (size_t t = 0; t < ROWS; t += chunk) {
            const size_t rest = ROWS - t;
            const size_t n_main = rest < chunk ? rest : chunk;
            const size_t n_ahead =
                rest - n_main < HEED_CTC_PAST ? rest - n_main : HEED_CTC_PAST;

            heed_ctc_forward(&head, out, memory + t * WIDTH, n_main, n_ahead);
            memcpy(parts + t * HEED_CTC_LABELS, out,
                   n_main * HEED_CTC_LABELS * sizeof(float));
        }
        CU_ASSERT_EQUAL(memcmp(whole, parts, sizeof(whole)), 0);
    }
    heed_arena_deinit(&head_arena);
}

static CU_TestInfo tests[] = {
    {"letters of either case have labels",
     test_ctc__letters_of_either_case_have_labels},
    {"other bytes have no label", test_ctc__other_bytes_have_no_label},
    {"letter probability leaves out blank and space",
     test_ctc__letter_probability_leaves_out_blank_and_space},
    {"alignment equals brute force", test_ctc__alignment_equals_brute_force},
    {"too few frames align the beginning",
     test_ctc__too_few_frames_align_the_beginning},
    {"bounds of the aligner are kept",
     test_ctc__bounds_of_the_aligner_are_kept},
    {"clear spikes are found", test_ctc__clear_spikes_are_found},
    {"posteriors equal the definition",
     test_ctc__posteriors_equal_the_definition},
    {"chunks with look-ahead equal the whole",
     test_ctc__chunks_with_lookahead_equal_the_whole},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"ctc", setup, teardown, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
