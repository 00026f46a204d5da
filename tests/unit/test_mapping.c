/* test_mapping.c - a file as memory. SPDX-License-Identifier: Apache-2.0 */
#include "asr/base/mapping.h"
#include "tests/support/suites.h"

#include <stdio.h>
#include <string.h>

static const char path[] = "test_mapping.tmp";

static void write_file(const char *text)
{
    FILE *file = fopen(path, "wb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL(fwrite(text, 1, strlen(text), file), strlen(text));
    CU_ASSERT_EQUAL(fclose(file), 0);
}

static void keep_line(void *user, heed_log_level level, const char *message)
{
    char *line = user;
    (void)level;
    strncpy(line, message, 199);
}

static void test_mapping__shows_the_bytes_of_a_file(void)
{
    heed_mapping mapping;
    write_file("heed");
    CU_ASSERT_EQUAL_FATAL(heed_mapping_open(&mapping, path, NULL), HEED_OK);
    CU_ASSERT_EQUAL_FATAL(mapping.n_bytes, 4);
    CU_ASSERT_EQUAL(memcmp(mapping.data, "heed", 4), 0);
    heed_mapping_close(&mapping);
    CU_ASSERT_PTR_NULL(mapping.data);
    heed_mapping_close(&mapping);
    CU_ASSERT_EQUAL(remove(path), 0);
}

static void test_mapping__empty_file_has_no_bytes(void)
{
    heed_mapping mapping;
    write_file("");
    CU_ASSERT_EQUAL(heed_mapping_open(&mapping, path, NULL), HEED_OK);
    CU_ASSERT_PTR_NULL(mapping.data);
    CU_ASSERT_EQUAL(mapping.n_bytes, 0);
    heed_mapping_close(&mapping);
    CU_ASSERT_EQUAL(remove(path), 0);
}

static void test_mapping__failure_names_file_and_cause(void)
{
    char line[200] = "";
    const heed_log log = {keep_line, line};
    heed_mapping mapping;
    CU_ASSERT_EQUAL(heed_mapping_open(&mapping, "no/such/file", &log),
                    HEED_ERR_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(line, "no/such/file: "));
    CU_ASSERT_PTR_NULL(mapping.data);
    CU_ASSERT_EQUAL(heed_mapping_open(&mapping, ".", &log), HEED_ERR_IO);
    CU_ASSERT_STRING_EQUAL(line, ".: not a regular file");
}

static CU_TestInfo tests[] = {
    {"test_mapping__shows_the_bytes_of_a_file",
     test_mapping__shows_the_bytes_of_a_file},
    {"test_mapping__empty_file_has_no_bytes",
     test_mapping__empty_file_has_no_bytes},
    {"test_mapping__failure_names_file_and_cause",
     test_mapping__failure_names_file_and_cause},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"mapping", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
