/* test_eval_align.c - graphs of words and their alignment.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tools/eval/align.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/suites.h"

static void copy(const void *user, const char *bytes, size_t n_bytes,
                 eval_text *out)
{
    (void)user;
    eval_text_add(out, bytes, n_bytes);
}

static const eval_writing plain = {copy, NULL};

/* The edits of an alignment as letters, C S D I. */
static const char *edits_of(const char *reference, const char *hypothesis)
{
    static char edits[64];
    eval_table words = {0};
    eval_alignment alignment;
    eval_graph a;
    eval_graph b;

    eval_graph_init(&a);
    eval_graph_init(&b);
    CU_ASSERT_PTR_NULL(eval_graph_parse(&a, reference, true, &plain, &words));
    CU_ASSERT_PTR_NULL(eval_graph_parse(&b, hypothesis, true, &plain, &words));
    CU_ASSERT_TRUE_FATAL(eval_align(&alignment, &a, &b));
    CU_ASSERT_FATAL(alignment.n_steps < sizeof edits);
    for (size_t i = 0; i < alignment.n_steps; i++)
        edits[i] = "CSDI"[alignment.steps[i].edit];
    edits[alignment.n_steps] = '\0';
    eval_alignment_deinit(&alignment);
    eval_graph_deinit(&a);
    eval_graph_deinit(&b);
    eval_table_deinit(&words);
    return edits;
}

static void test_eval_align__edits_are_the_cheapest(void)
{
    CU_ASSERT_STRING_EQUAL(edits_of("", ""), "");
    CU_ASSERT_STRING_EQUAL(edits_of("a b c", "a b c"), "CCC");
    CU_ASSERT_STRING_EQUAL(edits_of("a b c", ""), "DDD");
    CU_ASSERT_STRING_EQUAL(edits_of("", "x"), "I");
    CU_ASSERT_STRING_EQUAL(edits_of("a b c", "a x c"), "CSC");
    CU_ASSERT_STRING_EQUAL(edits_of("a b c d", "a c d"), "CDCC");
    CU_ASSERT_STRING_EQUAL(edits_of("a b", "a x y b"), "CIIC");
    /* 4 + 4 is more than 3 + 3 with one word right. */
    CU_ASSERT_STRING_EQUAL(edits_of("a b", "b c"), "DCI");
    CU_ASSERT_STRING_EQUAL(edits_of("a b", "c d"), "SS");
}

static void test_eval_align__the_best_alternative_counts(void)
{
    CU_ASSERT_STRING_EQUAL(edits_of("i { am / was } here", "i was here"),
                           "CCC");
    CU_ASSERT_STRING_EQUAL(edits_of("well { uh / @ } yes", "well yes"), "CC");
    CU_ASSERT_STRING_EQUAL(edits_of("well { uh / @ } yes", "well uh yes"),
                           "CCC");
    CU_ASSERT_STRING_EQUAL(edits_of("{ a b / { c / d } e } f", "d e f"), "CCC");
    CU_ASSERT_STRING_EQUAL(edits_of("{ a / b }", "c"), "S");
    CU_ASSERT_STRING_EQUAL(edits_of("a b", "{ x / a } b"), "CC");
    CU_ASSERT_STRING_EQUAL(edits_of("a { / b }", "a"), "C");
}

static void test_eval_align__faults_are_named(void)
{
    static const char *const faults[][2] = {
        {"a { b / c", "`{` without `}`"},
        {"a } b", "`}` without `{`"},
        {"{ a / b / c / d / e / f / g / h / i }",
         "more than 8 alternatives at one place"},
        {"{ { { { { { { { { { { { { { { { { a } } } } } } } } } } } } } } } } "
         "}",
         "alternatives are nested too deep"}};

    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        eval_table words = {0};
        eval_graph graph;
        const char *fault;

        eval_graph_init(&graph);
        fault = eval_graph_parse(&graph, faults[i][0], true, &plain, &words);
        CU_ASSERT_PTR_NOT_NULL_FATAL(fault);
        CU_ASSERT_STRING_EQUAL(fault, faults[i][1]);
        eval_graph_deinit(&graph);
        eval_table_deinit(&words);
    }
}

static void test_eval_align__characters_are_spelt(void)
{
    eval_table words = {0};
    eval_table characters = {0};
    eval_graph graph;
    eval_graph spelt;

    eval_graph_init(&graph);
    CU_ASSERT_PTR_NULL(
        eval_graph_parse(&graph, "ab { c\xc3\xa9 / @ }", true, &plain, &words));
    eval_graph_spell(&spelt, &graph, &words, &characters);
    CU_ASSERT_EQUAL(spelt.n_arcs, 6);
    CU_ASSERT_EQUAL(spelt.n_ends, 2);
    CU_ASSERT_EQUAL(characters.n, 4);
    CU_ASSERT_STRING_EQUAL(characters.strings[3], "\xc3\xa9");
    CU_ASSERT_EQUAL(spelt.arcs[5].word, EVAL_WORD_NONE);
    eval_graph_deinit(&graph);
    eval_graph_deinit(&spelt);
    eval_table_deinit(&words);
    eval_table_deinit(&characters);
}

static void test_eval_align__what_is_too_large_is_refused(void)
{
    eval_alignment alignment;
    eval_graph graph;

    eval_graph_init(&graph);
    for (size_t i = 0; i < 40000; i++)
        eval_graph_add(&graph, 0);
    CU_ASSERT_FALSE(eval_align(&alignment, &graph, &graph));
    CU_ASSERT_PTR_NULL(alignment.steps);
    eval_graph_deinit(&graph);
}

static CU_TestInfo tests[] = {
    {"edits are the cheapest", test_eval_align__edits_are_the_cheapest},
    {"the best alternative counts",
     test_eval_align__the_best_alternative_counts},
    {"faults are named", test_eval_align__faults_are_named},
    {"characters are spelt", test_eval_align__characters_are_spelt},
    {"what is too large is refused",
     test_eval_align__what_is_too_large_is_refused},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"eval_align", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
