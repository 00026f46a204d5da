/* compile.c - a language model from ARPA to what is used.
 * SPDX-License-Identifier: Apache-2.0 */
#include "lm/compile.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "asr/base/log.h"
#include "lm/arpa.h"
#include "lm/bits.h"
#include "lm/codebook.h"
#include "lm/layout.h"
#include "lm/succinct.h"
#include "lm/trie.h"
#include "lm/vocabulary.h"

/* The image being filled. */
typedef struct writer {
    const heed_trie *trie;
    heed_lm_header header;
    heed_lm_layout layout;
    unsigned char *bytes; /* [layout.n_bytes], zero at first */
    float *values;        /* scratch: as many as the largest order has */
    uint32_t *numbers;    /* scratch: so, and one more */
} writer;

/* Whether anything depends on node `i` when it is what comes before. */
static bool is_context(const heed_trie_level *level, uint32_t i)
{
    return level->begins[i + 1] > level->begins[i] ||
           level->nodes[i].backoff != 0.0F;
}

/* --- The header. ---------------------------------------------------------- */

/* The lowest log probability of a word decides; <s> is never asked for. */
static float find_unigram_step(const heed_trie_level *level)
{
    float lowest = 0.0F;
    for (uint32_t i = 0; i < level->n; i++)
        if (i != HEED_LM_SENTENCE_BEGIN)
            lowest = fminf(lowest, level->nodes[i].prob);
    return fminf(-lowest / (float)UINT16_MAX, 1.0F);
}

static void make_header(writer *w, const heed_lm_compile_config *config)
{
    const heed_trie *trie = w->trie;
    heed_lm_header *h = &w->header;
    memcpy(h->magic, HEED_LM_MAGIC, sizeof h->magic);
    h->version = HEED_LM_VERSION;
    h->order = trie->order;
    h->flags = trie->suffix_closed ? HEED_LM_SUFFIX_CLOSED : 0;
    h->prob_bits = config->prob_bits;
    h->backoff_bits = config->backoff_bits;
    h->unigram_step = find_unigram_step(&trie->levels[0]);
    for (unsigned i = 0; i < trie->order; i++) {
        const heed_trie_level *level = &trie->levels[i];
        h->n_ngrams[i] = level->n;
        for (uint32_t k = 0; level->begins && k < level->n; k++)
            h->n_contexts[i] += is_context(level, k);
    }
}

/* --- The tables. ---------------------------------------------------------- */

static void write_words(writer *w)
{
    const heed_trie_level *level = &w->trie->levels[0];
    const float step = w->header.unigram_step;
    (void)heed_vocabulary_store((void *)(w->bytes + w->layout.blocks),
                                w->bytes + w->layout.text, w->trie->words,
                                level->n - HEED_LM_N_SPECIALS);
    uint16_t *unigrams = (void *)(w->bytes + w->layout.unigrams);
    for (uint32_t i = 0; i < level->n; i++) {
        const float steps =
            step > 0.0F ? roundf(-level->nodes[i].prob / step) : 0.0F;
        unigrams[i] = (uint16_t)fminf(steps, (float)UINT16_MAX);
    }
}

/* Words and probabilities of an order above the first. */
static void write_records(writer *w, unsigned i)
{
    const heed_trie_level *level = &w->trie->levels[i];
    const unsigned bits = w->header.prob_bits;
    const unsigned word_bits = w->layout.word_bits;
    float *book = (void *)(w->bytes + w->layout.levels[i].prob_book);
    unsigned char *records = w->bytes + w->layout.levels[i].records;
    for (uint32_t k = 0; k < level->n; k++)
        w->values[k] = level->nodes[k].prob;
    heed_codebook_make(book, bits, w->values, level->n);
    for (uint32_t k = 0; k < level->n; k++) {
        const uint64_t code =
            heed_codebook_find(book, bits, level->nodes[k].prob);
        heed_bits_write(records, (uint64_t)k * (word_bits + bits),
                        word_bits + bits,
                        level->nodes[k].word | code << word_bits);
    }
}

/* Back-offs of the contexts of an order below the last. */
static void write_backoffs(writer *w, unsigned i)
{
    const heed_trie_level *level = &w->trie->levels[i];
    const unsigned bits = w->header.backoff_bits;
    float *book = (void *)(w->bytes + w->layout.levels[i].backoff_book);
    unsigned char *backoffs = w->bytes + w->layout.levels[i].backoffs;
    size_t n = 0;
    bool has_zero = false;
    for (uint32_t k = 0; k < level->n; k++) {
        if (!is_context(level, k))
            continue;
        w->values[n++] = level->nodes[k].backoff;
        has_zero |= level->nodes[k].backoff == 0.0F;
    }
    heed_codebook_make(book, bits, w->values, n);
    if (has_zero)
        heed_codebook_include_zero(book, bits);
    n = 0;
    for (uint32_t k = 0; k < level->n; k++) {
        if (!is_context(level, k))
            continue;
        heed_bits_write(
            backoffs, (uint64_t)n++ * bits, bits,
            heed_codebook_find(book, bits, level->nodes[k].backoff));
    }
}

/* Which n-grams are contexts, and where their children begin. */
static void write_contexts(writer *w, unsigned i)
{
    const heed_trie_level *level = &w->trie->levels[i];
    const heed_lm_level *places = &w->layout.levels[i];
    uint64_t *marks = (void *)(w->bytes + places->context_bits);
    uint32_t n = 0;
    for (uint32_t k = 0; k < level->n; k++) {
        if (!is_context(level, k))
            continue;
        marks[k / 64] |= (uint64_t)1 << (k % 64);
        w->numbers[n++] = level->begins[k];
    }
    w->numbers[n] = level->begins[level->n];
    heed_rank_make((void *)(w->bytes + places->context_samples), marks,
                   level->n);
    heed_sequence_make(w->bytes + places->child_low,
                       (void *)(w->bytes + places->child_high),
                       (void *)(w->bytes + places->child_samples), w->numbers,
                       n + 1, w->trie->levels[i + 1].n);
}

/* --- All of it. ----------------------------------------------------------- */

static bool allocate(writer *w)
{
    size_t largest = 0;
    for (unsigned i = 0; i < w->trie->order; i++)
        if (w->trie->levels[i].n > largest)
            largest = w->trie->levels[i].n;
    if (w->layout.n_bytes > SIZE_MAX)
        return false;
    w->values = malloc((largest + 1) * sizeof *w->values);
    w->numbers = malloc((largest + 1) * sizeof *w->numbers);
    w->bytes = calloc(1, (size_t)w->layout.n_bytes);
    return w->values && w->numbers && w->bytes;
}

static void write_all(writer *w)
{
    heed_lm_header *h = &w->header;
    write_words(w);
    for (unsigned i = 0; i < h->order; i++) {
        if (i > 0)
            write_records(w, i);
        if (i + 1 < h->order) {
            write_backoffs(w, i);
            write_contexts(w, i);
        }
    }
    h->n_bytes = w->layout.n_bytes;
    memcpy(w->bytes, h, sizeof *h);
    h->checksum = heed_lm_checksum(w->bytes + HEED_LM_CHECKED_FROM,
                                   h->n_bytes - HEED_LM_CHECKED_FROM);
    memcpy(w->bytes, h, sizeof *h);
}

static heed_status pack(heed_lm_image *out, const heed_trie *trie,
                        const char *name, const heed_lm_compile_config *config,
                        const heed_log *log)
{
    writer w = {.trie = trie};
    make_header(&w, config);
    const size_t text_bytes = heed_vocabulary_store(
        NULL, NULL, trie->words, trie->levels[0].n - HEED_LM_N_SPECIALS);
    if (text_bytes > UINT32_MAX) {
        heed_log_error(log, "%s: the words take more than 4 GiB", name);
        return HEED_ERR_UNSUPPORTED;
    }
    w.header.vocabulary_bytes = (uint32_t)text_bytes;
    const char *cause = heed_lm_layout_make(&w.layout, &w.header);
    assert(!cause);
    (void)cause;
    const bool allocated = allocate(&w);
    if (allocated) {
        write_all(&w);
        *out = (heed_lm_image){w.bytes, (size_t)w.layout.n_bytes};
    } else {
        heed_log_error(log, "%s: out of memory", name);
        free(w.bytes);
    }
    free(w.values);
    free(w.numbers);
    return allocated ? HEED_OK : HEED_ERR_MEMORY;
}

static bool is_valid(const heed_lm_compile_config *config)
{
    return config->prob_bits >= HEED_LM_MIN_BITS &&
           config->prob_bits <= HEED_LM_MAX_BITS &&
           config->backoff_bits >= HEED_LM_MIN_BITS &&
           config->backoff_bits <= HEED_LM_MAX_BITS &&
           config->unknown_log10 <= 0.0F && config->unknown_log10 >= -1000.0F;
}

heed_status heed_lm_compile(heed_lm_image *out, FILE *arpa, const char *name,
                            const heed_lm_compile_config *config,
                            const heed_log *log)
{
    heed_lm_compile_config c = {0};
    heed_arpa *reader = NULL;
    heed_trie trie = {0};
    *out = (heed_lm_image){0};
    if (config)
        c = *config;
    c.prob_bits = c.prob_bits ? c.prob_bits : 8;
    c.backoff_bits = c.backoff_bits ? c.backoff_bits : 8;
    c.unknown_log10 = c.unknown_log10 != 0.0F ? c.unknown_log10 : -7.0F;
    if (!is_valid(&c))
        return HEED_ERR_ARG;
    heed_status status = heed_arpa_open(&reader, arpa, name, log);
    if (status == HEED_OK)
        status = heed_trie_init(&trie, reader, c.unknown_log10, log);
    if (status == HEED_OK)
        status = pack(out, &trie, name, &c, log);
    heed_trie_deinit(&trie);
    heed_arpa_close(reader);
    return status;
}

void heed_lm_image_deinit(heed_lm_image *image)
{
    free(image->bytes);
    *image = (heed_lm_image){0};
}
