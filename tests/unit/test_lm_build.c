/* test_lm_build.c - language models from texts. SPDX-License-Identifier:
 * Apache-2.0
 */
#include "lm/build.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lm/ngram_sort.h"
#include "lm/spool.h"
#include "lm/word_table.h"
#include "tests/support/alloc.h"
#include "tests/support/logged.h"
#include "tests/support/suites.h"

/* --- Building from a text in memory. -------------------------------------- */

/* The bytes of a model; released by the caller. */
typedef struct built {
    heed_status status;
    char *arpa;
    size_t n_bytes;
    heed_lm_build_summary summary;
    heed_test_logged logged;
} built;

static char *write_text(char path[32], const char *text)
{
    snprintf(path, 32, "/tmp/heed-test-XXXXXX");
    const int fd = mkstemp(path);
    CU_ASSERT_FATAL(fd >= 0);
    const size_t length = strlen(text);
    CU_ASSERT_EQUAL(write(fd, text, length), (ssize_t)length);
    close(fd);
    return path;
}

/* Builds with `config`, whose texts are replaced by one file of `text`. */
static built build_text(const char *text, heed_lm_build_config config)
{
    char path[32];
    built b = {.status = HEED_OK};
    const heed_log log = {heed_test_logged_write, &b.logged};
    const heed_lm_source source = {write_text(path, text), 1};
    FILE *file = open_memstream(&b.arpa, &b.n_bytes);
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    config.texts = &source;
    config.n_texts = 1;
    b.status = heed_lm_build(file, &b.summary, &config, &log);
    fclose(file);
    unlink(path);
    return b;
}

static built build_order(const char *text, size_t order)
{
    return build_text(text, (heed_lm_build_config){.order = order});
}

/* Finds the line of an n-gram. */
static bool find_line(const built *b, const char *ngram, double *probability,
                      double *back_off)
{
    char wanted[128];
    snprintf(wanted, sizeof wanted, "\t%s", ngram);
    const size_t length = strlen(wanted);
    for (const char *at = b->arpa; (at = strstr(at, wanted)) != NULL; at++) {
        if (at[length] != '\t' && at[length] != '\n')
            continue;
        const char *line = at;
        while (line > b->arpa && line[-1] != '\n')
            line--;
        *probability = strtod(line, NULL);
        *back_off = at[length] == '\t' ? strtod(at + length, NULL) : 0.0;
        return true;
    }
    return false;
}

static bool ngram_is(const built *b, const char *ngram, double probability,
                     double back_off)
{
    double p = 0.0;
    double g = 0.0;
    if (!find_line(b, ngram, &p, &g)) {
        printf("\nno '%s'\n", ngram);
        return false;
    }
    const bool right = fabs(pow(10.0, p) - probability) < 1e-6 &&
                       fabs(pow(10.0, g) - back_off) < 1e-6;
    if (!right)
        printf("\n'%s': %g %g\n", ngram, pow(10.0, p), pow(10.0, g));
    return right;
}

static bool has(const built *b, const char *ngram)
{
    double p;
    double g;
    return find_line(b, ngram, &p, &g);
}

/* A text with the same numbers everywhere: `n_lines` sentences of up to 8 of
 * `n_words` words, which Knuth's generator draws. */
static char *make_text(size_t n_lines, uint32_t n_words)
{
    char *text = malloc(n_lines * 40 + 1);
    size_t at = 0;
    uint32_t seed = 1;
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    for (size_t line = 0; line < n_lines; line++) {
        seed = seed * 1664525U + 1013904223U;
        for (uint32_t n = 1 + (seed >> 29); n > 0; n--) {
            seed = seed * 1664525U + 1013904223U;
            const uint32_t a = (seed >> 16) % n_words;
            const uint32_t word = a * (seed >> 24) / 256;
            text[at++] = (char)('A' + word % 26);
            text[at++] = (char)('A' + word / 26);
            text[at++] = n == 1 ? '\n' : ' ';
        }
    }
    text[at] = '\0';
    return text;
}

/* --- Estimates. ----------------------------------------------------------- */

/* A: 3, B: 2, C: 1, </s>: 4 of 10; the counts of counts 1, 1, 1, 1 give
 * y = 1/3 and D = 1/3, 1, 5/3; D(4) = D(3). The rest, 1/3 + 1 + 2 * 5/3 =
 * 14/3, goes to 5 words. */
static void test_lm_build__unigrams_agree_with_the_formula(void)
{
    built b = build_order("a b\nA b\na\nc\n", 1);
    const double uniform = 14.0 / 3.0 / 10.0 / 5.0;
    CU_ASSERT_EQUAL_FATAL(b.status, HEED_OK);
    CU_ASSERT_EQUAL(b.logged.lines, 0);
    CU_ASSERT(!b.summary.discounts[0].fallback);
    CU_ASSERT_DOUBLE_EQUAL(b.summary.discounts[0].amount[1], 1.0 / 3.0, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(b.summary.discounts[0].amount[2], 1.0, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(b.summary.discounts[0].amount[3], 5.0 / 3.0, 1e-12);
    CU_ASSERT(ngram_is(&b, "A", (3.0 - 5.0 / 3.0) / 10.0 + uniform, 1.0));
    CU_ASSERT(ngram_is(&b, "B", (2.0 - 1.0) / 10.0 + uniform, 1.0));
    CU_ASSERT(ngram_is(&b, "C", (1.0 - 1.0 / 3.0) / 10.0 + uniform, 1.0));
    CU_ASSERT(ngram_is(&b, "</s>", (4.0 - 5.0 / 3.0) / 10.0 + uniform, 1.0));
    CU_ASSERT(ngram_is(&b, "<unk>", uniform, 1.0));
    CU_ASSERT(ngram_is(&b, "<s>", 0.0, 1.0));
    free(b.arpa);
}

/* Fall-back discounts 0.5, 1, 1.5. Bigrams: <s> A 2, A B 1, B </s> 1, A </s>
 * 1. Different words before: A 1, B 1, </s> 2; counts of counts 2, 1 and none:
 * fall-back there, too. Unigram rest: (0.5 + 0.5 + 1) / 4 over 4 words. */
static void test_lm_build__bigrams_agree_with_the_formula(void)
{
    built b = build_order("a b\na\n", 2);
    const double u = 2.0 / 4.0 / 4.0;
    const double a = 0.5 / 4.0 + u;
    const double end = 1.0 / 4.0 + u;
    CU_ASSERT_EQUAL_FATAL(b.status, HEED_OK);
    CU_ASSERT_EQUAL(b.logged.lines, 2);
    CU_ASSERT_EQUAL(b.logged.level, HEED_LOG_WARNING);
    CU_ASSERT(b.summary.discounts[1].fallback);
    CU_ASSERT(ngram_is(&b, "A", a, 0.5));
    CU_ASSERT(ngram_is(&b, "B", a, 0.5));
    CU_ASSERT(ngram_is(&b, "</s>", end, 1.0));
    CU_ASSERT(ngram_is(&b, "<s>", 0.0, 0.5));
    CU_ASSERT(ngram_is(&b, "<s> A", (2.0 - 1.0) / 2.0 + 0.5 * a, 1.0));
    CU_ASSERT(ngram_is(&b, "A B", 0.5 / 2.0 + 0.5 * a, 1.0));
    CU_ASSERT(ngram_is(&b, "A </s>", 0.5 / 2.0 + 0.5 * end, 1.0));
    CU_ASSERT(ngram_is(&b, "B </s>", 0.5 / 1.0 + 0.5 * end, 1.0));
    CU_ASSERT(strstr(b.arpa, "\\data\\\nngram 1=5\nngram 2=4\n\n") == b.arpa);
    CU_ASSERT(strstr(b.arpa, "\n\\end\\\n") == b.arpa + b.n_bytes - 7);
    free(b.arpa);
}

static void test_lm_build__weight_repeats_a_text(void)
{
    char path[2][32];
    built twice = build_order("a b\na c\na b\na c\nc\n", 3);
    built b = {.status = HEED_OK};
    const heed_lm_source sources[2] = {{write_text(path[0], "a b\na c\n"), 2},
                                       {write_text(path[1], "c"), 1}};
    const heed_lm_build_config config = {
        .texts = sources, .n_texts = 2, .order = 3};
    FILE *file = open_memstream(&b.arpa, &b.n_bytes);
    CU_ASSERT_EQUAL(heed_lm_build(file, &b.summary, &config, NULL), HEED_OK);
    fclose(file);
    CU_ASSERT_STRING_EQUAL(b.arpa, twice.arpa);
    CU_ASSERT_EQUAL(b.summary.corpus.n_sentences, 3);
    CU_ASSERT_EQUAL(b.summary.corpus.n_words, 5);
    for (size_t i = 0; i < 2; i++)
        unlink(path[i]);
    free(b.arpa);
    free(twice.arpa);
}

static void test_lm_build__cut_off_ngrams_are_left_out(void)
{
    built b =
        build_text("a b\na b\na c\n",
                   (heed_lm_build_config){.order = 3, .cutoffs = {0, 0, 1}});
    CU_ASSERT_EQUAL_FATAL(b.status, HEED_OK);
    CU_ASSERT(has(&b, "<s> A B"));
    CU_ASSERT(has(&b, "A B </s>"));
    CU_ASSERT(!has(&b, "<s> A C"));
    CU_ASSERT(!has(&b, "A C </s>"));
    CU_ASSERT(has(&b, "A C"));
    /* All that follows was cut off: nothing is subtracted. */
    double p = 0.0;
    double g = 1.0;
    CU_ASSERT(find_line(&b, "A C", &p, &g));
    CU_ASSERT_DOUBLE_EQUAL(g, 0.0, 1e-9);
    CU_ASSERT_EQUAL(b.summary.n_written[2], 2);
    free(b.arpa);
}

/* --- Words. --------------------------------------------------------------- */

static void test_lm_build__malformed_words_are_unknown(void)
{
    built b = build_order("It's 4 o'clock\r\n\n \t\nna\xc3\xafve  <s> x.y", 2);
    CU_ASSERT_EQUAL_FATAL(b.status, HEED_OK);
    CU_ASSERT_EQUAL(b.summary.corpus.n_sentences, 2);
    CU_ASSERT_EQUAL(b.summary.corpus.n_words, 6);
    CU_ASSERT_EQUAL(b.summary.corpus.n_malformed, 4);
    CU_ASSERT_EQUAL(b.summary.corpus.n_unknown, 4);
    CU_ASSERT(has(&b, "IT'S <unk>"));
    CU_ASSERT(has(&b, "<unk> O'CLOCK"));
    CU_ASSERT(has(&b, "<s> <unk>"));
    CU_ASSERT(has(&b, "<unk> <unk>"));
    CU_ASSERT_EQUAL(b.summary.n_written[0], 5);
    free(b.arpa);
}

static void test_lm_build__longest_word_is_kept(void)
{
    char text[600];
    memset(text, 'x', sizeof text);
    text[HEED_LM_MAX_WORD_BYTES] = ' ';
    text[2 * HEED_LM_MAX_WORD_BYTES + 2] = '\0';
    built b = build_order(text, 1);
    CU_ASSERT_EQUAL(b.status, HEED_OK);
    CU_ASSERT_EQUAL(b.summary.corpus.n_words, 2);
    CU_ASSERT_EQUAL(b.summary.corpus.n_malformed, 1);
    free(b.arpa);
}

static void test_lm_build__vocabulary_is_chosen(void)
{
    char path[32];
    const char text[] = "a a a b b c c d\n";
    built b = build_text(
        text, (heed_lm_build_config){.order = 2, .vocabulary.max_words = 2});
    CU_ASSERT(has(&b, "A") && has(&b, "B"));
    CU_ASSERT(!has(&b, "C") && !has(&b, "D"));
    CU_ASSERT_EQUAL(b.summary.corpus.n_unknown, 3);
    free(b.arpa);

    b = build_text(
        text, (heed_lm_build_config){.order = 2, .vocabulary.min_count = 2});
    CU_ASSERT(has(&b, "C") && !has(&b, "D"));
    free(b.arpa);

    write_text(path, "d\n\n  Never \n");
    b = build_text(text,
                   (heed_lm_build_config){.order = 2, .vocabulary.path = path});
    CU_ASSERT_EQUAL(b.summary.n_written[0], 5);
    CU_ASSERT(has(&b, "D") && has(&b, "NEVER") && !has(&b, "A"));
    free(b.arpa);
    unlink(path);

    write_text(path, "d\ntwo words\n");
    b = build_text(text,
                   (heed_lm_build_config){.order = 2, .vocabulary.path = path});
    CU_ASSERT_EQUAL(b.status, HEED_ERR_FORMAT);
    CU_ASSERT_PTR_NOT_NULL(strstr(
        b.logged.last, ": line 2: not one word of letters and apostrophes"));
    free(b.arpa);
    unlink(path);

    b = build_text(
        text, (heed_lm_build_config){.order = 2, .vocabulary.min_count = 9});
    CU_ASSERT_EQUAL(b.status, HEED_ERR_FORMAT);
    CU_ASSERT_STRING_EQUAL(b.logged.last,
                           "language model: the vocabulary is empty");
    free(b.arpa);
}

/* --- Sums. ---------------------------------------------------------------- */

/* Base-10 logarithm of the probability of the last of `n` words. */
static double score(const built *b, const char *const *words, size_t n)
{
    char ngram[128] = "";
    double p = 0.0;
    double g = 0.0;
    for (size_t i = 0; i < n; i++)
        snprintf(ngram + strlen(ngram), sizeof ngram - strlen(ngram), "%s%s",
                 i > 0 ? " " : "", words[i]);
    if (find_line(b, ngram, &p, &g))
        return p;
    ngram[strlen(ngram) - strlen(words[n - 1]) - 1] = '\0';
    (void)find_line(b, ngram, &p, &g);
    return g + score(b, words + 1, n - 1);
}

static double sum_after(const built *b, const char *const *context, size_t n)
{
    static const char *const vocabulary[] = {"AA", "BA", "CA",   "DA",
                                             "EA", "FA", "</s>", "<unk>"};
    const char *words[HEED_LM_MAX_ORDER] = {NULL};
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        words[i] = context[i];
    for (size_t i = 0; i < sizeof vocabulary / sizeof *vocabulary; i++) {
        words[n] = vocabulary[i];
        sum += pow(10.0, score(b, words, n + 1));
    }
    return sum;
}

static void check_sums(heed_lm_build_config config)
{
    static const char *const contexts[][3] = {{"<s>", "AA", "BA"},
                                              {"AA", "BA", "CA"},
                                              {"FA", "<unk>", "FA"},
                                              {"<unk>", "<unk>", "<unk>"},
                                              {"DA", "EA", "AA"}};
    char *text = make_text(150, 7);
    config.order = 4;
    built b = build_text(text, config);
    CU_ASSERT_EQUAL_FATAL(b.status, HEED_OK);
    for (size_t i = 0; i < sizeof contexts / sizeof *contexts; i++)
        for (size_t n = 0; n <= 3; n++)
            CU_ASSERT_DOUBLE_EQUAL(sum_after(&b, contexts[i] + 3 - n, n), 1.0,
                                   1e-5);
    free(b.arpa);
    free(text);
}

static void test_lm_build__probabilities_sum_to_one(void)
{
    check_sums((heed_lm_build_config){.order = 4});
    check_sums((heed_lm_build_config){.order = 4, .cutoffs = {0, 1, 2, 3}});
}

static void test_lm_build__pruned_probabilities_sum_to_one(void)
{
    check_sums((heed_lm_build_config){.order = 4, .prune_threshold = 1e-5});
    check_sums((heed_lm_build_config){.order = 4, .prune_threshold = 1e-4});
    check_sums((heed_lm_build_config){.order = 4, .prune_threshold = 1e-2});
}

static void test_lm_build__pruning_keeps_what_is_needed(void)
{
    char *text = make_text(300, 40);
    size_t before = SIZE_MAX;
    static const double thresholds[] = {1e-6, 1e-5, 1e-4, 1e-3, 0.05};
    for (size_t i = 0; i < sizeof thresholds / sizeof *thresholds; i++) {
        const double threshold = thresholds[i];
        built b = build_text(
            text,
            (heed_lm_build_config){.order = 3, .prune_threshold = threshold});
        CU_ASSERT_EQUAL_FATAL(b.status, HEED_OK);
        CU_ASSERT_EQUAL(b.summary.n_written[0], b.summary.n_estimated[0]);
        CU_ASSERT(b.summary.n_written[2] <= before);
        before = b.summary.n_written[2];
        const char *line = strstr(b.arpa, "\\3-grams:\n") + 10;
        for (; *line == '-'; line = strchr(line, '\n') + 1) {
            char words[3][8];
            char pair[32];
            sscanf(line, "%*s %7s %7s %7s", words[0], words[1], words[2]);
            for (size_t k = 0; k < 2; k++) {
                snprintf(pair, sizeof pair, "%s %s", words[k], words[k + 1]);
                CU_ASSERT(has(&b, pair));
            }
        }
        free(b.arpa);
    }
    CU_ASSERT_EQUAL(before, 0);
    free(text);
}

/* --- Memory, files, mistakes. --------------------------------------------- */

static void test_lm_build__little_memory_gives_the_same_bytes(void)
{
    char *text = make_text(500, 300);
    for (size_t order = 1; order <= 6; order += 2) {
        built much = build_order(text, order);
        CU_ASSERT_EQUAL_FATAL(much.status, HEED_OK);
        for (size_t bytes = 300; bytes <= 300000; bytes *= 30) {
            built little =
                build_text(text, (heed_lm_build_config){.order = order,
                                                        .memory_bytes = bytes});
            CU_ASSERT_EQUAL_FATAL(little.status, HEED_OK);
            CU_ASSERT_EQUAL_FATAL(little.n_bytes, much.n_bytes);
            CU_ASSERT(memcmp(little.arpa, much.arpa, much.n_bytes) == 0);
            free(little.arpa);
        }
        free(much.arpa);
    }
    free(text);
}

static void test_lm_build__sort_adds_counts_over_runs(void)
{
    heed_ngram_sort *sort = NULL;
    const heed_ngram_sort_config config = {.order = 2,
                                           .payload_words = 2,
                                           .key = HEED_NGRAM_SUFFIX,
                                           .adds = true,
                                           .memory_bytes = 1,
                                           .folder = "/tmp"};
    CU_ASSERT_EQUAL_FATAL(heed_ngram_sort_create(&sort, &config, NULL),
                          HEED_OK);
    for (uint32_t i = 0; i < 1000; i++) {
        uint32_t record[4] = {i % 7, UINT32_MAX - i % 5};
        const uint64_t count = UINT64_C(1) << 32;
        memcpy(record + 2, &count, sizeof count);
        CU_ASSERT_EQUAL(heed_ngram_sort_feed(sort, record), HEED_OK);
    }
    CU_ASSERT_EQUAL(heed_ngram_sort_count(sort), 1000);
    CU_ASSERT_EQUAL(heed_ngram_sort_finish(sort), HEED_OK);
    uint64_t total = 0;
    const uint32_t *record;
    for (uint32_t i = 0; i < 35; i++) {
        uint64_t count;
        CU_ASSERT_EQUAL_FATAL(heed_ngram_sort_next(sort, &record), HEED_OK);
        CU_ASSERT_EQUAL(record[0], i % 7);
        CU_ASSERT_EQUAL(record[1], UINT32_MAX - 4 + i / 7);
        memcpy(&count, record + 2, sizeof count);
        total += count >> 32;
    }
    CU_ASSERT_EQUAL(total, 1000);
    CU_ASSERT_EQUAL(heed_ngram_sort_next(sort, &record), HEED_END);
    CU_ASSERT_PTR_NULL(record);
    CU_ASSERT_EQUAL(heed_ngram_sort_next(sort, &record), HEED_END);
    heed_ngram_sort_destroy(sort);
    heed_ngram_sort_destroy(NULL);
}

static void test_lm_build__spool_can_be_read_again(void)
{
    for (size_t bytes = 1; bytes <= 1000; bytes += 333) {
        heed_spool *spool = NULL;
        const uint32_t *record;
        CU_ASSERT_EQUAL_FATAL(heed_spool_create(&spool, 2, bytes, "/tmp", NULL),
                              HEED_OK);
        for (uint32_t i = 0; i < 100; i++) {
            const uint32_t pair[2] = {i, ~i};
            CU_ASSERT_EQUAL(heed_spool_put(spool, pair), HEED_OK);
        }
        for (int time = 0; time < 3; time++) {
            CU_ASSERT_EQUAL(heed_spool_rewind(spool), HEED_OK);
            for (uint32_t i = 0; i < (time == 0 ? 50 : 100); i++) {
                CU_ASSERT_EQUAL(heed_spool_next(spool, &record), HEED_OK);
                CU_ASSERT(record && record[0] == i && record[1] == ~i);
            }
        }
        CU_ASSERT_EQUAL(heed_spool_next(spool, &record), HEED_END);
        heed_spool_destroy(spool);
    }
    heed_spool_destroy(NULL);
}

static void test_lm_build__empty_text_is_refused(void)
{
    static const char *const texts[] = {"", "\n \n\t\n"};
    for (size_t i = 0; i < 2; i++) {
        built b = build_order(texts[i], 3);
        CU_ASSERT_EQUAL(b.status, HEED_ERR_FORMAT);
        CU_ASSERT_EQUAL(b.logged.lines, 1);
        CU_ASSERT_STRING_EQUAL(b.logged.last,
                               "language model: the text is empty");
        CU_ASSERT_EQUAL(b.n_bytes, 0);
        free(b.arpa);
    }
}

static void test_lm_build__bad_options_are_refused(void)
{
    const heed_lm_build_config wrong[] = {
        {.order = 0},
        {.order = 7},
        {.order = 2, .cutoffs = {1, 1}},
        {.order = 3, .cutoffs = {0, 2, 1}},
        {.order = 3, .prune_threshold = -1.0},
        {.order = 3, .prune_threshold = 1.0},
        {.order = 3, .prune_threshold = (double)NAN}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        built b = build_text("a\n", wrong[i]);
        CU_ASSERT_EQUAL(b.status, HEED_ERR_ARG);
        CU_ASSERT_EQUAL(b.logged.lines, 1);
        free(b.arpa);
    }
}

static void test_lm_build__files_that_fail_are_told(void)
{
    heed_lm_build_summary summary;
    heed_test_logged logged = {0};
    const heed_log log = {heed_test_logged_write, &logged};
    heed_lm_source source = {"/nonexistent/text", 1};
    heed_lm_build_config config = {.texts = &source, .n_texts = 1, .order = 2};
    CU_ASSERT_EQUAL(heed_lm_build(stdout, &summary, &config, &log),
                    HEED_ERR_IO);
    CU_ASSERT_STRING_EQUAL(logged.last,
                           "/nonexistent/text: No such file or directory");
    source.path = "/";
    CU_ASSERT_EQUAL(heed_lm_build(stdout, &summary, &config, &log),
                    HEED_ERR_IO);
    source.weight = 0;
    CU_ASSERT_EQUAL(heed_lm_build(stdout, &summary, &config, &log),
                    HEED_ERR_ARG);
    config.n_texts = 0;
    CU_ASSERT_EQUAL(heed_lm_build(stdout, &summary, &config, &log),
                    HEED_ERR_ARG);
    CU_ASSERT_EQUAL(logged.lines, 4);

    char *text = make_text(200, 50);
    built b = build_text(
        text, (heed_lm_build_config){
                  .order = 2, .memory_bytes = 1, .folder = "/nonexistent"});
    CU_ASSERT_EQUAL(b.status, HEED_ERR_IO);
    CU_ASSERT_STRING_EQUAL(
        b.logged.last,
        "/nonexistent: temporary file: No such file or directory");
    CU_ASSERT_EQUAL(b.n_bytes, 0);
    free(b.arpa);
    free(text);
}

static void test_lm_build__full_disk_is_told(void)
{
    char path[32];
    heed_lm_build_summary summary;
    heed_test_logged logged = {0};
    const heed_log log = {heed_test_logged_write, &logged};
    const heed_lm_source source = {write_text(path, "a b c\n"), 1};
    const heed_lm_build_config config = {
        .texts = &source, .n_texts = 1, .order = 1};
    FILE *full = fopen("/dev/full", "w");
    if (full) {
        CU_ASSERT_EQUAL(heed_lm_build(full, &summary, &config, &log),
                        HEED_ERR_IO);
        CU_ASSERT_STRING_EQUAL(
            logged.last, "language model: output: No space left on device");
        fclose(full);
    }
    unlink(path);
}

static void count_steps(void *user, const char *step, double fraction)
{
    double *before = user;
    CU_ASSERT(step[0] != '\0');
    CU_ASSERT(fraction >= *before && fraction <= 1.0);
    *before = fraction;
}

static void test_lm_build__progress_goes_forward(void)
{
    double fraction = 0.0;
    built b =
        build_text("a b\n", (heed_lm_build_config){.order = 2,
                                                   .prune_threshold = 1e-9,
                                                   .progress = count_steps,
                                                   .user = &fraction});
    CU_ASSERT_EQUAL(b.status, HEED_OK);
    CU_ASSERT(fraction > 0.5);
    free(b.arpa);
}

static heed_status build_failing(FILE *file, const char *path, size_t fail_at,
                                 size_t *asked)
{
    heed_lm_build_summary summary;
    const heed_lm_source source = {path, 1};
    const heed_lm_build_config config = {.texts = &source,
                                         .n_texts = 1,
                                         .order = 3,
                                         .vocabulary.path = path,
                                         .memory_bytes = 8000,
                                         .prune_threshold = 1e-6};
    heed_test_alloc_watch(fail_at);
    const heed_status status = heed_lm_build(file, &summary, &config, NULL);
    CU_ASSERT_EQUAL(heed_test_alloc_live(), 0);
    *asked = heed_test_alloc_stop();
    return status;
}

static void test_lm_build__failed_allocations_are_survived(void)
{
    char path[32];
    char text[4001];
    char *at = text;
    size_t asked = 0;
    if (!heed_test_alloc_works())
        return;
    /* One word a line: a text and a vocabulary of 600 words. */
    for (int i = 0; i < 600; i++)
        at += sprintf(at, "%c%c%c\n", 'A' + i % 17, 'A' + i / 17 % 19,
                      'A' + i / 323);
    write_text(path, text);
    FILE *file = fopen("/dev/null", "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL(build_failing(file, path, 0, &asked), HEED_OK);
    for (size_t i = 1; i <= asked; i++) {
        size_t now;
        CU_ASSERT_EQUAL(build_failing(file, path, i, &now), HEED_ERR_MEMORY);
    }
    fclose(file);
    unlink(path);
}

#define TEST(name)                                     \
    {                                                  \
        "test_lm_build__" #name, test_lm_build__##name \
    }

static CU_TestInfo tests[] = {
    TEST(unigrams_agree_with_the_formula),
    TEST(bigrams_agree_with_the_formula),
    TEST(weight_repeats_a_text),
    TEST(cut_off_ngrams_are_left_out),
    TEST(malformed_words_are_unknown),
    TEST(longest_word_is_kept),
    TEST(vocabulary_is_chosen),
    TEST(probabilities_sum_to_one),
    TEST(pruned_probabilities_sum_to_one),
    TEST(pruning_keeps_what_is_needed),
    TEST(little_memory_gives_the_same_bytes),
    TEST(sort_adds_counts_over_runs),
    TEST(spool_can_be_read_again),
    TEST(empty_text_is_refused),
    TEST(bad_options_are_refused),
    TEST(files_that_fail_are_told),
    TEST(full_disk_is_told),
    TEST(progress_goes_forward),
    TEST(failed_allocations_are_survived),
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"lm_build", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
