/* bench_lm.c - speed and size of a language model. SPDX-License-Identifier:
 * Apache-2.0
 *
 * usage: bench_lm <model> <text> [seconds per line, default 1]
 *
 * Scores the words of the text, one sentence a line, in their order, in
 * sentences, and shuffled, where nearly every word backs off; finds words by
 * their texts, and ranges by prefixes. Not run by ctest. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lm/lm.h"

enum { MAX_WORDS = 1 << 21 };

typedef struct bench {
    heed_lm *lm;
    char *text;         /* one word after the other, terminated */
    size_t *begins;     /* [n] into `text` */
    uint32_t *words;    /* [n] in order */
    uint32_t *shuffled; /* [n] */
    size_t n;
    double sum; /* so that nothing is left out */
} bench;

/* Processor time, so that a busy machine does not matter much. */
static double now_s(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void score(bench *b, const uint32_t *words)
{
    heed_lm_state state;
    heed_lm_begin(b->lm, &state);
    for (size_t i = 0; i < b->n; i++) {
        b->sum += (double)heed_lm_score(b->lm, &state, words[i], &state);
        if (words[i] == HEED_LM_SENTENCE_END)
            heed_lm_begin(b->lm, &state);
    }
}

static void run_in_order(bench *b)
{
    score(b, b->words);
}

static void run_shuffled(bench *b)
{
    score(b, b->shuffled);
}

static void run_find(bench *b)
{
    for (size_t i = 0; i < b->n; i++) {
        const char *text = b->text + b->begins[i];
        b->sum += heed_lm_word(b->lm, text, strlen(text));
    }
}

static void run_prefix(bench *b)
{
    for (size_t i = 0; i < b->n; i++) {
        uint32_t first = 0;
        uint32_t last = 0;
        const char *text = b->text + b->begins[i];
        const size_t length = strlen(text) < 3 ? strlen(text) : 3;
        if (heed_lm_prefix(b->lm, text, length, &first, &last))
            b->sum += (double)heed_lm_best(b->lm, first, last);
    }
}

static void line(const char *what, void (*run)(bench *), bench *b,
                 double seconds)
{
    double best = 1e9;
    const double end = now_s() + seconds;
    do {
        const double start = now_s();
        run(b);
        const double spent = now_s() - start;
        best = spent < best ? spent : best;
    } while (now_s() < end);
    printf("%-16s %8.1f ns  %6.2f million/s\n", what, best / (double)b->n * 1e9,
           (double)b->n / best * 1e-6);
}

/* Reads the words; every line ends a sentence. */
static void read_words(bench *b, FILE *file)
{
    size_t n_bytes = 0;
    size_t begin = 0;
    for (int c = getc(file); c != EOF && b->n + 2 < MAX_WORDS; c = getc(file)) {
        if (c != ' ' && c != '\n' && n_bytes - begin < 60) {
            b->text[n_bytes++] = (char)c;
            continue;
        }
        if (n_bytes > begin) {
            b->words[b->n] =
                heed_lm_word(b->lm, b->text + begin, n_bytes - begin);
            b->begins[b->n++] = begin;
            b->text[n_bytes++] = '\0';
        }
        if (c == '\n') {
            b->words[b->n] = HEED_LM_SENTENCE_END;
            b->begins[b->n++] = n_bytes;
            b->text[n_bytes++] = '\0';
        }
        begin = n_bytes;
    }
    uint32_t state = 1;
    memcpy(b->shuffled, b->words, b->n * sizeof *b->words);
    for (size_t i = b->n; i > 1; i--) {
        state = state * 1664525u + 1013904223u;
        const size_t k = (size_t)((uint64_t)state * i >> 32);
        const uint32_t word = b->shuffled[i - 1];
        b->shuffled[i - 1] = b->shuffled[k];
        b->shuffled[k] = word;
    }
}

static void print_sizes(const heed_lm *lm)
{
    heed_lm_info info;
    uint64_t total = 0;
    heed_lm_describe(lm, &info);
    for (unsigned i = 0; i < info.order; i++) {
        printf("%lu %u-grams\n", (unsigned long)info.n_ngrams[i], i + 1);
        total += info.n_ngrams[i];
    }
    printf("%zu bytes, %.2f an n-gram\n", info.n_bytes,
           (double)info.n_bytes / (double)total);
}

static void run_all(bench *b, double seconds)
{
    print_sizes(b->lm);
    line("in order", run_in_order, b, seconds);
    line("shuffled", run_shuffled, b, seconds);
    line("find a word", run_find, b, seconds);
    line("prefix + best", run_prefix, b, seconds);
    printf("(%zu words, sum %g)\n", b->n, b->sum);
}

int main(int argc, char **argv)
{
    const double seconds = argc > 3 ? strtod(argv[3], NULL) : 1.0;
    bench b = {
        .text = calloc(MAX_WORDS, 64),
        .begins = calloc(MAX_WORDS, sizeof *b.begins),
        .words = calloc(MAX_WORDS, sizeof *b.words),
        .shuffled = calloc(MAX_WORDS, sizeof *b.shuffled),
    };
    FILE *file = argc > 2 ? fopen(argv[2], "rb") : NULL;
    int result = EXIT_FAILURE;
    const double start = now_s();
    if (!file || !b.text || !b.begins || !b.words || !b.shuffled) {
        fputs("usage: bench_lm <model> <text> [seconds]\n", stderr);
    } else if (heed_lm_open(&b.lm, argv[1], NULL) != HEED_OK) {
        fprintf(stderr, "%s: cannot be opened\n", argv[1]);
    } else {
        printf("opened in %.2f ms\n", (now_s() - start) * 1e3);
        read_words(&b, file);
        run_all(&b, seconds);
        result = EXIT_SUCCESS;
    }
    if (file)
        (void)fclose(file);
    heed_lm_close(b.lm);
    free(b.text);
    free(b.begins);
    free(b.words);
    free(b.shuffled);
    return result;
}
