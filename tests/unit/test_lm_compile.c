/* test_lm_compile.c - language models made smaller. SPDX-License-Identifier:
 * Apache-2.0
 */
#include "lm/compile.h"

#include <math.h>
#include <stdlib.h>

#include "lm/codebook.h"
#include "tests/support/alloc.h"
#include "tests/support/arpa_text.h"
#include "tests/support/logged.h"
#include "tests/support/suites.h"

static uint32_t random_state = 1;

static float random_float(void)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (float)(random_state >> 8) / (float)(1 << 24);
}

/* --- Codebooks. ----------------------------------------------------------- */

enum { N_VALUES = 20000 };

static void test_lm_compile__few_values_are_exact(void)
{
    static const float wanted[4] = {-3.5F, -1.25F, 0.0F, 2.0F};
    float values[100];
    float book[16];
    for (size_t i = 0; i < 100; i++)
        values[i] = wanted[i * 7 % 4];
    heed_codebook_make(book, 4, values, 100);
    for (size_t i = 0; i < 4; i++)
        CU_ASSERT_EQUAL(book[heed_codebook_find(book, 4, wanted[i])],
                        wanted[i]);
    heed_codebook_make(book, 4, values, 0);
    CU_ASSERT_EQUAL(book[heed_codebook_find(book, 4, -1.0F)], 0.0F);
}

/* The root of the mean squared error over values as a model has them: many
 * small ones, few large ones. */
static double find_error(unsigned bits)
{
    static float values[N_VALUES];
    static float sorted[N_VALUES];
    static float book[1 << 12];
    double sum = 0.0;
    random_state = 1;
    for (size_t i = 0; i < N_VALUES; i++)
        values[i] = sorted[i] = logf(random_float() + 1e-6F);
    heed_codebook_make(book, bits, sorted, N_VALUES);
    for (size_t i = 1; i < (size_t)1 << bits; i++)
        CU_ASSERT(book[i - 1] <= book[i]);
    for (size_t i = 0; i < N_VALUES; i++) {
        const uint32_t found = heed_codebook_find(book, bits, values[i]);
        const float error = book[found] - values[i];
        /* None is nearer. */
        if (found > 0)
            CU_ASSERT(fabsf(error) <= fabsf(book[found - 1] - values[i]));
        if (found + 1 < 1u << bits)
            CU_ASSERT(fabsf(error) <= fabsf(book[found + 1] - values[i]));
        sum += (double)error * (double)error;
    }
    return sqrt(sum / N_VALUES);
}

static void test_lm_compile__each_bit_halves_the_error(void)
{
    double before = find_error(2);
    for (unsigned bits = 3; bits <= 10; bits++) {
        const double error = find_error(bits);
        CU_ASSERT(error < 0.7 * before);
        before = error;
    }
    const double at_8 = find_error(8);
    printf("rms error %.2g at 8 bits ... ", at_8);
    CU_ASSERT(at_8 < 0.01);
}

static void test_lm_compile__zero_stays_zero(void)
{
    static float values[N_VALUES];
    float book[16];
    for (size_t i = 0; i < N_VALUES; i++)
        values[i] = i % 10 ? -random_float() : 0.0F;
    heed_codebook_make(book, 4, values, N_VALUES);
    heed_codebook_include_zero(book, 4);
    CU_ASSERT_EQUAL(book[heed_codebook_find(book, 4, 0.0F)], 0.0F);
}

/* --- Models. -------------------------------------------------------------- */

static const char small[] = "\\data\\\n"
                            "ngram 1=5\n"
                            "ngram 2=3\n"
                            "ngram 3=1\n"
                            "\\1-grams:\n"
                            "-1 <s> -0.1\n"
                            "-1 </s>\n"
                            "-2 <unk>\n"
                            "-1.5 b -0.2\n"
                            "-1.25 A -0.3\n"
                            "\\2-grams:\n"
                            "-0.5 b A -0.4\n"
                            "-0.25 <s> b -0.5\n"
                            "-0.75 A </s>\n"
                            "\\3-grams:\n"
                            "-0.1 <s> b A\n"
                            "\\end\\\n";

static void test_lm_compile__small_letters_become_capitals(void)
{
    heed_test_logged logged = {0};
    const heed_log log = {heed_test_logged_write, &logged};
    heed_lm_image image;
    heed_lm *lm = NULL;
    heed_lm_state state;
    CU_ASSERT_EQUAL_FATAL(
        heed_test_compile(&image, small, sizeof small - 1, NULL, &log),
        HEED_OK);
    CU_ASSERT_EQUAL(logged.lines, 0);
    CU_ASSERT_EQUAL_FATAL(
        heed_lm_open_memory(&lm, image.bytes, image.n_bytes, NULL), HEED_OK);
    CU_ASSERT_EQUAL(heed_lm_word(lm, "B", 1), 4);
    heed_lm_begin(lm, &state);
    CU_ASSERT(fabsf(heed_lm_score(lm, &state, 4, &state) + 0.25F * 2.302585F) <
              1e-5F);
    CU_ASSERT(fabsf(heed_lm_score(lm, &state, 3, &state) + 0.1F * 2.302585F) <
              1e-5F);
    heed_lm_close(lm);
    heed_lm_image_deinit(&image);
    heed_lm_image_deinit(&image);
}

typedef struct fault {
    const char *text;
    const char *line;
} fault;

#define UNI                                                   \
    "\\data\\\nngram 1=4\nngram 2=2\nngram 3=2\n\\1-grams:\n" \
    "-1 <s>\n-1 </s>\n-1 <unk>\n-1 A\n"
#define BI  UNI "\\2-grams:\n-1 <s> A\n-1 A </s>\n"
#define ONE "\\data\\\nngram 1=3\n\\1-grams:\n"

static const fault faults[] = {
    {ONE "-1 <s>\n-1 </s>\n-1 <s>\n", "text: line 6: word occurs twice"},
    {ONE "-1 <s>\n-1 a\n-1 A\n", "text: line 6: word occurs twice"},
    {ONE "-1 <s>\n-1 a\n-1 B\n\\end\\\n",
     "text: line 7: there is no 1-gram </s>"},
    {ONE "-1 </s>\n-1 a\n-1 B\n\\end\\\n",
     "text: line 7: there is no 1-gram <s>"},
    {UNI "\\2-grams:\n-1 A B\n",
     "text: line 11: a word of the n-gram is not among the 1-grams"},
    {UNI "\\2-grams:\n-1 A A\n-1 A A\n\\3-grams:\n-1 A A A\n",
     "text: line 12: n-gram occurs twice"},
    {UNI "\\2-grams:\n-1 A </s>\n-1 <s> A\n\\3-grams:\n-1 <s> A </s>\n"
         "-1 <s> A </s>\n\\end\\\n",
     "text: line 15: n-gram occurs twice"},
    {BI "\\3-grams:\n-1 A A A\n",
     "text: line 14: the n-gram without its last word is missing"},
    {BI "\\3-grams:\n-1 <s> A A\n-1 <s> B A\n",
     "text: line 15: a word of the n-gram is not among the 1-grams"},
};

static void test_lm_compile__faults_are_named(void)
{
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        heed_test_logged logged = {0};
        const heed_log log = {heed_test_logged_write, &logged};
        heed_lm_image image;
        CU_ASSERT_EQUAL(heed_test_compile(&image, faults[i].text,
                                          strlen(faults[i].text), NULL, &log),
                        HEED_ERR_FORMAT);
        CU_ASSERT_PTR_NULL(image.bytes);
        CU_ASSERT_EQUAL(logged.lines, 1);
        CU_ASSERT_STRING_EQUAL(logged.last, faults[i].line);
        if (strcmp(logged.last, faults[i].line) != 0)
            printf("\n%zu: %s", i, logged.last);
    }
}

static void test_lm_compile__unknown_word_is_added(void)
{
    static const char text[] = ONE "-1 <s>\n-1 </s>\n-1 A\n\\end\\\n";
    heed_test_logged logged = {0};
    const heed_log log = {heed_test_logged_write, &logged};
    const heed_lm_compile_config config = {.unknown_log10 = -4.0F};
    heed_lm_image image;
    heed_lm *lm = NULL;
    heed_lm_state state;
    CU_ASSERT_EQUAL_FATAL(
        heed_test_compile(&image, text, sizeof text - 1, &config, &log),
        HEED_OK);
    CU_ASSERT_EQUAL(logged.lines, 1);
    CU_ASSERT_EQUAL(logged.level, HEED_LOG_WARNING);
    CU_ASSERT_EQUAL_FATAL(
        heed_lm_open_memory(&lm, image.bytes, image.n_bytes, NULL), HEED_OK);
    heed_lm_null(lm, &state);
    CU_ASSERT(fabsf(heed_lm_score(lm, &state, HEED_LM_UNKNOWN, NULL) +
                    4.0F * 2.302585F) < 1e-3F);
    heed_lm_close(lm);
    heed_lm_image_deinit(&image);
}

static void test_lm_compile__options_out_of_range_are_refused(void)
{
    static const heed_lm_compile_config bad[] = {
        {1, 8, 0.0F}, {17, 8, 0.0F},    {8, 1, 0.0F}, {8, 17, 0.0F},
        {8, 8, 0.5F}, {8, 8, -2000.0F}, {8, 8, NAN},
    };
    heed_lm_image image;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CU_ASSERT_EQUAL(
            heed_test_compile(&image, small, sizeof small - 1, &bad[i], NULL),
            HEED_ERR_ARG);
}

static void test_lm_compile__every_refused_allocation_is_survived(void)
{
    heed_status status = HEED_ERR_MEMORY;
    size_t n = 0;
    if (!heed_test_alloc_works()) {
        printf("skipped: the linker cannot wrap symbols ... ");
        return;
    }
    while (status == HEED_ERR_MEMORY && n < 1000) {
        heed_lm_image image;
        heed_test_logged logged = {0};
        const heed_log log = {heed_test_logged_write, &logged};
        heed_test_alloc_watch(++n);
        status = heed_test_compile(&image, small, sizeof small - 1, NULL, &log);
        CU_ASSERT_EQUAL(logged.lines, status == HEED_OK ? 0 : 1);
        heed_lm_image_deinit(&image);
        (void)heed_test_alloc_stop();
        CU_ASSERT_EQUAL(heed_test_alloc_live(), 0);
    }
    CU_ASSERT_EQUAL(status, HEED_OK);
    printf("%zu allocations ... ", n - 1);
}

static CU_TestInfo tests[] = {
    {"few values are exact", test_lm_compile__few_values_are_exact},
    {"each bit halves the error", test_lm_compile__each_bit_halves_the_error},
    {"zero stays zero", test_lm_compile__zero_stays_zero},
    {"small letters become capitals",
     test_lm_compile__small_letters_become_capitals},
    {"faults are named", test_lm_compile__faults_are_named},
    {"unknown word is added", test_lm_compile__unknown_word_is_added},
    {"options out of range are refused",
     test_lm_compile__options_out_of_range_are_refused},
    {"every refused allocation is survived",
     test_lm_compile__every_refused_allocation_is_survived},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"lm_compile", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
