/* fuzz_hotwords.c - any text as hotwords. SPDX-License-Identifier: Apache-2.0
 *
 * What is read is followed through the text itself. */
#include <stdlib.h>

#include "asr/hotwords.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/tiny_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes)
{
    static const tiny_model_config config = {.seed = 1};
    static heed_model *model;
    heed_hotwords *hotwords = NULL;
    heed_phrase_state state;

    if (model == NULL && tiny_model_open(&model, &config, NULL) != HEED_OK)
        abort();
    if (heed_hotwords_create(&hotwords, model, (const char *)data, n_bytes,
                             NULL) != HEED_OK)
        return 0;
    heed_phrase_begin(&state, &hotwords->trie);
    heed_phrase_append(&state, &hotwords->trie, (const char *)data, n_bytes);
    heed_phrase_end(&state, &hotwords->trie);
    if (!(heed_phrase_worth(&state, &hotwords->trie) >= 0.0F) ||
        state.match > hotwords->n_phrases)
        abort();
    heed_hotwords_close(hotwords);
    return 0;
}
