/* test_transcript.c - committed and tentative words in bounded memory.
 * SPDX-License-Identifier: Apache-2.0 */
#include "asr/transcript.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/arena_twice.h"
#include "tests/support/signal.h"
#include "tests/support/suites.h"

static heed_arena arena;
static heed_transcript t;

static void lay_out(void *user, heed_arena *at)
{
    (void)user;
    heed_transcript_init(&t, at);
}

static void begin(void)
{
    arena_twice(&arena, lay_out, NULL);
    heed_transcript_reset(&t);
}

static void end(void)
{
    heed_arena_deinit(&arena);
}

/* Adds the word number `i`, whose text is told from all others. */
static bool add(size_t i, int committed)
{
    char text[16];
    const int length = snprintf(text, sizeof(text), "w%zu", i);
    const heed_word word = {.start_s = (double)i,
                            .end_s = (double)i + 0.5,
                            .confidence = 0.5F,
                            .committed = committed,
                            .segment = i};

    return heed_transcript_add(&t, &word, text, (size_t)length);
}

/* Returns whether the store holds the words from `first` on, `n` in all. */
static bool holds(size_t first, size_t n, size_t n_committed)
{
    bool same = t.n_words == n && t.n_committed == n_committed;

    for (size_t i = 0; same && i < n; i++) {
        char text[16];

        (void)snprintf(text, sizeof(text), "w%zu", first + i);
        same = strcmp(t.words[i].text, text) == 0 &&
               t.words[i].segment == first + i &&
               t.words[i].committed == (i < n_committed);
    }
    return same;
}

static void test_transcript__begins_empty_with_room(void)
{
    begin();
    CU_ASSERT(holds(0, 0, 0));
    CU_ASSERT_EQUAL(t.revision, 0);
    CU_ASSERT_TRUE(heed_transcript_has_room(&t, HEED_TRANSCRIPT_WORDS / 2));
    CU_ASSERT_FALSE(heed_transcript_has_room(&t, HEED_TRANSCRIPT_WORDS + 1));
    heed_transcript_take(&t, 3);
    heed_transcript_drop_tentative(&t);
    CU_ASSERT_EQUAL(t.revision, 0);
    end();
}

static void test_transcript__tentative_words_follow_and_go(void)
{
    begin();
    CU_ASSERT_TRUE(add(0, 1));
    CU_ASSERT_TRUE(add(1, 1));
    CU_ASSERT_TRUE(add(2, 0));
    CU_ASSERT_TRUE(add(3, 0));
    CU_ASSERT(holds(0, 4, 2));

    const unsigned long revision = t.revision;

    heed_transcript_drop_tentative(&t);
    CU_ASSERT(holds(0, 2, 2));
    CU_ASSERT(t.revision > revision);
    CU_ASSERT_TRUE(add(2, 1));
    CU_ASSERT(holds(0, 3, 3));
    end();
}

static void test_transcript__every_change_raises_the_revision(void)
{
    unsigned long revision = 0;

    begin();
    CU_ASSERT_TRUE(add(0, 1) && t.revision > revision);
    revision = t.revision;
    CU_ASSERT_TRUE(add(1, 0) && t.revision > revision);
    revision = t.revision;
    heed_transcript_drop_tentative(&t);
    CU_ASSERT(t.revision > revision);
    revision = t.revision;
    heed_transcript_take(&t, 1);
    CU_ASSERT(t.revision > revision);
    heed_transcript_reset(&t);
    CU_ASSERT(t.revision == 0 && t.n_words == 0 && t.n_bytes == 0);
    end();
}

static void test_transcript__taking_keeps_the_rest(void)
{
    begin();
    for (size_t i = 0; i < 10; i++)
        CU_ASSERT_TRUE(add(i, i < 7));
    heed_transcript_take(&t, 0);
    CU_ASSERT(holds(0, 10, 7));
    heed_transcript_take(&t, 3);
    CU_ASSERT(holds(3, 7, 4));
    heed_transcript_take(&t, 100); /* no tentative word is ever taken */
    CU_ASSERT(holds(7, 3, 0));
    heed_transcript_drop_tentative(&t);
    CU_ASSERT(holds(7, 0, 0));
    CU_ASSERT_EQUAL(t.n_bytes, 0);
    CU_ASSERT_EQUAL(t.n_committed_bytes, 0);
    end();
}

static void test_transcript__pool_is_compacted_for_ever(void)
{
    uint32_t seed = 3;
    size_t first = 0;
    size_t next = 0;

    begin();
    /* Far more text than the pool holds goes through it. */
    while (next < 40000) {
        const size_t n_add =
            1 + (size_t)(40.0F * (heed_test_noise(&seed) + 1.0F));
        const size_t n_tentative = n_add / 3;

        heed_transcript_drop_tentative(&t);
        for (size_t i = 0; i < n_add; i++)
            CU_ASSERT_TRUE_FATAL(add(next + i, 1));
        next += n_add;
        for (size_t i = 0; i < n_tentative; i++)
            CU_ASSERT_TRUE_FATAL(add(next + i, 0));
        CU_ASSERT_FATAL(holds(first, next - first + n_tentative, next - first));
        if (!heed_transcript_has_room(&t, 120)) {
            const size_t n_take = (next - first) / 2 + 1;

            heed_transcript_take(&t, n_take);
            first += n_take;
            CU_ASSERT_FATAL(
                holds(first, next - first + n_tentative, next - first));
        }
    }
    end();
}

static void test_transcript__full_of_words_refuses_and_loses_nothing(void)
{
    size_t n = 0;

    begin();
    while (add(n, 1))
        n++;
    CU_ASSERT_EQUAL(n, HEED_TRANSCRIPT_WORDS);
    CU_ASSERT(holds(0, n, n));
    CU_ASSERT_FALSE(heed_transcript_has_room(&t, 1));

    const unsigned long revision = t.revision;

    CU_ASSERT_FALSE(add(n, 0));
    CU_ASSERT_EQUAL(t.revision, revision);
    CU_ASSERT(holds(0, n, n));
    heed_transcript_take(&t, 1);
    CU_ASSERT_TRUE(heed_transcript_has_room(&t, 1));
    CU_ASSERT_TRUE(add(n, 1));
    CU_ASSERT(holds(1, n, n));
    end();
}

static void test_transcript__full_of_bytes_refuses_and_loses_nothing(void)
{
    enum { LONG = 1000 };
    const heed_word word = {.committed = 1};
    char text[LONG];
    size_t n = 0;

    begin();
    memset(text, 'x', LONG);
    while (heed_transcript_add(&t, &word, text, LONG))
        n++;
    CU_ASSERT_EQUAL(n, HEED_TRANSCRIPT_BYTES / (LONG + 1));
    CU_ASSERT_FALSE(heed_transcript_has_room(&t, 30));
    /* What still fits is taken, to the last byte. */
    const size_t left = HEED_TRANSCRIPT_BYTES - n * (LONG + 1);

    CU_ASSERT_FALSE(heed_transcript_add(&t, &word, text, left));
    CU_ASSERT_TRUE(heed_transcript_add(&t, &word, text, left - 1));
    CU_ASSERT_FALSE(heed_transcript_add(&t, &word, text, 0));
    for (size_t i = 0; i < n; i++)
        CU_ASSERT_EQUAL(strlen(t.words[i].text), LONG);
    CU_ASSERT_EQUAL(strlen(t.words[n].text), left - 1);
    heed_transcript_take(&t, n);
    CU_ASSERT_EQUAL(strlen(t.words[0].text), left - 1);
    end();
}

static CU_TestInfo tests[] = {
    {"begins empty with room", test_transcript__begins_empty_with_room},
    {"tentative words follow and go",
     test_transcript__tentative_words_follow_and_go},
    {"every change raises the revision",
     test_transcript__every_change_raises_the_revision},
    {"taking keeps the rest", test_transcript__taking_keeps_the_rest},
    {"pool is compacted for ever", test_transcript__pool_is_compacted_for_ever},
    {"full of words refuses and loses nothing",
     test_transcript__full_of_words_refuses_and_loses_nothing},
    {"full of bytes refuses and loses nothing",
     test_transcript__full_of_bytes_refuses_and_loses_nothing},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"transcript", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
