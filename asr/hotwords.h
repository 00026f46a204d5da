/* hotwords.h - phrases that are likelier to be said than others.
 * SPDX-License-Identifier: Apache-2.0
 *
 * `heed_hotwords` itself, opening and closing are in heed.h. */
#ifndef HEED_ASR_HOTWORDS_H
#define HEED_ASR_HOTWORDS_H
#include <stddef.h>

#include "asr/heed.h"
#include "asr/phrase_trie.h"

struct heed_hotwords {
    const heed_model *model;
    heed_phrase_trie trie;
    size_t n_phrases;
    size_t phrase_capacity;
    size_t *begins; /* [n_phrases] into `texts` */
    char *texts;    /* phrases as they were given, each terminated */
    size_t n_text_bytes;
};

/* Returns the text of phrase `i`, as it was given. */
const char *heed_hotwords_text(const heed_hotwords *hotwords, size_t i);

#endif /* HEED_ASR_HOTWORDS_H */
