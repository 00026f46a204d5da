/* count.c - texts in, n-grams with their counts out. SPDX-License-Identifier:
 * Apache-2.0 */
#include "lm/count.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asr/base/log.h"
#include "lm/spool.h"
#include "lm/word_table.h"

/* What the spool holds besides the ids of words in the table. */
static const uint32_t TOKEN_END = UINT32_MAX;     /* of a sentence */
static const uint32_t TOKEN_UNK = UINT32_MAX - 1; /* a malformed word */

enum { TOKEN_BUFFER_BYTES = 1 << 20, READ_BYTES = 1 << 16 };

/* Tokens of the spool that count alike. */
typedef struct stretch {
    uint64_t end; /* first token after it */
    uint32_t weight;
} stretch;

struct heed_corpus {
    const char *folder;
    const heed_log *log;
    heed_word_table *words;
    uint64_t *counts; /* [counts_capacity] how often each word was seen */
    size_t counts_capacity;
    heed_spool *tokens;
    uint64_t n_tokens;
    stretch *stretches; /* [n_stretches] */
    size_t n_stretches;
    heed_corpus_info info;

    /* The vocabulary. */
    uint32_t *ids;      /* [words in the table] id, HEED_LM_ID_UNK for others */
    const char **texts; /* [n_ids] */
    size_t n_ids;
};

static heed_status fail_memory(const heed_log *log)
{
    heed_log_error(log, "language model: out of memory");
    return HEED_ERR_MEMORY;
}

heed_status heed_corpus_create(heed_corpus **out, const char *folder,
                               const heed_log *log)
{
    *out = NULL;
    heed_corpus *corpus = calloc(1, sizeof *corpus);
    if (!corpus)
        return fail_memory(log);
    corpus->folder = folder;
    corpus->log = log;
    heed_status status = heed_word_table_create(&corpus->words);
    if (status != HEED_OK)
        status = fail_memory(log);
    else
        status = heed_spool_create(&corpus->tokens, 1, TOKEN_BUFFER_BYTES,
                                   folder, log);
    if (status == HEED_OK)
        *out = corpus;
    else
        heed_corpus_destroy(corpus);
    return status;
}

void heed_corpus_destroy(heed_corpus *corpus)
{
    if (!corpus)
        return;
    heed_word_table_destroy(corpus->words);
    free(corpus->counts);
    heed_spool_destroy(corpus->tokens);
    free(corpus->stretches);
    free(corpus->ids);
    free(corpus->texts);
    free(corpus);
}

size_t heed_corpus_n_ids(const heed_corpus *corpus)
{
    return corpus->n_ids;
}

const char *heed_corpus_text(const heed_corpus *corpus, uint32_t id)
{
    return corpus->texts[id];
}

void heed_corpus_describe(const heed_corpus *corpus, heed_corpus_info *info)
{
    *info = corpus->info;
}

/* --- Reading. ------------------------------------------------------------- */

/* The word and the sentence that are being read. */
typedef struct reader {
    heed_corpus *corpus;
    const char *name; /* of the text, for messages */
    uint32_t weight;
    char word[HEED_LM_MAX_WORD_BYTES];
    size_t length; /* of the word; 0 between words */
    bool malformed;
    bool in_sentence;
} reader;

static heed_status put_token(heed_corpus *corpus, uint32_t token)
{
    corpus->n_tokens++;
    return heed_spool_put(corpus->tokens, &token);
}

/* Counts word `id`, which may be new. */
static heed_status count_word(heed_corpus *corpus, uint32_t id, uint32_t weight)
{
    if (id >= corpus->counts_capacity) {
        const size_t capacity = 2 * (size_t)id + 1024;
        uint64_t *counts =
            realloc(corpus->counts, capacity * sizeof *corpus->counts);
        if (!counts)
            return fail_memory(corpus->log);
        memset(counts + corpus->counts_capacity, 0,
               (capacity - corpus->counts_capacity) * sizeof *counts);
        corpus->counts = counts;
        corpus->counts_capacity = capacity;
    }
    corpus->counts[id] += weight;
    return HEED_OK;
}

static heed_status end_word(reader *r)
{
    heed_corpus *corpus = r->corpus;
    uint32_t token = TOKEN_UNK;
    if (r->length == 0)
        return HEED_OK;
    corpus->info.n_words++;
    if (r->malformed) {
        corpus->info.n_malformed++;
    } else {
        heed_status status =
            heed_word_table_add(corpus->words, &token, r->word, r->length);
        if (status != HEED_OK)
            return fail_memory(corpus->log);
        status = count_word(corpus, token, r->weight);
        if (status != HEED_OK)
            return status;
    }
    r->length = 0;
    r->malformed = false;
    r->in_sentence = true;
    return put_token(corpus, token);
}

static heed_status end_sentence(reader *r)
{
    if (!r->in_sentence)
        return HEED_OK;
    r->in_sentence = false;
    r->corpus->info.n_sentences++;
    return put_token(r->corpus, TOKEN_END);
}

static bool is_space(char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static heed_status read_byte(reader *r, char byte)
{
    if (is_space(byte)) {
        const heed_status status = end_word(r);
        return status == HEED_OK && byte == '\n' ? end_sentence(r) : status;
    }
    char letter;
    if (!heed_word_letter(&letter, byte) || r->length == sizeof r->word)
        r->malformed = true;
    if (r->length < sizeof r->word)
        r->word[r->length++] = letter;
    return HEED_OK;
}

static heed_status read_file(reader *r, FILE *file, char *buffer)
{
    size_t n;
    heed_status status = HEED_OK;
    while ((n = fread(buffer, 1, READ_BYTES, file)) > 0)
        for (size_t i = 0; i < n && status == HEED_OK; i++)
            status = read_byte(r, buffer[i]);
    if (status == HEED_OK && ferror(file)) {
        heed_log_error(r->corpus->log, "%s: %s", r->name, strerror(errno));
        return HEED_ERR_IO;
    }
    if (status == HEED_OK)
        status = end_word(r);
    return status == HEED_OK ? end_sentence(r) : status;
}

/* Notes that the tokens read last have this weight. */
static heed_status add_stretch(heed_corpus *corpus, uint32_t weight)
{
    stretch *stretches = realloc(corpus->stretches,
                                 (corpus->n_stretches + 1) * sizeof *stretches);
    if (!stretches)
        return fail_memory(corpus->log);
    corpus->stretches = stretches;
    stretches[corpus->n_stretches++] =
        (stretch){.end = corpus->n_tokens, .weight = weight};
    return HEED_OK;
}

heed_status heed_corpus_read(heed_corpus *corpus, const char *path,
                             uint32_t weight)
{
    const bool is_stdin = strcmp(path, "-") == 0;
    reader r = {.corpus = corpus,
                .name = is_stdin ? "standard input" : path,
                .weight = weight};
    FILE *file = is_stdin ? stdin : fopen(path, "rb");
    if (!file) {
        heed_log_error(corpus->log, "%s: %s", path, strerror(errno));
        return HEED_ERR_IO;
    }
    char *buffer = malloc(READ_BYTES);
    heed_status status =
        buffer ? read_file(&r, file, buffer) : fail_memory(corpus->log);
    free(buffer);
    if (!is_stdin)
        fclose(file);
    if (status == HEED_OK)
        status = add_stretch(corpus, weight);
    return status;
}

/* --- The vocabulary. ------------------------------------------------------ */

/* A word of the table that may be chosen. */
typedef struct candidate {
    const char *text;
    uint64_t count;
    uint32_t token;
} candidate;

static int compare_text(const void *a, const void *b)
{
    const candidate *x = a;
    const candidate *y = b;
    return strcmp(x->text, y->text);
}

/* The most frequent first; of the same frequency, by alphabet. */
static int compare_count(const void *a, const void *b)
{
    const candidate *x = a;
    const candidate *y = b;
    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    return compare_text(a, b);
}

/* Takes one line of the file of words, blank or a word. */
static heed_status list_word(heed_corpus *corpus, heed_word_table *list,
                             char *line)
{
    char *word = line;
    while (is_space(*word))
        word++;
    size_t length = 0;
    while (word[length] != '\0' &&
           heed_word_letter(&word[length], word[length]))
        length++;
    const char *rest = word + length;
    while (is_space(*rest))
        rest++;
    if (*rest != '\0' || length > HEED_LM_MAX_WORD_BYTES)
        return HEED_ERR_FORMAT;
    if (length == 0)
        return HEED_OK;
    uint32_t id;
    if (heed_word_table_add(list, &id, word, length) != HEED_OK ||
        heed_word_table_add(corpus->words, &id, word, length) != HEED_OK)
        return fail_memory(corpus->log);
    /* The counts reach as far as the table. */
    return count_word(corpus, id, 0);
}

/* Puts the words of the file into `list`, and into the table if they are
 * new. */
static heed_status read_list(heed_corpus *corpus, heed_word_table *list,
                             const char *path)
{
    char line[1024];
    heed_status status = HEED_OK;
    FILE *file = fopen(path, "rb");
    bool failed = file == NULL;
    for (size_t n = 1;
         !failed && status == HEED_OK && fgets(line, sizeof line, file); n++) {
        status = list_word(corpus, list, line);
        if (status == HEED_ERR_FORMAT)
            heed_log_error(corpus->log,
                           "%s: line %zu: not one word of letters and "
                           "apostrophes",
                           path, n);
    }
    failed = failed || ferror(file);
    if (failed)
        heed_log_error(corpus->log, "%s: %s", path, strerror(errno));
    if (file)
        fclose(file);
    return failed ? HEED_ERR_IO : status;
}

/* Gives ids to the chosen words, which are sorted by their texts. */
static heed_status give_ids(heed_corpus *corpus, const candidate *chosen,
                            size_t n_chosen)
{
    const size_t n_words = heed_word_table_count(corpus->words);
    corpus->n_ids = n_chosen + HEED_LM_FIRST_WORD;
    corpus->ids = malloc((n_words + 1) * sizeof *corpus->ids);
    corpus->texts = malloc(corpus->n_ids * sizeof *corpus->texts);
    if (!corpus->ids || !corpus->texts)
        return fail_memory(corpus->log);
    for (size_t i = 0; i < n_words; i++)
        corpus->ids[i] = HEED_LM_ID_UNK;
    corpus->texts[HEED_LM_ID_UNK] = "<unk>";
    corpus->texts[HEED_LM_ID_BEGIN] = "<s>";
    corpus->texts[HEED_LM_ID_END] = "</s>";
    for (size_t i = 0; i < n_chosen; i++) {
        const uint32_t id = (uint32_t)i + HEED_LM_FIRST_WORD;
        corpus->ids[chosen[i].token] = id;
        corpus->texts[id] = chosen[i].text;
    }
    return HEED_OK;
}

/* The words that `list` (NULL: all) and the choice let through. Returns their
 * number; they begin at `candidates`. */
static size_t choose_words(const heed_corpus *corpus, candidate *candidates,
                           const heed_word_table *list,
                           const heed_vocabulary_choice *choice)
{
    const size_t n_words = heed_word_table_count(corpus->words);
    size_t n = 0;
    for (uint32_t token = 0; token < n_words; token++) {
        const char *text = heed_word_table_text(corpus->words, token);
        const uint64_t count = corpus->counts[token];
        uint32_t id;
        if (count >= choice->min_count &&
            (!list || heed_word_table_find(list, &id, text, strlen(text))))
            candidates[n++] = (candidate){text, count, token};
    }
    if (choice->max_words > 0 && n > choice->max_words) {
        qsort(candidates, n, sizeof *candidates, compare_count);
        n = choice->max_words;
    }
    qsort(candidates, n, sizeof *candidates, compare_text);
    return n;
}

static heed_status choose(heed_corpus *corpus, const heed_word_table *list,
                          const heed_vocabulary_choice *choice)
{
    const size_t n_words = heed_word_table_count(corpus->words);
    candidate *candidates = malloc((n_words + 1) * sizeof *candidates);
    if (!candidates)
        return fail_memory(corpus->log);
    const size_t n_chosen = choose_words(corpus, candidates, list, choice);
    heed_status status;
    if (n_chosen > 0) {
        status = give_ids(corpus, candidates, n_chosen);
    } else {
        heed_log_error(corpus->log, "language model: the vocabulary is empty");
        status = HEED_ERR_FORMAT;
    }
    free(candidates);
    return status;
}

heed_status heed_corpus_choose(heed_corpus *corpus,
                               const heed_vocabulary_choice *choice)
{
    heed_word_table *list = NULL;
    heed_status status = HEED_OK;
    if (corpus->info.n_sentences == 0) {
        heed_log_error(corpus->log, "language model: the text is empty");
        return HEED_ERR_FORMAT;
    }
    if (choice->path) {
        status = heed_word_table_create(&list);
        if (status == HEED_OK)
            status = read_list(corpus, list, choice->path);
        else
            fail_memory(corpus->log);
    }
    if (status == HEED_OK)
        status = choose(corpus, list, choice);
    heed_word_table_destroy(list);
    return status;
}

/* --- Counting. ------------------------------------------------------------ */

/* The window over the words of a sentence. */
typedef struct window {
    heed_ngram_sort *sort;
    size_t order;
    uint32_t record[HEED_LM_MAX_ORDER + 2]; /* words, count */
} window;

static void begin_sentence(window *w, uint32_t weight)
{
    const uint64_t count = weight;
    for (size_t i = 0; i < w->order; i++)
        w->record[i] = HEED_LM_ID_BEGIN;
    memcpy(w->record + w->order, &count, sizeof count);
}

static heed_status push_word(window *w, uint32_t id)
{
    memmove(w->record, w->record + 1, (w->order - 1) * sizeof *w->record);
    w->record[w->order - 1] = id;
    return heed_ngram_sort_feed(w->sort, w->record);
}

/* The id of a token of the spool. */
static uint32_t id_of(heed_corpus *corpus, uint32_t token)
{
    if (token == TOKEN_END)
        return HEED_LM_ID_END;
    const uint32_t id =
        token == TOKEN_UNK ? HEED_LM_ID_UNK : corpus->ids[token];
    corpus->info.n_unknown += id == HEED_LM_ID_UNK;
    return id;
}

heed_status heed_corpus_count(heed_corpus *corpus, heed_ngram_sort *sort,
                              size_t order)
{
    window w = {.sort = sort, .order = order};
    const uint32_t *token;
    uint64_t at = 0;
    size_t part = 0;
    assert(order >= 1 && order <= HEED_LM_MAX_ORDER);
    corpus->info.n_unknown = 0;
    heed_status status = heed_spool_rewind(corpus->tokens);
    bool begins = true;
    while (status == HEED_OK &&
           (status = heed_spool_next(corpus->tokens, &token)) == HEED_OK) {
        while (at == corpus->stretches[part].end)
            part++;
        if (begins)
            begin_sentence(&w, corpus->stretches[part].weight);
        begins = *token == TOKEN_END;
        status = push_word(&w, id_of(corpus, *token));
        at++;
    }
    return status == HEED_END ? HEED_OK : status;
}
