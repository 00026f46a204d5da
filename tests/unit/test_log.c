/* test_log.c - one line to the caller. SPDX-License-Identifier: Apache-2.0 */
#include "asr/base/log.h"
#include "tests/support/suites.h"

#include <string.h>

typedef struct catcher {
    char line[2 * HEED_LOG_LINE_BYTES];
    heed_log_level level;
    int calls;
} catcher;

static void catch_line(void *user, heed_log_level level, const char *message)
{
    catcher *c = user;

    strncpy(c->line, message, sizeof c->line - 1);
    c->level = level;
    c->calls++;
}

static void test_log__gives_formatted_line_and_level(void)
{
    catcher c = {0};
    const heed_log log = {catch_line, &c};

    heed_log_error(&log, "%s: %d of %d", "a.wav", 3, 4);
    CU_ASSERT_STRING_EQUAL(c.line, "a.wav: 3 of 4");
    CU_ASSERT_EQUAL(c.level, HEED_LOG_ERROR);
    heed_log_warning(&log, "odd");
    CU_ASSERT_STRING_EQUAL(c.line, "odd");
    CU_ASSERT_EQUAL(c.level, HEED_LOG_WARNING);
    heed_log_info(&log, "fine");
    CU_ASSERT_EQUAL(c.level, HEED_LOG_INFO);
    CU_ASSERT_EQUAL(c.calls, 3);
}

static void test_log__null_log_is_silence(void)
{
    const heed_log silent = {NULL, NULL};

    heed_log_error(NULL, "%d", 1);
    heed_log_error(&silent, "%d", 1);
    CU_PASS("survived");
}

static void test_log__control_characters_are_replaced(void)
{
    catcher c = {0};
    const heed_log log = {catch_line, &c};

    heed_log_error(&log, "%s", "a\n\x1b[1m\x7f\xc3\xa4");
    CU_ASSERT_STRING_EQUAL(c.line, "a??[1m?\xc3\xa4");
}

static void test_log__long_line_is_cut_at_a_character(void)
{
    char text[2 * HEED_LOG_LINE_BYTES];

    for (size_t shift = 0; shift < 2; shift++) {
        catcher c = {0};
        const heed_log log = {catch_line, &c};
        size_t length;

        text[0] = 'x';
        for (size_t i = shift; i + 2 < sizeof text; i += 2)
            memcpy(text + i, "\xc3\xa4", 2);
        text[sizeof text - 2 + shift] = '\0';
        heed_log_error(&log, "%s", text);
        length = strlen(c.line);
        CU_ASSERT_TRUE(length < HEED_LOG_LINE_BYTES);
        CU_ASSERT_TRUE(length >= HEED_LOG_LINE_BYTES - 2);
        CU_ASSERT_STRING_EQUAL(c.line + length - 3, "...");
        CU_ASSERT_EQUAL((unsigned char)c.line[length - 4], 0xa4);
    }
}

static CU_TestInfo tests[] = {
    {"gives_formatted_line_and_level",
     test_log__gives_formatted_line_and_level},
    {"null_log_is_silence", test_log__null_log_is_silence},
    {"control_characters_are_replaced",
     test_log__control_characters_are_replaced},
    {"long_line_is_cut_at_a_character",
     test_log__long_line_is_cut_at_a_character},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"log", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
