/* test_hypothesis.c - tokens to words with times and support.
 * SPDX-License-Identifier: Apache-2.0 */
#include "asr/hypothesis.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/arena_twice.h"
#include "tests/support/gguf_writer.h"
#include "tests/support/signal.h"
#include "tests/support/suites.h"

#define MARK "\xe2\x96\x81"

enum {
    UNK,
    BOS,
    EOS,
    THE,    /* " the" */
    CA,     /* " ca" */
    T,      /* "t" */
    DASH,   /* " -" */
    COMMA,  /* "," */
    LONG,   /* " " and 40 letters */
    MORE,   /* 40 letters */
    E_HEAD, /* first byte of e acute */
    SPACE,  /* " " */
    N_TOKENS
};

#define FORTY "abcdefghijabcdefghijabcdefghijabcdefghij"

static const char *const pieces[N_TOKENS] = {
    "<unk>",  "<s>", "</s>",     MARK "the", MARK "ca", "t",
    MARK "-", ",",   MARK FORTY, FORTY,      "<0xC3>",  MARK,
};
static const int32_t types[N_TOKENS] = {2, 3, 3, 1, 1, 1, 1, 1, 1, 1, 6, 1};

enum { MAX_FRAMES = 2500 };

static heed_tokenizer *tokenizer;
static heed_arena arena;
static heed_hypothesis h;
static float log_probs[MAX_FRAMES * HEED_CTC_LABELS];

static void lay_out(void *user, heed_arena *at)
{
    (void)user;
    heed_hypothesis_init(&h, tokenizer, MAX_FRAMES, at);
}

static int setup(void)
{
    gguf_writer writer;
    heed_gguf *gguf = NULL;
    size_t n_bytes = 0;

    gguf_writer_init(&writer);
    gguf_writer_string_array(&writer, "tokenizer.ggml.tokens", pieces,
                             N_TOKENS);
    gguf_writer_i32_array(&writer, "tokenizer.ggml.token_type", types,
                          N_TOKENS);
    gguf_writer_u32(&writer, "tokenizer.ggml.bos_token_id", BOS);
    gguf_writer_u32(&writer, "tokenizer.ggml.eos_token_id", EOS);

    const unsigned char *file = gguf_writer_finish(&writer, &n_bytes);
    heed_status status = heed_gguf_open_memory(&gguf, file, n_bytes, NULL);

    if (status == HEED_OK)
        status = heed_tokenizer_create(&tokenizer, gguf, NULL);
    heed_gguf_close(gguf);
    gguf_writer_deinit(&writer);
    if (status != HEED_OK)
        return -1;
    arena_twice(&arena, lay_out, NULL);
    return 0;
}

static int teardown(void)
{
    heed_arena_deinit(&arena);
    heed_tokenizer_destroy(tokenizer);
    return 0;
}

static void set_tokens(const uint32_t *tokens, size_t n)
{
    h.n_tokens = n;
    for (size_t i = 0; i < n; i++) {
        h.tokens[i] = tokens[i];
        h.log_probs[i] = -0.25F * (float)(i + 1);
        h.rows[i] = 0;
    }
}

/* Where the attention looked. */
static void set_rows(const size_t *rows)
{
    memcpy(h.rows, rows, h.n_tokens * sizeof(rows[0]));
}

/* One frame per character: '-' blank, '_' space, else the letter: almost
 * certain. Returns the number of frames. */
static size_t say(const char *frames)
{
    const size_t n = strlen(frames);

    for (size_t t = 0; t < n; t++) {
        const int said = frames[t] == '-' ? HEED_CTC_BLANK
                         : frames[t] == '_'
                             ? HEED_CTC_SPACE
                             : heed_ctc_label((unsigned char)frames[t]);

        for (int l = 0; l < HEED_CTC_LABELS; l++)
            log_probs[t * HEED_CTC_LABELS + (size_t)l] =
                l == said ? -0.125F : -10.0F;
    }
    return n;
}

static bool text_is(const heed_hypothesis_word *word, const char *expected)
{
    char bytes[HEED_MAX_WORD_BYTES];
    const size_t n = heed_hypothesis_text(&h, word, bytes);

    return n == strlen(bytes) && strcmp(bytes, expected) == 0;
}

static bool lies_at(const heed_hypothesis_word *word, size_t first, size_t end)
{
    return word->fits && word->first_row == first && word->end_row == end;
}

static void test_hypothesis__tokens_become_timed_words(void)
{
    static const uint32_t tokens[] = {THE, CA, T, COMMA, THE};
    static const size_t rows[] = {3, 12, 15, 0, 20};
    const size_t n = say("--t-he---_-c-a-t--_the--");

    set_tokens(tokens, 5);
    set_rows(rows);
    heed_hypothesis_align(&h, 0, 0, log_probs, n);
    CU_ASSERT_EQUAL_FATAL(h.n_words, 3);
    CU_ASSERT_TRUE(text_is(&h.words[0], "the"));
    CU_ASSERT_TRUE(text_is(&h.words[1], "cat,"));
    CU_ASSERT_TRUE(lies_at(&h.words[0], 2, 6));
    CU_ASSERT_TRUE(lies_at(&h.words[1], 11, 16));
    CU_ASSERT_TRUE(lies_at(&h.words[2], 19, 22));
    CU_ASSERT(h.words[1].first_token == 1 && h.words[1].n_tokens == 3);
    CU_ASSERT_DOUBLE_EQUAL(h.words[1].confidence, exp(-0.52 * 0.75), 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(h.words[1].support, -0.125, 1e-6);
}

static void test_hypothesis__alignment_goes_on_after_what_is_done(void)
{
    static const uint32_t tokens[] = {THE, CA, T, THE};
    static const size_t rows[] = {3, 12, 13, 18};
    const size_t n = say("--the---_--cat--_the--");

    set_tokens(tokens, 4);
    set_rows(rows);
    heed_hypothesis_align(&h, 1, 5, log_probs, n);
    CU_ASSERT_EQUAL_FATAL(h.n_words, 2);
    CU_ASSERT_TRUE(lies_at(&h.words[0], 11, 14));
    CU_ASSERT_TRUE(lies_at(&h.words[1], 17, 20));
    heed_hypothesis_align(&h, 4, n, log_probs, n);
    CU_ASSERT_EQUAL(h.n_words, 0);
}

static void test_hypothesis__words_without_letters_follow_at_once(void)
{
    static const uint32_t tokens[] = {DASH, THE, DASH, CA, T};
    static const size_t rows[] = {9, 3, 0, 10, 12};
    const size_t n = say("--the---_-cat-");

    set_tokens(tokens, 5);
    set_rows(rows);
    heed_hypothesis_align(&h, 0, 0, log_probs, n);
    CU_ASSERT_EQUAL_FATAL(h.n_words, 4);
    CU_ASSERT_TRUE(lies_at(&h.words[0], 0, 0));
    CU_ASSERT_TRUE(lies_at(&h.words[2], 5, 5));
    CU_ASSERT_EQUAL(h.words[2].support, 0.0F);
    CU_ASSERT_TRUE(lies_at(&h.words[3], 10, 13));
}

static void test_hypothesis__what_the_frames_cannot_hold_is_not_timed(void)
{
    static const uint32_t tokens[] = {THE, CA, T, THE};
    static const size_t rows[] = {1, 5, 6, 6};
    const size_t n = say("the_cat");

    set_tokens(tokens, 4);
    set_rows(rows);
    heed_hypothesis_align(&h, 0, 0, log_probs, n);
    CU_ASSERT_EQUAL_FATAL(h.n_words, 3);
    CU_ASSERT_TRUE(lies_at(&h.words[0], 0, 3));
    CU_ASSERT_TRUE(lies_at(&h.words[1], 4, 7));
    CU_ASSERT_FALSE(h.words[2].fits);
    CU_ASSERT(h.words[2].first_row == 7 && h.words[2].end_row == 7);
    heed_hypothesis_align(&h, 0, 0, log_probs, 0);
    CU_ASSERT_EQUAL_FATAL(h.n_words, 3);
    for (size_t i = 0; i < 3; i++)
        CU_ASSERT_FALSE(h.words[i].fits);
}

static void test_hypothesis__attention_decides_where_the_ctc_is_far_off(void)
{
    static const uint32_t tokens[] = {THE, CA, T};
    static const size_t rows[] = {3, 32, 35};
    const size_t n = say("--the---cat------------------------------");

    set_tokens(tokens, 3);
    set_rows(rows);
    heed_hypothesis_align(&h, 0, 0, log_probs, n);
    CU_ASSERT_TRUE(lies_at(&h.words[0], 2, 5));
    CU_ASSERT_TRUE(lies_at(&h.words[1], 32, 36));
}

static void test_hypothesis__a_single_glance_away_is_not_believed(void)
{
    static const uint32_t tokens[] = {THE, CA, T, THE, THE};
    static const size_t rows[][5] = {
        {38, 12, 15, 20, 25}, /* ahead at the beginning, */
        {12, 12, 38, 20, 25}, /* in the middle, */
        {12, 15, 0, 20, 25},  /* back there, */
        {12, 15, 20, 25, 0},  /* back at the end */
    };
    const size_t steady[][5] = {{12, 15, 15, 20, 25},
                                {12, 12, 20, 25, 25},
                                {12, 12, 15, 20, 25},
                                {12, 15, 20, 20, 25}};
    const size_t n = say("----------------------------------------");

    for (size_t k = 0; k < 4; k++) {
        set_tokens(tokens, 5);
        set_rows(rows[k]);
        heed_hypothesis_align(&h, 0, 0, log_probs, n);
        for (size_t i = 0; i < 5; i++)
            CU_ASSERT_EQUAL(h.rows[i], steady[k][i]);
    }
}

static void test_hypothesis__words_not_said_have_no_support(void)
{
    static const uint32_t tokens[] = {THE, CA, T};
    static const size_t rows[] = {3, 9, 9};
    const size_t n = say("--the---------");

    set_tokens(tokens, 3);
    set_rows(rows);
    heed_hypothesis_align(&h, 0, 0, log_probs, n);
    CU_ASSERT(h.words[0].support > -0.2F);
    CU_ASSERT(h.words[1].support < -9.0F);
}

static void test_hypothesis__texts_are_cut_and_valid(void)
{
    static const uint32_t tokens[] = {LONG, MORE, MORE, MORE, MORE, E_HEAD};
    static const uint32_t half[] = {CA, E_HEAD};
    static const uint32_t nothing[] = {SPACE};
    static const uint32_t none[] = {BOS, UNK, EOS};
    char bytes[HEED_MAX_WORD_BYTES];

    set_tokens(tokens, 6);
    heed_hypothesis_align(&h, 0, 0, log_probs, 10);
    CU_ASSERT_EQUAL_FATAL(h.n_words, 1);
    CU_ASSERT_EQUAL(heed_hypothesis_text(&h, &h.words[0], bytes), 120);
    CU_ASSERT_STRING_EQUAL(bytes, FORTY FORTY FORTY);
    set_tokens(half, 2);
    heed_hypothesis_align(&h, 0, 0, log_probs, 10);
    CU_ASSERT_TRUE(text_is(&h.words[0], "ca\xef\xbf\xbd"));
    set_tokens(nothing, 1);
    heed_hypothesis_align(&h, 0, 0, log_probs, 10);
    CU_ASSERT_TRUE(text_is(&h.words[0], ""));
    set_tokens(none, 3);
    heed_hypothesis_align(&h, 0, 0, log_probs, 10);
    CU_ASSERT_TRUE(text_is(&h.words[0], ""));
}

/* Any tokens over any frames: rows in order and in range. */
static void test_hypothesis__times_are_monotone_whatever_comes(void)
{
    static uint32_t tokens[HEED_MAX_TOKENS];
    uint32_t seed = 5;

    for (int repeat = 0; repeat < 40; repeat++) {
        const size_t n =
            (size_t)((heed_test_noise(&seed) + 1.0F) * HEED_MAX_TOKENS / 2);
        const size_t n_rows =
            (size_t)((heed_test_noise(&seed) + 1.0F) * 700.0F);
        const size_t first_row = n_rows / 3;
        size_t row = first_row;

        for (size_t i = 0; i < n; i++)
            tokens[i] =
                (uint32_t)((heed_test_noise(&seed) + 1.0F) * N_TOKENS / 2);
        for (size_t i = 0; i < n_rows * HEED_CTC_LABELS; i++)
            log_probs[i] = 4.0F * heed_test_noise(&seed) - 5.0F;
        set_tokens(tokens, n);
        for (size_t i = 0; i < n && n_rows > 0; i++)
            h.rows[i] = (size_t)((heed_test_noise(&seed) + 1.0F) *
                                 (float)n_rows / 2.0F);
        heed_hypothesis_align(&h, 0, first_row, log_probs, n_rows);
        CU_ASSERT(n == 0 || h.n_words > 0);
        for (size_t i = 0; i < h.n_words; i++) {
            CU_ASSERT(h.words[i].first_row >= row);
            CU_ASSERT(h.words[i].end_row >= h.words[i].first_row);
            CU_ASSERT(h.words[i].end_row <= n_rows);
            row = h.words[i].end_row;
        }
    }
}

static CU_TestInfo tests[] = {
    {"tokens become timed words", test_hypothesis__tokens_become_timed_words},
    {"alignment goes on after what is done",
     test_hypothesis__alignment_goes_on_after_what_is_done},
    {"words without letters follow at once",
     test_hypothesis__words_without_letters_follow_at_once},
    {"what the frames cannot hold is not timed",
     test_hypothesis__what_the_frames_cannot_hold_is_not_timed},
    {"attention decides where the CTC is far off",
     test_hypothesis__attention_decides_where_the_ctc_is_far_off},
    {"a single glance away is not believed",
     test_hypothesis__a_single_glance_away_is_not_believed},
    {"words not said have no support",
     test_hypothesis__words_not_said_have_no_support},
    {"texts are cut and valid", test_hypothesis__texts_are_cut_and_valid},
    {"times are monotone whatever comes",
     test_hypothesis__times_are_monotone_whatever_comes},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"hypothesis", setup, teardown, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
