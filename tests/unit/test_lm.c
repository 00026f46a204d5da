/* test_lm.c - scores, states and words of language models.
 * SPDX-License-Identifier: Apache-2.0 */
#include "lm/lm.h"

#include <math.h>
#include <stdlib.h>

#include "lm/bits.h"
#include "lm/layout.h"
#include "tests/support/alloc.h"
#include "tests/support/arpa_text.h"
#include "tests/support/logged.h"
#include "tests/support/suites.h"

/* The numbers are such that each sum tells what it is made of. E has no
 * back-off, "B C" neither that nor children. */
static const char by_hand[] = "\\data\\\n"
                              "ngram 1=8\n"
                              "ngram 2=6\n"
                              "ngram 3=3\n"
                              "ngram 4=1\n"
                              "\n\\1-grams:\n"
                              "-3\t<unk>\n"
                              "-99\t<s>\t-0.5\n"
                              "-1\t</s>\n"
                              "-1.1\tA\t-0.1\n"
                              "-1.2\tB\t-0.2\n"
                              "-1.3\tC\t-0.3\n"
                              "-1.4\tD'S\t0\n"
                              "-1.5\tE\n"
                              "\n\\2-grams:\n"
                              "-0.51\t<s> A\t-0.01\n"
                              "-0.52\tA B\t-0.02\n"
                              "-0.53\tB C\n"
                              "-0.54\tC </s>\n"
                              "-0.55\tC A\t-0.05\n"
                              "-0.56\tA E\t-0.06\n"
                              "\n\\3-grams:\n"
                              "-0.31\t<s> A B\t-0.001\n"
                              "-0.32\tA B C\t-0.002\n"
                              "-0.33\tC A B\t0\n"
                              "\n\\4-grams:\n"
                              "-0.11\t<s> A B C\n"
                              "\n\\end\\\n";

static const heed_lm_compile_config exact = {16, 16, 0.0F};

/* Ids, as they follow from the sorted words. */
enum { A = 3, B, C, D, E };

typedef struct opened {
    heed_lm_image image;
    heed_lm *lm;
} opened;

static opened open_text(const char *text)
{
    opened o = {{0}, NULL};
    CU_ASSERT_EQUAL_FATAL(
        heed_test_compile(&o.image, text, strlen(text), &exact, NULL), HEED_OK);
    CU_ASSERT_EQUAL_FATAL(
        heed_lm_open_memory(&o.lm, o.image.bytes, o.image.n_bytes, NULL),
        HEED_OK);
    return o;
}

static void close_text(opened *o)
{
    heed_lm_close(o->lm);
    heed_lm_image_deinit(&o->image);
}

static bool is_near(float score, double log10_expected)
{
    const double got = (double)score / 2.302585092994046;
    if (fabs(got - log10_expected) < 1e-4)
        return true;
    printf("\n%g instead of %g\n", got, log10_expected);
    return false;
}

/* The log probability of the last word after the others; after `<s>` if the
 * list begins with it. */
static float score_last(const heed_lm *lm, const uint32_t *words, size_t n)
{
    heed_lm_state state;
    float score = 0.0F;
    heed_lm_null(lm, &state);
    for (size_t i = 0; i < n; i++)
        score = heed_lm_score(lm, &state, words[i], &state);
    return score;
}

#define SCORES(lm, expected, ...)                                              \
    CU_ASSERT(is_near(score_last(lm, (const uint32_t[]){__VA_ARGS__},          \
                                 sizeof((const uint32_t[]){__VA_ARGS__}) / 4), \
                      expected))

static void test_lm__scores_are_those_by_hand(void)
{
    opened o = open_text(by_hand);
    const uint32_t begin = HEED_LM_SENTENCE_BEGIN;
    const uint32_t end = HEED_LM_SENTENCE_END;
    SCORES(o.lm, -1.1, A);
    SCORES(o.lm, -1.4, D);
    SCORES(o.lm, -3.0, HEED_LM_UNKNOWN);
    SCORES(o.lm, -0.51, begin, A);
    SCORES(o.lm, -0.31, begin, A, B);
    SCORES(o.lm, -0.11, begin, A, B, C);
    /* Back-offs of one, two and three words. */
    SCORES(o.lm, -0.5 - 1.2, begin, B);
    SCORES(o.lm, -0.01 - 0.56, begin, A, E);
    SCORES(o.lm, -0.01 - 0.1 - 1.3, begin, A, C);
    SCORES(o.lm, -0.001 - 0.02 - 0.2 - 1.4, begin, A, B, D);
    SCORES(o.lm, -0.001 - 0.02 - 0.2 - 3.0, begin, A, B, HEED_LM_UNKNOWN);
    /* The context D A B is not there, A B is. */
    SCORES(o.lm, -0.32, D, A, B, C);
    SCORES(o.lm, -0.32, C, A, B, C);
    /* A B C has a back-off, B C neither that nor children. */
    SCORES(o.lm, -0.002 - 0.54, begin, A, B, C, end);
    SCORES(o.lm, -0.002 - 0.55, A, B, C, A);
    SCORES(o.lm, -0.55, E, C, A);
    /* Neither E nor D has any back-off, A E has. */
    SCORES(o.lm, -1.1, E, A);
    SCORES(o.lm, -1.1, D, A);
    SCORES(o.lm, -0.06 - 1.1, A, E, A);
    SCORES(o.lm, -1.1, HEED_LM_UNKNOWN, A);
    close_text(&o);
}

static void test_lm__sentence_begins_and_ends(void)
{
    opened o = open_text(by_hand);
    heed_lm_state state;
    heed_lm_begin(o.lm, &state);
    CU_ASSERT_EQUAL(state.n, 1);
    CU_ASSERT_EQUAL(state.words[0], HEED_LM_SENTENCE_BEGIN);
    CU_ASSERT(is_near(heed_lm_end(o.lm, &state), -0.5 - 1.0));
    (void)heed_lm_score(o.lm, &state, C, &state);
    CU_ASSERT(is_near(heed_lm_end(o.lm, &state), -0.54));
    heed_lm_null(o.lm, &state);
    CU_ASSERT_EQUAL(state.n, 0);
    CU_ASSERT(is_near(heed_lm_end(o.lm, &state), -1.0));
    close_text(&o);
}

static heed_lm_state state_after(const heed_lm *lm, const uint32_t *words,
                                 size_t n)
{
    heed_lm_state state;
    heed_lm_null(lm, &state);
    for (size_t i = 0; i < n; i++)
        (void)heed_lm_score(lm, &state, words[i], &state);
    return state;
}

#define STATE(lm, ...)                               \
    state_after(lm, (const uint32_t[]){__VA_ARGS__}, \
                sizeof((const uint32_t[]){__VA_ARGS__}) / 4)

static void test_lm__state_keeps_what_matters_only(void)
{
    opened o = open_text(by_hand);
    const uint32_t begin = HEED_LM_SENTENCE_BEGIN;
    heed_lm_state a = STATE(o.lm, begin, A, B);
    CU_ASSERT_EQUAL(a.n, 3);
    CU_ASSERT_EQUAL(a.words[0], B);
    CU_ASSERT_EQUAL(a.words[1], A);
    CU_ASSERT_EQUAL(a.words[2], begin);
    /* C A B ends no context of three words, D A B is none either. */
    a = STATE(o.lm, C, A, B);
    heed_lm_state b = STATE(o.lm, D, A, B);
    CU_ASSERT_EQUAL(a.n, 2);
    CU_ASSERT(heed_lm_state_equal(&a, &b));
    b = STATE(o.lm, begin, A, B);
    CU_ASSERT_FALSE(heed_lm_state_equal(&a, &b));
    /* Nothing goes on from E or the unknown word. */
    a = STATE(o.lm, B, E);
    b = STATE(o.lm, HEED_LM_UNKNOWN);
    CU_ASSERT_EQUAL(a.n, 0);
    CU_ASSERT(heed_lm_state_equal(&a, &b));
    heed_lm_null(o.lm, &b);
    CU_ASSERT(heed_lm_state_equal(&a, &b));
    CU_ASSERT_EQUAL(memcmp(&a, &b, sizeof a), 0);
    close_text(&o);
}

static void test_lm__order_found_is_told(void)
{
    opened o = open_text(by_hand);
    heed_lm_state state = STATE(o.lm, HEED_LM_SENTENCE_BEGIN, A, B);
    unsigned order = 0;
    (void)heed_lm_score_order(o.lm, &state, C, NULL, &order);
    CU_ASSERT_EQUAL(order, 4);
    (void)heed_lm_score_order(o.lm, &state, D, NULL, &order);
    CU_ASSERT_EQUAL(order, 1);
    state = STATE(o.lm, HEED_LM_SENTENCE_BEGIN, A);
    (void)heed_lm_score_order(o.lm, &state, E, NULL, &order);
    CU_ASSERT_EQUAL(order, 2);
    close_text(&o);
}

static uint32_t word_of(const heed_lm *lm, const char *text)
{
    return heed_lm_word(lm, text, strlen(text));
}

static void test_lm__words_are_found_in_any_case(void)
{
    opened o = open_text(by_hand);
    char text[HEED_LM_MAX_WORD_BYTES + 1];
    CU_ASSERT_EQUAL(heed_lm_n_words(o.lm), 8);
    CU_ASSERT_EQUAL(word_of(o.lm, "A"), A);
    CU_ASSERT_EQUAL(word_of(o.lm, "d's"), D);
    CU_ASSERT_EQUAL(word_of(o.lm, "e"), E);
    static const char *const none[] = {"",   "AB",  "D",     "D'",
                                       "F",  "@",   "<s>",   "</s>",
                                       "A ", "zzz", "<unk>", "\xc3\xa9"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        CU_ASSERT_EQUAL(word_of(o.lm, none[i]), HEED_LM_UNKNOWN);
    static const char long_text[300] = "A";
    CU_ASSERT_EQUAL(heed_lm_word(o.lm, long_text, 300), HEED_LM_UNKNOWN);
    CU_ASSERT_EQUAL(heed_lm_word(o.lm, long_text, 2), HEED_LM_UNKNOWN);
    static const char *const texts[] = {"<unk>", "<s>", "</s>", "A",
                                        "B",     "C",   "D'S",  "E"};
    for (uint32_t i = 0; i < 8; i++) {
        heed_lm_word_text(o.lm, text, i);
        CU_ASSERT_STRING_EQUAL(text, texts[i]);
    }
    close_text(&o);
}

/* --- A vocabulary of many words. ------------------------------------------ */

enum { MANY = 2000 };

static int compare_texts(const void *a, const void *b)
{
    return strcmp(a, b);
}

static uint32_t random_state = 1;

static uint32_t random_below(uint32_t limit)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (random_state >> 8) % limit;
}

/* Different random words over few letters, some of them long and some of these
 * alike but for their ends, sorted. */
static void make_words(char words[MANY][40])
{
    for (size_t i = 0; i < MANY; i++) {
        const size_t length = random_below(20) == 0 ? 39 : 1 + random_below(9);
        memset(words[i], 0, 40);
        for (size_t k = 0; k < length; k++)
            words[i][k] =
                (char)(random_below(9) ? 'A' + (int)random_below(3) : '\'');
        if (length > 9 && random_below(2) == 0)
            memset(words[i], 'A', 12 + random_below(8));
        for (size_t k = 0; k < i; k++) {
            if (strcmp(words[i], words[k]) == 0) {
                i--;
                break;
            }
        }
    }
    qsort(words, MANY, 40, compare_texts);
}

static double prob_of(size_t i)
{
    return -1.0 - (double)(i * 7919 % MANY) * 0.001;
}

static opened open_words(char words[MANY][40])
{
    char *text = NULL;
    size_t n_bytes = 0;
    FILE *file = open_memstream(&text, &n_bytes);
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fprintf(file,
            "\\data\\\nngram 1=%d\n\\1-grams:\n-1 <s>\n-1 </s>\n-9 "
            "<unk>\n",
            MANY + 3);
    /* In an order that is not theirs. */
    for (size_t i = 0; i < MANY; i++) {
        const size_t k = i * 7 % MANY;
        fprintf(file, "%.4f %s\n", prob_of(k), words[k]);
    }
    fputs("\\end\\\n", file);
    CU_ASSERT_EQUAL_FATAL(fclose(file), 0);
    opened o = open_text(text);
    free(text);
    return o;
}

static void test_lm__every_word_of_many_is_found(void)
{
    static char words[MANY][40];
    heed_lm_state state;
    make_words(words);
    opened o = open_words(words);
    heed_lm_begin(o.lm, &state);
    CU_ASSERT_EQUAL(state.n, 0);
    for (uint32_t i = 0; i < MANY; i++) {
        char text[HEED_LM_MAX_WORD_BYTES + 1];
        CU_ASSERT_EQUAL_FATAL(word_of(o.lm, words[i]), i + 3);
        heed_lm_word_text(o.lm, text, i + 3);
        CU_ASSERT_STRING_EQUAL(text, words[i]);
        CU_ASSERT(
            is_near(heed_lm_score(o.lm, &state, i + 3, NULL), prob_of(i)));
    }
    close_text(&o);
}

static void test_lm__prefixes_give_ranges(void)
{
    static char words[MANY][40];
    make_words(words);
    opened o = open_words(words);
    uint32_t first = 0;
    uint32_t last = 0;
    CU_ASSERT(heed_lm_prefix(o.lm, "", 0, &first, &last));
    CU_ASSERT_EQUAL(first, 3);
    CU_ASSERT_EQUAL(last, MANY + 3);
    CU_ASSERT_FALSE(heed_lm_prefix(o.lm, "X", 1, &first, &last));
    CU_ASSERT_EQUAL(first, last);
    for (size_t i = 0; i < 500; i++) {
        char prefix[40];
        const char *word = words[random_below(MANY)];
        const size_t length = 1 + random_below((uint32_t)strlen(word));
        uint32_t n = 0;
        double best = -1e9;
        snprintf(prefix, sizeof prefix, "%.*s", (int)length, word);
        /* Now and then it is no word's prefix. */
        if (random_below(3) == 0)
            prefix[length - 1] = 'B';
        const bool any = heed_lm_prefix(o.lm, prefix, length, &first, &last);
        for (uint32_t k = 0; k < MANY; k++) {
            if (strncmp(words[k], prefix, length) != 0)
                continue;
            CU_ASSERT(k + 3 >= first && k + 3 < last);
            best = fmax(best, prob_of(k));
            n++;
        }
        CU_ASSERT_EQUAL(last - first, n);
        CU_ASSERT_EQUAL(any, n > 0);
        if (any)
            CU_ASSERT(is_near(heed_lm_best(o.lm, first, last), best));
    }
    CU_ASSERT(isinf(heed_lm_best(o.lm, 5, 5)));
    close_text(&o);
}

/* --- Against a plain scorer over a random model. -------------------------- */

enum { R_WORDS = 12, R_ORDER = 4, R_MOST = 2000 };

typedef struct plain_ngram {
    unsigned order;
    uint32_t words[R_ORDER];
    double prob;
    double backoff;
} plain_ngram;

typedef struct plain_model {
    plain_ngram ngrams[R_MOST];
    size_t n;
} plain_model;

static plain_ngram *plain_find(plain_model *m, const uint32_t *words,
                               unsigned order)
{
    for (size_t i = 0; i < m->n; i++)
        if (m->ngrams[i].order == order &&
            memcmp(m->ngrams[i].words, words, order * sizeof *words) == 0)
            return &m->ngrams[i];
    return NULL;
}

/* The definition, word for word: the last of `n` words. */
static double plain_score(plain_model *m, const uint32_t *words, unsigned n)
{
    const plain_ngram *found = plain_find(m, words, n);
    if (found)
        return found->prob;
    const plain_ngram *context = plain_find(m, words, n - 1);
    return (context ? context->backoff : 0.0) +
           plain_score(m, words + 1, n - 1);
}

/* Every n-gram is gone on from by some words; `closed`: only where the n-gram
 * without its first word is there. */
static void make_plain(plain_model *m, bool closed)
{
    size_t begin = 0;
    m->n = 0;
    for (uint32_t i = 0; i < R_WORDS; i++)
        m->ngrams[m->n++] = (plain_ngram){1, {i}, 0, 0};
    for (unsigned order = 2; order <= R_ORDER; order++) {
        const size_t end = m->n;
        for (size_t i = begin; i < end; i++) {
            for (uint32_t w = 0; w < R_WORDS; w++) {
                plain_ngram next = m->ngrams[i];
                next.words[next.order++] = w;
                if (random_below(5) < 3 || m->n == R_MOST ||
                    (closed && !plain_find(m, next.words + 1, order - 1)))
                    continue;
                m->ngrams[m->n++] = next;
            }
        }
        begin = end;
    }
    for (size_t i = 0; i < m->n; i++) {
        m->ngrams[i].prob = -0.001 * (1 + random_below(4000));
        m->ngrams[i].backoff =
            random_below(4) ? -0.001 * random_below(2000) : 0.0;
    }
}

/* The word of an id, as in the ARPA file. */
static void put_word(FILE *file, uint32_t id)
{
    static const char *const specials[3] = {"<unk>", "<s>", "</s>"};
    if (id < 3)
        fputs(specials[id], file);
    else
        fprintf(file, "W%c", 'A' + (int)id);
}

static char *plain_text(const plain_model *m, size_t *n_bytes)
{
    char *text = NULL;
    FILE *file = open_memstream(&text, n_bytes);
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fputs("\\data\\\n", file);
    for (unsigned order = 1; order <= R_ORDER; order++) {
        size_t n = 0;
        for (size_t i = 0; i < m->n; i++)
            n += m->ngrams[i].order == order;
        fprintf(file, "ngram %u=%zu\n", order, n);
    }
    for (unsigned order = 1; order <= R_ORDER; order++) {
        fprintf(file, "\n\\%u-grams:\n", order);
        /* From the last to the first: the file need not be sorted. */
        for (size_t i = m->n; i-- > 0;) {
            const plain_ngram *g = &m->ngrams[i];
            if (g->order != order)
                continue;
            fprintf(file, "%.4f", g->prob);
            for (unsigned k = 0; k < order; k++) {
                fputc(k ? ' ' : '\t', file);
                put_word(file, g->words[k]);
            }
            if (order < R_ORDER && g->backoff != 0.0)
                fprintf(file, "\t%.4f", g->backoff);
            fputc('\n', file);
        }
    }
    fputs("\n\\end\\\n", file);
    CU_ASSERT_EQUAL_FATAL(fclose(file), 0);
    return text;
}

/* Walks through random words and compares every score and state. */
static void walk(plain_model *m, const heed_lm *lm)
{
    uint32_t words[R_ORDER] = {0};
    unsigned n = 0;
    heed_lm_state state;
    heed_lm_null(lm, &state);
    for (size_t i = 0; i < 5000; i++) {
        if (random_below(20) == 0) {
            n = 0;
            heed_lm_null(lm, &state);
        }
        if (n == R_ORDER)
            memmove(words, words + 1, --n * sizeof *words);
        words[n++] = random_below(R_WORDS);
        const float score = heed_lm_score(lm, &state, words[n - 1], &state);
        /* <s> is never asked for, its 1-gram may be cut. */
        if (words[n - 1] != HEED_LM_SENTENCE_BEGIN)
            CU_ASSERT(is_near(score, plain_score(m, words, n)));
        CU_ASSERT_FATAL(state.n < R_ORDER && state.n <= n);
        for (unsigned k = 0; k < state.n; k++)
            CU_ASSERT_EQUAL(state.words[k], words[n - 1 - k]);
    }
}

static void test_lm__scores_equal_a_plain_scorer(void)
{
    static plain_model model;
    for (int closed = 0; closed < 2; closed++) {
        size_t n_bytes = 0;
        make_plain(&model, closed != 0);
        char *text = plain_text(&model, &n_bytes);
        opened o = open_text(text);
        heed_lm_header header;
        memcpy(&header, o.image.bytes, sizeof header);
        CU_ASSERT_EQUAL(header.flags, closed ? HEED_LM_SUFFIX_CLOSED : 0);
        walk(&model, o.lm);
        close_text(&o);
        free(text);
    }
}

/* --- Damage. -------------------------------------------------------------- */

/* Opens the bytes in a block of exactly their size and uses everything; the
 * checksum is made right first if `repaired`. */
static heed_status try_bytes(const unsigned char *bytes, size_t n_bytes,
                             bool repaired, heed_test_logged *logged)
{
    const heed_log log = {heed_test_logged_write, logged};
    unsigned char *copy = malloc(n_bytes ? n_bytes : 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
    if (n_bytes > 0)
        memcpy(copy, bytes, n_bytes);
    if (repaired && n_bytes > sizeof(heed_lm_header)) {
        const uint64_t sum = heed_lm_checksum(copy + HEED_LM_CHECKED_FROM,
                                              n_bytes - HEED_LM_CHECKED_FROM);
        memcpy(copy + offsetof(heed_lm_header, checksum), &sum, sizeof sum);
    }
    heed_lm *lm = NULL;
    const heed_status status = heed_lm_open_memory(&lm, copy, n_bytes, &log);
    CU_ASSERT((status == HEED_OK) == (lm != NULL));
    if (lm) {
        heed_lm_state state;
        heed_lm_begin(lm, &state);
        for (uint32_t i = 0; i < 64; i++)
            (void)heed_lm_score(lm, &state, random_below(heed_lm_n_words(lm)),
                                &state);
        (void)heed_lm_word(lm, "D'S", 3);
        for (uint32_t i = 0; i < heed_lm_n_words(lm); i++) {
            char text[HEED_LM_MAX_WORD_BYTES + 1];
            heed_lm_word_text(lm, text, i);
        }
    }
    heed_lm_close(lm);
    free(copy);
    return status;
}

/* Small codebooks, or most of the file would be them. */
static heed_lm_image compile_small(void)
{
    static const heed_lm_compile_config small = {2, 2, 0.0F};
    heed_lm_image image;
    CU_ASSERT_EQUAL_FATAL(
        heed_test_compile(&image, by_hand, sizeof by_hand - 1, &small, NULL),
        HEED_OK);
    return image;
}

static void test_lm__every_shorter_file_is_refused(void)
{
    heed_lm_image image = compile_small();
    heed_test_logged logged = {0};
    for (size_t n = 0; n < image.n_bytes; n++) {
        logged.lines = 0;
        CU_ASSERT_EQUAL(try_bytes(image.bytes, n, false, &logged),
                        HEED_ERR_TRUNCATED);
        CU_ASSERT_EQUAL(logged.lines, 1);
        CU_ASSERT_STRING_EQUAL(logged.last, "memory: file ends early");
        CU_ASSERT_EQUAL(try_bytes(image.bytes, n, true, &logged),
                        HEED_ERR_TRUNCATED);
    }
    CU_ASSERT_EQUAL(try_bytes(image.bytes, image.n_bytes, false, &logged),
                    HEED_OK);
    heed_lm_image_deinit(&image);
}

static void test_lm__every_changed_byte_is_survived(void)
{
    static const unsigned char flips[] = {0x01, 0x80, 0xff};
    heed_lm_image image = compile_small();
    size_t n_opened = 0;
    for (size_t i = 0; i < image.n_bytes; i++) {
        for (size_t f = 0; f < sizeof flips; f++) {
            heed_test_logged logged = {0};
            image.bytes[i] ^= flips[f];
            CU_ASSERT_NOT_EQUAL(
                try_bytes(image.bytes, image.n_bytes, false, &logged), HEED_OK);
            CU_ASSERT_EQUAL(logged.lines, 1);
            n_opened +=
                try_bytes(image.bytes, image.n_bytes, true, &logged) == HEED_OK;
            image.bytes[i] ^= flips[f];
        }
    }
    printf("%zu of %zu opened ... ", n_opened, image.n_bytes * 3);
    heed_lm_image_deinit(&image);
}

/* What is wrong with a file, and what the line must say. */
static void test_lm__damage_is_named(void)
{
    heed_lm_image image = compile_small();
    heed_test_logged logged = {0};
    unsigned char *bytes = image.bytes;
    const size_t n_bytes = image.n_bytes;
    bytes[0]++;
    CU_ASSERT_EQUAL(try_bytes(bytes, n_bytes, true, &logged), HEED_ERR_FORMAT);
    CU_ASSERT_STRING_EQUAL(logged.last,
                           "memory: not a compiled language model");
    bytes[0]--;
    bytes[offsetof(heed_lm_header, version)]++;
    CU_ASSERT_EQUAL(try_bytes(bytes, n_bytes, true, &logged),
                    HEED_ERR_UNSUPPORTED);
    CU_ASSERT_STRING_EQUAL(logged.last,
                           "memory: version 2 of the format is not supported");
    bytes[offsetof(heed_lm_header, version)]--;
    bytes[n_bytes / 2]++;
    CU_ASSERT_EQUAL(try_bytes(bytes, n_bytes, false, &logged), HEED_ERR_FORMAT);
    CU_ASSERT_STRING_EQUAL(logged.last,
                           "memory: checksum is wrong, the file is damaged");
    bytes[n_bytes / 2]--;
    bytes[offsetof(heed_lm_header, order)] = 7;
    CU_ASSERT_EQUAL(try_bytes(bytes, n_bytes, true, &logged), HEED_ERR_FORMAT);
    CU_ASSERT_STRING_EQUAL(logged.last, "memory: order is out of range");
    heed_lm_image_deinit(&image);
}

/* --- Files. --------------------------------------------------------------- */

static void test_lm__file_is_opened_and_missing_one_told(void)
{
    static const char path[] = "test_lm.tmp";
    heed_test_logged logged = {0};
    const heed_log log = {heed_test_logged_write, &logged};
    opened o = open_text(by_hand);
    FILE *file = fopen(path, "wb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL(fwrite(o.image.bytes, 1, o.image.n_bytes, file),
                    o.image.n_bytes);
    CU_ASSERT_EQUAL(fclose(file), 0);
    heed_lm *lm = NULL;
    CU_ASSERT_EQUAL_FATAL(heed_lm_open(&lm, path, &log), HEED_OK);
    heed_lm_info info;
    heed_lm_describe(lm, &info);
    CU_ASSERT_EQUAL(info.order, 4);
    CU_ASSERT_EQUAL(info.n_ngrams[1], 6);
    CU_ASSERT_EQUAL(info.n_bytes, o.image.n_bytes);
    SCORES(lm, -0.52, A, B);
    heed_lm_close(lm);
    CU_ASSERT_EQUAL(remove(path), 0);
    CU_ASSERT_EQUAL(logged.lines, 0);
    CU_ASSERT_EQUAL(heed_lm_open(&lm, path, &log), HEED_ERR_IO);
    CU_ASSERT_PTR_NULL(lm);
    CU_ASSERT_EQUAL(logged.lines, 1);
    CU_ASSERT_EQUAL(heed_lm_open(&lm, NULL, &log), HEED_ERR_ARG);
    CU_ASSERT_EQUAL(heed_lm_open(NULL, path, &log), HEED_ERR_ARG);
    heed_lm_close(NULL);
    close_text(&o);
}

static void test_lm__every_refused_allocation_is_survived(void)
{
    opened o = open_text(by_hand);
    heed_status status = HEED_ERR_MEMORY;
    if (!heed_test_alloc_works()) {
        close_text(&o);
        return;
    }
    for (size_t n = 1; status != HEED_OK && n < 100; n++) {
        heed_lm *lm = NULL;
        heed_test_alloc_watch(n);
        status = heed_lm_open_memory(&lm, o.image.bytes, o.image.n_bytes, NULL);
        heed_lm_close(lm);
        (void)heed_test_alloc_stop();
        CU_ASSERT_EQUAL(heed_test_alloc_live(), 0);
        CU_ASSERT(status == HEED_OK || status == HEED_ERR_MEMORY);
    }
    CU_ASSERT_EQUAL(status, HEED_OK);
    close_text(&o);
}

static void test_lm__any_one_of_a_word_is_found(void)
{
    uint64_t word = 1;

    for (size_t i = 0; i < 2000; i++) {
        unsigned n = 0;

        for (unsigned at = 0; at < 64; at++)
            if ((word >> at & 1) != 0)
                CU_ASSERT_EQUAL_FATAL(heed_bits_select(word, n++), at);
        /* Few ones, many, all. */
        word = word * UINT64_C(6364136223846793005) +
               UINT64_C(1442695040888963407);
        if (i % 3 == 1)
            word |= word << 1 | word << 2;
        else if (i % 100 == 99)
            word = ~UINT64_C(0) << i % 64;
    }
}

static CU_TestInfo tests[] = {
    {"any one of a word is found", test_lm__any_one_of_a_word_is_found},
    {"scores are those by hand", test_lm__scores_are_those_by_hand},
    {"sentence begins and ends", test_lm__sentence_begins_and_ends},
    {"state keeps what matters only", test_lm__state_keeps_what_matters_only},
    {"order found is told", test_lm__order_found_is_told},
    {"words are found in any case", test_lm__words_are_found_in_any_case},
    {"every word of many is found", test_lm__every_word_of_many_is_found},
    {"prefixes give ranges", test_lm__prefixes_give_ranges},
    {"scores equal a plain scorer", test_lm__scores_equal_a_plain_scorer},
    {"every shorter file is refused", test_lm__every_shorter_file_is_refused},
    {"every changed byte is survived", test_lm__every_changed_byte_is_survived},
    {"damage is named", test_lm__damage_is_named},
    {"file is opened and missing one told",
     test_lm__file_is_opened_and_missing_one_told},
    {"every refused allocation is survived",
     test_lm__every_refused_allocation_is_survived},
    CU_TEST_INFO_NULL,
};

CU_SuiteInfo heed_suites[] = {
    {"lm", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
