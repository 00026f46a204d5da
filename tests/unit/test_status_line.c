/* test_status_line.c - how a live session is. SPDX-License-Identifier:
 * Apache-2.0
 */
#include "tools/status_line.h"

#include "tests/support/suites.h"

#include <string.h>

static const cli_live_status usual = {
    .at_s = 3723.4, .level_db = -23.4, .delay_s = 0.87, .load = 0.034};

static void check(const cli_live_status *status, size_t columns,
                  const char *expected)
{
    cli_status_line line;

    cli_status_line_init(&line);
    cli_status_line_update(&line, status, columns);
    CU_ASSERT_STRING_EQUAL(line.text, expected);
}

static void test_status_line__says_how_things_are(void)
{
    cli_live_status status = usual;

    check(&usual, 80,
          " 1:02:03  [######....] -23 dB  delay 0.9 s  load 3 %  lost 0 s");
    status.delay_s = -1.0;
    check(&status, 80, " 1:02:03  [######....] -23 dB  load 3 %  lost 0 s");
    status.level_db = 6.0;
    check(&status, 80, " 1:02:03  [##########]   6 dB  load 3 %  lost 0 s");
}

static void test_status_line__puts_first_what_matters(void)
{
    cli_live_status status = usual;

    status.n_gaps = 2;
    status.lost_s = 1.25;
    status.backlog_s = 3.0;
    check(&status, 80,
          " 1:02:03  LOST 1.2 s  BEHIND 3.0 s  [######....] -23 dB  "
          "delay 0.9 s  load 3 %");
    check(&status, 37, " 1:02:03  LOST 1.2 s  BEHIND 3.0 s");
}

static void test_status_line__leaves_out_what_has_no_room(void)
{
    check(&usual, 53, " 1:02:03  [######....] -23 dB  delay 0.9 s  load 3 %");
    check(&usual, 51, " 1:02:03  [######....] -23 dB  delay 0.9 s");
    check(&usual, 8, " 1:02:03");
}

static void test_status_line__asks_whether_a_silent_one_is_muted(void)
{
    cli_live_status status = {.level_db = -99.0, .delay_s = -1.0};
    cli_status_line line;

    cli_status_line_init(&line);
    for (int i = 0; i < 10; i++) {
        status.at_s = 0.5 * i;
        cli_status_line_update(&line, &status, 80);
        CU_ASSERT_EQUAL(strstr(line.text, "muted?") != NULL, i >= 6);
        CU_ASSERT_EQUAL(strstr(line.text, "quiet") != NULL, i < 6);
    }
    status.level_db = -40.0;
    cli_status_line_update(&line, &status, 80);
    CU_ASSERT_PTR_NOT_NULL(strstr(line.text, "-40 dB"));
}

static CU_TestInfo tests[] = {
    {"says_how_things_are", test_status_line__says_how_things_are},
    {"puts_first_what_matters", test_status_line__puts_first_what_matters},
    {"leaves_out_what_has_no_room",
     test_status_line__leaves_out_what_has_no_room},
    {"asks_whether_a_silent_one_is_muted",
     test_status_line__asks_whether_a_silent_one_is_muted},
    CU_TEST_INFO_NULL};

CU_SuiteInfo heed_suites[] = {{"status_line", NULL, NULL, NULL, NULL, tests},
                              CU_SUITE_INFO_NULL};
