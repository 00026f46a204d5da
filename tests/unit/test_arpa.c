/* test_arpa.c - reading language models in ARPA format.
 * SPDX-License-Identifier: Apache-2.0 */
#include "lm/arpa.h"

#include <string.h>

#include "tests/support/logged.h"
#include "tests/support/suites.h"

/* Opens a text for reading; it is not written to. */
static FILE *open_text(const char *text, size_t n_bytes)
{
    union {
        const char *in;
        void *out;
    } memory = {text};
    FILE *file = fmemopen(memory.out, n_bytes, "rb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    return file;
}

static bool word_is(const heed_arpa_word *word, const char *text)
{
    return word->length == strlen(text) &&
           memcmp(word->text, text, word->length) == 0;
}

static const char good[] = "Made by hand.\n"
                           "ngram 1=77 is not read here\n"
                           "\n"
                           "\\data\\ \t\n"
                           "ngram 1=3\r\n"
                           "ngram  2 = 2\n"
                           "\n"
                           "\\1-grams:\n"
                           "-1.5\tone\t-0.25\n"
                           "-99\t<s>\t+.5e0\r\n"
                           "0  </s>\n"
                           "\n"
                           "\n"
                           "\\2-grams:\n"
                           "-1e-3 one </s>\n"
                           "  -12.5E+0\t<s>\tone  \n"
                           "\\end\\\n"
                           "what follows is not read\n";

static void test_arpa__ngrams_come_in_order(void)
{
    heed_test_logged logged = {0};
    const heed_log log = {heed_test_logged_write, &logged};
    FILE *file = open_text(good, sizeof good - 1);
    heed_arpa *arpa = NULL;
    heed_arpa_ngram n;
    CU_ASSERT_EQUAL_FATAL(heed_arpa_open(&arpa, file, "good", &log), HEED_OK);
    CU_ASSERT_EQUAL(heed_arpa_order(arpa), 2);
    CU_ASSERT_EQUAL(heed_arpa_count(arpa, 1), 3);
    CU_ASSERT_EQUAL(heed_arpa_count(arpa, 2), 2);
    CU_ASSERT_EQUAL_FATAL(heed_arpa_next(arpa, &n), HEED_OK);
    CU_ASSERT_EQUAL(heed_arpa_line(arpa), 9);
    CU_ASSERT_EQUAL(n.order, 1);
    CU_ASSERT(word_is(&n.words[0], "one"));
    CU_ASSERT_EQUAL(n.log10_prob, -1.5F);
    CU_ASSERT_EQUAL(n.log10_backoff, -0.25F);
    CU_ASSERT_EQUAL_FATAL(heed_arpa_next(arpa, &n), HEED_OK);
    CU_ASSERT(word_is(&n.words[0], "<s>"));
    CU_ASSERT_EQUAL(n.log10_prob, -99.0F);
    CU_ASSERT_EQUAL(n.log10_backoff, 0.5F);
    CU_ASSERT_EQUAL_FATAL(heed_arpa_next(arpa, &n), HEED_OK);
    CU_ASSERT_EQUAL(n.log10_prob, 0.0F);
    CU_ASSERT_EQUAL(n.log10_backoff, 0.0F);
    CU_ASSERT_EQUAL_FATAL(heed_arpa_next(arpa, &n), HEED_OK);
    CU_ASSERT_EQUAL(n.order, 2);
    CU_ASSERT_EQUAL(n.log10_prob, -0.001F);
    CU_ASSERT(word_is(&n.words[1], "</s>"));
    CU_ASSERT_EQUAL_FATAL(heed_arpa_next(arpa, &n), HEED_OK);
    CU_ASSERT_EQUAL(n.log10_prob, -12.5F);
    CU_ASSERT(word_is(&n.words[0], "<s>"));
    CU_ASSERT(word_is(&n.words[1], "one"));
    CU_ASSERT_EQUAL(heed_arpa_next(arpa, &n), HEED_END);
    CU_ASSERT_EQUAL(logged.lines, 0);
    heed_arpa_close(arpa);
    heed_arpa_close(NULL);
    (void)fclose(file);
}

/* Reads all; returns what ended it. */
static heed_status read_all(const char *text, size_t n_bytes,
                            heed_test_logged *logged)
{
    const heed_log log = {heed_test_logged_write, logged};
    FILE *file = open_text(text, n_bytes);
    heed_arpa *arpa = NULL;
    heed_arpa_ngram ngram;
    heed_status status = heed_arpa_open(&arpa, file, "f", &log);
    CU_ASSERT((status == HEED_OK) == (arpa != NULL));
    while (status == HEED_OK)
        status = heed_arpa_next(arpa, &ngram);
    heed_arpa_close(arpa);
    (void)fclose(file);
    return status;
}

static void test_arpa__every_shorter_file_is_refused(void)
{
    const size_t end = (size_t)(strstr(good, "\\end\\") - good) + 5;
    for (size_t n = 1; n < end; n++) {
        heed_test_logged logged = {0};
        CU_ASSERT(read_all(good, n, &logged) < HEED_OK);
        CU_ASSERT_EQUAL(logged.lines, 1);
    }
    heed_test_logged logged = {0};
    CU_ASSERT_EQUAL(read_all(good, end, &logged), HEED_END);
    CU_ASSERT_EQUAL(logged.lines, 0);
}

typedef struct fault {
    const char *text;
    heed_status status;
    const char *line;
} fault;

#define HEAD  "\\data\\\nngram 1=2\nngram 2=1\n\\1-grams:\n"
#define TWO   HEAD "-1 A\n-1 B\n"
#define THREE TWO "\\2-grams:\n"

static const fault faults[] = {
    {"hello\n", HEED_ERR_TRUNCATED,
     "f: line 1: file ends before \\data\\: not an ARPA file"},
    {"\\data\\\n\\1-grams:\n", HEED_ERR_FORMAT,
     "f: line 2: `ngram 1=COUNT` is expected"},
    {"\\data\\\nngram 2=1\n", HEED_ERR_FORMAT,
     "f: line 2: orders do not count up from 1"},
    {"\\data\\\nngram 1:1\n", HEED_ERR_FORMAT,
     "f: line 2: not of the form `ngram ORDER=COUNT`"},
    {"\\data\\\nngram 1=1x\n", HEED_ERR_FORMAT,
     "f: line 2: not of the form `ngram ORDER=COUNT`"},
    {"\\data\\\nngram 1=-1\n", HEED_ERR_FORMAT,
     "f: line 2: not of the form `ngram ORDER=COUNT`"},
    {"\\data\\\nngram 1=99999999999999999999999\n", HEED_ERR_FORMAT,
     "f: line 2: number is too large"},
    {"\\data\\\nngram 1=1\nngram 2=1\nngram 3=1\nngram 4=1\nngram 5=1\n"
     "ngram 6=1\nngram 7=1\n",
     HEED_ERR_UNSUPPORTED, "f: line 8: orders above 6 are not supported"},
    {"\\data\\\nngram 1=1\n\\2-grams:\n", HEED_ERR_FORMAT,
     "f: line 3: `\\1-grams:` is expected"},
    {HEAD "-1\n", HEED_ERR_FORMAT, "f: line 5: n-gram has too few words"},
    {HEAD "-1 A -1 B\n", HEED_ERR_FORMAT,
     "f: line 5: n-gram has too many words or numbers"},
    {HEAD "nan A\n", HEED_ERR_FORMAT,
     "f: line 5: log probability is not a finite number"},
    {HEAD "-inf A\n", HEED_ERR_FORMAT,
     "f: line 5: log probability is not a finite number"},
    {HEAD "-1e999 A\n", HEED_ERR_FORMAT,
     "f: line 5: log probability is not a finite number"},
    {HEAD "-0x1 A\n", HEED_ERR_FORMAT,
     "f: line 5: log probability is not a finite number"},
    {HEAD "- A\n", HEED_ERR_FORMAT,
     "f: line 5: log probability is not a finite number"},
    {HEAD "-1e A\n", HEED_ERR_FORMAT,
     "f: line 5: log probability is not a finite number"},
    {HEAD "0.01 A\n", HEED_ERR_FORMAT, "f: line 5: log probability is above 0"},
    {HEAD "-1 A x\n", HEED_ERR_FORMAT,
     "f: line 5: back-off is not a finite number"},
    {HEAD "-1 A\n\\2-grams:\n", HEED_ERR_FORMAT,
     "f: line 6: 1 1-grams instead of 2"},
    {TWO "-1 C\n", HEED_ERR_FORMAT, "f: line 7: more n-grams than promised"},
    {TWO "\\end\\\n", HEED_ERR_FORMAT,
     "f: line 7: \\end\\ comes before the last order"},
    {TWO "\\3-grams:\n", HEED_ERR_FORMAT,
     "f: line 7: `\\2-grams:` is expected"},
    {THREE "-1 A B -1\n", HEED_ERR_FORMAT,
     "f: line 8: n-gram has too many words or numbers"},
    {THREE "-1 A\n", HEED_ERR_FORMAT, "f: line 8: n-gram has too few words"},
    {THREE "-1 A B\n\\3-grams:\n", HEED_ERR_FORMAT,
     "f: line 9: \\end\\ is expected"},
    {THREE "-1 A B\n", HEED_ERR_TRUNCATED,
     "f: line 8: file ends before \\end\\"},
};

static void test_arpa__faults_are_named(void)
{
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        heed_test_logged logged = {0};
        CU_ASSERT_EQUAL(
            read_all(faults[i].text, strlen(faults[i].text), &logged),
            faults[i].status);
        CU_ASSERT_EQUAL(logged.lines, 1);
        CU_ASSERT_STRING_EQUAL(logged.last, faults[i].line);
        if (strcmp(logged.last, faults[i].line) != 0)
            printf("\n%s", logged.last);
    }
}

static void test_arpa__long_lines_are_told(void)
{
    static char text[20000];
    heed_test_logged logged = {0};
    /* Before \data\ anything may be. */
    memset(text, 'x', 9000);
    strcpy(text + 9000, "\n" HEAD "-1 ");
    CU_ASSERT_EQUAL(read_all(text, strlen(text), &logged), HEED_ERR_FORMAT);
    CU_ASSERT_STRING_EQUAL(logged.last, "f: line 6: n-gram has too few words");
    const size_t n = strlen(text);
    memset(text + n, 'A', 256);
    strcpy(text + n + 256, "\n");
    CU_ASSERT_EQUAL(read_all(text, strlen(text), &logged), HEED_ERR_FORMAT);
    CU_ASSERT_STRING_EQUAL(logged.last,
                           "f: line 6: word is longer than 255 bytes");
    memset(text + n, 'A', 5000);
    strcpy(text + n + 5000, "\n");
    CU_ASSERT_EQUAL(read_all(text, strlen(text), &logged), HEED_ERR_FORMAT);
    CU_ASSERT_STRING_EQUAL(logged.last,
                           "f: line 6: line is too long or has a zero byte");
    text[n + 3] = '\0';
    text[n + 5] = '\n';
    CU_ASSERT_EQUAL(read_all(text, n + 10, &logged), HEED_ERR_FORMAT);
    CU_ASSERT_STRING_EQUAL(logged.last,
                           "f: line 6: line is too long or has a zero byte");
}

static CU_TestInfo tests[] = {
    {"n-grams come in order", test_arpa__ngrams_come_in_order},
    {"every shorter file is refused", test_arpa__every_shorter_file_is_refused},
    {"faults are named", test_arpa__faults_are_named},
    {"long lines are told", test_arpa__long_lines_are_told},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"arpa", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
