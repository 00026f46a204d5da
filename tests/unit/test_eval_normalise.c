/* test_eval_normalise.c - which differences of writing do not count.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tools/eval/normalise.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/logged.h"
#include "tests/support/suites.h"

static void check(const char *name, const char *rules, const char *text,
                  const char *wanted)
{
    eval_normaliser normaliser;
    eval_text out = {0};

    CU_ASSERT_TRUE_FATAL(eval_normaliser_init(&normaliser, name, rules, NULL));
    eval_normalise(&normaliser, text, strlen(text), &out);
    CU_ASSERT_STRING_EQUAL(eval_text_string(&out), wanted);
    if (strcmp(eval_text_string(&out), wanted) != 0)
        printf("\n%s: '%s'", text, eval_text_string(&out));
    eval_text_deinit(&out);
    eval_normaliser_deinit(&normaliser);
}

static void test_eval_normalise__each_does_what_it_says(void)
{
    static const char text[] = "  \xe2\x80\x9cIt\xe2\x80\x99s  na\xc3\xafve,"
                               "\xe2\x80\x9d\tsaid Mr. Grey in 1905. ";

    check("none", NULL, text,
          "\xe2\x80\x9cIt\xe2\x80\x99s na\xc3\xafve,\xe2\x80\x9d said Mr. Grey "
          "in 1905.");
    check("case@1", NULL, "The CAT's \xc3\x89t\xc3\xa9",
          "the cat's \xc3\x89t\xc3\xa9");
    check("librispeech", NULL, text, "IT'S NAIVE SAID MR GREY IN");
    check("english", NULL, text,
          "IT'S NAIVE SAID MISTER GRAY IN NINETEEN OH FIVE");
    check("none", NULL, "", "");
    check("librispeech", NULL, "' 'Tis -- rock'n'roll'", "TIS ROCK'N'ROLL");
}

static void test_eval_normalise__english_makes_writings_one(void)
{
    check("english", NULL, "I can't; they won't, she hasn't: we'll, I'm.",
          "I CAN NOT THEY WILL NOT SHE HAS NOT WE WILL I AM");
    check("english", NULL, "He's here and he'd go", "HE'S HERE AND HE'D GO");
    check("english", NULL, "colours realised organisation analyse realist",
          "COLORS REALIZED ORGANIZATION ANALYZE REALIST");
    check("english", NULL, "um the uh OK ok", "THE OKAY OKAY");
    check("english", NULL, "\xc5\x92uvre \xc3\x9f na\xc3\xafve cafe\xcc\x81",
          "OEUVRE SS NAIVE CAFE");
    check("spoken", NULL, "$1,000.50 is 5% & the 3rd",
          "ONE THOUSAND POINT FIVE ZERO DOLLARS IS FIVE PERCENT AND THE THIRD");
}

/* Writes rules to a file; the caller unlinks it. */
static void save(char path[32], const char *rules)
{
    int fd;
    FILE *file;

    strcpy(path, "/tmp/heed-rules-XXXXXX");
    fd = mkstemp(path);
    CU_ASSERT_FATAL(fd >= 0);
    file = fdopen(fd, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fputs(rules, file);
    (void)fclose(file);
}

static void test_eval_normalise__rules_come_after(void)
{
    char path[32];

    save(path, "# comment\n\nx-ray => x ray\nnew york city => nyc\n"
               "New York => NY\nah =>\n");
    check("librispeech", path, "ah the X-ray in New York, ah",
          "THE X RAY IN NY");
    check("librispeech", path, "new york city ah new york city", "NYC NYC");
    (void)unlink(path);
}

static void test_eval_normalise__faults_are_named(void)
{
    static const struct {
        const char *rules;
        const char *cause;
    } faults[] = {
        {"a => b\nhello\n", "line 2: not of the form `WORDS => WORDS`"},
        {" => b\n", "line 1: there is no word on the left side"},
        {"a=>b\n\nA => c\n", "line 3: a second rule for the same words"},
        {"\xff => b\n", "line 1: byte 1 is not UTF-8"}};
    eval_normaliser normaliser;

    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        heed_test_logged logged = {0};
        const heed_log log = {heed_test_logged_write, &logged};
        char path[32];

        save(path, faults[i].rules);
        CU_ASSERT_FALSE(eval_normaliser_init(&normaliser, "case", path, &log));
        CU_ASSERT_EQUAL(logged.lines, 1);
        CU_ASSERT_PTR_NOT_NULL(strstr(logged.last, faults[i].cause));
        eval_normaliser_deinit(&normaliser);
        (void)unlink(path);
    }
    CU_ASSERT_FALSE(eval_normaliser_init(&normaliser, "case@2", NULL, NULL));
    eval_normaliser_deinit(&normaliser);
    CU_ASSERT_FALSE(eval_normaliser_init(&normaliser, "nome", NULL, NULL));
    eval_normaliser_deinit(&normaliser);
}

static CU_TestInfo tests[] = {
    {"each does what it says", test_eval_normalise__each_does_what_it_says},
    {"english makes writings one",
     test_eval_normalise__english_makes_writings_one},
    {"rules come after", test_eval_normalise__rules_come_after},
    {"faults are named", test_eval_normalise__faults_are_named},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"eval_normalise", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
