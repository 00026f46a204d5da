/* test_phrase_trie.c - phrases in texts, against looking for them one by one.
 * SPDX-License-Identifier: Apache-2.0 */
#include "asr/phrase_trie.h"

#include <stdio.h>
#include <string.h>

#include "asr/ctc.h"
#include "asr/hotwords.h"
#include "asr/model.h"
#include "tests/support/alloc.h"
#include "tests/support/logged.h"
#include "tests/support/signal.h"
#include "tests/support/suites.h"
#include "tests/support/tiny_model.h"

static heed_model *model;
static heed_hotwords *hotwords;
static heed_test_logged logged;
static const heed_log log_to = {heed_test_logged_write, &logged};

static int setup(void)
{
    const tiny_model_config config = {.seed = 1};

    return tiny_model_open(&model, &config, NULL) == HEED_OK ? 0 : -1;
}

static int teardown(void)
{
    heed_model_close(model);
    return 0;
}

static heed_status make(const char *text)
{
    logged = (heed_test_logged){0};
    return heed_hotwords_create(&hotwords, model, text, strlen(text), &log_to);
}

static float worth_of(const char *text, bool ended)
{
    heed_phrase_state state;

    heed_phrase_begin(&state, &hotwords->trie);
    heed_phrase_append(&state, &hotwords->trie, text, strlen(text));
    if (ended)
        heed_phrase_end(&state, &hotwords->trie);
    return heed_phrase_worth(&state, &hotwords->trie);
}

#define CHECK_WORTH(text, ended, wanted) \
    CU_ASSERT_DOUBLE_EQUAL((double)worth_of(text, ended), wanted, 1e-4)

static void test_phrase_trie__begun_counts_until_it_is_left(void)
{
    CU_ASSERT_EQUAL_FATAL(make("New York\t2\nMcKenzie\n"), HEED_OK);
    CHECK_WORTH("", false, 0.0);
    CHECK_WORTH(" ne", false, 4.0);
    CHECK_WORTH(" New Yo", false, 10.0);
    CHECK_WORTH(" New Yo", true, 0.0);
    CHECK_WORTH(" Newt", false, 0.0);
    CHECK_WORTH(" renew", false, 0.0);
    CHECK_WORTH(" New York", false, 14.0);
    CHECK_WORTH(" New York", true, 14.0);
    CHECK_WORTH("new-york.", true, 14.0);
    CHECK_WORTH(" New Yorker", true, 0.0);
    CHECK_WORTH(" New York and McKenzie, new york!", true, 36.0);
    CHECK_WORTH(" New McKen", false, 5.0);
    heed_hotwords_close(hotwords);
}

static void test_phrase_trie__phrases_may_share_words(void)
{
    CU_ASSERT_EQUAL_FATAL(make("# towns\nyork\n\n new york city \nold york\n"),
                          HEED_OK);
    CU_ASSERT_EQUAL(hotwords->n_phrases, 3);
    CU_ASSERT_STRING_EQUAL(heed_hotwords_text(hotwords, 1), "new york city");
    CHECK_WORTH("york", true, 4.0);
    CHECK_WORTH("old york", true, 7.0);
    /* What was heard of the longer one is lost, the shorter one stays. */
    CHECK_WORTH("new york town", true, 4.0);
    CHECK_WORTH("york york", true, 8.0);
    heed_hotwords_close(hotwords);
}

/* Every token of a node leads down from there, and none is left out. */
static void test_phrase_trie__tokens_lead_on(void)
{
    const size_t n_vocabulary = heed_tokenizer_count(model->tokenizer);
    size_t n_found = 0;
    char lines[512] = "";

    /* The words that its tokens spell, and some more letters. */
    for (size_t v = 0; v < n_vocabulary && strlen(lines) < 400; v++) {
        size_t length = 0;
        const char *text =
            heed_tokenizer_text(model->tokenizer, (uint32_t)v, &length);
        const size_t n = strlen(lines);

        if (length > 1 && text[0] == ' ' &&
            heed_ctc_label((unsigned char)text[1]) >= HEED_CTC_A)
            (void)snprintf(lines + n, sizeof(lines) - n, "%.*sab\n",
                           (int)length, text);
    }
    CU_ASSERT_EQUAL_FATAL(make(lines), HEED_OK);
    for (uint32_t v = 0; v < n_vocabulary; v++) {
        size_t length = 0;
        const char *text = heed_tokenizer_text(model->tokenizer, v, &length);
        const heed_phrase_node *root = &hotwords->trie.nodes[0];
        bool letters = length > 1 && text[0] == ' ';
        bool found = false;

        for (size_t i = 1; i < length; i++)
            letters = letters && heed_ctc_label((unsigned char)text[i]) >= 0;
        for (size_t i = 0; i < root->n_tokens; i++)
            found = found || hotwords->trie.tokens[root->first_token + i] == v;
        heed_phrase_state state;

        heed_phrase_begin(&state, &hotwords->trie);
        heed_phrase_append(&state, &hotwords->trie, text, length);
        const float worth = heed_phrase_worth(&state, &hotwords->trie);

        CU_ASSERT_EQUAL(found, letters && worth > 0.0F);
        n_found += found;
    }
    CU_ASSERT(n_found > 0);
    heed_hotwords_close(hotwords);
}

static void test_phrase_trie__wrong_lines_are_told(void)
{
    static const struct {
        const char *text;
        const char *cause;
    } wrong[] = {
        {"", "hotwords: no phrase"},
        {"# nothing\n\n", "hotwords: no phrase"},
        {"a\nb\tx\n", "line 2: the weight"},
        {"a\t\t1\n", NULL}, /* blanks around a number are fine */
        {"a\t0.05", "line 1: the weight"},
        {"a\t11", "line 1: the weight"},
        {"a\t-1", "line 1: the weight"},
        {"a\tnan", "line 1: the weight"},
        {"a\t1.2.3", "line 1: the weight"},
        {"ok\n...\n", "line 2: no letters"},
        {"R2D2\n", "line 1: digits"},
        {"caf\xc3\xa9\n", "line 1: only the letters"},
        {"\xff\xfe\n", "line 1: only the letters"},
    };

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        const heed_status status = make(wrong[i].text);

        CU_ASSERT_EQUAL(status,
                        wrong[i].cause != NULL ? HEED_ERR_FORMAT : HEED_OK);
        CU_ASSERT_EQUAL(hotwords == NULL, wrong[i].cause != NULL);
        if (wrong[i].cause != NULL &&
            strstr(logged.last, wrong[i].cause) == NULL)
            printf("\n  '%s'\n", logged.last);
        CU_ASSERT(wrong[i].cause == NULL ||
                  strstr(logged.last, wrong[i].cause) != NULL);
        heed_hotwords_close(hotwords);
    }
}

static void test_phrase_trie__limits_hold(void)
{
    static char text[1024 * 1024 + 2];
    heed_stream *stream = NULL;
    heed_stream_config config = {.hotword_weight = 10.1};
    size_t n = 0;

    memset(text, 'a', 127);
    text[127] = '\0';
    CU_ASSERT_EQUAL(make(text), HEED_OK);
    heed_hotwords_close(hotwords);
    memset(text, 'a', 128);
    text[128] = '\0';
    CU_ASSERT_EQUAL(make(text), HEED_ERR_FORMAT);
    for (size_t i = 0; i < 10001; i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%c%c%c%c\n",
                              'a' + (int)(i % 26), 'a' + (int)(i / 26 % 26),
                              'a' + (int)(i / 676 % 26), 'q');
    CU_ASSERT_EQUAL(make(text), HEED_ERR_FORMAT);
    CU_ASSERT(strstr(logged.last, "line 10001: more than 10000") != NULL);
    text[n - 5] = '\0';
    CU_ASSERT_EQUAL(make(text), HEED_OK);
    heed_hotwords_close(hotwords);
    memset(text, '\n', sizeof(text) - 1);
    CU_ASSERT_EQUAL(make(text), HEED_ERR_FORMAT);
    CU_ASSERT_EQUAL(heed_stream_create(&stream, model, &config, NULL),
                    HEED_ERR_ARG);
    config.hotword_weight = -0.1;
    CU_ASSERT_EQUAL(heed_stream_create(&stream, model, &config, NULL),
                    HEED_ERR_ARG);
}

static void test_phrase_trie__hotwords_belong_to_their_model(void)
{
    const tiny_model_config tiny = {.seed = 2};
    heed_model *other = NULL;
    heed_stream *stream = NULL;

    CU_ASSERT_EQUAL_FATAL(make("one\ntwo"), HEED_OK);
    CU_ASSERT_EQUAL_FATAL(tiny_model_open(&other, &tiny, NULL), HEED_OK);
    const heed_stream_config config = {.hotwords = hotwords};

    CU_ASSERT_EQUAL(heed_stream_create(&stream, other, &config, NULL),
                    HEED_ERR_ARG);
    CU_ASSERT_EQUAL(heed_stream_create(&stream, model, &config, NULL), HEED_OK);
    heed_stream_destroy(stream);
    heed_hotwords_close(hotwords);
    heed_model_close(other);
    CU_ASSERT_EQUAL(heed_hotwords_open(&hotwords, model, "/none/x", NULL),
                    HEED_ERR_IO);
    CU_ASSERT_EQUAL(heed_hotwords_open(NULL, model, "x", NULL), HEED_ERR_ARG);
    CU_ASSERT_EQUAL(heed_hotwords_create(&hotwords, NULL, "x", 1, NULL),
                    HEED_ERR_ARG);
}

static void test_phrase_trie__every_refused_allocation_is_survived(void)
{
    heed_status status = HEED_ERR_MEMORY;
    size_t n = 0;

    if (!heed_test_alloc_works()) {
        printf("skipped: the linker cannot wrap symbols ... ");
        return;
    }
    while (status == HEED_ERR_MEMORY && n < 100) {
        heed_test_alloc_watch(++n);
        status = make("Alpha Beta\ngamma\n");
        heed_hotwords_close(hotwords);
        (void)heed_test_alloc_stop();
        CU_ASSERT_EQUAL(heed_test_alloc_live(), 0);
    }
    CU_ASSERT_EQUAL(status, HEED_OK);
    CU_ASSERT(n > 5);
}

static CU_TestInfo tests[] = {
    {"begun counts until it is left",
     test_phrase_trie__begun_counts_until_it_is_left},
    {"phrases may share words", test_phrase_trie__phrases_may_share_words},
    {"tokens lead on", test_phrase_trie__tokens_lead_on},
    {"wrong lines are told", test_phrase_trie__wrong_lines_are_told},
    {"limits hold", test_phrase_trie__limits_hold},
    {"hotwords belong to their model",
     test_phrase_trie__hotwords_belong_to_their_model},
    {"every refused allocation is survived",
     test_phrase_trie__every_refused_allocation_is_survived},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"phrase_trie", setup, teardown, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
