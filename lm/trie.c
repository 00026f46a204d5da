/* trie.c - all n-grams of an ARPA file, in memory. SPDX-License-Identifier:
 * Apache-2.0
 */
#include "lm/trie.h"

#include <stdlib.h>
#include <string.h>

#include "asr/base/log.h"
#include "lm/layout.h"

enum { FIRST_CAPACITY = 1024 };

/* A natural logarithm in place of one to base 10. */
static float to_natural(float log10_value)
{
    return (float)((double)log10_value * 2.30258509299404568402);
}

/* The state of the reading. */
typedef struct reader {
    heed_trie *trie;
    heed_arpa *arpa;
    const heed_log *log;
    bool has[HEED_LM_N_SPECIALS];
    bool sorted; /* the order being read, so far */
    /* The n-gram before: its words, and their nodes in each order. */
    unsigned n_path;
    uint32_t path_words[HEED_LM_MAX_ORDER];
    uint32_t path_nodes[HEED_LM_MAX_ORDER];
} reader;

static heed_status reject(const reader *r, const char *cause)
{
    return heed_arpa_reject(r->arpa, 0, cause);
}

static heed_status reject_memory(const reader *r)
{
    heed_log_error(r->log, "line %llu: out of memory",
                   (unsigned long long)heed_arpa_line(r->arpa));
    return HEED_ERR_MEMORY;
}

/* --- Words. --------------------------------------------------------------- */

static bool is_text(const heed_arpa_word *word, const char *text)
{
    return word->length == strlen(text) &&
           memcmp(word->text, text, word->length) == 0;
}

/* Returns the id of `<unk>`, `<s>` or `</s>`; else HEED_LM_N_SPECIALS. */
static uint32_t find_special(const heed_arpa_word *word)
{
    if (is_text(word, "<unk>") || is_text(word, "<UNK>"))
        return HEED_LM_UNKNOWN;
    if (is_text(word, "<s>"))
        return HEED_LM_SENTENCE_BEGIN;
    if (is_text(word, "</s>"))
        return HEED_LM_SENTENCE_END;
    return HEED_LM_N_SPECIALS;
}

static void make_capitals(char *capitals, const heed_arpa_word *word)
{
    for (size_t i = 0; i < word->length; i++) {
        const char c = word->text[i];
        capitals[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
}

static bool find_word(const heed_trie *trie, const heed_arpa_word *word,
                      uint32_t *id)
{
    char capitals[HEED_LM_MAX_WORD_BYTES];
    *id = find_special(word);
    if (*id < HEED_LM_N_SPECIALS)
        return true;
    make_capitals(capitals, word);
    if (!heed_word_table_find(trie->table, id, capitals, word->length))
        return false;
    *id = trie->ids[*id];
    return true;
}

/* --- Nodes. --------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    const heed_trie_node *x = a;
    const heed_trie_node *y = b;
    if (x->parent != y->parent)
        return x->parent < y->parent ? -1 : 1;
    return (x->word > y->word) - (x->word < y->word);
}

/* Makes room for one more node. */
static heed_status grow(const reader *r, heed_trie_level *level)
{
    if (level->n < level->capacity)
        return HEED_OK;
    if (level->n == HEED_LM_MAX_NGRAMS) {
        (void)reject(r, "more n-grams of one order than 2147483647");
        return HEED_ERR_UNSUPPORTED;
    }
    uint32_t capacity = level->capacity ? level->capacity : FIRST_CAPACITY / 2;
    capacity =
        capacity > HEED_LM_MAX_NGRAMS / 2 ? HEED_LM_MAX_NGRAMS : capacity * 2;
    heed_trie_node *nodes =
        realloc(level->nodes, (size_t)capacity * sizeof *nodes);
    if (!nodes)
        return reject_memory(r);
    level->nodes = nodes;
    level->capacity = capacity;
    return HEED_OK;
}

static heed_status append(reader *r, unsigned level_index,
                          const heed_arpa_ngram *ngram, uint32_t parent,
                          uint32_t word)
{
    heed_trie_level *level = &r->trie->levels[level_index];
    const heed_status status = grow(r, level);
    if (status != HEED_OK)
        return status;
    const uint64_t line = heed_arpa_line(r->arpa);
    heed_trie_node *node = &level->nodes[level->n];
    *node = (heed_trie_node){
        .parent = parent,
        .word = word,
        .prob = to_natural(ngram->log10_prob),
        .backoff = to_natural(ngram->log10_backoff),
        .line = line < UINT32_MAX ? (uint32_t)line : UINT32_MAX,
    };
    if (level->n > 0 && compare(node - 1, node) > 0)
        r->sorted = false;
    level->n++;
    return HEED_OK;
}

bool heed_trie_find(const heed_trie *trie, unsigned level, uint32_t parent,
                    uint32_t word, uint32_t *child)
{
    const heed_trie_node *nodes = trie->levels[level + 1].nodes;
    uint32_t low = trie->levels[level].begins[parent];
    uint32_t high = trie->levels[level].begins[parent + 1];
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (nodes[middle].word < word)
            low = middle + 1;
        else
            high = middle;
    }
    *child = low;
    return low < trie->levels[level].begins[parent + 1] &&
           nodes[low].word == word;
}

/* --- 1-grams: the words get their ids. ----------------------------------- */

static heed_status add_unigram(reader *r, const heed_arpa_ngram *ngram)
{
    heed_trie *trie = r->trie;
    const heed_arpa_word *word = &ngram->words[0];
    char capitals[HEED_LM_MAX_WORD_BYTES];
    uint32_t id = find_special(word);
    if (id < HEED_LM_N_SPECIALS) {
        if (r->has[id])
            return reject(r, "word occurs twice");
        r->has[id] = true;
        return append(r, 0, ngram, 0, id);
    }
    make_capitals(capitals, word);
    if (heed_word_table_find(trie->table, &id, capitals, word->length))
        return reject(r, "word occurs twice");
    if (heed_word_table_count(trie->table) ==
        HEED_LM_MAX_WORDS - HEED_LM_N_SPECIALS) {
        (void)reject(r, "more words than 16777213");
        return HEED_ERR_UNSUPPORTED;
    }
    if (heed_word_table_add(trie->table, &id, capitals, word->length) !=
        HEED_OK)
        return reject_memory(r);
    return append(r, 0, ngram, 0, id + HEED_LM_N_SPECIALS);
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorts the words, and with them the 1-grams, which until now have the ids of
 * the table. */
static heed_status sort_words(reader *r)
{
    heed_trie *trie = r->trie;
    heed_trie_level *level = &trie->levels[0];
    const size_t n = heed_word_table_count(trie->table);
    trie->words = malloc((n + 1) * sizeof *trie->words);
    trie->ids = malloc((n + 1) * sizeof *trie->ids);
    if (!trie->words || !trie->ids)
        return reject_memory(r);
    for (size_t i = 0; i < n; i++)
        trie->words[i] = heed_word_table_text(trie->table, (uint32_t)i);
    if (n > 1)
        qsort(trie->words, n, sizeof *trie->words, compare_texts);
    for (size_t i = 0; i < n; i++) {
        uint32_t id = 0;
        (void)heed_word_table_find(trie->table, &id, trie->words[i],
                                   strlen(trie->words[i]));
        trie->ids[id] = (uint32_t)i + HEED_LM_N_SPECIALS;
    }
    for (uint32_t i = 0; i < level->n; i++) {
        uint32_t *word = &level->nodes[i].word;
        if (*word >= HEED_LM_N_SPECIALS)
            *word = trie->ids[*word - HEED_LM_N_SPECIALS];
    }
    r->sorted = false;
    return HEED_OK;
}

/* Completes the 1-grams. */
static heed_status end_unigrams(reader *r, float unknown_log10)
{
    if (!r->has[HEED_LM_SENTENCE_BEGIN])
        return reject(r, "there is no 1-gram <s>");
    if (!r->has[HEED_LM_SENTENCE_END])
        return reject(r, "there is no 1-gram </s>");
    if (!r->has[HEED_LM_UNKNOWN]) {
        const heed_arpa_ngram ngram = {.log10_prob = unknown_log10};
        heed_log_warning(r->log, "there is no 1-gram <unk>: it gets %g",
                         (double)unknown_log10);
        const heed_status status = append(r, 0, &ngram, 0, HEED_LM_UNKNOWN);
        if (status != HEED_OK)
            return status;
    }
    return sort_words(r);
}

/* --- Longer n-grams. ------------------------------------------------------ */

/* Finds the node of all words but the last. The n-gram before often shares
 * them. */
static heed_status find_parent(reader *r, const heed_arpa_ngram *ngram,
                               const uint32_t *words, uint32_t *parent)
{
    const unsigned n = ngram->order - 1;
    unsigned i = 0;
    while (i < n && i < r->n_path && words[i] == r->path_words[i])
        i++;
    for (r->n_path = i; i < n; i++) {
        uint32_t node = words[0];
        if (i > 0 && !heed_trie_find(r->trie, i - 1, r->path_nodes[i - 1],
                                     words[i], &node))
            return reject(r, "the n-gram without its last word is missing");
        r->path_words[i] = words[i];
        r->path_nodes[i] = node;
        r->n_path = i + 1;
    }
    *parent = r->path_nodes[n - 1];
    return HEED_OK;
}

static heed_status add_ngram(reader *r, const heed_arpa_ngram *ngram)
{
    uint32_t words[HEED_LM_MAX_ORDER] = {0};
    uint32_t parent = 0;
    for (unsigned i = 0; i < ngram->order; i++)
        if (!find_word(r->trie, &ngram->words[i], &words[i]))
            return reject(r, "a word of the n-gram is not among the 1-grams");
    const heed_status status = find_parent(r, ngram, words, &parent);
    if (status != HEED_OK)
        return status;
    return append(r, ngram->order - 1, ngram, parent, words[ngram->order - 1]);
}

/* Sorts an order that is complete and points its parents to it. */
static heed_status end_level(reader *r, unsigned level_index)
{
    heed_trie_level *level = &r->trie->levels[level_index];
    if (!r->sorted && level->n > 1)
        qsort(level->nodes, level->n, sizeof *level->nodes, compare);
    r->sorted = true;
    r->n_path = 0;
    for (uint32_t i = 1; i < level->n; i++) {
        const heed_trie_node *nodes = &level->nodes[i - 1];
        if (compare(&nodes[0], &nodes[1]) == 0)
            return heed_arpa_reject(
                r->arpa,
                nodes[0].line > nodes[1].line ? nodes[0].line : nodes[1].line,
                "n-gram occurs twice");
    }
    if (level_index == 0)
        return HEED_OK;
    heed_trie_level *below = &r->trie->levels[level_index - 1];
    below->begins = malloc(((size_t)below->n + 1) * sizeof *below->begins);
    if (!below->begins)
        return reject_memory(r);
    uint32_t child = 0;
    for (uint32_t i = 0; i <= below->n; i++) {
        while (child < level->n && level->nodes[child].parent < i)
            child++;
        below->begins[i] = child;
    }
    return HEED_OK;
}

static heed_status read_all(reader *r, float unknown_log10)
{
    unsigned level = 0;
    for (;;) {
        heed_arpa_ngram ngram;
        heed_status status = heed_arpa_next(r->arpa, &ngram);
        if (status != HEED_OK && status != HEED_END)
            return status;
        /* What is complete now; a section may be empty. */
        const unsigned next =
            status == HEED_END ? r->trie->order : ngram.order - 1;
        for (; level < next; level++) {
            heed_status ended = HEED_OK;
            if (level == 0)
                ended = end_unigrams(r, unknown_log10);
            if (ended == HEED_OK)
                ended = end_level(r, level);
            if (ended != HEED_OK)
                return ended;
        }
        if (status == HEED_END)
            return HEED_OK;
        status = level == 0 ? add_unigram(r, &ngram) : add_ngram(r, &ngram);
        if (status != HEED_OK)
            return status;
    }
}

/* --- Closed under suffixes? ----------------------------------------------- */

/* Finds, for the nodes of `level`, the n-grams without their first word in the
 * order below; `shorter`: the same for the parents. Returns whether all are
 * there. */
static bool find_suffixes(const heed_trie *trie, unsigned level,
                          const uint32_t *shorter, uint32_t *suffixes)
{
    const heed_trie_level *here = &trie->levels[level];
    for (uint32_t i = 0; i < here->n; i++) {
        const heed_trie_node *node = &here->nodes[i];
        if (level == 1)
            suffixes[i] = node->word;
        else if (!heed_trie_find(trie, level - 2, shorter[node->parent],
                                 node->word, &suffixes[i]))
            return false;
    }
    return true;
}

static heed_status check_suffixes(const reader *r)
{
    heed_trie *trie = r->trie;
    uint32_t *shorter = NULL;
    heed_status status = HEED_OK;
    trie->suffix_closed = true;
    for (unsigned i = 1; i < trie->order && trie->suffix_closed; i++) {
        uint32_t *suffixes =
            malloc(((size_t)trie->levels[i].n + 1) * sizeof *suffixes);
        if (suffixes)
            trie->suffix_closed = find_suffixes(trie, i, shorter, suffixes);
        free(shorter);
        shorter = suffixes;
        if (!suffixes) {
            status = reject_memory(r);
            break;
        }
    }
    free(shorter);
    return status;
}

heed_status heed_trie_init(heed_trie *out, heed_arpa *arpa, float unknown_log10,
                           const heed_log *log)
{
    reader r = {.trie = out, .arpa = arpa, .log = log, .sorted = true};
    *out = (heed_trie){.order = heed_arpa_order(arpa)};
    heed_status status = heed_word_table_create(&out->table);
    if (status != HEED_OK)
        (void)reject_memory(&r);
    if (status == HEED_OK)
        status = read_all(&r, unknown_log10);
    if (status == HEED_OK)
        status = check_suffixes(&r);
    if (status != HEED_OK)
        heed_trie_deinit(out);
    return status;
}

void heed_trie_deinit(heed_trie *trie)
{
    for (unsigned i = 0; i < HEED_LM_MAX_ORDER; i++) {
        free(trie->levels[i].nodes);
        free(trie->levels[i].begins);
    }
    heed_word_table_destroy(trie->table);
    free(trie->words);
    free(trie->ids);
    *trie = (heed_trie){0};
}
