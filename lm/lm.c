/* lm.c - an n-gram model with back-off, for scoring words.
 *
 * A trie: the n-grams of one context, its children, are next to each other in
 * the order above, sorted by their last word. A context is an n-gram that has
 * children or a back-off. Contexts of one order are numbered; a state holds
 * the numbers of the contexts made of its last 1, 2, ... words, so that
 * scoring a word is one search among the children of each.
 *
 * All tables are checked when the file is opened, save two things that are
 * made harmless when they are used: ranges of children are cut to the order's
 * size (heed_sequence_range()), and words of n-grams are only ever compared.
 * SPDX-License-Identifier: Apache-2.0 */
#include "lm/lm.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "asr/base/log.h"
#include "asr/base/mapping.h"
#include "lm/bits.h"
#include "lm/layout.h"
#include "lm/range_min.h"
#include "lm/succinct.h"
#include "lm/vocabulary.h"

static const uint32_t none = UINT32_MAX; /* a context that is not there */

/* The tables of one order. */
typedef struct order_tables {
    const float *prob_book;       /* [2^prob_bits]; NULL for words */
    const unsigned char *records; /* word, then probability */
    heed_rank contexts;           /* which n-grams are contexts */
    const float *backoff_book;    /* [2^backoff_bits] */
    const unsigned char *backoffs;
    heed_sequence children; /* where those of each context begin */
} order_tables;

struct heed_lm {
    heed_mapping mapping; /* empty when the memory is the caller's */
    const unsigned char *data;
    heed_lm_header header;
    unsigned word_bits;
    unsigned record_bits;
    heed_vocabulary vocabulary;
    const uint16_t *unigrams; /* [n_words], in steps below 0 */
    heed_range_min best;      /* of `unigrams` */
    order_tables orders[HEED_LM_MAX_ORDER];
};

/* --- Opening. ------------------------------------------------------------- */

static const void *at(const heed_lm *lm, uint64_t offset)
{
    return lm->data + offset;
}

/* Points the tables into the file, whose size has been checked. */
static void point(heed_lm *lm, const heed_lm_layout *layout)
{
    const heed_lm_header *h = &lm->header;
    lm->word_bits = layout->word_bits;
    lm->record_bits = layout->word_bits + h->prob_bits;
    lm->unigrams = at(lm, layout->unigrams);
    lm->vocabulary = (heed_vocabulary){
        .blocks = at(lm, layout->blocks),
        .text = at(lm, layout->text),
        .text_bytes = h->vocabulary_bytes,
        .n_words = h->n_ngrams[0] - HEED_LM_N_SPECIALS,
    };
    for (unsigned i = 0; i < h->order; i++) {
        const heed_lm_level *level = &layout->levels[i];
        order_tables *tables = &lm->orders[i];
        if (i > 0) {
            tables->prob_book = at(lm, level->prob_book);
            tables->records = at(lm, level->records);
        }
        if (i + 1 == h->order)
            break;
        tables->contexts =
            (heed_rank){at(lm, level->context_bits),
                        at(lm, level->context_samples), h->n_ngrams[i]};
        tables->backoff_book = at(lm, level->backoff_book);
        tables->backoffs = at(lm, level->backoffs);
        tables->children = (heed_sequence){
            .low = at(lm, level->child_low),
            .high = at(lm, level->child_high),
            .samples = at(lm, level->child_samples),
            .n_numbers = h->n_contexts[i] + 1,
            .largest = h->n_ngrams[i + 1],
            .low_bits = heed_sequence_low_bits(h->n_contexts[i] + 1,
                                               h->n_ngrams[i + 1]),
        };
    }
}

static bool are_finite(const float *book, unsigned bits, float largest)
{
    for (size_t i = 0; i < (size_t)1 << bits; i++)
        if (!isfinite(book[i]) || book[i] > largest)
            return false;
    return true;
}

/* Returns what is wrong with the tables, or NULL; makes what is not in the
 * file. */
static const char *check_tables(heed_lm *lm)
{
    const heed_lm_header *h = &lm->header;
    if (!heed_vocabulary_check(&lm->vocabulary))
        return "vocabulary is malformed";
    for (unsigned i = 0; i < h->order; i++) {
        const order_tables *tables = &lm->orders[i];
        if (i > 0 && !are_finite(tables->prob_book, h->prob_bits, 0.0F))
            return "probability is not a number up to 0";
        if (i + 1 == h->order)
            break;
        if (!are_finite(tables->backoff_book, h->backoff_bits, INFINITY))
            return "back-off is not a number";
        if (!heed_rank_check(&tables->contexts, h->n_contexts[i]))
            return "table of contexts is malformed";
        if (!heed_sequence_check(&tables->children))
            return "table of children is malformed";
    }
    return NULL;
}

static heed_status refuse(heed_status status, const char *path,
                          const char *cause, const heed_log *log)
{
    heed_log_error(log, "%s: %s", path, cause);
    return status;
}

/* Checks all, from the outside in, and points the tables. */
static heed_status parse(heed_lm *lm, size_t n_bytes, const char *path,
                         const heed_log *log)
{
    heed_lm_header *h = &lm->header;
    heed_lm_layout layout;
    const size_t n = n_bytes < sizeof *h ? n_bytes : sizeof *h;
    if (n > 0)
        memcpy(h, lm->data, n);
    if (memcmp(h->magic, HEED_LM_MAGIC, n < 8 ? n : 8) != 0)
        return refuse(HEED_ERR_FORMAT, path, "not a compiled language model",
                      log);
    if (n < sizeof *h)
        return refuse(HEED_ERR_TRUNCATED, path, "file ends early", log);
    if (h->version != HEED_LM_VERSION) {
        heed_log_error(log, "%s: version %lu of the format is not supported",
                       path, (unsigned long)h->version);
        return HEED_ERR_UNSUPPORTED;
    }
    if (n_bytes < h->n_bytes)
        return refuse(HEED_ERR_TRUNCATED, path, "file ends early", log);
    const char *cause = heed_lm_layout_make(&layout, h);
    if (!cause && (layout.n_bytes != h->n_bytes || n_bytes != h->n_bytes))
        cause = "size is not that of its tables";
    if (!cause &&
        heed_lm_checksum(lm->data + HEED_LM_CHECKED_FROM,
                         h->n_bytes - HEED_LM_CHECKED_FROM) != h->checksum)
        cause = "checksum is wrong, the file is damaged";
    if (!cause) {
        point(lm, &layout);
        cause = check_tables(lm);
    }
    return cause ? refuse(HEED_ERR_FORMAT, path, cause, log) : HEED_OK;
}

/* Opens what `lm`, owned, has mapped or been given. */
static heed_status finish_open(heed_lm **out, heed_lm *lm, size_t n_bytes,
                               const char *path, const heed_log *log)
{
    heed_status status = parse(lm, n_bytes, path, log);
    if (status == HEED_OK) {
        status = heed_range_min_init(&lm->best, lm->unigrams,
                                     lm->header.n_ngrams[0]);
        if (status != HEED_OK)
            (void)refuse(status, path, "out of memory", log);
    }
    if (status != HEED_OK) {
        heed_lm_close(lm);
        return status;
    }
    *out = lm;
    return HEED_OK;
}

heed_status heed_lm_open_memory(heed_lm **out, const void *data, size_t n_bytes,
                                const heed_log *log)
{
    *out = NULL;
    heed_lm *lm = calloc(1, sizeof *lm);
    if (!lm)
        return refuse(HEED_ERR_MEMORY, "memory", "out of memory", log);
    lm->data = data;
    return finish_open(out, lm, n_bytes, "memory", log);
}

heed_status heed_lm_open(heed_lm **out, const char *path, const heed_log *log)
{
    if (!out)
        return HEED_ERR_ARG;
    *out = NULL;
    if (!path)
        return HEED_ERR_ARG;
    heed_lm *lm = calloc(1, sizeof *lm);
    if (!lm)
        return refuse(HEED_ERR_MEMORY, path, "out of memory", log);
    const heed_status status = heed_mapping_open(&lm->mapping, path, log);
    if (status != HEED_OK) {
        heed_lm_close(lm);
        return status;
    }
    lm->data = lm->mapping.data;
    return finish_open(out, lm, lm->mapping.n_bytes, path, log);
}

void heed_lm_close(heed_lm *lm)
{
    if (!lm)
        return;
    heed_range_min_deinit(&lm->best);
    heed_mapping_close(&lm->mapping);
    free(lm);
}

void heed_lm_describe(const heed_lm *lm, heed_lm_info *info)
{
    *info = (heed_lm_info){
        .order = lm->header.order,
        .prob_bits = lm->header.prob_bits,
        .backoff_bits = lm->header.backoff_bits,
        .n_bytes = (size_t)lm->header.n_bytes,
    };
    memcpy(info->n_ngrams, lm->header.n_ngrams, sizeof info->n_ngrams);
}

/* --- Words. --------------------------------------------------------------- */

uint32_t heed_lm_n_words(const heed_lm *lm)
{
    return lm->header.n_ngrams[0];
}

/* Copies the text in capitals; false if it is longer than any word. */
static bool make_capitals(char capitals[HEED_LM_MAX_WORD_BYTES],
                          const char *text, size_t length)
{
    if (length > HEED_LM_MAX_WORD_BYTES)
        return false;
    for (size_t i = 0; i < length; i++) {
        const bool is_small = text[i] >= 'a' && text[i] <= 'z';
        capitals[i] = is_small ? (char)(text[i] - 'a' + 'A') : text[i];
    }
    return true;
}

uint32_t heed_lm_word(const heed_lm *lm, const char *text, size_t length)
{
    char capitals[HEED_LM_MAX_WORD_BYTES];
    bool found = false;
    if (!make_capitals(capitals, text, length))
        return HEED_LM_UNKNOWN;
    const uint32_t index =
        heed_vocabulary_find(&lm->vocabulary, capitals, length, &found);
    return found ? index + HEED_LM_N_SPECIALS : HEED_LM_UNKNOWN;
}

void heed_lm_word_text(const heed_lm *lm, char text[HEED_LM_MAX_WORD_BYTES + 1],
                       uint32_t word)
{
    static const char specials[HEED_LM_N_SPECIALS][6] = {"<unk>", "<s>",
                                                         "</s>"};
    assert(word < heed_lm_n_words(lm));
    if (word < HEED_LM_N_SPECIALS)
        memcpy(text, specials[word], sizeof specials[word]);
    else
        heed_vocabulary_text(&lm->vocabulary, text, word - HEED_LM_N_SPECIALS);
}

bool heed_lm_prefix(const heed_lm *lm, const char *prefix, size_t length,
                    uint32_t *first, uint32_t *last)
{
    char capitals[HEED_LM_MAX_WORD_BYTES];
    *first = *last = HEED_LM_N_SPECIALS;
    if (!make_capitals(capitals, prefix, length))
        return false;
    *first += heed_vocabulary_find(&lm->vocabulary, capitals, length, NULL);
    *last += heed_vocabulary_find_end(&lm->vocabulary, capitals, length);
    return *first < *last;
}

static float unigram(const heed_lm *lm, uint16_t steps)
{
    return -(float)steps * lm->header.unigram_step;
}

float heed_lm_best(const heed_lm *lm, uint32_t first, uint32_t last)
{
    assert(last <= heed_lm_n_words(lm));
    if (first >= last)
        return -INFINITY;
    return unigram(lm, heed_range_min_find(&lm->best, first, last));
}

/* --- Scores. -------------------------------------------------------------- */

/* Where among `count` sorted records, whose ids spread over 0 to `range`, id
 * `id` is likely to be: in proportion, as ids are in alphabetical order and
 * common words anywhere in it. In the middle from the MAX_GUESSES-th probe on,
 * for ids that lie otherwise. */
static uint32_t guess(uint32_t count, uint32_t id, uint32_t range,
                      unsigned probe)
{
    enum { MAX_GUESSES = 6 };
    if (probe >= MAX_GUESSES)
        return count / 2;
    return (uint32_t)((uint64_t)count * id / ((uint64_t)range + 1));
}

/* Asks for memory that is going to be read. */
static void prefetch(const void *memory)
{
#if defined(__GNUC__)
    __builtin_prefetch(memory);
#else
    (void)memory;
#endif
}

/* Some n-grams of one order, sorted by their last words. */
typedef struct ngram_range {
    uint32_t begin;
    uint32_t end;
} ngram_range;

/* The n-grams that begin with context `context` of order `i` + 1. What is read
 * first to find `word` among them is asked for. */
static ngram_range find_children(const heed_lm *lm, unsigned i,
                                 uint32_t context, uint32_t word)
{
    ngram_range range = {0, 0};
    heed_sequence_range(&lm->orders[i].children, context, &range.begin,
                        &range.end);
    const uint32_t at = range.begin + guess(range.end - range.begin, word,
                                            heed_lm_n_words(lm) - 1, 0);
    prefetch(lm->orders[i + 1].records + (uint64_t)at * lm->record_bits / 8);
    return range;
}

/* Finds the n-gram of order `i` + 1 in a range that ends with `word`: gives its
 * index and its log probability. */
static bool find_ngram(const heed_lm *lm, unsigned i, ngram_range range,
                       uint32_t word, uint32_t *index, float *score)
{
    const order_tables *next = &lm->orders[i];
    const unsigned width = lm->record_bits;
    const uint64_t mask = ((uint64_t)1 << lm->word_bits) - 1;
    uint32_t low = range.begin;
    uint32_t end = range.end;
    uint32_t least = 0; /* ids of records from `low` to `end` */
    uint32_t most = heed_lm_n_words(lm) - 1;
    for (unsigned probe = 0; low < end && least <= word && word <= most;
         probe++) {
        const uint32_t at =
            guess(end - low, word - least, most - least, probe) + low;
        const uint64_t record =
            heed_bits_read(next->records, (uint64_t)at * width, width);
        const uint32_t there = (uint32_t)(record & mask);
        if (there == word) {
            *index = at;
            *score = next->prob_book[record >> lm->word_bits];
            return true;
        }
        if (there < word) {
            low = at + 1;
            least = there + 1;
        } else {
            end = at;
            most = there - 1;
        }
    }
    return false;
}

/* Notes in `state` that n-gram `index` of order `i` + 1, if it is a context,
 * may be gone on from. */
static void note_context(const heed_lm *lm, unsigned i, uint32_t index,
                         heed_lm_state *state)
{
    const order_tables *tables = &lm->orders[i];
    uint32_t context = 0;
    if (i + 1 == lm->header.order ||
        !heed_rank_find(&tables->contexts, index, &context))
        return;
    const unsigned bits = lm->header.backoff_bits;
    state->contexts[i] = context;
    state->backoffs[i] = tables->backoff_book[heed_bits_read(
        tables->backoffs, (uint64_t)context * bits, bits)];
    state->n = i + 1;
}

void heed_lm_null(const heed_lm *lm, heed_lm_state *state)
{
    (void)lm;
    *state = (heed_lm_state){0};
    for (unsigned i = 0; i < HEED_LM_MAX_ORDER - 1; i++)
        state->contexts[i] = none;
}

void heed_lm_begin(const heed_lm *lm, heed_lm_state *state)
{
    heed_lm_null(lm, state);
    (void)heed_lm_score(lm, state, HEED_LM_SENTENCE_BEGIN, state);
}

bool heed_lm_state_equal(const heed_lm_state *a, const heed_lm_state *b)
{
    return a->n == b->n &&
           memcmp(a->words, b->words, a->n * sizeof a->words[0]) == 0;
}

float heed_lm_score_order(const heed_lm *lm, const heed_lm_state *in,
                          uint32_t word, heed_lm_state *out, unsigned *order)
{
    assert(word < heed_lm_n_words(lm));
    const bool closed = (lm->header.flags & HEED_LM_SUFFIX_CLOSED) != 0;
    float score = unigram(lm, lm->unigrams[word]);
    bool longer = true; /* a longer n-gram may be there */
    ngram_range ranges[HEED_LM_MAX_ORDER - 1] = {{0, 0}};
    heed_lm_state next;
    heed_lm_null(lm, &next);
    /* All orders' first: none of them waits for another's memory. */
    for (unsigned i = 0; i < in->n; i++)
        if (in->contexts[i] != none)
            ranges[i] = find_children(lm, i, in->contexts[i], word);
    note_context(lm, 0, word, &next);
    *order = 1;
    for (unsigned i = 0; i < in->n; i++) {
        uint32_t index = 0;
        if (longer && find_ngram(lm, i + 1, ranges[i], word, &index, &score)) {
            note_context(lm, i + 1, index, &next);
            *order = i + 2;
        } else {
            score += in->backoffs[i];
            longer = !closed;
        }
    }
    if (!out)
        return score;
    if (next.n > 0)
        next.words[0] = word;
    for (unsigned i = 1; i < next.n; i++)
        next.words[i] = in->words[i - 1];
    *out = next;
    return score;
}

float heed_lm_score(const heed_lm *lm, const heed_lm_state *in, uint32_t word,
                    heed_lm_state *out)
{
    unsigned order = 0;
    return heed_lm_score_order(lm, in, word, out, &order);
}

float heed_lm_end(const heed_lm *lm, const heed_lm_state *state)
{
    return heed_lm_score(lm, state, HEED_LM_SENTENCE_END, NULL);
}
