/* test_eval_transcript.c - files of transcripts. SPDX-License-Identifier:
 * Apache-2.0
 */
#include "tools/eval/transcript.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/logged.h"
#include "tests/support/suites.h"

static bool read_text(eval_transcript *out, eval_format format,
                      const char *text, heed_test_logged *logged)
{
    const heed_log log = {heed_test_logged_write, logged};
    union {
        const char *in;
        void *out;
    } memory = {text};
    eval_lines lines;
    FILE *file = fmemopen(memory.out, strlen(text), "rb");

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    eval_lines_init(&lines, file, "f", &log);
    return eval_transcript_read(out, &lines, format);
}

static void test_eval_transcript__each_format_is_read(void)
{
    heed_test_logged logged = {0};
    eval_transcript t;

    CU_ASSERT_TRUE(read_text(&t, EVAL_FORMAT_TRN,
                             ";; c\na (b) c (s1-u1)\r\n(s_2)\n", &logged));
    CU_ASSERT_EQUAL_FATAL(t.n_entries, 2);
    CU_ASSERT_STRING_EQUAL(t.entries[0].text, "a (b) c");
    CU_ASSERT_STRING_EQUAL(t.entries[0].speaker, "s1");
    CU_ASSERT_STRING_EQUAL(t.entries[1].id, "s_2");
    CU_ASSERT_STRING_EQUAL(t.entries[1].text, "");
    eval_transcript_deinit(&t);
    CU_ASSERT_TRUE(read_text(&t, EVAL_FORMAT_STM,
                             "f A s 0 1.5 <o,f> a b\nf A s 2 3\n", &logged));
    CU_ASSERT_EQUAL_FATAL(t.n_entries, 2);
    CU_ASSERT_STRING_EQUAL(t.entries[0].labels, "<o,f>");
    CU_ASSERT_STRING_EQUAL(t.entries[0].text, "a b");
    CU_ASSERT_STRING_EQUAL(t.entries[1].text, "");
    eval_transcript_deinit(&t);
    CU_ASSERT_TRUE(read_text(&t, EVAL_FORMAT_CTM,
                             "f A 1 .5 a 0.75\nf A * * <ALT_BEGIN>\n",
                             &logged));
    CU_ASSERT_EQUAL_FATAL(t.n_entries, 2);
    CU_ASSERT_EQUAL(t.entries[0].end_s, 1.5);
    CU_ASSERT_EQUAL(t.entries[0].confidence, 0.75);
    CU_ASSERT_TRUE(t.entries[1].start_s < 0.0);
    eval_transcript_deinit(&t);
    CU_ASSERT_TRUE(
        read_text(&t, EVAL_FORMAT_TEXT, "u1  a b\n\n\v \f\nu2\n", &logged));
    CU_ASSERT_EQUAL(t.n_entries, 2);
    eval_transcript_deinit(&t);
    CU_ASSERT_TRUE(read_text(&t, EVAL_FORMAT_LINES, "a\n\nb", &logged));
    CU_ASSERT_EQUAL(t.n_entries, 3);
    eval_transcript_deinit(&t);
    CU_ASSERT_EQUAL(logged.lines, 0);
}

static void test_eval_transcript__faults_are_named(void)
{
    static const struct {
        eval_format format;
        const char *text;
        const char *cause;
    } faults[] = {
        {EVAL_FORMAT_TRN, "a (u)\nb\n", "f: line 2: no (id) at the end"},
        {EVAL_FORMAT_TRN, "a (u) b\n", "f: line 1: text after the (id)"},
        {EVAL_FORMAT_TRN, "a ( )\n", "f: line 1: empty (id)"},
        {EVAL_FORMAT_STM, "f A s 0\n",
         "f: line 1: not of the form `FILE CHANNEL SPEAKER BEGIN END WORDS`"},
        {EVAL_FORMAT_STM, "f A s 2 1 a\n",
         "f: line 1: '2 1' is not a begin and an end"},
        {EVAL_FORMAT_CTM, "f A 1 1\n",
         "f: line 1: not of the form `FILE CHANNEL BEGIN DURATION WORD`"},
        {EVAL_FORMAT_CTM, "f A -1 1 a\n",
         "f: line 1: '-1 1' is not a begin and a duration"},
        {EVAL_FORMAT_CTM, "f A 1 1 a 1.5\n",
         "f: line 1: confidence '1.5' is not within 0 and 1"},
        {EVAL_FORMAT_TEXT, "u \xc3(\n", "f: line 1: byte 3 is not UTF-8"}};

    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        heed_test_logged logged = {0};
        eval_transcript t;

        CU_ASSERT_FALSE(
            read_text(&t, faults[i].format, faults[i].text, &logged));
        CU_ASSERT_EQUAL(logged.lines, 1);
        CU_ASSERT_STRING_EQUAL(logged.last, faults[i].cause);
        eval_transcript_deinit(&t);
    }
}

static void test_eval_transcript__words_go_to_segments_by_middles(void)
{
    heed_test_logged logged = {0};
    eval_transcript stm;
    eval_transcript ctm;
    eval_system system;

    CU_ASSERT_TRUE(read_text(&stm, EVAL_FORMAT_STM,
                             "f A s 0 1 a\nf A s 1 2 b\nf A t 5 6 c\n",
                             &logged));
    CU_ASSERT_TRUE(read_text(&ctm, EVAL_FORMAT_CTM,
                             "f A 0.5 0.5 x\nf A 0.8 0.5 y\nf A 3 1 z\n"
                             "f A 9 1 w\ng A 0 1 v\n",
                             &logged));
    eval_system_init(&system, "s");
    CU_ASSERT_TRUE(eval_transcript_join(&system, &stm, &ctm, NULL));
    CU_ASSERT_EQUAL_FATAL(system.n_items, 3);
    CU_ASSERT_STRING_EQUAL(system.items[0].hypothesis, "x");
    CU_ASSERT_STRING_EQUAL(system.items[1].hypothesis, "y");
    CU_ASSERT_STRING_EQUAL(system.items[2].hypothesis, "z w");
    CU_ASSERT_STRING_EQUAL(system.items[1].id, "s-001");
    CU_ASSERT_STRING_EQUAL(system.items[2].id, "t-000");
    CU_ASSERT_EQUAL_FATAL(system.n_problems, 1);
    CU_ASSERT_EQUAL(system.problems[0].kind, EVAL_PROBLEM_EXTRA);
    CU_ASSERT_STRING_EQUAL(system.problems[0].id, "g A");
    eval_system_deinit(&system);
    eval_transcript_deinit(&stm);
    eval_transcript_deinit(&ctm);
}

static void test_eval_transcript__ids_are_checked(void)
{
    heed_test_logged logged = {0};
    eval_transcript ref;
    eval_transcript hyp;
    eval_system system;

    CU_ASSERT_TRUE(
        read_text(&ref, EVAL_FORMAT_TEXT, "a x\nb y\na z\n", &logged));
    CU_ASSERT_TRUE(
        read_text(&hyp, EVAL_FORMAT_TEXT, "c x\nb y\nb z\n", &logged));
    eval_system_init(&system, "s");
    CU_ASSERT_TRUE(eval_transcript_join(&system, &ref, &hyp, NULL));
    CU_ASSERT_EQUAL(system.n_items, 2);
    CU_ASSERT_EQUAL(system.n_problems, 3);
    CU_ASSERT_PTR_NULL(system.items[0].hypothesis);
    CU_ASSERT_STRING_EQUAL(system.items[1].hypothesis, "y");
    eval_system_deinit(&system);
    eval_transcript_deinit(&ref);
    eval_transcript_deinit(&hyp);
}

static CU_TestInfo tests[] = {
    {"each format is read", test_eval_transcript__each_format_is_read},
    {"faults are named", test_eval_transcript__faults_are_named},
    {"words go to segments by middles",
     test_eval_transcript__words_go_to_segments_by_middles},
    {"ids are checked", test_eval_transcript__ids_are_checked},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"eval_transcript", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
