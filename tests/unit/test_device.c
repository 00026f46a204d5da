/* test_device.c - microphones that are not there. SPDX-License-Identifier:
 * Apache-2.0
 *
 * What a machine has cannot be known here; tests/cli/test_live_capture.bash
 * brings its own. */
#include "asr/heed.h"

#include "tests/support/suites.h"

#include <stdio.h>
#include <string.h>

static void keep_line(void *user, heed_log_level level, const char *message)
{
    CU_ASSERT_EQUAL(level, HEED_LOG_ERROR);
    snprintf(user, 256, "%s", message);
}

static void check_refused(const heed_capture_config *config,
                          heed_status expected, const char *words)
{
    char line[256] = "";
    const heed_log log = {keep_line, line};
    heed_capture *capture = (heed_capture *)(void *)&line;

    CU_ASSERT_EQUAL(heed_capture_open(&capture, config, &log), expected);
    CU_ASSERT_PTR_NULL(capture);
    CU_ASSERT_PTR_NOT_NULL(strstr(line, words));
}

static void test_device__refuses_bad_arguments(void)
{
    CU_ASSERT_EQUAL(heed_capture_open(NULL, NULL, NULL), HEED_ERR_ARG);
    CU_ASSERT_EQUAL(heed_capture_start(NULL), HEED_ERR_ARG);
    CU_ASSERT_EQUAL(heed_devices(NULL, NULL, NULL), HEED_ERR_ARG);
    check_refused(&(heed_capture_config){.backlog_s = 0.5}, HEED_ERR_ARG,
                  "backlog");
    check_refused(&(heed_capture_config){.sample_rate_hz = 7999}, HEED_ERR_ARG,
                  "sample rate");
    heed_capture_close(NULL);
}

static void test_device__says_that_there_is_none(void)
{
    check_refused(&(heed_capture_config){.device = "no such microphone"},
                  HEED_ERR_DEVICE, "no microphone called 'no such microphone'");
    check_refused(&(heed_capture_config){.device = "9999"}, HEED_ERR_DEVICE,
                  "no microphone number 9999");
}

static void check_device(void *user, const heed_device *device)
{
    int *n_default = user;

    CU_ASSERT_TRUE(device->channels > 0);
    CU_ASSERT_TRUE(device->sample_rate_hz > 0);
    CU_ASSERT_PTR_NOT_NULL(device->name);
    CU_ASSERT_PTR_NOT_NULL(device->host);
    *n_default += device->is_default;
}

static void test_device__at_most_one_is_the_default(void)
{
    int n_default = 0;

    CU_ASSERT_EQUAL(heed_devices(check_device, &n_default, NULL), HEED_OK);
    CU_ASSERT_TRUE(n_default <= 1);
}

static CU_TestInfo tests[] = {
    {"refuses_bad_arguments", test_device__refuses_bad_arguments},
    {"says_that_there_is_none", test_device__says_that_there_is_none},
    {"at_most_one_is_the_default", test_device__at_most_one_is_the_default},
    CU_TEST_INFO_NULL};

CU_SuiteInfo heed_suites[] = {{"device", NULL, NULL, NULL, NULL, tests},
                              CU_SUITE_INFO_NULL};
