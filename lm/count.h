/* count.h - texts in, n-grams with their counts out. SPDX-License-Identifier:
 * Apache-2.0
 *
 * The texts are read once: their words become ids that go to a spool, and the
 * words' frequencies are counted. Then the vocabulary is chosen, and the spool
 * is read again, with all other words replaced by <unk>, to count n-grams. */
#ifndef HEED_LM_COUNT_H
#define HEED_LM_COUNT_H
#include <stddef.h>
#include <stdint.h>

#include "asr/base/status.h"
#include "lm/ngram_sort.h"

/* Ids of the words that are none; the others follow, sorted. */
enum {
    HEED_LM_ID_UNK = 0,   /* <unk>: any word outside the vocabulary */
    HEED_LM_ID_BEGIN = 1, /* <s>: what is before a sentence */
    HEED_LM_ID_END = 2,   /* </s>: the end of a sentence */
    HEED_LM_FIRST_WORD = 3
};

/* Texts on their way to counts. One thread at a time. */
typedef struct heed_corpus heed_corpus;

/* How the vocabulary is chosen; all zero: every word of the texts. */
typedef struct heed_vocabulary_choice {
    const char *path;   /* a file of words, one a line; NULL: none */
    size_t max_words;   /* the most frequent ones; 0: all */
    uint64_t min_count; /* those seen as often at least */
} heed_vocabulary_choice;

/* What has been read; repetitions by weight are not counted. */
typedef struct heed_corpus_info {
    uint64_t n_sentences; /* lines that are not blank */
    uint64_t n_words;
    uint64_t n_malformed; /* of these: not of A-Z and apostrophe only */
    uint64_t n_unknown;   /* of these: <unk>, the malformed ones included */
} heed_corpus_info;

/* Creates an empty corpus in `*out` (NULL on failure); release:
 * heed_corpus_destroy(). Temporary files go to `folder`, which is borrowed as
 * `log` is. Returns HEED_OK; HEED_ERR_MEMORY. */
HEED_NODISCARD heed_status heed_corpus_create(heed_corpus **out,
                                              const char *folder,
                                              const heed_log *log);
void heed_corpus_destroy(heed_corpus *corpus);

/* Reads a text, one sentence a line, words apart by white space; `path` "-" is
 * the standard input. Every sentence counts `weight` >= 1 times.
 * Returns HEED_OK; after a line in the log HEED_ERR_IO, HEED_ERR_MEMORY. */
HEED_NODISCARD heed_status heed_corpus_read(heed_corpus *corpus,
                                            const char *path, uint32_t weight);

/* Ends the reading and chooses the vocabulary. Returns HEED_OK; after a line
 * in the log HEED_ERR_IO; HEED_ERR_FORMAT if there is no sentence, no word is
 * chosen or the file has something else than words; HEED_ERR_MEMORY. */
HEED_NODISCARD heed_status
heed_corpus_choose(heed_corpus *corpus, const heed_vocabulary_choice *choice);

/* Feeds `sort` (HEED_NGRAM_SUFFIX, adding, one 64-bit count) with the n-grams
 * of its order of all sentences, <s> put before each order - 1 times and </s>
 * after it. Returns HEED_OK; HEED_ERR_IO; HEED_ERR_MEMORY. */
HEED_NODISCARD heed_status heed_corpus_count(heed_corpus *corpus,
                                             heed_ngram_sort *sort,
                                             size_t order);

/* Returns the number of ids, the three that are no words included. */
size_t heed_corpus_n_ids(const heed_corpus *corpus);

/* Returns what is written for an id < n_ids; lives as long as the corpus. */
const char *heed_corpus_text(const heed_corpus *corpus, uint32_t id);

void heed_corpus_describe(const heed_corpus *corpus, heed_corpus_info *info);

#endif /* HEED_LM_COUNT_H */
