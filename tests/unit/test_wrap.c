/* test_wrap.c - text into lines. SPDX-License-Identifier: Apache-2.0 */
#include "tools/wrap.h"

#include "tests/support/suites.h"

#include <string.h>

/* Wraps `text` and compares the lines with `expected`, which has '|' between
 * them. */
static void check(const char *text, size_t columns, const char *expected)
{
    cli_wrap wrap = {0};
    char joined[256] = "";
    size_t n = 0;

    CU_ASSERT_TRUE_FATAL(cli_wrap_text(&wrap, text, strlen(text), columns));
    for (size_t i = 0; i < wrap.n_lines; i++) {
        const cli_line *line = &wrap.lines[i];

        if (i > 0)
            joined[n++] = '|';
        memcpy(joined + n, text + line->start, line->end - line->start);
        n += line->end - line->start;
    }
    CU_ASSERT_STRING_EQUAL(joined, expected);
    cli_wrap_deinit(&wrap);
}

static void test_wrap__breaks_at_blanks(void)
{
    check("", 10, "");
    check("one", 10, "one");
    check("one two three", 7, "one two|three");
    check("one two three", 8, "one two|three");
    check("one two three", 6, "one|two|three");
    check("one two three", 13, "one two three");
}

static void test_wrap__cuts_words_that_are_too_long(void)
{
    check("abcdefghij", 4, "abcd|efgh|ij");
    check("ab cdefghij", 4, "ab|cdef|ghij");
    check("abcd", 1, "a|b|c|d");
}

static void test_wrap__keeps_paragraphs(void)
{
    check("one\ntwo three\nfour", 5, "one|two|three|four");
    check("one\n\ntwo", 5, "one||two");
    check("exact\nnext", 5, "exact|next");
}

static void test_wrap__counts_characters_not_bytes(void)
{
    check("na\xc3\xafve d\xc3\xa9j\xc3\xa0 vu", 5,
          "na\xc3\xafve|d\xc3\xa9j\xc3\xa0|vu");
}

static void test_wrap__styles_take_no_room_and_are_kept(void)
{
    const char text[] = "one \2two three";
    cli_wrap wrap = {0};

    CU_ASSERT_TRUE_FATAL(cli_wrap_text(&wrap, text, sizeof text - 1, 7));
    CU_ASSERT_EQUAL_FATAL(wrap.n_lines, 2);
    CU_ASSERT_EQUAL(wrap.lines[0].style, CLI_STYLE_PLAIN);
    CU_ASSERT_EQUAL(wrap.lines[0].end, 8);
    CU_ASSERT_EQUAL(wrap.lines[1].style, CLI_STYLE_TENTATIVE);
    CU_ASSERT_EQUAL(wrap.lines[1].start, 9);
    cli_wrap_deinit(&wrap);
}

static CU_TestInfo tests[] = {
    {"breaks_at_blanks", test_wrap__breaks_at_blanks},
    {"cuts_words_that_are_too_long", test_wrap__cuts_words_that_are_too_long},
    {"keeps_paragraphs", test_wrap__keeps_paragraphs},
    {"counts_characters_not_bytes", test_wrap__counts_characters_not_bytes},
    {"styles_take_no_room_and_are_kept",
     test_wrap__styles_take_no_room_and_are_kept},
    CU_TEST_INFO_NULL};

CU_SuiteInfo heed_suites[] = {{"wrap", NULL, NULL, NULL, NULL, tests},
                              CU_SUITE_INFO_NULL};
