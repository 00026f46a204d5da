/* test_beam.c - scores of the texts found, against scores made from scratch.
 * SPDX-License-Identifier: Apache-2.0 */
#include "asr/beam.h"

#include <math.h>
#include <string.h>

#include "asr/ctc.h"
#include "tests/support/arena_twice.h"
#include "tests/support/signal.h"
#include "tests/support/suites.h"
#include "tests/support/tiny_model.h"

enum { MAX_FRAMES = 60, MAX_TOKENS = 24, V = TINY_VOCABULARY };

static heed_model *model;
static heed_arena arena;
static heed_decoder decoder, slow_decoder;
static heed_beam beam;
static heed_prefix_score nothing, letters;
static heed_beam_config config;
static const uint32_t no_tokens[1];
static float memory[MAX_FRAMES * TINY_WIDTH];
static float log_probs[MAX_FRAMES * HEED_CTC_LABELS];

static void lay_out(void *user, heed_arena *at)
{
    heed_decoder_limits limits = {.n_lanes = config.n_texts,
                                  .max_rows = HEED_BEAM_ROWS,
                                  .max_tokens = MAX_TOKENS,
                                  .max_frames = MAX_FRAMES};

    const heed_beam_parts parts = {.tokenizer = model->tokenizer};

    (void)user;
    heed_decoder_init(&decoder, &model->decoder, &limits, model->kernels, at);
    limits.n_lanes = 1;
    heed_decoder_init(&slow_decoder, &model->decoder, &limits, model->kernels,
                      at);
    heed_beam_init(&beam, &config, &decoder, &parts, MAX_FRAMES, at);
    heed_prefix_score_init(&nothing, MAX_FRAMES, at);
    heed_prefix_score_init(&letters, MAX_FRAMES, at);
}

static void begin(uint32_t seed, size_t n_texts, float letter_weight)
{
    const tiny_model_config tiny = {.seed = seed};

    CU_ASSERT_EQUAL_FATAL(tiny_model_open(&model, &tiny, NULL), HEED_OK);
    config = (heed_beam_config){.n_texts = n_texts,
                                .max_ends = HEED_MAX_BEAM,
                                .letter_weight = letter_weight,
                                .word_bonus = 0.4F};
    arena_twice(&arena, lay_out, NULL);
    heed_prefix_score_begin(&nothing);
    heed_test_fill_noise(memory, MAX_FRAMES * TINY_WIDTH, 2.0F, seed);
    heed_test_fill_noise(log_probs, MAX_FRAMES * HEED_CTC_LABELS, 3.0F,
                         seed + 1);
    for (size_t t = 0; t < MAX_FRAMES; t++)
        model->kernels->log_softmax(log_probs + t * HEED_CTC_LABELS,
                                    log_probs + t * HEED_CTC_LABELS,
                                    HEED_CTC_LABELS);
    heed_decoder_set_memory(&decoder, 0, memory, MAX_FRAMES);
    heed_decoder_set_memory(&slow_decoder, 0, memory, MAX_FRAMES);
}

static void end(void)
{
    heed_arena_deinit(&arena);
    heed_model_close(model);
}

static heed_beam_task task_after(const uint32_t *tokens, size_t n_tokens)
{
    return (heed_beam_task){.tokens = tokens,
                            .n_tokens = n_tokens,
                            .letters = &nothing,
                            .log_probs = log_probs,
                            .n_frames = MAX_FRAMES,
                            .max_tokens = MAX_TOKENS};
}

/* The decoder's log probability of token number `i` of the text, or of its
 * end. */
static float step(const heed_beam_text *text, size_t i)
{
    const heed_decoder_row row = {
        .position = i,
        .token =
            i > 0 ? text->tokens[i - 1] : heed_tokenizer_bos(model->tokenizer)};
    float logits[V];

    heed_decoder_run(&slow_decoder, logits, &row, 1, MAX_FRAMES);
    model->kernels->log_softmax(logits, logits, V);
    return logits[i < text->n_tokens ? text->tokens[i]
                                     : heed_tokenizer_eos(model->tokenizer)];
}

static void check_text(const heed_beam_text *text, size_t n_given)
{
    heed_word_score words;
    float attention = 0.0F;

    heed_word_score_begin(&words, NULL);
    heed_prefix_score_begin(&letters);
    heed_prefix_score_continue(&letters, &letters, &beam.frames);
    for (size_t i = 0; i < text->n_tokens; i++) {
        size_t length = 0;
        const char *spelled =
            heed_tokenizer_text(model->tokenizer, text->tokens[i], &length);
        const float log_prob = step(text, i);

        heed_word_score_append(&words, NULL, spelled, length);
        heed_beam_spell(&beam, &letters, text->tokens[i]);
        if (i < n_given)
            continue;
        CU_ASSERT_EQUAL(log_prob, text->log_probs[i]);
        CU_ASSERT(text->rows[i] < MAX_FRAMES);
        attention += log_prob;
    }
    heed_word_score_end(&words, NULL);
    attention += step(text, text->n_tokens);
    CU_ASSERT_DOUBLE_EQUAL((double)attention, (double)text->attention, 1e-3);

    const float a = config.letter_weight;
    const float score = (1.0F - a) * attention +
                        a * heed_prefix_score_whole(&letters, &beam.frames) +
                        config.word_bonus * (float)words.n_words;

    CU_ASSERT_DOUBLE_EQUAL((double)score, (double)text->score, 1e-2);
}

static void test_beam__scores_equal_those_from_scratch(void)
{
    size_t n_checked = 0;

    for (uint32_t seed = 1; seed <= 12; seed++) {
        static const uint32_t given[] = {9, 17, 30};
        const size_t n_given = seed % 3 == 0 ? 3 : 0;

        begin(seed, 1 + seed % HEED_MAX_BEAM, seed % 2 == 0 ? 0.3F : 0.0F);
        const heed_beam_task task = task_after(given, n_given);

        heed_beam_run(&beam, &task);
        CU_ASSERT_FATAL(beam.n_ends >= 1);
        for (size_t i = 0; i < beam.n_ends; i++) {
            const heed_beam_text *text = &beam.ends[i];

            CU_ASSERT(i == 0 || beam.ends[i - 1].score >= text->score);
            if (text->attention < -1e-3F && text->n_tokens < MAX_TOKENS &&
                !heed_progress_is_loop(&text->progress)) {
                check_text(text, n_given);
                n_checked++;
            }
        }
        CU_ASSERT_EQUAL(beam.n_spare, 2 * config.n_texts + 1);
        end();
    }
    CU_ASSERT(n_checked > 0);
}

/* Frames of few letters, which end texts early. */
static void hear_little(void)
{
    for (size_t t = 0; t < MAX_FRAMES; t++) {
        log_probs[t * HEED_CTC_LABELS + HEED_CTC_BLANK] += 8.0F;
        model->kernels->log_softmax(log_probs + t * HEED_CTC_LABELS,
                                    log_probs + t * HEED_CTC_LABELS,
                                    HEED_CTC_LABELS);
    }
}

/* Who wants more texts gets more, and the same best one. */
static void test_beam__more_texts_leave_the_best(void)
{
    static heed_beam_text best;
    size_t n_more = 0;

    for (uint32_t seed = 1; seed <= 24; seed++) {
        begin(seed, 1 + seed % HEED_MAX_BEAM, 0.5F);
        hear_little();
        heed_beam_task task = task_after(no_tokens, 0);

        heed_beam_run(&beam, &task);
        const size_t n = beam.n_ends;

        best = beam.ends[0];
        task.n_wanted = HEED_MAX_BEAM;
        heed_beam_run(&beam, &task);
        CU_ASSERT(beam.n_ends >= n && beam.n_ends <= HEED_MAX_BEAM);
        n_more += beam.n_ends - n;
        CU_ASSERT_EQUAL(beam.ends[0].score, best.score);
        CU_ASSERT_EQUAL_FATAL(beam.ends[0].n_tokens, best.n_tokens);
        CU_ASSERT_EQUAL(memcmp(beam.ends[0].tokens, best.tokens,
                               best.n_tokens * sizeof(uint32_t)),
                        0);
        for (size_t i = 2; i < beam.n_ends; i++)
            CU_ASSERT(beam.ends[i - 1].score >= beam.ends[i].score);
        CU_ASSERT_EQUAL(beam.n_spare, 2 * config.n_texts + 1);
        end();
    }
    CU_ASSERT(n_more > 0);
}

/* One text at a time is greedy decoding. */
static void test_beam__one_text_is_greedy(void)
{
    for (uint32_t seed = 1; seed <= 6; seed++) {
        begin(seed, 1, 0.0F);
        const heed_beam_task task = task_after(no_tokens, 0);

        config.word_bonus = 0.0F;
        beam.config.word_bonus = 0.0F;
        heed_beam_run(&beam, &task);
        const heed_beam_text *text = &beam.ends[0];

        for (size_t i = 0; i < text->n_tokens; i++) {
            const heed_decoder_row row = {
                .position = i,
                .token = i > 0 ? text->tokens[i - 1]
                               : heed_tokenizer_bos(model->tokenizer)};
            float logits[V];
            size_t best = 0;

            heed_decoder_run(&slow_decoder, logits, &row, 1, MAX_FRAMES);
            for (size_t v = 1; v < V; v++)
                if (logits[v] > logits[best])
                    best = v;
            CU_ASSERT_EQUAL(best, text->tokens[i]);
        }
        end();
    }
}

/* The same task gives the same texts, whatever was searched before. */
static void test_beam__earlier_tasks_leave_nothing(void)
{
    static heed_beam_text first[HEED_MAX_BEAM];
    static const uint32_t given[] = {5, 6, 7, 8};

    begin(4, 4, 0.2F);
    heed_beam_task task = task_after(no_tokens, 0);

    heed_beam_run(&beam, &task);
    const size_t n = beam.n_ends;

    memcpy(first, beam.ends, n * sizeof(first[0]));
    task = task_after(given, 4);
    heed_beam_run(&beam, &task);
    task = task_after(no_tokens, 0);
    heed_beam_run(&beam, &task);
    CU_ASSERT_EQUAL_FATAL(beam.n_ends, n);
    for (size_t i = 0; i < n; i++) {
        CU_ASSERT_EQUAL(first[i].score, beam.ends[i].score);
        CU_ASSERT_EQUAL(first[i].n_tokens, beam.ends[i].n_tokens);
        CU_ASSERT_EQUAL(memcmp(first[i].tokens, beam.ends[i].tokens,
                               first[i].n_tokens * sizeof(uint32_t)),
                        0);
    }
    end();
}

static CU_TestInfo tests[] = {
    {"scores equal those from scratch",
     test_beam__scores_equal_those_from_scratch},
    {"more texts leave the best", test_beam__more_texts_leave_the_best},
    {"one text is greedy", test_beam__one_text_is_greedy},
    {"earlier tasks leave nothing", test_beam__earlier_tasks_leave_nothing},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"beam", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
