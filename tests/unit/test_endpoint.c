/* test_endpoint.c - where segments end. SPDX-License-Identifier: Apache-2.0 */
#include "asr/endpoint.h"

#include "tests/support/arena_twice.h"
#include "tests/support/signal.h"
#include "tests/support/suites.h"

enum { MAX_FRAMES = 64, PAUSE = 5 };

static heed_arena arena;
static heed_endpoint e;

static void lay_out(void *user, heed_arena *at)
{
    (void)user;
    heed_endpoint_init(&e, MAX_FRAMES, PAUSE, at);
}

static void begin(void)
{
    arena_twice(&arena, lay_out, NULL);
}

static void end(void)
{
    heed_arena_deinit(&arena);
}

/* Feeds one frame per character, '-' for one without a letter. Returns the
 * number of the frame that ended the segment, or -1. */
static int feed(const char *frames)
{
    int fired = -1;

    for (int i = 0; frames[i] != '\0'; i++)
        if (heed_endpoint_feed(&e, frames[i] != '-') && fired < 0)
            fired = i;
    return fired;
}

static void test_endpoint__silence_alone_never_ends_a_segment(void)
{
    begin();
    CU_ASSERT_EQUAL(feed("--------------------------------"), -1);
    CU_ASSERT_EQUAL(feed("----------------"), -1);
    CU_ASSERT_EQUAL(e.n_letters, 0);
    end();
}

static void test_endpoint__pause_after_speech_ends_it(void)
{
    begin();
    CU_ASSERT_EQUAL(feed("--a-b-c-----"), 11);
    CU_ASSERT_EQUAL(e.last_letter, 6);
    CU_ASSERT_EQUAL(e.n_letters, 3);
    end();
}

static void test_endpoint__short_pauses_do_not(void)
{
    begin();
    CU_ASSERT_EQUAL(feed("a----a----a------"), 15);
    end();
}

static void test_endpoint__letters_are_counted_from_a_frame(void)
{
    begin();
    CU_ASSERT_EQUAL(feed("-a-bc-d"), -1);
    CU_ASSERT_EQUAL(heed_endpoint_letters_from(&e, 0), 4);
    CU_ASSERT_EQUAL(heed_endpoint_letters_from(&e, 2), 3);
    CU_ASSERT_EQUAL(heed_endpoint_letters_from(&e, 6), 1);
    CU_ASSERT_EQUAL(heed_endpoint_letters_from(&e, 7), 0);
    CU_ASSERT_EQUAL(heed_endpoint_letters_from(&e, 99), 0);
    end();
}

static void test_endpoint__dropping_keeps_the_rest(void)
{
    begin();
    CU_ASSERT_EQUAL(feed("-a--b-c--"), -1);
    heed_endpoint_drop(&e, 0);
    CU_ASSERT(e.n_frames == 9 && e.n_letters == 3 && e.last_letter == 6);
    heed_endpoint_drop(&e, 3);
    CU_ASSERT(e.n_frames == 6 && e.n_letters == 2 && e.last_letter == 3);
    /* The pause goes on: frames 4 and 5 had no letter. */
    CU_ASSERT_EQUAL(feed("---"), 2);
    heed_endpoint_drop(&e, 4);
    CU_ASSERT(e.n_frames == 5 && e.n_letters == 0);
    CU_ASSERT_EQUAL(feed("------"), -1);
    heed_endpoint_drop(&e, e.n_frames);
    CU_ASSERT_EQUAL(e.n_frames, 0);
    CU_ASSERT_EQUAL(feed("a-----"), 5);
    end();
}

static void test_endpoint__best_cut_is_in_the_longest_run(void)
{
    begin();
    /*        0         1         2       */
    /*        012345678901234567890123456 */
    CU_ASSERT_EQUAL(feed("--a----b--c---d-e--f-g--h-i"), -1);
    CU_ASSERT_EQUAL(heed_endpoint_best_cut(&e, 0, 27), 5);
    /* The run 11-13 is the longest of those that begin in [8, 20). */
    CU_ASSERT_EQUAL(heed_endpoint_best_cut(&e, 8, 20), 12);
    /* What begins before `first` counts from there. */
    CU_ASSERT_EQUAL(heed_endpoint_best_cut(&e, 5, 9), 6);
    /* Of equal runs the first, and a run of one frame is its frame. */
    CU_ASSERT_EQUAL(heed_endpoint_best_cut(&e, 14, 17), 15);
    CU_ASSERT_EQUAL(heed_endpoint_best_cut(&e, 16, 24), 18);
    end();
}

static void test_endpoint__without_a_run_the_cut_is_last(void)
{
    begin();
    CU_ASSERT_EQUAL(feed("aaaaaaaaaaaa"), -1);
    CU_ASSERT_EQUAL(heed_endpoint_best_cut(&e, 3, 9), 9);
    end();
}

/* The slow definition: of the runs within [first, n_frames), cut off before
 * `first`, that begin before `last`, the first of the longest. */
static void test_endpoint__best_cut_equals_the_definition(void)
{
    uint32_t seed = 11;

    begin();
    for (int repeat = 0; repeat < 500; repeat++) {
        size_t longest = 0;

        heed_endpoint_drop(&e, e.n_frames);
        for (size_t i = 0; i < MAX_FRAMES; i++)
            (void)heed_endpoint_feed(&e, heed_test_noise(&seed) > 0.2F);

        const size_t first =
            (size_t)((heed_test_noise(&seed) + 1.0F) * MAX_FRAMES / 4);
        const size_t last =
            first + 1 +
            (size_t)((heed_test_noise(&seed) + 1.0F) * MAX_FRAMES / 5);
        const size_t cut = heed_endpoint_best_cut(&e, first, last);

        for (size_t t = first; t < last; t++) {
            size_t run = 0;

            while (t + run < MAX_FRAMES && !e.is_letter[t + run])
                run++;
            if (run > longest)
                longest = run;
        }
        if (longest == 0) {
            CU_ASSERT_EQUAL(cut, last);
            continue;
        }
        size_t left = 0;
        size_t right = 0;

        CU_ASSERT_FATAL(cut >= first && cut < MAX_FRAMES);
        CU_ASSERT_FALSE(e.is_letter[cut]);
        while (cut - left > first && !e.is_letter[cut - left - 1])
            left++;
        while (cut + right < MAX_FRAMES && !e.is_letter[cut + right])
            right++;
        CU_ASSERT_EQUAL(left + right, longest);
        CU_ASSERT_EQUAL(left, longest / 2);
    }
    end();
}

static CU_TestInfo tests[] = {
    {"silence alone never ends a segment",
     test_endpoint__silence_alone_never_ends_a_segment},
    {"pause after speech ends it", test_endpoint__pause_after_speech_ends_it},
    {"short pauses do not", test_endpoint__short_pauses_do_not},
    {"letters are counted from a frame",
     test_endpoint__letters_are_counted_from_a_frame},
    {"dropping keeps the rest", test_endpoint__dropping_keeps_the_rest},
    {"best cut is in the longest run",
     test_endpoint__best_cut_is_in_the_longest_run},
    {"without a run the cut is last",
     test_endpoint__without_a_run_the_cut_is_last},
    {"best cut equals the definition",
     test_endpoint__best_cut_equals_the_definition},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"endpoint", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
